//! Wakes the session when a file may have changed.
//!
//! An event says where to look, never what is there: whether a file was edited, added, renamed or deleted, the
//! session finds on the disk. Where the file system sends no events, everything is looked at in turn.
//! Start at [`Watch::new`].

#![expect(clippy::disallowed_methods, reason = "the probe file, and whether a file is empty while it is saved")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, CreateKind, EventKind, ModifyKind, RemoveKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use walkdir::WalkDir;

use crate::diagnostic::FilePath;
use crate::source::{CONTENT, SITE_FILE, STATIC, THEMES, is_visible};

/// Where to look again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Places {
    Everywhere,
    /// Files and folders; `site.yaml` is looked at in any case.
    These(BTreeSet<FilePath>),
}

/// A save is over when nothing has happened for so long. An editor's own steps follow each other faster.
const QUIET: Duration = Duration::from_millis(6);
/// A file that is empty is probably being written: its text is waited for.
const EMPTY: Duration = Duration::from_millis(60);
/// Whoever writes slowly is waited for longer: so many times the longest pause that a change has had …
const PATIENCE: u32 = 4;
/// … but no longer than this.
const QUIET_AT_MOST: Duration = Duration::from_millis(50);
/// A change lasts no longer than this: then what is there so far is shown.
const LONGEST: Duration = Duration::from_secs(2);
/// How often git's lock is looked at while git is at work.
const LOCKED: Duration = Duration::from_millis(5);
/// A lock that is older was left behind by a git that died.
const LEFT_BEHIND: Duration = Duration::from_secs(30);
/// Of so many files it is asked whether one is empty.
const MANY: usize = 12;
/// After a change, everything is looked at once more: an event may have been lost.
const AFTERTHOUGHT: Duration = Duration::from_secs(2);
/// Everything is looked at so often in any case: a folder may not be watched, since the system's limit was reached, nobody may
/// read it yet, or it is another one that has taken its place. No more than a hundredth of the time is spent on that.
const SWEEP: Duration = Duration::from_secs(5);
const SWEEP_SHARE: u32 = 100;
const SWEEP_AT_MOST: Duration = Duration::from_secs(60);
/// How long the probe's event may take.
const PROBE: Duration = Duration::from_millis(1500);
/// How often everything is looked at where there are no events, at least.
const POLL: Duration = Duration::from_millis(400);

const FOLDERS: [&str; 3] = [CONTENT, STATIC, THEMES];
/// Hidden, so that the site does not see it.
const PROBE_FILE: &str = ".xinfeng-probe";

/// Tells when and where to look again.
pub struct Watch {
    root: PathBuf,
    events: Receiver<Signal>,
    /// None: everything is looked at in turn.
    watcher: Option<RecommendedWatcher>,
    sender: Sender<Signal>,
    /// When the probe file was written whose event has not come yet.
    probed: Option<Instant>,
    afterthought: Option<Instant>,
    poll: Duration,
    /// When everything was looked at in any case, and how long after that it is again.
    swept: Instant,
    sweep: Duration,
    /// Held by git while it changes files, if the site lies in a repository.
    git_lock: Option<PathBuf>,
}

enum Signal {
    Event(notify::Result<Event>),
    Stop,
}

/// Ends the waiting, from another thread.
#[derive(Clone)]
pub struct Stop(Sender<Signal>);

impl Stop {
    pub fn stop(&self) {
        // The watch may have ended by itself.
        drop(self.0.send(Signal::Stop));
    }
}

/// Why a wait ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Wake {
    Look(Places),
    /// Nothing has happened for a while: everything is looked at in case an event did not come.
    Sweep,
    /// The given moment came.
    Time,
    Stopped,
}

impl Watch {
    /// Watches the site in this folder, which is an absolute path without links; by looking in turn if `poll`.
    pub fn new(root: &Path, poll: bool) -> Self {
        let (sender, events) = channel();
        let mut watch = Self {
            root: root.to_owned(),
            events,
            watcher: None,
            sender,
            probed: None,
            afterthought: None,
            poll: POLL,
            swept: Instant::now(),
            sweep: SWEEP,
            git_lock: git_lock(root),
        };
        if !poll {
            let sender = watch.sender.clone();
            // A closed channel means that the preview has ended.
            let handler = move |event| drop(sender.send(Signal::Event(event)));
            let config = notify::Config::default().with_follow_symlinks(false);
            watch.watcher = RecommendedWatcher::new(handler, config).ok();
            watch.watch_all();
            watch.probe();
        }
        watch
    }

    pub fn stopper(&self) -> Stop {
        Stop(self.sender.clone())
    }

    /// Whether everything is looked at in turn, since there are no events.
    pub fn is_polling(&self) -> bool {
        self.watcher.is_none()
    }

    /// Watches the site's own folders as they are now, and the folder above them for `site.yaml`.
    pub fn watch_all(&mut self) {
        let Some(watcher) = &mut self.watcher else { return };
        let mut watched = watcher.watch(&self.root, RecursiveMode::NonRecursive);
        for folder in FOLDERS {
            let folder = self.root.join(folder);
            if folder.is_dir() {
                watched = watched.and_then(|()| watcher.watch(&folder, RecursiveMode::Recursive));
            }
        }
        // Too many folders for the system's limit, or no events at all.
        if watched.is_err() {
            self.watcher = None;
        }
    }

    /// Writes a file and takes it away: its event tells that events come.
    fn probe(&mut self) {
        let probe = self.root.join(CONTENT).join(PROBE_FILE);
        let written = fs::write(&probe, "").and_then(|()| fs::remove_file(&probe));
        match written {
            Ok(()) => self.probed = Some(Instant::now()),
            // Nobody can say whether events come from a folder that cannot be written.
            Err(_) => self.watcher = None,
        }
    }

    /// Tells how long a look at everything took, so that polling leaves the machine time for other things.
    pub fn took(&mut self, look: Duration) {
        self.poll = POLL.max(look * 4);
        self.sweep = (look * SWEEP_SHARE).clamp(SWEEP, SWEEP_AT_MOST);
    }

    /// Waits until something may have changed, or until `until`.
    pub fn wait(&mut self, until: Option<Instant>) -> Wake {
        loop {
            let next = if self.is_polling() { Instant::now() + self.poll } else { self.swept + self.sweep };
            let deadlines = [until, self.afterthought, self.probed.map(|probed| probed + PROBE)];
            let deadline = deadlines.into_iter().flatten().fold(next, Instant::min);
            let first = self.events.recv_timeout(deadline.saturating_duration_since(Instant::now()));
            let now = Instant::now();
            match first {
                Ok(Signal::Stop) | Err(RecvTimeoutError::Disconnected) => return Wake::Stopped,
                Ok(Signal::Event(event)) => {
                    let mut seen = Seen::default();
                    self.note(event, &mut seen);
                    if seen.is_something() {
                        return self.settle(seen);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    if self.probed.is_some_and(|probed| probed + PROBE <= now) {
                        self.probed = None;
                        self.watcher = None;
                        return Wake::Look(Places::Everywhere);
                    }
                    if self.is_polling() {
                        self.afterthought = None;
                        let is_due = until.is_some_and(|until| until <= now);
                        return if is_due { Wake::Time } else { Wake::Look(Places::Everywhere) };
                    }
                    if self.afterthought.is_some_and(|moment| moment <= now) {
                        self.afterthought = None;
                        return Wake::Look(Places::Everywhere);
                    }
                    if until.is_some_and(|until| until <= now) {
                        return Wake::Time;
                    }
                    if self.swept + self.sweep <= now {
                        self.swept = now;
                        return Wake::Sweep;
                    }
                }
            }
        }
    }

    /// Waits for the end of a change that has begun.
    fn settle(&mut self, mut seen: Seen) -> Wake {
        let begun = Instant::now();
        let mut last_event = begun;
        let mut quiet = QUIET;
        let mut waited_for_text = false;
        loop {
            let is_git_at_work = self.is_git_at_work();
            if begun.elapsed() > LONGEST && !is_git_at_work {
                break;
            }
            match self.events.recv_timeout(if is_git_at_work { LOCKED } else { quiet }) {
                Ok(Signal::Event(event)) => {
                    self.note(event, &mut seen);
                    waited_for_text = false;
                    quiet = quiet.max(PATIENCE * last_event.elapsed()).min(QUIET_AT_MOST);
                    last_event = Instant::now();
                }
                Ok(Signal::Stop) | Err(RecvTimeoutError::Disconnected) => return Wake::Stopped,
                Err(RecvTimeoutError::Timeout) if is_git_at_work => {}
                Err(RecvTimeoutError::Timeout) if !waited_for_text && self.has_empty_file(&seen) => {
                    waited_for_text = true;
                    quiet = quiet.max(EMPTY);
                }
                Err(RecvTimeoutError::Timeout) => break,
            }
        }
        self.afterthought = Some(Instant::now() + AFTERTHOUGHT);
        if seen.folders_of_the_site {
            self.watch_all();
        }
        Wake::Look(if seen.everywhere { Places::Everywhere } else { Places::These(seen.places) })
    }

    fn is_git_at_work(&self) -> bool {
        let taken = self.git_lock.as_ref().and_then(|lock| fs::metadata(lock).ok()?.modified().ok());
        taken.is_some_and(|taken| taken.elapsed().is_ok_and(|age| age < LEFT_BEHIND))
    }

    /// Whether one of the files is empty; those in a new folder are asked too, since their own events may be lost.
    fn has_empty_file(&self, seen: &Seen) -> bool {
        let entries = seen.places.iter().flat_map(|place| WalkDir::new(self.root.join(place.as_str())));
        let files = entries.flatten().filter(|entry| entry.file_type().is_file()).take(MANY + 1);
        let sizes: Vec<u64> = files.filter_map(|file| Some(file.metadata().ok()?.len())).collect();
        sizes.len() <= MANY && sizes.contains(&0)
    }

    fn note(&mut self, event: notify::Result<Event>, seen: &mut Seen) {
        let event = match event {
            Ok(event) if !event.need_rescan() => event,
            // Events were lost.
            _ => return seen.everywhere = true,
        };
        let is_reading = match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => false,
            EventKind::Access(_) => true,
            _ => false,
        };
        if is_reading {
            return;
        }
        for path in &event.paths {
            if path.file_name().is_some_and(|name| name == PROBE_FILE) {
                self.probed = None;
                continue;
            }
            let Ok(below) = path.strip_prefix(&self.root) else { continue };
            let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
            match parts.as_deref() {
                // A name that is not Unicode: the folder around it is looked at.
                None => seen.everywhere = true,
                Some([]) => {}
                Some([SITE_FILE]) => seen.site_file = true,
                Some([first, rest @ ..]) if FOLDERS.contains(first) => {
                    let is_about_folder = matches!(
                        event.kind,
                        EventKind::Create(CreateKind::Any | CreateKind::Folder)
                            | EventKind::Remove(RemoveKind::Any | RemoveKind::Folder)
                            | EventKind::Modify(ModifyKind::Name(_))
                    );
                    seen.folders_of_the_site |= rest.is_empty() && is_about_folder;
                    if rest.iter().all(|part| is_visible(part)) && (!rest.is_empty() || is_about_folder) {
                        seen.places.insert(FilePath::new(below.to_string_lossy().replace('\\', "/")));
                    }
                }
                Some(_) => {}
            }
        }
    }
}

/// The lock of the repository that a folder lies in. Git holds it from before the first file of a checkout, merge or
/// pull until behind the last.
fn git_lock(folder: &Path) -> Option<PathBuf> {
    let git = folder.ancestors().map(|folder| folder.join(".git")).find(|git| git.exists())?;
    if git.is_dir() {
        return Some(git.join("index.lock"));
    }
    // A second work tree has a file there that names the place.
    let text = fs::read_to_string(&git).ok()?;
    Some(git.with_file_name(text.trim().strip_prefix("gitdir:")?.trim()).join("index.lock"))
}

/// What the events of one change named.
#[derive(Default)]
struct Seen {
    places: BTreeSet<FilePath>,
    site_file: bool,
    everywhere: bool,
    /// `content/`, `static/` or `themes/` came or went.
    folders_of_the_site: bool,
}

impl Seen {
    fn is_something(&self) -> bool {
        !self.places.is_empty() || self.site_file || self.everywhere
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_no_events_come_everything_is_looked_at_in_turn() {
        let site = tempfile::tempdir().expect("a folder");
        fs::create_dir(site.path().join(CONTENT)).expect("a folder");
        let root = fs::canonicalize(site.path()).expect("its path");
        assert!(!Watch::new(&root, false).is_polling());
        // A watcher that looks elsewhere is as good as a network drive.
        let mut watch = Watch::new(&root, true);
        watch.watcher = Some(notify::recommended_watcher(|_| {}).expect("a watcher"));
        watch.probe();
        assert_eq!(watch.wait(None), Wake::Look(Places::Everywhere));
        assert!(watch.is_polling());
        // Not more often after a time in which events would have been mistrusted.
        watch.swept -= watch.sweep * 2;
        let begun = Instant::now();
        watch.wait(None);
        assert!(begun.elapsed() >= POLL);
        // A folder where the probe cannot be written tells nothing either.
        fs::remove_dir(site.path().join(CONTENT)).expect("an empty folder");
        assert!(Watch::new(&root, false).is_polling());
    }
}
