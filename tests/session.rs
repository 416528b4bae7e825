//! The preview's state, by direct calls: what a look at the files and the clock makes of it.

use std::fs;

use jiff::Timestamp;
use tempfile::TempDir;
use xinfeng::diagnostic::FilePath;
use xinfeng::pipeline::{AsOf, Options};
use xinfeng::serve::Session;
use xinfeng::serve::watch::Places;

use crate::sites;

const SITE: &str = "title: 站\nbase_url: https://example.org/\ncolumns: [{key: news, name: 要闻}]\n\
                    districts: [{name: 静安区, slug: jingan}]\n";
/// Nine o'clock on the first of March in Shanghai.
const NOW: &str = "2026-03-01T01:00:00Z";

struct Desk {
    folder: TempDir,
    session: Session,
    now: Timestamp,
}

impl Desk {
    fn new(articles: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        sites::write_file(&folder.path().join("site.yaml"), SITE.as_bytes());
        for (name, text) in articles {
            sites::write_file(&folder.path().join("content/news").join(name), text.as_bytes());
        }
        let now = NOW.parse().unwrap();
        let options = Options { as_of: AsOf::Clock(now), base_url: None, drafts: false, future: false };
        let session = Session::open(folder.path(), options).unwrap();
        Self { folder, session, now }
    }

    fn write(&self, name: &str, text: &str) {
        sites::write_file(&self.folder.path().join("content/news").join(name), text.as_bytes());
    }

    /// Looks at these files of the column; tells whether there is a new state.
    fn look(&mut self, names: &[&str]) -> bool {
        let places = names.iter().map(|name| FilePath::new(format!("content/news/{name}"))).collect();
        self.session.refresh(&Places::These(places), self.now)
    }

    fn titles(&self) -> Vec<String> {
        let state = self.session.state();
        let site = &state.edition.as_ref().expect("an edition").plan.site;
        site.pages.iter().map(|page| page.item.front_matter.title.clone()).collect()
    }

    /// The titles of the pages that the last change brought.
    fn changed(&self) -> Vec<String> {
        let state = self.session.state();
        state.history.last().unwrap().pages.iter().map(|page| page.title.clone()).collect()
    }
}

fn article(title: &str, date: &str, body: &str) -> String {
    format!("---\ntitle: {title}\ndate: {date}\ndistrict: 静安区\nsource: 乙\n---\n{body}\n")
}

#[test]
fn a_look_at_what_has_not_changed_makes_no_new_state() {
    let text = article("甲", "2026-01-01", "一。");
    let mut desk = Desk::new(&[("a.md", &text)]);
    assert!(!desk.look(&["a.md"]));
    assert!(!desk.session.refresh(&Places::Everywhere, desk.now));
    assert!(!desk.look(&["nothing.md"]));
}

#[test]
fn a_change_names_the_pages_that_were_edited_and_the_block() {
    let other = article("乙", "2026-01-02", "二。");
    let mut desk = Desk::new(&[("a.md", &article("甲", "2026-01-01", "一。\n\n同。\n\n同。")), ("b.md", &other)]);
    desk.write("a.md", &article("甲", "2026-01-01", "一。\n\n同。\n\n同。\n\n同。"));
    // Saved again as it was.
    desk.write("b.md", &other);
    assert!(desk.look(&["a.md", "b.md"]));
    assert_eq!(desk.changed(), ["甲"]);
    let state = desk.session.state();
    let block = state.history.last().unwrap().pages[0].block.as_ref().unwrap();
    assert_eq!((block.html.as_str(), block.nth), ("<p>同。</p>\n", 2));
}

#[test]
fn an_item_appears_in_the_second_of_its_date_and_leaves_after_its_last_day() {
    let due = article("定时", "2026-03-01 09:00:05", "三。");
    let expiring = article("将失效", "2026-02-01\nexpires: 2026-03-01", "四。");
    let mut desk = Desk::new(&[("due.md", &due), ("expiring.md", &expiring)]);
    assert_eq!(desk.titles(), ["将失效"]);
    let next = desk.session.next_change().unwrap();
    assert_eq!(next, desk.now.as_second() + 5);
    desk.now = Timestamp::from_second(next - 1).unwrap();
    assert!(!desk.look(&[]));
    desk.now = Timestamp::from_second(next).unwrap();
    assert!(desk.look(&[]));
    assert_eq!(desk.titles(), ["定时", "将失效"]);
    // Midnight.
    let next = desk.session.next_change().unwrap();
    assert_eq!(next, NOW.parse::<Timestamp>().unwrap().as_second() + 15 * 3600);
    desk.now = Timestamp::from_second(next).unwrap();
    assert!(desk.look(&[]));
    let state = desk.session.state();
    assert_eq!(state.edition.as_ref().unwrap().plan.site.listed.len(), 1);
}

#[test]
fn a_site_with_errors_does_not_look_at_the_clock_all_the_time() {
    let mut desk = Desk::new(&[("a.md", "---\ntitle： 坏\n---\n")]);
    assert!(desk.session.next_change().unwrap() > desk.now.as_second());
    desk.write("a.md", &article("甲", "2026-01-01", "一。"));
    assert!(desk.look(&["a.md"]));
    desk.write("a.md", "---\ntitle： 坏\n---\n");
    assert!(desk.look(&["a.md"]));
    desk.now = Timestamp::from_second(desk.now.as_second() + 100_000).unwrap();
    desk.look(&[]);
    assert!(desk.session.state().stale);
    assert!(desk.session.next_change().unwrap() > desk.now.as_second());
}

#[test]
fn a_folder_that_takes_the_place_of_a_file_is_seen_and_the_other_way_round() {
    let mut desk = Desk::new(&[("a", "no item"), ("b/c.md", &article("丙", "2026-01-01", "一。"))]);
    let here = desk.folder.path().join("content/news");
    fs::remove_file(here.join("a")).unwrap();
    desk.write("a/d.md", &article("丁", "2026-01-02", "二。"));
    assert!(desk.look(&["a"]));
    assert_eq!(desk.titles(), ["丁", "丙"]);
    fs::remove_dir_all(here.join("b")).unwrap();
    desk.write("b", "no item");
    assert!(desk.look(&["b/c.md"]));
    assert_eq!(desk.titles(), ["丁"]);
}

#[test]
fn all_pages_of_a_large_change_are_counted() {
    let mut desk = Desk::new(&[]);
    let names: Vec<String> = (0..100).map(|number| format!("a{number}.md")).collect();
    for name in &names {
        desk.write(name, &article("甲", "2026-01-01", "一。"));
    }
    assert!(desk.look(&names.iter().map(String::as_str).collect::<Vec<_>>()));
    let state = desk.session.state();
    let change = state.history.last().unwrap();
    assert_eq!(change.pages.len() + change.untold, names.len());
}
