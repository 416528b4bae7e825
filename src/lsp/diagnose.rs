//! What is wrong in one open text, as far as the text and the site's configuration tell.

use crate::diagnostic::{Diagnostic, FilePath};
use crate::parse::registry::{self, Vocabulary};
use crate::parse::{self};
use crate::source::{CONTENT, SITE_FILE};

/// Everything that is wrong in the text of a file of the site, each at its bytes. Without a vocabulary, since
/// `site.yaml` is broken, nothing can be said of an item.
pub fn diagnose(file: &FilePath, text: &str, vocabulary: Option<&Vocabulary>) -> Vec<Diagnostic> {
    if file.as_str() == SITE_FILE {
        return registry::parse(text, None).err().unwrap_or_default();
    }
    match vocabulary {
        Some(vocabulary) if is_item(file) => parse::item::parse(file, text.as_bytes().to_vec(), vocabulary).diagnostics,
        _ => Vec::new(),
    }
}

/// Whether a file holds an item.
pub fn is_item(file: &FilePath) -> bool {
    file.as_str().strip_prefix(CONTENT).is_some_and(|rest| rest.starts_with('/')) && file.extension() == "md"
}
