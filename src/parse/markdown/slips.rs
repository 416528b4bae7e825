//! Markdown that looks right to its editor and stayed text: tables, boxes of advice, bold.
//!
//! Looks only at what the parser took for text, so that code, escaped stars and real tables give no cause for a word.
//! Start at [`find`].

use std::ops::Range;

use pulldown_cmark::{Event, Tag, TagEnd};

use super::writer::{Events, Source};
use super::{Finding, FindingKind, cjk};

/// All that is found, in the order of the text.
pub fn find(events: Events<'_>, source: Source<'_>) -> Vec<Finding> {
    let text = source.prepared.text.as_bytes();
    let holds = |part: &str| memchr::memmem::find(text, part.as_bytes()).is_some();
    let mut stars = memchr::memchr_iter(b'*', text).peekable();
    let may_hold_rows = holds("|") || holds("｜");
    if !may_hold_rows && stars.peek().is_none() && !holds("[!") {
        return Vec::new();
    }
    let mut slips = Slips { source, may_hold_rows, findings: Vec::new(), stars: Vec::new() };
    let mut in_code = false;
    for (event, range) in events {
        match event {
            Event::Start(tag) if !is_phrase(&tag.to_end()) => {
                slips.end_block();
                in_code = matches!(tag, Tag::CodeBlock(_));
                if matches!(tag, Tag::Paragraph) {
                    slips.paragraph(range);
                }
            }
            Event::End(tag) if !is_phrase(tag) => {
                slips.end_block();
                in_code = false;
            }
            Event::Text(_) if !in_code => {
                while stars.next_if(|star| *star < range.start).is_some() {}
                while let Some(star) = stars.next_if(|star| *star < range.end) {
                    slips.star(star);
                }
            }
            _ => {}
        }
    }
    slips.findings
}

/// Whether an element stands within a line of text.
fn is_phrase(tag: &TagEnd) -> bool {
    matches!(tag, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image)
}

struct Slips<'e> {
    source: Source<'e>,
    may_hold_rows: bool,
    findings: Vec<Finding>,
    /// The runs of stars in the text of this block, in bytes of the Markdown.
    stars: Vec<Range<usize>>,
}

impl<'e> Slips<'e> {
    /// The Markdown as it was written, and where its parts stand in it.
    fn original(&self, range: &Range<usize>) -> (&'e str, Range<usize>) {
        let place = |at| self.source.prepared.original(at);
        (self.source.markdown, place(range.start)..place(range.end))
    }

    fn push(&mut self, span: Range<usize>, kind: FindingKind) {
        let place = |at: usize| (at + self.source.body_start) as u32;
        self.findings.push(Finding { span: place(span.start)..place(span.end), kind });
    }

    fn paragraph(&mut self, range: &Range<usize>) {
        let (markdown, range) = self.original(range);
        let text = &markdown[range.clone()];
        if let Some(length) = alert(text) {
            let kind = text["[!".len()..length - 1].to_owned();
            self.push(range.start..range.start + length, FindingKind::NotAnAlert(kind));
        }
        if !self.may_hold_rows {
            return;
        }
        let mut last: Option<Range<usize>> = None;
        for line in text.lines() {
            let row = row(line).map(|row| {
                let start = row.as_ptr() as usize - markdown.as_ptr() as usize;
                start..start + row.len()
            });
            if let (Some(first), Some(_)) = (&last, &row) {
                return self.push(first.clone(), FindingKind::NotATable);
            }
            last = row;
        }
    }

    /// Notes a star that stayed in the text.
    fn star(&mut self, at: usize) {
        let start = self.source.prepared.original(at);
        match self.stars.last_mut() {
            Some(run) if run.end == start => run.end = start + 1,
            _ if cjk::is_escaped(self.source.markdown.as_bytes(), start) => {}
            _ => self.stars.push(start..start + 1),
        }
    }

    /// Two runs that are left in one block were to be a pair; one alone was, where a text follows it. Runs of several
    /// lengths are marks of notes: `*为必填项，**为选填项`.
    fn end_block(&mut self) {
        let markdown = self.source.markdown;
        if self.stars.windows(2).any(|runs| runs[0].len() != runs[1].len()) {
            return self.stars.clear();
        }
        let stars: Vec<Range<usize>> = self.stars.drain(..).filter(|run| is_for_bold(markdown, run)).collect();
        for pair in stars.chunks(2) {
            if pair.len() == 2 || opens(markdown, &pair[0]) {
                self.push(pair[0].clone(), FindingKind::NotBold);
            }
        }
    }
}

/// The length of `[!提示]` at the beginning of a paragraph. The parser takes those that it knows out of the text.
fn alert(text: &str) -> Option<usize> {
    let kind = text.strip_prefix("[!")?;
    let end = kind.find(['[', ']', '\n']).filter(|end| *end > 0 && kind[*end..].starts_with(']'))?;
    let is_link = kind[end + 1..].starts_with(['(', '（', '[', ':']);
    (!is_link).then_some("[!".len() + end + 1)
}

/// A line that was to be the row of a table, without what stands around it.
fn row(line: &str) -> Option<&str> {
    let row = line.trim_start_matches([' ', '\t', '>', '\u{3000}']).trim_end();
    (row.starts_with(['|', '｜']) && row.matches(['|', '｜']).count() > 1).then_some(row)
}

/// Whether a run was to be bold, by what stands around it: not `2 ** 3`, `138****1234`, `王**同志`.
fn is_for_bold(markdown: &str, run: &Range<usize>) -> bool {
    let (before, after) = (&markdown[..run.start], &markdown[run.end..]);
    let is_plain = |c: char| c.is_ascii_alphanumeric();
    let is_sum =
        before.trim_end_matches(' ').ends_with(is_plain) && after.trim_start_matches(' ').starts_with(is_plain);
    let letters = before.chars().rev().take(3).take_while(|c| c.is_alphanumeric()).count();
    let is_name = letters == 1 || letters == 2 && !after.starts_with(char::is_alphanumeric);
    let is_number = before.ends_with(|c: char| c.is_ascii_digit());
    matches!(run.len(), 2 | 3) && !is_sum && !is_number && !is_name
}

/// Whether a text begins behind a run.
fn opens(markdown: &str, run: &Range<usize>) -> bool {
    let next = markdown[run.end..].chars().next();
    next.is_some_and(|c| c.is_alphanumeric() || matches!(c, '“' | '‘' | '《' | '（' | '【' | '「' | '〔'))
}
