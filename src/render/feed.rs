//! Atom (RFC 4287) and JSON Feed 1.1.

use std::fmt::Write;

use serde_json::json;

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

pub fn json(feed: &FeedView) -> String {
    let items: Vec<serde_json::Value> = feed
        .entries
        .iter()
        .map(|entry| {
            let mut item = json!({
                "id": entry.url, "url": entry.url, "title": entry.title, "content_text": entry.summary,
                "summary": entry.summary, "date_published": entry.published, "date_modified": entry.updated,
                "tags": entry.tags,
            });
            if let Some(image) = &entry.image {
                item["image"] = json!(image);
            }
            if let Some(author) = &entry.author {
                item["authors"] = json!([{ "name": author }]);
            }
            item
        })
        .collect();
    let feed = json!({
        "version": "https://jsonfeed.org/version/1.1", "title": feed.title, "home_page_url": feed.home_url,
        "feed_url": feed.feed_url, "language": feed.language, "authors": [{ "name": feed.author }], "items": items,
    });
    format!("{feed:#}\n")
}
