//! Stage 2, PARSE: one file in, its typed content and its diagnostics out.
//!
//! Never fails and never sees another file; the site's configuration is the one other thing it knows.
//! Start at [`item::parse`] for an item and at [`registry::parse`] for `site.yaml`.

pub mod registry;
pub mod check;
pub mod item;
pub mod recruitment;
pub mod notice;
pub mod markdown;
pub mod moment;
pub mod slug;
pub mod passages;
pub mod asked;
pub mod words;
pub mod publish;
pub mod numerals;
mod fields;
mod yaml;

use std::borrow::Cow;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::diagnostic::{At, Diagnostic, FilePath, Place};
use crate::source::SITE_FILE;

/// A value, if it could be had, and everything that was found on the way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Checked<T> {
    pub value: Option<T>,
    pub diagnostics: Vec<Diagnostic>,
}

impl<T> Checked<T> {
    fn failed(diagnostic: Diagnostic) -> Self {
        Self { value: None, diagnostics: vec![diagnostic] }
    }
}

/// Turns the keys and values that diagnostics name into bytes of their files. `text_of` gives a file's text.
pub fn locate<'t>(diagnostics: &mut [Diagnostic], text_of: &dyn Fn(&FilePath) -> Option<Cow<'t, str>>) {
    // Messages come file by file.
    let mut places: Option<(FilePath, Option<yaml::Places>)> = None;
    for diagnostic in diagnostics {
        let related = diagnostic.related.iter_mut().map(|(place, _)| place);
        for place in std::iter::once(&mut diagnostic.place).chain(related) {
            if !matches!(place.at, At::Key(_) | At::Value(_)) {
                continue;
            }
            if places.as_ref().is_none_or(|(file, _)| *file != place.file) {
                let of_file = text_of(&place.file)
                    .and_then(|text| Some(yaml::Places::of(&text, yaml_range(&place.file, &text)?)));
                places = Some((place.file.clone(), of_file));
            }
            let span = places.as_ref().and_then(|(_, places)| places.as_ref()?.find(&place.at));
            place.at = span.map_or(At::File, At::bytes);
        }
    }
}

/// The bytes of the key or value that a place names, in the text of its file.
pub fn bytes_of(place: &Place, text: &str) -> Option<Range<usize>> {
    let range = yaml_range(&place.file, text)?;
    yaml::locate(text, range, &place.at)
}

/// A front matter that could be read.
#[derive(Debug, Clone, PartialEq)]
pub struct FrontMatter {
    /// Its bytes, without the lines of `---`.
    pub yaml: Range<usize>,
    /// Where the body begins.
    pub body: usize,
    pub value: serde_yaml::Value,
}

/// Reads the front matter of an item's file, of any type.
///
/// # Errors
/// What is broken in it.
pub fn front_matter(file: &FilePath, text: &str) -> Result<FrontMatter, Vec<Diagnostic>> {
    let cut = yaml::cut(file, text).map_err(|broken| vec![broken])?;
    let value = yaml::read(file, text, cut.yaml.clone())?;
    Ok(FrontMatter { yaml: cut.yaml, body: cut.body, value })
}

/// Where the YAML of a file lies: all of `site.yaml` and of a dictionary, the front matter of an item.
fn yaml_range(file: &FilePath, text: &str) -> Option<Range<usize>> {
    if file.as_str() == SITE_FILE || file.extension() == "yaml" {
        return Some(0..text.len());
    }
    yaml::cut(file, text).ok().map(|cut| cut.yaml)
}
