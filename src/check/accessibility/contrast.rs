//! The contrast of a theme's colours: where one rule states text and background, their ratio must reach 4.5:1.
//!
//! Custom properties are resolved, those of `:root` and of each variant (dark, more contrast) that sets others. What a
//! browser alone can tell (inherited colours, gradients, pictures) is left to it. The formula and the limit are those
//! of WCAG 2.1, 1.4.3. Start at [`site`].

use std::collections::BTreeMap;

use super::super::css::{self, Block};
use super::super::rule::{Family, Finding, Rule};
use super::super::subject::Context;
use crate::diagnostic::{FilePath, Place, Text};

pub const LOW_CONTRAST: Rule =
    Rule::error(Family::Accessibility, "low-contrast", "文字与背景对比度不够", "too little contrast");

/// WCAG 2.1 AA, text of ordinary size.
const AT_LEAST: f64 = 4.5;

/// The theme's style sheets.
pub fn site(context: &Context<'_>) -> Vec<Finding> {
    let sheets = super::super::assets(context).into_iter().filter(|(file, _)| file.extension() == "css");
    sheets.flat_map(|(file, text)| of_style_sheet(&file, &text)).collect()
}

/// One set of custom properties.
struct Variant<'c> {
    /// The selector or query that turns it on; empty for the usual one.
    on: &'c str,
    properties: BTreeMap<&'c str, &'c str>,
}

fn of_style_sheet(file: &FilePath, css: &str) -> Vec<Finding> {
    let blocks = css::blocks(css);
    let variants = variants(&blocks);
    let mut findings: Vec<Finding> = Vec::new();
    for block in blocks.iter().filter(|block| !is_printed(block)) {
        for variant in &variants {
            let Some((text, background, ratio)) = poor_pair(block, variant) else { continue };
            let finding = low_contrast(file, block, variant, (text, background), ratio);
            // Colours that no variant changes are told once.
            if !findings
                .iter()
                .any(|it| it.evidence == finding.evidence && it.diagnostic.place == finding.diagnostic.place)
            {
                findings.push(finding);
            }
        }
    }
    findings
}

fn is_printed(block: &Block<'_>) -> bool {
    block.within.iter().any(|around| around.contains("print"))
}

/// The usual colours, then those of each switch of the whole page.
fn variants<'c>(blocks: &[Block<'c>]) -> Vec<Variant<'c>> {
    let properties = |block: &Block<'c>| {
        block
            .declarations
            .iter()
            .filter(|it| it.name.starts_with("--"))
            .map(|it| (it.name, it.value))
            .collect::<Vec<_>>()
    };
    let mut variants = vec![Variant { on: "", properties: BTreeMap::new() }];
    for block in blocks.iter().filter(|block| !is_printed(block) && is_of_page(block.selector)) {
        let set = properties(block);
        let on = match block.within.iter().rev().find(|around| around.starts_with("@media")) {
            Some(query) => query,
            None if matches!(block.selector, ":root" | "html") => {
                variants[0].properties.extend(set);
                continue;
            }
            None => block.selector,
        };
        if !set.is_empty() {
            let usual = variants[0].properties.clone();
            let mut variant = Variant { on, properties: usual };
            variant.properties.extend(set);
            variants.push(variant);
        }
    }
    variants
}

/// `:root`, `html[data-contrast]`, `.dark`, `body.dark`
fn is_of_page(selector: &str) -> bool {
    let is_single = !selector.contains([',', ' ', '>', '+', '~']);
    is_single && [":root", "html", "body", ".dark", "[data-"].iter().any(|start| selector.starts_with(start))
}

fn poor_pair<'c>(block: &Block<'c>, variant: &Variant<'c>) -> Option<(&'c str, &'c str, f64)> {
    let text = block.value("color")?;
    let background = block.value("background-color").or_else(|| block.value("background"))?;
    let ratio = contrast(colour(text, variant, 0)?, colour(background, variant, 0)?);
    (ratio < AT_LEAST).then_some((text, background, ratio))
}

/// Red, green and blue, 0 to 255.
type Colour = [u8; 3];

/// An opaque colour; `None` for what only a browser can tell.
fn colour(value: &str, variant: &Variant<'_>, depth: u32) -> Option<Colour> {
    let value = value.trim();
    if let Some(inner) = value.strip_prefix("var(").and_then(|rest| rest.strip_suffix(')')) {
        let (name, fallback) = inner.split_once(',').unwrap_or((inner, ""));
        let value = variant.properties.get(name.trim()).copied().unwrap_or(fallback);
        // Properties that name each other would never end.
        return (depth < 8).then(|| colour(value, variant, depth + 1)).flatten();
    }
    if let Some(digits) = value.strip_prefix('#') {
        return of_digits(digits);
    }
    let lower = value.to_ascii_lowercase();
    if let Some(inner) = lower.strip_prefix("rgb").and_then(|rest| rest.trim_start_matches('a').strip_prefix('(')) {
        return of_numbers(inner.strip_suffix(')')?);
    }
    NAMED.iter().find(|(name, _)| *name == lower).map(|(_, colour)| *colour)
}

/// The names that themes use.
const NAMED: [(&str, Colour); 10] = [
    ("white", [255, 255, 255]),
    ("black", [0, 0, 0]),
    ("red", [255, 0, 0]),
    ("yellow", [255, 255, 0]),
    ("blue", [0, 0, 255]),
    ("green", [0, 128, 0]),
    ("gray", [128, 128, 128]),
    ("grey", [128, 128, 128]),
    ("silver", [192, 192, 192]),
    ("orange", [255, 165, 0]),
];

fn of_digits(digits: &str) -> Option<Colour> {
    let wide: String = match digits.len() {
        3 => digits.chars().flat_map(|c| [c, c]).collect(),
        6 => digits.to_owned(),
        8 if digits.to_ascii_lowercase().ends_with("ff") => digits.get(..6)?.to_owned(),
        _ => return None,
    };
    let part = |range| wide.get(range).and_then(|digits: &str| u8::from_str_radix(digits, 16).ok());
    Some([part(0..2)?, part(2..4)?, part(4..6)?])
}

/// `155, 28, 31`, `155 28 31`, `155 28 31 / 100%`
fn of_numbers(numbers: &str) -> Option<Colour> {
    let parts: Vec<&str> = numbers.split([',', ' ', '/']).filter(|part| !part.is_empty()).collect();
    let (colours, opacity) = parts.split_at_checked(3)?;
    if !matches!(opacity, [] | ["1" | "1.0" | "100%"]) {
        return None;
    }
    let mut all = colours.iter().map(|part| part.parse::<u8>().ok());
    Some([all.next()??, all.next()??, all.next()??])
}

/// The contrast ratio of WCAG, from 1 to 21.
fn contrast(a: Colour, b: Colour) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn luminance(colour: Colour) -> f64 {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.03928 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    let [red, green, blue] = colour.map(linear);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn low_contrast(file: &FilePath, block: &Block<'_>, variant: &Variant<'_>, pair: (&str, &str), ratio: f64) -> Finding {
    let (text, background) = pair;
    let start = block.declarations.iter().rev().find(|it| it.name == "color").map_or(block.start, |it| it.start);
    // Rounded down, or 4.46 would look good enough.
    let ratio = (ratio * 10.0).floor() / 10.0;
    let (zh, en) = match variant.on {
        "" => (String::new(), String::new()),
        on => (format!("（{on} 时）"), format!(" (under {on})")),
    };
    let selector = block.selector;
    let message = Text::new(
        format!("{selector} 的文字颜色 {text} 与背景 {background} 对比度只有 {ratio:.1}:1{zh}"),
        format!("the text of {selector} ({text}) on {background} has a contrast of only {ratio:.1}:1{en}"),
    );
    let evidence = format!("{text} {background} {ratio:.1}");
    LOW_CONTRAST.finds(Place::bytes(file, start..start + text.len()), evidence, message).help(
        "至少要 4.5:1，视力不好的人才看得清：文字加深，或者背景变浅",
        "4.5:1 is the least that people with weak eyes can read: make the text darker or the background lighter",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(css: &str) -> Vec<String> {
        let found = of_style_sheet(&FilePath::new("a.css"), css);
        found.into_iter().map(|finding| finding.diagnostic.message.zh).collect()
    }

    #[test]
    fn the_ratio_is_that_of_wcag() {
        let check = |a, b, expected: f64| assert!((contrast(a, b) - expected).abs() < 0.01, "{}", contrast(a, b));
        check([0, 0, 0], [255, 255, 255], 21.0);
        check([255, 255, 255], [255, 255, 255], 1.0);
        check([0x76, 0x76, 0x76], [255, 255, 255], 4.54);
        check([255, 0, 0], [255, 255, 255], 4.0);
    }

    #[test]
    fn colours_are_read_in_their_forms() {
        let variant = Variant { on: "", properties: BTreeMap::from([("--a", "#fff"), ("--b", "var(--b)")]) };
        let check = |value, expected| assert_eq!(colour(value, &variant, 0), expected, "{value}");
        check("#9b1c1f", Some([0x9b, 0x1c, 0x1f]));
        check("#FFF", Some([255, 255, 255]));
        check("#ffffff80", None);
        check("rgb(1, 2, 3)", Some([1, 2, 3]));
        check("rgb(1 2 3 / 100%)", Some([1, 2, 3]));
        check("rgba(1,2,3,.5)", None);
        check("White", Some([255, 255, 255]));
        check("var(--a)", Some([255, 255, 255]));
        check("var(--none, #000)", Some([0, 0, 0]));
        check("var(--b)", None);
        check("linear-gradient(red, blue)", None);
        check("", None);
    }

    #[test]
    fn pairs_of_one_rule_are_judged_in_every_variant() {
        assert_eq!(messages(".a{color:#777;background:#fff}"), [".a 的文字颜色 #777 与背景 #fff 对比度只有 4.4:1"]);
        assert_eq!(messages(".a{color:#767676;background:#fff}"), [""; 0]);
        assert_eq!(messages(".a{color:#777}.b{background:#fff}"), [""; 0]);
        assert_eq!(messages("@media print{.a{color:#777;background:#fff}}"), [""; 0]);
        let css = ":root{--ink:#000;--paper:#fff} @media (prefers-color-scheme: dark){:root{--paper:#222}} \
                   .a{color:var(--ink);background:var(--paper)}";
        assert_eq!(
            messages(css),
            [".a 的文字颜色 var(--ink) 与背景 var(--paper) 对比度只有 1.3:1（@media (prefers-color-scheme: dark) 时）"]
        );
        let css = ":root{--ink:#000} html[data-contrast]{--ink:#ccc} .a{color:var(--ink);background:#fff}";
        assert_eq!(messages(css).len(), 1);
    }
}
