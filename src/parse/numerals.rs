//! Chinese numerals, as far as documents number their parts and write their dates with them.

const DIGITS: &str = "一二三四五六七八九";
/// What people type for the zero of 二〇二六, beside the character itself.
const ZEROS: &str = "〇零○０0OoＯ";

/// Whether a character is part of a number below a hundred.
pub fn is_numeral(c: char) -> bool {
    c == '十' || DIGITS.contains(c)
}

/// A number below a hundred: `二十一` → 21.
pub fn value(text: &str) -> Option<u32> {
    let digit = |text| single(text).and_then(digit).filter(|value| *value > 0);
    match text.split_once('十') {
        Some((tens, ones)) => {
            let tens = if tens.is_empty() { 1 } else { digit(tens)? };
            Some(tens * 10 + if ones.is_empty() { 0 } else { digit(ones)? })
        }
        None => digit(text),
    }
}

/// A number below ten thousand in Chinese: 21 → `二十一`, 105 → `一百零五`; nothing for zero.
pub fn chinese(number: u32) -> String {
    let mut text = String::new();
    let mut has_gap = false;
    for (power, unit) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let digit = number / power % 10;
        if digit == 0 {
            has_gap = !text.is_empty();
            continue;
        }
        if has_gap {
            text.push('零');
        }
        has_gap = false;
        // `十二`, not `一十二`.
        if power != 10 || digit != 1 || !text.is_empty() {
            text.extend(DIGITS.chars().nth(digit as usize - 1));
        }
        text.push_str(unit);
    }
    text
}

/// A date in Chinese numerals, in Arabic ones: `二〇二六年十一月二十日` → `2026年11月20日`.
pub fn arabic_date(text: &str) -> Option<String> {
    let (year, rest) = text.split_once('年')?;
    let (month, day) = rest.strip_suffix('日')?.split_once('月')?;
    let year: Option<Vec<u32>> = year.chars().map(digit).collect();
    let year = year.filter(|digits| digits.len() == 4)?.into_iter().fold(0, |year, digit| year * 10 + digit);
    Some(format!("{year}年{}月{}日", value(month)?, value(day)?))
}

/// Whether a text is a date and nothing else, in numerals of either kind: `2026年11月20日`, `二〇二六年十一月二十日`.
pub fn is_date(text: &str) -> bool {
    let parts = || {
        let (year, rest) = text.strip_suffix('日')?.split_once('年')?;
        let (month, day) = rest.split_once('月')?;
        Some([year, month, day])
    };
    let is_number = |part: &str| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    parts().is_some_and(|parts| parts.into_iter().all(is_number)) || arabic_date(text).is_some()
}

fn digit(c: char) -> Option<u32> {
    let zero = ZEROS.contains(c).then_some(0);
    zero.or_else(|| DIGITS.chars().zip(1..).find(|(digit, _)| *digit == c).map(|(_, value)| value))
}

fn single(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_in_chinese_numerals_has_a_value() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(arabic_date(text).as_deref(), expected, "{text}");
        check("二〇二六年十一月二十日", Some("2026年11月20日"));
        check("二○二六年一月三十一日", Some("2026年1月31日"));
        check("二零二六年十月十日", Some("2026年10月10日"));
        check("二O二六年三月五日", Some("2026年3月5日"));
        check("二〇二六年十一月", None);
        check("二六年十一月二十日", None);
        check("二〇二六年二十十月一日", None);
        check("2026年11月20日", None);
    }
}
