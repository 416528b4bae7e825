//! Dates that do not exist (`11月31日`), and dates beside another weekday than theirs (`2026年11月21日（星期五）`).
//!
//! A date without a year is the one nearest to the day of the item; nobody can tell the year of one that is far from it.
//! Start at [`wrong`].

use std::ops::Range;

use jiff::civil::Date;

use crate::script::is_han;

/// What is wrong with a date.
#[derive(Debug, PartialEq, Eq)]
pub enum Slip {
    Missing,
    /// The weekday that stands there, and the date that has another.
    Weekday(char, Date),
}

/// From Monday on.
const WEEKDAYS: [char; 7] = ['一', '二', '三', '四', '五', '六', '日'];
/// How far from its item a date without a year may be, in days.
const FAR: i32 = 150;

/// The wrong dates of a text that was written on a day.
pub fn wrong(text: &str, written: Option<Date>) -> Vec<(Range<usize>, Slip)> {
    let of_date = |(end, mark): (usize, &str)| {
        let named = Named::before(&text[..end])?;
        if !named.may_exist() {
            return Some((named.start..end + mark.len(), Slip::Missing));
        }
        let behind = &text[end + mark.len()..];
        let (weekday, length) = weekday(behind)?;
        let date = named.date(written)?;
        let part = named.start..end + mark.len() + length;
        (weekday != weekday_of(date)).then_some((part, Slip::Weekday(weekday, date)))
    };
    text.match_indices('日').filter_map(of_date).collect()
}

/// The weekday of a date: `六`.
pub fn weekday_of(date: Date) -> char {
    WEEKDAYS[date.weekday().to_monday_zero_offset() as usize]
}

#[derive(Clone, Copy)]
enum Year {
    Given(i16),
    Nearest,
    /// 去年, 当年
    Unknown,
}

struct Named {
    start: usize,
    year: Year,
    month: i8,
    day: i8,
    /// Whether it ends a period, whose weekdays may be those of every week.
    ends_period: bool,
}

impl Named {
    /// The date that ends with a text, without its 日.
    fn before(text: &str) -> Option<Self> {
        let (rest, day) = number_at_end(text, 2)?;
        let (rest, month) = number_at_end(rest.trim_end().strip_suffix('月')?, 2)?;
        let (rest, year) = match rest.trim_end().strip_suffix('年') {
            Some(before) => match number_at_end(before, 4).filter(|(_, year)| *year >= 1900) {
                Some((before, year)) => (before, Year::Given(year)),
                None if before.ends_with('今') => (rest, Year::Nearest),
                None => (rest, Year::Unknown),
            },
            None => (rest, Year::Nearest),
        };
        if ["农历", "阴历", "旧历"].iter().any(|calendar| rest.trim_end().ends_with(calendar)) {
            return None;
        }
        let ends_period = rest.trim_end().ends_with(['至', '到', '—', '–', '-', '～', '~', '－']);
        Some(Self { start: rest.len(), year, month: month as i8, day: day as i8, ends_period })
    }

    fn may_exist(&self) -> bool {
        const LEAP: i16 = 2000;
        let year = if let Year::Given(year) = self.year { year } else { LEAP };
        Date::new(year, self.month, self.day).is_ok()
    }

    fn date(&self, written: Option<Date>) -> Option<Date> {
        let of_year = |year| Date::new(year, self.month, self.day).ok();
        match self.year {
            _ if self.ends_period => None,
            Year::Given(year) => of_year(year),
            Year::Unknown => None,
            Year::Nearest => {
                let written = written?;
                let distance = |date: &Date| written.until(*date).map_or(i32::MAX, |span| span.get_days().abs());
                let years = [written.year() - 1, written.year(), written.year() + 1];
                years.into_iter().filter_map(of_year).min_by_key(distance).filter(|date| distance(date) <= FAR)
            }
        }
    }
}

/// The number at the end of a text, and what stands before it.
fn number_at_end(text: &str, digits: usize) -> Option<(&str, i16)> {
    let text = text.trim_end();
    let rest = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = &text[rest.len()..];
    (number.len() <= digits).then(|| number.parse().ok()).flatten().map(|number| (rest, number))
}

/// The weekday with which a text begins, and its length: `（星期五）`, `周五上午`; not `（周六、周日）`, nor the name 周一鸣.
fn weekday(text: &str) -> Option<(char, usize)> {
    let inner = text.trim_start_matches([' ', '（', '(']);
    let is_in_brackets = text.trim_start().starts_with(['（', '(']);
    let rest = ["星期", "周", "礼拜"].iter().find_map(|word| inner.strip_prefix(word))?;
    let c = rest.chars().next()?;
    let weekday = if c == '天' { '日' } else { c };
    let behind = rest[c.len_utf8()..].chars().next();
    let goes_on = behind.is_some_and(|c| "、至到—–-～~和及与或/".contains(c));
    let is_alone = behind.is_none_or(|c| is_in_brackets || !is_han(c) || "上下中早晚凌全的".contains(c));
    let end = text.len() - rest.len() + c.len_utf8();
    (WEEKDAYS.contains(&weekday) && !goes_on && is_alone).then_some((weekday, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let written = Date::new(2026, 11, 24).ok();
        let found: Vec<&str> = wrong(text, written).into_iter().map(|(part, _)| &text[part]).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn dates_that_do_not_exist_are_found() {
        check("11月31日，集市开市。", &["11月31日"]);
        check("截至2026年2月29日，13月1日", &["2026年2月29日", "13月1日"]);
        check("2024年2月29日、2月29日、农历2月30日、12 月 31 日、100月1日、第31日", &[]);
    }

    #[test]
    fn other_weekdays_are_found() {
        check("11月21日（星期五）上午", &["11月21日（星期五"]);
        check("2025年11月21日(周六)", &["2025年11月21日(周六"]);
        check("2026 年 11 月 21 日 礼拜天", &["2026 年 11 月 21 日 礼拜天"]);
        check("1月1日周四上午", &["1月1日周四"]);
        for right in [
            "11月21日（星期六）上午、11月22日周日、11月29日礼拜天，2025年11月21日（周五）",
            "12月12日—12月13日（周六、周日）",
            "12月1日至12月31日（周六）9:00",
            "去年11月21日（周五）",
            "6月1日（周日）",
            "11月21日周一鸣同志",
            "11月21日一周",
        ] {
            check(right, &[]);
        }
    }
}
