//! The safe corrections of a body, typed into its file.

use std::ops::Range;

use crate::check::exceptions::{Exceptions, is_excepted};
use crate::check::language::punctuation::{Correction, Fault, corrected, corrections};
use crate::check::language::rule_of;
use crate::diagnostic::{At, FilePath};
use crate::fingerprint::Fingerprint;
use crate::parse::check::CheckSettings;
use crate::parse::markdown::{self, outline};
use crate::parse::passages::{self, Kind, Passage};

/// One correction may bring another to light; more rounds than these would be a quarrel between two.
const ROUNDS: usize = 6;

/// The file with its body corrected, and how many corrections were made; `None` where its structure would change.
pub fn format(file: &FilePath, text: String, settings: &CheckSettings) -> Option<(String, usize)> {
    let mut text = text;
    let mut made = 0;
    for _ in 0..ROUNDS {
        text = part_paragraphs(file, text, settings);
        let round = Round::new(file, &text, settings);
        if round.edits.is_empty() {
            return Some((text, made));
        }
        made += round.edits.len();
        text = round.apply(file, &text)?;
    }
    None
}

/// The file with an empty line before each paragraph that only a typed indent begins, so that the indent may go.
///
/// Where that would change a page, such as in a quotation whose second line has no `>`, the line stays as it is.
fn part_paragraphs(file: &FilePath, text: String, settings: &CheckSettings) -> String {
    let code = rule_of(Fault::TypedIndent).code;
    if !text.contains('\u{3000}') || !is_on(code, file, settings) {
        return text;
    }
    let read = passages::read(file, &text);
    let exceptions = Exceptions::read(&text, &read.yaml);
    let mut places: Vec<usize> = Vec::new();
    for passage in &read.passages {
        let indents = corrections(passage, settings.spacing).into_iter().filter(|it| begins_paragraph(passage, it));
        let sources = indents.filter_map(|indent| passage.source(&indent.at));
        places.extend(sources.filter(|at| !exceptions.accept(code, &At::bytes(at.clone()))).map(|at| at.start));
    }
    if places.is_empty() {
        return text;
    }
    let page = |text: &str| html(&text[read.body..]);
    let before = page(&text);
    let keeps_page = |text: &String| page(text) == before;
    // Usually all of them can be parted; if not, those that can.
    let all = places.iter().rev().try_fold(text.clone(), |text, at| part_before(&text, *at));
    all.filter(keeps_page).unwrap_or_else(|| {
        places.iter().rev().fold(text, |text, at| part_before(&text, *at).filter(keeps_page).unwrap_or(text))
    })
}

/// Whether an indent begins a paragraph in the middle of what Markdown takes for one.
fn begins_paragraph(passage: &Passage, correction: &Correction) -> bool {
    let (before, behind) = passage.text.split_at(correction.at.start);
    correction.fault == Fault::TypedIndent
        && passage.kind == Kind::Paragraph
        && before.ends_with('\n')
        && behind.starts_with('\u{3000}')
}

/// The text with an empty line before the line of a place, within the same quotations; `None` where other things stand
/// before the place.
fn part_before(text: &str, place: usize) -> Option<String> {
    let line = text[..place].rfind('\n')? + 1;
    let marks = &text[line..place];
    let end = if text[..line].ends_with("\r\n") { "\r\n" } else { "\n" };
    let is_plain = marks.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'>'));
    is_plain.then(|| [&text[..line], marks.trim_end(), end, &text[line..]].concat())
}

/// The elements of the page that a body makes, in their order. Markdown's own structure does not tell all: a paragraph
/// may begin with a typed indent.
fn elements(body: &str) -> Vec<String> {
    html(body).split('<').skip(1).map(|tag| tag.chars().take_while(|c| !" >\n".contains(*c)).collect()).collect()
}

/// What becomes of a body that lies in no file.
fn html(body: &str) -> String {
    markdown::body(body, 0, Fingerprint::default()).html.text().into_owned()
}

/// What is to be done in one go.
struct Round {
    /// Where the body begins.
    body: usize,
    /// Bytes of the file and what to type there, in order.
    edits: Vec<(Range<usize>, String)>,
    /// What each passage has to read afterwards.
    expected: Vec<String>,
}

impl Round {
    fn new(file: &FilePath, text: &str, settings: &CheckSettings) -> Self {
        let read = passages::read(file, text);
        let exceptions = Exceptions::read(text, &read.yaml);
        let mut round = Self { body: read.body, edits: Vec::new(), expected: Vec::new() };
        for passage in &read.passages {
            let mut wanted = corrections(passage, settings.spacing);
            wanted.retain(|correction| correction.is_safe && !begins_paragraph(passage, correction));
            wanted.retain(|correction| {
                let Some(edit) = edit(passage, correction, text) else { return false };
                let code = rule_of(correction.fault).code;
                let is_wanted = is_on(code, file, settings) && !exceptions.accept(code, &At::bytes(edit.0.clone()));
                if is_wanted {
                    round.edits.push(edit);
                }
                is_wanted
            });
            round.expected.push(corrected(&passage.text, &wanted));
        }
        // The text of a picture stands within its paragraph, and comes before it.
        round.edits.sort_by_key(|(part, _)| (part.start, part.end));
        round
    }

    /// The text with its edits, if nothing but what they mean to change has changed.
    fn apply(&self, file: &FilePath, text: &str) -> Option<String> {
        let mut result = String::with_capacity(text.len());
        let mut at = 0;
        for (part, replacement) in &self.edits {
            result.push_str(text.get(at..part.start)?);
            result.push_str(replacement);
            at = part.end;
        }
        result.push_str(&text[at..]);
        let (before, after) = (&text[self.body..], &result[self.body..]);
        let is_same = outline(before) == outline(after) && elements(before) == elements(after);
        let now = passages::read(file, &result).passages;
        (is_same && now.iter().map(|passage| &passage.text).eq(&self.expected)).then_some(result)
    }
}

/// Whether the site wants a rule for a file.
fn is_on(code: &str, file: &FilePath, settings: &CheckSettings) -> bool {
    let is_off = settings.severity.iter().any(|(rule, severity)| rule.value == code && severity.is_none());
    !is_off && !settings.exceptions.iter().any(|exception| is_excepted(exception, code, &[file]))
}

/// The bytes of a correction; `None` where the file writes the text otherwise: `&quot;`, or markup between two words.
fn edit(passage: &Passage, correction: &Correction, text: &str) -> Option<(Range<usize>, String)> {
    let part = &correction.at;
    // Where something is to be put in, its neighbours must be neighbours in the file.
    let around = if part.is_empty() { neighbours(&passage.text, part.start)? } else { part.clone() };
    let source = passage.source(&around)?;
    if text.get(source.clone()) != passage.text.get(around.clone()) {
        return None;
    }
    let start = source.start + (part.start - around.start);
    let mut source = start..start + part.len();
    let backslashes = text[..source.start].bytes().rev().take_while(|byte| *byte == b'\\').count();
    if backslashes % 2 == 1 {
        // `\(` becomes `（`.
        source.start -= 1;
    }
    Some((source, correction.replacement.clone()?))
}

/// The characters before and behind a place.
fn neighbours(text: &str, at: usize) -> Option<Range<usize>> {
    let before = text[..at].chars().next_back()?.len_utf8();
    let after = text[at..].chars().next()?.len_utf8();
    Some(at - before..at + after)
}
