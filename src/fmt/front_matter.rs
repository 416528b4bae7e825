//! The front matter: its keys in the order of the content model, dates in one form, no spaces at the ends of lines.
//!
//! Moves whole blocks of lines, a key with the comments above it, and changes nothing within them but dates. What is
//! read afterwards must be what was read before. Start at [`format`].

use std::sync::LazyLock;

use jiff::tz::{Offset, TimeZone};
use rustc_hash::{FxHashMap, FxHashSet};
use serde_yaml::Value;

use super::Changes;
use crate::parse::asked::{Key, Shape, Subject};
use crate::parse::item::ItemType;
use crate::parse::moment::Moment;
use crate::schema::known;
use crate::schema::words::front_matter_order;

/// The place of each key in a front matter, by both of its names. A key that no type knows stands with the contacts,
/// behind all that is of one type.
static ORDER: LazyLock<FxHashMap<&str, usize>> = LazyLock::new(|| {
    let place: FxHashMap<&str, usize> = front_matter_order().zip(0..).collect();
    let top = item_keys().filter(|key| key.parent().is_empty());
    top.flat_map(|key| [key.name(), key.alias].map(|name| (name, place[key.name()]))).collect()
});

/// Both names of the keys whose values are dates, wherever they stand.
static DATES: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
    let dates = item_keys().filter(|key| key.shape == Shape::Moment);
    dates.flat_map(|key| [key.name(), key.alias]).collect()
});

fn item_keys() -> impl Iterator<Item = &'static Key> {
    ItemType::ALL.into_iter().flat_map(|item_type| &known(Subject::Item(item_type)).keys)
}

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
    if !is_form(yaml) {
        blocks.sort_by_key(|block| rank(block.key));
    }
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
    key.and_then(|key| ORDER.get(key)).copied().unwrap_or(ORDER["contacts"])
}

/// Whether keys are still offered in comments (`#kicker: …`), as in the file of a new item. Their places are the form's,
/// and a key that was taken up there would drag the comments above it along.
fn is_form(yaml: &str) -> bool {
    yaml.lines().filter_map(|line| key_of(line.strip_prefix('#')?)).any(|key| ORDER.contains_key(key))
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
    if !DATES.contains(name) || !value.starts_with(' ') {
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
        (Value::String(a), Value::String(b)) if a != b && DATES.contains(key) => usual_form(a) == Some(b.clone()),
        _ => a == b,
    }
}
