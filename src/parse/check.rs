//! The settings under `check:` (检查) in `site.yaml`. What they decide is the business of the checks.

use super::fields::{Field, Fields, Node, Placed};
use crate::diagnostic::{Place, Severity};

/// How a site wants to be checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct CheckSettings {
    /// Rules by their codes, each as grave as the site says; `None` turns one off.
    pub severity: Vec<(Placed<String>, Option<Severity>)>,
    /// Hosts that links may lead to and resources may come from without a word, with all hosts below them.
    pub allowed_hosts: Vec<String>,
    /// Findings that were looked at and accepted, by rule and file.
    pub exceptions: Vec<FileException>,
    /// The site's own list of wrong and protected words: a file below its root.
    pub dictionary: Option<Placed<String>>,
    pub spacing: Spacing,
}

/// Whether a space stands between Chinese and Latin letters or digits. No standard decides it: official texts do both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Spacing {
    /// As the editor wrote it.
    #[default]
    Keep,
    /// `参加App培训`
    None,
    /// `参加 App 培训`
    Add,
}

/// Findings of a rule below a path that were looked at and accepted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileException {
    pub rule: Placed<String>,
    /// The beginning of a file's path, e.g. `content/stories/` or `public/about.html`; the whole site where it is empty.
    pub path: String,
    pub reason: String,
}

impl Field for CheckSettings {
    fn decode(node: &Node<'_>) -> Option<Self> {
        node.fields(|fields| Self {
            severity: severities(fields),
            allowed_hosts: fields.list("allowed_hosts", "允许的网站"),
            exceptions: fields.list("exceptions", "例外"),
            dictionary: fields.optional("dictionary", "词库"),
            spacing: fields.node("spacing", "空格").and_then(|node| node.word(&SPACINGS)).unwrap_or_default(),
        })
    }
}

/// `severity: {doubled-word: off}`
fn severities(fields: &mut Fields<'_>) -> Vec<(Placed<String>, Option<Severity>)> {
    let Some(node) = fields.node("severity", "轻重") else { return Vec::new() };
    let Some(entries) = node.entries() else { return Vec::new() };
    let severity = |(rule, value): (Placed<String>, Node<'_>)| Some((rule, value.word(&SEVERITIES)?));
    entries.into_iter().filter_map(severity).collect()
}

const SEVERITIES: [(&str, Option<Severity>); 6] = [
    ("error", Some(Severity::Error)),
    ("错误", Some(Severity::Error)),
    ("warning", Some(Severity::Warning)),
    ("提醒", Some(Severity::Warning)),
    ("off", None),
    ("关闭", None),
];

const SPACINGS: [(&str, Spacing); 6] = [
    ("keep", Spacing::Keep),
    ("保留", Spacing::Keep),
    ("none", Spacing::None),
    ("不加", Spacing::None),
    ("add", Spacing::Add),
    ("加", Spacing::Add),
];

impl Field for FileException {
    fn decode(node: &Node<'_>) -> Option<Self> {
        node.fields(|fields| Self {
            rule: fields.required("rule", "规则"),
            path: fields.optional("path", "文件").unwrap_or_default(),
            reason: fields.required("reason", "理由"),
        })
    }
}

impl Default for Placed<String> {
    fn default() -> Self {
        Self { value: String::new(), place: Place::file(&crate::diagnostic::FilePath::new(crate::source::SITE_FILE)) }
    }
}
