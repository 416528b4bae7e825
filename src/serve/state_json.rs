//! What a browser is told after each change, as JSON: `src/serve/client.js` is its reader.

use std::sync::Arc;

use serde_json::{Value, json};

use super::changes::{ChangedPage, EditedBlock, Fate};
use super::front;
use super::response::{Answer, answer, output_path, recipe};
use super::session::State;
use crate::diagnostic::{At, Diagnostic, FilePath, Language, Position, Severity, Text, draw, position};
use crate::parse::item::Item;
use crate::plan::Recipe;
use crate::source::{Root, SITE_FILE};

/// The browser's end of the line.
pub struct Viewer {
    /// The path that it shows, as in its address.
    pub path: String,
    /// The state up to which it knows what changed.
    pub since: Option<u64>,
}

/// What all viewers are told.
pub struct House<'s> {
    pub server: &'s str,
    pub language: Language,
    pub follow: bool,
}

/// So many messages are told to a browser; how many there are is told beside them.
const TOLD: usize = 200;

/// Tells a viewer what it has to know of this state.
pub fn tell(state: &State, viewer: &Viewer, house: &House<'_>) -> Value {
    let language = house.language;
    let shown = answer(state, &viewer.path);
    let is_front = front::is_front(&viewer.path);
    let (status, hash, broken) = match &shown {
        _ if is_front => (200, front::hash(&front::draw(state, front::language(&viewer.path, language))), None),
        Answer::Page { status, hash, .. } => (*status, hash.to_string(), None),
        Answer::File { .. } | Answer::Redirect(_) => (200, String::new(), None),
        Answer::Broken(mistake) => (500, format!("broken{}", state.number), Some(mistake)),
        Answer::Waiting => (503, format!("waiting{}", state.number), None),
    };
    let changes: Vec<&ChangedPage> = since(state, viewer).flat_map(|change| &change.pages).collect();
    let own = output_path(state, &viewer.path);
    let block = changes.iter().rev().find(|change| Some(&change.path) == own.as_ref()).and_then(|it| it.block.as_ref());
    let (moved, gone) = if status == 404 { fate(state, viewer, language) } else { (Value::Null, Value::Null) };
    let mut diagnostics = diagnostics(state, language);
    diagnostics.extend(broken.map(|mistake| tell_diagnostic(mistake, &state.root, language)));
    let errors = count(state, Severity::Error) + usize::from(broken.is_some());
    let mut newest: Vec<Value> = Vec::new();
    for change in changes.iter().rev() {
        let told = json!({ "url": change.url, "title": change.title, "block": change.block.as_ref().map(tell_block) });
        if !newest.iter().any(|known| known["url"] == told["url"]) {
            newest.push(told);
        }
    }
    json!({
        "server": house.server,
        "edition": state.number,
        "page": {
            "hash": hash, "status": status, "source": if status == 404 { Value::Null } else { source(state, viewer, block) },
            "badges": item(state, viewer).map_or_else(Vec::new, |item| badges(state, item, language)),
            "moved": moved, "gone": gone,
        },
        "marks": marks(state, language),
        "diagnostics": diagnostics,
        "counts": { "error": errors, "warning": count(state, Severity::Warning) },
        "stale": state.stale,
        "changes": newest,
        "untold": since(state, viewer).map(|change| change.untold).sum::<usize>(),
        "resources": since(state, viewer).flat_map(|change| &change.resources).collect::<Vec<_>>(),
        "block": block.map(tell_block),
        "follow": house.follow,
    })
}

fn since<'s>(state: &'s State, viewer: &Viewer) -> impl Iterator<Item = &'s super::changes::Change> {
    let since = viewer.since.unwrap_or(state.number);
    state.history.iter().map(Arc::as_ref).filter(move |change| change.number > since)
}

fn tell_block(block: &EditedBlock) -> Value {
    json!({ "html": block.html, "nth": block.nth })
}

/// The item whose page a viewer looks at.
fn item<'s>(state: &'s State, viewer: &Viewer) -> Option<&'s Item> {
    match recipe(state, &viewer.path)? {
        Recipe::Item(id) => Some(state.edition.as_ref()?.plan.site.item(*id)),
        _ => None,
    }
}

/// The file to edit: an item's own, at the block that was edited last; for a list `site.yaml`, which names it.
fn source(state: &State, viewer: &Viewer, block: Option<&EditedBlock>) -> Value {
    let file = item(state, viewer).map_or_else(|| FilePath::new(SITE_FILE), |item| item.file.clone());
    let at = block.and_then(|block| Some(position(&state.root.excerpt(&file)?, block.start)));
    json!({ "file": file.as_str(), "editor": editor(&state.root, &file, at) })
}

/// The address that opens a file at a place in VS Code.
pub fn editor(root: &Root, file: &FilePath, at: Option<Position>) -> String {
    let path = root.on_disk(file).to_string_lossy().replace('\\', "/");
    let path = crate::plan::url::encode(path.trim_start_matches('/'));
    let Position { line, column } = at.unwrap_or(Position { line: 1, column: 1 });
    format!("vscode://file/{path}:{line}:{column}")
}

/// Why an item would not be published at this moment.
pub fn badges(state: &State, item: &Item, language: Language) -> Vec<Value> {
    let Some(edition) = &state.edition else { return Vec::new() };
    let now = edition.plan.site.now.seconds;
    let front_matter = &item.front_matter;
    let mut badges = Vec::new();
    let mut add = |kind: &str, text: Text| badges.push(json!({ "kind": kind, "text": text.get(language) }));
    if front_matter.draft {
        add("draft", Text::new("草稿", "draft"));
    }
    if let Some(date) = front_matter.date.as_ref().filter(|date| date.seconds > now) {
        add("future", Text::new(format!("定于 {date} 发布"), format!("due on {date}")));
    }
    badges
}

/// The pages that lists show here and not on the published site.
fn marks(state: &State, language: Language) -> Vec<Value> {
    let Some(edition) = &state.edition else { return Vec::new() };
    let plan = &edition.plan;
    let pages = plan.site.page_ids().flat_map(|id| {
        let told = badges(state, plan.site.item(id), language).into_iter().next()?;
        Some(json!({ "url": plan.addresses().url(plan.item_path(id)), "kind": told["kind"], "text": told["text"] }))
    });
    pages.take(TOLD).collect()
}

fn fate(state: &State, viewer: &Viewer, language: Language) -> (Value, Value) {
    let known = state.edition.as_ref().zip(output_path(state, &viewer.path));
    let fate = known.and_then(|(edition, path)| Some((edition, state.gone.fate(&path, edition, &state.items)?)));
    match fate {
        Some((edition, Fate::Moved(id))) => {
            let url = edition.plan.addresses().url(edition.plan.item_path(id));
            (json!({ "url": url, "title": edition.plan.site.item(id).front_matter.title }), Value::Null)
        }
        Some((_, Fate::Because(text))) => (Value::Null, json!(text.get(language))),
        None => (Value::Null, Value::Null),
    }
}

/// The messages of the files as they are now.
pub fn diagnostics(state: &State, language: Language) -> Vec<Value> {
    let trouble = state.trouble.as_ref().map(|text| {
        json!({
            "severity": "error", "code": "unreadable", "message": text.get(language), "file": "", "line": 1,
            "column": 1, "drawing": text.get(language), "help": [], "editor": "",
        })
    });
    let by_severity = |severity: Severity| state.diagnostics.iter().filter(move |it| it.severity == severity);
    let found = by_severity(Severity::Error).chain(by_severity(Severity::Warning)).take(TOLD);
    trouble.into_iter().chain(found.map(|it| tell_diagnostic(it, &state.root, language))).collect()
}

/// How many messages there are of this severity, told or not.
pub fn count(state: &State, severity: Severity) -> usize {
    let trouble = state.trouble.iter().filter(|_| severity == Severity::Error).count();
    trouble + state.diagnostics.iter().filter(|it| it.severity == severity).count()
}

fn tell_diagnostic(diagnostic: &Diagnostic, root: &Root, language: Language) -> Value {
    let place = &diagnostic.place;
    let at = match (&place.at, root.excerpt(&place.file)) {
        (At::Bytes(start, _), Some(text)) => Some(position(&text, *start)),
        _ => None,
    };
    let Position { line, column } = at.unwrap_or(Position { line: 1, column: 1 });
    // The help is told apart: it may wrap, the excerpt may not.
    let excerpt = Diagnostic { help: Vec::new(), ..diagnostic.clone() };
    json!({
        "severity": if diagnostic.severity == Severity::Error { "error" } else { "warning" },
        "code": diagnostic.code,
        "message": diagnostic.message.get(language),
        "file": place.file.as_str(), "line": line, "column": column,
        "drawing": draw(&excerpt, language, false, &|file| root.excerpt(file)),
        "help": diagnostic.help.iter().map(|help| help.get(language)).collect::<Vec<_>>(),
        "editor": editor(root, &place.file, at),
    })
}
