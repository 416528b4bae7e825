//! What stands at a target: path, size and SHA-256 of every file, signed. It is published with the site, so that anybody can
//! compare.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use ring::digest::{SHA256, digest};

use super::key::{PublicKey, SecretKey, Signed};
use crate::diagnostic::Text;
use crate::fingerprint::hex;
use crate::plan::url::OutputPath;

/// Where the manifest stands, below the site's address.
pub const MANIFEST: &str = "xinfeng-manifest.txt";
/// Where the public key stands. It tells citizens whose signature it is; the office itself trusts `site.yaml`.
pub const KEY: &str = "xinfeng-key.txt";

const HEADING: &str = "xinfeng manifest 1";

/// The SHA-256 (FIPS 180-4) of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    pub fn of(bytes: &[u8]) -> Self {
        Self(digest(&SHA256, bytes).as_ref().try_into().expect("a hash has 32 bytes"))
    }

    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// 64 hexadecimal digits.
    pub fn to_hex(self) -> String {
        hex(&self.0)
    }
}

/// What a file is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// In bytes.
    pub size: u64,
    pub digest: Digest,
}

impl Entry {
    pub fn of(bytes: &[u8]) -> Self {
        Self { size: bytes.len() as u64, digest: Digest::of(bytes) }
    }
}

/// A published state of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The site's address.
    pub site: String,
    /// Which program made it: version and the hash of its sources.
    pub engine: String,
    pub time: Timestamp,
    pub files: BTreeMap<OutputPath, Entry>,
}

/// Why a text is not a manifest to be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distrust {
    /// No signature by the site's key.
    Unsigned,
    /// A signature of another text: somebody altered it.
    Forged,
    /// Signed, but not understood: a later version wrote it.
    Unknown,
}

impl Distrust {
    /// What is wrong, as the end of a sentence about the manifest.
    pub fn text(self) -> Text {
        match self {
            Self::Unsigned => Text::new("没有用本站密钥的签名", "bears no signature by the site's key"),
            Self::Forged => Text::new("签名与内容不符", "does not match its signature"),
            Self::Unknown => {
                Text::new("看不懂（是更新的版本写的？）", "cannot be understood: did a later version write it?")
            }
        }
    }
}

/// The time of a state that is published now. It comes after those of earlier states, whose machines' clocks may have been
/// ahead: their order tells an old state that somebody put back.
pub fn time_after(earlier: &[Option<Timestamp>], now: Timestamp) -> Timestamp {
    let next = |time: &Timestamp| time.saturating_add(SignedDuration::from_secs(1)).unwrap_or(*time);
    earlier.iter().flatten().map(next).fold(now, Timestamp::max)
}

impl Manifest {
    /// Names this state: the hash of all paths and hashes.
    pub fn identity(&self) -> Digest {
        Digest::of(self.list().as_bytes())
    }

    /// The signed text.
    pub fn sign(&self, key: &SecretKey) -> String {
        let Self { site, engine, time, files } = self;
        let (count, build) = (files.len(), self.identity().to_hex());
        key.sign(&format!(
            "{HEADING}\nsite {site}\nengine {engine}\nbuild {build}\ntime {time}\nfiles {count}\n{}",
            self.list()
        ))
    }

    /// Reads a signed text. Nothing of it is looked at before its signature was found good.
    ///
    /// # Errors
    /// [`Distrust`]
    pub fn open(note: &str, key: &PublicKey) -> Result<Self, Distrust> {
        match key.open(note) {
            Signed::Good(text) => Self::parse(text).ok_or(Distrust::Unknown),
            Signed::Unsigned => Err(Distrust::Unsigned),
            Signed::Forged => Err(Distrust::Forged),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let mut next = |name: &str| Some(lines.next()?.strip_prefix(name)?.to_owned());
        next(HEADING)?;
        let (site, engine, build) = (next("site ")?, next("engine ")?, next("build ")?);
        let (time, count) = (next("time ")?.parse().ok()?, next("files ")?);
        let files: Option<BTreeMap<_, _>> = lines.map(parse_line).collect();
        let manifest = Self { site, engine, time, files: files? };
        let is_whole = manifest.files.len().to_string() == count && manifest.identity().to_hex() == build;
        is_whole.then_some(manifest)
    }

    fn list(&self) -> String {
        let mut list = String::with_capacity(self.files.len() * 128);
        for (path, Entry { size, digest }) in &self.files {
            writeln!(list, "{} {size} {path}", digest.to_hex()).expect("writing to a string");
        }
        list
    }
}

/// `<sha-256> <size> <path>`
pub(super) fn parse_line(line: &str) -> Option<(OutputPath, Entry)> {
    let mut parts = line.splitn(3, ' ');
    let digest = Digest::parse(parts.next()?)?;
    let size = parts.next()?.parse().ok()?;
    Some((OutputPath::from_manifest(parts.next()?)?, Entry { size, digest }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let path = OutputPath::from_manifest("news/a b.html").expect("a path");
        Manifest {
            site: "https://www.example.org/".to_owned(),
            engine: "0.1.0".to_owned(),
            time: "2026-11-27T01:00:00Z".parse().expect("a time"),
            files: BTreeMap::from([(path, Entry::of(b"abc"))]),
        }
    }

    #[test]
    fn hashes_as_the_standard_does() {
        // FIPS 180-4, example "abc".
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Digest::of(b"abc").to_hex(), known);
        assert_eq!(Digest::parse(known), Some(Digest::of(b"abc")));
        assert_eq!(Digest::parse(&known[1..]), None);
    }

    #[test]
    fn reads_what_it_signed_and_nothing_else() {
        let (key, other) = (SecretKey::generate("a"), SecretKey::generate("a"));
        let note = manifest().sign(&key);
        assert_eq!(Manifest::open(&note, key.public()), Ok(manifest()));
        assert_eq!(Manifest::open(&note, other.public()), Err(Distrust::Unsigned));
        assert_eq!(Manifest::open(&note.replace("news", "nows"), key.public()), Err(Distrust::Forged));
        let outside = Manifest { files: BTreeMap::new(), ..manifest() }.sign(&key).replace("files 0", "files 1");
        assert_eq!(Manifest::open(&outside, key.public()), Err(Distrust::Forged));
    }

    #[test]
    fn a_state_comes_after_those_before_it() {
        let time = |text: &str| text.parse::<Timestamp>().expect("a time");
        let now = time("2026-11-27T01:00:00Z");
        let check =
            |earlier: &[Option<Timestamp>], expected: &str| assert_eq!(time_after(earlier, now), time(expected));
        check(&[], "2026-11-27T01:00:00Z");
        check(&[None, Some(time("2026-11-26T01:00:00Z"))], "2026-11-27T01:00:00Z");
        check(&[Some(time("2028-01-01T00:00:00Z")), Some(time("2027-01-01T00:00:00Z"))], "2028-01-01T00:00:01Z");
        check(&[Some(now)], "2026-11-27T01:00:01Z");
    }

    #[test]
    fn a_path_never_leaves_the_folder() {
        let line = format!("{} 3 ../etc/passwd", Digest::of(b"abc").to_hex());
        assert_eq!(parse_line(&line), None);
    }
}
