//! Balances a body that holds raw HTML, so that nothing in it can break the page around it.
//!
//! [`raw`](super::raw) has already left out what is not allowed. The sanitizer parses the result as
//! a browser does, which puts every tag in its place, and is the second line of defence.

use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::Builder;

use super::cjk::PAD;
use super::{Hole, raw};

/// Writes the attribute that stands for a hole until [`balance`] finds it again. No text can fake
/// it, because the writer drops every [`PAD`] from what it escapes.
pub fn mark(into: &mut String, attribute: &str, link: usize) {
    into.push(' ');
    into.push_str(attribute);
    into.push_str("=\"");
    into.push(PAD);
    into.push_str(&link.to_string());
    into.push('"');
}

/// Appends the balanced form of `marked` and turns its marks into holes.
pub fn balance(marked: &str, text: &mut String, holes: &mut Vec<Hole>) {
    let balanced = SANITIZER.clean(marked).to_string();
    let mut parts = balanced.split(PAD);
    let mut before = parts.next().unwrap_or_default();
    for part in parts {
        // ` href="` stands at the end of `before`, `12"` at the beginning of `part`.
        let start = before.rfind(' ').unwrap_or(before.len());
        let (link, after) = part.split_once('"').unwrap_or((part, ""));
        text.push_str(&before[..start]);
        if let Ok(link) = link.parse() {
            holes.push(Hole { at: text.len() as u32, link });
        }
        before = after;
    }
    text.push_str(before);
}

/// Allows the raw tags and those that the writer generates, with the attributes of both.
static SANITIZER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(raw::allowed_tags().chain(["h1", "input"]).collect())
        .tag_attributes(raw::allowed_attributes().collect())
        .add_tag_attributes("input", ["type", "disabled", "checked"])
        .add_tag_attributes("a", ["href"])
        .add_tag_attributes("img", ["src", "loading", "decoding"])
        .add_tag_attributes("audio", ["src"])
        .add_tag_attributes("video", ["src", "poster"])
        .add_tag_attributes("source", ["src"])
        .generic_attributes(HashSet::from(["class", "dir", "id", "lang", "role", "tabindex", "title", "aria-label"]))
        // Real addresses are still holes, so only `#id` and the marks need to pass.
        .url_schemes(HashSet::new())
        .link_rel(None);
    builder
});
