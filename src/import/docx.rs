//! A Word document (.docx) -> blocks: headings by style, bold, lists, tables, links and pictures.
//!
//! A document is an archive of XML. Every part is read up to a limit, so that a small file cannot fill the memory.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::block::{Block, Entry, Located, Look, Page, Run, Table, VerticalAlign, Zone, push_text, text_of};
use super::numbering::{Mark, Numbering};
use super::report::{LeftOut, Reason};
use crate::diagnostic::Text;

/// The most bytes that one part may have when it is unpacked.
const PART: u64 = 64 << 20;
/// The most for all pictures together.
const PICTURES: usize = 256 << 20;

/// Whether bytes are an archive, as a document is.
pub fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// # Errors
/// An archive that is damaged or no document.
pub fn read(bytes: &[u8]) -> Result<Page, Text> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged())?;
    let document = part(&mut archive, "word/document.xml")?.ok_or_else(|| {
        Text::new(
            "这不是 Word 文档（里面没有 word/document.xml）",
            "this is no Word document (it has no word/document.xml)",
        )
    })?;
    let styles = part(&mut archive, "word/styles.xml")?.map_or_else(BTreeMap::new, |xml| styles(&xml));
    let relations = part(&mut archive, "word/_rels/document.xml.rels")?.map_or_else(BTreeMap::new, |xml| targets(&xml));
    let numbering =
        part(&mut archive, "word/numbering.xml")?.map_or_else(Numbering::default, |xml| Numbering::read(&xml));
    let mut reader = Document { styles, relations, numbering, ..Document::default() };
    reader.read(&document)?;
    let mut page = std::mem::take(&mut reader.page);
    if reader.numbering.has_unknown {
        page.doubts.push("有的自动编号没有认出，请与原文核对");
    }
    for (name, kind) in [("word/footnotes.xml", NoteKind::Footnote), ("word/endnotes.xml", NoteKind::Endnote)] {
        if reader.notes.iter().chain(&reader.hidden_notes).any(|note| note.0 == kind)
            && let Some(xml) = part(&mut archive, name)?
        {
            reader.read_notes(&xml, kind, &mut page)?;
        }
    }
    beside(&mut archive, &mut page)?;
    if let Some(xml) = part(&mut archive, "docProps/core.xml")? {
        properties(&xml, &mut page);
    }
    let mut total = 0;
    for name in std::mem::take(&mut reader.pictures) {
        let inner = name.strip_prefix('/').map_or_else(|| format!("word/{name}"), str::to_owned);
        if let Some(bytes) = bytes_of(&mut archive, &inner)?.filter(|bytes| total + bytes.len() <= PICTURES) {
            total += bytes.len();
            page.inner_files.insert(name, bytes);
        }
    }
    Ok(page)
}

/// What stands beside the text: headers, footers and comments, which no page of the site has.
fn beside(archive: &mut ZipArchive<Cursor<&[u8]>>, page: &mut Page) -> Result<(), Text> {
    let mut names: Vec<String> = archive.file_names().flatten().map(Cow::into_owned).collect();
    names.sort();
    for name in names {
        let reason = match name.strip_prefix("word/").and_then(|name| name.strip_suffix(".xml")) {
            Some(name) if name.starts_with("header") || name.starts_with("footer") => Reason::Margin,
            Some("comments") => Reason::Comment,
            _ => continue,
        };
        let mut reader = Document::default();
        if let Some(xml) = part(archive, &name)? {
            reader.read(&xml)?;
        }
        let shown = reader.page.blocks.iter().map(|it| it.block.text().trim().to_owned());
        let shown: Vec<LeftOut> = shown.map(|text| LeftOut { text, reason: reason.clone() }).collect();
        for left_out in shown.into_iter().chain(reader.page.left_out) {
            // A page's number says nothing here, and documents often have one header for each section.
            if left_out.text.chars().any(char::is_alphabetic) && !page.left_out.contains(&left_out) {
                page.left_out.push(left_out);
            }
        }
    }
    Ok(())
}

fn damaged() -> Text {
    Text::new("文档已经损坏，打不开", "the document is damaged and cannot be opened")
}

fn bytes_of(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<Option<Vec<u8>>, Text> {
    let Ok(file) = archive.by_name(name) else { return Ok(None) };
    let mut bytes = Vec::new();
    file.take(PART + 1).read_to_end(&mut bytes).map_err(|_| damaged())?;
    if bytes.len() as u64 > PART {
        return Err(Text::new("文档里有一部分大得不正常，没有读取", "a part of the document is abnormally large"));
    }
    Ok(Some(bytes))
}

fn part(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<Option<String>, Text> {
    let bytes = bytes_of(archive, name)?;
    bytes.map(String::from_utf8).transpose().map_err(|_| damaged())
}

pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    let raw = found.value.as_ref();
    Some(quick_xml::escape::unescape(raw).map_or_else(|_| raw.to_owned(), |text| text.into_owned()))
}

/// The tags of a small part, one by one.
pub(super) fn each_tag(xml: &str, mut see: impl FnMut(&str, &BytesStart<'_>)) {
    let mut reader = Reader::from_str(xml);
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(tag) | Event::Empty(tag) => {
                let name = tag.local_name().as_ref().to_owned();
                see(&name, &tag);
            }
            Event::Eof => return,
            _ => {}
        }
    }
}

/// A style of paragraphs or of characters.
#[derive(Debug, Clone, Default)]
struct Style {
    /// In lower case, e.g. `heading 1`.
    name: String,
    /// The id of the style from which it takes what it does not say itself.
    based_on: Option<String>,
    /// Whether its text is hidden, where it says so.
    is_hidden: Option<bool>,
    /// The id of the list that numbers its paragraphs, and their level in it.
    list: Option<String>,
    level: Option<usize>,
}

/// Each style with its id.
fn styles(xml: &str) -> BTreeMap<String, Style> {
    let mut styles: BTreeMap<String, Style> = BTreeMap::new();
    let mut id = String::new();
    each_tag(xml, |name, tag| {
        if name == "style" {
            id = attribute(tag, "styleId").unwrap_or_default();
        }
        let style = styles.entry(id.clone()).or_default();
        match name {
            "name" => style.name = attribute(tag, "val").unwrap_or_default().to_lowercase(),
            "basedOn" => style.based_on = attribute(tag, "val"),
            "vanish" => style.is_hidden = Some(is_on(tag)),
            "numId" => style.list = attribute(tag, "val"),
            "ilvl" => style.level = level(tag),
            _ => {}
        }
    });
    styles
}

/// What a style says, or else the nearest one that it is based on.
fn inherited<T>(styles: &BTreeMap<String, Style>, id: &str, said: impl Fn(&Style) -> Option<T>) -> Option<T> {
    let mut style = styles.get(id)?;
    // Styles of a damaged document may be based on each other.
    for _ in 0..20 {
        if let Some(value) = said(style) {
            return Some(value);
        }
        style = styles.get(style.based_on.as_ref()?)?;
    }
    None
}

/// In how many other lists that of a paragraph lies.
fn level(tag: &BytesStart<'_>) -> Option<usize> {
    attribute(tag, "val")?.parse().ok().map(|level: usize| level.min(8))
}

/// Puts what Word shows before a paragraph in front of its words.
fn prefix(runs: &mut Vec<Run>, mark: &str) {
    match runs.first_mut() {
        Some(Run::Text { text, look }) if look.link.is_none() && !look.bears_meaning() => text.insert_str(0, mark),
        _ => runs.insert(0, Run::plain(mark)),
    }
}

/// Whether a property such as `<w:b/>` is set, not cancelled as by `<w:b w:val="0"/>`.
fn is_on(tag: &BytesStart<'_>) -> bool {
    !matches!(attribute(tag, "val").as_deref(), Some("0" | "false" | "off"))
}

fn targets(xml: &str) -> BTreeMap<String, String> {
    let mut targets = BTreeMap::new();
    each_tag(xml, |_, tag| {
        if let (Some(id), Some(target)) = (attribute(tag, "Id"), attribute(tag, "Target")) {
            targets.insert(id, target);
        }
    });
    targets
}

fn properties(xml: &str, page: &mut Page) {
    let mut reader = Reader::from_str(xml);
    let mut inside = String::new();
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(tag) => inside = tag.local_name().as_ref().to_owned(),
            Event::End(_) => inside.clear(),
            Event::Text(text) if inside == "title" => {
                let text = text.trim().to_owned();
                page.titles.extend((!text.is_empty()).then_some(text));
            }
            Event::Eof => return,
            _ => {}
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NoteKind {
    Footnote,
    Endnote,
}

/// The old form of a drawing beside its new one, and how something looked before a tracked change.
fn is_passed_over(name: &str) -> bool {
    name == "Fallback" || name.ends_with("PrChange")
}

/// Whether the lists of a style are numbered, and in how many others they lie: `list number 2`.
fn list_of(style: &str) -> Option<(bool, usize)> {
    let (kind, level) = match style.strip_prefix("list ")?.split_once(' ') {
        Some((kind, level)) => (kind, level.parse::<usize>().ok()?.clamp(1, 9) - 1),
        None => (style.strip_prefix("list ")?, 0),
    };
    matches!(kind, "bullet" | "number").then_some((kind == "number", level))
}

/// The kind of a note and its id among those of its kind.
type Note = (NoteKind, String);

/// What a paragraph is by its style.
enum Kind {
    Heading(u8),
    Quote,
    Plain,
}

impl Kind {
    fn block(self, runs: Vec<Run>) -> Block {
        match self {
            Self::Heading(level) => Block::Heading(level, runs),
            Self::Quote => Block::Quote(runs),
            Self::Plain => Block::Paragraph(runs),
        }
    }
}

/// What is open while the document is read.
#[derive(Default)]
struct Document {
    styles: BTreeMap<String, Style>,
    relations: BTreeMap<String, String>,
    numbering: Numbering,
    page: Page,
    /// The pictures' names in the archive below `word/`.
    pictures: Vec<String>,
    /// The notes that the text refers to.
    notes: Vec<Note>,
    /// The notes that only hidden text refers to.
    hidden_notes: Vec<Note>,
    /// In the part that holds them: each note's id with its words.
    note_texts: BTreeMap<String, Vec<Run>>,
    note: Option<String>,
    runs: Vec<Run>,
    style: String,
    /// The id of the list that numbers the paragraph; `0` for none.
    list: Option<String>,
    /// In how many other lists that one lies.
    level: Option<usize>,
    in_properties: bool,
    /// Whether the paragraph's end is hidden or deleted: then nothing of it is left if its words are, too.
    is_open_end: bool,
    look: Look,
    /// Whether the paragraph's style hides its text.
    hides: bool,
    /// Whether the run is hidden.
    is_hidden: bool,
    /// Hidden text that was not reported yet: one remark may be cut into several runs.
    hidden: String,
    in_text: bool,
    in_run: bool,
    is_deleted: bool,
    /// Whether the text was moved elsewhere by a tracked change: it is read there.
    is_moved: bool,
    alt: String,
    tables: Vec<OpenTable>,
    /// How deep inside what is passed over.
    skipped: usize,
}

#[derive(Default)]
struct OpenTable {
    table: Table,
    cell: Vec<Run>,
    columns: usize,
}

impl Document {
    /// The words of notes, in the places of those that refer to them.
    fn read_notes(&self, xml: &str, kind: NoteKind, page: &mut Page) -> Result<(), Text> {
        let mut reader = Self { styles: self.styles.clone(), ..Self::default() };
        reader.read(xml)?;
        page.left_out.append(&mut reader.page.left_out);
        page.notes.resize(self.notes.len(), Vec::new());
        for (place, reference) in self.notes.iter().enumerate().filter(|(_, reference)| reference.0 == kind) {
            page.notes[place] = reader.note_texts.remove(&reference.1).unwrap_or_default();
        }
        for (_, id) in self.hidden_notes.iter().filter(|reference| reference.0 == kind) {
            let text = text_of(&reader.note_texts.remove(id).unwrap_or_default()).trim().to_owned();
            page.left_out.push(LeftOut { text, reason: Reason::HiddenText });
        }
        Ok(())
    }

    fn read(&mut self, xml: &str) -> Result<(), Text> {
        let mut reader = Reader::from_str(xml);
        loop {
            match reader.read_event().map_err(|_| damaged())? {
                Event::Start(tag) => {
                    let name = tag.local_name().as_ref().to_owned();
                    if self.skipped > 0 || is_passed_over(&name) {
                        self.skipped += 1;
                    } else {
                        self.start(&name, &tag);
                    }
                }
                Event::Empty(tag) if self.skipped == 0 => {
                    let name = tag.local_name().as_ref().to_owned();
                    self.start(&name, &tag);
                    self.end(&name);
                }
                Event::End(_) if self.skipped > 0 => self.skipped -= 1,
                Event::End(tag) => {
                    let name = tag.local_name().as_ref().to_owned();
                    self.end(&name);
                }
                Event::Text(text) if self.in_text && self.skipped == 0 => {
                    self.text(&text);
                }
                Event::GeneralRef(reference) if self.in_text && self.skipped == 0 => {
                    let name: &str = &reference;
                    let text = quick_xml::escape::unescape(&format!("&{name};")).map(|text| text.into_owned());
                    self.text(&text.unwrap_or_default());
                }
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    fn text(&mut self, text: &str) {
        if self.is_moved {
            return;
        }
        if self.is_deleted {
            self.page.left_out.push(LeftOut { text: text.to_owned(), reason: Reason::Deleted });
        } else if self.is_hidden {
            self.hidden.push_str(text);
        } else {
            self.report_hidden();
            push_text(&mut self.runs, text, &self.look);
        }
    }

    fn report_hidden(&mut self) {
        let text = std::mem::take(&mut self.hidden).trim().to_owned();
        if !text.is_empty() {
            self.page.left_out.push(LeftOut { text, reason: Reason::HiddenText });
        }
    }

    fn start(&mut self, name: &str, tag: &BytesStart<'_>) {
        match name {
            "p" => {
                (self.style, self.list, self.level) = (String::new(), None, None);
                (self.hides, self.is_open_end) = (false, false);
            }
            "pPr" => self.in_properties = true,
            "pStyle" => {
                let id = attribute(tag, "val").unwrap_or_default();
                self.style = self.styles.get(&id).map_or_else(|| id.to_lowercase(), |style| style.name.clone());
                self.hides = inherited(&self.styles, &id, |style| style.is_hidden).unwrap_or(false);
                self.list = inherited(&self.styles, &id, |style| style.list.clone());
                self.level = inherited(&self.styles, &id, |style| style.level);
            }
            "numId" => self.list = attribute(tag, "val"),
            "ilvl" => self.level = level(tag),
            "vanish" | "del" | "moveFrom" if self.in_properties => self.is_open_end = is_on(tag),
            "r" => {
                self.look = Look { link: self.look.link.take(), ..Look::default() };
                (self.in_run, self.is_hidden) = (true, self.hides);
            }
            "rStyle" => {
                let id = attribute(tag, "val").unwrap_or_default();
                self.is_hidden = inherited(&self.styles, &id, |style| style.is_hidden).unwrap_or(self.is_hidden);
            }
            "b" if self.in_run => self.look.strong = is_on(tag),
            "strike" | "dstrike" if self.in_run => self.look.struck = is_on(tag),
            "vertAlign" if self.in_run => {
                self.look.vertical_align = match attribute(tag, "val").as_deref() {
                    Some("superscript") => VerticalAlign::Superscript,
                    Some("subscript") => VerticalAlign::Subscript,
                    _ => VerticalAlign::Baseline,
                }
            }
            "vanish" if self.in_run => self.is_hidden = is_on(tag),
            "moveFrom" => self.is_moved = true,
            "t" | "delText" => (self.in_text, self.is_deleted) = (true, name == "delText"),
            // Outside a run, `tab` is a stop of the ruler.
            "tab" if self.in_run => self.text(" "),
            "br" | "cr" => self.text("\n"),
            "hyperlink" => self.look.link = attribute(tag, "id").and_then(|id| self.relations.get(&id).cloned()),
            "footnoteReference" => self.note(NoteKind::Footnote, tag),
            "endnoteReference" => self.note(NoteKind::Endnote, tag),
            "footnote" | "endnote" => self.note = attribute(tag, "id"),
            "docPr" => self.alt = attribute(tag, "descr").unwrap_or_default(),
            "blip" => self.picture(attribute(tag, "embed")),
            "tbl" => self.tables.push(OpenTable::default()),
            "tr" => self.innermost_table(|open| open.table.rows.push(Vec::new())),
            "tc" => self.innermost_table(|open| (open.cell, open.columns) = (Vec::new(), 1)),
            "gridSpan" => {
                let columns = attribute(tag, "val").and_then(|text| text.parse().ok()).unwrap_or(1_usize).clamp(1, 50);
                self.innermost_table(|open| (open.columns, open.table.has_merged_cells) = (columns, true));
            }
            "vMerge" => self.innermost_table(|open| open.table.has_merged_cells = true),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "p" => self.end_paragraph(),
            "pPr" => self.in_properties = false,
            "r" => (self.in_run, self.is_hidden) = (false, false),
            "moveFrom" => self.is_moved = false,
            "t" | "delText" => (self.in_text, self.is_deleted) = (false, false),
            "hyperlink" => self.look.link = None,
            "tc" => self.innermost_table(|open| {
                let cell = std::mem::take(&mut open.cell);
                if let Some(row) = open.table.rows.last_mut() {
                    row.push(cell);
                    row.resize(row.len() + open.columns.max(1) - 1, Vec::new());
                }
            }),
            "tbl" => self.end_table(),
            "footnote" | "endnote" => self.note = None,
            _ => {}
        }
    }

    /// What belongs to the innermost table.
    fn innermost_table(&mut self, change: impl FnOnce(&mut OpenTable)) {
        if let Some(open) = self.tables.last_mut() {
            change(open);
        }
    }

    fn picture(&mut self, id: Option<String>) {
        let Some(target) = id.and_then(|id| self.relations.get(&id).cloned()) else { return };
        let alt = std::mem::take(&mut self.alt);
        if self.is_hidden {
            return self.page.left_out.push(LeftOut { text: target, reason: Reason::HiddenText });
        }
        self.runs.push(Run::Picture { src: target.clone(), alt });
        self.pictures.push(target);
    }

    fn note(&mut self, kind: NoteKind, tag: &BytesStart<'_>) {
        let Some(id) = attribute(tag, "id") else { return };
        if self.is_hidden {
            return self.hidden_notes.push((kind, id));
        }
        self.notes.push((kind, id));
        self.runs.push(Run::Note(self.notes.len()));
    }

    /// What stands before the paragraph that ends.
    fn mark(&mut self) -> Option<Mark> {
        let list = self.list.clone().filter(|list| list != "0")?;
        // Some programs write lists without saying what these look like.
        let undefined = list_of(&self.style).is_none().then_some(Mark::Bullet);
        self.numbering.next(&list, self.level.unwrap_or(0)).or(undefined)
    }

    fn end_paragraph(&mut self) {
        self.report_hidden();
        let mut runs = std::mem::take(&mut self.runs);
        if let Some(id) = self.note.clone() {
            let text = self.note_texts.entry(id).or_default();
            if !text.is_empty() && !runs.is_empty() {
                text.push(Run::plain(" "));
            }
            return text.extend(runs);
        }
        let is_empty = text_of(&runs).trim().is_empty() && !runs.iter().any(|run| matches!(run, Run::Picture { .. }));
        // An empty paragraph is counted too.
        let mark = if is_empty && self.is_open_end { None } else { self.mark() };
        if let Some(open) = self.tables.last_mut() {
            if let Some(Mark::Number(_, text) | Mark::Text(text)) = mark {
                prefix(&mut runs, if is_empty { text.trim() } else { &text });
            }
            if !open.cell.is_empty() && !runs.is_empty() {
                open.cell.push(Run::plain("\n"));
            }
            return open.cell.extend(runs);
        }
        if is_empty {
            return;
        }
        let block = match (self.kind(), mark) {
            (Kind::Plain, Some(Mark::Number(number, _))) => return self.item(true, Some(number), runs),
            (Kind::Plain, Some(Mark::Bullet)) => return self.item(false, None, runs),
            (Kind::Plain, None) if let Some((ordered, _)) = list_of(&self.style) => {
                return self.item(ordered, None, runs);
            }
            (kind, mark) => {
                if let Some(Mark::Number(_, text) | Mark::Text(text)) = mark {
                    prefix(&mut runs, &text);
                }
                kind.block(runs)
            }
        };
        self.page.blocks.push(Located { zone: Zone::Article, block });
    }

    fn kind(&self) -> Kind {
        let heading = self.style.strip_prefix("heading ").and_then(|level| level.parse::<u8>().ok());
        match (self.style.as_str(), heading) {
            ("title", _) => Kind::Heading(1),
            // A document's first level stands below its title.
            (_, Some(level)) => Kind::Heading(level.saturating_add(1).min(6)),
            ("quote" | "intense quote", _) => Kind::Quote,
            _ => Kind::Plain,
        }
    }

    fn item(&mut self, ordered: bool, number: Option<usize>, runs: Vec<Run>) {
        let level = list_of(&self.style).map_or(0, |(_, level)| level);
        let entry = Entry { depth: self.level.unwrap_or(0).max(level), ordered, number, runs };
        if let Some(Located { block: Block::List(entries), .. }) = self.page.blocks.last_mut() {
            return entries.push(entry);
        }
        let block = Block::List(vec![entry]);
        self.page.blocks.push(Located { zone: Zone::Article, block });
    }

    /// A table in a cell gives its words to that cell.
    fn end_table(&mut self) {
        let Some(open) = self.tables.pop() else { return };
        match self.tables.last_mut() {
            Some(outer) => outer.cell.push(Run::plain(Block::Table(open.table).text())),
            None => self.page.blocks.push(Located { zone: Zone::Article, block: Block::Table(open.table) }),
        }
    }
}
