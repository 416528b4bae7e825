//! YAML as editors write it: finds the front matter, reads it, explains what is broken, and finds the
//! place of a key or value when a message has to point at it.

use std::ops::Range;

use granit_parser::{Event, Parser};
use rustc_hash::{FxHashMap, FxHashSet};
use serde_yaml::Value;

use crate::diagnostic::{At, Diagnostic, FilePath, Place, Step, catalogue};

/// A file cut into front matter and body; both are ranges of bytes in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    pub yaml: Range<usize>,
    pub body: usize,
}

/// Finds the lines of `---` around the front matter.
pub fn cut(file: &FilePath, text: &str) -> Result<Cut, Diagnostic> {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut lines = text[start..].split_inclusive('\n');
    let first = lines.next().unwrap_or_default();
    if first.trim_end() != "---" {
        return Err(catalogue::no_front_matter(file));
    }
    let yaml_start = start + first.len();
    let mut at = yaml_start;
    for line in lines {
        if line.trim_end() == "---" {
            return Ok(Cut { yaml: yaml_start..at, body: at + line.len() });
        }
        at += line.len();
    }
    Err(catalogue::unclosed_front_matter(file, start..start + 3))
}

/// Reads a YAML document that lies at `range` of `text`.
///
/// # Errors
/// Everything that keeps it from being read, at its place, with what to type instead.
pub fn read(file: &FilePath, text: &str, range: Range<usize>) -> Result<Value, Vec<Diagnostic>> {
    let yaml = &text[range.clone()];
    match serde_yaml::from_str::<Value>(yaml) {
        Ok(Value::Null) => Ok(Value::Mapping(serde_yaml::Mapping::new())),
        Ok(value) if value.is_mapping() => Ok(value),
        Ok(_) => {
            let slips = slips(file, yaml, range.start);
            Err(if slips.is_empty() { vec![catalogue::not_keys(Place::bytes(file, range))] } else { slips })
        }
        Err(error) => Err(explain(file, yaml, range.start, &error)),
    }
}

/// What lies behind a parser's error, in an editor's words.
fn explain(file: &FilePath, yaml: &str, start: usize, error: &serde_yaml::Error) -> Vec<Diagnostic> {
    if let Some((key, span)) = duplicate_key(yaml) {
        return vec![catalogue::duplicate_key(Place::bytes(file, start + span.start..start + span.end), &key)];
    }
    let slips = slips(file, yaml, start);
    if !slips.is_empty() {
        return slips;
    }
    let line = error.location().map_or(1, |location| location.line());
    let found = unclosed_quote(file, yaml, start)
        .or_else(|| without_space(file, yaml, start, line))
        .or_else(|| without_colon(file, yaml, start, line, error))
        .or_else(|| unquoted_value(file, yaml, start, line))
        .or_else(|| unclosed(file, yaml, start, line));
    if let Some(diagnostic) = found {
        return vec![diagnostic];
    }
    let span = line_span(yaml, line);
    let detail = error.to_string();
    let detail = detail.split(" at line ").next().unwrap_or_default();
    vec![catalogue::broken_yaml(file, start + span.start..start + span.end, detail)]
}

/// The usual slips of Chinese typists, on every line: a full-width colon or space, a tab, a missing space.
fn slips(file: &FilePath, yaml: &str, start: usize) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut at = start;
    let mut block_indentation = None;
    for line in yaml.split_inclusive('\n') {
        let line_start = at;
        at += line.len();
        let trimmed = line.trim_start_matches([' ', '\t', '\u{3000}']);
        let indentation = line.len() - trimmed.len();
        // The lines of a block text (`summary: |`) are free.
        if let Some(block) = block_indentation {
            if indentation > block || trimmed.trim().is_empty() {
                continue;
            }
            block_indentation = None;
        }
        if trimmed.starts_with('#') || trimmed.trim().is_empty() {
            continue;
        }
        if line[..indentation].contains('\t') {
            found.push(catalogue::tab_indentation(file, line_start..line_start + indentation));
            continue;
        }
        if let Some(space) = line[..indentation].find('\u{3000}') {
            let space = line_start + space;
            found.push(catalogue::ideographic_space(Place::bytes(file, space..space + '\u{3000}'.len_utf8())));
            continue;
        }
        let key_start = indentation + trimmed.len() - trimmed.trim_start_matches(['-', ' ']).len();
        let rest = &line[key_start..];
        let key: &str = &rest[..rest.find([':', '：']).unwrap_or(0)];
        if key.is_empty() || key.chars().count() > 24 || key.contains(['"', '\'', '{', '[', ' ']) {
            continue;
        }
        let colon = line_start + key_start + key.len();
        let after = &rest[key.len()..];
        if after.starts_with('：') {
            found.push(catalogue::full_width_colon(Place::bytes(file, colon..colon + '：'.len_utf8()), key));
        } else if let Some(space) = after[1..].chars().next().filter(|c| is_odd_space(*c)) {
            let space = colon + 1..colon + 1 + space.len_utf8();
            found.push(catalogue::ideographic_space(Place::bytes(file, space)));
        } else if after[1..].starts_with(|c: char| !c.is_whitespace()) {
            found.push(catalogue::missing_space(Place::bytes(file, colon..colon + 1), key));
        } else if matches!(after[1..].trim(), "|" | ">" | "|-" | ">-" | "|+" | ">+") {
            block_indentation = Some(indentation);
        }
    }
    found
}

/// A space that YAML does not take for one, or a character that nobody sees.
pub fn is_odd_space(c: char) -> bool {
    matches!(c, '\u{3000}' | '\u{a0}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// A value that needs quotes, on the line where the parser stopped or the one before.
fn unquoted_value(file: &FilePath, yaml: &str, start: usize, line: usize) -> Option<Diagnostic> {
    for number in [line, line.saturating_sub(1)] {
        let span = line_span(yaml, number);
        let text = &yaml[span.clone()];
        let value = text.split_once(": ").map_or("", |(_, value)| value.trim_start());
        if let Some(inner) = [text.trim_start_matches([' ', '-']), value].into_iter().find(|it| it.starts_with('｛')) {
            let at = start + span.start + text.len() - inner.len();
            return Some(catalogue::full_width_braces(Place::bytes(file, at..at + '｛'.len_utf8()), Some(inner)));
        }
        if text.trim_start_matches([' ', '-']).starts_with(['{', '[']) {
            // A line of a list, such as `- {unit: 中心, phone: 12345}`.
            if let Some(comma) = text.find('，') {
                let at = start + span.start + comma;
                return Some(catalogue::full_width_comma(file, at..at + '，'.len_utf8()));
            }
            continue;
        }
        // `title: @甲`, and `- @甲` in a list.
        let entry = || text.trim_start().strip_prefix("- ").map(|entry| text.len() - entry.len());
        let Some(value) = text.find(": ").map(|colon| colon + 2).or_else(entry) else { continue };
        let value = text[value..].trim_start();
        let value_start = span.start + text.len() - value.len();
        let first = value.chars().next()?;
        let needs_quotes = "@`%*&!]},".contains(first)
            || goes_on_after_its_end(value)
            || goes_on_behind_block_mark(value)
            || value.starts_with("- ")
            || value.starts_with("? ");
        if needs_quotes {
            let at = start + value_start;
            return Some(catalogue::unquoted_start(file, at..at + first.len_utf8(), first));
        }
        if let Some(comma) = value.find('，').filter(|_| "[{".contains(first)) {
            let at = start + value_start + comma;
            return Some(catalogue::full_width_comma(file, at..at + '，'.len_utf8()));
        }
        if "\"'[{|>".contains(first) {
            continue;
        }
        if let Some(inner) = value.find(": ") {
            let at = start + value_start + inner;
            return Some(catalogue::unquoted_colon(file, at..at + 1));
        }
    }
    None
}

/// `-为老服务`, an entry of a list without the space behind its hyphen: the parser only notices on a later line.
fn without_space(file: &FilePath, yaml: &str, start: usize, line: usize) -> Option<Diagnostic> {
    (line.saturating_sub(2).max(1)..=line).find_map(|number| {
        let span = line_span(yaml, number);
        let text = yaml[span.clone()].trim_start();
        let entry = text.strip_prefix('-').filter(|entry| {
            entry.starts_with(|c: char| !c.is_ascii() || c.is_ascii_alphabetic() || "{[".contains(c))
        })?;
        let at = start + span.end - text.len();
        Some(catalogue::missing_space_behind_dash(Place::bytes(file, at..at + 1), entry))
    })
}

/// A line without a colon, where the parser waited for one: it only notices on a later line.
fn without_colon(
    file: &FilePath,
    yaml: &str,
    start: usize,
    line: usize,
    error: &serde_yaml::Error,
) -> Option<Diagnostic> {
    let error = error.to_string();
    let suspects = if error.contains("could not find expected ':'") {
        line.saturating_sub(2).max(1)..=line
    } else if error.contains("mapping values are not allowed") {
        // The line above went on in this one, and had no key of its own.
        line.saturating_sub(1).max(1)..=line.saturating_sub(1)
    } else {
        return None;
    };
    suspects.rev().find_map(|number| {
        let span = line_span(yaml, number);
        let text = &yaml[span.clone()];
        let is_plain = text.starts_with(|c: char| !c.is_whitespace() && !"-#\"'[]{}&*|>%@`".contains(c));
        (is_plain && !text.contains([':', '：']))
            .then(|| catalogue::missing_colon(file, start + span.start..start + span.end))
    })
}

/// Whether a value such as `[通知]关于培训` or `"文明"实践` closes before its line ends.
fn goes_on_after_its_end(value: &str) -> bool {
    let close = match value.chars().next() {
        Some('"') => '"',
        Some('\'') => '\'',
        Some('[') => ']',
        Some('{') => '}',
        _ => return false,
    };
    let rest = value[1..].split_once(close).map_or("", |(_, rest)| rest).trim();
    !rest.is_empty() && !rest.starts_with(['#', ',', ']', '}', '"', '\''])
}

/// Whether a value such as `|通知` or `>通知` has more behind its first character than the mark of a block text may have.
fn goes_on_behind_block_mark(value: &str) -> bool {
    let Some(behind) = value.strip_prefix(['|', '>']) else { return false };
    let behind = behind.split(" #").next().unwrap_or_default();
    !behind.trim_end().chars().all(|c| c.is_ascii_digit() || "+-".contains(c))
}

/// The nearest line, at or before the one where the parser stopped, with a bracket that it does not close.
fn unclosed(file: &FilePath, yaml: &str, start: usize, line: usize) -> Option<Diagnostic> {
    (1..=line).rev().take(12).find_map(|number| {
        let span = line_span(yaml, number);
        let text = &yaml[span.clone()];
        let (open, close) = [('[', ']'), ('{', '}')]
            .into_iter()
            .find(|(open, close)| text.matches(*open).count() > text.matches(*close).count())?;
        let at = start + span.start + text.rfind(open)?;
        Some(catalogue::unclosed_bracket(file, at..at + 1, open, close))
    })
}

/// The first value that opens with a quotation mark and is not closed where the next key begins: a parser goes on to the next
/// mark, or to the end, and stops there.
fn unclosed_quote(file: &FilePath, yaml: &str, start: usize) -> Option<Diagnostic> {
    let is_key = |line: &str| {
        let key = line.trim_start_matches([' ', '-']).trim_end();
        key.split_once(':').is_some_and(|(key, value)| {
            !key.is_empty()
                && !key.contains(['"', '\'', ' ', '，', '。'])
                && (value.is_empty() || value.starts_with(' '))
        })
    };
    let mut at = start;
    let mut lines = yaml.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let entry = line.trim_start_matches([' ', '-']);
        let value = match entry.split_once(':') {
            _ if entry.starts_with('#') => "",
            _ if entry.starts_with(['[', '{']) => entry,
            Some((_, value)) if is_key(line) => value,
            _ if line.trim_start().starts_with("- ") => entry,
            _ => "",
        };
        let value = value.trim_start();
        let ends_here = lines.peek().is_none_or(|next| is_key(next));
        if let Some((mark_at, mark)) = open_quote(value).filter(|_| ends_here) {
            let mark_at = at + line.len() - value.len() + mark_at;
            return Some(catalogue::unclosed_quote(file, mark_at..mark_at + 1, mark));
        }
        at += line.len();
    }
    None
}

/// The quotation mark that begins a value, or one within `[…]` or `{…}`, and is not closed in this line.
fn open_quote(value: &str) -> Option<(usize, char)> {
    let is_flow = value.starts_with(['[', '{']);
    let mut begins = true;
    let mut at = 0;
    while let Some(c) = value[at..].chars().next() {
        at += c.len_utf8();
        if begins && matches!(c, '"' | '\'') {
            let Some(end) = closes(&value[at..], c) else { return Some((at - 1, c)) };
            at += end;
        }
        if !is_flow {
            return None;
        }
        begins = matches!(c, '[' | '{' | ',' | ':') || begins && c == ' ';
    }
    None
}

/// Where a quoted text ends in this line; a mark is written as `\"` or `''` in it.
fn closes(text: &str, mark: char) -> Option<usize> {
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c == mark && (mark == '"' || chars.peek().is_none_or(|(_, next)| *next != mark)) {
            return Some(at + 1);
        }
        if c == mark || c == '\\' && mark == '"' {
            chars.next();
        }
    }
    None
}

/// A `#` that begins a comment and was surely not meant to: `title: 活动 #1`.
pub fn swallowed(file: &FilePath, text: &str, range: Range<usize>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut at = range.start;
    for line in text[range].split_inclusive('\n') {
        if let Some(hash) = line.find(" #") {
            let after = line[hash + 2..].chars().next().unwrap_or(' ');
            let value = line[..hash].split_once(": ").map_or("", |(_, value)| value.trim());
            if !value.is_empty() && !after.is_whitespace() && after != '#' && !value.contains(['"', '\'']) {
                found.push(catalogue::hash_in_value(file, at + hash + 1..at + line.trim_end().len()));
            }
        }
        at += line.len();
    }
    found
}

/// The comment right behind a key that ends at the byte `key_end`, which was surely meant as its value: `title: #便民集市`.
pub fn comment_for_value(text: &str, key_end: usize) -> Option<Range<usize>> {
    let line = text[key_end..].lines().next()?.trim_end();
    let comment = line.trim_start_matches(['"', '\'']).strip_prefix(':')?.trim_start();
    let words = comment.strip_prefix('#').filter(|words| !words.is_empty())?;
    let end = key_end + line.len();
    (!words.starts_with(|c: char| c.is_whitespace() || c == '#')).then_some(end - comment.len()..end)
}

/// The bytes of the `number`th line (from 1), without its end.
fn line_span(yaml: &str, number: usize) -> Range<usize> {
    let mut at = 0;
    for (index, line) in yaml.split_inclusive('\n').enumerate() {
        if index + 1 == number.max(1) {
            return at..at + line.trim_end().len();
        }
        at += line.len();
    }
    yaml.len()..yaml.len()
}

/// The first key that stands twice in one mapping, and where the second one stands.
fn duplicate_key(yaml: &str) -> Option<(String, Range<usize>)> {
    let mut found = None;
    walk(yaml, &mut |_, key, _| {
        if let Some(key) = key.filter(|key| key.repeated && found.is_none()) {
            found = Some((key.name.clone(), key.span.clone()));
        }
    });
    found
}

/// The bytes of the key or value that `at` names, in a file whose YAML is at `range`.
pub fn locate(text: &str, range: Range<usize>, at: &At) -> Option<Range<usize>> {
    Places::of(text, range).find(at)
}

/// Where all keys and values of a document stand, for whoever looks for many of them.
pub struct Places {
    /// The `---` above, behind which there may be space: it stands for the whole.
    head: Range<usize>,
    start: usize,
    spans: FxHashMap<Vec<Step>, Spans>,
}

/// The bytes of a key, if the entry has one, and of its value, counted from the start of the YAML.
struct Spans {
    key: Option<Range<usize>>,
    value: Range<usize>,
}

impl Places {
    /// Of the YAML at `range` of a file.
    pub fn of(text: &str, range: Range<usize>) -> Self {
        let mut spans = FxHashMap::default();
        walk(text.get(range.clone()).unwrap_or_default(), &mut |steps, key, value| {
            spans.insert(steps.to_vec(), Spans { key: key.map(|key| key.span.clone()), value });
        });
        let head = text.get(..range.start).unwrap_or_default().trim_end().len();
        Self { head: head.saturating_sub("---".len())..head, start: range.start, spans }
    }

    /// The bytes in the file of the key or value that `at` names.
    pub fn find(&self, at: &At) -> Option<Range<usize>> {
        let (path, wants_key) = match at {
            At::Key(path) => (path, true),
            At::Value(path) => (path, false),
            At::File | At::Bytes(..) => return None,
        };
        if path.0.is_empty() {
            return Some(self.head.clone());
        }
        let Spans { key, value } = self.spans.get(&path.0)?;
        let span = key.as_ref().filter(|_| wants_key).unwrap_or(value);
        Some(self.start + span.start..self.start + span.end)
    }
}

/// A collection that is being read.
enum Level {
    Mapping { keys: FxHashSet<String>, key: Option<Key>, start: usize },
    Sequence { next: usize, start: usize },
}

/// A key in a mapping: its bytes, and whether the same key stood before.
struct Key {
    name: String,
    span: Range<usize>,
    repeated: bool,
}

/// Told of the path, the key and the value's bytes of an entry.
type Visit<'a> = dyn FnMut(&[Step], Option<&Key>, Range<usize>) + 'a;

/// Calls `visit` with the path, the key (for an entry of a mapping) and the value's span of each entry
/// of the document, as soon as its value is read. Stops at a syntax error.
fn walk(yaml: &str, visit: &mut Visit<'_>) {
    let mut levels: Vec<Level> = Vec::new();
    let mut steps: Vec<Step> = Vec::new();
    let mut parser = Parser::new_from_str(yaml);
    while let Some(Ok((event, span))) = parser.next_event() {
        let range = span.byte_range().unwrap_or_default();
        let opens = matches!(event, Event::MappingStart(..) | Event::SequenceStart(..));
        let closes = matches!(event, Event::MappingEnd | Event::SequenceEnd);
        if !opens && !closes && !matches!(event, Event::Scalar(..) | Event::Alias(_)) {
            continue;
        }
        // A scalar that stands where a mapping waits for a key is one.
        if let (Event::Scalar(text, ..), Some(Level::Mapping { keys, key: key @ None, .. })) =
            (&event, levels.last_mut())
        {
            let name = text.to_string();
            let repeated = !keys.insert(name.clone());
            steps.push(Step::Key(name.clone()));
            *key = Some(Key { name, span: range, repeated });
            continue;
        }
        if !closes && let Some(Level::Sequence { next, .. }) = levels.last() {
            steps.push(Step::Index(*next));
        }
        if opens {
            let start = range.start;
            levels.push(match event {
                Event::MappingStart(..) => Level::Mapping { keys: FxHashSet::default(), key: None, start },
                _ => Level::Sequence { next: 0, start },
            });
            continue;
        }
        let value = match (closes, levels.last()) {
            (true, Some(Level::Mapping { start, .. } | Level::Sequence { start, .. })) => *start..range.end.max(*start),
            (true, None) => return,
            (false, _) => range,
        };
        if closes {
            levels.pop();
        }
        match levels.last_mut() {
            Some(Level::Mapping { key, .. }) => {
                if let Some(key) = key.take() {
                    visit(&steps, Some(&key), value);
                }
                steps.pop();
            }
            Some(Level::Sequence { next, .. }) => {
                visit(&steps, None, value);
                *next += 1;
                steps.pop();
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::KeyPath;

    const YAML: &str =
        "title: 甲\npositions:\n  - {name: 引导, count: x}\n  - name: 咨询\n    count: 2\ntopics: [a, b]\n";

    fn check(path: &[Step], expected_value: &str, expected_key: &str) {
        let path = KeyPath(path.to_vec());
        let find = |at: At| locate(YAML, 0..YAML.len(), &at).map(|span| &YAML[span]);
        assert_eq!(find(At::Value(path.clone())), Some(expected_value));
        assert_eq!(find(At::Key(path)), Some(expected_key));
    }

    #[test]
    fn finds_keys_and_values() {
        let key = |name: &str| Step::Key(name.to_owned());
        check(&[key("title")], "甲", "title");
        check(&[key("positions"), Step::Index(0), key("count")], "x", "count");
        check(&[key("positions"), Step::Index(1), key("name")], "咨询", "name");
        check(&[key("topics"), Step::Index(1)], "b", "b");
    }

    #[test]
    fn the_line_above_stands_for_the_whole_whatever_space_ends_it() {
        for line in ["---\n", "---  \n", "---　\n", "---\r\n", "---　\r\n"] {
            let text = format!("\u{feff}{line}date: 2026-11-01\n---\n");
            let yaml = "\u{feff}".len() + line.len()..text.len() - "---\n".len();
            let found = locate(&text, yaml, &At::Value(KeyPath(Vec::new())));
            assert_eq!(found.map(|span| &text[span]), Some("---"), "{line:?}");
        }
    }

    fn codes(yaml: &str) -> Vec<std::borrow::Cow<'static, str>> {
        match read(&FilePath::new("a.md"), yaml, 0..yaml.len()) {
            Ok(_) => Vec::new(),
            Err(diagnostics) => diagnostics.into_iter().map(|diagnostic| diagnostic.code).collect(),
        }
    }

    #[test]
    fn names_the_usual_slips() {
        assert_eq!(codes("title： 甲\n"), ["full-width-colon"]);
        assert_eq!(codes("title： 甲\ndate： 2020-01-01\n"), ["full-width-colon", "full-width-colon"]);
        assert_eq!(codes("title:甲\n"), ["missing-space"]);
        assert_eq!(codes("a: 1\nplace:\n\tname: 甲\n"), ["tab-indentation"]);
        assert_eq!(codes("title: 通知: 招募\n"), ["unquoted-colon"]);
        assert_eq!(codes("title: @所有人\n"), ["unquoted-start"]);
        assert_eq!(codes("title: **甲**\n"), ["unquoted-start"]);
        assert_eq!(codes("title: [通知]关于培训\n"), ["unquoted-start"]);
        assert_eq!(codes("title: \"文明\"实践\n"), ["unquoted-start"]);
        for title in ["|通知", ">通知", "`甲`乙", "]甲", "}甲", ",甲"] {
            assert_eq!(codes(&format!("title: {title}\ndate: 2020-01-01\n")), ["unquoted-start"], "{title}");
            assert_eq!(codes(&format!("keywords:\n  - 乙\n  - {title}\n")), ["unquoted-start"], "{title}");
        }
        assert_eq!(codes("summary: |\n  甲\nnote: >-\n  乙\n"), Vec::<&str>::new());
        assert_eq!(codes("topics: [甲\ndate: 2020-01-01\n"), ["unclosed-bracket"]);
        assert_eq!(codes("contacts:\n  - {unit: 甲， phone: 12345}\n"), ["full-width-comma"]);
        assert_eq!(codes("topics: 甲]\n  x: [\"\n"), ["unclosed-quote"]);
        assert_eq!(codes("title: \"甲\ndate: 2020-01-01\n"), ["unclosed-quote"]);
        assert_eq!(codes("title: 甲\n区域 示例区\ndate: 2020-01-01\n"), ["missing-colon"]);
        assert_eq!(codes("title; 甲\ndate: 2020-01-01\n"), ["missing-colon"]);
        assert_eq!(codes("title: 甲\ntitle: 乙\n"), ["duplicate-key"]);
        assert_eq!(codes("- 甲\n"), ["not-keys"]);
        assert_eq!(codes(""), Vec::<&str>::new());
    }
}
