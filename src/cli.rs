//! The command line: the only place that prints.
//!
//! Everything is said in Chinese or in English: `--lang` decides, else the environment, and Chinese
//! where that says nothing. Start at [`run`].

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use serde_json::json;

use crate::diagnostic::{At, Diagnostic, Language, Position, Severity, Text, draw, has_errors, position};
use crate::parse::registry::BaseUrl;
use crate::pipeline::{AsOf, Options, Outcome, PipelineError, edition};
use crate::source::ReadError;
use crate::write::{self, Progress, Summary, WriteError};

/// Prints a line. A reader that went away (`xinfeng build | head`) is no reason to fail.
macro_rules! say_out {
    ($($text:tt)*) => { drop(writeln!(io::stdout(), $($text)*)) };
}
macro_rules! say_err {
    ($($text:tt)*) => { drop(writeln!(io::stderr(), $($text)*)) };
}

/// The site or the command has mistakes.
const FAILED: u8 = 1;
/// The command line could not be understood.
const USAGE: u8 = 2;

/// The most messages that a terminal shows; `--verbose` and `--json` show all.
const SHOWN: usize = 60;

/// In help, the options of all commands stand behind a command's own.
const GLOBAL_ORDER: usize = 100;

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let language = language(&arguments);
    match command(language).try_get_matches_from(arguments) {
        Ok(matches) => match matches.subcommand() {
            Some(("build", build)) => Build::new(language, build).run(),
            _ => unreachable!("clap asks for a known command"),
        },
        Err(error) => explain_usage(language, &error),
    }
}

/// `--lang`, else the environment: `en…` is English, everything else Chinese.
fn language(arguments: &[OsString]) -> Language {
    let mut words = arguments.iter().filter_map(|word| word.to_str());
    let asked = words.find_map(|word| word.strip_prefix("--lang")).map(|rest| rest.trim_start_matches('=').to_owned());
    let asked = asked.and_then(|value| if value.is_empty() { words.next().map(str::to_owned) } else { Some(value) });
    let from_environment = || {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .filter_map(|name| std::env::var(name).ok())
            .find(|value| !value.is_empty())
    };
    match asked.or_else(from_environment) {
        Some(value) if value.to_ascii_lowercase().starts_with("en") => Language::English,
        _ => Language::Chinese,
    }
}

/// The arguments and their help.
fn command(language: Language) -> Command {
    let say = |zh: &'static str, en: &'static str| match language {
        Language::Chinese => zh,
        Language::English => en,
    };
    let folder = |name: &'static str, zh, en| {
        Arg::new(name)
            .long(name)
            .value_name(say("文件夹", "DIR"))
            .value_parser(value_parser!(PathBuf))
            .global(true)
            .display_order(GLOBAL_ORDER)
            .help(say(zh, en))
    };
    let flag = |name: &'static str, zh, en| Arg::new(name).long(name).action(ArgAction::SetTrue).help(say(zh, en));
    let headings = match language {
        Language::Chinese => "{about}\n\n用法：{usage}\n\n{all-args}\n",
        Language::English => "{about}\n\nUsage: {usage}\n\n{all-args}\n",
    };
    let options = say("选项", "Options");
    let build = Command::new("build")
        .about(say("把 Markdown 生成网站", "build the site from its Markdown"))
        .help_template(headings)
        .override_usage(say("xinfeng build [选项]", "xinfeng build [OPTIONS]"))
        .next_help_heading(options)
        .arg(flag("drafts", "连草稿一起生成", "build drafts too"))
        .arg(flag("future", "连未到发布时间的一起生成", "build items dated in the future too"))
        .arg(Arg::new("as-of").long("as-of").value_name(say("时间", "DATE")).help(say(
            "当作在这个时间生成，例如 2026-11-23 或 \"2026-11-23 09:00\"",
            "build as of this date, e.g. 2026-11-23",
        )))
        .arg(
            Arg::new("base-url")
                .long("base-url")
                .value_name(say("网址", "URL"))
                .value_parser(|text: &str| BaseUrl::parse(text).ok_or("https://www.example.org/"))
                .help(say("代替 site.yaml 里的网址（base_url）", "replace the base_url of site.yaml")),
        )
        .arg(flag("verify", "生成后把每个文件重新生成一遍并比较", "then render everything again and compare"));
    Command::new("xinfeng")
        .about(say("新风：把 Markdown 变成文明实践宣传网站", "Xinfeng: turns Markdown into a publicity site"))
        .version(env!("CARGO_PKG_VERSION"))
        .help_template(headings)
        .override_usage(say("xinfeng <命令> [选项]", "xinfeng <COMMAND> [OPTIONS]"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand_help_heading(say("命令", "Commands"))
        .subcommand_value_name(say("命令", "COMMAND"))
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .next_help_heading(options)
        .arg(folder("site", "网站所在的文件夹（默认是当前文件夹）", "the site's folder (the current one by default)"))
        .arg(folder(
            "out",
            "生成到哪个文件夹（默认是网站文件夹里的 public）",
            "the output folder (the site's public/ by default)",
        ))
        .arg(
            Arg::new("lang")
                .long("lang")
                .value_name("zh|en")
                .value_parser(["zh", "en"])
                .hide_possible_values(true)
                .global(true)
                .display_order(GLOBAL_ORDER)
                .help(say("提示用中文（zh）还是英文（en）", "the language of messages")),
        )
        .arg(
            flag("quiet", "只说错误", "say errors only")
                .short('q')
                .global(true)
                .display_order(GLOBAL_ORDER)
                .conflicts_with("verbose"),
        )
        .arg(flag("verbose", "说得详细些", "say more").short('v').global(true).display_order(GLOBAL_ORDER))
        .arg(
            flag("json", "用 JSON 输出结果，供程序读取", "print the result as JSON")
                .global(true)
                .display_order(GLOBAL_ORDER),
        )
        .arg(
            Arg::new("help")
                .long("help")
                .short('h')
                .action(ArgAction::Help)
                .global(true)
                .display_order(GLOBAL_ORDER)
                .help(say("显示帮助", "print help")),
        )
        .arg(
            Arg::new("version")
                .long("version")
                .short('V')
                .action(ArgAction::Version)
                .display_order(GLOBAL_ORDER)
                .help(say("显示版本", "print the version")),
        )
        .subcommand(build)
}

/// Says in the editor's language what is wrong with the arguments.
fn explain_usage(language: Language, error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        say_out!("{}", error.render().to_string().trim_end());
        return ExitCode::SUCCESS;
    }
    if language == Language::English || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        say_err!("{}", error.render().to_string().trim_end());
        return ExitCode::from(USAGE);
    }
    let context = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join("、"),
        _ => String::new(),
    };
    let argument = context(ContextKind::InvalidArg);
    let message = match error.kind() {
        ErrorKind::UnknownArgument => format!("没有“{argument}”这个选项"),
        ErrorKind::InvalidSubcommand => format!("没有“{}”这个命令", context(ContextKind::InvalidSubcommand)),
        ErrorKind::MissingSubcommand => "请写明命令，例如：xinfeng build".to_owned(),
        ErrorKind::InvalidValue if context(ContextKind::InvalidValue).is_empty() => format!("“{argument}”后面要写内容"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            format!("“{argument}”不能写成“{}”", context(ContextKind::InvalidValue))
        }
        ErrorKind::ArgumentConflict => format!("“{argument}”不能与“{}”同时使用", context(ContextKind::PriorArg)),
        _ => error.kind().to_string(),
    };
    say_err!("错误：{message}");
    let suggestions =
        [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::ValidValue].map(context);
    if let Some(suggestion) = suggestions.iter().find(|suggestion| !suggestion.is_empty()) {
        say_err!("是不是想写“{suggestion}”？");
    }
    say_err!("运行 xinfeng --help 查看用法");
    ExitCode::from(USAGE)
}

/// `xinfeng build`
struct Build {
    language: Language,
    site: PathBuf,
    out: PathBuf,
    options: Options,
    verify: bool,
    quiet: bool,
    verbose: bool,
    json: bool,
}

impl Build {
    fn new(language: Language, arguments: &ArgMatches) -> Self {
        let folder = |name: &str| arguments.get_one::<PathBuf>(name).cloned();
        let site = folder("site").unwrap_or_else(|| PathBuf::from("."));
        let as_of = match arguments.get_one::<String>("as-of") {
            Some(text) => AsOf::Typed(text.clone()),
            None => AsOf::Clock(clock()),
        };
        Self {
            language,
            out: folder("out").unwrap_or_else(|| site.join("public")),
            site,
            options: Options {
                as_of,
                base_url: arguments.get_one::<BaseUrl>("base-url").cloned(),
                drafts: arguments.get_flag("drafts"),
                future: arguments.get_flag("future"),
            },
            verify: arguments.get_flag("verify"),
            quiet: arguments.get_flag("quiet"),
            verbose: arguments.get_flag("verbose"),
            json: arguments.get_flag("json"),
        }
    }

    fn run(&self) -> ExitCode {
        let started = Instant::now();
        let outcome = match edition(&self.site, &self.options) {
            // The process ends with the build: giving back a large site piece by piece would only take time.
            Ok(outcome) => ManuallyDrop::new(outcome),
            Err(PipelineError::AsOf(text)) => {
                self.fail(&as_of_text(&text));
                return ExitCode::from(USAGE);
            }
            Err(PipelineError::Read(error)) => return self.fail(&read_text(&error)),
        };
        let prepared = started.elapsed();
        let Some(edition) = &outcome.edition else {
            return self.report(&outcome, &outcome.diagnostics, None, started);
        };
        let bar = Bar::new(self.language, !self.quiet && !self.json);
        let written = write::write(edition, &self.site, &self.out, &bar);
        bar.finish();
        let summary = match written {
            Ok(summary) => summary,
            Err(WriteError::Diagnostics(found)) => {
                let all: Vec<Diagnostic> = outcome.diagnostics.iter().cloned().chain(found).collect();
                return self.report(&outcome, &all, None, started);
            }
            Err(error) => return self.fail(&error.text()),
        };
        if self.verbose && !self.json {
            let (reading, writing) = (seconds(prepared), seconds(started.elapsed() - prepared));
            self.say(&Text::new(
                format!(
                    "读取和整理用时 {reading} 秒，生成和写入用时 {writing} 秒，重新生成 {} 个文件",
                    summary.rendered
                ),
                format!(
                    "read and prepared in {reading} s, rendered and written in {writing} s, {} files rendered",
                    summary.rendered
                ),
            ));
        }
        if self.verify {
            match write::verify(edition, &self.out) {
                Ok(wrong) if wrong.is_empty() => {
                    self.say(&Text::new("核对无误", "verified: every file is as it should be"))
                }
                Ok(wrong) => {
                    let list = wrong.join("\n  ");
                    return self.fail(&Text::new(
                        format!("{} 个文件与应有的内容不同，或不该在那里：\n  {list}", wrong.len()),
                        format!("{} files differ or do not belong there:\n  {list}", wrong.len()),
                    ));
                }
                Err(error) => return self.fail(&error.text()),
            }
        }
        let pages = edition.plan.outputs.keys().filter(|path| path.as_str().ends_with(".html")).count();
        self.report(&outcome, &outcome.diagnostics, Some((summary, pages)), started)
    }

    fn say(&self, text: &Text) {
        if !self.quiet && !self.json {
            say_out!("{}", text.get(self.language));
        }
    }

    /// Something other than the site's content stands in the way.
    fn fail(&self, text: &Text) -> ExitCode {
        let message = text.get(self.language);
        if self.json {
            say_out!("{:#}", json!({ "ok": false, "error": message, "diagnostics": [] }));
        } else {
            say_err!("{}{message}", if self.language == Language::Chinese { "错误：" } else { "error: " });
        }
        ExitCode::from(FAILED)
    }

    /// Shows what was found and what was done.
    fn report(
        &self,
        outcome: &Outcome,
        diagnostics: &[Diagnostic],
        done: Option<(Summary, usize)>,
        started: Instant,
    ) -> ExitCode {
        if self.json {
            let found: Vec<_> =
                diagnostics.iter().map(|diagnostic| self.diagnostic_json(outcome, diagnostic)).collect();
            let summary = done.map(|(summary, pages)| {
                json!({
                    "pages": pages, "files": summary.outputs, "written": summary.written,
                    "unchanged": summary.unchanged, "removed": summary.removed, "rendered": summary.rendered,
                    "seconds": (started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0,
                })
            });
            say_out!("{:#}", json!({ "ok": done.is_some(), "summary": summary, "diagnostics": found }));
        } else {
            self.draw_all(outcome, diagnostics);
            self.summarize(diagnostics, done, started);
        }
        if done.is_some() { ExitCode::SUCCESS } else { ExitCode::from(FAILED) }
    }

    fn draw_all(&self, outcome: &Outcome, diagnostics: &[Diagnostic]) {
        let coloured = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let worth_saying = |diagnostic: &&Diagnostic| !self.quiet || diagnostic.severity == Severity::Error;
        // Errors come last, next to the prompt, where they are seen.
        let (mut shown, errors): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
            diagnostics.iter().filter(worth_saying).partition(|diagnostic| diagnostic.severity == Severity::Warning);
        shown.extend(errors);
        let hidden = if self.verbose { 0 } else { shown.len().saturating_sub(SHOWN) };
        let mut stderr = io::stderr().lock();
        for diagnostic in shown.iter().skip(hidden) {
            let drawing = draw(diagnostic, self.language, coloured, &|file| outcome.root.excerpt(file));
            // A closed terminal is no reason to fail.
            drop(writeln!(stderr, "{drawing}\n"));
        }
        if hidden > 0 {
            let text = Text::new(
                format!("还有 {hidden} 条没有显示，加 --verbose 全部列出"),
                format!("{hidden} more; --verbose shows all"),
            );
            drop(writeln!(stderr, "{}", text.get(self.language)));
        }
    }

    fn summarize(&self, diagnostics: &[Diagnostic], done: Option<(Summary, usize)>, started: Instant) {
        let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
        let warnings = diagnostics.len() - errors;
        let Some((summary, pages)) = done else {
            debug_assert!(has_errors(diagnostics), "a build fails for a reason");
            let text = Text::new(
                format!("发现 {errors} 处错误，网站没有生成，“{}”保持原样", self.out.display()),
                format!("{}; nothing was built, \"{}\" is as it was", counted(errors, "error"), self.out.display()),
            );
            say_err!("{}", text.get(self.language));
            return;
        };
        let time = seconds(started.elapsed());
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
        if warnings > 0 {
            text.zh.push_str(&format!("，{warnings} 条提醒"));
            text.en.push_str(&format!(", {}", counted(warnings, "warning")));
        }
        self.say(&text);
    }

    fn diagnostic_json(&self, outcome: &Outcome, diagnostic: &Diagnostic) -> serde_json::Value {
        let place = |place: &crate::diagnostic::Place| {
            let span = match (&place.at, outcome.root.excerpt(&place.file)) {
                (At::Bytes(start, end), Some(text)) => Some((position(&text, *start), position(&text, *end))),
                _ => None,
            };
            let point = |position: Position| json!({ "line": position.line, "column": position.column });
            json!({
                "file": place.file.as_str(),
                "start": span.map(|(start, _)| point(start)), "end": span.map(|(_, end)| point(end)),
            })
        };
        let say = |text: &Text| text.get(self.language).to_owned();
        json!({
            "code": diagnostic.code,
            "severity": if diagnostic.severity == Severity::Error { "error" } else { "warning" },
            "message": say(&diagnostic.message), "place": place(&diagnostic.place),
            "help": diagnostic.help.iter().map(say).collect::<Vec<_>>(),
            "related": diagnostic.related.iter().map(|(at, text)| json!({ "place": place(at), "message": say(text) })).collect::<Vec<_>>(),
        })
    }
}

/// The moment of the build. The rest of the program gets it as an input.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
fn clock() -> Timestamp {
    Timestamp::now()
}

fn seconds(duration: Duration) -> String {
    format!("{:.2}", duration.as_secs_f64())
}

/// `1 error`, `2 errors`
fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

fn as_of_text(text: &str) -> Text {
    Text::new(
        format!("--as-of 后面的“{text}”不是日期，应当写成 2026-11-23 或 \"2026-11-23 09:00\"（带引号）"),
        format!("\"{text}\" after --as-of is not a date such as 2026-11-23 or \"2026-11-23 09:00\""),
    )
}

fn read_text(ReadError { path, error }: &ReadError) -> Text {
    let path: &Path = path;
    Text::new(format!("无法读取“{}”：{error}", path.display()), format!("cannot read \"{}\": {error}", path.display()))
}

/// A progress bar for long builds, on a terminal.
struct Bar {
    bar: ProgressBar,
    language: Language,
}

/// Shorter builds are over before anybody reads a bar.
const BAR_FROM: usize = 3_000;

impl Bar {
    fn new(language: Language, wanted: bool) -> Self {
        let shown = wanted && io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { bar: ProgressBar::with_draw_target(None, target), language }
    }

    fn finish(&self) {
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
