//! Bytes of a saved page -> its text, unless they are none.

use encoding_rs::{UTF_16BE, UTF_16LE};

use crate::diagnostic::Text;
use crate::encoding;

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
    let encoding = encoding::of(bytes);
    if ![UTF_16LE, UTF_16BE].contains(&encoding) && bytes.contains(&0) {
        return Err(Text::new("这不是网页，也不是文本文件", "this is neither a web page nor a text file"));
    }
    let (text, encoding, is_damaged) = encoding.decode(bytes);
    let controls = text.chars().filter(|c| c.is_control() && !c.is_whitespace()).count();
    let unknown = text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
    if (controls + unknown) * 20 > text.chars().count() {
        return Err(Text::new("这个文件不是文字，或者已经损坏", "this file is no text, or it is damaged"));
    }
    Ok(Decoded { text: text.into_owned(), encoding: encoding.name(), is_damaged })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_refused() {
        assert!(decode(&[0x89, b'P', b'N', b'G', 0, 0, 0, 13]).is_err());
        assert!(decode(&[1, 2, 3, 4, 5, 6, 7, 8]).is_err());
    }
}
