//! Tells what a run of stars is: a mark that opens or closes emphasis, or text.
//!
//! Chinese offices mask names and numbers with stars (`王**`, `138****1234`), write `120*60*75厘米`, and mark notes with
//! them. Such stars stay what they are. Knows what stands around a run and before it; never whether it finds its partner.
//! Start at [`Runs::role`].

use std::ops::Range;

use super::cjk;
use crate::script::is_han;

/// What a run of stars may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// What CommonMark says.
    Standard,
    Opening,
    Closing,
    /// It opens or closes, whichever finds a partner.
    Either,
    Text,
    /// Its first star masks a name, and the others close: `**王***荣获`.
    MaskAndClosing,
}

/// The runs of a text so far, as far as those that follow depend on them.
#[derive(Default)]
pub struct Runs {
    /// Whether the last one and the next one mask two names.
    in_masks: bool,
    /// The end of the last one that masks a name whatever stands further on.
    masked: Option<usize>,
    /// The length of one before that may still be closed in this paragraph.
    open: Option<usize>,
    /// The end of the last one.
    last: usize,
}

impl Runs {
    /// The role of the next run, which no backslash stands before.
    pub fn role(&mut self, source: &str, run: &Range<usize>) -> Role {
        // A number between two names that are masked does not part them.
        if masks_number(source, run) {
            return Role::Text;
        }
        let role = role(source, run);
        let was_in_masks = self.in_masks;
        let is_clear = matches!(role, Role::Text | Role::Closing);
        self.in_masks = !is_clear && are_masks(source, run);
        let goes_on = self.masked.is_some_and(|last| masks_another(source, last, run.start));
        let is_mask = !is_clear && (was_in_masks || self.in_masks || goes_on);
        self.open = self.open.filter(|_| !source[self.last..run.start].contains("\n\n"));
        self.last = run.end;
        let is_in_bold = self.open == Some(2);
        if is_in_bold && run.len() == 3 && !is_clear && is_behind_surname(&source[..run.start]) {
            self.open = None;
            return Role::MaskAndClosing;
        }
        // `**联系人：王*，电话…**`: one star closes nothing that two have opened.
        let is_mask_in_bold = is_in_bold && run.len() == 1 && role == Role::Closing;
        let is_behind_name = role == Role::Closing && self.open.is_none() && is_name(&source[..run.start]);
        if is_mask || is_behind_name || is_mask_in_bold {
            self.masked = Some(run.end);
        } else if role != Role::Text {
            let opens = role == Role::Opening || role != Role::Closing && self.open.is_none();
            self.open = opens.then_some(run.len());
        }
        if is_mask || is_mask_in_bold { Role::Text } else { role }
    }
}

/// The role of a run by what stands around it.
fn role(source: &str, run: &Range<usize>) -> Role {
    let (before, after) = neighbours(source, run);
    if is_text(source, run, before, after) {
        return Role::Text;
    }
    if !is_beside_cjk(source, run) {
        return Role::Standard;
    }
    let is_picture = source[run.end..].starts_with("![");
    let opens = is_opening(before) && !(is_quote(before) && is_in_quotes(&source[..run.start - before.len_utf8()]));
    let closes = is_closing(after) && !is_picture && (!is_quote(after) || is_in_quotes(&source[..run.start]));
    match (opens, closes) {
        // `*为必填，*为选填`: nobody ends a phrase in italics with a comma.
        _ if run.len() == 1 && matches!(before, '，' | '、' | '；') && after.is_alphanumeric() => Role::Standard,
        (true, _) => Role::Opening,
        (false, true) => Role::Closing,
        (false, false) => Role::Either,
    }
}

/// Whether the amendment of [`cjk`] applies to a run of stars or tildes.
///
/// Between two letters a run opens and closes anyway, and beside a space the standard rules hold.
pub fn is_beside_cjk(source: &str, run: &Range<usize>) -> bool {
    let (before, after) = neighbours(source, run);
    !before.is_whitespace()
        && !after.is_whitespace()
        && (cjk::is_cjk(before) || cjk::is_cjk(after))
        && !(before.is_alphanumeric() && after.is_alphanumeric())
}

/// The characters on both sides. The beginning and the end of a text are like those of a line.
fn neighbours(source: &str, run: &Range<usize>) -> (char, char) {
    let before = source[..run.start].chars().next_back();
    let after = source[run.end..].chars().next();
    (before.unwrap_or('\n'), after.unwrap_or('\n'))
}

/// Whether two runs that follow each other mask two names or numbers, though they look like a pair: `王**（大学生）、李**（教师）`,
/// `李**同学、王**同学`, `尾号**1234，手机尾号**5678`, `志愿者王**和李**获奖`, `王*明、李*红`. What gives them away is that the same
/// stands around both, or that one surname follows the other.
fn are_masks(source: &str, run: &Range<usize>) -> bool {
    let (before, after) = neighbours(source, run);
    let is_number = after.is_ascii_digit();
    let is_name = is_name(&source[..run.start]) && (is_opening(after) || after.is_alphanumeric());
    let is_surname = SURNAMES.contains(before);
    if run.len() > 3 || !is_number && !is_name && !is_surname || !cjk::is_wide(before) {
        return false;
    }
    let Some(next) = next_run(source, run.end) else { return false };
    let (next_before, next_after) = neighbours(source, &next);
    let is_alike = is_name && next_after == after && self::is_name(&source[..next.start])
        || is_number && next_after.is_ascii_digit() && next_before == before
        || is_surname && SURNAMES.contains(next_before) && masks_another(source, run.end, next.start)
        || are_in_names(source, run, &next);
    is_alike && next.len() <= 3 && !source[run.end..next.start].contains("\n\n")
}

/// Whether a run masks the next name of a list, of which the run that ended at `last` masks one: `、张**三人获奖`, `和李**获奖`.
fn masks_another(source: &str, last: usize, start: usize) -> bool {
    let between = &source[last..start];
    between.starts_with(['、', '和', '与', '及']) && (2..=3).contains(&between.chars().count())
}

/// Whether the first of two runs stands behind a surname and before the rest of a name, and the second behind the next name's
/// beginning: `王*明、李*红`, `志愿者王**明（大学生）和李**红获奖`. Nobody emphasises from within one name to within another.
fn are_in_names(source: &str, run: &Range<usize>, next: &Range<usize>) -> bool {
    let between = &source[run.end..next.start];
    let (head, tail) = (without_surname(&source[..run.start]), without_surname(between));
    let (Some(head), true) = (head, run.len() <= 2 && next.len() <= 2) else { return false };
    let stands_alone = head.chars().next_back().is_none_or(|c| !c.is_alphanumeric() && (c != '*' || run.len() == 1));
    // `于**周六、周日**开放`, `适用于**红、黄**两色`
    let is_word = source[..run.start].ends_with(if stands_alone { IN_SENTENCES } else { AT_ENDS });
    let is_next = tail.is_some() || stands_alone && between.ends_with(is_han);
    let last = between.chars().next_back().map_or(0, char::len_utf8);
    let is_far = || stands_alone && tail.is_some_and(lies_between_names);
    !is_word && is_next && (parts_names(tail.unwrap_or(&between[..between.len() - last])) || is_far())
}

/// Whether a text is the rest of a name, what is said of it, and a mark: `明，女，35岁；`.
fn lies_between_names(text: &str) -> bool {
    const LONGEST: usize = 40;
    let behind = text.trim_start_matches(is_han);
    let letters = text[..text.len() - behind.len()].chars().count();
    (1..=4).contains(&letters)
        && behind.chars().count() <= LONGEST
        && text.ends_with(['、', '，', ',', '；', '。', '\n'])
}

/// Whether a text is the rest of a name, perhaps with a title and brackets, and what parts it from the next one.
fn parts_names(text: &str) -> bool {
    let behind = text.trim_start_matches(is_han);
    let letters = text[..text.len() - behind.len()].chars().count();
    let bracketed = behind.strip_prefix('（').and_then(|inner| inner.split_once('）'));
    let mark = bracketed.map_or(behind, |(_, mark)| mark);
    if mark.is_empty() {
        return matches!(letters, 2 | 3) && text.ends_with(AND);
    }
    let is_parted = mark.trim_matches(['、', '，', ',', '；', '|', '/', ' ', '\u{3000}', '\n']).is_empty();
    let is_joined = bracketed.is_some() && mark.trim_start_matches(AND).is_empty();
    letters <= 4 && (letters > 0 || bracketed.is_some()) && (is_parted || is_joined)
}

const AND: [char; 3] = ['和', '与', '及'];

/// A text that ends with a surname, without it.
fn without_surname(text: &str) -> Option<&str> {
    let compound = COMPOUND_SURNAMES.iter().find_map(|surname| text.strip_suffix(surname));
    compound.or_else(|| text.strip_suffix(|c| SURNAMES.contains(c)))
}

/// Surnames that are more often words of a sentence, in front of which a mark may stand.
const IN_SENTENCES: &[char] = &['于', '向', '任', '何', '万'];

/// Surnames that longer words end with.
const AT_ENDS: &[char] = &[
    '于', '向', '任', '何', '万', '方', '高', '江', '石', '金', '马', '白', '黄', '田', '林', '龙', '武', '段', '范',
    '程', '叶', '钟', '钱', '史', '严', '孔', '路', '余', '雷', '汤', '毛', '夏', '秦', '陆', '苏', '许', '华', '顾',
];

const COMPOUND_SURNAMES: [&str; 8] = ["欧阳", "上官", "司马", "诸葛", "司徒", "东方", "皇甫", "尉迟"];

/// The most frequent ones, which nine in ten people bear.
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆\
    汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤";

/// The run after this place that masks no number, unless it is escaped.
fn next_run(source: &str, from: usize) -> Option<Range<usize>> {
    let bytes = source.as_bytes();
    let mut at = from;
    loop {
        let start = at + memchr::memchr(b'*', &bytes[at..])?;
        let length = bytes[start..].iter().take_while(|byte| **byte == b'*').count();
        let run = start..start + length;
        if !masks_number(source, &run) {
            return (!cjk::is_escaped(bytes, start)).then_some(run);
        }
        at = run.end;
    }
}

/// Whether a run stands for digits of a number: `138****1234`.
fn masks_number(source: &str, run: &Range<usize>) -> bool {
    let (before, after) = neighbours(source, run);
    run.len() >= 3 && before.is_ascii_digit() && after.is_ascii_digit()
}

/// Whether a text ends with one or two characters of a name, such as those that a mask leaves.
fn is_name(text: &str) -> bool {
    let is_letter = |c: &char| c.is_alphabetic() && !c.is_ascii();
    let letters = text.chars().rev().take(3).take_while(is_letter).count();
    let delimiter = text.chars().rev().nth(letters);
    matches!(letters, 1 | 2) && !delimiter.is_some_and(|c| c.is_alphanumeric() || matches!(c, '*' | '_' | '~' | '`'))
}

/// Whether a text ends with one character of a name.
fn is_behind_surname(text: &str) -> bool {
    let mut back = text.chars().rev();
    back.next().is_some_and(|c| SURNAMES.contains(c)) && back.next().is_none_or(|c| !c.is_alphanumeric())
}

fn is_text(source: &str, run: &Range<usize>, before: char, after: char) -> bool {
    let is_digit = |c: char| c.is_ascii_digit();
    let is_plain = |c: char| c.is_ascii_alphanumeric();
    let length = run.len();
    let is_enclosed = is_opening(before) && is_closing(after) || before == after && matches!(before, '"' | '\'');
    let is_factor = length == 1
        && (is_digit(after) && is_plain(before)
            || (is_digit(after) || is_dimension(after)) && is_quantity(&source[..run.start]));
    let is_ending = length == 1 && after == '.' && source[run.end + 1..].starts_with(is_plain);
    is_digit(before) && is_digit(after) && !is_bold_in_number(source, run)
        || length >= 4 && (is_plain(before) || is_plain(after))
        || is_enclosed
        || is_factor
        || is_ending
        || matches!(after, '0'..='9' | '#') && begins_code(&source[run.end..], length)
}

/// Whether a part of a number is bold: `138**0000**1234`, which is no masked number and must not pass for one.
fn is_bold_in_number(source: &str, run: &Range<usize>) -> bool {
    let is_digit = |c: char| c.is_ascii_digit();
    let (before, after) =
        (source[..run.start].trim_end_matches(is_digit), source[run.end..].trim_start_matches(is_digit));
    run.len() == 2 && (before.ends_with("**") || after.starts_with("**"))
}

fn is_dimension(c: char) -> bool {
    matches!(c, '长' | '宽' | '高' | '厚' | '深')
}

/// Whether a text ends with what can be multiplied: `6米`, `30元`, `3平方米`, `（3+4）`, `50%`, `长`.
fn is_quantity(text: &str) -> bool {
    let mut back = text.chars().rev();
    match back.next() {
        Some(')' | '）' | '%' | '％') => back.next().is_some_and(|c| c.is_ascii_digit()),
        Some(c) if is_dimension(c) => true,
        Some(unit) if "米元人次天个件张份套页块时寸尺名场盒箱瓶袋组户钟斤克吨升".contains(unit) => {
            back.by_ref().take(3).find(|c| !c.is_alphabetic()).is_some_and(|c| c.is_ascii_digit())
        }
        _ => false,
    }
}

/// Whether these stars begin what is typed into a telephone, such as `*123#`, `*#06#`, `**21*10086#`. A building's number is in
/// bold too, as in `**3#楼**`.
fn begins_code(rest: &str, stars: usize) -> bool {
    let is_key = |byte: &u8| matches!(byte, b'0'..=b'9' | b'*' | b'#');
    let length = rest.bytes().take(32).take_while(is_key).count();
    let code = &rest.as_bytes()[..length];
    let has_inner_star = code.contains(&b'*');
    let digits = code.iter().filter(|byte| byte.is_ascii_digit()).count();
    code.ends_with(b"#") && digits > 1 && (stars == 1 || stars == 2 && has_inner_star)
}

fn is_quote(c: char) -> bool {
    matches!(c, '“' | '”' | '‘' | '’')
}

/// Whether a quotation is open at the end of a text. Editors mistake `“` and `”`: a mark that has no partner may be either.
fn is_in_quotes(text: &str) -> bool {
    let last = text.chars().rev().find(|c| is_quote(*c) || *c == '\n');
    matches!(last, Some('“' | '‘'))
}

/// What a run may stand behind only to open; a table's line counts on both sides.
fn is_opening(c: char) -> bool {
    matches!(c, '“' | '‘' | '《' | '〈' | '（' | '【' | '「' | '『' | '〔' | '(' | '[' | '{' | '|')
}

/// What a run may stand before only to close.
fn is_closing(c: char) -> bool {
    matches!(
        c,
        '、' | '，'
            | '。'
            | '；'
            | '：'
            | '！'
            | '？'
            | '…'
            | '”'
            | '’'
            | '》'
            | '〉'
            | '）'
            | '】'
            | '」'
            | '』'
            | '〕'
    ) || matches!(c, ',' | '.' | ';' | ':' | '!' | '?' | ')' | ']' | '}' | '|')
}
