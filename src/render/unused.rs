//! Finds the files of a theme that nothing uses, since their name or their folder is misspelt. Start at [`files`].

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::Path;

use crate::diagnostic::{Diagnostic, FilePath, Place, catalogue, nearest};
use crate::source::{Sources, THEMES};

use super::tags;
use super::theme::{DEFAULT, embedded};

/// Warns of the files below `themes/` that look as if they were meant for the theme of this name and are not part of it; of a
/// folder once. `templates` are the theme's texts and those of the embedded one.
pub(super) fn files(theme: &str, sources: &Sources, templates: &BTreeMap<String, String>) -> Vec<Diagnostic> {
    let mut told = BTreeSet::new();
    let mut found = Vec::new();
    for (file, _) in sources.below(THEMES) {
        if let Some((name, near)) = unused(file, theme, templates)
            && told.insert(name.clone())
        {
            found.push(catalogue::unused_theme_file(Place::file(file), &name, &near));
        }
    }
    found
}

/// What of a file's path tells that it is not used, and what may have been meant.
fn unused(file: &FilePath, theme: &str, templates: &BTreeMap<String, String>) -> Option<(String, Vec<String>)> {
    let mut parts = file.as_str().strip_prefix(THEMES)?.strip_prefix('/')?.splitn(3, '/');
    let (folder, part, below) = (parts.next()?, parts.next()?, parts.next());
    let slip = |word: &str, meant: &[&str], around: &str| {
        let near: Vec<String> = slips(word, meant).map(|name| format!("{around}{name}/")).collect();
        (!near.is_empty()).then(|| (format!("{around}{word}/"), near))
    };
    match (part, below) {
        // Another theme, unless only the embedded one is used, which needs no folder here.
        _ if folder != theme => slip(folder, &[DEFAULT], &format!("{THEMES}/")).filter(|_| theme == DEFAULT),
        ("assets", Some(_)) => None,
        ("templates", Some(name)) => {
            let near = near_unused(name, templates)?.into_iter().map(|name| format!("templates/{name}"));
            Some((format!("templates/{name}"), near.collect()))
        }
        (part, Some(_)) => slip(part, &["templates", "assets"], ""),
        (name, None) => {
            let is_known = templates.contains_key(&format!("{DEFAULT}/{name}"));
            is_known.then(|| (name.to_owned(), vec![format!("templates/{name}")]))
        }
    }
}

/// Of a template that replaces none, defines no component, and that no other one names: the names it may have been meant to have.
fn near_unused<'t>(name: &str, templates: &'t BTreeMap<String, String>) -> Option<Vec<&'t str>> {
    let text = templates.get(name)?;
    let replaces = templates.contains_key(&format!("{DEFAULT}/{name}"));
    let is_named = || templates.iter().any(|(other, text)| other != name && text.contains(&format!("\"{name}\"")));
    if replaces || tags::defines_component(text) || is_named() {
        return None;
    }
    // A folder that both are in would make all names in it look near.
    let known: Vec<&str> = templates.keys().filter_map(|name| embedded(name)).collect();
    let near = nearest(stem(name), known.iter().map(|name| stem(name)));
    Some(near.into_iter().filter_map(|near| known.iter().copied().find(|name| stem(name) == near)).collect())
}

/// A template's name without its folder and ending.
fn stem(name: &str) -> &str {
    Path::new(name).file_stem().and_then(OsStr::to_str).unwrap_or(name)
}

/// The names that a word is with a slip in it, rather than made from on purpose (`default-2025`).
fn slips<'n>(word: &str, names: &[&'n str]) -> impl Iterator<Item = &'n str> {
    let is_slip =
        move |name: &&str| name.strip_suffix('s') == Some(word) || !word.contains(name) && !name.contains(word);
    nearest(word, names.iter().copied()).into_iter().filter(is_slip)
}
