//! Traditional characters in Simplified text.
//!
//! Knows a few thousand characters with their Simplified forms; rare ones, as in names, are none of them. Start at
//! [`traditional`].

use std::ops::Range;
use std::sync::LazyLock;

use encoding_rs::BIG5;
use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;

use crate::script::Tally;

/// Characters of names that the table of 2013 (通用规范汉字表) took in again.
const OF_NAMES: &str = "昇陞甯邨喆堃淼犇骉";
/// Unicode's block of the usual Chinese characters.
const HAN: std::ops::RangeInclusive<char> = '\u{4E00}'..='\u{9FFF}';

/// The Simplified form of each character of [`HAN`] that Big5 counts among the usual ones (its level 1) and GB 2312 lacks;
/// `None` for all others. The forms are those of OpenCC.
static SIMPLIFIED: LazyLock<Vec<Option<char>>> = LazyLock::new(|| {
    let converter = OpenCC::from_config(BuiltinConfig::T2s).expect("its tables are inside the program");
    let mut forms = vec![None; HAN.count()];
    for lead in 0xA4..=0xC6 {
        for trail in (0x40..=0x7E).chain(0xA1..=0xFE) {
            let code = [lead, trail];
            let (text, _, is_malformed) = BIG5.decode(&code);
            let Some(place) = text.chars().next().filter(|_| !is_malformed).and_then(place_of) else { continue };
            let form = converter.convert(&text);
            let is_mended = Tally::of(&text).traditional == 1 && form != text && Tally::of(&form).traditional == 0;
            forms[place] = form.chars().next().filter(|_| is_mended);
        }
    }
    forms
});

fn place_of(c: char) -> Option<usize> {
    HAN.contains(&c).then(|| (u32::from(c) - u32::from(*HAN.start())) as usize)
}

fn simplified(c: char) -> Option<char> {
    place_of(c).and_then(|place| SIMPLIFIED[place])
}

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
        let Some(simplified) = simplified(c).filter(|_| depth <= 0 && !OF_NAMES.contains(c)) else { continue };
        let end = at + c.len_utf8();
        match found.last_mut() {
            Some((part, right)) if part.end == at => {
                part.end = end;
                right.push(simplified);
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
        let pairs: Vec<(char, char)> = HAN.filter_map(|c| Some((c, simplified(c)?))).collect();
        assert!(pairs.len() > 1500, "{}", pairs.len());
        for (traditional, form) in pairs {
            assert_ne!(traditional, form);
            assert_eq!(simplified(form), None, "{form}");
        }
    }
}
