//! What has not been updated in time, and what falls due next.
//!
//! The home page and each column have a limit in days; a column without any items is empty. Only the date of
//! publication counts: an item without one is no update, and neither is a draft or what is still to come; what has
//! expired was one on its day. Start at [`forecast`].

use jiff::civil::Date;

use super::rule::{Family, Finding, Rule};
use super::subject::Context;
use crate::diagnostic::{FilePath, Place, Text};
use crate::parse::check::Freshness;
use crate::parse::item::ItemType;
use crate::parse::moment::Moment;
use crate::parse::registry::{Column, ColumnId};
use crate::site::Page;
use crate::source::SITE_FILE;

pub const RULES: &[Rule] = &[STALE_HOME, STALE_COLUMN, MANY_STALE_COLUMNS, EMPTY_COLUMN, MANY_EMPTY_COLUMNS, DUE_SOON];

const STALE_HOME: Rule =
    Rule::error(Family::Freshness, "stale-home", "首页超过期限没有更新", "a home page with nothing new in time");
const STALE_COLUMN: Rule =
    Rule::warning(Family::Freshness, "stale-column", "栏目超过期限没有更新", "a column with nothing new in time");
const MANY_STALE_COLUMNS: Rule = Rule::error(
    Family::Freshness,
    "many-stale-columns",
    "不更新的栏目达到单项否决的数量",
    "so many stale columns that the site fails",
);
const EMPTY_COLUMN: Rule = Rule::warning(Family::Freshness, "empty-column", "空白栏目", "a column without content");
const MANY_EMPTY_COLUMNS: Rule = Rule::error(
    Family::Freshness,
    "many-empty-columns",
    "空白栏目达到单项否决的数量",
    "so many empty columns that the site fails",
);
const DUE_SOON: Rule =
    Rule::warning(Family::Freshness, "due-soon", "栏目快到更新期限", "a column that falls due within days");

/// When the home page or a column falls due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// `None` for the home page.
    pub column: Option<ColumnId>,
    /// 首页, or the column's name.
    pub name: Text,
    /// The newest date of what was published there; `None` where nothing ever was.
    pub last: Option<Moment>,
    pub limit_days: u32,
    /// The last day that is still in time: the newest date and the limit. Where nothing was ever published, today.
    pub due: Date,
    pub is_overdue: bool,
}

/// Column types (栏目类别) of news; those of the annex of 国办发〔2017〕47号.
const NEWS: [&str; 3] = ["工作动态", "要闻", "动态要闻"];
/// Column types of documents.
const DOCUMENTS: [&str; 4] = ["政策文件", "政策解读", "通知公告", "通知"];
/// Column types of texts that hold until something changes.
const LASTING: [&str; 6] = ["概况信息", "机构职能", "负责人信息", "信息公开指南", "信息公开目录", "依法申请公开"];

/// When the home page and each column that has a limit fall due, the first one first.
pub fn forecast(context: &Context<'_>) -> Vec<Due> {
    let limits = &context.settings().freshness;
    let registry = context.registry();
    let columns = registry.column_ids().filter_map(|id| {
        let column = registry.column(id);
        let limit_days = limit(column, limits)?;
        let name = Text::new(&column.name, &column.name);
        Some(due(Some(id), name, limit_days, context))
    });
    let home = (limits.home_days > 0).then(|| due(None, Text::new("首页", "home page"), limits.home_days, context));
    let mut dues: Vec<Due> = home.into_iter().chain(columns).collect();
    dues.sort_by_key(|due| (due.due, due.column));
    dues
}

/// What is overdue, and what falls due within the days of the forecast.
pub fn soon(context: &Context<'_>) -> Vec<Due> {
    let ahead = context.settings().freshness.forecast_days;
    let today = context.site().now.local.date();
    forecast(context).into_iter().filter(|due| due.is_overdue || due.days_left(today) <= i64::from(ahead)).collect()
}

impl Due {
    /// How many days are left after today; negative where it is overdue.
    pub fn days_left(&self, today: Date) -> i64 {
        days_between(today, self.due)
    }
}

/// The days within which a column must be updated; `None` where there is no such duty. A limit of 0 days is none.
fn limit(column: &Column, limits: &Freshness) -> Option<u32> {
    let is = |types: &[&str]| column.column_type.as_deref().is_some_and(|of| types.contains(&of));
    let days = match (column.freshness_days, column.item_type) {
        (Some(days), _) => days,
        _ if is(&NEWS) => limits.news_days,
        _ if is(&DOCUMENTS) => limits.notice_days,
        _ if is(&LASTING) => 0,
        (None, ItemType::Article) => limits.news_days,
        (None, ItemType::Notice) => limits.notice_days,
        (None, ItemType::Recruitment | ItemType::Page) => 0,
    };
    Some(days).filter(|days| *days > 0)
}

fn due(column: Option<ColumnId>, name: Text, limit_days: u32, context: &Context<'_>) -> Due {
    let site = context.site();
    let today = site.now.local.date();
    let last = updates(context).find(|(page, _)| column.is_none() || page.item.column == column).map(|(_, date)| date);
    let due = match last {
        Some(last) => last.local.date().saturating_add(jiff::Span::new().days(i64::from(limit_days.min(36_500)))),
        None => today,
    };
    Due { column, name, last, limit_days, due, is_overdue: last.is_none() || today > due }
}

/// What was published by now, the newest first. Pages stand in this order already.
fn updates<'a>(context: &Context<'a>) -> impl Iterator<Item = (&'a Page, Moment)> + use<'a> {
    let site = context.site();
    site.pages.iter().filter_map(|page| {
        let date = page.item.front_matter.date?;
        let counts = page.item.item_type() != ItemType::Page && !page.item.front_matter.draft;
        (counts && date.seconds <= site.now.seconds).then_some((page, date))
    })
}

pub fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

/// The rules of this family.
pub fn site(context: &Context<'_>) -> Vec<Finding> {
    let dues = forecast(context);
    let today = context.site().now.local.date();
    let stale: Vec<&Due> =
        dues.iter().filter(|due| due.column.is_some() && due.is_overdue && due.last.is_some()).collect();
    // What is in a file with mistakes may be the newest.
    let site = context.site();
    let read = site.pages.len() + site.waiting.drafts + site.waiting.scheduled;
    let is_known = |due: &&Due| due.last.is_some() || read >= context.sources.items.len();
    let mut findings: Vec<Finding> = dues
        .iter()
        .filter(|due| due.column.is_none() && due.is_overdue)
        .filter(is_known)
        .map(|due| stale_home(due, today))
        .collect();
    findings.extend(stale.iter().filter_map(|due| stale_column(due, today, context)));
    findings.extend(many_stale_columns(&stale, context));
    findings.extend(empty_columns(context));
    findings
        .extend(dues.iter().filter(|due| is_due_soon(due, today, context)).map(|due| due_soon(due, today, context)));
    findings
}

fn stale_home(due: &Due, today: Date) -> Finding {
    let days = due.limit_days;
    let message = match due.last {
        Some(last) => {
            let (since, last) = (days_between(last.local.date(), today), last.iso());
            Text::new(
                format!("首页 {since} 天没有更新，上一次是 {last}"),
                format!("the home page has had nothing new for {since} days, since {last}"),
            )
        }
        None => Text::new("首页从来没有更新：没有一篇已发布的内容", "nothing has ever been published on the home page"),
    };
    STALE_HOME.finds(Place::file(&FilePath::new(SITE_FILE)), "", message).help(
        format!("每 {days} 天至少发布一篇新内容，否则检查时会被单项否决"),
        format!("publish something new every {days} days; an inspection fails a site that does not"),
    )
}

fn stale_column(due: &Due, today: Date, context: &Context<'_>) -> Option<Finding> {
    let (column, last) = (context.registry().column(due.column?), due.last?);
    let (name, since, days) = (&column.name, days_between(last.local.date(), today), due.limit_days);
    let last = last.iso();
    let message = Text::new(
        format!("栏目“{name}”{since} 天没有更新，上一次是 {last}"),
        format!("the column \"{name}\" has had nothing new for {since} days, since {last}"),
    );
    let finding = STALE_COLUMN.finds(column.place.clone(), name, message);
    Some(finding.label(format!("期限 {days} 天"), format!("its limit is {days} days")).help(
        "发布新内容；如果期限不是这样规定的，请修改 site.yaml 里这个栏目的 freshness_days（更新期限）",
        "publish something new, or mend the column's freshness_days in site.yaml if the rules set another limit",
    ))
}

fn many_stale_columns(stale: &[&Due], context: &Context<'_>) -> Option<Finding> {
    let (limit, count) = (context.settings().freshness.stale_columns as usize, stale.len());
    let first = context.registry().column(stale.first()?.column?);
    if limit == 0 || count < limit {
        return None;
    }
    let names: Vec<&str> = stale.iter().map(|due| due.name.zh.as_str()).collect();
    let message = Text::new(
        format!("共有 {count} 个栏目超过期限没有更新：{}", names.join("、")),
        format!("{count} columns have had nothing new in time: {}", names.join(", ")),
    );
    let finding = MANY_STALE_COLUMNS.finds(first.place.clone(), &first.name, message);
    Some(finding.help(
        format!("达到 {limit} 个，检查时网站会被单项否决；没有人维护的栏目请合并或撤下"),
        format!("an inspection fails a site with {limit} or more; merge or take away columns that nobody keeps"),
    ))
}

/// The columns in which a reader finds nothing today.
fn empty_columns(context: &Context<'_>) -> Vec<Finding> {
    let (site, registry) = (context.site(), context.registry());
    let shows = |id: &ColumnId| updates(context).any(|(page, _)| page.item.column == Some(*id) && page.is_listed());
    let empty: Vec<&Column> = registry
        .column_ids()
        .filter(|id| site.in_column(*id).is_empty() || !shows(id))
        .map(|id| registry.column(id))
        .collect();
    let mut findings: Vec<Finding> = empty.iter().map(|column| empty_column(column)).collect();
    findings.extend(many_empty_columns(&empty, context.settings().freshness.empty_columns as usize));
    findings
}

fn empty_column(column: &Column) -> Finding {
    let (name, key) = (&column.name, &column.key);
    let message = Text::new(format!("栏目“{name}”是空的"), format!("the column \"{name}\" is empty"));
    EMPTY_COLUMN.finds(column.place.clone(), name, message).help(
        format!("在 content/{key}/ 里写内容；暂时不用的栏目请从 site.yaml 里删去"),
        format!("write something in content/{key}/, or take the column out of site.yaml"),
    )
}

fn many_empty_columns(empty: &[&Column], limit: usize) -> Option<Finding> {
    let (first, count) = (empty.first()?, empty.len());
    if limit == 0 || count < limit {
        return None;
    }
    let names: Vec<&str> = empty.iter().map(|column| column.name.as_str()).collect();
    let message = Text::new(
        format!("共有 {count} 个空白栏目：{}", names.join("、")),
        format!("{count} columns are empty: {}", names.join(", ")),
    );
    Some(MANY_EMPTY_COLUMNS.finds(first.place.clone(), &first.name, message).help(
        format!("达到 {limit} 个，检查时网站会被单项否决"),
        format!("an inspection fails a site with {limit} or more"),
    ))
}

/// Whether so little time is left that somebody should write now: a quarter of the limit at most.
fn is_due_soon(due: &Due, today: Date, context: &Context<'_>) -> bool {
    let ahead = context.settings().freshness.due_soon_days.min(due.limit_days / 4);
    !due.is_overdue && due.days_left(today) <= i64::from(ahead)
}

fn due_soon(due: &Due, today: Date, context: &Context<'_>) -> Finding {
    let (left, day, Text { zh, en }) = (due.days_left(today), due.due, &due.name);
    let when = match left {
        0 => Text::new("今天到期", "falls due today"),
        1 => Text::new(format!("明天到期（{day}）"), format!("falls due tomorrow ({day})")),
        _ => Text::new(format!("还有 {left} 天到期（{day}）"), format!("falls due in {left} days ({day})")),
    };
    let message = match due.column {
        Some(_) => Text::new(format!("栏目“{zh}”{}", when.zh), format!("the column \"{en}\" {}", when.en)),
        None => Text::new(format!("{zh}{}", when.zh), format!("the {en} {}", when.en)),
    };
    let place = match due.column {
        Some(id) => context.registry().column(id).place.clone(),
        None => Place::file(&FilePath::new(SITE_FILE)),
    };
    let last = due.last.map_or_else(String::new, |last| last.iso());
    DUE_SOON.finds(place, zh, message).help(
        format!("上一次更新是 {last}，期限 {} 天：请在到期前发布新内容", due.limit_days),
        format!("last updated on {last}, with a limit of {} days: publish something new in time", due.limit_days),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::registry;

    #[test]
    fn a_column_has_its_own_limit_or_that_of_its_kind() {
        let cases = [
            ("{key: news, name: 甲}", Some(14)),
            ("{key: news, name: 甲, freshness_days: 30}", Some(30)),
            ("{key: news, name: 甲, freshness_days: 0}", None),
            ("{key: a, name: 甲, column_type: 政策文件}", Some(90)),
            ("{key: a, name: 甲, column_type: 机构职能}", None),
            ("{key: a, name: 甲, type: notice}", Some(90)),
            ("{key: a, name: 甲, type: notice, column_type: 工作动态}", Some(14)),
            ("{key: recruitment, name: 甲}", None),
        ];
        for (column, expected) in cases {
            let text = format!(
                "title: 新风\nbase_url: https://example.org/\ncolumns: [{column}]\n检查: {{更新: {{公告类天数: 90}}}}\n"
            );
            let registry = registry::parse(&text, None).unwrap_or_else(|found| panic!("{column}: {found:?}"));
            assert_eq!(limit(&registry.columns[0], &registry.check.freshness), expected, "{column}");
        }
    }
}
