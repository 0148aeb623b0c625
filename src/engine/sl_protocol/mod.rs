//! What a QAction sees of its element: DataMiner's `SLProtocol`.
//!
//! A QAction is `async`, but all it can await are the calls of its [`SlProtocol`]. Each call leaves a note for the
//! engine, which alone polls the QAction: it carries the call out with everything that it causes (triggers, actions,
//! nested QActions) and polls again. Observable order is that of synchronous calls (API-3, QA-14).
//!
//! Rules: API-1 to API-3, QAP-1 to QAP-33.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::engine::pool::PoolState;
use crate::engine::port::{Answer, Call, Port};
use crate::engine::qaction::{RunFacts, TimerRequest};
use crate::model::id::{ActionId, ConnectionId, TimerId, TriggerId};
use crate::model::moment::Span;

mod facts;

mod history;
mod params;
mod rows;
mod table;

mod client;
mod elements;
mod lenient;
mod unsupported;

pub use history::RowsOfTime;
pub use lenient::{lenient_bool, lenient_number};
pub use params::Named;
pub use table::{MissingRow, QActionTable};
pub use unsupported::Unsupported;

/// What a QAction sees of its element: DataMiner's `SLProtocol`.
pub struct SlProtocol {
    facts: RunFacts,
    port: Port,
}

/// Waits until the engine has carried out a call.
struct Pending<'a> {
    port: &'a Port,
    call: Option<Call>,
}

impl Future for Pending<'_> {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Answer> {
        let mut port = self.port.lock();
        if let Some(call) = self.call.take() {
            port.call = Some(call);
            return Poll::Pending;
        }
        port.answer.take().map_or(Poll::Pending, Poll::Ready)
    }
}

impl SlProtocol {
    /// A face for one run; the engine keeps the other end of the port.
    pub(super) fn new(facts: RunFacts) -> (Self, Port) {
        let port = Port::default();
        (
            Self {
                facts,
                port: Arc::clone(&port),
            },
            port,
        )
    }

    /// Leaves a call for the engine and waits for the answer.
    async fn call(&self, call: Call) -> Answer {
        Pending {
            port: &self.port,
            call: Some(call),
        }
        .await
    }

    /// `CheckTrigger`: fires a trigger whatever its event, and returns when all that it caused is done (TRG-18).
    pub async fn check_trigger(&self, trigger: TriggerId) {
        self.call(Call::CheckTrigger(trigger)).await;
    }

    /// `NT_RUN_ACTION` (221): runs one action, condition included.
    pub async fn run_action(&self, action: ActionId) {
        self.call(Call::RunAction(action)).await;
    }

    /// `NT_CHANGE_COMMUNICATION_STATE` (249): whether a connection responds (TMO-17).
    pub async fn communication_state(&self, connection: ConnectionId, responding: bool) {
        self.call(Call::CommunicationState(connection, responding)).await;
    }

    /// Why the last exchange on a connection failed, without secrets; none when it succeeded. More than the product gives:
    /// there only communication triggers tell the kind of failure (TMO-16).
    pub async fn last_failure(&self, connection: ConnectionId) -> Option<Arc<str>> {
        match self.call(Call::LastFailure(connection)).await {
            Answer::Key(reason) => reason,
            _ => None,
        }
    }

    /// The address to which the relative URLs of a connection go, as `https://host/path`, without a slash at its end; none
    /// when there is no such connection. The product tells it to clients only, in the info of an element.
    pub async fn connection_address(&self, connection: ConnectionId) -> Option<Arc<str>> {
        match self.call(Call::ConnectionAddress(connection)).await {
            Answer::Key(address) => address,
            _ => None,
        }
    }

    /// `NT_SCHEDULE_ROW_ON_TIMER` (229): queues a row of a multithreaded timer at once (MTT-25). Whether it was queued:
    /// not when the queue is full or the row is queued already.
    pub async fn schedule_row(&self, timer: TimerId, key: &str) -> bool {
        truth(&self.call(Call::ScheduleRow(timer, key.into())).await)
    }

    /// `NT_RESET_THREAD_POOL` (327): forgets the rows of a multithreaded timer that wait (MTT-25).
    pub async fn reset_thread_pool(&self, timer: TimerId) {
        self.call(Call::ResetPool(timer)).await;
    }

    /// `NT_SET_THREAD_POOL_STATE` (328): whether a multithreaded timer starts rows (MTT-25).
    pub async fn set_thread_pool_state(&self, timer: TimerId, enabled: bool) {
        let state = if enabled {
            PoolState::Enabled
        } else {
            PoolState::Disabled
        };
        self.call(Call::TurnPool(timer, state)).await;
    }

    /// In a `qactionBefore`: the request to make for the row. Without it none is made (MTT-19).
    pub async fn return_request(&self, request: TimerRequest) {
        self.call(Call::TimerRequest(request)).await;
    }

    /// Waits, keeping the gate, as `Thread.Sleep` does.
    pub async fn sleep(&self, span: Span) {
        self.call(Call::Sleep(span)).await;
    }

    /// The wall clock, in milliseconds since 1970.
    pub async fn unix_ms(&self) -> i64 {
        count(&self.call(Call::Now).await)
    }

    /// `IsActive`: whether the element still runs (ELM-12).
    pub async fn is_active(&self) -> bool {
        truth(&self.call(Call::IsActive).await)
    }

    /// `NT_ELEMENT_STARTUP_COMPLETE` (377) of the own element: whether timers and lanes run. It does not wait: what runs
    /// before would wait for itself (ELM-9).
    pub async fn is_started(&self) -> bool {
        truth(&self.call(Call::IsStarted).await)
    }
}

const fn truth(answer: &Answer) -> bool {
    matches!(answer, Answer::Truth(true))
}

const fn count(answer: &Answer) -> i64 {
    match answer {
        Answer::Count(count) => *count,
        _ => 0,
    }
}
