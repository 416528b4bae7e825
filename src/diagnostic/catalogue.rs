//! Every message that an editor can meet: one constructor each, in Chinese and in English.
//!
//! A message says what is wrong in the editor's words; the help says what to type instead. Each code
//! has an invalid site in `tests/sites/invalid/`.

use std::collections::BTreeSet;

use super::{At, Diagnostic, FilePath, KeyPath, Place, Step, Text, nearest};

/// `“a”、“b” 或 “c”` and `"a", "b" or "c"`.
fn listed(names: &[impl AsRef<str>]) -> Text {
    let join = |separator: &str, last: &str, open: char, close: char| {
        let quoted: Vec<String> = names.iter().map(|name| format!("{open}{}{close}", name.as_ref())).collect();
        match quoted.split_last() {
            Some((end, start)) if !start.is_empty() => format!("{}{last}{end}", start.join(separator)),
            _ => quoted.concat(),
        }
    };
    Text::new(join("、", "或", '“', '”'), join(", ", " or ", '"', '"'))
}

trait DidYouMean {
    fn did_you_mean(self, names: &[impl AsRef<str>]) -> Diagnostic;
}

impl DidYouMean for Diagnostic {
    fn did_you_mean(self, names: &[impl AsRef<str>]) -> Diagnostic {
        if names.is_empty() {
            return self;
        }
        let names = listed(names);
        self.help(format!("是不是想写{}？", names.zh), format!("did you mean {}?", names.en))
    }
}

// ---- The front matter as a whole ----

pub fn no_front_matter(file: &FilePath) -> Diagnostic {
    Diagnostic::error(
        "no-front-matter",
        Place::bytes(file, 0..1),
        Text::new("文件开头没有信息区", "the file has no front matter"),
    )
    .label("第一行应当是 ---", "the first line must be ---")
    .help(
        "文件第一行写三个半角减号 ---，接着写 title: 标题 等各项，再用一行 --- 结束，然后才是正文",
        "begin the file with a line of three hyphens, then the keys (title: …), then another line of ---",
    )
}

pub fn unclosed_front_matter(file: &FilePath, line: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic::error(
        "unclosed-front-matter",
        Place::bytes(file, line),
        Text::new("信息区没有结束", "the front matter is not closed"),
    )
    .label("从这里开始，后面没有单独一行的 ---", "begins here, and no line of --- follows")
    .help("在最后一项信息之后加一行三个半角减号：---", "add a line of three hyphens after the last key: ---")
}

pub fn not_keys(place: Place) -> Diagnostic {
    Diagnostic::error(
        "not-keys",
        place,
        Text::new("这里应当是一行一项的“名称: 内容”", "expected lines of \"key: value\""),
    )
    .help("例如 title: 文明实践进楼组", "for example title: A day at the centre")
}

pub fn full_width_colon(place: Place, key: &str) -> Diagnostic {
    Diagnostic::error(
        "full-width-colon",
        place,
        Text::new(format!("“{key}”后面用了中文（全角）冒号"), format!("a full-width colon follows \"{key}\"")),
    )
    .label("应当是半角冒号加一个空格", "should be a plain colon and a space")
    .help(format!("改成 {key}: …"), format!("write {key}: …"))
}

pub fn tab_indentation(file: &FilePath, span: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic::error(
        "tab-indentation",
        Place::bytes(file, span),
        Text::new("行首用了制表符（Tab）缩进", "the line is indented with a tab"),
    )
    .label("这里是 Tab", "a tab stands here")
    .help("信息区只能用空格缩进，每级两个空格", "indent with spaces, two for each level")
}

pub fn ideographic_space(place: Place) -> Diagnostic {
    Diagnostic::error(
        "ideographic-space",
        place,
        Text::new("这里有全角空格或看不见的字符", "a full-width space or an invisible character stands here"),
    )
    .label("应当是半角空格，或者什么也没有", "should be a plain space, or nothing")
    .help("删去它，重新用键盘打一个半角空格", "delete it and type a plain space")
}

pub fn missing_space(place: Place, key: &str) -> Diagnostic {
    Diagnostic::error(
        "missing-space",
        place,
        Text::new(format!("“{key}:”后面少了一个空格"), format!("no space follows \"{key}:\"")),
    )
    .label("冒号后面要有一个空格", "a space must follow the colon")
    .help(format!("改成 {key}: …"), format!("write {key}: …"))
}

/// `-为老服务`
pub fn missing_space_behind_dash(place: Place, entry: &str) -> Diagnostic {
    Diagnostic::error(
        "missing-space",
        place,
        Text::new("列表的减号后面少了一个空格", "no space follows the hyphen of a list"),
    )
    .label("减号后面要有一个空格", "a space must follow the hyphen")
    .help(format!("改成 - {entry}"), format!("write - {entry}"))
}

pub fn unquoted_colon(file: &FilePath, span: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic::error(
        "unquoted-colon",
        Place::bytes(file, span),
        Text::new("内容里有半角冒号加空格，却没有加引号", "the value holds a colon and a space, but no quotes"),
    )
    .label("这个冒号会被当成另一项的开始", "this colon reads as the start of another key")
    .help("给整个内容加上英文双引号：\"…\"，或把冒号改成全角“：”", "put the whole value in double quotes: \"…\"")
}

pub fn unquoted_start(file: &FilePath, span: std::ops::Range<usize>, character: char) -> Diagnostic {
    Diagnostic::error(
        "unquoted-start",
        Place::bytes(file, span),
        Text::new(
            format!("内容以“{character}”开头，却没有加引号"),
            format!("the value begins with \"{character}\", but has no quotes"),
        ),
    )
    .label("这个符号在这里有特殊含义", "this character has a meaning of its own here")
    .help(
        if character == '"' {
            "把里面的英文引号改成中文引号“”"
        } else {
            "给整个内容加上英文双引号：\"…\""
        },
        if character == '"' {
            "put the whole value in single quotes: '…'"
        } else {
            "put the whole value in double quotes: \"…\""
        },
    )
}

pub fn broken_yaml(file: &FilePath, span: std::ops::Range<usize>, detail: &str) -> Diagnostic {
    Diagnostic::error(
        "broken-yaml",
        Place::bytes(file, span),
        Text::new("这里读不懂，格式有误", format!("this is not valid YAML: {detail}")),
    )
    .label("从这里起读不下去", "reading stopped here")
    .help(
        "检查这一行和上一行：引号、方括号是否成对，缩进是否对齐",
        "look at this line and the one before: quotes and brackets in pairs, indentation aligned",
    )
}

pub fn duplicate_key(place: Place, key: &str) -> Diagnostic {
    Diagnostic::error("duplicate-key", place, Text::new(format!("“{key}”写了两次"), format!("\"{key}\" stands twice")))
        .help("只留下一个", "keep one of them")
}

/// A key and its Chinese alias are one key.
pub fn key_and_alias(place: Place, alias: &str, key: &str, other: Place) -> Diagnostic {
    Diagnostic::error(
        "duplicate-key",
        place,
        Text::new(
            format!("“{alias}”和“{key}”是同一项，写了两次"),
            format!("\"{alias}\" and \"{key}\" are the same key, which stands twice"),
        ),
    )
    .related(other, "另一个在这里", "the other one is here")
    .help("只留下一个", "keep one of them")
}

pub fn full_width_comma(file: &FilePath, span: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic::error(
        "full-width-comma",
        Place::bytes(file, span),
        Text::new("括号里用了中文（全角）逗号", "a full-width comma stands inside the brackets"),
    )
    .label("应当是半角逗号加一个空格", "should be a plain comma and a space")
    .help(
        "[ ] 和 { } 里的各项之间用半角逗号，例如 {unit: 中心, phone: 021-00000000}",
        "separate what stands in [ ] and { } by plain commas, e.g. {unit: a, phone: b}",
    )
}

/// `age: ｛min: 18｝`; `written` is what stands there, as far as it is known.
pub fn full_width_braces(place: Place, written: Option<&str>) -> Diagnostic {
    let plain = |written: &str| written.replace('｛', "{").replace('｝', "}").replace('，', ", ").replace('：', ": ");
    let example = written.map_or_else(|| "{min: 18, max: 65}".to_owned(), plain);
    Diagnostic::error("full-width-braces", place, Text::new("用了中文（全角）花括号", "a full-width brace"))
        .label("应当是半角的 {", "should be a plain {")
        .help(format!("两边都改成半角，例如 {example}"), format!("write plain braces on both sides, e.g. {example}"))
}

pub fn unclosed_quote(file: &FilePath, span: std::ops::Range<usize>, mark: char) -> Diagnostic {
    let (zh, en) = if mark == '"' { ("双", "double") } else { ("单", "single") };
    Diagnostic::error(
        "unclosed-quote",
        Place::bytes(file, span),
        Text::new(format!("这个英文{zh}引号没有配对的另一半"), format!("this {en} quote is not closed")),
    )
    .help(
        format!("在这一项的末尾补上 {mark}；内容里的引号请用中文引号“”"),
        format!("write {mark} at the end of the value; quotes within it are better written as “”"),
    )
}

/// A line that is neither a key with its value nor a part of one.
pub fn missing_colon(file: &FilePath, span: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic::error(
        "missing-colon",
        Place::bytes(file, span),
        Text::new("这一行没有冒号，分不出名称和内容", "there is no colon between a key and its value on this line"),
    )
    .help(
        "写成“名称: 内容”，名称后面是半角冒号加一个空格；正文写到第二个 --- 下面",
        "write `key: value`, with a plain colon and a space; the text begins below the second ---",
    )
}

pub fn unclosed_bracket(file: &FilePath, span: std::ops::Range<usize>, open: char, close: char) -> Diagnostic {
    Diagnostic::error(
        "unclosed-bracket",
        Place::bytes(file, span),
        Text::new(format!("“{open}”没有配对的“{close}”"), format!("\"{open}\" is not closed by \"{close}\"")),
    )
    .help(
        format!("在这一项的末尾补上 {close}；如果括号是内容的一部分，给整个内容加上英文双引号"),
        format!("add {close} at its end, or put the whole value in double quotes"),
    )
}

pub fn hash_in_value(file: &FilePath, span: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic::warning(
        "hash-in-value",
        Place::bytes(file, span),
        Text::new(
            "空格加 # 之后的内容被当作注释，没有读取",
            "what follows a space and # is a comment and was left out",
        ),
    )
    .help(
        "如果 # 是内容的一部分，给整个内容加上英文双引号：\"…\"",
        "if # belongs to the value, put the whole value in double quotes",
    )
}

pub fn invalid_utf8(file: &FilePath, at: usize) -> Diagnostic {
    Diagnostic::error(
        "invalid-utf8",
        Place::file(file),
        Text::new(
            format!("文件不是 UTF-8 编码（第 {} 个字节处读不懂）", at + 1),
            format!("the file is not UTF-8 (byte {} cannot be read)", at + 1),
        ),
    )
    .help(
        "多半是用 GBK（ANSI）或 UTF-16（Unicode）保存的：在编辑器里选“另存为”，编码选 UTF-8",
        "it was probably saved as GBK or UTF-16: save it again as UTF-8",
    )
}

// ---- Keys and values ----

pub fn unknown_key(place: Place, key: &str, near: &[&str], known: &[String]) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        "unknown-key",
        place,
        Text::new(format!("没有“{key}”这一项"), format!("unknown key \"{key}\"")),
    )
    .did_you_mean(near);
    match near {
        [] if known.len() > LISTED_AT_MOST => {
            let few = known[..LISTED_AT_MOST].join("、");
            diagnostic.help(
                format!("这里可以写 {few}等 {} 项，都在编辑手册的表里", known.len()),
                format!("possible are {few} and others, {} in all: see the handbook", known.len()),
            )
        }
        [] => {
            let known = known.join("、");
            diagnostic.help(format!("这里可以写的有：{known}"), format!("possible keys: {known}"))
        }
        _ => diagnostic,
    }
}

/// A longer list of keys than this helps nobody.
const LISTED_AT_MOST: usize = 12;

pub fn secret_in_settings(place: Place, key: &str) -> Diagnostic {
    Diagnostic::error(
        "secret-in-settings",
        place,
        Text::new(
            format!("“{key}”里是密码一类的内容，不能写在 site.yaml 里：能看到网站文件的人都看得到它"),
            format!("\"{key}\" holds a secret, which does not belong into site.yaml, where everyone with the site's files reads it"),
        ),
    )
    .help(
        "删去它，换一个新密码（旧的可能已经进了版本记录），放到环境变量或 SSH 密钥里，变量的名称见编辑手册“发布和核对”一节",
        "remove it, change the secret, since it may be in the history, and give it by an environment variable or a key file: see Publishing in the README",
    )
}

/// `in_braces` tells whether the key is missing among others in `{ }`, where it does not get a line of its own.
pub fn missing_key(place: Place, key: &str, alias: &str, in_braces: bool) -> Diagnostic {
    let where_to = if in_braces {
        Text::new("在花括号里加上", "add within the braces")
    } else {
        Text::new("加一行，例如", "add a line such as")
    };
    let example = example(key, &place.file);
    Diagnostic::error(
        "missing-key",
        place,
        Text::new(format!("缺少“{alias}”（{key}）"), format!("the key \"{key}\" is missing")),
    )
    .help(
        format!("{} {key}: {example}（也可以写成 {alias}: {example}）", where_to.zh),
        format!("{} {key}: {example}", where_to.en),
    )
}

/// A required key that stands there with nothing behind it.
pub fn empty_key(place: Place, written: &str, key: &str) -> Diagnostic {
    let example = example(key, &place.file);
    Diagnostic::error(
        "missing-key",
        place,
        Text::new(format!("“{written}”后面没有内容"), format!("nothing follows \"{written}\"")),
    )
    .help(
        format!("在冒号后面写上内容，例如 {written}: {example}"),
        format!("write a value, for example {written}: {example}"),
    )
}

/// The key has nothing but a comment behind it, which was meant as its value.
pub fn comment_for_value(place: Place, written: &str, comment: &str) -> Diagnostic {
    let value = comment.replace(['"', '\\'], "");
    Diagnostic::error(
        "missing-key",
        place,
        Text::new(
            format!("“{written}”后面没有内容：以 # 开头的被当作注释"),
            format!("nothing follows \"{written}\": what begins with # is a comment"),
        ),
    )
    .help(
        format!("给整个内容加上英文双引号：{written}: \"{value}\""),
        format!("put the whole value in double quotes: {written}: \"{value}\""),
    )
}

/// What a required key of a file may look like.
fn example(key: &str, file: &FilePath) -> &'static str {
    match key {
        "title" if file.as_str() == "site.yaml" => "静安区文明实践",
        "title" => "文明实践进楼组",
        "date" | "issued" | "start" | "service_start" => "2026-02-01",
        "end" | "service_end" => "2026-02-28",
        "apply_deadline" => "2026-01-20 18:00",
        "district" => "静安区",
        "source" | "issuer" | "organizer" => "静安区文明办",
        "kind" => "通知",
        "risk" => "人流密集，注意安全",
        "insurance" => "{provided: true, kind: 人身意外伤害保险}",
        "positions" => "[{name: 秩序引导, count: 10}]",
        "place" => "{name: 社区文化中心, address: 示例路1号}",
        "apply" => "{phone: 021-00000000}",
        "contacts" => "[{unit: 志愿服务中心, phone: 021-00000000}]",
        "publicity" => "{start: 2026-02-01, end: 2026-02-07}",
        "feedback" => "{phone: 021-00000000}",
        "age" => "{min: 18, max: 65}",
        "figures" => "[{name: 志愿者, value: 1600, unit: 人}]",
        "shifts" => "[{name: 早班, start: \"08:00\", end: \"16:00\"}]",
        "base_url" => "https://www.example.org/",
        "slug" => "jingan",
        "count" => "10",
        _ => "…",
    }
}

/// What a value should have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    Text,
    Flag,
    WholeNumber,
    Number,
    /// Keys with their values.
    Keys,
}

pub fn wrong_type(place: Place, expected: Expected) -> Diagnostic {
    // The example is of the key that it stands under.
    let example = |fallback: &str, value: &str| format!("{}: {value}", written_key(&place).unwrap_or(fallback));
    let (what, help) = match expected {
        Expected::Text => (
            Text::new("一段文字", "a text"),
            Text::new(
                format!("把内容放进英文双引号里，例如 {}", example("title", "\"文明实践进楼组\"")),
                format!("put the value in double quotes, e.g. {}", example("title", "\"A day at the centre\"")),
            ),
        ),
        Expected::Flag => (
            Text::new(" true（是）或 false（否）", "true or false"),
            Text::new(
                format!("只写 true 或 false，不加引号，例如 {}", example("pin", "true")),
                format!("write true or false without quotes, e.g. {}", example("pin", "true")),
            ),
        ),
        Expected::WholeNumber => (
            Text::new("整数", "a whole number"),
            Text::new(
                format!("只写半角数字，不加引号和单位，例如 {}", example("count", "10")),
                format!("write digits only, without quotes or a unit, e.g. {}", example("count", "10")),
            ),
        ),
        Expected::Number => (
            Text::new("数字", "a number"),
            Text::new(
                format!("只写半角数字，不加引号和单位，例如 {}", example("value", "12.5")),
                format!("write digits only, without quotes or a unit, e.g. {}", example("value", "12.5")),
            ),
        ),
        Expected::Keys => (
            Text::new("几项“名称: 内容”", "keys and values"),
            shown_keys(&place).unwrap_or_else(|| {
                Text::new("写在大括号里，例如 {name: 甲, count: 10}", "write them in braces, e.g. {name: a, count: 10}")
            }),
        ),
    };
    Diagnostic::error("wrong-type", place, Text::new(format!("这里应当是{}", what.zh), format!("expected {}", what.en)))
        .label("不能这样写", "not possible here")
        .help(help.zh, help.en)
}

/// The key that a place lies under, as it is written.
fn written_key(place: &Place) -> Option<&str> {
    let (At::Value(KeyPath(steps)) | At::Key(KeyPath(steps))) = &place.at else { return None };
    steps.iter().rev().find_map(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        Step::Index(_) => None,
    })
}

/// How the keys and values of the key at this place are written, where it is one of the usual ones.
fn shown_keys(place: &Place) -> Option<Text> {
    let written = written_key(place)?;
    let key = match written {
        "岗位" => "positions",
        "地点" => "place",
        "报名方式" => "apply",
        "联系方式" => "contacts",
        "保险" => "insurance",
        "年龄" => "age",
        "公示期" => "publicity",
        "意见反馈" => "feedback",
        "数据" => "figures",
        "班次" => "shifts",
        key => key,
    };
    let example = match example(key, &place.file) {
        example if example.starts_with(['{', '[']) => example,
        _ => return None,
    };
    Some(Text::new(format!("写成 {written}: {example}"), format!("write {written}: {example}")))
}

pub fn unknown_value(place: Place, value: &str, allowed: &[&str]) -> Diagnostic {
    let list = listed(allowed);
    Diagnostic::error(
        "unknown-value",
        place,
        Text::new(format!("不能写“{value}”"), format!("\"{value}\" is not possible here")),
    )
    .help(format!("只能写{}", list.zh), format!("write {}", list.en))
}

/// `meant` is the usual form of what stands there, as far as that can be guessed.
pub fn bad_date(place: Place, text: &str, meant: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        "bad-date",
        place,
        Text::new(format!("“{text}”不是能读懂的日期"), format!("\"{text}\" is not a date")),
    );
    if let Some(day) = meant.filter(|meant| !meant.contains(' ')) {
        return diagnostic.help(
            format!("写成 {day}；要写时间，写成 {day} 09:30，不写星期"),
            format!("write {day}, or with a time {day} 09:30, without the weekday"),
        );
    }
    if let Some(meant) = meant {
        return diagnostic.help(
            format!("写成 {meant}：日期在前，空一格写 24 小时制的时间，不写星期"),
            format!("write {meant}: the date, a space and the time by 24 hours, without the weekday"),
        );
    }
    diagnostic.help(
        "可以写成 2020-04-13、2020-04-13 09:30、2020年4月13日、2020/4/13 或 2020.4.13",
        "write 2020-04-13, 2020-04-13 09:30, 2020年4月13日, 2020/4/13 or 2020.4.13",
    )
}

pub fn impossible_date(place: Place, text: &str) -> Diagnostic {
    let is_midnight = ["24:00", "24：00", "24时", "24点"].iter().any(|hour| text.contains(hour));
    let (zh, en) = if is_midnight {
        ("一天到 23:59 为止：时间写 23:59，或者只写日期", "a day ends at 23:59: write that time, or the date alone")
    } else {
        ("检查月份、日数和钟点", "check the month, the day and the hour")
    };
    Diagnostic::error(
        "impossible-date",
        place,
        Text::new(format!("没有“{text}”这个日期或时间"), format!("there is no such date or time as {text}")),
    )
    .help(zh, en)
}

pub fn title_line_break(place: Place) -> Diagnostic {
    Diagnostic::error("title-line-break", place, Text::new("标题里不能换行", "a title must not hold a line break"))
        .help("把标题写在一行里；副题写到 subtitle（副题）", "write the title on one line")
}

pub fn unpaired_book_marks(place: Place) -> Diagnostic {
    Diagnostic::error(
        "unpaired-book-marks",
        place,
        Text::new("书名号《》没有成对", "the book marks 《》 are not paired"),
    )
    .help("补上缺少的《或》", "add the missing 《 or 》")
}

pub fn bad_slug(place: Place, text: &str) -> Diagnostic {
    Diagnostic::error(
        "bad-slug",
        place,
        Text::new(format!("“{text}”不能用在网址里"), format!("\"{text}\" cannot stand in an address")),
    )
    .help(
        "slug 只能用小写英文字母、数字和连字符，例如 spring-festival-2026",
        "a slug holds small letters, digits and hyphens, e.g. spring-festival-2026",
    )
}

pub fn bad_alias(place: Place, text: &str) -> Diagnostic {
    Diagnostic::error(
        "bad-alias",
        place,
        Text::new(format!("“{text}”不是网站内的地址"), format!("\"{text}\" is not an address on the site")),
    )
    .help(
        "旧地址从 / 开始写，例如 /2019/old.html：不带域名，不能有 ..，也不能有 ? 和它后面的部分（静态网站不能按它们转向）",
        "write the old address from its /, e.g. /2019/old.html, without a host, without .. and without ? and what follows it",
    )
}

/// `rest` is what stands behind the site's own folder.
pub fn alias_with_folder(place: Place, alias: &str, folder: &str, rest: &str) -> Diagnostic {
    Diagnostic::error(
        "bad-alias",
        place,
        Text::new(
            format!("旧地址“{alias}”里写了网站所在的目录 {folder}"),
            format!("the old address \"{alias}\" names the folder that the site lives in, {folder}"),
        ),
    )
    .help(format!("目录会自动加上，写成 /{rest}"), format!("the folder is added to it: write /{rest}"))
}

pub fn cover_without_alt(place: Place) -> Diagnostic {
    Diagnostic::error("cover-without-alt", place, Text::new("封面图没有文字说明", "the cover has no alternative text"))
        .help(
            "写成 cover: {src: 图片, alt: 图上是什么}，或加一行 cover_alt: …（读屏软件靠它念给视障者听）",
            "write cover: {src: …, alt: …} or add a line cover_alt: …",
        )
}

pub fn updated_before_date(place: Place) -> Diagnostic {
    Diagnostic::error(
        "updated-before-date",
        place,
        Text::new("更新时间早于发布时间", "the item is updated before it is published"),
    )
    .help("核对 updated（更新时间）和 date（发布时间）", "compare updated with date")
}

pub fn updated_in_future(place: Place, date: &str) -> Diagnostic {
    Diagnostic::warning(
        "updated-in-future",
        place,
        Text::new(format!("更新时间 {date} 还没有到"), format!("it is updated on {date}, which is still to come")),
    )
    .help(
        "写最近一次修改的日期；要到时候才发布的，改 date（发布时间）",
        "write when it was changed last; for what is to appear later, change date",
    )
}

pub fn parts_do_not_add_up(place: Place, name: &str, sum: &str, value: &str) -> Diagnostic {
    Diagnostic::error(
        "parts-do-not-add-up",
        place,
        Text::new(
            format!("“{name}”的各部分相加是 {sum}，总数却写了 {value}"),
            format!("the parts of \"{name}\" add up to {sum}, but the value is {value}"),
        ),
    )
    .help("核对总数和各部分的数字", "check the value and its parts")
}

pub fn deadline_after_start(place: Place) -> Diagnostic {
    Diagnostic::error(
        "deadline-after-start",
        place,
        Text::new("报名截止时间晚于服务开始时间", "the deadline is after the service begins"),
    )
    .help(
        "截止时间（apply_deadline）不能晚于服务开始（service_start）",
        "apply_deadline must not be after service_start",
    )
}

pub fn reversed(place: Place, start: &str, end: &str) -> Diagnostic {
    Diagnostic::error(
        "reversed",
        place,
        Text::new(format!("结束（{end}）早于开始（{start}）"), format!("{end} is before {start}")),
    )
    .help("核对这两个时间，年份也看一看", "compare the two dates, the year too")
}

pub fn service_too_long(place: Place) -> Diagnostic {
    Diagnostic::error("service-too-long", place, Text::new("服务时间超过一年", "the service is longer than a year"))
        .help("长期招募请按年度分期发布", "publish a long recruitment year by year")
}

pub fn shifts_do_not_tile(place: Place, detail: &Text) -> Diagnostic {
    Diagnostic::error(
        "shifts-do-not-tile",
        place,
        Text::new(
            format!("写明了 24 小时轮班（round_clock），但班次没有排满：{}", detail.zh),
            format!("round_clock is set, but the shifts do not fill the day: {}", detail.en),
        ),
    )
    .help("各班次首尾相接，从 00:00 排到 24:00", "let the shifts follow each other from 00:00 to 24:00")
}

pub fn bad_time(place: Place, text: &str) -> Diagnostic {
    Diagnostic::error(
        "bad-time",
        place,
        Text::new(format!("“{text}”不是钟点"), format!("\"{text}\" is not a time of day")),
    )
    .help(
        "写成 \"08:00\" 这样（加英文引号），从 \"00:00\" 到 \"24:00\"",
        "write it like \"08:00\", from \"00:00\" to \"24:00\"",
    )
}

pub fn no_way_to_apply(place: Place) -> Diagnostic {
    Diagnostic::error("no-way-to-apply", place, Text::new("没有写怎样报名", "no way to apply is given")).help(
        "url（网址）、wechat（微信）、phone（电话）、office（地点）、how（方法）至少写一项",
        "give at least one of url, wechat, phone, office, how",
    )
}

pub fn no_feedback(place: Place) -> Diagnostic {
    Diagnostic::error("no-feedback", place, Text::new("没有写怎样反映意见", "no way to respond is given"))
        .help("phone（电话）、email（邮箱）、address（地址）至少写一项", "give at least one of phone, email, address")
}

pub fn risk_without_insurance(place: Place) -> Diagnostic {
    Diagnostic::error(
        "risk-without-insurance",
        place,
        Text::new("有风险的活动没有保险", "a risky service without insurance"),
    )
    .help(
        "《志愿服务条例》第十七条：可能发生人身危险的，应当购买保险。写明 insurance: {provided: true, kind: …}；确无风险的写 risk: 无",
        "article 17 of the regulations on voluntary service asks for insurance; write risk: 无 where there is none",
    )
}

pub fn age_reversed(place: Place) -> Diagnostic {
    Diagnostic::error("age-reversed", place, Text::new("最小年龄大于最大年龄", "the lowest age is above the highest"))
        .help("写成 age: {min: 18, max: 65}", "write age: {min: 18, max: 65}")
}

pub fn unknown_district(place: Place, name: &str, near: &[&str]) -> Diagnostic {
    let unknown = unknown_name_of_district(place, name, near).help(
        "区域的名称以 site.yaml 里的 districts 为准；面向全站的写 all",
        "the districts are those of site.yaml; write all for the whole site",
    );
    split_hint(unknown, name, "district")
}

/// Where something takes place is one district, never all of them.
pub fn unknown_district_of_place(place: Place, name: &str, near: &[&str]) -> Diagnostic {
    unknown_name_of_district(place, name, near).help(
        "地点的区域是一个区域的名称，以 site.yaml 里的 districts 为准，也可以不写",
        "name one of the districts of site.yaml, or leave the key out",
    )
}

fn unknown_name_of_district(place: Place, name: &str, near: &[&str]) -> Diagnostic {
    Diagnostic::error(
        "unknown-district",
        place,
        Text::new(format!("没有“{name}”这个区域"), format!("unknown district \"{name}\"")),
    )
    .did_you_mean(near)
}

pub fn ambiguous_district(place: Place, name: &str, slugs: &[String]) -> Diagnostic {
    let list = slugs.join("、");
    Diagnostic::error(
        "ambiguous-district",
        place,
        Text::new(format!("有几个区域都叫“{name}”"), format!("several districts are called \"{name}\"")),
    )
    .help(format!("改写成上级和本级，例如 {list}"), format!("write the parent and the name: {list}"))
}

pub fn unknown_topic(place: Place, name: &str, near: &[&str]) -> Diagnostic {
    split_hint(
        Diagnostic::error(
            "unknown-topic",
            place,
            Text::new(format!("没有“{name}”这个主题"), format!("unknown topic \"{name}\"")),
        )
        .did_you_mean(near)
        .help("主题的名称以 site.yaml 里的 topics 为准", "the topics are those of site.yaml"),
        name,
        "topics",
    )
}

/// `[环保，教育]` is one entry to YAML, because the comma is a full-width one; so are lines of `-环保`.
fn split_hint(diagnostic: Diagnostic, name: &str, key: &str) -> Diagnostic {
    if let Some(entry) = name.strip_prefix('-') {
        let entry = entry.split(" -").next().unwrap_or(entry);
        return diagnostic.help(
            format!("每行的减号后面要空一格：- {entry}"),
            format!("put a space behind the hyphen of each line: - {entry}"),
        );
    }
    if !name.contains(['，', '、', '；', ',', '【', '［']) {
        return diagnostic;
    }
    let names = name.trim_matches(['【', '】', '［', '］']).split(['，', '、', '；', ',']);
    let parts = names.map(str::trim).collect::<Vec<_>>().join(", ");
    diagnostic.help(
        format!("几个并列时用方括号和半角逗号：{key}: [{parts}]"),
        format!("separate several by plain commas in brackets: {key}: [{parts}]"),
    )
}

pub fn unknown_column(file: &FilePath, folder: &str, known: &[&str]) -> Diagnostic {
    let known = listed(known);
    Diagnostic::error(
        "unknown-column",
        Place::file(file),
        Text::new(
            format!("文件夹“{folder}”不是网站的栏目"),
            format!("the folder \"{folder}\" is not a column of the site"),
        ),
    )
    .help(
        format!("把文件移到{}，或在 site.yaml 的 columns 里加上这个栏目", known.zh),
        format!("move the file to {}, or add the column to site.yaml", known.en),
    )
}

pub fn unknown_type(place: Place, name: &str, near: &[&str], known: &[&str]) -> Diagnostic {
    let known = listed(known);
    Diagnostic::error(
        "unknown-type",
        place,
        Text::new(format!("没有“{name}”这种内容类型"), format!("unknown content type \"{name}\"")),
    )
    .did_you_mean(near)
    .help(format!("可以写{}", known.zh), format!("write {}", known.en))
}

/// A file beside the columns' folders.
pub fn no_column(file: &FilePath, known: &[&str]) -> Diagnostic {
    let known = listed(known);
    Diagnostic::error(
        "unknown-column",
        Place::file(file),
        Text::new(
            "文件直接放在 content 里，不属于任何栏目".to_owned(),
            "the file lies in content/ itself and belongs to no column".to_owned(),
        ),
    )
    .help(
        format!("把文件移到栏目的文件夹里：{}", known.zh),
        format!("move the file to the folder of a column: {}", known.en),
    )
}

/// An item of one type in the folder of another.
pub fn type_mismatch(place: Place, key: &str, folder: &str, zh: &str, en: &str) -> Diagnostic {
    Diagnostic::error(
        "type-mismatch",
        place,
        Text::new(
            format!("“{key}”是{zh}才有的项，而这个文件不是{zh}"),
            format!("\"{key}\" belongs to a {en}, which this file is not"),
        ),
    )
    .help(
        format!("如果这是{zh}，把文件移到 {folder} 文件夹，或加一行 type: {en}"),
        format!("if it is one, move it to the folder {folder} or add a line type: {en}"),
    )
}

pub fn bad_address(place: Place, text: &str) -> Diagnostic {
    let tail = text.trim_start_matches('/');
    let diagnostic = Diagnostic::error(
        "bad-address",
        place,
        Text::new(format!("“{text}”不是完整的网址"), format!("\"{text}\" is not a whole address")),
    );
    if tail.contains('.') && !tail.contains([':', ' ']) {
        return diagnostic.help(format!("写成 https://{tail}"), format!("write https://{tail}"));
    }
    diagnostic
        .help("网址从 https:// 或 http:// 写起，例如 https://www.example.org/", "write it from https:// or http://")
}

/// The folder of an account, counted from where its login begins or from home, of which SFTP knows nothing.
pub fn relative_path(place: Place, path: &str) -> Diagnostic {
    Diagnostic::error(
        "relative-path",
        place,
        Text::new(
            format!("“{path}”没有从服务器的根目录写起，会发布到别的文件夹"),
            format!("\"{path}\" does not begin at the server's root, and would be another folder"),
        ),
    )
    .help(
        "写出以 / 开头的完整路径，例如 path: /srv/www/html；不知道的，登录服务器，在那个文件夹里运行 pwd",
        "write the whole path, such as path: /srv/www/html; the command pwd shows it, run in that folder on the server",
    )
}

pub fn bad_host(place: Place, text: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        "bad-host",
        place,
        Text::new(format!("“{text}”不是主机名"), format!("\"{text}\" is not the name of a host")),
    );
    let rest = text.split("://").last().unwrap_or(text);
    let (user, rest) = rest.rsplit_once('@').map_or((None, rest), |(user, rest)| (Some(user), rest));
    let (host, path) = rest.split_once('/').map_or((rest, None), |(host, path)| (host, Some(path)));
    let (host, port) = host.split_once(':').map_or((host, None), |(host, port)| (host, Some(port)));
    let parts = [("host", Some(host)), ("user", user), ("port", port)];
    let mut parts: Vec<String> = parts
        .iter()
        .filter_map(|(key, value)| Some(format!("{key}: {}", value.filter(|it| !it.is_empty())?)))
        .collect();
    parts.extend(path.filter(|path| !path.is_empty()).map(|path| format!("path: /{path}")));
    let parts = parts.join(", ");
    diagnostic.help(
        format!("主机名、用户、端口和路径分开写，例如 {parts}"),
        format!("write host, user, port and path one by one: {parts}"),
    )
}

pub fn bad_email(place: Place, text: &str) -> Diagnostic {
    Diagnostic::error(
        "bad-email",
        place,
        Text::new(format!("“{text}”不是邮箱地址"), format!("\"{text}\" is not an e-mail address")),
    )
    .help("写成 name@example.org 这样，用半角的 @", "write it like name@example.org")
}

pub fn bad_phone(place: Place, text: &str) -> Diagnostic {
    Diagnostic::error(
        "bad-phone",
        place,
        Text::new(format!("“{text}”里没有电话号码"), format!("\"{text}\" holds no telephone number")),
    )
    .help("写上号码，例如 021-00000000；几个号码用顿号隔开", "write the number, e.g. 021-00000000")
}

/// A mobile number that lacks a digit or has one too many.
pub fn miscounted_digits(place: Place, number: &str, digits: usize) -> Diagnostic {
    Diagnostic::warning(
        "miscounted-digits",
        place,
        Text::new(
            format!("手机号“{number}”是 {digits} 位，应当是 11 位"),
            format!("the mobile number \"{number}\" has {digits} digits instead of 11"),
        ),
    )
    .help("对照原件核对号码", "compare the number with where it came from")
}

/// `author: [甲, 乙]`
pub fn list_for_text(place: Place, names: &[&str]) -> Diagnostic {
    let right = format!("{}: {}", written_key(&place).unwrap_or("author"), names.join("、"));
    Diagnostic::error("wrong-type", place, Text::new("这里应当是一段文字", "expected a text"))
        .label("不能写成列表", "a list is not possible here")
        .help(format!("去掉方括号，写成 {right}"), format!("write {right}, without brackets"))
}

pub fn comma_in_number(place: Place) -> Diagnostic {
    Diagnostic::error("comma-in-number", place, Text::new("数字里不能有逗号", "a number holds no comma"))
        .help("数字写成 1600；几个电话号码之间用顿号", "write 1600; put 、 between telephone numbers")
}

// ---- Files and links ----

/// `right` is a file of the site.
pub fn backslash_in_path(place: Place, target: &str, right: &str) -> Diagnostic {
    no_file(place, target)
        .label("路径里用了反斜杠 \\", "a backslash stands in the path")
        .help(format!("用 / 隔开文件夹，写成 {right}"), format!("part folders by /: write {right}"))
}

/// `[报名]()`
pub fn empty_address(place: Place) -> Diagnostic {
    Diagnostic::error("dead-link", place, Text::new("链接的圆括号里没有写地址", "a link without an address")).help(
        "在圆括号里写上网址或文件名，例如 (https://www.example.org/)；还没有地址就只写文字，去掉方括号",
        "write an address or a file in the brackets, e.g. (https://www.example.org/), or take the brackets away",
    )
}

/// `![合影]()`
pub fn empty_picture(place: Place) -> Diagnostic {
    Diagnostic::error("missing-file", place, Text::new("图片的圆括号里没有写文件名", "a picture without a file"))
        .help("写成 ![图上是什么](文件名)", "write ![what it shows](the file)")
}

/// A mailbox, a telephone number or a web address without its scheme; `scheme` makes a whole address of it.
pub fn missing_scheme(place: Place, target: &str, scheme: &str) -> Diagnostic {
    let (zh, en) = match scheme {
        "mailto:" => ("邮箱", "a mailbox"),
        "tel:" => ("电话", "a telephone number"),
        _ => ("网址", "a web address"),
    };
    let number: String = target.chars().filter(|c| scheme != "tel:" || !matches!(c, '-' | ' ')).collect();
    Diagnostic::error(
        "dead-link",
        place,
        Text::new(format!("{zh}“{target}”前面少了 {scheme}"), format!("{en} needs {scheme} before it: \"{target}\"")),
    )
    .help(format!("写成 {scheme}{number}"), format!("write {scheme}{number}"))
}

fn no_file(place: Place, target: &str) -> Diagnostic {
    let text = Text::new(format!("找不到文件“{target}”"), format!("there is no file \"{target}\""));
    Diagnostic::error("missing-file", place, text)
}

pub fn missing_file(place: Place, target: &str, near: &[&str]) -> Diagnostic {
    no_file(place, target).label("网站文件夹里没有它", "not in the site's folder").did_you_mean(near).help(
        "把文件放到这篇内容旁边，写文件名；以 / 开头的路径从 content 文件夹算起",
        "put the file beside the item and write its name; a path from / counts from content/",
    )
}

/// The picture of the site itself, whose path counts from the site's folder.
pub fn missing_site_picture(place: Place, target: &str, near: &[&str]) -> Diagnostic {
    no_file(place, target)
        .label("static 和 content 里没有它", "neither in static/ nor in content/")
        .did_you_mean(near)
        .help(
            "把图片放进 static 文件夹，路径从网站文件夹算起，例如 static/fenxiang.jpg",
            "put the picture into static/; its path counts from the site's folder, e.g. static/share.jpg",
        )
}

pub fn drawn_picture(place: Place, target: &str) -> Diagnostic {
    Diagnostic::error(
        "drawn-picture",
        place,
        Text::new(
            format!("“{target}”不能作分享图片"),
            format!("\"{target}\" cannot be shown beside links to the site"),
        ),
    )
    .help(
        "社交平台和搜索引擎不显示这种格式：换成 jpg、png 或 webp",
        "messengers and search engines do not show it: use jpg, png or webp",
    )
}

pub fn dead_link(place: Place, target: &str, near: &[&str]) -> Diagnostic {
    Diagnostic::error(
        "dead-link",
        place,
        Text::new(format!("链接“{target}”指向的页面不存在"), format!("the link \"{target}\" leads nowhere")),
    )
    .label("没有这个页面", "no such page")
    .did_you_mean(near)
    .help(
        "站内文章写它的 .md 文件，从 / 写起最稳妥，例如 /news/2026/另一篇.md；外面的网站从 https:// 写起",
        "name an item by its .md file, best from its /, e.g. /news/2026/a.md; write other sites with https://",
    )
}

pub fn dead_anchor(place: Place, target: &str, near: &[&str]) -> Diagnostic {
    Diagnostic::error(
        "dead-anchor",
        place,
        Text::new(format!("页面里没有“#{target}”这个小标题"), format!("the page has no heading \"#{target}\"")),
    )
    .did_you_mean(near)
    .help("# 后面写小标题的文字，空格写成 -", "write the heading's text after #, with - for spaces")
}

pub fn link_to_unpublished(place: Place, target: &FilePath, reason: &Text) -> Diagnostic {
    Diagnostic::error(
        "link-to-unpublished",
        place,
        Text::new(
            format!("链接指向的“{target}”还没有发布（{}）", reason.zh),
            format!("the link leads to \"{target}\", which is not published ({})", reason.en),
        ),
    )
    .help("先去掉链接，等它发布以后再加", "take the link out until the page is published")
}

pub fn same_address(place: Place, address: &str, other: Place) -> Diagnostic {
    let is_static = other.file.as_str().starts_with("static/");
    let which = if is_static { "static 里的文件和网站的网页" } else { "两篇内容的" };
    let same = Diagnostic::error(
        "same-address",
        place,
        Text::new(format!("{which}网址相同：{address}"), format!("two sources lead to one address: {address}")),
    )
    .related(other, "另一个在这里", "the other one is here");
    if is_static {
        same.help("给 static 里的那个文件改名或把它删掉", "rename the file in static, or remove it")
    } else {
        same.help("给其中一篇另取 slug（网址名）", "give one of them another slug")
    }
}

/// An old address that is the address of something else.
pub fn taken_alias(place: Place, address: &str, other: Place) -> Diagnostic {
    Diagnostic::error(
        "same-address",
        place,
        Text::new(
            format!("旧网址 {address} 已经是别的页面的网址"),
            format!("the old address {address} is that of another page"),
        ),
    )
    .related(other, "那个页面来自这里", "that page comes from here")
    .help("删去或改掉这个旧网址（aliases）", "remove or change this alias")
}

/// `folder` is the output that is a file and would have to be a folder as well; one of the two places is that of the file.
pub fn file_for_folder(place: Place, folder: &str, other: Place) -> Diagnostic {
    Diagnostic::error(
        "file-for-folder",
        place,
        Text::new(
            format!("网站里的 /{folder} 既是一个文件，又是放别的文件的文件夹"),
            format!("/{folder} is a file of the site and a folder of other files at once"),
        ),
    )
    .related(other, "另一个在这里", "the other one is here")
    .help(
        "改掉其中一个的名字（文件名、slug 或 aliases）",
        "give one of them another name (of its file, slug or aliases)",
    )
}

/// Two outputs that are one file where disks do not tell capitals from small letters.
pub fn differs_in_case(place: Place, address: &str, other: Place, other_address: &str) -> Diagnostic {
    Diagnostic::warning(
        "differs-in-case",
        place,
        Text::new(
            format!("网址 /{address} 和 /{other_address} 只差大小写，放到 Windows 的网站服务器或共享文件夹上会变成同一个文件"),
            format!("the addresses /{address} and /{other_address} differ in case alone: on a Windows server or share they become one file"),
        ),
    )
    .related(other, "另一个在这里", "the other one is here")
    .help("给其中一个改名，最好都用小写字母", "rename one of them; small letters are best")
}

pub fn symbolic_link(file: &FilePath) -> Diagnostic {
    Diagnostic::warning(
        "symbolic-link",
        Place::file(file),
        Text::new("这是一个符号链接，没有读取", "a symbolic link, which is not followed"),
    )
    .help("把文件本身复制到这里", "copy the file itself here")
}

/// A pipe, a socket or a device.
pub fn special_file(file: &FilePath) -> Diagnostic {
    Diagnostic::warning(
        "special-file",
        Place::file(file),
        Text::new("这不是普通文件，没有读取", "not a plain file, so it is left out"),
    )
    .help("把它移出网站文件夹", "move it out of the site's folder")
}

/// Notepad's classic: Windows hides the second ending.
pub fn hidden_ending(file: &FilePath) -> Diagnostic {
    Diagnostic::warning(
        "hidden-ending",
        Place::file(file),
        Text::new("文件名以 .md.txt 结尾，不会生成页面", "the file's name ends with .md.txt: no page is made of it"),
    )
    .help(
        "在资源管理器里打开“查看 → 文件扩展名”，把名字末尾的 .txt 删掉",
        "show file name extensions and take the .txt off the name",
    )
}

pub fn odd_file_name(file: &FilePath) -> Diagnostic {
    Diagnostic::warning(
        "odd-file-name",
        Place::file(file),
        Text::new(
            "文件名不是 UTF-8 编码或含有控制字符，没有读取",
            "the file's name is not UTF-8 or holds control characters; it is left out",
        ),
    )
    .help("给文件改名", "rename the file")
}

// ---- Markdown ----

pub fn removed_html(file: &FilePath, span: std::ops::Range<usize>, what: &str) -> Diagnostic {
    Diagnostic::warning(
        "removed-html",
        Place::bytes(file, span),
        Text::new(
            format!("正文里的 {what} 不允许使用，已去掉"),
            format!("{what} is not allowed in a text and was removed"),
        ),
    )
    .help(
        "如果不是您写的，请检查文件是否被人改动过；需要的效果请用 Markdown 写",
        "if you did not write it, look into who changed the file; else write it in Markdown",
    )
}

/// `[text](address` without an end.
pub fn unclosed_link(file: &FilePath, span: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic::warning(
        "unfinished-link",
        Place::bytes(file, span),
        Text::new(
            "看起来是链接或图片，但圆括号没有结束，没有生效",
            "it looks like a link or picture, but its bracket is never closed",
        ),
    )
    .help("在地址后面补上半角的 )", "type a ) behind the address")
}

/// `[text] (address)`
pub fn parted_link(file: &FilePath, span: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic::warning(
        "unfinished-link",
        Place::bytes(file, span),
        Text::new(
            "看起来是链接或图片，但方括号和圆括号之间有空格，没有生效",
            "it looks like a link or picture, but a space parts its brackets",
        ),
    )
    .label("删去", "remove this")
    .help("写成 [文字](地址)，中间不空格", "write [text](address) without a space between")
}

/// `![text(address)`; `right` is what was meant.
pub fn link_without_bracket(file: &FilePath, span: std::ops::Range<usize>, right: &str) -> Diagnostic {
    Diagnostic::warning(
        "unfinished-link",
        Place::bytes(file, span),
        Text::new(
            "看起来是链接或图片，但方括号没有结束，没有生效",
            "it looks like a link or picture, but its first bracket is never closed",
        ),
    )
    .help(format!("写成 {right}"), format!("write {right}"))
}

/// `(text)[address]`; `right` is what was meant.
pub fn turned_link(file: &FilePath, span: std::ops::Range<usize>, right: &str) -> Diagnostic {
    Diagnostic::warning(
        "unfinished-link",
        Place::bytes(file, span),
        Text::new(
            "看起来是链接，但方括号和圆括号写反了，没有生效",
            "it looks like a link, but its brackets have changed places",
        ),
    )
    .help(format!("写成 {right}"), format!("write {right}"))
}

/// `【text】(address)`, of which `written` are the words in their brackets; `right` is what was meant.
pub fn link_in_wide_brackets(file: &FilePath, span: std::ops::Range<usize>, written: &str, right: &str) -> Diagnostic {
    let marks: String = written.chars().take(1).chain(written.chars().next_back()).collect();
    Diagnostic::warning(
        "unfinished-link",
        Place::bytes(file, span),
        Text::new(
            format!("看起来是链接，但写的是{marks}，没有生效"),
            format!("it looks like a link, but its text stands in full-width brackets: {marks}"),
        ),
    )
    .help(format!("写成 {right}"), format!("write {right}"))
}

pub fn full_width_bracket(file: &FilePath, span: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic::warning(
        "full-width-bracket",
        Place::bytes(file, span),
        Text::new(
            "看起来是链接或图片，但圆括号是全角的，没有生效",
            "it looks like a link or picture, but its brackets are full-width",
        ),
    )
    .help(
        "写成 [文字](地址) 或 ![说明](图片)，圆括号用半角",
        "write [text](address) or ![text](picture) with plain brackets",
    )
}

/// `(a.jpg 图注)`: the caption of a picture stands in quotes.
pub fn caption_without_quotes(
    file: &FilePath,
    span: std::ops::Range<usize>,
    picture: &str,
    caption: &str,
) -> Diagnostic {
    Diagnostic::warning(
        "space-in-address",
        Place::bytes(file, span),
        Text::new(
            "看起来是图片，但图注没有放进引号，没有生效",
            "it looks like a picture, but its caption is not in quotes",
        ),
    )
    .help(
        format!("图注用英文双引号括起来：({picture} \"{caption}\")"),
        format!("put the caption in double quotes: ({picture} \"{caption}\")"),
    )
}

/// An address ends at the first space, unless it stands in angle brackets.
pub fn space_in_address(file: &FilePath, span: std::ops::Range<usize>, address: &str) -> Diagnostic {
    Diagnostic::warning(
        "space-in-address",
        Place::bytes(file, span),
        Text::new(
            "看起来是链接或图片，但地址里有空格，没有生效",
            "it looks like a link or picture, but there is a space in its address",
        ),
    )
    .help(
        format!("给文件改一个没有空格的名字，或者用尖括号把地址括起来：(<{address}>)"),
        format!("give the file a name without spaces, or put the address in angle brackets: (<{address}>)"),
    )
}

pub fn title_in_other_quotes(file: &FilePath, span: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic::warning(
        "title-in-other-quotes",
        Place::bytes(file, span),
        Text::new(
            "看起来是链接或图片，但说明用了中文引号，没有生效",
            "it looks like a link or picture, but its title is not in plain quotes",
        ),
    )
    .help(
        "这里用英文双引号，写成 ![图片说明](文件名 \"图注\")",
        "use plain double quotes here: ![what it shows](the file \"caption\")",
    )
}

pub fn not_a_heading(file: &FilePath, span: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic::warning(
        "not-a-heading",
        Place::bytes(file, span),
        Text::new("看起来是小标题，但没有生效", "it looks like a heading, but is none"),
    )
    .help("# 用半角，后面空一格，例如 ## 小标题", "write plain # and a space after it, e.g. ## Heading")
}

pub fn not_a_table(file: &FilePath, span: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic::warning(
        "not-a-table",
        Place::bytes(file, span),
        Text::new("看起来是表格，但没有生效", "it looks like a table, but is none"),
    )
    .help(
        "表格前面空一行，行与行之间不空；第二行写 |---|---|，列数与第一行相同；竖线用半角",
        "leave an empty line before it and none between its rows, write |---|---| as the second line, with as many columns as the first, and plain |",
    )
}

/// Lines of cells between tabs, as a spreadsheet copies them.
pub fn tabs_for_a_table(file: &FilePath, span: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic::warning(
        "not-a-table",
        Place::bytes(file, span),
        Text::new("看起来是从表格软件粘贴的，会连成一段", "it looks like cells of a spreadsheet, and will be joined"),
    )
    .help(
        "写成表格：把格子之间的 Tab 换成竖线 |，每行前后也各写一个；第二行写 |---|---|，列数与第一行相同",
        "write | in place of the tabs and at both ends of each line, and |---|---| with as many columns as the second line",
    )
}

/// `kind` is what stands between `[!` and `]`.
pub fn not_an_alert(file: &FilePath, span: std::ops::Range<usize>, kind: &str) -> Diagnostic {
    let diagnostic = Diagnostic::warning(
        "not-an-alert",
        Place::bytes(file, span),
        Text::new("看起来是提示框，但没有生效", "it looks like a box of advice, but is none"),
    );
    let kind = kind.trim().to_uppercase();
    let meant = match kind.as_str() {
        "NOTE" | "TIP" | "IMPORTANT" | "WARNING" | "CAUTION" => {
            return diagnostic.help(
                format!("> [!{kind}] 单独写一行，后面的字移到下一行，也以 > 开头"),
                format!("write > [!{kind}] on a line of its own, and > before the lines below"),
            );
        }
        "说明" | "备注" | "信息" | "INFO" => Some("> [!NOTE]"),
        "提示" | "小贴士" | "HINT" => Some("> [!TIP]"),
        "重要" | "重要提示" => Some("> [!IMPORTANT]"),
        "注意" | "警告" => Some("> [!WARNING]"),
        "警示" | "小心" | "危险" | "DANGER" => Some("> [!CAUTION]"),
        _ => None,
    };
    diagnostic.did_you_mean(meant.as_slice()).help(
        "种类只有 NOTE 说明、TIP 提示、IMPORTANT 重要、WARNING 注意、CAUTION 警示",
        "the kinds are NOTE, TIP, IMPORTANT, WARNING and CAUTION",
    )
}

pub fn not_bold(file: &FilePath, span: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic::warning(
        "not-bold",
        Place::bytes(file, span),
        Text::new("看起来是加粗，但没有生效", "it looks like bold, but is not"),
    )
    .label("星号会原样显示", "the stars are shown as they are")
    .help(
        "写成 **文字**：前后都要有，里侧没有空格，在同一段里；要显示星号，写成 \\*\\*",
        "write **text**: stars on both sides, no space inside them, in one paragraph; write \\*\\* for stars",
    )
}

/// A run of stars that was to end a bold text.
pub fn bold_in_bold(file: &FilePath, span: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic::warning(
        "not-bold",
        Place::bytes(file, span),
        Text::new("加粗没有在这里结束，又开始了一段", "bold text does not end here, but begins once more"),
    )
    .label("后面的文字也会加粗", "what follows is bold too")
    .help(
        "写成 **文字**：里侧没有空格；两段加粗之间的 ** 要成对",
        "write **text** without a space inside the stars, and each with its counterpart",
    )
}

pub fn too_many_cells(file: &FilePath, span: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic::warning(
        "too-many-cells",
        Place::bytes(file, span),
        Text::new("表格这一行的格子比表头多", "this row has more cells than the head of its table"),
    )
    .label("这里不会显示", "this is not shown")
    .help(
        "给表头和第二行补上一格，或者把多出的竖线删去；竖线是文字的，写成 \\|",
        "add a cell to the head and to the second line, or take a | away; write \\| for one that is text",
    )
}

pub fn indented_prose(file: &FilePath, span: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic::warning(
        "indented-prose",
        Place::bytes(file, span),
        Text::new(
            "行首有四个空格或 Tab，这一段会显示成代码",
            "the line begins with four spaces or a tab: it is shown as code",
        ),
    )
    .help(
        "删去行首的空格，段首的两格由网站排；确实是代码，前后各加一行 ```",
        "take the spaces away; if it is code, write ``` on a line before and after it",
    )
}

/// `fence` is what would end the code.
pub fn unclosed_code(file: &FilePath, span: std::ops::Range<usize>, fence: &str) -> Diagnostic {
    Diagnostic::warning(
        "unclosed-code",
        Place::bytes(file, span),
        Text::new(
            "代码块没有结束，后面的内容都显示成代码",
            "a code block that does not end: all below is shown as code",
        ),
    )
    .help(
        format!("在代码后面单独写一行 {fence}；不是代码，删去这一行"),
        format!("write {fence} on a line below the code; if it is none, take this line away"),
    )
}

pub fn renumbered_list(file: &FilePath, span: std::ops::Range<usize>, typed: u64, shown: u64) -> Diagnostic {
    Diagnostic::warning(
        "renumbered-list",
        Place::bytes(file, span),
        Text::new(
            format!("编号 {typed} 在网页上会变成 {shown}：列表接着第一项的编号往下排"),
            format!("number {typed} becomes {shown} on the page: a list counts on from its first number"),
        ),
    )
    .help(
        format!("编号要照写，把“{typed}.”写成“{typed}、”，每项之间空一行；要连续编号，改正数字"),
        format!("to keep the numbers write \"{typed}、\" with an empty line between items; else correct them"),
    )
}

pub fn shallow_list(file: &FilePath, span: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic::warning(
        "shallow-list",
        Place::bytes(file, span),
        Text::new(
            "缩进不够：这一项没有列在上一项下面，列表从这里断开了",
            "not indented far enough: this item is none below the one above, and ends its list",
        ),
    )
    .help(
        "要列在上一项下面，前面的空格与上一项的文字对齐（“1. ”下面空 3 格）",
        "indent it as far as the text above it: three spaces below \"1. \"",
    )
}

pub fn markdown_in_html(file: &FilePath, span: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic::warning(
        "markdown-in-html",
        Place::bytes(file, span),
        Text::new("HTML 标签里的星号不会变成加粗，会原样显示", "stars between HTML tags are shown as they are"),
    )
    .help("写成 <strong>文字</strong>", "write <strong>text</strong>")
}

pub fn joined_lines(file: &FilePath, span: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic::warning(
        "joined-lines",
        Place::bytes(file, span),
        Text::new(
            "只按了一次回车，这一行会接在上一行后面",
            "after a single Enter, this line is joined to the one above",
        ),
    )
    .help(
        "前面空一行；或者每行都以“- ”开头，写成列表",
        "leave an empty line before it, or begin every line with \"- \" to make a list",
    )
}

/// The same below a table.
pub fn joined_to_table(file: &FilePath, span: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic::warning(
        "joined-lines",
        Place::bytes(file, span),
        Text::new("这一行紧接在表格下面，会成为表格的一行", "right below a table, this line becomes one of its rows"),
    )
    .help(
        "表格后面空一行；是表格里的，用竖线 | 分开格子",
        "leave an empty line behind the table, or write | between cells",
    )
}

/// `count` is how many such remnants the text holds.
pub fn word_remnant(file: &FilePath, span: std::ops::Range<usize>, remnant: &str, count: usize) -> Diagnostic {
    let others = if count > 1 {
        Text::new(format!("，这样的共 {count} 处"), format!("; there are {count} like it"))
    } else {
        Text::new("", "")
    };
    Diagnostic::warning(
        "word-remnant",
        Place::bytes(file, span),
        Text::new(
            format!("“{remnant}”是从 Word 粘贴带来的，会原样显示在页面上{}", others.zh),
            format!("\"{remnant}\" came along from Word, and readers see it on the page{}", others.en),
        ),
    )
    .label("删去", "remove this")
    .help(
        "从 Word 粘贴时选“只保留文本”；整篇文档可以用 xinfeng import 导入",
        "paste from Word as plain text; xinfeng import takes whole documents",
    )
}

pub fn underlined_text(file: &FilePath, span: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic::warning(
        "underlined-text",
        Place::bytes(file, span),
        Text::new(
            "这一行紧接在文字下面，上面的一段成了小标题",
            "this line stands right below a text, and has made it a heading",
        ),
    )
    .help(
        "要分隔线，在它前面空一行；要小标题，写成 ## 标题",
        "leave an empty line before it to part the paragraphs, or write ## and a heading",
    )
}

pub fn words_in_address(file: &FilePath, span: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic::warning(
        "words-in-address",
        Place::bytes(file, span),
        Text::new(
            "网址里有中文标点，后面的字也成了网址，读者打不开",
            "the address holds Chinese marks: what follows became part of it, and it leads nowhere",
        ),
    )
    .help(
        "圆括号里只写网址，后面的字移到括号外面：[文字](https://www.example.org)，请填写",
        "write the address alone between the brackets, and what follows behind them",
    )
}

pub fn unsafe_link(file: &FilePath, span: std::ops::Range<usize>, scheme: &str) -> Diagnostic {
    Diagnostic::error(
        "unsafe-link",
        Place::bytes(file, span),
        Text::new(format!("链接不能以“{scheme}:”开头"), format!("a link must not begin with \"{scheme}:\"")),
    )
    .help(
        "链接只能是 https://、http://、mailto:、tel: 或站内文件",
        "a link may be https://, http://, mailto:, tel: or a file of the site",
    )
}

pub fn undefined_reference(file: &FilePath, span: std::ops::Range<usize>, name: &str) -> Diagnostic {
    Diagnostic::warning(
        "undefined-reference",
        Place::bytes(file, span),
        Text::new(
            format!("看起来是链接，但文中没有写“[{name}]: 网址”"),
            format!("it looks like a link, but no line says [{name}]: address"),
        ),
    )
    .label("会原样显示", "shown as it stands")
    .help(
        format!("写成 [文字](网址)，或在文末加一行 [{name}]: 网址"),
        format!("write [text](address), or add a line [{name}]: address"),
    )
}

pub fn undefined_footnote(file: &FilePath, span: std::ops::Range<usize>, name: &str) -> Diagnostic {
    Diagnostic::warning(
        "undefined-footnote",
        Place::bytes(file, span),
        Text::new(format!("脚注“[^{name}]”没有写内容"), format!("the footnote \"[^{name}]\" has no text")),
    )
    .help(
        format!("在文末加一行 [^{name}]: 脚注内容，冒号用半角，前面空一行"),
        format!("add a line [^{name}]: text, with a plain colon, below an empty line"),
    )
}

pub fn unused_footnote(file: &FilePath, span: std::ops::Range<usize>, name: &str) -> Diagnostic {
    Diagnostic::warning(
        "unused-footnote",
        Place::bytes(file, span),
        Text::new(
            format!("脚注“[^{name}]”没有在正文里引用，不会显示"),
            format!("nothing refers to the footnote \"[^{name}]\", it is not shown"),
        ),
    )
    .help(format!("在正文相应的地方写上 [^{name}]"), format!("write [^{name}] where it belongs"))
}

pub fn unused_definition(file: &FilePath, span: std::ops::Range<usize>, name: &str) -> Diagnostic {
    Diagnostic::warning(
        "unused-definition",
        Place::bytes(file, span),
        Text::new(
            format!("“[{name}]: …”这样的一行是链接的定义，网页上不显示"),
            format!("a line like \"[{name}]: …\" defines a link and is not shown"),
        ),
    )
    .help(
        format!("要让读者看到，写成“{name}：…”或“【{name}】…”；不要了就删去"),
        format!("write \"{name}: …\" without brackets to have it shown, or take it away"),
    )
}

pub fn unclosed_comment(file: &FilePath, span: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic::error(
        "unclosed-comment",
        Place::bytes(file, span),
        Text::new("注释 <!-- 没有结束，后面的内容都不会显示", "a comment that does not end: nothing below is shown"),
    )
    .help("在注释后面写上 -->；不是注释，删去 <!--", "write --> behind the comment; if it is none, take <!-- away")
}

pub fn unbalanced_tag(file: &FilePath, span: std::ops::Range<usize>, tag: &str) -> Diagnostic {
    Diagnostic::warning(
        "unbalanced-tag",
        Place::bytes(file, span),
        Text::new(
            format!("HTML 标签 <{tag}> 没有成对，已自动补全或去掉"),
            format!("the HTML tag <{tag}> is not paired; it was closed or dropped"),
        ),
    )
    .help(
        "补上开始或结束标签；如果不是标签，把 < 写成 &lt;",
        "add its counterpart; where no tag is meant write &lt; for <",
    )
}

/// `written` is the picture with an alternative text.
pub fn missing_alt(
    file: &FilePath,
    span: std::ops::Range<usize>,
    target: &str,
    written: impl Fn(&str) -> String,
) -> Diagnostic {
    Diagnostic::warning(
        "missing-alt",
        Place::bytes(file, span),
        Text::new(format!("图片“{target}”没有文字说明"), format!("the picture \"{target}\" has no alternative text")),
    )
    .help(
        format!("写成 {}（读屏软件靠它念给视障者听）", written("图上是什么")),
        format!("write {}", written("what it shows")),
    )
}

// ---- The site and its theme ----

/// `above` is the folder of a site that this one lies in.
pub fn no_site_yaml(file: &FilePath, folder: &str, above: Option<&str>) -> Diagnostic {
    let missing = Diagnostic::error(
        "no-site-yaml",
        Place::file(file),
        Text::new(
            format!("“{folder}”里没有 site.yaml，不是一个网站文件夹"),
            format!("\"{folder}\" has no site.yaml: it is not the folder of a site"),
        ),
    );
    match above {
        Some(site) => missing.help(
            format!("网站在上面的文件夹“{site}”：进入那里再运行，或加上 --site {site}"),
            format!("the site is in \"{site}\", above it: run it there, or add --site {site}"),
        ),
        None => missing.help(
            "进入网站文件夹再运行，或用 --site 指明文件夹",
            "run it in the site's folder, or name the folder by --site",
        ),
    }
}

pub fn bad_base_url(place: Place, text: &str) -> Diagnostic {
    Diagnostic::error(
        "bad-base-url",
        place,
        Text::new(format!("“{text}”不是完整的网址"), format!("\"{text}\" is not a whole address")),
    )
    .help(
        "写成 https://www.example.org/ 或 https://www.example.org/wenming/",
        "write https://www.example.org/ or https://www.example.org/path/",
    )
}

pub fn unknown_time_zone(place: Place, text: &str) -> Diagnostic {
    Diagnostic::error(
        "unknown-time-zone",
        place,
        Text::new(format!("没有“{text}”这个时区"), format!("unknown time zone \"{text}\"")),
    )
    .help("写成 Asia/Shanghai 或 +08:00", "write Asia/Shanghai or +08:00")
}

pub fn bad_permalink(place: Place, text: &str) -> Diagnostic {
    Diagnostic::error(
        "bad-permalink",
        place,
        Text::new(format!("“{text}”不能做网址格式"), format!("\"{text}\" is not a pattern of addresses")),
    )
    .help(
        "从 / 开始，以 .html 或 / 结尾，含 :slug；可用 :column :year :month :day :slug",
        "begin with /, end with .html or /, and hold :slug; :column :year :month :day :slug are known",
    )
}

pub fn duplicate_name(place: Place, name: &str, other: Place) -> Diagnostic {
    Diagnostic::error(
        "duplicate-name",
        place,
        Text::new(format!("“{name}”用了两次"), format!("\"{name}\" is used twice")),
    )
    .related(other, "另一个在这里", "the other one is here")
    .help("给其中一个换个名称", "give one of them another name")
}

pub fn unknown_theme(place: Place, name: &str) -> Diagnostic {
    Diagnostic::error(
        "unknown-theme",
        place,
        Text::new(format!("没有“{name}”这个主题模板"), format!("unknown theme \"{name}\"")),
    )
    .help(
        format!("写 theme: default，或建立文件夹 themes/{name}/"),
        format!("write theme: default, or make the folder themes/{name}/"),
    )
}

/// A file or folder below `themes/` that nothing uses; `near` are the names that it may have been meant to have.
pub fn unused_theme_file(place: Place, name: &str, near: &[impl AsRef<str>]) -> Diagnostic {
    let diagnostic = Diagnostic::warning(
        "unused-theme-file",
        place,
        Text::new(format!("主题没有用到“{name}”"), format!("the theme does not use \"{name}\"")),
    );
    if near.is_empty() {
        return diagnostic.help(
            "主题用到的是：templates/ 里与默认主题同名的模板、别的模板提到的模板，以及 assets/ 里的文件",
            "a theme uses the templates in templates/ that have the name of a default one or that another one names, and the files in assets/",
        );
    }
    diagnostic.did_you_mean(near)
}

/// `path` is that of an asset which a style sheet names by `url(…)`.
pub fn missing_in_style(place: Place, path: &str, near: &[&str]) -> Diagnostic {
    Diagnostic::warning(
        "missing-in-style",
        place,
        Text::new(
            format!("样式里用到的“{path}”不在主题里，不会显示"),
            format!("the style sheet names \"{path}\", which the theme does not have"),
        ),
    )
    .did_you_mean(near)
    .help(
        "把文件放进主题的 assets 文件夹，或者改正 url(…) 里的路径，路径从样式文件所在的文件夹算起",
        "put the file into the theme's assets, or mend the path in url(…), which counts from the style sheet's folder",
    )
}

/// `detail` is what the template engine says, in English; `known` are the variables that pages have.
pub fn template_error(place: Place, detail: &str, known: &[&str]) -> Diagnostic {
    const THINGS: [(&str, &str); 8] = [
        ("Variable", "变量"),
        ("Field", "字段"),
        ("Unknown filter", "过滤器"),
        ("Unknown function", "函数"),
        ("Unknown test", "判断"),
        ("Unknown component", "组件"),
        ("Unknown template", "模板文件"),
        ("Block", "区块"),
    ];
    let unknown = THINGS.iter().find_map(|(english, thing)| {
        let (name, rest) = detail.strip_prefix(english)?.strip_prefix(" `")?.split_once('`')?;
        (rest.is_empty() || rest.starts_with(" is not defined")).then_some((*thing, name, rest))
    });
    let (chinese, near) = match unknown {
        Some((thing, name, rest)) => {
            let fields = rest.split_once("Available fields: ").map(|(_, fields)| fields.split(", ").collect());
            // What the engine lists no fields of has none.
            let there_are: BTreeSet<&str> = match fields {
                Some(fields) => fields,
                None if thing == "变量" => known.iter().copied().filter(|other| *other != name).collect(),
                None => BTreeSet::new(),
            };
            (format!("没有“{name}”这个{thing}"), nearest(name, there_are))
        }
        None if detail == "Unexpected end of input" => ("没有写完，缺少结尾的标签或括号".to_owned(), Vec::new()),
        None if detail == "Unexpected character" => ("这里有不能写在标签里的字符".to_owned(), Vec::new()),
        None if detail == "Unknown tag" => ("没有这种标签，或它不该在这里".to_owned(), Vec::new()),
        None => match detail.split_once(" in component call. Possible argument(s) are: ") {
            Some((given, there_are)) => {
                let given = given.trim_start_matches("Unknown argument(s) ");
                (format!("调用组件时写了它没有的参数 {given}，它的参数是 {there_are}"), Vec::new())
            }
            None => (wrong_token(detail).unwrap_or_else(|| detail.to_owned()), Vec::new()),
        },
    };
    // The engine lists only those variables that the template uses already.
    let english = detail.split(" Available variables").next().unwrap_or(detail);
    let text = Text::new(format!("主题模板有误：{chinese}"), format!("the template is wrong: {english}"));
    let error = Diagnostic::error("template-error", place, text).did_you_mean(&near);
    match unknown {
        Some(("变量", "site", _)) => error.help(
            "组件里只有写明的参数；要用 site，在参数里加上 @site",
            "a component has its arguments alone: to use site, add @site to them",
        ),
        Some(("变量", name, _)) if known.contains(&name) => error.help(
            "这种页面没有这个变量，别的页面才有；组件里只有写明的参数",
            "other pages have this variable, and this one does not; a component has its arguments alone",
        ),
        _ => error,
    }
}

/// A [`template_error`] that shows in a file of the default theme, where the site's own template uses that.
pub fn used_wrongly(error: Diagnostic, file: &FilePath) -> Diagnostic {
    error.help(
        format!("错误出在 {file}，这里用到它：看看给它的值对不对"),
        format!("the mistake shows in {file}, which is used here: see what it is given"),
    )
}

/// What the template engine says of a word or a sign that cannot stand where it is, in Chinese.
fn wrong_token(detail: &str) -> Option<String> {
    let (found, expected) = detail.strip_prefix("Found ")?.split_once(" but expected ")?;
    let expected = expected.trim_end_matches('.').trim_start_matches("one of: ");
    Some(format!("这里写着 {found}，应当是 {expected}"))
}

pub fn component_twice(place: Place, name: &str, other: Place) -> Diagnostic {
    Diagnostic::error(
        "component-twice",
        place,
        Text::new(
            format!("主题模板有误：组件“{name}”定义了两次"),
            format!("the template is wrong: the component `{name}` is defined twice"),
        ),
    )
    .related(other, "另一个在这里", "the other one is here")
    .help("给其中一个换个名称", "give one of them another name")
}

/// A tag of a template without its counterpart: `name` is `if`, say.
pub fn unpaired_tag(place: Place, name: &str, opens: bool) -> Diagnostic {
    let (there, missing) = if opens { ("", "end") } else { ("end", "") };
    let (there, missing) = (format!("{{% {there}{name} %}}"), format!("{{% {missing}{name} %}}"));
    Diagnostic::error(
        "template-error",
        place,
        Text::new(
            format!("主题模板有误：“{there}”没有对应的“{missing}”"),
            format!("the template is wrong: `{there}` without its `{missing}`"),
        ),
    )
}

pub fn missing_asset(place: Place, path: &str, near: &[&str]) -> Diagnostic {
    Diagnostic::error(
        "missing-asset",
        place,
        Text::new(format!("主题里没有“{path}”"), format!("the theme has no \"{path}\"")),
    )
    .did_you_mean(near)
}
