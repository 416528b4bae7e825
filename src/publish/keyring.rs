//! Where secret keys lie: in the user's configuration folder, outside every site, readable by nobody else.

#![expect(clippy::disallowed_methods, reason = "secret keys are neither inputs nor outputs of a site")]

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::key::{PublicKey, SecretKey};

/// The environment variable with the text of a secret key, for machines that have no configuration folder.
pub const SECRET_VARIABLE: &str = "XINFENG_SIGNING_KEY";

/// The folder of the keys, by the XDG base directory specification.
pub fn folder() -> PathBuf {
    let configuration = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || std::env::home_dir().unwrap_or_default().join(".config");
    configuration.unwrap_or_else(home).join("xinfeng").join("keys")
}

/// The file of a secret key.
pub fn file(folder: &Path, key: &PublicKey) -> PathBuf {
    folder.join(format!("{}.key", key.label()))
}

/// Keeps a new key; an older one is never overwritten.
///
/// # Errors
/// The folder cannot be made, or the file is there already.
pub fn keep(folder: &Path, key: &SecretKey) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let path = file(folder, key.public());
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&path)?;
    file.write_all(key.to_text().as_bytes())?;
    file.sync_all()?;
    Ok(path)
}

/// Reads a secret key; `None` where the file holds something else.
///
/// # Errors
/// A file that cannot be read.
pub fn read(path: &Path) -> io::Result<Option<SecretKey>> {
    Ok(SecretKey::parse(&fs::read_to_string(path)?))
}
