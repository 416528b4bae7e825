//! Stage 3, MODEL: all items at one moment become the site: what is listed where, what links to what.
//!
//! Plain data, never changed once it is built. Knows nothing of addresses. Start at [`Site::build`].

mod recruitment;
mod links;
mod related;
mod next_change;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

pub use links::{Target, host_of};
use links::{Unpublished, Why};
pub use recruitment::{Status, days_left, status};

use crate::diagnostic::{Diagnostic, FilePath, catalogue};
use crate::parse::item::{Detail, Districts, Item, ItemType};
use crate::parse::markdown::LinkRole;
use crate::parse::moment::Moment;
use crate::parse::registry::{ColumnId, DistrictId, Registry, TopicId};
use crate::source::FileState;

/// A position in [`Site::pages`]; a smaller one is newer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageId(pub u32);

/// What a build depends on beside the files.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Inputs {
    /// The moment of the build.
    pub now: Moment,
    /// Whether drafts are built too.
    pub drafts: bool,
    /// Whether items dated in the future are built too.
    pub future: bool,
}

/// How many items are left out of a site for now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub drafts: usize,
    /// Dated in the future.
    pub scheduled: usize,
}

/// An item in its place among the others.
#[derive(Debug, Clone)]
pub struct Page {
    pub item: Arc<Item>,
    /// Whether its date of expiry has passed: it stays, with a banner, and leaves the lists.
    pub expired: bool,
    /// For a recruitment post.
    pub status: Option<Status>,
    /// Where the links of its body lead, in the order of `item.body.links`.
    pub links: Vec<Target>,
    /// `None` where there is no cover.
    pub cover: Option<FilePath>,
    /// In the order of the front matter.
    pub attachments: Vec<FilePath>,
    /// The neighbours in its column: the older one and the newer one.
    pub older: Option<PageId>,
    pub newer: Option<PageId>,
}

/// The whole site. Every list is newest first and leaves out what has expired.
#[derive(Debug, Clone)]
pub struct Site {
    pub registry: Arc<Registry>,
    pub now: Moment,
    /// All published items, newest first; pages without a date come last.
    pub pages: Vec<Page>,
    /// Which page an item's file has become.
    by_file: FxHashMap<FilePath, PageId>,
    /// All dated items.
    pub listed: Vec<PageId>,
    /// One list for each column, in the columns' order.
    pub by_column: Vec<Vec<PageId>>,
    /// One list for each district, with the items of its children.
    pub by_district: Vec<Vec<PageId>>,
    pub by_topic: Vec<Vec<PageId>>,
    /// Only where something is.
    pub by_district_and_topic: BTreeMap<(DistrictId, TopicId), Vec<PageId>>,
    /// By year and month, the oldest month first.
    pub by_month: BTreeMap<(i16, i8), Vec<PageId>>,
    /// Items that are for the whole site (`district: all`).
    pub site_wide: Vec<PageId>,
    pub recruitments: Vec<PageId>,
    /// Free-standing pages, in the order of their files.
    pub free_standing: Vec<PageId>,
    pub waiting: Waiting,
    /// The files that items refer to, and the site's own picture; of `content/`, only these are published.
    pub files: BTreeMap<FilePath, FileState>,
    /// When it next changes by itself, since an item becomes due, opens, closes or expires or a day ends: in
    /// seconds since 1970, after `now`.
    pub next_change: i64,
}

impl Site {
    /// Puts the items, which come in the order of their paths, in their own order and connects them. `files`
    /// are the files that items may refer to, `unread` the items that have mistakes.
    pub fn build(
        registry: Arc<Registry>,
        items: Vec<Arc<Item>>,
        files: &BTreeMap<FilePath, FileState>,
        unread: &BTreeSet<FilePath>,
        inputs: &Inputs,
    ) -> (Self, Vec<Diagnostic>) {
        let next_change = next_change::find(&items, &inputs.now, &registry.zone);
        let mut unpublished: FxHashMap<FilePath, Unpublished> = FxHashMap::default();
        let mut published = Vec::with_capacity(items.len());
        let mut waiting = Waiting::default();
        let mut diagnostics = Vec::new();
        let judge = |item: Arc<Item>| {
            let why = why_unpublished(&item, inputs);
            let is_draft = matches!(why, Some(Why::Draft));
            let found = if is_draft { None } else { updated_in_future(&item, &inputs.now) };
            (item, why, found)
        };
        for (item, why, found) in items.into_par_iter().map(judge).collect::<Vec<_>>() {
            diagnostics.extend(found);
            match why {
                Some(why) => {
                    match why {
                        Why::Draft => waiting.drafts += 1,
                        Why::Scheduled(_) => waiting.scheduled += 1,
                    }
                    drop(unpublished.insert(item.file.clone(), Unpublished { item, why }));
                }
                None => published.push(item),
            }
        }
        // Items of one moment stay in the order of their paths.
        published.sort_by_cached_key(|item| Reverse(item.front_matter.date.map(|date| date.seconds)));

        let pages: Vec<Page> = published.into_par_iter().map(|item| Page::new(item, inputs)).collect();
        let by_file = pages.iter().zip(0..).map(|(page, id)| (page.item.file.clone(), PageId(id))).collect();
        let mut site = Self {
            now: inputs.now,
            by_file,
            by_column: vec![Vec::new(); registry.columns.len()],
            by_district: vec![Vec::new(); registry.districts.len()],
            by_topic: vec![Vec::new(); registry.topics.len()],
            by_district_and_topic: BTreeMap::new(),
            by_month: BTreeMap::new(),
            listed: Vec::new(),
            site_wide: Vec::new(),
            recruitments: Vec::new(),
            free_standing: Vec::new(),
            files: BTreeMap::new(),
            waiting,
            next_change,
            registry,
            pages,
        };
        site.index();
        site.connect_neighbours();
        diagnostics.extend(links::resolve_picture(&mut site, files));
        diagnostics.extend(links::resolve(&mut site, files, &unpublished, unread));
        (site, diagnostics)
    }

    pub fn page(&self, id: PageId) -> &Page {
        &self.pages[id.0 as usize]
    }

    pub fn item(&self, id: PageId) -> &Item {
        &self.page(id).item
    }

    /// The page of an item's file, if it is published.
    pub fn page_of(&self, file: &FilePath) -> Option<PageId> {
        self.by_file.get(file).copied()
    }

    pub fn page_ids(&self) -> impl Iterator<Item = PageId> + use<> {
        (0..self.pages.len() as u32).map(PageId)
    }

    /// Up to five items that a reader of this one may want to read next; none for what stands in no list.
    pub fn related(&self, id: PageId) -> Vec<PageId> {
        if self.page(id).is_listed() { related::choose(self, id) } else { Vec::new() }
    }

    /// The items of one column.
    pub fn in_column(&self, id: ColumnId) -> &[PageId] {
        &self.by_column[id.0 as usize]
    }

    /// The items of a district and of the districts below it.
    pub fn in_district(&self, id: DistrictId) -> &[PageId] {
        &self.by_district[id.0 as usize]
    }

    pub fn in_topic(&self, id: TopicId) -> &[PageId] {
        &self.by_topic[id.0 as usize]
    }

    fn index(&mut self) {
        for id in self.page_ids() {
            let page = &self.pages[id.0 as usize];
            let item = &page.item;
            if item.item_type() == ItemType::Page {
                self.free_standing.push(id);
            }
            if !page.is_listed() {
                continue;
            }
            self.listed.push(id);
            if let Some(column) = item.column {
                self.by_column[column.0 as usize].push(id);
            }
            if let Some(date) = item.front_matter.date {
                self.by_month.entry((date.local.year(), date.local.month())).or_default().push(id);
            }
            if matches!(item.detail, Detail::Recruitment(_)) {
                self.recruitments.push(id);
            }
            if item.front_matter.districts == Districts::All {
                self.site_wide.push(id);
            }
            let topics = &item.front_matter.topics;
            for topic in topics {
                self.by_topic[topic.0 as usize].push(id);
            }
            let registry = &self.registry;
            let mut districts: Vec<DistrictId> =
                item.front_matter.districts.these().iter().flat_map(|district| registry.lineage(*district)).collect();
            districts.sort_unstable();
            districts.dedup();
            for district in districts {
                self.by_district[district.0 as usize].push(id);
                for topic in topics {
                    self.by_district_and_topic.entry((district, *topic)).or_default().push(id);
                }
            }
        }
        let pages = &self.pages;
        self.free_standing.sort_by(|a, b| pages[a.0 as usize].item.file.cmp(&pages[b.0 as usize].item.file));
    }

    fn connect_neighbours(&mut self) {
        for column in &self.by_column {
            for pair in column.windows(2) {
                let (newer, older) = (pair[0], pair[1]);
                self.pages[newer.0 as usize].older = Some(older);
                self.pages[older.0 as usize].newer = Some(newer);
            }
        }
    }
}

impl Page {
    /// Whether lists show it: free-standing pages and what has expired stand in none.
    pub fn is_listed(&self) -> bool {
        !self.expired && self.item.item_type() != ItemType::Page
    }

    /// The picture that stands for it wherever a link to it is shown: its cover, or else the first one of its body that is made
    /// of dots.
    pub fn picture(&self) -> Option<&FilePath> {
        let in_body = || {
            self.item.body.links.iter().zip(&self.links).find_map(|(link, target)| match target {
                Target::File(file) if link.role == LinkRole::Image && file.is_raster() => Some(file),
                _ => None,
            })
        };
        self.cover.as_ref().or_else(in_body)
    }

    fn new(item: Arc<Item>, inputs: &Inputs) -> Self {
        let expired = item.front_matter.expires.is_some_and(|expires| expires.end() < inputs.now.seconds);
        let status = match &item.detail {
            Detail::Recruitment(recruitment) => Some(recruitment::status(recruitment, &inputs.now)),
            _ => None,
        };
        Self {
            item,
            expired,
            status,
            links: Vec::new(),
            cover: None,
            attachments: Vec::new(),
            older: None,
            newer: None,
        }
    }
}

fn why_unpublished(item: &Item, inputs: &Inputs) -> Option<Why> {
    if item.front_matter.draft && !inputs.drafts {
        return Some(Why::Draft);
    }
    let date = item.front_matter.date.filter(|date| date.seconds > inputs.now.seconds && !inputs.future)?;
    Some(Why::Scheduled(date))
}

/// A scheduled item may say that it is updated when it appears, but not later than that.
fn updated_in_future(item: &Item, now: &Moment) -> Option<Diagnostic> {
    let front_matter = &item.front_matter;
    let updated = front_matter.updated.as_ref()?;
    let appears = front_matter.date.map_or(now.seconds, |date| date.end().max(now.seconds));
    (updated.value.seconds > appears).then(|| catalogue::updated_in_future(updated.place.clone(), &updated.value.iso()))
}
