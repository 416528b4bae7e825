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
        hits.look(text, "", || Text::new(format!("第 {number} 页"), format!("page {number}")));
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
