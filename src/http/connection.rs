//! One open connection: hyper's two halves, held together and driven by whoever uses them.
//!
//! Rules: HTTP-33, HTTP-76, TMO-1.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};

use crate::engine::exchange::ExchangeError;

use super::connect::Stream;
use super::{body, error};

/// A request as hyper takes it.
pub(super) type Outgoing = hyper::Request<Full<Bytes>>;

/// A connection to a server, or to the proxy before it.
pub(super) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    /// The half that reads and writes; none once the connection has ended.
    driver: Option<http1::Connection<Stream, Full<Bytes>>>,
}

/// Why there is no response.
pub(super) enum Broken {
    /// The connection was at its end before anything was written: the request is unharmed.
    Before(Box<Outgoing>, ExchangeError),
    /// It broke later, or the answer is no good.
    After(ExchangeError),
}

impl Connection {
    /// Speaks HTTP/1.1 on a stream. Devices are forgiven for folded header lines, blanks before colons and header
    /// lines that are none.
    pub(super) async fn open(stream: Stream) -> Result<Self, ExchangeError> {
        let (sender, driver) = http1::Builder::new()
            .title_case_headers(true)
            .allow_obsolete_multiline_headers_in_responses(true)
            .allow_spaces_after_header_name_in_responses(true)
            .ignore_invalid_headers_in_responses(true)
            .handshake(stream)
            .await
            .map_err(|error| error::not_started(&error))?;
        Ok(Self {
            sender,
            driver: Some(driver),
        })
    }

    /// Sends the request and receives the whole response, its body as it came.
    pub(super) async fn exchange(
        &mut self,
        request: Outgoing,
        limit: usize,
    ) -> Result<hyper::Response<Vec<u8>>, Broken> {
        let answer = self.sender.try_send_request(request);
        let (answer, _) = alongside(&mut self.driver, answer).await;
        match answer {
            Ok(response) => self.receive(response, limit).await.map_err(Broken::After),
            Err(mut failure) => Err(match failure.take_message() {
                Some(request) => Broken::Before(Box::new(request), error::not_started(failure.error())),
                None => Broken::After(error::exchanging(failure.error())),
            }),
        }
    }

    async fn receive(
        &mut self,
        response: hyper::Response<Incoming>,
        limit: usize,
    ) -> Result<hyper::Response<Vec<u8>>, ExchangeError> {
        let (head, mut incoming) = response.into_parts();
        let announced = incoming.size_hint().lower();
        if usize::try_from(announced).map_or(true, |announced| announced > limit) {
            return Err(body::too_large(limit));
        }
        let mut received = Vec::new();
        loop {
            let (frame, _) = alongside(&mut self.driver, incoming.frame()).await;
            let frame = match frame {
                Some(frame) => frame.map_err(|error| error::receiving(&error))?,
                None => return Ok(hyper::Response::from_parts(head, received)),
            };
            // Frames that are not data are trailers, which nobody reads.
            let Ok(data) = frame.into_data() else { continue };
            if data.len() > limit - received.len() {
                return Err(body::too_large(limit));
            }
            received.extend_from_slice(&data);
        }
    }

    /// Whether another request can go out: the last exchange is over, and the server keeps the connection.
    pub(super) fn is_reusable(&mut self) -> bool {
        // One look lets hyper close the exchange; nobody is to be woken for it.
        let look = self
            .driver
            .as_mut()
            .map(|driver| Pin::new(driver).poll(&mut Context::from_waker(Waker::noop())));
        matches!(look, Some(Poll::Pending)) && self.sender.is_ready()
    }
}

/// Works while the driver runs. A driver that ends is dropped, which answers what still waits for it, and what it came
/// to is given along.
pub(super) async fn alongside<D, W>(driver: &mut Option<D>, work: W) -> (W::Output, Option<D::Output>)
where
    D: Future + Unpin,
    W: Future,
{
    let mut work = pin!(work);
    let mut ended = None;
    let done = poll_fn(|cx| {
        if let Some(running) = driver
            && let Poll::Ready(end) = Pin::new(running).poll(cx)
        {
            *driver = None;
            ended = Some(end);
        }
        work.as_mut().poll(cx)
    })
    .await;
    (done, ended)
}
