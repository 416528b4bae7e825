//! Release folders: each published state in a folder of its own, and one symbolic link, which the web server follows.
//!
//! ```text
//! releases/20261127-013000-4f0c…/   what was published then, with its manifest
//! releases/20261127-091500-9a3b…/   files that have not changed are hard links
//! current -> releases/20261127-091500-9a3b…
//! ```

#![expect(clippy::disallowed_methods, reason = "a target that is a folder is no output folder")]

use std::cmp::Reverse;
use std::io;
use std::path::{Path, PathBuf};

use futures_util::{StreamExt, TryStreamExt, stream};
use openssh_sftp_client::error::SftpErrorKind;
use openssh_sftp_client::{Error, Sftp};

use super::is_id;
use super::manifest::MANIFEST;
use super::ssh;
use super::stopped::Stopped;
use super::store::{Headers, Kind, OUR_FOLDERS, Store, StoreError, kind};
use super::succession::{NOTE, Succession};
use crate::diagnostic::Text;
use crate::parse::publish::Login;
use crate::plan::url::folders_of;

/// The symbolic link.
pub const CURRENT: &str = "current";
const FOLDER: &str = "releases/";
/// How many links are asked for at the same time.
const AT_ONCE: usize = 64;

/// Release folders at a target.
pub struct Releases {
    store: Store,
    links: Links,
    /// How many states are kept, the current one among them.
    kept: usize,
}

/// Whoever can make links there.
enum Links {
    Here(PathBuf),
    There { sftp: Box<Sftp>, login: Login },
}

impl Releases {
    /// In a folder of this machine.
    pub fn here(store: Store, root: PathBuf, kept: usize) -> Self {
        Self { store, links: Links::Here(root), kept }
    }

    /// At an account, by the extensions of OpenSSH's server.
    ///
    /// # Errors
    /// The machine does not answer, or does not let us in.
    pub async fn there(store: Store, login: &Login, kept: usize) -> Result<Self, StoreError> {
        let sftp = Box::new(ssh::connect(login).await.map_err(|error| store.failure("", &*error))?);
        Ok(Self { store, links: Links::There { sftp, login: login.clone() }, kept })
    }

    /// The release that readers see, by its name; `None` where there is none yet, or they are led to anything else.
    ///
    /// # Errors
    /// The target does not answer; what stands there is no link.
    pub async fn current(&self) -> Result<Option<String>, StoreError> {
        if self.is_no_link().await {
            return Err(self.store.in_the_way(
                CURRENT,
                Text::new(
                    "这里应当是一个链接，指向当前的版本，却不是链接（搬服务器、恢复备份时会变成文件夹）。运行 xinfeng publish --repair：它改个名字留在旁边，再换成链接",
                    "this should be a link to the current state, and is none: a server that was moved or restored may have a folder \
                     here. xinfeng publish --repair keeps it under another name, and makes the link",
                ),
            ));
        }
        let (to, root) = match &self.links {
            Links::Here(root) => match std::fs::read_link(root.join(CURRENT)) {
                Ok(to) => (to, root.clone()),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(self.store.failure(CURRENT, &error)),
            },
            Links::There { sftp, login } => match sftp.fs().read_link(format!("{}/{CURRENT}", login.path)).await {
                Ok(to) => (to, PathBuf::from(&login.path)),
                Err(_) if !self.store.exists(CURRENT).await? => return Ok(None),
                Err(error) => return Err(self.store.failure(CURRENT, &error)),
            },
        };
        Ok(release_name(&to, &root))
    }

    /// Whether something else than a link stands in its place.
    async fn is_no_link(&self) -> bool {
        match &self.links {
            Links::Here(root) => kind(&root.join(CURRENT)).is_some_and(|kind| kind != Kind::Link),
            Links::There { sftp, login } => {
                let there = sftp.fs().symlink_metadata(format!("{}/{CURRENT}", login.path)).await;
                there.is_ok_and(|there| there.file_type().is_some_and(|it| !it.is_symlink()))
            }
        }
    }

    /// Gives what stands in the link's place another name, and makes a link that leads to it, so that readers see what they saw;
    /// the name, where there was such a thing.
    ///
    /// # Errors
    /// The target does not answer, or refuses.
    pub async fn set_aside(&self, id: &str) -> Result<Option<String>, StoreError> {
        if !self.is_no_link().await {
            return Ok(None);
        }
        let name = format!("{CURRENT}-{id}");
        match &self.links {
            Links::Here(root) => std::fs::rename(root.join(CURRENT), root.join(&name))
                .and_then(|()| symlink(&name, &root.join(CURRENT)))
                .map_err(|error| self.store.failure(CURRENT, &error))?,
            Links::There { sftp, login } => {
                let (mut fs, current) = (sftp.fs(), format!("{}/{CURRENT}", login.path));
                let moved = async {
                    fs.rename(&current, format!("{}/{name}", login.path)).await?;
                    fs.symlink(&name, &current).await
                };
                moved.await.map_err(|error| self.store.failure(CURRENT, &error))?;
            }
        }
        Ok(Some(name))
    }

    /// The files of a release.
    ///
    /// # Errors
    /// Never, since the target itself was opened in the same way.
    pub fn store_of(&self, name: &str) -> Result<Store, StoreError> {
        let shown = self.store.shown().to_owned();
        match &self.links {
            Links::Here(root) => Store::at_folder(&root.join(FOLDER).join(name), shown, self.store.notice()),
            Links::There { login, .. } => {
                let path = format!("{}/{FOLDER}{name}", login.path);
                Store::at_account(&Login { path, ..login.clone() }, shown, self.store.notice())
            }
        }
    }

    /// The names of all releases, the oldest first; one that was cut off has no manifest. Folders with other names than ours are
    /// somebody else's.
    ///
    /// # Errors
    /// The target does not answer.
    pub async fn names(&self) -> Result<Vec<String>, StoreError> {
        let mut names = match &self.links {
            Links::Here(root) => {
                folders_of_folder(&root.join(FOLDER)).map_err(|error| self.store.failure(FOLDER, &error))?
            }
            Links::There { sftp, login } => {
                let folders = ssh::folders(sftp, &PathBuf::from(format!("{}/{FOLDER}", login.path))).await;
                folders.map_err(|error| self.store.failure(FOLDER, &error))?
            }
        };
        names.retain(|name| is_id(name));
        names.sort();
        Ok(names)
    }

    /// Keeps out of what links lead to; in a folder that is yet to be made, none can stand.
    ///
    /// # Errors
    /// A link stands in place of the releases' folder or of ours; the target does not answer.
    pub async fn refuse_links(&self) -> Result<(), Stopped> {
        let folders = std::iter::once(FOLDER.trim_end_matches('/')).chain(OUR_FOLDERS);
        let link = self.store.link_among(folders).await?;
        link.map_or(Ok(()), |folder| Err(Stopped::LinkBesideReleases(folder)))
    }

    /// Whether readers are led elsewhere than to a release of ours.
    ///
    /// # Errors
    /// As [`Releases::current`].
    pub async fn leads_elsewhere(&self) -> Result<bool, StoreError> {
        let is_ours = self.current().await?.is_some_and(|name| is_id(&name));
        Ok(!is_ours && self.store.kinds(&[CURRENT]).await? != [None])
    }

    /// Gives files of one release to another, without sending them.
    ///
    /// # Errors
    /// A target without hard links, or one that does not answer.
    pub async fn link(&self, from: &str, to: &str, paths: &[&str]) -> Result<(), StoreError> {
        match &self.links {
            Links::Here(root) => {
                for path in paths {
                    let (from, to) = (root.join(FOLDER).join(from).join(path), root.join(FOLDER).join(to).join(path));
                    let link = || {
                        to.parent().map_or(Ok(()), std::fs::create_dir_all)?;
                        // A file system without hard links gets a copy.
                        std::fs::hard_link(&from, &to).or_else(|_| std::fs::copy(&from, &to).map(drop))
                    };
                    link().map_err(|error| match error.kind() {
                        io::ErrorKind::NotFound => self.lacks(path),
                        _ => self.store.failure(path, &error),
                    })?;
                }
                Ok(())
            }
            Links::There { sftp, login } => {
                let root = &login.path;
                let mut folders: Vec<&str> = paths.iter().flat_map(|path| folders_of(path)).collect();
                folders.sort_unstable();
                folders.dedup();
                let base = format!("{root}/{FOLDER}{to}");
                // Folders above come first; one that is there already is no failure.
                for folder in std::iter::once("").chain(folders) {
                    let path = format!("{base}/{folder}");
                    if let Err(error) = sftp.fs().create_dir(&path).await
                        && sftp.fs().metadata(&path).await.is_err()
                    {
                        return Err(self.store.failure(&format!("{FOLDER}{to}/{folder}"), &error));
                    }
                }
                let links = paths.iter().map(|path| async move {
                    let (from, to) = (format!("{root}/{FOLDER}{from}/{path}"), format!("{root}/{FOLDER}{to}/{path}"));
                    sftp.fs().hard_link(from, to).await.map_err(|error| match error {
                        Error::SftpError(SftpErrorKind::NoSuchFile, _) => self.lacks(path),
                        error => self.store.failure(path, &error),
                    })
                });
                stream::iter(links.collect::<Vec<_>>()).buffer_unordered(AT_ONCE).try_collect().await
            }
        }
    }

    /// A file that was published is not there any more.
    fn lacks(&self, path: &str) -> StoreError {
        self.store.in_the_way(
            path,
            Text::new(
                "那里的版本少了这个文件，可能被人删了。运行 xinfeng publish --repair 修复",
                "the state there lacks this file: somebody may have deleted it. Mend it with xinfeng publish --repair",
            ),
        )
    }

    /// Whether the folder of a release is there.
    ///
    /// # Errors
    /// The target does not answer.
    pub async fn has(&self, name: &str) -> Result<bool, StoreError> {
        Ok(self.store.kinds(&[&format!("{FOLDER}{name}")]).await? == [Some(Kind::Folder)])
    }

    /// Shows a release to readers: the link changes as a whole.
    ///
    /// # Errors
    /// A target without symbolic links, or one that does not answer.
    pub async fn point(&self, name: &str) -> Result<(), StoreError> {
        let (to, new) = (format!("{FOLDER}{name}"), format!("{CURRENT}.new"));
        match &self.links {
            Links::Here(root) => {
                let new = root.join(new);
                drop(std::fs::remove_file(&new));
                symlink(&to, &new)
                    .and_then(|()| std::fs::rename(&new, root.join(CURRENT)))
                    .map_err(|error| self.store.failure(CURRENT, &error))
            }
            Links::There { sftp, login } => {
                let root = &login.path;
                let mut fs = sftp.fs();
                drop(fs.remove_file(format!("{root}/{new}")).await);
                let new = format!("{root}/{new}");
                fs.symlink(&to, &new).await.map_err(|error| self.store.failure(CURRENT, &error))?;
                fs.rename(&new, format!("{root}/{CURRENT}")).await.map_err(|error| self.store.failure(CURRENT, &error))
            }
        }
    }

    /// The states that readers saw, from the current one back, among all of these.
    ///
    /// # Errors
    /// The target does not answer.
    pub async fn line(&self, current: &str, names: &[String]) -> Result<Vec<String>, StoreError> {
        Ok(self.succession().await?.line(current, names).into_iter().map(str::to_owned).collect())
    }

    async fn succession(&self) -> Result<Succession, StoreError> {
        let note = self.store.read(NOTE).await?.unwrap_or_default();
        Ok(Succession::parse(&String::from_utf8_lossy(&note)))
    }

    /// Notes which state a new one is about to take the place of. Nobody else may publish meanwhile.
    ///
    /// # Errors
    /// The target does not answer, or refuses.
    pub async fn note_succession(&self, name: &str) -> Result<(), StoreError> {
        let Some(current) = self.current().await?.filter(|current| is_id(current)) else { return Ok(()) };
        let noted = self.succession().await?.with(name, &current, &self.names().await?);
        self.store.put(NOTE, noted.to_text().into_bytes(), Headers::default(), &format!("{name}-states")).await
    }

    /// Deletes what was cut off, and of what is too many first those that readers were led away from, then those that they saw longest
    /// ago. Nobody else may publish meanwhile.
    ///
    /// # Errors
    /// The target does not answer.
    pub async fn prune(&self, current: &str) -> Result<(), StoreError> {
        let (mut whole, mut needless) = (Vec::new(), Vec::new());
        for name in self.names().await? {
            let is_whole = name == current || self.store.exists(&format!("{FOLDER}{name}/{MANIFEST}")).await?;
            if is_whole { whole.push(name) } else { needless.push(name) }
        }
        let surplus = whole.len().saturating_sub(self.kept.max(1));
        let line = self.line(current, &whole).await?;
        // Those that are not in the line come first, the oldest before all; the current one is the last.
        whole.sort_by_key(|name| Reverse(line.iter().position(|seen| seen == name).unwrap_or(usize::MAX)));
        whole.truncate(surplus);
        for name in needless.into_iter().chain(whole) {
            let folder = format!("{FOLDER}{name}/");
            match &self.links {
                Links::Here(_) => self.store.delete_folder(&folder).await?,
                Links::There { sftp, login } => {
                    let removed = ssh::remove_folder(sftp, &PathBuf::from(format!("{}/{folder}", login.path))).await;
                    removed.map_err(|(below, error)| self.store.failure(&format!("{folder}{below}"), &error))?;
                }
            }
        }
        Ok(())
    }
}

/// The names of the folders in a folder of this machine, where they are Unicode; none where there is no such folder.
fn folders_of_folder(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(names),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.extend(entry.file_name().into_string());
        }
    }
    Ok(names)
}

/// The release that a link in the folder `root` leads to. Elsewhere there may be a folder of the same name, with anything in it.
fn release_name(to: &Path, root: &Path) -> Option<String> {
    let below = to.strip_prefix(root).unwrap_or(to).strip_prefix(FOLDER).ok()?;
    let name = below.to_str()?;
    (below.file_name() == Some(below.as_os_str())).then(|| name.to_owned())
}

#[cfg(unix)]
fn symlink(to: &str, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(to, link)
}

#[cfg(not(unix))]
fn symlink(to: &str, link: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_dir(to, link)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_a_release_of_this_target_or_to_none() {
        let check = |to: &str, expected: Option<&str>| {
            assert_eq!(release_name(Path::new(to), Path::new("/srv/www")).as_deref(), expected, "{to}");
        };
        check("releases/a", Some("a"));
        check("/srv/www/releases/a", Some("a"));
        check("/tmp/releases/a", None);
        check("../evil/a", None);
        check("releases/../evil", None);
        check("releases/..", None);
        check("releases/a/b", None);
        check("releases", None);
    }
}
