//! Cuts a body into the passages that checks read: see [`crate::parse::passages`].

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Tag, TagEnd};

use super::{cjk, raw};
use crate::parse::passages::{Kind, Passage};

/// The passages of a body that begins at `body_start` of its file.
pub fn passages(markdown: &str, body_start: usize) -> Vec<Passage> {
    let prepared = cjk::prepare(markdown);
    let mut events = super::parser(&prepared).into_offset_iter();
    let mut cutter = Cutter::default();
    let original = |span: &Range<usize>| prepared.original(span.start)..prepared.original(span.end);
    for (event, span) in events.by_ref() {
        for title in titles(&event) {
            cutter.title(&title, original(&span), markdown, body_start);
        }
        cutter.event(event, body_start + prepared.original(span.start), markdown, body_start);
    }
    let definitions = events.reference_definitions().iter().map(|(_, definition)| definition);
    let mut titled: Vec<_> = definitions.filter_map(|it| Some((original(&it.span), it.title.as_ref()?))).collect();
    titled.sort_by_key(|(written, _)| written.start);
    for (written, title) in titled {
        cutter.title(title, written, markdown, body_start);
    }
    cutter.passages
}

/// The titles of a link, a picture or a tag; those of reference links stand in their definitions.
fn titles(event: &Event<'_>) -> Vec<String> {
    match event {
        Event::Start(
            Tag::Link { link_type: LinkType::Inline, title, .. }
            | Tag::Image { link_type: LinkType::Inline, title, .. },
        ) => vec![title.to_string()],
        Event::InlineHtml(html) => raw::titles(html),
        _ => Vec::new(),
    }
}

#[derive(Default)]
struct Cutter {
    passages: Vec<Passage>,
    /// The passages that are open, the innermost last: an entry of a list may hold paragraphs and further lists.
    open: Vec<Passage>,
    /// Where in the innermost passage each open link began.
    links: Vec<(usize, String)>,
    /// Whether the row of a table is its first.
    is_head: bool,
    /// How many cells of the row there were.
    column: usize,
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
            Tag::TableHead | Tag::TableRow => {
                self.is_head = tag == Tag::TableHead;
                return self.column = 0;
            }
            Tag::TableCell => {
                self.column += 1;
                Kind::Cell { is_head: self.is_head, column: self.column }
            }
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

    /// Keeps a title that stands somewhere in these bytes of the body.
    fn title(&mut self, title: &str, written: Range<usize>, markdown: &str, body_start: usize) {
        let title = cjk::restore(title);
        let Some(source) = markdown.get(written.clone()).filter(|_| !title.is_empty()) else { return };
        // Where the file writes it otherwise (`\"`), all that stands behind the text of the link is read as it is written.
        let (before, text) = source.rfind(&*title).map_or_else(
            || source.split_at(source.rfind("](").unwrap_or(0)),
            |at| source[..at + title.len()].split_at(at),
        );
        let mut passage = Passage::new(Kind::Title);
        passage.push(text, body_start + written.start + before.len());
        self.keep(Some(passage));
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
