//! `xinfeng rollback`: shows readers an earlier published state.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;

use super::publish::{explained, find_target, last_manifest, not_there, owner, public_key, publish_journal};
use super::terminal::{Terminal, counted, explain};
use super::{FAILED, clock};
use crate::diagnostic::{Language, Text};
use crate::pipeline::{PipelineError, configuration};
use crate::publish::rollback::{State, Who, rollback, states};
use crate::publish::store::{Notice, Store};
use crate::publish::{Place, Stopped, new_id, shown_time};
use crate::source::Root;
use crate::write;

/// The arguments and their help.
pub(super) fn command(language: Language) -> Command {
    let say = |zh: &'static str, en: &'static str| if language == Language::Chinese { zh } else { en };
    let flag = |name: &'static str, zh, en| Arg::new(name).long(name).action(ArgAction::SetTrue).help(say(zh, en));
    Command::new("rollback")
        .about(say("恢复到之前发布的版本", "show readers an earlier published state"))
        .override_usage(say("xinfeng rollback [目标] [选项]", "xinfeng rollback [TARGET] [OPTIONS]"))
        .next_help_heading(say("选项", "Options"))
        .arg(Arg::new("target").value_name(say("目标", "TARGET")).help(say(
            "site.yaml 里目标的名称；只有一个目标时不用写",
            "the target's name in site.yaml; not needed where there is only one",
        )))
        .arg(flag("list", "列出保留的版本", "list the states that are kept"))
        .arg(
            Arg::new("to")
                .long("to")
                .value_name(say("版本", "STATE"))
                .help(say("恢复到哪个版本，默认是上一个", "which state; the one before the current one by default")),
        )
        .arg(flag("json", "用 JSON 输出结果，供程序读取", "print the result as JSON"))
}

/// `xinfeng rollback`
pub(super) fn run(language: Language, arguments: &ArgMatches) -> ExitCode {
    let terminal = Terminal::new(language, arguments);
    let is_json = arguments.get_flag("json");
    match go_back(&terminal, arguments, is_json) {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) if is_json => {
            say_out!("{:#}", json!({ "ok": false, "error": text.get(language) }));
            ExitCode::from(FAILED)
        }
        Err(text) => terminal.fail(&text),
    }
}

fn go_back(terminal: &Terminal, arguments: &ArgMatches, is_json: bool) -> Result<(), Text> {
    let site: PathBuf = super::site(arguments);
    let out = site.join("public");
    let registry = configuration(&Root::new(&site), None)
        .map_err(|error| explain(&PipelineError::from(error)).0)?
        .map_err(|_| super::no_configuration())?;
    let name = arguments.get_one::<String>("target").map(String::as_str);
    let target = find_target(name, &registry.publish)?;
    let key = public_key(&registry.publish)?;
    let secret = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    not_there(target, &site).map_or(Ok(()), Err)?;
    let quiet = terminal.quiet_if(is_json);
    let store = Store::open(target, &site, &secret, Notice::new(move |text| quiet.remark(text)))?;
    let runtime = super::runtime().map_err(|error| Text::from(&error))?;
    let why = |stopped: Stopped| explained(target, &stopped);
    let place = runtime.block_on(Place::of(store, target, &site)).map_err(|error| why(error.into()))?;
    if arguments.get_flag("list") {
        let states = runtime.block_on(states(&place, &key)).map_err(why)?;
        list(terminal, &states, is_json);
        return Ok(());
    }
    let journal = publish_journal(&out, target)?.ok_or_else(|| Stopped::Busy(None).text())?;
    let who = Who { key: &key, keep: &target.keep, owner: owner(), id: new_id(clock()), now: &clock };
    let to = arguments.get_one::<String>("to").map(String::as_str);
    let state = runtime.block_on(rollback(&place, &who, to, &journal)).map_err(why)?;
    // From now on this state is the one that `verify` expects.
    write::keep(&out, &last_manifest(&target.name.value), &state.note).map_err(|error| error.text())?;
    if is_json {
        say_out!(
            "{:#}",
            json!({ "ok": true, "state": state.name, "time": state.time.to_string(), "files": state.files })
        );
        return Ok(());
    }
    let State { time, files, .. } = &state;
    let Text { zh, en } = shown_time(*time);
    terminal.say(&Text::new(
        format!(
            "“{}”已恢复到{zh}发布的版本，{files} 个文件。下一次 xinfeng publish 会重新发布现在的内容：先改好，自动发布的先停下",
            target.name.value
        ),
        format!(
            "\"{}\" shows the state of {en} again, {}. The next xinfeng publish publishes what is here: mend it first, and halt \
             what publishes by itself",
            target.name.value,
            counted(*files, "file")
        ),
    ));
    Ok(())
}

fn list(terminal: &Terminal, states: &[State], is_json: bool) {
    if is_json {
        let state = |state: &State| json!({ "state": state.name, "time": state.time.to_string(), "files": state.files, "current": state.is_current, "left": state.is_left });
        let states: Vec<_> = states.iter().map(state).collect();
        return say_out!("{:#}", json!({ "ok": true, "states": states }));
    }
    if states.is_empty() {
        terminal.say(&Text::new(
            "没有可以恢复的版本：还没有发布过，或者都是换密钥以前发布的",
            "there is no state to go back to: nothing was published yet, or all before the key was changed",
        ));
    }
    for State { name, time, files, is_current, is_left, .. } in states {
        let mark = if *is_current { '*' } else { ' ' };
        let Text { zh, en } = shown_time(*time);
        let (left_zh, left_en) = if *is_left { ("，撤下的", ", left for an earlier one") } else { ("", "") };
        terminal.say(&Text::new(
            format!("{mark} {name}  {zh}，{files} 个文件{left_zh}"),
            format!("{mark} {name}  {en}, {}{left_en}", counted(*files, "file")),
        ));
    }
}
