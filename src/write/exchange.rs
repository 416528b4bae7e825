//! Whole folders of new files that take the places of old ones.
//!
//! A change of a template rewrites most files of a folder. To rename each over its predecessor costs more than to draw it: renames
//! from folder to folder wait for each other, and some disks write a file out before it replaces another. So the folder that was filled
//! on the stage, with links to the files that stay, changes places with the old one in one step. Deleting what was replaced takes as
//! long as writing the new files; where it is much, that is left to a process that nobody waits for ([`sweep`]).
//!
//! Linux alone can do this; elsewhere no folder is ever listed, and files are renamed one by one.

use std::ffi::OsString;
use std::path::Path;
use std::{fs, io};

use crate::plan::url::OutputPath;

use super::state::STATE;

/// The folder beside the manifest in which replaced files wait to be deleted.
pub const REPLACED: &str = "replaced";

/// With fewer new files, a folder stays, and they are renamed into it one by one.
const MANY: usize = 4;

/// Names and numbers of files in a folder, in order.
pub type Files = Vec<(OsString, u64)>;

/// Deletes what a build replaced and left behind, once the new files are on the disk.
pub fn sweep(out: &Path) {
    let state = out.join(STATE);
    system::wait_for_disk(&state);
    drop(fs::remove_dir_all(state.join(REPLACED)));
}

/// Whether files may be made in a folder and deleted from it, as far as the system tells beforehand.
///
/// # Errors
/// Why not.
pub fn is_writable(folder: &Path) -> io::Result<()> {
    system::is_writable(folder)
}

/// The files that stay in a folder in whose place a new one may come that holds these outputs; `None` where too few of its files would
/// change, where it holds anything but files, or where the system exchanges no folders.
pub fn staying(folder: &Path, outputs: &[&OutputPath]) -> Option<Files> {
    if outputs.len() < MANY {
        return None;
    }
    let mut files = system::list(folder)?;
    files.retain(|(name, _)| !is_new(name, outputs));
    (files.len() <= outputs.len()).then_some(files)
}

/// Lets the folder `new`, which holds the files of these outputs, change places with `old`, whose other files `stay`; `new` then holds
/// what was replaced. `false` where that cannot be done: `old` is then as it was.
pub fn exchange(new: &Path, old: &Path, outputs: &[&OutputPath], stay: &Files) -> bool {
    let is_complete = system::list(new).is_some_and(|staged| staged.len() == outputs.len())
        && system::are_alike(new, old)
        && stay.iter().all(|(name, _)| fs::hard_link(old.join(name), new.join(name)).is_ok());
    if !is_complete || !system::swap(new, old) {
        return false;
    }
    match system::list(new) {
        Some(found) => follow(&found, stay, outputs, new, old),
        // Somebody has just put a folder or a link into it: back with it.
        None => return !system::swap(new, old),
    }
    true
}

/// Repeats in `place` what somebody did to other files in the replaced folder, where these are `found` now, since they were linked.
fn follow(found: &Files, linked: &Files, outputs: &[&OutputPath], replaced: &Path, place: &Path) {
    for (name, number) in found {
        let is_linked = || linked.binary_search_by(|linked| linked.0.cmp(name)).is_ok_and(|at| linked[at].1 == *number);
        if !is_new(name, outputs) && !is_linked() {
            drop(fs::rename(replaced.join(name), place.join(name)));
        }
    }
    for (name, _) in linked {
        if found.binary_search_by(|(found, _)| found.cmp(name)).is_err() {
            drop(fs::remove_file(place.join(name)));
        }
    }
}

/// Whether a file of this name is among the outputs, which come in order.
fn is_new(name: &OsString, outputs: &[&OutputPath]) -> bool {
    name.to_str().is_some_and(|name| outputs.binary_search_by(|output| output.in_folder().1.cmp(name)).is_ok())
}

#[cfg(target_os = "linux")]
mod system {
    use std::os::unix::fs::{DirEntryExt, MetadataExt};
    use std::path::Path;
    use std::{fs, io};

    use rustix::fs::{Access, CWD, RenameFlags, access, getxattr, listxattr, renameat_with, syncfs};
    use rustix::io::Errno;

    use super::Files;

    /// Waits until the disk holds what was written to it.
    pub fn wait_for_disk(folder: &Path) {
        drop(fs::File::open(folder).map(syncfs));
    }

    pub fn list(folder: &Path) -> Option<Files> {
        let mut files = Files::new();
        for entry in fs::read_dir(folder).ok()? {
            let entry = entry.ok()?;
            if !entry.file_type().ok()?.is_file() {
                return None;
            }
            files.push((entry.file_name(), entry.ino()));
        }
        files.sort_unstable();
        Some(files)
    }

    /// Whether nobody set anything on one of two folders that the other does not have: owner, permissions, access lists, labels.
    pub fn are_alike(one: &Path, other: &Path) -> bool {
        let [Ok(here), Ok(there)] = [one, other].map(fs::symlink_metadata) else { return false };
        let of = |folder: &fs::Metadata| (folder.mode(), folder.uid(), folder.gid());
        of(&here) == of(&there) && attributes(one).is_some_and(|here| attributes(other) == Some(here))
    }

    /// The names and values of a folder's extended attributes; `None` where they cannot be told.
    fn attributes(folder: &Path) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
        let mut names = vec![0; 4096];
        match listxattr(folder, &mut names) {
            Ok(length) => names.truncate(length),
            Err(Errno::NOTSUP) => names.clear(),
            Err(_) => return None,
        }
        let names = names.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        let value = |name: &[u8]| {
            let mut value = vec![0; 4096];
            let length = getxattr(folder, name, &mut value).ok()?;
            value.truncate(length);
            Some((name.to_vec(), value))
        };
        names.map(value).collect()
    }

    pub fn is_writable(folder: &Path) -> io::Result<()> {
        Ok(access(folder, Access::WRITE_OK | Access::EXEC_OK)?)
    }

    pub fn swap(one: &Path, other: &Path) -> bool {
        renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).is_ok()
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::io;
    use std::path::Path;

    use super::Files;

    pub fn wait_for_disk(_: &Path) {}

    pub fn is_writable(_: &Path) -> io::Result<()> {
        Ok(())
    }

    pub fn list(_: &Path) -> Option<Files> {
        None
    }

    pub fn are_alike(_: &Path, _: &Path) -> bool {
        false
    }

    pub fn swap(_: &Path, _: &Path) -> bool {
        false
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs;

    use super::{exchange, follow, staying, system};
    use crate::plan::url::OutputPath;

    fn output(path: &str) -> OutputPath {
        OutputPath::from_manifest(path).expect("a path below the folder")
    }

    #[test]
    fn what_somebody_did_since_the_links_were_made_is_done_again() {
        let folder = tempfile::tempdir().unwrap();
        let [place, replaced] = ["place", "replaced"].map(|name| folder.path().join(name));
        for folder in [&place, &replaced] {
            fs::create_dir(folder).unwrap();
        }
        for name in ["a.html", "saved.txt", "deleted.txt", "kept.txt"] {
            fs::write(replaced.join(name), "old").unwrap();
        }
        let mut linked = system::list(&replaced).unwrap();
        linked.retain(|(name, _)| name != "a.html");
        for (name, _) in &linked {
            fs::hard_link(replaced.join(name), place.join(name)).unwrap();
        }
        fs::write(place.join("a.html"), "new").unwrap();

        fs::write(replaced.join("draft"), "new").unwrap();
        fs::rename(replaced.join("draft"), replaced.join("saved.txt")).unwrap();
        fs::remove_file(replaced.join("deleted.txt")).unwrap();
        fs::write(replaced.join("added.txt"), "new").unwrap();
        let found = system::list(&replaced).unwrap();
        follow(&found, &linked, &[&output("news/a.html")], &replaced, &place);

        let read = |name: &str| fs::read_to_string(place.join(name)).ok();
        let states = ["a.html", "saved.txt", "deleted.txt", "kept.txt", "added.txt"].map(read);
        let expected = [Some("new"), Some("new"), None, Some("old"), Some("new")];
        assert_eq!(states, expected.map(|text| text.map(str::to_owned)));
    }

    #[test]
    fn a_staged_folder_that_holds_anything_else_is_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let [new, old] = ["new", "old"].map(|name| folder.path().join(name));
        let outputs = ["a", "b", "c", "d"].map(output);
        let outputs: Vec<&OutputPath> = outputs.iter().collect();
        for (folder, text) in [(&new, "new"), (&old, "old")] {
            fs::create_dir(folder).unwrap();
            outputs.iter().for_each(|path| fs::write(folder.join(path.as_str()), text).unwrap());
        }
        fs::write(new.join("e"), "new").unwrap();
        let stay = staying(&old, &outputs).unwrap();
        assert!(!exchange(&new, &old, &outputs, &stay));
        fs::remove_file(new.join("e")).unwrap();
        assert!(exchange(&new, &old, &outputs, &stay));
        assert_eq!(fs::read_to_string(old.join("a")).unwrap(), "new");
    }
}
