//! What VS Code needs to help editors: the schema of `site.yaml` for the YAML extension, and forms for front matter
//! for the extension Front Matter CMS.
//!
//! The editors' own settings stay as they are, comments and all. Start at [`files`].

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstObject, CstRootNode};
use serde_json::{Map, Value, json};

use super::json::schema;
use super::{keys, said};
use crate::diagnostic::{FilePath, Language};
use crate::parse::asked::{Key, Shape, Subject};
use crate::parse::item::{ItemType, PAGES};
use crate::parse::registry::{Registry, Vocabulary};
use crate::source::{CONTENT, SITE_FILE};

const SETTINGS: &str = ".vscode/settings.json";
const EXTENSIONS: &str = ".vscode/extensions.json";
const SITE_SCHEMA: &str = ".vscode/site.schema.json";
const FORMS: &str = "frontmatter.json";
const RECOMMENDED: [&str; 2] = ["redhat.vscode-yaml", "eliostruyf.vscode-front-matter"];

/// A settings file that is not JSON, even with comments allowed.
#[derive(Debug)]
pub struct NotJson {
    pub file: FilePath,
    pub detail: String,
}

/// The files of the set-up and their texts. `text_of` gives what is there now.
///
/// # Errors
/// A file of the editor's that cannot be read as settings; nothing should be written then.
pub fn files(
    registry: &Registry,
    language: Language,
    text_of: impl Fn(&FilePath) -> Option<String>,
) -> Result<Vec<(FilePath, String)>, NotJson> {
    let change = |name: &str, change: &dyn Fn(&CstObject)| -> Result<(FilePath, String), NotJson> {
        let file = FilePath::new(name);
        let text = text_of(&file).filter(|text| !text.trim().is_empty()).unwrap_or_else(|| "{}\n".to_owned());
        let text = text.trim_start_matches('\u{feff}');
        let wrong = |detail: String| NotJson { file: file.clone(), detail };
        let root = CstRootNode::parse(text, &ParseOptions::default()).map_err(|error| wrong(error.to_string()))?;
        let settings = root.object_value().ok_or_else(|| wrong("{ }".to_owned()))?;
        change(&settings);
        Ok((file.clone(), root.to_string()))
    };
    let site_schema = format!("{:#}\n", schema(Subject::Site, Some(registry), language));
    Ok(vec![
        (FilePath::new(SITE_SCHEMA), site_schema),
        change(SETTINGS, &|settings| {
            set(&settings.object_value_or_set("yaml.schemas"), &format!("./{SITE_SCHEMA}"), &SITE_FILE.into());
        })?,
        change(EXTENSIONS, &|extensions| {
            let list = extensions.array_value_or_set("recommendations");
            let known: Vec<String> = list.elements().iter().map(|name| name.to_string()).collect();
            for name in RECOMMENDED.iter().filter(|name| !known.contains(&format!("\"{name}\""))) {
                list.append(CstInputValue::String((*name).to_owned()));
            }
        })?,
        change(FORMS, &|forms| {
            for (key, value) in front_matter(registry, language) {
                set(forms, &key, &value);
            }
        })?,
    ])
}

fn set(object: &CstObject, key: &str, value: &Value) {
    match object.get(key) {
        Some(property) => property.set_value(input(value)),
        None => drop(object.append(key, input(value))),
    }
}

fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(flag) => CstInputValue::Bool(*flag),
        Value::Number(number) => CstInputValue::Number(number.to_string()),
        Value::String(text) => CstInputValue::String(text.clone()),
        Value::Array(values) => CstInputValue::Array(values.iter().map(input).collect()),
        Value::Object(map) => {
            CstInputValue::Object(map.iter().map(|(key, value)| (key.clone(), input(value))).collect())
        }
    }
}

/// The settings of Front Matter CMS that follow from the site.
fn front_matter(registry: &Registry, language: Language) -> Map<String, Value> {
    let mut groups = Vec::new();
    let types: Vec<Value> = ItemType::ALL
        .into_iter()
        .map(|item_type| {
            let mut forms =
                Forms { subject: Subject::Item(item_type), vocabulary: registry, language, groups: &mut groups };
            json!({ "name": item_type.name(), "pageBundle": false, "fields": forms.fields(&[]) })
        })
        .collect();
    let folder = |title: &str, folder: &str, item_type: ItemType| {
        let path = format!("[[workspace]]/{CONTENT}/{folder}");
        json!({ "title": title, "path": path, "contentTypes": [item_type.name()] })
    };
    let columns = registry.columns.iter().map(|column| folder(&column.name, &column.key, column.item_type));
    let pages = if language == Language::Chinese { "页面" } else { "Pages" };
    let folders: Vec<Value> = columns.chain([folder(pages, PAGES, ItemType::Page)]).collect();
    Map::from_iter([
        ("$schema".to_owned(), "https://frontmatter.codes/frontmatter.schema.json".into()),
        ("frontMatter.taxonomy.dateFormat".to_owned(), "yyyy-MM-dd HH:mm".into()),
        ("frontMatter.content.pageFolders".to_owned(), folders.into()),
        ("frontMatter.taxonomy.contentTypes".to_owned(), types.into()),
        ("frontMatter.taxonomy.fieldGroups".to_owned(), groups.into()),
    ])
}

/// The forms of one type.
struct Forms<'a> {
    subject: Subject,
    vocabulary: &'a Vocabulary,
    language: Language,
    /// The forms of lists, which stand apart and are named by those that use them.
    groups: &'a mut Vec<Value>,
}

impl Forms<'_> {
    fn fields(&mut self, path: &[&str]) -> Vec<Value> {
        keys(self.subject, path).into_iter().filter_map(|key| self.field(key)).collect()
    }

    fn field(&mut self, key: &Key) -> Option<Value> {
        let title = if self.language == Language::Chinese { key.alias } else { key.name() };
        let meaning = said(self.subject, key).meaning;
        let mut field = json!({
            "title": title, "name": key.name(), "description": meaning.get(self.language), "required": key.required,
        });
        let (kind, more) = match &key.shape {
            // The column gives the type; what a theme of one's own needs, no form can know.
            _ if key.path == ["type"] => return None,
            Shape::Anything | Shape::Again => return None,
            Shape::Flag if key.name() == "draft" => ("draft", json!({})),
            Shape::Flag => ("boolean", json!({})),
            Shape::WholeNumber | Shape::Number => ("number", json!({})),
            Shape::Moment if key.path == ["date"] => {
                ("datetime", json!({ "default": "{{now}}", "isPublishDate": true }))
            }
            Shape::Moment => ("datetime", json!({})),
            Shape::Word(words) => ("choice", json!({ "choices": words })),
            Shape::District => ("choice", json!({ "choices": self.districts(key), "multiple": key.list })),
            Shape::Topic => {
                let names: Vec<&str> = self.vocabulary.topics.iter().map(|topic| topic.name.as_str()).collect();
                ("choice", json!({ "choices": names, "multiple": key.list }))
            }
            Shape::Keys { .. } if key.list => ("block", json!({ "fieldGroup": [self.group(key)] })),
            Shape::Keys { .. } => ("fields", json!({ "fields": self.fields(&key.path) })),
            Shape::Text if key.path == ["cover", "src"] => ("image", json!({})),
            _ if key.list => ("list", json!({})),
            _ => ("string", json!({ "single": key.name() != "summary" })),
        };
        let map = field.as_object_mut()?;
        map.insert("type".to_owned(), kind.into());
        map.extend(more.as_object().cloned().unwrap_or_default());
        Some(field)
    }

    fn group(&mut self, key: &Key) -> String {
        let id = format!("{}.{}", self.subject.name(), key.path.join("."));
        let fields = self.fields(&key.path);
        let label = fields.first().map_or(Value::Null, |field| field["name"].clone());
        self.groups.push(json!({ "id": id, "labelField": label, "fields": fields }));
        id
    }

    fn districts(&self, key: &Key) -> Vec<String> {
        let all = key.list.then(|| "all".to_owned());
        all.into_iter().chain(self.vocabulary.district_ids().map(|id| self.vocabulary.unambiguous(id))).collect()
    }
}
