//! The command as the editor in the office meets it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

const SITE: &str = "title: 站\nbase_url: https://example.org/\ncolumns: [{key: news, name: 要闻}]\n\
                    districts: [{name: 静安区, slug: jingan}]\n";
const ARTICLE: &str = "---\ntitle: 甲\ndate: 2026-01-01\ndistrict: 静安区\nsource: 乙\n---\n正文。\n";

/// A site on the disk, and the program.
struct Office {
    folder: TempDir,
}

struct Said {
    status: i32,
    out: String,
    err: String,
}

impl Office {
    fn new() -> Self {
        let office = Self { folder: TempDir::new().unwrap() };
        office.write("site.yaml", SITE);
        office.write("content/news/a.md", ARTICLE);
        office
    }

    fn site(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.site().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Said {
        self.run_with(arguments, &[])
    }

    fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xinfeng"));
        command.current_dir(self.site()).args(arguments);
        for name in ["LANG", "LC_ALL", "LC_MESSAGES"] {
            command.env_remove(name);
        }
        let output = command.envs(environment.iter().copied()).output().unwrap();
        Said {
            status: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn exists(&self, path: &str) -> bool {
        self.site().join(path).exists()
    }

    fn names(&self, folder: &str) -> Vec<PathBuf> {
        let mut names: Vec<PathBuf> =
            fs::read_dir(self.site().join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        names
    }
}

#[test]
fn builds_and_says_so_in_chinese() {
    let office = Office::new();
    let said = office.run(&["build"]);
    assert_eq!(said.status, 0, "{}", said.err);
    assert!(said.out.starts_with("生成完毕："), "{}", said.out);
    assert!(office.exists("public/index.html") && office.exists("public/news/2026/01/a.html"));
}

#[test]
fn speaks_the_language_that_is_asked_for() {
    let office = Office::new();
    let english = ["built ", "生成完毕"];
    assert!(office.run(&["build", "--lang", "en"]).out.starts_with(english[0]));
    assert!(office.run(&["--lang=en", "build"]).out.starts_with(english[0]));
    assert!(office.run_with(&["build"], &[("LANG", "en_US.UTF-8")]).out.starts_with(english[0]));
    assert!(office.run_with(&["build"], &[("LANG", "C.UTF-8")]).out.starts_with(english[1]));
    assert!(office.run_with(&["build", "--lang", "zh"], &[("LANG", "en_US.UTF-8")]).out.starts_with(english[1]));
}

#[test]
fn the_site_is_named_before_or_after_the_command() {
    let office = Office::new();
    let elsewhere = TempDir::new().unwrap();
    let (site, out) = (office.site().to_str().unwrap(), elsewhere.path().join("a"));
    let out = out.to_str().unwrap();
    for arguments in [["--site", site, "build", "--out", out], ["build", "--site", site, "--out", out]] {
        let said = office.run(&arguments);
        assert_eq!(said.status, 0, "{}", said.err);
        assert!(elsewhere.path().join("a/index.html").exists());
    }
    assert!(!office.exists("public"));
}

#[test]
fn a_mistake_is_shown_at_its_line_and_leaves_the_output_alone() {
    let office = Office::new();
    assert_eq!(office.run(&["build"]).status, 0);
    let before = fs::read(office.site().join("public/index.html")).unwrap();
    office.write("content/news/b.md", "---\ntitle： 乙\n---\n");
    office.write("content/news/c.md", &ARTICLE.replace("静安区", "静安"));
    let said = office.run(&["build"]);
    assert_eq!(said.status, 1);
    assert!(said.err.contains("content/news/b.md:2:6") && said.err.contains("full-width-colon"), "{}", said.err);
    assert!(said.err.contains("content/news/c.md:4:11") && said.err.contains("是不是想写“静安区”？"), "{}", said.err);
    assert!(said.err.contains("发现 2 处错误"), "{}", said.err);
    assert_eq!(fs::read(office.site().join("public/index.html")).unwrap(), before);
    assert!(!office.exists("public/news/2026/01/c.html"));
}

#[test]
fn a_template_mistake_is_shown_with_file_and_line_and_nothing_is_written() {
    let office = Office::new();
    assert_eq!(office.run(&["build"]).status, 0);
    let before = office.names("public");
    office.write("themes/default/templates/article.html", "第一行\n{{ item.titel }}\n");
    office.write("content/news/b.md", ARTICLE);
    let said = office.run(&["build"]);
    assert_eq!(said.status, 1);
    assert!(said.err.contains("themes/default/templates/article.html:2:"), "{}", said.err);
    assert_eq!(said.err.matches("template-error").count(), 1, "told once, not for each page: {}", said.err);
    assert_eq!(office.names("public"), before);
    assert!(!office.exists("public/news/2026/01/b.html"));
    office.write("themes/default/templates/article.html", "{% if %}");
    assert!(office.run(&["build"]).err.contains("themes/default/templates/article.html:1:"));
}

#[test]
fn what_a_theme_makes_of_cards_and_footers_stands_on_every_page() {
    let office = Office::new();
    office.write("content/news/b.md", ARTICLE);
    let read = |path: &str| fs::read_to_string(office.site().join(path)).unwrap();
    let own = "themes/default/templates/components/own.html";
    let components = "{% component entry(card, @site) %}<li>{{ site.title }}：{{ card.title }}</li>{% endcomponent entry %}\n\
                      {% component line(card) %}<li>见 {{ card.title }}</li>{% endcomponent line %}\n";
    office.write(own, components);
    office.write("themes/default/templates/partials/footer.html", "<footer>{{ site.title }}</footer>");
    office.write("site.yaml", &SITE.replace("title: 站", "title: \"{{ 1 + 1 }}\""));
    let said = office.run(&["build"]);
    assert_eq!(said.status, 0, "{}", said.err);
    for list in ["public/news/index.html", "public/archive/2026/01/index.html"] {
        assert!(read(list).contains("<li>{{ 1 + 1 }}："), "{}", read(list));
    }
    let article = read("public/news/2026/01/a.html");
    assert!(article.contains("<li>见 ") && article.contains("<footer>{{ 1 + 1 }}</footer>"), "{article}");

    office.write("themes/default/templates/partials/footer.html", "<footer>{{ head.title }}</footer>");
    assert_eq!(office.run(&["build"]).status, 0);
    assert!(read("public/404.html").contains("<footer>页面不存在</footer>"));
    office.write("themes/default/templates/partials/footer.html", "<pre>{{ __tera_context }}</pre>");
    assert_eq!(office.run(&["build"]).status, 0);
    assert!(read("public/404.html").split("<pre>").nth(1).unwrap().contains("页面不存在"));

    office.write(
        own,
        &components.replace("{{ card.title }}</li>{% endcomponent entry", "{{ card.titel }}</li>{% endcomponent entry"),
    );
    let said = office.run(&["build"]);
    assert_eq!(said.status, 1);
    assert!(said.err.contains("themes/default/templates/components/own.html:1:"), "{}", said.err);

    // What stands on many pages cannot ask for one of them.
    office.write(own, &components.replace("@site", "@head"));
    let said = office.run(&["build"]);
    assert_eq!(said.status, 1);
    assert!(said.err.contains("components/own.html:1:") && said.err.contains("`head`"), "{}", said.err);
}

#[test]
fn a_first_build_that_fails_leaves_nothing() {
    let office = Office::new();
    office.write("themes/default/templates/article.html", "{{ item.titel }}");
    assert_eq!(office.run(&["build"]).status, 1);
    assert_eq!(office.names("public"), [office.site().join("public/.xinfeng")]);
    fs::remove_dir_all(office.site().join("themes")).unwrap();
    assert_eq!(office.run(&["build"]).status, 0);
    assert!(office.exists("public/news/2026/01/a.html"));
}

#[test]
fn a_folder_with_foreign_files_is_refused() {
    let office = Office::new();
    office.write("mine/precious.txt", "x");
    let said = office.run(&["build", "--out", "mine"]);
    assert_eq!(said.status, 1);
    assert!(said.err.contains("不是新风生成的文件"), "{}", said.err);
    assert_eq!(office.names("mine").len(), 1);
}

#[test]
fn the_sources_are_never_an_output_folder() {
    let office = Office::new();
    for out in [".", "content", "content/news/out", "..", "new/../content/new"] {
        let said = office.run(&["build", "--out", out]);
        assert_eq!(said.status, 1, "{out}");
    }
    assert_eq!(office.names("content/news").len(), 1);
}

#[test]
fn a_folder_that_git_keeps_counts_as_empty() {
    let office = Office::new();
    office.write("public/.gitignore", "*\n");
    assert_eq!(office.run(&["build"]).status, 0);
    assert!(office.exists("public/.gitignore"));
}

#[test]
fn json_is_for_programs() {
    let office = Office::new();
    let said = office.run(&["build", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(json["ok"], true);
    assert!(json["summary"]["pages"].as_u64().unwrap() > 5);
    office.write("content/news/b.md", "---\ntitle: 乙\n日期: 2026-01-01\n---\n");
    let said = office.run(&["build", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((said.status, &json["ok"]), (1, &serde_json::Value::Bool(false)));
    let unknown = json["diagnostics"].as_array().unwrap().iter().find(|found| found["code"] == "unknown-key").unwrap();
    assert_eq!(unknown["place"]["start"], serde_json::json!({ "line": 3, "column": 1 }));
    assert_eq!(unknown["place"]["end"], serde_json::json!({ "line": 3, "column": 3 }));
}

#[test]
fn quiet_says_nothing_but_errors() {
    let office = Office::new();
    let said = office.run(&["build", "--quiet"]);
    assert_eq!((said.out.as_str(), said.err.as_str()), ("", ""));
    office.write("content/news/b.md", "");
    assert!(office.run(&["build", "-q"]).err.contains("no-front-matter"));
}

#[test]
fn a_slip_on_the_command_line_is_explained() {
    let office = Office::new();
    let said = office.run(&["buidl"]);
    assert_eq!(said.status, 2);
    assert!(said.err.contains("没有“buidl”这个命令") && said.err.contains("是不是想写“build”？"), "{}", said.err);
    let said = office.run(&["build", "--oot", "x"]);
    assert!(said.err.contains("没有“--oot”这个选项") && said.err.contains("--out"), "{}", said.err);
    let said = office.run(&["build", "--as-of", "昨天"]);
    assert_eq!(said.status, 2);
    assert!(said.err.contains("不是日期"), "{}", said.err);
    assert_eq!(office.run(&["--help"]).status, 0);
    assert_eq!(office.run(&["help"]).out, office.run(&["--help"]).out);
    assert_eq!(
        office.run(&["help", "build", "--lang", "en"]).out,
        office.run(&["build", "--help", "--lang", "en"]).out
    );
    assert!(office.run(&["help", "build"]).out.contains("用法：xinfeng build"));
    assert!(office.run(&["--lang", "en", "help", "build"]).out.contains("Usage: xinfeng build"));
    let wrong = office.run(&["build", "--base-url", "x"]);
    assert!(wrong.status == 2 && wrong.err.contains("例如 https://"), "{}", wrong.err);
    assert!(office.run(&["build", "x"]).err.contains("多写了“x”"));
}

#[test]
fn a_folder_without_site_yaml_is_named() {
    let office = Office::new();
    fs::remove_file(office.site().join("site.yaml")).unwrap();
    let said = office.run(&["build"]);
    assert_eq!(said.status, 1);
    assert!(said.err.contains("没有 site.yaml"), "{}", said.err);
}

#[test]
fn in_a_folder_of_a_site_the_site_is_named() {
    let office = Office::new();
    let said = office.run(&["build", "--site", "content/news"]);
    let site = office.site().canonicalize().unwrap();
    assert_eq!(said.status, 1);
    assert!(said.err.contains("content/news”里没有 site.yaml"), "{}", said.err);
    assert!(said.err.contains(&format!("网站在上面的文件夹“{}”", site.display())), "{}", said.err);
}

#[test]
fn settings_that_are_not_utf8_are_told_by_every_command() {
    let office = Office::new();
    fs::write(office.site().join("site.yaml"), b"title: \xB5\xE7\n").unwrap();
    office.write("a.txt", "弄堂里的灯会\n灯会挂出了六百盏灯。\n");
    for arguments in [&["build"][..], &["import", "a.txt"], &["fmt"]] {
        let said = office.run(arguments);
        assert!(said.status == 1 && said.err.contains("错误[invalid-utf8]"), "{arguments:?}: {}", said.err);
    }
}

/// A share that is not mounted, or files of which nobody knows when they end.
#[test]
#[cfg(unix)]
fn what_is_no_folder_or_no_file_stops_a_build_and_empties_nothing() {
    let office = Office::new();
    office.run(&["build"]);
    let content = office.site().join("content");
    fs::rename(&content, office.site().join("share")).unwrap();
    std::os::unix::fs::symlink("gone", &content).unwrap();
    let said = office.run(&["build"]);
    assert!(said.status == 1 && said.err.contains("content"), "{}", said.err);
    assert!(office.exists("public/news/2026/01/a.html"));
    fs::remove_file(&content).unwrap();
    fs::rename(office.site().join("share"), &content).unwrap();

    fs::remove_file(office.site().join("site.yaml")).unwrap();
    assert!(Command::new("mkfifo").arg(office.site().join("site.yaml")).status().unwrap().success());
    let said = office.run(&["build"]);
    assert!(said.status == 1 && said.err.contains("site.yaml"), "{}", said.err);
}

#[test]
fn drafts_and_scheduled_items_wait() {
    let office = Office::new();
    office.write("content/news/draft.md", &ARTICLE.replace("title: 甲", "title: 草\ndraft: true"));
    office.write("content/news/later.md", &ARTICLE.replace("2026-01-01", "2026-06-01 09:00"));
    let built = |arguments: &[&str]| {
        assert_eq!(office.run(arguments).status, 0);
        (office.exists("public/news/2026/01/draft.html"), office.exists("public/news/2026/06/later.html"))
    };
    assert_eq!(built(&["build", "--as-of", "2026-03-01"]), (false, false));
    assert_eq!(built(&["build", "--as-of", "2026-03-01", "--drafts"]), (true, false));
    assert_eq!(built(&["build", "--as-of", "2026-03-01", "--future"]), (false, true));
    assert_eq!(built(&["build", "--as-of", "2026-06-01 08:59"]), (false, false));
    assert_eq!(built(&["build", "--as-of", "2026-06-01 09:00"]), (false, true));
}

#[test]
fn a_rule_that_does_not_exist_is_told_by_a_build_too() {
    let office = Office::new();
    let site = fs::read_to_string(office.site().join("site.yaml")).unwrap();
    office.write("site.yaml", &format!("{site}check:\n  severity: {{vague-lnk: off}}\n"));
    // The second build has nothing to do, and says it from memory.
    for _ in 0..2 {
        let said = office.run(&["build"]);
        assert_eq!(said.status, 0);
        assert!(said.err.contains("提醒[unknown-rule]: 没有“vague-lnk”这条规则"), "{}", said.err);
        assert!(said.err.contains("site.yaml") && said.err.contains("vague-link"), "{}", said.err);
    }
    assert!(office.run(&["check"]).err.contains("错误[unknown-rule]"));
}

#[test]
fn verify_finds_what_was_changed_by_hand() {
    let office = Office::new();
    assert!(office.run(&["build", "--verify"]).out.contains("核对无误"));
    office.write("public/extra.html", "spam");
    let said = office.run(&["build", "--verify"]);
    assert_eq!(said.status, 1);
    assert!(said.err.contains("extra.html"), "{}", said.err);
}

#[test]
fn a_damaged_manifest_is_never_guessed_at() {
    let office = Office::new();
    assert_eq!(office.run(&["build"]).status, 0);
    let manifest = office.site().join("public/.xinfeng/manifest");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, &text[..text.len() / 2]).unwrap();
    let said = office.run(&["build"]);
    assert_eq!(said.status, 1);
    assert!(said.err.contains("已损坏"), "{}", said.err);
}

#[test]
fn two_builds_at_once_do_not_mix() {
    let office = Office::new();
    assert_eq!(office.run(&["build"]).status, 0);
    let lock = fs::File::create(office.site().join("public/.xinfeng/lock")).unwrap();
    lock.lock().unwrap();
    let said = office.run(&["build"]);
    assert_eq!(said.status, 1);
    assert!(said.err.contains("另一次生成"), "{}", said.err);
}

#[test]
fn a_base_url_with_a_path_reaches_every_link() {
    let office = Office::new();
    assert_eq!(office.run(&["build", "--base-url", "https://www.example.org/a/b"]).status, 0);
    let page = fs::read_to_string(office.site().join("public/news/2026/01/a.html")).unwrap();
    assert!(page.contains("\"https://www.example.org/a/b/news/2026/01/a.html\""));
    let outside = page.split("href=\"/").skip(1).find(|rest| !rest.starts_with("a/b/"));
    assert_eq!(outside.map(|rest| &rest[..40.min(rest.len())]), None);
}

#[test]
fn timings_name_the_stages_the_templates_and_what_grows() {
    // The first article tells nothing of what one more would cost.
    assert!(!Office::new().run(&["build", "--timings"]).out.contains("  要闻："));
    let office = Office::new();
    office.write("content/pages/about.md", "---\ntitle: 关于\n---\n正文。\n");
    office.write("content/news/b.md", ARTICLE);
    let said = office.run(&["build", "--timings"]);
    assert_eq!(said.status, 0, "{}", said.err);
    let row = |name: &str| {
        let line = said.out.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{}", said.out));
        line.split_whitespace().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(row("解析改过的文件、读取主题")[1], "3");
    assert_eq!(row("article.html")[..3], ["2", "2", "2"]);
    assert!(said.out.contains("  要闻：") && said.out.contains("  独立页面："), "{}", said.out);
    assert!(said.out.contains("每一页的菜单或页脚都列出它"), "{}", said.out);
    let again = office.run(&["build", "--timings", "--lang", "en"]).out;
    assert!(again.lines().any(|line| line.starts_with("parse changed files") && line.contains(" 0 ")), "{again}");
}

#[test]
fn explain_says_why_an_output_was_written_or_not() {
    let office = Office::new();
    let explained = |path: &str, expected: &[&str]| {
        let said = office.run(&["build", "--explain", path]);
        assert_eq!(said.status, 0, "{}", said.err);
        for text in expected {
            assert!(said.out.contains(text), "{path}: {text} is missing in\n{}", said.out);
        }
    };
    let page = office.site().join("public/news/2026/01/a.html");
    explained("content/news/a.md", &["news/2026/01/a.html\n", "article.html", "写入了", "还没有它"]);
    explained("/news/2026/01/a.html", &["没有重画，没有写", "都没有变"]);
    office.write("content/news/a.md", &ARTICLE.replace("正文。", "正文！"));
    explained("https://example.org/news/2026/01/a.html", &["它显示的内容变了", "- ", "正文。", "+ ", "正文！"]);
    explained("/news/", &["news/index.html", "没有变"]);
    fs::write(&page, "别人写的").unwrap();
    explained("public/news/2026/01/a.html", &["被别人改过", "写入了", "- 别人写的"]);
    fs::remove_file(&page).unwrap();
    explained("content/news/a.md", &["后来被删掉了", "写入了"]);
    office.write("themes/default/templates/404.html", "{% extends \"default/404.html\" %}");
    explained("content/news/a.md", &["没有重画，没有写"]);
    // It says the same in other words.
    office.write("themes/default/templates/article.html", "{% extends \"default/article.html\" %}");
    explained("content/news/a.md", &["主题变了", "内容与原来一样，没有写"]);
    let said = office.run(&["build", "--explain", "/news/2026/01/b.html"]);
    assert_eq!(said.status, 1);
    assert!(
        said.err.contains("没有“/news/2026/01/b.html”") && said.err.contains("news/2026/01/a.html"),
        "{}",
        said.err
    );
}

#[test]
fn explain_says_why_a_source_is_not_published() {
    let office = Office::new();
    let explained = |path: &str, expected: &str| {
        let said = office.run(&["build", "--explain", path]);
        assert!(said.out.contains(expected) || said.err.contains(expected), "{path}: {}{}", said.out, said.err);
    };
    office.write("content/news/draft.md", &ARTICLE.replacen("---\n", "---\ndraft: true\n", 1));
    office.write("content/news/begun.md", "---\ntitle:\ndraft: true\n---\n");
    office.write("content/news/later.md", &ARTICLE.replacen("date: ", "date: 2999-01-02 09:00 # ", 1));
    office.write("content/news/unused.txt", "表");
    office.write("content/news/used.txt", "表");
    office.write("content/news/b.md", &format!("{ARTICLE}\n[表](used.txt)\n"));
    office.write("static/proof.txt", "证");
    explained("content/news/draft.md", "它是草稿");
    explained("content/news/begun.md", "没有写完的草稿");
    explained("./content/news/later.md", "没有发布：要到 2999-01-02 09:00 才发布");
    explained("content/news/unused.txt", "没有内容用到");
    explained("content/news/used.txt", "\n  由来　files，content/news/used.txt");
    explained("static/proof.txt", "proof.txt\n  由来　files，static/proof.txt");
    explained("./public/news/index.html", "news/index.html\n");
    explained("content/news/none.md", "没有“content/news/none.md”");
}

#[test]
fn a_cache_that_was_damaged_is_mentioned() {
    let office = Office::new();
    assert_eq!(office.run(&["build"]).status, 0);
    let cached = office.site().join("public/.xinfeng/cache/items-0-of-1");
    fs::write(&cached, "x").unwrap();
    // Nobody needs it as long as nothing changes.
    assert!(!office.run(&["build"]).out.contains("缓存"));
    office.write("content/news/b.md", ARTICLE);
    assert!(office.run(&["build"]).out.contains("缓存已损坏"));
    assert!(!office.run(&["build"]).out.contains("缓存"));
    let stamp = cached.with_file_name("stamp");
    fs::write(&stamp, "x").unwrap();
    assert!(office.run(&["build"]).out.contains("缓存已损坏"));
    fs::write(&stamp, "xinfeng 0.0.9 0\n0\n").unwrap();
    assert!(office.run(&["build"]).out.contains("另一个版本"));
    let said = office.run(&["build", "--no-cache"]);
    assert!(!said.out.contains("缓存"), "{}", said.out);
    fs::remove_dir_all(office.site().join("public")).unwrap();
    assert_eq!(office.run(&["build", "--no-cache"]).status, 0);
    assert!(!cached.exists());
}

#[test]
fn a_build_with_nothing_to_do_says_what_the_last_one_said() {
    let office = Office::new();
    office.write("content/news/图.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    office.write("content/news/a.md", &ARTICLE.replace("正文。", "![](图.svg)"));
    office.write("content/news/b.md", &ARTICLE.replace("---\n", "---\ndraft: true\n"));
    let build = |arguments: &[&str]| -> serde_json::Value {
        let said = office.run(&[&["build", "--json"], arguments].concat());
        serde_json::from_str(&said.out).unwrap()
    };
    let first = build(&[]);
    assert_eq!(first["diagnostics"].as_array().unwrap().len(), 1, "{first}");
    let second = build(&[]);
    assert_eq!(second["diagnostics"], first["diagnostics"]);
    let counts = |built: &serde_json::Value| {
        ["pages", "files", "drafts", "scheduled"].map(|name| built["summary"][name].to_string())
    };
    assert_eq!(first["summary"]["drafts"], 1);
    assert_eq!(counts(&second), counts(&first));
    assert_eq!(
        (&second["summary"]["written"], &second["summary"]["unchanged"]),
        (&0.into(), &first["summary"]["files"])
    );
    // What another kind of build left in the folder is not taken for its own.
    assert_eq!(build(&["--no-cache", "--drafts"])["summary"]["pages"], first["summary"]["pages"].as_u64().unwrap() + 1);
    assert_eq!(counts(&build(&[])), counts(&first));
    assert_ne!(build(&["--base-url", "https://example.com/"])["summary"]["written"], 0);
    assert_eq!(counts(&build(&[])), counts(&first));
    fs::remove_file(office.site().join("public/.xinfeng/ledger")).unwrap();
    assert_eq!(build(&[])["summary"]["written"], 0);
    assert!(office.site().join("public/.xinfeng/ledger").exists());
}

#[test]
fn a_preview_that_cannot_begin_says_why() {
    let office = Office::new();
    let refused = |arguments: &[&str], status: i32, reason: &str| {
        let said = office.run(arguments);
        assert_eq!(said.status, status, "{arguments:?}");
        assert!(said.err.contains(reason), "{arguments:?}: {}", said.err);
    };
    refused(&["serve", "--as-of", "昨天"], 2, "不是日期");
    refused(&["serve", "--port", "电话"], 2, "“--port <端口>”不能写成“电话”");
    refused(&["serve", "--port", "80000"], 2, "端口是 0 到 65535 的整数");
    refused(&["build", "--json", "--timings"], 2, "不能与");
    refused(&["serve", "--out", "x"], 2, "没有“--out”这个选项");
    refused(&["serve", "--json"], 2, "没有“--json”这个选项");
    refused(&["serve", "--host", "203.0.113.9"], 1, "无法在“203.0.113.9”上打开预览");
    fs::remove_file(office.site().join("site.yaml")).unwrap();
    refused(&["serve"], 1, "没有 site.yaml");
}

#[test]
fn a_build_says_what_it_left_out() {
    let office = Office::new();
    office.write("content/news/b.md", &ARTICLE.replace("---\n", "---\ndraft: true\n"));
    office.write("content/news/c.md", &ARTICLE.replace("2026-01-01", "2062-01-01"));
    for _ in 0..2 {
        let said = office.run(&["build"]);
        assert!(said.out.contains("草稿 1 篇没有发布") && said.out.contains("1 篇还没到发布时间"), "{}", said.out);
    }
    assert!(!office.run(&["build", "--drafts", "--future"]).out.contains("没"), "all is there");
}

#[test]
fn every_change_of_what_only_a_theme_understands_is_seen() {
    let office = Office::new();
    let template = "{% for name, value in item.extra %}{{ name }}={{ value }} {% endfor %}";
    office.write("themes/mine/templates/article.html", template);
    office.write("site.yaml", &format!("{SITE}theme: mine\n"));
    let page = |extra: &str| {
        office.write("content/news/a.md", &ARTICLE.replace("---\n正", &format!("extra: {extra}\n---\n正")));
        let said = office.run(&["build"]);
        assert_eq!(said.status, 0, "{}", said.err);
        fs::read_to_string(office.site().join("public/news/2026/01/a.html")).unwrap()
    };
    assert_eq!(page("{rate: 1.5}"), "rate=1.5 ");
    assert_eq!(page("{rate: 2.5}"), "rate=2.5 ");
    assert_eq!(page("{a: 1, b: 2}"), "a=1 b=2 ");
    assert_eq!(page("{b: 2, a: 1}"), "b=2 a=1 ");
    for keys in ["{1.5: x}", "{~: x}", "{a: {[1]: x}}"] {
        office.write("content/news/a.md", &ARTICLE.replace("---\n正", &format!("extra: {keys}\n---\n正")));
        let said = office.run(&["build"]);
        assert!(said.status == 1 && said.err.contains("wrong-type"), "{keys}: {}", said.err);
    }
}

#[test]
fn a_component_is_used_wherever_it_is_defined() {
    let office = Office::new();
    office.write("site.yaml", &format!("{SITE}theme: mine\n"));
    office.write("themes/mine/templates/article.html", "{{ <badge/> }}");
    let page = |text: &str| {
        let list = format!("{{%- component badge() -%}}{text}{{%- endcomponent badge %}}");
        office.write("themes/mine/templates/list.html", &list);
        let said = office.run(&["build"]);
        assert_eq!(said.status, 0, "{}", said.err);
        fs::read_to_string(office.site().join("public/news/2026/01/a.html")).unwrap()
    };
    assert_eq!(page("甲"), "甲");
    assert_eq!(page("乙"), "乙");
}

#[test]
fn what_stands_where_a_page_is_to_be_leaves_the_folder_as_it_was() {
    let office = Office::new();
    assert_eq!(office.run(&["build"]).status, 0);
    let home = office.site().join("public/index.html");
    let page = || fs::read_to_string(office.site().join("public/news/2026/01/a.html")).unwrap();
    let before = page();
    fs::remove_file(&home).unwrap();
    office.write("public/index.html/别人的.txt", "");
    office.write("site.yaml", &SITE.replace("title: 站", "title: 另一个站"));
    let said = office.run(&["build"]);
    assert!(said.status == 1 && said.err.contains("index.html"), "{}", said.err);
    assert_eq!(page(), before);
    fs::remove_file(home.join("别人的.txt")).unwrap();
    assert_eq!(office.run(&["build"]).status, 0, "an empty folder is nobody's");
    assert!(home.is_file() && page().contains("另一个站"));
}

#[test]
fn a_file_of_somebodys_is_not_overwritten_by_a_new_page() {
    let office = Office::new();
    assert_eq!(office.run(&["build"]).status, 0);
    office.write("public/robots.html", "别人的");
    office.write("static/robots.html", "自己的");
    let said = office.run(&["build"]);
    assert!(said.status == 1 && said.err.contains("robots.html"), "{}", said.err);
    let page = office.site().join("public/robots.html");
    assert_eq!(fs::read_to_string(&page).unwrap(), "别人的");
    office.write("public/robots.html", "自己的");
    assert_eq!(office.run(&["build"]).status, 0, "the same bytes are no loss");
    office.write("static/robots.html", "自己改的");
    assert_eq!(office.run(&["build"]).status, 0, "and ours from then on");
    assert_eq!(fs::read_to_string(&page).unwrap(), "自己改的");
}

#[test]
fn a_file_of_somebodys_where_a_folder_is_to_be_leaves_everything_as_it_was() {
    let office = Office::new();
    office.write("static/proof", "甲");
    assert_eq!(office.run(&["build"]).status, 0);
    office.write("public/culture", "别人的");
    office.write("site.yaml", &SITE.replace("{key: news", "{key: culture, name: 文化, type: article}, {key: news"));
    fs::remove_file(office.site().join("static/proof")).unwrap();
    office.write("static/proof/deep.txt", "乙");
    let said = office.run(&["build"]);
    assert!(said.status == 1 && said.err.contains("culture"), "{}", said.err);
    assert!(office.site().join("public/proof").is_file());
    fs::remove_file(office.site().join("public/culture")).unwrap();
    office.write("public/culture/index.html", "别人的");
    assert_eq!(office.run(&["build"]).status, 1, "what did not come about claims no file");
}

#[test]
fn a_folder_in_the_place_of_a_page_that_goes_is_left_alone() {
    let office = Office::new();
    office.write("static/proof.html", "甲");
    assert_eq!(office.run(&["build"]).status, 0);
    for path in ["static/proof.html", "public/proof.html"] {
        fs::remove_file(office.site().join(path)).unwrap();
    }
    office.write("public/proof.html/别人的.txt", "");
    let said = office.run(&["build"]);
    assert_eq!(said.status, 0, "{}", said.err);
    assert!(office.site().join("public/proof.html/别人的.txt").is_file());
}

#[test]
fn a_part_is_drawn_with_what_its_page_calls_site() {
    let office = Office::new();
    office.write("site.yaml", &SITE.replace("districts:", "topics: [{name: 志愿服务, slug: zhiyuan}]\ndistricts:"));
    office.write("content/news/a.md", &ARTICLE.replace("source: 乙", "source: 乙\ntopics: [志愿服务]"));
    office.write("themes/default/templates/partials/own.html", "<i>{{ site.name or site.title }}</i>");
    office.write(
        "themes/default/templates/article.html",
        "{% for site in item.topics %}{% include \"partials/own.html\" %}{% endfor %}",
    );
    assert_eq!(office.run(&["build"]).status, 0);
    let page = fs::read_to_string(office.site().join("public/news/2026/01/a.html")).unwrap();
    assert!(page.contains("<i>志愿服务</i>"), "{page}");
}

#[test]
fn a_card_that_no_page_shows_in_one_form_may_have_a_mistake_there() {
    let office = Office::new();
    let theme = |file: &str, text: &str| office.write(&format!("themes/default/templates/{file}"), text);
    theme("components/line.html", "{% component line(card) %}{{ card.cover.url }}{% endcomponent line %}");
    theme("components/lines.html", "{% component lines(cards) %}{% endcomponent lines %}");
    theme("partials/item-foot.html", "");
    theme("page.html", "{% for line in related_lines %}{{ line }}{% endfor %}");
    let said = office.run(&["build", "--no-cache"]);
    assert_eq!(said.status, 0, "{}", said.err);
}

#[test]
fn an_old_address_does_not_repeat_the_folder_of_the_site() {
    let office = Office::new();
    office.write(
        "content/news/a.md",
        &ARTICLE.replace("source: 乙", "source: 乙\naliases: [/wenming/old.html, /wenminglu.html]"),
    );
    assert_eq!(office.run(&["build"]).status, 0);
    let said = office.run(&["build", "--base-url", "https://example.org/wenming/"]);
    assert!(said.status == 1 && said.err.contains("写成 /old.html"), "{}", said.err);
    assert_eq!(said.err.matches("bad-alias").count(), 1, "{}", said.err);
}

#[test]
fn an_old_address_may_be_as_browsers_show_it() {
    let office = Office::new();
    office.write("content/news/a.md", &ARTICLE.replace("source: 乙", "source: 乙\naliases: [/%E6%97%A7.html]"));
    assert_eq!(office.run(&["build"]).status, 0);
    assert!(office.exists("public/旧.html"));
    for alias in ["/%2e%2e/a.html", "/%FF.html", "/.xinfeng/manifest.html"] {
        let aliases = format!("source: 乙\naliases: [{alias}]");
        office.write("content/news/a.md", &ARTICLE.replace("source: 乙", &aliases));
        let said = office.run(&["build"]);
        assert!(said.status == 1 && said.err.contains("bad-alias") && said.err.contains(alias), "{}", said.err);
    }
}

#[test]
fn only_files_that_were_there_count_as_removed() {
    let office = Office::new();
    office.write("content/news/b.md", ARTICLE);
    assert_eq!(office.run(&["build"]).status, 0);
    fs::remove_file(office.site().join("content/news/b.md")).unwrap();
    fs::remove_file(office.site().join("public/news/2026/01/b.html")).unwrap();
    let said = office.run(&["build", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(report["summary"]["removed"], 0, "{report}");
}

#[test]
fn a_site_wide_file_that_the_web_asks_for_is_published() {
    let office = Office::new();
    office.write("static/.well-known/security.txt", "Contact: mailto:wmb@example.org\n");
    office.write("static/.DS_Store", "");
    assert_eq!(office.run(&["build"]).status, 0);
    assert!(office.exists("public/.well-known/security.txt") && !office.exists("public/.DS_Store"));
}

#[test]
fn an_unfinished_draft_is_no_obstacle() {
    let office = Office::new();
    office.write("content/news/b.md", "---\ntitle: 新稿\ndraft: true\n---\n还没写完。\n");
    let built = office.run(&["build"]);
    assert_eq!(built.status, 0, "{}", built.err);
    assert!(built.err.contains("提醒[missing-key]"), "{}", built.err);
    assert!(built.out.contains("草稿 1 篇没有发布"), "{}", built.out);
    let shown = office.run(&["build", "--drafts"]);
    assert_eq!(shown.status, 0, "{}", shown.err);
    assert!(shown.err.contains("提醒[missing-key]"), "{}", shown.err);
    office.write("content/news/a.md", &format!("{ARTICLE}[新稿](b.md)\n"));
    assert_eq!(office.run(&["build", "--drafts"]).status, 0, "where it will stand, nobody knows yet");
}

#[test]
fn an_item_with_a_mistake_is_no_sign_that_nothing_was_published() {
    let office = Office::new();
    office.write("content/news/a.md", &ARTICLE.replace("source: 乙", "sauce: 乙"));
    let said = office.run(&["check"]);
    assert!(said.err.contains("unknown-key") && !said.err.contains("stale-home"), "{}", said.err);
    fs::remove_file(office.site().join("content/news/a.md")).unwrap();
    let said = office.run(&["check"]);
    assert!(said.err.contains("stale-home"), "{}", said.err);
}

#[test]
fn an_unfinished_draft_hides_no_dead_link() {
    let office = Office::new();
    office.write("content/news/b.md", "---\ntitle: 新稿\ndraft: true\n---\n还没写完。\n");
    office.write("content/news/a.md", &format!("{ARTICLE}[上一期](没有.md)\n"));
    let built = office.run(&["build"]);
    assert_eq!(built.status, 1);
    assert!(built.err.contains("错误[dead-link]"), "{}", built.err);
}

#[test]
fn an_error_in_one_item_leaves_the_others_checked() {
    let office = Office::new();
    office.write("content/news/a.md", &format!("{ARTICLE}请拨打13812345678。[上一期](没有.md)\n"));
    for broken in ["---\ntitle: 坏\n---\n", ARTICLE] {
        office.write("content/news/b.md", broken);
        let checked = office.run(&["check", "--html", "report.html"]);
        assert_eq!(checked.status, 1);
        assert!(checked.err.contains("错误[mobile-number]"), "{}", checked.err);
        assert!(office.site().join("report.html").exists());
        assert_eq!(checked.out.contains("另有 1 篇有错误"), broken != ARTICLE, "{}", checked.out);
        assert!(checked.err.contains("链接“没有.md”指向的页面不存在"), "{}", checked.err);
    }
    let report = fs::read_to_string(office.site().join("report.html")).unwrap();
    assert!(report.contains("内容与设置</th>\n<td class=\"verdict fail\">不通过</td>"), "{report}");
    // What a link to the broken one leads to is there once it is mended.
    office.write("content/news/a.md", &format!("{ARTICLE}[上一期](b.md)\n"));
    office.write("content/news/b.md", "---\ntitle: 坏\n---\n");
    let checked = office.run(&["check"]);
    assert!(!checked.err.contains("dead-link"), "{}", checked.err);
}

#[test]
fn programs_are_told_the_right_word_too() {
    let office = Office::new();
    office.write("content/news/a.md", &format!("{ARTICLE}新时期文明实践中心挂牌。\n"));
    let said = office.run(&["check", "--json"]).out;
    assert!(said.contains("\"label\": \"应为“新时代文明实践中心”\""), "{said}");
}

#[test]
fn a_site_that_cannot_be_read_gives_json_too() {
    let office = Office::new();
    office.write("site.yaml", "title: 站\n");
    let checked = office.run(&["check", "--json"]);
    assert_eq!(checked.status, 1);
    let report: serde_json::Value = serde_json::from_str(&checked.out).expect("nothing but JSON");
    assert_eq!(report["findings"][0]["code"], "missing-key");
    let told = office.run(&["check"]);
    assert!(told.out.contains("改好以后才能检查"), "{}", told.out);
}

#[test]
fn a_draft_may_say_so_in_words() {
    let office = Office::new();
    office.write("content/news/b.md", "---\n标题: 新稿\n草稿: 是\n---\n还没写完。\n");
    assert_eq!(office.run(&["build"]).status, 0);
    office.write("content/news/b.md", "---\ntitle: 新稿\ndraft: no\n---\n还没写完。\n");
    assert_eq!(office.run(&["build"]).status, 1);
}

#[test]
fn a_mistake_inside_a_part_of_the_default_theme_is_told_where_it_is_used() {
    let office = Office::new();
    let template = "{% extends \"default/article.html\" %}\n{% block content %}\n{{ <lines cards={item.topics}/> }}\n{% endblock content %}\n";
    office.write("content/news/a.md", &ARTICLE.replace("source", "topics: [丙]\nsource"));
    office.write("site.yaml", &format!("{SITE}topics: [{{name: 丙, slug: bing}}]\n"));
    office.write("themes/default/templates/article.html", template);
    let said = office.run(&["build"]);
    assert!(said.err.contains("themes/default/templates/article.html:3:"), "{}", said.err);
    assert!(said.err.contains("themes/default/templates/components/cards.html，这里用到它"), "{}", said.err);
}

#[test]
fn a_template_that_begins_with_a_byte_order_mark_is_one_without_it() {
    let office = Office::new();
    let template =
        "\u{feff}{% extends \"default/article.html\" %}{% block content %}{{ item.nix }}{% endblock content %}";
    office.write("themes/default/templates/article.html", template);
    let said = office.run(&["build"]);
    assert!(said.err.contains("没有“nix”这个字段"), "{}", said.err);
    office.write("themes/default/templates/article.html", &template.replace("{{ item.nix }}", "甲"));
    office.write("themes/default/templates/partials/head-extra.html", "\u{feff}<meta name=\"x\" content=\"y\">");
    assert_eq!(office.run(&["build"]).status, 0);
    let page = fs::read_to_string(office.site().join("public/news/2026/01/a.html")).unwrap();
    assert!(page.contains("<meta name=\"x\"") && !page.contains('\u{feff}'), "{page}");
}

#[test]
fn a_template_that_lies_outside_of_its_folder_is_told() {
    let office = Office::new();
    office.write("themes/default/templates/header.html", "甲");
    let said = office.run(&["build"]);
    assert!(said.err.contains("unused-theme-file") && said.err.contains("partials/header.html"), "{}", said.err);
}

#[test]
fn a_variable_of_other_pages_is_no_slip() {
    let office = Office::new();
    let template = |text: &str| {
        office.write("themes/default/templates/article.html", text);
        office.run(&["build"]).err
    };
    let said = template("{{ pager.from }}");
    assert!(said.contains("别的页面才有") && !said.contains("是不是"), "{said}");
    assert!(template("{{ itme.title }}").contains("“item”"));
    office
        .write("themes/default/templates/components/c.html", "{% component c() %}{{ site.title }}{% endcomponent c %}");
    let said = template("{{ <c/> }}");
    assert!(said.contains("@site"), "{said}");
}

#[test]
fn every_component_that_stands_twice_is_told() {
    let office = Office::new();
    let text: String =
        ["aa", "bb"].map(|name| format!("{{% component {name}() %}}{{% endcomponent {name} %}}\n")).concat();
    office.write("themes/default/templates/c1.html", &text);
    office.write("themes/default/templates/c2.html", &text);
    let said = office.run(&["build"]);
    assert!(said.err.contains("“aa”") && said.err.contains("“bb”"), "{}", said.err);
}

#[test]
fn a_style_sheet_that_is_not_utf8_is_told() {
    let office = Office::new();
    let sheet = office.site().join("themes/default/assets/css/own.css");
    fs::create_dir_all(sheet.parent().unwrap()).unwrap();
    fs::write(sheet, b"/* \xd7\xd6 */ a{background:url(../img/bg.png)}").unwrap();
    let said = office.run(&["build"]);
    assert!(said.status == 1 && said.err.contains("invalid-utf8") && said.err.contains("own.css"), "{}", said.err);
}

#[test]
fn a_template_that_renames_site_changes_no_page_unnoticed() {
    let office = Office::new();
    let theme = |file: &str, text: &str| office.write(&format!("themes/default/templates/{file}"), text);
    theme("components/c.html", "{% component c(a) %}{% include \"partials/x.html\" %}{% endcomponent c %}");
    theme("partials/x.html", "[{% if site %}Y{% else %}N{% endif %}]");
    theme("article.html", "{{ <c a=\"x\"/> }}");
    assert_eq!(office.run(&["build"]).status, 0);
    theme(
        "list.html",
        "{% extends \"default/list.html\" %}{% block content %}{% set site = site %}{{ super() }}{% endblock content %}",
    );
    let said = office.run(&["build", "--verify"]);
    assert_eq!(said.status, 0, "{}", said.err);
}

#[test]
fn a_link_may_lead_to_a_file_with_any_name() {
    let office = Office::new();
    office.write("static/a#b.txt", "x");
    office.write("content/news/a.md", &format!("{ARTICLE}[甲](/a%23b.txt)，[乙](/50%25.txt#c)\n"));
    office.write("static/50%.txt", "x");
    let said = office.run(&["build"]);
    assert_eq!(said.status, 0, "{}", said.err);
    let page = fs::read_to_string(office.site().join("public/news/2026/01/a.html")).unwrap();
    assert!(page.contains("href=\"/a%23b.txt\"") && page.contains("href=\"/50%25.txt#c\""), "{page}");
}
