//! Broken, random and hostile inputs: never a panic, always a diagnostic or a page.

use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;
use xinfeng::diagnostic::{FilePath, Language, Severity, draw, has_errors};
use xinfeng::pipeline::{AsOf, Memory, Options, Outcome, edition};
use xinfeng::write::Outputs;

const SITE: &str = "title: 站\nbase_url: https://example.org/\ncolumns: [{key: news, name: 要闻}, {key: recruitment, name: 招募}, {key: notices, name: 公告}]\n\
                    districts: [{name: 静安区, slug: jingan}]\ntopics: [{name: 志愿服务, slug: volunteer}]\n";

fn build(site: &str, files: &[(&str, &[u8])]) -> Outcome {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("site.yaml"), site).unwrap();
    for (path, bytes) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let options = Options { as_of: AsOf::Typed("2026-03-01".to_owned()), base_url: None, drafts: true, future: true };
    let (outcome, _) = edition(folder.path(), &options, &mut Memory::default()).expect("the files can be read");
    for diagnostic in &outcome.diagnostics {
        for language in [Language::Chinese, Language::English] {
            let drawing = draw(diagnostic, language, false, &|file| outcome.root.excerpt(file));
            assert!(drawing.contains(&*diagnostic.code), "{drawing}");
        }
    }
    if let Some(edition) = outcome.edition.as_ref().or(outcome.remains.as_ref()) {
        for path in edition.paths() {
            assert!(edition.draw(path).is_ok(), "{path} cannot be rendered");
        }
    }
    outcome
}

/// A page for every item, or an error at its file.
fn check(files: &[(&str, &[u8])]) {
    let outcome = build(SITE, files);
    assert_eq!(outcome.edition.is_some(), !has_errors(&outcome.diagnostics));
    let edition = outcome.edition.as_ref().or(outcome.remains.as_ref()).expect("a configuration without errors");
    for file in files.iter().map(|(path, _)| FilePath::new(path)) {
        let is_told =
            outcome.diagnostics.iter().any(|found| found.severity == Severity::Error && found.place.file == file);
        assert!(edition.plan.site.page_of(&file).is_some() || is_told, "{file} was lost without a word");
    }
}

/// Several items in one site: most of the time of so small a build is the theme's.
fn check_together(texts: &[impl AsRef<[u8]>]) {
    let paths: Vec<String> = (0..texts.len()).map(|number| format!("content/news/{number}.md")).collect();
    check(&paths.iter().zip(texts).map(|(path, text)| (path.as_str(), text.as_ref())).collect::<Vec<_>>());
}

/// Pieces of front matter and Markdown, whole and broken.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("title: 甲\n"),
        Just("title： 甲\n"),
        Just("title:甲\n"),
        Just("标题: 《甲\n"),
        Just("title: [a, b]\n"),
        Just("title: {a: b}\n"),
        Just("title: |\n  甲\n  乙\n"),
        Just("title: &a 甲\n"),
        Just("kicker: *a\n"),
        Just("? complex\n: key\n"),
        Just("1: 2\n"),
        Just("null: ~\n"),
        Just("date: 2026-01-01\n"),
        Just("date: 2026-02-30\n"),
        Just("date: 9999-99-99 99:99\n"),
        Just("date: 2026年1月1日 25时\n"),
        Just("date: -9999-01-01\n"),
        Just("date: 99999999999999999999\n"),
        Just("updated: 0001-01-01\n"),
        Just("district: 静安区\n"),
        Just("district: all\n"),
        Just("district: [静安区，浦东]\n"),
        Just("topics: [[[[志愿服务]]]]\n"),
        Just("source: 乙\n"),
        Just("source: !!binary aGk=\n"),
        Just("type: recruitment\n"),
        Just("type: notice\n"),
        Just("type: page\n"),
        Just("type: 无\n"),
        Just("positions: [{name: 甲, count: 4294967296}]\n"),
        Just("positions: [{count: -1}]\n"),
        Just("shifts: [{name: 夜, start: \"24:60\", end: 8}]\n"),
        Just("figures: [{name: 甲, value: 1e400}]\n"),
        Just("figures: [{name: 甲, value: 99999999999999999999999.9999999}]\n"),
        Just("figures: [{name: 甲, value: 3, parts: [{name: 乙, value: 1}]}]\n"),
        Just("figures: [{name: 甲, value: .nan}]\n"),
        Just("cover: ../../../../etc/passwd\n"),
        Just("attachments: [{file: /}, a, {}]\n"),
        Just("aliases: [/, //, /../x, /a?b, a]\n"),
        Just("slug: 中文\n"),
        Just("slug: a\n"),
        Just("extra: {a: [1, {b: ~}], 中: .inf}\n"),
        Just("contacts: [{phone: [1, 2]}]\n"),
        Just("\t\n"),
        Just("\u{3000}title: a\n"),
        Just("# 注释\n"),
        Just("...\n"),
        Just("--- \n"),
        Just("---\n"),
        Just("%YAML 9.9\n"),
        Just("a: \"\\u0000\"\n"),
        Just("b: 'x\n"),
        Just("c: [\n"),
        Just("<<: *x\n"),
        Just("\u{feff}"),
        Just("\r"),
        Just("\u{0}"),
        Just("正文**（甲）**乙\n"),
        Just("[链](javascript:alert(1))\n"),
        Just("[链](a.md#b)\n"),
        Just("![](图.svg)\n"),
        Just("<script>alert(1)</script>\n"),
        Just("<div onclick=x style=y><b>\n"),
        Just("[^1]\n"),
        Just("[^1]: 注\n"),
        Just("| a | b |\n|--|:-:|\n| 1 |\n"),
        Just("- [x] 甲\n"),
        Just("甲\n: 乙\n"),
        Just("# 题 {#id .c a=b}\n"),
        Just("<a href='x'><a href=\"y.md\"><img src=z>\n"),
        Just("****~~**~~****\n"),
        Just("\u{e000}\u{f8ff}\u{200b}\u{202e}"),
    ];
    let noise = prop_oneof!["\\PC{0,12}".boxed(), "[\\x00-\\x7f]{0,12}".boxed(), Just(String::new()).boxed()];
    proptest::collection::vec((piece, noise), 0..14)
        .prop_map(|pieces| pieces.into_iter().map(|(piece, noise)| format!("{piece}{noise}")).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_in_any_order(items in proptest::collection::vec((pieces(), pieces()), 8)) {
        check_together(&items.iter().map(|(front, body)| format!("---\n{front}---\n{body}")).collect::<Vec<_>>());
    }

    #[test]
    fn random_bytes(items in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..400), 4)) {
        check_together(&items);
    }

    #[test]
    fn pieces_in_the_configuration(pieces in pieces()) {
        let outcome = build(&format!("{SITE}{pieces}"), &[]);
        assert_eq!(outcome.edition.is_some(), !has_errors(&outcome.diagnostics));
    }
}

#[test]
fn hostile_sizes() {
    let whole = |yaml: &str, body: &str| {
        format!("---\ntitle: 甲\ndate: 2026-01-01\ndistrict: 静安区\nsource: 乙\n{yaml}---\n{body}")
    };
    let aliases: String = (0..9)
        .map(|n| {
            format!(
                "a{n}: &a{n} [{}]\n",
                if n == 0 { "x".to_owned() } else { vec![format!("*a{}", n - 1); 9].join(", ") }
            )
        })
        .collect();
    let inputs = [
        whole(&aliases, ""),
        whole(&format!("extra: {}\n", "[".repeat(20_000)), ""),
        whole(&format!("extra: {}{}\n", "[".repeat(100), "]".repeat(100)), ""),
        whole("", &"> ".repeat(20_000)),
        whole("", &"- ".repeat(5_000)),
        whole("", &"*a **b ".repeat(20_000)),
        whole("", &"[".repeat(20_000)),
        whole("", &"![a](".repeat(5_000)),
        whole("", &format!("[{}", "](".repeat(20_000))),
        whole("", &format!("【{}", "】(".repeat(20_000))),
        whole("", &format!("x{}", "}".repeat(200_000))),
        whole(&format!("keywords: [1{}]\n", ",1".repeat(10_000)), ""),
        whole("", &"<b>".repeat(5_000)),
        whole("", &"<div ".repeat(5_000)),
        whole("", &"[^a]\n\n[^a]: [^a]\n".repeat(500)),
        whole(&format!("summary: {}\n", "长".repeat(200_000)), &"长".repeat(200_000)),
        "---\n".repeat(10_000),
        String::new(),
    ];
    for input in &inputs {
        check(&[("content/news/a.md", input.as_bytes())]);
    }
}
