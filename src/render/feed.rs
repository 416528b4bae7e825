//! Atom (RFC 4287) and JSON Feed 1.1.

use std::fmt::Write;

use serde::Serialize;

use super::escape_xml;
use crate::plan::view::FeedView;

pub fn atom(feed: &FeedView) -> String {
    let mut xml = String::with_capacity(16 * 1024);
    let text = |name: &str, content: &str| format!("<{name}>{}</{name}>\n", escape_xml(content));
    let url = escape_xml(&feed.home_url);
    write!(
        xml,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n\
         {}{}{}<link rel=\"self\" type=\"application/atom+xml\" href=\"{}\"/>\n<link rel=\"alternate\" type=\"text/html\" href=\"{url}\"/>\n\
         <author>{}</author>\n<generator>Xinfeng</generator>\n",
        escape_xml(&feed.language),
        text("id", &feed.feed_url),
        text("title", &feed.title),
        text("updated", &feed.updated),
        escape_xml(&feed.feed_url),
        text("name", &feed.author).trim_end(),
    )
    .expect("a string takes all");
    for entry in &feed.entries {
        xml.push_str("<entry>\n");
        for (name, content) in
            [("id", &entry.url), ("title", &entry.title), ("published", &entry.published), ("updated", &entry.updated)]
        {
            xml.push_str(&text(name, content));
        }
        writeln!(xml, "<link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>", escape_xml(&entry.url))
            .expect("a string takes all");
        if let Some(author) = &entry.author {
            writeln!(xml, "<author>{}</author>", text("name", author).trim_end()).expect("a string takes all");
        }
        for tag in &entry.tags {
            writeln!(xml, "<category term=\"{}\"/>", escape_xml(tag)).expect("a string takes all");
        }
        xml.push_str(&text("summary", &entry.summary));
        xml.push_str("</entry>\n");
    }
    xml.push_str("</feed>\n");
    xml
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
