//! What goes wrong: after it, readers have a consistent site, and the next publication ends with the target as it should be.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use super::counterparts::{Nginx, SECRET, files};
use super::crawl::dead_links;
use super::office::{AS_OF, Host, Office, account, bucket, folder, webdav, with_line, with_releases};

type Files = BTreeMap<String, Vec<u8>>;

/// Random enough, and the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// Changes, adds and removes a few articles; of two, one is as it was two rounds before, and one comes and goes.
fn edit(office: &Office, round: usize) {
    for number in 0..6 {
        office.article(number, &format!("第{round}次修改。"));
    }
    office.article(100 + round, "新的一篇。");
    office.article(6, &format!("另见[新的一篇](article-{}.md)。", 100 + round));
    if round > 0 {
        office.remove_article(99 + round);
    }
    if round.is_multiple_of(2) {
        office.article(7, "由街道承办。");
        office.article(8, "照常举行。");
    } else {
        office.article(7, "由社区承办。");
        office.remove_article(8);
    }
}

/// Every file is one of those that were meant to be there, whole, and no link is dead.
fn assert_consistent(now: &Files, meant: &[&Files]) {
    for (path, bytes) in now.iter().filter(|(path, _)| !path.starts_with("xinfeng-")) {
        assert!(meant.iter().any(|files| files.get(path) == Some(bytes)), "{path} is neither old nor new");
    }
    let dead = dead_links(now, meant[0]);
    assert!(dead.is_empty(), "{} dead links: {:?}", dead.len(), &dead[..dead.len().min(5)]);
}

/// So many times: edit, publish, kill at a random moment, look; twice in a row every other time, so that what was left half-way
/// is left half-way again.
fn killed_at_any_moment((host, office): (Host, Office), times: usize, seed: u64) {
    let lock = host.files().join(".xinfeng/lock");
    let mut dice = Dice(seed);
    office.published(&[]);
    let there = host.seen();
    edit(&office, 0);
    let time_of_one = || {
        let started = Instant::now();
        office.published(&[]);
        started.elapsed().as_millis() as u64
    };
    let mut usual = time_of_one();

    let (mut meant, mut cut_off) = (vec![office.public()], 0);
    for round in 1..=times {
        edit(&office, round);
        assert_eq!(office.run(&["build", "--as-of", AS_OF]).code, 0);
        meant.push(office.public());
        let mut publishing = office.start_publishing(&[]);
        std::thread::sleep(Duration::from_millis(usual * (40 + dice.roll(60)) / 100));
        publishing.kill().unwrap();
        publishing.wait().unwrap();
        host.settle();
        cut_off += usize::from(lock.exists());

        let meant_by_anybody: Vec<&Files> = meant.iter().collect();
        assert_consistent(&files(&there), &meant_by_anybody);
        if dice.roll(2) == 0 {
            // The other tests come and go, and with them the speed of the machine.
            usual = time_of_one();
            office.assert_is_at(&there);
            meant = vec![office.public()];
        }
    }
    office.published(&[]);
    office.assert_is_at(&there);
    assert_eq!(office.verify(&[]), (0, vec![]));
    assert!(cut_off > 0, "none of {times} was hit while it sent");
}

#[test]
fn killed_at_any_moment_at_a_folder() {
    killed_at_any_moment(folder(), 14, 1);
}

#[test]
fn killed_at_any_moment_at_an_account() {
    killed_at_any_moment(account("sftp"), 14, 2);
}

#[test]
fn killed_at_any_moment_by_rsync() {
    killed_at_any_moment(account("rsync"), 6, 5);
}

#[test]
fn killed_at_any_moment_at_a_bucket() {
    killed_at_any_moment(bucket(), 14, 3);
}

#[test]
fn killed_at_any_moment_at_a_webdav_share() {
    killed_at_any_moment(webdav(), 14, 4);
}

#[test]
fn killed_at_any_moment_with_release_folders() {
    killed_at_any_moment(with_releases(folder(), 3), 14, 6);
}

#[test]
fn killed_at_any_moment_with_release_folders_at_an_account() {
    killed_at_any_moment(with_releases(account("sftp"), 3), 10, 7);
}

#[test]
fn what_a_publication_had_deleted_comes_before_what_points_to_it() {
    let (host, office) = bucket();
    office.published(&[]);
    // One that was to delete an article was cut off after that, and the article is to stay.
    let page = "news/2026/11/article-8.html";
    fs::remove_file(host.files().join(page)).unwrap();
    let lock = format!("xinfeng lock 1\nowner li@office\nid x\nexpires 1970-01-01T00:00:00Z\ndelete {page}\n");
    fs::create_dir_all(host.files().join(".xinfeng")).unwrap();
    fs::write(host.files().join(".xinfeng/lock"), lock).unwrap();
    office.article(100, "另见[第8次](article-8.md)。");
    let Host::Service(service) = &host else { unreachable!() };
    service.take_requests();
    office.published(&[]);
    let writes = service.take_writes();
    let place = |page: &str| writes.iter().position(|line| line.contains(page)).expect(page);
    assert!(place("article-8.html") < place("article-0.html"), "{writes:?}");
    office.assert_is_at(&host.files());
}

#[test]
fn a_first_publication_that_was_killed_sends_only_the_rest() {
    let (host, office) = bucket();
    for number in 0..60 {
        office.article(number, "许多篇。");
    }
    assert_eq!(office.run(&["build", "--as-of", AS_OF]).code, 0);
    let mut publishing = office.start_publishing(&[]);
    let started = Instant::now();
    while files(&host.files()).len() < 30 {
        assert!(started.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(2));
    }
    publishing.kill().unwrap();
    publishing.wait().unwrap();
    let (sent, _) = office.published(&[]);
    assert!(sent.len() < office.public().len() - 10, "{} were sent again", sent.len());
    office.assert_is_at(&host.files());
}

/// The line breaks once at a random byte, so many times.
fn cut_off((host, mut office): (Host, Office), times: usize, seed: u64) {
    let there = host.files();
    let line = with_line(&host, &mut office);
    let mut dice = Dice(seed);
    office.published(&[]);
    let mut meant = vec![office.public()];
    for round in 0..times {
        edit(&office, round);
        assert_eq!(office.run(&["build", "--as-of", AS_OF]).code, 0);
        meant.push(office.public());
        line.break_after(2_000 + dice.roll(200_000));
        let said = office.publish(&[]);
        line.break_after(u64::MAX);
        let meant_by_anybody: Vec<&Files> = meant.iter().collect();
        assert_consistent(&files(&there), &meant_by_anybody);
        if said.code != 0 {
            assert!(said.err.contains("error"), "{}", said.err);
            office.published(&[]);
        }
        office.assert_is_at(&there);
        meant = vec![office.public()];
    }
}

#[test]
fn an_account_whose_line_breaks() {
    cut_off(account("sftp"), 4, 5);
}

#[test]
fn a_bucket_whose_line_breaks() {
    cut_off(bucket(), 10, 6);
}

#[test]
fn a_server_that_is_gone_is_said_to_be() {
    let (host, mut office) = bucket();
    let line = with_line(&host, &mut office);
    line.kill();
    let said = office.publish(&[]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("\"main\""), "{}", said.err);
    assert_eq!(said.err.matches("; trying again in ").count(), 4, "{}", said.err);
}

/// Runs a publication to a folder where a file system of its own is mounted.
pub fn publish_to(office: &Office, folder: &std::path::Path, mount: &str, then: &str) -> (bool, String) {
    let publish = office.command(&["publish", "--as-of", AS_OF]);
    let words = std::iter::once(publish.get_program()).chain(publish.get_args());
    let line: Vec<String> = words.map(|word| format!("'{}'", word.to_str().unwrap())).collect();
    let folder = folder.display();
    let script = format!(
        "{} && {{ {}; code=$?; {}; exit $code; }}",
        mount.replace("DIR", &format!("'{folder}'")),
        line.join(" "),
        then.replace("DIR", &format!("'{folder}'"))
    );
    let output = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", &script])
        .envs(office.environment.iter().map(|(name, value)| (name, value)))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!text.contains("unshare") && !text.contains("mount:"), "{text}");
    (output.status.success(), text)
}

#[test]
fn a_full_disk_is_told_and_leaves_the_old_site() {
    let (host, office) = folder();
    let there = host.files();
    office.published(&[]);
    let before = files(&there);
    for number in 0..200 {
        office.article(number, &"许多字。".repeat(300));
    }
    let small = office.path("small");
    fs::create_dir(&small).unwrap();
    // The old site on a disk with little room, the new one on top of it, and what came of it brought out.
    let mount = format!(
        "mount -t tmpfs -o size=1500k none '{0}' && cp -a '{1}/.' '{0}' && mount --bind '{0}' DIR",
        small.display(),
        there.display()
    );
    let after = office.path("after");
    let (is_done, said) = publish_to(&office, &there, &mount, &format!("cp -a DIR '{}'", after.display()));
    assert!(!is_done);
    assert!(said.contains("no space is left"), "{said}");
    assert_consistent(&files(&after), &[&before, &office.public()]);
    assert!(files(&there) == before);
    office.published(&["--yes"]);
    office.assert_is_at(&there);
}

#[test]
fn a_file_that_cannot_be_deleted_is_told_by_its_name() {
    let article = "news/2026/11/article-5.html";
    for (host, office) in [folder(), account("sftp")] {
        office.published(&[]);
        let there = host.files().join(article);
        fs::remove_file(&there).unwrap();
        fs::create_dir(&there).unwrap();
        fs::write(there.join("x"), "x").unwrap();
        office.remove_article(5);
        let said = office.publish(&[]);
        assert!(said.code == 1 && said.err.contains(&format!("\"main\" {article}: it failed (")), "{}", said.err);
        office.published(&["--repair"]);
        office.assert_is_at(&host.files());
    }
}

#[test]
fn a_read_only_folder_is_told_and_untouched() {
    let (host, office) = folder();
    let there = host.files();
    office.published(&[]);
    let before = files(&there);
    office.article(1, "改过。");
    let (is_done, said) = publish_to(&office, &there, "mount --bind DIR DIR && mount -o remount,bind,ro DIR", "true");
    assert!(!is_done);
    assert!(said.contains("read-only"), "{said}");
    assert!(files(&there) == before);
}

#[test]
fn a_wrong_password_is_told_and_not_shown() {
    let (host, mut office) = bucket();
    office.environment.push(("AWS_SECRET_ACCESS_KEY".to_owned(), "another".to_owned()));
    let said = office.publish(&[]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("permission denied"), "{}", said.err);
    assert!(files(&host.files()).is_empty());
}

#[test]
fn a_password_that_is_not_there_is_asked_for_by_name() {
    let (_host, mut office) = bucket();
    office.environment.retain(|(name, _)| name != "AWS_SECRET_ACCESS_KEY");
    let said = office.publish(&[]);
    assert!(said.err.contains("AWS_SECRET_ACCESS_KEY"), "{}", said.err);
}

#[test]
fn a_key_that_the_server_does_not_know_is_told() {
    let (host, mut office) = account("sftp");
    let Host::Sshd(sshd) = &host else { unreachable!() };
    let (port, path, key) = (sshd.port, sshd.folder.display(), sshd.strangers_key());
    // The client that brings its own key would get in.
    let config = key.with_file_name("ssh_config");
    let text = fs::read_to_string(&config).unwrap().replace("/client\n", "/stranger\n");
    fs::write(&config, text).unwrap();
    office.target(&format!("type: sftp\nhost: 127.0.0.1\nport: {port}\npath: {path}\nkey_file: {}", key.display()));
    let said = office.publish(&[]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("does not accept this account or key"), "{}", said.err);
}

#[test]
fn a_server_that_is_not_known_yet_is_explained() {
    for kind in ["sftp", "rsync"] {
        let (host, office) = account(kind);
        let Host::Sshd(sshd) = &host else { unreachable!() };
        let known = sshd.strangers_key().with_file_name("known_hosts");
        let line = fs::read_to_string(&known).unwrap();
        let said = |text: &str| {
            fs::write(&known, text).unwrap();
            let said = office.publish(&[]);
            assert_eq!(said.code, 1);
            said.err
        };
        let first = said("");
        assert!(first.contains("does not know the host key") && first.contains("ssh -p"), "{first}");
        let stranger = fs::read_to_string(known.with_file_name("stranger.pub")).unwrap();
        let changed = said(&format!("* {stranger}"));
        assert!(changed.contains("has changed"), "{changed}");
        fs::write(&known, line).unwrap();
        office.published(&[]);
    }
}

#[test]
fn a_signing_key_of_somebody_else_is_refused() {
    let (host, mut office) = folder();
    let other = Office::new(12);
    let keys: Vec<_> =
        fs::read_dir(other.path("home/xinfeng/keys")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let secret = fs::read_to_string(&keys[0]).unwrap();
    let mut command = office.command(&["publish", "--as-of", AS_OF]);
    let output = command.env("XINFENG_SIGNING_KEY", secret.trim()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(said.contains("public_key") && !said.contains(secret.trim()), "{said}");
    assert!(files(&host.files()).is_empty());

    // Nor does anybody publish over what another key has signed.
    office.published(&[]);
    let before = files(&host.files());
    let mut other = other;
    other.target(&format!("type: folder\npath: {}", host.files().display()));
    let said = other.publish(&[]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("signature") && said.err.contains("get the new site.yaml"), "{}", said.err);
    assert!(files(&host.files()) == before);
    office.environment.clear();
}

#[test]
fn a_second_publisher_is_told_who_is_at_work() {
    for (kind, (host, office)) in
        [folder(), bucket(), webdav(), account("sftp"), account("rsync")].into_iter().enumerate()
    {
        office.published(&[]);
        let lock = host.files().join(".xinfeng/lock");
        fs::create_dir_all(lock.parent().unwrap()).unwrap();
        // The clock of her machine may be wrong by hours; that of the target counts.
        let locked = |minutes_ago: u64, hours: i64| {
            let expires = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(hours);
            let text = format!("xinfeng lock 1\nowner 王芳@second-floor\nid 00ff\nexpires {expires}\n");
            fs::write(&lock, text).unwrap();
            let time = SystemTime::now() - Duration::from_secs(60 * minutes_ago);
            fs::File::options().write(true).open(&lock).unwrap().set_modified(time).unwrap();
        };
        // What does not depend on the kind of target is tried at the first.
        let all: &[i64] = if kind == 0 { &[-9, 20] } else { &[-9] };
        for hours in all.iter().copied() {
            locked(3, hours);
            office.article(1, &format!("改过 {hours}。"));
            let before = files(&host.files());
            let said = office.publish(&[]);
            assert_eq!(said.code, 1);
            assert!(said.err.contains("王芳@second-floor") && said.err.contains("+08:00"), "{}", said.err);
            assert!(files(&host.files()) == before);
            // Once nobody has renewed it for five minutes, nobody waits for it.
            locked(6, hours);
            office.published(&[]);
            office.assert_is_at(&host.files());
        }
        // Nor for one that never ends, which somebody put there.
        if kind == 0 {
            locked(0, 24 * 365);
            office.article(1, "再改。");
            office.published(&[]);
            office.assert_is_at(&host.files());
        }
    }
}

/// Two offices with one key and different articles publish at the same moment.
fn two_at_once((host, office): (Host, Office)) {
    let there = host.files();
    office.published(&[]);
    let other = office.twin();
    let mut told = 0;
    for round in 0..6 {
        for number in 0..12 {
            office.article(number, &format!("甲 {round}"));
            other.article(number, &format!("乙 {round}"));
        }
        let both = [office.start_publishing(&["--json"]), other.start_publishing(&["--json"])];
        let outputs = both.map(|child| child.wait_with_output().unwrap());
        for output in &outputs {
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success() || said.contains("publishing") || said.contains("took over"), "{said}");
            told += usize::from(!output.status.success());
        }
        assert!(outputs.iter().any(|output| output.status.success()));
        let mut now = files(&there);
        now.retain(|path, _| !path.starts_with("xinfeng-"));
        assert!(now == office.public() || now == other.public(), "two states are mixed");
    }
    assert!(told > 0, "they never met");
}

#[test]
fn two_publishers_to_a_folder() {
    two_at_once(folder());
}

#[test]
fn two_publishers_to_an_account() {
    two_at_once(account("sftp"));
}

#[test]
fn two_publishers_by_rsync() {
    two_at_once(account("rsync"));
}

#[test]
fn two_publishers_to_a_bucket() {
    two_at_once(bucket());
}

#[test]
fn two_publishers_to_a_webdav_share() {
    two_at_once(webdav());
}

#[test]
fn a_crawler_meets_no_dead_link_while_files_are_sent() {
    let (host, office) = bucket();
    office.published(&[]);
    let nginx = Nginx::start(&host.files(), "");
    let is_over = AtomicBool::new(false);
    let read = |path: &str| -> Option<String> {
        ureq::get(&format!("{}{path}", nginx.url())).call().ok()?.body_mut().read_to_string().ok()
    };
    std::thread::scope(|scope| {
        let crawler = scope.spawn(|| {
            let (mut rounds, mut dead) = (0, Vec::new());
            while !is_over.load(Ordering::SeqCst) || rounds == 0 {
                let home = read("index.html").expect("the home page");
                for link in super::crawl::links(&home) {
                    let Some(path) = super::crawl::resolve("index.html", &link) else { continue };
                    if read(&path).is_none() {
                        dead.push(path);
                    }
                }
                rounds += 1;
            }
            (rounds, dead)
        });
        for round in 0..5 {
            for number in 0..5 {
                office.article(1_000 + round * 5 + number, "新的一篇。");
            }
            office.published(&[]);
        }
        is_over.store(true, Ordering::SeqCst);
        let (rounds, dead) = crawler.join().unwrap();
        assert!(rounds > 5, "{rounds}");
        assert_eq!(dead, Vec::<String>::new());
    });
}

#[test]
fn no_secret_is_in_any_file_or_output() {
    let (host, office) = bucket();
    let keys = office.path("home/xinfeng/keys");
    let key_file = fs::read_dir(&keys).unwrap().next().unwrap().unwrap().path();
    let signing = fs::read_to_string(&key_file).unwrap();
    let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(&key_file).unwrap());
    assert_eq!(mode & 0o777, 0o600);
    let mut said = String::new();
    for arguments in [
        vec!["publish", "--verbose"],
        vec!["publish", "--json"],
        vec!["publish", "--dry-run"],
        vec!["verify", "--verbose"],
    ] {
        let result = office.run(&arguments);
        said.push_str(&result.out);
        said.push_str(&result.err);
    }
    let places = [office.site(), host.files()];
    let grep = |secret: &str| {
        let output = Command::new("grep").args(["-r", "-l", "-F", secret]).args(&places).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    // `PRIVATE+KEY+name+hash+key`, of which the key itself may hold a `+` too.
    let key = signing.trim().splitn(5, '+').last().unwrap();
    assert!(key.len() > 40);
    for secret in [SECRET, signing.trim(), key] {
        assert_eq!(grep(secret), "");
        assert!(!said.contains(secret));
    }
}

#[test]
fn one_article_costs_few_writes() {
    let (host, office) = bucket();
    let Host::Service(service) = &host else { unreachable!() };
    // What is said in lists stands in the first paragraph.
    let report = |end: &str| format!("{}\n\n{end}", "三十名志愿者来到楼组，为老人理发、修伞、量血压。".repeat(8));
    office.article(3, &report("居民说好。"));
    office.published(&[]);
    service.take_requests();
    office.article(3, &report("居民都说好。"));
    let (sent, _) = office.published(&[]);
    let writes = service.take_writes();
    assert!(writes.len() <= 12, "{} files by {} writes: {writes:#?}", sent.len(), writes.len());
    office.published(&[]);
    assert_eq!(service.take_writes(), Vec::<String>::new(), "nothing has changed");
}

#[test]
fn one_article_by_sftp_costs_three_connections() {
    let (host, mut office) = account("sftp");
    let Host::Sshd(sshd) = &host else { unreachable!() };
    office.add_to_target("at_once: 1");
    office.published(&[]);
    let before = sshd.logins();
    office.article(3, "改过。");
    office.published(&[]);
    // One looks for links, one writes a file, and one gives it its name.
    assert!(sshd.logins() - before <= 3, "{}", sshd.logins() - before);
}

#[test]
fn many_deletions_are_asked_about() {
    let (host, office) = folder();
    office.published(&[]);
    for number in 0..9 {
        office.remove_article(number);
    }
    let before = files(&host.files());
    let said = office.publish(&[]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("--yes"), "{}", said.err);
    assert!(files(&host.files()) == before);
    office.published(&["--yes"]);
    office.assert_is_at(&host.files());
}

#[test]
fn files_on_their_way_are_no_deletions_to_be_asked_about() {
    let (host, office) = folder();
    office.published(&[]);
    let stage = host.files().join(".xinfeng/stage");
    for number in 0..30 {
        fs::write(stage.join(format!("20261123-{number}")), "半").unwrap();
    }
    office.published(&["--repair"]);
    office.assert_is_at(&host.files());
}

#[test]
fn files_of_somebody_else_are_not_overwritten() {
    let (host, office) = folder();
    fs::create_dir_all(host.files()).unwrap();
    fs::write(host.files().join("index.html"), "<p>旧网站</p>").unwrap();
    fs::write(host.files().join("old.html"), "<p>旧网站</p>").unwrap();
    let before = files(&host.files());
    for arguments in [&[][..], &["--adopt"], &["--repair"], &["--repair", "--yes"]] {
        let said = office.publish(arguments);
        assert_eq!(said.code, 1, "{arguments:?}");
        assert!(said.err.contains("keep: [\"old.html\"]"), "{}", said.err);
    }
    let mut office = office;
    office.add_to_target("keep: [old.html]");
    let said = office.publish(&[]);
    assert!(said.err.contains("--adopt"), "{}", said.err);
    assert!(files(&host.files()) == before);
    office.published(&["--adopt"]);
    assert_eq!(office.verify(&[]), (0, vec![]));
    office.published(&["--repair"]);
    assert!(host.files().join("old.html").exists());
    fs::remove_file(host.files().join("old.html")).unwrap();
    office.assert_is_at(&host.files());
}

#[test]
fn the_sites_own_folders_are_no_target() {
    let mut office = Office::new(2);
    let before = files(&office.site());
    for path in [".", "content", "public", "static/x", ".."] {
        office.target(&format!("type: folder\npath: {path}"));
        for arguments in [&[][..], &["--adopt", "--repair", "--yes"]] {
            let said = office.publish(arguments);
            assert_eq!(said.code, 1, "{path}");
            assert!(said.err.contains("is the site's own"), "{path}: {}", said.err);
        }
    }
    for (path, bytes) in before.iter().filter(|(path, _)| *path != "site.yaml") {
        assert!(fs::read(office.site().join(path)).unwrap() == *bytes, "{path}");
    }
}

#[test]
fn a_share_that_is_not_mounted_is_no_new_target() {
    let (host, office) = folder();
    office.published(&[]);
    fs::rename(host.files(), office.path("unmounted")).unwrap();
    for arguments in [&["publish"][..], &["verify"], &["rollback"]] {
        let said = office.run(arguments);
        assert_eq!(said.code, 1);
        assert!(
            said.err.contains("there is no folder") && said.err.contains("is the share not mounted"),
            "{}",
            said.err
        );
    }
    assert!(!host.files().exists());
}

#[test]
fn a_target_that_nothing_is_left_of_is_one_message() {
    for (kept, (host, mut office)) in [("", folder()), ("releases: 3", folder()), ("", account("sftp")), ("", bucket())]
    {
        office.add_to_target(kept);
        office.published(&[]);
        fs::rename(host.files(), office.path("unmounted")).unwrap();
        fs::create_dir(host.files()).unwrap();
        for said in [office.publish(&[]), office.run(&["verify"])] {
            assert_eq!(said.code, 1, "{}", said.out);
            assert!(said.err.contains("is the share not mounted") && said.out.is_empty(), "{}{}", said.err, said.out);
        }
        assert!(files(&host.files()).is_empty());
        office.published(&["--repair"]);
        assert_eq!(office.verify(&[]), (0, vec![]));
    }
}

#[test]
fn colleagues_pages_are_not_deleted_without_a_word() {
    let (host, office) = folder();
    office.published(&[]);
    let colleague = office.twin();
    colleague.article(20, "同事写的一篇。");
    colleague.published(&[]);
    let before = files(&host.files());
    office.article(1, "改过。");
    let said = office.publish(&[]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("somebody else published at 2") && said.err.contains("--yes"), "{}", said.err);
    assert!(files(&host.files()) == before);
    // With the colleague's article there is nothing to ask.
    office.article(20, "同事写的一篇。");
    office.published(&[]);
    office.assert_is_at(&host.files());
}

#[test]
fn colleagues_corrections_are_not_turned_back_without_a_word() {
    let (host, office) = folder();
    office.published(&[]);
    let colleague = office.twin();
    colleague.article(2, "同事更正了这一篇。");
    colleague.published(&[]);
    let before = files(&host.files());
    // What is here is what was here when the colleague began.
    office.article(1, "改过。");
    let planned = office.publish(&["--dry-run"]);
    let told = planned.out + &planned.err;
    assert!(planned.code == 0 && told.contains("you would be asked first: somebody else"), "{told}");
    for arguments in [&[][..], &["--repair"]] {
        let said = office.publish(arguments);
        assert!(said.code == 1 && said.err.contains("are older here and would be turned back"), "{}", said.err);
        assert!(files(&host.files()) == before);
    }
    office.article(2, "同事更正了这一篇，这里又改了一处。");
    office.published(&[]);
    office.assert_is_at(&host.files());
}

#[test]
fn pages_that_a_colleague_withdrew_do_not_come_back_without_a_word() {
    let (host, office) = folder();
    office.published(&[]);
    let colleague = office.twin();
    colleague.remove_article(3);
    colleague.published(&[]);
    let before = files(&host.files());
    office.article(1, "改过。");
    let said = office.publish(&[]);
    assert!(said.code == 1 && said.err.contains("would be turned back"), "{}", said.err);
    assert!(files(&host.files()) == before);
    office.published(&["--yes"]);
    office.assert_is_at(&host.files());
}

#[test]
fn errors_of_the_check_stop_it_unless_there_is_a_reason() {
    let (host, office) = folder();
    office.article(1, "联系人电话：13812345678。");
    let said = office.publish(&[]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("mobile-number"), "{}", said.err);
    assert!(files(&host.files()).is_empty());
    let said = office.publish(&["--despite", "mobile-number", "--reason", "当事人要求公开"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let log = fs::read_to_string(office.site().join("despite.log")).unwrap();
    assert!(log.contains("→ main mobile-number ×1: 当事人要求公开"), "{log}");
    // Of what did not come to its end it says so.
    fs::write(host.files().join("others.html"), "x").unwrap();
    fs::remove_file(host.files().join("xinfeng-manifest.txt")).unwrap();
    assert_eq!(office.publish(&["--despite", "mobile-number", "--reason", "同上"]).code, 1);
    let log = fs::read_to_string(office.site().join("despite.log")).unwrap();
    assert!(log.lines().last().is_some_and(|line| line.ends_with("→ main the publication above was not completed")));
    fs::remove_file(host.files().join("others.html")).unwrap();
    let said = office.publish(&["--repair", "--despite", "mobile-number", "--reason", "同上"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(office.publish(&["--despite", "mobile-number", "--reason", " "]).code, 2);
    let said = office.publish(&["--despite", "mobil-number", "--reason", "同上"]);
    assert!(said.err.contains("did you mean \"mobile-number\""), "{}", said.err);
    office.assert_is_at(&host.files());
}

#[test]
fn a_home_page_that_is_old_is_told_and_does_not_stop_what_is_to_be_mended() {
    let (host, office) = folder();
    office.published(&[]);
    office.article(1, "更正：时间改为周日。");
    let said = office.run(&["publish", "--as-of", "2026-12-20"]);
    assert!(said.code == 0 && said.err.contains("error[stale-home]"), "{}", said.err);
    office.assert_is_at(&host.files());
}

#[test]
fn a_dry_run_changes_nothing() {
    let (host, office) = folder();
    let (sent, _) = office.published(&["--dry-run"]);
    assert_eq!(sent.len(), office.public().len());
    assert!(!host.files().exists());
}

#[test]
fn a_dry_run_makes_no_folder_at_an_account() {
    let (host, office) = account("sftp");
    let (sent, _) = office.published(&["--dry-run"]);
    assert_eq!(sent.len(), office.public().len());
    assert!(!host.files().exists());
}

#[test]
fn folders_that_are_emptied_go() {
    let (host, office) = folder();
    let data = office.site().join("static/资料/上");
    fs::create_dir_all(&data).unwrap();
    fs::write(data.join("甲.txt"), "甲").unwrap();
    office.published(&[]);
    fs::remove_dir_all(data.parent().unwrap()).unwrap();
    office.published(&[]);
    assert!(!host.files().join("资料").exists());
    assert!(host.files().join("news").exists());
}

#[test]
fn a_packed_file_of_the_site_itself_stays_what_its_editor_made_it() {
    let (host, mut office) = folder();
    office.add_to_target("compress: true");
    let text = office.site().join("static/表.txt");
    fs::create_dir_all(text.parent().unwrap()).unwrap();
    fs::write(&text, "甲".repeat(1000)).unwrap();
    fs::write(text.with_extension("txt.gz"), "别的").unwrap();
    office.published(&[]);
    assert_eq!(fs::read_to_string(host.files().join("表.txt.gz")).unwrap(), "别的");
    assert!(host.files().join("表.txt.br").exists());
    assert_eq!(office.verify(&[]), (0, vec![]));
}

#[test]
fn a_name_that_targets_cannot_hold_is_told() {
    let (host, office) = folder();
    fs::create_dir_all(office.site().join("static")).unwrap();
    for name in [" index.html", "表.txt ", "甲\u{a0}"] {
        let file = office.site().join("static").join(name);
        fs::write(&file, "甲").unwrap();
        let said = office.publish(&[]);
        assert!(said.code == 1 && !host.files().join("index.html").exists(), "{name:?}: {}", said.err);
        fs::remove_file(file).unwrap();
    }
    office.published(&[]);
}

#[test]
fn another_site_with_the_same_key_is_not_replaced_without_a_word() {
    let (host, office) = folder();
    office.published(&[]);
    let before = files(&host.files());
    let settings = office.site().join("site.yaml");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, text.replace("base_url: https://www.example.org/", "base_url: https://www.example.com/"))
        .unwrap();
    let said = office.publish(&[]);
    assert!(said.code == 1 && said.err.contains("https://www.example.org/"), "{}", said.err);
    assert!(files(&host.files()) == before);
    office.published(&["--yes"]);
    office.assert_is_at(&host.files());
}
