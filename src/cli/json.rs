//! Messages as JSON, for programs.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::diagnostic::{At, Diagnostic, FilePath, Language, Place, Position, Severity, Text, position};

/// One message in one language; `text_of` gives a file's text, in which lines and columns are counted.
pub(super) fn as_json(
    diagnostic: &Diagnostic,
    language: Language,
    text_of: &dyn Fn(&FilePath) -> Option<Arc<str>>,
) -> Value {
    let place = |place: &Place| {
        let span = span(place, text_of);
        let point = |position: Position| json!({ "line": position.line, "column": position.column });
        json!({
            "file": place.file.as_str(),
            "start": span.map(|(start, _)| point(start)), "end": span.map(|(_, end)| point(end)),
        })
    };
    let say = |text: &Text| text.get(language).to_owned();
    json!({
        "code": diagnostic.code,
        "severity": if diagnostic.severity == Severity::Error { "error" } else { "warning" },
        "message": say(&diagnostic.message), "label": diagnostic.label.as_ref().map(say), "place": place(&diagnostic.place),
        "help": diagnostic.help.iter().map(say).collect::<Vec<_>>(),
        "related": diagnostic.related.iter().map(|(at, text)| json!({ "place": place(at), "message": say(text) })).collect::<Vec<_>>(),
    })
}

/// Where a place begins and ends, if it is more than a file.
pub(super) fn span(place: &Place, text_of: &dyn Fn(&FilePath) -> Option<Arc<str>>) -> Option<(Position, Position)> {
    let (At::Bytes(start, end), Some(text)) = (&place.at, text_of(&place.file)) else { return None };
    Some((position(&text, *start), position(&text, *end)))
}
