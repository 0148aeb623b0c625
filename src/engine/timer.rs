//! Timers: when they tick, and what a tick does.
//!
//! One tick: condition, before-timer triggers, then each group: poll-class groups are queued, the others run at once on
//! the timer's own thread. A timer ticks again when its period is over and its last group is finished.
//!
//! Rules: TIM-1 to TIM-25, MDL-9.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::chain::{Frame, Gating, Next};
use crate::engine::effect::{LogLevel, Step};
use crate::engine::event::Card;
use crate::engine::gate::GateId;
use crate::engine::group::GroupFrame;
use crate::engine::life::Life;
use crate::engine::told::Conditional;
use crate::engine::trigger::{Item, fire};
use crate::model::id::TimerId;
use crate::model::moment::{Moment, Span};
use crate::model::reactions::Fired;
use crate::model::timer::{Initial, Timer, TimerTime};

/// How often the condition of a timer is looked at while it is false (TIM-12).
const RECHECK: Span = Span(1000);

/// The least time from round to round of a `loop` timer, so that it yields (TIM-3).
const LOOP_YIELD: Span = Span(1);

/// The timers of an element.
#[derive(Debug, Default)]
pub(super) struct Timers {
    states: BTreeMap<TimerId, TimerState>,
    /// Whether a client has the element card open (TIM-13).
    pub(super) card: Card,
}

/// One tick of a timer. A group that an earlier tick queued does not end the wait of a later one (TIM-8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tick {
    pub(super) timer: TimerId,
    number: u64,
}

#[derive(Debug, Default)]
struct TimerState {
    /// Whether it ticks at all.
    active: bool,
    /// The next tick; none while it waits for its last group.
    due: Option<Moment>,
    /// When it last ticked.
    ticked: Moment,
    /// The period that began with that tick: a change of the timer base counts from the next one (TIM-16).
    period: Option<TimerTime>,
    /// How often it ticked.
    ticks: u64,
    /// Tick as soon as the groups are finished (TIM-20, TIM-21).
    at_once: bool,
    /// The next regular tick while its condition is false (TIM-12).
    regular_look: Option<Moment>,
}

impl Timers {
    /// The moment of the first tick that is due.
    pub(super) fn next_wakeup(&self) -> Option<Moment> {
        self.states.values().filter_map(|state| state.due).min()
    }

    /// Those that wait for the last group of a tick, and when that tick was (LOG-3).
    pub(super) fn waiting(&self) -> impl Iterator<Item = (TimerId, Moment)> {
        let waits = |state: &TimerState| state.active && state.due.is_none() && state.ticks > 0;
        let waiting = self.states.iter().filter(move |(_, state)| waits(state));
        waiting.map(|(&id, state)| (id, state.ticked))
    }

    /// Stops all.
    pub(super) fn give_up(&mut self) {
        self.states.clear();
    }
}

impl TimerState {
    /// When it ticks next, nothing standing against it: a missed tick is not caught up (TIM-7, TIM-8).
    fn regular(&self, now: Moment) -> Moment {
        match self.period {
            Some(TimerTime::Every(period)) => (self.ticked + period).max(now),
            Some(TimerTime::Loop) | None => (self.ticked + LOOP_YIELD).max(now),
        }
    }

    /// When its condition, which is false now, is looked at again: a second later, or at the regular tick before (TIM-12).
    fn next_look(&mut self, period: TimerTime, now: Moment) -> Moment {
        let period = match period {
            TimerTime::Every(period) => period,
            TimerTime::Loop => RECHECK,
        };
        let regular = self.regular_look.filter(|&at| at > now).unwrap_or(now + period);
        self.regular_look = Some(regular);
        regular.min(now + RECHECK)
    }
}

impl Engine {
    /// Activates the timers (TIM-4, TIM-5).
    pub(super) fn activate_timers(&mut self) {
        self.open_pools();
        let protocol = Arc::clone(&self.protocol);
        for timer in &protocol.parts().timers {
            let first = match timer.initial {
                Initial::Immediately => Some(self.now),
                Initial::NotStarted => None,
                // Nobody who looks waits for the random start (TIM-5).
                Initial::Random { .. } if self.timers.card == Card::Open => Some(self.now),
                Initial::Random { from, to } => {
                    let range = u64::from(to.saturating_sub(from)).max(1);
                    Some(self.now + Span::seconds(u64::from(from) + self.seed % range))
                }
            };
            let state = TimerState {
                active: first.is_some(),
                due: first,
                ..TimerState::default()
            };
            self.timers.states.insert(timer.id, state);
        }
    }

    /// Starts the tick of a timer that is due. False when none is.
    pub(super) fn start_due_timer(&mut self) -> bool {
        if self.life != Life::Running {
            return false;
        }
        let due = self
            .timers
            .states
            .iter()
            .find(|(_, state)| state.due.is_some_and(|due| due <= self.now));
        let Some((&id, _)) = due else { return false };
        let protocol = Arc::clone(&self.protocol);
        let (Some(timer), Some(state)) = (protocol.timer(id), self.timers.states.get_mut(&id)) else {
            return false;
        };
        state.due = None;
        if !self.allows(timer.condition.as_ref(), Conditional::Timer(id)) {
            let period = self.period(timer);
            if let Some(state) = self.timers.states.get_mut(&id) {
                state.due = Some(state.next_look(period, self.now));
            }
            return true;
        }
        let period = self.period(timer);
        let Some(state) = self.timers.states.get_mut(&id) else {
            return false;
        };
        state.ticked = self.now;
        state.period = Some(period);
        state.at_once = false;
        state.regular_look = None;
        state.ticks += 1;
        let tick = Tick {
            timer: id,
            number: state.ticks,
        };
        self.trace(Step::Timer(id));
        self.start_chain(
            GateId::MAIN,
            Gating::QActions,
            Arc::from(""),
            Frame::Tick(TickFrame { tick, at: None }),
        );
        true
    }

    /// The last group of a tick is finished: its timer may tick again (TIM-8).
    pub(super) fn signal_timer(&mut self, tick: Tick) {
        let Some(state) = self.timers.states.get_mut(&tick.timer) else {
            return;
        };
        if !state.active || state.ticks != tick.number {
            return;
        }
        let at_once = std::mem::take(&mut state.at_once);
        let regular = state.regular(self.now);
        state.due = Some(if at_once { self.now } else { regular });
    }

    /// The running interval gets another length (TIM-13).
    pub(super) fn change_period(&mut self, id: TimerId, period: TimerTime) {
        let Some(state) = self.timers.states.get_mut(&id) else {
            return;
        };
        if state.ticks == 0 {
            return;
        }
        state.period = Some(period);
        if state.due.is_some() {
            state.due = Some(state.regular(self.now));
        }
    }

    /// A timer that waits for its first tick ticks now (TIM-5).
    pub(super) fn begin_timer(&mut self, id: TimerId) {
        let now = self.now;
        if let Some(state) = self.timers.states.get_mut(&id).filter(|state| state.ticks == 0)
            && let Some(due) = &mut state.due
        {
            *due = now;
        }
    }

    /// Action `start` (TIM-18).
    pub(super) fn start_timer(&mut self, id: TimerId) {
        let now = self.now;
        let Some(state) = self.timers.states.get_mut(&id) else {
            return;
        };
        if state.active {
            self.log(LogLevel::Info, format!("timer {id} is started, but runs already"));
            return;
        }
        state.active = true;
        state.due = Some(now);
    }

    /// Action `stop`: queued groups stay queued (TIM-19).
    pub(super) fn stop_timer(&mut self, id: TimerId) {
        if let Some(state) = self.timers.states.get_mut(&id) {
            state.active = false;
            state.due = None;
            state.regular_look = None;
        }
    }

    /// Action `restart timer`: its queued groups go, the clock stays (TIM-20).
    pub(super) fn restart_timer(&mut self, id: TimerId, reschedule: bool) {
        self.remove_queued_by(id);
        if reschedule {
            self.reschedule_timer(id);
        }
    }

    /// Action `reschedule`: tick now, or right after the groups are finished (TIM-21).
    pub(super) fn reschedule_timer(&mut self, id: TimerId) {
        let now = self.now;
        let Some(state) = self.timers.states.get_mut(&id).filter(|state| state.active) else {
            return;
        };
        match &mut state.due {
            Some(due) => *due = now,
            None => state.at_once = true,
        }
    }
}

/// One tick.
pub(super) struct TickFrame {
    tick: Tick,
    /// The next group; none before the before-timer triggers.
    at: Option<usize>,
}

impl TickFrame {
    pub(super) fn step(&mut self, engine: &mut Engine) -> Next {
        let protocol = Arc::clone(&engine.protocol);
        let Some(timer) = protocol.timer(self.tick.timer) else {
            return Next::Done;
        };
        let Some(at) = self.at else {
            self.at = Some(0);
            let triggers = protocol.triggers_on(Fired::BeforeTimer(timer.id));
            return fire(triggers, Item::Timer(timer.id));
        };
        if timer.multithreaded.is_some() {
            engine.sweep(timer);
            engine.signal_timer(self.tick);
            return Next::Done;
        }
        let Some(&id) = timer.groups.get(at) else {
            engine.end_of_tick(timer, self.tick);
            return Next::Done;
        };
        self.at = Some(at + 1);
        let poll_class = protocol.group(id).is_some_and(|group| group.kind.is_poll_class());
        if poll_class {
            let last = at + 1 == timer.groups.len();
            engine.enqueue_by_timer(id, self.tick, timer.interval, last);
            return Next::Again;
        }
        match engine.entry(id, Some(timer.id), Span::ZERO) {
            Some((_, entry)) => Next::Call(Frame::Group(Box::new(GroupFrame::of_timer(entry)))),
            None => Next::Again,
        }
    }
}

impl Engine {
    /// All groups were queued or run. Unless the last one is queued, nothing is left to wait for (TIM-9).
    fn end_of_tick(&mut self, timer: &Timer, tick: Tick) {
        let last = timer.groups.last().and_then(|&id| self.protocol.group(id));
        if !last.is_some_and(|group| group.kind.is_poll_class()) {
            self.signal_timer(tick);
        }
    }
}
