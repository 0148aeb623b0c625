//! A behaviour fixture: prose, a protocol fragment, what the device answers, what QActions do, what happens when.
//!
//! ```text
//! ~~~xml       the children of Protocol, but for Name, Version and Type, which are added when they are missing
//! ~~~device    GET /a -> after 2s 200 [Header: value] body        (or: refused, timeout, reset, dns, tls)
//! ~~~file P    the content of the file P
//! ~~~saved     text 2 VALUE / number 3 1.5 / row 1000 key 1002 VALUE / alarm 1 - critical 95 / paused: what the store has
//! ~~~qaction 1 set 11 5 / add 12 10 11 / sleep 5s / check 3 …     (see `script_qaction`)
//! ~~~template   an alarm template, as a file has it; `~~~template NAME` for `5s template NAME` in the script
//! ~~~records    (empty) the records of alarms stand below the trace
//! ~~~information   (empty) the information events stand below the trace
//! ~~~script    1s set 10 value / 2s set 1002/key value / 3s menu 99 item | a;b | key,key / 3s card open / 5s pause
//!              6s resume / 7s test / 8s stop / 10s end
//! ```

use std::path::Path;
use std::sync::Arc;

use adit::agent::alarm_template;
use adit::alarm::{AlarmRecord, Cell, RecordKind};
use adit::engine::connection_test::TestId;
use adit::engine::event::{AlarmRequest, Card, Event, MenuEntries};
use adit::engine::saved::{Paused, Saved, SavedRow};
use adit::model::alarm::{Severity, Side};
use adit::model::alarm_template::AlarmTemplate;
use adit::model::id::ParamId;
use adit::model::moment::{Moment, Span};
use adit::model::protocol::Protocol;
use adit::model::value::Value;
use adit::testing::{Setup, TestElement};

use crate::support::script_qaction::ScriptQAction;

/// Runs a fixture and gives its trace, with replies and log lines in between.
pub(crate) fn run(text: &str) -> String {
    let blocks = blocks(text);
    let xml = blocks.iter().find(|(head, _)| head == "xml");
    let mut setup = Setup::new(xml.map_or("", |(_, body)| body.as_str()));
    for line in lines(&blocks, "device") {
        setup = setup.device(line);
    }
    for (head, body) in &blocks {
        if let Some(id) = head.strip_prefix("qaction ") {
            setup = setup.qaction_code(id.trim().parse().expect("qaction N"), ScriptQAction::parse(body));
        } else if let Some(path) = head.strip_prefix("file ") {
            setup = setup.file(path.trim(), body.trim_end().as_bytes());
        }
    }
    if let Some((_, text)) = blocks.iter().find(|(head, _)| head == "template") {
        let text = text.clone();
        setup = setup.alarm_template(move |protocol| template("template", &text, protocol));
    }
    let mut element = setup.saved(saved(&blocks)).begin();
    play(&blocks, &mut element);
    let mut parts = vec![element.findings().join("\n"), element.told()];
    if blocks.iter().any(|(head, _)| head == "information") {
        parts.push(element.information().join("\n"));
    }
    if blocks.iter().any(|(head, _)| head == "records") {
        parts.push(element.alarm_records().join("\n"));
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

/// The fenced blocks: head and body.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        match (line.strip_prefix("~~~"), &mut open) {
            (Some(head), None) => open = Some((head.trim().to_owned(), String::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some((_, body))) => {
                body.push_str(line);
                body.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block of the fixture is not closed");
    blocks
}

fn play(blocks: &[(String, String)], element: &mut TestElement) {
    let mut end = Moment(10_000);
    for line in lines(blocks, "script") {
        let mut words = line.splitn(4, ' ');
        let at = moment(words.next().expect("TIME"));
        match (words.next(), words.next(), words.next()) {
            (Some("set"), Some(target), value) => {
                let (param, key) = match target.split_once('/') {
                    Some((param, key)) => (param, Some(key)),
                    None => (target, None),
                };
                element.set_at(
                    at,
                    param.parse().expect("a parameter id"),
                    key,
                    value.unwrap_or_default(),
                );
            }
            (Some("menu"), Some(menu), Some(choice)) => {
                let mut parts = choice.split('|').map(str::trim);
                let item = parts.next().unwrap_or_default();
                let dependencies = list(parts.next(), ';').map(str::to_owned).collect();
                let rows = list(parts.next(), ',').map(Arc::from).collect();
                let entries = MenuEntries { dependencies, rows };
                element.choose_at(at, menu.parse().expect("a parameter id"), item, entries);
            }
            (Some("template"), Some(name), None) => {
                let head = format!("template {name}");
                let block = blocks.iter().find(|(found, _)| *found == head);
                let assigned = match block {
                    Some((_, text)) => template(name, text, element.protocol()),
                    None if name == "none" => AlarmTemplate::None,
                    None => AlarmTemplate::ProtocolDefaults,
                };
                element.event_at(at, Event::Alarms(AlarmRequest::Assign(assigned)));
            }
            (Some("clear"), Some(root), None) => {
                let root = root.parse().expect("the id of a record");
                element.event_at(at, Event::Alarms(AlarmRequest::Clear(root)));
            }
            (Some("end"), ..) => end = at,
            (word, of, _) => {
                element.event_at(at, event(word, of));
            }
        }
    }
    element.run_until(end);
}

/// An alarm template as its file has it.
fn template(name: &str, text: &str, protocol: &Protocol) -> AlarmTemplate {
    let file = format!("{name}.toml");
    let own = alarm_template::parse(Path::new(&file), text, protocol).unwrap_or_else(|wrong| panic!("{wrong}"));
    AlarmTemplate::Own(Arc::new(own))
}

/// The items of a list; none where it is blank.
fn list(text: Option<&str>, separator: char) -> impl Iterator<Item = &str> {
    let text = text.filter(|text| !text.is_empty());
    text.into_iter().flat_map(move |text| text.split(separator))
}

/// What the store has: `text 2 VALUE`, `number 3 1.5`, `row 1000 key 1002 VALUE`.
fn saved(blocks: &[(String, String)]) -> Saved {
    let mut saved = Saved::default();
    for line in lines(blocks, "saved") {
        if line == "paused" {
            saved.paused = Paused::Yes;
            continue;
        }
        let words: Vec<&str> = line.splitn(5, ' ').collect();
        let id = |at: usize| ParamId(words[at].parse().expect("a parameter id"));
        match (words[0], words.get(2)) {
            ("text", value) => saved.params.push((id(1), value.copied().unwrap_or_default().into())),
            ("number", Some(value)) => saved
                .params
                .push((id(1), value.parse::<f64>().expect("a number").into())),
            ("row", Some(key)) => saved.rows.push(SavedRow {
                table: id(1),
                key: Arc::from(*key),
                position: saved.rows.len() as u64 + 1,
                cells: words
                    .get(4)
                    .map(|value| (id(3), Value::from(*value), false))
                    .into_iter()
                    .collect(),
            }),
            ("alarm", Some(key)) => {
                let number = 1 + saved.alarms.len() as u64;
                saved.alarms.push(open_alarm(&words, id(1), key, number));
            }
            other => panic!("nothing is saved as {other:?}"),
        }
    }
    saved
}

/// `alarm PARAM KEY|- SEVERITY VALUE`: open since an hour before the start.
fn open_alarm(words: &[&str], param: ParamId, key: &str, number: u64) -> AlarmRecord {
    let severity = match words.get(3) {
        Some(&"major") => Severity::Major,
        Some(&"critical") => Severity::Critical,
        other => panic!("no severity of a saved alarm: {other:?}"),
    };
    let value = words.get(4).copied().unwrap_or_default();
    let value = value.parse().map_or_else(|_| Value::from(value), Value::Number);
    let at = 1_767_225_600_000 - 3_600_000;
    AlarmRecord {
        id: number,
        root: number,
        previous: 0,
        cell: Cell {
            param,
            key: (key != "-").then(|| Arc::from(key)),
        },
        display_key: None,
        severity,
        side: Side::High,
        kind: RecordKind::New,
        value: value.clone(),
        raw: value,
        properties: Vec::new(),
        at,
        root_at: at,
    }
}

fn event(word: Option<&str>, of: Option<&str>) -> Event {
    match (word, of) {
        (Some("card"), Some("open")) => Event::Card(Card::Open),
        (Some("card"), Some("closed")) => Event::Card(Card::Closed),
        (Some("pause"), _) => Event::Pause,
        (Some("resume"), _) => Event::Resume,
        (Some("stop"), _) => Event::Stop,
        (Some("test"), _) => Event::TestConnection(TestId(0)),
        other => panic!("the script cannot do {other:?}"),
    }
}

fn lines<'a>(blocks: &'a [(String, String)], head: &str) -> Vec<&'a str> {
    let bodies = blocks.iter().filter(|(name, _)| name == head);
    let lines = bodies.flat_map(|(_, body)| body.lines()).map(str::trim);
    lines.filter(|line| !line.is_empty()).collect()
}

/// `500ms`, `10s`, `5m`, `24h`, since the start.
pub(crate) fn moment(text: &str) -> Moment {
    Moment::START + text.parse::<Span>().expect("a time")
}
