//! The language server as an editor meets it: the real program, spoken to over its standard input and output.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

const SITE: &str = "title: 站\nbase_url: https://example.org/\ncolumns: [{key: news, name: 要闻}]\n\
                    districts: [{name: 静安区, slug: jingan, children: [{name: 彭浦镇, slug: pengpu}]}]\n\
                    topics: [{name: 志愿服务, slug: zhiyuan, description: 帮忙}]\n";
const FIRST: &str =
    "---\ntitle: 第一篇\ndate: 2026-01-01\ndistrict: 彭浦镇\ntopics: 志愿服务\nsource: 乙\n---\n正文。\n";

/// An editor, with the site that it has open.
struct Editor {
    folder: TempDir,
    server: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    requests: u64,
}

impl Editor {
    fn open(locale: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_xinfeng"));
        command.arg("lsp").env_remove("LC_ALL").env("LANG", "C").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut server = command.spawn().unwrap();
        let (input, output) = (server.stdin.take().unwrap(), BufReader::new(server.stdout.take().unwrap()));
        let mut editor = Self { folder, server, input, output, requests: 0 };
        editor.save("site.yaml", SITE);
        editor.save("content/news/第一 篇.md", FIRST);
        let root = editor.uri("");
        let folders = json!([{ "uri": root, "name": "站" }]);
        let answer = editor.ask(
            "initialize",
            json!({ "processId": null, "locale": locale, "capabilities": {}, "workspaceFolders": folders }),
        );
        assert_eq!(answer["capabilities"]["hoverProvider"], true);
        editor.tell("initialized", json!({}));
        editor
    }

    fn uri(&self, file: &str) -> String {
        let folder = self.folder.path().canonicalize().unwrap();
        url::Url::from_file_path(folder.join(file)).unwrap().to_string()
    }

    fn save(&self, file: &str, text: &str) {
        let path = self.folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.input.flush().unwrap();
    }

    fn tell(&mut self, method: &str, parameters: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": parameters }));
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "the server went away");
            match line.trim().strip_prefix("Content-Length: ") {
                Some(number) => length = number.parse().unwrap(),
                None if line.trim().is_empty() => break,
                None => {}
            }
        }
        let mut bytes = vec![0; length];
        self.output.read_exact(&mut bytes).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    /// The answer to a request; what the server says on its own before it is passed over.
    fn ask(&mut self, method: &str, parameters: Value) -> Value {
        self.requests += 1;
        let id = self.requests;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": parameters }));
        loop {
            let message = self.receive();
            if message["id"] == id {
                assert_eq!(message["error"], Value::Null);
                return message["result"].clone();
            }
        }
    }

    /// The next messages about a file.
    fn judgement(&mut self, file: &str) -> Vec<Value> {
        let uri = self.uri(file);
        loop {
            let message = self.receive();
            if message["method"] == "textDocument/publishDiagnostics" && message["params"]["uri"] == uri.as_str() {
                return message["params"]["diagnostics"].as_array().unwrap().clone();
            }
        }
    }

    fn show(&mut self, file: &str, text: &str) -> Vec<Value> {
        let uri = self.uri(file);
        let document = json!({ "uri": uri, "languageId": "markdown", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
        self.judgement(file)
    }

    fn change(&mut self, file: &str, text: &str) -> Vec<Value> {
        let uri = self.uri(file);
        let changes = json!([{ "text": text }]);
        let parameters = json!({ "textDocument": { "uri": uri, "version": 2 }, "contentChanges": changes });
        self.tell("textDocument/didChange", parameters);
        self.judgement(file)
    }

    /// Shows a text and asks something where `|` stands in it.
    fn ask_at(&mut self, method: &str, file: &str, marked: &str) -> Value {
        let offset = marked.find('|').unwrap();
        let (before, text) = (&marked[..offset], marked.replacen('|', "", 1));
        let line = before.matches('\n').count();
        let character = before.rsplit('\n').next().unwrap().encode_utf16().count();
        self.show(file, &text);
        let uri = self.uri(file);
        let position = json!({ "line": line, "character": character });
        self.ask(method, json!({ "textDocument": { "uri": uri }, "position": position }))
    }

    fn labels(&mut self, file: &str, marked: &str) -> Vec<String> {
        let items = self.ask_at("textDocument/completion", file, marked);
        items.as_array().unwrap().iter().map(|item| item["label"].as_str().unwrap().to_owned()).collect()
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        drop(self.server.kill());
    }
}

fn range(line: u32, from: u32, to: u32) -> Value {
    json!({ "start": { "line": line, "character": from }, "end": { "line": line, "character": to } })
}

const FILE: &str = "content/news/a.md";

#[test]
fn a_mistake_is_shown_where_it_stands_and_goes_when_it_is_mended() {
    let mut editor = Editor::open("zh-cn");
    // The character before the district takes two units of UTF-16.
    let text =
        "---\ntitle: 甲\ndate: 2026-01-01\ndistrict: [全部𠮷, 静安]\nsource: 乙\n---\n".replace("全部𠮷", "\"𠮷\"");
    let found = editor.show(FILE, &text);
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!((&found[0]["range"], &found[1]["range"]), (&range(3, 11, 15), &range(3, 17, 19)));
    let expected = "没有“静安”这个区域\n怎样改：是不是想写“静安区”？\n\
                    怎样改：区域的名称以 site.yaml 里的 districts 为准；面向全站的写 all";
    assert_eq!(found[1]["message"], expected);
    assert_eq!((&found[1]["code"], &found[1]["severity"]), (&json!("unknown-district"), &json!(1)));
    assert_eq!(editor.change(FILE, &text.replace("[\"𠮷\", 静安]", "静安区")), Vec::<Value>::new());
}

#[test]
fn messages_come_in_the_editors_language_with_the_places_that_belong_to_them() {
    let mut editor = Editor::open("en");
    let text = "---\ntitle: 甲\n标题: 乙\ndate: 2026-01-01\ndistrict: all\nsource: 乙\n---\n";
    let found = editor.show(FILE, text);
    assert_eq!(found[0]["code"], "duplicate-key");
    let related = &found[0]["relatedInformation"][0];
    assert_eq!(
        (&related["location"]["uri"], &related["location"]["range"]),
        (&json!(editor.uri(FILE)), &range(1, 0, 5))
    );
    let message = "\"标题\" and \"title\" are the same key, which stands twice\nhelp: keep one of them";
    assert_eq!((&found[0]["message"], &related["message"]), (&json!(message), &json!("the other one is here")));
}

#[test]
fn site_yaml_is_judged_too_and_gives_its_names_once_it_is_saved() {
    let mut editor = Editor::open("zh");
    let found = editor.show("site.yaml", &SITE.replace("title: 站", "titel: 站"));
    let codes: Vec<&str> = found.iter().map(|it| it["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["unknown-key"]);
    let renamed = SITE.replace("彭浦镇", "临汾路街道");
    assert_eq!(editor.change("site.yaml", &renamed), Vec::<Value>::new());
    editor.save("site.yaml", &renamed);
    let uri = editor.uri("site.yaml");
    editor.tell("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
    let found = editor.judgement("content/news/第一 篇.md");
    assert_eq!((found[0]["code"].as_str(), &found[0]["range"]), (Some("unknown-district"), &range(3, 10, 13)));
    assert_eq!(editor.labels(FILE, "---\ndistrict: |\n---\n"), ["all", "静安区", "临汾路街道"]);
}

#[test]
fn what_a_check_says_of_a_text_shows_while_it_is_typed() {
    let mut editor = Editor::open("zh-cn");
    let said = |found: &[Value]| found.iter().map(|it| it["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let typed = |body: &str| FIRST.replace("正文。", body);
    let file = "content/news/第一 篇.md";
    assert_eq!(editor.show(file, FIRST), [] as [Value; 0]);
    let found = editor.change(file, &typed("新时代文明时间中心,联系 13812345678。"));
    assert_eq!(said(&found), ["near-miss", "half-width-punctuation", "mobile-number"]);
    assert_eq!(found[1]["range"]["start"], json!({ "line": 7, "character": 9 }));
    assert_eq!(found[1]["severity"], 2);
    // Nothing is said twice once the text is saved, and the site's settings hold.
    let text = typed("甲,乙。");
    editor.save("site.yaml", &format!("{SITE}check: {{severity: {{half-width-punctuation: error}}}}\n"));
    editor.save(file, &text);
    editor.change(file, &text);
    let uri = editor.uri(file);
    editor.tell("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
    let found = editor.judgement(file);
    assert_eq!(said(&found), ["half-width-punctuation"]);
    assert_eq!(found[0]["severity"], 1);
}

#[test]
fn a_dead_link_shows_when_the_file_is_saved() {
    let mut editor = Editor::open("zh");
    let text = FIRST.replace("正文。", "见[乙](乙.md)。");
    assert_eq!(editor.show(FILE, &text), Vec::<Value>::new());
    editor.save(FILE, &text);
    let uri = editor.uri(FILE);
    editor.tell("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
    let found = editor.judgement(FILE);
    assert_eq!((found[0]["code"].as_str(), &found[0]["range"]), (Some("dead-link"), &range(7, 5, 9)));
    // Nothing can be said of where it stands in a text that was changed since.
    assert_eq!(editor.change(FILE, &text.replace("见", "请看")), Vec::<Value>::new());
}

#[test]
fn keys_are_offered_under_both_names_and_only_once() {
    let mut editor = Editor::open("zh");
    let items = editor.ask_at("textDocument/completion", FILE, "---\ntitle: 甲\n来|\n---\n");
    let items = items.as_array().unwrap().clone();
    let find = |label: &str| items.iter().find(|item| item["label"] == label);
    let source = find("来源").unwrap();
    assert_eq!(source["textEdit"], json!({ "range": range(2, 0, 1), "newText": "来源: " }));
    assert_eq!(source["documentation"], "来源：稿件由谁提供\nsource: 静安区文明办");
    assert!(
        find("source").is_some() && find("title").is_none() && find("标题").is_none() && find("organizer").is_none()
    );
    let nested = editor.labels(FILE, "---\ntype: 招募\npositions:\n  - name: 甲\n    |\n---\n");
    assert_eq!(nested[..4], ["name", "名称", "count", "人数"]);
    assert_eq!(
        editor.labels("site.yaml", "districts:\n  - {name: 甲, children: [{|"),
        editor.labels("site.yaml", "districts:\n  - {|")
    );
}

#[test]
fn values_are_offered_from_the_site_and_from_closed_lists() {
    let mut editor = Editor::open("zh");
    for (marked, expected) in [
        ("---\n区域: |\n---\n", vec!["all", "静安区", "彭浦镇"]),
        ("---\ndistrict: [静安区, |]\n---\n", vec!["all", "静安区", "彭浦镇"]),
        ("---\ntopics: [|]\n---\n", vec!["志愿服务"]),
        ("---\npin: |\n---\n", vec!["true", "false"]),
        ("---\ntype: 通知公告\nkind: |\n---\n", vec!["通知", "公告", "公示", "通报", "通告", "倡议书"]),
        ("---\ntype: 招募\nplace: {district: |}\n---\n", vec!["静安区", "彭浦镇"]),
        ("---\ntitle: |\n---\n", vec![]),
    ] {
        assert_eq!(editor.labels(FILE, marked), expected, "{marked}");
    }
}

#[test]
fn links_to_other_items_are_offered_by_their_titles() {
    let mut editor = Editor::open("zh");
    let items = editor.ask_at("textDocument/completion", FILE, "---\ntitle: 甲\n---\n见[第一篇](/n|)\n");
    let item = &items.as_array().unwrap()[0];
    assert_eq!((&item["label"], &item["detail"]), (&json!("第一篇"), &json!("/news/第一 篇.md")));
    assert_eq!(item["textEdit"], json!({ "range": range(3, 7, 9), "newText": "/news/第一%20篇.md" }));
    let text = FIRST.replace("正文。", "见[第一篇](/news/第一%20篇.md)。");
    editor.change(FILE, &text);
    editor.save(FILE, &text);
    let uri = editor.uri(FILE);
    editor.tell("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
    assert_eq!(editor.judgement(FILE), Vec::<Value>::new());
}

#[test]
fn pictures_are_offered_where_one_is_to_be() {
    let mut editor = Editor::open("zh");
    editor.save("content/news/集 市.svg", "<svg/>");
    editor.save("content/news/表.txt", "表");
    let uri = editor.uri("site.yaml");
    editor.tell("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
    let offered = editor.ask_at("textDocument/completion", FILE, "---\ntitle: 甲\n---\n![理发](/n|)\n");
    let texts: Vec<_> = offered.as_array().unwrap().iter().map(|item| &item["textEdit"]["newText"]).collect();
    assert_eq!(texts, [&json!("/news/集%20市.svg")]);
}

#[test]
fn a_word_is_explained_where_the_pointer_rests() {
    let mut editor = Editor::open("zh");
    for (marked, expected) in [
        ("---\nsou|rce: 甲\n---\n", "**来源**（source）（必填）\n\n来源：稿件由谁提供\n\n例如 `source: 静安区文明办`"),
        ("---\n引|题: 甲\n---\n", "**引题**（kicker）\n\n引题：标题上方的一行小字\n\n例如 `kicker: 文明实践在身边`"),
        ("---\ndistrict: 静|安区\n---\n", "**静安区**（jingan）\n\n1 篇内容"),
        ("---\ndistrict: [all, 彭浦|镇]\n---\n", "**静安区 / 彭浦镇**（pengpu）\n\n1 篇内容"),
        ("---\ntopics: 志愿|服务\n---\n", "**志愿服务**（zhiyuan）\n\n帮忙\n\n1 篇内容"),
    ] {
        let about = editor.ask_at("textDocument/hover", FILE, marked);
        assert_eq!(about["contents"], json!({ "kind": "markdown", "value": expected }), "{marked}");
    }
    assert_eq!(editor.ask_at("textDocument/hover", FILE, "---\ntitle: 静|安区\n---\n"), Value::Null);
}

#[test]
fn it_ends_when_it_is_told_to() {
    let mut editor = Editor::open("zh");
    assert_eq!(editor.ask("shutdown", Value::Null), Value::Null);
    editor.tell("exit", Value::Null);
    assert_eq!(editor.server.wait().unwrap().code(), Some(0));
    let mut rude = Editor::open("zh");
    rude.tell("exit", Value::Null);
    assert_eq!(rude.server.wait().unwrap().code(), Some(1));
}
