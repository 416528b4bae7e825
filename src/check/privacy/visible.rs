//! The numbers that a reader sees or hears on a page: in its texts, in the attributes that are read out, in the links that call.

use std::ops::Range;

use super::called;
use super::numbers::{self, Around, Personal};
use crate::check::html::{Document, ElementId, TextNode};
use crate::check::seen::Judge;
use crate::check::subject::Page;

/// Attributes whose values people or machines read as text.
const READ: [&str; 8] = ["alt", "title", "content", "aria-label", "value", "placeholder", "label", "summary"];

/// The numbers of a page, each with the bytes where it stands.
pub fn numbers(page: &Page<'_>) -> Vec<(Personal, Range<usize>)> {
    let document = page.document;
    let mut found = Vec::new();
    for element in &document.elements {
        for attribute in element.attributes.iter().filter(|attribute| attribute.value.len() >= numbers::FEWEST) {
            let value = match attribute.name.as_str() {
                "href" => called(&attribute.value),
                name if READ.contains(&name) || name.starts_with("data-") => Some(attribute.value.as_str().into()),
                _ => None,
            };
            let numbers = value.map(|value| numbers::find(&value, Around::default())).unwrap_or_default();
            found.extend(numbers.into_iter().map(|personal| (personal, attribute.span.clone())));
        }
    }
    for line in lines(document) {
        let mut numbers = page.seen.judge(Judge::Privacy, &line.text, || line.numbers(page.html));
        found.append(&mut numbers);
    }
    found.sort_by_key(|(_, span)| span.start);
    found
}

/// Texts that a reader reads in one go: `138<b>1234</b>5678` is one number.
#[derive(Default)]
struct Line<'d> {
    text: String,
    /// Where each text begins in the line.
    nodes: Vec<(usize, &'d TextNode)>,
}

fn lines(document: &Document) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    let mut block = None;
    let mut elements = document.elements.iter().peekable();
    for node in document.texts.iter().filter(|text| document.is_readable(text) || is_data(document, text.parent)) {
        let own = block_of(document, node.parent);
        let mut is_broken = block != Some(own);
        // A `<br>` or a block between two texts parts them.
        while let Some(element) = elements.next_if(|element| element.span.start < node.span.start) {
            is_broken |= !element.is_inline;
        }
        block = Some(own);
        if is_broken || lines.is_empty() {
            lines.push(Line::default());
        }
        let line = lines.last_mut().expect("there is one now");
        line.nodes.push((line.text.len(), node));
        line.text.push_str(&node.text);
    }
    lines
}

/// JSON-LD is read by search engines, which show what it says.
fn is_data(document: &Document, id: ElementId) -> bool {
    document.element(id).attribute("type") == Some("application/ld+json")
}

fn block_of(document: &Document, id: ElementId) -> ElementId {
    document.ancestors(id).find(|(_, element)| !element.is_inline).map_or(0, |(id, _)| id)
}

impl Line<'_> {
    fn numbers(&self, html: &str) -> Vec<(Personal, Range<usize>)> {
        let located = |personal: Personal| {
            let start = self.source(html, personal.range.start)?;
            let end = self.source(html, personal.range.end - 1)?;
            Some((personal, start.start..end.end))
        };
        numbers::find(&self.text, Around::default()).into_iter().filter_map(located).collect()
    }

    /// The bytes of the page for a byte of the line: the whole text where references stand in it.
    fn source(&self, html: &str, at: usize) -> Option<Range<usize>> {
        let (begin, node) = self.nodes[self.nodes.partition_point(|(begin, _)| *begin <= at).checked_sub(1)?];
        let is_plain = html.get(node.span.clone()) == Some(node.text.as_str());
        let byte = node.span.start + at - begin;
        Some(if is_plain { byte..byte + 1 } else { node.span.clone() })
    }
}
