//! What rules look at: an item's file, a page as readers get it, a file that is published, the site as a whole.

use std::sync::OnceLock;

use super::frame::{Cut, Frames};
use super::html::Document;
use super::language::words::Lexicon;
use super::links::net::Net;
use super::links::pictures::Pictures;
use super::links::survey::Survey;
use super::seen::Seen;
use crate::diagnostic::{FilePath, KeyPath, Place, Step};
use crate::ledger::Ledger;
use crate::parse::check::CheckSettings;
use crate::parse::item::Item;
use crate::parse::passages::{self, Kind, Passage};
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
    pub options: &'a Options,
    /// What was judged before.
    pub seen: Seen,
    /// The parts of pages that were judged on others.
    pub frames: Frames,
    /// Where links lead, and what has been linked to.
    pub survey: Survey<'a>,
    pub pictures: Pictures,
}

/// What a check knows beside the site.
#[derive(Debug, Default)]
pub struct Options {
    /// What the last build left; empty where there was none.
    pub ledger: Ledger,
    /// How other sites are asked; `None` where they are left alone.
    pub net: Option<Net>,
}

impl<'a> Context<'a> {
    pub fn new(edition: &'a Edition, sources: &'a Sources, options: &'a Options) -> Self {
        let survey = Survey::new(edition);
        Self {
            edition,
            sources,
            lexicon: OnceLock::new(),
            options,
            seen: Seen::default(),
            frames: Frames::default(),
            survey,
            pictures: Pictures::default(),
        }
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

    /// The place of a value of the front matter, each step of the way by its key and alias; entries of a list by their
    /// number, twice.
    pub fn place_of(&self, way: &[(&str, &str)]) -> Place {
        let leads = |(step, (key, alias)): (&Step, &(&str, &str))| match step {
            Step::Key(name) => name == key || name == alias,
            Step::Index(index) => key.parse() == Ok(*index),
        };
        let way_of = |passage: &Passage| match &passage.kind {
            Kind::Value(KeyPath(steps)) if steps.len() >= way.len() && steps.iter().zip(way).all(leads) => {
                Some(KeyPath(steps[..way.len()].to_vec()))
            }
            _ => None,
        };
        let written = self.text.passages.iter().find_map(way_of);
        // What is neither a text nor a number, nor holds one, is taken to be written under its key.
        let assumed = || way.iter().fold(KeyPath::default(), |path, (key, _)| path.key(key));
        Place::value(self.file(), written.unwrap_or_else(assumed))
    }
}

/// One HTML page as readers get it.
pub struct Page<'a> {
    /// The name for messages: `public/…` for a page of ours, the path below the folder for others.
    pub file: &'a FilePath,
    pub html: &'a str,
    pub document: &'a Document<'a>,
    /// What it shows, for a page of ours.
    pub output: Option<Output<'a>>,
    pub seen: &'a Seen,
}

#[derive(Clone, Copy)]
pub struct Output<'a> {
    pub path: &'a OutputPath,
    pub recipe: &'a Recipe,
    /// The item, where the page is an item's.
    pub item: Option<&'a Item>,
    /// Its frame, with the parts that were judged on another page, and are not in the document.
    pub cut: &'a Cut<'a>,
}

impl Page<'_> {
    pub fn place(&self, span: &std::ops::Range<usize>) -> Place {
        Place::bytes(self.file, span.clone())
    }
}

/// A file that is published as it is: an attachment, a picture, a file of `static/`.
pub struct PublishedFile<'a> {
    pub file: &'a FilePath,
    /// In bytes.
    pub size: u64,
}
