//! Numbers at the head of a paragraph: 一、 → （一） → 1. → （1）, and the slips that are made with them.
//!
//! Start at [`Numbered::read`].

use crate::parse::numerals::{self, chinese};

/// A paragraph's number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    /// 1 for 一、 to 4 for （1）.
    pub level: usize,
    pub number: u32,
    /// The bytes of the number and its marks.
    pub length: usize,
    pub is_right: bool,
}

impl Numbered {
    /// Reads the number that a text begins with, in whatever form it is written.
    pub fn read(text: &str) -> Option<Self> {
        let (open, rest) = match text.chars().next()? {
            c @ ('（' | '(') => (Some(c), &text[c.len_utf8()..]),
            _ => (None, text),
        };
        let (number, is_chinese, digits) = number(rest)?;
        let behind = &rest[digits..];
        let start = text.len() - behind.len();
        let Some(open) = open else { return Self::plain(number, is_chinese, behind, start) };
        let close = behind.chars().next().filter(|c| matches!(c, '）' | ')'))?;
        let after = &behind[close.len_utf8()..];
        let mark = after.chars().next().filter(|c| "、.．，,".contains(*c));
        let length = start + close.len_utf8() + mark.map_or(0, char::len_utf8);
        let is_right = (open, close, mark) == ('（', '）', None);
        Some(Self { level: if is_chinese { 2 } else { 4 }, number, length, is_right })
    }

    fn plain(number: u32, is_chinese: bool, behind: &str, start: usize) -> Option<Self> {
        let mark = behind.chars().next()?;
        let after = behind[mark.len_utf8()..].chars().next();
        let (level, right, wrong) = if is_chinese { (1, '、', ".．") } else { (3, '.', "、．") };
        let rest = &behind[mark.len_utf8()..];
        // `1.5` is a quantity, `1.` a number, also before a date; 三、四年级 are two of many.
        let is_number = mark == right || wrong.contains(mark);
        let goes_on = after.is_some_and(|c| match is_chinese {
            true => self::number(rest).is_none_or(|(next, ..)| next != number + 1),
            false => !c.is_ascii_digit() || begins_with_date(rest),
        });
        let is_number = is_number && goes_on;
        is_number.then(|| Self { level, number, length: start + mark.len_utf8(), is_right: mark == right })
    }

    /// How it is to be written.
    pub fn form(&self) -> String {
        match self.level {
            1 => format!("{}、", chinese(self.number)),
            2 => format!("（{}）", chinese(self.number)),
            3 => format!("{}.", self.number),
            _ => format!("（{}）", self.number),
        }
    }
}

/// 2026年…, 12月5日….
fn begins_with_date(text: &str) -> bool {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let behind = &text[digits..];
    let day = behind.strip_prefix('月').is_some_and(|day| day.starts_with(|c: char| c.is_ascii_digit()));
    digits == 4 && behind.starts_with('年') || digits <= 2 && day
}

/// A number of one or two digits at the head of a text, whether it is Chinese, and its bytes.
fn number(text: &str) -> Option<(u32, bool, usize)> {
    let arabic = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    if (1..=2).contains(&arabic) {
        return Some((text[..arabic].parse().ok()?, false, arabic));
    }
    let end = text.find(|c: char| !numerals::is_numeral(c)).unwrap_or(text.len());
    Some((numerals::value(&text[..end])?, true, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_every_form() {
        let cases = [
            ("一、总体要求", Some((1, 1, true))),
            ("十二、其他", Some((1, 12, true))),
            ("二十、其他", Some((1, 20, true))),
            ("一.总体要求", Some((1, 1, false))),
            ("（一）开展走访", Some((2, 1, true))),
            ("(一)开展走访", Some((2, 1, false))),
            ("（三）、开展走访", Some((2, 3, false))),
            ("1.对独居老人", Some((3, 1, true))),
            ("1. 对独居老人", Some((3, 1, true))),
            ("1、对独居老人", Some((3, 1, false))),
            ("（1）涉及水电的", Some((4, 1, true))),
            ("(1)涉及水电的", Some((4, 1, false))),
            ("（1）、涉及水电的", Some((4, 1, false))),
            ("1.5万人参加", None),
            ("1.5个月内完成", None),
            ("1.12月5日前完成", Some((3, 1, true))),
            ("2.2026年以来", Some((3, 2, true))),
            ("三、四年级学生", None),
            ("一、二等奖各两名", None),
            ("二、五大行动", Some((1, 2, true))),
            ("12月20日前", None),
            ("2026年", None),
            ("一座城市", None),
            ("一是加强领导", None),
            ("（注）", None),
            ("（2026）", None),
            ("十", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let found = Numbered::read(text).map(|found| (found.level, found.number, found.is_right));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn the_right_form_is_told() {
        for (text, form) in [
            ("一.", "一、"),
            ("(十一)、甲", "（十一）"),
            ("2、甲", "2."),
            ("(3)甲", "（3）"),
            ("二十一.甲", "二十一、"),
        ] {
            let text = format!("{text}甲");
            assert_eq!(Numbered::read(&text).map(|found| found.form()).as_deref(), Some(form), "{text}");
        }
    }
}
