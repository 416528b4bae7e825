//! What a request for a path of the site is answered with: the published bytes, and in a page one line more.

use std::path::PathBuf;

use super::session::{Rendered, State, page};
use crate::diagnostic::{Diagnostic, Language};
use crate::fingerprint::Fingerprint;
use crate::plan::Recipe;
use crate::plan::url::{self, OutputPath};

/// The answer to a path.
pub enum Answer {
    Page {
        status: u16,
        hash: Fingerprint,
        bytes: Vec<u8>,
        content_type: &'static str,
    },
    /// A file of the site, published as it is.
    File {
        path: PathBuf,
        content_type: &'static str,
    },
    Redirect(String),
    /// The theme could not draw the page.
    Broken(Box<Diagnostic>),
    /// There is no edition yet.
    Waiting,
}

/// Answers a path as it stands in a request, without its query.
pub fn answer(state: &State, request: &str) -> Answer {
    let Some(edition) = &state.edition else { return Answer::Waiting };
    let base = &edition.plan.site.registry.base_url.path;
    let path = output_path(state, request);
    if path.as_ref().is_none_or(|path| !edition.plan.outputs.contains_key(path))
        && let Some(to) = state.gone.moved_with_site(request, edition)
    {
        return Answer::Redirect(to);
    }
    let Some(path) = path else {
        return Answer::Redirect(base.clone());
    };
    match page(edition, &path) {
        Some(Ok(Rendered::Made { bytes, hash })) => {
            Answer::Page { status: 200, hash, bytes, content_type: path.content_type() }
        }
        Some(Ok(Rendered::Copy(file))) => Answer::File { path: file, content_type: path.content_type() },
        Some(Err(mistake)) => Answer::Broken(Box::new(mistake)),
        None if recipe(state, &format!("{request}/")).is_some() => {
            // Two slashes at the beginning would lead to another host.
            Answer::Redirect(format!("/{}/", request.trim_matches('/')))
        }
        None => match page(edition, &url::not_found()) {
            Some(Ok(Rendered::Made { bytes, hash })) => {
                Answer::Page { status: 404, hash, bytes, content_type: "text/html; charset=utf-8" }
            }
            Some(Err(mistake)) => Answer::Broken(Box::new(mistake)),
            Some(Ok(Rendered::Copy(_))) | None => unreachable!("every site plans a page for what is not there"),
        },
    }
}

/// The output that a request means; `None` where it does not lie below the site's base path.
pub fn output_path(state: &State, request: &str) -> Option<OutputPath> {
    let edition = state.edition.as_ref()?;
    let below = request.strip_prefix(edition.plan.site.registry.base_url.path.as_str())?;
    Some(url::answering(below))
}

/// The recipe of the output that a request means.
pub fn recipe<'s>(state: &'s State, request: &str) -> Option<&'s Recipe> {
    state.edition.as_ref()?.plan.outputs.get(&output_path(state, request)?)
}

/// Puts the preview's script into a page. Everything else that the preview shows comes from it.
pub fn decorate(page: &[u8], hash: &str, language: Language) -> Vec<u8> {
    let script = decoration(hash, language);
    let at = find(page, b"</head>").unwrap_or(page.len());
    [&page[..at], script.as_bytes(), &page[at..]].concat()
}

fn decoration(hash: &str, language: Language) -> String {
    let language = if language == Language::Chinese { "zh" } else { "en" };
    format!("<script src=\"/__preview/client.js\" defer data-hash=\"{hash}\" data-lang=\"{language}\"></script>")
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_gets_one_line_more() {
        let page = b"<html><head><title>a</title></head><body></head></body></html>";
        let decorated = String::from_utf8(decorate(page, "0a", Language::Chinese)).expect("text");
        let line = "<script src=\"/__preview/client.js\" defer data-hash=\"0a\" data-lang=\"zh\"></script>";
        assert_eq!(decorated, format!("<html><head><title>a</title>{line}</head><body></head></body></html>"));
        assert_eq!(decorate(b"a", "0a", Language::English).len(), 1 + line.len());
    }
}
