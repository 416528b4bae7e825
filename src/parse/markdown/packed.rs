//! A text that takes less memory while nobody looks at it.
//!
//! A preview holds the bodies of the whole site and shows one at a time. Start at [`Text`].

use std::borrow::Cow;

#[derive(Debug, Clone)]
pub enum Text {
    Plain(Box<str>),
    /// In the block format of LZ4, behind its length.
    Packed(Box<[u8]>),
}

impl Text {
    pub fn get(&self) -> Cow<'_, str> {
        match self {
            Self::Plain(text) => Cow::Borrowed(text),
            Self::Packed(bytes) => {
                let text = lz4_flex::decompress_size_prepended(bytes).expect("what was packed here");
                Cow::Owned(String::from_utf8(text).expect("a packed text"))
            }
        }
    }

    pub fn pack(&mut self) {
        let Self::Plain(text) = self else { return };
        let packed = lz4_flex::compress_prepend_size(text.as_bytes());
        if packed.len() < text.len() {
            *self = Self::Packed(packed.as_slice().into());
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::Plain(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn packing_changes_nothing_that_is_seen() {
        for text in ["", "短", &"<p>三十名志愿者来到楼组，为老人理发、修伞、量血压。</p>".repeat(40)]
        {
            let mut packed = Text::from(text);
            packed.pack();
            packed.pack();
            assert_eq!(packed.get(), text);
        }
        let mut long = Text::from("字".repeat(100).as_str());
        long.pack();
        assert!(matches!(long, Text::Packed(bytes) if bytes.len() < 50));
    }
}
