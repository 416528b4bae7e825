//! An office's computer: a site, a key, and the program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::counterparts::{BUCKET, Line, SECRET, Service, Sshd, files};

/// When everything happens.
pub const AS_OF: &str = "2026-11-23";

pub struct Office {
    folder: TempDir,
    /// Set for every run of the program.
    pub environment: Vec<(String, String)>,
    public_key: String,
    targets: String,
}

/// What the program said.
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Office {
    /// An office whose site has so many articles, and no target yet.
    pub fn new(articles: usize) -> Self {
        let folder = TempDir::new().unwrap();
        let site = folder.path().join("site");
        fs::create_dir_all(site.join("content/news")).unwrap();
        fs::write(
            site.join("content/news/picture.svg"),
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>",
        )
        .unwrap();
        let mut office = Self { folder, environment: Vec::new(), public_key: String::new(), targets: String::new() };
        for number in 0..articles {
            office.article(number, "三十名志愿者来到楼组，为老人理发、修伞、量血压。");
        }
        office.environment.push(("XDG_CONFIG_HOME".to_owned(), office.path("home").display().to_string()));
        office.write_site_yaml();
        let said = office.run(&["keys", "new"]);
        assert_eq!(said.code, 0, "{}", said.err);
        let key = said.out.lines().chain(said.err.lines()).find_map(|line| line.trim().strip_prefix("public_key: "));
        office.public_key = key.expect("the public key is shown").to_owned();
        office.write_site_yaml();
        office
    }

    /// An office with one target, called `main`.
    pub fn with_target(articles: usize, target: &str) -> Self {
        let mut office = Self::new(articles);
        office.target(target);
        office
    }

    pub fn target(&mut self, settings: &str) {
        let indented: String = settings.lines().map(|line| format!("\n      {line}")).collect();
        self.targets = format!("  targets:\n    - name: main{indented}\n");
        self.write_site_yaml();
    }

    pub fn add_to_target(&mut self, setting: &str) {
        self.targets.push_str(&format!("      {setting}\n"));
        self.write_site_yaml();
    }

    fn write_site_yaml(&self) {
        let key =
            if self.public_key.is_empty() { String::new() } else { format!("  public_key: {}\n", self.public_key) };
        let publish = if key.is_empty() { String::new() } else { format!("publish:\n{key}{}", self.targets) };
        let text = format!(
            "title: 示例区文明实践\nbase_url: https://www.example.org/\ncolumns:\n  - {{key: news, name: 要闻}}\n\
             districts:\n  - {{name: 示例区, slug: shiliqu}}\ntopics:\n  - {{name: 志愿服务, slug: zhiyuan-fuwu}}\n\
             check:\n  severity: {{}}\n{publish}"
        );
        let text = text.replace("check:\n  severity: {}\n", "");
        fs::write(self.site().join("site.yaml"), text).unwrap();
    }

    /// Another computer with the same site and key.
    pub fn twin(&self) -> Self {
        let folder = TempDir::new().unwrap();
        let copy = Command::new("cp").arg("-r").arg(self.site()).arg(self.path("home")).arg(folder.path()).status();
        assert!(copy.unwrap().success());
        let mut environment = self.environment.clone();
        environment.push(("XDG_CONFIG_HOME".to_owned(), folder.path().join("home").display().to_string()));
        Self { folder, environment, public_key: self.public_key.clone(), targets: self.targets.clone() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn site(&self) -> PathBuf {
        self.path("site")
    }

    pub fn article(&self, number: usize, text: &str) {
        fs::write(
            self.site().join(format!("content/news/article-{number}.md")),
            format!(
                "---\ntitle: 第{number}次志愿服务走进楼组\ndate: 2026-11-{:02} 09:30\ndistrict: 示例区\ntopics: [志愿服务]\n\
                 source: 示例区文明办\n---\n\n{text}\n\n![一个方块](picture.svg)\n",
                1 + number % 20
            ),
        )
        .unwrap();
    }

    pub fn remove_article(&self, number: usize) {
        fs::remove_file(self.site().join(format!("content/news/article-{number}.md"))).unwrap();
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xinfeng"));
        command.args(arguments).arg("--site").arg(self.site()).args(["--lang", "en"]);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.env_remove("XINFENG_SIGNING_KEY").env("USER", "li").stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let said =
            Said { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) };
        assert!(!said.out.contains(SECRET) && !said.err.contains(SECRET), "a secret was shown");
        said
    }

    pub fn publish(&self, arguments: &[&str]) -> Said {
        self.run(&[&["publish", "--as-of", AS_OF], arguments].concat())
    }

    /// Publishes, which must succeed, and tells what was sent and deleted.
    pub fn published(&self, arguments: &[&str]) -> (Vec<String>, Vec<String>) {
        let said = self.publish(&[&["--json"], arguments].concat());
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
        let result: serde_json::Value = serde_json::from_str(&said.out).unwrap();
        let list = |name: &str| {
            result[name].as_array().unwrap().iter().map(|path| path.as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        (list("sent"), list("deleted"))
    }

    pub fn start_publishing(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(&[&["publish", "--as-of", AS_OF], arguments].concat());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Verifies; the differences as `what path`.
    pub fn verify(&self, arguments: &[&str]) -> (i32, Vec<String>) {
        let said = self.run(&[&["verify", "--json"], arguments].concat());
        let result: serde_json::Value =
            serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{}{}", said.out, said.err));
        let differences = result["differences"].as_array().unwrap_or_else(|| panic!("{}", said.out)).iter();
        let told =
            differences.map(|one| format!("{} {}", one["what"].as_str().unwrap(), one["path"].as_str().unwrap()));
        (said.code, told.collect())
    }

    /// What the output folder holds.
    pub fn public(&self) -> std::collections::BTreeMap<String, Vec<u8>> {
        files(&self.site().join("public"))
    }

    /// Checks that a target holds the output folder, the manifest, the key and nothing else.
    pub fn assert_is_at(&self, folder: &Path) {
        let mut there = files(folder);
        let manifest = String::from_utf8(there.remove("xinfeng-manifest.txt").expect("a manifest")).unwrap();
        assert!(manifest.starts_with("xinfeng manifest 1\n") && manifest.contains("\n\n— "), "{manifest}");
        assert!(there.remove("xinfeng-key.txt").is_some());
        let public = self.public();
        let names = |files: &std::collections::BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&there), names(&public));
        assert!(there == public, "the bytes are not the same");
        assert!(!folder.join(".xinfeng/lock").exists(), "the lock was left");
        assert!(files(&folder.join(".xinfeng/stage")).is_empty(), "half-way files were left");
    }
}

/// A kind of target, with its server.
pub enum Host {
    Folder(TempDir),
    Service(Service),
    Sshd(Sshd),
}

impl Host {
    pub fn folder() -> Self {
        Self::Folder(TempDir::new().unwrap())
    }

    /// Where the files are.
    pub fn files(&self) -> PathBuf {
        match self {
            Self::Folder(folder) => folder.path().join("www"),
            Self::Service(service) => service.folder.clone(),
            Self::Sshd(sshd) => sshd.folder.clone(),
        }
    }

    /// Where readers see them.
    pub fn seen(&self) -> PathBuf {
        let current = self.files().join("current");
        if current.exists() { current } else { self.files() }
    }

    /// Waits until nothing is going on there any more.
    pub fn settle(&self) {
        if let Self::Service(service) = self {
            service.settle();
        }
    }

    fn port(&self) -> u16 {
        match self {
            Self::Folder(_) => 0,
            Self::Service(service) => service.port,
            Self::Sshd(sshd) => sshd.port,
        }
    }
}

pub fn folder() -> (Host, Office) {
    let host = Host::folder();
    let office = Office::with_target(12, &format!("type: folder\npath: {}", host.files().display()));
    (host, office)
}

/// Each state in a folder of its own.
pub fn with_releases((host, mut office): (Host, Office), kept: usize) -> (Host, Office) {
    office.add_to_target(&format!("releases: {kept}"));
    (host, office)
}

/// The settings of a bucket at a port.
pub fn bucket_at(port: u16) -> String {
    format!("type: s3\nendpoint: http://127.0.0.1:{port}\nbucket: {BUCKET}\nregion: us-east-1")
}

pub fn bucket() -> (Host, Office) {
    let host = Host::Service(Service::bucket());
    let mut office = Office::with_target(12, &bucket_at(host.port()));
    office.environment.push(("AWS_ACCESS_KEY_ID".to_owned(), "office".to_owned()));
    office.environment.push(("AWS_SECRET_ACCESS_KEY".to_owned(), SECRET.to_owned()));
    (host, office)
}

pub fn webdav() -> (Host, Office) {
    let host = Host::Service(Service::webdav());
    let mut office = Office::with_target(12, &format!("type: webdav\nendpoint: http://127.0.0.1:{}", host.port()));
    office.environment.push(("XINFENG_WEBDAV_USER".to_owned(), "office".to_owned()));
    office.environment.push(("XINFENG_WEBDAV_PASSWORD".to_owned(), SECRET.to_owned()));
    (host, office)
}

/// The settings of an account behind a port.
pub fn account_at(port: u16, kind: &str, host: &Host) -> String {
    format!("type: {kind}\nhost: 127.0.0.1\nport: {port}\npath: {}", host.files().display())
}

pub fn account(kind: &str) -> (Host, Office) {
    let sshd = Sshd::start();
    let variable = ("PATH".to_owned(), sshd.path_variable());
    let host = Host::Sshd(sshd);
    let mut office = Office::with_target(12, &account_at(host.port(), kind, &host));
    office.environment.push(variable);
    (host, office)
}

/// Puts a line that can be cut between an office and its target.
pub fn with_line(host: &Host, office: &mut Office) -> Line {
    let line = Line::to(host.port());
    match host {
        Host::Sshd(_) => office.target(&account_at(line.port, "sftp", host)),
        _ => office.target(&bucket_at(line.port)),
    }
    line
}
