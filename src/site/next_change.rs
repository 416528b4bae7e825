//! When the site changes although no file does.

use std::sync::Arc;

use rayon::prelude::*;

use super::recruitment::CLOSING_SOON_SECONDS;
use crate::parse::item::{Detail, Item};
use crate::parse::moment::Moment;

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// The first second after `now` at which one of the items, published or not, may look different. A day's end
/// is always one, since posts count the days that are left.
pub(super) fn find(items: &[Arc<Item>], now: &Moment) -> i64 {
    let today = (now.seconds + i64::from(now.offset)).div_euclid(DAY_SECONDS);
    let midnight = (today + 1) * DAY_SECONDS - i64::from(now.offset);
    let turns = items.par_iter().flat_map_iter(|item| turns(item)).filter(|turn| *turn > now.seconds);
    turns.min().map_or(midnight, |turn| turn.min(midnight))
}

/// The first seconds of all the states that an item goes through.
fn turns(item: &Item) -> impl Iterator<Item = i64> {
    let begins = |moment: &Moment| Some(moment.seconds);
    let is_over = |moment: &Moment| Some(moment.end() + 1);
    let front_matter = &item.front_matter;
    let common = [front_matter.date.as_ref().and_then(begins), front_matter.expires.as_ref().and_then(is_over)];
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
