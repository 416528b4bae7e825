//! What lists show of an item. A card is composed once and shared by all lists.

use super::parts::{column_link, date, district_link, end_date, image, period, topic_link};
use crate::parse::item::{Detail, Item};
use crate::parse::markdown;
use crate::parse::recruitment::Recruitment;
use crate::plan::Plan;
use crate::plan::view::{CardView, ImageView, RecruitmentCardView, Shared, StatusView};
use crate::site::{Page, PageId, Status, days_left};

/// A summary has at most so many characters.
const SUMMARY: usize = 120;

/// The card of one page.
pub fn card(plan: &Plan, id: PageId) -> Shared {
    Shared::new(&view(plan, id))
}

fn view(plan: &Plan, id: PageId) -> CardView {
    let page = plan.site.page(id);
    let item = &page.item;
    let front_matter = &item.front_matter;
    CardView {
        kind: item.item_type().name().to_owned(),
        title: front_matter.title.clone(),
        url: plan.addresses().url(plan.item_path(id)),
        date: front_matter.date.as_ref().map(date),
        pin: front_matter.pin,
        column: item.column.map(|id| column_link(plan, id)),
        source: front_matter.source.clone(),
        summary: summary(item),
        cover: cover(plan, page),
        districts: front_matter.districts.these().iter().map(|id| district_link(plan, *id)).collect(),
        topics: front_matter.topics.iter().map(|id| topic_link(plan, *id)).collect(),
        recruitment: match (&item.detail, page.status) {
            (Detail::Recruitment(recruitment), Some(status)) => Some(recruitment_card(plan, recruitment, status)),
            _ => None,
        },
        notice_kind: match &item.detail {
            Detail::Notice(notice) => Some(notice.kind.0.to_owned()),
            _ => None,
        },
    }
}

/// The editor's summary, else the body's first sentences.
pub fn summary(item: &Item) -> String {
    item.front_matter.summary.clone().unwrap_or_else(|| markdown::summary(&item.body.lead, SUMMARY))
}

pub fn cover(plan: &Plan, page: &Page) -> Option<ImageView> {
    let alt = &page.item.front_matter.cover.as_ref()?.alt;
    page.cover.as_ref().map(|file| image(plan, file, alt))
}

fn recruitment_card(plan: &Plan, recruitment: &Recruitment, status: Status) -> RecruitmentCardView {
    RecruitmentCardView {
        status: status_view(plan, recruitment, status),
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

pub fn status_view(plan: &Plan, recruitment: &Recruitment, status: Status) -> StatusView {
    StatusView {
        key: status.key().to_owned(),
        label: status.label().to_owned(),
        days_left: status.is_open().then(|| days_left(&recruitment.apply_deadline, &plan.site.now)),
    }
}
