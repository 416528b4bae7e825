//! Draws a diagnostic for the terminal: the line as it stands, a caret under it, and how to mend it.

use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{At, Diagnostic, FilePath, Language, Place, Severity};

/// A line and a column, both from 1; the column counts characters, as editors show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// Where a byte offset stands in a text.
pub fn position(text: &str, offset: usize) -> Position {
    let offset = text.floor_char_boundary(offset.min(text.len()));
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Position { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
}

/// Draws `diagnostic`, whose places are already [`At::Bytes`] or [`At::File`]; `text_of` gives a file's
/// text where it is at hand.
pub fn draw(
    diagnostic: &Diagnostic,
    language: Language,
    coloured: bool,
    text_of: &dyn Fn(&FilePath) -> Option<Arc<str>>,
) -> String {
    let say = |text: &super::Text| printable(text.get(language));
    let level = match (diagnostic.severity, language) {
        (Severity::Error, Language::Chinese) => Level::ERROR.with_name("错误"),
        (Severity::Error, Language::English) => Level::ERROR,
        (Severity::Warning, Language::Chinese) => Level::WARNING.with_name("提醒"),
        (Severity::Warning, Language::English) => Level::WARNING,
    };
    let help_level = match language {
        Language::Chinese => Level::HELP.with_name("怎样改"),
        Language::English => Level::HELP,
    };
    let note_level = match language {
        Language::Chinese => Level::NOTE.with_name("相关"),
        Language::English => Level::NOTE,
    };

    let title = level.primary_title(say(&diagnostic.message)).id(&*diagnostic.code);
    let label = diagnostic.label.as_ref().map(say);
    let mut groups = vec![with_excerpt(Group::with_title(title), &diagnostic.place, label, text_of)];
    for help in &diagnostic.help {
        let main = groups.remove(0);
        groups.insert(0, main.element(help_level.clone().message(say(help))));
    }
    for (place, text) in &diagnostic.related {
        let group = Group::with_title(note_level.clone().secondary_title(say(text)));
        groups.push(with_excerpt(group, place, None, text_of));
    }
    let renderer = if coloured { Renderer::styled() } else { Renderer::plain() };
    renderer.decor_style(DecorStyle::Unicode).render(&groups)
}

/// Adds the lines around a place, or just the file's name where there is nothing to show.
fn with_excerpt<'a>(
    group: Group<'a>,
    place: &'a Place,
    label: Option<String>,
    text_of: &dyn Fn(&FilePath) -> Option<Arc<str>>,
) -> Group<'a> {
    let (At::Bytes(start, end), Some(text)) = (&place.at, text_of(&place.file)) else {
        return group.element(Origin::path(printable(place.file.as_str())));
    };
    let span = within(&text, *start..*end);
    let lines = lines_around(&text, &span);
    let line_start = text[..lines.start].matches('\n').count() + 1;
    let excerpt = printable(&without_secrets(&text[lines.clone()]));
    let annotation = AnnotationKind::Primary.span(span.start - lines.start..span.end - lines.start).label(label);
    group.element(
        Snippet::source(excerpt)
            .path(printable(place.file.as_str()))
            .line_start(line_start)
            .fold(true)
            .annotation(annotation),
    )
}

/// Control characters other than line breaks and tabs would let a hostile file steer the terminal. Each
/// is replaced by as many bytes, so that spans stay right.
fn printable(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' | '\t' | '\r' => c,
        c if c.is_control() && c.len_utf8() == 1 => '?',
        // The control characters of Latin-1 have two bytes, as this one has.
        c if c.is_control() => '¿',
        c => c,
    };
    text.chars().map(shown).collect()
}

/// A text without characters that steer a terminal or turn a line around; U+FFFD stands for each.
pub fn harmless(text: &str) -> String {
    let steers = |c: char| {
        c.is_control() && c != '\t'
            || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if steers(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// What people call a secret as a key of YAML; such a key may begin with anything, e.g. `s3_`.
const SECRETS: [&str; 22] = [
    "pass",
    "pwd",
    "signing_key",
    "api_key",
    "apikey",
    "app_key",
    "口令",
    "密钥",
    "password",
    "passwd",
    "passphrase",
    "secret",
    "secret_key",
    "secretkey",
    "secret_id",
    "access_key",
    "access_key_id",
    "accesskey",
    "private_key",
    "token",
    "密码",
    "私钥",
];

/// Whether a key of YAML says that a secret stands behind it.
pub fn sounds_secret(key: &str) -> bool {
    let key = key.trim_matches(['"', '\'', ' ']).to_lowercase().replace('-', "_");
    SECRETS.iter().any(|secret| key.ends_with(secret))
}

/// Secrets do not belong into a site; one that got there is not to be copied into the logs of those who run the program. Each of
/// its bytes becomes a `*`, so that spans stay right.
fn without_secrets(text: &str) -> String {
    let mut hidden = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let line = &without_logins(line);
        // `key: value`, or several of them between braces.
        for part in line.split_inclusive([',', '{']) {
            let secret = part.split_once(':').filter(|(key, _)| sounds_secret(key.trim_start_matches([' ', '-', '{'])));
            let Some((key, value)) = secret else {
                hidden.push_str(part);
                continue;
            };
            hidden.push_str(key);
            hidden.push(':');
            for c in value.chars() {
                let is_shown = c.is_whitespace() || matches!(c, ',' | '}' | '"' | '\'');
                if is_shown { hidden.push(c) } else { hidden.extend(std::iter::repeat_n('*', c.len_utf8())) }
            }
        }
    }
    hidden
}

/// What the text of a secret key of ours begins with.
pub const SECRET_KEY: &str = "PRIVATE+KEY+";

/// Hides `PRIVATE+KEY+…`, and the password of `https://user:password@host`.
fn without_logins(line: &str) -> String {
    let mut hidden = line.to_owned();
    let stars = |text: &str| "*".repeat(text.len());
    if let Some(start) = line.find(SECRET_KEY) {
        let end = line[start..].find([' ', '"', '\'', ',', '}', '\n']).map_or(line.len(), |length| start + length);
        hidden.replace_range(start..end, &stars(&line[start..end]));
    }
    for (at, _) in line.match_indices('@') {
        let login =
            line[..at].rfind(|c: char| c.is_whitespace() || "/\"'[({,".contains(c)).map_or(0, |before| before + 1);
        let login = line.ceil_char_boundary(login);
        // `邮箱:wmb@example.org` is no login.
        let is_login = |user: &str| user.is_ascii() && user != "mailto";
        if let Some((user, password)) = line[login..at].split_once(':').filter(|(user, _)| is_login(user)) {
            let start = login + user.len() + 1;
            hidden.replace_range(start..at, &stars(password));
        }
    }
    hidden
}

/// Keeps a span inside a text that may have changed since, on character boundaries and within one line.
fn within(text: &str, span: Range<usize>) -> Range<usize> {
    let start = text.floor_char_boundary(span.start.min(text.len()));
    let end = text.floor_char_boundary(span.end.clamp(start, text.len()));
    let line_end = text[start..].find('\n').map_or(text.len(), |length| start + length);
    let end = end.min(line_end);
    // An empty span would draw no caret.
    if end > start { start..end } else { start..text.ceil_char_boundary((start + 1).min(text.len())) }
}

/// The bytes of the lines that hold `span`, and one line more on either side.
fn lines_around(text: &str, span: &Range<usize>) -> Range<usize> {
    let line_start = text[..span.start].rfind('\n').unwrap_or(0);
    let start = text[..line_start].rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = text[span.end..].find('\n').map_or(text.len(), |length| span.end + length);
    let end =
        text[line_end..].char_indices().skip(1).find(|(_, c)| *c == '\n').map_or(text.len(), |(i, _)| line_end + i);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_and_nothing_else() {
        let check = |line: &str, shown: &str| assert_eq!(without_secrets(line), shown);
        check("password: hunter2\n", "password: *******\n");
        check("{host: a, token: \"x y\", path: /srv}", "{host: a, token: \"* *\", path: /srv}");
        check("endpoint: https://deploy:hunter2@dav.example.org/", "endpoint: https://deploy:*******@dav.example.org/");
        check("key: PRIVATE+KEY+a+b # 密", "key: *************** # 密");
        for line in ["联系邮箱:wmb@example.org,转办公室", "[来信](mailto:wmb@example.org)", "- {key: news, name: 要闻}"]
        {
            check(line, line);
        }
    }
}
