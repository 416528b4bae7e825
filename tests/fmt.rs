//! `xinfeng fmt`: what it changes, what it leaves, and that it never changes more than it means to.

use std::fs;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use walkdir::WalkDir;
use xinfeng::check::language::punctuation::{corrected, corrections};
use xinfeng::diagnostic::FilePath;
use xinfeng::fingerprint::Fingerprint;
use xinfeng::fmt::{Refusal, format};
use xinfeng::parse::check::CheckSettings;
use xinfeng::parse::markdown;
use xinfeng::parse::passages;

fn formatted(text: &str) -> Result<String, Refusal> {
    format(&FilePath::new("content/news/a.md"), text, &CheckSettings::default()).map(|formatted| formatted.text)
}

fn body(text: &str, expected: &str) {
    let front = "---\ntitle: 甲\n---\n";
    let result = formatted(&format!("{front}{text}")).unwrap();
    assert_eq!(result, format!("{front}{expected}"));
    assert_eq!(formatted(&result).unwrap(), result);
}

fn front_matter(yaml: &str, expected: &str) {
    let result = formatted(&format!("---\n{yaml}---\n正文\n")).unwrap();
    assert_eq!(result, format!("---\n{expected}---\n正文\n"));
    assert_eq!(formatted(&result).unwrap(), result);
}

#[test]
fn words_of_a_body_are_corrected() {
    body("你好, **世界**,再见.\n", "你好，**世界**，再见。\n");
    body("志愿者（含队长)按时到岗.\n", "志愿者（含队长）按时到岗。\n");
    body("　　第一段\n\n\u{a0}\u{a0}第二段\n", "第一段\n\n第二段\n");
    body("“王老师“说\"文明\"实践\n", "“王老师“说“文明”实践\n");
    body("- 甲,乙\n- \"文明\"实践\n", "- 甲，乙\n- “文明”实践\n");
    body("| 甲,乙 | 丙 |\n|:---|---:|\n| ２０ | 丁:戊 |\n", "| 甲，乙 | 丙 |\n|:---|---:|\n| 20 | 丁：戊 |\n");
    body("志愿者\\(含队长\\)到岗\n", "志愿者（含队长）到岗\n");
    body("![图,一](a.png \"题,目\")\n", "![图，一](a.png \"题,目\")\n");
    body("见[甲,乙](<甲,乙.md>)。 后\r\n第二行,末\r\n", "见[甲，乙](<甲,乙.md>)。后\r\n第二行，末\r\n");
}

#[test]
fn a_paragraph_that_an_indent_begins_stays_one() {
    body(
        "　　周六上午，志愿者来到楼组。\n　　“不用出小区。”一位居民说。\n　　下一次定在12月。\n",
        "周六上午，志愿者来到楼组。\n\n“不用出小区。”一位居民说。\n\n下一次定在12月。\n",
    );
    body("甲。\n　　２０[乙](a.md)\n", "甲。\n\n20[乙](a.md)\n");
    body("> 　　甲。\n> 　　乙。\n", "> 甲。\n>\n> 乙。\n");
    body("> [!NOTE]\n> 　　甲。\r\n>　　乙。\r\n", "> [!NOTE]\n> 甲。\r\n>\r\n>乙。\r\n");
    body("　　一、甲\n　　二、乙\n", "一、甲\n\n二、乙\n");
    body("正文。\n　　示例区文明办\n　　2026年11月20日\n", "正文。\n\n示例区文明办\n\n2026年11月20日\n");
    body("- 甲\n\n  乙。\n  　　丙。\n", "- 甲\n\n  乙。\n\n  丙。\n");
}

#[test]
fn an_indent_stays_where_no_line_can_be_put_before_it() {
    for text in ["> 甲。\n　　乙。\n", "**甲。\n　　乙。**\n", "甲。\n　　1. 乙。\n"] {
        body(text, text);
    }
    body("> 甲。\n　　乙。\n\n　　丙\n　　丁\n", "> 甲。\n　　乙。\n\n丙\n\n丁\n");
    let text = "<!-- 允许 typed-indent：原文如此 -->\n\n　　甲。\n　　乙。\n";
    body(text, text);
}

/// The elements that a file's body makes on its page.
fn elements(text: &str) -> Vec<String> {
    let start = text.get(3..).and_then(|rest| rest.find("\n---\n")).map_or(0, |at| at + 3 + 5);
    let html = markdown::body(&text[start..], 0, Fingerprint::default()).html.text().into_owned();
    html.split('<').skip(1).map(|tag| tag.split([' ', '>', '\n']).next().unwrap().to_owned()).collect()
}

#[test]
fn pages_keep_their_elements() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [root.join("content"), root.join("tests/sites")];
    let files = folders.iter().flat_map(WalkDir::new).map(Result::unwrap);
    let mut count = 0;
    for file in files.filter(|entry| entry.path().extension().is_some_and(|it| it == "md")) {
        let Ok(text) = fs::read_to_string(file.path()) else { continue };
        let Ok(result) = formatted(&text) else { continue };
        assert_eq!(elements(&text), elements(&result), "{}", file.path().display());
        count += 1;
    }
    assert!(count > 300, "{count}");
}

#[test]
fn everything_else_of_a_body_stays() {
    let text = "文件`甲,乙`在此  \n下一行。\n\n```\n甲,乙\n```\n\n    甲,乙\n\n<p title=\"甲,乙\">甲,乙</p>\n\n注[^甲,乙]。\n\n[^甲,乙]: 说明\n\n\
                [丙]: <甲,乙.md>\n\n1. 一\n2. 二   \n\n\n末行没有换行";
    body(text, text);
}

#[test]
fn entities_and_words_across_markup_stay() {
    body("甲&quot;乙&quot;丙\n", "甲&quot;乙&quot;丙\n");
    body("甲。*。*\n", "甲。*。*\n");
}

#[test]
fn exceptions_hold() {
    let text = "<!-- 允许 half-width-punctuation：原文如此 -->\n甲,乙\n\n丙,丁\n";
    body(text, &text.replace("丙,", "丙，"));
}

#[test]
fn the_front_matter_gets_the_usual_order_and_form() {
    front_matter(
        "# 说明\n\nsource: 乙\n# 日期待定\ndate: 2020年4月13日 9时30分  # 补发\ntitle: 甲  \norganizer: 丙\nslug: a\ncontacts:\n  - {unit: 丁}\n",
        "# 说明\n\ntitle: 甲\n# 日期待定\ndate: 2020-04-13 09:30  # 补发\nsource: 乙\norganizer: 丙\ncontacts:\n  - {unit: 丁}\nslug: a\n",
    );
    front_matter("标题: 甲\n发布时间: 2020/4/13\n", "标题: 甲\n发布时间: 2020-04-13\n");
    front_matter(
        "publicity:\n  start: 2026.1.5\n  end: \"2026/1/9\"\n",
        "publicity:\n  start: 2026-01-05\n  end: 2026-01-09\n",
    );
}

#[test]
fn a_form_keeps_its_places_until_it_is_filled_in() {
    let form = "title: 甲\nsource: 乙\n# 以下各项可以不写。\n#kicker: 丙  # 引题\npin: true\n#slug: a\n";
    front_matter(form, form);
    front_matter("title: 甲\nsource: 乙\npin: true\n", "title: 甲\npin: true\nsource: 乙\n");
}

#[test]
fn what_is_no_date_or_says_more_stays() {
    for yaml in [
        "title: 2020/4/13\n",
        "date: 2020-04-13T09:30:00+08:00\n",
        "date: 2020-04-13 09:30:15\n",
        "date: \"2020-04-13\"\n",
        "shifts:\n  - {name: 早, start: \"08:00\", end: \"16:00\"}\n",
        "summary: |\n  date: 2020/4/13\n  甲  \n  乙\n",
        "title: &a 甲\nsubtitle: *a\n",
        "title: \"甲\n\n  date: 乙\"\n",
    ] {
        front_matter(yaml, yaml);
    }
}

#[test]
fn an_alias_stays_behind_its_anchor() {
    front_matter("source: &a 甲\ntitle: *a\n", "source: &a 甲\ntitle: *a\n");
}

#[test]
fn a_broken_front_matter_is_left_to_its_editor() {
    let refusal = formatted("---\ntitle：甲\n---\n乙,丙\n").unwrap_err();
    assert!(matches!(refusal, Refusal::Broken(found) if found[0].code == "full-width-colon"));
}

#[test]
fn the_sample_site_is_as_it_should_be() {
    let content = Path::new(env!("CARGO_MANIFEST_DIR")).join("content");
    let files = WalkDir::new(content).into_iter().map(Result::unwrap);
    let files: Vec<_> = files.filter(|entry| entry.path().extension().is_some_and(|it| it == "md")).collect();
    assert!(files.len() > 50);
    for file in files {
        let text = fs::read_to_string(file.path()).unwrap();
        let name = FilePath::new("content/news/a.md");
        let result = format(&name, &text, &CheckSettings::default()).unwrap();
        let changes = (result.changes.marks, result.changes.is_reordered);
        assert_eq!(changes, (0, false), "{}", file.path().display());
        assert_eq!(formatted(&result.text).unwrap(), result.text);
    }
}

#[test]
fn the_examples_of_the_handbook_are_as_they_should_be() {
    let handbook = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/handbook.zh.md")).unwrap();
    let begun = handbook.split("```markdown\n").skip(1).filter(|rest| rest.starts_with("---\n"));
    let items: Vec<&str> = begun.map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(items.len() > 5);
    for item in items {
        assert_eq!(formatted(item).unwrap(), item);
    }
}

fn run(site: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_xinfeng"))
        .args(["fmt", "--lang", "zh", "--site"])
        .arg(site)
        .args(arguments)
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap())
}

#[test]
fn the_command_lists_then_writes() {
    let site = tempfile::tempdir().unwrap();
    let news = site.path().join("content/news");
    fs::create_dir_all(&news).unwrap();
    fs::write(
        site.path().join("site.yaml"),
        "title: 站\nbase_url: https://example.org/\ncolumns: [{key: news, name: 要闻}]\n",
    )
    .unwrap();
    let (a, b) = (news.join("a.md"), news.join("b.md"));
    fs::write(&a, "---\ndate: 2020/4/13\ntitle: 甲\n---\n你好,世界\n").unwrap();
    fs::write(&b, "---\ntitle: 乙\n---\n你好,世界\n").unwrap();

    let (code, said) = run(site.path(), &["--check"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("要改 content/news/a.md：标点和空格 1 处，日期和行尾空格 1 行，字段顺序"), "{said}");
    assert!(said.contains("看了 2 个文件，要改 2 个"), "{said}");
    assert!(fs::read_to_string(&a).unwrap().contains("你好,世界"));

    let (code, said) = run(site.path(), &["content/news/a.md"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(fs::read_to_string(&a).unwrap(), "---\ntitle: 甲\ndate: 2020-04-13\n---\n你好，世界\n");
    assert!(fs::read_to_string(&b).unwrap().contains("你好,世界"));
    assert_eq!(fs::read_dir(&news).unwrap().count(), 2, "nothing else is left there");

    assert_eq!(run(site.path(), &[]).0, Some(0));
    assert_eq!(run(site.path(), &["--check"]).0, Some(0));
    assert_eq!(run(site.path(), &["没有.md"]).0, Some(1));
}

/// Bodies of what editors type, in any order.
fn bodies() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "志愿者",
        "文明",
        "App",
        "2020",
        ",",
        ", ",
        ".",
        "...",
        "。",
        "。。",
        "，",
        "、",
        "等",
        ";",
        ":",
        "：",
        "!",
        "?",
        "(",
        ")",
        "（",
        "）",
        "\"",
        "'",
        "“",
        "”",
        "‘",
        "’",
        "《",
        "》",
        " ",
        "  ",
        "　",
        "\u{a0}",
        "\n",
        "\n\n",
        "\r\n",
        "　　",
        "**",
        "*",
        "~",
        "`",
        "[甲,乙](a.md)",
        "![图,](a.png)",
        "https://example.org/a,b?c=1",
        "- ",
        "1. ",
        "1) ",
        "# ",
        "> ",
        "| 甲,乙 | 丙 |\n|---|---|\n",
        "\\",
        "&quot;",
        "&nbsp;",
        "<b>",
        "</b>",
        "<!-- 甲,乙 -->",
        "[^1]",
        "[^1]: ",
        "```\n",
        "    ",
        "２０",
        "Ａ",
        "…",
        "-",
        "--",
        "|",
        "\t",
        ": ",
        "\u{200b}",
    ]);
    prop::collection::vec(pieces, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn formatting_is_idempotent_and_changes_words_alone(body in bodies()) {
        let file = FilePath::new("content/news/a.md");
        let text = format!("---\ntitle: 甲\n---\n{body}");
        let Ok(result) = formatted(&text) else { return Ok(()) };
        prop_assert_eq!(formatted(&result).unwrap(), result.clone());
        prop_assert_eq!(elements(&text), elements(&result));
        // What is read differs by corrections, and by nothing else: apart from marks and spaces the words are the same.
        // The text of a picture comes before its paragraph, which may be parted.
        let plain = |text: &str| -> Vec<char> {
            let read = passages::read(&file, text).passages;
            let mut letters: Vec<char> = read.iter().flat_map(|it| it.text.chars().filter_map(letter)).collect();
            letters.sort_unstable();
            letters
        };
        prop_assert_eq!(plain(&text), plain(&result));
        if formatted(&text).unwrap() == text {
            let settings = CheckSettings::default();
            for passage in passages::read(&file, &text).passages.iter().filter(|it| !it.text.contains(['\\', '"'])) {
                let found = corrections(passage, settings.spacing);
                let again = corrected(&passage.text, &found);
                prop_assert_eq!(again.chars().filter_map(letter).count(), passage.text.chars().filter_map(letter).count());
            }
        }
    }

    #[test]
    fn a_front_matter_says_the_same_in_any_order(mut keys in prop::sample::subsequence(vec![
        "title: 甲", "date: 2020/4/13 9:05", "source: 乙 # 注", "# 注", "", "organizer: 丙", "contacts:\n  - {unit: 丁}\n  # 内\n  - unit: 戊",
        "summary: |\n  行一  \n\n  行二", "topics:\n- 己\n- 庚", "slug: a", "draft: true", "kicker: \"辛\n  壬\"", "extra: {a: 1}  ",
    ], 1..13).prop_shuffle()) {
        keys.push("pin: true");
        let yaml = keys.join("\n") + "\n";
        let text = format!("---\n{yaml}---\n正文\n");
        let file = FilePath::new("content/news/a.md");
        let Ok(result) = formatted(&text) else { return Ok(()) };
        prop_assert_eq!(formatted(&result).unwrap(), result.clone());
        let read = |text: &str| {
            let mut values: Vec<String> = passages::read(&file, text)
                .passages
                .iter()
                .map(|it| format!("{:?}={}", it.kind, it.text.replace("2020/4/13 9:05", "2020-04-13 09:05")))
                .collect();
            values.sort();
            values
        };
        prop_assert_eq!(read(&text), read(&result));
        let lines = |text: &str| {
            let text = text.replace("2020/4/13 9:05", "2020-04-13 09:05");
            let mut lines: Vec<String> = text.lines().map(|line| line.trim_end().to_owned()).collect();
            lines.sort();
            lines
        };
        prop_assert_eq!(lines(&text), lines(&result), "no line is lost");
    }
}

/// A character that a correction never takes away, in the width that a correction gives it.
fn letter(c: char) -> Option<char> {
    match c {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(u32::from(c) - 0xFEE0),
        _ => Some(c).filter(|c| c.is_alphanumeric()),
    }
}
