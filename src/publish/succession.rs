//! Which state each one took the place of: what the way back follows.
//!
//! Names cannot tell. A state that was left because it was bad is newer than the one that readers see after it, and the clocks of
//! offices differ. So each publication adds a line to a note at the target, beside the states, where no reader sees it. Where the
//! note says nothing, the next older name counts.

use std::collections::BTreeMap;

use super::is_id;

/// The note at the target.
pub const NOTE: &str = ".xinfeng/states";

/// What the note says: `20261127-091500… 20261127-013000…` for a state and the one that it took the place of.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Succession(BTreeMap<String, String>);

impl Succession {
    /// Passes over lines that it does not understand.
    pub fn parse(text: &str) -> Self {
        let pairs = text.lines().filter_map(|line| line.split_once(' '));
        let pairs = pairs.filter(|(state, before)| is_id(state) && is_id(before));
        Self(pairs.map(|(state, before)| (state.to_owned(), before.to_owned())).collect())
    }

    /// With one more state; those that are not among `names` are forgotten.
    pub fn with(mut self, state: &str, before: &str, names: &[String]) -> Self {
        self.0.retain(|state, _| names.contains(state));
        self.0.insert(state.to_owned(), before.to_owned());
        self
    }

    pub fn to_text(&self) -> String {
        self.0.iter().map(|(state, before)| format!("{state} {before}\n")).collect()
    }

    /// The states that readers saw, from the current one back, each once.
    pub fn line<'s>(&'s self, current: &'s str, names: &'s [String]) -> Vec<&'s str> {
        let mut line = vec![current];
        let mut last = current;
        loop {
            let noted = self.0.get(last).map(String::as_str);
            // Of one that was deleted by hand, the next older one takes the place.
            let older = |than: &str| names.iter().map(String::as_str).filter(|name| *name < than).max();
            let before = noted.filter(|noted| names.iter().any(|name| name == noted));
            match before.or_else(|| older(noted.unwrap_or(last))).filter(|before| !line.contains(before)) {
                Some(before) => line.push(before),
                None => return line,
            }
            last = line[line.len() - 1];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(hour: u8) -> String {
        format!("20261127-{hour:02}0000.000-0123456789abcdef")
    }

    /// States by their hours: the note's lines, the current one, those that are there, and the line of those that readers saw.
    fn check(noted: &[(u8, u8)], current: u8, there: &[u8], expected: &[u8]) {
        let names: Vec<String> = there.iter().map(|hour| name(*hour)).collect();
        let text: String =
            noted.iter().map(|(state, before)| format!("{} {}\n", name(*state), name(*before))).collect();
        let expected: Vec<String> = expected.iter().map(|hour| name(*hour)).collect();
        assert_eq!(Succession::parse(&text).line(&name(current), &names), expected);
    }

    #[test]
    fn the_way_back_leaves_out_what_was_left() {
        check(&[(2, 1), (3, 2), (4, 2)], 4, &[1, 2, 3, 4], &[4, 2, 1]);
        check(&[(2, 1), (3, 2), (4, 2)], 3, &[1, 2, 3, 4], &[3, 2, 1]);
        check(&[(2, 1), (3, 2)], 2, &[1, 2, 3], &[2, 1]);
    }

    #[test]
    fn the_way_back_follows_no_clock() {
        check(&[(2, 5), (3, 2), (5, 1)], 3, &[1, 2, 3, 5], &[3, 2, 5, 1]);
    }

    #[test]
    fn where_the_note_says_nothing_or_nonsense_the_next_older_name_counts() {
        check(&[], 3, &[1, 2, 3], &[3, 2, 1]);
        check(&[(4, 2)], 4, &[1, 3, 4], &[4, 1]);
        check(&[(3, 2), (2, 3)], 3, &[1, 2, 3], &[3, 2]);
        check(&[(3, 3)], 3, &[1, 2, 3], &[3]);
        assert_eq!(Succession::parse("\u{0}\n../evil x\n20261127"), Succession::default());
    }

    #[test]
    fn states_that_are_gone_are_forgotten() {
        let noted = Succession::default().with(&name(2), &name(1), &[name(1), name(2)]);
        let noted = noted.with(&name(4), &name(3), &[name(3), name(4)]);
        assert_eq!(noted.to_text(), format!("{} {}\n", name(4), name(3)));
        assert_eq!(Succession::parse(&noted.to_text()), noted);
    }
}
