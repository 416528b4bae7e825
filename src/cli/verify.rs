//! `xinfeng verify`: whether what stands at a target, on the web or in a folder is what was published.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, ExitCode, Stdio};
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::json;

use super::publish::{find_target, last_published, not_there, public_key};
use super::terminal::{Terminal, counted, explain};
use super::{FAILED, clock};
use crate::diagnostic::{Diagnostic, Language, Text, harmless};
use crate::parse::publish::Target;
use crate::parse::registry::{BaseUrl, Registry};
use crate::pipeline::{PipelineError, configuration};
use crate::plan::url::OutputPath;
use crate::publish::key::PublicKey;
use crate::publish::manifest::{MANIFEST, Manifest};
use crate::publish::store::{Notice, Store};
use crate::publish::verify::web::{Visitor, Web};
use crate::publish::verify::{Difference, Failed, Known, Verified, What, verify_built, verify_store, verify_web};
use crate::publish::{self, shown_time, ssh};
use crate::source::Root;
use crate::write;

/// `xinfeng verify`
pub(super) struct Verify {
    terminal: Terminal,
    site: PathBuf,
    out: PathBuf,
    place: Option<String>,
    /// Between two looks.
    watch: Option<Duration>,
    webhook: Option<String>,
    command: Option<String>,
    json: bool,
}

/// What a look came to.
enum Looked {
    Clean,
    Altered,
    /// Somebody is publishing.
    Busy(Text),
}

/// Where to look.
enum Place {
    Store(Store),
    /// The folder that is built into: the builder's notes lie in it, and no manifest.
    Built(Store),
    Web(Web),
}

/// The arguments that `verify` has of its own.
pub(super) fn command(language: Language) -> Command {
    let say = |zh: &'static str, en: &'static str| if language == Language::Chinese { zh } else { en };
    Command::new("verify")
        .about(say("核对网站上的内容有没有被改动", "look whether what was published was tampered with"))
        .override_usage(say("xinfeng verify [目标|网址|文件夹] [选项]", "xinfeng verify [TARGET|URL|DIR] [OPTIONS]"))
        .next_help_heading(say("选项", "Options"))
        .arg(Arg::new("place").value_name(say("目标|网址|文件夹", "TARGET|URL|DIR")).help(say(
            "site.yaml 里的目标、网址或文件夹；只有一个目标时不用写",
            "a target of site.yaml, an address or a folder; not needed where there is only one target",
        )))
        .arg(
            Arg::new("watch")
                .long("watch")
                .value_name(say("分钟", "MINUTES"))
                .value_parser(value_parser!(u64).range(1..=525_600))
                .help(say("每隔几分钟核对一次，直到按 Ctrl-C", "look again every few minutes, until Ctrl-C")),
        )
        .arg(Arg::new("webhook").long("webhook").value_name(say("网址", "URL")).help(say(
            "发现改动时，把结果（JSON）发到这个网址",
            "where to post the result (JSON) when something was altered",
        )))
        .arg(Arg::new("command").long("command").value_name(say("命令", "COMMAND")).help(say(
            "发现改动时运行的命令，从标准输入读到结果（JSON）",
            "what to run when something was altered; it gets the result (JSON) on standard input",
        )))
        .arg(
            Arg::new("json")
                .long("json")
                .action(ArgAction::SetTrue)
                .help(say("用 JSON 输出结果，供程序读取", "print the result as JSON")),
        )
}

impl Verify {
    pub fn new(language: Language, arguments: &ArgMatches) -> Self {
        let site = super::site(arguments);
        Self {
            terminal: Terminal::new(language, arguments),
            out: site.join("public"),
            site,
            place: arguments.get_one::<String>("place").cloned(),
            watch: arguments.get_one::<u64>("watch").map(|minutes| Duration::from_secs(minutes * 60)),
            webhook: arguments.get_one::<String>("webhook").cloned(),
            command: arguments.get_one::<String>("command").cloned(),
            json: arguments.get_flag("json"),
        }
    }

    pub fn run(&self) -> ExitCode {
        if let Some(webhook) = self.webhook.as_ref().filter(|webhook| !is_address(webhook)) {
            self.terminal.fail(&Text::new(
                format!("--webhook 后面要写网址，从 https:// 写起，不能写“{webhook}”"),
                format!("--webhook needs an address from https:// on, not \"{webhook}\""),
            ));
            return ExitCode::from(super::USAGE);
        }
        let mut busy = 0;
        loop {
            let code = match self.look() {
                Ok(Looked::Clean) => {
                    busy = 0;
                    ExitCode::SUCCESS
                }
                Ok(Looked::Altered) => {
                    busy = 0;
                    ExitCode::from(FAILED)
                }
                // Nobody is to be called for that, unless it never ends.
                Ok(Looked::Busy(text)) => {
                    busy += 1;
                    if busy > PATIENCE {
                        self.alarm(&self.as_error(&text));
                    }
                    self.fail(&text)
                }
                Err(text) => {
                    self.alarm(&self.as_error(&text));
                    self.fail(&text)
                }
            };
            let Some(pause) = self.watch else { return code };
            std::thread::sleep(pause);
        }
    }

    fn as_error(&self, text: &Text) -> serde_json::Value {
        json!({ "ok": false, "error": text.get(self.terminal.language) })
    }

    fn fail(&self, text: &Text) -> ExitCode {
        if self.json {
            say_out!("{:#}", self.as_error(text));
            return ExitCode::from(FAILED);
        }
        self.terminal.fail(text)
    }

    /// Looks once.
    fn look(&self) -> Result<Looked, Text> {
        let registry = self.registry()?;
        let key = public_key(&registry.publish)?;
        let (place, target) = self.find(&registry)?;
        let last = self.last_manifest(&registry, target, &key)?;
        let original = |path: &OutputPath| write::read(&self.out, path).ok();
        let keep = target.map(|target| target.keep.clone()).unwrap_or_default();
        let known = Known { key: &key, last: last.as_ref(), original: &original, keep: &keep, now: clock() };
        let runtime = super::runtime().map_err(|error| Text::from(&error))?;
        let verified = match &place {
            Place::Store(store) => runtime.block_on(self.verify_store(store, target, &known)),
            Place::Built(store) => runtime.block_on(verify_built(store, &known)),
            Place::Web(web) => verify_web(web, &known),
        };
        let verified = match verified {
            Ok(verified) => verified,
            Err(failed @ Failed::Busy(_)) => return Ok(Looked::Busy(explain_failure(&failed, ""))),
            Err(failed) => {
                let reached = target.filter(|_| matches!(failed, Failed::Store(_)));
                let explained = || explain_failure(&failed, &self.behind_commands(target));
                return Err(reached.and_then(ssh::what_is_wrong).unwrap_or_else(explained));
            }
        };
        let result = self.as_json(&verified);
        if self.json {
            say_out!("{result:#}");
        } else {
            let to_do = match place {
                Place::Built(_) => Text::new(
                    "没有发布的改动也算在内：xinfeng publish 发布它们",
                    "What was built since is among them: xinfeng publish publishes it",
                ),
                Place::Store(_) | Place::Web(_) => self.advice(&verified, target),
            };
            self.draw(&verified, target, &to_do);
        }
        if verified.is_clean() {
            return Ok(Looked::Clean);
        }
        self.alarm(&result);
        Ok(Looked::Altered)
    }

    /// Of a target that keeps states, the one that readers see.
    async fn verify_store(
        &self,
        store: &Store,
        target: Option<&Target>,
        known: &Known<'_>,
    ) -> Result<Verified, Failed> {
        store.require_folder().await?;
        let Some(target) = target.filter(|target| target.releases.is_some()) else {
            return verify_store(store, known).await;
        };
        let place = publish::Place::of(store.clone(), target, &self.site).await?;
        match place.current().await? {
            Some(store) => verify_store(&store, known).await,
            None if known.last.is_some() && place.store.list().await?.is_empty() => Err(Failed::Empty),
            None => Err(Failed::NoManifest(None)),
        }
    }

    fn registry(&self) -> Result<Registry, Text> {
        let read =
            configuration(&Root::new(&self.site), None).map_err(|error| explain(&PipelineError::from(error)).0)?;
        read.map_err(|_| super::no_configuration())
    }

    /// A target's name comes first, then an address, then a folder.
    fn find<'r>(&self, registry: &'r Registry) -> Result<(Place, Option<&'r Target>), Text> {
        let targets = &registry.publish.targets;
        let secret = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let open = |target: &'r Target| {
            not_there(target, &self.site).map_or(Ok(()), Err)?;
            let terminal = self.terminal.quiet_if(self.json);
            let notice = Notice::new(move |text| terminal.remark(text));
            Ok((Place::Store(Store::open(target, &self.site, &secret, notice)?), Some(target)))
        };
        let Some(place) = &self.place else {
            return match targets.as_slice() {
                [] => Ok((Place::Web(Web::new(registry.base_url.clone())), None)),
                _ => open(find_target(None, &registry.publish)?),
            };
        };
        if let Some(target) = targets.iter().find(|target| target.name.value == *place) {
            return open(target);
        }
        if let Some(url) = BaseUrl::parse(place) {
            // Files that stay, and the manifest that was published last, are those of the target with this address.
            let is_there = |target: &&Target| {
                let address = target.url.as_deref().and_then(BaseUrl::parse);
                address.as_ref().unwrap_or(&registry.base_url) == &url
            };
            return Ok((Place::Web(Web::new(url.clone())), targets.iter().find(is_there)));
        }
        let folder = Path::new(place);
        if folder.is_dir() {
            let is_built = write::real(folder) == write::real(&self.out);
            let place = if is_built { Place::Built } else { Place::Store };
            return Ok((place(Store::folder(folder)?), None));
        }
        let names: Vec<&str> = targets.iter().map(|target| target.name.value.as_str()).collect();
        if place.contains('.') && !place.contains("://") && BaseUrl::parse(&format!("https://{place}")).is_some() {
            return Err(Text::new(
                format!("网址从 https:// 写起：xinfeng verify https://{place}"),
                format!("write the address from https:// on: xinfeng verify https://{place}"),
            ));
        }
        Err(Text::new(
            format!("“{place}”不是 site.yaml 里的目标（{}），不是网址，也不是文件夹", names.join("、")),
            format!("\"{place}\" is no target of site.yaml ({}), no address, and no folder", names.join(", ")),
        ))
    }

    /// What was last published from here, to this target, or to the only one.
    fn last_manifest(
        &self,
        registry: &Registry,
        target: Option<&Target>,
        key: &PublicKey,
    ) -> Result<Option<Manifest>, Text> {
        let only = match registry.publish.targets.as_slice() {
            [target] => Some(target),
            _ => None,
        };
        let Some(target) = target.or(only) else { return Ok(None) };
        last_published(&self.out, target, key).map_err(|error| error.text())
    }

    fn as_json(&self, verified: &Verified) -> serde_json::Value {
        let language = self.terminal.language;
        let differences: Vec<_> = verified
            .differences
            .iter()
            .map(|difference| {
                let findings: Vec<_> = difference
                    .findings
                    .iter()
                    .map(|finding| {
                        json!({ "code": finding.diagnostic.code, "message": finding.diagnostic.message.get(language) })
                    })
                    .collect();
                json!({
                    "path": difference.path, "what": name_of(&difference.what), "visitor": visitor_name(difference.visitor),
                    "detail": detail(&difference.what).get(language), "lines": difference.lines, "findings": findings,
                    "size": difference.found.map(|found| found.size), "sha256": difference.found.map(|found| found.digest.to_hex()),
                })
            })
            .collect();
        json!({
            "ok": verified.is_clean(), "time": clock().to_string(), "place": self.place, "published": verified.time.to_string(),
            "manifest": manifest_name(verified), "files": verified.files,
            "differences": differences,
        })
    }

    /// The target's name with a space before it, where a place was typed: where there are several targets, the commands
    /// must say which. Empty otherwise.
    fn behind_commands(&self, target: Option<&Target>) -> String {
        target.filter(|_| self.place.is_some()).map(|it| format!(" {}", it.name.value)).unwrap_or_default()
    }

    fn advice(&self, verified: &Verified, target: Option<&Target>) -> Text {
        let place = self.place.as_ref().map(|place| format!(" {place}")).unwrap_or_default();
        advice(verified, &place, &self.behind_commands(target))
    }

    fn draw(&self, verified: &Verified, target: Option<&Target>, to_do: &Text) {
        let language = self.terminal.language;
        if let Some(text) = about_manifest(verified) {
            self.terminal.fail(&text);
        }
        for line in verified.differences.iter().take(SHOWN).flat_map(|difference| lines_of(difference, language)) {
            say_out!("{line}");
        }
        let hidden = verified.differences.len().saturating_sub(SHOWN);
        if hidden > 0 {
            let text =
                Text::new(format!("还有 {hidden} 处，--json 全部列出"), format!("{hidden} more; --json tells all"));
            say_out!("{}", text.get(language));
        }
        let (files, number) = (verified.files, verified.differences.len());
        let Text { zh: zh_time, en: en_time } = shown_time(verified.time);
        if verified.is_clean() {
            self.terminal.say(&Text::new(
                format!("核对完毕：{files} 个文件都与发布时（{zh_time}）一样"),
                format!("verified: {} as published at {en_time}", counted(files, "file")),
            ));
            return;
        }
        if verified.differences.is_empty() {
            let target = self.behind_commands(target);
            let text = Text::new(
                format!(
                    "核对了 {files} 个文件，都与发布时（{zh_time}）一样，只有清单不对。运行 xinfeng publish{target} --repair 重新签名"
                ),
                format!(
                    "{} compared, all as published at {en_time}: only the manifest is not. xinfeng publish{target} --repair signs it anew",
                    counted(files, "file")
                ),
            );
            say_out!("{}", text.get(language));
            return;
        }
        let summary = Text::new(
            format!("核对了 {files} 个文件，{number} 处与发布时（{zh_time}）不同。{}", to_do.zh),
            format!(
                "{} compared, {number} differ from what was published at {en_time}. {}",
                counted(files, "file"),
                to_do.en
            ),
        );
        say_out!("{}", summary.get(language));
    }

    /// Tells whoever is to be told. That it did not reach them is said here, and changes nothing else.
    fn alarm(&self, result: &serde_json::Value) {
        if let Some(webhook) = &self.webhook {
            let agent: ureq::Agent =
                ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(30))).build().into();
            let sent = agent.post(webhook).header("content-type", "application/json").send(result.to_string());
            if let Err(error) = sent {
                let why = Text::from(&error);
                // What follows is often a token.
                let webhook = webhook.split('?').next().unwrap_or_default();
                self.terminal.fail(&Text::new(
                    format!("没有通知到 {webhook}：{}", why.zh),
                    format!("{webhook} could not be told: {}", why.en),
                ));
            }
        }
        if let Some(command) = &self.command {
            let told = tell(command, &result.to_string());
            if let Err(error) = told {
                let why = Text::from(&error);
                self.terminal.fail(&Text::new(
                    format!("没有运行成“{command}”：{}", why.zh),
                    format!("\"{command}\" could not be run: {}", why.en),
                ));
            }
        }
    }
}

fn is_address(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Runs a command with a text on its standard input, and waits for it.
fn tell(command: &str, text: &str) -> std::io::Result<()> {
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut process = Process::new(shell).args([flag, command]).stdin(Stdio::piped()).spawn()?;
    if let Some(mut input) = process.stdin.take() {
        // A command that does not read is no reason to fail.
        drop(input.write_all(text.as_bytes()));
    }
    process.wait().map(drop)
}

/// So many looks in a row may find somebody publishing.
const PATIENCE: usize = 3;
/// So many differences are shown to a person, with so many lines of each.
const SHOWN: usize = 50;
const SHOWN_LINES: usize = 20;

/// What to do about what was found. `place` and `target` stand behind the commands, each with a space before it, or are empty.
fn advice(verified: &Verified, place: &str, target: &str) -> Text {
    let of_server = |it: &&Difference| {
        matches!(it.what, What::Redirected(_) | What::Refused(_)) || it.visitor == Visitor::SearchEngine
    };
    if verified.is_unfinished {
        return Text::new(
            format!("那边有一次没有完成的发布：先再运行一次 xinfeng publish{target}，然后再核对"),
            format!("a publication was cut off there: run xinfeng publish{target} once more, and verify again"),
        );
    }
    if verified.differences.iter().filter(of_server).count() > 0 {
        return Text::new(
            "文件也许没有变，是服务器、CDN 或上面的程序换了内容：先核对目标（xinfeng verify 目标名），文件没有变就请服务器管理员查配置，--repair 修不好它",
            "perhaps no file has changed, but the server, the CDN or a program there sends something else: verify the target by its \
             name; if its files are as they should be, --repair cannot mend this, but whoever runs the server can",
        );
    }
    Text::new(
        format!(
            "先保存证据：xinfeng verify{place} --json > 核对结果.json，再运行 xinfeng publish{target} --repair 修复，并查清是怎么进来的"
        ),
        format!(
            "Keep the evidence (xinfeng verify{place} --json > result.json), mend it with xinfeng publish{target} --repair, and find \
             out how they got in"
        ),
    )
}

fn lines_of(difference: &Difference, language: Language) -> Vec<String> {
    let visitor = match difference.visitor {
        Visitor::Reader | Visitor::CompressedReader | Visitor::GzipReader => Text::new("", ""),
        Visitor::SearchEngine => Text::new("（只有搜索引擎看得到）", " (for search engines only)"),
    };
    let mut lines =
        vec![format!("{}: {}{}", difference.path, detail(&difference.what).get(language), visitor.get(language))];
    // What was added tells more than what is gone.
    let of = |sign: char| difference.lines.iter().filter(move |line| line.starts_with(sign));
    let gone = of('-').count().min(SHOWN_LINES / 4);
    let added = of('+').count().min(SHOWN_LINES - gone);
    let shown = of('+').take(added).chain(of('-').take(SHOWN_LINES - added));
    lines.extend(shown.map(|line| format!("    {line}")));
    let hidden = difference.lines.len().saturating_sub(lines.len() - 1);
    if hidden > 0 {
        let text =
            Text::new(format!("还有 {hidden} 行，--json 全部列出"), format!("{hidden} more lines; --json tells them"));
        lines.push(format!("    {}", text.get(language)));
    }
    let told = |diagnostic: &Diagnostic| format!("    [{}] {}", diagnostic.code, diagnostic.message.get(language));
    lines.extend(difference.findings.iter().map(|finding| told(&finding.diagnostic)));
    // Whoever altered the page is not to steer the terminal.
    lines.iter().map(|line| harmless(line)).collect()
}

fn detail(what: &What) -> Text {
    match what {
        What::Changed => Text::new("被改动", "changed"),
        What::Missing => Text::new("不见了", "missing"),
        What::Added => Text::new("多出来的", "added"),
        What::Link => Text::new("是一个链接，不是发布的文件", "a link, which was not published"),
        What::Special => {
            Text::new("是管道、设备一类，不是发布的文件", "a pipe, a socket or a device, which was not published")
        }
        What::Redirected(to) => Text::new(format!("被转到 {to}"), format!("redirected to {to}")),
        What::Refused(status) => Text::new(format!("服务器回答 {status}"), format!("the server answers {status}")),
        What::Unreadable(reason) => {
            Text::new(format!("读不到（{}）", reason.zh), format!("cannot be read ({})", reason.en))
        }
    }
}

fn name_of(what: &What) -> &'static str {
    match what {
        What::Changed => "changed",
        What::Missing => "missing",
        What::Added => "added",
        What::Link => "link",
        What::Special => "special",
        What::Redirected(_) => "redirected",
        What::Refused(_) => "refused",
        What::Unreadable(_) => "unreadable",
    }
}

fn visitor_name(visitor: Visitor) -> &'static str {
    match visitor {
        Visitor::Reader | Visitor::CompressedReader | Visitor::GzipReader => "reader",
        Visitor::SearchEngine => "search-engine",
    }
}

fn manifest_name(verified: &Verified) -> &'static str {
    match verified.manifest {
        None => "missing",
        Some(Err(_)) => "distrusted",
        Some(Ok(())) if verified.is_outdated => "outdated",
        Some(Ok(())) => "good",
    }
}

fn about_manifest(verified: &Verified) -> Option<Text> {
    Some(match verified.manifest {
        Some(Ok(())) if verified.is_outdated => Text::new(
            "那里的清单比最后一次发布的旧：有人放回了旧内容，或别的电脑发布过。已与最后一次发布的核对",
            "the manifest there is older than the last one that was published from here: somebody put an old state back. \
             Compared with the last one",
        ),
        Some(Ok(())) => return None,
        Some(Err(distrust)) => Text::new(
            format!("那里的清单（{MANIFEST}）{}；已与最后一次发布的核对", distrust.text().zh),
            format!("the manifest there ({MANIFEST}) {}; compared with the last one published", distrust.text().en),
        ),
        None => Text::new(
            format!("那里没有清单（{MANIFEST}）；已与最后一次发布的核对"),
            format!("there is no manifest ({MANIFEST}); compared with the last one published"),
        ),
    })
}

/// `target` stands behind the commands, with a space before it, or is empty.
fn explain_failure(failed: &Failed, target: &str) -> Text {
    match failed {
        Failed::Store(error) => error.text(),
        Failed::Web(reason) => {
            Text::new(format!("读不到网站：{}", reason.zh), format!("the site cannot be read: {}", reason.en))
        }
        Failed::Busy(lock) => {
            let (owner, time) = (&lock.owner, shown_time(lock.expires));
            Text::new(
                format!("“{owner}”正在发布，现在核对不出结果，请过一会儿再核对（最迟 {}）", time.zh),
                format!(
                    "\"{owner}\" is publishing, so that nothing can be said now: verify later, after {} at the latest",
                    time.en
                ),
            )
        }
        Failed::Empty => publish::nothing_there(target),
        Failed::NothingPublished => Text::new(
            "不知道与哪一次发布核对：从这里还没有发布过，或者有几个目标",
            "nothing tells what to compare with: nothing was published from here yet, or there are several targets",
        ),
        Failed::NoManifest(None) => Text::new(
            format!(
                "那里没有清单（{MANIFEST}），不知道应当是什么样。发布过的话，它可能被人删了：运行 xinfeng publish{target} --repair"
            ),
            format!(
                "there is no manifest ({MANIFEST}), so nothing tells what should be there. If it was published, somebody may have deleted it: xinfeng publish{target} --repair"
            ),
        ),
        Failed::NoManifest(Some(distrust)) => Text::new(
            format!(
                "那里的清单（{MANIFEST}）{}，这里也没有最后一次发布的清单，无法核对。site.yaml 里的 public_key 没有写错的话，清单可能被人改过",
                distrust.text().zh
            ),
            format!(
                "the manifest there ({MANIFEST}) {}, and the last one published is not here: if the public_key of site.yaml is right, it was tampered with",
                distrust.text().en
            ),
        ),
    }
}
