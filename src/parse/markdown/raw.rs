//! Raw HTML inside Markdown: what is allowed is written again, the rest is left out and reported.

use std::collections::HashSet;
use std::ops::Range;

use super::writer::Writer;
use super::{FindingKind, LinkRole, escape};

/// The allowed tags, sorted, each with its own attributes. `href`, `src` and `poster` become holes.
const ALLOWED: &[(&str, &[&str])] = &[
    ("a", &["href"]),
    ("abbr", &[]),
    ("audio", &["src", "controls", "loop", "muted", "preload"]),
    ("b", &[]),
    ("bdi", &[]),
    ("bdo", &[]),
    ("blockquote", &[]),
    ("br", &[]),
    ("caption", &[]),
    ("cite", &[]),
    ("code", &[]),
    ("col", &["span"]),
    ("colgroup", &["span"]),
    ("dd", &[]),
    ("del", &["datetime"]),
    ("details", &["open"]),
    ("dfn", &[]),
    ("div", &[]),
    ("dl", &[]),
    ("dt", &[]),
    ("em", &[]),
    ("figcaption", &[]),
    ("figure", &[]),
    ("h2", &[]),
    ("h3", &[]),
    ("h4", &[]),
    ("h5", &[]),
    ("h6", &[]),
    ("hr", &[]),
    ("i", &[]),
    ("img", &["src", "alt", "width", "height"]),
    ("ins", &["datetime"]),
    ("kbd", &[]),
    ("li", &["value"]),
    ("mark", &[]),
    ("ol", &["start", "reversed"]),
    ("p", &[]),
    ("pre", &[]),
    ("q", &[]),
    ("rp", &[]),
    ("rt", &[]),
    ("ruby", &[]),
    ("s", &[]),
    ("samp", &[]),
    ("small", &[]),
    ("source", &["src", "type"]),
    ("span", &[]),
    ("strong", &[]),
    ("sub", &[]),
    ("summary", &[]),
    ("sup", &[]),
    ("table", &[]),
    ("tbody", &[]),
    ("td", &["colspan", "rowspan"]),
    ("tfoot", &[]),
    ("th", &["colspan", "rowspan", "scope"]),
    ("thead", &[]),
    ("time", &["datetime"]),
    ("tr", &[]),
    ("u", &[]),
    ("ul", &[]),
    ("var", &[]),
    ("video", &["src", "poster", "controls", "loop", "muted", "preload", "width", "height"]),
    ("wbr", &[]),
];

/// Attributes of every allowed tag. `align` is turned into a class.
const GENERIC: &[&str] = &["align", "class", "dir", "lang", "title"];

/// Attributes that the site sets itself: leaving them out is nothing to report.
const OWN: &[&str] = &["target", "rel", "loading", "decoding"];

const CLASSES: &[&str] = &["align-left", "align-center", "align-right"];

const VOID: &[&str] = &["br", "col", "hr", "img", "source", "wbr"];

/// Tags that HTML closes by itself.
const OPTIONAL_END: &[&str] =
    &["caption", "colgroup", "dd", "dt", "li", "p", "rp", "rt", "tbody", "td", "tfoot", "th", "thead", "tr"];

/// Tags which keep [`OPTIONAL_END`] tags inside them from closing those outside.
const SCOPE: &[&str] = &["blockquote", "details", "div", "dl", "figure", "ol", "ruby", "table", "ul"];

/// Removed tags whose content is not text either.
const REMOVED_WITH_CONTENT: &[&str] =
    &["iframe", "math", "noembed", "noframes", "object", "script", "style", "svg", "template"];

/// The name of a removed tag whose content goes with it, if `html` is its opening tag.
pub fn removed_with_content(html: &str) -> Option<&'static str> {
    REMOVED_WITH_CONTENT.iter().copied().find(|name| is_tag(html, "<", name))
}

/// Whether `html` is the closing tag of this name.
pub fn is_end_of(html: &str, name: &str) -> bool {
    is_tag(html, "</", name)
}

fn is_tag(html: &str, start: &str, name: &str) -> bool {
    let Some(rest) = html.strip_prefix(start) else { return false };
    let Some((found, after)) = rest.split_at_checked(name.len()) else { return false };
    found.eq_ignore_ascii_case(name) && !after.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// What a tag says in attributes that readers see or hear, as it is written.
pub fn titles(html: &str) -> Vec<String> {
    let Some((_, Token::Open { attributes, .. })) = (Tokens { html, at: 0 }).next() else { return Vec::new() };
    let is_read = |attribute: &Attribute| matches!(attribute.name.as_str(), "title" | "alt");
    attributes.into_iter().filter(is_read).map(|attribute| attribute.value).collect()
}

/// How many raw tags may be open at once. Browsers and the sanitizer slow down beyond all use
/// where tags are nested by the thousand.
const MAX_OPEN: usize = 64;

/// The names of the allowed tags.
pub fn allowed_tags() -> impl Iterator<Item = &'static str> {
    ALLOWED.iter().map(|&(tag, _)| tag)
}

/// The attributes of each allowed tag.
pub fn allowed_attributes() -> impl Iterator<Item = (&'static str, HashSet<&'static str>)> {
    ALLOWED.iter().map(|&(tag, attributes)| (tag, attributes.iter().copied().collect()))
}

/// A raw tag that is still open.
pub struct Open {
    tag: &'static str,
    span: Range<usize>,
}

/// The bytes of one raw HTML event, or of all lines of a block.
pub struct Fragment {
    pub html: String,
    /// Its place in the prepared text.
    pub range: Range<usize>,
    /// Where each line begins in `html` and in the prepared text. In a block quote the lines do not
    /// follow each other, since `>` stands between them. Empty where it is not known.
    pub lines: Vec<(usize, usize)>,
}

impl Fragment {
    fn span(&self, range: &Range<usize>) -> Range<usize> {
        if self.lines.is_empty() {
            return self.range.clone();
        }
        let place = |at: usize| {
            let passed = self.lines.partition_point(|&(start, _)| start <= at);
            passed.checked_sub(1).map_or(0, |last| self.lines[last].1 + at - self.lines[last].0)
        };
        let start = place(range.start);
        // The end belongs to the line of the last byte, not to the next one.
        start..place(range.end.saturating_sub(1)).max(start) + 1
    }
}

impl Writer<'_> {
    /// Writes what is allowed of a fragment.
    pub fn raw(&mut self, fragment: &Fragment) {
        let mut rest = Tokens { html: &fragment.html, at: 0 };
        while let Some((range, token)) = rest.next() {
            let span = fragment.span(&range);
            match token {
                Token::Text(text) => self.raw_text(text),
                Token::Comment => {}
                Token::Endless(name) => {
                    self.find(span, FindingKind::UnbalancedTag(name));
                    self.raw_text(&fragment.html[range]);
                }
                Token::EndlessComment => self.find(span, FindingKind::UnclosedComment),
                Token::Declaration(name) => self.find(span, FindingKind::RemovedTag(name)),
                Token::Open { name, attributes } => {
                    if REMOVED_WITH_CONTENT.contains(&name.as_str()) {
                        rest.skip_to_end_of(&name);
                    }
                    self.raw_open(fragment, &name, span, &attributes);
                }
                Token::Close(name) => self.raw_close(&name, span),
            }
        }
    }

    /// Closes the raw tags that the current paragraph, cell or heading left open, so that bold text
    /// does not run on to the end of the article.
    pub fn close_raw(&mut self, base: usize) {
        while self.open.len() > base {
            let Some(open) = self.open.pop() else { return };
            self.html.push_str("</");
            self.html.push_str(open.tag);
            self.html.push('>');
            if !OPTIONAL_END.contains(&open.tag) {
                self.find(open.span, FindingKind::UnbalancedTag(open.tag.into()));
            }
        }
    }

    fn raw_open(&mut self, fragment: &Fragment, name: &str, span: Range<usize>, attributes: &[Attribute]) {
        let allowed = ALLOWED.binary_search_by_key(&name, |&(tag, _)| tag).ok();
        let Some(&(tag, own)) = allowed.map(|index| &ALLOWED[index]) else {
            return self.find(span, FindingKind::RemovedTag(name.into()));
        };
        if OPTIONAL_END.contains(&tag) || SCOPE.contains(&tag) || tag == "br" {
            self.lead.separate();
        }
        if !VOID.contains(&tag) {
            self.imply_ends(tag);
            if self.open.len() >= MAX_OPEN {
                return self.find(span, FindingKind::RemovedTag(name.into()));
            }
            self.open.push(Open { tag, span: span.clone() });
        }
        self.html.push('<');
        self.html.push_str(tag);
        let mut written = Vec::new();
        for attribute in attributes {
            let span = fragment.span(&attribute.range);
            let value = super::cjk::restore(&attribute.value);
            if OWN.contains(&attribute.name.as_str()) || written.contains(&attribute.name) {
                continue;
            }
            if self.raw_attribute(tag, own, &attribute.name, &value, span.clone()) {
                written.push(attribute.name.clone());
            } else {
                let attribute = attribute.name.clone();
                self.find(span, FindingKind::RemovedAttribute { tag: tag.into(), attribute });
            }
        }
        let has = |name: &str| written.iter().any(|written| written == name);
        match tag {
            "img" => {
                if !has("alt") {
                    self.html.push_str(" alt=\"\"");
                    let source = attributes.iter().find(|attribute| attribute.name == "src");
                    let source = source.map(|source| decode(&super::cjk::restore(&source.value)));
                    self.find(span, FindingKind::TagWithoutAlt(source.unwrap_or_default()));
                }
                self.html.push_str(" loading=\"lazy\" decoding=\"async\"");
            }
            // Without controls nobody can play it, since it may not play by itself.
            "audio" | "video" if !has("controls") => self.html.push_str(" controls"),
            _ => {}
        }
        self.html.push('>');
    }

    /// Writes one attribute; `false` where it has to be left out.
    fn raw_attribute(&mut self, tag: &str, own: &[&str], name: &str, value: &str, span: Range<usize>) -> bool {
        if !own.contains(&name) && !GENERIC.contains(&name) {
            return false;
        }
        let role = match (tag, name) {
            (_, "href") => Some(LinkRole::Anchor),
            ("img", "src") => Some(LinkRole::Image),
            (_, "src") => Some(LinkRole::Media),
            (_, "poster") => Some(LinkRole::Poster),
            _ => None,
        };
        if let Some(role) = role {
            // An unsafe scheme has its own finding.
            self.link(decode(value), role, span);
            return true;
        }
        let Some((name, value)) = valid(name, value) else { return false };
        self.html.push(' ');
        self.html.push_str(name);
        self.html.push_str("=\"");
        escape::attribute(&mut self.html, &decode(&value));
        self.html.push('"');
        true
    }

    fn raw_close(&mut self, name: &str, span: Range<usize>) {
        if VOID.contains(&name) {
            return;
        }
        let Ok(index) = ALLOWED.binary_search_by_key(&name, |&(tag, _)| tag) else {
            // The opening tag has been reported.
            return;
        };
        let tag = ALLOWED[index].0;
        let base = self.raw_base;
        match self.open[base..].iter().rposition(|open| open.tag == tag) {
            Some(at) => {
                self.close_raw(base + at + 1);
                self.open.pop();
                self.html.push_str("</");
                self.html.push_str(tag);
                self.html.push('>');
            }
            None => self.find(span, FindingKind::UnbalancedTag(format!("/{tag}"))),
        }
    }

    /// Takes the tags that `tag` closes from the list of open ones: `<li>` closes the last `<li>`.
    fn imply_ends(&mut self, tag: &str) {
        if !OPTIONAL_END.contains(&tag) {
            return;
        }
        let scope = self.open.iter().rposition(|open| SCOPE.contains(&open.tag)).map_or(0, |at| at + 1);
        let start = scope.max(self.raw_base);
        if let Some(at) = self.open[start..].iter().position(|open| open.tag == tag) {
            self.open.truncate(start + at);
        }
    }
}

/// The attribute's final name and value, or nothing where HTML would not allow the value.
fn valid<'a>(name: &'a str, value: &'a str) -> Option<(&'a str, std::borrow::Cow<'a, str>)> {
    let trimmed = value.trim();
    let number = |value: &str| !value.is_empty() && value.len() < 6 && value.bytes().all(|byte| byte.is_ascii_digit());
    let fits = match name {
        "align" => {
            let class = format!("align-{}", trimmed.to_ascii_lowercase());
            return CLASSES.contains(&class.as_str()).then_some(("class", class.into()));
        }
        "class" => {
            let kept: Vec<_> = trimmed.split_ascii_whitespace().filter(|class| CLASSES.contains(class)).collect();
            return (!kept.is_empty()).then(|| ("class", kept.join(" ").into()));
        }
        "width" | "height" => number(trimmed),
        "colspan" | "rowspan" | "span" => number(trimmed) && trimmed.len() < 4 && trimmed.parse() != Ok(0),
        "start" | "value" => number(trimmed.strip_prefix('-').unwrap_or(trimmed)),
        "scope" => ["row", "col", "rowgroup", "colgroup"].contains(&trimmed),
        "dir" => ["ltr", "rtl", "auto"].contains(&trimmed),
        "preload" => ["none", "metadata", "auto"].contains(&trimmed),
        "controls" | "loop" | "muted" | "open" | "reversed" => return Some((name, "".into())),
        _ => true,
    };
    fits.then_some((name, trimmed.into()))
}

/// Resolves numeric entities and the few named ones that occur in addresses and titles. The value is
/// escaped again, so an entity that is not known here stays visible and harmless.
fn decode(value: &str) -> String {
    let mut decoded = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        // No entity is longer than this, and a text full of `&` must not be searched to its end.
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        match end.and_then(|end| Some((end, entity(&rest[1..end])?))) {
            Some((end, c)) => {
                decoded.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                decoded.push('&');
                rest = &rest[1..];
            }
        }
    }
    decoded.push_str(rest);
    decoded
}

fn entity(name: &str) -> Option<char> {
    let code = match name {
        "amp" => return Some('&'),
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        "nbsp" => return Some('\u{A0}'),
        "colon" => return Some(':'),
        _ => name.strip_prefix('#')?,
    };
    let code = match code.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => code.parse(),
    };
    code.ok().and_then(char::from_u32)
}

/// The tokens of a piece of HTML, told apart as a browser does.
struct Tokens<'a> {
    html: &'a str,
    at: usize,
}

enum Token<'a> {
    Text(&'a str),
    Comment,
    EndlessComment,
    /// `<!DOCTYPE …>`, `<?xml …>`.
    Declaration(String),
    Open {
        name: String,
        attributes: Vec<Attribute>,
    },
    Close(String),
    /// A tag without `>`.
    Endless(String),
}

struct Attribute {
    /// In lower case.
    name: String,
    /// As written: entities are not resolved.
    value: String,
    /// The value's place, or the name's where there is no value.
    range: Range<usize>,
}

impl<'a> Tokens<'a> {
    fn next(&mut self) -> Option<(Range<usize>, Token<'a>)> {
        let start = self.at;
        let rest = &self.html[start..];
        if rest.is_empty() {
            return None;
        }
        let token = if begins_markup(rest) { self.markup(rest) } else { self.text(rest) };
        Some((start..self.at, token))
    }

    /// Everything up to the next markup.
    fn text(&mut self, rest: &'a str) -> Token<'a> {
        let mut places = rest.match_indices('<').map(|(at, _)| at);
        let end = places.find(|&at| begins_markup(&rest[at..])).unwrap_or(rest.len());
        self.at += end;
        Token::Text(&rest[..end])
    }

    fn markup(&mut self, rest: &'a str) -> Token<'a> {
        if let Some(comment) = rest.strip_prefix("<!--") {
            let end = if comment.starts_with('>') { Some(1) } else { comment.find("-->").map(|at| at + 3) };
            self.at += end.map_or(rest.len(), |end| end + 4);
            return if end.is_some() { Token::Comment } else { Token::EndlessComment };
        }
        if rest.starts_with("<!") || rest.starts_with("<?") {
            let end = rest.find('>').map_or(rest.len(), |at| at + 1);
            self.at += end;
            let name = rest[1..end].split(|c: char| c.is_whitespace() || c == '>').next().unwrap_or_default();
            return Token::Declaration(name.chars().take(20).collect());
        }
        self.tag(rest)
    }

    fn tag(&mut self, rest: &str) -> Token<'a> {
        let base = self.at;
        let closing = rest.starts_with("</");
        let mut cursor = Cursor { bytes: rest.as_bytes(), at: if closing { 2 } else { 1 } };
        let name = rest[cursor.take_until(|byte| matches!(byte, b'/' | b'>') || byte.is_ascii_whitespace())]
            .to_ascii_lowercase();
        let mut attributes = Vec::new();
        loop {
            cursor.take_until(|byte| byte != b'/' && !byte.is_ascii_whitespace());
            match cursor.peek() {
                None => {
                    self.at = self.html.len();
                    return Token::Endless(name);
                }
                Some(b'>') => break,
                Some(_) => attributes.push(attribute(rest, base, &mut cursor)),
            }
        }
        self.at = base + cursor.at + 1;
        if closing { Token::Close(name) } else { Token::Open { name, attributes } }
    }

    /// Moves to the closing tag of `name`, or to the end.
    fn skip_to_end_of(&mut self, name: &str) {
        let rest = &self.html.as_bytes()[self.at..];
        let is_end = |window: &[u8]| window.starts_with(b"</") && window[2..].eq_ignore_ascii_case(name.as_bytes());
        self.at += rest.windows(name.len() + 2).position(is_end).unwrap_or(rest.len());
    }
}

/// Whether the text begins with a tag, a comment or a declaration; `1 < 2` does not.
fn begins_markup(text: &str) -> bool {
    match text.as_bytes() {
        [b'<', b'/', letter, ..] => letter.is_ascii_alphabetic(),
        [b'<', next, ..] => next.is_ascii_alphabetic() || matches!(next, b'!' | b'?'),
        _ => false,
    }
}

/// One attribute, from its name on.
fn attribute(tag: &str, base: usize, cursor: &mut Cursor) -> Attribute {
    let start = cursor.at;
    // A `=` at the very beginning belongs to the name.
    cursor.at += 1;
    cursor.take_until(|byte| matches!(byte, b'/' | b'>' | b'=') || byte.is_ascii_whitespace());
    let name = start..cursor.at;
    let after_name = cursor.at;
    cursor.take_until(|byte| !byte.is_ascii_whitespace());
    let mut value = None;
    if cursor.peek() == Some(b'=') {
        cursor.at += 1;
        cursor.take_until(|byte| !byte.is_ascii_whitespace());
        value = Some(match cursor.peek() {
            Some(quote @ (b'"' | b'\'')) => {
                cursor.at += 1;
                let value = cursor.take_until(|byte| byte == quote);
                cursor.at = (cursor.at + 1).min(tag.len());
                value
            }
            _ => cursor.take_until(|byte| byte == b'>' || byte.is_ascii_whitespace()),
        });
    } else {
        cursor.at = after_name;
    }
    let place = value.clone().filter(|value| !value.is_empty()).unwrap_or_else(|| name.clone());
    Attribute {
        // The first byte may be the first of a longer character.
        name: tag.get(name).unwrap_or_default().to_ascii_lowercase(),
        value: value.and_then(|value| tag.get(value)).unwrap_or_default().to_owned(),
        range: base + place.start..base + place.end,
    }
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Moves to the first byte that `stop` accepts, or to the end; returns what was passed.
    fn take_until(&mut self, stop: impl Fn(u8) -> bool) -> Range<usize> {
        let start = self.at.min(self.bytes.len());
        let passed = self.bytes[start..].iter().position(|&byte| stop(byte)).unwrap_or(self.bytes.len() - start);
        self.at = start + passed;
        start..self.at
    }
}
