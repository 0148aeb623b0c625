//! An element on virtual time: the engine alone, with answers that arrive when they are due.
//!
//! No runtime and no waiting: time jumps from one thing that is due to the next. Who gives the answers (a cassette, a
//! scripted device) is the caller's choice. The same inputs give the same trace, byte for byte.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::effect::{Effect, LogEntry, LogLevel};
use crate::engine::event::{Event, MenuEntries, SetId, SetRequest};
use crate::engine::exchange::{ExchangeError, Request, RequestId, Response};
use crate::engine::file::{FileAnswer, FileError, FileRead};
use crate::engine::pending_calls::PendingCall;
use crate::engine::qaction::QActionSet;
use crate::engine::saved::{Paused, Saved, SoFar};
use crate::engine::settings::ElementSettings;
use crate::engine::to_element::{ElementRef, StateRequest, ToElement};
use crate::engine::{Engine, EngineOptions};
use crate::model::id::ParamId;
use crate::model::moment::{Moment, Span};
use crate::model::protocol::Protocol;
use crate::model::value::Value;

/// What a device answers, and after how long.
pub type Answer = (Span, Result<Response, ExchangeError>);

/// Who answers requests.
pub type Device = Box<dyn FnMut(&Request) -> Answer + Send>;

/// Who reads files.
pub type Files = Box<dyn FnMut(&FileRead) -> FileAnswer + Send>;

/// Who sees every effect, in order: a trace, a test.
pub type Observer = Box<dyn FnMut(Moment, &Effect) + Send>;

/// An element on virtual time.
pub struct Scenario {
    engine: Engine,
    again: Again,
    device: Device,
    observer: Observer,
    files: Files,
    now: Moment,
    due: BTreeMap<(Moment, u64), Due>,
    sequence: u64,
}

/// What another start of the element needs, after a stop or a restart that a QAction asked for (NT 115).
struct Again {
    protocol: Arc<Protocol>,
    settings: ElementSettings,
    qactions: QActionSet,
    saved: SoFar,
    /// The wall clock at moment zero.
    unix_ms: i64,
}

impl Again {
    fn engine(&self) -> Engine {
        let options = EngineOptions { trace: true, seed: 0 };
        Engine::new(
            Arc::clone(&self.protocol),
            self.settings.clone(),
            self.qactions.clone(),
            options,
        )
    }
}

/// Something that will happen.
enum Due {
    Answer(RequestId, Result<Response, ExchangeError>),
    FileRead(RequestId, FileAnswer),
    Event(Event),
    Asked(StateRequest),
}

impl Scenario {
    /// An element that is not started yet.
    #[must_use]
    pub fn new(
        protocol: Arc<Protocol>,
        settings: ElementSettings,
        qactions: QActionSet,
        device: Device,
        observer: Observer,
    ) -> Self {
        let again = Again {
            protocol,
            settings,
            qactions,
            saved: SoFar::default(),
            unix_ms: 0,
        };
        Self {
            engine: again.engine(),
            again,
            device,
            observer,
            files: Box::new(|read| {
                let refused = format!(
                    "the file {:?} is not read: no folder is open to this element",
                    read.path
                );
                Err(FileError(refused))
            }),
            now: Moment::START,
            due: BTreeMap::new(),
            sequence: 0,
        }
    }

    /// Lets it read files.
    pub fn open_files(&mut self, files: Files) {
        self.files = files;
    }

    /// Starts it at moment zero, with what was saved of it. The wall clock begins at `unix_ms`.
    pub fn start(&mut self, saved: Saved, unix_ms: i64) {
        self.again.unix_ms = unix_ms;
        self.again.saved = SoFar::after(saved.clone());
        self.happen(Event::Start { saved, unix_ms });
    }

    /// Plans a set from outside, and gives the id under which it will be answered.
    pub fn set_at(&mut self, at: Moment, param: ParamId, key: Option<Arc<str>>, value: Value) -> SetId {
        self.plan_set(at, (param, key), value, MenuEntries::default())
    }

    /// Plans a choice from a context menu, and gives the id under which it will be answered.
    pub fn choose_at(&mut self, at: Moment, menu: ParamId, item: Value, entries: MenuEntries) -> SetId {
        self.plan_set(at, (menu, None), item, entries)
    }

    fn plan_set(
        &mut self,
        at: Moment,
        (param, key): (ParamId, Option<Arc<str>>),
        value: Value,
        menu: MenuEntries,
    ) -> SetId {
        let id = SetId(self.sequence);
        self.event_at(
            at,
            Event::Set(SetRequest {
                id,
                param,
                key,
                value,
                menu,
                user: Arc::from("user"),
            }),
        );
        id
    }

    /// Plans an event.
    pub fn event_at(&mut self, at: Moment, event: Event) {
        self.plan(at, Due::Event(event));
    }

    fn plan(&mut self, at: Moment, due: Due) {
        self.due.insert((at, self.sequence), due);
        self.sequence += 1;
    }

    /// Lets time pass up to and including a moment.
    pub fn run_until(&mut self, end: Moment) {
        while self.step(end) {}
        self.now = self.now.max(end);
    }

    /// What is at work now (LOG-3).
    #[must_use]
    pub fn pending_calls(&self) -> Vec<PendingCall> {
        self.engine.pending_calls()
    }

    /// Lets the next thing happen that is due up to and including a moment; whether there was one.
    pub fn step(&mut self, end: Moment) -> bool {
        let planned = self.due.first_key_value().map(|(&(at, _), _)| at);
        let wakeup = self.engine.next_wakeup();
        let next = [planned, wakeup].into_iter().flatten().min();
        let Some(next) = next.filter(|&next| next <= end) else {
            return false;
        };
        self.now = self.now.max(next);
        let first = self.due.first_entry().filter(|entry| entry.key().0 <= self.now);
        match first.map(std::collections::btree_map::OccupiedEntry::remove) {
            Some(Due::Answer(request, answer)) => self.happen(Event::Answered(request, answer)),
            Some(Due::FileRead(request, answer)) => self.happen(Event::FileRead(request, answer)),
            Some(Due::Event(event)) => self.happen(event),
            Some(Due::Asked(command)) => self.obey(command),
            None => self.happen(Event::Tick),
        }
        true
    }

    /// Does what a QAction of the element asks of it.
    fn obey(&mut self, command: StateRequest) {
        let is_stopped = self.engine.is_stopped();
        match command {
            StateRequest::Pause => self.happen(Event::Pause),
            StateRequest::Stop if is_stopped => {}
            StateRequest::Stop => self.happen(Event::Stop),
            StateRequest::Activate if is_stopped => self.start_again(),
            StateRequest::Activate => self.happen(Event::Resume),
            StateRequest::Restart => {
                if !is_stopped {
                    self.happen(Event::Stop);
                }
                self.start_again();
            }
        }
    }

    /// Starts it with what it saved, in fresh memory; time goes on.
    fn start_again(&mut self) {
        self.engine = self.again.engine();
        let saved = Saved {
            paused: Paused::No,
            ..self.again.saved.saved()
        };
        let unix_ms = self.again.unix_ms;
        self.happen(Event::Start { saved, unix_ms });
    }

    /// Asks the element something; there is no other one here.
    fn ask(&mut self, element: &ElementRef, asked: &ToElement) {
        let settings = &self.again.settings;
        match asked {
            ToElement::State(command) if element.is(settings.id, &settings.name) => {
                self.plan(self.now, Due::Asked(*command));
            }
            ToElement::State(_) | ToElement::Set { .. } => {
                let text = format!("a QAction asks {element}, which is not part of this simulation");
                let level = LogLevel::Warning;
                (self.observer)(self.now, &Effect::Log(LogEntry { level, text }));
            }
        }
    }

    fn happen(&mut self, event: Event) {
        for effect in self.engine.handle(event, self.now) {
            (self.observer)(self.now, &effect);
            match effect {
                Effect::Send(id, request) => {
                    let (delay, answer) = (self.device)(&request);
                    let timed_out = delay > request.timeout;
                    let at = self.now + delay.min(request.timeout);
                    let answer = if timed_out {
                        Err(timeout(request.timeout))
                    } else {
                        answer
                    };
                    self.plan(at, Due::Answer(id, answer));
                }
                Effect::ReadFile(id, read) => {
                    let answer = (self.files)(&read);
                    self.plan(self.now, Due::FileRead(id, answer));
                }
                Effect::Cancel(id) => self
                    .due
                    .retain(|_, due| !matches!(due, Due::Answer(other, _) | Due::FileRead(other, _) if *other == id)),
                Effect::ToElement(element, asked) => self.ask(&element, &asked),
                Effect::Save(record) => self.again.saved.apply(record),
                Effect::Reply(..)
                | Effect::Log(_)
                | Effect::Parameter(_)
                | Effect::Row(_)
                | Effect::Alarm(_)
                | Effect::Information(_)
                | Effect::Close(_)
                | Effect::CloseTrend(..)
                | Effect::Tested(..)
                | Effect::Redefined(_)
                | Effect::Timeout(_)
                | Effect::Trace(_) => {}
            }
        }
    }
}

/// The answer that comes too late.
fn timeout(after: Span) -> ExchangeError {
    use crate::engine::exchange::ExchangeErrorKind;
    ExchangeError {
        kind: ExchangeErrorKind::Timeout,
        sent: true,
        detail: format!("no answer within {after}"),
    }
}
