//! What the word under the pointer means: a key, a district or a topic.

use std::ops::Range;

use super::cursor::{Cursor, resolve};
use super::documents::Documents;
use crate::diagnostic::{FilePath, Language, Text};
use crate::parse::asked::{Key, Shape, Subject};
use crate::parse::registry::{DistrictId, Registry, TopicId};
use crate::schema::said;

/// The text for a byte of an open file, in Markdown, and the word that it is about.
pub fn hover(
    documents: &Documents,
    file: &FilePath,
    offset: usize,
    language: Language,
) -> Option<(String, Range<usize>)> {
    let text = documents.open.get(file)?;
    let subject = documents.subject(file, text)?;
    match Cursor::around(file, text, offset)? {
        Cursor::Key { parents, word } => {
            let path: Vec<String> = parents.into_iter().chain([text[word.clone()].to_owned()]).collect();
            Some((of_key(subject, resolve(subject, &path)?, language), word))
        }
        Cursor::Value { path, word } => {
            let (registry, name) = (documents.registry.as_ref()?, &text[word.clone()]);
            let about = match resolve(subject, &path)?.shape {
                Shape::District => of_district(documents, registry, registry.find_district(name).ok()?),
                Shape::Topic => of_topic(documents, registry, registry.find_topic(name)?),
                _ => return None,
            };
            Some((about.get(language).to_owned(), word))
        }
        Cursor::Link { .. } | Cursor::Picture { .. } => None,
    }
}

fn of_key(subject: Subject, key: &Key, language: Language) -> String {
    let words = said(subject, key);
    let must = if key.required { Text::new("（必填）", " (required)") } else { Text::new("", "") };
    let heading = Text::new(format!("**{}**（{}）", key.alias, key.name()), format!("**{}**", key.name()));
    let example = Text::new("例如", "e.g.");
    format!(
        "{}{}\n\n{}\n\n{} `{}: {}`",
        heading.get(language),
        must.get(language),
        words.meaning.get(language),
        example.get(language),
        key.name(),
        words.example
    )
}

fn of_district(documents: &Documents, registry: &Registry, id: DistrictId) -> Text {
    let mut lineage: Vec<&str> = registry.lineage(id).map(|id| registry.district(id).name.as_str()).collect();
    lineage.reverse();
    let is_in = |own: &DistrictId| registry.lineage(*own).any(|above| above == id);
    let count = documents.items().filter(|item| item.front_matter.districts.these().iter().any(is_in)).count();
    let (path, slug) = (lineage.join(" / "), &registry.district(id).slug);
    Text::new(format!("**{path}**（{slug}）\n\n{count} 篇内容"), format!("**{path}** ({slug})\n\n{count} items"))
}

fn of_topic(documents: &Documents, registry: &Registry, id: TopicId) -> Text {
    let topic = registry.topic(id);
    let count = documents.items().filter(|item| item.front_matter.topics.contains(&id)).count();
    let about = topic.description.as_deref().map_or_else(String::new, |text| format!("\n\n{text}"));
    let (name, slug) = (&topic.name, &topic.slug);
    Text::new(
        format!("**{name}**（{slug}）{about}\n\n{count} 篇内容"),
        format!("**{name}** ({slug}){about}\n\n{count} items"),
    )
}
