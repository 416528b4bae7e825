//! The preview over HTTP, on a real port: it shows what will be published, follows every kind of change, and gives
//! nothing else away.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use xinfeng::diagnostic::Language;
use xinfeng::pipeline::{AsOf, Options};
use xinfeng::serve::{Server, ServerError, Settings, State};

use crate::sites::{self, Files, read_folder};

const SITE: &str = "title: 站\nbase_url: https://example.org/wenming/\ncolumns: [{key: news, name: 要闻}]\n\
                    districts: [{name: 静安区, slug: jingan}]\n";
/// Long enough for the slowest machine; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

fn article(title: &str, body: &str) -> String {
    format!("---\ntitle: {title}\ndate: 2026-01-01\ndistrict: 静安区\nsource: 乙\n---\n{body}\n")
}

/// A site on the disk, and its preview.
struct Preview {
    folder: TempDir,
    server: Server,
}

struct Answer {
    status: u16,
    /// In lower case.
    headers: String,
    body: Vec<u8>,
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The page as it will be published.
    fn page(&self) -> Vec<u8> {
        let text = self.text();
        let start = text.find("<script src=\"/__preview/client.js\"").expect("the preview's line");
        let end = start + text[start..].find("</script>").unwrap() + "</script>".len();
        format!("{}{}", &text[..start], &text[end..]).into_bytes()
    }
}

fn new_site() -> TempDir {
    let folder = TempDir::new().unwrap();
    let write = |path: &str, text: &str| sites::write_file(&folder.path().join(path), text.as_bytes());
    write("site.yaml", SITE);
    write("content/news/a.md", &article("甲", "一段。\n\n二段。\n\n![图](图.svg)"));
    write("content/news/b.md", &article("乙", "[甲](a.md) ![图](图.svg)"));
    write("content/news/图.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    write("static/proof.txt", "0123456789");
    folder
}

fn settings(folder: &TempDir) -> Settings {
    Settings {
        site: folder.path().to_owned(),
        host: "127.0.0.1".to_owned(),
        port: 0,
        options: options(),
        poll: false,
        follow: false,
        language: Language::Chinese,
    }
}

fn options() -> Options {
    Options { as_of: AsOf::Typed("2026-03-01".to_owned()), base_url: None, drafts: false, future: false }
}

impl Preview {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = new_site();
        let mut settings = settings(&folder);
        change(&mut settings);
        let server = Server::start(&settings).unwrap();
        Self { folder, server }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        sites::write_file(&self.path(path), text.as_bytes());
    }

    fn request(&self, method: &str, path: &str, headers: &str) -> Answer {
        request(self.server.address(), method, path, headers)
    }

    fn get(&self, path: &str) -> Answer {
        self.request("GET", path, "Host: localhost\r\n")
    }

    /// What a browser is told when it opens a page.
    fn told(&self, page: &str) -> serde_json::Value {
        let stream = TcpStream::connect(self.server.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(&stream, "GET /__preview/events?path={page}&since= HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut lines = BufReader::new(&stream).lines().map(Result::unwrap);
        let told = lines.find_map(|line| line.strip_prefix("data: ").map(str::to_owned)).unwrap();
        serde_json::from_str(&told).unwrap()
    }

    /// Waits for a state of which this is true.
    fn until(&self, what: &str, is_so: impl Fn(&State) -> bool) -> Arc<State> {
        let begun = Instant::now();
        loop {
            let state = self.server.state();
            if is_so(&state) {
                return state;
            }
            assert!(begun.elapsed() < PATIENCE, "never seen: {what}");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits until a path is answered with a text that holds this.
    fn until_shown(&self, path: &str, text: &str) {
        self.until(&format!("{text} at {path}"), |_| self.get(path).text().contains(text));
    }

    fn until_gone(&self, path: &str) {
        self.until(&format!("404 at {path}"), |_| self.get(path).status == 404);
    }

    /// What a build would write now.
    fn build(&self) -> Files {
        sites::build(self.folder.path(), &options()).files.expect("a site without errors")
    }
}

fn request(address: SocketAddr, method: &str, path: &str, headers: &str) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "{method} {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n").unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("the end of the headers");
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, headers: head, body: bytes[end + 4..].to_vec() }
}

/// Every output as it is served, without what the preview adds.
fn served(preview: &Preview, paths: impl Iterator<Item = String>) -> Files {
    paths
        .map(|path| {
            let answer = preview.get(&format!("/wenming/{}", xinfeng::plan::url::encode(&path)));
            assert_eq!(answer.status, 200, "{path}");
            let bytes = if path.ends_with(".html") { answer.page() } else { answer.body };
            (path, bytes)
        })
        .collect()
}

#[test]
fn what_is_served_is_what_will_be_published() {
    let preview = Preview::new();
    let built = preview.build();
    assert!(built.contains_key("news/2026/01/a.html") && built.contains_key("news/图.svg"));
    assert_eq!(sites::differences(&built, &served(&preview, built.keys().cloned())), Vec::<String>::new());

    preview.write("content/news/c.md", &article("丙", "新。"));
    fs::remove_file(preview.path("content/news/b.md")).unwrap();
    preview.write("site.yaml", &SITE.replace("title: 站", "title: 新站"));
    preview.until_shown("/wenming/news/2026/01/c.html", "新站");
    preview.until_gone("/wenming/news/2026/01/b.html");
    let built = preview.build();
    assert_eq!(sites::differences(&built, &served(&preview, built.keys().cloned())), Vec::<String>::new());
}

/// One kind of change after the other, as programs make them.
fn follows_every_change(preview: &Preview) {
    preview.write("content/news/a.md", &article("甲", "改过的一段。"));
    preview.until_shown("/wenming/news/2026/01/a.html", "改过的一段。");

    preview.write("content/news/.a.md.tmp", &article("甲", "换上来的一段。"));
    fs::rename(preview.path("content/news/.a.md.tmp"), preview.path("content/news/a.md")).unwrap();
    preview.until_shown("/wenming/news/2026/01/a.html", "换上来的一段。");

    preview.write("content/news/c.md", &article("新来的", "丙。"));
    preview.until_shown("/wenming/news/", "新来的");

    fs::rename(preview.path("content/news/c.md"), preview.path("content/news/d.md")).unwrap();
    preview.until_shown("/wenming/news/2026/01/d.html", "新来的");
    preview.until_gone("/wenming/news/2026/01/c.html");

    preview.write("content/news/deep/er/e.md", &article("深处的", "戊。"));
    preview.until_shown("/wenming/news/2026/01/e.html", "深处的");
    fs::rename(preview.path("content/news/deep"), preview.path("content/news/moved")).unwrap();
    preview.write("content/news/moved/er/e.md", &article("搬走的", "戊。"));
    preview.until_shown("/wenming/news/2026/01/e.html", "搬走的");
    fs::remove_dir_all(preview.path("content/news/moved")).unwrap();
    preview.until_gone("/wenming/news/2026/01/e.html");

    preview.write("content/news/图.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"neu\"/>");
    preview.until_shown("/wenming/news/%E5%9B%BE.svg", "neu");
    preview.write("static/more/proof.txt", "dazu");
    preview.until_shown("/wenming/more/proof.txt", "dazu");
    preview.write("themes/default/templates/article.html", "模板一");
    preview.until_shown("/wenming/news/2026/01/a.html", "模板一");
    fs::remove_dir_all(preview.path("themes")).unwrap();
    preview.until_shown("/wenming/news/2026/01/a.html", "换上来的一段。");
    preview.write("themes/default/templates/article.html", "模板二");
    preview.until_shown("/wenming/news/2026/01/a.html", "模板二");
    preview.write("site.yaml", &SITE.replace("title: 站", "title: 新站"));
    preview.until_shown("/wenming/", "新站");
    preview.write("static/.well-known/security.txt", "Contact: a");
    preview.until_shown("/wenming/.well-known/security.txt", "Contact: a");
    for settings in ["description: 新的简介", "keywords: [新的词]"] {
        preview.write("site.yaml", &format!("{SITE}{settings}\n"));
        let (_, last) = settings.rsplit_once(' ').unwrap();
        preview.until_shown("/wenming/", last.trim_matches(['[', ']', '}']));
    }
    preview.write("site.yaml", &SITE.replace("example.org", "www.example.org"));
    preview.until_shown("/wenming/", "https://www.example.org/wenming/");
    preview.write("site.yaml", &SITE.replace("/wenming/", "/"));
    preview.until_shown("/news/", "要闻");
}

#[test]
fn a_site_that_takes_the_place_of_the_watched_one_is_followed() {
    let preview = Preview::new();
    let copy = TempDir::new().unwrap();
    let moved = copy.path().join("moved");
    fs::rename(preview.folder.path(), &moved).unwrap();
    sites::write_file(&moved.join("content/news/a.md"), article("甲", "别处改的。").as_bytes());
    fs::rename(&moved, preview.folder.path()).unwrap();
    preview.until_shown("/wenming/news/2026/01/a.html", "别处改的。");
}

#[test]
fn follows_every_kind_of_change() {
    let mut preview = Preview::new();
    follows_every_change(&preview);
    // And once more where no events come.
    preview = Preview::with(|settings| settings.poll = true);
    assert!(preview.server.is_polling());
    follows_every_change(&preview);
}

#[test]
fn files_that_are_saved_together_are_not_one_change_each() {
    let preview = Preview::new();
    let before = preview.server.state().number;
    for number in 0..200 {
        preview.write(&format!("content/news/many-{number}.md"), &article(&format!("第{number}篇"), "多。"));
    }
    let state = preview.until("the last of many", |state| {
        state.edition.as_ref().is_some_and(|edition| edition.plan.site.pages.len() == 202)
    });
    // One, unless the machine stops writing for a while.
    assert!(state.number < before + 20, "{} states", state.number - before);
}

#[test]
fn git_is_waited_for() {
    let preview = Preview::with(|settings| {
        sites::write_file(&settings.site.join(".git/index.lock"), b"");
    });
    let before = preview.server.state().number;
    preview.write("content/news/c.md", &article("丙", "一。"));
    // Longer than any quiet between the files of a program that is not git.
    std::thread::sleep(Duration::from_millis(300));
    preview.write("content/news/d.md", &article("丁", "二。"));
    assert_eq!(preview.server.state().number, before);
    fs::remove_file(preview.path(".git/index.lock")).unwrap();
    let state = preview.until("the checkout", |state| state.number > before);
    assert_eq!(state.edition.as_ref().unwrap().plan.site.pages.len(), 4);
}

#[test]
fn errors_keep_the_last_good_edition() {
    let preview = Preview::new();
    preview.write("content/news/b.md", &article("乙", "[没有](nothing.md)"));
    let state = preview.until("the mistake", |state| state.stale);
    assert_eq!(state.diagnostics[0].code, "dead-link");
    assert!(preview.get("/wenming/news/2026/01/b.html").text().contains("甲</a>"));
    preview.write("content/news/b.md", &article("乙", "[有](a.md)"));
    preview.until_shown("/wenming/news/2026/01/b.html", "有</a>");
    assert!(!preview.server.state().stale);

    preview.write("themes/default/templates/article.html", "{{ item.titel }}");
    let state = preview.until("the template's mistake", |state| state.stale);
    assert_eq!(state.diagnostics[0].code, "template-error");
    assert!(preview.get("/wenming/news/2026/01/b.html").text().contains("有</a>"));
    fs::remove_dir_all(preview.path("themes")).unwrap();
    preview.until("the mended template", |state| !state.stale);

    // One that shows on one page only, whether the page or the template is written last.
    preview.write("content/news/b.md", &article("丙", "二"));
    preview.until_shown("/wenming/news/2026/01/b.html", "丙");
    preview.write("themes/default/templates/article.html", "{% if item.title == \"丙\" %}{{ item.titel }}{% endif %}");
    preview.until("the template's mistake on one page", |state| state.stale);
    preview.write("content/news/b.md", &article("乙", "二"));
    preview.until("the page without the mistake", |state| !state.stale);
    preview.write("content/news/a.md", &article("丙", "一"));
    preview.until("the page with the mistake", |state| state.stale);
}

#[test]
fn of_very_many_mistakes_the_first_are_told_and_the_number_of_all() {
    let preview = Preview::new();
    let links: String = (0..300).map(|number| format!("[没有](nothing-{number}.md)\n\n")).collect();
    preview.write("content/news/b.md", &article("乙", &links));
    preview.until("the mistakes", |state| state.stale);
    let told = preview.told("/wenming/");
    assert_eq!(told["counts"], serde_json::json!({ "error": 300, "warning": 0 }));
    let listed = told["diagnostics"].as_array().unwrap().len();
    assert!(listed < 300, "{listed} are told one by one");
    let front = preview.get("/__preview/").text();
    assert!(front.contains("需要处理（300）") && front.contains(&format!("还有 {} 条", 300 - listed)), "{front}");
}

#[test]
fn a_site_with_errors_from_the_start_appears_when_they_are_mended() {
    let folder = new_site();
    sites::write_file(&folder.path().join("content/news/b.md"), "---\ntitle： 坏\n---\n".as_bytes());
    let server = Server::start(&settings(&folder)).unwrap();
    let preview = Preview { folder, server };
    assert_eq!(preview.get("/wenming/").status, 503);
    preview.write("content/news/b.md", &article("乙", "好。"));
    preview.until_shown("/wenming/news/2026/01/b.html", "好。");
}

#[test]
fn a_browser_is_told_what_has_changed() {
    let preview = Preview::new();
    let stream = TcpStream::connect(preview.server.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let page = "/wenming/news/2026/01/a.html";
    write!(&stream, "GET /__preview/events?path={page}&since= HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut lines = BufReader::new(&stream).lines().map(Result::unwrap);
    let mut next = || -> serde_json::Value {
        let line = lines.find_map(|line| line.strip_prefix("data: ").map(str::to_owned)).unwrap();
        serde_json::from_str(&line).unwrap()
    };
    let first = next();
    assert_eq!(first["page"]["status"], 200);
    assert_eq!(first["changes"], serde_json::json!([]));
    preview.write("content/news/a.md", &article("甲", "一段。\n\n改过的二段。\n\n![图](图.svg)"));
    let second = next();
    assert_ne!(first["page"]["hash"], second["page"]["hash"]);
    assert_eq!(second["block"]["html"], "<p>改过的二段。</p>\n");
    assert_eq!(second["changes"][0]["url"], page);
    let editor = second["page"]["source"]["editor"].as_str().unwrap();
    assert!(editor.starts_with("vscode://file/") && editor.ends_with("content/news/a.md:9:1"), "{editor}");
    fs::rename(preview.path("content/news/a.md"), preview.path("content/news/new.md")).unwrap();
    // The link to the old name is an error first.
    let third = next();
    assert_eq!((&third["stale"], &third["diagnostics"][0]["code"]), (&true.into(), &"dead-link".into()));
    preview.write("content/news/b.md", &article("乙", "[甲](new.md)"));
    let fourth = next();
    assert_eq!(fourth["page"]["status"], 404);
    assert_eq!(fourth["page"]["moved"]["url"], "/wenming/news/2026/01/new.html");
}

#[test]
fn only_its_own_host_is_answered() {
    let preview = Preview::new();
    let status = |host: &str| preview.request("GET", "/wenming/", &format!("Host: {host}\r\n")).status;
    let port = preview.server.address().port();
    for own in
        ["localhost", "LOCALHOST", "127.0.0.1", &format!("localhost:{port}"), &format!("127.0.0.1:{port}"), "[::1]"]
    {
        assert_eq!(status(own), 200, "{own}");
    }
    for other in [
        "evil.example",
        &format!("evil.example:{port}"),
        "localhost.evil.example",
        "192.0.2.1",
        "127.0.0.1.evil.example",
        "",
    ] {
        assert_eq!(status(other), 421, "{other}");
    }
    assert_eq!(preview.request("GET", "/__preview/events?path=/", "Host: evil.example\r\n").status, 421);
    assert_eq!(preview.request("POST", "/wenming/", "Host: localhost\r\nContent-Length: 0\r\n").status, 405);
}

#[test]
fn no_path_leaves_the_site() {
    let preview = Preview::new();
    for path in [
        "/wenming/../site.yaml",
        "/wenming/../../../../../../etc/passwd",
        "/wenming/%2e%2e/site.yaml",
        "/wenming/..%2fsite.yaml",
        "/wenming/%2e%2e%2fsite.yaml",
        "/wenming/..%5csite.yaml",
        "/wenming//etc/passwd",
        "/wenming/news/../../site.yaml",
        "/wenming/.xinfeng/manifest",
        "/wenming/content/news/a.md",
        "/wenming/%00",
        "//etc/passwd",
        "/site.yaml",
    ] {
        let answer = preview.get(path);
        assert!(matches!(answer.status, 302 | 404), "{path}: {}", answer.status);
        let location = answer.headers.lines().find_map(|line| line.strip_prefix("location: "));
        assert!(location.is_none_or(|to| to == "/wenming/"), "{path}: {location:?}");
        assert!(!answer.text().contains("columns:") && !answer.text().contains("root:"), "{path}");
    }
}

#[test]
fn files_come_with_their_type_and_in_parts() {
    let preview = Preview::new();
    let part =
        |range: &str| preview.request("GET", "/wenming/proof.txt", &format!("Host: localhost\r\nRange: {range}\r\n"));
    let whole = preview.get("/wenming/proof.txt");
    assert_eq!((whole.status, whole.text().as_str()), (200, "0123456789"));
    for header in ["content-type: text/plain; charset=utf-8", "accept-ranges: bytes", "cache-control: no-store"] {
        assert!(whole.headers.contains(header), "{header} in {}", whole.headers);
    }
    let some = part("bytes=2-4");
    assert_eq!((some.status, some.text().as_str()), (206, "234"));
    assert!(some.headers.contains("content-range: bytes 2-4/10"), "{}", some.headers);
    assert_eq!(part("bytes=-3").text(), "789");
    assert_eq!(part("bytes=20-").status, 416);
    assert_eq!(part("lines=1-2").status, 200);
}

#[test]
fn a_folder_without_its_slash_is_redirected() {
    let preview = Preview::new();
    let answer = preview.get("/wenming/news");
    assert_eq!(answer.status, 302);
    assert!(answer.headers.contains("location: /wenming/news/\r"), "{}", answer.headers);
}

#[test]
fn a_page_follows_the_site_into_another_folder() {
    let preview = Preview::new();
    preview.write("site.yaml", &SITE.replace("/wenming/", "/"));
    preview.until_shown("/news/2026/01/b.html", "乙");
    let answer = preview.get("/wenming/news/2026/01/b.html");
    assert_eq!(answer.status, 302);
    assert!(answer.headers.contains("location: /news/2026/01/b.html\r"), "{}", answer.headers);
    assert_eq!(preview.get("/wenming/news/2026/01/nothing.html").status, 404);
}

#[test]
fn the_page_of_a_year_says_its_name_once() {
    let preview = Preview::new();
    let headings = |path: &str| {
        let text = preview.get(path).text();
        let (year, all) = (text.matches("2026 年</a></h2>").count(), text.matches("<h1>").count());
        (year, all)
    };
    assert_eq!(headings("/wenming/archive/"), (1, 1));
    assert_eq!(headings("/wenming/archive/2026/"), (0, 1));
}

#[test]
fn the_next_free_port_is_taken() {
    let first = Preview::new();
    let taken = first.server.address().port();
    let second = Preview::with(|settings| settings.port = taken);
    assert!(second.server.address().port() > taken);
}

#[test]
fn nothing_is_written() {
    let preview = Preview::new();
    let before = read_folder(preview.folder.path());
    preview.write("content/news/b.md", &article("乙", "改。"));
    preview.until_shown("/wenming/news/2026/01/b.html", "改。");
    let mut after = read_folder(preview.folder.path());
    after.insert("content/news/b.md".to_owned(), before["content/news/b.md"].clone());
    assert_eq!(sites::differences(&before, &after), Vec::<String>::new());
}

#[test]
fn a_folder_that_is_no_site_is_refused() {
    let folder = TempDir::new().unwrap();
    assert!(matches!(Server::start(&settings(&folder)), Err(ServerError::NoSite(..))));
}
