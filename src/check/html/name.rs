//! The names of elements and attributes: the usual ones are not copied for every tag of every page.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;

/// A name in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Name(Cow<'static, str>);

/// Names that need no copy.
const USUAL: &[&str] = &[
    "a",
    "abbr",
    "action",
    "alt",
    "aria-current",
    "aria-expanded",
    "aria-hidden",
    "aria-label",
    "aria-labelledby",
    "article",
    "aside",
    "audio",
    "b",
    "base",
    "blockquote",
    "body",
    "br",
    "button",
    "caption",
    "charset",
    "cite",
    "class",
    "code",
    "colspan",
    "content",
    "crossorigin",
    "d",
    "data",
    "data-end",
    "data-start",
    "datetime",
    "dd",
    "del",
    "details",
    "dfn",
    "dialog",
    "div",
    "dl",
    "dt",
    "em",
    "fieldset",
    "figcaption",
    "figure",
    "fill",
    "footer",
    "for",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "height",
    "hidden",
    "hr",
    "href",
    "hreflang",
    "html",
    "i",
    "id",
    "iframe",
    "img",
    "input",
    "ins",
    "integrity",
    "kbd",
    "label",
    "lang",
    "legend",
    "li",
    "link",
    "loading",
    "main",
    "mark",
    "media",
    "meta",
    "method",
    "name",
    "nav",
    "noscript",
    "ol",
    "open",
    "option",
    "p",
    "path",
    "picture",
    "placeholder",
    "pre",
    "property",
    "q",
    "rect",
    "rel",
    "role",
    "rowspan",
    "s",
    "scope",
    "script",
    "section",
    "select",
    "sizes",
    "small",
    "source",
    "span",
    "src",
    "srcset",
    "strong",
    "style",
    "sub",
    "summary",
    "sup",
    "svg",
    "tabindex",
    "table",
    "target",
    "tbody",
    "td",
    "template",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "time",
    "title",
    "tr",
    "track",
    "type",
    "u",
    "ul",
    "use",
    "value",
    "var",
    "video",
    "viewbox",
    "wbr",
    "width",
    "xmlns",
];

/// Elements that stand in a line of text; all others end it.
const INLINE: &[&str] = &[
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd", "label",
    "mark", "q", "s", "small", "span", "strong", "sub", "sup", "time", "u", "var",
];

/// Elements that have no end tag (HTML standard, §13.1.2).
const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];

/// Elements whose texts are not for people.
const UNREADABLE: &[&str] = &["script", "style", "template", "noscript", "textarea"];

/// What an element of a name is, found out once for the usual ones.
#[derive(Debug, Clone, Copy)]
pub struct Nature {
    /// Whether it stands in a line of text; all others end the line.
    pub is_inline: bool,
    pub is_void: bool,
    /// Whether its texts are for people: it is no script, style sheet or template.
    pub is_readable: bool,
}

impl Nature {
    fn of(name: &str) -> Self {
        Self {
            is_inline: INLINE.contains(&name),
            is_void: VOID.contains(&name),
            is_readable: !UNREADABLE.contains(&name),
        }
    }
}

impl Default for Nature {
    /// That of the root, which has no name.
    fn default() -> Self {
        Self { is_inline: false, is_void: false, is_readable: true }
    }
}

impl Name {
    pub(super) fn new(bytes: &[u8]) -> Self {
        Self::with_nature(bytes).0
    }

    pub(super) fn with_nature(bytes: &[u8]) -> (Self, Nature) {
        static KNOWN: LazyLock<FxHashMap<&[u8], (&str, Nature)>> =
            LazyLock::new(|| USUAL.iter().map(|name| (name.as_bytes(), (*name, Nature::of(name)))).collect());
        if let Some((known, nature)) = KNOWN.get(bytes) {
            return (Self(Cow::Borrowed(known)), *nature);
        }
        let name = String::from_utf8_lossy(bytes).into_owned();
        let nature = Nature::of(&name);
        (Self(Cow::Owned(name)), nature)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}
