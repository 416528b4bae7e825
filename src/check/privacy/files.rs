//! Attachments and pictures that are published as they are, and the privacy exceptions that nothing needs.
//!
//! Looked at for the site as a whole, since what an attachment may hold is said by the items that refer to it.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::attachments::{Hit, Unreadable, is_document, look_into};
use super::numbers::{self, Around, Kind};
use super::{
    PHOTO_LOCATION, SECRET_FILE, UNREADABLE_ATTACHMENT, UNUSED_PRIVACY_EXCEPTION, allows, exif, is_exceptions_key,
    rule_of,
};
use crate::check::rule::Finding;
use crate::check::subject::{Context, PublishedFile};
use crate::check::{READ_AT_MOST, published_files};
use crate::diagnostic::{FilePath, KeyPath, Place, SECRET_KEY, Step, Text};
use crate::parse::item::{Item, PrivacyException};
use crate::parse::passages::{self, Passage};
use crate::site::{Page, Site, Target};
use crate::source::STATIC;

/// The most places of an attachment that one message lists.
const LISTED: usize = 5;

/// The published items that refer to each file.
type Referrers<'a> = BTreeMap<&'a FilePath, Vec<&'a Item>>;

/// What was found in one file.
#[derive(Default)]
struct Looked {
    findings: Vec<Finding>,
    /// All numbers in it, those that an exception allows too.
    numbers: BTreeSet<String>,
}

/// Looks into all files that are published as they are.
pub fn site(context: &Context<'_>) -> Vec<Finding> {
    let referrers = referrers(context);
    let looked: Vec<(&FilePath, Looked)> = published_files(context)
        .into_par_iter()
        .map(|PublishedFile { file, size }| {
            let items = referrers.get(file).map_or(&[][..], Vec::as_slice);
            (file, look_at(file, size, items, context))
        })
        .collect();
    let numbers: BTreeMap<&FilePath, &BTreeSet<String>> =
        looked.iter().map(|(file, looked)| (*file, &looked.numbers)).collect();
    let unused = context.site().pages.iter().flat_map(|page| {
        let of_files = files_of(page).filter_map(|file| numbers.get(file)).flat_map(|numbers| numbers.iter());
        unused_exceptions(&page.item, of_files.map(String::as_str).collect(), context)
    });
    let mut findings: Vec<Finding> = unused.collect();
    findings.extend(looked.into_iter().flat_map(|(_, looked)| looked.findings));
    findings
}

fn referrers<'a>(context: &Context<'a>) -> Referrers<'a> {
    let mut referrers: Referrers<'a> = BTreeMap::new();
    for page in &context.site().pages {
        for file in files_of(page) {
            let items = referrers.entry(file).or_default();
            if items.last().is_none_or(|last| last.file != page.item.file) {
                items.push(&page.item);
            }
        }
    }
    referrers
}

/// What the items that refer to a file allow in it.
pub fn exceptions_for(file: &FilePath, site: &Site) -> Vec<PrivacyException> {
    let pages = site.pages.iter().filter(|page| files_of(page).any(|other| other == file));
    pages.flat_map(|page| page.item.front_matter.privacy_exceptions.iter().cloned()).collect()
}

/// The files that an item refers to.
fn files_of(page: &Page) -> impl Iterator<Item = &FilePath> {
    let linked = page.links.iter().filter_map(|link| match link {
        Target::File(file) => Some(file),
        _ => None,
    });
    page.attachments.iter().chain(&page.cover).chain(linked)
}

fn look_at(file: &FilePath, size: u64, items: &[&Item], context: &Context<'_>) -> Looked {
    let extension = file.extension();
    let mut looked = Looked::default();
    if is_document(&extension) {
        match read(file, size, context).and_then(|bytes| look_into(&extension, &bytes)) {
            Ok(hits) => looked = of_attachment(file, hits, items),
            Err(why) => looked.findings.push(unreadable(file, &why)),
        }
    } else if exif::is_photograph(&extension) && read(file, size, context).is_ok_and(|bytes| exif::has_location(&bytes))
    {
        looked.findings.push(photo_location(file));
    }
    if holds_key(file, size, context) {
        looked.findings.push(secret_file(file));
    }
    // The names of files that items refer to are looked at where the items name them.
    if file.as_str().starts_with(STATIC) && items.is_empty() {
        looked.findings.extend(super::in_file_name(file.name(), &Place::file(file)));
    }
    let place = |item: &&Item| Place::file(&item.file);
    for finding in &mut looked.findings {
        finding.item = items.first().map(|item| item.file.clone());
        finding.diagnostic.related =
            items.first().map(place).into_iter().map(|place| (place, used_here(items.len()))).collect();
    }
    looked
}

fn used_here(items: usize) -> Text {
    match items {
        1 => Text::new("这篇内容用到它", "this item refers to it"),
        _ => Text::new(
            format!("{items} 篇内容用到它，这是其中一篇"),
            format!("{items} items refer to it, among them this one"),
        ),
    }
}

/// What files of secret keys hold: ours, those of OpenSSL and OpenSSH, those of PuTTY.
const KEY_MARKS: [&[u8]; 3] = [SECRET_KEY.as_bytes(), b"PRIVATE KEY-----", b"PuTTY-User-Key-File"];
/// Keys are small, and pictures hold none.
const LARGEST_KEY: u64 = 64 << 10;
const PICTURES: [&str; 6] = ["png", "jpg", "jpeg", "gif", "webp", "svg"];

/// Whether a file that is about to be published holds a secret key.
fn holds_key(file: &FilePath, size: u64, context: &Context<'_>) -> bool {
    if size > LARGEST_KEY || PICTURES.contains(&file.extension().as_str()) {
        return false;
    }
    let bytes = context.root().read(file).unwrap_or_default();
    KEY_MARKS.iter().any(|mark| memchr::memmem::find(&bytes, mark).is_some())
}

fn secret_file(file: &FilePath) -> Finding {
    let message = Text::new(
        format!("“{}”里有私钥，发布以后谁都能下载", file.name()),
        format!("\"{}\" holds a secret key, which anybody could download", file.name()),
    );
    SECRET_FILE.finds(Place::file(file), file.as_str(), message).help(
        "从网站文件夹里删掉它；已经发布过的，换一对新的密钥（xinfeng keys new）",
        "take it out of the site's folder; if it was published before, make a new pair (xinfeng keys new)",
    )
}

fn read(file: &FilePath, size: u64, context: &Context<'_>) -> Result<Vec<u8>, Unreadable> {
    if size > READ_AT_MOST {
        let most = READ_AT_MOST >> 20;
        return Err(Unreadable(Text::new(format!("文件超过 {most} MB"), format!("it is larger than {most} MB"))));
    }
    context.root().read(file).map_err(|failure| {
        let why = Text::from(&failure.error);
        Unreadable(Text::new(format!("读取失败：{}", why.zh), format!("it cannot be read: {}", why.en)))
    })
}

/// One finding for each kind of number: a list of five hundred people is one mistake.
fn of_attachment(file: &FilePath, hits: Vec<Hit>, items: &[&Item]) -> Looked {
    let numbers: BTreeSet<String> = hits.iter().map(|hit| hit.personal.number.clone()).collect();
    let exceptions: Vec<&PrivacyException> =
        items.iter().flat_map(|item| &item.front_matter.privacy_exceptions).collect();
    let mut kinds: BTreeMap<Kind, Vec<Hit>> = BTreeMap::new();
    for hit in hits {
        if !exceptions.iter().any(|exception| allows(exception, &hit.personal.number)) {
            kinds.entry(hit.personal.kind).or_default().push(hit);
        }
    }
    let findings = kinds.into_iter().map(|(kind, hits)| leaks(file, kind, &hits)).collect();
    Looked { findings, numbers }
}

fn leaks(file: &FilePath, kind: Kind, hits: &[Hit]) -> Finding {
    let (rule, name) = rule_of(kind);
    let count = hits.len();
    let plural = if count == 1 { "" } else { "s" };
    let message = Text::new(
        format!("附件“{}”里有 {count} 个{}", file.name(), name.zh),
        format!("the attachment \"{}\" holds {count} {}{plural}", file.name(), name.en),
    );
    let list = |language: fn(&Text) -> &str| -> Vec<String> {
        hits.iter().take(LISTED).map(|hit| format!("{} {}", language(&hit.at), hit.personal.masked())).collect()
    };
    let (zh, en) = (list(|text| &text.zh).join("；"), list(|text| &text.en).join("; "));
    let (more_zh, more_en) = if count > LISTED { (" ……", " …") } else { ("", "") };
    rule.finds(Place::file(file), file.as_str(), message)
        .help(format!("位置：{zh}{more_zh}"), format!("where: {en}{more_en}"))
        .help(
            "在原来的软件里删去或打上星号，重新导出；txt、csv 可以用 xinfeng mask 改",
            "take them away or mask them in their own program; xinfeng mask does it for txt and csv",
        )
}

fn unreadable(file: &FilePath, why: &Unreadable) -> Finding {
    let message = Text::new(
        format!("没能检查附件“{}”里有没有个人信息：{}", file.name(), why.0.zh),
        format!("the attachment \"{}\" was not looked into: {}", file.name(), why.0.en),
    );
    UNREADABLE_ATTACHMENT.finds(Place::file(file), file.as_str(), message).help(
        "请人工查看；看过没有问题的，在 site.yaml 的 check.exceptions（检查.例外）里写明规则、文件和理由",
        "let a person look; then name rule, file and reason under check.exceptions in site.yaml",
    )
}

fn photo_location(file: &FilePath) -> Finding {
    let message = Text::new(
        format!("照片“{}”里带着拍摄地点的经纬度", file.name()),
        format!("the photograph \"{}\" tells the coordinates of its place", file.name()),
    );
    PHOTO_LOCATION.finds(Place::file(file), file.as_str(), message).help(
        "去掉位置信息再放进来：Windows 在“属性 - 详细信息 - 删除属性和个人信息”里删除；手机发送原图时关闭“位置信息”；截图或另存也可以",
        "remove it: in Windows under Properties, Details, Remove Properties; on a phone, switch location off when sharing",
    )
}

/// Exceptions that are about no number of the item, its file names or its attachments.
fn unused_exceptions(item: &Item, of_files: BTreeSet<&str>, context: &Context<'_>) -> Vec<Finding> {
    let exceptions = &item.front_matter.privacy_exceptions;
    if exceptions.is_empty() {
        return Vec::new();
    }
    // The build has read the file; if it is gone by now, the check of its text has said so.
    let Ok(bytes) = context.root().read(&item.file) else { return Vec::new() };
    let source = String::from_utf8_lossy(&bytes);
    let text = passages::read(&item.file, &source);
    let values: Vec<&Passage> = text.passages.iter().filter(|passage| is_exception_text(passage)).collect();
    let own = text.passages.iter().filter(|passage| !is_exception(passage)).map(|passage| passage.text.as_str());
    let links = item.body.links.iter().map(|link| link.target.as_str());
    let texts = own.chain(links).chain([item.file.name()]);
    let of_text: BTreeSet<String> = texts
        .flat_map(|text| {
            numbers::find(super::called(text).as_deref().unwrap_or(text), Around { heading: numbers::DOCUMENTS })
        })
        .map(|personal| personal.number)
        .collect();
    let is_unused = |exception: &&PrivacyException| {
        !of_text.iter().map(String::as_str).chain(of_files.iter().copied()).any(|number| allows(exception, number))
    };
    exceptions.iter().filter(is_unused).map(|exception| unused(item, exception, &values)).collect()
}

/// Whether a passage is part of the exceptions.
fn is_exception(passage: &Passage) -> bool {
    let passages::Kind::Value(KeyPath(steps)) = &passage.kind else { return false };
    matches!(steps.first(), Some(Step::Key(key)) if is_exceptions_key(key))
}

/// Whether a passage is what an exception is about.
fn is_exception_text(passage: &Passage) -> bool {
    is_exception(passage) && matches!(passage.key(), Some("match" | "内容"))
}

fn unused(item: &Item, exception: &PrivacyException, values: &[&Passage]) -> Finding {
    let value = values.iter().find(|passage| passage.text == exception.text);
    let place = value.map_or_else(|| Place::file(&item.file), |passage| passage.place(&item.file, &(0..0)));
    let message = Text::new("这条脱敏例外没有对应的号码", "this privacy exception is about no number of this item");
    let mut finding = UNUSED_PRIVACY_EXCEPTION.finds(place, exception.text.as_str(), message).help(
        "正文、开头信息和附件里都没有它要放过的个人号码：删去这条例外，或改正内容（座机不需要例外）",
        "neither the text nor an attachment holds it: take it away or mend it (landlines need none)",
    );
    finding.item = Some(item.file.clone());
    finding
}
