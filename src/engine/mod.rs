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

use crate::engine::alarm_registration::AlarmRegistrations;
use crate::engine::alarms::Alarms;
use crate::engine::bounds::{ROUNDS_OF_LEVELS, WORK_AT_ONCE, YIELD};
use crate::engine::chain::Chains;
use crate::engine::condition::Operands;
use crate::engine::cookies::CookieJar;
use crate::engine::dynamic_ip::DynamicTarget;
use crate::engine::effect::{Effect, LogLevel};
use crate::engine::event::Event;
use crate::engine::exchange::{RequestId, TransportId};
use crate::engine::gate::Gates;
use crate::engine::lane::Lane;
use crate::engine::life::Life;
use crate::engine::params::Params;
use crate::engine::pool::Pools;
use crate::engine::qaction::QActionSet;
use crate::engine::request::Asked;
use crate::engine::set_frame::SetFrame;
use crate::engine::settings::ElementSettings;
use crate::engine::slow_poll::SlowPolling;
use crate::engine::table::Table;
use crate::engine::timeout::Timeouts;
use crate::engine::timer::Timers;
use crate::engine::told::{Conditional, Told};
use crate::engine::watchdog::Watchdog;
use crate::model::condition::Condition;
use crate::model::id::{ConnectionId, ParamId, SessionId};
use crate::model::moment::Moment;
use crate::model::protocol::Protocol;
use crate::model::value::Value;

pub mod connection_test;
pub mod effect;
pub mod event;
pub mod exchange;
pub mod file;
pub mod pending_calls;
pub mod place;
pub mod qaction;
pub mod saved;
pub mod set;
pub mod settings;
pub mod sl_protocol;
pub mod to_element;

mod life;
mod start;

mod bounds;
mod chain;
mod gate;

mod change;
mod context_menu;
mod params;
mod placeholder;
mod rows;
mod set_frame;
mod trigger;

mod action;
mod alarm_registration;
mod alarms;
mod call;
mod information;
mod port;
mod run_qaction;
mod told;

mod group;
mod lane;
mod queue;

pub(crate) mod charset;
mod cookies;
mod dynamic_ip;
mod incoming;
mod login;
mod redirect;
mod redundant;
mod render;
mod request;
mod response;
mod session;
mod slow_poll;
mod timeout;
mod transport;
mod watchdog;

mod multithreaded_timer;
mod period;
mod pool;
mod timer;

pub(crate) mod condition;
pub(crate) mod convert;
pub(crate) mod table;

/// One running element.
pub struct Engine {
    /// Counted for this element alone: those of one definition, on several cores, would fight over a counter they share.
    #[expect(clippy::redundant_allocation, reason = "the outer one is for its own counter")]
    protocol: Arc<Arc<Protocol>>,
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
    alarms: Alarms,
    alarm_registrations: AlarmRegistrations,
    slow_polling: SlowPolling,
    /// Whether the main connection is replaced by the other one (TMO-24).
    stands_in: bool,
    watchdog: Watchdog,
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
        let alarms = Alarms::new(&protocol, &settings.alarm_template);
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
            params: Params::new(&protocol),
            chains: Chains::default(),
            gates: Gates::new(lanes.len()),
            lanes,
            timers: Timers::default(),
            pools: Pools::new(),
            timeouts: Timeouts::default(),
            alarms,
            alarm_registrations: AlarmRegistrations::default(),
            slow_polling: SlowPolling::default(),
            stands_in: false,
            watchdog: Watchdog::default(),
            next_request: 0,
            next_transport: 0,
            kept_transports: BTreeMap::new(),
            told: BTreeSet::new(),
            cookies: BTreeMap::new(),
            dynamic_targets: BTreeMap::new(),
            unfinished: false,
            asked: BTreeMap::new(),
            protocol: Arc::new(protocol),
        }
    }

    /// Takes one event at a moment that is not before the last one, and does all that follows from it now.
    pub fn handle(&mut self, event: Event, now: Moment) -> Vec<Effect> {
        self.now = now.max(self.now);
        self.chains.wake(self.now);
        self.judge_timeout();
        self.judge_watched();
        match event {
            Event::Start { saved, unix_ms } => self.start(saved, unix_ms),
            Event::Set(request) => self.ask_set(SetFrame::new(request)),
            Event::Answered(request, answer) => {
                self.trace_answer(request, &answer);
                let is_response = answer.is_ok();
                let key = self.chains.answered(request, answer);
                if let Some(key) = key.filter(|_| is_response) {
                    self.watch_again(key);
                }
            }
            Event::FileRead(request, answer) => self.chains.file_read(request, answer),
            Event::Tick => {}
            Event::Card(card) => self.turn_card(card),
            Event::Alarms(request) => self.ask_alarms(request),
            Event::TestConnection(test) => self.test_connection(test),
            Event::Pause => self.pause(),
            Event::Resume => self.resume(),
            Event::Stop => self.stop(),
        }
        let does_more = |engine: &mut Self| {
            engine.run_next_chain()
                || engine.start_due_timer()
                || engine.queue_due_ping()
                || engine.start_lanes()
                || engine.write_statistics()
                || engine.start_row()
                || engine.tell_level()
        };
        self.chains.rested();
        let mut all = Vec::new();
        for _ in 0..ROUNDS_OF_LEVELS {
            self.unfinished = !(0..WORK_AT_ONCE).any(|_| !self.chains.is_tired() && !does_more(self));
            let effects = std::mem::take(&mut self.effects);
            let effects = self.with_alarms(effects);
            let is_watched = self.note_levels(&effects);
            if all.is_empty() {
                all = effects;
            } else {
                all.extend(effects);
            }
            // Who is told of a level may set something in motion again.
            if self.unfinished || !is_watched {
                return all;
            }
        }
        self.unfinished = true;
        all
    }

    /// The moment at which something is due, if nothing happens before.
    #[must_use]
    pub fn next_wakeup(&self) -> Option<Moment> {
        if self.unfinished {
            return Some(self.now + YIELD);
        }
        let while_running = [
            self.timers.next_wakeup(),
            self.slow_polling.next_wakeup(self.settings.slow_poll.begins, self.now),
            self.watchdog.next_wakeup(),
            self.next_wakeup_of_pools(),
        ];
        let while_running = while_running.into_iter().flatten().min();
        let timeout = self.timeouts.next_wakeup(self.element_timeout(), self.now);
        let further = match self.life {
            Life::Stopped => [None, None],
            Life::Starting | Life::StartingPaused | Life::Paused => [timeout, None],
            Life::Running => [timeout, while_running],
        };
        let alarm = self.alarms.next_wakeup();
        let always = [self.chains.next_wakeup(), alarm];
        further.into_iter().chain(always).flatten().min()
    }

    /// The wall clock, from that of the start and the time since.
    fn unix_ms(&self) -> i64 {
        self.started_unix_ms
            .saturating_add(i64::try_from(self.now.0).unwrap_or(i64::MAX))
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
