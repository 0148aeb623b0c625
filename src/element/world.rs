//! What an element needs from outside: somebody who carries out requests, somebody who keeps records, a wall clock.
//!
//! The network, a cassette, a test, SQLite, memory implement these and can stack on each other; the element cannot tell
//! which it has.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::engine::effect::Effect;
use crate::engine::exchange::{ExchangeError, Request, Response, TransportId};
use crate::engine::file::{FileAnswer, FileError, FileRead};
use crate::engine::saved::{Record, Saved};
use crate::model::id::ElementId;
use crate::model::moment::Moment;

/// A future that a world gives.
pub type WorldFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Carries out requests. One a running element, since transports are not shared (HTTP-72).
pub trait Transport: Send + Sync {
    /// Carries out one attempt, within its own deadline. Dropping the future gives the attempt up.
    fn send(&self, request: Request) -> WorldFuture<Result<Response, ExchangeError>>;

    /// The transport is no longer needed.
    fn close(&self, transport: TransportId);
}

/// Gives each element its transport.
pub trait Network: Send + Sync {
    /// A transport for one run of an element.
    fn transport(&self, element: ElementId) -> Arc<dyn Transport>;
}

/// Reads files for an element: those it may read, and no others (ACT-15).
pub trait Files: Send + Sync {
    /// Reads what is asked for, or says why not.
    fn read(&self, read: FileRead) -> WorldFuture<FileAnswer>;
}

/// No file may be read.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, read: FileRead) -> WorldFuture<FileAnswer> {
        let refused = format!(
            "the file {:?} is not read: no folder is open to this element",
            read.path
        );
        Box::pin(std::future::ready(Err(FileError(refused))))
    }
}

/// Keeps what elements save.
pub trait Store: Send + Sync {
    /// Everything saved of an element.
    fn load(&self, element: ElementId) -> WorldFuture<Result<Saved, StoreError>>;

    /// Stores the records, all or none, in order. Done means durable.
    ///
    /// It is under way from the call on, and the commits of an element happen in the order of the calls, also when
    /// earlier ones are not done. After one that failed the later ones fail too, until the element is loaded again.
    /// Whoever commits bounds how many are under way.
    fn commit(&self, element: ElementId, records: Vec<Record>) -> WorldFuture<Result<(), StoreError>>;
}

/// The store failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(pub String);

/// The wall clock.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970, UTC.
    fn unix_ms(&self) -> i64;
}

/// Writes down what an element does.
pub trait TraceSink: Send {
    /// Takes every effect in order, as it is performed, with the moment of the event that it came from.
    fn record(&mut self, at: Moment, effect: &Effect);
}

/// Makes the sink for one run of an element.
pub type TraceSinks = Arc<dyn Fn(ElementId) -> Box<dyn TraceSink> + Send + Sync>;

/// The outside of an element.
#[derive(Clone)]
pub struct World {
    /// Who carries out requests.
    pub network: Arc<dyn Network>,
    /// Who keeps records.
    pub store: Arc<dyn Store>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Who writes down what happens, when somebody does.
    pub trace: Option<TraceSinks>,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").finish_non_exhaustive()
    }
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn unix_ms(&self) -> i64 {
        jiff::Timestamp::now().as_millisecond()
    }
}
