//! `xinfeng check`: what an inspection, an attacker or a slip would bring to light.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::{Arg, ArgMatches, Command, value_parser};
use serde_json::json;

use super::json::as_json;
use super::terminal::{Terminal, counted, explain, seconds};
use super::{FAILED, sarif};
use crate::check::freshness::Due;
use crate::check::links::net::{self, Net};
use crate::check::rule::Family;
use crate::check::subject::Context;
use crate::check::{Options as CheckOptions, Report, all_rules, check, check_folder, office};
use crate::diagnostic::{FilePath, Language, Severity, Text};
use crate::ledger::{self, Ledger};
use crate::pipeline::{Memory, Options, edition};
use crate::source::{Root, read_pages};
use crate::write;

/// `xinfeng check`
pub(super) struct Check {
    terminal: Terminal,
    site: PathBuf,
    options: Options,
    /// Where the last build wrote the site.
    out: PathBuf,
    /// A folder of HTML that is read instead of the site.
    built: Option<PathBuf>,
    /// Where the report for the office goes.
    html: Option<PathBuf>,
    /// Whether other sites are asked.
    asks_others: bool,
    deny_warnings: bool,
    format: Format,
}

/// What goes to standard output.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    /// A summary; the messages are drawn on standard error.
    Text,
    Json,
    Sarif,
}

/// The arguments that `check` has of its own.
pub(super) fn command(language: Language) -> Command {
    let say = |zh: &'static str, en: &'static str| if language == Language::Chinese { zh } else { en };
    let flag =
        |name: &'static str, zh, en| Arg::new(name).long(name).action(clap::ArgAction::SetTrue).help(say(zh, en));
    Command::new("check")
        .next_help_heading(say("选项", "Options"))
        .about(say(
            "检查暗链、个人信息、死链、更新、错字等",
            "look for injected content, leaks, dead links, stale columns, slips",
        ))
        .override_usage(say("xinfeng check [选项]", "xinfeng check [OPTIONS]"))
        .arg(
            Arg::new("built")
                .long("built")
                .value_name(say("文件夹", "DIR"))
                .value_parser(value_parser!(PathBuf))
                .help(say("检查一个文件夹里现成的网页，不管是谁生成的", "check the HTML files of any folder instead")),
        )
        .arg(Arg::new("out").long("out").value_name(say("文件夹", "DIR")).value_parser(value_parser!(PathBuf)).help(
            say(
                "上次生成到哪个文件夹（默认是网站文件夹里的 public），据此核对发布时间",
                "where the last build went (the site's public/ by default): dates are checked against it",
            ),
        ))
        .arg(
            Arg::new("deny")
                .long("deny")
                .value_name("warnings")
                .value_parser(["warnings"])
                .hide_possible_values(true)
                .help(say("有提醒也算不通过", "fail on warnings too")),
        )
        .arg(
            flag("net", "连外部链接一起查（要上网）", "ask other sites whether links to them still work")
                .conflicts_with("built"),
        )
        .arg(flag("json", "用 JSON 输出结果，供程序读取", "print the result as JSON").conflicts_with("sarif"))
        .arg(flag("sarif", "用 SARIF 输出结果，供代码平台读取", "print the result as SARIF 2.1.0"))
        .arg(
            Arg::new("html")
                .long("html")
                .value_name(say("文件", "FILE"))
                .value_parser(value_parser!(PathBuf))
                .conflicts_with("built")
                .help(say("把自查报告写成一个网页", "also write a report for the office as one page")),
        )
        .arg(flag("rules", "列出所有规则", "list all rules"))
}

impl Check {
    pub fn new(language: Language, arguments: &ArgMatches) -> Self {
        let site = super::site(arguments);
        Self {
            terminal: Terminal::new(language, arguments),
            out: super::out(arguments, &site),
            site,
            options: super::options(arguments),
            built: arguments.get_one::<PathBuf>("built").cloned(),
            html: arguments.get_one::<PathBuf>("html").cloned(),
            asks_others: arguments.get_flag("net"),
            deny_warnings: arguments.contains_id("deny"),
            format: match (arguments.get_flag("json"), arguments.get_flag("sarif")) {
                (true, _) => Format::Json,
                (_, true) => Format::Sarif,
                _ => Format::Text,
            },
        }
    }

    pub fn run(&self) -> ExitCode {
        let started = Instant::now();
        let (report, root) = match self.built.as_deref().map_or_else(|| self.check_site(), check_built) {
            Ok(checked) => checked,
            Err((text, code)) => {
                self.terminal.fail(&text);
                return ExitCode::from(code);
            }
        };
        let text_of = |file: &FilePath| report.excerpt(file).or_else(|| root.excerpt(file));
        match self.format {
            Format::Json => say_out!("{:#}", self.json(&report, &text_of)),
            Format::Sarif => say_out!("{:#}", sarif::log(&report, self.terminal.language, &text_of)),
            Format::Text => {
                self.terminal.draw(&report.diagnostics(), &text_of);
                self.terminal.say(&summary(&report, &seconds(started.elapsed())));
            }
        }
        if self.passes(&report) { ExitCode::SUCCESS } else { ExitCode::from(FAILED) }
    }

    fn passes(&self, report: &Report) -> bool {
        let (errors, warnings) = report.totals();
        errors == 0 && (warnings == 0 || !self.deny_warnings)
    }

    fn check_site(&self) -> Result<(Report, Root), (Text, u8)> {
        let mut memory = Memory::default();
        let (outcome, sources) = edition(&self.site, &self.options, &mut memory).map_err(|error| explain(&error))?;
        let Some(edition) = outcome.edition.as_ref().or(outcome.remains.as_ref()) else {
            return Ok((Report::of_failed_build(&outcome.diagnostics), outcome.root));
        };
        let options = CheckOptions { ledger: kept_ledger(&self.out)?, net: self.net()? };
        let context = Context::new(edition, &sources, &options);
        let mut report = check(&context, &memory, &outcome.diagnostics).map_err(|error| explain(&error.into()))?;
        report.unread = sources.items.len() - memory.items().count();
        self.keep_answers(&options)?;
        if let Some(path) = &self.html {
            let page = office::page(&report, &context, self.terminal.language);
            write::write_file(path, page.as_bytes()).map_err(|error| (error.text(), FAILED))?;
        }
        Ok((report, outcome.root))
    }

    /// How other sites are asked, with what they answered not long ago.
    fn net(&self) -> Result<Option<Net>, (Text, u8)> {
        if !self.asks_others {
            return Ok(None);
        }
        let kept = write::kept(&self.out, net::FILE).map_err(|error| (error.text(), FAILED))?.unwrap_or_default();
        Ok(Some(Net::new(super::clock().as_second(), net::AT_MOST, &kept)))
    }

    /// Keeps the answers beside the last build; without one, there is no place for them.
    fn keep_answers(&self, options: &CheckOptions) -> Result<(), (Text, u8)> {
        let Some(net) = options.net.as_ref().filter(|_| write::is_ours(&self.out)) else { return Ok(()) };
        write::keep(&self.out, net::FILE, &net.to_text()).map_err(|error| (error.text(), FAILED))
    }

    fn json(&self, report: &Report, text_of: &dyn Fn(&FilePath) -> Option<Arc<str>>) -> serde_json::Value {
        let found: Vec<_> = report
            .findings
            .iter()
            .map(|finding| {
                let mut found = as_json(&finding.diagnostic, self.terminal.language, text_of);
                found["family"] = json!(finding.family.title().get(self.terminal.language));
                found
            })
            .collect();
        let forecast: Vec<_> = report.forecast.iter().map(|due| self.due_json(due)).collect();
        json!({
            "ok": self.passes(report), "items": report.items, "unread": report.unread, "pages": report.pages,
            "forecast": forecast, "findings": found,
        })
    }

    fn due_json(&self, due: &Due) -> serde_json::Value {
        json!({
            "name": due.name.get(self.terminal.language), "last": due.last.map(|last| last.iso()),
            "limit_days": due.limit_days, "due": due.due.to_string(), "overdue": due.is_overdue,
        })
    }
}

/// The ledger that the last build left. A damaged one tells nothing; the next build begins a new one and says so.
pub(super) fn kept_ledger(out: &Path) -> Result<Ledger, (Text, u8)> {
    let kept = write::kept(out, ledger::FILE).map_err(|error| (error.text(), FAILED))?;
    Ok(kept.and_then(|text| Ledger::parse(&text)).unwrap_or_default())
}

fn check_built(folder: &Path) -> Result<(Report, Root), (Text, u8)> {
    let (root, pages) = read_pages(folder).map_err(|error| explain(&error.into()))?;
    if pages.is_empty() {
        let folder = folder.display();
        let text = Text::new(format!("“{folder}”里没有网页（.html）"), format!("\"{folder}\" holds no HTML files"));
        return Err((text, FAILED));
    }
    Ok((check_folder(&pages), root))
}

/// What was looked at, and how much of each family was found.
pub(super) fn summary(report: &Report, took: &str) -> Text {
    // A site that can be read has pages.
    if report.pages == 0 {
        return Text::new(
            "网站的设置或主题有错误，改好以后才能检查",
            "the site's settings or theme have errors; it can be checked once they are mended",
        );
    }
    let (errors, warnings) = report.totals();
    let mut text = Text::new(
        format!("检查完毕：{} 篇内容、{} 个页面，用时 {took} 秒", report.items, report.pages),
        format!("checked {} and {} in {took} s", counted(report.items, "item"), counted(report.pages, "page")),
    );
    if report.unread > 0 {
        text.zh.push_str(&format!("；另有 {} 篇有错误，改好以后才能检查", report.unread));
        text.en.push_str(&format!("; {} with errors can be checked once mended", counted(report.unread, "item")));
    }
    for (family, (errors, warnings)) in report.counts() {
        let Text { zh, en } = family.title();
        text.zh.push_str(&format!("\n  {zh}：{errors} 处错误，{warnings} 条提醒"));
        text.en.push_str(&format!("\n  {en}: {}, {}", counted(errors, "error"), counted(warnings, "warning")));
    }
    if let Some(forecast) = forecast(report) {
        text.zh.push_str(&forecast.zh);
        text.en.push_str(&forecast.en);
    }
    let verdict = match (errors, warnings) {
        (0, 0) => Text::new("没有发现问题", "nothing was found"),
        (0, _) => {
            Text::new(format!("没有错误，{warnings} 条提醒"), format!("no errors, {}", counted(warnings, "warning")))
        }
        _ => Text::new(
            format!("共 {errors} 处错误，{warnings} 条提醒"),
            format!("{}, {} in all", counted(errors, "error"), counted(warnings, "warning")),
        ),
    };
    Text::new(format!("{}\n{}", text.zh, verdict.zh), format!("{}\n{}", text.en, verdict.en))
}

/// What falls due soon, in a line each; what already has is among the messages.
fn forecast(report: &Report) -> Option<Text> {
    let days = report.forecast_days;
    let mut text = Text::new(
        format!("\n未来 {days} 天到期（到期前须有更新）："),
        format!("\nfalling due within {days} days, unless something new is published:"),
    );
    let mut ahead = report.forecast.iter().filter(|due| !due.is_overdue).peekable();
    ahead.peek()?;
    for due in ahead {
        let Due { name, due, limit_days, .. } = due;
        text.zh.push_str(&format!("\n  {due}  {}（每 {limit_days} 天）", name.zh));
        text.en.push_str(&format!("\n  {due}  {} (every {limit_days} days)", name.en));
    }
    Some(text)
}

/// `--rules`: every rule by family, with its code and severity.
pub(super) fn list_rules(language: Language) -> ExitCode {
    for family in Family::ALL {
        let mut of_family = all_rules().filter(|rule| rule.family == family).peekable();
        if of_family.peek().is_some() {
            say_out!("{}", family.title().get(language));
        }
        for rule in of_family {
            let severity = match rule.severity {
                Severity::Error => Text::new("错误", "error"),
                Severity::Warning => Text::new("提醒", "warning"),
            };
            let name = Text::new(rule.zh, rule.en);
            say_out!("  {:<28} {}  {}", rule.code, severity.get(language), name.get(language));
        }
    }
    ExitCode::SUCCESS
}
