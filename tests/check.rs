//! One small site for each rule of `xinfeng check`, with the drawing of what the rule says there, in Chinese and in
//! English; and sites that give no cause for a word.
//!
//! A new case is a new folder in `tests/sites/check/`, named by the rule's code; `code.two` is a second site of the
//! rule `code`. A folder `built/` in it is checked as HTML that somebody else made. Only the rule's own family is looked at,
//! where nothing else may be found. `XINFENG_SITE=spam-line` runs one site, `XINFENG_BLESS=1` writes the drawings anew:
//! read them as an editor would.

use std::collections::BTreeSet;
use std::path::Path;

use xinfeng::check::links::net::Net;
use xinfeng::check::rule::Finding;
use xinfeng::check::subject::Context;
use xinfeng::check::{Options, Report, check, check_folder, office, rules};
use xinfeng::diagnostic::{FilePath, Language, draw};
use xinfeng::ledger::Ledger;
use xinfeng::pipeline::{Memory, edition};
use xinfeng::source::{Root, read_pages};

use crate::sites;

/// The clock at which the answers in `links` are read.
const NOW: i64 = 1_772_326_800;

/// Checks a site, or the folder `built/` where it has one.
fn run(site: &Path, options: &str) -> (Report, Root) {
    let built = site.join("built");
    if built.is_dir() {
        let (root, pages) = read_pages(&built).expect("a folder of HTML");
        return (check_folder(&pages), root);
    }
    let mut memory = Memory::default();
    let (outcome, sources) = edition(site, &sites::options(options), &mut memory).expect("a site that can be read");
    let edition = outcome.edition.as_ref().unwrap_or_else(|| panic!("{:?}", outcome.diagnostics));
    let kept = |name: &str| Some(sites::read_text(&site.join(name))).filter(|text| !text.is_empty());
    let ledger = kept("ledger").map(|text| Ledger::parse(&text).expect("a ledger"));
    // What other sites answered stands in a file: no test goes out.
    let net = kept("links").map(|answers| Net::new(NOW, 0, &answers));
    let options = Options { ledger: ledger.unwrap_or_default(), net };
    let report = check(&Context::new(edition, &sources, &options), &memory, &outcome.diagnostics)
        .expect("files that can be read");
    (report, outcome.root)
}

fn drawing(findings: &[&Finding], report: &Report, root: &Root, language: Language) -> String {
    let text_of = |file: &FilePath| report.excerpt(file).or_else(|| root.excerpt(file));
    let drawings = findings.iter().map(|finding| draw(&finding.diagnostic, language, false, &text_of));
    let text = drawings.collect::<Vec<_>>().join("\n\n");
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    if lines.is_empty() { String::new() } else { lines.join("\n") + "\n" }
}

/// The code of the rule that a folder is for.
fn code_of(folder: &Path) -> &str {
    let name = sites::name_of(folder);
    name.split_once('.').map_or(name, |(code, _)| code)
}

#[test]
fn every_rule_finds_what_it_looks_for() {
    let only = std::env::var("XINFENG_SITE").ok();
    let mut failures = Vec::new();
    for folder in sites::folders("check") {
        let code = code_of(&folder);
        let rule = rules().find(|rule| rule.code == code);
        let Some(rule) = rule.filter(|_| only.as_ref().is_none_or(|only| only == code)) else { continue };
        let site = sites::copy_of(&folder);
        for part in ["built", "words.yaml", "ledger", "links"] {
            sites::copy_part(&folder, site.path(), part);
        }
        let (report, root) = run(site.path(), sites::read_text(&folder.join("options.txt")).trim());
        let found: Vec<&Finding> = report.findings.iter().filter(|finding| finding.family == rule.family).collect();
        for (language, name) in [(Language::Chinese, "expected.zh.txt"), (Language::English, "expected.en.txt")] {
            let (path, drawing) = (folder.join(name), drawing(&found, &report, &root, language));
            if sites::is_blessing() {
                sites::bless_text(&path, &drawing);
            }
            failures.extend(
                sites::text_difference(&path, &sites::read_text(&path), &drawing).map(|it| format!("== {code}: {it}")),
            );
        }
        let codes: BTreeSet<&str> = found.iter().map(|finding| &*finding.diagnostic.code).collect();
        if codes != BTreeSet::from([code]) {
            failures.push(format!("== {code}: says {codes:?}"));
        }
    }
    assert!(failures.is_empty(), "\n{}\n", failures.join("\n"));
}

#[test]
fn every_rule_has_a_site_and_every_site_a_rule() {
    let folders = sites::folders("check");
    let sites: BTreeSet<&str> = folders.iter().map(|folder| code_of(folder)).collect();
    let codes: BTreeSet<&str> = rules().map(|rule| rule.code).collect();
    let without_site: Vec<_> = codes.difference(&sites).collect();
    let without_rule: Vec<_> = sites.difference(&codes).collect();
    assert!(without_site.is_empty(), "rules without a site in tests/sites/check: {without_site:?}");
    assert!(without_rule.is_empty(), "sites without a rule: {without_rule:?}");
    assert_eq!(codes.len(), rules().count(), "a code stands for one rule");
}

/// The sample's report on a day when its news are stale.
fn office_report(language: Language) -> String {
    let site = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut memory = Memory::default();
    let options = sites::options("--as-of 2026-12-30");
    let (outcome, sources) = edition(site, &options, &mut memory).expect("the sample site");
    let edition = outcome.edition.expect("the sample site is right");
    let options = Options::default();
    let context = Context::new(&edition, &sources, &options);
    let report = check(&context, &memory, &outcome.diagnostics).expect("files that can be read");
    office::page(&report, &context, language)
}

#[test]
fn the_report_for_the_office_judges_each_point_and_shows_what_falls_due() {
    let page = office_report(Language::Chinese);
    assert!(page.contains("<th scope=\"row\">更新</th>\n<td class=\"verdict fail\">不通过</td>"), "{page}");
    assert!(page.contains("<th scope=\"row\">公文格式</th>\n<td class=\"verdict pass\">通过</td>"), "{page}");
    assert!(page.contains("首页 20 天没有更新"), "the evidence is missing");
    assert!(!page.contains("内容与设置</th>"), "a site without mistakes needs no row for them");
    let due = "<td class=\"due\"><span class=\"day\">13</span><ul><li>凡人善举</li></ul></td>";
    assert!(page.contains(due), "the calendar does not show what falls due on 13 January");
    assert!(page.contains("<title>3</title></rect>"), "the chart is missing");
    assert!(page.contains("<th scope=\"row\">嘉定区文明实践中心</th>"), "the editors are missing");
}

#[test]
fn the_report_for_the_office_stands_alone() {
    let page = office_report(Language::English);
    for elsewhere in ["src=", "href=", "url(", "@import", "<script"] {
        assert!(!page.contains(elsewhere), "the report names {elsewhere}");
    }
    assert!(page.contains("Which column falls due when"));
}

/// What a check says of a site of seven items whose theme draws this footer, without the places. With `unique`, each page's
/// footer is another one, so that none is left out as known.
fn said_with_footer(footer: &str, unique: bool) -> Vec<String> {
    let site = tempfile::tempdir().expect("a temporary folder");
    let write = |path: &str, text: &str| sites::write_file(&site.path().join(path), text.as_bytes());
    write(
        "site.yaml",
        "title: 新风\nbase_url: https://example.org/\ntheme: own\ncolumns:\n  - {key: news, name: 要闻}\ndistricts:\n  - {name: 静安区, slug: jingan}\n",
    );
    for number in 0..6 {
        let body = if number == 3 {
            "## 共建\n\n值班电话：13812345678。\n\n[更多](https://www.gov.cn/)"
        } else {
            "三十名志愿者来到楼组，为老人理发。"
        };
        let front_matter =
            format!("title: 志愿者走进楼组{number}\ndate: 2026-02-2{number} 09:30\nsource: 区文明办\ndistrict: 静安区");
        write(&format!("content/news/a{number}.md"), &format!("---\n{front_matter}\n---\n\n{body}\n"));
    }
    let traditional = "區文明辦發佈志願者招募公告，歡迎廣大居民踴躍報名參加，為老人們服務。";
    write(
        "content/news/t.md",
        &format!(
            "---\ntitle: 招募\ndate: 2026-02-27 09:30\nsource: 区文明办\ndistrict: 静安区\n---\n\n{traditional}\n"
        ),
    );
    write(
        "static/big.svg",
        &format!("<svg xmlns=\"http://www.w3.org/2000/svg\"><!--{}--></svg>", "x".repeat(3_000_000)),
    );
    let mark = if unique { "<!-- {{ head.canonical }} -->" } else { "" };
    write("themes/own/templates/partials/footer.html", &format!("<footer class=\"foot\">{mark}{footer}</footer>\n"));
    let (report, _) = run(site.path(), "--as-of 2026-03-01");
    let said = report.findings.iter().map(|Finding { diagnostic, .. }| {
        let help: Vec<&str> = diagnostic.help.iter().map(|text| text.zh.as_str()).collect();
        format!("{} {} {} {}", diagnostic.code, diagnostic.message.zh, diagnostic.place.file, help.join(" "))
    });
    let mut said: Vec<String> = said.collect();
    said.sort();
    said
}

#[test]
fn what_is_wrong_around_the_pages_is_told_though_it_is_the_same_on_all() {
    let footers = [
        ("<p>新风市文明办 版权所有 <a href=\"/news/\">要闻</a> <a href=\"#main\">回到正文</a></p>", ""),
        ("<p>代开发票，住宿发票，餐饮发票，加微信abc12345</p>", "spam-line"),
        (
            "<p>區文明辦發佈志願者招募公告，歡迎廣大居民踴躍報名參加。</p><p>新时代文明实践工作动态，欢迎广大居民踊跃报名参加。</p>",
            "",
        ),
        ("<p>电话：13812345678</p>", "mobile-number"),
        ("<a href=\"/nowhere/\">旧站</a>", "broken-link"),
        ("<a href=\"nowhere.html\">旧站</a>", "broken-link"),
        ("<a href=\"#nothing\">回到顶部</a>", "broken-anchor"),
        ("<a href=\"/news/#nothing\">要闻</a>", "broken-anchor"),
        ("<a href=\"/news/\">更多</a>", "vague-link"),
        ("<h4>联系我们</h4>", "heading-level"),
        ("<p id=\"共建\">联系我们</p>", "duplicate-id"),
        ("<img src=\"/big.svg\" alt=\"新风\">", "heavy-load"),
        ("<img src=\"/big.svg\">", "image-without-alt"),
        ("<div style=\"display:none\"><a href=\"https://a.example.net/\">论坛</a></div>", "hidden-link"),
        ("<a href=\"/news/\" onclick=\"go()\">要闻</a>", "inline-handler"),
    ];
    for (footer, code) in footers {
        let (said, each) = (said_with_footer(footer, false), said_with_footer(footer, true));
        assert_eq!(said, each, "{footer}");
        assert!(code.is_empty() || said.iter().any(|it| it.starts_with(code)), "{footer}: {said:#?}");
    }
}

#[test]
fn the_sample_site_raises_nothing() {
    let (report, root) = run(Path::new(env!("CARGO_MANIFEST_DIR")), "--as-of 2026-11-23");
    let findings: Vec<&Finding> = report.findings.iter().collect();
    assert_eq!(drawing(&findings, &report, &root, Language::Chinese), "");
}
