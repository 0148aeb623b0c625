//! The group being run: its condition, what fires before and after it, its items, and the waits between them.
//!
//! ```text
//! condition ──false──────────────────────────────┐
//!    │ true                                       │
//! before-group triggers → items → after-group triggers → interval → signal the timers → `next` of the last item
//! ```
//!
//! Rules: GRP-2, GRP-5 to GRP-13, GRP-16, GQ-9, PRT-3, TMO-22 to TMO-24.

use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::action::ActionFrame;
use crate::engine::chain::{Context, Frame, Next};
use crate::engine::connection_test::TestOutcome;
use crate::engine::effect::{Phase, Step};
use crate::engine::queue::Entry;
use crate::engine::session::SessionFrame;
use crate::engine::told::Conditional;
use crate::engine::trigger::{Item, TriggerFrame, fire};
use crate::model::group::{Group, Item as GroupContent};
use crate::model::id::{ConnectionId, GroupId};
use crate::model::moment::{Moment, Span};
use crate::model::reactions::Fired;

/// One execution of a group.
pub(super) struct GroupFrame {
    entry: Entry,
    /// The connection it uses: that of the entry, or the one that stands in for it.
    connection: ConnectionId,
    runner: Runner,
    stage: Stage,
    /// When its condition was looked at.
    began: Option<Moment>,
    /// Why a session of it failed.
    failed: Option<Arc<str>>,
}

/// Who runs the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Runner {
    /// A lane; it is idle again when the group is finished. So many groups had been forced when it began, where it is
    /// forced itself (GQ-10).
    Lane(usize, u64),
    /// A lane whose running group it interrupts; so many groups had been forced when it began (GQ-9, GQ-10).
    Forced(usize, u64),
    /// The timer itself: groups of type action and trigger (TIM-6).
    Timer,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    Condition,
    Before,
    /// This item is next; the wait of the one before it is still to come.
    Item(usize),
    /// This item is next, at this moment. A forced group does not wait for it (GQ-9).
    Between(usize, Moment),
    /// This item is next, at once.
    Due(usize),
    After,
    /// The wait between the groups of a timer.
    Interval,
    Signal,
    Waited,
}

impl GroupFrame {
    /// A group that a lane took from its queue; so many groups had been forced by then where it is forced itself.
    pub(super) const fn of_lane(entry: Entry, lane: usize, forced: u64) -> Self {
        Self::new(entry, Runner::Lane(lane, forced))
    }

    /// A group that a timer runs itself.
    pub(super) const fn of_timer(entry: Entry) -> Self {
        Self::new(entry, Runner::Timer)
    }

    const fn new(entry: Entry, runner: Runner) -> Self {
        Self {
            connection: entry.connection,
            entry,
            runner,
            stage: Stage::Condition,
            began: None,
            failed: None,
        }
    }

    pub(super) fn step(&mut self, engine: &mut Engine, context: &mut Context) -> Next {
        let protocol = Arc::clone(&engine.protocol);
        let Some(group) = protocol.group(self.entry.group) else {
            return Next::Done;
        };
        match self.stage {
            Stage::Condition => {
                self.began = Some(engine.now);
                self.connection = engine.connection_now(group, self.entry.connection);
                let of = Conditional::Group(group.id);
                let is_dropped = self.entry.test.is_none() && engine.is_dropped(group, self.connection);
                let runs = group.executable && !is_dropped;
                if runs && engine.allows(group.condition.as_ref(), of) {
                    if group.id == GroupId::PING {
                        self.entry.sessions = engine.render_sessions(group, self.connection);
                    }
                    engine.trace(Step::Group(group.id, Phase::Begin, self.thread(engine)));
                    self.stage = Stage::Before;
                    Next::Again
                } else {
                    let text = format!(
                        "group {} does not run now: its condition is false, or it holds nothing to run",
                        group.id
                    );
                    self.answer_test(TestOutcome::NotRun(text), engine);
                    self.signal(engine);
                    self.leave(engine);
                    Next::Done
                }
            }
            Stage::Before => {
                self.stage = Stage::Item(0);
                fire(
                    engine.protocol.triggers_on(Fired::BeforeGroup(group.id)),
                    Item::Group(group.id),
                )
            }
            Stage::Item(index) => {
                self.failed = self.failed.take().or(context.failed_session.take());
                let before = index.checked_sub(1).and_then(|before| group.items.get(before));
                let wait = before.and_then(|item| item.next).filter(|_| index < group.items.len());
                self.stage = Stage::Between(index, engine.now + wait.unwrap_or_default());
                Next::Again
            }
            Stage::Between(index, due) => {
                if let Some(next) = self.forced(engine) {
                    return next;
                }
                if engine.now < due {
                    return Next::Pause(due);
                }
                self.stage = Stage::Due(index);
                Next::Again
            }
            Stage::Due(index) => self.item(index, group, engine),
            Stage::After => {
                self.stage = Stage::Interval;
                fire(
                    engine.protocol.triggers_on(Fired::AfterGroup(group.id)),
                    Item::Group(group.id),
                )
            }
            // Before it is over the group is not finished for its timer either (GRP-10).
            Stage::Interval => {
                self.stage = Stage::Signal;
                wait(engine, self.entry.interval)
            }
            Stage::Signal => {
                self.signal(engine);
                self.stage = Stage::Waited;
                let next = group.items.last().and_then(|item| item.next);
                wait(engine, next.unwrap_or_default())
            }
            Stage::Waited => {
                engine.trace(Step::Group(group.id, Phase::End, self.thread(engine)));
                let outcome = self.failed.take();
                let outcome = outcome.map_or(TestOutcome::Succeeded, |why| TestOutcome::Failed(why.to_string()));
                self.answer_test(outcome, engine);
                engine.switch_after(group, self.entry.connection, self.connection);
                self.leave(engine);
                Next::Done
            }
        }
    }

    /// The group.
    pub(super) const fn id(&self) -> GroupId {
        self.entry.group
    }

    /// When it began; none while it waits for its turn.
    pub(super) const fn began(&self) -> Option<Moment> {
        self.began
    }

    /// Whether it waits for its next item.
    pub(super) const fn is_between_items(&self) -> bool {
        matches!(self.stage, Stage::Between(..))
    }

    /// The forced group that comes before the next item, when one waits (GQ-9).
    fn forced(&self, engine: &mut Engine) -> Option<Next> {
        let (lane, began) = match self.runner {
            Runner::Lane(lane, began) | Runner::Forced(lane, began) => (lane, began),
            Runner::Timer => return None,
        };
        if engine.is_paused() && engine.is_forced(lane, began) {
            return Some(Next::Resumed);
        }
        let entry = engine.next_forced(lane, began)?;
        let runner = Runner::Forced(lane, engine.forced_so_far(lane));
        Some(Next::Call(Frame::Group(Box::new(Self::new(entry, runner)))))
    }

    fn item(&mut self, index: usize, group: &Group, engine: &mut Engine) -> Next {
        let Some(item) = group.items.get(index) else {
            self.stage = Stage::After;
            return Next::Again;
        };
        self.stage = Stage::Item(index + 1);
        match item.what {
            // No event of a trigger led here, so an action without an id has nothing to work on (ACT-4).
            GroupContent::Action(id) => Next::Call(Frame::Action(ActionFrame::new(id, Item::None))),
            GroupContent::Trigger(id) => Next::Call(Frame::Trigger(TriggerFrame::by_name(id, Item::None))),
            GroupContent::Session(id, _) if engine.is_inert(id, self.connection) => Next::Again,
            GroupContent::Session(..) => {
                let session = self.entry.sessions.iter().position(|session| session.item == index);
                match session {
                    Some(at) => {
                        let rendered = self.entry.sessions.remove(at);
                        Next::Call(Frame::Session(Box::new(SessionFrame::new(rendered, self.connection))))
                    }
                    None => Next::Again,
                }
            }
        }
    }

    fn answer_test(&mut self, outcome: TestOutcome, engine: &mut Engine) {
        if let Some(test) = self.entry.test.take() {
            engine.tested(test, outcome);
        }
    }

    /// The timers that wait for this group may go on (TIM-8).
    fn signal(&mut self, engine: &mut Engine) {
        for tick in std::mem::take(&mut self.entry.signals) {
            engine.signal_timer(tick);
        }
    }

    fn leave(&self, engine: &mut Engine) {
        if let Runner::Lane(lane, _) = self.runner {
            engine.lane_is_idle(lane);
        }
        if self.entry.group == GroupId::PING {
            engine.ping_is_done();
        }
    }

    fn thread(&self, engine: &Engine) -> u32 {
        match self.runner {
            Runner::Lane(lane, _) | Runner::Forced(lane, _) => engine.lanes[lane].thread,
            Runner::Timer => 0,
        }
    }
}

fn wait(engine: &Engine, wait: Span) -> Next {
    match wait {
        Span::ZERO => Next::Again,
        wait => Next::Pause(engine.now + wait),
    }
}
