//! Single files outside the output folder, which editors ask for or keep.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::fingerprint::Fingerprint;
use crate::plan::url::OutputPath;

use super::error::{WriteError, io_error};

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
    // A name of its own for each file, and short: the file's may be as long as names can be.
    let name = Fingerprint::of_bytes(path.file_name().unwrap_or_default().as_encoded_bytes());
    let draft = path.with_file_name(format!(".xinfeng-{}-{name}", std::process::id()));
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
