//! The only birthplace of output paths and addresses.
//!
//! An [`OutputPath`] is a file below the output folder; [`Addresses`] turns one into what stands in a
//! link. Whatever the site's base URL is, the output paths stay the same.

use std::fmt;
use std::sync::Arc;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use crate::diagnostic::FilePath;
use crate::parse::item::{Item, ItemType};
use crate::parse::registry::{BaseUrl, Column, DistrictId, PermalinkPart, Registry, TopicId};
use crate::source::{CONTENT, STATIC};

/// A file below the output folder, with `/` between its parts, e.g. `news/2020/04/a.html`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutputPath(Arc<str>);

impl OutputPath {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folder that it lies in, and its name there; the folder is empty for the output folder itself.
    pub fn in_folder(&self) -> (&str, &str) {
        self.0.rsplit_once('/').unwrap_or(("", &self.0))
    }

    /// Reads a path from a manifest; `None` where it could leave the output folder.
    pub fn from_manifest(text: &str) -> Option<Self> {
        let path = Self(text.into());
        path.stays_in_the_folder().then_some(path)
    }

    /// Whether it names a file below the output folder. One that is planned always does, but for a forged cache.
    pub fn stays_in_the_folder(&self) -> bool {
        let parts = self.0.as_bytes().split(|byte| *byte == b'/');
        !self.0.as_bytes().contains(&b'\\') && parts.into_iter().all(|part| !matches!(part, b"" | b"." | b".."))
    }

    /// Whether it is an HTML page.
    pub fn is_page(&self) -> bool {
        self.content_type().starts_with("text/html")
    }

    /// The media type of an output, by its ending, as web servers send it.
    pub fn content_type(&self) -> &'static str {
        let ending = self.0.rsplit_once('.').map_or("", |(_, ending)| ending);
        match ending.to_ascii_lowercase().as_str() {
            "html" | "htm" => "text/html; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "js" | "mjs" => "text/javascript; charset=utf-8",
            "json" => "application/json",
            "xml" => "application/xml",
            "ics" => "text/calendar; charset=utf-8",
            "txt" => "text/plain; charset=utf-8",
            "svg" => "image/svg+xml",
            "png" => "image/png",
            "jpg" | "jpeg" => "image/jpeg",
            "gif" => "image/gif",
            "webp" => "image/webp",
            "avif" => "image/avif",
            "ico" => "image/x-icon",
            "pdf" => "application/pdf",
            "mp4" => "video/mp4",
            "webm" => "video/webm",
            "mp3" => "audio/mpeg",
            "ogg" => "audio/ogg",
            "woff2" => "font/woff2",
            "zip" => "application/zip",
            "doc" => "application/msword",
            "xls" => "application/vnd.ms-excel",
            "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            _ => "application/octet-stream",
        }
    }
}

impl fmt::Display for OutputPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A page of an index. Numbers count from the oldest, so that a page keeps its items for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListPage {
    Newest,
    Numbered(u32),
}

/// What a feed or a calendar is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    Site,
    District(DistrictId),
    Topic(TopicId),
}

fn file(path: impl Into<String>) -> OutputPath {
    OutputPath(path.into().into())
}

fn list(folder: &str, page: ListPage) -> OutputPath {
    match page {
        ListPage::Newest => file(format!("{folder}/index.html")),
        ListPage::Numbered(number) => file(format!("{folder}/page-{number}.html")),
    }
}

fn district_folder(registry: &Registry, id: DistrictId) -> String {
    let mut slugs: Vec<&str> = registry.lineage(id).map(|id| registry.district(id).slug.as_str()).collect();
    slugs.push("district");
    slugs.reverse();
    slugs.join("/")
}

fn topic_folder(registry: &Registry, id: TopicId) -> String {
    format!("topic/{}", registry.topic(id).slug)
}

pub fn home() -> OutputPath {
    file("index.html")
}

pub fn column(column: &Column, page: ListPage) -> OutputPath {
    list(&column.slug, page)
}

pub fn district(registry: &Registry, id: DistrictId, page: ListPage) -> OutputPath {
    list(&district_folder(registry, id), page)
}

pub fn topic(registry: &Registry, id: TopicId, page: ListPage) -> OutputPath {
    list(&topic_folder(registry, id), page)
}

pub fn district_topic(registry: &Registry, district: DistrictId, topic: TopicId, page: ListPage) -> OutputPath {
    list(&format!("{}/{}", district_folder(registry, district), topic_folder(registry, topic)), page)
}

pub fn archive() -> OutputPath {
    file("archive/index.html")
}

pub fn archive_year(year: i16) -> OutputPath {
    file(format!("archive/{year:04}/index.html"))
}

pub fn archive_month(year: i16, month: i8, page: ListPage) -> OutputPath {
    list(&format!("archive/{year:04}/{month:02}"), page)
}

pub fn board() -> OutputPath {
    file("board/index.html")
}

pub fn districts() -> OutputPath {
    file("districts/index.html")
}

pub fn topics() -> OutputPath {
    file("topics/index.html")
}

pub fn site_map() -> OutputPath {
    file("site-map.html")
}

pub fn not_found() -> OutputPath {
    file("404.html")
}

pub fn robots() -> OutputPath {
    file("robots.txt")
}

/// The site map for search engines: the first one, or the index of several.
pub fn sitemap() -> OutputPath {
    file("sitemap.xml")
}

pub fn sitemap_part(number: usize) -> OutputPath {
    file(format!("sitemap-{number}.xml"))
}

fn scoped(registry: &Registry, scope: Scope, name: &str) -> OutputPath {
    match scope {
        Scope::Site => file(name),
        Scope::District(id) => file(format!("{}/{name}", district_folder(registry, id))),
        Scope::Topic(id) => file(format!("{}/{name}", topic_folder(registry, id))),
    }
}

pub fn atom_feed(registry: &Registry, scope: Scope) -> OutputPath {
    scoped(registry, scope, "feed.xml")
}

pub fn json_feed(registry: &Registry, scope: Scope) -> OutputPath {
    scoped(registry, scope, "feed.json")
}

pub fn calendar(registry: &Registry, scope: Scope) -> OutputPath {
    scoped(registry, scope, "calendar.ics")
}

/// An item's page, after the site's permalink. Free-standing pages lie at the root.
pub fn item(registry: &Registry, item: &Item) -> OutputPath {
    let slug = &item.front_matter.slug;
    let (Some(column), Some(date)) = (item.column.map(|id| registry.column(id)), item.front_matter.date) else {
        return file(format!("{slug}.html"));
    };
    debug_assert_ne!(item.item_type(), ItemType::Page, "a free-standing page has no column");
    let mut path = String::with_capacity(64);
    for part in &registry.permalink.0 {
        match part {
            PermalinkPart::Text(text) => path.push_str(text),
            PermalinkPart::Column => path.push_str(&column.slug),
            PermalinkPart::Year => path.push_str(&format!("{:04}", date.local.year())),
            PermalinkPart::Month => path.push_str(&format!("{:02}", date.local.month())),
            PermalinkPart::Day => path.push_str(&format!("{:02}", date.local.day())),
            PermalinkPart::Slug => path.push_str(slug.as_str()),
        }
    }
    if path.ends_with('/') {
        path.push_str("index.html");
    }
    OutputPath(path.into())
}

/// An old address. One that names a folder gets an `index.html` there.
pub fn alias(path: &str) -> OutputPath {
    let path = path.trim_start_matches('/');
    let name = path.rsplit('/').next().unwrap_or_default();
    if name.is_empty() {
        file(format!("{path}index.html"))
    } else if name.contains('.') {
        file(path)
    } else {
        file(format!("{path}/index.html"))
    }
}

/// The folders of a path, the outermost one first: `a/b/c` -> `a`, `a/b`.
pub fn folders_of(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

/// A file that items refer to, or one of `static/`: it keeps its path.
pub fn copied(source: &FilePath) -> OutputPath {
    let path = source.as_str();
    let below = [CONTENT, STATIC].iter().find_map(|folder| path.strip_prefix(folder)?.strip_prefix('/'));
    file(below.unwrap_or(path))
}

/// A theme's asset, with its fingerprint in its name: it may be cached for good.
pub fn asset(path: &str, fingerprint: &str) -> OutputPath {
    match path.rsplit_once('.').filter(|(_, ending)| !ending.contains('/')) {
        Some((stem, ending)) => file(format!("assets/{stem}.{fingerprint}.{ending}")),
        None => file(format!("assets/{path}.{fingerprint}")),
    }
}

/// What a path segment cannot hold as it is (RFC 3986), and what HTML would have to escape.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b'&')
    .add(b'\'');

/// Percent-encodes a text for a path, keeping its `/`.
pub fn encode(text: &str) -> String {
    encoded(text, SEGMENT)
}

/// Percent-encodes what is not encoded yet, so that each character is written in one way.
pub fn normalized(path: &str) -> String {
    encode(&percent_decode_str(path).decode_utf8_lossy())
}

/// Percent-encodes a text for a value of a query, as in `mailto:`.
pub fn encode_value(text: &str) -> String {
    const VALUE: &AsciiSet = &SEGMENT.add(b'/').add(b'=').add(b'+').add(b';').add(b',').add(b':').add(b'@');
    encoded(text, VALUE)
}

fn encoded(text: &str, set: &'static AsciiSet) -> String {
    let mut encoded = String::with_capacity(text.len() * 3);
    encoded.extend(utf8_percent_encode(text, set));
    encoded
}

/// Turns output paths into addresses below the site's base URL.
#[derive(Debug, Clone, Copy)]
pub struct Addresses<'a>(pub &'a BaseUrl);

impl Addresses<'_> {
    /// From the host's root, e.g. `/wenming/news/`: what stands in links.
    pub fn url(self, path: &OutputPath) -> String {
        let shown = match path.0.strip_suffix("index.html") {
            Some(folder) if folder.is_empty() || folder.ends_with('/') => folder,
            _ => &path.0,
        };
        let mut url = String::with_capacity(self.0.path.len() + shown.len() + 16);
        url.push_str(&self.0.path);
        url.extend(utf8_percent_encode(shown, SEGMENT));
        url
    }

    /// The whole address, e.g. `https://example.org/wenming/news/`.
    pub fn absolute(self, path: &OutputPath) -> String {
        self.0.origin.clone() + &self.url(path)
    }
}

/// The output that answers a path below the base URL, percent-encoded as in a request, as a web server maps it.
pub fn answering(path: &str) -> OutputPath {
    let path = path.trim_start_matches('/');
    let path = percent_decode_str(path.split(['?', '#']).next().unwrap_or_default()).decode_utf8_lossy();
    if path.is_empty() || path.ends_with('/') { file(format!("{path}index.html")) } else { file(path) }
}
