//! What the builder knows of its output folder: which files are its own, what each was made from, and how it left them.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::fs;
use std::time::UNIX_EPOCH;

use rayon::prelude::*;

use crate::fingerprint::{ENGINE, Fingerprint};
use crate::plan::url::OutputPath;

/// What the manifest knows of a file that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub fingerprint: Fingerprint,
    pub state: DiskState,
}

/// What tells whether a file is still the one that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskState {
    pub size: u64,
    modified_ns: u128,
}

impl DiskState {
    pub fn of(metadata: &fs::Metadata) -> Self {
        let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Self { size: metadata.len(), modified_ns: modified.map_or(0, |since| since.as_nanos()) }
    }
}

/// What the builder knows of its output folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The engine that drew the files; empty where there are none.
    pub engine: String,
    /// What all outputs of each kind shared.
    pub frames: BTreeMap<String, Fingerprint>,
    /// The files that are ours. One without an entry was claimed by a build that did not finish.
    pub files: BTreeMap<OutputPath, Option<Entry>>,
}

impl Manifest {
    pub fn of(frames: &BTreeMap<&'static str, Fingerprint>, files: BTreeMap<OutputPath, Option<Entry>>) -> Self {
        let frames = frames.iter().map(|(kind, frame)| ((*kind).to_owned(), *frame)).collect();
        Self { engine: ENGINE.to_owned(), frames, files }
    }

    /// What is known of each of these paths, which come in order, and the files that are none of them.
    pub fn beside(&self, paths: &[&OutputPath]) -> (Vec<Option<Entry>>, Vec<&OutputPath>) {
        let mut known = self.files.iter().peekable();
        let mut stale = Vec::new();
        let mut entries = Vec::with_capacity(paths.len());
        for path in paths {
            while let Some((gone, _)) = known.next_if(|(known, _)| known < path) {
                stale.push(gone);
            }
            entries.push(known.next_if(|(known, _)| known == path).and_then(|(_, entry)| *entry));
        }
        stale.extend(known.map(|(gone, _)| gone));
        (entries, stale)
    }
}

/// The first line names the engine, the next ones what the outputs of each kind share; then a line for each file:
/// fingerprint, size, time, path.
pub fn format(manifest: &Manifest) -> String {
    let mut text = format!("{}\n", manifest.engine);
    for (kind, frame) in &manifest.frames {
        line(&mut text, format_args!("shared {frame} {kind}\n"));
    }
    let files: Vec<_> = manifest.files.iter().collect();
    let lines = |files: &[(&OutputPath, &Option<Entry>)]| {
        let mut text = String::with_capacity(100 * files.len());
        for (path, entry) in files {
            match entry {
                Some(Entry { fingerprint, state: DiskState { size, modified_ns } }) => {
                    line(&mut text, format_args!("{fingerprint} {size} {modified_ns} {path}\n"));
                }
                None => line(&mut text, format_args!("claimed {path}\n")),
            }
        }
        text
    };
    text.extend(files.par_chunks(1024).map(lines).collect::<Vec<String>>());
    text.push_str("end\n");
    text
}

fn line(text: &mut String, line: fmt::Arguments<'_>) {
    text.write_fmt(line).expect("a text takes every line");
}

/// `None` where the manifest is damaged. One of another engine still tells which files are ours, since
/// fingerprints of another engine never match.
pub fn parse(text: &str) -> Option<Manifest> {
    let (engine, frames, lines) = split(text)?;
    let frame = |line: &str| {
        let (frame, kind) = line.split_once(' ')?;
        Some((kind.to_owned(), Fingerprint::parse(frame)?))
    };
    let file = |line: &str| {
        let (path, entry) = parse_line(line)?;
        Some((OutputPath::from_manifest(path)?, entry))
    };
    let files = lines.collect::<Vec<_>>().into_par_iter().map(file).collect::<Option<Vec<_>>>()?;
    Some(Manifest {
        engine: engine.to_owned(),
        frames: frames.into_iter().map(frame).collect::<Option<_>>()?,
        files: files.into_iter().collect(),
    })
}

/// The engine, what follows the word on each line of what outputs share, and the lines of the files.
pub fn split(text: &str) -> Option<(&str, Vec<&str>, impl Iterator<Item = &str>)> {
    // The word alone on its line: a path may end with it too.
    let mut lines = text.strip_suffix("\nend\n")?.lines().peekable();
    let engine = lines.next().filter(|line| line.starts_with("xinfeng "))?;
    let mut frames = Vec::new();
    while let Some(frame) = lines.peek().and_then(|line| line.strip_prefix("shared ")) {
        frames.push(frame);
        lines.next();
    }
    Some((engine, frames, lines))
}

/// A file's path and what is known of it.
pub fn parse_line(line: &str) -> Option<(&str, Option<Entry>)> {
    if let Some(path) = line.strip_prefix("claimed ") {
        return Some((path, None));
    }
    let mut parts = line.splitn(4, ' ');
    let fingerprint = Fingerprint::parse(parts.next()?)?;
    let state = DiskState { size: parts.next()?.parse().ok()?, modified_ns: parts.next()?.parse().ok()? };
    Some((parts.next()?, Some(Entry { fingerprint, state })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_reads_back() {
        let path = |text| OutputPath::from_manifest(text).expect("a plain path");
        let entry = Entry {
            fingerprint: Fingerprint::of_bytes(b"a"),
            state: DiskState { size: 3, modified_ns: 1_700_000_000_123_456_789 },
        };
        let files = BTreeMap::from([(path("a b/图.svg"), Some(entry)), (path("c.html"), None)]);
        let manifest = Manifest::of(&BTreeMap::from([("list.html", Fingerprint::of_bytes(b"frame"))]), files);
        let text = format(&manifest);
        assert_eq!(parse(&text), Some(manifest.clone()));
        assert_eq!(parse(&text[..text.len() - 4]), None, "a manifest that was cut off");
        assert_eq!(parse(&text.replace("c.html\nend\n", "legend\n")), None, "one cut off behind a path that ends so");
        assert_eq!(parse(&text.replace("c.html", "../c.html")), None, "a path that leaves the folder");
        let older = text
            .replace(ENGINE, "xinfeng 0.1.0 format 2")
            .replace(&format!("shared {} list.html\n", manifest.frames["list.html"]), "");
        let files = parse(&older).map(|manifest| manifest.files);
        assert_eq!(files, Some(manifest.files), "a manifest of an earlier version");
    }
}
