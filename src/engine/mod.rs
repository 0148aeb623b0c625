//! How an element behaves: events and time in, effects out.
//!
//! Pure: no runtime, clock, randomness or I/O, and no order that depends on a hash. The same events at the same moments
//! give the same effects, byte for byte.
//!
//! ```text
//!  Event ──► sets ─┐            ┌─► change event ─► triggers, save, setter, QActions ─► further sets …
//!   Set            ├─► gate ─► chain
//!   Answered ──────┤            └─► groups into a lane's queue
//!   Tick ─► timers ┘                     │
//!                        lane: front group ─► items ─► requests ─► Effect::Send, gate open, Event::Answered
//! ```
//!
//! Within one call everything that can happen at that moment happens: chains that are ready in the order in which they
//! became ready, then timers that are due by id, then idle lanes, then rows of multithreaded timers. Effects stand in
//! the order in which they arose.
//!
//! Rules: MDL-1 to MDL-11 here; each file names its own.
#![deny(clippy::disallowed_methods)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::engine::chain::{Chains, Frame, Gating};
use crate::engine::condition::Operands;
use crate::engine::cookies::CookieJar;
use crate::engine::dynamic_ip::DynamicTarget;
use crate::engine::effect::{Effect, LogEntry, LogLevel, Step, TracedState};
use crate::engine::event::Event;
use crate::engine::exchange::{RequestId, TransportId};
use crate::engine::gate::{GateId, Gates};
use crate::engine::lane::Lane;
use crate::engine::multithreaded_timer::Pools;
use crate::engine::params::Params;
use crate::engine::qaction::QActionSet;
use crate::engine::request::Asked;
use crate::engine::set::{RefusedReason, SetRefused};
use crate::engine::set_frame::SetFrame;
use crate::engine::settings::ElementSettings;
use crate::engine::table::Table;
use crate::engine::timeout::Timeouts;
use crate::engine::timer::Timers;
use crate::engine::told::{Conditional, Told};
use crate::model::condition::Condition;
use crate::model::id::{ConnectionId, ParamId, SessionId};
use crate::model::moment::{Moment, Span};
use crate::model::protocol::Protocol;
use crate::model::value::Value;

pub mod effect;
pub mod event;
pub mod exchange;
pub mod qaction;
pub mod saved;
pub mod set;
pub mod settings;
pub mod sl_protocol;

mod start;

mod chain;
mod gate;

mod change;
mod params;
mod rows;
mod set_frame;
mod trigger;

mod action;
mod call;
mod port;
mod run_qaction;
mod told;

mod group;
mod lane;
mod queue;

mod cookies;
mod dynamic_ip;
mod incoming;
mod login;
mod redirect;
mod render;
mod request;
mod response;
mod session;
mod timeout;

mod multithreaded_timer;
mod timer;

pub(crate) mod condition;
pub(crate) mod convert;
pub(crate) mod table;

/// Sets that may wait for the gate before further ones are refused.
const WAITING_SETS: usize = 10_000;

/// Chains, ticks and groups begun in one call before others have their turn: groups that queue each other without end
/// must not stop the process.
const WORK_AT_ONCE: usize = 10_000;

/// How long an element that has too much to do lets others run.
const YIELD: Span = Span(1);

/// One running element.
pub struct Engine {
    protocol: Arc<Protocol>,
    settings: ElementSettings,
    qactions: QActionSet,
    tracing: bool,
    seed: u64,
    now: Moment,
    started_unix_ms: i64,
    life: Life,
    effects: Vec<Effect>,
    params: Params,
    tables: BTreeMap<ParamId, Table>,
    chains: Chains,
    gates: Gates,
    lanes: Vec<Lane>,
    timers: Timers,
    pools: Pools,
    timeouts: Timeouts,
    next_request: u64,
    next_transport: u64,
    kept_transports: BTreeMap<(SessionId, ConnectionId), TransportId>,
    /// What was told once and is not told again.
    told: BTreeSet<Told>,
    cookies: BTreeMap<TransportId, CookieJar>,
    dynamic_targets: BTreeMap<ConnectionId, DynamicTarget>,
    /// Whether the last call stopped before everything was done.
    unfinished: bool,
    /// What the requests under way belong to, for the trace.
    asked: BTreeMap<RequestId, Asked>,
}

/// How an engine is to run.
#[derive(Debug, Clone, Copy, Default)]
pub struct EngineOptions {
    /// Whether the steps of the execution trace are among the effects.
    pub trace: bool,
    /// What random starts are made of (TIM-5).
    pub seed: u64,
}

/// Where an element is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    /// Before the start, and after the stop.
    Stopped,
    /// The after-startup triggers run; timers and lanes wait (TRG-14).
    Starting,
    /// As `Starting`, and a pause was asked for meanwhile: it begins when the start is done.
    StartingPaused,
    /// Everything runs.
    Running,
    /// No ticks, no queued groups (ELM-10).
    Paused,
}

impl Engine {
    /// An element that has not started.
    #[must_use]
    pub fn new(
        protocol: Arc<Protocol>,
        settings: ElementSettings,
        qactions: QActionSet,
        options: EngineOptions,
    ) -> Self {
        let lanes = lane::lanes(&protocol);
        let default = crate::model::interprete::Interprete::text();
        let interprete = |id| protocol.param(id).map_or(&default, |param| &param.interprete);
        let tables = protocol
            .tables()
            .filter_map(|param| Some((param.id, Table::new(param.table.as_ref()?, interprete))));
        Self {
            tables: tables.collect(),
            settings,
            qactions,
            tracing: options.trace,
            seed: options.seed,
            now: Moment::START,
            started_unix_ms: 0,
            life: Life::Stopped,
            effects: Vec::new(),
            params: Params::default(),
            chains: Chains::default(),
            gates: Gates::new(lanes.len()),
            lanes,
            timers: Timers::default(),
            pools: Pools::new(),
            timeouts: Timeouts::default(),
            next_request: 0,
            next_transport: 0,
            kept_transports: BTreeMap::new(),
            told: BTreeSet::new(),
            cookies: BTreeMap::new(),
            dynamic_targets: BTreeMap::new(),
            unfinished: false,
            asked: BTreeMap::new(),
            protocol,
        }
    }

    /// Takes one event at a moment that is not before the last one, and does all that follows from it now.
    pub fn handle(&mut self, event: Event, now: Moment) -> Vec<Effect> {
        self.now = now.max(self.now);
        self.chains.wake(self.now);
        self.judge_timeout();
        match event {
            Event::Start { saved, unix_ms } => self.start(saved, unix_ms),
            Event::Set(request) => self.ask_set(SetFrame::new(request)),
            Event::Answered(request, answer) => {
                self.trace_answer(request, &answer);
                self.chains.answered(request, answer);
            }
            Event::Tick => {}
            Event::Pause => self.pause(),
            Event::Resume => self.resume(),
            Event::Stop => self.stop(),
        }
        let does_more = |engine: &mut Self| {
            engine.run_next_chain() || engine.start_due_timer() || engine.start_lanes() || engine.start_row()
        };
        self.unfinished = !(0..WORK_AT_ONCE).any(|_| !does_more(self));
        std::mem::take(&mut self.effects)
    }

    /// The moment at which something is due, if nothing happens before.
    #[must_use]
    pub fn next_wakeup(&self) -> Option<Moment> {
        if self.unfinished {
            return Some(self.now + YIELD);
        }
        let timers = if self.life == Life::Running {
            self.timers.next_wakeup()
        } else {
            None
        };
        let timeout = match self.life {
            Life::Stopped => None,
            Life::Starting | Life::StartingPaused | Life::Running | Life::Paused => {
                self.timeouts.next_wakeup(self.element_timeout())
            }
        };
        [self.chains.next_wakeup(), timers, timeout].into_iter().flatten().min()
    }

    fn ask_set(&mut self, set: SetFrame) {
        let name = &self.settings.name;
        let refused = |reason, detail: &str| SetRefused {
            reason,
            detail: format!("{name} {detail}"),
        };
        if self.life == Life::Stopped {
            let refused = refused(RefusedReason::NotActive, "is stopped; activate it first");
            self.effects.push(Effect::Reply(set.id(), Err(refused)));
        } else if self.gates.waiting(GateId::MAIN) >= WAITING_SETS {
            let refused = refused(
                RefusedReason::QueueFull,
                "is busy: too many sets are waiting; try again later",
            );
            self.effects.push(Effect::Reply(set.id(), Err(refused)));
        } else {
            let user = set.user();
            self.start_chain(GateId::MAIN, Gating::Whole, user, Frame::Set(set));
        }
    }

    /// No more ticks, requests and queued groups (ELM-10).
    fn pause(&mut self) {
        match self.life {
            Life::Starting => self.life = Life::StartingPaused,
            Life::Running => {
                self.life = Life::Paused;
                self.trace(Step::State(TracedState::Paused));
            }
            Life::Stopped | Life::StartingPaused | Life::Paused => {}
        }
    }

    fn resume(&mut self) {
        match self.life {
            Life::StartingPaused => self.life = Life::Starting,
            Life::Paused => {
                self.life = Life::Running;
                self.chains.resume();
                self.trace(Step::State(TracedState::Active));
            }
            Life::Stopped | Life::Starting | Life::Running => {}
        }
    }

    /// Gives up everything under way; sets that were not done are answered (ELM-12, GQ-20).
    fn stop(&mut self) {
        self.life = Life::Stopped;
        self.asked.clear();
        for request in self.chains.requests() {
            self.effects.push(Effect::Cancel(request));
        }
        for chain in self.chains.give_up() {
            if let Some(Frame::Set(set)) = chain.frames.first() {
                let detail = format!("{} was stopped before the set was done", self.settings.name);
                let refused = SetRefused {
                    reason: RefusedReason::NotActive,
                    detail,
                };
                self.effects.push(Effect::Reply(set.id(), Err(refused)));
            }
        }
        self.gates.give_up();
        self.timers.give_up();
        self.timeouts = Timeouts::default();
        self.pools.clear();
        self.cookies.clear();
        self.empty_queues();
        self.trace(Step::State(TracedState::Stopped));
    }

    /// Whether requests and queued groups have to wait (ELM-10).
    fn is_paused(&self) -> bool {
        self.life == Life::Paused
    }

    /// Whether the element runs (ELM-12).
    fn is_active(&self) -> bool {
        self.life != Life::Stopped
    }

    /// The wall clock, from that of the start and the time since.
    fn unix_ms(&self) -> i64 {
        self.started_unix_ms
            .saturating_add(i64::try_from(self.now.0).unwrap_or(i64::MAX))
    }

    fn new_transport(&mut self) -> TransportId {
        self.next_transport += 1;
        TransportId(self.next_transport)
    }

    /// The transport of a session: kept with `keepAlive`, else one a run (HTTP-70, HTTP-71).
    fn transport_of_session(&mut self, session: SessionId, connection: ConnectionId) -> TransportId {
        if !self.protocol.session(session).is_some_and(|session| session.keep_alive) {
            return self.new_transport();
        }
        if let Some(&transport) = self.kept_transports.get(&(session, connection)) {
            return transport;
        }
        let transport = self.new_transport();
        self.kept_transports.insert((session, connection), transport);
        transport
    }

    /// Whether the condition of an item allows it to run. None allows it; an invalid one does not, and is logged once
    /// (CON-12).
    fn allows(&mut self, condition: Option<&Condition>, of: Conditional) -> bool {
        let Some(condition) = condition else { return true };
        condition::evaluate(condition, self).unwrap_or_else(|| {
            let text = format!("the condition of {of} is invalid: it counts as false");
            self.log_once(Told::InvalidCondition(of), LogLevel::Error, text);
            false
        })
    }

    fn log_once(&mut self, what: Told, level: LogLevel, text: impl Into<String>) {
        if self.told.insert(what) {
            self.log(level, text);
        }
    }

    fn log(&mut self, level: LogLevel, text: impl Into<String>) {
        self.effects.push(Effect::Log(LogEntry {
            level,
            text: text.into(),
        }));
    }

    fn trace(&mut self, step: Step) {
        if self.tracing {
            self.effects.push(Effect::Trace(step));
        }
    }
}

impl Operands for Engine {
    fn value(&self, id: ParamId) -> Value {
        self.params.get(id).clone()
    }

    fn row_count(&self, table: ParamId) -> usize {
        self.tables.get(&table).map_or(0, Table::row_count)
    }

    fn fixed_length(&self, id: ParamId) -> bool {
        self.protocol
            .param(id)
            .is_some_and(|param| param.interprete.fixed_length.is_some())
    }
}
