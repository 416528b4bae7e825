//! New items and new sites, as the editor in the office begins them.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

const SITE: &str = "title: 站\nbase_url: https://example.org/\n\
                    columns: [{key: news, name: 要闻}, {key: recruitment, name: 招募}, {key: notices, name: 公告}]\n\
                    districts: [{name: 静安区, slug: jingan}]\ntopics: [{name: 志愿服务, slug: zhiyuan}]\n";

struct Said {
    status: i32,
    out: String,
    err: String,
}

/// Runs the program in a folder, where nobody can be asked.
fn run(folder: &Path, arguments: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xinfeng"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    for name in ["LANG", "LC_ALL", "LC_MESSAGES"] {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    Said {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn site() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("site.yaml"), SITE).unwrap();
    folder
}

/// Begins an item and returns its file's path, which is the first thing said.
fn begin(folder: &Path, item_type: &str, title: &str, more: &[&str]) -> String {
    let said = run(folder, &[&["new", item_type, title], more].concat());
    assert_eq!((said.status, said.err.as_str()), (0, ""), "{}", said.out);
    said.out.lines().next().unwrap().rsplit(' ').next().unwrap().to_owned()
}

/// The keys that a build misses, and the codes of all else that it says.
fn missed(folder: &Path) -> (Vec<String>, Vec<String>) {
    let said = run(folder, &["build", "--drafts", "--json", "--lang", "en"]);
    let report: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let mut keys = Vec::new();
    let mut others = Vec::new();
    for diagnostic in report["diagnostics"].as_array().unwrap() {
        let message = diagnostic["message"].as_str().unwrap();
        match diagnostic["code"].as_str().unwrap() {
            "missing-key" => keys.push(message.split('"').nth(1).unwrap().to_owned()),
            code => others.push(code.to_owned()),
        }
    }
    (keys, others)
}

#[test]
fn the_example_of_an_exception_allows_what_needs_one() {
    let site = site();
    let file = site.path().join(begin(site.path(), "页面", "值班", &[]));
    let text = fs::read_to_string(&file).unwrap().replace("draft: true", "draft: false");
    let text = text.replace("#privacy_exceptions:", "privacy_exceptions:");
    fs::write(&file, format!("{text}\n值班手机 13800001234。\n")).unwrap();
    let said = run(site.path(), &["check"]);
    assert!(text.contains("\nprivacy_exceptions: [{match: "), "{text}");
    assert!(!said.out.contains("[mobile-number]") && !said.out.contains("[unused-privacy"), "{}{}", said.out, said.err);
    assert!(!said.err.contains("[mobile-number]") && !said.err.contains("[unused-privacy"), "{}{}", said.out, said.err);
}

#[test]
fn a_new_item_of_each_type_misses_only_what_a_person_must_fill_in() {
    let cases: [(&str, &str, &[&str]); 4] = [
        ("要闻", "news", &["source"]),
        (
            "招募",
            "recruitment",
            &[
                "organizer",
                "name",
                "count",
                "service_start",
                "service_end",
                "name",
                "apply",
                "apply_deadline",
                "risk",
                "provided",
                "contacts",
            ],
        ),
        ("通知公告", "notices", &["kind", "issuer", "issued"]),
        ("页面", "pages", &[]),
    ];
    for (item_type, folder, expected) in cases {
        let site = site();
        let district: &[&str] =
            if item_type == "页面" { &[] } else { &["--district", "静安区", "--topic", "志愿服务"] };
        let file = begin(site.path(), item_type, "重庆路: 《新风》 #1", district);
        assert!(
            file.starts_with(&format!("content/{folder}/")) && file.ends_with("chong-qing-lu-xin-feng-1.md"),
            "{file}"
        );
        let expected: Vec<String> = expected.iter().map(|key| (*key).to_owned()).collect();
        assert_eq!(missed(site.path()), (expected, Vec::new()), "{item_type}");
        let text = fs::read_to_string(site.path().join(&file)).unwrap();
        assert!(text.contains("title: '重庆路: 《新风》 #1'") && text.contains("draft: true"), "{text}");
    }
}

#[test]
fn a_new_article_says_what_each_key_means() {
    let site = site();
    let file = begin(site.path(), "article", "甲", &["--district", "jingan", "--topic", "志愿服务"]);
    let text = fs::read_to_string(site.path().join(file)).unwrap();
    let begins = "---\n# 标题，不换行，书名号要成对\ntitle: 甲\n# 发布时间；写将来的时间就是定时发布\ndate: 20";
    assert!(text.starts_with(begins), "{text}");
    assert!(text.contains("\ndistrict: 静安区\n") && text.contains("\ntopics: 志愿服务\n"), "{text}");
    assert!(text.contains("\n# 来源：稿件由谁提供，例如 静安区文明办\nsource:\n"), "{text}");
    assert!(text.contains("\n#kicker: 文明实践在身边  # 引题：标题上方的一行小字\n"), "{text}");
    assert!(text.ends_with("\n---\n\n"), "{text}");
    let english = begin(site.path(), "article", "乙", &["--district", "all", "--lang", "en"]);
    let text = fs::read_to_string(site.path().join(english)).unwrap();
    assert!(text.contains("# the title, on one line\n") && text.contains("\ndistrict: all\n"), "{text}");
    assert!(text.contains("\n#topics: [志愿服务]  # topics of site.yaml, one or several\n"), "{text}");
}

/// Every line that is offered is right once its `#` is gone.
#[test]
fn what_is_offered_can_be_used() {
    for item_type in ["要闻", "招募", "通知公告", "页面"] {
        let site = site();
        let file = site.path().join(begin(site.path(), item_type, "甲", &["--district", "静安区"]));
        let text = fs::read_to_string(&file).unwrap();
        let used: Vec<String> = text
            .lines()
            .map(|line| match line.trim_start().strip_prefix('#') {
                Some(rest) if !rest.starts_with(' ') || line.starts_with("  ") => line.replacen('#', "", 1),
                _ => line.to_owned(),
            })
            .filter(|line| !line.starts_with("type:"))
            .collect();
        fs::write(&file, used.join("\n") + "\n").unwrap();
        for (name, bytes) in [("集市.jpg", "x"), ("报名表.docx", "x")] {
            fs::write(file.parent().unwrap().join(name), bytes).unwrap();
        }
        let (_, others) = missed(site.path());
        // The examples stand for themselves: their days may lie before the file's, their one shift fills no day.
        let others: Vec<String> = others
            .into_iter()
            .filter(|code| !["reversed", "updated-before-date", "shifts-do-not-tile"].contains(&code.as_str()))
            .collect();
        assert_eq!(others, Vec::<String>::new(), "{item_type}: {}", used.join("\n"));
    }
}

#[test]
fn nothing_is_overwritten() {
    let site = site();
    let files: Vec<String> = (0..3).map(|_| begin(site.path(), "页面", "关于我们", &[])).collect();
    let expected = ["guan-yu-wo-men", "guan-yu-wo-men-2", "guan-yu-wo-men-3"];
    assert_eq!(files, expected.map(|name| format!("content/pages/{name}.md")));
}

#[test]
fn says_what_is_missing_where_nobody_can_be_asked() {
    let site = site();
    let said = run(site.path(), &["new"]);
    assert_eq!(said.status, 2);
    let expected = "错误：还缺少类型（要闻、招募、通知公告、页面）；标题；区域（--district，全站写 all）\n";
    assert!(said.err.starts_with(expected), "{}", said.err);
    let said = run(site.path(), &["new", "要闻", "--district", "静安区", "--lang", "en"]);
    assert!(said.err.starts_with("error: missing: the title\n"), "{}", said.err);
    assert!(!site.path().join("content").exists());
}

#[test]
fn a_wrong_name_is_explained() {
    let site = site();
    let said = run(site.path(), &["new", "要闻", "甲", "--district", "静安", "--topic", "志愿"]);
    assert_eq!(said.status, 1);
    for expected in ["没有“静安”这个区域", "是不是想写“静安区”？", "没有“志愿”这个主题", "是不是想写“志愿服务”？"]
    {
        assert!(said.err.contains(expected), "{}", said.err);
    }
    let said = run(site.path(), &["new", "新闻", "甲"]);
    assert_eq!(said.status, 2);
    let expected =
        "错误：没有“新闻”这种内容类型，可以写要闻、招募、通知公告、页面（或 article、recruitment、notice、page）\n";
    assert_eq!(said.err, expected);
    let said = run(site.path(), &["new", "要闻", "甲", "--column", "youth", "--district", "all"]);
    assert!(said.err.contains("不能写“youth”") && said.err.contains("只能写“news”"), "{}", said.err);
    assert!(!site.path().join("content").exists());
}

#[test]
fn a_new_site_builds_without_a_message() {
    let folder = TempDir::new().unwrap();
    let said = run(folder.path(), &["init", "站"]);
    assert_eq!((said.status, said.err.as_str()), (0, ""));
    assert!(said.out.starts_with("网站建好了，在 站\n"), "{}", said.out);
    let site = folder.path().join("站");
    for file in
        ["site.yaml", ".gitignore", "README.md", "content/news", "content/recruitment", "content/pages/about.md"]
    {
        assert!(site.join(file).exists(), "{file}");
    }
    let built = run(&site, &["build", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&built.out).unwrap();
    assert_eq!((&report["ok"], &report["diagnostics"]), (&true.into(), &serde_json::json!([])));
    assert!(site.join("public/index.html").exists());
    // The example is open for applications, and stays so for a while.
    let board = fs::read_to_string(site.join("public/index.html")).unwrap();
    assert!(board.contains("便民集市志愿者招募") && board.contains("报名中"), "the recruitment is not open");
}

#[test]
fn a_new_item_of_each_type_fits_into_a_new_site() {
    let folder = TempDir::new().unwrap();
    run(folder.path(), &["init", "."]);
    for item_type in ["要闻", "招募", "通知公告", "页面"] {
        begin(folder.path(), item_type, "新的一篇", &["--district", "和风镇", "--topic", "为老服务"]);
    }
    assert_eq!(missed(folder.path()).1, Vec::<String>::new());
    let said = run(folder.path(), &["fmt", "--check"]);
    assert_eq!(said.status, 0, "{}{}", said.out, said.err);
}

#[test]
fn a_site_is_not_begun_where_something_is() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("信.txt"), "x").unwrap();
    let said = run(folder.path(), &["init", "."]);
    assert_eq!((said.status, said.out.as_str()), (1, ""));
    assert!(said.err.starts_with("错误：“.”里已经有东西了，没有动它"), "{}", said.err);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(run(folder.path(), &["init", "信.txt"]).status, 1);
    let said = run(folder.path(), &["init", "新 网站"]);
    assert!(said.out.contains("cd \"新 网站\"\n"), "{}", said.out);
    assert_eq!(run(folder.path(), &["init"]).status, 2);
}
