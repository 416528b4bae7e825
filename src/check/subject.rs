//! What rules look at: an item's file, a page as readers get it, a file that is published, the site as a whole.

use std::sync::OnceLock;

use super::html::Document;
use super::language::words::Lexicon;
use crate::diagnostic::{FilePath, Place};
use crate::parse::check::CheckSettings;
use crate::parse::item::Item;
use crate::parse::passages;
use crate::parse::registry::Registry;
use crate::pipeline::Edition;
use crate::plan::Recipe;
use crate::plan::url::OutputPath;
use crate::site::{PageId, Site};
use crate::source::{Root, Sources};

/// The site that is checked.
pub struct Context<'a> {
    pub edition: &'a Edition,
    pub sources: &'a Sources,
    /// The words of the site's own dictionary, once they are asked for; `None` where it has none that can be read.
    pub lexicon: OnceLock<Option<Lexicon>>,
}

impl<'a> Context<'a> {
    pub fn new(edition: &'a Edition, sources: &'a Sources) -> Self {
        Self { edition, sources, lexicon: OnceLock::new() }
    }

    pub fn site(&self) -> &'a Site {
        &self.edition.plan.site
    }

    pub fn registry(&self) -> &'a Registry {
        &self.edition.plan.site.registry
    }

    pub fn settings(&self) -> &'a CheckSettings {
        &self.registry().check
    }

    pub fn root(&self) -> &'a Root {
        &self.sources.root
    }
}

/// One item and its file.
pub struct ItemFile<'a> {
    pub item: &'a Item,
    /// The file as it is.
    pub source: &'a str,
    pub text: &'a passages::Text,
    /// Its page, if it is published.
    pub page: Option<PageId>,
}

impl ItemFile<'_> {
    pub fn file(&self) -> &FilePath {
        &self.item.file
    }
}

/// One HTML page as readers get it.
pub struct Page<'a> {
    /// The name for messages: `public/…` for a page of ours, the path below the folder for others.
    pub file: &'a FilePath,
    pub html: &'a str,
    pub document: &'a Document,
    /// What it shows, for a page of ours.
    pub output: Option<Output<'a>>,
}

#[derive(Clone, Copy)]
pub struct Output<'a> {
    pub path: &'a OutputPath,
    pub recipe: &'a Recipe,
    /// The item, where the page is an item's.
    pub item: Option<&'a Item>,
}

impl Page<'_> {
    pub fn place(&self, span: &std::ops::Range<usize>) -> Place {
        Place::bytes(self.file, span.clone())
    }
}

/// A file that is published as it is: an attachment, a picture, a file of `static/`.
pub struct PublishedFile<'a> {
    pub file: &'a FilePath,
    pub bytes: &'a [u8],
}
