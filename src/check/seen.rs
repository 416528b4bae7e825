//! Texts that were judged before and found clean.
//!
//! What the theme writes stands on every page, and what an item says stands on its page too: judging each text once
//! spares a fifth of a check. A text stands here by its hash, whose keys are random: nobody can make one that passes for
//! another.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashSet;

/// Whose judgement it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Judge {
    Spam,
    Privacy,
}

/// A set of texts that several threads share.
#[derive(Debug, Default)]
pub struct Seen {
    keys: RandomState,
    shards: [Mutex<FxHashSet<u64>>; SHARDS],
}

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
        assert_eq!(seen.judge(Judge::Privacy, "甲", || Some(1)), Some(1));
    }
}
