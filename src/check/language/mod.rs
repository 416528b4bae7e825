//! Language: punctuation, spacing, pairs of marks, words typed twice, dates that cannot be, wrong words, names that are
//! almost right, and Traditional characters in Simplified text.
//!
//! Reads the passages of items' files, never pages: what the theme says is the theme's. Start at [`item`].

mod dates;
mod doubled;
mod mixed;
pub mod punctuation;
mod quotes;
pub mod words;

use std::ops::Range;

use super::rule::{Family, Finding, Rule};
use super::subject::{Context, ItemFile};
use crate::diagnostic::{FilePath, Place, Step, Text};
use crate::parse::check::Spacing;
use crate::parse::passages::{Kind, Passage};
use crate::parse::words as dictionary;
use crate::script::{Script, Tally};
use dates::Slip;
use punctuation::{Correction, Fault, corrections};
use words::{Hit, HitKind, Lexicon};

pub const RULES: &[Rule] = &[
    HALF_WIDTH,
    REPEATED,
    FULL_WIDTH,
    QUOTES,
    SPACE,
    TYPED_INDENT,
    NO_BREAK_SPACE,
    LIST_COMMA,
    SPACING,
    UNPAIRED,
    DOUBLED,
    WRONG_DATE,
    WRONG_WORD,
    NEAR_MISS,
    MIXED_SCRIPT,
    MISSPELT_PICTURE,
    DICTIONARY,
];

const fn warning(code: &'static str, zh: &'static str, en: &'static str) -> Rule {
    Rule::warning(Family::Language, code, zh, en)
}

const HALF_WIDTH: Rule = warning("half-width-punctuation", "中文里的半角标点", "half-width punctuation in Chinese");
const REPEATED: Rule = warning("repeated-punctuation", "标点重复或并列", "repeated or contradictory punctuation");
const FULL_WIDTH: Rule = warning("full-width-characters", "全角的字母和数字", "full-width letters and digits");
const QUOTES: Rule = warning("quotation-marks", "引号用错", "wrong quotation marks");
const SPACE: Rule = warning("stray-space", "多余的空格", "a space too many");
const TYPED_INDENT: Rule = warning("typed-indent", "用空格打出的段首缩进", "an indent typed with spaces");
const NO_BREAK_SPACE: Rule = warning("no-break-space", "不换行空格", "a no-break space");
const LIST_COMMA: Rule = warning("list-comma", "“和”“等”前面的顿号", "a list comma before the last entry");
const SPACING: Rule = warning("latin-spacing", "中西文之间的空格不一致", "uneven spacing between Chinese and Latin");
const UNPAIRED: Rule =
    warning("unpaired-mark", "引号、书名号、括号不成对", "a quotation mark or bracket without its pair");
const DOUBLED: Rule = warning("doubled-word", "重复的词", "a word typed twice");
const WRONG_DATE: Rule = warning(
    "wrong-date",
    "没有的、与星期不符的、起止颠倒的日期",
    "a date that does not exist, not on that weekday, or before its beginning",
);
const WRONG_WORD: Rule = warning("wrong-word", "错词", "a wrong word");
const NEAR_MISS: Rule = Rule::error(Family::Language, "near-miss", "固定用语写错", "a fixed name that is almost right");
const MIXED_SCRIPT: Rule = warning("mixed-script", "简体里夹繁体字", "Traditional characters in Simplified text");
const MISSPELT_PICTURE: Rule =
    Rule::error(Family::Language, "misspelt-picture", "图片的写法不对", "a picture that is not written as one");
const DICTIONARY: Rule =
    Rule::error(Family::Language, "no-dictionary", "词库读不出来", "a dictionary that cannot be read");

/// Keys whose values are addresses, numbers and names of files, and what must be word for word.
const NOT_PROSE: [&str; 16] = [
    "file",
    "src",
    "slug",
    "aliases",
    "url",
    "source_url",
    "email",
    "phone",
    "match",
    "文件",
    "图片",
    "网址名",
    "旧网址",
    "网址",
    "邮箱",
    "内容",
];

/// What is wrong with an item's language.
pub fn item(file: &ItemFile<'_>, context: &Context<'_>) -> Vec<Finding> {
    let (lexicon, spacing) = (lexicon(context), context.settings().spacing);
    let mut findings = Vec::new();
    let mut tally = Tally::default();
    let passages: Vec<&Passage> = file.text.passages.iter().filter(|passage| is_written(passage)).collect();
    for (index, passage) in passages.iter().copied().enumerate() {
        let found = corrections(passage, spacing);
        let is_turned_round = found.iter().any(|it| matches!(it.fault, Fault::ReversedQuote | Fault::StraightQuote));
        findings.extend(found.iter().map(|correction| correctable(file, passage, correction)));
        let next = passages.get(index + 1).copied();
        findings.extend(unpaired(file.file(), passage, next, is_turned_round));
        findings.extend(typed_twice(file.file(), passage));
        findings.extend(wrong_dates(file, passage));
        findings.extend(wrong_words(file.file(), passage, lexicon));
        findings.extend(misspelt_pictures(file.file(), passage));
        let of_passage = Tally::of(&passage.text);
        tally.han += of_passage.han;
        tally.simplified += of_passage.simplified;
        tally.traditional += of_passage.traditional;
    }
    if tally.traditional > 0 && tally.script() == Script::Simplified {
        findings.extend(passages.iter().flat_map(|passage| mixed_script(file.file(), passage)));
    }
    if spacing == Spacing::Keep {
        findings.extend(uneven_spacing(file.file(), &passages));
    }
    findings
}

/// The rule that a correction belongs to.
pub fn rule_of(fault: Fault) -> &'static Rule {
    match fault {
        Fault::HalfWidth => &HALF_WIDTH,
        Fault::Repeated | Fault::Contradictory => &REPEATED,
        Fault::FullWidth => &FULL_WIDTH,
        Fault::StraightQuote | Fault::ReversedQuote | Fault::NestedQuote | Fault::OuterQuote => &QUOTES,
        Fault::StraySpace => &SPACE,
        Fault::TypedIndent => &TYPED_INDENT,
        Fault::NoBreakSpace => &NO_BREAK_SPACE,
        Fault::ListComma => &LIST_COMMA,
        Fault::Spacing => &SPACING,
    }
}

/// What is wrong with the site's dictionary.
pub fn site(context: &Context<'_>) -> Vec<Finding> {
    own_lexicon(context).err().unwrap_or_default()
}

/// The site's words and the program's; what is wrong with the dictionary, [`site`] says.
fn lexicon<'c>(context: &'c Context<'_>) -> &'c Lexicon {
    let own = context.lexicon.get_or_init(|| own_lexicon(context).ok().flatten());
    own.as_ref().unwrap_or_else(|| Lexicon::built_in())
}

fn own_lexicon(context: &Context<'_>) -> Result<Option<Lexicon>, Vec<Finding>> {
    let Some(named) = &context.settings().dictionary else { return Ok(None) };
    let (name, place) = (&named.value, &named.place);
    let unreadable = |zh: String, en: String| {
        let finding = DICTIONARY.finds(place.clone(), name, Text::new(zh, en));
        vec![finding.help("词库文件放在网站文件夹里，与 site.yaml 并列，写它的文件名", "name a file beside site.yaml")]
    };
    let file = FilePath::new(name);
    let is_below =
        !name.starts_with('/') && name.split(['/', '\\']).all(|part| part != "..") && file.extension() == "yaml";
    if !is_below {
        return Err(unreadable(
            format!("词库“{name}”应当是网站文件夹里的 .yaml 文件"),
            format!("the dictionary \"{name}\" is not a .yaml file in the site's folder"),
        ));
    }
    let bytes = context.root().read(&file).map_err(|failure| match failure.error {
        error if error.kind() == std::io::ErrorKind::NotFound => {
            unreadable(format!("没有“{name}”这个词库文件"), format!("there is no dictionary \"{name}\""))
        }
        error => {
            let why = Text::from(&error);
            let en = format!("cannot read the dictionary \"{name}\": {}", why.en);
            unreadable(format!("词库“{name}”读不出来：{}", why.zh), en)
        }
    })?;
    let checked = dictionary::parse(&file, &String::from_utf8_lossy(&bytes));
    let wrong = |diagnostic| Finding { diagnostic, family: Family::Site, item: None, evidence: String::new() };
    let own = checked.value.ok_or_else(|| checked.diagnostics.into_iter().map(wrong).collect::<Vec<_>>())?;
    let too_large = |_| unreadable(format!("词库“{name}”太大"), format!("the dictionary \"{name}\" is too large"));
    Lexicon::new(own).map(Some).map_err(too_large)
}

/// Whether a passage is written for readers, in words.
fn is_written(passage: &Passage) -> bool {
    let Kind::Value(path) = &passage.kind else { return passage.is_prose() };
    let is_extra = matches!(path.0.first(), Some(Step::Key(key)) if key == "extra" || key == "扩展");
    !is_extra && !passage.key().is_some_and(|key| NOT_PROSE.contains(&key))
}

/// A part of a passage with the characters beside it, by which it is found in a value of the front matter.
fn evidence(passage: &Passage, part: &Range<usize>) -> String {
    let text = &passage.text;
    let start = text[..part.start].char_indices().next_back().map_or(part.start, |(at, _)| at);
    let end = text[part.end..].chars().next().map_or(part.end, |c| part.end + c.len_utf8());
    match passage.kind {
        Kind::Value(_) => text[start..end].to_owned(),
        _ => text[part.clone()].to_owned(),
    }
}

/// A part of a passage, or where nothing stands yet, what stands behind it.
fn place(file: &FilePath, passage: &Passage, part: &Range<usize>) -> Place {
    let next = passage.text[part.start..].chars().next().map_or(0, char::len_utf8);
    passage.place(file, &(part.start..part.end.max(part.start + next)))
}

fn correctable(file: &ItemFile<'_>, passage: &Passage, correction: &Correction) -> Finding {
    let (file, source) = (file.file(), file.source);
    let found = &passage.text[correction.at.clone()];
    let right = correction.replacement.as_deref();
    let place = place(file, passage, &correction.at);
    let message = explain(correction.fault, found, right);
    let finding = rule_of(correction.fault).finds(place, evidence(passage, &correction.at), message);
    let finding = match right {
        None => finding.label("保留其中一个", "keep one of them"),
        Some("") => finding.label("删去", "remove this"),
        Some(_) if correction.at.is_empty() => finding.label("前面补一个空格", "a space before this"),
        Some(" ") => finding.label("应为一个普通空格", "should be one plain space"),
        // Between two names it is another mark: 买买提·艾力.
        Some("。") if found == "." => {
            finding.label("句末应为“。”；姓名中间应为“·”", "should be 。 at the end of a sentence, · within a name")
        }
        Some(right) => finding.label(format!("应为{}", shown(right)), format!("should be {right}")),
    };
    if !correction.is_safe || matches!(passage.kind, Kind::Value(_)) {
        return finding;
    }
    let written = passage.source(&correction.at).and_then(|part| source.get(part)).unwrap_or_default();
    if written.starts_with('&') && !found.starts_with('&') {
        return finding.help(
            "它在文件里写成 &nbsp; 一类的代码，请自己删去或换成普通空格",
            "it stands there as an entity such as &nbsp;: type a plain space or nothing in its place",
        );
    }
    if correction.fault == Fault::TypedIndent {
        return finding
            .help("不影响网页；运行 xinfeng fmt 可以自动删去", "pages do not show it; xinfeng fmt takes it away");
    }
    finding.help("运行 xinfeng fmt 可以自动改正", "xinfeng fmt corrects it")
}

/// A text in quotes that can be told from it.
fn shown(text: &str) -> String {
    if text.contains(['“', '”', '‘', '’']) { format!("「{text}」") } else { format!("“{text}”") }
}

fn explain(fault: Fault, found: &str, right: Option<&str>) -> Text {
    let found = found.trim_end();
    match fault {
        Fault::HalfWidth => {
            Text::new(format!("中文里用了半角标点“{found}”"), format!("half-width \"{found}\" in a Chinese sentence"))
        }
        Fault::Repeated => Text::new(format!("标点“{found}”不规范"), format!("irregular punctuation \"{found}\"")),
        Fault::Contradictory => {
            Text::new(format!("两个标点“{found}”连在一起"), format!("two marks in a row: \"{found}\""))
        }
        Fault::FullWidth => Text::new(format!("“{found}”是全角字符"), format!("\"{found}\" is full-width")),
        Fault::StraightQuote => Text::new("中文里用了英文引号", "a straight quote in Chinese"),
        Fault::ReversedQuote => Text::new("引号的方向反了", "a quotation mark turned the wrong way"),
        Fault::NestedQuote => Text::new("引号里面的引号应当用单引号", "quotes within quotes should be single"),
        Fault::OuterQuote => Text::new("最外面的引号应当用双引号", "the outermost quotes should be double"),
        Fault::StraySpace => Text::new("多余的空格", "a space too many"),
        Fault::TypedIndent => {
            Text::new("段首缩进由网页样式负责，不用打空格", "the style sheet indents paragraphs, not typed spaces")
        }
        Fault::NoBreakSpace => Text::new("从别处粘贴来的不换行空格", "a no-break space that was pasted in"),
        Fault::ListComma => Text::new("“等”“和”前面不用顿号", "no list comma before 等 and 和"),
        Fault::Spacing if right == Some("") => {
            Text::new("中文与字母、数字之间不加空格", "no space between Chinese and Latin")
        }
        Fault::Spacing => Text::new("中文与字母、数字之间要加空格", "a space between Chinese and Latin is missing"),
    }
}

/// Marks without a partner in their passage. A speech of several paragraphs opens each and closes only the last.
fn unpaired(file: &FilePath, passage: &Passage, next: Option<&Passage>, is_turned_round: bool) -> Vec<Finding> {
    let goes_on = next.is_some_and(|next| next.text.trim_start().starts_with('“'));
    let indent = passage.text.len() - passage.text.trim_start().len();
    let begins = |part: &Range<usize>| part.start == indent || passage.text[..part.start].ends_with('：');
    let lonely = quotes::unpaired(&passage.text).into_iter().filter(|(part, mark)| {
        let is_speech = *mark == '“' && goes_on && begins(part);
        let is_reported = is_turned_round && matches!(mark, '“' | '”');
        !(is_speech || is_reported || passage.is_code(part))
    });
    let explain = |(part, mark): (Range<usize>, char)| {
        let partner = quotes::partner(mark);
        let (own, other) = (shown(&mark.to_string()), shown(&partner.to_string()));
        let message = Text::new(format!("{own}没有与它成对的{other}"), format!("{mark} without its {partner}"));
        let finding = UNPAIRED.finds(passage.place(file, &part), mark.to_string(), message);
        finding.help(
            format!("在这一段里补上{other}，或者删去{own}"),
            format!("add {partner} in this paragraph, or remove {mark}"),
        )
    };
    lonely.map(explain).collect()
}

fn typed_twice(file: &FilePath, passage: &Passage) -> Vec<Finding> {
    let doubled = doubled::doubled(&passage.text).into_iter().filter(|part| !passage.is_code(part));
    let explain = |part: Range<usize>| {
        let found = &passage.text[part.clone()];
        let once = &found[..found.len() / 2];
        let message = Text::new(format!("“{once}”连写了两遍"), format!("\"{once}\" stands twice"));
        DOUBLED.finds(passage.place(file, &part), found, message).label("删去一个", "remove one")
    };
    doubled.map(explain).collect()
}

fn wrong_dates(file: &ItemFile<'_>, passage: &Passage) -> Vec<Finding> {
    let written = file.item.front_matter.date.map(|date| date.local.date());
    let found = dates::wrong(&passage.text, written).into_iter().filter(|(part, _)| !passage.is_code(part));
    let explain = |(part, slip): (Range<usize>, Slip)| {
        let found = &passage.text[part.clone()];
        let (message, help) = match slip {
            Slip::Missing => (
                Text::new(format!("没有“{found}”这一天"), format!("there is no {found}")),
                Text::new("核对月份和日数", "look at the month and the day"),
            ),
            Slip::Backwards => (
                Text::new(format!("“{found}”：结束在开始之前"), format!("{found} ends before it begins")),
                Text::new("核对两个日期；跨年的写上年份", "look at both dates; add the years where they differ"),
            ),
            Slip::Weekday(weekday, date) => {
                let right = dates::weekday_of(date);
                let day = format!("{}年{}月{}日", date.year(), date.month(), date.day());
                let zh = format!("{day}是星期{right}，不是星期{weekday}");
                let en = format!("{date} is a {:?}: 星期{right}, not 星期{weekday}", date.weekday());
                let help = Text::new(
                    "核对日期和星期，改正其中一个；说的是别的年份，写上年份",
                    "mend the date or the weekday, or add the year if another is meant",
                );
                (Text::new(zh, en), help)
            }
        };
        WRONG_DATE.finds(passage.place(file.file(), &part), found, message).help(help.zh, help.en)
    };
    found.map(explain).collect()
}

fn wrong_words(file: &FilePath, passage: &Passage, lexicon: &Lexicon) -> Vec<Finding> {
    let hits = lexicon.look(&passage.text).into_iter().filter(|hit| !passage.is_code(&hit.at));
    hits.map(|hit| wrong_word(file, passage, &hit)).collect()
}

fn wrong_word(file: &FilePath, passage: &Passage, Hit { at, right, kind }: &Hit<'_>) -> Finding {
    let found = &passage.text[at.clone()];
    let place = passage.place(file, at);
    let finding = match kind {
        HitKind::NearMiss => {
            let message = Text::new(
                format!("“{found}”与固定用语“{right}”差一处"),
                format!("\"{found}\" differs in one place from \"{right}\""),
            );
            NEAR_MISS.finds(place, found, message)
        }
        HitKind::Wrong { severity, note } => {
            let message = Text::new(format!("“{found}”是错词"), format!("\"{found}\" is a wrong word"));
            let mut finding = WRONG_WORD.finds(place, found, message);
            finding.diagnostic.severity = *severity;
            match note {
                Some(note) => finding.help(*note, *note),
                None => finding,
            }
        }
    };
    finding.label(format!("应为“{right}”"), format!("should be {right}"))
}

/// No name of a file has more bytes, with the folders before it.
const LONGEST_TARGET: usize = 1_000;

/// What was to be a picture: `！[…](a.jpg)`, which becomes a link, and `!【…】（a.jpg）`, which stays text.
fn misspelt_pictures(file: &FilePath, passage: &Passage) -> Vec<Finding> {
    let text = &passage.text;
    // In a sentence the mark may end what stands before the link.
    let mark_before = |start: usize| {
        let mark = text[..start].chars().next_back().filter(|c| matches!(c, '！' | '!'))?;
        let before = &text[..start - mark.len_utf8()];
        before.chars().next_back().is_none_or(char::is_whitespace).then_some(mark)
    };
    let names_picture = |target: &str| FilePath::new(target.trim()).is_picture();
    let of_links = passage.links.iter().filter(|(_, target)| names_picture(target)).map(|(part, _)| part.clone());
    let typed = text.match_indices(['】', ']', '］']).filter_map(|(at, close)| {
        let behind = text[at + close.len()..].strip_prefix(['(', '（'])?;
        let target = &behind[..behind[..behind.floor_char_boundary(LONGEST_TARGET)].find([')', '）'])?];
        let start = || text[..at].rfind(['【', '[', '［']);
        names_picture(target).then(start).flatten().map(|start| start..at + close.len())
    });
    let marked = of_links.chain(typed).filter_map(|part| {
        let mark = mark_before(part.start)?;
        Some(part.start - mark.len_utf8()..part.end)
    });
    let explain = |part: Range<usize>| {
        let found = &text[part.clone()];
        let message = Text::new("这里的图片不会显示：写法不对", "this picture is not shown: it is not written as one");
        MISSPELT_PICTURE.finds(passage.place(file, &part), found, message).help(
            "感叹号和括号都用半角，写成 ![图片说明](文件名)",
            "write it with half-width marks: ![what it shows](the file)",
        )
    };
    // Where all marks are half-width, the address is wrong, which a build tells.
    let is_typed_right = |part: &Range<usize>| {
        let found = &text[part.clone()];
        found.starts_with("![") && found.ends_with(']') && text[part.end..].starts_with('(')
    };
    marked.filter(|part| !passage.is_code(part) && !is_typed_right(part)).map(explain).collect()
}

/// Traditional characters of a passage; a whole passage that is Traditional is a quotation, or somebody else's text.
fn mixed_script(file: &FilePath, passage: &Passage) -> Vec<Finding> {
    if Tally::of(&passage.text).script() == Script::Traditional {
        return Vec::new();
    }
    let frozen = punctuation::frozen(passage);
    let is_prose = |part: &Range<usize>| !frozen.iter().any(|frozen| frozen.contains(&part.start));
    let found = mixed::traditional(&passage.text).into_iter().filter(|(part, _)| is_prose(part));
    let explain = |(part, right): (Range<usize>, String)| {
        let found = &passage.text[part.clone()];
        let message =
            Text::new(format!("简体文章里的繁体字“{found}”"), format!("Traditional {found} in Simplified text"));
        MIXED_SCRIPT
            .finds(passage.place(file, &part), found, message)
            .label(format!("简体为“{right}”"), format!("{right} in Simplified"))
            .help(
                "人名、书名要用繁体字时，写一条例外并说明理由",
                "for a name or a title, write an exception with its reason",
            )
    };
    found.map(explain).collect()
}

/// The rarer habit must be at most one in so many of the usual one, or nobody can say which is the slip.
const USUAL: usize = 4;

/// The first place where an item departs from its own habit of spacing between Chinese and Latin letters or digits.
fn uneven_spacing(file: &FilePath, passages: &[&Passage]) -> Option<Finding> {
    let mut places: [Vec<(&Passage, Range<usize>)>; 2] = Default::default();
    for passage in passages.iter().filter(|passage| !matches!(passage.kind, Kind::Value(_))) {
        if !passage.text.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
            continue;
        }
        let chars: Vec<(usize, char)> = passage.text.char_indices().collect();
        for (index, is_spaced) in punctuation::boundaries(&chars).filter(|(index, _)| !is_quantity(&chars, *index)) {
            let (at, c) = chars[index];
            let part = at..at + c.len_utf8();
            if !passage.is_code(&part) {
                places[usize::from(is_spaced)].push((passage, part));
            }
        }
    }
    let [close, spaced] = &places;
    let (rare, usual) = if close.len() < spaced.len() { (close, spaced) } else { (spaced, close) };
    let (passage, part) = rare.first().filter(|_| rare.len() * USUAL <= usual.len())?;
    let is_spaced = passage.text[part.clone()].starts_with(' ');
    let message = Text::new("中文与字母之间的空格前后不一致", "spacing between Chinese and Latin is uneven");
    let finding = SPACING.finds(passage.place(file, part), &passage.text[part.clone()], message);
    Some(match is_spaced {
        true => finding.label("全文别处不加空格", "no spaces elsewhere in this text"),
        false => finding.label("全文别处加空格", "spaces elsewhere in this text"),
    })
}

/// Digits are commonly written close where words are not: `3月5日`, `App 1`.
fn is_quantity(chars: &[(usize, char)], index: usize) -> bool {
    let is_digit =
        |index: Option<usize>| index.and_then(|index| chars.get(index)).is_some_and(|(_, c)| c.is_ascii_digit());
    let at = if chars[index].1 == ' ' { index + 1 } else { index };
    is_digit(Some(at)) || is_digit(index.checked_sub(1))
}
