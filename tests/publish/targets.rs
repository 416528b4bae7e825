//! What is the same at every kind of target.

use std::fs;

use super::office::{Host, Office, account, bucket, folder, webdav};

/// An editor's week: publish, publish again, correct, delete, be tampered with, repair.
fn a_week((host, office): (Host, Office)) {
    let there = host.files();

    let (sent, _) = office.published(&[]);
    assert_eq!(sent.len(), office.public().len());
    office.assert_is_at(&there);

    assert_eq!(office.published(&[]), (vec![], vec![]), "nothing has changed");

    office.article(3, "三十一名志愿者来到楼组。");
    let (sent, deleted) = office.published(&[]);
    assert!(
        sent.contains(&"news/article-3.html".to_owned()) || sent.iter().any(|path| path.contains("article-3")),
        "{sent:?}"
    );
    assert!(!sent.iter().any(|path| path.contains("article-4")), "another article was sent: {sent:?}");
    assert_eq!(deleted, Vec::<String>::new());
    office.assert_is_at(&there);

    // Names that mean something to shells, rsync and addresses; the first one would fit the others too.
    let odd = ["表/[甲乙]*.txt", "表/甲1.txt", "表/乙 2.txt", "表/100%#3?.txt"];
    for name in odd {
        let file = office.site().join("static").join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, name).unwrap();
    }
    office.published(&[]);
    office.assert_is_at(&there);
    for gone in [odd[0], odd[3]] {
        fs::remove_file(office.site().join("static").join(gone)).unwrap();
        assert_eq!(office.published(&[]).1, [gone]);
    }
    office.remove_article(5);
    let (_, deleted) = office.published(&[]);
    assert_eq!(deleted.len(), 1, "{deleted:?}");
    office.assert_is_at(&there);
    assert_eq!(office.verify(&[]), (0, vec![]));

    let home = fs::read_to_string(there.join("index.html")).unwrap();
    fs::write(there.join("index.html"), home.replace("</body>", "<p>彩票平台 澳门百家乐</p></body>")).unwrap();
    fs::write(there.join("bet.html"), "<p>百家乐</p>").unwrap();
    fs::remove_file(there.join("robots.txt")).unwrap();
    let (code, told) = office.verify(&[]);
    assert_eq!(told, ["added bet.html", "changed index.html", "missing robots.txt"]);
    assert_eq!(code, 1);

    let (sent, deleted) = office.published(&["--repair"]);
    assert_eq!((sent, deleted), (vec!["robots.txt".to_owned(), "index.html".to_owned()], vec!["bet.html".to_owned()]));
    office.assert_is_at(&there);
    assert_eq!(office.verify(&[]), (0, vec![]));
}

#[test]
fn a_folder() {
    a_week(folder());
}

#[test]
fn an_account_by_sftp() {
    a_week(account("sftp"));
}

#[test]
fn an_account_by_rsync() {
    a_week(account("rsync"));
}

#[test]
fn a_bucket() {
    a_week(bucket());
}

#[test]
fn a_webdav_share() {
    a_week(webdav());
}

#[test]
fn a_file_becomes_a_folder_and_a_folder_a_file() {
    for (host, office) in [folder(), account("sftp"), account("rsync"), webdav()] {
        let data = office.site().join("static/资料");
        fs::create_dir_all(data.parent().unwrap()).unwrap();
        fs::write(&data, "甲").unwrap();
        office.published(&[]);
        fs::remove_file(&data).unwrap();
        fs::create_dir_all(data.join("上/下")).unwrap();
        fs::write(data.join("上/下/甲.txt"), "甲").unwrap();
        office.published(&[]);
        office.assert_is_at(&host.files());
        fs::remove_dir_all(&data).unwrap();
        fs::write(&data, "乙").unwrap();
        office.published(&[]);
        office.assert_is_at(&host.files());
    }
}
