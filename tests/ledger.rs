//! The ledger over several builds, through the program: what it keeps, and what `check` makes of it.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

struct Office(TempDir);

impl Office {
    fn new() -> Self {
        let office = Self(tempfile::tempdir().unwrap());
        let site = "title: 新风\nbase_url: https://example.org/\ncolumns: [{key: news, name: 要闻}]\n";
        fs::create_dir_all(office.path("content/news/old")).unwrap();
        fs::write(office.path("site.yaml"), site).unwrap();
        office
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    fn write(&self, name: &str, date: &str, more: &str) {
        let text = format!("---\ntitle: 甲\ndate: {date}\ndistrict: all\nsource: 乙\n{more}---\n正文。\n");
        fs::write(self.path("content/news").join(name), text).unwrap();
    }

    fn run(&self, arguments: &str) -> Output {
        let arguments = arguments.split(' ');
        Command::new(env!("CARGO_BIN_EXE_xinfeng")).arg("--site").arg(self.0.path()).args(arguments).output().unwrap()
    }

    fn build(&self, day: &str) -> String {
        let output = self.run(&format!("build --lang en --as-of {day}"));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn ledger(&self) -> String {
        fs::read_to_string(self.path("public/.xinfeng/ledger")).unwrap()
    }

    /// The rules that speak about dates.
    fn says(&self, day: &str) -> Vec<String> {
        let output = self.run(&format!("check --json --lang en --as-of {day}"));
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let of_dates =
            report["findings"].as_array().unwrap().iter().filter(|found| found["family"] == "truthful dates");
        of_dates.map(|found| found["code"].as_str().unwrap().to_owned()).collect()
    }
}

#[test]
fn a_date_that_is_moved_stays_visible_after_the_next_build() {
    let office = Office::new();
    office.write("a.md", "2016-01-10", "");
    office.build("2016-01-10");
    let first = "xinfeng ledger 1 since 2016-01-10\n2016-01-10 2016-01-10 content/news/a.md\nend\n";
    assert_eq!(office.ledger(), first);
    office.write("a.md", "2016-01-20", "");
    assert_eq!(office.says("2016-01-21"), ["date-moved-forward"]);
    office.build("2016-01-21");
    assert_eq!(office.ledger(), first);
    assert_eq!(office.says("2016-01-22"), ["date-moved-forward"]);
    office.write("a.md", "2016-01-10", "");
    assert!(office.says("2016-01-22").is_empty());
}

#[test]
fn a_slip_may_be_mended_on_the_same_day() {
    let office = Office::new();
    office.write("a.md", "2015-01-10", "");
    office.build("2016-01-10");
    office.write("a.md", "2016-01-10", "");
    assert!(office.says("2016-01-10").is_empty());
    office.build("2016-01-10");
    assert!(office.says("2016-02-10").is_empty());
}

#[test]
fn drafts_and_future_items_are_noted_when_they_are_published() {
    let office = Office::new();
    office.write("a.md", "2016-01-10", "draft: true\n");
    office.write("b.md", "2016-01-12", "");
    office.run("build --drafts --future --as-of 2016-01-11");
    assert_eq!(office.ledger(), "xinfeng ledger 1 since 2016-01-11\nend\n");
    office.write("a.md", "2016-01-10", "");
    office.build("2016-01-13");
    let lines = "2016-01-13 2016-01-10 content/news/a.md\n2016-01-13 2016-01-12 content/news/b.md\n";
    assert_eq!(office.ledger(), format!("xinfeng ledger 1 since 2016-01-11\n{lines}end\n"));
}

#[test]
fn a_look_at_a_day_to_come_publishes_nothing() {
    let office = Office::new();
    office.write("a.md", "2016-01-10", "");
    office.write("b.md", "2999-01-12", "");
    office.build("2016-01-11");
    let before = office.ledger();
    office.build("2999-01-13");
    assert!(office.path("public/news/2999/01/b.html").exists(), "it is shown");
    assert_eq!(office.ledger(), before);
    office.write("b.md", "2016-01-12", "");
    office.build("2016-01-13");
    assert!(office.ledger().contains("2016-01-13 2016-01-12 content/news/b.md"));
}

/// On its day, the same command has something to note.
#[test]
fn a_look_at_a_day_to_come_is_never_taken_for_done() {
    let office = Office::new();
    office.write("a.md", "2999-01-12", "");
    office.build("2999-01-13");
    assert!(!office.path("public/.xinfeng/cache/stamp").exists());
    office.build("2016-01-11");
    assert!(office.path("public/.xinfeng/cache/stamp").exists());
}

#[test]
fn a_file_that_moves_keeps_its_entry_and_one_that_goes_leaves() {
    let office = Office::new();
    office.write("a.md", "2016-01-10", "");
    office.write("b.md", "2016-01-10", "");
    office.build("2016-01-10");
    fs::rename(office.path("content/news/a.md"), office.path("content/news/old/a.md")).unwrap();
    fs::remove_file(office.path("content/news/b.md")).unwrap();
    office.build("2016-03-20");
    let line = "2016-01-10 2016-01-10 content/news/old/a.md";
    assert_eq!(office.ledger(), format!("xinfeng ledger 1 since 2016-01-10\n{line}\nend\n"));
}

#[test]
fn an_old_text_that_comes_late_is_asked_about_but_an_archive_is_not() {
    let office = Office::new();
    office.write("a.md", "2016-01-10", "");
    office.build("2016-01-10");
    office.write("b.md", "2015-01-10", "");
    office.build("2016-02-10");
    assert_eq!(office.says("2016-02-10"), ["backdated"]);
    for number in 0..20 {
        office.write(&format!("archive-{number}.md"), "2010-01-10", "");
    }
    office.build("2016-02-11");
    assert_eq!(office.says("2016-02-11"), ["backdated"]);
}

#[test]
fn a_build_with_nothing_new_leaves_the_file_alone_and_a_damaged_one_begins_anew() {
    let office = Office::new();
    office.write("a.md", "2016-01-10", "");
    office.build("2016-01-10");
    let modified = |office: &Office| fs::metadata(office.path("public/.xinfeng/ledger")).unwrap().modified().unwrap();
    let before = modified(&office);
    office.build("2016-01-11");
    assert_eq!(modified(&office), before);
    fs::write(office.path("public/.xinfeng/ledger"), "xinfeng led").unwrap();
    assert!(office.says("2016-01-12").is_empty());
    assert!(office.build("2016-01-12").contains("the ledger (.xinfeng/ledger) was damaged"));
    assert!(office.ledger().starts_with("xinfeng ledger 1 since 2016-01-12\n"));
}
