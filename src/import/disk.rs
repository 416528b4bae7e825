//! What importing reads and writes: old pages anywhere on the disk, and new files in the site's `content/`.
//!
//! Never writes over a file, and never leaves half of one.

#![expect(
    clippy::disallowed_methods,
    reason = "imported files lie outside the site, and new items are no output of a build"
)]

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

/// The largest file that is read.
pub const LARGEST: u64 = 64 << 20;

pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    fs::read(path)
}

/// The size of a file; `None` for anything else.
pub fn size(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|metadata| metadata.len())
}

/// The file itself, or all pages and documents below a folder in the order of their names.
pub fn pages(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    below(path, &["html", "htm", "shtml", "xhtml", "txt", "docx"])
}

/// The files below a folder that have one of these endings, in the order of their names; none where it is no folder.
pub fn below(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    if !folder.is_dir() {
        return Vec::new();
    }
    let files = WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    let is_wanted = |path: &Path| {
        let name = path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
        endings.contains(&ending(path).as_str()) && !name.starts_with(['.', '~'])
    };
    // What a browser saves beside a page is part of it.
    let is_part = |path: &Path| {
        path.ancestors().skip(1).filter_map(Path::file_name).any(|name| {
            let name = name.to_string_lossy();
            name.ends_with("_files") || name.ends_with(".files")
        })
    };
    files
        .filter(|it| it.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .filter(|it| is_wanted(it) && !is_part(it))
        .collect()
}

/// A file's ending in lower case, without the dot.
pub fn ending(path: &Path) -> String {
    path.extension().and_then(|it| it.to_str()).unwrap_or_default().to_ascii_lowercase()
}

/// A file beside a page, if there is one and it lies below the page's folder: where the disk has it.
pub fn beside(page: &Path, target: &str) -> Option<PathBuf> {
    let folder = page.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().ok()?;
    let found = folder.join(target).canonicalize().ok()?;
    (found.starts_with(&folder) && found.is_file()).then_some(found)
}

/// Writes a new file whole, under this name or the first free one that `name` gives for 2, 3, …; the name that it got.
pub fn create(folder: &Path, bytes: &[u8], name: impl Fn(usize) -> String) -> io::Result<String> {
    fs::create_dir_all(folder)?;
    let draft = folder.join(format!(".xinfeng-import-{}", std::process::id()));
    let made = write_new(&draft, bytes).and_then(|()| place(&draft, folder, name));
    drop(fs::remove_file(&draft));
    made
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn place(draft: &Path, folder: &Path, name: impl Fn(usize) -> String) -> io::Result<String> {
    for number in 1.. {
        let name = name(number);
        let path = folder.join(&name);
        // A link is made only where nothing is; some disks have none.
        match fs::hard_link(draft, &path) {
            Ok(()) => return Ok(name),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(_) if path.symlink_metadata().is_ok() => {}
            Err(_) => {
                let mut file = OpenOptions::new().write(true).create_new(true).open(&path)?;
                return file.write_all(&fs::read(draft)?).map(|()| name);
            }
        }
    }
    unreachable!("some number is free")
}
