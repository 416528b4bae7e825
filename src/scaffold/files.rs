//! Adds files to a site for its editors, and never takes one away. What a build makes is written elsewhere.

#![expect(clippy::disallowed_methods, reason = "the one place that adds files for editors")]

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

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
