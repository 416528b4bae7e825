//! Keeps the bodies of items from one process to the next, for whoever changes a template.
//!
//! The cache leaves bodies out, since most builds draw few pages, whose files are then parsed again. Where that concerns many,
//! a template has changed, and whoever changes one changes it again: so such a build leaves the bodies. They lie in several files by
//! the hash of what they were made of, and these are trusted no more than the other files of the cache. Start at [`Bodies::restore`].

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use crate::cache::{self, BODIES, Part, Unusable};
use crate::fingerprint::{Fingerprint, fingerprint};
use crate::parse::markdown::{Html, Parts};

/// The bodies that earlier processes left; each file is read when the first of its bodies is asked for.
pub struct Bodies {
    folder: PathBuf,
    names: Vec<String>,
    /// In the order of their names.
    files: Vec<OnceLock<Part<Held>>>,
    /// How many bodies were asked for and not there.
    missing: AtomicUsize,
}

/// Bodies by the hash of their file.
type Held = BTreeMap<Fingerprint, Arc<Parts>>;

impl Bodies {
    /// Those of a site with so many items.
    pub fn of(items: usize, folder: &Path) -> Self {
        let names = cache::names(BODIES, cache::files_for(items));
        let files = names.iter().map(|_| OnceLock::new()).collect();
        Self { folder: folder.to_owned(), names, files, missing: AtomicUsize::new(0) }
    }

    /// Gives a body back what it held, and tells whether that was here.
    pub fn restore(&self, body: &Html) -> bool {
        let number = self.number(body);
        let file = self.files[number].get_or_init(|| Part::read(&self.folder.join(&self.names[number]), origin()));
        let Some(parts) = held(file, body) else {
            self.missing.fetch_add(1, Ordering::Relaxed);
            return false;
        };
        body.restore(parts);
        true
    }

    /// Why some of them could not be read.
    pub fn unusable(&self) -> Option<Unusable> {
        let why = |file: &OnceLock<Part<Held>>| match file.get() {
            Some(Part::Unusable(why)) => Some(*why),
            _ => None,
        };
        self.files.iter().filter_map(why).max()
    }

    /// Leaves these bodies of the site, as far as they are here, to later processes, if one in ten was missing or if a file cannot
    /// be read.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn save(&self, all: &[&Html]) -> io::Result<()> {
        let are_many = self.missing.load(Ordering::Relaxed) * 10 > all.len();
        if !are_many && self.unusable().is_none() {
            return Ok(());
        }
        let mut bodies: Vec<Vec<&Html>> = vec![Vec::new(); self.files.len()];
        for body in all {
            bodies[self.number(body)].push(body);
        }
        cache::keep_all(&self.folder, BODIES, &self.names, origin(), |number| -> Held {
            let parts = |body: &&Html| body.share().or_else(|| held(self.files[number].get()?, body));
            bodies[number].iter().filter_map(|body| Some((body.file(), parts(body)?))).collect()
        })
    }

    /// Which file is for it.
    fn number(&self, body: &Html) -> usize {
        body.file().place_among(self.files.len() as u32) as usize
    }
}

/// What a file holds of a body.
fn held(file: &Part<Held>, body: &Html) -> Option<Arc<Parts>> {
    match file {
        Part::Value(bodies) => bodies.get(&body.file()).cloned(),
        Part::Nothing | Part::Unusable(_) => None,
    }
}

/// The same for all: a body follows from its text alone, and the engine is named anyway.
fn origin() -> Fingerprint {
    fingerprint(&BODIES)
}
