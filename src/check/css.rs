//! A style sheet as blocks of declarations, each with its selector and what it lies in.
//!
//! Cuts at braces and semicolons outside of quotes, brackets and comments; nested rules come out with their own
//! selectors. Knows nothing of what the values mean, apart from [`pixels`]. Start at [`blocks`].

/// Declarations between braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block<'c> {
    pub selector: &'c str,
    /// What it is nested in, from the outside in: `@media print`, another rule's selector.
    pub within: Vec<&'c str>,
    pub declarations: Vec<Declaration<'c>>,
    /// Where the selector begins in the style sheet.
    pub start: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declaration<'c> {
    pub name: &'c str,
    /// Without `!important`.
    pub value: &'c str,
    /// Where the value begins.
    pub start: usize,
}

impl<'c> Block<'c> {
    /// The value that counts: the last one of a name.
    pub fn value(&self, name: &str) -> Option<&'c str> {
        value(&self.declarations, name)
    }
}

/// The value that counts among declarations: the last one of a name.
pub fn value<'c>(declarations: &[Declaration<'c>], name: &str) -> Option<&'c str> {
    declarations.iter().rev().find(|it| it.name.eq_ignore_ascii_case(name)).map(|it| it.value)
}

/// The blocks of a style sheet, each before those nested in it.
pub fn blocks(css: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut from = 0;
    for (at, mark) in marks(css) {
        let piece = from..at;
        from = at + 1;
        let innermost = open.last().copied();
        if mark != b'{' {
            if let Some(block) = innermost {
                blocks[block].declarations.extend(declaration(css, piece));
            }
            if mark == b'}' {
                open.pop();
            }
            continue;
        }
        let selector = without_comments(&css[piece.clone()]);
        let start = piece.end - (selector.len() + trailing_space(&css[piece]));
        let within = open.iter().map(|block| blocks[*block].selector).collect();
        open.push(blocks.len());
        blocks.push(Block { selector, within, declarations: Vec::new(), start });
    }
    blocks
}

/// The declarations of a `style` attribute.
pub fn declarations(style: &str) -> Vec<Declaration<'_>> {
    let mut found = Vec::new();
    let mut from = 0;
    for (at, _) in marks(style).chain(std::iter::once((style.len(), b';'))) {
        found.extend(declaration(style, from..at));
        from = at + 1;
    }
    found
}

/// The statements outside of all blocks that begin with `@import`, each with its place.
pub fn imports(css: &str) -> Vec<(usize, &str)> {
    let starts = css.match_indices("@import").map(|(at, _)| at);
    starts.map(|at| (at, css[at..].split(';').next().unwrap_or_default())).collect()
}

/// A length in pixels, an `em` counted as 16 of them. `None` for percentages and words.
pub fn pixels(value: &str) -> Option<f64> {
    let value = value.trim();
    let end = value.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+'))).unwrap_or(value.len());
    let number: f64 = value[..end].parse().ok()?;
    match value[end..].trim().to_ascii_lowercase().as_str() {
        "px" | "" => Some(number),
        "em" | "rem" => Some(number * 16.0),
        "pt" => Some(number * 4.0 / 3.0),
        "vw" | "vh" => Some(number * 10.0),
        _ => None,
    }
}

/// Where `{`, `}` and `;` stand that mean something.
fn marks(css: &str) -> impl Iterator<Item = (usize, u8)> {
    let bytes = css.as_bytes();
    let (mut at, mut brackets) = (0, 0_u32);
    std::iter::from_fn(move || {
        while let Some(&byte) = bytes.get(at) {
            let here = at;
            at += 1;
            match byte {
                b'/' if bytes.get(at) == Some(&b'*') => at = end_of_comment(css, at + 1),
                b'"' | b'\'' => at = end_of_quote(bytes, at, byte),
                b'(' => brackets += 1,
                b')' => brackets = brackets.saturating_sub(1),
                b'{' | b'}' => {
                    // An unclosed bracket ends with its block, or the rest of the sheet would be lost.
                    brackets = 0;
                    return Some((here, byte));
                }
                b';' if brackets == 0 => return Some((here, byte)),
                _ => {}
            }
        }
        None
    })
}

fn end_of_comment(css: &str, from: usize) -> usize {
    css.get(from..).and_then(|rest| rest.find("*/")).map_or(css.len(), |length| from + length + 2)
}

fn end_of_quote(bytes: &[u8], mut at: usize, quote: u8) -> usize {
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'\\' => at += 1,
            b'\n' => break,
            _ if byte == quote => break,
            _ => {}
        }
    }
    at
}

fn declaration(css: &str, piece: std::ops::Range<usize>) -> Option<Declaration<'_>> {
    let end = piece.end;
    let text = without_comments(css.get(piece)?);
    let (name, value) = text.split_once(':')?;
    let start = text.as_ptr() as usize - css.as_ptr() as usize + name.len() + 1;
    let start = start + value.len() - value.trim_start().len();
    let value = value.trim();
    let value =
        value.rfind('!').map_or(value, |at| if value[at..].contains("important") { &value[..at] } else { value });
    (start <= end).then_some(Declaration { name: name.trim(), value: value.trim_end(), start })
}

/// What follows the last comment, since comments stand before what they are about.
fn without_comments(text: &str) -> &str {
    text.rfind("*/").map_or(text, |at| &text[at + 2..]).trim()
}

fn trailing_space(text: &str) -> usize {
    text.len() - text.trim_end().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(css: &str, expected: &[(&str, &[(&str, &str)])]) {
        let found = blocks(css);
        let found: Vec<(&str, Vec<(&str, &str)>)> = found
            .iter()
            .map(|block| (block.selector, block.declarations.iter().map(|it| (it.name, it.value)).collect()))
            .collect();
        let expected: Vec<(&str, Vec<(&str, &str)>)> =
            expected.iter().map(|(selector, declarations)| (*selector, declarations.to_vec())).collect();
        assert_eq!(found, expected, "{css}");
    }

    #[test]
    fn a_sheet_is_cut_at_braces_and_semicolons_that_mean_something() {
        check(".a{color:red}", &[(".a", &[("color", "red")])]);
        check("a:hover , b { color : red ; }", &[("a:hover , b", &[("color", "red")])]);
        check("/* {;} */ .a { /* x */ color: red !important }", &[(".a", &[("color", "red")])]);
        check(
            ".a{background:url(a;b}.c{color:red}",
            &[(".a", &[("background", "url(a;b")]), (".c", &[("color", "red")])],
        );
        check(".a{background:url(data:a;b)}", &[(".a", &[("background", "url(data:a;b)")])]);
        check(".a::before{content:\"};{\"}", &[(".a::before", &[("content", "\"};{\"")])]);
        check("@import url(a.css); .a{color:red}", &[(".a", &[("color", "red")])]);
        check(".a{", &[(".a", &[])]);
        check("}}.a{color:red}", &[(".a", &[("color", "red")])]);
    }

    #[test]
    fn nested_rules_know_what_they_lie_in() {
        let css = "@media print { .a { color: red; .b { color: blue } } }";
        let found = blocks(css);
        assert_eq!(found[1].within, ["@media print"]);
        assert_eq!(found[2].within, ["@media print", ".a"]);
        assert_eq!(found[2].value("color"), Some("blue"));
        assert_eq!(&css[found[1].start..][..2], ".a");
        assert_eq!(&css[found[2].declarations[0].start..][..4], "blue");
    }

    #[test]
    fn a_length_is_told_in_pixels() {
        let check = |value, expected| assert_eq!(pixels(value), expected, "{value}");
        check("-9999px", Some(-9999.0));
        check("0", Some(0.0));
        check("-99em", Some(-1584.0));
        check("50%", None);
        check("auto", None);
        check("", None);
    }
}
