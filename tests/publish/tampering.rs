//! What attackers, hosts and slips do to a published site: each is found, and nothing is found where nothing was done.

use std::fs;
use std::path::Path;

use super::counterparts::{Nginx, files};
use super::office::{AS_OF, Host, Office, account, folder};

fn published() -> (Host, Office) {
    let (host, office) = folder();
    office.published(&[]);
    (host, office)
}

fn replace(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{}: no {from}", file.display());
    fs::write(file, text.replacen(from, to, 1)).unwrap();
}

fn append(file: &Path, text: &str) {
    fs::write(file, fs::read_to_string(file).unwrap() + text).unwrap();
}

fn write(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

const ARTICLE: &str = "news/2026/11/article-3.html";
const PICTURE: &str = "news/picture.svg";

type Tampering = (&'static str, &'static str, fn(&Path));

/// A name, what `verify` says, and what is done to the served copy.
const ON_THE_WEB: [Tampering; 24] = [
    ("spam after the page's end", "changed index.html", |www| append(&www.join("index.html"), "\n彩票平台 澳门百家乐")),
    ("a hidden block of links", "changed index.html", |www| {
        replace(
            &www.join("index.html"),
            "</body>",
            "<div style=\"display:none\"><a href=\"http://a.example/\">赌场</a></div></body>",
        );
    }),
    ("a zero-width character", "changed index.html", |www| replace(&www.join("index.html"), "文明", "文\u{200b}明")),
    ("another title", "changed index.html", |www| replace(&www.join("index.html"), "<title>", "<title>皇冠体育 - ")),
    ("a script", "changed index.html", |www| {
        replace(&www.join("index.html"), "</head>", "<script src=\"//x.example/a.js\"></script></head>");
    }),
    ("a frame", "changed index.html", |www| {
        replace(&www.join("index.html"), "</body>", "<iframe src=\"//x.example/\" width=0 height=0></iframe></body>");
    }),
    ("a page that leads away by itself", "changed index.html", |www| {
        replace(&www.join("index.html"), "<head>", "<head><meta http-equiv=refresh content=\"0;url=//x.example/\">");
    }),
    ("a link to another host", "changed index.html", |www| {
        replace(&www.join("index.html"), "href=\"/", "href=\"//x.example/")
    }),
    ("one digit", "changed news/2026/11/article-3.html", |www| replace(&www.join(ARTICLE), "09:30", "09:31")),
    ("one word of the same length", "changed news/2026/11/article-3.html", |www| {
        replace(&www.join(ARTICLE), "三十名", "五十名");
    }),
    ("a space at the end", "changed news/2026/11/article-3.html", |www| append(&www.join(ARTICLE), " ")),
    ("half a page", "changed news/2026/11/article-3.html", |www| {
        let text = fs::read(www.join(ARTICLE)).unwrap();
        fs::write(www.join(ARTICLE), &text[..text.len() / 2]).unwrap();
    }),
    ("an empty page", "changed news/2026/11/article-3.html", |www| fs::write(www.join(ARTICLE), "").unwrap()),
    ("a genuine page at another's place", "changed news/2026/11/article-3.html", |www| {
        fs::copy(www.join("news/2026/11/article-4.html"), www.join(ARTICLE)).unwrap();
    }),
    ("a page that is gone", "missing news/2026/11/article-3.html", |www| fs::remove_file(www.join(ARTICLE)).unwrap()),
    ("a page under another name", "missing news/2026/11/article-3.html", |www| {
        fs::rename(www.join(ARTICLE), www.join("news/2026/11/Article-3.html")).unwrap();
    }),
    ("another picture", "changed news/picture.svg", |www| append(&www.join(PICTURE), "<!-- -->")),
    ("a picture that is gone", "missing news/picture.svg", |www| fs::remove_file(www.join(PICTURE)).unwrap()),
    ("robots sent away", "changed robots.txt", |www| write(&www.join("robots.txt"), "User-agent: *\nDisallow: /\n")),
    ("one more address for search engines", "changed sitemap.xml", |www| {
        replace(&www.join("sitemap.xml"), "</urlset>", "<url><loc>https://www.example.org/bet/</loc></url></urlset>");
    }),
    ("another item in the feed", "changed feed.xml", |www| {
        replace(&www.join("feed.xml"), "</feed>", "<entry/></feed>")
    }),
    ("another page for what is not there", "changed 404.html", |www| append(&www.join("404.html"), "百家乐")),
    ("somebody else's key", "changed xinfeng-key.txt", |www| write(&www.join("xinfeng-key.txt"), "a+00000000+AAAA\n")),
    ("a page with another encoding", "changed index.html", |www| {
        replace(&www.join("index.html"), "charset=\"utf-8\"", "charset=\"gbk\"");
    }),
];

/// What only shows itself where the files can be listed.
const AT_THE_TARGET: [Tampering; 8] = [
    ("a page more", "added bet/index.html", |www| write(&www.join("bet/index.html"), "<p>澳门百家乐 在线投注</p>")),
    ("a program", "added upload.php", |www| write(&www.join("upload.php"), "<?php eval($_POST[0]);")),
    ("a hidden folder", "added .cache/x.html", |www| write(&www.join(".cache/x.html"), "<p>x</p>")),
    ("a file among ours that looks like a server's setting", "added news/.htaccess", |www| {
        write(&www.join("news/.htaccess"), "x")
    }),
    ("a program where files on their way lie", "added .xinfeng/stage/shell.php", |www| {
        write(&www.join(".xinfeng/stage/shell.php"), "<?php eval($_POST[0]);");
    }),
    ("a lock that never ends", "added .xinfeng/lock", |www| {
        write(&www.join(".xinfeng/lock"), "xinfeng lock 1\nowner a\nid b\nexpires 2099-01-01T00:00:00Z\n");
    }),
    ("a link in place of the lock", "link .xinfeng/lock", |www| {
        std::os::unix::fs::symlink("/etc/hostname", www.join(".xinfeng/lock")).unwrap();
    }),
    ("a pipe, which has no end", "special news/pipe", |www| {
        assert!(std::process::Command::new("mkfifo").arg(www.join("news/pipe")).status().unwrap().success());
    }),
];

/// What a server does by itself: directives, and what `verify` says.
const BY_THE_SERVER: [(&str, &str, &str); 9] = [
    (
        "another page for search engines",
        "changed index.html",
        "location = / { if ($http_user_agent ~ Baiduspider) { return 200 '百家乐'; } }",
    ),
    (
        "another page for those who come from a search",
        "redirected index.html",
        "location = / { if ($http_referer ~ baidu) { return 302 http://x.example/; } }",
    ),
    (
        "another page for telephones",
        "changed index.html",
        "location = / { if ($http_user_agent ~ Mobile) { return 200 '百家乐'; } }",
    ),
    (
        "another site map for search engines",
        "changed sitemap.xml",
        "location = /sitemap.xml { if ($http_user_agent ~ Baiduspider) { return 200 '<urlset/>'; } }",
    ),
    (
        "search engines sent to another feed",
        "redirected feed.xml",
        "location = /feed.xml { if ($http_user_agent ~ Baiduspider) { return 302 http://x.example/; } }",
    ),
    (
        "all readers sent away",
        "redirected news/2026/11/article-3.html",
        "location = /news/2026/11/article-3.html { return 302 http://x.example/; }",
    ),
    (
        "readers sent away a moment later",
        "redirected news/2026/11/article-3.html",
        "location = /news/2026/11/article-3.html { add_header Refresh '0; url=http://x.example/'; }",
    ),
    (
        "a page that is refused",
        "refused news/2026/11/article-3.html",
        "location = /news/2026/11/article-3.html { return 403; }",
    ),
    (
        "an advertisement in every page",
        "changed index.html",
        "sub_filter '</body>' '<script src=//ads.example/></script></body>'; sub_filter_once on;",
    ),
];

fn assert_told(name: &str, (code, told): (i32, Vec<String>), expected: &str) {
    assert!(told.iter().any(|line| line == expected), "{name}: {told:?}");
    assert_eq!(code, 1, "{name}");
}

#[test]
fn a_clean_copy_raises_nothing() {
    let (host, office) = published();
    let plain = Nginx::start(&host.files(), "");
    let packing = Nginx::start(&host.files(), "gzip on; gzip_types *; gzip_min_length 1;");
    let folder = host.files();
    for place in ["main", &plain.url(), &packing.url(), folder.to_str().unwrap()] {
        assert_eq!(office.verify(&[place]), (0, vec![]), "{place}");
    }
}

#[test]
fn the_folder_that_is_built_into_is_compared_without_the_builders_notes() {
    let (_host, mut office) = folder();
    office.add_to_target("compress: true");
    assert_eq!(office.run(&["build", "--as-of", AS_OF]).code, 0);
    let public = office.site().join("public");
    let place = public.to_str().unwrap();
    let said = office.run(&["verify", place]);
    assert!(said.code == 1 && said.err.contains("nothing was published from here yet"), "{}", said.err);
    office.published(&[]);
    assert_eq!(office.verify(&[place]), (0, vec![]));
    append(&public.join(ARTICLE), " ");
    let said = office.run(&["verify", place]);
    assert!(said.code == 1 && said.out.contains(&format!("{ARTICLE}: changed")), "{}", said.out);
    assert!(said.out.contains("What was built since") && !said.out.contains("--repair"), "{}", said.out);
}

#[test]
fn what_was_altered_in_the_folder_that_is_built_into_is_not_published() {
    let (host, office) = published();
    for built in [ARTICLE, PICTURE] {
        let file = office.site().join("public").join(built);
        let (bytes, time) = (fs::read(&file).unwrap(), fs::metadata(&file).unwrap().modified().unwrap());
        // Neither its size nor its time tells.
        fs::write(&file, vec![0; bytes.len()]).unwrap();
        fs::File::options().write(true).open(&file).unwrap().set_modified(time).unwrap();
        office.published(&[]);
        assert!(fs::read(host.files().join(built)).unwrap() == bytes, "{built} was published");
        assert!(fs::read(&file).unwrap() == bytes, "{built} stays altered");
    }
}

#[test]
fn every_tampering_is_found_on_the_web_and_at_the_target() {
    let (host, office) = published();
    let www = host.files();
    let nginx = Nginx::start(&www, "");
    for (name, expected, tamper) in ON_THE_WEB {
        tamper(&www);
        assert_told(name, office.verify(&[&nginx.url()]), expected);
        assert_told(name, office.verify(&["main"]), expected);
        office.published(&["--repair"]);
        office.assert_is_at(&www);
    }
    assert_eq!(office.verify(&[&nginx.url()]), (0, vec![]));
}

#[test]
fn what_was_added_is_found_at_the_target() {
    let (host, office) = published();
    let www = host.files();
    for (name, expected, tamper) in AT_THE_TARGET {
        tamper(&www);
        assert_told(name, office.verify(&[]), expected);
        office.published(&["--repair"]);
        assert_eq!(office.verify(&[]), (0, vec![]), "{name}");
    }
}

#[test]
fn a_server_that_shows_others_something_else_is_found_out() {
    let (host, office) = published();
    for (name, expected, directives) in BY_THE_SERVER {
        let nginx = Nginx::start(&host.files(), directives);
        assert_told(name, office.verify(&[&nginx.url()]), expected);
    }
}

#[test]
fn a_compressed_page_is_looked_at_too() {
    let (host, mut office) = folder();
    office.add_to_target("compress: true");
    office.published(&[]);
    let nginx = Nginx::start(&host.files(), "gzip_static on;");
    assert_eq!(office.verify(&[&nginx.url()]), (0, vec![]));
    let packed = host.files().join("index.html.gz");
    fs::copy(host.files().join("404.html.gz"), &packed).unwrap();
    let said = office.run(&["verify", "--json", &nginx.url()]);
    let told: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let about = |path: &str| told["differences"].as_array().unwrap().iter().find(|it| it["path"] == path).cloned();
    assert_eq!(about("index.html").unwrap()["visitor"], "reader", "every browser gets it");
    assert!(about("index.html.gz").is_some(), "{}", said.out);
}

/// As a server does that has packed pages lie beside the others, which it likes better.
const BROTLI_STATIC: &str = "set $packed ''; if ($http_accept_encoding ~ br) { set $packed 1; rewrite ^(.*\\.html)$ $1.br; } \
     location ~ \\.html\\.br$ { default_type text/html; if ($packed) { add_header Content-Encoding br; } } gzip_static on;";

#[test]
fn pages_packed_in_either_way_are_looked_at() {
    for (altered, other) in [("index.html.br", "404.html.br"), ("index.html.gz", "404.html.gz")] {
        let (host, mut office) = folder();
        office.add_to_target("compress: true");
        office.published(&[]);
        let nginx = Nginx::start(&host.files(), BROTLI_STATIC);
        assert_eq!(office.verify(&[&nginx.url()]), (0, vec![]));
        fs::copy(host.files().join(other), host.files().join(altered)).unwrap();
        let (code, told) = office.verify(&[&nginx.url()]);
        assert!(code == 1 && told.contains(&"changed index.html".to_owned()), "{altered}: {told:?}");
    }
}

#[test]
fn an_altered_manifest_convinces_nobody() {
    let (host, office) = published();
    let www = host.files();
    let nginx = Nginx::start(&www, "");
    let manifest = www.join("xinfeng-manifest.txt");
    let genuine = fs::read_to_string(&manifest).unwrap();
    let said = |place: &str| {
        let said = office.run(&["verify", place]);
        assert_eq!(said.code, 1);
        said.err + &said.out
    };
    replace(&www.join("index.html"), "</body>", "百家乐</body>");
    for place in ["main", &nginx.url()] {
        replace(&manifest, " index.html", " index.htm");
        assert!(said(place).contains("does not match its signature"), "{}", said(place));
        assert!(said(place).contains("index.html: changed"), "{}", said(place));
        fs::remove_file(&manifest).unwrap();
        assert!(said(place).contains("there is no manifest"), "{}", said(place));
        fs::write(&manifest, genuine.replace("— ", "— other")).unwrap();
        assert!(said(place).contains("bears no signature"), "{}", said(place));
        fs::write(&manifest, &genuine).unwrap();
    }
    // Nor does a publication go on without one.
    fs::remove_file(&manifest).unwrap();
    let published = office.publish(&[]);
    assert!(published.err.contains("is gone") && published.err.contains("--repair"), "{}", published.err);
    // Or from it.
    fs::write(&manifest, &genuine).unwrap();
    replace(&manifest, " index.html", " index.htm");
    office.article(1, "改过。");
    let published = office.publish(&[]);
    assert_eq!(published.code, 1);
    assert!(published.err.contains("--repair"), "{}", published.err);
    office.published(&["--repair"]);
    office.assert_is_at(&www);
}

#[test]
fn an_old_state_that_was_put_back_is_found() {
    let (host, office) = published();
    let www = host.files();
    let old = office.path("old");
    assert!(std::process::Command::new("cp").arg("-r").arg(&www).arg(&old).status().unwrap().success());
    office.article(3, "地点改在文化广场。");
    office.published(&[]);
    fs::remove_dir_all(&www).unwrap();
    fs::rename(&old, &www).unwrap();
    let said = office.run(&["verify"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("older than the last one") && said.out.contains(ARTICLE), "{}{}", said.err, said.out);
}

#[test]
fn a_target_without_a_manifest_is_named_as_it_was_typed() {
    let (host, office) = folder();
    fs::create_dir_all(host.files()).unwrap();
    let check = |arguments: &[&str], command: &str| {
        let said = office.run(arguments);
        assert!(said.code == 1 && said.err.contains(command), "{}", said.err);
    };
    check(&["verify"], "there is no manifest");
    check(&["verify"], "xinfeng publish --repair");
    check(&["verify", "main"], "xinfeng publish main --repair");
}

#[test]
fn the_altered_lines_and_what_the_rules_say_are_shown() {
    let (host, office) = published();
    let www = host.files();
    append(&www.join("index.html"), "\n<a href=\"http://bet.example/\">澳门百家乐在线投注平台</a>\n");
    let said = office.run(&["verify"]);
    assert!(said.out.contains("+") && said.out.contains("澳门百家乐在线投注平台"), "{}", said.out);
    assert!(said.out.contains("[spam-line]") || said.out.contains("[text-after-end]"), "{}", said.out);
    assert!(said.out.contains("publish --repair"), "{}", said.out);
    // A page that was replaced shows what it holds now, and steers no terminal.
    write(&www.join("index.html"), "<p>\u{1b}[2J澳门百家乐</p>\n");
    let said = office.run(&["verify"]);
    assert!(said.out.contains("+1 <p>\u{FFFD}[2J澳门百家乐</p>"), "{}", said.out);
}

#[test]
fn links_and_odd_names_are_found_and_taken_away() {
    for (host, office) in [folder(), account("sftp"), account("rsync")] {
        let elsewhere = office.path("elsewhere");
        fs::create_dir_all(&elsewhere).unwrap();
        write(&elsewhere.join("kept.html"), "<p>留着</p>");
        office.published(&[]);
        let www = host.files();
        let link = |to: &Path, name: &str| std::os::unix::fs::symlink(to, www.join(name)).unwrap();
        link(&elsewhere, "images");
        link(Path::new("nowhere"), "broken.html");
        fs::copy(www.join("robots.txt"), elsewhere.join("robots.txt")).unwrap();
        fs::remove_file(www.join("robots.txt")).unwrap();
        link(&elsewhere.join("robots.txt"), "robots.txt");
        write(&www.join(" lead.html"), "x");
        write(&www.join(".xinfeng/shell.php"), "<?php");
        let (code, told) = office.verify(&[]);
        let expected =
            ["added  lead.html", "added .xinfeng/shell.php", "link broken.html", "link images", "link robots.txt"];
        assert_eq!((code, told), (1, expected.map(str::to_owned).to_vec()));
        office.published(&["--repair"]);
        // An account is told of the odd name, and keeps it.
        drop(fs::remove_file(www.join(" lead.html")));
        office.assert_is_at(&www);
        assert_eq!(files(&elsewhere).len(), 2, "what a link led to stays");
        assert_eq!(office.verify(&[]), (0, vec![]));
    }
}

/// By itself, rsync would put an empty folder there.
#[test]
fn a_file_in_place_of_a_folder_stays_when_what_was_in_the_folder_is_deleted_by_rsync() {
    let (host, office) = account("rsync");
    write(&office.site().join("static/表/甲.txt"), "甲");
    office.published(&[]);
    let there = host.files().join("表");
    fs::remove_dir_all(&there).unwrap();
    write(&there, "somebody's");
    fs::remove_dir_all(office.site().join("static/表")).unwrap();
    office.published(&[]);
    assert_eq!(fs::read_to_string(&there).unwrap(), "somebody's");
}

#[test]
fn what_stands_in_the_way_of_a_repair_is_taken_away() {
    for (host, office) in [folder(), account("sftp"), account("rsync")] {
        office.published(&[]);
        let www = host.files();
        fs::remove_file(www.join("index.html")).unwrap();
        write(&www.join("index.html/x.php"), "<?php");
        fs::remove_file(www.join("robots.txt")).unwrap();
        fs::create_dir(www.join("robots.txt")).unwrap();
        fs::remove_dir_all(www.join("news")).unwrap();
        write(&www.join("news"), "x");
        office.published(&["--repair"]);
        office.assert_is_at(&www);
        assert_eq!(office.verify(&[]), (0, vec![]));
    }
}

#[test]
fn what_stands_in_place_of_the_lock_is_told_and_taken_away() {
    let lock = (".xinfeng/lock", (|state| fs::create_dir_all(state.join("lock")).unwrap()) as fn(&Path));
    let whole = (".xinfeng", (|state| fs::write(state, "x").unwrap()) as fn(&Path));
    // SFTP gives no reason, so that each look at such a place is repeated for half a minute.
    for ((host, office), stands) in
        [(folder(), vec![lock, whole]), (account("sftp"), vec![lock]), (account("rsync"), vec![whole])]
    {
        office.published(&[]);
        let www = host.files();
        let state = www.join(".xinfeng");
        for (path, stand) in stands {
            drop(fs::remove_dir_all(&state));
            stand(&state);
            office.article(3, &format!("改过，{path} 不对。"));
            let said = office.publish(&[]);
            assert_eq!(said.code, 1, "{path}");
            assert!(said.err.contains(&format!("\"main\" {path}: our lock needs")), "{}", said.err);
            office.published(&["--repair"]);
            office.assert_is_at(&www);
            assert_eq!(office.verify(&[]), (0, vec![]));
        }
    }
}

#[test]
fn what_somebody_keeps_in_place_of_the_lock_stays() {
    let (host, office) = folder();
    let state = host.files().join(".xinfeng");
    let check = |path: &str, kept: &Path| {
        let said = office.publish(&["--repair"]);
        assert!(said.code == 1 && said.err.contains(&format!("\"main\" {path}: our lock needs")), "{}", said.err);
        assert_eq!(fs::read_to_string(kept).unwrap(), "x");
    };
    // Where nothing was published yet, nothing is ours.
    write(&state, "x");
    check(".xinfeng", &state);
    fs::remove_file(&state).unwrap();
    office.published(&[]);
    write(&state.join("lock/kept.txt"), "x");
    check(".xinfeng/lock", &state.join("lock/kept.txt"));
}

#[test]
fn nothing_is_written_through_a_link() {
    for (host, office) in [folder(), account("sftp")] {
        office.published(&[]);
        let (www, elsewhere) = (host.files(), office.path("elsewhere"));
        for folder in ["news/2026", ".xinfeng"] {
            fs::create_dir_all(elsewhere.join(folder).parent().unwrap()).unwrap();
            fs::rename(www.join(folder), elsewhere.join(folder)).unwrap();
            std::os::unix::fs::symlink(elsewhere.join(folder), www.join(folder)).unwrap();
            let before = files(&elsewhere);
            office.article(3, &format!("改过，{folder} 是链接。"));
            let said = office.publish(&[]);
            assert!(said.code == 1 && said.err.contains(&format!("\"{folder}\" is a link there")), "{}", said.err);
            assert!(files(&elsewhere) == before && !elsewhere.join(".xinfeng/lock").exists());
            office.published(&["--repair"]);
            office.assert_is_at(&www);
            assert!(files(&elsewhere) == before);
        }
    }
}

#[test]
fn a_link_in_place_of_the_stage_costs_nobody_a_file() {
    for (host, office) in [folder(), account("sftp")] {
        office.published(&[]);
        let (www, elsewhere) = (host.files(), office.path("elsewhere"));
        write(&elsewhere.join("kept/kept.html"), "<p>留着</p>");
        fs::remove_dir_all(www.join(".xinfeng/stage")).unwrap();
        std::os::unix::fs::symlink(&elsewhere, www.join(".xinfeng/stage")).unwrap();
        office.published(&["--repair"]);
        assert_eq!(files(&elsewhere).len(), 1);
        assert_eq!(office.verify(&[]), (0, vec![]));
    }
}

#[test]
fn a_file_that_was_swelled_is_not_read() {
    let (host, office) = published();
    let nginx = Nginx::start(&host.files(), "");
    let page = fs::OpenOptions::new().write(true).open(host.files().join("index.html")).unwrap();
    page.set_len(64 * 1024 * 1024).unwrap();
    for place in ["main", &nginx.url()] {
        let said = office.run(&["verify", "--json", place]);
        let told: serde_json::Value = serde_json::from_str(&said.out).unwrap();
        let difference = &told["differences"][0];
        assert_eq!((&difference["path"], &difference["what"]), (&"index.html".into(), &"changed".into()));
        assert!(difference["sha256"].is_null(), "{difference}");
    }
}

#[test]
fn a_publication_at_work_is_no_tampering() {
    let (host, office) = published();
    append(&host.files().join("index.html"), "x");
    let lock = host.files().join(".xinfeng/lock");
    write(&lock, "");
    let held_for = |minutes: i64| {
        let expires = jiff::Timestamp::now() + jiff::SignedDuration::from_mins(minutes);
        write(&lock, &format!("xinfeng lock 1\nowner 王芳\nid 00ff\nexpires {expires}\n"));
        office.run(&["verify"])
    };
    let said = held_for(4);
    assert!(said.code == 1 && said.err.contains("王芳"), "{}", said.err);
    // One that never ends was put there to keep us quiet.
    assert!(held_for(10_000).out.contains("index.html: changed"));
}

#[test]
fn whoever_is_to_be_told_is_told() {
    let (host, office) = published();
    let note = office.path("note");
    let command = format!("cat > '{}'", note.display());
    assert_eq!(office.run(&["verify", "--command", &command]).code, 0);
    assert!(!note.exists(), "nothing was altered");
    append(&host.files().join("index.html"), "x");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let hook = format!("http://{}/hook", listener.local_addr().unwrap());
    let hooked = std::thread::spawn(move || {
        use std::io::{Read, Write};
        let (mut stream, _) = listener.accept().unwrap();
        let mut text = String::new();
        let mut buffer = [0; 4096];
        while !text.contains("index.html") {
            let read = stream.read(&mut buffer).unwrap();
            text.push_str(&String::from_utf8_lossy(&buffer[..read]));
        }
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
        text
    });
    let said = office.run(&["verify", "--command", &command, "--webhook", &hook]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(hooked.join().unwrap().starts_with("POST /hook"));
    let told: serde_json::Value = serde_json::from_str(&fs::read_to_string(&note).unwrap()).unwrap();
    assert_eq!(told["differences"][0]["path"], "index.html");
}

#[test]
fn whoever_only_looks_makes_no_folder_at_an_account() {
    let (host, mut office) = account("sftp");
    let look = |office: &Office, arguments: &[&str]| {
        let said = office.run(arguments);
        assert!(said.err.contains("is the path wrong"), "{arguments:?}: {}", said.err);
        assert!(!host.files().exists(), "{arguments:?}");
    };
    look(&office, &["verify"]);
    office.add_to_target("releases: 2");
    look(&office, &["verify"]);
    look(&office, &["rollback", "--list"]);
}
