//! Turns one article's Markdown into HTML whose links are still open.
//!
//! Knows nothing of other files: where a link leads is decided later, so every `href` and `src` is
//! a [`Hole`]. What is removed or cannot be honoured becomes a [`Finding`], never an error. Start at
//! [`parse`].

mod cjk;
mod escape;
mod links;
mod notes;
mod outline;
mod packed;
mod passages;
mod raw;
mod sanitize;
mod slips;
mod stars;
mod summary;
mod writer;

use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use pulldown_cmark::{Options, Parser};
use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;

pub use outline::outline;
pub use passages::passages;
pub use summary::summary;

/// One article's body, without anything that another file could change.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Body {
    pub html: Html,
    /// The id of each heading, on a line of its own.
    pub anchors: Box<str>,
    /// Every link, picture and medium in the order of the text; a [`Hole`] names one by its index.
    pub links: Vec<Link>,
}

/// Where a block stands in the file and in the HTML.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Block {
    /// Bytes in the file.
    pub span: Range<u32>,
    /// Bytes in [`Html::text`]; `None` in a body with raw HTML, which a sanitizer has put in order since.
    pub html: Option<Range<u32>>,
}

/// HTML with holes, where the attributes of links are to be inserted, its headings and its blocks. All of these follow from the
/// bytes of the file, whose hash stands for them; an item out of a cache gets them only when its page is drawn.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Html {
    file: Fingerprint,
    #[serde(skip)]
    /// Apart, since most items out of a cache have none.
    parts: OnceLock<Arc<Parts>>,
}

/// What the hash of a body's file stands for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Parts {
    text: packed::Text,
    holes: Vec<Hole>,
    outline: Vec<Heading>,
    blocks: Vec<Block>,
}

/// A place for one attribute, such as ` href="/a.html"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hole {
    /// The byte offset in [`Html::text`], just after the tag's name or an earlier attribute.
    pub at: u32,
    /// The index into [`Body::links`].
    pub link: u32,
}

/// A heading of the outline.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Heading {
    /// 2 to 6: the only heading of level 1 is the page's title.
    pub level: u8,
    /// The element's id, unique within the body.
    pub id: String,
    /// Plain text.
    pub text: String,
}

/// A reference to another resource, as the editor wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Link {
    /// HTML entities are resolved, percent-encoding is left alone. An address of a mailbox in angle
    /// brackets begins with `mailto:`.
    pub target: String,
    pub role: LinkRole,
    /// Bytes in the file: the target where it can be found, else the whole link.
    pub span: Range<u32>,
}

/// What a link is for, and so which attribute its hole takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LinkRole {
    /// `href` of `<a>`.
    Anchor,
    /// `src` of `<img>`.
    Image,
    /// `src` of `<audio>`, `<video>` or `<source>`.
    Media,
    /// `poster` of `<video>`, a picture.
    Poster,
}

impl LinkRole {
    /// The name of the attribute that fills the hole.
    pub fn attribute(self) -> &'static str {
        match self {
            Self::Anchor => "href",
            Self::Image | Self::Media => "src",
            Self::Poster => "poster",
        }
    }
}

/// Something that was removed or could not be honoured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Bytes in the file.
    pub span: Range<u32>,
    pub kind: FindingKind,
}

/// What a [`Finding`] is about; the strings are the names as the editor wrote them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FindingKind {
    /// A raw HTML tag outside the allow-list. Its content stays, except for scripts and the like.
    RemovedTag(String),
    /// An attribute of an allowed raw HTML tag: an event handler, `style`, `id` and so on.
    RemovedAttribute { tag: String, attribute: String },
    /// `[name]: …` that no link refers to; the parser takes it out of the text.
    UnusedDefinition(String),
    /// `<!--` without `-->`: all that follows is part of it.
    UnclosedComment,
    /// A raw HTML tag without its counterpart, or a `<` that never ends. Closed or dropped here.
    UnbalancedTag(String),
    /// `[text][name]` without `[name]: …`; it stays as text.
    UndefinedReference(String),
    /// `[^name]` without `[^name]: …`; it stays as text.
    UndefinedFootnote(String),
    /// `[^name]: …` that nothing refers to; it is not shown.
    UnusedFootnote(String),
    /// A link with a scheme such as `javascript`: the link is dropped, its text stays.
    UnsafeScheme(String),
    /// The host of an address holds Chinese marks: words behind the address have become part of it.
    WordsInAddress,
    /// A picture without an alternative text; the string is its target.
    MissingAlt(String),
    /// An `<img>` without the attribute; the string is its source.
    TagWithoutAlt(String),
    /// Lines between `|` that are no table, for want of a second line of `---`. This is its first line.
    NotATable,
    /// The same with tabs, as a spreadsheet copies its cells.
    TabsForATable,
    /// `[!…]` that makes no box: an unknown kind, or something on its line.
    NotAnAlert(String),
    /// `**` that stayed in the text.
    NotBold,
    /// `**` within a bold text that were to end it, and begin another.
    BoldInBold,
    /// `**文字**` between the tags of a block of HTML.
    MarkdownInHtml,
    /// What stands in a row beyond the last column of its table, which no page shows.
    TooManyCells,
    /// A paragraph that its indent has made code. This is its first line.
    IndentedProse,
    /// The first line of a code block that does not end; the string is what would end it.
    UnclosedCode(String),
    /// A line that was to be one of its own and is joined to the one before.
    JoinedLines,
    /// An item of an ordered list that is shown with another number than the typed one.
    Renumbered { typed: u64, shown: u64 },
    /// A list that was to stand below an item of an ordered list, and ends that instead.
    ShallowList,
    /// A line without cells right below a table, which has made it a row.
    JoinedToTable,
    /// What Word left in the text, as it stands there, and how often.
    WordRemnant { text: String, count: usize },
    /// A line of `---` that was to part two paragraphs and has made the one above it a heading.
    UnderlinedText,
}

/// What became of a body's Markdown.
#[derive(Debug)]
pub struct Parsed {
    pub body: Body,
    pub findings: Vec<Finding>,
    /// The first about 240 characters as plain text, for [`summary`]. Headings, tables, code blocks,
    /// footnotes and the alternative texts of pictures are left out.
    pub lead: String,
}

/// Parses a body. `body_start` is the offset at which `markdown` begins in its file; every span
/// counts from the file's start; `file` is the hash of all its bytes. Never fails, and takes time in proportion to the text's
/// length.
pub fn parse(markdown: &str, body_start: usize, file: Fingerprint) -> Parsed {
    let prepared = cjk::prepare(markdown);
    let source = writer::Source { markdown, prepared: &prepared, body_start, file };
    let parser = parser(&prepared);
    let definitions = links::definitions(&parser);
    // All of them, since pictures, footnotes and line breaks need to look ahead.
    let events: Vec<_> = parser.into_offset_iter().collect();
    let mut parsed = writer::write(&events, source);
    parsed.findings.extend(slips::find(&events, source));
    parsed.findings.extend(slips::of_lists(&events, source));
    parsed.findings.extend(links::unused_definitions(definitions, &events, source));
    parsed
}

/// The body of [`parse`] alone, for whoever knows its findings already.
pub fn body(markdown: &str, body_start: usize, file: Fingerprint) -> Body {
    let prepared = cjk::prepare(markdown);
    let events: Vec<_> = parser(&prepared).into_offset_iter().collect();
    writer::write(&events, writer::Source { markdown, prepared: &prepared, body_start, file }).body
}

fn parser<'p>(prepared: &'p cjk::Prepared<'_>) -> Parser<'p> {
    Parser::new_ext(&prepared.text, options())
}

/// Where the bracket is closed that stands before the address of a link, by a plain bracket or a full-width one.
pub fn closing_bracket(address: &str) -> Option<usize> {
    // Between `<` and `>` every other bracket belongs to the address.
    let enclosed = address.strip_prefix('<').and_then(|inner| inner.find(['<', '>', '\n']).map(|end| end + 1));
    let from = enclosed.filter(|end| address[*end..].starts_with('>')).unwrap_or_default();
    let (mut plain, mut wide) = (0, 0);
    for (at, c) in address[from..].char_indices() {
        match c {
            // Parsers of Markdown follow them no deeper; so a text of nothing but brackets takes no more time than another.
            '(' | '（' if plain + wide == 32 => return None,
            '(' => plain += 1,
            ')' if plain > 0 => plain -= 1,
            '（' => wide += 1,
            '）' if wide > 0 => wide -= 1,
            ')' | '）' => return Some(from + at),
            _ => {}
        }
    }
    None
}

/// Whether a space parts an address from the `[…]` before it: ` (https://www.example.org)`.
pub fn begins_parted_address(behind: &str) -> bool {
    let address = behind.strip_prefix(" (").unwrap_or_default();
    closing_bracket(address).is_some_and(|end| looks_like_address(&address[..end]))
}

/// Where the address stands in what follows a `[` whose own bracket is never closed: `照片(a.svg)`.
pub fn address_without_bracket(behind: &str) -> Option<Range<usize>> {
    let text = &behind[..behind.find(['[', ']', '\n']).unwrap_or(behind.len())];
    let is_closed = behind[text.len()..].starts_with(']');
    let (bracket, mark) = text.char_indices().find(|(_, c)| matches!(c, '(' | '（')).filter(|_| !is_closed)?;
    let start = bracket + mark.len_utf8();
    let end = start + closing_bracket(&text[start..])?;
    let address = &text[start..end];
    let is_meant = bracket > 0 && !address.contains(char::is_whitespace) && looks_like_address(address);
    is_meant.then_some(start..end)
}

/// Whether what stands in brackets behind `[…]` was to be an address: the name of a file or a host, a path, a heading's `#…`.
pub fn looks_like_address(inner: &str) -> bool {
    let address = inner.trim().trim_matches(['<', '>']);
    let address = address.split([' ', '\t', '\u{3000}']).next().unwrap_or_default();
    let has_ending = |name: &str| {
        let ending = name.split(['?', '#']).next().and_then(|name| name.rsplit_once('.'));
        ending.is_some_and(|(stem, ending)| {
            let is_short = (2..=6).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
            !stem.is_empty() && is_short && ending.bytes().any(|byte| byte.is_ascii_alphabetic())
        })
    };
    let begins = ["/", "./", "../", "#", "mailto:", "tel:"].iter().any(|start| address.starts_with(start));
    begins && address.len() > 1 || address.contains("://") || address.split('/').any(has_ending)
}

/// The extensions to CommonMark.
fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_GFM
}

impl Html {
    fn new(file: Fingerprint, parts: Parts) -> Self {
        Self { file, parts: OnceLock::from(Arc::new(parts)) }
    }

    /// They must be there: see [`Html::is_loaded`].
    fn parts(&self) -> &Parts {
        self.parts.get().expect("the body of an item out of a cache is loaded before it is looked at")
    }

    /// The HTML with its holes.
    pub fn text(&self) -> Cow<'_, str> {
        self.parts().text.get()
    }

    /// In rising order of `at`.
    pub fn holes(&self) -> &[Hole] {
        &self.parts().holes
    }

    /// The headings in the order of the text.
    pub fn outline(&self) -> &[Heading] {
        &self.parts().outline
    }

    /// The paragraphs, lists, tables … of the first level, in the order of the text.
    pub fn blocks(&self) -> &[Block] {
        &self.parts().blocks
    }

    /// Whether text, holes, headings and blocks are there: those of an item out of a cache are not.
    pub fn is_loaded(&self) -> bool {
        self.parts.get().is_some()
    }

    /// Takes over what an equal body holds, and tells whether it is one.
    pub fn load(&self, other: Self) -> bool {
        let is_equal = *self == other;
        if is_equal && let Some(parts) = other.parts.into_inner() {
            self.parts.get_or_init(|| parts);
        }
        is_equal
    }

    /// Makes the text smaller in memory, for whoever keeps it long and looks at it seldom.
    pub fn pack(&mut self) {
        if let Some(parts) = self.parts.get_mut().and_then(Arc::get_mut) {
            parts.text.pack();
        }
    }

    /// The hash of the bytes of its file.
    pub fn file(&self) -> Fingerprint {
        self.file
    }

    /// These four, if they are there.
    pub fn share(&self) -> Option<Arc<Parts>> {
        self.parts.get().cloned()
    }

    /// Takes over what a body of the same file shares.
    pub fn restore(&self, parts: Arc<Parts>) {
        self.parts.get_or_init(|| parts);
    }

    /// The HTML with every hole filled by what `attributes` appends for the link of that index,
    /// e.g. ` href="/a.html" rel="external"`. The caller escapes the values.
    pub fn fill(&self, attributes: impl FnMut(usize, &mut String)) -> String {
        let text = self.text();
        self.fill_range(&text, 0..text.len() as u32, attributes)
    }

    /// As [`Html::fill`], for a part that begins and ends between elements.
    pub fn fill_part(&self, part: Range<u32>, attributes: impl FnMut(usize, &mut String)) -> String {
        self.fill_range(&self.text(), part, attributes)
    }

    fn fill_range(&self, text: &str, part: Range<u32>, mut attributes: impl FnMut(usize, &mut String)) -> String {
        let holes = self.holes();
        let within = |at: u32| holes.partition_point(|hole| hole.at < at);
        let holes = &holes[within(part.start)..within(part.end)];
        let mut filled = String::with_capacity(part.len() + 64 * holes.len());
        let mut copied = part.start as usize;
        for hole in holes {
            let at = hole.at as usize;
            filled.push_str(&text[copied..at]);
            attributes(hole.link as usize, &mut filled);
            copied = at;
        }
        filled.push_str(&text[copied..part.end as usize]);
        filled
    }
}

impl PartialEq for Html {
    fn eq(&self, other: &Self) -> bool {
        self.file == other.file
    }
}

impl Eq for Html {}

impl Hash for Html {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { file, parts: _ } = self;
        file.hash(state);
    }
}

#[cfg(test)]
mod tests;
