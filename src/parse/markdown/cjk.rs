//! Mends CommonMark for Chinese text: emphasis beside full-width punctuation, stars that are text, ranges
//! written with `~`, braces at the end of a heading, and line breaks inside a sentence.
//!
//! CommonMark lets `**` open or close only where spaces or punctuation stand beside it as they do in
//! English. So `**文字（注）**后文` stays literal. The amendment "CJK-friendly emphasis"
//! (<https://github.com/tats-u/markdown-cjk-friendly>) counts a run beside a CJK character as both
//! opening and closing. [`prepare`] gets the same result from an unchanged parser: it puts a
//! character that is neither space nor punctuation on both sides of such a run, and the writer
//! drops that character again wherever the parser hands it back. Behind such a character a run can
//! close, and before one it can open; where [`super::stars`] knows which of the two is meant, one side is left out.

use std::borrow::Cow;

use super::stars::{Role, Runs, is_beside_cjk};

/// Stands beside a run of `*` or `~~` and behind braces that are text, and is dropped from the output.
///
/// The sentinels are noncharacters: Unicode keeps them for a program's internal use and HTML forbids
/// them, so nobody's text loses anything when its own ones are replaced. Private-use characters, on
/// the other hand, occur in text that was pasted from a word processor, and stay as they are.
pub const PAD: char = '\u{FDD0}';

/// Stands for a single `~`, which the parser would take for a strikethrough: `9~11时，14~16时`.
pub const TILDE: char = '\u{FDD1}';

/// Stands for a star that is text, which the parser might take for emphasis: `3*4=12，5*6=30`.
pub const STAR: char = '\u{FDD2}';

/// Takes the place of a character that may not stand in the text, and is as long as a sentinel.
const REPLACEMENT: char = '\u{FFFD}';

/// Markdown with sentinels, and the way back from its offsets to those of the original.
pub struct Prepared<'a> {
    pub text: Cow<'a, str>,
    /// After which offset of `text` how many bytes more have been inserted, in rising order.
    shifts: Vec<(usize, usize)>,
}

impl Prepared<'_> {
    /// The offset in the original text.
    pub fn original(&self, offset: usize) -> usize {
        let passed = self.shifts.partition_point(|&(at, _)| at <= offset);
        passed.checked_sub(1).map_or(offset, |last| offset - self.shifts[last].1)
    }
}

/// Puts the sentinels in. Text without `*` and `~` is not copied.
pub fn prepare(markdown: &str) -> Prepared<'_> {
    let bytes = markdown.as_bytes();
    let mut braces = braces(markdown).into_iter().peekable();
    let mut draft = Draft {
        source: markdown,
        text: String::new(),
        copied: 0,
        inserted: 0,
        shifts: Vec::new(),
        stars: Runs::default(),
    };
    let mut at = 0;
    // The first byte of a sentinel is that of full-width punctuation too.
    let may_hold_sentinels = may_hold_sentinels(markdown);
    let next = |rest: &[u8]| {
        if may_hold_sentinels { memchr::memchr3(b'*', b'~', 0xEF, rest) } else { memchr::memchr2(b'*', b'~', rest) }
    };
    while let Some(passed) = next(&bytes[at..]) {
        at += passed;
        while let Some(end) = braces.next_if(|end| *end <= at) {
            draft.replace(end, end, PAD);
        }
        let end = match bytes[at] {
            b'*' | b'~' => {
                // A backslash takes the first character of the run out of it. Nothing may be
                // put between the two, or the backslash itself would become text.
                let start = if is_escaped(bytes, at) { at + 1 } else { at };
                let end = start + bytes[start..].iter().take_while(|&&byte| byte == bytes[at]).count();
                draft.run(start, end);
                end.max(start)
            }
            0xEF if matches!(markdown[at..].chars().next(), Some(PAD | TILDE | STAR)) => {
                let end = at + PAD.len_utf8();
                draft.replace(at, end, REPLACEMENT);
                end
            }
            _ => at + 1,
        };
        at = end;
    }
    braces.for_each(|end| draft.replace(end, end, PAD));
    draft.finish()
}

/// Where braces end at the end of a heading that hold none of its attributes: `## 管理办法 {试行}`. The parser would take them
/// out of the text.
fn braces(markdown: &str) -> Vec<usize> {
    let is_attribute = |part: &str| part.starts_with(['#', '.']) || part.contains('=');
    let are_text = |start: usize, end: usize, line_end: usize| {
        let (line, rest) = (&markdown[start..end], &markdown[end..line_end]);
        let below = markdown.get(line_end + 1..).unwrap_or_default();
        let is_heading = line.trim_start_matches([' ', '\t', '>', '-', '*', '+']).starts_with('#')
            || below.trim_start_matches([' ', '\t', '>']).starts_with(['-', '=']);
        let inner = line.rsplit_once('{').map(|(_, inner)| inner.trim_end_matches('}'));
        is_heading
            && rest.trim_matches(['#', ' ', '\t', '\r']).is_empty()
            && inner.is_some_and(|inner| inner.trim().is_empty() || !inner.split_whitespace().all(is_attribute))
    };
    let bytes = markdown.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(brace) = memchr::memchr(b'}', &bytes[at..]).map(|passed| at + passed) {
        let start = memchr::memrchr(b'\n', &bytes[at..brace]).map_or(at, |end| at + end + 1);
        let line_end = memchr::memchr(b'\n', &bytes[brace..]).map_or(bytes.len(), |passed| brace + passed);
        // Only the last one of a line can stand at its end.
        let end = memchr::memrchr(b'}', &bytes[brace..line_end]).map_or(brace, |last| brace + last) + 1;
        found.extend(Some(end).filter(|end| are_text(start, *end, line_end)));
        at = line_end;
    }
    found
}

/// The text so far, and how much of the source it covers.
struct Draft<'a> {
    source: &'a str,
    text: String,
    copied: usize,
    inserted: usize,
    shifts: Vec<(usize, usize)>,
    stars: Runs,
}

impl<'a> Draft<'a> {
    /// One run of `*` or `~`.
    fn run(&mut self, start: usize, end: usize) {
        if start == end {
            return;
        }
        if self.source.as_bytes()[start] == b'*' {
            let role = self.stars.role(self.source, &(start..end));
            return self.pad(start, end, role);
        }
        match end - start {
            1 => self.replace(start, end, TILDE),
            2 if is_beside_cjk(self.source, &(start..end)) => self.pad(start, end, Role::Either),
            // Three or more are a fence for code, or text.
            _ => {}
        }
    }

    /// Puts the sentinels around a run, or in its place, that make the parser take it for what it is.
    fn pad(&mut self, start: usize, end: usize, role: Role) {
        if role == Role::Text {
            return (start..end).for_each(|at| self.replace(at, at + 1, STAR));
        }
        if role == Role::MaskAndClosing {
            self.replace(start, start + 1, STAR);
            return self.pad(start + 1, end, Role::Closing);
        }
        if matches!(role, Role::Closing | Role::Either) {
            self.replace(start, start, PAD);
        }
        if matches!(role, Role::Opening | Role::Either) {
            self.replace(end, end, PAD);
        }
    }

    /// Writes `character` in the place of a part of the source, which may be empty.
    fn replace(&mut self, start: usize, end: usize, character: char) {
        if self.text.capacity() == 0 {
            self.text.reserve(self.source.len() + self.source.len() / 16 + 16);
        }
        self.text.push_str(&self.source[self.copied..start]);
        self.text.push(character);
        self.copied = end;
        let longer = character.len_utf8() - (end - start);
        if longer > 0 {
            self.inserted += longer;
            self.shifts.push((self.text.len(), self.inserted));
        }
    }

    fn finish(mut self) -> Prepared<'a> {
        if self.copied == 0 && self.text.is_empty() {
            return Prepared { text: Cow::Borrowed(self.source), shifts: self.shifts };
        }
        self.text.push_str(&self.source[self.copied..]);
        Prepared { text: Cow::Owned(self.text), shifts: self.shifts }
    }
}

/// Whether an odd number of backslashes stands before `at`.
pub fn is_escaped(bytes: &[u8], at: usize) -> bool {
    bytes[..at].iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1
}

/// A character of Chinese, Japanese or Korean text. Quotation marks, dashes and dots which Chinese
/// shares with other scripts count too, so that `2026**“十四五”**规划` works.
pub fn is_cjk(c: char) -> bool {
    is_wide(c) || is_hangul(c) || matches!(c, '“' | '”' | '‘' | '’' | '—' | '…' | '·')
}

/// Whether a line break between these two characters vanishes: both are wide, neither is Hangul,
/// which is written with spaces. This is the segment-break transformation of CSS Text 3, §4.1.3.
pub fn joins(before: char, after: char) -> bool {
    let ideographic = |c| is_wide(c) && !is_hangul(c) || matches!(c, '“' | '”' | '‘' | '’' | '—' | '…');
    // A quotation mark alone may belong to an English sentence.
    ideographic(before) && ideographic(after) && (is_wide(before) || is_wide(after))
}

/// East Asian wide and full-width characters (UAX #11), emoji left out.
pub fn is_wide(c: char) -> bool {
    matches!(u32::from(c),
        0x1100..=0x115F | 0x2E80..=0x303E | 0x3041..=0x33FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF
        | 0xA000..=0xA4CF | 0xA960..=0xA97F | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE10..=0xFE19
        | 0xFE30..=0xFE6F | 0xFF01..=0xFF60 | 0xFF61..=0xFFDC | 0xFFE0..=0xFFE6 | 0x16FE0..=0x18DFF
        | 0x1AFF0..=0x1B2FF | 0x1F200..=0x1F2FF | 0x20000..=0x3FFFD)
}

fn is_hangul(c: char) -> bool {
    matches!(u32::from(c),
        0x1100..=0x11FF | 0x3130..=0x318F | 0xA960..=0xA97F | 0xAC00..=0xD7FF | 0xFFA0..=0xFFDC)
}

/// A space that editors type to indent a paragraph: ideographic, no-break, em and en space.
pub fn is_indent(c: char) -> bool {
    matches!(c, '\u{3000}' | '\u{00A0}' | '\u{2003}' | '\u{2002}' | ' ' | PAD)
}

/// Whether the first two bytes of a sentinel occur, which are those of some Arabic letters besides.
fn may_hold_sentinels(text: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), &[0xEF, 0xB7]).is_some()
}

/// The text as the author wrote it.
pub fn restore(text: &str) -> Cow<'_, str> {
    if !may_hold_sentinels(text) {
        return Cow::Borrowed(text);
    }
    let restored = text.chars().filter(|&c| c != PAD).map(|c| match c {
        TILDE => '~',
        STAR => '*',
        c => c,
    });
    Cow::Owned(restored.collect())
}
