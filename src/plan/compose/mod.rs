//! Gathers the ingredients of each recipe and composes its view. Start at [`ingredients`].

mod ingredients;
mod parts;
mod json;
mod authors;
mod head;
mod cards;
mod lists;
mod items;
mod machines;

pub(super) use cards::card;
pub(super) use head::site_view;
pub use ingredients::{Frame, Ingredients, Links};
pub(super) use items::block;
pub(super) use machines::has_calendar;

use super::view::{NotFoundView, RedirectView, RobotsView, SitemapIndexView, View};
use super::{Plan, Recipe, SITEMAP_ENTRIES, url};
use crate::site::PageId;
use head::Head;
use ingredients::ItemParts;
use lists::ListParts;

pub(super) fn ingredients<'p>(plan: &'p Plan, recipe: &Recipe) -> Ingredients<'p> {
    Ingredients::View(match recipe {
        Recipe::Item(id) => return Ingredients::Item(Box::new(ItemParts::gather(plan, *id))),
        Recipe::List(listing, page) => return Ingredients::List(Box::new(ListParts::gather(plan, *listing, *page))),
        Recipe::Home => View::Home(Box::new(lists::home(plan))),
        Recipe::Archive => View::Archive(Box::new(lists::archive(plan))),
        Recipe::ArchiveYear(year) => View::Archive(Box::new(lists::archive_year(plan, *year))),
        Recipe::Board => View::Board(Box::new(lists::board(plan))),
        Recipe::Districts => View::Districts(Box::new(lists::districts(plan))),
        Recipe::Topics => View::Topics(Box::new(lists::topics(plan))),
        Recipe::SiteMap => View::SiteMap(Box::new(lists::site_map(plan))),
        Recipe::NotFound => View::NotFound(Box::new(not_found(plan))),
        Recipe::Redirect(id) => View::Redirect(Box::new(redirect(plan, *id))),
        Recipe::Atom(scope) => View::Atom(machines::feed(plan, *scope, url::atom_feed)),
        Recipe::JsonFeed(scope) => View::JsonFeed(machines::feed(plan, *scope, url::json_feed)),
        Recipe::Calendar(scope) => View::Calendar(machines::calendar(plan, *scope)),
        Recipe::Sitemap(first) => View::Sitemap(machines::sitemap(plan, *first)),
        Recipe::SitemapIndex => View::SitemapIndex(sitemap_index(plan)),
        Recipe::Robots => View::Robots(RobotsView { sitemap_url: plan.addresses().absolute(&url::sitemap()) }),
        Recipe::Asset(name) => View::Asset(name.clone()),
        Recipe::File(path, state) => View::File(path.clone(), *state),
    })
}

fn not_found(plan: &Plan) -> NotFoundView {
    let path = url::not_found();
    NotFoundView { head: Head::new(plan.frame(), "not_found", "页面不存在", &path).no_index().finish() }
}

fn redirect(plan: &Plan, id: PageId) -> RedirectView {
    let path = plan.item_path(id);
    RedirectView {
        title: plan.site.item(id).front_matter.title.clone(),
        url: plan.addresses().url(path),
        canonical: plan.addresses().absolute(path),
    }
}

fn sitemap_index(plan: &Plan) -> SitemapIndexView {
    let parts = plan.indexed().count().div_ceil(SITEMAP_ENTRIES);
    SitemapIndexView { parts: (1..=parts).map(|part| plan.addresses().absolute(&url::sitemap_part(part))).collect() }
}
