//! A consumer of a built site: brings a target to the state of the output folder, and notices when it is no longer in it.
//!
//! ```text
//! publish = release -> what is known of the target -> changes -> waves of files -> deletions -> manifest
//! verify  = signed manifest -> every file there -> differences
//! ```
//!
//! Readers never see half a state: what a page points to stands before the page, files appear whole, and whatever a publication
//! that was cut off left half-way is claimed in the target's lock until the next one has put it right. Start at [`publish`].

pub mod changes;
pub mod key;
pub mod keyring;
pub mod lock;
pub mod manifest;
pub mod release;
pub mod store;
pub mod verify;

use std::collections::BTreeMap;

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};

use crate::diagnostic::Text;
use crate::plan::url::OutputPath;
use crate::write::{Journal, WriteError};
use changes::{Changes, Known};
use key::SecretKey;
use lock::{Asked, LEASE, Lock};
use manifest::{Distrust, Entry, KEY, MANIFEST, Manifest, parse_line};
use release::Release;
use store::{Headers, Store, StoreError};

/// What decides how a publication goes, beside the release and the target.
pub struct Options<'a> {
    pub key: &'a SecretKey,
    /// The site's address and the program's identity, for the manifest.
    pub site: String,
    pub engine: String,
    /// Who publishes, for others who find the target locked.
    pub owner: String,
    /// Tells this publication from all others.
    pub id: String,
    /// Whether texts are stored compressed too.
    pub compress: bool,
    /// The beginnings of paths at the target that are not the site's.
    pub keep: Vec<String>,
    /// The share of files, in per cent, that may be deleted without a question.
    pub max_deletions: u32,
    /// How many files are sent at the same time.
    pub at_once: usize,
    /// Whether the files there are read and compared instead of trusting the manifest.
    pub repair: bool,
    /// Whether files that are there without a manifest of ours may stay.
    pub adopt: bool,
    /// Asked when many files would be deleted: how many, of how many.
    pub may_delete: &'a (dyn Fn(usize, usize) -> bool + Sync),
    pub now: &'a (dyn Fn() -> Timestamp + Sync),
}

/// Told how far a publication has come.
pub trait Progress: Sync {
    fn begin(&self, files: usize, bytes: u64);
    fn sent(&self, bytes: u64);
}

/// What a publication did, or would do.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Published {
    pub files: usize,
    pub sent: Vec<OutputPath>,
    pub sent_bytes: u64,
    pub deleted: Vec<OutputPath>,
    /// The signed manifest that stands there now; empty where nothing was done.
    pub manifest: String,
}

/// Why a publication stopped. Readers see a consistent site, and the next one goes on from there.
#[derive(Debug)]
pub enum Stopped {
    Store(StoreError),
    Write(WriteError),
    /// Somebody else is publishing; `None` where it is another process of this machine.
    Busy(Option<Lock>),
    /// Somebody took over the lock, since this publication did not answer for too long.
    LockLost,
    /// The target holds files, and no manifest of ours.
    Foreign(Vec<String>),
    /// The target's manifest is not to be trusted.
    Distrusted(Distrust),
    /// So many of so many files would be deleted, and nobody agreed.
    TooManyDeletions(usize, usize),
    /// The site itself has a file under one of our names.
    Reserved(OutputPath),
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<WriteError> for Stopped {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}

impl Stopped {
    /// The message for the editor.
    pub fn text(&self) -> Text {
        match self {
            Self::Store(error) => error.text(),
            Self::Write(error) => error.text(),
            Self::Busy(None) => Text::new(
                "这台电脑上另一个 xinfeng publish 正在发布",
                "another xinfeng publish of this machine is at work",
            ),
            Self::Busy(Some(Lock { owner, expires, .. })) => Text::new(
                format!("“{owner}”正在发布，请等它结束。如果那边已经中断，{expires}（UTC）以后就可以发布"),
                format!(
                    "\"{owner}\" is publishing; wait for it. Should it have been cut off, try again after {expires}"
                ),
            ),
            Self::LockLost => Text::new(
                "停得太久，别人已经接手发布，这次没有继续",
                "somebody else took over, since this publication had stood still for too long",
            ),
            Self::Foreign(files) => Text::new(
                format!(
                    "那里已有 {} 个文件（例如 {}），却没有新风的清单，为免覆盖，没有发布。确认可以放在一起，就加 --adopt",
                    files.len(),
                    example(files)
                ),
                format!(
                    "there are {} files already (e.g. {}), and no manifest of ours: nothing was published. --adopt publishes \
                     beside them",
                    files.len(),
                    example(files)
                ),
            ),
            Self::Distrusted(distrust) => Text::new(
                format!(
                    "那里的清单（{MANIFEST}）{}，可能被人改过。先用 xinfeng verify 查看，再用 xinfeng publish --repair 修复",
                    distrust.text().zh
                ),
                format!(
                    "the manifest there ({MANIFEST}) {}: it may have been tampered with. Look with xinfeng verify, then mend \
                     with xinfeng publish --repair",
                    distrust.text().en
                ),
            ),
            Self::TooManyDeletions(deleted, of) => Text::new(
                format!("这次要删除 {of} 个文件中的 {deleted} 个，没有发布。确认要删，就加 --yes"),
                format!("{deleted} of {of} files would be deleted: nothing was published. --yes agrees to it"),
            ),
            Self::Reserved(path) => Text::new(
                format!("网站里有一个“{path}”，这个名字留给发布清单，请给它改名"),
                format!("the site has a file \"{path}\", a name that the manifest needs: rename it"),
            ),
        }
    }
}

fn example(files: &[String]) -> &str {
    files.first().map_or("", String::as_str)
}

/// What is known of a target before a publication.
struct Look {
    /// The manifest there, as it was read: whether it still is tells whether anybody published meanwhile.
    note: Option<Vec<u8>>,
    known: Known,
    changes: Changes,
}

/// What would be done, without doing it.
///
/// # Errors
/// [`Stopped`]
pub async fn plan(store: &Store, release: &mut Release, options: &Options<'_>) -> Result<Published, Stopped> {
    let claims = Lock::read(store).await?.map(|lock| lock.claims).unwrap_or_default();
    let look = look(store, release, options, &claims, &[]).await?;
    Ok(published(release, &look.changes))
}

/// Brings the target to the release.
///
/// # Errors
/// [`Stopped`]; readers then see a consistent site, old, new or between two waves.
pub async fn publish(
    store: &Store,
    release: &mut Release,
    options: &Options<'_>,
    journal: &Journal,
    progress: &dyn Progress,
) -> Result<Published, Stopped> {
    let mut notes = Notes::read(&journal.left);
    let left = Lock::read(store).await?;
    if let Some(lock) = left.as_ref().filter(|lock| lock.is_held(&notes.dead, (options.now)())) {
        return Err(Stopped::Busy(Some(lock.clone())));
    }
    // What we sent ourselves before we were cut off need not be sent again, if nobody published meanwhile.
    if !left.as_ref().is_some_and(|left| notes.dead.contains(&left.id)) {
        notes = Notes::default();
        journal.clear()?;
    }
    let left_id = left.as_ref().map(|left| left.id.clone());
    let claims = left.map(|left| left.claims).unwrap_or_default();
    let mut look = look(store, release, options, &claims, &notes.sent).await?;
    // Where nothing has changed, nothing is written, not even a lock.
    if left_id.is_none() && look.changes.is_empty() && look.note.is_some() && !options.repair {
        return Ok(published(release, &look.changes));
    }
    agree(&look, options)?;

    // From here on a lock of this name is ours, even if nobody is told that we got it.
    journal.add(&format!("id {}", options.id))?;
    let wanted = Lock::new(&options.owner, &options.id, claims_of(&look.changes, release));
    let (mut lock, after) = match Lock::take(store, wanted, &notes.dead, (options.now)()).await? {
        Asked::Ours(lock, after) => (lock, after),
        Asked::Busy(lock) => return Err(Stopped::Busy(Some(lock))),
    };
    let brought = async {
        if after != left_id || store.read(MANIFEST).await? != look.note {
            // Somebody was faster, and is done: what we saw is no longer there.
            notes = Notes::default();
            look = self::look(store, release, options, &lock.claims, &[]).await?;
            agree(&look, options)?;
            lock.claims.extend(claims_of(&look.changes, release));
            lock.renew(store, (options.now)()).await?;
        }
        journal.clear()?;
        journal.add(&format!("id {}", options.id))?;
        // Sent before, and still there: the next one is to know it too, should this one be cut off.
        for (path, entry) in notes.sent.iter().filter(|(path, _)| look.known.get(path).is_some_and(Option::is_some)) {
            journal.add(&note(path, entry))?;
        }
        bring(store, release, options, &look, &mut lock, journal, progress).await
    };
    match brought.await {
        Ok(published) => {
            store.delete(vec![Lock::path()]).await?;
            journal.clear()?;
            Ok(published)
        }
        Err(stopped) => {
            if !matches!(stopped, Stopped::LockLost) {
                // The first error is the one to tell; the lock expires anyway.
                drop(lock.leave(store).await);
            }
            Err(stopped)
        }
    }
}

fn agree(look: &Look, options: &Options<'_>) -> Result<(), Stopped> {
    let (deleted, of) = (look.changes.deleted(), look.known.len());
    if is_large(&look.changes, &look.known, options.max_deletions) && !(options.may_delete)(deleted, of) {
        return Err(Stopped::TooManyDeletions(deleted, of));
    }
    Ok(())
}

/// What is to become of the files that change.
fn claims_of(changes: &Changes, release: &Release) -> BTreeMap<OutputPath, Option<Entry>> {
    let became = |path: &OutputPath| (path.clone(), release.files.get(path).map(|part| part.entry));
    changes.paths().map(became).collect()
}

/// The publication itself, while we hold the lock.
async fn bring(
    store: &Store,
    release: &Release,
    options: &Options<'_>,
    look: &Look,
    lock: &mut Lock,
    journal: &Journal,
    progress: &dyn Progress,
) -> Result<Published, Stopped> {
    let changes = &look.changes;
    store.clear_stage().await?;
    let mut result = published(release, changes);
    progress.begin(result.sent.len(), result.sent_bytes);
    for (number, wave) in changes.waves.iter().enumerate() {
        let send = |(index, path): (usize, &OutputPath)| {
            send(store, release, path.clone(), format!("{}-{number}-{index}", lock.id))
        };
        let sends: Vec<_> = wave.iter().enumerate().map(send).collect();
        let mut sends = stream::iter(sends).buffer_unordered(options.at_once);
        while let Some((path, entry)) = sends.try_next().await? {
            journal.add(&note(&path, &entry))?;
            progress.sent(entry.size);
            keep_lock(store, lock, (options.now)()).await?;
        }
    }
    for wave in &changes.deletions {
        store.delete(wave.iter().map(ToString::to_string).collect()).await?;
        keep_lock(store, lock, (options.now)()).await?;
    }
    if look.note.is_none() || options.repair {
        store.put(KEY, options.key.public().to_file().into_bytes(), PUBLIC_TEXT, &format!("{}-key", lock.id)).await?;
    }
    let time = options.now_text();
    let manifest =
        Manifest { site: options.site.clone(), engine: options.engine.clone(), time, files: release.entries() };
    result.manifest = manifest.sign(options.key);
    let text = result.manifest.clone().into_bytes();
    store.put(MANIFEST, text, PUBLIC_TEXT, &format!("{}-manifest", lock.id)).await?;
    Ok(result)
}

/// How the manifest and the key are served: always asked for anew.
const PUBLIC_TEXT: Headers =
    Headers { content_type: Some("text/plain; charset=utf-8"), cache_control: Some("no-cache") };

impl Options<'_> {
    fn now_text(&self) -> String {
        (self.now)().to_string()
    }

    fn keeps(&self, path: &str) -> bool {
        self.keep.iter().any(|beginning| path.starts_with(beginning.as_str()))
    }
}

async fn send(
    store: &Store,
    release: &Release,
    path: OutputPath,
    stage: String,
) -> Result<(OutputPath, Entry), Stopped> {
    let bytes = release.load(&path)?;
    store.put(path.as_str(), bytes, release.headers(&path), &stage).await?;
    let entry = release.files[&path].entry;
    Ok((path, entry))
}

/// Renews the lock when half of its time is over, if it is still ours.
async fn keep_lock(store: &Store, lock: &mut Lock, now: Timestamp) -> Result<(), Stopped> {
    if lock.expires - LEASE / 2 > now {
        return Ok(());
    }
    if Lock::read(store).await?.is_none_or(|found| found.id != lock.id) {
        return Err(Stopped::LockLost);
    }
    Ok(lock.renew(store, now).await?)
}

/// Finds out what stands at the target, and what has to change.
async fn look(
    store: &Store,
    release: &mut Release,
    options: &Options<'_>,
    claims: &BTreeMap<OutputPath, Option<Entry>>,
    done: &[(OutputPath, Entry)],
) -> Result<Look, Stopped> {
    let note = store.read(MANIFEST).await?;
    let read = note.as_ref().map(|note| Manifest::open(&String::from_utf8_lossy(note), options.key.public()));
    let manifest = match read.transpose() {
        Ok(manifest) => manifest,
        Err(_) if options.repair => None,
        Err(distrust) => return Err(Stopped::Distrusted(distrust)),
    };
    if options.compress {
        release.add_compressed(manifest.as_ref())?;
    }
    if let Some(path) = release.files.keys().find(|path| matches!(path.as_str(), MANIFEST | KEY)) {
        return Err(Stopped::Reserved(path.clone()));
    }
    let mut known: Known = if options.repair {
        read_all(store, release, options).await?
    } else if let Some(manifest) = &manifest {
        manifest.files.iter().map(|(path, entry)| (path.clone(), Some(*entry))).collect()
    } else {
        if claims.is_empty() && !options.adopt {
            let foreign: Vec<String> =
                store.list().await?.into_iter().map(|(path, _)| path).filter(|path| !options.keeps(path)).collect();
            if !foreign.is_empty() {
                return Err(Stopped::Foreign(foreign));
            }
        }
        Known::new()
    };
    if !options.repair {
        known.extend(claims.keys().map(|path| (path.clone(), None)));
        known.extend(done.iter().map(|(path, entry)| (path.clone(), Some(*entry))));
    }
    let changes = Changes::between(&known, release);
    Ok(Look { note, known, changes })
}

/// Reads every file at the target, for a repair. Those that do not belong to the release are known without a content, so that they
/// are deleted.
async fn read_all(store: &Store, release: &Release, options: &Options<'_>) -> Result<Known, Stopped> {
    let listed = store.list().await?;
    let ours = listed.into_iter().filter(|(path, _)| !options.keeps(path) && path != MANIFEST && path != KEY);
    let read = ours.filter_map(|(path, size)| {
        let path = OutputPath::from_manifest(&path)?;
        let expected = release.files.get(&path).map(|part| part.entry);
        Some(async move {
            // Another size is another file; it need not be read.
            if expected.is_none_or(|expected| expected.size != size) {
                return Ok((path, None));
            }
            let bytes = store.read(path.as_str()).await?;
            Ok::<_, Stopped>((path, bytes.map(|bytes| Entry::of(&bytes))))
        })
    });
    stream::iter(read.collect::<Vec<_>>()).buffer_unordered(options.at_once).try_collect().await
}

fn published(release: &Release, changes: &Changes) -> Published {
    let sent: Vec<OutputPath> = changes.waves.iter().flatten().cloned().collect();
    Published {
        files: release.files.len(),
        sent_bytes: sent.iter().map(|path| release.files[path].entry.size).sum(),
        sent,
        deleted: changes.deletions.iter().flatten().cloned().collect(),
        manifest: String::new(),
    }
}

/// A handful of deletions is never large.
const FEW_DELETIONS: usize = 5;

fn is_large(changes: &Changes, known: &Known, max_percent: u32) -> bool {
    let deleted = changes.deleted();
    deleted > FEW_DELETIONS && deleted as u64 * 100 > known.len() as u64 * u64::from(max_percent)
}

/// A name for a publication that no other has: 64 random bits.
pub fn new_id() -> String {
    let mut bytes = [0; 8];
    SystemRandom::new().fill(&mut bytes).expect("the system gives random numbers");
    key::hex(&bytes)
}

fn note(path: &OutputPath, entry: &Entry) -> String {
    format!("{} {} {path}", entry.digest.to_hex(), entry.size)
}

/// What publications of this machine that did not end have noted.
#[derive(Default)]
struct Notes {
    /// Their ids.
    dead: Vec<String>,
    /// What they had sent.
    sent: Vec<(OutputPath, Entry)>,
}

impl Notes {
    fn read(text: &str) -> Self {
        let mut notes = Self::default();
        for line in text.lines() {
            match line.strip_prefix("id ") {
                Some(id) => notes.dead.push(id.to_owned()),
                // The last line may have been cut off; what was not noted is sent again.
                None => notes.sent.extend(parse_line(line)),
            }
        }
        notes
    }
}
