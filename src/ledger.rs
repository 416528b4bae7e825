//! When each item was first published, as far as the builds into one folder know: what later dates are judged by.
//!
//! A build brings it up to date and leaves it beside the manifest. An item's first entry is kept, so that a date that is
//! moved afterwards stays visible. Items are known by their files; one that is moved to another folder with its name and
//! date keeps its entry. Start at [`Ledger::update`].

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::civil::Date;
use rayon::prelude::*;

use crate::diagnostic::FilePath;
use crate::parse::moment::Moment;
use crate::site::Site;

/// The name of its file in the output folder's state.
pub const FILE: &str = "ledger";

/// All that was published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// The day of the first build that it knows; `None` before there was one. What was published then may be far older.
    pub since: Option<Date>,
    entries: BTreeMap<FilePath, Entry>,
}

/// What is known of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The day of the build that published it first.
    pub seen: Date,
    /// The day that its date named then.
    pub date: Date,
}

const HEAD: &str = "xinfeng ledger 1";

impl Ledger {
    /// Reads what [`Ledger::to_text`] wrote; `None` where it is damaged.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix("\nend\n")?.lines();
        let since = lines.next()?.strip_prefix(HEAD)?.strip_prefix(" since ")?.parse().ok()?;
        let entry = |line: &str| {
            let mut parts = line.splitn(3, ' ');
            let (seen, date) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            Some((FilePath::new(parts.next()?), Entry { seen, date }))
        };
        let entries = lines.collect::<Vec<_>>().into_par_iter().map(entry).collect::<Option<Vec<_>>>()?;
        Some(Self { since: Some(since), entries: entries.into_iter().collect() })
    }

    /// A line for each item: the day of the build, the item's day, its file.
    pub fn to_text(&self) -> String {
        let mut text = String::with_capacity(64 * (self.entries.len() + 1));
        if let Some(since) = self.since {
            writeln!(text, "{HEAD} since {since}").expect("a text takes every line");
        }
        for (file, Entry { seen, date }) in &self.entries {
            writeln!(text, "{seen} {date} {file}").expect("a text takes every line");
        }
        text.push_str("end\n");
        text
    }

    pub fn entry(&self, file: &FilePath) -> Option<&Entry> {
        self.entries.get(file)
    }

    pub fn entries(&self) -> impl Iterator<Item = (&FilePath, &Entry)> {
        self.entries.iter()
    }

    /// Adds what a build publishes for the first time, and forgets the files that are no longer there. What is a draft
    /// or still to come is not published, even where the build shows it; but it keeps an entry that it has. Tells whether anything differs
    /// now.
    pub fn update(&mut self, site: &Site, is_there: impl Fn(&FilePath) -> bool) -> bool {
        let today = site.now.local.date();
        let mut differs = self.since.is_none();
        self.since.get_or_insert(today);
        let mut gone: BTreeMap<(String, Date), Entry> = BTreeMap::new();
        for (file, entry) in self.entries.extract_if(.., |file, _| !is_there(file)) {
            gone.insert((file.name().to_owned(), entry.date), entry);
            differs = true;
        }
        for page in &site.pages {
            let (file, front_matter) = (&page.item.file, &page.item.front_matter);
            let is_published = |date: &Moment| !front_matter.draft && date.seconds <= site.now.seconds;
            let Some(date) = front_matter.date.filter(is_published).map(|date| date.local.date()) else { continue };
            match self.entries.get_mut(file) {
                // A slip that is mended on the same day leaves no trace.
                Some(entry) if entry.seen == today && entry.date != date => {
                    entry.date = date;
                    differs = true;
                }
                Some(_) => {}
                None => {
                    let moved = gone.remove(&(file.name().to_owned(), date));
                    self.entries.insert(file.clone(), moved.unwrap_or(Entry { seen: today, date }));
                    differs = true;
                }
            }
        }
        differs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_reads_back() {
        let text = "xinfeng ledger 1 since 2026-01-02\n2026-01-05 2026-01-04 content/news/甲 乙.md\nend\n";
        let ledger = Ledger::parse(text).expect("a ledger");
        assert_eq!(ledger.to_text(), text);
        let entry = ledger.entry(&FilePath::new("content/news/甲 乙.md")).expect("the item");
        assert_eq!((entry.seen.to_string(), entry.date.to_string()), ("2026-01-05".into(), "2026-01-04".into()));
        assert_eq!(Ledger::parse(&text[..text.len() - 4]), None, "one that was cut off");
        assert_eq!(Ledger::parse(&text.replace("01-04", "13-04")), None, "a day that does not exist");
        assert_eq!(Ledger::parse(""), None);
    }
}
