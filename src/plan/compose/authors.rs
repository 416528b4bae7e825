//! Who wrote an item, out of the one line in which editors name them.
//!
//! Readers see the line as it was typed; only search engines want each author apart. Start at [`authors`].

use super::json::Object;
use crate::parse::notice::names_unit;

/// What stands between two authors.
const SEPARATORS: [char; 6] = ['、', '，', ',', '；', ';', '\n'];
/// What an author is called before the name: `通讯员 陆老师`, `文/王小新`.
const ROLES: [&str; 16] = [
    "本报记者",
    "见习记者",
    "实习记者",
    "特约记者",
    "特约通讯员",
    "实习生",
    "通讯员",
    "记者",
    "作者",
    "摄影",
    "撰文",
    "图文",
    "图/文",
    "文/图",
    "文",
    "图",
];
/// How the dot in `阿依古丽·买买提` is typed.
const DOTS: [&str; 3] = ["·", "•", "・"];

/// The authors in a line as objects of schema.org, at least one.
pub fn authors(line: &str) -> Vec<Object> {
    let found: Vec<Object> = names(line).iter().map(|name| author(name)).collect();
    if found.is_empty() { vec![author(line.trim())] } else { found }
}

fn author(name: &str) -> Object {
    Object::of_type(if names_unit(name) { "Organization" } else { "Person" }).text("name", name)
}

fn names(line: &str) -> Vec<String> {
    line.split(SEPARATORS).flat_map(parted_by_spaces).collect()
}

/// Spaces part Chinese names from each other, but not the words of a name in Latin letters, nor the characters of
/// `王　芳`, which is set as wide as a name of three.
fn parted_by_spaces(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut goes_on = false;
    for word in with_tight_dots(text).split_whitespace().map(without_role).filter(|word| !word.is_empty()) {
        let is_latin = is_latin(word);
        let is_half = word.chars().count() == 1 && !is_latin;
        match names.last_mut().filter(|_| goes_on) {
            Some(name) if is_latin && self::is_latin(name) => *name = format!("{name} {word}"),
            Some(name) if is_half && name.chars().count() == 1 => {
                name.push_str(word);
                goes_on = false;
                continue;
            }
            _ => names.push(word.to_owned()),
        }
        goes_on = is_latin || is_half;
    }
    names
}

fn is_latin(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii() || c.is_whitespace() || c.is_lowercase() || c.is_uppercase())
}

fn with_tight_dots(text: &str) -> String {
    DOTS.iter().filter(|dot| text.contains(**dot)).fold(text.to_owned(), |text, dot| {
        text.replace(&format!(" {dot} "), dot).replace(&format!("{dot} "), dot).replace(&format!(" {dot}"), dot)
    })
}

/// A word without what its author is called, and without the `等` of `王芳等`.
fn without_role(word: &str) -> &str {
    let marks: &[char] = &['/', '／', ':', '：'];
    // `文` and `图` alone may be a half of `文　芳`.
    let is_whole = |role: &str, rest: &str| rest.is_empty() && role.chars().count() > 1;
    let behind = |role: &str| word.strip_prefix(role).filter(|rest| rest.starts_with(marks) || is_whole(role, rest));
    let name = ROLES.iter().find_map(|role| behind(role)).unwrap_or(word);
    name.trim_start_matches(marks).trim_end_matches('等')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_authors_is_parted() {
        let check = |line: &str, expected: &[&str]| assert_eq!(names(line), expected, "{line}");
        check("王小新", &["王小新"]);
        check("王小新、李华", &["王小新", "李华"]);
        check("王小新，李华,赵一；钱二;孙三", &["王小新", "李华", "赵一", "钱二", "孙三"]);
        check("王小新 李华　赵一", &["王小新", "李华", "赵一"]);
        check("王　芳　李小明", &["王芳", "李小明"]);
        check("李小明 王 芳 赵 一", &["李小明", "王芳", "赵一"]);
        check("阿依古丽·买买提 王芳", &["阿依古丽·买买提", "王芳"]);
        check("阿依古丽 · 买买提、王芳", &["阿依古丽·买买提", "王芳"]);
        check("Mary Ann Smith、王芳", &["Mary Ann Smith", "王芳"]);
        check("王芳 José García", &["王芳", "José García"]);
        check("通讯员 陆老师", &["陆老师"]);
        check("文/王小新　图/李华", &["王小新", "李华"]);
        check("记者：王小新 通讯员：李华等", &["王小新", "李华"]);
        check("文　芳、图/文 王芳", &["文芳", "王芳"]);
        check("花木街道通讯员", &["花木街道通讯员"]);
        check("、", &[]);
    }

    #[test]
    fn an_office_is_no_person() {
        let is_office = |author: Object| {
            let mut html = String::new();
            author.script(&mut html);
            html.contains("\"Organization\"")
        };
        let types = |line: &str| -> Vec<bool> { authors(line).into_iter().map(is_office).collect() };
        assert_eq!(types("区文明办调研组、王小新"), [true, false]);
        assert_eq!(types("示例区志愿服务中心"), [true]);
        assert_eq!(types("、"), [false]);
    }
}
