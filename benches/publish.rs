//! Publishing to an object storage on this machine, side by side with rclone (Debian: `rclone`) at the same concurrency:
//!
//! ```text
//! cargo bench --bench publish              10,000 files
//! cargo bench --bench publish -- 1000 5    1,000 files, five rounds
//! ```
//!
//! Both send the same files to the same server, in turn, each round to an empty bucket of its own; then one article is edited,
//! built, and both send what has changed. Of Xinfeng, the time after build and check is compared; rclone only copies.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and may fail"
)]
#![allow(dead_code, reason = "the tests need more of the counterparts")]

#[path = "../tests/publish/counterparts.rs"]
mod counterparts;
#[path = "../tests/publish/office.rs"]
mod office;

use std::process::Command;
use std::time::Instant;

use counterparts::{SECRET, Service, files};
use office::Office;

/// How many files are sent at the same time, by either.
const AT_ONCE: usize = 8;

const SENTENCE: &str = "三十名志愿者来到楼组，为老人理发、修伞、量血压，还把新编的健康操教给大家。";

fn main() {
    let numbers: Vec<usize> = std::env::args().filter_map(|word| word.parse().ok()).collect();
    let (wanted, rounds) = (numbers.first().copied().unwrap_or(10_000), numbers.get(1).copied().unwrap_or(3));
    // Beside each article stand lists; how many of them there are does not matter here.
    let articles = wanted * 9 / 10;
    let (mut first, mut changed) = (Times::default(), Times::default());
    for round in 1..=rounds {
        let (ours, theirs) = (Service::bucket(), Service::bucket());
        let mut office = Office::new(0);
        office.target(&format!(
            "type: s3\nendpoint: http://127.0.0.1:{}\nbucket: www\nregion: us-east-1\nat_once: {AT_ONCE}",
            ours.port
        ));
        office.environment.push(("AWS_ACCESS_KEY_ID".to_owned(), "office".to_owned()));
        office.environment.push(("AWS_SECRET_ACCESS_KEY".to_owned(), SECRET.to_owned()));
        for number in 0..articles {
            office.article(number, &format!("{}\n\n", SENTENCE.repeat(12)).repeat(4));
        }
        let (_, whole) = xinfeng(&office);
        let sent = files(&ours.folder).len();
        let requests = ours.take_requests().len();
        first.add(whole, rclone(&office, theirs.port));
        println!("round {round}: {sent} files, {requests} requests; first {}", first.last());

        office.article(articles / 2, &format!("{SENTENCE}这一句是后来加的。"));
        let (paths, part) = xinfeng(&office);
        let writes = ours.take_writes().len();
        changed.add(part, rclone(&office, theirs.port));
        println!(
            "round {round}: one article edited, {paths} files sent with {writes} writing requests; {}",
            changed.last()
        );
    }
    println!(
        "\nmedians of {rounds}, {articles} articles:\nfirst publication  {}\none article edited {}",
        first.medians(),
        changed.medians()
    );
}

/// Publishes, and tells how many files were sent, and the seconds after build and check.
fn xinfeng(office: &Office) -> (usize, f64) {
    let said = office.publish(&["--json"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let result: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    (result["sent"].as_array().unwrap().len(), result["seconds"].as_f64().unwrap())
}

/// The seconds that rclone needs to bring the bucket to the same state: by content, as we do.
fn rclone(office: &Office, port: u16) -> f64 {
    let started = Instant::now();
    // It cannot take certificates from there, and needs none.
    let status = Command::new("rclone")
        .env_remove("AWS_CA_BUNDLE")
        .args(["sync", "--config", "", "--checksum", "--s3-no-check-bucket", "--exclude", ".xinfeng/**"])
        .args(["--transfers", &AT_ONCE.to_string(), "--checkers", &AT_ONCE.to_string()])
        .args(["--s3-provider", "Other", "--s3-access-key-id", "office", "--s3-secret-access-key", SECRET])
        .args(["--s3-endpoint", &format!("http://127.0.0.1:{port}")])
        .arg(office.site().join("public"))
        .arg(":s3:www")
        .status();
    assert!(status.expect("rclone is installed").success());
    started.elapsed().as_secs_f64()
}

/// Seconds of Xinfeng and of rclone, round by round.
#[derive(Default)]
struct Times(Vec<f64>, Vec<f64>);

impl Times {
    fn add(&mut self, ours: f64, theirs: f64) {
        self.0.push(ours);
        self.1.push(theirs);
    }

    fn last(&self) -> String {
        told(self.0[self.0.len() - 1], self.1[self.1.len() - 1])
    }

    fn medians(&self) -> String {
        let median = |times: &[f64]| {
            let mut times = times.to_vec();
            times.sort_by(f64::total_cmp);
            times[times.len() / 2]
        };
        told(median(&self.0), median(&self.1))
    }
}

fn told(ours: f64, theirs: f64) -> String {
    format!("Xinfeng {ours:.2} s, rclone {theirs:.2} s ({:.2}×)", theirs / ours)
}
