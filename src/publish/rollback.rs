//! Back to an earlier published state, where the target keeps them: the link changes, no file does.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::key::PublicKey;
use super::lock::{Asked, Lock};
use super::manifest::{MANIFEST, Manifest};
use super::verify::{Known, verify_store};
use super::{Notes, Place, Stopped};
use crate::write::Journal;

/// A published state that the target keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The name of its folder.
    pub name: String,
    /// When it was published.
    pub time: Timestamp,
    pub files: usize,
    pub is_current: bool,
    /// Whether readers were led away from it, to an earlier state.
    pub is_left: bool,
    /// Its signed manifest.
    pub note: String,
}

/// Who goes back.
pub struct Who<'a> {
    pub key: &'a PublicKey,
    /// The beginnings of paths that are not the site's.
    pub keep: &'a [String],
    pub owner: String,
    pub id: String,
    pub now: &'a (dyn Fn() -> Timestamp + Sync),
}

/// The states at a target whose manifests bear the key's signature, the newest first.
///
/// # Errors
/// [`Stopped`]; a target without release folders too.
pub async fn states(place: &Place, key: &PublicKey) -> Result<Vec<State>, Stopped> {
    Ok(states_and_line(place, key).await?.0)
}

/// The states, and the names of those that readers saw, from the current one back.
async fn states_and_line(place: &Place, key: &PublicKey) -> Result<(Vec<State>, Vec<String>), Stopped> {
    let releases = place.releases.as_ref().ok_or(Stopped::NoReleases)?;
    place.store.require_folder().await?;
    let current = releases.current().await?;
    let names = releases.names().await?;
    let line = match &current {
        Some(current) => releases.line(current, &names).await?,
        None => Vec::new(),
    };
    let mut states = Vec::new();
    for name in names.into_iter().rev() {
        let Some(bytes) = releases.store_of(&name)?.read(MANIFEST).await? else { continue };
        let note = String::from_utf8_lossy(&bytes).into_owned();
        if let Ok(Manifest { time, files, .. }) = Manifest::open(&note, key) {
            let is_current = current.as_ref() == Some(&name);
            let is_left = current.is_some() && !line.contains(&name);
            states.push(State { name, time, files: files.len(), is_current, is_left, note });
        }
    }
    Ok((states, line))
}

/// Shows readers an earlier state: the named one, or the one that they saw before the current one. Every file of it is compared with its
/// manifest first.
///
/// # Errors
/// [`Stopped`]; readers then see what they saw before.
pub async fn rollback(place: &Place, who: &Who<'_>, to: Option<&str>, journal: &Journal) -> Result<State, Stopped> {
    let releases = place.releases.as_ref().ok_or(Stopped::NoReleases)?;
    place.store.require_folder().await?;
    releases.refuse_links().await?;
    journal.add(&format!("id {}", who.id))?;
    let lock = Lock::new(&who.owner, &who.id, BTreeMap::new());
    // Whoever goes back in a hurry need not wait for a publication of this machine that was cut off.
    let dead = Notes::read(&journal.left).dead;
    let mut lock = match Lock::take(&place.store, lock, &dead, (who.now)()).await? {
        Asked::Ours(lock, _) => lock,
        Asked::Busy(lock) => return Err(Stopped::Busy(Some(lock))),
    };
    let shown = async {
        // A publication that ended before may have deleted what was there.
        let state = lock.kept_during(&place.store, who.now, choose(place, who, to)).await?;
        lock.confirm(&place.store).await?;
        releases.point(&state.name).await?;
        Ok(state)
    };
    let shown = shown.await;
    lock.give_back(&place.store).await?;
    shown
}

/// The named state, or the one that the current one took the place of, every file of which is as it was published.
async fn choose(place: &Place, who: &Who<'_>, to: Option<&str>) -> Result<State, Stopped> {
    let releases = place.releases.as_ref().ok_or(Stopped::NoReleases)?;
    let (mut states, line) = states_and_line(place, who.key).await?;
    let of = |name: &str| states.iter().position(|state| state.name == name);
    let index = match to {
        Some(name) => of(name),
        None => line.iter().skip(1).find_map(|name| of(name)),
    };
    let state = index.map(|index| states.swap_remove(index)).ok_or(Stopped::NoState)?;
    let known = Known { key: who.key, last: None, original: &|_| None, keep: who.keep, now: (who.now)() };
    let verified = verify_store(&releases.store_of(&state.name)?, &known).await;
    if verified.is_ok_and(|verified| verified.is_clean()) { Ok(state) } else { Err(Stopped::AlteredState(state.name)) }
}
