//! The thread pool of a multithreaded timer: the rows that wait and those under way, how fast rows may start, and the
//! figures about them.
//!
//! Rules: MTT-5 to MTT-9, MTT-25.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::engine::chain::{Frame, Gating};
use crate::engine::change::{ChangesFrame, Fires};
use crate::engine::effect::{LogLevel, Origin};
use crate::engine::exchange::TransportId;
use crate::engine::gate::GateId;
use crate::engine::params::Stored;
use crate::engine::{Engine, Life};
use crate::model::id::{ParamId, TimerId};
use crate::model::moment::{Moment, Span};
use crate::model::timer::{MultiThreaded, PollingRate};
use crate::model::value::Value;

/// The pools of an element.
pub(super) type Pools = BTreeMap<TimerId, Pool>;

/// The rows of one multithreaded timer.
#[derive(Debug, Default)]
pub(super) struct Pool {
    pub(super) waiting: VecDeque<Arc<str>>,
    /// The keys in `waiting`: a row is never queued twice (MTT-5).
    queued: BTreeSet<Arc<str>>,
    /// The rows under way, and since when. One that is queued again meanwhile waits until it is finished.
    pub(super) running: BTreeMap<Arc<str>, Moment>,
    /// Transports that no row uses at the moment; they outlive the rows.
    pub(super) transports: Vec<TransportId>,
    /// Where the sweep over all rows stands.
    pub(super) pass: Pass,
    /// Whether it was told that the queue is full.
    pub(super) full: bool,
    state: PoolState,
    rate: Option<Semaphore>,
    figures: Figures,
}

/// Where the sweep over all rows stands (MTT-3, MTT-4).
#[derive(Debug, Default)]
pub(super) struct Pass {
    pub(super) keys: Vec<Arc<str>>,
    pub(super) bucket: u64,
}

/// Whether a pool starts rows (MTT-25).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum PoolState {
    /// It does.
    #[default]
    Enabled,
    /// Rows wait.
    Disabled,
}

/// The counting semaphore of `pollingRate`: each row that starts takes a unit (MTT-8).
#[derive(Debug)]
struct Semaphore {
    units: u32,
    refilled: Moment,
}

/// What happened since the statistics were written last (MTT-6).
#[derive(Debug, Default)]
struct Figures {
    /// When they are written next.
    due: Option<Moment>,
    longest: Span,
    total: Span,
    finished: u32,
    /// The most rows that were under way at once: the size the pool needed (MTT-9).
    size: usize,
}

impl Pool {
    /// Queues a row. False when it is queued already.
    pub(super) fn queue(&mut self, key: &Arc<str>) -> bool {
        if !self.queued.insert(Arc::clone(key)) {
            return false;
        }
        self.waiting.push_back(Arc::clone(key));
        true
    }

    /// Whether a row waits.
    pub(super) fn is_queued(&self, key: &str) -> bool {
        self.queued.contains(key)
    }

    /// Takes the next row that can start, if any may. One that was deleted while it waited does not.
    pub(super) fn next(
        &mut self,
        options: &MultiThreaded,
        now: Moment,
        exists: impl Fn(&str) -> bool,
    ) -> Option<Arc<str>> {
        if self.state == PoolState::Disabled || self.running.len() >= options.pool_size as usize {
            return None;
        }
        if let Some(rate) = options.polling_rate {
            let semaphore = self.rate.get_or_insert(Semaphore::full(rate, now));
            semaphore.refill(rate, now);
            if semaphore.units == 0 {
                return None;
            }
        }
        loop {
            let free = self.waiting.iter().position(|key| !self.running.contains_key(key))?;
            let key = self.waiting.remove(free)?;
            self.queued.remove(&key);
            self.full = false;
            if exists(&key) {
                self.running.insert(Arc::clone(&key), now);
                self.figures.size = self.figures.size.max(self.running.len());
                if let Some(semaphore) = &mut self.rate {
                    semaphore.units -= 1;
                }
                return Some(key);
            }
        }
    }

    /// A row is finished.
    pub(super) fn finish(&mut self, key: &str, transport: Option<TransportId>, now: Moment) {
        self.transports.extend(transport);
        let Some(began) = self.running.remove(key) else { return };
        let took = now - began;
        self.figures.finished += 1;
        self.figures.total = Span(self.figures.total.0.saturating_add(took.0));
        self.figures.longest = self.figures.longest.max(took);
    }

    /// The moment at which it has something to do by itself.
    fn next_wakeup(&self, options: &MultiThreaded) -> Option<Moment> {
        let rows_can_start = self.state == PoolState::Enabled
            && self.running.len() < options.pool_size as usize
            && self.waiting.iter().any(|key| !self.running.contains_key(key));
        let refill = self.rate.as_ref().zip(options.polling_rate);
        let refill = refill
            .filter(|(semaphore, _)| rows_can_start && semaphore.units == 0)
            .map(|(semaphore, rate)| semaphore.refilled + rate.interval);
        [refill, self.figures.due].into_iter().flatten().min()
    }
}

impl Semaphore {
    const fn full(rate: PollingRate, now: Moment) -> Self {
        Self {
            units: rate.max,
            refilled: now,
        }
    }

    /// Gives what the intervals that passed give, up to the cap.
    fn refill(&mut self, rate: PollingRate, now: Moment) {
        let intervals = (now - self.refilled).0 / rate.interval.0.max(1);
        let given = intervals.saturating_mul(rate.release.into());
        let units = given.saturating_add(self.units.into()).min(rate.max.into());
        self.units = u32::try_from(units).unwrap_or(rate.max);
        self.refilled = self.refilled + Span(intervals * rate.interval.0);
    }
}

impl Engine {
    /// Makes the pools of the timers, at the start (MTT-6).
    pub(super) fn open_pools(&mut self) {
        let protocol = Arc::clone(&self.protocol);
        for timer in &protocol.parts().timers {
            let Some(options) = &timer.multithreaded else { continue };
            let pool = self.pools.entry(timer.id).or_default();
            pool.rate = options.polling_rate.map(|rate| Semaphore::full(rate, self.now));
            pool.figures.due = options
                .statistics
                .as_ref()
                .map(|statistics| self.now + statistics.every);
        }
    }

    /// The moment at which a pool has something to do by itself.
    pub(super) fn next_wakeup_of_pools(&self) -> Option<Moment> {
        if self.life != Life::Running {
            return None;
        }
        let wakeup = |(&id, pool): (&TimerId, &Pool)| {
            let options = self.protocol.timer(id)?.multithreaded.as_ref()?;
            pool.next_wakeup(options)
        };
        self.pools.iter().filter_map(wakeup).min()
    }

    /// Writes the statistics of a pool that are due. False when none are (MTT-6, MTT-9).
    pub(super) fn write_statistics(&mut self) -> bool {
        if self.life != Life::Running {
            return false;
        }
        let now = self.now;
        let protocol = Arc::clone(&self.protocol);
        let due = self
            .pools
            .iter_mut()
            .find(|(_, pool)| pool.figures.due.is_some_and(|due| due <= now));
        let Some((&id, pool)) = due else { return false };
        let options = protocol.timer(id).and_then(|timer| timer.multithreaded.as_ref());
        let Some((options, statistics)) = options.and_then(|options| Some((options, options.statistics.as_ref()?)))
        else {
            pool.figures.due = None;
            return true;
        };
        let fresh = Figures {
            due: pool.figures.due.map(|due| due + statistics.every),
            size: pool.running.len(),
            ..Figures::default()
        };
        let figures = std::mem::replace(&mut pool.figures, fresh);
        let mean = figures.total.0.checked_div(figures.finished.into()).unwrap_or_default();
        // None of these comes near the numbers that a double does not have.
        let values: [(Option<ParamId>, f64); 6] = [
            (statistics.usage, pool.running.len() as f64),
            (statistics.waiting, pool.waiting.len() as f64),
            (statistics.max_duration, figures.longest.0 as f64),
            (statistics.avg_duration, mean as f64),
            (statistics.counter, f64::from(figures.finished)),
            (options.dynamic_pool, figures.size as f64),
        ];
        let by = Origin::Timer(id);
        let mut events = Vec::new();
        for (param, value) in values {
            let Some(param) = param.and_then(|id| protocol.param(id)) else {
                continue;
            };
            if self.store(param, &Value::Number(value), by, Fires::OnChange) == Stored::Event {
                events.push((param.id, None));
            }
        }
        let changes = Frame::Changes(ChangesFrame::new(events, by));
        self.start_chain(GateId::MAIN, Gating::QActions, Arc::from(""), changes);
        true
    }

    /// `NT_RESET_THREAD_POOL` (327): the rows that wait are forgotten, those under way end, the sweep begins anew
    /// (MTT-25).
    pub(super) fn reset_pool(&mut self, timer: TimerId) {
        let Some(pool) = self.pool(timer) else { return };
        pool.waiting.clear();
        pool.queued.clear();
        pool.pass = Pass::default();
        pool.full = false;
    }

    /// `NT_SET_THREAD_POOL_STATE` (328): a disabled pool starts no row; rows wait (MTT-25).
    pub(super) fn turn_pool(&mut self, timer: TimerId, state: PoolState) {
        if let Some(pool) = self.pool(timer) {
            pool.state = state;
        }
    }

    /// The pool of a timer; logged when it has none.
    fn pool(&mut self, timer: TimerId) -> Option<&mut Pool> {
        let is_multithreaded = self
            .protocol
            .timer(timer)
            .is_some_and(|timer| timer.multithreaded.is_some());
        if !is_multithreaded {
            let text = format!("timer {timer} is not a multithreaded timer: it has no thread pool");
            self.log(LogLevel::Error, text);
            return None;
        }
        Some(self.pools.entry(timer).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::Semaphore;
    use crate::model::moment::{Moment, Span};
    use crate::model::timer::PollingRate;

    #[test]
    fn mtt_8_the_semaphore_is_refilled_up_to_its_cap() {
        let rate = PollingRate {
            interval: Span(15),
            max: 3,
            release: 2,
        };
        let mut semaphore = Semaphore::full(rate, Moment(0));
        semaphore.units = 0;
        let mut after = |at| {
            semaphore.refill(rate, Moment(at));
            semaphore.units
        };
        assert_eq!(
            [after(14), after(15), after(29), after(30), after(1000)],
            [0, 2, 2, 3, 3]
        );
    }
}
