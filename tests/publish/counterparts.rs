//! The other side of a publication: real servers on loopback ports, each with its files in a folder that tests can look into.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use dav_server::{DavHandler, fakels::FakeLs, localfs::LocalFs};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A secret that must never be seen anywhere.
pub const SECRET: &str = "SECRET-hunter2-never-shown";
pub const BUCKET: &str = "www";

/// All files below a folder by their paths, but for what starts with a dot.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    gather(folder, folder, &mut found);
    found
}

fn gather(root: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if path.is_dir() {
            gather(root, &path, found);
        } else if let Ok(bytes) = fs::read(&path) {
            // A file that was renamed away meanwhile is no longer one.
            found.insert(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned(), bytes);
        }
    }
}

pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

fn wait_for(port: u16) {
    let started = Instant::now();
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        assert!(started.elapsed() < Duration::from_secs(20), "nothing answers on port {port}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Requests as a server got them: `PUT /www/index.html`.
type Requests = Arc<Mutex<Vec<String>>>;

/// An HTTP server in this process.
pub struct Service {
    pub port: u16,
    /// The folder that holds what was published.
    pub folder: PathBuf,
    requests: Requests,
    /// Held by everything that is going on.
    busy: Arc<()>,
    _root: TempDir,
    _runtime: Runtime,
}

impl Service {
    /// An object storage: what `s3s-fs` serves, with signatures checked.
    pub fn bucket() -> Self {
        let root = TempDir::new().unwrap();
        let folder = root.path().join(BUCKET);
        fs::create_dir(&folder).unwrap();
        let mut builder = S3ServiceBuilder::new(s3s_fs::FileSystem::new(root.path()).unwrap());
        builder.set_auth(SimpleAuth::from_single("office", SECRET));
        let service = builder.build();
        serve(root, folder, move |request| {
            let service = service.clone();
            async move { hyper::service::Service::call(&service, request).await.map_err(|error| format!("{error:?}")) }
        })
    }

    /// A WebDAV server.
    pub fn webdav() -> Self {
        let root = TempDir::new().unwrap();
        let folder = root.path().to_owned();
        let handler = DavHandler::builder()
            .filesystem(LocalFs::new(&folder, false, false, false))
            .locksystem(FakeLs::new())
            .build_handler();
        serve(root, folder, move |request| {
            let handler = handler.clone();
            async move { Ok::<_, Infallible>(handler.handle(request).await) }
        })
    }

    /// Waits until what clients began is over, after they went away.
    pub fn settle(&self) {
        // Connections are accepted in turn: when this one, which asks for nothing that is known, has its answer, those before it
        // are counted.
        let mut last = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        last.write_all(b"?\r\n\r\n").unwrap();
        last.read_to_end(&mut Vec::new()).unwrap();
        let started = Instant::now();
        while Arc::strong_count(&self.busy) > 1 {
            assert!(started.elapsed() < Duration::from_secs(60), "a request does not end");
            thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn take_requests(&self) -> Vec<String> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }

    /// Those that write.
    pub fn take_writes(&self) -> Vec<String> {
        self.take_requests()
            .into_iter()
            .filter(|line| !["GET ", "HEAD ", "PROPFIND "].iter().any(|verb| line.starts_with(verb)))
            .collect()
    }
}

fn serve<H, F, B, E>(root: TempDir, folder: PathBuf, handle: H) -> Service
where
    H: Fn(hyper::Request<hyper::body::Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<hyper::Response<B>, E>> + Send + 'static,
    B: hyper::body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    E: Into<Box<dyn std::error::Error + Send + Sync>> + Send + 'static,
{
    let runtime = Runtime::new().unwrap();
    let requests = Requests::default();
    let log = Arc::clone(&requests);
    let busy = Arc::new(());
    let marks = Arc::downgrade(&busy);
    let listener = runtime.block_on(tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).unwrap();
    let port = listener.local_addr().unwrap().port();
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (handle, log, mark) = (handle.clone(), Arc::clone(&log), marks.upgrade());
            let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                log.lock().unwrap().push(format!("{} {}", request.method(), request.uri()));
                // As with any server's own threads, what was begun goes on to its end when the client goes away: by RFC 4918, 9.9.3,
                // a MOVE deletes what it replaces first.
                let (answer, mark) = (handle(request), mark.clone());
                let answer = tokio::spawn(async move { (answer.await, mark).0 });
                async move { answer.await.expect("the server does not panic") }
            });
            let mark = marks.upgrade();
            tokio::spawn(async move {
                let _mark = mark;
                // A client that goes away is what some tests are about.
                drop(auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await);
            });
        }
    });
    Service { port, folder, requests, busy, _root: root, _runtime: runtime }
}

/// A program that serves until the test is over.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn start(command: &mut Command, log: &Path) -> Daemon {
    let log = fs::File::create(log).unwrap();
    let name = command.get_program().to_string_lossy().into_owned();
    let child = command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn();
    Daemon(child.unwrap_or_else(|error| panic!("{name}: {error}; tests/run installs it")))
}

/// OpenSSH, for one key, with a client that knows the server.
pub struct Sshd {
    pub port: u16,
    pub folder: PathBuf,
    root: TempDir,
    _daemon: Daemon,
}

impl Sshd {
    pub fn start() -> Self {
        let root = TempDir::new().unwrap();
        let path = |name: &str| root.path().join(name);
        for name in ["host", "client", "stranger"] {
            let made =
                Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(path(name)).status();
            assert!(made.expect("ssh-keygen; tests/run installs it").success());
        }
        fs::create_dir_all("/run/sshd").ok();
        let port = free_port();
        let here = root.path().display();
        fs::copy(path("client.pub"), path("authorized")).unwrap();
        fs::write(
            path("sshd_config"),
            format!(
                "Port {port}\nListenAddress 127.0.0.1\nHostKey {here}/host\nPidFile none\nUsePAM no\nStrictModes no\n\
                 AuthorizedKeysFile {here}/authorized\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n\
                 MaxStartups 100\nSubsystem sftp internal-sftp\n"
            ),
        )
        .unwrap();
        let host_key = fs::read_to_string(path("host.pub")).unwrap();
        fs::write(path("known_hosts"), format!("* {host_key}")).unwrap();
        // What stands in an editor's own ~/.ssh/config, and one exchange of keys that takes a moment only.
        fs::write(
            path("ssh_config"),
            format!(
                "Host *\n  UserKnownHostsFile {here}/known_hosts\n  IdentityFile {here}/client\n  IdentitiesOnly yes\n  \
                 KexAlgorithms curve25519-sha256\n"
            ),
        )
        .unwrap();
        fs::create_dir(path("bin")).unwrap();
        let ssh = path("bin/ssh");
        fs::write(&ssh, format!("#!/bin/sh\nexec /usr/bin/ssh -F {here}/ssh_config \"$@\"\n")).unwrap();
        std::os::unix::fs::PermissionsExt::set_mode(&mut fs::metadata(&ssh).unwrap().permissions(), 0o755);
        Command::new("chmod").arg("+x").arg(&ssh).status().unwrap();
        let daemon =
            start(Command::new("/usr/sbin/sshd").args(["-D", "-e", "-f"]).arg(path("sshd_config")), &path("log"));
        wait_for(port);
        let folder = path("www");
        Self { port, folder, root, _daemon: daemon }
    }

    /// The `PATH` under which `ssh` is the client that knows the server.
    pub fn path_variable(&self) -> String {
        format!("{}:{}", self.root.path().join("bin").display(), std::env::var("PATH").unwrap())
    }

    /// How often somebody has logged in.
    pub fn logins(&self) -> usize {
        fs::read_to_string(self.root.path().join("log")).unwrap().matches("Accepted publickey").count()
    }

    /// A key that the server does not know.
    pub fn strangers_key(&self) -> PathBuf {
        self.root.path().join("stranger")
    }
}

/// nginx, serving a folder.
pub struct Nginx {
    pub port: u16,
    _root: TempDir,
    _daemon: Daemon,
}

impl Nginx {
    /// Starts it with additional directives for its one server.
    pub fn start(folder: &Path, directives: &str) -> Self {
        let root = TempDir::new().unwrap();
        let (port, here) = (free_port(), root.path().display());
        let configuration = format!(
            "daemon off;\nmaster_process off;\npid {here}/pid;\nerror_log {here}/error.log;\nevents {{}}\nhttp {{\n  access_log off;\n  \
             client_body_temp_path {here}/body;\n  proxy_temp_path {here}/proxy;\n  fastcgi_temp_path {here}/fastcgi;\n  \
             uwsgi_temp_path {here}/uwsgi;\n  scgi_temp_path {here}/scgi;\n  include /etc/nginx/mime.types;\n  server {{\n    \
             listen 127.0.0.1:{port};\n    root {};\n    {directives}\n  }}\n}}\n",
            folder.display()
        );
        fs::write(root.path().join("nginx.conf"), configuration).unwrap();
        let daemon = start(
            Command::new("/usr/sbin/nginx").arg("-p").arg(root.path()).arg("-c").arg(root.path().join("nginx.conf")),
            &root.path().join("log"),
        );
        wait_for(port);
        Self { port, _root: root, _daemon: daemon }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }
}

/// A line between two programs that can be cut.
pub struct Line {
    pub port: u16,
    /// How many bytes pass before it breaks; it is mended right away, for those who call again.
    breaks_after: Arc<AtomicU64>,
    is_dead: Arc<AtomicBool>,
}

impl Line {
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let line = Self {
            port: listener.local_addr().unwrap().port(),
            breaks_after: Arc::new(AtomicU64::new(u64::MAX)),
            is_dead: Arc::new(AtomicBool::new(false)),
        };
        let (breaks_after, is_dead) = (Arc::clone(&line.breaks_after), Arc::clone(&line.is_dead));
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                let Ok(far) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { continue };
                for (mut from, mut to) in [(near.try_clone().unwrap(), far.try_clone().unwrap()), (far, near)] {
                    let (breaks_after, is_dead) = (Arc::clone(&breaks_after), Arc::clone(&is_dead));
                    thread::spawn(move || {
                        let mut buffer = [0; 4096];
                        while let Ok(read @ 1..) = from.read(&mut buffer) {
                            let left = breaks_after.load(Ordering::SeqCst);
                            if is_dead.load(Ordering::SeqCst) || left < read as u64 {
                                breaks_after.store(u64::MAX, Ordering::SeqCst);
                                break;
                            }
                            if left != u64::MAX {
                                breaks_after.fetch_sub(read as u64, Ordering::SeqCst);
                            }
                            if to.write_all(&buffer[..read]).is_err() {
                                break;
                            }
                        }
                        drop(from.shutdown(Shutdown::Both));
                        drop(to.shutdown(Shutdown::Both));
                    });
                }
            }
        });
        line
    }

    /// Breaks once, after so many more bytes.
    pub fn break_after(&self, bytes: u64) {
        self.breaks_after.store(bytes, Ordering::SeqCst);
    }

    /// Breaks for good.
    pub fn kill(&self) {
        self.is_dead.store(true, Ordering::SeqCst);
    }
}
