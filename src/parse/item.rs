//! One Markdown file: its type, its front matter and its body.
//!
//! The fields of every type are here, those of one type in a file of their own. Start at [`parse`].

use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::ops::Range;

use jiff::tz::TimeZone;
use percent_encoding::percent_decode_str;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_yaml::Value;

use super::Checked;
use super::fields::{Field, Fields, Node, Placed, Report};
use super::markdown::{self, Body, Finding, FindingKind, Parsed};
use super::moment::Moment;
use super::notice::Notice;
use super::recruitment::Recruitment;
use super::registry::{ColumnId, DistrictId, NotADistrict, TopicId, Vocabulary};
use super::slug::Slug;
use super::yaml;
use crate::diagnostic::catalogue::{self, Expected};
use crate::diagnostic::{Diagnostic, FilePath, KeyPath, Place, has_errors, nearest};
use crate::fingerprint::{Fingerprint, fingerprint};
use crate::source::CONTENT;

/// A content type. The others of the content model (activity, venue …) join here, each with a file of
/// its fields beside [`super::recruitment`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemType {
    Article,
    Recruitment,
    Notice,
    Page,
}

impl ItemType {
    pub const ALL: [Self; 4] = [Self::Article, Self::Recruitment, Self::Notice, Self::Page];

    const NAMES: [(&str, Self); 8] = [
        ("article", Self::Article),
        ("要闻", Self::Article),
        ("recruitment", Self::Recruitment),
        ("招募", Self::Recruitment),
        ("notice", Self::Notice),
        ("通知公告", Self::Notice),
        ("page", Self::Page),
        ("页面", Self::Page),
    ];

    /// The type of a name, in English or Chinese.
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, item_type)| *item_type)
    }

    /// All names of the type: first the English one, then the Chinese one.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.iter().filter(move |(_, item_type)| *item_type == self).map(|(name, _)| *name)
    }

    /// The type of the items in a folder below `content/`, unless the column or the item says otherwise.
    pub fn of_folder(folder: &str) -> Self {
        match folder {
            "recruitment" => Self::Recruitment,
            "notices" | "notice" => Self::Notice,
            PAGES => Self::Page,
            _ => Self::Article,
        }
    }

    /// The type's name in front matter, in URLs and in templates.
    pub fn name(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Recruitment => "recruitment",
            Self::Notice => "notice",
            Self::Page => "page",
        }
    }
}

/// The folder of free-standing pages, which belong to no column.
pub const PAGES: &str = "pages";

impl Field for ItemType {
    fn decode(node: &Node<'_>) -> Option<Self> {
        let name = String::decode(node)?;
        node.report.note_words(&node.path, Self::NAMES.iter().map(|(known, _)| *known));
        let found = Self::named(&name);
        if found.is_none() {
            let known: Vec<&str> = Self::NAMES.iter().map(|(known, _)| *known).collect();
            let near = nearest(&name, known.iter().copied());
            node.report.push(catalogue::unknown_type(node.place(), &name, &near, &known));
        }
        found
    }
}

/// What the file says, and nothing that another file could change.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Item {
    /// The hash of all the rest, which it stands for.
    pub digest: Fingerprint,
    /// The hash of what other pages can show of it: all but the body's HTML.
    pub surface: Fingerprint,
    /// A cache names it once, beside the item.
    #[serde(skip)]
    pub file: FilePath,
    /// `None` for a free-standing page.
    pub column: Option<ColumnId>,
    pub front_matter: FrontMatter,
    pub detail: Detail,
    pub body: Body,
    /// The editor's summary, else the body's first sentences.
    pub summary: String,
}

impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

/// A summary that is made from a body has at most so many characters.
const SUMMARY: usize = 120;

/// The fields of one type.
#[derive(Debug, Clone, PartialEq, Hash, Serialize, Deserialize)]
pub enum Detail {
    Article,
    Recruitment(Box<Recruitment>),
    Notice(Box<Notice>),
    Page,
}

impl Item {
    pub fn item_type(&self) -> ItemType {
        match self.detail {
            Detail::Article => ItemType::Article,
            Detail::Recruitment(_) => ItemType::Recruitment,
            Detail::Notice(_) => ItemType::Notice,
            Detail::Page => ItemType::Page,
        }
    }
}

/// The fields of every type; see the content model for their meaning.
#[derive(Debug, Clone, PartialEq, Hash, Serialize, Deserialize)]
pub struct FrontMatter {
    pub title: String,
    pub kicker: Option<String>,
    pub subtitle: Option<String>,
    /// When it was or will be published; `None` for a page without a date.
    pub date: Option<Moment>,
    pub updated: Option<Placed<Moment>>,
    pub expires: Option<Moment>,
    pub draft: bool,
    pub pin: bool,
    pub districts: Districts,
    pub topics: Vec<TopicId>,
    pub source: Option<String>,
    pub source_url: Option<String>,
    pub author: Option<String>,
    pub editor: Option<String>,
    pub summary: Option<String>,
    pub keywords: Vec<String>,
    pub cover: Option<Box<Cover>>,
    pub attachments: Vec<Attachment>,
    /// Its part of the address: the editor's, else made from the file's name.
    pub slug: Slug,
    /// Old addresses, each beginning with `/`.
    pub aliases: Vec<(String, Place)>,
    pub contacts: Vec<Contact>,
    pub figures: Vec<Figure>,
    pub privacy_exceptions: Vec<PrivacyException>,
    pub extra: Extra,
}

impl FrontMatter {
    /// When it was last changed, as far as it says so.
    pub fn changed(&self) -> Option<Moment> {
        self.updated.as_ref().map(|updated| updated.value).or(self.date)
    }
}

/// What the theme alone understands: any YAML whose keys a template can name, which are texts, whole numbers, true and false.
///
/// It is kept as YAML too, which is what is hashed and compared: the library hashes all fractions alike, and takes mappings
/// for equal that only differ in the order of their keys.
#[derive(Debug, Clone, Default)]
pub struct Extra {
    /// Empty where there is nothing; most items have none.
    yaml: Box<str>,
    value: Value,
}

impl Extra {
    /// The value as it was typed; `Null` where there is none.
    pub fn value(&self) -> &Value {
        &self.value
    }
}

impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        self.yaml == other.yaml
    }
}

impl Hash for Extra {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.yaml.hash(state);
    }
}

impl Serialize for Extra {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.yaml)
    }
}

impl<'d> Deserialize<'d> for Extra {
    fn deserialize<D: Deserializer<'d>>(deserializer: D) -> Result<Self, D::Error> {
        match <&str>::deserialize(deserializer)? {
            "" => Ok(Self::default()),
            yaml => {
                let value = serde_yaml::from_str(yaml).map_err(D::Error::custom)?;
                Ok(Self { yaml: yaml.into(), value })
            }
        }
    }
}

impl Field for Extra {
    fn decode(node: &Node<'_>) -> Option<Self> {
        if !has_text_keys(node.value) {
            return node.wrong_type(Expected::Keys);
        }
        let yaml = serde_yaml::to_string(node.value).ok()?;
        Some(Self { yaml: yaml.into(), value: node.value.clone() })
    }
}

/// Whether a template can name everything in a value.
fn has_text_keys(value: &Value) -> bool {
    match value {
        Value::Mapping(mapping) => mapping.iter().all(|(key, value)| {
            (key.is_string() || key.is_bool() || key.is_i64() || key.is_u64()) && has_text_keys(value)
        }),
        Value::Sequence(values) => values.iter().all(has_text_keys),
        Value::Tagged(tagged) => has_text_keys(&tagged.value),
        _ => true,
    }
}

/// Whom an item is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Districts {
    /// `all`: the whole site.
    All,
    These(Vec<DistrictId>),
}

impl Districts {
    pub fn these(&self) -> &[DistrictId] {
        match self {
            Self::All => &[],
            Self::These(districts) => districts,
        }
    }
}

/// A file that an item refers to, as it is written, and where.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FileReference {
    pub target: String,
    pub place: Place,
}

/// A picture, and what is on it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cover {
    pub image: FileReference,
    pub alt: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Attachment {
    pub file: FileReference,
    /// The file's own name where none is given.
    pub name: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Contact {
    pub unit: Option<String>,
    pub district: Option<String>,
    pub person: Option<String>,
    pub phones: Vec<String>,
    pub email: Option<String>,
    pub hours: Option<String>,
}

/// 数据: a number with its parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Figure {
    pub name: String,
    pub value: Quantity,
    pub unit: Option<String>,
    pub as_of: Option<Moment>,
    pub parts: Vec<FigurePart>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FigurePart {
    pub name: String,
    pub value: Quantity,
}

/// A decimal number, exact also in sums, that is shown as it was written: 98.50 is measured more precisely than 98.5.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Quantity {
    pub millionths: i128,
    /// How many digits stand behind the point, at most 6.
    pub decimals: u8,
}

impl std::fmt::Display for Quantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.millionths < 0 { "-" } else { "" };
        let size = self.millionths.unsigned_abs();
        let (whole, rest) = (size / 1_000_000, format!("{:06}", size % 1_000_000));
        match &rest[..usize::from(self.decimals.min(6))] {
            "" => write!(f, "{sign}{whole}"),
            fraction => write!(f, "{sign}{whole}.{fraction}"),
        }
    }
}

/// A finding of the privacy check that was looked at and accepted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PrivacyException {
    pub text: String,
    pub reason: String,
    pub approved_by: String,
}

/// Parses one file; `content` is the hash of its bytes. The item is missing where an error was found.
pub fn parse(file: &FilePath, bytes: &[u8], content: Fingerprint, vocabulary: &Vocabulary) -> Checked<Item> {
    let text = match simdutf8::compat::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return Checked::failed(catalogue::invalid_utf8(file, error.valid_up_to())),
    };
    let cut = match yaml::cut(file, text) {
        Ok(cut) => cut,
        Err(diagnostic) => return Checked::failed(diagnostic),
    };
    let Parsed { body, findings, lead } = markdown::parse(&text[cut.body..], cut.body, content);
    let mut diagnostics: Vec<Diagnostic> = findings.into_iter().map(|finding| explain(file, finding)).collect();
    let item = match yaml::read(file, text, cut.yaml.clone()) {
        Ok(value) => {
            let report = Report::new(file, &vocabulary.zone, text, cut.yaml.clone());
            let root = Node { value: &value, path: KeyPath::default(), report: &report };
            let folder = column_of(file, vocabulary, &report);
            // Without a column the type is unknown, and with it which keys are right.
            let folder = folder.filter(|folder| !is_of_another_type(&value, folder.1, &report));
            let item = folder.and_then(|folder| {
                root.fields(|fields| decode(fields, file, vocabulary, folder, (body, &lead, &text[cut.body..])))
            });
            diagnostics.extend(report.diagnostics.into_inner());
            diagnostics.extend(yaml::swallowed(file, text, cut.yaml.clone()));
            diagnostics.extend(slips(file, text, cut.body));
            item
        }
        Err(broken) => {
            diagnostics.extend(broken);
            None
        }
    };
    super::locate(&mut diagnostics, &|_| Some(Cow::Borrowed(text)));
    Checked { value: item.filter(|_| !has_errors(&diagnostics)), diagnostics }
}

/// Parses the body alone; `None` where no item could be made of the file.
pub fn body(file: &FilePath, bytes: &[u8]) -> Option<Body> {
    let text = simdutf8::basic::from_utf8(bytes).ok()?;
    let cut = yaml::cut(file, text).ok()?;
    Some(markdown::body(&text[cut.body..], cut.body, Fingerprint::of_bytes(bytes)))
}

/// Decodes front matter that lies in no file, for the sake of what is asked for.
pub(super) fn ask(value: &Value, item_type: ItemType, vocabulary: &Vocabulary, report: &Report<'_>) {
    let root = Node { value, path: KeyPath::default(), report };
    let body = markdown::body("", 0, Fingerprint::default());
    root.fields(|fields| decode(fields, report.file, vocabulary, (None, item_type), (body, "", "")));
}

/// Whether a file, right or wrong, says `draft: true` in a front matter that can be read.
pub fn is_draft(file: &FilePath, text: &str) -> bool {
    let Ok(cut) = yaml::cut(file, text) else { return false };
    let Ok(value) = yaml::read(file, text, cut.yaml.clone()) else { return false };
    // Flags name no date, so that any time zone will do.
    let zone = TimeZone::UTC;
    let report = Report::new(file, &zone, text, cut.yaml);
    let root = Node { value: &value, path: KeyPath::default(), report: &report };
    root.fields(|fields| fields.flag("draft", "草稿")).unwrap_or_default()
}

/// Turns what the Markdown parser found into a message.
fn explain(file: &FilePath, finding: Finding) -> Diagnostic {
    let span = finding.span.start as usize..finding.span.end as usize;
    match finding.kind {
        FindingKind::RemovedTag(tag) => catalogue::removed_html(file, span, &format!("<{tag}>")),
        FindingKind::RemovedAttribute { tag, attribute } => {
            catalogue::removed_html(file, span, &format!("<{tag} {attribute}=…>"))
        }
        FindingKind::UndefinedReference(name) => catalogue::undefined_reference(file, span, &name),
        FindingKind::UndefinedFootnote(name) => catalogue::undefined_footnote(file, span, &name),
        FindingKind::WordsInAddress => catalogue::words_in_address(file, span),
        FindingKind::UnsafeScheme(scheme) => catalogue::unsafe_link(file, span, &scheme),
        FindingKind::UnusedDefinition(name) => catalogue::unused_definition(file, span, &name),
        FindingKind::UnclosedComment => catalogue::unclosed_comment(file, span),
        FindingKind::UnbalancedTag(tag) => catalogue::unbalanced_tag(file, span, &tag),
        FindingKind::UnusedFootnote(name) => catalogue::unused_footnote(file, span, &name),
        FindingKind::MissingAlt(target) => {
            catalogue::missing_alt(file, span, &target, |alt| format!("![{alt}]({target})"))
        }
        FindingKind::TagWithoutAlt(source) => {
            catalogue::missing_alt(file, span, &source, |alt| format!("<img src=\"{source}\" alt=\"{alt}\">"))
        }
        FindingKind::NotATable => catalogue::not_a_table(file, span),
        FindingKind::TabsForATable => catalogue::tabs_for_a_table(file, span),
        FindingKind::NotAnAlert(kind) => catalogue::not_an_alert(file, span, &kind),
        FindingKind::NotBold => catalogue::not_bold(file, span),
        FindingKind::BoldInBold => catalogue::bold_in_bold(file, span),
        FindingKind::TooManyCells => catalogue::too_many_cells(file, span),
        FindingKind::IndentedProse => catalogue::indented_prose(file, span),
        FindingKind::UnclosedCode(fence) => catalogue::unclosed_code(file, span, &fence),
        FindingKind::JoinedLines => catalogue::joined_lines(file, span),
        FindingKind::Renumbered { typed, shown } => catalogue::renumbered_list(file, span, typed, shown),
        FindingKind::ShallowList => catalogue::shallow_list(file, span),
        FindingKind::MarkdownInHtml => catalogue::markdown_in_html(file, span),
        FindingKind::JoinedToTable => catalogue::joined_to_table(file, span),
        FindingKind::WordRemnant { text, count } => catalogue::word_remnant(file, span, &text, count),
        FindingKind::UnderlinedText => catalogue::underlined_text(file, span),
    }
}

/// The column of a folder (none for free-standing pages) and the type of its items.
type Folder = (Option<ColumnId>, ItemType);

fn decode(
    fields: &mut Fields<'_>,
    file: &FilePath,
    vocabulary: &Vocabulary,
    (column, folder_type): Folder,
    (body, lead, markdown): (Body, &str, &str),
) -> Item {
    let item_type = match fields.node("type", "类型") {
        Some(node) => ItemType::decode(&node).unwrap_or_else(|| any_type(fields, vocabulary)),
        None => folder_type,
    };
    let column = column.filter(|_| item_type != ItemType::Page);
    let front_matter = decode_common(fields, file, item_type, vocabulary);
    let detail = match item_type {
        ItemType::Article => Detail::Article,
        ItemType::Recruitment => Detail::Recruitment(Box::new(Recruitment::decode(fields, vocabulary))),
        ItemType::Notice => Detail::Notice(Box::new(Notice::decode(fields, lead, markdown))),
        ItemType::Page => Detail::Page,
    };
    let summary = front_matter.summary.clone().unwrap_or_else(|| markdown::summary(lead, SUMMARY));
    let Body { html, anchors, links } = &body;
    // Where its links stand in the file, no page shows.
    let targets: Vec<_> = links.iter().map(|link| (&link.target, link.role)).collect();
    let surface = fingerprint(&(file, column, &front_matter, &detail, anchors, &targets, &summary));
    let digest = fingerprint(&(surface, html));
    Item { digest, surface, file: file.clone(), column, front_matter, detail, body, summary }
}

/// Stands in for a type that could not be read: a page requires the least, and the keys of all types are taken. What is
/// still wrong then is wrong whatever the type.
fn any_type(fields: &mut Fields<'_>, vocabulary: &Vocabulary) -> ItemType {
    fields.know_keys(|fields| {
        Recruitment::decode(fields, vocabulary);
        Notice::decode(fields, "", "");
    });
    ItemType::Page
}

/// The column of a file by its folder, and its items' type. The files in `content/pages/` are
/// free-standing pages.
fn column_of(file: &FilePath, vocabulary: &Vocabulary, report: &Report<'_>) -> Option<Folder> {
    let below = file.as_str().strip_prefix(CONTENT).unwrap_or_default().trim_start_matches('/');
    let folder = below.split_once('/').map_or("", |(folder, _)| folder);
    if let Some(id) = vocabulary.find_column(folder) {
        return Some((Some(id), vocabulary.column(id).item_type));
    }
    if folder == PAGES {
        return Some((None, ItemType::Page));
    }
    let known: Vec<&str> = vocabulary.columns.iter().map(|column| column.key.as_str()).chain([PAGES]).collect();
    if folder.is_empty() {
        report.push(catalogue::no_column(file, &known));
        return None;
    }
    let near = nearest(folder, known.iter().copied());
    report.push(catalogue::unknown_column(file, folder, if near.is_empty() { &known } else { &near }));
    None
}

/// Whether the keys are those of another type: one message then, instead of one for each key.
fn is_of_another_type(value: &Value, folder_type: ItemType, report: &Report<'_>) -> bool {
    let has = |key: &str| value.get(key).is_some();
    if has("type") || has("类型") {
        return false;
    }
    let types = [
        (ItemType::Recruitment, ["positions", "岗位", "apply_deadline", "报名截止时间"], "recruitment", "招募"),
        (ItemType::Notice, ["issuer", "发文机关", "document_number", "发文字号"], "notices", "通知公告"),
    ];
    let other =
        types.iter().filter(|(item_type, ..)| *item_type != folder_type).find_map(|(item_type, keys, folder, zh)| {
            let key = keys.iter().find(|key| has(key))?;
            let place = Place::key(report.file, KeyPath::default().key(key));
            Some(catalogue::type_mismatch(place, key, folder, zh, item_type.name()))
        });
    let found = other.is_some();
    other.into_iter().for_each(|message| report.push(message));
    found
}

/// Markdown that looks right to its editor and means nothing: `[文字]（地址）`, `##小标题`.
fn slips(file: &FilePath, text: &str, body: usize) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let is_behind_wide = |at| text[body..body + at].ends_with(['】', '］']);
    let may_hold_wide = memchr::memchr_iter(b'(', &text.as_bytes()[body..]).any(is_behind_wide);
    let mut at = body;
    let mut in_code = false;
    while at < text.len() {
        let start = at;
        at += memchr::memchr(b'\n', &text.as_bytes()[start..]).map_or(text.len() - start, |end| end + 1);
        let line = &text[start..at];
        in_code ^= line.trim_start().starts_with("```");
        if in_code || line.starts_with("    ") || line.starts_with('\t') {
            continue;
        }
        if may_hold_wide || memchr::memchr(b'[', line.as_bytes()).is_some() {
            found.extend(slips_in_links(file, line, start, &text[at..]));
        }
        let marks = line.len() - line.trim_start_matches(['#', '＃']).len();
        let rest = &line[marks..];
        let plain = line[..marks].bytes().all(|byte| byte == b'#');
        // `#志愿服务#` is a topic tag.
        let is_one = line[..marks].chars().count() == 1;
        let is_topic_tag = is_one && !rest.starts_with(char::is_whitespace) && rest.contains(['#', '＃']);
        if marks > 0 && !is_topic_tag && (!plain || rest.starts_with(char::is_alphabetic)) {
            found.push(catalogue::not_a_heading(file, start..start + marks));
        }
    }
    found
}

/// What keeps links from working in a line that begins at the byte `start` of the file, found in one walk over its brackets.
/// The text `below` may hold the end of one.
fn slips_in_links(file: &FilePath, line: &str, start: usize, below: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut is_code = false;
    // The last bracket of each kind, unless it stands within code.
    let (mut open, mut open_wide) = (None, None);
    for (at, mark) in line.match_indices(['[', ']', '【', '】', '［', '］', '`']) {
        match mark {
            "`" => is_code = !is_code,
            "[" => {
                open = Some(at).filter(|_| !is_code);
                found.extend(open.and_then(|open| link_without_bracket(file, line, start, open)));
            }
            "]" => found.extend(open.and_then(|open| slip_in_link(file, line, start, open..at, below))),
            "【" | "［" => open_wide = Some(at).filter(|_| !is_code),
            _ => found.extend(open_wide.take().and_then(|open| link_in_wide_brackets(file, line, start, open..at))),
        }
    }
    found
}

/// Whether what stands behind the address of a link goes on with its title in the lines below: CommonMark 0.31, 6.3.
fn ends_below(behind: &str, below: &str) -> bool {
    const MOST_LINES: usize = 8;
    let mut lines = below.lines().take(MOST_LINES).take_while(|line| !line.trim().is_empty());
    let title = behind.trim();
    let Some(mark) = title.chars().next() else {
        let line = lines.next().unwrap_or_default().trim_start();
        return line.starts_with(['"', '\'', '(']) && line.contains(')');
    };
    let is_open = behind.starts_with([' ', '\t']) && matches!(mark, '"' | '\'') && !title[1..].contains(mark);
    is_open && lines.any(|line| line.split_once(mark).is_some_and(|(_, rest)| rest.trim_start().starts_with(')')))
}

/// What keeps the link from working whose text lies between the brackets at both ends of `brackets`.
fn slip_in_link(file: &FilePath, line: &str, start: usize, brackets: Range<usize>, below: &str) -> Option<Diagnostic> {
    let text = &line[brackets.start + 1..brackets.end];
    // `[^1]（…）` and `〔2025〕` with the wrong brackets are none, nor is the box of a task.
    let is_number = (1..10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_task = matches!(text, " " | "x" | "X");
    if is_number || is_task || text.starts_with('^') || text.ends_with('\\') {
        return None;
    }
    let at = |part: &str| start + (part.as_ptr() as usize - line.as_ptr() as usize);
    let behind = &line[brackets.end + 1..];
    if let Some(turned) = turned_link(&line[..brackets.start], text).filter(|_| !behind.starts_with(['(', '（', '[']))
    {
        let right = format!("[{turned}]({text})");
        return Some(catalogue::turned_link(file, at(turned) - 1..start + brackets.end + 1, &right));
    }
    if let Some(rest) = behind.strip_prefix('（') {
        let end = markdown::closing_bracket(rest).or_else(|| rest.find(['[', ']'])).unwrap_or(rest.len());
        let inner = &rest[..end];
        if !markdown::looks_like_address(inner) {
            return None;
        }
        return Some(catalogue::full_width_bracket(file, at(behind)..at(behind) + '（'.len_utf8()));
    }
    if markdown::begins_parted_address(behind) {
        return Some(catalogue::parted_link(file, at(behind)..at(behind) + 1));
    }
    let rest = behind.strip_prefix('(')?;
    let Some(end) = markdown::closing_bracket(rest) else {
        let address = rest.split(['，', '。', '；', '、', ' ', '\r', '\n', '[', ']']).next().unwrap_or_default();
        let bracket = at(behind)..at(behind) + 1;
        let is_address = markdown::looks_like_address(address) && !ends_below(&rest[address.len()..], below);
        return is_address.then(|| catalogue::unclosed_link(file, bracket));
    };
    if rest[end..].starts_with('）') {
        if !markdown::looks_like_address(&rest[..end]) {
            return None;
        }
        return Some(catalogue::full_width_bracket(file, at(rest) + end..at(rest) + end + '）'.len_utf8()));
    }
    // `(address)`, `(<an address>)`, `(address "title")`: CommonMark 0.31, 6.3.
    let inner = rest[..end].trim();
    let (name, title) = inner.split_once([' ', '\t']).filter(|_| !inner.starts_with('<'))?;
    let title = title.trim_start();
    let mark = title.chars().next()?;
    let is_enclosed = |close: char| title[1..].find(close).is_some_and(|end| end + 2 == title.len());
    match mark {
        '"' | '\'' if is_enclosed(mark) => None,
        '(' if is_enclosed(')') => None,
        '“' | '”' | '‘' | '’' | '「' | '＂' => {
            Some(catalogue::title_in_other_quotes(file, at(title)..at(title) + mark.len_utf8()))
        }
        _ => {
            let space = at(name) + name.len();
            let space = space..space + 1;
            let is_captioned = FilePath::new(name).is_picture() && !FilePath::new(inner).is_picture();
            Some(if is_captioned {
                catalogue::caption_without_quotes(file, space, name, title.trim_matches('"'))
            } else {
                catalogue::space_in_address(file, space, inner)
            })
        }
    }
}

/// The words of a link whose brackets have changed places: `(报名表)[https://…]`, before its square bracket.
fn turned_link<'l>(before: &'l str, address: &str) -> Option<&'l str> {
    let is_address = ["http://", "https://"].iter().any(|scheme| address.starts_with(scheme));
    let words = before.strip_suffix(')').filter(|_| is_address)?;
    let words = &words[words.rfind(['(', '[', ']'])?..];
    words.strip_prefix('(').filter(|words| !words.is_empty())
}

/// `![照片(a.svg)`: a link or picture whose text, which begins at the byte `open` of a line, does not end before its address.
fn link_without_bracket(file: &FilePath, line: &str, start: usize, open: usize) -> Option<Diagnostic> {
    let (before, behind) = (&line[..open], &line[open + 1..]);
    let address = markdown::address_without_bracket(behind).filter(|_| !before.ends_with('\\'))?;
    let text = behind[..address.start].trim_end_matches(['(', '（']);
    let sign = if before.ends_with('!') { "!" } else { "" };
    let right = format!("{sign}[{text}]({})", &behind[address.clone()]);
    let begin = start + open - sign.len();
    Some(catalogue::link_without_bracket(file, begin..start + open + 1 + address.end, &right))
}

/// `【报名表】(https://…)`, whose full-width brackets begin at both ends of `brackets`.
fn link_in_wide_brackets(file: &FilePath, line: &str, start: usize, brackets: Range<usize>) -> Option<Diagnostic> {
    let text = &line[brackets.start + '【'.len_utf8()..brackets.end];
    let end = brackets.end + '】'.len_utf8();
    let behind = line[end..].strip_prefix('(')?;
    let address = &behind[..markdown::closing_bracket(behind)?];
    let is_meant = !text.is_empty() && !address.contains(char::is_whitespace) && markdown::looks_like_address(address);
    is_meant.then(|| {
        let right = format!("[{text}]({address})");
        catalogue::link_in_wide_brackets(file, start + brackets.start..start + end, &line[brackets.start..end], &right)
    })
}

fn decode_common(
    fields: &mut Fields<'_>,
    file: &FilePath,
    item_type: ItemType,
    vocabulary: &Vocabulary,
) -> FrontMatter {
    let dated = item_type != ItemType::Page;
    let title = fields.required::<Title>("title", "标题").0;
    let date: Option<Moment> =
        if dated { Some(fields.required("date", "发布时间")) } else { fields.optional("date", "发布时间") };
    let updated: Option<Placed<Moment>> = fields.optional("updated", "更新时间");
    if let (Some(date), Some(updated)) = (date, &updated)
        && updated.value.end() < date.seconds
    {
        fields.report.push(catalogue::updated_before_date(updated.place.clone()));
    }
    let expires: Option<Moment> = fields.optional("expires", "失效时间");
    if let (Some(date), Some(expires)) = (date, expires)
        && expires.end() < date.seconds
    {
        fields.report.push(catalogue::reversed(fields.place_of("expires", "失效时间"), "date", "expires"));
    }
    let names: Vec<Placed<String>> = fields.list("district", "区域");
    if dated && fields.node("district", "区域").is_none() {
        fields.report_missing("district", "区域");
    }
    let topics: Vec<Placed<String>> = fields.list("topics", "主题");
    FrontMatter {
        title,
        kicker: fields.optional("kicker", "引题"),
        subtitle: fields.optional("subtitle", "副题"),
        date,
        updated,
        expires,
        draft: fields.flag("draft", "草稿"),
        pin: fields.flag("pin", "置顶"),
        districts: find_districts(names, vocabulary, fields.report),
        topics: find_topics(topics, vocabulary, fields.report),
        source: match item_type {
            ItemType::Article => Some(fields.required("source", "来源")),
            _ => fields.optional("source", "来源"),
        },
        source_url: fields.web_address("source_url", "来源链接"),
        author: fields.optional("author", "作者"),
        editor: fields.optional("editor", "责任编辑"),
        summary: fields.optional("summary", "摘要"),
        keywords: keywords(fields.list("keywords", "关键词")),
        cover: decode_cover(fields).map(Box::new),
        attachments: fields.list("attachments", "附件"),
        slug: fields.optional("slug", "网址名").unwrap_or_else(|| Slug::of_file(file)),
        aliases: fields.list::<Alias>("aliases", "旧网址").into_iter().map(|alias| (alias.path, alias.place)).collect(),
        contacts: fields.list("contacts", "联系方式"),
        figures: fields.list("figures", "数据"),
        privacy_exceptions: fields.list("privacy_exceptions", "脱敏例外"),
        extra: fields.optional("extra", "扩展").unwrap_or_default(),
    }
}

/// Keywords are a list, or one text with commas between them.
fn keywords(words: Vec<String>) -> Vec<String> {
    words
        .iter()
        .flat_map(|word| word.split([',', '，', '、', ';', '；']))
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The districts that a list of names means; unknown names are reported.
pub fn find_districts(names: Vec<Placed<String>>, vocabulary: &Vocabulary, report: &Report<'_>) -> Districts {
    if names.iter().any(|name| matches!(name.value.as_str(), "all" | "全部" | "全市" | "全站")) {
        return Districts::All;
    }
    let mut districts = Vec::new();
    for Placed { value: name, place } in names {
        match vocabulary.find_district(&name) {
            Ok(id) if districts.contains(&id) => {}
            Ok(id) => districts.push(id),
            Err(NotADistrict::Unknown) => {
                report.push(catalogue::unknown_district(place, &name, &vocabulary.near_districts(&name)));
            }
            Err(NotADistrict::Ambiguous(names)) => report.push(catalogue::ambiguous_district(place, &name, &names)),
        }
    }
    Districts::These(districts)
}

fn find_topics(names: Vec<Placed<String>>, vocabulary: &Vocabulary, report: &Report<'_>) -> Vec<TopicId> {
    let mut topics = Vec::new();
    for Placed { value: name, place } in names {
        match vocabulary.find_topic(&name) {
            Some(id) if topics.contains(&id) => {}
            Some(id) => topics.push(id),
            None => report.push(catalogue::unknown_topic(place, &name, &vocabulary.near_topics(&name))),
        }
    }
    topics
}

#[derive(Default)]
struct Title(String);

impl Field for Title {
    fn decode(node: &Node<'_>) -> Option<Self> {
        let title = String::decode(node)?;
        if title.contains(['\n', '\r']) {
            node.report.push(catalogue::title_line_break(node.place()));
        }
        if !book_marks_are_paired(&title) {
            node.report.push(catalogue::unpaired_book_marks(node.place()));
        }
        Some(Self(title))
    }
}

fn book_marks_are_paired(text: &str) -> bool {
    let mut open = 0;
    for c in text.chars() {
        match c {
            '《' => open += 1,
            '》' if open == 0 => return false,
            '》' => open -= 1,
            _ => {}
        }
    }
    open == 0
}

struct Alias {
    path: String,
    place: Place,
}

impl Field for Alias {
    fn decode(node: &Node<'_>) -> Option<Self> {
        let typed = String::decode(node)?;
        // As browsers show it: `/%E6%97%A7.html` is `/旧.html`.
        let Ok(path) = percent_decode_str(&typed).decode_utf8().map(Cow::into_owned) else {
            node.report.push(catalogue::bad_alias(node.place(), &typed));
            return None;
        };
        let parts_are_plain = path.split('/').skip(1).all(|part| !matches!(part, "." | ".." | ".xinfeng"));
        let plain =
            !path.contains(['?', '#', '\\', ':', '*', '"', '<', '>', '|']) && !path.chars().any(char::is_control);
        if path.starts_with('/') && !path.contains("//") && path.len() > 1 && parts_are_plain && plain {
            return Some(Self { path, place: node.place() });
        }
        node.report.push(catalogue::bad_alias(node.place(), &typed));
        None
    }
}

impl Field for FileReference {
    fn decode(node: &Node<'_>) -> Option<Self> {
        Some(Self { target: String::decode(node)?, place: node.place() })
    }
}

/// `cover: {src, alt}`, or a path with `cover_alt` beside it.
fn decode_cover(fields: &mut Fields<'_>) -> Option<Cover> {
    let alt: Option<String> = fields.optional("cover_alt", "封面说明");
    let node = fields.node("cover", "封面")?;
    let (image, alt) = if node.value.is_mapping() {
        node.fields(|cover| {
            (cover.required::<Option<FileReference>>("src", "图片"), cover.optional::<String>("alt", "说明"))
        })?
    } else {
        (FileReference::decode(&node), alt)
    };
    if image.is_some() && alt.as_ref().is_none_or(String::is_empty) {
        fields.report.push(catalogue::cover_without_alt(node.place()));
    }
    Some(Cover { image: image?, alt: alt.unwrap_or_default() })
}

impl Field for Cover {
    fn decode(node: &Node<'_>) -> Option<Self> {
        node.fields(|fields| {
            let image: Option<FileReference> = fields.required("src", "图片");
            let alt = fields.required("alt", "说明");
            image.map(|image| Self { image, alt })
        })?
    }
}

impl<T: Field> Field for Option<T> {
    fn decode(node: &Node<'_>) -> Option<Self> {
        T::decode(node).map(Some)
    }
}

impl Field for Attachment {
    fn decode(node: &Node<'_>) -> Option<Self> {
        if node.value.is_string() {
            return Some(Self { file: FileReference::decode(node)?, name: None });
        }
        node.fields(|fields| {
            let file: Option<FileReference> = fields.required("file", "文件");
            let name = fields.optional("name", "名称");
            file.map(|file| Self { file, name })
        })?
    }
}

impl Field for Contact {
    fn decode(node: &Node<'_>) -> Option<Self> {
        node.fields(|fields| Self {
            unit: fields.optional("unit", "单位"),
            district: fields.optional("district", "区域"),
            person: fields.optional("person", "联系人"),
            phones: fields.phones("phone", "电话"),
            email: fields.email("email", "邮箱"),
            hours: fields.optional("hours", "时间"),
        })
    }
}

impl Field for Figure {
    fn decode(node: &Node<'_>) -> Option<Self> {
        let figure = node.fields(|fields| Self {
            name: fields.required("name", "名称"),
            value: fields.required("value", "数值"),
            unit: fields.optional("unit", "单位"),
            as_of: fields.optional("as_of", "截至"),
            parts: fields.list("parts", "其中"),
        })?;
        let parts = || figure.parts.iter().map(|part| part.value);
        let sum = Quantity {
            millionths: parts().map(|part| part.millionths).sum(),
            decimals: parts().map(|part| part.decimals).max().unwrap_or_default(),
        };
        // A number that could not be read has its own message.
        if !figure.parts.is_empty() && sum.millionths != figure.value.millionths && node.report.is_sound(&node.path) {
            let message =
                catalogue::parts_do_not_add_up(node.place(), &figure.name, &sum.to_string(), &figure.value.to_string());
            node.report.push(message);
        }
        Some(figure)
    }
}

impl Field for FigurePart {
    fn decode(node: &Node<'_>) -> Option<Self> {
        node.fields(|fields| Self {
            name: fields.required("name", "名称"), value: fields.required("value", "数值")
        })
    }
}

impl Field for Quantity {
    fn decode(node: &Node<'_>) -> Option<Self> {
        let text = match node.value {
            // A whole number loses nothing.
            Value::Number(number) if !number.is_f64() => number.to_string(),
            Value::Number(_) => node.written(),
            Value::String(text) => text.replace([',', '，', ' '], ""),
            _ => return node.wrong_type(Expected::Number),
        };
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let unsigned = whole.strip_prefix('-').unwrap_or(whole);
        if unsigned.is_empty() || unsigned.len() > 24 || !digits(unsigned) || !digits(fraction) || fraction.len() > 6 {
            return node.wrong_type(Expected::Number);
        }
        let scaled: i128 = format!("{unsigned}{fraction:0<6}").parse().ok()?;
        let millionths = if whole.starts_with('-') { -scaled } else { scaled };
        Some(Self { millionths, decimals: fraction.len() as u8 })
    }
}

impl Field for PrivacyException {
    fn decode(node: &Node<'_>) -> Option<Self> {
        node.fields(|fields| Self {
            text: fields.required("match", "内容"),
            reason: fields.required("reason", "理由"),
            approved_by: fields.required("approved_by", "批准人"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_print_as_they_are_written() {
        let check = |millionths, decimals, expected| {
            assert_eq!(Quantity { millionths, decimals }.to_string(), expected);
        };
        check(1_600_000_000, 0, "1600");
        check(12_500_000, 1, "12.5");
        check(-250_000, 2, "-0.25");
        check(98_500_000, 2, "98.50");
    }

    #[test]
    fn book_marks_come_in_pairs() {
        assert!(book_marks_are_paired("学习《志愿服务条例》"));
        assert!(!book_marks_are_paired("学习《志愿服务条例"));
        assert!(!book_marks_are_paired("》学习《"));
    }

    #[test]
    fn slips_of_markdown() {
        let check = |markdown: &str, expected: &[&str]| {
            let found = slips(&FilePath::new("a.md"), markdown, 0);
            let codes: Vec<_> = found.iter().map(|message| &*message.code).collect();
            assert_eq!(codes, expected, "{markdown}");
        };
        for text in [
            "![图]（集市.svg）",
            "[见](b.md）",
            "[见](a（1）.md）和[乙](丙.md)",
            "[甲]（https://a.cn/乙）",
            "[甲]（#报名）",
        ] {
            check(text, &["full-width-bracket"]);
        }
        check("[报名表](报名表.docx", &["unfinished-link"]);
        check("请看[甲](/a/b.md，再[报名] (https://a.cn/乙)。", &["unfinished-link", "unfinished-link"]);
        for text in [
            "![照片(a.svg)",
            "请看[报名表(https://a.cn/乙)。",
            "[报名表（报名表.docx）",
            "[甲(a.md)和[乙](b.md)",
            "点击【报名表】(https://a.cn/乙)。",
            "【报名表】(报名表.docx）",
        ] {
            check(text, &["unfinished-link"]);
        }
        check("[甲](乙.docx \"丙\n\n丁\")", &["unfinished-link"]);
        check("[甲]（乙.docx）、[丙]（/丁/）", &["full-width-bracket", "full-width-bracket"]);
        for text in [
            "[报名表](报名表（2026年）.docx)",
            "[报名表（2026年）](<报名表（2026年）.docx>)",
            "[甲](<乙）.docx>)",
            "![合影](图（1）.jpg)",
            "[链接一](https://example.org/（a）)",
            "![集市上的人](集市.svg\n\"换行图注\")",
            "![理发的老人](/pictures/jishi.svg \"王某\n正在理发\")",
            "[办法](办法.docx '2026年\n修订')",
            "[原文如此]（编者注）。",
            "志愿者人数[注]（单位：人）如下，[另]（3.5，是/否）。",
            "\\[注\\]（说明.md）",
            "[注](见下",
            "[甲(乙.docx)](a.md)",
            "区间[0, 1)和`[甲(a.md)`",
            "[注：见上文(第3页)",
            "登录【志愿者网】（https://a.cn）报名，【报名表】(见附件)",
            "[J] (2026年)、[甲] （https://a.cn/乙）",
            "- [x]（已完成）场地",
            "#志愿服务#微博话题阅读量破万。",
            "#微心愿#征集中",
            "＃活动预告＃明天开市。",
        ] {
            check(text, &[]);
        }
        for text in ["##小标题", "＃＃ 小标题", "#小标题", "＃ 小标题", "＃小标题"] {
            check(text, &["not-a-heading"]);
        }
    }
}
