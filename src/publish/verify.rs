//! Compares what stands at a target, or what its web server sends, with the signed manifest: every file, and what was added.

pub mod web;

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use similar::{ChangeTag, TextDiff};

use super::key::PublicKey;
use super::lock::{LEASE, Lock};
use super::manifest::{Distrust, Entry, KEY, MANIFEST, Manifest};
use super::release::uncompressed_path;
use super::store::{Kind, Listed, STATE, Store, StoreError};
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
    /// A publication was cut off there: what it had begun to change differs.
    pub is_unfinished: bool,
    /// So many files were compared.
    pub files: usize,
    /// When what was compared with was published.
    pub time: Timestamp,
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
    /// Lines that were added (`+`) or taken away (`-`), where the file is a text and the original at hand; no more than
    /// [`MOST_LINES`] of each.
    pub lines: Vec<String>,
    /// What is there now, where it could be read.
    pub found: Option<Entry>,
    /// What the check for injected content says of the file that is there now.
    pub findings: Vec<Finding>,
}

/// What happened to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    Changed,
    Missing,
    Added,
    /// A symbolic link stands in its place, or was added.
    Link,
    /// A pipe, a socket or a device stands in its place, or was added.
    Special,
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
    pub now: Timestamp,
}

/// Why nothing could be compared.
#[derive(Debug)]
pub enum Failed {
    Store(StoreError),
    /// The web server does not answer.
    Web(Text),
    /// Somebody is publishing, so that nothing can be said of what is there.
    Busy(Box<Lock>),
    /// There is no file at all, where there was a site.
    Empty,
    /// Nothing that was published from here is known.
    NothingPublished,
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
/// So many lines are kept of what was added, and of what was taken away.
pub const MOST_LINES: usize = 100;
/// Comparing lines of files that have little in common ends after this.
const PATIENCE: Duration = Duration::from_secs(1);
const AT_ONCE: usize = 8;
/// A site that changes while it is compared is looked at again, so often, after a pause in which a publication may end.
const LOOKS: usize = 3;
const SECOND_LOOK: Duration = Duration::from_secs(1);
/// Larger files are not searched for injected content, and not read at all where they should be smaller.
const SEARCHED: u64 = 4 * 1024 * 1024;

/// Compares all files of a target or folder.
///
/// # Errors
/// [`Failed`]
pub async fn verify_store(store: &Store, known: &Known<'_>) -> Result<Verified, Failed> {
    let lock = Lock::read(store).await?;
    // No publication holds a lock for much longer than its lease (clocks differ): one that says so was put there to keep us quiet.
    let is_at_work = |lock: &&Lock| lock.is_held(known.now) && lock.expires <= known.now + LEASE * 2;
    if let Some(lock) = lock.as_ref().filter(is_at_work) {
        return Err(Failed::Busy(Box::new(lock.clone())));
    }
    let note = store.read(MANIFEST).await?;
    let (mut verified, expected) = trust(note.as_deref(), known)?;
    let listed = store.list().await?;
    if note.is_none() && listed.is_empty() {
        return Err(Failed::Empty);
    }
    let present: BTreeSet<&str> = listed.iter().map(|listed| listed.path.as_str()).collect();
    let missing = expected.files.keys().filter(|path| !present.contains(path.as_str()));
    let mut differences: Vec<Difference> = missing.map(|path| Difference::new(path.as_str(), What::Missing)).collect();

    let is_kept = |path: &str| known.keep.iter().any(|beginning| path.starts_with(beginning.as_str()));
    let is_looked_at = |Listed { path, kind, .. }: &&Listed| *kind != Kind::File || path != MANIFEST;
    let looks = listed.iter().filter(is_looked_at).map(|Listed { path, size, kind }| {
        let output = OutputPath::from_manifest(path);
        let expected = output.as_ref().and_then(|path| expected.files.get(path));
        async move {
            let strange = match kind {
                Kind::Link => Some(What::Link),
                Kind::Special => Some(What::Special),
                Kind::File | Kind::Folder | Kind::Odd => None,
            };
            if let Some(what) = strange {
                return (expected.is_some() || !is_kept(path)).then(|| Difference::new(path, what));
            }
            if expected.is_none() && (is_kept(path) || *kind == Kind::Odd) {
                return (!is_kept(path)).then(|| Difference::new(path, What::Added));
            }
            let is_read = *size <= SEARCHED || expected.is_some_and(|entry| entry.size == *size);
            // What somebody swelled is not brought into memory to find that out.
            if expected.is_some() && !is_read {
                return Some(Difference::new(path, What::Changed));
            }
            let bytes = match if is_read { store.read(path).await } else { Ok(None) } {
                Ok(bytes) => bytes,
                Err(error) => return Some(Difference::new(path, What::Unreadable(error.text()))),
            };
            match (expected, output, bytes) {
                (Some(entry), Some(output), Some(bytes)) => changed(&output, entry, &bytes, known),
                (Some(_), _, _) => Some(Difference::new(path, What::Missing)),
                (None, _, bytes) => {
                    let found = bytes.as_deref().map(Entry::of);
                    let findings = injected(path, &bytes.unwrap_or_default());
                    Some(Difference { findings, found, ..Difference::new(path, What::Added) })
                }
            }
        }
    });
    let mut looks = stream::iter(looks.collect::<Vec<_>>()).buffer_unordered(AT_ONCE);
    while let Some(difference) = looks.next().await {
        differences.extend(difference);
    }
    if lock.as_ref().is_some_and(|lock| lock.is_planted(known.now)) {
        differences.push(Difference::new(&Lock::path(), What::Added));
    }
    differences.sort_by(|a, b| a.path.cmp(&b.path));
    verified.differences = differences;
    verified.is_unfinished = lock.is_some_and(|lock| !lock.is_planted(known.now));
    Ok(verified)
}

/// Compares the folder that is built into with what was last published from it. The builder's notes lie there, but no manifest,
/// and no compressed forms.
///
/// # Errors
/// [`Failed`]
pub async fn verify_built(store: &Store, known: &Known<'_>) -> Result<Verified, Failed> {
    let Some(last) = known.last else { return Err(Failed::NothingPublished) };
    let known = Known { keep: &[STATE.to_owned()], ..*known };
    let mut verified = verify_store(store, &known).await?;
    let is_form = |path: &str| uncompressed_path(path).is_some_and(|plain| last.files.contains_key(&plain));
    verified.differences.retain(|it| it.what != What::Missing || !is_form(&it.path));
    Ok(Verified { manifest: Some(Ok(())), ..verified })
}

/// Compares what a web server sends: to a reader, and to a search engine that follows a link.
///
/// # Errors
/// [`Failed`]
pub fn verify_web(web: &Web, known: &Known<'_>) -> Result<Verified, Failed> {
    let mut note = web.manifest().map_err(Failed::Web)?;
    for _ in 0..LOOKS {
        let verified = verify_web_once(web, note.as_deref(), known)?;
        if verified.differences.is_empty() {
            return Ok(verified);
        }
        // What was published meanwhile differs too; its manifest comes last.
        std::thread::sleep(SECOND_LOOK);
        let now = web.manifest().map_err(Failed::Web)?;
        if now == note {
            return Ok(verified);
        }
        note = now;
    }
    verify_web_once(web, note.as_deref(), known)
}

fn verify_web_once(web: &Web, note: Option<&[u8]>, known: &Known<'_>) -> Result<Verified, Failed> {
    let (mut verified, expected) = trust(note, known)?;
    let files: Vec<(&OutputPath, &Entry)> = expected.files.iter().collect();
    let look = |(path, entry): &(&OutputPath, &Entry)| {
        let most = entry.size.max(SEARCHED);
        let seen = web.look(path, Visitor::Reader, most);
        let found = difference(path, entry, seen, Visitor::Reader, known);
        if found.is_some() || !is_crawled(path) {
            return found;
        }
        // Injected content often shows itself to search engines alone.
        let seen = web.look(path, Visitor::SearchEngine, most);
        match difference(path, entry, seen, Visitor::SearchEngine, known) {
            Some(found) => {
                // A search engine takes compressed pages, as browsers do: what they get too is for everybody.
                let seen = web.look(path, Visitor::CompressedReader, most);
                let everybodys = difference(path, entry, seen, Visitor::Reader, known);
                Some(everybodys.unwrap_or(found))
            }
            None if web.sends_brotli() => {
                difference(path, entry, web.look(path, Visitor::GzipReader, most), Visitor::Reader, known)
            }
            None => None,
        }
    };
    verified.differences = web.for_each(&files, look).into_iter().flatten().collect();
    verified.differences.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(verified)
}

/// Whether a search engine comes for it: a page, and what leads to pages. Pictures and attachments are asked for once, as a reader.
fn is_crawled(path: &OutputPath) -> bool {
    let name = path.as_str().rsplit('/').next().unwrap_or_default();
    path.is_page() || name.ends_with(".xml") || matches!(name, "robots.txt" | "feed.json")
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
    let (files, time) = (expected.files.len(), expected.time);
    // The manifest says nothing of its own key, which readers may look at as well; both are there or neither.
    if worth.is_some() {
        let key = OutputPath::from_manifest(KEY).expect("a plain name");
        expected.files.insert(key, Entry::of(known.key.to_file().as_bytes()));
    }
    Ok((
        Verified { manifest: worth, is_outdated, is_unfinished: false, files, time, differences: Vec::new() },
        expected,
    ))
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
        web::Seen::TooLarge => What::Changed,
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
    difference.found = Some(Entry::of(bytes));
    Some(difference)
}

impl Difference {
    fn new(path: &str, what: What) -> Self {
        let (visitor, lines, findings) = (Visitor::Reader, Vec::new(), Vec::new());
        Self { path: path.to_owned(), what, visitor, lines, findings, found: None }
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
    // What was put in tells more than what went.
    let (mut added, gone): (Vec<String>, Vec<String>) = altered.partition(|line| line.starts_with('+'));
    added.truncate(MOST_LINES);
    added.extend(gone.into_iter().take(MOST_LINES));
    added
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
