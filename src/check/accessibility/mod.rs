//! What keeps readers out: pictures without words, headings out of order, links that say nothing, fields without labels.
//!
//! The rules are those of WCAG 2.1 AA that can be told from a file. Start at
//! [`page`] and [`item`].

mod pictures;
mod structure;
mod links;
mod contrast;

use rustc_hash::FxHashMap;

use super::html::{Document, ElementId};
use super::rule::{Finding, Rule};
use super::subject::{Context, ItemFile, Page};
use crate::parse::passages::Kind;
pub use contrast::site;
use links::{SHORT_WORDS, bare_address, links, vague_link};
use pictures::{pictures, poor_alt};
use structure::{duplicate_ids, fields, headings, language, skipped_level, tables};

pub const RULES: &[Rule] = &[
    pictures::IMAGE_WITHOUT_ALT,
    pictures::POOR_ALT,
    structure::HEADING_COUNT,
    structure::HEADING_LEVEL,
    links::EMPTY_LINK,
    links::VAGUE_LINK,
    links::BARE_ADDRESS,
    structure::TABLE_WITHOUT_HEAD,
    structure::PAGE_WITHOUT_LANGUAGE,
    structure::FIELD_WITHOUT_LABEL,
    structure::DUPLICATE_ID,
    contrast::LOW_CONTRAST,
];

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

/// Whether any link says a word that may stand only once on a page.
pub fn has_short_link(document: &Document) -> bool {
    let names = Names::of(document);
    document.named("a").any(|(id, _)| SHORT_WORDS.contains(&links::plain(names.get(id))))
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
        for text in document.texts.iter().filter(|text| document.is_readable(text) && !text.is_blank()) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::FilePath;

    fn codes(body: &str) -> Vec<String> {
        let html = format!("<html lang=zh><body>{body}</body></html>");
        let document = Document::parse(&html);
        let file = FilePath::new("a.html");
        let found =
            page(&Page { file: &file, html: &html, document: &document, output: None, seen: &Default::default() });
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
        check("<p id=t>搜索</p><input aria-labelledby=t>", &[]);
        check("<input aria-labelledby=t>", &["field-without-label"]);
        check("<input aria-label=搜索><input type=hidden><input type=submit>", &[]);
        check("<p id=a></p><p id=b></p>", &[]);
        check("<p id=a></p><p id=a></p><p id=a></p>", &["duplicate-id"]);
    }

    #[test]
    fn a_page_names_its_language() {
        let document = Document::parse("<html><body><h1>题</h1>");
        let file = FilePath::new("a.html");
        let found = page(&Page { file: &file, html: "", document: &document, output: None, seen: &Default::default() });
        assert_eq!(found[0].diagnostic.code, "page-without-language");
    }
}
