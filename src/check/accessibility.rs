//! What keeps readers out: pictures without words, headings out of order, links that say nothing, fields without labels.
//!
//! The rules are those of WCAG 2.1 AA that can be told from a file. Colours are next door in `contrast`. Start at
//! [`page`] and [`item`].

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::html::{Document, Element, ElementId};
use super::rule::{Family, Finding, Rule};
use super::subject::{Context, ItemFile, Page};
use crate::diagnostic::{Place, Text};
use crate::parse::passages::Kind;

pub const RULES: &[Rule] = &[
    IMAGE_WITHOUT_ALT,
    POOR_ALT,
    HEADING_COUNT,
    HEADING_LEVEL,
    EMPTY_LINK,
    VAGUE_LINK,
    BARE_ADDRESS,
    TABLE_WITHOUT_HEAD,
    PAGE_WITHOUT_LANGUAGE,
    FIELD_WITHOUT_LABEL,
    DUPLICATE_ID,
];

const FAMILY: Family = Family::Accessibility;
const IMAGE_WITHOUT_ALT: Rule =
    Rule::error(FAMILY, "image-without-alt", "图片没有文字说明", "a picture without alternative text");
const POOR_ALT: Rule =
    Rule::warning(FAMILY, "poor-alt", "图片的文字说明没有说明什么", "an alternative text that says nothing");
const HEADING_COUNT: Rule =
    Rule::warning(FAMILY, "heading-count", "网页没有或有几个一级标题", "not exactly one main heading");
const HEADING_LEVEL: Rule = Rule::warning(FAMILY, "heading-level", "标题跳级", "a heading that skips a level");
const EMPTY_LINK: Rule = Rule::error(FAMILY, "empty-link", "链接没有文字", "a link without words");
const VAGUE_LINK: Rule =
    Rule::warning(FAMILY, "vague-link", "“点击这里”之类的链接文字", "a link that says \"click here\"");
const BARE_ADDRESS: Rule =
    Rule::warning(FAMILY, "bare-address", "很长的网址直接当链接文字", "a long address as a link's words");
const TABLE_WITHOUT_HEAD: Rule = Rule::warning(FAMILY, "table-without-head", "表格没有表头", "a table without a head");
const PAGE_WITHOUT_LANGUAGE: Rule =
    Rule::error(FAMILY, "page-without-language", "网页没有标明语言", "a page that does not name its language");
const FIELD_WITHOUT_LABEL: Rule =
    Rule::error(FAMILY, "field-without-label", "输入框没有名称", "a field without a label");
const DUPLICATE_ID: Rule = Rule::warning(FAMILY, "duplicate-id", "重复的 id", "an id that occurs twice");

/// An address longer than this is no good as the words of a link.
const LONG_ADDRESS: usize = 40;

/// An item's headings, links and alternative texts.
pub fn item(item: &ItemFile<'_>, _: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let passages = &item.text.passages;
    // A heading of the first level moves all of them down, below the title.
    let shift = u8::from(passages.iter().any(|it| it.kind == Kind::Heading(1)));
    let mut level = 1;
    for passage in passages {
        let place = || passage.place(item.file(), &(0..passage.text.len()));
        match passage.kind {
            Kind::Heading(written) => {
                findings.extend(skipped_level(level, written + shift, &passage.text, place));
                level = written + shift;
            }
            Kind::Alt => findings.extend(poor_alt(&passage.text, place)),
            Kind::Value(_) if matches!(passage.key(), Some("alt" | "cover_alt" | "封面说明")) => {
                findings.extend(poor_alt(&passage.text, place));
            }
            _ => {}
        }
        for (part, _) in &passage.links {
            let text = &passage.text[part.clone()];
            let place = || passage.place(item.file(), part);
            findings.extend(vague_link(text, place).or_else(|| bare_address(text, place)));
        }
    }
    findings
}

/// A page, ours or not.
pub fn page(page: &Page<'_>) -> Vec<Finding> {
    // A file that is put into others is no page.
    if page.document.named("body").next().is_none() {
        return Vec::new();
    }
    let names = Names::of(page.document);
    let mut findings: Vec<Finding> = pictures(page).collect();
    findings.extend(headings(page, &names));
    findings.extend(links(page, &names));
    findings.extend(tables(page));
    findings.extend(fields(page, &names));
    findings.extend(language(page));
    findings.extend(duplicate_ids(page));
    findings
}

/// What links, headings and labels say: all gathered in one walk over the texts.
struct Names {
    of: FxHashMap<ElementId, String>,
}

impl Names {
    fn of(document: &Document) -> Self {
        let mut of: FxHashMap<ElementId, String> = FxHashMap::default();
        let mut note = |parent: ElementId, text: &str| {
            let named = |name: &str| matches!(name, "a" | "label" | "button" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6");
            for (id, _) in document.ancestors(parent).filter(|(_, element)| named(&element.name)) {
                of.entry(id).or_default().push_str(text);
            }
        };
        for text in document.texts.iter().filter(|text| document.is_readable(text) && !text.text.trim().is_empty()) {
            note(text.parent, &text.text);
        }
        for (id, element) in document.elements.iter().enumerate() {
            let own = match element.name.as_str() {
                "img" => element.attribute("alt"),
                _ => element
                    .attribute("aria-label")
                    .or_else(|| element.attribute("title"))
                    .filter(|_| element.name != "a"),
            };
            if let Some(text) = own {
                note(id, text);
            }
        }
        Self { of }
    }

    fn get(&self, id: ElementId) -> &str {
        self.of.get(&id).map_or("", |text| text.trim())
    }
}

fn is_hidden(document: &Document, id: ElementId) -> bool {
    document
        .ancestors(id)
        .any(|(_, element)| element.attribute("aria-hidden") == Some("true") || element.find("hidden").is_some())
}

fn pictures<'p>(page: &'p Page<'_>) -> impl Iterator<Item = Finding> + 'p {
    page.document.named("img").filter_map(|(id, picture)| {
        let place = || page.place(&picture.span);
        match picture.attribute("alt") {
            Some(alt) => poor_alt(alt, place),
            None if is_hidden(page.document, id) || picture.find("aria-label").is_some() => None,
            None => Some(image_without_alt(place(), picture.attribute("src").unwrap_or_default())),
        }
    })
}

fn image_without_alt(place: Place, source: &str) -> Finding {
    let message = Text::new("图片没有文字说明，读屏软件念不出来", "a picture has no words for those who cannot see it");
    IMAGE_WITHOUT_ALT.finds(place, source, message).help(
        "加上 alt=\"图上是什么\"；只是装饰的图写 alt=\"\"",
        "add alt=\"what it shows\", or alt=\"\" for a mere decoration",
    )
}

/// Words that say no more than that there is a picture.
const EMPTY_WORDS: [&str; 16] = [
    "图",
    "图片",
    "照片",
    "图像",
    "配图",
    "封面",
    "封面图",
    "插图",
    "截图",
    "无标题",
    "image",
    "img",
    "picture",
    "photo",
    "pic",
    "untitled",
];

fn poor_alt(alt: &str, place: impl FnOnce() -> Place) -> Option<Finding> {
    let written = alt.trim();
    let plain = written.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_whitespace()).to_lowercase();
    let is_file = ["jpg", "jpeg", "png", "gif", "webp", "svg", "bmp"]
        .iter()
        .any(|ending| plain.strip_suffix(ending).is_some_and(|stem| stem.ends_with('.')));
    let is_number = !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit() || b"-_.".contains(&byte));
    let is_camera = ["img_", "dsc_", "微信图片_", "mmexport", "screenshot_"].iter().any(|it| plain.starts_with(it));
    if !(is_file || is_number || is_camera || EMPTY_WORDS.contains(&plain.as_str())) {
        return None;
    }
    let message = Text::new(
        format!("图片的文字说明“{written}”没有说图上是什么"),
        format!("the alternative text \"{written}\" does not say what the picture shows"),
    );
    Some(
        POOR_ALT
            .finds(place(), alt, message)
            .help("写图上有什么人、在做什么，例如“志愿者在路口扶老人过马路”", "say who is in it and what they do"),
    )
}

fn level_of(element: &Element) -> Option<u8> {
    match element.name.as_bytes() {
        [b'h', digit @ b'1'..=b'6'] => Some(digit - b'0'),
        _ => None,
    }
}

fn headings(page: &Page<'_>, names: &Names) -> Vec<Finding> {
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

fn skipped_level(before: u8, level: u8, text: &str, place: impl FnOnce() -> Place) -> Option<Finding> {
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

fn links(page: &Page<'_>, names: &Names) -> Vec<Finding> {
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
            if SHORT_WORDS.contains(&text.trim_matches(|c: char| !c.is_alphanumeric())) {
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

/// Words that may stand once on a page, but not for several targets.
const SHORT_WORDS: [&str; 10] =
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
        "写上文字；链接里只有图片的，给图片写 alt，说明点了去哪里",
        "give it words, or its picture an alternative text that says where it leads",
    )
}

fn vague_link(text: &str, place: impl FnOnce() -> Place) -> Option<Finding> {
    let plain = text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    if !CLICK_WORDS.contains(&plain.as_str()) {
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

fn bare_address(text: &str, place: impl FnOnce() -> Place) -> Option<Finding> {
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

/// Tables of two rows or more in which nothing is a head.
fn tables<'p>(page: &'p Page<'_>) -> impl Iterator<Item = Finding> + 'p {
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

fn fields<'p>(page: &'p Page<'_>, names: &'p Names) -> impl Iterator<Item = Finding> + 'p {
    let document = page.document;
    let labelled: Vec<&str> = document
        .named("label")
        .filter(|(id, _)| !names.get(*id).is_empty())
        .filter_map(|(_, label)| label.attribute("for"))
        .collect();
    document.elements.iter().enumerate().filter_map(move |(id, field)| {
        let kind = field.attribute("type").unwrap_or_default().to_ascii_lowercase();
        let is_field = match field.name.as_str() {
            "input" => !matches!(kind.as_str(), "hidden" | "submit" | "button" | "reset" | "image"),
            "select" | "textarea" => true,
            _ => false,
        };
        let has_own = ["aria-label", "aria-labelledby", "title"]
            .iter()
            .any(|name| field.attribute(name).is_some_and(|it| !it.is_empty()));
        let has_label = field.attribute("id").is_some_and(|id| labelled.contains(&id));
        if !is_field || has_own || has_label || document.is_within(id, &["label"]) || is_hidden(document, id) {
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

fn language(page: &Page<'_>) -> Option<Finding> {
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

fn duplicate_ids<'p>(page: &'p Page<'_>) -> impl Iterator<Item = Finding> + 'p {
    let mut seen: FxHashMap<&str, usize> = FxHashMap::default();
    let attributes = page.document.elements.iter().filter_map(|element| element.find("id"));
    attributes.filter(|it| !it.value.is_empty()).filter_map(move |it| {
        let times = seen.entry(it.value.as_str()).or_default();
        *times += 1;
        // Once told, the third and the fourth are no news.
        (*times == 2).then(|| {
            let id = &it.value;
            let message = Text::new(format!("id“{id}”出现了两次"), format!("the id \"{id}\" occurs twice"));
            DUPLICATE_ID.finds(page.place(&it.span), id.as_str(), message).help(
                "改掉一个：标题链接和表单名称靠 id 找，重复的只能找到第一个",
                "change one of them: links and labels find the first only",
            )
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::FilePath;

    fn codes(body: &str) -> Vec<String> {
        let html = format!("<html lang=zh><body>{body}</body></html>");
        let document = Document::parse(&html);
        let file = FilePath::new("a.html");
        let found = page(&Page { file: &file, html: &html, document: &document, output: None });
        found.iter().map(|finding| finding.diagnostic.code.to_string()).collect()
    }

    fn check(body: &str, expected: &[&str]) {
        assert_eq!(codes(&format!("<h1>题</h1>{body}")), expected, "{body}");
    }

    #[test]
    fn pictures_say_what_they_show() {
        check("<img src=a.png>", &["image-without-alt"]);
        check("<img src=a.png aria-hidden=true>", &[]);
        check("<img src=a.png alt=''>", &[]);
        check("<img src=a.png alt='志愿者在路口'>", &[]);
        for alt in ["图片", "图片 1", "a.png", "IMG_2031.JPG", "20260413-1", "image", "微信图片_20260413"] {
            check(&format!("<img src=a alt='{alt}'>"), &["poor-alt"]);
        }
        check("<img src=a alt='图书馆'>", &[]);
        check("<img src=a alt='2026 年春运志愿者'>", &[]);
    }

    #[test]
    fn headings_go_down_by_one() {
        assert_eq!(codes("<h2>甲</h2>"), ["heading-count"]);
        assert_eq!(codes("<h1>甲</h1><h1>乙</h1>"), ["heading-count"]);
        check("<h2>甲</h2><h3>乙</h3><h2>丙</h2>", &[]);
        check("<h3>甲</h3>", &["heading-level"]);
        check("<h2>甲</h2><h4>乙</h4>", &["heading-level"]);
    }

    #[test]
    fn links_say_where_they_lead() {
        check("<a href=a></a>", &["empty-link"]);
        check("<a href=a><img src=a alt=''></a>", &["empty-link"]);
        check("<a href=a><img src=a alt='中国文明网'></a>", &[]);
        check("<a href=a aria-label='返回首页'></a>", &[]);
        check("<a href=a aria-hidden=true></a>", &[]);
        check("<a name=a></a>", &[]);
        check("<a href=a>点击这里</a>", &["vague-link"]);
        check("<a href=a>【点此】</a>", &["vague-link"]);
        check("<a href=a>点击报名</a>", &[]);
        check("<a href=a>更多</a>", &[]);
        check("<a href=a>更多</a><a href=a>更多</a>", &[]);
        check("<a href=a>更多</a><a href=b>更多</a>", &["vague-link"]);
        check("<a href=a>更多<span>：公告</span></a><a href=b>更多<span>：要闻</span></a>", &[]);
        check("<a href=a>https://example.org/</a>", &[]);
        check("<a href=a>https://example.org/a/very/long/address?with=a&query=too</a>", &["bare-address"]);
    }

    #[test]
    fn tables_fields_and_ids() {
        check("<table><tr><td>甲<tr><td>乙</table>", &["table-without-head"]);
        check("<table><tr><th>甲<tr><td>乙</table>", &[]);
        check("<table><tr><td>甲</table>", &[]);
        check("<table role=presentation><tr><td>甲<tr><td>乙</table>", &[]);
        check("<input name=q placeholder=搜索>", &["field-without-label"]);
        check("<label for=q>搜索</label><input id=q>", &[]);
        check("<label>搜索 <input></label>", &[]);
        check("<input aria-label=搜索><input type=hidden><input type=submit>", &[]);
        check("<p id=a></p><p id=b></p>", &[]);
        check("<p id=a></p><p id=a></p><p id=a></p>", &["duplicate-id"]);
    }

    #[test]
    fn a_page_names_its_language() {
        let document = Document::parse("<html><body><h1>题</h1>");
        let file = FilePath::new("a.html");
        let found = page(&Page { file: &file, html: "", document: &document, output: None });
        assert_eq!(found[0].diagnostic.code, "page-without-language");
    }
}
