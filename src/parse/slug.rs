//! Turns a name into one segment of a URL: `莘庄镇 2024` becomes `xin-zhuang-zhen-2024`.
//!
//! Knows readings, never pages or paths. A character's most frequent reading comes from the crate
//! `pinyin`; place names and words that read otherwise come from `pinyin.txt`. Start at
//! [`Slug::transliterate`].

use std::fmt;
use std::sync::LazyLock;

use pinyin::ToPinyin;
use serde::{Deserialize, Serialize};

use super::fields::{Field, Node};
use crate::diagnostic::{FilePath, catalogue};

/// The longest slug. Some servers and archives cut names at 255 bytes, and nobody reads on anyway.
const MAX_LENGTH: usize = 80;

/// A URL path segment: `[a-z0-9-]+`, without `-` at its ends, of at most 80 characters.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Slug(Box<str>);

impl Slug {
    /// A slug that an editor wrote.
    pub fn parse(text: &str) -> Option<Slug> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let fits = (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(allowed);
        (fits && !text.starts_with('-') && !text.ends_with('-')).then(|| Self(text.into()))
    }

    /// A slug for a file's stem or a title. The same text always gives the same slug. Two texts may
    /// give the same one; the plan reports them when their paths collide.
    pub fn transliterate(text: &str) -> Slug {
        let mut draft = Draft::default();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            rest = draft.take(c, rest);
        }
        match draft.finish() {
            Some(slug) => Slug(slug.into()),
            None => Slug(format!("item-{}", &blake3::hash(text.as_bytes()).to_hex()[..8]).into()),
        }
    }

    /// A slug for an item whose editor gave none: its file's name in pinyin, for `index.md` its folder's.
    pub fn of_file(file: &FilePath) -> Slug {
        Self::transliterate(match file.stem() {
            "index" => file.folder().rsplit('/').next().unwrap_or("index"),
            stem => stem,
        })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Field for Slug {
    fn decode(node: &Node<'_>) -> Option<Self> {
        let text = String::decode(node)?;
        let slug = Self::parse(&text);
        if slug.is_none() {
            node.report.push(catalogue::bad_slug(node.place(), &text));
        }
        slug
    }
}

/// The slug so far.
#[derive(Default)]
struct Draft {
    text: String,
    /// Whether the last character was an ASCII letter or digit, which the next one may join.
    in_word: bool,
    /// Whether a letter of a script was met that has no reading here. A slug without it would name
    /// something else: two Tibetan titles of 2024 must not both become `2024`.
    unreadable: bool,
}

impl Draft {
    /// Takes a phrase, a character or nothing from the beginning of `rest`; returns what is left.
    fn take<'a>(&mut self, c: char, rest: &'a str) -> &'a str {
        if let Some((phrase, readings)) = phrase(rest) {
            readings.split(' ').for_each(|syllable| self.syllable(syllable));
            return &rest[phrase.len()..];
        }
        let folded = fold(c);
        if folded.is_ascii_alphanumeric() {
            self.ascii(folded.to_ascii_lowercase());
        } else if let Some(numeral) = roman_numeral(c) {
            self.syllable(numeral);
        } else if let Some(reading) = c.to_pinyin() {
            // `ü` is typed as `v`, but 略阳 is written Lueyang.
            self.syllable(&reading.plain().replace("üe", "ue").replace('ü', "v"));
        } else {
            self.unreadable |= c.is_alphabetic();
            self.in_word = false;
        }
        &rest[c.len_utf8()..]
    }

    fn ascii(&mut self, c: char) {
        if !self.in_word && !self.text.is_empty() {
            self.text.push('-');
        }
        self.text.push(c);
        self.in_word = true;
    }

    fn syllable(&mut self, syllable: &str) {
        if !self.text.is_empty() {
            self.text.push('-');
        }
        self.text.push_str(syllable);
        self.in_word = false;
    }

    /// The slug, cut between two syllables; nothing where it would be empty or misleading.
    fn finish(mut self) -> Option<String> {
        if self.text.is_empty() || self.unreadable {
            return None;
        }
        if self.text.len() > MAX_LENGTH {
            // The `-` may stand just behind the last character that fits. A single long word has none.
            let cut = self.text[..=MAX_LENGTH].rfind('-').unwrap_or(MAX_LENGTH);
            self.text.truncate(cut);
        }
        Some(self.text)
    }
}

/// Full-width letters and digits as ASCII.
pub(super) fn fold(c: char) -> char {
    match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

/// A Roman numeral that is one character, as in `第Ⅱ期`.
fn roman_numeral(c: char) -> Option<&'static str> {
    const NUMERALS: [&str; 12] = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"];
    let index = u32::from(c).checked_sub(u32::from('Ⅰ'))?;
    NUMERALS.get(index as usize).copied()
}

/// The longest phrase of the table at the beginning of `text`, and its readings.
///
/// Some phrases read as their characters do. They keep a wrong one from beginning inside them: 注重
/// is there so that 注重建设 does not hold 重建.
fn phrase(text: &str) -> Option<(&'static str, &'static str)> {
    let table = &*PHRASES;
    // The phrases with the same first character stand together.
    let first = text.chars().next()?;
    let first = &text[..first.len_utf8()];
    let start = table.partition_point(|&(phrase, _)| phrase < first);
    let candidates = table[start..].iter().take_while(|(phrase, _)| phrase.starts_with(first));
    candidates.copied().filter(|&(phrase, _)| text.starts_with(phrase)).max_by_key(|(phrase, _)| phrase.len())
}

/// `pinyin.txt`: a phrase and its syllables on each line, sorted.
static PHRASES: LazyLock<Vec<(&'static str, &'static str)>> =
    LazyLock::new(|| include_str!("pinyin.txt").lines().filter_map(|line| line.split_once(' ')).collect());

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(Slug::transliterate(text).as_str(), expected, "{text}");
        assert!(Slug::parse(expected).is_some(), "{expected}");
    }

    #[test]
    fn place_names() {
        check("重庆", "chong-qing");
        check("厦门", "xia-men");
        check("上海市长宁区长征镇", "shang-hai-shi-chang-ning-qu-chang-zheng-zhen");
        check("重庆市长寿区", "chong-qing-shi-chang-shou-qu");
        check("莘庄镇", "xin-zhuang-zhen");
        check("莘县", "shen-xian");
        check("六安", "lu-an");
        check("番禺区", "pan-yu-qu");
        check("蚌埠", "beng-bu");
        check("台州", "tai-zhou");
        check("丽水", "li-shui");
        check("乐清", "yue-qing");
        check("乐亭", "lao-ting");
        check("东阿", "dong-e");
        check("铅山", "yan-shan");
        check("洪洞", "hong-tong");
        check("枞阳", "zong-yang");
        check("歙县", "she-xian");
        check("闵行区", "min-hang-qu");
        check("朝阳区", "chao-yang-qu");
        check("略阳", "lue-yang");
        check("喀什", "ka-shi");
    }

    #[test]
    fn words() {
        check("银行行长", "yin-hang-hang-zhang");
        check("重阳节音乐会", "chong-yang-jie-yin-yue-hui");
        check("首都都市圈", "shou-du-du-shi-quan");
        check("会计调查", "kuai-ji-diao-cha");
        check("传统", "chuan-tong");
        check("转载", "zhuan-zai");
        check("绿色法律", "lv-se-fa-lv");
        check("成长", "cheng-zhang");
        check("家长学校", "jia-zhang-xue-xiao");
    }

    /// A phrase must not begin inside another word.
    #[test]
    fn words_that_hold_other_words() {
        check("注重建设", "zhu-zhong-jian-she");
        check("举行家长会", "ju-xing-jia-zhang-hui");
        check("家长安全教育", "jia-zhang-an-quan-jiao-yu");
        check("周六安全巡逻", "zhou-liu-an-quan-xun-luo");
        check("社会计划", "she-hui-ji-hua");
        check("多人参加", "duo-ren-can-jia");
        check("上海参与", "shang-hai-can-yu");
        check("进行业务培训", "jin-xing-ye-wu-pei-xun");
        check("快乐清明", "kuai-le-qing-ming");
        check("共建行动", "gong-jian-xing-dong");
    }

    #[test]
    fn ascii_and_the_rest() {
        check("2024-05 Notice_一", "2024-05-notice-yi");
        check("ＡＢ１２", "ab12");
        check("第3期", "di-3-qi");
        check("第Ⅱ期", "di-ii-qi");
        check("二〇二四年", "er-ling-er-si-nian");
        check("“十四五”规划（草案）", "shi-si-wu-gui-hua-cao-an");
        check("a.b", "a-b");
        check("--a--", "a");
        check("", "item-af1349b9");
        check("！？", &Slug::transliterate("！？").to_string());
        assert!(Slug::transliterate("བོད 2024").as_str().starts_with("item-"));
        assert_ne!(Slug::transliterate("བོད"), Slug::transliterate("한국"));
    }

    #[test]
    fn length() {
        check(&"a".repeat(100), &"a".repeat(80));
        // 80 characters are 16 syllables of 4 letters, with 15 `-` between them and 1 behind.
        check(&"中国".repeat(50), &"zhong-guo-".repeat(8)[..79]);
        let parse = |text: &str| Slug::parse(text).is_some();
        assert!(parse("a-1") && parse(&"a".repeat(80)));
        assert!(!parse("") && !parse("-a") && !parse("a-") && !parse("A") && !parse("中") && !parse(&"a".repeat(81)));
    }

    #[test]
    fn the_table_is_sorted_and_complete() {
        assert!(PHRASES.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(PHRASES.len(), include_str!("pinyin.txt").lines().count());
        for (phrase, readings) in PHRASES.iter() {
            assert_eq!(phrase.chars().count(), readings.split(' ').count(), "{phrase}");
            assert!(readings.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b' '), "{phrase}");
        }
    }
}
