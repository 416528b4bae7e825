//! Texts that were judged before: those that were found clean, and the lines of items that were not.
//!
//! What the theme writes stands on every page, and what an item says stands on its page too: what is dear to judge is
//! judged once. A text stands here by its hash, whose keys are random: nobody can make one that passes for
//! another.

use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError, RwLock};

use rustc_hash::FxHashSet;

/// Whose judgement it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Judge {
    Spam,
    Title,
}

/// A set of texts that several threads share.
#[derive(Debug, Default)]
pub struct Seen {
    keys: RandomState,
    shards: [Mutex<FxHashSet<u64>>; SHARDS],
    /// Lines that something was said about where an item holds them.
    told: RwLock<Vec<String>>,
}

/// A list shows the beginning of an item's text; so many characters are enough to know a line by.
const BEGINNING: usize = 16;

/// So many threads seldom wait for one another.
const SHARDS: usize = 16;

impl Seen {
    /// What `find` finds in a text; nothing, where it found nothing in it before.
    pub fn judge<T: Default + PartialEq>(&self, judge: Judge, text: &str, find: impl FnOnce() -> T) -> T {
        let hash = self.keys.hash_one((judge, text));
        let shard = &self.shards[hash as usize % SHARDS];
        let set = || shard.lock().unwrap_or_else(PoisonError::into_inner);
        if set().contains(&hash) {
            return T::default();
        }
        let found = find();
        if found == T::default() {
            set().insert(hash);
        }
        found
    }

    /// Notes a line of an item that something was said about.
    pub fn tell(&self, line: &str) {
        self.told.write().unwrap_or_else(PoisonError::into_inner).push(line.to_owned());
    }

    /// A page's text without the lines of items that something was said about, whole or cut off at their end: what is
    /// left is the page's own.
    pub fn own<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let told = self.told.read().unwrap_or_else(PoisonError::into_inner);
        told.iter().fold(Cow::Borrowed(text), |text, line| without(text, line))
    }
}

fn without<'t>(text: Cow<'t, str>, line: &str) -> Cow<'t, str> {
    let beginning = line.char_indices().nth(BEGINNING).map_or(line, |(at, _)| &line[..at]);
    let mut parts = text.split(beginning);
    let Some(first) = parts.next().filter(|first| first.len() < text.len()) else { return text };
    let rest = &line[beginning.len()..];
    let own = |part: &str| {
        let same = part.chars().zip(rest.chars()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum();
        part[same..].to_owned()
    };
    Cow::Owned(std::iter::once(first.to_owned()).chain(parts.map(own)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_text_is_judged_once_and_another_one_each_time() {
        let seen = Seen::default();
        let mut asked = 0;
        let mut judge = |text, found: Option<u8>| {
            seen.judge(Judge::Spam, text, || {
                asked += 1;
                found
            })
        };
        assert_eq!([judge("甲", None), judge("甲", None)], [None, None]);
        assert_eq!([judge("乙", Some(1)), judge("乙", Some(1))], [Some(1), Some(1)]);
        assert_eq!(asked, 3);
    }

    #[test]
    fn each_judge_looks_for_itself() {
        let seen = Seen::default();
        assert_eq!(seen.judge(Judge::Spam, "甲", || None::<u8>), None);
        assert_eq!(seen.judge(Judge::Title, "甲", || Some(1)), Some(1));
    }

    #[test]
    fn what_an_item_says_is_taken_out_of_a_page() {
        let seen = Seen::default();
        seen.tell("代开发票，住宿发票，餐饮发票，加微信abc123");
        let check = |text: &str, own: &str| assert_eq!(seen.own(text), own);
        check("12月3日|代开发票，住宿发票，餐饮发票，加微信abc123|静安区", "12月3日||静安区");
        check("代开发票，住宿发票，餐饮发票，加微……", "……");
        check("代开发票，验后付款", "代开发票，验后付款");
    }
}
