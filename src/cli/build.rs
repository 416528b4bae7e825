//! `xinfeng build`: an edition, written.

use std::io::{self, IsTerminal};
use std::mem::ManuallyDrop;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::ArgMatches;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::json::as_json;
use super::terminal::{Terminal, Volume, count, counted, explain, seconds};
use super::{FAILED, USAGE, clock, explain as why, sweep_later, timings};
use crate::build::{self, BuildError, Built, Cache, Done, Extent, Order, Remarks};
use crate::cache::Unusable;
use crate::diagnostic::{Diagnostic, FilePath, Language, Text, has_errors};
use crate::parse::registry::BaseUrl;
use crate::pipeline::{Edition, Memory, Options, growth};
use crate::shard::{Shard, ShardError, Shards};
use crate::site::Waiting;
use crate::source::Sources;
use crate::write::{Progress, Summary};

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
    /// The one part that is drawn here, for machines that share the work.
    shard: Option<Shard>,
    /// The folders of the parts that become the whole.
    join: Option<Vec<PathBuf>>,
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
            shard: arguments.get_one::<Shard>("shard").copied(),
            join: arguments.get_many::<PathBuf>("join").map(|folders| folders.cloned().collect()),
        }
    }

    pub fn run(&self) -> ExitCode {
        let Some(folders) = &self.join else { return self.build(&self.options, None) };
        match Shards::read(folders) {
            Ok(shards) => self.build(&shards.options(), Some(&shards)),
            Err(error) => self.fail(&error.text()),
        }
    }

    fn build(&self, options: &Options, shards: Option<&Shards>) -> ExitCode {
        let started = Instant::now();
        let extent = match (self.shard, shards) {
            (Some(shard), _) => Extent::Shard(shard),
            (None, Some(shards)) => Extent::Join(shards),
            (None, None) => Extent::Whole,
        };
        let find = self.explain.as_deref().map(|text| {
            move |edition: &Edition, sources: &Sources, memory: &Memory| why::find(edition, sources, memory, text)
        });
        let order = Order {
            site: &self.site,
            out: &self.out,
            options,
            extent,
            now: clock(),
            cache: self.cache(),
            asked: find.as_ref().map(|find| find as _),
            timed: self.timings,
        };
        let bar = Bar::new(self.terminal.language, self.terminal.volume != Volume::Quiet && !self.json);
        let built = build::build(&order, &bar);
        bar.finish();
        // The process ends with the build: giving back a large site piece by piece would only take time.
        let built = match built.map(ManuallyDrop::new) {
            Ok(built) => built,
            Err(error) => return self.stop(&error),
        };
        if let Some(done) = &built.done {
            self.remark(&built.remarks);
            if done.left_behind {
                sweep_later(&self.out);
            }
        }
        let took = started.elapsed();
        if let (Some(done), Some(edition)) = (&built.done, &built.edition) {
            if self.timings {
                let growth = growth(edition, &built.sources, &built.memory);
                let page_size = edition.plan.site.registry.page_size;
                self.say(&timings::draw(&built.memory.timings.laps, &done.costs, &growth, page_size));
            }
            if let Some((path, explanation)) = &done.explanation {
                self.say(&why::draw(edition, path, explanation));
            }
            if self.verify
                && let Err(stopped) = self.say_what_is_wrong(&order)
            {
                return stopped;
            }
        }
        self.report(&built, took)
    }

    /// What is believed of the cache. Whoever asks why a file was written, or whether all is right, is not answered from memory.
    fn cache(&self) -> Cache {
        if self.no_cache || self.shard.is_some() {
            Cache::None
        } else if self.verify || self.explain.is_some() || self.join.is_some() {
            Cache::Items
        } else {
            Cache::All
        }
    }

    /// Tells what is no reason to fail: without a cache, a build only takes longer.
    fn remark(&self, remarks: &Remarks) {
        if remarks.damaged_ledger {
            self.say(&damaged_ledger());
        }
        match remarks.unusable_cache {
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
        if let Some(error) = &remarks.unsaved_cache {
            let why = Text::from(error);
            self.say(&Text::new(
                format!("缓存没有存下来（{}），下次生成会慢一些", why.zh),
                format!("the cache could not be saved ({}): the next build will take longer", why.en),
            ));
        }
    }

    /// `--verify`
    fn say_what_is_wrong(&self, order: &Order<'_>) -> Result<(), ExitCode> {
        let wrong = build::wrong_files(order).map_err(|error| self.stop(&error))?;
        let text = match wrong {
            Some(wrong) if wrong.is_empty() => {
                self.say(&Text::new("核对无误", "verified: every file is as it should be"));
                return Ok(());
            }
            Some(wrong) => {
                let list = wrong.join("\n  ");
                Text::new(
                    format!(
                        "{} 个文件与应有的内容不同，或不该在那里。删掉它们再生成一次，就对了：\n  {list}",
                        wrong.len()
                    ),
                    format!(
                        "{} files differ or do not belong there; delete them and build again:\n  {list}",
                        wrong.len()
                    ),
                )
            }
            None => Text::new("核对期间网站被修改了，请再生成一次", "the site was changed while it was verified"),
        };
        Err(self.fail(&text))
    }

    fn say(&self, text: &Text) {
        self.terminal.quiet_if(self.json).say(text);
    }

    fn stop(&self, error: &BuildError) -> ExitCode {
        let (text, code) = match error {
            BuildError::Pipeline(error) => explain(error),
            BuildError::Shard(error @ ShardError::NoMoment) => (error.text(), USAGE),
            BuildError::Shard(error) => (error.text(), FAILED),
            BuildError::Write(error) => (error.text(), FAILED),
            BuildError::Asked(text) => (text.clone(), FAILED),
        };
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

    /// Shows what was found and what was done.
    fn report(&self, built: &Built, took: Duration) -> ExitCode {
        let Built { sources: Sources { root, .. }, diagnostics, done, .. } = built;
        let code = if done.is_some() { ExitCode::SUCCESS } else { ExitCode::from(FAILED) };
        if self.json {
            let text_of = |file: &FilePath| root.excerpt(file);
            let found: Vec<_> =
                diagnostics.iter().map(|diagnostic| as_json(diagnostic, self.terminal.language, &text_of)).collect();
            let summary = done.as_ref().map(|Done { summary, pages, waiting, .. }| {
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
            self.summarize(diagnostics, done.as_ref(), took);
        }
        code
    }

    fn summarize(&self, diagnostics: &[Diagnostic], done: Option<&Done>, took: Duration) {
        let (errors, warnings) = count(diagnostics);
        let Some(Done { summary, pages, waiting, .. }) = done else {
            debug_assert!(has_errors(diagnostics), "a build fails for a reason");
            let text = Text::new(
                format!("发现 {errors} 处错误，网站没有生成，“{}”保持原样", self.out.display()),
                format!("{}; nothing was built, \"{}\" is as it was", counted(errors, "error"), self.out.display()),
            );
            say_err!("{}", text.get(self.terminal.language));
            return;
        };
        let time = seconds(took);
        let Summary { outputs, written, unchanged, removed, .. } = *summary;
        let mut text = Text::new(
            format!(
                "生成完毕：{pages} 页（共 {outputs} 个文件），写入 {written}，未变 {unchanged}，删除 {removed}，用时 {time} 秒 → {}",
                self.out.display()
            ),
            format!(
                "built {} ({outputs} files): {written} written, {unchanged} unchanged, {removed} removed, in {time} s → {}",
                counted(*pages, "page"),
                self.out.display()
            ),
        );
        if let Some(shard) = self.shard {
            text = Text::new(format!("第 {shard} 片{}", text.zh), format!("shard {shard}: {}", text.en));
        }
        if warnings > 0 {
            text.zh.push_str(&format!("，{warnings} 条提醒"));
            text.en.push_str(&format!(", {}", counted(warnings, "warning")));
        }
        let Waiting { drafts, scheduled } = *waiting;
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

pub(super) fn damaged_ledger() -> Text {
    Text::new(
        "发布台账（.xinfeng/ledger）已损坏，从这次生成起重新记录",
        "the ledger (.xinfeng/ledger) was damaged: a new one begins with this build",
    )
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
        // The site was read since the bar was made.
        self.bar.reset_eta();
    }

    fn step(&self) {
        self.bar.inc(1);
    }
}
