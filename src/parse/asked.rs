//! Which keys the decoders ask for, found out by asking them.
//!
//! There is no list of keys beside the decoders. This probes them with made-up values and notes what they ask
//! for, what they miss, and which values they take. Start at [`asked`].

use std::collections::BTreeSet;

use serde_yaml::{Mapping, Value};

use super::fields::{Record, Report};
use super::item::{self, ItemType};
use super::registry::{self, Registry};
use crate::diagnostic::{At, Diagnostic, FilePath, KeyPath, Step};

/// What has keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// `site.yaml`
    Site,
    /// The front matter of a type.
    Item(ItemType),
}

impl Subject {
    pub const ALL: [Self; 5] = [
        Self::Site,
        Self::Item(ItemType::Article),
        Self::Item(ItemType::Recruitment),
        Self::Item(ItemType::Notice),
        Self::Item(ItemType::Page),
    ];

    /// `site`, or the type's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Item(item_type) => item_type.name(),
        }
    }
}

/// The keys of a subject, and how some of them depend on others.
#[derive(Debug, Clone)]
pub struct Asked {
    /// In the order in which they are asked for; a key stands before those below it.
    pub keys: Vec<Key>,
    pub conditions: Vec<Condition>,
}

/// A key that a decoder asks for.
#[derive(Debug, Clone)]
pub struct Key {
    /// Its English name behind those of the keys around it, e.g. `positions`, `count`.
    pub path: Vec<&'static str>,
    /// Its Chinese name; the English one where it has none.
    pub alias: &'static str,
    pub required: bool,
    /// Of one value.
    pub shape: Shape,
    /// Whether it takes several values in brackets.
    pub list: bool,
}

impl Key {
    pub fn name(&self) -> &'static str {
        self.path.last().copied().unwrap_or_default()
    }

    /// The names of the keys around it.
    pub fn parent(&self) -> &[&'static str] {
        &self.path[..self.path.len().saturating_sub(1)]
    }
}

/// What a value may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    Text,
    Flag,
    WholeNumber,
    Number,
    /// A date, perhaps with a time.
    Moment,
    TimeOfDay,
    WebAddress,
    Email,
    Phone,
    Slug,
    /// An old address on the site.
    Alias,
    Permalink,
    TimeZone,
    District,
    Topic,
    /// One of these words.
    Word(Vec<String>),
    /// Keys of its own. `texts` are the samples of plain text that it takes instead.
    Keys {
        texts: Texts,
    },
    /// The keys of what is around it, once more.
    Again,
    Anything,
}

/// What may stand for a mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Texts {
    None,
    Any,
    /// `online` or `线上`.
    Online,
}

/// What a value of one key does to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    pub key: &'static str,
    pub value: Value,
    /// Keys that are required besides.
    pub requires: Vec<String>,
    /// Keys that are no longer required.
    pub frees: Vec<String>,
}

const DISTRICT: &str = "样区";
const TOPIC: &str = "样题";

/// Asks the decoders of a subject.
pub fn asked(subject: Subject) -> Asked {
    let probe = Probe::new(subject);
    let mut keys = Vec::new();
    probe.descend(&[], &mut keys);
    let conditions = keys.iter().flat_map(|key| probe.conditions(key)).collect();
    Asked { keys, conditions }
}

/// A subject under question.
struct Probe {
    subject: Subject,
    registry: Registry,
    file: FilePath,
}

impl Probe {
    fn new(subject: Subject) -> Self {
        let site = format!(
            "title: 站\nbase_url: https://example.org/\ndistricts: [{{name: {DISTRICT}, slug: yangqu}}]\n\
             topics: [{{name: {TOPIC}, slug: yangti}}]\n"
        );
        let registry = registry::parse(&site, None).expect("a configuration without mistakes");
        Self { subject, registry, file: FilePath::new("content/probe.md") }
    }

    fn ask(&self, value: &Value) -> (Record, Vec<Diagnostic>) {
        let report = Report::recording(&self.file, &self.registry.zone);
        match self.subject {
            Subject::Site => registry::ask(value, &report),
            Subject::Item(item_type) => item::ask(value, item_type, &self.registry, &report),
        }
        report.into_record()
    }

    /// Finds the keys below a path, each followed by those below it. Whether they are those of the path once more.
    fn descend(&self, parent: &[&'static str], keys: &mut Vec<Key>) -> bool {
        let (record, _) = self.ask(&wrap(parent, Value::Mapping(Mapping::new())));
        let here = as_key_path(parent);
        let mut names: Vec<(&'static str, &'static str)> = Vec::new();
        for (_, key, alias) in record.keys.iter().filter(|(path, ..)| *path == here) {
            if !names.contains(&(*key, *alias)) {
                names.push((key, alias));
            }
        }
        if parent.last().is_some_and(|own| names.iter().any(|(key, _)| key == own)) {
            return true;
        }
        for (key, alias) in names {
            let path = [parent, &[key]].concat();
            let required = record.missed.iter().any(|(above, missed)| *above == here && missed == key);
            let position = keys.len();
            let shape = self.shape(&path);
            let list = self.takes_lists(&path);
            keys.push(Key { path: path.clone(), alias, required, shape, list });
            if self.descend(&path, keys) {
                keys[position].shape = Shape::Again;
            } else if keys.len() > position + 1 {
                keys[position].shape = Shape::Keys { texts: self.texts(&path) };
            }
        }
        false
    }

    /// The codes of what is reported at a path or below it, when this value stands there.
    fn complaints(&self, path: &[&'static str], value: impl Into<Value>) -> Vec<(KeyPath, String)> {
        let here = as_key_path(path);
        let (_, found) = self.ask(&wrap(path, value.into()));
        let reported = found.into_iter().filter_map(|diagnostic| match diagnostic.place.at {
            At::Value(at) | At::Key(at) => at.0.starts_with(&here.0).then(|| (at, diagnostic.code.into_owned())),
            At::File | At::Bytes(..) => None,
        });
        reported.collect()
    }

    fn takes_lists(&self, path: &[&'static str]) -> bool {
        let here = as_key_path(path);
        let list = Value::Sequence(vec![Value::Mapping(Mapping::new())]);
        !self.complaints(path, list).iter().any(|(at, code)| *at == here && code == "wrong-type")
    }

    fn texts(&self, path: &[&'static str]) -> Texts {
        let takes = |text: &str| !self.complaints(path, text).iter().any(|(_, code)| code == "wrong-type");
        match (takes("某"), takes("online")) {
            (true, _) => Texts::Any,
            (false, true) => Texts::Online,
            (false, false) => Texts::None,
        }
    }

    /// What one value may be, by the samples that are taken without a complaint.
    fn shape(&self, path: &[&'static str]) -> Shape {
        let (record, _) = self.ask(&wrap(path, Value::from("某")));
        if let Some((_, words)) = record.words.into_iter().find(|(at, _)| *at == as_key_path(path)) {
            return Shape::Word(words);
        }
        let takes = |sample: Value| self.complaints(path, sample).is_empty();
        if takes(Value::from(true)) {
            return if takes(Value::from("某")) { Shape::Anything } else { Shape::Flag };
        }
        // From what takes nearly everything to what takes little: a telephone number may look like a date.
        let samples: [(Value, Shape); 14] = [
            ("某".into(), Shape::Text),
            (DISTRICT.into(), Shape::District),
            (TOPIC.into(), Shape::Topic),
            ("a@example.org".into(), Shape::Email),
            ("https://example.org/".into(), Shape::WebAddress),
            ("/old.html".into(), Shape::Alias),
            ("/:slug.html".into(), Shape::Permalink),
            ("Asia/Shanghai".into(), Shape::TimeZone),
            ("a-b".into(), Shape::Slug),
            ("+86 21 00000000".into(), Shape::Phone),
            ("2026-01-02".into(), Shape::Moment),
            ("08:00".into(), Shape::TimeOfDay),
            (1.5.into(), Shape::Number),
            (7.into(), Shape::WholeNumber),
        ];
        let fitting = samples.into_iter().find(|(sample, _)| takes(sample.clone()));
        fitting.map_or(Shape::Anything, |(_, shape)| shape)
    }

    /// What the values of a key do to the other keys.
    fn conditions(&self, key: &Key) -> Vec<Condition> {
        let values: Vec<Value> = match &key.shape {
            // Another type is another subject.
            _ if key.path.len() > 1 || key.name() == "type" => return Vec::new(),
            Shape::Word(words) => words.iter().map(|word| Value::from(word.as_str())).collect(),
            Shape::Flag => vec![Value::from(true)],
            _ => return Vec::new(),
        };
        let missed = |value: &Value| -> BTreeSet<String> {
            let (record, _) = self.ask(value);
            let at_root = record.missed.into_iter().filter(|(path, _)| path.0.is_empty());
            at_root.map(|(_, name)| name).filter(|name| name != key.name()).collect()
        };
        let usual = missed(&Value::Mapping(Mapping::new()));
        let of_value = |value: Value| {
            let now = missed(&wrap(&key.path, value.clone()));
            let requires: Vec<String> = now.difference(&usual).cloned().collect();
            let frees: Vec<String> = usual.difference(&now).cloned().collect();
            let differs = !requires.is_empty() || !frees.is_empty();
            differs.then(|| Condition { key: key.name(), value, requires, frees })
        };
        values.into_iter().filter_map(of_value).collect()
    }
}

/// A value below the keys of a path.
fn wrap(path: &[&'static str], value: Value) -> Value {
    path.iter().rev().fold(value, |inner, key| Value::Mapping(Mapping::from_iter([(Value::from(*key), inner)])))
}

fn as_key_path(path: &[&'static str]) -> KeyPath {
    KeyPath(path.iter().map(|key| Step::Key((*key).to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(subject: Subject, path: &[&'static str], expected: (&str, bool, bool, Shape)) {
        let asked = asked(subject);
        let key = asked.keys.iter().find(|key| key.path == path).expect("a key that is asked for");
        assert_eq!((key.alias, key.required, key.list, key.shape.clone()), expected, "{path:?}");
    }

    #[test]
    fn the_decoders_tell_what_they_take() {
        let recruitment = Subject::Item(ItemType::Recruitment);
        check(recruitment, &["title"], ("标题", true, false, Shape::Text));
        check(recruitment, &["date"], ("发布时间", true, false, Shape::Moment));
        check(recruitment, &["district"], ("区域", true, true, Shape::District));
        check(recruitment, &["topics"], ("主题", false, true, Shape::Topic));
        check(recruitment, &["draft"], ("草稿", false, false, Shape::Flag));
        check(recruitment, &["positions"], ("岗位", true, true, Shape::Keys { texts: Texts::None }));
        check(recruitment, &["positions", "count"], ("人数", true, false, Shape::WholeNumber));
        check(recruitment, &["positions", "skills"], ("技能", false, true, Shape::Text));
        check(recruitment, &["shifts", "start"], ("开始", true, false, Shape::TimeOfDay));
        check(recruitment, &["place"], ("地点", true, false, Shape::Keys { texts: Texts::Online }));
        check(recruitment, &["place", "district"], ("区域", false, false, Shape::District));
        check(recruitment, &["place", "lat"], ("纬度", false, false, Shape::Number));
        check(recruitment, &["apply", "url"], ("网址", false, false, Shape::WebAddress));
        check(recruitment, &["apply", "phone"], ("电话", false, true, Shape::Phone));
        check(recruitment, &["contacts", "email"], ("邮箱", false, false, Shape::Email));
        check(recruitment, &["figures", "value"], ("数值", true, false, Shape::Number));
        check(recruitment, &["cover"], ("封面", false, false, Shape::Keys { texts: Texts::Any }));
        check(recruitment, &["slug"], ("网址名", false, false, Shape::Slug));
        check(recruitment, &["aliases"], ("旧网址", false, true, Shape::Alias));
        check(recruitment, &["extra"], ("扩展", false, true, Shape::Anything));
        check(Subject::Site, &["base_url"], ("网址", true, false, Shape::WebAddress));
        check(Subject::Site, &["districts"], ("区域", false, true, Shape::Keys { texts: Texts::None }));
        check(Subject::Site, &["districts", "children"], ("下级", false, true, Shape::Again));
        check(Subject::Site, &["permalink"], ("网址格式", false, false, Shape::Permalink));
        check(Subject::Site, &["time_zone"], ("时区", false, false, Shape::TimeZone));
        check(Subject::Site, &["topics", "slug"], ("网址名", true, false, Shape::Slug));
    }

    #[test]
    fn some_values_change_what_is_required() {
        let condition = |key, value: Value, requires: &[&str], frees: &[&str]| Condition {
            key,
            value,
            requires: requires.iter().map(|name| (*name).to_owned()).collect(),
            frees: frees.iter().map(|name| (*name).to_owned()).collect(),
        };
        let of = |item_type| asked(Subject::Item(item_type)).conditions;
        assert_eq!(of(ItemType::Article), []);
        assert_eq!(of(ItemType::Recruitment), [condition("online", true.into(), &[], &["place"])]);
        assert_eq!(of(ItemType::Notice), [condition("kind", "公示".into(), &["feedback", "publicity"], &[])]);
    }
}
