//! The numbers that identify a site: its code, its ICP and police filings, and their links on the home page.
//!
//! Start at [`of_settings`].

use super::super::FILING_OFFICES;
use super::super::html::Document;
use super::super::rule::{Family, Finding, Rule};
use super::super::subject::Page;
use crate::diagnostic::{FilePath, KeyPath, Place, Text};
use crate::parse::registry::{Registry, is_province};
use crate::source::SITE_FILE;

pub const MISSING_IDENTIFIER: Rule =
    Rule::warning(Family::Tags, "missing-identifier", "没有填网站标识码或备案号", "an identifier that is not given");
pub const SITE_CODE: Rule = Rule::error(Family::Tags, "site-code", "网站标识码的格式", "the form of the site code");
pub const SITE_CODE_AREA: Rule =
    Rule::warning(Family::Tags, "site-code-area", "网站标识码与区划不符", "a site code of another region");
pub const ICP: Rule = Rule::error(Family::Tags, "icp", "ICP 备案号的格式", "the form of the ICP number");
pub const POLICE_FILING: Rule =
    Rule::warning(Family::Tags, "police-filing", "公安备案号的格式", "the form of the police filing number");
pub const FILING_LINK: Rule =
    Rule::error(Family::Tags, "filing-link", "首页没有链接备案号", "a filing number without its link on the home page");

/// The identifiers of `site.yaml`.
pub fn of_settings(registry: &Registry) -> Vec<Finding> {
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
    findings
}

fn site_file() -> FilePath {
    FilePath::new(SITE_FILE)
}

fn setting(key: &str) -> Place {
    Place::value(&site_file(), KeyPath::default().key(key))
}

fn missing_identifier(key: &str, alias: &str, zh: &str, en: &str) -> Finding {
    let space = if zh.starts_with(|c: char| c.is_ascii()) { " " } else { "" };
    let message = Text::new(format!("site.yaml 里没有填{space}{zh}"), format!("site.yaml gives no {en}"));
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

/// A code of no province, or of another one than the site's districts.
fn other_area(code: &str, registry: &Registry) -> Option<Finding> {
    if code.starts_with("bm") {
        return None;
    }
    let province = code.get(..2)?;
    let districts: Vec<&str> = registry.districts.iter().filter_map(|it| it.code.as_deref()?.get(..2)).collect();
    let message = if !province.parse().is_ok_and(is_province) {
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
pub fn filing_links(page: &Page<'_>, registry: &Registry) -> Vec<Finding> {
    let foot = page.document.named("body").next().map_or(0..0, |(_, body)| body.span.clone());
    let mut findings = Vec::new();
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    for (number, office) in [&registry.icp, &registry.police_filing].into_iter().zip(FILING_OFFICES) {
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
}
