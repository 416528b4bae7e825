//! Traditional characters in Simplified text.
//!
//! Knows a few thousand characters with their Simplified forms; rare ones, as in names, are none of them. Start at
//! [`traditional`].

use std::ops::Range;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;

/// Each Traditional character with its Simplified form.
static SIMPLIFIED: LazyLock<FxHashMap<char, char>> = LazyLock::new(|| {
    let lines = include_str!("traditional.txt").lines().filter(|line| !line.starts_with('#'));
    let pairs = lines.flat_map(str::split_whitespace).map(str::chars);
    pairs.filter_map(|mut pair| Some((pair.next()?, pair.next()?))).collect()
});

/// The runs of characters that a Simplified text writes otherwise, each with its bytes and what it should be. What
/// stands in corner brackets is quoted from a Traditional text.
pub fn traditional(text: &str) -> Vec<(Range<usize>, String)> {
    let mut found: Vec<(Range<usize>, String)> = Vec::new();
    let mut depth = 0_i32;
    for (at, c) in text.char_indices() {
        match c {
            '「' | '『' => depth += 1,
            '」' | '』' => depth -= 1,
            _ => {}
        }
        let Some(simplified) = SIMPLIFIED.get(&c).filter(|_| depth <= 0) else { continue };
        let end = at + c.len_utf8();
        match found.last_mut() {
            Some((part, right)) if part.end == at => {
                part.end = end;
                right.push(*simplified);
            }
            _ => found.push((at..end, simplified.to_string())),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traditional_characters_are_found_with_their_simplified_forms() {
        let found = |text| traditional(text).into_iter().map(|(part, right)| (&text[part], right)).collect::<Vec<_>>();
        assert_eq!(found("他出現在會場"), [("現", "现".to_owned()), ("會場", "会场".to_owned())]);
        assert_eq!(found("门口写着「歡迎」"), []);
        assert_eq!(found("陶喆、李堃、於梨华、赵雷、皇后、公里"), []);
    }

    #[test]
    fn every_pair_changes_a_character() {
        assert!(SIMPLIFIED.len() > 1500);
        let mut pairs: Vec<_> = SIMPLIFIED.iter().collect();
        pairs.sort_unstable();
        for (traditional, simplified) in pairs {
            assert_ne!(traditional, simplified);
            assert!(!SIMPLIFIED.contains_key(simplified), "{simplified}");
        }
    }
}
