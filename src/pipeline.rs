//! Stages 1 to 5 in one function: the files and a few inputs become an [`Edition`].

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::bodies::Bodies;
use crate::cache::{self, Items, Kept, Loaded, Unusable};
use crate::diagnostic::{Diagnostic, FilePath, Severity, catalogue, has_errors};
use crate::fingerprint::{Fingerprint, fingerprint};
use crate::parse::item::{self, Item, ItemType};
use crate::parse::moment::Moment;
use crate::parse::registry::{self, BaseUrl, Registry, Vocabulary};
use crate::parse::{self, Checked};
use crate::plan::url::OutputPath;
use crate::plan::view::View;
use crate::plan::{Ingredients, Plan, Recipe};
use crate::render::{Content, LIST, Renderer, Theme, ThemeError, template_of};
use crate::site::{Inputs, Site};
use crate::source::{BATCH, FileState, ReadError, Root, SITE_FILE, STATIC, Sources, THEMES};
use crate::timings::{Stage, Timings};
use crate::write::{Bytes, Failure, Outputs};
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

impl Options {
    /// The hash of all of them, but for the clock.
    pub fn digest(&self) -> Fingerprint {
        let Self { as_of, base_url, drafts, future } = self;
        let as_of = match as_of {
            AsOf::Clock(_) => None,
            AsOf::Typed(text) => Some(text),
        };
        fingerprint(&(as_of, base_url.as_ref().map(ToString::to_string), drafts, future))
    }
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
    inputs: Inputs,
    renderer: Renderer,
    root: Root,
    settled: Option<Settled>,
    /// Where items have been out of a cache.
    bodies: Option<Bodies>,
}

/// That nothing has changed since an earlier build but the bodies of some items, and some templates.
struct Settled {
    /// What that build left: the hash of its manifest.
    manifest: Fingerprint,
    /// The templates whose pages would come out the same.
    templates: BTreeSet<&'static str>,
    /// The items that can have changed.
    touched: BTreeSet<FilePath>,
}

/// An edition, if there could be one, and all that was found on the way.
pub struct Outcome {
    /// Missing where an error was found.
    pub edition: Option<Edition>,
    /// Where an error was found: what there would be without the items that have errors. For checks, never for readers.
    pub remains: Option<Edition>,
    /// In the order of files and lines, each located.
    pub diagnostics: Vec<Diagnostic>,
    pub root: Root,
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

/// Finds the files of the site in the folder `root` and builds an edition, as [`next_edition`] does.
///
/// # Errors
/// A file that cannot be read. What an editor can cause is a diagnostic instead.
pub fn edition(root: &Path, options: &Options, memory: &mut Memory) -> Result<(Outcome, Sources), PipelineError> {
    let sources = Sources::discover(root)?;
    memory.timings.end(Stage::Discover, sources.items.len() + sources.files.len());
    Ok((next_edition(&sources, options, memory)?, sources))
}

/// What follows from single files, kept from one edition to the next so that only what changed is read again.
/// An edition that is made with it equals one that began with nothing.
#[derive(Default)]
pub struct Memory {
    /// Whether bodies are kept packed.
    packs: bool,
    /// Where items are kept from one process to the next.
    cache: Option<PathBuf>,
    /// Why a part of the cache was left out.
    unusable_cache: Option<Unusable>,
    /// With which words of `site.yaml` the items were parsed.
    vocabulary: Option<Vocabulary>,
    items: Items,
    /// The hash of the items that came out of the cache.
    loaded: Option<Fingerprint>,
    theme: Option<(ThemeKey, Arc<Theme>)>,
    /// The items whose files were read anew or forgotten.
    touched: BTreeSet<FilePath>,
    parsed: AtomicUsize,
    pub timings: Timings,
}

/// The bodies of more items than these are kept packed even for a short time: the room is worth more than the time.
const PLAIN_AT_MOST: usize = 30_000;

/// All that a theme follows from.
#[derive(PartialEq)]
struct ThemeKey {
    name: String,
    base_url: BaseUrl,
    files: Vec<(FilePath, FileState)>,
}

impl Memory {
    /// One that takes less room and gives each body a little later, for a program that goes on.
    pub fn packing() -> Self {
        Self { packs: true, ..Self::default() }
    }

    /// One that begins with what an earlier process left in this folder, and can leave something there.
    pub fn cached(folder: PathBuf) -> Self {
        Self { cache: Some(folder), ..Self::default() }
    }

    /// Leaves the items to later processes.
    ///
    /// # Errors
    /// A file that cannot be written; what is in the cache is right nevertheless.
    pub fn save(&self) -> io::Result<()> {
        let (Some(folder), Some(vocabulary)) = (&self.cache, &self.vocabulary) else { return Ok(()) };
        if self.touched.is_empty() {
            return Ok(());
        }
        cache::save(folder, fingerprint(vocabulary), &self.items, &self.touched)
    }

    /// Why a part of the cache had to be thrown away.
    pub fn unusable_cache(&self) -> Option<Unusable> {
        self.unusable_cache
    }

    /// The hash of the items that an earlier process left.
    pub fn loaded(&self) -> Option<Fingerprint> {
        self.loaded
    }

    /// The hash of the items' files as they were read last.
    pub fn contents(&self) -> Fingerprint {
        fingerprint(&self.items.iter().map(|(file, kept)| (file, kept.content)).collect::<Vec<_>>())
    }

    /// What other pages can show of each item.
    pub fn surfaces(&self) -> impl Iterator<Item = (&FilePath, Option<Fingerprint>)> {
        self.items.iter().map(|(file, kept)| (file, kept.checked.value.as_ref().map(|item| item.surface)))
    }

    /// How many files were parsed since it began.
    pub fn parsed(&self) -> usize {
        self.parsed.load(Ordering::Relaxed)
    }

    /// The items parsed so far.
    pub fn items(&self) -> impl Iterator<Item = &Arc<Item>> {
        self.items.values().filter_map(|kept| kept.checked.value.as_ref())
    }

    /// Whether an item's file was there, even one with mistakes.
    pub fn knows(&self, file: &FilePath) -> bool {
        self.items.contains_key(file)
    }

    /// What was found in the items' files, the items that would be shown and could not be read, and how many drafts that would
    /// not be shown could not be read. What keeps a draft from
    /// being read is no error before it is published: it must not take the preview of all else away.
    fn diagnostics(&self, root: &Root, options: &Options) -> (Vec<Diagnostic>, BTreeSet<FilePath>, usize) {
        let mut diagnostics = Vec::new();
        let mut unread_drafts = 0;
        let mut unread = BTreeSet::new();
        for (file, kept) in self.items.iter().filter(|(_, kept)| !kept.checked.diagnostics.is_empty()) {
            let mut found = kept.checked.diagnostics.clone();
            let is_missing = kept.checked.value.is_none();
            let is_draft = is_missing && is_draft(root, file);
            if is_draft {
                found.iter_mut().for_each(|diagnostic| diagnostic.severity = Severity::Warning);
            }
            if is_missing && (!is_draft || options.drafts) {
                unread.insert(file.clone());
            } else {
                unread_drafts += usize::from(is_draft);
            }
            diagnostics.extend(found);
        }
        (diagnostics, unread, unread_drafts)
    }

    /// The items whose files were read anew or are gone.
    pub fn touched(&self) -> &BTreeSet<FilePath> {
        &self.touched
    }

    /// The same since this was asked last.
    pub fn take_touched(&mut self) -> BTreeSet<FilePath> {
        std::mem::take(&mut self.touched)
    }

    /// Parses the files that are new or have changed, and forgets those that are gone.
    fn parse(&mut self, sources: &Sources, vocabulary: &Vocabulary) -> Result<(), ReadError> {
        if self.vocabulary.as_ref() != Some(vocabulary) {
            let loaded = self.cache.as_ref().map(|folder| cache::load(folder, fingerprint(vocabulary)));
            let Loaded { items, unusable } = loaded.unwrap_or_default();
            self.items = items;
            self.loaded = Some(self.contents());
            self.unusable_cache = self.unusable_cache.max(unusable);
            self.vocabulary = Some(vocabulary.clone());
            self.timings.end(Stage::LoadCache, self.items.len());
        }
        let known = &self.items;
        // Both are in order, so that nothing has to be looked up.
        let mut in_step = known.iter().peekable();
        let mut is_changed = |file: &FilePath, state: FileState| {
            while in_step.next_if(|(known, _)| *known < file).is_some() {}
            in_step.next_if(|(known, _)| *known == file).is_none_or(|(_, kept)| kept.state != state)
        };
        let files = sources.items.iter().map(|(file, state)| (file, *state));
        let changed: Vec<(&FilePath, FileState)> = files.filter(|(file, state)| is_changed(file, *state)).collect();
        let packs = self.packs || changed.len() > PLAIN_AT_MOST;
        let parsed: Vec<(FilePath, Kept)> = changed
            .into_par_iter()
            .with_max_len(BATCH)
            .map(|(file, state)| {
                let bytes = sources.root.read(file)?;
                let content = Fingerprint::of_bytes(&bytes);
                if let Some(kept) = known.get(file).filter(|kept| kept.content == content) {
                    return Ok((file.clone(), Kept { state, ..kept.clone() }));
                }
                self.parsed.fetch_add(1, Ordering::Relaxed);
                let Checked { mut value, diagnostics } = item::parse(file, &bytes, content, vocabulary);
                if let Some(item) = value.as_mut().filter(|_| packs) {
                    item.body.html.pack();
                }
                let checked = Checked { value: value.map(Arc::new), diagnostics };
                Ok((file.clone(), Kept { state, content, checked }))
            })
            .collect::<Result<_, ReadError>>()?;
        self.touched.extend(parsed.iter().map(|(file, _)| file.clone()));
        // What comes in order becomes a map much faster than it is added to one.
        if self.items.is_empty() {
            self.items = parsed.into_iter().collect();
        } else {
            self.items.extend(parsed);
        }
        if self.items.len() > sources.items.len() {
            let gone = self.items.extract_if(.., |file, _| !sources.items.contains_key(file));
            self.touched.extend(gone.map(|(file, _)| file));
        }
        self.timings.end(Stage::Parse, self.parsed());
        Ok(())
    }
}

/// The theme, loaded again unless it is known.
fn theme(
    known: Option<(ThemeKey, Arc<Theme>)>,
    sources: &Sources,
    registry: &Registry,
) -> Result<(ThemeKey, Arc<Theme>), ThemeError> {
    let files = sources.below(THEMES).map(|(path, state)| (path.clone(), *state)).collect();
    let key = ThemeKey { name: registry.theme.clone(), base_url: registry.base_url.clone(), files };
    match known.filter(|(known, _)| *known == key) {
        Some(known) => Ok(known),
        None => Ok((key, Arc::new(Theme::load(&registry.theme, sources, &registry.base_url)?))),
    }
}

/// Builds an edition from the files as `sources` saw them, with the help of what an earlier one left in `memory`.
///
/// # Errors
/// As [`edition`].
pub fn next_edition(sources: &Sources, options: &Options, memory: &mut Memory) -> Result<Outcome, PipelineError> {
    let root = &sources.root;
    let mut diagnostics: Vec<Diagnostic> = sources.diagnostics().cloned().collect();
    let registry = match configuration(root, options.base_url.as_ref())? {
        Ok(registry) => Arc::new(registry),
        Err(found) => {
            diagnostics.extend(found);
            return Ok(finish(None, diagnostics, root));
        }
    };
    let inputs = inputs(options, &registry)?;
    memory.timings.end(Stage::Configuration, 1);

    let known = memory.theme.take();
    let (parsed, theme) =
        rayon::join(|| memory.parse(sources, &registry.vocabulary), || theme(known, sources, &registry));
    parsed?;
    let theme = match theme {
        Ok((key, theme)) => {
            diagnostics.extend(theme.warnings.iter().cloned());
            memory.theme = Some((key, Arc::clone(&theme)));
            Some(theme)
        }
        Err(ThemeError::Wrong(found)) => {
            diagnostics.extend(found);
            None
        }
        Err(ThemeError::Read(error)) => return Err(error.into()),
    };
    let items: Vec<Arc<Item>> = memory.items().cloned().collect();
    // An item with mistakes is missing from the site; links to it are then not dead, only unchecked.
    let (found, unread, unread_drafts) = memory.diagnostics(root, options);
    diagnostics.extend(found);

    let (mut site, found) = Site::build(registry, items, &sources.files, &unread, &inputs);
    site.waiting.drafts += unread_drafts;
    diagnostics.extend(found);
    memory.timings.end(Stage::Model, site.pages.len());
    let (edition, found) = Edition::plan(site, theme, sources, &inputs);
    // Which addresses the missing items would have, nobody can say.
    diagnostics.extend(found.into_iter().filter(|diagnostic| unread.is_empty() || diagnostic.code != "dead-link"));
    memory.timings.end(Stage::Plan, edition.as_ref().map_or(0, |edition| edition.plan.outputs.len()));
    Ok(finish(edition, diagnostics, root))
}

/// What one more item of a type makes the next build draw again.
#[derive(Debug, Clone)]
pub struct Growth {
    pub item_type: ItemType,
    /// The column of the item that was taken as the example; `None` for a free-standing page.
    pub column: Option<String>,
    /// Outputs by what draws them.
    pub redrawn: BTreeMap<&'static str, usize>,
    pub outputs: usize,
    /// Whether what all pages share changes with it.
    pub changes_frame: bool,
}

/// Finds out what publishing the newest item of each type has made to be drawn again, unless it is the first one: by the hashes of
/// a site without it. `memory` and `sources` are those that the edition was made with.
pub fn growth(edition: &Edition, sources: &Sources, memory: &Memory) -> Vec<Growth> {
    let site = &edition.plan.site;
    let newest = |wanted: ItemType| {
        let mut all = site.page_ids().filter(move |id| site.item(*id).item_type() == wanted);
        // The first post brings lists and an entry of the menu as well, which no other does.
        all.next().filter(|_| wanted == ItemType::Page || all.next().is_some())
    };
    let examples = ItemType::ALL.into_iter().filter_map(|item_type| Some((item_type, site.item(newest(item_type)?))));
    examples
        .map(|(item_type, example)| {
            let items = memory.items().filter(|item| item.file != example.file).cloned().collect();
            let (before, _) =
                Site::build(Arc::clone(&site.registry), items, &sources.files, &BTreeSet::new(), &edition.inputs);
            let theme = Arc::clone(&edition.renderer.theme);
            let (before, _) = Edition::plan(before, Some(theme), sources, &edition.inputs);
            let before = before.expect("an edition with a theme");
            let changed = edition.plan.outputs.par_iter().filter_map(|(path, _)| {
                let (now, ingredients) = edition.ingredients(path);
                let then = before.plan.outputs.contains_key(path).then(|| before.ingredients(path).0);
                (then != Some(now)).then(|| edition.kind(&ingredients))
            });
            let mut redrawn = BTreeMap::new();
            for kind in changed.collect::<Vec<_>>() {
                *redrawn.entry(kind).or_default() += 1;
            }
            Growth {
                item_type,
                column: example.column.map(|id| site.registry.column(id).name.clone()),
                redrawn,
                outputs: edition.plan.outputs.len(),
                changes_frame: edition.frame() != before.frame(),
            }
        })
        .collect()
}

fn finish(edition: Option<Edition>, mut diagnostics: Vec<Diagnostic>, root: &Root) -> Outcome {
    let text_of = |file: &FilePath| root.excerpt(file).map(|text| Cow::Owned(text.to_string()));
    parse::locate(&mut diagnostics, &text_of);
    diagnostics.sort();
    diagnostics.dedup();
    let (edition, remains) = if has_errors(&diagnostics) { (None, edition) } else { (edition, None) };
    Outcome { edition, remains, diagnostics, root: root.clone() }
}

/// Reads `site.yaml`. `base_url` replaces the address in it.
///
/// # Errors
/// The file cannot be read. What is wrong in it is the inner error.
pub fn configuration(root: &Root, base_url: Option<&BaseUrl>) -> Result<Result<Registry, Vec<Diagnostic>>, ReadError> {
    let file = FilePath::new(SITE_FILE);
    let Some(bytes) = root.read_configuration()? else {
        let folder = root.folder();
        let whole = std::path::absolute(folder).unwrap_or_default();
        let above = whole.ancestors().skip(1).find(|above| above.join(SITE_FILE).is_file());
        let above = above.map(|above| above.display().to_string());
        return Ok(Err(vec![catalogue::no_site_yaml(&file, &folder.display().to_string(), above.as_deref())]));
    };
    Ok(match String::from_utf8(bytes) {
        Ok(text) => registry::parse(&text, base_url),
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

/// Whether a file that is not an item yet says that it is a draft.
fn is_draft(root: &Root, file: &FilePath) -> bool {
    let text = root.read(file).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.is_some_and(|text| item::is_draft(file, &text))
}

impl Edition {
    /// Changes with what all pages share: the theme, and the site's own texts and menu.
    pub fn frame(&self) -> Fingerprint {
        self.renderer.digest()
    }

    /// Plans the outputs of a site; there is no edition without a theme.
    fn plan(
        site: Site,
        theme: Option<Arc<Theme>>,
        sources: &Sources,
        inputs: &Inputs,
    ) -> (Option<Self>, Vec<Diagnostic>) {
        let statics = sources.below(STATIC).map(|(path, state)| (path.clone(), *state)).collect();
        let assets = theme.as_ref().map(|theme| theme.asset_paths.clone()).unwrap_or_default();
        let (plan, diagnostics) = Plan::new(Arc::new(site), &assets, statics);
        let edition = theme.map(|theme| {
            let renderer = Renderer::new(theme, &plan.site_view);
            Self { plan, inputs: inputs.clone(), renderer, root: sources.root.clone(), settled: None, bodies: None }
        });
        (edition, diagnostics)
    }

    /// Takes note that nothing has changed since the build that left the manifest with this hash but the bodies of these items,
    /// and the templates that had other `frames`.
    pub fn settle(
        &mut self,
        manifest: Fingerprint,
        frames: &BTreeMap<String, Fingerprint>,
        touched: &BTreeSet<FilePath>,
    ) {
        let same = self.renderer.frames().iter().filter(|(template, frame)| frames.get(**template) == Some(frame));
        let templates: BTreeSet<&'static str> = same.map(|(template, _)| *template).collect();
        if templates.contains(LIST) {
            self.renderer.leave_lists();
        }
        self.settled = Some(Settled { manifest, templates, touched: touched.clone() });
    }

    /// Takes bodies out of a cache where they are there.
    pub fn use_bodies(&mut self, folder: &Path) {
        self.bodies = Some(Bodies::of(self.plan.site.pages.len(), folder));
    }

    /// Leaves bodies to later processes where it may be worth it.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn save_bodies(&self) -> io::Result<()> {
        let Some(bodies) = &self.bodies else { return Ok(()) };
        bodies.save(&self.plan.site.pages.iter().map(|page| &page.item.body.html).collect::<Vec<_>>())
    }

    /// Why bodies out of the cache could not be used.
    pub fn unusable_bodies(&self) -> Option<Unusable> {
        self.bodies.as_ref().and_then(Bodies::unusable)
    }

    /// Draws an output of an edition that was made without a cache.
    ///
    /// # Errors
    /// A mistake in the theme.
    pub fn draw(&self, path: &OutputPath) -> Result<Bytes, Diagnostic> {
        self.draw_view(&self.plan.ingredients(&self.plan.outputs[path]).view())
    }

    /// The bytes of an asset of the theme that is in the plan.
    pub fn asset(&self, name: &str) -> &[u8] {
        self.renderer.theme.asset(name)
    }

    fn draw_view(&self, view: &View) -> Result<Bytes, Diagnostic> {
        Ok(match self.renderer.render(view)? {
            Content::Bytes(bytes) => Bytes::Made(bytes),
            Content::Copy(file) => Bytes::CopyOf(self.root.on_disk(&file)),
        })
    }

    /// Gives an item out of a cache its body, which is parsed again where the cache does not hold it.
    fn load_body(&self, item: &Item) -> Result<(), Failure> {
        let body = &item.body.html;
        if body.is_loaded() || self.bodies.as_ref().is_some_and(|bodies| bodies.restore(body)) {
            return Ok(());
        }
        let read = self.root.read(&item.file).map_err(|ReadError { path, error }| Failure::Io(path, error))?;
        let is_same = item::body(&item.file, &read).is_some_and(|body| item.body.html.load(body.html));
        if is_same { Ok(()) } else { Err(Failure::Changed(self.root.on_disk(&item.file))) }
    }
}

impl Outputs for Edition {
    type Ingredients<'o> = Ingredients<'o>;

    fn paths(&self) -> Vec<&OutputPath> {
        self.plan.outputs.keys().collect()
    }

    fn ingredients(&self, path: &OutputPath) -> (Fingerprint, Ingredients<'_>) {
        let ingredients = self.plan.ingredients(&self.plan.outputs[path]);
        (self.renderer.fingerprint(&ingredients), ingredients)
    }

    fn settled(&self, path: &OutputPath, manifest: Fingerprint) -> Option<&'static str> {
        let settled = self.settled.as_ref().filter(|settled| settled.manifest == manifest)?;
        let template = match &self.plan.outputs[path] {
            Recipe::List(..) => LIST,
            Recipe::Item(id) => {
                let item = self.plan.site.item(*id);
                if settled.touched.contains(&item.file) {
                    return None;
                }
                template_of(item.item_type())
            }
            // These are few, and some of them show bodies.
            _ => return None,
        };
        settled.templates.contains(template).then_some(template)
    }

    fn kind(&self, ingredients: &Ingredients<'_>) -> &'static str {
        self.renderer.kind(ingredients)
    }

    fn frames(&self) -> BTreeMap<&'static str, Fingerprint> {
        self.renderer.frames().clone()
    }

    fn render(&self, ingredients: &Ingredients<'_>) -> Result<Bytes, Failure> {
        ingredients.item().map_or(Ok(()), |item| self.load_body(item))?;
        Ok(self.draw_view(&ingredients.view())?)
    }
}
