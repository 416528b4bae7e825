//! Stage 6, WRITE: brings the output folder to the planned state, and nothing else.
//!
//! Knows paths, bytes and fingerprints; never what a page is. Start at [`write`].
//!
//! Everything that changed is first rendered into `.xinfeng/stage/` inside the output folder; only when all of it succeeded are the
//! files renamed into place, or whole folders where most of their files are new, the stale ones deleted, and the manifest saved.
//! So a mistake leaves the folder as it was, and a crash leaves whole files that the next build repairs.
//! Into a folder that nobody reads yet, files are written straight to their places, which spares a
//! rename each; a mistake takes them all away again.

#![expect(clippy::disallowed_methods, reason = "the one place that writes outputs")]

mod error;
mod exchange;
mod files;
mod folder;
mod manifest;
mod state;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::ops::AddAssign;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rayon::prelude::*;
use walkdir::WalkDir;

use crate::fingerprint::Fingerprint;
use crate::plan::url::OutputPath;
use crate::source::BATCH;
use crate::timings::{Stage, Timings};

use error::{failure, io_error, one_failure};
use folder::{Folder, Output, Placed, Stale, disk_state};
use manifest::Manifest;
use state::STATE;

pub use error::{Failure, WriteError};
pub use exchange::sweep;
pub use files::{append, put, read_file, real, replace, unpack, write_file};
pub use state::{Journal, SHARD, cache_folder, is_ours, keep, kept, kept_names};

/// The site, as far as writing it goes.
pub trait Outputs: Sync {
    /// What an output is made from; rendered only where its fingerprint is new.
    type Ingredients<'o>
    where
        Self: 'o;

    /// In order.
    fn paths(&self) -> Vec<&OutputPath>;

    /// The name, beginning with [`SHARD`], of the list that is to stand beside the manifest where these are not all outputs
    /// of the site.
    fn shard(&self) -> Option<String> {
        None
    }

    /// The ingredients of one output, and the hash of everything that its bytes depend on.
    fn ingredients(&self, path: &OutputPath) -> (Fingerprint, Self::Ingredients<'_>);

    /// What draws an output of which it is known, without a look at its ingredients, that it is to stay as the build left it that
    /// saved the manifest with this hash; `None` where that is not known.
    fn settled(&self, path: &OutputPath, manifest: Fingerprint) -> Option<&'static str> {
        _ = (path, manifest);
        None
    }

    /// What draws it: the name of a template, or of a format.
    fn kind<'o>(&'o self, ingredients: &Self::Ingredients<'o>) -> &'static str;

    /// By kind, a hash that changes with what all outputs of that kind share: their template, and the site's own texts and
    /// menu. Kinds that share nothing are missing.
    fn frames(&self) -> BTreeMap<&'static str, Fingerprint>;

    /// # Errors
    /// A mistake in the site or its theme, or a source that can no longer be read as it was.
    fn render<'o>(&'o self, ingredients: &Self::Ingredients<'o>) -> Result<Bytes, Failure>;
}

/// What an output consists of.
pub enum Bytes {
    Made(Vec<u8>),
    /// The bytes of this file.
    CopyOf(PathBuf),
}

/// Told how far the work has come; called from several threads.
pub trait Progress: Sync {
    fn begin(&self, outputs: usize);
    fn step(&self);
}

/// What shows that a file is still as the last build left it.
#[derive(Clone, Copy)]
pub enum Proof<'p> {
    /// Its size and time, as for rsync and make.
    SizeAndTime,
    /// Its bytes, each of which is drawn once more: whoever alters a file can put its time back, and a loss of power can leave
    /// the right size without the bytes. Whoever asks for that is shown the bytes of every output.
    Bytes(&'p (dyn Fn(&OutputPath, &[u8]) + Sync)),
}

/// What a build did to the output folder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    pub outputs: usize,
    pub written: usize,
    pub unchanged: usize,
    pub removed: usize,
    /// Outputs that were rendered, whether their bytes had changed or not.
    pub rendered: usize,
}

/// What the outputs of one kind have cost. The times are those of all threads together.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cost {
    pub outputs: usize,
    pub rendered: usize,
    pub written: usize,
    /// Gathering and hashing the ingredients, and looking whether the file is as it was left.
    pub look: Duration,
    pub render: Duration,
    /// Comparing with the file and writing.
    pub write: Duration,
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.outputs += other.outputs;
        self.rendered += other.rendered;
        self.written += other.written;
        self.look += other.look;
        self.render += other.render;
        self.write += other.write;
    }
}

/// Why one output was drawn again, or was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Nothing that it depends on has changed, and its file is as it was left.
    NothingChanged,
    /// The folder did not hold it.
    New,
    /// The folder is to hold it, but somebody deleted it.
    Deleted,
    /// Its file was changed by somebody else.
    Tampered,
    /// An earlier build that did not end had claimed it.
    Unfinished,
    /// Another version of Xinfeng made it.
    OtherEngine,
    /// The theme has changed, or the texts and menus that all pages share.
    Frame,
    /// What it shows has changed.
    Ingredients,
}

/// What happened to one output, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    pub kind: &'static str,
    pub why: Why,
    pub written: bool,
    /// The first line that differs: its number from 1, before and now. `None` where there was no file, or where its
    /// bytes stayed the same.
    pub difference: Option<(usize, String, String)>,
}

/// What a build has done.
#[derive(Debug, Default)]
pub struct Written {
    pub summary: Summary,
    /// The hash of the manifest's bytes.
    pub manifest: Fingerprint,
    pub costs: BTreeMap<&'static str, Cost>,
    /// Of the output that was asked about.
    pub explanation: Option<Explanation>,
    /// Whether there is something for [`sweep`] to do.
    pub left_behind: bool,
}

/// Brings the folder `out` to the planned state. `site` is the folder of the sources.
///
/// # Errors
/// [`WriteError`]; the folder is then as it was.
pub fn write<O: Outputs>(
    outputs: &O,
    site: &Path,
    out: &Path,
    proof: Proof<'_>,
    progress: &dyn Progress,
    timings: &mut Timings,
    asked: Option<&OutputPath>,
) -> Result<Written, WriteError> {
    let folder = Folder::open(site, out, outputs.shard().as_deref())?;
    let frames = outputs.frames();
    let (known, known_digest) = folder.read_manifest()?;
    let paths = outputs.paths();
    if let Some(path) = paths.iter().find(|path| !path.stays_in_the_folder()) {
        return Err(WriteError::Io(out.join(path.as_str()), io::ErrorKind::InvalidInput.into()));
    }
    progress.begin(paths.len());
    let mut explanation = asked.map(|path| folder.explain(outputs, path, &known)).transpose().map_err(one_failure)?;

    if folder.is_fresh {
        let claims = Manifest::of(&frames, paths.iter().map(|path| ((*path).clone(), None)).collect());
        folder.save_manifest(&manifest::format(&claims))?;
    }
    let (entries, stale) = known.beside(&paths);
    let stale = Stale::new(stale);
    let failed = AtomicBool::new(false);
    let results: Vec<Result<Output, Failure>> = paths
        .par_iter()
        .zip(entries)
        .with_max_len(BATCH)
        .map(|(path, entry)| {
            let entry = entry.filter(|_| matches!(proof, Proof::SizeAndTime));
            let result = folder.stage(outputs, path, (entry, known_digest), &stale, proof);
            if result.is_err() {
                failed.store(true, Ordering::Relaxed);
            }
            progress.step();
            result
        })
        .collect();
    if failed.into_inner() {
        if folder.is_fresh {
            folder.remove(&paths)?;
            folder.save_manifest(&manifest::format(&Manifest::of(&frames, BTreeMap::new())))?;
        }
        return Err(failure(results));
    }

    let mut files = Vec::with_capacity(paths.len());
    let mut staged = Vec::new();
    let mut costs: BTreeMap<&'static str, Cost> = BTreeMap::new();
    for (path, output) in paths.iter().zip(results.into_iter().flatten()) {
        files.push(((*path).clone(), Some(output.entry)));
        *costs.entry(output.kind).or_default() += output.cost;
        if let Some(explanation) = explanation.as_mut().filter(|_| asked == Some(*path)) {
            explanation.written = output.placed != Placed::AsItWas;
        }
        if output.placed == Placed::Staged {
            staged.push(*path);
        }
    }
    timings.end(Stage::Write, paths.len());
    let manifest = Manifest::of(&frames, files.into_iter().collect());
    let is_new = manifest != known;
    let (committed, text) =
        rayon::join(|| folder.commit(&known, &staged, &stale), || is_new.then(|| manifest::format(&manifest)));
    let (removed, exchanged) = committed?;
    // The manifest is saved last: a crash before that repeats work instead of skipping it.
    let digest = text.map_or(Ok(known_digest), |text| folder.save_manifest(&text))?;
    let left_behind = folder.clear_up(exchanged)?;
    let sum = |count: fn(&Cost) -> usize| costs.values().map(count).sum();
    let (written, rendered) = (sum(|cost| cost.written), sum(|cost| cost.rendered));
    let unchanged = paths.len() - written;
    let summary = Summary { outputs: paths.len(), written, unchanged, removed, rendered };
    timings.end(Stage::Commit, written + removed);
    Ok(Written { summary, manifest: digest, costs, explanation, left_behind })
}

/// Whether the folder holds what the build left there that saved the manifest with this hash, as far as sizes and times of
/// files tell.
///
/// # Errors
/// As [`write`].
pub fn is_as_left(site: &Path, out: &Path, manifest: Fingerprint) -> Result<bool, WriteError> {
    let folder = Folder::open(site, out, None)?;
    let Some(bytes) = folder.manifest_bytes()?.filter(|bytes| Fingerprint::of_bytes(bytes) == manifest) else {
        return Ok(false);
    };
    let text = state::text_of(&bytes);
    let Some((_, _, lines)) = manifest::split(&text) else { return Ok(false) };
    let is_intact = |line: &&str| {
        let Some((path, Some(entry))) = manifest::parse_line(line) else { return false };
        disk_state(&folder.root.join(path)) == Some(entry.state)
    };
    Ok(lines.collect::<Vec<_>>().par_iter().all(is_intact))
}

/// Renders everything again and compares it with the folder; gives the paths that differ, are missing, or
/// do not belong there.
///
/// # Errors
/// A file that cannot be read, or mistakes in the site.
pub fn verify<O: Outputs>(outputs: &O, out: &Path) -> Result<Vec<String>, WriteError> {
    let paths = outputs.paths();
    let differs = |path: &OutputPath| -> Result<bool, Failure> {
        let expected = read_bytes(outputs.render(&outputs.ingredients(path).1)?)?;
        match fs::read(out.join(path.as_str())) {
            Ok(found) => Ok(found != expected),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
            Err(error) => Err(Failure::Io(out.join(path.as_str()), error)),
        }
    };
    let results: Vec<Result<bool, Failure>> = paths.par_iter().map(|path| differs(path)).collect();
    if results.iter().any(Result::is_err) {
        return Err(failure(results));
    }
    let mut wrong: Vec<String> = paths
        .iter()
        .zip(results)
        .filter(|(_, differs)| matches!(differs, Ok(true)))
        .map(|(path, _)| path.to_string())
        .collect();
    let planned: BTreeSet<&str> = paths.iter().map(|path| path.as_str()).collect();
    for entry in WalkDir::new(out).sort_by_file_name().into_iter().filter_entry(|entry| !is_private(entry)) {
        let entry = entry.map_err(|error| WriteError::Io(out.to_owned(), error.into()))?;
        let below = entry.path().strip_prefix(out).expect("the walk began there").to_string_lossy().replace('\\', "/");
        if !entry.file_type().is_dir() && !planned.contains(below.as_str()) {
            wrong.push(below);
        }
    }
    Ok(wrong)
}

/// Reads an output as it stands in the folder.
///
/// # Errors
/// A file that cannot be read.
pub fn read(out: &Path, path: &OutputPath) -> Result<Vec<u8>, WriteError> {
    let place = out.join(path.as_str());
    fs::read(&place).map_err(io_error(&place))
}

/// Files that may lie in an output folder without being part of the site: the builder's and git's own.
fn is_private(entry: &walkdir::DirEntry) -> bool {
    entry.depth() == 1 && matches!(entry.file_name().to_str(), Some(STATE | ".gitignore" | ".gitkeep"))
}

fn read_bytes(bytes: Bytes) -> Result<Vec<u8>, Failure> {
    match bytes {
        Bytes::Made(bytes) => Ok(bytes),
        Bytes::CopyOf(source) => fs::read(&source).map_err(|error| Failure::Io(source, error)),
    }
}
