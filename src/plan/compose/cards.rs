//! What lists show of an item. A card is composed when the first list that shows it is drawn.

use std::sync::Arc;

use super::ingredients::Frame;
use super::parts::{date, end_date, image, period};
use crate::diagnostic::FilePath;
use crate::fingerprint::fingerprint;
use crate::parse::item::{Detail, Item};
use crate::parse::moment::Moment;
use crate::parse::recruitment::Recruitment;
use crate::parse::registry::{ColumnId, DistrictId, TopicId};
use crate::plan::Plan;
use crate::plan::url::{Addresses, OutputPath};
use crate::plan::view::{Card, CardView, RecruitmentCardView, StatusView};
use crate::site::{Page, PageId, Status, days_left};

/// The card of one page.
pub fn card(plan: &Plan, id: PageId) -> Card {
    let page = plan.site.page(id);
    let (site, links) = (Arc::clone(&plan.site), Arc::clone(&plan.links));
    let (path, state) = (plan.item_path(id).clone(), PostState::of(page, &site.now));
    let (digest, has_posts) = (plan.frame().digest, plan.frame().has_posts);
    let facts = Facts::new(plan.frame(), &page.item, &path, page.cover.as_ref(), state);
    Card::new(fingerprint(&facts), move || {
        let frame = Frame { registry: &site.registry, links: &links, digest, has_posts };
        let page = site.page(id);
        Facts::new(frame, &page.item, &path, page.cover.as_ref(), state).view()
    })
}

/// All that a card shows of an item, and so all that its hash has to cover.
#[derive(Hash)]
struct Facts<'p> {
    frame: Frame<'p>,
    path: &'p OutputPath,
    kind: &'static str,
    title: &'p str,
    date: Option<Moment>,
    pin: bool,
    column: Option<ColumnId>,
    source: Option<&'p str>,
    summary: &'p str,
    /// The picture and its description.
    cover: Option<(&'p FilePath, &'p str)>,
    districts: &'p [DistrictId],
    topics: &'p [TopicId],
    recruitment: Option<(&'p Recruitment, PostState)>,
    notice_kind: Option<&'static str>,
}

impl<'p> Facts<'p> {
    fn new(
        frame: Frame<'p>,
        item: &'p Item,
        path: &'p OutputPath,
        cover: Option<&'p FilePath>,
        state: Option<PostState>,
    ) -> Self {
        let front_matter = &item.front_matter;
        Self {
            frame,
            path,
            kind: item.item_type().name(),
            title: &front_matter.title,
            date: front_matter.date,
            pin: front_matter.pin,
            column: item.column,
            source: front_matter.source.as_deref(),
            summary: &item.summary,
            cover: cover.zip(front_matter.cover.as_ref().map(|cover| cover.alt.as_str())),
            districts: front_matter.districts.these(),
            topics: &front_matter.topics,
            recruitment: match &item.detail {
                Detail::Recruitment(recruitment) => state.map(|state| (&**recruitment, state)),
                _ => None,
            },
            notice_kind: match &item.detail {
                Detail::Notice(notice) => Some(notice.kind.0),
                _ => None,
            },
        }
    }

    fn view(&self) -> CardView {
        let Frame { registry, links, .. } = self.frame;
        CardView {
            kind: self.kind.to_owned(),
            title: self.title.to_owned(),
            url: Addresses(&registry.base_url).url(self.path),
            date: self.date.as_ref().map(date),
            pin: self.pin,
            column: self.column.map(|id| links.column(id)),
            source: self.source.map(str::to_owned),
            summary: self.summary.to_owned(),
            cover: self.cover.map(|(file, alt)| image(registry, file, alt)),
            districts: links.districts(self.districts),
            topics: links.topics(self.topics),
            recruitment: self.recruitment.map(|(recruitment, state)| recruitment_card(recruitment, state)),
            notice_kind: self.notice_kind.map(str::to_owned),
        }
    }
}

fn recruitment_card(recruitment: &Recruitment, state: PostState) -> RecruitmentCardView {
    RecruitmentCardView {
        status: status_view(state),
        apply_open: recruitment.apply_open.as_ref().map(date),
        apply_deadline: end_date(&recruitment.apply_deadline),
        service_start: date(&recruitment.service_start),
        service_end: end_date(&recruitment.service_end),
        service_text: period(&recruitment.service_start, &recruitment.service_end),
        place: recruitment.place.as_ref().map_or_else(|| "线上".to_owned(), |place| place.name.clone()),
        count: recruitment.count(),
        recruited: recruitment.recruited.map(u64::from),
        pre_registration: recruitment.pre_registration,
    }
}

/// A recruitment post at the time of the build: its status, and the days until its deadline while one can apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PostState {
    pub status: Status,
    pub days_left: Option<i64>,
}

impl PostState {
    /// `None` for every other item.
    pub fn of(page: &Page, now: &Moment) -> Option<Self> {
        let Detail::Recruitment(recruitment) = &page.item.detail else { return None };
        let status = page.status?;
        let days_left = status.is_open().then(|| days_left(&recruitment.apply_deadline, now));
        Some(Self { status, days_left })
    }
}

pub fn status_view(state: PostState) -> StatusView {
    let PostState { status, days_left } = state;
    StatusView { key: status.key().to_owned(), label: status.label().to_owned(), days_left }
}
