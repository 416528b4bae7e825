//! What a theme draws around the content of its pages: the same header and footer on thousands of them, judged once.
//!
//! A part of a frame in which nothing was found is left out of the next pages that have it, byte for byte, and what
//! rules must know of it nonetheless is kept: [`Part`]. Only a part that means the same on every page qualifies. A part
//! is known by its hash, whose keys are random: nobody can make one that passes for another. Start at [`Frames::cut`].

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use super::html::{Document, Element};
use super::links::survey::Lead;
use super::rule::Finding;
use super::subject::{Context, Page};
use super::{accessibility, injection, privacy, report, weight};
use crate::diagnostic::At;
use crate::plan::Recipe;
use crate::plan::url::OutputPath;
use crate::script::Tally;

/// The parts that were judged.
#[derive(Debug, Default)]
pub struct Frames {
    keys: RandomState,
    /// `None` for one that has to be judged on every page.
    judged: RwLock<FxHashMap<u64, Option<Arc<Part>>>>,
}

/// What rules must know of a part that they do not see.
#[derive(Debug, Default)]
pub struct Part {
    /// The characters of its lines.
    pub tally: Tally,
    /// What it loads, with the sizes.
    pub loads: BTreeMap<OutputPath, u64>,
    /// The outputs that it links to.
    leads: Vec<usize>,
    /// The places of the page itself that it links to.
    places: Vec<String>,
}

/// A page without the parts of its frame that need no second look.
pub struct Cut<'h> {
    /// The page, with comments where those parts were: all bytes stay where they are.
    pub shown: Cow<'h, str>,
    /// Where the parts of its frame stand.
    pub parts: Vec<Range<usize>>,
    pub left_out: Vec<Arc<Part>>,
    /// The parts that nobody has judged yet.
    unknown: Vec<Range<usize>>,
}

/// What a part begins and ends with that is left out.
const COMMENT: (&str, &str) = ("<!--", "-->");
/// A theme that draws another frame on each page gains nothing from so many that are known.
const MOST: usize = 1024;

/// Elements that mean the same on every page.
const PLAIN: [&str; 37] = [
    "", "a", "abbr", "address", "b", "bdi", "br", "button", "circle", "dd", "div", "dl", "dt", "em", "footer", "g",
    "header", "hr", "i", "img", "li", "nav", "ol", "p", "path", "rect", "s", "section", "small", "span", "strong",
    "sub", "sup", "svg", "time", "u", "ul",
];
/// Attributes that have to do with what stands elsewhere on the page.
const BOUND: [&str; 10] =
    ["id", "name", "for", "style", "hidden", "lang", "srcset", "aria-labelledby", "aria-describedby", "form"];

/// Where the frame of a page stands: from `<body>` to `<main>`, and from `</main>` to `</body>`.
fn parts(html: &str) -> Vec<Range<usize>> {
    let find = |from: usize, mark: &str| html.get(from..)?.find(mark).map(|at| from + at);
    let frame = || {
        let body = find(0, "<body")?;
        let start = find(body, ">")? + 1;
        let main = find(start, "<main")?;
        let rest = html.rfind("</main>")? + "</main>".len();
        let end = html.rfind("</body>")?;
        (main < rest && rest <= end).then(|| vec![start..main, rest..end])
    };
    frame().unwrap_or_default()
}

impl Frames {
    /// Leaves the parts out of a page that were judged on another.
    pub fn cut<'h>(&self, html: &'h str, recipe: &Recipe, context: &Context<'_>) -> Cut<'h> {
        let mut cut = Cut { shown: Cow::Borrowed(html), parts: parts(html), left_out: Vec::new(), unknown: Vec::new() };
        // Of other sites that are asked, each page notes its own links; the home page and those that lead on have rules of
        // their own; a style sheet in a page may hide what stands in its frame.
        let is_usual = !matches!(recipe, Recipe::Home | Recipe::Redirect(_));
        let holds = |part: &str| memchr::memmem::find(html.as_bytes(), part.as_bytes()).is_some();
        if context.options.net.is_some() || !is_usual || holds("<style") {
            return cut;
        }
        let judged = self.judged.read().unwrap_or_else(PoisonError::into_inner);
        let mut left_out: Vec<Range<usize>> = Vec::new();
        for range in &cut.parts {
            match judged.get(&self.key(&html[range.clone()])) {
                Some(Some(part)) if part.places.iter().all(|place| holds(&format!(" id=\"{place}\""))) => {
                    left_out.push(range.clone());
                    cut.left_out.push(Arc::clone(part));
                }
                None if judged.len() < MOST => cut.unknown.push(range.clone()),
                _ => {}
            }
        }
        if !left_out.is_empty() {
            cut.shown = Cow::Owned(blanked(html, &left_out));
        }
        cut
    }

    /// Notes what was found on a page, for the parts of its frame that were judged there for the first time.
    pub fn learn(&self, cut: &Cut<'_>, path: &OutputPath, found: &[Finding], context: &Context<'_>) {
        for range in &cut.unknown {
            let text = &cut.shown[range.clone()];
            let lies_there = |finding: &Finding| match finding.diagnostic.place.at {
                At::Bytes(start, end) => start < range.end && range.start < end.max(start + 1),
                _ => false,
            };
            let is_clean = !found.iter().any(lies_there);
            let part = is_clean.then(|| Part::read(text, path, context)).flatten();
            let mut judged = self.judged.write().unwrap_or_else(PoisonError::into_inner);
            judged.insert(self.key(text), part.map(Arc::new));
        }
    }

    fn key(&self, text: &str) -> u64 {
        self.keys.hash_one(text)
    }
}

/// A text with comments of the same length in the place of some parts, which are in its order.
fn blanked(html: &str, parts: &[Range<usize>]) -> String {
    let mut shown = String::with_capacity(html.len());
    for part in parts {
        shown.push_str(&html[shown.len()..part.start]);
        let blank = part.len() - COMMENT.0.len() - COMMENT.1.len();
        shown.push_str(COMMENT.0);
        shown.push_str(&" ".repeat(blank));
        shown.push_str(COMMENT.1);
    }
    shown.push_str(&html[shown.len()..]);
    shown
}

impl Part {
    /// Reads a part; `None` where it may mean something else on another page.
    fn read(text: &str, path: &OutputPath, context: &Context<'_>) -> Option<Self> {
        if text.len() < COMMENT.0.len() + COMMENT.1.len() {
            return None;
        }
        let document = Document::parse(text);
        // A number that the page holds elsewhere too was told there.
        let (file, seen) = (report::name_of(path), &context.seen);
        if !privacy::page(&Page { file: &file, html: text, document: &document, output: None, seen }).is_empty() {
            return None;
        }
        let is_plain = |element: &Element| {
            let is_bound = |name: &str| BOUND.contains(&name) || name.starts_with("on");
            PLAIN.contains(&element.name.as_str()) && !element.attributes.iter().any(|it| is_bound(&it.name))
        };
        if !document.elements.iter().all(is_plain) || accessibility::has_short_link(&document) {
            return None;
        }
        let mut part = Self { tally: injection::tally(&document), ..Self::default() };
        part.loads = weight::loads(&document, context);
        let addresses =
            document.elements.iter().flat_map(|it| it.attribute("href").into_iter().chain(it.attribute("src")));
        for address in addresses {
            let is_relative = !address.starts_with(['/', '#']) && !address.contains(':');
            if is_relative {
                return None;
            }
            match context.survey.lead(address, path) {
                Lead::Inside(_, Some(place)) if address.starts_with('#') => part.places.push(place),
                Lead::Inside(_, Some(_)) | Lead::Nowhere => return None,
                Lead::Inside(position, None) => part.leads.push(position),
                Lead::Outside | Lead::Elsewhere => {}
            }
        }
        Some(part)
    }

    /// Notes that a page links to what this part links to.
    pub fn refer(&self, path: &OutputPath, context: &Context<'_>) {
        for position in &self.leads {
            if context.survey.path(*position) != path {
                context.survey.refer_to(*position);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_what_stands_around_main() {
        let html = "<html><body class=a><header>甲</header><main id=m>乙</main><footer>丙</footer></body></html>";
        let found: Vec<&str> = parts(html).into_iter().map(|range| &html[range]).collect();
        assert_eq!(found, ["<header>甲</header>", "<footer>丙</footer>"]);
        for html in ["<body><main>乙</main>", "<body>甲</body>", "<main>乙</main>", "</main><body><main></body>", ""]
        {
            assert!(parts(html).is_empty(), "{html}");
        }
    }
}
