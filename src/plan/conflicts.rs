//! Outputs that cannot stand beside each other: two at one path, a file where others need a folder, and paths that some disks take
//! for one.

use rustc_hash::FxHashMap;

use super::Recipe;
use super::url::{self, OutputPath};
use crate::diagnostic::{Diagnostic, FilePath, Place, catalogue};
use crate::site::Site;
use crate::source::SITE_FILE;

/// A path, and what stands there.
type Output = (OutputPath, Recipe);

/// The message for two outputs at one path.
pub fn same_path(site: &Site, old: &Output, new: &Output) -> Diagnostic {
    let address = format!("/{}", new.0);
    // The message stands where an editor can mend it: at the alias, else at the item.
    let is_other_way =
        matches!(old.1, Recipe::Redirect(_)) || matches!(new.1, Recipe::File(..)) || is_generated(&new.1);
    let (old, new) = if is_other_way { (new, old) } else { (old, new) };
    let (place, other) = (origin(site, new), origin(site, old));
    match new.1 {
        Recipe::Redirect(_) => catalogue::taken_alias(place, &address, other),
        _ => catalogue::same_address(place, &address, other),
    }
}

/// Files where others need a folder: no disk holds both. `outputs` are in the order of their paths.
pub fn files_for_folders(site: &Site, outputs: &[Output]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut last = "";
    for below @ (path, _) in outputs {
        let path = path.as_str();
        let folder = path.rfind('/').map_or("", |end| &path[..end]);
        if folder == last {
            continue;
        }
        // The output before lies in the others, and they were looked at with it.
        let is_new =
            |folder: &&str| last.strip_prefix(*folder).is_none_or(|rest| !rest.is_empty() && !rest.starts_with('/'));
        for folder in url::folders_of(path).filter(is_new) {
            if let Some(file) = at(outputs, folder) {
                // The message stands where an editor can mend it.
                let (wrong, other) = if is_generated(&file.1) { (below, file) } else { (file, below) };
                found.push(catalogue::file_for_folder(origin(site, wrong), folder, origin(site, other)));
            }
        }
        last = folder;
    }
    found
}

/// Outputs whose paths differ in case alone. `outputs` are in the order of their paths.
pub fn differing_in_case(site: &Site, outputs: &[Output]) -> Vec<Diagnostic> {
    let has_capitals = |(path, _): &&Output| path.as_str().bytes().any(|byte| byte.is_ascii_uppercase());
    let mut seen: FxHashMap<String, &Output> = FxHashMap::default();
    let mut found = Vec::new();
    for here in outputs.iter().filter(has_capitals) {
        let small = here.0.as_str().to_ascii_lowercase();
        let Some(other) = at(outputs, &small).or_else(|| seen.insert(small, here)) else { continue };
        // Two old addresses of one page lead to it either way.
        if !matches!((&here.1, &other.1), (Recipe::Redirect(a), Recipe::Redirect(b)) if a == b) {
            let (place, other_place) = (origin(site, here), origin(site, other));
            found.push(catalogue::differs_in_case(place, here.0.as_str(), other_place, other.0.as_str()));
        }
    }
    found
}

fn at<'p>(outputs: &'p [Output], path: &str) -> Option<&'p Output> {
    let index = outputs.binary_search_by(|(other, _)| other.as_str().cmp(path)).ok()?;
    outputs.get(index)
}

/// Whether an output is made from the whole site rather than from one file.
fn is_generated(recipe: &Recipe) -> bool {
    !matches!(recipe, Recipe::Item(_) | Recipe::Redirect(_) | Recipe::File(..))
}

/// What an output comes from, for messages.
fn origin(site: &Site, (path, recipe): &Output) -> Place {
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
