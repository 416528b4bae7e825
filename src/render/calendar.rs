//! iCalendar (RFC 5545).

use jiff::Timestamp;
use jiff::tz::Offset;

use crate::parse::moment::Moment;
use crate::plan::view::{CalendarEventView, CalendarView};

/// A line holds at most so many bytes before it is folded.
const LINE: usize = 75;

pub fn draw(calendar: &CalendarView) -> String {
    let mut text = String::with_capacity(calendar.events.len() * 512);
    let mut line = |content: &str| fold(content, &mut text);
    line("BEGIN:VCALENDAR");
    line("VERSION:2.0");
    line("PRODID:-//Xinfeng//Xinfeng//ZH");
    line("CALSCALE:GREGORIAN");
    line("METHOD:PUBLISH");
    line(&format!("X-WR-CALNAME:{}", escape(&calendar.name)));
    for event in &calendar.events {
        for content in lines_of(event) {
            line(&content);
        }
    }
    line("END:VCALENDAR");
    text
}

fn lines_of(event: &CalendarEventView) -> Vec<String> {
    let mut lines = vec![
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}", escape(&event.uid)),
        format!("DTSTAMP:{}", utc(event.stamp.seconds)),
    ];
    if event.start.has_time {
        lines.push(format!("DTSTART:{}", utc(event.start.seconds)));
        if event.end.end() > event.start.seconds {
            lines.push(format!("DTEND:{}", utc(event.end.end())));
        }
    } else {
        // The end of a whole-day event is the day after (RFC 5545, 3.6.1).
        lines.push(format!("DTSTART;VALUE=DATE:{}", day(&event.start, 0)));
        lines.push(format!("DTEND;VALUE=DATE:{}", day(&event.end, 1)));
    }
    lines.push(format!("SUMMARY:{}", escape(&event.summary)));
    lines.push(format!("DESCRIPTION:{}", escape(&event.description)));
    lines.extend(event.location.as_ref().map(|location| format!("LOCATION:{}", escape(location))));
    lines.push(format!("URL:{}", event.url));
    lines.push("END:VEVENT".to_owned());
    lines
}

fn utc(seconds: i64) -> String {
    let timestamp = Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    let moment = Offset::UTC.to_datetime(timestamp);
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        moment.year(),
        moment.month(),
        moment.day(),
        moment.hour(),
        moment.minute(),
        moment.second()
    )
}

fn day(moment: &Moment, days_later: usize) -> String {
    let mut date = moment.local.date();
    for _ in 0..days_later {
        date = date.tomorrow().unwrap_or(date);
    }
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// Ends a line with CR LF and breaks it, between characters, where it is longer than [`LINE`] bytes.
fn fold(content: &str, text: &mut String) {
    let mut length = 0;
    for c in content.chars() {
        if length + c.len_utf8() > LINE {
            text.push_str("\r\n ");
            length = 1;
        }
        text.push(c);
        length += c.len_utf8();
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_between_characters() {
        let mut text = String::new();
        fold(&"志愿服务".repeat(20), &mut text);
        assert!(text.lines().all(|line| line.len() <= LINE), "{text}");
        assert_eq!(text.replace("\r\n ", "").trim_end(), "志愿服务".repeat(20));
    }

    #[test]
    fn separators_are_escaped() {
        assert_eq!(escape("a,b;c\\d\ne"), "a\\,b\\;c\\\\d\\ne");
    }
}
