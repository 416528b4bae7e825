//! Atom (RFC 4287) and JSON Feed 1.1.

use serde::Serialize;

use super::push_escaped;
use crate::plan::view::FeedView;

pub fn atom(feed: &FeedView) -> String {
    let mut xml = String::with_capacity(32 * 1024);
    xml.push_str("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    put(&mut xml, "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"", &feed.language, "\">\n");
    put(&mut xml, "<id>", &feed.feed_url, "</id>\n");
    put(&mut xml, "<title>", &feed.title, "</title>\n");
    put(&mut xml, "<updated>", &feed.updated, "</updated>\n");
    put(&mut xml, "<link rel=\"self\" type=\"application/atom+xml\" href=\"", &feed.feed_url, "\"/>\n");
    put(&mut xml, "<link rel=\"alternate\" type=\"text/html\" href=\"", &feed.home_url, "\"/>\n");
    put(&mut xml, "<author><name>", &feed.author, "</name></author>\n");
    xml.push_str("<generator>Xinfeng</generator>\n");
    for entry in &feed.entries {
        put(&mut xml, "<entry>\n<id>", &entry.url, "</id>\n");
        put(&mut xml, "<title>", &entry.title, "</title>\n");
        put(&mut xml, "<published>", &entry.published, "</published>\n");
        put(&mut xml, "<updated>", &entry.updated, "</updated>\n");
        put(&mut xml, "<link rel=\"alternate\" type=\"text/html\" href=\"", &entry.url, "\"/>\n");
        if let Some(author) = &entry.author {
            put(&mut xml, "<author><name>", author, "</name></author>\n");
        }
        for tag in &entry.tags {
            put(&mut xml, "<category term=\"", tag, "\"/>\n");
        }
        put(&mut xml, "<summary>", &entry.summary, "</summary>\n</entry>\n");
    }
    xml.push_str("</feed>\n");
    xml
}

/// Appends a text, escaped, between two pieces of markup.
fn put(xml: &mut String, before: &str, text: &str, after: &str) {
    xml.push_str(before);
    push_escaped(text, xml);
    xml.push_str(after);
}

/// A JSON Feed, its members in the order of the standard's example.
#[derive(Serialize)]
struct JsonFeed<'f> {
    version: &'static str,
    title: &'f str,
    home_page_url: &'f str,
    feed_url: &'f str,
    language: &'f str,
    authors: [Author<'f>; 1],
    items: Vec<JsonItem<'f>>,
}

#[derive(Serialize)]
struct JsonItem<'f> {
    id: &'f str,
    url: &'f str,
    title: &'f str,
    content_text: &'f str,
    summary: &'f str,
    date_published: &'f str,
    date_modified: &'f str,
    tags: &'f [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'f str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authors: Option<[Author<'f>; 1]>,
}

#[derive(Serialize)]
struct Author<'f> {
    name: &'f str,
}

pub fn json(feed: &FeedView) -> String {
    let items = feed.entries.iter().map(|entry| JsonItem {
        id: &entry.url,
        url: &entry.url,
        title: &entry.title,
        content_text: &entry.summary,
        summary: &entry.summary,
        date_published: &entry.published,
        date_modified: &entry.updated,
        tags: &entry.tags,
        image: entry.image.as_deref(),
        authors: entry.author.as_deref().map(|name| [Author { name }]),
    });
    let feed = JsonFeed {
        version: "https://jsonfeed.org/version/1.1",
        title: &feed.title,
        home_page_url: &feed.home_url,
        feed_url: &feed.feed_url,
        language: &feed.language,
        authors: [Author { name: &feed.author }],
        items: items.collect(),
    };
    serde_json::to_string_pretty(&feed).expect("texts and lists of them are always JSON") + "\n"
}
