//! Multithreaded timers: rows of a table handled side by side, each with a request of its own.
//!
//! A tick queues the rows of the next buckets, `schedule_row` (NT 229) queues one at once. At most `pool_size` rows are
//! under way. One row: read its cells, `qactionBefore`, the request it asks for, the QActions on the group with
//! the result, `qactionAfter`. The group itself is never executed, and nothing here puts the element in timeout.
//!
//! Rules: MTT-2 to MTT-5, MTT-7, MTT-10 to MTT-23, MTT-25.

use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::chain::{Context, Frame, Gating, Next};
use crate::engine::effect::LogLevel;
use crate::engine::exchange::{
    CertificateCheck, ClientCertificate, ExchangeError, ExchangeErrorKind, Request, Response, TransportId,
};
use crate::engine::gate::GateId;
use crate::engine::life::Life;
use crate::engine::qaction::{TimerCertificate, TimerRequest, TimerResult};
use crate::engine::render::{headers, legal_url};
use crate::engine::run_qaction::{Cause, QActionsFrame};
use crate::model::connection::ConnectionKind;
use crate::model::id::{ConnectionId, GroupId, ParamId, QActionId, TimerId};
use crate::model::timer::{MultiThreaded, Timer, TimerTime};
use crate::model::value::Value;

impl Engine {
    /// A tick: queues the rows of the next buckets (MTT-3 to MTT-5).
    pub(super) fn sweep(&mut self, timer: &Timer) {
        let Some(options) = &timer.multithreaded else { return };
        let buckets = (options.each.0 / 1000).max(1);
        let step = match self.period(timer) {
            TimerTime::Every(period) => (period.0 / 1000).clamp(1, buckets),
            TimerTime::Loop => 1,
        };
        for _ in 0..step {
            let pool = self.pools.entry(timer.id).or_default();
            if pool.pass.bucket == 0 {
                let rows = self.tables.get(&options.table);
                pool.pass.keys = rows.map(|table| table.keys().cloned().collect()).unwrap_or_default();
            }
            let rows = pool.pass.keys.len() as u64;
            let from = pool.pass.bucket;
            pool.pass.bucket = (from + 1) % buckets;
            let index = |bucket: u64| usize::try_from((rows * bucket).div_ceil(buckets)).unwrap_or(usize::MAX);
            let due: Vec<Arc<str>> = pool.pass.keys[index(from)..index(from + 1)].to_vec();
            // A bucket of which rows still wait is passed over as a whole (MTT-5).
            if due.iter().any(|key| pool.is_queued(key)) {
                continue;
            }
            for key in due {
                self.schedule_row(timer.id, &key);
            }
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
        if pool.is_queued(key) {
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
        pool.queue(key)
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
            let rows = self.tables.get(&options.table)?;
            let key = pool.next(options, self.now, |key| rows.contains(key))?;
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
    /// The request that `qactionBefore` asked for, and the answers to its paths so far.
    asked: Option<TimerRequest>,
    answers: Vec<Arc<Response>>,
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
            asked: None,
            answers: Vec::new(),
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
                self.answered(*answer, engine)
            }
            RowStage::After => {
                self.stage = RowStage::End;
                self.run(self.after, engine)
            }
            RowStage::End => {
                let transport = self.transport.take();
                let pool = engine.pools.entry(self.timer).or_default();
                pool.finish(&self.key, transport, engine.now);
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
        self.asked = context.timer_request.take().map(|asked| *asked).or(self.asked.take());
        if self.ignored {
            self.stage = RowStage::After;
            return Next::Again;
        }
        let Some(asked) = self.asked.clone() else {
            self.stage = RowStage::After;
            return self.tell(TimerResult::NotPolled, engine);
        };
        match self.render(asked, engine) {
            Ok(request) => {
                self.stage = RowStage::Awaited;
                Next::Answer(engine.send(request))
            }
            Err(error) => self.result(TimerResult::Failed(error), engine),
        }
    }

    /// One path after the other; the first failure is the result of all (MTT-17, MTT-18).
    fn answered(&mut self, answer: Result<Response, ExchangeError>, engine: &Engine) -> Next {
        let response = match answer {
            Ok(response) => Arc::new(response),
            Err(error) => return self.result(TimerResult::Failed(error), engine),
        };
        let further = self.asked.as_ref().map_or(0, |asked| asked.further.len());
        if further == 0 {
            return self.result(TimerResult::Response(response), engine);
        }
        self.answers.push(response);
        if self.answers.len() <= further {
            self.stage = RowStage::Request;
            return Next::Again;
        }
        let answers = std::mem::take(&mut self.answers);
        self.result(TimerResult::Responses(answers), engine)
    }

    fn render(&mut self, mut asked: TimerRequest, engine: &mut Engine) -> Result<Request, ExchangeError> {
        if let Some(nth) = self.answers.len().checked_sub(1)
            && let Some(path) = asked.further.get(nth)
        {
            asked.url = path.url.clone();
            asked.body = Arc::clone(&path.body);
        }
        let connection = self.group.map_or(ConnectionId(0), |group| engine.connection_of(group));
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
        let certificate = match asked.certificate {
            TimerCertificate::Skip => CertificateCheck::Skip,
            TimerCertificate::Verify => CertificateCheck::Verify,
            TimerCertificate::AsConnection if settings.skip_certificate_verification => CertificateCheck::Skip,
            TimerCertificate::AsConnection => CertificateCheck::Verify,
        };
        let timeout = asked.timeout.unwrap_or(settings.timeout);
        let pooled = || engine.pools.entry(self.timer).or_default().transports.pop();
        let transport = self.transport.or_else(pooled).unwrap_or_else(|| engine.new_transport());
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
            certificate,
            client_certificate: ClientCertificate::Withheld,
        })
    }

    fn result(&mut self, result: TimerResult, engine: &Engine) -> Next {
        self.stage = RowStage::After;
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
