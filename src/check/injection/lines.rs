//! Lines that look injected: by what they say, by their script, by standing behind the page's end.

use std::borrow::Cow;
use std::ops::Range;

use super::super::html::{Document, ElementId};
use super::super::rule::{Family, Finding, Rule};
use super::super::seen::{Judge, Seen};
use super::super::subject::{Context, ItemFile, Page};
use crate::diagnostic::{Place, Text};
use crate::parse::passages::Passage;
use crate::script::{Script, Tally};
use crate::spam::{Spam, score};

pub const SPAM_LINE: Rule =
    Rule::error(Family::Injection, "spam-line", "色情、赌博、发票等广告文字", "a line of injected advertising");
pub const SCRIPT_OUTLIER: Rule =
    Rule::warning(Family::Injection, "script-outlier", "简繁体与全文不同的一行", "a line in the other script");
pub const TEXT_AFTER_PAGE: Rule =
    Rule::error(Family::Injection, "text-after-page", "网页结束以后还有文字", "text behind the page's end");

/// So many characters at the beginning of a line stand for it, so that its longer or shorter forms count as the same.
const EVIDENCE: usize = 16;
/// A text this short, or in few characters, does not tell its script.
const TELLING: usize = 12;

/// The lines of an item, passage by passage.
pub fn of_item(item: &ItemFile<'_>, context: &Context<'_>) -> Vec<Finding> {
    let passages = &item.text.passages;
    let lines: Vec<(&Passage, Line<'_>)> =
        passages.iter().flat_map(|passage| lines(&passage.text).map(move |line| (passage, line))).collect();
    let all = sum(lines.iter().map(|(_, line)| line.tally));
    let judged = lines.iter().filter_map(|(passage, line)| {
        let place = || passage.place(item.file(), &(line.start..line.start + line.text.len()));
        let finding = judge(line, &all, &context.seen, place)?;
        context.seen.tell(line.text);
        Some(finding)
    });
    judged.collect()
}

/// The lines of a page, block by block, with the texts that only search engines read. What an item says was told there:
/// pages show it again in their lists.
pub fn of_page(page: &Page<'_>) -> Vec<Finding> {
    let blocks = blocks(page.document);
    let lines: Vec<(&Block<'_>, Line<'_>)> =
        blocks.iter().flat_map(|block| lines(&block.text).map(move |line| (block, line))).collect();
    // The frame of a page of ours may be in another script than an item: its lines are compared with each other.
    let cut = page.output.map(|output| output.cut);
    let frame = cut.map_or(&[][..], |cut| &cut.parts);
    let part_of = |block: &Block<'_>| frame.iter().position(|part| part.contains(&block.span.start));
    let of_frame: Vec<Tally> = (0..frame.len())
        .map(|part| sum(lines.iter().filter(|(block, _)| part_of(block) == Some(part)).map(|(_, line)| line.tally)))
        .collect();
    let left_out = cut.iter().flat_map(|cut| &cut.left_out).map(|part| part.tally);
    let all = sum(lines.iter().map(|(_, line)| line.tally).chain(left_out));
    let mut findings = Vec::new();
    for (block, line) in &lines {
        let all = match part_of(block) {
            _ if block.has_own_language => &Tally::default(),
            Some(part) => &of_frame[part],
            None => &all,
        };
        let own = page.seen.own(line.text);
        findings.extend(self::lines(&own).filter_map(|line| judge(&line, all, page.seen, || page.place(&block.span))));
    }
    findings.extend(of_attributes(page));
    findings.extend(after_page(page, &blocks));
    findings
}

/// The characters of all lines of a document.
pub fn tally(document: &Document<'_>) -> Tally {
    let blocks = blocks(document);
    sum(blocks.iter().flat_map(|block| lines(&block.text)).map(|line| line.tally))
}

/// A line of a text.
struct Line<'t> {
    /// Where it begins in the text.
    start: usize,
    text: &'t str,
    tally: Tally,
}

fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    text.split('\n').filter_map(move |line| {
        let line = line.trim();
        let start = line.as_ptr() as usize - text.as_ptr() as usize;
        (line.len() >= TELLING).then(|| Line { start, text: line, tally: Tally::of(line) })
    })
}

/// The characters of all lines together.
fn sum(tallies: impl Iterator<Item = Tally>) -> Tally {
    tallies.fold(Tally::default(), |all, tally| Tally {
        han: all.han + tally.han,
        simplified: all.simplified + tally.simplified,
        traditional: all.traditional + tally.traditional,
    })
}

fn judge(line: &Line<'_>, all: &Tally, seen: &Seen, place: impl Fn() -> Place) -> Option<Finding> {
    let Line { text, tally, .. } = *line;
    if let Some(spam) = seen.judge(Judge::Spam, text, || score(text)) {
        return Some(spam_line(place(), text, &spam));
    }
    // In a short text, the line itself must not decide what is usual.
    let script = all.without(tally).script();
    let is_outlier = tally.is_outlier(script) && !is_of_another_language(text);
    is_outlier.then(|| script_outlier(place(), text, script))
}

/// Whether a line has kana or hangul: Japanese looks like the other script.
fn is_of_another_language(line: &str) -> bool {
    line.chars().any(|c| matches!(c, '\u{3040}'..='\u{30FF}' | '\u{AC00}'..='\u{D7AF}'))
}

fn evidence(line: &str) -> String {
    line.chars().take(EVIDENCE).collect()
}

fn spam_line(place: Place, line: &str, spam: &Spam) -> Finding {
    let reasons: Vec<Text> = spam.reasons.iter().map(crate::spam::Reason::text).collect();
    let zh: Vec<&str> = reasons.iter().map(|reason| reason.zh.as_str()).collect();
    let en: Vec<&str> = reasons.iter().map(|reason| reason.en.as_str()).collect();
    let message = Text::new(
        format!("像是被人塞进来的广告：{}", zh.join("；")),
        format!("this looks like injected advertising: {}", en.join("; ")),
    );
    SPAM_LINE.finds(place, evidence(line), message).help(
        "删去这一行，再查是谁、从哪里改的：换密码，看后台日志，报告网信部门",
        "remove the line, then find out who put it there and how: change passwords, read the logs, report it",
    )
}

fn script_outlier(place: Place, line: &str, script: Script) -> Finding {
    let (zh, en) = match script {
        Script::Traditional => ("全文是繁体，这一行是简体", "the text is Traditional, this line Simplified"),
        _ => ("全文是简体，这一行是繁体", "the text is Simplified, this line Traditional"),
    };
    SCRIPT_OUTLIER.finds(place, evidence(line), Text::new(zh, en)).help(
        "看看是不是别人塞进来的；是引文就在上一行写例外：<!-- 允许 script-outlier：引文 -->",
        "see whether somebody put it there; a quotation gets an exception: <!-- allow script-outlier: a quotation -->",
    )
}

/// A text that readers see as one piece.
struct Block<'d> {
    text: Cow<'d, str>,
    span: Range<usize>,
    /// Whether an element around it says that it is in another language than the page.
    has_own_language: bool,
}

fn blocks<'d>(document: &'d Document<'_>) -> Vec<Block<'d>> {
    let mut blocks: Vec<Block<'d>> = Vec::new();
    for line in document.lines() {
        let texts = line.texts.iter().map(|index| &document.texts[*index]).filter(|text| document.is_readable(text));
        let mut last = None;
        for text in texts.skip_while(|text| text.is_blank()) {
            let link = link_around(document, text.parent);
            match blocks.last_mut().filter(|_| last.is_some()) {
                Some(block) => {
                    // Links stand side by side like the phrases of a line.
                    if last != Some(link) && link.is_some() {
                        block.text.to_mut().push('|');
                    }
                    block.text.to_mut().push_str(&text.text);
                    block.span.end = text.span.end;
                }
                None => {
                    let has_own_language = has_own_language(document, line.holder);
                    blocks.push(Block { text: Cow::Borrowed(&text.text), span: text.span.clone(), has_own_language });
                }
            }
            last = Some(link);
        }
    }
    blocks
}

/// The link around a text.
fn link_around(document: &Document, parent: ElementId) -> Option<ElementId> {
    let inline = document.ancestors(parent).take_while(|(_, element)| element.nature.is_inline);
    inline.filter(|(_, element)| element.name == "a").last().map(|(id, _)| id)
}

fn has_own_language(document: &Document, holder: ElementId) -> bool {
    let around = document.ancestors(holder).filter(|(_, element)| element.name != "html");
    around.into_iter().any(|(_, element)| element.attribute("lang").is_some())
}

/// Meta tags, which break-ins fill for search engines, and alternative texts. On a page of ours they are made from the
/// items, which are looked at themselves.
fn of_attributes(page: &Page<'_>) -> Vec<Finding> {
    if page.output.is_some() {
        return Vec::new();
    }
    let attributes = page.document.elements.iter().filter_map(|element| match element.name.as_str() {
        "meta" => element.find("content"),
        "img" => element.find("alt"),
        "a" => element.find("title"),
        _ => None,
    });
    attributes.filter_map(|it| Some(spam_line(page.place(&it.span), &it.value, &score(&it.value)?))).collect()
}

/// Texts and links behind `</body>`.
fn after_page(page: &Page<'_>, blocks: &[Block<'_>]) -> Option<Finding> {
    let end = page.document.end?;
    let block = blocks.iter().find(|block| block.span.start >= end && !block.text.trim().is_empty())?;
    let message = Text::new("网页已经结束，后面还有文字", "there is text behind the end of the page");
    Some(TEXT_AFTER_PAGE.finds(page.place(&block.span), evidence(block.text.trim()), message).help(
        "模板不会这样写，多半是别人追加的：删去，并查是谁、从哪里改的",
        "no template writes so: somebody appended it. Remove it and find out who and how",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(html: &str) -> Vec<String> {
        let document = Document::parse(html);
        blocks(&document).into_iter().map(|block| block.text.into_owned()).collect()
    }

    #[test]
    fn a_page_is_read_block_by_block() {
        let check = |html, expected: &[&str]| assert_eq!(texts(html), expected, "{html}");
        check("<p>甲<b>乙</b>丙</p><p>丁</p>", &["甲乙丙", "丁"]);
        check("<div>甲<br>乙</div>", &["甲", "乙"]);
        check("<div><a href=a>甲</a><a href=b>乙</a></div>", &["甲|乙"]);
        check("<ul><li>甲<li>乙</ul>", &["甲", "乙"]);
        check("<script>甲</script><style>乙</style> <p> 丙", &[" 丙"]);
    }

    #[test]
    fn another_languages_lines_are_no_outliers() {
        assert!(is_of_another_language("会場の準備を手伝う"));
        assert!(!is_of_another_language("靜安區文明辦發佈公告"));
    }
}
