//! `xinfeng fmt`: corrects in the editors' files what can be corrected without asking.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use rayon::prelude::*;

use super::FAILED;
use super::terminal::{Terminal, counted, explain};
use crate::diagnostic::{Diagnostic, FilePath, Language, Text};
use crate::fmt::{Changes, Formatted, Refusal, find, format, replace};
use crate::parse::check::CheckSettings;
use crate::pipeline::{PipelineError, configuration};
use crate::source::{ReadError, Sources};

/// `xinfeng fmt`
pub(super) struct Fmt {
    terminal: Terminal,
    site: PathBuf,
    /// Nothing is written.
    checks_only: bool,
    /// All items where none is named.
    files: Vec<PathBuf>,
}

/// The arguments that `fmt` has of its own.
pub(super) fn command(language: Language) -> Command {
    let say = |zh: &'static str, en: &'static str| if language == Language::Chinese { zh } else { en };
    Command::new("fmt")
        .next_help_heading(say("选项", "Options"))
        .about(say(
            "改正标点、空格、日期写法和字段顺序",
            "correct punctuation, spaces, the form of dates and the order of keys",
        ))
        .override_usage(say("xinfeng fmt [选项] [文件]…", "xinfeng fmt [OPTIONS] [FILES]…"))
        .arg(
            Arg::new("check")
                .long("check")
                .action(ArgAction::SetTrue)
                .help(say("只列出要改的文件，不写文件", "list the files that would change, and write nothing")),
        )
        .arg(
            Arg::new("files")
                .value_name(say("文件", "FILES"))
                .value_parser(value_parser!(PathBuf))
                .num_args(0..)
                .help(say("只改这些文件（默认是所有内容）", "these files only (all items by default)")),
        )
}

/// What became of one file.
enum Outcome {
    Clean,
    Changed(Changes),
    Refused(Refusal),
}

impl Fmt {
    pub fn new(language: Language, arguments: &ArgMatches) -> Self {
        Self {
            terminal: Terminal::new(language, arguments),
            site: super::site(arguments),
            checks_only: arguments.get_flag("check"),
            files: arguments.get_many::<PathBuf>("files").unwrap_or_default().cloned().collect(),
        }
    }

    pub fn run(&self) -> ExitCode {
        match self.format_all() {
            Ok(code) => code,
            Err(error) => self.terminal.fail(&explain(&PipelineError::Read(error)).0),
        }
    }

    fn format_all(&self) -> Result<ExitCode, ReadError> {
        let sources = Sources::discover(&self.site)?;
        let settings = match settings(&sources)? {
            Ok(settings) => settings,
            Err(diagnostics) => {
                self.terminal.draw(&diagnostics, &|file| sources.root.excerpt(file));
                return Ok(ExitCode::from(FAILED));
            }
        };
        let mut files: Vec<FilePath> =
            self.files.iter().map(|file| find(&sources.root, file)).collect::<Result<_, ReadError>>()?;
        if let Some(file) = files.iter().find(|file| !sources.items.contains_key(*file)) {
            let text = Text::new(
                format!("“{file}”不是网站 content 文件夹里的内容文件（.md）"),
                format!("\"{file}\" is not an item (.md) below the site's content/"),
            );
            return Ok(self.terminal.fail(&text));
        }
        if files.is_empty() {
            files = sources.items.keys().cloned().collect();
        }
        let outcomes: Vec<(FilePath, Outcome)> = files
            .into_par_iter()
            .map(|file| Ok((file.clone(), self.format_one(&file, &sources, &settings)?)))
            .collect::<Result<_, ReadError>>()?;
        Ok(self.report(&outcomes, &sources))
    }

    fn format_one(&self, file: &FilePath, sources: &Sources, settings: &CheckSettings) -> Result<Outcome, ReadError> {
        let bytes = sources.root.read(file)?;
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let broken = crate::diagnostic::catalogue::invalid_utf8(file, at);
                return Ok(Outcome::Refused(Refusal::Broken(vec![broken])));
            }
        };
        Ok(match format(file, &text, settings) {
            Ok(formatted) if formatted.text == text => Outcome::Clean,
            Ok(Formatted { text: new, changes }) => {
                if !self.checks_only {
                    replace(&sources.root, file, &text, &new)?;
                }
                Outcome::Changed(changes)
            }
            Err(refusal) => Outcome::Refused(refusal),
        })
    }

    fn report(&self, outcomes: &[(FilePath, Outcome)], sources: &Sources) -> ExitCode {
        let mut diagnostics: Vec<Diagnostic> = Vec::new();
        let (mut changed, mut refused) = (0, 0);
        for (file, outcome) in outcomes {
            match outcome {
                Outcome::Clean => {}
                Outcome::Changed(changes) => {
                    changed += 1;
                    self.terminal.say(&self.line(file, *changes));
                }
                Outcome::Refused(refusal) => {
                    refused += 1;
                    match refusal {
                        Refusal::Broken(broken) => diagnostics.extend(broken.iter().cloned()),
                        Refusal::ChangesStructure => self.terminal.say(&left_alone(file)),
                    }
                }
            }
        }
        self.terminal.draw(&diagnostics, &|file| sources.root.excerpt(file));
        self.terminal.say(&self.summary(outcomes.len(), changed, refused));
        let is_done = refused == 0 && !(self.checks_only && changed > 0);
        if is_done { ExitCode::SUCCESS } else { ExitCode::from(FAILED) }
    }

    fn line(&self, file: &FilePath, Changes { marks, lines, is_reordered }: Changes) -> Text {
        let (mut zh, mut en) = (Vec::new(), Vec::new());
        if marks > 0 {
            zh.push(format!("标点和空格 {marks} 处"));
            en.push(counted(marks, "mark"));
        }
        if lines > 0 {
            zh.push(format!("日期和行尾空格 {lines} 行"));
            en.push(counted(lines, "front matter line"));
        }
        if is_reordered {
            zh.push("字段顺序".to_owned());
            en.push("order of keys".to_owned());
        }
        let (verb_zh, verb_en) = if self.checks_only { ("要改", "would change") } else { ("已改", "changed") };
        let (zh, en) = (zh.join("，"), en.join(", "));
        Text::new(format!("{verb_zh} {file}：{zh}"), format!("{verb_en} {file}: {en}"))
    }

    fn summary(&self, files: usize, changed: usize, refused: usize) -> Text {
        let (verb_zh, verb_en) = if self.checks_only { ("要改", "would change") } else { ("已改", "changed") };
        let mut text = Text::new(
            format!("看了 {files} 个文件，{verb_zh} {changed} 个"),
            format!("looked at {}, {verb_en} {changed}", counted(files, "file")),
        );
        if refused > 0 {
            text.zh.push_str(&format!("，{refused} 个没有动"));
            text.en.push_str(&format!(", left {refused} alone"));
        }
        text
    }
}

fn left_alone(file: &FilePath) -> Text {
    Text::new(
        format!("没有动 {file}：改了标点，段落或链接会跟着变，请运行 xinfeng check 后自己改"),
        format!("left {file} alone: corrections would change its structure; see xinfeng check"),
    )
}

/// How the site wants to be checked.
fn settings(sources: &Sources) -> Result<Result<CheckSettings, Vec<Diagnostic>>, ReadError> {
    Ok(configuration(&sources.root, None)?.map(|registry| registry.check))
}
