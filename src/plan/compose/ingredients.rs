//! What a view is composed from: the whole of it, and nothing else. Its hash decides whether an output is drawn again.
//!
//! Most outputs are pages of items, and in most builds nearly all of them stay as they are. So their views are
//! composed only when they are drawn, from borrowed parts that are cheap to gather and to hash. Whatever is composed
//! from them cannot see the plan, and so cannot show what the hash does not cover.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::cards::PostState;
use super::items;
use super::lists::ListParts;
use super::parts::{column_link, district_link, topic_link};
use crate::diagnostic::FilePath;
use crate::fingerprint::Fingerprint;
use crate::parse::item::{Detail, Item};
use crate::parse::registry::{ColumnId, DistrictId, Registry, TopicId};
use crate::plan::Plan;
use crate::plan::url::OutputPath;
use crate::plan::view::{Card, LinkView, Shared, View};
use crate::site::PageId;

/// What every page may know of the site's configuration.
#[derive(Clone, Copy)]
pub struct Frame<'p> {
    pub registry: &'p Registry,
    /// They follow from the registry.
    pub links: &'p Links,
    /// Of the registry.
    pub digest: Fingerprint,
    /// Whether the site has recruitment posts, and so a board and a calendar.
    pub has_posts: bool,
}

impl Hash for Frame<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { registry: _, links: _, digest, has_posts } = self;
        (digest, has_posts).hash(state);
    }
}

/// The links of columns, districts and topics, in the registry's order; most pages show some.
pub struct Links {
    pub columns: Vec<Shared>,
    pub column_urls: Vec<String>,
    pub districts: Vec<Shared>,
    pub topics: Vec<Shared>,
}

impl Links {
    pub fn new(registry: &Registry) -> Self {
        let columns: Vec<LinkView> = registry.column_ids().map(|id| column_link(registry, id)).collect();
        Self {
            columns: columns.iter().map(Shared::new).collect(),
            column_urls: columns.into_iter().map(|link| link.url).collect(),
            districts: registry.district_ids().map(|id| Shared::new(&district_link(registry, id))).collect(),
            topics: registry.topic_ids().map(|id| Shared::new(&topic_link(registry, id))).collect(),
        }
    }

    pub fn column(&self, id: ColumnId) -> Shared {
        self.columns[id.0 as usize].clone()
    }

    pub fn districts(&self, ids: &[DistrictId]) -> Vec<Shared> {
        ids.iter().map(|id| self.districts[id.0 as usize].clone()).collect()
    }

    pub fn topics(&self, ids: &[TopicId]) -> Vec<Shared> {
        ids.iter().map(|id| self.topics[id.0 as usize].clone()).collect()
    }
}

/// What one output is made from.
#[derive(Hash)]
pub enum Ingredients<'p> {
    Item(Box<ItemParts<'p>>),
    List(Box<ListParts<'p>>),
    /// A view that is composed already.
    View(View),
}

impl Ingredients<'_> {
    pub fn view(&self) -> Cow<'_, View> {
        match self {
            Self::Item(parts) => Cow::Owned(items::view(parts)),
            Self::List(parts) => Cow::Owned(View::List(Box::new(parts.view()))),
            Self::View(view) => Cow::Borrowed(view),
        }
    }

    /// The item whose body is drawn.
    pub fn item(&self) -> Option<&Item> {
        match self {
            Self::Item(parts) => Some(parts.item.0),
            Self::List(_) | Self::View(_) => None,
        }
    }
}

/// What the page of an item is made from.
#[derive(Hash)]
pub struct ItemParts<'p> {
    pub frame: Frame<'p>,
    pub path: &'p OutputPath,
    pub item: ByDigest<'p>,
    pub expired: bool,
    pub state: Option<PostState>,
    /// For a 公示: whether its period runs.
    pub is_public: bool,
    /// The attributes of each link of the body.
    pub links: Vec<String>,
    pub cover: Option<&'p FilePath>,
    /// As [`Page::picture`].
    pub picture: Option<&'p FilePath>,
    /// Each with its size in bytes.
    pub attachments: Vec<(&'p FilePath, u64)>,
    pub older: Option<Neighbour<'p>>,
    pub newer: Option<Neighbour<'p>>,
    pub related: Vec<Card>,
}

/// An item, hashed by its digest.
pub struct ByDigest<'p>(pub &'p Arc<Item>);

impl Hash for ByDigest<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.digest.hash(state);
    }
}

#[derive(Hash)]
pub struct Neighbour<'p> {
    pub title: &'p str,
    pub path: &'p OutputPath,
}

impl<'p> ItemParts<'p> {
    pub fn gather(plan: &'p Plan, id: PageId) -> Self {
        let page = plan.site.page(id);
        let now = plan.site.now;
        let neighbour =
            |id: PageId| Neighbour { title: &plan.site.item(id).front_matter.title, path: plan.item_path(id) };
        Self {
            frame: plan.frame(),
            path: plan.item_path(id),
            item: ByDigest(&page.item),
            expired: page.expired,
            state: PostState::of(page, &now),
            is_public: match &page.item.detail {
                Detail::Notice(notice) => notice.is_public(&now),
                _ => false,
            },
            links: items::links(plan, page),
            cover: page.cover.as_ref(),
            picture: page.picture(),
            attachments: page.attachments.iter().map(|file| (file, plan.site.files[file].size)).collect(),
            older: page.older.map(neighbour),
            newer: page.newer.map(neighbour),
            related: plan.site.related(id).into_iter().map(|id| plan.card(id)).collect(),
        }
    }
}
