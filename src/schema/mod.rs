//! The keys that editors may write, described for people and for programs: what each means, and JSON Schemas of
//! `site.yaml` and of each type's front matter.
//!
//! Which keys there are, the decoders say ([`crate::parse::asked`]); what they mean, [`words`] says. Start at
//! [`keys`].

pub mod words;
pub mod json;
pub mod vscode;

use std::sync::LazyLock;

use crate::parse::asked::{Asked, Key, Subject, asked};
use words::{rank, words};

/// The keys of a subject; asked once, since they are always the same.
pub fn known(subject: Subject) -> &'static Asked {
    static KNOWN: LazyLock<Vec<Asked>> = LazyLock::new(|| Subject::ALL.into_iter().map(asked).collect());
    let position = Subject::ALL.into_iter().position(|other| other == subject);
    &KNOWN[position.expect("one of all subjects")]
}

/// The keys right below a path, in the order in which they stand in a file.
pub fn keys(subject: Subject, parent: &[&str]) -> Vec<&'static Key> {
    let mut keys: Vec<&Key> = known(subject).keys.iter().filter(|key| key.parent() == parent).collect();
    keys.sort_by_key(|key| rank(subject, &key.path).unwrap_or(usize::MAX));
    keys
}

/// What is said of a key of the decoders.
pub fn said(subject: Subject, key: &Key) -> words::Words {
    words(subject, &key.path).expect("a test holds that something is said of every key")
}
