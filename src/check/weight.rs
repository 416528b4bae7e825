//! Pages and pictures that are too heavy to load in good time.
//!
//! The limits are settings of ours under `check:`; no standard sets them. Start at [`own_page`].

use std::collections::BTreeMap;

use super::html::Document;
use super::rule::{Family, Finding, Rule};
use super::subject::{Context, Page, PublishedFile};
use crate::diagnostic::{FilePath, Place, Text};
use crate::parse::check::WeightLimits;
use crate::plan::Recipe;
use crate::plan::url::{OutputPath, answering};
use crate::source::ReadError;

pub const RULES: &[Rule] = &[HEAVY_PAGE, HEAVY_PICTURE, HEAVY_LOAD];

const HEAVY_PAGE: Rule = Rule::warning(Family::Weight, "heavy-page", "网页太大", "a page that is too large");
const HEAVY_PICTURE: Rule = Rule::warning(Family::Weight, "heavy-picture", "图片太大", "a picture that is too large");
const HEAVY_LOAD: Rule =
    Rule::warning(Family::Weight, "heavy-load", "打开网页要下载太多", "a page that loads too much at once");

/// A page of somebody else, by the usual limit.
pub fn page(page: &Page<'_>) -> Vec<Finding> {
    if page.output.is_some() {
        return Vec::new();
    }
    heavy_page(page, WeightLimits::default().page_kb).into_iter().collect()
}

/// A page of ours, with what it loads from the site at once.
pub fn own_page(page: &Page<'_>, context: &Context<'_>) -> Vec<Finding> {
    let limits = &context.settings().weight;
    let mut findings: Vec<Finding> = heavy_page(page, limits.page_kb).into_iter().collect();
    let left_out = page.output.iter().flat_map(|output| &output.cut.left_out).flat_map(|part| part.loads.clone());
    let mut parts = loads(page.document, context);
    parts.extend(left_out);
    let total = page.html.len() as u64 + parts.values().sum::<u64>();
    if total > bytes(limits.first_load_kb) {
        findings.push(heavy_load(page, &parts, total, limits.first_load_kb));
    }
    findings
}

/// A picture that is published.
pub fn file(file: &PublishedFile<'_>, context: &Context<'_>) -> Result<Vec<Finding>, ReadError> {
    let limit = context.settings().weight.picture_kb;
    let is_heavy = file.file.is_picture() && file.size > bytes(limit);
    Ok(if is_heavy { vec![heavy_picture(file.file, file.size, limit)] } else { Vec::new() })
}

fn bytes(kb: u32) -> u64 {
    u64::from(kb) * 1000
}

/// What a page loads at once, each output with its size. Pictures that wait until they come into sight do not count.
pub fn loads(document: &Document<'_>, context: &Context<'_>) -> BTreeMap<OutputPath, u64> {
    let elements = document.elements.iter().filter_map(|element| match element.name.as_str() {
        "img" if element.attribute("loading").is_some_and(|it| it.eq_ignore_ascii_case("lazy")) => None,
        "img" | "script" => element.attribute("src"),
        "link" if element.attribute("rel").is_some_and(|rel| rel.contains("stylesheet")) => element.attribute("href"),
        _ => None,
    });
    let loaded = elements.filter_map(|address| output(address, context));
    loaded.filter_map(|path| size(&path, context).map(|size| (path, size))).collect()
}

/// The output that an address of the site names.
fn output(address: &str, context: &Context<'_>) -> Option<OutputPath> {
    let base = &context.registry().base_url;
    let path = address.strip_prefix(base.origin.as_str()).unwrap_or(address).strip_prefix(base.path.as_str())?;
    Some(answering(path))
}

fn size(path: &OutputPath, context: &Context<'_>) -> Option<u64> {
    match context.edition.plan.outputs.get(path)? {
        Recipe::File(_, state) => Some(state.size),
        Recipe::Asset(name) => Some(context.edition.asset(name).len() as u64),
        _ => None,
    }
}

/// `1.5 MB`, `320 kB`
fn readable(size: u64) -> String {
    if size >= 1_000_000 { format!("{:.1} MB", size as f64 / 1e6) } else { format!("{} kB", size.div_ceil(1000)) }
}

fn heavy_page(page: &Page<'_>, limit: u32) -> Option<Finding> {
    let size = page.html.len() as u64;
    if size <= bytes(limit) {
        return None;
    }
    let size = readable(size);
    let message =
        Text::new(format!("这个网页有 {size}，超过 {limit} kB"), format!("the page has {size}, more than {limit} kB"));
    Some(HEAVY_PAGE.finds(Place::file(page.file), size, message).help(
        "把长表格放进附件，或者把长文分成几篇；上限可以用 check.page_kb（网页上限）调整",
        "move long tables to an attachment or split the text; check.page_kb sets the limit",
    ))
}

fn heavy_picture(file: &FilePath, size: u64, limit: u32) -> Finding {
    let readable = readable(size);
    let message = Text::new(
        format!("图片有 {readable}，超过 {limit} kB"),
        format!("the picture has {readable}, more than {limit} kB"),
    );
    HEAVY_PICTURE.finds(Place::file(file), file.as_str(), message).help(
        "缩小到宽 1600 像素左右，存成质量 80 的 JPEG 或 WebP；上限可以用 check.picture_kb（图片上限）调整",
        "scale it to a width of about 1600 pixels and save it as JPEG or WebP; check.picture_kb sets the limit",
    )
}

fn heavy_load(page: &Page<'_>, parts: &BTreeMap<OutputPath, u64>, total: u64, limit: u32) -> Finding {
    let (total, allowed) = (readable(total), readable(bytes(limit)));
    let message = Text::new(
        format!("打开这个网页要下载 {total}，超过 {allowed}"),
        format!("opening the page loads {total}, more than {allowed}"),
    );
    let mut heaviest: Vec<(&OutputPath, &u64)> = parts.iter().collect();
    heaviest.sort_by_key(|(_, size)| std::cmp::Reverse(**size));
    let named: Vec<String> =
        heaviest.iter().take(3).map(|(path, size)| format!("{}（{}）", path.as_str(), readable(**size))).collect();
    let named = named.join("、");
    HEAVY_LOAD.finds(Place::file(page.file), total, message).help(
        format!("最大的是：{named}。缩小图片，或者少放几张；上限可以用 check.first_load_kb（首次加载上限）调整"),
        format!("the largest are {named}; check.first_load_kb sets the limit"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_told_in_kilobytes_and_megabytes() {
        let check = |size, expected| assert_eq!(readable(size), expected, "{size}");
        check(1, "1 kB");
        check(300_000, "300 kB");
        check(300_001, "301 kB");
        check(2_345_678, "2.3 MB");
    }
}
