//! Tells which outputs need not be looked into, because nothing that they show has changed.
//!
//! Most edits change a body, which no list and no other item's page shows. So a build leaves in the cache, under the hash of
//! all else that it followed from, which items it had, until when they look the same, what each template gave its pages, and which
//! manifest came of them. Where the next build follows from the same, that manifest is right about every list, and about every
//! page whose own item was not read anew, as far as their templates give the same. It is a file of the cache and is trusted no
//! more than the others. Start at [`Surface::settle`].

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::cache::{self, Part, SURFACE, Unusable};
use crate::diagnostic::FilePath;
use crate::fingerprint::{Fingerprint, fingerprint};
use crate::pipeline::{Edition, Memory, Options};
use crate::source::Sources;
use crate::write::Outputs;

/// What a build follows from, but for the bodies, the theme and the clock.
pub struct Surface {
    origin: Fingerprint,
}

/// What a build left for later ones from the same surface.
#[derive(Serialize, Deserialize)]
struct Left {
    /// The files beside items and themes that could have changed without another time, each with the hash of its bytes.
    unsettled: Vec<(FilePath, Fingerprint)>,
    /// The hash of the items with their bodies.
    items: Fingerprint,
    /// From the build's moment to the next one at which the site changes although no file does; in seconds since 1970.
    valid: Range<i64>,
    /// What the pages of each template depended on beside what they show.
    frames: BTreeMap<String, Fingerprint>,
    /// Of the manifest's bytes.
    manifest: Fingerprint,
}

impl Surface {
    /// That of an edition that was made with this memory.
    pub fn of(sources: &Sources, options: &Options, memory: &Memory) -> Self {
        let items: Vec<_> = memory.surfaces().collect();
        Self { origin: fingerprint(&(sources.times_besides_items_and_themes(), options.digest(), items)) }
    }

    /// Tells an edition which of its outputs are as the last build left them, if that is known; else gives the reason if what is
    /// in the cache cannot be used.
    pub fn settle(&self, edition: &mut Edition, sources: &Sources, memory: &Memory, folder: &Path) -> Option<Unusable> {
        let left: Left = match Part::read(&folder.join(SURFACE), self.origin) {
            Part::Value(left) => left,
            Part::Nothing => return None,
            Part::Unusable(why) => return Some(why),
        };
        let is_in_time = left.valid.contains(&edition.plan.site.now.seconds);
        let is_same = left.unsettled.iter().all(|(file, content)| sources.is_as_hashed(file, *content));
        // The cache may come from another build than the one that left this.
        if is_in_time && is_same && memory.loaded() == Some(left.items) {
            edition.settle(left.manifest, &left.frames, memory.touched());
        }
        None
    }

    /// Leaves the word for later processes that this manifest came of this edition. What another process writes at the same
    /// moment is left to it.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn keep(
        &self,
        edition: &Edition,
        sources: &Sources,
        memory: &Memory,
        manifest: Fingerprint,
        folder: &Path,
    ) -> io::Result<()> {
        let site = &edition.plan.site;
        let frames = edition.frames().into_iter().map(|(template, frame)| (template.to_owned(), frame));
        let left = Left {
            unsettled: sources.unsettled_besides_items_and_themes().collect(),
            frames: frames.collect(),
            items: memory.contents(),
            valid: site.now.seconds..site.next_change,
            manifest,
        };
        cache::keep(folder, SURFACE, self.origin, &left)
    }
}
