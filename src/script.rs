//! Simplified or Traditional: which script a text is written in, told from its characters.
//!
//! A character of GB 2312 that Big5 lacks is Simplified (`国`), one of Big5 that GB 2312 lacks is Traditional (`國`), and
//! most belong to both. Knows characters, never words. Start at [`script_of`].

use std::sync::LazyLock;

use encoding_rs::{BIG5, Encoding, GBK};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Script {
    Simplified,
    Traditional,
    /// Both, neither of them much more than the other.
    Mixed,
    /// No character tells: `上海`, `2020`.
    Unclear,
}

/// How many characters of a text belong to one script only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// All Chinese characters, those of both scripts among them.
    pub han: usize,
    pub simplified: usize,
    pub traditional: usize,
}

/// One script prevails where it has so many times the other's characters: names and quotations mix a few in.
const PREVAILS: usize = 4;
/// A line is odd from so many telling characters on; rare characters of names look Traditional.
const ODD_FROM: usize = 4;
/// And where they are at least one in so many of its characters.
const ODD_SHARE: usize = 8;

impl Tally {
    pub fn of(text: &str) -> Self {
        // How many characters are in neither set, in GB 2312 only, in Big5 only, in both.
        let (mut counts, membership) = ([0_usize; 4], &**MEMBERSHIP);
        let mut bytes = text.as_bytes();
        loop {
            // Every character of the block is three bytes from E4 to E9 on; nothing else needs to be decoded.
            match bytes {
                [lead @ 0xE4..=0xE9, middle, last, rest @ ..] => {
                    let c = u32::from(lead & 0x0F) << 12 | u32::from(middle & 0x3F) << 6 | u32::from(last & 0x3F);
                    if let Some(sets) = membership.get(c.wrapping_sub(FIRST) as usize) {
                        counts[usize::from(*sets & 3)] += 1;
                    }
                    bytes = rest;
                }
                [_, rest @ ..] => bytes = rest,
                [] => break,
            }
        }
        let [neither, simplified, traditional, both] = counts;
        Self { han: neither + simplified + traditional + both, simplified, traditional }
    }

    /// What is left of a text without a part of it.
    pub fn without(self, part: Self) -> Self {
        Self {
            han: self.han.saturating_sub(part.han),
            simplified: self.simplified.saturating_sub(part.simplified),
            traditional: self.traditional.saturating_sub(part.traditional),
        }
    }

    /// Whether a line with these characters is plainly in the other script than the page around it.
    pub fn is_outlier(self, page: Script) -> bool {
        let (foreign, script) = match page {
            Script::Simplified => (self.traditional, Script::Traditional),
            Script::Traditional => (self.simplified, Script::Simplified),
            Script::Mixed | Script::Unclear => return false,
        };
        foreign >= ODD_FROM && foreign * ODD_SHARE >= self.han && self.script() == script
    }

    pub fn script(self) -> Script {
        let Self { simplified, traditional, .. } = self;
        match (simplified, traditional) {
            (0, 0) => Script::Unclear,
            _ if simplified >= PREVAILS * traditional => Script::Simplified,
            _ if traditional >= PREVAILS * simplified => Script::Traditional,
            _ => Script::Mixed,
        }
    }
}

/// The script that a text is written in.
pub fn script_of(text: &str) -> Script {
    Tally::of(text).script()
}

/// Whether a line is plainly in the other script than the page around it, as injected lines are.
pub fn is_outlier(line: &str, page: Script) -> bool {
    Tally::of(line).is_outlier(page)
}

/// Whether a character is Chinese: script `Han` of Unicode (UAX #24), with its extensions and `〇`, `々`.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '〇' | '々' | '\u{F900}'..='\u{FAD9}' | '\u{20000}'..='\u{33479}')
}

/// The block of the usual characters.
const HAN: std::ops::RangeInclusive<char> = '\u{4E00}'..='\u{9FFF}';
const FIRST: u32 = *HAN.start() as u32;
const IN_GB2312: u8 = 1;
const IN_BIG5: u8 = 2;

/// For each character of [`HAN`], which of the two sets hold it.
static MEMBERSHIP: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut membership = vec![0; 1 + (u32::from(*HAN.end()) - u32::from(*HAN.start())) as usize];
    let mut note = |encoding: &'static Encoding, codes: Vec<u8>, set: u8| {
        let (text, _) = encoding.decode_without_bom_handling(&codes);
        for c in text.chars().filter(|c| HAN.contains(c)) {
            membership[(u32::from(c) - u32::from(*HAN.start())) as usize] |= set;
        }
    };
    // What WHATWG calls GBK and Big5 holds extensions with the other script's characters: only the rows of
    // the two standards count, and of Big5 the levels 1 and 2.
    note(GBK, codes(0xB0..=0xF7, &[0xA1..=0xFE]), IN_GB2312);
    let trails = [0x40..=0x7E, 0xA1..=0xFE];
    note(BIG5, codes(0xA4..=0xC5, &trails), IN_BIG5);
    note(BIG5, codes(0xC6..=0xC6, &trails[..1]), IN_BIG5);
    note(BIG5, codes(0xC9..=0xF8, &trails), IN_BIG5);
    note(BIG5, codes(0xF9..=0xF9, &[0x40..=0x7E, 0xA1..=0xD5]), IN_BIG5);
    membership
});

/// All two-byte codes of some rows.
fn codes(leads: std::ops::RangeInclusive<u8>, trails: &[std::ops::RangeInclusive<u8>]) -> Vec<u8> {
    let all = leads.flat_map(|lead| trails.iter().cloned().flatten().map(move |trail| [lead, trail]));
    all.flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_told_by_its_characters() {
        let check = |text: &str, expected| assert_eq!(script_of(text), expected, "{text}");
        check("静安区文明办发布志愿者招募公告", Script::Simplified);
        check("靜安區文明辦發佈志願者招募公告", Script::Traditional);
        check("上海 2020-04-13", Script::Unclear);
        check("", Script::Unclear);
        check("Jing'an", Script::Unclear);
        check("国家與國家", Script::Mixed);
        // A name's rare character does not turn a Simplified text.
        check("陶喆和张翀参加了静安区的志愿服务", Script::Simplified);
        // 里, 后, 台 and 才 belong to both sets.
        check("里后台才", Script::Unclear);
    }

    #[test]
    fn only_the_standards_rows_count() {
        let check = |text: &str, simplified, traditional| {
            let tally = Tally::of(text);
            assert_eq!((tally.simplified, tally.traditional), (simplified, traditional), "{text}");
        };
        check("国产区发无", 5, 0);
        check("國產區發無", 0, 5);
        // GBK's extensions hold 國 and Big5's hold 国; neither may count.
        check("国國", 1, 1);
        check("，。《》abc①", 0, 0);
    }

    #[test]
    fn a_line_of_the_other_script_stands_out() {
        let check = |line: &str, page, expected| assert_eq!(is_outlier(line, page), expected, "{line}");
        check("国产精品视频在线观看_亚洲无码一区二区", Script::Traditional, true);
        check("線上娛樂城註冊送體驗金", Script::Simplified, true);
        check("志願者在社區門口服務", Script::Traditional, false);
        check("志愿者在社区门口服务", Script::Simplified, false);
        check("志愿者在社区门口服务", Script::Mixed, false);
        check("志愿者在社区门口服务", Script::Unclear, false);
        // Names, and a quoted word.
        check("陶喆、张翀、李堃、王骉", Script::Simplified, false);
        check("书法展上，“廉”“義”两幅字最受欢迎", Script::Simplified, false);
        check("上海市", Script::Traditional, false);
    }
}
