//! The front matter: its keys in the order of the content model, dates in one form, no spaces at the ends of lines.
//!
//! Moves whole blocks of lines, a key with the comments above it, and changes nothing within them but dates. What is
//! read afterwards must be what was read before. Start at [`format`].

use jiff::tz::{Offset, TimeZone};
use serde_yaml::Value;

use super::Changes;
use crate::parse::moment::Moment;

/// The keys of every type that stand before those of one type, in their order, each with its Chinese name.
const FIRST: [(&str, &str); 19] = [
    ("type", "类型"),
    ("title", "标题"),
    ("kicker", "引题"),
    ("subtitle", "副题"),
    ("date", "发布时间"),
    ("updated", "更新时间"),
    ("expires", "失效时间"),
    ("draft", "草稿"),
    ("pin", "置顶"),
    ("district", "区域"),
    ("topics", "主题"),
    ("source", "来源"),
    ("source_url", "来源链接"),
    ("author", "作者"),
    ("editor", "责任编辑"),
    ("summary", "摘要"),
    ("keywords", "关键词"),
    ("cover", "封面"),
    ("cover_alt", "封面说明"),
];

/// And those that stand behind them.
const LAST: [(&str, &str); 7] = [
    ("contacts", "联系方式"),
    ("figures", "数据"),
    ("attachments", "附件"),
    ("slug", "网址名"),
    ("aliases", "旧网址"),
    ("privacy_exceptions", "脱敏例外"),
    ("extra", "扩展"),
];

/// Keys whose values are dates.
const DATES: [&str; 26] = [
    "date",
    "updated",
    "expires",
    "issued",
    "service_start",
    "service_end",
    "apply_open",
    "apply_deadline",
    "as_of",
    "verified_on",
    "start",
    "end",
    "发布时间",
    "更新时间",
    "失效时间",
    "成文日期",
    "服务开始时间",
    "服务结束时间",
    "报名开始时间",
    "报名截止时间",
    "截至",
    "核实时间",
    "开始",
    "结束",
    "开始时间",
    "结束时间",
];

/// A key of the front matter with its lines and the comments above it.
struct Block<'y> {
    key: Option<&'y str>,
    lines: Vec<&'y str>,
}

/// The YAML of a front matter as it should be; as it is where it would be read otherwise.
pub fn format(yaml: &str) -> (String, Changes) {
    let Ok(before) = serde_yaml::from_str::<Value>(yaml) else { return (yaml.to_owned(), Changes::default()) };
    let (head, mut blocks, tail) = blocks(yaml);
    let mut changes = Changes::default();
    let order: Vec<Option<&str>> = blocks.iter().map(|block| block.key).collect();
    blocks.sort_by_key(|block| rank(block.key));
    changes.is_reordered = blocks.iter().map(|block| block.key).ne(order.iter().copied());
    let mut result: String = head.concat();
    for block in &blocks {
        let (text, lines) = tidy(block);
        changes.lines += lines;
        push(&mut result, &text);
    }
    push(&mut result, &tail.concat());
    let after = serde_yaml::from_str::<Value>(&result);
    let is_same = after.is_ok_and(|after| is_equal(&before, &after, ""));
    if is_same { (result, changes) } else { (yaml.to_owned(), Changes::default()) }
}

/// Appends lines behind what may be a last line without its end.
fn push(result: &mut String, text: &str) {
    if !result.is_empty() && !result.ends_with('\n') && !text.is_empty() {
        result.push('\n');
    }
    result.push_str(text);
}

/// The comment that heads the whole, the blocks, and what stands behind the last of them.
fn blocks(yaml: &str) -> (Vec<&str>, Vec<Block<'_>>, Vec<&str>) {
    let (mut head, mut blocks): (Vec<&str>, Vec<Block<'_>>) = (Vec::new(), Vec::new());
    // Comments and empty lines whose key is yet to come.
    let mut pending: Vec<&str> = Vec::new();
    for line in yaml.split_inclusive('\n') {
        let is_empty = line.trim().is_empty();
        if is_empty && blocks.is_empty() {
            // An empty line parts the heading comment from the first key's own.
            head.append(&mut pending);
            head.push(line);
        } else if is_empty || line.starts_with('#') {
            pending.push(line);
        } else if let Some(key) = key_of(line) {
            let lines = pending.drain(..).chain([line]).collect();
            blocks.push(Block { key: Some(key), lines });
        } else if let Some(block) = blocks.last_mut() {
            block.lines.append(&mut pending);
            block.lines.push(line);
        } else {
            blocks.push(Block { key: None, lines: vec![line] });
        }
    }
    (head, blocks, pending)
}

/// The key that begins a line at its very start.
fn key_of(line: &str) -> Option<&str> {
    let first = line.chars().next()?;
    if first.is_whitespace() || "#-[]{}\"'&*!|>?%@`,".contains(first) {
        return None;
    }
    let (key, rest) = line.split_once(':')?;
    (rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r'])).then_some(key)
}

fn rank(key: Option<&str>) -> usize {
    let position =
        |keys: &[(&str, &str)]| keys.iter().position(|(name, alias)| key == Some(name) || key == Some(alias));
    match (position(&FIRST), position(&LAST)) {
        (Some(first), _) => first,
        (_, Some(last)) => FIRST.len() + 1 + last,
        _ => FIRST.len(),
    }
}

/// A block's text with its dates in one form and no spaces at the ends of its lines, and how many lines that changes.
fn tidy(block: &Block<'_>) -> (String, usize) {
    let text = block.lines.concat();
    let lines: Vec<String> = block.lines.iter().map(|line| tidy_line(line)).collect();
    let changed = lines.iter().zip(&block.lines).filter(|(new, old)| new.as_str() != **old).count();
    let new = lines.concat();
    let read = |text: &str| serde_yaml::from_str::<Value>(text).ok();
    // In a text of several lines (`summary: |`) spaces count, and nothing is a date.
    let is_same = read(&text).zip(read(&new)).is_some_and(|(old, new)| is_equal(&old, &new, ""));
    if changed > 0 && is_same { (new, changed) } else { (text, 0) }
}

fn tidy_line(line: &str) -> String {
    let content = line.trim_end_matches(['\n', '\r']);
    let end = &line[content.len()..];
    let content = content.trim_end_matches([' ', '\t']);
    format!("{}{end}", date_line(content).unwrap_or_else(|| content.to_owned()))
}

/// `date: 2020/4/13 # 补发`: the line with its date in the usual form.
fn date_line(line: &str) -> Option<String> {
    let (key, value) = line.split_once(':')?;
    let name = key.trim_start_matches([' ', '-']).trim_end();
    if !DATES.contains(&name) || !value.starts_with(' ') {
        return None;
    }
    let (value, comment) = value.find(" #").map_or((value, ""), |at| value.split_at(at));
    let spaces = &value[..value.len() - value.trim_start().len()];
    let behind = &value[value.trim_end().len()..];
    let written = value.trim();
    let bare = written.trim_matches(['"', '\'']);
    let usual = usual_form(bare)?;
    (usual != bare).then(|| format!("{key}:{spaces}{usual}{behind}{comment}"))
}

/// `2020-04-13 09:30`; `None` for what is no date, or says more than that.
fn usual_form(text: &str) -> Option<String> {
    let moment = Moment::parse(text, &TimeZone::UTC).ok()?;
    let elsewhere = Moment::parse(text, &TimeZone::fixed(Offset::constant(8))).ok()?;
    let has_own_zone = moment.seconds == elsewhere.seconds;
    if has_own_zone || moment.local.second() != 0 {
        return None;
    }
    let local = moment.local;
    let time = if moment.has_time { format!(" {:02}:{:02}", local.hour(), local.minute()) } else { String::new() };
    let usual = format!("{:04}-{:02}-{:02}{time}", local.year(), local.month(), local.day());
    (Moment::parse(&usual, &TimeZone::UTC) == Ok(moment)).then_some(usual)
}

/// Whether two values say the same; `key` is the one that they stand under.
fn is_equal(a: &Value, b: &Value, key: &str) -> bool {
    match (a, b) {
        (Value::Mapping(a), Value::Mapping(b)) => {
            let same = |(key, value): (&Value, &Value)| {
                b.get(key).is_some_and(|other| is_equal(value, other, key.as_str().unwrap_or_default()))
            };
            a.len() == b.len() && a.iter().all(same)
        }
        (Value::Sequence(a), Value::Sequence(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_equal(a, b, key))
        }
        (Value::String(a), Value::String(b)) if a != b && DATES.contains(&key) => usual_form(a) == Some(b.clone()),
        _ => a == b,
    }
}
