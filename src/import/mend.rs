//! Mends a line of an old page: half-width punctuation, no-break spaces, typed indents, characters that hide.

use crate::script::is_han;

/// One line.
pub fn mend(text: &str) -> String {
    mend_behind(None, text)
}

/// The words of one piece of a line; `first` is the character before them, where there is one.
pub fn mend_behind(first: Option<char>, text: &str) -> String {
    let shown: Vec<char> = text.chars().filter(|c| !is_hidden(*c)).map(plain_space).collect();
    let mut mended: Vec<char> = Vec::with_capacity(shown.len());
    for (at, c) in shown.iter().copied().enumerate() {
        let before = mended.last().copied().or(first);
        // A second space, or one behind a Chinese mark, which brings its own.
        if c == ' ' && before.is_some_and(|before| " 。，；：！？、".contains(before)) {
            continue;
        }
        let after = shown.get(at + 1).copied();
        // `甲 ,乙`: a mark stands right behind its word.
        let behind_space = mended.iter().rev().nth(1).copied().filter(|word| before == Some(' ') && is_han(*word));
        let mark = full_width(c, behind_space.or(before), after);
        if behind_space.is_some() && "，；：？！。、".contains(mark) {
            mended.pop();
        }
        mended.push(mark);
    }
    brackets(&mut mended);
    quotes(&mut mended);
    mended.into_iter().collect()
}

fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{00AD}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        || (c.is_control() && !c.is_whitespace())
}

fn plain_space(c: char) -> char {
    if c.is_whitespace() { ' ' } else { c }
}

/// A comma beside, a colon behind a Chinese character is a Chinese one; `9:30` and `1,600` stay.
fn full_width(c: char, before: Option<char>, after: Option<char>) -> char {
    let is_chinese = before.is_some_and(|before| is_han(before) || "”》）』」".contains(before));
    match c {
        ',' if is_chinese || after.is_some_and(is_han) => '，',
        ';' if is_chinese || after.is_some_and(is_han) => '；',
        ':' if is_chinese && after != Some('/') => '：',
        '?' if is_chinese => '？',
        '!' if is_chinese => '！',
        '.' if is_chinese && after.is_none_or(|after| is_han(after) || " \"”’』」)）".contains(after)) => '。',
        _ => c,
    }
}

/// Round brackets are Chinese where what they hold is, or what stands before them.
fn brackets(line: &mut [char]) {
    let mut open = None;
    for at in 0..line.len() {
        match line[at] {
            '(' => open = Some(at),
            ')' => {
                if let Some(start) = open.take() {
                    let holds_han = line[start..at].iter().any(|c| is_han(*c));
                    if holds_han || (start > 0 && is_han(line[start - 1])) {
                        (line[start], line[at]) = ('（', '）');
                    }
                }
            }
            _ => {}
        }
    }
}

/// Straight quotation marks around Chinese become curved ones, where they come in pairs.
fn quotes(line: &mut [char]) {
    let places: Vec<usize> = line.iter().enumerate().filter(|(_, c)| **c == '"').map(|(at, _)| at).collect();
    for pair in places.chunks_exact(2).filter(|_| places.len().is_multiple_of(2)) {
        if line[pair[0]..pair[1]].iter().any(|c| is_han(*c)) {
            (line[pair[0]], line[pair[1]]) = ('“', '”');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_mended() {
        let check = |text: &str, expected: &str| assert_eq!(mend(text), expected, "{text}");
        check("讲文明,树新风.", "讲文明，树新风。");
        check("时间:9:30,共1,600人", "时间：9:30，共1,600人");
        check("服务(含午餐)", "服务（含午餐）");
        check("Jing'an (east)", "Jing'an (east)");
        check("\"最美志愿者\"张三", "“最美志愿者”张三");
        check("甲\u{a0}\u{a0}乙\u{200b}丙", "甲 乙丙");
        check("网址:http://example.org/a?b", "网址：http://example.org/a?b");
        check("体温.  他们", "体温。他们");
        check("版本 1.5, ok", "版本 1.5, ok");
        check("甲方 ,乙方 。后来 ，又", "甲方，乙方。后来，又");
        check("他说:\"明天去.\"随后(见附件.)", "他说：“明天去。”随后（见附件。）");
    }
}
