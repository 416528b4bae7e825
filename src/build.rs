//! A build: the site in its output folder, with all that the next build wants to know.
//!
//! ```text
//! sources -> the stamp of the last build, if it holds: nothing is to be done
//!         -> edition, told what has settled -> write, and the ledger -> cache, stamp, surface
//! ```
//!
//! Start at [`build`].

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use jiff::Timestamp;

use crate::cache::Unusable;
use crate::check;
use crate::diagnostic::{Diagnostic, Text};
use crate::fingerprint::Fingerprint;
use crate::ledger::{self, Ledger};
use crate::parse;
use crate::pipeline::{self, AsOf, Edition, Memory, Options, PipelineError, next_edition};
use crate::plan::url::OutputPath;
use crate::shard::{Origin, Part, Shard, ShardError, Shards};
use crate::site::Waiting;
use crate::source::{ReadError, Root, Sources};
use crate::stamp::{self, Found, Left, Stamp};
use crate::surface::Surface;
use crate::timings::{Stage, Timings};
use crate::write::{self, Cost, Explanation, Progress, Proof, Summary, WriteError, Written};

/// What is to be built.
pub struct Order<'o> {
    /// The folder of the sources.
    pub site: &'o Path,
    pub out: &'o Path,
    pub options: &'o Options,
    pub extent: Extent<'o>,
    /// What the clock says, whatever day the build is of: what is dated later is not yet published.
    pub now: Timestamp,
    pub cache: Cache,
    /// Finds the output whose fate is to be told.
    pub asked: Option<&'o Find<'o>>,
    /// Whether the stages are timed; then a build is made even if there is nothing to do.
    pub timed: bool,
}

/// Finds an output, or says why there is none; the sources and the memory also know what is not published.
pub type Find<'f> = dyn Fn(&Edition, &Sources, &Memory) -> Result<OutputPath, Text> + Sync + 'f;

/// How much of the site is drawn here.
#[derive(Clone, Copy)]
pub enum Extent<'o> {
    Whole,
    /// One part, for machines that share the work.
    Shard(Shard),
    /// All of it, but what these parts hold is taken from there.
    Join(&'o Shards),
}

/// What is believed of what earlier builds left in the output folder's cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cache {
    /// Nothing is read there, and nothing left: a shard's folder travels, and what it was made of need not.
    None,
    /// What files were parsed to; every output is looked into.
    Items,
    /// Also which outputs are as they are to be.
    All,
}

/// What came of it.
pub struct Built {
    pub sources: Sources,
    pub memory: Memory,
    /// `None` where a mistake was found, or where nothing had to be looked into.
    pub edition: Option<Edition>,
    pub diagnostics: Vec<Diagnostic>,
    /// `None` where a mistake was found; the output folder is then as it was.
    pub done: Option<Done>,
    pub remarks: Remarks,
    /// What a site with mistakes would be without them: kept, since giving back a large one piece by piece takes time.
    _remains: Option<Edition>,
}

/// What a build that went well did.
#[derive(Default)]
pub struct Done {
    pub summary: Summary,
    pub pages: usize,
    pub waiting: Waiting,
    /// By template or format.
    pub costs: BTreeMap<&'static str, Cost>,
    /// Of the output that was asked about.
    pub explanation: Option<(OutputPath, Explanation)>,
    /// Whether there is something for [`write::sweep`] to do.
    pub left_behind: bool,
}

/// What is worth a word, though the build is right without it.
#[derive(Debug, Default)]
pub struct Remarks {
    /// Why a part of the cache was left out.
    pub unusable_cache: Option<Unusable>,
    /// Why the cache could not be saved.
    pub unsaved_cache: Option<io::Error>,
    /// The ledger could not be read, and begins anew.
    pub damaged_ledger: bool,
}

/// Why a build came to no result, for a reason other than mistakes in the site.
#[derive(Debug)]
pub enum BuildError {
    /// The sources, or the date given for the build.
    Pipeline(PipelineError),
    /// The parts that it is divided into.
    Shard(ShardError),
    /// The output folder.
    Write(WriteError),
    /// What was asked about is no output of the site.
    Asked(Text),
}

impl From<PipelineError> for BuildError {
    fn from(error: PipelineError) -> Self {
        Self::Pipeline(error)
    }
}

impl From<ReadError> for BuildError {
    fn from(error: ReadError) -> Self {
        Self::Pipeline(error.into())
    }
}

impl From<ShardError> for BuildError {
    fn from(error: ShardError) -> Self {
        match error {
            ShardError::Io(error) => Self::Write(error),
            error => Self::Shard(error),
        }
    }
}

impl From<WriteError> for BuildError {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}

/// Brings the output folder to the state of the sources.
///
/// # Errors
/// [`BuildError`]; what an editor can cause is a diagnostic instead. The output folder is then as it was, unless only what lies
/// beside the site could not be written there.
pub fn build(order: &Order<'_>, progress: &dyn Progress) -> Result<Built, BuildError> {
    if let (Extent::Shard(_), AsOf::Clock(_)) = (order.extent, &order.options.as_of) {
        return Err(ShardError::NoMoment.into());
    }
    let folder = write::cache_folder(order.out);
    let mut memory = if order.cache == Cache::None { Memory::default() } else { Memory::cached(folder.clone()) };
    if order.timed {
        memory.timings = Timings::recording();
    }
    let sources = Sources::discover(order.site)?;
    memory.timings.end(Stage::Discover, sources.items.len() + sources.files.len());
    let mut built = Built {
        sources,
        memory,
        edition: None,
        diagnostics: Vec::new(),
        done: None,
        remarks: Remarks::default(),
        _remains: None,
    };
    let (sources, memory, remarks) = (&built.sources, &mut built.memory, &mut built.remarks);

    let origin = (order.cache != Cache::None).then(|| stamp::origin(sources, order.options));
    if let Some(origin) = origin.filter(|_| order.cache == Cache::All && !order.timed) {
        match Stamp::read(&folder, origin) {
            Found::Nothing => {}
            Found::Unusable(why) => remarks.unusable_cache = Some(why),
            Found::Stamp(stamp) if stamp.holds(sources, &order.options.as_of, order.out)? => {
                let settled = stamp.settled(sources);
                remarks.unsaved_cache = settled.and_then(|stamp| stamp.keep(&folder, origin).err());
                built.done = Some(Done::nothing(&stamp.left));
                built.diagnostics = stamp.diagnostics;
                return Ok(built);
            }
            Found::Stamp(_) => {}
        }
    }

    let outcome = next_edition(sources, order.options, memory)?;
    built.diagnostics = outcome.diagnostics;
    built._remains = outcome.remains;
    let Some(mut edition) = outcome.edition else { return Ok(built) };
    built.diagnostics.extend(unknown_rules(&edition, &outcome.root));
    let surface = origin.map(|_| Surface::of(sources, order.options, memory));
    if let Some(surface) = surface.as_ref().filter(|_| order.cache == Cache::All) {
        let unusable = surface.settle(&mut edition, sources, memory, &folder);
        remarks.unusable_cache = remarks.unusable_cache.max(unusable);
        edition.use_bodies(&folder);
    }
    let edition = &*built.edition.insert(edition);
    let asked = order.asked.map(|find| find(edition, sources, memory)).transpose().map_err(BuildError::Asked)?;

    // What was published when, the whole site's folder knows.
    let keeps_ledger = !matches!(order.extent, Extent::Shard(_));
    let (written, ledger) = rayon::join(
        || order.write(edition, sources, progress, &mut memory.timings, asked.as_ref()),
        || keeps_ledger.then(|| NextLedger::read(order.out, edition, sources, order.now)).transpose(),
    );
    let written = match written {
        Ok(written) => written,
        Err(ShardError::Io(WriteError::Diagnostics(found))) => {
            built.diagnostics.extend(found);
            return Ok(built);
        }
        Err(error) => return Err(error.into()),
    };
    let pages = edition.plan.outputs.keys().filter(|path| order.holds(path) && path.is_page()).count();
    let waiting = edition.plan.site.waiting;
    let ledger = ledger?;
    remarks.damaged_ledger = ledger.as_ref().is_some_and(|ledger| ledger.was_damaged);
    let ledger = ledger.map(|ledger| ledger.keep(order.out)).transpose()?;

    remarks.unusable_cache = remarks.unusable_cache.max(memory.unusable_cache()).max(edition.unusable_bodies());
    let save = || {
        memory.save()?;
        if let (Some(origin), Some(surface), Some(ledger)) = (origin, &surface, ledger) {
            edition.save_bodies()?;
            let left = Left { pages, waiting, outputs: written.summary.outputs, manifest: written.manifest, ledger };
            // A look at a moment to come leaves the ledger alone, and the same one when it has come must not.
            if !is_to_come(edition, order.now) {
                Stamp::new(sources, edition, left, &built.diagnostics).keep(&folder, origin)?;
            }
            surface.keep(edition, sources, memory, written.manifest, &folder)?;
        }
        Ok(())
    };
    remarks.unsaved_cache = save().err();
    let kept = memory.items().count();
    memory.timings.end(Stage::SaveCache, kept);
    let Written { summary, costs, explanation, left_behind, .. } = written;
    built.done = Some(Done { summary, pages, waiting, costs, explanation: asked.zip(explanation), left_behind });
    Ok(built)
}

impl Order<'_> {
    /// Whether the output folder is to hold an output.
    fn holds(&self, path: &OutputPath) -> bool {
        !matches!(self.extent, Extent::Shard(shard) if !shard.holds(path))
    }

    /// Brings the output folder to the planned state, as far as it is to hold it.
    fn write(
        &self,
        edition: &Edition,
        sources: &Sources,
        progress: &dyn Progress,
        timings: &mut Timings,
        asked: Option<&OutputPath>,
    ) -> Result<Written, ShardError> {
        let Self { site, out, options, .. } = self;
        let origin = || {
            let origin = Origin::of(edition, sources, options);
            let origin = origin.map_err(|ReadError { path, error }| WriteError::Io(path, error))?;
            origin.ok_or(ShardError::NoMoment)
        };
        Ok(match self.extent {
            Extent::Whole => write::write(edition, site, out, Proof::SizeAndTime, progress, timings, asked)?,
            Extent::Shard(shard) => {
                let part = Part::new(edition, shard);
                let origin = origin()?;
                let written = write::write(&part, site, out, Proof::SizeAndTime, progress, timings, None)?;
                part.keep_list(out, &origin)?;
                written
            }
            Extent::Join(shards) => {
                let joined = shards.join(edition, &origin()?)?;
                let mut written = write::write(&joined, site, out, Proof::SizeAndTime, progress, timings, asked)?;
                written.summary.rendered = joined.drawn();
                written
            }
        })
    }
}

impl Done {
    /// Where all was as it is to be.
    fn nothing(left: &Left) -> Self {
        let Left { pages, waiting, outputs, .. } = *left;
        let summary = Summary { outputs, unchanged: outputs, ..Summary::default() };
        Self { summary, pages, waiting, ..Self::default() }
    }
}

/// Whether an edition shows the site as it will be after what the clock says.
fn is_to_come(edition: &Edition, now: Timestamp) -> bool {
    edition.plan.site.now.seconds > now.as_second()
}

/// A slip in the settings of the checks is told by whoever sees it first; the site itself is right.
fn unknown_rules(edition: &Edition, root: &Root) -> Vec<Diagnostic> {
    let mut found = check::unknown_rules(&edition.plan.site.registry.check);
    parse::locate(&mut found, &|file| root.excerpt(file).map(|text| Cow::Owned(text.to_string())));
    found
}

/// Reads the site once more, from nothing, and compares it with the output folder: the paths that are not as they are to be, as
/// [`write::verify`] gives them.
///
/// # Errors
/// [`BuildError`]; `None` in place of the paths where the site has mistakes, and so was changed meanwhile.
pub fn wrong_files(order: &Order<'_>) -> Result<Option<Vec<String>>, BuildError> {
    let (outcome, _) = pipeline::edition(order.site, order.options, &mut Memory::default())?;
    let verified = outcome.edition.map(|edition| match order.extent {
        Extent::Shard(shard) => write::verify(&Part::new(&edition, shard), order.out),
        Extent::Whole | Extent::Join(_) => write::verify(&edition, order.out),
    });
    Ok(verified.transpose()?)
}

/// What a build notes of what was published for the first time, and when: `check` judges later dates by it.
pub struct NextLedger {
    text: String,
    differs: bool,
    /// Whether what was there could not be read.
    pub was_damaged: bool,
}

impl NextLedger {
    /// Reads the folder's ledger and adds what this edition publishes. `now` is what the clock says.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn read(out: &Path, edition: &Edition, sources: &Sources, now: Timestamp) -> Result<Self, WriteError> {
        let before = write::kept(out, ledger::FILE)?;
        let read = before.as_deref().map(Ledger::parse);
        let was_damaged = read == Some(None);
        // A look at a day that is still to come publishes nothing.
        if is_to_come(edition, now) {
            return Ok(Self { text: before.unwrap_or_default(), differs: false, was_damaged: false });
        }
        let mut ledger = read.flatten().unwrap_or_default();
        let differs = ledger.update(&edition.plan.site, |file| sources.items.contains_key(file));
        let text = before.filter(|_| !differs).unwrap_or_else(|| ledger.to_text());
        Ok(Self { text, differs, was_damaged })
    }

    /// Leaves it to later builds and checks, and gives the hash of its bytes.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn keep(&self, out: &Path) -> Result<Fingerprint, WriteError> {
        if self.differs {
            write::keep(out, ledger::FILE, &self.text)?;
        }
        Ok(Fingerprint::of_bytes(self.text.as_bytes()))
    }
}
