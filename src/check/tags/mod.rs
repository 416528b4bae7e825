//! Page tags that inspectors look for. The numbers that identify a site are next door.
//!
//! The tags and their contents follow the annex of 国办发〔2017〕47号 (网站标签). What `site.yaml` lacks is told there, once;
//! what a theme loses, at the page. Start at [`site`] and [`own_page`].

mod identifiers;

use super::html::{Attribute, Document};
use super::rule::{Family, Finding, Rule};
use super::subject::{Context, Page};
use crate::diagnostic::{FilePath, KeyPath, Place, Text};
use crate::parse::registry::{ColumnId, Registry};
use crate::plan::{Listing, Recipe};
use crate::source::SITE_FILE;

pub const RULES: &[Rule] = &[
    MISSING_TAG,
    WRONG_TAG,
    PUB_DATE_FORM,
    COLUMN_TYPE,
    identifiers::MISSING_IDENTIFIER,
    identifiers::SITE_CODE,
    identifiers::SITE_CODE_AREA,
    identifiers::ICP,
    identifiers::POLICE_FILING,
    identifiers::FILING_LINK,
    NO_CONFIRMATION,
];

const MISSING_TAG: Rule =
    Rule::error(Family::Tags, "missing-tag", "网页缺少规定的标签", "a page without a required tag");
const WRONG_TAG: Rule =
    Rule::error(Family::Tags, "wrong-tag", "网页标签与内容不符", "a tag that differs from the item");
const PUB_DATE_FORM: Rule =
    Rule::error(Family::Tags, "pub-date-form", "发布时间标签的格式", "the form of the publication date's tag");
const COLUMN_TYPE: Rule =
    Rule::warning(Family::Tags, "column-type", "规定之外的栏目类别", "a column type that is not in the list");
const NO_CONFIRMATION: Rule = Rule::error(
    Family::Tags,
    "no-external-confirmation",
    "离开网站时没有提示",
    "no question before a link leaves the site",
);

/// 栏目类别, those of the annex that a source was found for.
const COLUMN_TYPES: [&str; 18] = [
    "首页",
    "概况信息",
    "机构职能",
    "负责人信息",
    "工作动态",
    "政策文件",
    "信息公开指南",
    "信息公开目录",
    "信息公开年报",
    "依法申请公开",
    "数据发布",
    "数据开放",
    "政策解读",
    "回应关切",
    "办事服务",
    "咨询投诉",
    "征集调查",
    "在线访谈",
];

/// On every page.
const SITE_TAGS: [&str; 3] = ["SiteName", "SiteDomain", "SiteIDCode"];
/// On the pages of a column and on those of its items.
const COLUMN_TAGS: [&str; 4] = ["ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType"];
/// On the page of an item.
const ITEM_TAGS: [&str; 3] = ["ArticleTitle", "PubDate", "ContentSource"];

/// A page of somebody else.
pub fn page(page: &Page<'_>) -> Vec<Finding> {
    // A file that is put into others, or only sends readers on, is no page.
    let is_page = page.document.named("body").next().is_some() && !page.document.sends_on();
    if page.output.is_some() || !is_page {
        return Vec::new();
    }
    let mut findings = missing(page, &SITE_TAGS);
    if let Some(date) = tag(page.document, "PubDate") {
        findings.extend(pub_date_form(page, date));
    }
    if let Some(column_type) = tag(page.document, "ColumnType") {
        findings.extend(unknown_column_type(&column_type.value, || page.place(&column_type.span)));
    }
    findings
}

/// A page of ours: the theme may have lost a tag, or changed one.
pub fn own_page(page: &Page<'_>, context: &Context<'_>) -> Vec<Finding> {
    let Some(output) = &page.output else { return Vec::new() };
    let registry = context.registry();
    let mut findings = match output.recipe {
        // A page that only sends readers on is not inspected.
        Recipe::Redirect(_) => return Vec::new(),
        Recipe::Home => {
            let mut findings = missing(page, &COLUMN_TAGS);
            findings.extend(identifiers::filing_links(page, registry));
            findings
        }
        Recipe::List(Listing::Column(_), _) => missing(page, &COLUMN_TAGS),
        Recipe::Item(_) => of_item_page(page, registry),
        _ => Vec::new(),
    };
    // Without a site code there is no such tag, which is told at `site.yaml`.
    let site_tags = &SITE_TAGS[..if registry.site_code.is_some() { 3 } else { 2 }];
    findings.extend(missing(page, site_tags));
    findings.extend(wrong(page, "SiteName", &registry.title));
    findings.extend(registry.site_code.as_ref().and_then(|code| wrong(page, "SiteIDCode", code)));
    findings.extend(no_confirmation(page, registry));
    findings
}

fn of_item_page(page: &Page<'_>, registry: &Registry) -> Vec<Finding> {
    let Some(item) = page.output.as_ref().and_then(|output| output.item) else { return Vec::new() };
    let front_matter = &item.front_matter;
    let mut findings = Vec::new();
    if let Some(column) = item.column {
        findings.extend(missing(page, &COLUMN_TAGS));
        findings.extend(wrong(page, "ColumnName", &registry.column(column).name));
    }
    let has_date = front_matter.date.is_some();
    let has_source = item.column.is_some() || front_matter.source.is_some();
    let given = |name: &&&str| (**name != "PubDate" || has_date) && (**name != "ContentSource" || has_source);
    let item_tags: Vec<&str> = ITEM_TAGS.iter().filter(given).copied().collect();
    findings.extend(missing(page, &item_tags));
    findings.extend(wrong(page, "ArticleTitle", &front_matter.title));
    findings.extend(front_matter.source.as_ref().and_then(|source| wrong(page, "ContentSource", source)));
    if let Some(date) = tag(page.document, "PubDate") {
        let form = pub_date_form(page, date);
        let is_well_formed = form.is_none();
        findings.extend(form);
        let written = front_matter.date.filter(|_| is_well_formed);
        findings.extend(written.and_then(|date| wrong(page, "PubDate", &date.to_string())));
    }
    findings
}

/// The content of a meta tag; the names' case does not count.
fn tag<'d>(document: &'d Document<'d>, name: &str) -> Option<&'d Attribute<'d>> {
    let tags = document.named("meta").map(|(_, tag)| tag);
    let mut named = tags.filter(|tag| tag.attribute("name").is_some_and(|it| it.eq_ignore_ascii_case(name)));
    named.next().and_then(|tag| tag.find("content"))
}

fn missing(page: &Page<'_>, names: &[&str]) -> Vec<Finding> {
    let is_empty = |name: &&&str| tag(page.document, name).is_none_or(|tag| tag.value.trim().is_empty());
    let head = page.document.named("head").next().map_or(0..0, |(_, head)| head.span.clone());
    let names: Vec<&str> = names.iter().filter(is_empty).copied().collect();
    names.into_iter().map(|name| missing_tag(page.place(&head), name, page.output.is_some())).collect()
}

fn missing_tag(place: Place, name: &str, is_ours: bool) -> Finding {
    let message = Text::new(
        format!("网页没有标签 {name}，或者内容是空的"),
        format!("the page has no tag {name}, or an empty one"),
    );
    let finding = MISSING_TAG.finds(place, name, message);
    if is_ours {
        finding.help(
            "主题模板的 <head> 里要有 {{ head.meta }}，规定的标签都由它写出",
            "the theme's <head> needs {{ head.meta }}, which writes all required tags",
        )
    } else {
        finding.help(
            format!("在 <head> 里加上 <meta name=\"{name}\" content=\"……\">（国办发〔2017〕47号附件）"),
            format!("add <meta name=\"{name}\" content=\"…\"> to <head>"),
        )
    }
}

fn wrong(page: &Page<'_>, name: &str, expected: &str) -> Option<Finding> {
    let tag = tag(page.document, name)?;
    let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let written = squeeze(&tag.value);
    if written.is_empty() || written == squeeze(expected) {
        return None;
    }
    let message = Text::new(
        format!("标签 {name} 写的是“{written}”，应当是“{expected}”"),
        format!("the tag {name} says \"{written}\" instead of \"{expected}\""),
    );
    let finding = WRONG_TAG.finds(page.place(&tag.span), &*tag.value, message);
    Some(finding.help(
        "看看主题模板有没有改过 {{ head.meta }}，或者自己写了一个同名标签",
        "see whether the theme changes {{ head.meta }} or writes a tag of this name itself",
    ))
}

fn pub_date_form(page: &Page<'_>, date: &Attribute) -> Option<Finding> {
    if date.value.is_empty() || is_pub_date(&date.value) {
        return None;
    }
    let written = &date.value;
    let message = Text::new(
        format!("PubDate 标签“{written}”不是规定的格式"),
        format!("the tag PubDate \"{written}\" is not in the required form"),
    );
    let finding = PUB_DATE_FORM.finds(page.place(&date.span), &**written, message);
    Some(finding.help("写成“2026-04-13 09:30”这样", "write it as 2026-04-13 09:30"))
}

/// `YYYY-MM-DD HH:MM`, and a day and a time that there can be.
fn is_pub_date(text: &str) -> bool {
    let shape = text.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    if !shape.eq(*b"0000-00-00 00:00") {
        return false;
    }
    let number = |range| text.get(range).and_then(|digits: &str| digits.parse::<u32>().ok()).unwrap_or(99);
    (1..=12).contains(&number(5..7)) && (1..=31).contains(&number(8..10)) && number(11..13) < 24 && number(14..16) < 60
}

fn unknown_column_type(name: &str, place: impl FnOnce() -> Place) -> Option<Finding> {
    if name.is_empty() || COLUMN_TYPES.contains(&name) {
        return None;
    }
    let message =
        Text::new(format!("栏目类别“{name}”不在规定的类别里"), format!("\"{name}\" is not a column type of the list"));
    let known = COLUMN_TYPES.join("、");
    let finding = COLUMN_TYPE.finds(place(), name, message);
    Some(finding.help(format!("用这些里的一个：{known}"), format!("use one of these: {known}")))
}

/// `site.yaml`: the identifiers and the columns' types.
pub fn site(context: &Context<'_>) -> Vec<Finding> {
    let registry = context.registry();
    let mut findings = identifiers::of_settings(registry);
    for id in registry.column_ids() {
        let column_type = registry.column(id).column_type.as_deref().unwrap_or_default();
        findings.extend(unknown_column_type(column_type, || column_place(id)));
    }
    findings
}

fn column_place(id: ColumnId) -> Place {
    Place::value(&FilePath::new(SITE_FILE), KeyPath::default().key("columns").index(id.0 as usize).key("column_type"))
}

fn no_confirmation(page: &Page<'_>, registry: &Registry) -> Option<Finding> {
    let asks = || page.html.contains("data-confirm-external") || page.html.contains("即将离开");
    if !registry.confirm_external || asks() {
        return None;
    }
    let message = Text::new(
        "site.yaml 要求离开网站时提示，主题模板却没有做",
        "site.yaml asks for a question before a link leaves the site, but the theme has none",
    );
    Some(NO_CONFIRMATION.finds(Place::file(page.file), "confirm_external", message).help(
        "给 <html> 加上 data-confirm-external=\"{{ site.title }}\"，并用默认主题的 js/site.js；或者关掉 confirm_external（外链提示）",
        "give <html> data-confirm-external=\"{{ site.title }}\" and use the default theme's js/site.js",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_publication_date_has_a_day_and_a_time() {
        let check = |text, expected| assert_eq!(is_pub_date(text), expected, "{text}");
        check("2026-04-13 09:30", true);
        check("2026-04-13", false);
        check("2026-04-13 09:30:00", false);
        check("2026/04/13 09:30", false);
        check("2026-13-01 09:30", false);
        check("2026-04-13 24:00", false);
        check("2026-04-13T09:30", false);
        check("", false);
    }
}
