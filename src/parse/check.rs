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
    pub weight: WeightLimits,
}

/// How large pages and pictures may be, in kB of 1000 bytes. The defaults are ours, not those of a standard: with them a
/// page shows within 3 s at 6 Mbit/s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WeightLimits {
    /// The HTML of one page.
    pub page_kb: u32,
    /// One picture.
    pub picture_kb: u32,
    /// A page with the style sheets, scripts and pictures of the site that it shows at once.
    pub first_load_kb: u32,
}

impl Default for WeightLimits {
    fn default() -> Self {
        Self { page_kb: 300, picture_kb: 500, first_load_kb: 2000 }
    }
}

impl WeightLimits {
    fn read(fields: &mut Fields<'_>) -> Self {
        let usual = Self::default();
        Self {
            page_kb: fields.optional("page_kb", "网页上限").unwrap_or(usual.page_kb),
            picture_kb: fields.optional("picture_kb", "图片上限").unwrap_or(usual.picture_kb),
            first_load_kb: fields.optional("first_load_kb", "首次加载上限").unwrap_or(usual.first_load_kb),
        }
    }
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
            weight: WeightLimits::read(fields),
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
