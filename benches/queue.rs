//! The message queue of the Opsgenie definition: how fast messages are taken, held and delivered.
//!
//! Intake: as many messages as bare commits of one row, both by so many side by side, on one SQLite file in turns; the goal
//! is a ratio of 0.7. Queue: 100,000 messages without a key; the goals are 4,096 bytes a row and a cost a message that the
//! last ones have as well as the first, on their way in and on their way out. Delivery: 1,000 aliases to a platform that
//! answers in 50 ms; the goal is 0.9 of what the messages side by side allow. Medians of five. Linux only: memory is what
//! the system says the process holds. `cargo bench --bench queue -- intake` measures one of the three.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use adit::agent::Agent;
use adit::connectors::qactions_for;
use adit::element::config::ElementConfig;
use adit::element::world::{Network, Store, SystemClock, Transport, World, WorldFuture};
use adit::element::{Element, SetTarget};
use adit::engine::exchange::{ExchangeError, Request, Response, TransportId};
use adit::engine::saved::{Record, SavedRow};
use adit::model::id::{ElementId, ParamId};
use adit::model::protocol::Protocol;
use adit::model::value::Value;

use crate::definition::loaded;
use crate::definition::nothing::Nothing;
use crate::figures::{median, on_two_cores, resident, tell};

mod definition;
mod figures;

const ROUNDS: usize = 5;
const SIDE_BY_SIDE: usize = 64;
const MESSAGES: usize = 50;
const ROWS: usize = 100_000;
const ALIASES: usize = 1_000;
const AT_A_TIME: usize = 8;
const LATENCY: Duration = Duration::from_millis(50);

/// The parameters of the definition.
const API_KEY: u32 = 11;
const PARALLEL_SENDS: u32 = 36;
const CONFIRMATION: u32 = 41;
const MESSAGE: u32 = 51;

fn main() {
    let runtime = on_two_cores();
    let protocol = loaded(include_str!("../protocol/opsgenie/protocol.xml"));
    let only = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let asked = |name| only.as_deref().is_none_or(|only| only == name);
    runtime.block_on(async {
        if asked("intake") {
            intake(&protocol).await;
        }
        if asked("queue") {
            queue(&protocol).await;
        }
        if asked("delivery") {
            delivery(&protocol).await;
        }
    });
}

/// Messages until they are durable, beside bare commits.
async fn intake(protocol: &Arc<Protocol>) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = adit::store::open(&folder.path().join("store.sqlite")).expect("a store");
    let agent = started(protocol, Arc::clone(&store), Duration::ZERO).await;
    let element = &agent.elements()[0];
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        bare.push(commits(&store, round).await);
        ours.push(sets(element, round).await);
    }
    agent.shutdown().await;
    let (bare, ours) = (median(bare), median(ours));
    tell(&format!(
        "bare commits: {bare:.0} a second, {SIDE_BY_SIDE} side by side"
    ));
    tell(&format!("messages taken: {ours:.0} a second"));
    tell(&format!("ratio: {:.2} (goal: 0.7)", ours / bare));
}

/// Commits of a row as large as a message.
async fn commits(store: &Arc<dyn Store>, round: usize) -> f64 {
    let text = Value::text(create(0));
    let begin = Instant::now();
    let committers: tokio::task::JoinSet<()> = (0..SIDE_BY_SIDE)
        .map(|committer| {
            let (store, text) = (Arc::clone(store), text.clone());
            async move {
                for message in 0..MESSAGES {
                    let row = SavedRow {
                        table: ParamId(1000),
                        key: format!("{round}-{committer}-{message}").into(),
                        position: (committer * MESSAGES + message) as u64,
                        cells: vec![(ParamId(1007), text.clone(), false)],
                    };
                    let commit = store.commit(ElementId(2), vec![Record::Row(row)]);
                    commit.await.expect("the disk has room");
                }
            }
        })
        .collect();
    committers.join_all().await;
    (SIDE_BY_SIDE * MESSAGES) as f64 / begin.elapsed().as_secs_f64()
}

async fn sets(element: &Element, round: usize) -> f64 {
    let begin = Instant::now();
    let setters: tokio::task::JoinSet<()> = (0..SIDE_BY_SIDE)
        .map(|setter| {
            let element = element.clone();
            async move {
                for message in 0..MESSAGES {
                    let number = (round * SIDE_BY_SIDE + setter) * MESSAGES + message;
                    set(&element, MESSAGE, Value::text(create(number))).await;
                }
            }
        })
        .collect();
    setters.join_all().await;
    (SIDE_BY_SIDE * MESSAGES) as f64 / begin.elapsed().as_secs_f64()
}

/// A full queue: what a row holds, and what a message costs when there are many.
async fn queue(protocol: &Arc<Protocol>) {
    const AT_ONCE: usize = 100;
    const TENTH: usize = ROWS / 10;
    let agent = started(protocol, Arc::new(Nothing), Duration::ZERO).await;
    let element = &agent.elements()[0];
    let before = resident();
    let mut tenths = Vec::new();
    for tenth in 0..10 {
        let begin = Instant::now();
        for first in (tenth * TENTH..(tenth + 1) * TENTH).step_by(AT_ONCE) {
            let messages: Vec<String> = (first..first + AT_ONCE).map(create).collect();
            set(element, MESSAGE, Value::text(format!("[{}]", messages.join(",")))).await;
        }
        tenths.push(begin.elapsed().as_secs_f64() * 1e6 / TENTH as f64);
    }
    let held = resident().saturating_sub(before) / ROWS;
    tell(&format!("a row of {ROWS}: {held} bytes (goal: 4096)"));
    tell_tenths("in", &tenths);
    // Accepted is the end, so that nothing is waited for.
    set(element, CONFIRMATION, Value::Number(0.0)).await;
    set(element, PARALLEL_SENDS, Value::Number(16.0)).await;
    ASKED.store(0, Ordering::Relaxed);
    set(element, API_KEY, Value::text("5ec2e7ab-1d3a-4c1e-9f00-c0ffee123456")).await;
    let mut tenths = Vec::new();
    for tenth in 1..=10 {
        let begin = Instant::now();
        until_asked(tenth * TENTH).await;
        tenths.push(begin.elapsed().as_secs_f64() * 1e6 / TENTH as f64);
    }
    tell_tenths("out", &tenths);
    agent.shutdown().await;
}

fn tell_tenths(way: &str, tenths: &[f64]) {
    let (first, last) = (tenths[0], tenths[tenths.len() - 1]);
    tell(&format!(
        "a message on its way {way}: {first:.1} µs among the first tenth, {last:.1} µs among the last ({:.2} times)",
        last / first
    ));
}

/// Many aliases, and a platform that takes its time.
async fn delivery(protocol: &Arc<Protocol>) {
    let ideal = LATENCY.as_secs_f64() * (ALIASES / AT_A_TIME) as f64;
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let agent = started(protocol, Arc::new(Nothing), LATENCY).await;
        let element = &agent.elements()[0];
        set(element, PARALLEL_SENDS, Value::Number(AT_A_TIME as f64)).await;
        let messages: Vec<String> = (0..ALIASES).map(create).collect();
        set(element, MESSAGE, Value::text(format!("[{}]", messages.join(",")))).await;
        ASKED.store(0, Ordering::Relaxed);
        let begin = Instant::now();
        set(element, API_KEY, Value::text("5ec2e7ab-1d3a-4c1e-9f00-c0ffee123456")).await;
        until_asked(ALIASES).await;
        ratios.push(ideal / begin.elapsed().as_secs_f64());
        agent.shutdown().await;
    }
    tell(&format!(
        "{ALIASES} aliases, {AT_A_TIME} at a time, {} ms each: {:.2} of what that allows (goal: 0.9)",
        LATENCY.as_millis(),
        median(ratios)
    ));
}

/// Until the platform has answered so many creates.
async fn until_asked(count: usize) {
    while ASKED.load(Ordering::Relaxed) < count {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn create(number: usize) -> String {
    format!(
        r#"{{"op":"create","id":"m-{number}","alias":"dm-dms1-1-2-{number}","alert":{{"message":"[Critical] Encoder {number} – Input Signal: Lost","priority":"P2","tags":["Critical","dms:dms1"],"details":{{"dm.element":"Encoder {number}"}}}}}}"#
    )
}

async fn set(element: &Element, param: u32, value: Value) {
    let target = SetTarget {
        param: ParamId(param),
        key: None,
    };
    element.set(target, value, "bench").await.expect("the set is allowed");
}

async fn started(protocol: &Arc<Protocol>, store: Arc<dyn Store>, latency: Duration) -> Agent {
    let mut config = ElementConfig::prefilled(ElementId(1), "Opsgenie", Arc::clone(protocol));
    let qactions = qactions_for(protocol).expect("the definition has code");
    config.qactions = Arc::new(move || qactions());
    let world = World {
        network: Arc::new(Platform { latency }),
        store,
        clock: Arc::new(SystemClock),
        trace: None,
    };
    let agent = Agent::spawn(vec![config], &world);
    agent.activate().await;
    agent
}

/// The creates that the platform answered.
static ASKED: AtomicUsize = AtomicUsize::new(0);

/// A platform that does what it is asked.
#[derive(Clone)]
struct Platform {
    latency: Duration,
}

impl Network for Platform {
    fn transport(&self, _: ElementId) -> Arc<dyn Transport> {
        Arc::new(self.clone())
    }
}

impl Transport for Platform {
    fn send(&self, request: Request) -> WorldFuture<Result<Response, ExchangeError>> {
        let latency = self.latency;
        let (status, body): (u16, &[u8]) = match request.method.as_str() {
            "POST" => (
                202,
                br#"{"result":"Request will be processed","took":0.1,"requestId":"r-1"}"#,
            ),
            _ if request.url.contains("/teams") => (200, br#"{"data":[],"took":0.1,"requestId":"t-1"}"#),
            _ => (
                200,
                br#"{"data":{"success":true,"isSuccess":true,"status":"Created alert","alertId":"a-1"},"took":0.1}"#,
            ),
        };
        Box::pin(async move {
            if latency > Duration::ZERO {
                tokio::time::sleep(latency).await;
            }
            if status == 202 {
                ASKED.fetch_add(1, Ordering::Relaxed);
            }
            Ok(Response {
                version: "HTTP/1.1".to_owned(),
                status,
                reason: String::new(),
                headers: Vec::new(),
                body: body.into(),
            })
        })
    }

    fn close(&self, _: TransportId) {}
}
