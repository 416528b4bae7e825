//! How folders whose files are new take the places of old ones, and what stays in them.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::sites;

const SITE: &str = "title: 站\nbase_url: https://example.org/\ncolumns: [{key: news, name: 要闻}]\n\
                    districts: [{name: 静安区, slug: jingan}]\ntopics: [{name: 志愿服务, slug: volunteering}]\n";

/// A site whose articles all lie in one folder.
struct Office(TempDir);

impl Office {
    fn new(articles: usize) -> Self {
        let office = Self(TempDir::new().unwrap());
        office.write("site.yaml", SITE);
        for number in 0..articles {
            let (day, hour) = (1 + number % 28, number / 28);
            let text = format!(
                "---\ntitle: 标题{number}\ndate: 2026-01-{day:02} {hour:02}:00\ndistrict: 静安区\nsource: 甲\n---\n正文\n"
            );
            office.write(&format!("content/news/{number}.md"), &text);
        }
        office.design("初版");
        office.build();
        office
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        sites::write_file(&self.path(path), text.as_bytes());
    }

    /// Changes the articles' template.
    fn design(&self, word: &str) {
        let template = format!("<main>{{{{ item.body }}}}{word}{}</main>", "。".repeat(3000));
        self.write("themes/default/templates/article.html", &template);
    }

    fn command(&self, options: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xinfeng"));
        command.args(["build", "--quiet", "--as-of", "2026-03-01", "--site"]).arg(self.0.path()).args(options);
        command.stdin(Stdio::null());
        command
    }

    fn build(&self) {
        assert!(self.command(&[]).status().unwrap().success());
    }

    fn articles(&self) -> PathBuf {
        self.path("public/news/2026/01")
    }

    fn page(&self, number: usize) -> String {
        fs::read_to_string(self.articles().join(format!("{number}.html"))).unwrap()
    }

    fn wait_for_sweep(&self) {
        let begun = Instant::now();
        while self.state("replaced").exists() {
            assert!(begun.elapsed() < Duration::from_secs(60), "nobody deletes what was replaced");
            sleep(Duration::from_millis(20));
        }
    }

    fn state(&self, name: &str) -> PathBuf {
        self.path("public/.xinfeng").join(name)
    }
}

fn inode(path: &Path) -> u64 {
    fs::symlink_metadata(path).unwrap().ino()
}

#[test]
fn a_folder_whose_files_all_change_is_exchanged_as_a_whole() {
    let office = Office::new(20);
    let folder = office.articles();
    let (note, before) = (folder.join("备注.txt"), inode(&folder));
    fs::write(&note, "值班表").unwrap();
    let of_note = inode(&note);

    office.design("改版");
    office.build();

    assert_ne!(inode(&folder), before, "the folder is a new one");
    assert!((0..20).all(|number| office.page(number).contains("改版")));
    assert_eq!(
        (fs::read_to_string(&note).unwrap().as_str(), inode(&note)),
        ("值班表", of_note),
        "somebody's file stays"
    );
    assert!(!office.state("stage").exists() && !office.state("replaced").exists());
}

#[test]
fn a_file_that_stays_keeps_its_time() {
    let office = Office::new(20);
    office.write("static/news/2026/01/图例.txt", "图例");
    office.build();
    let file = office.articles().join("图例.txt");
    let before = fs::metadata(&file).unwrap().modified().unwrap();
    let folder = inode(&office.articles());
    office.design("改版");
    office.build();
    assert_ne!(inode(&office.articles()), folder);
    assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), before);
}

#[test]
fn a_folder_that_is_not_like_a_new_one_stays() {
    let office = Office::new(20);
    let folder = office.articles();
    let before = inode(&folder);
    office.write(
        "content/news/3.md",
        "---\ntitle: 标题3\ndate: 2026-01-04 00:00\ndistrict: 静安区\nsource: 甲\n---\n另一段\n",
    );
    office.build();
    assert!(office.page(3).contains("另一段"));
    assert_eq!(inode(&folder), before, "little has changed");

    let design = |word: &str| {
        office.design(word);
        office.build();
        assert!((0..20).all(|number| office.page(number).contains(word)));
        inode(&folder)
    };
    let usual = fs::metadata(&folder).unwrap().permissions();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o750)).unwrap();
    assert_eq!(design("二版"), before, "somebody set its permissions");
    fs::set_permissions(&folder, usual).unwrap();
    symlink("0.html", folder.join("首篇.html")).unwrap();
    assert_eq!(design("三版"), before, "it holds more than files");
    fs::remove_file(folder.join("首篇.html")).unwrap();
    assert_ne!(design("四版"), before);
}

#[test]
fn articles_that_are_gone_go_with_a_change_of_all_others() {
    let office = Office::new(20);
    fs::remove_file(office.path("content/news/7.md")).unwrap();
    office.design("改版");
    office.build();
    assert!(!office.articles().join("7.html").exists());
    assert!(office.page(8).contains("改版"));
}

#[test]
fn what_many_new_files_replaced_is_deleted_without_being_waited_for() {
    let office = Office::new(520);
    office.design("改版");
    office.build();
    assert!(office.page(519).contains("改版"));
    office.wait_for_sweep();
}

#[test]
fn what_nobody_deleted_goes_after_the_next_build_that_writes() {
    let office = Office::new(3);
    office.write("public/.xinfeng/replaced/news/1.html", "an old page");
    office.design("改版");
    office.build();
    office.wait_for_sweep();
}

/// Kills builds as soon as the first folder has changed places, until one of them was amid its work.
#[test]
fn a_build_that_is_killed_leaves_whole_pages_and_the_next_one_mends_the_rest() {
    const FOLDERS: usize = 200;
    let office = Office::new(0);
    let places = (0..FOLDERS).flat_map(|folder| (0..4).map(move |number| (folder, number)));
    let places: Vec<(usize, usize)> = places.collect();
    for (folder, number) in &places {
        let (year, month) = (2000 + folder / 12, 1 + folder % 12);
        let text = format!(
            "---\ntitle: 标题{number}\ndate: {year}-{month:02}-{:02}\ndistrict: 静安区\nsource: 甲\n---\n正文\n",
            1 + number
        );
        office.write(&format!("content/news/{folder}-{number}.md"), &text);
    }
    office.build();
    let folder = |number: usize| office.path(&format!("public/news/{}/{:02}", 2000 + number / 12, 1 + number % 12));
    let page = |(number, item): &(usize, usize)| {
        fs::read_to_string(folder(*number).join(format!("{number}-{item}.html"))).unwrap()
    };

    let was_amid = (0..20).any(|round| {
        let word = format!("第{round}版");
        office.design(&word);
        let before = inode(&folder(0));
        let mut build = office.command(&[]).spawn().unwrap();
        while inode(&folder(0)) == before && build.try_wait().unwrap().is_none() {}
        drop(build.kill());
        build.wait().unwrap();
        let pages: Vec<String> = places.iter().map(page).collect();
        assert!(pages.iter().all(|page| page.ends_with("</main>")), "round {round}: a page is cut off");
        let new = pages.iter().filter(|page| page.contains(&word)).count();

        let verified = office.command(&["--verify"]).output().unwrap();
        assert!(verified.status.success(), "round {round}: {}", String::from_utf8_lossy(&verified.stderr));
        assert!(places.iter().all(|place| page(place).contains(&word)), "round {round}");
        new > 0 && new < places.len()
    });
    assert!(was_amid, "no build was killed amid its work");
}
