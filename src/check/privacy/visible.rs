//! The numbers that a reader sees or hears on a page: in its texts, in the attributes that are read out, in the links that call.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::called;
use super::numbers::{self, Around, Personal};
use crate::check::html::{Document, Element, ElementId, TextNode};
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
    let headings = OnceCell::new();
    for line in lines(document) {
        found.extend(line.numbers(|cell| headings.get_or_init(|| Headings::read(document)).over(cell, document)));
    }
    found.sort_by_key(|(_, span)| span.start);
    found
}

/// A line of the page as one text.
struct Line<'d> {
    /// The element that holds it.
    holder: ElementId,
    text: Cow<'d, str>,
    /// Where each text begins in the line.
    nodes: Vec<(usize, &'d TextNode<'d>)>,
}

fn lines<'d>(document: &'d Document<'d>) -> impl Iterator<Item = Line<'d>> {
    document.lines().iter().map(|line| {
        let mut nodes = line.texts.iter().map(|index| &document.texts[*index]);
        let first = nodes.next().expect("a line holds a text");
        let mut whole = Line { holder: line.holder, text: Cow::Borrowed(&first.text), nodes: vec![(0, first)] };
        for node in nodes {
            whole.nodes.push((whole.text.len(), node));
            whole.text.to_mut().push_str(&node.text);
        }
        whole
    })
}

impl Line<'_> {
    /// Its numbers. `heading` gives what stands over an element in a table: it is asked only where there is a number.
    fn numbers<'h>(&self, heading: impl Fn(ElementId) -> &'h str) -> Vec<(Personal, Range<usize>)> {
        let located = |personal: Personal| {
            let start = self.source(personal.range.start)?;
            let end = self.source(personal.range.end - 1)?;
            Some((personal, start.start..end.end))
        };
        let mut found = numbers::find(&self.text, Around::default());
        if !found.is_empty() {
            found = numbers::find(&self.text, Around { heading: heading(self.holder) });
        }
        found.into_iter().filter_map(located).collect()
    }

    /// The bytes of the page for a byte of the line: the whole text where references stand in it.
    fn source(&self, at: usize) -> Option<Range<usize>> {
        let (begin, node) = self.nodes[self.nodes.partition_point(|(begin, _)| *begin <= at).checked_sub(1)?];
        let is_plain = matches!(node.text, Cow::Borrowed(_));
        let byte = node.span.start + at - begin;
        Some(if is_plain { byte..byte + 1 } else { node.span.clone() })
    }
}

/// The heads of the columns of a page's tables.
#[derive(Default)]
struct Headings {
    /// The cell of the first row that stands over a cell.
    above: BTreeMap<ElementId, ElementId>,
    /// What the cells say that stand over others.
    texts: BTreeMap<ElementId, String>,
}

impl Headings {
    fn read(document: &Document<'_>) -> Self {
        let mut headings = Self::default();
        // The first row of each table, with the column in which each of its cells begins.
        let mut heads: BTreeMap<ElementId, (ElementId, Vec<(usize, ElementId)>)> = BTreeMap::new();
        let mut widths: BTreeMap<ElementId, usize> = BTreeMap::new();
        let mut unknown: BTreeSet<ElementId> = BTreeSet::new();
        for (id, cell) in document.elements.iter().enumerate().filter(|(_, element)| is_cell(element)) {
            let row = cell.parent;
            let Some((table, _)) = document.ancestors(row).find(|(_, it)| it.name == "table") else { continue };
            if unknown.contains(&table) {
                continue;
            }
            let column = widths.entry(row).or_default();
            let (first, heads) = heads.entry(table).or_insert((row, Vec::new()));
            if *first == row {
                heads.push((*column, id));
                headings.texts.insert(id, String::new());
            } else if let Some(head) = heads[..heads.partition_point(|(begin, _)| begin <= column)].last() {
                headings.above.insert(id, head.1);
            }
            *column = column.saturating_add(span(cell, "colspan"));
            // In the rows into which a cell reaches, those beside it stand in other columns than they are counted.
            if span(cell, "rowspan") != 1 {
                unknown.insert(table);
            }
        }
        for text in document.texts.iter().filter(|text| document.is_readable(text)) {
            let cell = document.ancestors(text.parent).find(|(_, element)| is_cell(element));
            if let Some(head) = cell.and_then(|(id, _)| headings.texts.get_mut(&id)) {
                head.push_str(&text.text);
            }
        }
        headings
    }

    /// The head of the column in which an element lies; empty outside tables.
    fn over(&self, id: ElementId, document: &Document<'_>) -> &str {
        let cell = document.ancestors(id).find(|(_, element)| is_cell(element));
        let head = cell.and_then(|(id, _)| self.texts.get(self.above.get(&id)?));
        head.map_or("", |text| text.trim())
    }
}

fn is_cell(element: &Element<'_>) -> bool {
    matches!(element.name.as_str(), "td" | "th")
}

/// Over how many columns or rows a cell reaches.
fn span(cell: &Element<'_>, name: &str) -> usize {
    cell.attribute(name).and_then(|value| value.trim().parse().ok()).unwrap_or(1)
}
