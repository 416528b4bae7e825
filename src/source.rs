//! Stage 1, DISCOVER: finds the files of a site on the disk and reads them.
//!
//! The only place that reads the site's inputs. Knows paths, sizes and times; never what a file means.
//! Start at [`Sources::discover`].

#![expect(clippy::disallowed_methods, reason = "the one place that reads inputs")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::{self, ErrorKind, Read as _};
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use walkdir::{DirEntry, WalkDir};

use crate::diagnostic::{Diagnostic, FilePath, Text, catalogue, harmless};
use crate::encoding;
use crate::fingerprint::{Fingerprint, fingerprint};

/// Files, items or pages that one processor takes at once: with many more, one would be left with the last ones while the others
/// wait.
pub const BATCH: usize = 64;

/// The site's configuration, below its root.
pub const SITE_FILE: &str = "site.yaml";
/// What editors write.
pub const CONTENT: &str = "content";
/// Files that are published as they are, such as a search engine's proof of ownership.
pub const STATIC: &str = "static";
/// Themes, each in a folder of its own.
pub const THEMES: &str = "themes";

const FOLDERS: [&str; 3] = [CONTENT, STATIC, THEMES];

/// The folder of a site, in which [`Sources`] were found.
#[derive(Debug, Clone)]
pub struct Root(PathBuf);

/// The files of a site at one moment.
#[derive(Debug, Clone)]
pub struct Sources {
    pub root: Root,
    /// The items: Markdown files below `content/`.
    pub items: BTreeMap<FilePath, FileState>,
    /// Every other file below `content/`, `static/` and `themes/`.
    pub files: BTreeMap<FilePath, FileState>,
    /// What was passed over, each by its own path.
    passed_over: BTreeMap<FilePath, Diagnostic>,
    /// `site.yaml`; `None` where there is none.
    configuration: Option<FileState>,
    /// Files whose hash was taken so soon after a modification that another one may hide behind it.
    unsettled: BTreeSet<FilePath>,
}

/// What tells whether a file has changed, without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FileState {
    /// Size in bytes.
    pub size: u64,
    /// Time of the last modification, in nanoseconds since 1970; the year 2554 is the last that fits.
    pub modified_ns: u64,
    /// Time of the last change of the file or of what the disk knows of it, which no program can set back; 0 where
    /// the system has none.
    pub changed_ns: u64,
    /// Which file of its disk it is: folders that change places take their files along, with size and times; 0 where the
    /// system has no such number.
    pub number: u64,
    /// The hash of the bytes, for a file that was modified just now: within one tick of the disk's clock
    /// a file can change and keep its time and size.
    pub content: Option<Fingerprint>,
}

impl FileState {
    /// All of it but the bytes' hash.
    fn times(&self) -> [u64; 4] {
        let Self { size, modified_ns, changed_ns, number, content: _ } = *self;
        [size, modified_ns, changed_ns, number]
    }
}

/// A modification time this close to the present may still be shared by another modification.
const JUST_NOW: Duration = Duration::from_secs(2);

/// A file or folder of the site that could not be read.
#[derive(Debug)]
pub struct ReadError {
    pub path: PathBuf,
    pub error: io::Error,
}

impl ReadError {
    /// The message for the editor.
    pub fn text(&self) -> Text {
        let (path, why) = (self.path.display(), Text::from(&self.error));
        Text::new(format!("无法读取“{path}”：{}", why.zh), format!("cannot read \"{path}\": {}", why.en))
    }
}

impl Sources {
    /// Walks the site's folders. Hidden files, backup copies and lock files (`.DS_Store`, `a.md~`, `~$a.md`) are passed over;
    /// symbolic links are not followed, since they can leave the site.
    ///
    /// # Errors
    /// A folder that cannot be listed, or a file whose size and time cannot be read.
    pub fn discover(root: &Path) -> Result<Self, ReadError> {
        let mut sources = Self {
            root: Root(root.to_owned()),
            items: BTreeMap::new(),
            files: BTreeMap::new(),
            passed_over: BTreeMap::new(),
            configuration: None,
            unsettled: BTreeSet::new(),
        };
        sources.look_everywhere()?;
        Ok(sources)
    }

    /// The files below one of the site's folders, but for items.
    pub fn below(&self, folder: &str) -> impl Iterator<Item = (&FilePath, &FileState)> + use<'_> {
        // `0` follows `/`.
        self.files.range(FilePath::new(format!("{folder}/"))..FilePath::new(format!("{folder}0")))
    }

    /// Finds out what is there now, and tells whether anything differs.
    ///
    /// # Errors
    /// As [`Sources::discover`].
    pub fn look_everywhere(&mut self) -> Result<bool, ReadError> {
        self.look_again(&FOLDERS.map(FilePath::new))
    }

    /// Finds out what is now at these places, each a file or a folder with all below it, and at `site.yaml`; tells
    /// whether anything differs. Places outside the site's folders are passed over.
    ///
    /// # Errors
    /// As [`Sources::discover`]; then what was known of the place is forgotten.
    pub fn look_again(&mut self, places: &[FilePath]) -> Result<bool, ReadError> {
        let mut is_different = self.look_at_configuration();
        for place in places {
            let mut parts = place.as_str().split('/');
            if parts.next().is_some_and(|folder| FOLDERS.contains(&folder)) && parts.all(is_visible) {
                let place = self.highest_change(place);
                let known = self.forget(&place);
                self.walk(&place, &known)?;
                is_different |= !self.is_as(&known, &place);
            }
        }
        Ok(is_different)
    }

    fn look_at_configuration(&mut self) -> bool {
        let file = FilePath::new(SITE_FILE);
        let metadata = fs::metadata(self.root.on_disk(&file)).and_then(plain);
        let known = self.configuration;
        // Whether it can be read, the pipeline finds out.
        let state = metadata.and_then(|metadata| self.state(&file, &metadata, known)).ok();
        if let Some((_, is_settled)) = state {
            self.settle(&file, is_settled);
        }
        self.configuration = state.map(|(state, _)| state);
        self.configuration != known
    }

    /// The place itself, or the folder above it that is gone or has become a link.
    fn highest_change(&self, place: &FilePath) -> FilePath {
        let ends = place.as_str().match_indices('/').map(|(at, _)| FilePath::new(&place.as_str()[..at]));
        let mut folders = ends.skip(1);
        let is_folder = |path: &FilePath| fs::symlink_metadata(self.root.on_disk(path)).is_ok_and(|it| it.is_dir());
        folders.find(|folder| !is_folder(folder)).unwrap_or_else(|| place.clone())
    }

    fn forget(&mut self, place: &FilePath) -> Known {
        let range = below(place);
        let is_below = |path: &FilePath| is_below(path, place);
        Known {
            items: self.items.extract_if(range.clone(), |path, _| is_below(path)).collect(),
            files: self.files.extract_if(range.clone(), |path, _| is_below(path)).collect(),
            passed_over: self.passed_over.extract_if(range, |path, _| is_below(path)).collect(),
        }
    }

    fn walk(&mut self, place: &FilePath, known: &Known) -> Result<(), ReadError> {
        let start = self.root.on_disk(place);
        // Where a whole folder of the site is a link, somebody set that up; a link below it may lead anywhere.
        let is_whole = FOLDERS.contains(&place.as_str());
        match fs::symlink_metadata(&start) {
            Err(error) if is_gone(&error) => return Ok(()),
            Err(error) => return Err(ReadError { path: start, error }),
            // A share that is not mounted must not empty the site.
            Ok(_) if is_whole && !start.is_dir() => {
                let error = fs::metadata(&start).err().unwrap_or_else(|| ErrorKind::NotADirectory.into());
                return Err(ReadError { path: start, error });
            }
            Ok(_) => {}
        }
        let look = |entries: Vec<DirEntry>| {
            entries.into_par_iter().filter_map(|entry| self.look(&entry, known).transpose()).collect()
        };
        let (entries, folders) = list(&start, is_whole, 2)?;
        let below = folders.par_iter().map(|folder| look(list(folder.path(), false, usize::MAX)?.0));
        let below = below.collect::<Result<Vec<Vec<_>>, ReadError>>()?;
        let mut seen = look(entries)?;
        seen.extend(below.into_iter().flatten());
        // In order, a map is built much faster.
        seen.par_sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let (mut items, mut files) = (Vec::new(), Vec::new());
        for (path, what) in seen {
            match what {
                Seen::PassedOver(message) => drop(self.passed_over.insert(path, *message)),
                Seen::File(state, is_settled) => {
                    self.settle(&path, is_settled);
                    if is_item(&path) { &mut items } else { &mut files }.push((path, state));
                }
            }
        }
        enter(&mut self.items, items);
        enter(&mut self.files, files);
        Ok(())
    }

    /// Looks at one entry of a folder; `None` where it is gone by now.
    fn look(&self, entry: &DirEntry, known: &Known) -> Result<Option<(FilePath, Seen)>, ReadError> {
        let below = entry.path().strip_prefix(&self.root.0).expect("the walk began below the root");
        let Some(path) = site_path(below) else {
            let shown = below.iter().map(|part| harmless(&part.to_string_lossy())).collect::<Vec<_>>();
            let path = FilePath::new(shown.join("/"));
            let message = catalogue::odd_file_name(&path).into();
            return Ok(Some((path, Seen::PassedOver(message))));
        };
        let passed_over = if entry.file_type().is_symlink() {
            Some(catalogue::symbolic_link(&path))
        } else if is_in_content(&path) && has_hidden_ending(path.name()) {
            Some(catalogue::hidden_ending(&path))
        } else if !entry.file_type().is_file() {
            // Reading a pipe would wait for ever.
            Some(catalogue::special_file(&path))
        } else {
            None
        };
        if let Some(message) = passed_over {
            return Ok(Some((path, Seen::PassedOver(message.into()))));
        }
        let known = if is_item(&path) { known.items.get(&path) } else { known.files.get(&path) };
        let metadata = entry.metadata().map_err(io::Error::from);
        match metadata.and_then(|metadata| self.state(&path, &metadata, known.copied())) {
            Ok((state, is_settled)) => Ok(Some((path, Seen::File(state, is_settled)))),
            Err(error) if is_gone(&error) => Ok(None),
            Err(error) => Err(ReadError { path: entry.path().to_owned(), error }),
        }
    }

    /// What tells a file from what it was, and whether no later modification can hide behind it; `known` is what was seen of
    /// it last.
    fn state(
        &self,
        path: &FilePath,
        metadata: &fs::Metadata,
        known: Option<FileState>,
    ) -> io::Result<(FileState, bool)> {
        let modified = metadata.modified().unwrap_or(UNIX_EPOCH);
        let size = metadata.len();
        let modified_ns = modified.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
        let mut state =
            FileState { size, modified_ns, changed_ns: changed_ns(metadata), number: number(metadata), content: None };
        let known = known.filter(|known| known.times() == state.times());
        let newest = modified.max(UNIX_EPOCH + Duration::from_nanos(state.changed_ns));
        let is_just_now = SystemTime::now().duration_since(newest).map_or(true, |age| age < JUST_NOW);
        if let Some(known) = known.filter(|_| !is_just_now && !self.unsettled.contains(path)) {
            return Ok((known, true));
        }
        // A file whose hash is known keeps one, so that its state stays the same when the moment is over.
        if is_just_now || known.is_some() {
            state.content = Some(Fingerprint::of_bytes(&fs::read(self.root.on_disk(path))?));
        }
        Ok((state, !is_just_now))
    }

    fn settle(&mut self, path: &FilePath, is_settled: bool) {
        if !is_settled {
            self.unsettled.insert(path.clone());
        } else if !self.unsettled.is_empty() {
            self.unsettled.remove(path);
        }
    }

    /// Whether a place is as it was known.
    fn is_as(&self, known: &Known, place: &FilePath) -> bool {
        fn is_same<T: PartialEq>(now: &BTreeMap<FilePath, T>, known: &BTreeMap<FilePath, T>, place: &FilePath) -> bool {
            now.range(below(place)).filter(|(path, _)| is_below(path, place)).eq(known)
        }
        is_same(&self.items, &known.items, place)
            && is_same(&self.files, &known.files, place)
            && is_same(&self.passed_over, &known.passed_over, place)
    }

    /// The hash of all files: the same wherever the same files lie, whatever their times are.
    ///
    /// # Errors
    /// A file that is gone or cannot be read.
    pub fn digest(&self) -> Result<Fingerprint, ReadError> {
        let configuration = self.configuration.map(|_| FilePath::new(SITE_FILE));
        let files: Vec<&FilePath> = configuration.iter().chain(self.items.keys()).chain(self.files.keys()).collect();
        let hash = |file: &&FilePath| Ok((file.as_str().to_owned(), Fingerprint::of_bytes(&self.root.read(file)?)));
        Ok(fingerprint(&files.par_iter().map(hash).collect::<Result<Vec<_>, ReadError>>()?))
    }

    /// The hash of what tells whether a file has changed, without reading one: of where the site lies, and of the places, sizes
    /// and times of its files. Those that are [`Sources::unsettled`] can have changed nevertheless.
    pub fn times(&self) -> Fingerprint {
        fingerprint(&(self.times_of(|_| true), all_times(self.items.iter())))
    }

    /// The same without items and themes.
    pub fn times_besides_items_and_themes(&self) -> Fingerprint {
        self.times_of(|file| !is_in_theme(file))
    }

    /// The same of the site's configuration, and of those other files.
    fn times_of(&self, is_counted: impl Fn(&FilePath) -> bool) -> Fingerprint {
        let root = std::path::absolute(&self.root.0).unwrap_or_else(|_| self.root.0.clone());
        let configuration = self.configuration.as_ref().map(Times);
        let files = self.files.iter().filter(|(file, _)| is_counted(file));
        fingerprint(&(root, configuration, all_times(files), &self.passed_over))
    }

    /// The files that were modified so shortly before they were found that another modification can hide behind the same time,
    /// each with the hash of its bytes.
    pub fn unsettled(&self) -> impl Iterator<Item = (FilePath, Fingerprint)> {
        self.unsettled.iter().filter_map(|file| {
            let configuration = || self.configuration.as_ref().filter(|_| file.as_str() == SITE_FILE);
            let state = self.items.get(file).or_else(|| self.files.get(file)).or_else(configuration)?;
            Some((file.clone(), state.content?))
        })
    }

    /// Those of them that are neither items nor in themes.
    pub fn unsettled_besides_items_and_themes(&self) -> impl Iterator<Item = (FilePath, Fingerprint)> {
        self.unsettled().filter(|(file, _)| !self.items.contains_key(file) && !is_in_theme(file))
    }

    /// Whether a file's bytes still have this hash.
    pub fn is_as_hashed(&self, file: &FilePath, content: Fingerprint) -> bool {
        self.root.read(file).is_ok_and(|bytes| Fingerprint::of_bytes(&bytes) == content)
    }

    /// What was passed over, and why.
    pub fn diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        self.passed_over.values()
    }
}

/// That of a file that can be read to its end.
fn plain(metadata: fs::Metadata) -> io::Result<fs::Metadata> {
    if metadata.is_file() { Ok(metadata) } else { Err(ErrorKind::IsADirectory.into()) }
}

/// A file's state as far as its bytes are not part of it.
struct Times<'s>(&'s FileState);

impl Hash for Times<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.times().hash(state);
    }
}

fn all_times<'s>(files: impl Iterator<Item = (&'s FilePath, &'s FileState)>) -> Vec<(&'s FilePath, Times<'s>)> {
    files.map(|(file, state)| (file, Times(state))).collect()
}

fn is_in_theme(file: &FilePath) -> bool {
    file.as_str().strip_prefix(THEMES).is_some_and(|rest| rest.starts_with('/'))
}

/// What was known of a place.
struct Known {
    items: BTreeMap<FilePath, FileState>,
    files: BTreeMap<FilePath, FileState>,
    passed_over: BTreeMap<FilePath, Diagnostic>,
}

/// What was seen at a place.
enum Seen {
    /// A file, and whether no later modification can hide behind its state.
    File(FileState, bool),
    PassedOver(Box<Diagnostic>),
}

/// The entries below a folder that are no folders, and the folders at the level `deepest`, below which nothing was looked at.
fn list(folder: &Path, follow: bool, deepest: usize) -> Result<(Vec<DirEntry>, Vec<DirEntry>), ReadError> {
    let walk = WalkDir::new(folder)
        .max_depth(deepest)
        .follow_root_links(follow)
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || entry.file_name().to_str().is_none_or(is_visible));
    let (mut entries, mut folders) = (Vec::new(), Vec::new());
    for entry in walk {
        match entry {
            // A link that is followed is none of its entries.
            Ok(entry) if follow && entry.depth() == 0 => {}
            Ok(entry) if !entry.file_type().is_dir() => entries.push(entry),
            Ok(entry) if entry.depth() == deepest => folders.push(entry),
            Ok(_) => {}
            // Another program took it away in the meantime.
            Err(error) if error.io_error().is_some_and(is_gone) => {}
            Err(error) => {
                let path = error.path().unwrap_or(folder).to_owned();
                return Err(ReadError { path, error: error.into() });
            }
        }
    }
    Ok((entries, folders))
}

/// Adds what comes in order.
fn enter<T>(files: &mut BTreeMap<FilePath, T>, new: Vec<(FilePath, T)>) {
    if files.is_empty() {
        *files = new.into_iter().collect();
    } else {
        files.extend(new);
    }
}

/// The keys of a place and of all that is below it, and perhaps more.
fn below(place: &FilePath) -> (Bound<FilePath>, Bound<FilePath>) {
    // `0` follows `/`.
    (Bound::Included(place.clone()), Bound::Excluded(FilePath::new(format!("{place}0"))))
}

fn is_below(path: &FilePath, place: &FilePath) -> bool {
    path.as_str().strip_prefix(place.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Root {
    /// A folder in which nothing was looked for yet.
    pub fn new(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// A file's bytes.
    ///
    /// # Errors
    /// The file is gone or cannot be read.
    pub fn read(&self, path: &FilePath) -> Result<Vec<u8>, ReadError> {
        let path = self.on_disk(path);
        fs::read(&path).map_err(|error| ReadError { path, error })
    }

    /// The first bytes of a file, no more than so many.
    ///
    /// # Errors
    /// As [`Root::read`].
    pub fn beginning(&self, path: &FilePath, at_most: u64) -> Result<Vec<u8>, ReadError> {
        let path = self.on_disk(path);
        let mut bytes = Vec::new();
        let read = fs::File::open(&path).and_then(|file| file.take(at_most).read_to_end(&mut bytes));
        read.map_err(|error| ReadError { path, error })?;
        Ok(bytes)
    }

    /// `site.yaml`, or `None` where there is none.
    ///
    /// # Errors
    /// The file is there but cannot be read.
    pub fn read_configuration(&self) -> Result<Option<Vec<u8>>, ReadError> {
        let path = self.on_disk(&FilePath::new(SITE_FILE));
        // Reading a pipe would wait for ever.
        match fs::metadata(&path).and_then(plain).and_then(|_| fs::read(&path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ReadError { path, error }),
        }
    }

    /// A file's text for a message's excerpt; bytes that are not UTF-8 are replaced. Only a plain file has one: reading a pipe would
    /// wait for ever.
    pub fn excerpt(&self, path: &FilePath) -> Option<Arc<str>> {
        fs::metadata(self.on_disk(path)).ok().filter(fs::Metadata::is_file)?;
        let bytes = self.read(path).ok()?;
        Some(String::from_utf8_lossy(&bytes).into())
    }

    /// Where a file of the site lies on the disk.
    pub fn on_disk(&self, path: &FilePath) -> PathBuf {
        self.0.join(path.as_str())
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.0
    }
}

/// The HTML files below any folder, each with its path there and its text; bytes that are not UTF-8 are replaced.
///
/// # Errors
/// The folder is not there, or something in it cannot be read.
pub fn read_pages(folder: &Path) -> Result<(Root, Vec<(FilePath, String)>), ReadError> {
    let failed = |path: &Path, error: io::Error| ReadError { path: path.to_owned(), error };
    let mut pages = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry
            .map_err(|error| ReadError { path: error.path().unwrap_or(folder).to_owned(), error: error.into() })?;
        let below = entry.path().strip_prefix(folder).expect("the walk began there");
        let file = FilePath::new(below.to_string_lossy().replace('\\', "/"));
        if entry.file_type().is_file() && matches!(file.extension().as_str(), "html" | "htm" | "shtml" | "xhtml") {
            let bytes = fs::read(entry.path()).map_err(|error| failed(entry.path(), error))?;
            pages.push((file, encoding::text(&bytes).into_owned()));
        }
    }
    Ok((Root(folder.to_owned()), pages))
}

#[cfg(unix)]
fn changed_ns(metadata: &fs::Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt;
    let seconds = u64::try_from(metadata.ctime()).unwrap_or_default();
    seconds.saturating_mul(1_000_000_000).saturating_add(u64::try_from(metadata.ctime_nsec()).unwrap_or_default())
}

#[cfg(not(unix))]
fn changed_ns(_: &fs::Metadata) -> u64 {
    0
}

#[cfg(unix)]
fn number(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn number(_: &fs::Metadata) -> u64 {
    0
}

fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn is_in_content(path: &FilePath) -> bool {
    path.as_str().strip_prefix(CONTENT).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether a file is the Markdown of an item, by its place and its ending.
pub fn is_item(path: &FilePath) -> bool {
    let is_markdown = |ending: &str| ending.eq_ignore_ascii_case("md") || ending.eq_ignore_ascii_case("markdown");
    is_in_content(path) && path.name().rsplit_once('.').is_some_and(|(_, ending)| is_markdown(ending))
}

/// Whether a file was saved as `.md.txt` by a system that hides endings.
fn has_hidden_ending(name: &str) -> bool {
    let hidden = b".md.txt";
    name.as_bytes().last_chunk::<7>().is_some_and(|ending| ending.eq_ignore_ascii_case(hidden))
}

/// Whether a file or folder of this name belongs to the site: what begins with a dot is a system's own, but for the folder
/// that the web keeps for site-wide files (RFC 8615).
pub fn is_visible(name: &str) -> bool {
    name == ".well-known" || !name.starts_with(['.', '~']) && !name.ends_with('~')
}

/// A path with `/` between its parts; `None` where a name is not UTF-8 or holds control characters.
fn site_path(below: &Path) -> Option<FilePath> {
    let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
    let path = parts?.join("/");
    (!path.chars().any(|c| c.is_control() || c == '\\')).then(|| FilePath::new(path))
}
