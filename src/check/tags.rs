//! Page tags that inspectors look for, and the numbers that identify a site.
//!
//! The tags and their contents follow the annex of 国办发〔2017〕47号 (网站标签). What `site.yaml` lacks is told there, once;
//! what a theme loses, at the page. Start at [`site`] and [`own_page`].

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
    MISSING_IDENTIFIER,
    SITE_CODE,
    SITE_CODE_AREA,
    ICP,
    POLICE_FILING,
    FILING_LINK,
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
const MISSING_IDENTIFIER: Rule =
    Rule::warning(Family::Tags, "missing-identifier", "没有填网站标识码或备案号", "an identifier that is not given");
const SITE_CODE: Rule = Rule::error(Family::Tags, "site-code", "网站标识码的格式", "the form of the site code");
const SITE_CODE_AREA: Rule =
    Rule::warning(Family::Tags, "site-code-area", "网站标识码与区划不符", "a site code of another region");
const ICP: Rule = Rule::error(Family::Tags, "icp", "ICP 备案号的格式", "the form of the ICP number");
const POLICE_FILING: Rule =
    Rule::warning(Family::Tags, "police-filing", "公安备案号的格式", "the form of the police filing number");
const FILING_LINK: Rule =
    Rule::error(Family::Tags, "filing-link", "首页没有链接备案号", "a filing number without its link on the home page");
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
            findings.extend(filing_links(page, registry));
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
fn tag<'d>(document: &'d Document, name: &str) -> Option<&'d Attribute> {
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
    let finding = WRONG_TAG.finds(page.place(&tag.span), tag.value.as_str(), message);
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
    let finding = PUB_DATE_FORM.finds(page.place(&date.span), written.as_str(), message);
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
    let mut findings = Vec::new();
    for (value, key, alias, zh, en) in [
        (&registry.site_code, "site_code", "网站标识码", "网站标识码", "site code"),
        (&registry.icp, "icp", "ICP备案", "ICP 备案号", "ICP number"),
        (&registry.police_filing, "police_filing", "公安备案", "公安备案号", "police filing number"),
    ] {
        match value {
            None => findings.push(missing_identifier(key, alias, zh, en)),
            Some(value) => findings.extend(of_identifier(key, value, registry)),
        }
    }
    for id in registry.column_ids() {
        let column_type = registry.column(id).column_type.as_deref().unwrap_or_default();
        findings.extend(unknown_column_type(column_type, || column_place(id)));
    }
    findings
}

fn site_file() -> FilePath {
    FilePath::new(SITE_FILE)
}

fn setting(key: &str) -> Place {
    Place::value(&site_file(), KeyPath::default().key(key))
}

fn column_place(id: ColumnId) -> Place {
    Place::value(&site_file(), KeyPath::default().key("columns").index(id.0 as usize).key("column_type"))
}

fn missing_identifier(key: &str, alias: &str, zh: &str, en: &str) -> Finding {
    let message = Text::new(format!("site.yaml 里没有填{zh}"), format!("site.yaml gives no {en}"));
    MISSING_IDENTIFIER.finds(Place::file(&site_file()), key, message).help(
        format!("加一行“{key}: ……”（也可以写“{alias}: ……”）；确实没有的，在 check.severity 里关掉这条规则"),
        format!("add a line \"{key}: …\", or turn the rule off under check.severity"),
    )
}

fn of_identifier(key: &str, value: &str, registry: &Registry) -> Option<Finding> {
    let (rule, zh, en): (&'static Rule, &str, &str) = match key {
        "site_code" if !is_site_code(value) => (
            &SITE_CODE,
            "网站标识码是 10 位数字（前 6 位是区划代码），或者 bm 加 8 位数字",
            "a site code has 10 digits, of which 6 are the region's, or bm and 8 digits",
        ),
        "site_code" => return other_area(value, registry),
        "icp" if !is_icp(value) => (&ICP, "写成“沪ICP备12345678号-1”这样", "write it like 沪ICP备12345678号-1"),
        "police_filing" if !is_police_filing(value) => (
            &POLICE_FILING,
            "写成“沪公网安备 31010602000000号”这样，数字一般是 14 位",
            "write it like 沪公网安备 31010602000000号, usually with 14 digits",
        ),
        _ => return None,
    };
    let message = Text::new(
        format!("“{value}”不像{}", rule.zh.trim_end_matches("的格式")),
        format!("\"{value}\" does not have {}", rule.en),
    );
    Some(rule.finds(setting(key), value, message).help(zh, en))
}

/// `^(\d{10}|bm\d{8})$`
fn is_site_code(code: &str) -> bool {
    let (digits, length) = code.strip_prefix("bm").map_or((code, 10), |digits| (digits, 8));
    digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Provinces of GB/T 2260.
const PROVINCES: [&str; 34] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44",
    "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
];

/// A code of no province, or of another one than the site's districts.
fn other_area(code: &str, registry: &Registry) -> Option<Finding> {
    if code.starts_with("bm") {
        return None;
    }
    let province = code.get(..2)?;
    let districts: Vec<&str> = registry.districts.iter().filter_map(|it| it.code.as_deref()?.get(..2)).collect();
    let message = if !PROVINCES.contains(&province) {
        Text::new(
            format!("网站标识码以“{province}”开头，没有哪个省份是这个代码"),
            format!("no province has the code {province} at the beginning of the site code"),
        )
    } else if !districts.is_empty() && !districts.contains(&province) {
        let own = districts[0];
        Text::new(
            format!("网站标识码以“{province}”开头，而本站的区域以“{own}”开头"),
            format!("the site code begins with {province}, the codes of the site's districts with {own}"),
        )
    } else {
        return None;
    };
    Some(SITE_CODE_AREA.finds(setting("site_code"), province, message).help(
        "网站标识码的前 6 位是本地的行政区划代码（GB/T 2260），请核对",
        "the first 6 digits are the region's code (GB/T 2260)",
    ))
}

const PROVINCE_SIGNS: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";

/// `沪ICP备12345678号-1`
fn is_icp(number: &str) -> bool {
    let Some(rest) = after_province(number).and_then(|rest| rest.strip_prefix("ICP备")) else { return false };
    let Some((digits, site)) = rest.split_once('号') else { return false };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (5..=12).contains(&digits.len())
        && is_number(digits)
        && (site.is_empty() || site.strip_prefix('-').is_some_and(is_number))
}

/// `沪公网安备 31010602000000号`
fn is_police_filing(number: &str) -> bool {
    let Some(rest) = after_province(number).and_then(|rest| rest.strip_prefix("公网安备")) else { return false };
    let digits = rest.trim_start().strip_suffix('号').unwrap_or_default().trim_end();
    digits.len() == 14 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn after_province(number: &str) -> Option<&str> {
    number.trim().strip_prefix(|c: char| PROVINCE_SIGNS.contains(c))
}

/// The home page shows the filing numbers, each with a link to its office.
fn filing_links(page: &Page<'_>, registry: &Registry) -> Vec<Finding> {
    let foot = page.document.named("body").next().map_or(0..0, |(_, body)| body.span.clone());
    let mut findings = Vec::new();
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    for (number, office) in [(&registry.icp, "beian.miit.gov.cn"), (&registry.police_filing, "beian.mps.gov.cn")] {
        let Some(number) = number else { continue };
        // A number without digits has no address of its own, which is told at `site.yaml`.
        if digits(number).is_empty() || shows_linked(page.document, number, office) {
            continue;
        }
        let message = Text::new(
            format!("首页没有把“{number}”链接到 {office}"),
            format!("the home page does not link {number} to {office}"),
        );
        findings.push(FILING_LINK.finds(page.place(&foot), number.as_str(), message).help(
            format!("在首页底部写上备案号，链接到 https://{office}/；默认主题的页脚会自动写出"),
            format!("show the number at the foot of the home page with a link to https://{office}/"),
        ));
    }
    findings
}

fn shows_linked(document: &Document, number: &str, office: &str) -> bool {
    let squeeze = |text: &str| text.split_whitespace().collect::<String>();
    let leads_there = |address: &str| address.split('/').nth(2) == Some(office);
    let mut links = document.named("a").filter(|(_, link)| link.attribute("href").is_some_and(leads_there));
    links.any(|(id, _)| squeeze(&document.text_of(id)).contains(&squeeze(number)))
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
    fn identifiers_have_their_forms() {
        let check = |is: fn(&str) -> bool, text, expected| assert_eq!(is(text), expected, "{text}");
        check(is_site_code, "3101060000", true);
        check(is_site_code, "bm12345678", true);
        check(is_site_code, "310106000", false);
        check(is_site_code, "BM12345678", false);
        check(is_site_code, "31010600０0", false);
        check(is_icp, "沪ICP备12345678号", true);
        check(is_icp, "沪ICP备12345678号-1", true);
        check(is_icp, "沪ICP备05000001号-12", true);
        check(is_icp, "上海ICP备12345678号", false);
        check(is_icp, "沪icp备12345678号", false);
        check(is_icp, "沪ICP备12345678", false);
        check(is_icp, "沪ICP备12345678号-", false);
        check(is_icp, "沪ICP备号", false);
        check(is_police_filing, "沪公网安备 31010602000000号", true);
        check(is_police_filing, "沪公网安备31010602000000号", true);
        check(is_police_filing, "沪公网安备 3101060200000号", false);
        check(is_police_filing, "公网安备 31010602000000号", false);
    }

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
