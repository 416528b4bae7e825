//! Targets that keep states in folders of their own, and the way back.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::counterparts::files;
use super::faults::publish_to;
use super::office::{Host, Office, account, folder, with_releases};

fn states(office: &Office) -> Vec<(String, bool)> {
    let said = office.run(&["rollback", "--list", "--json"]);
    let result: serde_json::Value =
        serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{}{}", said.out, said.err));
    let state =
        |state: &serde_json::Value| (state["state"].as_str().unwrap().to_owned(), state["current"].as_bool().unwrap());
    result["states"].as_array().unwrap().iter().map(state).collect()
}

/// The states that readers were led away from, the newest first.
fn left(office: &Office) -> Vec<String> {
    let said = office.run(&["rollback", "--list"]);
    let lines = said.out.lines().filter(|line| line.ends_with(", left for an earlier one"));
    lines.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
}

/// The name of the state that readers see.
fn seen(host: &Host) -> String {
    let current = fs::read_link(host.files().join("current")).unwrap();
    current.file_name().unwrap().to_str().unwrap().to_owned()
}

/// Publishes article 1 with each text in turn; the names of the states.
fn publish_each<const N: usize>(host: &Host, office: &Office, texts: [&str; N]) -> [String; N] {
    texts.map(|text| {
        office.article(1, text);
        office.published(&[]);
        seen(host)
    })
}

fn inode(path: &Path) -> u64 {
    fs::metadata(path).unwrap().ino()
}

/// Publish, correct, go back, go on.
fn forth_and_back((host, office): (Host, Office)) {
    let current = host.files().join("current");
    office.published(&[]);
    office.assert_is_at(&current);
    let before = files(&current);
    let (unchanged, changed) = ("news/picture.svg", "news/2026/11/article-3.html");
    let (file, other) = (inode(&current.join(unchanged)), inode(&current.join(changed)));

    office.article(3, "改过。");
    office.remove_article(5);
    let (sent, _) = office.published(&[]);
    assert!(!sent.contains(&unchanged.to_owned()), "{sent:?}");
    office.assert_is_at(&current);
    assert_eq!(inode(&current.join(unchanged)), file, "what has not changed is a link");
    assert_ne!(inode(&current.join(changed)), other);
    assert_eq!(office.verify(&[]), (0, vec![]));
    assert_eq!(office.published(&[]), (vec![], vec![]));

    let said = office.run(&["rollback"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(files(&current) == before);
    assert_eq!(office.verify(&[]), (0, vec![]), "what was gone back to is what is expected");
    assert_eq!(office.run(&["rollback"]).code, 1, "there is nothing older");

    office.published(&[]);
    office.assert_is_at(&current);
    assert_eq!(states(&office).iter().map(|(_, is_current)| *is_current).collect::<Vec<_>>(), [true, false, false]);
    assert!(!host.files().join(".xinfeng/lock").exists());
}

#[test]
fn a_state_of_the_same_name_elsewhere_is_none() {
    for host in [folder(), account("sftp")] {
        let (host, office) = with_releases(host, 5);
        office.published(&[]);
        let current = host.files().join("current");
        let elsewhere = office.path("elsewhere").join(fs::read_link(&current).unwrap().file_name().unwrap());
        fs::create_dir_all(&elsewhere).unwrap();
        fs::write(elsewhere.join("index.html"), "百家乐").unwrap();
        fs::remove_file(&current).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &current).unwrap();
        let said = office.run(&["verify"]);
        assert!(said.code == 1 && said.err.contains("--repair"), "{}", said.err);
        office.published(&["--repair"]);
        office.assert_is_at(&current);
        assert_eq!(files(&elsewhere).len(), 1);
    }
}

#[test]
fn a_folder_in_place_of_the_link_is_told_and_kept_under_another_name() {
    for host in [folder(), account("sftp")] {
        let (host, office) = with_releases(host, 5);
        office.published(&[]);
        let current = host.files().join("current");
        let release = fs::canonicalize(&current).unwrap();
        fs::remove_file(&current).unwrap();
        fs::rename(&release, &current).unwrap();
        let before = files(&current);
        office.article(3, "改过。");
        for said in [office.publish(&[]), office.run(&["verify"]), office.run(&["rollback"])] {
            assert_eq!(said.code, 1);
            assert!(said.err.contains("\"main\" current: this should be a link"), "{}", said.err);
        }
        assert_eq!(fs::read_dir(host.files().join("releases")).unwrap().count(), 0, "nothing was sent");
        let said = office.publish(&["--repair"]);
        assert!(said.code == 0 && said.err.contains("is kept there as current-"), "{}{}", said.out, said.err);
        office.assert_is_at(&current);
        assert_eq!(office.verify(&[]), (0, vec![]));
        let kept = fs::read_dir(host.files()).unwrap().map(|entry| entry.unwrap().path());
        let kept = kept.into_iter().find(|path| path.to_string_lossy().contains("current-")).unwrap();
        assert!(files(&kept) == before);
    }
}

#[test]
fn forth_and_back_in_a_folder() {
    forth_and_back(with_releases(folder(), 4));
}

#[test]
fn forth_and_back_at_an_account() {
    forth_and_back(with_releases(account("sftp"), 4));
}

#[test]
fn pages_that_a_colleague_brought_back_are_not_deleted_without_a_word() {
    let (host, office) = with_releases(folder(), 4);
    office.published(&[]);
    let before = files(&host.files().join("current"));
    office.remove_article(5);
    office.published(&[]);
    let colleague = office.twin();
    assert_eq!(colleague.run(&["rollback"]).code, 0);
    office.article(1, "改过。");
    let said = office.publish(&[]);
    assert!(said.code == 1 && said.err.contains("somebody else published at 2"), "{}", said.err);
    assert!(files(&host.files().join("current")) == before);
}

#[test]
fn the_way_back_leads_to_what_readers_saw_before() {
    for host in [folder(), account("sftp")] {
        let (host, office) = with_releases(host, 5);
        let colleague = office.twin();
        let [first, second, bad] = publish_each(&host, &office, ["甲", "乙", "赌场"]);
        assert_eq!(left(&office).len(), 0);
        let back = |office: &Office| {
            let said = office.run(&["rollback"]);
            assert_eq!(said.code, 0, "{}", said.err);
            seen(&host)
        };
        assert_eq!(back(&office), second);
        assert_eq!(left(&office), [bad.as_str()]);

        colleague.article(1, "丙");
        assert_eq!(colleague.publish(&["--yes"]).code, 0);
        let third = seen(&host);
        assert_eq!(left(&colleague), [bad.as_str()]);
        assert!(
            !files(&host.files().join("current")).keys().any(|path| path.contains("states")),
            "no reader sees the note"
        );
        assert_eq!([back(&colleague), back(&colleague)], [second, first]);
        assert_eq!(left(&office).len(), 3);
        assert_eq!(office.run(&["rollback", "--to", &third]).code, 0);
        assert_eq!(left(&office), [bad], "whoever goes on again takes it all back");
    }
}

#[test]
fn what_was_left_is_the_first_to_go() {
    let (host, office) = with_releases(folder(), 2);
    let [good, _bad] = publish_each(&host, &office, ["甲", "赌场"]);
    assert_eq!(office.run(&["rollback"]).code, 0);
    let [mended] = publish_each(&host, &office, ["乙"]);
    assert_eq!(states(&office), [(mended, true), (good.clone(), false)]);
    let note = || fs::read_to_string(host.files().join(".xinfeng/states")).unwrap();
    for text in ["丙", "丁", "戊"] {
        publish_each(&host, &office, [text]);
        assert!(note().lines().count() <= 3, "{}", note());
    }
}

#[test]
fn a_note_that_is_gone_or_damaged_stops_nobody() {
    for damage in
        [(|note| fs::remove_file(note).unwrap()) as fn(&Path), |note| fs::write(note, b"\xff x\n../.. y\n").unwrap()]
    {
        let (host, office) = with_releases(folder(), 5);
        let [first, second, third] = publish_each(&host, &office, ["甲", "乙", "丙"]);
        damage(&host.files().join(".xinfeng/states"));
        let [fourth] = publish_each(&host, &office, ["丁"]);
        assert_eq!(left(&office).len(), 0);
        for expected in [&third, &second, &first] {
            assert_eq!(office.run(&["rollback"]).code, 0);
            assert_eq!(seen(&host), **expected);
        }
        assert_eq!(left(&office), [fourth, third, second]);
    }
}

#[test]
fn names_that_are_not_unicode_among_the_states_stop_nobody_at_a_folder_and_are_told_at_an_account() {
    let odd = || std::ffi::OsStr::from_bytes(b"\xcf\xc2\xd4\xd8");
    let (host, office) = with_releases(folder(), 2);
    let [first, second] = publish_each(&host, &office, ["甲", "乙"]);
    let releases = host.files().join("releases");
    fs::create_dir_all(releases.join(odd())).unwrap();
    fs::create_dir_all(releases.join(&first).join(odd())).unwrap();
    let [third] = publish_each(&host, &office, ["丙"]);
    assert_eq!(states(&office), [(third, true), (second, false)]);
    assert!(!releases.join(&first).exists() && releases.join(odd()).exists());

    let (host, office) = with_releases(account("sftp"), 2);
    office.published(&[]);
    fs::create_dir_all(host.files().join("releases").join(odd())).unwrap();
    let said = office.run(&["rollback", "--list"]);
    assert!(
        said.code == 1 && said.err.contains("releases/: it failed (the connection broke, or a name"),
        "{}",
        said.err
    );
    assert!(!said.err.contains("Background"), "{}", said.err);
}

#[test]
fn links_in_a_state_that_goes_are_not_followed() {
    for host in [folder(), account("sftp")] {
        let (host, office) = with_releases(host, 1);
        let [first] = publish_each(&host, &office, ["甲"]);
        let elsewhere = office.path("elsewhere");
        fs::create_dir_all(&elsewhere).unwrap();
        fs::write(elsewhere.join("kept.html"), "甲").unwrap();
        let state = host.files().join("releases").join(first);
        std::os::unix::fs::symlink(&elsewhere, state.join("link")).unwrap();
        publish_each(&host, &office, ["乙"]);
        assert!(!state.exists() && elsewhere.join("kept.html").exists());
    }
}

#[test]
fn an_old_state_that_cannot_be_deleted_is_told_once_readers_see_the_new_one() {
    let (host, office) = with_releases(folder(), 1);
    let [first] = publish_each(&host, &office, ["甲"]);
    office.article(1, "乙");
    let held = host.files().join("releases").join(first).join("news");
    let (is_done, said) = publish_to(&office, &held, "mount --bind DIR DIR", "true");
    assert!(is_done, "{said}");
    assert!(said.contains("published, but an old state could not be deleted"), "{said}");
    office.assert_is_at(&host.files().join("current"));
}

#[test]
fn a_target_without_states_is_said_to_have_none() {
    let (host, office) = with_releases(folder(), 2);
    fs::create_dir_all(host.files()).unwrap();
    let said = office.run(&["rollback", "--list"]);
    assert!(said.code == 0 && said.out.contains("there is no state to go back to"), "{}", said.out);
}

#[test]
fn only_so_many_states_are_kept() {
    let (_host, office) = with_releases(folder(), 2);
    for round in 0..5 {
        office.article(1, &format!("第{round}稿。"));
        office.published(&[]);
    }
    assert_eq!(states(&office).len(), 2);
}

#[test]
fn an_altered_state_is_not_gone_back_to() {
    let (host, office) = with_releases(folder(), 4);
    for text in ["甲", "乙", "丙"] {
        office.article(1, text);
        office.published(&[]);
    }
    let names = states(&office);
    let page = host.files().join("releases").join(&names[1].0).join("news/2026/11/article-1.html");
    let text = fs::read_to_string(&page).unwrap() + "百家乐";
    fs::remove_file(&page).unwrap();
    fs::write(&page, text).unwrap();
    let said = office.run(&["rollback"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("not as they were published"), "{}", said.err);
    let said = office.run(&["rollback", "--to", &names[2].0]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(office.verify(&[]), (0, vec![]));
    assert_eq!(office.run(&["rollback", "--to", "19990101"]).code, 1);
}

#[test]
fn a_repair_makes_a_new_state() {
    let (host, office) = with_releases(folder(), 4);
    office.published(&[]);
    let current = host.files().join("current");
    fs::write(current.join("index.html"), "百家乐").unwrap();
    fs::write(current.join("more.html"), "百家乐").unwrap();
    assert_eq!(office.verify(&[]).1, ["changed index.html", "added more.html"]);
    office.published(&["--repair"]);
    office.assert_is_at(&current);
    assert_eq!(office.verify(&[]), (0, vec![]));
}

#[test]
fn a_publication_that_was_killed_is_never_seen_and_never_sent_twice() {
    let (host, office) = with_releases(account("sftp"), 3);
    office.published(&[]);
    let current = host.files().join("current");
    let before = files(&current);
    for number in 100..160 {
        office.article(number, "新的一篇。");
    }
    let (planned, _) = office.published(&["--dry-run"]);
    let mut publishing = office.start_publishing(&[]);
    let started = std::time::Instant::now();
    while fs::read_dir(host.files().join("releases")).unwrap().count() < 2
        || files(&host.files().join("releases")).len() < before.len() + 30
    {
        assert!(started.elapsed() < std::time::Duration::from_secs(60));
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    publishing.kill().unwrap();
    publishing.wait().unwrap();
    assert!(files(&current) == before, "readers see the old state");
    let (sent, _) = office.published(&[]);
    assert!(sent.len() + 20 < planned.len(), "{} of {} were sent again", sent.len(), planned.len());
    office.assert_is_at(&current);
    assert_eq!(states(&office).len(), 2, "what was cut off is gone");
}

#[test]
fn a_server_that_is_not_known_is_explained_when_going_back_too() {
    let (host, office) = with_releases(account("sftp"), 2);
    office.published(&[]);
    let Host::Sshd(sshd) = &host else { unreachable!() };
    fs::write(sshd.strangers_key().with_file_name("known_hosts"), "").unwrap();
    let said = office.run(&["rollback"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("does not know the host key"), "{}", said.err);
}

#[test]
fn folders_of_somebody_else_beside_the_states_stay() {
    let (host, office) = with_releases(folder(), 2);
    office.published(&[]);
    let other = host.files().join("releases/backup-2025");
    fs::create_dir_all(&other).unwrap();
    fs::write(other.join("a.txt"), "甲").unwrap();
    for round in 0..3 {
        office.article(1, &format!("第{round}稿。"));
        office.published(&[]);
    }
    assert!(other.join("a.txt").exists());
    assert_eq!(states(&office).len(), 2);
}

#[test]
fn a_link_that_leads_to_somebody_elses_state_is_only_replaced_on_demand() {
    for host in [folder(), account("sftp")] {
        let (host, office) = with_releases(host, 2);
        let other = host.files().join("releases/20240101120000");
        fs::create_dir_all(&other).unwrap();
        fs::write(other.join("index.html"), "甲").unwrap();
        std::os::unix::fs::symlink("releases/20240101120000", host.files().join("current")).unwrap();
        let said = office.publish(&[]);
        assert!(said.code == 1 && said.err.contains("--adopt"), "{}", said.err);
        assert_eq!(files(&host.files().join("current")).len(), 1);
        office.published(&["--adopt"]);
        office.assert_is_at(&host.files().join("current"));
        assert!(other.join("index.html").exists());
    }
}

#[test]
fn a_link_in_place_of_the_states_folder_is_not_followed() {
    for host in [folder(), account("sftp")] {
        let (host, office) = with_releases(host, 2);
        office.published(&[]);
        let elsewhere = office.path("elsewhere");
        fs::rename(host.files().join("releases"), &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, host.files().join("releases")).unwrap();
        let before = files(&elsewhere);
        office.article(1, "改过。");
        for arguments in [&[][..], &["--repair"]] {
            let said = office.publish(arguments);
            assert!(said.code == 1 && said.err.contains("\"releases\" is a link"), "{}", said.err);
        }
        assert_eq!(office.run(&["rollback"]).code, 1);
        assert!(files(&elsewhere) == before);
    }
}

#[test]
fn what_is_to_be_kept_goes_from_state_to_state_and_back() {
    let (host, mut office) = with_releases(folder(), 4);
    office.add_to_target("keep: [verify_]");
    office.published(&[]);
    let current = host.files().join("current");
    fs::write(current.join("verify_1.txt"), "甲").unwrap();
    for text in ["甲", "乙"] {
        office.article(1, text);
        office.published(&[]);
        assert!(current.join("verify_1.txt").exists());
    }
    let said = office.run(&["rollback"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(current.join("verify_1.txt").exists());
    assert_eq!(office.verify(&[]), (0, vec![]));
}

#[test]
fn a_file_that_the_state_lacks_is_told_and_mended() {
    for host in [folder(), account("sftp")] {
        let (host, office) = with_releases(host, 3);
        office.published(&[]);
        let current = host.files().join("current");
        fs::remove_file(current.join("news/picture.svg")).unwrap();
        office.article(1, "改过。");
        let said = office.publish(&[]);
        assert!(said.code == 1 && said.err.contains("--repair"), "{}", said.err);
        office.published(&["--repair"]);
        office.assert_is_at(&current);
    }
}
