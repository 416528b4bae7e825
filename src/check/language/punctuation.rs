//! Punctuation and spacing: where a passage departs from the standard (GB/T 15834), and what should stand there.
//!
//! Sees one passage at a time. What is found here is one table for two commands: `check` reports it, and `fmt` types
//! what is safe to type without asking. Start at [`corrections`].

use std::ops::Range;

use super::quotes;
use crate::parse::check::Spacing;
use crate::parse::markdown::{address_without_bracket, begins_parted_address, closing_bracket};
use crate::parse::passages::{Kind, Passage};
use crate::script::is_han;

/// A part of a passage that should read otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    pub fault: Fault,
    /// Bytes of the passage's text; empty where something is missing.
    pub at: Range<usize>,
    /// What should stand there; `None` where only a person can know.
    pub replacement: Option<String>,
    /// Whether it may be typed without a person's look.
    pub is_safe: bool,
}

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// `你好,世界`
    HalfWidth,
    /// `。。`, `，,`, and `...` for `……`
    Repeated,
    /// `，。`: one of the two is too many.
    Contradictory,
    /// `２０２０ＡＢ`
    FullWidth,
    /// `"文明"`
    StraightQuote,
    /// `“文明“`
    ReversedQuote,
    /// `“甲“乙”丙”`
    NestedQuote,
    /// `‘文明’` with nothing around it
    OuterQuote,
    /// A space beside full-width punctuation, or within a sentence.
    StraySpace,
    /// `　　` at the beginning of a line.
    TypedIndent,
    NoBreakSpace,
    /// `甲、乙、等`, `甲、乙、等物资`
    ListComma,
    /// A space between Chinese and Latin letters or digits where the site wants none, or none where it wants one.
    Spacing,
}

/// All that should be corrected in a passage, in the order of the text; no two overlap.
pub fn corrections(passage: &Passage, spacing: Spacing) -> Vec<Correction> {
    if !passage.is_prose() {
        return Vec::new();
    }
    let mut scan = Scan::new(passage);
    if !passage.text.chars().any(is_han) {
        scan.numbers();
        return scan.found;
    }
    scan.brackets();
    scan.found.extend(quotes::corrections(&scan.chars, &scan.frozen));
    scan.marks();
    scan.spaces();
    if spacing != Spacing::Keep {
        scan.boundaries(spacing);
    }
    let mut found = scan.found;
    found.sort_by_key(|correction| (correction.at.start, correction.at.end));
    let mut end = 0;
    found.retain(|correction| {
        let is_free = correction.at.start >= end;
        end = if is_free { correction.at.end } else { end };
        is_free
    });
    found
}

/// The text with its safe corrections.
pub fn corrected(text: &str, corrections: &[Correction]) -> String {
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    for correction in corrections.iter().filter(|correction| correction.is_safe) {
        result.push_str(&text[at..correction.at.start]);
        result.push_str(correction.replacement.as_deref().unwrap_or_default());
        at = correction.at.end;
    }
    result.push_str(&text[at..]);
    result
}

/// Marks that end or divide sentences.
fn is_stop(c: char) -> bool {
    "，。、；：！？".contains(c)
}

/// The full-width form of a half-width mark.
fn full_width(c: char) -> Option<char> {
    Some(match c {
        ',' => '，',
        ';' => '；',
        ':' => '：',
        '!' => '！',
        '?' => '？',
        '.' => '。',
        _ => return None,
    })
}

fn is_opening(c: char) -> bool {
    "（《〈“‘「『【〔".contains(c)
}

fn is_closing(c: char) -> bool {
    "）》〉”’」』】〕".contains(c)
}

/// What half-width punctuation follows in a Chinese sentence.
fn ends_chinese(c: char) -> bool {
    is_han(c) || is_closing(c) || matches!(c, '％' | '！' | '？' | '…')
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | NO_BREAK | NARROW_NO_BREAK | IDEOGRAPHIC | '\u{2002}' | '\u{2003}')
}

const NO_BREAK: char = '\u{A0}';
const NARROW_NO_BREAK: char = '\u{202F}';
const IDEOGRAPHIC: char = '\u{3000}';
/// Lists name their last entries with it: 甲、乙等。
const AND_SO_ON: char = '等';
/// What 等 begins when it is no end of a list: words, and what people wait for.
const BEGUN_WITH_AND_SO_ON: &[&str] = &[
    "等级",
    "等次",
    "等第",
    "等外",
    "等位",
    "等份",
    "等分",
    "等额",
    "等量",
    "等值",
    "等价",
    "等比",
    "等差",
    "等距",
    "等同",
    "等于",
    "等式",
    "等号",
    "等效",
    "等温",
    "等高",
    "等宽",
    "等长",
    "等身",
    "等边",
    "等腰",
    "等闲",
    "等离子",
    "等压",
    "等速",
    "等待",
    "等候",
    "等到",
    "等着",
    "等了",
    "等过",
    "等不",
    "等得",
    "等一等",
    "等一下",
    "等一会",
    "等一刻",
    "等人",
    "等我",
    "等你",
    "等他",
    "等她",
    "等车",
    "等公交",
    "等地铁",
    "等电梯",
    "等红灯",
    "等绿灯",
    "等通知",
    "等结果",
    "等消息",
    "等灯",
    "等客",
    "等单",
    "等家长",
];
/// The top-level domains in Chinese that offices use: 静安.政务.
const DOMAINS: [&str; 6] = ["中国", "政务", "公益", "公司", "网络", "网址"];
/// GB/T 7714-2015, appendix B: what a reference calls the kinds of documents.
const DOCUMENT_TYPES: [&str; 16] =
    ["M", "C", "G", "N", "J", "D", "R", "S", "P", "DB", "CP", "EB", "A", "CM", "DS", "Z"];
/// In characters: `新华社乌鲁木齐11月20日电`.
const LONGEST_HEAD: usize = 16;
/// GB/T 15834, 4.11: an ellipsis has six dots.
const ELLIPSIS: &str = "……";

/// The parts that are no prose: code, and addresses.
pub fn frozen(passage: &Passage) -> Vec<Range<usize>> {
    let mut frozen = passage.code.clone();
    let text = &passage.text;
    for (at, _) in text.match_indices("://") {
        let scheme = text[..at].bytes().rev().take_while(u8::is_ascii_alphanumeric).count();
        let mut before = ':';
        let is_part = |c: &char| {
            // A query may hold Chinese that nobody has encoded.
            let is_queried = (before == '=' || is_han(before)) && is_han(*c);
            before = *c;
            is_queried || c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\'')
        };
        let length: usize = text[at..].chars().take_while(is_part).map(char::len_utf8).sum();
        let address = text[at..at + length].trim_end_matches(['.', ',', ';', ':', '!', '?', ')']);
        frozen.push(at - scheme..at + address.len());
    }
    // A reference by GB/T 7714 has marks of its own: `王示例. 志愿服务研究[J]. 示例学报, 2026(3): 12-15.`
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        frozen.extend(is_reference(line).then(|| start..start + line.trim_end().len()));
        start += line.len();
    }
    // What was to be a link and is none: other brackets would not make it one.
    let mut last = None;
    for (at, bracket) in text.match_indices(['[', ']', '】', '］']) {
        if bracket == "[" {
            last = Some(at);
            continue;
        }
        let open = at + bracket.len();
        let open = open + usize::from(begins_parted_address(&text[open..]));
        if let Some(address) = text[open..].strip_prefix('(') {
            frozen.push(open..open + 1 + closing_bracket(address).map_or(0, |end| end + 1));
            // The mark of a picture belongs to it.
            let mark = last.filter(|start| text[..*start].ends_with('!'));
            frozen.extend(mark.map(|start| start - 1..start));
        }
    }
    for (at, _) in text.match_indices('[') {
        if let Some(address) = address_without_bracket(&text[at + 1..]) {
            let start = text[..at].strip_suffix('!').map_or(at, str::len);
            let end = at + 1 + address.end;
            let bracket = text[end..].chars().next().map_or(0, char::len_utf8);
            frozen.push(start..end + bracket);
        }
    }
    frozen
}

/// Whether a line names the kind of a document as references do: `[J].`, `[EB/OL].`
fn is_reference(line: &str) -> bool {
    line.match_indices("].").any(|(at, _)| {
        let before = &line[..at];
        let medium = ["/OL", "/CD", "/MT", "/DK"].iter().find_map(|medium| before.strip_suffix(medium));
        let before = medium.unwrap_or(before);
        DOCUMENT_TYPES.iter().any(|kind| before.strip_suffix(kind).is_some_and(|before| before.ends_with('[')))
    })
}

struct Scan<'p> {
    passage: &'p Passage,
    /// The characters with their bytes; as they will be, once those before them are corrected.
    chars: Vec<(usize, char)>,
    frozen: Vec<Range<usize>>,
    found: Vec<Correction>,
}

impl<'p> Scan<'p> {
    fn new(passage: &'p Passage) -> Self {
        let chars = passage.text.char_indices().collect();
        Self { passage, chars, frozen: frozen(passage), found: Vec::new() }
    }

    fn get(&self, index: usize) -> Option<char> {
        self.chars.get(index).map(|(_, c)| *c)
    }

    fn before(&self, index: usize) -> Option<char> {
        self.get(index.checked_sub(1)?)
    }

    /// Where a character begins; the end of the text behind the last.
    fn byte(&self, index: usize) -> usize {
        self.chars.get(index).map_or(self.passage.text.len(), |(at, _)| *at)
    }

    fn is_frozen(&self, index: usize) -> bool {
        let at = self.byte(index);
        self.frozen.iter().any(|part| part.contains(&at))
    }

    fn correct(&mut self, fault: Fault, part: Range<usize>, replacement: impl Into<String>) {
        let at = self.byte(part.start)..self.byte(part.end);
        self.found.push(Correction { fault, at, replacement: Some(replacement.into()), is_safe: true });
    }

    fn report(&mut self, fault: Fault, part: Range<usize>, replacement: Option<String>) {
        let at = self.byte(part.start)..self.byte(part.end);
        self.found.push(Correction { fault, at, replacement, is_safe: false });
    }

    /// Pairs of half-width brackets around Chinese text, and pairs of which one is half-width.
    fn brackets(&mut self) {
        if !self.passage.text.contains(['(', ')']) {
            return;
        }
        let mut open: Vec<usize> = Vec::new();
        for index in 0..self.chars.len() {
            match self.get(index) {
                Some('(' | '（') if !self.is_frozen(index) => open.push(index),
                // That of a numbering closes nothing: 第1)项.
                Some(')' | '）') if !self.is_frozen(index) && !self.ends_ordinal(index) => {
                    if let Some(start) = open.pop() {
                        self.pair_of_brackets(start, index);
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether an ordinal stands before: 第1.
    fn ends_ordinal(&self, index: usize) -> bool {
        let digits = self.chars[..index].iter().rev().take_while(|(_, c)| c.is_ascii_digit()).count();
        digits > 0 && self.before(index - digits) == Some('第')
    }

    fn pair_of_brackets(&mut self, start: usize, end: usize) {
        let is_half = |index: usize| matches!(self.get(index), Some('(' | ')'));
        let (opens, closes) = (is_half(start), is_half(end));
        if !(opens || closes) || (opens && closes && !self.is_in_chinese(start, end)) {
            return;
        }
        for (index, full) in [(start, '（'), (end, '）')] {
            if matches!(self.get(index), Some('(' | ')')) {
                self.correct(Fault::HalfWidth, index..index + 1, full);
                self.chars[index].1 = full;
            }
        }
    }

    /// Whether brackets belong to a Chinese sentence, and not to a Latin one or a numbering such as `(1)`.
    fn is_in_chinese(&self, start: usize, end: usize) -> bool {
        let before = self.before(start);
        let inner = &self.chars[start + 1..end];
        if before.is_some_and(ends_chinese) {
            return !inner.is_empty();
        }
        let is_behind_latin = before == Some(' ') && start > 1 && self.before(start - 1).is_some_and(|c| c.is_ascii());
        inner.iter().any(|(_, c)| is_han(*c)) && !is_behind_latin
    }

    /// What is wrong in a text without Chinese, such as a cell with a number.
    fn numbers(&mut self) {
        let mut index = 0;
        while index < self.chars.len() {
            let is_wrong =
                matches!(self.chars[index].1, '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ') && !self.is_frozen(index);
            index += if is_wrong { self.full_width(index) } else { 1 };
        }
    }

    fn marks(&mut self) {
        let mut index = 0;
        while index < self.chars.len() {
            let c = self.chars[index].1;
            let length = match c {
                // Most characters are none of these.
                _ if is_han(c) => 1,
                _ if self.is_frozen(index) => 1,
                ',' | ';' | ':' | '!' | '?' => self.half_width(index, c),
                '.' | '。' | '…' => self.dots(index, c),
                '，' | '、' | '；' | '：' => self.repeated(index, c),
                '-' => self.dash(index),
                '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => self.full_width(index),
                _ => 1,
            };
            index += length;
        }
    }

    /// Half-width punctuation in a Chinese sentence. Returns how many characters were looked at.
    fn half_width(&mut self, index: usize, c: char) -> usize {
        let (before, after) = (self.before(index), self.get(index + 1));
        let is_wrong = match before {
            Some(before) if ends_chinese(before) => match c {
                // A ratio: 三:二.
                ':' if is_numeral(before) => !after.is_some_and(|c| is_numeral(c) || c.is_ascii_digit()),
                // A smile: 谢谢:-)
                ':' => !after.is_some_and(|c| matches!(c, ')' | '-' | 'D')),
                '?' => !after.is_some_and(|c| c.is_ascii_alphanumeric()),
                ';' => after != Some(')'),
                _ => true,
            },
            Some(before) if before.is_ascii_alphanumeric() || before == '%' => {
                // The last one belongs to names: Yahoo!中国.
                matches!(c, ',' | ';') && after.is_some_and(is_han)
            }
            _ => false,
        };
        if !is_wrong {
            return 1;
        }
        let full = full_width(c).unwrap_or(c);
        let length = self.run(index, full);
        if length > 1 && !matches!(full, '！' | '？') {
            self.correct(Fault::Repeated, index..index + length, full);
            return length;
        }
        // The space that follows goes with it.
        let spaces = self.chars[index + 1..].iter().take_while(|(_, c)| *c == ' ').count();
        let spaces = if matches!(self.get(index + 1 + spaces), None | Some('\n')) { 0 } else { spaces };
        self.correct(Fault::HalfWidth, index..index + 1 + spaces, full);
        self.chars[index].1 = full;
        1 + spaces
    }

    /// A full stop, two of them, or an ellipsis.
    fn dots(&mut self, index: usize, c: char) -> usize {
        let length = self.run(index, c);
        let part = index..index + length;
        let is_chinese = self.before(index).is_some_and(ends_chinese)
            || self.get(index + length).is_some_and(is_han) && self.before(index) != Some(' ');
        match (c, length) {
            ('.', 1) if self.ends_sentence(index) => {
                self.correct(Fault::HalfWidth, part, "。");
                self.chars[index].1 = '。';
            }
            ('.', 1) if self.parts_sentences(index) => self.report(Fault::HalfWidth, part, Some("。".to_owned())),
            ('.', 3..) | ('…', 1 | 3) if is_chinese => self.correct(Fault::Repeated, part, ELLIPSIS),
            ('。', 2) => self.correct(Fault::Repeated, part, "。"),
            ('。', 3..) => self.correct(Fault::Repeated, part, ELLIPSIS),
            ('。', 1) => self.contradictory(index),
            _ => {}
        }
        length
    }

    /// Whether a half-width stop ends a Chinese sentence of a paragraph: `志愿者到岗.`
    fn ends_sentence(&self, index: usize) -> bool {
        self.may_hold_sentence(index)
            && self.before(index).is_some_and(|c| is_han(c) || is_closing(c))
            && self.get(index + 1).is_none_or(|c| c == '\n' || is_closing(c))
    }

    /// Whether one stands between two sentences: `天气好.我们`. In a foreign name it should be a middle dot, which only
    /// a person can tell.
    fn parts_sentences(&self, index: usize) -> bool {
        let is_domain = || DOMAINS.iter().any(|domain| self.follows(index + 1, domain));
        self.may_hold_sentence(index)
            && self.before(index).is_some_and(is_han)
            && self.get(index + 1).is_some_and(is_han)
            && !is_domain()
    }

    /// Whether a sentence may end with a stop there: in running text, and not behind a number such as `一.` or `附件二.`
    fn may_hold_sentence(&self, stop: usize) -> bool {
        let is_number = |c: char| is_numeral(c) || "甲乙丙丁".contains(c);
        let begins = |index: usize| self.before(index).is_none_or(|c| c == '\n' || is_space(c) || is_opening(c));
        matches!(self.passage.kind, Kind::Paragraph | Kind::Entry)
            && stop > 1
            && !begins(stop - 1)
            && !self.before(stop).is_some_and(is_number)
    }

    /// Whether these characters stand at an index.
    fn follows(&self, index: usize, text: &str) -> bool {
        self.passage.text[self.byte(index)..].starts_with(text)
    }

    /// `，，`, `，。`
    fn repeated(&mut self, index: usize, c: char) -> usize {
        let length = self.run(index, c);
        if length > 1 {
            self.correct(Fault::Repeated, index..index + length, c);
            return length;
        }
        self.contradictory(index);
        let is_end = |c: Option<char>| c.is_none_or(|c| c == '\n' || is_stop(c) || c == '）');
        let after = self.get(index + 1);
        if c == '、' && after == Some(AND_SO_ON) {
            if is_end(self.get(index + 2)) {
                self.correct(Fault::ListComma, index..index + 1, "");
            } else if self.get(index + 2).is_some_and(is_han) && !self.begins_with_and_so_on(index + 1) {
                self.report(Fault::ListComma, index..index + 1, Some(String::new()));
            }
        } else if c == '、' && after == Some('和') && self.get(index + 2).is_some_and(is_opening) {
            self.report(Fault::ListComma, index..index + 1, Some(String::new()));
        }
        1
    }

    /// Whether 等 begins a word: `三级、等级评定`.
    fn begins_with_and_so_on(&self, index: usize) -> bool {
        BEGUN_WITH_AND_SO_ON.iter().any(|word| self.follows(index, word))
    }

    fn contradictory(&mut self, index: usize) {
        let (c, after) = (self.chars[index].1, self.get(index + 1).filter(|_| !self.is_frozen(index + 1)));
        let after = after.map(|after| full_width(after).filter(|_| after != '.').unwrap_or(after));
        if after.is_some_and(|after| after != c && "，。、；：".contains(after)) {
            self.report(Fault::Contradictory, index..index + 2, None);
        }
    }

    fn dash(&mut self, index: usize) -> usize {
        let length = self.run(index, '-');
        let (before, after) = (self.before(index), self.get(index + length));
        if length == 2 && before.is_some_and(ends_chinese) && after.is_some_and(|c| is_han(c) || is_opening(c)) {
            self.correct(Fault::HalfWidth, index..index + length, "——");
        }
        length
    }

    fn full_width(&mut self, index: usize) -> usize {
        let run = self.chars[index..].iter().map_while(|(_, c)| match c {
            '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(u32::from(*c) - 0xFEE0),
            _ => None,
        });
        let half: String = run.collect();
        let (length, part) = (half.len(), index..index + half.len());
        // `１. 甲` would become an item of a list, which is the editor's to decide.
        let is_line_start =
            self.before(index).is_none_or(|c| c == '\n') && matches!(self.passage.kind, Kind::Paragraph | Kind::Entry);
        let is_marker = self.get(index + length).is_some_and(|c| matches!(c, '.' | ')'))
            && self.get(index + length + 1).is_none_or(char::is_whitespace);
        if is_line_start && is_marker && half.bytes().all(|byte| byte.is_ascii_digit()) {
            self.report(Fault::FullWidth, part, Some(half));
        } else {
            self.correct(Fault::FullWidth, part, half);
        }
        length
    }

    /// How many of one mark stand there; a half-width one counts as its full-width form, if that is wanted.
    fn run(&self, index: usize, c: char) -> usize {
        let is_same = |other: char| other == c || full_width(other) == Some(c);
        (index..self.chars.len()).take_while(|at| is_same(self.chars[*at].1) && !self.is_frozen(*at)).count()
    }

    fn spaces(&mut self) {
        let mut index = 0;
        while index < self.chars.len() {
            if !is_space(self.chars[index].1) || self.is_frozen(index) {
                index += 1;
                continue;
            }
            let length = self.chars[index..].iter().take_while(|(_, c)| is_space(*c)).count();
            self.run_of_spaces(index..index + length);
            index += length;
        }
    }

    fn run_of_spaces(&mut self, part: Range<usize>) {
        let has = |wanted: &[char]| self.chars[part.clone()].iter().any(|(_, c)| wanted.contains(c));
        let (has_no_break, has_ideographic) = (has(&[NO_BREAK, NARROW_NO_BREAK]), has(&[IDEOGRAPHIC]));
        let (before, after) = (self.before(part.start), self.get(part.end));
        let Some(after) = after.filter(|c| *c != '\n') else { return };
        let Some(before) = before.filter(|c| *c != '\n') else {
            if (has_no_break || has_ideographic) && self.may_begin_a_line(part.end) {
                self.correct(Fault::TypedIndent, part, "");
            }
            return;
        };
        // What is to be filled in by hand: 姓名：　　　　, （　　）.
        if part.len() > 1 && (matches!(before, '：' | ':') || is_opening(before) && is_closing(after)) {
            return;
        }
        let is_needless = is_stop(before) || is_opening(before) || is_stop(after) || is_closing(after);
        let fault = if has_no_break { Fault::NoBreakSpace } else { Fault::StraySpace };
        if is_needless {
            self.correct(fault, part, "");
        } else if has_no_break && !has_ideographic {
            self.correct(fault, part, " ");
        } else if !has_ideographic
            && part.len() == 1
            && is_han(before)
            && is_han(after)
            && self.splits_sentence(part.start)
        {
            self.report(fault, part, Some(String::new()));
        }
    }

    /// Whether a line may begin there: not with what Markdown would take for a list, a heading or a quotation.
    fn may_begin_a_line(&self, index: usize) -> bool {
        let c = self.chars[index].1;
        let behind_number = self.chars[index..].iter().map(|(_, c)| *c).find(|c| !c.is_ascii_digit());
        let is_plain = is_han(c)
            || is_opening(c)
            || c.is_ascii_alphabetic()
            || c.is_ascii_digit() && behind_number.is_some_and(is_han);
        is_plain && !matches!(self.passage.kind, Kind::Cell { .. } | Kind::Value(_))
    }

    /// Whether a space stands within a sentence by a slip: not between the halves of a motto (`凝心聚力 共建文明`), which
    /// has no grammatical words, nor within a name of two characters (`王 芳`), nor in a list without commas, nor where
    /// documents have one ([`Self::sets_apart`]).
    fn splits_sentence(&self, space: usize) -> bool {
        let text = self.passage.text.trim_end();
        if self.passage.kind != Kind::Paragraph || !text.ends_with(['。', '！', '？']) {
            return false;
        }
        let is_bound = |c: char| is_stop(c) || is_opening(c) || is_closing(c) || c == '\n' || c == '—';
        let left = self.chars[..space].iter().rev().take_while(|(_, c)| !is_bound(*c));
        let right = self.chars[space + 1..].iter().take_while(|(_, c)| !is_bound(*c));
        let (mut before, mut after, mut spaces, mut grammar) = (0_usize, 0_usize, 0, 0);
        for (count, (_, c)) in left.map(|it| (true, it)).chain(right.map(|it| (false, it))) {
            spaces += usize::from(is_space(*c));
            grammar += usize::from("的了在把被从到".contains(*c));
            *(if count { &mut before } else { &mut after }) += 1;
        }
        let has_grammar = spaces == 0 && grammar > 0 && before > 1 && after > 1;
        has_grammar && !self.is_quoted(space) && !self.sets_apart(space)
    }

    /// Whether a space sets the number of an article or the head of a report apart from what follows, or a credit from
    /// what stands before: `第三条 `, `本报讯 `, `新华社北京11月20日电 `, ` 王蕾摄。`
    fn sets_apart(&self, space: usize) -> bool {
        let text = &self.passage.text;
        let line = |text: &'p str| text.rsplit('\n').next().unwrap_or_default();
        let before = line(&text[..self.byte(space)]);
        let after = &text[self.byte(space + 1)..];
        let after = after.split('\n').next().unwrap_or_default();
        let is_article = before.strip_prefix('第').is_some_and(|number| {
            let behind = number.trim_start_matches(|c: char| is_numeral(c) || matches!(c, '零' | '〇'));
            let unit = behind.strip_prefix(['条', '章', '节', '编']).filter(|_| behind.len() < number.len());
            unit.is_some_and(|rest| rest.trim_start_matches('之').chars().all(is_numeral))
        });
        let is_head = before.ends_with(['讯', '电']) && before.chars().count() <= LONGEST_HEAD;
        let credit = after.trim_end_matches('。').strip_suffix(['摄', '文', '图']);
        is_article
            || is_head
            || credit.is_some_and(|name| (2..=4).contains(&name.chars().count()) && name.chars().all(is_han))
    }

    fn is_quoted(&self, index: usize) -> bool {
        let depth = self.chars[..index]
            .iter()
            .fold(0_i32, |depth, (_, c)| depth + i32::from(is_opening(*c)) - i32::from(is_closing(*c)));
        depth > 0
    }

    /// Where Chinese meets Latin letters and digits.
    fn boundaries(&mut self, spacing: Spacing) {
        for (index, is_spaced) in boundaries(&self.chars).collect::<Vec<_>>() {
            if self.is_frozen(index) || index > 0 && self.is_frozen(index - 1) || self.is_frozen(index + 1) {
                continue;
            }
            match (spacing, is_spaced) {
                (Spacing::None, true) => self.correct(Fault::Spacing, index..index + 1, ""),
                (Spacing::Add, false) => self.correct(Fault::Spacing, index..index, " "),
                _ => {}
            }
        }
    }
}

/// The places where Chinese meets Latin letters and digits, each with whether a space stands there: the index of the
/// space, or of what follows.
pub fn boundaries(chars: &[(usize, char)]) -> impl Iterator<Item = (usize, bool)> {
    let is_boundary =
        |a: char, b: char| is_han(a) && b.is_ascii_alphanumeric() || a.is_ascii_alphanumeric() && is_han(b);
    (1..chars.len()).filter_map(move |index| {
        let (before, c) = (chars[index - 1].1, chars[index].1);
        if is_boundary(before, c) {
            return Some((index, false));
        }
        let after = chars.get(index + 1)?.1;
        (c == ' ' && is_boundary(before, after)).then_some((index, true))
    })
}

fn is_numeral(c: char) -> bool {
    "一二三四五六七八九十百千万".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::FilePath;
    use crate::parse::passages;

    /// The first passage of a body.
    fn passage(body: &str) -> Passage {
        let read = passages::read(&FilePath::new("a.md"), &format!("---\n---\n{body}\n"));
        read.passages.into_iter().next().unwrap_or_else(|| Passage::new(Kind::Paragraph))
    }

    /// What a body's first passage becomes, once all is corrected that may be.
    fn check(body: &str, expected: &str) {
        let passage = passage(body);
        let result = corrected(&passage.text, &corrections(&passage, Spacing::Keep));
        assert_eq!(result, expected, "{body}");
    }

    fn stays(body: &str) {
        let passage = passage(body);
        assert_eq!(corrections(&passage, Spacing::Keep), [], "{body}");
    }

    #[test]
    fn half_width_punctuation_becomes_full_width() {
        check("你好,世界", "你好，世界");
        check("你好, 世界; 再见!", "你好，世界；再见！");
        check("时间:8:30", "时间：8:30");
        check("去不去?去!", "去不去？去！");
        check("达到30%,同比增长", "达到30%，同比增长");
        check("志愿者按时到岗.", "志愿者按时到岗。");
        check("加油!!", "加油！！");
        check("网址:https://example.org/a,b?c=1,请查收", "网址：https://example.org/a,b?c=1，请查收");
        check("文明实践--新风尚", "文明实践——新风尚");
        check("今天.", "今天。");
        let reference = "[1] 王示例. 志愿服务研究[J]. 示例学报, 2026(3): 12-15.";
        check(&format!("甲,乙\n{reference}\n丙,丁"), &format!("甲，乙\n{reference}\n丙，丁"));
        check(
            "李示例. 志愿服务[EB/OL]. (2026-01-05)[2026-02-01].",
            "李示例. 志愿服务[EB/OL]. (2026-01-05)[2026-02-01].",
        );
        check("（附件二）今天.", "（附件二）今天。");
    }

    #[test]
    fn a_half_width_stop_between_sentences_is_reported_and_left() {
        let check = |body: &str, expected: usize| {
            let passage = passage(body);
            let found = corrections(&passage, Spacing::Keep);
            assert_eq!(found.len(), expected, "{body}");
            assert_eq!(corrected(&passage.text, &found), passage.text);
        };
        check("天气好.我们去", 1);
        check("一.总体要求", 0);
        check("附件二.报名表", 0);
        check("甲.报名", 0);
        check("请登录 静安.政务 或者静安文明网.中国", 0);
        check("报名表.docx", 0);
        check("# 天气好.我们去", 0);
    }

    #[test]
    fn half_width_punctuation_stays_where_it_belongs() {
        stays("8:30-17:00、3:2、1,600人、1.5倍、第3.2节");
        stays("Hello, world! (really) 志愿者");
        stays("1.报名");
        stays("见 `a,b` 文件");
        stays("请下载[报名表](报名 表.csv)");
        stays("请看【招募】(a.md)");
        stays("请看[招募] (招募.md)");
        stays("请看![招募(招募.svg)");
        stays("看![合影](合影 (1).jpg)");
        stays("地址 https://example.org/?q=志愿服务&n=1,2");
        stays("邮箱 xinfeng@example.org");
        stays("参加 Let's go! 活动");
        stays("/搜索?q=1");
        stays("三:二领先");
        stays("No Chinese here, at all...");
    }

    #[test]
    fn brackets_in_chinese_become_full_width_in_pairs() {
        check("志愿者(NGO)报名", "志愿者（NGO）报名");
        check("活动（含午餐)。", "活动（含午餐）。");
        check("活动持续三天(含午餐).", "活动持续三天（含午餐）。");
        check("(一)报名", "（一）报名");
        stays("(1)报名");
        stays("1)报名");
        stays("f(x)是函数");
        stays("World Health Organization (世卫组织)");
        stays("谢谢:-)");
    }

    #[test]
    fn repeated_marks_are_reduced() {
        check("结束。。", "结束。");
        check("等等。。。", "等等……");
        check("等等...", "等等……");
        check("然后，，他", "然后，他");
        check("等…", "等……");
        check("然后，,他", "然后，他");
        check("然后,，他", "然后，他");
        check("然后,,他", "然后，他");
        check("结束。.", "结束。");
        stays("真好！！！");
        stays("他说……然后——走了");
        let passage = passage("然后，。他");
        let found = corrections(&passage, Spacing::Keep);
        assert_eq!((found[0].fault, found[0].is_safe), (Fault::Contradictory, false));
    }

    #[test]
    fn full_width_letters_and_digits_become_half_width() {
        check("２０２０年ＡＢ级", "2020年AB级");
        stays("％");
        let found = corrections(&passage("１. 甲"), Spacing::Keep);
        assert_eq!((found[0].fault, found[0].is_safe), (Fault::FullWidth, false));
    }

    #[test]
    fn spaces_beside_full_width_marks_go() {
        check("你好， 世界 。再见", "你好，世界。再见");
        check("“ 文明 ”、《 论语 》", "“文明”、《论语》");
        check("他\u{a0}，她", "他，她");
        check("参加\u{a0}App", "参加 App");
        stays("“传承文明” “引领风尚”");
        stays("（一） 总体要求");
        stays("参加 App 培训 3 次");
        stays("王　芳、李小明");
    }

    #[test]
    fn a_space_within_a_sentence_is_reported_and_left() {
        let check = |body: &str, expected: usize| {
            let passage = passage(body);
            let found = corrections(&passage, Spacing::Keep);
            assert_eq!(found.len(), expected, "{body}");
            assert_eq!(corrected(&passage.text, &found), passage.text);
        };
        check("志愿者在社区 门口值守两小时。", 1);
        check("以“凝心聚力 共建文明”为主题。", 0);
        check("主题是凝心聚力 共建文明。", 0);
        check("王 芳参加了活动。", 0);
        check("红色文化 海派文化 江南文化在此交汇。", 0);
        check("凝心聚力 共筑美好家园", 0);
        check("# 新风进万家 志愿暖人心", 0);
        check("第三条 志愿者的服务时长由组织者记录。", 0);
        check("第二十一条之一 组织者把风险告知志愿者。", 0);
        check("第二章 志愿者的权利。", 0);
        check("本报讯 记者从区文明办获悉，集市开市。", 0);
        check("新华社北京11月20日电 记者从民政部了解到新进展。", 0);
        check("图为志愿者在为老人理发 王示例摄。", 0);
        check("第三条路上的 志愿者在门口值守。", 1);
    }

    #[test]
    fn typed_indents_go_unless_the_line_would_become_something_else() {
        check("　　志愿者\n　　到岗", "志愿者\n到岗");
        check("\u{a0}\u{a0}志愿者", "志愿者");
        stays("　　1. 志愿者");
        stays("　　# 志愿者");
        stays("　　- 志愿者");
    }

    #[test]
    fn straight_quotes_around_chinese_become_curly() {
        check("\"文明\"实践", "“文明”实践");
        check("他说\"我是'新风'志愿者\"", "他说“我是‘新风’志愿者”");
        check("“他说'好'”", "“他说‘好’”");
        check("'文明'实践", "“文明”实践");
        stays("Jing'an 的 Let's go");
        stays("15\"的屏幕");
        stays("use \"strict\" mode 模式");
    }

    #[test]
    fn curly_quotes_are_told_but_left_to_a_person() {
        let check = |body: &str, fault, marks: &[&str]| {
            let found = corrections(&passage(body), Spacing::Keep);
            let replaced: Vec<&str> = found.iter().filter_map(|it| it.replacement.as_deref()).collect();
            assert_eq!(replaced, marks, "{body}");
            assert!(found.iter().all(|it| it.fault == fault && !it.is_safe), "{body}");
        };
        check("“文明“实践", Fault::ReversedQuote, &["”"]);
        check("”文明”实践", Fault::ReversedQuote, &["“"]);
        check("“甲“乙”丙”", Fault::NestedQuote, &["‘", "’"]);
        check("‘文明’实践", Fault::OuterQuote, &["“", "”"]);
        check("‘文明’实践“新风‘志愿’行动”", Fault::OuterQuote, &["“", "”"]);
        stays("“文明”实践“新风”");
        stays("“我说，“走");
        stays("“他说‘好’”");
        stays("“他说‘好’，就走了。");
        stays("Jing’an 的 Let’s go");
        stays("‘tis 一句英文");
    }

    #[test]
    fn the_comma_before_and_so_on_goes() {
        check("口罩、手套、等。", "口罩、手套等。");
        stays("富强、民主、文明、和谐");
        stays("三级、等级评定");
        stays("口罩、手套等物资");
        let check = |body: &str, expected: usize| {
            let found = corrections(&passage(body), Spacing::Keep);
            assert_eq!(
                found.iter().filter(|it| it.fault == Fault::ListComma && !it.is_safe).count(),
                expected,
                "{body}"
            );
        };
        check("口罩、手套、等物资", 1);
        check("张三、李四、等三名同志", 1);
        check("展览、讲座、等一系列活动", 1);
        check("排队、等候、等公交", 0);
        check("一等、二等、等外", 0);
    }

    #[test]
    fn a_site_may_want_spaces_or_none() {
        let check = |body: &str, spacing, expected: &str| {
            let passage = passage(body);
            assert_eq!(corrected(&passage.text, &corrections(&passage, spacing)), expected, "{body}");
        };
        check("参加App培训3次", Spacing::Add, "参加 App 培训 3 次");
        check("参加 App 培训 3 次", Spacing::None, "参加App培训3次");
        check("参加 App 培训3次", Spacing::Keep, "参加 App 培训3次");
        check("见`App`说明", Spacing::Add, "见`App`说明".replace('`', "").as_str());
    }
}
