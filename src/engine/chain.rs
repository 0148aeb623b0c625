//! A causal chain: what one cause sets in motion, as a stack of frames.
//!
//! A chain is data, not native recursion: a `sleep` or a request may stand anywhere in it, so it must be able to wait;
//! it can be printed, and it meets a depth limit. The frame on top is stepped until the stack is empty or waits.
//!
//! ```text
//!   base frame            may push
//!   Set                   Change, QActions
//!   Group (of a lane)     Triggers, Trigger, Action, Session, Group
//!   Session               Changes, Triggers
//!   Tick (of a timer)     Triggers, Group
//!   Row (of a pool)       QActions
//!   Startup               Triggers
//!   QueuedQAction         (becomes QAction)
//!   Triggers > Trigger > Action > Change > (Triggers, Change, QActions) > QAction > (Change, Changes, Trigger, Action)
//! ```
//! One trigger alone stands without the `Triggers` that work through several, and may push further ones.
//!
//! Rules: MDL-7, MDL-10, QA-14, TRG-20, PAR-111.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::action::ActionFrame;
use crate::engine::action::aggregate::AggregateFrame;
use crate::engine::bounds::{STEPS_AT_ONCE, YIELD};
use crate::engine::change::{ChangeFrame, ChangesFrame};
use crate::engine::effect::LogLevel;
use crate::engine::exchange::{ExchangeError, RequestId, Response};
use crate::engine::file::FileAnswer;
use crate::engine::gate::GateId;
use crate::engine::group::GroupFrame;
use crate::engine::multithreaded_timer::RowFrame;
use crate::engine::qaction::TimerRequest;
use crate::engine::run_qaction::{QActionFrame, QActionsFrame, QueuedFrame};
use crate::engine::session::SessionFrame;
use crate::engine::set_frame::SetFrame;
use crate::engine::start::StartupFrame;
use crate::engine::timer::TickFrame;
use crate::engine::trigger::{TriggerFrame, TriggersFrame};
use crate::model::id::{ActionId, ParamId, QActionId, TriggerId};
use crate::model::moment::Moment;
use crate::model::protocol::Protocol;

/// How many triggers may be nested in one chain (TRG-20).
pub(super) const TRIGGER_LIMIT: usize = 64;

/// How many QActions may be nested in one chain (PAR-111).
pub(super) const QACTION_LIMIT: usize = 256;

/// Identifies a chain while it lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ChainKey(u64);

/// One chain.
pub(super) struct Chain {
    pub(super) context: Context,
    pub(super) frames: Vec<Frame>,
}

impl Chain {
    /// Puts a frame on top.
    fn enter(&mut self, frame: Frame) {
        self.context.triggers += usize::from(matches!(frame, Frame::Trigger(_)));
        self.context.qactions += usize::from(matches!(frame, Frame::QAction(_)));
        self.frames.push(frame);
    }

    /// Takes away the one on top.
    fn leave(&mut self) {
        let frame = self.frames.pop();
        self.context.triggers -= usize::from(matches!(frame, Some(Frame::Trigger(_))));
        self.context.qactions -= usize::from(matches!(frame, Some(Frame::QAction(_))));
    }
}

/// What all frames of a chain share.
pub(super) struct Context {
    /// The definition, to look at while the engine changes.
    #[expect(
        clippy::redundant_allocation,
        reason = "as in the engine: the outer one has a counter of this element alone"
    )]
    pub(super) protocol: Arc<Arc<Protocol>>,
    pub(super) key: ChainKey,
    /// The gate that it takes.
    pub(super) gate: GateId,
    /// When it takes it.
    pub(super) gating: Gating,
    /// Whether it has it now.
    pub(super) holds: bool,
    /// Who outside caused the chain; empty when nobody did (CHG-22).
    pub(super) user: Arc<str>,
    /// The answer to the request that the top frame waited for.
    pub(super) answer: Option<Box<Result<Response, ExchangeError>>>,
    /// Why the last session failed, for the group that it is of.
    pub(super) failed_session: Option<Arc<str>>,
    /// The file that the top frame waited for.
    pub(super) file: Option<FileAnswer>,
    /// The request that a `qactionBefore` asked for.
    pub(super) timer_request: Option<Box<TimerRequest>>,
    /// Triggers on the stack.
    pub(super) triggers: usize,
    /// QActions on the stack.
    pub(super) qactions: usize,
}

/// When a chain takes its gate (MDL-4, MDL-9, MTT-22, QA-16).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gating {
    /// Whenever it runs: sets, groups of a lane, the start.
    Whole,
    /// Only while a QAction runs: groups that a timer runs itself.
    QActions,
    /// Only for what its QActions cause: queued QActions, rows of a multithreaded timer.
    Detached,
}

/// A frame of the stack.
pub(super) enum Frame {
    Set(Box<SetFrame>),
    Startup(StartupFrame),
    Tick(TickFrame),
    Group(Box<GroupFrame>),
    Session(Box<SessionFrame>),
    Row(Box<RowFrame>),
    Triggers(TriggersFrame),
    Trigger(TriggerFrame),
    Action(ActionFrame),
    Aggregate(AggregateFrame),
    Change(ChangeFrame),
    Changes(ChangesFrame),
    QActions(Box<QActionsFrame>),
    QueuedQAction(Box<QueuedFrame>),
    QAction(Box<QActionFrame>),
}

/// What a step of a frame comes to.
pub(super) enum Next {
    /// The frame is done.
    Done,
    /// The frame wants another step.
    Again,
    /// This comes first; then the frame is stepped again.
    Call(Frame),
    /// The frame is done, and this takes its place.
    Become(Frame),
    /// The gate is needed; then the frame is stepped again, holding it.
    Gate,
    /// Wait until then, keeping the gate.
    Sleep(Moment),
    /// Wait until then; the gate is free meanwhile.
    Pause(Moment),
    /// Wait while the element is paused; the gate is free meanwhile (ELM-10).
    Resumed,
    /// Wait for the answer to this request; the gate is free meanwhile (MDL-5).
    Answer(RequestId),
    /// Wait for this file, keeping the gate: the action is not done before (ACT-5).
    File(RequestId),
    /// The limit of nesting is reached: everything down to the frame that drives the chain is given up (TRG-20).
    Abort(String),
}

impl Frame {
    fn step(&mut self, engine: &mut Engine, context: &mut Context) -> Next {
        match self {
            Self::Set(frame) => frame.step(engine, context),
            Self::Startup(frame) => frame.step(engine),
            Self::Tick(frame) => frame.step(engine),
            Self::Group(frame) => frame.step(engine, context),
            Self::Session(frame) => frame.step(engine, context),
            Self::Row(frame) => frame.step(engine, context),
            Self::Triggers(frame) => frame.step(),
            Self::Trigger(frame) => frame.step(engine, context),
            Self::Action(frame) => frame.step(engine, context),
            Self::Aggregate(frame) => frame.step(engine),
            Self::Change(frame) => frame.step(engine, context),
            Self::Changes(frame) => frame.step(),
            Self::QActions(frame) => frame.step(engine, context),
            Self::QueuedQAction(frame) => frame.step(engine, context),
            Self::QAction(frame) => frame.step(engine, context),
        }
    }

    /// What it is in a loop; none for a frame that only leads from one to the next.
    const fn link(&self) -> Option<Link> {
        match self {
            Self::Trigger(frame) => Some(Link::Trigger(frame.id())),
            Self::Action(frame) => Some(Link::Action(frame.id())),
            Self::Change(frame) => Some(Link::Param(frame.param())),
            Self::QAction(frame) => Some(Link::QAction(frame.id())),
            Self::Set(_)
            | Self::Startup(_)
            | Self::Tick(_)
            | Self::Group(_)
            | Self::Session(_)
            | Self::Row(_)
            | Self::Triggers(_)
            | Self::Aggregate(_)
            | Self::Changes(_)
            | Self::QActions(_)
            | Self::QueuedQAction(_) => None,
        }
    }

    /// Whether the frame drives a chain: what an abort leaves standing.
    const fn drives(&self) -> bool {
        matches!(
            self,
            Self::Set(_) | Self::Startup(_) | Self::Tick(_) | Self::Group(_) | Self::Session(_) | Self::Row(_)
        )
    }
}

/// The chains of an element: those that can run, and those that wait.
#[derive(Default)]
pub(super) struct Chains {
    next: u64,
    ready: VecDeque<Chain>,
    /// Those that wait.
    parked: BTreeMap<ChainKey, Chain>,
    asleep: BTreeSet<(Moment, ChainKey)>,
    answers: BTreeMap<RequestId, ChainKey>,
    /// Those that go on when the element is resumed.
    held: VecDeque<ChainKey>,
    /// Steps taken in this call.
    steps: usize,
    /// The stack of a chain that is done, for the next one: most chains are short.
    spare: Vec<Frame>,
}

impl Chains {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ready.len() + self.parked.len()
    }

    /// A call begins.
    pub(super) const fn rested(&mut self) {
        self.steps = 0;
    }

    /// Whether others have to have their turn first (TRG-20).
    pub(super) const fn is_tired(&self) -> bool {
        self.steps > STEPS_AT_ONCE
    }

    /// The moment at which the first sleeping chain wakes.
    pub(super) fn next_wakeup(&self) -> Option<Moment> {
        self.asleep.first().map(|&(at, _)| at)
    }

    /// Wakes the chains that are due.
    pub(super) fn wake(&mut self, now: Moment) {
        while let Some(&(at, key)) = self.asleep.first()
            && at <= now
        {
            self.asleep.pop_first();
            self.ready.extend(self.parked.remove(&key));
        }
    }

    /// A group that waits for its next item looks whether a forced one comes before it (GQ-9).
    pub(super) fn look_again(&mut self, key: ChainKey) {
        let top = self.parked.get(&key).and_then(|chain| chain.frames.last());
        let waits = matches!(top, Some(Frame::Group(group)) if group.is_between_items());
        let asleep = self.asleep.iter().find(|(_, asleep)| waits && *asleep == key).copied();
        if asleep.is_some_and(|asleep| self.asleep.remove(&asleep)) {
            self.ready.extend(self.parked.remove(&key));
        }
    }

    /// Hands an answer to the chain that waits for it, when one still does.
    pub(super) fn answered(&mut self, request: RequestId, answer: Result<Response, ExchangeError>) -> Option<ChainKey> {
        let key = self.answers.remove(&request)?;
        if let Some(mut chain) = self.parked.remove(&key) {
            chain.context.answer = Some(Box::new(answer));
            self.ready.push_back(chain);
        }
        Some(key)
    }

    /// Hands a file to the chain that waits for it.
    pub(super) fn file_read(&mut self, request: RequestId, answer: FileAnswer) {
        let Some(key) = self.answers.remove(&request) else {
            return;
        };
        if let Some(mut chain) = self.parked.remove(&key) {
            chain.context.file = Some(answer);
            self.ready.push_back(chain);
        }
    }

    /// Lets those go on that a pause held up.
    pub(super) fn resume(&mut self) {
        let held = std::mem::take(&mut self.held).into_iter();
        self.ready.extend(held.filter_map(|key| self.parked.remove(&key)));
    }

    /// All of them, in the order of their begin.
    pub(super) fn in_order(&self) -> Vec<&Chain> {
        let mut chains: Vec<&Chain> = self.ready.iter().chain(self.parked.values()).collect();
        chains.sort_by_key(|chain| chain.context.key);
        chains
    }

    /// One of them, while it lives.
    pub(super) fn get(&self, key: ChainKey) -> Option<&Chain> {
        let ready = || self.ready.iter().find(|chain| chain.context.key == key);
        self.parked.get(&key).or_else(ready)
    }

    /// The requests under way, in order.
    pub(super) fn requests(&self) -> Vec<RequestId> {
        self.answers.keys().copied().collect()
    }

    /// Gives up all chains. Returns them in the order of their begin, so that sets that were never done can be answered.
    pub(super) fn give_up(&mut self) -> Vec<Chain> {
        let mut chains: Vec<Chain> = self.ready.drain(..).collect();
        chains.extend(std::mem::take(&mut self.parked).into_values());
        chains.sort_by_key(|chain| chain.context.key);
        self.asleep.clear();
        self.answers.clear();
        self.held.clear();
        chains
    }
}

impl Engine {
    /// Starts a chain with one frame. It runs when it is its turn.
    pub(super) fn start_chain(&mut self, gate: GateId, gating: Gating, user: Arc<str>, frame: Frame) -> ChainKey {
        let key = ChainKey(self.chains.next);
        self.chains.next += 1;
        let context = Context {
            protocol: Arc::clone(&self.protocol),
            key,
            gate,
            gating,
            holds: false,
            user,
            answer: None,
            failed_session: None,
            file: None,
            timer_request: None,
            triggers: 0,
            qactions: 0,
        };
        let frames = std::mem::take(&mut self.chains.spare);
        let mut chain = Chain { context, frames };
        chain.enter(frame);
        self.chains.ready.push_back(chain);
        key
    }

    /// Runs the chain whose turn it is. False when none can run.
    pub(super) fn run_next_chain(&mut self) -> bool {
        let Some(chain) = self.chains.ready.pop_front() else {
            return false;
        };
        self.run_chain(chain);
        true
    }

    fn run_chain(&mut self, mut chain: Chain) {
        if chain.context.gating == Gating::Whole && !chain.context.holds && !self.gates.take(&mut chain.context) {
            self.park(chain);
            return;
        }
        while let Some(frame) = chain.frames.last_mut() {
            self.chains.steps += 1;
            if self.chains.is_tired() {
                return self.park_until(self.now + YIELD, chain);
            }
            match frame.step(self, &mut chain.context) {
                Next::Done => chain.leave(),
                Next::Again => {}
                Next::Call(child) => chain.enter(child),
                Next::Become(other) => {
                    chain.leave();
                    chain.enter(other);
                }
                Next::Gate => {
                    if !self.gates.take(&mut chain.context) {
                        return self.park(chain);
                    }
                }
                Next::Sleep(until) => return self.park_until(until, chain),
                Next::Pause(until) => {
                    self.release_gate(&mut chain.context);
                    return self.park_until(until, chain);
                }
                Next::Resumed => {
                    self.release_gate(&mut chain.context);
                    self.chains.held.push_back(chain.context.key);
                    return self.park(chain);
                }
                Next::Answer(request) => {
                    self.release_gate(&mut chain.context);
                    self.chains.answers.insert(request, chain.context.key);
                    return self.park(chain);
                }
                Next::File(request) => {
                    self.chains.answers.insert(request, chain.context.key);
                    return self.park(chain);
                }
                Next::Abort(reason) => {
                    // The frame that could not go on is no part of what went round.
                    let cycle = cycle(&chain.frames[..chain.frames.len() - 1]);
                    self.log(LogLevel::Error, format!("{reason}: {cycle}"));
                    chain.leave();
                    self.abort(&mut chain);
                }
            }
        }
        self.release_gate(&mut chain.context);
        self.unwatch(chain.context.key);
        self.chains.spare = chain.frames;
    }

    /// Drops the frames above the one that drives the chain.
    fn abort(&mut self, chain: &mut Chain) {
        while chain.frames.last().is_some_and(|frame| !frame.drives()) {
            chain.leave();
        }
        if chain.context.gating != Gating::Whole {
            self.release_gate(&mut chain.context);
        }
    }

    fn park(&mut self, chain: Chain) {
        self.chains.parked.insert(chain.context.key, chain);
    }

    fn park_until(&mut self, until: Moment, chain: Chain) {
        self.chains.asleep.insert((until, chain.context.key));
        self.park(chain);
    }

    /// Gives the gate to the chain that waits for it longest.
    pub(super) fn release_gate(&mut self, context: &mut Context) {
        let Some(next) = self.gates.release(context) else {
            return;
        };
        if let Some(mut chain) = self.chains.parked.remove(&next) {
            chain.context.holds = true;
            self.chains.ready.push_back(chain);
        }
    }
}

/// What goes round in an endless loop: from the last trigger back to where it went off before (TRG-20).
fn cycle(frames: &[Frame]) -> String {
    let links: Vec<Link> = frames.iter().filter_map(Frame::link).collect();
    let last = links.iter().rposition(|link| matches!(link, Link::Trigger(_)));
    let Some(to) = last else { return String::new() };
    let from = links[..to]
        .iter()
        .rposition(|link| *link == links[to])
        .unwrap_or_default();
    let names: Vec<String> = links[from..=to].iter().map(Link::to_string).collect();
    names.join(" → ")
}

/// A link of a loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    Trigger(TriggerId),
    Action(ActionId),
    Param(ParamId),
    QAction(QActionId),
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trigger(id) => write!(f, "trigger {id}"),
            Self::Action(id) => write!(f, "action {id}"),
            Self::Param(id) => write!(f, "parameter {id}"),
            Self::QAction(id) => write!(f, "QAction {id}"),
        }
    }
}
