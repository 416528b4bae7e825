//! Connections by the SSH of this machine, and what its words mean: for what the one interface to all targets does not offer.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use openssh::{KnownHosts, SessionBuilder};
use openssh_sftp_client::error::SftpErrorKind;
use openssh_sftp_client::metadata::FileType;
use openssh_sftp_client::{Error, Sftp, SftpOptions};

use super::store::{Kind, Listed, key_file};
use crate::diagnostic::Text;
use crate::parse::publish::{Destination, Login, Target};

/// How many files are asked about at the same time.
const AT_ONCE: usize = 64;
/// So long a machine may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// Opens a session for files.
///
/// # Errors
/// The machine does not answer, or does not let us in.
pub async fn connect(login: &Login) -> Result<Sftp, Box<dyn std::error::Error + Send + Sync>> {
    let mut builder = SessionBuilder::default();
    builder.known_hosts_check(KnownHosts::Strict).connect_timeout(PATIENCE);
    if let Some(user) = &login.user {
        builder.user(user.clone());
    }
    if let Some(port) = login.port {
        builder.port(port);
    }
    if let Some(file) = &login.key_file {
        builder.keyfile(key_file(file));
    }
    let session = builder.connect(&login.host).await?;
    Ok(Sftp::from_session(session, SftpOptions::default()).await?)
}

/// What a machine did not do, and with which file or folder, if it was with one.
type Refusal<E> = (String, E);

/// All that lies below the login's folder, links not followed.
///
/// # Errors
/// The machine does not answer, or does not let us read a folder.
pub async fn list(login: &Login) -> Result<Vec<Listed>, Refusal<Box<dyn std::error::Error + Send + Sync>>> {
    let sftp = connect(login).await.map_err(|error| (String::new(), error))?;
    let found = walk(&sftp, &root(login)).await.map_err(|(path, error)| (path, error.into()))?;
    let files = found.into_iter().filter(|(_, _, kind)| *kind != Kind::Folder);
    Ok(files.map(|(path, size, kind)| Listed::new(&path, size, kind)).collect())
}

/// All that lies below a folder, with the sizes of files, links not followed; each folder before what it holds. Nothing where
/// there is no such folder.
async fn walk(sftp: &Sftp, root: &Path) -> Result<Vec<(PathBuf, u64, Kind)>, Refusal<Error>> {
    let (mut found, mut folders) = (Vec::new(), VecDeque::from([PathBuf::new()]));
    while let Some(below) = folders.pop_front() {
        let folder = match sftp.fs().open_dir(root.join(&below)).await {
            Ok(folder) => folder,
            // A target that nothing was published to yet.
            Err(_) if below.as_os_str().is_empty() => break,
            Err(error) => return Err((shown(&below), error)),
        };
        let mut entries = Box::pin(folder.read_dir());
        while let Some(entry) = entries.try_next().await.map_err(|error| (shown(&below), error))? {
            let name = entry.filename();
            if name.as_os_str() == "." || name.as_os_str() == ".." {
                continue;
            }
            let (path, kind) = (below.join(name), kind_of(entry.file_type()));
            let size = if kind == Kind::File { entry.metadata().len().unwrap_or_default() } else { 0 };
            if kind == Kind::Folder {
                folders.push_back(path.clone());
            }
            found.push((path, size, kind));
        }
    }
    Ok(found)
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The names of the folders in a folder, where they are Unicode; none where there is no such folder.
///
/// # Errors
/// The machine does not answer, or does not let us read the folder.
pub async fn folders(sftp: &Sftp, folder: &Path) -> Result<Vec<String>, Error> {
    let entries = match sftp.fs().open_dir(folder).await {
        Ok(folder) => folder.read_dir(),
        Err(Error::SftpError(SftpErrorKind::NoSuchFile, _)) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let entries: Vec<_> = entries.try_collect().await?;
    let folders = entries.iter().filter(|entry| kind_of(entry.file_type()) == Kind::Folder);
    Ok(folders.filter_map(|entry| entry.filename().to_str().map(str::to_owned)).collect())
}

/// Deletes a folder with all that it holds, links not followed.
///
/// # Errors
/// The machine does not answer, or keeps something.
pub async fn remove_folder(sftp: &Sftp, folder: &Path) -> Result<(), Refusal<Error>> {
    let (folders, files): (Vec<_>, Vec<_>) =
        walk(sftp, folder).await?.into_iter().partition(|(_, _, kind)| *kind == Kind::Folder);
    let removals = files.into_iter().map(|(path, ..)| {
        let mut fs = sftp.fs();
        async move { gone(fs.remove_file(folder.join(&path)).await).map_err(|error| (shown(&path), error)) }
    });
    stream::iter(removals.collect::<Vec<_>>()).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    // The innermost ones first, the folder itself last.
    let folders = folders.into_iter().map(|(path, ..)| path).rev();
    for path in folders.chain([PathBuf::new()]) {
        gone(sftp.fs().remove_dir(folder.join(&path)).await).map_err(|error| (shown(&path), error))?;
    }
    Ok(())
}

/// What is not there is deleted already.
fn gone(removed: Result<(), Error>) -> Result<(), Error> {
    match removed {
        Err(Error::SftpError(SftpErrorKind::NoSuchFile, _)) => Ok(()),
        removed => removed,
    }
}

/// What stands under each of some names below the login's folder, links not followed; `None` where nothing does.
///
/// # Errors
/// The machine does not answer, or does not let us in or look there.
pub async fn kinds(
    login: &Login,
    names: &[&str],
) -> Result<Vec<Option<Kind>>, Refusal<Box<dyn std::error::Error + Send + Sync>>> {
    let sftp = connect(login).await.map_err(|error| (String::new(), error))?;
    let root = root(login);
    let look = |name: &&str| {
        let (mut fs, place, name) = (sftp.fs(), root.join(name), (*name).to_owned());
        async move {
            match fs.symlink_metadata(place).await {
                Ok(there) => Ok(Some(kind_of(there.file_type()))),
                Err(Error::SftpError(SftpErrorKind::NoSuchFile, _)) => Ok(None),
                Err(error) => Err((name, error.into())),
            }
        }
    };
    stream::iter(names.iter().map(look).collect::<Vec<_>>()).buffered(AT_ONCE).try_collect().await
}

/// A server that does not say what it is speaks of a file.
fn kind_of(it: Option<FileType>) -> Kind {
    match it {
        Some(it) if it.is_symlink() => Kind::Link,
        Some(it) if it.is_dir() => Kind::Folder,
        Some(it) if !it.is_file() => Kind::Special,
        _ => Kind::File,
    }
}

/// The login's folder.
pub fn root(login: &Login) -> PathBuf {
    PathBuf::from(format!("/{}", login.path.trim_matches('/')))
}

/// What keeps us out of a target that is reached by SSH: its own words tell more than those of who calls it. `None` for
/// other targets, and where the way is free.
pub fn what_is_wrong(target: &Target) -> Option<Text> {
    match &target.destination {
        Destination::Sftp(login) | Destination::Rsync(login) => try_login(login),
        _ => None,
    }
}

/// Tries to log in as `ssh` itself does, and says what is wrong if that fails too.
fn try_login(login: &Login) -> Option<Text> {
    let mut command = Command::new("ssh");
    command.args(["-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes"]);
    command.args(["-o", &format!("ConnectTimeout={}", PATIENCE.as_secs())]);
    if let Some(port) = login.port {
        command.args(["-p", &port.to_string()]);
    }
    if let Some(user) = &login.user {
        command.args(["-l", user]);
    }
    if let Some(file) = &login.key_file {
        command.arg("-i").arg(key_file(file));
    }
    // Its words are looked at.
    command.args(["--", &login.host, "exit"]).env("LC_ALL", "C").stdin(Stdio::null());
    match command.output() {
        Ok(output) if output.status.success() => None,
        Ok(output) => explain(login, &String::from_utf8_lossy(&output.stderr)),
        Err(_) => Some(Text::new(
            "这台电脑上没有 ssh 程序，请先安装 OpenSSH",
            "there is no ssh on this machine: install OpenSSH",
        )),
    }
}

/// What the words of `ssh` mean, and what to do about it; `None` where they are not about the way in.
fn explain(login: &Login, words: &str) -> Option<Text> {
    let Login { host, user, port, key_file: file, .. } = login;
    let name = user.as_ref().map_or_else(|| host.clone(), |user| format!("{user}@{host}"));
    let by_hand = match port {
        Some(port) => format!("ssh -p {port} {name}"),
        None => format!("ssh {name}"),
    };
    // As `ssh` notes it among the known hosts.
    let noted = match port {
        Some(port) if *port != 22 => format!("\"[{host}]:{port}\""),
        _ => host.clone(),
    };
    let has = |part: &str| words.contains(part);
    let key = file.clone().unwrap_or_default();
    let (zh, en) = if has("IDENTIFICATION HAS CHANGED") {
        (
            format!(
                "服务器 {host} 的身份（主机密钥）与上次不同：可能换了服务器，也可能有人冒充。请先问管理服务器的人；确认换过以后运行 ssh-keygen -R {noted}，再运行 {by_hand} 核对一次"
            ),
            format!(
                "the host key of {host} has changed: it is another server, or somebody pretends to be it. Ask whoever runs it; then ssh-keygen -R {noted} and {by_hand}"
            ),
        )
    } else if has("Host key verification failed") || has("host key is known") {
        (
            format!("这台电脑还没有连接过服务器 {host}。请先在终端运行 {by_hand}，核对显示的指纹以后输入 yes"),
            format!(
                "this machine does not know the host key of {host} yet: run {by_hand} once, compare the fingerprint, and type yes"
            ),
        )
    } else if has("not accessible: No such file") || has("no such identity") {
        (format!("没有密钥文件 {key}（key_file）"), format!("there is no key file {key} (key_file)"))
    } else if has("UNPROTECTED PRIVATE KEY") || has("bad permissions") {
        (
            format!("密钥文件 {key} 别人也能读，ssh 不肯用它：运行 chmod 600 {key}"),
            format!("others can read the key file {key}, so that ssh does not use it: chmod 600 {key}"),
        )
    } else if has("error in libcrypto") || has("invalid format") {
        (
            format!("密钥文件 {key} 读不懂：应当写私钥的文件，不是 .pub"),
            format!("the key file {key} cannot be read: name the private key, not the .pub"),
        )
    } else if has("Permission denied (") || has("Too many authentication failures") {
        (
            format!(
                "服务器 {host} 不接受这个账号或密钥。检查 user 和 key_file；密钥有口令的，先用 ssh-add 交给 ssh-agent。在终端运行 {by_hand} 不用输入密码就能登录，才算配好"
            ),
            format!(
                "{host} does not accept this account or key: look at user and key_file; a key with a passphrase goes into ssh-agent by ssh-add. {by_hand} must log in without asking"
            ),
        )
    } else if has("Could not resolve hostname") {
        (
            format!("找不到主机 {host}：检查 host 有没有写错，网络通不通"),
            format!("there is no host {host}: look at host, and at the network"),
        )
    } else if has("Connection refused") {
        (
            format!("主机 {host} 在，但端口 {} 上没有 SSH：检查 port", port.unwrap_or(22)),
            format!("{host} has no SSH at port {}: look at port", port.unwrap_or(22)),
        )
    } else if has("timed out") || has("No route to host") || has("Network is unreachable") {
        (
            format!("连不上主机 {host}：网络不通，或者防火墙挡住了"),
            format!("{host} does not answer: the network, or a firewall"),
        )
    } else {
        return None;
    };
    Some(Text::new(zh, en))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_ssh_are_explained() {
        let login = Login {
            host: "www.example.org".into(),
            user: Some("deploy".into()),
            port: Some(2222),
            path: "/srv".into(),
            key_file: Some("~/.ssh/office".into()),
        };
        let check = |words: &str, expected: &str| {
            let text = explain(&login, words).expect("a reason");
            assert!(text.zh.contains(expected), "{}", text.zh);
        };
        check("Host key verification failed.", "ssh -p 2222 deploy@www.example.org");
        check(
            "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.",
            "ssh-keygen -R \"[www.example.org]:2222\"，",
        );
        check("deploy@www.example.org: Permission denied (publickey).", "不接受这个账号或密钥");
        check("ssh: Could not resolve hostname www.example.org: Name or service not known", "找不到主机");
        check("ssh: connect to host www.example.org port 2222: Connection refused", "端口 2222");
        check(
            "Warning: Identity file /root/.ssh/office not accessible: No such file or directory.",
            "没有密钥文件 ~/.ssh/office",
        );
        check("Load key \"/root/.ssh/office\": error in libcrypto\nPermission denied (publickey).", "不是 .pub");
        check("WARNING: UNPROTECTED PRIVATE KEY FILE!\nPermission denied (publickey).", "chmod 600");
        assert_eq!(explain(&login, "rsync: command not found"), None);
    }
}
