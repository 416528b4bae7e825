//! Bytes of a text as the protocol counts them: lines from 0, and UTF-16 code units within a line.

use std::ops::Range;

use lsp_types::Position;

/// Where a byte of a text stands.
pub fn position(text: &str, offset: usize) -> Position {
    let offset = text.floor_char_boundary(offset.min(text.len()));
    let before = &text[..offset];
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count();
    Position::new(line as u32, before[start..].encode_utf16().count() as u32)
}

/// The protocol's range of some bytes.
pub fn range(text: &str, bytes: &Range<usize>) -> lsp_types::Range {
    lsp_types::Range::new(position(text, bytes.start), position(text, bytes.end.max(bytes.start)))
}

/// The byte at a position; the end of the line where the position lies behind it.
pub fn offset(text: &str, position: Position) -> usize {
    let lines = text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line))
    });
    let Some((start, line)) = lines.into_iter().nth(position.line as usize) else { return text.len() };
    let line = line.trim_end_matches(['\n', '\r']);
    let mut units = 0;
    for (at, c) in line.char_indices() {
        if units >= position.character as usize {
            return start + at;
        }
        units += c.len_utf16();
    }
    start + line.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_utf16() {
        let text = "a\n静𠮷b\r\n末";
        let check = |needle: char, line: u32, character: u32| {
            let at = text.find(needle).expect("a character of the text");
            assert_eq!(position(text, at), Position::new(line, character), "{needle}");
            assert_eq!(offset(text, Position::new(line, character)), at, "{needle}");
        };
        check('静', 1, 0);
        check('𠮷', 1, 1);
        check('b', 1, 3);
        check('末', 2, 0);
        assert_eq!(offset(text, Position::new(1, 99)), text.find('\r').expect("a line end"));
        assert_eq!(offset(text, Position::new(9, 0)), text.len());
    }
}
