//! Gathers the beginning of a text while it is written, and cuts it to a summary that ends where a
//! sentence ends.

use super::cjk;

/// How many characters of the lead are gathered.
const LEAD: usize = 240;

/// The first sentences of `lead`, of at most `limit` characters. Where no sentence ends within the
/// limit it is cut after the last clause, else at the limit, and ends with `…`.
pub fn summary(lead: &str, limit: usize) -> String {
    let lead = lead.trim();
    let Some((limit_at, _)) = lead.char_indices().nth(limit) else { return lead.to_owned() };
    if let Some(end) = sentence_ends(lead).take_while(|&end| end <= limit_at).last() {
        return lead[..end].to_owned();
    }
    // One character less, since the ellipsis counts too.
    let room = lead[..limit_at].char_indices().next_back().map_or(0, |(at, _)| at);
    let cut = clause_end(&lead[..room]).unwrap_or_else(|| word_end(lead, room));
    format!("{}…", lead[..cut].trim_end())
}

/// The offsets after each sentence and the quotation marks and brackets that close with it.
fn sentence_ends(text: &str) -> impl Iterator<Item = usize> {
    let mut characters = text.char_indices().peekable();
    std::iter::from_fn(move || {
        loop {
            let (_, c) = characters.next()?;
            if !ends_sentence(c) {
                continue;
            }
            while characters.next_if(|&(_, c)| ends_sentence(c) || closes(c)).is_some() {}
            let next = characters.peek().copied();
            // A point, a colon or a question mark inside a number or an address ends nothing.
            if !c.is_ascii() || next.is_none_or(|(_, c)| c.is_whitespace()) {
                return Some(next.map_or(text.len(), |(at, _)| at));
            }
        }
    })
}

fn ends_sentence(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '；' | '…' | '.' | '!' | '?' | ';')
}

fn closes(c: char) -> bool {
    matches!(c, '”' | '’' | '」' | '』' | '）' | '》' | '】' | '〉' | '〕' | '"' | '\'' | ')' | ']')
}

/// The offset before the last comma-like mark, if there is one.
fn clause_end(text: &str) -> Option<usize> {
    text.rfind(['，', '、', '：', ',', ':', '—']).filter(|&at| at > 0)
}

/// The offset itself, or the beginning of the Latin word or the number that it would cut in two.
fn word_end(text: &str, at: usize) -> usize {
    let is_word = |c: char| c.is_ascii_alphanumeric();
    if !text[at..].starts_with(is_word) {
        return at;
    }
    Some(text[..at].trim_end_matches(is_word).len()).filter(|&start| start > 0).unwrap_or(at)
}

/// The beginning of the text, for the summary.
#[derive(Default)]
pub struct Lead {
    pub text: String,
    characters: usize,
    /// A new paragraph or line has begun.
    separate: bool,
    /// Above zero inside headings, tables, code and notes.
    pub mute: u32,
}

impl Lead {
    pub fn separate(&mut self) {
        self.separate = true;
    }

    pub fn push(&mut self, text: &str) {
        if self.mute > 0 || self.characters >= LEAD {
            return;
        }
        let last = self.text.chars().next_back();
        // After a Chinese full stop no space is needed, after a date or a name there is.
        if std::mem::take(&mut self.separate) && last.is_some_and(|c| !c.is_whitespace() && !is_wide_stop(c)) {
            self.text.push(' ');
        }
        let text = cjk::restore(text);
        let (mut from, mut end) = (0, text.len());
        for (at, c) in text.char_indices() {
            if self.characters == LEAD {
                end = at;
                break;
            }
            self.characters += 1;
            if c.is_whitespace() {
                self.text.push_str(&text[from..at]);
                if !self.text.is_empty() && !self.text.ends_with(' ') {
                    self.text.push(' ');
                }
                from = at + c.len_utf8();
            }
        }
        self.text.push_str(&text[from..end]);
    }
}

fn is_wide_stop(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '；' | '：' | '，' | '、' | '…' | '”' | '’' | '」' | '』' | '）' | '》' | '】')
}
