//! Dates and times as editors type them.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A date, perhaps with a time of day, in the site's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment {
    /// Seconds since 1970: the beginning of the day where no time was given.
    pub seconds: i64,
    /// What the clock on the wall shows.
    pub local: DateTime,
    /// Seconds east of Greenwich.
    pub offset: i32,
    pub has_time: bool,
}

/// As seconds, offset and whether it has a time: what the clock on the wall shows follows from these.
impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.seconds, self.local.subsec_nanosecond(), self.offset, self.has_time).serialize(serializer)
    }
}

impl<'d> Deserialize<'d> for Moment {
    fn deserialize<D: Deserializer<'d>>(deserializer: D) -> Result<Self, D::Error> {
        let (seconds, nanoseconds, offset, has_time) = <(i64, i32, i32, bool)>::deserialize(deserializer)?;
        let timestamp = Timestamp::new(seconds, nanoseconds).map_err(D::Error::custom)?;
        let local = Offset::from_seconds(offset).map_err(D::Error::custom)?.to_datetime(timestamp);
        Ok(Self { seconds, local, offset, has_time })
    }
}

/// Why a text is not a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotADate {
    /// It has none of the forms.
    Form,
    /// It has the form, but the day or hour does not exist (2026-02-30).
    Impossible,
}

impl Moment {
    /// Reads `2020-04-13`, `2020-04-13 09:30`, `2020年4月13日`, `2020/4/13`, `2020.4.13`, each also with
    /// a time (`9:30`, `09:30:15`, `9时30分`), and RFC 3339. Full-width digits and colons are folded.
    ///
    /// # Errors
    /// [`NotADate`].
    pub fn parse(text: &str, zone: &TimeZone) -> Result<Self, NotADate> {
        let text: String = text.trim().chars().map(fold).collect();
        let mut rest = text.as_str();
        let year = number(&mut rest, 4..=4).ok_or(NotADate::Form)?;
        let separator = rest.chars().next().filter(|c| "-/.年".contains(*c)).ok_or(NotADate::Form)?;
        rest = &rest[separator.len_utf8()..];
        let month = number(&mut rest, 1..=2).ok_or(NotADate::Form)?;
        let second_separator = if separator == '年' { '月' } else { separator };
        rest = rest.strip_prefix(second_separator).ok_or(NotADate::Form)?;
        let day = number(&mut rest, 1..=2).ok_or(NotADate::Form)?;
        if separator == '年' {
            rest = rest.strip_prefix(['日', '号']).ok_or(NotADate::Form)?;
        }
        let date = Date::new(small(year)?, small(month)?, small(day)?).map_err(|_| NotADate::Impossible)?;
        let separated = rest.trim_start_matches([' ', 'T', 't']);
        if separated.is_empty() {
            return Self::at(date.at(0, 0, 0, 0), false, None, zone);
        }
        if separated.len() == rest.len() && separator != '年' {
            return Err(NotADate::Form);
        }
        let (time, rest) = time_of_day(separated)?;
        Self::at(date.to_datetime(time), true, offset(rest)?, zone)
    }

    /// The usual form of what `2026年11月20日（周五）下午2时` means; `None` for what is no such date, or several.
    pub fn meant_by(text: &str) -> Option<String> {
        let text: String = text.trim().chars().map(fold).collect();
        let mut rest = text.as_str();
        let date_ends = ['年', '月', '-', '/', '.'];
        let (year, month) = (number_before(&mut rest, &date_ends)?, number_before(&mut rest, &date_ends)?);
        let day = number_before(&mut rest, &[])?;
        let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
        let has_several = text.contains(['至', '到', '—', '–', '~', '～', '、']);
        if year < 1000 || has_several {
            return None;
        }
        let has_time = rest.contains(|c: char| c.is_ascii_digit() || "点时半:".contains(c));
        if !has_time {
            return Some(date.to_string());
        }
        let is_late = ["下午", "晚"].iter().any(|word| rest.contains(word));
        let hour = number_before(&mut rest, &['时', '点', ':'])?;
        let hour = if is_late && hour < 12 { hour + 12 } else { hour };
        let minute = if rest.contains('半') { 30 } else { number_before(&mut rest, &[]).unwrap_or(0) };
        let is_time = (0..24).contains(&hour) && (0..60).contains(&minute);
        is_time.then(|| format!("{date} {hour:02}:{minute:02}"))
    }

    fn at(local: DateTime, has_time: bool, offset: Option<Offset>, zone: &TimeZone) -> Result<Self, NotADate> {
        let timestamp = match offset {
            Some(offset) => offset.to_timestamp(local),
            None => zone.to_timestamp(local),
        };
        let timestamp = timestamp.map_err(|_| NotADate::Impossible)?;
        Ok(Self { has_time, ..Self::from_timestamp(timestamp, zone) })
    }

    /// The moment of a clock, to the second.
    pub fn from_timestamp(timestamp: Timestamp, zone: &TimeZone) -> Self {
        Self {
            seconds: timestamp.as_second(),
            local: zone.to_datetime(timestamp),
            offset: zone.to_offset(timestamp).seconds(),
            has_time: true,
        }
    }

    /// The last second that still belongs to it: for a date without a time, the end of that day.
    pub fn end(&self) -> i64 {
        if self.has_time { self.seconds } else { self.seconds + 24 * 60 * 60 - 1 }
    }

    /// `2020-01-29`
    pub fn iso(&self) -> String {
        let mut text = String::with_capacity(10);
        self.push_date(&mut text);
        text
    }

    /// `2020年1月29日`
    pub fn chinese(&self) -> String {
        let mut text = String::with_capacity(17);
        push(&mut text, i32::from(self.local.year()), 1);
        for (number, unit) in [(self.local.month(), "年"), (self.local.day(), "月")] {
            text.push_str(unit);
            push(&mut text, i32::from(number), 1);
        }
        text.push('日');
        text
    }

    /// `09:30`
    pub fn clock(&self) -> String {
        let mut text = String::with_capacity(5);
        self.push_clock(&mut text);
        text
    }

    /// `2020-01-29T09:30:00+08:00`, as RFC 3339 has it.
    pub fn rfc3339(&self) -> String {
        let mut text = self.local_seconds();
        let minutes = self.offset.abs() / 60;
        text.push(if self.offset < 0 { '-' } else { '+' });
        push(&mut text, minutes / 60, 2);
        text.push(':');
        push(&mut text, minutes % 60, 2);
        text
    }

    /// `2020-01-29T09:30:00`, as Baidu wants it.
    pub fn local_seconds(&self) -> String {
        let mut text = String::with_capacity(25);
        self.push_date(&mut text);
        text.push('T');
        self.push_clock(&mut text);
        text.push(':');
        push(&mut text, i32::from(self.local.second()), 2);
        text
    }

    fn push_date(&self, text: &mut String) {
        push(text, i32::from(self.local.year()), 4);
        for number in [self.local.month(), self.local.day()] {
            text.push('-');
            push(text, i32::from(number), 2);
        }
    }

    fn push_clock(&self, text: &mut String) {
        push(text, i32::from(self.local.hour()), 2);
        text.push(':');
        push(text, i32::from(self.local.minute()), 2);
    }
}

/// Appends a number that is not below zero, with zeros before it up to `width`. Every page tells several dates in several
/// forms, and the formatting machinery is ten times slower.
fn push(text: &mut String, number: i32, width: usize) {
    let digit = |number: i32| char::from(b'0' + (number % 10) as u8);
    if number >= 100 || width > 2 {
        push(text, number / 100, width.saturating_sub(2));
        return push(text, number % 100, 2);
    }
    if number >= 10 || width > 1 {
        text.push(digit(number / 10));
    }
    text.push(digit(number));
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(16);
        self.push_date(&mut text);
        text.push(' ');
        self.push_clock(&mut text);
        f.write_str(&text)
    }
}

/// A time zone by its IANA name or as an offset such as `+08:00`.
pub fn time_zone(name: &str) -> Option<TimeZone> {
    if let Ok(Some(offset)) = offset(name) {
        return Some(offset.to_time_zone());
    }
    TimeZone::get(name).ok()
}

/// Full-width digits, colon, hyphen and space become plain ones.
fn fold(c: char) -> char {
    match c {
        '０'..='９' | '：' | '－' | '／' | '．' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' => ' ',
        _ => c,
    }
}

/// The next number of a text, if one of these characters stands behind it (any, where none is given).
fn number_before(rest: &mut &str, ends: &[char]) -> Option<i16> {
    let behind = &rest[rest.find(|c: char| c.is_ascii_digit())?..];
    let end = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
    *rest = &behind[end..];
    let is_wanted = end <= 4 && (ends.is_empty() || rest.starts_with(ends));
    is_wanted.then(|| behind[..end].parse().ok()).flatten()
}

/// Takes a run of digits off the front of `rest`, if its length is allowed.
fn number(rest: &mut &str, digits: std::ops::RangeInclusive<usize>) -> Option<u32> {
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (head, tail) = rest.split_at(length);
    *rest = tail;
    if digits.contains(&length) { head.parse().ok() } else { None }
}

fn small<T: TryFrom<u32>>(number: u32) -> Result<T, NotADate> {
    T::try_from(number).map_err(|_| NotADate::Impossible)
}

/// `9:30`, `09:30:15`, `9时30分` or `9点`, and what follows it.
fn time_of_day(text: &str) -> Result<(Time, &str), NotADate> {
    let mut rest = text;
    let hour = number(&mut rest, 1..=2).ok_or(NotADate::Form)?;
    let chinese = rest.starts_with(['时', '点']);
    rest = rest.strip_prefix([':', '时', '点']).ok_or(NotADate::Form)?;
    let minute = match number(&mut rest, 1..=2) {
        Some(minute) => minute,
        None if chinese => 0,
        None => return Err(NotADate::Form),
    };
    rest = if chinese { rest.strip_prefix('分').unwrap_or(rest) } else { rest };
    let mut second = 0;
    if let Some(after) = rest.strip_prefix(':') {
        rest = after;
        second = number(&mut rest, 2..=2).ok_or(NotADate::Form)?;
        if let Some(after) = rest.strip_prefix('.') {
            rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
        }
    }
    let time = Time::new(small(hour)?, small(minute)?, small(second)?, 0).map_err(|_| NotADate::Impossible)?;
    Ok((time, rest))
}

/// `Z`, `+08:00`, `+0800`, or nothing.
fn offset(text: &str) -> Result<Option<Offset>, NotADate> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if matches!(text, "Z" | "z") {
        return Ok(Some(Offset::UTC));
    }
    let (sign, mut rest) = match text.split_at_checked(1) {
        Some(("+", rest)) => (1, rest),
        Some(("-", rest)) => (-1, rest),
        _ => return Err(NotADate::Form),
    };
    if rest.len() == 4 && rest.bytes().all(|byte| byte.is_ascii_digit()) {
        let (hours, minutes) = rest.split_at(2);
        return offset(&format!("{}{hours}:{minutes}", if sign < 0 { '-' } else { '+' }));
    }
    let hours = number(&mut rest, 1..=2).ok_or(NotADate::Form)?;
    let rest_after = rest.strip_prefix(':').ok_or(NotADate::Form)?;
    rest = rest_after;
    let minutes = number(&mut rest, 2..=2).ok_or(NotADate::Form)?;
    if !rest.is_empty() {
        return Err(NotADate::Form);
    }
    // RFC 3339 knows no hour behind 23.
    if minutes > 59 || hours > 23 {
        return Err(NotADate::Impossible);
    }
    let seconds: i32 = small(hours * 3600 + minutes * 60)?;
    Offset::from_seconds(sign * seconds).map(Some).map_err(|_| NotADate::Impossible)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, NotADate>) {
        let zone = time_zone("Asia/Shanghai").expect("the bundled data has it");
        let read = Moment::parse(text, &zone).map(|moment| moment.rfc3339());
        assert_eq!(read, expected.map(str::to_owned), "{text}");
    }

    #[test]
    fn reads_what_editors_type() {
        check("2020-04-13", Ok("2020-04-13T00:00:00+08:00"));
        check("2020-04-13 09:30", Ok("2020-04-13T09:30:00+08:00"));
        check("2020年4月13日", Ok("2020-04-13T00:00:00+08:00"));
        check("2020年4月13日 9时30分", Ok("2020-04-13T09:30:00+08:00"));
        check("2020年4月13日9点", Ok("2020-04-13T09:00:00+08:00"));
        check("2020/4/13", Ok("2020-04-13T00:00:00+08:00"));
        check("2020.4.13 9:30", Ok("2020-04-13T09:30:00+08:00"));
        check("２０２０－０４－１３　０９：３０", Ok("2020-04-13T09:30:00+08:00"));
        check("2020-04-13T01:30:00Z", Ok("2020-04-13T09:30:00+08:00"));
        check("2020-04-13T09:30:00.25+08:00", Ok("2020-04-13T09:30:00+08:00"));
    }

    #[test]
    fn tells_a_date_in_every_form() {
        let zone = time_zone("Asia/Shanghai").expect("the bundled data has it");
        let moment = Moment::parse("2020-04-03 09:05:07", &zone).expect("a date");
        let forms = [moment.iso(), moment.chinese(), moment.clock(), moment.local_seconds(), moment.to_string()];
        assert_eq!(forms, ["2020-04-03", "2020年4月3日", "09:05", "2020-04-03T09:05:07", "2020-04-03 09:05"]);
        let old = Moment::parse("0987-12-31", &zone).expect("a date");
        assert_eq!([old.iso(), old.chinese()], ["0987-12-31", "987年12月31日"]);
        assert!(time_zone("+25:00").is_none() && time_zone("+14:00").is_some());
        let west = Moment::parse("2020-04-03", &time_zone("-03:30").expect("an offset")).expect("a date");
        assert_eq!(west.rfc3339(), "2020-04-03T00:00:00-03:30");
    }

    #[test]
    fn refuses_what_is_no_date() {
        check("2026-02-30", Err(NotADate::Impossible));
        check("2026-13-01", Err(NotADate::Impossible));
        check("2026-01-01 25:00", Err(NotADate::Impossible));
        check("昨天", Err(NotADate::Form));
        check("2026-01", Err(NotADate::Form));
        check("2026-01/02", Err(NotADate::Form));
        check("2026-01-0112:00", Err(NotADate::Form));
        check("", Err(NotADate::Form));
    }
}
