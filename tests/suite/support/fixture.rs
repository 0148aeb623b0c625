//! A behaviour fixture: prose, a protocol fragment, what the device answers, what QActions do, what happens when.
//!
//! ```text
//! ~~~xml       the children of Protocol, but for Name, Version and Type, which are added when they are missing
//! ~~~device    GET /a -> after 2s 200 [Header: value] body        (or: refused, timeout, reset, tls)
//! ~~~qaction 1 set 11 5 / add 12 10 11 / sleep 5s / check 3 …     (see `script_qaction`)
//! ~~~file NAME  the content of a file that may be read
//! ~~~script    1s set 10 value / 2s set 1002/key value / 3s menu 99 item | a;b | key,key / 3s card open|closed / 5s pause
//!              6s resume / 8s stop / 10s end
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use adit::engine::effect::Effect;
use adit::engine::event::{Card, Event, MenuEntries};
use adit::engine::exchange::{ExchangeError, ExchangeErrorKind, Request, Response};
use adit::engine::file::FileError;
use adit::engine::qaction::QActionSet;
use adit::engine::saved::Saved;
use adit::engine::settings::ElementSettings;
use adit::model::id::{ElementId, ParamId, QActionId};
use adit::model::moment::{Moment, Span};
use adit::schema::diagnostic::Severity;
use adit::simulate::scenario::{Answer, Scenario};
use adit::simulate::trace::TraceWriter;
use parking_lot::Mutex;

use crate::support::script_qaction::ScriptQAction;

/// Runs a fixture and gives its trace, with replies and log lines in between.
pub(crate) fn run(text: &str) -> String {
    let blocks = blocks(text);
    let xml = blocks
        .iter()
        .find(|(head, _)| head == "xml")
        .map_or("", |(_, body)| body.as_str());
    let definition = whole(xml);
    let loaded = adit::schema::load("fixture.xml", &definition);
    let findings = loaded
        .diagnostics
        .iter()
        .filter(|finding| finding.severity() != Severity::Info);
    let found: Vec<String> = findings
        .map(|finding| format!("{} {}", finding.code.number, finding.message))
        .collect();
    let Some(protocol) = loaded.protocol else {
        panic!("the fixture does not load: {found:#?}")
    };
    let protocol = Arc::new(protocol);

    let mut qactions = QActionSet::default();
    for (head, body) in &blocks {
        if let Some(id) = head.strip_prefix("qaction ") {
            let id = QActionId(id.trim().parse().expect("qaction N"));
            qactions.insert(id, Arc::new(ScriptQAction::parse(body)));
        }
    }
    let mut settings = ElementSettings::prefilled(ElementId(1), "Device", &protocol);
    for connection in &mut settings.connections {
        if connection.host.is_empty() {
            "device.test".clone_into(&mut connection.host);
        }
    }
    let device = device(&blocks);
    let lines: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&lines);
    let mut writer = TraceWriter::new(Arc::clone(&protocol));
    let observer = move |at: Moment, effect: &Effect| {
        let line = writer.line(at, effect).or_else(|| told(at, effect));
        seen.lock().extend(line);
    };
    let mut scenario = Scenario::new(protocol, settings, qactions, device, Box::new(observer));
    let files: BTreeMap<String, String> = blocks
        .iter()
        .filter_map(|(head, body)| {
            Some((
                head.strip_prefix("file ")?.trim().to_owned(),
                body.trim_end().to_owned(),
            ))
        })
        .collect();
    scenario.open_files(Box::new(move |read| {
        let missing = || FileError(format!("there is no file {}", read.path));
        let bytes = files.get(&*read.path).ok_or_else(missing)?.as_bytes().iter();
        let count = read.count.map_or(usize::MAX, |count| count as usize);
        Ok(bytes.skip(read.offset as usize).take(count).copied().collect())
    }));
    plan(&blocks, &mut scenario);
    let lines = lines.lock().join("\n");
    if found.is_empty() {
        lines
    } else {
        format!("{}\n\n{lines}", found.join("\n"))
    }
}

/// Effects that are not part of the trace, but that a rule may be about.
fn told(at: Moment, effect: &Effect) -> Option<String> {
    let at = at.0;
    match effect {
        Effect::Reply(id, Ok(())) => Some(format!("     {at} reply {} ok", id.0)),
        Effect::Reply(id, Err(refused)) => Some(format!("     {at} reply {} {:?}: {refused}", id.0, refused.reason)),
        Effect::Log(entry) => Some(format!("     {at} log {:?}: {}", entry.level, entry.text)),
        Effect::Save(record) => Some(format!("     {at} save {record:?}")),
        Effect::ReadFile(_, read) => Some(format!("     {at} read {read:?}")),
        Effect::Cancel(id) => Some(format!("     {at} cancel {}", id.0)),
        Effect::Close(id) => Some(format!("     {at} close {}", id.0)),
        Effect::Parameter(change) => Some(format!("     {at} show {} {:?}", change.id, change.value)),
        Effect::Row(_) | Effect::Send(..) | Effect::Timeout(_) | Effect::Trace(_) => None,
    }
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

/// The fragment as a whole definition; its type is HTTP unless it begins with another one.
fn whole(xml: &str) -> String {
    let kind = if xml.starts_with("<Type") {
        ""
    } else {
        "<Type>http</Type>\n"
    };
    format!("<Protocol>\n<Name>Fixture</Name>\n<Version>1.0.0.1</Version>\n{kind}{xml}</Protocol>\n")
}

/// `GET /a -> after 2s 200 [Header: value] body`; answers of one request come in order, the last one repeats.
fn device(blocks: &[(String, String)]) -> Box<dyn FnMut(&Request) -> Answer + Send> {
    let mut answers: BTreeMap<String, Vec<Answer>> = BTreeMap::new();
    for line in lines(blocks, "device") {
        let (request, answer) = line.split_once(" -> ").expect("REQUEST -> ANSWER");
        answers
            .entry(request.trim().to_owned())
            .or_default()
            .push(parse_answer(answer.trim()));
    }
    let mut asked: BTreeMap<String, usize> = BTreeMap::new();
    Box::new(move |request| {
        let path = request
            .url
            .split_once("://")
            .and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
        let key = format!("{} {}", request.method, path.unwrap_or("/"));
        let Some(answers) = answers.get(&key) else {
            return (Span::ZERO, Err(failure("refused")));
        };
        let nth = asked.entry(key).or_default();
        let answer = answers[(*nth).min(answers.len() - 1)].clone();
        *nth += 1;
        answer
    })
}

fn parse_answer(text: &str) -> Answer {
    let (delay, text) = match text.strip_prefix("after ") {
        Some(rest) => {
            let (delay, rest) = rest.split_once(' ').expect("after TIME ANSWER");
            (moment(delay).0, rest)
        }
        None => (0, text),
    };
    let delay = Span(delay);
    let (status, mut rest) = text.split_once(' ').unwrap_or((text, ""));
    let Ok(status) = status.parse::<u16>() else {
        return (delay, Err(failure(status)));
    };
    let mut headers = Vec::new();
    while let Some((header, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let (name, value) = header.split_once(": ").expect("[Name: value]");
        headers.push((name.to_owned(), value.to_owned()));
        rest = after.trim_start();
    }
    let reason = http::StatusCode::from_u16(status)
        .ok()
        .and_then(|code| code.canonical_reason())
        .unwrap_or("");
    let (version, reason) = ("HTTP/1.1".to_owned(), reason.to_owned());
    (
        delay,
        Ok(Response {
            version,
            status,
            reason,
            headers,
            body: rest.as_bytes().into(),
        }),
    )
}

fn failure(word: &str) -> ExchangeError {
    let (kind, sent) = match word {
        "refused" => (ExchangeErrorKind::CannotConnect, false),
        "timeout" => (ExchangeErrorKind::Timeout, true),
        "reset" => (ExchangeErrorKind::ConnectionError, true),
        "tls" => (ExchangeErrorKind::SecureFailure, false),
        other => panic!("the device cannot answer {other:?}"),
    };
    ExchangeError {
        kind,
        sent,
        detail: word.to_owned(),
    }
}

fn plan(blocks: &[(String, String)], scenario: &mut Scenario) {
    let mut end = Moment(10_000);
    scenario.start(Saved::default(), 1_767_225_600_000);
    for line in lines(blocks, "script") {
        let mut words = line.splitn(4, ' ');
        let at = moment(words.next().expect("TIME"));
        match (words.next(), words.next(), words.next()) {
            (Some("set"), Some(target), value) => {
                let (param, key) = match target.split_once('/') {
                    Some((param, key)) => (param, Some(Arc::from(key))),
                    None => (target, None),
                };
                let param = ParamId(param.parse().expect("a parameter id"));
                scenario.set_at(at, param, key, value.unwrap_or_default().into());
            }
            (Some("menu"), Some(menu), choice) => {
                let menu = ParamId(menu.parse().expect("a parameter id"));
                let mut parts = choice.expect("menu P ITEM | A;B | KEY,KEY").split('|').map(str::trim);
                let item = parts.next().unwrap_or_default().into();
                let list = |text: Option<&str>, by: char| -> Vec<String> {
                    let text = text.filter(|text| !text.is_empty());
                    text.into_iter()
                        .flat_map(|text| text.split(by))
                        .map(str::to_owned)
                        .collect()
                };
                let dependencies = list(parts.next(), ';');
                let rows = list(parts.next(), ',').into_iter().map(Arc::from).collect();
                scenario.choose_at(at, menu, item, MenuEntries { dependencies, rows });
            }
            (Some("card"), Some("open"), _) => scenario.event_at(at, Event::Card(Card::Open)),
            (Some("card"), Some("closed"), _) => scenario.event_at(at, Event::Card(Card::Closed)),
            (Some("pause"), ..) => scenario.event_at(at, Event::Pause),
            (Some("resume"), ..) => scenario.event_at(at, Event::Resume),
            (Some("stop"), ..) => scenario.event_at(at, Event::Stop),
            (Some("end"), ..) => end = at,
            other => panic!("the script cannot do {other:?}"),
        }
    }
    scenario.run_until(end);
}

fn lines<'a>(blocks: &'a [(String, String)], head: &str) -> impl Iterator<Item = &'a str> {
    let bodies = blocks
        .iter()
        .filter(move |(name, _)| name == head)
        .map(|(_, body)| body.as_str());
    bodies
        .flat_map(str::lines)
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .into_iter()
}

/// `500ms`, `10s`, `5m`, `24h`.
pub(crate) fn moment(text: &str) -> Moment {
    let at = text
        .find(|character: char| !character.is_ascii_digit())
        .expect("a unit");
    let (number, unit) = text.split_at(at);
    let factor = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        other => panic!("no unit of time: {other:?}"),
    };
    Moment(number.parse::<u64>().expect("a number") * factor)
}
