//! What a check has found, in order, with the texts that messages point into.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::exceptions::is_excepted;
use super::freshness::{self, Due};
use super::rule::{Family, Finding};
use super::subject::Context;
use crate::diagnostic::{Diagnostic, FilePath, Severity};
use crate::parse;
use crate::parse::check::CheckSettings;
use crate::plan::url::OutputPath;

/// The result of a check.
#[derive(Debug, Default)]
pub struct Report {
    /// Those of one family together, each in the order of files and lines.
    pub findings: Vec<Finding>,
    pub items: usize,
    /// Items with errors, which are checked once these are mended.
    pub unread: usize,
    pub pages: usize,
    /// What falls due soon, or has; see [`freshness::soon`].
    pub forecast: Vec<Due>,
    /// How many days the forecast looks ahead.
    pub forecast_days: u32,
    /// The texts of pages that findings point into.
    excerpts: BTreeMap<FilePath, Arc<str>>,
}

/// Messages name a page of ours by this folder and its path.
const PUBLIC: &str = "public/";

/// The name of a page for messages.
pub fn name_of(path: &OutputPath) -> FilePath {
    FilePath::new(format!("{PUBLIC}{}", path.as_str()))
}

/// Puts together what was found on several pages: what the theme does wrong stands on all of them.
pub fn gather(of_pages: Vec<Vec<Finding>>) -> Vec<Finding> {
    let mut groups: BTreeMap<(Cow<'static, str>, String, String), (Finding, usize)> = BTreeMap::new();
    for mut on_page in of_pages {
        on_page.sort();
        on_page.dedup();
        for finding in on_page {
            let diagnostic = &finding.diagnostic;
            let key = (diagnostic.code.clone(), diagnostic.message.zh.clone(), finding.evidence.clone());
            groups.entry(key).and_modify(|(_, more)| *more += 1).or_insert((finding, 0));
        }
    }
    let told = |(finding, more): (Finding, usize)| match more {
        0 => finding,
        _ => finding.help(format!("另有 {more} 处同样的问题"), format!("the same stands in {more} more places")),
    };
    groups.into_values().map(told).collect()
}

impl Report {
    pub(super) fn new(findings: Vec<Finding>, context: &Context<'_>, (items, pages): (usize, usize)) -> Self {
        let settings = context.settings();
        let mut findings: Vec<Finding> =
            findings.into_iter().filter_map(|finding| with_settings(finding, settings)).collect();
        let excerpts = excerpts(&findings, context);
        let text_of = |file: &FilePath| {
            let page = excerpts.get(file).map(|text| Cow::Owned(text.to_string()));
            page.or_else(|| context.root().excerpt(file).map(|text| Cow::Owned(text.to_string())))
        };
        for finding in &mut findings {
            parse::locate(std::slice::from_mut(&mut finding.diagnostic), &text_of);
        }
        sort(&mut findings);
        Self {
            findings,
            items,
            unread: 0,
            pages,
            forecast: freshness::soon(context),
            forecast_days: settings.freshness.forecast_days,
            excerpts,
        }
    }

    pub(super) fn of_folder(mut findings: Vec<Finding>, pages: &[(FilePath, String)]) -> Self {
        sort(&mut findings);
        let is_named = |file: &FilePath| findings.iter().any(|finding| finding.diagnostic.place.file == *file);
        let excerpts = pages.iter().filter(|(file, _)| is_named(file));
        let excerpts = excerpts.map(|(file, html)| (file.clone(), Arc::from(html.as_str()))).collect();
        Self { findings, pages: pages.len(), excerpts, ..Self::default() }
    }

    /// What a site that could not be built has to say.
    pub fn of_failed_build(found: &[Diagnostic]) -> Self {
        Self { findings: found.iter().map(super::from_build).collect(), ..Self::default() }
    }

    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        self.findings.iter().map(|finding| finding.diagnostic.clone()).collect()
    }

    /// The text of a page that a finding points into.
    pub fn excerpt(&self, file: &FilePath) -> Option<Arc<str>> {
        self.excerpts.get(file).cloned()
    }

    /// How many errors and warnings there are of each family that has any.
    pub fn counts(&self) -> BTreeMap<Family, (usize, usize)> {
        let mut counts: BTreeMap<Family, (usize, usize)> = BTreeMap::new();
        for finding in &self.findings {
            let (errors, warnings) = counts.entry(finding.family).or_default();
            *(if finding.diagnostic.severity == Severity::Error { errors } else { warnings }) += 1;
        }
        counts
    }

    /// How many errors and warnings there are in all.
    pub fn totals(&self) -> (usize, usize) {
        self.counts().values().fold((0, 0), |sum, of_family| (sum.0 + of_family.0, sum.1 + of_family.1))
    }
}

fn sort(findings: &mut Vec<Finding>) {
    findings.sort_by(|a, b| (a.family, &a.diagnostic).cmp(&(b.family, &b.diagnostic)));
    findings.dedup();
}

/// As grave as the site wants it; gone where a rule is off or the finding was accepted.
pub fn with_settings(mut finding: Finding, settings: &CheckSettings) -> Option<Finding> {
    let files: Vec<&FilePath> =
        [Some(&finding.diagnostic.place.file), finding.item.as_ref()].into_iter().flatten().collect();
    let code = &finding.diagnostic.code;
    if settings.exceptions.iter().any(|exception| is_excepted(exception, code, &files)) {
        return None;
    }
    if let Some((_, severity)) = settings.severity.iter().find(|(rule, _)| rule.value == *code) {
        finding.diagnostic.severity = (*severity)?;
    }
    Some(finding)
}

/// Draws the pages again that findings point into: they are few, and all pages would not fit into memory.
fn excerpts(findings: &[Finding], context: &Context<'_>) -> BTreeMap<FilePath, Arc<str>> {
    let pages =
        findings.iter().map(|finding| &finding.diagnostic.place.file).filter(|file| file.as_str().starts_with(PUBLIC));
    let mut excerpts = BTreeMap::new();
    for file in pages {
        let path = file.as_str().strip_prefix(PUBLIC).and_then(OutputPath::from_manifest);
        let known = path.filter(|path| context.edition.plan.outputs.contains_key(path));
        if let (Some(path), false) = (known, excerpts.contains_key(file)) {
            let html = super::draw(&path, context.edition).unwrap_or_default();
            excerpts.insert(file.clone(), Arc::from(html));
        }
    }
    excerpts
}
