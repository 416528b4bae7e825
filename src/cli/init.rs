//! `xinfeng init`: a new site in an empty folder.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};
use jiff::tz::TimeZone;

use super::clock;
use super::terminal::Terminal;
use crate::diagnostic::{Language, Text};
use crate::parse::moment::{Moment, time_zone};
use crate::scaffold::site::{SiteError, create};

/// The arguments and their help.
pub(super) fn command(language: Language) -> Command {
    let say = |zh: &'static str, en: &'static str| if language == Language::Chinese { zh } else { en };
    Command::new("init")
        .about(say("新建一个网站", "begin a new site"))
        .override_usage(say("xinfeng init <文件夹> [选项]", "xinfeng init <DIR> [OPTIONS]"))
        .next_help_heading(say("选项", "Options"))
        .arg(
            Arg::new("folder")
                .value_name(say("文件夹", "DIR"))
                .value_parser(value_parser!(PathBuf))
                .required(true)
                .help(say("放在哪个文件夹（没有就新建，有就必须是空的）", "its folder, empty or not there yet")),
        )
}

/// `xinfeng init`
pub(super) fn run(language: Language, arguments: &ArgMatches) -> ExitCode {
    let terminal = Terminal::new(language, arguments);
    let folder = arguments.get_one::<PathBuf>("folder").expect("clap requires it");
    // The zone of the new site's own settings.
    let now = Moment::from_timestamp(clock(), &time_zone("Asia/Shanghai").unwrap_or(TimeZone::UTC));
    let shown = folder.display();
    let typed = if shown.to_string().contains(' ') { format!("\"{shown}\"") } else { shown.to_string() };
    match create(folder, &now, language) {
        Ok(_) => {
            terminal.say(&Text::new(
                format!(
                    "网站建好了，在 {shown}\n接下来：\n  1. cd {typed}\n  2. xinfeng serve --open，在浏览器里看\n  \
                     3. 把 site.yaml 里的名称、网址、区域改成自己的，再看看 README.md"
                ),
                format!(
                    "a new site is in {shown}\nNext:\n  1. cd {typed}\n  2. xinfeng serve --open shows it in a browser\n  \
                     3. write your own names into site.yaml; README.md tells how to go on"
                ),
            ));
            ExitCode::SUCCESS
        }
        Err(SiteError::Occupied) => terminal.fail(&Text::new(
            format!("“{shown}”里已经有东西了，没有动它；请换一个空的文件夹，例如 xinfeng init 新网站"),
            format!("\"{shown}\" is not empty and was left alone: name an empty folder, e.g. xinfeng init my-site"),
        )),
        Err(SiteError::Write(error)) => terminal.fail(&super::cannot_write(folder, &error)),
    }
}
