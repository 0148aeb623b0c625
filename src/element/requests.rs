//! The requests of an element that are under way, within its task: they end with its run.
//!
//! Every request given in is answered exactly once, unless it is cancelled: then never. The connections read and write in
//! tasks of their own; what is left to a request is too little for a task each.
//!
//! Rules: ELM-12, TMO-1 (the transport keeps the time limit of each).

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::{AbortHandle, Abortable, Aborted, CatchUnwind};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};

use crate::element::run::reason;
use crate::element::world::WorldFuture;
use crate::engine::exchange::{ExchangeError, ExchangeErrorKind, RequestId, Response};

/// What came of a request.
pub(super) type Answer = Result<Response, ExchangeError>;

/// What a request ends with: its answer or a panic, unless it was cancelled.
type Ended<T> = Result<Result<T, Box<dyn Any + Send>>, Aborted>;

/// The requests under way, each to be answered with a `T`. Dropping them gives all up.
pub(super) struct Requests<T> {
    running: FuturesUnordered<Running<T>>,
    /// How each is given up; one that was is not in here any more.
    under_way: BTreeMap<RequestId, AbortHandle>,
    /// The answer of one that panicked.
    broken: fn(&str) -> T,
}

/// One request.
struct Running<T> {
    id: RequestId,
    exchange: Abortable<CatchUnwind<AssertUnwindSafe<WorldFuture<T>>>>,
}

impl<T> Future for Running<T> {
    type Output = (RequestId, Ended<T>);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let id = self.id;
        self.exchange.poll_unpin(context).map(|ended| (id, ended))
    }
}

impl<T> fmt::Debug for Requests<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.under_way.keys()).finish()
    }
}

impl<T> Requests<T> {
    /// None yet.
    pub(super) fn new(broken: fn(&str) -> T) -> Self {
        Self {
            running: FuturesUnordered::new(),
            under_way: BTreeMap::new(),
            broken,
        }
    }

    /// Carries a request out.
    pub(super) fn send(&mut self, id: RequestId, exchange: WorldFuture<T>) {
        let (handle, registration) = AbortHandle::new_pair();
        let exchange = Abortable::new(AssertUnwindSafe(exchange).catch_unwind(), registration);
        self.running.push(Running { id, exchange });
        self.under_way.insert(id, handle);
    }

    /// Gives a request up.
    pub(super) fn cancel(&mut self, id: RequestId) {
        if let Some(request) = self.under_way.remove(&id) {
            request.abort();
        }
    }

    /// Waits for an answer, for ever when there is none to come. Cancel-safe.
    pub(super) async fn answered(&mut self) -> (RequestId, T) {
        while let Some(ended) = self.running.next().await {
            if let Some(answered) = self.settle(ended) {
                return answered;
            }
        }
        std::future::pending().await
    }

    /// An answer that is there already.
    pub(super) fn try_answered(&mut self) -> Option<(RequestId, T)> {
        self.answered().now_or_never()
    }

    /// The answer of a request that has ended; none when it was cancelled before.
    fn settle(&mut self, (id, ended): (RequestId, Ended<T>)) -> Option<(RequestId, T)> {
        self.under_way.remove(&id)?;
        let answer = ended.ok()?.unwrap_or_else(|panic| (self.broken)(&reason(&*panic)));
        Some((id, answer))
    }
}

/// A transport that panicked is a fault of ours; the element lives on as after a broken connection.
pub(super) fn broken(reason: &str) -> Answer {
    Err(ExchangeError {
        kind: ExchangeErrorKind::ConnectionError,
        sent: true,
        detail: format!("the transport failed: {reason}"),
    })
}

#[cfg(test)]
mod tests {
    use super::{Answer, Requests, broken};
    use crate::engine::exchange::{ExchangeErrorKind, RequestId, Response};

    fn response(status: u16) -> Answer {
        Ok(Response {
            version: "HTTP/1.1".to_owned(),
            status,
            reason: String::new(),
            headers: Vec::new(),
            body: [].into(),
        })
    }

    #[tokio::test]
    async fn each_request_is_answered_once() {
        let mut requests = Requests::new(broken);
        requests.send(RequestId(1), Box::pin(async { response(200) }));
        assert_eq!(requests.answered().await, (RequestId(1), response(200)));
        assert_eq!(requests.try_answered(), None);
    }

    #[tokio::test]
    async fn a_cancelled_request_is_never_answered_even_when_its_answer_was_there() {
        let mut requests = Requests::new(broken);
        requests.send(RequestId(1), Box::pin(async { response(200) }));
        requests.send(RequestId(2), Box::pin(std::future::pending()));
        tokio::task::yield_now().await;
        requests.cancel(RequestId(1));
        requests.cancel(RequestId(2));
        requests.cancel(RequestId(3));
        requests.send(RequestId(4), Box::pin(async { response(204) }));
        assert_eq!(requests.answered().await, (RequestId(4), response(204)));
        assert_eq!(requests.try_answered(), None);
    }

    #[tokio::test]
    async fn err_a_transport_that_panics_is_a_broken_connection() {
        let mut requests = Requests::new(broken);
        requests.send(RequestId(1), Box::pin(async { panic!("a fault of ours") }));
        let (id, answer) = requests.answered().await;
        assert_eq!(id, RequestId(1));
        assert_eq!(answer.unwrap_err().kind, ExchangeErrorKind::ConnectionError);
    }
}
