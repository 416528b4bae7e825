//! When the site changes although no file does.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rayon::prelude::*;

use super::recruitment::CLOSING_SOON_SECONDS;
use crate::parse::item::{Detail, Item};
use crate::parse::moment::Moment;

/// The first second after `now` at which one of the items, published or not, may look different. A day's end
/// is always one, since posts count the days that are left.
pub(super) fn find(items: &[Arc<Item>], now: &Moment, zone: &TimeZone) -> i64 {
    let midnight = midnight_after(now.seconds, zone).unwrap_or(now.seconds + 1);
    let turns = items.par_iter().flat_map_iter(|item| turns(item)).filter(|turn| *turn > now.seconds);
    turns.min().map_or(midnight, |turn| turn.min(midnight))
}

/// The first second of the next day; `None` behind the last day there is. Days on which clocks are changed are shorter or longer.
fn midnight_after(seconds: i64, zone: &TimeZone) -> Option<i64> {
    let now = Timestamp::from_second(seconds).ok()?.to_zoned_datetime(zone.clone());
    Some(now.tomorrow().ok()?.start_of_day().ok()?.timestamp().as_second())
}

/// The first seconds of all the states that an item goes through.
fn turns(item: &Item) -> impl Iterator<Item = i64> {
    let begins = |moment: &Moment| Some(moment.seconds);
    let is_over = |moment: &Moment| Some(moment.end() + 1);
    let front_matter = &item.front_matter;
    let updated = front_matter.updated.as_ref().map(|updated| &updated.value);
    let common = [
        front_matter.date.as_ref().and_then(begins),
        updated.and_then(begins),
        front_matter.expires.as_ref().and_then(is_over),
    ];
    let own = match &item.detail {
        Detail::Recruitment(post) => [
            post.apply_open.as_ref().and_then(begins),
            Some(post.apply_deadline.end() - CLOSING_SOON_SECONDS),
            is_over(&post.apply_deadline),
            begins(&post.service_start),
            is_over(&post.service_end),
        ],
        Detail::Notice(notice) => {
            let publicity = notice.publicity.as_ref();
            let (start, end) = (publicity.map(|it| &it.start), publicity.map(|it| &it.end));
            [start.and_then(begins), end.and_then(is_over), None, None, None]
        }
        Detail::Article | Detail::Page => [None; 5],
    };
    common.into_iter().chain(own).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_midnight_also_when_clocks_are_changed() {
        let zone = |name: &str| TimeZone::get(name).expect("a time zone");
        let seconds = |text: &str| text.parse::<Timestamp>().expect("a moment").as_second();
        let check = |zone_name: &str, now: &str, midnight: &str| {
            assert_eq!(midnight_after(seconds(now), &zone(zone_name)), Some(seconds(midnight)), "{now}");
        };
        check("Asia/Shanghai", "2026-03-01T00:00:00+08:00", "2026-03-02T00:00:00+08:00");
        check("Asia/Shanghai", "2026-03-01T23:59:59+08:00", "2026-03-02T00:00:00+08:00");
        check("Europe/Berlin", "2027-03-28T01:00:00+01:00", "2027-03-29T00:00:00+02:00");
    }
}
