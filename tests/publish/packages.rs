//! Publishing across an air gap: packages that are carried over by hand.

use std::fs;
use std::path::Path;

use super::counterparts::{Service, files};
use super::office::{Host, Office, Said, bucket_at, folder};

/// A machine beside the web host: `site.yaml`, and neither the articles nor the secret key.
fn other_side(office: &Office) -> Office {
    let twin = office.twin();
    fs::remove_dir_all(twin.site().join("content")).unwrap();
    fs::remove_dir_all(twin.path("home")).unwrap();
    drop(fs::remove_dir_all(twin.site().join("public")));
    twin
}

fn export(office: &Office, file: &Path, more: &[&str]) -> Said {
    let said = office.publish(&[&["--export", file.to_str().unwrap()], more].concat());
    assert_eq!(said.code, 0, "{}", said.err);
    said
}

fn import(office: &Office, file: &Path) -> Said {
    office.run(&["publish", "--import", file.to_str().unwrap()])
}

#[test]
fn what_was_carried_over_is_published_there() {
    let (host, office) = folder();
    let there = other_side(&office);
    let (first, second) = (office.path("1.zip"), office.path("2.zip"));

    export(&office, &first, &[]);
    assert!(files(&host.files()).is_empty(), "nothing is sent");
    assert_eq!(import(&there, &first).code, 0);
    office.assert_is_at(&host.files());

    office.article(3, "改过。");
    office.remove_article(5);
    export(&office, &second, &[]);
    assert!(fs::metadata(&second).unwrap().len() < fs::metadata(&first).unwrap().len(), "only what has changed");
    let said = import(&there, &second);
    assert_eq!(said.code, 0, "{}", said.err);
    office.assert_is_at(&host.files());
    assert_eq!(there.verify(&[]), (0, vec![]));
    assert_eq!(office.verify(&[]), (0, vec![]));
    assert_eq!(import(&there, &second).code, 0, "twice is once");
    let said = export(&office, &office.path("3.zip"), &[]);
    assert!(said.out.contains("nothing has changed") || said.err.contains("nothing has changed"));
}

#[test]
fn a_package_that_was_left_out_is_told() {
    let (host, office) = folder();
    let there = other_side(&office);
    let package = |number: usize| office.path(&format!("{number}.zip"));
    for number in 1..=3 {
        office.article(number, "改过。");
        export(&office, &package(number), &[]);
    }
    assert_eq!(import(&there, &package(1)).code, 0);
    let before = files(&host.files());
    let said = import(&there, &package(3));
    assert_eq!(said.code, 1);
    assert!(said.err.contains("--full"), "{}", said.err);
    assert!(files(&host.files()) == before);
    export(&office, &package(4), &["--full"]);
    assert_eq!(import(&there, &package(4)).code, 0);
    office.assert_is_at(&host.files());
    let said = import(&there, &package(2));
    assert_eq!(said.code, 1);
    assert!(said.err.contains("newer"), "{}", said.err);
    office.assert_is_at(&host.files());
}

#[test]
fn an_altered_package_is_refused() {
    let (host, office) = folder();
    let there = other_side(&office);
    let file = office.path("1.zip");
    export(&office, &file, &[]);
    let genuine = fs::read(&file).unwrap();
    for round in 0..40 {
        let mut bytes = genuine.clone();
        let at = bytes.len() * round / 40;
        bytes[at] ^= 0x55;
        fs::write(&file, &bytes).unwrap();
        let said = import(&there, &file);
        // A time stamp or the like means nothing; whatever means something is signed.
        if said.code == 0 {
            office.assert_is_at(&host.files());
            // As if nothing had been published from there.
            fs::remove_dir_all(host.files()).unwrap();
            fs::remove_dir_all(there.site().join("public")).unwrap();
        } else {
            assert!(said.err.contains("signature") || said.err.contains("copy it once more"), "{}", said.err);
            assert!(files(&host.files()).is_empty());
        }
    }
    fs::write(&file, &genuine[..genuine.len() / 2]).unwrap();
    assert!(import(&there, &file).err.contains("copy it once more"));
    let other = Office::with_target(12, "type: folder\npath: /nowhere");
    export(&other, &file, &[]);
    assert!(import(&there, &file).err.contains("signature"));
    assert!(files(&host.files()).is_empty());
}

#[test]
fn a_whole_package_repairs_what_was_tampered_with() {
    let (host, office) = folder();
    let there = other_side(&office);
    let file = office.path("1.zip");
    export(&office, &file, &["--full"]);
    assert_eq!(import(&there, &file).code, 0);
    fs::write(host.files().join("index.html"), "<p>百家乐</p>").unwrap();
    fs::write(host.files().join("bet.html"), "<p>百家乐</p>").unwrap();
    let said = there.run(&["publish", "--repair", "--import", file.to_str().unwrap()]);
    assert_eq!(said.code, 0, "{}", said.err);
    office.assert_is_at(&host.files());
}

#[test]
fn a_package_goes_to_any_target() {
    let service = Service::bucket();
    let office = Office::with_target(12, &format!("{}\ncompress: true", bucket_at(service.port)));
    let file = office.path("1.zip");
    export(&office, &file, &[]);
    let mut there = other_side(&office);
    there.environment.push(("AWS_ACCESS_KEY_ID".to_owned(), "office".to_owned()));
    there.environment.push(("AWS_SECRET_ACCESS_KEY".to_owned(), super::counterparts::SECRET.to_owned()));
    let said = import(&there, &file);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(service.folder.join("index.html.br").exists());
    assert_eq!(there.verify(&[]), (0, vec![]));
    let _keep = Host::Service(service);
}
