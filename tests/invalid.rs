//! One invalid site for each message of the catalogue, with the drawing of everything that is said about
//! it, in Chinese and in English.
//!
//! A new case is a new folder in `tests/sites/invalid/`, named by its code. `XINFENG_SITE=bad-date` runs
//! one site, `XINFENG_BLESS=1` writes the drawings anew: read them as an editor would.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use xinfeng::check::all_rules;
use xinfeng::diagnostic::{Diagnostic, Language, has_errors};

use crate::sites;

/// Sites that are not named by a code.
const OTHERS: [&str; 5] = [
    "many-mistakes",
    "misspelt-theme",
    "template-error-in-a-tag",
    "template-error-in-extends",
    "template-error-while-drawing",
];

#[test]
fn every_mistake_is_explained() {
    let only = std::env::var("XINFENG_SITE").ok();
    let mut failures = Vec::new();
    for folder in sites::folders("invalid") {
        let code = sites::name_of(&folder).to_owned();
        if only.as_ref().is_some_and(|only| *only != code) {
            continue;
        }
        failures.extend(check(&folder, &code).into_iter().map(|failure| format!("== {code}: {failure}")));
    }
    assert!(failures.is_empty(), "\n{}\n", failures.join("\n"));
}

#[test]
fn every_code_has_a_site_and_every_site_a_code() {
    let codes = codes_of_the_catalogue();
    let folders = sites::folders("invalid");
    let folders: BTreeSet<&str> =
        folders.iter().map(|folder| sites::name_of(folder)).filter(|name| !OTHERS.contains(name)).collect();
    let without_site: Vec<_> = codes.keys().filter(|code| !folders.contains(code.as_str())).collect();
    let without_code: Vec<_> = folders.iter().filter(|name| !codes.contains_key(**name)).collect();
    assert!(without_site.is_empty(), "codes without a site in tests/sites/invalid: {without_site:?}");
    assert!(without_code.is_empty(), "sites without a code in the catalogue: {without_code:?}");
}

#[test]
fn every_code_is_among_the_rules_that_a_check_lists() {
    let rules: BTreeSet<&str> = all_rules().map(|rule| rule.code).collect();
    let codes = codes_of_the_catalogue();
    let unlisted: Vec<_> = codes.keys().filter(|code| !rules.contains(code.as_str())).collect();
    assert!(unlisted.is_empty(), "codes that src/check/build.rs does not name: {unlisted:?}");
    assert_eq!(rules.len(), all_rules().count(), "a code stands for one rule");
}

#[test]
fn ten_mistakes_in_several_files_are_told_in_one_run() {
    let site = sites::copy_of(&sites::home().join("invalid/many-mistakes"));
    let built = sites::build(site.path(), &sites::options(""));
    let codes: BTreeSet<&str> = built.diagnostics.iter().map(|diagnostic| &*diagnostic.code).collect();
    let files: BTreeSet<&str> = built.diagnostics.iter().map(|diagnostic| diagnostic.place.file.as_str()).collect();
    assert!(codes.len() >= 10, "{codes:?}");
    assert!(files.len() >= 4, "{files:?}");
}

fn check(folder: &Path, code: &str) -> Vec<String> {
    let site = sites::copy_of(folder);
    spoil(site.path(), code);
    let built = sites::build(site.path(), &sites::options(""));
    let mut failures = Vec::new();
    for (language, name) in [(Language::Chinese, "expected.zh.txt"), (Language::English, "expected.en.txt")] {
        let (path, drawing) = (folder.join(name), built.drawing(language));
        if sites::is_blessing() {
            sites::bless_text(&path, &drawing);
        }
        failures.extend(sites::text_difference(&path, &sites::read_text(&path), &drawing));
    }
    let found: Vec<&str> = built.diagnostics.iter().map(|diagnostic| &*diagnostic.code).collect();
    if !OTHERS.contains(&code) && (found.is_empty() || found.iter().any(|found| *found != code)) {
        failures.push(format!("says {found:?}"));
    }
    let is_listed = |it: &&Diagnostic| all_rules().any(|rule| (rule.code, rule.severity) == (&*it.code, it.severity));
    failures.extend(
        built.diagnostics.iter().filter(|it| !is_listed(it)).map(|it| format!("a check lists {} otherwise", it.code)),
    );
    let errors = has_errors(&built.diagnostics);
    // A template's mistake may show only while a page is drawn; then nothing is written.
    let late = code.starts_with("template-error") || code == "missing-asset";
    if errors && built.files.is_some() || !errors && built.files.is_none() || built.has_edition && errors && !late {
        failures.push("an error must give no site, and a warning must give one".to_owned());
    }
    failures
}

/// Mistakes that cannot lie in a repository as they are.
fn spoil(site: &Path, code: &str) {
    match code {
        "invalid-utf8" => {
            // `标题` in GBK, as older editors save it.
            let text = b"---\ntitle: \xB1\xEA\xCC\xE2\n---\n";
            sites::write_file(&site.join("content/news/a.md"), text);
        }
        "no-site-yaml" => remove(&site.join("site.yaml")),
        #[cfg(unix)]
        "special-file" => {
            let made = std::process::Command::new("mkfifo").arg(site.join("content/news/图.svg")).status();
            assert!(made.is_ok_and(|status| status.success()), "a pipe");
        }
        #[cfg(unix)]
        "symbolic-link" => link("/etc/hostname", &site.join("content/news/picture.svg")),
        // Beside `a.svg`; on some disks it would be that file.
        #[cfg(unix)]
        "differs-in-case" => {
            sites::write_file(&site.join("content/news/A.svg"), b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
        }
        #[cfg(unix)]
        "odd-file-name" => sites::write_file(&site.join("content/news/a\u{7}b.md"), b""),
        _ => {}
    }
}

#[expect(clippy::disallowed_methods, reason = "a site without its configuration")]
fn remove(path: &Path) {
    std::fs::remove_file(path).expect("the file was just copied");
}

#[cfg(unix)]
fn link(target: &str, path: &Path) {
    std::os::unix::fs::symlink(target, path).expect("a new link");
}

/// The codes in the catalogue's source, each with the name of its constructor.
fn codes_of_the_catalogue() -> BTreeMap<String, String> {
    let source = sites::read_text(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/diagnostic/catalogue.rs"));
    let mut codes = BTreeMap::new();
    for function in source.split("\npub fn ").skip(1) {
        let name = function.split('(').next().unwrap_or_default();
        for maker in ["Diagnostic::error(", "Diagnostic::warning("] {
            for made in function.split(maker).skip(1) {
                let code = made.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
                codes.insert(code.expect("a code comes first").to_owned(), name.to_owned());
            }
        }
    }
    assert!(codes.len() > 40, "the catalogue's source was not understood");
    codes
}
