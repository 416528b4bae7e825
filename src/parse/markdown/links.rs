//! Links and pictures: their HTML, their holes, and which addresses a page may not lead to.

use std::collections::BTreeSet;
use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Parser, Tag, TagEnd};

use super::writer::{Events, MAX_DEPTH, Source, Writer};
use super::{Finding, FindingKind, Hole, Link, LinkRole, cjk, escape, sanitize};

/// The lines `[name]: …` that the parser takes out of the text: the name, and where in the Markdown they stand.
pub fn definitions(parser: &Parser<'_>) -> Vec<(String, Range<usize>)> {
    let definitions = parser.reference_definitions().iter();
    definitions.map(|(name, definition)| (name.to_owned(), definition.span.clone())).collect()
}

/// Those that no link refers to, in the order of the text: a text that was meant for readers, such as `[备注]: 自行填写`.
pub fn unused_definitions(
    mut definitions: Vec<(String, Range<usize>)>,
    events: Events<'_>,
    source: Source<'_>,
) -> Vec<Finding> {
    if definitions.is_empty() {
        return Vec::new();
    }
    let folded = |name: &str| name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let named = |event: &Event<'_>| match event {
        Event::Start(Tag::Link { link_type, id, .. } | Tag::Image { link_type, id, .. }) => {
            let refers = matches!(link_type, LinkType::Reference | LinkType::Collapsed | LinkType::Shortcut);
            refers.then(|| folded(id))
        }
        _ => None,
    };
    let used: BTreeSet<String> = events.iter().filter_map(|(event, _)| named(event)).collect();
    definitions.retain(|(name, _)| !used.contains(&folded(name)));
    definitions.sort_by_key(|(_, range)| range.start);
    let find = |(name, range): (String, Range<usize>)| Finding {
        span: source.span(range),
        kind: FindingKind::UnusedDefinition(cjk::restore(&name).into_owned()),
    };
    definitions.into_iter().map(find).collect()
}

impl Writer<'_> {
    /// The pictures of a paragraph that holds nothing else, each perhaps inside a link, and the
    /// index of the paragraph's end.
    pub fn survey_pictures(&self, paragraph: usize) -> Option<(Vec<usize>, usize)> {
        let mut pictures = Vec::new();
        let mut at = paragraph + 1;
        loop {
            match &self.events.get(at)?.0 {
                Event::End(TagEnd::Paragraph) => return (!pictures.is_empty()).then_some((pictures, at)),
                Event::SoftBreak | Event::HardBreak => at += 1,
                Event::Text(text) if text.chars().all(|c| c.is_whitespace() || cjk::is_indent(c)) => at += 1,
                Event::Start(Tag::Image { .. }) => {
                    pictures.push(at);
                    at = self.end_of(at) + 1;
                }
                Event::Start(Tag::Link { .. }) => {
                    let Event::Start(Tag::Image { .. }) = self.events.get(at + 1)?.0 else { return None };
                    let end = self.end_of(at + 1) + 1;
                    let Event::End(TagEnd::Link) = self.events.get(end)?.0 else { return None };
                    pictures.push(at);
                    at = end + 1;
                }
                _ => return None,
            }
        }
    }

    /// A picture, or a link around one, as a figure.
    pub fn figure(&mut self, at: usize) {
        self.block("<figure>");
        let mut picture = at;
        if let Event::Start(Tag::Link { link_type, dest_url, title, .. }) = &self.events[at].0 {
            self.anchor(*link_type, dest_url, title, at);
            picture += 1;
        }
        self.image(picture, false);
        if picture > at {
            self.end(&TagEnd::Link);
        }
        if let Event::Start(Tag::Image { title, .. }) = &self.events[picture].0
            && !title.is_empty()
        {
            self.html.push_str("<figcaption>");
            escape::text(&mut self.html, title);
            self.html.push_str("</figcaption>");
        }
        self.html.push_str("</figure>\n");
    }

    pub fn inline_image(&mut self, at: usize) -> usize {
        self.at_start = false;
        self.last = None;
        self.image(at, true);
        self.end_of(at) + 1
    }

    /// Writes `<img>`. Its title is an attribute, unless it becomes the figure's caption.
    fn image(&mut self, at: usize, titled: bool) {
        let (Event::Start(Tag::Image { dest_url, title, .. }), range) = &self.events[at] else { return };
        let alt = self.plain_text(at);
        let target = cjk::restore(dest_url).into_owned();
        let span = self.narrow(range, dest_url, title);
        if alt.trim().is_empty() {
            self.find(span.clone(), FindingKind::MissingAlt(target.clone()));
        }
        self.html.push_str("<img");
        if !self.link(target, LinkRole::Image, span) {
            self.html.truncate(self.html.len() - "<img".len());
            escape::text(&mut self.html, &alt);
            return;
        }
        self.html.push_str(" alt=\"");
        escape::attribute(&mut self.html, alt.trim());
        if titled && !title.is_empty() {
            self.html.push_str("\" title=\"");
            escape::attribute(&mut self.html, title);
        }
        self.html.push_str("\" loading=\"lazy\" decoding=\"async\">");
    }

    pub fn anchor(&mut self, kind: LinkType, target: &str, title: &str, at: usize) {
        let target = match kind {
            LinkType::Email => format!("mailto:{target}"),
            _ => target.to_owned(),
        };
        let span = self.narrow(&self.events[at].1, &target, title);
        // HTML does not allow a link inside a link; `[<https://a.cn>](b)` would be one.
        if self.in_link || self.closers.len() >= MAX_DEPTH {
            self.closers.push("");
            return;
        }
        self.html.push_str("<a");
        if !self.link(cjk::restore(&target).into_owned(), LinkRole::Anchor, span) {
            self.html.truncate(self.html.len() - "<a".len());
            self.closers.push("");
            return;
        }
        if !title.is_empty() {
            self.html.push_str(" title=\"");
            escape::attribute(&mut self.html, title);
            self.html.push('"');
        }
        self.in_link = true;
        self.open(">", "</a>");
    }

    /// Records a link and leaves a hole for it; `false` where its scheme is not safe.
    pub fn link(&mut self, target: String, role: LinkRole, span: Range<usize>) -> bool {
        if let Some(scheme) = unsafe_scheme(&target) {
            self.find(span, FindingKind::UnsafeScheme(scheme));
            return false;
        }
        if host(&target).is_some_and(|host| host.contains(MARKS)) {
            self.find(span.clone(), FindingKind::WordsInAddress);
        }
        let link = self.links.len();
        if self.survey.has_raw {
            sanitize::mark(&mut self.html, role.attribute(), link);
        } else {
            self.holes.push(Hole { at: self.html.len() as u32, link: link as u32 });
        }
        let span = self.source.span(span);
        self.links.push(Link { target, role, span });
        true
    }

    /// The part of a link's range that holds its target, or the range itself.
    fn narrow(&self, range: &Range<usize>, target: &str, title: &str) -> Range<usize> {
        // Only the end is searched: a range holds the ranges of all pictures inside it.
        let target = target.strip_prefix("mailto:").unwrap_or(target);
        let bytes = self.source.prepared.text.as_bytes();
        let tail = (target.len() + title.len() + 32).min(range.len());
        let start = range.end - tail;
        if target.is_empty() {
            return range.clone();
        }
        let is_target = |&at: &usize| {
            let begins = at.checked_sub(1).is_some_and(|before| matches!(bytes[before], b'(' | b'<' | b' ' | b'\n'));
            begins && bytes[at..range.end].starts_with(target.as_bytes())
        };
        let found = (start..range.end).rev().find(is_target);
        found.map_or_else(|| range.clone(), |at| at..at + target.len())
    }
}

/// Chinese marks, which no name of a host holds: `https://www.example.org，请填写`.
const MARKS: [char; 10] = ['，', '。', '；', '：', '！', '？', '、', '（', '）', '”'];

/// The host in an address of the web, as it is typed.
fn host(target: &str) -> Option<&str> {
    let (scheme, rest) = target.split_once("://")?;
    let is_web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    is_web.then(|| rest.split(['/', '?', '#']).next().unwrap_or_default())
}

/// The scheme of an address, in lower case, where a page may not link to it. Anything but the few
/// known schemes is refused, since browsers and mail programs keep adding to what can run a program.
fn unsafe_scheme(target: &str) -> Option<String> {
    // Browsers skip control characters and spaces: `java\nscript:` runs too.
    let is_skipped = |c: &char| !c.is_control() && !c.is_whitespace();
    let mut characters = target.chars().filter(is_skipped);
    let mut scheme = String::new();
    loop {
        match characters.next()? {
            ':' => break,
            c if c.is_ascii_alphabetic() => scheme.push(c.to_ascii_lowercase()),
            c if !scheme.is_empty() && (c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) => scheme.push(c),
            _ => return None,
        }
    }
    let safe = matches!(scheme.as_str(), "" | "http" | "https" | "mailto" | "tel" | "sms" | "geo" | "ftp");
    (!safe).then_some(scheme)
}
