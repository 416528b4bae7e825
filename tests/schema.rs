//! The schemas, held against a validator that knows nothing of us, and the table of words against the decoders.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use walkdir::WalkDir;
use xinfeng::diagnostic::Language;
use xinfeng::parse::asked::Subject;
use xinfeng::parse::item::ItemType;
use xinfeng::parse::registry::{self, Registry};
use xinfeng::schema::json::schema;
use xinfeng::schema::{known, words};

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xinfeng"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null()).env("LANG", "zh_CN.UTF-8").env_remove("LC_ALL");
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn registry(site: &Path) -> Registry {
    registry::parse(&fs::read_to_string(site.join("site.yaml")).unwrap(), None).unwrap()
}

/// What a validator says against a text of YAML.
fn faults(schema: &Value, yaml: &str) -> Vec<String> {
    let instance: Value = serde_yaml::from_str(yaml).unwrap();
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    compiler.set_default_draft(boon::Draft::V7);
    compiler.add_resource("xinfeng.json", schema.clone()).unwrap();
    let index = compiler.compile("xinfeng.json", &mut schemas).unwrap();
    schemas.validate(&instance, index).err().map(|error| format!("{error:#}")).into_iter().collect()
}

/// The type of an item by its folder.
fn subject(registry: &Registry, site: &Path, file: &Path) -> Subject {
    let folder = file.strip_prefix(site.join("content")).unwrap().iter().next().unwrap().to_str().unwrap();
    let column = registry.columns.iter().find(|column| column.key == folder);
    Subject::Item(column.map_or(ItemType::Page, |column| column.item_type))
}

fn items(site: &Path) -> Vec<PathBuf> {
    let files = WalkDir::new(site.join("content")).into_iter().map(|entry| entry.unwrap().into_path());
    files.filter(|path| path.extension().is_some_and(|ending| ending == "md")).collect()
}

fn check_site(site: &Path, at_least: usize) {
    let registry = registry(site);
    let settings = fs::read_to_string(site.join("site.yaml")).unwrap();
    assert_eq!(faults(&schema(Subject::Site, Some(&registry), Language::Chinese), &settings), [""; 0]);
    let items = items(site);
    assert!(items.len() >= at_least, "{} items", items.len());
    for file in items {
        let text = fs::read_to_string(&file).unwrap();
        let schema = schema(subject(&registry, site, &file), Some(&registry), Language::Chinese);
        assert_eq!(faults(&schema, text.split("---\n").nth(1).unwrap()), [""; 0], "{}", file.display());
    }
}

#[test]
fn the_sample_site_fits_its_schemas() {
    check_site(Path::new("."), 60);
}

#[test]
fn a_new_site_fits_its_schemas() {
    let folder = TempDir::new().unwrap();
    assert_eq!(run(folder.path(), &["init", "."]).0, 0);
    check_site(folder.path(), 4);
}

/// Whether the schema of a type takes front matter, which the sample site's registry goes with.
fn check(item_type: ItemType, yaml: &str, expected: bool) {
    let registry = registry(Path::new("."));
    let schema = schema(Subject::Item(item_type), Some(&registry), Language::English);
    let faults = faults(&schema, yaml);
    assert_eq!(faults.is_empty(), expected, "{yaml}{faults:?}");
}

#[test]
fn mistakes_do_not_fit() {
    let article = "title: 甲\ndate: 2026-01-01\ndistrict: 静安区\nsource: 乙\n";
    let with = |more: &str| format!("{article}{more}");
    for (yaml, expected) in [
        (article.to_owned(), true),
        (with("topics: [志愿服务, weilao-fuwu]\npin: 是\nkicker:\n"), true),
        ("标题: 甲\n发布时间: 2026年1月1日\n区域: [jingan, 310106, 静安区/彭浦镇]\n来源: 乙\n".to_owned(), true),
        (article.replace("静安区", "all"), true),
        (with("kiker: 丙\n"), false),
        (article.replace("静安区", "静安"), false),
        (with("topics: [志愿]\n"), false),
        (article.replace("source: 乙\n", ""), false),
        (article.replace("2026-01-01", "元旦"), false),
        (with("pin: 也许\n"), false),
        (with("cover: 甲.jpg\ncover_alt: 乙\n"), true),
        (with("cover: {src: 甲.jpg, alt: 乙, width: 3}\n"), false),
        (with("figures: [{name: 甲, value: 1, parts: [{name: 乙, value: x}]}]\n"), false),
        (with("slug: A\n"), false),
        (with("organizer: 丙\n"), false),
    ] {
        check(ItemType::Article, &yaml, expected);
    }
}

#[test]
fn what_one_value_requires_is_in_the_schema() {
    let notice = "title: 甲\ndate: 2026-01-01\ndistrict: all\nkind: 通知\nissuer: 乙\nissued: 2026-01-01\n";
    check(ItemType::Notice, notice, true);
    let public = notice.replace("通知", "公示");
    check(ItemType::Notice, &public, false);
    check(
        ItemType::Notice,
        &format!("{public}publicity: {{start: 2026-01-01, end: 2026-01-05}}\n意见反馈: {{phone: 12345}}\n"),
        true,
    );
    let recruitment = "title: 甲\ndate: 2026-01-01\ndistrict: all\norganizer: 乙\npositions: {name: 丙, count: 1}\n\
                       service_start: 2026-02-01\nservice_end: 2026-02-02\napply: {phone: 12345}\n\
                       apply_deadline: 2026-01-20\nrisk: 无\ninsurance: {provided: false}\ncontacts: {phone: 12345}\n";
    for (more, expected) in
        [("", false), ("online: true\n", true), ("place: 线上\n", true), ("地点: {name: 丁}\n", true)]
    {
        check(ItemType::Recruitment, &format!("{recruitment}{more}"), expected);
    }
}

#[test]
fn the_settings_take_their_own_keys_at_any_depth() {
    let registry = registry(Path::new("."));
    let schema = schema(Subject::Site, Some(&registry), Language::Chinese);
    let site = |districts: &str| format!("title: 站\nbase_url: https://example.org/\ndistricts: {districts}\n");
    let nested = site("[{name: 甲, slug: a, children: [{name: 乙, 网址名: b, 下级: [{name: 丙, slug: c}]}]}]");
    assert_eq!(faults(&schema, &nested), [""; 0]);
    assert!(!faults(&schema, &nested.replace("slug: c", "slag: c")).is_empty());
    assert!(!faults(&schema, &site("[{name: 甲}]")).is_empty());
}

#[test]
fn something_is_said_of_every_key_and_of_nothing_else() {
    for subject in Subject::ALL {
        let asked: BTreeSet<String> = known(subject).keys.iter().map(|key| key.path.join(".")).collect();
        let told: BTreeSet<String> = words::paths(subject).map(str::to_owned).collect();
        assert_eq!(asked, told, "{}", subject.name());
        assert_eq!(words::paths(subject).count(), told.len(), "{}: a path stands twice", subject.name());
    }
}

#[test]
fn the_command_prints_one_schema_or_writes_all() {
    let folder = TempDir::new().unwrap();
    run(folder.path(), &["init", "."]);
    let (status, out, _) = run(folder.path(), &["schema", "招募"]);
    let printed: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((status, &printed["title"]), (0, &json!("新风：招募的信息区")));
    assert_eq!(run(folder.path(), &["schema", "--out", "schemas"]).0, 0);
    for name in ["site", "article", "recruitment", "notice", "page"] {
        let text = fs::read_to_string(folder.path().join(format!("schemas/{name}.schema.json"))).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["type"], "object");
    }
    assert_eq!(run(folder.path(), &["schema", "新闻"]).0, 1);
    let (status, _, err) = run(folder.path(), &["schema"]);
    assert!(status == 2 && err.starts_with("错误：请写明要哪一个"), "{err}");
}

#[test]
fn a_new_site_is_set_up_for_vs_code() {
    let folder = TempDir::new().unwrap();
    run(folder.path(), &["init", "."]);
    let read =
        |path: &str| -> Value { serde_json::from_str(&fs::read_to_string(folder.path().join(path)).unwrap()).unwrap() };
    assert_eq!(read(".vscode/settings.json"), json!({ "yaml.schemas": { "./.vscode/site.schema.json": "site.yaml" } }));
    let recommended = ["redhat.vscode-yaml", "eliostruyf.vscode-front-matter"];
    assert_eq!(read(".vscode/extensions.json"), json!({ "recommendations": recommended }));
    assert_eq!(read(".vscode/site.schema.json")["title"], "新风：网站设置 site.yaml");
    let forms = read("frontmatter.json");
    let folders = forms["frontMatter.content.pageFolders"].as_array().unwrap();
    let expected =
        json!({ "title": "志愿招募", "path": "[[workspace]]/content/recruitment", "contentTypes": ["recruitment"] });
    assert_eq!((folders.len(), &folders[1]), (4, &expected));
    let article = &forms["frontMatter.taxonomy.contentTypes"][0]["fields"];
    let field = |name: &str| article.as_array().unwrap().iter().find(|field| field["name"] == name).unwrap().clone();
    assert_eq!(field("district")["choices"], json!(["all", "示例区", "新风街道", "和风镇"]));
    assert_eq!((&field("district")["title"], &field("district")["required"]), (&json!("区域"), &json!(true)));
    assert_eq!(field("contacts")["fieldGroup"], json!(["article.contacts"]));
    let groups = forms["frontMatter.taxonomy.fieldGroups"].as_array().unwrap();
    assert!(groups.iter().any(|group| group["id"] == "article.contacts"));
    let kinds = &forms["frontMatter.taxonomy.contentTypes"][2]["fields"];
    let kind = kinds.as_array().unwrap().iter().find(|field| field["name"] == "kind").unwrap();
    assert_eq!(kind["choices"], json!(["通知", "公告", "公示", "通报", "通告", "倡议书"]));
}

#[test]
fn the_set_up_follows_the_site_and_leaves_an_editors_own_settings_alone() {
    let folder = TempDir::new().unwrap();
    run(folder.path(), &["init", "."]);
    let path = |name: &str| folder.path().join(name);
    let own = "{\n  // 字大一些\n  \"editor.fontSize\": 18,\n  \"yaml.schemas\": { \"a.json\": \"a.yaml\" },\n}\n";
    fs::write(path(".vscode/settings.json"), own).unwrap();
    fs::write(path("frontmatter.json"), "{ \"frontMatter.website.host\": \"https://a.example\" }").unwrap();
    let site = fs::read_to_string(path("site.yaml")).unwrap();
    fs::write(path("site.yaml"), site.replace("和风镇", "清风镇")).unwrap();
    assert_eq!(run(folder.path(), &["schema", "--vscode"]).0, 0);
    let settings = fs::read_to_string(path(".vscode/settings.json")).unwrap();
    for kept in [
        "// 字大一些",
        "\"editor.fontSize\": 18",
        "\"a.json\": \"a.yaml\"",
        "\"./.vscode/site.schema.json\": \"site.yaml\"",
    ] {
        assert!(settings.contains(kept), "{settings}");
    }
    let forms = fs::read_to_string(path("frontmatter.json")).unwrap();
    assert!(forms.contains("清风镇") && !forms.contains("和风镇") && forms.contains("https://a.example"));
    // Once more changes nothing.
    assert_eq!(run(folder.path(), &["schema", "--vscode"]).0, 0);
    assert_eq!(fs::read_to_string(path(".vscode/settings.json")).unwrap(), settings);
    assert_eq!(fs::read_to_string(path("frontmatter.json")).unwrap(), forms);
    fs::write(path(".vscode/settings.json"), "{ 字").unwrap();
    let (status, _, err) = run(folder.path(), &["schema", "--vscode"]);
    assert!(status == 1 && err.contains(".vscode/settings.json") && err.contains("什么也没有改"), "{err}");
}
