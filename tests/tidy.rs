//! The house rules that no lint knows. See ARCHITECTURE.md.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use walkdir::WalkDir;

/// The stages in their order. A stage may name those before it, and the ones that serve all.
const STAGES: [&str; 29] = [
    "diagnostic",
    "fingerprint",
    "timings",
    "script",
    "encoding",
    "qr",
    "spam",
    "source",
    "parse",
    "site",
    "plan",
    "render",
    "write",
    "ledger",
    "cache",
    "bodies",
    "pipeline",
    "stamp",
    "surface",
    "shard",
    "check",
    "build",
    "publish",
    "schema",
    "fmt",
    "serve",
    "import",
    "scaffold",
    "lsp",
];
/// Stages that leave out some of what stands before them.
const NEVER_NAMES: [(&str, &[&str]); 4] = [
    // A template engine sees views; what the site is stays with the plan.
    ("render", &["site"]),
    // Writing knows paths and bytes, never what a page is.
    ("write", &["site", "parse", "render"]),
    ("source", &["parse", "site", "plan"]),
    ("fingerprint", &["diagnostic"]),
];

fn sources() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for entry in WalkDir::new("src").sort_by_file_name().into_iter().filter_map(Result::ok) {
        if entry.path().extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(entry.path()).unwrap();
            files.insert(entry.path().strip_prefix("src").unwrap().to_string_lossy().into_owned(), text);
        }
    }
    assert!(files.len() > 20, "the sources were not found");
    files
}

/// The code without its unit tests.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or_default()
}

#[test]
fn a_stage_names_only_earlier_stages() {
    for (file, text) in sources() {
        let own = file.split(['/', '.']).next().unwrap_or_default();
        let Some(position) = STAGES.iter().position(|stage| *stage == own) else { continue };
        let forbidden: &[&str] = NEVER_NAMES.iter().find(|(stage, _)| *stage == own).map_or(&[], |(_, names)| names);
        for (number, line) in without_tests(&text).lines().enumerate() {
            let Some((_, after)) = line.split_once("crate::") else { continue };
            let named = after.split(|c: char| !c.is_ascii_lowercase() && c != '_').next().unwrap_or_default();
            let known = STAGES.iter().position(|stage| *stage == named);
            let allowed = named == own || known.is_some_and(|known| known < position && !forbidden.contains(&named));
            assert!(allowed, "src/{file}:{}: {own} must not know {named}", number + 1);
        }
    }
}

#[test]
fn lib_lists_the_stages_in_order() {
    let lib = &sources()["lib.rs"];
    let listed: Vec<&str> = lib
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .filter(|name| *name != "cli")
        .collect();
    assert_eq!(listed, STAGES);
}

#[test]
fn every_file_tells_its_job() {
    for (file, text) in sources() {
        assert!(text.starts_with("//! "), "src/{file} does not begin with what it does");
        assert!(
            !file.contains("util") && !file.contains("common") && !file.contains("helper"),
            "src/{file}: name the thing"
        );
    }
}

#[test]
fn lines_are_short_and_finished() {
    for (file, text) in sources() {
        for (number, line) in text.lines().enumerate() {
            let unfinished = ["TODO", "FIXME", "XXX"].iter().any(|mark| line.contains(mark));
            assert!(!unfinished, "src/{file}:{}: {line}", number + 1);
        }
    }
}

#[test]
fn every_dependency_says_why() {
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    let mut before = "";
    let mut in_dependencies = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            in_dependencies = line.contains("dependencies");
        } else if in_dependencies && line.starts_with(|c: char| c.is_alphabetic()) {
            assert!(before.starts_with("# "), "Cargo.toml: {line}");
        }
        before = line;
    }
}

#[test]
fn the_documents_name_files_that_exist() {
    for document in ["README.md", "README.zh.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = fs::read_to_string(document).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap_or_default();
            if !path.is_empty() && !path.contains("://") && !path.starts_with("mailto:") {
                assert!(Path::new(path).exists(), "{document} links to {path}");
            }
        }
    }
}

#[test]
fn the_theme_reference_names_every_field_of_every_view() {
    let view = &sources()["plan/view.rs"];
    let reference = fs::read_to_string("docs/themes.md").unwrap();
    let declared = view.split("views! {").nth(1).and_then(|rest| rest.split("\n}\n").next()).expect("the view structs");
    let section_of = |name: &str| {
        let section = reference.split(&format!("\n### {name}\n")).nth(1);
        section
            .unwrap_or_else(|| panic!("docs/themes.md has no section {name}"))
            .split("\n#")
            .next()
            .unwrap_or_default()
    };
    let mut section = "";
    for line in declared.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("pub struct ") {
            section = section_of(name.split(' ').next().unwrap_or_default());
        }
        for field in line.split("pub ").skip(1).filter_map(|field| field.split_once(':')) {
            let name = field.0.rsplit(' ').next().unwrap_or_default();
            assert!(section.contains(&format!("| `{name}` |")), "docs/themes.md does not know {line}");
        }
    }
}

#[test]
fn the_handbook_explains_every_message() {
    let catalogue = &sources()["diagnostic/catalogue.rs"];
    let handbook = fs::read_to_string("docs/handbook.zh.md").unwrap();
    for made in ["Diagnostic::error(", "Diagnostic::warning("] {
        for code in catalogue.split(made).skip(1).filter_map(|rest| rest.split('"').nth(1)) {
            // Either in the table or in a drawing.
            let explained = [format!("`{code}`"), format!("[{code}]")].iter().any(|shown| handbook.contains(shown));
            assert!(explained, "docs/handbook.zh.md does not explain {code}");
        }
    }
}
