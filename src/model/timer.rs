//! `Timer`: queues or runs its groups over and over.
//!
//! Rules: TIM-1 to TIM-25; the multithreaded form MTT-1 to MTT-25.

use crate::model::condition::Condition;
use crate::model::id::{GroupId, ParamId, QActionId, TimerId};
use crate::model::moment::Span;

/// One timer.
#[derive(Debug, Clone, PartialEq)]
pub struct Timer {
    /// `@id`.
    pub id: TimerId,
    /// `Name`, for logs.
    pub name: String,
    /// `Time`.
    pub time: TimerTime,
    /// `Time@dataDisplay`: what holds instead while a client has the element's card open (TIM-13).
    pub data_display: Option<TimerTime>,
    /// `Time@initial`.
    pub initial: Initial,
    /// `Interval` between two of its groups (TIM-11).
    pub interval: Span,
    /// `Condition`.
    pub condition: Option<Condition>,
    /// Whether the timer base scales it (TIM-14).
    pub relative: bool,
    /// `Content/Group` in order.
    pub groups: Vec<GroupId>,
    /// What makes it a multithreaded timer, when it is one.
    pub multithreaded: Option<MultiThreaded>,
    /// The line of the definition.
    pub line: u32,
}

/// `Timer/Time`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimerTime {
    /// A period, from tick to tick (TIM-7).
    Every(Span),
    /// `loop`: again as soon as the last round is finished (TIM-3).
    Loop,
}

/// The general parameter `[Timer base]`: what the periods of relative timers are multiplied by (TIM-15).
pub const TIMER_BASE: ParamId = ParamId(65_017);

/// The write of the timer base.
pub const TIMER_BASE_WRITE: ParamId = ParamId(65_018);

/// `relativeTimers`: what a change of the timer base does to relative timers (TIM-16).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimerBase {
    /// The running interval is completed first; also where no timer is relative.
    #[default]
    FromTheNextInterval,
    /// `true with reset`: they tick at once.
    AtOnce,
}

/// `Time@initial` (TIM-4, TIM-5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Initial {
    /// The first tick is at once.
    Immediately,
    /// Not before a `start` action.
    NotStarted,
    /// After a random number of seconds from `from` up to, not including, `to`.
    Random {
        /// The fewest seconds.
        from: u32,
        /// The bound, not reached.
        to: u32,
    },
}

/// The options of a multithreaded timer (MTT-1 to MTT-16).
#[derive(Debug, Clone, PartialEq)]
pub struct MultiThreaded {
    /// `ip`: the driving table.
    pub table: ParamId,
    /// `ip`: the 0-based column with the address, or the primary key.
    pub address_column: usize,
    /// `each`: the time in which every row is handled once.
    pub each: Span,
    /// `threadPool`: rows handled at the same time.
    pub pool_size: u32,
    /// `threadPool`: rows that may wait, ten times the size unless given.
    pub queue_size: u32,
    /// `threadPool`: the parameters for statistics, and how often they are written.
    pub statistics: Option<PoolStatistics>,
    /// `pollingRate`: a limit on how many rows start within a time.
    pub polling_rate: Option<PollingRate>,
    /// `dynamicThreadPool`: the parameter that receives the current size.
    pub dynamic_pool: Option<ParamId>,
    /// `ignoreIf`: rows whose cell equals the value make no request (MTT-13).
    pub ignore_if: Option<(usize, f64)>,
    /// `qactionBefore`.
    pub before: Option<QActionId>,
    /// `qactionAfter`.
    pub after: Option<QActionId>,
    /// `qaction` (obsolete): run for row after row.
    pub each_row: Option<QActionId>,
    /// `Group` `col:<idx>:<group>`: the column that names the group (MTT-11).
    pub group_column: Option<usize>,
}

/// Which parameters receive a pool's figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolStatistics {
    /// How often they are written.
    pub every: Span,
    /// Rows being handled.
    pub usage: Option<ParamId>,
    /// Rows waiting.
    pub waiting: Option<ParamId>,
    /// The longest time a row took.
    pub max_duration: Option<ParamId>,
    /// The mean time a row took.
    pub avg_duration: Option<ParamId>,
    /// Rows handled.
    pub counter: Option<ParamId>,
}

/// `pollingRate`: a counting semaphore that is refilled (MTT-8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollingRate {
    /// How often it is refilled.
    pub interval: Span,
    /// Where it is capped.
    pub max: u32,
    /// How much a refill gives.
    pub release: u32,
}
