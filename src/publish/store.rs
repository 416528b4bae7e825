//! A target as files that can be read, written whole and deleted: the only code that speaks to it.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::FileType;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::SignedDuration;
use opendal::layers::{RetryEvent, RetryInterceptor, RetryLayer, TimeoutLayer};
use opendal::options::WriteOptions;
use opendal::{ErrorKind, Operator, services};

use tempfile::TempDir;
use walkdir::WalkDir;

use super::lock::Lock;
use super::rsync::{self, Rsync};
use super::ssh;
use crate::diagnostic::Text;
use crate::parse::publish::{Destination, Login, Service, Target};
use crate::plan::url::OutputPath;

/// The folder at a target that holds what is not part of the site.
pub const STATE: &str = ".xinfeng/";
/// The folder of files on their way.
pub const STAGE: &str = ".xinfeng/stage/";
/// Both without a slash at their end, behind which a link would be followed.
pub const OUR_FOLDERS: [&str; 2] = [".xinfeng", ".xinfeng/stage"];

/// Longest wait for an answer, and for a part of a file.
const PATIENCE: Duration = Duration::from_secs(60);
/// What failed for a reason that may pass is repeated so often, after pauses that double.
const RETRIES: usize = 4;
/// The first pause. A network that is gone may be back after fifteen seconds; a folder answers at once, and the reasons of its
/// failures, a full or a read-only disk, do not pass.
const PAUSE: Duration = Duration::from_secs(1);
const PAUSE_AT_FOLDER: Duration = Duration::from_millis(10);
/// So many files are asked for by name; for more, or by rsync, a list of all costs less.
const ASKED_ONE_BY_ONE: usize = 100;
/// Files above this size are sent in parts of it, so that none is held in memory whole.
const PART: usize = 8 * 1024 * 1024;

/// A target that was opened.
#[derive(Debug, Clone)]
pub struct Store {
    way: Way,
    /// How it is called in messages.
    shown: String,
    notice: Notice,
    /// Where a target that is not there is looked at, the empty folder in its place.
    _stand_in: Option<Arc<TempDir>>,
}

/// Whom to tell what cannot wait until all is done.
#[derive(Clone)]
pub struct Notice(Arc<dyn Fn(&Text) + Send + Sync>);

impl Notice {
    /// From what says it; called from several threads.
    pub fn new(say: impl Fn(&Text) + Send + Sync + 'static) -> Self {
        Self(Arc::new(say))
    }

    /// Nobody.
    pub fn none() -> Self {
        Self::new(|_| ())
    }

    pub fn tell(&self, text: &Text) {
        (self.0)(text);
    }
}

impl fmt::Debug for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Notice")
    }
}

/// How it is spoken to.
#[derive(Debug, Clone)]
enum Way {
    Operator {
        operator: Operator,
        /// Where its files can be listed with the links among them.
        lister: Lister,
        /// Whether a file is written under another name first, since writing it takes time that a reader could see.
        renames: bool,
    },
    Rsync(Arc<Rsync>),
}

/// Who lists the files. The operator follows links, and would stop the program at one that leads to a folder.
#[derive(Debug, Clone)]
enum Lister {
    Operator,
    /// This machine.
    Folder(PathBuf),
    /// SFTP.
    Account(Box<Login>),
}

/// A file at a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// With `/` between its parts; what is not Unicode is replaced.
    pub path: String,
    /// In bytes.
    pub size: u64,
    pub kind: Kind,
}

/// What stands under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    File,
    /// Never listed itself, only what lies in it.
    Folder,
    /// A symbolic link, which we never make.
    Link,
    /// A pipe, a socket or a device, which nobody can read to its end.
    Special,
    /// Something under a name that no file of ours can have, and that not every target lets us speak of.
    Odd,
}

impl Listed {
    /// A file below the target's folder.
    pub fn new(below: &Path, size: u64, kind: Kind) -> Self {
        let path = below.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
        let is_plain = below.to_str().is_some() && OutputPath::from_manifest(&path).is_some() && is_plain(&path);
        Self { path, size, kind: if is_plain { kind } else { Kind::Odd } }
    }
}

/// Whether every target and every manifest can name a path: white space at the ends of its parts is lost to some.
pub fn is_plain(path: &str) -> bool {
    !path.contains(char::is_control) && path.split('/').all(|part| part.trim() == part)
}

/// What a web server is to say with a file, where the store keeps that.
#[derive(Debug, Clone, Copy, Default)]
pub struct Headers {
    pub content_type: Option<&'static str>,
    pub cache_control: Option<&'static str>,
}

/// Why a target did not do what was asked.
#[derive(Debug)]
pub struct StoreError {
    shown: String,
    path: String,
    reason: Text,
}

impl StoreError {
    /// The message for the editor.
    pub fn text(&self) -> Text {
        let Self { shown, path, reason: Text { zh, en } } = self;
        let at = if path.is_empty() { String::new() } else { format!(" {path}") };
        Text::new(format!("“{shown}”{at}：{zh}"), format!("\"{shown}\"{at}: {en}"))
    }

    /// What went wrong in the words of whom it concerns, with the other side's own words behind it.
    fn new(shown: &str, path: &str, kind: ErrorKind, detail: &Text) -> Self {
        let (zh, en) = match kind {
            ErrorKind::NotFound => ("找不到（路径或存储桶写错了？）", "not found: is the path or bucket right?"),
            ErrorKind::PermissionDenied => (
                "没有权限（账号、密钥或目录权限不对）",
                "permission denied: look at the account, its key, and the folder's rights",
            ),
            ErrorKind::ConfigInvalid => ("设置不完整或不对", "the settings are not complete or not right"),
            ErrorKind::RateLimited => {
                ("服务器说请求太多，请稍后再发布", "the server says that there are too many requests; try later")
            }
            ErrorKind::Unsupported => ("服务器不支持这个操作", "the server cannot do this"),
            _ if detail.en.contains("No space left") || detail.en.contains("StorageFull") => {
                ("空间已满", "no space is left there")
            }
            _ if detail.en.contains("ead-only file system") => ("那里是只读的", "it is read-only"),
            _ => ("没有成功", "it failed"),
        };
        let reason = Text::new(format!("{zh}（{}）", detail.zh), format!("{en} ({})", detail.en));
        Self { shown: shown.to_owned(), path: path.to_owned(), reason }
    }
}

/// The innermost reason, on one line.
fn innermost(error: &(dyn std::error::Error + 'static)) -> Text {
    let mut reason = error;
    while let Some(source) = reason.source().filter(|_| !reason.is::<std::io::Error>()) {
        reason = source;
    }
    let text = Text::of_error(reason);
    said_by_sftp(&text.en).unwrap_or_else(|| one_line(&text))
}

/// The few reasons that the protocol knows, out of the words of the library that reads them. For a full disk it has none.
fn said_by_sftp(words: &str) -> Option<Text> {
    // Its reader stops at a name that is not UTF-8, and says no more than when the line breaks.
    if words.starts_with("Background task failed") {
        return Some(Text::new(
            "连接断了，或者那边有文件名不是 UTF-8（例如在旧系统上起的中文名）：请管理服务器的人改名或移走",
            "the connection broke, or a name there is not UTF-8: have whoever runs the server rename or move that file",
        ));
    }
    let kind = words.strip_prefix("Sftp server reported error kind ")?.split(',').next()?;
    Some(match kind {
        "NoSuchFile" => Text::new("没有这个文件或文件夹", "no such file or folder"),
        "PermDenied" => Text::new("没有权限", "permission denied"),
        "Failure" => Text::new(
            "服务器没有说原因，常见的是磁盘满了，或者同名的文件、文件夹挡住了",
            "the server does not say why; often its disk is full, or something of the same name is in the way",
        ),
        _ => return None,
    })
}

fn one_line(text: &Text) -> Text {
    let short = |text: &str| text.lines().next().unwrap_or_default().chars().take(200).collect::<String>();
    Text::new(short(&text.zh), short(&text.en))
}

impl Store {
    /// Opens a target; nothing is asked of it yet. `site` is the site's folder, `secret` gives a secret by the name of its
    /// environment variable.
    ///
    /// # Errors
    /// Settings that the service cannot work with, or a secret that is not there.
    pub fn open(
        target: &Target,
        site: &Path,
        secret: &dyn Fn(&str) -> Option<String>,
        notice: Notice,
    ) -> Result<Self, Text> {
        install_transport();
        let need = |name: &str| {
            secret(name).ok_or_else(|| {
                Text::new(
                    format!("发布到“{}”要用环境变量 {name}，现在没有设置", target.name.value),
                    format!("the environment variable {name} is needed to publish to \"{}\"", target.name.value),
                )
            })
        };
        let shown = target.name.value.clone();
        let operator = match &target.destination {
            Destination::Folder { path } => {
                return Self::at_folder(&folder(site, path), shown, notice).map_err(|error| error.text());
            }
            Destination::Sftp(login) => return Self::at_account(login, shown, notice).map_err(|error| error.text()),
            Destination::Rsync(login) => {
                let rsync = Rsync::new(login).map_err(|error| failure(&shown, "", &error).text())?;
                return Ok(Self { way: Way::Rsync(Arc::new(rsync)), shown, notice, _stand_in: None });
            }
            Destination::Bucket { service, endpoint, bucket, region, path } => {
                let region = region.as_deref().unwrap_or("auto");
                match service {
                    Service::S3 => {
                        let builder =
                            services::S3::default().endpoint(endpoint).bucket(bucket).region(region).root(path);
                        let token = secret("AWS_SESSION_TOKEN").unwrap_or_default();
                        let builder = builder
                            .access_key_id(&need("AWS_ACCESS_KEY_ID")?)
                            .secret_access_key(&need("AWS_SECRET_ACCESS_KEY")?);
                        let builder = if token.is_empty() { builder } else { builder.session_token(&token) };
                        Operator::new(builder.disable_config_load())
                    }
                    Service::Oss => Operator::new(
                        services::Oss::default()
                            .endpoint(endpoint)
                            .bucket(bucket)
                            .root(path)
                            .access_key_id(&need("ALIBABA_CLOUD_ACCESS_KEY_ID")?)
                            .access_key_secret(&need("ALIBABA_CLOUD_ACCESS_KEY_SECRET")?),
                    ),
                    Service::Cos => Operator::new(
                        services::Cos::default()
                            .endpoint(endpoint)
                            .bucket(bucket)
                            .root(path)
                            .secret_id(&need("TENCENTCLOUD_SECRET_ID")?)
                            .secret_key(&need("TENCENTCLOUD_SECRET_KEY")?)
                            .disable_config_load(),
                    ),
                    Service::Obs => Operator::new(
                        services::Obs::default()
                            .endpoint(endpoint)
                            .bucket(bucket)
                            .root(path)
                            .access_key_id(&need("HUAWEICLOUD_SDK_AK")?)
                            .secret_access_key(&need("HUAWEICLOUD_SDK_SK")?),
                    ),
                }
            }
            Destination::WebDav { endpoint, path } => Operator::new(
                services::Webdav::default()
                    .endpoint(endpoint)
                    .root(path)
                    .username(&need("XINFENG_WEBDAV_USER")?)
                    .password(&need("XINFENG_WEBDAV_PASSWORD")?),
            ),
        };
        Self::new(operator, shown, PAUSE, notice).map_err(|error| error.text())
    }

    /// Opens a target of which only is asked what a publication would do. Whoever opens or reads a folder makes it: where there is
    /// none yet, an empty one of this machine stands in for it.
    ///
    /// # Errors
    /// As [`Store::open`]; and as [`Store::read`].
    pub async fn open_to_look(
        target: &Target,
        site: &Path,
        secret: &dyn Fn(&str) -> Option<String>,
        notice: Notice,
    ) -> Result<Self, Text> {
        let there = match &target.destination {
            Destination::Folder { path } if kind(&folder(site, path)).is_none() => None,
            _ => Some(Self::open(target, site, secret, notice.clone())?),
        };
        if let Some(store) = there
            && !store.is_missing().await.map_err(|error| error.text())?
        {
            return Ok(store);
        }
        let empty = TempDir::new().map_err(|error| Text::from(&error))?;
        let store = Self::at_folder(empty.path(), target.name.value.clone(), notice).map_err(|error| error.text())?;
        Ok(Self { _stand_in: Some(Arc::new(empty)), ..store })
    }

    /// A folder of this machine.
    ///
    /// # Errors
    /// A path that cannot be one.
    pub fn at_folder(path: &Path, shown: String, notice: Notice) -> Result<Self, StoreError> {
        let operator = Operator::new(services::Fs::default().root(&path.to_string_lossy()));
        Ok(Self::new(operator, shown, PAUSE_AT_FOLDER, notice)?.listed_by(Lister::Folder(path.to_owned())))
    }

    /// A folder of an account, by SFTP.
    ///
    /// # Errors
    /// Settings that cannot be right.
    pub fn at_account(login: &Login, shown: String, notice: Notice) -> Result<Self, StoreError> {
        let Login { host, user, port, path, key_file: file } = login;
        let endpoint = match port {
            Some(port) => format!("ssh://{host}:{port}"),
            None => format!("ssh://{host}"),
        };
        let mut builder = services::Sftp::default().endpoint(&endpoint).root(path);
        if let Some(user) = user {
            builder = builder.user(user);
        }
        if let Some(file) = file {
            builder = builder.key(&key_file(file).to_string_lossy());
        }
        Ok(Self::new(Operator::new(builder), shown, PAUSE, notice)?.listed_by(Lister::Account(Box::new(login.clone()))))
    }

    fn listed_by(self, lister: Lister) -> Self {
        match self.way {
            Way::Operator { operator, renames, .. } => {
                Self { way: Way::Operator { operator, renames, lister }, ..self }
            }
            Way::Rsync(_) => self,
        }
    }

    /// A folder of this machine that is there, to be read.
    ///
    /// # Errors
    /// A folder that is not there.
    pub fn folder(path: &Path) -> Result<Self, Text> {
        let shown = path.display().to_string();
        if !path.is_dir() {
            return Err(Text::new(format!("没有“{shown}”这个文件夹"), format!("there is no folder \"{shown}\"")));
        }
        Self::at_folder(path, shown, Notice::none()).map_err(|error| error.text())
    }

    fn new(
        operator: opendal::Result<Operator>,
        shown: String,
        pause: Duration,
        notice: Notice,
    ) -> Result<Self, StoreError> {
        let operator = operator.map_err(|error| said(&shown, "", &error))?;
        let renames = operator.info().capability().rename;
        let retry = RetryLayer::new().with_max_times(RETRIES).with_min_delay(pause).with_jitter();
        let operator = operator
            .layer(TimeoutLayer::new().with_timeout(PATIENCE).with_io_timeout(PATIENCE))
            .layer(retry.with_notify(teller(shown.clone(), notice.clone())));
        let way = Way::Operator { operator, lister: Lister::Operator, renames };
        Ok(Self { way, shown, notice, _stand_in: None })
    }

    /// Whom to tell what cannot wait.
    pub(super) fn notice(&self) -> Notice {
        self.notice.clone()
    }

    /// How it is called in messages.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// A failure that something else than the operator met.
    pub(super) fn failure(&self, path: &str, error: &(dyn std::error::Error + 'static)) -> StoreError {
        failure(&self.shown, path, error)
    }

    /// Something that nobody refuses, but that has to be put right by hand or by a repair.
    pub(super) fn in_the_way(&self, path: &str, reason: Text) -> StoreError {
        StoreError { shown: self.shown.clone(), path: path.to_owned(), reason }
    }

    fn failed(&self, path: &str) -> impl FnOnce(opendal::Error) -> StoreError + use<> {
        let (shown, path) = (self.shown.clone(), path.to_owned());
        move |error| said(&shown, &path, &error)
    }

    fn refused(&self, path: &str) -> impl FnOnce(std::io::Error) -> StoreError + use<> {
        let (shown, path) = (self.shown.clone(), path.to_owned());
        move |error| failure(&shown, &path, &error)
    }

    /// Reads a file; `None` where there is none.
    ///
    /// # Errors
    /// The target does not answer, or refuses.
    pub async fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let operator = match &self.way {
            // Reading a pipe would never end.
            Way::Operator { lister: Lister::Folder(root), .. }
                if std::fs::metadata(root.join(path)).is_ok_and(|there| !there.is_file()) =>
            {
                return Ok(None);
            }
            Way::Operator { operator, .. } => operator,
            Way::Rsync(rsync) => return rsync.read(path).map_err(self.refused(path)),
        };
        match operator.read(path).await {
            Ok(bytes) => Ok(Some(bytes.to_vec())),
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory) =>
            {
                Ok(None)
            }
            Err(error) => Err(self.failed(path)(error)),
        }
    }

    /// Whether there is a file.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn exists(&self, path: &str) -> Result<bool, StoreError> {
        match &self.way {
            Way::Operator { operator, .. } => operator.exists(path).await.map_err(self.failed(path)),
            Way::Rsync(rsync) => Ok(rsync.read(path).map_err(self.refused(path))?.is_some()),
        }
    }

    /// Which of some files are not there.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn absent(&self, paths: &[&str], at_once: usize) -> Result<BTreeSet<String>, StoreError> {
        if paths.is_empty() {
            return Ok(BTreeSet::new());
        }
        let absent = |path: &str, is_there: bool| (!is_there).then(|| path.to_owned());
        if paths.len() <= ASKED_ONE_BY_ONE && matches!(self.way, Way::Operator { .. }) {
            let asked = paths.iter().map(|path| async move { Ok(absent(path, self.exists(path).await?)) });
            let asked: Vec<_> = stream::iter(asked.collect::<Vec<_>>()).buffer_unordered(at_once).try_collect().await?;
            return Ok(asked.into_iter().flatten().collect());
        }
        let listed: BTreeSet<String> = self.list().await?.into_iter().map(|listed| listed.path).collect();
        Ok(paths.iter().filter_map(|path| absent(path, listed.contains(*path))).collect())
    }

    /// Writes a file, so that a reader gets the old or the new one, never a part. `stage` is a name that nobody else uses.
    ///
    /// # Errors
    /// As [`Store::read`]; the older file is then still there.
    pub async fn put(&self, path: &str, bytes: Vec<u8>, headers: Headers, stage: &str) -> Result<(), StoreError> {
        match &self.way {
            Way::Operator { operator, renames: false, .. } => {
                self.write(path, bytes, options(operator, headers)).await.map_err(self.failed(path))
            }
            Way::Operator { operator, renames: true, .. } => {
                let stage = format!("{STAGE}{stage}");
                self.write(&stage, bytes, WriteOptions::default()).await.map_err(self.failed(path))?;
                operator.rename(&stage, path).await.map_err(self.failed(path))
            }
            Way::Rsync(rsync) => rsync.put(vec![(path.to_owned(), bytes)]).map_err(self.refused(path)),
        }
    }

    /// How many files are best sent by one request, where that is not one: those of [`Store::put_many`].
    pub fn batch(&self) -> Option<usize> {
        matches!(self.way, Way::Rsync(_)).then_some(rsync::BATCH)
    }

    /// Writes files, each as [`Store::put`] does, in no order.
    ///
    /// # Errors
    /// As [`Store::put`].
    pub async fn put_many(&self, files: Vec<(String, Vec<u8>)>) -> Result<(), StoreError> {
        match &self.way {
            Way::Rsync(rsync) => {
                // The lock has to be kept while it works.
                let rsync = Arc::clone(rsync);
                let put = tokio::task::spawn_blocking(move || rsync.put(files));
                put.await.map_err(std::io::Error::other).flatten().map_err(self.refused(""))
            }
            Way::Operator { .. } => {
                for (path, bytes) in files {
                    self.write(&path, bytes, WriteOptions::default()).await.map_err(self.failed(&path))?;
                }
                Ok(())
            }
        }
    }

    /// Writes a file where there is none; `false` where there is one. Where the target cannot tell, it says that it wrote.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn put_new(&self, path: &str, bytes: Vec<u8>) -> Result<bool, StoreError> {
        let operator = match &self.way {
            Way::Operator { operator, .. } => operator,
            Way::Rsync(rsync) => return rsync.put_new(path, bytes).map(|()| true).map_err(self.refused(path)),
        };
        let if_not_exists = operator.info().capability().write_with_if_not_exists;
        let options = WriteOptions { if_not_exists, ..WriteOptions::default() };
        match operator.write_options(path, bytes, options).await {
            Ok(_) => Ok(true),
            Err(error) if matches!(error.kind(), ErrorKind::ConditionNotMatch | ErrorKind::AlreadyExists) => Ok(false),
            // SFTP has one answer for all failures.
            Err(_) if if_not_exists && self.exists(path).await? => Ok(false),
            Err(error) => Err(self.failed(path)(error)),
        }
    }

    /// Whether [`Store::put_new`] can tell that somebody was faster.
    pub fn refuses_second_writers(&self) -> bool {
        matches!(&self.way, Way::Operator { operator, .. } if operator.info().capability().write_with_if_not_exists)
    }

    /// Whether [`Store::replace`] can.
    pub fn replaces_conditionally(&self) -> bool {
        matches!(&self.way, Way::Operator { operator, .. } if operator.info().capability().write_with_if_match)
    }

    /// The state of a file as the target names it, for [`Store::replace`].
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn tag(&self, path: &str) -> Result<Option<String>, StoreError> {
        let Way::Operator { operator, .. } = &self.way else { return Ok(None) };
        match operator.stat(path).await {
            Ok(metadata) => Ok(metadata.etag().map(str::to_owned)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(path)(error)),
        }
    }

    /// Replaces a file; `false` where it is no longer in the state of that tag. Where the target cannot tell, it is replaced.
    ///
    /// # Errors
    /// As [`Store::put`].
    pub async fn replace(
        &self,
        path: &str,
        bytes: Vec<u8>,
        tag: Option<String>,
        stage: &str,
    ) -> Result<bool, StoreError> {
        let (Way::Operator { operator, .. }, Some(tag), true) = (&self.way, tag, self.replaces_conditionally()) else {
            return self.put(path, bytes, Headers::default(), stage).await.map(|()| true);
        };
        let options = WriteOptions { if_match: Some(tag), ..WriteOptions::default() };
        match operator.write_options(path, bytes, options).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::ConditionNotMatch => Ok(false),
            Err(error) => Err(self.failed(path)(error)),
        }
    }

    /// How long ago a file was written, by the target's own clock, which a second file tells; below zero for a time that is to come.
    /// `None` where the target does not say. `stage` is a name that nobody else uses.
    ///
    /// # Errors
    /// As [`Store::put`].
    pub async fn age(&self, path: &str, stage: &str) -> Result<Option<SignedDuration>, StoreError> {
        // Where a link stands in place of our folder, the second file would be written elsewhere.
        if self.is_folder() && self.link_among(OUR_FOLDERS.into_iter()).await?.is_some() {
            return Ok(None);
        }
        let clock = format!("{STAGE}{stage}");
        let times = match &self.way {
            Way::Operator { operator, .. } => {
                self.write(&clock, Vec::new(), WriteOptions::default()).await.map_err(self.failed(&clock))?;
                let time = async |path: &str| operator.stat(path).await.ok()?.last_modified().map(SystemTime::from);
                [time(&clock).await, time(path).await]
            }
            Way::Rsync(rsync) => {
                let made = rsync.put(vec![(clock.clone(), Vec::new())]);
                made.and_then(|()| Ok([rsync.time(&clock)?, rsync.time(path)?])).map_err(self.refused(&clock))?
            }
        };
        self.delete(vec![clock]).await?;
        Ok(match times {
            [Some(now), Some(then)] => SignedDuration::system_until(then, now).ok(),
            _ => None,
        })
    }

    async fn write(&self, path: &str, bytes: Vec<u8>, options: WriteOptions) -> opendal::Result<()> {
        let Way::Operator { operator, .. } = &self.way else { return Ok(()) };
        let options = if bytes.len() > PART { WriteOptions { chunk: Some(PART), ..options } } else { options };
        operator.write_options(path, bytes, options).await.map(drop)
    }

    /// Deletes files, many with one request where the target can; one that is not there is deleted already.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn delete(&self, paths: Vec<String>) -> Result<(), StoreError> {
        match &self.way {
            // One by one they are deleted in any case: so it is known which one was refused.
            Way::Operator { operator, .. } if operator.info().capability().delete_max_size.is_none() => {
                for path in paths {
                    operator.delete(&path).await.map_err(self.failed(&path))?;
                }
                Ok(())
            }
            Way::Operator { operator, .. } => operator.delete_iter(paths).await.map_err(self.failed("")),
            Way::Rsync(rsync) => rsync.delete(&paths).map_err(self.refused("")),
        }
    }

    /// All files, and all links, but for the lock: what nobody is sending may not lie where files on their way do either.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn list(&self) -> Result<Vec<Listed>, StoreError> {
        let mut files = match &self.way {
            Way::Rsync(rsync) => rsync.list().map_err(self.refused(""))?,
            Way::Operator { lister: Lister::Folder(root), .. } => {
                list_folder(root).map_err(|(path, error)| self.failure(&path, &error))?
            }
            Way::Operator { lister: Lister::Account(login), .. } => {
                ssh::list(login).await.map_err(|(path, error)| self.failure(&path, &*error))?
            }
            Way::Operator { lister: Lister::Operator, .. } => {
                let files = self.entries("", true).await?.into_iter().filter(|entry| entry.metadata().is_file());
                files
                    .map(|entry| Listed::new(Path::new(entry.path()), entry.metadata().content_length(), Kind::File))
                    .collect()
            }
        };
        files.retain(|Listed { path, kind, .. }| *path != Lock::path() || *kind != Kind::File);
        Ok(files)
    }

    /// Takes away links, what is no plain file and what has an odd name, where that can be done; the paths of what stays.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn remove_strange(&self, strange: &[Listed]) -> Result<Vec<String>, StoreError> {
        if let Way::Operator { lister: Lister::Folder(root), .. } = &self.way {
            remove_strange_of(root, strange).map_err(|(path, error)| self.failure(&path, &error))?;
            return Ok(Vec::new());
        }
        let (odd, named): (Vec<&Listed>, Vec<&Listed>) = strange.iter().partition(|listed| listed.kind == Kind::Odd);
        if !named.is_empty() {
            self.delete(named.into_iter().map(|listed| listed.path.clone()).collect()).await?;
        }
        Ok(odd.into_iter().map(|listed| listed.path.clone()).collect())
    }

    /// What stands under each of some names, which no slash ends; `None` where nothing does that can be seen. Links are not followed.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn kinds(&self, names: &[&str]) -> Result<Vec<Option<Kind>>, StoreError> {
        match &self.way {
            Way::Rsync(rsync) => {
                names.iter().map(|name| rsync.kind(name).map_err(self.refused(name))).collect::<Result<_, _>>()
            }
            Way::Operator { lister: Lister::Folder(root), .. } => {
                Ok(names.iter().map(|name| kind(&root.join(name))).collect())
            }
            Way::Operator { lister: Lister::Account(login), .. } => {
                ssh::kinds(login, names).await.map_err(|(path, error)| self.failure(&path, &*error))
            }
            // An object storage has no folders, and objects stand in nobody's way.
            Way::Operator { lister: Lister::Operator, renames: false, .. } => Ok(vec![None; names.len()]),
            Way::Operator { lister: Lister::Operator, operator, .. } => {
                let mut kinds = Vec::new();
                for name in names {
                    let there = operator.stat(name).await.ok();
                    kinds.push(there.map(|there| if there.is_dir() { Kind::Folder } else { Kind::File }));
                }
                Ok(kinds)
            }
        }
    }

    /// Makes sure that an account's folder is there: the operator would make it, also for whoever only reads.
    ///
    /// # Errors
    /// There is none; and as [`Store::read`].
    pub async fn require_folder(&self) -> Result<(), StoreError> {
        let Way::Operator { lister: Lister::Account(login), .. } = &self.way else { return Ok(()) };
        if self.kinds(&[""]).await? == [Some(Kind::Folder)] {
            return Ok(());
        }
        let path = &login.path;
        Err(self.in_the_way(
            "",
            Text::new(
                format!("那边没有 {path} 这个文件夹：路径写错了，还是还没有发布过？"),
                format!("there is no folder {path} there: is the path wrong, or was nothing published yet?"),
            ),
        ))
    }

    /// Whether nothing stands in the place of an account's folder.
    async fn is_missing(&self) -> Result<bool, StoreError> {
        match &self.way {
            Way::Operator { lister: Lister::Account(_), .. } => Ok(self.kinds(&[""]).await? == [None]),
            _ => Ok(false),
        }
    }

    /// Whether it is a folder of this machine, or one that is mounted in it.
    pub fn is_folder(&self) -> bool {
        matches!(&self.way, Way::Operator { lister: Lister::Folder(_), .. })
    }

    /// The first of these folders in whose place a link stands, on this machine or at an account.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn link_among<'n>(&self, folders: impl Iterator<Item = &'n str>) -> Result<Option<String>, StoreError> {
        let (Way::Operator { lister: Lister::Folder(_) | Lister::Account(_), .. }, folders) =
            (&self.way, folders.collect::<Vec<_>>())
        else {
            return Ok(None);
        };
        let kinds = self.kinds(&folders).await?;
        let link = folders.iter().zip(kinds).find(|(_, kind)| *kind == Some(Kind::Link));
        Ok(link.map(|(folder, _)| (*folder).to_owned()))
    }

    /// Takes away a folder that holds no file; one that does stays.
    ///
    /// # Errors
    /// As [`Store::read`]; a folder that stays, where the target says so.
    pub async fn remove_empty(&self, folder: &str) -> Result<(), StoreError> {
        match &self.way {
            Way::Operator { lister: Lister::Operator, .. } => {
                let entries = self.entries(&format!("{folder}/"), true).await?;
                // Whoever is asked for a folder there takes all that it holds away as well.
                if entries.iter().any(|entry| entry.metadata().is_file()) {
                    return Ok(());
                }
                self.delete_folder(&format!("{folder}/")).await
            }
            Way::Operator { .. } => self.delete(vec![format!("{folder}/")]).await,
            Way::Rsync(_) => self.delete(vec![folder.to_owned()]).await,
        }
    }

    /// Takes away those of some folders of this machine that hold nothing any more.
    pub fn remove_emptied<'n>(&self, folders: impl Iterator<Item = &'n str>) {
        if let Way::Operator { lister: Lister::Folder(root), .. } = &self.way {
            // One that still holds something stays.
            folders.for_each(|folder| drop(std::fs::remove_dir(root.join(folder))));
        }
    }

    /// Takes away a folder that stands where a file is to be.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn make_way(&self, path: &str) -> Result<(), StoreError> {
        let Way::Operator { operator, .. } = &self.way else { return Ok(()) };
        match operator.stat(path).await {
            Ok(there) if there.is_dir() => self.delete_folder(&format!("{path}/")).await,
            // Whatever else is wrong is told when the file is sent.
            _ => Ok(()),
        }
    }

    async fn entries(&self, folder: &str, recursive: bool) -> Result<Vec<opendal::Entry>, StoreError> {
        let Way::Operator { operator, .. } = &self.way else { return Ok(Vec::new()) };
        let entries = async { operator.lister_with(folder).recursive(recursive).await?.try_collect().await };
        match entries.await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            entries => entries.map_err(self.failed(folder)),
        }
    }

    /// Deletes a folder with all that it holds.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn delete_folder(&self, folder: &str) -> Result<(), StoreError> {
        let operator = match &self.way {
            Way::Operator { lister: Lister::Account(login), .. } => {
                let sftp = ssh::connect(login).await.map_err(|error| self.failure(folder, &*error))?;
                let removed = ssh::remove_folder(&sftp, &ssh::root(login).join(folder)).await;
                return removed.map_err(|(below, error)| self.failure(&format!("{folder}{below}"), &error));
            }
            Way::Operator { operator, .. } => operator,
            Way::Rsync(_) => return Ok(()),
        };
        match operator.delete_with(folder).recursive(true).await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(self.failed(folder)(error)),
            _ => Ok(()),
        }
    }

    /// Takes away what an interrupted publication left under names of its own.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn clear_stage(&self) -> Result<(), StoreError> {
        match &self.way {
            // Where a link stands in place of one of the folders, it leads to files that are not ours.
            Way::Operator { renames: true, lister, .. } => {
                let is_ours = match lister {
                    Lister::Operator => true,
                    _ => self.kinds(&OUR_FOLDERS).await? == [Some(Kind::Folder); 2],
                };
                if is_ours { self.delete_folder(STAGE).await } else { Ok(()) }
            }
            _ => Ok(()),
        }
    }
}

/// All files and links in a folder of this machine.
///
/// # Errors
/// What cannot be read, by its path there, and why.
pub(super) fn list_folder(root: &Path) -> Result<Vec<Listed>, (String, std::io::Error)> {
    walk(root).map(|entry| Ok(entry?.1)).collect()
}

/// All files and links in a folder, each where it lies and as it is listed; nothing where there is no such folder.
fn walk(root: &Path) -> impl Iterator<Item = Result<(PathBuf, Listed), (String, std::io::Error)>> {
    let entries = root.is_dir().then(|| WalkDir::new(root).min_depth(1)).into_iter().flatten();
    let files = entries.filter(|entry| !entry.as_ref().is_ok_and(|entry| entry.file_type().is_dir()));
    let below = move |path: &Path| path.strip_prefix(root).unwrap_or(path).to_owned();
    let refused = move |error: walkdir::Error| {
        let path = error.path().map(|path| below(path).to_string_lossy().into_owned());
        (path.unwrap_or_default(), error.into())
    };
    files.map(move |entry| {
        let entry = entry.map_err(refused)?;
        let kind = kind_of(entry.file_type());
        let size = if kind == Kind::File { entry.metadata().map_err(refused)?.len() } else { 0 };
        let listed = Listed::new(&below(entry.path()), size, kind);
        Ok((entry.into_path(), listed))
    })
}

/// What stands under a path of this machine, a link not followed.
pub(super) fn kind(path: &Path) -> Option<Kind> {
    path.symlink_metadata().ok().map(|there| kind_of(there.file_type()))
}

fn kind_of(it: FileType) -> Kind {
    if it.is_symlink() {
        Kind::Link
    } else if it.is_dir() {
        Kind::Folder
    } else if it.is_file() {
        Kind::File
    } else {
        Kind::Special
    }
}

#[expect(clippy::disallowed_methods, reason = "a target that is a folder is no output folder")]
fn remove_strange_of(root: &Path, strange: &[Listed]) -> Result<(), (String, std::io::Error)> {
    for entry in walk(root) {
        let (there, Listed { path, kind, .. }) = entry?;
        if strange.iter().any(|listed| (&listed.path, listed.kind) == (&path, kind)) {
            std::fs::remove_file(there).map_err(|error| (path, error))?;
        }
    }
    Ok(())
}

/// What a target can keep of the headers.
fn options(operator: &Operator, headers: Headers) -> WriteOptions {
    let capability = operator.info().capability();
    let kept = |value: Option<&str>, is_kept: bool| value.filter(|_| is_kept).map(str::to_owned);
    WriteOptions {
        content_type: kept(headers.content_type, capability.write_with_content_type),
        cache_control: kept(headers.cache_control, capability.write_with_cache_control),
        ..WriteOptions::default()
    }
}

/// Tells of what failed and will be tried again, where somebody has to wait for that. Files that are sent together fail
/// together: one of them is told of.
fn teller(shown: String, notice: Notice) -> impl RetryInterceptor {
    let told = Mutex::new(None::<Instant>);
    move |event: RetryEvent<'_>| {
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        if event.retry_after < PAUSE || told.is_some_and(|told| told.elapsed() < PAUSE) {
            return;
        }
        *told = Some(Instant::now());
        let Text { zh, en } = said(&shown, "", event.err).text();
        let seconds = event.retry_after.as_secs_f64().ceil();
        let (attempt, of) = (event.attempt, RETRIES);
        notice.tell(&Text::new(
            format!("{zh}，{seconds} 秒后再试（第 {attempt} 次，共 {of} 次）"),
            format!("{en}; trying again in {seconds} s ({attempt} of {of})"),
        ));
    }
}

/// What an operator said.
fn said(shown: &str, path: &str, error: &opendal::Error) -> StoreError {
    let has_source = std::error::Error::source(error).is_some();
    let detail = if has_source { innermost(error) } else { one_line(&Text::new(error.message(), error.message())) };
    StoreError::new(shown, path, error.kind(), &detail)
}

fn failure(shown: &str, path: &str, error: &(dyn std::error::Error + 'static)) -> StoreError {
    let detail = innermost(error);
    let kind = if detail.en.contains("ermission denied") { ErrorKind::PermissionDenied } else { ErrorKind::Unexpected };
    StoreError::new(shown, path, kind, &detail)
}

/// A path in the settings: the user's home, an absolute one, or one below the site's folder.
pub fn folder(site: &Path, path: &str) -> PathBuf {
    let path = match path.strip_prefix("~/") {
        Some(below) => home().join(below),
        None => site.join(path),
    };
    std::path::absolute(&path).unwrap_or(path)
}

fn home() -> PathBuf {
    std::env::home_dir().unwrap_or_default()
}

/// The file of a private key, as the settings name it.
pub(super) fn key_file(file: &str) -> PathBuf {
    file.strip_prefix("~/").map_or_else(|| PathBuf::from(file), |below| home().join(below))
}

/// HTTP for all operators, with one cryptography.
fn install_transport() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Another part of the program may have chosen it already.
        drop(rustls::crypto::ring::default_provider().install_default());
        opendal_http_transport_reqwest::install_default();
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_server_are_told_and_not_those_of_a_library() {
        let check = |kind: &str, expected: Option<&str>| {
            let words = format!("Sftp server reported error kind {kind}, msg: Err Message: x, Language Tag: ");
            assert_eq!(said_by_sftp(&words).map(|text| text.zh).as_deref(), expected);
        };
        check("NoSuchFile", Some("没有这个文件或文件夹"));
        check("PermDenied", Some("没有权限"));
        check("Failure", Some("服务器没有说原因，常见的是磁盘满了，或者同名的文件、文件夹挡住了"));
        check("OpUnsupported", None);
    }
}
