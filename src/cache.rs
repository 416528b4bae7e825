//! Keeps parsed items from one process to the next, so that an unchanged file is not parsed again.
//!
//! The items lie in several files beside the output folder's manifest, by the hash of their path, so that an edit
//! rewrites a small part. Nothing in them is trusted: each file names the engine and the words of `site.yaml` that it
//! was made with, and the hash of its bytes. Bodies are left out: whoever draws a page parses its file again.
//! Start at [`load`] and [`save`].

#![expect(clippy::disallowed_methods, reason = "the cache's own files")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::hash::BuildHasher;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxBuildHasher;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::diagnostic::FilePath;
use crate::fingerprint::{ENGINE, Fingerprint};
use crate::parse::Checked;
use crate::parse::item::Item;
use crate::source::FileState;

/// An item's file as it was, and what was parsed from it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Kept {
    pub state: FileState,
    /// The hash of the file's bytes.
    pub content: Fingerprint,
    pub checked: Checked<Arc<Item>>,
}

pub type Items = BTreeMap<FilePath, Kept>;

/// What a cache holds.
#[derive(Debug, Default)]
pub struct Loaded {
    pub items: Items,
    /// Why some of it was left out.
    pub unusable: Option<Unusable>,
}

/// Why a file of a cache counts for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unusable {
    /// Another version of Xinfeng made it.
    OtherEngine,
    Damaged,
}

impl Unusable {
    /// What is wrong with these bytes, which cannot be read.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let engine = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let is_other = engine.starts_with(b"xinfeng ") && engine != ENGINE.as_bytes();
        if is_other { Self::OtherEngine } else { Self::Damaged }
    }
}

/// Each file holds about so many items …
const ITEMS_IN_FILE: usize = 256;
/// … but there are no more files than this.
const MOST_FILES: usize = 64;

/// Reads the items that were parsed with these words of `site.yaml`, by their [`fingerprint`].
pub fn load(folder: &Path, vocabulary: Fingerprint) -> Loaded {
    let Ok(entries) = fs::read_dir(folder) else { return Loaded::default() };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let names: Vec<String> = names.filter(|name| name.starts_with(PREFIX)).collect();
    let parts: Vec<Part<Vec<(FilePath, Kept)>>> =
        names.par_iter().map(|name| Part::read(&folder.join(name), vocabulary)).collect();
    let mut loaded = Loaded::default();
    let mut all = Vec::new();
    for (name, part) in names.iter().zip(parts) {
        match part {
            Part::Value(items) => all.extend(items),
            // `site.yaml` has changed since.
            Part::Nothing => {}
            Part::Unusable(why) => {
                loaded.unusable = loaded.unusable.max(Some(why));
                // Its head may still say that it holds what is to be kept. Where it cannot go, nobody can mend it.
                drop(fs::remove_file(folder.join(name)));
            }
        }
    }
    for (file, kept) in &mut all {
        if let Some(item) = &mut kept.checked.value {
            Arc::get_mut(item).expect("an item that was just read").file = file.clone();
        }
    }
    // In order, a map is built much faster.
    all.par_sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    loaded.items = all.into_iter().collect();
    loaded
}

/// Brings the cache to these items, of which the `touched` ones are new, changed or gone since it was loaded. What another
/// process writes at the same moment is left to it.
///
/// # Errors
/// A file that cannot be written. The cache is then older, or smaller, but never wrong.
pub fn save(folder: &Path, vocabulary: Fingerprint, items: &Items, touched: &BTreeSet<FilePath>) -> io::Result<()> {
    let Some(_lock) = lock(folder)? else { return Ok(()) };
    let count = files_for(items.len());
    let names = names(PREFIX, count);
    let mut is_touched: Vec<bool> = names.iter().map(|name| !folder.join(name).exists()).collect();
    for file in touched {
        is_touched[place_of(file) % count] = true;
    }
    let mut parts: Vec<Vec<(&FilePath, &Kept)>> = vec![Vec::new(); count];
    for (file, kept) in items {
        let place = place_of(file) % count;
        if is_touched[place] {
            parts[place].push((file, kept));
        }
    }
    let touched = names.par_iter().zip(parts).zip(is_touched).filter(|(_, is_touched)| *is_touched);
    touched.map(|((name, items), _)| write(folder, name, vocabulary, &items)).collect::<io::Result<()>>()?;

    let expected: BTreeSet<&str> = names.iter().map(String::as_str).chain([LOCK, STAMP, SURFACE]).collect();
    remove(folder, |name| !expected.contains(name) && !name.starts_with(BODIES))
}

/// Removes the files that are `stale` by their names.
fn remove(folder: &Path, stale: impl Fn(&str) -> bool) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if stale(&entry.file_name().to_string_lossy()) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Among how many files so many items are divided.
pub(crate) fn files_for(items: usize) -> usize {
    (items / ITEMS_IN_FILE).next_power_of_two().min(MOST_FILES)
}

/// The names of so many files.
pub(crate) fn names(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{prefix}{number}-of-{count}")).collect()
}

/// Makes a cache's folder ready for one process to write into, as long as it keeps the file; `None` where another one writes.
fn lock(folder: &Path) -> io::Result<Option<File>> {
    fs::create_dir_all(folder)?;
    let lock = File::create(folder.join(LOCK))?;
    // Where there are no locks, files are whole nevertheless, since they are renamed into place.
    Ok(if matches!(lock.try_lock(), Err(TryLockError::WouldBlock)) { None } else { Some(lock) })
}

const PREFIX: &str = "items-";
const LOCK: &str = "lock";
/// So begin the names of the files with bodies (`bodies.rs`).
pub(crate) const BODIES: &str = "bodies-";
/// The file in the same folder that says what the last build followed from (`stamp.rs`).
pub(crate) const STAMP: &str = "stamp";
/// The file that says what the last build followed from but for bodies (`surface.rs`).
pub(crate) const SURFACE: &str = "surface";

/// What one file of a cache holds.
pub(crate) enum Part<T> {
    Value(T),
    /// There is none, or it was made from something else.
    Nothing,
    Unusable(Unusable),
}

impl<T: DeserializeOwned> Part<T> {
    /// Reads what [`write`] left, if it was made from this `origin`.
    pub fn read(path: &Path, origin: Fingerprint) -> Self {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Self::Nothing,
            Err(_) => return Self::Unusable(Unusable::Damaged),
        };
        let Some((head, value)) = Head::split(&bytes) else { return Self::Unusable(Unusable::of(&bytes)) };
        if head.origin != origin {
            return Self::Nothing;
        }
        if head.sum != Fingerprint::of_bytes(value) {
            return Self::Unusable(Unusable::Damaged);
        }
        postcard::from_bytes(value).map_or(Self::Unusable(Unusable::Damaged), Self::Value)
    }
}

/// Leaves one file to later processes, beside those of the items. What another process writes at the same moment is left to it.
///
/// # Errors
/// A file that cannot be written.
pub(crate) fn keep(folder: &Path, name: &str, origin: Fingerprint, value: &impl Serialize) -> io::Result<()> {
    let Some(_lock) = lock(folder)? else { return Ok(()) };
    write(folder, name, origin, value)
}

/// The same for several files with these names, each with the value that is made for its number, in place of all others that begin so.
///
/// # Errors
/// As [`keep`].
pub(crate) fn keep_all<T: Serialize>(
    folder: &Path,
    prefix: &str,
    names: &[String],
    origin: Fingerprint,
    value: impl Fn(usize) -> T + Sync,
) -> io::Result<()> {
    let Some(_lock) = lock(folder)? else { return Ok(()) };
    let numbers = names.par_iter().enumerate();
    numbers.map(|(number, name)| write(folder, name, origin, &value(number))).collect::<io::Result<()>>()?;
    remove(folder, |name| name.starts_with(prefix) && !names.iter().any(|known| known == name))
}

/// Writes one file of a cache, whole or not at all. `origin` is the hash of what the value was made from.
fn write(folder: &Path, name: &str, origin: Fingerprint, value: &impl Serialize) -> io::Result<()> {
    let mut bytes = postcard::to_extend(value, vec![0; HEAD]).map_err(io::Error::other)?;
    let head = Head { origin, sum: Fingerprint::of_bytes(&bytes[HEAD..]) };
    bytes[..HEAD].copy_from_slice(head.to_string().as_bytes());
    let new = folder.join(format!("new-{name}"));
    fs::write(&new, bytes)?;
    fs::rename(&new, folder.join(name))
}

/// The first lines of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Head {
    origin: Fingerprint,
    /// Of the bytes that follow.
    sum: Fingerprint,
}

impl Head {
    /// Reads the first lines; `None` where they are not ours or those of another engine.
    fn split(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let after_engine = bytes.strip_prefix(ENGINE.as_bytes())?.strip_prefix(b"\n")?;
        let (lines, value) = after_engine.split_at_checked(2 * LINE)?;
        let line = |number: usize| {
            let line = std::str::from_utf8(&lines[number * LINE..(number + 1) * LINE]).ok()?;
            Fingerprint::parse(line.strip_suffix('\n')?)
        };
        Some((Self { origin: line(0)?, sum: line(1)? }, value))
    }
}

/// A fingerprint and the end of its line.
const LINE: usize = 33;
/// All lines, in bytes.
const HEAD: usize = ENGINE.len() + 1 + 2 * LINE;

impl std::fmt::Display for Head {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{ENGINE}\n{}\n{}\n", self.origin, self.sum)
    }
}

/// The same for every process of one engine.
fn place_of(file: &FilePath) -> usize {
    FxBuildHasher.hash_one(file) as usize
}
