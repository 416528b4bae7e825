//! The files that a theme's style sheets name in `url(…)`. Start at [`with_fingerprints`] and [`missing`].

use std::collections::BTreeMap;
use std::ops::Range;

use crate::diagnostic::{Diagnostic, FilePath, Place, catalogue, nearest};
use crate::plan::url::OutputPath;

/// Rewrites the `url(…)` of a style sheet that name the theme's own assets. `paths` says where each of these is written to.
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
        rewritten.push_str(path.as_str().strip_prefix("assets/").unwrap_or(path.as_str()));
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

/// Where the addresses stand that are written in `url(…)`, without their quotes and not in comments.
fn references(css: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = memchr::memchr2(b'/', b'(', &css.as_bytes()[at..]).map(|next| at + next) {
        at = next + 1;
        if css[next..].starts_with("/*") {
            at = css[at..].find("*/").map_or(css.len(), |end| at + end + 2);
        } else if css[..next].ends_with("url") {
            let end = css[at..].find(')').map_or(css.len(), |end| at + end);
            let inner = css[at..end].trim().trim_matches(['"', '\'']);
            let start = inner.as_ptr() as usize - css.as_ptr() as usize;
            found.push(start..start + inner.len());
            at = end;
        }
    }
    found
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
        check("a{src:url(data:font/woff2;base64,x),url(https://a.cn/b),url(/b.png),url(../../b.png)}", &[]);
    }
}
