//! A 128-bit hash of anything that is `Hash`, and the engine's identity.
//!
//! Fingerprints decide whether an output is rendered again; they are compared on one machine only,
//! so the byte order and the width of `usize` do not matter.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

/// Changes with the engine's sources and libraries (see `build.rs`): a new engine renders everything again.
pub const ENGINE: &str = concat!("xinfeng ", env!("CARGO_PKG_VERSION"), " ", env!("XINFENG_SOURCES"));

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// The hash of a file's bytes.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self::of_digest(&blake3::hash(bytes))
    }

    fn of_digest(digest: &blake3::Hash) -> Self {
        let half = digest.as_bytes().first_chunk::<16>().expect("a BLAKE3 digest has 32 bytes");
        Self(*half)
    }

    /// Spreads values evenly over so many places, counted from 0.
    pub fn place_among(self, places: u32) -> u32 {
        let place = u128::from_be_bytes(self.0) % u128::from(places);
        u32::try_from(place).expect("a remainder is smaller than its divisor")
    }

    /// Reads what `Display` wrote.
    pub fn parse(text: &str) -> Option<Self> {
        u128::from_str_radix(text, 16).ok().filter(|_| text.len() == 32).map(|number| Self(number.to_be_bytes()))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |number: u8| char::from(b"0123456789abcdef"[usize::from(number)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The hash of a value, by the fields that its `derive(Hash)` names.
pub fn fingerprint<T: Hash + ?Sized>(value: &T) -> Fingerprint {
    let mut fields = Bytes { waiting: Vec::with_capacity(1024), hashed: None };
    value.hash(&mut fields);
    match fields.hashed {
        None => Fingerprint::of_bytes(&fields.waiting),
        Some(mut hasher) => Fingerprint::of_digest(&hasher.update(&fields.waiting).finalize()),
    }
}

/// Collects what `Hash` writes, because one long hash is several times faster than many short ones.
struct Bytes {
    waiting: Vec<u8>,
    /// What has been collected before, where it was much.
    hashed: Option<Box<blake3::Hasher>>,
}

/// No more bytes than these wait.
const LONG: usize = 1 << 16;

impl Bytes {
    #[cold]
    fn hash_waiting(&mut self) {
        self.hashed.get_or_insert_default().update(&self.waiting);
        self.waiting.clear();
    }
}

impl Hasher for Bytes {
    // Most writes are of a few bytes, whose number the caller knows.
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        if self.waiting.len() + bytes.len() > LONG {
            self.hash_waiting();
        }
        self.waiting.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        unreachable!("fingerprints take the whole hash, never 64 bits of it")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_value_has_the_hash_of_all_its_bytes() {
        let texts = ["甲".repeat(LONG / 2), "乙".into(), "丙".repeat(LONG), String::new()];
        let bytes: Vec<u8> = texts.iter().flat_map(|text| text.bytes().chain([0xff])).collect();
        let [a, b, c, d] = texts;
        assert_eq!(fingerprint(&(a, b, c, d)), Fingerprint::of_bytes(&bytes));
    }
}
