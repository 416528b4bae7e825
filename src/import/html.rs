//! A saved web page -> blocks. Finds the article by the names that publishing systems give it, else by where the text is.
//!
//! Keeps what stands around the article too, marked as such: what becomes of it is decided by
//! [`recognise`](super::recognise). Start at [`read`].

use std::cell::RefCell;
use std::rc::Rc;

use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, Node, NodeData, RcDom};
use rustc_hash::FxHashMap;

use super::block::{Block, Entry, Located, Look, Page, Run, Table, VerticalAlign, Zone, push_text, text_of};
use super::report::{LeftOut, Reason};

/// Elements nested deeper than this are read for their words alone.
const DEPTH: usize = 200;

pub fn read(text: &str) -> Page {
    let document = parse_document(RcDom::default(), ParseOpts::default()).one(text).document;
    let article = article(&document);
    let mut reader = Reader {
        article,
        page: Page::default(),
        line: Line::default(),
        zone: Zone::Around,
        list: None,
        open: Vec::new(),
    };
    reader.children(&document, &Style::default(), 0);
    reader.end_line();
    reader.page
}

/// What an element hands down to those in it.
#[derive(Clone, Default)]
struct Style {
    look: Look,
    heading: Option<u8>,
    quote: bool,
}

#[derive(Default)]
struct Line {
    runs: Vec<Run>,
    heading: Option<u8>,
    quote: bool,
}

struct Reader {
    article: Option<Handle>,
    page: Page,
    line: Line,
    zone: Zone,
    /// Inside a list: its entries so far.
    list: Option<Vec<Entry>>,
    /// The lists that are open, the innermost last.
    open: Vec<OpenList>,
}

struct OpenList {
    ordered: bool,
    /// The number of the next entry.
    next: usize,
    place: Place,
}

/// Where in a list a line stands.
#[derive(Clone, Copy)]
enum Place {
    OutsideEntries,
    /// It is the first of the entry with this number.
    FirstLine(usize),
    LaterLine,
}

impl Reader {
    fn children(&mut self, node: &Handle, style: &Style, depth: usize) {
        for child in node.children.borrow().iter() {
            self.node(child, style, depth + 1);
        }
    }

    fn node(&mut self, node: &Handle, style: &Style, depth: usize) {
        match &node.data {
            NodeData::Text { contents } => self.text(&contents.borrow(), style),
            NodeData::Element { .. } if depth > DEPTH => self.text(&all_text(node), style),
            NodeData::Element { name, .. } if self.article.as_ref().is_some_and(|it| Rc::ptr_eq(it, node)) => {
                self.end_line();
                self.zone = Zone::Article;
                self.element(node, &name.local, style, depth);
                self.end_line();
                self.zone = Zone::Around;
            }
            NodeData::Element { name, .. } => self.element(node, &name.local, style, depth),
            _ => {}
        }
    }

    fn text(&mut self, text: &str, style: &Style) {
        if !text.trim_matches(|c: char| c.is_ascii_whitespace()).is_empty() || !self.line.runs.is_empty() {
            self.line.heading = style.heading;
            self.line.quote = style.quote;
            push_text(&mut self.line.runs, &collapse(text), &style.look);
        }
    }

    fn element(&mut self, node: &Handle, name: &str, style: &Style, depth: usize) {
        if is_hidden(node) {
            return self.leave_out(node, Reason::Hidden);
        }
        self.label(node);
        match name {
            "script" | "style" if is_code(node) => self.leave_out(node, Reason::Script),
            "style" | "script" | "template" | "link" => {}
            "noscript" | "iframe" | "object" | "embed" | "button" | "select" | "textarea" | "input" | "svg" => {
                self.leave_out(node, Reason::Interactive);
            }
            "video" | "audio" => self.medium(node, name),
            "title" => self.page.titles.push(collapse(&all_text(node)).trim().to_owned()),
            "meta" => self.meta(node),
            "br" => self.end_line(),
            "img" => self.picture(node),
            "a" => {
                let link = attribute(node, "href").filter(|target| !target.trim().is_empty());
                let look = Look { link: link.or_else(|| style.look.link.clone()), ..style.look.clone() };
                self.children(node, &Style { look, ..style.clone() }, depth);
            }
            "ul" | "ol" => self.list(node, name == "ol", style, depth),
            "li" => self.entry(node, style, depth),
            "table" if is_data_table(node) => self.table(node, depth),
            _ => self.container(node, name, style, depth),
        }
    }

    fn container(&mut self, node: &Handle, name: &str, style: &Style, depth: usize) {
        let heading =
            name.strip_prefix('h').and_then(|level| level.parse().ok()).filter(|level| (1..=6).contains(level));
        let inner = Style {
            look: look_of(node, name, &style.look),
            heading: heading.or(style.heading),
            quote: style.quote || name == "blockquote",
        };
        if is_inline(name) {
            return self.children(node, &inner, depth);
        }
        self.end_line();
        self.children(node, &inner, depth);
        self.end_line();
    }

    fn end_line(&mut self) {
        let Line { runs, heading, quote } = std::mem::take(&mut self.line);
        let is_empty = text_of(&runs).trim().is_empty() && !runs.iter().any(|run| matches!(run, Run::Picture { .. }));
        if is_empty {
            return;
        }
        if let Some(entries) = &mut self.list {
            return push_line(entries, &mut self.open, runs);
        }
        let block = match heading {
            Some(level) => Block::Heading(level, runs),
            None if quote => Block::Quote(runs),
            None => Block::Paragraph(runs),
        };
        self.page.blocks.push(Located { zone: self.zone, block });
    }

    fn list(&mut self, node: &Handle, ordered: bool, style: &Style, depth: usize) {
        self.end_line();
        let is_outermost = self.list.is_none();
        self.list.get_or_insert_default();
        let next = number(node, "start").unwrap_or(1);
        self.open.push(OpenList { ordered, next, place: Place::OutsideEntries });
        self.children(node, style, depth);
        self.end_line();
        self.open.pop();
        if is_outermost && let Some(entries) = self.list.take().filter(|entries| !entries.is_empty()) {
            self.page.blocks.push(Located { zone: self.zone, block: Block::List(entries) });
        }
    }

    fn entry(&mut self, node: &Handle, style: &Style, depth: usize) {
        self.end_line();
        if let Some(list) = self.open.last_mut() {
            let number = number(node, "value").unwrap_or(list.next);
            (list.next, list.place) = (number + 1, Place::FirstLine(number));
        }
        self.container(node, "li", style, depth);
        if let Some(list) = self.open.last_mut() {
            list.place = Place::OutsideEntries;
        }
    }

    fn table(&mut self, node: &Handle, depth: usize) {
        self.end_line();
        let mut table = Table::default();
        // How many rows a cell above still covers, by column.
        let mut covered: Vec<usize> = Vec::new();
        for row in descendants(node).iter().filter(|node| is(node, "tr")) {
            let mut cells = Vec::new();
            for cell in row.children.borrow().iter().filter(|cell| is(cell, "td") || is(cell, "th")) {
                while covered.get(cells.len()).is_some_and(|rows| *rows > 0) {
                    covered[cells.len()] -= 1;
                    cells.push(Vec::new());
                }
                let (columns, rows) = (span(cell, "colspan").min(50), span(cell, "rowspan"));
                table.has_merged_cells |= columns > 1 || rows > 1;
                let start = cells.len();
                covered.resize(covered.len().max(start + columns), 0);
                cells.push(self.cell(cell, depth));
                cells.resize(start + columns, Vec::new());
                covered[start..start + columns].fill(rows - 1);
            }
            if !cells.is_empty() {
                table.rows.push(cells);
            }
        }
        self.page.blocks.push(Located { zone: self.zone, block: Block::Table(table) });
    }

    /// A cell's lines as one.
    fn cell(&mut self, cell: &Handle, depth: usize) -> Vec<Run> {
        let outer = (self.list.replace(Vec::new()), std::mem::take(&mut self.open));
        self.children(cell, &Style::default(), depth);
        self.end_line();
        let lines = std::mem::take(&mut self.list).unwrap_or_default();
        (self.list, self.open) = outer;
        let mut runs = Vec::new();
        for line in lines {
            if !runs.is_empty() {
                runs.push(Run::plain("\n"));
            }
            // A cell has no lists.
            runs.extend(line.number.map(|number| Run::plain(format!("{number}. "))));
            runs.extend(line.runs);
        }
        runs
    }

    fn picture(&mut self, node: &Handle) {
        let addresses = || ["src", "data-src", "data-original"].iter().filter_map(|name| attribute(node, name));
        // Until a picture is in view, something else may stand in its place.
        let src = addresses().find(|src| !src.starts_with("data:")).or_else(|| addresses().next());
        let Some(src) = src.filter(|src| !src.trim().is_empty()) else { return };
        let alt = attribute(node, "alt").or_else(|| attribute(node, "title")).unwrap_or_default();
        self.line.runs.push(Run::Picture { src: src.trim().to_owned(), alt: collapse(&alt).trim().to_owned() });
    }

    /// A video or an audio by its addresses; what stands in it besides is for browsers that cannot play it.
    fn medium(&mut self, node: &Handle, name: &str) {
        let sources: Vec<String> = descendants(node).iter().filter_map(|node| attribute(node, "src")).collect();
        let text = if sources.is_empty() { format!("<{name}>") } else { sources.join(" ") };
        self.page.left_out.push(LeftOut { text, reason: Reason::Medium });
    }

    /// Takes what an element of a WeChat page says as if a meta tag said it.
    fn label(&mut self, node: &Handle) {
        let Some(id) = attribute(node, "id") else { return };
        if let Some((_, name)) = WECHAT_LABELS.iter().find(|(label, _)| *label == id) {
            self.page.meta.push(((*name).to_owned(), collapse(&all_text(node)).trim().to_owned()));
        }
    }

    fn meta(&mut self, node: &Handle) {
        let name = attribute(node, "name").or_else(|| attribute(node, "property"));
        if let (Some(name), Some(content)) = (name, attribute(node, "content")) {
            self.page.meta.push((name.trim().to_ascii_lowercase(), content.trim().to_owned()));
        }
    }

    fn leave_out(&mut self, node: &Handle, reason: Reason) {
        let text = collapse(&all_text(node));
        let shown = ["src", "data", "value"].iter().find_map(|name| attribute(node, name)).unwrap_or_default();
        let text = if text.trim().is_empty() { shown } else { text };
        if !text.trim().is_empty() {
            self.page.left_out.push(LeftOut { text: text.trim().to_owned(), reason });
        }
    }
}

/// What an element makes of the look of what is around it.
fn look_of(node: &Handle, name: &str, outer: &Look) -> Look {
    let css = attribute(node, "style").unwrap_or_default().to_ascii_lowercase().replace(' ', "");
    let is_strong =
        matches!(name, "b" | "strong") || css.contains("font-weight:bold") || css.contains("font-weight:700");
    let is_struck = matches!(name, "del" | "s" | "strike") || css.contains("line-through");
    let vertical_align = match name {
        "sup" => VerticalAlign::Superscript,
        "sub" => VerticalAlign::Subscript,
        _ if css.contains("vertical-align:super") => VerticalAlign::Superscript,
        _ if css.contains("vertical-align:sub") => VerticalAlign::Subscript,
        _ => outer.vertical_align,
    };
    Look {
        strong: outer.strong || is_strong,
        struck: outer.struck || is_struck,
        vertical_align,
        link: outer.link.clone(),
    }
}

/// Spaces and line breaks as a browser shows them: none between two Chinese characters.
fn collapse(text: &str) -> String {
    let mut collapsed = String::with_capacity(text.len());
    let mut pending: Option<bool> = None;
    for c in text.chars() {
        if c.is_ascii_whitespace() {
            pending = Some(pending.unwrap_or(false) || c == '\n');
            continue;
        }
        if let Some(broken) = pending.take() {
            let is_wide = |c: char| u32::from(c) >= 0x2E80;
            if !(broken && is_wide(c) && collapsed.chars().next_back().is_some_and(is_wide)) {
                collapsed.push(' ');
            }
        }
        collapsed.push(c);
    }
    if pending.is_some() {
        collapsed.push(' ');
    }
    collapsed
}

fn attribute(node: &Node, name: &str) -> Option<String> {
    let NodeData::Element { attrs, .. } = &node.data else { return None };
    attrs.borrow().iter().find(|it| &*it.name.local == name).map(|it| it.value.to_string())
}

/// The number that was typed for an entry or a whole list, unless Markdown cannot say it.
fn number(node: &Node, name: &str) -> Option<usize> {
    attribute(node, name)?.trim().parse().ok().filter(|number| *number <= 999_999_999)
}

/// Adds a line to the innermost list: as an entry, or to the one whose first line came before.
fn push_line(entries: &mut Vec<Entry>, open: &mut [OpenList], mut runs: Vec<Run>) {
    let depth = open.len().saturating_sub(1);
    let Some(list) = open.last_mut() else {
        return entries.push(Entry { depth, ordered: false, number: None, runs });
    };
    let ordered = list.ordered;
    match (list.place, entries.last_mut().filter(|last| last.depth == depth)) {
        (Place::FirstLine(number), _) => {
            list.place = Place::LaterLine;
            entries.push(Entry { depth, ordered, number: ordered.then_some(number), runs });
        }
        (Place::LaterLine, Some(last)) => {
            last.runs.push(Run::plain("\n"));
            last.runs.append(&mut runs);
        }
        // Behind a list inside of it: without a number, since it is no further entry.
        (Place::LaterLine, None) => entries.push(Entry { depth, ordered: false, number: None, runs }),
        (Place::OutsideEntries, _) => entries.push(Entry { depth, ordered, number: None, runs }),
    }
}

/// How many columns or rows a cell takes up.
fn span(cell: &Node, name: &str) -> usize {
    attribute(cell, name).and_then(|text| text.trim().parse().ok()).unwrap_or(1_usize).clamp(1, 1000)
}

fn is(node: &Node, tag: &str) -> bool {
    matches!(&node.data, NodeData::Element { name, .. } if &*name.local == tag)
}

/// The node and all below it, in the order of the page.
fn descendants(node: &Handle) -> Vec<Handle> {
    let mut found = Vec::new();
    let mut waiting = vec![node.clone()];
    while let Some(node) = waiting.pop() {
        waiting.extend(node.children.borrow().iter().rev().cloned());
        found.push(node);
    }
    found
}

fn all_text(node: &Handle) -> String {
    let text = |node: &Handle| match &node.data {
        NodeData::Text { contents } => Some(contents.borrow().to_string()),
        _ => None,
    };
    descendants(node).iter().filter_map(text).collect()
}

fn is_inline(name: &str) -> bool {
    const INLINE: [&str; 26] = [
        "a",
        "abbr",
        "b",
        "bdi",
        "big",
        "cite",
        "code",
        "del",
        "em",
        "font",
        "i",
        "ins",
        "label",
        "mark",
        "q",
        "s",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "u",
        "ucapcontent",
        "o:p",
    ];
    INLINE.contains(&name)
}

/// Code that does something; an empty tag is nothing to report.
fn is_code(node: &Handle) -> bool {
    is(node, "script") && (attribute(node, "src").is_some() || !all_text(node).trim().is_empty())
}

/// The ways in which break-ins hide their links.
fn is_hidden(node: &Handle) -> bool {
    // WeChat hides its articles until their script has run.
    if attribute(node, "id").is_some_and(|id| id == WECHAT_ARTICLE) {
        return false;
    }
    if attribute(node, "hidden").is_some() {
        return true;
    }
    let style = attribute(node, "style").unwrap_or_default().to_ascii_lowercase().replace(' ', "");
    let declarations: Vec<(&str, &str)> = style.split(';').filter_map(|part| part.split_once(':')).collect();
    let length =
        |value: &str| value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%').parse::<f64>().ok();
    let is_zero = |name: &str| declarations.iter().any(|(key, value)| *key == name && length(value) == Some(0.0));
    declarations.iter().any(|(key, value)| match *key {
        "display" => value.starts_with("none"),
        "visibility" => value.starts_with("hidden"),
        "opacity" | "font-size" => length(value) == Some(0.0),
        "text-indent" | "left" | "top" | "margin-left" | "margin-top" => length(value).is_some_and(|it| it <= -500.0),
        "overflow" => value.starts_with("hidden") && (is_zero("height") || is_zero("width")),
        _ => false,
    })
}

/// Rows and columns of short cells; a table around paragraphs or around another table only lays out the page.
fn is_data_table(node: &Handle) -> bool {
    let inner = descendants(node);
    let rows = inner.iter().filter(|node| is(node, "tr"));
    // In how many more rows each cell above stands that spans several.
    let mut spanning: Vec<usize> = Vec::new();
    let mut cells = |row: &Handle| {
        let cells = row.children.borrow();
        let own = cells.iter().filter(|cell| is(cell, "td") || is(cell, "th"));
        let rows: Vec<usize> = own.map(|cell| span(cell, "rowspan")).collect();
        let width = rows.len() + spanning.len();
        spanning.extend(rows);
        spanning.iter_mut().for_each(|rows| *rows -= 1);
        spanning.retain(|rows| *rows > 0);
        width
    };
    let widths: Vec<usize> = rows.map(&mut cells).collect();
    let is_nested = inner.iter().skip(1).any(|node| is(node, "table") || is(node, "ul"));
    let is_long = inner.iter().any(|cell| is(cell, "td") && all_text(cell).chars().count() > 400);
    widths.len() >= 2 && widths.iter().filter(|width| **width >= 2).count() >= 2 && !is_nested && !is_long
}

/// The element that holds the article of a WeChat page.
const WECHAT_ARTICLE: &str = "js_content";

/// The elements of a WeChat page that name its date and its account, and the meta tags that do so elsewhere.
const WECHAT_LABELS: [(&str, &str); 2] = [("publish_time", "pubdate"), ("js_name", "contentsource")];

/// Names of the element that holds the article, the surest first.
const NAMES: [&str; 19] = [
    WECHAT_ARTICLE,
    "trs_editor",
    "custom_unionstyle",
    "trs_ueditor",
    "ucap-content",
    "ucapcontent",
    "zoom",
    "vsb_content",
    "fontzoom",
    "article-content",
    "article_content",
    "articlecontent",
    "news_content",
    "newscontent",
    "content-main",
    "article",
    "con_text",
    "text",
    "content",
];

fn article(document: &Handle) -> Option<Handle> {
    let all = descendants(document);
    let body = all.iter().find(|node| is(node, "body"))?;
    let prose = Prose::of(body);
    let whole = prose.in_node(body);
    let holds_enough = |node: &Handle| prose.in_node(node) * 5 >= whole.max(1);
    let is_named = |node: &&Handle, name: &str| {
        let words = ["id", "class"].iter().filter_map(|key| attribute(node, key)).collect::<Vec<_>>().join(" ");
        words.to_ascii_lowercase().split_ascii_whitespace().any(|word| word == name)
    };
    let named = NAMES
        .iter()
        .find_map(|name| all.iter().filter(|node| is_named(node, name)).find(|node| holds_enough(node)).cloned());
    named.or_else(|| Some(densest(body, &prose)))
}

/// Goes down to where most of the text is.
fn densest(body: &Handle, prose: &Prose) -> Handle {
    let mut place = body.clone();
    loop {
        let here = prose.in_node(&place);
        let children = place.children.borrow().clone();
        let heavy = children.into_iter().find(|child| {
            matches!(&child.data, NodeData::Element { name, .. } if !is_inline(&name.local) && &*name.local != "p")
                && prose.in_node(child) * 10 >= here * 7
        });
        match heavy {
            Some(child) if here > 0 => place = child,
            _ => return place,
        }
    }
}

/// How many characters stand in each node outside links, scripts and what is hidden: counted once for all of them, since
/// pages may nest thousands of elements.
struct Prose(FxHashMap<*const Node, usize>);

impl Prose {
    fn of(body: &Handle) -> Self {
        let mut counts = FxHashMap::default();
        // What lies in a node comes before it.
        for node in descendants(body).iter().rev() {
            let count = match &node.data {
                NodeData::Text { contents } => characters(contents),
                NodeData::Element { name, .. } if matches!(&*name.local, "a" | "script" | "style" | "select") => 0,
                NodeData::Element { .. } if is_hidden(node) => 0,
                _ => node.children.borrow().iter().filter_map(|child| counts.get(&Rc::as_ptr(child))).sum(),
            };
            counts.insert(Rc::as_ptr(node), count);
        }
        Self(counts)
    }

    fn in_node(&self, node: &Handle) -> usize {
        self.0.get(&Rc::as_ptr(node)).copied().unwrap_or_default()
    }
}

fn characters(text: &RefCell<html5ever::tendril::StrTendril>) -> usize {
    text.borrow().chars().filter(|c| !c.is_whitespace()).count()
}
