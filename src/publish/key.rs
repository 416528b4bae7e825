//! Keys and signatures: Ed25519 (RFC 8032), written as signed notes (C2SP `signed-note`), so that other tools can check them too.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use crate::diagnostic::SECRET_KEY;
use crate::fingerprint::hex;

/// The signature type of Ed25519 in the standard.
const ALGORITHM: u8 = 1;

/// The public half: who may have signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    name: String,
    id: [u8; 4],
    bytes: [u8; 32],
}

/// The secret half. It has no `Debug`, so that it cannot slip into a log.
pub struct SecretKey {
    public: PublicKey,
    seed: [u8; 32],
}

/// A text whose signature was checked.
#[derive(Debug, PartialEq, Eq)]
pub enum Signed<'t> {
    /// The text that was signed.
    Good(&'t str),
    /// It bears no signature by this key.
    Unsigned,
    /// It bears one, of another text.
    Forged,
}

impl PublicKey {
    fn new(name: String, bytes: [u8; 32]) -> Self {
        let id = key_id(&name, &bytes);
        Self { name, id, bytes }
    }

    /// Reads `name+id+key`; `None` where it is something else, or was altered.
    pub fn parse(text: &str) -> Option<Self> {
        let parts = Parts::read(text.trim())?;
        let public = Self::new(parts.name, parts.key);
        (public.id == parts.id).then_some(public)
    }

    /// A short name for files: the name and the id.
    pub fn label(&self) -> String {
        format!("{}+{}", self.name, hex(&self.id))
    }

    /// The text of the published file.
    pub fn to_file(&self) -> String {
        format!("{self}\n")
    }

    /// Checks the signature of a note: a text that ends with a line, an empty line, and lines of signatures.
    pub fn open<'t>(&self, note: &'t str) -> Signed<'t> {
        let Some((text, signatures)) = note.rsplit_once("\n\n").filter(|(_, lines)| lines.starts_with('—')) else {
            return Signed::Unsigned;
        };
        let text = &note[..=text.len()];
        let ours = signatures.lines().filter_map(|line| {
            let (name, signature) = line.strip_prefix("— ")?.split_once(' ')?;
            let bytes = BASE64.decode(signature).ok()?;
            let signature = bytes.strip_prefix(&self.id)?;
            (name == self.name).then(|| signature.to_vec())
        });
        let mut found = Signed::Unsigned;
        for signature in ours {
            let key = UnparsedPublicKey::new(&ED25519, self.bytes);
            if key.verify(text.as_bytes(), &signature).is_ok() {
                // We sign once: a line more was written by somebody else, whom nobody asked.
                return if signatures.lines().count() == 1 { Signed::Good(text) } else { Signed::Forged };
            }
            found = Signed::Forged;
        }
        found
    }
}

/// `name+id+base64(type || key)`
impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}", self.label(), encoded(&self.bytes))
    }
}

impl SecretKey {
    /// Makes a new key from the system's random numbers. Of the name, only what the standard allows is kept.
    pub fn generate(name: &str) -> Self {
        let name: String = name.chars().filter(|c| !c.is_whitespace() && *c != '+').collect();
        let mut seed = [0; 32];
        SystemRandom::new().fill(&mut seed).expect("the system gives random numbers");
        Self::new(if name.is_empty() { "xinfeng".to_owned() } else { name }, seed)
    }

    fn new(name: String, seed: [u8; 32]) -> Self {
        let bytes = pair(&seed).public_key().as_ref().try_into().expect("an Ed25519 key has 32 bytes");
        Self { public: PublicKey::new(name, bytes), seed }
    }

    /// Reads what [`SecretKey::to_text`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let parts = Parts::read(text.trim().strip_prefix(SECRET_KEY)?)?;
        let key = Self::new(parts.name, parts.key);
        (key.public.id == parts.id).then_some(key)
    }

    /// The text of the key's file.
    pub fn to_text(&self) -> String {
        format!("{SECRET_KEY}{}+{}\n", self.public.label(), encoded(&self.seed))
    }

    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Adds the signature to a text that ends with a line.
    pub fn sign(&self, text: &str) -> String {
        let mut signature = self.public.id.to_vec();
        signature.extend_from_slice(pair(&self.seed).sign(text.as_bytes()).as_ref());
        format!("{text}\n— {} {}\n", self.public.name, BASE64.encode(signature))
    }
}

fn pair(seed: &[u8; 32]) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(seed).expect("a seed of 32 bytes")
}

fn encoded(key: &[u8; 32]) -> String {
    let mut typed = vec![ALGORITHM];
    typed.extend_from_slice(key);
    BASE64.encode(typed)
}

/// The parts of a key's text.
struct Parts {
    name: String,
    id: [u8; 4],
    key: [u8; 32],
}

impl Parts {
    /// Reads `name+id+key`.
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '+');
        let (name, id, key) = (parts.next()?, parts.next()?, parts.next()?);
        let id = u32::from_str_radix(id, 16).ok().filter(|_| id.len() == 8)?.to_be_bytes();
        let key = BASE64.decode(key).ok()?;
        Some(Self { name: name.to_owned(), id, key: key.strip_prefix(&[ALGORITHM])?.try_into().ok()? })
    }
}

/// The standard's key ID: the beginning of the SHA-256 of name, line break, type and public key.
fn key_id(name: &str, key: &[u8; 32]) -> [u8; 4] {
    let mut text = format!("{name}\n").into_bytes();
    text.push(ALGORITHM);
    text.extend_from_slice(key);
    digest(&SHA256, &text).as_ref()[..4].try_into().expect("a hash has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_what_it_wrote() {
        let key = SecretKey::generate("www.example.gov.cn");
        let again = SecretKey::parse(&key.to_text()).expect("a key");
        assert_eq!(again.public(), key.public());
        assert_eq!(PublicKey::parse(&key.public().to_string()).as_ref(), Some(key.public()));
        assert!(!key.public().to_string().contains(SECRET_KEY));
    }

    #[test]
    fn an_altered_text_is_forged() {
        let key = SecretKey::generate("a+ b");
        let note = key.sign("one\ntwo\n");
        assert_eq!(key.public().open(&note), Signed::Good("one\ntwo\n"));
        assert_eq!(key.public().open(&note.replace("two", "too")), Signed::Forged);
        assert_eq!(key.public().open(&format!("{note}彩票\n")), Signed::Forged);
        assert_eq!(key.public().open("one\ntwo\n"), Signed::Unsigned);
        assert_eq!(SecretKey::generate("ab").public().open(&note), Signed::Unsigned);
    }
}
