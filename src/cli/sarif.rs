//! A check's findings as SARIF 2.1.0 (OASIS), which code hosts show beside the lines.

use std::sync::Arc;

use serde_json::{Value, json};

use super::json::span;
use crate::check::{Report, all_rules};
use crate::diagnostic::{Diagnostic, FilePath, Language, Severity, Text};

/// The whole log.
pub(super) fn log(report: &Report, language: Language, text_of: &dyn Fn(&FilePath) -> Option<Arc<str>>) -> Value {
    let say = |zh: &str, en: &str| Text::new(zh, en).get(language).to_owned();
    let rules: Vec<Value> = all_rules()
        .map(|rule| {
            json!({
                "id": rule.code,
                "shortDescription": { "text": say(rule.zh, rule.en) },
                "defaultConfiguration": { "level": level(rule.severity) },
                "properties": { "category": rule.family.title().get(language) },
            })
        })
        .collect();
    let results: Vec<Value> =
        report.findings.iter().map(|finding| result(&finding.diagnostic, language, text_of)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "xinfeng", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            // Columns count characters here, where SARIF would count UTF-16 units by default.
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn level(severity: Severity) -> &'static str {
    if severity == Severity::Error { "error" } else { "warning" }
}

fn result(diagnostic: &Diagnostic, language: Language, text_of: &dyn Fn(&FilePath) -> Option<Arc<str>>) -> Value {
    let mut text = diagnostic.message.get(language).to_owned();
    for help in &diagnostic.help {
        text.push('\n');
        text.push_str(help.get(language));
    }
    let mut physical =
        json!({ "artifactLocation": { "uri": crate::plan::url::encode(diagnostic.place.file.as_str()) } });
    if let Some((start, end)) = span(&diagnostic.place, text_of) {
        physical["region"] = json!({
            "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column,
        });
    }
    json!({
        "ruleId": diagnostic.code,
        "level": level(diagnostic.severity),
        "message": { "text": text },
        "locations": [{ "physicalLocation": physical }],
    })
}
