//! A target by rsync over SSH. One call sends, reads or deletes many files, since each call makes a connection of its own.

#![expect(clippy::disallowed_methods, reason = "files on their way are neither inputs nor outputs of a site")]

use std::borrow::Cow;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use tempfile::TempDir;

use super::store::{Kind, Listed, key_file, kind, list_folder};
use crate::parse::publish::Login;

/// So many files are sent by one call.
pub const BATCH: usize = 500;

/// The exit code of "some files were not transferred", which is what a missing file comes to.
const PARTIAL: i32 = 23;

/// An account on another machine that has rsync.
#[derive(Debug)]
pub struct Rsync {
    /// `user@host:path/`
    place: String,
    /// How SSH is called.
    shell: String,
    /// Files on their way.
    scratch: TempDir,
    /// All files there, once they were asked for, until something is written.
    mirror: Mutex<Option<PathBuf>>,
}

impl Rsync {
    /// # Errors
    /// There is no room for files on their way.
    pub fn new(login: &Login) -> io::Result<Self> {
        let Login { host, user, port, path, key_file: file } = login;
        let user = user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
        let mut shell = "ssh -o BatchMode=yes".to_owned();
        if let Some(port) = port {
            write!(shell, " -p {port}").expect("writing to a string");
        }
        if let Some(file) = file {
            // rsync takes a single quote in a quoted argument twice.
            write!(shell, " -i '{}'", key_file(file).display().to_string().replace('\'', "''"))
                .expect("writing to a string");
        }
        let place = format!("{user}{host}:{}/", path.trim_end_matches('/'));
        Ok(Self { place, shell, scratch: TempDir::new()?, mirror: Mutex::new(None) })
    }

    pub fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        if let Some(mirror) = &*self.mirror.lock().unwrap_or_else(PoisonError::into_inner) {
            // A link from there leads to a file of this machine.
            let here = mirror.join(path);
            return if here.is_symlink() { Ok(None) } else { found(fs::read(here)) };
        }
        let here = self.scratch.path().join("read");
        drop(fs::remove_file(&here));
        self.call(&["--no-motd"], &[&format!("{}{path}", self.place), &here.to_string_lossy()], &[])?;
        found(fs::read(here))
    }

    pub fn put(&self, files: Vec<(String, Vec<u8>)>) -> io::Result<()> {
        self.send(files, &["--ignore-times"])
    }

    /// Never overwrites; whether it wrote shows itself when the file is read.
    pub fn put_new(&self, path: &str, bytes: Vec<u8>) -> io::Result<()> {
        self.send(vec![(path.to_owned(), bytes)], &["--ignore-existing"])
    }

    fn send(&self, files: Vec<(String, Vec<u8>)>, how: &[&str]) -> io::Result<()> {
        self.forget();
        let folder = TempDir::new_in(self.scratch.path())?;
        let mut paths = Vec::with_capacity(files.len());
        for (path, bytes) in files {
            let here = folder.path().join(&path);
            here.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(here, bytes)?;
            paths.push(path);
        }
        let how = [&["--files-from=-", "--from0", "--mkpath", "--chmod=D755,F644"], how].concat();
        match self.call(&how, &[&format!("{}/", folder.path().display()), &self.place], &paths)? {
            None => Ok(()),
            Some(words) => Err(io::Error::other(reason(&words))),
        }
    }

    /// Deletes what stands under these names: a folder only if it is empty. What is not there is no failure.
    ///
    /// Folders like theirs, but empty, are brought there, and all else in them is protected from being deleted, and so is what stands
    /// in place of such a folder.
    /// (`--delete-missing-args` would say so in one option, but rsync 3.4.3 and the security updates of older ones refuse it.)
    pub fn delete(&self, paths: &[String]) -> io::Result<()> {
        self.forget();
        let nothing = TempDir::new_in(self.scratch.path())?;
        for folder in paths.iter().filter_map(|path| Path::new(path).parent()) {
            fs::create_dir_all(nothing.path().join(folder))?;
        }
        let mut rules: Vec<String> = paths.iter().map(|path| format!("R /{}", pattern(path))).collect();
        rules.push("P *".to_owned());
        let how = ["--recursive", "--existing", "--ignore-existing", "--delete", "--from0", "--filter=merge -"];
        match self.call(&how, &[&format!("{}/", nothing.path().display()), &self.place], &rules)? {
            Some(words)
                if words.lines().any(|line| line.contains(" failed: ") && !line.contains("Not a directory")) =>
            {
                Err(io::Error::other(reason(&words)))
            }
            _ => Ok(()),
        }
    }

    /// Brings all files here, so that reading them costs nothing more.
    pub fn list(&self) -> io::Result<Vec<Listed>> {
        let mirror = TempDir::new_in(self.scratch.path())?.keep();
        self.call(&["--recursive", "--links"], &[&self.place, &mirror.to_string_lossy()], &[])?;
        let files = list_folder(&mirror).map_err(|(_, error)| error)?;
        *self.mirror.lock().unwrap_or_else(PoisonError::into_inner) = Some(mirror);
        Ok(files)
    }

    /// What stands under a name, a link not followed.
    pub fn kind(&self, name: &str) -> io::Result<Option<Kind>> {
        let here = TempDir::new_in(self.scratch.path())?;
        let place = format!("{}{name}", self.place);
        self.call(&["--dirs", "--links"], &[&place, &here.path().to_string_lossy()], &[])?;
        Ok(kind(&here.path().join(Path::new(name).file_name().unwrap_or_default())))
    }

    /// When a file was written, by the clock there.
    pub fn time(&self, path: &str) -> io::Result<Option<SystemTime>> {
        let here = TempDir::new_in(self.scratch.path())?;
        let here = here.path().join("time");
        self.call(&["--times"], &[&format!("{}{path}", self.place), &here.to_string_lossy()], &[])?;
        Ok(fs::metadata(here).and_then(|there| there.modified()).ok())
    }

    fn forget(&self) {
        *self.mirror.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Calls rsync with file names or rules on its input. Files that were not transferred are no failure, but give its words.
    fn call(&self, how: &[&str], places: &[&str], input: &[String]) -> io::Result<Option<String>> {
        let mut command = Command::new("rsync");
        command.args(["--secluded-args", "--rsh", &self.shell]).args(how).arg("--").args(places);
        // Its words are looked at.
        command.env("LC_ALL", "C").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = command.spawn().map_err(|error| io::Error::other(format!("rsync: {error}")))?;
        if let Some(mut names) = process.stdin.take() {
            // One that is over already says why by itself.
            drop(names.write_all(input.join("\0").as_bytes()));
        }
        let output = process.wait_with_output()?;
        if output.status.success() {
            return Ok(None);
        }
        let words = String::from_utf8_lossy(&output.stderr);
        let is_missing =
            ["No such file or directory", "Not a directory", "link_stat"].iter().any(|it| words.contains(it));
        if output.status.code() == Some(PARTIAL) && is_missing {
            Ok(Some(words.into_owned()))
        } else {
            Err(io::Error::other(reason(&words)))
        }
    }
}

/// The first of rsync's words, which says what happened.
fn reason(words: &str) -> String {
    words.lines().find(|line| !line.trim().is_empty()).unwrap_or("rsync failed").to_owned()
}

/// A rule's pattern that fits this path alone: a backslash escapes only where there is something to be escaped.
fn pattern(path: &str) -> Cow<'_, str> {
    if !path.contains(['*', '?', '[']) {
        return path.into();
    }
    let escaped = |letter| matches!(letter, '\\' | '*' | '?' | '[').then_some('\\').into_iter().chain([letter]);
    path.chars().flat_map(escaped).collect()
}

fn found(read: io::Result<Vec<u8>>) -> io::Result<Option<Vec<u8>>> {
    match read {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::IsADirectory) => Ok(None),
        Err(error) => Err(error),
    }
}
