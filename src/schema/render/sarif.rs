//! Findings as SARIF 2.1.0, which code hosts show beside the text.

use serde_json::{Value, json};

use crate::schema::Loaded;
use crate::schema::codes::{self, Code};
use crate::schema::diagnostic::{Diagnostic, Severity};
use crate::schema::source::{Source, Span};

/// The findings of all definitions as one run, with the rules that were found.
#[must_use]
pub fn sarif(all: &[Loaded]) -> String {
    let found = |code: &&&Code| {
        all.iter()
            .any(|loaded| loaded.diagnostics.iter().any(|finding| finding.code == **code))
    };
    let rules: Vec<Value> = codes::ALL.iter().filter(found).map(|code| rule(code)).collect();
    let results: Vec<Value> = all
        .iter()
        .flat_map(|loaded| loaded.diagnostics.iter().map(|finding| result(&loaded.source, finding)))
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "adit", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}")
}

fn rule(code: &Code) -> Value {
    json!({
        "id": code.number,
        "shortDescription": { "text": code.title },
        "defaultConfiguration": { "level": level(code.level.severity()) },
    })
}

fn result(source: &Source, finding: &Diagnostic) -> Value {
    let mut result = json!({
        "ruleId": finding.code.number,
        "level": level(finding.severity()),
        "message": { "text": finding.sentence() },
        "locations": [location(source, finding.span, Some(&finding.path), None)],
    });
    if let Some((span, label)) = &finding.second {
        result["relatedLocations"] = json!([location(source, *span, None, Some(label))]);
    }
    result
}

fn location(source: &Source, span: Span, path: Option<&str>, label: Option<&str>) -> Value {
    let (start, end) = (source.place(span), source.place(Span::new(span.end, span.end)));
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": source.file() },
            "region": {
                "startLine": start.line,
                "startColumn": start.column,
                "endLine": end.line,
                "endColumn": end.column,
            },
        },
    });
    if let Some(path) = path.filter(|path| !path.is_empty()) {
        location["logicalLocations"] = json!([{ "fullyQualifiedName": path }]);
    }
    if let Some(label) = label {
        location["message"] = json!({ "text": label });
    }
    location
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}
