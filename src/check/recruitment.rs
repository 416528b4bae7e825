//! What the rules on volunteering ask of a recruitment post, beyond what a build demands already.
//!
//! After 《志愿服务条例》 (Order 685 of the State Council) and the rules of publication of volunteer systems: true and
//! whole information, risks, training, insurance, exact times and places. Start at [`item`].

mod body;

use super::rule::{Family, Finding, Rule};
use super::subject::{Context, ItemFile};
use crate::diagnostic::{Place, Text};
use crate::parse::item::Detail;
use crate::parse::recruitment::{DAY, Position, Recruitment, Shift};

pub const RULES: &[Rule] = &[
    RISK_NOT_STATED,
    VAGUE_RISK,
    INSURANCE_WITHOUT_KIND,
    SKILL_WITHOUT_TRAINING,
    DEADLINE_WITHOUT_TIME,
    NO_SERVICE_HOURS,
    VAGUE_ADDRESS,
    IMPLAUSIBLE_COUNT,
    PUBLISHED_TOO_LATE,
    MINORS_WITHOUT_CONSENT,
    CONTACT_WITHOUT_HOURS,
    OVERLAPPING_SHIFTS,
    BODY_DIFFERS,
];

const RISK_NOT_STATED: Rule = Rule::warning(
    Family::Recruitment,
    "risk-not-stated",
    "明显有风险的活动写着没有风险",
    "a risky activity that claims to have no risks",
);
const VAGUE_RISK: Rule =
    Rule::warning(Family::Recruitment, "vague-risk", "风险提示没有写明是什么风险", "a risk that is not named");
const INSURANCE_WITHOUT_KIND: Rule = Rule::warning(
    Family::Recruitment,
    "insurance-without-kind",
    "没有写明保险的险种",
    "an insurance whose kind is not named",
);
const SKILL_WITHOUT_TRAINING: Rule = Rule::warning(
    Family::Recruitment,
    "skill-without-training",
    "需要专门技能的岗位没有写培训",
    "a special skill without training",
);
const DEADLINE_WITHOUT_TIME: Rule = Rule::warning(
    Family::Recruitment,
    "deadline-without-time",
    "报名截止没有写到几点几分",
    "a deadline without a time of day",
);
const NO_SERVICE_HOURS: Rule =
    Rule::warning(Family::Recruitment, "no-service-hours", "没有写每天几点到几点服务", "a service without hours");
const VAGUE_ADDRESS: Rule =
    Rule::warning(Family::Recruitment, "vague-address", "地址没有写到门牌号", "an address without a house number");
const IMPLAUSIBLE_COUNT: Rule =
    Rule::warning(Family::Recruitment, "implausible-count", "招募人数不合理", "a count that cannot be right");
const PUBLISHED_TOO_LATE: Rule = Rule::warning(
    Family::Recruitment,
    "published-too-late",
    "发布时报名已截止，或活动已开始",
    "published after the deadline or the start",
);
const MINORS_WITHOUT_CONSENT: Rule = Rule::warning(
    Family::Recruitment,
    "minors-without-consent",
    "招募未成年人没有写监护人同意",
    "minors without their guardians' consent",
);
const CONTACT_WITHOUT_HOURS: Rule = Rule::warning(
    Family::Recruitment,
    "contact-without-hours",
    "联系电话没有写接听时间",
    "a telephone without office hours",
);
const OVERLAPPING_SHIFTS: Rule =
    Rule::warning(Family::Recruitment, "overlapping-shifts", "班次的时间互相重叠", "shifts that overlap");
const BODY_DIFFERS: Rule = Rule::warning(
    Family::Recruitment,
    "body-differs",
    "正文写的截止、时间、人数或年龄与登记的不一致",
    "a text that names another deadline, day, count or age than the front matter",
);

/// Words that tell of a danger, where an activity's own fields use them.
const DANGERS: &[&str] = &[
    // Heights
    "高处",
    "高空",
    "登高",
    "攀爬",
    "攀岩",
    "登山",
    "爬山",
    "爬梯",
    "脚手架",
    "屋顶",
    "楼顶",
    "外墙",
    // Night
    "夜间",
    "通宵",
    "夜班",
    "深夜",
    // Traffic
    "骑行",
    "骑车",
    "交通",
    "路口",
    "车行道",
    "高速公路",
    "马拉松",
    // Water and ice
    "水上",
    "水域",
    "临水",
    "涉水",
    "下河",
    "下湖",
    "河道",
    "河岸",
    "江边",
    "海边",
    "水库",
    "泳",
    "划船",
    "皮划艇",
    "龙舟",
    "漂流",
    "清淤",
    "溺水",
    "冰面",
    "冰上",
    "滑冰",
    "滑雪",
    // Weather
    "高温",
    "酷暑",
    "严寒",
    "台风",
    "防汛",
    "抗洪",
    "洪水",
    "暴雨",
    "暴雪",
    "扫雪",
    "铲雪",
    "除冰",
    "铲冰",
    // Loads, fire, chemicals, works, animals, disease
    "搬运",
    "燃气",
    "灭火",
    "明火",
    "山火",
    "烟花",
    "焰火",
    "农药",
    "化学品",
    "施工",
    "工地",
    "抢险",
    "救援",
    "流浪犬",
    "流浪狗",
    "传染病",
];
/// Skills for which people must be trained, or have been.
const SPECIAL_SKILLS: [&str; 10] = ["急救", "救护", "救生", "医疗", "护理", "心理", "潜水", "驾驶", "电工", "消防"];
/// All that a sentence about risks may consist of without naming any.
const FILLERS: &[&str] = &[
    "风险",
    "危险",
    "一定",
    "存在",
    "可能",
    "安全",
    "注意",
    "自身",
    "自行",
    "承担",
    "自负",
    "自担",
    "责任",
    "后果",
    "志愿者",
    "志愿服务",
    "活动",
    "期间",
    "过程",
    "各类",
    "相关",
    "较低",
    "较小",
    "提示",
    "人身",
    "意外",
    "小心",
    "请",
    "的",
    "有",
    "中",
    // What only points elsewhere
    "详见",
    "参见",
    "正文",
    "下文",
    "上文",
    "附件",
    "公告",
    "通知",
    "说明",
    "另行",
    "现场",
    "告知",
    "待定",
    "同上",
    "如下",
    "略",
    "见",
    "下",
];
/// Texts that say that there are none.
const NONE: &[&str] = &[
    "无",
    "没有",
    "暂无",
    "无风险",
    "没有风险",
    "零风险",
    "无明显风险",
    "没有明显风险",
    "基本无风险",
    "无特殊风险",
    "无任何风险",
    "没有任何风险",
    "不存在风险",
    "不涉及风险",
];
/// What an exact address holds.
const EXACT: [&str; 12] = ["号", "弄", "楼", "室", "幢", "栋", "座", "层", "路口", "交叉口", "出口", "入口"];
const GUARDIANS: [&str; 4] = ["监护人", "家长", "法定代理人", "父母"];
/// More people than these for one post are a slip.
const MOST: u32 = 10_000;
/// Minutes during which two shifts hand over.
const HAND_OVER: u32 = 60;

/// The rules of this family.
pub fn item(file: &ItemFile<'_>, _: &Context<'_>) -> Vec<Finding> {
    let Detail::Recruitment(post) = &file.item.detail else { return Vec::new() };
    let checks: [fn(&ItemFile<'_>, &Recruitment) -> Option<Finding>; 11] = [
        risk,
        insurance,
        training,
        deadline,
        service_hours,
        address,
        recruited,
        published,
        minors,
        contact_hours,
        overlapping_shifts,
    ];
    let counts = post.positions.iter().enumerate().filter_map(|(index, position)| count(file, index, position));
    checks.iter().filter_map(|check| check(file, post)).chain(counts).chain(body::differs(file, post)).collect()
}

fn risk(file: &ItemFile<'_>, post: &Recruitment) -> Option<Finding> {
    let place = file.place_of(&[("risk", "风险提示")]);
    if is_none(&post.risk) {
        let danger = danger(file, post).filter(|_| !post.online)?;
        let message = Text::new(
            format!("写着没有风险，可是活动涉及“{danger}”"),
            format!("no risk is stated, but the activity involves \"{danger}\""),
        );
        return Some(RISK_NOT_STATED.finds(place, &post.risk, message).help(
            "写明具体的风险，并在活动前办好保险（《志愿服务条例》第十二条、第十三条、第十七条）",
            "name the risks, and insure the volunteers beforehand (Volunteer Service Regulations, art. 12, 13 and 17)",
        ));
    }
    let message = || Text::new("风险提示没有写明是什么风险", "the risk is not named");
    is_vague(&post.risk).then(|| {
        VAGUE_RISK.finds(place, &post.risk, message()).help(
            "写具体，例如“夜间值守，注意台阶湿滑”（《志愿服务条例》第十二条、第十三条）",
            "be exact, e.g. “night watch, slippery steps” (Volunteer Service Regulations, art. 12 and 13)",
        )
    })
}

fn is_none(risk: &str) -> bool {
    NONE.contains(&risk.trim().trim_end_matches('。'))
}

/// Whether nothing is left of a text about risks when all that names none is taken away.
fn is_vague(risk: &str) -> bool {
    let rest = FILLERS.iter().fold(risk.to_owned(), |rest, filler| rest.replace(filler, ""));
    !rest.chars().any(char::is_alphanumeric)
}

/// The first danger that the post's own fields tell of; its story may tell of anything.
fn danger(file: &ItemFile<'_>, post: &Recruitment) -> Option<String> {
    let mut texts = vec![file.item.front_matter.title.as_str()];
    texts.extend(
        post.positions.iter().flat_map(|position| [Some(position.name.as_str()), position.tasks.as_deref()]).flatten(),
    );
    texts.extend(post.requirements.as_deref());
    texts.extend(post.shifts.iter().map(|shift| shift.name.as_str()));
    let word = DANGERS.iter().find(|word| texts.iter().any(|text| text.contains(*word)));
    word.map(|word| (*word).to_owned()).or_else(|| {
        let is_at_night = |shift: &&Shift| shift.start.0 < 5 * 60 || shift.end <= shift.start || shift.end.0 > 22 * 60;
        post.shifts.iter().find(is_at_night).map(|shift| format!("{}—{}", shift.start, shift.end))
    })
}

fn insurance(file: &ItemFile<'_>, post: &Recruitment) -> Option<Finding> {
    let is_unnamed = post.insurance.provided && post.insurance.kind.is_none();
    let message = || Text::new("提供保险，却没有写明险种", "insurance is provided, but its kind is not named");
    is_unnamed.then(|| {
        INSURANCE_WITHOUT_KIND.finds(file.place_of(&[("insurance", "保险")]), "", message()).help(
            "写上 kind（险种），例如 人身意外伤害保险（《志愿服务条例》第十七条）",
            "add `kind`, e.g. 人身意外伤害保险, accident insurance (Volunteer Service Regulations, art. 17)",
        )
    })
}

fn training(file: &ItemFile<'_>, post: &Recruitment) -> Option<Finding> {
    if post.training.is_some() {
        return None;
    }
    let is_special = |skill: &&String| SPECIAL_SKILLS.iter().any(|special| skill.contains(special));
    let asked =
        |position: &Position| position.licence.clone().or_else(|| position.skills.iter().find(is_special).cloned());
    let (index, asked) =
        post.positions.iter().enumerate().find_map(|(index, position)| Some((index, asked(position)?)))?;
    let index = index.to_string();
    let message = Text::new(
        format!("岗位要求“{asked}”，却没有写培训"),
        format!("a position asks for \"{asked}\", but no training is named"),
    );
    let place = file.place_of(&[("positions", "岗位"), (&index, &index)]);
    Some(SKILL_WITHOUT_TRAINING.finds(place, &asked, message).help(
        "写上 training（培训）：需要专门知识、技能的，要先培训（《志愿服务条例》第十六条）",
        "add `training`: where special skills are needed, volunteers are trained (Volunteer Service Regulations, art. 16)",
    ))
}

fn deadline(file: &ItemFile<'_>, post: &Recruitment) -> Option<Finding> {
    let message = || Text::new("报名截止没有写到几点几分", "the deadline has no time of day");
    (!post.apply_deadline.has_time).then(|| {
        let day = post.apply_deadline.iso();
        DEADLINE_WITHOUT_TIME.finds(file.place_of(&[("apply_deadline", "报名截止时间")]), "", message()).help(
            format!("写成 {day} 18:00 这样，读者才知道当天还能不能报名"),
            format!("write e.g. {day} 18:00, so that people know whether they can still apply on that day"),
        )
    })
}

fn service_hours(file: &ItemFile<'_>, post: &Recruitment) -> Option<Finding> {
    let has_none = post.shifts.is_empty() && !post.service_start.has_time;
    let message = || Text::new("没有写每天几点到几点服务", "the hours of the service are missing");
    has_none.then(|| {
        NO_SERVICE_HOURS.finds(file.place_of(&[("service_start", "服务开始时间")]), "", message()).help(
            "写上 shifts（班次），或者把服务开始、结束时间写到几点几分",
            "add `shifts`, or write the start and end of the service with their times of day",
        )
    })
}

fn address(file: &ItemFile<'_>, post: &Recruitment) -> Option<Finding> {
    let place = post.place.as_ref()?;
    let written = place.address.as_deref().unwrap_or_default();
    if EXACT.iter().any(|mark| written.contains(mark)) {
        return None;
    }
    let (at, message) = match place.address {
        Some(_) => (
            file.place_of(&[("place", "地点"), ("address", "地址")]),
            Text::new(
                format!("地址“{written}”没有写到门牌号"),
                format!("the address \"{written}\" has no house number"),
            ),
        ),
        None => (file.place_of(&[("place", "地点")]), Text::new("地点没有写地址", "the place has no address")),
    };
    Some(VAGUE_ADDRESS.finds(at, written, message).help(
        "写到几号几弄，例如 秣陵路303号，志愿者才找得到",
        "write it to the house number, e.g. 秣陵路303号, so that volunteers find it",
    ))
}

fn count(file: &ItemFile<'_>, index: usize, position: &Position) -> Option<Finding> {
    let count = position.count;
    if (1..=MOST).contains(&count) {
        return None;
    }
    let index = index.to_string();
    let message = Text::new(
        format!("岗位“{}”招募 {count} 人，不合理", position.name),
        format!("{count} people for the position \"{}\" cannot be right", position.name),
    );
    let place = file.place_of(&[("positions", "岗位"), (&index, &index), ("count", "人数")]);
    Some(IMPLAUSIBLE_COUNT.finds(place, "", message).help("核对人数", "see whether the count is right"))
}

fn recruited(file: &ItemFile<'_>, post: &Recruitment) -> Option<Finding> {
    let (recruited, count) = (post.recruited?, post.count());
    let message = || {
        Text::new(
            format!("已招 {recruited} 人，多于招募的 {count} 人"),
            format!("{recruited} were taken on, more than the {count} that are wanted"),
        )
    };
    (u64::from(recruited) > count).then(|| {
        IMPLAUSIBLE_COUNT
            .finds(file.place_of(&[("recruited", "已招")]), "", message())
            .help("核对已招人数，或增加岗位人数", "see whether it is right, or raise the counts of the positions")
    })
}

fn published(file: &ItemFile<'_>, post: &Recruitment) -> Option<Finding> {
    let date = file.item.front_matter.date?;
    let message = if date.seconds > post.service_start.end() {
        Text::new("发布时活动已经开始", "the activity had begun when this was published")
    } else if date.seconds > post.apply_deadline.end() {
        Text::new("发布时报名已经截止", "the deadline had passed when this was published")
    } else {
        return None;
    };
    Some(PUBLISHED_TOO_LATE.finds(file.place_of(&[("date", "发布时间")]), "", message).help(
        "招募只发布还没有开始的活动；已经开始的，请写成要闻",
        "recruit only for what is still to come; of what has begun, write in the news",
    ))
}

fn minors(file: &ItemFile<'_>, post: &Recruitment) -> Option<Finding> {
    let min = post.age?.min.filter(|min| *min < 18)?;
    if file.text.passages.iter().any(|passage| GUARDIANS.iter().any(|word| passage.text.contains(word))) {
        return None;
    }
    let message = Text::new(
        format!("{min} 岁的未成年人可以报名，却没有写须监护人同意"),
        format!("people of {min} may apply, but their guardians' consent is not asked for"),
    );
    Some(MINORS_WITHOUT_CONSENT.finds(file.place_of(&[("age", "年龄"), ("min", "最小")]), "", message).help(
        "在要求里写明：未满18周岁的，须经监护人同意；岗位要与年龄相适应（《志愿服务条例》第十五条）",
        "ask for the consent of a guardian below 18; tasks must suit their age (Volunteer Service Regulations, art. 15)",
    ))
}

fn contact_hours(file: &ItemFile<'_>, _: &Recruitment) -> Option<Finding> {
    let contacts = &file.item.front_matter.contacts;
    let has_phone = contacts.iter().any(|contact| !contact.phones.is_empty());
    let has_hours = contacts.iter().any(|contact| contact.hours.is_some());
    let message = || Text::new("联系电话没有写接听时间", "the telephone has no office hours");
    (has_phone && !has_hours).then(|| {
        CONTACT_WITHOUT_HOURS
            .finds(file.place_of(&[("contacts", "联系方式")]), "", message())
            .help("写上 hours（时间），例如 \"9:00-17:00\"", "add `hours`, e.g. \"9:00-17:00\"")
    })
}

/// Shifts of the same hours are groups that work side by side, and one within another is a part of it.
fn overlapping_shifts(file: &ItemFile<'_>, post: &Recruitment) -> Option<Finding> {
    // One that ends before it begins ends on the next day.
    let minutes = |shift: &Shift| (shift.start.0, shift.end.0 + if shift.end <= shift.start { DAY } else { 0 });
    let crosses = |a: &Shift, b: &Shift| {
        let ((a_start, a_end), (b_start, b_end)) = (minutes(a), minutes(b));
        let overlaps =
            |b_start, b_end| a_start < b_start && b_start < a_end && a_end < b_end && a_end - b_start > HAND_OVER;
        overlaps(b_start, b_end) || overlaps(b_start + DAY, b_end + DAY)
    };
    let mut pairs = post.shifts.iter().flat_map(|a| post.shifts.iter().map(move |b| (a, b)));
    let (first, second) = pairs.find(|(a, b)| !post.round_clock && crosses(a, b))?;
    let message = Text::new(
        format!("班次“{}”和“{}”重叠：{}—{}", first.name, second.name, second.start, first.end),
        format!("the shifts \"{}\" and \"{}\" overlap from {} to {}", first.name, second.name, second.start, first.end),
    );
    let place: Place = file.place_of(&[("shifts", "班次")]);
    Some(OVERLAPPING_SHIFTS.finds(place, &second.name, message).help(
        "核对时间；交接最多一小时，同时上岗的几组请写同样的时间",
        "see whether the hours are right; shifts hand over in an hour, and groups side by side have the same hours",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_may_say_that_there_are_no_risks() {
        assert!(is_none("无。") && is_none(" 无明显风险"));
        assert!(!is_none("无照明的路段") && !is_none("略"));
    }

    #[test]
    fn a_vague_risk_names_nothing() {
        for vague in [
            "有一定风险",
            "请注意安全。",
            "活动存在风险，请志愿者自行承担",
            "注意人身安全",
            "风险自负",
            "后果自负。",
            "略",
            "详见正文",
            "见下",
            "见下文。",
            "详见附件",
            "待定",
        ] {
            assert!(is_vague(vague), "{vague}");
        }
        for exact in [
            "夜间值守",
            "注意台阶湿滑",
            "人流密集，请注意安全",
            "户外活动，注意保暖。",
            "交通风险",
            "可能接触患者",
            "地下空间缺氧",
            "下雨路滑",
        ] {
            assert!(!is_vague(exact), "{exact}");
        }
    }
}
