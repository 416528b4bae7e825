//! Cuts a body into the passages that checks read: see [`crate::parse::passages`].

use pulldown_cmark::{Event, Tag, TagEnd};

use super::cjk;
use crate::parse::passages::{Kind, Passage};

/// The passages of a body that begins at `body_start` of its file.
pub fn passages(markdown: &str, body_start: usize) -> Vec<Passage> {
    let prepared = cjk::prepare(markdown);
    let events = super::parser(&prepared).into_offset_iter();
    let mut cutter = Cutter::default();
    for (event, span) in events {
        let source = body_start + prepared.original(span.start);
        cutter.event(event, source, markdown, body_start);
    }
    cutter.passages
}

#[derive(Default)]
struct Cutter {
    passages: Vec<Passage>,
    /// The passages that are open, the innermost last: an entry of a list may hold paragraphs and further lists.
    open: Vec<Passage>,
    /// Where in the innermost passage each open link began.
    links: Vec<(usize, String)>,
    is_head: bool,
}

impl Cutter {
    fn event(&mut self, event: Event<'_>, source: usize, markdown: &str, body_start: usize) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text, source, markdown, body_start),
            Event::Code(text) => self.code(&text, source, markdown, body_start),
            Event::SoftBreak | Event::HardBreak => self.text("\n", source, markdown, body_start),
            Event::Html(html) => self.text(&html, source, markdown, body_start),
            Event::InlineHtml(_) | Event::FootnoteReference(_) | Event::Rule | Event::TaskListMarker(_) => {}
            Event::InlineMath(text) | Event::DisplayMath(text) => self.text(&text, source, markdown, body_start),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        let kind = match tag {
            Tag::Paragraph | Tag::DefinitionListTitle | Tag::DefinitionListDefinition => Kind::Paragraph,
            Tag::Heading { level, .. } => Kind::Heading(level as u8),
            Tag::Item => Kind::Entry,
            Tag::CodeBlock(_) => Kind::CodeBlock,
            Tag::HtmlBlock => Kind::Html,
            Tag::Image { .. } => Kind::Alt,
            Tag::TableHead => return self.is_head = true,
            Tag::TableCell => Kind::Cell { is_head: self.is_head },
            Tag::Link { dest_url, .. } => {
                let at = self.open.last().map_or(0, |passage| passage.text.len());
                return self.links.push((at, cjk::restore(&dest_url).into_owned()));
            }
            _ => return,
        };
        // What an entry said before a list or paragraph in it is a passage of its own.
        if matches!(kind, Kind::Paragraph | Kind::Entry) {
            self.flush();
        }
        self.open.push(Passage::new(kind));
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::TableHead => self.is_head = false,
            TagEnd::Link => {
                if let (Some((start, target)), Some(passage)) = (self.links.pop(), self.open.last_mut()) {
                    passage.links.push((start..passage.text.len(), target));
                }
            }
            TagEnd::Paragraph
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::Heading(_)
            | TagEnd::Item
            | TagEnd::CodeBlock
            | TagEnd::HtmlBlock
            | TagEnd::Image
            | TagEnd::TableCell => {
                let passage = self.open.pop();
                self.keep(passage);
            }
            _ => {}
        }
    }

    /// Closes what the innermost passage has said so far and lets it begin anew.
    fn flush(&mut self) {
        if let Some(open) = self.open.last_mut() {
            let empty = Passage::new(open.kind.clone());
            let said = std::mem::replace(open, empty);
            self.keep(Some(said));
        }
    }

    fn keep(&mut self, passage: Option<Passage>) {
        self.passages.extend(passage.filter(|passage| !passage.text.trim().is_empty()));
    }

    fn code(&mut self, text: &str, source: usize, markdown: &str, body_start: usize) {
        let Some(start) = self.open.last().map(|passage| passage.text.len()) else { return };
        let ticks = markdown[source - body_start..].bytes().take_while(|byte| *byte == b'`').count();
        self.text(text, source + ticks, markdown, body_start);
        if let Some(passage) = self.open.last_mut() {
            passage.code.push(start..passage.text.len());
        }
    }

    /// Appends a text piece by piece: the sentinels that it holds do not stand in the file.
    fn text(&mut self, text: &str, source: usize, markdown: &str, body_start: usize) {
        let Some(passage) = self.open.last_mut() else { return };
        let text = cjk::restore(text);
        if text.is_empty() {
            return;
        }
        // A backslash before a character belongs to the source of the text, not to the text.
        let rest = &markdown[source - body_start..];
        let skipped = usize::from(rest.starts_with('\\') && !text.starts_with('\\') && text != "\n");
        passage.push(&text, source + skipped);
    }
}
