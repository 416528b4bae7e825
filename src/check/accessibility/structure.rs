//! The order of a page: headings, tables, fields, ids and its language.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::super::html::{Element, ElementId};
use super::super::rule::{Family, Finding, Rule};
use super::super::subject::Page;
use super::{Names, is_hidden};
use crate::diagnostic::{Place, Text};

pub const HEADING_COUNT: Rule =
    Rule::warning(Family::Accessibility, "heading-count", "网页没有或有几个一级标题", "not exactly one main heading");
pub const HEADING_LEVEL: Rule =
    Rule::warning(Family::Accessibility, "heading-level", "标题跳级", "a heading that skips a level");
pub const TABLE_WITHOUT_HEAD: Rule =
    Rule::warning(Family::Accessibility, "table-without-head", "表格没有表头", "a table without a head");
pub const PAGE_WITHOUT_LANGUAGE: Rule = Rule::error(
    Family::Accessibility,
    "page-without-language",
    "网页没有标明语言",
    "a page that does not name its language",
);
pub const FIELD_WITHOUT_LABEL: Rule =
    Rule::error(Family::Accessibility, "field-without-label", "输入框没有名称", "a field without a label");
pub const DUPLICATE_ID: Rule =
    Rule::warning(Family::Accessibility, "duplicate-id", "重复的 id", "an id that occurs twice");

fn level_of(element: &Element) -> Option<u8> {
    match element.name.as_bytes() {
        [b'h', digit @ b'1'..=b'6'] => Some(digit - b'0'),
        _ => None,
    }
}

/// The headings of a page, in their order.
pub fn headings(page: &Page<'_>, names: &Names) -> Vec<Finding> {
    let mut findings = Vec::new();
    let headings: Vec<(ElementId, &Element, u8)> = page
        .document
        .elements
        .iter()
        .enumerate()
        .filter_map(|(id, element)| Some((id, element, level_of(element)?)))
        .filter(|(id, ..)| !is_hidden(page.document, *id))
        .collect();
    let mains: Vec<_> = headings.iter().filter(|(.., level)| *level == 1).collect();
    match mains.as_slice() {
        [_] => {}
        [] if page.document.sends_on() => {}
        [] => findings.push(heading_count(Place::file(page.file), 0)),
        [_, (_, second, _), ..] => findings.push(heading_count(page.place(&second.span), mains.len())),
    }
    let mut before: Option<u8> = None;
    for (id, element, level) in headings {
        // The mark that leads to a heading is none of its words.
        let text = names.get(id).trim_end_matches("本节链接").trim_end_matches('#');
        findings.extend(before.and_then(|before| skipped_level(before, level, text, || page.place(&element.span))));
        before = Some(level);
    }
    findings
}

fn heading_count(place: Place, count: usize) -> Finding {
    let message = match count {
        0 => Text::new("网页没有一级标题（h1）", "the page has no main heading (h1)"),
        _ => Text::new(format!("网页有 {count} 个一级标题（h1）"), format!("the page has {count} main headings (h1)")),
    };
    HEADING_COUNT
        .finds(place, "h1", message)
        .help("一个网页只要一个一级标题，就是它的题目", "a page has one main heading, its title")
}

/// A heading that is more than one level below the one before it.
pub fn skipped_level(before: u8, level: u8, text: &str, place: impl FnOnce() -> Place) -> Option<Finding> {
    if level <= before + 1 {
        return None;
    }
    let message = Text::new(
        format!("“{text}”是 {level} 级标题，上一个标题是 {before} 级，中间跳了级"),
        format!("\"{text}\" is a heading of level {level} after one of level {before}"),
    );
    Some(HEADING_LEVEL.finds(place(), text, message).help(
        format!("用 {} 级标题；题目是 1 级，正文的大标题用 ##", before + 1),
        format!("use level {}; the title is level 1, the headings of a text begin with ##", before + 1),
    ))
}

/// Tables of two rows or more in which nothing is a head.
pub fn tables<'p>(page: &'p Page<'_>) -> impl Iterator<Item = Finding> + 'p {
    let document = page.document;
    let mut tables: BTreeMap<ElementId, (usize, bool)> = BTreeMap::new();
    for (id, element) in document.elements.iter().enumerate() {
        if matches!(element.name.as_str(), "tr" | "th") {
            let table = document.ancestors(id).find(|(_, element)| element.name == "table");
            if let Some((table, _)) = table {
                let (rows, has_head) = tables.entry(table).or_default();
                *rows += usize::from(element.name == "tr");
                *has_head |= element.name == "th";
            }
        }
    }
    tables.into_iter().filter_map(move |(id, (rows, has_head))| {
        let table = document.element(id);
        let is_layout = matches!(table.attribute("role"), Some("presentation" | "none"));
        (rows >= 2 && !has_head && !is_layout).then(|| {
            let message = Text::new("表格没有表头，读屏软件说不出每格是什么", "a table has no head");
            TABLE_WITHOUT_HEAD.finds(page.place(&table.span), "table", message).help(
                "第一行用 <th>；Markdown 的表格，第一行就是表头",
                "use <th> in the first row; in Markdown the first row is the head",
            )
        })
    })
}

/// Fields of forms.
pub fn fields<'p>(page: &'p Page<'_>, names: &'p Names) -> impl Iterator<Item = Finding> + 'p {
    let document = page.document;
    let labelled: Vec<&str> = document
        .named("label")
        .filter(|(id, _)| !names.get(*id).is_empty())
        .filter_map(|(_, label)| label.attribute("for"))
        .collect();
    document.elements.iter().enumerate().filter_map(move |(id, field)| {
        match field.name.as_str() {
            "input" => {
                let kind = field.attribute("type").unwrap_or_default().to_ascii_lowercase();
                if matches!(kind.as_str(), "hidden" | "submit" | "button" | "reset" | "image") {
                    return None;
                }
            }
            "select" | "textarea" => {}
            _ => return None,
        }
        let is_there = |id: &str| document.elements.iter().any(|element| element.attribute("id") == Some(id));
        let mut named_by = field.attribute("aria-labelledby").unwrap_or_default().split_ascii_whitespace();
        let has_own = ["aria-label", "title"].iter().any(|name| field.attribute(name).is_some_and(|it| !it.is_empty()))
            || named_by.any(is_there);
        let has_label = field.attribute("id").is_some_and(|id| labelled.contains(&id));
        if has_own || has_label || document.is_within(id, &["label"]) || is_hidden(document, id) {
            return None;
        }
        let name = field.attribute("name").unwrap_or_default();
        let message = Text::new("输入框没有名称，读屏软件说不出要填什么", "a field has no label");
        Some(FIELD_WITHOUT_LABEL.finds(page.place(&field.span), name, message).help(
            "用 <label for=…> 写上名称，或者加 aria-label；placeholder 不算",
            "add <label for=…> or aria-label; a placeholder is no label",
        ))
    })
}

/// The language that `<html>` names.
pub fn language(page: &Page<'_>) -> Option<Finding> {
    let (_, html) = page.document.named("html").next()?;
    if html.attribute("lang").or_else(|| html.attribute("xml:lang")).is_some_and(|lang| !lang.trim().is_empty()) {
        return None;
    }
    let message = Text::new("网页没有标明语言", "the page does not name its language");
    Some(PAGE_WITHOUT_LANGUAGE.finds(page.place(&html.span), "lang", message).help(
        "写成 <html lang=\"zh-Hans\">，读屏软件才会用中文念",
        "write <html lang=\"zh-Hans\">, so that it is read aloud in Chinese",
    ))
}

/// Ids that stand twice, each told once.
pub fn duplicate_ids<'p>(page: &'p Page<'_>) -> impl Iterator<Item = Finding> + 'p {
    let mut seen: FxHashMap<&str, usize> = FxHashMap::default();
    let attributes = page.document.elements.iter().filter_map(|element| element.find("id"));
    attributes.filter(|it| !it.value.is_empty()).filter_map(move |it| {
        let times = seen.entry(&*it.value).or_default();
        *times += 1;
        // Once told, the third and the fourth are no news.
        (*times == 2).then(|| {
            let id = &it.value;
            let message = Text::new(format!("id“{id}”出现了两次"), format!("the id \"{id}\" occurs twice"));
            DUPLICATE_ID.finds(page.place(&it.span), &**id, message).help(
                "改掉一个：标题链接和表单名称靠 id 找，重复的只能找到第一个",
                "change one of them: links and labels find the first only",
            )
        })
    })
}
