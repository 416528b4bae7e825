//! An incremental build and a preview equal a clean build, in bytes, file set and diagnostics, after any sequence of
//! edits, additions, deletions, renames, theme and configuration changes, and passing time.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use proptest::prelude::*;
use tempfile::TempDir;
use walkdir::WalkDir;
use xinfeng::build::{Cache, Extent, Order, build};
use xinfeng::diagnostic::{Diagnostic, FilePath};
use xinfeng::fingerprint::Fingerprint;
use xinfeng::pipeline::{AsOf, Edition, Memory, Options, next_edition};
use xinfeng::plan::Recipe;
use xinfeng::serve::Session;
use xinfeng::serve::watch::Places;
use xinfeng::source::Sources;
use xinfeng::stamp::{self, Found, Stamp};
use xinfeng::surface::Surface;
use xinfeng::write::{self, Bytes, Outputs, Progress};

/// Something that an editor, a theme author, the clock or a stranger does between two builds.
#[derive(Debug, Clone)]
enum Edit {
    Write { item: usize, version: u8 },
    Body { item: usize, version: u8 },
    Delete { item: usize },
    Rename { item: usize, to: usize },
    MoveFolder,
    Draft { item: usize },
    Picture { version: u8 },
    DeletePicture,
    Template { nth: usize, version: u8 },
    RemoveTemplate,
    Asset { version: u8 },
    PageSize { size: u8 },
    Title { version: u8 },
    BaseUrl { version: u8 },
    DropTopic,
    Static { version: u8 },
    Pass { hours: u16 },
    Nothing,
    BreakItem { item: usize },
    TamperOutput { nth: usize },
    DeleteOutput { nth: usize },
    ForgetManifest,
    LeaveStage,
    DamageCache { byte: usize },
}

const ITEMS: usize = 9;

/// Two that draw pages, one with components, and one that shows nothing but `site`.
const TEMPLATES: [&str; 4] = ["article.html", "list.html", "components/cards.html", "partials/footer.html"];

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let item = 0..ITEMS;
    let edit = prop_oneof![
        6 => (item.clone(), any::<u8>()).prop_map(|(item, version)| Edit::Write { item, version }),
        3 => (item.clone(), any::<u8>()).prop_map(|(item, version)| Edit::Body { item, version }),
        2 => item.clone().prop_map(|item| Edit::Delete { item }),
        2 => (item.clone(), item.clone()).prop_map(|(item, to)| Edit::Rename { item, to }),
        1 => Just(Edit::MoveFolder),
        1 => item.clone().prop_map(|item| Edit::Draft { item }),
        1 => any::<u8>().prop_map(|version| Edit::Picture { version }),
        1 => Just(Edit::DeletePicture),
        2 => (0..TEMPLATES.len(), any::<u8>()).prop_map(|(nth, version)| Edit::Template { nth, version }),
        1 => Just(Edit::RemoveTemplate),
        1 => any::<u8>().prop_map(|version| Edit::Asset { version }),
        1 => (1..4u8).prop_map(|size| Edit::PageSize { size }),
        1 => any::<u8>().prop_map(|version| Edit::Title { version }),
        1 => any::<u8>().prop_map(|version| Edit::BaseUrl { version }),
        1 => Just(Edit::DropTopic),
        1 => any::<u8>().prop_map(|version| Edit::Static { version }),
        2 => prop_oneof![1..30u16, 24..960u16].prop_map(|hours| Edit::Pass { hours }),
        2 => Just(Edit::Nothing),
        1 => item.prop_map(|item| Edit::BreakItem { item }),
        1 => (0..200usize).prop_map(|nth| Edit::TamperOutput { nth }),
        1 => (0..200usize).prop_map(|nth| Edit::DeleteOutput { nth }),
        1 => Just(Edit::ForgetManifest),
        1 => Just(Edit::LeaveStage),
        1 => any::<usize>().prop_map(|byte| Edit::DamageCache { byte }),
    ];
    proptest::collection::vec(edit, 1..10)
}

/// A small site on the disk and the hour at which it is built.
struct World {
    folder: TempDir,
    hour: u32,
    page_size: u8,
    title: u8,
    base: u8,
    topics: usize,
}

impl World {
    fn new() -> Self {
        let world = Self { folder: TempDir::new().unwrap(), hour: 0, page_size: 2, title: 0, base: 0, topics: 2 };
        world.write_site();
        world.write("content/news/图.jpg", "a photograph");
        for item in 0..ITEMS - 2 {
            world.write(&path(item), &text(item, 0));
        }
        world
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join("site").join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn write_site(&self) {
        let topics = ["志愿服务, slug: volunteer", "文化服务, slug: culture"][..self.topics].iter();
        let topics: String = topics.map(|topic| format!("  - {{name: {topic}}}\n")).collect();
        let text = format!(
            "title: 站名{}\nbase_url: https://example.org/{}/\npage_size: {}\n\
             columns:\n  - {{key: news, name: 要闻}}\n  - {{key: recruitment, name: 招募}}\n  - {{key: notices, name: 公告}}\n\
             districts:\n  - {{name: 静安区, slug: jingan, children: [{{name: 江宁路街道, slug: jiangninglu}}]}}\n  - {{name: 长宁区, slug: changning}}\n\
             topics:\n{topics}",
            self.title, self.base, self.page_size
        );
        // Left alone where it says the same: what else has changed must be seen for itself.
        if fs::read_to_string(self.path("site.yaml")).ok().as_ref() != Some(&text) {
            self.write("site.yaml", &text);
        }
    }

    fn outputs(&self) -> Vec<PathBuf> {
        tree(&self.folder.path().join("kept"))
            .into_keys()
            .map(|path| self.folder.path().join("kept").join(path))
            .collect()
    }

    fn shows(&self, text: &str) -> bool {
        tree(&self.folder.path().join("kept")).values().any(|bytes| String::from_utf8_lossy(bytes).contains(text))
    }

    fn apply(&mut self, edit: &Edit) {
        match edit {
            Edit::Write { item, version } => self.write(&path(*item), &text(*item, *version)),
            Edit::Body { item, version } => {
                if let Ok(text) = fs::read_to_string(self.path(&path(*item)))
                    && let Some((front_matter, _)) = text.rsplit_once("---\n")
                {
                    self.write(&path(*item), &format!("{front_matter}---\n{}", body(*version)));
                }
            }
            Edit::Delete { item } => drop(fs::remove_file(self.path(&path(*item)))),
            Edit::Rename { item, to } => drop(fs::rename(self.path(&path(*item)), self.path(&path(*to)))),
            Edit::MoveFolder => {
                let (here, there) = (self.path("content/news/2026"), self.path("content/news/旧闻"));
                if here.exists() && !there.exists() {
                    fs::rename(here, there).unwrap();
                } else if there.exists() && !here.exists() {
                    fs::rename(there, here).unwrap();
                }
            }
            Edit::Draft { item } => {
                if let Ok(text) = fs::read_to_string(self.path(&path(*item))) {
                    self.write(&path(*item), &text.replacen("---\n", "---\ndraft: true\n", 1));
                }
            }
            Edit::Picture { version } => {
                // Often the same size within one tick of the disk's clock.
                self.write("content/news/图.jpg", &format!("photograph {version:03}"));
            }
            Edit::DeletePicture => drop(fs::remove_file(self.path("content/news/图.jpg"))),
            Edit::Template { nth, version } => {
                let file = format!("themes/default/templates/{}", TEMPLATES[*nth]);
                let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&file)).unwrap();
                self.write(&file, &text.replacen("class=\"", &format!("class=\"v{version} "), 1));
            }
            Edit::RemoveTemplate => drop(fs::remove_dir_all(self.path("themes"))),
            Edit::Asset { version } => self.write("themes/default/assets/own.css", &format!("a{{order:{version}}}")),
            Edit::PageSize { size } => self.page_size = *size,
            Edit::Title { version } => self.title = *version,
            Edit::BaseUrl { version } => self.base = *version,
            Edit::DropTopic => self.topics = 3 - self.topics,
            Edit::Static { version } => {
                drop(fs::remove_dir_all(self.path("static")));
                // A file where there was a folder, and the other way round.
                let path = if version % 2 == 0 { "static/proof" } else { "static/proof/deep.txt" };
                self.write(path, &version.to_string());
            }
            Edit::Pass { hours } => self.hour += u32::from(*hours),
            Edit::Nothing => {}
            Edit::BreakItem { item } => self.write(&path(*item), "---\ntitle： 坏\n---\n"),
            Edit::TamperOutput { nth } => {
                let outputs = self.outputs();
                if let Some(file) = outputs.get(nth % outputs.len().max(1)) {
                    let mut bytes = fs::read(file).unwrap();
                    bytes.extend_from_slice(b"spam");
                    fs::write(file, bytes).unwrap();
                }
            }
            Edit::DeleteOutput { nth } => {
                let outputs = self.outputs();
                if let Some(file) = outputs.get(nth % outputs.len().max(1)) {
                    fs::remove_file(file).unwrap();
                }
            }
            Edit::ForgetManifest => {
                // As after a crash: the files are known to be ours, but not what they show.
                let manifest = self.folder.path().join("kept/.xinfeng/manifest");
                if let Ok(text) = fs::read_to_string(&manifest) {
                    let claims = text.lines().map(|line| match line.splitn(4, ' ').nth(3) {
                        Some(path) if !line.starts_with("xinfeng ") => format!("claimed {path}\n"),
                        _ => format!("{line}\n"),
                    });
                    fs::write(manifest, claims.collect::<String>()).unwrap();
                }
            }
            Edit::DamageCache { byte } => {
                let name = ["items-0-of-1", "bodies-0-of-1", "stamp", "surface"][byte % 4];
                let cached = self.folder.path().join("kept/.xinfeng/cache").join(name);
                // A site without items has none.
                if let Ok(mut bytes) = fs::read(&cached) {
                    let at = (byte / 4) % bytes.len();
                    bytes[at] ^= 1;
                    fs::write(&cached, bytes).unwrap();
                }
            }
            Edit::LeaveStage => {
                let stage = self.folder.path().join("kept/.xinfeng/stage/0");
                drop(fs::create_dir_all(&stage));
                drop(fs::write(stage.join("7"), "half a fil"));
            }
        }
        self.write_site();
    }

    /// At first midnight in the site's time zone.
    fn now(&self) -> Timestamp {
        "2026-02-28T16:00:00Z".parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_hours(i64::from(self.hour))
    }

    fn options(&self) -> Options {
        Options { as_of: AsOf::Clock(self.now()), base_url: None, drafts: false, future: false }
    }

    fn build(&self, out: &str) -> Built {
        self.build_leaving(out, Cached::All)
    }

    fn build_leaving(&self, out: &str, leaves: Cached) -> Built {
        let options = self.options();
        let site = self.folder.path().join("site");
        let out = self.folder.path().join(out);
        let cache = match leaves {
            Cached::Nothing => Cache::None,
            Cached::Items => Cache::Items,
            Cached::All => Cache::All,
        };
        let order = Order {
            site: &site,
            out: &out,
            options: &options,
            extent: Extent::Whole,
            now: self.now(),
            cache,
            asked: None,
            timed: false,
        };
        let rest = ["stamp", "surface"].map(|name| write::cache_folder(&out).join(name));
        let before = rest.each_ref().map(|file| fs::read(file).ok());
        let built = build(&order, &Silent).unwrap_or_else(|error| panic!("{error:?}"));
        assert!(built.remarks.unsaved_cache.is_none());
        if leaves == Cached::Items {
            for (file, bytes) in rest.iter().zip(before) {
                match bytes {
                    Some(bytes) => fs::write(file, bytes).unwrap(),
                    None => drop(fs::remove_file(file)),
                }
            }
        }
        Built { diagnostics: built.diagnostics, finished: built.done.is_some() }
    }
}

/// What a build uses of the cache, and leaves there.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Cached {
    /// As with `--no-cache`.
    Nothing,
    /// As if it were ended before it left the rest.
    Items,
    All,
}

#[derive(Debug, PartialEq)]
struct Built {
    diagnostics: Vec<Diagnostic>,
    finished: bool,
}

struct Silent;

impl Progress for Silent {
    fn begin(&self, _: usize) {}
    fn step(&self) {}
}

fn path(item: usize) -> String {
    let folder =
        ["news/2026", "news/2026", "recruitment", "notices", "news/2026", "news", "recruitment", "news/2026", "news"]
            [item];
    format!("content/{folder}/item-{item}.md")
}

/// An item of the type that its folder asks for; the version changes its date, district, topics and body.
fn text(item: usize, version: u8) -> String {
    let folder = path(item);
    let day = 1 + (item * 7 + usize::from(version)) % 28;
    let month = 1 + usize::from(version) % 4;
    let district = ["静安区", "江宁路街道", "长宁区", "all"][usize::from(version / 3) % 4];
    let topics = ["志愿服务", "", "志愿服务"][usize::from(version) % 3];
    let own = if folder.contains("recruitment") {
        "organizer: 甲\npositions: [{name: 引导, count: 3}]\nservice_start: 2026-04-20\nservice_end: 2026-04-30\n\
         place: {name: 站}\napply: {phone: 021-00000000}\napply_deadline: 2026-04-10\nrisk: 无\ninsurance: {provided: true}\n\
         contacts: [{unit: 甲}]\n"
            .to_owned()
    } else if folder.contains("notices") {
        "kind: 通知\nissuer: 甲\nissued: 2026-01-01\n".to_owned()
    } else {
        format!("source: 甲\npin: {}\nexpires: 2026-0{}-01\n", version.is_multiple_of(5), 3 + version % 4)
    };
    let picture = if version % 4 == 1 && folder == "content/news/item-5.md" { "![图](图.jpg)" } else { "" };
    let link =
        if version % 7 == 2 { format!("[链接](/{})", path(0).trim_start_matches("content/")) } else { String::new() };
    let alias = if version % 6 == 3 { format!("aliases: [/old/{item}]\n") } else { String::new() };
    format!(
        "---\ntitle: 标题{item}之{version}\ndate: 2026-{month:02}-{day:02}\ndistrict: {district}\ntopics: [{topics}]\n{alias}{own}---\n正文**（{version}）**完。{picture}{link}\n"
    )
}

/// Another body, which may also change the summary, headings and links.
fn body(version: u8) -> String {
    let first = if version.is_multiple_of(3) { format!("开头{version}。") } else { "开头。".to_owned() };
    let rest = "正文一句，不在摘要里。".repeat(20);
    let heading = if version.is_multiple_of(5) { format!("\n\n## 小标题{version}") } else { String::new() };
    let link = if version.is_multiple_of(7) { "[链接](item-0.md)" } else { "" };
    let picture = ["", "", "", "![图](/news/图.jpg)", "[图](/news/图.jpg)"][usize::from(version) % 5];
    format!("{first}{rest}{link}{heading}\n\n{picture}\n\n末段（{version}）。\n")
}

/// The files below a folder, without the builder's own.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let own = folder.join(".xinfeng");
    WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file() && !entry.path().starts_with(&own))
        .map(|entry| (entry.path().strip_prefix(folder).unwrap().to_owned(), fs::read(entry.path()).unwrap()))
        .collect()
}

/// Where a file system's events point after an edit: files and whole folders.
fn places(edit: &Edit) -> Places {
    let folder = |item: usize| path(item).rsplit_once('/').unwrap().0.to_owned();
    let places: Vec<String> = match edit {
        Edit::Write { item, .. }
        | Edit::Body { item, .. }
        | Edit::Delete { item }
        | Edit::Draft { item }
        | Edit::BreakItem { item } => {
            vec![path(*item)]
        }
        // Sometimes only the folder is named.
        Edit::Rename { item, to } => vec![folder(*item), path(*to), path(*item)],
        Edit::MoveFolder => vec!["content/news/2026".into(), "content/news/旧闻".into()],
        Edit::Picture { .. } | Edit::DeletePicture => vec!["content/news/图.jpg".into()],
        Edit::Template { nth, .. } => vec![format!("themes/default/templates/{}", TEMPLATES[*nth])],
        Edit::Asset { .. } => vec!["themes/default/assets/own.css".into()],
        Edit::RemoveTemplate => vec!["themes".into()],
        Edit::Static { .. } => vec!["static/proof".into(), "static".into()],
        // `site.yaml` is looked at in any case, and so is the clock.
        Edit::PageSize { .. } | Edit::Title { .. } | Edit::BaseUrl { .. } | Edit::DropTopic | Edit::Pass { .. } => {
            vec![]
        }
        // Not the preview's concern.
        Edit::Nothing
        | Edit::TamperOutput { .. }
        | Edit::DeleteOutput { .. }
        | Edit::ForgetManifest
        | Edit::LeaveStage
        | Edit::DamageCache { .. } => vec![],
    };
    Places::These(places.into_iter().map(FilePath::new).collect())
}

/// Every file as the preview serves it, before it adds anything to a page.
fn served(edition: &Edition) -> BTreeMap<PathBuf, Vec<u8>> {
    let bytes = |path| match edition.draw(path).expect("a page that can be drawn") {
        Bytes::Made(bytes) => bytes,
        Bytes::CopyOf(file) => fs::read(file).unwrap(),
    };
    edition.paths().into_iter().map(|path| (PathBuf::from(path.as_str()), bytes(path))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 36, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn equals_a_clean_build_after_any_edits(edits in edits()) {
        let mut world = World::new();
        let mut before = BTreeMap::new();
        prop_assert!(world.build("kept").finished);
        let mut preview = Session::open(&world.folder.path().join("site"), world.options()).unwrap();
        for (number, edit) in edits.iter().enumerate() {
            world.apply(edit);
            let kept = world.folder.path().join("kept");
            if !matches!(edit, Edit::TamperOutput { .. } | Edit::DeleteOutput { .. }) {
                before = tree(&kept);
            }
            let incremental = world.build("kept");
            let clean_name = format!("clean-{number}");
            let clean = world.build(&clean_name);
            prop_assert_eq!(&incremental, &clean, "after {:?}", edit);
            let number = preview.state().number;
            let is_new = preview.refresh(&places(edit), world.now());
            let shown = preview.state();
            prop_assert_eq!(is_new, shown.number > number);
            prop_assert_eq!(&shown.diagnostics, &clean.diagnostics, "the preview after {:?}", edit);
            prop_assert_eq!(shown.stale, !clean.finished, "the preview after {:?}", edit);
            let (kept, clean_tree) = (tree(&kept), tree(&world.folder.path().join(&clean_name)));
            if clean.finished {
                let served = served(shown.edition.as_ref().expect("a good edition"));
                prop_assert!(served == clean_tree, "the preview after {:?}", edit);
            }
            if incremental.finished {
                let names = |tree: &BTreeMap<PathBuf, Vec<u8>>| tree.keys().cloned().collect::<Vec<_>>();
                prop_assert_eq!(names(&kept), names(&clean_tree), "files after {:?}", edit);
                for (path, bytes) in &kept {
                    prop_assert!(*bytes == clean_tree[path], "{} after {:?}", path.display(), edit);
                }
            } else if !matches!(edit, Edit::TamperOutput { .. } | Edit::DeleteOutput { .. }) {
                prop_assert!(kept == before, "a build that failed changed the folder after {:?}", edit);
            }
        }
    }
}

#[test]
fn the_second_build_writes_nothing() {
    let world = World::new();
    assert!(world.build("kept").finished);
    let times = |world: &World| -> Vec<_> {
        world.outputs().iter().map(|path| fs::metadata(path).unwrap().modified().unwrap()).collect()
    };
    let before = times(&world);
    assert!(world.build("kept").finished);
    assert_eq!(times(&world), before);
}

/// The next edition in a new process, told what has settled, and the hash of the manifest that the last build left.
fn next_of(world: &World) -> (Edition, Fingerprint) {
    let out = world.folder.path().join("kept");
    let mut memory = Memory::cached(write::cache_folder(&out));
    let sources = Sources::discover(&world.folder.path().join("site")).unwrap();
    let mut edition = next_edition(&sources, &world.options(), &mut memory).unwrap().edition.unwrap();
    let surface = Surface::of(&sources, &world.options(), &memory);
    assert_eq!(surface.settle(&mut edition, &sources, &memory, &write::cache_folder(&out)), None);
    let manifest = Fingerprint::of_bytes(&fs::read(out.join(".xinfeng/manifest")).unwrap());
    (edition, manifest)
}

#[test]
fn after_an_edit_of_a_body_only_its_own_page_is_looked_into() {
    let mut world = World::new();
    world.apply(&Edit::Body { item: 0, version: 1 });
    world.build("kept");
    world.apply(&Edit::Body { item: 0, version: 2 });
    let (edition, manifest) = next_of(&world);
    let pages = edition.plan.outputs.iter().filter(|(_, recipe)| matches!(recipe, Recipe::Item(_) | Recipe::List(..)));
    let open = pages.map(|(path, _)| path).filter(|path| edition.settled(path, manifest).is_none());
    assert_eq!(open.map(|path| path.as_str()).collect::<Vec<_>>(), ["news/2026/01/item-0.html"]);
}

#[test]
fn after_an_edit_of_a_template_only_its_own_pages_are_looked_into() {
    let mut world = World::new();
    world.apply(&Edit::Template { nth: 1, version: 1 });
    world.build("kept");
    world.apply(&Edit::Template { nth: 1, version: 2 });
    let (edition, manifest) = next_of(&world);
    for (path, recipe) in &edition.plan.outputs {
        match recipe {
            Recipe::List(..) => assert_eq!(edition.settled(path, manifest), None, "{path}"),
            Recipe::Item(_) => assert!(edition.settled(path, manifest).is_some(), "{path}"),
            _ => {}
        }
    }
}

#[test]
fn pages_of_a_build_without_the_cache_are_looked_at() {
    let mut world = World::new();
    world.build("kept");
    world.hour = 40 * 24;
    world.build_leaving("kept", Cached::Nothing);
    world.hour = 0;
    world.build("kept");
    world.build("clean");
    assert!(tree(&world.folder.path().join("kept")) == tree(&world.folder.path().join("clean")));
}

#[test]
fn a_folder_put_back_beside_a_newer_cache_is_looked_at() {
    let mut world = World::new();
    world.apply(&Edit::Body { item: 0, version: 1 });
    world.build("kept");
    let at = |name: &str| world.folder.path().join(name);
    assert!(Command::new("cp").arg("-a").arg(at("kept")).arg(at("backup")).status().unwrap().success());
    let text = fs::read_to_string(world.path(&path(0))).unwrap();
    world.write(&path(0), &text.replace("末段（1）", "末段（2）"));
    world.build_leaving("kept", Cached::Items);
    assert!(world.shows("末段（2）"));
    let items = ".xinfeng/cache/items-0-of-1";
    fs::copy(at("kept").join(items), at("backup").join(items)).unwrap();
    fs::remove_dir_all(at("kept")).unwrap();
    fs::rename(at("backup"), at("kept")).unwrap();
    world.build("kept");
    assert!(world.shows("末段（2）") && !world.shows("末段（1）"));
}

#[test]
fn a_stamp_holds_when_the_files_have_become_older() {
    let world = World::new();
    assert!(world.build("kept").finished);
    let out = world.folder.path().join("kept");
    let site = world.folder.path().join("site");
    let holds = || {
        let (sources, options) = (Sources::discover(&site).unwrap(), world.options());
        match Stamp::read(&write::cache_folder(&out), stamp::origin(&sources, &options)) {
            Found::Stamp(stamp) => {
                (stamp.holds(&sources, &options.as_of, &out).unwrap_or(false), stamp.settled(&sources).is_some())
            }
            _ => (false, false),
        }
    };
    assert_eq!(holds(), (true, false));
    std::thread::sleep(std::time::Duration::from_millis(2_100));
    assert_eq!(holds(), (true, true));
    world.write(&path(0), &text(0, 7));
    assert!(!holds().0);
}
