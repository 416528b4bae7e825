//! Finds the files that an editor names, and puts a new text in the place of an old one.

use std::fs;
use std::io;
use std::path::Path;

use crate::diagnostic::FilePath;
use crate::source::{ReadError, Root};
use crate::write;

/// The path below the site's root of a file that an editor has named, from where they are or from the site's root.
///
/// # Errors
/// There is no such file.
pub fn find(root: &Root, named: &Path) -> Result<FilePath, ReadError> {
    let failed = |error: io::Error| ReadError { path: named.to_owned(), error };
    let folder = fs::canonicalize(root.folder()).map_err(failed)?;
    let file = fs::canonicalize(named).or_else(|_| fs::canonicalize(folder.join(named))).map_err(failed)?;
    let below = file.strip_prefix(&folder).unwrap_or(&file);
    Ok(FilePath::new(below.to_string_lossy().replace('\\', "/")))
}

/// Replaces a file's text in one step: whoever reads it meanwhile gets the old or the new one.
///
/// # Errors
/// The file is no longer as it was read, or its folder cannot be written to.
pub fn replace(root: &Root, file: &FilePath, old: &str, new: &str) -> Result<(), ReadError> {
    let path = root.on_disk(file);
    write::replace(&path, old, &[(0..old.len(), new)]).map_err(|error| ReadError { path, error })
}
