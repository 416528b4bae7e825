//! The small parts that many views share: links, dates, pictures, phones, sizes.

use crate::diagnostic::FilePath;
use crate::parse::moment::Moment;
use crate::parse::registry::{ColumnId, DistrictId, Registry, TopicId};
use crate::plan::url::{self, Addresses, ListPage, OutputPath};
use crate::plan::view::{CountView, DateView, ImageView, LinkView};

pub fn link(registry: &Registry, name: &str, path: &OutputPath) -> LinkView {
    LinkView { name: name.to_owned(), url: Addresses(&registry.base_url).url(path) }
}

pub fn column_link(registry: &Registry, id: ColumnId) -> LinkView {
    let column = registry.column(id);
    link(registry, &column.name, &url::column(column, ListPage::Newest))
}

pub fn district_link(registry: &Registry, id: DistrictId) -> LinkView {
    link(registry, &registry.district(id).name, &url::district(registry, id, ListPage::Newest))
}

pub fn topic_link(registry: &Registry, id: TopicId) -> LinkView {
    link(registry, &registry.topic(id).name, &url::topic(registry, id, ListPage::Newest))
}

pub fn counted(link: LinkView, count: usize) -> CountView {
    CountView { name: link.name, url: link.url, count: count as u64 }
}

pub fn date(moment: &Moment) -> DateView {
    let iso = moment.iso();
    let text = moment.chinese();
    let mut short = text.split_once('年').map_or("", |(_, rest)| rest).to_owned();
    if moment.has_time {
        short.push(' ');
        short.push_str(&moment.clock());
    }
    DateView {
        text,
        minute: moment.to_string(),
        short,
        machine: moment.rfc3339(),
        year: iso[..4.min(iso.len())].to_owned(),
        month_day: iso.get(5..).unwrap_or_default().to_owned(),
        has_time: moment.has_time,
        iso,
    }
}

/// A deadline or end without a time of day ends with its day, and says so to the browser.
pub fn end_date(moment: &Moment) -> DateView {
    let mut view = date(moment);
    if !moment.has_time {
        view.machine = view.machine.replacen("T00:00:00", "T23:59:59", 1);
    }
    view
}

/// `2026年1月20日—2月28日`, with the times of day that were typed: `2026年1月20日 13:30—16:45`.
pub fn period(start: &Moment, end: &Moment) -> String {
    let clock = |moment: &Moment| if moment.has_time { format!(" {}", moment.clock()) } else { String::new() };
    let (from, to) = (start.local.date(), end.local.date());
    let begin = start.chinese() + &clock(start);
    if from == to {
        match (start.has_time, end.has_time) {
            (true, true) if start < end => format!("{begin}—{}", end.clock()),
            (false, true) => format!("{begin}{} 止", clock(end)),
            _ => begin,
        }
    } else if from.year() == to.year() {
        format!("{begin}—{}月{}日{}", to.month(), to.day(), clock(end))
    } else {
        format!("{begin}—{}{}", end.chinese(), clock(end))
    }
}

pub fn image(registry: &Registry, file: &FilePath, alt: &str) -> ImageView {
    let addresses = Addresses(&registry.base_url);
    let path = url::copied(file);
    ImageView { url: addresses.url(&path), absolute_url: addresses.absolute(&path), alt: alt.to_owned() }
}

/// Each phone number as it is written and as a `tel:` link. One text may hold several.
pub fn phones(texts: &[String]) -> Vec<LinkView> {
    texts
        .iter()
        .flat_map(|text| text.split(['、', '，', ',', '；', ';', '/', '或']))
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(|text| LinkView { name: text.to_owned(), url: telephone(text) })
        .collect()
}

/// `021-00000001 转 2`, `021-00000001-2` → `tel:02100000001;ext=2` (RFC 3966)
fn telephone(text: &str) -> String {
    let is_number = |c: char| c.is_ascii_digit() || "+- ()（）".contains(c);
    let (number, rest) = text.split_at(text.find(|c| !is_number(c)).unwrap_or(text.len()));
    // Behind an area code and a number of seven or eight digits, a third part is an extension.
    let inner = number.rsplit_once('-').filter(|(number, inner)| {
        let parts: Vec<&str> = number.trim_start_matches("+86").split('-').filter(|part| !part.is_empty()).collect();
        let is_whole = matches!(parts[..], [area, main] if area.len() <= 4 && matches!(main.len(), 7 | 8));
        is_whole && rest.is_empty() && (1..=6).contains(&inner.trim().len())
    });
    let (number, rest) = inner.unwrap_or((number, rest));
    let digits = |text: &str| text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect::<String>();
    match digits(rest) {
        extension if extension.is_empty() => format!("tel:{}", digits(number)),
        extension => format!("tel:{};ext={extension}", digits(number)),
    }
}

/// `12.4 KB`
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut size = bytes as f64 / 1024.0;
    let mut unit = 0;
    while size >= 1023.95 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}

/// The Chinese name of a language tag; anything else stays as it is written.
pub fn language_name(tag: &str) -> String {
    let name = match tag.to_ascii_lowercase().as_str() {
        "zh" | "zh-cn" | "zh-hans" => "普通话",
        "en" => "英语",
        "ja" => "日语",
        "ko" => "韩语",
        "fr" => "法语",
        "de" => "德语",
        "it" => "意大利语",
        "es" => "西班牙语",
        "pt" => "葡萄牙语",
        "ru" => "俄语",
        "ar" => "阿拉伯语",
        "fi" => "芬兰语",
        "sv" => "瑞典语",
        "no" | "nb" => "挪威语",
        "da" => "丹麦语",
        "nl" => "荷兰语",
        "pl" => "波兰语",
        "th" => "泰语",
        "vi" => "越南语",
        "id" => "印尼语",
        "ms" => "马来语",
        "hi" => "印地语",
        "fa" => "波斯语",
        "tr" => "土耳其语",
        "he" => "希伯来语",
        _ => return tag.to_owned(),
    };
    name.to_owned()
}

/// Escapes a text for an attribute in double quotes.
pub fn escape_attribute(text: &str, html: &mut String) {
    let is_special = |byte: u8| matches!(byte, b'&' | b'"' | b'<' | b'>');
    // Nearly every text can stay as it is, which is seen many bytes at a time.
    if !text.bytes().fold(false, |found, byte| found | is_special(byte)) {
        return html.push_str(text);
    }
    let mut rest = text;
    while let Some(at) = rest.bytes().position(is_special) {
        html.push_str(&rest[..at]);
        html.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'"' => "&quot;",
            b'<' => "&lt;",
            _ => "&gt;",
        });
        rest = &rest[at + 1..];
    }
    html.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded() {
        assert_eq!(
            [0, 1023, 1024, 12_700, 1_048_575, 5_000_000].map(size),
            ["0 B", "1023 B", "1.0 KB", "12.4 KB", "1.0 MB", "4.8 MB"]
        );
    }

    #[test]
    fn a_period_tells_the_times_of_day_that_were_typed() {
        let zone = jiff::tz::TimeZone::UTC;
        let moment = |text: &str| Moment::parse(text, &zone).expect("a moment");
        let check = |start, end, expected: &str| assert_eq!(period(&moment(start), &moment(end)), expected);
        check("2026-12-22", "2026-12-22", "2026年12月22日");
        check("2026-12-22 13:30", "2026-12-22 16:45", "2026年12月22日 13:30—16:45");
        check("2026-12-22 13:30", "2026-12-22", "2026年12月22日 13:30");
        check("2026-12-22", "2026-12-22 16:45", "2026年12月22日 16:45 止");
        check("2026-01-20", "2026-02-28", "2026年1月20日—2月28日");
        check("2026-01-20 09:00", "2026-02-28 17:00", "2026年1月20日 09:00—2月28日 17:00");
        check("2026-12-30 09:00", "2027-01-02", "2026年12月30日 09:00—2027年1月2日");
    }

    #[test]
    fn one_text_may_hold_several_phones() {
        let links = phones(&[
            "021-00000000、+86 21 00000001，（021）00000002 转 3、0512-00000003-801、+86-21-00000004、400-820-0000"
                .to_owned(),
        ]);
        let urls: Vec<&str> = links.iter().map(|link| link.url.as_str()).collect();
        assert_eq!(urls[..3], ["tel:02100000000", "tel:+862100000001", "tel:02100000002;ext=3"]);
        assert_eq!(urls[3..], ["tel:051200000003;ext=801", "tel:+862100000004", "tel:4008200000"]);
    }
}
