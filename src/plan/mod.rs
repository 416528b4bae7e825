//! Stage 4, PLAN: the site becomes a list of outputs, each with the recipe of its view.
//!
//! Views are composed only when they are asked for, so that a large site never holds all of them.
//! Start at [`Plan::new`].

pub mod url;
pub mod slug;
pub mod view;
mod qr;
mod compose;

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::diagnostic::{Diagnostic, FilePath, Place, catalogue};
use crate::parse::registry::{ColumnId, DistrictId, TopicId};
use crate::site::{PageId, Site, Target};
use crate::source::{FileState, SITE_FILE};
use url::{Addresses, ListPage, OutputPath, Scope};
use view::{Shared, SiteView, View};

/// A site map holds at most so many addresses (sitemaps.org).
const SITEMAP_ENTRIES: usize = 50_000;

/// What an output shows; enough to compose its view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipe {
    Home,
    Column(ColumnId, ListPage),
    District(DistrictId, ListPage),
    Topic(TopicId, ListPage),
    DistrictTopic(DistrictId, TopicId, ListPage),
    Archive,
    ArchiveYear(i16),
    ArchiveMonth(i16, i8, ListPage),
    Board,
    Item(PageId),
    Districts,
    Topics,
    SiteMap,
    NotFound,
    Redirect(PageId),
    Atom(Scope),
    JsonFeed(Scope),
    Calendar(Scope),
    /// The part of the site map that begins at this entry.
    Sitemap(usize),
    SitemapIndex,
    Robots,
    Asset(String),
    File(FilePath, FileState),
}

/// All outputs of the site.
#[derive(Debug, Clone)]
pub struct Plan {
    pub site: Arc<Site>,
    pub outputs: BTreeMap<OutputPath, Recipe>,
    /// What is the same on every page.
    pub site_view: SiteView,
    /// The card of each page, in the order of the pages.
    cards: Vec<Shared>,
    /// The address of each page.
    items: Vec<OutputPath>,
    /// What search engines are told of.
    indexed: Vec<(OutputPath, Option<String>)>,
}

impl Plan {
    /// Plans the outputs. `assets` are the theme's, each with its path in the theme and in the output;
    /// `statics` are the files of `static/`.
    pub fn new(
        site: Arc<Site>,
        assets: &BTreeMap<String, OutputPath>,
        statics: BTreeMap<FilePath, FileState>,
    ) -> (Self, Vec<Diagnostic>) {
        let mut outline = Outline::default();
        let items: Vec<OutputPath> = site.pages.par_iter().map(|page| url::item(&site.registry, &page.item)).collect();
        outline.plan_items(&site, &items);
        outline.plan_indexes(&site);
        outline.plan_feeds(&site);
        let indexed = outline.indexed(&site);
        outline.plan_sitemap(&site, indexed.len());
        outline.plan_files(&site, assets, statics);

        let mut plan = Self {
            outputs: outline.outputs,
            site_view: compose::site_view(&site),
            cards: Vec::new(),
            items,
            indexed,
            site,
        };
        plan.cards = compose::cards(&plan);
        let mut diagnostics = outline.diagnostics;
        diagnostics.extend(plan.dead_paths());
        (plan, diagnostics)
    }

    /// Composes the view of one output.
    pub fn view(&self, recipe: &Recipe) -> View {
        compose::view(self, recipe)
    }

    fn addresses(&self) -> Addresses<'_> {
        Addresses(&self.site.registry.base_url)
    }

    fn item_path(&self, id: PageId) -> &OutputPath {
        &self.items[id.0 as usize]
    }

    fn card(&self, id: PageId) -> Shared {
        self.cards[id.0 as usize].clone()
    }

    /// Links of bodies to paths that no output answers.
    fn dead_paths(&self) -> Vec<Diagnostic> {
        let mut diagnostics = Vec::new();
        for page in &self.site.pages {
            for (link, target) in page.item.body.links.iter().zip(&page.links) {
                let Target::Path(path) = target else { continue };
                if !self.outputs.contains_key(&url::answering(path)) {
                    let place = Place::bytes(&page.item.file, link.span.start as usize..link.span.end as usize);
                    diagnostics.push(catalogue::dead_link(place, &link.target, &[]));
                }
            }
        }
        diagnostics
    }
}

/// How many numbered pages an index of `count` items has. The first page shows the newest
/// `size` to `2 × size − 1` items.
fn numbered_pages(count: usize, size: usize) -> u32 {
    (count / size).saturating_sub(1) as u32
}

/// The pages of an index, the first one first.
fn list_pages(count: usize, size: usize) -> impl Iterator<Item = ListPage> {
    std::iter::once(ListPage::Newest).chain((1..=numbered_pages(count, size)).rev().map(ListPage::Numbered))
}

/// Outputs while they are being collected.
#[derive(Default)]
struct Outline {
    outputs: BTreeMap<OutputPath, Recipe>,
    diagnostics: Vec<Diagnostic>,
}

impl Outline {
    /// One path has one recipe; two are an error that shows both.
    fn add(&mut self, site: &Site, path: OutputPath, recipe: Recipe) {
        match self.outputs.entry(path) {
            std::collections::btree_map::Entry::Vacant(free) => drop(free.insert(recipe)),
            std::collections::btree_map::Entry::Occupied(taken) => {
                let address = format!("/{}", taken.key());
                let (mut new, mut old) = (&recipe, taken.get());
                // The message stands where an editor can mend it: at the alias, else at the item.
                if matches!(old, Recipe::Redirect(_)) || matches!(new, Recipe::File(..)) || is_generated(new) {
                    (new, old) = (old, new);
                }
                let (place, other) = (origin(site, new, taken.key()), origin(site, old, taken.key()));
                self.diagnostics.push(match new {
                    Recipe::Redirect(_) => catalogue::taken_alias(place, &address, other),
                    _ => catalogue::same_address(place, &address, other),
                });
            }
        }
    }

    fn plan_items(&mut self, site: &Site, items: &[OutputPath]) {
        for (id, path) in site.page_ids().zip(items) {
            self.add(site, path.clone(), Recipe::Item(id));
        }
        for id in site.page_ids() {
            for (alias, _) in &site.item(id).front_matter.aliases {
                self.add(site, url::alias(alias), Recipe::Redirect(id));
            }
        }
    }

    fn plan_indexes(&mut self, site: &Site) {
        let registry = &site.registry;
        let size = registry.page_size;
        self.add(site, url::home(), Recipe::Home);
        for id in registry.column_ids() {
            for page in list_pages(site.in_column(id).len(), size) {
                self.add(site, url::column(registry.column(id), page), Recipe::Column(id, page));
            }
        }
        for id in registry.district_ids() {
            for page in list_pages(site.in_district(id).len(), size) {
                self.add(site, url::district(registry, id, page), Recipe::District(id, page));
            }
        }
        for id in registry.topic_ids() {
            for page in list_pages(site.in_topic(id).len(), size) {
                self.add(site, url::topic(registry, id, page), Recipe::Topic(id, page));
            }
        }
        for ((district, topic), items) in &site.by_district_and_topic {
            for page in list_pages(items.len(), size) {
                let path = url::district_topic(registry, *district, *topic, page);
                self.add(site, path, Recipe::DistrictTopic(*district, *topic, page));
            }
        }
        self.add(site, url::archive(), Recipe::Archive);
        let mut last_year = None;
        for ((year, month), items) in &site.by_month {
            if last_year != Some(*year) {
                self.add(site, url::archive_year(*year), Recipe::ArchiveYear(*year));
                last_year = Some(*year);
            }
            for page in list_pages(items.len(), size) {
                let path = url::archive_month(*year, *month, page);
                self.add(site, path, Recipe::ArchiveMonth(*year, *month, page));
            }
        }
        if !site.recruitments.is_empty() {
            self.add(site, url::board(), Recipe::Board);
        }
        self.add(site, url::districts(), Recipe::Districts);
        self.add(site, url::topics(), Recipe::Topics);
        self.add(site, url::site_map(), Recipe::SiteMap);
        self.add(site, url::not_found(), Recipe::NotFound);
    }

    fn plan_feeds(&mut self, site: &Site) {
        let registry = &site.registry;
        let scopes = std::iter::once(Scope::Site)
            .chain(registry.district_ids().map(Scope::District))
            .chain(registry.topic_ids().map(Scope::Topic));
        for scope in scopes {
            self.add(site, url::atom_feed(registry, scope), Recipe::Atom(scope));
            self.add(site, url::json_feed(registry, scope), Recipe::JsonFeed(scope));
        }
        for scope in std::iter::once(Scope::Site).chain(registry.district_ids().map(Scope::District)) {
            if compose::has_calendar(site, scope) {
                self.add(site, url::calendar(registry, scope), Recipe::Calendar(scope));
            }
        }
    }

    /// The pages that search engines are told of, in the order of their addresses.
    fn indexed(&self, site: &Site) -> Vec<(OutputPath, Option<String>)> {
        let changed = |recipe: &Recipe| match recipe {
            Recipe::Item(id) => {
                let front_matter = &site.item(*id).front_matter;
                Some(front_matter.updated.or(front_matter.date).map(|date| date.iso()))
            }
            Recipe::Home
            | Recipe::Column(..)
            | Recipe::District(..)
            | Recipe::Topic(..)
            | Recipe::DistrictTopic(..)
            | Recipe::Archive
            | Recipe::ArchiveYear(_)
            | Recipe::ArchiveMonth(..)
            | Recipe::Board
            | Recipe::Districts
            | Recipe::Topics
            | Recipe::SiteMap => Some(None),
            _ => None,
        };
        self.outputs.iter().filter_map(|(path, recipe)| Some((path.clone(), changed(recipe)?))).collect()
    }

    fn plan_sitemap(&mut self, site: &Site, entries: usize) {
        if entries <= SITEMAP_ENTRIES {
            self.add(site, url::sitemap(), Recipe::Sitemap(0));
        } else {
            self.add(site, url::sitemap(), Recipe::SitemapIndex);
            for part in 0..entries.div_ceil(SITEMAP_ENTRIES) {
                self.add(site, url::sitemap_part(part + 1), Recipe::Sitemap(part * SITEMAP_ENTRIES));
            }
        }
        self.add(site, url::robots(), Recipe::Robots);
    }

    fn plan_files(
        &mut self,
        site: &Site,
        assets: &BTreeMap<String, OutputPath>,
        statics: BTreeMap<FilePath, FileState>,
    ) {
        for (name, path) in assets {
            self.add(site, path.clone(), Recipe::Asset(name.clone()));
        }
        let referred = site.files.iter().map(|(path, state)| (path.clone(), *state));
        for (path, state) in referred.chain(statics) {
            self.add(site, url::copied(&path), Recipe::File(path, state));
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_from_the_oldest() {
        let check = |count, expected: &[ListPage]| assert_eq!(list_pages(count, 10).collect::<Vec<_>>(), expected);
        check(0, &[ListPage::Newest]);
        check(19, &[ListPage::Newest]);
        check(20, &[ListPage::Newest, ListPage::Numbered(1)]);
        check(29, &[ListPage::Newest, ListPage::Numbered(1)]);
        check(35, &[ListPage::Newest, ListPage::Numbered(2), ListPage::Numbered(1)]);
    }
}
