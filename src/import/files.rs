//! The pictures and attachments of an imported page: copied beside the new item, or kept as links and reported.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;
use url::Url;

use super::block::Run;
use super::disk;
use super::recognise::Draft;
use super::report::{LeftOut, Reason};
use crate::diagnostic::{DOCUMENTS, PICTURES, Text};

pub struct Files<'a> {
    page: &'a Path,
    folder: PathBuf,
    stem: &'a str,
    inner: BTreeMap<String, Vec<u8>>,
    /// Where each source went.
    known: BTreeMap<String, String>,
    pub copied: Vec<String>,
    /// The files beside the page that were read, each where the disk has it.
    pub taken: Vec<PathBuf>,
    /// File and name.
    pub attachments: Vec<(String, String)>,
}

impl<'a> Files<'a> {
    pub fn new(page: &'a Path, folder: PathBuf, stem: &'a str, inner: BTreeMap<String, Vec<u8>>) -> Self {
        let (known, copied, taken, attachments) = Default::default();
        Self { page, folder, stem, inner, known, copied, taken, attachments }
    }

    /// Points every picture and link of the body at where it can be found now.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn resolve(&mut self, draft: &mut Draft) -> Result<(), Text> {
        let base = draft.source_url.as_deref().and_then(|url| Url::parse(url).ok());
        let Draft { body, left_out, .. } = draft;
        for part in body.iter_mut() {
            let doubt = &mut part.doubt;
            for run in part.block.runs_mut().into_iter().flatten() {
                match run {
                    Run::Picture { src, alt } => match self.picture(src, base.as_ref(), left_out)? {
                        Some(target) => *src = target,
                        None => {
                            *doubt = Some("这里原有一张图片，没有找到文件");
                            *run = Run::plain(if alt.is_empty() {
                                "（图片）".to_owned()
                            } else {
                                std::mem::take(alt)
                            });
                        }
                    },
                    Run::Text { text, look } => {
                        if let Some(target) = look.link.take() {
                            look.link = self.link(&target, text.trim(), base.as_ref(), left_out)?;
                        }
                    }
                    Run::Note(_) => {}
                }
            }
        }
        body.retain(|part| !part.block.text().trim().is_empty() || part.block.has_picture());
        Ok(())
    }

    /// Writes a new file beside the item, under its stem.
    pub fn create(&self, bytes: &[u8], ending: &str) -> Result<String, Text> {
        let name = |number: usize| match (ending, number) {
            ("md", 1) => format!("{}.md", self.stem),
            _ => format!("{}-{number}.{ending}", self.stem),
        };
        disk::create(&self.folder, bytes, name).map_err(|error| {
            let (folder, why) = (self.folder.display(), Text::from(&error));
            Text::new(format!("无法写入“{folder}”：{}", why.zh), format!("cannot write to \"{folder}\": {}", why.en))
        })
    }

    fn picture(&mut self, src: &str, base: Option<&Url>, left_out: &mut Vec<LeftOut>) -> Result<Option<String>, Text> {
        if let Some(known) = self.known.get(src) {
            return Ok(Some(known.clone()));
        }
        let bytes = match src.strip_prefix("data:") {
            Some(data) => decode_data(data),
            None => self.inner.get(src).cloned().or_else(|| self.local(src)),
        };
        if let Some(bytes) = bytes {
            let name = self.create(&bytes, picture_ending(src, &bytes))?;
            self.known.insert(src.to_owned(), name.clone());
            self.copied.push(name.clone());
            return Ok(Some(name));
        }
        // What a browser saves beside a page never was an address of the old site.
        let is_saved = ["_files/", ".files/"].iter().any(|mark| src.contains(mark));
        let remote = if is_saved { None } else { whole_address(src, base) };
        let reason = if remote.is_some() { Reason::Remote } else { Reason::MissingFile };
        left_out.push(LeftOut { text: remote.clone().unwrap_or_else(|| src.to_owned()), reason });
        Ok(remote)
    }

    fn link(
        &mut self,
        target: &str,
        name: &str,
        base: Option<&Url>,
        left_out: &mut Vec<LeftOut>,
    ) -> Result<Option<String>, Text> {
        let target = target.trim();
        let scheme = target.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase()).unwrap_or_default();
        if matches!(scheme.as_str(), "mailto" | "tel") {
            return Ok(Some(target.to_owned()));
        }
        let ending = ending_of(target);
        let is_file = is_document(&ending) || PICTURES.contains(&ending.as_str());
        if let Some(bytes) = is_file.then(|| self.local(target)).flatten() {
            return self.attach(target, name, &ending, &bytes).map(Some);
        }
        if let Some(address) = whole_address(target, base) {
            if is_document(&ending) {
                left_out.push(LeftOut { text: address.clone(), reason: Reason::Remote });
            }
            return Ok(Some(address));
        }
        let reason = match scheme.as_str() {
            "javascript" | "data" | "vbscript" => Reason::UnsafeLink,
            _ if is_file => Reason::MissingFile,
            _ => Reason::DeadLink,
        };
        left_out.push(LeftOut { text: target.to_owned(), reason });
        Ok(None)
    }

    fn attach(&mut self, target: &str, name: &str, ending: &str, bytes: &[u8]) -> Result<String, Text> {
        if let Some(known) = self.known.get(target) {
            return Ok(known.clone());
        }
        let file = self.create(bytes, ending)?;
        self.known.insert(target.to_owned(), file.clone());
        self.copied.push(file.clone());
        if is_document(ending) {
            let own = target.rsplit('/').next().unwrap_or(target);
            self.attachments.push((file.clone(), if name.is_empty() { own.to_owned() } else { name.to_owned() }));
        }
        Ok(file)
    }

    /// The bytes of a file beside the page.
    fn local(&mut self, target: &str) -> Option<Vec<u8>> {
        if target.contains("://") || target.starts_with(['/', '\\']) {
            return None;
        }
        let plain = target.split(['?', '#']).next()?;
        let decoded = percent_decode_str(plain).decode_utf8().ok()?;
        let found = disk::beside(self.page, &decoded)?;
        disk::size(&found).filter(|size| *size <= disk::LARGEST)?;
        let bytes = disk::read(&found).ok()?;
        self.taken.push(found);
        Some(bytes)
    }
}

/// Whether a file that a link leads to belongs to the item, by its ending.
fn is_document(ending: &str) -> bool {
    ending == "txt" || DOCUMENTS.contains(&ending)
}

/// An address with its host, if there is one.
fn whole_address(target: &str, base: Option<&Url>) -> Option<String> {
    let url = match (target.strip_prefix("//"), base) {
        (Some(rest), _) => Url::parse(&format!("https://{rest}")).ok()?,
        (None, Some(base)) if !target.starts_with('#') => base.join(target).ok()?,
        _ => Url::parse(target).ok()?,
    };
    matches!(url.scheme(), "http" | "https").then(|| url.to_string())
}

fn ending_of(target: &str) -> String {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}

/// A picture's ending: the one that it has, else the one that its bytes tell.
fn picture_ending(src: &str, bytes: &[u8]) -> &'static str {
    let own = ending_of(src);
    if let Some(ending) = PICTURES.iter().find(|ending| **ending == own) {
        return ending;
    }
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => "png",
        [b'G', b'I', b'F', ..] => "gif",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "webp",
        [b'B', b'M', ..] => "bmp",
        [b'<', ..] => "svg",
        _ => "jpg",
    }
}

/// The bytes of a `data:` address, without its scheme.
fn decode_data(data: &str) -> Option<Vec<u8>> {
    let (kind, body) = data.split_once(',')?;
    if !kind.ends_with(";base64") {
        return Some(percent_decode_str(body).collect());
    }
    let (mut bytes, mut buffer, mut bits) = (Vec::new(), 0_u32, 0);
    for byte in body.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        buffer = buffer << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((buffer >> bits & 0xFF) as u8);
        }
    }
    Some(bytes)
}
