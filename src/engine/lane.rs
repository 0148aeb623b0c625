//! A lane: a group queue and the group it runs. The main lane always exists, extra threads add more.
//!
//! Rules: GQ-2, GQ-9 to GQ-19, THR-1 to THR-9, TMO-23, MDL-6.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::bounds::MOST_GROUPS;
use crate::engine::chain::{ChainKey, Frame, Gating};
use crate::engine::connection_test::TestId;
use crate::engine::effect::LogLevel;
use crate::engine::gate::GateId;
use crate::engine::group::GroupFrame;
use crate::engine::life::Life;
use crate::engine::queue::{Class, Entry, Queue, class};
use crate::engine::timer::Tick;
use crate::engine::told::Told;
use crate::engine::watchdog::Work;
use crate::model::action::Execute;
use crate::model::id::{ConnectionId, GroupId, ParamId, ThreadId, TimerId};
use crate::model::moment::Span;
use crate::model::protocol::Protocol;

/// Above this many queued groups one error is logged (GQ-18).
const MANY: usize = 1000;

/// One lane.
#[derive(Debug, Default)]
pub(super) struct Lane {
    queue: Queue,
    /// Groups that interrupt the running one after its item, numbered in the order they were asked for (GQ-9, GQ-10).
    forced: VecDeque<(u64, Entry)>,
    /// How many were asked for.
    forced_count: u64,
    running: Option<ChainKey>,
    /// What the trace calls it: the main lane is 0.
    pub(super) thread: u32,
    id: Option<ThreadId>,
    connections: Vec<ConnectionId>,
    overfull: bool,
    full: bool,
}

/// The lanes of a definition: the main one and one a thread.
pub(super) fn lanes(protocol: &Protocol) -> Vec<Lane> {
    let extra = protocol.parts().threads.iter().map(|thread| {
        let number = thread
            .id
            .map(|id| id.0)
            .or_else(|| thread.connections.first().and_then(|id| u32::try_from(id.0).ok()));
        Lane {
            thread: number.unwrap_or_default(),
            id: thread.id,
            connections: thread.connections.clone(),
            ..Lane::default()
        }
    });
    std::iter::once(Lane::default()).chain(extra).collect()
}

impl Lane {
    /// A group is forced while another runs. Those that were forced while nothing ran come first (GQ-10).
    fn force(&mut self, entry: Option<Entry>) {
        for entry in self.queue.take_forced().into_iter().chain(entry) {
            self.forced_count += 1;
            self.forced.push_back((self.forced_count, entry));
        }
    }

    /// Takes out the group that runs next: forced ones first.
    fn pop(&mut self) -> Option<Entry> {
        let forced = self.forced.pop_front().map(|(_, entry)| entry);
        let entry = forced.or_else(|| self.queue.pop())?;
        if entry.class == Class::Forced {
            self.force(None);
        }
        Some(entry)
    }
}

impl Engine {
    /// Queues a group for an action (GQ-4 to GQ-12). False when nothing was queued.
    pub(super) fn enqueue_by_action(&mut self, group: GroupId, how: Execute, before: usize) -> bool {
        let once = matches!(
            how,
            Execute::ExecuteOne | Execute::ExecuteOneNow | Execute::ExecuteOneTop
        );
        // Asked first: the requests of a group that is queued already are not rendered for nothing.
        if once && self.lanes[self.lane_of(group)].queue.contains(group) {
            return false;
        }
        if self.is_full(self.lane_of(group)) {
            return false;
        }
        let Some((lane, mut entry)) = self.entry(group, None, Span::ZERO) else {
            return false;
        };
        let target = &mut self.lanes[lane];
        entry.class = class(how);
        if let Some(running) = target.running.filter(|_| how == Execute::ForceExecute) {
            self.chains.look_again(running);
            target.force(Some(entry));
        } else {
            target.queue.insert(how, before, entry);
        }
        self.watch_length(lane);
        true
    }

    /// Queues the group of a connection test, as `execute` does. False when it cannot be (GRP-16).
    pub(super) fn enqueue_test(&mut self, group: GroupId, test: TestId) -> bool {
        if self.is_full(self.lane_of(group)) {
            return false;
        }
        let Some((lane, mut entry)) = self.entry(group, None, Span::ZERO) else {
            return false;
        };
        entry.class = Class::High;
        entry.test = Some(test);
        self.lanes[lane].queue.insert(Execute::Execute, 0, entry);
        self.watch_length(lane);
        true
    }

    /// Queues a poll-class group for a timer, unless it is queued already (GQ-14). `signal`: the timer waits for it.
    pub(super) fn enqueue_by_timer(&mut self, group: GroupId, tick: Tick, interval: Span, signal: bool) {
        let lane = self.lane_of(group);
        if self.lanes[lane].queue.contains(group) {
            if signal {
                self.lanes[lane].queue.wait_for(group, tick);
            }
            return;
        }
        if self.is_full(lane) {
            // Nothing is left to wait for: the timer ticks on, or it would never again.
            if signal {
                self.signal_timer(tick);
            }
            return;
        }
        let Some((lane, mut entry)) = self.entry(group, Some(tick.timer), interval) else {
            return;
        };
        entry.signals.extend(signal.then_some(tick));
        self.lanes[lane].queue.insert(Execute::AddToExecute, 0, entry);
        self.watch_length(lane);
    }

    /// An entry with its requests rendered now (GQ-16), and its lane.
    pub(super) fn entry(&mut self, group: GroupId, timer: Option<TimerId>, interval: Span) -> Option<(usize, Entry)> {
        let protocol = Arc::clone(&self.protocol);
        let definition = protocol.group(group)?;
        let connection = self.connection_of(group);
        self.tell_invalid_connection(group);
        let sessions = match group {
            // Rendered when it is executed (TMO-23).
            GroupId::PING => Vec::new(),
            _ => self.render_sessions(definition, connection),
        };
        let entry = Entry {
            group,
            class: Class::Low,
            connection,
            timer,
            signals: Vec::new(),
            test: None,
            interval,
            sessions,
        };
        Some((self.lane_of(group), entry))
    }

    /// The element connection of a group: its parameter's when it names one, else its own (THR-3, THR-5).
    pub(super) fn connection_of(&self, group: GroupId) -> ConnectionId {
        let Some(definition) = self.protocol.group(group) else {
            return ConnectionId(0);
        };
        match definition.connection_pid {
            Some(pid) => self.named_connection(pid).unwrap_or(ConnectionId(0)),
            None => definition.connection,
        }
    }

    /// The connection whose number a parameter holds; none when the element has none of that number.
    fn named_connection(&self, pid: ParamId) -> Option<ConnectionId> {
        let id = ConnectionId(self.params.get(pid).to_text().trim().parse().ok()?);
        let mut connections = self.settings.connections.iter();
        connections.any(|connection| connection.id == id).then_some(id)
    }

    /// One line when the parameter of a group names no connection: the main one is taken (OQ-8).
    fn tell_invalid_connection(&mut self, group: GroupId) {
        let pid = self
            .protocol
            .group(group)
            .and_then(|definition| definition.connection_pid);
        let Some(pid) = pid.filter(|&pid| self.named_connection(pid).is_none()) else {
            return;
        };
        let text =
            format!("the connectionPID of group {group}, parameter {pid}, holds no connection: connection 0 is used");
        self.log_once(Told::ConnectionPid(group), LogLevel::Error, text);
    }

    /// The lane of a group: by thread id, else by connection, else the main one (THR-3, THR-4, THR-7).
    fn lane_of(&self, group: GroupId) -> usize {
        let Some(definition) = self.protocol.group(group) else {
            return 0;
        };
        let connection = self.connection_of(group);
        let found = match definition.thread {
            Some(thread) => self.lanes.iter().position(|lane| lane.id == Some(thread)),
            None => self
                .lanes
                .iter()
                .position(|lane| lane.id.is_none() && lane.connections.contains(&connection)),
        };
        found.unwrap_or(0)
    }

    /// Whether a queue holds all that it may; told once until a group has run.
    fn is_full(&mut self, lane: usize) -> bool {
        let lane = &mut self.lanes[lane];
        if lane.queue.len() + lane.forced.len() < MOST_GROUPS {
            return false;
        }
        if !std::mem::replace(&mut lane.full, true) {
            let text = format!(
                "{MOST_GROUPS} groups wait for thread {}: further ones are not queued until some have run",
                lane.thread
            );
            self.log(LogLevel::Error, text);
        }
        true
    }

    /// One error when a queue grows beyond all reason; another one only after it shrank (GQ-18).
    fn watch_length(&mut self, lane: usize) {
        let lane = &mut self.lanes[lane];
        let was_overfull = std::mem::replace(&mut lane.overfull, lane.queue.len() > MANY);
        if lane.overfull && !was_overfull {
            let text = format!("more than {MANY} groups on the stack of thread {}", lane.thread);
            self.log(LogLevel::Error, text);
        }
    }

    /// Starts the front group of an idle lane. False when no lane can start one.
    pub(super) fn start_lanes(&mut self) -> bool {
        if self.life != Life::Running {
            return false;
        }
        let ready = |lane: &Lane| lane.running.is_none() && (!lane.forced.is_empty() || lane.queue.len() > 0);
        let Some(index) = self.lanes.iter().position(ready) else {
            return false;
        };
        let lane = &mut self.lanes[index];
        let Some(entry) = lane.pop() else {
            return false;
        };
        // One that is forced itself is not interrupted by those that were forced before it began (GQ-10).
        let began = if entry.class == Class::Forced {
            lane.forced_count
        } else {
            0
        };
        let work = Work::Group(entry.group, lane.thread);
        lane.full &= lane.queue.len() > MOST_GROUPS / 2;
        let frame = Frame::Group(Box::new(GroupFrame::of_lane(entry, index, began)));
        let key = self.start_chain(GateId(index), Gating::Whole, Arc::from(""), frame);
        self.lanes[index].running = Some(key);
        self.watch(key, work);
        true
    }

    /// The forced group that may interrupt the group a lane runs. One that is forced itself is interrupted only by a
    /// group asked for since it began, and never while an earlier one still waits (GQ-10).
    pub(super) fn next_forced(&mut self, lane: usize, began: u64) -> Option<Entry> {
        self.lanes[lane]
            .forced
            .pop_front_if(|(number, _)| *number > began)
            .map(|(_, entry)| entry)
    }

    /// Whether such a group waits.
    pub(super) fn is_forced(&self, lane: usize, began: u64) -> bool {
        self.lanes[lane]
            .forced
            .front()
            .is_some_and(|(number, _)| *number > began)
    }

    /// How many forced groups a lane was asked for so far.
    pub(super) fn forced_so_far(&self, lane: usize) -> u64 {
        self.lanes[lane].forced_count
    }

    /// The running group of a lane is finished.
    pub(super) fn lane_is_idle(&mut self, lane: usize) {
        self.lanes[lane].running = None;
    }

    /// Removes the groups that a timer queued; the timers that waited for them are free (TIM-20).
    pub(super) fn remove_queued_by(&mut self, timer: TimerId) {
        let signals: Vec<Tick> = self
            .lanes
            .iter_mut()
            .flat_map(|lane| lane.queue.remove_of_timer(timer))
            .collect();
        for tick in signals {
            self.signal_timer(tick);
        }
    }

    /// Empties all queues (GQ-20).
    pub(super) fn empty_queues(&mut self) {
        for lane in &mut self.lanes {
            lane.queue.clear();
            lane.forced.clear();
            lane.running = None;
        }
    }
}
