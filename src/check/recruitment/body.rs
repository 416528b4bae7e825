//! What a recruitment post's text says beside its keys: another deadline, count, age or day of service.
//!
//! Only a value right behind its label is compared (`报名截止：12月5日`), and only where no value behind such a label is that
//! of the key: a post may tell of several rounds and positions. A count is read from a sentence too (`共招募20名志愿者`), where
//! nothing beside it makes one doubt what it counts. Start at [`differs`].

use std::ops::Range;

use jiff::civil::Date;

use super::BODY_DIFFERS;
use crate::check::rule::Finding;
use crate::check::subject::ItemFile;
use crate::diagnostic::Text;
use crate::parse::moment::Moment;
use crate::parse::passages::{Kind, Passage};
use crate::parse::recruitment::Recruitment;
use crate::script::is_han;

const DEADLINES: &[&str] = &["报名截止", "报名截至", "截止时间", "截止日期"];
const APPLYING: &[&str] = &["报名时间", "报名日期", "报名期限"];
const SERVICE: &[&str] = &["服务时间", "服务日期", "服务期限", "活动时间", "活动日期", "上岗时间"];
const COUNTS: &[&str] = &["招募人数", "招募总人数", "招募名额", "招募数量", "需求人数"];
const AGES: &[&str] = &["年龄"];
/// Words of a sentence before a count that is another one: of a part, of another time, or not exact.
const OTHER_COUNTS: [&str; 32] = [
    "已",
    "曾",
    "批",
    "每",
    "各",
    "另",
    "再",
    "还",
    "增",
    "补",
    "累计",
    "去年",
    "往年",
    "上年",
    "历年",
    "往届",
    "上届",
    "历届",
    "约",
    "近",
    "至少",
    "最多",
    "不少于",
    "不超过",
    "不低于",
    "全市",
    "全国",
    "组",
    "岗",
    "班",
    "场",
    "点",
];
/// What may stand between a label and its value.
const FILLERS: &[&str] = &[
    "时间", "日期", "期限", "要求", "范围", "条件", "名额", "人数", "总数", "：", ":", "为", "是", "于", "在", "自",
    "从", "共计", "合计", "总计", "共", "拟", "计划", "年满", "满", " ", "\u{3000}", "“", "~",
];
const RANGE_MARKS: [char; 8] = ['至', '到', '—', '–', '-', '~', '～', '－'];
/// Words of a text that tells of more than one state of things.
const CHANGES: [&str; 9] = ["延长", "延期", "延至", "顺延", "改为", "改至", "调整", "更正", "提前"];

/// The values of the body that contradict those of the keys.
pub fn differs(file: &ItemFile<'_>, post: &Recruitment) -> Vec<Finding> {
    let is_text = |passage: &&Passage| matches!(passage.kind, Kind::Paragraph | Kind::Entry | Kind::Cell { .. });
    let body: Vec<&Passage> = file.text.passages.iter().filter(is_text).collect();
    [deadline(file, post, &body), service(file, post, &body), count(file, post, &body), age(file, post, &body)]
        .into_iter()
        .flatten()
        .collect()
}

fn deadline(file: &ItemFile<'_>, post: &Recruitment, body: &[&Passage]) -> Option<Finding> {
    let closes = |value: &str| end_of_period(value).or_else(|| day_at(value));
    let mut said = read(body, DEADLINES, closes);
    said.extend(read(body, APPLYING, end_of_period));
    let key = ("apply_deadline", "报名截止时间");
    let registered = Text::new(post.apply_deadline.chinese(), post.apply_deadline.iso());
    contradiction(&said, |day| day.may_end(&post.apply_deadline))
        .map(|said| finding(file, said, ("报名截止", "deadline"), key, &registered))
}

fn service(file: &ItemFile<'_>, post: &Recruitment, body: &[&Passage]) -> Option<Finding> {
    let (start, end) = (post.service_start.local.date(), post.service_end.local.date());
    let said = read(body, SERVICE, |value| Some((day_at(value)?, end_of_period(value))));
    let lies_in = |day: &Day| day.lies_in(start, end);
    let (first, last) = (post.service_start.chinese(), post.service_end.chinese());
    let registered = if start == end {
        Text::new(first, start.to_string())
    } else {
        Text::new(format!("{first}至{last}"), format!("{start} to {end}"))
    };
    contradiction(&said, |(first, last)| lies_in(first) && last.as_ref().is_none_or(lies_in))
        .map(|said| finding(file, said, ("服务时间", "day of service"), ("service_start", "服务开始时间"), &registered))
}

fn count(file: &ItemFile<'_>, post: &Recruitment, body: &[&Passage]) -> Option<Finding> {
    let total = post.count();
    let left = total.saturating_sub(u64::from(post.recruited.unwrap_or_default()));
    let is_meant = |count: &u64| {
        [total, left].contains(count) || post.positions.iter().any(|position| u64::from(position.count) == *count)
    };
    let mut said = read(body, COUNTS, count_at);
    if said.is_empty() {
        said = counts_of_sentences(body, post);
        let sum: u64 = said.iter().map(|said| said.value).sum();
        // The parts of the whole, or nobody knows what.
        if sum == total || said.iter().any(|other| other.value != said[0].value) {
            return None;
        }
    }
    let registered = Text::new(format!("{total}人"), total.to_string());
    contradiction(&said, is_meant)
        .map(|said| finding(file, said, ("招募人数", "count"), ("positions", "岗位"), &registered))
}

fn age(file: &ItemFile<'_>, post: &Recruitment, body: &[&Passage]) -> Option<Finding> {
    let age = post.age?;
    let agrees = |key: Option<u32>, said: Option<u64>| key.is_none() || said.is_none() || key.map(u64::from) == said;
    let said = read(body, AGES, ages_at);
    let en = match (age.min, age.max) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("{min} and more"),
        (None, Some(max)) => format!("{max} at most"),
        (None, None) => String::new(),
    };
    let registered = Text::new(age.chinese()?, en);
    contradiction(&said, |(min, max)| agrees(age.min, Some(*min)) && agrees(age.max, *max))
        .map(|said| finding(file, said, ("年龄", "age"), ("age", "年龄"), &registered))
}

/// `what` is what the text tells, in Chinese and in English, and `registered` what the key says.
fn finding<T>(
    file: &ItemFile<'_>,
    said: &Said<'_, T>,
    what: (&str, &str),
    key: (&str, &str),
    registered: &Text,
) -> Finding {
    let written = &said.passage.text[said.part.clone()];
    let (zh, en) = what;
    let message = Text::new(
        format!("正文写的{zh}与信息区的{}不一致", registered.zh),
        format!("the text names another {en} than the front matter, {}", registered.en),
    );
    BODY_DIFFERS
        .finds(said.passage.place(file.file(), &said.part), written, message)
        .related(file.place_of(&[key]), "信息区里写的", "in the front matter")
        .help("两处都显示在页面上，核对后改成一样", "readers see both on the page: make them the same")
}

/// A value of the body, and where it stands with its label.
struct Said<'p, T> {
    passage: &'p Passage,
    part: Range<usize>,
    value: T,
}

/// The first value, where none is the one that is meant.
fn contradiction<'s, 'p, T>(said: &'s [Said<'p, T>], is_meant: impl Fn(&T) -> bool) -> Option<&'s Said<'p, T>> {
    said.first().filter(|_| !said.iter().any(|said| is_meant(&said.value)))
}

/// The values that can be read right behind these labels.
fn read<'p, T>(body: &[&'p Passage], labels: &[&str], value_at: impl Fn(&str) -> Option<T>) -> Vec<Said<'p, T>> {
    let mut said = Vec::new();
    for (index, passage) in body.iter().enumerate() {
        let text = passage.text.as_str();
        if CHANGES.iter().any(|change| text.contains(change)) {
            continue;
        }
        let places = labels.iter().flat_map(|label| text.match_indices(label));
        for (at, label) in places.filter(|(at, _)| begins_line(&text[..*at])) {
            let behind = &text[at + label.len()..];
            let line = behind.split(['\n', '。', '；', ';']).next().unwrap_or_default();
            let end = at + label.len() + line.len();
            let value = without_fillers(line);
            match body.get(index + 1) {
                Some(next) if value.is_empty() && is_cell(passage) && is_cell(next) => {
                    let part = 0..next.text.len();
                    said.extend(value_at(without_fillers(&next.text)).map(|value| Said { passage: next, part, value }));
                }
                _ => said.extend(value_at(value).map(|value| Said { passage, part: at..end, value })),
            }
        }
    }
    said
}

fn is_cell(passage: &Passage) -> bool {
    matches!(passage.kind, Kind::Cell { .. })
}

/// Whether what begins behind a text begins a line or a sentence, perhaps with a number before it: `三、报名截止`.
fn begins_line(before: &str) -> bool {
    let line = before.rsplit(['\n', '。', '；', ';', '，', ',']).next().unwrap_or_default();
    line.chars().all(|c| !c.is_alphabetic() || "一二三四五六七八九十".contains(c))
}

fn without_fillers(mut text: &str) -> &str {
    while let Some(rest) = FILLERS.iter().find_map(|filler| text.strip_prefix(filler)) {
        text = rest;
    }
    text
}

/// A day as it is written, perhaps without its year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Day {
    year: Option<i16>,
    month: i8,
    day: i8,
    /// `12月5日前`
    is_before: bool,
}

impl Day {
    fn of_year(&self, year: i16) -> Option<Date> {
        Date::new(self.year.unwrap_or(year), self.month, self.day).ok()
    }

    /// Whether applying may end with this day where it ends at a moment. Midnight ends the day before it.
    fn may_end(&self, deadline: &Moment) -> bool {
        let end = deadline.local.date();
        let is_midnight = deadline.has_time && deadline.clock() == "00:00";
        let before = end.yesterday().ok().filter(|_| is_midnight);
        let after = end.tomorrow().ok().filter(|_| self.is_before);
        let days = [Some(end), before, after];
        days.into_iter().flatten().any(|day| self.of_year(day.year()) == Some(day))
    }

    fn lies_in(&self, start: Date, end: Date) -> bool {
        (start.year()..=end.year()).filter_map(|year| self.of_year(year)).any(|day| (start..=end).contains(&day))
    }
}

/// The day with which a text begins: `2026年12月5日`, `12 月 5 日`, `2026.12.5`.
fn day_at(text: &str) -> Option<Day> {
    take_day(&mut { text })
}

fn take_day(rest: &mut &str) -> Option<Day> {
    let mut text = rest.trim_start();
    let first = take_number(&mut text)?;
    let mark = take_mark(&mut text)?;
    let (year, month, mark) = match mark {
        '月' => (None, first, '月'),
        '年' | '-' | '/' | '.' | '．' | '／' | '－' if first >= 1000 => {
            let month = take_number(&mut text)?;
            let next = take_mark(&mut text)?;
            let expected = if mark == '年' { '月' } else { mark };
            (Some(first as i16), month, Some(next).filter(|next| *next == expected)?)
        }
        _ => return None,
    };
    let day = take_number(&mut text)?;
    let behind = text.trim_start();
    let ends = behind.strip_prefix(['日', '号']);
    *rest = ends.or((mark != '月').then_some(text))?;
    let day =
        Day {
            year, month: i8::try_from(month).ok()?, day: i8::try_from(day).ok()?, is_before: rest.starts_with('前')
        };
    day.of_year(2000).map(|_| day)
}

/// The last day of a period: `12月1日—12月5日`, `12月1日9:00至5日18:00`, `即日起至12月5日`.
fn end_of_period(text: &str) -> Option<Day> {
    let mut rest = text;
    let first = take_day(&mut rest);
    rest = match first {
        // A time of day or a weekday may stand between.
        Some(_) => rest.trim_start_matches(|c: char| {
            c.is_ascii_digit() || "：: 时点分（）()周星期一二三四五六日上下午".contains(c)
        }),
        None => rest.strip_prefix("即日")?.trim_start_matches(['起', '，', ' ']),
    };
    rest = rest.strip_prefix(RANGE_MARKS)?.trim_start_matches(RANGE_MARKS);
    let mut end = rest;
    take_day(&mut end).or_else(|| {
        let day = take_number(&mut rest)?;
        let is_before = rest.trim_start().strip_prefix(['日', '号'])?.starts_with('前');
        Some(Day { day: i8::try_from(day).ok()?, is_before, ..first? })
    })
}

/// The count with which a text begins: `20名`; not `20—30名`, `20余名`, `20人次`, `20人/天`.
fn count_at(text: &str) -> Option<u64> {
    let mut rest = text;
    let count = take_number(&mut rest)?;
    let behind = rest.trim_start();
    let behind = behind.strip_prefix(['人', '名', '位', '个']).unwrap_or(behind);
    let ends = behind.is_empty() || behind.starts_with(['，', ',', '、', '（', '(', ' ', '\u{3000}', '”']);
    ends.then_some(count)
}

/// The counts that sentences tell without a label.
fn counts_of_sentences<'p>(body: &[&'p Passage], post: &Recruitment) -> Vec<Said<'p, u64>> {
    let moments = [&post.apply_deadline, &post.service_start, &post.service_end];
    let years = moments.map(|moment| moment.local.year());
    let mut said = Vec::new();
    for passage in body.iter().filter(|passage| !CHANGES.iter().any(|change| passage.text.contains(change))) {
        let mut start = 0;
        for sentence in passage.text.split_inclusive(['\n', '。', '；', ';', '！']) {
            let told = count_of_sentence(sentence, &years);
            said.extend(told.map(|(part, value)| Said { passage, part: start + part.start..start + part.end, value }));
            start += sentence.len();
        }
    }
    said
}

/// The only count of a sentence, where it is surely how many are wanted in all: `招20人`, `共招募20名志愿者`,
/// `拟招募志愿者20名，其中党员10名`.
fn count_of_sentence(sentence: &str, years: &[i16]) -> Option<(Range<usize>, u64)> {
    // Behind these stand parts of it.
    let whole = sentence.split("其中").next().and_then(|text| text.split("（含").next()).unwrap_or_default();
    let counts = whole.match_indices(['人', '名', '位']).filter(|(at, _)| ends_with_digit(&whole[..*at]));
    if counts.count() != 1 {
        return None;
    }
    whole.match_indices('招').find_map(|(at, _)| {
        let before = &whole[..at];
        let is_other = OTHER_COUNTS.iter().any(|word| before.contains(word)) || names_other_year(before, years);
        let (part, value) = wanted_at(&whole[at..]).filter(|_| !is_other)?;
        Some((at..at + part, value))
    })
}

/// The count of a text that begins with 招, and the bytes until its unit.
fn wanted_at(text: &str) -> Option<(usize, u64)> {
    let behind = text.strip_prefix("招募").or_else(|| text.strip_prefix('招'))?;
    let without =
        |text| ["共计", "共", " ", "\u{3000}"].iter().find_map(|word| str::strip_prefix(text, word)).unwrap_or(text);
    let behind = without(behind);
    let mut rest = without(behind_volunteers(behind).unwrap_or(behind));
    let count = take_number(&mut rest)?;
    let behind = rest.trim_start().strip_prefix(['人', '名', '位'])?;
    let ends = behind.is_empty()
        || behind.starts_with(|c: char| c.is_whitespace() || "，,、。；;！（(”".contains(c))
        || !behind.starts_with(['次', '以', '左', '余', '多']) && behind_volunteers(behind).is_some();
    ends.then_some((text.len() - behind.len(), count))
}

/// What follows the volunteers that a text begins with: `志愿者`, `大学生志愿者`.
fn behind_volunteers(text: &str) -> Option<&str> {
    let (kind, behind) = text.split_once("志愿者")?;
    (kind.chars().count() <= 8 && kind.chars().all(is_han)).then_some(behind)
}

fn names_other_year(text: &str, years: &[i16]) -> bool {
    text.match_indices('年').any(|(at, _)| {
        let year = text[..at].get(at.saturating_sub(4)..).and_then(|year| year.parse().ok());
        year.is_some_and(|year: i16| year >= 1000 && !years.contains(&year))
    })
}

fn ends_with_digit(text: &str) -> bool {
    text.trim_end().ends_with(|c: char| c.is_ascii_digit() || ('０'..='９').contains(&c))
}

/// The lowest and perhaps the highest age: `18—60周岁`, `18周岁以上`.
fn ages_at(text: &str) -> Option<(u64, Option<u64>)> {
    let without_unit = |text: &'_ str| -> Option<usize> {
        ["周岁", "岁"].iter().find(|unit| text.starts_with(*unit)).map(|unit| unit.len())
    };
    let mut rest = text;
    let min = take_number(&mut rest)?;
    let unit = without_unit(rest);
    rest = &rest[unit.unwrap_or_default()..];
    if unit.is_some() && ["以上", "及以上", "（含）以上", "(含)以上"].iter().any(|word| rest.starts_with(word))
    {
        let ends = !rest.contains("以下");
        return ends.then_some((min, None));
    }
    rest = rest.trim_start().strip_prefix(RANGE_MARKS)?.trim_start_matches(RANGE_MARKS).trim_start();
    let max = take_number(&mut rest)?;
    without_unit(rest.trim_start())?;
    Some((min, Some(max)))
}

/// Takes a number of up to five digits, of either width, off the front.
fn take_number(rest: &mut &str) -> Option<u64> {
    let text = rest.trim_start();
    let is_digit = |c: char| c.is_ascii_digit() || ('０'..='９').contains(&c);
    let behind = text.trim_start_matches(is_digit);
    let digits = text[..text.len() - behind.len()].chars().map(|c| (u32::from(c) & 0xF) as u64);
    let length = digits.clone().count();
    *rest = behind;
    (1..=5).contains(&length).then(|| digits.fold(0, |number, digit| number * 10 + digit))
}

fn take_mark(rest: &mut &str) -> Option<char> {
    let text = rest.trim_start();
    let mark = text.chars().next()?;
    *rest = &text[mark.len_utf8()..];
    Some(mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: Option<i16>, month: i8, day: i8) -> Option<Day> {
        Some(Day { year, month, day, is_before: false })
    }

    #[test]
    fn a_day_is_read_in_the_forms_of_offices() {
        let check = |text: &str, expected: Option<Day>| assert_eq!(day_at(text), expected, "{text}");
        check("2026年12月5日18:00", day(Some(2026), 12, 5));
        check("2026 年 12 月 5 日", day(Some(2026), 12, 5));
        check("１２月５日", day(None, 12, 5));
        check("2026.12.5", day(Some(2026), 12, 5));
        check("2026-12-05", day(Some(2026), 12, 5));
        check("12月5日前", Some(Day { is_before: true, ..day(None, 12, 5).expect("a day") }));
        check("12月底", None);
        check("12.5", None);
        check("13月5日", None);
        check("每周六", None);
    }

    #[test]
    fn a_period_ends_with_its_last_day() {
        let check = |text: &str, expected: Option<Day>| assert_eq!(end_of_period(text), expected, "{text}");
        check("12月1日—12月5日", day(None, 12, 5));
        check("2026年12月1日9:00至5日18:00", day(Some(2026), 12, 5));
        check("12月1日（周二）——5日", day(None, 12, 5));
        check("即日起至12月5日18:00", day(None, 12, 5));
        check("12月1日起", None);
        check("12月1日9:00—17:00", None);
        check("每天9:00至17:00", None);
    }

    #[test]
    fn a_count_stands_alone() {
        let check = |text: &str, expected: Option<u64>| assert_eq!(count_at(text), expected, "{text}");
        check("20名", Some(20));
        check("30人（引导岗20人、咨询岗10人）", Some(30));
        check("２０", Some(20));
        for text in ["20—30名", "20余名", "约20名", "20人次", "20人/天", "每场20名", "引导岗20人", "若干"]
        {
            check(text, None);
        }
    }

    #[test]
    fn a_sentence_tells_how_many_are_wanted() {
        let check = |text: &str, expected: Option<u64>| {
            assert_eq!(count_of_sentence(text, &[2026]).map(|(_, count)| count), expected, "{text}");
        };
        for text in [
            "现招20人。",
            "招募20人，男女不限",
            "面向社会招募志愿者20名。",
            "共招募20名志愿者，年满18周岁以上。",
            "计划招募志愿者 20 名（含党员10名）",
            "协会2026年拟招募大学生志愿者２０位",
            "拟招募20名，其中引导岗12名、咨询岗8名。",
        ] {
            check(text, Some(20));
        }
        for text in [
            "已招募20人。",
            "首批招募20人。",
            "每组招募20人。",
            "各街道招募20名志愿者。",
            "招募20人以上。",
            "招募20名左右志愿者。",
            "招募20余名志愿者。",
            "招募20—30名志愿者。",
            "招募20人次。",
            "至少招募20人。",
            "2025年招募20人。",
            "去年，协会共招募20人。",
            "招募引导志愿者20名，咨询志愿者10名。",
            "秩序组招20人。",
            "招募志愿者服务队20支。",
            "招募启动当天，20人报名。",
            "其中党员志愿者招募20名。",
            "招募20人的服务队。",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn ages_are_read_with_their_unit() {
        let check = |text: &str, expected| assert_eq!(ages_at(text), expected, "{text}");
        check("18—60周岁", Some((18, Some(60))));
        check("18周岁至60周岁，身体健康", Some((18, Some(60))));
        check("18周岁以上", Some((18, None)));
        check("18周岁以上、60周岁以下", None);
        check("18—60", None);
        check("不限", None);
    }
}
