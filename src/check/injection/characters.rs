//! Characters that nobody sees: they cut words apart for a filter, or turn the order of a line around.

use super::super::rule::{Family, Finding, Rule};
use super::super::subject::{ItemFile, Page};
use crate::diagnostic::{Place, Text};

pub const INVISIBLE_CHARACTER: Rule =
    Rule::warning(Family::Injection, "invisible-character", "看不见的字符", "a character that nobody sees");
pub const DIRECTION_CONTROL: Rule =
    Rule::error(Family::Injection, "direction-control", "颠倒文字顺序的字符", "a character that turns text around");

/// An item's passages; one finding for each.
pub fn of_item(item: &ItemFile<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for passage in &item.text.passages {
        if let Some(found) = hidden(&passage.text) {
            let part = found.at..found.at + found.character.len_utf8();
            findings.push(report(&passage.text, &found, passage.place(item.file(), &part)));
        }
    }
    findings
}

/// A page's texts.
pub fn of_page(page: &Page<'_>) -> Vec<Finding> {
    let texts = page.document.texts.iter().filter(|text| page.document.is_readable(text));
    texts.filter_map(|text| Some(report(&text.text, &hidden(&text.text)?, page.place(&text.span)))).collect()
}

/// The first character of a text that should not be there, and how many of them there are.
#[derive(Debug)]
struct Hidden {
    at: usize,
    character: char,
    count: usize,
}

fn hidden(text: &str) -> Option<Hidden> {
    if !may_hold(text.as_bytes()) {
        return None;
    }
    let mut found: Option<Hidden> = None;
    for (at, character) in text.char_indices().filter(|(_, c)| name_of(*c).is_some()) {
        if is_in_order(text, at, character) {
            continue;
        }
        match &mut found {
            // The gravest one is told, whatever stands before it.
            Some(hidden) if is_direction(character) && !is_direction(hidden.character) => {
                *hidden = Hidden { at, character, count: hidden.count + 1 };
            }
            Some(hidden) => hidden.count += 1,
            None => found = Some(Hidden { at, character, count: 1 }),
        }
    }
    found
}

/// Whether the bytes of a text hold the beginning of any such character; quotation marks and dashes begin like some.
fn may_hold(text: &[u8]) -> bool {
    text.windows(2).enumerate().any(|(at, pair)| match pair {
        [0xC2, 0xAD]
        | [0xD8, 0x9C]
        | [0xE1, 0x85 | 0xA0]
        | [0xE2, 0x81]
        | [0xE3, 0x85]
        | [0xEF, 0xBB | 0xBE]
        | [0xF3, 0xA0] => true,
        [0xE2, 0x80] => matches!(text.get(at + 2), Some(0x8B..=0x8F | 0xAA..=0xAE)),
        _ => false,
    })
}

/// Whether it turns the text around that follows, and so can show other words than there are.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// What an invisible character is called.
fn name_of(c: char) -> Option<(&'static str, &'static str)> {
    Some(match c {
        '\u{00AD}' => ("软连字符", "soft hyphen"),
        '\u{200B}' => ("零宽空格", "zero width space"),
        '\u{200C}' => ("零宽不连字", "zero width non-joiner"),
        '\u{200D}' => ("零宽连字", "zero width joiner"),
        '\u{2060}'..='\u{2064}' => ("零宽字符", "word joiner"),
        '\u{FEFF}' => ("字节顺序标记", "byte order mark"),
        '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' => ("韩文填充符", "Hangul filler"),
        '\u{180E}' => ("蒙文元音分隔符", "Mongolian vowel separator"),
        '\u{200E}' | '\u{200F}' | '\u{061C}' => ("方向标记", "direction mark"),
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => ("方向控制符", "direction control"),
        '\u{E0000}'..='\u{E007F}' => ("标签字符", "tag character"),
        _ => return None,
    })
}

/// Whether a character belongs where it stands: in an emoji, in a script that needs it, as a hyphen of a Latin word.
fn is_in_order(text: &str, at: usize, c: char) -> bool {
    let before = text[..at].chars().next_back();
    let after = text[at + c.len_utf8()..].chars().next();
    let around = |fits: fn(char) -> bool| before.is_some_and(fits) || after.is_some_and(fits);
    match c {
        '\u{200D}' => before.is_some_and(is_emoji) && after.is_some_and(is_emoji) || around(joins),
        '\u{200C}' => around(joins),
        '\u{200B}' => around(has_no_spaces),
        '\u{00AD}' => before.is_some_and(is_latin) && after.is_some_and(is_latin),
        // The mark itself lies among the letters of Arabic.
        '\u{200E}' | '\u{200F}' | '\u{061C}' => text.chars().any(|c| c != '\u{061C}' && is_right_to_left(c)),
        '\u{180E}' => around(|c| matches!(c, '\u{1800}'..='\u{18AF}')),
        '\u{1160}' | '\u{115F}' => around(|c| matches!(c, '\u{1100}'..='\u{11FF}')),
        '\u{E0000}'..='\u{E007F}' => {
            let tags = |c: &char| matches!(c, '\u{E0000}'..='\u{E007F}');
            text[..at].chars().rev().find(|c| !tags(c)) == Some('\u{1F3F4}')
        }
        _ => false,
    }
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{1F000}'..='\u{1FAFF}' | '\u{2190}'..='\u{2BFF}' | '\u{FE0F}')
}

/// Scripts whose letters join: Arabic, Syriac, those of India.
fn joins(c: char) -> bool {
    matches!(c, '\u{0600}'..='\u{0DFF}' | '\u{1800}'..='\u{18AF}' | '\u{FB50}'..='\u{FEFC}')
}

/// Thai, Lao, Burmese, Khmer, Tibetan.
fn has_no_spaces(c: char) -> bool {
    matches!(c, '\u{0E00}'..='\u{0FFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}')
}

fn is_latin(c: char) -> bool {
    c.is_alphabetic() && u32::from(c) < 0x0530
}

fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FEFC}')
}

fn report(text: &str, found: &Hidden, place: Place) -> Finding {
    let Hidden { at, character, count } = *found;
    let (zh, en) = name_of(character).unwrap_or_default();
    let number = u32::from(character);
    let before = text[..at].chars().next_back();
    let after = text[at + character.len_utf8()..].chars().next();
    let evidence: String = before.into_iter().chain([character]).chain(after).collect();
    let more = |text: String| if count > 1 { text } else { String::new() };
    let rule = if is_direction(character) { &DIRECTION_CONTROL } else { &INVISIBLE_CHARACTER };
    let message = Text::new(
        format!("这里藏着看不见的字符：U+{number:04X} {zh}{}", more(format!("，这一段里共 {count} 个"))),
        format!("an invisible character hides here: U+{number:04X}, {en}{}", more(format!("; {count} in this text"))),
    );
    let label = |before: Option<char>, after: Option<char>| match (before, after) {
        (Some(before), Some(after)) => {
            (format!("在“{before}”和“{after}”之间"), format!("between {before} and {after}"))
        }
        (Some(before), None) => (format!("在“{before}”后面"), format!("after {before}")),
        (None, Some(after)) => (format!("在“{after}”前面"), format!("before {after}")),
        (None, None) => ("只有它自己".to_owned(), "all by itself".to_owned()),
    };
    let visible = |c: Option<char>| c.filter(|c| !c.is_control() && name_of(*c).is_none());
    let (zh, en) = label(visible(before), visible(after));
    rule.finds(place, evidence, message).label(zh, en).help(
        "多半是从网页或聊天软件粘贴带来的，也可能有人用它躲过审查：删去前后两个字，重新打一遍",
        "it came with a copied text, or dodges a filter: delete the characters around it and type them again",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_found() {
        let check = |text: &str, expected| assert_eq!(hidden(text).map(|it| it.count), Some(expected), "{text:?}");
        check("国\u{200B}产\u{200B}精品", 2);
        check("文明\u{200D}办", 1);
        check("文\u{200C}明", 1);
        check("文\u{2060}明", 1);
        check("\u{FEFF}文明", 1);
        check("文\u{AD}明", 1);
        check("abc\u{202E}def", 1);
        check("文\u{2066}明\u{2069}", 2);
        check("文\u{E0041}\u{E0042}", 2);
        check("文\u{3164}明", 1);
        check("电话\u{200E}021", 1);
        check("word\u{200B}word", 1);
        check("电话\u{61C}", 1);
    }

    #[test]
    fn the_gravest_of_them_is_told() {
        let found = hidden("请扫码\u{200B}报名\u{202E}。").expect("two of them");
        assert_eq!((found.character, found.count), ('\u{202E}', 2));
    }

    #[test]
    fn what_a_script_or_an_emoji_needs_is_left_alone() {
        let check = |text: &str| assert!(hidden(text).is_none(), "{text:?}");
        check("");
        check("一家人👨‍👩‍👧‍👦在社区");
        check("🏳️‍🌈 ❤️‍🔥 👩🏽‍🚒");
        check("🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}");
        check("می\u{200C}خواهم");
        check("क\u{200D}ष");
        check("مرحبا\u{200F} 021");
        check("ภาษา\u{200B}ไทย");
        check("Frei\u{AD}willige");
        check("静安区文明办，“十四五”——2026年。");
        check("全角\u{3000}空格 no\u{A0}break");
    }
}
