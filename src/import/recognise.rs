//! Blocks -> an item's title, metadata and body: which lines are which, furniture and injected lines taken out.
//!
//! Nothing vanishes: a line is in the [`Draft`]'s fields or body, or in its `left_out`. Start at [`recognise`].

use std::ops::Range;

use jiff::tz::TimeZone;

use super::block::{Block, Look, Page, Run, Zone, text_of};
use super::mend::mend;
use super::report::{LeftOut, Reason};
use crate::parse::moment::Moment;
use crate::parse::notice::names_unit;
use crate::script::{self, Script, is_han};
use crate::spam;

/// What is known of an item, before it is written.
#[derive(Debug, Default)]
pub struct Draft {
    pub title: Option<String>,
    pub subtitle: Option<String>,
    pub date: Option<Moment>,
    /// The date that the page's meta tags tell, where it is another day.
    pub date_of_tags: Option<Moment>,
    pub source: Option<String>,
    pub author: Option<String>,
    pub editor: Option<String>,
    pub keywords: Vec<String>,
    pub source_url: Option<String>,
    pub document_number: Option<String>,
    pub issuer: Option<String>,
    pub issued: Option<Moment>,
    /// Where issuer and date stand in the body.
    pub signature: Option<usize>,
    pub body: Vec<Part>,
    /// What the body's notes say, the first of which is 1.
    pub notes: Vec<Vec<Run>>,
    pub left_out: Vec<LeftOut>,
    /// What is doubtful of the whole item.
    pub doubts: Vec<&'static str>,
}

impl Draft {
    /// Remarks that the fields taken since `before` say in plain text what was struck out, raised or lowered.
    pub fn doubt_plain_fields(&mut self, before: usize) {
        const DOUBT: &str = "移到开头的文字原来有删除线或上标、下标，请核对";
        let is_field = self.left_out[before..].iter().any(|it| it.reason == Reason::FrontMatter);
        if is_field && !self.doubts.contains(&DOUBT) {
            self.doubts.push(DOUBT);
        }
    }
}

/// A block of the body, perhaps with a doubt.
#[derive(Debug)]
pub struct Part {
    pub block: Block,
    pub doubt: Option<&'static str>,
}

pub fn recognise(page: Page, zone: &TimeZone) -> Draft {
    let script = script::script_of(&page.blocks.iter().map(|it| it.block.text()).collect::<String>());
    let draft = Draft { left_out: page.left_out, doubts: page.doubts, ..Draft::default() };
    let mut recogniser =
        Recogniser { draft, tags: MetaTags::default(), zone, script, has_ended: false, late_date: None };
    recogniser.take_meta(&page.meta);
    let lines: Vec<String> = page.blocks.iter().map(|it| mend(&it.block.text()).trim().to_owned()).collect();
    recogniser.late_date = late_date(&page.blocks, &lines, zone);
    let title = recogniser.find_title(&page.titles, &page.blocks, &lines);
    let begin = recogniser.begin(title, &page.blocks, &lines);
    let subtitle = title.and_then(|title| recogniser.find_subtitle(title, &page.blocks, &lines));
    for (at, located) in page.blocks.into_iter().enumerate() {
        let (has_meaning, before) = (located.block.has_look_with_meaning(), recogniser.draft.left_out.len());
        if Some(at) == subtitle {
            recogniser.take_subtitle(&lines[at]);
        } else {
            recogniser.take(at, located, &lines[at], title, begin);
        }
        if has_meaning {
            recogniser.draft.doubt_plain_fields(before);
        }
    }
    recogniser.end();
    recogniser.draft.notes = page.notes;
    recogniser.draft
}

/// What the page's meta tags say. It counts where no label in the text says otherwise: many systems write the name of an
/// account there, such as `admin`.
#[derive(Default)]
struct MetaTags {
    date: Option<Moment>,
    source: Option<String>,
    editor: Option<String>,
}

struct Recogniser<'a> {
    draft: Draft,
    tags: MetaTags,
    zone: &'a TimeZone,
    script: Script,
    /// Whether the responsible editor or the copyright line was seen behind the article.
    has_ended: bool,
    /// The line behind the article that tells when it was published.
    late_date: Option<usize>,
}

type Blocks = [super::block::Located];

impl Recogniser<'_> {
    fn take_meta(&mut self, meta: &[(String, String)]) {
        for (name, value) in meta.iter().filter(|(_, value)| !value.is_empty()) {
            let value = mend(value).trim().to_owned();
            if let Some(spam) = spam::score(&value) {
                self.leave_out(&value, Reason::Spam(spam));
                continue;
            }
            match name.as_str() {
                "articletitle" => self.draft.title = Some(value),
                "pubdate" | "publishdate" | "article:published_time" => {
                    self.tags.date = self.tags.date.or(leading_date(&value, self.zone).map(|(moment, _)| moment));
                }
                "contentsource" => {
                    set(&mut self.tags.source, &value);
                }
                "author" => {
                    set(&mut self.tags.editor, &value);
                }
                "url" | "og:url" if value.starts_with("http") => {
                    set(&mut self.draft.source_url, &value);
                }
                "keywords" if self.draft.keywords.is_empty() => {
                    let words = value.split([',', '，', ';', '；', '、', ' ']).filter(|word| !word.is_empty());
                    self.draft.keywords = words.map(str::to_owned).collect();
                }
                _ => {}
            }
        }
    }

    /// Takes what the meta tags say of date and source into the fields that are still empty.
    fn complete_by_tags(&mut self) {
        if let Some(date) = self.tags.date.take()
            && !self.set_date(date)
        {
            self.draft.date_of_tags = Some(date);
            self.leave_out(&date.to_string(), Reason::Overruled);
        }
        if let Some(source) = self.tags.source.take()
            && !set(&mut self.draft.source, &source)
        {
            self.leave_out(&source, Reason::Overruled);
        }
    }

    /// Takes the editor of the meta tags only once the whole page is read: many pages name theirs at the very end.
    fn complete_editor_by_tags(&mut self) {
        let editor = self.tags.editor.take().filter(|editor| self.draft.author.as_ref() != Some(editor));
        if let Some(editor) = editor
            && !set(&mut self.draft.editor, &editor)
        {
            self.leave_out(&editor, Reason::Overruled);
        }
    }

    /// Whether the item has this date now. One with a time is taken in place of the same without.
    fn set_date(&mut self, date: Moment) -> bool {
        match self.draft.date {
            Some(taken) if taken.iso() != date.iso() => return false,
            Some(taken) if taken.has_time => {}
            _ => self.draft.date = Some(date),
        }
        true
    }

    /// The block that is the title, and the title itself.
    fn find_title(&mut self, named: &[String], blocks: &Blocks, lines: &[String]) -> Option<usize> {
        let is_title = |at: &usize| self.may_be_title(&lines[*at]) && !is_letterhead(lines, *at);
        let heading = |at: &usize| matches!(blocks[*at].block, Block::Heading(1, _)) && is_title(at);
        let is_inside = |at: &usize| blocks[*at].zone == Zone::Article;
        let named = self.draft.title.iter().chain(named).map(|title| squeeze(&mend(title)));
        let named: Vec<String> = named.filter(|title| !title.is_empty()).collect();
        // `标题_某某文明网`: the line that the page's own title begins with.
        let named_by = |at: &usize, fits: &dyn Fn(&str, &str) -> bool| {
            let line = squeeze(&lines[*at]);
            line.chars().count() >= 4 && named.iter().any(|title| fits(title, &line)) && is_title(at)
        };
        let all = 0..lines.len();
        // Behind the first sentence such a line is no longer the title's.
        let head = 0..lines.iter().position(|line| line.contains('。')).unwrap_or(lines.len());
        let meta = head.clone().find(|at| self.is_meta(&lines[*at]) && !is_signature(blocks, lines, *at));
        let document = |at: &usize| is_inside(at) && names_document(&lines[*at]) && is_title(at);
        let before_meta = || {
            meta.and_then(|meta| {
                (meta.saturating_sub(4)..meta).rev().filter(|at| !lines[*at].starts_with('—')).find(is_title)
            })
        };
        let first = || all.clone().find(|at| is_inside(at) && is_title(at) && !is_navigation(&lines[*at]));
        let found = all
            .clone()
            .find(|at| named_by(at, &|title, line| title.starts_with(line)))
            .or_else(|| all.clone().find(heading))
            .or_else(|| head.clone().find(document))
            .or_else(|| all.clone().find(|at| named_by(at, &|title, line| title.contains(line))))
            .or_else(before_meta)
            .or_else(first);
        let clean = || named.iter().find(|title| spam::score(title).is_none()).cloned();
        self.draft.title = found.map(|at| lines[at].replace('\n', " ")).or_else(clean);
        for name in named.iter().filter(|name| self.draft.title.as_ref().map(|it| squeeze(it)) != Some((*name).clone()))
        {
            let reason = spam::score(name).map_or(Reason::Around, Reason::Spam);
            self.draft.left_out.push(LeftOut { text: name.clone(), reason });
        }
        found
    }

    /// Whether a line tells when and by whom it was published.
    fn is_meta(&self, line: &str) -> bool {
        byline(line, self.zone).is_some() || Labelled::read(line).is_some_and(|it| it.has_date_or_source(self.zone))
    }

    /// The line behind the title, where it begins like a subtitle, or is a heading with date and source behind it.
    fn find_subtitle(&self, title: usize, blocks: &Blocks, lines: &[String]) -> Option<usize> {
        let at = title + 1;
        let line = lines.get(at).filter(|line| self.may_be_title(line) && line.chars().count() <= LONGEST_SUBTITLE)?;
        let is_heading = || matches!(blocks[at].block, Block::Heading(..));
        let comes_before_meta = || lines.get(at + 1).is_some_and(|next| self.is_meta(next));
        (line.starts_with('—') || is_heading() && comes_before_meta()).then_some(at)
    }

    fn take_subtitle(&mut self, line: &str) {
        self.draft.subtitle = Some(line.trim_start_matches('—').trim().to_owned());
        self.leave_out(line, Reason::FrontMatter);
    }

    fn may_be_title(&self, line: &str) -> bool {
        let is_plain = !line.is_empty() && line.chars().count() <= 80 && !line.ends_with(['。', '；', '，']);
        is_plain
            && !is_furniture(line)
            && !is_document_number(line)
            && Labelled::read(line).is_none()
            && spam::score(line).is_none()
            && !script::is_outlier(line, self.script)
            && leading_date(line, self.zone).is_none_or(|(_, rest)| !rest.is_empty())
            && byline(line, self.zone).is_none()
    }

    /// The first block of the body: behind the title and the line with date and source.
    fn begin(&self, title: Option<usize>, blocks: &Blocks, lines: &[String]) -> usize {
        let is_inside = |at: usize| blocks[at].zone == Zone::Article;
        let first = (0..lines.len()).find(|at| is_inside(*at)).unwrap_or(lines.len());
        match title {
            Some(title) if is_inside(title) => title,
            _ => first,
        }
    }

    fn take(&mut self, at: usize, mut located: super::block::Located, line: &str, title: Option<usize>, begin: usize) {
        let is_title = self.draft.title.as_ref().is_some_and(|title| squeeze(title) == squeeze(line));
        if Some(at) == title || (is_title && self.draft.body.len() < 2) {
            return self.leave_out(line, Reason::FrontMatter);
        }
        if let Some(spam) = spam::score(line) {
            return self.leave_out(line, Reason::Spam(spam));
        }
        if let Block::List(entries) = &mut located.block {
            entries.retain(|entry| self.is_clean(&text_of(&entry.runs)));
        }
        let is_odd = script::is_outlier(line, self.script);
        if is_odd && (self.has_ended || located.zone == Zone::Around || !line.contains(['。', '；'])) {
            return self.leave_out(line, Reason::OtherScript);
        }
        if self.take_label(at, line, located.zone) {
            return;
        }
        // What stands behind and beside the article is of other articles, or of the whole site; `上一篇：无` may still have
        // the article's own fields behind it.
        if self.has_ended && located.zone == Zone::Around && !line.is_empty() && !is_furniture(line) {
            self.complete_by_tags();
        }
        if is_furniture(line) || (self.has_ended && is_footer(line)) {
            self.has_ended |= is_end(line) && !self.draft.body.is_empty();
            return self.leave_out(line, Reason::Furniture);
        }
        if located.zone == Zone::Around || at < begin {
            let reason =
                if located.block.has_picture() && line.is_empty() { Reason::Decoration } else { Reason::Around };
            let text = if line.is_empty() { pictures(&located.block) } else { line.to_owned() };
            return self.leave_out(&text, reason);
        }
        if self.draft.body.is_empty() && line.starts_with("——") && line.chars().count() <= LONGEST_SUBTITLE {
            return self.take_subtitle(line);
        }
        if is_navigation(line) || (is_link_list(&located.block) && self.has_ended) {
            return self.leave_out(line, Reason::Around);
        }
        if self.has_ended && !line.contains('。') && !located.block.has_picture() {
            return self.leave_out(line, Reason::AfterEnd);
        }
        let doubt = match &located.block {
            _ if is_odd => Some("这一段的简繁与全文不同，请核对"),
            _ if self.has_ended => Some("这一段在责任编辑之后，请核对是不是正文"),
            Block::Table(table) if table.has_merged_cells => Some("原表格有合并的单元格，请核对"),
            _ if line.contains(char::REPLACEMENT_CHARACTER) => Some("这一段有认不出的字，请核对"),
            _ => None,
        };
        // Markdown makes one list of two that follow each other, and would count on through both.
        if let Block::List(entries) = &mut located.block
            && doubt.is_none()
            && let Some(Part { block: Block::List(before), .. }) = self.draft.body.last_mut()
            && before.iter().rfind(|entry| entry.depth == 0).is_some_and(|entry| entry.ordered)
            && entries.first().is_some_and(|entry| entry.ordered)
        {
            return before.append(entries);
        }
        self.draft.body.push(Part { block: located.block, doubt });
    }

    fn is_clean(&mut self, item: &str) -> bool {
        let spam = spam::score(item);
        let is_clean = spam.is_none();
        spam.into_iter().for_each(|spam| self.leave_out(item.trim(), Reason::Spam(spam)));
        is_clean
    }

    fn leave_out(&mut self, text: &str, reason: Reason) {
        if !text.is_empty() {
            self.draft.left_out.push(LeftOut { text: text.to_owned(), reason });
        }
    }

    /// Takes the fields of a line such as `发布时间：… 来源：… 责任编辑：…`; whether it was one.
    fn take_label(&mut self, at: usize, line: &str, place: Zone) -> bool {
        if self.draft.document_number.is_none() && self.draft.body.len() < 2 && is_document_number(line) {
            self.draft.document_number =
                Some(line.replace(['[', '【', '［'], "〔").replace([']', '】', '］'], "〕").replace(' ', ""));
            self.leave_out(line, Reason::FrontMatter);
            return true;
        }
        if let Some((unit, moment)) = byline(line, self.zone).filter(|_| self.draft.body.is_empty()) {
            // A date that stands alone above the article may be the day on which the page was saved.
            let is_other_day = self.tags.date.is_some_and(|date| date.iso() != moment.iso());
            if unit.is_empty() && is_other_day && place == Zone::Around {
                return false;
            }
            let taken = [self.set_date(moment), set(&mut self.draft.source, &unit)];
            self.tell_taken(line, &[(moment.to_string(), taken[0]), (unit, taken[1])]);
            return true;
        }
        let Some(labelled) = Labelled::read(line).filter(|it| self.is_metadata(at, line, it)) else { return false };
        // Each value, and whether it is in its field now.
        let mut values: Vec<(String, bool)> = Vec::new();
        if let Some((moment, _)) = leading_date(&labelled.before, self.zone) {
            values.push((moment.to_string(), self.set_date(moment)));
        }
        for (label, value) in &labelled.fields {
            let is_taken = match label {
                Label::Date | Label::Published => {
                    leading_date(value, self.zone).is_none_or(|(moment, _)| self.set_date(moment))
                }
                Label::Source | Label::Author => {
                    // `静安区文明办 2025-12-20`
                    let behind = dated(value, self.zone).filter(|(name, _)| !name.is_empty());
                    if let Some((_, moment)) = behind {
                        values.push((moment.to_string(), self.set_date(moment)));
                    }
                    let is_source = *label == Label::Source;
                    let field = if is_source { &mut self.draft.source } else { &mut self.draft.author };
                    set(field, behind.map_or(value, |(name, _)| name))
                }
                Label::Editor => {
                    self.has_ended |= !self.draft.body.is_empty();
                    set(&mut self.draft.editor, value)
                }
                Label::Tool => continue,
            };
            values.push((value.clone(), is_taken));
        }
        if labelled.before.is_empty() && values.is_empty() {
            self.leave_out(line, Reason::Furniture);
        } else {
            self.tell_taken(line, &values);
        }
        true
    }

    /// Reports a line whose values were taken, and those that were not, since their fields had others.
    fn tell_taken(&mut self, line: &str, values: &[(String, bool)]) {
        let mut overruled = values.iter().filter(|(_, is_taken)| !is_taken).map(|(value, _)| value).peekable();
        if overruled.peek().is_some() && values.iter().all(|(value, is_taken)| !is_taken || value.is_empty()) {
            return self.leave_out(line, Reason::Overruled);
        }
        self.leave_out(line, Reason::FrontMatter);
        overruled.for_each(|value| self.leave_out(value, Reason::Overruled));
    }

    /// A line in the body is metadata only at its ends: `时间：…` also begins a programme.
    fn is_metadata(&self, at: usize, line: &str, labelled: &Labelled) -> bool {
        let is_long = line.chars().count() > 120 || line.contains('。');
        let is_sure =
            labelled.fields.iter().any(|(label, _)| matches!(label, Label::Editor | Label::Source | Label::Tool));
        let is_date = labelled.has_date_or_source(self.zone);
        !is_long && (is_sure || (is_date && (self.draft.body.is_empty() || self.late_date == Some(at))))
    }

    /// Takes issuer and date from the end of a notice, and recognises headings and lead-ins.
    fn end(&mut self) {
        self.complete_by_tags();
        self.complete_editor_by_tags();
        let lines: Vec<String> =
            self.draft.body.iter().map(|part| mend(&part.block.text()).trim().to_owned()).collect();
        if let Some(at) =
            lines.iter().rposition(|line| leading_date(line, self.zone).is_some_and(|(_, rest)| rest.is_empty()))
            && at + 3 >= lines.len()
            && at > 1
            && names_unit(&lines[at - 1])
        {
            self.draft.issued = leading_date(&lines[at], self.zone).map(|(moment, _)| moment);
            self.draft.issuer = Some(lines[at - 1].clone());
            self.draft.signature = Some(at - 1);
        }
        for part in &mut self.draft.body {
            shape(&mut part.block);
        }
    }
}

/// The line behind the last sentence of an article that tells when it was published: `发布时间：2020-03-01 09:00`. A page
/// with several such lines tells of several articles.
fn late_date(blocks: &Blocks, lines: &[String], zone: &TimeZone) -> Option<usize> {
    let tells_when = |at: &usize| {
        Labelled::read(&lines[*at]).is_some_and(|it| {
            let is_date = |value: &str| leading_date(value, zone).is_some_and(|(_, rest)| rest.is_empty());
            it.fields.iter().any(|(label, value)| *label == Label::Published && is_date(value))
        })
    };
    let mut found = (0..lines.len()).filter(tells_when);
    let at = found.next().filter(|_| found.next().is_none())?;
    let goes_on = (at + 1..lines.len()).any(|later| {
        blocks[later].zone == Zone::Article && lines[later].contains('。') && !is_furniture(&lines[later])
    });
    (!goes_on).then_some(at)
}

/// Whether the field has this value now, or there was none to set.
fn set(field: &mut Option<String>, value: &str) -> bool {
    let value = value.trim();
    value.is_empty() || field.get_or_insert_with(|| value.to_owned()) == value
}

fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn pictures(block: &Block) -> String {
    let (Block::Paragraph(runs) | Block::Heading(_, runs)) = block else { return String::new() };
    let sources = runs.iter().filter_map(|run| match run {
        Run::Picture { src, .. } => Some(src.as_str()),
        Run::Text { .. } | Run::Note(_) => None,
    });
    sources.collect::<Vec<_>>().join(" ")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    /// When the item was published, or something takes place.
    Date,
    /// When the item was published, surely.
    Published,
    Source,
    Author,
    Editor,
    /// 字号 and the like, which nobody needs.
    Tool,
}

/// A subtitle has at most so many characters.
const LONGEST_SUBTITLE: usize = 60;

/// Labels of metadata; longer ones stand before those that they end with.
const LABELS: [(&str, Label); 41] = [
    ("发布时间", Label::Published),
    ("發佈時間", Label::Published),
    ("發布時間", Label::Published),
    ("发表时间", Label::Published),
    ("發表時間", Label::Published),
    ("发布日期", Label::Published),
    ("發佈日期", Label::Published),
    ("發布日期", Label::Published),
    ("发稿时间", Label::Published),
    ("时间", Label::Date),
    ("時間", Label::Date),
    ("日期", Label::Date),
    ("信息来源", Label::Source),
    ("資訊來源", Label::Source),
    ("稿件来源", Label::Source),
    ("文章来源", Label::Source),
    ("文章來源", Label::Source),
    ("来源", Label::Source),
    ("來源", Label::Source),
    ("责任编辑", Label::Editor),
    ("責任編輯", Label::Editor),
    ("编辑", Label::Editor),
    ("編輯", Label::Editor),
    ("责编", Label::Editor),
    ("責編", Label::Editor),
    ("作者", Label::Author),
    ("撰稿", Label::Author),
    ("字体大小", Label::Tool),
    ("字号", Label::Tool),
    ("字號", Label::Tool),
    ("字体", Label::Tool),
    ("字體", Label::Tool),
    ("浏览次数", Label::Tool),
    ("瀏覽次數", Label::Tool),
    ("阅读次数", Label::Tool),
    ("点击数", Label::Tool),
    ("点击量", Label::Tool),
    ("浏览量", Label::Tool),
    ("阅读量", Label::Tool),
    ("访问量", Label::Tool),
    ("分享到", Label::Tool),
];

/// A line cut at its labels.
struct Labelled {
    /// What stands before the first label: nothing, or a date.
    before: String,
    fields: Vec<(Label, String)>,
}

impl Labelled {
    fn read(line: &str) -> Option<Self> {
        let mut cuts: Vec<(usize, usize, Label)> = Vec::new();
        for (at, _) in line.char_indices() {
            let is_boundary = line[..at].chars().next_back().is_none_or(|c| !is_han(c) && !c.is_alphanumeric())
                || cuts.is_empty() && line[..at].trim().ends_with(|c: char| c.is_ascii_digit());
            if is_boundary && !cuts.is_empty() && counts_readers(&line[at..]) {
                cuts.push((at, at, Label::Tool));
                continue;
            }
            let found = LABELS.iter().find(|(label, _)| is_boundary && line[at..].starts_with(label));
            let Some((label, kind)) = found else { continue };
            let after = line[at + label.len()..].trim_start();
            if after.starts_with(['：', ':']) {
                let end = line.len() - after.len() + after.chars().next().map_or(0, char::len_utf8);
                cuts.push((at, end, *kind));
            }
        }
        let first = cuts.first()?;
        let edges = |c: char| c.is_whitespace() || "【】[]（）()|｜".contains(c);
        let before = line[..first.0].trim_matches(edges).to_owned();
        let ends = cuts.iter().skip(1).map(|cut| cut.0).chain([line.len()]);
        let fields = cuts.iter().zip(ends).map(|(cut, end)| (cut.2, value(&line[cut.1..end])));
        let fields = fields.collect();
        (before.is_empty() || before.starts_with(|c: char| c.is_ascii_digit())).then_some(Self { before, fields })
    }

    fn has_date_or_source(&self, zone: &TimeZone) -> bool {
        leading_date(&self.before, zone).is_some()
            || self.fields.iter().any(|(label, value)| match label {
                // `时间：1月20日至2月28日` is when something takes place.
                Label::Date | Label::Published => {
                    leading_date(value, zone).is_some_and(|(_, rest)| !rest.starts_with(['至', '到', '—', '~', '～']))
                }
                Label::Source => true,
                _ => false,
            })
    }
}

/// `点击：123 次`, `浏览 45`, `阅读：[…]`, which stand behind other fields: alone on a line, such words may begin a text.
fn counts_readers(text: &str) -> bool {
    let word = ["点击", "點擊", "浏览", "瀏覽", "阅读", "閱讀", "访问", "人气", "热度"].iter();
    let Some(behind) = word.filter_map(|word| text.strip_prefix(word)).next() else { return false };
    let units = ["次数", "次數", "人次", "人数", "数", "數", "量"];
    let behind = units.iter().find_map(|unit| behind.strip_prefix(unit)).unwrap_or(behind);
    let count = behind.trim_start_matches(|c: char| c.is_whitespace() || "：:[【(（".contains(c));
    let is_marked = count.len() < behind.len();
    // A script that was to fetch the number has left its place empty.
    let is_empty = count.is_empty()
        || count.starts_with([']', '】', ')', '）', '次', '-'])
        || LABELS.iter().any(|(label, _)| count.starts_with(label));
    count.starts_with(|c: char| c.is_ascii_digit()) || is_marked && is_empty
}

/// A field's value without the buttons behind it: `静安区文明办 【打印】`.
fn value(text: &str) -> String {
    let text = text.split(['【', '|', '｜']).find(|part| !part.trim().is_empty()).unwrap_or_default();
    let mut words: Vec<&str> = text.split_whitespace().collect();
    while words.len() > 1 && words.last().is_some_and(|word| is_furniture(word)) {
        words.pop();
    }
    words.join(" ").trim_matches(|c| "（）()[]".contains(c)).trim().to_owned()
}

/// No date with its time has more characters, spaces between its parts included.
const LONGEST_DATE: usize = 40;

/// A date at the beginning, with what follows it.
fn leading_date<'t>(text: &'t str, zone: &TimeZone) -> Option<(Moment, &'t str)> {
    let text = text.trim();
    let is_part = |c: char| c.is_ascii_digit() || "-/.年月日号时分点: ：T".contains(c);
    let length = text.chars().take(LONGEST_DATE).take_while(|c| is_part(*c)).map(char::len_utf8).sum();
    let whole = text[..length].trim_end();
    // `2020-04-13 09:30`, else what a longer run of digits begins with.
    let shorter = whole.char_indices().rev().map(|(at, _)| &whole[..at]);
    let (moment, used) = std::iter::once(whole)
        .chain(shorter)
        .take_while(|part| part.len() >= 8)
        .find_map(|part| Some((Moment::parse(part, zone).ok()?, part.len())))?;
    Some((moment, text[used..].trim()))
}

/// A text that ends with a date: what stands before it, perhaps nothing, and the date.
fn dated<'t>(text: &'t str, zone: &TimeZone) -> Option<(&'t str, Moment)> {
    let earliest = text.char_indices().rev().nth(LONGEST_DATE).map_or(0, |(at, _)| at);
    let starts = std::iter::once(0).filter(|at| *at == earliest).chain(text.match_indices(' ').map(|(at, _)| at + 1));
    starts
        .filter(|at| *at >= earliest)
        .map(|at| text.split_at(at))
        .find_map(|(name, date)| Some((name, Moment::parse(date, zone).ok()?)))
}

/// A date alone on a line, or behind a unit's name: `静安区志愿者协会  2026-01-05 10:00`.
fn byline(line: &str, zone: &TimeZone) -> Option<(String, Moment)> {
    let (unit, moment) = dated(line, zone)?;
    let is_name = unit.chars().count() <= 30 && unit.chars().all(|c| is_han(c) || " 、（）".contains(c));
    is_name.then(|| (unit.trim().to_owned(), moment))
}

/// `沪静文明办〔2020〕3号`, also with the wrong brackets.
fn is_document_number(line: &str) -> bool {
    let Some((before, rest)) = line.split_once(['〔', '[', '［', '【']) else { return false };
    let Some((year, number)) = rest.split_once(['〕', ']', '］', '】']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = number.trim().strip_suffix(['号', '號']).unwrap_or_default();
    (2..=20).contains(&before.chars().count())
        && before.chars().all(is_han)
        && year.len() == 4
        && digits(year)
        && digits(number)
}

/// Words of buttons and the like; a line of nothing else is furniture.
const BUTTONS: &[&str] = &[
    "大",
    "中",
    "小",
    "打印",
    "打印本页",
    "打印此页",
    "打印文章",
    "关闭",
    "关闭窗口",
    "关闭本页",
    "列印",
    "關閉",
    "關閉視窗",
    "纠错",
    "我要纠错",
    "糾錯",
    "分享",
    "分享到",
    "收藏",
    "加入收藏",
    "设为首页",
    "設為首頁",
    "返回",
    "返回顶部",
    "返回列表",
    "返回首页",
    "回到顶部",
    "回頂部",
    "首页",
    "首頁",
    "字号",
    "字號",
    "字体",
    "字號加大",
    "字號減小",
    "字号加大",
    "字号减小",
    "加大",
    "减小",
    "默认",
    "登录",
    "注册",
    "无障碍",
    "无障碍浏览",
    "长者模式",
    "长者版",
    "关怀版",
    "适老版",
    "简体",
    "繁体",
    "簡體",
    "繁體",
    "简",
    "繁",
    "上一页",
    "下一页",
    "尾页",
    "末页",
    "微信",
    "微博",
    "新浪微博",
    "QQ空间",
    "QQ",
    "朋友圈",
    "复制链接",
    "扫一扫",
    "手机版",
    "移动版",
    "网站地图",
    "網站地圖",
    "联系我们",
    "聯繫我們",
    "关于我们",
    "關於我們",
    "隐私声明",
    "网站声明",
    "版权声明",
    "下载",
    "搜索",
    "搜索全站",
    "点赞",
    "評論",
    "评论",
    "A+",
    "A-",
    "T",
    "+",
    "-",
    "English",
    "EN",
];

/// How lines begin that belong to the page and not to the article.
const BEGINNINGS: &[&str] = &[
    "当前位置",
    "當前位置",
    "您的位置",
    "您现在的位置",
    "您當前的位置",
    "您所在的位置",
    "你的位置",
    "现在位置",
    "上一篇",
    "下一篇",
    "上一条",
    "下一条",
    "相关阅读",
    "相关文章",
    "相关新闻",
    "相关链接",
    "相關閱讀",
    "相關新聞",
    "相關文章",
    "推荐阅读",
    "热门文章",
    "版权所有",
    "版權所有",
    "Copyright",
    "copyright",
    "COPYRIGHT",
    "©",
    "网站标识码",
    "網站標識碼",
    "沪ICP备",
    "ICP备",
    "备案号",
    "沪公网安备",
    "技术支持",
    "技術支援",
    "浏览次数",
    "阅读次数",
    "点击数",
    "访问量",
    "扫一扫",
    "分享到",
    "建议使用",
    "【纠错】",
    "【打印】",
    "【关闭】",
    "【字体",
    "【字号",
    "【字號",
    "[打印]",
    "[关闭]",
];

pub(super) fn is_furniture(line: &str) -> bool {
    let words = line.split(|c: char| c.is_whitespace() || "【】[]（）()|｜·/：:<>".contains(c));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let is_button = |word: &&str| BUTTONS.contains(word);
    let is_short = line.chars().count() <= 120 && !line.contains('。');
    let has_filing = ["公网安备", "ICP备"].iter().any(|mark| line.contains(mark));
    (!words.is_empty() && words.iter().all(is_button))
        || (is_short && (has_filing || BEGINNINGS.iter().any(|beginning| line.starts_with(beginning))))
}

/// Lines of a page's foot, once its article is over.
fn is_footer(line: &str) -> bool {
    let beginnings = [
        "主办",
        "主辦",
        "承办",
        "承辦",
        "地址",
        "电话",
        "電話",
        "邮编",
        "郵編",
        "邮箱",
        "联系电话",
        "服务热线",
        "传真",
    ];
    line.chars().count() <= 120 && beginnings.iter().any(|beginning| line.starts_with(beginning))
}

fn is_end(line: &str) -> bool {
    let marks =
        ["版权所有", "版權所有", "opyright", "©", "上一篇", "下一篇", "相关", "相關", "打印", "列印", "关闭", "關閉"];
    marks.iter().any(|mark| line.contains(mark))
}

/// Breadcrumbs and rows of columns: `首页 > 要闻 > 正文`, `首页 | 要闻 | 公告`.
fn is_navigation(line: &str) -> bool {
    let parts = |separators: &[char]| line.split(separators).filter(|part| !part.trim().is_empty()).count();
    let is_short = line.chars().count() <= 100 && !line.contains(['。', '；', '<', '，']);
    let has_home = ["首页", "首頁"].iter().any(|word| line.starts_with(word));
    is_short
        && ((has_home && line.split_whitespace().count() >= 3)
            || parts(&['>', '›', '»', '＞']) >= 3
            || (has_home && parts(&['|', '｜', '/', '·']) >= 3))
}

/// Whether all words are links, as in a list of other articles.
fn is_link_list(block: &Block) -> bool {
    let Block::List(entries) = block else { return false };
    entries.iter().flat_map(|entry| &entry.runs).all(|run| match run {
        Run::Text { text, look } => look.link.is_some() || text.trim().chars().count() <= 12,
        Run::Picture { .. } | Run::Note(_) => false,
    })
}

/// `某某办公室文件`, with the document's number behind it: the red head of an official document.
fn is_letterhead(lines: &[String], at: usize) -> bool {
    let mut behind = lines[at + 1..].iter().filter(|line| !line.is_empty()).take(2);
    lines[at].ends_with("文件") && behind.any(|line| is_document_number(line))
}

/// `关于召开例会的通知`: the title of an official document, as its standard (GB/T 9704) wants it.
fn names_document(line: &str) -> bool {
    let kinds = [
        "通知", "公告", "公示", "通报", "通告", "意见", "决定", "决议", "函", "请示", "批复", "报告", "纪要", "方案",
        "办法", "通報", "意見", "決定", "決議", "請示", "批復", "報告", "紀要", "辦法",
    ];
    let kind = line.trim_end_matches(['）', ')']).rsplit(['（', '(']).next_back().unwrap_or(line);
    ["关于", "關於"].iter().any(|about| line.contains(about)) && kinds.iter().any(|ending| kind.ends_with(ending))
}

/// Whether a line with a date is the end of an article and not its head: there is far more before it than behind it.
fn is_signature(blocks: &Blocks, lines: &[String], at: usize) -> bool {
    let letters = |part: Range<usize>| -> usize {
        let counts = |at: &usize| blocks[*at].zone == Zone::Article && !is_furniture(&lines[*at]);
        part.filter(counts).map(|at| lines[at].chars().count()).sum()
    };
    letters(at + 1..lines.len()) * 4 < letters(0..at)
}

/// Turns a paragraph into the heading that it looks like, and makes a lead-in bold.
fn shape(block: &mut Block) {
    let Block::Paragraph(runs) = block else {
        if let Block::Heading(level, _) = block {
            *level = (*level).clamp(2, 4);
        }
        return;
    };
    let text = mend(&text_of(runs)).trim().to_owned();
    let level = numeral(&text);
    let is_strong =
        runs.iter().all(|run| matches!(run, Run::Text { text, look } if look.strong || text.trim().is_empty()));
    let is_short =
        (2..=30).contains(&text.chars().count()) && !text.contains(['。', '；', '，', '：', '！', '？', '\n']);
    if is_short && (level.is_some() || is_strong) {
        let runs = runs.iter().map(|run| match run {
            Run::Text { text, look } => Run::Text { text: text.clone(), look: Look { strong: false, ..look.clone() } },
            Run::Picture { .. } | Run::Note(_) => run.clone(),
        });
        *block = Block::Heading(level.unwrap_or(2), runs.collect());
    } else if level.is_some() {
        embolden(runs);
    }
}

/// The level of `一、` and `（一）`.
fn numeral(text: &str) -> Option<u8> {
    let is_number = |part: &str| {
        (1..=3).contains(&part.chars().count()) && part.chars().all(|c| "一二三四五六七八九十".contains(c))
    };
    if text.split_once('、').is_some_and(|(number, _)| is_number(number)) {
        return Some(2);
    }
    let inner = text.strip_prefix('（')?.split_once('）')?.0;
    is_number(inner).then_some(3)
}

/// `（一）加强领导。各单位要……`: the first sentence of a numbered paragraph is its lead-in.
fn embolden(runs: &mut Vec<Run>) {
    let Some(Run::Text { text, look }) = runs.first() else { return };
    if *look != Look::default() {
        return;
    }
    let text = text.trim_start().to_owned();
    let Some((lead, rest)) =
        text.split_once('。').filter(|(lead, _)| lead.chars().count() <= 30 && !lead.contains('，'))
    else {
        return;
    };
    if rest.trim().is_empty() && runs.len() == 1 {
        return;
    }
    let lead = Run::Text { text: format!("{lead}。"), look: Look { strong: true, ..Look::default() } };
    let rest = Run::plain(rest);
    runs.splice(0..1, [lead, rest]);
}
