//! Titles with something spliced in: break-ins put brand names there, since search engines read titles first.

use super::super::html::TextNode;
use super::super::rule::{Family, Finding, Rule};
use super::super::seen::Judge;
use super::super::subject::{Context, ItemFile, Page};
use crate::diagnostic::{Place, Text};
use crate::parse::passages::Kind;
use crate::spam::{score, spliced};

pub const SPLICED_TITLE: Rule =
    Rule::error(Family::Injection, "spliced-title", "标题里夹带了别的东西", "a brand spliced into a title");
pub const TITLE_ADDITION: Rule =
    Rule::warning(Family::Injection, "title-addition", "网页标题里多出的文字", "an addition to a page's title");

/// An item's titles.
pub fn of_item(item: &ItemFile<'_>) -> Vec<Finding> {
    let is_title = |key: Option<&str>| {
        key.is_some_and(|key| ["title", "标题", "subtitle", "副题", "kicker", "引题"].contains(&key))
    };
    let titles = item.text.passages.iter().filter(|it| is_title(it.key()) || matches!(it.kind, Kind::Heading(_)));
    titles.filter_map(|title| judge(&title.text, || title.place(item.file(), &(0..title.text.len())))).collect()
}

/// `<title>` and the headings of a page.
pub fn of_page(page: &Page<'_>) -> Vec<Finding> {
    let is_title = |name: &str| matches!(name, "title" | "h1" | "h2" | "h3");
    let document = page.document;
    let texts = document
        .texts
        .iter()
        .filter(|text| document.ancestors(text.parent).take(3).any(|(_, element)| is_title(&element.name)));
    // The same titles stand in many lists.
    let judge = |text: &TextNode<'_>| {
        page.seen.judge(Judge::Title, &text.text, || self::judge(&text.text, || page.place(&text.span)))
    };
    texts.filter_map(judge).collect()
}

/// What `<title>` says beside the item's title and the names of the site.
pub fn of_own_page(page: &Page<'_>, context: &Context<'_>) -> Option<Finding> {
    let item = page.output.as_ref()?.item?;
    let (id, _) = page.document.named("title").next()?;
    let span = page.document.texts.iter().find(|text| text.parent == id)?.span.clone();
    // A text with character references comes in pieces, and white space is not what it was.
    let mut rest = page.document.text_of(id);
    let registry = context.registry();
    let column = item.column.map(|column| registry.column(column).name.as_str());
    let mut known = vec![item.front_matter.title.as_str(), registry.title.as_str()];
    known.extend([&registry.organization, &registry.undertaker].into_iter().flatten().map(String::as_str));
    known.extend(column);
    for name in known.into_iter().filter(|name| !name.is_empty()) {
        rest = rest.replacen(&name.split_whitespace().collect::<Vec<_>>().join(" "), "", 1);
    }
    let rest = rest.trim_matches(|c: char| !c.is_alphanumeric());
    let is_long = rest.chars().filter(|c| c.is_alphabetic()).count() >= 4;
    is_long.then(|| addition(page.place(&span), rest))
}

fn judge(title: &str, place: impl FnOnce() -> Place) -> Option<Finding> {
    // A whole line of spam is reported as one.
    let word = spliced(title).filter(|_| score(title).is_none())?;
    let message = Text::new(
        format!("标题里夹着“{word}”，像是被人塞进来的"),
        format!("the title holds \"{word}\", which looks spliced in"),
    );
    Some(
        SPLICED_TITLE
            .finds(place(), title.trim(), message)
            .help("改回原来的标题，再查是谁、从哪里改的", "restore the title, then find out who changed it and how"),
    )
}

fn addition(place: Place, rest: &str) -> Finding {
    let message = Text::new(
        format!("网页标题除了内容标题和网站名称，还多出“{rest}”"),
        format!("beside the item's and the site's names, the page's title says \"{rest}\""),
    );
    TITLE_ADDITION.finds(place, rest, message).help(
        "看看主题模板的 <title> 有没有被人改过；是上级门户的名称，就在 site.yaml 里关掉这条规则",
        "see whether somebody changed <title> in the theme; if it is a portal's name, turn the rule off in site.yaml",
    )
}
