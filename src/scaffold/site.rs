//! A new site: settings, an example of each type, and a page for its editors. It builds as it is, with the theme that
//! is in the program.
//!
//! Start at [`create`].

use std::io;
use std::path::Path;

use jiff::ToSpan;
use rust_embed::Embed;

use super::files::{add, is_occupied};
use crate::diagnostic::Language;
use crate::parse::moment::Moment;
use crate::parse::registry;
use crate::schema::vscode;

#[derive(Embed)]
#[folder = "src/scaffold/site"]
struct Example;

/// Why a site was not begun.
#[derive(Debug)]
pub enum SiteError {
    /// Something is in the folder already.
    Occupied,
    Write(io::Error),
}

impl From<io::Error> for SiteError {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

/// Writes a new site into a folder that is empty or not there yet. The examples are dated as of `now`. Returns the
/// paths of the files.
///
/// # Errors
/// [`SiteError`].
pub fn create(folder: &Path, now: &Moment, language: Language) -> Result<Vec<String>, SiteError> {
    if is_occupied(folder)? {
        return Err(SiteError::Occupied);
    }
    let mut written = Vec::new();
    for name in Example::iter() {
        let file = Example::get(&name).expect("an embedded file that was just listed");
        // Under its own name it would hold for the repository of the program.
        let path = if name == "gitignore" { ".gitignore" } else { &*name };
        add(&folder.join(path), dated(&String::from_utf8_lossy(&file.data), now).as_bytes())?;
        written.push(path.to_owned());
    }
    let settings = Example::get("site.yaml").expect("the example has settings");
    let registry = registry::parse(&String::from_utf8_lossy(&settings.data), None).expect("the example is right");
    let set_up = vscode::files(&registry, language, |_| None).expect("there is nothing to be misread");
    for (file, text) in set_up {
        add(&folder.join(file.as_str()), text.as_bytes())?;
        written.push(file.as_str().to_owned());
    }
    Ok(written)
}

/// Fills in `{today}`, `{today+14}` and `{year}`.
fn dated(text: &str, now: &Moment) -> String {
    let mut dated = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find("{today") {
        let token = rest[open..].split_inclusive('}').next().unwrap_or_default();
        let days: i64 = token.trim_start_matches("{today+").trim_end_matches('}').parse().unwrap_or(0);
        let day = now.local.date().saturating_add(days.days());
        dated.push_str(&rest[..open]);
        dated.push_str(&day.to_string());
        rest = &rest[open + token.len()..];
    }
    (dated + rest).replace("{year}", &now.local.year().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    #[test]
    fn examples_are_dated_from_today() {
        let now = Moment::parse("2026-12-20 09:30", &TimeZone::UTC).expect("a date");
        assert_eq!(
            dated("a: {today}\nb: {today+14} 18:00 {x}〔{year}〕", &now),
            "a: 2026-12-20\nb: 2027-01-03 18:00 {x}〔2026〕"
        );
    }
}
