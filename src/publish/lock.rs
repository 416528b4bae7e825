//! The lock at a target: who is publishing, until when, and which files may meanwhile be half-way between two states.
//!
//! A publication that was cut off leaves its lock behind. Once nobody has renewed that for some time, the next one takes it over,
//! together with the list of files that it must not trust. It is the target that tells the time: the clocks of offices differ.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::pin::pin;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::Stopped;
use super::manifest::{Entry, parse_line};
use super::store::{Headers, Kind, Listed, OUR_FOLDERS, STATE, Store, StoreError};
use crate::diagnostic::Text;
use crate::plan::url::OutputPath;

const HEADING: &str = "xinfeng lock 1";
/// How long a lock holds unless it is renewed.
pub const LEASE: SignedDuration = SignedDuration::from_mins(5);
/// How often it is seen whether the lock has to be renewed, while something takes long.
const LOOK: Duration = Duration::from_secs(1);
/// No lock holds for longer than this, however far the clocks of two machines are apart.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);
/// How long another publisher has to show up, where the target cannot refuse the second one.
const SETTLE: Duration = Duration::from_millis(400);

/// What the lock's file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// Who publishes: user and machine.
    pub owner: String,
    /// Tells one publication from all others.
    pub id: String,
    pub expires: Timestamp,
    /// The files that this and earlier, unfinished publications began to change, with what they were to become; `None` for a
    /// deletion.
    pub claims: BTreeMap<OutputPath, Option<Entry>>,
}

/// What asking for the lock came to.
pub enum Asked {
    /// It is ours, with the claims of the one that was left behind, whose id follows.
    Ours(Lock, Option<String>),
    /// Somebody else is publishing.
    Busy(Lock),
}

impl Lock {
    pub fn path() -> String {
        format!("{STATE}lock")
    }

    /// A lock to ask for.
    pub fn new(owner: &str, id: &str, claims: BTreeMap<OutputPath, Option<Entry>>) -> Self {
        Self { owner: owner.to_owned(), id: id.to_owned(), expires: Timestamp::UNIX_EPOCH, claims }
    }

    /// Takes the lock, unless somebody holds it. `dead` are the ids of publications of ours that are known to have ended.
    ///
    /// # Errors
    /// The target does not answer, or refuses; something else stands in the lock's place.
    pub async fn take(store: &Store, lock: Self, dead: &[String], now: Timestamp) -> Result<Asked, StoreError> {
        let id = lock.id.clone();
        let asked = Self::ask(store, lock, dead, now).await;
        match &asked {
            // Nobody holds it, nor do we.
            Ok(Asked::Busy(lock)) if lock.id == id => Self::check_place(store).await?,
            Err(_) => Self::check_place(store).await?,
            Ok(_) => {}
        }
        asked
    }

    async fn ask(store: &Store, mut lock: Self, dead: &[String], now: Timestamp) -> Result<Asked, StoreError> {
        lock.expires = now + LEASE;
        let tag = store.tag(&Self::path()).await?;
        let left = Self::read_whole(store).await?;
        if let Some(left) = &left
            && let Some(held) = left.held(store, dead, now, &lock.id).await?
        {
            return Ok(Asked::Busy(held));
        }
        let (is_ours, is_sure) = match &left {
            Some(left) => {
                // What we claim ourselves is known better.
                let ours = std::mem::replace(&mut lock.claims, left.claims.clone());
                lock.claims.extend(ours);
                let is_sure = tag.is_some() && store.replaces_conditionally();
                let stage = format!("{}-lock", lock.id);
                (store.replace(&Self::path(), lock.to_text().into_bytes(), tag, &stage).await?, is_sure)
            }
            None => {
                let is_sure = store.refuses_second_writers();
                (store.put_new(&Self::path(), lock.to_text().into_bytes()).await?, is_sure)
            }
        };
        // Where the target cannot refuse a second writer, the last one to write is the one who has it.
        if !is_ours || !is_sure {
            tokio::time::sleep(SETTLE).await;
        }
        match Self::read(store).await? {
            Some(found) if found.id == lock.id => Ok(Asked::Ours(lock, left.map(|left| left.id))),
            Some(found) => Ok(Asked::Busy(found)),
            None => Ok(Asked::Busy(lock)),
        }
    }

    /// What stands in the place of the lock, or of the folder that it lies in: nobody can publish before it is gone.
    ///
    /// # Errors
    /// The target does not answer, or refuses.
    pub async fn obstacle(store: &Store) -> Result<Option<Listed>, StoreError> {
        let ([folder, _], lock) = (OUR_FOLDERS, Self::path());
        let kinds = store.kinds(&[folder, &lock]).await?;
        let listed = |path: &str, kind| Some(Listed { path: path.to_owned(), size: 0, kind });
        Ok(match kinds[..] {
            [Some(kind), _] if kind != Kind::Folder => listed(folder, kind),
            [_, Some(kind @ (Kind::Folder | Kind::Special))] => listed(&lock, kind),
            _ => None,
        })
    }

    /// Makes sure that nothing else stands in the lock's place.
    ///
    /// # Errors
    /// What stands there and what to do about it; and as [`Lock::obstacle`].
    pub async fn check_place(store: &Store) -> Result<(), StoreError> {
        Self::obstacle(store).await?.map_or(Ok(()), |obstacle| Err(Self::blocked(store, &obstacle.path)))
    }

    /// What to do about something else in the lock's place, or in that of its folder.
    fn blocked(store: &Store, path: &str) -> StoreError {
        let (zh, en) = if path == Self::path() { ("文件", "a file") } else { ("文件夹", "a folder") };
        store.in_the_way(
            path,
            Text::new(
                format!(
                    "这里应当是新风放锁的{zh}，却是别的东西，谁都发布不了。运行 xinfeng publish --repair 去掉它；去不掉的不是空的，或者不是新风的，请看看是谁的，移走以后再发布"
                ),
                format!(
                    "our lock needs {en} here, and there is something else, so that nobody can publish. xinfeng publish --repair \
                     takes it away; what stays is not empty or not ours: see whose it is, and move it elsewhere"
                ),
            ),
        )
    }

    /// The lock as it stands at the target, if its owner may still be at work, with the time until which that is so by our clock.
    /// `dead` are the ids of publications that are known to have ended, `stage` is a name that nobody else uses.
    ///
    /// # Errors
    /// As [`Lock::take`].
    pub async fn held(
        &self,
        store: &Store,
        dead: &[String],
        now: Timestamp,
        stage: &str,
    ) -> Result<Option<Self>, StoreError> {
        if dead.contains(&self.id) || self.expires == Timestamp::UNIX_EPOCH || self.is_planted(now) {
            return Ok(None);
        }
        Ok(match store.age(&Self::path(), &format!("{stage}-clock")).await? {
            // One that was written in the future keeps nobody out either.
            Some(age) if age.abs() < LEASE => Some(Self { expires: now + (LEASE - age), ..self.clone() }),
            Some(_) => None,
            None => self.is_held(now).then(|| self.clone()),
        })
    }

    /// Whether its owner may still be at work, if its clock and ours agree.
    pub fn is_held(&self, now: Timestamp) -> bool {
        self.expires > now && !self.is_planted(now)
    }

    /// Whether somebody put it there to keep publishers out: it never ends.
    pub fn is_planted(&self, now: Timestamp) -> bool {
        self.expires > now && self.expires.duration_since(now) > LONGEST
    }

    /// Reads the lock.
    ///
    /// # Errors
    /// As [`Lock::take`].
    pub async fn read(store: &Store) -> Result<Option<Self>, StoreError> {
        // A folder is looked at in no time; asking in vain takes as long as all attempts do. A link may lead to a lock.
        if store.is_folder()
            && let Some(obstacle) = Self::obstacle(store).await?.filter(|obstacle| obstacle.kind != Kind::Link)
        {
            return Err(Self::blocked(store, &obstacle.path));
        }
        let text = store.read(&Self::path()).await;
        if text.is_err() {
            Self::check_place(store).await?;
        }
        let text = text?;
        Ok(text.map(|bytes| Self::parse(&String::from_utf8_lossy(&bytes)).unwrap_or_else(Self::unreadable)))
    }

    /// Reads the lock; if it is being written, once it is. One that stays unreadable was cut off when it was made, before
    /// anything was claimed: claims are only ever written by replacing the file.
    async fn read_whole(store: &Store) -> Result<Option<Self>, StoreError> {
        let found = Self::read(store).await?;
        if found.as_ref().is_some_and(|lock| lock.id.is_empty()) {
            tokio::time::sleep(SETTLE).await;
            return Self::read(store).await;
        }
        Ok(found)
    }

    /// Writes it anew: with more claims, or for longer.
    ///
    /// # Errors
    /// As [`Lock::take`].
    pub async fn renew(&mut self, store: &Store, now: Timestamp) -> Result<(), StoreError> {
        self.expires = now + LEASE;
        store.put(&Self::path(), self.to_text().into_bytes(), Headers::default(), &format!("{}-lock", self.id)).await
    }

    /// Does what may take long, and keeps the lock meanwhile.
    ///
    /// # Errors
    /// What the work came to; the lock is somebody else's now; and as [`Lock::take`].
    pub async fn kept_during<T, E>(
        &mut self,
        store: &Store,
        now: &(dyn Fn() -> Timestamp + Sync),
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Stopped>
    where
        Stopped: From<E>,
    {
        let mut work = pin!(work);
        loop {
            let done = tokio::time::timeout(LOOK, &mut work).await.ok().transpose()?;
            self.keep(store, now()).await?;
            if let Some(done) = done {
                return Ok(done);
            }
        }
    }

    /// Renews it when half of its time is over, if it is still ours.
    async fn keep(&mut self, store: &Store, now: Timestamp) -> Result<(), Stopped> {
        if self.expires - LEASE / 2 > now {
            return Ok(());
        }
        self.confirm(store).await?;
        Ok(self.renew(store, now).await?)
    }

    /// Makes sure that it is still ours, before something is shown that others would have to undo: a machine that was asleep does
    /// not know how long.
    ///
    /// # Errors
    /// It is somebody else's now; and as [`Lock::take`].
    pub async fn confirm(&self, store: &Store) -> Result<(), Stopped> {
        match Self::read(store).await? {
            Some(found) if found.id == self.id => Ok(()),
            _ => Err(Stopped::LockLost),
        }
    }

    /// Gives it back once all is done. That of somebody who took over stays; they begin with a look at what was done.
    ///
    /// # Errors
    /// As [`Lock::take`].
    pub async fn give_back(&self, store: &Store) -> Result<(), Stopped> {
        match self.confirm(store).await {
            Ok(()) => Ok(store.delete(vec![Self::path()]).await?),
            Err(Stopped::LockLost) => Ok(()),
            Err(stopped) => Err(stopped),
        }
    }

    /// Gives it back after a publication that failed: others need not wait, and learn what is half-way.
    ///
    /// # Errors
    /// As [`Lock::take`].
    pub async fn leave(&mut self, store: &Store) -> Result<(), StoreError> {
        self.expires = Timestamp::UNIX_EPOCH;
        store.put(&Self::path(), self.to_text().into_bytes(), Headers::default(), &format!("{}-lock", self.id)).await
    }

    fn unreadable() -> Self {
        Self { owner: String::new(), id: String::new(), expires: Timestamp::UNIX_EPOCH, claims: BTreeMap::new() }
    }

    fn to_text(&self) -> String {
        let Self { owner, id, expires, claims } = self;
        let mut text = format!("{HEADING}\nowner {owner}\nid {id}\nexpires {expires}\n");
        for (path, entry) in claims {
            match entry {
                Some(Entry { size, digest }) => writeln!(text, "{} {size} {path}", digest.to_hex()),
                None => writeln!(text, "delete {path}"),
            }
            .expect("writing to a string");
        }
        text
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let mut next = |name: &str| Some(lines.next()?.strip_prefix(name)?.to_owned());
        next(HEADING)?;
        let (owner, id) = (next("owner ")?, next("id ")?);
        let expires = next("expires ")?.parse().ok()?;
        let claim = |line: &str| match line.strip_prefix("delete ") {
            Some(path) => Some((OutputPath::from_manifest(path)?, None)),
            None => parse_line(line).map(|(path, entry)| (path, Some(entry))),
        };
        Some(Self { owner, id, expires, claims: lines.map(claim).collect::<Option<_>>()? })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::super::store::Notice;
    use super::*;

    #[tokio::test]
    async fn a_lock_is_kept_while_one_large_file_is_sent() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::at_folder(folder.path(), "main".to_owned(), Notice::none()).expect("a target");
        let (began, begun) = (Instant::now(), Timestamp::UNIX_EPOCH);
        let asked = Lock::take(&store, Lock::new("li@office", "4f", BTreeMap::new()), &[], begun).await;
        let Ok(Asked::Ours(mut lock, None)) = asked else { panic!("nobody else is there") };
        let before = lock.expires;
        // As if each second were two minutes.
        let now = || begun + began.elapsed() * 120;
        let sends = async {
            tokio::time::sleep(LOOK * 3).await;
            Ok::<_, StoreError>(Lock::read(&store).await?.expect("it is there").expires)
        };
        let meanwhile = lock.kept_during(&store, &now, sends).await.expect("it is ours");
        assert!(meanwhile > before);

        store.delete(vec![Lock::path()]).await.expect("it can be deleted");
        let sends = async {
            tokio::time::sleep(LOOK * 10).await;
            Ok::<_, StoreError>(())
        };
        assert!(matches!(lock.kept_during(&store, &now, sends).await, Err(Stopped::LockLost)));
    }

    #[test]
    fn reads_what_it_wrote() {
        let path = |text: &str| OutputPath::from_manifest(text).expect("a path");
        let lock = Lock {
            owner: "李 红@office".to_owned(),
            id: "4f".to_owned(),
            expires: "2026-11-27T01:00:00Z".parse().expect("a time"),
            claims: BTreeMap::from([(path("a b.html"), Some(Entry::of(b"a"))), (path("c.html"), None)]),
        };
        assert_eq!(Lock::parse(&lock.to_text()), Some(lock));
        assert_eq!(Lock::parse("something else"), None);
    }
}
