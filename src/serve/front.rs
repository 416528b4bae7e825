//! The preview's own front page: what was edited last, what waits, what is wrong, and an outline of the site.

use std::fmt::Write;

use super::session::State;
use super::state_json::{badges, count, diagnostics, editor};
use crate::diagnostic::{Language, Severity, Text};
use crate::fingerprint::Fingerprint;
use crate::parse::item::Item;
use crate::pipeline::Edition;
use crate::plan::Recipe;
use crate::plan::url::{self, ListPage};
use crate::render::escape_xml as escape;
use crate::site::PageId;

/// Where it lies, at the server's root.
pub const PATH: &str = "/__preview/";

const NEWEST: usize = 20;

/// Whether a viewer at this path looks at the front page.
pub fn is_front(path: &str) -> bool {
    path.split('?').next() == Some(PATH)
}

/// The language that the address asks for, else the preview's own.
pub fn language(address: &str, own: Language) -> Language {
    match address.split_once("lang=").map(|(_, language)| language) {
        Some(language) if language.starts_with("en") => Language::English,
        Some(language) if language.starts_with("zh") => Language::Chinese,
        _ => own,
    }
}

/// What tells one drawing of the page from another.
pub fn hash(page: &str) -> String {
    Fingerprint::of_bytes(page.as_bytes()).to_string()
}

/// The whole page.
pub fn draw(state: &State, language: Language) -> String {
    let say = |zh: &str, en: &str| Text::new(zh, en).get(language).to_owned();
    let edition = state.edition.as_deref();
    let title = say("预览首页", "Preview");
    let site = edition.map_or_else(String::new, |edition| edition.plan.site.registry.title.clone());
    let home = edition.map(|edition| edition.plan.addresses().url(&url::home()));
    let (tag, other, other_name) = match language {
        Language::Chinese => ("zh-Hans", "en", "English"),
        Language::English => ("en", "zh", "中文"),
    };
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <title>{title} - {site}</title>\n<link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\"/__preview/front.css\">\n</head>\n<body>\n\
         <header><h1>{title}</h1><p>{}</p><nav>{}<a href=\"?lang={other}\" lang=\"{other}\">{other_name}</a></nav></header>\n<main>\n",
        escape(&site),
        home.map_or_else(String::new, |home| format!(
            "<a href=\"{}\">{}</a> ",
            escape(&home),
            say("打开网站", "Open the site")
        )),
        site = escape(&site),
    );
    problems(&mut html, state, language);
    if let Some(edition) = edition {
        newest(&mut html, state, edition, language);
        waiting(&mut html, state, edition, language);
        outline(&mut html, edition, language);
    }
    html.push_str("</main>\n</body>\n</html>\n");
    html
}

fn problems(html: &mut String, state: &State, language: Language) {
    let found = diagnostics(state, language);
    let total = count(state, Severity::Error) + count(state, Severity::Warning);
    let heading = match language {
        Language::Chinese => format!("需要处理（{total}）"),
        Language::English => format!("To be mended ({total})"),
    };
    section(html, "problems", &heading);
    if found.is_empty() {
        paragraph(html, Text::new("没有错误，也没有提醒。", "No errors and no warnings.").get(language));
    }
    if state.stale && state.edition.is_some() {
        let text = Text::new(
            "改正错误之前，网站停在上一次正确的样子。",
            "Until the errors are mended, the site stays as it was when it was last right.",
        );
        paragraph(html, text.get(language));
    }
    for told in &found {
        let text = |key: &str| escape(told[key].as_str().unwrap_or_default());
        // The summary says the message already.
        let drawing = text("drawing");
        let drawing = drawing.split_once('\n').map_or(drawing.as_str(), |(_, excerpt)| excerpt);
        let word = Text::new("怎样改：", "Help: ");
        let helps = told["help"].as_array().into_iter().flatten().filter_map(|help| help.as_str());
        let help: String = helps.map(|help| format!("<p>{}{}</p>", word.get(language), escape(help))).collect();
        let _ = writeln!(
            html,
            "<details class=\"{}\" open><summary><b>{}</b></summary><p><a href=\"{}\">{}:{}</a></p>\
             <pre tabindex=\"0\">{}</pre>{}</details>",
            text("severity"),
            text("message"),
            text("editor"),
            text("file"),
            told["line"],
            drawing,
            help
        );
    }
    let rest = total - found.len();
    if rest > 0 {
        let text = Text::new(format!("还有 {rest} 条"), format!("and {rest} more"));
        paragraph(html, text.get(language));
    }
    html.push_str("</section>\n");
}

/// The items that were edited last since the preview began, then the newest ones.
fn newest(html: &mut String, state: &State, edition: &Edition, language: Language) {
    section(html, "newest", Text::new("最近的改动", "Newest edits").get(language));
    let (site, outputs) = (&edition.plan.site, &edition.plan.outputs);
    let mut edited: Vec<PageId> = Vec::new();
    for page in state.history.iter().rev().flat_map(|change| &change.pages) {
        if let Some(Recipe::Item(id)) = outputs.get(&page.path)
            && !edited.contains(id)
        {
            edited.push(*id);
        }
    }
    let shown = if edited.is_empty() {
        let text = Text::new(
            "预览打开以来还没有改动。最新发布：",
            "Nothing was edited since the preview began. Published last:",
        );
        paragraph(html, text.get(language));
        &site.listed[..site.listed.len().min(NEWEST / 2)]
    } else {
        &edited[..edited.len().min(NEWEST)]
    };
    html.push_str("<ol>\n");
    for id in shown {
        let item = site.item(*id);
        let date = item.front_matter.date.map_or_else(String::new, |date| date.iso());
        let badge = badge(state, item, language);
        let _ = writeln!(html, "<li>{} {badge} <time>{date}</time></li>", link(edition, *id));
    }
    html.push_str("</ol>\n</section>\n");
}

/// A link to an item's page.
fn link(edition: &Edition, id: PageId) -> String {
    let url = edition.plan.addresses().url(edition.plan.item_path(id));
    format!("<a href=\"{}\">{}</a>", escape(&url), escape(&edition.plan.site.item(id).front_matter.title))
}

/// Why an item is not published yet; empty for one that is.
fn badge(state: &State, item: &Item, language: Language) -> String {
    let told = badges(state, item, language);
    let text = told.last().and_then(|badge| badge["text"].as_str());
    text.map_or_else(String::new, |text| format!("<span class=\"badge\">{}</span>", escape(text)))
}

/// Drafts and items that are due later, whether they are shown in this preview or not.
fn waiting(html: &mut String, state: &State, edition: &Edition, language: Language) {
    let now = edition.plan.site.now.seconds;
    let is_due = |item: &Item| item.front_matter.date.is_some_and(|date| date.seconds > now);
    let drafts: Vec<&Item> = state.items.iter().map(AsRef::as_ref).filter(|item| item.front_matter.draft).collect();
    let mut due: Vec<&Item> =
        state.items.iter().map(AsRef::as_ref).filter(|item| !item.front_matter.draft && is_due(item)).collect();
    due.sort_by_key(|item| item.front_matter.date);
    for (id, name, items, option) in [
        ("drafts", Text::new("草稿", "Drafts"), drafts, "--drafts"),
        ("scheduled", Text::new("定时发布", "Scheduled"), due, "--future"),
    ] {
        section(
            html,
            id,
            &match language {
                Language::Chinese => format!("{}（{}）", name.zh, items.len()),
                Language::English => format!("{} ({})", name.en, items.len()),
            },
        );
        html.push_str("<ul>\n");
        let site = &edition.plan.site;
        let mut hidden = 0;
        for item in items.into_iter().take(100) {
            let page = site.page_of(&item.file);
            hidden += usize::from(page.is_none());
            let title = page.map_or_else(|| escape(&item.front_matter.title), |id| link(edition, id));
            let _ = writeln!(
                html,
                "<li>{title} {} <a class=\"file\" href=\"{}\">{}</a></li>",
                badge(state, item, language),
                escape(&editor(&state.root, &item.file, None)),
                escape(item.file.as_str())
            );
        }
        html.push_str("</ul>\n");
        if hidden > 0 {
            let text = Text::new(
                format!("这里面有 {hidden} 篇没有显示在预览的网页里：用 xinfeng serve {option} 启动就能看到。"),
                format!("{hidden} of these have no page in this preview: start it with xinfeng serve {option}."),
            );
            paragraph(html, &escape(text.get(language)));
        }
        html.push_str("</section>\n");
    }
}

/// Columns, districts and topics, each with the number of its items, and the number of all files.
fn outline(html: &mut String, edition: &Edition, language: Language) {
    let plan = &edition.plan;
    let site = &plan.site;
    let registry = &site.registry;
    section(html, "outline", Text::new("网站里有什么", "What the site holds").get(language));
    let text = Text::new(
        format!("{} 篇内容，一共生成 {} 个文件。", site.pages.len(), plan.outputs.len()),
        format!("Items: {}; files in all: {}.", site.pages.len(), plan.outputs.len()),
    );
    paragraph(html, text.get(language));
    let row = |name: &str, path: &url::OutputPath, count: usize| {
        format!("<li><a href=\"{}\">{}</a> {count}</li>\n", escape(&plan.addresses().url(path)), escape(name))
    };
    let columns = registry.column_ids().map(|id| {
        let column = registry.column(id);
        row(&column.name, &url::column(column, ListPage::Newest), site.in_column(id).len())
    });
    list(html, Text::new("栏目", "Columns").get(language), columns.collect());
    let districts = registry.district_ids().map(|id| {
        let path = url::district(registry, id, ListPage::Newest);
        row(&registry.district(id).name, &path, site.in_district(id).len())
    });
    list(html, Text::new("区域", "Districts").get(language), districts.collect());
    let topics = registry.topic_ids().map(|id| {
        let path = url::topic(registry, id, ListPage::Newest);
        row(&registry.topic(id).name, &path, site.in_topic(id).len())
    });
    list(html, Text::new("主题", "Topics").get(language), topics.collect());
    let pages = site.free_standing.iter().map(|id| format!("<li>{}</li>\n", link(edition, *id)));
    list(html, Text::new("单独的页面", "Free-standing pages").get(language), pages.collect());
    html.push_str("</section>\n");
}

fn list(html: &mut String, name: &str, rows: String) {
    if !rows.is_empty() {
        let _ = writeln!(html, "<h3>{}</h3>\n<ul class=\"columns\">\n{rows}</ul>", escape(name));
    }
}

fn section(html: &mut String, id: &str, heading: &str) {
    let _ = writeln!(html, "<section id=\"{id}\">\n<h2>{}</h2>", escape(heading));
}

fn paragraph(html: &mut String, text: &str) {
    let _ = writeln!(html, "<p>{text}</p>");
}

/// The page that stands where there is nothing to show yet; its script shows why.
pub fn waiting_page(language: Language) -> String {
    let (tag, text) = match language {
        Language::Chinese => ("zh-Hans", "网站还不能显示"),
        Language::English => ("en", "The site cannot be shown yet"),
    };
    format!(
        "<!DOCTYPE html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{text}</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\"/__preview/front.css\">\n</head>\n\
         <body>\n<main><h1>{text}</h1></main>\n</body>\n</html>\n"
    )
}
