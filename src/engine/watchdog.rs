//! The watchdog: a lane that is busy with one group for too long, or a set, is a runtime error. Nothing is killed.
//!
//! ```text
//!  busy ── 7.5 min ──► half open ── 15 min ──► open
//!   ▲─── a response ────┴───────────────────────┤
//!                                         done ─┴─► cleared
//! ```
//!
//! Rules: ELM-18, LOG-3.

use std::fmt;

use crate::engine::Engine;
use crate::engine::chain::ChainKey;
use crate::engine::effect::LogLevel;
use crate::engine::life::Life;
use crate::model::id::{GroupId, ParamId};
use crate::model::moment::{Moment, Span};

/// Longer than this is a half-open runtime error.
const HALF_OPEN: Span = Span::seconds(450);

/// Longer than this is an open one.
const OPEN: Span = Span::seconds(900);

/// What is watched.
#[derive(Debug, Default)]
pub(super) struct Watchdog {
    /// In the order of their begin; there is one a lane at most, and one set.
    watched: Vec<Watched>,
}

/// What a chain is at.
#[derive(Debug, Clone, Copy)]
pub(super) enum Work {
    /// A set from outside.
    Set(ParamId),
    /// A group of a lane, which is this thread.
    Group(GroupId, u32),
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set(param) => write!(f, "a set of parameter {param} is being handled"),
            Self::Group(group, thread) => write!(f, "thread {thread} is busy with group {group}"),
        }
    }
}

/// One piece of work.
#[derive(Debug)]
struct Watched {
    key: ChainKey,
    what: Work,
    since: Moment,
    error: Option<RuntimeError>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum RuntimeError {
    HalfOpen,
    Open,
}

impl RuntimeError {
    const fn word(self) -> &'static str {
        match self {
            Self::HalfOpen => "half-open",
            Self::Open => "open",
        }
    }
}

impl Watched {
    /// How bad it is by now.
    fn judged(&self, now: Moment) -> Option<RuntimeError> {
        match now {
            now if now > self.since + OPEN => Some(RuntimeError::Open),
            now if now > self.since + HALF_OPEN => Some(RuntimeError::HalfOpen),
            _ => None,
        }
    }

    /// When it gets worse: the first moment behind the limit.
    fn next(&self) -> Option<Moment> {
        let limit = match self.error {
            None => HALF_OPEN,
            Some(RuntimeError::HalfOpen) => OPEN,
            Some(RuntimeError::Open) => return None,
        };
        Some(self.since + limit + Span(1))
    }
}

impl Watchdog {
    /// The moment at which something has taken too long.
    pub(super) fn next_wakeup(&self) -> Option<Moment> {
        self.watched.iter().filter_map(Watched::next).min()
    }

    /// What was under way is given up.
    pub(super) fn give_up(&mut self) {
        self.watched.clear();
    }
}

impl Engine {
    /// A lane began with a group, or a set is being handled.
    pub(super) fn watch(&mut self, key: ChainKey, what: Work) {
        let since = self.now;
        self.watchdog.watched.push(Watched {
            key,
            what,
            since,
            error: None,
        });
    }

    /// A response was received: the count starts again.
    pub(super) fn watch_again(&mut self, key: ChainKey) {
        if let Some(what) = self.unwatch(key) {
            self.watch(key, what);
        }
    }

    /// A pause is no work: all counts start again.
    pub(super) fn watch_all_again(&mut self) {
        let keys: Vec<ChainKey> = self.watchdog.watched.iter().map(|watched| watched.key).collect();
        for key in keys {
            self.watch_again(key);
        }
    }

    /// The work is done.
    pub(super) fn unwatch(&mut self, key: ChainKey) -> Option<Work> {
        let at = self.watchdog.watched.iter().position(|watched| watched.key == key)?;
        let watched = self.watchdog.watched.remove(at);
        self.tell_cleared(&watched);
        Some(watched.what)
    }

    /// Tells what has taken too long by now.
    pub(super) fn judge_watched(&mut self) {
        if self.life != Life::Running {
            return;
        }
        let mut lines = Vec::new();
        for watched in &mut self.watchdog.watched {
            let judged = watched.judged(self.now);
            if judged > watched.error {
                watched.error = judged;
                let word = judged.map_or("", RuntimeError::word);
                let line = format!("{word} runtime error: {} since {}", watched.what, watched.since);
                lines.push((line, watched.key));
            }
        }
        for (line, key) in lines {
            let pending = self.at_work_text(key);
            self.log(LogLevel::Error, format!("{line}; pending: {pending}"));
        }
    }

    fn tell_cleared(&mut self, watched: &Watched) {
        if let Some(error) = watched.error {
            let text = format!("{} runtime error cleared: {}", error.word(), watched.what);
            self.log(LogLevel::Info, text);
        }
    }
}
