//! Asks other sites whether the pages that we link to are still there (`check --net`).
//!
//! At most four sites at once, each asked one thing at a time with a pause; what a site answered holds for a day. Start
//! at [`Net::ask`].

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use url::Url;

/// The name of the answers' file in the output folder's state.
pub const FILE: &str = "links";
/// So many addresses are asked for in one run.
pub const AT_MOST: usize = 500;

const SITES_AT_ONCE: usize = 4;
const PAUSE: Duration = Duration::from_millis(300);
const TIMEOUT: Duration = Duration::from_secs(10);
const USER_AGENT: &str = concat!("xinfeng/", env!("CARGO_PKG_VERSION"), " (link check)");
/// A site that failed so often in a row is left alone.
const GIVES_UP_AFTER: usize = 3;
/// Redirects within one site that are followed.
const STEPS: usize = 5;
/// Seconds for which an answer holds; a failure may be over soon.
const DAY: i64 = 24 * 60 * 60;
const FAILURE: i64 = 10 * 60;

/// How other sites are asked, and what they answered before.
#[derive(Debug, Default)]
pub struct Net {
    /// The clock, in seconds since 1970.
    pub now: i64,
    /// So many addresses are asked for; the others wait for the next run.
    pub at_most: usize,
    answers: Mutex<BTreeMap<String, (i64, Answer)>>,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It answers; perhaps it wants a password or no machines.
    Here,
    /// 404 or 410.
    Gone(u16),
    /// 5xx
    Broken(u16),
    TimedOut,
    /// No such host, no connection, no valid certificate.
    Unreachable,
    /// Another site answers, at this address.
    Moved(String),
}

impl Answer {
    fn is_failure(&self) -> bool {
        matches!(self, Self::Broken(_) | Self::TimedOut | Self::Unreachable)
    }

    fn word(&self) -> String {
        match self {
            Self::Here => "here".to_owned(),
            Self::Gone(status) | Self::Broken(status) => status.to_string(),
            Self::TimedOut => "timed-out".to_owned(),
            Self::Unreachable => "unreachable".to_owned(),
            Self::Moved(to) => format!("moved:{to}"),
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "here" => Self::Here,
            "timed-out" => Self::TimedOut,
            "unreachable" => Self::Unreachable,
            _ => match word.strip_prefix("moved:") {
                Some(to) => Self::Moved(to.to_owned()),
                None => Self::of_status(word.parse().ok()?),
            },
        })
    }

    fn of_status(status: u16) -> Self {
        match status {
            404 | 410 => Self::Gone(status),
            500.. => Self::Broken(status),
            _ => Self::Here,
        }
    }
}

impl Net {
    /// Begins with what an earlier run left; a line that cannot be read is asked for again.
    pub fn new(now: i64, at_most: usize, kept: &str) -> Self {
        let line = |line: &str| {
            let mut parts = line.splitn(3, ' ');
            let (time, answer) = (parts.next()?.parse().ok()?, Answer::parse(parts.next()?)?);
            Some((parts.next()?.to_owned(), (time, answer)))
        };
        let mut answers: BTreeMap<String, (i64, Answer)> = kept.lines().filter_map(line).collect();
        answers.retain(|_, (time, answer)| {
            let holds = if answer.is_failure() { FAILURE } else { DAY };
            (0..holds).contains(&(now - *time))
        });
        Self { now, at_most, answers: Mutex::new(answers) }
    }

    /// The answers that still hold, for the next run.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (address, (time, answer)) in &*self.answers.lock().unwrap_or_else(PoisonError::into_inner) {
            writeln!(text, "{time} {} {address}", answer.word()).expect("a text takes every line");
        }
        text
    }

    /// What became of each address; those that were not asked for are missing.
    pub fn ask<'u>(&self, addresses: impl Iterator<Item = &'u String>) -> BTreeMap<String, Answer> {
        let known = self.answers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (old, new): (Vec<&String>, Vec<&String>) = addresses.partition(|address| known.contains_key(*address));
        let mut of_site: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for address in new.into_iter().take(self.at_most) {
            if let Some(site) = site_of(address) {
                of_site.entry(site).or_default().push(address.clone());
            }
        }
        let mut found = ask_sites(of_site.into_values().collect());
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.extend(found.iter().map(|(address, answer)| (address.clone(), (self.now, answer.clone()))));
        found.extend(old.into_iter().map(|address| (address.clone(), known[address].1.clone())));
        found
    }
}

/// Host and port; `www.` belongs to the same site.
fn site_of(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let host = url.host_str()?;
    // A site that moves to https is the same site, on another port.
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}{port}", host.strip_prefix("www.").unwrap_or(host)))
}

fn ask_sites(sites: VecDeque<Vec<String>>) -> BTreeMap<String, Answer> {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .max_redirects(0)
        .http_status_as_error(false)
        .user_agent(USER_AGENT)
        .build();
    let agent: ureq::Agent = config.into();
    let workers = SITES_AT_ONCE.min(sites.len());
    let (sites, found) = (Mutex::new(sites), Mutex::new(BTreeMap::new()));
    let next = || sites.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let work = || {
        while let Some(addresses) = next() {
            let answers = ask_site(&agent, addresses);
            found.lock().unwrap_or_else(PoisonError::into_inner).extend(answers);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(work);
        }
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Asks one site for one page after the other.
fn ask_site(agent: &ureq::Agent, addresses: Vec<String>) -> Vec<(String, Answer)> {
    let mut answers: Vec<(String, Answer)> = Vec::with_capacity(addresses.len());
    let mut failures = 0;
    for address in addresses {
        let last = answers.last().map(|(_, answer)| answer.clone());
        let answer = match last.filter(|_| failures >= GIVES_UP_AFTER) {
            Some(failure) => failure,
            None => {
                if !answers.is_empty() {
                    std::thread::sleep(PAUSE);
                }
                follow(agent, &address)
            }
        };
        failures = if answer.is_failure() { failures + 1 } else { 0 };
        answers.push((address, answer));
    }
    answers
}

/// Follows redirects as long as they stay on the site.
fn follow(agent: &ureq::Agent, address: &str) -> Answer {
    // An address as people write it, Chinese characters and all, becomes one as the network knows it.
    let Ok(address) = Url::parse(address) else { return Answer::Unreachable };
    let mut at = String::from(address);
    for _ in 0..STEPS {
        match request(agent, &at) {
            Ok((300..400, Some(location))) => {
                let Some(next) = Url::parse(&at).ok().and_then(|url| url.join(&location).ok()) else {
                    return Answer::Here;
                };
                if site_of(next.as_str()) != site_of(&at) {
                    return Answer::Moved(next.into());
                }
                at = next.into();
            }
            Ok((status, _)) => return Answer::of_status(status),
            Err(ureq::Error::Timeout(_)) => return Answer::TimedOut,
            Err(_) => return Answer::Unreachable,
        }
    }
    // A site that sends its readers in circles, until they bring a cookie.
    Answer::Here
}

/// The status and where it sends us. Some servers know no HEAD: what it says is wrong is asked for again by GET.
fn request(agent: &ureq::Agent, address: &str) -> Result<(u16, Option<String>), ureq::Error> {
    let mut response = agent.head(address).call()?;
    if response.status().as_u16() >= 400 {
        response = agent.get(address).call()?;
    }
    let location = response.headers().get("location").and_then(|value| value.to_str().ok()).map(str::to_owned);
    Ok((response.status().as_u16(), location))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_kept_for_a_day_and_failures_for_minutes() {
        let lines = [
            "1000 here https://a.example/",
            "1000 404 https://b.example/x y",
            "1000 moved:https://c.example/ https://d.example/",
            "1000 503 https://e.example/",
            "1000 timed-out https://f.example/",
        ];
        let text = lines.join("\n") + "\n";
        assert_eq!(Net::new(1000, 0, &text).to_text().lines().count(), 5);
        assert_eq!(Net::new(1000 + FAILURE, 0, &text).to_text(), lines[..3].join("\n") + "\n");
        assert_eq!(Net::new(1000 + DAY, 0, &text).to_text(), "");
        assert_eq!(Net::new(999, 0, &text).to_text(), "", "a clock that was set back");
        assert_eq!(Net::new(1000, 0, "1000 what https://a.example/\n1000\n\n").to_text(), "");
    }

    #[test]
    fn a_site_is_a_host_and_a_port() {
        let same = |a: &str, b: &str| site_of(a) == site_of(b);
        assert!(same("http://www.example.org/a", "https://example.org/b"));
        assert!(!same("http://example.org/", "http://example.com/"));
        assert!(!same("http://example.org:8000/", "http://example.org:8001/"));
    }
}
