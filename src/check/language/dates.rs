//! Dates that do not exist (`11月31日`), beside another weekday than theirs (`2026年11月21日（星期五）`), and periods that end before
//! they begin (`11月28日至20日`).
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
    /// A period whose last day is before its first.
    Backwards,
}

/// From Monday on.
const WEEKDAYS: [char; 7] = ['一', '二', '三', '四', '五', '六', '日'];
/// Behind the number of a day.
const DAY: [char; 2] = ['日', '号'];
/// How far from its item a date without a year may be, in days.
const FAR: i32 = 150;
/// Between the first and the last day of a period, or of its weekdays.
const TO: [char; 9] = ['至', '到', '—', '–', '-', '～', '~', '－', '―'];
/// Between two days of a list.
const AND: [char; 6] = ['、', '和', '及', '与', '或', '/'];

/// The wrong dates of a text that was written on a day, in its order.
pub fn wrong(text: &str, written: Option<Date>) -> Vec<(Range<usize>, Slip)> {
    let mut found: Vec<(Range<usize>, Slip)> = text
        .match_indices(DAY)
        .filter_map(|(end, mark)| of_day(text, end + mark.len()))
        .chain(Weekdays::all(text).filter_map(|weekdays| weekdays.slip(text, written)))
        .collect();
    found.sort_by_key(|(part, _)| part.start);
    // Its weekday says nothing of a day that is wrong in itself.
    found.dedup_by(|later, earlier| later.0.start < earlier.0.end);
    found
}

/// What is wrong with a date, or the period it ends, whatever its weekday.
fn of_day(text: &str, end: usize) -> Option<(Range<usize>, Slip)> {
    let days = Days::before(&text[..end])?;
    let last = days.last;
    if !last.may_exist() {
        return Some((last.start..end, Slip::Missing));
    }
    let (first, joint) = days.first?;
    let is_backwards = match (first.year, last.year) {
        (Year::Given(year), Year::Given(last_year)) => {
            (last_year, last.month, last.day) < (year, first.month, first.day)
        }
        // The next turn of the year may lie between two months.
        _ => first.month == last.month && last.day < first.day,
    };
    (joint == Joint::To && is_backwards).then_some((first.start..end, Slip::Backwards))
}

/// The weekday of a date: `六`.
pub fn weekday_of(date: Date) -> char {
    WEEKDAYS[date.weekday().to_monday_zero_offset() as usize]
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Year {
    Given(i16),
    Nearest,
    /// 去年, 当年
    Unknown,
}

/// How two days, or two weekdays, belong together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joint {
    To,
    And,
}

impl Joint {
    fn of(c: char) -> Option<Self> {
        let to = TO.contains(&c).then_some(Self::To);
        to.or_else(|| AND.contains(&c).then_some(Self::And))
    }

    /// That with which a text ends, and what stands before it.
    fn at_end(text: &str) -> Option<(&str, Self)> {
        let text = text.trim_end();
        let joint = Self::of(text.chars().next_back()?)?;
        Some((text.trim_end_matches(|c| Self::of(c) == Some(joint)), joint))
    }
}

#[derive(Clone, Copy)]
struct Named {
    start: usize,
    year: Year,
    month: i8,
    day: i8,
}

impl Named {
    /// The date with which a text ends: `2026年11月21日`, `11月21日`, `2026-11-21`.
    fn before(text: &str) -> Option<Self> {
        let text = text.trim_end();
        let Some(days) = text.strip_suffix(DAY) else { return Self::in_digits(text) };
        let (rest, day) = number_at_end(days, 2)?;
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
        Some(Self { start: rest.len(), year, month: month as i8, day: day as i8 })
    }

    fn in_digits(text: &str) -> Option<Self> {
        let (rest, day) = digits_at_end(text, 2)?;
        let sign = rest.chars().next_back().filter(|c| matches!(c, '-' | '.' | '/'))?;
        let (rest, month) = digits_at_end(rest.strip_suffix(sign)?, 2)?;
        let (rest, year) = digits_at_end(rest.strip_suffix(sign)?, 4).filter(|(_, year)| *year >= 1900)?;
        let is_whole = !rest.ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '/'));
        is_whole.then_some(Self { start: rest.len(), year: Year::Given(year), month: month as i8, day: day as i8 })
    }

    fn may_exist(&self) -> bool {
        const LEAP: i16 = 2000;
        let year = if let Year::Given(year) = self.year { year } else { LEAP };
        Date::new(year, self.month, self.day).is_ok()
    }

    fn date(&self, written: Option<Date>) -> Option<Date> {
        let of_year = |year| Date::new(year, self.month, self.day).ok();
        match self.year {
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

/// The years that a text names, in which its dates may be: `2025年`, `去年`.
fn years(text: &str, written: Option<Date>) -> impl Iterator<Item = i16> {
    text.match_indices('年').filter_map(move |(at, _)| {
        let before = &text[..at];
        let distance = match before.chars().next_back()? {
            '前' => -2,
            '去' | '上' => -1,
            '明' | '次' | '翌' => 1,
            _ => return digits_at_end(before, 4).map(|(_, year)| year).filter(|year| *year >= 1900),
        };
        Some(written?.year() + distance)
    })
}

/// A day, or two that belong together: `11月28日`, `11月28日、29日`, `11月28日—12月3日`.
struct Days {
    first: Option<(Named, Joint)>,
    /// Whether the first one has a bracket of its own: `11月28日（周六）、29日`.
    is_apart: bool,
    last: Named,
}

/// How many days before the last one of a list are looked at for their month.
const LONGEST_LIST: usize = 8;

impl Days {
    /// Those with which a text ends.
    fn before(text: &str) -> Option<Self> {
        Self::of_list(text, LONGEST_LIST)
    }

    fn of_list(text: &str, most: usize) -> Option<Self> {
        let text = text.trim_end();
        if let Some(last) = Named::before(text) {
            let first = Self::joined(&text[..last.start], 0);
            let is_apart = first.is_some_and(|(_, _, is_apart)| is_apart);
            return Some(Self { first: first.map(|(first, joint, _)| (first, joint)), is_apart, last });
        }
        // `11月28日到3号楼` names no day.
        let (rest, day) = number_at_end(text.strip_suffix('日')?, 2)?;
        let (first, joint, is_apart) = Self::joined(rest, most)?;
        // The day is one of the first one's month: `11月28日至29日`.
        let last = Named { start: rest.len(), day: day as i8, ..first };
        Some(Self { first: Some((first, joint)), is_apart, last })
    }

    /// The day with which a text ends, what joins it to the next one, and whether a bracket stands between them. Its 日 may be
    /// left out (`11月28、29日`), or its month where a day before has it (`11月28日、29日、30日`).
    fn joined(text: &str, most: usize) -> Option<(Named, Joint, bool)> {
        let (rest, joint) = Joint::at_end(text)?;
        let day = without_time(rest);
        let first = Named::before(day)
            .or_else(|| Named::before(&format!("{day}日")))
            .or_else(|| Some(Self::of_list(day, most.checked_sub(1)?)?.last))?;
        Some((first, joint, rest[day.len()..].contains(['（', '('])))
    }
}

/// A text without a time of the day or a bracket at its end: `11月28日上午`, `11月28日9:00`, `11月28日（周六）`.
fn without_time(text: &str) -> &str {
    const PARTS: [&str; 11] = ["上午", "下午", "中午", "晚上", "早上", "早晨", "清晨", "傍晚", "凌晨", "全天", "晚"];
    let part = |text| PARTS.iter().find_map(|part| str::strip_suffix(text, part));
    let mut rest = text.trim_end();
    while let Some(before) = part(rest).or_else(|| without_hours(rest)).or_else(|| without_bracket(rest)) {
        rest = before.trim_end();
    }
    if rest.ends_with(DAY) { rest } else { text }
}

/// A text without the hours at its end: `9:00—11:30`, `9时`. Numbers alone are none.
fn without_hours(text: &str) -> Option<&str> {
    let is_part =
        |c: char| c.is_ascii_digit() || matches!(c, ':' | '：' | '时' | '点' | '分' | '半' | ' ') || TO.contains(&c);
    let rest = text.trim_end_matches(is_part);
    let hours = &text[rest.len()..];
    let is_time = hours.contains([':', '：', '时', '点']) || !hours.contains(|c: char| c.is_ascii_digit());
    (is_time && !hours.is_empty()).then_some(rest)
}

/// A text without the bracket at its end.
fn without_bracket(text: &str) -> Option<&str> {
    const LONGEST: usize = 60;
    let inner = text.strip_suffix(['）', ')'])?;
    let near = inner.floor_char_boundary(inner.len().saturating_sub(LONGEST));
    inner[near..].rfind(['（', '(']).map(|open| &text[..near + open])
}

/// What stands before the bracket with which a text ends: `11月28日（`, `11月28日（本`.
fn before_bracket(text: &str) -> Option<&str> {
    let text = text.trim_end();
    text.strip_suffix(['本', '上', '下']).unwrap_or(text).strip_suffix(['（', '('])
}

/// The number at the end of a text, and what stands before it.
fn number_at_end(text: &str, digits: usize) -> Option<(&str, i16)> {
    digits_at_end(text.trim_end(), digits)
}

/// The same where no space may stand behind it.
fn digits_at_end(text: &str, digits: usize) -> Option<(&str, i16)> {
    let rest = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = &text[rest.len()..];
    (number.len() <= digits).then(|| number.parse().ok()).flatten().map(|number| (rest, number))
}

/// One weekday, or two that belong together: `（星期五）`, `周五上午`, `（周六、周日）`; not the name 周一鸣, nor more of them.
struct Weekdays {
    range: Range<usize>,
    first: Option<(char, Joint)>,
    last: char,
    /// Whether a bracket stands before them.
    is_in_brackets: bool,
}

impl Weekdays {
    /// All of a text.
    fn all(text: &str) -> impl Iterator<Item = Self> {
        let mut from = 0;
        let starts = text.match_indices(['星', '周', '礼']).map(|(at, _)| at);
        starts.filter_map(move |at| {
            let weekdays = Self::at(text, at).filter(|weekdays| weekdays.range.start >= from)?;
            from = weekdays.range.end;
            Some(weekdays)
        })
    }

    fn at(text: &str, start: usize) -> Option<Self> {
        let is_in_brackets = before_bracket(&text[..start]).is_some();
        let (one, mut end) = Self::one(text, start)?;
        let (mut first, mut last) = (None, one);
        let joint = |at: usize| text[at..].chars().next().and_then(|c| Some((Joint::of(c)?, at + c.len_utf8())));
        if let Some((joint_of_both, next)) = joint(end) {
            let (second, second_end) = Self::one(text, next)?;
            if joint(second_end).is_some() {
                return None;
            }
            (first, last, end) = (Some((one, joint_of_both)), second, second_end);
        }
        let behind = text[end..].chars().next();
        // 周日均 is a mean of weeks and days.
        let is_alone =
            behind.is_none_or(|c| is_in_brackets && c != '均' || !is_han(c) || "上下中早晚凌全的".contains(c));
        is_alone.then_some(Self { range: start..end, first, last, is_in_brackets })
    }

    /// The weekday that stands at a byte, and where it ends.
    fn one(text: &str, at: usize) -> Option<(char, usize)> {
        let rest = ["星期", "周", "礼拜"].iter().find_map(|word| text[at..].strip_prefix(word))?;
        let c = rest.chars().next()?;
        let weekday = if c == '天' { '日' } else { c };
        WEEKDAYS.contains(&weekday).then_some((weekday, text.len() - rest.len() + c.len_utf8()))
    }

    /// The first of the days beside them that has another weekday.
    fn slip(self, text: &str, written: Option<Date>) -> Option<(Range<usize>, Slip)> {
        let (part, days) = self.days(text)?;
        let slip = |(named, weekday): (Named, char)| {
            let date = named.date(written)?;
            let is_right = |year| Date::new(year, named.month, named.day).is_ok_and(|date| weekday_of(date) == weekday);
            let is_of_another_year =
                || named.year == Year::Nearest && years(&text[..part.start], written).any(is_right);
            let is_wrong = weekday_of(date) != weekday && !is_of_another_year();
            is_wrong.then(|| (part.clone(), Slip::Weekday(weekday, date)))
        };
        let pairs = match (days.first.filter(|_| !days.is_apart), self.first) {
            (None, None) => vec![(days.last, self.last)],
            (Some((_, Joint::And)), None) if !self.is_in_brackets => vec![(days.last, self.last)],
            (Some((first, days_joint)), Some((weekday, joint))) => {
                let ends = (first.date(written), days.last.date(written));
                let span = if let (Some(first), Some(last)) = ends { first.until(last).ok() } else { None };
                // Those of a longer period may be the days of every week: 12月1日至31日（周六、周日）.
                let is_each = match (days_joint, joint) {
                    (Joint::And, Joint::And) => true,
                    (Joint::To, Joint::To) => span.is_some_and(|span| span.get_days() < 7),
                    _ => span.is_some_and(|span| span.get_days() == 1),
                };
                if is_each { vec![(first, weekday), (days.last, self.last)] } else { Vec::new() }
            }
            _ => Vec::new(),
        };
        pairs.into_iter().find_map(slip)
    }

    /// The days that they are those of, and the part of the text that has both: `11月28日（周六）`, `11月28日上午（周六）`,
    /// `周六（11月28日）`.
    fn days(&self, text: &str) -> Option<(Range<usize>, Days)> {
        let before = &text[..self.range.start];
        // A line may begin with a weekday that is none of the date above: `周六：9:00—12:00`.
        let is_parted = before.trim_end_matches(' ').ends_with('\n');
        let bare = before_bracket(before);
        let before = bare.map_or(before, without_time);
        if let Some(days) = Days::before(before).filter(|_| !is_parted) {
            let first = days.first.filter(|_| !days.is_apart);
            let start = first.map_or(days.last.start, |(first, _)| first.start);
            return Some((start..self.range.end, days));
        }
        let behind = &text[self.range.end..];
        let inner = behind.strip_prefix(['（', '('])?;
        let end = inner.find(['）', ')'])?;
        let days = Days::before(&inner[..end]).filter(|days| days.first.is_none() && days.last.start == 0)?;
        let end = text.len() - inner.len() + end;
        Some((self.range.start..end, days))
    }
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
        check("11月31号，第31号文件", &["11月31号"]);
        check("截至2026年2月29日，13月1日", &["2026年2月29日", "13月1日"]);
        check("11月30日、31日，11月30日至31日", &["31日", "31日"]);
        check("11月29日、30日、31日，11月30日（周一）、31日", &["31日", "31日"]);
        check("2024年2月29日、2月29日、农历2月30日、12 月 31 日、100月1日、第31日", &[]);
    }

    #[test]
    fn periods_that_end_before_they_begin_are_found() {
        check("报名时间：11月28日至20日", &["11月28日至20日"]);
        check("2026年11月28日9:00—11月8日17:00", &["2026年11月28日9:00—11月8日"]);
        check("2026年11月28日至2026年10月28日", &["2026年11月28日至2026年10月28日"]);
        check("2026年12月1日至2025年12月10日", &["2026年12月1日至2025年12月10日"]);
        check("11月28日（周六）9:00至20日", &["11月28日（周六）9:00至20日"]);
        check("11月28日1—8日、11月28日18:00—20:00，日场、11月28日到3号楼", &[]);
        check("12月20日至1月10日、11月8日—28日、2026年11月28日至2027年1月8日、11月28日、20日", &[]);
    }

    #[test]
    fn other_weekdays_are_found() {
        check("2026-11-21（星期五）、2026.11.21(周五)", &["2026-11-21（星期五", "2026.11.21(周五"]);
        check("11月21日上午（星期五）", &["11月21日上午（星期五"]);
        check("11月21日9:00—11:30（周五）", &["11月21日9:00—11:30（周五"]);
        check("本周五（11月21日）", &["周五（11月21日"]);
        check("11月21日、22日（周五、周六）", &["11月21日、22日（周五、周六"]);
        check("11月21日至22日（周五至周六）", &["11月21日至22日（周五至周六"]);
        check("11月20日—21日（周五、周日）", &["11月20日—21日（周五、周日"]);
        check("11月21日（星期五）上午", &["11月21日（星期五"]);
        check("2025年11月21日(周六)", &["2025年11月21日(周六"]);
        check("2026 年 11 月 21 日 礼拜天", &["2026 年 11 月 21 日 礼拜天"]);
        check("1月1日周四上午", &["1月1日周四"]);
        check("11月20日（周五）至22日（周六）", &["22日（周六"]);
        check("11月20日（周五）、21日9:00（周六）、22日（周一）", &["22日（周一"]);
        check("11月21日（本周五）", &["11月21日（本周五"]);
        check("2026年工作安排：11月21日（周五）", &["11月21日（周五"]);
        for right in [
            "11月21日（星期六）上午、11月22日周日、11月29日礼拜天，2025年11月21日（周五）",
            "12月12日—12月13日（周六、周日）",
            "12月1日至12月31日（周六）9:00",
            "去年11月21日（周五）",
            "6月1日（周日）",
            "2026-11-21（星期六）、2026/11/21 周六、1.2026-11-21（周五）",
            "11月21日上午9时（星期六）、本周六（11月21日）、每周六（11月28日起）",
            "11月21日、22日（周六、周日）、11月21日至27日（周六至周五）、11月1日至30日（周六、周日）",
            "11月16日、18日、20日（周一、周三、周五）",
            "11月21日、22日（周六）",
            "11月21日周一鸣同志",
            "11月21日一周",
            "2025年，启动于10月18日（周六），总结于11月21日（周五）",
            "2025年11月20日（周四）至11月21日（周五）、去年的11月22日（周六）",
            "11月20日（周五）至22日（周日）、11月21日（周六）和28日（周六）",
            "11月16日（周日均120人次）",
            "开馆日期：12月10日\n周一：闭馆",
        ] {
            check(right, &[]);
        }
    }
}
