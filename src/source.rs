//! Stage 1, DISCOVER: finds the files of a site on the disk and reads them.
//!
//! The only place that reads the site's inputs. Knows paths, sizes and times; never what a file means.
//! Start at [`Sources::discover`].

#![expect(clippy::disallowed_methods, reason = "the one place that reads inputs")]

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use walkdir::WalkDir;

use crate::diagnostic::{Diagnostic, FilePath, catalogue};
use crate::fingerprint::Fingerprint;

/// The site's configuration, below its root.
pub const SITE_FILE: &str = "site.yaml";
/// What editors write.
pub const CONTENT: &str = "content";
/// Files that are published as they are, such as a search engine's proof of ownership.
pub const STATIC: &str = "static";
/// Themes, each in a folder of its own.
pub const THEMES: &str = "themes";

/// The files of a site at one moment.
#[derive(Debug, Clone)]
pub struct Sources {
    root: PathBuf,
    /// The items: Markdown files below `content/`, in the order of their paths.
    pub items: Vec<FilePath>,
    /// Every other file below `content/`, `static/` and `themes/`.
    pub files: BTreeMap<FilePath, FileState>,
    /// What was passed over.
    pub diagnostics: Vec<Diagnostic>,
}

/// What tells whether a file that is copied has changed, without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileState {
    /// Size in bytes.
    pub size: u64,
    /// Time of the last modification, in nanoseconds since 1970.
    pub modified_ns: u128,
    /// The hash of the bytes, for a file that was modified just now: within one tick of the disk's clock
    /// a file can change and keep its time and size.
    pub content: Option<Fingerprint>,
}

/// A modification time this close to the present may still be shared by another modification.
const JUST_NOW: Duration = Duration::from_secs(2);

/// A file or folder of the site that could not be read.
#[derive(Debug)]
pub struct ReadError {
    pub path: PathBuf,
    pub error: io::Error,
}

impl Sources {
    /// Walks the site's folders. Hidden files, backup copies and lock files (`.DS_Store`, `a.md~`, `~$a.md`) are passed over;
    /// symbolic links are not followed, since they can leave the site.
    ///
    /// # Errors
    /// A folder that cannot be listed, or a file whose size and time cannot be read.
    pub fn discover(root: &Path) -> Result<Self, ReadError> {
        let mut sources =
            Self { root: root.to_owned(), items: Vec::new(), files: BTreeMap::new(), diagnostics: Vec::new() };
        for folder in [CONTENT, STATIC, THEMES] {
            if root.join(folder).is_dir() {
                sources.walk(folder)?;
            }
        }
        Ok(sources)
    }

    fn walk(&mut self, folder: &str) -> Result<(), ReadError> {
        let visible = |name: &str| !name.starts_with(['.', '~']) && !name.ends_with('~');
        let walk = WalkDir::new(self.root.join(folder))
            .sort_by_file_name()
            .into_iter()
            .filter_entry(|entry| entry.depth() == 0 || entry.file_name().to_str().is_none_or(visible));
        for entry in walk {
            let entry = entry.map_err(|error| ReadError {
                path: error.path().unwrap_or(&self.root).to_owned(),
                error: error.into(),
            })?;
            if entry.file_type().is_dir() {
                continue;
            }
            let below = entry.path().strip_prefix(&self.root).expect("the walk began below the root");
            let Some(path) = site_path(below) else {
                let path = FilePath::new(below.to_string_lossy().replace('\\', "/"));
                self.diagnostics.push(catalogue::odd_file_name(&path));
                continue;
            };
            if entry.file_type().is_symlink() {
                self.diagnostics.push(catalogue::symbolic_link(&path));
            } else if folder == CONTENT && path.name().to_ascii_lowercase().ends_with(".md.txt") {
                self.diagnostics.push(catalogue::hidden_ending(&path));
            } else if folder == CONTENT && matches!(path.extension().as_str(), "md" | "markdown") {
                self.items.push(path);
            } else {
                let metadata = entry
                    .metadata()
                    .map_err(|error| ReadError { path: entry.path().to_owned(), error: error.into() })?;
                let state = self.state(&path, &metadata)?;
                self.files.insert(path, state);
            }
        }
        Ok(())
    }

    fn state(&self, path: &FilePath, metadata: &fs::Metadata) -> Result<FileState, ReadError> {
        let modified = metadata.modified().unwrap_or(UNIX_EPOCH);
        let modified_ns = modified.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        let just_now = SystemTime::now().duration_since(modified).is_ok_and(|age| age < JUST_NOW);
        let content = if just_now { Some(Fingerprint::of_bytes(&self.read(path)?)) } else { None };
        Ok(FileState { size: metadata.len(), modified_ns, content })
    }

    /// A file's bytes.
    ///
    /// # Errors
    /// The file is gone or cannot be read.
    pub fn read(&self, path: &FilePath) -> Result<Vec<u8>, ReadError> {
        let path = self.on_disk(path);
        fs::read(&path).map_err(|error| ReadError { path, error })
    }

    /// `site.yaml`, or `None` where there is none.
    ///
    /// # Errors
    /// The file is there but cannot be read.
    pub fn read_configuration(&self) -> Result<Option<Vec<u8>>, ReadError> {
        match self.read(&FilePath::new(SITE_FILE)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(failure) if failure.error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// A file's text for a message's excerpt; bytes that are not UTF-8 are replaced.
    pub fn excerpt(&self, path: &FilePath) -> Option<Arc<str>> {
        let bytes = self.read(path).ok()?;
        Some(String::from_utf8_lossy(&bytes).into())
    }

    /// Where a file of the site lies on the disk.
    pub fn on_disk(&self, path: &FilePath) -> PathBuf {
        self.root.join(path.as_str())
    }

    /// The site's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }
}

/// A path with `/` between its parts; `None` where a name is not UTF-8 or holds control characters.
fn site_path(below: &Path) -> Option<FilePath> {
    let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
    let path = parts?.join("/");
    (!path.chars().any(|c| c.is_control() || c == '\\')).then(|| FilePath::new(path))
}
