//! The form of notices, after GB/T 9704-2012: numbers of documents, dates, levels, attachments, and what belongs to a
//! 公示 or a 倡议书.
//!
//! Start at [`item`].

mod numbering;

use super::rule::{Family, Finding, Rule};
use super::subject::{Context, ItemFile};
use crate::diagnostic::{Place, Text};
use crate::parse::item::Detail;
use crate::parse::moment::Moment;
use crate::parse::notice::{Notice, Publicity};
use crate::parse::numerals;
use crate::parse::passages::{Kind, Passage};
use crate::script::is_han;
use numbering::Numbered;

pub const RULES: &[Rule] = &[
    DOCUMENT_NUMBER_FORM,
    DOCUMENT_NUMBER_YEAR,
    SIGNATURE_DATE,
    SIGNATURE_PLACE,
    HEADING_FORM,
    HEADING_ORDER,
    ATTACHMENT_FORM,
    ATTACHMENT_MISMATCH,
    PUBLICITY_TOO_SHORT,
    PUBLICITY_DIFFERS,
    APPEAL_WITHOUT_ADDRESSEE,
    APPEAL_WITHOUT_CALLS,
    ADDRESSEE_COLON,
    TITLE_WITHOUT_KIND,
];

const DOCUMENT_NUMBER_FORM: Rule =
    Rule::error(Family::Style, "document-number-form", "发文字号的写法不对", "a document number in the wrong form");
const DOCUMENT_NUMBER_YEAR: Rule = Rule::warning(
    Family::Style,
    "document-number-year",
    "发文字号的年份与成文日期不一致",
    "a document number of another year",
);
const SIGNATURE_DATE: Rule = Rule::warning(
    Family::Style,
    "signature-date",
    "落款日期的写法不对，或与成文日期不一致",
    "a signature's date in the wrong form, or another than that of issue",
);
const SIGNATURE_PLACE: Rule = Rule::warning(
    Family::Style,
    "signature-place",
    "署名会排在附注、抄送的后面",
    "a signature that comes behind annotations and copies",
);
const HEADING_FORM: Rule =
    Rule::warning(Family::Style, "heading-form", "层次序数的写法不对", "a level's number in the wrong form");
const HEADING_ORDER: Rule =
    Rule::warning(Family::Style, "heading-order", "层次序数不连续", "numbers of levels that do not follow");
const ATTACHMENT_FORM: Rule =
    Rule::warning(Family::Style, "attachment-form", "附件说明的写法不对", "a list of attachments in the wrong form");
const ATTACHMENT_MISMATCH: Rule = Rule::warning(
    Family::Style,
    "attachment-mismatch",
    "附件说明与附件不一致",
    "a list of attachments that differs from the attachments",
);
const PUBLICITY_TOO_SHORT: Rule =
    Rule::warning(Family::Style, "publicity-too-short", "公示的天数太少", "a public comment that is too short");
const PUBLICITY_DIFFERS: Rule = Rule::error(
    Family::Style,
    "publicity-differs",
    "正文里的公示时间或电话与登记的不一致",
    "a public comment whose text names other days or telephones",
);
const APPEAL_WITHOUT_ADDRESSEE: Rule =
    Rule::warning(Family::Style, "appeal-without-addressee", "倡议书没有写向谁倡议", "an appeal to nobody");
const APPEAL_WITHOUT_CALLS: Rule =
    Rule::warning(Family::Style, "appeal-without-calls", "倡议书没有分条列出倡议", "an appeal without a list of calls");
const ADDRESSEE_COLON: Rule = Rule::warning(
    Family::Style,
    "addressee-colon",
    "主送机关后面没有用全角冒号",
    "an addressee without a full-width colon",
);
const TITLE_WITHOUT_KIND: Rule =
    Rule::warning(Family::Style, "title-without-kind", "标题里没有文种", "a title that does not name its kind");

/// The rules of this family.
pub fn item(file: &ItemFile<'_>, context: &Context<'_>) -> Vec<Finding> {
    let Detail::Notice(notice) = &file.item.detail else { return Vec::new() };
    let body: Vec<&Passage> = file
        .text
        .passages
        .iter()
        .filter(|passage| !matches!(passage.kind, Kind::Value(_)) && passage.is_prose())
        .collect();
    let mut findings = document_number(file, notice);
    findings.extend(body.iter().flat_map(|passage| numbers_in_text(file, passage)));
    findings.extend(signature_date(file, notice, &body, context));
    findings.extend(signature_place(file, notice, &body));
    findings.extend(levels(file, &body));
    findings.extend(attachments(file, &body));
    findings.extend(notice.publicity.as_ref().into_iter().flat_map(|period| publicity(file, period, &body, context)));
    findings.extend(appeal(file, notice, &body));
    findings.extend(addressee_colon(file, &body));
    findings.extend(title(file, notice));
    findings
}

/// 发文字号 in its front matter.
fn document_number(file: &ItemFile<'_>, notice: &Notice) -> Vec<Finding> {
    let Some(number) = &notice.document_number else { return Vec::new() };
    let place = file.place_of(&[("document_number", "发文字号")]);
    let title = &file.item.front_matter.title;
    if let Some(year) = serial_year(number).filter(|_| title.contains("公告") || title.contains("通告")) {
        return year.and_then(|year| other_year(place, number, year, notice)).into_iter().collect();
    }
    let Some(parts) = DocumentNumber::read(number).filter(|parts| parts.end == number.len()) else {
        let message = Text::new(format!("“{number}”不是发文字号"), format!("\"{number}\" is no document number"));
        let finding = DOCUMENT_NUMBER_FORM.finds(place, number, message);
        return vec![finding.help(
            "写成 机关代字〔年份〕序号，例如 沪文明办〔2026〕28号",
            "write the office's name, the year and the number, e.g. 沪文明办〔2026〕28号",
        )];
    };
    if !parts.is_right {
        return vec![wrong_number(place, number, &parts.form())];
    }
    other_year(place, number, parts.year, notice).into_iter().collect()
}

/// A number of another year than that of the document's date.
fn other_year(place: Place, number: &str, of: i32, notice: &Notice) -> Option<Finding> {
    let year = i32::from(notice.issued.local.year());
    let message = || {
        Text::new(
            format!("发文字号是 {of} 年的，成文日期却在 {year} 年"),
            format!("the document number is of {of}, but the date of issue of {year}"),
        )
    };
    (of != year).then(|| {
        DOCUMENT_NUMBER_YEAR
            .finds(place, number, message())
            .help("核对发文字号和 issued（成文日期）", "see which of the two is right")
    })
}

/// The year, if it names one, of a number that announcements bear in place of 发文字号: `2026年第3号`, `某市财政局公告第3号`.
fn serial_year(number: &str) -> Option<Option<i32>> {
    let serial = number.trim_start_matches(is_han).trim_start();
    let (year, serial) = match serial.split_once("年第") {
        Some((year, serial)) => (Some(year.parse().ok().filter(|year| (1900..2100).contains(year))?), serial),
        None => (None, number.rsplit_once('第')?.1),
    };
    let is_number =
        serial.strip_suffix('号').is_some_and(|it| !it.is_empty() && it.bytes().all(|b| b.is_ascii_digit()));
    is_number.then_some(year)
}

fn wrong_number(place: Place, written: &str, form: &str) -> Finding {
    let message = Text::new(
        format!("发文字号“{written}”的写法不对"),
        format!("the document number \"{written}\" is in the wrong form"),
    );
    DOCUMENT_NUMBER_FORM.finds(place, written, message).help(
        format!("写成 {form}：年份用六角括号〔〕，序号不加“第”，前面不补零"),
        format!("write {form}: the year in 〔〕, no 第, no zeros before the number"),
    )
}

/// Numbers of documents that a text names.
fn numbers_in_text(file: &ItemFile<'_>, passage: &Passage) -> Vec<Finding> {
    let mut findings = Vec::new();
    let text = &passage.text;
    for (at, _) in text.match_indices(['〔', '[', '［', '(', '（', '【']) {
        let head = &text[..at];
        let office: String = head.chars().rev().take_while(|c| is_han(*c)).take(20).collect();
        // A whole sentence may stand before it: only the sign of an office is read.
        let ends_as_sign = ["发", "办", "字", "函", "委", "文"].iter().any(|sign| head.ends_with(sign));
        let start = at - office.len();
        let parts = DocumentNumber::read(&text[start..]).filter(|parts| ends_as_sign && !parts.is_right);
        if let Some(parts) = parts {
            let part = at..start + parts.end;
            let mended = parts.form();
            let form = mended.get(office.len()..).unwrap_or_default();
            findings.push(wrong_number(passage.place(file.file(), &part), &text[part.clone()], form));
        }
    }
    findings
}

/// 沪静文明办〔2020〕3号, perhaps in a wrong form.
struct DocumentNumber {
    office: String,
    year: i32,
    number: u32,
    is_right: bool,
    end: usize,
}

impl DocumentNumber {
    fn read(text: &str) -> Option<Self> {
        let open = text.find(|c: char| !is_han(c))?;
        let office = &text[..open];
        let mut rest = text[open..].chars().peekable();
        let mut end = open;
        let mut take =
            |rest: &mut std::iter::Peekable<std::str::Chars<'_>>| rest.next().inspect(|c| end += c.len_utf8());
        let bracket = take(&mut rest).filter(|c| "〔[［(（【".contains(*c))?;
        let mut digits = |rest: &mut std::iter::Peekable<std::str::Chars<'_>>| {
            let mut digits = String::new();
            while rest.peek().is_some_and(char::is_ascii_digit) {
                digits.extend(take(rest));
            }
            digits
        };
        let year = digits(&mut rest);
        let close = rest.next().filter(|c| "〕]］)）】".contains(*c))?;
        let has_ordinal = rest.next_if_eq(&'第').is_some();
        let number = digits(&mut rest);
        let unit = rest.next().filter(|c| *c == '号')?;
        end += close.len_utf8() + unit.len_utf8() + if has_ordinal { '第'.len_utf8() } else { 0 };
        let signs = office.chars().count();
        let year = year.parse().ok().filter(|year| (1900..2100).contains(year))?;
        let is_right =
            (bracket, close) == ('〔', '〕') && !has_ordinal && !number.starts_with('0') && (2..=20).contains(&signs);
        let number = number.parse().ok().filter(|number| (1..100_000).contains(number))?;
        (signs > 0).then(|| Self { office: office.to_owned(), year, number, is_right, end })
    }

    fn form(&self) -> String {
        format!("{}〔{}〕{}号", self.office, self.year, self.number)
    }
}

/// A date that stands alone near the end is the signature's.
fn signature_date(file: &ItemFile<'_>, notice: &Notice, body: &[&Passage], context: &Context<'_>) -> Option<Finding> {
    let expected = notice.issued.chinese();
    let last = body.iter().rev().filter(|passage| passage.kind == Kind::Paragraph).take(3);
    let (passage, line) = last
        .flat_map(|passage| passage.text.lines().map(move |line| (*passage, line.trim())))
        .find(|(_, line)| date_of(line, context).is_some())?;
    let at = passage.text.find(line)?;
    if line == expected {
        return None;
    }
    let is_same = date_of(line, context).is_some_and(|date| date.chinese() == expected);
    let message = if is_same {
        Text::new(
            format!("落款日期“{line}”的写法不对"),
            format!("the signature's date \"{line}\" is in the wrong form"),
        )
    } else {
        Text::new(
            format!("落款日期“{line}”与成文日期 {expected} 不一致"),
            format!("the signature's date \"{line}\" is not the date of issue, {expected}"),
        )
    };
    Some(SIGNATURE_DATE.finds(passage.place(file.file(), &(at..at + line.len())), line, message).help(
        format!("写成 {expected}：用阿拉伯数字，月、日前面不补零"),
        format!("write {expected}: Arabic digits, no zeros before month and day"),
    ))
}

/// A body that ends with what belongs below the signature (GB/T 9704-2012, 7.3.5 to 7.4.2: signature, date, annotation, copies),
/// while the page sets the signature below the body.
fn signature_place(file: &ItemFile<'_>, notice: &Notice, body: &[&Passage]) -> Option<Finding> {
    if notice.signed {
        return None;
    }
    let is_below = |passage: &&&Passage| passage.kind == Kind::Paragraph && stands_below_signature(&passage.text);
    let first = body.iter().rev().take_while(is_below).last()?;
    let line = first.text.trim().lines().next()?;
    let at = first.text.find(line)?;
    let (issuer, issued) = (&notice.issuer, notice.issued.chinese());
    let message = Text::new(
        "正文没有署名，页面把署名加在正文最后，会排在附注或抄送的后面",
        "the page sets the signature below the text, behind an annotation or copies that end it",
    );
    let place = first.place(file.file(), &(at..at + line.len()));
    Some(SIGNATURE_PLACE.finds(place, line, message).help(
        format!("在这一段前面写上两段：“{issuer}”和“{issued}”，页面就不再另加"),
        format!("write two paragraphs before it, “{issuer}” and “{issued}”: then the page adds none"),
    ))
}

/// Whether a paragraph is an annotation (`（联系人：…）`, `（此件公开发布）`) or the end of a document (`抄送：…`, `…印发`).
fn stands_below_signature(paragraph: &str) -> bool {
    let text = paragraph.trim();
    let inner = text.strip_prefix(['（', '(']).and_then(|text| text.strip_suffix(['）', ')']));
    let is_annotation = inner.is_some_and(|inner| {
        let begins = ["此件", "联系人", "联系电话", "联系方式", "联系单位"];
        begins.iter().any(|word| inner.starts_with(word)) && !inner.contains('\n')
    });
    let is_copy = ["抄送：", "抄送:", "抄报：", "抄报:"].iter().any(|word| text.starts_with(word));
    let is_imprint = text.ends_with("印发") && text.contains('年') && text.contains('日') && !text.contains('。');
    is_annotation || is_copy || is_imprint
}

/// The date that a line is and nothing else, be it in Chinese numerals.
fn date_of(line: &str, context: &Context<'_>) -> Option<Moment> {
    const LONGEST: usize = 64;
    let line = (line.len() < LONGEST).then_some(line)?;
    let arabic = numerals::arabic_date(line);
    Moment::parse(arabic.as_deref().unwrap_or(line), &context.registry().zone).ok()
}

/// The numbers of paragraphs and headings: their form, and that one follows the other.
fn levels(file: &ItemFile<'_>, body: &[&Passage]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut last = [0; 5];
    // Where each level stood when it last began anew.
    let mut ended = [0; 5];
    let mut in_attachments = false;
    for passage in body.iter().filter(|passage| matches!(passage.kind, Kind::Paragraph | Kind::Heading(_))) {
        let (indent, text) = unindented(&passage.text);
        in_attachments |= text.starts_with("附件");
        let Some(found) = Numbered::read(text).filter(|_| !in_attachments) else { continue };
        let part = indent..indent + found.length;
        let (written, form) = (&passage.text[part.clone()], found.form());
        let place = passage.place(file.file(), &part);
        if !found.is_right {
            let message = Text::new(
                format!("序数“{written}”的写法不对"),
                format!("the number \"{written}\" is in the wrong form"),
            );
            findings.push(HEADING_FORM.finds(place.clone(), written, message).help(
                format!("写成“{form}”；各层依次是 一、 （一） 1. （1）"),
                format!("write “{form}”; the levels are 一、 （一） 1. （1）"),
            ));
        }
        // A level may be left out, and a list may begin anew; but nothing is skipped.
        let before = last[found.level];
        // Some count on through the parts above, as the opinions of the State Council do.
        if found.number != before + 1 && found.number != 1 && !(before == 0 && found.number == ended[found.level] + 1) {
            let above = Numbered { number: before, ..found.clone() }.form();
            let message = if before == found.number {
                Text::new(format!("“{form}”写了两次"), format!("\"{form}\" stands twice"))
            } else if before > found.number {
                Text::new(format!("“{form}”排在了“{above}”的后面"), format!("\"{form}\" stands behind \"{above}\""))
            } else {
                Text::new(
                    format!("“{form}”前面没有同一层的第 {} 条", found.number - 1),
                    format!("no number {} of its level stands before \"{form}\"", found.number - 1),
                )
            };
            findings.push(
                HEADING_ORDER
                    .finds(place, written, message)
                    .help("核对有没有漏写或写重", "see whether one is missing or stands twice"),
            );
        }
        last[found.level] = found.number;
        ended[found.level] = found.number;
        last[found.level + 1..].fill(0);
    }
    findings
}

/// A text without the indent that somebody typed before it, and the length of that.
fn unindented(text: &str) -> (usize, &str) {
    let rest = text.trim_start();
    (text.len() - rest.len(), rest)
}

/// 附件：1.××× and the lines behind it, in the same paragraph, in paragraphs of their own, or as a list.
fn attachments(file: &ItemFile<'_>, body: &[&Passage]) -> Vec<Finding> {
    let begins = |passage: &&Passage| {
        let text = passage.text.trim_start();
        passage.kind == Kind::Paragraph && (text.starts_with("附件：") || text.starts_with("附件:"))
    };
    let Some(begin) = body.iter().position(begins) else { return Vec::new() };
    let mut findings = Vec::new();
    // The names in the list, and whether each is a link.
    let mut names: Vec<(String, bool)> = Vec::new();
    for (index, passage) in body[begin..].iter().enumerate() {
        let is_numbered = || Numbered::read(passage.text.trim_start()).is_some_and(|found| found.level == 3);
        let is_first = index == 0 || names.is_empty();
        let goes_on = match passage.kind {
            Kind::Paragraph => is_first || is_numbered(),
            Kind::Entry => is_first || body[begin + index - 1].kind == Kind::Entry || is_ordered(file, passage),
            _ => false,
        };
        if !goes_on {
            break;
        }
        for line in passage.text.lines() {
            let line = line.trim_start();
            let at = line.as_ptr() as usize - passage.text.as_ptr() as usize;
            findings.extend(attachment_form(file, passage, at, line));
            let name = attachment_name(line);
            if !name.is_empty() {
                let is_linked = passage.links.iter().any(|(range, _)| (at..at + line.len()).contains(&range.start));
                names.push((name.to_owned(), is_linked));
            }
        }
    }
    findings.extend(attachment_mismatch(file, body[begin], names));
    findings
}

/// Whether an entry of a list has a number in the file.
fn is_ordered(file: &ItemFile<'_>, entry: &Passage) -> bool {
    let before = entry.source(&(0..0)).and_then(|source| file.source.get(..source.start)).unwrap_or_default();
    before.lines().next_back().is_some_and(|line| line.trim_start().starts_with(|c: char| c.is_ascii_digit()))
}

/// The name in a line of the list, without what stands around it.
fn attachment_name(line: &str) -> &str {
    let line = line.trim().trim_start_matches("附件").trim_start_matches(['：', ':']).trim();
    let name = Numbered::read(line).filter(|found| found.level == 3).map_or(line, |found| &line[found.length..]);
    name.trim().trim_end_matches(['。', '；', ';', '，', ',', '、', '.'])
}

fn attachment_form(file: &ItemFile<'_>, passage: &Passage, at: usize, line: &str) -> Option<Finding> {
    let content = line.trim_end();
    let last = content.chars().next_back()?;
    let number = content.trim_start_matches("附件").trim_start_matches(['：', ':']).trim_start();
    let wrong_number = Numbered::read(number).filter(|found| found.level == 3 && !found.is_right);
    let (part, zh, en) = if content.starts_with("附件:") {
        ("附件".len().."附件:".len(), "“附件”后面要用全角冒号", "附件 is followed by a full-width colon")
    } else if "。；;，,、".contains(last) {
        (
            content.len() - last.len_utf8()..content.len(),
            "附件名称后面不加标点",
            "no punctuation follows an attachment's name",
        )
    } else if let Some(found) = wrong_number {
        let start = content.len() - number.len();
        (start..start + found.length, "附件的序号后面用“.”", "an attachment's number is followed by “.”")
    } else {
        return None;
    };
    let written = content[part.clone()].to_owned();
    let place = passage.place(file.file(), &(at + part.start..at + part.end));
    Some(ATTACHMENT_FORM.finds(place, written, Text::new(zh, en)).help(
        "写成 附件：1.名称，下一行 2.名称，后面不加标点",
        "write 附件：1.name, and 2.name in the next line, without punctuation",
    ))
}

fn attachment_mismatch(file: &ItemFile<'_>, list: &Passage, mut names: Vec<(String, bool)>) -> Option<Finding> {
    let attached = &file.item.front_matter.attachments;
    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let name_of = |attachment: &crate::parse::item::Attachment| {
        let stem = attachment.file.target.rsplit('/').next().unwrap_or_default().split('.').next().unwrap_or_default();
        plain(attachment.name.as_deref().unwrap_or(stem))
    };
    let attached: Vec<String> = attached.iter().map(name_of).collect();
    let agree = |a: &str, b: &str| !a.is_empty() && (a.contains(b) || b.contains(a));
    let lacks = |name: &String| !attached.iter().any(|other| agree(&plain(name), other));
    // A file may stand in the text as a link instead.
    names.retain(|(name, is_linked)| !is_linked || !lacks(name));
    let message = if let Some((name, _)) = names.iter().find(|(name, _)| lacks(name)) {
        Text::new(
            format!("正文列出的附件“{name}”没有附上"),
            format!("the attachment \"{name}\" is named in the text, but not attached"),
        )
    } else if attached.len() != names.len() {
        Text::new(
            format!("正文列出 {} 个附件，实际附了 {} 个", names.len(), attached.len()),
            format!("the text names {} attachments, but there are {}", names.len(), attached.len()),
        )
    } else {
        return None;
    };
    let (indent, _) = unindented(&list.text);
    Some(ATTACHMENT_MISMATCH.finds(list.place(file.file(), &(indent..indent + "附件".len())), "附件", message).help(
        "核对 attachments（附件）和正文里的附件说明，名称和个数要一致",
        "make `attachments` and the list in the text agree in names and number",
    ))
}

/// 公示: long enough, and the same in the text.
fn publicity(file: &ItemFile<'_>, period: &Publicity, body: &[&Passage], context: &Context<'_>) -> Vec<Finding> {
    let (start, end) = (period.start.local.date(), period.end.local.date());
    let days = start.until(end).map_or(0, |span| i64::from(span.get_days())) + 1;
    let wanted = i64::from(context.settings().publicity_days.0);
    let message = || {
        Text::new(
            format!("公示只有 {days} 天，少于 {wanted} 天"),
            format!("the public comment lasts {days} days, fewer than {wanted}"),
        )
    };
    let too_short = (days < wanted).then(|| {
        PUBLICITY_TOO_SHORT.finds(file.place_of(&[("publicity", "公示期"), ("end", "结束")]), "", message()).help(
            "延长公示；规定的天数不同的，改 site.yaml 的 check.publicity_days（公示天数）",
            "make it longer, or mend check.publicity_days in site.yaml if the rules ask for fewer",
        )
    });
    let differs = body.iter().find_map(|passage| other_days(file, passage, period));
    let phones = body.iter().find_map(|passage| other_phone(file, passage, period));
    too_short.into_iter().chain(differs).chain(phones).collect()
}

/// A sentence about the period that names days, but not its first and last.
fn other_days(file: &ItemFile<'_>, passage: &Passage, period: &Publicity) -> Option<Finding> {
    let words = ["公示时间", "公示期限", "公示期为", "公示期自", "公示期：", "公示期从"];
    let at = words.iter().find_map(|word| passage.text.find(word))?;
    let sentence = passage.text[at..].split(['。', '\n']).next()?;
    let day = |moment: &Moment| format!("{}月{}日", moment.local.month(), moment.local.day());
    let plain = plain_days(sentence);
    let names = |moment: &Moment| {
        let short = format!("至{}日", moment.local.day());
        plain.contains(&day(moment)) || sentence.contains(&moment.iso()) || plain.contains(&short)
    };
    let has_days = sentence.contains('日') && sentence.contains('月');
    if !has_days || names(&period.start) && names(&period.end) {
        return None;
    }
    let (start, end) = (period.start.chinese(), period.end.chinese());
    let message = Text::new(
        format!("正文写的公示时间与登记的不一致：登记的是{start}至{end}"),
        format!("the text names other days than the front matter: {start} to {end}"),
    );
    Some(differs(file, passage, at..at + sentence.len(), message))
}

/// Days without spaces and zeros before them, and 至 between two, whatever stands there: 12 月 01 日－7日 → 12月1日至7日.
fn plain_days(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        let is_behind_digit = plain.ends_with(|before: char| before.is_ascii_digit());
        let is_behind_to = plain.ends_with('至');
        match c {
            '到' | '—' | '－' | '–' | '-' | '～' | '~' | '至' if is_behind_to => {}
            '到' | '—' | '－' | '–' | '-' | '～' | '~' => plain.push('至'),
            '0' if !is_behind_digit => {}
            c => plain.push(c),
        }
    }
    plain
}

/// A telephone for responses that is not among those of `feedback`.
fn other_phone(file: &ItemFile<'_>, passage: &Passage, period: &Publicity) -> Option<Finding> {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let known: Vec<String> = period.feedback.phones.iter().map(|phone| digits(phone)).collect();
    let at = ["监督电话", "联系电话", "受理电话", "反映电话"].iter().find_map(|word| passage.text.find(word))?;
    let rest = &passage.text[at..];
    let start = at + rest.find(|c: char| c.is_ascii_digit())?;
    let number = &passage.text[start..];
    let is_part = |c: char| c.is_ascii_digit() || "-—（）() ".contains(c);
    let number = &number[..number.find(|c| !is_part(c)).unwrap_or(number.len())];
    let number = number.trim_end_matches(|c: char| !c.is_ascii_digit());
    let plain = digits(number);
    // Without its area code it is the same number.
    if known.is_empty() || plain.len() < 7 || known.iter().any(|known| known.contains(&plain) || plain.contains(known))
    {
        return None;
    }
    let message =
        Text::new("正文写的电话与登记的意见反馈电话不一致", "the text names another telephone than `feedback`");
    Some(differs(file, passage, start..start + number.len(), message))
}

fn differs(file: &ItemFile<'_>, passage: &Passage, part: std::ops::Range<usize>, message: Text) -> Finding {
    let written = passage.text[part.clone()].to_owned();
    PUBLICITY_DIFFERS.finds(passage.place(file.file(), &part), written, message).help(
        "改成一致：publicity（公示期）、feedback（意见反馈）和正文",
        "make `publicity`, `feedback` and the text agree",
    )
}

/// 倡议书: to whom, and what is asked.
fn appeal(file: &ItemFile<'_>, notice: &Notice, body: &[&Passage]) -> Vec<Finding> {
    if notice.kind.0 != "倡议书" {
        return Vec::new();
    }
    let is_key = |passage: &Passage| {
        matches!(passage.kind, Kind::Value(_)) && matches!(passage.key(), Some("addressee" | "主送"))
    };
    let first_addresses =
        body.first().is_some_and(|passage| passage.text.lines().next().is_some_and(|line| line.ends_with(['：', ':'])));
    let has_addressee = notice.addressee.is_some() || first_addresses || file.text.passages.iter().any(is_key);
    // Lines with a typed indent are paragraphs on the page.
    let lines = |passage: &Passage| -> usize {
        let texts = passage.text.lines().map(str::trim_start);
        texts.filter(|line| Numbered::read(line).is_some() || is_call(line)).count()
    };
    let calls = body.iter().map(|passage| match passage.kind {
        Kind::Entry | Kind::Heading(_) => 1,
        _ => lines(passage).max(usize::from(begins_bold(file.source, passage))),
    });
    let place = file.place_of(&[("kind", "文种")]);
    let to_nobody = (!has_addressee).then(|| {
        let message = Text::new("倡议书没有写向谁倡议", "the appeal does not say whom it addresses");
        APPEAL_WITHOUT_ADDRESSEE
            .finds(place.clone(), "", message)
            .help("写上 addressee（主送），例如 全市志愿者和市民朋友", "add `addressee`, e.g. 全市志愿者和市民朋友")
    });
    let no_calls = (calls.sum::<usize>() < 2).then(|| {
        let message = Text::new("倡议书没有分条列出倡议", "the appeal has no list of calls");
        APPEAL_WITHOUT_CALLS
            .finds(place.clone(), "", message)
            .help("用 一、 二、 三、 分条写明倡议大家做什么", "list what people are asked to do, by 一、 二、 三、")
    });
    to_nobody.into_iter().chain(no_calls).collect()
}

/// 一是……，二要……，第三…… is a list too, in prose.
fn is_call(text: &str) -> bool {
    if text.starts_with(['—', '①', '②', '③', '④', '⑤', '⑥', '⑦', '⑧', '⑨', '⑩']) {
        return true;
    }
    let rest = text.trim_start_matches("倡议").trim_start_matches('第');
    let mut chars = rest.chars();
    let is_counted = chars.next().is_some_and(|c| "一二三四五六七八九十".contains(c));
    is_counted && (rest.len() < text.len() || matches!(chars.next(), Some('是' | '要' | '做')))
}

/// Whether a paragraph begins with a call in bold: `**弘扬精神，做奉献者。**…`.
fn begins_bold(source: &str, passage: &Passage) -> bool {
    let indent = passage.text.len() - passage.text.trim_start().len();
    let start = passage.source(&(indent..indent + 1)).map_or(0, |part| part.start);
    passage.kind == Kind::Paragraph && source.get(..start).is_some_and(|above| above.ends_with("**"))
}

/// A body that begins with its addressee.
fn addressee_colon(file: &ItemFile<'_>, body: &[&Passage]) -> Option<Finding> {
    let first = body.first().filter(|passage| passage.kind == Kind::Paragraph)?;
    let line = first.text.lines().next()?;
    let at = line.strip_suffix(':')?.len();
    let message = Text::new("主送机关后面用了半角冒号", "a half-width colon follows the addressee");
    Some(
        ADDRESSEE_COLON
            .finds(first.place(file.file(), &(at..line.len())), ":", message)
            .help("改成全角冒号“：”", "write “：”"),
    )
}

/// 关于…的通知
fn title(file: &ItemFile<'_>, notice: &Notice) -> Option<Finding> {
    let (title, kind) = (&file.item.front_matter.title, notice.kind.0);
    let message = || Text::new(format!("标题里没有文种“{kind}”"), format!("the title does not name its kind, {kind}"));
    (!title.contains(kind)).then(|| {
        TITLE_WITHOUT_KIND
            .finds(file.place_of(&[("title", "标题")]), title, message())
            .help(format!("写成“关于……的{kind}”，或改正 kind（文种）"), format!("write 关于……的{kind}, or mend `kind`"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn announcements_bear_serial_numbers() {
        assert_eq!(serial_year("2026年第3号"), Some(Some(2026)));
        assert_eq!(serial_year("某市财政局公告2026年第12号"), Some(Some(2026)));
        assert_eq!(serial_year("某市人民政府公告第3号"), Some(None));
        for other in ["静文明办〔2026〕3号", "第三号", "2026年3号", "3号", "9年第3号"] {
            assert_eq!(serial_year(other), None, "{other}");
        }
    }
}
