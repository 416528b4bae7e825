//! Stage 6, WRITE: brings the output folder to the planned state, and nothing else.
//!
//! Knows paths, bytes and fingerprints; never what a page is. Start at [`write`].
//!
//! Everything that changed is first rendered into `.xinfeng/stage/` inside the output folder; only when
//! all of it succeeded are the files renamed into place, the stale ones deleted, and the manifest saved.
//! So a mistake leaves the folder as it was, and a crash leaves whole files that the next build repairs.
//! Into a folder that nobody reads yet, files are written straight to their places, which spares a
//! rename each; a mistake takes them all away again.

#![expect(clippy::disallowed_methods, reason = "the one place that writes outputs")]

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::ops::{AddAssign, Range};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, UNIX_EPOCH};

use rayon::prelude::*;
use walkdir::WalkDir;

use crate::diagnostic::{Diagnostic, Text};
use crate::fingerprint::{ENGINE, Fingerprint};
use crate::plan::url::OutputPath;
use crate::timings::{Stage, Timings};

/// Holds what belongs to the builder, not to the site.
const STATE: &str = ".xinfeng";
/// So begin the names of the files that say that a folder holds a part of a site.
pub const SHARD: &str = "shard-";

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

/// The folder for the cache of the builds into `out`.
pub fn cache_folder(out: &Path) -> PathBuf {
    out.join(STATE).join("cache")
}

/// Whether a build of ours went into this folder.
pub fn is_ours(out: &Path) -> bool {
    out.join(STATE).join("manifest").exists()
}

/// Reads a text that [`keep`] left beside the manifest; `None` where there is none.
///
/// # Errors
/// A file that cannot be read.
pub fn kept(out: &Path, name: &str) -> Result<Option<String>, WriteError> {
    let path = out.join(STATE).join(name);
    match fs::read(&path) {
        Ok(bytes) => Ok(Some(text_of(&bytes).into_owned())),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(WriteError::Io(path, error)),
    }
}

/// The names of what [`keep`] left there that begin so, in order.
///
/// # Errors
/// A folder that cannot be read.
pub fn kept_names(out: &Path, beginning: &str) -> Result<Vec<String>, WriteError> {
    let state = out.join(STATE);
    let entries = match fs::read_dir(&state) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(WriteError::Io(state, error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(io_error(&state))?.file_name().to_string_lossy().into_owned();
        if name.starts_with(beginning) && !name.ends_with(".new") {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Leaves a text beside the manifest, whole or not at all.
///
/// # Errors
/// A file that cannot be written.
pub fn keep(out: &Path, name: &str, text: &str) -> Result<(), WriteError> {
    let path = state_file(out, name)?;
    let new = path.with_extension("new");
    fs::write(&new, text).map_err(io_error(&new))?;
    fs::rename(&new, &path).map_err(io_error(&path))
}

/// Adds a line to a file that the site's people keep.
///
/// # Errors
/// A file that cannot be written.
pub fn append(path: &Path, line: &str) -> Result<(), WriteError> {
    let file = File::options().append(true).create(true).open(path);
    file.and_then(|mut file| file.write_all(line.as_bytes())).map_err(io_error(path))
}

/// A path without links, as far as it is there.
pub fn real(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let there = path.ancestors().find_map(|above| Some((above, fs::canonicalize(above).ok()?)));
    let Some((above, real)) = there else { return path };
    path.strip_prefix(above).map_or_else(|_| path.clone(), |rest| real.join(rest))
}

/// A file beside the manifest, whose folder is there from then on.
fn state_file(out: &Path, name: &str) -> Result<PathBuf, WriteError> {
    let folder = out.join(STATE);
    fs::create_dir_all(&folder).map_err(io_error(&folder))?;
    Ok(folder.join(name))
}

/// Writes a file of a package into a folder of its own.
///
/// # Errors
/// A file that cannot be written.
pub fn unpack(folder: &Path, path: &OutputPath, bytes: &[u8]) -> Result<(), WriteError> {
    let path = folder.join(path.as_str());
    path.parent().map_or(Ok(()), fs::create_dir_all).map_err(io_error(&path))?;
    fs::write(&path, bytes).map_err(io_error(&path))
}

/// Reads a file that an editor names.
///
/// # Errors
/// A file that cannot be read.
pub fn read_file(path: &Path) -> Result<Vec<u8>, WriteError> {
    fs::read(path).map_err(io_error(path))
}

/// Writes a file that an editor asked for, whole or not at all.
///
/// # Errors
/// A file that cannot be written.
pub fn hand_out(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    fs::write(&new, bytes).map_err(io_error(&new))?;
    fs::rename(&new, path).map_err(io_error(path))
}

/// Notes that one process at a time keeps beside the manifest, line by line, so that the next one knows how far it came.
pub struct Journal {
    path: PathBuf,
    file: File,
    /// What the last process left.
    pub left: String,
}

impl Journal {
    /// Opens the notes; `None` where another process has them open.
    ///
    /// # Errors
    /// A file that cannot be read or written.
    pub fn open(out: &Path, name: &str) -> Result<Option<Self>, WriteError> {
        let path = state_file(out, name)?;
        let file = File::options().read(true).append(true).create(true).open(&path).map_err(io_error(&path))?;
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Ok(None);
        }
        let left = fs::read(&path).map_err(io_error(&path))?;
        Ok(Some(Self { file, left: String::from_utf8_lossy(&left).into_owned(), path }))
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn clear(&self) -> Result<(), WriteError> {
        self.file.set_len(0).map_err(io_error(&self.path))
    }

    /// Adds a line.
    ///
    /// # Errors
    /// As [`Journal::clear`].
    pub fn add(&self, line: &str) -> Result<(), WriteError> {
        (&self.file).write_all(format!("{line}\n").as_bytes()).map_err(io_error(&self.path))
    }
}

/// Told how far the work has come; called from several threads.
pub trait Progress: Sync {
    fn begin(&self, outputs: usize);
    fn step(&self);
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
}

/// Why the output folder could not be brought up to date. It is as it was.
#[derive(Debug)]
pub enum WriteError {
    /// The site or its theme has mistakes.
    Diagnostics(Vec<Diagnostic>),
    /// The folder holds something that Xinfeng did not make.
    NotOurs(PathBuf),
    /// The folder is, holds, or lies in the site's sources.
    HoldsSources(PathBuf),
    /// The folder holds parts of a site, or another part than the one to be written.
    HoldsShards(PathBuf),
    /// The folder holds a whole site, and only a part was to be written.
    HoldsSite(PathBuf),
    /// A file of a part is not the one that the part's list names.
    NotAsListed(PathBuf),
    /// Another build is at work in the folder.
    Busy(PathBuf),
    /// The folder's manifest cannot be read.
    Damaged(PathBuf),
    /// A file of somebody's, or a folder with some, stands where a page is to be.
    InTheWay(PathBuf),
    /// A source was changed during the build.
    Changed(PathBuf),
    Io(PathBuf, io::Error),
}

impl WriteError {
    /// The message for the editor.
    pub fn text(&self) -> Text {
        match self {
            Self::Diagnostics(_) => Text::new("网站有错误", "the site has errors"),
            Self::NotOurs(path) => Text::new(
                format!(
                    "输出文件夹“{0}”里有不是新风生成的文件，为免误删，没有写入。请换一个空文件夹（--out），或先清空它",
                    path.display()
                ),
                format!(
                    "the output folder \"{}\" is not empty and not ours; name an empty one by --out, or empty it",
                    path.display()
                ),
            ),
            Self::HoldsSources(path) => Text::new(
                format!("输出文件夹“{}”与网站的源文件重叠，请换一个文件夹", path.display()),
                format!("the output folder \"{}\" overlaps the site's sources; name another one", path.display()),
            ),
            Self::HoldsShards(path) => Text::new(
                format!(
                    "“{0}”里是网站的一片或几片（build --shard），不是整个网站。要合成整个网站：xinfeng build --join \"{0}\" --out 另一个文件夹；\
                     要生成别的，请换一个文件夹（--out），或先清空它",
                    path.display()
                ),
                format!(
                    "\"{0}\" holds shards of a site (build --shard), not all of it. To join them: xinfeng build --join \"{0}\" --out DIR, \
                     into another folder; for anything else, name another folder by --out, or empty this one",
                    path.display()
                ),
            ),
            Self::HoldsSite(path) => Text::new(
                format!(
                    "“{}”里是整个网站，写入一片会删掉其余的文件。请给每一片一个单独的空文件夹（--out）",
                    path.display()
                ),
                format!(
                    "\"{}\" holds a whole site, of which a shard would leave only a part; give each shard an empty folder of its own \
                     by --out",
                    path.display()
                ),
            ),
            Self::NotAsListed(path) => Text::new(
                format!("“{}”不是那一片生成时的内容，请重新生成或重新下载那一片", path.display()),
                format!("\"{}\" is not as its shard was built; build or download that shard again", path.display()),
            ),
            Self::Busy(path) => Text::new(
                format!("另一次生成正在写“{}”，请等它结束", path.display()),
                format!("another build is writing to \"{}\"; wait for it", path.display()),
            ),
            Self::Damaged(path) => Text::new(
                format!(
                    "“{}”里的生成记录（.xinfeng）已损坏，分不清哪些文件该删除。请删除里面除了 .xinfeng/ledger（发布台账）以外的所有文件，再生成",
                    path.display()
                ),
                format!(
                    "the manifest in \"{}\" is damaged; remove all files there but .xinfeng/ledger, the dates of first publications, and build again",
                    path.display()
                ),
            ),
            Self::InTheWay(path) => Text::new(
                format!(
                    "“{}”那里已有不是新风生成的文件，网页放不进去，什么都没有改动。请把它移走再生成",
                    path.display()
                ),
                format!(
                    "\"{}\" is, or holds, a file of somebody's where a page is to be; nothing was changed. Move it away and build again",
                    path.display()
                ),
            ),
            Self::Changed(path) => Text::new(
                format!("生成期间“{}”被修改了，请再生成一次", path.display()),
                format!("\"{}\" was changed during the build; build again", path.display()),
            ),
            Self::Io(path, error) => {
                let (path, why) = (path.display(), Text::from(error));
                Text::new(
                    format!("无法读写“{path}”：{}", why.zh),
                    format!("cannot read or write \"{path}\": {}", why.en),
                )
            }
        }
    }
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> WriteError + '_ {
    move |error| WriteError::Io(path.to_owned(), error)
}

/// What the manifest knows of a file that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    fingerprint: Fingerprint,
    state: DiskState,
}

/// What tells whether a file is still the one that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct DiskState {
    size: u64,
    modified_ns: u128,
}

impl DiskState {
    fn of(metadata: &fs::Metadata) -> Self {
        let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Self { size: metadata.len(), modified_ns: modified.map_or(0, |since| since.as_nanos()) }
    }
}

/// What the builder knows of its output folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Manifest {
    /// The engine that drew the files; empty where there are none.
    engine: String,
    /// What all outputs of each kind shared.
    frames: BTreeMap<String, Fingerprint>,
    /// The files that are ours. One without an entry was claimed by a build that did not finish.
    files: BTreeMap<OutputPath, Option<Entry>>,
}

impl Manifest {
    fn of(frames: &BTreeMap<&'static str, Fingerprint>, files: BTreeMap<OutputPath, Option<Entry>>) -> Self {
        let frames = frames.iter().map(|(kind, frame)| ((*kind).to_owned(), *frame)).collect();
        Self { engine: ENGINE.to_owned(), frames, files }
    }

    /// What is known of each of these paths, which come in order, and the files that are none of them.
    fn beside(&self, paths: &[&OutputPath]) -> (Vec<Option<Entry>>, Vec<&OutputPath>) {
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

/// Brings the folder `out` to the planned state. `site` is the folder of the sources.
///
/// # Errors
/// [`WriteError`]; the folder is then as it was.
pub fn write<O: Outputs>(
    outputs: &O,
    site: &Path,
    out: &Path,
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
        folder.save_manifest(&Manifest::of(&frames, paths.iter().map(|path| ((*path).clone(), None)).collect()))?;
    }
    let (entries, stale) = known.beside(&paths);
    let failed = AtomicBool::new(false);
    let results: Vec<Result<Output, Failure>> = paths
        .par_iter()
        .zip(entries)
        .enumerate()
        .map(|(number, (path, entry))| {
            let result = folder.stage(outputs, path, (entry, known_digest), number);
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
            folder.save_manifest(&Manifest::of(&frames, BTreeMap::new()))?;
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
        if let Placed::Staged(stage) = output.placed {
            staged.push((*path, stage));
        }
    }
    timings.end(Stage::Write, paths.len());
    let manifest = Manifest::of(&frames, files.into_iter().collect());
    let removed = folder.commit(&known, &staged, &stale)?;
    // The manifest is saved last: a crash before that repeats work instead of skipping it.
    let digest = if manifest == known { known_digest } else { folder.save_manifest(&manifest)? };
    folder.clear_stage()?;
    let sum = |count: fn(&Cost) -> usize| costs.values().map(count).sum();
    let (written, rendered) = (sum(|cost| cost.written), sum(|cost| cost.rendered));
    let unchanged = paths.len() - written;
    let summary = Summary { outputs: paths.len(), written, unchanged, removed, rendered };
    timings.end(Stage::Commit, written + removed);
    Ok(Written { summary, manifest: digest, costs, explanation })
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
    let text = text_of(&bytes);
    let Some((_, _, lines)) = split_manifest(&text) else { return Ok(false) };
    let is_intact = |line: &&str| {
        let Some((path, Some(entry))) = parse_line(line) else { return false };
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

/// Writes one file outside the output folder, whole or not at all.
///
/// # Errors
/// The folder is not there, or the disk is full or read-only; an older file stays as it was.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    put(path, bytes).map_err(io_error(path))
}

/// Replaces parts of an editor's text file, which must still hold `text`; `edits` come in rising order and do not overlap. The
/// file holds either the old or the new text at every moment.
///
/// # Errors
/// The file cannot be read or written, or somebody has changed it meanwhile.
pub fn replace(file: &Path, text: &str, edits: &[(Range<usize>, &str)]) -> io::Result<()> {
    // Behind a symbolic link, it is the file that changes, not the link.
    let file = fs::canonicalize(file)?;
    if fs::read(&file)? != text.as_bytes() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the file was changed meanwhile"));
    }
    let mut new = String::with_capacity(text.len());
    let mut at = 0;
    for (range, edit) in edits {
        new.push_str(&text[at..range.start]);
        new.push_str(edit);
        at = range.end;
    }
    new.push_str(&text[at..]);
    put(&file, new.as_bytes())
}

/// Writes a file under another name first, which hides it should it stay behind, then renames it: whoever reads it meanwhile
/// gets the old or the new one, also after a loss of power. It keeps the permissions of the older one.
///
/// # Errors
/// As [`write_file`].
pub fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = path.with_file_name(format!(".{name}.xinfeng-{}", std::process::id()));
    let permissions = fs::metadata(path).ok().map(|metadata| metadata.permissions());
    let written = fs::File::create(&draft)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            permissions.map_or(Ok(()), |permissions| file.set_permissions(permissions))?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        drop(fs::remove_file(&draft));
    }
    written
}

/// Files that may lie in an output folder without being part of the site: the builder's and git's own.
fn is_private(entry: &walkdir::DirEntry) -> bool {
    entry.depth() == 1 && matches!(entry.file_name().to_str(), Some(STATE | ".gitignore" | ".gitkeep"))
}

/// Why one output failed.
pub enum Failure {
    Diagnostic(Box<Diagnostic>),
    /// A source says something else than when it was parsed.
    Changed(PathBuf),
    /// A file of a part is not the one that the part's list names.
    NotAsListed(PathBuf),
    Io(PathBuf, io::Error),
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Diagnostic(Box::new(diagnostic))
    }
}

fn one_failure(failure: Failure) -> WriteError {
    self::failure::<()>(vec![Err(failure)])
}

/// One error from many failures. A template's mistake shows up in every page; it is told once.
fn failure<T>(results: Vec<Result<T, Failure>>) -> WriteError {
    let mut diagnostics = Vec::new();
    for failure in results.into_iter().filter_map(Result::err) {
        match failure {
            Failure::Diagnostic(diagnostic) => diagnostics.push(*diagnostic),
            Failure::Changed(path) => return WriteError::Changed(path),
            Failure::NotAsListed(path) => return WriteError::NotAsListed(path),
            Failure::Io(path, error) => return WriteError::Io(path, error),
        }
    }
    diagnostics.sort();
    diagnostics.dedup();
    WriteError::Diagnostics(diagnostics)
}

fn read_bytes(bytes: Bytes) -> Result<Vec<u8>, Failure> {
    match bytes {
        Bytes::Made(bytes) => Ok(bytes),
        Bytes::CopyOf(source) => fs::read(&source).map_err(|error| Failure::Io(source, error)),
    }
}

/// One output that is as it should be, here or on the stage.
struct Output {
    kind: &'static str,
    entry: Entry,
    placed: Placed,
    cost: Cost,
}

/// What happened to one output.
#[derive(Debug, PartialEq, Eq)]
enum Placed {
    AsItWas,
    /// Its new bytes wait in this file.
    Staged(PathBuf),
    Written,
}

/// An output folder that is ours, locked for this build.
struct Folder {
    root: PathBuf,
    stage: PathBuf,
    /// Nothing was in it, and so nobody reads it yet.
    is_fresh: bool,
    /// Keeps the lock as long as the folder is open.
    _lock: File,
}

impl Folder {
    /// Opens the folder for a whole site, or for the part whose list has this name.
    fn open(site: &Path, out: &Path, shard: Option<&str>) -> Result<Self, WriteError> {
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
    fn stage<O: Outputs>(
        &self,
        outputs: &O,
        path: &OutputPath,
        (known, manifest): (Option<Entry>, Fingerprint),
        number: usize,
    ) -> Result<Output, Failure> {
        let begun = Instant::now();
        let place = self.root.join(path.as_str());
        let on_disk = if self.is_fresh { None } else { disk_state(&place) };
        let intact = known.filter(|entry| Some(entry.state) == on_disk);
        if let Some(entry) = intact
            && let Some(kind) = outputs.settled(path, manifest)
        {
            let cost = Cost { outputs: 1, look: begun.elapsed(), ..Cost::default() };
            return Ok(Output { kind, entry, placed: Placed::AsItWas, cost });
        }
        let (fingerprint, ingredients) = outputs.ingredients(path);
        let kind = outputs.kind(&ingredients);
        let mut cost = Cost { outputs: 1, look: begun.elapsed(), ..Cost::default() };
        if let Some(entry) = intact.filter(|entry| entry.fingerprint == fingerprint) {
            return Ok(Output { kind, entry, placed: Placed::AsItWas, cost });
        }
        let begun = Instant::now();
        let bytes = read_bytes(outputs.render(&ingredients)?)?;
        cost.render = begun.elapsed();
        cost.rendered = 1;
        let begun = Instant::now();
        let (state, placed) = self.place(&place, &bytes, on_disk, number)?;
        cost.write = begun.elapsed();
        cost.written = usize::from(placed != Placed::AsItWas);
        Ok(Output { kind, entry: Entry { fingerprint, state }, placed, cost })
    }

    /// Writes the bytes of an output, unless its file holds them already.
    fn place(
        &self,
        place: &Path,
        bytes: &[u8],
        on_disk: Option<DiskState>,
        number: usize,
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
        // A folder for each thousand files, since very large ones are slow on some disks.
        let stage = self.stage.join((number / 1000).to_string()).join(number.to_string());
        let state = create(&stage, bytes).map_err(|error| Failure::Io(stage.clone(), error))?;
        Ok((state, Placed::Staged(stage)))
    }

    /// Says why an output will be drawn again, or will not. Whether it is written, nobody knows yet.
    fn explain<O: Outputs>(&self, outputs: &O, path: &OutputPath, known: &Manifest) -> Result<Explanation, Failure> {
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

    /// Moves the staged files into place and deletes the stale ones, whose number it gives.
    fn commit(
        &self,
        known: &Manifest,
        staged: &[(&OutputPath, PathBuf)],
        stale: &[&OutputPath],
    ) -> Result<usize, WriteError> {
        // Looked for before anything is moved, since half a site would be left otherwise.
        let folders: BTreeSet<&Path> =
            staged.iter().flat_map(|(path, _)| Path::new(path.as_str()).ancestors().skip(1)).collect();
        if let Some(folder) = folders.iter().find(|folder| self.is_somebodys_file(folder, known)) {
            return Err(WriteError::InTheWay(self.root.join(folder)));
        }
        let folder_at = |(path, _): &(&OutputPath, PathBuf)| {
            let place = self.root.join(path.as_str());
            match self.is_folder(&place, stale) {
                Ok(false) if !known.files.contains_key(*path) && place.symlink_metadata().is_ok() => {
                    Some(Err(WriteError::InTheWay(place)))
                }
                is_folder => is_folder.map(|is_folder| is_folder.then_some(place)).transpose(),
            }
        };
        let emptied = staged.par_iter().filter_map(folder_at).collect::<Result<Vec<PathBuf>, WriteError>>()?;
        // New files are claimed before they appear: after a crash they are known to be ours.
        if staged.iter().any(|(path, _)| !known.files.contains_key(*path)) {
            let mut claims = known.clone();
            for (path, _) in staged {
                claims.files.entry((*path).clone()).or_insert(None);
            }
            self.save_manifest(&claims)?;
        }
        let new: BTreeSet<&str> = staged.iter().map(|(path, _)| path.as_str()).collect();
        let (in_the_way, others): (Vec<&OutputPath>, Vec<&OutputPath>) =
            stale.iter().partition(|path| is_in_the_way(path, &new));
        let removed = self.remove(&in_the_way)?;
        for place in emptied.iter().filter(|place| place.is_dir()) {
            fs::remove_dir_all(place).map_err(io_error(place))?;
        }

        for folder in folders {
            let folder = self.root.join(folder);
            fs::create_dir_all(&folder).map_err(io_error(&folder))?;
        }
        staged.par_iter().try_for_each(|(path, stage)| {
            let place = self.root.join(path.as_str());
            fs::rename(stage, &place).map_err(io_error(&place))
        })?;
        Ok(removed + self.remove(&others)?)
    }

    /// Whether a file that no build of ours made stands where a folder is to be.
    fn is_somebodys_file(&self, folder: &Path, known: &Manifest) -> bool {
        let place = self.root.join(folder);
        let path = || folder.to_str().and_then(OutputPath::from_manifest);
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
    fn remove(&self, stale: &[&OutputPath]) -> Result<usize, WriteError> {
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

    fn clear_stage(&self) -> Result<(), WriteError> {
        match fs::remove_dir_all(&self.stage) {
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => fs::remove_file(&self.stage),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
        .map_err(io_error(&self.stage))
    }

    /// The files that earlier builds made, and the hash of the bytes that say so.
    fn read_manifest(&self) -> Result<(Manifest, Fingerprint), WriteError> {
        let Some(bytes) = self.manifest_bytes()? else { return Ok(Default::default()) };
        let manifest = parse_manifest(&text_of(&bytes));
        // Without the manifest nobody knows which files are stale. Guessing could delete somebody's own.
        let manifest = manifest.ok_or(WriteError::Damaged(self.root.clone()))?;
        Ok((manifest, Fingerprint::of_bytes(&bytes)))
    }

    /// `None` where there is none.
    fn manifest_bytes(&self) -> Result<Option<Vec<u8>>, WriteError> {
        let path = self.root.join(STATE).join("manifest");
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(WriteError::Io(path, error)),
        }
    }

    /// Gives the hash of its bytes.
    fn save_manifest(&self, manifest: &Manifest) -> Result<Fingerprint, WriteError> {
        let text = format_manifest(manifest);
        keep(&self.root, "manifest", &text)?;
        Ok(Fingerprint::of_bytes(text.as_bytes()))
    }
}

impl Drop for Folder {
    /// A build that failed leaves nothing on the stage. What cannot be removed, the next build clears.
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.stage));
    }
}

/// A text of ours; what is not UTF-8 in it is damaged, and will not be understood.
fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    simdutf8::basic::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
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
fn disk_state(place: &Path) -> Option<DiskState> {
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

/// Whether a stale file must go before the new ones can come: it lies where a folder is to be, or the
/// other way round.
fn is_in_the_way(stale: &OutputPath, staged: &BTreeSet<&str>) -> bool {
    let stale = stale.as_str();
    let folder = format!("{stale}/");
    let holds_new = staged.range(folder.as_str()..).next().is_some_and(|path| path.starts_with(&folder));
    let mut folders = stale.match_indices('/').map(|(at, _)| &stale[..at]);
    holds_new || folders.any(|folder| staged.contains(folder))
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

/// The first line names the engine, the next ones what the outputs of each kind share; then a line for each file:
/// fingerprint, size, time, path.
fn format_manifest(manifest: &Manifest) -> String {
    let mut text = String::with_capacity(100 * (manifest.files.len() + 2));
    let mut line = |line: fmt::Arguments<'_>| text.write_fmt(line).expect("a text takes every line");
    line(format_args!("{}\n", manifest.engine));
    for (kind, frame) in &manifest.frames {
        line(format_args!("shared {frame} {kind}\n"));
    }
    for (path, entry) in &manifest.files {
        match entry {
            Some(Entry { fingerprint, state }) => {
                line(format_args!("{fingerprint} {} {} {path}\n", state.size, state.modified_ns));
            }
            None => line(format_args!("claimed {path}\n")),
        }
    }
    text.push_str("end\n");
    text
}

/// `None` where the manifest is damaged. One of another engine still tells which files are ours, since
/// fingerprints of another engine never match.
fn parse_manifest(text: &str) -> Option<Manifest> {
    let (engine, frames, lines) = split_manifest(text)?;
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
fn split_manifest(text: &str) -> Option<(&str, Vec<&str>, impl Iterator<Item = &str>)> {
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
fn parse_line(line: &str) -> Option<(&str, Option<Entry>)> {
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
        let text = format_manifest(&manifest);
        assert_eq!(parse_manifest(&text), Some(manifest.clone()));
        assert_eq!(parse_manifest(&text[..text.len() - 4]), None, "a manifest that was cut off");
        assert_eq!(
            parse_manifest(&text.replace("c.html\nend\n", "legend\n")),
            None,
            "one cut off behind a path that ends so"
        );
        assert_eq!(parse_manifest(&text.replace("c.html", "../c.html")), None, "a path that leaves the folder");
        let older = text
            .replace(ENGINE, "xinfeng 0.1.0 format 2")
            .replace(&format!("shared {} list.html\n", manifest.frames["list.html"]), "");
        let files = parse_manifest(&older).map(|manifest| manifest.files);
        assert_eq!(files, Some(manifest.files), "a manifest of an earlier version");
    }
}
