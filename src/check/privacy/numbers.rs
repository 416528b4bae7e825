//! Finds the numbers of persons in a text: ID cards, mobile numbers, bank cards, passports, in all forms in which people write them.
//!
//! Knows a text and a few words around it, never where it came from. Full-width digits, the invisible characters
//! between them, spaces, hyphens and dots are seen through; ranges are those of the text as it was given. Start at [`find`].

use std::ops::Range;

use super::digits::{has_birthday, has_id_check, is_bank_card, is_credit_code, is_old_id};

/// A number that belongs to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Personal {
    pub kind: Kind,
    /// Its bytes in the text, without a country code.
    pub range: Range<usize>,
    /// Its characters alone: `13812345678` for `138-1234 5678`. With stars where it was masked, but not enough.
    pub number: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    IdCard,
    /// A province and a day of birth, but the check digit is another; or 15 digits as before 1999.
    LikeAnIdCard,
    Mobile,
    BankCard,
    /// A passport, or a permit for travelling to or from Hong Kong, Macau and Taiwan.
    Passport,
}

/// What stands around a text and says what its numbers are.
#[derive(Debug, Clone, Copy, Default)]
pub struct Around<'a> {
    /// The heading of the column, for a cell of a table.
    pub heading: &'a str,
}

impl Personal {
    /// `138****1234`, `11*************02X`
    pub fn masked(&self) -> String {
        let (head, tail) = match self.kind {
            Kind::IdCard | Kind::LikeAnIdCard => (2, 3),
            Kind::Mobile => (3, 4),
            Kind::BankCard => (4, 4),
            Kind::Passport => (1, 3),
        };
        let number = &self.number;
        let hidden = number.len().saturating_sub(head + tail);
        format!("{}{}{}", &number[..head], "*".repeat(hidden), &number[head + hidden..])
    }
}

/// The numbers of persons in a text, in its order.
pub fn find(text: &str, around: Around<'_>) -> Vec<Personal> {
    let mut found = Vec::new();
    if text.len() < FEWEST {
        return found;
    }
    if has_digits(text) {
        let addresses = addresses(text);
        let mut at = 0;
        while let Some(run) = Run::next(text, at) {
            at = run.end;
            if run.may_hold_a_number() && !addresses.iter().any(|address| address.contains(&run.start)) {
                Search { text, around, run: &run }.all(&mut found);
            }
        }
    }
    spelled_out(text, &mut found);
    hardly_masked(text, around, &mut found);
    found.sort_by_key(|personal| personal.range.start);
    found
}

/// A heading under which there may be passports and permits.
pub const DOCUMENTS: &str = "护照、通行证、台胞证";

/// Whether a text speaks of passports or permits.
pub fn names_documents(text: &str) -> bool {
    let text = text.to_ascii_uppercase();
    PASSPORT_WORDS.iter().chain(&PERMIT_WORDS).any(|word| text.contains(word))
}

/// Reads a number as a person wrote it: `138 1234 5678` → `13812345678`.
pub fn plain(text: &str) -> String {
    let sign = |c: char| match sign(c) {
        Sign::Digit(digit) => Some(char::from(digit)),
        Sign::Letter(letter) => Some(char::from(letter)),
        _ => None,
    };
    text.chars().filter_map(sign).collect()
}

/// The fewest digits that any of the numbers has.
pub const FEWEST: usize = 7;

/// Whether it is worth looking: most texts have only the digits of a date.
fn has_digits(text: &str) -> bool {
    let bytes = text.as_bytes();
    let second = bytes.get(1..).unwrap_or_default();
    // Counted in bytes and without a branch, so that many are compared at once. Full-width digits end with BC 90 to BC 99, and
    // mathematical ones hold 9D 9F; that others hold them too does no harm.
    let is_digit = |a: u8, b: u8| {
        u8::from(a.is_ascii_digit() | (a == 0xBC) & (0x90..=0x99).contains(&b) | (a == 0x9D) & (b == 0x9F))
    };
    let last = usize::from(bytes.last().is_some_and(u8::is_ascii_digit));
    let pairs = bytes.chunks(255).zip(second.chunks(255));
    let counts = pairs.map(|(a, b)| usize::from(a.iter().zip(b).map(|(a, b)| is_digit(*a, *b)).sum::<u8>()));
    counts.sum::<usize>() + last >= FEWEST
}

/// What one character means here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Digit(u8),
    /// An ASCII letter, in upper case.
    Letter(u8),
    Gap(Gap),
    /// Not to be seen: zero-width characters, bidi controls, variation selectors, the frame of a keycap.
    Nothing,
    Other,
}

/// What people put between the groups of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    Space,
    /// The end of a line in the file, which a reader sees as a space.
    Line,
    Hyphen,
    Dot,
    Slash,
    /// A closing bracket, as in `(138)12345678`.
    Bracket,
}

impl Gap {
    /// Whether one number may have both. What follows a bracket is like nothing before, and a line ends anywhere.
    fn goes_with(self, next: Self) -> bool {
        self == next || matches!(self, Self::Line | Self::Bracket) || next == Self::Line
    }
}

/// The compatibility forms (NFKC) of digits and letters. Those in circles and brackets are left out: they number
/// the entries of a list, and would join with the number behind them.
fn sign(c: char) -> Sign {
    match c {
        '0'..='9' => Sign::Digit(c as u8),
        'A'..='Z' | 'a'..='z' => Sign::Letter(c.to_ascii_uppercase() as u8),
        ' ' | '\t' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Sign::Gap(Gap::Space),
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '－' | '~' | '_' => {
            Sign::Gap(Gap::Hyphen)
        }
        '.' | '·' | '•' | '．' | '・' => Sign::Gap(Gap::Dot),
        '/' | '／' => Sign::Gap(Gap::Slash),
        ')' | '）' => Sign::Gap(Gap::Bracket),
        '\n' => Sign::Gap(Gap::Line),
        '\r' => Sign::Nothing,
        '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' => {
            Sign::Nothing
        }
        '\u{2066}'..='\u{206f}' | '\u{20e3}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' => Sign::Nothing,
        '０'..='９' => Sign::Digit(narrowed(c as u32 - '０' as u32)),
        '\u{1d7ce}'..='\u{1d7ff}' => Sign::Digit(narrowed((c as u32 - 0x1d7ce) % 10)),
        'Ａ'..='Ｚ' => Sign::Letter(lettered(c as u32 - 'Ａ' as u32)),
        'ａ'..='ｚ' => Sign::Letter(lettered(c as u32 - 'ａ' as u32)),
        _ => Sign::Other,
    }
}

fn narrowed(value: u32) -> u8 {
    b'0' + u8::try_from(value).expect("a digit")
}

fn lettered(value: u32) -> u8 {
    b'A' + u8::try_from(value).expect("a letter")
}

/// Digits with only gaps between them.
#[derive(Debug, Default)]
struct Run {
    start: usize,
    end: usize,
    groups: Vec<Group>,
    /// An X right behind the last digit.
    x: Option<Range<usize>>,
}

/// Digits without a gap.
#[derive(Debug)]
struct Group {
    digits: String,
    range: Range<usize>,
    /// What stands before it, if another group does.
    gap: Option<Gap>,
}

/// The most characters of a gap: ` - `.
const WIDEST_GAP: usize = 3;
/// A number that is longer is none of ours, however it is grouped.
const MOST_GROUPS: usize = 64;

impl Run {
    /// The next run that begins at or behind a byte.
    fn next(text: &str, from: usize) -> Option<Self> {
        let is_lead = |byte: &u8| byte.is_ascii_digit() || matches!(byte, 0xEF | 0xF0);
        let mut at = from;
        loop {
            at += text.as_bytes()[at..].iter().position(is_lead)?;
            let c = text[at..].chars().next()?;
            if matches!(sign(c), Sign::Digit(_)) {
                return Some(Self::read(text, at));
            }
            at += c.len_utf8();
        }
    }

    /// Whether it has the digits of a mobile number, the shortest but for permits, which are not written in groups.
    fn may_hold_a_number(&self) -> bool {
        self.length() >= MOBILE || self.groups.iter().any(|group| group.digits.len() >= FEWEST)
    }

    /// How many digits it has.
    fn length(&self) -> usize {
        self.groups.iter().map(|group| group.digits.len()).sum()
    }

    fn read(text: &str, start: usize) -> Self {
        let mut run = Self { start, end: start, ..Self::default() };
        let mut gap: Option<(Gap, usize)> = None;
        let mut joined = false;
        for (offset, c) in text[start..].char_indices() {
            let range = start + offset..start + offset + c.len_utf8();
            match sign(c) {
                Sign::Digit(digit) => {
                    if !joined {
                        if run.groups.len() == MOST_GROUPS {
                            return run;
                        }
                        run.groups.push(Group {
                            digits: String::new(),
                            range: range.clone(),
                            gap: gap.map(|(gap, _)| gap),
                        });
                    }
                    let group = run.groups.last_mut().expect("one was just begun");
                    group.digits.push(char::from(digit));
                    group.range.end = range.end;
                    run.end = range.end;
                    (gap, joined) = (None, true);
                }
                Sign::Gap(next) => {
                    gap = wider(gap, next);
                    joined = false;
                    if gap.is_none() {
                        return run;
                    }
                }
                Sign::Nothing => {}
                _ => {
                    let is_x = matches!(c, 'x' | 'X' | 'ｘ' | 'Ｘ' | '×') && (gap.is_none() || run.length() == 17);
                    let next = text[range.end..].chars().find(|c| sign(*c) != Sign::Nothing);
                    if is_x && !next.is_some_and(|next| matches!(sign(next), Sign::Letter(_))) {
                        run.end = range.end;
                        run.x = Some(range);
                    }
                    return run;
                }
            }
        }
        run
    }
}

/// One more character of a gap; `None` where it is too wide or mixed to be one.
fn wider(gap: Option<(Gap, usize)>, next: Gap) -> Option<(Gap, usize)> {
    match gap {
        None => Some((next, 1)),
        Some((_, width)) if width == WIDEST_GAP => None,
        // Two ends of lines part paragraphs.
        Some((Gap::Line, _)) if next == Gap::Line => None,
        Some((Gap::Space, width)) => Some((next, width + 1)),
        Some((gap, width)) if matches!(next, Gap::Space | Gap::Line) || next == gap => Some((gap, width + 1)),
        Some(_) => None,
    }
}

/// The groups in which people write 18, 11, 15 and 16 to 19 digits.
const ID_SHAPES: [&[usize]; 5] = [&[18], &[6, 8, 4], &[6, 4, 4, 4], &[6, 4, 2, 2, 4], &[14, 4]];
const MOBILE_SHAPES: [&[usize]; 7] = [&[11], &[3, 4, 4], &[3, 8], &[7, 4], &[4, 3, 4], &[3, 3, 5], &[4, 4, 3]];
const OLD_ID_SHAPES: [&[usize]; 2] = [&[15], &[6, 6, 3]];
const CARD_SHAPES: [&[usize]; 11] = [
    &[16],
    &[17],
    &[18],
    &[19],
    &[4, 4, 4, 4],
    &[4, 4, 4, 4, 1],
    &[4, 4, 4, 4, 2],
    &[4, 4, 4, 4, 3],
    &[6, 10],
    &[6, 13],
    &[6, 4, 4, 5],
];
/// The digits of a mobile number.
const MOBILE: usize = 11;
/// Digit by digit.
const SINGLES: [usize; 18] = [1; 18];

/// Words that say that a number is that of a thing. They stand right before it.
const OF_THINGS: [&str; 40] = [
    "编号",
    "单号",
    "订单",
    "订单号",
    "流水号",
    "序列号",
    "批号",
    "批次",
    "货号",
    "票号",
    "发票号码",
    "发票代码",
    "条形码",
    "条码",
    "证书号",
    "文号",
    "案号",
    "备案号",
    "许可证号",
    "登记号",
    "QQ",
    "QQ群",
    "群号",
    "群",
    "ISBN",
    "ISSN",
    "信用代码",
    "税号",
    "学号",
    "工号",
    "会员号",
    "编码",
    "准考证号",
    "志愿者证号",
    "工作证号",
    "计划号",
    "项目号",
    "阅读量",
    "播放量",
    "点击量",
];
/// Words that say that a number is that of an organisation's account.
const OF_ORGANISATIONS: [&str; 4] = ["信用代码", "税号", "纳税人识别号", "组织机构代码"];
const ID_WORDS: [&str; 3] = ["身份证", "身份号码", "证件号"];
const PASSPORT_WORDS: [&str; 3] = ["护照", "PASSPORT", "证件号"];
const PERMIT_WORDS: [&str; 5] = ["通行证", "台胞证", "回乡证", "PERMIT", "证件号"];
/// What may stand before a mobile number without a space, though it is a letter.
const PHONE_WORDS: [&str; 17] = [
    "TEL", "PHONE", "MOBILE", "MOB", "CELL", "CALL", "PH", "T", "M", "P", "WX", "WEIXIN", "WECHAT", "VX", "V", "SMS",
    "FAX",
];
/// What makes a number an amount.
const UNITS: [&str; 12] = ["元", "万", "亿", "%", "％", "人", "次", "吨", "平方", "美元", "小时", "公里"];

/// How far before a number a word may stand that says what it is, in bytes.
const NEARBY: usize = 60;

/// The search in one run.
struct Search<'a> {
    text: &'a str,
    around: Around<'a>,
    run: &'a Run,
}

impl Search<'_> {
    fn all(&self, found: &mut Vec<Personal>) {
        let mut at = 0;
        while at < self.run.groups.len() {
            let step = self.at(at).map_or(1, |(personal, groups)| {
                found.push(personal);
                groups
            });
            at += step;
        }
    }

    /// The number that begins with a group, and of how many groups it is.
    fn at(&self, at: usize) -> Option<(Personal, usize)> {
        let kinds = [Self::id_card, Self::mobile, Self::bank_card, Self::old_id_card, Self::document];
        kinds.iter().find_map(|kind| kind(self, at))
    }

    fn id_card(&self, at: usize) -> Option<(Personal, usize)> {
        let singles: &[usize] = &SINGLES;
        let whole = ID_SHAPES.iter().chain([&singles]).find_map(|shape| {
            let (number, range) = self.take(at, shape).or_else(|| self.take_with_x(at, shape))?;
            let kind = self.kind_of_id(number.as_bytes(), &range)?;
            Some((Personal { kind, range, number }, shape.len()))
        });
        let broken = || {
            let (number, range) = self.take_broken(at, SINGLES.len())?;
            let kind = self.kind_of_id(number.as_bytes(), &range)?;
            Some((Personal { kind, range, number }, 2))
        };
        // Figures beside each other may look like one: only with the right check digit are groups of other lengths a card.
        let divided = || {
            let (number, range, groups) = self.take_divided(at)?;
            let kind = self.kind_of_id(number.as_bytes(), &range).filter(|kind| *kind == Kind::IdCard)?;
            Some((Personal { kind, range, number }, groups))
        };
        whole.or_else(broken).or_else(divided)
    }

    fn kind_of_id(&self, number: &[u8], range: &Range<usize>) -> Option<Kind> {
        if !has_birthday(number) || self.follows_letter(range.start) {
            return None;
        }
        let is_right = has_id_check(number);
        let of_organisation = self.says(range, &OF_ORGANISATIONS);
        // An organisation's code comes first; but one ID card in 31 would pass as such a code too, and a code that
        // has a day of birth and the check digit of a card is a thousand times rarer.
        if of_organisation && is_credit_code(number) || !is_right && is_credit_code(number) {
            return None;
        }
        match (is_right, self.is_of_a_thing(range.start) && !self.says(range, &ID_WORDS)) {
            (true, _) => Some(Kind::IdCard),
            (false, false) if !of_organisation => Some(Kind::LikeAnIdCard),
            _ => None,
        }
    }

    fn old_id_card(&self, at: usize) -> Option<(Personal, usize)> {
        OLD_ID_SHAPES.iter().find_map(|shape| {
            let (number, range) = self.take(at, shape)?;
            let is_free = !self.is_of_a_thing(range.start) && !self.says(&range, &OF_ORGANISATIONS);
            let is_old = is_old_id(number.as_bytes()) && !self.follows_letter(range.start) && !self.is_amount(&range);
            let is_named = self.says(&range, &ID_WORDS);
            (is_old && (is_free || is_named))
                .then_some((Personal { kind: Kind::LikeAnIdCard, range, number }, shape.len()))
        })
    }

    fn mobile(&self, at: usize) -> Option<(Personal, usize)> {
        let singles = &SINGLES[..MOBILE];
        let whole = MOBILE_SHAPES.iter().chain([&singles]).find_map(|shape| {
            let (number, range) = self.take(at, shape)?;
            let is_free = self.is_free_mobile(at, &number, &range) && !looks_like_years(shape, &number);
            is_free.then_some((Personal { kind: Kind::Mobile, range, number }, shape.len()))
        });
        let broken = || {
            let (number, range) = self.take_broken(at, MOBILE)?;
            let is_free = self.is_free_mobile(at, &number, &range);
            is_free.then_some((Personal { kind: Kind::Mobile, range, number }, 2))
        };
        whole.or_else(|| self.with_prefix(at)).or_else(broken)
    }

    /// Whether it is a mobile number, and nothing around it says that it is something else.
    fn is_free_mobile(&self, at: usize, number: &str, range: &Range<usize>) -> bool {
        is_mobile(number)
            && !self.is_of_a_thing(range.start)
            && !self.is_amount(range)
            && !self.is_fraction(at)
            && self.may_follow(range.start)
    }

    /// `8613812345678`, `008613812345678`, `013812345678`
    fn with_prefix(&self, at: usize) -> Option<(Personal, usize)> {
        let group = &self.run.groups[at];
        let rest = ["0086", "86", "0"].iter().find_map(|prefix| group.digits.strip_prefix(prefix))?;
        if !is_mobile(rest) || self.is_of_a_thing(group.range.start) || !self.may_follow(group.range.start) {
            return None;
        }
        let skipped = group.digits.len() - rest.len();
        let digits = self.text[group.range.clone()].char_indices().filter(|(_, c)| matches!(sign(*c), Sign::Digit(_)));
        let start = group.range.start + digits.map(|(at, _)| at).nth(skipped)?;
        Some((Personal { kind: Kind::Mobile, range: start..group.range.end, number: rest.to_owned() }, 1))
    }

    fn bank_card(&self, at: usize) -> Option<(Personal, usize)> {
        CARD_SHAPES.iter().find_map(|shape| {
            let (number, range) = self.take(at, shape)?;
            let is_card = is_bank_card(number.as_bytes()) && !is_credit_code(number.as_bytes());
            let is_free = !self.follows_letter(range.start)
                && !self.is_of_a_thing(range.start)
                && !self.is_fraction(at)
                && !self.says(&range, &OF_ORGANISATIONS);
            (is_card && is_free).then_some((Personal { kind: Kind::BankCard, range, number }, shape.len()))
        })
    }

    /// A passport or permit: a letter or two, and 7 to 10 digits, where a word says what it is.
    fn document(&self, at: usize) -> Option<(Personal, usize)> {
        let group = &self.run.groups[at];
        let digits = group.digits.as_str();
        if !(7..=10).contains(&digits.len()) {
            return None;
        }
        let letters = letters_before(self.text, group.range.start);
        let (start, word) = letters.first().map_or((group.range.start, String::new()), |(start, _)| {
            (*start, letters.iter().map(|(_, letter)| char::from(*letter)).collect())
        });
        let range = start..group.range.end;
        let is_passport = match (word.as_str(), digits.len()) {
            ("E" | "G" | "D" | "S" | "P" | "H", 8) => true,
            (two, 7) => two.len() == 2 && two.starts_with('E'),
            _ => false,
        };
        let is_permit = match (word.as_str(), digits.len()) {
            ("C" | "T" | "L" | "W", 8) | ("H" | "M", 8 | 10) => true,
            ("", 8 | 10) => self.says(&range, &["台胞证"]),
            (two, 7) => two.len() == 2 && two.starts_with('C'),
            _ => false,
        };
        let is_named =
            is_passport && self.says(&range, &PASSPORT_WORDS) || is_permit && self.says(&range, &PERMIT_WORDS);
        let number = word + digits;
        is_named.then_some((Personal { kind: Kind::Passport, range, number }, 1))
    }

    /// Groups of these lengths with equal gaps between them; none where the gaps go on with a further group, since
    /// `310-138-1234-5678` is something else.
    fn take(&self, at: usize, shape: &[usize]) -> Option<(String, Range<usize>)> {
        let groups = self.run.groups.get(at..at + shape.len())?;
        let fits = groups.iter().zip(shape).all(|(group, length)| group.digits.len() == *length);
        if !fits || !self.stands_alone(at, shape.len()) {
            return None;
        }
        Some((digits(groups), self.bytes(groups)?))
    }

    /// Two groups of so many digits together, where the number is broken by the end of a line.
    fn take_broken(&self, at: usize, length: usize) -> Option<(String, Range<usize>)> {
        let groups = self.run.groups.get(at..at + 2)?;
        let fits = groups[1].gap == Some(Gap::Line) && groups.iter().map(|it| it.digits.len()).sum::<usize>() == length;
        fits.then(|| Some((digits(groups), self.bytes(groups)?))).flatten()
    }

    /// Where groups stand, with the bracket that opens before the first, if it closes behind it.
    fn bytes(&self, groups: &[Group]) -> Option<Range<usize>> {
        let range = groups.first()?.range.start..groups.last()?.range.end;
        if groups.get(1).is_none_or(|group| group.gap != Some(Gap::Bracket)) {
            return Some(range);
        }
        let open = self.text[..range.start].chars().next_back().filter(|c| matches!(c, '(' | '（'))?;
        Some(range.start - open.len_utf8()..range.end)
    }

    /// The same where an X stands for the last digit.
    fn take_with_x(&self, at: usize, shape: &[usize]) -> Option<(String, Range<usize>)> {
        let x = self.run.x.clone()?;
        let (last, head) = shape.split_last()?;
        // A group that is nothing but the X is no group of digits.
        let shorter: Vec<usize> = head.iter().copied().chain((*last > 1).then(|| last - 1)).collect();
        if at + shorter.len() != self.run.groups.len() {
            return None;
        }
        let groups = &self.run.groups[at..];
        let fits = groups.iter().zip(&shorter).all(|(group, length)| group.digits.len() == *length);
        let number: String = groups.iter().map(|group| group.digits.as_str()).chain(["X"]).collect();
        (fits && self.stands_alone(at, shorter.len())).then(|| (number, groups[0].range.start..x.end))
    }

    /// Groups of whatever lengths that together have the digits of an ID card, and how many they are.
    fn take_divided(&self, at: usize) -> Option<(String, Range<usize>, usize)> {
        let mut shape = Vec::new();
        let mut length = 0;
        for group in &self.run.groups[at..] {
            shape.push(group.digits.len());
            length += group.digits.len();
            if length >= SINGLES.len() {
                break;
            }
        }
        let taken = match length {
            18 => self.take(at, &shape),
            17 => {
                *shape.last_mut()? += 1;
                self.take_with_x(at, &shape)
            }
            _ => None,
        };
        taken.map(|(number, range)| (number, range, shape.len()))
    }

    fn stands_alone(&self, at: usize, length: usize) -> bool {
        let groups = &self.run.groups;
        if length == 1 {
            return true;
        }
        let gaps: Vec<Gap> = groups[at + 1..at + length].iter().filter_map(|group| group.gap).collect();
        let (gap, last) = (gaps.first().copied(), gaps.last().copied());
        let equal = gaps.windows(2).all(|pair| pair[0].goes_with(pair[1]));
        // Figures below each other are a column of a table.
        let equal = equal && gaps.iter().filter(|gap| **gap == Gap::Line).count() < 2;
        let goes_on = groups.get(at + length).is_some_and(|next| next.gap == last);
        let came_from =
            at > 0 && groups[at].gap == gap && !matches!(groups[at - 1].digits.as_str(), "86" | "0086" | "0");
        // A list of numbers with spaces in them has spaces between them too, but a row of single digits is one number.
        let is_spaced = gap == Some(Gap::Space) && groups[at].digits.len() > 1;
        equal && (is_spaced || !goes_on && !came_from)
    }

    /// Whether a word right before says that this is the number of a thing; a heading says it of its whole column.
    fn is_of_a_thing(&self, start: usize) -> bool {
        is_of_a_thing(self.text, self.around, start)
    }

    /// Whether one of the words stands nearby.
    fn says(&self, range: &Range<usize>, words: &[&str]) -> bool {
        let before = tail(&self.text[..range.start]).to_ascii_uppercase();
        let after = head(&self.text[range.end..]).to_ascii_uppercase();
        let heading = self.around.heading.to_ascii_uppercase();
        words.iter().any(|word| before.contains(word) || after.contains(word) || heading.contains(word))
    }

    fn follows_letter(&self, start: usize) -> bool {
        !letters_before(self.text, start).is_empty()
    }

    /// A mobile number stands by itself or behind a word such as `Tel`.
    fn may_follow(&self, start: usize) -> bool {
        let letters: String = letters_before(self.text, start).iter().map(|(_, letter)| char::from(*letter)).collect();
        letters.is_empty() || PHONE_WORDS.contains(&letters.as_str())
    }

    /// Whether a unit, a currency or decimals make it an amount; or letters a code.
    fn is_amount(&self, range: &Range<usize>) -> bool {
        let (before, after) = (self.text[..range.start].trim_end(), &self.text[range.end..]);
        let decimals = after.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let letter = after.chars().next().is_some_and(|c| matches!(sign(c), Sign::Letter(_)));
        let unit = UNITS.iter().any(|unit| after.trim_start().starts_with(unit));
        unit || decimals || letter || before.ends_with(['¥', '￥', '$', '€'])
    }

    /// The decimals of a number: `121.13812345678`; but `1.13812345678` at the beginning of a line numbers an entry.
    fn is_fraction(&self, at: usize) -> bool {
        let group = &self.run.groups[at];
        let Some(whole) = at.checked_sub(1).map(|at| &self.run.groups[at]) else { return false };
        let is_joined = self.text[whole.range.end..group.range.start] == *".";
        let line = self.text[..whole.range.start].rsplit('\n').next().unwrap_or_default();
        let is_entry = line.trim().is_empty() && whole.digits.len() < 3 && !whole.digits.starts_with('0');
        is_joined && group.gap == Some(Gap::Dot) && !is_entry
    }
}

fn is_of_a_thing(text: &str, around: Around<'_>, start: usize) -> bool {
    let label = label_before(text, start);
    let label = if label.is_empty() { around.heading.trim() } else { label };
    let label = label.to_ascii_uppercase();
    OF_THINGS.iter().any(|word| label.ends_with(word))
}

fn digits(groups: &[Group]) -> String {
    groups.iter().map(|group| group.digits.as_str()).collect()
}

fn is_mobile(number: &str) -> bool {
    number.len() == MOBILE && matches!(number.as_bytes(), [b'1', b'3'..=b'9', ..])
}

/// `136 2019 2020`: a figure and two years of a table.
fn looks_like_years(shape: &[usize], number: &str) -> bool {
    shape == [3, 4, 4]
        && [&number[3..7], &number[7..]].iter().all(|part| part.starts_with("19") || part.starts_with("20"))
}

/// The ASCII letters right before a byte, each with its place.
fn letters_before(text: &str, end: usize) -> Vec<(usize, u8)> {
    let mut letters = Vec::new();
    for (at, c) in text[..end].char_indices().rev() {
        match sign(c) {
            Sign::Letter(letter) => letters.push((at, letter)),
            Sign::Nothing => {}
            // `a1-138…`: letters with a digit before them are a code.
            Sign::Digit(digit) if !letters.is_empty() => letters.push((at, digit)),
            _ => break,
        }
    }
    letters.reverse();
    letters
}

/// The word before a number, without colons and brackets: `订单号：138…` → `订单号`.
fn label_before(text: &str, start: usize) -> &str {
    let skipped =
        |c: char| c == ' ' || matches!(c, ':' | '：' | '(' | '（' | '#' | '*' | '|' | '“' | '"' | '【' | '为' | '是');
    let label = text[..start].trim_end_matches(skipped).trim_end_matches("No.").trim_end_matches(skipped);
    tail(label).rsplit(['\n', '，', '。', '；', ',', ';']).next().unwrap_or_default()
}

fn tail(text: &str) -> &str {
    let mut start = text.len().saturating_sub(NEARBY);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

fn head(text: &str) -> &str {
    let mut end = text.len().min(NEARBY);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The web addresses in a text: their digits are nobody's.
fn addresses(text: &str) -> Vec<Range<usize>> {
    let ends = |c: char| c.is_whitespace() || !c.is_ascii() || matches!(c, '"' | '\'' | '<' | '>' | ')' | ']');
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let marks = text.match_indices("://").chain(text.match_indices("www."));
    let address = |(at, _): (usize, &str)| {
        let start = at - text[..at].chars().rev().take_while(|c| is_part(*c)).count();
        start..at + text[at..].find(ends).unwrap_or(text.len() - at)
    };
    marks.map(address).collect()
}

/// `一三八一二三四五六七八`, `壹叁捌…`
fn spelled_out(text: &str, found: &mut Vec<Personal>) {
    if !may_spell(text) {
        return;
    }
    for (start, _) in text.char_indices().filter(|(_, c)| spelled(*c) == Some('1')) {
        let digits: Vec<(usize, char)> =
            text[start..].char_indices().map_while(|(at, c)| Some((at + c.len_utf8(), spelled(c)?))).take(12).collect();
        let follows = text[..start].chars().next_back().is_some_and(|c| spelled(c).is_some());
        let number: String = digits.iter().map(|(_, digit)| digit).collect();
        if !follows && is_mobile(&number) {
            found.push(Personal { kind: Kind::Mobile, range: start..start + digits[10].0, number });
        }
    }
}

/// Numbers of which a mask hides so few digits that all that it may be are tried in a minute: `138123456**`, `31010619490312123*`.
fn hardly_masked(text: &str, around: Around<'_>, found: &mut Vec<Personal>) {
    const TOO_FEW: usize = 3;
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '*' | '＊' | 'x' | 'X');
    let mut end = 0;
    for (star, _) in text.match_indices(['*', '＊']) {
        if star < end {
            continue;
        }
        let before = text[..star].chars().rev().take_while(|c| is_part(*c)).map(char::len_utf8).sum::<usize>();
        end = text[star..].find(|c| !is_part(c)).map_or(text.len(), |length| star + length);
        let number: String = text[star - before..end].chars().map(|c| if c == '＊' { '*' } else { c }).collect();
        let stars = number.matches('*').count();
        let as_digits = number.replace('*', "0");
        let kind = match number.len() {
            MOBILE if is_mobile(&as_digits) && !number[..2].contains('*') => Kind::Mobile,
            18 if has_birthday(as_digits.as_bytes()) && !number[..14].contains('*') => Kind::IdCard,
            _ => continue,
        };
        let start = star - before;
        let is_whole = letters_before(text, start).is_empty();
        let is_of_person = !is_product(&number) && !is_of_a_thing(text, around, start);
        if stars <= TOO_FEW
            && is_whole
            && is_of_person
            && as_digits[..as_digits.len() - 1].bytes().all(|byte| byte.is_ascii_digit())
        {
            found.push(Personal { kind, range: start..end, number });
        }
    }
}

/// `180*120*100`, `13500*15000`: factors, of which each is shorter than what a mask leaves of a number.
fn is_product(number: &str) -> bool {
    const LONGEST: usize = 5;
    number.split('*').all(|factor| (1..=LONGEST).contains(&factor.len()))
}

fn spelled(c: char) -> Option<char> {
    Some(match c {
        '零' | '〇' | '○' => '0',
        '一' | '壹' | '幺' => '1',
        '二' | '贰' => '2',
        '三' | '叁' => '3',
        '四' | '肆' => '4',
        '五' | '伍' => '5',
        '六' | '陆' => '6',
        '七' | '柒' => '7',
        '八' | '捌' => '8',
        '九' | '玖' => '9',
        _ => return None,
    })
}

/// Whether a text may hold a number that is spelled out: its eleven digits are 33 bytes, so that it is enough to look at the
/// characters that every 30th byte belongs to.
fn may_spell(text: &str) -> bool {
    (0..text.len()).step_by(3 * (MOBILE - 1)).any(|at| {
        let start = text.floor_char_boundary(at);
        text[start..].chars().next().is_some_and(|c| spelled(c).is_some())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_that_hide_too_little_are_found() {
        let numbers = |text| find(text, Around::default()).into_iter().map(|found| found.masked()).collect::<Vec<_>>();
        assert_eq!(numbers("王某 138123456**，138＊2345678"), ["138****56**", "138****5678"]);
        assert_eq!(numbers("31010619490312123*"), ["31*************23*"]);
        let others = "尺寸180*120*100毫米、13500*15000、订单号：138123456**";
        assert_eq!(numbers(others), <[&str; 0]>::default());
        let enough = "138****1234、138***1234、310106********1234、3101061949****1234、310106194903******、138*5、编号A138123456**";
        assert_eq!(numbers(enough), <[&str; 0]>::default());
    }

    fn shown(text: &str) -> Vec<(Kind, String)> {
        let found = find(text, Around::default());
        found.into_iter().map(|personal| (personal.kind, personal.masked())).collect()
    }

    #[test]
    fn a_number_that_is_spelled_out_is_found_wherever_it_stands() {
        for before in 0..40 {
            let text = format!("{}一三八一二三四五六七八。", "话".repeat(before));
            assert_eq!(shown(&text), [(Kind::Mobile, "138****5678".to_owned())], "{before}");
        }
    }

    #[test]
    fn a_mobile_number_is_found_in_every_written_form() {
        for text in [
            "13812345678",
            "电话13812345678。",
            "电话：138-1234-5678",
            "138 1234 5678",
            "138　1234　5678",
            "138 - 1234 - 5678",
            "138.1234.5678",
            "138·1234·5678",
            "138—1234—5678",
            "138 12345678",
            "1381234 5678",
            "1381 234 5678",
            "138 123 45678",
            "1 3 8 1 2 3 4 5 6 7 8",
            "1-3-8-1-2-3-4-5-6-7-8",
            "１３８１２３４５６７８",
            "１３８-1234-５６７８",
            "𝟏𝟑𝟖𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖",
            "138\u{200b}1234\u{200b}5678",
            "1\u{feff}3812345678",
            "1️⃣3️⃣8️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣",
            "+8613812345678",
            "+86 13812345678",
            "+86-138-1234-5678",
            "+86 138 1234 5678",
            "(+86)13812345678",
            "（86）13812345678",
            "8613812345678",
            "008613812345678",
            "0086-13812345678",
            "013812345678",
            "tel:13812345678",
            "Tel13812345678",
            "微信同号13812345678",
            "wx13812345678",
            "13812345678@163.com",
            "（13812345678）",
            "王阿姨/13812345678/静安",
            "王阿姨_13812345678.jpg",
            "1.13812345678 王某",
            "021-12345678，13812345678",
            "021-12345678 13812345678",
            "一三八一二三四五六七八",
            "幺三八一二三四五六七八",
            "壹叁捌壹贰叁肆伍陆柒捌",
            "138_1234_5678",
            "13812345678转801",
            "13812345678（微信同号）",
            "https://example.org/a 电话13812345678",
            "编号3，电话13812345678",
            "2026年11月23日13812345678",
            "(138)12345678",
            "（138）1234 5678",
            "(138)1234-5678",
            "138/1234/5678",
            "138／1234／5678",
            "1381234\n5678",
            "13812\r\n345678",
            "138 1234\n5678",
            "138-1234-\n5678",
            "电话：138\n1234 5678",
        ] {
            assert_eq!(shown(text), [(Kind::Mobile, "138****5678".to_owned())], "{text}");
        }
    }

    #[test]
    fn several_numbers_are_found_one_by_one() {
        let masks = |text: &str| shown(text).into_iter().map(|(_, masked)| masked).collect::<Vec<_>>();
        assert_eq!(masks("13812345678/13987654321"), ["138****5678", "139****4321"]);
        assert_eq!(masks("138 1234 5678 139 8765 4321"), ["138****5678", "139****4321"]);
        assert_eq!(masks("13812345678-13987654321"), ["138****5678", "139****4321"]);
        assert_eq!(masks("13812345678\n13987654321"), ["138****5678", "139****4321"]);
        assert_eq!(masks("138/1234/5678/139/8765/4321"), Vec::<String>::new());
        assert_eq!(masks("138-1234-5678/139-8765-4321"), ["138****5678", "139****4321"]);
        assert_eq!(masks("王某 11010519491231002X 13812345678"), ["11*************02X", "138****5678"]);
    }

    #[test]
    fn a_range_holds_the_number_as_it_is_written() {
        for (text, written) in [
            ("电话：+86 138-1234-5678。", "138-1234-5678"),
            ("８６１３８１２３４５６７８", "１３８１２３４５６７８"),
            ("（008613812345678）", "13812345678"),
            ("138\u{200b}1234\u{200b}5678\u{200b}", "138\u{200b}1234\u{200b}5678"),
            ("号一三八一二三四五六七八。", "一三八一二三四五六七八"),
            ("证 110105 19491231 002X 号", "110105 19491231 002X"),
            ("护照Ｇ１２３４５６７８。", "Ｇ１２３４５６７８"),
            ("电话（138）1234 5678。", "（138）1234 5678"),
            ("电话1381234\n5678。", "1381234\n5678"),
        ] {
            let found = find(text, Around::default());
            assert_eq!(found.iter().map(|it| &text[it.range.clone()]).collect::<Vec<_>>(), [written]);
        }
    }

    #[test]
    fn id_cards_are_told_by_their_check_digit() {
        for text in [
            "11010519491231002X",
            "身份证号：11010519491231002x。",
            "１１０１０５１９４９１２３１００２Ｘ",
            "110105 19491231 002X",
            "110105-19491231-002X",
            "110105 1949 1231 002X",
            "1 1 0 1 0 5 1 9 4 9 1 2 3 1 0 0 2 X",
            "11010519491231002×",
            "110105194912\u{200b}31002X",
            "编号：11010519491231002X",
        ] {
            assert_eq!(shown(text), [(Kind::IdCard, "11*************02X".to_owned())], "{text}");
        }
        assert_eq!(shown("34052419800101001X"), [(Kind::IdCard, "34*************01X".to_owned())]);
        for text in [
            "310106 194903121239",
            "310106\u{3000}194903121239",
            "310106\u{a0}194903121239",
            "3101 0619 4903 1212 39",
            "310 106 194 903 121 239",
            "31010619490312123 9",
            "王某 310106 194903121239 13812345678",
        ] {
            assert_eq!(shown(text)[0], (Kind::IdCard, "31*************239".to_owned()), "{text}");
        }
        assert_eq!(shown("11010519491231002 X"), [(Kind::IdCard, "11*************02X".to_owned())]);
        assert_eq!(shown("110105 19491231 00 2X"), [(Kind::IdCard, "11*************02X".to_owned())]);
        let like = |text: &str| shown(text).iter().map(|(kind, _)| *kind).collect::<Vec<_>>();
        assert_eq!(like("110105194912310021"), [Kind::LikeAnIdCard]);
        assert_eq!(like("身份证110105491231002"), [Kind::LikeAnIdCard]);
        assert_eq!(like("身份证编号：110105194912310021"), [Kind::LikeAnIdCard]);
    }

    #[test]
    fn bank_cards_passports_and_permits() {
        for (text, kind, masked) in [
            ("卡号 6222021234567890128", Kind::BankCard, "6222***********0128"),
            ("4111 1111 1111 1111", Kind::BankCard, "4111********1111"),
            ("4111-1111-1111-1111", Kind::BankCard, "4111********1111"),
            ("护照 E12345678", Kind::Passport, "E*****678"),
            ("护照号码：Ｇ１２３４５６７８", Kind::Passport, "G*****678"),
            ("passport no. EA1234567", Kind::Passport, "E*****567"),
            ("港澳通行证C12345678", Kind::Passport, "C*****678"),
            ("台胞证 12345678", Kind::Passport, "1****678"),
            ("回乡证H0123456789", Kind::Passport, "H*******789"),
        ] {
            assert_eq!(shown(text), [(kind, masked.to_owned())], "{text}");
        }
        let found = find("E12345678", Around { heading: "护照号" });
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn other_numbers_are_nobodys() {
        for text in [
            "021-62345678",
            "0571-87654321",
            "（021）6234 5678 转 801",
            "021-62345678-13812",
            "400-820-8820",
            "4008208820",
            "95588",
            "12345、12355、110、120",
            "沪静文明办〔2020〕3号",
            "沪ICP备12345678号-1",
            "沪公网安备 31010602000000号",
            "91350100M000100Y43",
            "统一社会信用代码：91350100M000100Y43",
            "统一社会信用代码 911100001000013428",
            "纳税人识别号：310106194912310",
            "订单号：13812345678",
            "快递单号 13812345678",
            "志愿者编号：13812345678",
            "流水号（13812345678）",
            "QQ群：13812345678",
            "QQ：1381234567",
            "群号 13812345678",
            "https://example.org/?id=13812345678",
            "https://example.org/a/11010519491231002X.html",
            "www.example.org/13812345678",
            "13812345678元",
            "13812345678 元",
            "¥13812345678",
            "13812345678.50",
            "共 13812345678 人次",
            "121.13812345678",
            "经度 121.13812345678，纬度 31.13812345678",
            "0.13812345678",
            "1700000000000",
            "1700000000",
            "20261123103000",
            "2026-11-23 10:30:00",
            "2026.11.23 10:30",
            "2026年11月23日10:30至11:30",
            "mmexport1700000000000.jpg",
            "微信图片_20261123103000.jpg",
            "IMG_20261123_103000.jpg",
            "550e8400-e29b-41d4-a716-446655440000",
            "a13812345678b",
            "DD13812345678",
            "13812345678ab",
            "9787020002207",
            "978-7-02-000220-7",
            "ISBN 9787020002207",
            "138****1234",
            "35*************123",
            "6222 **** **** 0128",
            "138xxxx1234",
            "1381234567",
            "138123456789",
            "12812345678",
            "136 2019 2020",
            "310-138-1234-5678",
            "110105194902310021",
            "990105194912310021",
            "4111111111111112",
            "1234567812345670",
            "账号：1001234509876543210",
            "0000000000000000",
            "E12345678",
            "车牌沪E12345",
            "物料 G12345678",
            "C12345678 次列车",
            "200040",
            "1053 + 547 = 1600",
            "310106 + 194903121239 = 194903431345",
            "310106 194903121238",
            "310 106 194 903 121 238",
            "310106 194913121239",
            "1 2 3 4 5 6 7 8 9 10 11",
            "一二三四五六七八九十",
            "一三五七九",
            "二〇二六年一一月二三日",
            "①③⑧①②③④⑤⑥⑦⑧",
            "138\n1234\n5678",
            "138\n\n12345678",
            "（共138）12345678",
            "2026/11/23",
            "136/2019/2020",
            "（1）3812345678",
            "",
        ] {
            assert_eq!(shown(text), [], "{text}");
        }
    }

    #[test]
    fn a_heading_says_what_a_column_holds() {
        let kinds = |text: &str, heading: &str| find(text, Around { heading }).len();
        assert_eq!(kinds("13812345678", "手机号"), 1);
        assert_eq!(kinds("13812345678", "订单编号"), 0);
        assert_eq!(kinds("110105491231002", "身份证号"), 1);
    }
}
