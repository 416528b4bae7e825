//! Links: whether their words say where they lead.

use std::collections::BTreeMap;

use super::super::html::Element;
use super::super::rule::{Family, Finding, Rule};
use super::super::subject::Page;
use super::{Names, is_hidden};
use crate::diagnostic::{Place, Text};

pub const EMPTY_LINK: Rule = Rule::error(Family::Accessibility, "empty-link", "链接没有文字", "a link without words");
pub const VAGUE_LINK: Rule =
    Rule::warning(Family::Accessibility, "vague-link", "“点击这里”之类的链接文字", "a link that says \"click here\"");
pub const BARE_ADDRESS: Rule = Rule::warning(
    Family::Accessibility,
    "bare-address",
    "很长的网址直接当链接文字",
    "a long address as a link's words",
);

/// An address longer than this is no good as the words of a link.
const LONG_ADDRESS: usize = 40;

/// The links of a page.
pub fn links(page: &Page<'_>, names: &Names) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut targets: BTreeMap<&str, Vec<(&str, &Element)>> = BTreeMap::new();
    for (id, link) in page.document.named("a") {
        let Some(target) = link.attribute("href") else { continue };
        if is_hidden(page.document, id) {
            continue;
        }
        let label = link.attribute("aria-label").or_else(|| link.attribute("title")).unwrap_or_default();
        let text = names.get(id);
        let place = || page.place(&link.span);
        if text.is_empty() && label.trim().is_empty() && link.find("aria-labelledby").is_none() {
            findings.push(empty_link(place(), target));
        } else if label.is_empty() {
            findings.extend(vague_link(text, place).or_else(|| bare_address(text, place)));
            if SHORT_WORDS.contains(&plain(text)) {
                targets.entry(text).or_default().push((target, link));
            }
        }
    }
    for (text, links) in targets {
        if links.iter().any(|(target, _)| *target != links[0].0) {
            findings.push(repeated_link(page.place(&links[1].1.span), text, links.len()));
        }
    }
    findings
}

/// A link's words without the marks around them.
pub fn plain(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphanumeric())
}

/// Words that may stand once on a page, but not for several targets.
pub const SHORT_WORDS: [&str; 10] =
    ["更多", "详情", "查看", "查看详情", "查看更多", "了解更多", "全文", "阅读全文", "more", "More"];
/// Words that never say where a link leads.
const CLICK_WORDS: [&str; 14] = [
    "点击这里",
    "点这里",
    "点击此处",
    "点此",
    "此处",
    "这里",
    "请点击",
    "点击",
    "请点击这里",
    "请点击此处",
    "链接",
    "here",
    "click here",
    "link",
];

fn empty_link(place: Place, target: &str) -> Finding {
    let message = Text::new("链接没有文字，读屏软件只能念网址", "a link has no words");
    EMPTY_LINK.finds(place, target, message).help(
        "写上文字；链接里只有图片的，给图片写 alt，说明点了去哪里；不知道是谁放的，就删去",
        "give it words, or its picture an alternative text that says where it leads; remove it if it is not yours",
    )
}

/// A link whose words do not say where it leads.
pub fn vague_link(text: &str, place: impl FnOnce() -> Place) -> Option<Finding> {
    let plain = plain(text);
    if !CLICK_WORDS.iter().any(|word| word.len() == plain.len() && *word == plain.to_lowercase()) {
        return None;
    }
    let text = text.trim();
    let message = Text::new(
        format!("链接文字“{text}”没有说点了去哪里"),
        format!("the link \"{text}\" does not say where it leads"),
    );
    Some(VAGUE_LINK.finds(place(), text, message).help(
        "把要去的地方写成链接，例如“[报名表](…)”",
        "make the name of the target the link, as in [registration form](…)",
    ))
}

fn repeated_link(place: Place, text: &str, count: usize) -> Finding {
    let message = Text::new(
        format!("{count} 个链接都只写“{text}”，去的地方却不同"),
        format!("{count} links all say \"{text}\" and lead to different places"),
    );
    VAGUE_LINK.finds(place, text, message).help(
        "加上去哪里，例如“更多<span class=\"sr\">：通知公告</span>”，sr 里的字只给读屏软件念",
        "add what each is about, if need be for screen readers only",
    )
}

/// A link whose words are a long address.
pub fn bare_address(text: &str, place: impl FnOnce() -> Place) -> Option<Finding> {
    let text = text.trim();
    let is_address = text.starts_with("http://") || text.starts_with("https://") || text.starts_with("www.");
    if !is_address || text.len() <= LONG_ADDRESS || text.contains(char::is_whitespace) {
        return None;
    }
    let message = Text::new("一长串网址直接当链接文字，念出来没人听得懂", "a long address stands for a link's words");
    Some(
        BARE_ADDRESS
            .finds(place(), text, message)
            .help("写成“[要去的地方](网址)”", "write [the name of the target](address)"),
    )
}
