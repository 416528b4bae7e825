//! Words that are wrong, and names that are almost right.
//!
//! One automaton looks for all wrong words and for the halves of all names in one pass: who makes one slip in a name
//! leaves one of its halves whole. Knows texts, nothing of files. Start at [`Lexicon::look`].

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use pinyin::ToPinyin;

use crate::diagnostic::Severity;
use crate::parse::words::{Word, Words};
use crate::script::is_han;

/// All words that texts are compared with.
pub struct Lexicon {
    words: Vec<Word>,
    terms: Vec<Term>,
    /// What each pattern of the automaton is.
    patterns: Vec<Pattern>,
    automaton: AhoCorasick,
}

/// A name that must be written exactly.
struct Term {
    text: String,
    chars: Vec<char>,
    /// Whether another character makes another right phrase of it, unless it sounds alike.
    may_vary: bool,
}

#[derive(Clone, Copy)]
enum Pattern {
    Wrong(usize),
    /// A word that is wrong at the start of a clause.
    WrongAtStart(usize),
    /// The halves of a term: the first so many characters, and the rest.
    FirstHalf(usize),
    LastHalf(usize),
    /// A term with two characters exchanged: where its halves meet, or anywhere in a short one.
    Swapped(usize),
    /// A phrase in which nothing is wrong.
    Allowed,
}

/// What was found in a text.
#[derive(Debug, PartialEq, Eq)]
pub struct Hit<'l> {
    /// Bytes of the text.
    pub at: Range<usize>,
    pub right: &'l str,
    pub kind: HitKind<'l>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum HitKind<'l> {
    Wrong { severity: Severity, note: Option<&'l str> },
    NearMiss,
}

/// A shorter term differs from too many right phrases in one character; only exchanged characters are looked for.
const SUBSTITUTED_FROM: usize = 6;
/// A shorter term may go on otherwise: 新时代文明实践 and 新时代文明实施.
const LAST_SUBSTITUTED_FROM: usize = 8;
/// Characters that may stand in the place of another and make a right phrase.
const FUNCTION_WORDS: &str = "的之与和及是在为了将等";
/// Behind a name of the list: other characters may stand in it, and only those that sound alike are slips.
const VARYING: &str = "同音";
/// Before a word of the list that is right behind another word: 截止今年, but 投稿截止今年12月20日.
const AT_START: char = '^';

impl Lexicon {
    /// What comes with the program, and a site's own words.
    ///
    /// # Errors
    /// A dictionary that is too large for an automaton.
    pub fn new(own: Words) -> Result<Self, aho_corasick::BuildError> {
        let (mut words, mut allowed) = built_in(include_str!("words.txt"));
        let (terms, variants) = built_in(include_str!("terms.txt"));
        words.extend(own.words);
        allowed.extend(variants);
        allowed.extend(own.allowed);
        let names = terms.into_iter().map(|term| (term.wrong, term.right == VARYING));
        let names = names.chain(own.protected.into_iter().map(|name| (name, false)));
        let terms: Vec<Term> =
            names.map(|(text, may_vary)| Term { chars: text.chars().collect(), text, may_vary }).collect();
        let mut strings: Vec<String> = Vec::new();
        let mut patterns = Vec::new();
        let mut add = |text: String, pattern: Pattern| {
            if !text.is_empty() {
                strings.push(text);
                patterns.push(pattern);
            }
        };
        for (index, word) in words.iter().enumerate() {
            match word.wrong.strip_prefix(AT_START) {
                Some(wrong) => add(wrong.to_owned(), Pattern::WrongAtStart(index)),
                None => add(word.wrong.clone(), Pattern::Wrong(index)),
            }
        }
        for (index, term) in terms.iter().enumerate().filter(|(_, term)| term.chars.len() >= 4) {
            let half = term.half();
            if term.chars.len() >= SUBSTITUTED_FROM {
                add(term.chars[..half].iter().collect(), Pattern::FirstHalf(index));
                add(term.chars[half..].iter().collect(), Pattern::LastHalf(index));
            }
            // The halves of a longer term find all others.
            let meetings = if term.chars.len() < SUBSTITUTED_FROM { 1..term.chars.len() } else { half..half + 1 };
            for meeting in meetings.filter(|at| term.chars[at - 1] != term.chars[*at]) {
                let mut swapped = term.chars.clone();
                swapped.swap(meeting - 1, meeting);
                add(swapped.into_iter().collect(), Pattern::Swapped(index));
            }
        }
        allowed.into_iter().for_each(|phrase| add(phrase, Pattern::Allowed));
        let automaton = AhoCorasick::builder().match_kind(MatchKind::Standard).build(&strings)?;
        Ok(Self { words, terms, patterns, automaton })
    }

    /// What comes with the program.
    pub fn built_in() -> &'static Self {
        static BUILT_IN: LazyLock<Lexicon> =
            LazyLock::new(|| Lexicon::new(Words::default()).expect("the program's own words fit into an automaton"));
        &BUILT_IN
    }

    /// The wrong words and the near misses of a text.
    pub fn look(&self, text: &str) -> Vec<Hit<'_>> {
        let mut hits: Vec<Hit<'_>> = Vec::new();
        let mut allowed: Vec<Range<usize>> = Vec::new();
        for found in self.automaton.find_overlapping_iter(text) {
            let part = found.range();
            match self.patterns[found.pattern().as_usize()] {
                Pattern::Wrong(index) => hits.push(self.wrong(index, part)),
                Pattern::WrongAtStart(index) => {
                    hits.extend((!text[..part.start].ends_with(is_han)).then(|| self.wrong(index, part)));
                }
                Pattern::FirstHalf(index) => hits.extend(self.terms[index].slip_behind(text, part)),
                Pattern::LastHalf(index) => hits.extend(self.terms[index].slip_before(text, part)),
                Pattern::Swapped(index) => hits.push(self.terms[index].missed_at(part)),
                Pattern::Allowed => allowed.push(part),
            }
        }
        if hits.is_empty() {
            return hits;
        }
        let covers = |outer: &Range<usize>, inner: &Range<usize>| outer.start <= inner.start && inner.end <= outer.end;
        hits.retain(|hit| !allowed.iter().any(|phrase| covers(phrase, &hit.at)));
        longest_only(hits)
    }

    fn wrong(&self, index: usize, at: Range<usize>) -> Hit<'_> {
        let Word { right, severity, note, .. } = &self.words[index];
        Hit { at, right, kind: HitKind::Wrong { severity: *severity, note: note.as_deref() } }
    }
}

/// Of hits that overlap, the longest.
fn longest_only(mut hits: Vec<Hit<'_>>) -> Vec<Hit<'_>> {
    hits.sort_by_key(|hit| (hit.at.start, std::cmp::Reverse(hit.at.end)));
    let mut kept: Vec<Hit<'_>> = Vec::new();
    for hit in hits {
        match kept.last_mut() {
            Some(last) if hit.at.start < last.at.end => {
                if hit.at.len() > last.at.len() {
                    *last = hit;
                }
            }
            _ => kept.push(hit),
        }
    }
    kept
}

/// A list that comes with the program: the words, and the phrases behind `!`.
fn built_in(list: &str) -> (Vec<Word>, Vec<String>) {
    let mut words = Vec::new();
    let mut allowed = Vec::new();
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        let (phrases, fields): (Vec<&str>, Vec<&str>) =
            line.split_whitespace().partition(|field| field.starts_with('!'));
        allowed.extend(phrases.iter().map(|phrase| phrase[1..].to_owned()));
        if let Some(wrong) = fields.first() {
            let right = fields.get(1).copied().unwrap_or_default().to_owned();
            words.push(Word { wrong: (*wrong).to_owned(), right, severity: Severity::Warning, note: None });
        }
    }
    (words, allowed)
}

impl Term {
    fn half(&self) -> usize {
        self.chars.len().div_ceil(2)
    }

    fn missed_at(&self, at: Range<usize>) -> Hit<'_> {
        Hit { at, right: &self.text, kind: HitKind::NearMiss }
    }

    /// Looks behind the first half, at `part`, for the last one with a slip.
    fn slip_behind(&self, text: &str, part: Range<usize>) -> Option<Hit<'_>> {
        let rest = &self.chars[self.half()..];
        let following: Vec<char> = text[part.end..].chars().take(rest.len() + 1).collect();
        let replaced = match self.chars.len() {
            _ if self.may_vary => Replaced::Alike,
            LAST_SUBSTITUTED_FROM.. => Replaced::Any,
            _ => Replaced::NotLast,
        };
        let length =
            slip(rest, &following, self.chars[self.half() - 1], replaced).or_else(|| sounds_alike(rest, &following))?;
        let bytes: usize = following[..length].iter().map(|c| c.len_utf8()).sum();
        Some(self.missed_at(part.start..part.end + bytes))
    }

    /// Looks before the last half, at `part`, for the first one with a slip.
    fn slip_before(&self, text: &str, part: Range<usize>) -> Option<Hit<'_>> {
        let rest: Vec<char> = self.chars[..self.half()].iter().rev().copied().collect();
        let preceding: Vec<char> = text[..part.start].chars().rev().take(rest.len() + 1).collect();
        // 我国人民代表大会 is no slip of 全国人民代表大会.
        let replaced = if self.may_vary { Replaced::Alike } else { Replaced::NotLast };
        let length =
            slip(&rest, &preceding, self.chars[self.half()], replaced).or_else(|| sounds_alike(&rest, &preceding))?;
        let bytes: usize = preceding[..length].iter().map(|c| c.len_utf8()).sum();
        Some(self.missed_at(part.start - bytes..part.end))
    }
}

/// Which characters in the place of another are slips.
#[derive(Clone, Copy)]
enum Replaced {
    Any,
    NotLast,
    /// Those that sound nearly alike.
    Alike,
}

/// How many characters of `text` stand for `rest` with exactly one slip: two exchanged, one missing, typed twice or
/// another one. `neighbour` stands before `rest`. What one character alone has to bear out behind one that is missing or
/// another is no slip: 社会主义现代化国家, 全市人民代表大会.
fn slip(rest: &[char], text: &[char], neighbour: char, replaced: Replaced) -> Option<usize> {
    let same = rest.iter().zip(text).take_while(|(a, b)| a == b).count();
    if same == rest.len() {
        return None;
    }
    let (wanted, found) = (&rest[same..], &text[same..]);
    let is_last = wanted.len() == 1;
    let previous = same.checked_sub(1).map_or(neighbour, |index| rest[index]);
    let other = *found.first()?;
    if !is_last && found.get(1) == Some(&wanted[0]) && other == wanted[1] && found[2..].starts_with(&wanted[2..]) {
        return Some(rest.len());
    }
    if wanted.len() > 2 && found.starts_with(&wanted[1..]) {
        return Some(rest.len() - 1);
    }
    if other == previous && found[1..].starts_with(wanted) {
        return Some(rest.len() + 1);
    }
    let is_borne_out = match replaced {
        Replaced::Alike => is_close(other, wanted[0]),
        Replaced::Any if is_last => true,
        Replaced::Any | Replaced::NotLast => wanted.len() > 2,
    };
    let is_other = is_han(other) && !FUNCTION_WORDS.contains(other) && is_borne_out;
    (is_other && found[1..].starts_with(&wanted[1..])).then_some(rest.len())
}

/// How many characters of `text` are read like `rest` and are others: who types by sound takes 时间 for 实践.
fn sounds_alike(rest: &[char], text: &[char]) -> Option<usize> {
    let text = text.get(..rest.len()).filter(|text| *text != rest)?;
    let is_alike = |(a, b): (&char, &char)| a == b || sound(*a).is_some_and(|sound_of_a| sound(*b) == Some(sound_of_a));
    rest.iter().zip(text).all(is_alike).then_some(rest.len())
}

/// A character's syllable, without its tone.
fn sound(c: char) -> Option<&'static str> {
    Some(c.to_pinyin()?.plain())
}

/// Whether two characters sound alike to those who tell no `n` from `ng` and no `s` from `sh`: 人民 and 人名.
fn is_close(a: char, b: char) -> bool {
    let simple = |c: char| {
        let sound = sound(c)?;
        let first = sound.chars().next()?;
        let rest = &sound[first.len_utf8()..];
        Some((first, rest.strip_prefix('h').unwrap_or(rest).trim_end_matches('g')))
    };
    simple(a).is_some_and(|sound| simple(b) == Some(sound))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked(text: &str) -> Vec<(&str, &'static str)> {
        Lexicon::built_in().look(text).into_iter().map(|hit| (&text[hit.at], hit.right)).collect()
    }

    #[test]
    fn wrong_words_are_found_and_right_phrases_are_not() {
        let check = |text: &str, expected: &[(&str, &str)]| assert_eq!(looked(text), expected, "{text}");
        check("工作人员按装健身器材", &[("按装", "安装")]);
        check("按装修方案施工", &[]);
        check("他自己经历过，也已经报名", &[]);
        check("己经报名", &[("己经", "已经")]);
        check("以经济建设为中心", &[]);
        check("在次感谢志愿者，因该路段施工，存在次生灾害", &[("在次", "再次")]);
        check("再接再励，一如继往", &[("再接再励", "再接再厉"), ("一如继往", "一如既往")]);
        check("发布署名文章", &[]);
        check("招募自愿者50名，自愿者到岗", &[("自愿者", "志愿者"), ("自愿者", "志愿者")]);
        check("凡自愿者均可参加，须出于自愿，自愿者可以报名", &[]);
        check("献血完全自愿，出于自愿者优先", &[]);
        check("教授与居民交流，既使社区环境得到改善，又使居民受益", &[]);
        check("春联贴在居民门上，以经开区为重点，产业园满足需要", &[]);
        check("届时侯志强将到场，全部暑托班，外籍口语教师，中欧打造", &[]);
        check("志愿者门票，按装卸规程，上尉问候大家", &[]);
        check("居民门球队，志愿者门岗值守，志愿者门球邀请赛，带孩子门票半价，给孩子门诊预约", &[]);
        check("居民门踊跃报名，孩子门很高兴", &[("居民门", "居民们"), ("孩子门", "孩子们")]);
        check("名单以经审核的版本为准，以经批准的方案实施", &[]);
        check("方案以经批准", &[("以经", "已经")]);
        check("作品征集截止今年12月20日，投稿截止今年12月20日", &[]);
        check("截止今年6月，共有十人；截止昨天", &[("截止今年", "截至今年"), ("截止昨天", "截至昨天")]);
        check("活动园满结束，小时侯的事", &[("园满结束", "圆满结束"), ("小时侯", "小时候")]);
    }

    #[test]
    fn near_misses_of_names_are_found() {
        let check = |text: &str, found: &str| {
            let hits = looked(text);
            assert_eq!(hits.first().map(|(part, _)| *part), Some(found).filter(|it| !it.is_empty()), "{text}");
        };
        // Another character, two exchanged, one missing, one typed twice.
        check("弘扬社会主意核心价值观", "社会主意核心价值观");
        check("弘扬社会主义核心价值关", "社会主义核心价值关");
        check("弘扬社会主义核心值价观", "社会主义核心值价观");
        check("弘扬社会主义核价值观", "社会主义核价值观");
        check("弘扬社会主义核心心价值观", "社会主义核心心价值观");
        check("新时代文明实贱中心", "新时代文明实贱中心");
        check("新时期文明实践中心", "新时期文明实践中心");
        // Another word that sounds the same.
        check("新时代文明时间中心", "新时代文明时间中心");
        check("新时代文明事件站", "新时代文明事件");
        check("新时代文明践行中心", "新时代文明践行");
        check("新时代文明实线站", "文明实线");
        check("社会主义核心价值馆", "社会主义核心价值馆");
        check("自由、平等、公正、法制", "自由、平等、公正、法制");
        check("习近平新时代中国特色社会主思想", "习近平新时代中国特色社会主思想");
        check("中共国产党", "中共国产党");
        // In a phrase that has right variants, a character that sounds alike.
        check("全心全意为人名服务", "全心全意为人名服务");
        check("全心全意为人民服物", "全心全意为人民服物");
        check("绿水清山就是金山银山", "绿水清山就是金山银山");
        check("全心全意人民服务", "全心全意人民服务");
        check("精神文明建设指委导员会", "精神文明建设指委导员会");
    }

    #[test]
    fn right_names_are_no_near_misses() {
        for text in [
            "社会主义核心价值观",
            "社会主义核心价值体系",
            "核心价值观念",
            "新时代文明实践站、新时代文明实践所、新时代文明实践分中心、新时代文明实践基地",
            "新时代的文明实践工作",
            "习近平新时代中国特色社会主义思想主题教育",
            "我国人民代表大会制度",
            "上海市静安区人民代表大会常务委员会",
            "中国特色社会主义道路、中国特色社会主义制度",
            "区精神文明建设委员会办公室",
            "中华人民共和国成立七十五周年",
            "中国共产党领导的多党合作",
            "富强、民主、文明、和谐、美丽的社会主义现代化强国",
            "新时代新征程",
            "全国人大常委会",
            "全面建设社会主义现代化国家，建设社会主义现代化强省",
            "全心全意为居民服务，全心全意为民服务",
            "汉中市志愿服务联合会、晋中志愿服务联合会",
            "全镇人民代表大会、全区人民代表大会",
            "各国中共产党是执政党的有五个",
            "绿水青山也是金山银山，绿水青山皆是金山银山",
            "全心全意为侨民服务、全心全意为军民服务、全心全意为牧民服务、全心全意为人才服务",
            "社会主义核心价值理念",
            "中国共产党全区代表大会、中国共产党全省代表大会",
        ] {
            assert_eq!(looked(text), [], "{text}");
        }
    }

    #[test]
    fn no_right_form_is_a_wrong_word() {
        for word in &Lexicon::built_in().words {
            assert_eq!(looked(&word.right), [], "{}", word.wrong);
            assert_ne!(word.wrong, word.right);
        }
        assert!(Lexicon::built_in().words.len() >= 120);
    }

    #[test]
    fn a_sites_words_join_the_others() {
        let word = Word { wrong: "静按区".into(), right: "静安区".into(), severity: Severity::Error, note: None };
        let own = Words {
            words: vec![word], protected: vec!["静安区志愿者协会".into()], allowed: vec!["按装".into()]
        };
        let lexicon = Lexicon::new(own).expect("a small dictionary");
        let looked = |text: &str| lexicon.look(text).into_iter().map(|hit| hit.right.to_owned()).collect::<Vec<_>>();
        assert_eq!(looked("静按区"), ["静安区"]);
        assert_eq!(looked("静安区志愿协会"), ["静安区志愿者协会"]);
        assert_eq!(looked("按装"), Vec::<String>::new());
    }
}
