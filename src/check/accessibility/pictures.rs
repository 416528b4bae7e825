//! Pictures: what is said to those who cannot see them.

use super::super::rule::{Family, Finding, Rule};
use super::super::subject::Page;
use super::is_hidden;
use crate::diagnostic::{Place, Text};

pub const IMAGE_WITHOUT_ALT: Rule =
    Rule::error(Family::Accessibility, "image-without-alt", "图片没有文字说明", "a picture without alternative text");
pub const POOR_ALT: Rule = Rule::warning(
    Family::Accessibility,
    "poor-alt",
    "图片的文字说明没有说明什么",
    "an alternative text that says nothing",
);

/// The pictures of a page.
pub fn pictures<'p>(page: &'p Page<'_>) -> impl Iterator<Item = Finding> + 'p {
    page.document.named("img").filter_map(|(id, picture)| {
        let place = || page.place(&picture.span);
        match picture.attribute("alt") {
            Some(alt) => poor_alt(alt, place),
            None if is_hidden(page.document, id) || picture.find("aria-label").is_some() => None,
            None => Some(image_without_alt(place(), picture.attribute("src").unwrap_or_default())),
        }
    })
}

fn image_without_alt(place: Place, source: &str) -> Finding {
    let message = Text::new("图片没有文字说明，读屏软件念不出来", "a picture has no words for those who cannot see it");
    IMAGE_WITHOUT_ALT.finds(place, source, message).help(
        "加上 alt=\"图上是什么\"；只是装饰的图写 alt=\"\"",
        "add alt=\"what it shows\", or alt=\"\" for a mere decoration",
    )
}

/// Words that say no more than that there is a picture.
const EMPTY_WORDS: [&str; 16] = [
    "图",
    "图片",
    "照片",
    "图像",
    "配图",
    "封面",
    "封面图",
    "插图",
    "截图",
    "无标题",
    "image",
    "img",
    "picture",
    "photo",
    "pic",
    "untitled",
];

/// An alternative text that says nothing.
pub fn poor_alt(alt: &str, place: impl FnOnce() -> Place) -> Option<Finding> {
    let written = alt.trim();
    let plain = written.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_whitespace()).to_lowercase();
    let is_file = ["jpg", "jpeg", "png", "gif", "webp", "svg", "bmp"]
        .iter()
        .any(|ending| plain.strip_suffix(ending).is_some_and(|stem| stem.ends_with('.')));
    let is_number = !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit() || b"-_.".contains(&byte));
    let is_camera = ["img_", "dsc_", "微信图片_", "mmexport", "screenshot_"].iter().any(|it| plain.starts_with(it));
    if !(is_file || is_number || is_camera || EMPTY_WORDS.contains(&plain.as_str())) {
        return None;
    }
    let message = Text::new(
        format!("图片的文字说明“{written}”没有说图上是什么"),
        format!("the alternative text \"{written}\" does not say what the picture shows"),
    );
    Some(
        POOR_ALT
            .finds(place(), alt, message)
            .help("写图上有什么人、在做什么，例如“志愿者在路口扶老人过马路”", "say who is in it and what they do"),
    )
}
