//! Old pages become drafts. Each folder of `tests/import/` holds a page as portals write them (with invented names), the
//! Markdown that it becomes below `expected/`, and in `report.txt` what the command says.
//!
//! `XINFENG_BLESS=1` writes the expected files anew; read the difference before it is kept.

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::sites::{
    self, bless, bless_text, differences, is_blessing, read_folder, read_text, text_difference, write_file,
};

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import")
}

/// A site with nothing in it, and the program.
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
        let folder = TempDir::new().unwrap();
        fs::copy(home().join("site.yaml"), folder.path().join("site.yaml")).unwrap();
        Self { folder }
    }

    fn with(name: &str, bytes: &[u8]) -> Self {
        let office = Self::new();
        write_file(&office.path(name), bytes);
        office
    }

    /// A site beside which the files of a fixture lie in `old/`.
    fn with_case(case: &str) -> Self {
        let office = Self::new();
        for (path, bytes) in read_folder(&home().join(case)) {
            if !path.starts_with("expected/") && path != "report.txt" {
                write_file(&office.path(&format!("old/{path}")), &bytes);
            }
        }
        office
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xinfeng"));
        let output = command.current_dir(self.folder.path()).args(arguments).args(["--lang", "zh"]).output().unwrap();
        Said {
            status: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn content(&self) -> sites::Files {
        read_folder(&self.path("content"))
    }
}

const CASES: [(&str, &[&str]); 15] = [
    ("copied-traditional", &["old/page.txt"]),
    ("copied-simplified", &["old/page.txt", "--to", "zh-Hans", "--district", "江宁路街道"]),
    ("notice-text", &["old/page.txt"]),
    ("short-notice-text", &["old/page.txt"]),
    ("red-head-text", &["old/page.txt"]),
    ("portal-gbk", &["old/page.html"]),
    ("tables-pictures", &["old/page.html"]),
    ("hidden-links", &["old"]),
    ("recruitment-text", &["old/page.txt"]),
    ("plain-divs", &["old/page.html", "--district", "all"]),
    ("subtitle-heading", &["old/page.html"]),
    ("nested-lists", &["old/page.html"]),
    ("wechat", &["old/page.html"]),
    ("word", &["old/page.docx"]),
    ("word-notes", &["old/page.docx"]),
];

fn import(case: &str, arguments: &[&str]) -> (Office, Said) {
    let office = match case {
        "word" => Office::with("old/page.docx", &document()),
        "word-notes" => Office::with("old/page.docx", &document_of_a_library()),
        "copied-simplified" => Office::with_case("copied-traditional"),
        _ => Office::with_case(case),
    };
    let said = office.run(&[&["import"], arguments, &["--verbose"]].concat());
    (office, said)
}

#[test]
fn pages_become_the_expected_drafts_and_reports() {
    let mut wrong = Vec::new();
    for (case, arguments) in CASES {
        let (office, said) = import(case, arguments);
        assert_eq!(said.status, 0, "{case}: {}{}", said.out, said.err);
        let (expected, report) = (home().join(case).join("expected"), home().join(case).join("report.txt"));
        if is_blessing() {
            bless(&expected, &office.content());
            bless_text(&report, &said.out);
        }
        wrong.extend(differences(&read_folder(&expected), &office.content()));
        wrong.extend(text_difference(&report, &read_text(&report), &said.out));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Nothing is lost: every line of the page stands in the Markdown or in the report.
#[test]
fn every_line_is_in_the_draft_or_in_the_report() {
    for (case, arguments) in CASES.iter().filter(|(case, _)| *case != "copied-simplified") {
        let (office, said) = import(case, arguments);
        let written: Vec<u8> =
            office.content().into_iter().filter(|(path, _)| path.ends_with(".md")).flat_map(|it| it.1).collect();
        let kept = letters(&(String::from_utf8(written).unwrap() + &said.out));
        for line in lines_of(case, &office) {
            assert!(kept.contains(&letters(&line)), "{case} lost “{line}”:\n{kept}");
        }
    }
}

/// What mending leaves alone: letters, digits and Chinese characters.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The visible words of a page, cut wherever a tag, a script or a link's mark may stand between them.
fn lines_of(case: &str, office: &Office) -> Vec<String> {
    if case == "word-notes" {
        return LINES.map(str::to_owned).to_vec();
    }
    if case == "word" {
        return DOCUMENT
            .split("<w:t")
            .skip(1)
            .filter_map(|part| Some(part.split_once('>')?.1.split_once('<')?.0.replace("&amp;", "&")))
            .collect();
    }
    let (path, bytes) =
        read_folder(&office.path("old")).into_iter().find(|(path, _)| path.starts_with("page.")).unwrap();
    if path == "page.txt" {
        return String::from_utf8(bytes).unwrap().split(['\n', '\t']).map(str::to_owned).collect();
    }
    let text = if case == "portal-gbk" {
        encoding_rs::GBK.decode(&bytes).0.into_owned()
    } else {
        String::from_utf8(bytes).unwrap()
    };
    let body = text
        .split_once("<body")
        .unwrap()
        .1
        .replace("&nbsp;", " ")
        .replace("&gt;", ">")
        .replace("&lt;", "‹")
        .replace("&copy;", "©");
    let words = body.split('<').filter_map(|part| part.split_once('>')).map(|(_, words)| words);
    words.flat_map(str::lines).map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn imported_articles_build_at_once() {
    // The others lack what only a person knows.
    let lacking = ["word", "recruitment-text", "plain-divs", "short-notice-text", "red-head-text"];
    for (case, arguments) in CASES.iter().filter(|(case, _)| !lacking.contains(case)) {
        let (office, _) = import(case, arguments);
        // As the editor publishes it.
        for (path, bytes) in office.content() {
            if path.ends_with(".md") {
                let text = String::from_utf8(bytes).unwrap().replace("draft: true\n", "");
                write_file(&office.path(&format!("content/{path}")), text.as_bytes());
            }
        }
        let said = office.run(&["build", "--as-of", "2026-03-01"]);
        assert_eq!(said.status, 0, "{case}: {}{}", said.out, said.err);
    }
}

#[test]
fn what_was_not_found_is_marked_for_a_person() {
    let office = Office::with("a.txt", "弄堂里的灯会\n灯会挂出了六百盏灯。\n".as_bytes());
    let said = office.run(&["import", "a.txt"]);
    let content = office.content();
    let text = String::from_utf8(content["news/long-tang-li-de-deng-hui.md"].clone()).unwrap();
    let marks = [
        "# 待核对：没有找到发布时间，请填写",
        "# 待核对：没有找到区域，请填写 all（全站）或：静安区、江宁路街道、黄浦区",
        "# 待核对：没有找到来源，请填写",
    ];
    for mark in marks {
        assert!(text.contains(mark), "{text}");
        assert!(said.out.contains(mark.trim_start_matches("# ")), "{}", said.out);
    }
    // The build asks for exactly these three.
    let said = office.run(&["build", "--drafts"]);
    assert_eq!(said.err.matches("提醒[missing-key]").count(), 3, "{}", said.err);
    assert!(!said.err.contains("错误["), "{}", said.err);
}

#[test]
fn a_file_that_is_there_is_never_written_over() {
    let office = Office::with_case("portal-gbk");
    for _ in 0..3 {
        assert_eq!(office.run(&["import", "old/page.html"]).status, 0);
    }
    let content = office.content();
    let names: Vec<&String> = content.keys().collect();
    assert_eq!(
        names,
        [
            "news/2011-10-08-long-tang-li-de-xiu-bu-tan-2.md",
            "news/2011-10-08-long-tang-li-de-xiu-bu-tan-3.md",
            "news/2011-10-08-long-tang-li-de-xiu-bu-tan.md",
        ]
    );
}

#[test]
fn what_is_no_page_gets_a_clear_message() {
    let document = document();
    let check = |name: &str, bytes: &[u8], message: &str| {
        let office = Office::with(name, bytes);
        let said = office.run(&["import", name]);
        assert_eq!((said.status, said.err.contains(message)), (1, true), "{name}: {}{}", said.out, said.err);
        assert!(office.content().is_empty(), "{name} left a file");
    };
    check("empty.html", b"", "文件是空的");
    check("blank.txt", b"\n  \r\n", "文件是空的");
    check("picture.html", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "这不是网页，也不是文本文件");
    check("noise.txt", &[0x01, 0x02, 0x03, 0x04, 0x05, 0x06], "不是文字");
    check("truncated.docx", &document[..document.len() / 2], "已经损坏");
    check("old.doc", &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "另存为 .docx");
    check("page.pdf", b"%PDF-1.4", "这是 PDF");
    check("letter.rtf", b"{\\rtf1\\ansi abc}", "letter.rtf”：旧格式或别的格式的文档");
    check("letter.txt", b"{\\rtf1\\ansi abc}", "另存为 .docx");
    check(
        "page.mht",
        b"From: <Saved>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n",
        "另存为“网页，全部”",
    );
    check("table.csv", "姓名,电话\n".as_bytes(), "表格、演示稿");
    check("archive.docx", &archive(&[("a.txt", b"a")]), "这不是 Word 文档");
    check("tags.html", b"<html><body><p> </p></body></html>", "里面没有文字");
    let office = Office::new();
    assert!(office.run(&["import", "nothing.html"]).err.contains("没有这个文件"));
    assert!(office.run(&["import", "https://example.org/a.html"]).err.contains("另存为网页"));
    assert!(office.run(&["import", "a.html", "--district", "静安"]).err.contains("静安区"));
}

#[test]
fn styles_of_lists_become_lists() {
    let styles = ["List Bullet", "List Number", "List Number", "List Bullet 2", "List Paragraph"];
    let named = styles.iter().enumerate();
    let named = named.map(|(id, name)| format!("<w:style w:styleId='{id}'><w:name w:val='{name}'/></w:style>"));
    let styles = format!("<w:styles xmlns:w='w'>{}</w:styles>", named.collect::<String>());
    let line = |style: usize, text: &str| {
        format!("<w:p><w:pPr><w:pStyle w:val='{style}'/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>")
    };
    let lines =
        [(9, "邻里集市怎样办"), (0, "登记"), (3, "留电话"), (0, "交换"), (1, "甲"), (2, "乙"), (4, "集市每月一次。")];
    let lines: String = lines.iter().map(|(style, text)| line(*style, text)).collect();
    let document = format!("<w:document xmlns:w='w'><w:body>{lines}</w:body></w:document>");
    let bytes = archive(&[("word/document.xml", document.as_bytes()), ("word/styles.xml", styles.as_bytes())]);
    let office = Office::with("a.docx", &bytes);
    assert_eq!(office.run(&["import", "a.docx"]).status, 0);
    let text = String::from_utf8(office.content()["news/lin-li-ji-shi-zen-yang-ban.md"].clone()).unwrap();
    assert!(text.ends_with("\n- 登记\n  - 留电话\n- 交换\n1. 甲\n2. 乙\n\n集市每月一次。\n"), "{text}");
}

#[test]
fn what_was_moved_in_a_document_stands_where_it_is_now() {
    let moved = |tag: &str| {
        format!("<w:p><w:pPr><w:rPr><w:{tag}/></w:rPr></w:pPr><w:{tag}><w:r><w:t>请带伞。</w:t></w:r></w:{tag}></w:p>")
    };
    let between = "<w:p><w:r><w:t>集市开市。</w:t></w:r></w:p>";
    let (text, _) = imported("a.docx", &word(&format!("{}{between}{}", moved("moveFrom"), moved("moveTo")), &[]));
    assert_eq!(text, "集市开市。\n\n请带伞。");
}

#[test]
fn hidden_text_of_a_document_is_not_published() {
    let check = |paragraph: &str, body: &str, told: &[&str]| {
        let styles = "<w:style w:styleId='a'><w:name w:val='Remark'/><w:rPr><w:vanish/></w:rPr></w:style>
            <w:style w:styleId='b'><w:name w:val='Remark of an Office'/><w:basedOn w:val='a'/></w:style>";
        let notes = "<w:footnote w:id='1'><w:p><w:r><w:t>内部注释</w:t></w:r></w:p></w:footnote>";
        let parts = [("styles", styles), ("footnotes", notes)];
        let (text, said) = imported("a.docx", &word(paragraph, &parts));
        assert_eq!(text, body, "{paragraph}");
        let hidden: Vec<&str> = said.lines().filter(|line| line.contains("文档里隐藏的文字")).collect();
        let told: Vec<String> = told.iter().map(|text| format!("  未采用：“{text}”（文档里隐藏的文字）")).collect();
        assert_eq!(hidden, told, "{paragraph}");
    };
    let hidden =
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>名额</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>待定</w:t></w:r>";
    check(
        &format!("<w:p><w:r><w:t>集市</w:t></w:r>{hidden}<w:r><w:t>开市。</w:t></w:r></w:p>"),
        "集市开市。",
        &["名额待定"],
    );
    check(&format!("<w:p>{hidden}</w:p><w:p><w:r><w:t>开市。</w:t></w:r></w:p>"), "开市。", &["名额待定"]);
    let visible = "<w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>开市。</w:t></w:r>";
    check(&format!("<w:p>{visible}</w:p>"), "开市。", &[]);
    // It was hidden until a tracked change, or only the end of the paragraph is.
    let was = "<w:r><w:rPr><w:rPrChange><w:rPr><w:vanish/></w:rPr></w:rPrChange></w:rPr><w:t>开市。</w:t></w:r>";
    check(&format!("<w:p><w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr>{was}</w:p>"), "开市。", &[]);
    let styled = "<w:p><w:pPr><w:pStyle w:val='b'/></w:pPr><w:r><w:t>请先报批</w:t></w:r></w:p>
        <w:p><w:r><w:rPr><w:rStyle w:val='a'/></w:rPr><w:t>勿外传</w:t></w:r><w:r><w:t>开市。</w:t></w:r></w:p>";
    check(styled, "开市。", &["请先报批", "勿外传"]);
    let note =
        "<w:p><w:r><w:t>开市。</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:footnoteReference w:id='1'/></w:r></w:p>";
    check(note, "开市。", &["内部注释"]);
}

#[test]
fn what_the_words_alone_would_falsify_keeps_its_marks() {
    let in_html = |html: &str, expected: &str| {
        let (body, _) = imported("a.html", &page(&format!("<p>{html}</p>")));
        assert_eq!(body, expected, "{html}");
    };
    in_html("共10<sup>4</sup>只，CO<sub>2</sub>减少。", "共10<sup>4</sup>只，CO<sub>2</sub>减少。");
    in_html("水<b>H<sub>2</sub>O</b>。", "水**H**<sub>**2**</sub>**O**。");
    in_html("10<span style='vertical-align: super'>4</span>只。", "10<sup>4</sup>只。");
    in_html("会议时间<del>12月5日</del>12月9日。", "会议时间~~12月5日~~12月9日。");
    in_html("地点<s>（静安）</s>改为<strike>甲</strike>乙。", "地点~~（静安）~~改为~~甲~~乙。");
    in_html("<span style='text-decoration:line-through'><b>旧</b></span>新。", "<del>**旧**</del>新。");
    let in_word = |property: &str, expected: &str| {
        let run = format!("<w:r><w:rPr><w:{property}/></w:rPr><w:t>4</w:t></w:r>");
        let line = format!("<w:p><w:r><w:t>共10</w:t></w:r>{run}<w:r><w:t>只。</w:t></w:r></w:p>");
        assert_eq!(imported("a.docx", &word(&line, &[])).0, expected, "{property}");
    };
    in_word("vertAlign w:val='superscript'", "共10<sup>4</sup>只。");
    in_word("vertAlign w:val='subscript'", "共10<sub>4</sub>只。");
    in_word("vertAlign w:val='baseline'", "共104只。");
    in_word("strike", "共10~~4~~只。");
    in_word("dstrike", "共10~~4~~只。");
    in_word("strike w:val='0'", "共104只。");
    // A field is plain text.
    let (_, said) = imported("a.html", &page("<p>来源：<del>甲</del>乙</p><p>开市。</p>"));
    assert!(said.contains("待核对：移到开头的文字原来有删除线或上标、下标，请核对"), "{said}");
}

#[test]
fn numbers_that_were_typed_for_a_list_stay() {
    let check = |html: &str, body: &str, built: &str| {
        assert_eq!(imported("a.html", &page(html)).0, body, "{html}");
        let shown = shown_on_the_site(html);
        let shown: String = shown.split('>').map(|part| format!("{}>", part.trim())).collect();
        assert!(shown.contains(built), "{html}: {shown}");
    };
    let entry = |text: &str| format!("<li>{text}</li>");
    let (first, second) = (entry("甲"), entry("乙"));
    let start = format!("<ol start='4'>{first}{second}</ol>");
    check(&start, "4. 甲\n5. 乙", &format!("<ol start=\"4\">{first}{second}</ol>"));
    let value = format!("<ol>{first}<li value='7'>乙</li>{}<li value='9'>丁</li></ol>", entry("丙"));
    let built = format!("<ol>{first}</ol><ol start=\"7\">{second}{}{}</ol>", entry("丙"), entry("丁"));
    check(&value, "1. 甲\n7) 乙\n8) 丙\n9) 丁", &built);
    let back = "<ol start='3'><li>甲</li><li value='1'>乙</li></ol>";
    check(back, "3. 甲\n1) 乙", &format!("<ol start=\"3\">{first}</ol><ol>{second}</ol>"));
    let two = format!("<ol>{first}</ol><ol start='5'>{second}</ol><ol>{first}</ol>");
    let built = format!("<ol>{first}</ol><ol start=\"5\">{second}</ol><ol>{first}</ol>");
    check(&two, "1. 甲\n5) 乙\n1. 甲", &built);
    // Several lines of one entry are not counted.
    let lines = "<ol><li><p>甲</p><p>续</p></li><li>乙</li></ol>";
    check(lines, "1. 甲<br>续\n2. 乙", "<ol><li>甲<br>续</li><li>乙</li></ol>");
    let inner = "<ul><li>甲<ol start='3'><li>乙</li><li value='6'>丙</li></ol>续</li></ul>";
    let built = "<ol start=\"3\"><li>乙</li></ol><ol start=\"6\"><li>丙</li></ol></li><li>";
    check(inner, "- 甲\n\n  3. 乙\n  6) 丙\n- 续", built);
    let cells = "<td><ol start='2'><li>甲</li><li>乙</li></ol></td><td>丙</td>";
    let table = format!("<table><tr>{cells}</tr><tr>{cells}</tr></table>");
    check(&table, "| 2. 甲<br>3. 乙 | 丙 |\n| --- | --- |\n| 2. 甲<br>3. 乙 | 丙 |", "2. 甲<br>3. 乙");
}

#[test]
fn videos_and_audios_are_told() {
    let check = |html: &str, told: &str| {
        let (body, said) = imported("a.html", &page(&format!("<p>开市。</p>{html}")));
        assert_eq!(body, "开市。", "{html}");
        assert!(said.contains(&format!("  未采用：“{told}”（视频或音频，")), "{html}: {said}");
    };
    check("<video src='a.mp4' controls></video>", "a.mp4");
    check("<p><audio src='a.mp3'>请换浏览器</audio></p>", "a.mp3");
    check("<video><source src='a.webm'><source src='a.mp4'></video>", "a.webm a.mp4");
    check("<video id='player'></video>", "<video>");
}

#[test]
fn the_automatic_numbers_of_a_document_stay() {
    let level = |level: usize, format: &str, text: &str| {
        format!(
            "<w:lvl w:ilvl='{level}'><w:start w:val='1'/><w:numFmt w:val='{format}'/><w:lvlText w:val='{text}'/></w:lvl>"
        )
    };
    let levels = [
        level(0, "chineseCountingThousand", "%1、"),
        level(1, "chineseCountingThousand", "（%2）"),
        level(2, "decimal", "%3."),
        level(3, "decimal", "%3.%4"),
    ];
    let other = [level(0, "decimal", "%1."), level(1, "bullet", "●"), level(2, "hebrew1", "%3.")];
    let definition = |id: usize, levels: &[String]| {
        format!("<w:abstractNum w:abstractNumId='{id}'>{}</w:abstractNum>", levels.concat())
    };
    let list = |id: usize, definition: usize, more: &str| {
        format!("<w:num w:numId='{id}'><w:abstractNumId w:val='{definition}'/>{more}</w:num>")
    };
    let again = "<w:lvlOverride w:ilvl='0'><w:startOverride w:val='5'/></w:lvlOverride>";
    let definitions = [definition(0, &levels), definition(1, &other)];
    let lists = [list(1, 0, ""), list(2, 1, ""), list(3, 1, again), list(4, 0, "")];
    let numbering = definitions.concat() + &lists.concat();
    let styles = "<w:style w:styleId='h'><w:name w:val='heading 1'/><w:pPr><w:numPr><w:numId w:val='4'/></w:numPr></w:pPr></w:style>";
    let parts = [("numbering", numbering.as_str()), ("styles", styles)];
    let line = |list: usize, level: usize, text: &str| {
        let properties = format!("<w:numPr><w:ilvl w:val='{level}'/><w:numId w:val='{list}'/></w:numPr>");
        format!("<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>")
    };
    let check = |lines: &[String], expected: &str| {
        let (body, _) = imported("a.docx", &word(&lines.concat(), &parts));
        assert_eq!(body, expected, "{lines:?}");
    };
    let plain = "<w:p><w:r><w:t>另起一段。</w:t></w:r></w:p>".to_owned();
    // The levels of an official document, each counted below the one above it.
    let official = [
        (0, "总则"),
        (1, "目的"),
        (2, "登记，领表。"),
        (2, "交换。"),
        (3, "当天，"),
        (1, "对象"),
        (2, "居民。"),
        (0, "附则"),
    ];
    let official = official.map(|(level, text)| line(1, level, text));
    let expected = "## 一、总则\n\n### （一）目的\n\n1. 登记，领表。\n2. 交换。\n\n2.1 当天，\n\n### （二）对象\n\n1. 居民。\n\n## 二、附则";
    check(&official, expected);
    // A list goes on behind a paragraph, another one of its definition goes on too or begins with a number of its own.
    let lines = [line(2, 0, "甲"), plain.clone(), line(2, 0, "乙"), line(3, 0, "丙"), line(3, 0, "丁")];
    check(&lines, "1. 甲\n\n另起一段。\n\n2. 乙\n5) 丙\n6) 丁");
    check(&[line(2, 0, "甲"), line(3, 0, "乙"), line(2, 0, "丙")], "1. 甲\n5) 乙\n6) 丙");
    check(&[line(2, 0, "甲"), line(2, 1, "乙"), line(2, 0, "丙")], "1. 甲\n   - 乙\n2. 丙");
    // Without a number, whatever its style says.
    let heading = "<w:p><w:pPr><w:pStyle w:val='h'/></w:pPr><w:r><w:t>总则</w:t></w:r></w:p>".to_owned();
    let none = heading.replace("</w:pPr>", "<w:numPr><w:numId w:val='0'/></w:numPr></w:pPr>");
    check(&[heading.clone(), none, heading, plain.clone()], "## 一、总则\n\n## 总则\n\n## 二、总则\n\n另起一段。");
    // The first column of a table is often nothing but numbers. What is deleted is not counted.
    let number = line(2, 0, "").replace("<w:r><w:t></w:t></w:r>", "");
    let row =
        |text: &str| format!("<w:tr><w:tc>{number}</w:tc><w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc></w:tr>");
    let deleted = number.replace("</w:numPr>", "</w:numPr><w:rPr><w:del/></w:rPr>");
    check(
        &[format!("<w:tbl>{}{}</w:tbl>{deleted}", row("甲"), row("乙")), line(2, 0, "丙")],
        "| 1. | 甲 |\n| --- | --- |\n| 2. | 乙 |\n\n3. 丙",
    );
    // A format of another language.
    let (body, said) = imported("a.docx", &word(&line(2, 2, "甲"), &parts));
    assert_eq!(body, "1. 甲");
    assert!(said.contains("待核对：有的自动编号没有认出，请与原文核对"), "{said}");
}

#[test]
fn struck_out_text_is_struck_out_on_the_site() {
    let struck = "<p>时间<del>5日</del>9日，地点<del>（静安）</del>“<del>旧</del>”，<b><del>《甲》</del></b>乙；<del>x</del><b>y</b>z<del>。</del>完12<del>-13</del>时<del>5%</del>6x<del><b>y</b></del>z</p>";
    let html = shown_on_the_site(struck);
    let expected = "<p>时间<del>5日</del>9日，地点<del>（静安）</del>“<del>旧</del>”，<del><strong>《甲》</strong></del>乙；<del>x</del><strong>y</strong>z<del>。</del>完12<del>-13</del>时<del>5%</del>6x<del><strong>y</strong></del>z</p>";
    assert!(html.contains(expected), "{html}");
}

#[test]
fn a_label_in_the_text_counts_for_more_than_a_meta_tag() {
    let check = |tags: &[(&str, &str)], line: &str, fields: &[&str], told: &[&str]| {
        let tags = tags.iter().map(|(name, content)| format!("<meta name='{name}' content='{content}'>"));
        let text = "<p>集市每月一次，居民把用不着的东西拿来交换。</p>";
        let html =
            format!("{}{}", tags.collect::<String>(), String::from_utf8(page(&format!("{text}{line}"))).unwrap());
        let office = Office::with("a.html", html.as_bytes());
        let said = office.run(&["import", "a.html"]).out;
        let (_, item) = office.content().into_iter().next().unwrap();
        let item = String::from_utf8(item).unwrap();
        for field in fields {
            assert!(item.contains(&format!("\n{field}\n")), "{field}: {item}");
        }
        let fields = ["（已写入开头的字段）", "（同一字段别处写的不同，采用了别处的）"];
        let lines = said.lines().filter(|line| fields.iter().any(|field| line.ends_with(field)));
        let lines: Vec<&str> = lines.filter(|line| !line.contains("邻里集市怎样办")).map(str::trim).collect();
        assert_eq!(lines, told, "{line}");
    };
    let (moved, overruled) = ("（已写入开头的字段）", "（同一字段别处写的不同，采用了别处的）");
    let editor = format!("移到开头：“责任编辑：李示例”{moved}");
    let account = format!("未采用：“admin”{overruled}");
    check(&[("author", "admin")], "<p>责任编辑：李示例</p>", &["editor: 李示例"], &[&editor, &account]);
    check(&[("author", "李示例")], "<p>责任编辑：李示例</p>", &["editor: 李示例"], &[&editor]);
    check(&[("author", "王示例")], "", &["editor: 王示例"], &[]);
    let line = "<p>来源：静安区文明办 2026-01-05</p>";
    let source = format!("移到开头：“来源：静安区文明办 2026-01-05”{moved}");
    // The tag tells the same day and the time besides.
    let tags = [("PubDate", "2026-01-05 14:20"), ("ContentSource", "本站")];
    let fields = ["date: 2026-01-05 14:20", "source: 静安区文明办"];
    check(&tags, line, &fields, &[&source, &format!("未采用：“本站”{overruled}")]);
    let other_day = format!("未采用：“2026-01-06 14:20”{overruled}");
    check(&[("PubDate", "2026-01-06 14:20")], line, &["date: 2026-01-05"], &[&source, &other_day]);
    // Two labels for one field.
    let first = format!("移到开头：“编辑：李示例 责编：王示例”{moved}");
    let second = format!("未采用：“王示例”{overruled}");
    check(&[], "<p>编辑：李示例 责编：王示例</p>", &["editor: 李示例"], &[&first, &second]);
}

#[test]
fn what_stands_behind_the_article_counts_for_more_than_a_meta_tag() {
    let check = |tag: &str, inside: &str, behind: &str, fields: &[&str]| {
        let text = format!("<p>集市每月一次，居民把用不着的东西拿来交换。</p>{inside}");
        let html = String::from_utf8(page(&text)).unwrap();
        let html = html.replace("</head>", &format!("{tag}</head>")).replace("</body>", &format!("{behind}</body>"));
        let office = Office::with("a.html", html.as_bytes());
        assert_eq!(office.run(&["import", "a.html"]).status, 0);
        let (_, item) = office.content().into_iter().next().unwrap();
        let item = String::from_utf8(item).unwrap();
        for field in fields {
            assert!(item.contains(&format!("\n{field}\n")), "{field}: {item}");
        }
        assert!(item.ends_with("---\n\n集市每月一次，居民把用不着的东西拿来交换。\n"), "{item}");
    };
    let account = "<meta name='Author' content='admin'>";
    let editor = "<div>上一篇：无 下一篇：无</div><div>责任编辑：李某</div>";
    check(account, "", editor, &["editor: 李某"]);
    let tag = "<meta name='PubDate' content='2020-05-05 10:00'>";
    let line = "<p>发布时间：2020-03-01 09:00</p>";
    let doubt = "# 待核对：发布时间取自正文，网页的 meta 标签写的是 2020-05-05 10:00，请核对";
    check(tag, line, "", &["date: 2020-03-01 09:00", doubt]);
    check(tag, "", line, &["date: 2020-03-01 09:00", doubt]);
    check("", line, "", &["date: 2020-03-01 09:00"]);
}

#[test]
fn dates_of_several_articles_stay_in_the_text() {
    let text = "<p>甲</p><p>发布时间：2020-03-01</p><p>乙</p><p>发布时间：2020-04-01</p><p>两篇都已发出。</p>";
    let (body, _) = imported("a.html", &page(&format!("<p>本月有两篇。</p>{text}")));
    assert_eq!(body.matches("发布时间").count(), 2, "{body}");
}

#[test]
fn documents_that_a_folder_holds_besides_are_told() {
    let page = "<h1>标题在此</h1><p>正文一句。<a href='报名表.doc'>报名表</a></p>";
    let office = Office::with("old/page.html", page.as_bytes());
    for name in ["报名表.doc", "2011/简报.DOC", "2011/公示.wps", "2011/名单.xls", "2011/~$简报.doc", "2011/图.jpg"]
    {
        write_file(&office.path(&format!("old/{name}")), b"\xD0\xCF\x11\xE0");
    }
    let said = office.run(&["import", "old"]);
    assert_eq!(said.status, 0, "{}", said.err);
    let (_, told) = said.out.split_once("没有导入 2 个文件").unwrap_or_else(|| panic!("{}", said.out));
    let (letters, others) = told.split_once("没有导入 1 个文件").unwrap();
    assert!(letters.contains("另存为 .docx") && letters.contains("old/2011/公示.wps\n  old/2011/简报.DOC\n"), "{told}");
    assert!(others.contains("old/2011/名单.xls\n导入了 1 篇") && others.contains("3 个文件没有导入"), "{told}");
    assert!(!told.contains("报名表.doc") && !told.contains("图.jpg") && !told.contains("~$"), "{told}");
    write_file(&office.path("old/2012/简报.mht"), b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n");
    let said = office.run(&["import", "old/2012"]);
    assert!(said.out.contains("单个文件的网页") && said.out.contains("old/2012/简报.mht"), "{}", said.out);
    let said = office.run(&["import", "old/2011"]);
    assert!(said.status == 1 && said.out.contains("简报.DOC") && said.err.contains("文件夹里没有网页"), "{}", said.out);
    let said = office.run(&["import", "old", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(json["passed_over"].as_array().unwrap().len(), 4);
}

#[test]
fn hostile_pages_are_bounded() {
    let deep = format!("<html><body><h1>标题在此</h1>{}<p>最里面的一句话。</p>", "<div>".repeat(20_000));
    let office = Office::with("deep.html", deep.as_bytes());
    let said = office.run(&["import", "deep.html"]);
    assert_eq!(said.status, 0, "{}", said.err);
    assert!(said.out.contains("标题在此"));
    // A line that might begin or end with a date wherever one looks.
    let (digits, spaces) = ("20200101".repeat(5_000), "2020 ".repeat(8_000));
    let (body, _) = imported("digits.html", &page(&format!("<p>{digits}</p><p>{spaces}</p>")));
    assert!(body.starts_with(&digits), "{}", &body[..80]);
    // A small archive that unpacks to more than a part may have.
    let bomb = archive(&[("word/document.xml", &vec![b' '; 65 << 20])]);
    assert!(bomb.len() < 1 << 20);
    let office = Office::with("bomb.docx", &bomb);
    assert!(office.run(&["import", "bomb.docx"]).err.contains("大得不正常"));
    // Files outside the page's folder stay where they are.
    let office =
        Office::with("old/page.html", "<h1>标题在此</h1><p>正文一句。<img src='../site.yaml' alt='图'></p>".as_bytes());
    assert_eq!(office.run(&["import", "old/page.html"]).status, 0);
    assert_eq!(office.content().len(), 1, "only the Markdown file");
}

#[test]
fn the_report_is_there_for_programs_too() {
    let office = Office::with_case("copied-traditional");
    let said = office.run(&["import", "old", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let file = &json["files"][0];
    assert_eq!((&json["ok"], &file["type"], &file["encoding"]), (&true.into(), &"article".into(), &"UTF-8".into()));
    let left_out = file["left_out"].as_array().unwrap();
    let spam: Vec<_> = left_out.iter().filter(|it| it["code"] == "spam").collect();
    assert_eq!(spam.len(), 2);
    assert!(spam.iter().all(|it| it["score"].as_u64() >= Some(6)));
}

/// A document with these paragraphs behind its title, and with these other parts.
fn word(paragraphs: &str, parts: &[(&str, &str)]) -> Vec<u8> {
    let title = "<w:p><w:pPr><w:pStyle w:val='Title'/></w:pPr><w:r><w:t>邻里集市怎样办</w:t></w:r></w:p>";
    let body = format!("<w:body>{title}{paragraphs}</w:body>");
    let part = |(name, inner): &(&str, &str)| (format!("word/{name}.xml"), format!("<w:{name}>{inner}</w:{name}>"));
    let files: Vec<_> = [("document", body.as_str())].iter().chain(parts).map(part).collect();
    archive(&files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect::<Vec<_>>())
}

/// A page with this text behind its title.
fn page(html: &str) -> Vec<u8> {
    let head = "<html><head><meta charset='utf-8'></head>";
    format!("{head}<body><h1>邻里集市怎样办</h1><div class='article-content'>{html}</div></body></html>").into_bytes()
}

/// The body of the item that a file becomes, and what the command says.
fn imported(name: &str, bytes: &[u8]) -> (String, String) {
    let office = Office::with(name, bytes);
    let said = office.run(&["import", name, "--verbose"]);
    assert_eq!(said.status, 0, "{}{}", said.out, said.err);
    let (_, text) = office.content().into_iter().find(|(path, _)| path.ends_with(".md")).unwrap();
    let text = String::from_utf8(text).unwrap();
    let (_, body) = text.trim_start_matches("---\n").split_once("---\n").unwrap();
    (body.trim().to_owned(), said.out)
}

/// The page that the site shows for an imported page with this text.
fn shown_on_the_site(html: &str) -> String {
    let office = Office::with("a.html", &page(html));
    assert_eq!(office.run(&["import", "a.html", "--district", "all"]).status, 0);
    let (name, text) = office.content().into_iter().next().unwrap();
    let text = String::from_utf8(text).unwrap().replace("draft: true\n", "date: 2026-01-05\nsource: 甲\n");
    write_file(&office.path(&format!("content/{name}")), text.as_bytes());
    let said = office.run(&["build", "--as-of", "2026-03-01"]);
    assert_eq!(said.status, 0, "{}{}", said.out, said.err);
    let public = read_folder(&office.path("public"));
    let (_, built) = public.into_iter().find(|(path, _)| path.contains("lin-li-ji-shi-zen-yang-ban")).unwrap();
    String::from_utf8(built).unwrap()
}

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A document as Word saves one.
fn document() -> Vec<u8> {
    let styles = r#"<w:styles xmlns:w="w"><w:style w:styleId="a3"><w:name w:val="Title"/></w:style><w:style w:styleId="1"><w:name w:val="heading 1"/></w:style></w:styles>"#;
    let relations = r#"<Relationships><Relationship Id="rId1" Target="https://example.org/a?b=1&amp;c=2"/><Relationship Id="rId2" Target="media/image1.png"/></Relationships>"#;
    let picture = fs::read(home().join("tables-pictures/page_files/corner.png")).unwrap();
    archive(&[
        ("word/document.xml", DOCUMENT.as_bytes()),
        ("word/styles.xml", styles.as_bytes()),
        ("word/_rels/document.xml.rels", relations.as_bytes()),
        ("word/media/image1.png", &picture),
        ("word/endnotes.xml", ENDNOTES.as_bytes()),
    ])
}

/// Every line of [`document_of_a_library`].
const LINES: [&str; 15] = [
    "静安区文明办公文处理笺",
    "第 1 页，内部使用",
    "关于开展冬至邻里节活动的通知",
    "静文明办〔2026〕12号",
    "各街道、镇新时代文明实践分中心",
    "活动以居委会为单位开展",
    "居委会以本年度区划为准",
    "经费按标准执行",
    "这里请王主任再看一遍",
    "一、活动安排",
    "时间",
    "地点",
    "12月21日",
    "街心花园",
    "静安区文明办",
];

/// What a word processor writes: styles, a table, a footnote, a header, a footer and a comment.
fn document_of_a_library() -> Vec<u8> {
    use docx_rs::{
        AlignmentType, Comment, Docx, Footer, Footnote, Header, Paragraph, Run, Style, StyleType, Table, TableCell,
        TableRow,
    };
    let line = |text: &str| Paragraph::new().add_run(Run::new().add_text(text));
    let cell = |text: &str| TableCell::new().add_paragraph(line(text));
    let table = Table::new(vec![
        TableRow::new(vec![cell(LINES[10]), cell(LINES[11])]),
        TableRow::new(vec![cell(LINES[12]), cell(LINES[13])]),
    ]);
    let body = Paragraph::new()
        .add_run(Run::new().add_text(format!("{} ,", LINES[5])))
        .add_run(Run::new().add_footnote_reference(Footnote::new().add_content(line(LINES[6]))))
        .add_run(Run::new().add_text(LINES[7]).bold())
        .add_comment_start(Comment::new(1).author("李编辑").date("2026-11-20T00:00:00Z").add_paragraph(line(LINES[8])))
        .add_run(Run::new().add_text("."))
        .add_comment_end(1);
    let mut bytes = Vec::new();
    Docx::new()
        .add_style(Style::new("Heading1", StyleType::Paragraph).name("heading 1"))
        .header(Header::new().add_paragraph(line(LINES[0])))
        .footer(Footer::new().add_paragraph(line(LINES[1])))
        .add_paragraph(line(LINES[2]).align(AlignmentType::Center))
        .add_paragraph(line(LINES[3]).align(AlignmentType::Center))
        .add_paragraph(line(&format!("{}：", LINES[4])))
        .add_paragraph(body)
        .add_paragraph(line(LINES[9]).style("Heading1"))
        .add_table(table)
        .add_paragraph(line(LINES[14]).align(AlignmentType::Right))
        .add_paragraph(line("2026年11月20日").align(AlignmentType::Right))
        .build()
        .pack(std::io::Cursor::new(&mut bytes))
        .unwrap();
    bytes
}

const ENDNOTES: &str = r#"<w:endnotes xmlns:w="w"><w:endnote w:type="separator" w:id="0"><w:p><w:r><w:separator/></w:r></w:p></w:endnote>
<w:endnote w:id="2"><w:p><w:r><w:endnoteRef/></w:r><w:r><w:t xml:space="preserve"> 灯谜由居民自己出,</w:t></w:r></w:p><w:p><w:r><w:t>共八十条。</w:t></w:r></w:p></w:endnote></w:endnotes>"#;

const DOCUMENT: &str = r#"<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="w"><w:body>
<w:p><w:pPr><w:pStyle w:val="a3"/><w:jc w:val="center"/></w:pPr><w:r><w:t>静安区冬至邻里节活动侧记</w:t></w:r></w:p>
<w:p><w:pPr><w:pStyle w:val="1"/></w:pPr><w:r><w:t>一碗热汤圆</w:t></w:r></w:p>
<w:p><w:pPr><w:ind w:firstLine="420"/></w:pPr><w:r><w:t>冬至这天,弄堂里摆开了</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>二十张</w:t></w:r><w:r><w:rPr><w:b w:val="0"/></w:rPr><w:t xml:space="preserve">长桌 &amp; 条凳。</w:t></w:r></w:p>
<w:p><w:r><w:t>菜单见</w:t></w:r><w:hyperlink r:id="rId1"><w:r><w:t>活动网页</w:t></w:r></w:hyperlink><w:r><w:t>。</w:t></w:r><w:del><w:r><w:delText>这句删掉了</w:delText></w:r></w:del></w:p>
<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>包汤圆</w:t></w:r></w:p>
<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>猜灯谜</w:t></w:r><w:r><w:endnoteReference w:id="2"/></w:r></w:p>
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>时间</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>内容</w:t></w:r></w:p></w:tc></w:tr>
<w:tr><w:tc><w:p><w:r><w:t>14:00</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>开场</w:t></w:r></w:p><w:p><w:r><w:t>合唱</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
<w:p><w:r><w:drawing><wp:docPr id="1" descr="长桌上的汤圆"/><a:blip r:embed="rId2"/></w:drawing></w:r></w:p>
<w:p><w:r><w:t>来源：静安区文明办</w:t></w:r></w:p>
<w:sectPr/></w:body></w:document>"#;
