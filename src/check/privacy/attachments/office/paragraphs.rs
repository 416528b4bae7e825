//! The paragraphs of a part: of a text, its headers and notes, of comments, shapes and slides.

use quick_xml::events::BytesStart;

use super::{Hits, Node, Unreadable, attribute, walk};
use crate::diagnostic::Text;

/// Looks paragraph by paragraph, and cell by cell in tables.
pub fn look(xml: &str, label: &Text, hits: &mut Hits) -> Result<(), Unreadable> {
    let mut reading =
        Reading { label, hits, paragraphs: Vec::new(), number: 0, cell: None, tables: Vec::new(), text: 0, skipped: 0 };
    walk(xml, |node| match node {
        Node::Open(name, tag) => reading.open(name, tag),
        Node::Close(name) => reading.close(name),
        Node::Text(text) => reading.text(&text),
    })
}

struct Reading<'a> {
    label: &'a Text,
    hits: &'a mut Hits,
    /// The paragraphs that are open: one in a text box lies in another.
    paragraphs: Vec<String>,
    number: usize,
    /// The cell of a workbook that a comment is about.
    cell: Option<String>,
    tables: Vec<Table>,
    /// How many text elements are open.
    text: usize,
    /// How many copies for old programs are open: they say the same twice.
    skipped: usize,
}

/// A table while it is read; its first row holds the headings.
#[derive(Default)]
struct Table {
    row: usize,
    column: usize,
    headings: Vec<String>,
}

impl Reading<'_> {
    fn open(&mut self, name: &str, tag: &BytesStart<'_>) {
        match name {
            "Fallback" => self.skipped += 1,
            // A comment of a table has no paragraphs, but its text is one.
            "p" | "comment" | "threadedComment" => {
                self.number += 1;
                self.cell = attribute(tag, "ref");
                self.paragraphs.push(String::new());
            }
            "t" | "delText" | "text" => self.text += 1,
            "tab" | "br" | "cr" => self.text_of_paragraph(" "),
            "noBreakHyphen" => self.text_of_paragraph("-"),
            "tbl" => self.tables.push(Table::default()),
            "tr" => self.table(|table| (table.row, table.column) = (table.row + 1, 0)),
            "tc" => self.table(|table| table.column += 1),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "Fallback" => self.skipped = self.skipped.saturating_sub(1),
            "p" | "comment" | "threadedComment" => {
                let paragraph = self.paragraphs.pop().unwrap_or_default();
                self.look(&paragraph);
            }
            "t" | "delText" | "text" => self.text = self.text.saturating_sub(1),
            "tbl" => drop(self.tables.pop()),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.text > 0 && self.skipped == 0 {
            self.text_of_paragraph(text);
        }
    }

    fn text_of_paragraph(&mut self, text: &str) {
        if let Some(paragraph) = self.paragraphs.last_mut() {
            paragraph.push_str(text);
        }
    }

    fn table(&mut self, change: impl FnOnce(&mut Table)) {
        if let Some(table) = self.tables.last_mut() {
            change(table);
        }
    }

    fn look(&mut self, paragraph: &str) {
        let Text { zh, en } = self.label;
        if let Some(cell) = &self.cell {
            return self.hits.look(paragraph, "", || Text::new(format!("{cell} 的{zh}"), format!("{en} on {cell}")));
        }
        let number = self.number;
        let Some(table) = self.tables.last_mut() else {
            return self
                .hits
                .look(paragraph, "", || Text::new(format!("{zh}第 {number} 段"), format!("{en}, paragraph {number}")));
        };
        let (row, column) = (table.row, table.column);
        let heading = table.headings.get(column.saturating_sub(1)).filter(|_| row > 1).map_or("", String::as_str);
        self.hits.look(paragraph, heading, || {
            Text::new(format!("{zh}的表格第 {row} 行第 {column} 列"), format!("{en}, table row {row}, column {column}"))
        });
        if row == 1 && column > 0 {
            table.headings.resize(table.headings.len().max(column), String::new());
            table.headings[column - 1].push_str(paragraph);
        }
    }
}
