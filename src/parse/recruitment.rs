//! The fields of a recruitment post (招募) and the rules among them.
//!
//! The rules follow the content model and, where they name an article, the regulations on voluntary
//! service (《志愿服务条例》, State Council Order 685).

use serde::{Deserialize, Serialize};

use super::fields::{Field, Fields, Node, Placed};
use super::moment::Moment;
use super::registry::Vocabulary;
use crate::diagnostic::{Text, catalogue};

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Recruitment {
    pub organizer: String,
    pub undertaker: Option<String>,
    pub positions: Vec<Position>,
    pub service_start: Moment,
    pub service_end: Moment,
    pub shifts: Vec<Shift>,
    /// Whether the shifts fill 24 hours.
    pub round_clock: bool,
    /// `None` where the service is on line.
    pub place: Option<ServicePlace>,
    pub online: bool,
    pub apply: Apply,
    pub apply_open: Option<Moment>,
    pub apply_deadline: Moment,
    /// 预报名
    pub pre_registration: bool,
    /// How many have been taken on so far.
    pub recruited: Option<u32>,
    pub age: Option<Age>,
    pub requirements: Option<String>,
    pub risk: String,
    pub insurance: Insurance,
    pub training: Option<String>,
    pub benefits: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Position {
    pub name: String,
    pub count: u32,
    pub tasks: Option<String>,
    pub skills: Vec<String>,
    /// Language tags, e.g. `en`, or names as the editor wrote them.
    pub languages: Vec<String>,
    pub licence: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Shift {
    pub name: String,
    pub start: TimeOfDay,
    pub end: TimeOfDay,
}

/// Minutes since midnight, 24:00 included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TimeOfDay(pub u32);

/// A day in minutes.
pub const DAY: u32 = 24 * 60;

impl std::fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ServicePlace {
    pub name: String,
    pub address: Option<String>,
    pub district: Option<Placed<String>>,
    /// Degrees as the editor wrote them.
    pub lat: Option<String>,
    pub lng: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Apply {
    pub url: Option<String>,
    pub wechat: Option<String>,
    pub phones: Vec<String>,
    pub office: Option<String>,
    pub how: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Age {
    pub min: Option<u32>,
    pub max: Option<u32>,
}

impl Age {
    /// `18—55周岁`; `None` where neither is given.
    pub fn chinese(self) -> Option<String> {
        match (self.min, self.max) {
            (Some(min), Some(max)) => Some(format!("{min}—{max}周岁")),
            (Some(min), None) => Some(format!("{min}周岁以上")),
            (None, Some(max)) => Some(format!("{max}周岁以下")),
            (None, None) => None,
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Insurance {
    pub provided: bool,
    pub kind: Option<String>,
}

impl Recruitment {
    /// How many volunteers are wanted in all.
    pub fn count(&self) -> u64 {
        self.positions.iter().map(|position| u64::from(position.count)).sum()
    }

    pub(super) fn decode(fields: &mut Fields<'_>, vocabulary: &Vocabulary) -> Self {
        // `place: online` and `online: true` mean the same.
        let written_online = |node: &Node<'_>| matches!(node.value.as_str(), Some("online" | "线上"));
        let place_node = fields.node("place", "地点");
        let online = fields.flag("online", "线上") || place_node.as_ref().is_some_and(written_online);
        let place = place_node.as_ref().filter(|node| !written_online(node)).and_then(ServicePlace::decode);
        if place_node.is_none() && !online {
            fields.report_missing("place", "地点");
        }
        if let Some(Placed { value: district, place }) = place.as_ref().and_then(|place| place.district.as_ref())
            && vocabulary.find_district(district).is_err()
        {
            let near = vocabulary.near_districts(district);
            fields.report.push(catalogue::unknown_district_of_place(place.clone(), district, &near));
        }
        if fields.node("contacts", "联系方式").is_none() {
            fields.report_missing("contacts", "联系方式");
        }
        let recruitment = Self {
            organizer: fields.required("organizer", "主办"),
            undertaker: fields.optional("undertaker", "承办"),
            positions: fields.required("positions", "岗位"),
            service_start: fields.required("service_start", "服务开始时间"),
            service_end: fields.required("service_end", "服务结束时间"),
            shifts: fields.list("shifts", "班次"),
            round_clock: fields.flag("round_clock", "全天轮班"),
            place,
            online,
            apply: fields.required("apply", "报名方式"),
            apply_open: fields.optional("apply_open", "报名开始时间"),
            apply_deadline: fields.required("apply_deadline", "报名截止时间"),
            pre_registration: fields.flag("pre_registration", "预报名"),
            recruited: fields.optional("recruited", "已招"),
            age: fields.optional("age", "年龄"),
            requirements: fields.optional("requirements", "要求"),
            risk: fields.required("risk", "风险提示"),
            insurance: fields.required("insurance", "保险"),
            training: fields.optional("training", "培训"),
            benefits: fields.optional("benefits", "保障"),
        };
        recruitment.check(fields);
        recruitment
    }

    /// The rules among the fields. A filler of a field that failed is left alone: its own message is enough.
    fn check(&self, fields: &mut Fields<'_>) {
        let insurance = fields.node("insurance", "保险");
        let insurance_is_given =
            insurance.is_some_and(|node| node.value.is_mapping() && fields.report.is_sound(&node.path));
        let report = |diagnostic| fields.report.push(diagnostic);
        let given = |moment: &Moment| *moment != Moment::default();
        let (start, end) = (&self.service_start, &self.service_end);
        if given(start) && given(end) {
            if end.end() < start.seconds {
                let place = fields.place_of("service_end", "服务结束时间");
                report(catalogue::reversed(place, "service_start", "service_end"));
            } else if end.seconds - start.seconds > 366 * 24 * 60 * 60 {
                report(catalogue::service_too_long(fields.place_of("service_end", "服务结束时间")));
            }
        }
        if given(start) && given(&self.apply_deadline) {
            // A deadline without a time ends with its day; on the first day of the service that is still in order.
            let first_day_ends = if start.has_time { start.seconds } else { start.end() };
            if self.apply_deadline.seconds > first_day_ends {
                report(catalogue::deadline_after_start(fields.place_of("apply_deadline", "报名截止时间")));
            }
        }
        if let Some(open) = &self.apply_open
            && given(&self.apply_deadline)
            && self.apply_deadline.end() < open.seconds
        {
            let place = fields.place_of("apply_open", "报名开始时间");
            report(catalogue::reversed(place, "apply_open", "apply_deadline"));
        }
        if self.round_clock
            && let Err(detail) = tiles_the_day(&self.shifts)
        {
            report(catalogue::shifts_do_not_tile(fields.place_of("shifts", "班次"), &detail));
        }
        if !matches!(self.risk.as_str(), "" | "无") && insurance_is_given && !self.insurance.provided {
            report(catalogue::risk_without_insurance(fields.place_of("insurance", "保险")));
        }
    }
}

/// Whether the shifts cover 24 hours without a gap; overlaps are allowed (people hand over).
fn tiles_the_day(shifts: &[Shift]) -> Result<(), Text> {
    // A shift over midnight (22:00–06:00) is two.
    let mut spans: Vec<(u32, u32)> = Vec::new();
    for shift in shifts {
        let (start, end) = (shift.start.0, shift.end.0);
        if start < end {
            spans.push((start, end));
        } else {
            spans.extend([(start, DAY), (0, end)]);
        }
    }
    spans.sort_unstable();
    let mut covered = 0;
    for (start, end) in spans {
        if start > covered {
            let (from, to) = (TimeOfDay(covered), TimeOfDay(start));
            return Err(Text::new(format!("{from}—{to} 没有人"), format!("nobody from {from} to {to}")));
        }
        covered = covered.max(end);
    }
    if covered < DAY {
        let from = TimeOfDay(covered);
        return Err(Text::new(format!("{from}—24:00 没有人"), format!("nobody from {from} to 24:00")));
    }
    Ok(())
}

impl Field for Position {
    fn decode(node: &Node<'_>) -> Option<Self> {
        node.fields(|fields| Self {
            name: fields.required("name", "名称"),
            count: fields.required("count", "人数"),
            tasks: fields.optional("tasks", "任务"),
            skills: fields.list("skills", "技能"),
            languages: fields.list("languages", "语言"),
            licence: fields.optional("licence", "资质"),
        })
    }
}

impl Field for Shift {
    fn decode(node: &Node<'_>) -> Option<Self> {
        node.fields(|fields| Self {
            name: fields.required("name", "名称"),
            start: fields.required("start", "开始"),
            end: fields.required("end", "结束"),
        })
    }
}

impl Field for TimeOfDay {
    fn decode(node: &Node<'_>) -> Option<Self> {
        let text = String::decode(node)?.replace('：', ":");
        let minutes = text.split_once(':').and_then(|(hours, minutes)| {
            let hours: u32 = hours.parse().ok()?;
            let minutes: u32 = minutes.parse().ok().filter(|minutes| *minutes < 60)?;
            hours.checked_mul(60)?.checked_add(minutes).filter(|total| *total <= DAY)
        });
        if minutes.is_none() {
            node.report.push(catalogue::bad_time(node.place(), &text));
        }
        minutes.map(Self)
    }
}

impl Field for ServicePlace {
    fn decode(node: &Node<'_>) -> Option<Self> {
        node.fields(|fields| Self {
            name: fields.required("name", "名称"),
            address: fields.optional("address", "地址"),
            district: fields.optional("district", "区域"),
            lat: fields.optional::<f64>("lat", "纬度").map(|degrees| degrees.to_string()),
            lng: fields.optional::<f64>("lng", "经度").map(|degrees| degrees.to_string()),
        })
    }
}

impl Field for Apply {
    fn decode(node: &Node<'_>) -> Option<Self> {
        let apply = node.fields(|fields| Self {
            url: fields.web_address("url", "网址"),
            wechat: fields.optional("wechat", "微信"),
            phones: fields.phones("phone", "电话"),
            office: fields.optional("office", "地点"),
            how: fields.optional("how", "方法"),
        })?;
        if apply == Self::default() {
            node.report.push(catalogue::no_way_to_apply(node.place()));
        }
        Some(apply)
    }
}

impl Field for Age {
    fn decode(node: &Node<'_>) -> Option<Self> {
        let age = node
            .fields(|fields| Self { min: fields.optional("min", "最小"), max: fields.optional("max", "最大") })?;
        if let (Some(min), Some(max)) = (age.min, age.max)
            && min > max
        {
            node.report.push(catalogue::age_reversed(node.place()));
        }
        Some(age)
    }
}

impl Field for Insurance {
    fn decode(node: &Node<'_>) -> Option<Self> {
        node.fields(|fields| Self {
            provided: fields.required("provided", "提供"),
            kind: fields.optional("kind", "险种"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(shifts: &[(u32, u32)], expected: Result<(), &str>) {
        let shifts: Vec<Shift> = shifts
            .iter()
            .map(|(start, end)| Shift { name: String::new(), start: TimeOfDay(start * 60), end: TimeOfDay(end * 60) })
            .collect();
        assert_eq!(tiles_the_day(&shifts).map_err(|detail| detail.zh), expected.map_err(str::to_owned));
    }

    #[test]
    fn shifts_fill_the_day() {
        check(&[(0, 8), (8, 16), (16, 24)], Ok(()));
        check(&[(22, 6), (6, 14), (14, 22)], Ok(()));
        check(&[(0, 9), (8, 16), (16, 24)], Ok(()));
        check(&[(0, 8), (9, 16), (16, 24)], Err("08:00—09:00 没有人"));
        check(&[(0, 8)], Err("08:00—24:00 没有人"));
        check(&[], Err("00:00—24:00 没有人"));
    }
}
