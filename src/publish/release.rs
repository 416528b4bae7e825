//! What is to stand at a target: the files of the output folder, each with its hash and its turn.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use rayon::prelude::*;

use super::manifest::{Entry, Manifest};
use super::store::Headers;
use crate::plan::Recipe;
use crate::plan::url::{OutputPath, folders_of};
use crate::write::{self, WriteError};

/// What a file is to readers, in the order in which new files must come: whatever a page points to stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// A file of the theme with its hash in its name: what stands under that name never changes.
    Fixed,
    /// A picture, an attachment.
    File,
    /// The page of one item.
    Page,
    /// What lists pages: indexes, feeds, calendars, site maps.
    Index,
    Home,
}

impl Rank {
    const NAMES: [(&str, Self); 5] = [
        ("fixed", Self::Fixed),
        ("file", Self::File),
        ("page", Self::Page),
        ("index", Self::Index),
        ("home", Self::Home),
    ];

    /// How a package calls it.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize].0
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, rank)| *rank)
    }

    pub fn of(recipe: &Recipe) -> Self {
        match recipe {
            Recipe::Asset(_) => Self::Fixed,
            Recipe::File(..) => Self::File,
            Recipe::Item(_) | Recipe::NotFound | Recipe::Redirect(_) => Self::Page,
            Recipe::Home => Self::Home,
            Recipe::List(..)
            | Recipe::Archive
            | Recipe::ArchiveYear(_)
            | Recipe::Board
            | Recipe::Districts
            | Recipe::Topics
            | Recipe::SiteMap
            | Recipe::Atom(_)
            | Recipe::JsonFeed(_)
            | Recipe::Calendar(_)
            | Recipe::Sitemap(_)
            | Recipe::SitemapIndex
            | Recipe::Robots => Self::Index,
        }
    }
}

/// How a file's bytes come from a file of the output folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Plain,
    /// RFC 1952, as `<name>.gz`.
    Gzip,
    /// RFC 7932, as `<name>.br`.
    Brotli,
}

impl Form {
    /// What it adds to the file's name.
    fn ending(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Gzip => ".gz",
            Self::Brotli => ".br",
        }
    }
}

/// One file of a release.
#[derive(Debug, Clone)]
pub struct Part {
    pub entry: Entry,
    pub rank: Rank,
    /// The file of the output folder that it is made from.
    source: OutputPath,
    form: Form,
    /// Whether that file is here, and can be sent.
    pub is_here: bool,
}

/// A state of the site, ready to be published.
#[derive(Debug, Default)]
pub struct Release {
    out: PathBuf,
    pub files: BTreeMap<OutputPath, Part>,
}

/// Smaller files gain nothing from being compressed.
const WORTH_COMPRESSING: u64 = 1024;
/// Of 11: more costs many times the time for a hundredth of the size.
const BROTLI_QUALITY: u32 = 9;
/// The binary logarithm of the window, in bytes: the most that browsers take.
const BROTLI_WINDOW: u32 = 22;

impl Release {
    /// The outputs as they were drawn, which lie in the output folder now; should one be altered there, it is told when it is sent.
    pub fn new<'p>(
        out: &Path,
        outputs: impl Iterator<Item = (&'p OutputPath, Rank)>,
        drawn: &BTreeMap<OutputPath, Entry>,
    ) -> Self {
        let part = |(path, rank): (&OutputPath, Rank)| {
            (path.clone(), Part { entry: drawn[path], rank, source: path.clone(), form: Form::Plain, is_here: true })
        };
        Self { out: out.to_owned(), files: outputs.map(part).collect() }
    }

    /// The folders that its files lie in.
    pub fn folders(&self) -> BTreeSet<&str> {
        self.files.keys().flat_map(|path| folders_of(path.as_str())).collect()
    }

    /// The file in whose place a path has a folder.
    pub fn file_above(&self, path: &str) -> Option<&OutputPath> {
        folders_of(path).find_map(|folder| Some(self.files.get_key_value(&OutputPath::from_manifest(folder)?)?.0))
    }

    /// A state of which some files were unpacked into a folder.
    pub fn unpacked(
        folder: &Path,
        files: &BTreeMap<OutputPath, Entry>,
        ranks: &BTreeMap<OutputPath, Rank>,
        here: &BTreeSet<OutputPath>,
    ) -> Self {
        let part = |(path, entry): (&OutputPath, &Entry)| {
            let (rank, source) = (ranks[path], path.clone());
            (source.clone(), Part { entry: *entry, rank, source, form: Form::Plain, is_here: here.contains(path) })
        };
        Self { out: folder.to_owned(), files: files.iter().map(part).collect() }
    }

    /// Adds compressed forms of all texts. Those of files that stand in `published` as they are now are taken from there, since
    /// compressing takes longer than all the rest; this very program must have made them, as another one may compress otherwise.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn add_compressed(&mut self, published: Option<&Manifest>) -> Result<(), WriteError> {
        let texts: Vec<_> = self
            .files
            .iter()
            .filter(|(path, part)| is_text(path) && part.entry.size >= WORTH_COMPRESSING)
            .map(|(path, part)| (path.clone(), part.clone()))
            .collect();
        let known = |path: &OutputPath| published.and_then(|published| published.files.get(path)).copied();
        let this = &*self;
        let compress = |(source, plain): (OutputPath, Part)| {
            let is_as_published = known(&source) == Some(plain.entry);
            // A file of the site's own under that name is what its editor made it.
            let forms = [Form::Gzip, Form::Brotli].map(|form| (form, compressed_path(&source, form)));
            forms.into_iter().filter(|(_, path)| !this.files.contains_key(path)).map(move |(form, path)| {
                let entry = match known(&path).filter(|_| is_as_published) {
                    Some(entry) => entry,
                    None => Entry::of(&this.bytes(&source, form)?),
                };
                Ok((path, Part { entry, form, source: source.clone(), ..plain.clone() }))
            })
        };
        let added: Vec<_> = texts.into_par_iter().flat_map_iter(compress).collect::<Result<_, WriteError>>()?;
        self.files.extend(added);
        Ok(())
    }

    /// The bytes of one of its files.
    ///
    /// # Errors
    /// A file that cannot be read, or that was changed since its hash was taken.
    pub fn load(&self, path: &OutputPath) -> Result<Vec<u8>, WriteError> {
        let part = &self.files[path];
        let bytes = self.bytes(&part.source, part.form)?;
        if Entry::of(&bytes) == part.entry { Ok(bytes) } else { Err(WriteError::Changed(self.out.join(path.as_str()))) }
    }

    fn bytes(&self, source: &OutputPath, form: Form) -> Result<Vec<u8>, WriteError> {
        let plain = write::read(&self.out, source)?;
        Ok(match form {
            Form::Plain => plain,
            Form::Gzip => gzip(&plain),
            Form::Brotli => brotli(&plain),
        })
    }

    /// What web servers are to say with a file: files with a hash in their names stay for a year, all others are asked about
    /// after a minute.
    pub fn headers(&self, path: &OutputPath) -> Headers {
        let is_fixed = self.files[path].rank == Rank::Fixed;
        Headers {
            content_type: Some(path.content_type()),
            cache_control: Some(if is_fixed { "public, max-age=31536000, immutable" } else { "public, max-age=60" }),
        }
    }

    pub fn entries(&self) -> BTreeMap<OutputPath, Entry> {
        self.files.iter().map(|(path, part)| (path.clone(), part.entry)).collect()
    }
}

fn is_text(path: &OutputPath) -> bool {
    let content_type = path.content_type();
    content_type.starts_with("text/")
        || matches!(content_type, "application/json" | "application/xml" | "image/svg+xml")
}

fn compressed_path(path: &OutputPath, form: Form) -> OutputPath {
    OutputPath::from_manifest(&format!("{path}{}", form.ending())).expect("it lies beside the file")
}

/// The file of which a path would be a compressed form, by its name.
pub fn uncompressed_path(path: &str) -> Option<OutputPath> {
    let plain = [Form::Gzip, Form::Brotli].into_iter().find_map(|form| path.strip_suffix(form.ending()));
    plain.and_then(OutputPath::from_manifest)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("writing to memory")
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut compressed = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut compressed, 64 * 1024, BROTLI_QUALITY, BROTLI_WINDOW);
    encoder.write_all(bytes).expect("writing to memory");
    drop(encoder);
    compressed
}
