//! Site maps for search engines (sitemaps.org) and `robots.txt` (RFC 9309).

use std::fmt::Write;

use super::escape_xml;
use crate::plan::view::{RobotsView, SitemapIndexView, SitemapView};

const XML: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

pub fn draw(sitemap: &SitemapView) -> String {
    let mut xml = String::with_capacity(sitemap.entries.len() * 128 + 128);
    writeln!(xml, "{XML}<urlset xmlns=\"{NAMESPACE}\">").expect("a string takes all");
    for (url, changed) in &sitemap.entries {
        let changed = changed.as_ref().map(|day| format!("<lastmod>{day}</lastmod>")).unwrap_or_default();
        writeln!(xml, "<url><loc>{}</loc>{changed}</url>", escape_xml(url)).expect("a string takes all");
    }
    xml.push_str("</urlset>\n");
    xml
}

pub fn index(index: &SitemapIndexView) -> String {
    let mut xml = format!("{XML}<sitemapindex xmlns=\"{NAMESPACE}\">\n");
    for url in &index.parts {
        writeln!(xml, "<sitemap><loc>{}</loc></sitemap>", escape_xml(url)).expect("a string takes all");
    }
    xml.push_str("</sitemapindex>\n");
    xml
}

pub fn robots(robots: &RobotsView) -> String {
    format!("User-agent: *\nAllow: /\n\nSitemap: {}\n", robots.sitemap_url)
}
