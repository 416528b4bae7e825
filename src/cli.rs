//! The command line: the only place that prints.
//!
//! Everything is said in Chinese or in English: `--lang` decides, else the environment, and Chinese
//! where that says nothing. Start at [`run`].

#[macro_use]
mod terminal;
mod build;
mod check;
mod explain;
mod fmt;
mod json;
mod mask;
mod sarif;
mod import;
mod init;
mod keys;
mod lsp;
mod new;
mod publish;
mod rollback;
mod schema;
mod serve;
mod timings;
mod verify;

use std::ffi::OsString;
use std::io;
#[cfg(unix)]
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, ExitCode, Stdio};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use jiff::Timestamp;

use crate::diagnostic::{Language, Text};
use crate::parse::registry::BaseUrl;
use crate::pipeline::{AsOf, Options};
use crate::shard::Shard;
use crate::write;
use build::Build;
use check::Check;
use fmt::Fmt;

/// The site or the command has mistakes.
const FAILED: u8 = 1;
/// The command line could not be understood.
const USAGE: u8 = 2;

const DEFAULT_PORT: &str = "4000";

/// What a build leaves to a process of its own; no command for people.
const SWEEP: &str = "sweep";

/// In help, the options of all commands stand behind a command's own.
const GLOBAL_ORDER: usize = 100;

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let arguments = with_help(std::env::args_os().collect());
    if let [_, command, out] = &arguments[..]
        && command == SWEEP
    {
        write::sweep(Path::new(out));
        return ExitCode::SUCCESS;
    }
    let language = language(&arguments);
    match command(language).try_get_matches_from(arguments) {
        Ok(matches) => match matches.subcommand() {
            Some(("build", arguments)) => Build::new(language, arguments).run(),
            Some(("check", arguments)) if arguments.get_flag("rules") => check::list_rules(language),
            Some(("check", arguments)) => Check::new(language, arguments).run(),
            Some(("mask", arguments)) => mask::Mask::new(language, arguments).run(),
            Some(("fmt", arguments)) => Fmt::new(language, arguments).run(),
            Some(("serve", arguments)) => serve::run(language, arguments),
            Some(("import", arguments)) => import::run(language, arguments),
            Some(("publish", arguments)) => publish::Publish::new(language, arguments).run(),
            Some(("verify", arguments)) => verify::Verify::new(language, arguments).run(),
            Some(("rollback", arguments)) => rollback::run(language, arguments),
            Some(("keys", arguments)) => keys::run(language, arguments),
            Some(("init", arguments)) => init::run(language, arguments),
            Some(("schema", arguments)) => schema::run(language, arguments),
            Some(("lsp", arguments)) => lsp::run(language, arguments),
            Some(("new", arguments)) => new::run(language, arguments),
            _ => unreachable!("clap asks for a known command"),
        },
        Err(error) => explain_usage(language, &error),
    }
}

/// `xinfeng help build` as `xinfeng build --help`.
fn with_help(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let is_value = |at: usize| arguments[at - 1] == "--lang" || arguments[at - 1] == "--site";
    let is_option = |at: usize| arguments[at].to_string_lossy().starts_with('-');
    let command = (1..arguments.len()).find(|at| !is_option(*at) && !is_value(*at));
    if let Some(at) = command.filter(|at| arguments[*at] == "help") {
        arguments.remove(at);
        arguments.push("--help".into());
    }
    arguments
}

/// What is said where a command needs the settings and there are none to be read.
fn no_configuration() -> Text {
    Text::new(
        "这里的 site.yaml 有错误或不存在，运行 xinfeng build 看看",
        "there is no site.yaml here, or it has errors: xinfeng build tells which",
    )
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
    let folder = |name: &'static str| {
        Arg::new(name).long(name).value_name(say("文件夹", "DIR")).value_parser(value_parser!(PathBuf))
    };
    let flag = |name: &'static str, zh, en| Arg::new(name).long(name).action(ArgAction::SetTrue).help(say(zh, en));
    let headings = match language {
        Language::Chinese => "{about}\n\n用法：{usage}\n\n{all-args}\n",
        Language::English => "{about}\n\nUsage: {usage}\n\n{all-args}\n",
    };
    let options = say("选项", "Options");
    // What decides which items are there, and when "now" is.
    let inputs = [
        flag("drafts", "连草稿一起", "with drafts"),
        flag("future", "连未到发布时间的一起", "with items dated in the future"),
        Arg::new("as-of")
            .long("as-of")
            .value_name(say("时间", "DATE"))
            .help(say("当作在这个时间，例如 2026-11-23 或 \"2026-11-23 09:00\"", "as of this date, e.g. 2026-11-23")),
    ];
    let build = Command::new("build")
        .about(say("把 Markdown 生成网站", "build the site from its Markdown"))
        .help_template(headings)
        .override_usage(say("xinfeng build [选项]", "xinfeng build [OPTIONS]"))
        .next_help_heading(options)
        .args(&inputs)
        .arg(
            Arg::new("base-url")
                .long("base-url")
                .value_name(say("网址", "URL"))
                .value_parser(|text: &str| {
                    BaseUrl::parse(text).ok_or("it should be a whole address, such as https://www.example.org/")
                })
                .help(say("代替 site.yaml 里的网址（base_url）", "replace the base_url of site.yaml")),
        )
        .arg(folder("out").help(say(
            "生成到哪个文件夹（默认是网站文件夹里的 public）",
            "the output folder (the site's public/ by default)",
        )))
        .arg(flag("json", "用 JSON 输出结果，供程序读取", "print the result as JSON"))
        .arg(
            flag(
                "timings",
                "列出各个阶段的用时、数量和内存，以及什么会随网站增长",
                "list the stages with their times, counts and memory, and what grows with the site",
            )
            .conflicts_with("json"),
        )
        .arg(
            Arg::new("explain")
                .long("explain")
                .value_name(say("文件或网址", "PATH"))
                .conflicts_with("json")
                .help(say("说明某个文件这次为什么写或没写", "say why a file was or was not written")),
        )
        .arg(
            Arg::new("shard")
                .long("shard")
                .value_name(say("几分之几", "I/N"))
                .value_parser(value_parser!(Shard))
                .conflicts_with("explain")
                .help(say(
                    "只生成一部分，例如 2/8 是八片中的第二片（要写 --as-of）",
                    "draw only a part: 2/8 is the second of eight; needs --as-of",
                )),
        )
        .arg(folder("join").num_args(1..).conflicts_with_all(["shard", "as-of", "drafts", "future", "base-url"]).help(
            say("把各片合成整个网站，写上各片所在的文件夹", "join the shards in these folders to the whole site"),
        ))
        .arg(flag("no-cache", "不用上次留下的缓存，也不留下缓存", "neither use nor leave a cache"))
        .arg(flag("verify", "生成后把每个文件重新生成一遍并比较", "then render everything again and compare"));
    let check = check::command(language).help_template(headings).args(&inputs);
    let mask = mask::command(language).help_template(headings);
    let fmt = fmt::command(language).help_template(headings);
    let serve = Command::new("serve")
        .about(say("在浏览器里边写边看", "show the site in a browser while it is written"))
        .help_template(headings)
        .override_usage(say("xinfeng serve [选项]", "xinfeng serve [OPTIONS]"))
        .next_help_heading(options)
        .arg(
            Arg::new("port")
                .long("port")
                .value_name(say("端口", "PORT"))
                .value_parser(value_parser!(u16))
                .default_value(DEFAULT_PORT)
                .hide_default_value(true)
                .help(say(
                    "端口（默认 4000，被占用时用下一个）",
                    "the port (4000; the next free one where it is taken)",
                )),
        )
        .arg(
            Arg::new("host")
                .long("host")
                .value_name(say("地址", "ADDRESS"))
                .default_value("127.0.0.1")
                .hide_default_value(true)
                .help(say(
                    "在哪个地址上（默认只有本机能看；0.0.0.0 让同一网络的手机也能看）",
                    "the address (this machine only; 0.0.0.0 lets phones of the same network look)",
                )),
        )
        .arg(flag("open", "打开浏览器", "open the browser"))
        .arg(flag("follow", "改哪一页，浏览器就跳到哪一页", "the browser jumps to each page that changes"))
        .arg(flag(
            "poll",
            "不等文件系统通知，隔一会儿查看一遍（网络盘、虚拟机共享文件夹）",
            "look at the files in turn instead of waiting for the file system's word",
        ))
        .args(&inputs);
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
        .arg(
            folder("site")
                .global(true)
                .display_order(GLOBAL_ORDER)
                .help(say("网站所在的文件夹（默认是当前文件夹）", "the site's folder (the current one by default)")),
        )
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
        .subcommand(check)
        .subcommand(mask)
        .subcommand(fmt)
        .subcommand(serve)
        .subcommand(publish::command(language).help_template(headings))
        .subcommand(verify::command(language).help_template(headings))
        .subcommand(rollback::command(language).help_template(headings))
        .subcommand(keys::command(language, headings).help_template(headings))
        .subcommand(import::command(language).help_template(headings))
        .subcommand(init::command(language).help_template(headings))
        .subcommand(new::command(language).help_template(headings))
        .subcommand(schema::command(language).help_template(headings))
        .subcommand(lsp::command(language).help_template(headings))
}

/// Has a process of its own delete what a build has replaced, as git does with its clearing up.
fn sweep_later(out: &Path) {
    let mut command = process::Command::new(std::env::current_exe().unwrap_or_default());
    command.arg(SWEEP).arg(out).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Whoever stops what runs in this terminal does not mean it.
    #[cfg(unix)]
    command.process_group(0);
    if command.spawn().is_err() {
        write::sweep(out);
    }
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
        // Of several that are near, clap names the nearest last.
        Some(ContextValue::Strings(texts))
            if matches!(kind, ContextKind::SuggestedArg | ContextKind::SuggestedSubcommand) =>
        {
            texts.last().cloned().unwrap_or_default()
        }
        Some(ContextValue::Strings(texts)) => texts.join("、"),
        _ => String::new(),
    };
    let argument = context(ContextKind::InvalidArg);
    let message = match error.kind() {
        ErrorKind::UnknownArgument if argument.starts_with('-') => format!("没有“{argument}”这个选项"),
        ErrorKind::UnknownArgument => format!("多写了“{argument}”"),
        ErrorKind::InvalidSubcommand => format!("没有“{}”这个命令", context(ContextKind::InvalidSubcommand)),
        ErrorKind::MissingRequiredArgument => format!("还要写明 {argument}"),
        ErrorKind::MissingSubcommand => "请写明命令，例如：xinfeng build".to_owned(),
        ErrorKind::InvalidValue if context(ContextKind::InvalidValue).is_empty() => format!("“{argument}”后面要写内容"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let range = match argument.split(' ').next() {
                Some("--base-url") => "，应写成完整的网址，例如 https://www.example.org/",
                Some("--port") => "，端口是 0 到 65535 的整数",
                Some("--shard") => "，应写成 2/8 的样子，意思是八片中的第二片",
                _ => "",
            };
            format!("“{argument}”不能写成“{}”{range}", context(ContextKind::InvalidValue))
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

/// The moment of the build. The rest of the program gets it as an input.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
fn clock() -> Timestamp {
    Timestamp::now()
}

/// The site's folder.
fn site(arguments: &ArgMatches) -> PathBuf {
    arguments.get_one::<PathBuf>("site").cloned().unwrap_or_else(|| PathBuf::from("."))
}

/// The output folder.
fn out(arguments: &ArgMatches, site: &Path) -> PathBuf {
    arguments.get_one::<PathBuf>("out").cloned().unwrap_or_else(|| site.join("public"))
}

/// Runs what waits for other machines.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()
}

/// Why a file was not written.
fn cannot_write(path: &Path, error: &io::Error) -> Text {
    let (path, why) = (path.display(), Text::from(error));
    Text::new(format!("无法写入“{path}”：{}", why.zh), format!("cannot write \"{path}\": {}", why.en))
}

/// What an edition depends on beside the files.
fn options(arguments: &ArgMatches) -> Options {
    Options {
        as_of: match arguments.get_one::<String>("as-of") {
            Some(text) => AsOf::Typed(text.clone()),
            None => AsOf::Clock(clock()),
        },
        base_url: None,
        drafts: arguments.get_flag("drafts"),
        future: arguments.get_flag("future"),
    }
}

#[cfg(test)]
mod tests {
    use std::process;

    use serde::Deserialize;

    use super::*;

    const PAGES: [&str; 3] = ["README.md", "README.zh.md", "docs/handbook.zh.md"];
    const SAMPLES: [&str; 4] =
        ["github-actions.yml", "github-actions-shards.yml", "gitlab-ci.yml", "k8s-indexed-job.yaml"];

    fn read(path: &str) -> String {
        let bytes = crate::write::read_file(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    /// The variables that the samples expect.
    const VARIABLES: [(&str, &str); 6] = [
        ("AS_OF", "2026-11-23"),
        ("SHARD", "1"),
        ("CI_NODE_INDEX", "1"),
        ("CI_NODE_TOTAL", "8"),
        ("CI_PIPELINE_CREATED_AT", "2026-11-23T00:00:00Z"),
        ("JOB_COMPLETION_INDEX", "0"),
    ];

    /// Whether a line of a shell runs the program. It then has to know all that it is told.
    fn is_understood(place: &str, line: &str) -> bool {
        let line = line.trim_start().replace("cargo run --release --", "xinfeng");
        if !line.starts_with("xinfeng ") {
            return false;
        }
        // A shell knows best what the words of its lines are.
        let script = format!("xinfeng() {{ printf '%s\\n' xinfeng \"$@\"; }}\n{line}");
        let said = process::Command::new("sh").arg("-c").arg(script).envs(VARIABLES).output().unwrap();
        let words = String::from_utf8(said.stdout).unwrap();
        if let Err(error) = command(Language::English).try_get_matches_from(words.lines()) {
            panic!("{place}: {line}\n{error}");
        }
        true
    }

    /// The texts of a YAML document that a shell runs.
    fn texts(value: &serde_yaml::Value, found: &mut Vec<String>) {
        match value {
            serde_yaml::Value::String(text) => found.extend(text.lines().map(str::to_owned)),
            serde_yaml::Value::Sequence(values) => values.iter().for_each(|value| texts(value, found)),
            serde_yaml::Value::Mapping(map) => map.values().for_each(|value| texts(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_command_in_a_block_of_code_of_the_documentation_is_understood() {
        for page in PAGES {
            let text = read(page);
            let blocks = text.split("```").skip(1).step_by(2);
            assert!(blocks.flat_map(str::lines).filter(|line| is_understood(page, line)).count() > 0, "{page}");
        }
    }

    #[test]
    fn the_samples_for_other_machines_are_yaml_and_their_commands_are_understood() {
        for sample in SAMPLES {
            let text = read(&format!("docs/deploy/{sample}"));
            let mut lines = Vec::new();
            for document in serde_yaml::Deserializer::from_str(&text) {
                let document =
                    serde_yaml::Value::deserialize(document).unwrap_or_else(|error| panic!("{sample}: {error}"));
                texts(&document, &mut lines);
            }
            let understood = lines.iter().filter(|line| is_understood(sample, line)).count();
            assert!(understood >= 3, "{sample}: {understood}");
        }
    }
}
