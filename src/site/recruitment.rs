//! A recruitment post's status on a date: pure arithmetic.

use crate::parse::moment::Moment;
use crate::parse::recruitment::Recruitment;

/// Follows from the dates and the moment; nobody types it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    Open,
    ClosingSoon,
    Upcoming,
    Full,
    Closed,
    Serving,
    Finished,
}

impl Status {
    /// In the order of the board: what one can apply for comes first.
    pub const ALL: [Self; 7] =
        [Self::ClosingSoon, Self::Open, Self::Upcoming, Self::Full, Self::Closed, Self::Serving, Self::Finished];

    pub fn key(self) -> &'static str {
        match self {
            Self::Upcoming => "upcoming",
            Self::Open => "open",
            Self::ClosingSoon => "closing",
            Self::Full => "full",
            Self::Closed => "closed",
            Self::Serving => "serving",
            Self::Finished => "finished",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Upcoming => "未开始",
            Self::Open => "报名中",
            Self::ClosingSoon => "即将截止",
            Self::Full => "已满",
            Self::Closed => "已截止",
            Self::Serving => "服务中",
            Self::Finished => "已结束",
        }
    }

    /// Whether one can apply now.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::ClosingSoon)
    }
}

/// From here on, an open post is closing soon.
pub(super) const CLOSING_SOON_SECONDS: i64 = 3 * 24 * 60 * 60;

pub fn status(recruitment: &Recruitment, now: &Moment) -> Status {
    let now = now.seconds;
    let deadline = recruitment.apply_deadline.end();
    if now > recruitment.service_end.end() {
        Status::Finished
    } else if now >= recruitment.service_start.seconds {
        Status::Serving
    } else if now > deadline {
        Status::Closed
    } else if recruitment.apply_open.is_some_and(|open| now < open.seconds) {
        Status::Upcoming
    } else if recruitment.recruited.is_some_and(|recruited| u64::from(recruited) >= recruitment.count()) {
        Status::Full
    } else if deadline - now <= CLOSING_SOON_SECONDS {
        Status::ClosingSoon
    } else {
        Status::Open
    }
}

/// Days on the calendar from today to the deadline: 0 on the last day.
pub fn days_left(deadline: &Moment, now: &Moment) -> i64 {
    let day = |moment: &Moment| (moment.seconds + i64::from(moment.offset)).div_euclid(24 * 60 * 60);
    day(deadline) - day(now)
}
