//! What stands at the cursor: a key to be written, a key's value, or the target of a link.
//!
//! Reads lines and their indentation instead of parsing, since YAML is broken most of the time while it is typed.
//! Start at [`Cursor::at`].

use std::ops::Range;

use crate::diagnostic::FilePath;
use crate::parse::asked::{Key, Subject};
use crate::schema::keys;
use crate::source::SITE_FILE;

/// What is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cursor {
    /// A key below these.
    Key { parents: Vec<String>, word: Range<usize> },
    /// A value of the last of these.
    Value { path: Vec<String>, word: Range<usize> },
    /// The target of a link.
    Link { word: Range<usize> },
    /// The address of a picture.
    Picture { word: Range<usize> },
}

impl Cursor {
    /// What the text before `offset` leads to. The word reaches from its beginning to the offset.
    pub fn at(file: &FilePath, text: &str, offset: usize) -> Option<Self> {
        let yaml = yaml_range(file, text);
        let has_yaml = yaml.start > 0 || file.as_str() == SITE_FILE;
        if has_yaml && (yaml.contains(&offset) || offset == yaml.end) {
            return in_yaml(&text[yaml.clone()], yaml.start, offset);
        }
        let line_start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
        let open = text[line_start..offset].rfind("](")? + line_start + 2;
        let word = open..offset;
        if text[word.clone()].contains([')', ' ']) {
            return None;
        }
        let before = &text[line_start..open - "](".len()];
        let is_picture = before.rfind('[').is_some_and(|at| before[..at].ends_with('!') && !before[at..].contains(']'));
        Some(if is_picture { Self::Picture { word } } else { Self::Link { word } })
    }

    /// What the word around `offset` is, and the whole of it.
    pub fn around(file: &FilePath, text: &str, offset: usize) -> Option<Self> {
        let is_edge = |c: char| c.is_whitespace() || ",[]{}:：\"'#()".contains(c);
        let start =
            text[..offset].rfind(is_edge).map_or(0, |at| at + text[at..].chars().next().map_or(0, char::len_utf8));
        let end = text[offset..].find(is_edge).map_or(text.len(), |length| offset + length);
        let whole = |cursor| match cursor {
            Self::Key { parents, .. } => Self::Key { parents, word: start..end },
            Self::Value { path, .. } => Self::Value { path, word: start..end },
            Self::Link { .. } => Self::Link { word: start..end },
            Self::Picture { .. } => Self::Picture { word: start..end },
        };
        (start < end).then(|| Self::at(file, text, start).map(whole)).flatten()
    }
}

/// Where YAML lies, even if nothing closes it yet.
fn yaml_range(file: &FilePath, text: &str) -> Range<usize> {
    if file.as_str() == SITE_FILE {
        return 0..text.len();
    }
    let Some(start) = text.trim_start_matches('\u{feff}').starts_with("---").then(|| text.find('\n')).flatten() else {
        return 0..0;
    };
    let mut at = start + 1;
    for line in text[start + 1..].split_inclusive('\n') {
        if line.trim_end() == "---" {
            return start + 1..at.saturating_sub(1).max(start + 1);
        }
        at += line.len();
    }
    start + 1..text.len()
}

fn in_yaml(yaml: &str, start: usize, offset: usize) -> Option<Cursor> {
    let before = &yaml[..offset - start];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = &before[line_start..];
    if line.trim_start().starts_with('#') {
        return None;
    }
    let mut parents = parents(&before[..line_start], indentation(line));
    let content = &line[indentation(line)..];
    let at = start + line_start + indentation(line);
    // An element of a list that is written in braces: `- {name: 甲`.
    if content.starts_with(['{', '[']) && !parents.is_empty() {
        return Some(in_value(parents, content, at));
    }
    let Some((key, value_at)) = key_of(content) else {
        return Some(Cursor::Key { parents, word: at..offset });
    };
    parents.push(key.to_owned());
    Some(in_value(parents, &content[value_at..], at + value_at))
}

/// What a value that may hold braces and brackets leads to.
fn in_value(mut path: Vec<String>, value: &str, at: usize) -> Cursor {
    let mut piece = 0;
    // How deep the path was before each bracket.
    let mut depths: Vec<(usize, char)> = Vec::new();
    for (index, c) in value.char_indices() {
        match c {
            '{' | '[' => {
                take_key(&mut path, &value[piece..index]);
                depths.push((path.len(), c));
                piece = index + 1;
            }
            '}' | ']' => {
                depths.pop();
                path.truncate(depths.last().map_or(1, |(depth, _)| *depth).max(1));
                piece = index + 1;
            }
            ',' if !depths.is_empty() => {
                path.truncate(depths.last().map_or(path.len(), |(depth, _)| *depth));
                piece = index + 1;
            }
            _ => {}
        }
    }
    let rest = &value[piece..];
    let mut start = at + piece + (rest.len() - rest.trim_start().len());
    if depths.last().is_some_and(|(_, bracket)| *bracket == '{') {
        let Some((key, value_at)) = key_of(rest.trim_start()) else {
            return Cursor::Key { parents: path, word: start..at + value.len() };
        };
        path.push(key.to_owned());
        start += value_at;
        let inner = &value[start - at..];
        start += inner.len() - inner.trim_start().len();
    }
    Cursor::Value { path, word: start..at + value.len() }
}

/// `skills: [` opens the list of a key.
fn take_key(path: &mut Vec<String>, piece: &str) {
    if let Some((key, _)) = key_of(piece.trim_start()) {
        path.push(key.to_owned());
    }
}

/// The key at the beginning of a text, and where its value begins.
fn key_of(text: &str) -> Option<(&str, usize)> {
    let colon = text.find(':')?;
    let after = &text[colon + 1..];
    let is_key = after.is_empty() || after.starts_with(' ') || after.starts_with(['\n', '\r']);
    (is_key && !text[..colon].contains(['{', '[', '"'])).then(|| (text[..colon].trim(), colon + 1))
}

/// The column in which a line's content begins, behind the dashes of a list.
fn indentation(line: &str) -> usize {
    let spaces = line.len() - line.trim_start_matches(' ').len();
    match line[spaces..].strip_prefix("- ") {
        Some(rest) => spaces + 2 + indentation(rest),
        None => spaces,
    }
}

/// The keys that a line of this indentation lies below.
fn parents(before: &str, indentation_of_line: usize) -> Vec<String> {
    let mut above: Vec<(usize, &str)> = Vec::new();
    for line in before.lines() {
        let column = indentation(line);
        let content = &line[column..];
        if content.trim().is_empty() || content.starts_with('#') {
            continue;
        }
        above.retain(|(known, _)| *known < column);
        if let Some((key, _)) = key_of(content) {
            above.push((column, key));
        }
    }
    above.retain(|(column, _)| *column < indentation_of_line);
    above.into_iter().map(|(_, key)| key.to_owned()).collect()
}

/// The key that a path of names, English or Chinese, means.
pub fn resolve(subject: Subject, path: &[String]) -> Option<&'static Key> {
    let (last, parents) = path.split_last()?;
    let parent = parent_path(subject, parents)?;
    keys(subject, &parent).into_iter().find(|key| key.name() == last || key.alias == last)
}

/// The English names of the keys that a path means. A tree below a tree of the same kind counts as the upper one.
pub fn parent_path(subject: Subject, parents: &[String]) -> Option<Vec<&'static str>> {
    let mut path: Vec<&'static str> = Vec::new();
    for name in parents {
        let key = keys(subject, &path).into_iter().find(|key| key.name() == name || key.alias == name)?;
        if key.shape != crate::parse::asked::Shape::Again {
            path.clone_from(&key.path);
        }
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `|` is the cursor. What is expected is written as `path> word`, with `=` for a value.
    fn check(front_matter: &str, expected: &str) {
        let text = format!("---\n{front_matter}");
        let offset = text.find('|').expect("a cursor");
        let text = text.replace('|', "");
        let shown = match Cursor::at(&FilePath::new("content/news/a.md"), &text, offset) {
            Some(Cursor::Key { parents, word }) => format!("{}> {}", parents.join("."), &text[word]),
            Some(Cursor::Value { path, word }) => format!("{}= {}", path.join("."), &text[word]),
            Some(Cursor::Link { word }) => format!("link {}", &text[word]),
            Some(Cursor::Picture { word }) => format!("picture {}", &text[word]),
            None => "nothing".to_owned(),
        };
        assert_eq!(shown, expected, "{front_matter}");
    }

    #[test]
    fn keys_and_values_are_told_apart() {
        check("ti|\n---\n", "> ti");
        check("title: 甲|\n---\n", "title= 甲");
        check("district: |", "district= ");
        check("topics: [甲, 乙|]\n---\n", "topics= 乙");
        check("place: {na|\n---\n", "place> na");
        check("place: {name: 甲, district: 静|}\n---\n", "place.district= 静");
        check("positions:\n  - na|\n", "positions> na");
        check("positions:\n  - name: 甲\n    co|\n", "positions> co");
        check("positions:\n  - {name: 甲, skills: [a, b|", "positions.skills= b");
        check("positions:\n  - name: 甲\ntopics: |\n", "topics= ");
        check("a: 1\n# 注|\n", "nothing");
        check("title: 甲\n---\n见[乙](/ne|", "link /ne");
        check("title: 甲\n---\n见[乙](/a.md) 丙|", "nothing");
        check("title: 甲\n---\n![乙](/p|", "picture /p");
        check("title: 甲\n---\n[![乙](/p.png)](/a|", "link /a");
    }

    #[test]
    fn any_place_in_any_text_is_safe() {
        let texts = [
            "",
            "---",
            "---\n---",
            "\u{feff}---\r\n甲： [{，}]}{: - \r\n---\r\n",
            "- - - 甲:\n]}: {{[[,,::",
            "见](](（)",
        ];
        for text in texts {
            for offset in (0..=text.len()).filter(|offset| text.is_char_boundary(*offset)) {
                for file in ["site.yaml", "content/news/a.md"].map(FilePath::new) {
                    for cursor in
                        [Cursor::at(&file, text, offset), Cursor::around(&file, text, offset)].into_iter().flatten()
                    {
                        let (Cursor::Key { word, .. }
                        | Cursor::Value { word, .. }
                        | Cursor::Link { word }
                        | Cursor::Picture { word }) = cursor;
                        assert!(text.get(word.clone()).is_some(), "{text:?} {offset}: {word:?}");
                    }
                }
            }
        }
    }
}
