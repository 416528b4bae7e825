//! Tells that a build would change nothing, without making an edition of the site.
//!
//! A build leaves a stamp: the hash of all that it followed from, until when the same files give the same site, and what it
//! left in the output folder. It is a file of the cache and is trusted no more than the others. A stamp only ever says that
//! nothing is to be done; whoever gets no such word builds. Start at [`Stamp::holds`].

use std::io;
use std::ops::Range;
use std::path::Path;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::cache::{self, Part, STAMP, Unusable};
use crate::diagnostic::{Diagnostic, FilePath};
use crate::fingerprint::{Fingerprint, fingerprint};
use crate::ledger;
use crate::pipeline::{AsOf, Edition, Options};
use crate::site::Waiting;
use crate::source::Sources;
use crate::write::{self, WriteError};

/// What a build followed from, and what it left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// The files that could have changed without another time, each with the hash of its bytes.
    unsettled: Vec<(FilePath, Fingerprint)>,
    /// From its moment to the next one at which the site changes although no file does; in seconds since 1970.
    valid: Range<i64>,
    pub left: Left,
    /// What was found in the site: told again as long as nothing changes.
    pub diagnostics: Vec<Diagnostic>,
}

/// What a build left in the output folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    pub pages: usize,
    pub waiting: Waiting,
    pub outputs: usize,
    /// Of the manifest's bytes.
    pub manifest: Fingerprint,
    /// Of the ledger's.
    pub ledger: Fingerprint,
}

/// What lies in a cache from the same [`origin`].
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    Stamp(Box<Stamp>),
    Nothing,
    Unusable(Unusable),
}

impl Stamp {
    /// That of a build from these files.
    pub fn new(sources: &Sources, edition: &Edition, left: Left, diagnostics: &[Diagnostic]) -> Self {
        let site = &edition.plan.site;
        let valid = site.now.seconds..site.next_change;
        Self { unsettled: sources.unsettled().collect(), valid, left, diagnostics: diagnostics.to_vec() }
    }

    /// Whether a build from these files, which have the stamp's [`origin`], would find, draw and publish what is in the folder
    /// `out` already.
    ///
    /// # Errors
    /// A folder that cannot be built into.
    pub fn holds(&self, sources: &Sources, as_of: &AsOf, out: &Path) -> Result<bool, WriteError> {
        let is_in_time = match as_of {
            AsOf::Clock(now) => self.valid.contains(&now.as_second()),
            // The same text in the same site is the same moment.
            AsOf::Typed(_) => true,
        };
        let root = &sources.root;
        let is_same = self.unsettled.par_iter().all(|(file, content)| sources.is_as_hashed(file, *content));
        if !is_in_time || !is_same {
            return Ok(false);
        }
        let ledger = write::kept(out, ledger::FILE)?.map(|text| Fingerprint::of_bytes(text.as_bytes()));
        Ok(ledger == Some(self.left.ledger) && write::is_as_left(root.folder(), out, self.left.manifest)?)
    }

    /// The same after it was found to hold: what has settled need not be read the next time. `None` where there is no such file.
    pub fn settled(&self, sources: &Sources) -> Option<Self> {
        let unsettled: Vec<_> = sources.unsettled().collect();
        (unsettled.len() < self.unsettled.len()).then(|| Self { unsettled, ..self.clone() })
    }

    /// That of a build from this [`origin`].
    pub fn read(folder: &Path, origin: Fingerprint) -> Found {
        match Part::read(&folder.join(STAMP), origin) {
            Part::Value(stamp) => Found::Stamp(Box::new(stamp)),
            Part::Nothing => Found::Nothing,
            Part::Unusable(why) => Found::Unusable(why),
        }
    }

    /// Leaves it to later processes, whole or not at all. What another process writes at the same moment is left to it.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn keep(&self, folder: &Path, origin: Fingerprint) -> io::Result<()> {
        cache::keep(folder, STAMP, origin, self)
    }
}

/// The hash of all that a build follows from, but for the clock.
pub fn origin(sources: &Sources, options: &Options) -> Fingerprint {
    fingerprint(&(sources.times(), options.digest()))
}
