//! Views of detail pages.

use std::ops::Range;
use std::sync::Arc;

use super::cards::status_view;
use super::head::{Head, keywords};
use super::ingredients::{Frame, ItemParts};
use super::parts::{date, end_date, escape_attribute, image, language_name, link, period, phones, size};
use crate::parse::item::{Attachment, Contact, Detail, Figure, Item, Quantity};
use crate::parse::markdown::{Link, LinkRole};
use crate::parse::notice::Notice;
use crate::parse::recruitment::{Age, Recruitment};
use crate::plan::Plan;
use crate::plan::url::{self, Addresses};
use crate::plan::view::*;
use crate::site::{Page, Target, host_of};

/// The view of an item's page.
pub fn view(parts: &ItemParts<'_>) -> View {
    let item = item(parts);
    let head = Head::new(parts.frame, &item.kind, &item.title, parts.path).item(parts.item.0, parts.picture).finish();
    let related = parts.related.clone();
    match &parts.item.0.detail {
        Detail::Article => View::Article(Box::new(ArticleView { head, item, related })),
        Detail::Recruitment(post) => {
            let recruitment = recruitment(parts, post, &head);
            View::Recruitment(Box::new(RecruitmentPageView { head, item, recruitment, related }))
        }
        Detail::Notice(notice) => {
            let notice = self::notice(parts, notice);
            View::Notice(Box::new(NoticePageView { head, item, notice, related }))
        }
        Detail::Page => View::Page(Box::new(PageView { head, item, related })),
    }
}

fn notice(parts: &ItemParts<'_>, notice: &Notice) -> NoticeView {
    let publicity = notice.publicity.as_ref().map(|publicity| PublicityView {
        start: date(&publicity.start),
        end: end_date(&publicity.end),
        open: parts.is_public,
        phones: phones(&publicity.feedback.phones),
        email: publicity.feedback.email.clone(),
        address: publicity.feedback.address.clone(),
        unit: publicity.feedback.unit.clone(),
    });
    NoticeView {
        kind: notice.kind.0.to_owned(),
        document_number: notice.document_number.clone(),
        issuer: notice.issuer.clone(),
        issued: date(&notice.issued),
        addressee: notice.addressee.clone(),
        effect: if parts.expired { Some("失效".to_owned()) } else { notice.effect.map(|effect| effect.0.to_owned()) },
        index_number: notice.index_number.clone(),
        category: notice.category.clone(),
        publicity,
        signed: notice.signed,
    }
}

fn recruitment(parts: &ItemParts<'_>, post: &Recruitment, head: &HeadView) -> RecruitmentView {
    RecruitmentView {
        status: status_view(parts.state.expect("a recruitment post has a status")),
        organizer: post.organizer.clone(),
        undertaker: post.undertaker.clone(),
        positions: post
            .positions
            .iter()
            .map(|position| PositionView {
                name: position.name.clone(),
                count: u64::from(position.count),
                tasks: position.tasks.clone(),
                skills: position.skills.clone(),
                languages: position.languages.iter().map(|tag| language_name(tag)).collect(),
                licence: position.licence.clone(),
            })
            .collect(),
        count: post.count(),
        recruited: post.recruited.map(u64::from),
        service_start: date(&post.service_start),
        service_end: end_date(&post.service_end),
        service_text: period(&post.service_start, &post.service_end),
        round_clock: post.round_clock,
        shifts: post
            .shifts
            .iter()
            .map(|shift| ShiftView {
                name: shift.name.clone(),
                start: shift.start.to_string(),
                end: shift.end.to_string(),
            })
            .collect(),
        place: post.place.as_ref().map(|place| PlaceView {
            name: place.name.clone(),
            address: place.address.clone(),
            district: place.district.as_ref().map(|district| district.value.clone()),
        }),
        online: post.online,
        apply: ApplyView {
            url: post.apply.url.clone(),
            wechat: post.apply.wechat.clone(),
            phones: phones(&post.apply.phones),
            office: post.apply.office.clone(),
            how: post.apply.how.clone(),
        },
        apply_open: post.apply_open.as_ref().map(date),
        apply_deadline: end_date(&post.apply_deadline),
        pre_registration: post.pre_registration,
        age: post.age.and_then(Age::chinese),
        requirements: post.requirements.clone(),
        risk: post.risk.clone(),
        insured: post.insurance.provided,
        insurance: post.insurance.kind.clone(),
        training: post.training.clone(),
        benefits: post.benefits.clone(),
        qr_code: QrCode(head.canonical.clone()),
    }
}

fn item(parts: &ItemParts<'_>) -> ItemView {
    let Frame { registry, links, .. } = parts.frame;
    let item = parts.item.0;
    let front_matter = &item.front_matter;
    ItemView {
        kind: item.item_type().name().to_owned(),
        title: front_matter.title.clone(),
        kicker: front_matter.kicker.clone(),
        subtitle: front_matter.subtitle.clone(),
        date: front_matter.date.as_ref().map(date),
        updated: front_matter.updated.as_ref().map(|updated| date(&updated.value)),
        expired: front_matter.expires.as_ref().filter(|_| parts.expired).map(date),
        source: front_matter.source.clone(),
        source_url: front_matter.source_url.clone(),
        author: front_matter.author.clone(),
        editor: front_matter.editor.clone(),
        summary: item.summary.clone(),
        keywords: keywords(registry, item).into_iter().map(str::to_owned).collect(),
        cover: parts.cover.zip(front_matter.cover.as_ref()).map(|(file, cover)| image(registry, file, &cover.alt)),
        body: BodyView { item: Arc::clone(item), attributes: parts.links.clone() },
        outline: outline(item),
        figures: front_matter.figures.iter().map(figure).collect(),
        attachments: attachments(parts, &front_matter.attachments),
        contacts: front_matter.contacts.iter().map(contact).collect(),
        column: item.column.map(|id| links.column(id)),
        districts: links.districts(front_matter.districts.these()),
        topics: links.topics(&front_matter.topics),
        previous: parts.older.as_ref().map(|it| link(registry, it.title, it.path)),
        next: parts.newer.as_ref().map(|it| link(registry, it.title, it.path)),
        report_url: report_url(parts),
        extra: front_matter.extra.clone(),
    }
}

/// The headings of a body that its outline shows.
fn outline(item: &Item) -> Vec<OutlineView> {
    let shown = item.body.html.outline().iter().filter(|heading| (2..=3).contains(&heading.level));
    shown
        .map(|heading| OutlineView { level: heading.level.into(), id: heading.id.clone(), text: heading.text.clone() })
        .collect()
}

/// What fills the holes of a body: the attributes of each link.
pub fn links(plan: &Plan, page: &Page) -> Vec<String> {
    let attributes = |(written, target)| {
        let mut html = String::new();
        attributes(plan, written, target, &mut html);
        html
    };
    page.item.body.links.iter().zip(&page.links).map(attributes).collect()
}

/// One block of the body, as it stands on the page.
pub fn block(plan: &Plan, page: &Page, part: Range<u32>) -> String {
    let links = &page.item.body.links;
    page.item.body.html.fill_part(part, |index, html| attributes(plan, &links[index], &page.links[index], html))
}

/// Appends the attributes of one link or picture.
fn attributes(plan: &Plan, link: &Link, target: &Target, html: &mut String) {
    let addresses = plan.addresses();
    let with_fragment = |mut address: String, fragment: &Option<String>| {
        if let Some(fragment) = fragment {
            address.push('#');
            address.push_str(&url::encode(fragment));
        }
        address
    };
    let address = match target {
        Target::Page(id, fragment) => with_fragment(addresses.url(plan.item_path(*id)), fragment),
        Target::File(file) => addresses.url(&url::copied(file)),
        Target::Path(path) => path_below_base(plan, path),
        Target::Fragment(fragment) => with_fragment(String::new(), &Some(fragment.clone())),
        Target::Address(address) => address.clone(),
        Target::Dead => return,
    };
    html.push(' ');
    html.push_str(link.role.attribute());
    html.push_str("=\"");
    escape_attribute(&address, html);
    html.push('"');
    if link.role == LinkRole::Anchor && leaves_the_site(plan, target) {
        html.push_str(" rel=\"external noopener\" class=\"external\"");
    }
}

/// `/district/jingan/#a` below the site's base path.
fn path_below_base(plan: &Plan, path: &str) -> String {
    let (path, suffix) = path.split_at(path.find(['?', '#']).unwrap_or(path.len()));
    format!("{}{}{suffix}", plan.site.registry.base_url.path, url::normalized(path.trim_start_matches('/')))
}

fn leaves_the_site(plan: &Plan, target: &Target) -> bool {
    let Target::Address(address) = target else { return false };
    host_of(address).is_some_and(|host| host != plan.site.registry.base_url.host)
}

fn figure(figure: &Figure) -> FigureView {
    let percent = |part: Quantity| match figure.value.millionths {
        whole if whole > 0 && part.millionths >= 0 => ((part.millionths * 200 + whole) / (whole * 2)) as u32,
        _ => 0,
    };
    FigureView {
        name: figure.name.clone(),
        value: figure.value.to_string(),
        unit: figure.unit.clone(),
        as_of: figure.as_of.as_ref().map(date),
        parts: figure
            .parts
            .iter()
            .map(|part| FigurePartView {
                name: part.name.clone(),
                value: part.value.to_string(),
                percent: percent(part.value),
            })
            .collect(),
    }
}

fn attachments(parts: &ItemParts<'_>, attachments: &[Attachment]) -> Vec<AttachmentView> {
    let addresses = Addresses(&parts.frame.registry.base_url);
    let shown = parts.attachments.iter().zip(attachments);
    shown
        .map(|((file, bytes), attachment)| AttachmentView {
            name: attachment.name.clone().unwrap_or_else(|| file.name().to_owned()),
            url: addresses.url(&url::copied(file)),
            size: size(*bytes),
            format: file.extension().to_ascii_uppercase(),
        })
        .collect()
}

fn contact(contact: &Contact) -> ContactView {
    ContactView {
        unit: contact.unit.clone(),
        district: contact.district.clone(),
        person: contact.person.clone(),
        phones: phones(&contact.phones),
        email: contact.email.clone(),
        hours: contact.hours.clone(),
    }
}

/// Where a reader reports an error: the site's own page, else a letter with the title and the address in
/// it, else the telephone.
fn report_url(parts: &ItemParts<'_>) -> Option<String> {
    let registry = parts.frame.registry;
    let correction = &registry.correction;
    if let Some(url) = &correction.url {
        return Some(url.clone());
    }
    let Some(email) =
        correction.email.as_ref().or_else(|| registry.email.as_ref().filter(|_| correction.phone.is_none()))
    else {
        return phones(correction.phone.as_slice()).into_iter().next().map(|phone| phone.url);
    };
    let title = &parts.item.0.front_matter.title;
    let address = Addresses(&registry.base_url).absolute(parts.path);
    let subject = url::encode_value(&format!("纠错：{title}"));
    let body = url::encode_value(&format!("页面：{title}\r\n网址：{address}\r\n错误之处：\r\n应当改为：\r\n"));
    Some(["mailto:", email, "?subject=", &subject, "&body=", &body].concat())
}
