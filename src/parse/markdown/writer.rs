//! Writes the parser's events as HTML and gathers outline, links and lead on the way.
//!
//! Every start event leaves a closing string on a stack, and every end event takes one from it. So
//! an element that must not be written, such as a link inside a link, leaves an empty string there
//! and its content still appears. Start at [`write`].

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use pulldown_cmark::{Alignment, BlockQuoteKind, CodeBlockKind, Event, Tag, TagEnd};

use super::cjk::{self, Prepared};
use super::notes::Survey;
use super::raw::{self, Fragment, Open};
use super::summary::Lead;
use super::{Block, Body, Finding, FindingKind, Heading, Hole, Html, Link, Parsed, Parts, escape, packed, sanitize};
use crate::fingerprint::Fingerprint;

/// Deeper lists, quotations and emphasis lose their markup: browsers flatten them too, and the time
/// that the sanitizer needs grows with the square of the depth.
pub const MAX_DEPTH: usize = 100;

/// Where the events come from.
#[derive(Clone, Copy)]
pub struct Source<'e> {
    pub markdown: &'e str,
    pub prepared: &'e Prepared<'e>,
    pub body_start: usize,
    /// The hash of the file's bytes.
    pub file: Fingerprint,
}

impl Source<'_> {
    /// The bytes in the file for bytes of the Markdown.
    pub fn in_file(&self, range: Range<usize>) -> Range<u32> {
        let place = |at| (at + self.body_start) as u32;
        place(range.start)..place(range.end)
    }

    /// The bytes in the file for bytes of the prepared text.
    pub fn span(&self, range: Range<usize>) -> Range<u32> {
        self.in_file(self.prepared.original(range.start)..self.prepared.original(range.end))
    }
}

/// The parser's events, each with its bytes in the prepared text.
pub type Events<'e> = &'e [(Event<'e>, Range<usize>)];

/// Writes all events; the notes come last.
pub fn write(events: Events<'_>, source: Source<'_>) -> Parsed {
    let mut writer = Writer::new(events, source);
    writer.blocks();
    writer.close_raw(0);
    let notes_at = writer.html.len();
    writer.notes();
    writer.finish(notes_at)
}

/// The state of the writing. `links.rs`, `notes.rs` and `raw.rs` add the methods for their parts.
pub struct Writer<'e> {
    pub(super) events: Events<'e>,
    pub(super) source: Source<'e>,
    pub(super) survey: Survey<'e>,

    pub(super) html: String,
    pub(super) holes: Vec<Hole>,
    outline: Vec<Heading>,
    pub(super) links: Vec<Link>,
    pub(super) findings: Vec<Finding>,
    pub(super) lead: Lead,
    blocks: Vec<Block>,

    /// What closes each element that is open.
    pub(super) closers: Vec<&'static str>,
    /// Raw tags that are open, and from which place on they belong to the current paragraph.
    pub(super) open: Vec<Open>,
    pub(super) raw_base: usize,
    /// How often an id has been given away.
    ids: BTreeMap<String, u32>,
    alignments: &'e [Alignment],
    cell: usize,
    /// Rows below the head; the head itself is written while this is `None`.
    rows: Option<usize>,
    pub(super) in_link: bool,
    /// Whether the block's text has yet to begin: typed indents are dropped until then.
    pub(super) at_start: bool,
    /// The character before a line break.
    pub(super) last: Option<char>,
}

impl<'e> Writer<'e> {
    fn new(events: Events<'e>, source: Source<'e>) -> Self {
        let length = source.markdown.len();
        Self {
            events,
            source,
            survey: Survey::new(events),
            html: String::with_capacity(length + length / 4 + 64),
            holes: Vec::new(),
            outline: Vec::new(),
            links: Vec::new(),
            findings: Vec::new(),
            lead: Lead::default(),
            blocks: Vec::new(),
            closers: Vec::with_capacity(16),
            open: Vec::new(),
            raw_base: 0,
            ids: BTreeMap::new(),
            alignments: &[],
            cell: 0,
            rows: None,
            in_link: false,
            at_start: false,
            last: None,
        }
    }

    pub(super) fn events(&mut self, range: Range<usize>) -> usize {
        let mut at = range.start;
        while at < range.end {
            at = self.event(at);
        }
        at
    }

    /// Writes everything, and notes where each block of the first level stands.
    fn blocks(&mut self) {
        let mut at = 0;
        while let Some((_, range)) = self.events.get(at) {
            let span = self.source.span(range.clone());
            let start = self.html.len();
            at = self.events(at..self.end_of(at) + 1);
            // A line break may stand before the block.
            let start = start + (self.html[start..].len() - self.html[start..].trim_start().len());
            if start < self.html.len() {
                self.blocks.push(Block { span, html: Some(start as u32..self.html.len() as u32) });
            }
        }
    }

    /// Writes the event at this index, and with it perhaps more; returns the index of the next one.
    fn event(&mut self, at: usize) -> usize {
        let (event, range) = &self.events[at];
        match event {
            Event::Start(tag) => return self.start(tag, at),
            Event::End(end) => self.end(end),
            Event::Text(text) => self.inline_text(text, range),
            Event::Code(code) => self.code(code),
            Event::InlineHtml(html) => {
                self.raw(&self.inline_fragment(html, range));
                return self.end_of_removed(at).unwrap_or(at + 1);
            }
            Event::Html(_) => return self.html_block(at),
            Event::FootnoteReference(label) => self.note_reference(label),
            Event::SoftBreak => self.soft_break(at),
            Event::HardBreak => {
                self.html.push_str("<br>\n");
                self.lead.separate();
                self.last = None;
            }
            Event::Rule => self.block("<hr>\n"),
            Event::TaskListMarker(done) => self.html.push_str(match done {
                true => "<input type=\"checkbox\" disabled checked aria-label=\"已完成\"> ",
                false => "<input type=\"checkbox\" disabled aria-label=\"未完成\"> ",
            }),
            // Not among the options.
            Event::InlineMath(text) | Event::DisplayMath(text) => self.inline_text(text, range),
        }
        at + 1
    }

    fn start(&mut self, tag: &'e Tag<'e>, at: usize) -> usize {
        match tag {
            Tag::Paragraph => return self.paragraph(at),
            Tag::Heading { level, id, .. } => self.heading(*level as u8, id.as_deref(), at),
            Tag::BlockQuote(kind) => self.quotation(*kind),
            Tag::CodeBlock(kind) => self.code_block(kind),
            Tag::HtmlBlock => self.closers.push(""),
            Tag::List(None) => self.container("<ul>\n", "</ul>\n"),
            Tag::List(Some(1)) => self.container("<ol>\n", "</ol>\n"),
            Tag::List(Some(start)) => self.container(&format!("<ol start=\"{start}\">\n"), "</ol>\n"),
            Tag::Item => self.item(at),
            Tag::FootnoteDefinition(_) => return self.survey.end_of_note(at) + 1,
            Tag::DefinitionList => self.container("<dl>\n", "</dl>\n"),
            Tag::DefinitionListTitle => self.part("<dt>", "</dt>\n"),
            Tag::DefinitionListDefinition => self.part("<dd>", "</dd>\n"),
            Tag::Table(alignments) => self.table(alignments),
            Tag::TableHead => self.open("<thead>\n<tr>", "</tr>\n</thead>\n"),
            Tag::TableRow => self.row(),
            Tag::TableCell => self.table_cell(),
            Tag::Emphasis => self.phrase("<em>", "</em>"),
            Tag::Strong => self.phrase("<strong>", "</strong>"),
            Tag::Strikethrough => self.phrase("<del>", "</del>"),
            Tag::Superscript => self.phrase("<sup>", "</sup>"),
            Tag::Subscript => self.phrase("<sub>", "</sub>"),
            Tag::Link { link_type, dest_url, title, .. } => self.anchor(*link_type, dest_url, title, at),
            Tag::Image { .. } => return self.inline_image(at),
            Tag::MetadataBlock(_) => self.closers.push(""),
        }
        at + 1
    }

    pub(super) fn end(&mut self, end: &TagEnd) {
        let closer = self.closers.pop().unwrap_or_default();
        match end {
            TagEnd::Paragraph | TagEnd::TableCell => self.end_leaf(),
            TagEnd::Heading(_) => {
                self.end_leaf();
                self.end_heading();
            }
            TagEnd::CodeBlock => self.lead.mute -= 1,
            TagEnd::TableHead => self.rows = Some(0),
            TagEnd::Table => {
                self.lead.mute -= 1;
                if self.rows.take().is_some_and(|rows| rows > 0) {
                    self.html.push_str("</tbody>\n");
                }
            }
            TagEnd::Link if !closer.is_empty() => self.in_link = false,
            _ => {}
        }
        // An empty paragraph held only typed spaces or a comment.
        if matches!(end, TagEnd::Paragraph) && self.html.ends_with("<p>") {
            self.html.truncate(self.html.len() - "<p>".len());
            return;
        }
        self.html.push_str(closer);
    }

    /// Writes a tag and remembers what closes it.
    pub(super) fn open(&mut self, tag: &str, closer: &'static str) {
        self.html.push_str(tag);
        self.closers.push(closer);
    }

    /// Writes the tag of a block on a line of its own.
    pub(super) fn block(&mut self, tag: &str) {
        if !self.html.is_empty() && !self.html.ends_with('\n') {
            self.html.push('\n');
        }
        self.html.push_str(tag);
    }

    /// Opens a block that may hold itself, unless it stands too deep.
    fn container(&mut self, tag: &str, closer: &'static str) {
        if self.closers.len() >= MAX_DEPTH {
            self.closers.push("");
            return;
        }
        self.block(tag);
        self.closers.push(closer);
    }

    /// Opens a part of a list, unless the list itself stands too deep.
    fn part(&mut self, tag: &str, closer: &'static str) {
        self.begin_text();
        if self.closers.last().is_none_or(|list| list.is_empty()) {
            self.closers.push("");
            return;
        }
        self.block(tag);
        self.closers.push(closer);
    }

    fn phrase(&mut self, tag: &str, closer: &'static str) {
        if self.closers.len() >= MAX_DEPTH {
            self.closers.push("");
            return;
        }
        self.open(tag, closer);
    }

    /// A new piece of text begins: a paragraph, an item, a heading or a cell.
    fn begin_text(&mut self) {
        self.at_start = true;
        self.last = None;
        self.lead.separate();
    }

    /// Begins a block that holds text and no other block.
    fn begin_leaf(&mut self) {
        self.begin_text();
        self.raw_base = self.open.len();
    }

    fn end_leaf(&mut self) {
        self.close_raw(self.raw_base);
        self.raw_base = 0;
    }

    fn paragraph(&mut self, at: usize) -> usize {
        if let Some((pictures, end)) = self.survey_pictures(at) {
            let gallery = pictures.len() > 1;
            if gallery {
                self.block("<div class=\"gallery\">\n");
            }
            for picture in pictures {
                self.figure(picture);
            }
            if gallery {
                self.html.push_str("</div>\n");
            }
            return end + 1;
        }
        self.begin_leaf();
        self.block("<p>");
        self.closers.push("</p>\n");
        at + 1
    }

    pub(super) fn find(&mut self, range: Range<usize>, kind: FindingKind) {
        let span = self.source.span(range);
        self.findings.push(Finding { span, kind });
    }

    /// The index of the end event of the element that starts here.
    pub(super) fn end_of(&self, start: usize) -> usize {
        let mut depth = 0;
        for (at, (event, _)) in self.events.iter().enumerate().skip(start) {
            match event {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return at;
            }
        }
        self.events.len() - 1
    }

    /// The text of an element without its markup.
    pub(super) fn plain_text(&self, start: usize) -> String {
        let mut plain = String::new();
        for at in start..self.end_of(start) {
            match &self.events[at].0 {
                Event::Text(text) | Event::Code(text) => plain.push_str(&cjk::restore(text)),
                Event::SoftBreak if self.is_joined(plain.chars().next_back(), at) => {}
                Event::SoftBreak | Event::HardBreak => plain.push(' '),
                _ => {}
            }
        }
        plain
    }

    fn inline_text(&mut self, text: &str, range: &Range<usize>) {
        self.look_for_footnote(text, range);
        let text = if self.at_start { text.trim_start_matches(cjk::is_indent) } else { text };
        if text.is_empty() {
            return;
        }
        self.at_start = false;
        escape::text(&mut self.html, text);
        self.remember(text);
    }

    /// Text between raw tags, whose entities are not resolved.
    pub(super) fn raw_text(&mut self, text: &str) {
        escape::raw_text(&mut self.html, text);
        let text = text.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        if text.trim().is_empty() {
            self.lead.separate();
        } else {
            self.remember(&text);
        }
    }

    /// Notes what a later line break and the lead need of the text.
    fn remember(&mut self, text: &str) {
        self.last = text.chars().rev().find(|&c| c != cjk::PAD);
        self.lead.push(text);
    }

    fn code(&mut self, code: &str) {
        self.at_start = false;
        self.html.push_str("<code>");
        escape::text(&mut self.html, code);
        self.html.push_str("</code>");
        self.remember(code);
    }

    /// A line break between two wide characters vanishes. One before a typed indent begins a new
    /// paragraph, since that is how editors write who have never heard of blank lines.
    fn soft_break(&mut self, at: usize) {
        let next = self.next_character(at);
        if next == Some('\u{3000}') && self.closers.last() == Some(&"</p>\n") {
            self.close_raw(self.raw_base);
            self.html.push_str("</p>\n<p>");
            return self.begin_text();
        }
        if !self.is_joined(self.last, at) {
            self.html.push('\n');
            self.lead.push(" ");
        }
    }

    fn is_joined(&self, before: Option<char>, at: usize) -> bool {
        before.zip(self.next_character(at)).is_some_and(|(before, after)| cjk::joins(before, after))
    }

    /// The first character after a line break, looked for through inline markup.
    fn next_character(&self, soft_break: usize) -> Option<char> {
        for (event, _) in &self.events[soft_break + 1..] {
            match event {
                Event::Text(text) | Event::Code(text) => match text.chars().find(|&c| c != cjk::PAD) {
                    Some(c) => return Some(c),
                    None => continue,
                },
                Event::Start(Tag::Image { .. }) => return None,
                Event::Start(_) | Event::End(_) | Event::InlineHtml(_) => {}
                _ => return None,
            }
        }
        None
    }

    fn heading(&mut self, level: u8, id: Option<&str>, at: usize) {
        let text = self.plain_text(at);
        let text = text.trim_start_matches(cjk::is_indent).trim_end().to_owned();
        let id = match id.map(cjk::restore).filter(|id| !id.is_empty()) {
            Some(id) => self.unique(id.into_owned()),
            None => self.unique(anchor_id(&text)),
        };
        let level = (level + u8::from(self.survey.has_title)).min(6);
        self.begin_leaf();
        self.lead.mute += 1;
        self.block("<h");
        let _ = write!(self.html, "{level} id=\"");
        escape::attribute(&mut self.html, &id);
        self.html.push_str("\">");
        self.closers.push("");
        self.outline.push(Heading { level, id, text });
    }

    fn end_heading(&mut self) {
        self.lead.mute -= 1;
        // Headings do not hold headings, so the last one of the outline is the one that ends.
        let Some(Heading { level, id, .. }) = self.outline.last() else { return };
        self.html.push_str("<a class=\"anchor\" href=\"#");
        fragment(&mut self.html, id);
        let _ = writeln!(self.html, "\" aria-label=\"本节链接\">#</a></h{level}>");
    }

    /// The id, with a number behind it where it has been given away already.
    fn unique(&mut self, id: String) -> String {
        // The notes have ids of this form.
        let id = if id.starts_with("fn-") || id.starts_with("fnref-") { format!("section-{id}") } else { id };
        let Some(count) = self.ids.get(&id).copied() else {
            self.ids.insert(id.clone(), 1);
            return id;
        };
        let mut number = count;
        let numbered = loop {
            number += 1;
            let numbered = format!("{id}-{number}");
            if !self.ids.contains_key(&numbered) {
                break numbered;
            }
        };
        self.ids.insert(id, number);
        self.ids.insert(numbered.clone(), 1);
        numbered
    }

    fn quotation(&mut self, kind: Option<BlockQuoteKind>) {
        let Some(kind) = kind else { return self.container("<blockquote>\n", "</blockquote>\n") };
        let (class, title) = match kind {
            BlockQuoteKind::Note => ("note", "说明"),
            BlockQuoteKind::Tip => ("tip", "提示"),
            BlockQuoteKind::Important => ("important", "重要"),
            BlockQuoteKind::Warning => ("warning", "注意"),
            BlockQuoteKind::Caution => ("caution", "警示"),
        };
        let tag = format!("<div class=\"alert alert-{class}\" role=\"note\">\n<p class=\"alert-title\">{title}</p>\n");
        self.container(&tag, "</div>\n");
    }

    fn code_block(&mut self, kind: &CodeBlockKind<'_>) {
        self.lead.mute += 1;
        self.at_start = false;
        let language = match kind {
            CodeBlockKind::Fenced(info) => info.split([' ', '\t', ',']).next().unwrap_or_default(),
            CodeBlockKind::Indented => "",
        };
        self.block("<pre><code");
        if !language.is_empty() {
            self.html.push_str(" class=\"language-");
            escape::attribute(&mut self.html, language);
            self.html.push('"');
        }
        self.open(">", "</code></pre>\n");
    }

    /// One tag. Inside a quotation it may run over lines that do not follow each other in the
    /// source; then its parts cannot be told apart there.
    fn inline_fragment(&self, html: &str, range: &Range<usize>) -> Fragment {
        let is_whole = html.len() == range.len();
        let lines = if is_whole { vec![(0, range.start)] } else { Vec::new() };
        Fragment { html: html.to_owned(), range: range.clone(), lines }
    }

    /// The index after `<script>…</script>` within a line of text, if one begins at this event.
    fn end_of_removed(&self, start: usize) -> Option<usize> {
        let Event::InlineHtml(opening) = &self.events[start].0 else { return None };
        let name = raw::removed_with_content(opening)?;
        let mut depth = 0;
        // A tag without its end is looked for only so far, or many of them would take forever.
        for (at, (event, _)) in self.events.iter().enumerate().skip(start + 1).take(200) {
            match event {
                Event::Start(_) => depth += 1,
                Event::End(_) if depth == 0 => return None,
                Event::End(_) => depth -= 1,
                Event::InlineHtml(html) if depth == 0 && raw::is_end_of(html, name) => return Some(at + 1),
                _ => {}
            }
        }
        None
    }

    /// All lines of a block together, since a tag may run over several of them.
    fn html_block(&mut self, start: usize) -> usize {
        let range = self.events[start].1.clone();
        let mut fragment = Fragment { html: String::new(), range, lines: Vec::new() };
        let mut at = start;
        while let Some((Event::Html(line), range)) = self.events.get(at) {
            fragment.lines.push((fragment.html.len(), range.start));
            fragment.html.push_str(line);
            at += 1;
        }
        self.at_start = false;
        self.block("");
        self.raw(&fragment);
        self.lead.separate();
        at
    }

    fn item(&mut self, at: usize) {
        let is_task = self.events[at + 1..].iter().take(2).find_map(|(event, _)| match event {
            Event::TaskListMarker(_) => Some(true),
            Event::Start(Tag::Paragraph) => None,
            _ => Some(false),
        });
        let tag = if is_task == Some(true) { "<li class=\"task\">" } else { "<li>" };
        self.part(tag, "</li>\n");
    }

    fn table(&mut self, alignments: &'e [Alignment]) {
        self.lead.mute += 1;
        self.alignments = alignments;
        self.cell = 0;
        self.rows = None;
        self.block("<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"表格\">\n<table>\n");
        self.closers.push("</table>\n</div>\n");
    }

    fn row(&mut self) {
        self.cell = 0;
        let first = self.rows == Some(0);
        self.rows = self.rows.map(|rows| rows + 1);
        self.open(if first { "<tbody>\n<tr>" } else { "<tr>" }, "</tr>\n");
    }

    fn table_cell(&mut self) {
        self.begin_leaf();
        let (tag, closer) = match self.rows {
            None => ("<th scope=\"col\"", "</th>"),
            Some(_) => ("<td", "</td>"),
        };
        self.html.push_str(tag);
        self.html.push_str(match self.alignments.get(self.cell) {
            Some(Alignment::Left) => " class=\"align-left\"",
            Some(Alignment::Center) => " class=\"align-center\"",
            Some(Alignment::Right) => " class=\"align-right\"",
            Some(Alignment::None) | None => "",
        });
        self.cell += 1;
        self.open(">", closer);
    }

    fn finish(mut self, notes_at: usize) -> Parsed {
        let anchors = self.outline.iter().map(|heading| heading.id.as_str()).collect::<Vec<_>>().join("\n");
        let (text, holes) = if self.survey.has_raw {
            let (mut text, mut holes) = (String::with_capacity(self.html.len()), Vec::new());
            // One after the other, so that nothing left open in the text swallows the notes.
            sanitize::balance(&self.html[..notes_at], &mut text, &mut holes);
            sanitize::balance(&self.html[notes_at..], &mut text, &mut holes);
            self.blocks.iter_mut().for_each(|block| block.html = None);
            (text, holes)
        } else {
            (self.html, exact(self.holes))
        };
        let text = packed::Text::from(text.as_str());
        let parts = Parts { text, holes, outline: exact(self.outline), blocks: exact(self.blocks) };
        let html = Html::new(self.source.file, parts);
        let links = exact(self.links);
        Parsed { body: Body { html, anchors: anchors.into(), links }, findings: self.findings, lead: self.lead.text }
    }
}

/// A copy without room to grow: a site holds as many of these as it has items, and shrinking leaves the room with
/// an allocator that keeps the block in its place.
fn exact<T>(list: Vec<T>) -> Vec<T> {
    let mut copy = Vec::with_capacity(list.len());
    copy.extend(list);
    copy
}

/// The id of a heading, from its text: letters and digits of every script stay, spaces become `-`.
fn anchor_id(text: &str) -> String {
    let mut id = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() || c == '_' {
            id.push(c.to_ascii_lowercase());
        } else if (c.is_whitespace() || c == '-') && !id.is_empty() && !id.ends_with('-') {
            id.push('-');
        }
    }
    id.truncate(id.trim_end_matches('-').len());
    if id.is_empty() { "section".into() } else { id }
}

/// Appends an id as the fragment of an address. Ids may hold what addresses may not.
fn fragment(into: &mut String, id: &str) {
    for c in id.chars() {
        match c {
            '&' => into.push_str("&amp;"),
            c if c.is_ascii_alphanumeric() || "-_.~!$'()*+,;=:@/?".contains(c) => into.push(c),
            c if c.is_ascii() => {
                let _ = write!(into, "%{:02X}", u32::from(c));
            }
            c => into.push(c),
        }
    }
}
