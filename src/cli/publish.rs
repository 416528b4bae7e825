//! `xinfeng publish`: builds, checks, and brings a target to the built state.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::build::{Bar, damaged_ledger};
use super::check::{kept_ledger, summary};
use super::terminal::{Terminal, Volume, count, counted, explain, seconds};
use super::{FAILED, clock, sweep_later};
use crate::build::NextLedger;
use crate::check::rule::{Family, Finding};
use crate::check::subject::Context;
use crate::check::{Options as CheckOptions, Report, check};
use crate::diagnostic::{FilePath, Language, Severity, Text, nearest};
use crate::fingerprint::ENGINE;
use crate::parse::publish::{Destination, PublishSettings, Target};
use crate::pipeline::{AsOf, Memory, Options, PipelineError, configuration, edition};
use crate::plan::url::OutputPath;
use crate::publish::key::{PublicKey, SecretKey};
use crate::publish::manifest::{Entry, Manifest, time_after};
use crate::publish::package::{self, pack};
use crate::publish::release::{Rank, Release};
use crate::publish::store::{Notice, Store, folder};
use crate::publish::{
    self, Options as PublishOptions, Place, Progress, Published, Question, Seal, Stopped, keyring, ssh,
};
use crate::source::{CONTENT, Root, STATIC, THEMES};
use crate::write::{self, Journal, Proof, WriteError, Written};

/// The notes on findings that were published in spite of the check; beside `site.yaml`, since `public/` may be deleted.
const DESPITE_LOG: &str = "despite.log";

/// `xinfeng publish`
pub(super) struct Publish {
    terminal: Terminal,
    site: PathBuf,
    out: PathBuf,
    options: Options,
    target: Option<String>,
    dry_run: bool,
    repair: bool,
    adopt: bool,
    agrees: bool,
    /// The rules whose errors do not stop it.
    despite: Vec<String>,
    reason: Option<String>,
    /// Where a package for an unreachable host goes, and whether it holds everything.
    export: Option<PathBuf>,
    is_full: bool,
    /// A package to publish from.
    import: Option<PathBuf>,
    json: bool,
    bar: SendBar,
}

/// The arguments that `publish` has of its own.
pub(super) fn command(language: Language) -> Command {
    let say = |zh: &'static str, en: &'static str| if language == Language::Chinese { zh } else { en };
    let flag = |name: &'static str, zh, en| Arg::new(name).long(name).action(ArgAction::SetTrue).help(say(zh, en));
    let file = |name: &'static str| {
        Arg::new(name).long(name).value_name(say("文件", "FILE")).value_parser(value_parser!(PathBuf))
    };
    Command::new("publish")
        .about(say("生成、检查并发布网站", "build, check and publish the site"))
        .override_usage(say("xinfeng publish [目标] [选项]", "xinfeng publish [TARGET] [OPTIONS]"))
        .next_help_heading(say("选项", "Options"))
        .arg(Arg::new("target").value_name(say("目标", "TARGET")).help(say(
            "site.yaml 里目标的名称；只有一个目标时不用写",
            "the target's name in site.yaml; not needed where there is only one",
        )))
        .arg(flag("dry-run", "只列出要发什么、删什么", "only list what would be sent and deleted"))
        .arg(flag(
            "repair",
            "不相信那边的清单，逐个文件核对，改好被改动的，删掉多出来的",
            "compare every file there, mend what was altered, delete what was added",
        ))
        .arg(flag(
            "adopt",
            "第一次发布时，覆盖那边同名的文件",
            "overwrite files of the same names, when first published",
        ))
        .arg(flag("yes", "要删很多文件时不再询问", "delete many files without asking"))
        .arg(
            Arg::new("despite")
                .long("despite")
                .value_name(say("规则", "RULE"))
                .action(ArgAction::Append)
                .requires("reason")
                .help(say(
                    "这条规则有错误也发布（要写 --reason）",
                    "publish in spite of this rule's errors; needs --reason",
                )),
        )
        .arg(
            Arg::new("reason")
                .long("reason")
                .value_name(say("理由", "REASON"))
                .requires("despite")
                .help(say("为什么仍要发布，记入 despite.log", "why; it is noted in despite.log")),
        )
        .arg(file("export").conflicts_with_all(["dry-run", "repair", "import"]).help(say(
            "不发送，把改动导出成一个发布包，拿到隔离的服务器上",
            "pack the changes into a file, for a host that cannot be reached",
        )))
        .arg(
            flag(
                "full",
                "导出全部文件，不只是改动（配合 --export）",
                "pack all files, not only changes (with --export)",
            )
            .requires("export"),
        )
        .arg(
            file("import")
                .conflicts_with_all(["despite", "as-of"])
                .help(say("发布一个导出的包，不重新生成网站", "publish a package that was exported, without building")),
        )
        .arg(
            Arg::new("as-of").long("as-of").value_name(say("时间", "DATE")).help(say(
                "当作在这个时间，例如 2026-11-23 或 \"2026-11-23 09:00\"",
                "as of this date, e.g. 2026-11-23",
            )),
        )
        .arg(flag("json", "用 JSON 输出结果，供程序读取", "print the result as JSON"))
}

/// A message that ends the command.
type Stop = (Text, u8);

impl Publish {
    pub fn new(language: Language, arguments: &ArgMatches) -> Self {
        let site = super::site(arguments);
        let as_of = arguments.get_one::<String>("as-of").cloned();
        let (terminal, json) = (Terminal::new(language, arguments), arguments.get_flag("json"));
        Self {
            terminal,
            out: site.join("public"),
            site,
            // What is published is what citizens may read: never drafts, never items of the future.
            options: Options {
                as_of: as_of.map_or_else(|| AsOf::Clock(clock()), AsOf::Typed),
                base_url: None,
                drafts: false,
                future: false,
            },
            target: arguments.get_one::<String>("target").cloned(),
            dry_run: arguments.get_flag("dry-run"),
            repair: arguments.get_flag("repair"),
            adopt: arguments.get_flag("adopt"),
            agrees: arguments.get_flag("yes"),
            despite: arguments.get_many::<String>("despite").into_iter().flatten().cloned().collect(),
            reason: arguments.get_one::<String>("reason").map(|reason| one_line(reason)),
            export: arguments.get_one::<PathBuf>("export").cloned(),
            is_full: arguments.get_flag("full"),
            import: arguments.get_one::<PathBuf>("import").cloned(),
            json,
            bar: SendBar::new(language, terminal.volume != Volume::Quiet && !json),
        }
    }

    pub fn run(&self) -> ExitCode {
        let done = match &self.import {
            Some(file) => self.import(file),
            None => self.publish(),
        };
        match done {
            Ok(code) => code,
            Err((text, code)) => {
                if self.json {
                    say_out!("{:#}", json!({ "ok": false, "error": text.get(self.terminal.language) }));
                } else {
                    self.terminal.fail(&text);
                }
                ExitCode::from(code)
            }
        }
    }

    fn publish(&self) -> Result<ExitCode, Stop> {
        if self.reason.as_ref().is_some_and(String::is_empty) {
            return Err((Text::new("--reason 后面要写明理由", "--reason needs a reason"), super::USAGE));
        }
        // The check reads every text, so that a cache, which leaves texts out, would be of no use.
        let mut memory = Memory::default();
        let (outcome, sources) = edition(&self.site, &self.options, &mut memory).map_err(|error| explain(&error))?;
        let text_of = |file: &FilePath| outcome.root.excerpt(file);
        let Some(edition) = &outcome.edition else {
            self.terminal.draw(&outcome.diagnostics, &text_of);
            let (errors, _) = count(&outcome.diagnostics);
            return Err((
                Text::new(
                    format!("发现 {errors} 处错误，没有发布，网站上还是原来的内容"),
                    format!("{}: nothing was published", counted(errors, "error")),
                ),
                FAILED,
            ));
        };
        let settings = &edition.plan.site.registry.publish;
        // What is missing for publishing is told before the time is spent on a check.
        let target = find_target(self.target.as_deref(), settings).map_err(|text| (text, FAILED))?;
        let key = secret_key(settings).map_err(|text| (text, FAILED))?;
        let store = if self.export.is_some() { None } else { Some(self.open(target)?) };

        let options = CheckOptions { ledger: kept_ledger(&self.out)?, net: None };
        let context = Context::new(edition, &sources, &options);
        let report = check(&context, &memory, &outcome.diagnostics).map_err(|error| explain(&error.into()))?;
        self.judge(&report, &text_of)?;

        let bar = Bar::new(self.terminal.language, self.terminal.volume != Volume::Quiet && !self.json);
        // What is signed is what was drawn from the sources, whoever had or has a hand in the output folder.
        let drawn = Mutex::new(BTreeMap::new());
        let note = |path: &OutputPath, bytes: &[u8]| {
            let entry = Entry::of(bytes);
            drawn.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), entry);
        };
        let written =
            write::write(edition, &self.site, &self.out, Proof::Bytes(&note), &bar, &mut memory.timings, None);
        bar.finish();
        match written {
            Ok(Written { left_behind: true, .. }) => sweep_later(&self.out),
            Ok(_) => {}
            Err(WriteError::Diagnostics(found)) => {
                self.terminal.draw(&found, &text_of);
                return Err((Text::new("主题有错误，没有发布", "the theme has errors: nothing was published"), FAILED));
            }
            Err(error) => return Err((error.text(), FAILED)),
        }
        let ledger = NextLedger::read(&self.out, edition, &sources, clock()).map_err(|error| (error.text(), FAILED))?;
        if ledger.was_damaged {
            self.terminal.quiet_if(self.json).say(&damaged_ledger());
        }
        ledger.keep(&self.out).map_err(|error| (error.text(), FAILED))?;
        self.log_despite(&report, &target.name.value).map_err(|error| (error.text(), FAILED))?;
        let ranks = edition.plan.outputs.iter().map(|(path, recipe)| (path, Rank::of(recipe)));
        let drawn = drawn.into_inner().unwrap_or_else(PoisonError::into_inner);
        let release = Release::new(&self.out, ranks, &drawn);
        let site = edition.plan.site.registry.base_url.to_string();
        let done = match store {
            Some(store) => self.send(release, Seal::Key(&key), site, target, &store),
            None => self.pack(release, &key, site, target),
        };
        if done.is_err() {
            self.log_stopped(&target.name.value).map_err(|error| (error.text(), FAILED))?;
        }
        done
    }

    fn open(&self, target: &Target) -> Result<Store, Stop> {
        let secret = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        self.look_at_folder(target).map_err(|text| (text, FAILED))?;
        let (terminal, bar) = (self.terminal.quiet_if(self.json), self.bar.bar.clone());
        let notice = Notice::new(move |text| bar.suspend(|| terminal.remark(text)));
        let opened = if self.dry_run {
            let runtime = super::runtime().map_err(|error| (Text::from(&error), FAILED))?;
            let opened = runtime.block_on(Store::open_to_look(target, &self.site, &secret, notice));
            opened.map_err(|text| ssh::what_is_wrong(target).unwrap_or(text))
        } else {
            Store::open(target, &self.site, &secret, notice)
        };
        opened.map_err(|text| (text, FAILED))
    }

    /// A folder of this machine that cannot be meant.
    fn look_at_folder(&self, target: &Target) -> Result<(), Text> {
        let Destination::Folder { path } = &target.destination else { return Ok(()) };
        let there = folder(&self.site, path);
        let shown = there.display();
        let site = write::real(&self.site);
        let own = [CONTENT, STATIC, THEMES].map(|name| site.join(name));
        let real = write::real(&there);
        let is_own = own.iter().chain([&write::real(&self.out)]).any(|own| real.starts_with(own));
        if is_own || site.starts_with(&real) {
            return Err(Text::new(
                format!(
                    "发布目标“{}”的路径 {shown} 是网站自己的文件夹：发布会覆盖、删除您写的内容。请换一个网站以外的文件夹",
                    target.name.value
                ),
                format!(
                    "the path {shown} of \"{}\" is the site's own: publishing would overwrite and delete what you wrote. Name a folder elsewhere",
                    target.name.value
                ),
            ));
        }
        let was_there = write::kept(&self.out, &last_manifest(&target.name.value)).is_ok_and(|note| note.is_some());
        if was_there || !there.parent().is_some_and(Path::is_dir) {
            return not_there(target, &self.site).map_or(Ok(()), Err);
        }
        Ok(())
    }

    /// `--export`: what has changed since the last package or publication, as a file.
    fn pack(&self, mut release: Release, key: &SecretKey, site: String, target: &Target) -> Result<ExitCode, Stop> {
        let Some(file) = &self.export else { return Ok(ExitCode::SUCCESS) };
        let failed = |error: WriteError| (error.text(), FAILED);
        let base = last_published(&self.out, target, key.public()).map_err(failed)?;
        if target.compress {
            let is_believed = |base: &&Manifest| !self.is_full && base.engine == ENGINE;
            release.add_compressed(base.as_ref().filter(is_believed)).map_err(failed)?;
        }
        let time = time_after(&[base.as_ref().map(|base| base.time)], clock());
        let manifest = Manifest { site, engine: ENGINE.to_owned(), time, files: release.entries() };
        let packed = pack(&release, base.as_ref().filter(|_| !self.is_full), &manifest, key).map_err(failed)?;
        if packed.files + packed.deleted == 0 {
            self.terminal.say(&Text::new(
                "与上次导出或发布的一样，没有导出。要重新导出全部文件，加 --full",
                "nothing has changed since the last package or publication: nothing was exported. --full packs all files",
            ));
            return Ok(ExitCode::SUCCESS);
        }
        write::write_file(file, &packed.bytes).map_err(failed)?;
        write::keep(&self.out, &last_manifest(&target.name.value), &packed.note).map_err(failed)?;
        if self.json {
            say_out!(
                "{:#}",
                json!({ "ok": true, "package": file.display().to_string(), "files": packed.files, "deleted": packed.deleted })
            );
            return Ok(ExitCode::SUCCESS);
        }
        let (shown, files, deleted, size) =
            (file.display(), packed.files, packed.deleted, size(packed.bytes.len() as u64));
        self.terminal.say(&Text::new(
            format!(
                "已导出 {shown}（{size}）：{files} 个文件，删除 {deleted} 个。拿到那边后运行：xinfeng publish --import {shown}"
            ),
            format!(
                "exported {shown} ({size}): {}, {deleted} deleted. Over there: xinfeng publish --import {shown}",
                counted(files, "file")
            ),
        ));
        Ok(ExitCode::SUCCESS)
    }

    /// `--import`: publishes a package. Of the site, only `site.yaml` is needed.
    fn import(&self, file: &Path) -> Result<ExitCode, Stop> {
        let registry = configuration(&Root::new(&self.site), None)
            .map_err(|error| explain(&PipelineError::from(error)))?
            .map_err(|_| (super::no_configuration(), FAILED))?;
        let target = find_target(self.target.as_deref(), &registry.publish).map_err(|text| (text, FAILED))?;
        let key = public_key(&registry.publish).map_err(|text| (text, FAILED))?;
        let bytes = write::read_file(file).map_err(|error| (error.text(), FAILED))?;
        let mut package = package::open(&bytes, &key).map_err(|refused| (refused.text(file), FAILED))?;
        let release = std::mem::take(&mut package.release);
        let store = self.open(target)?;
        self.send(release, Seal::Signed(&key, &package), registry.base_url.to_string(), target, &store)
    }

    /// Brings the target to a release.
    fn send(
        &self,
        mut release: Release,
        seal: Seal<'_>,
        site: String,
        target: &Target,
        store: &Store,
    ) -> Result<ExitCode, Stop> {
        let started = Instant::now();
        // What `verify` compares with, should somebody put an older state back.
        let record = |note: &str| write::keep(&self.out, &last_manifest(&target.name.value), note);
        let agrees = |question: Question| self.agrees || self.ask(question);
        let last = last_published(&self.out, target, seal.public()).map_err(|error| (error.text(), FAILED))?;
        let options = PublishOptions {
            seal,
            site,
            engine: ENGINE.to_owned(),
            owner: owner(),
            id: publish::new_id(clock()),
            // A package holds them already.
            compress: target.compress && matches!(seal, Seal::Key(_)),
            keep: target.keep.clone(),
            max_deletions: target.max_deletions,
            at_once: target.at_once as usize,
            repair: self.repair,
            adopt: self.adopt,
            last,
            record: &record,
            agrees: &agrees,
            now: &clock,
        };
        let runtime = super::runtime().map_err(|error| (Text::from(&error), FAILED))?;
        let place = runtime.block_on(Place::of(store.clone(), target, &self.site));
        let place = place.map_err(|error| (explained(target, &error.into()), FAILED))?;
        if self.dry_run {
            let planned = runtime.block_on(publish::plan(&place, &mut release, &options));
            self.list(&planned.map_err(|stopped| (explained(target, &stopped), FAILED))?, started.elapsed());
            return Ok(ExitCode::SUCCESS);
        }
        let journal = publish_journal(&self.out, target).map_err(|text| (text, FAILED))?;
        let journal = journal.ok_or_else(|| (publish::Stopped::Busy(None).text(), FAILED))?;
        let done = runtime.block_on(publish::publish(&place, &mut release, &options, &journal, &self.bar));
        self.bar.bar.finish_and_clear();
        let done = done.map_err(|stopped| (explained(target, &stopped), FAILED))?;
        self.report(&target.name.value, &done, started.elapsed());
        Ok(ExitCode::SUCCESS)
    }

    /// Errors stop a publication, but for those of the rules that were named, and for those about what is not new: a site that
    /// waits becomes no fresher.
    fn judge(&self, report: &Report, text_of: &dyn Fn(&FilePath) -> Option<std::sync::Arc<str>>) -> Result<(), Stop> {
        let known = |rule: &&String| report.findings.iter().any(|finding| finding.diagnostic.code == rule.as_str());
        let is_grave = |finding: &&Finding| {
            let diagnostic = &finding.diagnostic;
            diagnostic.severity == Severity::Error && !self.despite.iter().any(|rule| *rule == diagnostic.code)
        };
        let diagnostic = |finding: &Finding| finding.diagnostic.clone();
        let (told, errors): (Vec<&Finding>, Vec<&Finding>) =
            report.findings.iter().filter(is_grave).partition(|finding| finding.family == Family::Freshness);
        let errors: Vec<_> = errors.into_iter().map(diagnostic).collect();
        let shown = match self.terminal.volume {
            Volume::Verbose => report.diagnostics(),
            _ => told.into_iter().map(diagnostic).chain(errors.iter().cloned()).collect(),
        };
        if !shown.is_empty() {
            self.terminal.draw(&shown, text_of);
        }
        if let Some(rule) = self.despite.iter().find(|rule| !known(rule)) {
            let found: Vec<&str> = errors.iter().map(|diagnostic| &*diagnostic.code).collect();
            let text = match nearest(rule, found).first() {
                Some(near) => Text::new(
                    format!("--despite {rule}：没有发现这条规则的问题，是不是想写“{near}”？"),
                    format!("--despite {rule}: the check found nothing of this rule; did you mean \"{near}\"?"),
                ),
                None => Text::new(
                    format!("--despite {rule}：检查没有发现这条规则的问题，请去掉它"),
                    format!("--despite {rule}: the check found nothing of this rule; leave it out"),
                ),
            };
            return Err((text, FAILED));
        }
        if errors.is_empty() {
            if self.terminal.volume == Volume::Verbose {
                self.terminal.say(&summary(report, ""));
            }
            return Ok(());
        }
        let number = errors.len();
        Err((
            Text::new(
                format!("检查发现 {number} 处错误，没有发布。确有理由时：--despite 规则 --reason 理由"),
                format!(
                    "the check found {}: nothing was published. With good reason: --despite RULE --reason REASON",
                    counted(number, "error")
                ),
            ),
            FAILED,
        ))
    }

    /// Notes which errors were published, when, by whom and why.
    fn log_despite(&self, report: &Report, target: &str) -> Result<(), WriteError> {
        let Some(reason) = self.reason.as_ref().filter(|_| !self.dry_run) else { return Ok(()) };
        for rule in &self.despite {
            let errors = report.findings.iter().filter(|finding| finding.diagnostic.code == rule.as_str()).count();
            self.log(target, &format!("{rule} ×{errors}: {reason}"))?;
        }
        Ok(())
    }

    /// Notes that a publication of which that was noted did not come to its end: how far it came, nobody may know.
    fn log_stopped(&self, target: &str) -> Result<(), WriteError> {
        if self.reason.is_none() || self.dry_run {
            return Ok(());
        }
        let text = Text::new("上面这次没有发布完", "the publication above was not completed");
        self.log(target, text.get(self.terminal.language))
    }

    fn log(&self, target: &str, text: &str) -> Result<(), WriteError> {
        let time = publish::shown_time(clock());
        let line = format!("{} {} → {target} {text}\n", time.get(self.terminal.language), owner());
        write::append(&self.site.join(DESPITE_LOG), &line)
    }

    /// Asks whoever sits at the terminal.
    fn ask(&self, question: Question) -> bool {
        if self.json {
            return false;
        }
        let Text { zh, en } = question.text();
        let question = Text::new(format!("{zh}，确定吗？输入 y 确定："), format!("{en}. Type y to agree: "));
        self.terminal.agrees(&question)
    }

    /// `--dry-run`: what would be done.
    fn list(&self, planned: &Published, time: Duration) {
        if self.json {
            return say_out!("{:#}", as_json(planned, true, time));
        }
        let most = if self.terminal.volume == Volume::Verbose { usize::MAX } else { 60 };
        let lines = planned.sent.iter().map(|path| format!("  + {path}"));
        let lines = lines.chain(planned.deleted.iter().map(|path| format!("  - {path}")));
        for line in lines.take(most) {
            self.terminal.say(&Text::new(line.clone(), line));
        }
        let hidden = (planned.sent.len() + planned.deleted.len()).saturating_sub(most);
        if hidden > 0 {
            self.terminal.say(&Text::new(
                format!("  还有 {hidden} 个，加 --verbose 全部列出"),
                format!("  {hidden} more; --verbose shows all"),
            ));
        }
        let (sent, size, deleted) = (planned.sent.len(), size(planned.sent_bytes), planned.deleted.len());
        self.terminal.say(&Text::new(
            format!("将发送 {sent} 个文件（{size}），删除 {deleted} 个；现在什么也没有改"),
            format!("{} ({size}) would be sent, {deleted} deleted; nothing was changed", counted(sent, "file")),
        ));
        for question in &planned.questions {
            let Text { zh, en } = question.text();
            self.terminal.say(&Text::new(format!("发布时会先问：{zh}"), format!("you would be asked first: {en}")));
        }
    }

    fn report(&self, target: &str, done: &Published, time: Duration) {
        if self.json {
            return say_out!("{:#}", as_json(done, false, time));
        }
        let time = seconds(time);
        let (sent, size, deleted, files) = (done.sent.len(), size(done.sent_bytes), done.deleted.len(), done.files);
        let text = if self.repair && sent + deleted + done.strange == 0 {
            Text::new(
                format!("“{target}”的 {files} 个文件逐个核对过，都与本站一样，没有要修复的；清单已重新签名"),
                format!(
                    "\"{target}\": {} compared, all as they should be; the manifest was signed anew",
                    counted(files, "file")
                ),
            )
        } else if sent + deleted == 0 && done.strange == 0 {
            Text::new(
                format!("“{target}”已是最新（{files} 个文件），没有要发布的"),
                format!("\"{target}\" is up to date ({})", counted(files, "file")),
            )
        } else {
            Text::new(
                format!(
                    "发布完毕：“{target}”，发送 {sent} 个文件（{size}），删除 {deleted} 个，共 {files} 个文件，用时 {time} 秒"
                ),
                format!(
                    "published to \"{target}\": {} sent ({size}), {deleted} deleted, {files} in all, in {time} s",
                    counted(sent, "file")
                ),
            )
        };
        self.terminal.say(&text);
        if done.strange > 0 {
            let strange = done.strange;
            self.terminal.say(&Text::new(
                format!("另删除了 {strange} 个链接、怪名字的文件一类，它们不是新风发布的"),
                format!("{strange} links, files with odd names and the like were taken away: they were not ours"),
            ));
        }
        if !done.left.is_empty() {
            let names = done.left.join("、");
            self.terminal.say(&Text::new(
                format!("还有 {} 个怪名字的文件删不了，请在服务器上手工删除：{names}", done.left.len()),
                format!("{} files with odd names could not be deleted; do it on the server: {names}", done.left.len()),
            ));
        }
        if let Some(time) = done.to_come {
            let Text { zh, en } = publish::shown_time(time);
            self.terminal.say(&Text::new(
                format!(
                    "那里上一次发布的时间是{zh}，还没有到：有一台电脑的时钟不对，请校准。到那一天为止，发布的时间都接着它往后记"
                ),
                format!(
                    "what was there is of {en}, which is still to come: a clock was wrong, set it. Until that day, times of publications \
                     go on from there"
                ),
            ));
        }
        if done.is_first_release {
            self.terminal.say(&Text::new(
                "每个版本放在单独的文件夹里：请把网站服务器的根目录设为这个目标路径下的 current",
                "each state has a folder of its own: let the web server's root be `current` in the target's folder",
            ));
        }
    }
}

/// A text on one line, without control characters.
fn one_line(text: &str) -> String {
    let shown: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Why something stopped, in SSH's own reasons where the target is reached by it.
pub(super) fn explained(target: &Target, stopped: &Stopped) -> Text {
    let reason = if let Stopped::Store(_) = stopped { ssh::what_is_wrong(target) } else { None };
    reason.unwrap_or_else(|| stopped.text())
}

/// Tells of a folder of this machine that is not there; `None` where it is, and of other targets.
pub(super) fn not_there(target: &Target, site: &Path) -> Option<Text> {
    let Destination::Folder { path } = &target.destination else { return None };
    let there = folder(site, path);
    let shown = there.display();
    (!there.is_dir()).then(|| {
        Text::new(
            format!("没有 {shown} 这个文件夹：共享盘没有挂上，还是路径写错了？第一次用的，请先建好它"),
            format!(
                "there is no folder {shown}: is the share not mounted, or the path wrong? Make it before it is first used"
            ),
        )
    })
}

/// The target that was named, or the only one.
pub(super) fn find_target<'s>(name: Option<&str>, settings: &'s PublishSettings) -> Result<&'s Target, Text> {
    let names: Vec<&str> = settings.targets.iter().map(|target| target.name.value.as_str()).collect();
    let found = match (name, settings.targets.as_slice()) {
        (Some(name), targets) => targets.iter().find(|target| target.name.value == name),
        (None, [target]) => Some(target),
        (None, _) => None,
    };
    found.ok_or_else(|| {
        match (name, names.as_slice()) {
            (_, []) => Text::new(
                "site.yaml 里还没有发布目标，请先写上 publish 的 targets，例如：\n\npublish:\n  targets:\n    - name: 主站\n      \
                 type: folder\n      path: /srv/www/html",
                "site.yaml names no target yet; write one, e.g.\n\npublish:\n  targets:\n    - name: main\n      type: folder\n      \
                 path: /srv/www/html",
            ),
            (Some(name), names) => Text::new(
                format!("没有“{name}”这个发布目标，site.yaml 里有：{}", names.join("、")),
                format!("there is no target \"{name}\"; site.yaml has: {}", names.join(", ")),
            ),
            (None, names) => Text::new(
                format!("有几个发布目标，请写明发布到哪一个：{}", names.join("、")),
                format!("there are several targets; name one of: {}", names.join(", ")),
            ),
        }
    })
}

/// `seconds` is what the target took, after build and check.
fn as_json(done: &Published, dry_run: bool, time: Duration) -> serde_json::Value {
    let names = |paths: &[crate::plan::url::OutputPath]| paths.iter().map(ToString::to_string).collect::<Vec<_>>();
    json!({
        "ok": true, "dry_run": dry_run, "files": done.files, "sent": names(&done.sent), "sent_bytes": done.sent_bytes,
        "deleted": names(&done.deleted), "seconds": time.as_secs_f64(),
    })
}

/// The key that signs for the site: out of the environment, or out of the user's folder of keys.
fn secret_key(settings: &PublishSettings) -> Result<SecretKey, Text> {
    let public = public_key(settings)?;
    let (key, place) = match std::env::var(keyring::SECRET_VARIABLE) {
        Ok(text) => (SecretKey::parse(&text), keyring::SECRET_VARIABLE.to_owned()),
        Err(_) => {
            let path = keyring::file(&keyring::folder(), &public);
            let key = keyring::read(&path).map_err(|error| {
                let (path, why) = (path.display(), Text::from(&error));
                Text::new(
                    format!("没有签名用的私钥（{path}）：{}。它在新建密钥的那台电脑上；只收发布包的电脑用不着它，修复也用包：xinfeng publish --repair --import 发布包", why.zh),
                    format!("the secret key is not here ({path}): {}. It is on the machine where it was made; one that only takes packages needs none, and mends by a package too: xinfeng publish --repair --import FILE", why.en),
                )
            })?;
            (key, path.display().to_string())
        }
    };
    let key =
        key.ok_or_else(|| Text::new(format!("“{place}”里不是私钥"), format!("\"{place}\" holds no secret key")))?;
    if *key.public() == public {
        return Ok(key);
    }
    Err(Text::new(
        format!("“{place}”里的私钥与 site.yaml 里的公钥（public_key）不是一对"),
        format!("the secret key in \"{place}\" does not belong to the public_key of site.yaml"),
    ))
}

/// The key that readers of the manifest trust.
pub(super) fn public_key(settings: &PublishSettings) -> Result<PublicKey, Text> {
    let Some(text) = &settings.public_key else {
        return Err(Text::new(
            "site.yaml 里还没有签名的公钥，请先运行 xinfeng keys new，再按它说的写进 site.yaml",
            "site.yaml has no public key yet: run xinfeng keys new, and write into site.yaml what it says",
        ));
    };
    if SecretKey::parse(&text.value).is_some() {
        return Err(Text::new(
            "site.yaml 里的 public_key 写成了私钥。请删掉它，运行 xinfeng keys new 换一对新的密钥，只把公钥写进来",
            "the public_key of site.yaml is a secret key: remove it, make a new pair with xinfeng keys new, and write the public one",
        ));
    }
    PublicKey::parse(&text.value).ok_or_else(|| {
        Text::new(
            "site.yaml 里的公钥（public_key）不完整或抄错了，请照 xinfeng keys new 给出的整行重写",
            "the public_key of site.yaml is not complete or has a slip: copy the whole line that xinfeng keys new gave",
        )
    })
}

/// Who publishes: the user, and the machine where the environment names it.
pub(super) fn owner() -> String {
    let first =
        |names: &[&str]| names.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let user = first(&["USER", "USERNAME", "LOGNAME"]).unwrap_or_else(|| "xinfeng".to_owned());
    let owner =
        first(&["HOSTNAME", "COMPUTERNAME"]).map_or_else(|| user.clone(), |machine| format!("{user}@{machine}"));
    owner.replace(['\n', '\r'], " ")
}

/// The notes of publications to a target from here; `None` while one is at work.
pub(super) fn publish_journal(out: &Path, target: &Target) -> Result<Option<Journal>, Text> {
    Journal::open(out, &format!("publish-{}", file_name(&target.name.value))).map_err(|error| error.text())
}

/// The file with the manifest that was last published from here.
pub(super) fn last_manifest(target: &str) -> String {
    format!("published-{}", file_name(target))
}

/// What was last published from here to a target, as far as that key has signed it.
pub(super) fn last_published(out: &Path, target: &Target, key: &PublicKey) -> Result<Option<Manifest>, WriteError> {
    let note = write::kept(out, &last_manifest(&target.name.value))?;
    Ok(note.and_then(|note| Manifest::open(&note, key).ok()))
}

/// A target's name as a part of a file's name, which no other name has, on disks that do not tell A from a neither.
fn file_name(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() && c.to_lowercase().eq([c]);
    name.chars().map(|c| if is_plain(c) { c.to_string() } else { format!("-{:x}-", c as u32) }).collect()
}

/// Bytes as people read them.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// A progress bar by bytes, on a terminal.
struct SendBar {
    bar: ProgressBar,
    language: Language,
}

impl SendBar {
    fn new(language: Language, wanted: bool) -> Self {
        let shown = wanted && io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { bar: ProgressBar::with_draw_target(None, target), language }
    }
}

impl Progress for SendBar {
    fn begin(&self, files: usize, bytes: u64) {
        let template = match self.language {
            Language::Chinese => "发送 {bar:30} {bytes}/{total_bytes}，{msg} 个文件，还需 {eta}",
            Language::English => "sending {bar:30} {bytes}/{total_bytes}, {msg} files, {eta} left",
        };
        self.bar.set_length(bytes);
        self.bar.set_message(files.to_string());
        self.bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    }

    fn sent(&self, bytes: u64) {
        self.bar.inc(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_target_has_files_of_its_own() {
        let check = |name: &str, expected: &str| assert_eq!(file_name(name), expected);
        check("main2", "main2");
        check("主站", "主站");
        check("a b", "a-20-b");
        check("a-b", "a-2d-b");
        check("a-20-b", "a-2d-20-2d-b");
        check("Ab", "-41-b");
        check("../x", "-2e--2e--2f-x");
    }
}
