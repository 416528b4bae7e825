//! In which encoding a text of unknown origin is: by its byte order mark, by its own word (`<meta charset>`), by its looks.
//!
//! Old portals write GBK or Big5 and say so in a tag, wrongly, or not at all. Start at [`of`].

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, Encoding, GB18030, GBK, UTF_8};

/// Of so many characters beyond ASCII one may be broken in a text that still counts as UTF-8.
const SOUND: usize = 10;
/// A page's encoding is named in so many bytes at its beginning. Browsers look at 1024; old portals put scripts before it.
const HEAD: usize = 4096;

/// The encoding of a page, or of a plain text.
pub fn of(bytes: &[u8]) -> &'static Encoding {
    if let Some((marked, _)) = Encoding::for_bom(bytes) {
        return marked;
    }
    if is_utf_8(bytes) {
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

/// The text of some bytes without their mark; what means nothing in its encoding is U+FFFD.
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    of(bytes).decode(bytes).0
}

/// Whether bytes are UTF-8, but perhaps for a few that were damaged or added: nothing else looks so by chance.
fn is_utf_8(bytes: &[u8]) -> bool {
    // Most are whole, which is told faster.
    if std::str::from_utf8(bytes).is_ok() {
        return true;
    }
    let (mut sound, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        sound += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    broken * SOUND <= sound
}

/// Whether there are neither broken bytes nor private characters in it.
fn makes_sense(encoding: &'static Encoding, bytes: &[u8]) -> bool {
    let (text, is_broken) = encoding.decode_without_bom_handling(bytes);
    !is_broken && !text.contains(|c| ('\u{E000}'..='\u{F8FF}').contains(&c))
}

/// The encoding that a page's head names.
fn named(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]).to_ascii_lowercase();
    let (_, after) = head.split_once("charset")?;
    let after = after.trim_start().strip_prefix('=')?.trim_start_matches([' ', '"', '\'']);
    let name = after.split(['"', '\'', ' ', '>', ';', '/']).next()?;
    Encoding::for_label(name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZH: &str = "静安区文明办发布了志愿者招募公告，请大家报名。";
    const TRADITIONAL: &str = "靜安區文明辦發佈了志願者招募公告，請大家報名。";

    #[test]
    fn a_text_is_read_by_mark_word_or_looks() {
        let check = |bytes: &[u8], expected: &str| assert_eq!(text(bytes), expected);
        check(ZH.as_bytes(), ZH);
        check(format!("\u{feff}{ZH}").as_bytes(), ZH);
        check(&GBK.encode(ZH).0, ZH);
        check(&BIG5.encode(TRADITIONAL).0, TRADITIONAL);
        check(&GBK.encode("<meta charset=gb2312>文明").0, "<meta charset=gb2312>文明");
        let named = "<meta http-equiv=x content='text/html; charset=big5'>靜安區";
        check(&BIG5.encode(named).0, named);
        check("<meta charset=gbk>文明".as_bytes(), "<meta charset=gbk>文明");
        let wide: Vec<u8> = format!("\u{feff}{ZH}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        check(&wide, ZH);
        check(b"", "");
    }

    #[test]
    fn a_few_broken_bytes_do_not_make_another_encoding_of_it() {
        let bytes = [ZH.as_bytes(), b"\xb5\xe7", ZH.as_bytes()].concat();
        assert_eq!(of(&bytes), UTF_8);
        assert!(text(&bytes).starts_with(ZH));
        assert_eq!(of(&GBK.encode(&format!("<meta charset=utf-8>{ZH}")).0), GB18030);
    }
}
