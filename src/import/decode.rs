//! Bytes of a saved page -> its text, by its BOM, its own word (`<meta charset>`), else by detection.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

use crate::diagnostic::Text;

/// The text and the name of its encoding.
#[derive(Debug)]
pub struct Decoded {
    pub text: String,
    pub encoding: &'static str,
    /// Whether some bytes meant nothing.
    pub is_damaged: bool,
}

/// # Errors
/// Bytes that are no text.
pub fn decode(bytes: &[u8]) -> Result<Decoded, Text> {
    let marked = Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let is_wide = marked.is_some_and(|encoding| encoding == UTF_16LE || encoding == UTF_16BE);
    if !is_wide && bytes.contains(&0) {
        return Err(Text::new("这不是网页，也不是文本文件", "this is neither a web page nor a text file"));
    }
    let encoding = marked.unwrap_or_else(|| guess(bytes));
    let (text, encoding, is_damaged) = encoding.decode(bytes);
    let controls = text.chars().filter(|c| c.is_control() && !c.is_whitespace()).count();
    let unknown = text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
    if (controls + unknown) * 20 > text.chars().count() {
        return Err(Text::new("这个文件不是文字，或者已经损坏", "this file is no text, or it is damaged"));
    }
    Ok(Decoded { text: text.into_owned(), encoding: encoding.name(), is_damaged })
}

/// UTF-8 where the bytes are UTF-8: nothing else looks so by chance. Else the page's own word, else detection.
fn guess(bytes: &[u8]) -> &'static Encoding {
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    let named = named(bytes).filter(|encoding| *encoding != UTF_8);
    if let Some(encoding) = named.filter(|encoding| !encoding.decode_without_bom_handling(bytes).1) {
        return encoding;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guessed = detector.guess(Some(b"cn"), Utf8Detection::Allow);
    named.unwrap_or_else(|| {
        // GB 18030 reads all that GBK does, and nearly all of Big5 as well, but then with characters that mean nothing.
        let likely = [if guessed == GBK { GB18030 } else { guessed }, BIG5, GB18030];
        likely.into_iter().find(|encoding| makes_sense(encoding, bytes)).unwrap_or(guessed)
    })
}

/// Whether there are neither broken bytes nor private characters in it.
fn makes_sense(encoding: &'static Encoding, bytes: &[u8]) -> bool {
    let (text, is_broken) = encoding.decode_without_bom_handling(bytes);
    !is_broken && !text.contains(|c| ('\u{E000}'..='\u{F8FF}').contains(&c))
}

/// The encoding that a page's head names.
fn named(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).to_ascii_lowercase();
    let (_, after) = head.split_once("charset")?;
    let after = after.trim_start().strip_prefix('=')?.trim_start_matches([' ', '"', '\'']);
    let name = after.split(['"', '\'', ' ', '>', ';', '/']).next()?;
    Encoding::for_label(name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_by_mark_word_or_looks() {
        let check = |bytes: &[u8], text: &str| {
            assert_eq!(decode(bytes).expect("a text").text.trim_start_matches(|c: char| c.is_ascii()), text);
        };
        check("静安区文明办".as_bytes(), "静安区文明办");
        check("\u{feff}静安区文明办".as_bytes(), "静安区文明办");
        check(&GBK.encode("<meta charset=gb2312>静安区文明办").0, "静安区文明办");
        check(
            &GBK.encode("静安区文明办发布了志愿者招募公告，请大家报名。").0,
            "静安区文明办发布了志愿者招募公告，请大家报名。",
        );
        check(&BIG5.encode("<meta http-equiv=x content=\"text/html; charset=big5\">靜安區").0, "靜安區");
        check(
            &BIG5.encode("靜安區文明辦發佈了志願者招募公告，請大家報名。").0,
            "靜安區文明辦發佈了志願者招募公告，請大家報名。",
        );
        let wide: Vec<u8> = "\u{feff}静安区".encode_utf16().flat_map(u16::to_le_bytes).collect();
        check(&wide, "静安区");
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert!(decode(&[0x89, b'P', b'N', b'G', 0, 0, 0, 13]).is_err());
        assert!(decode(&[1, 2, 3, 4, 5, 6, 7, 8]).is_err());
    }
}
