//! Decodes YAML into typed fields and collects everything that is wrong on the way.
//!
//! The code that asks for the fields is the schema: each asking names the key and its Chinese alias, and
//! a key that nobody asked for is unknown. A decoder never stops at the first mistake; where one was
//! reported, the returned value is a filler that the caller drops. Start at [`Fields`].

use std::cell::{OnceCell, RefCell};
use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_yaml::{Mapping, Value};

use super::moment::{Moment, NotADate};
use super::{slug, yaml};
use crate::diagnostic::catalogue::{self, Expected};
use crate::diagnostic::{At, Diagnostic, FilePath, KeyPath, Place, nearest, sounds_secret};
use crate::source::SITE_FILE;
use jiff::tz::TimeZone;

/// What decoding needs beside the value: the file for messages, the time zone for dates, the text for
/// what a value has lost, and the list that messages are collected in.
pub struct Report<'a> {
    pub file: &'a FilePath,
    pub zone: &'a TimeZone,
    text: &'a str,
    /// Where the YAML lies in the text.
    yaml: Range<usize>,
    /// Where keys and values stand, once somebody asked: a list may hold thousands of numbers.
    places: OnceCell<yaml::Places>,
    pub diagnostics: RefCell<Vec<Diagnostic>>,
    /// What was asked for, where somebody wants to know: see [`super::asked`].
    record: Option<RefCell<Record>>,
}

/// What decoders asked for.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// Each key with its alias, below a path.
    pub keys: Vec<(KeyPath, &'static str, &'static str)>,
    /// Keys that were missed.
    pub missed: Vec<(KeyPath, String)>,
    /// The closed list of words that a value is chosen from.
    pub words: Vec<(KeyPath, Vec<String>)>,
}

impl<'a> Report<'a> {
    pub fn new(file: &'a FilePath, zone: &'a TimeZone, text: &'a str, yaml: Range<usize>) -> Self {
        Self { file, zone, text, yaml, places: OnceCell::new(), diagnostics: RefCell::default(), record: None }
    }

    /// One that also notes what is asked for.
    pub fn recording(file: &'a FilePath, zone: &'a TimeZone) -> Self {
        Self { record: Some(RefCell::default()), ..Self::new(file, zone, "", 0..0) }
    }

    /// What was noted, and what was reported.
    pub fn into_record(self) -> (Record, Vec<Diagnostic>) {
        (self.record.map(RefCell::into_inner).unwrap_or_default(), self.diagnostics.into_inner())
    }

    fn note(&self, note: impl FnOnce(&mut Record)) {
        if let Some(record) = &self.record {
            note(&mut record.borrow_mut());
        }
    }

    /// Notes the words that a value is chosen from.
    pub fn note_words<'w>(&self, path: &KeyPath, words: impl Iterator<Item = &'w str>) {
        self.note(|record| record.words.push((path.clone(), words.map(str::to_owned).collect())));
    }

    pub fn push(&self, diagnostic: Diagnostic) {
        self.diagnostics.borrow_mut().push(diagnostic);
    }

    /// Whether nothing was reported of the value at a path, nor of what it holds.
    pub fn is_sound(&self, path: &KeyPath) -> bool {
        let lies_below = |place: &Place| match &place.at {
            At::Key(KeyPath(steps)) | At::Value(KeyPath(steps)) => steps.starts_with(&path.0),
            At::File | At::Bytes(..) => false,
        };
        !self.diagnostics.borrow().iter().any(|diagnostic| lies_below(&diagnostic.place))
    }

    fn locate(&self, at: &At) -> Option<Range<usize>> {
        self.places.get_or_init(|| yaml::Places::of(self.text, self.yaml.clone())).find(at)
    }

    /// The first character of what stands at a place.
    fn start_of(&self, place: Place) -> Place {
        let first = self.locate(&place.at).and_then(|span| {
            let character = self.text[span.start..].chars().next()?;
            Some(span.start..span.start + character.len_utf8())
        });
        first.map_or(place, |first| Place::bytes(self.file, first))
    }
}

/// A value and where it stands.
#[derive(Clone)]
pub struct Node<'a> {
    pub value: &'a Value,
    pub path: KeyPath,
    pub report: &'a Report<'a>,
}

impl<'a> Node<'a> {
    pub fn place(&self) -> Place {
        Place::value(self.report.file, self.path.clone())
    }

    /// A number as the editor wrote it: `1.10` and `+8602100000000` lose something as numbers.
    pub fn written(&self) -> String {
        let span = self.report.locate(&At::Value(self.path.clone()));
        match (span.and_then(|span| self.report.text.get(span)), self.value) {
            // An alias (`*name`) does not stand for itself.
            (Some(text), _) if !text.starts_with('*') => text.trim().to_owned(),
            (_, Value::Number(number)) => number.to_string(),
            _ => String::new(),
        }
    }

    /// Reports that something else was expected here.
    pub fn wrong_type<T>(&self, expected: Expected) -> Option<T> {
        let commas = self.value.as_str().filter(|text| text.contains([',', '，']));
        let is_number = commas.is_some_and(|text| text.split([',', '，']).all(is_number_like));
        // Of a single one, such as `[通知]`, the brackets may be meant.
        let texts = self.value.as_sequence().filter(|values| values.len() > 1);
        let names = texts.and_then(|values| values.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
        self.report.push(match (expected, names) {
            (Expected::WholeNumber | Expected::Number, _) if is_number => catalogue::comma_in_number(self.place()),
            (Expected::Text, Some(names)) => catalogue::list_for_text(self.place(), &names),
            _ => catalogue::wrong_type(self.place(), expected),
        });
        None
    }

    /// Decodes a mapping by the keys that `decode` asks for.
    pub fn fields<T>(&self, decode: impl FnOnce(&mut Fields<'a>) -> T) -> Option<T> {
        let Value::Mapping(mapping) = self.value else {
            return self.wrong_type(Expected::Keys);
        };
        if self.report_slips(mapping) {
            return None;
        }
        let mut fields = Fields::new(mapping, self.path.clone(), self.report);
        let decoded = decode(&mut fields);
        fields.report_unknown();
        Some(decoded)
    }

    /// In braces, a slip makes a key of what was meant as a key and its value: `{name:甲}`, `{name：甲}`.
    fn report_slips(&self, mapping: &Mapping) -> bool {
        let mut found = false;
        for key in mapping.keys() {
            let place = |name: &str| Place::key(self.report.file, self.path.key(name));
            let slip = match key {
                Value::String(name) if name.starts_with('｛') => Some(catalogue::full_width_braces(place(name), None)),
                // `-{unit: 中心}`
                Value::String(name) if name.starts_with("-{") => {
                    Some(catalogue::missing_space_behind_dash(place(name), &format!("{}: …}}", &name[1..])))
                }
                Value::String(name) => match name.find([':', '：']) {
                    Some(colon) if name[colon..].starts_with('：') => {
                        Some(catalogue::full_width_colon(place(name), &name[..colon]))
                    }
                    Some(colon) => Some(catalogue::missing_space(place(name), &name[..colon])),
                    // `1,000` and `021-00000000,021-00000001` are cut in two.
                    None if is_number_like(name) => Some(catalogue::comma_in_number(place(name))),
                    None => None,
                },
                Value::Number(number) => Some(catalogue::comma_in_number(self.cut_number(&number.to_string()))),
                _ => None,
            };
            found |= slip.is_some();
            slip.into_iter().for_each(|slip| self.report.push(slip));
        }
        found
    }

    /// Where the number stands whose digits behind a comma have become a key: `1,600`.
    fn cut_number(&self, behind: &str) -> Place {
        let is_part = |c: char| c.is_ascii_digit() || c == ',';
        let whole = self.report.locate(&self.place().at).and_then(|span| {
            let text = &self.report.text[span.clone()];
            let comma = text.find(&format!(",{behind}"))?;
            let before = text[..comma].trim_end_matches(is_part).len();
            let end = text[comma..].find(|c| !is_part(c)).map_or(text.len(), |length| comma + length);
            Some(span.start + before..span.start + end)
        });
        whole.map_or_else(|| self.place(), |whole| Place::bytes(self.report.file, whole))
    }

    /// The entries of a mapping whose keys are not known beforehand.
    pub fn entries(&self) -> Option<Vec<(Placed<String>, Node<'a>)>> {
        let Value::Mapping(mapping) = self.value else { return self.wrong_type(Expected::Keys) };
        let entry = |(key, value): (&'a Value, &'a Value)| {
            let name = key.as_str()?.to_owned();
            let path = self.path.key(&name);
            let place = Place::key(self.report.file, path.clone());
            Some((Placed { value: name, place }, Node { value, path, report: self.report }))
        };
        Some(mapping.iter().filter_map(entry).collect())
    }

    /// A value that is one of the given words.
    pub fn word<T: Copy>(&self, words: &[(&str, T)]) -> Option<T> {
        self.report.note_words(&self.path, words.iter().map(|(word, _)| *word));
        let text = String::decode(self)?;
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*meaning);
        }
        let allowed: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        self.report.push(catalogue::unknown_value(self.place(), &text, &allowed));
        None
    }
}

/// What a key's value can be decoded into. `None` means that a message was reported.
pub trait Field: Sized {
    fn decode(node: &Node<'_>) -> Option<Self>;
}

/// The keys of one mapping.
pub struct Fields<'a> {
    mapping: &'a Mapping,
    pub path: KeyPath,
    pub report: &'a Report<'a>,
    known: Vec<(&'static str, &'static str)>,
    /// Those that must be there and are not.
    missing: RefCell<Vec<(&'static str, &'static str)>>,
}

impl<'a> Fields<'a> {
    fn new(mapping: &'a Mapping, path: KeyPath, report: &'a Report<'a>) -> Self {
        Self { mapping, path, report, known: Vec::new(), missing: RefCell::default() }
    }

    /// The value under a key or its alias, if it is there and not empty.
    pub fn node(&mut self, key: &'static str, alias: &'static str) -> Option<Node<'a>> {
        self.known.push((key, alias));
        self.report.note(|record| record.keys.push((self.path.clone(), key, alias)));
        // There are a dozen keys at most in nearly every mapping: looking through them is faster than hashing.
        let under = |name: &'static str| {
            let mut entries = self.mapping.iter();
            entries.find(|(key, _)| matches!(key, Value::String(key) if key == name)).map(|(_, value)| (name, value))
        };
        let (name, value) = match (under(key), under(alias)) {
            (Some(found), Some(_)) if key != alias => {
                let twice = catalogue::key_and_alias(self.place_of_key(alias), alias, key, self.place_of_key(key));
                if !self.report.diagnostics.borrow().contains(&twice) {
                    self.report.push(twice);
                }
                found
            }
            (Some(found), _) | (None, Some(found)) => found,
            (None, None) => return None,
        };
        let empty = match value {
            Value::Null => true,
            Value::String(text) => text.trim().is_empty(),
            Value::Sequence(values) => values.is_empty(),
            _ => false,
        };
        (!empty).then(|| Node { value, path: self.path.key(name), report: self.report })
    }

    pub fn optional<T: Field>(&mut self, key: &'static str, alias: &'static str) -> Option<T> {
        self.node(key, alias).and_then(|node| T::decode(&node))
    }

    /// A list that may be left out.
    pub fn list<T: Field>(&mut self, key: &'static str, alias: &'static str) -> Vec<T> {
        self.optional(key, alias).unwrap_or_default()
    }

    pub fn flag(&mut self, key: &'static str, alias: &'static str) -> bool {
        self.optional(key, alias).unwrap_or_default()
    }

    /// A key that must be there; a message and a filler where it is not.
    pub fn required<T: Field + Default>(&mut self, key: &'static str, alias: &'static str) -> T {
        match self.node(key, alias) {
            Some(node) => T::decode(&node).unwrap_or_default(),
            None => {
                self.report_missing(key, alias);
                T::default()
            }
        }
    }

    /// Reports a key that must be there, unless an unknown one turns out to be that key with a slip in it.
    pub fn report_missing(&self, key: &'static str, alias: &'static str) {
        self.report.note(|record| record.missed.push((self.path.clone(), key.to_owned())));
        // `key:` with nothing behind it is missing too, and then the message points at the key.
        let written = [key, alias].into_iter().find(|name| self.mapping.contains_key(*name));
        match written {
            Some(name) => self.report.push(match self.comment_behind(name) {
                Some(comment) => {
                    catalogue::comment_for_value(self.place_of_key(name), name, &self.report.text[comment])
                }
                None => catalogue::empty_key(self.place_of_key(name), name, key),
            }),
            None => self.missing.borrow_mut().push((key, alias)),
        }
    }

    /// The comment that stands where the value of a key should.
    fn comment_behind(&self, name: &str) -> Option<Range<usize>> {
        let key = self.report.locate(&At::Key(self.path.key(name)))?;
        yaml::comment_for_value(self.report.text, key.end)
    }

    /// Reports a value that only stands in a comment, where the key may be left out.
    fn report_comment(&self, name: &str, value: &Value) {
        if value.is_null()
            && let Some(comment) = self.comment_behind(name)
            && self.report.is_sound(&self.path.key(name))
        {
            self.report.push(catalogue::hash_in_value(self.report.file, comment));
        }
    }

    /// Reports what is missing, but for the names that unknown keys were meant to be.
    fn report_absent(&self, meant: &[&str]) {
        let place = Place::value(self.report.file, self.path.clone());
        let is_misspelt = |names: &(&str, &str)| meant.contains(&names.0) || meant.contains(&names.1);
        for (key, alias) in self.missing.borrow().iter().filter(|names| !is_misspelt(names)) {
            let braces = self.report.locate(&place.at).filter(|span| self.report.text[span.clone()].starts_with('{'));
            self.report.push(catalogue::missing_key(place.clone(), key, alias, braces.is_some()));
        }
    }

    fn place_of_key(&self, name: &str) -> Place {
        Place::key(self.report.file, self.path.key(name))
    }

    /// The place of a key's value, under whichever name it is written.
    pub fn place_of(&self, key: &str, alias: &str) -> Place {
        let name = if self.mapping.contains_key(key) { key } else { alias };
        let path = if self.mapping.contains_key(name) { self.path.key(name) } else { self.path.clone() };
        Place::value(self.report.file, path)
    }

    /// Counts the keys that `decode` asks for among the known ones, without a word on their values.
    pub fn know_keys(&mut self, decode: impl FnOnce(&mut Fields<'_>)) {
        let silent = Report::new(self.report.file, self.report.zone, "", 0..0);
        let mut fields = Fields::new(self.mapping, self.path.clone(), &silent);
        decode(&mut fields);
        self.known.append(&mut fields.known);
    }

    /// Counts a key among the unknown ones after all, since what else stands there leaves no place for it.
    pub fn forget(&mut self, key: &str, alias: &str) {
        self.known.retain(|known| *known != (key, alias));
    }

    /// Reports the keys that nobody asked for, and those that somebody missed.
    fn report_unknown(&self) {
        let mut meant: Vec<&str> = Vec::new();
        for (key, value) in self.mapping {
            let Some(name) = key.as_str() else {
                let text = serde_yaml::to_string(key).unwrap_or_default();
                let place = Place::value(self.report.file, self.path.clone());
                self.report.push(catalogue::unknown_key(place, text.trim(), &[], &[]));
                continue;
            };
            if self.known.iter().any(|(key, alias)| *key == name || *alias == name) {
                self.report_comment(name, value);
                continue;
            }
            let place = self.place_of_key(name);
            if name.starts_with(yaml::is_odd_space) {
                meant.push(name.trim_start_matches(yaml::is_odd_space));
                self.report.push(catalogue::ideographic_space(self.report.start_of(place)));
                continue;
            }
            if sounds_secret(name) && self.report.file.as_str() == SITE_FILE {
                self.report.push(catalogue::secret_in_settings(place, name));
                continue;
            }
            let near = self.meant_by(name);
            meant.extend(&near);
            let mut known: Vec<String> = Vec::new();
            for (key, alias) in &self.known {
                let shown = if key == alias { (*key).to_owned() } else { format!("{key}（{alias}）") };
                if !known.contains(&shown) {
                    known.push(shown);
                }
            }
            self.report.push(catalogue::unknown_key(place, name, &near, &known));
        }
        self.report_absent(&meant);
    }

    /// The keys that an unknown one may stand for: those of its meaning, then those of its letters.
    fn meant_by(&self, name: &str) -> Vec<&'static str> {
        let plain: String = name.chars().map(slug::fold).collect::<String>().to_lowercase();
        if let Some((key, alias)) = self.known.iter().find(|(key, alias)| *key == plain || *alias == plain) {
            return vec![if *key == plain { key } else { alias }];
        }
        let means = |key: &str| OTHER_WORDS.iter().any(|(known, words)| *known == key && words.contains(&&*plain));
        let of_meaning = self.known.iter().filter(|(key, _)| means(key));
        let mut meant: Vec<&str> =
            of_meaning.map(|(key, alias)| if plain.is_ascii() { *key } else { *alias }).collect();
        let of_letters = nearest(&plain, self.known.iter().flat_map(|(key, alias)| [*key, *alias]));
        meant.extend(of_letters.into_iter().filter(|name| !meant.contains(name)).collect::<Vec<_>>());
        meant.dedup();
        meant.truncate(3);
        meant
    }
}

/// What editors call a key beside its two names; they are only suggested where the key itself is known.
const OTHER_WORDS: [(&str, &[&str]); 21] = [
    ("title", &["题目", "名字", "headline"]),
    ("kicker", &["肩题", "眉题"]),
    ("subtitle", &["副标题"]),
    ("date", &["日期", "时间", "发布日期", "发表时间", "发稿时间", "published"]),
    ("updated", &["修改时间", "修改日期", "更新日期", "modified"]),
    ("expires", &["有效期", "到期", "过期时间"]),
    ("district", &["地区", "区县", "街道", "辖区", "地域", "region", "area"]),
    ("topics", &["标签", "话题", "专题", "分类", "tags", "tag", "category", "categories"]),
    ("source", &["供稿", "稿源", "出处", "供稿单位", "信息来源"]),
    ("author", &["记者", "撰稿", "撰稿人", "通讯员", "供稿人"]),
    ("editor", &["责编"]),
    ("summary", &["简介", "导语", "概要", "内容提要", "description", "abstract"]),
    ("cover", &["图片", "题图", "头图", "image"]),
    ("slug", &["网址", "permalink", "url"]),
    ("contacts", &["联系电话", "联系人", "电话", "contact"]),
    ("phone", &["手机", "手机号", "联系电话", "tel", "telephone", "mobile"]),
    ("organizer", &["主办方", "组织单位", "host"]),
    ("count", &["数量", "名额"]),
    ("apply_deadline", &["截止日期", "截止时间", "deadline"]),
    ("issuer", &["发文单位", "发布单位", "印发机关"]),
    ("document_number", &["文号"]),
];

impl Field for String {
    fn decode(node: &Node<'_>) -> Option<Self> {
        match node.value {
            // What nobody sees at an end of a value, such as a zero-width space from a chat, is no part of it.
            Value::String(text) => {
                Some(text.trim_matches(|c: char| c.is_whitespace() || yaml::is_odd_space(c)).to_owned())
            }
            // A year or a phone number is a text to an editor, quotes or not.
            Value::Number(_) => Some(node.written()),
            Value::Bool(_) => node.wrong_type(Expected::Text),
            _ => node.wrong_type(Expected::Text),
        }
    }
}

impl Field for bool {
    fn decode(node: &Node<'_>) -> Option<Self> {
        match node.value {
            Value::Bool(flag) => Some(*flag),
            Value::String(word) => match word.trim() {
                "是" | "yes" | "Yes" | "YES" => Some(true),
                "否" | "no" | "No" | "NO" => Some(false),
                _ => node.wrong_type(Expected::Flag),
            },
            _ => node.wrong_type(Expected::Flag),
        }
    }
}

/// Whether a text is made of digits, as parts of numbers and of telephone numbers are.
fn is_number_like(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit()) && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

impl Field for u32 {
    fn decode(node: &Node<'_>) -> Option<Self> {
        let number = node.value.as_u64().and_then(|number| Self::try_from(number).ok());
        number.or_else(|| node.wrong_type(Expected::WholeNumber))
    }
}

impl Field for u16 {
    fn decode(node: &Node<'_>) -> Option<Self> {
        let number = node.value.as_u64().and_then(|number| Self::try_from(number).ok());
        number.or_else(|| node.wrong_type(Expected::WholeNumber))
    }
}

impl Field for f64 {
    fn decode(node: &Node<'_>) -> Option<Self> {
        let number = node.value.as_f64().filter(|number| number.is_finite());
        number.or_else(|| node.wrong_type(Expected::Number))
    }
}

impl Field for Moment {
    fn decode(node: &Node<'_>) -> Option<Self> {
        let text = String::decode(node)?;
        match Self::parse(&text, node.report.zone) {
            Ok(moment) => Some(moment),
            Err(NotADate::Form) => {
                let meant = Self::meant_by(&text);
                node.report.push(catalogue::bad_date(node.place(), &text, meant.as_deref()));
                None
            }
            Err(NotADate::Impossible) => {
                node.report.push(catalogue::impossible_date(node.place(), &text));
                None
            }
        }
    }
}

/// A list; a single value stands for a list of one.
impl<T: Field> Field for Vec<T> {
    fn decode(node: &Node<'_>) -> Option<Self> {
        let Value::Sequence(values) = node.value else {
            return T::decode(node).map(|value| vec![value]);
        };
        let elements = values
            .iter()
            .enumerate()
            .map(|(index, value)| T::decode(&Node { value, path: node.path.index(index), report: node.report }));
        // All elements are looked at before one that failed drops the list.
        elements.collect::<Vec<_>>().into_iter().collect()
    }
}

/// An `http` or `https` address of another place on the web.
pub struct WebAddress(pub String);

impl Field for WebAddress {
    fn decode(node: &Node<'_>) -> Option<Self> {
        let text = String::decode(node)?;
        let url = url::Url::parse(&text).ok();
        if url.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some()) {
            return Some(Self(text));
        }
        node.report.push(catalogue::bad_address(node.place(), &text));
        None
    }
}

/// An e-mail address, roughly: the mail server knows better.
pub struct Email(pub String);

impl Field for Email {
    fn decode(node: &Node<'_>) -> Option<Self> {
        let text = String::decode(node)?;
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic()) && !text.contains(['<', '>', '"', '?', '&']);
        if plain && text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.')) {
            return Some(Self(text));
        }
        node.report.push(catalogue::bad_email(node.place(), &text));
        None
    }
}

/// A telephone number, or several in one text.
pub struct Phone(pub String);

impl Field for Phone {
    fn decode(node: &Node<'_>) -> Option<Self> {
        let text = String::decode(node)?;
        if text.contains(|c: char| c.is_ascii_digit()) {
            if let Some((number, digits)) = miscounted_mobile(&text) {
                node.report.push(catalogue::miscounted_digits(node.place(), number, digits));
            }
            return Some(Self(text));
        }
        node.report.push(catalogue::bad_phone(node.place(), &text));
        None
    }
}

/// A number that begins as those of mobile telephones in China do (1, then 3 to 9), which have 11 digits, and has one
/// digit too few or too many; with the count of its digits.
fn miscounted_mobile(text: &str) -> Option<(&str, usize)> {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-');
    let mut numbers = text.split(|c| !is_part(c)).map(|number| number.trim_matches([' ', '-']));
    numbers.find_map(|number| {
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        let local = digits.strip_prefix("0086").or(digits.strip_prefix("86")).unwrap_or(&digits);
        let is_mobile = local.starts_with('1') && matches!(local.as_bytes().get(1), Some(b'3'..=b'9'));
        // `13800000000-1` is a number with an extension.
        let is_whole = number.split([' ', '-']).any(|run| run.len() == 11);
        (is_mobile && matches!(local.len(), 10 | 12) && !is_whole).then_some((number, local.len()))
    })
}

impl Fields<'_> {
    pub fn phone(&mut self, key: &'static str, alias: &'static str) -> Option<String> {
        self.optional::<Phone>(key, alias).map(|phone| phone.0)
    }

    pub fn web_address(&mut self, key: &'static str, alias: &'static str) -> Option<String> {
        self.optional::<WebAddress>(key, alias).map(|address| address.0)
    }

    pub fn email(&mut self, key: &'static str, alias: &'static str) -> Option<String> {
        self.optional::<Email>(key, alias).map(|email| email.0)
    }

    pub fn phones(&mut self, key: &'static str, alias: &'static str) -> Vec<String> {
        self.list::<Phone>(key, alias).into_iter().map(|phone| phone.0).collect()
    }
}

/// A value that keeps its place, for what only shows later: a name that nobody has, a date that has not come.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Placed<T> {
    pub value: T,
    pub place: Place,
}

impl<T: Field> Field for Placed<T> {
    fn decode(node: &Node<'_>) -> Option<Self> {
        T::decode(node).map(|value| Self { value, place: node.place() })
    }
}

/// Anything, for the theme's own use.
impl Field for Value {
    fn decode(node: &Node<'_>) -> Option<Self> {
        Some(node.value.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::{OTHER_WORDS, miscounted_mobile};
    use crate::parse::asked::{Subject, asked};

    #[test]
    fn mobile_numbers_have_eleven_digits() {
        let check =
            |text: &str, expected: Option<(&str, usize)>| assert_eq!(miscounted_mobile(text), expected, "{text}");
        check("1380000000", Some(("1380000000", 10)));
        check("021-00000000、138 0000 00000", Some(("138 0000 00000", 12)));
        check("+86 138-0000-000", Some(("86 138-0000-000", 10)));
        check("王老师（139000000000）", Some(("139000000000", 12)));
        for right in [
            "13800000000",
            "138 0000 0000",
            "+86-138-0000-0000",
            "0086 13800000000",
            "13800000000-1",
            "13800000000 13900000000",
            "138****0000",
            "021-00000000",
            "400-000-0000",
            "12345",
            "1012345678",
            "62000000转13800",
        ] {
            check(right, None);
        }
    }

    #[test]
    fn what_is_suggested_are_keys_and_no_key_is_called_another() {
        let keys: Vec<_> = Subject::ALL.into_iter().flat_map(|subject| asked(subject).keys).collect();
        for (key, words) in OTHER_WORDS {
            assert!(keys.iter().any(|known| known.name() == key), "{key} is no key");
            assert!(!words.contains(&key), "{key} is called itself");
        }
    }
}
