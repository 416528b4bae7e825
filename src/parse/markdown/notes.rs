//! Footnotes, and what else has to be known of all events before the first one is written.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use pulldown_cmark::{Event, Tag, TagEnd};

use super::writer::{Events, Writer};
use super::{FindingKind, cjk};

/// What has to be known of all events before the first one is written.
pub struct Survey<'e> {
    /// Whether there is a heading of level 1: all headings go one level down then, so that the
    /// page's title stays the only one.
    pub has_title: bool,
    /// Whether there is raw HTML, which costs a pass through the sanitizer.
    pub has_raw: bool,
    /// In the order of the text.
    notes: Vec<Note<'e>>,
    by_label: BTreeMap<String, usize>,
    /// The notes that something refers to, in the order of their first references.
    order: Vec<usize>,
}

/// A footnote's definition.
pub struct Note<'e> {
    label: &'e str,
    /// The index of its start event.
    start: usize,
    /// The events of its content.
    events: Range<usize>,
    /// Counted from 1; 0 before the first reference.
    number: usize,
    references: usize,
}

impl<'e> Survey<'e> {
    pub fn new(events: Events<'e>) -> Self {
        let mut survey =
            Self { has_title: false, has_raw: false, notes: Vec::new(), by_label: BTreeMap::new(), order: Vec::new() };
        let mut open = Vec::new();
        for (at, (event, _)) in events.iter().enumerate() {
            match event {
                Event::Html(_) | Event::InlineHtml(_) => survey.has_raw = true,
                Event::Start(Tag::Heading { level, .. }) => survey.has_title |= *level as u8 == 1,
                Event::Start(Tag::FootnoteDefinition(label)) => {
                    let note = survey.notes.len();
                    open.push(note);
                    survey.by_label.entry(label.to_lowercase()).or_insert(note);
                    survey.notes.push(Note { label, start: at, events: at + 1..at + 1, number: 0, references: 0 });
                }
                Event::End(TagEnd::FootnoteDefinition) => {
                    if let Some(note) = open.pop() {
                        survey.notes[note].events.end = at;
                    }
                }
                _ => {}
            }
        }
        survey
    }

    /// The index of the end event of the definition that starts at this event.
    pub fn end_of_note(&self, start: usize) -> usize {
        let found = self.notes.binary_search_by_key(&start, |note| note.start);
        found.map_or(start, |note| self.notes[note].events.end)
    }

    /// Counts a reference: the note's number and how many references there are by now.
    fn refer(&mut self, label: &str) -> Option<(usize, usize)> {
        let index = *self.by_label.get(&label.to_lowercase())?;
        let note = &mut self.notes[index];
        if note.number == 0 {
            self.order.push(index);
            note.number = self.order.len();
        }
        note.references += 1;
        Some((note.number, note.references))
    }
}

impl Writer<'_> {
    /// The parser hands an unknown `[^name]` back as text, in three pieces.
    pub fn look_for_footnote(&mut self, text: &str, range: &Range<usize>) {
        let Some(name) = text.strip_prefix('^').filter(|name| !name.is_empty()) else { return };
        let source = self.source.prepared.text.as_bytes();
        let before = range.start.checked_sub(1).and_then(|at| source.get(at));
        if before == Some(&b'[') && source.get(range.end) == Some(&b']') {
            let name = cjk::restore(name).into_owned();
            self.find(range.start - 1..range.end + 1, FindingKind::UndefinedFootnote(name));
        }
    }

    pub fn note_reference(&mut self, label: &str) {
        self.at_start = false;
        let Some((number, reference)) = self.survey.refer(label) else { return };
        let _ = write!(self.html, "<sup class=\"footnote\" id=\"{}\">", reference_id(number, reference));
        // HTML does not allow a link inside a link.
        let _ = match self.in_link {
            true => write!(self.html, "{number}</sup>"),
            false => write!(self.html, "<a href=\"#fn-{number}\" role=\"doc-noteref\">{number}</a></sup>"),
        };
    }

    /// The notes in the order of their first references. A note may refer to further ones.
    pub fn notes(&mut self) {
        self.lead.mute += 1;
        let mut number = 0;
        while let Some(&note) = self.survey.order.get(number) {
            number += 1;
            if number == 1 {
                self.block("<div class=\"footnotes\" role=\"doc-endnotes\" aria-label=\"注释\">\n<ol>\n");
            }
            let _ = write!(self.html, "<li id=\"fn-{number}\">");
            let Note { events, .. } = &self.survey.notes[note];
            self.events(events.clone());
            self.back_links(number, self.survey.notes[note].references);
            self.html.push_str("</li>\n");
        }
        if number > 0 {
            self.close_raw(0);
            self.html.push_str("</ol>\n</div>\n");
        }
        for note in 0..self.survey.notes.len() {
            let Note { label, references, start, .. } = self.survey.notes[note];
            if references == 0 {
                let name = cjk::restore(label).into_owned();
                let range = self.events[start].1.start;
                let range = range..range + label.len() + "[^]:".len();
                self.find(range, FindingKind::UnusedFootnote(name));
            }
        }
    }

    /// Links from a note back to its references, inside its last paragraph.
    fn back_links(&mut self, number: usize, references: usize) {
        let in_paragraph = self.html.ends_with("</p>\n");
        if in_paragraph {
            self.html.truncate(self.html.len() - "</p>\n".len());
        }
        for reference in 1..=references {
            let id = reference_id(number, reference);
            let _ = write!(self.html, " <a href=\"#{id}\" role=\"doc-backlink\" aria-label=\"返回正文");
            self.html.push_str(&match reference {
                1 => "\">↩</a>".to_owned(),
                _ => format!(" {reference}\">↩<sup>{reference}</sup></a>"),
            });
        }
        if in_paragraph {
            self.html.push_str("</p>\n");
        }
    }
}

/// The id of a place that refers to a note.
fn reference_id(number: usize, reference: usize) -> String {
    match reference {
        1 => format!("fnref-{number}"),
        _ => format!("fnref-{number}-{reference}"),
    }
}
