//! IMPORT, a consumer beside the stages: an old page or Word document -> a Markdown file that an editor finishes.
//!
//! Read -> blocks -> recognise -> mend -> Markdown and a report. Three readers give one form (`block.rs`), and everything
//! behind them is the same. Never judges whether the item is right: building it does that. Start at [`import`].

mod block;
mod report;
mod decode;
mod html;
mod text;
mod docx;
mod numbering;
mod mend;
mod recognise;
mod markdown;
mod files;
mod disk;

use std::path::{Path, PathBuf};

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;

use crate::diagnostic::{FilePath, Text};
use crate::parse::item::ItemType;
use crate::parse::registry::Registry;
use crate::parse::slug::Slug;
use crate::source::CONTENT;
use crate::write;
use block::{Page, Run};
use files::Files;
use markdown::Setting;
use recognise::Draft;

pub use disk::pages;
pub use report::{LeftOut, Reason};

/// What an import is told.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Else guessed from the title.
    pub item_type: Option<ItemType>,
    /// Whether Traditional becomes Simplified.
    pub to_simplified: bool,
    /// Else looked for in source, title and text.
    pub districts: Vec<String>,
}

/// What became of a file.
#[derive(Debug)]
pub struct Imported {
    pub file: FilePath,
    pub title: Option<String>,
    pub item_type: ItemType,
    /// `UTF-8`, `GBK` …; `None` for a document.
    pub encoding: Option<&'static str>,
    /// Pictures and attachments that were copied.
    pub copied: Vec<FilePath>,
    /// The files beside the page that they were copied from, each where the disk has it.
    pub taken: Vec<PathBuf>,
    pub left_out: Vec<LeftOut>,
    /// What a person has to look at; also remarked in the file.
    pub doubts: Vec<String>,
}

/// Imports one file into the site in the folder `site`.
///
/// # Errors
/// Why the file could not be read or nothing could be written.
pub fn import(path: &Path, site: &Path, registry: &Registry, options: &Options) -> Result<Imported, Text> {
    let (page, encoding) = read(path)?;
    let mut draft = recognise::recognise(page.page, &registry.zone);
    if draft.body.is_empty() && draft.title.is_none() {
        return Err(Text::new("里面没有文字", "there is no text in it"));
    }
    if options.to_simplified {
        simplify(&mut draft);
    }
    let item_type = options.item_type.unwrap_or_else(|| guess_type(&draft));
    take_signature(&mut draft, item_type);
    let (folder, writes_type) = folder_of(item_type, registry);
    let stem = stem_of(&draft, path);
    let mut files = Files::new(path, site.join(CONTENT).join(&folder), &stem, page.inner_files);
    files.resolve(&mut draft)?;
    let (districts, is_guess) = districts_of(&draft, registry, options);
    let setting = Setting {
        item_type,
        writes_type,
        districts,
        is_guess,
        known_districts: registry.districts.iter().map(|district| district.name.as_str()).collect(),
        attachments: &files.attachments,
    };
    let (text, mut doubts) = markdown::write(&draft, &setting);
    if page.is_damaged {
        doubts.push("有些字节不是文字，已显示为 �，请核对".to_owned());
    }
    let name = files.create(text.as_bytes(), "md")?;
    let in_site = |name: &String| FilePath::new(format!("{CONTENT}/{folder}/{name}"));
    Ok(Imported {
        file: in_site(&name),
        title: draft.title,
        item_type,
        encoding,
        copied: files.copied.iter().map(in_site).collect(),
        taken: files.taken,
        left_out: draft.left_out,
        doubts,
    })
}

/// A file as its reader gives it.
struct ReadFile {
    page: Page,
    inner_files: std::collections::BTreeMap<String, Vec<u8>>,
    is_damaged: bool,
}

fn read(path: &Path) -> Result<(ReadFile, Option<&'static str>), Text> {
    let size = disk::size(path).ok_or_else(|| Text::new("没有这个文件", "there is no such file"))?;
    if size > disk::LARGEST {
        return Err(Text::new("文件超过 64 MB，没有读取", "the file has more than 64 MB and was not read"));
    }
    let bytes = disk::read(path).map_err(|error| {
        let why = Text::from(&error);
        Text::new(format!("无法读取：{}", why.zh), format!("cannot be read: {}", why.en))
    })?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Text::new("文件是空的", "the file is empty"));
    }
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(PassedOver::of(path).unwrap_or(PassedOver::Letter).text());
    }
    // Named or found in a folder, a file is judged alike.
    if let Some(kind) = PassedOver::by_content(&bytes).or_else(|| PassedOver::of(path).filter(|_| !is_pdf(&bytes))) {
        return Err(kind.text());
    }
    if is_pdf(&bytes) {
        return Err(Text::new(
            "这是 PDF，请把文字复制到 .txt 文件再导入",
            "this is a PDF: copy its text into a .txt file",
        ));
    }
    if docx::is_archive(&bytes) {
        let mut page = docx::read(&bytes)?;
        let inner_files = std::mem::take(&mut page.inner_files);
        return Ok((ReadFile { page, inner_files, is_damaged: false }, None));
    }
    let decoded = decode::decode(&bytes)?;
    let page = if is_html(path, &decoded.text) { html::read(&decoded.text) } else { text::read(&decoded.text) };
    Ok((ReadFile { page, inner_files: Default::default(), is_damaged: decoded.is_damaged }, Some(decoded.encoding)))
}

fn is_pdf(bytes: &[u8]) -> bool {
    bytes.starts_with(b"%PDF")
}

fn is_html(path: &Path, text: &str) -> bool {
    let ending = path.extension().and_then(|it| it.to_str()).unwrap_or_default().to_ascii_lowercase();
    let head: String = text.trim_start().chars().take(2000).collect::<String>().to_ascii_lowercase();
    ["html", "htm", "shtml", "xhtml"].contains(&ending.as_str())
        || ["<!doctype", "<html", "<body", "<meta"].iter().any(|tag| head.contains(tag))
}

fn guess_type(draft: &Draft) -> ItemType {
    let title = draft.title.as_deref().unwrap_or_default();
    let has = |words: &[&str]| words.iter().any(|word| title.contains(word));
    if has(&["招募", "招聘志愿者"]) && !has(&["公示", "结果"]) {
        ItemType::Recruitment
    } else if draft.document_number.is_some()
        || has(&["公示", "公告", "通告", "倡议书", "倡議書"])
        || ["通知", "通报", "通報"].iter().any(|end| title.trim_end_matches('》').ends_with(end))
    {
        ItemType::Notice
    } else {
        ItemType::Article
    }
}

/// A notice tells its issuer and date in its front matter, and the page prints them from there.
fn take_signature(draft: &mut Draft, item_type: ItemType) {
    let Some(at) = draft.signature.filter(|_| item_type == ItemType::Notice) else { return };
    let (before, parts) = (draft.left_out.len(), draft.body.drain(at..at + 2).collect::<Vec<_>>());
    for part in &parts {
        draft.left_out.push(LeftOut { text: part.block.text().trim().to_owned(), reason: Reason::FrontMatter });
    }
    if parts.iter().any(|part| part.block.has_look_with_meaning()) {
        draft.doubt_plain_fields(before);
    }
}

/// The folder of a type below `content/`, and whether the item has to name its type.
fn folder_of(item_type: ItemType, registry: &Registry) -> (String, bool) {
    if item_type == ItemType::Page {
        return ("pages".to_owned(), false);
    }
    let fitting = registry.columns.iter().find(|column| column.item_type == item_type);
    match fitting.or_else(|| registry.columns.first()) {
        Some(column) => (column.key.clone(), fitting.is_none()),
        None => ("pages".to_owned(), true),
    }
}

fn stem_of(draft: &Draft, path: &Path) -> String {
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let slug = Slug::transliterate(draft.title.as_deref().unwrap_or(&name));
    match draft.date.or(draft.issued) {
        Some(moment) => format!("{}-{slug}", moment.iso()),
        None => slug.to_string(),
    }
}

/// The districts, and whether they were only guessed.
fn districts_of(draft: &Draft, registry: &Registry, options: &Options) -> (Vec<String>, bool) {
    if !options.districts.is_empty() {
        return (options.districts.clone(), false);
    }
    let converter = converter();
    let simplified =
        |text: &str| converter.as_ref().map_or_else(|| text.to_owned(), |converter| converter.convert(text));
    let named_in = |text: &str| {
        let text = simplified(text);
        let named = registry.districts.iter().filter(|district| text.contains(&district.name));
        named.map(|district| district.name.clone()).collect::<Vec<_>>()
    };
    let of_source = [&draft.source, &draft.issuer, &draft.title];
    if let Some(found) = of_source.into_iter().flatten().map(|text| named_in(text)).find(|found| !found.is_empty()) {
        return (found.into_iter().take(1).collect(), false);
    }
    let body = simplified(&draft.body.iter().map(|part| part.block.text()).collect::<String>());
    let mut counted: Vec<(usize, &String)> =
        registry.districts.iter().map(|district| (body.matches(&district.name).count(), &district.name)).collect();
    counted.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let found = counted.first().filter(|(count, _)| *count > 0);
    (found.map(|(_, name)| (*name).clone()).into_iter().collect(), true)
}

fn converter() -> Option<OpenCC> {
    OpenCC::from_config(BuiltinConfig::T2s).ok()
}

/// Turns everything that a reader will see into Simplified.
fn simplify(draft: &mut Draft) {
    let Some(converter) = converter() else { return };
    let fields = [
        &mut draft.title,
        &mut draft.subtitle,
        &mut draft.source,
        &mut draft.author,
        &mut draft.editor,
        &mut draft.document_number,
        &mut draft.issuer,
    ];
    for text in fields.into_iter().flatten().chain(&mut draft.keywords) {
        *text = converter.convert(text);
    }
    let runs = draft.body.iter_mut().flat_map(|part| part.block.runs_mut()).flatten();
    for run in runs.chain(draft.notes.iter_mut().flatten()) {
        match run {
            Run::Text { text, .. } => *text = converter.convert(text),
            Run::Picture { alt, .. } => *alt = converter.convert(alt),
            Run::Note(_) => {}
        }
    }
}

/// The pages and documents that some paths name.
pub fn all_pages(paths: &[PathBuf]) -> Vec<PathBuf> {
    paths.iter().flat_map(|path| pages(path)).collect()
}

/// Documents that no reader is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassedOver {
    /// Words in another format than `.docx`.
    Letter,
    /// A page and its pictures in one file, as browsers can save them.
    WebArchive,
    /// A table, slides, printed pages.
    Other,
}

impl PassedOver {
    pub const ALL: [Self; 3] = [Self::Letter, Self::WebArchive, Self::Other];

    const ENDINGS: [(&str, Self); 15] = [
        ("doc", Self::Letter),
        ("wps", Self::Letter),
        ("rtf", Self::Letter),
        ("odt", Self::Letter),
        ("mht", Self::WebArchive),
        ("mhtml", Self::WebArchive),
        ("xls", Self::Other),
        ("xlsx", Self::Other),
        ("et", Self::Other),
        ("csv", Self::Other),
        ("ppt", Self::Other),
        ("pptx", Self::Other),
        ("dps", Self::Other),
        ("pdf", Self::Other),
        ("ofd", Self::Other),
    ];

    fn of(path: &Path) -> Option<Self> {
        let ending = disk::ending(path);
        Self::ENDINGS.iter().find(|(known, _)| *known == ending).map(|(_, it)| *it)
    }

    /// Formats that are texts too, whatever the file's name is: their commands would be taken for words.
    fn by_content(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"{\\rtf") {
            return Some(Self::Letter);
        }
        let head = String::from_utf8_lossy(&bytes[..bytes.len().min(2000)]).to_ascii_lowercase();
        let is_archive = head.contains("\nmime-version:") || head.starts_with("mime-version:");
        (is_archive && head.contains("multipart/related")).then_some(Self::WebArchive)
    }

    /// What they are and what to do.
    pub fn text(self) -> Text {
        match self {
            Self::Letter => Text::new(
                "旧格式或别的格式的文档，请在 Word 或 WPS 里另存为 .docx 再导入",
                "a document in an old or another format: save it as .docx in Word or WPS and import that",
            ),
            Self::WebArchive => Text::new(
                "单个文件的网页（.mht），请用浏览器打开，另存为“网页，全部”（.html）再导入",
                "a page saved as a single file: open it in a browser, save it as a complete page (.html) and import that",
            ),
            Self::Other => Text::new(
                "表格、演示稿和 PDF、OFD 不能导入：要用里面的文字，请复制到 .docx 或 .txt 再导入；要作附件，放到文章旁边，写进 attachments",
                "tables, slides and printed pages cannot be imported: copy their words into a .docx or .txt file, or attach them to an item by attachments",
            ),
        }
    }
}

/// The documents in these folders that are not imported, nor were taken along by a page that was.
pub fn passed_over(paths: &[PathBuf], taken: &[&Path]) -> Vec<(PathBuf, PassedOver)> {
    let endings = PassedOver::ENDINGS.map(|(ending, _)| ending);
    let documents = paths.iter().flat_map(|path| disk::below(path, &endings));
    let documents = documents.filter(|path| !taken.contains(&write::real(path).as_path()));
    documents.filter_map(|path| PassedOver::of(&path).map(|why| (path, why))).collect()
}
