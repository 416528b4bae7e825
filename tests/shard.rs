//! A build divided into shards and joined equals a whole build; what is not all shards of one build is refused.

use std::fs::{self, File, FileTimes};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use tempfile::TempDir;

use crate::sites::{self, Files, read_folder, write_file};

const SITE: &str = "title: 站\nbase_url: https://example.org/\ncolumns: [{key: news, name: 要闻}]\n\
                    districts: [{name: 静安区, slug: jingan}]\n";
const DAY: &str = "2026-11-23";

/// A site, and folders beside it.
struct Office {
    folder: TempDir,
    site: PathBuf,
}

struct Said {
    status: i32,
    out: String,
    err: String,
}

impl Office {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let office = Self { site: folder.path().join("site"), folder };
        office.write("site.yaml", SITE);
        office.write("content/news/图.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
        for number in 0..6 {
            office.write(&format!("content/news/{number}.md"), &article(number, "正文"));
        }
        office
    }

    /// The sample site of this repository.
    fn sample() -> Self {
        Self { folder: TempDir::new().unwrap(), site: env!("CARGO_MANIFEST_DIR").into() }
    }

    fn write(&self, path: &str, text: &str) {
        write_file(&self.site.join(path), text.as_bytes());
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xinfeng"));
        command.current_dir(self.folder.path()).arg("build").arg("--site").arg(&self.site).args(arguments);
        let output = command.env("LC_ALL", "zh_CN.UTF-8").output().unwrap();
        Said {
            status: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs a build that succeeds; its summary.
    fn build(&self, arguments: &[&str]) -> Value {
        let said = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(said.status, 0, "{arguments:?}: {}{}", said.out, said.err);
        serde_json::from_str::<Value>(&said.out).unwrap()["summary"].clone()
    }

    fn whole(&self, out: &str) -> Value {
        self.build(&["--out", out, "--as-of", DAY])
    }

    fn shard(&self, shard: &str, out: &str) -> Value {
        self.build(&["--out", out, "--as-of", DAY, "--shard", shard])
    }

    /// Builds all shards, each into its own folder; the folders.
    fn shards(&self, of: usize) -> Vec<String> {
        let build = |number| {
            let out = format!("shard {number} of {of}");
            self.shard(&format!("{number}/{of}"), &out);
            out
        };
        (1..=of).map(build).collect()
    }

    /// What stands in an output folder.
    fn published(&self, out: &str) -> Files {
        let mut files = read_folder(&self.path(out));
        files.retain(|path, _| !path.starts_with(".xinfeng/"));
        files
    }

    /// Joins folders that cannot be joined: what is said in Chinese and in English.
    fn refused(&self, arguments: &[&str], in_chinese: &str, in_english: &str) {
        for (language, expected) in [("zh", in_chinese), ("en", in_english)] {
            let said = self.run(&[arguments, &["--lang", language]].concat());
            assert_ne!(said.status, 0, "{arguments:?}");
            assert!(said.err.contains(expected), "{arguments:?}: {}", said.err);
        }
    }
}

fn article(number: usize, body: &str) -> String {
    format!(
        "---\ntitle: 标题{number}\ndate: 2026-0{}-01\ndistrict: 静安区\nsource: 甲\n---\n{body}。\n\n![图](图.svg)\n",
        number + 1
    )
}

fn assert_same(expected: &Files, found: &Files) {
    let differences = sites::differences(expected, found);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Puts one folder into another, as those do who collect the parts in one place.
fn merge(from: &Path, into: &Path) {
    for (path, bytes) in read_folder(from) {
        write_file(&into.join(path), &bytes);
    }
}

#[test]
fn shards_of_the_sample_joined_equal_a_whole_build() {
    let office = Office::sample();
    let summary = office.whole("whole");
    let whole = office.published("whole");
    for of in [1, 3, 8] {
        let shards = office.shards(of);
        let sizes: Vec<usize> = shards.iter().map(|shard| office.published(shard).len()).collect();
        assert_eq!(sizes.iter().sum::<usize>(), whole.len(), "each output once");
        let fair = whole.len() / of;
        assert!(sizes.iter().all(|size| size.abs_diff(fair) <= fair / 3), "shares of {}: {sizes:?}", whole.len());

        let out = format!("joined {of}");
        let mut arguments = vec!["--out", &out, "--join"];
        arguments.extend(shards.iter().map(String::as_str));
        let joined = office.build(&arguments);
        assert_eq!((&joined["files"], &joined["pages"]), (&summary["files"], &summary["pages"]));
        assert_eq!(joined["rendered"], 0, "every output was taken from a shard");
        assert_same(&whole, &office.published(&out));
        // What the builder knows is that of a whole build too: the next one has nothing to do.
        let again = office.whole(&out);
        assert_eq!((&again["written"], &again["removed"], &again["rendered"]), (&0.into(), &0.into(), &0.into()));
        let ledger = |out: &str| fs::read_to_string(office.path(out).join(".xinfeng/ledger")).unwrap();
        assert_eq!(ledger(&out), ledger("whole"));
        assert!(sites::read_folder(&office.path(&out)).keys().all(|path| !path.starts_with(".xinfeng/shard-")));
    }
}

#[test]
fn shards_join_into_a_folder_with_an_older_site() {
    let office = Office::new();
    office.whole("public");
    fs::remove_file(office.site.join("content/news/0.md")).unwrap();
    office.write("content/news/1.md", &article(1, "改过"));
    let shards = office.shards(2);
    let joined = office.build(&["--out", "public", "--join", &shards[0], &shards[1]]);
    assert!(joined["removed"].as_u64() > Some(0) && joined["unchanged"].as_u64() > Some(0), "{joined}");
    office.whole("clean");
    assert_same(&office.published("clean"), &office.published("public"));
}

#[test]
fn shards_of_a_merged_folder_and_of_machines_with_other_file_times_join() {
    let office = Office::new();
    office.whole("whole");
    for (number, shard) in office.shards(3).iter().enumerate() {
        merge(&office.path(shard), &office.path("merged"));
        // The next machine checks the files out at another time.
        for path in read_folder(&office.site).keys() {
            let time = SystemTime::now() - Duration::from_secs(1000 * (number as u64 + 1));
            let file = File::options().append(true).open(office.site.join(path)).unwrap();
            file.set_times(FileTimes::new().set_modified(time)).unwrap();
        }
    }
    office.build(&["--out", "public", "--join", "merged", "--verify"]);
    assert_same(&office.published("whole"), &office.published("public"));
}

#[test]
fn a_shard_is_built_again_into_its_folder() {
    let office = Office::new();
    office.shard("1/2", "one");
    let again = office.shard("1/2", "one");
    assert_eq!((&again["written"], &again["removed"]), (&0.into(), &0.into()));
    office.write("content/news/1.md", &article(1, "改过"));
    office.shard("1/2", "one");
    office.shard("2/2", "two");
    office.build(&["--out", "public", "--join", "one", "two"]);
    office.whole("clean");
    assert_same(&office.published("clean"), &office.published("public"));
}

#[test]
fn what_is_not_all_shards_of_one_build_is_refused() {
    let office = Office::new();
    let shards = office.shards(3);
    let [one, two, three] = [&shards[0], &shards[1], &shards[2]].map(String::as_str);
    let refused = |folders: &[&str], zh, en| office.refused(&[&["--join"], folders].concat(), zh, en);

    refused(&[one, three], "还缺这几片：2/3", "these shards are missing: 2/3");
    refused(&[two, one, two], "第 2/3 片有两份", "there are two shards 2/3");
    office.shard("2/4", "of four");
    refused(&[one, two, three, "of four"], "1/3 和 2/4 不是同一次分的片", "1/3 and 2/4 are not shards of one build");
    office.whole("whole");
    refused(&[one, two, "whole"], "“whole”里没有一片网站", "there is no shard in \"whole\"");
    refused(&["nowhere"], "没有一片网站", "there is no shard");

    office.build(&["--out", "later", "--as-of", "2026-11-24", "--shard", "3/3"]);
    refused(
        &[one, two, "later"],
        "（--as-of）不同：第 1/3 片是 2026-11-23，第 3/3 片是 2026-11-24",
        "in --as-of (shard",
    );
    office.build(&["--out", "drafts", "--as-of", DAY, "--drafts", "--shard", "3/3"]);
    refused(&[one, two, "drafts"], "（--drafts）不同", "they differ in --drafts");
    let elsewhere = ["--base-url", "https://example.com/"];
    office.build(&[&["--out", "elsewhere", "--as-of", DAY, "--shard", "3/3"], &elsewhere[..]].concat());
    refused(&[one, two, "elsewhere"], "网址不同", "they differ in the base URL");

    let list = office.path(two).join(".xinfeng/shard-2-of-3");
    let text = fs::read_to_string(&list).unwrap();
    fs::write(&list, text.replacen("engine xinfeng ", "engine xinfeng 9", 1)).unwrap();
    refused(&[one, two, three], "新风的版本不同", "they differ in the version of Xinfeng");
    fs::write(&list, &text[..text.len() - 4]).unwrap();
    refused(&[one, two, three], "没有生成完，或者已损坏", "was not finished, or is damaged");
    // An output that no list names.
    let shorter: String =
        text.lines().filter(|line| !line.ends_with(".html")).map(|line| format!("{line}\n")).collect();
    fs::write(&list, shorter).unwrap();
    refused(&[one, two, three], "清单与网站对不上", "do not make up the site");
    fs::write(&list, &text).unwrap();

    let file = office.published(two).keys().next().unwrap().clone();
    let place = office.path(two).join(&file);
    let bytes = fs::read(&place).unwrap();
    fs::write(&place, "spam").unwrap();
    refused(&[one, two, three], "不是那一片生成时的内容", "is not as its shard was built");
    fs::remove_file(&place).unwrap();
    refused(&[one, two, three], "不是那一片生成时的内容", "is not as its shard was built");
    fs::write(&place, bytes).unwrap();

    // Of one of the three machines, an editor changed a picture; of the same size, and on no page.
    office.write("content/news/图.svg", "<svg xmlns=\"http://www.w3.org/2000/svG\"/>");
    refused(&[one, two, three], "网站的源文件不同：这里是", "they differ in the site's files (here: ");
    office.shard("3/3", "changed");
    refused(&[one, two, "changed"], "网站的源文件不同：第 1/3 片是", "they differ in the site's files (shard 1/3: ");
    let left = read_folder(&office.site.join("public"));
    assert!(left.keys().all(|path| path.starts_with(".xinfeng/")), "nothing was written: {:?}", left.keys());
}

#[test]
fn a_folder_holds_a_site_or_a_shard() {
    let office = Office::new();
    office.whole("whole");
    let shards = office.shards(2);
    let refused = |arguments: &[&str], zh, en| office.refused(&[arguments, &["--as-of", DAY]].concat(), zh, en);
    let before = office.published("whole");
    refused(&["--out", "whole", "--shard", "1/2"], "“whole”里是整个网站", "\"whole\" holds a whole site");
    assert_same(&before, &office.published("whole"));
    let before = office.published(&shards[0]);
    refused(&["--out", &shards[0], "--shard", "2/2"], "里是网站的一片或几片", "holds shards of a site");
    refused(&["--out", &shards[0]], "里是网站的一片或几片", "holds shards of a site");
    assert_same(&before, &office.published(&shards[0]));
    // Parts that lie in one folder are no site yet.
    merge(&office.path(&shards[0]), &office.path("merged"));
    merge(&office.path(&shards[1]), &office.path("merged"));
    refused(&["--out", "merged"], "里是网站的一片或几片", "holds shards of a site");
    office.refused(&["--out", "merged", "--join", "merged"], "另一个文件夹", "into another folder");
    // A shard that failed leaves the folder free.
    office.write("content/news/9.md", "---\ntitle： 坏\n---\n");
    assert_eq!(office.run(&["--out", "new", "--as-of", DAY, "--shard", "1/2"]).status, 1);
    office.write("themes/default/templates/article.html", "{{ item.titel }}\n");
    fs::remove_file(office.site.join("content/news/9.md")).unwrap();
    assert_eq!(office.run(&["--out", "new", "--as-of", DAY, "--shard", "1/1"]).status, 1);
    fs::remove_dir_all(office.site.join("themes")).unwrap();
    office.whole("new");
    assert_same(&office.published("whole"), &office.published("new"));
}

#[test]
fn a_shard_that_cannot_be_is_explained() {
    let office = Office::new();
    for wrong in ["0/8", "9/8", "x", "2", "/8", "2/", "1/0", "-1/8", "1/10001", "1/2/3"] {
        let shard = format!("--shard={wrong}");
        office.refused(
            &[&shard, "--as-of", DAY],
            &format!("不能写成“{wrong}”，应写成 2/8 的样子，意思是八片中的第二片"),
            "2/8 is the second of eight parts",
        );
        assert_eq!(office.run(&[&shard, "--as-of", DAY]).status, 2);
    }
    office.refused(&["--shard", "1/2"], "要写明 --as-of", "--shard needs --as-of");
    assert_eq!(office.run(&["--shard", "1/2"]).status, 2);
    office.refused(&["--shard", "1/2", "--as-of", DAY, "--join", "a"], "不能与", "cannot be used with");
    office.refused(&["--join", "a", "--as-of", DAY], "不能与", "cannot be used with");
    let said = office.run(&["--shard", "2/8", "--as-of", DAY, "--out", "a"]);
    assert!(said.out.starts_with("第 2/8 片生成完毕："), "{}", said.out);
}
