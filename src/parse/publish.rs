//! The settings under `publish:` (发布) in `site.yaml`: where the site goes, and whose signature it bears. Never a secret.

use std::hash::{Hash, Hasher};

use super::fields::{Field, Fields, Node, Placed};
use crate::diagnostic::catalogue;
use url::Url;

/// How a site is published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublishSettings {
    /// The public half of the key that signs what is published, as `xinfeng keys new` prints it.
    pub public_key: Option<Placed<String>>,
    pub targets: Vec<Target>,
}

impl Hash for PublishSettings {
    /// No page depends on where it is published.
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// A place that the site is published to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// What the command line calls it.
    pub name: Placed<String>,
    pub destination: Destination,
    /// Where readers find it, where that is not the site's `base_url`.
    pub url: Option<String>,
    /// Whether texts are stored compressed (`.gz`, `.br`) too, for servers that send such files.
    pub compress: bool,
    /// Files there that are not the site's and stay: the beginnings of paths, e.g. `baidu_verify_`.
    pub keep: Vec<String>,
    /// A publication that would delete more than this share of the files, in per cent, asks first.
    pub max_deletions: u32,
    /// How many files are sent at the same time.
    pub at_once: u32,
    /// How many published states are kept, each in a folder of its own, with a symbolic link to the current one; `None` where
    /// the files of the target are replaced in place.
    pub releases: Option<u32>,
}

/// What kind of place it is, and how to get there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A folder of this machine: a mounted share, a web server's root. Relative to the site's folder.
    Folder { path: String },
    /// By OpenSSH, whose own settings, keys, agent and known hosts count.
    Sftp(Login),
    /// By rsync over OpenSSH.
    Rsync(Login),
    /// A bucket of an object storage.
    Bucket { service: Service, endpoint: String, bucket: String, region: Option<String>, path: String },
    /// RFC 4918.
    WebDav { endpoint: String, path: String },
}

/// An account on another machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    pub host: String,
    pub user: Option<String>,
    pub port: Option<u16>,
    pub path: String,
    /// The file of the private key; SSH's own choice where there is none.
    pub key_file: Option<String>,
}

/// Whose object storage it is, which decides how requests are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Amazon S3 and all that speak its protocol, e.g. MinIO.
    S3,
    /// Aliyun OSS.
    Oss,
    /// Tencent COS.
    Cos,
    /// Huawei OBS.
    Obs,
}

/// The words for a target's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Folder,
    Sftp,
    Rsync,
    Bucket(Service),
    WebDav,
}

const KINDS: [(&str, Kind); 9] = [
    ("folder", Kind::Folder),
    ("文件夹", Kind::Folder),
    ("sftp", Kind::Sftp),
    ("rsync", Kind::Rsync),
    ("s3", Kind::Bucket(Service::S3)),
    ("oss", Kind::Bucket(Service::Oss)),
    ("cos", Kind::Bucket(Service::Cos)),
    ("obs", Kind::Bucket(Service::Obs)),
    ("webdav", Kind::WebDav),
];

/// Whether a type of target has a key.
type Has = fn(Kind) -> bool;

/// The keys of targets that only some types have, with the types that have them.
const KEYS: [(&str, &str, Has); 8] = [
    ("host", "主机", Kind::is_account),
    ("user", "用户", Kind::is_account),
    ("port", "端口", Kind::is_account),
    ("key_file", "密钥文件", Kind::is_account),
    ("endpoint", "服务地址", |kind| matches!(kind, Kind::Bucket(_) | Kind::WebDav)),
    ("bucket", "存储桶", |kind| matches!(kind, Kind::Bucket(_))),
    ("region", "地域", |kind| matches!(kind, Kind::Bucket(_))),
    ("releases", "保留版本", |kind| matches!(kind, Kind::Folder | Kind::Sftp)),
];

impl Kind {
    fn is_account(self) -> bool {
        matches!(self, Self::Sftp | Self::Rsync)
    }
}

const MAX_DELETIONS: u32 = 20;
const AT_ONCE: u32 = 8;

impl Field for PublishSettings {
    fn decode(node: &Node<'_>) -> Option<Self> {
        node.fields(|fields| Self { public_key: fields.optional("public_key", "公钥"), targets: targets(fields) })
    }
}

/// Two targets cannot have one name.
fn targets(fields: &mut Fields<'_>) -> Vec<Target> {
    let targets: Vec<Target> = fields.list("targets", "目标");
    for (number, target) in targets.iter().enumerate() {
        if let Some(other) = targets[..number].iter().find(|other| other.name.value == target.name.value) {
            let (place, other) = (target.name.place.clone(), other.name.place.clone());
            fields.report.push(catalogue::duplicate_name(place, &target.name.value, other));
        }
    }
    targets
}

impl Field for Target {
    fn decode(node: &Node<'_>) -> Option<Self> {
        node.fields(|fields| {
            let name = fields.required("name", "名称");
            let kind = match fields.node("type", "类型") {
                Some(node) => node.word(&KINDS),
                None => {
                    fields.report_missing("type", "类型");
                    None
                }
            };
            let destination = Details::read(fields).destination(kind, fields);
            let releases = fields.optional("releases", "保留版本").filter(|kept| *kept > 0);
            for (key, alias, has) in KEYS {
                if kind.is_some_and(|kind| !has(kind)) {
                    fields.forget(key, alias);
                }
            }
            let url = fields.web_address("url", "网址");
            let compress = fields.flag("compress", "预压缩");
            let keep: Vec<String> = fields.list("keep", "保留");
            let keep = keep.iter().filter_map(|typed| beginning(typed)).map(str::to_owned).collect();
            let max_deletions = fields.optional("max_deletions", "最多删除").unwrap_or(MAX_DELETIONS).min(100);
            let at_once = fields.optional("at_once", "同时上传").unwrap_or(AT_ONCE).clamp(1, 64);
            Some(Self { name, destination: destination?, url, compress, keep, max_deletions, at_once, releases })
        })?
    }
}

/// The beginning of paths, as they are compared: `/verify_` and `verify_*` mean `verify_`. `None` where nothing is left, which
/// would keep everything, whoever put it there.
fn beginning(typed: &str) -> Option<&str> {
    let below = typed.trim().trim_start_matches("./").trim_start_matches('/').trim_end_matches('*');
    Some(below).filter(|below| !below.is_empty())
}

/// The name of a machine, or of an entry in SSH's own settings: never more than that, since rsync would take a path for one of
/// this machine.
fn host(fields: &mut Fields<'_>) -> Option<String> {
    let Placed { value, place } = fields.optional::<Placed<String>>("host", "主机")?;
    let bare = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&value);
    let is_name = |c: char| c.is_alphanumeric() || ".-_".contains(c);
    let is_sound = bare.chars().all(|c| is_name(c) || c == ':' && bare.len() < value.len());
    if is_sound && !bare.is_empty() && !bare.starts_with('-') {
        return Some(value);
    }
    let has_password = value.split_once('@').is_some_and(|(login, _)| login.trim_start_matches("ssh://").contains(':'));
    fields.report.push(if has_password {
        catalogue::secret_in_settings(place, "host")
    } else {
        catalogue::bad_host(place, &value)
    });
    Some(value)
}

/// The address of a service, without a login in it.
fn endpoint(fields: &mut Fields<'_>) -> Option<String> {
    let place = fields.place_of("endpoint", "服务地址");
    let address = fields.web_address("endpoint", "服务地址")?;
    let has_login = Url::parse(&address).is_ok_and(|url| !url.username().is_empty() || url.password().is_some());
    if has_login {
        fields.report.push(catalogue::secret_in_settings(place, "endpoint"));
    }
    Some(address)
}

/// What the types of targets are told, each its part.
struct Details {
    path: Option<String>,
    host: Option<String>,
    user: Option<String>,
    port: Option<u16>,
    key_file: Option<String>,
    endpoint: Option<String>,
    bucket: Option<String>,
    region: Option<String>,
}

impl Details {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            path: fields.optional("path", "路径"),
            host: host(fields),
            user: fields.optional("user", "用户"),
            port: fields.optional("port", "端口"),
            key_file: fields.optional("key_file", "密钥文件"),
            endpoint: endpoint(fields),
            bucket: fields.optional("bucket", "存储桶"),
            region: fields.optional("region", "地域"),
        }
    }

    /// Reports what the type still needs.
    fn destination(self, kind: Option<Kind>, fields: &Fields<'_>) -> Option<Destination> {
        let needs = |value: Option<String>, key: &'static str, alias: &'static str| {
            if value.is_none() {
                fields.report_missing(key, alias);
            }
            value
        };
        Some(match kind? {
            Kind::Folder => Destination::Folder { path: needs(self.path, "path", "路径")? },
            Kind::Sftp | Kind::Rsync => {
                let (host, path) = (needs(self.host, "host", "主机"), needs(self.path, "path", "路径"));
                if let Some(path) = path.as_ref().filter(|path| kind == Some(Kind::Sftp) && !path.starts_with('/')) {
                    fields.report.push(catalogue::relative_path(fields.place_of("path", "路径"), path));
                }
                let Self { user, port, key_file, .. } = self;
                let login = Login { host: host?, user, port, path: path?, key_file };
                if kind == Some(Kind::Sftp) { Destination::Sftp(login) } else { Destination::Rsync(login) }
            }
            Kind::Bucket(service) => {
                let endpoint = needs(self.endpoint, "endpoint", "服务地址");
                let bucket = needs(self.bucket, "bucket", "存储桶");
                let path = self.path.unwrap_or_default();
                Destination::Bucket { service, endpoint: endpoint?, bucket: bucket?, region: self.region, path }
            }
            Kind::WebDav => {
                let path = self.path.unwrap_or_default();
                Destination::WebDav { endpoint: needs(self.endpoint, "endpoint", "服务地址")?, path }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_compared_without_its_ornaments() {
        for typed in ["verify_", "/verify_", "./verify_", "verify_*", " verify_"] {
            assert_eq!(beginning(typed), Some("verify_"), "{typed}");
        }
        assert_eq!(beginning("old/a.html"), Some("old/a.html"));
        for nothing in ["", "/", "./", "*"] {
            assert_eq!(beginning(nothing), None, "{nothing}");
        }
    }
}
