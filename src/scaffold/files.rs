//! Adds files to a site for its editors, and replaces only those that are ours. What a build makes is written elsewhere.

#![expect(clippy::disallowed_methods, reason = "the one place that adds files for editors")]

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use crate::write;

/// Writes a file that is not there yet, and the folders around it.
///
/// # Errors
/// The file is there already ([`io::ErrorKind::AlreadyExists`]), or it cannot be written.
pub fn add(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(bytes)
}

/// Writes a file that is ours to bring up to date. It is replaced as a whole, so that nobody ever reads half of it.
///
/// # Errors
/// It cannot be written.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    write::put(path, bytes)
}

/// Whether a path is a folder with something in it, or no folder at all.
///
/// # Errors
/// The folder cannot be listed.
pub fn is_occupied(path: &Path) -> io::Result<bool> {
    match fs::read_dir(path) {
        Ok(mut entries) => Ok(entries.next().is_some()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(true),
        Err(error) => Err(error),
    }
}
