//! Tells the program which sources it was built from, so that no other build's cache or manifest is taken for its own.

#![allow(clippy::disallowed_methods, reason = "it runs before the program is there")]

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    let mut files = BTreeMap::new();
    for root in ["src", "themes/default", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={root}");
        read(Path::new(root), &mut files)?;
    }
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);
    println!("cargo::rustc-env=XINFENG_SOURCES={:016x}", hasher.finish());
    Ok(())
}

fn read(path: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            read(&entry?.path(), files)?;
        }
    } else {
        files.insert(path.to_owned(), fs::read(path)?);
    }
    Ok(())
}
