//! The text of a page as copied from a browser -> blocks: each line a paragraph, lines with tabs a table.

use super::block::{Block, Located, Page, Run, Table, Zone};

pub fn read(text: &str) -> Page {
    let lines: Vec<&str> = text.lines().filter(|line| !is_blank(line)).collect();
    let mut page = Page::default();
    let mut rest = lines.as_slice();
    while let Some(line) = rest.first() {
        let columns = cells(line);
        let rows = if columns > 1 { rest.iter().take_while(|row| cells(row) == columns).count() } else { 1 };
        let block = if rows > 1 {
            let row = |line: &&str| line.split('\t').map(|cell| vec![Run::plain(cell)]).collect();
            Block::Table(Table { rows: rest[..rows].iter().map(row).collect(), has_merged_cells: false })
        } else {
            Block::Paragraph(vec![Run::plain(*line)])
        };
        page.blocks.push(Located { zone: Zone::Article, block });
        rest = &rest[rows.max(1)..];
    }
    page
}

fn is_blank(line: &str) -> bool {
    line.chars().all(|c| c.is_whitespace() || matches!(c, '\u{200B}' | '\u{FEFF}'))
}

/// Tabs at a line's beginning are its indent.
fn cells(line: &str) -> usize {
    line.trim().split('\t').count()
}
