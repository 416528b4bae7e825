//! Stage 4, PLAN: the site becomes a list of outputs, each with the recipe of its view.
//!
//! Views are composed only when they are asked for, so that a large site never holds all of them.
//! Start at [`Plan::new`].

pub mod url;
pub mod view;
mod compose;
mod conflicts;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use crate::diagnostic::{Diagnostic, FilePath, Place, catalogue};
use crate::fingerprint::{Fingerprint, fingerprint};
use crate::parse::registry::{ColumnId, DistrictId, Registry, TopicId};
use crate::site::{PageId, Site, Target};
use crate::source::FileState;
pub use compose::Ingredients;
use compose::{Frame, Links};
use url::{Addresses, ListPage, OutputPath, Scope};
use view::{Card, SiteView};

/// A site map holds at most so many addresses (sitemaps.org).
const SITEMAP_ENTRIES: usize = 50_000;

/// What an index lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Listing {
    Column(ColumnId),
    District(DistrictId),
    Topic(TopicId),
    DistrictTopic(DistrictId, TopicId),
    Month(i16, i8),
}

/// What an output shows; enough to compose its view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipe {
    Home,
    List(Listing, ListPage),
    Archive,
    ArchiveYear(i16),
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
pub struct Plan {
    pub site: Arc<Site>,
    pub outputs: BTreeMap<OutputPath, Recipe>,
    /// What is the same on every page.
    pub site_view: SiteView,
    pub registry_digest: Fingerprint,
    links: Arc<Links>,
    /// The card of each page, in the order of the pages; composed when the first list asks for it.
    cards: Vec<OnceLock<Card>>,
    /// The address of each page.
    items: Vec<OutputPath>,
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
        outline.plan_sitemap();
        outline.plan_files(&site, assets, statics);
        let ((outputs, mut diagnostics), site_view) =
            rayon::join(|| outline.finish(&site), || compose::site_view(&site));
        diagnostics.extend(aliases_with_folder(&site));

        let plan = Self {
            outputs,
            site_view,
            registry_digest: fingerprint(&*site.registry),
            links: Arc::new(Links::new(&site.registry)),
            cards: vec![OnceLock::new(); items.len()],
            items,
            site,
        };
        diagnostics.extend(plan.dead_paths());
        (plan, diagnostics)
    }

    /// What the view of one output is composed from.
    pub fn ingredients(&self, recipe: &Recipe) -> Ingredients<'_> {
        compose::ingredients(self, recipe)
    }

    fn registry(&self) -> &Registry {
        &self.site.registry
    }

    fn frame(&self) -> Frame<'_> {
        let has_posts = self.site_view.calendar_url.is_some();
        Frame { registry: &self.site.registry, links: &self.links, digest: self.registry_digest, has_posts }
    }

    /// The HTML of one block of an item's body as it stands on its page; `None` where the body holds raw HTML.
    pub fn block(&self, id: PageId, index: usize) -> Option<String> {
        let page = self.site.page(id);
        let part = page.item.body.html.blocks().get(index)?.html.clone()?;
        Some(compose::block(self, page, part))
    }

    pub fn addresses(&self) -> Addresses<'_> {
        Addresses(&self.site.registry.base_url)
    }

    /// Where an item's page lies.
    pub fn item_path(&self, id: PageId) -> &OutputPath {
        &self.items[id.0 as usize]
    }

    fn card(&self, id: PageId) -> Card {
        self.cards[id.0 as usize].get_or_init(|| compose::card(self, id)).clone()
    }

    /// The pages that search engines are told of, in the order of their addresses, and the day of an item's
    /// last change.
    fn indexed(&self) -> impl Iterator<Item = (&OutputPath, Option<String>)> {
        self.outputs.iter().filter(|(_, recipe)| is_indexed(recipe)).map(|(path, recipe)| {
            let changed = match recipe {
                Recipe::Item(id) => {
                    let front_matter = &self.site.item(*id).front_matter;
                    front_matter.changed().map(|date| date.iso())
                }
                _ => None,
            };
            (path, changed)
        })
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
    outputs: Vec<(OutputPath, Recipe)>,
}

impl Outline {
    fn add(&mut self, path: OutputPath, recipe: Recipe) {
        self.outputs.push((path, recipe));
    }

    /// One path has one recipe, and is no folder of others.
    fn finish(mut self, site: &Site) -> (BTreeMap<OutputPath, Recipe>, Vec<Diagnostic>) {
        self.outputs.par_sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut diagnostics = Vec::new();
        self.outputs.dedup_by(|new, old| {
            let is_taken = new.0 == old.0;
            if is_taken {
                diagnostics.push(conflicts::same_path(site, old, new));
            }
            is_taken
        });
        let (folders, cases) = rayon::join(
            || conflicts::files_for_folders(site, &self.outputs),
            || conflicts::differing_in_case(site, &self.outputs),
        );
        diagnostics.extend(folders);
        diagnostics.extend(cases);
        (self.outputs.into_iter().collect(), diagnostics)
    }

    fn plan_items(&mut self, site: &Site, items: &[OutputPath]) {
        for (id, path) in site.page_ids().zip(items) {
            self.add(path.clone(), Recipe::Item(id));
        }
        for id in site.page_ids() {
            for (alias, _) in &site.item(id).front_matter.aliases {
                self.add(url::alias(alias), Recipe::Redirect(id));
            }
        }
    }

    fn plan_indexes(&mut self, site: &Site) {
        let registry = &site.registry;
        let size = registry.page_size;
        self.add(url::home(), Recipe::Home);
        for id in registry.column_ids() {
            for page in list_pages(site.in_column(id).len(), size) {
                self.add(url::column(registry.column(id), page), Recipe::List(Listing::Column(id), page));
            }
        }
        for id in registry.district_ids() {
            for page in list_pages(site.in_district(id).len(), size) {
                self.add(url::district(registry, id, page), Recipe::List(Listing::District(id), page));
            }
        }
        for id in registry.topic_ids() {
            for page in list_pages(site.in_topic(id).len(), size) {
                self.add(url::topic(registry, id, page), Recipe::List(Listing::Topic(id), page));
            }
        }
        for ((district, topic), items) in &site.by_district_and_topic {
            for page in list_pages(items.len(), size) {
                let path = url::district_topic(registry, *district, *topic, page);
                self.add(path, Recipe::List(Listing::DistrictTopic(*district, *topic), page));
            }
        }
        self.add(url::archive(), Recipe::Archive);
        let mut last_year = None;
        for ((year, month), items) in &site.by_month {
            if last_year != Some(*year) {
                self.add(url::archive_year(*year), Recipe::ArchiveYear(*year));
                last_year = Some(*year);
            }
            for page in list_pages(items.len(), size) {
                let path = url::archive_month(*year, *month, page);
                self.add(path, Recipe::List(Listing::Month(*year, *month), page));
            }
        }
        if !site.recruitments.is_empty() {
            self.add(url::board(), Recipe::Board);
        }
        self.add(url::districts(), Recipe::Districts);
        self.add(url::topics(), Recipe::Topics);
        self.add(url::site_map(), Recipe::SiteMap);
        self.add(url::not_found(), Recipe::NotFound);
    }

    fn plan_feeds(&mut self, site: &Site) {
        let registry = &site.registry;
        let scopes = std::iter::once(Scope::Site)
            .chain(registry.district_ids().map(Scope::District))
            .chain(registry.topic_ids().map(Scope::Topic));
        for scope in scopes {
            self.add(url::atom_feed(registry, scope), Recipe::Atom(scope));
            self.add(url::json_feed(registry, scope), Recipe::JsonFeed(scope));
        }
        for scope in std::iter::once(Scope::Site).chain(registry.district_ids().map(Scope::District)) {
            if compose::has_calendar(site, scope) {
                self.add(url::calendar(registry, scope), Recipe::Calendar(scope));
            }
        }
    }

    fn plan_sitemap(&mut self) {
        let entries = self.outputs.iter().filter(|(_, recipe)| is_indexed(recipe)).count();
        if entries <= SITEMAP_ENTRIES {
            self.add(url::sitemap(), Recipe::Sitemap(0));
        } else {
            self.add(url::sitemap(), Recipe::SitemapIndex);
            for part in 0..entries.div_ceil(SITEMAP_ENTRIES) {
                self.add(url::sitemap_part(part + 1), Recipe::Sitemap(part * SITEMAP_ENTRIES));
            }
        }
        self.add(url::robots(), Recipe::Robots);
    }

    fn plan_files(
        &mut self,
        site: &Site,
        assets: &BTreeMap<String, OutputPath>,
        statics: BTreeMap<FilePath, FileState>,
    ) {
        for (name, path) in assets {
            self.add(path.clone(), Recipe::Asset(name.clone()));
        }
        let referred = site.files.iter().map(|(path, state)| (path.clone(), *state));
        for (path, state) in referred.chain(statics) {
            self.add(url::copied(&path), Recipe::File(path, state));
        }
    }
}

/// Whether search engines are told of it.
fn is_indexed(recipe: &Recipe) -> bool {
    match recipe {
        Recipe::Item(_)
        | Recipe::Home
        | Recipe::List(..)
        | Recipe::Archive
        | Recipe::ArchiveYear(_)
        | Recipe::Board
        | Recipe::Districts
        | Recipe::Topics
        | Recipe::SiteMap => true,
        Recipe::NotFound
        | Recipe::Redirect(_)
        | Recipe::Atom(_)
        | Recipe::JsonFeed(_)
        | Recipe::Calendar(_)
        | Recipe::Sitemap(_)
        | Recipe::SitemapIndex
        | Recipe::Robots
        | Recipe::Asset(_)
        | Recipe::File(..) => false,
    }
}

/// Old addresses that begin with the folder that the site lives in, which would stand in them twice.
fn aliases_with_folder(site: &Site) -> Vec<Diagnostic> {
    let folder = &site.registry.base_url.path;
    let aliases = site.pages.iter().flat_map(|page| &page.item.front_matter.aliases).filter(|_| folder != "/");
    let found = aliases.filter_map(|(alias, place)| {
        let rest = alias.strip_prefix(folder.as_str())?;
        Some(catalogue::alias_with_folder(place.clone(), alias, folder, rest))
    });
    found.collect()
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
