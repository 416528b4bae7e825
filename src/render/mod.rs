//! Stage 5, RENDER: a theme and a view become bytes.
//!
//! Never sees the site or the output folder, and never knows whether anybody is watching.
//! Start at [`Renderer::render`].

mod theme;
mod feed;
mod calendar;
mod sitemap;

pub use theme::{Theme, ThemeError};

use std::sync::Arc;

use tera::{Context, Value};

use crate::diagnostic::{Diagnostic, FilePath};
use crate::fingerprint::{ENGINE, Fingerprint, fingerprint};
use crate::plan::Ingredients;
use crate::plan::view::{SiteView, ToValue, View};

/// A theme that knows the site it draws.
pub struct Renderer {
    theme: Arc<Theme>,
    site: Value,
    digest: Fingerprint,
}

/// What an output consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    Bytes(Vec<u8>),
    /// The bytes of a file of the site.
    Copy(FilePath),
}

impl Renderer {
    pub fn new(theme: Arc<Theme>, site: &SiteView) -> Self {
        let digest = fingerprint(&(ENGINE, theme.digest, fingerprint(site)));
        Self { theme, site: site.to_value(), digest }
    }

    /// The hash of the theme and of what all pages share.
    pub fn digest(&self) -> Fingerprint {
        self.digest
    }

    /// Tells everything that the output depends on: engine, theme, what all pages share, and the ingredients.
    pub fn fingerprint(&self, ingredients: &Ingredients<'_>) -> Fingerprint {
        let view = match ingredients {
            Ingredients::Item(parts) => return fingerprint(&(self.digest, parts)),
            Ingredients::View(view) => view,
        };
        match view {
            // Copied files and feeds do not depend on the theme.
            View::File(path, state) => fingerprint(&(ENGINE, path, state)),
            View::Asset(name) => fingerprint(&(ENGINE, name, self.theme.asset(name))),
            View::Atom(_)
            | View::JsonFeed(_)
            | View::Calendar(_)
            | View::Sitemap(_)
            | View::SitemapIndex(_)
            | View::Robots(_) => fingerprint(&(ENGINE, view)),
            _ => fingerprint(&(self.digest, view)),
        }
    }

    /// Draws a view.
    ///
    /// # Errors
    /// A template's mistake, at its line.
    pub fn render(&self, view: &View) -> Result<Content, Diagnostic> {
        let html = |template: &str, mut context: Context| {
            context.insert_value("site", self.site.clone());
            self.theme.render(template, &context).map(Content::Bytes)
        };
        match view {
            View::Home(view) => html("home.html", view.context()),
            View::List(view) => html("list.html", view.context()),
            View::Archive(view) => html("archive.html", view.context()),
            View::Board(view) => html("board.html", view.context()),
            View::Article(view) => html("article.html", view.context()),
            View::Recruitment(view) => html("recruitment.html", view.context()),
            View::Notice(view) => html("notice.html", view.context()),
            View::Page(view) => html("page.html", view.context()),
            View::Districts(view) => html("districts.html", view.context()),
            View::Topics(view) => html("topics.html", view.context()),
            View::SiteMap(view) => html("site-map.html", view.context()),
            View::NotFound(view) => html("404.html", view.context()),
            View::Redirect(view) => html("redirect.html", view.context()),
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
}

/// Escapes a text for XML and HTML; characters that XML 1.0 forbids are left out.
pub fn escape_xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => escaped.push(c),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => escaped.push(c),
        }
    }
    escaped
}
