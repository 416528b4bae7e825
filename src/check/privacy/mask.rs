//! What is to be masked in a file, as replacements: bytes between them stay as they are.
//!
//! Knows a file's name and bytes; never writes. Start at [`mask`].

use std::ops::Range;

use super::attachments::{is_document, look_into, text};
use super::numbers::{self, Around, Personal};
use super::{allows, is_exceptions_key, numbers_of, rule_of};
use crate::check::exceptions::Exceptions;
use crate::diagnostic::{At, FilePath, KeyPath, Place, Step, Text};
use crate::parse;
use crate::parse::item::PrivacyException;
use crate::parse::passages::{self, Kind, Passage};

/// What comes of a file.
#[derive(Debug, PartialEq, Eq)]
pub enum Masked {
    /// Its text, what to change in it, and which numbers a person must mend: those that markup or a link parts, that the front
    /// matter writes in another way, or that stand where only a number can.
    Text { text: String, changes: Vec<Change>, left: Vec<Range<usize>> },
    /// Places in a document that only its own program can change, each with the masked number.
    Elsewhere(Vec<(Text, String)>),
    /// A text in another encoding.
    NotText,
    /// A document that cannot be looked into.
    Unreadable(Text),
}

/// A number and what is to stand in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub range: Range<usize>,
    pub masked: String,
}

/// Finds what is to be masked. What `exceptions` allow stays, and in Markdown what its own `privacy_exceptions` do, and names of
/// files and web addresses.
pub fn mask(file: &FilePath, bytes: &[u8], exceptions: &[PrivacyException]) -> Masked {
    let extension = file.extension();
    let is_text = matches!(extension.as_str(), "md" | "txt" | "csv" | "tsv") || !is_document(&extension);
    if !is_text {
        return match look_into(&extension, bytes) {
            Ok(hits) => Masked::Elsewhere(
                hits.into_iter()
                    .filter(|hit| !is_allowed(&hit.personal, exceptions))
                    .map(|hit| (hit.at, hit.personal.masked()))
                    .collect(),
            ),
            Err(why) => Masked::Unreadable(why.0),
        };
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return Masked::NotText };
    if text.contains('\0') {
        return Masked::NotText;
    }
    let (changes, left) = match extension.as_str() {
        "md" if text.starts_with("---") => in_markdown(file, text),
        "csv" | "tsv" => (in_cells(text, exceptions), Vec::new()),
        _ => (in_lines(text, exceptions), Vec::new()),
    };
    Masked::Text { text: text.to_owned(), changes, left }
}

fn is_allowed(personal: &Personal, exceptions: &[PrivacyException]) -> bool {
    exceptions.iter().any(|exception| allows(exception, &personal.number))
}

fn in_cells(text: &str, exceptions: &[PrivacyException]) -> Vec<Change> {
    let cells = text::cells(text);
    cells
        .into_iter()
        .flat_map(|cell| in_part(&text[cell.range.clone()], (cell.range.start, cell.heading), exceptions))
        .collect()
}

fn in_lines(text: &str, exceptions: &[PrivacyException]) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        changes.extend(in_part(line, (at, ""), exceptions));
        at += line.len();
    }
    changes
}

/// Of a part of the text that begins at a byte, under a heading.
fn in_part(part: &str, (at, heading): (usize, &str), exceptions: &[PrivacyException]) -> Vec<Change> {
    let change = |personal: Personal| Change {
        masked: personal.masked(),
        range: at + personal.range.start..at + personal.range.end,
    };
    let found = numbers::find(part, Around { heading }).into_iter();
    found.filter(|personal| !is_allowed(personal, exceptions)).map(change).collect()
}

/// What is to change in a Markdown file, and what stays, though it holds a number.
fn in_markdown(file: &FilePath, text: &str) -> (Vec<Change>, Vec<Range<usize>>) {
    let read = passages::read(file, text);
    let exceptions = exceptions(&read.passages);
    let comments = Exceptions::read(text, &read.yaml);
    let (mut changes, mut left) = (Vec::new(), Vec::new());
    for (passage, personal) in numbers_of(read.passages.iter().filter(|passage| !is_left_alone(passage))) {
        if is_allowed(&personal, &exceptions) {
            continue;
        }
        match written_at(file, text, passage, &personal) {
            // A comment beside it may answer for it, as in a check.
            Some(range) if comments.accept(rule_of(personal.kind).0.code, &At::bytes(range.clone())) => {}
            Some(range) if is_quantity(passage) => left.push(range),
            Some(range) => changes.push(Change { range, masked: masked_in(passage, &personal) }),
            None => left.extend(passage.source(&personal.range).or_else(|| value_in(file, text, passage))),
        }
    }
    for (at, _) in text.match_indices("tel:") {
        let end = text[at..].find([')', '>', '"', '\'', '\n', ' ']).map_or(text.len(), |length| at + length);
        left.extend(in_part(&text[at..end], (at, ""), &exceptions).into_iter().map(|change| change.range));
    }
    changes.sort_by_key(|change| change.range.start);
    changes.dedup_by(|later, earlier| later.range.start < earlier.range.end);
    left.retain(|range| !changes.iter().any(|change| change.range.start < range.end && range.start < change.range.end));
    (changes, left)
}

/// Whether the masked form of a number can be written in its place; else a person must change it.
pub(super) fn can_mask(file: &FilePath, text: &str, passage: &Passage, personal: &Personal) -> bool {
    !is_quantity(passage) && written_at(file, text, passage, personal).is_some()
}

/// Where a number stands in the file, if nothing parts it there.
fn written_at(file: &FilePath, text: &str, passage: &Passage, personal: &Personal) -> Option<Range<usize>> {
    let written = &passage.text[personal.range.clone()];
    bytes_of(file, text, passage, personal).filter(|range| text.get(range.clone()) == Some(written))
}

/// Where a number stands in the file, with what may part it.
fn bytes_of(file: &FilePath, text: &str, passage: &Passage, personal: &Personal) -> Option<Range<usize>> {
    let Kind::Value(_) = passage.kind else { return passage.source(&personal.range) };
    let mut place = Place { file: file.clone(), at: At::bytes(value_in(file, text, passage)?) };
    passages::narrow(&mut place, text, &passage.text[personal.range.clone()]);
    match place.at {
        At::Bytes(start, end) => Some(start..end),
        _ => None,
    }
}

/// Where a value of the front matter stands in the file.
fn value_in(file: &FilePath, text: &str, passage: &Passage) -> Option<Range<usize>> {
    parse::bytes_of(&passage.place(file, &(0..0)), text)
}

/// Whether a value must be a number: with stars in it, the file could not be read any more.
fn is_quantity(passage: &Passage) -> bool {
    matches!(passage.key(), Some("value" | "数值" | "count" | "人数" | "recruited" | "已招"))
}

/// Stars of two masked numbers in one paragraph would make what stands between them bold, so they are escaped there.
fn masked_in(passage: &Passage, personal: &Personal) -> String {
    let is_text = !matches!(passage.kind, Kind::Value(_) | Kind::CodeBlock | Kind::Html | Kind::Title);
    let is_plain = !is_text || passage.is_code(&personal.range);
    if is_plain { personal.masked() } else { personal.masked().replace('*', "\\*") }
}

/// What the front matter allows; a file that is no item of a site may have it too.
fn exceptions(passages: &[Passage]) -> Vec<PrivacyException> {
    let texts = passages.iter().filter(|passage| {
        matches!(passage.key(), Some("match" | "内容")) && first_key(passage).is_some_and(is_exceptions_key)
    });
    texts
        .map(|passage| PrivacyException {
            text: passage.text.clone(),
            reason: String::new(),
            approved_by: String::new(),
        })
        .collect()
}

/// The exceptions themselves, coordinates and names of files: a masked name would lead nowhere.
fn is_left_alone(passage: &Passage) -> bool {
    let is_file = matches!(
        first_key(passage),
        Some("attachments" | "附件" | "cover" | "封面" | "aliases" | "旧网址" | "slug" | "网址名")
    ) && !matches!(passage.key(), Some("name" | "名称" | "alt" | "说明"));
    is_file
        || first_key(passage).is_some_and(is_exceptions_key)
        || matches!(passage.key(), Some("lat" | "lng" | "纬度" | "经度"))
}

fn first_key(passage: &Passage) -> Option<&str> {
    let Kind::Value(KeyPath(steps)) = &passage.kind else { return None };
    match steps.first() {
        Some(Step::Key(key)) => Some(key),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text of a file with what is to be masked in it, and what is left to a person.
    fn masked(name: &str, text: &str) -> (String, Vec<String>) {
        let Masked::Text { changes, left, .. } = mask(&FilePath::new(name), text.as_bytes(), &[]) else {
            panic!("no text")
        };
        let mut new = text.to_owned();
        for change in changes.iter().rev() {
            new.replace_range(change.range.clone(), &change.masked);
        }
        (new, left.into_iter().map(|range| text[range].to_owned()).collect())
    }

    #[test]
    fn numbers_are_masked_and_all_else_stays() {
        for (name, text, expected) in [
            ("a.txt", "王某 138-0000-1234\r\n座机 021-62345678\r\n", "王某 138****1234\r\n座机 021-62345678\r\n"),
            ("a.csv", "订单编号,手机\n13800001234,\"13900001234\"\n", "订单编号,手机\n13800001234,\"139****1234\"\n"),
            (
                "a.md",
                "---\n---\n<!-- 允许 mobile-number：本人同意 -->\n13800001234\n",
                "---\n---\n<!-- 允许 mobile-number：本人同意 -->\n13800001234\n",
            ),
            ("README.md", "王某 13800001234\n", "王某 138****1234\n"),
            (
                "a.md",
                "---\n---\n![图](a.png \"王某 13800001234\")[名单](b.md \"13900001234\")<i title=\"13700001234\">*</i>\n",
                "---\n---\n![图](a.png \"王某 138****1234\")[名单](b.md \"139****1234\")<i title=\"137****1234\">*</i>\n",
            ),
            (
                "a.md",
                "---\n---\n|手机|队伍编号|\n|-|-|\n|13800001234|13900001234|\n",
                "---\n---\n|手机|队伍编号|\n|-|-|\n|138\\*\\*\\*\\*1234|13900001234|\n",
            ),
            (
                "a.md",
                "---\ntitle: 甲 # 13700001234\nphone: 138 0000 1234\n---\n王某 +86 13800001234、`13900001234`\n",
                "---\ntitle: 甲 # 13700001234\nphone: 138****1234\n---\n王某 +86 138\\*\\*\\*\\*1234、`139****1234`\n",
            ),
            (
                "a.md",
                "---\nprivacy_exceptions:\n  - {match: 138****1234}\nattachments: [13700001234.txt]\n---\n13800001234 11010519491231002X\n",
                "---\nprivacy_exceptions:\n  - {match: 138****1234}\nattachments: [13700001234.txt]\n---\n13800001234 11\\*\\*\\*\\*\\*\\*\\*\\*\\*\\*\\*\\*\\*02X\n",
            ),
        ] {
            assert_eq!(masked(name, text).0, expected, "{text}");
        }
    }

    #[test]
    fn what_markup_parts_is_left_to_a_person() {
        let (text, left) = masked("a.md", "---\n---\n138**0000**1234 [打电话](tel:13900001234)\n");
        assert_eq!(text, "---\n---\n138**0000**1234 [打电话](tel:13900001234)\n");
        assert_eq!(left, ["138**0000**1234", "13900001234"]);
    }

    #[test]
    fn what_must_be_a_number_or_is_written_otherwise_is_left_to_a_person() {
        let yaml = "---\nfigures: [{name: 甲, value: 13800001234}]\nphone: \"139\\u00200000\\u00201234\"\n---\n";
        let (text, left) = masked("a.md", yaml);
        assert_eq!(text, yaml);
        assert_eq!(left, ["13800001234", "\"139\\u00200000\\u00201234\""]);
    }

    #[test]
    fn other_formats_and_encodings_are_left_alone() {
        assert_eq!(mask(&FilePath::new("a.txt"), b"\xB5\xE7\xBB\xB0", &[]), Masked::NotText);
        assert!(matches!(mask(&FilePath::new("a.doc"), b"", &[]), Masked::Unreadable(_)));
    }
}
