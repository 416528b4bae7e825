//! Outputs that cannot stand beside each other: two at one path, a file where others need a folder, and paths that some disks take
//! for one.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

use super::Recipe;
use super::url::{self, OutputPath};
use crate::diagnostic::{Diagnostic, FilePath, Place, catalogue};
use crate::site::Site;
use crate::source::SITE_FILE;

/// The message for two outputs at one path.
pub fn same_path(site: &Site, path: &OutputPath, old: &Recipe, new: &Recipe) -> Diagnostic {
    let address = format!("/{path}");
    // The message stands where an editor can mend it: at the alias, else at the item.
    let is_other_way = matches!(old, Recipe::Redirect(_)) || matches!(new, Recipe::File(..)) || is_generated(new);
    let (old, new) = if is_other_way { (new, old) } else { (old, new) };
    let (place, other) = (origin(site, new, path), origin(site, old, path));
    match new {
        Recipe::Redirect(_) => catalogue::taken_alias(place, &address, other),
        _ => catalogue::same_address(place, &address, other),
    }
}

/// Files where others need a folder: no disk holds both. `outputs` are in the order of their paths.
pub fn files_for_folders(site: &Site, outputs: &[(OutputPath, Recipe)]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut last = "";
    for below in outputs {
        let path = below.0.as_str();
        let folder = path.rfind('/').map_or("", |end| &path[..end]);
        if folder == last {
            continue;
        }
        // The output before lies in the others.
        let is_new =
            |folder: &&str| last.strip_prefix(*folder).is_none_or(|rest| !rest.is_empty() && !rest.starts_with('/'));
        for folder in url::folders_of(path).filter(is_new) {
            if let Some(file) = at(outputs, folder) {
                // The message stands where an editor can mend it.
                let (wrong, other) = if is_generated(&file.1) { (below, file) } else { (file, below) };
                let places = [wrong, other].map(|(path, recipe)| origin(site, recipe, path));
                let [place, other] = places;
                found.push(catalogue::file_for_folder(place, folder, other));
            }
        }
        last = folder;
    }
    found
}

/// Outputs whose paths differ in case alone. `outputs` are in the order of their paths.
pub fn differing_in_case(site: &Site, outputs: &[(OutputPath, Recipe)]) -> Vec<Diagnostic> {
    let has_capitals = |(path, _): &&(OutputPath, Recipe)| path.as_str().bytes().any(|byte| byte.is_ascii_uppercase());
    let mut seen: HashMap<String, &(OutputPath, Recipe), FxBuildHasher> = HashMap::default();
    let mut found = Vec::new();
    for here in outputs.iter().filter(has_capitals) {
        let small = here.0.as_str().to_ascii_lowercase();
        let Some(other) = at(outputs, &small).or_else(|| seen.insert(small, here)) else { continue };
        // Two old addresses of one page lead to it either way.
        if !matches!((&here.1, &other.1), (Recipe::Redirect(a), Recipe::Redirect(b)) if a == b) {
            let place = |(path, recipe): &(OutputPath, Recipe)| origin(site, recipe, path);
            found.push(catalogue::differs_in_case(place(here), here.0.as_str(), place(other), other.0.as_str()));
        }
    }
    found
}

fn at<'p>(outputs: &'p [(OutputPath, Recipe)], path: &str) -> Option<&'p (OutputPath, Recipe)> {
    let index = outputs.binary_search_by(|(other, _)| other.as_str().cmp(path)).ok()?;
    outputs.get(index)
}

/// Whether an output is made from the whole site rather than from one file.
fn is_generated(recipe: &Recipe) -> bool {
    !matches!(recipe, Recipe::Item(_) | Recipe::Redirect(_) | Recipe::File(..))
}

/// What an output comes from, for messages.
fn origin(site: &Site, recipe: &Recipe, path: &OutputPath) -> Place {
    match recipe {
        Recipe::Item(id) => Place::file(&site.item(*id).file),
        Recipe::Redirect(id) => {
            let item = site.item(*id);
            let alias = item.front_matter.aliases.iter().find(|(alias, _)| url::alias(alias) == *path);
            alias.map_or_else(|| Place::file(&item.file), |(_, place)| place.clone())
        }
        Recipe::File(path, _) => Place::file(path),
        _ => Place::file(&FilePath::new(SITE_FILE)),
    }
}
