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
    pub freshness: Freshness,
    pub weight: WeightLimits,
    /// The site's own list of wrong and protected words: a file below its root.
    pub dictionary: Option<Placed<String>>,
    pub spacing: Spacing,
    pub dates: Dates,
    /// Days that a 公示 must last at least, both ends counted; seen in practice are five to seven.
    pub publicity_days: PublicityDays,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicityDays(pub u32);

impl Default for PublicityDays {
    fn default() -> Self {
        Self(5)
    }
}

/// What counts as a date that is not true.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Dates {
    /// More days than these between an item's date and its first publication are asked about; 0 for never.
    pub backdated_days: u32,
}

impl Default for Dates {
    fn default() -> Self {
        Self { backdated_days: 30 }
    }
}

impl Field for Dates {
    fn decode(node: &Node<'_>) -> Option<Self> {
        let usual = Self::default();
        node.fields(|fields| Self {
            backdated_days: fields.optional("backdated_days", "补发天数").unwrap_or(usual.backdated_days),
        })
    }
}

/// When a home page and columns count as stale. The days are those of 国办秘函〔2019〕19号; local rules are often stricter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Freshness {
    /// Days within which the home page must show something new.
    pub home_days: u32,
    /// Days for columns of news (要闻、工作动态) that name no limit of their own.
    pub news_days: u32,
    /// Days for columns of notices and policy documents (通知公告、政策文件) that name none.
    pub notice_days: u32,
    /// So many stale columns together fail a site.
    pub stale_columns: u32,
    /// So many empty columns together fail a site.
    pub empty_columns: u32,
    /// How many days the forecast looks ahead.
    pub forecast_days: u32,
    /// How many days before it is due a column is reported, a quarter of its limit at most: those that are filled in
    /// their usual rhythm are not to be reported at every check.
    pub due_soon_days: u32,
}

impl Default for Freshness {
    fn default() -> Self {
        Self {
            home_days: 14,
            news_days: 14,
            notice_days: 180,
            stale_columns: 5,
            empty_columns: 5,
            forecast_days: 30,
            due_soon_days: 7,
        }
    }
}

impl Field for Freshness {
    fn decode(node: &Node<'_>) -> Option<Self> {
        let usual = Self::default();
        node.fields(|fields| Self {
            home_days: fields.optional("home_days", "首页天数").unwrap_or(usual.home_days),
            news_days: fields.optional("news_days", "动态类天数").unwrap_or(usual.news_days),
            notice_days: fields.optional("notice_days", "公告类天数").unwrap_or(usual.notice_days),
            stale_columns: fields.optional("stale_columns", "不更新栏目数").unwrap_or(usual.stale_columns),
            empty_columns: fields.optional("empty_columns", "空白栏目数").unwrap_or(usual.empty_columns),
            forecast_days: fields.optional("forecast_days", "预报天数").unwrap_or(usual.forecast_days),
            due_soon_days: fields.optional("due_soon_days", "提前提醒天数").unwrap_or(usual.due_soon_days),
        })
    }
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
            weight: WeightLimits::read(fields),
            freshness: fields.optional("freshness", "更新").unwrap_or_default(),
            dictionary: fields.optional("dictionary", "词库"),
            spacing: fields.node("spacing", "空格").and_then(|node| node.word(&SPACINGS)).unwrap_or_default(),
            dates: fields.optional("dates", "日期").unwrap_or_default(),
            publicity_days: fields.optional("publicity_days", "公示天数").map(PublicityDays).unwrap_or_default(),
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
