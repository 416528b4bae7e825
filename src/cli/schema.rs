//! `xinfeng schema`: JSON Schemas for editors, and the set-up of VS Code.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::terminal::{Terminal, explain};
use super::{FAILED, USAGE};
use crate::diagnostic::{FilePath, Language, Text};
use crate::parse::asked::Subject;
use crate::parse::item::ItemType;
use crate::parse::registry::Registry;
use crate::pipeline::{PipelineError, configuration};
use crate::scaffold::replace;
use crate::schema::json::schema;
use crate::schema::vscode::{NotJson, files};
use crate::source::Root;

/// The arguments and their help.
pub(super) fn command(language: Language) -> Command {
    let say = |zh: &'static str, en: &'static str| if language == Language::Chinese { zh } else { en };
    Command::new("schema")
        .about(say("输出各项的 JSON Schema，供编辑器提示", "print JSON Schemas for editors"))
        .override_usage(say(
            "xinfeng schema <site|类型> 或 --out <文件夹> 或 --vscode",
            "xinfeng schema <site|TYPE>, or --out <DIR>, or --vscode",
        ))
        .next_help_heading(say("选项", "Options"))
        .arg(
            Arg::new("subject").value_name(say("site 或类型", "site|TYPE")).help(say(
                "site（网站设置），或要闻、招募、通知公告、页面",
                "site, article, recruitment, notice or page",
            )),
        )
        .arg(
            Arg::new("out")
                .long("out")
                .value_name(say("文件夹", "DIR"))
                .value_parser(value_parser!(PathBuf))
                .help(say("全部写进这个文件夹", "write all of them into this folder")),
        )
        .arg(
            Arg::new("vscode")
                .long("vscode")
                .action(ArgAction::SetTrue)
                .help(say("更新 VS Code 的提示和表单（区域、主题改了以后）", "bring the set-up of VS Code up to date")),
        )
}

/// `xinfeng schema`
pub(super) fn run(language: Language, arguments: &ArgMatches) -> ExitCode {
    let terminal = Terminal::new(language, arguments);
    let root = Root::new(&super::site(arguments));
    let registry = match configuration(&root, None) {
        Ok(Ok(registry)) => registry,
        Ok(Err(mut diagnostics)) => {
            let text_of = |file: &FilePath| root.excerpt(file).map(|text| Cow::Owned(text.to_string()));
            crate::parse::locate(&mut diagnostics, &text_of);
            terminal.draw(&diagnostics, &|file| root.excerpt(file));
            return ExitCode::from(FAILED);
        }
        Err(error) => return terminal.fail(&explain(&PipelineError::Read(error)).0),
    };
    let subject = arguments.get_one::<String>("subject").map(String::as_str);
    let out = arguments.get_one::<PathBuf>("out");
    match (subject, out, arguments.get_flag("vscode")) {
        (None, None, true) => set_up(terminal, &root, &registry),
        (None, Some(out), false) => write_all(terminal, out, &registry),
        (Some(name), None, false) => print(terminal, name, &registry),
        _ => {
            terminal.fail(&Text::new(
                "请写明要哪一个：xinfeng schema site（或要闻、招募、通知公告、页面），或者 --out 文件夹，或者 --vscode",
                "name one: xinfeng schema site (article, recruitment, notice, page), or --out DIR, or --vscode",
            ));
            ExitCode::from(USAGE)
        }
    }
}

fn print(terminal: Terminal, name: &str, registry: &Registry) -> ExitCode {
    let subject = if name == "site" { Some(Subject::Site) } else { ItemType::named(name).map(Subject::Item) };
    let Some(subject) = subject else {
        return terminal.fail(&Text::new(
            format!("没有“{name}”，可以写 site、要闻、招募、通知公告、页面"),
            format!("there is no \"{name}\": write site, article, recruitment, notice or page"),
        ));
    };
    say_out!("{:#}", schema(subject, Some(registry), terminal.language));
    ExitCode::SUCCESS
}

fn write_all(terminal: Terminal, out: &Path, registry: &Registry) -> ExitCode {
    let texts = Subject::ALL.map(|subject| {
        let text = format!("{:#}\n", schema(subject, Some(registry), terminal.language));
        (out.join(format!("{}.schema.json", subject.name())), text)
    });
    write(terminal, texts)
}

fn set_up(terminal: Terminal, root: &Root, registry: &Registry) -> ExitCode {
    let text_of = |file: &FilePath| root.excerpt(file).map(|text| text.to_string());
    match files(registry, terminal.language, text_of) {
        Ok(files) => write(terminal, files.into_iter().map(|(file, text)| (root.on_disk(&file), text))),
        Err(NotJson { file, detail }) => terminal.fail(&Text::new(
            format!("“{file}”读不懂（{detail}），什么也没有改；请改好它，或删去它，再运行一次"),
            format!("\"{file}\" cannot be read ({detail}); nothing was changed: mend or delete it, and run this again"),
        )),
    }
}

fn write(terminal: Terminal, files: impl IntoIterator<Item = (PathBuf, String)>) -> ExitCode {
    for (path, text) in files {
        let written: io::Result<()> = replace(&path, text.as_bytes());
        let shown = path.display();
        match written {
            Ok(()) => terminal.say(&Text::new(format!("已写入 {shown}"), format!("wrote {shown}"))),
            Err(error) => {
                return terminal.fail(&super::cannot_write(&path, &error));
            }
        }
    }
    ExitCode::SUCCESS
}
