//! The file of a new item: what is known filled in, what is required left open, all else to choose from.
//!
//! Start at [`Draft::text`].

use crate::diagnostic::{FilePath, Language, Text};
use crate::parse::asked::{Key, Shape, Subject};
use crate::parse::item::{Districts, ItemType, PAGES};
use crate::parse::moment::Moment;
use crate::parse::registry::{ColumnId, TopicId, Vocabulary};
use crate::parse::slug::Slug;
use crate::schema::{keys, said};
use crate::source::CONTENT;

/// An item that is about to be written.
#[derive(Debug, Clone)]
pub struct Draft {
    pub item_type: ItemType,
    /// `None` for a free-standing page.
    pub column: Option<ColumnId>,
    pub title: String,
    pub districts: Districts,
    pub topics: Vec<TopicId>,
    pub now: Moment,
}

impl Draft {
    /// Where its file goes: the date and the title in pinyin. `attempt` counts from 1, and tells apart what would get
    /// the same name.
    pub fn file(&self, vocabulary: &Vocabulary, attempt: usize) -> FilePath {
        let slug = Slug::transliterate(&self.title);
        let suffix = if attempt > 1 { format!("-{attempt}") } else { String::new() };
        FilePath::new(match self.column {
            Some(column) => {
                let (folder, day) = (&vocabulary.column(column).key, self.now.iso());
                format!("{CONTENT}/{folder}/{}/{day}-{slug}{suffix}.md", self.now.local.year())
            }
            None => format!("{CONTENT}/{PAGES}/{slug}{suffix}.md"),
        })
    }

    /// Its text. It can be read as it is but for the keys that only a person can fill in, which [`Draft::open`] names.
    pub fn text(&self, vocabulary: &Vocabulary, language: Language) -> String {
        let say = |zh: &'static str, en: &'static str| if language == Language::Chinese { zh } else { en };
        let subject = Subject::Item(self.item_type);
        let mut text = String::from("---\n");
        let mut optional = String::new();
        // The folder says the type.
        for key in keys(subject, &[]).into_iter().filter(|key| key.name() != "type") {
            match (self.value(key, vocabulary), key.required) {
                (Some(value), _) => {
                    text += &format!("# {}\n{}: {value}\n", comment(subject, key, language), key.name())
                }
                (None, true) => text += &required(subject, key, language),
                (None, false) => optional += &offered(subject, key, language),
            }
        }
        text += "\n# ";
        text += say(
            "以下各项可以不写。要用哪一项，删去行首的 #，改成自己的内容。",
            "What follows may be left out. To use a line, take away the # at its beginning.",
        );
        text + "\n" + &optional + "---\n\n"
    }

    /// The keys that a person must fill in, each as `source（来源）`.
    pub fn open(&self, vocabulary: &Vocabulary, language: Language) -> Vec<String> {
        let keys = keys(Subject::Item(self.item_type), &[]).into_iter();
        let open = keys.filter(|key| key.required && self.value(key, vocabulary).is_none());
        open.map(|key| match language {
            Language::Chinese => format!("{}（{}）", key.name(), key.alias),
            Language::English => key.name().to_owned(),
        })
        .collect()
    }

    /// What is known of a key.
    fn value(&self, key: &Key, vocabulary: &Vocabulary) -> Option<String> {
        match key.name() {
            "title" => Some(scalar(&self.title)),
            "date" if key.required => Some(format!("{} {}", self.now.iso(), self.now.clock())),
            "draft" => Some("true".to_owned()),
            "district" => match &self.districts {
                Districts::All => Some("all".to_owned()),
                Districts::These(these) if these.is_empty() => None,
                Districts::These(these) => Some(list(these.iter().map(|id| vocabulary.unambiguous(*id)))),
            },
            "topics" if self.topics.is_empty() => None,
            "topics" => Some(list(self.topics.iter().map(|id| vocabulary.topic(*id).name.clone()))),
            _ => None,
        }
    }
}

/// A text as a value of YAML.
fn scalar(text: &str) -> String {
    serde_yaml::to_string(text).map_or_else(|_| format!("{text:?}"), |yaml| yaml.trim_end().to_owned())
}

/// One value as it is, several in brackets.
fn list(values: impl Iterator<Item = String>) -> String {
    let values: Vec<String> = values.map(|value| flow(&value)).collect();
    if let [one] = values.as_slice() { one.clone() } else { format!("[{}]", values.join(", ")) }
}

/// A text as a value in brackets, where commas and brackets mean something.
fn flow(text: &str) -> String {
    if text.contains([',', '[', ']', '{', '}', '"', '\'']) { format!("{text:?}") } else { scalar(text) }
}

/// What a key is, for a person.
fn comment(subject: Subject, key: &Key, language: Language) -> String {
    let meaning = said(subject, key).meaning;
    let words = match &key.shape {
        Shape::Word(words) => {
            format!("{}{}", if language == Language::Chinese { "：" } else { ": " }, words.join("、"))
        }
        _ => String::new(),
    };
    match language {
        Language::Chinese if !meaning.zh.starts_with(key.alias) => format!("{}：{}{words}", key.alias, meaning.zh),
        _ => format!("{}{words}", meaning.get(language)),
    }
}

fn example(subject: Subject, key: &Key, language: Language) -> String {
    let text = said(subject, key).example;
    Text::new(format!("，例如 {text}"), format!(", e.g. {text}")).get(language).to_owned()
}

/// A key that must be filled in, with those below it.
fn required(subject: Subject, key: &Key, language: Language) -> String {
    let below = keys(subject, &key.path);
    let shown = if below.is_empty() { example(subject, key, language) } else { String::new() };
    let mut text = format!("# {}{shown}\n{}:\n", comment(subject, key, language), key.name());
    // Without anything required below it, even the first line is only offered.
    for (position, inner) in below.into_iter().enumerate() {
        let dash = match (key.list, position) {
            (true, 0) => "- ",
            (true, _) => "  ",
            (false, _) => "",
        };
        let (name, meaning) = (inner.name(), comment(subject, inner, language));
        text += &if inner.required {
            format!("  {dash}{name}:  # {meaning}{}\n", example(subject, inner, language))
        } else {
            format!("  #{dash}{name}: {}  # {meaning}\n", said(subject, inner).example)
        };
    }
    text
}

/// A key that may be filled in.
fn offered(subject: Subject, key: &Key, language: Language) -> String {
    let example = said(subject, key).example;
    format!("#{}: {example}  # {}\n", key.name(), comment(subject, key, language))
}
