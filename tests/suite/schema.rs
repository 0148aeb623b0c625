//! The loader: `fixtures/schema` loads into the model of its snapshot, `fixtures/diagnostics` is reported as in its own.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use adit::schema::codes;
use adit::schema::diagnostic::{Level, Severity};
use adit::schema::render::{self, Paint};
use adit::schema::{Loaded, load};

/// The fixtures of a folder, by name.
fn fixtures(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "xml"));
    files.sort();
    files
}

fn stem(file: &Path) -> &str {
    file.file_stem().unwrap().to_str().unwrap()
}

/// The number a fixture's name begins with.
fn number(file: &Path) -> &str {
    stem(file).split('_').next().unwrap()
}

fn load_file(file: &Path) -> Loaded {
    let name = file.file_name().unwrap().to_str().unwrap();
    load(name, &fs::read_to_string(file).unwrap())
}

fn load_protocol(inside: &str) -> Loaded {
    let head = "<Protocol><Name>P</Name><Version>1</Version><Type>virtual</Type>";
    load("protocol.xml", &format!("{head}{inside}</Protocol>"))
}

fn numbers(loaded: &Loaded) -> Vec<&str> {
    loaded.diagnostics.iter().map(|finding| finding.code.number).collect()
}

#[test]
fn every_sound_definition_gives_the_model_in_its_snapshot() {
    insta::glob!("../../fixtures/schema", "*.xml", |file| {
        let loaded = load_file(file);
        let protocol = loaded.protocol.as_ref().unwrap();
        let findings = render::human(&loaded, Paint::Plain);
        insta::assert_snapshot!(format!("{:#?}\n\n{findings}", protocol.parts()));
    });
}

#[test]
fn every_faulty_definition_gives_the_findings_in_its_snapshot() {
    insta::glob!("../../fixtures/diagnostics", "*.xml", |file| {
        let loaded = load_file(file);
        insta::assert_snapshot!(render::human(&loaded, Paint::Plain));
        assert!(numbers(&loaded).contains(&number(file)), "{}", stem(file));
        let rejected = loaded
            .diagnostics
            .iter()
            .any(|finding| finding.code.level == Level::Reject);
        assert_eq!(loaded.protocol.is_none(), rejected, "{}", stem(file));
    });
}

#[test]
fn every_code_has_a_fixture() {
    let files = fixtures("diagnostics");
    let found: BTreeSet<&str> = files.iter().map(|file| number(file)).collect();
    // What is large is made by its own tests, and so is what needs registered QActions.
    let all = codes::ALL
        .iter()
        .map(|code| code.number)
        .filter(|number| !["E005", "E006", "W007", "W373", "W374"].contains(number));
    let missing: Vec<&str> = all.filter(|number| !found.contains(number)).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn every_finding_but_a_note_has_a_way_out_and_points_into_the_text() {
    for file in fixtures("diagnostics") {
        let loaded = load_file(&file);
        for finding in &loaded.diagnostics {
            assert!(
                loaded.source.text().get(finding.span.start..finding.span.end).is_some(),
                "{}",
                stem(&file)
            );
            let xml = finding.code.number.starts_with("E00");
            assert!(
                xml || finding.severity() == Severity::Info || finding.hint.is_some(),
                "{}",
                stem(&file)
            );
        }
    }
}

#[test]
fn err_a_file_that_is_too_large_is_refused() {
    let text = "x".repeat((64 << 20) + 1);
    assert_eq!(numbers(&load("large.xml", &text)), ["E005"]);
    let elements = format!("<Protocol>{}</Protocol>", "<x/>".repeat(1_000_000));
    assert_eq!(numbers(&load("large.xml", &elements)), ["E005"]);
}

#[test]
fn byte_order_marks_change_nothing() {
    let text = "<Protocol>\n<Name/><Version>1</Version><Type>virtual</Type></Protocol>";
    let plain = load("a.xml", text);
    for marks in ["\u{feff}", "\u{feff}\u{feff}"] {
        assert_eq!(load("a.xml", &format!("{marks}{text}")).diagnostics, plain.diagnostics);
    }
}

#[test]
fn err_twenty_thousand_nested_tags_are_refused() {
    let deep = "<a>".repeat(20_000) + &"</a>".repeat(20_000);
    for text in [
        deep.clone(),
        "<a>".repeat(20_000),
        format!("<Protocol>{deep}</Protocol>"),
    ] {
        let loaded = load("deep.xml", &text);
        assert!(loaded.protocol.is_none());
        assert_eq!(numbers(&loaded), ["E004"]);
    }
}

#[test]
fn err_a_definition_cut_anywhere_is_refused_without_a_panic() {
    let file = fixtures("schema")
        .into_iter()
        .find(|file| stem(file) == "tables")
        .unwrap();
    let text = fs::read_to_string(file).unwrap();
    let end = text.trim_end().len();
    for (at, _) in text.char_indices().step_by(7).filter(|(at, _)| *at < end) {
        assert!(load("cut.xml", &text[..at]).protocol.is_none(), "cut at {at}");
    }
}

#[test]
fn err_a_definition_with_any_line_missing_does_not_panic() {
    for file in fixtures("schema") {
        let text = fs::read_to_string(file).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for index in 0..lines.len() {
            let without = [&lines[..index], &lines[index + 1..]].concat().join("\n");
            let loaded = load("without.xml", &without);
            let rejected = loaded
                .diagnostics
                .iter()
                .any(|finding| finding.code.level == Level::Reject);
            assert_eq!(loaded.protocol.is_none(), rejected, "without line {}", index + 1);
            assert!(!render::human(&loaded, Paint::Colour).contains("\u{7f}"));
        }
    }
}

#[test]
fn err_a_text_made_of_mistakes_gives_a_bounded_list() {
    let tags = "<x/>".repeat(20_000);
    let loaded = load_protocol(&tags);
    assert_eq!(loaded.diagnostics.len(), 10_001);
    let last = loaded.diagnostics.last().unwrap();
    assert_eq!(
        (last.code.number, last.message.as_str()),
        ("W007", "10000 more findings are not listed")
    );
    assert!(loaded.protocol.is_some());
    let refused = load_protocol(&format!("{tags}<Params><Param id='1'/></Params>"));
    assert_eq!(refused.diagnostics.last().unwrap().code.number, "E006");
    assert!(refused.protocol.is_none());
}

#[test]
fn err_entities_do_not_expand() {
    let bomb = "<!DOCTYPE p [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><Protocol>&b;</Protocol>";
    assert_eq!(numbers(&load("bomb.xml", bomb)), ["E002"]);
}

#[test]
fn err_a_signature_is_no_finding_and_a_namespace_neither() {
    let text = "<Protocol xmlns=\"http://www.skyline.be/protocol\"><Name>P</Name><Version>1</Version><Type>virtual</Type>\
                <Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><SignedInfo/></Signature></Protocol>";
    let loaded = load("signed.xml", text);
    assert_eq!(numbers(&loaded), Vec::<&str>::new());
    assert_eq!(loaded.protocol.unwrap().name(), "P");
}

#[test]
fn tbl_6_par_14_casing_of_names_is_reported_and_of_values_is_not() {
    let loaded = load_protocol(
        "<params><Param ID='1'><Name>A</Name><Type> ARRAY </Type><ArrayOptions index='0'>\
         <ColumnOption idx='0' pid='2' type='Retrieved'/></ArrayOptions></Param>\
         <Param id='2'><Name>B</Name><Type>Read</Type></Param></params>",
    );
    assert_eq!(numbers(&loaded), ["W103", "W103", "2.61.3"]);
    assert!(loaded.protocol.is_some());
}

#[test]
fn findings_as_json_have_the_names_of_the_contract() {
    let loaded = load_protocol("\n <Params>\n  <Param id='10'><Name> é A</Name><Type>read</Type></Param>\n</Params>");
    let json: serde_json::Value = serde_json::from_str(&render::json(&[loaded])).unwrap();
    insta::assert_json_snapshot!("schema_findings_as_json", json);
}

#[test]
fn findings_as_sarif_name_rule_place_and_path() {
    let loaded = load_protocol(
        "<Params><Param id='10'><Name>A</Name><Type>read</Type></Param>\
         <Param id='10'><Name>B</Name><Type>read</Type></Param></Params>",
    );
    let sarif: serde_json::Value = serde_json::from_str(&render::sarif(&[loaded])).unwrap();
    insta::assert_json_snapshot!("schema_findings_as_sarif", sarif);
}
