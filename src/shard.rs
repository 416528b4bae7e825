//! One build divided among several machines, and their parts joined to the whole.
//!
//! A path's hash says which part, or shard, an output belongs to. Each machine builds an edition of all sources and writes the
//! outputs of one shard ([`Part`]); a list beside the manifest says what they were made from. Joining is a build like any
//! other, but takes an output's bytes from a shard that made them from the same ingredients, instead of drawing them
//! ([`Joined`]). So it never depends on the shards whether a site is right, only how long it takes. Start at [`Shards::read`].

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::diagnostic::Text;
use crate::fingerprint::{ENGINE, Fingerprint};
use crate::parse::registry::BaseUrl;
use crate::pipeline::{AsOf, Edition, Options};
use crate::plan::url::OutputPath;
use crate::source::{ReadError, Sources};
use crate::write::{self, Bytes, Failure, Outputs, WriteError};

/// The most parts that a build can have.
const MOST: u32 = 10_000;

/// One part of a build in so many, counted from 1: `2/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    of: u32,
    number: u32,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("2/8 is the second of eight parts; there can be {MOST}");
        let (number, of) = text.split_once('/').ok_or_else(wrong)?;
        let read = |text: &str| text.parse::<u32>().ok().filter(|number| (1..=MOST).contains(number));
        let (number, of) = (read(number).ok_or_else(wrong)?, read(of).ok_or_else(wrong)?);
        if number <= of { Ok(Self { of, number }) } else { Err(wrong()) }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl Shard {
    /// Whether an output belongs to it. That depends on nothing else: a new article moves no other page to another shard.
    pub fn holds(self, path: &OutputPath) -> bool {
        Fingerprint::of_bytes(path.as_str().as_bytes()).place_among(self.of) == self.number - 1
    }

    /// The name of its list. Those of one build can lie in one folder.
    pub fn list_name(self) -> String {
        format!("{}{}-of-{}", write::SHARD, self.number, self.of)
    }
}

/// What a build follows from: the shards of one build agree in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    engine: String,
    /// As it was typed.
    as_of: String,
    base_url: String,
    drafts: bool,
    future: bool,
    /// The hash of all files of the site.
    sources: Fingerprint,
}

impl Origin {
    /// `None` where the moment is that of the clock, which no two machines share.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn of(edition: &Edition, sources: &Sources, options: &Options) -> Result<Option<Self>, ReadError> {
        let AsOf::Typed(as_of) = &options.as_of else { return Ok(None) };
        Ok(Some(Self {
            engine: ENGINE.to_owned(),
            as_of: as_of.split_whitespace().collect::<Vec<_>>().join(" "),
            base_url: edition.plan.site.registry.base_url.to_string(),
            drafts: options.drafts,
            future: options.future,
            sources: sources.digest()?,
        }))
    }

    /// Its lines in a list, each a name and a value.
    fn lines(&self) -> [(&'static str, String); 6] {
        [
            ("engine", self.engine.clone()),
            ("as-of", self.as_of.clone()),
            ("base-url", self.base_url.clone()),
            ("drafts", self.drafts.to_string()),
            ("future", self.future.to_string()),
            ("sources", self.sources.to_string()),
        ]
    }

    /// The first thing in which two builds differ: its name, and both values.
    fn difference(&self, other: &Self) -> Option<(&'static str, String, String)> {
        let pairs = self.lines().into_iter().zip(other.lines());
        pairs.map(|((name, own), (_, others))| (name, own, others)).find(|(_, own, others)| own != others)
    }
}

/// The outputs of one shard.
pub struct Part<'o, O> {
    outputs: &'o O,
    shard: Shard,
}

impl<'o, O: Outputs> Part<'o, O> {
    pub fn new(outputs: &'o O, shard: Shard) -> Self {
        Self { outputs, shard }
    }

    /// Leaves the list of what was written to `out`: only now is the shard complete.
    ///
    /// # Errors
    /// A file that cannot be read or written.
    pub fn keep_list(&self, out: &Path, origin: &Origin) -> Result<(), WriteError> {
        let entry = |path: &OutputPath| {
            let content = Fingerprint::of_bytes(&write::read(out, path)?);
            Ok((path.clone(), Entry { fingerprint: self.outputs.ingredients(path).0, content }))
        };
        let entries = self.paths().into_par_iter().map(entry).collect::<Result<_, WriteError>>()?;
        let list = List { origin: origin.clone(), entries };
        write::keep(out, &self.shard.list_name(), &list.to_text())
    }
}

impl<O: Outputs> Outputs for Part<'_, O> {
    type Ingredients<'p>
        = O::Ingredients<'p>
    where
        Self: 'p;

    fn paths(&self) -> Vec<&OutputPath> {
        self.outputs.paths().into_iter().filter(|path| self.shard.holds(path)).collect()
    }

    fn shard(&self) -> Option<String> {
        Some(self.shard.list_name())
    }

    fn ingredients(&self, path: &OutputPath) -> (Fingerprint, Self::Ingredients<'_>) {
        self.outputs.ingredients(path)
    }

    fn kind<'p>(&'p self, ingredients: &Self::Ingredients<'p>) -> &'static str {
        self.outputs.kind(ingredients)
    }

    fn frames(&self) -> BTreeMap<&'static str, Fingerprint> {
        self.outputs.frames()
    }

    fn render<'p>(&'p self, ingredients: &Self::Ingredients<'p>) -> Result<Bytes, Failure> {
        self.outputs.render(ingredients)
    }
}

/// What a shard's list says of one output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    /// Of what it was made from.
    fingerprint: Fingerprint,
    /// Of its bytes.
    content: Fingerprint,
}

/// What a shard holds, and what it was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
struct List {
    origin: Origin,
    entries: BTreeMap<OutputPath, Entry>,
}

const HEAD: &str = "xinfeng shard 1";

impl List {
    fn to_text(&self) -> String {
        let mut text = format!("{HEAD}\n");
        for (name, value) in self.origin.lines() {
            writeln!(text, "{name} {value}").expect("a text takes every line");
        }
        for (path, Entry { fingerprint, content }) in &self.entries {
            writeln!(text, "{fingerprint} {content} {path}").expect("a text takes every line");
        }
        text.push_str("end\n");
        text
    }

    /// `None` where it is damaged, or the shard was not finished.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix("\nend\n")?.lines();
        lines.next().filter(|line| *line == HEAD)?;
        let mut value = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ').map(str::to_owned);
        let origin = Origin {
            engine: value("engine")?,
            as_of: value("as-of")?,
            base_url: value("base-url")?,
            drafts: value("drafts")?.parse().ok()?,
            future: value("future")?.parse().ok()?,
            sources: Fingerprint::parse(&value("sources")?)?,
        };
        let entry = |line: &str| {
            let mut parts = line.splitn(3, ' ');
            let (fingerprint, content) = (Fingerprint::parse(parts.next()?)?, Fingerprint::parse(parts.next()?)?);
            Some((OutputPath::from_manifest(parts.next()?)?, Entry { fingerprint, content }))
        };
        Some(Self { origin, entries: lines.map(entry).collect::<Option<_>>()? })
    }
}

/// All shards of one build.
pub struct Shards {
    /// The one that messages name.
    first: Shard,
    origin: Origin,
    /// Each output with the folder of its shard.
    entries: BTreeMap<OutputPath, (PathBuf, Entry)>,
}

/// Why there is no whole site.
#[derive(Debug)]
pub enum ShardError {
    /// A part is to be built as of the clock, which is another one for every part.
    NoMoment,
    /// No list lies in this folder.
    NoList(PathBuf),
    /// A list that cannot be read, or of a shard that was not finished.
    Unfinished(PathBuf, String),
    /// A number of parts that is not that of the others.
    OtherCount(Shard, Shard),
    Twice(Shard, PathBuf, PathBuf),
    Missing(Vec<Shard>),
    /// Two shards, or a shard and this machine, differ in what they were made from.
    OtherBuild {
        name: &'static str,
        one: (Option<Shard>, String),
        other: (Option<Shard>, String),
    },
    /// The lists do not make up the site.
    Incomplete(OutputPath),
    Io(WriteError),
}

impl From<WriteError> for ShardError {
    fn from(error: WriteError) -> Self {
        Self::Io(error)
    }
}

impl ShardError {
    /// The message for whoever runs the build.
    pub fn text(&self) -> Text {
        match self {
            Self::NoMoment => Text::new(
                "分片生成（--shard）要写明 --as-of，各片写同一个时间，例如 --as-of \"2026-11-23 09:00\"",
                "--shard needs --as-of, with the same moment for every shard, e.g. --as-of \"2026-11-23 09:00\"",
            ),
            Self::NoList(folder) => Text::new(
                format!(
                    "“{}”里没有一片网站（.xinfeng/shard-…）。上传、下载时请连隐藏文件一起（GitHub 的 include-hidden-files）",
                    folder.display()
                ),
                format!(
                    "there is no shard in \"{}\" (.xinfeng/shard-…); hidden files have to come along when it is copied or uploaded \
                     (include-hidden-files at GitHub)",
                    folder.display()
                ),
            ),
            Self::Unfinished(folder, name) => Text::new(
                format!("“{}”里的 {name} 没有生成完，或者已损坏，请重新生成那一片", folder.display()),
                format!("{name} in \"{}\" was not finished, or is damaged; build that shard again", folder.display()),
            ),
            Self::OtherCount(one, other) => Text::new(
                format!("{one} 和 {other} 不是同一次分的片"),
                format!("{one} and {other} are not shards of one build"),
            ),
            Self::Twice(shard, one, other) => Text::new(
                format!("第 {shard} 片有两份：“{}”和“{}”", one.display(), other.display()),
                format!("there are two shards {shard}: in \"{}\" and in \"{}\"", one.display(), other.display()),
            ),
            Self::Missing(shards) => {
                let list = shards.iter().map(ToString::to_string).collect::<Vec<_>>();
                Text::new(
                    format!("还缺这几片：{}", list.join("、")),
                    format!("these shards are missing: {}", list.join(", ")),
                )
            }
            Self::OtherBuild { name, one, other } => {
                let zh = |shard: &Option<Shard>| shard.map_or("这里".to_owned(), |shard| format!("第 {shard} 片"));
                let en = |shard: &Option<Shard>| shard.map_or("here".to_owned(), |shard| format!("shard {shard}"));
                let (what_zh, what_en) = match *name {
                    "engine" => ("新风的版本", "the version of Xinfeng"),
                    "as-of" => ("生成时间（--as-of）", "--as-of"),
                    "base-url" => ("网址", "the base URL"),
                    "drafts" => ("有没有草稿（--drafts）", "--drafts"),
                    "future" => ("有没有未到时间的内容（--future）", "--future"),
                    _ => ("网站的源文件", "the site's files"),
                };
                Text::new(
                    format!(
                        "不是同一次生成，{what_zh}不同：{}是 {}，{}是 {}",
                        zh(&one.0),
                        one.1,
                        zh(&other.0),
                        other.1
                    ),
                    format!(
                        "these are not of one build: they differ in {what_en} ({}: {}, {}: {})",
                        en(&one.0),
                        one.1,
                        en(&other.0),
                        other.1
                    ),
                )
            }
            Self::Incomplete(path) => Text::new(
                format!("各片的清单与网站对不上（{path}），请重新生成各片"),
                format!("the shards' lists do not make up the site ({path}); build the shards again"),
            ),
            Self::Io(error) => error.text(),
        }
    }
}

impl Shards {
    /// Reads the lists in these folders, each of which holds one shard or several.
    ///
    /// # Errors
    /// [`ShardError`], where they are not all shards of one build, each once.
    pub fn read(folders: &[PathBuf]) -> Result<Self, ShardError> {
        let mut found: BTreeMap<Shard, (PathBuf, List)> = BTreeMap::new();
        for folder in folders {
            let names = write::kept_names(folder, write::SHARD)?;
            if names.is_empty() {
                return Err(ShardError::NoList(folder.clone()));
            }
            for name in names {
                let (shard, list) = read_list(folder, &name)?;
                if let Some((other, _)) = found.get(&shard) {
                    return Err(ShardError::Twice(shard, other.clone(), folder.clone()));
                }
                found.insert(shard, (folder.clone(), list));
            }
        }
        Self::assemble(found)
    }

    fn assemble(found: BTreeMap<Shard, (PathBuf, List)>) -> Result<Self, ShardError> {
        let (first, origin) = match found.first_key_value() {
            Some((shard, (_, list))) => (*shard, list.origin.clone()),
            None => return Err(ShardError::NoList(PathBuf::new())),
        };
        if let Some(other) = found.keys().find(|shard| shard.of != first.of) {
            return Err(ShardError::OtherCount(first, *other));
        }
        // What differs is told before what is missing: it may be the rest of another build.
        for (shard, (_, list)) in &found {
            if let Some((name, one, other)) = origin.difference(&list.origin) {
                return Err(ShardError::OtherBuild { name, one: (Some(first), one), other: (Some(*shard), other) });
            }
        }
        let all = (1..=first.of).map(|number| Shard { number, ..first });
        let missing: Vec<Shard> = all.filter(|shard| !found.contains_key(shard)).collect();
        if !missing.is_empty() {
            return Err(ShardError::Missing(missing));
        }
        let mut entries = BTreeMap::new();
        for (shard, (folder, list)) in found {
            for (path, entry) in list.entries {
                if !shard.holds(&path) {
                    return Err(ShardError::Incomplete(path));
                }
                entries.insert(path, (folder.clone(), entry));
            }
        }
        Ok(Self { first, origin, entries })
    }

    /// The options that they were built with.
    pub fn options(&self) -> Options {
        Options {
            as_of: AsOf::Typed(self.origin.as_of.clone()),
            base_url: BaseUrl::parse(&self.origin.base_url),
            drafts: self.origin.drafts,
            future: self.origin.future,
        }
    }

    /// Joins them to the outputs of an edition, which follows from `origin`.
    ///
    /// # Errors
    /// [`ShardError`], where they are not the shards of this edition.
    pub fn join<'o, O: Outputs>(&'o self, outputs: &'o O, origin: &Origin) -> Result<Joined<'o, O>, ShardError> {
        if let Some((name, one, other)) = origin.difference(&self.origin) {
            return Err(ShardError::OtherBuild { name, one: (None, one), other: (Some(self.first), other) });
        }
        let planned = outputs.paths();
        if let Some(path) = planned.iter().find(|path| !self.entries.contains_key(**path)) {
            return Err(ShardError::Incomplete((*path).clone()));
        }
        if planned.len() < self.entries.len() {
            let foreign = self.entries.keys().find(|path| planned.binary_search(path).is_err());
            return Err(ShardError::Incomplete(foreign.expect("there are more than planned").clone()));
        }
        Ok(Joined { outputs, shards: self, drawn: AtomicUsize::new(0) })
    }
}

fn read_list(folder: &Path, name: &str) -> Result<(Shard, List), ShardError> {
    let text = write::kept(folder, name)?.unwrap_or_default();
    let shard = name.strip_prefix(write::SHARD).and_then(|rest| rest.replacen("-of-", "/", 1).parse().ok());
    let unfinished = || ShardError::Unfinished(folder.to_owned(), name.to_owned());
    Ok((shard.ok_or_else(unfinished)?, List::parse(&text).ok_or_else(unfinished)?))
}

/// All outputs of a site, whose bytes come from shards.
pub struct Joined<'o, O> {
    outputs: &'o O,
    shards: &'o Shards,
    drawn: AtomicUsize,
}

impl<O> Joined<'_, O> {
    /// How many outputs no shard had made from the same ingredients. Copied files are among them where the machines' clocks gave
    /// them other times.
    pub fn drawn(&self) -> usize {
        self.drawn.load(Ordering::Relaxed)
    }
}

/// An output as a shard made it.
pub struct Made<'o> {
    folder: &'o Path,
    path: &'o OutputPath,
    content: Fingerprint,
}

impl<O: Outputs> Outputs for Joined<'_, O> {
    type Ingredients<'p>
        = (Option<Made<'p>>, O::Ingredients<'p>)
    where
        Self: 'p;

    fn paths(&self) -> Vec<&OutputPath> {
        self.outputs.paths()
    }

    fn ingredients(&self, path: &OutputPath) -> (Fingerprint, Self::Ingredients<'_>) {
        let (fingerprint, ingredients) = self.outputs.ingredients(path);
        let made = self.shards.entries.get_key_value(path).filter(|(_, (_, entry))| entry.fingerprint == fingerprint);
        let made = made.map(|(path, (folder, entry))| Made { folder, path, content: entry.content });
        (fingerprint, (made, ingredients))
    }

    fn kind<'p>(&'p self, ingredients: &Self::Ingredients<'p>) -> &'static str {
        self.outputs.kind(&ingredients.1)
    }

    fn frames(&self) -> BTreeMap<&'static str, Fingerprint> {
        self.outputs.frames()
    }

    fn render<'p>(&'p self, (made, ingredients): &Self::Ingredients<'p>) -> Result<Bytes, Failure> {
        let Some(Made { folder, path, content }) = made else {
            self.drawn.fetch_add(1, Ordering::Relaxed);
            return self.outputs.render(ingredients);
        };
        match write::read(folder, path) {
            Ok(bytes) if Fingerprint::of_bytes(&bytes) == *content => Ok(Bytes::Made(bytes)),
            Err(WriteError::Io(place, error)) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Failure::Io(place, error))
            }
            _ => Err(Failure::NotAsListed(folder.join(path.as_str()))),
        }
    }
}
