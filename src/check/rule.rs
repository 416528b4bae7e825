//! A rule: its name, its family and how grave a finding of it is; and the findings.

use crate::diagnostic::{Diagnostic, FilePath, Place, Severity, Text};

/// What a rule guards: one file of this stage each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// 暗链与挂马
    Injection,
    /// 个人信息
    Privacy,
    /// 链接
    Links,
    /// 更新
    Freshness,
    /// 日期真实
    Dates,
    /// 页面标签与标识
    Tags,
    /// 公文格式
    Style,
    /// 招募
    Recruitment,
    /// 文字
    Language,
    /// 无障碍
    Accessibility,
    /// 页面大小
    Weight,
    /// The site itself, as `xinfeng build` reports it, and the check's own settings.
    Site,
}

impl Family {
    pub const ALL: [Self; 12] = [
        Self::Injection,
        Self::Privacy,
        Self::Links,
        Self::Freshness,
        Self::Dates,
        Self::Tags,
        Self::Style,
        Self::Recruitment,
        Self::Language,
        Self::Accessibility,
        Self::Weight,
        Self::Site,
    ];

    /// Its name for people.
    pub fn title(self) -> Text {
        let (zh, en) = match self {
            Self::Injection => ("暗链与挂马", "injected content"),
            Self::Privacy => ("个人信息", "privacy"),
            Self::Links => ("链接", "links"),
            Self::Freshness => ("更新", "freshness"),
            Self::Dates => ("日期真实", "truthful dates"),
            Self::Tags => ("页面标签与标识", "page tags and identifiers"),
            Self::Style => ("公文格式", "official style"),
            Self::Recruitment => ("志愿招募", "recruitment"),
            Self::Language => ("文字", "language"),
            Self::Accessibility => ("无障碍", "accessibility"),
            Self::Weight => ("页面大小", "weight"),
            Self::Site => ("内容与设置", "content and settings"),
        };
        Text::new(zh, en)
    }
}

/// A rule of a family. The families hold theirs in a table, `RULES`.
#[derive(Debug)]
pub struct Rule {
    /// Stable name, by which `site.yaml` changes its severity and exceptions name it.
    pub code: &'static str,
    pub family: Family,
    /// What it is unless `site.yaml` says otherwise.
    pub severity: Severity,
    /// What it looks for, in a few words.
    pub zh: &'static str,
    pub en: &'static str,
}

impl Rule {
    pub const fn error(family: Family, code: &'static str, zh: &'static str, en: &'static str) -> Self {
        Self { code, family, severity: Severity::Error, zh, en }
    }

    pub const fn warning(family: Family, code: &'static str, zh: &'static str, en: &'static str) -> Self {
        Self { code, family, severity: Severity::Warning, zh, en }
    }

    /// A finding at a place. `evidence` is what was found there, word for word; see [`Finding::evidence`].
    pub fn finds(&'static self, place: Place, evidence: impl Into<String>, message: Text) -> Finding {
        let diagnostic = match self.severity {
            Severity::Error => Diagnostic::error(self.code, place, message),
            Severity::Warning => Diagnostic::warning(self.code, place, message),
        };
        Finding { diagnostic, family: self.family, item: None, evidence: evidence.into() }
    }
}

/// What a rule has found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub diagnostic: Diagnostic,
    pub family: Family,
    /// The item that it belongs to, where it belongs to one.
    pub item: Option<FilePath>,
    /// The text that was found. What an item says is not reported again on its page, and a value of the front matter
    /// is pointed at where it holds the text.
    pub evidence: String,
}

impl Finding {
    /// What is said under the caret.
    pub fn label(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.diagnostic.label = Some(Text::new(zh, en));
        self
    }

    /// How to mend it.
    pub fn help(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.diagnostic.help.push(Text::new(zh, en));
        self
    }

    /// Another place that belongs to it.
    pub fn related(mut self, place: Place, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.diagnostic.related.push((place, Text::new(zh, en)));
        self
    }
}
