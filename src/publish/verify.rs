//! Compares what stands at a target, or what its web server sends, with the signed manifest: every file, and what was added.

pub mod web;

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use similar::{ChangeTag, TextDiff};

use super::key::PublicKey;
use super::manifest::{Distrust, Entry, KEY, MANIFEST, Manifest};
use super::store::{Store, StoreError};
use crate::check::check_folder;
use crate::check::rule::{Family, Finding};
use crate::diagnostic::{FilePath, Text};
use crate::plan::url::OutputPath;
use web::{Visitor, Web};

/// What was found at a place.
#[derive(Debug)]
pub struct Verified {
    /// What the manifest there is worth; `None` where there is none.
    pub manifest: Option<Result<(), Distrust>>,
    /// The manifest there is genuine, but older than the last one that was published from here.
    pub is_outdated: bool,
    /// So many files were compared.
    pub files: usize,
    pub differences: Vec<Difference>,
}

impl Verified {
    /// Whether everything is as it was published.
    pub fn is_clean(&self) -> bool {
        self.manifest == Some(Ok(())) && !self.is_outdated && self.differences.is_empty()
    }
}

/// One file that is not as it was published.
#[derive(Debug)]
pub struct Difference {
    pub path: String,
    pub what: What,
    /// Only this visitor gets to see it.
    pub visitor: Visitor,
    /// Lines that were taken away (`-`) or added (`+`), the first of them, where the file is a text and the original at hand.
    pub lines: Vec<String>,
    /// What the check for injected content says of the file that is there now.
    pub findings: Vec<Finding>,
}

/// What happened to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    Changed,
    Missing,
    Added,
    /// The server sends readers elsewhere.
    Redirected(String),
    /// The server answers with this status.
    Refused(u16),
    /// It could not be read.
    Unreadable(Text),
}

/// What verification knows beside the place itself.
pub struct Known<'k> {
    pub key: &'k PublicKey,
    /// The manifest that was last published from here.
    pub last: Option<&'k Manifest>,
    /// The original of a file, if it is at hand.
    pub original: &'k (dyn Fn(&OutputPath) -> Option<Vec<u8>> + Sync),
    /// The beginnings of paths that are not the site's.
    pub keep: &'k [String],
}

/// Why nothing could be compared.
#[derive(Debug)]
pub enum Failed {
    Store(StoreError),
    /// The web server does not answer.
    Web(Text),
    /// There is no manifest to be trusted, neither there nor here.
    NoManifest(Option<Distrust>),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A line is shown so far.
const SHOWN_CHARACTERS: usize = 160;
const SHOWN_LINES: usize = 20;
/// Comparing lines of files that have little in common ends after this.
const PATIENCE: Duration = Duration::from_secs(1);
const AT_ONCE: usize = 8;
/// Larger files are not searched for injected content.
const SEARCHED: u64 = 4 * 1024 * 1024;

/// Compares all files of a target or folder.
///
/// # Errors
/// [`Failed`]
pub async fn verify_store(store: &Store, known: &Known<'_>) -> Result<Verified, Failed> {
    let note = store.read(MANIFEST).await?;
    let (mut verified, expected) = trust(note.as_deref(), known)?;
    let listed = store.list().await?;
    let present: BTreeSet<&str> = listed.iter().map(|(path, _)| path.as_str()).collect();
    let missing = expected.files.keys().filter(|path| !present.contains(path.as_str()));
    let mut differences: Vec<Difference> = missing.map(|path| Difference::new(path.as_str(), What::Missing)).collect();

    let is_kept = |path: &str| known.keep.iter().any(|beginning| path.starts_with(beginning.as_str()));
    let looks = listed.iter().filter(|(path, _)| path != MANIFEST).map(|(path, size)| {
        let expected = OutputPath::from_manifest(path).and_then(|path| Some((expected.files.get(&path)?, path)));
        async move {
            let Some((entry, output)) = expected else {
                if is_kept(path) {
                    return Ok(None);
                }
                let bytes = if *size <= SEARCHED { store.read(path).await? } else { None };
                let mut added = Difference::new(path, What::Added);
                added.findings = injected(path, &bytes.unwrap_or_default());
                return Ok(Some(added));
            };
            let Some(bytes) = store.read(path).await? else { return Ok(Some(Difference::new(path, What::Missing))) };
            Ok::<_, StoreError>(changed(&output, entry, &bytes, known))
        }
    });
    let mut looks = stream::iter(looks.collect::<Vec<_>>()).buffer_unordered(AT_ONCE);
    while let Some(difference) = looks.try_next().await? {
        differences.extend(difference);
    }
    differences.sort_by(|a, b| a.path.cmp(&b.path));
    verified.differences = differences;
    Ok(verified)
}

/// Compares what a web server sends: to a reader, and to a search engine that follows a link.
///
/// # Errors
/// [`Failed`]
pub fn verify_web(web: &Web, known: &Known<'_>) -> Result<Verified, Failed> {
    let note = web.manifest().map_err(Failed::Web)?;
    let (mut verified, expected) = trust(note.as_deref(), known)?;
    let files: Vec<(&OutputPath, &Entry)> = expected.files.iter().collect();
    let look = |(path, entry): &(&OutputPath, &Entry)| {
        let seen = web.look(path, Visitor::Reader);
        let found = difference(path, entry, seen, Visitor::Reader, known);
        // Injected content often shows itself to search engines alone.
        if found.is_none() && path.content_type().starts_with("text/html") {
            let seen = web.look(path, Visitor::SearchEngine);
            return difference(path, entry, seen, Visitor::SearchEngine, known);
        }
        found
    };
    verified.differences = web.for_each(&files, look).into_iter().flatten().collect();
    verified.differences.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(verified)
}

/// Decides which manifest to compare with: the one there, if it is genuine and not an old one that somebody put back.
fn trust(note: Option<&[u8]>, known: &Known<'_>) -> Result<(Verified, Manifest), Failed> {
    let found = note.map(|note| Manifest::open(&String::from_utf8_lossy(note), known.key));
    let is_outdated = match (&found, known.last) {
        (Some(Ok(there)), Some(last)) => there.time < last.time,
        _ => false,
    };
    let worth = found.as_ref().map(|found| found.as_ref().map(|_| ()).map_err(|distrust| *distrust));
    let mut expected = match (found, known.last) {
        (Some(Ok(there)), _) if !is_outdated => there,
        (_, Some(last)) => last.clone(),
        (found, None) => return Err(Failed::NoManifest(found.and_then(Result::err))),
    };
    // The manifest says nothing of its own key, which readers may look at as well.
    expected
        .files
        .insert(OutputPath::from_manifest(KEY).expect("a plain name"), Entry::of(known.key.to_file().as_bytes()));
    let files = expected.files.len();
    Ok((Verified { manifest: worth, is_outdated, files, differences: Vec::new() }, expected))
}

fn difference(
    path: &OutputPath,
    entry: &Entry,
    seen: web::Seen,
    visitor: Visitor,
    known: &Known<'_>,
) -> Option<Difference> {
    let what = match seen {
        web::Seen::Bytes(bytes) => {
            return changed(path, entry, &bytes, known).map(|difference| Difference { visitor, ..difference });
        }
        web::Seen::Status(404 | 410) => What::Missing,
        web::Seen::Status(status) => What::Refused(status),
        web::Seen::Redirect(to) => What::Redirected(to),
        web::Seen::Failure(reason) => What::Unreadable(reason),
    };
    Some(Difference { visitor, ..Difference::new(path.as_str(), what) })
}

fn changed(path: &OutputPath, entry: &Entry, bytes: &[u8], known: &Known<'_>) -> Option<Difference> {
    if Entry::of(bytes) == *entry {
        return None;
    }
    // The local copy tells which lines were altered, as long as it is the one that was published.
    let original = (known.original)(path).filter(|original| Entry::of(original) == *entry);
    let mut difference = Difference::new(path.as_str(), What::Changed);
    difference.lines = original.map(|original| altered_lines(&original, bytes)).unwrap_or_default();
    difference.findings = injected(path.as_str(), bytes);
    Some(difference)
}

impl Difference {
    fn new(path: &str, what: What) -> Self {
        let (visitor, lines, findings) = (Visitor::Reader, Vec::new(), Vec::new());
        Self { path: path.to_owned(), what, visitor, lines, findings }
    }
}

fn altered_lines(before: &[u8], now: &[u8]) -> Vec<String> {
    let (Ok(before), Ok(now)) = (std::str::from_utf8(before), std::str::from_utf8(now)) else { return Vec::new() };
    let difference = TextDiff::configure().timeout(PATIENCE).diff_lines(before, now);
    let altered = difference.iter_all_changes().filter_map(|change| {
        let sign = match change.tag() {
            ChangeTag::Equal => return None,
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
        };
        let number = change.old_index().or(change.new_index()).unwrap_or_default() + 1;
        let text: String = change.value().trim_end().chars().take(SHOWN_CHARACTERS).collect();
        Some(format!("{sign}{number} {text}"))
    });
    altered.take(SHOWN_LINES).collect()
}

/// What the rules on injected content say of a page.
fn injected(path: &str, bytes: &[u8]) -> Vec<Finding> {
    let Ok(html) = std::str::from_utf8(bytes) else { return Vec::new() };
    if !path.ends_with(".html") && !path.ends_with(".htm") {
        return Vec::new();
    }
    let report = check_folder(&[(FilePath::new(path), html.to_owned())]);
    report.findings.into_iter().filter(|finding| finding.family == Family::Injection).collect()
}
