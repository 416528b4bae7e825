//! The names of elements and attributes: the usual ones are not copied for every tag of every page.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::LazyLock;

use rustc_hash::FxHashSet;

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

impl Name {
    pub(super) fn new(bytes: &[u8]) -> Self {
        static KNOWN: LazyLock<FxHashSet<&str>> = LazyLock::new(|| USUAL.iter().copied().collect());
        let name = String::from_utf8_lossy(bytes);
        Self(match KNOWN.get(&*name) {
            Some(known) => Cow::Borrowed(known),
            None => Cow::Owned(name.into_owned()),
        })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn is_inline(&self) -> bool {
        INLINE.contains(&self.as_str())
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
