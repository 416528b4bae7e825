//! Stage 5, RENDER: a theme and a view become bytes.
//!
//! Never sees the site or the output folder, and never knows whether anybody is watching.
//! Start at [`Renderer::render`].

mod theme;
mod styles;
mod unused;
mod feed;
mod calendar;
mod sitemap;
mod tags;

pub use theme::{Theme, ThemeError};

use std::collections::BTreeMap;
use std::sync::Arc;

use tera::{Context, Tera, Value};

use crate::diagnostic::{Diagnostic, FilePath};
use crate::fingerprint::{ENGINE, Fingerprint, fingerprint};
use crate::parse::item::ItemType;
use crate::plan::Ingredients;
use crate::plan::view::{
    ArchiveView, ArticleView, BoardView, Card, CardForm, DistrictsView, HomeView, ListView, NotFoundView,
    NoticePageView, PageView, RecruitmentPageView, RedirectView, SiteMapView, SiteView, TopicsView, View,
};

/// A theme that knows the site it draws.
pub struct Renderer {
    pub theme: Arc<Theme>,
    /// Its templates, as far as they can be drawn for this site.
    tera: Tera,
    site: Value,
    /// In which forms pages that are to be drawn show cards.
    forms: Vec<CardForm>,
    digest: Fingerprint,
    /// The hash of the part of it that each template's pages depend on.
    frames: BTreeMap<&'static str, Fingerprint>,
}

/// The variable of lists with each card as the component `entry` draws it, and that of items with each related one as
/// `line` draws it.
const ENTRIES: &str = "entries";
const RELATED_LINES: &str = "related_lines";

/// The template of lists.
pub const LIST: &str = "list.html";

/// The templates that draw pages.
pub(crate) const PAGE_TEMPLATES: [&str; 13] = [
    "home.html",
    LIST,
    "archive.html",
    "board.html",
    "article.html",
    "recruitment.html",
    "notice.html",
    "page.html",
    "districts.html",
    "topics.html",
    "site-map.html",
    "404.html",
    "redirect.html",
];

/// The variables of pages, for messages.
const VARIABLES: [&[&str]; 14] = [
    &["site", ENTRIES, RELATED_LINES],
    HomeView::FIELDS,
    ListView::FIELDS,
    ArchiveView::FIELDS,
    BoardView::FIELDS,
    ArticleView::FIELDS,
    RecruitmentPageView::FIELDS,
    NoticePageView::FIELDS,
    PageView::FIELDS,
    DistrictsView::FIELDS,
    TopicsView::FIELDS,
    SiteMapView::FIELDS,
    NotFoundView::FIELDS,
    RedirectView::FIELDS,
];

/// What an output consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    Bytes(Vec<u8>),
    /// The bytes of a file of the site.
    Copy(FilePath),
}

impl Renderer {
    pub fn new(theme: Arc<Theme>, site: &SiteView) -> Self {
        let shared = fingerprint(site);
        let digest = fingerprint(&(ENGINE, theme.digest, shared));
        let frame = |template| (template, fingerprint(&(ENGINE, theme.digest_of(template), shared)));
        let frames = PAGE_TEMPLATES.into_iter().map(frame).collect();
        let site = Value::from_serializable(site);
        let forms = [(ENTRIES, CardForm::Entry), (RELATED_LINES, CardForm::Line)];
        let forms = forms.into_iter().filter(|(variable, _)| theme.uses(variable)).map(|(_, form)| form).collect();
        Self { tera: theme.for_site(&site), theme, site, forms, digest, frames }
    }

    /// Takes note that most lists are drawn already.
    pub fn leave_lists(&mut self) {
        self.forms.retain(|form| *form != CardForm::Entry);
    }

    /// The hash of the theme and of what all pages share.
    pub fn digest(&self) -> Fingerprint {
        self.digest
    }

    /// The hash of what all pages of one template share.
    pub fn frames(&self) -> &BTreeMap<&'static str, Fingerprint> {
        &self.frames
    }

    /// Tells everything that the output depends on: engine, theme, what all pages share, and the ingredients.
    pub fn fingerprint(&self, ingredients: &Ingredients<'_>) -> Fingerprint {
        let kind = self.kind(ingredients);
        let frame = self.frames.get(kind).or_else(|| kind.ends_with(".html").then_some(&self.digest));
        match (frame, ingredients) {
            (Some(frame), ingredients) => fingerprint(&(frame, ingredients)),
            // Copied files and feeds do not depend on templates.
            (None, Ingredients::View(View::Asset(name))) => fingerprint(&(ENGINE, name, self.theme.asset(name))),
            (None, ingredients) => fingerprint(&(ENGINE, ingredients)),
        }
    }

    /// The name of the template that draws it, or of what else does.
    pub fn kind(&self, ingredients: &Ingredients<'_>) -> &'static str {
        match ingredients {
            Ingredients::View(view) => kind_of(view),
            Ingredients::List(_) => LIST,
            Ingredients::Item(parts) => template_of(parts.item.0.item_type()),
        }
    }

    /// Draws a view.
    ///
    /// # Errors
    /// A template's mistake, at its line.
    pub fn render(&self, view: &View) -> Result<Content, Diagnostic> {
        let template = kind_of(view);
        let is_used = |variable: &str| self.theme.variables(template).contains(variable);
        let html = |mut context: Context| {
            context.insert_value("site", self.site.clone());
            self.theme.render(&self.tera, template, &context).map(Content::Bytes)
        };
        let item = |mut context: Context, related: &[Card]| {
            if is_used(RELATED_LINES) {
                context.insert_value(RELATED_LINES, self.cards(related, CardForm::Line)?);
            }
            html(context)
        };
        match view {
            View::Home(page) => html(page.context(is_used)),
            View::List(page) => {
                let mut context = page.context(is_used);
                if is_used(ENTRIES) {
                    context.insert_value(ENTRIES, self.cards(&page.cards, CardForm::Entry)?);
                }
                html(context)
            }
            View::Archive(page) => html(page.context(is_used)),
            View::Board(page) => html(page.context(is_used)),
            View::Article(page) => item(page.context(is_used), &page.related),
            View::Recruitment(page) => item(page.context(is_used), &page.related),
            View::Notice(page) => item(page.context(is_used), &page.related),
            View::Page(page) => item(page.context(is_used), &page.related),
            View::Districts(page) => html(page.context(is_used)),
            View::Topics(page) => html(page.context(is_used)),
            View::SiteMap(page) => html(page.context(is_used)),
            View::NotFound(page) => html(page.context(is_used)),
            View::Redirect(page) => html(page.context(is_used)),
            View::Atom(view) => Ok(Content::Bytes(feed::atom(view).into_bytes())),
            View::JsonFeed(view) => Ok(Content::Bytes(feed::json(view).into_bytes())),
            View::Calendar(view) => Ok(Content::Bytes(calendar::draw(view).into_bytes())),
            View::Sitemap(view) => Ok(Content::Bytes(sitemap::draw(view).into_bytes())),
            View::SitemapIndex(view) => Ok(Content::Bytes(sitemap::index(view).into_bytes())),
            View::Robots(view) => Ok(Content::Bytes(sitemap::robots(view).into_bytes())),
            View::Asset(name) => Ok(Content::Bytes(self.theme.asset(name).to_vec())),
            View::File(path, _) => Ok(Content::Copy(path.clone())),
        }
    }

    /// What the theme makes of each card.
    fn cards(&self, cards: &[Card], form: CardForm) -> Result<Value, Diagnostic> {
        let drawn = cards.iter().map(|card| self.card(card, form));
        drawn.collect::<Result<Vec<Value>, Diagnostic>>().map(Value::from)
    }

    fn card(&self, card: &Card, form: CardForm) -> Result<Value, Diagnostic> {
        if let Some(html) = card.drawn(form) {
            return Ok(html.clone());
        }
        let (mut arguments, mut shared) = (Context::new(), Context::new());
        arguments.insert_value("card", card.fields());
        shared.insert_value("site", self.site.clone());
        let draw = |form| {
            let component = match form {
                CardForm::Entry => "entry",
                CardForm::Line => "line",
            };
            self.theme.component(component, &arguments, &shared)
        };
        // Its fields are at hand now, for what another page will ask for.
        for other in self.forms.iter().filter(|other| **other != form) {
            // A mistake in it is told by the page that does ask.
            if let Ok(html) = draw(*other) {
                card.keep(*other, html);
            }
        }
        let html = draw(form)?;
        card.keep(form, html.clone());
        Ok(html)
    }
}

/// The template of an item's page.
pub fn template_of(item_type: ItemType) -> &'static str {
    match item_type {
        ItemType::Article => "article.html",
        ItemType::Recruitment => "recruitment.html",
        ItemType::Notice => "notice.html",
        ItemType::Page => "page.html",
    }
}

/// The template of a view's page, or the name of another format.
fn kind_of(view: &View) -> &'static str {
    match view {
        View::Home(_) => "home.html",
        View::List(_) => LIST,
        View::Archive(_) => "archive.html",
        View::Board(_) => "board.html",
        View::Article(_) => template_of(ItemType::Article),
        View::Recruitment(_) => template_of(ItemType::Recruitment),
        View::Notice(_) => template_of(ItemType::Notice),
        View::Page(_) => template_of(ItemType::Page),
        View::Districts(_) => "districts.html",
        View::Topics(_) => "topics.html",
        View::SiteMap(_) => "site-map.html",
        View::NotFound(_) => "404.html",
        View::Redirect(_) => "redirect.html",
        View::Atom(_) => "Atom",
        View::JsonFeed(_) => "JSON Feed",
        View::Calendar(_) => "iCalendar",
        View::Sitemap(_) | View::SitemapIndex(_) => "sitemap.xml",
        View::Robots(_) => "robots.txt",
        View::Asset(_) => "assets",
        View::File(..) => "files",
    }
}

/// Escapes a text for XML and HTML; characters that XML 1.0 forbids are left out.
pub fn escape_xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    push_escaped(text, &mut escaped);
    escaped
}

/// Appends a text as [`escape_xml`] makes it.
fn push_escaped(text: &str, xml: &mut String) {
    // U+FFFE and U+FFFF begin with 0xEF in UTF-8, as full-width marks do.
    let is_special = |byte: u8| byte < b' ' || matches!(byte, b'&' | b'<' | b'>' | b'"' | 0xef);
    let mut rest = text;
    while let Some(at) = rest.bytes().position(is_special) {
        let (plain, from) = rest.split_at(at);
        xml.push_str(plain);
        let mut characters = from.chars();
        match characters.next() {
            Some('&') => xml.push_str("&amp;"),
            Some('<') => xml.push_str("&lt;"),
            Some('>') => xml.push_str("&gt;"),
            Some('"') => xml.push_str("&quot;"),
            Some(c @ ('\t' | '\n' | '\r')) => xml.push(c),
            Some(c) if c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}') => xml.push(c),
            _ => {}
        }
        rest = characters.as_str();
    }
    xml.push_str(rest);
}
