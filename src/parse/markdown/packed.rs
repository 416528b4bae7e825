//! A text that takes less memory while nobody looks at it.
//!
//! A preview holds the bodies of the whole site and shows one at a time. Start at [`Text`].

use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::Serializer;

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub enum Text {
    #[serde(deserialize_with = "plain")]
    Plain(Box<str>),
    /// In the block format of LZ4, behind its length.
    #[serde(serialize_with = "as_bytes", deserialize_with = "packed")]
    Packed(Box<[u8]>),
}

/// Reads a text, whose UTF-8 the standard library would check ten times as slowly.
fn plain<'de, D: Deserializer<'de>>(from: D) -> Result<Box<str>, D::Error> {
    simdutf8::basic::from_utf8(<&[u8]>::deserialize(from)?).map(Box::from).map_err(D::Error::custom)
}

/// Reads bytes as a whole, not one by one.
fn packed<'de, D: Deserializer<'de>>(from: D) -> Result<Box<[u8]>, D::Error> {
    <&[u8]>::deserialize(from).map(Box::from)
}

/// Writes bytes as a whole, not one by one.
fn as_bytes<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_bytes(bytes)
}

impl Text {
    pub fn get(&self) -> Cow<'_, str> {
        match self {
            Self::Plain(text) => Cow::Borrowed(text),
            Self::Packed(bytes) => {
                let text = lz4_flex::decompress_size_prepended(bytes).expect("what was packed here");
                // Checked and copied, it is there sooner than the standard library has checked it.
                Cow::Owned(simdutf8::basic::from_utf8(&text).expect("a packed text").to_owned())
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

    #[test]
    fn a_text_is_the_same_after_it_was_kept() {
        let plain = Text::from("三十名志愿者");
        let mut packed = Text::from("字".repeat(100).as_str());
        packed.pack();
        for text in [plain, packed] {
            let kept = postcard::to_allocvec(&text).unwrap();
            assert_eq!(postcard::from_bytes::<Text>(&kept).unwrap().get(), text.get());
        }
    }
}
