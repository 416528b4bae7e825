//! What must be done at a target, and in which order. Knows no target.

use std::collections::{BTreeMap, BTreeSet};

use super::manifest::Entry;
use super::release::{Rank, Release};
use crate::plan::url::OutputPath;

/// What is known to stand at a target; `None` is a file whose content nobody knows.
pub type Known = BTreeMap<OutputPath, Option<Entry>>;

/// What brings a target from what is known of it to a release.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files to delete before anything is sent, since they stand in the way: where a folder is to be, in a folder in whose place a
    /// file is to be, or under a name that differs from a new one in capitals alone, which not every disk tells apart.
    pub obstacles: Vec<OutputPath>,
    /// Files to send, in waves: all of one wave stand before the first of the next is sent.
    pub waves: Vec<Vec<OutputPath>>,
    /// All others to delete, in waves too, once everything was sent.
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
        let gone: Vec<OutputPath> = known.keys().filter(|path| !release.files.contains_key(path)).cloned().collect();
        // In most publications nothing goes.
        let (folders, folded) = if gone.is_empty() {
            Default::default()
        } else {
            let folded: BTreeSet<String> = release.files.keys().map(|path| path.as_str().to_lowercase()).collect();
            (release.folders(), folded)
        };
        let is_in_the_way = |path: &OutputPath| {
            let path = path.as_str();
            folders.contains(path) || release.file_above(path).is_some() || folded.contains(&path.to_lowercase())
        };
        let (obstacles, gone): (Vec<_>, Vec<_>) = gone.into_iter().partition(is_in_the_way);
        let (pages, files): (Vec<_>, Vec<_>) = gone.into_iter().partition(OutputPath::is_page);
        let deletions = [pages, files].into_iter().filter(|wave| !wave.is_empty()).collect();
        Self { obstacles, waves: waves.into_values().collect(), deletions }
    }

    pub fn is_empty(&self) -> bool {
        self.obstacles.is_empty() && self.waves.is_empty() && self.deletions.is_empty()
    }

    /// All files that are deleted.
    pub fn gone(&self) -> impl Iterator<Item = &OutputPath> {
        self.obstacles.iter().chain(self.deletions.iter().flatten())
    }

    /// How many files are sent.
    pub fn sent(&self) -> usize {
        self.waves.iter().map(Vec::len).sum()
    }

    pub fn deleted(&self) -> usize {
        self.gone().count()
    }

    /// All paths whose content changes.
    pub fn paths(&self) -> impl Iterator<Item = &OutputPath> {
        self.gone().chain(self.waves.iter().flatten())
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test writes the files that are to be published")]
mod tests {
    use std::fs;

    use super::*;

    fn path(text: &str) -> OutputPath {
        OutputPath::from_manifest(text).expect("a path")
    }

    /// What stands in a folder, and what is to: each file's path, rank and text.
    fn changes(there: &[(&str, &str)], wanted: &[(&str, Rank, &str)]) -> Changes {
        let folder = tempfile::tempdir().expect("a folder");
        let ranks: Vec<(OutputPath, Rank)> = wanted.iter().map(|(name, rank, _)| (path(name), *rank)).collect();
        for (name, _, text) in wanted {
            fs::write(folder.path().join(name), text).expect("a file");
        }
        let drawn = wanted.iter().map(|(name, _, text)| (path(name), Entry::of(text.as_bytes()))).collect();
        let release = Release::new(folder.path(), ranks.iter().map(|(path, rank)| (path, *rank)), &drawn);
        let known = there.iter().map(|(name, text)| (path(name), Some(Entry::of(text.as_bytes())))).collect();
        Changes::between(&known, &release)
    }

    fn names(waves: &[Vec<OutputPath>]) -> Vec<Vec<&str>> {
        waves.iter().map(|wave| wave.iter().map(OutputPath::as_str).collect()).collect()
    }

    #[test]
    fn nothing_points_to_what_is_not_there_yet() {
        let there = [
            ("a.html", "旧"),
            ("index.html", "旧"),
            ("news.html", "旧"),
            ("p.png", "旧"),
            ("x.html", ""),
            ("x.png", ""),
        ];
        let wanted = [
            ("a.html", Rank::Page, "新"),
            ("b.html", Rank::Page, "新"),
            ("index.html", Rank::Home, "新"),
            ("news.html", Rank::Index, "新"),
            ("p.png", Rank::File, "新"),
            ("s.css", Rank::Fixed, "新"),
        ];
        let changes = changes(&there, &wanted);
        let expected = [["s.css"], ["p.png"], ["b.html"], ["a.html"], ["news.html"], ["index.html"]];
        assert_eq!(names(&changes.waves), expected);
        // A page goes before what it points to.
        assert_eq!(names(&changes.deletions), [["x.html"], ["x.png"]]);
        assert_eq!((changes.sent(), changes.deleted()), (6, 2));
    }

    #[test]
    fn what_stands_in_the_way_goes_first() {
        let there = [("a", "旧"), ("b", "旧"), ("Jishi.svg", "旧"), ("z.html", "")];
        let wanted = [("jishi.svg", Rank::File, "新"), ("c", Rank::File, "新")];
        let mut changes = changes(&there, &wanted);
        assert_eq!(names(&[std::mem::take(&mut changes.obstacles)]), [["Jishi.svg"]]);
        assert_eq!(names(&changes.deletions), [vec!["z.html"], vec!["a", "b"]]);
    }

    #[test]
    fn what_is_there_already_is_not_sent() {
        let wanted = [("a.html", Rank::Page, "同"), ("b.html", Rank::Page, "新")];
        let changed = changes(&[("a.html", "同"), ("b.html", "旧")], &wanted);
        assert_eq!(names(&changed.waves), [["b.html"]]);
        assert!(changes(&[("a.html", "同"), ("b.html", "新")], &wanted).is_empty());
    }
}
