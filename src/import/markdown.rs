//! A recognised item -> the Markdown file that an editor finishes: front matter with remarks, and the body.

use super::block::{Block, Entry, Look, Run, Table, VerticalAlign, push_text, text_of};
use super::mend::{mend, mend_behind};
use super::recognise::{Draft, Part};
use crate::parse::item::ItemType;
use crate::parse::moment::Moment;

/// How many districts a remark lists.
const LISTED: usize = 40;

/// What the site's configuration adds.
pub struct Setting<'a> {
    pub item_type: ItemType,
    pub writes_type: bool,
    pub districts: Vec<String>,
    /// Whether a person has to look at the districts.
    pub is_guess: bool,
    pub known_districts: Vec<&'a str>,
    pub attachments: &'a [(String, String)],
}

/// The whole file, and what of it is doubtful.
pub fn write(draft: &Draft, setting: &Setting<'_>) -> (String, Vec<String>) {
    let mut front = FrontMatter::default();
    front.write(draft, setting);
    let mut doubts = front.doubts;
    let mut text = format!("---\n{}---\n", front.text);
    for Part { block, doubt } in &draft.body {
        text.push('\n');
        let no_alt = lacks_alt(block).then_some("图片没有说明，请在方括号里补上");
        for doubt in doubt.iter().copied().chain(no_alt) {
            text.push_str(&format!("<!-- 待核对：{doubt} -->\n\n"));
            doubts.push(doubt.to_owned());
        }
        text.push_str(&block_text(block));
        text.push('\n');
    }
    for (note, runs) in draft.notes.iter().enumerate() {
        text.push_str(&format!("\n[^{}]: {}\n", note + 1, inline(runs, " ")));
    }
    (text, doubts)
}

#[derive(Default)]
struct FrontMatter {
    text: String,
    doubts: Vec<String>,
}

impl FrontMatter {
    fn write(&mut self, draft: &Draft, setting: &Setting<'_>) {
        self.required("title", draft.title.clone(), "没有找到标题，请填写");
        draft.doubts.iter().for_each(|doubt| self.remark(doubt));
        self.optional("subtitle", draft.subtitle.as_ref());
        self.date(draft, setting.item_type);
        self.text.push_str("draft: true\n");
        if setting.writes_type {
            self.text.push_str(&format!("type: {}\n", setting.item_type.name()));
        }
        if setting.item_type != ItemType::Page {
            self.district(setting);
        }
        match setting.item_type {
            ItemType::Article => self.required("source", draft.source.clone(), "没有找到来源，请填写"),
            _ => self.optional("source", draft.source.as_ref()),
        }
        self.optional("source_url", draft.source_url.as_ref());
        self.optional("author", draft.author.as_ref());
        self.optional("editor", draft.editor.as_ref());
        if !draft.keywords.is_empty() {
            let words: Vec<String> = draft.keywords.iter().map(|word| format!("\"{}\"", escape_quoted(word))).collect();
            self.text.push_str(&format!("keywords: [{}]\n", words.join(", ")));
        }
        if setting.item_type == ItemType::Notice {
            self.notice(draft);
        }
        if setting.item_type == ItemType::Recruitment {
            self.remark("招募的岗位、服务时间、地点、报名方式、截止时间、风险、保险和联系方式要按正文填写（positions、service_start 等）");
        }
        if !setting.attachments.is_empty() {
            self.text.push_str("attachments:\n");
            for (file, name) in setting.attachments {
                self.text.push_str(&format!("  - {{file: {}, name: \"{}\"}}\n", scalar(file), escape_quoted(name)));
            }
        }
    }

    fn notice(&mut self, draft: &Draft) {
        let title = draft.title.as_deref().unwrap_or_default();
        let kinds = ["倡议书", "公示", "公告", "通告", "通报", "通知"];
        let kind = kinds.iter().find(|kind| title.contains(**kind)).map(|kind| (*kind).to_owned());
        self.required("kind", kind.clone(), "没有认出文种，请填写：通知、公告、公示、通报、通告或倡议书");
        self.optional("document_number", draft.document_number.as_ref());
        self.required("issuer", draft.issuer.clone().or_else(|| draft.source.clone()), "没有找到发文机关，请填写");
        if draft.issuer.is_none() && draft.source.is_some() {
            self.remark("发文机关取自来源，请核对");
        }
        let issued = draft.issued.or(draft.date).map(|moment| moment.iso());
        self.required("issued", issued.clone(), "没有找到成文日期，请填写");
        if draft.issued.is_none() && issued.is_some() {
            self.remark("成文日期取自发布时间，请核对");
        }
        if kind.as_deref() == Some("公示") {
            self.remark("公示要写明公示期 publicity: {start: …, end: …} 和意见反馈 feedback: {phone: …}");
        }
    }

    fn date(&mut self, draft: &Draft, item_type: ItemType) {
        match &draft.date {
            Some(moment) => self.text.push_str(&format!("date: {}\n", when(moment))),
            None if item_type == ItemType::Page => {}
            None => self.required("date", draft.issued.as_ref().map(Moment::iso), "没有找到发布时间，请填写"),
        }
        if draft.date.is_none() && draft.issued.is_some() {
            self.remark("发布时间取自落款日期，请核对");
        }
        if let Some(other) = &draft.date_of_tags {
            self.remark(&format!("发布时间取自正文，网页的 meta 标签写的是 {}，请核对", when(other)));
        }
    }

    fn district(&mut self, setting: &Setting<'_>) {
        let names: Vec<String> = setting.districts.iter().map(|name| scalar(name)).collect();
        let value = (!names.is_empty())
            .then(|| if let [name] = names.as_slice() { name.clone() } else { format!("[{}]", names.join(", ")) });
        let known = setting.known_districts.iter().take(LISTED).copied().collect::<Vec<_>>().join("、");
        let more = if setting.known_districts.len() > LISTED { "等" } else { "" };
        match value {
            Some(value) => self.text.push_str(&format!("district: {value}\n")),
            None => {
                self.remark(&format!("没有找到区域，请填写 all（全站）或：{known}{more}"));
                self.text.push_str("# district:\n");
            }
        }
        if setting.is_guess && !setting.districts.is_empty() {
            self.remark("区域是从正文里猜的，请核对");
        }
    }

    fn optional(&mut self, key: &str, value: Option<&String>) {
        if let Some(value) = value {
            self.text.push_str(&format!("{key}: {}\n", scalar(value)));
        }
    }

    fn required(&mut self, key: &str, value: Option<String>, remark: &str) {
        match value {
            Some(value) => self.text.push_str(&format!("{key}: {}\n", scalar(&value))),
            None => {
                self.remark(remark);
                self.text.push_str(&format!("# {key}:\n"));
            }
        }
    }

    fn remark(&mut self, text: &str) {
        self.text.push_str(&format!("# 待核对：{text}\n"));
        self.doubts.push(text.to_owned());
    }
}

fn when(moment: &Moment) -> String {
    if moment.has_time { moment.to_string() } else { moment.iso() }
}

/// A text as YAML, in quotes where it needs them.
fn scalar(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_plain = !one_line
        .contains([':', '#', '"', '\'', '[', ']', '{', '}', ',', '&', '*', '!', '|', '>', '%', '@', '`', '\\'])
        && one_line.starts_with(|c: char| c.is_alphanumeric() || "《“（".contains(c))
        && serde_yaml::from_str::<serde_yaml::Value>(&one_line).is_ok_and(|value| value.as_str() == Some(&one_line));
    // A date is plain: the keys that hold one read it so.
    let is_date = one_line.len() == 10 && one_line.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if is_plain || is_date { one_line } else { format!("\"{}\"", escape_quoted(&one_line)) }
}

fn escape_quoted(text: &str) -> String {
    let shown = text.chars().filter(|c| !c.is_control());
    shown.collect::<String>().replace('\\', "\\\\").replace('"', "\\\"")
}

fn lacks_alt(block: &Block) -> bool {
    let lacks = |runs: &Vec<Run>| runs.iter().any(|run| matches!(run, Run::Picture { alt, .. } if alt.is_empty()));
    match block {
        Block::Heading(_, runs) | Block::Paragraph(runs) | Block::Quote(runs) => lacks(runs),
        Block::List(entries) => entries.iter().any(|entry| lacks(&entry.runs)),
        Block::Table(table) => table.rows.iter().flatten().any(lacks),
    }
}

fn block_text(block: &Block) -> String {
    match block {
        Block::Heading(level, runs) => format!("{} {}\n", "#".repeat(usize::from(*level)), inline(runs, " ")),
        Block::Paragraph(runs) => format!("{}\n", at_line_start(&inline(runs, "\\\n"))),
        Block::Quote(runs) => format!("> {}\n", at_line_start(&inline(runs, "\\\n> "))),
        Block::List(entries) => list_text(entries),
        Block::Table(table) => table_text(table),
    }
    .trim_end_matches('\n')
    .to_owned()
}

/// A list that is open while its entries are written.
struct OpenList {
    depth: usize,
    ordered: bool,
    /// Spaces before its marks.
    indent: usize,
    /// Of the last entry.
    number: usize,
    /// Behind its numbers.
    delimiter: char,
}

impl OpenList {
    fn mark(&self) -> String {
        if self.ordered { format!("{}{}", self.number, self.delimiter) } else { "-".to_owned() }
    }

    /// Whether an entry is one of this list or of a list inside of it.
    fn goes_on(&self, entry: &Entry) -> bool {
        self.depth < entry.depth || self.depth == entry.depth && self.ordered == entry.ordered
    }
}

fn list_text(entries: &[Entry]) -> String {
    let mut text = String::new();
    let mut open: Vec<OpenList> = Vec::new();
    for entry in entries {
        while open.last().is_some_and(|list| !list.goes_on(entry)) {
            open.pop();
        }
        // Markdown counts on from a list's first number. With another delimiter, a new list begins.
        let is_broken =
            |list: &mut OpenList| list.depth == entry.depth && entry.number.is_some_and(|it| it != list.number + 1);
        let broken = open.pop_if(|list| list.ordered && is_broken(list));
        match open.last_mut().filter(|list| list.depth == entry.depth) {
            Some(list) => list.number += 1,
            None => {
                // An entry belongs to the one above where it stands behind that one's mark.
                let indent = open.last().map_or(0, |list| list.indent + list.mark().len() + 1);
                let number = entry.number.unwrap_or(1);
                let delimiter = if broken.as_ref().is_some_and(|list| list.delimiter == '.') { ')' } else { '.' };
                // Right below a line of text, only a list that begins with 1 is one.
                if indent > 0 && broken.is_none() && number != 1 {
                    text.push('\n');
                }
                open.push(OpenList { depth: entry.depth, ordered: entry.ordered, indent, number, delimiter });
            }
        }
        if let Some(list) = open.last() {
            let words = at_line_start(&inline(&entry.runs, "<br>"));
            text.push_str(&format!("{}{} {words}\n", " ".repeat(list.indent), list.mark()));
        }
    }
    text
}

fn table_text(table: &Table) -> String {
    let width = table.rows.iter().map(Vec::len).max().unwrap_or(0);
    let row = |cells: &Vec<Vec<Run>>| {
        let cells = (0..width)
            .map(|at| cells.get(at).map_or_else(String::new, |runs| inline(runs, "<br>").replace('|', "\\|")));
        format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
    };
    let mut rows = table.rows.iter().map(row);
    let head = rows.next().unwrap_or_default();
    format!("{head}|{}\n{}", " --- |".repeat(width), rows.collect::<String>())
}

/// The runs of a line, mended and escaped. `break_mark` stands for a line break.
fn inline(runs: &[Run], break_mark: &str) -> String {
    let runs = joined(runs);
    let mut text = String::new();
    for (at, run) in runs.iter().enumerate() {
        match run {
            Run::Picture { src, alt } => text.push_str(&format!("![{}]({})", escape(&mend(alt)), address(src))),
            Run::Note(note) => text.push_str(&format!("[^{note}]")),
            Run::Text { text: words_of, look } => {
                let mut last = last_of(&runs[..at]);
                let mut words: Vec<String> = Vec::new();
                for line in words_of.split('\n') {
                    words.push(escape(&mend_behind(last.take(), line)));
                }
                let mut words = words.join("\n");
                words = if at == 0 { words.trim_start().to_owned() } else { words };
                words = if at + 1 == runs.len() { words.trim_end().to_owned() } else { words };
                text.push_str(&dressed(&words, look).replace('\n', break_mark));
            }
        }
    }
    text.trim().to_owned()
}

/// The character that the words of some runs end with; none at the beginning of a line.
fn last_of(runs: &[Run]) -> Option<char> {
    text_of(runs).chars().next_back().filter(|last| *last != '\n')
}

/// Neighbours that look alike become one run, so that a word that was cut is mended whole.
fn joined(runs: &[Run]) -> Vec<Run> {
    let mut joined: Vec<Run> = Vec::new();
    for run in runs {
        match run {
            Run::Text { text, look } => push_text(&mut joined, text, look),
            Run::Picture { .. } | Run::Note(_) => joined.push(run.clone()),
        }
    }
    joined
}

/// A piece of text with the marks of its look, spaces kept outside of them.
fn dressed(text: &str, look: &Look) -> String {
    let inner = text.trim();
    if inner.is_empty() {
        return text.to_owned();
    }
    let start = &text[..text.len() - text.trim_start().len()];
    let end = &text[text.trim_end().len()..];
    let mut dressed = inner.to_owned();
    if look.strong {
        dressed = format!("**{dressed}**");
    }
    if look.struck {
        // Between a letter and an ASCII mark, as in `12~~%~~`, tildes stay tildes.
        let is_safe = |c: char| c.is_alphanumeric() || is_wide(c);
        let may_have_tildes = dressed.starts_with(is_safe) && dressed.ends_with(is_safe);
        dressed = if may_have_tildes { format!("~~{dressed}~~") } else { format!("<del>{dressed}</del>") };
    }
    // Outermost, since stars between a letter and a tag stay stars.
    dressed = match look.vertical_align {
        VerticalAlign::Baseline => dressed,
        VerticalAlign::Superscript => format!("<sup>{dressed}</sup>"),
        VerticalAlign::Subscript => format!("<sub>{dressed}</sub>"),
    };
    if let Some(target) = &look.link {
        dressed = format!("[{dressed}]({})", address(target));
    }
    format!("{start}{dressed}{end}")
}

/// Chinese characters and marks.
fn is_wide(c: char) -> bool {
    matches!(u32::from(c), 0x2E80..=0x9FFF | 0xF900..=0xFAFF | 0xFF01..=0xFF60)
}

fn address(target: &str) -> String {
    let plain = target.replace(' ', "%20").replace('(', "%28").replace(')', "%29");
    plain.chars().filter(|c| !c.is_control() && !"<>".contains(*c)).collect()
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        // `&amp;` means something, `甲 & 乙` does not.
        let is_entity = c == '&' && text[at + 1..].starts_with(|next: char| next.is_ascii_alphabetic() || next == '#');
        if "\\`*_[]<>~".contains(c) || is_entity {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// What means something at the beginning of a line only.
fn at_line_start(text: &str) -> String {
    let is_mark =
        text.starts_with(['#', '＃', '+', '=', '|', ':']) || (text.starts_with('-') && !text.starts_with("——"));
    if is_mark { format!("\\{text}") } else { text.to_owned() }
}
