//! What lies beside the manifest: texts that are kept from one run to the next, and the journal of a publication.

use std::borrow::Cow;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::error::{WriteError, io_error};

/// Holds what belongs to the builder, not to the site.
pub const STATE: &str = ".xinfeng";

/// So begin the names of the files that say that a folder holds a part of a site.
pub const SHARD: &str = "shard-";

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

/// A file beside the manifest, whose folder is there from then on.
fn state_file(out: &Path, name: &str) -> Result<PathBuf, WriteError> {
    let folder = out.join(STATE);
    fs::create_dir_all(&folder).map_err(io_error(&folder))?;
    Ok(folder.join(name))
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
        // A line that a loss of power has cut off is none, and the next one must not become its end.
        let whole = left.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        if whole < left.len() {
            file.set_len(whole as u64).map_err(io_error(&path))?;
        }
        Ok(Some(Self { file, left: String::from_utf8_lossy(&left[..whole]).into_owned(), path }))
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

/// A text of ours; what is not UTF-8 in it is damaged, and will not be understood.
pub fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    simdutf8::basic::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}
