//! What a new process takes over from an earlier one, and what it never does.

use std::collections::BTreeMap;
use std::fs::{self, File, FileTimes};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;
use xinfeng::build::{Cache, Extent, Order, build};
use xinfeng::cache::Unusable;
use xinfeng::pipeline::{AsOf, Memory, Options, edition};
use xinfeng::timings::Timings;
use xinfeng::write::{self, Progress, Proof, Summary};

use crate::sites;

const SITE: &str = "title: 站\nbase_url: https://example.org/\ncolumns: [{key: news, name: 要闻}]\n\
                    districts: [{name: 静安区, slug: jingan}]\ntopics: [{name: 志愿服务, slug: volunteering}]\n";

/// A site and its output folder; every build is that of a new process.
struct Office(TempDir);

struct Built {
    parsed: usize,
    unusable_cache: Option<Unusable>,
    summary: Summary,
    warnings: Vec<String>,
}

impl Office {
    /// Its files were last changed long before the first build, as most are.
    fn new(articles: usize) -> Self {
        let office = Self(TempDir::new().unwrap());
        office.write("site.yaml", SITE);
        for number in 0..articles {
            office.write(&article(number), &text(number, "正文"));
        }
        office
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        sites::write_file(&self.path(path), text.as_bytes());
    }

    fn build(&self) -> Built {
        self.build_while(|| {})
    }

    /// `meanwhile` happens between reading and drawing.
    fn build_while(&self, meanwhile: impl Fn() + Sync) -> Built {
        let options = Options { as_of: AsOf::Typed("2026-03-01".into()), base_url: None, drafts: false, future: false };
        let order = Order {
            site: self.0.path(),
            out: &self.path("public"),
            options: &options,
            extent: Extent::Whole,
            now: "2026-03-01T00:00:00Z".parse().unwrap(),
            cache: Cache::All,
            asked: None,
            timed: true,
        };
        let built = build(&order, &Meanwhile(meanwhile)).unwrap_or_else(|error| panic!("{error:?}"));
        Built {
            parsed: built.memory.parsed(),
            unusable_cache: built.remarks.unusable_cache,
            summary: built.done.expect("a site without errors").summary,
            warnings: built.diagnostics.iter().map(|found| found.message.zh.clone()).collect(),
        }
    }

    fn change_template(&self, text: &str) {
        self.write("themes/default/templates/article.html", &format!("<main>{{{{ item.body }}}}{text}</main>"));
    }

    fn cache_files(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(self.path("public/.xinfeng/cache")).unwrap().map(Result::unwrap);
        let named = entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()));
        named.filter(|(name, _)| name != "lock").collect()
    }

    fn page(&self, number: usize) -> String {
        fs::read_to_string(self.path(&format!("public/news/2026/01/{number}.html"))).unwrap()
    }
}

/// Done once the site has been read.
struct Meanwhile<F>(F);

impl<F: Fn() + Sync> Progress for Meanwhile<F> {
    fn begin(&self, _: usize) {
        (self.0)();
    }

    fn step(&self) {}
}

struct Silent;

impl Progress for Silent {
    fn begin(&self, _: usize) {}
    fn step(&self) {}
}

fn article(number: usize) -> String {
    format!("content/news/{number}.md")
}

fn text(number: usize, body: &str) -> String {
    let (day, minute) = (1 + number % 28, number / 28);
    format!(
        "---\ntitle: 标题{number}\ndate: 2026-01-{day:02} 09:{minute:02}\ndistrict: 静安区\nsource: 甲\n---\n{body}\n"
    )
}

#[test]
fn only_edited_files_are_parsed_again() {
    let office = Office::new(20);
    assert_eq!(office.build().parsed, 20);
    let again = office.build();
    assert_eq!((again.parsed, again.summary.written), (0, 0));
    office.write(&article(3), &text(3, "另一段正文"));
    let edited = office.build();
    assert_eq!((edited.parsed, edited.unusable_cache), (1, None));
    assert!(office.page(3).contains("另一段正文"));
}

#[test]
fn messages_are_repeated_although_their_files_are_not_parsed() {
    let office = Office::new(2);
    office.write("content/news/图.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    office.write(&article(1), &text(1, "![](图.svg)"));
    let first = office.build();
    assert_eq!(first.warnings.len(), 1);
    let second = office.build();
    assert_eq!((second.parsed, second.warnings), (0, first.warnings));
}

#[test]
fn a_changed_template_draws_bodies_that_were_not_kept() {
    let office = Office::new(3);
    office.build();
    office.change_template("");
    office.build();
    assert_eq!(office.page(1), "<main><p>正文</p>\n</main>");
}

#[test]
fn bodies_are_kept_from_the_first_change_of_a_template_on() {
    let office = Office::new(3);
    let has_bodies = || office.cache_files().keys().any(|name| name.starts_with("bodies-"));
    office.build();
    assert!(!has_bodies());
    office.change_template("甲");
    office.build();
    assert!(has_bodies());
    office.change_template("乙");
    office.build_while(|| fs::remove_file(office.path(&article(1))).unwrap());
    assert_eq!(office.page(1), "<main><p>正文</p>\n乙</main>");
}

#[test]
fn damaged_bodies_are_thrown_away_with_a_notice() {
    let office = Office::new(3);
    office.build();
    office.change_template("甲");
    office.build();
    let bodies = office.path("public/.xinfeng/cache/bodies-0-of-1");
    let mut bytes = fs::read(&bodies).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&bodies, bytes).unwrap();
    office.change_template("乙");
    assert_eq!(office.build().unusable_cache, Some(Unusable::Damaged));
    assert_eq!(office.page(1), "<main><p>正文</p>\n乙</main>");
    office.change_template("丙");
    assert_eq!(office.build().unusable_cache, None);
}

#[test]
fn an_edited_body_is_never_that_of_the_cache() {
    let office = Office::new(3);
    office.build();
    office.change_template("甲");
    office.build();
    office.write(&article(1), &text(1, "另一段正文"));
    office.build();
    office.change_template("乙");
    office.build();
    assert_eq!(office.page(1), "<main><p>另一段正文</p>\n乙</main>");
}

#[test]
fn a_changed_word_of_site_yaml_is_seen_in_every_item() {
    let office = Office::new(3);
    office.build();
    office.write("site.yaml", &SITE.replace("name: 静安区", "name: 静安区, code: '310106'"));
    let built = office.build();
    assert_eq!((built.parsed, built.unusable_cache), (3, None));
    // The title is no word that items use.
    office.write(
        "site.yaml",
        &SITE.replace("title: 站", "title: 新站").replace("name: 静安区", "name: 静安区, code: '310106'"),
    );
    assert_eq!(office.build().parsed, 0);
}

#[test]
fn an_edit_that_keeps_size_and_time_is_seen() {
    let office = Office::new(1);
    let file = office.path(&article(0));
    let long_ago = FileTimes::new().set_modified(SystemTime::now() - Duration::from_secs(86_400));
    File::options().write(true).open(&file).unwrap().set_times(long_ago).unwrap();
    office.build();
    fs::write(&file, text(0, "正事")).unwrap();
    File::options().write(true).open(&file).unwrap().set_times(long_ago).unwrap();
    assert_eq!(office.build().parsed, 1);
    assert!(office.page(0).contains("正事"));
}

#[test]
fn a_damaged_cache_is_thrown_away_with_a_notice() {
    let office = Office::new(5);
    office.build();
    let (name, sound) = office.cache_files().pop_first().unwrap();
    let path = office.path("public/.xinfeng/cache").join(name);
    let cut = sound[..sound.len() - 7].to_vec();
    let empty = Vec::new();
    let mut flipped = sound.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let foreign = [b"xinfeng 0.0.1 0123456789abcdef\n", &sound[..]].concat();
    let foreign = (foreign, Unusable::OtherEngine);
    for (bytes, why) in [cut, empty, flipped].map(|damaged| (damaged, Unusable::Damaged)).into_iter().chain([foreign]) {
        fs::write(&path, bytes).unwrap();
        let built = office.build();
        assert_eq!((built.parsed, built.unusable_cache), (5, Some(why)));
        assert_eq!(built.summary.written, 0);
        let mended = office.build();
        assert_eq!((mended.parsed, mended.unusable_cache), (0, None));
    }
}

#[test]
fn an_edit_rewrites_a_small_part_of_a_large_cache() {
    let office = Office::new(1200);
    office.build();
    // The files are old enough now that their times alone tell that they have not changed.
    std::thread::sleep(Duration::from_millis(2100));
    office.build();
    let before = office.cache_files();
    let items = || before.iter().filter(|(name, _)| name.starts_with("items-"));
    assert_eq!(items().count(), 4);
    office.write(&article(700), &text(700, "另一段正文"));
    office.build();
    let after = office.cache_files();
    assert_eq!(items().filter(|(name, bytes)| after[*name] != **bytes).count(), 1);
}

#[test]
fn a_cache_forgets_what_is_gone() {
    let office = Office::new(600);
    office.build();
    let before: usize = office.cache_files().values().map(Vec::len).sum();
    for number in 5..600 {
        fs::remove_file(office.path(&article(number))).unwrap();
    }
    office.build();
    let after = office.cache_files();
    assert_eq!(after.keys().filter(|name| name.starts_with("items-")).count(), 1);
    assert!(after.values().map(Vec::len).sum::<usize>() * 50 < before);
    assert_eq!(office.build().parsed, 0);
}

#[test]
fn two_builds_at_once_leave_a_sound_cache() {
    let office = Office::new(300);
    office.build();
    for round in 0..5 {
        for number in 0..300 {
            office.write(&article(number), &text(number, &format!("第{round}稿")));
        }
        std::thread::scope(|scope| {
            for out in ["public", "other"] {
                let site = office.0.path();
                scope.spawn(move || {
                    // Both keep their items in one place.
                    let mut memory = Memory::cached(write::cache_folder(&site.join("public")));
                    let as_of = AsOf::Typed("2026-03-01".into());
                    let options = Options { as_of, base_url: None, drafts: false, future: false };
                    let edition = edition(site, &options, &mut memory).unwrap().0.edition.unwrap();
                    let (out, timings) = (site.join(out), &mut Timings::default());
                    write::write(&edition, site, &out, Proof::SizeAndTime, &Silent, timings, None)
                        .map_err(|error| error.text().en)
                        .unwrap();
                    memory.save().unwrap();
                });
            }
        });
        let built = office.build();
        assert_eq!((built.parsed, built.unusable_cache, built.summary.written), (0, None, 0));
    }
}
