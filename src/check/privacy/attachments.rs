//! Looks for the numbers of persons in attachments: text, tables, Office documents, PDF.
//!
//! Knows bytes and the ending of a file's name; never who refers to it. What cannot be looked into says why. Start at
//! [`look_into`].

mod office;
mod pdf;
pub mod text;

use super::numbers::{self, Around, Personal};
use crate::diagnostic::Text;

/// A number in an attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    pub personal: Personal,
    /// Where it stands there, for people: a line, a cell, a page.
    pub at: Text,
}

/// Why nobody can say what an attachment holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable(pub Text);

impl Unreadable {
    fn new(zh: &str, en: &str) -> Self {
        Self(Text::new(zh, en))
    }
}

/// What was found so far.
#[derive(Debug, Default)]
pub struct Hits(Vec<Hit>);

impl Hits {
    fn look(&mut self, text: &str, heading: &str, at: impl Fn() -> Text) {
        let found = numbers::find(text, Around { heading });
        self.0.extend(found.into_iter().map(|personal| Hit { personal, at: at() }));
    }
}

/// Whether an attachment of this ending is looked into, or should be if it could.
pub fn is_document(extension: &str) -> bool {
    is_readable(extension) || is_closed(extension)
}

fn is_readable(extension: &str) -> bool {
    matches!(
        extension,
        "txt"
            | "csv"
            | "tsv"
            | "md"
            | "htm"
            | "html"
            | "pdf"
            | "docx"
            | "docm"
            | "dotx"
            | "xlsx"
            | "xlsm"
            | "xltx"
            | "pptx"
    )
}

/// Old and packed formats.
fn is_closed(extension: &str) -> bool {
    matches!(
        extension,
        "doc" | "xls" | "ppt" | "wps" | "et" | "dps" | "rtf" | "odt" | "ods" | "ofd" | "zip" | "rar" | "7z"
    )
}

/// The numbers in an attachment, in its order.
///
/// # Errors
/// It is encrypted, damaged, too large, or of a format that cannot be looked into.
pub fn look_into(extension: &str, bytes: &[u8]) -> Result<Vec<Hit>, Unreadable> {
    let hits = match extension {
        "csv" | "tsv" => text::table(bytes),
        "txt" | "md" | "htm" | "html" => text::lines(bytes),
        "pdf" => pdf::pages(bytes)?,
        "docx" | "docm" | "dotx" | "xlsx" | "xlsm" | "xltx" | "pptx" => office::parts(bytes)?,
        _ => return Err(of_closed(extension)),
    };
    Ok(hits.0)
}

fn of_closed(extension: &str) -> Unreadable {
    match extension {
        "zip" | "rar" | "7z" => {
            Unreadable::new("压缩包里的文件没有逐个检查", "the files in an archive are not looked into")
        }
        "ofd" | "odt" | "ods" | "rtf" => Unreadable(Text::new(
            format!("“.{extension}”格式查不了"),
            format!("the format \".{extension}\" cannot be looked into"),
        )),
        _ => Unreadable(Text::new(
            format!("“.{extension}”是旧格式，查不了；请另存为 docx、xlsx 或 PDF"),
            format!("\".{extension}\" is an old format; save it as docx, xlsx or PDF"),
        )),
    }
}
