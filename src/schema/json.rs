//! JSON Schemas (draft-07, which editors' YAML support knows) of `site.yaml` and of each type's front matter.
//!
//! Made from what the decoders take and from the site's own districts and topics. Start at [`schema`].

use serde_json::{Map, Value, json};

use super::{keys, known, said};
use crate::diagnostic::Language;
use crate::parse::asked::{Condition, Key, Shape, Subject, Texts};
use crate::parse::registry::Vocabulary;

/// The words of decoders for yes.
const YES: [&str; 4] = ["是", "yes", "Yes", "YES"];
const NO: [&str; 4] = ["否", "no", "No", "NO"];
/// What stands for the whole site.
pub const EVERYWHERE: [&str; 4] = ["all", "全站", "全市", "全部"];

/// The schema of a subject. `vocabulary` gives the names that may be written; without one, any may.
pub fn schema(subject: Subject, vocabulary: Option<&Vocabulary>, language: Language) -> Value {
    let mut maker = Maker { subject, vocabulary, language, definitions: Map::new() };
    let mut schema = maker.object(&[]);
    let title = match (subject, language) {
        (Subject::Site, Language::Chinese) => "新风：网站设置 site.yaml".to_owned(),
        (Subject::Site, Language::English) => "Xinfeng: site.yaml".to_owned(),
        (Subject::Item(item_type), Language::Chinese) => {
            format!("新风：{}的信息区", item_type.names().nth(1).unwrap_or_default())
        }
        (Subject::Item(item_type), Language::English) => format!("Xinfeng: the front matter of a {}", item_type.name()),
    };
    schema.insert("$schema".to_owned(), "http://json-schema.org/draft-07/schema#".into());
    schema.insert("title".to_owned(), title.into());
    let rules = known(subject).conditions.iter().map(|condition| maker.rule(condition));
    if let Value::Array(all) = schema.entry("allOf").or_insert(Value::Array(Vec::new())) {
        all.extend(rules);
    }
    if !maker.definitions.is_empty() {
        schema.insert("definitions".to_owned(), Value::Object(maker.definitions));
    }
    Value::Object(schema)
}

struct Maker<'a> {
    subject: Subject,
    vocabulary: Option<&'a Vocabulary>,
    language: Language,
    /// Objects that hold objects of their own kind.
    definitions: Map<String, Value>,
}

impl Maker<'_> {
    /// The mapping below a path.
    fn object(&mut self, path: &[&str]) -> Map<String, Value> {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for key in keys(self.subject, path) {
            let value = self.property(key);
            properties.insert(key.name().to_owned(), value.clone());
            properties.insert(key.alias.to_owned(), value);
            if key.required && !self.is_freed(key) {
                required.push(self.present(key.name(), path));
            }
        }
        let mut object = Map::from_iter([
            ("type".to_owned(), "object".into()),
            ("properties".to_owned(), Value::Object(properties)),
            ("additionalProperties".to_owned(), false.into()),
        ]);
        // An empty `allOf` is not allowed.
        if !required.is_empty() {
            object.insert("allOf".to_owned(), Value::Array(required));
        }
        object
    }

    /// Whether some value of another key makes this one unnecessary.
    fn is_freed(&self, key: &Key) -> bool {
        let conditions = &known(self.subject).conditions;
        key.path.len() == 1 && conditions.iter().any(|condition| condition.frees.iter().any(|it| it == key.name()))
    }

    /// That a key is there, under one of its names.
    fn present(&self, name: &str, path: &[&str]) -> Value {
        let alias = keys(self.subject, path).into_iter().find(|key| key.name() == name).map_or(name, |key| key.alias);
        if alias == name {
            json!({ "required": [name] })
        } else {
            json!({ "anyOf": [{ "required": [name] }, { "required": [alias] }] })
        }
    }

    /// What a value of one key requires besides, and what it frees.
    fn rule(&self, condition: &Condition) -> Value {
        let all = |names: &[String]| match names {
            [] => json!({}),
            names => json!({ "allOf": names.iter().map(|name| self.present(name, &[])).collect::<Vec<_>>() }),
        };
        let values: Vec<Value> = match condition.value.as_str() {
            Some(word) => vec![word.into()],
            None => [Value::Bool(true)].into_iter().chain(YES.map(Value::from)).collect(),
        };
        let alias = known(self.subject).keys.iter().find(|key| key.path == [condition.key]).map_or("", |key| key.alias);
        let has = |name: &str| json!({ "required": [name], "properties": { name: { "enum": values } } });
        json!({
            "if": { "anyOf": [has(condition.key), has(alias)] },
            "then": all(&condition.requires),
            "else": all(&condition.frees),
        })
    }

    fn property(&mut self, key: &Key) -> Value {
        let words = said(self.subject, key);
        let (meaning, example) = (words.meaning.get(self.language), words.example);
        let description = match self.language {
            Language::Chinese => {
                format!("{}（{}）：{meaning}。\n例如 {}: {example}", key.alias, key.name(), key.name())
            }
            Language::English => format!("{meaning}.\ne.g. {}: {example}", key.name()),
        };
        let value = self.value(key);
        let mut forms = vec![value.clone()];
        if key.list {
            forms.push(json!({ "type": "array", "items": value }));
        }
        // A key without a value counts as left out.
        if !key.required {
            forms.push(json!({ "type": "null" }));
        }
        json!({ "description": description, "anyOf": forms })
    }

    /// One value of a key.
    fn value(&mut self, key: &Key) -> Value {
        let matching = |pattern: &str| json!({ "type": "string", "pattern": pattern });
        match &key.shape {
            Shape::Text | Shape::TimeZone => json!({ "type": ["string", "number"] }),
            Shape::Flag => {
                let words = YES.into_iter().chain(NO).map(Value::from);
                let flags: Vec<Value> = [Value::Bool(true), Value::Bool(false)].into_iter().chain(words).collect();
                json!({ "enum": flags })
            }
            Shape::WholeNumber => json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX }),
            Shape::Number => json!({ "anyOf": [{ "type": "number" }, matching("^[-0-9., ，]+$")] }),
            Shape::Moment => matching("^\\s*[0-9０-９]{4}[-/.年][0-9０-９]{1,2}[-/.月][0-9０-９]{1,2}"),
            Shape::TimeOfDay => matching("^[0-9]{1,2}[:：][0-9]{2}$"),
            Shape::WebAddress => matching("^\\s*[Hh][Tt][Tt][Pp][Ss]?://"),
            Shape::Email => matching("^[!-~]+@[!-~]+\\.[!-~]+$"),
            Shape::Phone => json!({ "anyOf": [{ "type": "number" }, matching("[0-9]")] }),
            Shape::Slug => {
                json!({ "anyOf": [{ "type": "integer", "minimum": 0 }, matching("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")] })
            }
            Shape::Alias => matching("^/."),
            Shape::Permalink => matching("^/.*:slug.*(/|\\.html)$"),
            Shape::District => self.districts(key),
            Shape::Topic => self.topics(),
            Shape::Word(words) => json!({ "enum": words }),
            Shape::Anything => json!({}),
            Shape::Again => json!({ "$ref": format!("#/definitions/{}", key.parent().join(".")) }),
            Shape::Keys { texts } => {
                let object = self.named_object(key);
                match texts {
                    Texts::None => object,
                    Texts::Any => json!({ "anyOf": [object, { "type": "string" }] }),
                    Texts::Online => json!({ "anyOf": [object, { "enum": ["online", "线上"] }] }),
                }
            }
        }
    }

    /// The mapping of a key; a definition where something below it is one once more.
    fn named_object(&mut self, key: &Key) -> Value {
        let object = Value::Object(self.object(&key.path));
        if !keys(self.subject, &key.path).iter().any(|below| below.shape == Shape::Again) {
            return object;
        }
        let name = key.path.join(".");
        self.definitions.insert(name.clone(), object);
        json!({ "$ref": format!("#/definitions/{name}") })
    }

    fn districts(&self, key: &Key) -> Value {
        let Some(vocabulary) = self.vocabulary else { return json!({ "type": ["string", "number"] }) };
        let mut names: Vec<Value> = Vec::new();
        if key.list {
            names.extend(EVERYWHERE.map(Value::from));
        }
        let codes = vocabulary.districts.iter().filter_map(|district| district.code.as_ref());
        let own = vocabulary.district_ids().flat_map(|id| {
            [vocabulary.unambiguous(id), vocabulary.qualified(id), vocabulary.district(id).slug.clone()]
        });
        names.extend(
            own.chain(codes.clone().cloned()).filter(|name| vocabulary.find_district(name).is_ok()).map(Value::from),
        );
        names.extend(codes.filter_map(|code| code.parse::<u64>().ok()).map(Value::from));
        distinct(names)
    }

    fn topics(&self) -> Value {
        let Some(vocabulary) = self.vocabulary else { return json!({ "type": ["string", "number"] }) };
        let names = vocabulary.topics.iter().flat_map(|topic| [topic.name.clone(), topic.slug.clone()]);
        distinct(names.map(Value::from).collect())
    }
}

/// An enumeration, which must not repeat itself, and must not be empty.
fn distinct(values: Vec<Value>) -> Value {
    let mut kept: Vec<Value> = Vec::with_capacity(values.len());
    for value in values {
        if !kept.contains(&value) {
            kept.push(value);
        }
    }
    if kept.is_empty() { Value::Bool(false) } else { json!({ "enum": kept }) }
}
