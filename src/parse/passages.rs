//! The readable text of one file, piece by piece, with the way back to its bytes: what checks read.
//!
//! Start at [`read`].

use std::ops::Range;

use serde_yaml::Value;

use super::markdown;
use super::yaml;
use crate::diagnostic::{At, FilePath, KeyPath, Place, Step};

/// One file's text, cut into passages.
#[derive(Debug, Default)]
pub struct Text {
    /// The bytes of the front matter.
    pub yaml: Range<usize>,
    /// Where the body begins.
    pub body: usize,
    /// Those of the front matter first, then the body's, in the order of the text.
    pub passages: Vec<Passage>,
}

/// A stretch of text that a reader reads in one go: a paragraph, a heading, a cell, a value of the front matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    pub kind: Kind,
    /// Without markup; a line break of the source stays one (`\n`).
    pub text: String,
    /// Where parts of the text stand in the file, in rising order; empty for a value of the front matter.
    runs: Vec<Run>,
    /// The parts that are code between backticks.
    pub code: Vec<Range<usize>>,
    /// The parts that are the text of a link, each with its target.
    pub links: Vec<(Range<usize>, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A value of the front matter.
    Value(KeyPath),
    /// A heading of this level, 1 to 6.
    Heading(u8),
    Paragraph,
    /// An entry of a list, without those below it.
    Entry,
    /// A cell of a table; `is_head` in its first row. Columns count from 1.
    Cell {
        is_head: bool,
        column: usize,
    },
    /// The alternative text of a picture.
    Alt,
    /// The title of a link or of a picture, which may be its caption; the title or alternative text of a raw tag in a line.
    Title,
    CodeBlock,
    /// Raw HTML, tags included.
    Html,
}

/// From `at` in the text on, the text stands at `source` in the file, up to the next run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    at: usize,
    source: usize,
}

impl Passage {
    pub fn new(kind: Kind) -> Self {
        Self { kind, text: String::new(), runs: Vec::new(), code: Vec::new(), links: Vec::new() }
    }

    /// Appends a text that stands at `source` of the file.
    pub(super) fn push(&mut self, text: &str, source: usize) {
        self.runs.push(Run { at: self.text.len(), source });
        self.text.push_str(text);
    }

    /// The bytes of the file for a part of the text; `None` for a value of the front matter.
    pub fn source(&self, part: &Range<usize>) -> Option<Range<usize>> {
        let run_of = |at: usize| self.runs.partition_point(|run| run.at <= at).checked_sub(1);
        let start = self.runs[run_of(part.start)?];
        // The end belongs to the run of the last byte, or the next run's markup would be taken along.
        let end = self.runs[run_of(part.end.max(part.start + 1) - 1)?];
        let start = start.source + part.start - start.at;
        Some(start..(end.source + part.end - end.at).max(start))
    }

    /// The place of a part of the text. For a value of the front matter it is the whole value.
    pub fn place(&self, file: &FilePath, part: &Range<usize>) -> Place {
        match (&self.kind, self.source(part)) {
            (Kind::Value(path), _) => Place::value(file, path.clone()),
            (_, Some(source)) => Place::bytes(file, source),
            (_, None) => Place::file(file),
        }
    }

    /// The key under which it stands in the front matter, without the keys around it.
    pub fn key(&self) -> Option<&str> {
        let Kind::Value(KeyPath(steps)) = &self.kind else { return None };
        steps.iter().rev().find_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Index(_) => None,
        })
    }

    /// Whether it is written to be read as a sentence, so that rules of writing hold for it. A title stands between quotation
    /// marks that are markup.
    pub fn is_prose(&self) -> bool {
        !matches!(self.kind, Kind::CodeBlock | Kind::Html | Kind::Title)
    }

    /// Whether a part of the text lies in code between backticks.
    pub fn is_code(&self, part: &Range<usize>) -> bool {
        self.code.iter().any(|code| code.start < part.end && part.start < code.end)
    }
}

/// Reads a file's passages. A file that is broken gives those that can be read: what is wrong with it, the parser says.
pub fn read(file: &FilePath, text: &str) -> Text {
    let Ok(cut) = yaml::cut(file, text) else { return Text::default() };
    let mut passages = Vec::new();
    if let Ok(value) = yaml::read(file, text, cut.yaml.clone()) {
        values(&value, &KeyPath::default(), &mut passages);
    }
    passages.extend(markdown::passages(&text[cut.body..], cut.body));
    Text { yaml: cut.yaml, body: cut.body, passages }
}

/// Narrows the place of a front matter's value, once it is known by bytes, to a part of it.
pub fn narrow(place: &mut Place, text: &str, part: &str) {
    let At::Bytes(start, end) = place.at else { return };
    if let Some(at) = text.get(start..end).and_then(|value| value.find(part)).filter(|_| !part.is_empty()) {
        place.at = At::Bytes(start + at, start + at + part.len());
    }
}

fn values(value: &Value, path: &KeyPath, passages: &mut Vec<Passage>) {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Sequence(entries) => {
            return entries.iter().enumerate().for_each(|(index, entry)| values(entry, &path.index(index), passages));
        }
        Value::Mapping(mapping) => {
            for (key, value) in mapping {
                if let Value::String(key) = key {
                    values(value, &path.key(key), passages);
                }
            }
            return;
        }
        _ => return,
    };
    if !text.is_empty() {
        passages.push(Passage { text, ..Passage::new(Kind::Value(path.clone())) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passages(text: &str) -> Vec<(Kind, String)> {
        read(&FilePath::new("a.md"), text).passages.into_iter().map(|passage| (passage.kind, passage.text)).collect()
    }

    #[test]
    fn the_front_matter_gives_its_values() {
        let found = passages("---\ntitle: 甲\ncontacts:\n  - {phone: 13812345678}\n---\n正文\n");
        let phone = KeyPath::default().key("contacts").index(0).key("phone");
        assert_eq!(found[0], (Kind::Value(KeyPath::default().key("title")), "甲".to_owned()));
        assert_eq!(found[1], (Kind::Value(phone), "13812345678".to_owned()));
        assert_eq!(found[2], (Kind::Paragraph, "正文".to_owned()));
    }

    #[test]
    fn a_body_gives_blocks_without_markup() {
        let text = "---\n---\n# 一\n\n**甲（注）**乙`c`[丙](a.md)\n第二行\n\n- 丁\n  - 戊\n\n|头|部|\n|-|-|\n||格|\n\n![图](a.png)\n";
        let found = passages(text);
        let expected = [
            (Kind::Heading(1), "一"),
            (Kind::Paragraph, "甲（注）乙c丙\n第二行"),
            (Kind::Entry, "丁"),
            (Kind::Entry, "戊"),
            (Kind::Cell { is_head: true, column: 1 }, "头"),
            (Kind::Cell { is_head: true, column: 2 }, "部"),
            (Kind::Cell { is_head: false, column: 2 }, "格"),
            (Kind::Alt, "图"),
        ];
        let found: Vec<_> = found.iter().map(|(kind, text)| (kind.clone(), text.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn titles_are_passages_as_the_file_writes_them() {
        let text = "---\n---\n> ![图](a.png \"题（注）\")\n\n[甲](b.md '提\\*示') <span title=\"说明\">乙</span>[丙][一]\n\n[一]: c.md \"定义\"\n";
        let read = read(&FilePath::new("a.md"), text);
        let titles: Vec<&Passage> = read.passages.iter().filter(|passage| passage.kind == Kind::Title).collect();
        let texts: Vec<&str> = titles.iter().map(|passage| passage.text.as_str()).collect();
        assert_eq!(texts, ["题（注）", "](b.md '提\\*示')", "说明", "定义"]);
        for passage in titles {
            let source = passage.source(&(0..passage.text.len())).expect("a place in the body");
            assert_eq!(text[source], passage.text);
        }
    }

    #[test]
    fn every_part_of_a_body_is_found_in_the_file() {
        let text = "---\n---\n**甲（注）**乙&amp;`c`丙\\*丁\n第二行\n";
        let read = read(&FilePath::new("a.md"), text);
        let passage = &read.passages[0];
        for part in ["甲（注）", "乙", "c", "丙", "丁", "第二行"] {
            let at = passage.text.find(part).expect("the part");
            let source = passage.source(&(at..at + part.len())).expect("a place in the body");
            assert_eq!(&text[source], part);
        }
    }
}
