//! One small site for each feature, with its complete output: a file that is missing, not expected or
//! different fails the test.
//!
//! A new case is a new folder in `tests/sites/features/`. Its `build.txt`, if it has one, names a build
//! on each line: the folder of the expected output, a colon, and options as on the command line.
//! Warnings stand in `warnings.txt`. `XINFENG_SITE=links` runs one site, `XINFENG_BLESS=1` writes the
//! expected files anew.

use std::path::Path;

use xinfeng::diagnostic::Language;

use crate::sites;

#[test]
fn every_feature_gives_exactly_the_expected_files() {
    let only = std::env::var("XINFENG_SITE").ok();
    let mut failures = Vec::new();
    for folder in sites::folders("features") {
        let name = sites::name_of(&folder).to_owned();
        if only.as_ref().is_some_and(|only| *only != name) {
            continue;
        }
        failures.extend(check(&folder).into_iter().map(|failure| format!("== {name}: {failure}")));
    }
    assert!(failures.is_empty(), "\n{}\n", failures.join("\n"));
}

/// Notepad writes a byte order mark and CR LF. Nothing but warnings may tell the difference.
#[test]
fn files_saved_on_windows_give_the_same_site() {
    if sites::is_blessing() {
        return;
    }
    let mut failures = Vec::new();
    for folder in sites::folders("features") {
        let name = sites::name_of(&folder).to_owned();
        let site = sites::copy_of(&folder);
        save_as_on_windows(site.path());
        for (expected, options) in builds(&sites::read_text(&folder.join("build.txt"))) {
            let Some(files) = sites::build(site.path(), &sites::options(options)).files else {
                failures.push(format!("== {name}: the site has errors"));
                continue;
            };
            let expected = sites::read_folder(&folder.join(expected));
            failures
                .extend(sites::differences(&expected, &files).iter().map(|failure| format!("== {name}: {failure}")));
        }
    }
    assert!(failures.is_empty(), "\n{}\n", failures.join("\n"));
}

fn save_as_on_windows(site: &Path) {
    for (path, bytes) in sites::read_folder(site) {
        if path == "site.yaml" || path.ends_with(".md") {
            let text = String::from_utf8(bytes).expect("a text").replace('\n', "\r\n");
            sites::write_file(&site.join(path), format!("\u{feff}{text}").as_bytes());
        }
    }
}

fn check(folder: &Path) -> Vec<String> {
    let site = sites::copy_of(folder);
    let text = sites::read_text(&folder.join("build.txt"));
    builds(&text)
        .into_iter()
        .flat_map(|(expected, options)| check_build(folder, site.path(), expected, options))
        .collect()
}

/// The folder of the expected output and the options of each build.
fn builds(text: &str) -> Vec<(&str, &str)> {
    match text.trim() {
        "" => vec![("expected", "")],
        text => text.lines().map(|line| line.split_once(':').expect("`folder: options`")).collect(),
    }
}

fn check_build(folder: &Path, site: &Path, expected: &str, options: &str) -> Vec<String> {
    let built = sites::build(site, &sites::options(options));
    let drawing = built.drawing(Language::English);
    let Some(files) = built.files else { return vec![format!("the site has errors\n{drawing}")] };
    let (expected, warnings) = (folder.join(expected), folder.join("warnings.txt"));
    if sites::is_blessing() {
        sites::bless(&expected, &files);
        sites::bless_text(&warnings, &drawing);
        return Vec::new();
    }
    let mut failures = sites::differences(&sites::read_folder(&expected), &files);
    failures.extend(sites::text_difference(&warnings, &sites::read_text(&warnings), &drawing));
    failures
}
