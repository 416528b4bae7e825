//! A publication as one file, for a web host that cannot be reached: what has changed since a known state, and the signed
//! manifest of the new one.
//!
//! It is a ZIP archive. `package.txt` is a signed note that names the state it begins from, the state it leads to, and the turn
//! of each file; `xinfeng-manifest.txt` is the manifest as it will be published; `files/` holds the files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{Cursor, Read, Write};
use std::path::Path;

use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::changes::{Changes, Known};
use super::key::{PublicKey, SecretKey, Signed};
use super::manifest::{Digest, Entry, MANIFEST, Manifest};
use super::release::{Rank, Release};
use crate::diagnostic::Text;
use crate::plan::url::OutputPath;
use crate::write::{self, WriteError};

const HEADING: &str = "xinfeng package 1";
const NOTE: &str = "package.txt";
const FILES: &str = "files/";
/// The notes of larger packages are not read.
const MOST_NOTES: u64 = 256 * 1024 * 1024;

/// What was packed.
pub struct Packed {
    pub bytes: Vec<u8>,
    pub files: usize,
    pub deleted: usize,
    /// The signed manifest of the state it leads to.
    pub note: String,
}

/// A package that was opened: all its files are as its signed manifest says.
pub struct Package {
    /// The state that it begins from; `None` where it holds everything.
    pub base: Option<Digest>,
    pub manifest: Manifest,
    /// The signed manifest.
    pub note: String,
    /// Every file of the new state; those that are not in the package cannot be sent.
    pub release: Release,
    /// Holds the files for as long as they are needed.
    _folder: TempDir,
}

/// Why a package is not used.
#[derive(Debug)]
pub enum Refused {
    /// It is no package, or it was cut off.
    Damaged,
    /// It does not bear the site's signature, or something in it was altered.
    Forged,
    /// It cannot be unpacked here.
    Write(WriteError),
}

impl Refused {
    /// The message for the editor.
    pub fn text(&self, file: &Path) -> Text {
        let file = file.display();
        match self {
            Self::Damaged => Text::new(
                format!("“{file}”不是完整的发布包，请重新拷贝一次"),
                format!("\"{file}\" is no whole package: copy it once more"),
            ),
            Self::Forged => Text::new(
                format!("“{file}”没有本站密钥的签名，或者被人改过，没有发布"),
                format!("\"{file}\" does not bear the site's signature, or was altered: nothing was published"),
            ),
            Self::Write(error) => error.text(),
        }
    }
}

/// Packs what has changed since a state; everything where there is none.
///
/// # Errors
/// A file of the release that cannot be read.
pub fn pack(
    release: &Release,
    base: Option<&Manifest>,
    manifest: &Manifest,
    key: &SecretKey,
) -> Result<Packed, WriteError> {
    let known: Known = base
        .map(|base| base.files.iter().map(|(path, entry)| (path.clone(), Some(*entry))).collect())
        .unwrap_or_default();
    let changes = Changes::between(&known, release);
    let base = base.map_or_else(|| "none".to_owned(), |base| base.identity().to_hex());
    let mut text = format!("{HEADING}\nbase {base}\nbuild {}\n", manifest.identity().to_hex());
    for (path, part) in &release.files {
        writeln!(text, "{} {path}", part.rank.name()).expect("writing to a string");
    }
    let note = manifest.sign(key);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |name: &str, bytes: &[u8]| {
        // Recordings are larger than the 4 GiB of a plain entry.
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).large_file(true);
        archive.start_file(name, options).expect("a name that is not there yet");
        archive.write_all(bytes).expect("writing to memory");
    };
    add(NOTE, key.sign(&text).as_bytes());
    add(MANIFEST, note.as_bytes());
    let (mut files, deleted) = (0, changes.deleted());
    for path in changes.waves.iter().flatten() {
        add(&format!("{FILES}{path}"), &release.load(path)?);
        files += 1;
    }
    let bytes = archive.finish().expect("writing to memory").into_inner();
    Ok(Packed { bytes, files, deleted, note })
}

/// Opens a package; no file of it counts before its signature was found good.
///
/// # Errors
/// [`Refused`]
pub fn open(bytes: &[u8], key: &PublicKey) -> Result<Package, Refused> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Refused::Damaged)?;
    let (signed, note) = (text(&mut archive, NOTE)?, text(&mut archive, MANIFEST)?);
    let manifest = Manifest::open(&note, key).map_err(|_| Refused::Forged)?;
    let Signed::Good(signed) = key.open(&signed) else { return Err(Refused::Forged) };
    let (base, ranks) = parse(signed, &manifest).ok_or(Refused::Forged)?;

    let folder = TempDir::new().map_err(|error| Refused::Write(WriteError::Io(std::env::temp_dir(), error)))?;
    let mut here = BTreeSet::new();
    for number in 0..archive.len() {
        let mut file = archive.by_index(number).map_err(|_| Refused::Damaged)?;
        let name = file.name().map_err(|_| Refused::Damaged)?.into_owned();
        let Some(path) = name.strip_prefix(FILES).and_then(OutputPath::from_manifest) else { continue };
        let Entry { size, .. } = *manifest.files.get(&path).ok_or(Refused::Forged)?;
        let mut bytes = Vec::new();
        (&mut file).take(size + 1).read_to_end(&mut bytes).map_err(|_| Refused::Damaged)?;
        if Entry::of(&bytes) != manifest.files[&path] {
            return Err(Refused::Forged);
        }
        write::unpack(folder.path(), &path, &bytes).map_err(Refused::Write)?;
        here.insert(path);
    }
    let release = Release::unpacked(folder.path(), &manifest.files, &ranks, &here);
    Ok(Package { base, manifest, note, release, _folder: folder })
}

/// The state that it begins from, and the turns of the files.
fn parse(note: &str, manifest: &Manifest) -> Option<(Option<Digest>, BTreeMap<OutputPath, Rank>)> {
    let mut lines = note.lines();
    let mut next = |name: &str| lines.next()?.strip_prefix(name);
    next(HEADING)?;
    let base = match next("base ")? {
        "none" => None,
        digest => Some(Digest::parse(digest)?),
    };
    if Digest::parse(next("build ")?)? != manifest.identity() {
        return None;
    }
    let rank = |line: &str| {
        let (rank, path) = line.split_once(' ')?;
        Some((OutputPath::from_manifest(path)?, Rank::parse(rank)?))
    };
    let ranks: BTreeMap<_, _> = lines.map(rank).collect::<Option<_>>()?;
    ranks.keys().eq(manifest.files.keys()).then_some((base, ranks))
}

fn text(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<String, Refused> {
    let file = archive.by_name(name).map_err(|_| Refused::Damaged)?;
    let mut text = String::new();
    file.take(MOST_NOTES).read_to_string(&mut text).map_err(|_| Refused::Damaged)?;
    Ok(text)
}
