//! The cells of a workbook, sheet by sheet, the hidden ones too.

use std::collections::BTreeMap;

use super::{Hits, Node, Package, Unreadable, attribute, walk};
use crate::diagnostic::Text;

/// Looks cell by cell; the first row of a sheet holds the headings. A package that is no workbook has no sheets.
pub fn look(package: &mut Package<'_>, hits: &mut Hits) -> Result<(), Unreadable> {
    let sheets = sheets(package)?;
    if sheets.is_empty() {
        return Ok(());
    }
    let strings = strings(&package.xml("xl/sharedStrings.xml")?)?;
    for sheet in sheets {
        let xml = package.xml(&sheet.part)?;
        let mut reading =
            Reading { sheet: &sheet, strings: &strings, hits, headings: BTreeMap::new(), cell: None, value: 0 };
        walk(&xml, |node| reading.node(node))?;
    }
    Ok(())
}

struct Sheet {
    name: String,
    is_hidden: bool,
    /// The path in the package.
    part: String,
}

fn sheets(package: &mut Package<'_>) -> Result<Vec<Sheet>, Unreadable> {
    let mut targets: BTreeMap<String, String> = BTreeMap::new();
    walk(&package.xml("xl/_rels/workbook.xml.rels")?, |node| {
        if let Node::Open("Relationship", tag) = node {
            targets.extend(attribute(tag, "Id").zip(attribute(tag, "Target")));
        }
    })?;
    let mut sheets = Vec::new();
    walk(&package.xml("xl/workbook.xml")?, |node| {
        let Node::Open("sheet", tag) = node else { return };
        let target = attribute(tag, "r:id").and_then(|id| targets.get(&id));
        sheets.extend(target.map(|target| Sheet {
            name: attribute(tag, "name").unwrap_or_default(),
            is_hidden: attribute(tag, "state").is_some_and(|state| state != "visible"),
            part: target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned),
        }));
    })?;
    Ok(sheets)
}

/// The texts that cells name by their number; how they are to be pronounced is left out.
fn strings(xml: &str) -> Result<Vec<String>, Unreadable> {
    let mut strings: Vec<String> = Vec::new();
    let (mut is_text, mut is_reading) = (false, false);
    walk(xml, |node| match node {
        Node::Open("si", _) => strings.push(String::new()),
        Node::Open("rPh", _) => is_reading = true,
        Node::Close("rPh") => is_reading = false,
        Node::Open("t", _) => is_text = true,
        Node::Close("t") => is_text = false,
        Node::Text(text) if is_text && !is_reading => {
            strings.last_mut().into_iter().for_each(|last| last.push_str(&text))
        }
        _ => {}
    })?;
    Ok(strings)
}

struct Reading<'a> {
    sheet: &'a Sheet,
    strings: &'a [String],
    hits: &'a mut Hits,
    /// By the letters of a column, the text of its first cell.
    headings: BTreeMap<String, String>,
    cell: Option<Cell>,
    /// How many elements are open whose text is the value of a cell, or a header.
    value: usize,
}

#[derive(Default)]
struct Cell {
    /// `C2`; empty for the headers and footers of the printed sheet.
    name: String,
    is_shared: bool,
    value: String,
}

impl Reading<'_> {
    fn node(&mut self, node: Node<'_>) {
        match node {
            Node::Open("c", tag) => {
                let is_shared = attribute(tag, "t").as_deref() == Some("s");
                self.cell =
                    Some(Cell { name: attribute(tag, "r").unwrap_or_default(), is_shared, value: String::new() });
            }
            Node::Close("c") => self.end_cell(),
            Node::Open("v" | "t", _) => self.value += 1,
            Node::Close("v" | "t") => self.value = self.value.saturating_sub(1),
            Node::Open(name, _) if is_header(name) => {
                self.cell = Some(Cell::default());
                self.value += 1;
            }
            Node::Close(name) if is_header(name) => {
                self.value = self.value.saturating_sub(1);
                self.end_cell();
            }
            Node::Text(text) if self.value > 0 => {
                if let Some(cell) = &mut self.cell {
                    cell.value.push_str(&text);
                }
            }
            _ => {}
        }
    }

    fn end_cell(&mut self) {
        let Some(cell) = self.cell.take() else { return };
        let strings = self.strings;
        let shared = cell.value.trim().parse().ok().and_then(|index: usize| strings.get(index));
        let value = match shared.filter(|_| cell.is_shared) {
            Some(text) => text.clone(),
            None => as_typed(&cell.value),
        };
        let column = cell.name.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
        let heading = self.headings.get(&column).map_or("", String::as_str);
        let (sheet, name) = (self.sheet, &cell.name);
        self.hits.look(&value, heading, || place(sheet, name));
        self.headings.entry(column).or_insert(value);
    }
}

fn is_header(name: &str) -> bool {
    let name = name.strip_prefix("odd").or_else(|| name.strip_prefix("even")).or_else(|| name.strip_prefix("first"));
    matches!(name, Some("Header" | "Footer"))
}

fn place(sheet: &Sheet, cell: &str) -> Text {
    let (hidden_zh, hidden_en) = if sheet.is_hidden { ("隐藏的", "hidden ") } else { ("", "") };
    let (cell_zh, cell_en) = if cell.is_empty() { ("页眉页脚", "header or footer") } else { (cell, cell) };
    Text::new(
        format!("{hidden_zh}工作表“{}”{cell_zh}", sheet.name),
        format!("{hidden_en}sheet \"{}\" {cell_en}", sheet.name),
    )
}

/// A number as it was typed: large ones are stored as `1.3812345678E10`.
fn as_typed(value: &str) -> String {
    let number = value.trim().parse::<f64>().ok().filter(|_| value.contains(['E', 'e', '.']));
    match number.filter(|number| number.fract() == 0.0 && (1e9..1e19).contains(number)) {
        Some(number) => format!("{number:.0}"),
        None => value.to_owned(),
    }
}
