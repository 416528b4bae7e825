//! What stands in a page and nobody can see: links for search engines, texts, frames.
//!
//! Much is hidden for good reasons (menus, dialogs, words for screen readers), so what is found is only hidden links to
//! unknown hosts, and long texts behind tricks that no script undoes. Start at [`of_page`].

use rustc_hash::FxHashMap;

use super::super::css::{self, Declaration, pixels, value};
use super::super::html::{Document, Element, ElementId};
use super::super::rule::{Family, Finding, Rule};
use super::super::subject::Page;
use super::hosts::{Hosts, host_of};
use crate::diagnostic::Text;

pub const HIDDEN_LINK: Rule =
    Rule::error(Family::Injection, "hidden-link", "看不见的外链（暗链）", "a link that nobody sees");
pub const HIDDEN_TEXT: Rule =
    Rule::warning(Family::Injection, "hidden-text", "看不见的文字", "a text that nobody sees");
pub const HIDDEN_FRAME: Rule =
    Rule::error(Family::Injection, "hidden-frame", "看不见的框架（挂马）", "a frame that nobody sees");

/// From so many characters on, a text behind a trick is more than a word for screen readers.
const LONG: usize = 30;
/// A box that leaves the screen by so many pixels is meant to.
const OFF_SCREEN: f64 = 500.0;

/// How something is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hiding {
    /// As scripts do with what they open later.
    Closed(&'static str),
    /// In a way that no script undoes.
    Trick(&'static str),
}

impl Hiding {
    fn written(self) -> &'static str {
        match self {
            Self::Closed(how) | Self::Trick(how) => how,
        }
    }
}

pub fn of_page(page: &Page<'_>, hosts: &Hosts) -> Vec<Finding> {
    let document = page.document;
    let hidden = hidden_elements(document);
    let mut findings: Vec<Finding> = frames(page, hosts, &hidden).collect();
    for (id, element) in document.elements.iter().enumerate() {
        let address = match element.name.as_str() {
            "a" | "area" => element.find("href"),
            _ => None,
        };
        let Some(address) = address else { continue };
        let Some(host) = host_of(&address.value).filter(|host| !hosts.is_known(host)) else { continue };
        if let Some((_, hiding)) = hidden.get(&id) {
            findings.push(hidden_link(page, element, &address.value, &host, *hiding));
        } else if element.name == "a" && shows_nothing(document, id) {
            findings.push(link_without_words(page, element, &address.value, &host));
        }
    }
    if !hidden.is_empty() {
        findings.extend(texts(page, &hidden));
    }
    findings
}

/// Marks of a sentence, behind which a link is overlooked.
const MARKS: &str = "，。、；：！？．…—·“”‘’（）《》【】,.;:!?'\"()-_\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}";

/// Whether a link shows readers nothing but marks of a sentence, and no picture that is larger than a dot.
fn shows_nothing(document: &Document, id: ElementId) -> bool {
    let link = document.element(id);
    let below = || document.elements.iter().enumerate().skip(id + 1).take_while(|(_, it)| it.parent >= id);
    let end = below().last().map_or(id, |(last, _)| last) + 1;
    // A style may show a picture in place of words; the class of links to other sites is our own.
    let is_styled = |it: &Element| {
        it.find("id").is_some()
            || it.find("style").is_some()
            || it.attribute("class").is_some_and(|it| it != "external")
    };
    let shows = |it: &Element| match it.name.as_str() {
        "img" => !is_flat(it, 2.0),
        "b" | "strong" | "em" | "i" | "u" | "span" | "font" | "br" => is_styled(it),
        _ => true,
    };
    if below().any(|(_, it)| shows(it)) {
        return false;
    }
    let first = document.texts.partition_point(|text| text.span.start < link.span.start);
    let mut texts = document.texts[first..].iter().take_while(|text| (id..end).contains(&text.parent));
    let (mut is_empty, is_mark) = (true, |c: char| c.is_whitespace() || MARKS.contains(c));
    let are_marks = texts.all(|text| {
        is_empty &= text.is_blank();
        text.text.chars().all(is_mark)
    });
    are_marks && (!is_empty || end > id + 1 || !is_styled(link))
}

/// Each hidden element, with the outermost one that hides it and how.
type HiddenElements = FxHashMap<ElementId, (ElementId, Hiding)>;

fn hidden_elements(document: &Document) -> HiddenElements {
    let sheet = Sheet::of(document);
    let closed = closed_by_script(document);
    let mut hidden = HiddenElements::default();
    for (id, element) in document.elements.iter().enumerate().skip(1) {
        // A parent stands before its children.
        let inherited = hidden.get(&element.parent).copied();
        let own = || {
            let by_script = element.attribute("id").is_some_and(|id| closed.contains(&id));
            let by_script = by_script.then_some(Hiding::Closed("style.display='none'"));
            of_element(element).or_else(|| sheet.hides(document, id)).or(by_script).map(|hiding| (id, hiding))
        };
        if let Some(found) = inherited.or_else(own) {
            hidden.insert(id, found);
        }
    }
    hidden
}

/// Hidden by its own attributes.
fn of_element(element: &Element) -> Option<Hiding> {
    if element.attributes.is_empty() {
        return None;
    }
    let style = element.attribute("style").and_then(|style| of_declarations(&css::declarations(style)));
    let is_hidden = element.find("hidden").is_some();
    // A marquee without a size never comes into sight.
    let is_flat = element.name == "marquee" && is_flat(element, 2.0);
    style
        .or_else(|| is_hidden.then_some(Hiding::Closed("hidden")))
        .or_else(|| is_flat.then_some(Hiding::Trick("marquee")))
}

/// Whether one of its attributes makes an element no wider or no higher than so many pixels.
fn is_flat(element: &Element, most: f64) -> bool {
    ["width", "height"].iter().any(|name| element.attribute(name).and_then(pixels).is_some_and(|size| size <= most))
}

/// What declarations hide, if anything.
fn of_declarations(declarations: &[Declaration<'_>]) -> Option<Hiding> {
    let get = |name| value(declarations, name).unwrap_or_default();
    let is = |name, word| get(name).eq_ignore_ascii_case(word);
    let length = |name| pixels(get(name));
    let is_away = |name| length(name).is_some_and(|length| length.abs() >= OFF_SCREEN);
    let is_small = |name| length(name).is_some_and(|length| (0.0..=1.0).contains(&length));
    let is_placed = is("position", "absolute") || is("position", "fixed");
    let is_lifted =
        ["left", "top", "right", "bottom"].into_iter().any(|side| length(side).is_some_and(|it| it <= -OFF_SCREEN));
    let tricks = [
        (length("text-indent").is_some_and(|indent| indent <= -OFF_SCREEN), "text-indent"),
        (is_small("font-size"), "font-size:0"),
        (is_placed && (is_lifted || is_away("left")) || is_away("margin-left") || is_away("margin-top"), "position"),
        (moves_away(get("transform")), "transform"),
        (is_clipped(get("clip")) || is_clipped(get("clip-path")), "clip"),
        (has_its_backgrounds_colour(declarations), "color"),
    ];
    let closings = [
        (is("display", "none"), "display:none"),
        (is("visibility", "hidden") || is("visibility", "collapse"), "visibility:hidden"),
        (is_nothing(get("opacity")) || get("filter").replace(' ', "").contains("opacity=0)"), "opacity:0"),
        (is("overflow", "hidden") && ["width", "height", "max-height"].into_iter().any(is_small), "overflow:hidden"),
    ];
    let first = |hidings: &[(bool, &'static str)]| hidings.iter().find(|(holds, _)| *holds).map(|(_, how)| *how);
    first(&tricks).map(Hiding::Trick).or_else(|| first(&closings).map(Hiding::Closed))
}

fn is_nothing(number: &str) -> bool {
    number.trim_end_matches('%').parse::<f64>().is_ok_and(|number| number <= 0.01)
}

/// `translate(-9999px)`, `scale(0)`.
fn moves_away(transform: &str) -> bool {
    transform.split(')').filter_map(|function| function.split_once('(')).any(|(name, values)| {
        let mut values = values.split(',').map(str::trim);
        let name = name.trim().to_ascii_lowercase();
        match name.strip_prefix("scale") {
            Some(_) => values.any(is_nothing),
            None if name.starts_with("translate") => {
                values.any(|value| pixels(value).is_some_and(|length| length.abs() >= OFF_SCREEN))
            }
            None => false,
        }
    })
}

/// `rect(0 0 0 0)`, `inset(50%)`, `circle(0)`.
fn is_clipped(clip: &str) -> bool {
    let Some((name, values)) = clip.trim_end_matches(')').split_once('(') else { return false };
    let numbers: Vec<f64> = values
        .split([',', ' '])
        .filter_map(|value| value.trim().trim_end_matches("px").trim_end_matches('%').parse().ok())
        .collect();
    match name.trim().to_ascii_lowercase().as_str() {
        "rect" | "circle" => !numbers.is_empty() && numbers.iter().all(|number| *number <= 1.0),
        "inset" => numbers.first().is_some_and(|number| *number >= 50.0),
        _ => false,
    }
}

fn has_its_backgrounds_colour(declarations: &[Declaration<'_>]) -> bool {
    let colour = |name| value(declarations, name).map(plain_colour);
    let text = colour("color");
    let background = colour("background-color").or_else(|| colour("background"));
    text.as_deref() == Some("transparent") || text.is_some() && text == background
}

/// White and black have several names.
fn plain_colour(colour: &str) -> String {
    let colour = colour.to_ascii_lowercase().replace(' ', "");
    match colour.as_str() {
        "white" | "#ffffff" | "rgb(255,255,255)" => "#fff".to_owned(),
        "black" | "#000000" | "rgb(0,0,0)" => "#000".to_owned(),
        _ => colour,
    }
}

/// The ids of elements that a script in the page closes right away: `getElementById("x").style.display="none"`.
fn closed_by_script<'d>(document: &'d Document<'_>) -> Vec<&'d str> {
    let mut ids = Vec::new();
    let scripts = document.texts.iter().filter(|text| document.element(text.parent).name == "script");
    for part in scripts.flat_map(|script| script.text.split("getElementById(").skip(1)) {
        let part = part.trim_start_matches(['"', '\'', ' ']);
        let Some((id, rest)) = part.split_once(['"', '\'']) else { continue };
        let rest: String = rest.chars().take(40).filter(|c| !c.is_whitespace()).collect();
        if [").style.display=\"none\"", ").style.display='none'"].iter().any(|close| rest.starts_with(close)) {
            ids.push(id);
        }
    }
    ids
}

/// The rules of the page's own `<style>` that hide something.
#[derive(Default)]
struct Sheet<'d> {
    rules: Vec<(Vec<Compound<'d>>, Hiding)>,
}

/// `a.b#c`
struct Compound<'d> {
    tag: &'d str,
    id: Option<&'d str>,
    classes: Vec<&'d str>,
}

impl<'d> Sheet<'d> {
    fn of(document: &'d Document) -> Self {
        let mut sheet = Self::default();
        let styles = document.texts.iter().filter(|text| document.element(text.parent).name == "style");
        for block in styles.flat_map(|text| css::blocks(&text.text)) {
            // What is hidden on paper or on a telephone is seen elsewhere.
            if !block.within.is_empty() {
                continue;
            }
            let Some(hiding) = of_declarations(&block.declarations) else { continue };
            sheet.rules.extend(block.selector.split(',').filter_map(compounds).map(|it| (it, hiding)));
        }
        sheet
    }

    fn hides(&self, document: &Document, id: ElementId) -> Option<Hiding> {
        self.rules.iter().find(|(compounds, _)| matches(compounds, document, id)).map(|(_, hiding)| *hiding)
    }
}

/// A selector of tags, ids and classes with spaces between; `None` for any other.
fn compounds(selector: &str) -> Option<Vec<Compound<'_>>> {
    if selector.contains([':', '[', '>', '+', '~', '*', '&', '@']) {
        return None;
    }
    let all: Vec<Compound<'_>> = selector.split_ascii_whitespace().map(compound).collect();
    // A rule for all elements of a name is no way to hide one.
    let last = all.last()?;
    (last.id.is_some() || !last.classes.is_empty() || all.len() > 1).then_some(all)
}

fn compound(text: &str) -> Compound<'_> {
    let mut compound = Compound { tag: "", id: None, classes: Vec::new() };
    let mut from = 0;
    for end in text.match_indices(['.', '#']).map(|(at, _)| at).chain([text.len()]) {
        match text[from..end].split_at_checked(1) {
            Some((".", class)) => compound.classes.push(class),
            Some(("#", id)) => compound.id = Some(id),
            _ => compound.tag = &text[from..end],
        }
        from = end;
    }
    compound
}

fn matches(compounds: &[Compound<'_>], document: &Document, id: ElementId) -> bool {
    let Some((last, mut outer)) = compounds.split_last() else { return false };
    if !last.fits(document.element(id)) {
        return false;
    }
    for (_, above) in document.ancestors(id).skip(1) {
        if let Some((compound, rest)) = outer.split_last()
            && compound.fits(above)
        {
            outer = rest;
        }
    }
    outer.is_empty()
}

impl Compound<'_> {
    fn fits(&self, element: &Element) -> bool {
        let classes = element.attribute("class").unwrap_or_default();
        (self.tag.is_empty() || self.tag.eq_ignore_ascii_case(&element.name))
            && self.id.is_none_or(|id| element.attribute("id") == Some(id))
            && self.classes.iter().all(|class| classes.split_ascii_whitespace().any(|it| it == *class))
    }
}

/// Long texts behind a trick, one finding for each element that hides them.
fn texts(page: &Page<'_>, hidden: &HiddenElements) -> Vec<Finding> {
    let mut found: Vec<(ElementId, Hiding, String)> = Vec::new();
    for text in page.document.texts.iter().filter(|text| page.document.is_readable(text)) {
        let Some((outermost, hiding @ Hiding::Trick(_))) = hidden.get(&text.parent) else { continue };
        match found.last_mut().filter(|(known, ..)| known == outermost) {
            Some((.., gathered)) => gathered.push_str(&text.text),
            None => found.push((*outermost, *hiding, text.text.to_string())),
        }
    }
    found.retain(|(.., text)| text.chars().filter(|c| c.is_alphanumeric()).count() >= LONG);
    found
        .into_iter()
        .map(|(element, hiding, text)| hidden_text(page, page.document.element(element), hiding, &text))
        .collect()
}

/// Frames of other sites that take no room.
fn frames(page: &Page<'_>, hosts: &Hosts, hidden: &HiddenElements) -> impl Iterator<Item = Finding> {
    page.document.elements.iter().enumerate().filter_map(move |(id, element)| {
        let is_frame = matches!(element.name.as_str(), "iframe" | "frame" | "embed" | "object");
        let address = element.find("src").or_else(|| element.find("data")).filter(|_| is_frame)?;
        let host = host_of(&address.value).filter(|host| !hosts.is_known(host))?;
        let style = element.attribute("style").map(css::declarations).unwrap_or_default();
        let is_thin = |name| value(&style, name).and_then(pixels).is_some_and(|size| size <= 1.0);
        let is_hidden = is_flat(element, 1.0) || is_thin("width") || is_thin("height") || hidden.contains_key(&id);
        is_hidden.then(|| hidden_frame(page, element, &address.value, &host))
    })
}

fn hidden_link(page: &Page<'_>, link: &Element, address: &str, host: &str, hiding: Hiding) -> Finding {
    let how = hiding.written();
    let message = Text::new(
        format!("看不见的链接，指向 {host}（用 {how} 藏起来）"),
        format!("a link to {host} that nobody sees, hidden by {how}"),
    );
    HIDDEN_LINK.finds(page.place(&link.span), address, message).help(
        "这是典型的暗链：从模板或正文里删去，再查是谁、从哪里改的；确实要用的，把域名写进 check.allowed_hosts（允许的网站）",
        "remove it from the theme or the text and find out who put it there; add the host to check.allowed_hosts if it is yours",
    )
}

fn link_without_words(page: &Page<'_>, link: &Element, address: &str, host: &str) -> Finding {
    let message = Text::new(
        format!("看不见的链接，指向 {host}（里面没有文字，或者只有一个标点、一个点大的图片）"),
        format!("a link to {host} that nobody sees: it holds no words, or a mark or a dot alone"),
    );
    HIDDEN_LINK.finds(page.place(&link.span), address, message).help(
        "这是典型的暗链：从模板或正文里删去，再查是谁、从哪里改的；自己放的，写上文字",
        "remove it from the theme or the text and find out who put it there; give it words if it is yours",
    )
}

fn hidden_text(page: &Page<'_>, element: &Element, hiding: Hiding, text: &str) -> Finding {
    let how = hiding.written();
    let start: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(12).collect();
    let message = Text::new(
        format!("一大段看不见的文字：“{start}……”（用 {how} 藏起来）"),
        format!("a long text that nobody sees: \"{start}…\", hidden by {how}"),
    );
    HIDDEN_TEXT.finds(page.place(&element.span), start, message).help(
        "不是本单位有意放的就删去；给读屏软件的提示要短",
        "remove it unless it was put there on purpose; words for screen readers are short",
    )
}

fn hidden_frame(page: &Page<'_>, frame: &Element, address: &str, host: &str) -> Finding {
    let message = Text::new(
        format!("看不见的框架，载入 {host} 的网页，可能是挂马"),
        format!("a frame that nobody sees loads a page of {host}"),
    );
    HIDDEN_FRAME.finds(page.place(&frame.span), address, message).help(
        "立即删去，再查是谁、从哪里改的，并报告网信部门",
        "remove it at once, find out who put it there, and report it",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_hide_in_many_ways() {
        let check = |style, expected: Option<Hiding>| {
            assert_eq!(of_declarations(&css::declarations(style)), expected, "{style}");
        };
        check("display:none", Some(Hiding::Closed("display:none")));
        check("DISPLAY : None !important", Some(Hiding::Closed("display:none")));
        check("visibility:hidden", Some(Hiding::Closed("visibility:hidden")));
        check("opacity:0", Some(Hiding::Closed("opacity:0")));
        check("opacity:.0", Some(Hiding::Closed("opacity:0")));
        check("filter: alpha(opacity=0)", Some(Hiding::Closed("opacity:0")));
        check("height:0;overflow:hidden", Some(Hiding::Closed("overflow:hidden")));
        check("font-size:0px", Some(Hiding::Trick("font-size:0")));
        check("text-indent:-9999px", Some(Hiding::Trick("text-indent")));
        check("text-indent:-999em", Some(Hiding::Trick("text-indent")));
        check("position:absolute;left:-5000px", Some(Hiding::Trick("position")));
        check("position:fixed;top:-1000px", Some(Hiding::Trick("position")));
        check("margin-left:-2000px", Some(Hiding::Trick("position")));
        check("transform:translateX(-9999px)", Some(Hiding::Trick("transform")));
        check("transform: translate(-50%, -9999px)", Some(Hiding::Trick("transform")));
        check("transform:scale(0)", Some(Hiding::Trick("transform")));
        check("clip:rect(0,0,0,0)", Some(Hiding::Trick("clip")));
        check("clip:rect(1px 1px 1px 1px)", Some(Hiding::Trick("clip")));
        check("clip-path:inset(50%)", Some(Hiding::Trick("clip")));
        check("color:#FFF;background:#ffffff", Some(Hiding::Trick("color")));
        check("color:transparent", Some(Hiding::Trick("color")));
    }

    #[test]
    fn a_link_may_show_nothing() {
        let check = |inner: &str, attributes: &str, expected: bool| {
            let html = format!("<p>前<a {attributes} href=\"https://a.example\">{inner}</a><b>后</b></p>");
            let document = Document::parse(&html);
            let link = document.named("a").next().expect("a link").0;
            assert_eq!(shows_nothing(&document, link), expected, "{html}");
        };
        for inner in ["", "　", "，", "。”", "<span>\u{200b}</span>", "<img src=a.png width=1 height=1>"] {
            check(inner, "class=external", true);
        }
        for inner in
            ["甲", "1", "→", "<img src=a.png>", "<img src=a.png width=300>", "<i class=icon></i>", "<b>甲</b>，"]
        {
            check(inner, "", false);
        }
        check("", "class=weixin", false);
        check("，", "class=weixin", true);
    }

    #[test]
    fn ordinary_declarations_hide_nothing() {
        let check = |style| assert_eq!(of_declarations(&css::declarations(style)), None, "{style}");
        check("");
        check("display:block");
        check("opacity:0.9");
        check("opacity:1");
        check("font-size:16px");
        check("text-indent:2em");
        check("text-indent:-2em");
        check("position:absolute;left:-20px");
        check("position:relative;left:50%;margin-left:-480px");
        check("transform:translate(-50%,-50%)");
        check("transform:scale(1.2)");
        check("clip:auto");
        check("color:#fff;background:#c00");
        check("height:0");
        check("overflow:hidden;height:200px");
    }

    #[test]
    fn a_selector_fits_by_tag_id_and_class() {
        let document = Document::parse("<div id=a class='b c'><p class=d>甲</p></div>");
        let check = |selector: &str, id, expected| {
            let fits = compounds(selector).is_some_and(|it| matches(&it, &document, id));
            assert_eq!(fits, expected, "{selector}");
        };
        check("#a", 1, true);
        check("div.b.c", 1, true);
        check(".b .d", 2, true);
        check("#a p", 2, true);
        check(".x .d", 2, false);
        check("p.b", 1, false);
        check("p", 2, false);
        check(".d:hover", 2, false);
    }
}
