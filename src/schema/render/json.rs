//! Findings as JSON: one array for all files. The message ends with the way out.

use std::borrow::Cow;

use serde::Serialize;

use crate::schema::Loaded;

/// One finding; the names are those of the contract.
#[derive(Serialize)]
struct Finding<'a> {
    file: &'a str,
    line: u32,
    column: u32,
    code: &'a str,
    severity: &'a str,
    message: Cow<'a, str>,
    path: &'a str,
}

/// The findings of all definitions, file by file in the order of the text.
#[must_use]
pub fn json(all: &[Loaded]) -> String {
    let findings: Vec<Finding<'_>> = all.iter().flat_map(findings).collect();
    serde_json::to_string_pretty(&findings).expect("texts and numbers can be written as JSON")
}

fn findings(loaded: &Loaded) -> impl Iterator<Item = Finding<'_>> {
    loaded.diagnostics.iter().map(|finding| {
        let place = loaded.source.place(finding.span);
        Finding {
            file: loaded.source.file(),
            line: place.line,
            column: place.column,
            code: finding.code.number,
            severity: finding.severity().word(),
            message: finding.sentence(),
            path: &finding.path,
        }
    })
}
