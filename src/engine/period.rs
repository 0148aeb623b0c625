//! The period of a timer: its `Time`, scaled by the timer base; while a client has the element card open, `dataDisplay`.
//!
//! Rules: TIM-5, TIM-13 to TIM-17.

use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::event::Card;
use crate::model::id::ParamId;
use crate::model::moment::Span;
use crate::model::timer::{Initial, TIMER_BASE, Timer, TimerBase, TimerTime};

/// The least and the most that a timer base makes of a period (TIM-15).
const LEAST_BASE: f64 = 0.01;
const MOST_BASE: f64 = 10.0;

impl Engine {
    /// The period that begins now.
    pub(super) fn period(&self, timer: &Timer) -> TimerTime {
        if self.timers.card == Card::Open
            && let Some(time) = timer.data_display
        {
            return time;
        }
        match timer.time {
            TimerTime::Every(period) if timer.relative => TimerTime::Every(self.scaled(period)),
            time @ (TimerTime::Every(_) | TimerTime::Loop) => time,
        }
    }

    /// A period times the timer base; 0 stands for no change (TIM-15).
    fn scaled(&self, period: Span) -> Span {
        let base = self
            .params
            .get(TIMER_BASE)
            .as_number()
            .filter(|&base| base != 0.0)
            .unwrap_or(1.0);
        // Periods are far below the numbers that a double does not have.
        Span(((period.0 as f64 * base.clamp(LEAST_BASE, MOST_BASE)).round() as u64).max(1))
    }

    /// The timer base changed: with `true with reset` every relative timer ticks at once, otherwise the running interval
    /// ends as it began (TIM-16).
    pub(super) fn take_timer_base(&mut self, param: ParamId) {
        if param != TIMER_BASE || self.protocol.parts().timer_base == TimerBase::FromTheNextInterval {
            return;
        }
        let protocol = Arc::clone(&self.protocol);
        for timer in protocol.parts().timers.iter().filter(|timer| timer.relative) {
            self.reschedule_timer(timer.id);
        }
    }

    /// A client opened the element card, or the last one closed it: timers with `dataDisplay` change their running
    /// interval, those that wait for a random start begin (TIM-5, TIM-13).
    pub(super) fn turn_card(&mut self, card: Card) {
        if std::mem::replace(&mut self.timers.card, card) == card {
            return;
        }
        let protocol = Arc::clone(&self.protocol);
        for timer in &protocol.parts().timers {
            let is_random = matches!(timer.initial, Initial::Random { .. });
            if timer.data_display.is_some() {
                let period = self.period(timer);
                self.change_period(timer.id, period);
            }
            if card == Card::Open && is_random {
                self.begin_timer(timer.id);
            }
        }
    }
}
