//! Plain text and tables of values between commas, in UTF-8 or GBK.

use std::borrow::Cow;

use super::Hits;
use crate::diagnostic::Text;

/// Looks line by line.
pub fn lines(bytes: &[u8]) -> Hits {
    let mut hits = Hits::default();
    for (index, line) in decode(bytes).lines().enumerate() {
        let number = index + 1;
        hits.look(line, "", || Text::new(format!("第 {number} 行"), format!("line {number}")));
    }
    hits
}

/// Looks cell by cell; the first row holds the headings.
pub fn table(bytes: &[u8]) -> Hits {
    let text = decode(bytes);
    let mut hits = Hits::default();
    let mut headings: Vec<String> = Vec::new();
    for (row, cells) in rows(&text).into_iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            let heading = headings.get(column).filter(|_| row > 0).map_or("", String::as_str);
            let (row, column) = (row + 1, column + 1);
            hits.look(cell, heading, || {
                Text::new(format!("第 {row} 行第 {column} 列"), format!("row {row}, column {column}"))
            });
        }
        if row == 0 {
            headings = cells;
        }
    }
    hits
}

/// UTF-8 and UTF-16 by their marks, else UTF-8 where it is valid, else GB 18030, which GBK is a part of.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::GB18030.decode_without_bom_handling(bytes).0,
    }
}

/// The cells of a table (RFC 4180), whichever of comma, tab and semicolon its first line holds most of.
fn rows(text: &str) -> Vec<Vec<String>> {
    let first = text.lines().next().unwrap_or_default();
    let separator =
        [',', '\t', ';'].into_iter().max_by_key(|separator| first.matches(*separator).count()).unwrap_or(',');
    let mut rows = vec![vec![String::new()]];
    let mut is_quoted = false;
    for c in text.chars() {
        let row = rows.last_mut().expect("there is a first row");
        match c {
            '"' => is_quoted = !is_quoted,
            '\n' if !is_quoted => rows.push(vec![String::new()]),
            _ if c == separator && !is_quoted => row.push(String::new()),
            _ => row.last_mut().expect("a row has a first cell").push(c),
        }
    }
    rows
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
