//! Words that were typed twice: `进行进行`, `的的`.
//!
//! Chinese doubles words on purpose (`看看`, `研究研究`), and compounds begin with the word before (`服务服务队`). So two
//! characters are looked up in a list of words that nobody doubles, and three or more are taken for a slip. Start at
//! [`doubled`].

use std::ops::Range;

use crate::script::is_han;

/// Function words, each (和 ends too many names) with what may stand before and behind the two: `目的的`, `的的确确`.
const SINGLE: [(char, &str, &str); 6] = [
    ('的', "目标有无端打", "确士哥姐话票"),
    ('了', "为不除受得终未末完明知", "解如却然结之事当无望断不"),
    ('在', "现存所正实内潜外好自", ""),
    ('与', "参给赠授付", "会"),
    ('及', "以普涉波顾提触危推论埃", "时格早其"),
    ('是', "但还于就可总凡只却若要老先倒真算", "非"),
];

/// Words of two characters that no compound and no speaker doubles.
const DOUBLE: &str = "我们 他们 她们 它们 你们 咱们 大家 以及 因为 所以 但是 并且 而且 或者 如果 虽然 因此 不仅 然而 \
    已经 正在 曾经 即将 将要 进行 开展 通过 对于 关于 为了 由于 按照 根据 依据 围绕 结合 随着 其中 其他 此外 同时 目前 \
    本次 这个 那个 这些 那些 这次 没有 应当 应该 必须 能够 不得 参加 举办 举行 召开 具有 成为 作为 属于 包括 位于 来自 \
    前往 截至 分别 共同 不断 积极 认真 切实 深入 全面 进一步 今年 去年 明年 上午 下午 晚上 近日 日前 现在 今天 昨天 明天 \
    需要 提供 带来 获得 取得 得到 实现 推动 推进 促进 加强 提高 增强 确保 的是 也是 还是 都是 就是 不是 中的 上的 里的";

/// The longest word that is looked for, in characters.
const LONGEST: usize = 10;

/// The words that stand twice, each with the bytes of both.
pub fn doubled(text: &str) -> Vec<Range<usize>> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let byte = |index: usize| chars.get(index).map_or(text.len(), |(at, _)| *at);
    let mut found = Vec::new();
    let mut index = 0;
    while index + 1 < chars.len() {
        let length = length_of_doubled(&chars, index);
        if length > 0 {
            found.push(byte(index)..byte(index + 2 * length));
        }
        index += (2 * length).max(1);
    }
    found
}

/// How many characters the word has that stands at `index` and again behind itself; 0 if none does.
fn length_of_doubled(chars: &[(usize, char)], index: usize) -> usize {
    let first = chars[index].1;
    let near = &chars[index + 1..chars.len().min(index + 1 + LONGEST)];
    if !near.iter().any(|(_, c)| *c == first) || !is_han(first) {
        return 0;
    }
    let at = |index: usize| chars.get(index).map(|(_, c)| *c);
    let longest = LONGEST.min((chars.len() - index) / 2);
    for length in (1..=longest).rev() {
        if at(index + length) != Some(first) {
            continue;
        }
        let is_repeated = (1..length).all(|offset| at(index + offset) == at(index + length + offset));
        if is_repeated && is_slip(chars, index, length) {
            return length;
        }
    }
    0
}

fn is_slip(chars: &[(usize, char)], index: usize, length: usize) -> bool {
    let word = &chars[index..index + length];
    let first = word[0].1;
    let before = index.checked_sub(1).map(|index| chars[index].1);
    let after = chars.get(index + 2 * length).map(|(_, c)| *c);
    if length == 1 {
        let is_allowed = |list: &str, c: Option<char>| c.is_some_and(|c| c == first || list.contains(c));
        let entry = SINGLE.iter().find(|(c, ..)| *c == first);
        return entry.is_some_and(|(_, left, right)| !is_allowed(left, before) && !is_allowed(right, after));
    }
    let word: String = word.iter().map(|(_, c)| *c).collect();
    if length == 2 {
        return DOUBLE.split_ascii_whitespace().any(|known| known == word);
    }
    // 一个个一个个, 走一走走一走, 哈哈哈哈哈哈, and verses.
    // A council's meeting: 理事会理事会议.
    if word.ends_with('会') && after == Some('议') {
        return false;
    }
    let has_repetition = word.chars().zip(word.chars().skip(1)).any(|(a, b)| a == b);
    word.chars().all(is_han) && !has_repetition && !word.contains('一') && !word.contains('又')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubled_words_are_found() {
        let check = |text: &str, expected: &[&str]| {
            let found: Vec<&str> = doubled(text).into_iter().map(|part| &text[part]).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("志愿者的的服务", &["的的"]);
        check("服务了了三十户", &["了了"]);
        check("志愿者在在路口值守", &["在在"]);
        check("招募志愿者志愿者三十名", &["志愿者志愿者"]);
        check("志愿者进行进行培训", &["进行进行"]);
        check("他们他们来自高校", &["他们他们"]);
        check("新时代文明实践新时代文明实践中心", &["新时代文明实践新时代文明实践"]);
    }

    #[test]
    fn reduplication_and_compounds_are_right() {
        for text in [
            "看看、天天、常常、等等、渐渐、好好学习、慢慢地",
            "研究研究、讨论讨论、一个一个、一步一步、很多很多、一户一户地走",
            "以宣传为目的的活动，的的确确，有的放矢",
            "为了了解需求，他受不了了，增进了了解，不了了之",
            "现在在路口，问题仍然存在在部分小区，所在在册",
            "和和气气、和和美美，与共和和平有关，李和和同伴们都来了",
            "参与与分享，以及及时反馈，普及及时",
            "但是是否参加，是是非非",
            "志愿服务服务队、文明实践实践所、管理管理办法",
            "人人为我，我为人人，人人人人",
            "高高兴兴、干干净净、平平安安、哈哈哈哈哈哈",
            "研讨会会场、居委会会议室、大会会务组、中心心理咨询室",
            "又唱又跳又唱又跳",
        ] {
            assert!(doubled(text).is_empty(), "{text}: {:?}", doubled(text));
        }
    }
}
