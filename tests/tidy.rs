//! What machines keep of the house style: who may import whom, the length of files, module docs, names, machine paths,
//! the licence, and that the map names every module. Each check gives a list of what is wrong; an empty one passes.
#![allow(clippy::unwrap_used, reason = "a test that meets what it does not expect ends there")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The lines of code that a file may have, tests, comments and blank lines not counted.
const LONGEST: usize = 400;

/// Names that say nothing.
const NAMELESS: [&str; 7] = ["utils", "util", "common", "helper", "helpers", "misc", "types"];

/// Who may import whom: a module, or only a part of it. Every module may import itself; what is not listed is forbidden.
/// A new edge is a decision, made in a commit of its own.
const LAYERS: [(&str, &[&str]); 18] = [
    ("model", &[]),
    ("schema", &["model"]),
    ("engine", &["alarm", "model", "trend"]),
    ("alarm", &["model"]),
    ("correlation", &["alarm", "model"]),
    ("trend", &["model"]),
    ("connectors", &["engine", "model"]),
    ("automation", &["agent", "alarm", "correlation", "model"]),
    ("element", &["alarm", "engine", "model", "trend"]),
    ("http", &["element::world", "engine::exchange", "model"]),
    // The records are in the signatures of `element::world`.
    ("store", &["alarm", "element::world", "engine::saved", "model", "trend"]),
    // What `read file` asks for is in the signature of a trait of `element::world`.
    (
        "agent",
        &[
            "alarm",
            "connectors",
            "element",
            "engine::file",
            "engine::settings",
            "model",
            "schema",
            "trend",
        ],
    ),
    ("simulate", &["alarm", "element", "engine", "model"]),
    ("testing", &["alarm", "engine", "model", "schema", "simulate"]),
    ("web", &[]),
    (
        "api",
        // What a view and its events are made of, and why a set is refused.
        &[
            "agent",
            "alarm",
            "element",
            "engine::connection_test",
            "engine::effect",
            "engine::event",
            "engine::pending_calls",
            "engine::saved",
            "engine::set",
            "engine::settings",
            "model",
            "trend",
            "web",
        ],
    ),
    ("emulator", &[]),
    (
        "cli",
        &[
            "agent",
            "alarm",
            "api",
            "automation",
            "connectors",
            "correlation",
            "element",
            "emulator",
            "engine",
            "http",
            "model",
            "schema",
            "simulate",
            "store",
            "trend",
            "web",
        ],
    ),
];

/// The modules without clock, randomness and I/O, and what would bring these in.
const PURE: [&str; 6] = ["model", "schema", "engine", "alarm", "correlation", "trend"];
const IMPURE: [&str; 11] = [
    "tokio::",
    "hyper::",
    "axum::",
    "rusqlite::",
    "tracing::",
    "uuid::",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "std::env",
];

#[test]
fn modules_import_only_what_their_layer_allows() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let module = top_module(&path);
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == module) else {
            continue;
        };
        for import in imports(&code(&text)) {
            if !is_allowed(&import, &module, allowed) {
                wrong.push(format!("{path}: {module} may not import {import}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_module_has_its_layer() {
    let known: BTreeSet<&str> = LAYERS.iter().map(|(name, _)| *name).collect();
    let unknown: Vec<String> = top_modules()
        .into_iter()
        .filter(|name| !known.contains(name.as_str()))
        .collect();
    assert_eq!(unknown, Vec::<String>::new());
}

#[test]
fn the_pure_core_has_no_clock_and_no_io() {
    let mut wrong = Vec::new();
    for (path, text) in sources()
        .into_iter()
        .filter(|(path, _)| PURE.contains(&top_module(path).as_str()))
    {
        let code = code(&text);
        wrong.extend(
            IMPURE
                .iter()
                .filter(|word| mentions(&code, word))
                .map(|word| format!("{path}: {word}")),
        );
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn no_file_is_too_long() {
    let lengths = sources()
        .into_iter()
        .map(|(path, text)| (code_lines(&code(&text)), path));
    let long: Vec<(usize, String)> = lengths.filter(|(lines, _)| *lines > LONGEST).collect();
    assert_eq!(long, Vec::<(usize, String)>::new());
}

#[test]
fn every_file_says_what_it_is() {
    let files = [sources(), files("tests", is_rust), files("benches", is_rust)].concat();
    let silent = files
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(path, _)| path);
    assert_eq!(silent.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn names_say_something() {
    let nameless =
        |path: &String| NAMELESS.contains(&stem(path)) || path.split('/').any(|part| NAMELESS.contains(&part));
    let files = [files("src", is_rust), files("tests", is_rust)].concat();
    let wrong: Vec<String> = files.into_iter().map(|(path, _)| path).filter(nameless).collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn no_path_of_a_machine_is_written_down() {
    let everything = ["src", "tests", "benches", "protocol", "fixtures", ".ci"].map(|folder| files(folder, |_| true));
    let mut all = everything.concat();
    for name in ["Cargo.toml", "clippy.toml", "README.md", "ARCHITECTURE.md"] {
        all.extend(fs::read_to_string(name).map(|text| (name.to_owned(), text)));
    }
    let wrong: Vec<String> = all
        .into_iter()
        .filter_map(|(path, text)| Some(format!("{path}: {}", machine_path(&text)?)))
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_manifest_names_the_licence() {
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    let package = manifest.split("\n[").next().unwrap();
    assert!(
        package.lines().any(|line| line.starts_with("license = \"")),
        "{package}"
    );
}

/// The fuzz targets are a package of their own, built with `--locked`.
#[test]
fn the_lock_file_of_the_fuzz_targets_follows_the_dependencies() {
    let read = |path: &str| fs::read_to_string(path).unwrap().parse::<toml::Table>().unwrap();
    let lock = read("fuzz/Cargo.lock");
    let packages = lock["package"].as_array().unwrap();
    let ours = packages.iter().find(|package| package["name"].as_str() == Some("adit"));
    let locked = ours.unwrap()["dependencies"].as_array().unwrap();
    // Where two versions of a package are locked, the version stands behind its name.
    let locked: BTreeSet<&str> = locked
        .iter()
        .filter_map(|name| name.as_str()?.split(' ').next())
        .collect();
    let manifest = read("Cargo.toml");
    let wanted: BTreeSet<&str> = manifest["dependencies"]
        .as_table()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        wanted, locked,
        "cargo metadata --manifest-path fuzz/Cargo.toml brings it up to date"
    );
}

#[test]
fn every_behaviour_begins_with_its_rule() {
    let behaviours = files("fixtures/behaviour", |_| true);
    let wrong: Vec<String> = behaviours
        .into_iter()
        .map(|(path, _)| path)
        .filter(|path| !begins_with_a_rule(stem(path)))
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_map_names_every_module() {
    let map = fs::read_to_string("ARCHITECTURE.md").expect("ARCHITECTURE.md is missing");
    let modules = top_modules();
    let missing: Vec<&String> = modules
        .iter()
        .filter(|name| !map.contains(&format!("`{name}`")) && !map.contains(&format!("{name}/")))
        .collect();
    assert_eq!(missing, Vec::<&String>::new());
}

/// The sources of the product: the path below the package, and the text.
fn sources() -> Vec<(String, String)> {
    let sources = files("src", is_rust);
    assert!(sources.len() > 1, "tests run in the folder of the package");
    sources.into_iter().filter(|(path, _)| stem(path) != "tests").collect()
}

/// The text files below a folder, in order; none when there is no such folder.
fn files(folder: &str, wanted: fn(&str) -> bool) -> Vec<(String, String)> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<String> = entries
        .map(|entry| format!("{folder}/{}", entry.unwrap().file_name().display()))
        .collect();
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        if Path::new(&path).is_dir() {
            found.extend(files(&path, wanted));
        } else if wanted(&path) {
            // What is not text has nothing to check.
            found.extend(fs::read_to_string(&path).map(|text| (path, text)));
        }
    }
    found
}

fn is_rust(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "rs")
}

/// The name of a file without its extension.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split_once('.').map_or(name, |(stem, _)| stem)
}

/// The top-level module that a source belongs to: `src/http/tls.rs` is part of `http`.
fn top_module(path: &str) -> String {
    let below = path.strip_prefix("src/").unwrap_or(path);
    stem(below.split('/').next().unwrap_or(below)).to_owned()
}

/// The modules that `lib.rs` declares.
fn top_modules() -> Vec<String> {
    let text = fs::read_to_string("src/lib.rs").unwrap();
    let declared = text
        .lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'));
    declared.map(str::to_owned).collect()
}

/// A source without its comments and without its unit tests, which stand at the end.
fn code(text: &str) -> String {
    let tests = text.find("\n#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let lines = text[..tests]
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.map(|line| format!("{line}\n")).collect()
}

fn code_lines(code: &str) -> usize {
    code.lines().filter(|line| !line.trim().is_empty()).count()
}

/// The paths that a source takes from the crate: `a::b`, two parts at most, groups in braces spelt out.
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (start, _) in code.match_indices("crate::") {
        let within_a_name =
            code[..start].ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == '$');
        if !within_a_name {
            spell_out(&code[start + "crate::".len()..], "", &mut found);
        }
    }
    found
}

/// Spells out a path, or a group of paths, that begins with `text`; gives what follows it.
fn spell_out<'a>(text: &'a str, prefix: &str, found: &mut BTreeSet<String>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut group) = text.strip_prefix('{') {
        loop {
            group = spell_out(group, prefix, found).trim_start();
            match group.strip_prefix(',') {
                Some(rest) if !rest.trim_start().starts_with('}') => group = rest,
                Some(rest) => return &rest.trim_start()[1..],
                None => return group.strip_prefix('}').unwrap_or(group),
            }
        }
    }
    let end = text
        .find(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let path = if prefix.is_empty() {
        name.to_owned()
    } else {
        format!("{prefix}::{name}")
    };
    match rest.strip_prefix("::") {
        Some(rest) if !rest.starts_with('<') => spell_out(rest, &path, found),
        Some(_) | None => {
            found.insert(path.splitn(3, "::").take(2).collect::<Vec<_>>().join("::"));
            let alias = rest.strip_prefix(" as ").unwrap_or_default();
            let after = alias.trim_start_matches(|letter: char| letter.is_alphanumeric() || letter == '_');
            if alias.is_empty() { rest } else { after }
        }
    }
}

fn is_allowed(import: &str, module: &str, allowed: &[&str]) -> bool {
    let reaches =
        |whole: &str| import == whole || import.strip_prefix(whole).is_some_and(|rest| rest.starts_with("::"));
    reaches(module) || allowed.iter().any(|whole| reaches(whole))
}

/// Whether a word stands in the code as the beginning of a path, not within a longer one.
fn mentions(code: &str, word: &str) -> bool {
    let begins = |start: usize| {
        !code[..start].ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == ':')
    };
    code.match_indices(word).any(|(start, _)| begins(start))
}

/// The first path that exists on somebody's machine only. A path within a URL is none.
fn machine_path(text: &str) -> Option<&str> {
    let roots = ["home", "root", "work", "Users"].map(|folder| format!("/{folder}/"));
    let begins =
        |start: usize| !text[..start].ends_with(|before: char| before.is_alphanumeric() || "_-./}*]>".contains(before));
    let starts = roots.iter().flat_map(|root| text.match_indices(root.as_str()));
    let (start, _) = starts.into_iter().find(|(start, _)| begins(*start))?;
    text[start..].split_whitespace().next()
}

/// Whether a name begins like `par_110_`, or `err_par_110_`.
fn begins_with_a_rule(name: &str) -> bool {
    let name = name.strip_prefix("err_").unwrap_or(name);
    let mut parts = name.split('_');
    let (group, number, sentence) = (parts.next(), parts.next(), parts.next());
    group.is_some_and(|group| (1..=4).contains(&group.len()) && group.bytes().all(|byte| byte.is_ascii_lowercase()))
        && number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
        && sentence.is_some_and(|sentence| !sentence.is_empty())
}

#[test]
fn imports_are_found_however_they_are_written() {
    let code = "use crate::model::{id::{ParamId, SetId}, value};\nuse crate::{http as h, store::sqlite::Store};\n\
                fn f(x: crate::engine::set::SetRefused) -> Option<crate::web::Page> { crate::alarm::<u8>() }\n\
                use other_crate::schema; pub(in crate::cli::output) mod m;";
    let expected = [
        "alarm",
        "cli::output",
        "engine::set",
        "http",
        "model::id",
        "model::value",
        "store::sqlite",
        "web::Page",
    ];
    assert_eq!(imports(code).iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

#[test]
fn a_part_of_a_module_can_be_allowed() {
    let allowed = |import| is_allowed(import, "http", &["element::world", "model"]);
    assert!(allowed("element::world") && allowed("model::id") && allowed("model") && allowed("http::tls"));
    assert!(!allowed("element::view") && !allowed("element") && !allowed("models::id") && !allowed("https"));
}

#[test]
fn comments_and_tests_are_no_code() {
    let text = "//! Doc.\n\nuse a;\n// Why.\nfn f() {}\n\n#[cfg(test)]\nmod tests {\n    use crate::b;\n}\n";
    assert_eq!((code_lines(&code(text)), imports(&code(text)).len()), (2, 0));
}

#[test]
fn machine_paths_are_told_from_urls() {
    let folder = "home";
    assert_eq!(
        machine_path(&format!("see \"/{folder}/me/x\" there")),
        Some(format!("/{folder}/me/x\"").as_str())
    );
    assert_eq!(machine_path(&format!("https://example.org/{folder}/me")), None);
}

#[test]
fn rules_are_recognised_at_the_beginning_of_a_name() {
    for name in ["par_110_a_set_runs", "err_http_8_no_host", "chg_1_x"] {
        assert!(begins_with_a_rule(name), "{name}");
    }
    for name in [
        "a_set_runs",
        "par_110",
        "par_a_set",
        "par_110_",
        "PAR_1_x",
        "",
        "timers_1_x",
    ] {
        assert!(!begins_with_a_rule(name), "{name}");
    }
}
