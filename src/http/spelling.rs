//! How the names of headers are spelled on the wire: as the connector gives them.
//!
//! hyper keeps header names in lower case and writes them in title case. How a name was spelled otherwise it only knows
//! of messages that it has read itself, and writes them out that way when they are passed on; the record of it is private.
//! So the names of a request are read by hyper first, from memory, and the request carries that record. The sessions of an
//! element send few different lists of names, over and over: their records are kept. Left over: equal names stand together
//! on the wire, where the first of them was; framing headers (`Content-Length`, `Transfer-Encoding`) are always spelled
//! like that.
//!
//! Rules: HTTP-23, HTTP-27.

use std::convert::Infallible;
use std::io::Cursor;

use http::Extensions;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::sync::mpsc;

/// How many records an element keeps; when there are more, the oldest goes.
const KEPT: usize = 16;

/// The records of one element.
#[derive(Default)]
pub(super) struct Spellings {
    // Held only to look or to add, never over an await.
    known: Mutex<Vec<(String, Extensions)>>,
}

impl Spellings {
    /// What a request with these header names carries.
    pub(super) async fn of(&self, names: &[&str]) -> Extensions {
        let framing = [CONTENT_LENGTH, TRANSFER_ENCODING];
        let is_framing = |name: &str| framing.iter().any(|header| name.eq_ignore_ascii_case(header.as_str()));
        let names: Vec<&str> = names.iter().copied().filter(|name| !is_framing(name)).collect();
        if names.iter().all(|name| is_title_case(name)) {
            return Extensions::new();
        }
        let message = format!("GET / HTTP/1.1\r\n{}:\r\n\r\n", names.join(":\r\n"));
        if let Some((_, record)) = self.known.lock().iter().find(|(known, _)| *known == message) {
            return record.clone();
        }
        // It is large and rare: every request would be that large if it had room for it.
        let record = Box::pin(record(&message, names.len())).await;
        let mut known = self.known.lock();
        if known.len() == KEPT {
            known.remove(0);
        }
        known.push((message, record.clone()));
        record
    }
}

/// Whether each word of a name begins with a capital and has no other, as hyper spells it by itself.
fn is_title_case(name: &str) -> bool {
    name.split('-').all(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        !first.contains(|char: char| char.is_ascii_lowercase())
            && !rest.contains(|char: char| char.is_ascii_uppercase())
    })
}

/// hyper's record of a message with so many headers.
async fn record(message: &str, headers: usize) -> Extensions {
    let (found, mut records) = mpsc::unbounded_channel();
    let service = service_fn(move |read: hyper::Request<Incoming>| {
        // Nobody listens only when the request has been given up.
        let _ = found.send(read.into_parts().0.extensions);
        std::future::ready(Ok::<_, Infallible>(hyper::Response::new(Empty::<Bytes>::new())))
    });
    let memory = tokio::io::join(Cursor::new(message), tokio::io::sink());
    let reading = http1::Builder::new()
        .preserve_header_case(true)
        .max_headers(headers)
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(memory), service)
        .await;
    if let Err(error) = reading {
        tracing::debug!(%error, "the spelling of the header names is lost");
    }
    records.try_recv().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{KEPT, Spellings, is_title_case};

    #[test]
    fn title_case_is_what_hyper_writes_by_itself() {
        assert!(
            ["Host", "User-Agent", "X-1-A", "Te", "-"]
                .into_iter()
                .all(is_title_case)
        );
        assert!(
            !["host", "ETag", "SOAPAction", "X-api-Key", "User-agent"]
                .into_iter()
                .any(is_title_case)
        );
    }

    #[tokio::test]
    async fn records_are_kept_up_to_their_number() {
        let spellings = Spellings::default();
        assert!(spellings.of(&["Host", "content-length"]).await.is_empty());
        assert_eq!(spellings.known.lock().len(), 0);
        for number in 0..=KEPT {
            let name = format!("x-{number}");
            for _ in 0..2 {
                assert!(!spellings.of(&["Host", &name]).await.is_empty());
            }
        }
        assert_eq!(spellings.known.lock().len(), KEPT);
    }
}
