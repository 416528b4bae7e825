//! Views of indexes: home, columns, districts, topics, archive, board.

use super::head::Head;
use super::ingredients::Frame;
use super::machines::has_calendar;
use super::parts::{column_link, counted, date, district_link, link, topic_link};
use crate::parse::item::{Detail, ItemType};
use crate::parse::moment::Moment;
use crate::parse::registry::{DistrictId, Registry, TopicId};
use crate::plan::url::{self, Addresses, ListPage, OutputPath, Scope};
use crate::plan::view::*;
use crate::plan::{Listing, Plan, numbered_pages};
use crate::site::{PageId, Status};

const HOME_LATEST: usize = 8;
const HOME_NOTICES: usize = 7;
const HOME_RECRUITMENT: usize = 6;
const HOME_COLUMN: usize = 5;
/// The top story is looked for among the newest articles only.
const TOP_STORY_WITHIN: usize = 60;
/// A district's first page shows so many items that are for the whole site.
const SITE_WIDE: usize = 5;
/// The board shows so many of the posts that have ended.
const BOARD_FINISHED: usize = 10;

pub fn home(plan: &Plan) -> HomeView {
    let site = &plan.site;
    let path = url::home();
    let of_type = |wanted: ItemType| site.listed.iter().copied().filter(move |id| site.item(*id).item_type() == wanted);
    let with_cover = |id: &PageId| site.page(*id).cover.is_some();
    let candidates: Vec<PageId> = of_type(ItemType::Article).take(TOP_STORY_WITHIN).collect();
    let pinned = of_type(ItemType::Article).filter(|id| site.item(*id).front_matter.pin).find(with_cover);
    let story = pinned.or_else(|| candidates.iter().copied().find(with_cover)).or_else(|| candidates.first().copied());
    let is_pinned = |id: &PageId| site.item(*id).front_matter.pin;
    let others = || of_type(ItemType::Article).filter(|id| Some(*id) != story);
    let latest = others().filter(is_pinned).chain(others().filter(|id| !is_pinned(id))).take(HOME_LATEST);

    let registry = &site.registry;
    let articles = registry.column_ids().filter(|id| registry.column(*id).item_type == ItemType::Article);
    let columns = articles.skip(1).filter(|id| !site.in_column(*id).is_empty()).map(|id| {
        let LinkView { name, url } = column_link(plan.registry(), id);
        ColumnBlockView { name, url, cards: cards(plan, site.in_column(id).iter().take(HOME_COLUMN)) }
    });
    let top: Vec<DistrictId> = registry.district_ids().filter(|id| registry.district(*id).parent.is_none()).collect();
    // On the site of one district, its streets are what readers choose from.
    let districts = match top.as_slice() {
        [only] if !registry.district(*only).children.is_empty() => registry.district(*only).children.clone(),
        _ => top,
    };
    HomeView {
        head: Head::new(plan.frame(), "home", "", &path).finish(),
        top: story.map(|id| plan.card(id)),
        latest: latest.map(|id| plan.card(id)).collect(),
        recruitment: open_posts(plan).into_iter().take(HOME_RECRUITMENT).map(|id| plan.card(id)).collect(),
        notices: of_type(ItemType::Notice).take(HOME_NOTICES).map(|id| plan.card(id)).collect(),
        columns: columns.collect(),
        districts: districts
            .iter()
            .map(|id| counted(district_link(plan.registry(), *id), site.in_district(*id).len()))
            .collect(),
        topics: registry
            .topic_ids()
            .map(|id| counted(topic_link(plan.registry(), id), site.in_topic(id).len()))
            .collect(),
    }
}

fn cards<'a>(plan: &Plan, ids: impl Iterator<Item = &'a PageId>) -> Vec<Card> {
    ids.map(|id| plan.card(*id)).collect()
}

/// Posts that one can apply for, or soon can: the nearest deadline first.
fn open_posts(plan: &Plan) -> Vec<PageId> {
    let mut posts: Vec<PageId> = Vec::new();
    for wanted in [&[Status::ClosingSoon, Status::Open][..], &[Status::Upcoming]] {
        let mut group: Vec<PageId> = with_status(plan, wanted);
        sort_by_deadline(plan, &mut group);
        posts.extend(group);
    }
    posts
}

fn with_status(plan: &Plan, wanted: &[Status]) -> Vec<PageId> {
    let has = |id: &PageId| plan.site.page(*id).status.is_some_and(|status| wanted.contains(&status));
    plan.site.recruitments.iter().copied().filter(has).collect()
}

fn sort_by_deadline(plan: &Plan, posts: &mut [PageId]) {
    posts.sort_by_key(|id| match &plan.site.item(*id).detail {
        Detail::Recruitment(recruitment) => (recruitment.apply_deadline.end(), *id),
        _ => unreachable!("the site's list of recruitment posts holds nothing else"),
    });
}

pub fn board(plan: &Plan) -> BoardView {
    let registry = &plan.site.registry;
    let column = registry.column_ids().find(|id| registry.column(*id).item_type == ItemType::Recruitment);
    let column_url = column.map(|id| column_link(registry, id).url);
    let path = url::board();
    let groups = Status::ALL.into_iter().filter_map(|status| {
        let mut posts = with_status(plan, &[status]);
        if status == Status::Finished {
            posts.truncate(BOARD_FINISHED);
        } else {
            sort_by_deadline(plan, &mut posts);
        }
        let view = StatusView { key: status.key().to_owned(), label: status.label().to_owned(), days_left: None };
        (!posts.is_empty()).then(|| BoardGroupView { status: view, cards: cards(plan, posts.iter()) })
    });
    BoardView {
        head: Head::new(plan.frame(), "board", "志愿者招募", &path)
            .description("正在招募、即将开始和已经结束的志愿服务岗位，按状态和截止时间排列")
            .section(column_url.as_ref())
            .scope(Scope::Site, plan.frame().has_posts)
            .finish(),
        groups: groups.collect(),
        column_url,
    }
}

/// The items of one page of an index, newest first.
fn on_page(list: &[PageId], page: ListPage, size: usize) -> &[PageId] {
    match page {
        ListPage::Newest => &list[..list.len() - numbered_pages(list.len(), size) as usize * size],
        ListPage::Numbered(number) => {
            let end = list.len() - (number as usize - 1) * size;
            &list[end - size..end]
        }
    }
}

/// What one page of an index is made from.
#[derive(Hash)]
pub struct ListParts<'p> {
    frame: Frame<'p>,
    listing: Listing,
    page: ListPage,
    /// The number of the newest numbered page; 0 where there is only one page.
    last: u32,
    cards: Vec<Card>,
    /// The dates of the oldest and of the newest item on the page.
    from: Option<Moment>,
    to: Option<Moment>,
    /// On a district's first page: the districts below it with something in them, and how much.
    children: Vec<(DistrictId, usize)>,
    /// On a first page: how much there is of each topic in a district.
    topics: Vec<(TopicId, usize)>,
    /// On a first page: how much there is of a topic in each district.
    districts: Vec<(DistrictId, usize)>,
    site_wide: Vec<Card>,
    has_calendar: bool,
}

impl<'p> ListParts<'p> {
    pub fn gather(plan: &'p Plan, listing: Listing, page: ListPage) -> Self {
        let site = &plan.site;
        let registry = &site.registry;
        let list = match listing {
            Listing::Column(id) => site.in_column(id),
            Listing::District(id) => site.in_district(id),
            Listing::Topic(id) => site.in_topic(id),
            Listing::DistrictTopic(district, topic) => &site.by_district_and_topic[&(district, topic)],
            Listing::Month(year, month) => &site.by_month[&(year, month)],
        };
        let ids = on_page(list, page, registry.page_size);
        let is_first = page == ListPage::Newest;
        let pinned = |id: &&PageId| site.item(**id).front_matter.pin;
        // A month is a record of what was published when: nothing is pinned in it.
        let pins = is_first && !matches!(listing, Listing::Month(..));
        let cards = if pins {
            cards(plan, list.iter().filter(pinned).chain(ids.iter().filter(|id| !pinned(id))))
        } else {
            cards(plan, ids.iter())
        };
        let day = |id: Option<&PageId>| site.item(*id?).front_matter.date;
        let mut parts = Self {
            frame: plan.frame(),
            listing,
            page,
            last: numbered_pages(list.len(), registry.page_size),
            cards,
            from: day(ids.last()),
            to: day(ids.first()),
            children: Vec::new(),
            topics: Vec::new(),
            districts: Vec::new(),
            site_wide: Vec::new(),
            has_calendar: match listing {
                Listing::District(id) => has_calendar(site, Scope::District(id)),
                Listing::Topic(id) => has_calendar(site, Scope::Topic(id)),
                _ => false,
            },
        };
        let crossing = |district, topic| site.by_district_and_topic.get(&(district, topic)).map(Vec::len);
        match listing {
            Listing::District(id) if is_first => {
                let below = registry.district(id).children.iter().map(|child| (*child, site.in_district(*child).len()));
                parts.children = below.filter(|(_, count)| *count > 0).collect();
                parts.topics = registry.topic_ids().filter_map(|topic| Some((topic, crossing(id, topic)?))).collect();
                parts.site_wide = self::cards(plan, site.site_wide.iter().take(SITE_WIDE));
            }
            Listing::Topic(id) if is_first => {
                let top = registry.district_ids().filter(|district| registry.district(*district).parent.is_none());
                parts.districts = top.filter_map(|district| Some((district, crossing(district, id)?))).collect();
            }
            _ => {}
        }
        parts
    }

    fn path(&self, page: ListPage) -> OutputPath {
        let registry = self.frame.registry;
        match self.listing {
            Listing::Column(id) => url::column(registry.column(id), page),
            Listing::District(id) => url::district(registry, id, page),
            Listing::Topic(id) => url::topic(registry, id, page),
            Listing::DistrictTopic(district, topic) => url::district_topic(registry, district, topic, page),
            Listing::Month(year, month) => url::archive_month(year, month, page),
        }
    }

    /// The view of the page.
    pub fn view(&self) -> ListView {
        let registry = self.frame.registry;
        let path = self.path(self.page);
        let head = |kind: &str, name: &str| Head::new(self.frame, kind, name, &path);
        let first = self.path(ListPage::Newest);
        let blank = |head: Head<'_>, heading: &str, label: &str| ListView {
            head: head.finish(),
            heading: heading.to_owned(),
            label: label.to_owned(),
            description: None,
            cards: self.cards.clone(),
            pager: self.pager(),
            parent: None,
            children: Vec::new(),
            crossings: Vec::new(),
            site_wide: Vec::new(),
            board_url: None,
        };
        match self.listing {
            Listing::Column(id) => {
                let column = registry.column(id);
                let description = column.description.clone().unwrap_or_else(|| column.name.clone());
                let head = head("column", &column.name).description(description).column(id);
                let has_board = column.item_type == ItemType::Recruitment && self.frame.has_posts;
                ListView {
                    description: column.description.clone(),
                    board_url: has_board.then(|| Addresses(&registry.base_url).url(&url::board())),
                    ..blank(head.numbered(self.page, &column.name, &first), &column.name, "栏目")
                }
            }
            Listing::District(id) => {
                let district = registry.district(id);
                let head = head("district", &district.name)
                    .description(format!("{}的文明实践动态、志愿招募和通知公告", district.name))
                    .below([link(registry, "按区域", &url::districts())].into_iter().chain(ancestors(registry, id)))
                    .numbered(self.page, &district.name, &first)
                    .scope(Scope::District(id), self.has_calendar);
                let crossing = |(topic, count): &(TopicId, usize)| {
                    let path = url::district_topic(registry, id, *topic, ListPage::Newest);
                    counted(link(registry, &registry.topic(*topic).name, &path), *count)
                };
                let child = |(id, count): &(DistrictId, usize)| counted(district_link(registry, *id), *count);
                ListView {
                    parent: district.parent.map(|parent| district_link(registry, parent)),
                    children: self.children.iter().map(child).collect(),
                    crossings: self.topics.iter().map(crossing).collect(),
                    site_wide: self.site_wide.clone(),
                    ..blank(head, &district.name, "区域")
                }
            }
            Listing::Topic(id) => {
                let topic = registry.topic(id);
                let description = topic.description.clone();
                let head = head("topic", &topic.name)
                    .description(description.unwrap_or_else(|| format!("主题“{}”下的全部内容", topic.name)))
                    .below([link(registry, "按主题", &url::topics())])
                    .numbered(self.page, &topic.name, &first)
                    .scope(Scope::Topic(id), self.has_calendar);
                let crossing = |(district, count): &(DistrictId, usize)| {
                    let path = url::district_topic(registry, *district, id, ListPage::Newest);
                    counted(link(registry, &registry.district(*district).name, &path), *count)
                };
                ListView {
                    description: topic.description.clone(),
                    crossings: self.districts.iter().map(crossing).collect(),
                    ..blank(head, &topic.name, "主题")
                }
            }
            Listing::DistrictTopic(district, topic) => {
                let (of, about) = (&registry.district(district).name, &registry.topic(topic).name);
                let name = format!("{of}·{about}");
                let mut trail = vec![link(registry, "按区域", &url::districts())];
                trail.extend(ancestors(registry, district));
                trail.push(district_link(registry, district));
                let head = head("district_topic", &name)
                    .description(format!("{of}“{about}”主题的全部内容"))
                    .below(trail)
                    .numbered(self.page, &name, &first);
                ListView { parent: Some(district_link(registry, district)), ..blank(head, &name, "区域·主题") }
            }
            Listing::Month(year, month) => {
                let name = format!("{year}年{month}月");
                let year = link(registry, &format!("{year}年"), &url::archive_year(year));
                let head = head("archive", &name)
                    .description(format!("{name}发布的全部内容"))
                    .below([link(registry, "归档", &url::archive()), year])
                    .numbered(self.page, &name, &first);
                blank(head, &name, "归档")
            }
        }
    }

    fn pager(&self) -> PagerView {
        let addresses = Addresses(&self.frame.registry.base_url);
        let url = |page: ListPage| addresses.url(&self.path(page));
        let last = self.last;
        let is_first = self.page == ListPage::Newest;
        let (number, newer, older) = match self.page {
            ListPage::Newest => (None, None, (last > 0).then_some(last)),
            ListPage::Numbered(number) => {
                let newer = if number == last { ListPage::Newest } else { ListPage::Numbered(number + 1) };
                (Some(number), Some(newer), (number > 1).then(|| number - 1))
            }
        };
        let shown = (1..=last).rev().take(if is_first { 5 } else { 0 });
        PagerView {
            number,
            newest_url: (!is_first).then(|| url(ListPage::Newest)),
            newer_url: newer.map(url),
            older_url: older.map(|number| url(ListPage::Numbered(number))),
            oldest_url: (last > 0 && self.page != ListPage::Numbered(1)).then(|| url(ListPage::Numbered(1))),
            from: self.from.as_ref().map(date),
            to: self.to.as_ref().map(date),
            pages: shown
                .map(|number| LinkView { name: number.to_string(), url: url(ListPage::Numbered(number)) })
                .collect(),
        }
    }
}

/// The districts above, the highest first.
fn ancestors(registry: &Registry, id: DistrictId) -> Vec<LinkView> {
    let mut above: Vec<LinkView> = registry.lineage(id).skip(1).map(|id| district_link(registry, id)).collect();
    above.reverse();
    above
}

pub fn archive(plan: &Plan) -> ArchiveView {
    let path = url::archive();
    ArchiveView {
        head: Head::new(plan.frame(), "archive", "归档", &path).description("按年月查看全部内容").finish(),
        heading: "归档".to_owned(),
        years: years(plan),
    }
}

pub fn archive_year(plan: &Plan, year: i16) -> ArchiveView {
    let path = url::archive_year(year);
    let name = format!("{year}年");
    ArchiveView {
        head: Head::new(plan.frame(), "archive", &name, &path)
            .description(format!("{name}发布的全部内容"))
            .below([link(plan.registry(), "归档", &url::archive())])
            .finish(),
        years: years(plan).into_iter().filter(|view| view.year == year.to_string()).collect(),
        heading: name,
    }
}

/// The years, newest first, each with its months, newest first.
fn years(plan: &Plan) -> Vec<YearView> {
    let mut years: Vec<YearView> = Vec::new();
    for ((year, month), items) in plan.site.by_month.iter().rev() {
        let name = year.to_string();
        if years.last().is_none_or(|last| last.year != name) {
            let url = plan.addresses().url(&url::archive_year(*year));
            years.push(YearView { year: name, url, count: 0, months: Vec::new() });
        }
        let last = years.last_mut().expect("a year was just pushed");
        last.count += items.len() as u64;
        let path = url::archive_month(*year, *month, ListPage::Newest);
        last.months.push(counted(link(plan.registry(), &format!("{month}月"), &path), items.len()));
    }
    years
}

pub fn districts(plan: &Plan) -> DistrictsView {
    fn node(plan: &Plan, id: DistrictId) -> DistrictNodeView {
        let district = plan.site.registry.district(id);
        let LinkView { name, url } = district_link(plan.registry(), id);
        DistrictNodeView {
            name,
            url,
            count: plan.site.in_district(id).len() as u64,
            level: district.level.clone(),
            children: district.children.iter().map(|child| node(plan, *child)).collect(),
        }
    }
    let registry = &plan.site.registry;
    let path = url::districts();
    DistrictsView {
        head: Head::new(plan.frame(), "districts", "按区域", &path).description("按区域查看文明实践内容").finish(),
        districts: registry
            .district_ids()
            .filter(|id| registry.district(*id).parent.is_none())
            .map(|id| node(plan, id))
            .collect(),
    }
}

pub fn topics(plan: &Plan) -> TopicsView {
    let registry = &plan.site.registry;
    let path = url::topics();
    let topics = registry.topic_ids().map(|id| {
        let topic = registry.topic(id);
        let LinkView { name, url } = topic_link(plan.registry(), id);
        let count = plan.site.in_topic(id).len() as u64;
        TopicView { name, url, count, platform: topic.platform, description: topic.description.clone() }
    });
    TopicsView {
        head: Head::new(plan.frame(), "topics", "按主题", &path).description("按主题查看文明实践内容").finish(),
        topics: topics.collect(),
    }
}

pub fn site_map(plan: &Plan) -> SiteMapView {
    let path = url::site_map();
    let columns = plan.site.registry.column_ids().map(|id| {
        let LinkView { name, url } = column_link(plan.registry(), id);
        ColumnBlockView { name, url, cards: Vec::new() }
    });
    SiteMapView {
        head: Head::new(plan.frame(), "site_map", "网站地图", &path).description("网站的全部栏目、区域和主题").finish(),
        columns: columns.collect(),
        years: years(plan)
            .into_iter()
            .map(|year| LinkView { name: format!("{}年", year.year), url: year.url })
            .collect(),
    }
}
