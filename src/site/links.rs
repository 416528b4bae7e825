//! Resolves what items refer to: links, pictures, covers and attachments.
//!
//! A relative path counts from the item's own folder, a path that begins with `/` from `content/`. Links
//! to other items name their Markdown file. A path that is no file may still be a page that the site
//! makes (`/district/jingan/`): the plan, which knows all addresses, decides that.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::{PageId, Site};
use crate::diagnostic::{Diagnostic, FilePath, Place, Text, catalogue, nearest};
use crate::parse::item::{FileReference, Item};
use crate::parse::markdown::LinkRole;
use crate::source::{CONTENT, FileState};

/// Where a link of a body leads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// Another item, and perhaps a heading in it.
    Page(PageId, Option<String>),
    /// A file of the site.
    File(FilePath),
    /// A path on the site, from its root, without the base path; perhaps with `?…` or `#…` behind it.
    Path(String),
    /// A heading of the same page.
    Fragment(String),
    /// A whole address, `mailto:`, `tel:`: kept as it is.
    Address(String),
    /// Nothing could be found; a message was reported.
    Dead,
}

/// The host of a whole address, or of one without its scheme (`//example.org/`).
pub fn host_of(address: &str) -> Option<String> {
    let scheme = if address.starts_with("//") { "https:" } else { "" };
    let url = url::Url::parse(&format!("{scheme}{address}")).ok()?;
    url.host_str().map(str::to_owned)
}

/// Fills in `links`, `cover` and `attachments` of every page and `files` of the site.
pub(super) fn resolve(
    site: &mut Site,
    files: &BTreeMap<FilePath, FileState>,
    unpublished: &FxHashMap<FilePath, Text>,
) -> Vec<Diagnostic> {
    let pages: FxHashMap<&str, PageId> = site.page_ids().map(|id| (site.item(id).file.as_str(), id)).collect();
    let resolved: Vec<Resolved> = site
        .pages
        .par_iter()
        .map(|page| {
            let item = &page.item;
            let mut resolver =
                Resolver { site, item, files, pages: &pages, unpublished, resolved: Resolved::default() };
            let links = (0..item.body.links.len()).map(|index| resolver.link(index)).collect();
            let cover = item.front_matter.cover.as_ref().and_then(|cover| resolver.file(&cover.image));
            let attachments = item.front_matter.attachments.iter().filter_map(|a| resolver.file(&a.file)).collect();
            Resolved { links, cover, attachments, ..resolver.resolved }
        })
        .collect();
    let mut diagnostics = Vec::new();
    for (page, resolved) in site.pages.iter_mut().zip(resolved) {
        page.links = resolved.links;
        page.cover = resolved.cover;
        page.attachments = resolved.attachments;
        site.files.extend(resolved.files.into_iter().map(|path| (path.clone(), files[&path])));
        diagnostics.extend(resolved.diagnostics);
    }
    diagnostics
}

/// What came of one page.
#[derive(Default)]
struct Resolved {
    links: Vec<Target>,
    cover: Option<FilePath>,
    attachments: Vec<FilePath>,
    /// All files that the page refers to.
    files: Vec<FilePath>,
    diagnostics: Vec<Diagnostic>,
}

struct Resolver<'a> {
    site: &'a Site,
    item: &'a Item,
    files: &'a BTreeMap<FilePath, FileState>,
    pages: &'a FxHashMap<&'a str, PageId>,
    unpublished: &'a FxHashMap<FilePath, Text>,
    resolved: Resolved,
}

impl Resolver<'_> {
    /// A file that the front matter names.
    fn file(&mut self, reference: &FileReference) -> Option<FilePath> {
        let path = below_content(&self.item.file, &reference.target);
        match path.filter(|path| self.files.contains_key(path)) {
            Some(path) => {
                self.resolved.files.push(path.clone());
                Some(path)
            }
            None => {
                let message = catalogue::missing_file(
                    reference.place.clone(),
                    &reference.target,
                    &self.near_files(&reference.target),
                );
                self.resolved.diagnostics.push(message);
                None
            }
        }
    }

    fn link(&mut self, index: usize) -> Target {
        let link = &self.item.body.links[index];
        let place = Place::bytes(&self.item.file, link.span.start as usize..link.span.end as usize);
        let target = link.target.trim();
        if has_scheme(target) || target.starts_with("//") {
            return Target::Address(target.to_owned());
        }
        if let Some(fragment) = target.strip_prefix('#') {
            let fragment = decode(fragment);
            self.check_fragment(self.item, &fragment, place);
            return Target::Fragment(fragment);
        }
        let (path, suffix) = target.split_at(target.find(['?', '#']).unwrap_or(target.len()));
        let fragment = suffix.split_once('#').map(|(_, fragment)| decode(fragment)).filter(|text| !text.is_empty());
        let Some(file) = below_content(&self.item.file, path) else {
            self.resolved.diagnostics.push(catalogue::dead_link(place, target, &[]));
            return Target::Dead;
        };
        if let Some(id) = self.pages.get(file.as_str()) {
            if let Some(fragment) = &fragment {
                self.check_fragment(self.site.item(*id), fragment, place);
            }
            return Target::Page(*id, fragment);
        }
        if let Some(reason) = self.unpublished.get(&file) {
            self.resolved.diagnostics.push(catalogue::link_to_unpublished(place, &file, reason));
            return Target::Dead;
        }
        if self.files.contains_key(&file) {
            self.resolved.files.push(file.clone());
            return Target::File(file);
        }
        if link.role == LinkRole::Anchor && path.starts_with('/') && !path.ends_with(".md") {
            return Target::Path(format!("{}{suffix}", decode(path)));
        }
        self.resolved.diagnostics.push(if link.role == LinkRole::Anchor {
            catalogue::dead_link(place, target, &self.near_pages(path))
        } else {
            catalogue::missing_file(place, target, &self.near_files(path))
        });
        Target::Dead
    }

    fn check_fragment(&mut self, item: &Item, fragment: &str, place: Place) {
        let outline = &item.body.outline;
        let known = fragment.starts_with("fn") || outline.iter().any(|heading| heading.id == fragment);
        if !known && !fragment.is_empty() {
            let near = nearest(fragment, outline.iter().map(|heading| heading.id.as_str()));
            self.resolved.diagnostics.push(catalogue::dead_anchor(place, fragment, &near));
        }
    }

    /// The names of the files in the item's folder that `target` may have meant.
    fn near_files(&self, target: &str) -> Vec<&str> {
        let name = decode(target.rsplit('/').next().unwrap_or_default());
        let folder = self.item.file.folder();
        let names: Vec<&str> = self.files.keys().filter(|file| file.folder() == folder).map(FilePath::name).collect();
        nearest(&name, names)
    }

    fn near_pages(&self, target: &str) -> Vec<&str> {
        let name = decode(target.rsplit('/').next().unwrap_or_default());
        nearest(&name, self.site.pages.iter().map(|page| page.item.file.name()))
    }
}

/// Whether a target names a scheme, such as `https:` or `tel:`.
fn has_scheme(target: &str) -> bool {
    target.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    })
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The file below `content/` that a path written in `item` means; `None` where it leaves the folder.
fn below_content(item: &FilePath, path: &str) -> Option<FilePath> {
    let path = decode(path);
    let mut parts: Vec<&str> = match path.strip_prefix('/') {
        Some(_) => vec![CONTENT],
        None => item.folder().split('/').collect(),
    };
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.len() > 1 => drop(parts.pop()),
            ".." => return None,
            part => parts.push(part),
        }
    }
    Some(FilePath::new(parts.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_count_from_the_item_or_from_content() {
        let check = |path: &str, expected: Option<&str>| {
            let found = below_content(&FilePath::new("content/news/2026/a.md"), path);
            assert_eq!(found.as_ref().map(FilePath::as_str), expected, "{path}");
        };
        check("b.md", Some("content/news/2026/b.md"));
        check("./pic.svg", Some("content/news/2026/pic.svg"));
        check("../2025/c.md", Some("content/news/2025/c.md"));
        check("/pages/about.md", Some("content/pages/about.md"));
        check("%E5%9B%BE.svg", Some("content/news/2026/图.svg"));
        check("../../../../etc/passwd", None);
    }
}
