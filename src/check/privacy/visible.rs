//! The numbers that a reader sees or hears on a page: in its texts, in the attributes that are read out, in the links that call.

use std::borrow::Cow;
use std::ops::Range;

use super::called;
use super::numbers::{self, Around, Personal};
use crate::check::html::{Document, TextNode};
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
                name if READ.contains(&name) || name.starts_with("data-") => Some((&*attribute.value).into()),
                _ => None,
            };
            let numbers = value.map(|value| numbers::find(&value, Around::default())).unwrap_or_default();
            found.extend(numbers.into_iter().map(|personal| (personal, attribute.span.clone())));
        }
    }
    for line in lines(document) {
        found.extend(line.numbers());
    }
    found.sort_by_key(|(_, span)| span.start);
    found
}

/// A line of the page as one text.
struct Line<'d> {
    text: Cow<'d, str>,
    /// Where each text begins in the line.
    nodes: Vec<(usize, &'d TextNode<'d>)>,
}

fn lines<'d>(document: &'d Document<'d>) -> impl Iterator<Item = Line<'d>> {
    document.lines().iter().map(|line| {
        let mut nodes = line.texts.iter().map(|index| &document.texts[*index]);
        let first = nodes.next().expect("a line holds a text");
        let mut whole = Line { text: Cow::Borrowed(&first.text), nodes: vec![(0, first)] };
        for node in nodes {
            whole.nodes.push((whole.text.len(), node));
            whole.text.to_mut().push_str(&node.text);
        }
        whole
    })
}

impl Line<'_> {
    fn numbers(&self) -> Vec<(Personal, Range<usize>)> {
        let located = |personal: Personal| {
            let start = self.source(personal.range.start)?;
            let end = self.source(personal.range.end - 1)?;
            Some((personal, start.start..end.end))
        };
        numbers::find(&self.text, Around::default()).into_iter().filter_map(located).collect()
    }

    /// The bytes of the page for a byte of the line: the whole text where references stand in it.
    fn source(&self, at: usize) -> Option<Range<usize>> {
        let (begin, node) = self.nodes[self.nodes.partition_point(|(begin, _)| *begin <= at).checked_sub(1)?];
        let is_plain = matches!(node.text, Cow::Borrowed(_));
        let byte = node.span.start + at - begin;
        Some(if is_plain { byte..byte + 1 } else { node.span.clone() })
    }
}
