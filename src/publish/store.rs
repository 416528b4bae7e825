//! A target as files that can be read, written whole and deleted: the only code that speaks to it.

use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;

use futures_util::TryStreamExt;
use opendal::layers::{RetryLayer, TimeoutLayer};
use opendal::options::WriteOptions;
use opendal::{ErrorKind, Operator, services};

use crate::diagnostic::Text;
use crate::parse::publish::{Destination, Login, Service, Target};

/// The folder at a target that holds what is not part of the site.
pub const STATE: &str = ".xinfeng/";

/// Longest wait for an answer, and for a part of a file.
const PATIENCE: Duration = Duration::from_secs(60);
/// A request that failed for a passing reason is repeated so often, after growing pauses.
const RETRIES: usize = 4;
/// Files above this size are sent in parts of it, so that none is held in memory whole.
const PART: usize = 8 * 1024 * 1024;

/// A target that was opened.
#[derive(Debug, Clone)]
pub struct Store {
    operator: Operator,
    /// Whether a file is written under another name first, since writing it takes time that a reader could see.
    renames: bool,
    /// How it is called in messages.
    shown: String,
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
    error: opendal::Error,
}

impl StoreError {
    /// The message for the editor.
    pub fn text(&self) -> Text {
        let Self { shown, path, error } = self;
        let reason = reason(error);
        let at = if path.is_empty() { String::new() } else { format!(" {path}") };
        Text::new(format!("“{shown}”{at}：{}", reason.zh), format!("\"{shown}\"{at}: {}", reason.en))
    }

    pub fn kind(&self) -> ErrorKind {
        self.error.kind()
    }
}

/// What went wrong, in the words of whom it concerns, with the library's own words behind it.
fn reason(error: &opendal::Error) -> Text {
    let detail = detail(error);
    let (zh, en) = match error.kind() {
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
    Text::new(format!("{zh}（{}）", detail.zh), format!("{en} ({})", detail.en))
}

/// The innermost reason.
fn detail(error: &opendal::Error) -> Text {
    let mut reason: &(dyn std::error::Error + 'static) = error;
    while let Some(source) = reason.source().filter(|_| !reason.is::<std::io::Error>()) {
        reason = source;
    }
    let has_source = std::error::Error::source(error).is_some();
    let text = if has_source { Text::of_error(reason) } else { Text::new(error.message(), error.message()) };
    let short = |text: &str| text.lines().next().unwrap_or_default().chars().take(200).collect::<String>();
    Text::new(short(&text.zh), short(&text.en))
}

impl Store {
    /// Opens a target; nothing is asked of it yet. `site` is the site's folder, `secret` gives a secret by the name of its
    /// environment variable.
    ///
    /// # Errors
    /// Settings that the service cannot work with, or a secret that is not there.
    pub fn open(target: &Target, site: &Path, secret: &dyn Fn(&str) -> Option<String>) -> Result<Self, Text> {
        install_transport();
        let need = |name: &str| {
            secret(name).ok_or_else(|| {
                Text::new(
                    format!("发布到“{}”要用环境变量 {name}，现在没有设置", target.name.value),
                    format!("the environment variable {name} is needed to publish to \"{}\"", target.name.value),
                )
            })
        };
        let operator = match &target.destination {
            Destination::Folder { path } => {
                Operator::new(services::Fs::default().root(&folder(site, path).to_string_lossy()))
            }
            Destination::Sftp(login) => sftp(login),
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
        let shown = target.name.value.clone();
        let operator =
            operator.map_err(|error| StoreError { shown: shown.clone(), path: String::new(), error }.text())?;
        Ok(Self::new(operator, shown))
    }

    /// A folder of this machine, to be read.
    ///
    /// # Errors
    /// A folder that is not there.
    pub fn folder(path: &Path) -> Result<Self, Text> {
        let shown = path.display().to_string();
        if !path.is_dir() {
            return Err(Text::new(format!("没有“{shown}”这个文件夹"), format!("there is no folder \"{shown}\"")));
        }
        let operator = Operator::new(services::Fs::default().root(&path.to_string_lossy()));
        let operator =
            operator.map_err(|error| StoreError { shown: shown.clone(), path: String::new(), error }.text())?;
        Ok(Self::new(operator, shown))
    }

    fn new(operator: Operator, shown: String) -> Self {
        let renames = operator.info().capability().rename;
        let operator = operator
            .layer(TimeoutLayer::new().with_timeout(PATIENCE).with_io_timeout(PATIENCE))
            .layer(RetryLayer::new().with_max_times(RETRIES).with_jitter());
        Self { operator, renames, shown }
    }

    fn failed(&self, path: &str) -> impl FnOnce(opendal::Error) -> StoreError + use<> {
        let (shown, path) = (self.shown.clone(), path.to_owned());
        move |error| StoreError { shown, path, error }
    }

    /// Reads a file; `None` where there is none.
    ///
    /// # Errors
    /// The target does not answer, or refuses.
    pub async fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self.operator.read(path).await {
            Ok(bytes) => Ok(Some(bytes.to_vec())),
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory) =>
            {
                Ok(None)
            }
            Err(error) => Err(self.failed(path)(error)),
        }
    }

    /// Writes a file, so that a reader gets the old or the new one, never a part. `stage` is a name that nobody else uses.
    ///
    /// # Errors
    /// As [`Store::read`]; the older file is then still there.
    pub async fn put(&self, path: &str, bytes: Vec<u8>, headers: Headers, stage: &str) -> Result<(), StoreError> {
        if !self.renames {
            return self.write(path, bytes, self.options(headers)).await;
        }
        let stage = format!("{STATE}stage/{stage}");
        self.write(&stage, bytes, WriteOptions::default()).await?;
        self.operator.rename(&stage, path).await.map_err(self.failed(path))
    }

    /// Writes a file where there is none; `false` where there is one. Where the target cannot tell, it writes.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn put_new(&self, path: &str, bytes: Vec<u8>) -> Result<bool, StoreError> {
        let if_not_exists = self.operator.info().capability().write_with_if_not_exists;
        let options = WriteOptions { if_not_exists, ..WriteOptions::default() };
        match self.operator.write_options(path, bytes, options).await {
            Ok(_) => Ok(true),
            Err(error) if matches!(error.kind(), ErrorKind::ConditionNotMatch | ErrorKind::AlreadyExists) => Ok(false),
            // SFTP has one answer for all failures.
            Err(_) if if_not_exists && self.exists(path).await? => Ok(false),
            Err(error) => Err(self.failed(path)(error)),
        }
    }

    /// Whether [`Store::put_new`] can tell that somebody was faster.
    pub fn refuses_second_writers(&self) -> bool {
        self.operator.info().capability().write_with_if_not_exists
    }

    /// Whether [`Store::replace`] can.
    pub fn replaces_conditionally(&self) -> bool {
        self.operator.info().capability().write_with_if_match
    }

    /// The state of a file as the target names it, for [`Store::replace`].
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn tag(&self, path: &str) -> Result<Option<String>, StoreError> {
        match self.operator.stat(path).await {
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
        let Some(tag) = tag.filter(|_| self.replaces_conditionally()) else {
            return self.put(path, bytes, Headers::default(), stage).await.map(|()| true);
        };
        let options = WriteOptions { if_match: Some(tag), ..WriteOptions::default() };
        match self.operator.write_options(path, bytes, options).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::ConditionNotMatch => Ok(false),
            Err(error) => Err(self.failed(path)(error)),
        }
    }

    async fn exists(&self, path: &str) -> Result<bool, StoreError> {
        self.operator.exists(path).await.map_err(self.failed(path))
    }

    async fn write(&self, path: &str, bytes: Vec<u8>, options: WriteOptions) -> Result<(), StoreError> {
        let options = if bytes.len() > PART { WriteOptions { chunk: Some(PART), ..options } } else { options };
        self.operator.write_options(path, bytes, options).await.map(drop).map_err(self.failed(path))
    }

    /// What the target can keep of the headers.
    fn options(&self, headers: Headers) -> WriteOptions {
        let capability = self.operator.info().capability();
        let kept = |value: Option<&str>, is_kept: bool| value.filter(|_| is_kept).map(str::to_owned);
        WriteOptions {
            content_type: kept(headers.content_type, capability.write_with_content_type),
            cache_control: kept(headers.cache_control, capability.write_with_cache_control),
            ..WriteOptions::default()
        }
    }

    /// Deletes files, many with one request where the target can; one that is not there is deleted already.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn delete(&self, paths: Vec<String>) -> Result<(), StoreError> {
        self.operator.delete_iter(paths).await.map_err(self.failed(""))
    }

    /// All files with their sizes in bytes, but for what [`STATE`] holds.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn list(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let lister = self.operator.lister_with("").recursive(true).await;
        let mut lister = match lister {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            lister => lister.map_err(self.failed(""))?,
        };
        let mut files = Vec::new();
        loop {
            match lister.try_next().await {
                Ok(Some(entry)) if entry.metadata().is_file() && !entry.path().starts_with(STATE) => {
                    files.push((entry.path().to_owned(), entry.metadata().content_length()));
                }
                Ok(Some(_)) => {}
                Ok(None) => return Ok(files),
                Err(error) if error.kind() == ErrorKind::NotFound && files.is_empty() => return Ok(files),
                Err(error) => return Err(self.failed("")(error)),
            }
        }
    }

    /// Takes away what an interrupted publication left under names of its own.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn clear_stage(&self) -> Result<(), StoreError> {
        if !self.renames {
            return Ok(());
        }
        match self.operator.delete_with(&format!("{STATE}stage/")).recursive(true).await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(self.failed(STATE)(error)),
            _ => Ok(()),
        }
    }
}

/// A path in the settings: the user's home, an absolute one, or one below the site's folder.
fn folder(site: &Path, path: &str) -> PathBuf {
    let path = match path.strip_prefix("~/") {
        Some(below) => home().join(below),
        None => site.join(path),
    };
    std::path::absolute(&path).unwrap_or(path)
}

fn home() -> PathBuf {
    std::env::home_dir().unwrap_or_default()
}

fn sftp(login: &Login) -> opendal::Result<Operator> {
    let Login { host, user, port, path, key_file } = login;
    let endpoint = match port {
        Some(port) => format!("ssh://{host}:{port}"),
        None => format!("ssh://{host}"),
    };
    let mut builder = services::Sftp::default().endpoint(&endpoint).root(path);
    if let Some(user) = user {
        builder = builder.user(user);
    }
    if let Some(key_file) = key_file {
        let path = key_file.strip_prefix("~/").map_or_else(|| PathBuf::from(key_file), |below| home().join(below));
        builder = builder.key(&path.to_string_lossy());
    }
    Operator::new(builder)
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
