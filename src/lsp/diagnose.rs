//! What is wrong in one open text: as it stands there, and in the site as it was last saved.

use super::documents::Documents;
use crate::check::subject::Context;
use crate::check::{Options, check_text};
use crate::diagnostic::{Diagnostic, FilePath};
use crate::fingerprint::Fingerprint;
use crate::parse::{self, registry};
use crate::source::{SITE_FILE, is_item};

/// Everything that is wrong in the text of a file of the site, each at its bytes. Nothing can be said of an item while
/// `site.yaml` is broken; what a check says, only of one that can be read.
pub fn diagnose(documents: &Documents, file: &FilePath, text: &str) -> Vec<Diagnostic> {
    if file.as_str() == SITE_FILE {
        return registry::parse(text, None).err().unwrap_or_default();
    }
    let Some(registry) = documents.registry.as_ref().filter(|_| is_item(file)) else { return Vec::new() };
    let content = Fingerprint::of_bytes(text.as_bytes());
    let parsed = parse::item::parse(file, text.as_bytes(), content, &registry.vocabulary);
    let mut found = parsed.diagnostics;
    if let (Some(item), Some((edition, sources))) = (parsed.value, &documents.site) {
        let options = Options::default();
        found.extend(check_text(&item, text, &Context::new(edition, sources, &options)));
    }
    found
}
