//! Checks a site for what an inspection, an attacker or a slip would bring to light.
//!
//! A consumer of an edition: it reads the items' files, the pages as readers get them, the files that are published
//! and the site as a whole, and never writes. A family of rules is one file here; [`rule::Rule`] says what a rule is.
//! Start at [`check`], or at [`check_folder`] for HTML that somebody else made.

pub mod rule;
pub mod html;
mod css;
pub mod subject;
pub mod seen;
pub mod frame;
pub mod freshness;
pub mod exceptions;
mod build;
mod injection;
pub mod privacy;
pub mod links;
mod dates;
pub mod language;
mod style;
mod recruitment;
mod tags;
mod accessibility;
mod weight;
mod report;
pub mod office;

use std::borrow::Cow;
use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::diagnostic::{At, Diagnostic, FilePath, Place, Severity, Text};
use crate::parse::check::CheckSettings;
use crate::parse::item::Item;
use crate::parse::{self, passages};
use crate::pipeline::{Edition, Memory};
use crate::plan::Recipe;
use crate::plan::url::OutputPath;
use crate::source::{BATCH, ReadError, is_item};
use crate::write::Bytes;
use exceptions::Exceptions;
use html::Document;
pub use report::Report;
use rule::{Family, Finding, Rule};
use seen::Seen;
pub use subject::Options;
use subject::{Context, ItemFile, Output, Page, PublishedFile};

/// Where a site's numbers are looked up that each page links to: the ICP filing, the police filing, the unit's mark.
const FILING_OFFICES: [&str; 3] = ["beian.miit.gov.cn", "beian.mps.gov.cn", "bszs.conac.cn"];

/// All rules of the checks, family by family.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    const FAMILIES: &[&[Rule]] = &[
        injection::RULES,
        privacy::RULES,
        links::RULES,
        freshness::RULES,
        dates::RULES,
        tags::RULES,
        style::RULES,
        recruitment::RULES,
        accessibility::RULES,
        weight::RULES,
        language::RULES,
        exceptions::RULES,
    ];
    FAMILIES.iter().copied().flatten()
}

/// All that a check may report: its own rules, and what building the site has to say.
pub fn all_rules() -> impl Iterator<Item = &'static Rule> {
    rules().chain(build::RULES)
}

/// Rules that `site.yaml` names and that do not exist. They leave the pages as they are, so that a build only warns of
/// them. Places are keys and values.
pub fn unknown_rules(settings: &CheckSettings) -> Vec<Diagnostic> {
    let known = all_rules().map(|rule| rule.code).collect();
    let findings = exceptions::unknown_rules(settings, &known).into_iter();
    findings.map(|finding| Diagnostic { severity: Severity::Warning, ..finding.diagnostic }).collect()
}

/// What looks at an item's file.
const ITEM_CHECKS: &[fn(&ItemFile<'_>, &Context<'_>) -> Vec<Finding>] = &[
    injection::item,
    privacy::item,
    links::item,
    dates::item,
    style::item,
    recruitment::item,
    language::item,
    accessibility::item,
];

/// What looks at any HTML page, ours or not.
const PAGE_CHECKS: &[fn(&Page<'_>) -> Vec<Finding>] =
    &[injection::page, privacy::page, links::page, tags::page, accessibility::page, weight::page];

/// What looks at a page of ours.
const OWN_PAGE_CHECKS: &[fn(&Page<'_>, &Context<'_>) -> Vec<Finding>] =
    &[injection::own_page, links::own_page, tags::own_page, weight::own_page];

/// What looks at a file that is published as it is (an attachment, a picture, an asset of the theme).
const FILE_CHECKS: &[FileCheck] = &[injection::file, weight::file];

type FileCheck = fn(&PublishedFile<'_>, &Context<'_>) -> Result<Vec<Finding>, ReadError>;

/// What looks at the site as a whole.
const SITE_CHECKS: &[fn(&Context<'_>) -> Vec<Finding>] =
    &[injection::site, privacy::site, links::site, language::site, freshness::site, tags::site, accessibility::site];

/// Files larger than this are not read: a video holds no text.
const READ_AT_MOST: u64 = 64 << 20;

/// Checks a site. `found` is what building the edition had to say. Items that are not published, since they are
/// drafts, are left out unless the edition has them; those of the future are checked before their day.
///
/// # Errors
/// A file that cannot be read.
pub fn check(context: &Context<'_>, memory: &Memory, found: &[Diagnostic]) -> Result<Report, ReadError> {
    let edition = context.edition;
    let known: BTreeSet<&str> = all_rules().map(|rule| rule.code).collect();
    let mut findings: Vec<Finding> = found.iter().map(from_build).collect();
    let items: Vec<&Item> = memory.items().map(|item| &**item).filter(|item| is_checked(item, context)).collect();
    let of_items = items.par_iter().with_max_len(BATCH).map(|item| check_item(item, context, &known));
    let of_items = of_items.collect::<Result<Vec<OfItem>, ReadError>>()?;
    // What somebody answers for in the item's file needs no word on its page either.
    let (mut accepted, mut of_files) = (Vec::new(), Vec::new());
    for of_item in of_items {
        accepted.extend(of_item.accepted);
        of_files.extend(of_item.findings);
    }
    findings.extend(of_files);

    let said: BTreeSet<(Cow<'static, str>, String)> = findings
        .iter()
        .chain(&accepted)
        .map(|finding| (finding.diagnostic.code.clone(), finding.evidence.clone()))
        .collect();
    let is_new = |finding: &Finding| !said.contains(&(finding.diagnostic.code.clone(), finding.evidence.clone()));
    let pages = || edition.plan.outputs.iter().filter(|(path, _)| path.as_str().ends_with(".html"));
    let of_pages: Vec<Vec<Finding>> = pages()
        .collect::<Vec<_>>()
        .into_par_iter()
        .with_max_len(BATCH)
        .map(|(path, recipe)| check_page(path, recipe, context).into_iter().filter(is_new).collect())
        .collect();
    findings.extend(report::gather(of_pages));

    let of_files: Vec<Vec<Finding>> = published_files(context)
        .par_iter()
        .flat_map_iter(|file| FILE_CHECKS.iter().map(move |check| check(file, context)))
        .collect::<Result<_, ReadError>>()?;
    findings.extend(of_files.into_iter().flatten());
    findings.extend(SITE_CHECKS.iter().flat_map(|check| check(context)));
    findings.extend(exceptions::unknown_rules(context.settings(), &known));
    Ok(Report::new(findings, context, (items.len(), pages().count())))
}

/// Checks the text of one item, as somebody has it open: what its file tells without its page. Places are bytes of the
/// text.
pub fn check_text(item: &Item, text: &str, context: &Context<'_>) -> Vec<Diagnostic> {
    let known: BTreeSet<&str> = all_rules().map(|rule| rule.code).collect();
    let findings = judge_text(item, text, context, &known).findings.into_iter();
    findings.filter_map(|finding| report::with_settings(finding, context.settings())).map(|it| it.diagnostic).collect()
}

/// Checks HTML files that may be anybody's; `pages` are their names and texts.
pub fn check_folder(pages: &[(FilePath, String)]) -> Report {
    let seen = Seen::default();
    let of_pages: Vec<Vec<Finding>> = pages
        .par_iter()
        .map(|(file, html)| {
            let document = Document::parse(html);
            let page = Page { file, html, document: &document, output: None, seen: &seen };
            PAGE_CHECKS.iter().flat_map(|check| check(&page)).collect()
        })
        .collect();
    Report::of_folder(report::gather(of_pages), pages)
}

fn from_build(diagnostic: &Diagnostic) -> Finding {
    let item = Some(diagnostic.place.file.clone()).filter(is_item);
    Finding { diagnostic: diagnostic.clone(), family: Family::Site, item, evidence: String::new() }
}

/// Drafts are checked once they are shown.
fn is_checked(item: &Item, context: &Context<'_>) -> bool {
    !item.front_matter.draft || context.site().page_of(&item.file).is_some()
}

/// What was found in an item's file.
struct OfItem {
    findings: Vec<Finding>,
    /// What somebody has answered for, in the front matter or in a comment.
    accepted: Vec<Finding>,
}

fn check_item(item: &Item, context: &Context<'_>, known: &BTreeSet<&str>) -> Result<OfItem, ReadError> {
    let bytes = context.root().read(&item.file)?;
    Ok(judge_text(item, &String::from_utf8_lossy(&bytes), context, known))
}

fn judge_text(item: &Item, source: &str, context: &Context<'_>, known: &BTreeSet<&str>) -> OfItem {
    let text = passages::read(&item.file, source);
    let file = ItemFile { item, source, text: &text, page: context.site().page_of(&item.file) };
    let exceptions = Exceptions::read(source, &text.yaml);
    let mut findings: Vec<Finding> = ITEM_CHECKS.iter().flat_map(|check| check(&file, context)).collect();
    locate(&mut findings, &item.file, source);
    let is_accepted = |finding: &Finding| {
        privacy::is_excepted(finding, item) || exceptions.accept(&finding.diagnostic.code, &finding.diagnostic.place.at)
    };
    let (accepted, mut findings): (Vec<Finding>, Vec<Finding>) = findings.into_iter().partition(is_accepted);
    findings.extend(exceptions.findings(&item.file, known));
    for finding in &mut findings {
        finding.item = Some(item.file.clone());
    }
    OfItem { findings, accepted }
}

/// Turns keys and values into bytes, and points at what was found in them.
fn locate(findings: &mut [Finding], file: &FilePath, source: &str) {
    for finding in findings {
        let is_value = matches!(finding.diagnostic.place.at, At::Value(_));
        let text_of = |wanted: &FilePath| (wanted == file).then_some(Cow::Borrowed(source));
        parse::locate(std::slice::from_mut(&mut finding.diagnostic), &text_of);
        if is_value {
            passages::narrow(&mut finding.diagnostic.place, source, &finding.evidence);
        }
    }
}

fn check_page(path: &OutputPath, recipe: &Recipe, context: &Context<'_>) -> Vec<Finding> {
    let html = match draw(path, context.edition) {
        Ok(html) => html,
        Err(diagnostic) => return vec![from_build(&diagnostic)],
    };
    let item = match recipe {
        Recipe::Item(id) => Some(context.site().item(*id)),
        _ => None,
    };
    let cut = context.frames.cut(&html, recipe, context);
    let document = Document::parse(&cut.shown);
    let file = report::name_of(path);
    let output = Output { path, recipe, item, cut: &cut };
    let page = Page { file: &file, html: &html, document: &document, output: Some(output), seen: &context.seen };
    let any = PAGE_CHECKS.iter().flat_map(|check| check(&page));
    let mut findings: Vec<Finding> =
        any.chain(OWN_PAGE_CHECKS.iter().flat_map(|check| check(&page, context))).collect();
    cut.left_out.iter().for_each(|part| part.refer(path, context));
    context.frames.learn(&cut, path, &findings, context);
    for finding in &mut findings {
        finding.item = item.map(|item| item.file.clone());
        // Whoever reads of a link or picture of a page wants to know which file to open.
        if let Some(item) = item.filter(|_| matches!(finding.family, Family::Links | Family::Accessibility)) {
            let text = Text::new("这个网页的内容在这个文件里", "what the page shows is written in this file");
            finding.diagnostic.related.push((Place::file(&item.file), text));
        }
    }
    findings
}

/// A page's text; a mistake in the theme instead.
fn draw(path: &OutputPath, edition: &Edition) -> Result<String, Diagnostic> {
    Ok(match edition.draw(path)? {
        Bytes::Made(bytes) => match simdutf8::basic::from_utf8(&bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => String::from_utf8_lossy(&bytes).into_owned(),
        },
        // A page that an editor put into `static/` is read like the other files there.
        Bytes::CopyOf(_) => String::new(),
    })
}

/// The theme's assets, each by its file, or by its page's name where the theme is the one in the program.
fn assets(context: &Context<'_>) -> Vec<(FilePath, String)> {
    let of_output = |(path, recipe): (&OutputPath, &Recipe)| {
        let Recipe::Asset(name) = recipe else { return None };
        let source = FilePath::new(format!("themes/{}/assets/{name}", context.registry().theme));
        let file = if context.sources.files.contains_key(&source) { source } else { report::name_of(path) };
        Some((file, String::from_utf8_lossy(context.edition.asset(name)).into_owned()))
    };
    context.edition.plan.outputs.iter().filter_map(of_output).collect()
}

/// The files that are published as they are.
fn published_files<'a>(context: &Context<'a>) -> Vec<PublishedFile<'a>> {
    let of_recipe = |recipe: &'a Recipe| match recipe {
        Recipe::File(file, state) => Some(PublishedFile { file, size: state.size }),
        _ => None,
    };
    context.edition.plan.outputs.values().filter_map(of_recipe).collect()
}
