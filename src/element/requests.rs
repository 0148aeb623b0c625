//! The requests of an element that are under way, each a task of its own that ends with the element's run.
//!
//! Every request given in is answered exactly once, unless it is cancelled: then never.
//!
//! Rules: ELM-12, TMO-1 (the transport keeps the time limit of each).

use std::collections::BTreeMap;

use tokio::task::{AbortHandle, JoinError, JoinSet};

use crate::element::world::WorldFuture;
use crate::engine::exchange::{ExchangeError, ExchangeErrorKind, RequestId, Response};

/// What came of a request.
pub(super) type Answer = Result<Response, ExchangeError>;

/// The requests under way, each to be answered with a `T`. Dropping them gives all up.
#[derive(Debug)]
pub(super) struct Requests<T> {
    running: JoinSet<(RequestId, T)>,
    /// Their tasks; that of a cancelled one is not in here any more.
    tasks: BTreeMap<RequestId, AbortHandle>,
    /// The answer of one that panicked.
    broken: fn(&JoinError) -> T,
}

impl<T: Send + 'static> Requests<T> {
    /// None yet.
    pub(super) fn new(broken: fn(&JoinError) -> T) -> Self {
        Self {
            running: JoinSet::new(),
            tasks: BTreeMap::new(),
            broken,
        }
    }

    /// Carries a request out.
    pub(super) fn send(&mut self, id: RequestId, exchange: WorldFuture<T>) {
        let task = self.running.spawn(async move { (id, exchange.await) });
        self.tasks.insert(id, task);
    }

    /// Gives a request up.
    pub(super) fn cancel(&mut self, id: RequestId) {
        if let Some(task) = self.tasks.remove(&id) {
            task.abort();
        }
    }

    /// Waits for an answer, for ever when there is none to come. Cancel-safe.
    pub(super) async fn answered(&mut self) -> (RequestId, T) {
        loop {
            match self.running.join_next().await {
                Some(ended) => {
                    if let Some(answered) = self.settle(ended) {
                        return answered;
                    }
                }
                None => std::future::pending().await,
            }
        }
    }

    /// An answer that is there already.
    pub(super) fn try_answered(&mut self) -> Option<(RequestId, T)> {
        loop {
            let ended = self.running.try_join_next()?;
            if let Some(answered) = self.settle(ended) {
                return Some(answered);
            }
        }
    }

    /// The answer of a task that has ended; none when its request was cancelled before.
    fn settle(&mut self, ended: Result<(RequestId, T), JoinError>) -> Option<(RequestId, T)> {
        let (id, answer) = match ended {
            Ok(answered) => answered,
            Err(error) => {
                let broken = self.tasks.iter().find(|(_, task)| task.id() == error.id());
                (*broken?.0, (self.broken)(&error))
            }
        };
        self.tasks.remove(&id)?;
        Some((id, answer))
    }
}

/// A transport that panicked is a fault of ours; the element lives on as after a broken connection.
pub(super) fn broken(error: &JoinError) -> Answer {
    Err(ExchangeError {
        kind: ExchangeErrorKind::ConnectionError,
        sent: true,
        detail: format!("the transport failed: {error}"),
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
