//! Loading a definition: each file of `fixtures/schema` gives the model in its snapshot, each file of
//! `fixtures/diagnostics` the findings in its snapshot, among them the one its name begins with.

use std::fmt::Write as _;
use std::path::Path;

use adit::schema::{Loaded, codes, load};

fn load_file(path: &Path) -> Loaded {
    let text = std::fs::read_to_string(path).unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    load(name, &text)
}

/// The findings, one a line below the text they point at.
fn findings(loaded: &Loaded) -> String {
    let mut shown = String::new();
    for finding in &loaded.diagnostics {
        let place = loaded.source.place(finding.span);
        let text = &loaded.source.text()[finding.span.start..finding.span.end];
        let text = text.lines().next().unwrap_or_default();
        let (severity, code) = (finding.severity().word(), finding.code.number);
        let _ = writeln!(
            shown,
            "{}:{} {severity}[{code}] {}",
            place.line, place.column, finding.message
        );
        let _ = writeln!(shown, "    at `{text}` in {}", finding.path);
        if let Some((span, label)) = &finding.second {
            let place = loaded.source.place(*span);
            let _ = writeln!(shown, "    {}:{} {label}", place.line, place.column);
        }
        if let Some(hint) = &finding.hint {
            let _ = writeln!(shown, "    hint: {hint}");
        }
    }
    shown
}

/// The pretty form of a model with what is alone in its brackets on one line: `ParamId(1)`.
fn compact(pretty: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in pretty.lines() {
        lines.push(line.to_owned());
        while let [.., open, alone, close] = &lines[..]
            && open.ends_with('(')
            && !alone.ends_with(['(', '[', '{'])
            && close.trim_start().starts_with(')')
        {
            let joined = format!("{open}{}{}", alone.trim().trim_end_matches(','), close.trim_start());
            lines.truncate(lines.len() - 3);
            lines.push(joined);
        }
    }
    lines.join("\n")
}

#[test]
fn every_sound_definition_gives_the_model_in_its_snapshot() {
    insta::glob!("../../fixtures/schema", "*.xml", |path| {
        let loaded = load_file(path);
        let parts = loaded.protocol.as_ref().map(|protocol| protocol.parts());
        insta::assert_snapshot!(format!("{}\n\n{}", compact(&format!("{parts:#?}")), findings(&loaded)));
    });
}

#[test]
fn every_faulty_definition_gives_the_findings_in_its_snapshot() {
    insta::glob!("../../fixtures/diagnostics", "*.xml", |path| {
        let loaded = load_file(path);
        let name = path.file_name().unwrap().to_str().unwrap();
        let code = name.split('_').next().unwrap();
        let has_it = loaded.diagnostics.iter().any(|finding| finding.code.number == code);
        insta::assert_snapshot!(findings(&loaded));
        assert!(has_it, "{name} does not give {code}");
    });
}

/// What is compared with registered code is tested beside its rule.
const WITHOUT_A_FIXTURE: &[&str] = &["W373", "W374"];

#[test]
fn every_code_about_what_runs_has_a_fixture() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/diagnostics");
    let names: Vec<String> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    let about_what_runs = |number: &str| {
        let ours = number.starts_with(['E', 'W', 'I']) && number[1..].starts_with('3');
        ours || number.starts_with(['4', '5', '6', '7', '8'])
            || number.starts_with("3.2.")
            || number.starts_with("3.35.")
    };
    let mut wanted = codes::ALL
        .iter()
        .map(|code| code.number)
        .filter(|number| about_what_runs(number));
    let missing = wanted.find(|number| {
        !WITHOUT_A_FIXTURE.contains(number) && !names.iter().any(|name| name.starts_with(&format!("{number}_")))
    });
    assert_eq!(missing, None, "a code without a fixture");
}
