//! The tags of a template that come in pairs. The engine says where it could not go on, which is often far behind the tag
//! that was never closed. Start at [`unpaired`].

use std::ops::Range;

/// A tag without its counterpart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unpaired<'t> {
    /// Bytes of the template.
    pub span: Range<usize>,
    /// The first word of the opening tag: `if`.
    pub name: &'t str,
    /// Whether it is the opening tag that is there.
    pub opens: bool,
}

const PAIRS: [&str; 7] = ["if", "for", "block", "component", "filter", "set", "set_global"];

/// The first tag that is closed by nothing, or that closes nothing.
pub(super) fn unpaired(text: &str) -> Option<Unpaired<'_>> {
    let mut open: Vec<Unpaired<'_>> = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find("{%").map(|found| at + found) {
        if let Some(comment) = text[at..start].find("{#") {
            at = end_of(text, at + comment, "#}")?;
            continue;
        }
        let end = end_of(text, start, "%}")?;
        let tag = text[start + 2..end - 2].trim_start_matches('-').trim_start();
        let name = &tag[..tag.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(tag.len())];
        at = end;
        if name == "raw" {
            at = end + text[end..].find("endraw")?;
        } else if let Some(name) = name.strip_prefix("end").filter(|name| PAIRS.contains(name)) {
            let closed = open.pop();
            if closed.as_ref().is_none_or(|closed| !closes(name, closed.name)) {
                return closed.or(Some(Unpaired { span: start..end, name, opens: false }));
            }
        } else if PAIRS.contains(&name) && !(name.starts_with("set") && tag.contains('=')) {
            open.push(Unpaired { span: start..end, name, opens: true });
        }
    }
    open.pop()
}

/// What stands in each tag, and behind it.
fn tags(text: &str) -> impl Iterator<Item = &str> {
    text.split("{%").skip(1).map(|tag| tag.trim_start_matches('-').trim_start())
}

/// Whether a template may define a component (`{% component card() %}`), which every other one can use.
pub(super) fn defines_component(text: &str) -> bool {
    tags(text).any(|tag| tag.starts_with("component"))
}

/// The names of the components that a template defines.
pub(super) fn components(text: &str) -> impl Iterator<Item = &str> {
    tags(text).filter_map(|tag| Some(tag.strip_prefix("component")?.split_once('(')?.0.trim()))
}

/// The names that a template gives to values of its own, by `for` and `set`.
pub(super) fn names(text: &str) -> impl Iterator<Item = &str> {
    let bound = tags(text).filter_map(|tag| {
        let (word, rest) = tag.split_once(char::is_whitespace)?;
        match word {
            "for" => rest.split_once(" in ").map(|(names, _)| names),
            "set" | "set_global" => rest.split(['=', '%', '|']).next(),
            _ => None,
        }
    });
    bound.flat_map(|names| names.split(',').map(str::trim))
}

fn closes(name: &str, open: &str) -> bool {
    name == open || name == "set" && open == "set_global"
}

/// The offset behind the `mark` that closes what opens at `from`; `None` where there is none. In `{%}` the sign opens alone.
fn end_of(text: &str, from: usize, mark: &str) -> Option<usize> {
    let inside = from + "{%".len();
    text[inside..].find(mark).map(|found| inside + found + mark.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_that_was_never_closed_is_found() {
        let check = |text: &str, expected: Option<(&str, bool)>| {
            let found = unpaired(text).map(|found| (&text[found.span], found.opens));
            assert_eq!(found, expected, "{text}");
        };
        check("{% block a %}{% if b %}c{% endblock %}", Some(("{% if b %}", true)));
        check("{%- for a in b -%}{{ a }}", Some(("{%- for a in b -%}", true)));
        check("{% if a %}b{% endif %}{% endif %}", Some(("{% endif %}", false)));
        check("{% block a %}b{% endfor %}", Some(("{% block a %}", true)));
        check("{% if a %}{% else %}{% endif %}{% set b = 1 %}{% set c %}d{% endset %}", None);
        check("{# {% if a %} #}{% raw %}{% if a %}{% endraw %}", None);
        check("{% include \"a.html\" %}{{ b }}", None);
        check("{% if a", None);
        check("{%}", None);
        check("{#}{% if a %}#}", None);
        check("{%}{% if a %}{% if b %}", Some(("{% if b %}", true)));
    }

    #[test]
    fn names_of_values_are_found() {
        let found = |text| names(text).collect::<Vec<_>>();
        assert_eq!(
            found("{% for a, b in c %}{%- set d = 1 %}{% set e %}f{% endset %}{% if g %}"),
            ["a", "b", "d", "e"]
        );
        assert_eq!(found("{% set_global a=1 -%}{{ b }}{% set c | upper %}"), ["a", "c"]);
    }
}
