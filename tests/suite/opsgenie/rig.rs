//! An Opsgenie element on virtual time, and the emulated platform it talks to.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use adit::connectors::qactions_for;
use adit::emulator::opsgenie::journal::JournalEntry;
use adit::emulator::opsgenie::keys::DEMO_KEY;
use adit::emulator::opsgenie::pending::{Pending, PendingStyle};
use adit::emulator::opsgenie::seed::Seed;
use adit::emulator::opsgenie::{Clock, Options, Platform, serve};
use adit::engine::effect::{Effect, RowChangeKind, Step};
use adit::engine::exchange::{ExchangeError, ExchangeErrorKind, Request, Response};
use adit::engine::saved::{Record, Saved};
use adit::engine::settings::ElementSettings;
use adit::model::id::{ElementId, ParamId};
use adit::model::moment::{Moment, Span};
use adit::model::protocol::Protocol;
use adit::model::value::Value;
use adit::simulate::scenario::{Answer, Scenario};
use adit::simulate::trace::TraceWriter;
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

/// The definition.
pub(super) const DEFINITION: &str = include_str!("../../../protocol/opsgenie/protocol.xml");

/// 2026-11-22T16:00:00Z.
const NOW: i64 = 1_795_363_200_000;

/// The cells of a row by column parameter, as text.
pub(super) type Row = BTreeMap<u32, String>;

/// Message id and state of a row of Opsgenie Operations.
pub(super) fn row_state(row: &Row) -> String {
    format!("{} {}", row[&1001], row[&1005])
}

/// The rows of Opsgenie Operations in error.
pub(super) fn in_error(rig: &Rig) -> Vec<String> {
    let rows = rig.rows(1000);
    let wrong = rows.iter().filter(|row| row[&1005] == "Error");
    wrong.map(row_state).collect()
}

/// The rows of a table by position, and where each is.
#[derive(Default)]
struct Table {
    rows: BTreeMap<u64, (String, Row)>,
    places: BTreeMap<String, u64>,
}

/// What is seen of an element from outside.
#[derive(Default)]
struct Seen {
    params: BTreeMap<u32, String>,
    rows: BTreeMap<u32, Table>,
    timeout: bool,
    replies: usize,
    /// What happened in which order, in words.
    order: Vec<String>,
    lines: Vec<String>,
    ticks: BTreeMap<u32, usize>,
    /// Everything stored, until the element was killed.
    records: Vec<Record>,
    kill_after: Option<usize>,
    /// How many requests may still reach the platform before the element is killed.
    kill_after_requests: Option<usize>,
    killed: bool,
    now: Moment,
    /// How far the platform's clock was moved.
    followed: Moment,
    /// The network fails in this way.
    broken: Option<ExchangeErrorKind>,
    refused: usize,
    limiter: Option<Limiter>,
    quiet: bool,
    /// Every so manieth answer comes when nobody waits for it any more.
    late: Option<usize>,
    requests: usize,
}

/// A platform that takes so many requests in so many milliseconds, and then wants a pause as long.
struct Limiter {
    most: usize,
    window: Span,
    taken: Vec<Moment>,
    /// When it wanted the last pause.
    paused: Option<Moment>,
    /// Requests that came in a pause whose wish had arrived by then.
    intruders: usize,
}

impl Limiter {
    fn takes(&mut self, now: Moment) -> bool {
        if let Some(paused) = self.paused
            && now > paused + LATENCY
            && now < paused + self.window
        {
            self.intruders += 1;
        }
        self.taken.retain(|taken| now < *taken + self.window);
        let takes = self.taken.len() < self.most;
        if takes {
            self.taken.push(now);
        } else {
            self.paused = Some(now);
        }
        takes
    }

    fn refusal(&self) -> Response {
        Response {
            version: "HTTP/1.1".to_owned(),
            status: 429,
            reason: "Too Many Requests".to_owned(),
            headers: vec![
                ("X-RateLimit-State".to_owned(), "THROTTLED".to_owned()),
                (
                    "X-RateLimit-Period-In-Sec".to_owned(),
                    (self.window.0 / 1_000).to_string(),
                ),
            ],
            body: Arc::from(&br#"{"message":"You are making too many requests!"}"#[..]),
        }
    }
}

/// How long an answer takes.
const LATENCY: Span = Span(20);
/// Where the platform is, as the element sees it.
const HOST: &str = "http://platform.test";

/// An element and its platform.
pub(super) struct Rig {
    scenario: Scenario,
    seen: Arc<Mutex<Seen>>,
    platform: Platform,
    server: Arc<Server>,
    host: String,
    at: Moment,
    /// How long the platform has run when this element started.
    begun: u64,
}

/// The platform's server, until it is dropped.
struct Server {
    port: u16,
    line: Mutex<Line>,
    _runtime: Runtime,
    _stop: oneshot::Sender<()>,
}

impl Rig {
    /// An element without a key, started at moment zero.
    pub(super) fn new() -> Self {
        Self::at(HOST, "")
    }

    /// An element whose platform has this address, and gives each alias this prefix.
    pub(super) fn at(host: &str, alias_prefix: &str) -> Self {
        let seed = serde_json::json!({
            "teams": [{"name": "NOC"}, {"name": "Ops"}, {"name": "Web"}],
            "logins": [{"email": "ann@example.com", "token": "t-1"}],
            "site": "site-1",
            "aliasPrefix": alias_prefix,
        });
        Self::seeded(host, &seed)
    }

    /// An element whose platform has this address, and begins with this.
    pub(super) fn seeded(host: &str, seed: &serde_json::Value) -> Self {
        let seed = Seed::parse(&seed.to_string()).unwrap();
        let options = Options {
            seed,
            clock: Clock::Still(u64::try_from(NOW).unwrap()),
            ..Options::default()
        };
        let platform = Platform::new(&options).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (stop, stopped) = oneshot::channel::<()>();
        runtime.spawn(serve(listener, platform.clone(), async {
            let _ = stopped.await;
        }));
        let server = Arc::new(Server {
            port,
            line: Mutex::new(Line::default()),
            _runtime: runtime,
            _stop: stop,
        });
        Self::started(platform, server, host, Saved::default(), 0)
    }

    /// An element that starts so many days later.
    pub(super) fn later(days: u64) -> Self {
        let rig = Self::new();
        let begun = days * 86_400_000;
        Self::started(rig.platform, rig.server, &rig.host, Saved::default(), begun)
    }

    /// Nothing of the trace is kept: for tests that take weeks.
    pub(super) fn quiet(&self) {
        self.seen.lock().quiet = true;
    }

    /// An element whose key is the demo's.
    pub(super) fn with_key() -> Self {
        let mut rig = Self::new();
        rig.set(11, DEMO_KEY);
        rig
    }

    /// Kills the element and starts it again with what it had stored.
    pub(super) fn restart(self) -> Self {
        let (saved, quiet, late) = {
            let seen = self.seen.lock();
            (saved(&seen.records), seen.quiet, seen.late)
        };
        let begun = self.begun + self.at.0;
        let rig = Self::started(self.platform, self.server, &self.host, saved, begun);
        rig.answer_late(late);
        rig.seen.lock().quiet = quiet;
        rig
    }

    /// The same, and the clock was set back by so many days.
    pub(super) fn restart_set_back(mut self, days: u64) -> Self {
        self.begun -= days * 86_400_000;
        self.restart()
    }

    /// The same, and the address of the connection is another one by then.
    pub(super) fn restart_at(mut self, host: &str) -> Self {
        host.clone_into(&mut self.host);
        self.restart()
    }

    fn started(platform: Platform, server: Arc<Server>, host: &str, saved: Saved, begun: u64) -> Self {
        static PROTOCOL: OnceLock<Arc<Protocol>> = OnceLock::new();
        let load = || Arc::new(adit::schema::load("protocol.xml", DEFINITION).protocol.unwrap());
        let protocol = Arc::clone(PROTOCOL.get_or_init(load));
        let mut settings = ElementSettings::prefilled(ElementId(1), "Opsgenie", &protocol);
        host.clone_into(&mut settings.connections[0].host);
        let seen = Arc::new(Mutex::new(Seen {
            records: records(&saved),
            ..Seen::default()
        }));
        let qactions = qactions_for(&protocol).unwrap()();
        let device = device(Arc::clone(&seen), platform.clone(), Arc::clone(&server));
        let observer = observer(Arc::clone(&seen), Arc::clone(&protocol));
        let mut scenario = Scenario::new(protocol, settings, qactions, device, observer);
        let start = NOW + i64::try_from(begun).unwrap();
        scenario.start(saved, start);
        let mut rig = Self {
            scenario,
            seen,
            platform,
            server,
            host: host.to_owned(),
            at: Moment::START,
            begun,
        };
        rig.run_for(0);
        rig
    }

    /// Sets a parameter now.
    pub(super) fn set(&mut self, param: u32, value: &str) {
        let value = match value.parse::<f64>() {
            Ok(number) if ![11, 51, 52, 53, 80, 83].contains(&param) => Value::Number(number),
            Ok(_) | Err(_) => Value::text(value),
        };
        self.scenario.set_at(self.at, ParamId(param), None, value);
        self.run_for(0);
    }

    /// Lets so many seconds pass.
    pub(super) fn run_for(&mut self, seconds: u64) {
        self.run_for_millis(seconds * 1_000);
    }

    /// Lets so many milliseconds pass.
    pub(super) fn run_for_millis(&mut self, millis: u64) {
        self.at = self.at + Span(millis);
        self.scenario.run_until(self.at);
        follow(&mut self.seen.lock(), &self.platform, self.at);
    }

    /// A parameter as text; empty when it has no value.
    pub(super) fn text(&self, param: u32) -> String {
        self.seen.lock().params.get(&param).cloned().unwrap_or_default()
    }

    /// The rows of a table in order.
    pub(super) fn rows(&self, table: u32) -> Vec<Row> {
        let seen = self.seen.lock();
        let rows = seen.rows.get(&table);
        rows.map(|table| table.rows.values().map(|(_, row)| row.clone()).collect())
            .unwrap_or_default()
    }

    /// A cell as text.
    pub(super) fn cell(&self, table: u32, key: &str, column: u32) -> String {
        let seen = self.seen.lock();
        let table = &seen.rows[&table];
        let (_, row) = &table.rows[&table.places[key]];
        row[&column].clone()
    }

    /// The states a message was in, as they were stored.
    pub(super) fn states_of(&self, key: &str) -> Vec<String> {
        let start = format!("save {key} ");
        let seen = self.seen.lock();
        let states = seen
            .order
            .iter()
            .filter_map(|line| line.strip_prefix(&start))
            .map(str::to_owned);
        let mut states: Vec<String> = states.collect();
        states.dedup();
        states
    }

    /// What was stored, sent and answered, in order.
    pub(super) fn order(&self) -> Vec<String> {
        self.seen.lock().order.clone()
    }

    /// The lines of the trace and of the log.
    pub(super) fn lines(&self) -> Vec<String> {
        self.seen.lock().lines.clone()
    }

    /// How often a timer ticked.
    pub(super) fn ticks_of_timer(&self, timer: u32) -> usize {
        self.seen.lock().ticks.get(&timer).copied().unwrap_or_default()
    }

    /// Whether the element is in timeout.
    pub(super) fn in_timeout(&self) -> bool {
        self.seen.lock().timeout
    }

    /// The requests that reached the platform.
    pub(super) fn journal(&self) -> Vec<String> {
        let entries = self.platform.journal().into_iter();
        entries
            .map(|entry| format!("{} {} {}", entry.method, entry.path, entry.status.unwrap_or_default()))
            .collect()
    }

    /// The requests that reached the platform, with everything that is known of them.
    pub(super) fn entries(&self) -> Vec<JournalEntry> {
        self.platform.journal()
    }

    /// The requests of one kind that reached the platform.
    pub(super) fn journal_of(&self, operation: &str) -> Vec<String> {
        let entries = self.platform.journal().into_iter();
        entries
            .filter(|entry| entry.operation == Some(operation))
            .map(|entry| entry.path)
            .collect()
    }

    /// The alerts on the platform.
    pub(super) fn alerts(&self) -> Vec<serde_json::Value> {
        self.platform.alerts()
    }

    /// What goes wrong on the platform from now on.
    pub(super) fn faults(&self, rules: &[&str]) {
        self.platform
            .set_faults(rules.iter().map(|rule| rule.parse().unwrap()).collect());
    }

    /// How long the platform takes to process a request.
    pub(super) fn pending(&self, pending: Pending) {
        self.platform.set_pending(pending);
    }

    /// What the status of a request is until it is processed.
    pub(super) fn pending_style(&self, style: PendingStyle) {
        self.platform.set_pending_style(style);
    }

    /// The platform takes so many requests a second.
    pub(super) fn limit(&self, most: usize) {
        self.seen.lock().limiter = Some(Limiter {
            most,
            window: Span::seconds(1),
            taken: Vec::new(),
            paused: None,
            intruders: 0,
        });
    }

    /// How many requests came in a pause.
    pub(super) fn intruders(&self) -> usize {
        self.seen.lock().limiter.as_ref().unwrap().intruders
    }

    /// Lets time pass until the queue is empty; how many seconds.
    pub(super) fn drain(&mut self, at_most: u64) -> u64 {
        for second in 0..at_most {
            if self.text(31) == "0" {
                return second;
            }
            self.run_for(1);
        }
        panic!(
            "{} messages are left after {at_most} s: {:?}",
            self.text(31),
            self.text(30)
        );
    }

    /// What is done on the platform itself: a request that does not come from the element.
    pub(super) fn platform_request(&self, line: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.server.port)).unwrap();
        let head =
            format!("{line} HTTP/1.1\r\nHost: x\r\nAuthorization: GenieKey {DEMO_KEY}\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut received = String::new();
        stream.read_to_string(&mut received).unwrap();
        received
    }

    /// Nothing reaches the platform.
    pub(super) fn break_network(&self, kind: ExchangeErrorKind) {
        self.seen.lock().broken = Some(kind);
    }

    /// The network works again.
    pub(super) fn mend_network(&self) {
        self.seen.lock().broken = None;
    }

    /// How many requests did not reach the platform.
    pub(super) fn refused(&self) -> usize {
        self.seen.lock().refused
    }

    /// Every so manieth answer comes when nobody waits for it any more.
    pub(super) fn answer_late(&self, every: Option<usize>) {
        self.seen.lock().late = every;
    }

    /// From the n-th record on nothing is stored and nothing reaches the platform.
    pub(super) fn kill_after_saves(&self, count: usize) {
        let mut seen = self.seen.lock();
        seen.kill_after = Some(seen.records.len() + count);
        seen.replies = 0;
    }

    /// The n-th request reaches the platform; its answer is lost with the element.
    pub(super) fn kill_after_requests(&self, count: usize) {
        let mut seen = self.seen.lock();
        seen.kill_after_requests = Some(count);
        seen.replies = 0;
    }

    /// Whether it came to that.
    pub(super) fn is_killed(&self) -> bool {
        self.seen.lock().killed
    }

    /// How many sets were answered before that.
    pub(super) fn replies(&self) -> usize {
        self.seen.lock().replies
    }
}

/// Sees every effect.
fn observer(seen: Arc<Mutex<Seen>>, protocol: Arc<Protocol>) -> adit::simulate::scenario::Observer {
    let mut writer = TraceWriter::new(protocol);
    Box::new(move |at, effect| {
        let mut seen = seen.lock();
        seen.now = at;
        if !seen.quiet {
            seen.lines.extend(writer.line(at, effect));
        }
        match effect {
            Effect::Parameter(change) => {
                seen.params.insert(change.id.0, change.value.to_text().to_string());
            }
            Effect::Row(change) => {
                let table = seen.rows.entry(change.table.0).or_default();
                if change.change == RowChangeKind::Removed {
                    if let Some(place) = table.places.remove(&*change.key) {
                        table.rows.remove(&place);
                    }
                } else {
                    let place = *table.places.entry(change.key.to_string()).or_insert(change.position);
                    let (_, row) = table
                        .rows
                        .entry(place)
                        .or_insert_with(|| (change.key.to_string(), Row::new()));
                    row.extend(
                        change
                            .cells
                            .iter()
                            .map(|(id, value)| (id.0, value.to_text().to_string())),
                    );
                }
            }
            Effect::Save(record) if !seen.killed => {
                seen.records.push(record.clone());
                if let Record::Row(row) = record
                    && let Some((_, state, _)) = row.cells.iter().find(|(id, ..)| id.0 == 1005)
                {
                    seen.order.push(format!("save {} {state}", row.key));
                }
                seen.killed = seen.kill_after.is_some_and(|count| seen.records.len() >= count);
            }
            Effect::Reply(_, answer) if !seen.killed => {
                assert_eq!(answer, &Ok(()));
                seen.replies += 1;
                seen.order.push("reply ok".to_owned());
            }
            Effect::Send(_, request) => {
                let path = path_of(&request.url);
                seen.order.push(format!("send {} {path}", request.method));
            }
            Effect::Timeout(change) => seen.timeout = change.timeout,
            Effect::Log(entry) => seen.lines.push(format!("log {:?} {}", entry.level, entry.text)),
            Effect::Trace(Step::Timer(id)) => *seen.ticks.entry(id.0).or_default() += 1,
            Effect::Alarm(_)
            | Effect::Information(_)
            | Effect::Save(_)
            | Effect::Reply(..)
            | Effect::ReadFile(..)
            | Effect::Cancel(_)
            | Effect::Close(_)
            | Effect::CloseTrend(..)
            | Effect::Tested(..)
            | Effect::Redefined(_)
            | Effect::ToElement(..)
            | Effect::Trace(_) => {}
        }
    })
}

/// Passes requests on to the platform, whose clock follows the element's.
fn device(seen: Arc<Mutex<Seen>>, platform: Platform, server: Arc<Server>) -> adit::simulate::scenario::Device {
    Box::new(move |request: &Request| -> Answer {
        let broken = {
            let mut seen = seen.lock();
            let now = seen.now;
            follow(&mut seen, &platform, now);
            if let Some(limiter) = &mut seen.limiter
                && !request.url.contains("/teams")
                && !limiter.takes(now)
            {
                return (LATENCY, Ok(limiter.refusal()));
            }
            let broken = seen.broken.or(seen.killed.then_some(ExchangeErrorKind::CannotConnect));
            seen.refused += usize::from(broken.is_some());
            broken
        };
        let answer = match broken {
            Some(kind) => Err(failure(kind, false)),
            None => {
                let mut seen = seen.lock();
                if let Some(left) = &mut seen.kill_after_requests {
                    *left = left.saturating_sub(1);
                    seen.killed = *left == 0;
                }
                seen.requests += 1;
                let late = seen.late.is_some_and(|every| seen.requests.is_multiple_of(every));
                drop(seen);
                let answer = server.line.lock().exchange(request, server.port);
                if late {
                    return (
                        Span(request.timeout.0 + LATENCY.0),
                        answer.ok_or_else(|| failure(ExchangeErrorKind::Timeout, true)),
                    );
                }
                answer.ok_or_else(|| failure(ExchangeErrorKind::ConnectionError, true))
            }
        };
        (LATENCY, answer)
    })
}

/// Moves the platform's clock to the element's.
fn follow(seen: &mut Seen, platform: &Platform, now: Moment) {
    platform.advance(Duration::from_millis((now - seen.followed).0));
    seen.followed = now;
}

fn failure(kind: ExchangeErrorKind, sent: bool) -> ExchangeError {
    ExchangeError {
        kind,
        sent,
        detail: kind.code().1.to_owned(),
    }
}

/// What follows the host.
fn path_of(url: &str) -> &str {
    let (_, rest) = url.split_once("://").unwrap();
    &rest[rest.find('/').unwrap()..]
}

/// A connection to the server, which is used again as long as nothing goes wrong on it.
#[derive(Default)]
struct Line {
    stream: Option<(BufReader<TcpStream>, Instant)>,
}

/// How long a connection is used again: the server closes what is silent for long.
const IDLE: Duration = Duration::from_secs(5);

impl Line {
    /// One exchange with the server; none when it closes the connection without a whole answer.
    fn exchange(&mut self, request: &Request, port: u16) -> Option<Response> {
        let kept = self.stream.take().filter(|(_, since)| since.elapsed() < IDLE);
        let mut stream = kept.map_or_else(
            || BufReader::new(TcpStream::connect(("127.0.0.1", port)).unwrap()),
            |(stream, _)| stream,
        );
        let response = ask(&mut stream, request)?;
        self.stream = Some((stream, Instant::now()));
        Some(response)
    }
}

fn ask(stream: &mut BufReader<TcpStream>, request: &Request) -> Option<Response> {
    let path = path_of(&request.url);
    let mut sent = format!("{} {path} HTTP/1.1\r\n", request.method);
    for (name, value) in &request.headers {
        if !name.eq_ignore_ascii_case("Connection") && !name.eq_ignore_ascii_case("Accept-Encoding") {
            sent.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    sent.push_str("\r\n");
    let mut sent = sent.into_bytes();
    sent.extend_from_slice(&request.body);
    stream.get_mut().write_all(&sent).ok()?;
    let first = line_of(stream)?;
    let mut status = first.splitn(3, ' ');
    let version = status.next()?.to_owned();
    let code = status.next()?.parse().ok()?;
    let reason = status.next().unwrap_or_default().to_owned();
    let mut headers: Vec<(String, String)> = Vec::new();
    loop {
        let line = line_of(stream)?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let length = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("Content-Length"));
    let mut body = vec![0; length.map_or(0, |(_, length)| length.parse().unwrap())];
    stream.read_exact(&mut body).ok()?;
    Some(Response {
        version,
        status: code,
        reason,
        headers,
        body: body.into(),
    })
}

fn line_of(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    stream.read_line(&mut line).ok().filter(|read| *read > 0)?;
    Some(line.trim_end().to_owned())
}

/// What a store gives back of these records.
fn saved(records: &[Record]) -> Saved {
    let mut params = BTreeMap::new();
    let mut rows = BTreeMap::new();
    for record in records {
        match record {
            Record::Param { id, value, .. } => {
                params.insert(*id, value.clone());
            }
            Record::Row(row) => {
                rows.insert((row.table, Arc::clone(&row.key)), row.clone());
            }
            Record::RowRemoved { table, key } => {
                rows.remove(&(*table, Arc::clone(key)));
            }
            Record::TableCleared { table } => rows.retain(|(other, _), _| other != table),
            Record::Alarm { .. }
            | Record::AlarmCleared { .. }
            | Record::Information(_)
            | Record::Trend(_)
            | Record::Paused(_) => {}
        }
    }
    let mut rows: Vec<_> = rows.into_values().collect();
    rows.sort_by_key(|row| (row.table, row.position));
    Saved {
        params: params.into_iter().filter(|(_, value)| value.is_initialised()).collect(),
        rows,
        ..Saved::default()
    }
}

/// What was saved, as the records that say it.
fn records(saved: &Saved) -> Vec<Record> {
    let params = saved.params.iter().map(|(id, value)| Record::Param {
        id: *id,
        value: value.clone(),
        secret: false,
    });
    params.chain(saved.rows.iter().cloned().map(Record::Row)).collect()
}
