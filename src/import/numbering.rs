//! The automatic numbering of a Word document: what Word shows before each numbered paragraph.
//!
//! Knows the definitions and counts the paragraphs; never what stands in these. Start at [`Numbering::next`].

use std::collections::{BTreeMap, BTreeSet};

use super::docx::{attribute, each_tag};
use crate::parse::numerals;

/// What stands before a paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    Bullet,
    /// An Arabic number alone, which an ordered list can have, and how Word shows it.
    Number(usize, String),
    /// Anything else as Word shows it, with the space behind it: `（一）`, `1.2 `.
    Text(String),
}

/// The lists of a document and how far they have been counted.
#[derive(Debug, Default)]
pub struct Numbering {
    /// By the id that paragraphs name.
    lists: BTreeMap<String, List>,
    /// By the id of the definition: lists of the same one go on counting for each other.
    counters: BTreeMap<String, [Option<usize>; LEVELS]>,
    /// The lists and levels that have begun with a number of their own.
    begun: BTreeSet<(String, usize)>,
    /// Whether there was a numbering that is not known here; a plain number stands for it, or nothing.
    pub has_unknown: bool,
}

const LEVELS: usize = 9;
/// List numbers in Markdown have up to nine digits (CommonMark 0.31, 5.2).
const MOST: usize = 1_000_000_000;

type Levels = BTreeMap<usize, Level>;

#[derive(Debug, Default)]
struct List {
    definition: String,
    /// Its definition's, and those of its own in their place.
    levels: Levels,
    /// The numbers that its levels begin with, where they do not go on from another list.
    starts: BTreeMap<usize, usize>,
}

#[derive(Debug, Clone)]
struct Level {
    start: usize,
    /// Its name in the standard (ECMA-376, `ST_NumberFormat`), e.g. `chineseCounting`.
    format: String,
    /// `第%1章`: the number of each level stands in the place of its own, counted from 1.
    pattern: String,
    /// Whether all numbers are Arabic, also those of the levels above.
    is_legal: bool,
    /// The level, counted from 1, behind which it begins anew; else any above it.
    restart: Option<usize>,
    /// Whether there is no space before the words.
    is_joined: bool,
}

impl Default for Level {
    fn default() -> Self {
        let (format, pattern) = ("decimal".to_owned(), String::new());
        Self { start: 1, format, pattern, is_legal: false, restart: None, is_joined: false }
    }
}

impl Numbering {
    /// Reads the part `word/numbering.xml`.
    pub fn read(xml: &str) -> Self {
        let mut lists: BTreeMap<String, List> = BTreeMap::new();
        let mut definitions: BTreeMap<String, Levels> = BTreeMap::new();
        let (mut definition, mut list, mut level) = (String::new(), None::<String>, 0);
        each_tag(xml, |name, tag| {
            let value = || attribute(tag, "val").unwrap_or_default();
            let number = |name: &str| attribute(tag, name)?.parse::<usize>().ok().filter(|number| *number < MOST);
            match name {
                "abstractNum" => {
                    (definition, list) = (attribute(tag, "abstractNumId").unwrap_or_default(), None);
                    definitions.entry(definition.clone()).or_default();
                }
                "num" => list = Some(attribute(tag, "numId").unwrap_or_default()),
                "lvl" | "lvlOverride" => level = number("ilvl").unwrap_or(0).min(LEVELS - 1),
                _ => {}
            }
            let levels = match &list {
                None => definitions.entry(definition.clone()).or_default(),
                Some(id) => {
                    let list = lists.entry(id.clone()).or_default();
                    match name {
                        "abstractNumId" => list.definition = value(),
                        "startOverride" => {
                            list.starts.insert(level, number("val").unwrap_or(1));
                        }
                        _ => {}
                    }
                    &mut list.levels
                }
            };
            if name == "lvl" {
                levels.insert(level, Level::default());
            }
            let Some(level) = levels.get_mut(&level) else { return };
            match name {
                "start" => level.start = number("val").unwrap_or(1),
                "numFmt" => level.format = value(),
                "lvlText" => level.pattern = value(),
                "isLgl" => level.is_legal = true,
                "lvlRestart" => level.restart = number("val"),
                "suff" => level.is_joined = value() == "nothing",
                _ => {}
            }
        });
        lists.retain(|_, list| {
            let Some(levels) = definitions.get(&list.definition) else { return false };
            for (depth, level) in levels {
                list.levels.entry(*depth).or_insert_with(|| level.clone());
            }
            true
        });
        Self { lists, ..Self::default() }
    }

    /// Counts a paragraph of a list's level, from 0; what stands before it, unless the list is not defined.
    pub fn next(&mut self, id: &str, depth: usize) -> Option<Mark> {
        let list = self.lists.get(id)?;
        let Some(level) = list.levels.get(&depth) else {
            self.has_unknown = true;
            return None;
        };
        if level.format == "bullet" {
            return Some(Mark::Bullet);
        }
        let own_start = list.starts.get(&depth).copied();
        let begins = own_start.is_some() && self.begun.insert((id.to_owned(), depth));
        let counters = self.counters.entry(list.definition.clone()).or_default();
        let start = own_start.unwrap_or(level.start);
        let number = counters[depth].filter(|_| !begins).map_or(start, |number| number.saturating_add(1));
        counters[depth] = Some(number);
        for (deeper, counter) in counters.iter_mut().enumerate().skip(depth + 1) {
            let restart = list.levels.get(&deeper).and_then(|level| level.restart).unwrap_or(deeper);
            if depth < restart {
                *counter = None;
            }
        }
        let (text, is_known) = level.shown(&list.levels, counters);
        self.has_unknown |= !is_known;
        let own = format!("%{}", depth + 1);
        let rest = level.pattern.trim().strip_prefix(&own).filter(|_| level.format == "decimal");
        if rest.is_some_and(|rest| ["", ".", "．", "、", ")", "）"].contains(&rest)) {
            return Some(Mark::Number(number, text));
        }
        Some(Mark::Text(text))
    }
}

impl Level {
    /// Its pattern with the numbers of all levels, and whether their formats are known.
    fn shown(&self, levels: &Levels, counters: &[Option<usize>; LEVELS]) -> (String, bool) {
        let (mut text, mut is_known) = (String::new(), true);
        let mut rest = self.pattern.chars().peekable();
        while let Some(c) = rest.next() {
            let digit = rest.peek().filter(|_| c == '%').and_then(|digit| digit.to_digit(10));
            let Some(place) = digit.and_then(|digit| (digit as usize).checked_sub(1)) else {
                text.push(c);
                continue;
            };
            rest.next();
            let (start, format) = levels.get(&place).map_or((1, "decimal"), |it| (it.start, it.format.as_str()));
            let number = counters[place].unwrap_or(start);
            let written = if self.is_legal { Some(number.to_string()) } else { written(number, format) };
            is_known &= written.is_some();
            text.push_str(&written.unwrap_or_else(|| number.to_string()));
        }
        // Chinese marks bring their own space.
        if !self.is_joined && !text.is_empty() && !text.ends_with(['、', '）', '．', '：', ' ', '\u{3000}']) {
            text.push(' ');
        }
        (text, is_known)
    }
}

/// A number in a format of the standard; none if the format is not known here.
fn written(number: usize, format: &str) -> Option<String> {
    let nth = |texts: &str| number.checked_sub(1).and_then(|at| texts.chars().nth(at)).map(String::from);
    let from = |first: u32, count: usize| {
        let is_there = (1..=count).contains(&number);
        is_there.then(|| char::from_u32(first + number as u32 - 1)).flatten().map(String::from)
    };
    match format {
        "none" => Some(String::new()),
        "decimal" | "decimalHalfWidth" => Some(number.to_string()),
        "decimalZero" => Some(format!("{number:02}")),
        "decimalFullWidth" | "decimalFullWidth2" => Some(digits(number, "０１２３４５６７８９")),
        "chineseCounting"
        | "chineseCountingThousand"
        | "taiwaneseCounting"
        | "taiwaneseCountingThousand"
        | "japaneseCounting" => counted(number, CHINESE),
        "chineseLegalSimplified" => counted(number, "零壹贰叁肆伍陆柒捌玖拾佰仟"),
        "ideographLegalTraditional" => counted(number, "零壹貳參肆伍陸柒捌玖拾佰仟"),
        "ideographDigital" | "japaneseDigitalTenThousand" | "taiwaneseDigital" => {
            Some(digits(number, "〇一二三四五六七八九"))
        }
        "ideographTraditional" => nth("甲乙丙丁戊己庚辛壬癸"),
        "ideographZodiac" => nth("子丑寅卯辰巳午未申酉戌亥"),
        "ideographEnclosedCircle" => from(0x3280, 10),
        "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" => from(0x2460, 20),
        "decimalEnclosedParen" => from(0x2474, 20),
        "decimalEnclosedFullstop" => from(0x2488, 20),
        "upperLetter" => letters(number),
        "lowerLetter" => letters(number).map(|text| text.to_lowercase()),
        "upperRoman" => roman(number),
        "lowerRoman" => roman(number).map(|text| text.to_lowercase()),
        _ => None,
    }
}

fn digits(number: usize, digits: &str) -> String {
    let digit = |c: char| c.to_digit(10).and_then(|digit| digits.chars().nth(digit as usize));
    number.to_string().chars().filter_map(digit).collect()
}

/// The signs of [`numerals::chinese`], which others can stand for.
const CHINESE: &str = "零一二三四五六七八九十百千";

/// `十二`, `一百零五`, up to four digits, with these signs.
fn counted(number: usize, signs: &str) -> Option<String> {
    let number = u32::try_from(number).ok().filter(|number| *number < 10_000)?;
    let text = if number == 0 { "零".to_owned() } else { numerals::chinese(number) };
    let sign = |c| CHINESE.chars().position(|it| it == c).and_then(|at| signs.chars().nth(at));
    text.chars().map(sign).collect()
}

/// A to Z, then AA to ZZ, as Word counts.
fn letters(number: usize) -> Option<String> {
    let at = number.checked_sub(1).filter(|at| *at < 26 * 10)?;
    let letter = char::from(b'A' + (at % 26) as u8);
    Some(letter.to_string().repeat(at / 26 + 1))
}

fn roman(mut number: usize) -> Option<String> {
    const SIGNS: [(usize, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    if !(1..=3999).contains(&number) {
        return None;
    }
    let mut text = String::new();
    for (value, sign) in SIGNS {
        text.push_str(&sign.repeat(number / value));
        number %= value;
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_the_formats_of_word() {
        let check = |format: &str, numbers: &[usize], expected: &str| {
            let texts: Vec<String> = numbers.iter().map(|it| written(*it, format).unwrap_or("?".to_owned())).collect();
            assert_eq!(texts.join(" "), expected, "{format}");
        };
        let counts = [1, 10, 12, 20, 35, 100, 105, 110, 1020];
        check("chineseCountingThousand", &counts, "一 十 十二 二十 三十五 一百 一百零五 一百一十 一千零二十");
        check("chineseLegalSimplified", &[1, 10, 21], "壹 拾 贰拾壹");
        check("decimalEnclosedCircleChinese", &[1, 20, 21], "① ⑳ ?");
        check("ideographTraditional", &[1, 10, 11], "甲 癸 ?");
        check("ideographDigital", &[3, 10], "三 一〇");
        check("decimalFullWidth", &[10], "１０");
        check("upperLetter", &[1, 26, 27], "A Z AA");
        check("lowerRoman", &[4, 9, 14], "iv ix xiv");
        check("hebrew1", &[1], "?");
    }
}
