//! A site's own dictionary: words that are wrong, names that must be written exactly, and what is right after all.
//!
//! ```yaml
//! words:
//!   - {wrong: 渡假, right: 度假, severity: 错误, note: 见词库说明}
//! protected: [静安区志愿者协会]
//! allowed: [按揭装修]
//! ```
//! Start at [`parse`].

use super::fields::{Field, Fields, Node, Report};
use super::yaml;
use super::{Checked, locate};
use crate::diagnostic::{FilePath, KeyPath, Severity, has_errors};
use jiff::tz::TimeZone;
use std::borrow::Cow;

/// What a dictionary says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    pub words: Vec<Word>,
    /// Names that must be written exactly, of four characters or more.
    pub protected: Vec<String>,
    /// Phrases in which nothing is wrong, whatever words they hold.
    pub allowed: Vec<String>,
}

/// A word that should not stand in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub wrong: String,
    pub right: String,
    pub severity: Severity,
    pub note: Option<String>,
}

/// Reads a dictionary's file.
pub fn parse(file: &FilePath, text: &str) -> Checked<Words> {
    let value = match yaml::read(file, text, 0..text.len()) {
        Ok(value) => value,
        Err(diagnostics) => return Checked { value: None, diagnostics },
    };
    let zone = TimeZone::UTC;
    let report = Report::new(file, &zone, text, 0..text.len());
    let root = Node { value: &value, path: KeyPath::default(), report: &report };
    let words = root.fields(|fields| Words {
        words: fields.list("words", "错词"),
        protected: fields.list("protected", "固定用语"),
        allowed: fields.list("allowed", "允许"),
    });
    let mut diagnostics = report.diagnostics.into_inner();
    locate(&mut diagnostics, &|_| Some(Cow::Borrowed(text)));
    Checked { value: words.filter(|_| !has_errors(&diagnostics)), diagnostics }
}

impl Field for Word {
    fn decode(node: &Node<'_>) -> Option<Self> {
        node.fields(|fields| Self {
            wrong: fields.required("wrong", "错"),
            right: fields.required("right", "对"),
            severity: severity(fields),
            note: fields.optional("note", "说明"),
        })
    }
}

fn severity(fields: &mut Fields<'_>) -> Severity {
    const SEVERITIES: [(&str, Severity); 4] = [
        ("error", Severity::Error),
        ("错误", Severity::Error),
        ("warning", Severity::Warning),
        ("提醒", Severity::Warning),
    ];
    let node = fields.node("severity", "轻重");
    node.and_then(|node| node.word(&SEVERITIES)).unwrap_or(Severity::Warning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dictionary_is_read_with_what_is_wrong_in_it() {
        let file = FilePath::new("words.yaml");
        let text = "错词:\n  - {错: 渡假, 对: 度假, 轻重: 错误}\nprotected: [静安区志愿者协会]\n";
        let words = parse(&file, text).value.expect("a dictionary");
        let word = Word { wrong: "渡假".into(), right: "度假".into(), severity: Severity::Error, note: None };
        assert_eq!(words.words, [word]);
        assert_eq!(words.protected, ["静安区志愿者协会"]);

        let broken = parse(&file, "words:\n  - {wrong: 渡假}\n");
        assert_eq!(broken.value, None);
        assert_eq!(broken.diagnostics[0].code, "missing-key");
    }
}
