//! One run of an element, from its start to its stop: the engine, its requests, the sets that wait for an answer.
//!
//! A panic in the engine or in a QAction ends the run, not the process.
//!
//! Rules: ELM-3, ELM-12, QA-7, HTTP-72.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::element::config::ElementConfig;
use crate::element::held::Held;
use crate::element::history::History;
use crate::element::neighbours::Neighbours;
use crate::element::requests::{Answer, Requests, broken};
use crate::element::trending::Trending;
use crate::element::world::{Clock, Files, StoreError, TraceSink, Transport, World};
use crate::element::{PendingFor, SetTarget};
use crate::engine::connection_test::{TestId, TestOutcome};
use crate::engine::effect::Effect;
use crate::engine::event::{Card, Event, MenuEntries, SetId, SetRequest};
use crate::engine::exchange::RequestId;
use crate::engine::file::{FileAnswer, FileError};
use crate::engine::pending_calls::PendingCall;
use crate::engine::saved::Saved;
use crate::engine::set::SetRefused;
use crate::engine::{Engine, EngineOptions};
use crate::model::id::ElementId;
use crate::model::moment::{Moment, Span};
use crate::model::value::Value;

/// Where the answer to a set goes.
pub(super) type SetReply = oneshot::Sender<Result<(), SetRefused>>;

/// One run of an element.
pub(super) struct Run {
    pub(super) element: ElementId,
    engine: Engine,
    started: Instant,
    wake_up: Option<Instant>,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) requests: Requests<Answer>,
    pub(super) files: Arc<dyn Files>,
    pub(super) reads: Requests<FileAnswer>,
    /// The sets that are not answered yet.
    pub(super) sets: HashMap<SetId, SetReply>,
    /// The connection tests that are not answered yet.
    pub(super) tests: HashMap<TestId, oneshot::Sender<TestOutcome>>,
    last_set: u64,
    /// What the events since the last time asked for, in order.
    pub(super) effects: Vec<(Moment, Effect)>,
    /// What waits until something is durable.
    pub(super) held: Held,
    pub(super) sink: Option<Box<dyn TraceSink>>,
    /// What is trended, with a trend template.
    pub(super) trending: Option<Trending>,
    /// What is kept without being waited for.
    pub(super) history: History,
    /// The elements that its QActions can ask.
    pub(super) neighbours: Neighbours,
    clock: Arc<dyn Clock>,
}

/// Why a run cannot go on.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// What it saves cannot be stored.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The engine or a QAction panicked.
    #[error("a fault in the program (please report it): {0}")]
    Panic(String),
}

/// What wakes a run.
pub(super) enum Woken {
    /// The oldest of what is held back is durable, or cannot be stored.
    Durable(Result<(), StoreError>),
    /// The history is written, or cannot be.
    Written(Result<(), StoreError>),
    /// A request has its answer.
    Answered(RequestId, Answer),
    /// A file is read.
    FileRead(RequestId, FileAnswer),
    /// Something is due.
    Due,
}

impl Run {
    /// Starts: with fresh QActions and what was saved.
    pub(super) fn start(
        config: &ElementConfig,
        (world, neighbours): (&World, &Neighbours),
        saved: Saved,
        card: Card,
    ) -> Result<Self, Failure> {
        let element = config.settings.id;
        let unix_ms = world.clock.unix_ms();
        let options = EngineOptions {
            trace: config.trace,
            seed: unix_ms.cast_unsigned() ^ u64::from(element.0).rotate_left(32),
        };
        let engine = caught(|| {
            let qactions = (config.qactions)();
            Engine::new(Arc::clone(&config.protocol), config.settings.clone(), qactions, options)
        })?;
        let mut run = Self {
            element,
            engine,
            started: Instant::now(),
            wake_up: None,
            transport: world.network.transport(element),
            requests: Requests::new(broken),
            files: Arc::clone(&config.files),
            reads: Requests::new(|error| Err(FileError(format!("the file could not be read: {error}")))),
            sets: HashMap::new(),
            tests: HashMap::new(),
            last_set: 0,
            effects: Vec::new(),
            held: Held::default(),
            sink: world.trace.as_ref().map(|sink| sink(element)),
            trending: Trending::new(&config.protocol, &config.settings.trend_template),
            history: History::default(),
            neighbours: neighbours.clone(),
            clock: Arc::clone(&world.clock),
        };
        run.handle(Event::Card(card))?;
        run.handle(Event::Start { saved, unix_ms })?;
        Ok(run)
    }

    /// Lets the engine handle an event, and keeps what it asks for.
    pub(super) fn handle(&mut self, event: Event) -> Result<(), Failure> {
        let now = self.now();
        let engine = &mut self.engine;
        let (effects, wake_up) = caught(|| (engine.handle(event, now), engine.next_wakeup()))?;
        self.effects.extend(effects.into_iter().map(|effect| (now, effect)));
        self.wake_up = wake_up.map(|at| self.started + Duration::from_millis(at.0));
        Ok(())
    }

    /// Lets the engine handle a set, and keeps who waits for the answer.
    pub(super) fn set(
        &mut self,
        target: SetTarget,
        (value, menu): (Value, MenuEntries),
        user: Arc<str>,
        reply: SetReply,
    ) -> Result<(), Failure> {
        let id = self.next_set();
        self.sets.insert(id, reply);
        self.handle_set(id, target, (value, menu), user)
    }

    /// Lets the engine handle a set for whose answer nobody waits.
    pub(super) fn set_of_nobody(&mut self, target: SetTarget, value: Value, user: Arc<str>) -> Result<(), Failure> {
        let id = self.next_set();
        self.handle_set(id, target, (value, MenuEntries::default()), user)
    }

    const fn next_set(&mut self) -> SetId {
        self.last_set += 1;
        SetId(self.last_set)
    }

    fn handle_set(
        &mut self,
        id: SetId,
        target: SetTarget,
        (value, menu): (Value, MenuEntries),
        user: Arc<str>,
    ) -> Result<(), Failure> {
        self.handle(Event::Set(SetRequest {
            id,
            param: target.param,
            key: target.key,
            value,
            menu,
            user,
        }))
    }

    /// Lets the engine test the connection, and keeps who waits for the answer.
    pub(super) fn test_connection(&mut self, reply: oneshot::Sender<TestOutcome>) -> Result<(), Failure> {
        self.last_set += 1;
        let id = TestId(self.last_set);
        self.tests.insert(id, reply);
        self.handle(Event::TestConnection(id))
    }

    /// What is at work now (LOG-3).
    pub(super) fn pending_calls(&self) -> Vec<PendingFor> {
        let now = self.now();
        let calls = self.engine.pending_calls().into_iter();
        let call = |call: PendingCall| PendingFor {
            what: call.what,
            thread: call.thread,
            elapsed: Span(now.0.saturating_sub(call.since.0)),
        };
        calls.map(call).collect()
    }

    /// Handles what is there already: answers, and what is due.
    pub(super) fn catch_up(&mut self) -> Result<(), Failure> {
        while let Some((id, answer)) = self.requests.try_answered() {
            self.handle(Event::Answered(id, answer))?;
        }
        while let Some((id, answer)) = self.reads.try_answered() {
            self.handle(Event::FileRead(id, answer))?;
        }
        match self.wake_up {
            Some(at) if at <= Instant::now() => self.handle(Event::Tick),
            Some(_) | None => Ok(()),
        }
    }

    /// Waits for what comes next. Cancel-safe.
    pub(super) async fn woken(&mut self) -> Woken {
        let wake_up = [self.wake_up, self.history.due(), self.next_window()];
        let due = async {
            match wake_up.into_iter().flatten().min() {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            done = self.held.durable() => Woken::Durable(done),
            done = self.history.written() => Woken::Written(done),
            (id, answer) = self.requests.answered() => Woken::Answered(id, answer),
            (id, answer) = self.reads.answered() => Woken::FileRead(id, answer),
            () = due => Woken::Due,
        }
    }

    /// Ends: requests under way are given up, sets that are not answered are refused.
    pub(super) fn end(mut self, refused: &SetRefused) {
        for (_, reply) in self.sets.drain() {
            // Whoever asked may have gone, which is no failure.
            let _ = reply.send(Err(refused.clone()));
        }
        // Dropping the engine drops QActions: code of connectors, which may panic here too.
        if let Err(failure) = caught(|| drop(self)) {
            tracing::error!("an element did not end in order: {failure}");
        }
    }

    /// When a window of a trend closes next.
    fn next_window(&self) -> Option<Instant> {
        let at = self.trending.as_ref()?.next_wakeup()?;
        let left = at.saturating_sub(self.clock.unix_ms());
        Some(Instant::now() + Duration::from_millis(u64::try_from(left).unwrap_or_default()))
    }

    /// The time since the start, in whole milliseconds.
    fn now(&self) -> Moment {
        Moment(u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX))
    }
}

/// Calls into the engine and the code of connectors. After a panic what it worked on is only dropped.
fn caught<T>(call: impl FnOnce() -> T) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| {
        let text = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned());
        Failure::Panic(text.unwrap_or_else(|| "no reason was given".to_owned()))
    })
}
