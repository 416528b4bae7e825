//! What a check must not say: three hundred sentences of public notices, and the sample site.
//!
//! `cargo test --release --test all language:: -- --ignored --nocapture` measures the family on an article of 5 kB.

use std::path::Path;
use std::time::Instant;

use xinfeng::check::language::punctuation::corrections;
use xinfeng::check::language::words::Lexicon;
use xinfeng::check::rule::Family;
use xinfeng::check::subject::{Context, ItemFile};
use xinfeng::check::{Options, Report, check, language};
use xinfeng::diagnostic::{FilePath, Language};
use xinfeng::parse::check::Spacing;
use xinfeng::parse::passages;
use xinfeng::pipeline::{Memory, edition};

use crate::sites;

fn checked(site: &Path, options: &str) -> Report {
    let mut memory = Memory::default();
    let (outcome, sources) = edition(site, &sites::options(options), &mut memory).unwrap();
    let edition = outcome.edition.as_ref().unwrap_or_else(|| panic!("{:?}", outcome.diagnostics));
    let options = Options::default();
    check(&Context::new(edition, &sources, &options), &memory, &outcome.diagnostics).unwrap()
}

fn said(report: &Report) -> Vec<String> {
    // The theme of these sites is bare, and what it lacks is no matter of the text.
    let of_text = [Family::Language, Family::Injection, Family::Privacy, Family::Style, Family::Dates];
    let of_family = report.findings.iter().filter(|finding| of_text.contains(&finding.family));
    let told = |finding: &xinfeng::check::rule::Finding| {
        let diagnostic = &finding.diagnostic;
        format!("{}: {} {:?}", diagnostic.code, diagnostic.message.get(Language::Chinese), diagnostic.place)
    };
    of_family.map(told).collect()
}

#[test]
fn clean_sentences_raise_nothing() {
    let folder = sites::home().join("clean");
    let text = sites::read_text(&folder.join("content/news/a.md"));
    assert!(text.split("\n\n").count() >= 300);
    let site = sites::copy_of(&folder);
    assert_eq!(said(&checked(site.path(), "")), Vec::<String>::new());
}

#[test]
#[ignore = "a measurement"]
fn the_time_of_one_article() {
    const ROUNDS: u32 = 2000;
    let folder = sites::home().join("clean");
    let clean = sites::read_text(&folder.join("content/news/a.md"));
    let mut end = 5000;
    while !clean.is_char_boundary(end) {
        end += 1;
    }
    let source = &clean[..end];
    let site = sites::copy_of(&folder);
    let mut memory = Memory::default();
    let (outcome, sources) = edition(site.path(), &sites::options(""), &mut memory).unwrap();
    let options = Options::default();
    let context = Context::new(outcome.edition.as_ref().unwrap(), &sources, &options);
    let item = memory.items().next().unwrap();
    let text = passages::read(&FilePath::new("content/news/a.md"), source);
    let file = ItemFile { item, source, text: &text, page: None };
    let measure = |name: &str, work: &mut dyn FnMut() -> usize| {
        let found = work();
        let started = Instant::now();
        for _ in 0..ROUNDS {
            assert_eq!(work(), found);
        }
        let micros = started.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS);
        #[expect(clippy::print_stdout, reason = "the measurement's result")]
        {
            println!("{name}: {micros:.1} µs, {found} found");
        }
    };
    let prose = || text.passages.iter();
    measure("passages", &mut || passages::read(&FilePath::new("content/news/a.md"), source).passages.len());
    measure("corrections", &mut || prose().map(|passage| corrections(passage, Spacing::Keep).len()).sum());
    measure("words", &mut || prose().map(|passage| Lexicon::built_in().look(&passage.text).len()).sum());
    measure("whole family", &mut || language::item(&file, &context).len());
}
