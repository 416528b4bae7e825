//! The files that a theme's style sheets name in `url(…)` and `@import`. Start at [`with_fingerprints`] and [`missing`].

use std::collections::BTreeMap;
use std::ops::Range;

use percent_encoding::percent_decode_str;

use crate::diagnostic::{Diagnostic, FilePath, Place, catalogue, nearest};
use crate::plan::url::{OutputPath, encode};

/// Rewrites the addresses in a style sheet that name the theme's own assets. `paths` says where each of these is written to.
pub(super) fn with_fingerprints(css: &str, css_path: &str, paths: &BTreeMap<String, OutputPath>) -> String {
    let folder = folder_of(css_path);
    let depth = folder.split('/').filter(|part| !part.is_empty()).count();
    let mut rewritten = String::with_capacity(css.len());
    let mut from = 0;
    for place in references(css) {
        let name = path_in(&css[place.clone()]);
        let Some(path) = paths.get(&resolve(name, folder).0) else { continue };
        rewritten.push_str(&css[from..place.start]);
        rewritten.push_str(&"../".repeat(depth));
        let below = path.as_str().strip_prefix("assets/").unwrap_or(path.as_str());
        // In an address without quotes, a bracket would end it.
        rewritten.push_str(&encode(below).replace('(', "%28").replace(')', "%29"));
        from = place.start + name.len();
    }
    rewritten.push_str(&css[from..]);
    rewritten
}

/// Warns of what a style sheet names and the theme does not have. What lies outside of the theme may be a file of the site's.
pub(super) fn missing<'a>(
    file: &FilePath,
    css: &str,
    css_path: &str,
    assets: impl Iterator<Item = &'a str> + Clone,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for place in references(css) {
        let name = path_in(&css[place.clone()]);
        let is_own = !name.is_empty() && !name.starts_with('/') && !name.contains(':');
        let (path, is_inside) = resolve(name, folder_of(css_path));
        if is_own && is_inside && !assets.clone().any(|asset| asset == path) {
            let near = nearest(&path, assets.clone());
            found.push(catalogue::missing_in_style(Place::bytes(file, place), &path, &near));
        }
    }
    found
}

/// The other style sheets of a theme that one names.
pub(super) fn style_sheets_in(css: &str, css_path: &str) -> Vec<String> {
    let folder = folder_of(css_path);
    let named = references(css).into_iter().map(|place| resolve(path_in(&css[place]), folder).0);
    named.filter(|path| path.ends_with(".css")).collect()
}

/// Where the addresses stand that are written in `url(…)` or behind `@import`, without their quotes and not in comments.
fn references(css: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    let begins = |text: &str, word: &str| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let is_quote = |at: usize| css[at..].starts_with(['"', '\'']);
    while let Some(next) = css[at..].find(['/', '(', '@', '"', '\'']).map(|next| at + next) {
        at = next + 1;
        match css.as_bytes()[next] {
            b'/' if css[at..].starts_with('*') => at = css[at..].find("*/").map_or(css.len(), |end| at + end + 2),
            b'"' | b'\'' => at = behind(css, &string(css, next)),
            b'(' if css[..next].get(next.saturating_sub(3)..).is_some_and(|word| begins(word, "url")) => {
                let start = css.len() - css[at..].trim_start().len();
                let place = match is_quote(start) {
                    true => string(css, start),
                    false => {
                        let end = css[start..].find(')').map_or(css.len(), |end| start + end);
                        start..start + css[start..end].trim_end().len()
                    }
                };
                at = behind(css, &place);
                found.push(place);
            }
            b'@' if begins(&css[at..], "import") => {
                let start = css.len() - css[at + "import".len()..].trim_start().len();
                if is_quote(start) {
                    let place = string(css, start);
                    at = behind(css, &place);
                    found.push(place);
                }
            }
            _ => {}
        }
    }
    found
}

/// What stands in the string whose quote is at `start` (CSS Syntax 3, 4.3.5). One without an end ends with its line.
fn string(css: &str, start: usize) -> Range<usize> {
    let quote = css.as_bytes()[start];
    let mut end = start + 1;
    while let Some(byte) = css.as_bytes().get(end).filter(|byte| **byte != quote && **byte != b'\n') {
        end += if *byte == b'\\' { 2 } else { 1 };
    }
    start + 1..end.min(css.len())
}

/// Where to go on behind the sign that ends a string or an address.
fn behind(css: &str, place: &Range<usize>) -> usize {
    css.ceil_char_boundary(place.end + 1)
}

/// An address without its query and fragment: `font.eot?#iefix`.
fn path_in(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or_default()
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The path of an asset that is named from a folder of assets, and whether it lies among them at all.
fn resolve(name: &str, folder: &str) -> (String, bool) {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let mut is_inside = true;
    let name = percent_decode_str(name).decode_utf8_lossy();
    for part in name.split('/') {
        match part {
            "." => {}
            ".." => is_inside &= parts.pop().is_some(),
            part => parts.push(part),
        }
    }
    (parts.join("/"), is_inside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::url;

    #[test]
    fn style_sheets_name_assets_with_their_fingerprint() {
        let paths = BTreeMap::from([("img/icon.svg".to_owned(), url::asset("img/icon.svg", "0123456789"))]);
        let check = |css: &str, expected: &str| assert_eq!(with_fingerprints(css, "css/site.css", &paths), expected);
        check("a{background:url(../img/icon.svg)}", "a{background:url(../img/icon.0123456789.svg)}");
        check("a{background:url(\"../img/icon.svg\") left}", "a{background:url(\"../img/icon.0123456789.svg\") left}");
        check("a{src:url( '../img/icon.svg?#a' )}", "a{src:url( '../img/icon.0123456789.svg?#a' )}");
        check("a{background:url(data:image/svg+xml,x)}", "a{background:url(data:image/svg+xml,x)}");
        check("a{color:red}", "a{color:red}");
        check("@import '../img/icon.svg';", "@import '../img/icon.0123456789.svg';");
        check("@import  \"../img/icon.svg\" print;", "@import  \"../img/icon.0123456789.svg\" print;");
        check("@media print{a{color:red}}", "@media print{a{color:red}}");
        check("a{background:URL(../img/%69con.svg)}", "a{background:URL(../img/icon.0123456789.svg)}");
    }

    #[test]
    fn assets_may_have_any_name() {
        let paths: BTreeMap<String, OutputPath> =
            ["图 (1).png", "a#b.svg", "50%.svg"].map(|name| (name.to_owned(), url::asset(name, "01"))).into();
        let check = |css: &str, expected: &str| assert_eq!(with_fingerprints(css, "site.css", &paths), expected);
        check("a{background:url(\"图 (1).png\")}", "a{background:url(\"%E5%9B%BE%20%281%29.01.png\")}");
        check("a{background:url(%E5%9B%BE%20%281%29.png)}", "a{background:url(%E5%9B%BE%20%281%29.01.png)}");
        check("a{background:url('a%23b.svg')}", "a{background:url('a%23b.01.svg')}");
        check("a{background:url(50%25.svg)}", "a{background:url(50%25.01.svg)}");
    }

    #[test]
    fn what_a_style_sheet_names_and_the_theme_has_not_is_missing() {
        let check = |css: &str, expected: &[&str]| {
            let file = FilePath::new("themes/a/assets/css/site.css");
            let found = missing(&file, css, "css/site.css", ["css/site.css", "img/icon.svg"].into_iter());
            let places: Vec<_> = found.iter().map(|found| found.place.clone()).collect();
            let expected: Vec<_> = expected
                .iter()
                .map(|name| css.find(name).expect("a part of the style sheet"))
                .zip(expected)
                .map(|(at, name)| Place::bytes(&file, at..at + name.len()))
                .collect();
            assert_eq!(places, expected, "{css}");
        };
        check("a{background:url(../img/icon.svg)} b{background:url('../img/icno.svg')}", &["../img/icno.svg"]);
        check("a{background:url(paper.png?1)}", &["paper.png?1"]);
        check("/* url(old.png) */ a{mask:url(#m)}", &[]);
        check("a::before{content:'url(none.png)'} b::after{content:\"\\\"url(none.png)\"}", &[]);
        check("a::before{content:'", &[]);
        check("a{src:url(data:font/woff2;base64,x),url(https://a.cn/b),url(/b.png),url(../../b.png)}", &[]);
    }
}
