//! Where an element is in its life, and what its commands do there.
//!
//! ```text
//!  Stopped ─start─► Starting ─done─► Running ◄─resume─ Paused
//!     ▲                │ ▲             └────pause─────►   │
//!     │             pause resume                          │
//!     │                ▼ │                                │
//!     │           StartingPaused ─done─► Paused           │
//!     └───────────────── stop, from everywhere ───────────┘
//! ```
//!
//! A command that asks for the state it is in changes nothing.
//!
//! Rules: ELM-10 to ELM-12, GQ-20.

use crate::engine::Engine;
use crate::engine::chain::Frame;
use crate::engine::effect::{Effect, Step, TracedState};
use crate::engine::set::{RefusedReason, SetRefused};
use crate::engine::slow_poll::SlowPolling;
use crate::engine::timeout::Timeouts;

/// Where an element is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
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
    /// No more ticks, requests and queued groups (ELM-10).
    pub(super) fn pause(&mut self) {
        match self.life {
            Life::Starting => self.life = Life::StartingPaused,
            Life::Running => {
                self.life = Life::Paused;
                self.inform_state("Paused");
                self.trace(Step::State(TracedState::Paused));
            }
            Life::Stopped | Life::StartingPaused | Life::Paused => {}
        }
    }

    pub(super) fn resume(&mut self) {
        match self.life {
            Life::StartingPaused => self.life = Life::Starting,
            Life::Paused => {
                self.life = Life::Running;
                self.chains.resume();
                self.watch_all_again();
                self.inform_state("Activated");
                self.trace(Step::State(TracedState::Active));
            }
            Life::Stopped | Life::Starting | Life::Running => {}
        }
    }

    /// Gives up everything under way; sets that were not done are answered (ELM-12, GQ-20).
    pub(super) fn stop(&mut self) {
        self.inform_state("Stopped");
        self.life = Life::Stopped;
        self.forget_levels();
        self.end_volatile_alarms();
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
                set.tell(self, Err(refused));
            }
        }
        self.gates.give_up();
        self.timers.give_up();
        self.timeouts = Timeouts::default();
        self.slow_polling = SlowPolling::default();
        self.stands_in = false;
        self.watchdog.give_up();
        self.pools.clear();
        self.cookies.clear();
        self.empty_queues();
        self.trace(Step::State(TracedState::Stopped));
    }

    /// Whether requests and queued groups have to wait (ELM-10).
    pub(super) fn is_paused(&self) -> bool {
        self.life == Life::Paused
    }

    /// Whether the start is over: timers and lanes run (ELM-9).
    pub(super) fn is_started(&self) -> bool {
        matches!(self.life, Life::Running | Life::Paused)
    }

    /// Whether the element runs no more, or not yet.
    #[must_use]
    pub const fn is_stopped(&self) -> bool {
        matches!(self.life, Life::Stopped)
    }

    /// Whether the element runs (ELM-12).
    pub(super) fn is_active(&self) -> bool {
        self.life != Life::Stopped
    }
}
