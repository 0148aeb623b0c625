//! Multithreaded timers: rows of a table handled side by side, each with a request of its own.
//!
//! A tick queues the rows of the next buckets, `schedule_row` (NT 229) queues one at once. At most `pool_size` rows are
//! under way. One row: read its cells, `qactionBefore`, the request it asks for, the QActions on the group with
//! the result, `qactionAfter`. The group itself is never executed, and nothing here puts the element in timeout.
//!
//! Rules: MTT-2 to MTT-8, MTT-10 to MTT-22, MTT-25.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::chain::{Context, Frame, Gating, Next};
use crate::engine::effect::LogLevel;
use crate::engine::exchange::{CertificateCheck, ExchangeError, ExchangeErrorKind, Request, Response, TransportId};
use crate::engine::gate::GateId;
use crate::engine::life::Life;
use crate::engine::qaction::{TimerRequest, TimerResult};
use crate::engine::render::{headers, legal_url};
use crate::engine::run_qaction::{Cause, QActionsFrame};
use crate::model::connection::ConnectionKind;
use crate::model::id::{ConnectionId, GroupId, ParamId, QActionId, TimerId};
use crate::model::timer::{MultiThreaded, Timer, TimerTime};
use crate::model::value::Value;

/// The rows of one multithreaded timer.
#[derive(Debug, Default)]
pub(super) struct Pool {
    waiting: VecDeque<Arc<str>>,
    /// The keys in `waiting`: a row is never queued twice (MTT-5).
    queued: BTreeSet<Arc<str>>,
    /// The rows under way. One that is queued again meanwhile waits until it is finished.
    running: BTreeSet<Arc<str>>,
    /// Transports that no row uses at the moment; they outlive the rows.
    transports: Vec<TransportId>,
    pass: Pass,
    full: bool,
}

/// Where the sweep over all rows stands (MTT-3, MTT-4).
#[derive(Debug, Default)]
struct Pass {
    keys: Vec<Arc<str>>,
    bucket: u64,
}

impl Pool {
    /// Takes the next row that can start. One that was deleted while it waited does not.
    fn next(&mut self, exists: impl Fn(&str) -> bool) -> Option<Arc<str>> {
        loop {
            let free = self.waiting.iter().position(|key| !self.running.contains(key))?;
            let key = self.waiting.remove(free)?;
            self.queued.remove(&key);
            self.full = false;
            if exists(&key) {
                self.running.insert(Arc::clone(&key));
                return Some(key);
            }
        }
    }
}

/// The pools of an element.
pub(super) type Pools = BTreeMap<TimerId, Pool>;

impl Engine {
    /// A tick: queues the rows of the next buckets (MTT-3 to MTT-5).
    pub(super) fn sweep(&mut self, timer: &Timer) {
        let Some(options) = &timer.multithreaded else { return };
        let buckets = (options.each.0 / 1000).max(1);
        let step = match timer.time {
            TimerTime::Every(period) => (period.0 / 1000).clamp(1, buckets),
            TimerTime::Loop => 1,
        };
        let keys = self.tables.get(&options.table);
        let pool = self.pools.entry(timer.id).or_default();
        if pool.pass.bucket == 0 {
            pool.pass.keys = keys.map(|table| table.keys().cloned().collect()).unwrap_or_default();
        }
        let rows = pool.pass.keys.len() as u64;
        let from = pool.pass.bucket;
        let to = (from + step).min(buckets);
        pool.pass.bucket = if to == buckets { 0 } else { to };
        let index = |bucket: u64| usize::try_from((rows * bucket).div_ceil(buckets)).unwrap_or(usize::MAX);
        let due: Vec<Arc<str>> = pool.pass.keys[index(from)..index(to)].to_vec();
        for key in due {
            self.schedule_row(timer.id, &key);
        }
    }

    /// Queues one row (NT 229). False when it is queued already, does not exist, or the queue is full (MTT-7).
    pub(super) fn schedule_row(&mut self, timer: TimerId, key: &Arc<str>) -> bool {
        let protocol = Arc::clone(&self.protocol);
        let Some(options) = protocol.timer(timer).and_then(|timer| timer.multithreaded.as_ref()) else {
            self.log(
                LogLevel::Error,
                format!("timer {timer} is not a multithreaded timer: no row is queued"),
            );
            return false;
        };
        if !self.tables.get(&options.table).is_some_and(|table| table.contains(key)) {
            return false;
        }
        let pool = self.pools.entry(timer).or_default();
        if pool.queued.contains(key) {
            return false;
        }
        if pool.waiting.len() >= options.queue_size as usize {
            if !std::mem::replace(&mut pool.full, true) {
                let (size, queue) = (options.pool_size, options.queue_size);
                self.log(
                    LogLevel::Warning,
                    format!("thread pool of timer {timer} (size {size}): the queue of {queue} is full"),
                );
            }
            return false;
        }
        pool.queued.insert(Arc::clone(key));
        pool.waiting.push_back(Arc::clone(key));
        true
    }

    /// Starts a row of a pool that has room. False when none can start.
    pub(super) fn start_row(&mut self) -> bool {
        if self.life != Life::Running {
            return false;
        }
        let protocol = Arc::clone(&self.protocol);
        let options = |id: TimerId| {
            protocol
                .timer(id)
                .and_then(|timer| timer.multithreaded.as_ref().map(|options| (timer, options)))
        };
        let ready = self.pools.iter_mut().find_map(|(&id, pool)| {
            let (timer, options) = options(id)?;
            if pool.running.len() >= options.pool_size as usize {
                return None;
            }
            let rows = self.tables.get(&options.table)?;
            let key = pool.next(|key| rows.contains(key))?;
            Some((timer, options, key))
        });
        let Some((timer, options, key)) = ready else {
            return false;
        };
        let row = RowFrame::new(timer, options, key, self);
        self.start_chain(GateId::MAIN, Gating::Detached, Arc::from(""), Frame::Row(Box::new(row)));
        true
    }
}

/// One row at work.
pub(super) struct RowFrame {
    timer: TimerId,
    table: ParamId,
    key: Arc<str>,
    /// The group: its own, or that of the group column (MTT-11).
    group: Option<GroupId>,
    ignored: bool,
    before: Option<QActionId>,
    after: Option<QActionId>,
    each_row: Option<QActionId>,
    transport: Option<TransportId>,
    stage: RowStage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RowStage {
    Before,
    Request,
    Awaited,
    After,
    End,
}

impl RowFrame {
    /// Reads the cells it needs: changes made by `qactionBefore` count on the next pass only (MTT-10).
    fn new(timer: &Timer, options: &MultiThreaded, key: Arc<str>, engine: &Engine) -> Self {
        let cell = |idx: usize| {
            engine
                .tables
                .get(&options.table)
                .and_then(|table| table.get_cell(&key, idx).ok().cloned())
                .unwrap_or_default()
        };
        let ignored = options.ignore_if.is_some_and(|(idx, value)| match cell(idx) {
            Value::Uninitialised => true,
            Value::Number(number) => number == value,
            Value::Text(text) => crate::model::value::parse_number(&text) == Some(value),
        });
        let named = options
            .group_column
            .and_then(|idx| cell(idx).to_text().trim().parse().ok().map(GroupId));
        let group = named
            .filter(|&id| engine.protocol.group(id).is_some())
            .or_else(|| timer.groups.first().copied());
        Self {
            timer: timer.id,
            table: options.table,
            group,
            ignored,
            before: options.before,
            after: options.after,
            each_row: options.each_row,
            transport: None,
            stage: RowStage::Before,
            key,
        }
    }

    pub(super) fn step(&mut self, engine: &mut Engine, context: &mut Context) -> Next {
        match self.stage {
            RowStage::Before => {
                self.stage = RowStage::Request;
                context.timer_request = None;
                self.run(self.before.or(self.each_row), engine)
            }
            RowStage::Request if engine.is_paused() => Next::Resumed,
            RowStage::Request => self.request(engine, context),
            RowStage::Awaited => {
                let Some(answer) = context.answer.take() else {
                    return Next::Done;
                };
                self.result(answer, engine)
            }
            RowStage::After => {
                self.stage = RowStage::End;
                self.run(self.after, engine)
            }
            RowStage::End => {
                let pool = engine.pools.entry(self.timer).or_default();
                pool.running.remove(&self.key);
                pool.transports.extend(self.transport.take());
                Next::Done
            }
        }
    }

    fn run(&self, qaction: Option<QActionId>, engine: &Engine) -> Next {
        let Some(qaction) = qaction else { return Next::Again };
        let cause = Cause::Row {
            qaction,
            table: self.table,
            key: Arc::clone(&self.key),
        };
        Next::Call(Frame::QActions(QActionsFrame::on(engine, cause)))
    }

    /// The request that `qactionBefore` asked for (MTT-13, MTT-14, MTT-19).
    fn request(&mut self, engine: &mut Engine, context: &mut Context) -> Next {
        let asked = context.timer_request.take();
        if self.ignored {
            self.stage = RowStage::After;
            return Next::Again;
        }
        let Some(asked) = asked else {
            self.stage = RowStage::After;
            return self.tell(TimerResult::NotPolled, engine);
        };
        match self.render(asked, engine) {
            Ok(request) => {
                self.stage = RowStage::Awaited;
                Next::Answer(engine.send(request))
            }
            Err(error) => self.result(Err(error), engine),
        }
    }

    fn render(&mut self, asked: TimerRequest, engine: &mut Engine) -> Result<Request, ExchangeError> {
        let connection = self
            .group
            .and_then(|id| engine.protocol.group(id))
            .map_or(ConnectionId(0), |group| group.connection);
        let settings = engine
            .connection(connection)
            .filter(|settings| settings.kind == ConnectionKind::Http);
        let Some(settings) = settings else {
            let detail = format!("connection {connection} is not an HTTP connection");
            return Err(ExchangeError {
                kind: ExchangeErrorKind::CannotConnect,
                sent: false,
                detail,
            });
        };
        let url = engine.url_at(settings, &legal_url(&asked.url));
        let skip = asked
            .skip_certificate_verification
            .unwrap_or(settings.skip_certificate_verification);
        let timeout = asked.timeout.unwrap_or(settings.timeout);
        let pooled = engine.pools.entry(self.timer).or_default().transports.pop();
        let transport = pooled.unwrap_or_else(|| engine.new_transport());
        self.transport = Some(transport);
        Ok(Request {
            session: None,
            exchange: None,
            connection,
            headers: headers(&asked.method, &url, &asked.headers, &asked.body),
            method: asked.method,
            url,
            body: asked.body,
            timeout,
            transport,
            proxy: engine.default_proxy(connection),
            certificate: if skip {
                CertificateCheck::Skip
            } else {
                CertificateCheck::Verify
            },
        })
    }

    fn result(&mut self, answer: Result<Response, ExchangeError>, engine: &Engine) -> Next {
        self.stage = RowStage::After;
        let result = match answer {
            Ok(response) => TimerResult::Response(Arc::new(response)),
            Err(error) => TimerResult::Failed(error),
        };
        self.tell(result, engine)
    }

    /// Runs the QActions on the group with what came of the request (MTT-15).
    fn tell(&self, result: TimerResult, engine: &Engine) -> Next {
        let Some(group) = self.group else { return Next::Again };
        let cause = Cause::Result {
            group,
            table: self.table,
            key: Arc::clone(&self.key),
            result,
        };
        Next::Call(Frame::QActions(QActionsFrame::on(engine, cause)))
    }
}
