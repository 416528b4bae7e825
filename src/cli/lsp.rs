//! `xinfeng lsp`: the language server, over standard input and output.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgMatches, Command};
use lsp_server::Connection;

use super::terminal::Terminal;
use super::{FAILED, clock};
use crate::diagnostic::{Language, Text};
use crate::lsp::server::{Settings, run as serve};

/// The arguments and their help.
pub(super) fn command(language: Language) -> Command {
    let say = |zh: &'static str, en: &'static str| if language == Language::Chinese { zh } else { en };
    Command::new("lsp")
        .about(say("语言服务器，供编辑器连接", "the language server, for editors to connect to"))
        .override_usage("xinfeng lsp")
        .next_help_heading(say("选项", "Options"))
}

/// `xinfeng lsp`
pub(super) fn run(language: Language, arguments: &ArgMatches) -> ExitCode {
    let settings = Settings {
        site: arguments.get_one::<PathBuf>("site").cloned(),
        language: arguments.get_one::<String>("lang").map(|_| language),
        clock,
    };
    let (connection, threads) = Connection::stdio();
    let ended = serve(&connection, &settings);
    // The threads end when nobody can send any more.
    drop(connection);
    let terminal = Terminal::new(language, arguments);
    match (ended, threads.join()) {
        (Ok(true), Ok(())) => ExitCode::SUCCESS,
        (Ok(_), Ok(())) => ExitCode::from(FAILED),
        (Err(error), _) => terminal.fail(&Text::new(
            format!("与编辑器的连接出错：{error}（xinfeng lsp 由编辑器启动，不在终端里用）"),
            format!("the editor broke the protocol: {error} (xinfeng lsp is started by editors, not in a terminal)"),
        )),
        (_, Err(error)) => {
            let why = Text::from(&error);
            terminal.fail(&Text::new(
                format!("与编辑器的连接断开：{}", why.zh),
                format!("the connection to the editor broke: {}", why.en),
            ))
        }
    }
}
