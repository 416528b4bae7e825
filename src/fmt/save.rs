//! Finds the files that an editor names, and puts a new text in the place of an old one.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::diagnostic::FilePath;
use crate::source::{ReadError, Root};

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
/// The file's folder cannot be written to.
#[expect(clippy::disallowed_methods, reason = "the one place that writes into sources")]
pub fn replace(root: &Root, file: &FilePath, text: &str) -> Result<(), ReadError> {
    let path = root.on_disk(file);
    let failed = |error: io::Error| ReadError { path: path.clone(), error };
    // Hidden files are passed over, should one stay behind.
    let new = path.with_file_name(format!(".{}.{}", file.name(), std::process::id()));
    let written = fs::File::create(&new).and_then(|mut stream| {
        stream.write_all(text.as_bytes())?;
        stream.set_permissions(fs::metadata(&path)?.permissions())?;
        stream.sync_all()
    });
    let renamed = written.and_then(|()| fs::rename(&new, &path));
    if renamed.is_err() {
        drop(fs::remove_file(&new));
    }
    renamed.map_err(failed)
}
