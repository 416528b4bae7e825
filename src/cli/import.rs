//! `xinfeng import`: old pages and Word documents become drafts of the site.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::{Value, json};

use super::terminal::{Terminal, counted};
use super::{FAILED, USAGE};
use crate::diagnostic::{Language, Text};
use crate::import::{Imported, LeftOut, Options, PassedOver, Reason, all_pages, import, passed_over};
use crate::parse::item::ItemType;
use crate::parse::registry::Registry;
use crate::pipeline::configuration;
use crate::source::Root;

/// So many characters of what was left out are shown; `--verbose` shows all.
const SHOWN: usize = 60;

/// The arguments and their help.
pub(super) fn command(language: Language) -> Command {
    let say = |zh: &'static str, en: &'static str| if language == Language::Chinese { zh } else { en };
    Command::new("import")
        .about(say("把旧网页和 Word 文档变成草稿", "turn old pages and Word documents into drafts"))
        .override_usage(say("xinfeng import <文件或文件夹>… [选项]", "xinfeng import <FILE|DIR>... [OPTIONS]"))
        .next_help_heading(say("选项", "Options"))
        .arg(
            Arg::new("files")
                .required(true)
                .num_args(1..)
                .value_name(say("文件或文件夹", "FILE|DIR"))
                .value_parser(value_parser!(PathBuf))
                .help_heading(say("参数", "Arguments"))
                .help(say(
                    "存下来的网页（.html）、从浏览器复制的文字（.txt）、Word 文档（.docx），或放着这些文件的文件夹",
                    "saved pages (.html), text copied from a browser (.txt), Word documents (.docx), or folders of these",
                )),
        )
        .arg(
            Arg::new("type")
                .long("type")
                .value_name(say("类型", "TYPE"))
                .value_parser(ItemType::ALL.map(ItemType::names).into_iter().flatten().collect::<Vec<_>>())
                .hide_possible_values(true)
                .help(say(
                    "类型：要闻、通知公告、招募或页面（默认按标题判断）",
                    "article, notice, recruitment or page (by the title unless given)",
                )),
        )
        .arg(
            Arg::new("to")
                .long("to")
                .value_name("zh-Hans")
                .value_parser(["zh-Hans"])
                .hide_possible_values(true)
                .help(say("把繁体转成简体（默认保留原样）", "turn Traditional into Simplified")),
        )
        .arg(
            Arg::new("district")
                .long("district")
                .value_name(say("区域", "DISTRICT"))
                .action(ArgAction::Append)
                .help(say("属于哪个区域（默认从来源和正文里找）", "the district (looked for in the page unless given)")),
        )
        .arg(
            Arg::new("json")
                .long("json")
                .action(ArgAction::SetTrue)
                .help(say("用 JSON 输出结果，供程序读取", "print the result as JSON")),
        )
}

pub(super) fn run(language: Language, arguments: &ArgMatches) -> ExitCode {
    let command = Import {
        terminal: Terminal::new(language, arguments),
        is_verbose: arguments.get_flag("verbose"),
        json: arguments.get_flag("json"),
    };
    let root = super::site(arguments);
    let registry = match command.registry(&root) {
        Ok(registry) => registry,
        Err(code) => return code,
    };
    let options = Options {
        item_type: arguments.get_one::<String>("type").and_then(|name| ItemType::named(name)),
        to_simplified: arguments.contains_id("to"),
        districts: arguments.get_many::<String>("district").into_iter().flatten().cloned().collect(),
    };
    if let Some(text) = unknown_district(&options, &registry) {
        return command.fail(&text, USAGE);
    }
    let asked: Vec<PathBuf> = arguments.get_many::<PathBuf>("files").into_iter().flatten().cloned().collect();
    if let Some(address) = asked.iter().find(|path| path.to_str().is_some_and(|it| it.contains("://"))) {
        let address = address.display();
        let zh = format!("“{address}”是网址：请在浏览器里打开，另存为网页（.html），再导入存下的文件");
        return command
            .fail(&Text::new(zh, format!("\"{address}\" is an address: save the page and import the file")), USAGE);
    }
    let paths = all_pages(&asked);
    if paths.is_empty() {
        command.tell_passed_over(&passed_over(&asked, &[]));
        let text =
            Text::new("文件夹里没有网页、.txt 或 .docx", "there are no pages, .txt or .docx files in the folder");
        return command.fail(&text, FAILED);
    }
    let results: Vec<_> = paths
        .into_iter()
        .map(|path| {
            let made = import(&path, &root, &registry, &options);
            (path, made)
        })
        .collect();
    let taken = results.iter().filter_map(|(_, made)| made.as_ref().ok()).flat_map(|made| &made.taken);
    let passed_over = passed_over(&asked, &taken.map(PathBuf::as_path).collect::<Vec<_>>());
    command.report(&results, &passed_over)
}

fn unknown_district(options: &Options, registry: &Registry) -> Option<Text> {
    let is_known = |name: &str| name == "all" || registry.find_district(name).is_ok();
    let name = options.districts.iter().find(|name| !is_known(name))?;
    let near = registry.near_districts(name);
    let known: Vec<&str> =
        if near.is_empty() { registry.districts.iter().map(|it| it.name.as_str()).take(20).collect() } else { near };
    Some(Text::new(
        format!("site.yaml 里没有“{name}”这个区域，可以写：{}", known.join("、")),
        format!("site.yaml has no district \"{name}\"; it has: {}", known.join(", ")),
    ))
}

struct Import {
    terminal: Terminal,
    is_verbose: bool,
    json: bool,
}

type Made = (PathBuf, Result<Imported, Text>);

impl Import {
    /// The site's configuration, or the exit code where it has mistakes, which are then drawn.
    fn registry(&self, site: &std::path::Path) -> Result<Registry, ExitCode> {
        let root = Root::new(site);
        let read = configuration(&root, None).map_err(|failure| self.unreadable(&failure.path, &failure.error))?;
        read.map_err(|diagnostics| {
            self.terminal.draw(&diagnostics, &|file| root.excerpt(file));
            let en = "site.yaml has mistakes or is not there: nothing was imported";
            self.fail(&Text::new("site.yaml 有错误或不存在，没有导入", en), FAILED)
        })
    }

    fn unreadable(&self, path: &std::path::Path, error: &std::io::Error) -> ExitCode {
        let (path, why) = (path.display(), Text::from(error));
        let (zh, en) = (format!("无法读取“{path}”：{}", why.zh), format!("cannot read \"{path}\": {}", why.en));
        self.fail(&Text::new(zh, en), FAILED)
    }

    fn fail(&self, text: &Text, code: u8) -> ExitCode {
        if self.json {
            say_out!("{:#}", json!({ "ok": false, "error": text.get(self.terminal.language), "files": [] }));
        } else {
            self.terminal.fail(text);
        }
        ExitCode::from(code)
    }

    fn report(&self, results: &[Made], passed_over: &[(PathBuf, PassedOver)]) -> ExitCode {
        let is_whole = results.iter().all(|(_, made)| made.is_ok());
        if self.json {
            let files: Vec<Value> = results.iter().map(|made| self.json_of(made)).collect();
            let why = |why: &PassedOver| why.text().get(self.terminal.language).to_owned();
            let passed_over = passed_over.iter().map(|(path, it)| json!({ "from": shown(path), "reason": why(it) }));
            let passed_over: Vec<Value> = passed_over.collect();
            say_out!("{:#}", json!({ "ok": is_whole, "files": files, "passed_over": passed_over }));
        } else {
            for made in results {
                self.draw(made);
            }
            self.tell_passed_over(passed_over);
            self.summarize(results, passed_over.len());
        }
        if is_whole { ExitCode::SUCCESS } else { ExitCode::from(FAILED) }
    }

    /// One message for all that are to be treated alike.
    fn tell_passed_over(&self, documents: &[(PathBuf, PassedOver)]) {
        if self.json {
            return;
        }
        for why in PassedOver::ALL {
            let paths: Vec<String> =
                documents.iter().filter(|(_, it)| *it == why).map(|(path, _)| shown(path)).collect();
            if paths.is_empty() {
                continue;
            }
            let (count, text) = (paths.len(), why.text());
            self.terminal.say(&Text::new(
                format!("没有导入 {count} 个文件（{}）：\n  {}", text.zh, paths.join("\n  ")),
                format!("{} not imported ({}):\n  {}", counted(count, "file"), text.en, paths.join("\n  ")),
            ));
        }
    }

    fn draw(&self, (path, made): &Made) {
        let path = path.display();
        let imported = match made {
            Ok(imported) => imported,
            Err(text) => {
                self.terminal.fail(&Text::new(format!("“{path}”：{}", text.zh), format!("\"{path}\": {}", text.en)));
                return;
            }
        };
        let mut lines = vec![Text::new(format!("{path} → {}", imported.file), format!("{path} → {}", imported.file))];
        let title = imported.title.as_deref().unwrap_or("—");
        let kind = imported.item_type.name();
        lines.push(Text::new(format!("  标题：{title}（{kind}）"), format!("  title: {title} ({kind})")));
        for file in &imported.copied {
            lines.push(Text::new(format!("  复制了文件：{file}"), format!("  copied: {file}")));
        }
        lines.extend(
            imported.doubts.iter().map(|doubt| Text::new(format!("  待核对：{doubt}"), format!("  to check: {doubt}"))),
        );
        lines.extend(imported.left_out.iter().map(|left_out| self.line_of(left_out)));
        lines.iter().for_each(|line| self.terminal.say(line));
    }

    fn line_of(&self, left_out: &LeftOut) -> Text {
        let shown = if self.is_verbose { left_out.text.clone() } else { shorten(&left_out.text) };
        let reason = left_out.reason.text();
        let shown = shown.replace('\n', " / ");
        let (zh, en) = match left_out.reason {
            Reason::FrontMatter => ("移到开头", "moved"),
            Reason::Remote => ("没有复制", "not copied"),
            _ => ("未采用", "left out"),
        };
        Text::new(format!("  {zh}：“{shown}”（{}）", reason.zh), format!("  {en}: \"{shown}\" ({})", reason.en))
    }

    fn summarize(&self, results: &[Made], passed_over: usize) {
        let made = results.iter().filter(|(_, made)| made.is_ok()).count();
        let failed = results.len() - made + passed_over;
        let imported = Text::new(
            format!("导入了 {made} 篇，都是草稿：核对以后删去 draft: true 就会发布"),
            format!("imported {made} as drafts: check them and take away \"draft: true\" to publish them"),
        );
        let not_imported =
            Text::new(format!("{failed} 个文件没有导入"), format!("{} not imported", counted(failed, "file")));
        self.terminal.say(&match (made, failed) {
            (_, 0) => imported,
            (0, _) => not_imported,
            _ => Text::new(
                format!("{}；{}", imported.zh, not_imported.zh),
                format!("{}; {}", imported.en, not_imported.en),
            ),
        });
    }

    fn json_of(&self, (path, made): &Made) -> Value {
        let imported = match made {
            Ok(imported) => imported,
            Err(text) => {
                return json!({ "from": path.display().to_string(), "error": text.get(self.terminal.language) });
            }
        };
        let left_out = imported.left_out.iter().map(|it| {
            let spam = if let Reason::Spam(spam) = &it.reason { Some(spam.score) } else { None };
            let reason = it.reason.text();
            json!({ "text": it.text, "code": it.reason.code(), "reason": reason.get(self.terminal.language), "score": spam })
        });
        json!({
            "from": path.display().to_string(),
            "file": imported.file.as_str(),
            "title": imported.title,
            "type": imported.item_type.name(),
            "encoding": imported.encoding,
            "copied": imported.copied.iter().map(|file| file.as_str()).collect::<Vec<_>>(),
            "doubts": imported.doubts,
            "left_out": left_out.collect::<Vec<_>>(),
        })
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn shorten(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).collect();
    if text.chars().count() > SHOWN {
        shown.push('…');
    }
    shown
}
