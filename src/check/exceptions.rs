//! Findings that a person looked at and accepted, with the reason: a comment in an item, or an entry of `site.yaml`.
//!
//! In a body `<!-- 允许 doubled-word：是歌词 -->`, in the front matter `# 允许 mobile-number：公开的值班电话`; in English
//! `allow doubled-word: lyrics`. It holds for its own line and for what follows it up to the next empty line (in the
//! front matter, for the next key). Start at [`Exceptions::read`].

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use super::rule::{Family, Finding, Rule};
use crate::diagnostic::{At, FilePath, Place, Text, nearest};
use crate::parse::check::{CheckSettings, FileException};

pub const RULES: &[Rule] = &[EXCEPTION_WITHOUT_REASON, UNUSED_EXCEPTION, UNKNOWN_RULE];

const EXCEPTION_WITHOUT_REASON: Rule =
    Rule::error(Family::Site, "exception-without-reason", "例外没有写理由", "an exception without a reason");
const UNUSED_EXCEPTION: Rule =
    Rule::warning(Family::Site, "unused-exception", "例外已经用不上", "an exception that nothing needs");
const UNKNOWN_RULE: Rule = Rule::error(Family::Site, "unknown-rule", "没有这条规则", "no such rule");

/// The exceptions of one item.
#[derive(Debug, Default)]
pub struct Exceptions {
    all: Vec<Exception>,
}

#[derive(Debug)]
struct Exception {
    rules: Vec<String>,
    /// The comment.
    comment: Range<usize>,
    /// The bytes for which it holds.
    scope: Range<usize>,
    has_reason: bool,
    used: AtomicBool,
}

impl Exceptions {
    /// Finds the comments of a file whose front matter lies at `yaml`.
    pub fn read(text: &str, yaml: &Range<usize>) -> Self {
        // Most items have none.
        if !["允许", "allow"].iter().any(|word| text.contains(word)) {
            return Self::default();
        }
        let mut all = Vec::new();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let in_yaml = yaml.contains(&start);
            let Some(comment) = comment(line, in_yaml) else { continue };
            let Some((rules, has_reason)) = words(&line[comment.clone()]) else { continue };
            let scope = start..if in_yaml { end_of_key(text, at, yaml.end) } else { end_of_block(text, at) };
            let comment = start + comment.start..start + comment.end;
            all.push(Exception { rules, comment, scope, has_reason, used: AtomicBool::new(false) });
        }
        Self { all }
    }

    /// Whether a finding at these bytes was accepted.
    pub fn accept(&self, code: &str, at: &At) -> bool {
        let At::Bytes(start, _) = at else { return false };
        let holds = |it: &&Exception| it.has_reason && it.scope.contains(start) && it.rules.iter().any(|it| it == code);
        let Some(exception) = self.all.iter().find(holds) else { return false };
        exception.used.store(true, Ordering::Relaxed);
        true
    }

    /// What is wrong with the exceptions themselves, once all findings were shown to them.
    pub fn findings(&self, file: &FilePath, known: &BTreeSet<&str>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for exception in &self.all {
            let place = Place::bytes(file, exception.comment.clone());
            findings.extend(exception.rules.iter().filter_map(|code| unknown_rule(place.clone(), code, known)));
            let unknown = exception.rules.iter().any(|code| !known.contains(code.as_str()));
            if !exception.has_reason {
                findings.push(without_reason(place));
            } else if !unknown && !exception.used.load(Ordering::Relaxed) {
                findings.push(unused(place, &exception.rules.join("、")));
            }
        }
        findings
    }
}

/// Whether an entry of `site.yaml` accepts a finding; `files` are those that it belongs to.
pub fn is_excepted(exception: &FileException, code: &str, files: &[&FilePath]) -> bool {
    exception.rule.value == code && files.iter().any(|file| file.as_str().starts_with(&exception.path))
}

/// Rules that `site.yaml` names and that do not exist.
pub fn unknown_rules(settings: &CheckSettings, known: &BTreeSet<&str>) -> Vec<Finding> {
    let severities = settings.severity.iter().map(|(rule, _)| rule);
    let named = severities.chain(settings.exceptions.iter().map(|exception| &exception.rule));
    named.filter_map(|rule| unknown_rule(rule.place.clone(), &rule.value, known)).collect()
}

/// The part of a line that is a comment's text.
fn comment(line: &str, in_yaml: bool) -> Option<Range<usize>> {
    let (open, close) = if in_yaml { ("#", "\n") } else { ("<!--", "-->") };
    let start = line.find(open)? + open.len();
    let end = line[start..].find(close).map_or(line.trim_end().len(), |length| start + length);
    (start <= end).then_some(start..end)
}

/// `允许 a、b：理由`: the rules, and whether a reason follows.
fn words(comment: &str) -> Option<(Vec<String>, bool)> {
    let rest = comment.trim();
    let rest = rest.strip_prefix("允许").or_else(|| rest.strip_prefix("allow"))?;
    if !rest.starts_with([' ', '\u{3000}', '：', ':']) {
        return None;
    }
    let (rules, reason) = rest.split_once(['：', ':']).unwrap_or((rest, ""));
    let rules: Vec<String> = rules.split(['、', ',', '，', ' ']).map(str::trim).map(str::to_owned).collect();
    let rules: Vec<String> = rules.into_iter().filter(|rule| !rule.is_empty()).collect();
    (!rules.is_empty()).then(|| (rules, !reason.trim().is_empty()))
}

/// Where the block ends that begins at `at` or after empty lines.
fn end_of_block(text: &str, at: usize) -> usize {
    let skipped = text[at..].len() - text[at..].trim_start_matches(['\n', '\r', ' ']).len();
    let mut end = at + skipped;
    for line in text[end..].split_inclusive('\n') {
        if line.trim().is_empty() {
            break;
        }
        end += line.len();
    }
    end
}

/// Where the key ends that begins on the line at `at`, with the lines that are indented below it.
fn end_of_key(text: &str, at: usize, yaml_end: usize) -> usize {
    let indentation = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let mut lines = text[at..yaml_end.max(at)].split_inclusive('\n');
    let Some(first) = lines.next() else { return at };
    let inner = lines.take_while(|line| indentation(line) > indentation(first) || line.trim().is_empty());
    at + first.len() + inner.map(str::len).sum::<usize>()
}

fn without_reason(place: Place) -> Finding {
    EXCEPTION_WITHOUT_REASON
        .finds(place, "", Text::new("例外没有写理由，不起作用", "the exception gives no reason and has no effect"))
        .help(
            "在规则名后面写冒号和理由，例如：允许 doubled-word：是歌词",
            "write a colon and the reason behind the rule",
        )
}

fn unused(place: Place, rules: &str) -> Finding {
    UNUSED_EXCEPTION
        .finds(
            place,
            "",
            Text::new(format!("这里没有“{rules}”要放过的内容"), format!("nothing here needs \"{rules}\"")),
        )
        .help("删去这条例外，免得日后放过真的错误", "take the exception away, before it hides a real mistake")
}

fn unknown_rule(place: Place, code: &str, known: &BTreeSet<&str>) -> Option<Finding> {
    if known.contains(code) {
        return None;
    }
    let message = Text::new(format!("没有“{code}”这条规则"), format!("there is no rule \"{code}\""));
    let finding = UNKNOWN_RULE.finds(place, "", message);
    Some(match nearest(code, known.iter().copied()).first() {
        Some(near) => finding.help(format!("是不是想写“{near}”？"), format!("did you mean \"{near}\"?")),
        None => finding.help("运行 xinfeng check --rules 列出所有规则", "xinfeng check --rules lists all rules"),
    })
}
