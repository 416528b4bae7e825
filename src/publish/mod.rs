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
pub mod package;
pub mod release;
pub mod releases;
pub mod rollback;
mod rsync;
pub mod ssh;
pub mod stopped;
pub mod store;
mod succession;
pub mod verify;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::pin::pin;

use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use ring::rand::{SecureRandom, SystemRandom};

use crate::diagnostic::Text;
use crate::fingerprint::hex;
use crate::parse::publish::{Destination, Target};
use crate::plan::url::{OutputPath, folders_of};
use crate::write::{Journal, WriteError};
use changes::{Changes, Known};
use key::{PublicKey, SecretKey};
use lock::{Asked, Lock};
use manifest::{Entry, KEY, MANIFEST, Manifest, parse_line, time_after};
use package::Package;
use release::Release;
use releases::{CURRENT, Releases};
pub use stopped::{Stopped, nothing_there};
use store::{Headers, Kind, Listed, OUR_FOLDERS, STAGE, Store, StoreError, is_plain};

/// What decides how a publication goes, beside the release and the target.
pub struct Options<'a> {
    pub seal: Seal<'a>,
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
    /// Whether files that are there without a manifest of ours may be overwritten.
    pub adopt: bool,
    /// The manifest that was last published from here, to know whether somebody else did so since.
    pub last: Option<Manifest>,
    /// Keeps a manifest that was just published, for the next time.
    pub record: &'a (dyn Fn(&str) -> Result<(), WriteError> + Sync),
    /// Asked before much is lost.
    pub agrees: &'a (dyn Fn(Question) -> bool + Sync),
    pub now: &'a (dyn Fn() -> Timestamp + Sync),
}

/// What a person is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// So many of so many files would be deleted.
    Deletions(usize, usize),
    /// Somebody else's work would be lost.
    OthersWork(OthersWork),
    /// What is there is the site of this address, and would be replaced.
    OtherSite(String),
}

impl Question {
    /// What would be done.
    pub fn text(&self) -> Text {
        match self {
            Self::Deletions(deleted, of) => Text::new(
                format!("要删除 {of} 个文件中的 {deleted} 个"),
                format!("{deleted} of {of} files would be deleted"),
            ),
            Self::OthersWork(others) => {
                let (time, lost) = (shown_time(others.time), others.told());
                Text::new(
                    format!("别人在{} 发布过：{}", time.zh, lost.zh),
                    format!("somebody else published at {}: {}", time.en, lost.en),
                )
            }
            Self::OtherSite(site) => Text::new(
                format!("那里现在的网站是 {site}，不是这里的网站，要替换它"),
                format!("what is there is the site {site}, not this one, and would be replaced"),
            ),
        }
    }
}

/// What somebody else did at a target since we last published there, and a publication would undo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OthersWork {
    /// When they published.
    pub time: Timestamp,
    /// Pages that are not here and would go.
    pub gone: Vec<OutputPath>,
    /// Pages that they changed or took away, and that are here as we last published them.
    pub turned_back: Vec<OutputPath>,
}

impl OthersWork {
    /// What would become of the pages, each kind with an example.
    pub fn told(&self) -> Text {
        let part = |pages: &[OutputPath], zh: &str, en: &str| {
            let (example, count) = (pages.first()?, pages.len());
            Some(Text::new(
                format!("{count} 个网页{zh}（例如 {example}）"),
                format!("{count} pages {en} (e.g. {example})"),
            ))
        };
        let parts: Vec<Text> = [
            part(&self.gone, "这台电脑上没有，会被删掉", "are not here and would be deleted"),
            part(&self.turned_back, "这台电脑上还是旧的，会改回去", "are older here and would be turned back"),
        ]
        .into_iter()
        .flatten()
        .collect();
        let joined = |of: fn(&Text) -> &str, comma: &str| parts.iter().map(of).collect::<Vec<_>>().join(comma);
        Text::new(joined(|text| &text.zh, "；"), joined(|text| &text.en, "; "))
    }
}

/// How the manifest gets its signature.
#[derive(Clone, Copy)]
pub enum Seal<'a> {
    /// It is signed when all else is there.
    Key(&'a SecretKey),
    /// It was signed before, elsewhere.
    Signed(&'a PublicKey, &'a Package),
}

impl Seal<'_> {
    /// The key that readers of the manifest trust.
    pub fn public(&self) -> &PublicKey {
        match self {
            Self::Key(key) => key.public(),
            Self::Signed(key, _) => key,
        }
    }
}

/// A target: where it is spoken to, and how it keeps states.
pub struct Place {
    pub store: Store,
    /// `None` where files are replaced in place.
    pub releases: Option<Releases>,
}

impl Place {
    /// What the settings of a target say about states.
    ///
    /// # Errors
    /// The machine does not answer, or does not let us in.
    pub async fn of(store: Store, target: &Target, site: &Path) -> Result<Self, StoreError> {
        let kept = target.releases.map(|kept| kept as usize);
        let releases = match (&target.destination, kept) {
            (Destination::Folder { path }, Some(kept)) => {
                Some(Releases::here(store.clone(), store::folder(site, path), kept))
            }
            (Destination::Sftp(login), Some(kept)) => Some(Releases::there(store.clone(), login, kept).await?),
            _ => None,
        };
        Ok(Self { store, releases })
    }

    /// What readers see; `None` where nothing was published into release folders yet.
    ///
    /// # Errors
    /// The target does not answer.
    pub async fn current(&self) -> Result<Option<Store>, StoreError> {
        let Some(releases) = &self.releases else { return Ok(Some(self.store.clone())) };
        releases.current().await?.map(|name| releases.store_of(&name)).transpose()
    }
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
    /// How many links, files with odd names and the like were taken away.
    pub strange: usize,
    /// Files with odd names that are not the site's and that could not be taken away.
    pub left: Vec<String>,
    /// When what was there had been published, where that is still to come: a clock is wrong.
    pub to_come: Option<Timestamp>,
    /// Whether readers have to be led to the first release folder.
    pub is_first_release: bool,
    /// What a person would be asked first: of a plan alone.
    pub questions: Vec<Question>,
}

/// A moment as the offices' clocks show it.
pub fn shown_time(time: Timestamp) -> Text {
    let local = TimeZone::fixed(Offset::constant(8)).to_datetime(time);
    Text::new(
        local.strftime("北京时间 %Y-%m-%d %H:%M").to_string(),
        local.strftime("%Y-%m-%d %H:%M +08:00").to_string(),
    )
}

/// What is known of a target before a publication.
struct Look {
    /// The manifest there, as it was read: whether it still is tells whether anybody published meanwhile.
    note: Option<Vec<u8>>,
    /// When what is there was published.
    time: Option<Timestamp>,
    known: Known,
    changes: Changes,
    /// What somebody else did, if what is there is not ours.
    others: Option<OthersWork>,
    /// The address of what is there, if that is another site.
    other_site: Option<String>,
    /// Links, files with odd names, and what stands in the way: found by a repair alone.
    strange: Vec<Listed>,
}

/// What would be done, without doing it.
///
/// # Errors
/// [`Stopped`]
pub async fn plan(place: &Place, release: &mut Release, options: &Options<'_>) -> Result<Published, Stopped> {
    let claims = Lock::read(&place.store).await?.map(|lock| lock.claims).unwrap_or_default();
    let look = look(place, release, options, &claims, &Notes::default()).await?;
    Ok(Published { questions: questions(&look, options), ..published(release, &look.changes) })
}

/// Brings the target to the release.
///
/// # Errors
/// [`Stopped`]; readers then see a consistent site, old, new or between two waves.
pub async fn publish(
    place: &Place,
    release: &mut Release,
    options: &Options<'_>,
    journal: &Journal,
    progress: &dyn Progress,
) -> Result<Published, Stopped> {
    let store = &place.store;
    if options.repair {
        if let Some(releases) = &place.releases
            && let Some(name) = releases.set_aside(&options.id).await?
        {
            // Told now: what comes after it can fail.
            store.notice().tell(&Text::new(
                format!("原来的 current 不是链接，改名为 {name} 留在那里：看过没有用，就请删掉"),
                format!("what stood in place of `current` is kept there as {name}: delete it once nobody needs it"),
            ));
        }
        make_way_for_lock(place, options).await?;
    }
    let mut notes = Notes::read(&journal.left);
    let left = Lock::read(store).await?;
    if let Some(left) = &left
        && let Some(held) = left.held(store, &notes.dead, (options.now)(), &options.id).await?
    {
        return Err(Stopped::Busy(Some(held)));
    }
    // What we sent ourselves before we were cut off need not be sent again, if nobody published meanwhile.
    if !left.as_ref().is_some_and(|left| notes.dead.contains(&left.id)) {
        notes = Notes::default();
        journal.clear()?;
    }
    let is_lost = match (&place.releases, &notes.begun) {
        (Some(releases), Some(begun)) => !releases.has(begun).await?,
        _ => false,
    };
    // A repair believes nothing but what it reads.
    if options.repair || is_lost {
        notes.sent.clear();
    }
    let left_id = left.as_ref().map(|left| left.id.clone());
    let claims = left.map(|left| left.claims).unwrap_or_default();
    let mut look = look(place, release, options, &claims, &notes).await?;
    // Where nothing has changed, nothing is written, not even a lock.
    if left_id.is_none() && look.changes.is_empty() && look.note.is_some() && !options.repair {
        return Ok(published(release, &look.changes));
    }
    agree(&look, options)?;
    refuse_links(place, &look.changes, options).await?;

    // From here on a lock of this name is ours, even if nobody is told that we got it.
    journal.add(&format!("id {}", options.id))?;
    let wanted = Lock::new(&options.owner, &options.id, claims_of(&look.changes, release));
    let (mut lock, after) = match Lock::take(store, wanted, &notes.dead, (options.now)()).await? {
        Asked::Ours(lock, after) => (lock, after),
        Asked::Busy(lock) => return Err(Stopped::Busy(Some(lock))),
    };
    let brought = async {
        if after != left_id || read_note(place).await? != look.note {
            // Somebody was faster, and is done: what we saw is no longer there.
            notes = Notes { published: std::mem::take(&mut notes.published), ..Notes::default() };
            let claims = lock.claims.clone();
            let looks = self::look(place, release, options, &claims, &notes);
            look = lock.kept_during(store, options.now, looks).await?;
            agree(&look, options)?;
            lock.claims.extend(claims_of(&look.changes, release));
            lock.renew(store, (options.now)()).await?;
        }
        // Whoever was cut off left the lock, and perhaps files on their way.
        if after.is_some() || options.repair {
            lock.kept_during(store, options.now, store.clear_stage()).await?;
        }
        bring(place, release, options, &look, &notes, &mut lock, journal, progress).await
    };
    match brought.await {
        Ok(published) => {
            lock.give_back(store).await?;
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

/// Keeps out of what links lead to: whoever may write to a target need not be let into the rest of its disk.
async fn refuse_links(place: &Place, changes: &Changes, options: &Options<'_>) -> Result<(), Stopped> {
    if let Some(releases) = &place.releases {
        return releases.refuse_links().await;
    }
    // A repair takes links away.
    if options.repair {
        return Ok(());
    }
    let folders: BTreeSet<&str> = changes.paths().flat_map(|path| folders_of(path.as_str())).collect();
    let link = place.store.link_among(folders.into_iter().chain(OUR_FOLDERS)).await?;
    link.map_or(Ok(()), |folder| Err(Stopped::Link(folder)))
}

/// Takes away what stands in the lock's place, as far as a repair may: an empty folder costs nobody a file, and anything else
/// goes as all that was added does.
async fn make_way_for_lock(place: &Place, options: &Options<'_>) -> Result<(), Stopped> {
    let store = &place.store;
    let Some(obstacle) = Lock::obstacle(store).await? else { return Ok(()) };
    if obstacle.kind == Kind::Folder {
        // One that is not empty stays.
        drop(store.remove_empty(&obstacle.path).await);
    } else if !options.keeps(&obstacle.path) && (options.last.is_some() || read_note(place).await?.is_some()) {
        store.remove_strange(&[obstacle]).await?;
    }
    Ok(Lock::check_place(store).await?)
}

fn agree(look: &Look, options: &Options<'_>) -> Result<(), Stopped> {
    let refused = questions(look, options).into_iter().find(|question| !(options.agrees)(question.clone()));
    refused.map_or(Ok(()), |question| Err(Stopped::Refused(question)))
}

/// What a person is to be asked before it is done.
fn questions(look: &Look, options: &Options<'_>) -> Vec<Question> {
    let is_counted = |path: &&OutputPath| !path.as_str().starts_with(STAGE);
    let deleted = look.changes.gone().filter(is_counted).count();
    let of = look.known.keys().filter(is_counted).count();
    let deletions = is_large(deleted, of, options.max_deletions).then_some(Question::Deletions(deleted, of));
    let other_site = look.other_site.clone().map(Question::OtherSite);
    let others = look.others.clone().map(Question::OthersWork);
    other_site.into_iter().chain(others).chain(deletions).collect()
}

/// What is to become of the files that change.
fn claims_of(changes: &Changes, release: &Release) -> BTreeMap<OutputPath, Option<Entry>> {
    let became = |path: &OutputPath| (path.clone(), release.files.get(path).map(|part| part.entry));
    changes.paths().map(became).collect()
}

/// The publication itself, while we hold the lock.
#[expect(clippy::too_many_arguments, reason = "all that was found out before the lock was taken")]
async fn bring(
    place: &Place,
    release: &Release,
    options: &Options<'_>,
    look: &Look,
    notes: &Notes,
    lock: &mut Lock,
    journal: &Journal,
    progress: &dyn Progress,
) -> Result<Published, Stopped> {
    let changes = &look.changes;
    let mut result = published(release, changes);
    result.to_come = look.time.filter(|time| *time > (options.now)() + CLOCKS);
    progress.begin(result.sent.len(), result.sent_bytes);
    let store = match &place.releases {
        Some(releases) => {
            let begun = begin_release(releases, release, options, look, notes);
            lock.kept_during(&place.store, options.now, begun).await?
        }
        None => place.store.clone(),
    };
    if !look.strange.is_empty() && place.releases.is_none() {
        result.left = lock.kept_during(&store, options.now, store.remove_strange(&look.strange)).await?;
        result.strange = look.strange.len() - result.left.len();
    }
    if options.repair && place.releases.is_none() {
        lock.kept_during(&store, options.now, make_way(&store, options, look)).await?;
    }
    // Should this one be cut off, the next one is to know what was sent before, but for what changes from now on.
    journal.add(&format!("begun {}", options.id))?;
    let changing: BTreeSet<&OutputPath> = changes.paths().collect();
    for (path, entry) in notes.sent.iter().filter(|(path, _)| !changing.contains(path)) {
        journal.add(&note(path, entry))?;
    }
    if place.releases.is_none() && !changes.obstacles.is_empty() {
        lock.kept_during(&store, options.now, clear_way(&store, release, &changes.obstacles)).await?;
    }
    for (number, wave) in changes.waves.iter().enumerate() {
        let mut sends = pin!(send_wave(&store, release, options, number, wave));
        while let Some((path, entry)) = lock.kept_during(&place.store, options.now, sends.try_next()).await? {
            journal.add(&note(&path, &entry))?;
            progress.sent(entry.size);
        }
    }
    if place.releases.is_none() {
        for wave in &changes.deletions {
            let paths = wave.iter().map(ToString::to_string).collect();
            lock.kept_during(&store, options.now, store.delete(paths)).await?;
        }
        let emptied: BTreeSet<&str> = changes.gone().flat_map(|path| folders_of(path.as_str())).collect();
        if !emptied.is_empty() {
            // The innermost one first.
            store.remove_emptied(emptied.difference(&release.folders()).copied().collect::<Vec<_>>().into_iter().rev());
        }
    }
    if look.note.is_none() || options.repair || place.releases.is_some() {
        let key = options.seal.public().to_file().into_bytes();
        store.put(KEY, key, PUBLIC_TEXT, &format!("{}-key", lock.id)).await?;
    }
    let (note, time) = match &options.seal {
        Seal::Key(key) => {
            let manifest = options.manifest(release, look);
            (manifest.sign(key), manifest.time)
        }
        Seal::Signed(_, package) => (package.note.clone(), package.manifest.time),
    };
    lock.confirm(&place.store).await?;
    journal.add(&format!("published {time}"))?;
    let text = note.clone().into_bytes();
    store.put(MANIFEST, text, PUBLIC_TEXT, &format!("{}-manifest", lock.id)).await?;
    if let Some(releases) = &place.releases {
        result.is_first_release = look.note.is_none();
        releases.note_succession(&options.id).await?;
        lock.confirm(&place.store).await?;
        releases.point(&options.id).await?;
    }
    (options.record)(&note)?;
    if let Some(releases) = &place.releases {
        // Readers see the new state: what cannot be deleted does not undo that.
        match lock.kept_during(&place.store, options.now, releases.prune(&options.id)).await {
            Err(Stopped::Store(error)) => {
                let Text { zh, en } = error.text();
                place.store.notice().tell(&Text::new(
                    format!("已经发布，只是旧版本没有删干净：{zh}"),
                    format!("published, but an old state could not be deleted: {en}"),
                ));
            }
            pruned => pruned?,
        }
    }
    Ok(result)
}

/// Takes away what stands in the way of new files, and the folders that it leaves in place of one.
async fn clear_way(store: &Store, release: &Release, obstacles: &[OutputPath]) -> Result<(), StoreError> {
    store.delete(obstacles.iter().map(ToString::to_string).collect()).await?;
    let in_place_of_file = |path| {
        let file = release.file_above(path).map(OutputPath::as_str);
        folders_of(path).filter(move |folder| file.is_some_and(|file| folder.len() >= file.len()))
    };
    let folders: BTreeSet<&str> = obstacles.iter().flat_map(|path| in_place_of_file(path.as_str())).collect();
    // The innermost one first.
    for folder in folders.iter().rev() {
        store.remove_empty(folder).await?;
    }
    Ok(())
}

/// Takes away the folders that stand where files are missing.
async fn make_way(store: &Store, options: &Options<'_>, look: &Look) -> Result<(), StoreError> {
    let missing = look.changes.waves.iter().flatten().filter(|path| !look.known.contains_key(path));
    // One that holds what is to be kept stays in the way.
    let is_free = |path: &&OutputPath| !options.keep.iter().any(|beginning| beginning.starts_with(path.as_str()));
    let ways = missing.filter(is_free).map(|path| store.make_way(path.as_str()));
    stream::iter(ways.collect::<Vec<_>>()).buffer_unordered(options.at_once).try_collect().await
}

/// Begins a release folder with all that need not be sent: from the current release, and from one that was cut off.
async fn begin_release(
    releases: &Releases,
    release: &Release,
    options: &Options<'_>,
    look: &Look,
    notes: &Notes,
) -> Result<Store, Stopped> {
    let changed: BTreeSet<&OutputPath> = look.changes.waves.iter().flatten().collect();
    let stays = release.files.keys().filter(|path| !changed.contains(path));
    let (from_dead, from_current): (Vec<_>, Vec<_>) = stays.partition(|path| notes.sent.contains_key(*path));
    let current = releases.current().await?;
    let kept = match &current {
        Some(current) => kept_files(&releases.store_of(current)?, release, options).await?,
        None => Vec::new(),
    };
    let of_current = from_current.into_iter().map(OutputPath::as_str).chain(kept.iter().map(String::as_str)).collect();
    let of_dead = from_dead.into_iter().map(OutputPath::as_str).collect();
    for (from, paths) in [(current, of_current), (notes.begun.clone(), of_dead)] as [(Option<String>, Vec<&str>); 2] {
        if let Some(from) = from.filter(|_| !paths.is_empty()) {
            releases.link(&from, &options.id, &paths).await?;
        }
    }
    Ok(releases.store_of(&options.id)?)
}

/// What others put among the files that readers see and is to be kept there.
async fn kept_files(store: &Store, release: &Release, options: &Options<'_>) -> Result<Vec<String>, StoreError> {
    if options.keep.is_empty() {
        return Ok(Vec::new());
    }
    let is_ours = |path: &str| OutputPath::from_manifest(path).is_none_or(|path| release.files.contains_key(&path));
    let listed = store.list().await?.into_iter().filter(|listed| listed.kind == Kind::File);
    Ok(listed.map(|listed| listed.path).filter(|path| options.keeps(path) && !is_ours(path)).collect())
}

/// Sends the files of a wave, and tells of each when it stands there.
fn send_wave<'s>(
    store: &'s Store,
    release: &'s Release,
    options: &'s Options<'_>,
    number: usize,
    wave: &'s [OutputPath],
) -> impl Stream<Item = Result<(OutputPath, Entry), Stopped>> + 's {
    let entry_of = |path: &OutputPath| (path.clone(), release.files[path].entry);
    let batches: Vec<&[OutputPath]> = wave.chunks(store.batch().unwrap_or(1)).collect();
    let at_once = if store.batch().is_some() { 1 } else { options.at_once };
    let send = move |(index, batch): (usize, &'s [OutputPath])| async move {
        match batch {
            [path] => {
                let stage = format!("{}-{number}-{index}", options.id);
                store.put(path.as_str(), release.load(path)?, release.headers(path), &stage).await?;
            }
            batch => {
                let load = |path: &OutputPath| Ok((path.to_string(), release.load(path)?));
                store.put_many(batch.iter().map(load).collect::<Result<_, WriteError>>()?).await?;
            }
        }
        Ok::<_, Stopped>(stream::iter(batch.iter().map(move |path| Ok(entry_of(path)))))
    };
    stream::iter(batches.into_iter().enumerate().map(send)).buffer_unordered(at_once).try_flatten()
}

/// How the manifest and the key are served: always asked for anew.
const PUBLIC_TEXT: Headers =
    Headers { content_type: Some("text/plain; charset=utf-8"), cache_control: Some("no-cache") };

impl Options<'_> {
    /// The manifest of a release that is published now.
    fn manifest(&self, release: &Release, look: &Look) -> Manifest {
        let (site, engine) = (self.site.clone(), self.engine.clone());
        let time = time_after(&[look.time, self.last.as_ref().map(|last| last.time)], (self.now)());
        Manifest { site, engine, time, files: release.entries() }
    }

    fn keeps(&self, path: &str) -> bool {
        self.keep.iter().any(|beginning| path.starts_with(beginning.as_str()))
    }
}

/// Finds out what stands at the target, and what has to change.
async fn look(
    place: &Place,
    release: &mut Release,
    options: &Options<'_>,
    claims: &BTreeMap<OutputPath, Option<Entry>>,
    notes: &Notes,
) -> Result<Look, Stopped> {
    let note = read_note(place).await?;
    let read = note.as_ref().map(|note| Manifest::open(&String::from_utf8_lossy(note), options.seal.public()));
    let manifest = match read.transpose() {
        Ok(manifest) => manifest,
        Err(_) if options.repair => None,
        Err(distrust) => return Err(Stopped::Distrusted(distrust)),
    };
    if options.compress {
        let is_believed = |there: &&Manifest| !options.repair && there.engine == options.engine;
        release.add_compressed(manifest.as_ref().filter(is_believed))?;
    }
    if let Some(path) = release.files.keys().find(|path| matches!(path.as_str(), MANIFEST | KEY)) {
        return Err(Stopped::Reserved(path.clone()));
    }
    if let Some(path) = release.files.keys().find(|path| !is_plain(path.as_str())) {
        return Err(Stopped::OddName(path.clone()));
    }
    if note.is_none() && claims.is_empty() {
        match options.last {
            Some(_) if options.repair => {}
            Some(_) => refuse_loss(place).await?,
            None => match &place.releases {
                None => refuse_foreign(&place.store, release, options).await?,
                Some(releases) if !options.adopt && releases.leads_elsewhere().await? => {
                    return Err(Stopped::Foreign(Vec::new(), vec![CURRENT.to_owned()]));
                }
                Some(_) => {}
            },
        }
    }
    let mut strange = Vec::new();
    let mut known: Known = if options.repair {
        match place.current().await? {
            Some(store) => read_all(&store, release, options, &mut strange).await?,
            None => Known::new(),
        }
    } else if let Some(manifest) = &manifest {
        manifest.files.iter().map(|(path, entry)| (path.clone(), Some(*entry))).collect()
    } else {
        Known::new()
    };
    // We may have been cut off ourselves between publishing a manifest and keeping it.
    let is_ours = |there: &Timestamp, last: &Manifest| *there == last.time || notes.published.contains(there);
    let time = manifest.as_ref().map(|there| there.time);
    let others = options.last.as_ref().zip(manifest.as_ref()).filter(|(last, there)| !is_ours(&there.time, last));
    let others = others.map(|(last, there)| (there.time, last, there));
    if !options.repair {
        if place.releases.is_none() {
            known.extend(claims.keys().map(|path| (path.clone(), None)));
        }
        known.extend(notes.sent.iter().map(|(path, entry)| (path.clone(), Some(*entry))));
        // What is not there at all is new, and goes before what points to it.
        let in_doubt = known.iter().filter(|(path, entry)| entry.is_none() && release.files.contains_key(*path));
        let in_doubt: Vec<&str> = in_doubt.map(|(path, _)| path.as_str()).collect();
        let absent = place.store.absent(&in_doubt, options.at_once).await?;
        known.retain(|path, _| !absent.contains(path.as_str()));
    }
    let changes = Changes::between(&known, release);
    // A repair has to do with what strangers did: only what is newer than ours was published by a colleague.
    let others =
        others.filter(|(time, last, _)| !options.repair || *time > last.time).and_then(|(time, last, there)| {
            let pages = |paths: Vec<&OutputPath>| paths.into_iter().filter(|path| path.is_page()).cloned().collect();
            let is_turned_back = |path: &&OutputPath| {
                let ours = release.files.get(*path).map(|part| &part.entry);
                ours == last.files.get(*path) && there.files.get(*path) != ours
            };
            let gone: Vec<OutputPath> = pages(changes.gone().filter(|path| there.files.contains_key(*path)).collect());
            let turned_back: Vec<OutputPath> = pages(changes.waves.iter().flatten().filter(is_turned_back).collect());
            (!gone.is_empty() || !turned_back.is_empty()).then_some(OthersWork { time, gone, turned_back })
        });
    if let Seal::Signed(_, package) = &options.seal {
        let there = manifest.as_ref().map(Manifest::identity);
        let is_its_base = package.base.is_none() || there == package.base || there == Some(package.manifest.identity());
        if let Some(time) = time.filter(|there| *there > package.manifest.time) {
            return Err(Stopped::OlderPackage(package.manifest.time, time));
        }
        // A file that nobody has here can only be missing because the package begins from another state.
        if !is_its_base || changes.waves.iter().flatten().any(|path| !release.files[path].is_here) {
            return Err(Stopped::OtherBase);
        }
    }
    let other_site = manifest.map(|there| there.site).filter(|there| *there != options.site && !options.repair);
    Ok(Look { note, time, known, changes, others, other_site, strange })
}

/// Has a person look at a target that was published to and has no manifest.
async fn refuse_loss(place: &Place) -> Result<(), Stopped> {
    if place.store.list().await?.is_empty() {
        return Err(Stopped::Empty);
    }
    // Release folders may only have been asked for meanwhile.
    if place.releases.is_some() { Ok(()) } else { Err(Stopped::ManifestGone) }
}

/// Keeps our hands off what somebody else put there: without a manifest nothing tells whose it is.
async fn refuse_foreign(store: &Store, release: &Release, options: &Options<'_>) -> Result<(), Stopped> {
    let listed = store.list().await?.into_iter().map(|listed| listed.path);
    // What a publication was sending when it was cut off goes anyway.
    let paths = listed.filter(|path| !options.keeps(path) && !path.starts_with(STAGE));
    let is_ours = |path: &String| {
        let path = OutputPath::from_manifest(path);
        path.is_some_and(|path| matches!(path.as_str(), MANIFEST | KEY) || release.files.contains_key(&path))
    };
    let (occupied, others): (Vec<String>, Vec<String>) = paths.partition(is_ours);
    let is_refused = !others.is_empty() || !occupied.is_empty() && !options.adopt;
    if is_refused { Err(Stopped::Foreign(others, occupied)) } else { Ok(()) }
}

/// The manifest of what readers see.
async fn read_note(place: &Place) -> Result<Option<Vec<u8>>, StoreError> {
    match place.current().await? {
        Some(store) => store.read(MANIFEST).await,
        None => Ok(None),
    }
}

/// Reads every file at the target, for a repair. Those that do not belong to the release are known without a content, so that they
/// are deleted.
async fn read_all(
    store: &Store,
    release: &Release,
    options: &Options<'_>,
    strange: &mut Vec<Listed>,
) -> Result<Known, Stopped> {
    let listed = store.list().await?.into_iter().filter(|listed| !options.keeps(&listed.path));
    let folders = release.folders();
    // A file where a folder of ours is to be, and what lies in a folder where a file of ours is to be, must go first.
    let is_in_the_way = |path: &str| folders.contains(path) || release.file_above(path).is_some();
    let (files, others): (Vec<Listed>, Vec<Listed>) =
        listed.partition(|listed| listed.kind == Kind::File && !is_in_the_way(&listed.path));
    *strange = others;
    let ours = files.into_iter().filter(|Listed { path, .. }| path != MANIFEST && path != KEY);
    let read = ours.filter_map(|Listed { path, size, .. }| {
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
        deleted: changes.gone().cloned().collect(),
        ..Published::default()
    }
}

/// Clocks may differ so far.
const CLOCKS: SignedDuration = SignedDuration::from_mins(30);
/// A handful of deletions is never large.
const FEW_DELETIONS: usize = 5;

fn is_large(deleted: usize, of: usize, max_percent: u32) -> bool {
    deleted > FEW_DELETIONS && deleted as u64 * 100 > of as u64 * u64::from(max_percent)
}

/// A name for a publication that no other has: the time, for whoever looks at it, and 64 random bits.
pub fn new_id(now: Timestamp) -> String {
    let mut bytes = [0; 8];
    SystemRandom::new().fill(&mut bytes).expect("the system gives random numbers");
    format!("{}-{}", now.strftime("%Y%m%d-%H%M%S.%3f"), hex(&bytes))
}

/// Whether it is such a name.
fn is_id(name: &str) -> bool {
    const FORM: &str = "00000000-000000.000-xxxxxxxxxxxxxxxx";
    let fits = |(is, wanted): (u8, u8)| match wanted {
        b'0' => is.is_ascii_digit(),
        b'x' => is.is_ascii_hexdigit(),
        _ => is == wanted,
    };
    name.len() == FORM.len() && name.bytes().zip(FORM.bytes()).all(fits)
}

fn note(path: &OutputPath, entry: &Entry) -> String {
    format!("{} {} {path}", entry.digest.to_hex(), entry.size)
}

/// What publications of this machine that did not end have noted. It is only ever added to, and so is true wherever it was cut
/// off.
#[derive(Default)]
struct Notes {
    /// Their ids.
    dead: Vec<String>,
    /// The last one that began to send.
    begun: Option<String>,
    /// What they had sent, and the last one found as it was sent; in release folders it lies in that one's.
    sent: BTreeMap<OutputPath, Entry>,
    /// The times of the manifests that they were about to publish.
    published: Vec<Timestamp>,
}

impl Notes {
    fn read(text: &str) -> Self {
        let mut notes = Self::default();
        for line in text.lines() {
            match line.split_once(' ') {
                Some(("id", id)) => notes.dead.push(id.to_owned()),
                Some(("begun", id)) => {
                    notes.begun = Some(id.to_owned());
                    notes.sent.clear();
                }
                Some(("published", time)) => notes.published.extend(time.parse::<Timestamp>()),
                _ => notes.sent.extend(parse_line(line)),
            }
        }
        notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_publication_noted_replaces_what_was_sent_before_it_began() {
        let path = |text: &str| OutputPath::from_manifest(text).expect("a path");
        let (old, new) = (Entry::of(b"old"), Entry::of(b"new"));
        let (a, b) = (path("a.html"), path("b.html"));
        let noted = |lines: &[String]| Notes::read(&lines.join("\n"));

        let mut lines = vec!["id 1".to_owned(), "begun 1".to_owned(), note(&a, &old), note(&b, &old)];
        assert_eq!(noted(&lines).sent, BTreeMap::from([(a.clone(), old), (b.clone(), old)]));
        // The second one changes b, and was cut off before that was done.
        lines.push("id 2".to_owned());
        assert_eq!((noted(&lines).begun.as_deref(), noted(&lines).sent.len()), (Some("1"), 2));
        lines.extend(["begun 2".to_owned(), note(&a, &old)]);
        assert_eq!(noted(&lines).sent, BTreeMap::from([(a, old)]));
        lines.push(note(&b, &new));
        let Notes { dead, begun, sent, .. } = noted(&lines);
        assert_eq!((dead.join(" "), begun.as_deref(), sent[&b]), ("1 2".to_owned(), Some("2"), new));
    }
}
