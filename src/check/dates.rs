//! Dates that say something else than what happened: moved after publication, or long before it.
//!
//! Judged by the ledger of the last build. Where there is none, as in a folder that was emptied, nothing is known and
//! nothing is said. Start at [`item`].

use jiff::civil::Date;

use super::freshness::days_between;
use super::rule::{Family, Finding, Rule};
use super::subject::{Context, ItemFile};
use crate::diagnostic::Text;
use crate::ledger::{Entry, Ledger};

pub const RULES: &[Rule] = &[DATE_MOVED_BACK, DATE_MOVED_FORWARD, BACKDATED];

const DATE_MOVED_BACK: Rule = Rule::error(
    Family::Dates,
    "date-moved-back",
    "发布后把发布时间改早了",
    "a date that was moved back after publication",
);
const DATE_MOVED_FORWARD: Rule = Rule::error(
    Family::Dates,
    "date-moved-forward",
    "发布后把发布时间改晚了，旧稿当作新稿",
    "a date that was moved forward after publication",
);
const BACKDATED: Rule = Rule::warning(
    Family::Dates,
    "backdated",
    "发布时间比实际发布早很多",
    "an item first published long after its date",
);

/// More old items than these on one day are an archive that was taken over, not dates that were made up.
const ARCHIVE: usize = 10;

/// The rules of this family.
pub fn item(file: &ItemFile<'_>, context: &Context<'_>) -> Vec<Finding> {
    let ledger = &context.options.ledger;
    let Some(entry) = ledger.entry(file.file()) else { return Vec::new() };
    let front_matter = &file.item.front_matter;
    let Some(date) = front_matter.date.map(|date| date.local.date()) else { return Vec::new() };
    let finding = if entry.seen == context.site().now.local.date() && date != entry.date {
        // A slip that is mended on the same day, as the next build will note it.
        None
    } else if date < entry.date {
        Some(moved_back(file, date, entry))
    } else if date > entry.date {
        front_matter.updated.is_none().then(|| moved_forward(file, date, entry))
    } else {
        is_backdated(file, entry, context).then(|| backdated(file, entry))
    };
    finding.into_iter().collect()
}

fn moved_back(file: &ItemFile<'_>, date: Date, entry: &Entry) -> Finding {
    let Entry { seen, date: first } = entry;
    let message = Text::new(
        format!("发布时间被改早了：{seen} 发布时写的是 {first}，现在是 {date}"),
        format!("the date was moved back: published on {seen} with {first}, it now says {date}"),
    );
    finding(&DATE_MOVED_BACK, file, message).help(
        format!("改回 {first}；倒填发布时间会被认定为弄虚作假。确实更正笔误的，写一条例外和理由"),
        format!("write {first} again: a forged date fails a site; for a slip that was mended, add an exception"),
    )
}

fn moved_forward(file: &ItemFile<'_>, date: Date, entry: &Entry) -> Finding {
    let Entry { seen, date: first } = entry;
    let message = Text::new(
        format!("发布时间被改晚了：{seen} 发布时写的是 {first}，现在是 {date}"),
        format!("the date was moved forward: published on {seen} with {first}, it now says {date}"),
    );
    finding(&DATE_MOVED_FORWARD, file, message).help(
        format!("改回 {first}；内容有修改的，用 updated（更新时间）写明。把旧稿当作新稿会被认定为虚假更新"),
        format!("write {first} again, and `updated` for a revision: an old item is no new one"),
    )
}

fn backdated(file: &ItemFile<'_>, entry: &Entry) -> Finding {
    let (days, Entry { seen, date }) = (days_between(entry.date, entry.seen), entry);
    let message = Text::new(
        format!("发布时间写的是 {date}，可是 {seen} 才第一次发布，晚了 {days} 天"),
        format!("dated {date}, but first published on {seen}, {days} days later"),
    );
    finding(&BACKDATED, file, message).help(
        "写真实的发布时间；补发旧稿的，写一条例外和理由",
        "write the day on which it was published; for an old text that is added late, add an exception",
    )
}

fn finding(rule: &'static Rule, file: &ItemFile<'_>, message: Text) -> Finding {
    rule.finds(file.place_of(&[("date", "发布时间")]), "", message)
}

/// Whether it came long after its date, into a column that was already there.
fn is_backdated(file: &ItemFile<'_>, entry: &Entry, context: &Context<'_>) -> bool {
    let ledger = &context.options.ledger;
    let limit = i64::from(context.settings().dates.backdated_days);
    let is_late = |entry: &Entry| days_between(entry.date, entry.seen) > limit;
    if limit == 0 || !is_late(entry) || ledger.since.is_none_or(|since| entry.seen <= since) {
        return false;
    }
    let column = |file: &str| file.split('/').nth(1).map(str::to_owned);
    let own = column(file.file().as_str());
    let had_begun = |ledger: &Ledger| {
        ledger.entries().any(|(other, known)| known.seen < entry.seen && column(other.as_str()) == own)
    };
    let with_it = ledger.entries().filter(|(_, other)| other.seen == entry.seen && is_late(other));
    with_it.take(ARCHIVE + 1).count() <= ARCHIVE && had_begun(ledger)
}
