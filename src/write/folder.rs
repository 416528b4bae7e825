//! An output folder at work: locked, with a stage on which new files wait until all are there.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};
use std::time::Instant;

use rayon::prelude::*;
use walkdir::WalkDir;

use crate::fingerprint::{ENGINE, Fingerprint};
use crate::plan::url::{OutputPath, folders_of};

use super::error::{Failure, WriteError, io_error};
use super::exchange::{Files, REPLACED, exchange, is_writable, staying};
use super::files::put;
use super::manifest::{self, DiskState, Entry, Manifest};
use super::state::{SHARD, STATE, keep, kept_names, text_of};
use super::{Cost, Explanation, Outputs, Proof, Why, read_bytes};

/// One output that is as it should be, here or on the stage.
pub struct Output {
    pub kind: &'static str,
    pub entry: Entry,
    pub placed: Placed,
    pub cost: Cost,
}

/// What happened to one output.
#[derive(Debug, PartialEq, Eq)]
pub enum Placed {
    AsItWas,
    /// Its new bytes wait on the stage.
    Staged,
    Written,
}

/// So many replaced files are much to delete.
const MUCH: usize = 500;

/// Files of ours that are no longer planned.
pub struct Stale<'p> {
    paths: Vec<&'p OutputPath>,
    /// Their names as disks see them that do not tell capitals from small letters (those of Windows and macOS).
    folded: BTreeSet<String>,
}

impl<'p> Stale<'p> {
    pub fn new(paths: Vec<&'p OutputPath>) -> Self {
        let folded = paths.iter().map(|path| path.as_str().to_lowercase()).collect();
        Self { paths, folded }
    }

    /// Whether one of them has the name of a new file but for capitals, so that it may be the one that is found under that name.
    fn has_twin_of(&self, path: &OutputPath) -> bool {
        !self.folded.is_empty() && self.folded.contains(&path.as_str().to_lowercase())
    }
}

/// An output folder that is ours, locked for this build.
pub struct Folder {
    pub root: PathBuf,
    stage: PathBuf,
    /// Nothing was in it, and so nobody reads it yet.
    pub is_fresh: bool,
    /// Keeps the lock as long as the folder is open.
    _lock: File,
}

impl Folder {
    /// Opens the folder for a whole site, or for the part whose list has this name.
    pub fn open(site: &Path, out: &Path, shard: Option<&str>) -> Result<Self, WriteError> {
        refuse_sources(site, out)?;
        let state = out.join(STATE);
        let manifest = state.join("manifest");
        let shards = kept_names(out, SHARD)?;
        let is_free = is_free(out)?;
        if !is_free && shards.iter().any(|name| Some(name.as_str()) != shard) {
            return Err(WriteError::HoldsShards(out.to_owned()));
        }
        if !manifest.exists() && !is_free {
            return Err(WriteError::NotOurs(out.to_owned()));
        }
        if shard.is_some() && shards.is_empty() && !is_free {
            return Err(WriteError::HoldsSite(out.to_owned()));
        }
        fs::create_dir_all(&state).map_err(io_error(&state))?;
        let lock_path = state.join("lock");
        let lock = File::create(&lock_path).map_err(io_error(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(WriteError::Busy(out.to_owned())),
            // Some network shares have no locks; there, two builds at once are the user's care.
            Err(TryLockError::Error(_)) => {}
        }
        let stage = state.join("stage");
        let folder = Self { root: out.to_owned(), stage, is_fresh: !manifest.exists(), _lock: lock };
        folder.clear_stage()?;
        folder.mark(&shards, shard)?;
        Ok(folder)
    }

    /// Says what the folder is for, before there are files in it: a part's list is empty until the part is whole.
    fn mark(&self, shards: &[String], shard: Option<&str>) -> Result<(), WriteError> {
        let place = |name: &str| self.root.join(STATE).join(name);
        for name in shards.iter().filter(|name| Some(name.as_str()) != shard) {
            fs::remove_file(place(name)).map_err(io_error(&place(name)))?;
        }
        match shard.filter(|shard| !shards.iter().any(|name| name == shard)) {
            Some(shard) => keep(&self.root, shard, ""),
            None => Ok(()),
        }
    }

    /// Renders one output if its fingerprint or its file has changed, and puts new bytes on the stage, or
    /// to their place in a fresh folder.
    pub fn stage<O: Outputs>(
        &self,
        outputs: &O,
        path: &OutputPath,
        (known, manifest): (Option<Entry>, Fingerprint),
        stale: &Stale<'_>,
        proof: Proof<'_>,
    ) -> Result<Output, Failure> {
        let begun = Instant::now();
        let place = self.root.join(path.as_str());
        let on_disk = || if self.is_fresh || stale.has_twin_of(path) { None } else { disk_state(&place) };
        let is_intact = |entry: &Entry| Some(entry.state) == on_disk();
        if let Some(entry) = known
            && let Some(kind) = outputs.settled(path, manifest)
            && is_intact(&entry)
        {
            let cost = Cost { outputs: 1, look: begun.elapsed(), ..Cost::default() };
            return Ok(Output { kind, entry, placed: Placed::AsItWas, cost });
        }
        let (fingerprint, ingredients) = outputs.ingredients(path);
        let kind = outputs.kind(&ingredients);
        let intact = known.filter(|entry| entry.fingerprint == fingerprint && is_intact(entry));
        let mut cost = Cost { outputs: 1, look: begun.elapsed(), ..Cost::default() };
        if let Some(entry) = intact {
            return Ok(Output { kind, entry, placed: Placed::AsItWas, cost });
        }
        let begun = Instant::now();
        let bytes = read_bytes(outputs.render(&ingredients)?)?;
        if let Proof::Bytes(show) = proof {
            show(path, &bytes);
        }
        cost.render = begun.elapsed();
        cost.rendered = 1;
        let begun = Instant::now();
        // Bytes that are more or fewer than they were are new, without a look at the file.
        let may_be_there = known.is_none_or(|entry| entry.state.size == bytes.len() as u64);
        let on_disk = if may_be_there { on_disk() } else { None };
        let (state, placed) = self.place(path, &place, &bytes, on_disk)?;
        cost.write = begun.elapsed();
        cost.written = usize::from(placed != Placed::AsItWas);
        Ok(Output { kind, entry: Entry { fingerprint, state }, placed, cost })
    }

    /// Writes the bytes of an output, unless its file holds them already.
    fn place(
        &self,
        path: &OutputPath,
        place: &Path,
        bytes: &[u8],
        on_disk: Option<DiskState>,
    ) -> Result<(DiskState, Placed), Failure> {
        if let Some(state) = on_disk.filter(|state| state.size == bytes.len() as u64)
            && fs::read(place).is_ok_and(|found| found == bytes)
        {
            return Ok((state, Placed::AsItWas));
        }
        if self.is_fresh {
            let state = create(place, bytes).map_err(|error| Failure::Io(place.to_owned(), error))?;
            return Ok((state, Placed::Written));
        }
        let stage = self.stage.join(path.as_str());
        let state = create(&stage, bytes).map_err(|error| Failure::Io(stage, error))?;
        Ok((state, Placed::Staged))
    }

    /// Says why an output will be drawn again, or will not. Whether it is written, nobody knows yet.
    pub fn explain<O: Outputs>(
        &self,
        outputs: &O,
        path: &OutputPath,
        known: &Manifest,
    ) -> Result<Explanation, Failure> {
        let (fingerprint, ingredients) = outputs.ingredients(path);
        let place = self.root.join(path.as_str());
        let on_disk = disk_state(&place);
        let kind = outputs.kind(&ingredients);
        let why = match (known.files.get(path), on_disk) {
            (None, _) => Why::New,
            (Some(None), _) => Why::Unfinished,
            (Some(Some(_)), None) => Why::Deleted,
            (Some(Some(entry)), Some(state)) if entry.state != state => Why::Tampered,
            (Some(Some(entry)), _) if entry.fingerprint == fingerprint => Why::NothingChanged,
            _ if known.engine != ENGINE => Why::OtherEngine,
            _ if known.frames.get(kind) != outputs.frames().get(kind) => Why::Frame,
            _ => Why::Ingredients,
        };
        let before = fs::read(&place).ok().filter(|_| why != Why::NothingChanged);
        let difference = match before {
            Some(before) => first_difference(&before, &read_bytes(outputs.render(&ingredients)?)?),
            None => None,
        };
        Ok(Explanation { kind, why, written: false, difference })
    }

    /// Moves the staged files into place and deletes the stale ones. Gives the number of these, and that of the files that were
    /// exchanged with their folders.
    pub fn commit(
        &self,
        known: &Manifest,
        staged: &[&OutputPath],
        stale: &Stale<'_>,
    ) -> Result<(usize, usize), WriteError> {
        // Looked for before anything is moved, since half a site would be left otherwise.
        let by_folder: Vec<_> = staged.chunk_by(|one, other| one.in_folder().0 == other.in_folder().0).collect();
        let folders: BTreeSet<&str> = by_folder.iter().flat_map(|staged| folders_of(staged[0].as_str())).collect();
        if let Some(folder) = folders.iter().find(|folder| self.is_somebodys_file(folder, known)) {
            return Err(WriteError::InTheWay(self.root.join(folder)));
        }
        let places: BTreeSet<&str> = by_folder
            .iter()
            .map(|staged| staged[0])
            .chain(stale.paths.iter().copied())
            .map(|path| path.in_folder().0)
            .collect();
        for folder in places.iter().map(|folder| self.root.join(folder)).filter(|folder| folder.is_dir()) {
            is_writable(&folder).map_err(io_error(&folder))?;
        }
        let folder_at = |path: &&OutputPath| {
            let place = self.root.join(path.as_str());
            let is_somebodys = || !known.files.contains_key(*path) && !stale.has_twin_of(path);
            match self.is_folder(&place, &stale.paths) {
                Ok(false) if is_somebodys() && place.symlink_metadata().is_ok() => {
                    Some(Err(WriteError::InTheWay(place)))
                }
                is_folder => is_folder.map(|is_folder| is_folder.then_some(place)).transpose(),
            }
        };
        let stay = by_folder.par_iter().map(|staged| staying(&self.root.join(staged[0].in_folder().0), staged));
        let stay: Vec<Option<Files>> = stay.collect();
        let emptied = by_folder.par_iter().zip(&stay).flat_map_iter(|(staged, stay)| {
            // Where there are only files, no folder stands in place of one.
            let is_safe = |path: &OutputPath| stay.is_some() && known.files.contains_key(path);
            staged.iter().filter(move |path| !is_safe(path)).filter_map(&folder_at)
        });
        let emptied = emptied.collect::<Result<Vec<PathBuf>, WriteError>>()?;
        // New files are claimed before they appear: after a crash they are known to be ours.
        if staged.par_iter().any(|path| !known.files.contains_key(*path)) {
            let mut claims = known.clone();
            for path in staged {
                claims.files.entry((*path).clone()).or_insert(None);
            }
            self.save_manifest(&manifest::format(&claims))?;
        }
        let twins = Stale::new(staged.iter().copied().filter(|path| stale.has_twin_of(path)).collect());
        let (in_the_way, others): (Vec<&OutputPath>, Vec<&OutputPath>) =
            stale.paths.iter().partition(|path| is_in_the_way(path, staged) || twins.has_twin_of(path));
        let removed = self.remove(&in_the_way)?;
        for place in emptied.iter().filter(|place| place.is_dir()) {
            fs::remove_dir_all(place).map_err(io_error(place))?;
        }

        for folder in folders {
            let folder = self.root.join(folder);
            fs::create_dir_all(&folder).map_err(io_error(&folder))?;
        }
        let exchanged = by_folder.par_iter().zip(stay).map(|(staged, stay)| self.put_in_place(staged, stay));
        let exchanged = exchanged.try_reduce(|| 0, |one, other| Ok(one + other))?;
        Ok((removed + self.remove(&others)?, exchanged))
    }

    /// Moves staged files of one folder to their places, or the folder itself where it is known what would stay. Gives the number of
    /// those that came with their folder, and whose predecessors are on the stage now.
    fn put_in_place(&self, staged: &[&OutputPath], stay: Option<Files>) -> Result<usize, WriteError> {
        let folder = staged[0].in_folder().0;
        if let Some(stay) = stay
            && exchange(&self.stage.join(folder), &self.root.join(folder), staged, &stay)
        {
            return Ok(staged.len());
        }
        for path in staged {
            let (staged, place) = (self.stage.join(path.as_str()), self.root.join(path.as_str()));
            match fs::rename(&staged, &place) {
                Ok(()) => {}
                // A folder of the site that another disk was mounted in.
                Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                    fs::read(&staged).and_then(|bytes| put(&place, &bytes)).map_err(io_error(&place))?;
                }
                // Two paths were one file on the stage, where the disk does not tell capitals from small letters.
                Err(error) if error.kind() == io::ErrorKind::NotFound && place.exists() => {}
                Err(error) => return Err(WriteError::Io(place, error)),
            }
        }
        Ok(0)
    }

    /// Whether a file that no build of ours made stands where a folder is to be.
    fn is_somebodys_file(&self, folder: &str, known: &Manifest) -> bool {
        let place = self.root.join(folder);
        let path = || OutputPath::from_manifest(folder);
        place.symlink_metadata().is_ok()
            && !place.is_dir()
            && path().is_none_or(|path| !known.files.contains_key(&path))
    }

    /// Whether a folder stands where a file is to be.
    ///
    /// # Errors
    /// One that holds anything but stale files and empty folders.
    fn is_folder(&self, place: &Path, stale: &[&OutputPath]) -> Result<bool, WriteError> {
        if !fs::symlink_metadata(place).is_ok_and(|metadata| metadata.is_dir()) {
            return Ok(false);
        }
        let is_stale = |entry: walkdir::DirEntry| {
            let below = entry.path().strip_prefix(&self.root).ok().and_then(Path::to_str);
            entry.file_type().is_dir() || stale.iter().any(|path| Some(path.as_str()) == below)
        };
        let holds_only_stale = WalkDir::new(place).into_iter().all(|entry| entry.is_ok_and(is_stale));
        if holds_only_stale { Ok(true) } else { Err(WriteError::InTheWay(place.to_owned())) }
    }

    /// Deletes files and the folders that they leave empty; gives the number of those that were there.
    pub fn remove(&self, stale: &[&OutputPath]) -> Result<usize, WriteError> {
        let mut removed = 0;
        for path in stale {
            let place = self.root.join(path.as_str());
            match fs::remove_file(&place) {
                Ok(()) => removed += 1,
                // Somebody's, since then.
                Err(_) if place.is_dir() => {}
                Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
                Err(error) => return Err(WriteError::Io(place, error)),
            }
            let folders = Path::new(path.as_str()).ancestors().skip(1).filter(|folder| *folder != Path::new(""));
            for folder in folders {
                // A folder that still holds something stays.
                if fs::remove_dir(self.root.join(folder)).is_err() {
                    break;
                }
            }
        }
        Ok(removed)
    }

    /// Clears the stage at the end of a build that exchanged so many files, or leaves that to [`super::sweep`]. Tells whether there is
    /// something to sweep, be it of an earlier build.
    pub fn clear_up(&self, exchanged: usize) -> Result<bool, WriteError> {
        let replaced = self.root.join(STATE).join(REPLACED);
        if exchanged >= MUCH {
            drop(fs::remove_dir_all(&replaced));
            if fs::rename(&self.stage, &replaced).is_ok() {
                return Ok(true);
            }
        }
        self.clear_stage()?;
        Ok(replaced.exists())
    }

    pub fn clear_stage(&self) -> Result<(), WriteError> {
        match fs::remove_dir_all(&self.stage) {
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => fs::remove_file(&self.stage),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
        .map_err(io_error(&self.stage))
    }

    /// The files that earlier builds made, and the hash of the bytes that say so.
    pub fn read_manifest(&self) -> Result<(Manifest, Fingerprint), WriteError> {
        let Some(bytes) = self.manifest_bytes()? else { return Ok(Default::default()) };
        let manifest = manifest::parse(&text_of(&bytes));
        // Without the manifest nobody knows which files are stale. Guessing could delete somebody's own.
        let manifest = manifest.ok_or(WriteError::Damaged(self.root.clone()))?;
        Ok((manifest, Fingerprint::of_bytes(&bytes)))
    }

    /// `None` where there is none.
    pub fn manifest_bytes(&self) -> Result<Option<Vec<u8>>, WriteError> {
        let path = self.root.join(STATE).join("manifest");
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(WriteError::Io(path, error)),
        }
    }

    /// Gives the hash of the bytes of a manifest's text.
    pub fn save_manifest(&self, text: &str) -> Result<Fingerprint, WriteError> {
        keep(&self.root, "manifest", text)?;
        Ok(Fingerprint::of_bytes(text.as_bytes()))
    }
}

impl Drop for Folder {
    /// A build that failed leaves nothing on the stage. What cannot be removed, the next build clears.
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.stage));
    }
}

/// The first line in which two texts differ.
fn first_difference(before: &[u8], now: &[u8]) -> Option<(usize, String, String)> {
    let [before, now] = [before, now].map(String::from_utf8_lossy);
    let (mut old, mut new) = (before.lines(), now.lines());
    for number in 1.. {
        match (old.next(), new.next()) {
            (None, None) => return None,
            (old, new) if old == new => {}
            (old, new) => return Some((number, old.unwrap_or_default().into(), new.unwrap_or_default().into())),
        }
    }
    None
}

/// The state of a plain file, if there is one.
pub fn disk_state(place: &Path) -> Option<DiskState> {
    fs::symlink_metadata(place).ok().filter(fs::Metadata::is_file).map(|metadata| DiskState::of(&metadata))
}

/// Writes a new file, and its folders where they are missing.
fn create(place: &Path, bytes: &[u8]) -> io::Result<DiskState> {
    let mut file = match File::create(place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(place.parent().unwrap_or(place))?;
            File::create(place)?
        }
        file => file?,
    };
    file.write_all(bytes)?;
    Ok(DiskState::of(&file.metadata()?))
}

/// Whether a stale file must go before the new ones can come, which are in order: it lies where a folder is to be, or the other way
/// round.
fn is_in_the_way(stale: &OutputPath, staged: &[&OutputPath]) -> bool {
    let stale = stale.as_str();
    let below = format!("{stale}/");
    let next = staged.partition_point(|path| path.as_str() < below.as_str());
    let holds_new = staged.get(next).is_some_and(|path| path.as_str().starts_with(&below));
    holds_new || folders_of(stale).any(|folder| staged.binary_search_by(|path| path.as_str().cmp(folder)).is_ok())
}

/// The output folder must neither hold the sources nor lie among them.
fn refuse_sources(site: &Path, out: &Path) -> Result<(), WriteError> {
    let out_folder = resolved(out).map_err(io_error(out))?;
    let site_folder = resolved(site).map_err(io_error(site))?;
    let sources =
        [crate::source::CONTENT, crate::source::STATIC, crate::source::THEMES].map(|name| site_folder.join(name));
    if site_folder.starts_with(&out_folder) || sources.iter().any(|source| out_folder.starts_with(source)) {
        return Err(WriteError::HoldsSources(out.to_owned()));
    }
    Ok(())
}

/// The real path of a folder, of which the last parts need not exist yet.
fn resolved(path: &Path) -> io::Result<PathBuf> {
    let absolute = std::path::absolute(path)?;
    let mut resolved = PathBuf::new();
    for part in absolute.components() {
        if part == Component::ParentDir {
            resolved.pop();
        } else {
            resolved.push(part);
        }
        if let Ok(real) = fs::canonicalize(&resolved) {
            resolved = real;
        }
    }
    Ok(resolved)
}

/// Whether a folder is missing or empty, but for what git needs to keep it.
fn is_free(out: &Path) -> Result<bool, WriteError> {
    let entries = match fs::read_dir(out) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(WriteError::Io(out.to_owned(), error)),
    };
    for entry in entries {
        let entry = entry.map_err(io_error(out))?;
        if !matches!(entry.file_name().to_str(), Some(".gitignore" | ".gitkeep" | STATE)) {
            return Ok(false);
        }
    }
    Ok(true)
}
