//! Serves the current state over HTTP and tells browsers of the next one by server-sent events.
//!
//! One thread waits for changes and makes editions, the others answer. Start at [`Server::start`].

#![expect(clippy::disallowed_methods, reason = "the preview's clock, and the files that are served as they are")]

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Query, Request, State as Shared};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream::{Stream, unfold};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::front;
use super::part;
use super::response::{Answer, answer, decorate};
use super::session::{Session, State};
use super::state_json::{House, Viewer, tell};
use super::watch::{Places, Stop, Wake, Watch};
use crate::diagnostic::{Diagnostic, FilePath, Language};
use crate::fingerprint::fingerprint;
use crate::pipeline::{Options, PipelineError};
use crate::source::Root;

/// How the preview runs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The site's folder.
    pub site: PathBuf,
    /// The address or name to listen on.
    pub host: String,
    /// The port to begin with; 0 leaves the choice to the system.
    pub port: u16,
    pub options: Options,
    /// Whether to look at everything in turn instead of waiting for events.
    pub poll: bool,
    /// Whether browsers jump to each page that changes.
    pub follow: bool,
    pub language: Language,
}

/// Why the preview could not begin.
#[derive(Debug)]
pub enum ServerError {
    Site(PipelineError),
    /// There is no `site.yaml` in the folder.
    NoSite(Box<Diagnostic>, Root),
    /// No port is free at this address.
    Listen(String, io::Error),
}

/// A running preview.
pub struct Server {
    address: SocketAddr,
    is_polling: bool,
    states: watch::Receiver<Arc<State>>,
    stop: Stop,
    watching: Option<JoinHandle<()>>,
    // Ends the answering when it is dropped.
    runtime: Option<Runtime>,
}

/// So many ports are tried from the wanted one on.
const PORTS: u16 = 100;
const CLIENT: &str = include_str!("client.js");
const STYLE: &str = include_str!("front.css");
/// A browser notices within this time that the server is gone.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

impl Server {
    /// Reads the site, listens, and returns; the preview runs until the value is dropped.
    ///
    /// # Errors
    /// [`ServerError`]. A site with mistakes is served: the browser shows them.
    pub fn start(settings: &Settings) -> Result<Self, ServerError> {
        // Events name paths without links.
        let root = std::fs::canonicalize(&settings.site).unwrap_or_else(|_| settings.site.clone());
        // Watching begins before reading, so that no change falls between them.
        let watch = Watch::new(&root, settings.poll);
        let session = Session::open(&root, settings.options.clone()).map_err(ServerError::Site)?;
        let state = session.state();
        if let Some(missing) = state.diagnostics.iter().find(|found| found.code == "no-site-yaml") {
            return Err(ServerError::NoSite(Box::new(missing.clone()), state.root.clone()));
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| ServerError::Listen(settings.host.clone(), error))?;
        let listener = runtime
            .block_on(listen(&settings.host, settings.port))
            .map_err(|error| ServerError::Listen(settings.host.clone(), error))?;
        let address = listener.local_addr().map_err(|error| ServerError::Listen(settings.host.clone(), error))?;
        let is_polling = watch.is_polling();
        let (sender, states) = watch::channel(state);
        let service = Arc::new(Service {
            states: states.clone(),
            id: fingerprint(&(std::process::id(), Timestamp::now().as_nanosecond())).to_string(),
            host: settings.host.clone(),
            address,
            language: settings.language,
            follow: settings.follow,
        });
        runtime.spawn(async move {
            // It ends only with the runtime.
            drop(axum::serve(listener, router(service)).await);
        });
        let stop = watch.stopper();
        let watching = std::thread::spawn(move || follow(session, watch, &sender));
        Ok(Self { address, is_polling, states, stop, watching: Some(watching), runtime: Some(runtime) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether it was clear at the start that no events come from the site's folder.
    pub fn is_polling(&self) -> bool {
        self.is_polling
    }

    /// The path of the site's home page.
    pub fn home(&self) -> String {
        let state = self.states.borrow();
        state.edition.as_ref().map_or_else(|| "/".to_owned(), |it| it.plan.site.registry.base_url.path.clone())
    }

    /// The state that is shown now.
    pub fn state(&self) -> Arc<State> {
        Arc::clone(&self.states.borrow())
    }

    /// Waits for a state with a number above this one; `None` once the preview has ended.
    pub fn wait_for_next(&self, number: u64) -> Option<Arc<State>> {
        let mut states = self.states.clone();
        let runtime = self.runtime.as_ref()?;
        runtime.block_on(states.wait_for(|state| state.number > number)).ok().map(|state| Arc::clone(&state))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.stop();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        if let Some(watching) = self.watching.take() {
            // A panic there has been printed already.
            drop(watching.join());
        }
    }
}

/// Wakes, looks again, swaps.
fn follow(mut session: Session, mut watch: Watch, states: &watch::Sender<Arc<State>>) {
    loop {
        let next = session.next_change().map(|next| {
            let away_ms = next.saturating_mul(1000).saturating_sub(Timestamp::now().as_millisecond()).max(0);
            // A clock that is set anew is noticed within the hour.
            Instant::now() + Duration::from_millis(away_ms.unsigned_abs()).min(Duration::from_secs(3600))
        });
        let (places, is_sweep) = match watch.wait(next) {
            Wake::Look(places) => (places, false),
            Wake::Sweep => (Places::Everywhere, true),
            Wake::Time => (Places::These(std::collections::BTreeSet::new()), false),
            Wake::Stopped => return,
        };
        let started = Instant::now();
        let before = session.state();
        let is_new = session.refresh(&places, Timestamp::now());
        if is_new {
            drop(states.send_replace(session.state()));
        }
        if places == Places::Everywhere {
            watch.took(started.elapsed());
        }
        if is_new && is_sweep {
            // No event has told of it.
            watch.watch_all();
        }
        // A large edition takes its time to go: nobody waits for it now.
        drop(before);
    }
}

/// The first free port from the wanted one on.
async fn listen(host: &str, port: u16) -> io::Result<TcpListener> {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let mut first_error = None;
    for port in port..=port.saturating_add(if port == 0 { 0 } else { PORTS }) {
        match TcpListener::bind((host, port)).await {
            Ok(listener) => return Ok(listener),
            Err(error) => {
                let is_taken = matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied);
                if !is_taken {
                    return Err(error);
                }
                first_error = first_error.or(Some(error));
            }
        }
    }
    Err(first_error.unwrap_or_else(|| io::ErrorKind::AddrInUse.into()))
}

/// What the answers need.
struct Service {
    states: watch::Receiver<Arc<State>>,
    /// Tells one run of the server from the next.
    id: String,
    host: String,
    address: SocketAddr,
    language: Language,
    follow: bool,
}

fn router(service: Arc<Service>) -> Router {
    Router::new()
        .route("/__preview/", get(front_page))
        .route("/__preview/client.js", get(|| async { file("text/javascript; charset=utf-8", CLIENT) }))
        .route("/__preview/front.css", get(|| async { file("text/css; charset=utf-8", STYLE) }))
        .route("/__preview/events", get(events))
        .fallback(site)
        .layer(from_fn_with_state(Arc::clone(&service), guard))
        .with_state(service)
}

/// Refuses what is not meant for this server, and says that nothing may be kept or used by other sites.
async fn guard(Shared(service): Shared<Arc<Service>>, request: Request, next: Next) -> Response {
    if !service.is_own_host(request.headers()) {
        let text = "这个地址不是预览的地址 / this host is not the preview's";
        return (StatusCode::MISDIRECTED_REQUEST, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text)
            .into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, header::HeaderValue::from_static(value));
    }
    response
}

impl Service {
    /// Whether the `Host` is this server. A name that an attacker has pointed here (DNS rebinding) is not: only
    /// addresses, `localhost` and the name that was given at the start are.
    fn is_own_host(&self, headers: &HeaderMap) -> bool {
        let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else { return false };
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.chars().all(|c| c.is_ascii_digit()) => name,
            _ => host,
        };
        let name = name.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        let own = self.address.ip();
        match name.parse::<IpAddr>() {
            Ok(address) => address == own || (own.is_unspecified() || own.is_loopback() == address.is_loopback()),
            Err(_) => {
                (name == "localhost" && (own.is_loopback() || own.is_unspecified()))
                    || name == self.host.to_ascii_lowercase()
            }
        }
    }

    fn state(&self) -> Arc<State> {
        Arc::clone(&self.states.borrow())
    }
}

fn file(content_type: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, content_type)], text).into_response()
}

async fn front_page(Shared(service): Shared<Arc<Service>>, request: Request) -> Response {
    let state = service.state();
    let language = front::language(&request.uri().to_string(), service.language);
    let html = front::draw(&state, language);
    page(StatusCode::OK, html.as_bytes(), &front::hash(&html), language)
}

fn page(status: StatusCode, bytes: &[u8], hash: &str, language: Language) -> Response {
    let body = decorate(bytes, hash, language);
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response()
}

/// Every path but the preview's own.
async fn site(Shared(service): Shared<Arc<Service>>, request: Request) -> Response {
    let state = service.state();
    let language = service.language;
    match answer(&state, request.uri().path()) {
        Answer::Page { status, hash, bytes, content_type } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
            if content_type.starts_with("text/html") {
                page(status, &bytes, &hash.to_string(), language)
            } else {
                (status, [(header::CONTENT_TYPE, content_type)], bytes).into_response()
            }
        }
        Answer::File { path, content_type } => {
            let range = request.headers().get(header::RANGE).and_then(|range| range.to_str().ok()).map(str::to_owned);
            let read = move || part::read(&path, range.as_deref());
            match tokio::task::spawn_blocking(read).await {
                Ok(Ok(part)) => part.response(content_type),
                // It went away a moment ago: the next edition will know.
                _ => StatusCode::NOT_FOUND.into_response(),
            }
        }
        Answer::Redirect(to) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        Answer::Broken(_) => {
            let hash = format!("broken{}", state.number);
            page(StatusCode::INTERNAL_SERVER_ERROR, front::waiting_page(language).as_bytes(), &hash, language)
        }
        Answer::Waiting => {
            let hash = format!("waiting{}", state.number);
            page(StatusCode::SERVICE_UNAVAILABLE, front::waiting_page(language).as_bytes(), &hash, language)
        }
    }
}

/// What a browser says of itself when it connects.
#[derive(serde::Deserialize)]
struct Connection {
    path: String,
    #[serde(default)]
    since: String,
}

/// One event at once, and one for each new state.
async fn events(
    Shared(service): Shared<Arc<Service>>,
    Query(connection): Query<Connection>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let viewer = Viewer { path: connection.path, since: connection.since.parse().ok() };
    let states = service.states.clone();
    let stream = unfold((service, states, viewer, true), |(service, mut states, mut viewer, is_first)| async move {
        if !is_first {
            states.changed().await.ok()?;
        }
        let state = Arc::clone(&states.borrow_and_update());
        let house = House { server: &service.id, language: service.language, follow: service.follow };
        let told = tell(&state, &viewer, &house);
        viewer.since = Some(state.number);
        let event = Event::default().event("state").data(told.to_string());
        Some((Ok(event), (service, states, viewer, false)))
    });
    Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

/// Places for a test or a tool that knows what it changed.
impl From<&[&str]> for Places {
    fn from(paths: &[&str]) -> Self {
        Self::These(paths.iter().map(FilePath::new).collect())
    }
}
