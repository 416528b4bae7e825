//! Views of feeds, calendars and site maps.

use super::head::content_source;
use crate::parse::item::Detail;
use crate::parse::registry::Registry;
use crate::plan::url::{self, ListPage, OutputPath, Scope};
use crate::plan::view::{CalendarEventView, CalendarView, FeedEntryView, FeedView, SitemapView};
use crate::plan::{Plan, SITEMAP_ENTRIES};
use crate::site::{PageId, Site};

const FEED_ENTRIES: usize = 20;
/// A calendar holds the newest posts only: a subscriber reads it whole every few hours.
const CALENDAR_POSTS: usize = 100;

fn items(site: &Site, scope: Scope) -> &[PageId] {
    match scope {
        Scope::Site => &site.listed,
        Scope::District(id) => site.in_district(id),
        Scope::Topic(id) => site.in_topic(id),
    }
}

fn posts(site: &Site, scope: Scope) -> impl Iterator<Item = PageId> + '_ {
    let is_post = |id: &PageId| matches!(site.item(*id).detail, Detail::Recruitment(_));
    let list = if scope == Scope::Site { &site.recruitments } else { items(site, scope) };
    list.iter().copied().filter(is_post)
}

/// The site and each district with a recruitment post have a calendar.
pub fn has_calendar(site: &Site, scope: Scope) -> bool {
    !matches!(scope, Scope::Topic(_)) && posts(site, scope).next().is_some()
}

/// What a feed or a calendar is called.
pub fn name(registry: &Registry, scope: Scope) -> String {
    match scope {
        Scope::Site => registry.title.clone(),
        Scope::District(id) => format!("{} - {}", registry.district(id).name, registry.title),
        Scope::Topic(id) => format!("{} - {}", registry.topic(id).name, registry.title),
    }
}

fn home(registry: &Registry, scope: Scope) -> OutputPath {
    match scope {
        Scope::Site => url::home(),
        Scope::District(id) => url::district(registry, id, ListPage::Newest),
        Scope::Topic(id) => url::topic(registry, id, ListPage::Newest),
    }
}

pub fn feed(plan: &Plan, scope: Scope, own_path: fn(&Registry, Scope) -> OutputPath) -> FeedView {
    let registry = &plan.site.registry;
    let entries: Vec<FeedEntryView> =
        items(&plan.site, scope).iter().take(FEED_ENTRIES).filter_map(|id| entry(plan, *id)).collect();
    let newest = entries.iter().map(|entry| entry.updated.clone()).max();
    FeedView {
        title: name(registry, scope),
        feed_url: plan.addresses().absolute(&own_path(registry, scope)),
        home_url: plan.addresses().absolute(&home(registry, scope)),
        language: registry.language.clone(),
        author: registry.organization.clone().unwrap_or_else(|| registry.title.clone()),
        // An empty feed has no date of its own; the epoch keeps it valid and reproducible.
        updated: newest.unwrap_or_else(|| "1970-01-01T00:00:00Z".to_owned()),
        entries,
    }
}

fn entry(plan: &Plan, id: PageId) -> Option<FeedEntryView> {
    let page = plan.site.page(id);
    let front_matter = &page.item.front_matter;
    let published = front_matter.date?;
    let registry = &plan.site.registry;
    Some(FeedEntryView {
        title: front_matter.title.clone(),
        url: plan.addresses().absolute(plan.item_path(id)),
        published: published.rfc3339(),
        updated: front_matter.changed().unwrap_or(published).rfc3339(),
        summary: page.item.summary.clone(),
        author: content_source(&page.item, registry).map(str::to_owned),
        image: page.picture().map(|file| plan.addresses().absolute(&url::copied(file))),
        tags: front_matter.topics.iter().map(|topic| registry.topic(*topic).name.clone()).collect(),
    })
}

pub fn calendar(plan: &Plan, scope: Scope) -> CalendarView {
    CalendarView {
        name: format!("志愿者招募 - {}", name(&plan.site.registry, scope)),
        events: posts(&plan.site, scope).take(CALENDAR_POSTS).flat_map(|id| events(plan, id)).collect(),
    }
}

/// A post's deadline and its service.
fn events(plan: &Plan, id: PageId) -> Vec<CalendarEventView> {
    let item = plan.site.item(id);
    let Detail::Recruitment(post) = &item.detail else { return Vec::new() };
    let path = plan.item_path(id);
    let host = &plan.site.registry.base_url.host;
    let title = &item.front_matter.title;
    let stamp = item.front_matter.changed().unwrap_or_default();
    let event = |what: &str, summary: String, start, end, location| CalendarEventView {
        uid: format!("{what}{}@{host}", plan.addresses().url(path)),
        stamp,
        start,
        end,
        summary,
        description: format!("主办：{}。详情：{}", post.organizer, plan.addresses().absolute(path)),
        location,
        url: plan.addresses().absolute(path),
    };
    let place = post.place.as_ref().map(|place| match &place.address {
        Some(address) => format!("{}（{address}）", place.name),
        None => place.name.clone(),
    });
    vec![
        event("deadline", format!("报名截止：{title}"), post.apply_deadline, post.apply_deadline, None),
        event("service", format!("志愿服务：{title}"), post.service_start, post.service_end, place),
    ]
}

pub fn sitemap(plan: &Plan, first: usize) -> SitemapView {
    let entries = plan.indexed().skip(first).take(SITEMAP_ENTRIES);
    SitemapView { entries: entries.map(|(path, changed)| (plan.addresses().absolute(path), changed)).collect() }
}
