//! The safe corrections of a body, typed into its file.

use std::ops::Range;

use crate::check::exceptions::{Exceptions, is_excepted};
use crate::check::language::punctuation::{Correction, corrected, corrections};
use crate::check::language::rule_of;
use crate::diagnostic::{At, FilePath};
use crate::parse::check::CheckSettings;
use crate::parse::markdown::outline;
use crate::parse::passages::{self, Passage};

/// One correction may bring another to light; more rounds than these would be a quarrel between two.
const ROUNDS: usize = 6;

/// The file with its body corrected, and how many corrections were made; `None` where its structure would change.
pub fn format(file: &FilePath, text: String, settings: &CheckSettings) -> Option<(String, usize)> {
    let mut text = text;
    let mut made = 0;
    for _ in 0..ROUNDS {
        let round = Round::new(file, &text, settings);
        if round.edits.is_empty() {
            return Some((text, made));
        }
        made += round.edits.len();
        text = round.apply(file, &text)?;
    }
    None
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
            wanted.retain(|correction| correction.is_safe);
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
        let is_same = outline(&text[self.body..]) == outline(&result[self.body..]);
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
