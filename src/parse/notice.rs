//! The fields of a notice (通知公告), after GB/T 9704-2012.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::fields::{Field, Fields, Node};
use super::moment::Moment;
use super::numerals;
use crate::diagnostic::catalogue;

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Notice {
    pub kind: NoticeKind,
    /// 发文字号
    pub document_number: Option<String>,
    /// 发文机关
    pub issuer: String,
    /// 成文日期
    pub issued: Moment,
    /// 主送; `None` where the body begins with it, as one does that was pasted from the whole document.
    pub addressee: Option<String>,
    pub effect: Option<Effect>,
    /// 索引号
    pub index_number: Option<String>,
    /// 主题分类
    pub category: Option<String>,
    /// For a 公示.
    pub publicity: Option<Publicity>,
    /// Whether issuer and date stand under the body's text already.
    pub signed: bool,
}

/// 文种
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct NoticeKind(pub &'static str);

/// 公示
const PUBLIC_COMMENT: NoticeKind = NoticeKind("公示");
const KINDS: [&str; 6] = ["通知", "公告", "公示", "通报", "通告", "倡议书"];

/// 有效性
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Effect(pub &'static str);

const EFFECTS: [&str; 4] = ["有效", "失效", "废止", "修改"];

impl Serialize for NoticeKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'d> Deserialize<'d> for NoticeKind {
    fn deserialize<D: Deserializer<'d>>(deserializer: D) -> Result<Self, D::Error> {
        word_of(&KINDS, <&str>::deserialize(deserializer)?).map(Self)
    }
}

impl Serialize for Effect {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'d> Deserialize<'d> for Effect {
    fn deserialize<D: Deserializer<'d>>(deserializer: D) -> Result<Self, D::Error> {
        word_of(&EFFECTS, <&str>::deserialize(deserializer)?).map(Self)
    }
}

/// The word of a closed list that a text is.
fn word_of<E: serde::de::Error>(words: &[&'static str], text: &str) -> Result<&'static str, E> {
    words.iter().copied().find(|word| *word == text).ok_or_else(|| E::custom("an unknown word"))
}

/// 公示: its period and how to respond.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Publicity {
    pub start: Moment,
    pub end: Moment,
    pub feedback: Feedback,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Feedback {
    pub phones: Vec<String>,
    pub email: Option<String>,
    pub address: Option<String>,
    pub unit: Option<String>,
}

impl Notice {
    /// Whether the period of a 公示 runs at this moment.
    pub fn is_public(&self, now: &Moment) -> bool {
        let runs = |period: &Publicity| (period.start.seconds..=period.end.end()).contains(&now.seconds);
        self.publicity.as_ref().is_some_and(runs)
    }

    /// `lead` is how the body begins, `markdown` all of it as it was typed.
    pub(super) fn decode(fields: &mut Fields<'_>, lead: &str, markdown: &str) -> Self {
        let addressee: Option<String> = fields.optional("addressee", "主送");
        let kind = fields.required("kind", "文种");
        let period: Option<Period> = fields.optional("publicity", "公示期");
        let feedback: Option<Feedback> = fields.optional("feedback", "意见反馈");
        if kind == PUBLIC_COMMENT {
            for (key, alias) in [("publicity", "公示期"), ("feedback", "意见反馈")] {
                if fields.node(key, alias).is_none() {
                    fields.report_missing(key, alias);
                }
            }
        }
        let document_number = fields.optional("document_number", "发文字号");
        let issuer: String = fields.required("issuer", "发文机关");
        let issued: Moment = fields.required("issued", "成文日期");
        Self {
            kind,
            document_number,
            signed: is_signed(markdown, &issuer, &issued),
            issuer,
            issued,
            addressee: addressee.filter(|addressee| !begins_with(lead, addressee)),
            effect: fields.optional("effect", "有效性"),
            index_number: fields.optional("index_number", "索引号"),
            category: fields.optional("category", "主题分类"),
            publicity: period.map(|period| Publicity {
                start: period.start,
                end: period.end,
                feedback: feedback.unwrap_or_default(),
            }),
        }
    }
}

fn begins_with(lead: &str, addressee: &str) -> bool {
    lead.starts_with(addressee.trim_end_matches(['：', ':']))
}

/// Whether a body holds the signature (GB/T 9704-2012, 7.3.5): a unit alone on a line, and the date of issue on the next one, or
/// the issuer with the date. Annotations and attachments may follow. Text that only mentions both is none.
fn is_signed(markdown: &str, issuer: &str, issued: &Moment) -> bool {
    // Prose is part of no signature, but stands between its lines.
    let is_prose = |line: &str| line.contains(['，', '。']);
    let bare_unless_prose = |line: &str| if is_prose(line) { "。".to_owned() } else { bare(line) };
    let lines: Vec<String> = markdown.lines().map(bare_unless_prose).filter(|line| !line.is_empty()).collect();
    let (issuer, date) = (bare(issuer), issued.chinese());
    let is_date = |text: &str| {
        let unpadded = || text.replace("年0", "年").replace("月0", "月");
        text == issued.iso() || numerals::arabic_date(text).unwrap_or_else(unpadded) == date
    };
    let is_unit = |line: &str| names_unit(line) || line.contains(&issuer) && !line.contains(['，', '。', '：']);
    let stand_below = lines.windows(2).any(|pair| is_unit(&pair[0]) && is_date(&pair[1]));
    stand_below || lines.iter().any(|line| line.strip_prefix(&issuer).is_some_and(is_date))
}

/// A line without spaces, tags, and marks of emphasis, quotation and line breaks.
pub fn bare(line: &str) -> String {
    let mut in_tag = false;
    let is_text = |c: &char| {
        let is_bracket = matches!(c, '<' | '>');
        in_tag = if is_bracket { *c == '<' } else { in_tag };
        !in_tag && !is_bracket && !c.is_whitespace() && !matches!(c, '*' | '\\')
    };
    line.chars().filter(is_text).collect()
}

/// Whether a line is the name of a unit and nothing else.
pub fn names_unit(line: &str) -> bool {
    let ends =
        ["办", "会", "局", "中心", "委", "部", "府", "院", "公室", "辦", "會", "處", "处", "组", "队", "站", "所"];
    (4..=40).contains(&line.chars().count())
        && ends.iter().any(|end| line.ends_with(end))
        && !line.contains(['，', '。', '：'])
}

impl Field for NoticeKind {
    fn decode(node: &Node<'_>) -> Option<Self> {
        node.word(&KINDS.map(|kind| (kind, Self(kind))))
    }
}

impl Field for Effect {
    fn decode(node: &Node<'_>) -> Option<Self> {
        node.word(&EFFECTS.map(|effect| (effect, Self(effect))))
    }
}

struct Period {
    start: Moment,
    end: Moment,
}

impl Field for Period {
    fn decode(node: &Node<'_>) -> Option<Self> {
        let period = node
            .fields(|fields| Self {
                start: fields.required("start", "开始"), end: fields.required("end", "结束")
            })?;
        if period.end.end() < period.start.seconds && period.end != Moment::default() {
            node.report.push(catalogue::reversed(node.place(), "start", "end"));
        }
        Some(period)
    }
}

impl Field for Feedback {
    fn decode(node: &Node<'_>) -> Option<Self> {
        let feedback = node.fields(|fields| Self {
            phones: fields.phones("phone", "电话"),
            email: fields.email("email", "邮箱"),
            address: fields.optional("address", "地址"),
            unit: fields.optional("unit", "单位"),
        })?;
        if feedback.phones.is_empty() && feedback.email.is_none() && feedback.address.is_none() {
            node.report.push(catalogue::no_feedback(node.place()));
        }
        Some(feedback)
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn a_signature_stands_on_lines_of_its_own() {
        let issued = Moment::parse("2026-11-20", &TimeZone::UTC).expect("a date");
        let check =
            |markdown: &str, expected| assert_eq!(is_signed(markdown, "示例区文明办", &issued), expected, "{markdown}");
        check("请报名。\n\n示例区文明办\n\n2026年11月20日\n", true);
        check("请报名。\n\n　　示例区文明办\\\n　　二〇二六年十一月二十日", true);
        check("请报名。\n\n**示例区文明办** 2026-11-20\n\n（联系人：王老师）", true);
        check("<p align=\"right\">示例区文明办<br>2026年11月20日</p>", true);
        check("示例区精神文明建设办公室\n示例区教育局\n2026 年 11 月 20 日", true);
        check("本通知由示例区文明办解释，自2026年11月20日起施行。", false);
        check("2026年11月20日，示例区文明办召开会议。\n\n请报名。", false);
        check("示例区文明办将于2026年11月20日公布名单。\n\n联系人：王老师。", false);
        check("报名时间\n\n2026年11月20日", false);
        check("示例区文明办\n\n2026年11月21日", false);
        check(&format!("示例区文明办\n2026年11月20日\n\n附件\n{}", "名单。\n".repeat(20)), true);
        check("", false);
    }
}
