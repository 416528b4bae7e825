//! The structure of a body without its words: what must stay when only words are corrected.

use pulldown_cmark::Event;

use super::cjk;

/// The blocks, marks, links, code and raw HTML of a body in their order; a stretch of text is one entry without its words.
pub fn outline(markdown: &str) -> Vec<String> {
    let prepared = cjk::prepare(markdown);
    let mut outline: Vec<String> = Vec::new();
    for event in super::parser(&prepared) {
        let entry = match event {
            // A space between two links may go.
            Event::Text(text) if cjk::restore(&text).trim().is_empty() => continue,
            Event::Text(_) => "text".to_owned(),
            event => format!("{event:?}"),
        };
        if entry != "text" || outline.last().is_none_or(|last| last != "text") {
            outline.push(entry);
        }
    }
    outline
}
