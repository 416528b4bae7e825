//! What differs between two editions, told for people: which pages were edited, where pages went.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use crate::diagnostic::{FilePath, Text};
use crate::parse::item::Item;
use crate::parse::markdown::{Block, Body};
use crate::pipeline::{Edition, Memory};
use crate::plan::Recipe;
use crate::plan::url::{self, OutputPath, copied};
use crate::site::PageId;
use crate::source::FileState;

/// What one change brought.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// The state that it led to.
    pub number: u64,
    /// Pages of items that are new or were edited: the first ones, where there are very many.
    pub pages: Vec<ChangedPage>,
    /// How many more of them there are.
    pub untold: usize,
    /// Addresses of copied files whose bytes changed.
    pub resources: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct ChangedPage {
    pub path: OutputPath,
    pub url: String,
    pub title: String,
    /// The block of the body that was edited.
    pub block: Option<EditedBlock>,
}

/// The first block that differs, as it stands on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditedBlock {
    pub html: String,
    /// Which one of several identical ones on the page, from 0.
    pub nth: usize,
    /// The byte in the file where it begins.
    pub start: usize,
}

/// Pages that were there and are not any more: where each one went.
#[derive(Debug, Clone, Default)]
pub struct Gone {
    pages: BTreeMap<OutputPath, FilePath>,
    renamed: BTreeMap<FilePath, FilePath>,
    /// The folders in which the site lay before, as paths: `/wenming/`.
    bases: BTreeSet<String>,
}

/// What became of a page that is gone.
pub enum Fate {
    Moved(PageId),
    /// It is not published at this moment, or not there.
    Because(Text),
}

/// So many changed pages are told one by one.
const TOLD: usize = 30;

/// Compares two editions. `touched` are the items that were read anew or are gone since the older one.
pub fn changes(
    old: Option<&Edition>,
    new: &Edition,
    touched: &BTreeSet<FilePath>,
    gone: &Arc<Gone>,
    memory: &Memory,
) -> (Change, Arc<Gone>) {
    let Some(old) = old else { return (Change::default(), Arc::default()) };
    let before = pages_of(old, touched);
    let after = pages_of(new, touched);
    let known = |file: &FilePath| before.get(file).copied();
    let is_changed = |(file, id): &(&FilePath, PageId)| known(file).is_none_or(|known| differs(old, known, new, *id));
    let changed: Vec<(&FilePath, PageId)> = after.iter().map(|(file, id)| (*file, *id)).filter(is_changed).collect();
    let told = &changed[..changed.len().min(TOLD)];
    let pages = told.par_iter().map(|(file, id)| changed_page(old, known(file), new, *id)).collect();
    let untold = changed.len() - told.len();
    let change = Change { number: 0, pages, untold, resources: resources(old, new) };
    let gone = if old.plan.outputs == new.plan.outputs && base(old) == base(new) {
        Arc::clone(gone)
    } else {
        Arc::new(follow(old, new, &before, &after, gone, memory))
    };
    (change, gone)
}

fn base(edition: &Edition) -> &str {
    &edition.plan.site.registry.base_url.path
}

fn pages_of<'f>(edition: &Edition, files: &'f BTreeSet<FilePath>) -> BTreeMap<&'f FilePath, PageId> {
    files.iter().filter_map(|file| Some((file, edition.plan.site.page_of(file)?))).collect()
}

/// Whether an item says something else or at another address, not merely was saved again.
fn differs(old: &Edition, old_id: PageId, new: &Edition, new_id: PageId) -> bool {
    let is_same = old.plan.site.item(old_id) == new.plan.site.item(new_id);
    !is_same || old.plan.item_path(old_id) != new.plan.item_path(new_id)
}

fn changed_page(old: &Edition, known: Option<PageId>, new: &Edition, id: PageId) -> ChangedPage {
    let item = new.plan.site.item(id);
    let path = new.plan.item_path(id);
    let block = known.and_then(|known| edited_block(&old.plan.site.item(known).body, new, id));
    ChangedPage {
        url: new.plan.addresses().url(path),
        path: path.clone(),
        title: item.front_matter.title.clone(),
        block,
    }
}

fn edited_block(old: &Body, new: &Edition, id: PageId) -> Option<EditedBlock> {
    let body = &new.plan.site.item(id).body;
    let blocks = blocks(body);
    let index = first_difference(&self::blocks(old), &blocks)?;
    let nth = blocks[..index].iter().filter(|earlier| **earlier == blocks[index]).count();
    let html = new.plan.block(id, index)?;
    Some(EditedBlock { html, nth, start: body.html.blocks()[index].span.start as usize })
}

/// What each block of a body says: its HTML, and where its links lead. `None` where the body holds raw HTML.
fn blocks(body: &Body) -> Vec<Option<(String, Vec<&str>)>> {
    let text = body.html.text();
    let say = |block: &Block| {
        let part = block.html.clone()?;
        let holes = body.html.holes().iter().filter(|hole| part.contains(&hole.at));
        let targets = holes.map(|hole| body.links[hole.link as usize].target.as_str()).collect();
        Some((text[part.start as usize..part.end as usize].to_owned(), targets))
    };
    body.html.blocks().iter().map(say).collect()
}

/// The index of the first block of `new` that `old` has not at its place; the block before one that was
/// taken away.
fn first_difference<T: PartialEq>(old: &[T], new: &[T]) -> Option<usize> {
    let count = old.len().max(new.len());
    let first = (0..count).find(|index| old.get(*index) != new.get(*index))?;
    new.len().checked_sub(1).map(|last| first.min(last))
}

fn resources(old: &Edition, new: &Edition) -> Vec<String> {
    let known = &old.plan.site.files;
    let is_changed = |path: &FilePath, state: &FileState| known.get(path).is_some_and(|known| known != state);
    let changed = new.plan.site.files.iter().filter(|(path, state)| is_changed(path, state));
    changed.map(|(path, _)| new.plan.addresses().url(&copied(path))).collect()
}

/// Where the pages went that the newer edition does not have.
fn follow(
    old: &Edition,
    new: &Edition,
    before: &BTreeMap<&FilePath, PageId>,
    after: &BTreeMap<&FilePath, PageId>,
    gone: &Gone,
    memory: &Memory,
) -> Gone {
    let mut gone = gone.clone();
    let (old_site, new_site) = (&old.plan.site, &new.plan.site);
    let there = |file: &FilePath| memory.knows(file);
    let mut came: BTreeMap<&str, Vec<(&FilePath, &Item)>> = BTreeMap::new();
    for (file, id) in after.iter().filter(|(file, _)| !before.contains_key(*file)) {
        let item = new_site.item(*id);
        came.entry(&item.front_matter.title).or_default().push((file, item));
    }
    for (file, id) in before.iter().filter(|(file, _)| !there(file)) {
        // A file under another name has the same title, and mostly says the same.
        let item = old_site.item(*id);
        let Some(named) = came.get(item.front_matter.title.as_str()) else { continue };
        let same_body = named.iter().find(|(_, other)| item.body.html == other.body.html);
        if let Some((to, _)) = same_body.or(named.first()) {
            gone.renamed.insert((*file).clone(), (*to).clone());
        }
    }
    if base(old) != base(new) {
        gone.bases.insert(base(old).to_owned());
    }
    // Both are sorted: one pass finds what is missing.
    let mut kept = new.plan.outputs.keys().peekable();
    for (path, recipe) in &old.plan.outputs {
        while kept.next_if(|other| *other < path).is_some() {}
        if kept.peek() != Some(&path)
            && let Recipe::Item(id) | Recipe::Redirect(id) = recipe
        {
            gone.pages.insert(path.clone(), old_site.item(*id).file.clone());
        }
    }
    gone
}

impl Gone {
    /// Where an address of the site lies today that was right while the site lay in another folder.
    pub fn moved_with_site(&self, request: &str, edition: &Edition) -> Option<String> {
        let below = self.bases.iter().rev().filter_map(|base| request.strip_prefix(base.as_str()));
        let paths = below.map(url::answering);
        let there = paths.into_iter().find(|path| edition.plan.outputs.contains_key(path))?;
        Some(edition.plan.addresses().url(&there))
    }

    /// What became of the page that once lay at `path`; `None` where there never was one.
    pub fn fate(&self, path: &OutputPath, edition: &Edition, items: &[Arc<Item>]) -> Option<Fate> {
        let mut file = self.pages.get(path)?;
        // A file that is renamed back and forth leads in a circle.
        for _ in 0..self.renamed.len() {
            match self.renamed.get(file) {
                Some(to) if !items.iter().any(|item| item.file == *file) => file = to,
                _ => break,
            }
        }
        let site = &edition.plan.site;
        if let Some(id) = site.page_of(file) {
            return Some(Fate::Moved(id));
        }
        Some(Fate::Because(match items.iter().find(|item| item.file == *file) {
            Some(item) if item.front_matter.draft => Text::new("这篇内容现在是草稿", "this item is a draft now"),
            Some(item) => match &item.front_matter.date {
                Some(date) => Text::new(format!("这篇内容定于 {date} 发布"), format!("this item is due on {date}")),
                None => Text::new("这篇内容现在不发布", "this item is not published now"),
            },
            None => Text::new(format!("“{file}”已经删除"), format!("\"{file}\" was deleted")),
        }))
    }
}
