//! Markdown that looks right to its editor and became something else: tables, boxes of advice and bold that stayed text, text
//! that became code, cells that are lost, lines that are joined.
//!
//! Looks at what the parser made of it, so that code, escaped stars and real tables give no cause for a word.
//! Start at [`find`].

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};

use super::writer::{Events, Source};
use super::{Finding, FindingKind, cjk};
use crate::parse::notice::{bare, names_unit};
use crate::parse::numerals;
use crate::script::is_han;

/// All that is found, in the order of the text.
pub fn find(events: Events<'_>, source: Source<'_>) -> Vec<Finding> {
    let text = source.prepared.text.as_bytes();
    let mut stars = memchr::memchr_iter(b'*', text).peekable();
    let may_hold_rows =
        memchr::memchr2(b'|', b'\t', text).is_some() || memchr::memmem::find(text, "｜".as_bytes()).is_some();
    let mut remnants = remnants(&source.prepared.text).into_iter().peekable();
    let mut references = memchr::memchr_iter(b'[', text).filter(|at| text[..*at].ends_with(b"]")).peekable();
    let is_marked = stars.peek().is_some() || remnants.peek().is_some();
    let mut slips = Slips {
        source,
        may_hold_rows,
        has_told_joined: false,
        findings: Vec::new(),
        stars: Vec::new(),
        bold: Vec::new(),
        columns: 0,
        remnants: Vec::new(),
    };
    let mut in_code = false;
    for (event, range) in events {
        match event {
            Event::Start(tag) if !is_phrase(&tag.to_end()) => {
                slips.end_block();
                slips.has_told_joined = false;
                in_code = matches!(tag, Tag::CodeBlock(_));
                slips.block(tag, range);
            }
            Event::End(tag) if !is_phrase(tag) => {
                slips.end_block();
                in_code = false;
            }
            Event::Text(_) if !in_code => {
                while stars.next_if(|star| *star < range.start).is_some() {}
                while let Some(star) = stars.next_if(|star| *star < range.end) {
                    slips.star(star);
                }
                while references.next_if(|at| *at < range.start).is_some() {}
                while let Some(at) = references.next_if(|at| *at < range.end) {
                    slips.reference(at);
                }
                while remnants.next_if(|remnant| remnant.range.start < range.start).is_some() {}
                while let Some(remnant) = remnants.next_if(|remnant| remnant.range.start < range.end) {
                    slips.remnant(&remnant);
                }
            }
            Event::SoftBreak => slips.soft_break(range),
            Event::Start(Tag::Strong) => slips.bold(range),
            Event::End(TagEnd::Strong) => _ = slips.bold.pop(),
            Event::Html(_) if is_marked => slips.html(range),
            _ => {}
        }
    }
    slips.tell_remnants();
    slips.findings
}

/// The first item of each ordered list whose number is not the one that was typed: the first number alone counts, the others
/// follow it. Where all are typed alike, they are meant to be counted. And lists that were to stand below an item of an
/// ordered one, and are not indented as far as its text.
pub fn of_lists(events: Events<'_>, source: Source<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut lists: Vec<Option<Numbers>> = Vec::new();
    // Where the marker of an ordered list stood in its line that has just ended.
    let mut ended = None;
    for (event, range) in events {
        let above = ended.take();
        match event {
            Event::Start(Tag::List(first)) => {
                let (start, indent) = marker(source, range.start);
                if above.is_some_and(|above| indent > above) {
                    findings.push(Finding { span: source.in_file(start..start + 1), kind: FindingKind::ShallowList });
                }
                lists.push(first.map(|first| Numbers::new(first, indent)));
            }
            Event::End(TagEnd::List(_)) => {
                let list = lists.pop().flatten();
                ended = list.as_ref().map(|list| list.indent);
                findings.extend(list.filter(|list| !list.are_alike).and_then(|list| list.changed));
            }
            Event::Start(Tag::Item) => {
                if let Some(Some(list)) = lists.last_mut() {
                    list.item(source, range.start);
                }
            }
            _ => {}
        }
    }
    findings
}

/// No marker that an editor has typed stands farther from the beginning of its line, in bytes.
const FARTHEST: usize = 100;

/// Where the marker of an item stands in the Markdown, and in its line.
fn marker(source: Source<'_>, at: usize) -> (usize, usize) {
    let bytes = source.markdown.as_bytes();
    let at = source.prepared.original(at);
    // An item may begin with the spaces before its marker.
    let start = at + bytes[at..].iter().take_while(|byte| **byte == b' ').count();
    // Markers that stand one behind the other must not have their line searched again and again.
    let near = &bytes[start.saturating_sub(FARTHEST)..start];
    (start, memchr::memrchr(b'\n', near).map_or(near.len(), |end| near.len() - end - 1))
}

/// The numbers of an ordered list.
struct Numbers {
    /// Where its first marker stands in the line.
    indent: usize,
    first: u64,
    /// The number that the next item is shown with.
    next: u64,
    /// Whether all were typed as the first one.
    are_alike: bool,
    /// The first item that was typed with another number than it is shown with.
    changed: Option<Finding>,
}

impl Numbers {
    fn new(first: u64, indent: usize) -> Self {
        Self { indent, first, next: first, are_alike: true, changed: None }
    }

    /// Counts the item that begins here.
    fn item(&mut self, source: Source<'_>, at: usize) {
        let (start, _) = marker(source, at);
        let text = &source.markdown[start..];
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let shown = self.next;
        self.next += 1;
        let Ok(typed) = text[..digits].parse::<u64>() else { return };
        self.are_alike &= typed == self.first;
        if typed != shown && self.changed.is_none() {
            // What is to be told is the line above, which became no item and is told as a joined one.
            if typed == shown + 1 && is_below_number(&source.markdown[..start], shown) {
                self.next = typed + 1;
                return;
            }
            let span = source.in_file(start..start + digits + 1);
            self.changed = Some(Finding { span, kind: FindingKind::Renumbered { typed, shown } });
        }
    }
}

/// Whether the line above the place where a text ends begins with a number that no space follows: `2.乙`.
fn is_below_number(text: &str, number: u64) -> bool {
    let mut lines = memchr::memrchr_iter(b'\n', text.as_bytes());
    let Some(end) = lines.next() else { return false };
    let line = text[lines.next().map_or(0, |start| start + 1)..end].trim_start_matches([' ', '\t', '>']);
    line.strip_prefix(&number.to_string()).is_some_and(|rest| rest.starts_with(['.', '．', '、'])) && begins_item(line)
}

/// Whether an element stands within a line of text.
fn is_phrase(tag: &TagEnd) -> bool {
    matches!(tag, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image)
}

struct Slips<'e> {
    source: Source<'e>,
    may_hold_rows: bool,
    /// Whether a joined line of this block has been told.
    has_told_joined: bool,
    findings: Vec<Finding>,
    /// The runs of stars in the text of this block, in bytes of the Markdown.
    stars: Vec<Range<usize>>,
    /// Where the bold text begins that is not at its end.
    bold: Vec<usize>,
    /// Those of the table.
    columns: usize,
    /// What Word left, one of each form: where the first one stands, and how many there are.
    remnants: Vec<(&'static str, Range<usize>, usize)>,
}

impl<'e> Slips<'e> {
    /// The Markdown as it was written, and where its parts stand in it.
    fn original(&self, range: &Range<usize>) -> (&'e str, Range<usize>) {
        let place = |at| self.source.prepared.original(at);
        (self.source.markdown, place(range.start)..place(range.end))
    }

    fn push(&mut self, span: Range<usize>, kind: FindingKind) {
        self.findings.push(Finding { span: self.source.in_file(span), kind });
    }

    fn block(&mut self, tag: &Tag<'_>, range: &Range<usize>) {
        match tag {
            Tag::Paragraph => self.paragraph(range),
            Tag::Heading { .. } => self.heading(range),
            Tag::Table(alignments) => self.columns = alignments.len(),
            Tag::TableRow => self.row(range),
            Tag::CodeBlock(CodeBlockKind::Indented) => self.indented(range),
            Tag::CodeBlock(CodeBlockKind::Fenced(_)) => self.fenced(range),
            _ => {}
        }
    }

    /// Marks a part of the Markdown.
    fn mark(&mut self, part: &str, kind: FindingKind) {
        let start = part.as_ptr() as usize - self.source.markdown.as_ptr() as usize;
        self.push(start..start + part.len(), kind);
    }

    /// The parser drops cells that stand under no head.
    fn row(&mut self, range: &Range<usize>) {
        let (markdown, range) = self.original(range);
        let row = markdown[range].trim();
        let row = row.strip_prefix('|').unwrap_or(row);
        let mut bars =
            memchr::memchr_iter(b'|', row.as_bytes()).filter(|at| !cjk::is_escaped(row.as_bytes(), *at)).peekable();
        if self.columns > 1 && bars.peek().is_none() {
            return self.mark(row, FindingKind::JoinedToTable);
        }
        let Some(last) = bars.take(self.columns).nth(self.columns.saturating_sub(1)) else { return };
        let lost = row[last + 1..].trim_matches(['|', ' ', '\t']);
        if !lost.is_empty() {
            self.mark(lost, FindingKind::TooManyCells);
        }
    }

    fn indented(&mut self, range: &Range<usize>) {
        let (markdown, range) = self.original(range);
        let text = &markdown[range];
        let is_prose = text.contains(['，', '。', '；', '：', '！', '？', '、']) || text.lines().any(is_words);
        if is_prose && let Some(line) = text.lines().map(str::trim).find(|line| !line.is_empty()) {
            self.mark(line, FindingKind::IndentedProse);
        }
    }

    fn fenced(&mut self, range: &Range<usize>) {
        let (markdown, range) = self.original(range);
        let text = markdown[range].trim();
        let Some(mark) = text.chars().next() else { return };
        let fence = &text[..text.len() - text.trim_start_matches(mark).len()];
        let (first, below) = text.split_once('\n').unwrap_or((text, ""));
        let last = below.lines().next_back().unwrap_or_default().trim_start_matches([' ', '\t', '>']).trim_end();
        if !last.starts_with(fence) || !last.trim_start_matches(mark).is_empty() {
            self.mark(first.trim_end(), FindingKind::UnclosedCode(fence.to_owned()));
        }
    }

    fn soft_break(&mut self, range: &Range<usize>) {
        if self.has_told_joined {
            return;
        }
        let (markdown, range) = self.original(range);
        let Some(end) = markdown[range.start..].find('\n').map(|end| range.start + end) else { return };
        if let Some(line) = joined(markdown, end) {
            self.has_told_joined = true;
            self.mark(line, FindingKind::JoinedLines);
        }
    }

    /// A run that was to end a bold text, and begins another within it: `**注意 **事项**`.
    fn bold(&mut self, range: &Range<usize>) {
        const MARK: &str = "**";
        let (markdown, range) = self.original(range);
        // `****甲****` looks like one.
        let is_within = self.bold.last().is_some_and(|start| start + MARK.len() < range.start);
        if is_within && markdown[range.clone()].starts_with(MARK) {
            self.mark(&markdown[range.start..range.start + MARK.len()], FindingKind::BoldInBold);
        }
        self.bold.push(range.start);
    }

    fn paragraph(&mut self, range: &Range<usize>) {
        let (markdown, range) = self.original(range);
        let text = &markdown[range];
        if let Some(length) = alert(text) {
            let kind = text["[!".len()..length - 1].to_owned();
            self.mark(&text[..length], FindingKind::NotAnAlert(kind));
        }
        if !self.may_hold_rows {
            return;
        }
        // A row that an empty line parts from its table.
        let line = text.trim_end();
        if !line.contains('\n')
            && line.ends_with('|')
            && line.matches('|').count() > 2
            && let Some(row) = row(line)
        {
            return self.mark(row, FindingKind::NotATable);
        }
        for (row, kind) in [(row as fn(_) -> _, FindingKind::NotATable), (row_of_tabs, FindingKind::TabsForATable)] {
            let mut above = None;
            for row in text.lines().map(row) {
                if let (Some(first), Some(_)) = (above, row) {
                    return self.mark(first, kind);
                }
                above = row;
            }
        }
    }

    /// A heading that a line below made of a sentence, or of several lines.
    fn heading(&mut self, range: &Range<usize>) {
        let (markdown, range) = self.original(range);
        let Some((text, line)) = markdown[range].trim_end().rsplit_once('\n') else { return };
        let is_sentence = text.trim_end().ends_with(['。', '！', '？', '；', '，', '：', '”']) || text.contains('\n');
        let line = line.trim_start_matches([' ', '\t', '>']);
        if is_sentence && line.trim_start_matches(['-', '=']).is_empty() {
            self.mark(line, FindingKind::UnderlinedText);
        }
    }

    /// Between HTML tags nothing is Markdown.
    fn html(&mut self, range: &Range<usize>) {
        let (markdown, range) = self.original(range);
        let line = &markdown[range];
        let Some((before, rest)) = line.split_once("**") else { return };
        let is_text = !before.contains("<!--") && !before.contains("<code") && !before.contains("<pre");
        let inner = rest.split_once("**").map(|(inner, _)| inner);
        let is_bold = |inner: &&str| inner.starts_with(char::is_alphanumeric) && !inner.contains(['<', '*', '\n']);
        if let Some(inner) = inner.filter(is_bold).filter(|_| is_text) {
            self.mark(&line[before.len()..before.len() + inner.len() + 4], FindingKind::MarkdownInHtml);
        }
    }

    fn remnant(&mut self, remnant: &Remnant) {
        match self.remnants.iter_mut().find(|(form, ..)| *form == remnant.form) {
            Some((_, _, count)) => *count += 1,
            None => self.remnants.push((remnant.form, remnant.range.clone(), 1)),
        }
    }

    /// A text that is copied from Word has the same in every paragraph.
    fn tell_remnants(&mut self) {
        for (_, range, count) in std::mem::take(&mut self.remnants) {
            let (markdown, range) = self.original(&range);
            let text = markdown[range.clone()].to_owned();
            self.mark(&markdown[range], FindingKind::WordRemnant { text, count });
        }
    }

    /// `[名单][1]` that stayed in the text, where its second bracket opens at this byte; not `[单选][必填]`, nor `[强][OK]` out of a chat.
    fn reference(&mut self, at: usize) {
        const LONGEST: usize = 40;
        let markdown = self.source.markdown;
        let at = self.source.prepared.original(at) - 1;
        let behind = &markdown[at + "][".len()..];
        let name = behind.split_once(']').map_or("", |(name, _)| name);
        let is_name = (1..=LONGEST).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        let line = markdown[..at].rfind('\n').map_or(0, |end| end + 1);
        let open = markdown[line..at].rfind(['[', ']']).map(|open| line + open);
        // `a[0][1]` is an element of a table.
        let is_text =
            |open: &usize| markdown[*open..at].strip_prefix('[').is_some_and(|it| it.contains(char::is_alphabetic));
        if let Some(open) = open.filter(|open| is_name && is_text(open)) {
            self.mark(&markdown[open..at + "][]".len() + name.len()], FindingKind::UndefinedReference(name.to_owned()));
        }
    }

    /// Notes a star that stayed in the text.
    fn star(&mut self, at: usize) {
        let start = self.source.prepared.original(at);
        match self.stars.last_mut() {
            Some(run) if run.end == start => run.end = start + 1,
            _ if cjk::is_escaped(self.source.markdown.as_bytes(), start) => {}
            _ => self.stars.push(start..start + 1),
        }
    }

    /// Two runs that are left in one block were to be a pair; one alone was, where a text follows it. Runs of several
    /// lengths are marks of notes: `*为必填项，**为选填项`.
    fn end_block(&mut self) {
        let markdown = self.source.markdown;
        if self.stars.windows(2).any(|runs| runs[0].len() != runs[1].len()) {
            return self.stars.clear();
        }
        if let [run] = &self.stars[..]
            && is_behind_closed_mask(markdown, run)
        {
            let run = run.clone();
            self.stars.clear();
            return self.push(run, FindingKind::NotBold);
        }
        let stars: Vec<Range<usize>> = self.stars.drain(..).filter(|run| is_for_bold(markdown, run)).collect();
        for pair in stars.chunks(2) {
            if pair.len() == 2 || opens(markdown, &pair[0]) {
                self.push(pair[0].clone(), FindingKind::NotBold);
            }
        }
    }
}

/// What Word leaves in a text that is copied from it, and how it ends: tags that are none of HTML, styles, codes of fields
/// and what stands in place of a reference that was not found. Each stands behind a byte of it that is rare in Chinese
/// text, for which a body is looked through in no time.
const REMNANTS: [(u8, &[(&str, &str)]); 5] = [
    (b'<', &[("<o:p", ">"), ("</o:p", ">"), ("<w:", ">"), ("</w:", ">"), ("<![", "]>"), ("mso-", ";")]),
    (b'{', &[("mso-", ";")]),
    (b'!', &[("[if !", "]"), ("错误!未", "。")]),
    (b'G', &[("MERGEFORMAT", "")]),
    (b'K', &[("HYPERLINK \"", "\"")]),
];

/// In characters behind its form; of a longer one, the form is told.
const LONGEST_REMNANT: usize = 80;

struct Remnant {
    form: &'static str,
    range: Range<usize>,
}

/// The remnants of Word in a text, in its order.
fn remnants(text: &str) -> Vec<Remnant> {
    let of_form = |&(form, end): &(&'static str, &str)| -> Vec<Remnant> {
        let length = |behind: &str| {
            let near = behind.char_indices().nth(LONGEST_REMNANT).map_or(behind, |(end, _)| &behind[..end]);
            let line = near.split('\n').next().unwrap_or_default();
            line.find(end).map_or(0, |at| at + end.len())
        };
        let whole = |at: usize| at..at + form.len() + length(&text[at + form.len()..]);
        let places = memchr::memmem::find_iter(text.as_bytes(), form.as_bytes());
        places.map(|at| Remnant { form, range: whole(at) }).collect()
    };
    let forms = REMNANTS.iter().filter(|(rare, _)| memchr::memchr(*rare, text.as_bytes()).is_some());
    let mut found: Vec<Remnant> = forms.flat_map(|(_, forms)| *forms).flat_map(of_form).collect();
    found.sort_by_key(|remnant| remnant.range.start);
    // `<o:p></o:p>` is one, and `[if !` stands in `<![if !`.
    found.dedup_by(|next, known| {
        let belongs = next.range.start <= known.range.end;
        known.range.end = if belongs { known.range.end.max(next.range.end) } else { known.range.end };
        belongs
    });
    found
}

/// Whether a line is Chinese words and digits alone, as in a signature that was moved to the right with spaces.
fn is_words(line: &str) -> bool {
    let is_letter = |c: char| c.is_alphabetic() && !c.is_ascii();
    line.contains(is_letter) && !line.contains(|c: char| c.is_ascii_alphabetic() || c.is_ascii_punctuation())
}

/// The line below the line that ends here, if it was to be one of its own: an item of a list, a label below a label, a sentence
/// below a label with its value, or a line of a signature.
fn joined(markdown: &str, end: usize) -> Option<&str> {
    let is_margin = |c: char| matches!(c, ' ' | '\t' | '>');
    let below = &markdown[end + 1..];
    let typed = &below[..memchr::memchr(b'\n', below.as_bytes()).unwrap_or(below.len())];
    // A typed indent begins a paragraph: see the writer.
    let below = typed.trim_end().trim_start_matches(is_margin);
    if below.starts_with('\u{3000}') {
        return None;
    }
    let text = below.trim_start_matches('*');
    let typed_above = || {
        let above = markdown[..end].trim_end_matches('\r');
        &above[memchr::memrchr(b'\n', above.as_bytes()).map_or(0, |start| start + 1)..]
    };
    let above =
        || typed_above().trim_start_matches(|c: char| is_margin(c) || matches!(c, '-' | '*' | '+' | '\u{3000}'));
    // `*第二项`, which is no beginning of emphasis.
    let is_starred = below
        .strip_prefix('*')
        .is_some_and(|item| item.starts_with(|c: char| c.is_alphabetic() && !c.is_ascii()) && !item.contains('*'));
    let is_line = is_starred
        || begins_item(text)
        || is_label(text) && is_label(above())
        || text.starts_with(is_han) && has_short_value(above())
        || signs(text) && names_unit(&bare(above()))
        || is_row_of_people(text) && is_row_of_people(above())
        || is_short(text) && is_short(above())
        || is_enumeration(text) && is_enumeration(above())
        || begins_clause(text) && ends_sentence(above())
        || begins_paragraph(typed, typed_above())
        || text.starts_with(char::is_alphanumeric) && is_bold(typed_above())
        // 版记
        || text.ends_with("日印发");
    is_line.then_some(below)
}

/// Whether a line begins as an item does: `二、`, `（二）`, `2、`, `2.`, `2）`, `②`, `•`, `·第二项`, `-第二项`.
fn begins_item(line: &str) -> bool {
    let is_letter = |c: char| c.is_alphabetic() && !c.is_ascii();
    let is_numeral = |c: char| c.is_ascii_digit() || numerals::is_numeral(c);
    let Some(first) = line.chars().next() else { return false };
    let rest = &line[first.len_utf8()..];
    match first {
        '①'..='⑳' | '•' | '●' | '▪' | '■' | '◆' => return true,
        '-' | '－' | '·' => return rest.starts_with(is_letter),
        '（' | '(' => {
            let behind = rest.trim_start_matches(is_numeral);
            // `（二）项` names a part of a law.
            let text = behind.strip_prefix(['）', ')']).filter(|text| !text.starts_with(['项', '款', '目', '条']));
            return (1..=9).contains(&(rest.len() - behind.len())) && text.is_some();
        }
        _ if !is_numeral(first) => return false,
        _ => {}
    }
    let behind = line.trim_start_matches(is_numeral);
    let is_short = line[..line.len() - behind.len()].chars().count() <= 3;
    let mark: &[char] = if first.is_ascii_digit() { &['、', '.', '．', '）', ')'] } else { &['、'] };
    // `2.5米`, `三、四组` go on with a sentence.
    // `2.二` cannot be a number.
    let goes_on = |text: &str| match behind.starts_with('、') {
        true => text.starts_with(is_numeral),
        false => text.starts_with(|c: char| c.is_ascii_digit()),
    };
    is_short && behind.strip_prefix(mark).is_some_and(|text| !text.is_empty() && !goes_on(text))
}

/// Whether all of a line is bold, as a heading is that was given no `#`.
fn is_bold(line: &str) -> bool {
    const LONGEST: usize = 90;
    let inner = line.trim().strip_prefix("**").and_then(|rest| rest.strip_suffix("**"));
    inner
        .is_some_and(|text| (1..=LONGEST).contains(&text.len()) && !text.contains('*') && !text.ends_with(['，', '、']))
}

/// Whether a line is a word alone, such as a name: nobody breaks a sentence so early.
fn is_short(line: &str) -> bool {
    let line = line.trim();
    line.len() <= 36 && line.chars().count() > 1 && line.chars().all(is_han)
}

/// Whether a line is names between commas of lists, of which the last one is complete: `张三、李四、王五`.
fn is_enumeration(line: &str) -> bool {
    let is_name = |word: &str| (2..=4).contains(&word.chars().count()) && word.chars().all(is_han);
    let line = line.trim();
    line.contains('、') && line.split('、').all(is_name)
}

/// `第二条　…`, `第三章 总则`
fn begins_clause(line: &str) -> bool {
    let Some(rest) = line.strip_prefix('第') else { return false };
    let behind = rest.trim_start_matches(|c: char| c.is_ascii_digit() || numerals::is_numeral(c));
    let name = behind.strip_prefix(['编', '章', '节', '条']).filter(|_| behind.len() < rest.len());
    name.is_some_and(|text| text.starts_with([' ', '\u{3000}', '：']))
}

fn ends_sentence(line: &str) -> bool {
    line.trim_end().ends_with(['。', '！', '？', '；', '：'])
}

/// Whether a line was to be a paragraph of its own: behind an indent that is no U+3000, or left of the list or quotation above.
fn begins_paragraph(line: &str, above: &str) -> bool {
    let is_indented = line.starts_with(['\t', '\u{A0}', '\u{2002}', '\u{2003}']) || line.starts_with("    ");
    let is_flush = !is_indented && !line.starts_with([' ', '>']);
    if !is_indented && !is_flush || !ends_sentence(above) {
        return false;
    }
    let digits = above.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_numbered = digits.len() < above.len() && [". ", ") "].iter().any(|mark| digits.starts_with(mark));
    let is_inside = is_numbered || ["- ", "* ", "+ ", "> "].iter().any(|mark| above.starts_with(mark));
    if is_indented { !is_inside && !above.starts_with([' ', '\t', '>']) } else { is_inside }
}

/// Whether a line below the name of a unit belongs to a signature with it: the date, or the next unit.
fn signs(line: &str) -> bool {
    !line.contains(['，', '。', '：']) && {
        let line = bare(line);
        numerals::is_date(&line) || names_unit(&line)
    }
}

/// Whether a line is names with full-width spaces between them, or a name with its telephone number.
fn is_row_of_people(line: &str) -> bool {
    let is_name = |word: &str| word.chars().count() <= 8 && word.chars().all(|c| c.is_alphabetic() && !c.is_ascii());
    let is_number = |word: &str| word.len() >= 7 && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let words = || line.split_whitespace();
    // Most lines are sentences, which have no space near their beginning.
    line.chars().take(20).any(char::is_whitespace)
        && words().all(|word| is_name(word) || is_number(word))
        && (line.trim_end().contains('\u{3000}') || words().skip(1).any(is_number))
}

/// Whether a line begins with a label: `时间：`, `**时间**：`, `编辑丨`.
fn is_label(line: &str) -> bool {
    let line = line.trim_start_matches('*');
    // `丨` is a character of its own, typed for the bar.
    let is_letter = |c: &char| *c != '丨' && (is_han(*c) || c.is_alphabetic() && !c.is_ascii());
    let letters = line.chars().take(9).take_while(is_letter);
    let (count, length) = letters.fold((0, 0), |(count, length), c| (count + 1, length + c.len_utf8()));
    (2..=8).contains(&count) && line[length..].trim_start_matches('*').starts_with(['：', ':', '丨', '｜'])
}

/// Whether a line is a label with all of its value, a date or a number, which no sentence goes on with:
/// `公示时间：2026年11月23日至29日`.
fn has_short_value(line: &str) -> bool {
    is_label(line)
        && line.split_once(['：', ':']).is_some_and(|(_, value)| {
            value.contains(|c: char| c.is_ascii_digit())
                && value.ends_with(char::is_alphanumeric)
                && value.chars().count() <= 30
                && !value.contains(['，', '。', '；', '：', '、', '！', '？', '“', ',', ';'])
        })
}

/// The length of `[!提示]` at the beginning of a paragraph. The parser takes those that it knows out of the text.
fn alert(text: &str) -> Option<usize> {
    let kind = text.strip_prefix("[!")?;
    let end = kind.find(['[', ']', '\n']).filter(|end| *end > 0 && kind[*end..].starts_with(']'))?;
    let is_link = kind[end + 1..].starts_with(['(', '（', '[', ':']);
    (!is_link).then_some("[!".len() + end + 1)
}

/// A line that was to be the row of a table, without what stands around it.
fn row(line: &str) -> Option<&str> {
    let row = line.trim_start_matches([' ', '\t', '>', '\u{3000}']).trim_end();
    (row.starts_with(['|', '｜']) && row.matches(['|', '｜']).count() > 1).then_some(row)
}

/// A line of cells between tabs, without what stands around it.
fn row_of_tabs(line: &str) -> Option<&str> {
    let row = line.trim();
    row.contains('\t').then_some(row)
}

/// Whether a run was to be bold, by what stands around it: not `2 ** 3`, `138****1234`, `王**同志`.
fn is_for_bold(markdown: &str, run: &Range<usize>) -> bool {
    let (before, after) = (&markdown[..run.start], &markdown[run.end..]);
    let is_plain = |c: char| c.is_ascii_alphanumeric();
    let is_sum =
        before.trim_end_matches(' ').ends_with(is_plain) && after.trim_start_matches(' ').starts_with(is_plain);
    let letters = before.chars().rev().take(3).take_while(|c| c.is_alphanumeric()).count();
    let is_name = letters == 1 || letters == 2 && !after.starts_with(char::is_alphanumeric);
    let is_number = before.ends_with(|c: char| c.is_ascii_digit());
    matches!(run.len(), 2 | 3) && !is_sum && !is_number && !is_name
}

/// Whether a run, of which no other is left, masks the name behind one whose mask has closed what was bold: `**一等奖：王**、李**获奖`.
fn is_behind_closed_mask(markdown: &str, run: &Range<usize>) -> bool {
    let mut back = markdown[..run.start].chars().rev();
    let mut is_next = |expected: fn(char) -> bool| back.next().is_some_and(expected);
    let is_star = |c| c == '*';
    let begins_name = |c| matches!(c, '：' | '、' | '，' | ' ');
    run.len() == 2
        && is_next(is_han)
        && is_next(|c| matches!(c, '、' | '和' | '与' | '及'))
        && is_next(is_star)
        && is_next(is_star)
        && is_next(is_han)
        && is_next(begins_name)
}

/// Whether a text begins behind a run.
fn opens(markdown: &str, run: &Range<usize>) -> bool {
    let next = markdown[run.end..].chars().next();
    next.is_some_and(|c| c.is_alphanumeric() || matches!(c, '“' | '‘' | '《' | '（' | '【' | '「' | '〔'))
}
