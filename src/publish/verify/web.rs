//! What a web server sends: to a reader, and to a search engine. A few requests at a time, with a pause after each.

use std::io::Read;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use brotli::Decompressor;
use flate2::read::GzDecoder;

use crate::diagnostic::Text;
use crate::parse::registry::BaseUrl;
use crate::plan::url::{Addresses, OutputPath};
use crate::publish::manifest::MANIFEST;

const AT_ONCE: usize = 4;
/// After each request, in each of the lines of requests.
const PAUSE: Duration = Duration::from_millis(20);
const TIMEOUT: Duration = Duration::from_secs(30);
/// Packed bytes that are read in one step.
const BUFFER: usize = 16 * 1024;
/// A file that fails for a passing reason is asked for so often.
const TRIES: usize = 3;
/// No larger manifest is read.
const MOST_MANIFEST: u64 = 256 * 1024 * 1024;

const READER: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36";
/// The one that looks like a telephone: some pages change for these only.
const SEARCH_ENGINE: &str = "Mozilla/5.0 (Linux; Android 10; zh-cn) AppleWebKit/537.36 (KHTML, like Gecko) Version/5.1 Mobile Safari/537.36 \
     (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)";
const REFERRER: &str = "https://www.baidu.com/s?wd=";

/// As whom we ask. Injected content often shows itself to some only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visitor {
    Reader,
    /// The same, taking compressed pages as browsers do: by gzip or Brotli, whichever the server likes better.
    CompressedReader,
    /// The same with gzip alone, as some programs between readers and servers do.
    GzipReader,
    /// With a search engine's name, coming from its results, and taking compressed pages.
    SearchEngine,
}

/// What came back.
#[derive(Debug)]
pub enum Seen {
    Bytes(Vec<u8>),
    /// It is larger than we wanted to read.
    TooLarge,
    Redirect(String),
    Status(u16),
    Failure(Text),
}

/// A site on the web.
pub struct Web {
    base: BaseUrl,
    agent: ureq::Agent,
    /// Whether the server has sent a page packed by Brotli: its pages packed by gzip are others then.
    sends_brotli: AtomicBool,
}

impl Web {
    pub fn new(base: BaseUrl) -> Self {
        let configuration = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .build();
        Self { base, agent: configuration.into(), sends_brotli: AtomicBool::new(false) }
    }

    /// Whether the server has sent a page packed by Brotli.
    pub fn sends_brotli(&self) -> bool {
        self.sends_brotli.load(Ordering::Relaxed)
    }

    /// The manifest's text; `None` where there is none.
    ///
    /// # Errors
    /// The server does not answer as one should, and why not.
    pub fn manifest(&self) -> Result<Option<Vec<u8>>, Text> {
        let path = OutputPath::from_manifest(MANIFEST).expect("a plain name");
        match self.look(&path, Visitor::Reader, MOST_MANIFEST) {
            Seen::Bytes(bytes) => Ok(Some(bytes)),
            Seen::TooLarge => Err(Text::new(format!("{MANIFEST} 太大"), format!("{MANIFEST} is too large"))),
            Seen::Status(404 | 410) => Ok(None),
            Seen::Status(status) => Err(Text::new(format!("HTTP {status}"), format!("HTTP {status}"))),
            Seen::Redirect(to) => Err(Text::new(format!("→ {to}"), format!("→ {to}"))),
            Seen::Failure(reason) => Err(reason),
        }
    }

    /// Asks for a file under the address that links to it name; of `most` bytes at most.
    pub fn look(&self, path: &OutputPath, visitor: Visitor, most: u64) -> Seen {
        let address = Addresses(&self.base).absolute(path);
        let mut tries = 1;
        loop {
            let seen = self.ask(&address, visitor, most);
            std::thread::sleep(PAUSE);
            let may_pass = matches!(seen, Seen::Failure(_) | Seen::Status(429 | 502..=504));
            if !may_pass || tries == TRIES {
                return seen;
            }
            std::thread::sleep(Duration::from_millis(500) * 2_u32.pow(tries as u32));
            tries += 1;
        }
    }

    fn ask(&self, address: &str, visitor: Visitor, most: u64) -> Seen {
        let request = self.agent.get(address);
        let request = match visitor {
            Visitor::Reader => request.header("user-agent", READER).header("accept-encoding", "identity"),
            Visitor::CompressedReader => request.header("user-agent", READER).header("accept-encoding", "gzip, br"),
            Visitor::GzipReader => request.header("user-agent", READER).header("accept-encoding", "gzip"),
            Visitor::SearchEngine => request
                .header("user-agent", SEARCH_ENGINE)
                .header("referer", REFERRER)
                .header("accept-encoding", "gzip, br"),
        };
        let mut response = match request.call() {
            Ok(response) => response,
            Err(error) => return Seen::Failure(Text::from(&error)),
        };
        let status = response.status().as_u16();
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        if let (300..400, Some(to)) = (status, header("location")) {
            return Seen::Redirect(to);
        }
        // Browsers follow this one too, a moment after they got the page.
        if let Some(to) = header("refresh") {
            return Seen::Redirect(to);
        }
        // An office's own page for what is not there is asked for by its own address, and comes with 200 or 404.
        if status != 200 {
            return Seen::Status(status);
        }
        let encoding = header("content-encoding");
        let body = response.body_mut().as_reader();
        match encoding.as_deref() {
            Some("gzip") => read(GzDecoder::new(body), most),
            Some("br") => {
                self.sends_brotli.store(true, Ordering::Relaxed);
                read(Decompressor::new(body, BUFFER), most)
            }
            _ => read(body, most),
        }
    }

    /// Does something for each element, in a few threads; the results keep the order.
    pub fn for_each<T: Sync, R: Send>(&self, elements: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
        let (next, results) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(elements.len())));
        std::thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let Some(element) = elements.get(number) else { break };
                        let result = work(element);
                        results.lock().unwrap_or_else(PoisonError::into_inner).push((number, result));
                    }
                });
            }
        });
        let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        results.sort_by_key(|(number, _)| *number);
        results.into_iter().map(|(_, result)| result).collect()
    }
}

/// Whoever sends without an end, or packs a lot into little, does not fill our memory.
fn read(body: impl Read, most: u64) -> Seen {
    let mut bytes = Vec::new();
    match body.take(most + 1).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() as u64 > most => Seen::TooLarge,
        Ok(_) => Seen::Bytes(bytes),
        Err(error) => Seen::Failure(Text::from(&error)),
    }
}
