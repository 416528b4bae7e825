//! Builds the small sites of `features/` and `invalid/` and compares what comes out.
//!
//! A site's folder holds only what its subject needs. The rest comes from beside this file: `site.yaml`
//! where the folder has none of its own, and the theme `bare`, whose templates print a view's fields
//! line by line. `XINFENG_BLESS=1` writes the expected files anew; read the difference before it is kept.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use walkdir::WalkDir;
use xinfeng::diagnostic::{Diagnostic, Language, draw};
use xinfeng::parse::registry::BaseUrl;
use xinfeng::pipeline::{AsOf, Edition, Memory, Options, edition};
use xinfeng::plan::Recipe;
use xinfeng::source::Root;
use xinfeng::timings::Timings;
use xinfeng::write::{self, Progress, Proof, WriteError};

/// The moment of every build that names no other one.
const AS_OF: &str = "2026-03-01 09:00";

/// Files by their path below a folder.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The folder that holds this file.
pub fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites")
}

pub fn is_blessing() -> bool {
    std::env::var_os("XINFENG_BLESS").is_some()
}

/// The folders of one kind of site, by name.
pub fn folders(kind: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(home().join(kind)).expect("the folder of the sites");
    let mut folders: Vec<PathBuf> =
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

pub fn name_of(folder: &Path) -> &str {
    folder.file_name().and_then(|name| name.to_str()).expect("a plain name")
}

/// Copies a site and what it shares with the others into a temporary folder.
pub fn copy_of(folder: &Path) -> TempDir {
    let copy = tempfile::tempdir().expect("a temporary folder");
    copy_file(&home().join("site.yaml"), &copy.path().join("site.yaml"));
    copy_folder(&home().join("theme"), &copy.path().join("themes/bare"));
    for part in ["content", "static", "themes"] {
        copy_folder(&folder.join(part), &copy.path().join(part));
    }
    if folder.join("site.yaml").exists() {
        copy_file(&folder.join("site.yaml"), &copy.path().join("site.yaml"));
    }
    copy
}

/// Copies one more file or folder of a site, where it has it.
pub fn copy_part(folder: &Path, copy: &Path, part: &str) {
    if folder.join(part).is_dir() {
        copy_folder(&folder.join(part), &copy.join(part));
    } else if folder.join(part).exists() {
        copy_file(&folder.join(part), &copy.join(part));
    }
}

fn copy_folder(from: &Path, to: &Path) {
    for (path, bytes) in read_folder(from) {
        write_file(&to.join(path), &bytes);
    }
}

fn copy_file(from: &Path, to: &Path) {
    write_file(to, &fs::read(from).expect("a file of a site"));
}

pub fn write_file(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("a new folder");
    fs::write(path, bytes).expect("a new file");
}

/// All files below a folder; none where there is no folder.
pub fn read_folder(folder: &Path) -> Files {
    let entries = WalkDir::new(folder).into_iter().filter_map(Result::ok).filter(|entry| entry.file_type().is_file());
    let below =
        |path: &Path| path.strip_prefix(folder).expect("the walk began there").to_string_lossy().replace('\\', "/");
    entries.map(|entry| (below(entry.path()), fs::read(entry.path()).expect("a file"))).collect()
}

/// Reads options as they stand on the command line: `--drafts --as-of 2026-03-01`.
pub fn options(line: &str) -> Options {
    let mut options = Options { as_of: AsOf::Typed(AS_OF.to_owned()), base_url: None, drafts: false, future: false };
    let mut words = line.split_whitespace();
    while let Some(word) = words.next() {
        let mut value = || words.next().expect("a value behind the option");
        match word {
            "--drafts" => options.drafts = true,
            "--future" => options.future = true,
            "--as-of" => options.as_of = AsOf::Typed(value().replace('T', " ")),
            "--base-url" => options.base_url = Some(BaseUrl::parse(value()).expect("an address")),
            other => panic!("unknown option {other}"),
        }
    }
    options
}

/// What a build gave.
pub struct Built {
    /// The outputs, where there was no error. Assets of the default theme are left out, so that
    /// it can change without these tests.
    pub files: Option<Files>,
    pub has_edition: bool,
    pub diagnostics: Vec<Diagnostic>,
    root: Root,
}

/// Builds a site from nothing.
pub fn build(site: &Path, options: &Options) -> Built {
    let (outcome, _) = edition(site, options, &mut Memory::default()).expect("a site that can be read");
    let mut built = Built {
        files: None,
        has_edition: outcome.edition.is_some(),
        diagnostics: outcome.diagnostics,
        root: outcome.root,
    };
    let Some(edition) = outcome.edition else { return built };
    let out = tempfile::tempdir().expect("a temporary folder");
    match write::write(&edition, site, out.path(), Proof::SizeAndTime, &Quiet, &mut Timings::default(), None) {
        Ok(_) => built.files = Some(outputs(&edition, site, out.path())),
        Err(WriteError::Diagnostics(found)) => built.diagnostics.extend(found),
        Err(error) => panic!("{error:?}"),
    }
    built
}

fn outputs(edition: &Edition, site: &Path, out: &Path) -> Files {
    let theme = &edition.plan.site.registry.theme;
    let is_inherited = |recipe: &Recipe| match recipe {
        Recipe::Asset(name) => !site.join("themes").join(theme).join("assets").join(name).exists(),
        _ => false,
    };
    let mut files = read_folder(out);
    files.retain(|path, _| !path.starts_with(".xinfeng/"));
    for (path, _) in edition.plan.outputs.iter().filter(|(_, recipe)| is_inherited(recipe)) {
        files.remove(path.as_str());
    }
    files
}

struct Quiet;

impl Progress for Quiet {
    fn begin(&self, _outputs: usize) {}
    fn step(&self) {}
}

impl Built {
    /// All messages as a terminal without colours shows them.
    pub fn drawing(&self, language: Language) -> String {
        let text_of = |file: &_| self.root.excerpt(file);
        let drawings: Vec<String> =
            self.diagnostics.iter().map(|diagnostic| draw(diagnostic, language, false, &text_of)).collect();
        let root = self.root.folder().display().to_string();
        // Lines end without spaces, so that editors leave the files alone.
        let lines: Vec<String> =
            drawings.join("\n\n").lines().map(|line| line.trim_end().replace(&root, "/site")).collect();
        if lines.is_empty() { String::new() } else { lines.join("\n") + "\n" }
    }
}

/// Compares a folder with what was found, in both directions; gives a description of each difference.
pub fn differences(expected: &Files, found: &Files) -> Vec<String> {
    let mut differences = Vec::new();
    for (path, bytes) in expected {
        match found.get(path) {
            None => differences.push(format!("missing: {path}")),
            Some(other) if other != bytes => differences.push(format!("differs: {path}\n{}", line_diff(bytes, other))),
            Some(_) => {}
        }
    }
    for (path, bytes) in found.iter().filter(|(path, _)| !expected.contains_key(*path)) {
        differences.push(format!("not expected: {path}\n{}", line_diff(b"", bytes)));
    }
    differences
}

/// The lines that differ: `-` was expected, `+` was found.
fn line_diff(expected: &[u8], found: &[u8]) -> String {
    let (Ok(expected), Ok(found)) = (std::str::from_utf8(expected), std::str::from_utf8(found)) else {
        return format!("  ({} bytes expected, {} found)", expected.len(), found.len());
    };
    // `\r` is shown, or two lines that look alike would differ.
    let lines = |text: &str| -> Vec<String> {
        text.split_inclusive('\n').map(|line| line.trim_end_matches('\n').replace('\r', "␍")).collect()
    };
    let (old, new) = (lines(expected), lines(found));
    // The longest common subsequence of lines, from the end.
    let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] =
                if old[i] == new[j] { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut diff = Vec::new();
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && common[i + 1][j] >= common[i][j + 1]) {
            diff.push(format!("  {:>3} - {}", i + 1, old[i]));
            i += 1;
        } else {
            diff.push(format!("  {:>3} + {}", j + 1, new[j]));
            j += 1;
        }
    }
    if diff.is_empty() { "  (the line break at the end)".to_owned() } else { diff.join("\n") }
}

/// Makes a folder hold exactly these files.
pub fn bless(folder: &Path, files: &Files) {
    if folder.exists() {
        fs::remove_dir_all(folder).expect("the old expected files");
    }
    for (path, bytes) in files {
        write_file(&folder.join(path), bytes);
    }
}

/// A text file beside a site; empty where there is none.
pub fn read_text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// Writes a text file beside a site, or removes it where there is nothing to write.
pub fn bless_text(path: &Path, text: &str) {
    if text.is_empty() {
        drop(fs::remove_file(path));
    } else {
        write_file(path, text.as_bytes());
    }
}

pub fn text_difference(path: &Path, expected: &str, found: &str) -> Option<String> {
    let name = name_of(path);
    (expected != found).then(|| format!("differs: {name}\n{}", line_diff(expected.as_bytes(), found.as_bytes())))
}
