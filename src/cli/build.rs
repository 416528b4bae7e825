//! `xinfeng build`: an edition, written.

use std::borrow::Cow;
use std::io::{self, IsTerminal};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::ArgMatches;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::json::as_json;
use super::terminal::{Terminal, Volume, count, counted, explain, seconds};
use super::{FAILED, USAGE, explain as why, timings};
use crate::cache::Unusable;
use crate::check;
use crate::diagnostic::{Diagnostic, FilePath, Language, Text, has_errors};
use crate::fingerprint::Fingerprint;
use crate::ledger::{self, Ledger};
use crate::parse;
use crate::parse::registry::BaseUrl;
use crate::pipeline::{AsOf, Edition, Memory, Options, PipelineError, edition, growth, next_edition};
use crate::plan::url::OutputPath;
use crate::shard::{Origin, Part, Shard, ShardError, Shards};
use crate::site::Waiting;
use crate::source::{ReadError, Root, Sources};
use crate::stamp::{self, Found, Left, Stamp};
use crate::surface::Surface;
use crate::timings::{Stage, Timings};
use crate::write::{self, Progress, Summary, WriteError, Written};

/// `xinfeng build`
pub(super) struct Build {
    terminal: Terminal,
    site: PathBuf,
    out: PathBuf,
    options: Options,
    verify: bool,
    no_cache: bool,
    timings: bool,
    /// The output whose fate is told.
    explain: Option<String>,
    json: bool,
    extent: Extent,
}

/// What a build that went well did.
struct Done {
    summary: Summary,
    pages: usize,
    waiting: Waiting,
}

/// How much of the site is drawn here.
enum Extent {
    Whole,
    /// One part, for machines that share the work.
    Shard(Shard),
    /// Nothing: the parts that lie in these folders become the whole.
    Join(Vec<PathBuf>),
}

impl Build {
    pub fn new(language: Language, arguments: &ArgMatches) -> Self {
        let site = super::site(arguments);
        Self {
            terminal: Terminal::new(language, arguments),
            out: super::out(arguments, &site),
            site,
            options: Options {
                base_url: arguments.get_one::<BaseUrl>("base-url").cloned(),
                ..super::options(arguments)
            },
            verify: arguments.get_flag("verify"),
            no_cache: arguments.get_flag("no-cache"),
            timings: arguments.get_flag("timings"),
            explain: arguments.get_one::<String>("explain").cloned(),
            json: arguments.get_flag("json"),
            extent: match (arguments.get_one::<Shard>("shard"), arguments.get_many::<PathBuf>("join")) {
                (Some(shard), _) => Extent::Shard(*shard),
                (None, Some(folders)) => Extent::Join(folders.cloned().collect()),
                (None, None) => Extent::Whole,
            },
        }
    }

    pub fn run(&self) -> ExitCode {
        let Extent::Join(folders) = &self.extent else { return self.build(&self.options, None) };
        match Shards::read(folders) {
            Ok(shards) => self.build(&shards.options(), Some(&shards)),
            Err(error) => self.fail(&error.text()),
        }
    }

    fn build(&self, options: &Options, shards: Option<&Shards>) -> ExitCode {
        let started = Instant::now();
        if matches!((&self.extent, &options.as_of), (Extent::Shard(_), AsOf::Clock(_))) {
            self.fail(&Text::new(
                "分片生成（--shard）要写明 --as-of，各片写同一个时间，例如 --as-of \"2026-11-23 09:00\"",
                "--shard needs --as-of, with the same moment for every shard, e.g. --as-of \"2026-11-23 09:00\"",
            ));
            return ExitCode::from(USAGE);
        }
        // The process ends with the build: giving back a large site piece by piece would only take time.
        let mut memory = ManuallyDrop::new(self.memory());
        let sources = match Sources::discover(&self.site).map(ManuallyDrop::new) {
            Ok(sources) => sources,
            Err(error) => return self.stop(&error.into()),
        };
        memory.timings.end(Stage::Discover, sources.items.len() + sources.files.len());
        let cache = self.cache().map(|folder| (folder, stamp::origin(&sources, options)));
        let mut unusable = None;
        // Whoever asks where the time goes is to see a build.
        if let Some((folder, origin)) = cache.as_ref().filter(|_| self.may_remember() && !self.timings) {
            match Stamp::read(folder, *origin) {
                Found::Nothing => {}
                Found::Unusable(why) => unusable = Some(why),
                Found::Stamp(stamp) => match stamp.holds(&sources, &options.as_of, &self.out) {
                    Ok(true) => {
                        if let Some(settled) = stamp.settled(&sources) {
                            self.save_cache(&memory, None, || settled.keep(folder, *origin));
                        }
                        return self.report_unchanged(&sources, &stamp, started.elapsed());
                    }
                    Ok(false) => {}
                    Err(error) => return self.fail(&error.text()),
                },
            }
        }
        let mut outcome = match next_edition(&sources, options, &mut memory).map(ManuallyDrop::new) {
            Ok(outcome) => outcome,
            Err(error) => return self.stop(&error),
        };
        if let Some(edition) = &outcome.edition {
            let found = unknown_rules(edition, &outcome.root);
            outcome.diagnostics.extend(found);
        }
        let cache = cache.map(|(folder, origin)| (folder, origin, Surface::of(&sources, options, &memory)));
        if let (Some((folder, _, surface)), Some(edition)) = (&cache, &mut outcome.edition)
            && self.may_remember()
        {
            unusable = unusable.max(surface.settle(edition, &sources, &memory, folder));
            edition.use_bodies(folder);
        }
        let root = &outcome.root;
        let Some(edition) = &outcome.edition else {
            return self.report(root, &outcome.diagnostics, None, started.elapsed());
        };
        let asked = match self.explain.as_deref().map(|text| why::find(edition, text)).transpose() {
            Ok(asked) => asked,
            Err(text) => return self.fail(&text),
        };
        let bar = Bar::new(self.terminal.language, self.terminal.volume != Volume::Quiet && !self.json);
        let timings = &mut memory.timings;
        // What was published when, the whole site's folder knows.
        let keeps_ledger = !matches!(self.extent, Extent::Shard(_));
        let (made, ledger) = rayon::join(
            || self.write(edition, &sources, options, shards, &bar, timings, asked.as_ref()),
            || keeps_ledger.then(|| NextLedger::read(&self.out, edition, &sources)),
        );
        bar.finish();
        let written = match made {
            Ok(written) => written,
            Err(ShardError::Io(WriteError::Diagnostics(found))) => {
                let all: Vec<Diagnostic> = outcome.diagnostics.iter().cloned().chain(found).collect();
                return self.report(root, &all, None, started.elapsed());
            }
            Err(error) => return self.fail(&error.text()),
        };
        let is_here = |path: &&OutputPath| !matches!(self.extent, Extent::Shard(shard) if !shard.holds(path));
        let outputs = edition.plan.outputs.keys().filter(is_here);
        let pages = outputs.filter(|path| path.as_str().ends_with(".html")).count();
        let waiting = edition.plan.site.waiting;
        let mut stamp = None;
        if let Some(ledger) = ledger {
            let ledger = match ledger.and_then(|ledger| ledger.keep(&self.terminal.quiet_if(self.json), &self.out)) {
                Ok(ledger) => ledger,
                Err(error) => return self.fail(&error.text()),
            };
            let left = Left { pages, waiting, outputs: written.summary.outputs, manifest: written.manifest, ledger };
            stamp = Some(Stamp::new(&sources, edition, left, &outcome.diagnostics));
        }
        self.save_cache(&memory, unusable.max(edition.unusable_bodies()), || match (&cache, stamp) {
            (Some((folder, origin, surface)), Some(stamp)) => {
                edition.save_bodies()?;
                stamp.keep(folder, *origin)?;
                surface.keep(edition, &sources, &memory, written.manifest, folder)
            }
            _ => Ok(()),
        });
        let kept = memory.items().count();
        memory.timings.end(Stage::SaveCache, kept);
        let took = started.elapsed();
        if self.timings {
            let growth = growth(edition, &sources, &memory);
            self.say(&timings::draw(
                &memory.timings.laps,
                &written.costs,
                &growth,
                edition.plan.site.registry.page_size,
            ));
        }
        if let (Some(path), Some(explanation)) = (&asked, &written.explanation) {
            self.say(&why::draw(edition, path, explanation));
        }
        if self.verify {
            match self.wrong_files(options) {
                Ok(None) => self.say(&Text::new("核对无误", "verified: every file is as it should be")),
                Ok(Some(text)) | Err(text) => return self.fail(&text),
            }
        }
        self.report(root, &outcome.diagnostics, Some(Done { summary: written.summary, pages, waiting }), took)
    }

    /// Brings the output folder to the planned state, as far as it is to hold it.
    #[expect(clippy::too_many_arguments, reason = "what a build consists of, once")]
    fn write(
        &self,
        edition: &Edition,
        sources: &Sources,
        options: &Options,
        shards: Option<&Shards>,
        bar: &Bar,
        timings: &mut Timings,
        asked: Option<&OutputPath>,
    ) -> Result<Written, ShardError> {
        let origin = || {
            let origin = Origin::of(edition, sources, options);
            let origin = origin.map_err(|ReadError { path, error }| WriteError::Io(path, error))?;
            Ok::<_, WriteError>(origin.expect("a typed moment"))
        };
        Ok(match (&self.extent, shards) {
            (Extent::Shard(shard), _) => {
                let part = Part::new(edition, *shard);
                let origin = origin()?;
                let written = write::write(&part, &self.site, &self.out, bar, timings, None)?;
                part.keep_list(&self.out, &origin)?;
                written
            }
            (_, Some(shards)) => {
                let joined = shards.join(edition, &origin()?)?;
                let mut written = write::write(&joined, &self.site, &self.out, bar, timings, asked)?;
                written.summary.rendered = joined.drawn();
                written
            }
            (_, None) => write::write(edition, &self.site, &self.out, bar, timings, asked)?,
        })
    }

    /// The folder of the cache, unless there is to be none. A shard's folder travels; what parsing gave need not.
    fn cache(&self) -> Option<PathBuf> {
        let has_cache = !self.no_cache && !matches!(self.extent, Extent::Shard(_));
        has_cache.then(|| write::cache_folder(&self.out))
    }

    fn memory(&self) -> Memory {
        let mut memory = self.cache().map_or_else(Memory::default, Memory::cached);
        if self.timings {
            memory.timings = Timings::recording();
        }
        memory
    }

    /// Whether what the last build left may tell that outputs are as they are to be. Whoever asks why a file was written, or
    /// whether all is right, is not answered from memory.
    fn may_remember(&self) -> bool {
        !self.verify && self.explain.is_none() && matches!(self.extent, Extent::Whole)
    }

    /// Leaves what was parsed, and what all follows from, to the next build. That it takes longer without is no reason to fail.
    fn save_cache(&self, memory: &Memory, unusable: Option<Unusable>, keep_rest: impl FnOnce() -> io::Result<()>) {
        match memory.unusable_cache().max(unusable) {
            None => {}
            Some(Unusable::OtherEngine) => self.say(&Text::new(
                "缓存是另一个版本的新风留下的，没有采用，已全部重新读取",
                "the cache was another version's: it was not used, and everything was read again",
            )),
            Some(Unusable::Damaged) => self.say(&Text::new(
                "缓存已损坏，损坏的部分没有采用，已重新读取",
                "the cache was damaged: what was damaged was thrown away and read again",
            )),
        }
        if let Err(error) = memory.save().and_then(|()| keep_rest()) {
            let why = Text::from(&error);
            self.say(&Text::new(
                format!("缓存没有存下来（{}），下次生成会慢一些", why.zh),
                format!("the cache could not be saved ({}): the next build will take longer", why.en),
            ));
        }
    }

    /// Reads the site once more, from nothing, and compares it with the output folder: what is wrong there.
    fn wrong_files(&self, options: &Options) -> Result<Option<Text>, Text> {
        let made = edition(&self.site, options, &mut Memory::default());
        let (outcome, _) = made.map_err(|error| explain(&error).0)?;
        let changed = || Text::new("核对期间网站被修改了，请再生成一次", "the site was changed while it was verified");
        let edition = outcome.edition.ok_or_else(changed)?;
        let wrong = match self.extent {
            Extent::Shard(shard) => write::verify(&Part::new(&edition, shard), &self.out),
            Extent::Whole | Extent::Join(_) => write::verify(&edition, &self.out),
        };
        let wrong = wrong.map_err(|error| error.text())?;
        let list = wrong.join("\n  ");
        Ok((!wrong.is_empty()).then(|| {
            Text::new(
                format!("{} 个文件与应有的内容不同，或不该在那里：\n  {list}", wrong.len()),
                format!("{} files differ or do not belong there:\n  {list}", wrong.len()),
            )
        }))
    }

    fn say(&self, text: &Text) {
        self.terminal.quiet_if(self.json).say(text);
    }

    fn stop(&self, error: &PipelineError) -> ExitCode {
        let (text, code) = explain(error);
        self.fail(&text);
        ExitCode::from(code)
    }

    fn fail(&self, text: &Text) -> ExitCode {
        if self.json {
            say_out!("{:#}", json!({ "ok": false, "error": text.get(self.terminal.language), "diagnostics": [] }));
            return ExitCode::from(FAILED);
        }
        self.terminal.fail(text)
    }

    fn report_unchanged(&self, sources: &Sources, stamp: &Stamp, took: Duration) -> ExitCode {
        let Left { pages, waiting, outputs, .. } = stamp.left;
        let summary = Summary { outputs, unchanged: outputs, ..Summary::default() };
        self.report(&sources.root, &stamp.diagnostics, Some(Done { summary, pages, waiting }), took)
    }

    /// Shows what was found and what was done.
    fn report(&self, root: &Root, diagnostics: &[Diagnostic], done: Option<Done>, took: Duration) -> ExitCode {
        let code = if done.is_some() { ExitCode::SUCCESS } else { ExitCode::from(FAILED) };
        if self.json {
            let text_of = |file: &FilePath| root.excerpt(file);
            let found: Vec<_> =
                diagnostics.iter().map(|diagnostic| as_json(diagnostic, self.terminal.language, &text_of)).collect();
            let summary = done.as_ref().map(|Done { summary, pages, waiting }| {
                json!({
                    "pages": pages, "files": summary.outputs, "written": summary.written,
                    "unchanged": summary.unchanged, "removed": summary.removed, "rendered": summary.rendered,
                    "drafts": waiting.drafts, "scheduled": waiting.scheduled,
                    "seconds": (took.as_secs_f64() * 1000.0).round() / 1000.0,
                })
            });
            say_out!("{:#}", json!({ "ok": done.is_some(), "summary": summary, "diagnostics": found }));
        } else {
            self.terminal.draw(diagnostics, &|file| root.excerpt(file));
            self.summarize(diagnostics, done, took);
        }
        code
    }

    fn summarize(&self, diagnostics: &[Diagnostic], done: Option<Done>, took: Duration) {
        let (errors, warnings) = count(diagnostics);
        let Some(Done { summary, pages, waiting }) = done else {
            debug_assert!(has_errors(diagnostics), "a build fails for a reason");
            let text = Text::new(
                format!("发现 {errors} 处错误，网站没有生成，“{}”保持原样", self.out.display()),
                format!("{}; nothing was built, \"{}\" is as it was", counted(errors, "error"), self.out.display()),
            );
            say_err!("{}", text.get(self.terminal.language));
            return;
        };
        let time = seconds(took);
        let Summary { outputs, written, unchanged, removed, .. } = summary;
        let mut text = Text::new(
            format!(
                "生成完毕：{pages} 页（共 {outputs} 个文件），写入 {written}，未变 {unchanged}，删除 {removed}，用时 {time} 秒 → {}",
                self.out.display()
            ),
            format!(
                "built {} ({outputs} files): {written} written, {unchanged} unchanged, {removed} removed, in {time} s → {}",
                counted(pages, "page"),
                self.out.display()
            ),
        );
        if let Extent::Shard(shard) = self.extent {
            text = Text::new(format!("第 {shard} 片{}", text.zh), format!("shard {shard}: {}", text.en));
        }
        if warnings > 0 {
            text.zh.push_str(&format!("，{warnings} 条提醒"));
            text.en.push_str(&format!(", {}", counted(warnings, "warning")));
        }
        let Waiting { drafts, scheduled } = waiting;
        if drafts > 0 {
            text.zh.push_str(&format!("；草稿 {drafts} 篇没有发布"));
            text.en.push_str(&format!("; {} left out", counted(drafts, "draft")));
        }
        if scheduled > 0 {
            text.zh.push_str(&format!("；{scheduled} 篇还没到发布时间"));
            text.en.push_str(&format!("; {} not due yet", counted(scheduled, "item")));
        }
        self.say(&text);
    }
}

/// A slip in the settings of the checks is told by whoever sees it first; the site itself is right.
fn unknown_rules(edition: &Edition, root: &Root) -> Vec<Diagnostic> {
    let mut found = check::unknown_rules(&edition.plan.site.registry.check);
    parse::locate(&mut found, &|file| root.excerpt(file).map(|text| Cow::Owned(text.to_string())));
    found
}

/// What a build notes of what was published for the first time, and when: `check` judges later dates by it.
pub(super) struct NextLedger {
    text: String,
    differs: bool,
    was_damaged: bool,
}

impl NextLedger {
    /// Reads the folder's ledger and adds what this edition publishes.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn read(out: &Path, edition: &Edition, sources: &Sources) -> Result<Self, WriteError> {
        let before = write::kept(out, ledger::FILE)?;
        let read = before.as_deref().map(Ledger::parse);
        let was_damaged = read == Some(None);
        // A look at a day that is still to come publishes nothing.
        if edition.plan.site.now.seconds > super::clock().as_second() {
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
    pub fn keep(&self, terminal: &Terminal, out: &Path) -> Result<Fingerprint, WriteError> {
        if self.was_damaged {
            terminal.say(&Text::new(
                "发布台账（.xinfeng/ledger）已损坏，从这次生成起重新记录",
                "the ledger (.xinfeng/ledger) was damaged: a new one begins with this build",
            ));
        }
        if self.differs {
            write::keep(out, ledger::FILE, &self.text)?;
        }
        Ok(Fingerprint::of_bytes(self.text.as_bytes()))
    }
}

/// A progress bar for long builds, on a terminal.
pub(super) struct Bar {
    bar: ProgressBar,
    language: Language,
}

/// Shorter builds are over before anybody reads a bar.
const BAR_FROM: usize = 3_000;

impl Bar {
    pub(super) fn new(language: Language, wanted: bool) -> Self {
        let shown = wanted && io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { bar: ProgressBar::with_draw_target(None, target), language }
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Bar {
    fn begin(&self, outputs: usize) {
        if outputs < BAR_FROM {
            self.bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let template = match self.language {
            Language::Chinese => "生成 {bar:30} {pos}/{len} 个文件，还需 {eta}",
            Language::English => "building {bar:30} {pos}/{len} files, {eta} left",
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        self.bar.set_style(style);
        self.bar.set_length(outputs as u64);
    }

    fn step(&self) {
        self.bar.inc(1);
    }
}
