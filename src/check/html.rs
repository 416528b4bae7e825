//! An HTML page as elements and texts, each with its bytes in the page.
//!
//! Made from a tokenizer that follows the WHATWG standard, and a stack: what a browser would repair in a broken page
//! is not repaired here, which does no harm to rules that look for words, attributes and ancestors. Start at
//! [`Document::parse`].

mod name;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::convert::Infallible;
use std::ops::Range;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Emitter, ForwardingEmitter, Span, Tokenizer};

pub use name::{Name, Nature};

/// A page.
#[derive(Debug, Default)]
pub struct Document<'h> {
    /// In the order of their start tags; the first is a root that holds all others and has no name.
    pub elements: Vec<Element<'h>>,
    /// In the order of the page; those of `<script>`, `<style>` and `<template>` too.
    pub texts: Vec<TextNode<'h>>,
    /// Where the last `</body>` ends, or the last `</html>` without one before it.
    pub end: Option<usize>,
    lines: OnceCell<Vec<Line>>,
}

/// Texts that a reader reads in one go: neither a block nor a `<br>` stands between them.
#[derive(Debug)]
pub struct Line {
    /// The element that holds them as a block.
    pub holder: ElementId,
    /// Indices into [`Document::texts`].
    pub texts: Vec<usize>,
}

/// An index into [`Document::elements`].
pub type ElementId = usize;

#[derive(Debug, Default)]
pub struct Element<'h> {
    pub name: Name,
    pub attributes: Vec<Attribute<'h>>,
    /// The start tag.
    pub span: Range<usize>,
    pub parent: ElementId,
    pub nature: Nature,
}

#[derive(Debug)]
pub struct Attribute<'h> {
    pub name: Name,
    /// Character references are resolved; a part of the page where there are none.
    pub value: Cow<'h, str>,
    /// The value's bytes, quotes left out; empty where there is no value.
    pub span: Range<usize>,
}

#[derive(Debug)]
pub struct TextNode<'h> {
    /// Character references are resolved; a part of the page where there are none.
    pub text: Cow<'h, str>,
    pub span: Range<usize>,
    pub parent: ElementId,
}

impl TextNode<'_> {
    /// Whether it is white space and nothing else.
    pub fn is_blank(&self) -> bool {
        self.text.chars().all(char::is_whitespace)
    }
}

/// So many elements may be open, as in browsers: one more takes the place of the innermost, and becomes its sibling. What
/// looks at ancestors takes time in proportion to this.
const DEEPEST: usize = 512;

/// Elements that an equal one, or the second, closes where their own end tag is left out.
const CLOSED_BY: [(&str, &[&str]); 10] = [
    ("li", &["li"]),
    ("dt", &["dt", "dd"]),
    ("dd", &["dt", "dd"]),
    ("tr", &["tr"]),
    ("td", &["td", "th", "tr"]),
    ("th", &["td", "th", "tr"]),
    ("option", &["option"]),
    ("a", &["a"]),
    ("button", &["button"]),
    ("p", &["p", "div", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "section", "footer", "blockquote"]),
];

impl<'h> Element<'h> {
    /// The value of an attribute; empty where the attribute has none.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.find(name).map(|attribute| &*attribute.value)
    }

    pub fn find(&self, name: &str) -> Option<&Attribute<'h>> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
}

impl<'h> Document<'h> {
    pub fn parse(html: &'h str) -> Self {
        let mut builder = Builder::new(html);
        let emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, span: Span<usize>| -> Option<Infallible> {
            builder.event(event, span.start..span.end);
            None
        });
        let mut emitter = emitter;
        emitter.naively_switch_states(true);
        let Ok(()) = Tokenizer::new_with_emitter(html, WithoutErrors(emitter)).finish();
        builder.document
    }

    pub fn element(&self, id: ElementId) -> &Element<'h> {
        &self.elements[id]
    }

    /// The elements of a name, in the order of the page.
    pub fn named<'d>(&'d self, name: &'d str) -> impl Iterator<Item = (ElementId, &'d Element<'h>)> {
        self.elements.iter().enumerate().filter(move |(_, element)| element.name == name)
    }

    /// The element and what it lies in, from the inside out.
    pub fn ancestors(&self, id: ElementId) -> impl Iterator<Item = (ElementId, &Element<'h>)> {
        let up = |id: &ElementId| (*id != 0).then(|| self.elements[*id].parent);
        std::iter::successors(Some(id), up).map(|id| (id, &self.elements[id]))
    }

    pub fn is_within(&self, id: ElementId, names: &[&str]) -> bool {
        self.ancestors(id).any(|(_, element)| names.contains(&element.name.as_str()))
    }

    /// The readable texts of the page and its data for search engines (JSON-LD), line by line; found out once.
    pub fn lines(&self) -> &[Line] {
        self.lines.get_or_init(|| {
            let mut lines: Vec<Line> = Vec::new();
            let mut elements = self.elements.iter().peekable();
            for (index, text) in self.texts.iter().enumerate() {
                if !self.is_readable(text) && !self.is_data(text) {
                    continue;
                }
                let holder =
                    self.ancestors(text.parent).find(|(_, element)| !element.nature.is_inline).map_or(0, |(id, _)| id);
                let begin = |line: &Line| self.texts[line.texts[0]].span.start;
                let passes_end = |line: &Line| self.end.is_some_and(|end| begin(line) < end && end <= text.span.start);
                let mut is_broken = lines.last().is_none_or(|line| line.holder != holder || passes_end(line));
                while let Some(element) = elements.next_if(|element| element.span.start < text.span.start) {
                    is_broken |= !element.nature.is_inline;
                }
                match lines.last_mut().filter(|_| !is_broken) {
                    Some(line) => line.texts.push(index),
                    None => lines.push(Line { holder, texts: vec![index] }),
                }
            }
            lines
        })
    }

    /// Whether a text is data for search engines, which show what it says.
    pub fn is_data(&self, text: &TextNode<'_>) -> bool {
        self.elements[text.parent].attribute("type") == Some("application/ld+json")
    }

    /// The texts below an element, in the order of the page.
    pub fn texts_below(&self, id: ElementId) -> impl Iterator<Item = &TextNode<'h>> {
        self.texts.iter().filter(move |text| self.ancestors(text.parent).any(|(above, _)| above == id))
    }

    /// What a reader sees of an element's texts, white space made one space; alternative texts count.
    pub fn text_of(&self, id: ElementId) -> String {
        let texts = self.texts_below(id).filter(|text| self.is_readable(text)).map(|text| &*text.text);
        texts.collect::<Vec<_>>().concat().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Whether the page sends readers on by itself, and shows nothing of its own.
    pub fn sends_on(&self) -> bool {
        let is_refresh =
            |tag: &Element| tag.attribute("http-equiv").is_some_and(|it| it.eq_ignore_ascii_case("refresh"));
        self.named("meta").any(|(_, tag)| is_refresh(tag))
    }

    /// Whether a text is for people: not a script, a style sheet or a template.
    pub fn is_readable(&self, text: &TextNode) -> bool {
        self.elements[text.parent].nature.is_readable
    }
}

/// Leaves out what is wrong with a page, which takes time to find out.
struct WithoutErrors<E>(E);

impl<E: Emitter> ForwardingEmitter for WithoutErrors<E> {
    type Token = E::Token;

    fn inner(&mut self) -> &mut impl Emitter<Token = Self::Token> {
        &mut self.0
    }

    fn should_emit_errors(&mut self) -> bool {
        false
    }
}

/// A document while it is read.
struct Builder<'h> {
    html: &'h str,
    document: Document<'h>,
    /// The elements that are open, the root first.
    open: Vec<ElementId>,
    tag: Element<'h>,
    /// Whether `</body>` came and its `</html>` did not.
    has_ended: bool,
}

impl<'h> Builder<'h> {
    fn new(html: &'h str) -> Self {
        // So many of each are usual; growing would move them again and again.
        let mut elements = Vec::with_capacity(html.len() / 48);
        elements.push(Element::default());
        let texts = Vec::with_capacity(html.len() / 32);
        let document = Document { elements, texts, ..Document::default() };
        Self { html, document, open: vec![0], tag: Element::default(), has_ended: false }
    }

    fn event(&mut self, event: CallbackEvent<'_>, span: Range<usize>) {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                let (name, nature) = Name::with_nature(name);
                self.tag = Element { name, nature, span, ..Element::default() };
            }
            CallbackEvent::AttributeName { name } => {
                let attribute = Attribute { name: Name::new(name), value: Cow::default(), span: span.end..span.end };
                self.tag.attributes.push(attribute);
            }
            CallbackEvent::AttributeValue { value } => {
                if let Some(attribute) = self.tag.attributes.last_mut() {
                    attribute.value = text(self.html, value, &span);
                    attribute.span = span;
                }
            }
            CallbackEvent::CloseStartTag { self_closing } => self.start_tag(self_closing, span.end),
            CallbackEvent::EndTag { name } => self.end_tag(Name::new(name).as_str(), span.end),
            CallbackEvent::String { value } => {
                let parent = self.innermost();
                let text = text(self.html, value, &span);
                self.document.texts.push(TextNode { text, span, parent });
            }
            CallbackEvent::Comment { .. } | CallbackEvent::Doctype { .. } | CallbackEvent::Error(_) => {}
        }
    }

    fn innermost(&self) -> ElementId {
        self.open.last().copied().unwrap_or_default()
    }

    fn start_tag(&mut self, self_closing: bool, end: usize) {
        let mut tag = std::mem::take(&mut self.tag);
        let name = self.document.elements[self.innermost()].name.as_str();
        let closes = CLOSED_BY.iter().any(|(open, next)| *open == name && next.contains(&tag.name.as_str()));
        if closes || self.open.len() > DEEPEST {
            self.open.pop();
        }
        tag.span.end = end.max(tag.span.end);
        tag.parent = self.innermost();
        let holds_nothing = self_closing || tag.nature.is_void;
        self.document.elements.push(tag);
        if !holds_nothing {
            self.open.push(self.document.elements.len() - 1);
        }
    }

    fn end_tag(&mut self, name: &str, end: usize) {
        // A page may include others that are whole: the last `</body>` counts.
        if name == "body" || name == "html" && !std::mem::replace(&mut self.has_ended, false) {
            self.document.end = Some(end);
        }
        self.has_ended |= name == "body";
        let Some(depth) = self.open.iter().rposition(|id| self.document.elements[*id].name == name) else { return };
        // What stands behind `</body>` is still drawn in it.
        if depth > 0 && !matches!(name, "body" | "html") {
            self.open.truncate(depth);
        }
    }
}

/// What the tokenizer read at some bytes of the page.
fn text<'h>(html: &'h str, read: &[u8], span: &Range<usize>) -> Cow<'h, str> {
    match html.get(span.clone()) {
        Some(written) if written.as_bytes() == read => Cow::Borrowed(written),
        _ => Cow::Owned(String::from_utf8_lossy(read).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_and_texts_know_their_bytes_and_what_they_lie_in() {
        let html = "<p class=a>甲<b title='乙 &amp; 丙'>丁</b>\n<p>戊<br>己";
        let document = Document::parse(html);
        let names: Vec<&str> = document.elements.iter().map(|element| element.name.as_str()).collect();
        assert_eq!(names, ["", "p", "b", "p", "br"]);
        let bold = document.element(2);
        assert_eq!(bold.attribute("title"), Some("乙 & 丙"));
        assert_eq!(&html[bold.span.clone()], "<b title='乙 &amp; 丙'>");
        assert_eq!(&html[bold.attributes[0].span.clone()], "乙 &amp; 丙");
        let texts: Vec<(&str, usize)> =
            document.texts.iter().map(|text| (&html[text.span.clone()], text.parent)).collect();
        assert_eq!(texts, [("甲", 1), ("丁", 2), ("\n", 1), ("戊", 3), ("己", 3)]);
        assert_eq!(document.text_of(1), "甲丁");
    }

    #[test]
    fn elements_lie_in_each_other_to_a_limit() {
        let html = format!("{}甲", "<b>".repeat(DEEPEST + 100));
        let document = Document::parse(&html);
        assert_eq!(document.elements.len(), DEEPEST + 101);
        assert_eq!(document.ancestors(document.texts[0].parent).count(), DEEPEST + 1);
    }

    #[test]
    fn a_link_does_not_lie_in_another() {
        let document = Document::parse("<p><a>甲<a>乙<i><button>丙<button>丁");
        let parents: Vec<&str> =
            document.elements.iter().skip(1).map(|element| document.element(element.parent).name.as_str()).collect();
        assert_eq!(parents, ["", "p", "p", "a", "i", "i"]);
    }

    #[test]
    fn what_follows_the_page_is_known() {
        let html = "<html><body><p>甲</p></body></html>\n<a href=x>乙</a>";
        let document = Document::parse(html);
        assert_eq!(document.end, html.find("</html>"));
        assert_eq!(document.texts.last().map(|text| &*text.text), Some("乙"));
        // It is no part of the line that the page ends with.
        let document = Document::parse("<body>甲</body></html> <a href=x>乙</a>");
        assert_eq!(document.lines().len(), 2);
    }

    #[test]
    fn a_script_is_no_text_for_people() {
        let document = Document::parse("<body><script>if (a < b) document.write('<b>')</script>甲</body>");
        let readable: Vec<_> = document.texts.iter().filter(|text| document.is_readable(text)).collect();
        assert_eq!(readable.len(), 1);
        assert_eq!(document.elements.len(), 3);
    }
}
