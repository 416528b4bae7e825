//! What must be done at a target, and in which order. Knows no target.

use std::collections::BTreeMap;

use super::manifest::Entry;
use super::release::{Rank, Release};
use crate::plan::url::OutputPath;

/// What is known to stand at a target; `None` is a file whose content nobody knows.
pub type Known = BTreeMap<OutputPath, Option<Entry>>;

/// What brings a target from what is known of it to a release.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files to send, in waves: all of one wave stand before the first of the next is sent.
    pub waves: Vec<Vec<OutputPath>>,
    /// Files to delete, in waves too, once everything was sent.
    pub deletions: Vec<Vec<OutputPath>>,
}

impl Changes {
    /// New files come before changed ones, and in each of these what is pointed to before what points: files, pages, indexes,
    /// home. A new page can be reached only by what comes after it. Deletions go the other way round.
    pub fn between(known: &Known, release: &Release) -> Self {
        let mut waves: BTreeMap<(bool, Rank), Vec<OutputPath>> = BTreeMap::new();
        for (path, part) in &release.files {
            let there = known.get(path);
            if there != Some(&Some(part.entry)) {
                // A picture that changes under its name comes before the pages that were written for the new one.
                let is_later = there.is_some() && part.rank > Rank::File;
                waves.entry((is_later, part.rank)).or_default().push(path.clone());
            }
        }
        let gone = known.keys().filter(|path| !release.files.contains_key(path)).cloned();
        let (pages, files): (Vec<_>, Vec<_>) = gone.partition(|path| path.content_type().starts_with("text/html"));
        let deletions = [pages, files].into_iter().filter(|wave| !wave.is_empty()).collect();
        Self { waves: waves.into_values().collect(), deletions }
    }

    pub fn is_empty(&self) -> bool {
        self.waves.is_empty() && self.deletions.is_empty()
    }

    /// How many files are sent.
    pub fn sent(&self) -> usize {
        self.waves.iter().map(Vec::len).sum()
    }

    pub fn deleted(&self) -> usize {
        self.deletions.iter().map(Vec::len).sum()
    }

    /// All paths whose content changes.
    pub fn paths(&self) -> impl Iterator<Item = &OutputPath> {
        self.waves.iter().chain(&self.deletions).flatten()
    }
}
