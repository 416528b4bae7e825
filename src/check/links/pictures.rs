//! Pictures of items that no browser shows: empty files, and files whose bytes are something else than their name says.
//!
//! Browsers go by the bytes, not by the name, so that a JPEG that is called `.png` is shown and gives no cause for a word;
//! an SVG is the one exception. Start at [`item`].

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::BROKEN_PICTURE;
use crate::check::rule::Finding;
use crate::check::subject::{Context, ItemFile};
use crate::diagnostic::{FilePath, Place, Text};
use crate::parse::markdown::LinkRole;
use crate::site::Target;
use crate::source::Root;

/// What was found in the pictures so far: one may stand in many items.
#[derive(Debug, Default)]
pub struct Pictures(Mutex<BTreeMap<FilePath, Option<Flaw>>>);

/// So many bytes tell what a file is; an SVG may begin with long comments.
const BEGINNING: u64 = 64 << 10;

/// Why browsers do not show a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    Empty,
    /// A saved web page, mostly the message of a server that did not give the picture.
    WebPage,
    /// What an iPhone takes.
    Heic,
    /// An SVG by another name.
    Svg,
    /// No picture, or one of a kind that browsers do not know.
    Unknown,
}

impl Pictures {
    fn flaw(&self, file: &FilePath, root: &Root) -> Option<Flaw> {
        let known = |pictures: &Self| pictures.0.lock().unwrap_or_else(PoisonError::into_inner).get(file).copied();
        known(self).unwrap_or_else(|| {
            // A file that cannot be read stops the build.
            let beginning = root.beginning(file, BEGINNING);
            let flaw = beginning.ok().and_then(|bytes| flaw_of(&file.extension(), &bytes));
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(file.clone(), flaw);
            flaw
        })
    }
}

/// The cover and the pictures of the body.
pub fn item(file: &ItemFile<'_>, context: &Context<'_>) -> Vec<Finding> {
    let Some(page) = file.page.map(|id| context.site().page(id)) else { return Vec::new() };
    let cover = page.cover.iter().zip(&file.item.front_matter.cover);
    let cover = cover.map(|(target, cover)| (target, cover.image.place.clone()));
    let of_body = page.links.iter().zip(&file.item.body.links).filter_map(|(target, link)| match target {
        Target::File(target) if matches!(link.role, LinkRole::Image | LinkRole::Poster) => {
            Some((target, Place::bytes(file.file(), link.span.start as usize..link.span.end as usize)))
        }
        _ => None,
    });
    let told = cover.chain(of_body).filter_map(|(target, place)| {
        context.pictures.flaw(target, context.root()).map(|flaw| broken(target, place, flaw))
    });
    told.collect()
}

fn broken(picture: &FilePath, place: Place, flaw: Flaw) -> Finding {
    let name = picture.name();
    let (zh, en) = match flaw {
        Flaw::Empty => ("是空的，网页上显示不出来", "is empty: no browser shows it"),
        Flaw::WebPage => ("其实是一个网页，显示不出来", "is a web page: no browser shows it as a picture"),
        Flaw::Heic => {
            ("其实是 HEIC 照片，多数浏览器显示不出来", "is a HEIC photograph, which most browsers do not show")
        }
        Flaw::Svg => {
            ("其实是 SVG，用这个文件名显示不出来", "is an SVG, which browsers do not show by a name of this ending")
        }
        Flaw::Unknown => (
            "里面不是浏览器认得的图片，显示不出来",
            "holds no picture of a kind that browsers know: they do not show it",
        ),
    };
    let message = Text::new(format!("图片“{name}”{zh}"), format!("the picture \"{name}\" {en}"));
    let (zh, en) = match flaw {
        Flaw::Empty => ("重新复制或下载这张图片", "copy or download the picture once more"),
        Flaw::WebPage => (
            "在浏览器里打开原来的网页，在图片上点右键，选“图片另存为”，再放进来",
            "open the page that shows it, and save the picture itself by its menu",
        ),
        Flaw::Heic => (
            "用看图软件打开，另存为 JPEG 再放进来，只改文件名没有用；iPhone 在“设置 → 相机 → 格式”里选“兼容性最佳”",
            "save it as JPEG in a program for pictures: another name does not help; iPhones have Settings, Camera, Formats, Most Compatible",
        ),
        Flaw::Svg => {
            ("把文件名的结尾改成 .svg，引用它的地方也改", "let its name end with .svg, also where it is referred to")
        }
        Flaw::Unknown => (
            "用看图软件打开，另存为 JPEG 或 PNG 再放进来",
            "open it in a program for pictures and save it as JPEG or PNG",
        ),
    };
    BROKEN_PICTURE.finds(place, name, message).help(zh, en)
}

/// The beginnings of the pictures that browsers know (MIME Sniffing, 6.1), and of AVIF, which is told apart by its brands.
const SHOWN: [&[u8]; 7] =
    [b"\xFF\xD8\xFF", b"\x89PNG\r\n\x1A\n", b"GIF87a", b"GIF89a", b"BM", b"\0\0\x01\0", b"\0\0\x02\0"];

fn flaw_of(extension: &str, bytes: &[u8]) -> Option<Flaw> {
    let brands = brands(bytes);
    let is_svg = is_svg(bytes);
    if bytes.is_empty() {
        Some(Flaw::Empty)
    } else if is_web_page(bytes) {
        Some(Flaw::WebPage)
    } else if extension == "svg" {
        (!is_svg).then_some(Flaw::Unknown)
    } else if is_svg {
        Some(Flaw::Svg)
    } else if SHOWN.iter().any(|start| bytes.starts_with(start)) || is_webp(bytes) || has(brands, &["avif", "avis"]) {
        None
    } else if has(brands, &["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"]) {
        Some(Flaw::Heic)
    } else {
        Some(Flaw::Unknown)
    }
}

fn is_webp(bytes: &[u8]) -> bool {
    bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP")
}

/// The names of the formats that a file of the ISO's container follows, four bytes each; empty for any other file.
fn brands(bytes: &[u8]) -> &[u8] {
    let size = bytes.first_chunk::<4>().map_or(0, |size| u32::from_be_bytes(*size) as usize);
    if bytes.get(4..8) == Some(b"ftyp") { bytes.get(8..size.min(bytes.len())).unwrap_or_default() } else { &[] }
}

fn has(brands: &[u8], names: &[&str]) -> bool {
    brands.chunks_exact(4).any(|brand| names.iter().any(|name| name.as_bytes() == brand))
}

fn is_web_page(bytes: &[u8]) -> bool {
    let start = beginning(bytes).to_ascii_lowercase();
    [&b"<!doctype html"[..], b"<html", b"<head", b"<body", b"<script"].iter().any(|tag| start.starts_with(tag))
}

fn is_svg(bytes: &[u8]) -> bool {
    // In UTF-16, which is rare, nothing is looked for.
    let is_wide = bytes.starts_with(b"\xFF\xFE<") || bytes.starts_with(b"\xFE\xFF\0<");
    is_wide || beginning(bytes).starts_with(b"<") && memchr::memmem::find(bytes, b"svg").is_some()
}

/// The first bytes, without what may stand before a text.
fn beginning(bytes: &[u8]) -> &[u8] {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    &text[..text.len().min(64)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_go_by_the_bytes() {
        let check = |extension, bytes: &[u8], expected| assert_eq!(flaw_of(extension, bytes), expected, "{extension}");
        check("png", b"\xFF\xD8\xFF\xE0\0\x10JFIF", None);
        check("jpg", b"RIFF\x10\0\0\0WEBPVP8 ", None);
        check("jpg", b"\0\0\0\x1CftypavifAVIF", None);
        check("avif", b"\0\0\0\x18ftypmif1\0\0\0\0avifmiaf", None);
        check("svg", "\u{feff}<?xml version=\"1.0\"?>\n<svg/>".as_bytes(), None);
        check("jpg", b"", Some(Flaw::Empty));
        check("jpg", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Some(Flaw::Heic));
        check("jpg", b"\n<!DOCTYPE HTML><title>404", Some(Flaw::WebPage));
        check("svg", b"<html><svg/>", Some(Flaw::WebPage));
        check("png", b"<svg/>", Some(Flaw::Svg));
        check("svg", b"\x89PNG\r\n\x1A\n", Some(Flaw::Unknown));
        check("jpg", b"%PDF-1.4", Some(Flaw::Unknown));
    }
}
