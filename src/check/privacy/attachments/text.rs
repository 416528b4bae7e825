//! Plain text and tables of values between commas, in UTF-8 or GBK.

use std::ops::Range;

use super::Hits;
use crate::diagnostic::Text;
use crate::encoding;

/// Looks line by line.
pub fn lines(bytes: &[u8]) -> Hits {
    let mut hits = Hits::default();
    for (index, line) in encoding::text(bytes).lines().enumerate() {
        let number = index + 1;
        hits.look(line, "", || Text::new(format!("第 {number} 行"), format!("line {number}")));
    }
    hits
}

/// Looks cell by cell; the first row holds the headings.
pub fn table(bytes: &[u8]) -> Hits {
    let text = encoding::text(bytes);
    let mut hits = Hits::default();
    for cell in cells(&text) {
        let (row, column) = (cell.row, cell.column);
        hits.look(&text[cell.range], cell.heading, || {
            Text::new(format!("第 {row} 行第 {column} 列"), format!("row {row}, column {column}"))
        });
    }
    hits
}

/// A cell of a table; rows and columns count from 1.
pub struct Cell<'t> {
    pub row: usize,
    pub column: usize,
    /// Its bytes in the text, quotation marks included.
    pub range: Range<usize>,
    /// The first cell of its column; empty in the first row.
    pub heading: &'t str,
}

/// The cells of a table (RFC 4180), whichever of comma, tab and semicolon its first line holds most of.
pub fn cells(text: &str) -> Vec<Cell<'_>> {
    let first = text.lines().next().unwrap_or_default();
    let separator =
        [',', '\t', ';'].into_iter().max_by_key(|separator| first.matches(*separator).count()).unwrap_or(',');
    let mut cells = Vec::new();
    let mut headings: Vec<&str> = Vec::new();
    let (mut row, mut column, mut start, mut is_quoted) = (1, 1, 0, false);
    for (at, c) in text.char_indices().chain([(text.len(), '\n')]) {
        is_quoted ^= c == '"';
        // Quotation marks that nobody closes end with the text.
        if at < text.len() && (is_quoted || c != '\n' && c != separator) {
            continue;
        }
        let heading = headings.get(column - 1).copied().filter(|_| row > 1).unwrap_or_default();
        cells.push(Cell { row, column, range: start..at, heading });
        if row == 1 {
            headings.push(text[start..at].trim_matches(['"', '\r', '\u{feff}']));
        }
        (row, column) = if c == separator { (row, column + 1) } else { (row + 1, 1) };
        start = at + c.len_utf8();
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(hits: Hits) -> Vec<String> {
        hits.0.into_iter().map(|hit| format!("{} {}", hit.at.zh, hit.personal.masked())).collect()
    }

    #[test]
    fn a_table_is_read_cell_by_cell_under_its_headings() {
        let table_text = "姓名,订单编号,手机\n\"王,某\",13812345678,138-1234-5678\n\"李\n某\",1,=\"13987654321\"\n";
        assert_eq!(places(table(table_text.as_bytes())), ["第 2 行第 3 列 138****5678", "第 3 行第 3 列 139****4321"]);
    }

    #[test]
    fn chinese_encodings_are_read() {
        let text = "联系人：王某\r\n护照 E12345678";
        let gbk = encoding_rs::GBK.encode(text).0.into_owned();
        let utf_16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
        for bytes in [gbk, utf_16, marked, text.as_bytes().to_vec()] {
            assert_eq!(places(lines(&bytes)), ["第 2 行 E*****678"]);
        }
    }
}
