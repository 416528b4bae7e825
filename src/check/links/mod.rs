//! Links of the finished pages: into the site, each must find its page, its file and its place there; out of it, it
//! should be safe, allowed, and (with `--net`) still answered.
//!
//! What an item's body links to, the build has resolved already; here are those of the theme, of raw HTML and of fields
//! too, as readers get them. And what nobody links to. Start at [`own_page`].

pub mod net;
pub mod pictures;
pub mod survey;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::PoisonError;

use super::FILING_OFFICES;
use super::html::{Attribute, Document, Element};
use super::report;
use super::rule::{Family, Finding, Rule};
use super::subject::{Context, ItemFile, Page};
use crate::diagnostic::{FilePath, Place, Text};
use crate::parse::passages::{Kind, Passage};
use crate::plan::Recipe;
use crate::plan::url::OutputPath;
use crate::site::host_of;
use crate::source::{CONTENT, STATIC};
use net::{Answer, Net};
use survey::{Anchor, Lead, Survey};

pub const RULES: &[Rule] = &[
    BROKEN_LINK,
    MISSING_FILE,
    BROKEN_PICTURE,
    BROKEN_ANCHOR,
    ORPHAN_PAGE,
    UNREFERENCED_FILE,
    PLACEHOLDER_LINK,
    INSECURE_LINK,
    EXTERNAL_HOST,
    EXTERNAL_GONE,
    EXTERNAL_FAILING,
    EXTERNAL_REDIRECT,
    EXTERNAL_UNCHECKED,
];

const BROKEN_LINK: Rule =
    Rule::error(Family::Links, "broken-link", "页面上有打不开的站内链接", "a link to a page that is not there");
const MISSING_FILE: Rule = Rule::error(
    Family::Links,
    "missing-file",
    "页面上的图片或附件不存在",
    "a picture or an attachment that is not there",
);
const BROKEN_PICTURE: Rule =
    Rule::error(Family::Links, "broken-picture", "显示不出来的图片", "a picture that browsers do not show");
const BROKEN_ANCHOR: Rule = Rule::error(
    Family::Links,
    "broken-anchor",
    "链接指向页面里没有的位置",
    "a link to a place that a page does not have",
);
const ORPHAN_PAGE: Rule =
    Rule::warning(Family::Links, "orphan-page", "没有任何页面链接到它", "a page that no other page links to");
const UNREFERENCED_FILE: Rule = Rule::warning(
    Family::Links,
    "unreferenced-file",
    "公开了却没有页面用到的文件",
    "a published file that no page refers to",
);
const PLACEHOLDER_LINK: Rule =
    Rule::warning(Family::Links, "placeholder-link", "还没有写网址的链接", "a link whose address is yet to be written");
const INSECURE_LINK: Rule =
    Rule::warning(Family::Links, "insecure-link", "链接用 http，没有加密", "a link by http, without encryption");
const EXTERNAL_HOST: Rule = Rule::warning(
    Family::Links,
    "external-host",
    "链接到允许名单以外的网站",
    "a link to a site that is not on the list",
);
const EXTERNAL_GONE: Rule =
    Rule::error(Family::Links, "external-gone", "外部链接已失效（--net）", "an external page that is gone (--net)");
const EXTERNAL_FAILING: Rule = Rule::warning(
    Family::Links,
    "external-failing",
    "外部网站没有正常回应（--net）",
    "an external site that does not answer as it should (--net)",
);
const EXTERNAL_REDIRECT: Rule = Rule::warning(
    Family::Links,
    "external-redirect",
    "外部链接跳转到了另一个网站（--net）",
    "an external link that leads to another site (--net)",
);
const EXTERNAL_UNCHECKED: Rule = Rule::warning(
    Family::Links,
    "external-unchecked",
    "外部链接太多，这次没有查完（--net）",
    "more external links than one run asks for (--net)",
);

/// Attributes that lead somewhere.
const LEADING: [(&str, &str); 14] = [
    ("a", "href"),
    ("area", "href"),
    ("link", "href"),
    ("img", "src"),
    ("script", "src"),
    ("iframe", "src"),
    ("source", "src"),
    ("video", "src"),
    ("video", "poster"),
    ("audio", "src"),
    ("track", "src"),
    ("embed", "src"),
    ("object", "data"),
    ("form", "action"),
];

/// The links of a document. `<link rel=preconnect>` and the like name hosts, not pages.
fn links<'d>(document: &'d Document<'d>) -> impl Iterator<Item = (&'d Element<'d>, &'d Attribute<'d>)> {
    document.elements.iter().filter(|element| !is_hint(element)).flat_map(|element| {
        let leads =
            |attribute: &&Attribute| LEADING.iter().any(|(name, key)| element.name == *name && attribute.name == *key);
        element.attributes.iter().filter(leads).map(move |attribute| (element, attribute))
    })
}

fn is_hint(element: &Element) -> bool {
    let hint = |rel: &str| rel.contains("preconnect") || rel.contains("dns-prefetch");
    element.name == "link" && element.attribute("rel").is_some_and(hint)
}

/// What an editor wrote: pictures that are none, links that leave the site.
pub fn item(file: &ItemFile<'_>, context: &Context<'_>) -> Vec<Finding> {
    let mut findings = pictures::item(file, context);
    for passage in &file.text.passages {
        let is_empty =
            |(part, target): &&(Range<usize>, String)| target == "#" && !passage.text[part.clone()].contains('顶');
        let empty = passage.links.iter().filter(is_empty);
        findings
            .extend(empty.map(|(part, _)| placeholder(passage.place(file.file(), part), &passage.text[part.clone()])));
        for (address, place) in addresses(passage, file.file()) {
            if context.survey.lead(address, nowhere()) == Lead::Outside {
                findings.extend(outside(address, &place, context));
            }
        }
    }
    findings
}

/// `[名单](#)`, which leads to the top of its own page.
fn placeholder(place: Place, text: &str) -> Finding {
    let message = Text::new(
        format!("链接“{text}”还没有写网址，点了只回到页面开头"),
        format!("the link \"{text}\" has no address yet: it leads to the top of its page"),
    );
    PLACEHOLDER_LINK.finds(place, text, message).help(
        "把 # 换成网址或文件名；没有网址的只写文字，去掉方括号和圆括号",
        "write an address or a file in place of #, or take the brackets away",
    )
}

/// A place for links that do not count from anywhere.
fn nowhere() -> &'static OutputPath {
    static HOME: std::sync::LazyLock<OutputPath> = std::sync::LazyLock::new(crate::plan::url::home);
    &HOME
}

fn addresses<'p>(passage: &'p Passage, file: &FilePath) -> Vec<(&'p str, Place)> {
    if matches!(passage.kind, Kind::Value(_)) {
        let is_address = passage.text.starts_with("http://") || passage.text.starts_with("https://");
        let whole = || (passage.text.as_str(), passage.place(file, &(0..passage.text.len())));
        return is_address.then(whole).into_iter().collect();
    }
    passage.links.iter().map(|(part, target)| (target.as_str(), passage.place(file, part))).collect()
}

/// A link that leaves the site: what its address alone tells.
fn outside(address: &str, place: &Place, context: &Context<'_>) -> Vec<Finding> {
    if context.options.net.is_some() {
        context.survey.note_external(address, place.clone());
    }
    let not_allowed = not_allowed(address, context).map(|host| external_host(address, &host, place));
    insecure(address, place).into_iter().chain(not_allowed).collect()
}

fn insecure(address: &str, place: &Place) -> Option<Finding> {
    let is_plain = address.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("http://"));
    let message =
        || Text::new(format!("链接“{address}”没有用 https"), format!("the link \"{address}\" does not use https"));
    is_plain.then(|| {
        INSECURE_LINK.finds(place.clone(), address, message()).help(
            "对方支持的话改成 https://；用 http 打开的页面可能在途中被篡改",
            "write https:// if the other site has it: what comes by http can be altered on its way",
        )
    })
}

/// The host of an address, where the site has a list of allowed ones and this is not on it.
fn not_allowed(address: &str, context: &Context<'_>) -> Option<String> {
    let allowed = &context.settings().allowed_hosts;
    if allowed.is_empty() {
        return None;
    }
    let host = host_of(address)?;
    let is_below = |above: &str| host.strip_suffix(above).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let is_allowed = allowed.iter().any(|above| is_below(above))
        || host == context.registry().base_url.host
        || FILING_OFFICES.contains(&host.as_str());
    (!is_allowed).then_some(host)
}

fn external_host(address: &str, host: &str, place: &Place) -> Finding {
    let message = Text::new(
        format!("“{host}”不在允许链接的网站之内"),
        format!("\"{host}\" is not among the sites that may be linked to"),
    );
    EXTERNAL_HOST.finds(place.clone(), address, message).help(
        "核对是不是误写或被人植入；确实要用的，加到 site.yaml 的 check.allowed_hosts（允许的网站）",
        "see whether it is a slip or was planted; if it is wanted, add it to check.allowed_hosts in site.yaml",
    )
}

/// Links of any page: http.
pub fn page(page: &Page<'_>) -> Vec<Finding> {
    if page.output.is_some() {
        return Vec::new();
    }
    links(page.document).filter_map(|(_, link)| insecure(&link.value, &page.place(&link.span))).collect()
}

/// Links of a page of ours.
pub fn own_page(page: &Page<'_>, context: &Context<'_>) -> Vec<Finding> {
    let Some(output) = page.output else { return Vec::new() };
    let mut findings = Vec::new();
    let mut ids: Option<BTreeSet<&str>> = None;
    for (element, link) in links(page.document) {
        match context.survey.lead(&link.value, output.path) {
            Lead::Inside(position, fragment) => {
                let is_own = context.survey.path(position) == output.path;
                if !is_own && counts(element, output.recipe) {
                    context.survey.refer_to(position);
                }
                let Some(fragment) = fragment else { continue };
                // A broken one of the page itself is told with those of other pages, and so only once.
                if !is_own || !ids.get_or_insert_with(|| places(page.document)).contains(fragment.as_str()) {
                    let (place, written) = (page.place(&link.span), link.value.to_string());
                    context.survey.note_anchor(Anchor { page: position, fragment, place, written });
                }
            }
            Lead::Nowhere => findings.push(nothing_there(&link.value, page.place(&link.span))),
            Lead::Outside => findings.extend(outside(&link.value, &page.place(&link.span), context)),
            Lead::Elsewhere => {}
        }
    }
    refer_from_attributes(page, context);
    findings
}

/// Whether a link shows a reader the way: `<link>` is for machines, and an old address leads only those who had it.
fn counts(element: &Element, from: &Recipe) -> bool {
    element.name != "link" && !matches!(from, Recipe::Redirect(_))
}

/// Pictures that are named in other ways: for several sizes, or for those who share the page.
fn refer_from_attributes(page: &Page<'_>, context: &Context<'_>) {
    let Some(output) = page.output else { return };
    let mut refer = |link: &str| {
        if let Lead::Inside(position, _) = context.survey.lead(link, output.path)
            && !context.survey.path(position).as_str().ends_with(".html")
        {
            context.survey.refer_to(position);
        }
    };
    for element in &page.document.elements {
        match element.name.as_str() {
            "meta" => {
                element.attribute("content").filter(|content| content.contains('/')).into_iter().for_each(&mut refer)
            }
            "link" => element.attribute("href").into_iter().for_each(&mut refer),
            "img" | "source" => {
                let sizes = element.attribute("srcset").unwrap_or_default().split(',');
                sizes.filter_map(|size| size.split_whitespace().next()).for_each(&mut refer);
            }
            _ => {}
        }
    }
}

/// The places in a page that a link may name.
fn places<'d>(document: &'d Document<'_>) -> BTreeSet<&'d str> {
    let names = document.elements.iter().flat_map(|element| [element.attribute("id"), element.attribute("name")]);
    names.flatten().collect()
}

fn nothing_there(link: &str, place: Place) -> Finding {
    let path = link.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    if matches!(ending, "" | "html" | "htm") {
        let message = Text::new(
            format!("链接“{link}”打不开：网站里没有这个页面"),
            format!("the link \"{link}\" leads to no page of the site"),
        );
        return BROKEN_LINK.finds(place, link, message).help(
            "改正链接；链接出自主题的，请修改 themes/ 里的模板",
            "mend the link; where the theme makes it, mend the template in themes/",
        );
    }
    let message = Text::new(format!("文件“{link}”不存在"), format!("the file \"{link}\" is not there"));
    MISSING_FILE.finds(place, link, message).help(
        "把文件放到 static/ 里，或改正链接；链接出自主题的，请修改 themes/ 里的模板",
        "put the file into static/, or mend the link; where the theme makes it, mend the template in themes/",
    )
}

fn broken_anchor(link: &str, place: Place) -> Finding {
    let fragment = link.split_once('#').map_or(link, |(_, fragment)| fragment);
    let message = Text::new(
        format!("链接“{link}”指向的页面里没有“{fragment}”这个位置"),
        format!("the page that \"{link}\" leads to has no place \"{fragment}\""),
    );
    BROKEN_ANCHOR
        .finds(place, link, message)
        .help("改成那一页里有的小标题或 id", "name a heading or an id that the page has")
}

/// What can be told when all pages have been seen.
pub fn site(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = report::gather(vec![broken_anchors(context)]);
    findings.extend(orphans(context));
    findings.extend(unreferenced_files(context));
    findings.extend(context.options.net.as_ref().map(|net| external(net, &context.survey)).unwrap_or_default());
    findings
}

/// Draws the pages again whose places were linked to: they are few.
fn broken_anchors(context: &Context<'_>) -> Vec<Finding> {
    let mut anchors = context.survey.anchors.lock().unwrap_or_else(PoisonError::into_inner);
    anchors.sort_by(|a, b| (a.page, &a.place).cmp(&(b.page, &b.place)));
    let mut findings = Vec::new();
    for of_page in anchors.chunk_by(|a, b| a.page == b.page) {
        let path = context.survey.path(of_page[0].page);
        let html = super::draw(path, context.edition).unwrap_or_default();
        // The places of a file that was not made here are not known.
        if html.is_empty() {
            continue;
        }
        let document = Document::parse(&html);
        let places = places(&document);
        let broken = of_page.iter().filter(|anchor| !places.contains(anchor.fragment.as_str()));
        findings.extend(broken.map(|anchor| broken_anchor(&anchor.written, anchor.place.clone())));
    }
    findings
}

/// Items that nobody finds. What has expired has left the lists on purpose.
fn orphans(context: &Context<'_>) -> Vec<Finding> {
    let site = context.site();
    let orphan = |(path, recipe): (&OutputPath, &Recipe)| match recipe {
        Recipe::Item(id) if !site.page(*id).expired && !context.survey.is_referenced(path.as_str()) => {
            Some(&site.item(*id).file)
        }
        _ => None,
    };
    let message =
        || Text::new("没有任何页面链接到这一篇，读者找不到它", "no other page links to this one: nobody will find it");
    let finding = |file: &FilePath| {
        let mut finding = ORPHAN_PAGE.finds(Place::file(file), "", message()).help(
            "在别的页面里加上链接；不需要公开的，写 draft: true（草稿）",
            "link to it from another page, or write `draft: true` if it is not for the public",
        );
        finding.item = Some(file.clone());
        finding
    };
    context.edition.plan.outputs.iter().filter_map(orphan).map(finding).collect()
}

/// Files that were published for nobody. Those at the root of `static/` are for machines (`robots.txt`, proofs of
/// ownership), and style sheets and scripts may name others.
fn unreferenced_files(context: &Context<'_>) -> Vec<Finding> {
    let unseen = |(path, recipe): (&'_ OutputPath, &Recipe)| match recipe {
        Recipe::File(file, _) if !is_for_machines(file) && !context.survey.is_referenced(path.as_str()) => {
            Some(file.clone())
        }
        _ => None,
    };
    let mut files: Vec<FilePath> = context.edition.plan.outputs.iter().filter_map(unseen).collect();
    if !files.is_empty() {
        let texts = texts(context);
        files.retain(|file| !texts.iter().any(|text| text.contains(file.name())));
    }
    let message = || Text::new("这个文件公开了，却没有页面用到它", "this file is published, but no page refers to it");
    let finding = |file: FilePath| {
        UNREFERENCED_FILE
            .finds(Place::file(&file), "", message())
            .help("不用的文件请删去：留在网上，谁都可以下载", "delete it if nothing needs it: anybody can download it")
    };
    files.into_iter().map(finding).collect()
}

fn is_for_machines(file: &FilePath) -> bool {
    let below = file.as_str().strip_prefix(STATIC).and_then(|rest| rest.strip_prefix('/'));
    below.is_some_and(|below| !below.contains('/') || below.starts_with('.'))
        || below.is_none() && !file.as_str().starts_with(CONTENT)
}

/// The published texts that may name files and are no pages of ours.
fn texts(context: &Context<'_>) -> Vec<String> {
    let may_name = |path: &str| {
        [".css", ".js", ".html", ".json", ".xml", ".svg", ".webmanifest"].iter().any(|ending| path.ends_with(ending))
    };
    let read = |(path, recipe): (&OutputPath, &Recipe)| match recipe {
        Recipe::File(file, _) if may_name(path.as_str()) => context.root().excerpt(file).map(|text| text.to_string()),
        Recipe::Asset(_) if may_name(path.as_str()) => super::draw(path, context.edition).ok(),
        _ => None,
    };
    context.edition.plan.outputs.iter().filter_map(read).collect()
}

/// What other sites answer.
fn external(net: &Net, survey: &Survey<'_>) -> Vec<Finding> {
    let addresses = survey.external.lock().unwrap_or_else(PoisonError::into_inner);
    let answers: BTreeMap<String, Answer> = net.ask(addresses.keys());
    let mut findings: Vec<Finding> = addresses
        .iter()
        .filter_map(|(address, place)| explain(address, answers.get(address)?, place.clone()))
        .collect();
    let mut unchecked = addresses.iter().filter(|(address, _)| !answers.contains_key(*address)).peekable();
    if let Some((_, place)) = unchecked.peek().copied() {
        findings.push(unchecked_links(unchecked.count(), place.clone()));
    }
    findings
}

fn explain(address: &str, answer: &Answer, place: Place) -> Option<Finding> {
    let failing = |zh: String, en: String| {
        let message = Text::new(format!("外部链接“{address}”{zh}"), format!("the external link \"{address}\" {en}"));
        EXTERNAL_FAILING.finds(place.clone(), address, message).help(
            "过一会儿再查；一直这样的话，换一个链接或删去",
            "try again later; if it stays so, name another page or take the link away",
        )
    };
    Some(match answer {
        Answer::Here => return None,
        Answer::Gone(status) => {
            let message = Text::new(
                format!("外部链接“{address}”已失效（{status}）"),
                format!("the external page \"{address}\" is gone ({status})"),
            );
            EXTERNAL_GONE
                .finds(place, address, message)
                .help("换一个链接或删去", "name another page or take the link away")
        }
        Answer::Broken(status) => failing(format!("出错（{status}）"), format!("fails ({status})")),
        Answer::TimedOut => failing("没有按时回应".to_owned(), "did not answer in time".to_owned()),
        Answer::Unreachable => failing(
            "连不上：没有这个网站，或证书无效".to_owned(),
            "cannot be reached: no such site, or no valid certificate".to_owned(),
        ),
        Answer::Moved(to) => {
            let message = Text::new(
                format!("外部链接“{address}”跳转到了另一个网站“{to}”"),
                format!("the external link \"{address}\" leads to another site, \"{to}\""),
            );
            EXTERNAL_REDIRECT.finds(place, address, message).help(
                "打开看看：网站到期后常被别人抢注。没有问题的话，直接写新的地址",
                "look at it: domains that lapse are often taken over; if all is well, write the new address",
            )
        }
    })
}

fn unchecked_links(count: usize, place: Place) -> Finding {
    let message =
        Text::new(format!("还有 {count} 个外部链接这次没有查"), format!("{count} external links were not asked for"));
    EXTERNAL_UNCHECKED.finds(place, "", message).help(
        "再运行一次 xinfeng check --net：查过的一天之内不再查",
        "run xinfeng check --net again: what was answered holds for a day",
    )
}
