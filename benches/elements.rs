//! Many elements in one process: how long their start takes, what an idle one holds, how late their timers tick.
//!
//! 10,000 elements of the Opsgenie definition share it, and a poll of each is due every ten seconds; the network answers
//! at once. Goals: all started within 10 s, at most 64 KiB an element, and 99 of 100 ticks less than 50 ms late on two
//! cores. A plain parameter of an element may hold 1 KiB.
//! Linux only: memory is what the system says the process holds, and for parameters also what is allocated: what loading
//! freed again stays with the process for a while.

use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use adit::agent::Agent;
use adit::element::config::ElementConfig;
use adit::element::world::{Network, SystemClock, TraceSink, Transport, World, WorldFuture};
use adit::engine::effect::{Effect, Step};
use adit::engine::exchange::{ExchangeError, Request, Response, TransportId};
use adit::engine::qaction::QActionSet;
use adit::model::id::ElementId;
use adit::model::moment::Moment;
use adit::model::protocol::Protocol;
use parking_lot::Mutex;
use peak_alloc::PeakAlloc;

use crate::definition::nothing::Nothing;
use crate::definition::{definition, loaded, param, set, started};
use crate::figures::{on_two_cores, resident, tell};

mod definition;
mod figures;

/// Counts what is allocated.
#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

const ELEMENTS: u32 = 10_000;
const PERIOD: Duration = Duration::from_secs(10);
/// The ids above are reserved.
const PARAMS: u32 = 50_000;

fn main() {
    plain_parameters();
    let runtime = on_two_cores();
    runtime.block_on(opsgenie());
    runtime.block_on(polls());
}

/// Loads a definition of many parameters and sets them all.
fn plain_parameters() {
    let mut params = String::new();
    for id in 1..=PARAMS {
        write!(params, "{}", param(id, "write", "double", "number")).expect("a string takes everything");
    }
    let text = definition(&format!("<Params>{params}</Params>"));
    let before = (HEAP.current_usage(), resident());
    let protocol = loaded(&text);
    let mut element = started(&protocol, QActionSet::default());
    let user = "bench".into();
    for id in 1..=PARAMS {
        set(&mut element, id, f64::from(id), &user);
    }
    let allocated = HEAP.current_usage().saturating_sub(before.0);
    say("plain parameters", PARAMS, 1024, allocated);
    let each = resident().saturating_sub(before.1) / PARAMS as usize;
    tell(&format!(
        "the process itself holds {each} bytes each: loading leaves free memory behind"
    ));
}

/// Starts the elements of the Opsgenie definition, and lets them be.
async fn opsgenie() {
    let text = include_str!("../protocol/opsgenie/protocol.xml");
    let protocol = loaded(text);
    let before = resident();
    let begin = Instant::now();
    let agent = Agent::spawn(elements(&protocol, false), &world(None));
    agent.activate().await;
    tell(&format!(
        "start of {ELEMENTS} elements: {:.2} s (goal: 10 s)",
        begin.elapsed().as_secs_f64()
    ));
    tokio::time::sleep(Duration::from_secs(1)).await;
    say("idle elements", ELEMENTS, 64 << 10, resident().saturating_sub(before));
    agent.shutdown().await;
}

/// Lets a poll of each be due every ten seconds, not all at the same moment, and looks when they tick.
async fn polls() {
    let sections = format!(
        "<Params>{}{}</Params>\
         <HTTP><Session id=\"1\"><Connection id=\"1\"><Request verb=\"GET\" url=\"/a\"/><Response statusCode=\"1\"><Content pid=\"2\"/></Response></Connection></Session></HTTP>\
         <Groups><Group id=\"1\"><Content><Session>1</Session></Content></Group></Groups>\
         <Timers><Timer id=\"1\"><Time initial=\"true\">{}</Time><Interval>0</Interval><Content><Group>1</Group></Content></Timer></Timers>",
        param(1, "read", "string", "string"),
        param(2, "read", "string", "string"),
        PERIOD.as_millis(),
    );
    let protocol = loaded(&definition(&sections));
    let late = Arc::new(Mutex::new(Vec::new()));
    let mut agents = Vec::new();
    let step = PERIOD / ELEMENTS;
    let begin = tokio::time::Instant::now();
    for (config, number) in elements(&protocol, true).into_iter().zip(0..) {
        tokio::time::sleep_until(begin + step * number).await;
        let agent = Agent::spawn(vec![config], &world(Some(Arc::clone(&late))));
        agent.activate().await;
        agents.push(agent);
    }
    // The ticks while the elements start are not looked at.
    late.lock().clear();
    tokio::time::sleep(PERIOD * 2).await;
    let mut late = std::mem::take(&mut *late.lock());
    late.sort_unstable();
    let at = |part: usize| {
        late.get(late.len() * part / 100)
            .map_or(f64::NAN, |late| late.as_secs_f64() * 1000.0)
    };
    tell(&format!(
        "{} ticks were late by {:.1} ms at the median, {:.1} ms at the 99th of 100 (goal: 50 ms)",
        late.len(),
        at(50),
        at(99)
    ));
}

fn elements(protocol: &Arc<Protocol>, trace: bool) -> Vec<ElementConfig> {
    let config = |id| ElementConfig {
        trace,
        ..ElementConfig::prefilled(ElementId(id), &format!("Element {id}"), Arc::clone(protocol))
    };
    (1..=ELEMENTS).map(config).collect()
}

fn world(late: Option<Arc<Mutex<Vec<Duration>>>>) -> World {
    let sinks = late.map(|late| {
        let sinks = move |_| {
            let (begin, late, before) = (Instant::now(), Arc::clone(&late), None);
            Box::new(Lateness { begin, late, before }) as Box<dyn TraceSink>
        };
        Arc::new(sinks) as adit::element::world::TraceSinks
    });
    World {
        network: Arc::new(AtOnce),
        store: Arc::new(Nothing),
        clock: Arc::new(SystemClock),
        trace: sinks,
    }
}

/// How much later than a period after the one before a tick came.
struct Lateness {
    begin: Instant,
    late: Arc<Mutex<Vec<Duration>>>,
    /// When the tick before was due.
    before: Option<Duration>,
}

impl TraceSink for Lateness {
    fn record(&mut self, _: Moment, effect: &Effect) {
        if !matches!(effect, Effect::Trace(Step::Timer(_))) {
            return;
        }
        let now = self.begin.elapsed();
        let due = self.before.map_or(now, |before| before + PERIOD);
        self.late.lock().push(now.saturating_sub(due));
        self.before = Some(due.min(now));
    }
}

/// A network that answers at once.
struct AtOnce;

impl Network for AtOnce {
    fn transport(&self, _: ElementId) -> Arc<dyn Transport> {
        Arc::new(Self)
    }
}

impl Transport for AtOnce {
    fn send(&self, _: Request) -> WorldFuture<Result<Response, ExchangeError>> {
        let response = Response {
            version: "HTTP/1.1".to_owned(),
            status: 200,
            reason: "OK".to_owned(),
            headers: Vec::new(),
            body: b"1".as_slice().into(),
        };
        Box::pin(async { Ok(response) })
    }

    fn close(&self, _: TransportId) {}
}

fn say(what: &str, count: u32, goal: usize, held: usize) {
    let each = held / usize::try_from(count).unwrap_or(usize::MAX);
    tell(&format!("{count} {what}: {each} bytes each (goal: {goal})"));
}
