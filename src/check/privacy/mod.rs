//! 个人信息: numbers of persons in texts, front matter, file names, pages and attachments; places in photographs.
//!
//! The scanner is [`numbers`], and what opens attachments [`attachments`]; here is what a finding says. Offices were
//! named in circulars for publishing a mobile number alone, so a number is an error until somebody answers for it.

mod attachments;
mod digits;
mod exif;
mod files;
pub mod mask;
pub mod numbers;
mod visible;

use std::borrow::Cow;
use std::ops::Range;

use percent_encoding::percent_decode_str;

use super::rule::{Family, Finding, Rule};
use super::subject::{Context, ItemFile, Page};
use crate::diagnostic::{At, KeyPath, Place, Step, Text};
use crate::parse::item::{FrontMatter, Item, PrivacyException};
use crate::parse::passages::{self, Passage};
pub use files::{exceptions_for, site};
use numbers::{Around, Kind, Personal};

pub const RULES: &[Rule] = &[
    ID_CARD,
    ID_CARD_CHECK_DIGIT,
    MOBILE_NUMBER,
    BANK_CARD,
    PASSPORT,
    PHOTO_LOCATION,
    UNREADABLE_ATTACHMENT,
    SECRET_FILE,
    UNUSED_PRIVACY_EXCEPTION,
];

const ID_CARD: Rule = Rule::error(Family::Privacy, "id-card", "身份证号", "ID card numbers");
const ID_CARD_CHECK_DIGIT: Rule = Rule::warning(
    Family::Privacy,
    "id-card-check-digit",
    "像身份证号：校验位不对，或是旧版 15 位",
    "like an ID card, with a wrong check digit or 15 digits",
);
const MOBILE_NUMBER: Rule = Rule::error(Family::Privacy, "mobile-number", "手机号", "mobile numbers");
const BANK_CARD: Rule = Rule::error(Family::Privacy, "bank-card", "银行卡号", "bank card numbers");
const PASSPORT: Rule = Rule::error(Family::Privacy, "passport", "护照号、通行证号", "passports and permits of travel");
const PHOTO_LOCATION: Rule =
    Rule::error(Family::Privacy, "photo-location", "照片里带拍摄地点", "photographs that tell their place");
const UNREADABLE_ATTACHMENT: Rule = Rule::warning(
    Family::Privacy,
    "unreadable-attachment",
    "附件查不了，需要人工查看",
    "attachments that cannot be looked into",
);
const SECRET_FILE: Rule =
    Rule::error(Family::Privacy, "secret-file", "密钥会被公开", "a secret key that would be published");
const UNUSED_PRIVACY_EXCEPTION: Rule = Rule::warning(
    Family::Privacy,
    "unused-privacy-exception",
    "脱敏例外已经用不上",
    "privacy exceptions that nothing needs",
);

/// The rule for a kind of number, and the kind's name.
fn rule_of(kind: Kind) -> (&'static Rule, Text) {
    let (rule, zh, en) = match kind {
        Kind::IdCard => (&ID_CARD, "身份证号", "ID card number"),
        Kind::LikeAnIdCard => (&ID_CARD_CHECK_DIGIT, "像身份证号的数字", "number like that of an ID card"),
        Kind::Mobile => (&MOBILE_NUMBER, "手机号", "mobile number"),
        Kind::BankCard => (&BANK_CARD, "银行卡号", "bank card number"),
        Kind::Passport => (&PASSPORT, "护照号或通行证号", "passport or permit number"),
    };
    (rule, Text::new(zh, en))
}

/// Looks at an item's front matter, body and file names. What `privacy_exceptions` allow is found too; see
/// [`is_excepted`].
pub fn item(file: &ItemFile<'_>, _: &Context<'_>) -> Vec<Finding> {
    let mut findings = in_passages(file);
    let of_links = in_links(file);
    // `<a@…>` is a link and its text.
    findings.extend(
        of_links
            .into_iter()
            .filter(|finding| !findings.iter().any(|other| overlap(finding, other)))
            .collect::<Vec<_>>(),
    );
    findings.extend(in_file_names(file));
    findings
}

/// Looks at a page as readers get it; a number is told once, however often it stands there.
pub fn page(page: &Page<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for (personal, span) in visible::numbers(page) {
        if !findings.iter().any(|finding| finding.evidence == personal.number) {
            let (_, name) = rule_of(personal.kind);
            let message = message(&personal, &Text::new("网页上有", "the page shows"), &name);
            let finding = finding(&personal, page.place(&span), message);
            findings.push(finding.help(
                "号码在主题、site.yaml 或网页文件里：请在那里改",
                "it stands in the theme, in site.yaml or in the page's own file: change it there",
            ));
        }
    }
    findings
}

/// Whether an item's `privacy_exceptions` allow a finding.
pub fn is_excepted(finding: &Finding, item: &Item) -> bool {
    finding.family == Family::Privacy
        && item.front_matter.privacy_exceptions.iter().any(|exception| allows(exception, &finding.evidence))
}

/// Whether an exception is about a number: it names it in any form, or masked.
fn allows(exception: &PrivacyException, number: &str) -> bool {
    let named = exception.text.trim();
    let masks = || {
        let kinds = [Kind::IdCard, Kind::Mobile, Kind::BankCard, Kind::Passport];
        let personal = |kind| Personal { kind, range: 0..0, number: number.to_owned() };
        number.len() > 7 && kinds.into_iter().any(|kind| personal(kind).masked() == named)
    };
    let plain = numbers::plain(named);
    let plain = plain.strip_prefix("86").filter(|rest| rest.len() == 11).unwrap_or(&plain);
    plain == numbers::plain(number) || named.contains('*') && masks()
}

fn in_passages(file: &ItemFile<'_>) -> Vec<Finding> {
    let passages = file.text.passages.iter().filter(|passage| is_for_readers(passage, &file.item.front_matter));
    numbers_of(passages).iter().map(|(passage, personal)| in_passage(file, passage, personal)).collect()
}

/// The numbers in passages that follow each other, with the part of the passage's text where each stands.
fn numbers_of<'p>(passages: impl Iterator<Item = &'p Passage>) -> Vec<(&'p Passage, Personal)> {
    let mut found = Vec::new();
    let mut heads: Vec<(usize, &str)> = Vec::new();
    for passage in passages {
        match passage.kind {
            passages::Kind::Cell { is_head: true, column } => {
                // Of two tables that follow each other, the second begins with a column that the first had.
                if heads.last().is_some_and(|(last, _)| *last >= column) {
                    heads.clear();
                }
                heads.push((column, &passage.text));
            }
            // What stands within a cell comes before it.
            passages::Kind::Cell { is_head: false, .. } | passages::Kind::Alt | passages::Kind::Title => {}
            _ => heads.clear(),
        }
        let heading = heading_of(passage, &heads);
        let numbers = numbers::find(&passage.text, Around { heading: &heading });
        found.extend(numbers.into_iter().map(|personal| (passage, personal)));
    }
    found
}

/// What the head of a cell's column says about its numbers. Passports may stand beside the column that speaks of them.
fn heading_of<'h>(passage: &Passage, heads: &[(usize, &'h str)]) -> Cow<'h, str> {
    let passages::Kind::Cell { column, .. } = passage.kind else { return Cow::Borrowed("") };
    let own = heads.iter().find(|(of, _)| *of == column).map_or("", |(_, head)| *head);
    match heads.iter().any(|(_, head)| numbers::names_documents(head)) {
        true => Cow::Owned(format!("{}、{own}", numbers::DOCUMENTS)),
        false => Cow::Borrowed(own),
    }
}

fn in_passage(file: &ItemFile<'_>, passage: &Passage, personal: &Personal) -> Finding {
    let (_, name) = rule_of(personal.kind);
    let place = match passage.kind {
        passages::Kind::Value(_) => Text::new("开头信息里有", "the front matter holds"),
        passages::Kind::Alt => Text::new("图片说明里有", "the text of a picture holds"),
        passages::Kind::Title => Text::new("图注或提示文字里有", "a caption or title holds"),
        _ => Text::new("正文里有", "the text holds"),
    };
    let at = passage.place(file.file(), &personal.range);
    let mut found = [finding(personal, at, message(personal, &place, &name))];
    // The value is narrowed to the number as it is written; the evidence is the number alone, however a page writes it.
    let number = std::mem::replace(&mut found[0].evidence, passage.text[personal.range.clone()].to_owned());
    super::locate(&mut found, file.file(), file.source);
    let [mut finding] = found;
    finding.evidence = number;
    with_advice(finding, personal, passage, mask::can_mask(file.file(), file.source, passage, personal))
}

/// How to mend it: the number of an office's duty phone is a case of its own.
fn with_advice(finding: Finding, personal: &Personal, passage: &Passage, can_mask: bool) -> Finding {
    let is_contact = personal.kind == Kind::Mobile && matches!(passage.key(), Some("phone" | "电话" | "phones"));
    if is_contact {
        return finding.help(
            "对外联系方式请用办公座机；确需公开手机号的，在 privacy_exceptions（脱敏例外）里写明内容、理由和批准人",
            "publish an office's landline; a mobile number needs an entry in privacy_exceptions with reason and approver",
        );
    }
    if !can_mask {
        let masked = personal.masked();
        return finding.help(
            format!("号码被链接或标记隔开，或者这里只能写数字，xinfeng mask 改不了：请手工改成 {masked}，或删去；确需公开的，在 privacy_exceptions（脱敏例外）里写明内容、理由和批准人"),
            format!("xinfeng mask cannot change it, since markup parts it or a number must stand here: write {masked} by hand, or take it out; what must be public needs an entry in privacy_exceptions"),
        );
    }
    let file = finding.diagnostic.place.file.clone();
    finding.help(
        format!("运行 xinfeng mask {file} 可以改成打星号的写法；确需公开的，在 privacy_exceptions（脱敏例外）里写明内容、理由和批准人"),
        format!("xinfeng mask {file} writes the masked form; what must be public needs an entry in privacy_exceptions"),
    )
}

/// Links that call or write to a number.
fn in_links(file: &ItemFile<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for link in &file.item.body.links {
        let Some(address) = called(&link.target) else { continue };
        let span = link.span.start as usize..link.span.end as usize;
        for personal in numbers::find(&address, Around::default()) {
            let (_, name) = rule_of(personal.kind);
            let message = message(&personal, &Text::new("链接的地址是", "a link leads to"), &name);
            let finding = finding(&personal, Place::bytes(file.file(), span.clone()), message);
            findings.push(finding.help(
                "去掉这个链接，或改成办公座机；确需公开的，在 privacy_exceptions（脱敏例外）里写明内容、理由和批准人",
                "take the link away or let it call an office's landline; else it needs an entry in privacy_exceptions",
            ));
        }
    }
    findings
}

/// The number or mailbox that an address calls.
fn called(address: &str) -> Option<Cow<'_, str>> {
    let rest = ["tel:", "sms:", "mailto:"].iter().find_map(|scheme| address.strip_prefix(scheme))?;
    Some(percent_decode_str(rest.split('?').next().unwrap_or_default()).decode_utf8_lossy())
}

/// The names of the item's own file and of the files that it refers to: readers see them in addresses.
fn in_file_names(file: &ItemFile<'_>) -> Vec<Finding> {
    let front_matter = &file.item.front_matter;
    let mut names: Vec<(Cow<'_, str>, Place)> = vec![(Cow::Borrowed(file.file().name()), Place::file(file.file()))];
    let references = front_matter.attachments.iter().map(|attachment| &attachment.file);
    for reference in references.chain(front_matter.cover.iter().map(|cover| &cover.image)) {
        names.push((Cow::Borrowed(reference.target.as_str()), reference.place.clone()));
    }
    for link in file.item.body.links.iter().filter(|link| !link.target.contains(':')) {
        let name = percent_decode_str(link.target.split(['?', '#']).next().unwrap_or_default()).decode_utf8_lossy();
        names.push((name, Place::bytes(file.file(), link.span.start as usize..link.span.end as usize)));
    }
    names.iter().flat_map(|(name, place)| in_file_name(name, place)).collect()
}

fn in_file_name(name: &str, place: &Place) -> Vec<Finding> {
    let told = |personal: Personal| {
        let (_, kind) = rule_of(personal.kind);
        let message = message(&personal, &Text::new("文件名里有", "the file's name holds"), &kind);
        finding(&personal, place.clone(), message).help(
            "文件名会出现在网址里：请给文件改名，并改正引用它的地方",
            "a file's name is part of its address: rename it, and what refers to it",
        )
    };
    numbers::find(name, Around::default()).into_iter().map(told).collect()
}

fn finding(personal: &Personal, place: Place, message: Text) -> Finding {
    rule_of(personal.kind).0.finds(place, personal.number.clone(), message)
}

/// `正文里有手机号 138****1234`
fn message(personal: &Personal, place: &Text, name: &Text) -> Text {
    let masked = personal.masked();
    let (zh, en) = match (personal.kind, personal.number.len()) {
        _ if personal.number.contains('*') => ("（只遮住了几位，应当写成这样）", ", of which more must be masked"),
        (Kind::LikeAnIdCard, 15) => ("（旧版 15 位）", " (15 digits, as before 1999)"),
        (Kind::LikeAnIdCard, _) => ("（校验位不对）", " (its check digit is wrong)"),
        _ => ("", ""),
    };
    let article = if name.en.starts_with('I') { "an" } else { "a" };
    Text::new(
        format!("{}{} {masked}{zh}", place.zh, name.zh),
        format!("{} {article} {} {masked}{en}", place.en, name.en),
    )
}

fn overlap(one: &Finding, other: &Finding) -> bool {
    let bytes = |finding: &Finding| match finding.diagnostic.place.at {
        At::Bytes(start, end) => Some(start..end),
        _ => None,
    };
    let meet = |(a, b): (Range<usize>, Range<usize>)| a.start < b.end && b.start < a.end;
    one.evidence == other.evidence && bytes(one).zip(bytes(other)).is_some_and(meet)
}

/// Whether a passage may be shown: not the exceptions themselves, coordinates, or names of files, which are looked
/// at by themselves.
fn is_for_readers(passage: &Passage, front_matter: &FrontMatter) -> bool {
    let passages::Kind::Value(KeyPath(steps)) = &passage.kind else { return true };
    let names_file = |target: &str| target == passage.text;
    let mut files = front_matter.attachments.iter().map(|attachment| &attachment.file);
    let is_file = files.any(|file| names_file(&file.target))
        || front_matter.cover.as_ref().is_some_and(|cover| names_file(&cover.image.target));
    let is_exception = matches!(steps.first(), Some(Step::Key(key)) if is_exceptions_key(key));
    !is_file && !is_exception && !matches!(passage.key(), Some("lat" | "lng" | "纬度" | "经度"))
}

fn is_exceptions_key(key: &str) -> bool {
    matches!(key, "privacy_exceptions" | "脱敏例外")
}
