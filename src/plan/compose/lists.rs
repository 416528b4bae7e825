//! Views of indexes: home, columns, districts, topics, archive, board.

use super::head::Head;
use super::machines::has_calendar;
use super::parts::{column_link, counted, date, district_link, link, topic_link};
use crate::parse::item::{Detail, ItemType};
use crate::parse::registry::{ColumnId, DistrictId, TopicId};
use crate::plan::url::{self, ListPage, OutputPath, Scope};
use crate::plan::view::*;
use crate::plan::{Plan, numbered_pages};
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

fn cards<'a>(plan: &Plan, ids: impl Iterator<Item = &'a PageId>) -> Vec<Shared> {
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
            .scope(Scope::Site, plan.frame().has_calendar)
            .finish(),
        groups: groups.collect(),
        column_url: column.map(|id| column_link(plan.registry(), id).url),
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

/// An index that is being put together.
struct Index<'a> {
    plan: &'a Plan,
    list: &'a [PageId],
    page: ListPage,
    address: &'a dyn Fn(ListPage) -> OutputPath,
}

impl Index<'_> {
    fn is_first(&self) -> bool {
        self.page == ListPage::Newest
    }

    /// The cards of this page; on the first page the pinned items come first.
    fn cards(&self) -> Vec<Shared> {
        let ids = on_page(self.list, self.page, self.plan.site.registry.page_size);
        if !self.is_first() {
            return cards(self.plan, ids.iter());
        }
        let pinned = |id: &&PageId| self.plan.site.item(**id).front_matter.pin;
        cards(self.plan, self.list.iter().filter(pinned).chain(ids.iter().filter(|id| !pinned(id))))
    }

    fn pager(&self) -> PagerView {
        let plan = self.plan;
        let size = plan.site.registry.page_size;
        let last = numbered_pages(self.list.len(), size);
        let url = |page: ListPage| plan.addresses().url(&(self.address)(page));
        let ids = on_page(self.list, self.page, size);
        let day = |id: Option<&PageId>| id.and_then(|id| plan.site.item(*id).front_matter.date.as_ref().map(date));
        let (number, newer, older) = match self.page {
            ListPage::Newest => (None, None, (last > 0).then_some(last)),
            ListPage::Numbered(number) => {
                let newer = if number == last { ListPage::Newest } else { ListPage::Numbered(number + 1) };
                (Some(number), Some(newer), (number > 1).then(|| number - 1))
            }
        };
        let shown = (1..=last).rev().take(if self.is_first() { 5 } else { 0 });
        PagerView {
            number,
            newest_url: (!self.is_first()).then(|| url(ListPage::Newest)),
            newer_url: newer.map(url),
            older_url: older.map(|number| url(ListPage::Numbered(number))),
            oldest_url: (last > 0 && self.page != ListPage::Numbered(1)).then(|| url(ListPage::Numbered(1))),
            from: day(ids.last()),
            to: day(ids.first()),
            pages: shown
                .map(|number| LinkView { name: number.to_string(), url: url(ListPage::Numbered(number)) })
                .collect(),
        }
    }
}

pub fn column(plan: &Plan, id: ColumnId, page: ListPage) -> ListView {
    let column = plan.site.registry.column(id);
    let address = |page| url::column(column, page);
    let index = Index { plan, list: plan.site.in_column(id), page, address: &address };
    let path = address(page);
    let description = column.description.clone().unwrap_or_else(|| column.name.clone());
    ListView {
        head: Head::new(plan.frame(), "column", &column.name, &path)
            .description(description)
            .column(id)
            .numbered(page, &column.name, &address(ListPage::Newest))
            .finish(),
        heading: column.name.clone(),
        label: "栏目".to_owned(),
        description: column.description.clone(),
        cards: index.cards(),
        pager: index.pager(),
        parent: None,
        children: Vec::new(),
        crossings: Vec::new(),
        site_wide: Vec::new(),
        board_url: (column.item_type == ItemType::Recruitment).then(|| plan.site_view.board_url.clone()).flatten(),
    }
}

pub fn district(plan: &Plan, id: DistrictId, page: ListPage) -> ListView {
    let site = &plan.site;
    let registry = &site.registry;
    let district = registry.district(id);
    let address = |page| url::district(registry, id, page);
    let index = Index { plan, list: site.in_district(id), page, address: &address };
    let path = address(page);
    let children = district.children.iter().filter(|child| !site.in_district(**child).is_empty());
    let children =
        children.map(|child| counted(district_link(plan.registry(), *child), site.in_district(*child).len()));
    let crossings = registry.topic_ids().filter_map(|topic| {
        let count = site.by_district_and_topic.get(&(id, topic))?.len();
        let path = url::district_topic(registry, id, topic, ListPage::Newest);
        Some(counted(link(plan.registry(), &registry.topic(topic).name, &path), count))
    });
    let ancestors: Vec<LinkView> = ancestors(plan, id);
    ListView {
        head: Head::new(plan.frame(), "district", &district.name, &path)
            .description(format!("{}的文明实践动态、志愿招募和通知公告", district.name))
            .below([link(plan.registry(), "按区域", &url::districts())].into_iter().chain(ancestors))
            .numbered(page, &district.name, &address(ListPage::Newest))
            .scope(Scope::District(id), has_calendar(site, Scope::District(id)))
            .finish(),
        heading: district.name.clone(),
        label: "区域".to_owned(),
        description: None,
        cards: index.cards(),
        pager: index.pager(),
        parent: district.parent.map(|parent| district_link(plan.registry(), parent)),
        children: if index.is_first() { children.collect() } else { Vec::new() },
        crossings: if index.is_first() { crossings.collect() } else { Vec::new() },
        site_wide: if index.is_first() { cards(plan, site.site_wide.iter().take(SITE_WIDE)) } else { Vec::new() },
        board_url: None,
    }
}

/// The districts above, the highest first.
fn ancestors(plan: &Plan, id: DistrictId) -> Vec<LinkView> {
    let mut above: Vec<LinkView> =
        plan.site.registry.lineage(id).skip(1).map(|id| district_link(plan.registry(), id)).collect();
    above.reverse();
    above
}

pub fn topic(plan: &Plan, id: TopicId, page: ListPage) -> ListView {
    let site = &plan.site;
    let registry = &site.registry;
    let topic = registry.topic(id);
    let address = |page| url::topic(registry, id, page);
    let index = Index { plan, list: site.in_topic(id), page, address: &address };
    let path = address(page);
    let crossings = registry
        .district_ids()
        .filter(|district| registry.district(*district).parent.is_none())
        .filter_map(|district| {
            let count = site.by_district_and_topic.get(&(district, id))?.len();
            let path = url::district_topic(registry, district, id, ListPage::Newest);
            Some(counted(link(plan.registry(), &registry.district(district).name, &path), count))
        });
    ListView {
        head: Head::new(plan.frame(), "topic", &topic.name, &path)
            .description(topic.description.clone().unwrap_or_else(|| format!("主题“{}”下的全部内容", topic.name)))
            .below([link(plan.registry(), "按主题", &url::topics())])
            .numbered(page, &topic.name, &address(ListPage::Newest))
            .scope(Scope::Topic(id), has_calendar(site, Scope::Topic(id)))
            .finish(),
        heading: topic.name.clone(),
        label: "主题".to_owned(),
        description: topic.description.clone(),
        cards: index.cards(),
        pager: index.pager(),
        parent: None,
        children: Vec::new(),
        crossings: if index.is_first() { crossings.collect() } else { Vec::new() },
        site_wide: Vec::new(),
        board_url: None,
    }
}

pub fn district_topic(plan: &Plan, district: DistrictId, topic: TopicId, page: ListPage) -> ListView {
    let site = &plan.site;
    let registry = &site.registry;
    let address = |page| url::district_topic(registry, district, topic, page);
    let list = &site.by_district_and_topic[&(district, topic)];
    let index = Index { plan, list, page, address: &address };
    let path = address(page);
    let name = format!("{}·{}", registry.district(district).name, registry.topic(topic).name);
    let mut trail = vec![link(plan.registry(), "按区域", &url::districts())];
    trail.extend(ancestors(plan, district));
    trail.push(district_link(plan.registry(), district));
    ListView {
        head: Head::new(plan.frame(), "district_topic", &name, &path)
            .description(format!("{}“{}”主题的全部内容", registry.district(district).name, registry.topic(topic).name))
            .below(trail)
            .numbered(page, &name, &address(ListPage::Newest))
            .finish(),
        heading: name,
        label: "区域·主题".to_owned(),
        description: None,
        cards: index.cards(),
        pager: index.pager(),
        parent: Some(district_link(plan.registry(), district)),
        children: Vec::new(),
        crossings: Vec::new(),
        site_wide: Vec::new(),
        board_url: None,
    }
}

pub fn archive_month(plan: &Plan, year: i16, month: i8, page: ListPage) -> ListView {
    let address = |page| url::archive_month(year, month, page);
    let index = Index { plan, list: &plan.site.by_month[&(year, month)], page, address: &address };
    let path = address(page);
    let name = format!("{year}年{month}月");
    ListView {
        head: Head::new(plan.frame(), "archive", &name, &path)
            .description(format!("{name}发布的全部内容"))
            .below([
                link(plan.registry(), "归档", &url::archive()),
                link(plan.registry(), &format!("{year}年"), &url::archive_year(year)),
            ])
            .numbered(page, &name, &address(ListPage::Newest))
            .finish(),
        heading: name,
        label: "归档".to_owned(),
        description: None,
        // A month is a record of what was published when: nothing is pinned in it.
        cards: cards(plan, on_page(index.list, page, plan.site.registry.page_size).iter()),
        pager: index.pager(),
        parent: None,
        children: Vec::new(),
        crossings: Vec::new(),
        site_wide: Vec::new(),
        board_url: None,
    }
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
