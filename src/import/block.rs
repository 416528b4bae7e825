//! The one form that all readers give: a page as a list of blocks.

use std::collections::BTreeMap;

use super::report::LeftOut;

/// What a reader found in a file.
#[derive(Debug, Default)]
pub struct Page {
    pub blocks: Vec<Located>,
    /// `<meta>` tags and document properties, names in lower case.
    pub meta: Vec<(String, String)>,
    /// Titles that the file names outside its text, the likeliest first.
    pub titles: Vec<String>,
    /// Files that stand inside the file: pictures of a document, `data:` addresses.
    pub inner_files: BTreeMap<String, Vec<u8>>,
    /// Footnotes and endnotes, in the order in which the text refers to them.
    pub notes: Vec<Vec<Run>>,
    /// What the reader itself passed over: scripts, hidden elements.
    pub left_out: Vec<LeftOut>,
    /// What the reader is not sure of.
    pub doubts: Vec<&'static str>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Located {
    pub zone: Zone,
    pub block: Block,
}

/// Where a block stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// In the article, as far as the reader can tell.
    Article,
    /// In the page around it.
    Around,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// From 1, the title's level.
    Heading(u8, Vec<Run>),
    Paragraph(Vec<Run>),
    Quote(Vec<Run>),
    List(Vec<Entry>),
    Table(Table),
}

/// An entry of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// In how many other lists its own lies.
    pub depth: usize,
    pub ordered: bool,
    /// Its number, where the file tells it; else the next one.
    pub number: Option<usize>,
    pub runs: Vec<Run>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    pub rows: Vec<Vec<Vec<Run>>>,
    /// Whether cells were merged, which Markdown cannot say.
    pub has_merged_cells: bool,
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq)]
pub enum Run {
    Text {
        text: String,
        look: Look,
    },
    Picture {
        src: String,
        alt: String,
    },
    /// Refers to a note, the first of which is 1.
    Note(usize),
}

/// What sets a piece of text off from plain text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Look {
    pub strong: bool,
    /// Struck out: it no longer holds.
    pub struck: bool,
    pub vertical_align: VerticalAlign,
    pub link: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum VerticalAlign {
    #[default]
    Baseline,
    Superscript,
    Subscript,
}

impl Look {
    /// Whether the words alone would say something else, as `104` for 10⁴ does.
    pub fn bears_meaning(&self) -> bool {
        self.struck || self.vertical_align != VerticalAlign::Baseline
    }
}

impl Run {
    pub fn plain(text: impl Into<String>) -> Self {
        Self::Text { text: text.into(), look: Look::default() }
    }
}

/// The words of some runs.
pub fn text_of(runs: &[Run]) -> String {
    let texts = runs.iter().map(|run| match run {
        Run::Text { text, .. } => text.as_str(),
        Run::Picture { .. } | Run::Note(_) => "",
    });
    texts.collect()
}

impl Block {
    /// All words of the block, a line each for items and rows.
    pub fn text(&self) -> String {
        match self {
            Self::Heading(_, runs) | Self::Paragraph(runs) | Self::Quote(runs) => text_of(runs),
            Self::List(entries) => entries.iter().map(|entry| text_of(&entry.runs)).collect::<Vec<_>>().join("\n"),
            Self::Table(table) => {
                let row = |row: &Vec<Vec<Run>>| row.iter().map(|cell| text_of(cell)).collect::<Vec<_>>().join(" ");
                table.rows.iter().map(row).collect::<Vec<_>>().join("\n")
            }
        }
    }

    /// Every run, to be mended or looked at.
    pub fn runs_mut(&mut self) -> Vec<&mut Vec<Run>> {
        match self {
            Self::Heading(_, runs) | Self::Paragraph(runs) | Self::Quote(runs) => vec![runs],
            Self::List(entries) => entries.iter_mut().map(|entry| &mut entry.runs).collect(),
            Self::Table(table) => table.rows.iter_mut().flatten().collect(),
        }
    }

    pub fn has_picture(&self) -> bool {
        self.has(|run| matches!(run, Run::Picture { .. }))
    }

    /// Whether the words alone would say something else.
    pub fn has_look_with_meaning(&self) -> bool {
        self.has(|run| matches!(run, Run::Text { look, .. } if look.bears_meaning()))
    }

    fn has(&self, is_such: impl Fn(&Run) -> bool) -> bool {
        let has = |runs: &[Run]| runs.iter().any(&is_such);
        match self {
            Self::Heading(_, runs) | Self::Paragraph(runs) | Self::Quote(runs) => has(runs),
            Self::List(entries) => entries.iter().any(|entry| has(&entry.runs)),
            Self::Table(table) => table.rows.iter().flatten().any(|cell| has(cell)),
        }
    }
}

/// Adds text to a line, joined to the piece before where that looks alike.
pub fn push_text(runs: &mut Vec<Run>, added: &str, its_look: &Look) {
    match runs.last_mut() {
        Some(Run::Text { text, look }) if look == its_look => text.push_str(added),
        _ => runs.push(Run::Text { text: added.to_owned(), look: its_look.clone() }),
    }
}
