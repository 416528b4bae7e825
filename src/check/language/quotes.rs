//! Quotation marks and brackets: straight, turned round, nested without a change, or without a partner.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::punctuation::{Correction, Fault};
use crate::script::is_han;

/// Straight quotes around Chinese text, and curly ones that are turned round or nested wrongly.
pub fn corrections(chars: &[(usize, char)], frozen: &[Range<usize>]) -> Vec<Correction> {
    let marks: Vec<usize> =
        (0..chars.len()).filter(|index| matches!(chars[*index].1, '"' | '\'' | '“' | '”' | '‘' | '’')).collect();
    if marks.is_empty() {
        return Vec::new();
    }
    let is_free = |index: &usize| !frozen.iter().any(|part| part.contains(&chars[*index].0));
    let is = |index: usize, wanted: char| chars[index].1 == wanted && is_free(&index);
    let double: Vec<usize> = marks.iter().copied().filter(|index| is(*index, '"') && !is_inch(chars, *index)).collect();
    let single: Vec<usize> =
        marks.iter().copied().filter(|index| is(*index, '\'') && !is_apostrophe(chars, *index)).collect();
    let mut found = Vec::new();
    for quotes in [&double, &single] {
        for pair in pairs(quotes).filter(|pair| is_chinese(chars, pair)) {
            let is_inner = is_within(chars, &pair, &double);
            let (open, close) = if is_inner { ("‘", "’") } else { ("“", "”") };
            found.extend([(pair.start, open), (pair.end, close)].map(|(index, mark)| straight(chars, index, mark)));
        }
    }
    found.extend(outer(chars, &marks));
    let curly: Vec<usize> = marks.into_iter().filter(|index| matches!(chars[*index].1, '“' | '”')).collect();
    found.extend(turned_round(chars, &curly));
    found.extend(nested(chars, &curly));
    found
}

fn straight(chars: &[(usize, char)], index: usize, mark: &str) -> Correction {
    let at = chars[index].0..chars[index].0 + 1;
    Correction { fault: Fault::StraightQuote, at, replacement: Some(mark.to_owned()), is_safe: true }
}

/// Opening and closing marks by turns; none where one is left over.
fn pairs(quotes: &[usize]) -> impl Iterator<Item = Range<usize>> {
    let is_even = quotes.len().is_multiple_of(2);
    quotes.chunks_exact(2).filter(move |_| is_even).map(|pair| pair[0]..pair[1])
}

/// Whether a pair holds Chinese, or stands in it.
fn is_chinese(chars: &[(usize, char)], pair: &Range<usize>) -> bool {
    let beside = [pair.start.checked_sub(1), Some(pair.end + 1)];
    let beside = beside.into_iter().flatten().filter_map(|index| chars.get(index));
    pair.end > pair.start + 1 && chars[pair.clone()].iter().chain(beside).any(|(_, c)| is_han(*c))
}

/// Whether a pair stands in curly quotes, or in another pair of straight ones.
fn is_within(chars: &[(usize, char)], pair: &Range<usize>, double: &[usize]) -> bool {
    let curly = |(_, c): &&(usize, char)| matches!(c, '“' | '”');
    let (before, after) = (chars[..pair.start].iter().rev().find(curly), chars[pair.end..].iter().find(curly));
    // An opening quote that is never closed may be a closing one by mistake.
    let is_curly = before.is_some_and(|(_, c)| *c == '“') && after.is_some_and(|(_, c)| *c == '”');
    is_curly || pairs(double).any(|outer| outer.start < pair.start && pair.end < outer.end)
}

/// `Jing'an`, `'90s`
fn is_apostrophe(chars: &[(usize, char)], index: usize) -> bool {
    let is_word =
        |index: Option<usize>| index.and_then(|index| chars.get(index)).is_some_and(|(_, c)| c.is_ascii_alphanumeric());
    is_word(index.checked_sub(1)) || is_word(Some(index + 1))
}

/// `15"`
fn is_inch(chars: &[(usize, char)], index: usize) -> bool {
    let opened = chars[..index].iter().filter(|(_, c)| *c == '"').count() % 2 == 1;
    !opened && index.checked_sub(1).is_some_and(|before| chars[before].1.is_ascii_digit())
}

/// A passage's only two quotes, of which one looks the wrong way.
fn turned_round(chars: &[(usize, char)], curly: &[usize]) -> Vec<Correction> {
    let &[first, second] = curly else { return Vec::new() };
    let (a, b) = (chars[first].1, chars[second].1);
    let before_second = chars[second - 1].1;
    // A second opening quote behind these begins a speech that goes on in the next paragraph.
    let opens_speech = b == '“' && "：，、。".contains(before_second);
    // A closing quote behind the end of a sentence ends a speech of the paragraph before.
    let closes_speech = a == '”' && first.checked_sub(1).is_some_and(|it| "。！？…".contains(chars[it].1));
    if (a, b) == ('“', '”') || opens_speech || closes_speech {
        return Vec::new();
    }
    let wrong = [(first, a, '“'), (second, b, '”')].into_iter().filter(|(_, found, right)| found != right);
    wrong.map(|(index, _, right)| suggestion(chars, index, Fault::ReversedQuote, right)).collect()
}

/// Quotes within quotes of the same kind (GB/T 15834, 4.8.3.3: the inner ones are single).
fn nested(chars: &[(usize, char)], curly: &[usize]) -> Vec<Correction> {
    let mut depth = 0_usize;
    let mut inner = Vec::new();
    for &index in curly {
        let is_open = chars[index].1 == '“';
        if !is_open && depth == 0 {
            return Vec::new();
        }
        depth = if is_open { depth + 1 } else { depth - 1 };
        let level = if is_open { depth } else { depth + 1 };
        if level == 2 {
            inner.push(suggestion(chars, index, Fault::NestedQuote, if is_open { '‘' } else { '’' }));
        }
    }
    if depth == 0 { inner } else { Vec::new() }
}

/// Single quotes around Chinese text with nothing around them (GB/T 15834, 4.8.3.1: the outer ones are double).
fn outer(chars: &[(usize, char)], marks: &[usize]) -> Vec<Correction> {
    let count = |wanted: char| marks.iter().filter(|index| chars[**index].1 == wanted).count();
    // Where the double ones do not pair, a quotation goes on from the paragraph before, or into the next.
    if count('‘') == 0 || count('“') != count('”') {
        return Vec::new();
    }
    let is_word = |index: usize| chars.get(index).is_some_and(|(_, c)| c.is_ascii_alphabetic());
    let is_quote =
        |index: &&usize| !(chars[**index].1 == '’' && **index > 0 && is_word(**index - 1) && is_word(**index + 1));
    let marks: Vec<usize> = marks.iter().filter(is_quote).copied().collect();
    let mut depth = 0;
    let mut found = Vec::new();
    for pair in marks.windows(2).map(|pair| pair[0]..pair[1]) {
        match (chars[pair.start].1, chars[pair.end].1) {
            ('“', _) => depth += 1,
            ('”', _) => depth -= 1,
            ('‘', '’') if depth == 0 && is_chinese(chars, &pair) => {
                let marks = [(pair.start, '“'), (pair.end, '”')];
                found.extend(marks.map(|(index, right)| suggestion(chars, index, Fault::OuterQuote, right)));
            }
            _ => {}
        }
    }
    found
}

fn suggestion(chars: &[(usize, char)], index: usize, fault: Fault, right: char) -> Correction {
    let (at, c) = chars[index];
    Correction { fault, at: at..at + c.len_utf8(), replacement: Some(right.to_string()), is_safe: false }
}

const PAIRS: [(char, char); 10] = [
    ('“', '”'),
    ('‘', '’'),
    ('《', '》'),
    ('〈', '〉'),
    ('（', '）'),
    ('「', '」'),
    ('『', '』'),
    ('【', '】'),
    ('〔', '〕'),
    ('［', '］'),
];

/// Marks without a partner in the passage, each with its bytes. Brackets of a numbering (`1）`) need none.
pub fn unpaired(text: &str) -> Vec<(Range<usize>, char)> {
    let mut open: Vec<(usize, char)> = Vec::new();
    // How many of each kind are open: looking for one that is not would take long where many others are.
    let mut counts: FxHashMap<char, usize> = FxHashMap::default();
    let mut lonely = Vec::new();
    let mut chars = text.char_indices().peekable();
    let mut before = ['\n'; 3];
    while let Some((at, c)) = chars.next() {
        if let Some((start, end)) = pair_of(c) {
            let is_opening = start.contains(&c);
            let next = chars.peek().map(|(_, c)| *c);
            let is_apostrophe = c == '’'
                && before[2].is_ascii_alphabetic()
                && next.is_some_and(|c| c.is_ascii_alphabetic() || c == ' ');
            let count =
                |counts: &FxHashMap<char, usize>| start.iter().filter_map(|mark| counts.get(mark)).sum::<usize>();
            if is_opening {
                open.push((at, c));
                *counts.entry(c).or_default() += 1;
            } else if count(&counts) > 0
                && let Some(found) = open.iter().rposition(|(_, open)| start.contains(open))
            {
                for (_, closed) in &open[found..] {
                    counts.entry(*closed).and_modify(|count| *count -= 1);
                }
                // What was opened in between was never closed.
                lonely.extend(open.drain(found..).skip(1));
            } else if !(is_apostrophe || end.contains(&'）') && is_numbering(before)) {
                lonely.push((at, c));
            }
        }
        before = [before[1], before[2], c];
    }
    lonely.extend(open);
    lonely.sort_unstable();
    // Half-width brackets without a partner are smiles and numberings.
    let lonely = lonely.into_iter().filter(|(_, c)| !c.is_ascii());
    lonely.map(|(at, c)| (at..at + c.len_utf8(), c)).collect()
}

/// The opening and closing forms of the pair that a mark belongs to; half-width brackets are as good as full-width ones.
fn pair_of(c: char) -> Option<(&'static [char], &'static [char])> {
    const BRACKETS: (&[char], &[char]) = (&['（', '('], &['）', ')']);
    match c {
        '（' | '）' | '(' | ')' => Some(BRACKETS),
        '“' | '”' => Some((&['“'], &['”'])),
        '‘' | '’' => Some((&['‘'], &['’'])),
        '《' | '》' => Some((&['《'], &['》'])),
        '〈' | '〉' => Some((&['〈'], &['〉'])),
        '「' | '」' => Some((&['「'], &['」'])),
        '『' | '』' => Some((&['『'], &['』'])),
        '【' | '】' => Some((&['【'], &['】'])),
        '〔' | '〕' => Some((&['〔'], &['〕'])),
        '［' | '］' => Some((&['［'], &['］'])),
        _ => None,
    }
}

/// The partner of a mark.
pub fn partner(c: char) -> char {
    let found = PAIRS.iter().find_map(|(open, close)| match c {
        _ if c == *open => Some(*close),
        _ if c == *close => Some(*open),
        _ => None,
    });
    found.unwrap_or(c)
}

/// Whether what stands before a closing bracket is the number of a clause: `1）`, `；12）`, `一）`.
fn is_numbering([far, near, last]: [char; 3]) -> bool {
    let is_number = |c: char| c.is_ascii_alphanumeric() || "一二三四五六七八九十甲乙丙丁".contains(c);
    let begins = |c: char| matches!(c, '\n' | ' ' | '。' | '；' | '：' | '，' | '、');
    is_number(last) && (begins(near) || is_number(near) && begins(far))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_without_a_partner_are_found() {
        let check = |text: &str, expected: &str| {
            let found: String = unpaired(text).into_iter().map(|(_, mark)| mark).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("“文明实践", "“");
        check("文明实践”", "”");
        check("《论语和《孟子》", "《");
        check("（含《论语）", "《");
        check("活动（含午餐", "（");
        check("活动含午餐）", "）");
        check("〔2026〕28号、【通知】、「引文」、『书』", "");
        check("（含午餐)", "");
        check("1）报名；2）培训；（3）上岗", "");
        check("一）总则", "");
        check("谢谢:)", "");
        check("Jing’an、‘新风’", "");
        check("（一）（二）", "");
    }
}
