//! Text into HTML text and attribute values. Both drop what HTML forbids, the sentinels of [`cjk`]
//! among it.

use super::cjk::{STAR, TILDE};

/// Appends `text` as the content of an element.
pub fn text(into: &mut String, text: &str) {
    escape::<false>(into, text);
}

/// Appends `text` as an attribute's value in double quotes.
pub fn attribute(into: &mut String, text: &str) {
    escape::<true>(into, text);
}

/// Appends raw HTML text: entities stay, and a `<` that begins no tag becomes text.
pub fn raw_text(into: &mut String, text: &str) {
    for (number, part) in text.split('&').enumerate() {
        if number > 0 {
            into.push('&');
        }
        escape::<true>(into, part);
    }
}

fn escape<const QUOTES: bool>(into: &mut String, text: &str) {
    if is_plain(text.as_bytes()) {
        return into.push_str(text);
    }
    let bytes = text.as_bytes();
    let mut copied = 0;
    let mut at = 0;
    while let Some(plain) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| is_special(*byte))) {
        at += plain;
        let (length, replacement) = match bytes[at] {
            b'&' => (1, "&amp;"),
            b'<' => (1, "&lt;"),
            b'>' => (1, "&gt;"),
            b'"' if QUOTES => (1, "&quot;"),
            b'"' => (1, "\""),
            // Full-width punctuation begins like the characters that have to go: U+FDD0 to U+FDEF, U+FFFE and U+FFFF.
            0xEF if !matches!(bytes.get(at + 1), Some(0xB7 | 0xBF)) => {
                at += 3;
                continue;
            }
            _ => match text[at..].chars().next() {
                Some(TILDE) => (TILDE.len_utf8(), "~"),
                Some(STAR) => (STAR.len_utf8(), "*"),
                Some('\0') => (1, "\u{FFFD}"),
                Some(c) if is_forbidden(c) => (c.len_utf8(), ""),
                Some(c) => {
                    at += c.len_utf8();
                    continue;
                }
                None => break,
            },
        };
        into.push_str(&text[copied..at]);
        into.push_str(replacement);
        at += length;
        copied = at;
    }
    into.push_str(&text[copied..]);
}

/// Whether all bytes can stay as they are, as in nearly every text. Seen without a branch, so that many are compared at once.
fn is_plain(bytes: &[u8]) -> bool {
    let second = bytes.get(1..).unwrap_or_default();
    // All full-width marks that texts are full of begin with EF BC or EF BD.
    let is_mark = |byte: u8, next: u8| (byte == 0xEF) & ((next == 0xBC) | (next == 0xBD));
    let pairs = bytes.iter().zip(second);
    let found = pairs.fold(false, |found, (a, b)| found | is_special(*a) & !is_mark(*a, *b));
    !found && !bytes.last().copied().is_some_and(is_special)
}

/// Whether a character that begins with this byte needs a closer look.
fn is_special(byte: u8) -> bool {
    let is_markup = (byte == b'&') | (byte == b'<') | (byte == b'>') | (byte == b'"');
    let is_lead = (byte == 0xC2) | (byte == 0xEF) | (byte >= 0xF0);
    is_markup | is_lead | (byte < b' ') | (byte == 0x7F)
}

/// Control characters and noncharacters, which HTML does not allow. A carriage return is one too:
/// the line feed after it is the line's end.
fn is_forbidden(c: char) -> bool {
    let code = u32::from(c);
    c.is_control() && c != '\n' && c != '\t' || matches!(code, 0xFDD0..=0xFDEF) || code & 0xFFFE == 0xFFFE
}
