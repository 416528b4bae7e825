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

/// `2026年1月20日—2月28日`
pub fn period(start: &Moment, end: &Moment) -> String {
    let (from, to) = (start.local.date(), end.local.date());
    if from == to {
        start.chinese()
    } else if from.year() == to.year() {
        format!("{}—{}月{}日", start.chinese(), to.month(), to.day())
    } else {
        format!("{}—{}", start.chinese(), end.chinese())
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

/// `021-00000001 转 2` → `tel:02100000001;ext=2` (RFC 3966)
fn telephone(text: &str) -> String {
    let is_number = |c: char| c.is_ascii_digit() || "+- ()（）".contains(c);
    let (number, rest) = text.split_at(text.find(|c| !is_number(c)).unwrap_or(text.len()));
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
    fn one_text_may_hold_several_phones() {
        let links = phones(&["021-00000000、+86 21 00000001，（021）00000002 转 3".to_owned()]);
        let urls: Vec<&str> = links.iter().map(|link| link.url.as_str()).collect();
        assert_eq!(urls, ["tel:02100000000", "tel:+862100000001", "tel:02100000002;ext=3"]);
    }
}
