//! Holds the current state of the preview and brings it up to date after a wake-up.
//!
//! Knows files, the clock's word and editions; never HTTP. Start at [`Session::open`].

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use rayon::prelude::*;

use super::changes::{Change, Gone, changes};
use super::watch::Places;
use crate::diagnostic::{Diagnostic, FilePath, Text};
use crate::fingerprint::Fingerprint;
use crate::parse::item::Item;
use crate::pipeline::{AsOf, Edition, Memory, Options, PipelineError, next_edition};
use crate::plan::Recipe;
use crate::plan::url::OutputPath;
use crate::site::PageId;
use crate::source::{Root, Sources};

/// What the preview shows at one moment. Never changed: the next one replaces it.
#[derive(Clone)]
pub struct State {
    /// Grows with every change that anybody can see.
    pub number: u64,
    /// The last good edition; none while the site has had errors from the start.
    pub edition: Option<Arc<Edition>>,
    /// Of the files as they are now.
    pub diagnostics: Vec<Diagnostic>,
    /// What stands in the way of a new edition other than the site's content.
    pub trouble: Option<Text>,
    /// Whether the edition is older than the files, because they have errors.
    pub stale: bool,
    /// The last changes, the newest last.
    pub history: Vec<Arc<Change>>,
    /// Where pages went that were there since the preview began.
    pub gone: Arc<Gone>,
    /// All items that could be read, published or not.
    pub items: Arc<Vec<Arc<Item>>>,
    pub root: Root,
}

/// How many changes a browser that was away can catch up with.
const HISTORY: usize = 50;

/// So many pages are drawn before an edition is shown, to find a mistake that shows on some pages only.
const DRAWN: usize = 300;

/// How long a site with errors waits until time may have mended one.
const RETRY_SECONDS: i64 = 60;

/// How often files that vanish while they are read are looked for again.
const ATTEMPTS: usize = 3;

/// One site under preview.
pub struct Session {
    sources: Sources,
    options: Options,
    memory: Memory,
    /// The moment of the newest edition or of the last try at one, in seconds since 1970.
    made_at: i64,
    state: Arc<State>,
}

impl Session {
    /// Reads the site for the first time. The options' time is that of the first edition.
    ///
    /// # Errors
    /// The folder cannot be read, or the options are wrong.
    pub fn open(root: &Path, options: Options) -> Result<Self, PipelineError> {
        let sources = Sources::discover(root)?;
        let state = State {
            number: 0,
            edition: None,
            diagnostics: Vec::new(),
            trouble: None,
            stale: false,
            history: Vec::new(),
            gone: Arc::default(),
            items: Arc::default(),
            root: sources.root.clone(),
        };
        let mut session = Self { sources, options, memory: Memory::packing(), made_at: 0, state: Arc::new(state) };
        session.make_edition()?;
        Ok(session)
    }

    pub fn state(&self) -> Arc<State> {
        Arc::clone(&self.state)
    }

    /// When the site changes although no file does, in seconds since 1970. What an error hides is not known: then it is
    /// tried again after a while.
    pub fn next_change(&self) -> Option<i64> {
        let known = self.state.edition.as_ref().map(|edition| edition.plan.site.next_change);
        let next = known.filter(|next| *next > self.made_at).unwrap_or(self.made_at + RETRY_SECONDS);
        matches!(self.options.as_of, AsOf::Clock(_)).then_some(next)
    }

    /// Looks again at these places as of this moment, and tells whether the state is a new one.
    pub fn refresh(&mut self, places: &Places, now: Timestamp) -> bool {
        // Also where the clock was set back.
        let is_due = self.next_change().is_some_and(|due| due <= now.as_second() || now.as_second() < self.made_at);
        if let AsOf::Clock(moment) = &mut self.options.as_of {
            *moment = now;
        }
        let before = self.state.number;
        let mut looked = self.look(places, is_due);
        for _ in 1..ATTEMPTS {
            // Perhaps a file went away while it was being read.
            if looked.is_err() {
                looked = self.look(&Places::Everywhere, true);
            }
        }
        if let Err(error) = looked {
            self.report(&error);
        }
        self.state.number != before
    }

    /// Makes an edition if a file has changed, or in any case if it `must`.
    fn look(&mut self, places: &Places, must: bool) -> Result<(), PipelineError> {
        // A look that failed has forgotten what it could not see.
        let was_blind = self.state.trouble.is_some();
        let is_different = match places {
            Places::These(these) if !was_blind => {
                self.sources.look_again(&these.iter().cloned().collect::<Vec<_>>())?
            }
            Places::These(_) | Places::Everywhere => self.sources.look_everywhere()?,
        };
        if is_different || must || was_blind { self.make_edition() } else { Ok(()) }
    }

    fn report(&mut self, error: &PipelineError) {
        let text = match error {
            PipelineError::Read(error) => error.text(),
            PipelineError::AsOf(text) => Text::new(format!("“{text}”不是日期"), format!("\"{text}\" is not a date")),
        };
        if self.state.trouble.as_ref() != Some(&text) {
            self.replace(|state| State { trouble: Some(text), ..state });
        }
    }

    fn make_edition(&mut self) -> Result<(), PipelineError> {
        if let AsOf::Clock(moment) = &self.options.as_of {
            self.made_at = moment.as_second();
        }
        let outcome = next_edition(&self.sources, &self.options, &mut self.memory)?;
        let mut diagnostics = outcome.diagnostics;
        let edition = outcome.edition.map(Arc::new).filter(|edition| {
            // A theme's mistake may show only when a page is drawn.
            let is_new_frame = self.state.edition.as_ref().is_none_or(|known| known.frame() != edition.frame());
            let pages = if is_new_frame { examples(edition) } else { pages_of(edition, self.memory.touched()) };
            let mistakes = mistakes_of_theme(edition, pages);
            diagnostics.extend(mistakes.iter().cloned());
            mistakes.is_empty()
        });
        let Some(edition) = edition else {
            if self.state.diagnostics != diagnostics || self.state.trouble.is_some() || !self.state.stale {
                let stale = true;
                self.replace(|state| State { diagnostics, stale, trouble: None, ..state });
            }
            return Ok(());
        };
        let touched = self.memory.take_touched();
        let (change, gone) = changes(self.state.edition.as_deref(), &edition, &touched, &self.state.gone, &self.memory);
        let is_same = touched.is_empty()
            && change.resources.is_empty()
            && self.state.edition.as_ref().is_some_and(|known| is_same(known, &edition));
        let is_quiet = !self.state.stale && self.state.trouble.is_none() && self.state.diagnostics == diagnostics;
        if is_same && is_quiet {
            return Ok(());
        }
        let items = Arc::new(self.memory.items().cloned().collect());
        self.replace(|mut state| {
            state.history.push(Arc::new(Change { number: state.number + 1, ..change }));
            if state.history.len() > HISTORY {
                state.history.remove(0);
            }
            State { edition: Some(edition), diagnostics, gone, items, stale: false, trouble: None, ..state }
        });
        Ok(())
    }

    fn replace(&mut self, next: impl FnOnce(State) -> State) {
        let mut state = next(State::clone(&self.state));
        state.number += 1;
        self.state = Arc::new(state);
    }
}

/// Whether an edition after which no item was touched shows what this one shows.
fn is_same(known: &Edition, new: &Edition) -> bool {
    let (known_site, new_site) = (&known.plan.site, &new.plan.site);
    known.frame() == new.frame()
        && known_site.next_change == new_site.next_change
        && known.plan.registry_digest == new.plan.registry_digest
        && known.plan.outputs == new.plan.outputs
}

/// The pages of the first of these items.
fn pages_of<'e>(edition: &'e Edition, files: &BTreeSet<FilePath>) -> Vec<&'e OutputPath> {
    let plan = &edition.plan;
    files.iter().filter_map(|file| plan.site.page_of(file)).map(|id| plan.item_path(id)).take(DRAWN).collect()
}

/// One page of each kind, and as many others as take no time to draw.
fn examples(edition: &Edition) -> Vec<&OutputPath> {
    let mut kinds = std::collections::HashSet::new();
    let mut others = 0;
    let mut is_example = |recipe: &Recipe| {
        let kind = match recipe {
            Recipe::Asset(_) | Recipe::File(..) => return false,
            Recipe::Item(id) => kind_of(edition, *id),
            recipe => (std::mem::discriminant(recipe), None),
        };
        let is_first = kinds.insert(kind);
        others += usize::from(!is_first);
        is_first || others <= DRAWN
    };
    edition.plan.outputs.iter().filter(|(_, recipe)| is_example(recipe)).map(|(path, _)| path).collect()
}

/// Draws pages for what the theme has wrong in them.
fn mistakes_of_theme(edition: &Edition, pages: Vec<&OutputPath>) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = pages.into_par_iter().filter_map(|path| edition.draw(path).err()).collect();
    found.sort();
    found.dedup();
    found
}

fn kind_of(edition: &Edition, id: PageId) -> (std::mem::Discriminant<Recipe>, Option<crate::parse::item::ItemType>) {
    let item_type = edition.plan.site.item(id).item_type();
    (std::mem::discriminant(&Recipe::Item(id)), Some(item_type))
}

/// The bytes of an output's page, or the theme's mistake.
pub(super) fn page(edition: &Edition, path: &OutputPath) -> Option<Result<Rendered, Diagnostic>> {
    if !edition.plan.outputs.contains_key(path) {
        return None;
    }
    Some(edition.draw(path).map(|bytes| match bytes {
        crate::write::Bytes::Made(bytes) => Rendered::Made { hash: Fingerprint::of_bytes(&bytes), bytes },
        crate::write::Bytes::CopyOf(file) => Rendered::Copy(file),
    }))
}

/// What an output consists of.
pub(super) enum Rendered {
    Made {
        bytes: Vec<u8>,
        hash: Fingerprint,
    },
    /// A file of the site, published as it is.
    Copy(std::path::PathBuf),
}
