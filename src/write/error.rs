//! Why the output folder could not be brought up to date.

use std::io;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Text};

/// Why the output folder could not be brought up to date. It is as it was.
#[derive(Debug)]
pub enum WriteError {
    /// The site or its theme has mistakes.
    Diagnostics(Vec<Diagnostic>),
    /// The folder holds something that Xinfeng did not make.
    NotOurs(PathBuf),
    /// The folder is, holds, or lies in the site's sources.
    HoldsSources(PathBuf),
    /// The folder holds parts of a site, or another part than the one to be written.
    HoldsShards(PathBuf),
    /// The folder holds a whole site, and only a part was to be written.
    HoldsSite(PathBuf),
    /// A file of a part is not the one that the part's list names.
    NotAsListed(PathBuf),
    /// Another build is at work in the folder.
    Busy(PathBuf),
    /// The folder's manifest cannot be read.
    Damaged(PathBuf),
    /// A file of somebody's, or a folder with some, stands where a page is to be.
    InTheWay(PathBuf),
    /// A source was changed during the build.
    Changed(PathBuf),
    Io(PathBuf, io::Error),
}

impl WriteError {
    /// The message for the editor.
    pub fn text(&self) -> Text {
        match self {
            Self::Diagnostics(_) => Text::new("网站有错误", "the site has errors"),
            Self::NotOurs(path) => Text::new(
                format!(
                    "输出文件夹“{0}”里有不是新风生成的文件，为免误删，没有写入。请换一个空文件夹（--out），或先清空它",
                    path.display()
                ),
                format!(
                    "the output folder \"{}\" is not empty and not ours; name an empty one by --out, or empty it",
                    path.display()
                ),
            ),
            Self::HoldsSources(path) => Text::new(
                format!("输出文件夹“{}”与网站的源文件重叠，请换一个文件夹", path.display()),
                format!("the output folder \"{}\" overlaps the site's sources; name another one", path.display()),
            ),
            Self::HoldsShards(path) => Text::new(
                format!(
                    "“{0}”里是网站的一片或几片（build --shard），不是整个网站。要合成整个网站：xinfeng build --join \"{0}\" --out 另一个文件夹；\
                     要生成别的，请换一个文件夹（--out），或先清空它",
                    path.display()
                ),
                format!(
                    "\"{0}\" holds shards of a site (build --shard), not all of it. To join them: xinfeng build --join \"{0}\" --out DIR, \
                     into another folder; for anything else, name another folder by --out, or empty this one",
                    path.display()
                ),
            ),
            Self::HoldsSite(path) => Text::new(
                format!(
                    "“{}”里是整个网站，写入一片会删掉其余的文件。请给每一片一个单独的空文件夹（--out）",
                    path.display()
                ),
                format!(
                    "\"{}\" holds a whole site, of which a shard would leave only a part; give each shard an empty folder of its own \
                     by --out",
                    path.display()
                ),
            ),
            Self::NotAsListed(path) => Text::new(
                format!("“{}”不是那一片生成时的内容，请重新生成或重新下载那一片", path.display()),
                format!("\"{}\" is not as its shard was built; build or download that shard again", path.display()),
            ),
            Self::Busy(path) => Text::new(
                format!("另一次生成正在写“{}”，请等它结束", path.display()),
                format!("another build is writing to \"{}\"; wait for it", path.display()),
            ),
            Self::Damaged(path) => Text::new(
                format!(
                    "“{}”里的生成记录（.xinfeng）已损坏，分不清哪些文件该删除。请删除里面除了 .xinfeng/ledger（发布台账）以外的所有文件，再生成",
                    path.display()
                ),
                format!(
                    "the manifest in \"{}\" is damaged; remove all files there but .xinfeng/ledger, the dates of first publications, and build again",
                    path.display()
                ),
            ),
            Self::InTheWay(path) => Text::new(
                format!(
                    "“{}”那里已有不是新风生成的文件，网页放不进去，什么都没有改动。请把它移走再生成",
                    path.display()
                ),
                format!(
                    "\"{}\" is, or holds, a file of somebody's where a page is to be; nothing was changed. Move it away and build again",
                    path.display()
                ),
            ),
            Self::Changed(path) => Text::new(
                format!("生成期间“{}”被修改了，请再生成一次", path.display()),
                format!("\"{}\" was changed during the build; build again", path.display()),
            ),
            Self::Io(path, error) => {
                let (path, why) = (path.display(), Text::from(error));
                Text::new(
                    format!("无法读写“{path}”：{}", why.zh),
                    format!("cannot read or write \"{path}\": {}", why.en),
                )
            }
        }
    }
}

pub fn io_error(path: &Path) -> impl FnOnce(io::Error) -> WriteError + '_ {
    move |error| WriteError::Io(path.to_owned(), error)
}

/// Why one output failed.
pub enum Failure {
    Diagnostic(Box<Diagnostic>),
    /// A source says something else than when it was parsed.
    Changed(PathBuf),
    /// A file of a part is not the one that the part's list names.
    NotAsListed(PathBuf),
    Io(PathBuf, io::Error),
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Diagnostic(Box::new(diagnostic))
    }
}

pub fn one_failure(failure: Failure) -> WriteError {
    self::failure::<()>(vec![Err(failure)])
}

/// One error from many failures. A template's mistake shows up in every page; it is told once.
pub fn failure<T>(results: Vec<Result<T, Failure>>) -> WriteError {
    let mut diagnostics = Vec::new();
    for failure in results.into_iter().filter_map(Result::err) {
        match failure {
            Failure::Diagnostic(diagnostic) => diagnostics.push(*diagnostic),
            Failure::Changed(path) => return WriteError::Changed(path),
            Failure::NotAsListed(path) => return WriteError::NotAsListed(path),
            Failure::Io(path, error) => return WriteError::Io(path, error),
        }
    }
    diagnostics.sort();
    diagnostics.dedup();
    WriteError::Diagnostics(diagnostics)
}
