//! The text of PDF files, page by page.
//!
//! The library that reads them gives up on damaged files by a panic, and a hostile one could keep it busy for ever.
//! So it works on a thread of its own, whose end is waited for only so long.

use std::cell::Cell;
use std::panic;
use std::sync::{Once, mpsc};
use std::thread;
use std::time::Duration;

use pdf_extract::{Document, PlainTextOutput, output_doc_page};

use super::{Hits, Unreadable};
use crate::diagnostic::Text;

/// The longest that a file may take, in seconds; one of a thousand pages takes two.
const LONGEST_S: u64 = 20;
/// Deeply nested objects are read recursively.
const STACK_BYTES: usize = 64 << 20;

/// Looks page by page.
///
/// # Errors
/// It is encrypted, damaged or without any text.
pub fn pages(bytes: &[u8]) -> Result<Hits, Unreadable> {
    let (sender, receiver) = mpsc::channel();
    let bytes = bytes.to_vec();
    be_quiet_about_the_reader();
    let reader = thread::Builder::new().stack_size(STACK_BYTES).spawn(move || {
        IS_READER.set(true);
        let read = panic::catch_unwind(|| read(&bytes)).unwrap_or_else(|_| Err(damaged()));
        // Nobody listens any more once the time is up.
        drop(sender.send(read));
    });
    if reader.is_err() {
        return Err(damaged());
    }
    let texts = receiver.recv_timeout(Duration::from_secs(LONGEST_S)).map_err(|_| {
        Unreadable::new("文件太复杂，在限定时间内没有读完", "it is too complex to be read in the time allowed")
    })??;
    if texts.iter().all(|text| text.trim().is_empty()) {
        return Err(Unreadable::new(
            "里面没有文字，可能是扫描件，请人工查看",
            "it holds no text, perhaps it was scanned; a person must look at it",
        ));
    }
    let mut hits = Hits::default();
    for (index, text) in texts.iter().enumerate() {
        let number = index + 1;
        // Lines may be the cells of a table as well as parts of a sentence: an empty one keeps their numbers apart.
        let text = text.replace('\n', "\n\n");
        hits.look(&text, "", || Text::new(format!("第 {number} 页"), format!("page {number}")));
    }
    Ok(hits)
}

fn read(bytes: &[u8]) -> Result<Vec<String>, Unreadable> {
    let mut document = Document::load_mem(bytes).map_err(|_| damaged())?;
    if document.is_encrypted() {
        // Many files may be read by anybody and are encrypted only so that nobody changes them.
        document.decrypt("").map_err(|_| Unreadable::new("文件有密码，打不开", "it is protected by a password"))?;
    }
    document.get_pages().keys().map(|number| page(&document, *number)).collect()
}

fn page(document: &Document, number: u32) -> Result<String, Unreadable> {
    let mut text = String::new();
    let mut output = PlainTextOutput::new(&mut text);
    output_doc_page(document, &mut output, number).map_err(|_| damaged())?;
    Ok(text)
}

fn damaged() -> Unreadable {
    Unreadable::new("文件已损坏，或用了读不懂的写法", "it is damaged, or written in a way that cannot be read")
}

thread_local! {
    static IS_READER: Cell<bool> = const { Cell::new(false) };
}

/// A panic of the library becomes a finding; it is not to be printed as well.
fn be_quiet_about_the_reader() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !IS_READER.get() {
                before(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page with one line of a Chinese font whose glyphs have numbers of their own, as Word and WPS write it.
    fn page(text: &str) -> Vec<u8> {
        let codes: String = text.chars().enumerate().map(|(index, _)| format!("{:04X}", index + 3)).collect();
        let pairs = text.chars().enumerate().map(|(index, c)| format!("<{:04X}> <{:04X}>\n", index + 3, u32::from(c)));
        let pairs: String = pairs.collect();
        let map = format!(
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n{} beginbfchar\n{pairs}endbfchar\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n",
            text.chars().count()
        );
        let line = format!("BT /F1 12 Tf 72 760 Td <{codes}> Tj ET");
        let stream = |text: &str| format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len());
        let objects = [
            "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R >>".to_owned(),
            stream(&line),
            "<< /Type /Font /Subtype /Type0 /BaseFont /SimSun /Encoding /Identity-H /DescendantFonts [6 0 R] /ToUnicode 7 0 R >>".to_owned(),
            "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /SimSun /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 1000 /FontDescriptor 8 0 R >>".to_owned(),
            stream(&map),
            "<< /Type /FontDescriptor /FontName /SimSun /Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 859 /Descent -140 /CapHeight 700 /StemV 80 >>".to_owned(),
        ];
        let mut file = "%PDF-1.5\n".to_owned();
        let mut places = String::new();
        for (index, object) in objects.iter().enumerate() {
            places.push_str(&format!("{:010} 00000 n \n", file.len()));
            file.push_str(&format!("{} 0 obj\n{object}\nendobj\n", index + 1));
        }
        let start = file.len();
        file.push_str(&format!(
            "xref\n0 9\n0000000000 65535 f \n{places}trailer\n<< /Size 9 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
        ));
        file.into_bytes()
    }

    #[test]
    fn chinese_text_is_read_by_its_map() {
        let hits = pages(&page("联系人王某：13800001234")).expect("a whole file");
        assert_eq!(hits.0.len(), 1);
        assert_eq!(hits.0[0].at.zh, "第 1 页");
        let read = super::read(&page("联系人王某")).expect("a whole file");
        assert_eq!(read[0].trim(), "联系人王某");
    }

    #[test]
    fn a_damaged_file_is_a_message_and_never_a_panic() {
        let whole = page("13800001234");
        for end in (0..whole.len()).step_by(97) {
            drop(pages(&whole[..end]));
        }
        for at in (0..whole.len()).step_by(53) {
            let mut broken = whole.clone();
            broken[at] ^= 0x15;
            drop(pages(&broken));
        }
        assert!(pages(b"").is_err() && pages(b"%PDF-1.5\n").is_err());
    }
}
