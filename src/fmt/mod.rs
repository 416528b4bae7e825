//! Types into items' files what a person would correct without a thought: punctuation, spaces, the form of dates, the
//! order of the front matter. Every other byte stays.
//!
//! The table of corrections is that of `check`. After each change the file is parsed again: unless it has the same
//! structure, and the same words but for the corrections, it is left alone. Start at [`format`].

mod body;
mod front_matter;
mod save;

use crate::diagnostic::{Diagnostic, FilePath};
use crate::parse;
use crate::parse::check::CheckSettings;

pub use save::{find, replace};

/// A file as it should be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Formatted {
    pub text: String,
    pub changes: Changes,
}

/// How much was changed, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changes {
    /// Punctuation, quotes and spaces of the body.
    pub marks: usize,
    /// Lines of the front matter with a date in another form, or with spaces at their end.
    pub lines: usize,
    pub is_reordered: bool,
}

/// Why a file is left alone.
#[derive(Debug)]
pub enum Refusal {
    /// What the parser says.
    Broken(Vec<Diagnostic>),
    /// The corrections would change more than words.
    ChangesStructure,
}

/// Corrects one file; `settings` are the site's, whose exceptions hold here too.
///
/// # Errors
/// [`Refusal`].
pub fn format(file: &FilePath, text: &str, settings: &CheckSettings) -> Result<Formatted, Refusal> {
    let read = parse::front_matter(file, text).map_err(Refusal::Broken)?;
    let (yaml, mut changes) = front_matter::format(&text[read.yaml.clone()]);
    let whole = [&text[..read.yaml.start], &yaml, &text[read.yaml.end..]].concat();
    let (text, marks) = body::format(file, whole, settings).ok_or(Refusal::ChangesStructure)?;
    changes.marks = marks;
    Ok(Formatted { text, changes })
}
