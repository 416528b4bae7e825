//! What went wrong, as data: where, how grave, what to do. Nothing here prints.
//!
//! A [`Diagnostic`] is made by a constructor of the [`catalogue`], collected, and drawn at the edge
//! by [`draw`]. Start at [`Diagnostic`].

pub mod catalogue;
mod draw;
mod nearest;
mod system;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use draw::{Position, SECRET_KEY, draw, harmless, position, sounds_secret};
pub use nearest::nearest;

/// A file's path below the site's root, with `/` between its parts, e.g. `content/news/a.md`.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilePath(Arc<str>);

impl Serialize for FilePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'d> Deserialize<'d> for FilePath {
    fn deserialize<D: Deserializer<'d>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::new(<&str>::deserialize(deserializer)?))
    }
}

/// The endings of pictures that pages show.
pub const PICTURES: [&str; 8] = ["jpg", "jpeg", "png", "gif", "webp", "svg", "bmp", "avif"];
/// The endings of documents that pages offer.
pub const DOCUMENTS: [&str; 13] =
    ["pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "wps", "et", "ofd", "zip", "rar", "csv"];

impl FilePath {
    pub fn new(path: impl AsRef<str>) -> Self {
        Self(path.as_ref().into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name without its folders and without its last ending.
    pub fn stem(&self) -> &str {
        let name = self.name();
        name.rsplit_once('.').map_or(name, |(stem, _)| if stem.is_empty() { name } else { stem })
    }

    /// The name without its folders.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The folder, without a `/` at its end; empty for a file at the root.
    pub fn folder(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The file's ending in lower case, without the dot; empty where there is none.
    pub fn extension(&self) -> String {
        self.name().rsplit_once('.').map_or_else(String::new, |(_, ending)| ending.to_ascii_lowercase())
    }

    /// Whether it is a picture that pages show, by its ending.
    pub fn is_picture(&self) -> bool {
        PICTURES.contains(&self.extension().as_str())
    }

    /// Whether it is a picture made of dots, which messengers and search engines show beside a link; a drawing (SVG) they do not.
    pub fn is_raster(&self) -> bool {
        self.is_picture() && self.extension() != "svg"
    }

    /// Whether it is a document that pages offer, by its ending.
    pub fn is_document(&self) -> bool {
        DOCUMENTS.contains(&self.extension().as_str())
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An error stops the build, a warning does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    Error,
    Warning,
}

/// The language of a message. The editors' language comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Chinese,
    English,
}

/// One text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Text {
    pub zh: String,
    pub en: String,
}

impl Text {
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Chinese => &self.zh,
            Language::English => &self.en,
        }
    }
}

/// One step on the way to a value in YAML.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Step {
    /// A key, as it is written in the file (an alias stays an alias).
    Key(String),
    Index(usize),
}

/// The way from a YAML document's root to a key or value, e.g. `positions` → 0 → `count`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KeyPath(pub Vec<Step>);

impl KeyPath {
    pub fn key(&self, key: &str) -> Self {
        self.with(Step::Key(key.to_owned()))
    }

    pub fn index(&self, index: usize) -> Self {
        self.with(Step::Index(index))
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

/// Where in a file. Keys and values are named by their path and found only when a message is drawn:
/// so a healthy file never pays for positions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum At {
    /// The file as a whole.
    File,
    /// A key in the YAML of a file (or in its front matter).
    Key(KeyPath),
    /// A value in the YAML of a file (or in its front matter).
    Value(KeyPath),
    /// Bytes of the file, as (start, end).
    Bytes(usize, usize),
}

impl At {
    pub fn bytes(range: Range<usize>) -> Self {
        Self::Bytes(range.start, range.end)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    pub file: FilePath,
    pub at: At,
}

impl Place {
    pub fn file(file: &FilePath) -> Self {
        Self { file: file.clone(), at: At::File }
    }

    pub fn key(file: &FilePath, path: KeyPath) -> Self {
        Self { file: file.clone(), at: At::Key(path) }
    }

    pub fn value(file: &FilePath, path: KeyPath) -> Self {
        Self { file: file.clone(), at: At::Value(path) }
    }

    pub fn bytes(file: &FilePath, range: Range<usize>) -> Self {
        Self { file: file.clone(), at: At::bytes(range) }
    }
}

/// One message: made in the [`catalogue`], never by hand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Diagnostic {
    pub place: Place,
    /// Stable name of the message, e.g. `unknown-key`.
    pub code: Cow<'static, str>,
    pub severity: Severity,
    /// What is wrong, in one sentence.
    pub message: Text,
    /// What is said under the caret.
    pub label: Option<Text>,
    /// Other places that belong to it.
    pub related: Vec<(Place, Text)>,
    /// How to mend it.
    pub help: Vec<Text>,
}

impl Diagnostic {
    pub(crate) fn error(code: &'static str, place: Place, message: Text) -> Self {
        Self {
            place,
            code: code.into(),
            severity: Severity::Error,
            message,
            label: None,
            related: Vec::new(),
            help: Vec::new(),
        }
    }

    pub(crate) fn warning(code: &'static str, place: Place, message: Text) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, place, message) }
    }

    fn label(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.label = Some(Text::new(zh, en));
        self
    }

    fn help(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.help.push(Text::new(zh, en));
        self
    }

    fn related(mut self, place: Place, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.related.push((place, Text::new(zh, en)));
        self
    }
}

/// Whether any of the diagnostics stops the build.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}
