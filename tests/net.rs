//! `xinfeng check --net` against a real server of ours.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A web server; it notes what it is asked for, and how much of that at once.
struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
    most_at_once: Arc<AtomicUsize>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (at_once, most_at_once) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (log, most) = (Arc::clone(&requests), Arc::clone(&most_at_once));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (log, most, at_once) = (Arc::clone(&log), Arc::clone(&most), Arc::clone(&at_once));
                thread::spawn(move || {
                    most.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    // It is over for us before the other side knows, or the next request would be counted as well.
                    answer(stream.unwrap(), port, &log, || {
                        at_once.fetch_sub(1, Ordering::SeqCst);
                    });
                });
            }
        });
        Self { port, requests, most_at_once }
    }

    fn take_requests(&self) -> Vec<String> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }
}

/// Answers one request and closes.
fn answer(mut stream: TcpStream, port: u16, log: &Mutex<Vec<String>>, end: impl FnOnce()) {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        request.push(byte[0]);
    }
    let request = String::from_utf8(request).unwrap();
    assert!(request.to_lowercase().contains("user-agent: xinfeng/"), "{request}");
    let line = request.lines().next().unwrap().trim_end_matches(" HTTP/1.1").to_owned();
    let status = match line.as_str() {
        "HEAD /gone" | "GET /gone" | "HEAD /no-head" => "404 Not Found".to_owned(),
        "HEAD /broken" | "GET /broken" => "503 Service Unavailable".to_owned(),
        "HEAD /private" | "GET /private" => "403 Forbidden".to_owned(),
        "HEAD /moved-within" => "301 Moved Permanently\r\nLocation: /gone".to_owned(),
        "HEAD /moved-away" => format!("302 Found\r\nLocation: http://localhost:{port}/new"),
        _ => "200 OK".to_owned(),
    };
    log.lock().unwrap().push(line);
    thread::sleep(Duration::from_millis(20));
    end();
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
}

fn run(site: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xinfeng"));
    for proxy in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env_remove(proxy);
    }
    let output = command.arg("--site").arg(site).args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// What is said about other sites: the rule and the link.
fn found(site: &Path, port: u16) -> Vec<(String, String)> {
    let report: serde_json::Value = serde_json::from_str(&run(site, &["check", "--net", "--json"])).unwrap();
    let mut found: Vec<(String, String)> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|found| found["code"].as_str().unwrap().starts_with("external-"))
        .map(|found| {
            let message = found["message"].as_str().unwrap();
            let link = message.split(['“', '”']).nth(1).unwrap_or_default().replace(&port.to_string(), "port");
            (found["code"].as_str().unwrap().to_owned(), link)
        })
        .collect();
    found.sort();
    found
}

#[test]
fn other_sites_are_asked_politely_and_their_answers_kept() {
    let server = Server::start();
    let port = server.port;
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path();
    let settings = "title: 新风\nbase_url: https://example.org/\ncolumns: [{key: news, name: 要闻}]\n";
    fs::create_dir_all(site.join("content/news")).unwrap();
    fs::write(site.join("site.yaml"), settings).unwrap();
    let paths = ["fine", "fine#a", "gone", "no-head", "broken", "private", "moved-within", "moved-away", "好"];
    let links: Vec<String> = paths.iter().map(|path| format!("[甲](http://127.0.0.1:{port}/{path})")).collect();
    let body = format!("{} [乙](http://127.0.0.1:{closed}/)", links.join("，"));
    let text = format!("---\ntitle: 甲\ndate: 2026-01-10\ndistrict: all\nsource: 乙\n---\n{body}\n");
    fs::write(site.join("content/news/a.md"), text).unwrap();
    run(site, &["build"]);
    assert!(server.take_requests().is_empty(), "a build asks nobody");
    run(site, &["check"]);
    assert!(server.take_requests().is_empty(), "a check asks nobody unless it is told to");

    let here = |path: &str| format!("http://127.0.0.1:port/{path}");
    let expected = [
        ("external-failing", here("broken")),
        ("external-failing", format!("http://127.0.0.1:{closed}/")),
        ("external-gone", here("gone")),
        ("external-gone", here("moved-within")),
        ("external-redirect", here("moved-away")),
    ];
    let mut expected = expected.map(|(code, link)| (code.to_owned(), link));
    expected.sort();
    assert_eq!(found(site, port), expected);
    let mut requests = server.take_requests();
    requests.sort();
    let expected_requests = [
        "GET /broken",
        "GET /gone",
        "GET /gone",
        "GET /no-head",
        "GET /private",
        "HEAD /%E5%A5%BD",
        "HEAD /broken",
        "HEAD /fine",
        "HEAD /gone",
        "HEAD /gone",
        "HEAD /moved-away",
        "HEAD /moved-within",
        "HEAD /no-head",
        "HEAD /private",
    ];
    assert_eq!(requests, expected_requests);
    assert_eq!(server.most_at_once.load(Ordering::SeqCst), 1, "one thing at a time for each site");

    assert_eq!(found(site, port), expected, "the answers are the same");
    assert!(server.take_requests().is_empty(), "what was answered holds");
}
