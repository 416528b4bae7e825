//! `xinfeng keys`: the keys that sign what is published.

use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};

use super::terminal::Terminal;
use crate::diagnostic::{Language, Text};
use crate::pipeline::configuration;
use crate::publish::key::SecretKey;
use crate::publish::keyring;
use crate::source::Root;

/// The arguments and their help.
pub(super) fn command(language: Language, headings: &'static str) -> Command {
    let say = |zh: &'static str, en: &'static str| if language == Language::Chinese { zh } else { en };
    Command::new("keys")
        .about(say("管理发布用的签名密钥", "the keys that sign what is published"))
        .override_usage(say("xinfeng keys new [选项]", "xinfeng keys new [OPTIONS]"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand_help_heading(say("命令", "Commands"))
        .disable_help_subcommand(true)
        .subcommand(
            Command::new("new")
                .about(say("新建一对密钥", "make a pair of keys"))
                .help_template(headings)
                .override_usage(say("xinfeng keys new [选项]", "xinfeng keys new [OPTIONS]"))
                .next_help_heading(say("选项", "Options"))
                .arg(
                    Arg::new("name")
                        .long("name")
                        .value_name(say("名称", "NAME"))
                        .help(say("密钥的名称，默认是网站的域名", "the key's name; the site's host by default")),
                ),
        )
}

/// `xinfeng keys new`
pub(super) fn run(language: Language, arguments: &ArgMatches) -> ExitCode {
    let arguments = arguments.subcommand().expect("clap requires one").1;
    let terminal = Terminal::new(language, arguments);
    let registry = configuration(&Root::new(&super::site(arguments)), None).ok().and_then(Result::ok);
    let name = arguments.get_one::<String>("name").cloned();
    let key =
        SecretKey::generate(&name.or_else(|| registry.map(|registry| registry.base_url.host)).unwrap_or_default());
    let folder = keyring::folder();
    let path = match keyring::keep(&folder, &key) {
        Ok(path) => path.display().to_string(),
        Err(error) => {
            let (folder, why) = (folder.display(), Text::from(&error));
            return terminal.fail(&Text::new(
                format!("密钥没有存下来（{folder}）：{}", why.zh),
                format!("the key could not be saved ({folder}): {}", why.en),
            ));
        }
    };
    let public = key.public().to_string();
    terminal.say(&Text::new(
        format!(
            "私钥存在 {path}\n不要放进网站文件夹，也不要发给别人；请另存一份到 U 盘等安全的地方。\n\n把公钥写进 site.yaml：\n\n\
             publish:\n  public_key: {public}"
        ),
        format!(
            "the secret key is in {path}\nKeep it out of the site's folder and to yourself, and keep a copy in a safe place.\n\n\
             Write the public key into site.yaml:\n\npublish:\n  public_key: {public}"
        ),
    ));
    ExitCode::SUCCESS
}
