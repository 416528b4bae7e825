//! Stages 1 to 5 in one function: the files and a few inputs become an [`Edition`].

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use crate::diagnostic::{Diagnostic, FilePath, catalogue, has_errors};
use crate::fingerprint::Fingerprint;
use crate::parse::moment::Moment;
use crate::parse::registry::{self, BaseUrl, Registry};
use crate::parse::{self, Checked, item};
use crate::plan::Plan;
use crate::plan::url::OutputPath;
use crate::plan::view::View;
use crate::render::{Content, Renderer, Theme, ThemeError};
use crate::site::{Inputs, Site};
use crate::source::{ReadError, SITE_FILE, STATIC, Sources};
use crate::write::{Bytes, Outputs};
use jiff::Timestamp;

/// What a build depends on beside the files.
#[derive(Debug, Clone)]
pub struct Options {
    /// The moment of the build: the clock's, or a text such as `2026-11-23` in the site's time zone.
    pub as_of: AsOf,
    /// Replaces the address in `site.yaml`.
    pub base_url: Option<BaseUrl>,
    pub drafts: bool,
    pub future: bool,
}

#[derive(Debug, Clone)]
pub enum AsOf {
    Clock(Timestamp),
    /// A date as editors type it.
    Typed(String),
}

/// One consistent, immutable state of the site, from which any output can be rendered.
pub struct Edition {
    pub plan: Plan,
    renderer: Renderer,
    sources: Arc<Sources>,
}

/// An edition, if there could be one, and all that was found on the way.
pub struct Outcome {
    /// Missing where an error was found.
    pub edition: Option<Edition>,
    /// In the order of files and lines, each located.
    pub diagnostics: Vec<Diagnostic>,
    pub sources: Arc<Sources>,
}

/// Why there is not even a list of mistakes.
#[derive(Debug)]
pub enum PipelineError {
    Read(ReadError),
    /// The date given for the build cannot be read.
    AsOf(String),
}

impl From<ReadError> for PipelineError {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

/// Builds an edition of the site in the folder `root`.
///
/// # Errors
/// A file that cannot be read. What an editor can cause is a diagnostic instead.
pub fn edition(root: &Path, options: &Options) -> Result<Outcome, PipelineError> {
    let sources = Arc::new(Sources::discover(root)?);
    let mut diagnostics = sources.diagnostics.clone();
    let registry = match read_registry(&sources, options)? {
        Ok(registry) => Arc::new(registry),
        Err(found) => {
            diagnostics.extend(found);
            return Ok(finish(None, diagnostics, sources));
        }
    };
    let inputs = inputs(options, &registry)?;

    let parsed: Vec<Checked<item::Item>> = sources
        .items
        .par_iter()
        .map(|file| Ok(item::parse(file, sources.read(file)?, &registry)))
        .collect::<Result<_, ReadError>>()?;
    let theme = match Theme::load(&registry.theme, &sources, &registry.base_url) {
        Ok(theme) => Some(theme),
        Err(ThemeError::Wrong(found)) => {
            diagnostics.extend(found);
            None
        }
        Err(ThemeError::Read(error)) => return Err(error.into()),
    };
    // An item with mistakes is missing from the site; links to it are then not dead, only unchecked.
    let complete = parsed.iter().all(|checked| checked.value.is_some());
    let mut items = Vec::with_capacity(parsed.len());
    for checked in parsed {
        items.extend(checked.value.map(Arc::new));
        diagnostics.extend(checked.diagnostics);
    }

    let (site, found) = Site::build(registry, items, &sources.files, &inputs);
    diagnostics.extend(found.into_iter().filter(|diagnostic| complete || diagnostic.code != "dead-link"));
    let statics = below(&sources, STATIC);
    let assets = theme.as_ref().map(|theme| theme.asset_paths.clone()).unwrap_or_default();
    let (plan, found) = Plan::new(Arc::new(site), &assets, statics);
    diagnostics.extend(found.into_iter().filter(|diagnostic| complete || diagnostic.code != "dead-link"));

    let edition = theme.map(|theme| {
        let renderer = Renderer::new(theme, &plan.site_view);
        Edition { plan, renderer, sources: Arc::clone(&sources) }
    });
    Ok(finish(edition, diagnostics, sources))
}

fn finish(edition: Option<Edition>, mut diagnostics: Vec<Diagnostic>, sources: Arc<Sources>) -> Outcome {
    let text_of = |file: &FilePath| sources.excerpt(file).map(|text| Cow::Owned(text.to_string()));
    parse::locate(&mut diagnostics, &text_of);
    diagnostics.sort();
    diagnostics.dedup();
    Outcome { edition: edition.filter(|_| !has_errors(&diagnostics)), diagnostics, sources }
}

fn read_registry(sources: &Sources, options: &Options) -> Result<Result<Registry, Vec<Diagnostic>>, ReadError> {
    let file = FilePath::new(SITE_FILE);
    let Some(bytes) = sources.read_configuration()? else {
        let folder = sources.root().display().to_string();
        return Ok(Err(vec![catalogue::no_site_yaml(&file, &folder)]));
    };
    Ok(match String::from_utf8(bytes) {
        Ok(text) => registry::parse(&text, options.base_url.as_ref()),
        Err(error) => Err(vec![catalogue::invalid_utf8(&file, error.utf8_error().valid_up_to())]),
    })
}

fn inputs(options: &Options, registry: &Registry) -> Result<Inputs, PipelineError> {
    let now = match &options.as_of {
        AsOf::Clock(timestamp) => Moment::from_timestamp(*timestamp, &registry.zone),
        AsOf::Typed(text) => Moment::parse(text, &registry.zone).map_err(|_| PipelineError::AsOf(text.clone()))?,
    };
    Ok(Inputs { now, drafts: options.drafts, future: options.future })
}

fn below(sources: &Sources, folder: &str) -> std::collections::BTreeMap<FilePath, crate::source::FileState> {
    let prefix = format!("{folder}/");
    sources
        .files
        .iter()
        .filter(|(path, _)| path.as_str().starts_with(&prefix))
        .map(|(path, state)| (path.clone(), *state))
        .collect()
}

impl Outputs for Edition {
    type View = View;

    fn paths(&self) -> Vec<&OutputPath> {
        self.plan.outputs.keys().collect()
    }

    fn view(&self, path: &OutputPath) -> (Fingerprint, View) {
        let view = self.plan.view(&self.plan.outputs[path]);
        (self.renderer.fingerprint(&view), view)
    }

    fn render(&self, view: &View) -> Result<Bytes, Diagnostic> {
        Ok(match self.renderer.render(view)? {
            Content::Bytes(bytes) => Bytes::Made(bytes),
            Content::Copy(file) => Bytes::CopyOf(self.sources.on_disk(&file)),
        })
    }
}
