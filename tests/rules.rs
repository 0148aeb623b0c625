//! Which rule is shown by what: `fixtures/rules.toml` lists the rules of the two rule books, the names of fixtures and
//! tests say what shows them, and `fixtures/RULES.md` puts the two together.
//!
//! A name begins with all rules that it shows: `trg_3_trg_4_got_21_each_is_a_fallback`; `con_1_to_con_11` is a range.
//!
//! Every rule that runs is shown by something, and the table is fresh.
#![allow(clippy::unwrap_used, reason = "a test that meets what it does not expect ends there")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde::Deserialize;

const TABLE: &str = "fixtures/RULES.md";

/// The list of the rules.
#[derive(Deserialize)]
struct Books {
    area: Vec<Area>,
}

/// The rules that begin with the same letters.
#[derive(Deserialize)]
struct Area {
    name: String,
    title: String,
    rules: BTreeMap<String, Row>,
}

/// A rule as it is written down: its title, or more.
#[derive(Deserialize)]
#[serde(untagged)]
enum Row {
    Runs(String),
    Rule(Rule),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    title: String,
    #[serde(default)]
    class: Class,
    /// What shows the rule, where no name says so: `path::function`.
    #[serde(default)]
    by: Vec<String>,
    /// The checks at load that the rule stands for.
    #[serde(default)]
    codes: Vec<String>,
}

#[derive(Deserialize, Clone, Copy, Default, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Class {
    #[default]
    Runs,
    Reported,
    Later,
    Outside,
}

impl Class {
    const fn name(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Reported => "reported",
            Self::Later => "later",
            Self::Outside => "outside",
        }
    }
}

/// A rule's area and number: `("got", 21)`.
type RuleId = (String, u32);

#[test]
fn every_name_is_that_of_a_rule() {
    let known = rules().into_keys().collect::<BTreeSet<_>>();
    let names = shown().into_iter();
    let unknown = names.flat_map(|(name, ids)| {
        let unknown = ids.into_iter().filter(|id| !known.contains(id)).collect::<Vec<_>>();
        unknown.into_iter().map(move |id| format!("{name}: {id:?}"))
    });
    assert_eq!(unknown.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn every_test_that_the_list_names_exists() {
    let tests: BTreeSet<String> = functions()
        .into_iter()
        .map(|(path, name)| format!("{path}::{name}"))
        .collect();
    let named = rules().into_values().flat_map(|rule| rule.by);
    let missing: Vec<String> = named.filter(|name| !tests.contains(name)).collect();
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn every_rule_that_runs_is_shown() {
    let missing: Vec<String> = table()
        .into_iter()
        .filter(|line| line.state == "missing")
        .map(|line| line.rule)
        .collect();
    assert!(
        missing.is_empty(),
        "{} rules are shown by nothing: {}",
        missing.len(),
        missing.join(" ")
    );
}

/// With `INSTA_UPDATE=always` the table is written anew.
#[test]
fn the_table_says_what_the_names_say() {
    if std::env::var("INSTA_UPDATE").as_deref() == Ok("always") {
        fs::write(TABLE, page()).unwrap();
        return;
    }
    let written = fs::read_to_string(TABLE).unwrap_or_default();
    assert!(
        written == page(),
        "{TABLE} is old: write it with INSTA_UPDATE=always cargo test --test rules"
    );
}

/// The page as it should be.
fn page() -> String {
    let lines = table();
    let mut page = String::from(
        "# Rules\n\nWritten by `INSTA_UPDATE=always cargo test --test rules` from `rules.toml` and the names of fixtures and tests.\n\n",
    );
    let count = |state: &str| lines.iter().filter(|line| line.state == state).count();
    let states = ["shown", "missing", "reported", "later", "outside"].map(|state| format!("{} {state}", count(state)));
    writeln!(page, "{} rules: {}.", lines.len(), states.join(", ")).unwrap();
    let mut area = "";
    for line in &lines {
        if line.area != area {
            area = &line.area;
            write!(
                page,
                "\n## {area}\n\n| rule | | state | shown by |\n| --- | --- | --- | --- |\n"
            )
            .unwrap();
        }
        writeln!(
            page,
            "| {} | {} | {} | {} |",
            line.rule,
            line.title,
            line.state,
            line.by.join("<br>")
        )
        .unwrap();
    }
    page
}

/// A line of the table.
struct Line {
    area: String,
    rule: String,
    title: String,
    state: &'static str,
    by: Vec<String>,
}

fn table() -> Vec<Line> {
    let mut shown_by: BTreeMap<RuleId, BTreeSet<String>> = BTreeMap::new();
    for (name, ids) in shown() {
        for id in ids {
            shown_by.entry(id).or_default().insert(format!("`{name}`"));
        }
    }
    let checks: Vec<String> = files("fixtures/diagnostics")
        .into_iter()
        .filter_map(|path| stem(&path).map(str::to_owned))
        .collect();
    let mut lines = Vec::new();
    for area in books().area {
        for (number, rule) in numbered(&area) {
            let mut by: Vec<String> = rule.by.iter().map(|name| format!("`{name}`")).collect();
            by.extend(shown_by.remove(&(area.name.to_lowercase(), number)).unwrap_or_default());
            let mut unchecked = Vec::new();
            for code in &rule.codes {
                let of_code = |name: &&String| {
                    name.strip_prefix(code.as_str())
                        .is_some_and(|rest| rest.starts_with('_'))
                };
                match checks.iter().find(of_code) {
                    Some(name) => by.push(format!("`{name}`")),
                    None => unchecked.push(code.as_str()),
                }
            }
            if !unchecked.is_empty() {
                by.push(format!("not {}", unchecked.join(", ")));
            }
            let state = match (rule.class, by.is_empty() || !unchecked.is_empty()) {
                (Class::Runs, true) => "missing",
                (Class::Runs, false) => "shown",
                (Class::Reported | Class::Later | Class::Outside, _) => rule.class.name(),
            };
            lines.push(Line {
                area: format!("{} ({})", area.title, area.name),
                rule: format!("{}-{number}", area.name),
                title: rule.title,
                state,
                by,
            });
        }
    }
    lines
}

fn books() -> Books {
    toml::from_str(&fs::read_to_string("fixtures/rules.toml").unwrap()).unwrap()
}

fn rules() -> BTreeMap<RuleId, Rule> {
    let areas = books().area;
    let all = areas.iter().flat_map(|area| {
        let name = area.name.to_lowercase();
        numbered(area)
            .into_iter()
            .map(move |(number, rule)| ((name.clone(), number), rule))
    });
    all.collect()
}

/// The rules of an area in the order of their numbers.
fn numbered(area: &Area) -> BTreeMap<u32, Rule> {
    let rule = |row: &Row| match row {
        Row::Runs(title) => Rule {
            title: title.clone(),
            class: Class::Runs,
            by: Vec::new(),
            codes: Vec::new(),
        },
        Row::Rule(rule) => Rule {
            title: rule.title.clone(),
            class: rule.class,
            by: rule.by.clone(),
            codes: rule.codes.clone(),
        },
    };
    area.rules
        .iter()
        .map(|(number, row)| (number.parse().unwrap(), rule(row)))
        .collect()
}

/// The fixtures and tests that have rules in their name: where they stand, and the rules.
fn shown() -> Vec<(String, Vec<RuleId>)> {
    let fixtures = files("fixtures/behaviour")
        .into_iter()
        .chain(files("fixtures/diagnostics"));
    let mut shown: Vec<(String, Vec<RuleId>)> = fixtures
        .filter_map(|path| Some((path.strip_prefix("fixtures/")?.to_owned(), rules_of(stem(&path)?))))
        .collect();
    shown.extend(functions().into_iter().map(|(path, name)| {
        let rules = rules_of(&name);
        (format!("{path}::{name}"), rules)
    }));
    shown.retain(|(_, rules)| !rules.is_empty());
    shown
}

/// The functions of all sources and tests: file and name.
fn functions() -> Vec<(String, String)> {
    let sources = files("src")
        .into_iter()
        .chain(files("tests"))
        .filter(|path| path.ends_with(".rs"));
    let mut functions = Vec::new();
    for path in sources {
        let text = fs::read_to_string(&path).unwrap();
        for line in text.lines() {
            let line = line.trim_start();
            let rest = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
            let name = rest.and_then(|rest| rest.split(['(', '<']).next());
            functions.extend(name.map(|name| (path.clone(), name.to_owned())));
        }
    }
    functions
}

/// The rules at the beginning of a name.
fn rules_of(name: &str) -> Vec<RuleId> {
    let parts: Vec<&str> = name.strip_prefix("err_").unwrap_or(name).split('_').collect();
    let mut rules: Vec<RuleId> = Vec::new();
    let mut at = 0;
    while let Some((area, number)) = rule_at(&parts, at) {
        rules.push((area.to_owned(), number));
        at += 2;
        if parts.get(at) == Some(&"to")
            && let Some((other, last)) = rule_at(&parts, at + 1)
            && other == area
        {
            rules.extend((number + 1..=last).map(|number| (area.to_owned(), number)));
            at += 3;
        }
    }
    rules
}

fn rule_at<'a>(parts: &[&'a str], at: usize) -> Option<(&'a str, u32)> {
    let area = *parts.get(at)?;
    let is_area = (1..=4).contains(&area.len()) && area.bytes().all(|byte| byte.is_ascii_lowercase());
    let number = parts.get(at + 1)?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_area && is_number).then(|| Some((area, number.parse().ok()?)))?
}

/// All files below a folder, sorted.
fn files(folder: &str) -> Vec<String> {
    fn add(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                add(&path, found);
            } else {
                found.push(path.to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    let mut found = Vec::new();
    add(Path::new(folder), &mut found);
    found.sort();
    found
}

/// The name of a file without its folder and its ending; that of a code has dots of its own.
fn stem(path: &str) -> Option<&str> {
    path.rsplit('/').next()?.rsplit_once('.').map(|(stem, _)| stem)
}

#[test]
fn rules_are_read_off_the_beginning_of_a_name() {
    let rules = |name| {
        rules_of(name)
            .into_iter()
            .map(|(area, number)| format!("{area}-{number}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(rules("trg_3_got_21_each_is_a_fallback"), ["trg-3", "got-21"]);
    assert_eq!(rules("err_con_1_to_con_3_the_grammar"), ["con-1", "con-2", "con-3"]);
    assert_eq!(rules("con_16_to_the_end"), ["con-16"]);
    assert_eq!(rules("a_set_runs_2_times"), Vec::<String>::new());
}
