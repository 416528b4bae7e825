//! What may be written at the cursor: keys, the site's own names, words of a closed list, links to other items, and pictures.

use std::ops::Range;

use lsp_types::{CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, TextEdit};

use super::cursor::{Cursor, parent_path, resolve};
use super::documents::Documents;
use super::positions;
use crate::diagnostic::{FilePath, Language};
use crate::parse::asked::{Key, Shape, Subject};
use crate::parse::registry::Registry;
use crate::schema::{keys, said};
use crate::source::CONTENT;

/// What may stand at a byte of an open file.
pub fn complete(documents: &Documents, file: &FilePath, offset: usize, language: Language) -> Vec<CompletionItem> {
    let Some(text) = documents.open.get(file) else { return Vec::new() };
    let Some(cursor) = Cursor::at(file, text, offset) else { return Vec::new() };
    let (word, offers) = match cursor {
        Cursor::Link { word } => (word, links(documents)),
        Cursor::Picture { word } => (word, pictures(documents)),
        Cursor::Key { parents, word } => {
            let subject = documents.subject(file, text);
            (word, subject.map_or_else(Vec::new, |subject| offer_keys(subject, &parents, text, language)))
        }
        Cursor::Value { path, word } => {
            let key = documents.subject(file, text).and_then(|subject| resolve(subject, &path));
            (word, key.map_or_else(Vec::new, |key| values(documents, key, language)))
        }
    };
    offers.into_iter().map(|offer| offer.item(text, &word)).collect()
}

/// One thing to choose.
struct Offer {
    label: String,
    /// What is typed for it, where it is not the label.
    text: Option<String>,
    detail: String,
    about: Option<String>,
    kind: CompletionItemKind,
}

impl Offer {
    fn new(label: impl Into<String>, detail: impl Into<String>, kind: CompletionItemKind) -> Self {
        Self { label: label.into(), text: None, detail: detail.into(), about: None, kind }
    }

    fn item(self, text: &str, word: &Range<usize>) -> CompletionItem {
        let new_text = self.text.unwrap_or_else(|| self.label.clone());
        let range = positions::range(text, word);
        CompletionItem {
            filter_text: Some(format!("{} {}", self.label, self.detail)),
            label: self.label,
            kind: Some(self.kind),
            detail: Some(self.detail),
            documentation: self.about.map(Documentation::String),
            text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text })),
            ..CompletionItem::default()
        }
    }
}

/// The keys below a path, each under both names; at the top, without those that are there.
fn offer_keys(subject: Subject, parents: &[String], text: &str, language: Language) -> Vec<Offer> {
    let Some(path) = parent_path(subject, parents) else { return Vec::new() };
    let is_written = |key: &Key| {
        let begins = |line: &str, name: &str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(':'));
        parents.is_empty() && text.lines().any(|line| begins(line, key.name()) || begins(line, key.alias))
    };
    let open = keys(subject, &path).into_iter().filter(|key| !is_written(key));
    open.flat_map(|key| {
        let words = said(subject, key);
        let about = format!("{}\n{}: {}", words.meaning.get(language), key.name(), words.example);
        [(key.name(), key.alias), (key.alias, key.name())].map(|(label, other)| Offer {
            text: Some(format!("{label}: ")),
            about: Some(about.clone()),
            ..Offer::new(label, other, CompletionItemKind::PROPERTY)
        })
    })
    .collect()
}

fn values(documents: &Documents, key: &Key, language: Language) -> Vec<Offer> {
    let plain = |word: &str, detail: &str| Offer::new(word, detail, CompletionItemKind::ENUM_MEMBER);
    match (&key.shape, &documents.registry) {
        (Shape::Word(words), _) => words.iter().map(|word| plain(word, "")).collect(),
        (Shape::Flag, _) => vec![plain("true", "是"), plain("false", "否")],
        (Shape::District, Some(registry)) => districts(registry, key, language),
        (Shape::Topic, Some(registry)) => registry.topics.iter().map(|topic| plain(&topic.name, &topic.slug)).collect(),
        _ => Vec::new(),
    }
}

fn districts(registry: &Registry, key: &Key, language: Language) -> Vec<Offer> {
    let whole = if language == Language::Chinese { "全站" } else { "the whole site" };
    let all = key.list.then(|| Offer::new("all", whole, CompletionItemKind::ENUM_MEMBER));
    let each = registry.district_ids().map(|id| {
        let detail = format!("{} {}", registry.qualified(id), registry.district(id).slug);
        Offer::new(registry.unambiguous(id), detail, CompletionItemKind::ENUM_MEMBER)
    });
    all.into_iter().chain(each).collect()
}

/// All items, as links that are right in any folder.
fn links(documents: &Documents) -> Vec<Offer> {
    let offer = |item: &std::sync::Arc<crate::parse::item::Item>| {
        let path = item.file.as_str().trim_start_matches(CONTENT);
        let target = link_target(path);
        Offer { text: Some(target), ..Offer::new(item.front_matter.title.clone(), path, CompletionItemKind::FILE) }
    };
    documents.items().map(offer).collect()
}

/// All pictures beside the items, likewise.
fn pictures(documents: &Documents) -> Vec<Offer> {
    let files = documents.site.iter().flat_map(|(_, sources)| sources.files.keys());
    let offer = |file: &FilePath| {
        let path = file.as_str().strip_prefix(CONTENT)?;
        let target = link_target(path);
        Some(Offer { text: Some(target), ..Offer::new(file.name(), path, CompletionItemKind::FILE) })
    };
    files.filter(|file| file.is_picture()).filter_map(offer).collect()
}

/// A path as Markdown takes it between parentheses. Chinese characters stay readable.
fn link_target(path: &str) -> String {
    let escaped = |c: char| match c {
        ' ' | '(' | ')' | '<' | '>' | '#' | '?' | '%' | '\\' => format!("%{:02X}", u32::from(c)),
        c => c.to_string(),
    };
    path.chars().map(escaped).collect()
}
