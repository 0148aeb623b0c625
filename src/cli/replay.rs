//! `adit replay`: an element on virtual time against recorded exchanges, and its trace on stdout.
//!
//! No network and no waiting. The wall clock of the element begins at the same moment each time, so that the same inputs
//! give the same bytes. The trace is written as it arises; nothing of it is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::fs;
use std::io::{self, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use clap::{Args, ValueEnum};
use parking_lot::Mutex;
use url::Url;

use crate::agent::folders::Folders;
use crate::agent::plan::PlannedSet;
use crate::cli::definition::Definitions;
use crate::cli::output::{complain, printable};
use crate::connectors;
use crate::engine::effect::{Effect, LogLevel};
use crate::engine::event::SetId;
use crate::engine::saved::Saved;
use crate::engine::settings::ElementSettings;
use crate::model::connection::ConnectionKind;
use crate::model::id::{ElementId, ParamId};
use crate::model::moment::{Moment, Span};
use crate::model::protocol::Protocol;
use crate::model::value::Value;
use crate::simulate::cassette::Cassette;
use crate::simulate::replay::Replay;
use crate::simulate::scenario::Scenario;
use crate::simulate::trace::TraceWriter;
use crate::simulate::trace_text;

/// What the wall clock says at the start: 1 January 2026, 00:00 UTC.
const STARTED_UNIX_MS: i64 = 1_767_225_600_000;

/// The host of a connection for which nobody has one.
const HOST: &str = "device.test";

/// The port of a connection to which the definition gives none.
const DEFAULT_PORT: u16 = 80;

/// Lines of the element log that are told, each once: a definition can make up new ones for ever.
const MOST_LOGGED: usize = 100;

/// The arguments of `adit replay`.
#[derive(Debug, Args)]
pub(super) struct ReplayArgs {
    /// The definition of the element: a protocol.xml
    #[arg(value_name = "PROTOCOL")]
    protocol: PathBuf,
    /// The recorded exchanges; without, every request fails like a refused connection
    #[arg(long, value_name = "FILE.har")]
    cassette: Option<PathBuf>,
    /// How long the element runs, in its own time: 500ms, 10s, 5m, 24h
    #[arg(long = "for", value_name = "DURATION", default_value = "1m", value_parser = str::parse::<Span>)]
    duration: Span,
    /// A set as by a user, at the start or so long after it; PARAM/KEY is a cell; may be repeated
    // Clap repeats a value that its parser refuses, and this one may be a secret: it is refused later.
    #[arg(long = "set", value_name = "[TIME@]PARAM=VALUE", value_parser = timed_set)]
    sets: Vec<Result<TimedSet, String>>,
    /// A folder that the action `read file` may read; may be repeated
    #[arg(long, value_name = "FOLDER")]
    read_folder: Vec<PathBuf>,
    /// How the trace is written
    #[arg(long, value_enum, default_value_t = Format::Json)]
    trace: Format,
    /// Host of the main connection, optionally with http:// or https:// before it and a port behind it
    #[arg(long)]
    host: Option<String>,
}

/// How the trace is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One JSON object a line.
    Json,
    /// One line a step, for people.
    Text,
}

/// A set at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
struct TimedSet {
    at: Span,
    set: PlannedSet,
}

/// What a set names: a parameter, or a column and the row.
type Target = (ParamId, Option<Arc<str>>);

/// Runs the command: 0 when it has run, whatever the element met; 2 when there is nothing to run.
pub(super) fn run(args: &ReplayArgs) -> anyhow::Result<ExitCode> {
    let protocol = Definitions::default().load(&args.protocol)?;
    let cassette = args.cassette.as_deref().map(cassette).transpose()?.unwrap_or_default();
    let sets = planned(args, &protocol)?;
    let settings = settings(args, &protocol, &cassette);
    let qactions = connectors::qactions_for(&protocol).map_or_else(Default::default, |qactions| qactions());

    let replay = Arc::new(Mutex::new(Replay::new(cassette)));
    let told = Arc::new(Mutex::new(Told::new(&protocol, args.trace)));
    let (device, observer) = (Arc::clone(&replay), Arc::clone(&told));
    let mut scenario = Scenario::new(
        protocol,
        settings,
        qactions,
        Box::new(move |request| device.lock().answer(request)),
        Box::new(move |at, effect| observer.lock().tell(at, effect)),
    );
    let folders = Folders::new(args.read_folder.clone());
    scenario.open_files(Box::new(move |read| folders.read_now(read)));
    for (at, (param, key), set) in sets {
        let id = scenario.set_at(at, param, key, Value::from(set.value.as_str()));
        told.lock().sets.insert(id, set.param);
    }
    scenario.start(Saved::default(), STARTED_UNIX_MS);
    let end = Moment::START + args.duration;
    while told.lock().written.is_ok() && scenario.step(end) {}

    let mut told = told.lock();
    let ended = told.end();
    tell_unmatched(&replay.lock(), &told.writer);
    ended
}

/// What is told while it runs: the trace on stdout, what went wrong on stderr.
struct Told {
    writer: TraceWriter,
    format: Format,
    stdout: BufWriter<Stdout>,
    /// An error ends the replay.
    written: io::Result<()>,
    /// The sets that are not answered, with what they name.
    sets: BTreeMap<SetId, String>,
    /// The lines of the element log that have been told.
    logged: BTreeSet<String>,
}

impl Told {
    fn new(protocol: &Arc<Protocol>, format: Format) -> Self {
        Self {
            writer: TraceWriter::new(Arc::clone(protocol)),
            format,
            stdout: BufWriter::with_capacity(64 * 1024, io::stdout()),
            written: Ok(()),
            sets: BTreeMap::new(),
            logged: BTreeSet::new(),
        }
    }

    fn tell(&mut self, at: Moment, effect: &Effect) {
        self.tell_aside(at, effect);
        let line = match self.format {
            Format::Json => self.writer.line(at, effect),
            Format::Text => trace_text::line(&mut self.writer, at, effect),
        };
        if let Some(line) = line
            && self.written.is_ok()
        {
            self.written = writeln!(self.stdout, "{line}");
        }
    }

    fn tell_aside(&mut self, at: Moment, effect: &Effect) {
        match effect {
            Effect::Reply(id, answer) => {
                if let (Some(set), Err(refused)) = (self.sets.remove(id), answer) {
                    complain(&format!("at {at}: {set} was not set: {refused}"));
                }
            }
            Effect::Log(entry) => match entry.level {
                LogLevel::Warning | LogLevel::Error => self.tell_once(at, &entry.text),
                LogLevel::Debug | LogLevel::Info => {}
            },
            Effect::Parameter(_)
            | Effect::Row(_)
            | Effect::Alarm(_)
            | Effect::Information(_)
            | Effect::Save(_)
            | Effect::Send(..)
            | Effect::ReadFile(..)
            | Effect::Cancel(_)
            | Effect::Close(_)
            | Effect::CloseTrend(..)
            | Effect::Tested(..)
            | Effect::Redefined(_)
            | Effect::ToElement(..)
            | Effect::Timeout(_)
            | Effect::Trace(_) => {}
        }
    }

    /// A line of the element log. A poll that fails says so every time, which the trace shows.
    fn tell_once(&mut self, at: Moment, text: &str) {
        if self.logged.len() < MOST_LOGGED && self.logged.insert(text.to_owned()) {
            complain(&format!("at {at}: {}", printable(text)));
        }
    }

    /// Everything is on stdout, unless its reader has gone, who has then seen enough.
    fn end(&mut self) -> anyhow::Result<ExitCode> {
        let written = std::mem::replace(&mut self.written, Ok(()));
        match written.and_then(|()| self.stdout.flush()) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(ExitCode::SUCCESS),
            Err(error) => return Err(anyhow!(error).context("the trace cannot be written")),
        }
        for set in self.sets.values() {
            complain(&format!("{set} was not set: its turn had not come at the end"));
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn tell_unmatched(replay: &Replay, writer: &TraceWriter) {
    let (unmatched, unlisted) = replay.unmatched();
    if unmatched.is_empty() {
        return;
    }
    complain("no entry of a cassette matches:");
    let mut stderr = io::stderr().lock();
    for request in unmatched {
        let times = if request.times == 1 {
            String::new()
        } else {
            format!(" ({} times)", request.times)
        };
        let url = printable(&writer.masked(&request.url));
        // When even that fails there is nowhere left to tell.
        let _ = writeln!(stderr, "  {} {url}{times}", request.method);
    }
    if unlisted > 0 {
        let _ = writeln!(stderr, "  and {unlisted} more");
    }
}

fn cassette(path: &Path) -> anyhow::Result<Cassette> {
    let shown = path.display();
    let text = fs::read_to_string(path).with_context(|| format!("{shown} cannot be read"))?;
    Cassette::parse(&text).with_context(|| format!("{shown} cannot be used"))
}

/// What the definition prefills, and a host where there is none: the one of the cassette. A port that the definition
/// gives stays; only where that is the default does the cassette's count.
fn settings(args: &ReplayArgs, protocol: &Protocol, cassette: &Cassette) -> ElementSettings {
    let mut settings = ElementSettings::prefilled(ElementId(1), protocol.name(), protocol);
    if let (Some(main), Some(host)) = (settings.connections.first_mut(), &args.host) {
        let (host, port) = host_and_port(host);
        host.clone_into(&mut main.host);
        main.port = port.unwrap_or(main.port);
    }
    let urls = cassette
        .exchanges
        .iter()
        .filter_map(|exchange| Url::parse(&exchange.url).ok());
    let recorded: Vec<Url> = urls.filter(Url::has_host).collect();
    for connection in &mut settings.connections {
        if !connection.host.trim().is_empty() || connection.kind != ConnectionKind::Http {
            continue;
        }
        let given = (connection.port != DEFAULT_PORT).then_some(connection.port);
        let is_meant = |url: &&Url| given.is_none_or(|port| url.port_or_known_default() == Some(port));
        let host = |url: Option<&Url>| url.and_then(Url::host_str).unwrap_or(HOST).to_owned();
        match recorded.iter().find(is_meant) {
            Some(url) => {
                connection.host = format!("{}://{}", url.scheme(), host(Some(url)));
                connection.port = url.port_or_known_default().unwrap_or(connection.port);
            }
            None => connection.host = host(recorded.first()),
        }
    }
    settings
}

/// A host with its port, when it has one. An IPv6 address has it only behind brackets.
fn host_and_port(text: &str) -> (&str, Option<u16>) {
    let scheme = text.find("://").map_or(0, |at| at + 3);
    match text[scheme..].rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => match port.parse() {
            Ok(port) => (&text[..scheme + host.len()], Some(port)),
            Err(_) => (text, None),
        },
        Some(_) | None => (text, None),
    }
}

fn planned(args: &ReplayArgs, protocol: &Protocol) -> anyhow::Result<Vec<(Moment, Target, PlannedSet)>> {
    let mut planned = Vec::new();
    for timed in &args.sets {
        let TimedSet { at, set } = timed
            .clone()
            .map_err(|reason| anyhow!("--set cannot be used: {reason}"))?;
        let target = target(&set, protocol).map_err(|reason| anyhow!("--set: {reason}"))?;
        planned.push((Moment::START + at, target, set));
    }
    Ok(planned)
}

/// A parameter by its name or id, or else the column before the first `/` and the key behind it.
fn target(set: &PlannedSet, protocol: &Protocol) -> Result<Target, String> {
    let unknown = match set.target(protocol) {
        Ok(param) => return Ok((param.id, None)),
        Err(unknown) => unknown,
    };
    let (column, key) = set.param.split_once('/').ok_or(unknown)?;
    let column = PlannedSet {
        param: column.to_owned(),
        value: String::new(),
    };
    Ok((column.target(protocol)?.id, Some(key.into())))
}

#[expect(clippy::unnecessary_wraps, reason = "clap asks for a result")]
fn timed_set(text: &str) -> Result<Result<TimedSet, String>, Infallible> {
    let before_value = text.find('=').unwrap_or(text.len());
    let time = text[..before_value].split_once('@');
    let time = time.and_then(|(time, _)| Some((time.len() + 1, time.trim().parse().ok()?)));
    let (length, at) = time.unwrap_or((0, Span::ZERO));
    Ok(text[length..].parse().map(|set| TimedSet { at, set }))
}

#[cfg(test)]
mod tests {
    use super::{host_and_port, timed_set};

    #[test]
    fn a_host_may_have_a_port() {
        assert_eq!(host_and_port("http://device:8080"), ("http://device", Some(8080)));
        assert_eq!(host_and_port("[::1]:80"), ("[::1]", Some(80)));
        for host in [
            "device",
            "https://device",
            "::1",
            "[::1]",
            "http://[::1]",
            "device:x",
            "device:70000",
        ] {
            assert_eq!(host_and_port(host), (host, None));
        }
    }

    #[test]
    fn a_set_may_have_a_time() {
        let read = |text| {
            timed_set(text)
                .unwrap()
                .map(|timed| (timed.at.0, timed.set.param, timed.set.value))
        };
        let expected = |at: u64, param: &str, value: &str| Ok((at, param.to_owned(), value.to_owned()));
        assert_eq!(read("10=a"), expected(0, "10", "a"));
        assert_eq!(read("5s@Key=a@b=c"), expected(5000, "Key", "a@b=c"));
        assert_eq!(read("Key=5s@a=b"), expected(0, "Key", "5s@a=b"));
        assert_eq!(read("a@b/k=1"), expected(0, "a@b/k", "1"));
        assert_eq!(read("2m@1002/a/b="), expected(120_000, "1002/a/b", ""));
        assert!(read("5s@").is_err() && read("5s@=x").is_err() && read("Key").is_err());
    }
}
