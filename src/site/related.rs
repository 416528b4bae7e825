//! Chooses up to five related items: the same topics first, then the same district.
//!
//! Older items come before newer ones, so that a new article leaves the pages of the old ones as they
//! are, unless those are still short of related items.

use std::cmp::Reverse;

use super::{Page, PageId, Site};

const RELATED: usize = 5;
/// How many neighbours in each list are looked at. More would find a little closer matches and cost
/// time that grows with the number of topics.
const WINDOW: usize = 12;

pub(super) fn choose(site: &Site, id: PageId) -> Vec<PageId> {
    let page = site.page(id);
    let topics = page.item.front_matter.topics.iter().map(|topic| site.in_topic(*topic));
    let districts = page.item.front_matter.districts.these().iter().map(|district| site.in_district(*district));
    let mut chosen = Vec::with_capacity(RELATED);
    for lists in [topics.collect::<Vec<_>>(), districts.collect::<Vec<_>>()] {
        for direction in [older, newer] as [fn(&[PageId], PageId) -> &[PageId]; 2] {
            let mut best = Best::new(RELATED - chosen.len());
            for candidate in lists.iter().flat_map(|list| direction(list, id)).copied() {
                if !chosen.contains(&candidate) {
                    best.offer((Reverse(shared(page, site.page(candidate))), candidate.0.abs_diff(id.0), candidate));
                }
            }
            chosen.extend(best.ranked.into_iter().map(|(.., candidate)| candidate));
            if chosen.len() == RELATED {
                return chosen;
            }
        }
    }
    chosen
}

/// The more in common the better, then the nearer.
type Rank = (Reverse<usize>, u32, PageId);

/// The first few of many, each once.
struct Best {
    ranked: Vec<Rank>,
    most: usize,
}

impl Best {
    fn new(most: usize) -> Self {
        Self { ranked: Vec::with_capacity(most + 1), most }
    }

    fn offer(&mut self, candidate: Rank) {
        // What several lists hold is offered several times.
        let place = self.ranked.iter().position(|known| *known >= candidate).unwrap_or(self.ranked.len());
        if place < self.most && self.ranked.get(place) != Some(&candidate) {
            self.ranked.insert(place, candidate);
            self.ranked.truncate(self.most);
        }
    }
}

/// The nearest items of a list that are older.
fn older(list: &[PageId], id: PageId) -> &[PageId] {
    let after = &list[list.partition_point(|other| *other <= id)..];
    &after[..after.len().min(WINDOW)]
}

/// The nearest items of a list that are newer.
fn newer(list: &[PageId], id: PageId) -> &[PageId] {
    let before = &list[..list.partition_point(|other| *other < id)];
    &before[before.len().saturating_sub(WINDOW)..]
}

/// How much two items have in common: a topic counts more than a district.
fn shared(a: &Page, b: &Page) -> usize {
    let (a, b) = (&a.item.front_matter, &b.item.front_matter);
    let topics = a.topics.iter().filter(|topic| b.topics.contains(topic)).count();
    let districts = a.districts.these().iter().filter(|district| b.districts.these().contains(district)).count();
    2 * topics + districts.min(1)
}
