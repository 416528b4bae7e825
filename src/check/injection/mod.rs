//! Injected content: what a break-in leaves in items, pages, style sheets and scripts, of our sites and of others.
//!
//! One file for each kind of sign. Everything that looks at HTML gets a page and the hosts that belong to it, so that
//! the same rules hold for `--built DIR`. Start at [`item`] and [`look`].

mod lines;
mod characters;
mod hosts;
mod hidden;
mod code;
mod titles;
#[cfg(test)]
mod pages;

use super::READ_AT_MOST;
use super::html::Document;
use super::rule::{Finding, Rule};
use super::seen::Seen;
use super::subject::{Context, ItemFile, Page, PublishedFile};
use crate::diagnostic::FilePath;
use crate::source::ReadError;
use hosts::Hosts;
pub use lines::tally;

pub const RULES: &[Rule] = &[
    lines::SPAM_LINE,
    lines::SCRIPT_OUTLIER,
    lines::TEXT_AFTER_PAGE,
    titles::SPLICED_TITLE,
    titles::TITLE_ADDITION,
    hidden::HIDDEN_LINK,
    hidden::HIDDEN_TEXT,
    hidden::HIDDEN_FRAME,
    characters::INVISIBLE_CHARACTER,
    characters::DIRECTION_CONTROL,
    hosts::SUSPICIOUS_HOST,
    hosts::DISGUISED_LINK,
    hosts::FOREIGN_SCRIPT,
    hosts::FOREIGN_RESOURCE,
    code::SUSPICIOUS_SCRIPT,
    code::WRITING_SCRIPT,
    code::INLINE_HANDLER,
    code::FOREIGN_REFRESH,
];

/// An item's file.
pub fn item(item: &ItemFile<'_>, context: &Context<'_>) -> Vec<Finding> {
    let mut findings = lines::of_item(item, context);
    findings.extend(characters::of_item(item));
    findings.extend(titles::of_item(item));
    let hosts = Hosts::of_site(context);
    findings.extend(hosts::of_item(item, &hosts));
    findings.extend(hidden_in_source(item, &hosts, &context.seen));
    findings
}

/// What HTML in an item's text was to hide: sanitising it takes the trick away, and leaves the link in plain sight.
fn hidden_in_source(item: &ItemFile<'_>, hosts: &Hosts, seen: &Seen) -> Vec<Finding> {
    let signs = ["style=", "<iframe", "<marquee", " hidden"];
    if !item.source.contains('<') || !signs.iter().any(|sign| item.source.contains(sign)) {
        return Vec::new();
    }
    let document = Document::parse(item.source);
    hidden::of_page(&Page { file: item.file(), html: item.source, document: &document, output: None, seen }, hosts)
}

/// A page of somebody else.
pub fn page(page: &Page<'_>) -> Vec<Finding> {
    if page.output.is_some() {
        return Vec::new();
    }
    let hosts = Hosts::of_page(page.document);
    let mut findings = look(page, &hosts);
    findings.extend(hosts::foreign_scripts(page, &hosts));
    findings
}

/// A page of ours: it may load nothing from elsewhere, and needs no script between its tags.
pub fn own_page(page: &Page<'_>, context: &Context<'_>) -> Vec<Finding> {
    let hosts = Hosts::of_site(context);
    let mut findings = look(page, &hosts);
    findings.extend(titles::of_own_page(page, context));
    findings.extend(hosts::resources(page, &hosts));
    findings.extend(code::handlers(page));
    findings.extend(code::writing_scripts(page));
    findings
}

/// A file of `static/` or beside an item that a browser would run.
///
/// # Errors
/// It cannot be read.
pub fn file(file: &PublishedFile<'_>, context: &Context<'_>) -> Result<Vec<Finding>, ReadError> {
    let endings = ["html", "htm", "shtml", "xhtml", "svg", "js", "mjs", "css"];
    // A picture of some MB is not read for nothing.
    if file.size > READ_AT_MOST || !endings.contains(&file.file.extension().as_str()) {
        return Ok(Vec::new());
    }
    let bytes = context.root().read(file.file)?;
    Ok(look_at_file(file.file, &String::from_utf8_lossy(&bytes), &Hosts::of_site(context)))
}

/// The theme's style sheets and scripts.
pub fn site(context: &Context<'_>) -> Vec<Finding> {
    let hosts = Hosts::of_site(context);
    let assets = super::assets(context);
    assets.iter().flat_map(|(file, text)| look_at_file(file, text, &hosts)).collect()
}

/// All that holds for any page.
fn look(page: &Page<'_>, hosts: &Hosts) -> Vec<Finding> {
    let mut findings = lines::of_page(page);
    findings.extend(characters::of_page(page));
    findings.extend(titles::of_page(page));
    findings.extend(hidden::of_page(page, hosts));
    findings.extend(hosts::of_page(page, hosts));
    findings.extend(code::of_page(page, hosts));
    findings
}

fn look_at_file(file: &FilePath, text: &str, hosts: &Hosts) -> Vec<Finding> {
    match file.extension().as_str() {
        "html" | "htm" | "shtml" | "xhtml" | "svg" => {
            let document = Document::parse(text);
            look(&Page { file, html: text, document: &document, output: None, seen: &Seen::default() }, hosts)
        }
        "js" | "mjs" => code::of_script_file(file, text, hosts),
        "css" => hosts::of_style_sheet(file, text, hosts),
        _ => Vec::new(),
    }
}
