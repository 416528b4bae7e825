//! Office documents (.docx, .xlsx, .pptx): packed XML, part by part.
//!
//! What is unpacked is bounded, so that a small file cannot fill the memory. Start at [`parts`].

mod paragraphs;
mod sheets;

use std::borrow::Cow;
use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;
use zip::result::ZipError;

use super::{Hits, Unreadable};
use crate::diagnostic::Text;
use crate::encoding;

/// The most that an attachment may unpack to, with what is embedded in it.
const UNPACKED_AT_MOST: u64 = 96 << 20;
/// A document in a document in a document.
const DEEPEST: usize = 2;
/// What begins a file of the old formats; Office puts encrypted documents into one.
const OLD_FORMAT: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0];

/// Looks at all parts that hold text.
///
/// # Errors
/// It is encrypted, damaged, or unpacks to too much.
pub fn parts(bytes: &[u8]) -> Result<Hits, Unreadable> {
    let mut hits = Hits::default();
    look(bytes, &mut hits, &mut { UNPACKED_AT_MOST }, 0)?;
    Ok(hits)
}

fn look(bytes: &[u8], hits: &mut Hits, left: &mut u64, depth: usize) -> Result<(), Unreadable> {
    if bytes.starts_with(OLD_FORMAT) {
        return Err(Unreadable::new(
            "文件有密码，或其实是旧格式",
            "it is protected by a password, or really of an old format",
        ));
    }
    let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged())?;
    let mut package = Package { archive, left };
    let mut names: Vec<String> =
        package.archive.file_names().filter_map(|name| Some(name.ok()?.into_owned())).collect();
    // The text first, then its headers and notes; the second slide before the tenth.
    names.sort_by_key(|name| (name != "word/document.xml", name.len(), name.clone()));
    if !names.iter().any(|name| name == "[Content_Types].xml") {
        return Err(damaged());
    }
    sheets::look(&mut package, hits)?;
    for (name, label) in names.iter().filter_map(|name| Some((name, label_of(name)?))) {
        paragraphs::look(&package.xml(name)?, &label, hits)?;
    }
    let embedded = |name: &&String| {
        name.contains("/embeddings/") && [".docx", ".xlsx", ".pptx"].iter().any(|end| name.ends_with(end))
    };
    for name in names.iter().filter(embedded).filter(|_| depth < DEEPEST) {
        let inner = package.bytes(name)?;
        let first = hits.0.len();
        look(&inner, hits, package.left, depth + 1)?;
        for hit in &mut hits.0[first..] {
            hit.at = Text::new(format!("嵌入的文件里，{}", hit.at.zh), format!("in an embedded file, {}", hit.at.en));
        }
    }
    Ok(())
}

/// What people call a part that holds paragraphs.
fn label_of(name: &str) -> Option<Text> {
    let (folder, file) = name.rsplit_once('/')?;
    let file = file.strip_suffix(".xml")?;
    let is = |start: &str| file.starts_with(start);
    let (zh, en) = match folder {
        "word" if file == "document" => ("正文", "body"),
        "word" if is("header") => ("页眉", "header"),
        "word" if is("footer") => ("页脚", "footer"),
        "word" if is("comments") => ("批注", "comments"),
        "word" if is("footnotes") || is("endnotes") => ("脚注", "notes"),
        "xl" if is("comments") => ("批注", "comments"),
        "xl/threadedComments" => ("批注", "comments"),
        "xl/drawings" => ("图形", "drawing"),
        "ppt/notesSlides" => ("幻灯片备注", "speaker notes"),
        "ppt/slides" => {
            let number = file.trim_start_matches("slide");
            return Some(Text::new(format!("第 {number} 张幻灯片"), format!("slide {number}")));
        }
        _ => return None,
    };
    Some(Text::new(zh, en))
}

/// An open document.
struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// How much more may be unpacked.
    left: &'a mut u64,
}

impl Package<'_> {
    /// The text of a part; empty where there is no such part.
    fn xml(&mut self, name: &str) -> Result<String, Unreadable> {
        let bytes = self.bytes(name)?;
        Ok(match encoding::text(&bytes) {
            Cow::Owned(text) => text,
            Cow::Borrowed(_) => String::from_utf8(bytes).unwrap_or_default(),
        })
    }

    fn bytes(&mut self, name: &str) -> Result<Vec<u8>, Unreadable> {
        let part = match self.archive.by_name(name) {
            Ok(part) => part,
            Err(ZipError::FileNotFound) => return Ok(Vec::new()),
            Err(_) => return Err(damaged()),
        };
        let mut bytes = Vec::new();
        let read = part.take(*self.left + 1).read_to_end(&mut bytes).map_err(|_| damaged())? as u64;
        *self.left = self
            .left
            .checked_sub(read)
            .ok_or_else(|| Unreadable::new("解压后太大，没有读", "it unpacks to too much to be read"))?;
        Ok(bytes)
    }
}

fn damaged() -> Unreadable {
    Unreadable::new("文件已损坏，打不开", "it is damaged and cannot be opened")
}

/// What happens in a part, prefixes left out.
enum Node<'a> {
    Open(&'a str, &'a BytesStart<'a>),
    Close(&'a str),
    Text(Cow<'a, str>),
}

/// Walks through the XML of a part.
fn walk(xml: &str, mut each: impl FnMut(Node<'_>)) -> Result<(), Unreadable> {
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event().map_err(|_| damaged())? {
            Event::Start(tag) => each(Node::Open(tag.local_name().as_ref(), &tag)),
            Event::Empty(tag) => {
                each(Node::Open(tag.local_name().as_ref(), &tag));
                each(Node::Close(tag.local_name().as_ref()));
            }
            Event::End(tag) => each(Node::Close(tag.local_name().as_ref())),
            Event::Text(text) => each(Node::Text(Cow::Borrowed(&text))),
            Event::CData(text) => each(Node::Text(Cow::Borrowed(&text))),
            Event::GeneralRef(reference) => {
                // Entities of anybody's own are not resolved: that is how XML bombs are made.
                let c = reference.resolve_char_ref().ok().flatten();
                let named = quick_xml::escape::resolve_predefined_entity(&reference).unwrap_or(" ");
                each(Node::Text(c.map_or(Cow::Borrowed(named), |c| Cow::Owned(c.to_string()))));
            }
            Event::Eof => return Ok(()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.try_get_attribute(name).ok().flatten()?;
    Some(quick_xml::escape::unescape(&attribute.value).map_or_else(|_| attribute.value.to_string(), Cow::into_owned))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn package(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in [("[Content_Types].xml", &b"<Types/>"[..])].iter().chain(parts) {
            writer.start_file(*name, SimpleFileOptions::default()).expect("a new part");
            writer.write_all(bytes).expect("the part's bytes");
        }
        writer.finish().expect("a package").into_inner()
    }

    fn places(bytes: &[u8]) -> Vec<String> {
        let hits = parts(bytes).expect("a whole package").0;
        hits.into_iter().map(|hit| format!("{} {}", hit.at.zh, hit.personal.masked())).collect()
    }

    #[test]
    fn a_text_box_is_read_once_and_deleted_text_too() {
        let document = "<w:p><w:r><mc:Choice><w:txbxContent><w:p><w:t>13800001234</w:t></w:p></w:txbxContent></mc:Choice>\
            <mc:Fallback><w:p><w:t>13800001234</w:t></w:p></mc:Fallback></w:r></w:p>\
            <w:p><w:del><w:delText>1390000</w:delText></w:del><w:t>1234&#65288;x&amp;y</w:t></w:p>";
        let word = package(&[("word/document.xml", document.as_bytes())]);
        assert_eq!(places(&word), ["正文第 2 段 138****1234", "正文第 4 段 139****1234"]);
        let outer = package(&[("word/embeddings/a.docx", &word)]);
        assert_eq!(places(&outer)[0], "嵌入的文件里，正文第 2 段 138****1234");
    }

    #[test]
    fn slides_and_their_notes_are_read() {
        let slide = b"<p:sld><a:p><a:r><a:t>138</a:t></a:r><a:r><a:t>00001234</a:t></a:r></a:p></p:sld>";
        let slides = package(&[("ppt/slides/slide12.xml", slide), ("ppt/notesSlides/notesSlide1.xml", slide)]);
        assert_eq!(places(&slides), ["第 12 张幻灯片第 1 段 138****1234", "幻灯片备注第 1 段 138****1234"]);
    }

    #[test]
    fn what_unpacks_to_too_much_is_not_read() {
        let word = package(&[("word/document.xml", &vec![b' '; 100_000])]);
        assert!(word.len() < 2_000);
        let mut left = 50_000;
        assert!(look(&word, &mut Hits::default(), &mut left, 0).is_err());
    }

    #[test]
    fn damaged_packages_are_refused_without_a_panic() {
        let word = package(&[("word/document.xml", b"<w:p><w:t>13800001234</w:t></w:p>")]);
        for end in 0..word.len() {
            assert!(parts(&word[..end]).is_err(), "{end}");
        }
        for at in 0..word.len() {
            let mut broken = word.clone();
            broken[at] ^= 0x55;
            drop(parts(&broken));
        }
        assert!(parts(&package(&[("word/document.xml", b"<w:p><w:t>")])).is_ok());
        assert!(parts(&package(&[("word/document.xml", b"<w:p></w:t>")])).is_err());
    }
}
