//! Why a publication stopped, and what the editor is told of it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::lock::Lock;
use super::manifest::{Distrust, MANIFEST};
use super::store::StoreError;
use super::{Question, shown_time};
use crate::diagnostic::Text;
use crate::plan::url::OutputPath;
use crate::write::WriteError;

/// Why a publication stopped. Readers see a consistent site, and the next one goes on from there.
#[derive(Debug)]
pub enum Stopped {
    Store(StoreError),
    Write(WriteError),
    /// Somebody else is publishing; `None` where it is another process of this machine.
    Busy(Option<Lock>),
    /// Somebody took over the lock, since this publication did not answer for too long.
    LockLost,
    /// The target holds files, and no manifest of ours: those that are not the site's, and those that it would overwrite.
    Foreign(Vec<String>, Vec<String>),
    /// There is no file at all, though we published there.
    Empty,
    /// There is no manifest, though we published there.
    ManifestGone,
    /// The target's manifest is not to be trusted.
    Distrusted(Distrust),
    /// A person was asked, and did not agree.
    Refused(Question),
    /// A link stands in place of this folder, so that files would be written elsewhere.
    Link(String),
    /// The same beside release folders, where a repair does not look.
    LinkBesideReleases(String),
    /// The site itself has a file under one of our names.
    Reserved(OutputPath),
    /// A name of the site's that not every target can hold.
    OddName(OutputPath),
    /// A package begins from another state than the one that is there.
    OtherBase,
    /// A package leads to a state that is older than the one that is there: the times of both.
    OlderPackage(Timestamp, Timestamp),
    /// The target keeps no earlier states.
    NoReleases,
    /// There is no such state.
    NoState,
    /// The state of that name is no longer what was published.
    AlteredState(String),
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<WriteError> for Stopped {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}

/// What whoever does not agree should look at.
fn advice(question: &Question) -> (&'static str, &'static str) {
    match question {
        Question::Deletions(..) => ("确认要删，就加 --yes", "--yes agrees to it"),
        Question::OthersWork(_) => (
            "先取来同事的内容（例如 git pull）；确认要这样，就加 --yes",
            "Get your colleagues' work first (e.g. git pull); --yes publishes nevertheless",
        ),
        Question::OtherSite(_) => (
            "看看目标写对了没有；换了网址、确认要替换它，就加 --yes",
            "Is the target right? If its address was changed, or it is to be replaced: --yes",
        ),
    }
}

impl Stopped {
    /// The message for the editor.
    pub fn text(&self) -> Text {
        match self {
            Self::Store(error) => error.text(),
            Self::Write(error) => error.text(),
            Self::Busy(None) => Text::new(
                "这台电脑上另一个 xinfeng publish 正在发布",
                "another xinfeng publish of this machine is at work",
            ),
            Self::Busy(Some(Lock { owner, expires, .. })) => {
                let Text { zh, en } = shown_time(*expires);
                Text::new(
                    format!("“{owner}”正在发布，请等它结束。如果那边已经中断，{zh}以后就可以发布"),
                    format!(
                        "\"{owner}\" is publishing; wait for it. Should it have been cut off, try again after {en}"
                    ),
                )
            }
            Self::LockLost => Text::new(
                "停得太久，别人已经接手发布，这次没有继续",
                "somebody else took over, since this publication had stood still for too long",
            ),
            Self::Foreign(others, occupied) if others.is_empty() => Text::new(
                format!(
                    "那里已有 {} 个同名的文件（例如 {}），却没有新风的清单，没有发布。确认要覆盖它们，就加 --adopt",
                    occupied.len(),
                    example(occupied)
                ),
                format!(
                    "there are {} files of the same names already (e.g. {}), and no manifest of ours: nothing was published. \
                     --adopt overwrites them",
                    occupied.len(),
                    example(occupied)
                ),
            ),
            Self::Foreign(others, _) => Text::new(
                format!(
                    "那里已有 {} 个不是本站的文件（例如 {}），没有发布。看看路径写对了没有；它们要留着，就在 site.yaml 的这个目标里写 keep: [{}]",
                    others.len(),
                    example(others),
                    beginnings(others)
                ),
                format!(
                    "there are {} files that are not the site's (e.g. {}): nothing was published. Is the path right? If they are \
                     to stay, write keep: [{}] to this target in site.yaml",
                    others.len(),
                    example(others),
                    beginnings(others)
                ),
            ),
            Self::Empty => nothing_there(""),
            Self::ManifestGone => Text::new(
                format!(
                    "从这里发布过，那边的清单（{MANIFEST}）却没有了，可能被人改过。先用 xinfeng verify 查看，再用 xinfeng publish --repair 修复"
                ),
                format!(
                    "the site was published there, and its manifest ({MANIFEST}) is gone: it may have been tampered with. Look with \
                     xinfeng verify, then mend with xinfeng publish --repair"
                ),
            ),
            Self::Refused(question) => {
                let (Text { zh, en }, (advice_zh, advice_en)) = (question.text(), advice(question));
                Text::new(format!("{zh}。没有发布。{advice_zh}"), format!("{en}. Nothing was published. {advice_en}"))
            }
            Self::Distrusted(Distrust::Unsigned) => Text::new(
                format!(
                    "那里的清单（{MANIFEST}）没有用本站密钥的签名：有人改过，或者换过密钥。同事换了密钥的，先取来新的 site.yaml（例如 git pull）；刚换了密钥的，运行 xinfeng publish --repair；都不是的，先用 xinfeng verify 查看，再这样修复"
                ),
                format!(
                    "the manifest there ({MANIFEST}) bears no signature by the site's key: it was tampered with, or the key was \
                     changed. If a colleague changed it, get the new site.yaml (e.g. git pull); if you just did, xinfeng publish --repair; \
                     otherwise look with xinfeng verify, then mend in the same way"
                ),
            ),
            Self::Distrusted(distrust) => Text::new(
                format!(
                    "那里的清单（{MANIFEST}）{}，可能被人改过。先用 xinfeng verify 查看，再用 xinfeng publish --repair 修复",
                    distrust.text().zh
                ),
                format!(
                    "the manifest there ({MANIFEST}) {}: it may have been tampered with. Look with xinfeng verify, then mend \
                     with xinfeng publish --repair",
                    distrust.text().en
                ),
            ),
            Self::Link(folder) => Text::new(
                format!(
                    "那里的“{folder}”是一个链接，不是新风建的文件夹，文件会写到别处去，没有发布。xinfeng publish --repair 去掉链接，换成真的文件夹；确实要放在别的磁盘上，就把那个磁盘挂载到这里，不用链接"
                ),
                format!(
                    "\"{folder}\" is a link there, not a folder of ours, so that files would be written elsewhere: nothing was published. \
                     xinfeng publish --repair takes the link away and makes a folder; to use another disk, mount it there"
                ),
            ),
            Self::LinkBesideReleases(folder) => Text::new(
                format!(
                    "那里的“{folder}”是一个链接，不是新风建的文件夹，文件会写到、删到别处去，没有发布。看看是谁放的，换成真的文件夹；确实要放在别的磁盘上，就把那个磁盘挂载到这里，不用链接"
                ),
                format!(
                    "\"{folder}\" is a link there, not a folder of ours, so that files would be written and deleted elsewhere: nothing was \
                     published. See who put it there, and make a folder of it; to use another disk, mount it there"
                ),
            ),
            Self::Reserved(path) => Text::new(
                format!("网站里有一个“{path}”，这个名字留给发布清单，请给它改名"),
                format!("the site has a file \"{path}\", a name that the manifest needs: rename it"),
            ),
            Self::OddName(path) => Text::new(
                format!("网站里有一个“{path}”，名字的开头、结尾有空格，或者有看不见的字符，没有发布。请给它改名"),
                format!(
                    "the site has a file \"{path}\", whose name begins or ends with a space or holds a control character: nothing was \
                     published. Rename it"
                ),
            ),
            Self::OtherBase => Text::new(
                "这个发布包接不上那里现有的内容（漏了前一个包，或那里被改动过）。请在编辑的电脑上加 --full 导出完整的包",
                "the package does not go on from what is there: one before it is missing, or something was altered there. \
                 Export a whole one with --full",
            ),
            Self::OlderPackage(package, there) => {
                let (package, there) = (shown_time(*package), shown_time(*there));
                Text::new(
                    format!("那里的内容（{}）比这个发布包（{}）新，没有发布", there.zh, package.zh),
                    format!(
                        "what is there (of {}) is newer than the package (of {}): nothing was published",
                        there.en, package.en
                    ),
                )
            }
            Self::NoReleases => Text::new(
                "这个目标没有保留旧版本。folder 和 sftp 目标写上 releases: 5 之后发布的版本可以恢复",
                "this target keeps no earlier states: with releases: 5, folder and sftp targets do from then on",
            ),
            Self::NoState => Text::new(
                "没有这个版本，或者没有更早的版本了（换密钥以前发布的不算）；xinfeng rollback --list 列出有哪些",
                "there is no such state, or none that is older and bears the site's present key; xinfeng rollback --list tells which \
                 there are",
            ),
            Self::AlteredState(name) => Text::new(
                format!(
                    "版本“{name}”的文件与发布时不同，没有恢复；用 --to 换一个更早的版本（xinfeng rollback --list 列出有哪些）"
                ),
                format!(
                    "the files of \"{name}\" are not as they were published: nothing was changed; take an earlier one by --to (--list tells which)"
                ),
            ),
        }
    }
}

/// Tells of a target that nothing is left of. `target` stands behind the command, with a space before it, or is empty.
pub fn nothing_there(target: &str) -> Text {
    Text::new(
        format!(
            "从这里发布过，那里现在却一个文件也没有：共享盘没有挂上，路径写错了，还是全被删掉了？确认要重新发布到那里，就运行 xinfeng publish{target} --repair"
        ),
        format!(
            "the site was published there, and no file is left: is the share not mounted, the path wrong, or was everything deleted? \
             If it is to be published there again: xinfeng publish{target} --repair"
        ),
    )
}

fn example(files: &[String]) -> &str {
    files.first().map_or("", String::as_str)
}

/// How `keep` names some files: by the folders that they lie in.
fn beginnings(files: &[String]) -> String {
    const SHOWN: usize = 6;
    let top = |path: &String| path.split_once('/').map_or_else(|| path.clone(), |(folder, _)| format!("{folder}/"));
    let names: BTreeSet<String> = files.iter().map(top).collect();
    let more = if names.len() > SHOWN { ", …" } else { "" };
    names.iter().take(SHOWN).map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ") + more
}
