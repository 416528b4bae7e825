//! Resolves what items refer to: links, pictures, covers and attachments.
//!
//! A relative path counts from the item's own folder, a path that begins with `/` from `content/`. Links
//! to other items name their Markdown file. A path that is no file may still be a page that the site
//! makes (`/district/jingan/`): the plan, which knows all addresses, decides that.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::{PageId, Site};
use crate::diagnostic::{Diagnostic, FilePath, Place, Text, catalogue, nearest};
use crate::parse::item::{FileReference, Item};
use crate::parse::markdown::LinkRole;
use crate::parse::moment::Moment;
use crate::source::{CONTENT, FileState, STATIC};

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

/// Finds the site's own picture and adds it to `files` of the site.
pub(super) fn resolve_picture(site: &mut Site, files: &BTreeMap<FilePath, FileState>) -> Option<Diagnostic> {
    let FileReference { target, place } = &site.registry.picture.as_ref()?.image;
    let is_offered = |file: &&FilePath| matches!(file.as_str().split('/').next(), Some(CONTENT | STATIC));
    let wanted = FilePath::new(target);
    match files.get_key_value(&wanted).filter(|(file, _)| is_offered(file)) {
        Some((file, _)) if !file.is_raster() => Some(catalogue::drawn_picture(place.clone(), target)),
        Some((file, state)) => {
            // Those of `static/` are published in any case.
            if file.as_str().starts_with(CONTENT) {
                site.files.insert(file.clone(), *state);
            }
            None
        }
        None => {
            let pictures = files.keys().filter(is_offered).filter(|file| file.is_raster());
            let near = of_near_name(wanted.name(), pictures).map(FilePath::as_str);
            Some(catalogue::missing_site_picture(place.clone(), target, &near.collect::<Vec<_>>()))
        }
    }
}

/// Fills in `links`, `cover` and `attachments` of every page and `files` of the site.
pub(super) fn resolve(
    site: &mut Site,
    files: &BTreeMap<FilePath, FileState>,
    unpublished: &FxHashMap<FilePath, Unpublished>,
    unread: &BTreeSet<FilePath>,
) -> Vec<Diagnostic> {
    let all =
        |item: &Arc<Item>| Resolver { site, item, files, unpublished, unread, resolved: Resolved::default() }.all();
    let published: Vec<Resolved> = site.pages.par_iter().map(|page| all(&page.item)).collect();
    // Scheduled items are checked today: on their day, perhaps nobody watches the build.
    let mut due: Vec<&Arc<Item>> =
        unpublished.values().filter(|other| other.due().is_some()).map(|other| &other.item).collect();
    due.sort_by(|a, b| a.file.cmp(&b.file));
    let scheduled: Vec<Resolved> = due.into_par_iter().map(all).collect();

    let mut diagnostics = Vec::new();
    for (page, resolved) in site.pages.iter_mut().zip(published) {
        page.links = resolved.links;
        page.cover = resolved.cover;
        page.attachments = resolved.attachments;
        site.files.extend(resolved.files.into_iter().map(|path| (path.clone(), files[&path])));
        diagnostics.extend(resolved.diagnostics);
    }
    diagnostics.extend(scheduled.into_iter().flat_map(|resolved| resolved.diagnostics));
    diagnostics
}

/// An item that is not published yet.
pub(super) struct Unpublished {
    pub item: Arc<Item>,
    pub why: Why,
}

/// Why an item is not published yet.
pub(super) enum Why {
    Draft,
    Scheduled(Moment),
}

impl Unpublished {
    /// When it will be published; `None` for a draft, also for one that is shown before.
    fn due(&self) -> Option<Moment> {
        match self.why {
            Why::Scheduled(date) if !self.item.front_matter.draft => Some(date),
            _ => None,
        }
    }

    fn reason(&self) -> Text {
        match self.why {
            Why::Draft => Text::new("草稿", "a draft"),
            Why::Scheduled(date) => Text::new(format!("定于 {date} 发布"), format!("due on {date}")),
        }
    }
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
    unpublished: &'a FxHashMap<FilePath, Unpublished>,
    unread: &'a BTreeSet<FilePath>,
    resolved: Resolved,
}

impl Resolver<'_> {
    fn all(mut self) -> Resolved {
        let front_matter = &self.item.front_matter;
        let links = (0..self.item.body.links.len()).map(|index| self.link(index)).collect();
        let cover = front_matter.cover.as_ref().and_then(|cover| self.file(&cover.image));
        let attachments = front_matter.attachments.iter().filter_map(|a| self.file(&a.file)).collect();
        Resolved { links, cover, attachments, ..self.resolved }
    }

    /// A file that the front matter names.
    fn file(&mut self, reference: &FileReference) -> Option<FilePath> {
        let path = below_content(&self.item.file, &reference.target);
        match path.filter(|path| self.files.contains_key(path)) {
            Some(path) => {
                self.resolved.files.push(path.clone());
                Some(path)
            }
            None => {
                let (place, target) = (reference.place.clone(), &reference.target);
                let message = match self.with_slashes(target) {
                    Some(right) => catalogue::backslash_in_path(place, target, &right),
                    None => catalogue::missing_file(place, target, &self.near_files(target)),
                };
                self.resolved.diagnostics.push(message);
                None
            }
        }
    }

    fn link(&mut self, index: usize) -> Target {
        let link = &self.item.body.links[index];
        let place = Place::bytes(&self.item.file, link.span.start as usize..link.span.end as usize);
        let target = link.target.trim();
        if target.is_empty() {
            let is_link = link.role == LinkRole::Anchor;
            let empty = if is_link { catalogue::empty_address(place) } else { catalogue::empty_picture(place) };
            self.resolved.diagnostics.push(empty);
            return Target::Dead;
        }
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
        if let Some(id) = self.site.page_of(&file) {
            if let Some(fragment) = &fragment {
                self.check_fragment(self.site.item(id), fragment, place);
            }
            return Target::Page(id, fragment);
        }
        if let Some(other) = self.unpublished.get(&file) {
            let own_date = self.item.front_matter.date.map(|date| date.seconds);
            // Both are scheduled, and this one comes later: the link will be alive when it is read.
            let in_time = other.due().is_some_and(|due| own_date.is_some_and(|own| due.seconds <= own));
            if !in_time {
                self.resolved.diagnostics.push(catalogue::link_to_unpublished(place, &file, &other.reason()));
            }
            return Target::Dead;
        }
        // It has mistakes of its own, and is there once they are mended.
        if self.unread.contains(&file) {
            return Target::Dead;
        }
        if self.files.contains_key(&file) {
            self.resolved.files.push(file.clone());
            return Target::File(file);
        }
        if link.role == LinkRole::Anchor && path.starts_with('/') && !path.ends_with(".md") {
            return Target::Path(format!("{path}{suffix}"));
        }
        self.resolved.diagnostics.push(if let Some(right) = self.with_slashes(path) {
            catalogue::backslash_in_path(place, target, &right)
        } else if let Some(scheme) = missing_scheme(target).filter(|_| link.role == LinkRole::Anchor) {
            catalogue::missing_scheme(place, target, scheme)
        } else if link.role == LinkRole::Anchor && !is_file(path) {
            let near = self.near_pages(path);
            catalogue::dead_link(place, target, &near.iter().map(String::as_str).collect::<Vec<_>>())
        } else {
            catalogue::missing_file(place, target, &self.near_files(path))
        });
        Target::Dead
    }

    fn check_fragment(&mut self, item: &Item, fragment: &str, place: Place) {
        let anchors = || item.body.anchors.lines();
        let known = fragment.starts_with("fn") || anchors().any(|anchor| anchor == fragment);
        if !known && !fragment.is_empty() {
            let near = nearest(fragment, anchors());
            self.resolved.diagnostics.push(catalogue::dead_anchor(place, fragment, &near));
        }
    }

    /// A path of Windows as it should be, if that leads to a file.
    fn with_slashes(&self, target: &str) -> Option<String> {
        let right = target.replace('\\', "/");
        let is_there = |file: FilePath| self.files.contains_key(&file) || self.site.page_of(&file).is_some();
        (right != target && below_content(&self.item.file, &right).is_some_and(is_there)).then_some(right)
    }

    /// The names of the files in the item's folder that `target` may have meant.
    fn near_files(&self, target: &str) -> Vec<&str> {
        let name = decode(target.rsplit('/').next().unwrap_or_default());
        let folder = self.item.file.folder();
        let names: Vec<&str> = self.files.keys().filter(|file| file.folder() == folder).map(FilePath::name).collect();
        nearest(&name, names)
    }

    /// The items that `target` may have meant, each as a path that is right in any folder.
    fn near_pages(&self, target: &str) -> Vec<String> {
        let name = decode(target.rsplit('/').next().unwrap_or_default());
        let files = self.site.pages.iter().map(|page| &page.item.file);
        of_near_name(&name, files).map(|file| file.as_str().trim_start_matches(CONTENT).to_owned()).collect()
    }
}

/// The first few files, in whatever folders, whose names may have been meant.
fn of_near_name<'f>(
    name: &str,
    files: impl Iterator<Item = &'f FilePath> + Clone,
) -> impl Iterator<Item = &'f FilePath> {
    let near = nearest(name, files.clone().map(FilePath::name));
    files.filter(move |file| near.contains(&file.name())).take(3)
}

/// The scheme that a mailbox, a telephone number or the address of a web site lacks.
fn missing_scheme(target: &str) -> Option<&'static str> {
    let digits = target.bytes().filter(u8::is_ascii_digit).count();
    let is_number = digits >= 5 && target.bytes().all(|byte| byte.is_ascii_digit() || b"-+ ".contains(&byte));
    let is_mailbox = target.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    match (is_number, is_mailbox && !target.contains('/')) {
        (true, _) => Some("tel:"),
        (_, true) => Some("mailto:"),
        _ => target.starts_with("www.").then_some("https://"),
    }
}

/// Whether a target is a file that pages offer, and no page.
fn is_file(path: &str) -> bool {
    let file = FilePath::new(decode(path));
    file.is_picture() || file.is_document()
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
