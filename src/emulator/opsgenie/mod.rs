//! An emulated Opsgenie platform on loopback: what the Alert, Team and Account APIs of the real one answer, and the ways
//! in which it fails.
//!
//! A write is accepted with 202 and processed later; only `GET /v2/alerts/requests/{requestId}` tells what came of it. An
//! alert is addressed by its id unless `identifierType` says otherwise, and by its alias only while it is open. Ids come
//! from a seed, chance too, and the clock can be moved, so that a test sees the same every time.
//!
//! ```text
//! server ──▶ control (/emulator/…, /)
//!    └─────▶ state ──▶ call: which operation?     faults: does something strike?     keys: may this key?
//!                      writes: 400, 422, or work  requests: accepted, then processed on alerts
//!                      reads, teams: what is known
//! ```
//! Beside the API: `GET /` is a page for people; `GET /emulator/journal[?after=N]`, `GET /emulator/alerts`,
//! `GET` and `PUT /emulator/faults` (`{"faults":["create:503@1"]}`), `PUT /emulator/pending` (`{"pending":"5s"}`) and
//! `POST /emulator/clock` (`{"advance":"10s"}`) look and steer from outside, without a key.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;
use serde_json::Value;

use crate::emulator::opsgenie::alert::Attachment;
use crate::emulator::opsgenie::call::Call;
use crate::emulator::opsgenie::faults::Fault;
use crate::emulator::opsgenie::journal::JournalEntry;
use crate::emulator::opsgenie::keys::{Key, KeyKind};
use crate::emulator::opsgenie::limits::Limits;
use crate::emulator::opsgenie::pending::Pending;
use crate::emulator::opsgenie::seed::Seed;
use crate::emulator::opsgenie::state::{Reply, State};

pub use crate::emulator::opsgenie::server::serve;

pub mod faults;
pub mod heartbeats;
pub mod journal;
pub mod keys;
pub mod limits;
pub mod pending;
pub mod seed;
pub mod teams;

mod server;

mod control;
mod page;

mod state;

mod call;
mod rest;
mod route;

mod attachments;
mod reads;
mod saved;
mod search;
mod writes;

mod action;
mod alert;
mod alerts;
mod requests;

mod answer;
mod ids;

/// How an emulated platform is set up.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Options {
    /// Keys of a global API integration, beside those of the seed. The demo key when there are none at all.
    pub keys: Vec<String>,
    /// What it holds at first.
    pub seed: Seed,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// How long an accepted request stays unprocessed.
    pub pending: Pending,
    /// What happens to what is over a limit.
    pub limits: Limits,
    /// Whether a key may also come as `?apiKey=KEY` and as `Authorization: basic BASE64`.
    pub old_key_forms: bool,
    /// Where ids and chance begin.
    pub random: u64,
    /// What time it is.
    pub clock: Clock,
}

/// The clock of a platform. Either can be moved forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Clock {
    /// The machine's.
    #[default]
    System,
    /// One that stands still, at so many milliseconds since 1970.
    Still(u64),
}

/// An emulated platform. Cheap to clone; every clone is the same platform.
#[derive(Debug, Clone)]
pub struct Platform {
    /// Never held across an await.
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    state: State,
    clock: Clock,
    /// How far the clock was moved, in milliseconds.
    moved: u64,
}

impl Options {
    /// All keys.
    fn keys(&self) -> Vec<Key> {
        let plain = self.keys.iter().map(|key| Key {
            key: key.clone(),
            kind: KeyKind::Api,
            team: None,
            alias_prefix: None,
        });
        plain.chain(self.seed.keys.iter().cloned()).collect()
    }
}

impl Platform {
    /// A platform with its seed.
    ///
    /// # Errors
    /// An alert of the seed is not what the platform would accept.
    pub fn new(options: &Options) -> Result<Self, String> {
        let clock = options.clock;
        let state = State::new(options, clock.unix_ms())?;
        Ok(Self {
            inner: Arc::new(Mutex::new(Inner { state, clock, moved: 0 })),
        })
    }

    /// The newest requests, oldest first.
    #[must_use]
    pub fn journal(&self) -> Vec<JournalEntry> {
        self.journal_after(0)
    }

    /// Every alert, oldest first, as a get shows it.
    #[must_use]
    pub fn alerts(&self) -> Vec<Value> {
        let mut inner = self.inner.lock();
        let now = inner.now();
        inner.state.process(now);
        inner.state.alerts.all().map(|alert| alert.full(now)).collect()
    }

    /// Replaces the fault rules.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.inner.lock().state.faults = faults;
    }

    /// Changes how long requests that come from now on stay unprocessed.
    pub fn set_pending(&self, pending: Pending) {
        self.inner.lock().state.pending = pending;
    }

    /// Moves the clock forward.
    pub fn advance(&self, span: Duration) {
        let mut inner = self.inner.lock();
        inner.moved = inner
            .moved
            .saturating_add(u64::try_from(span.as_millis()).unwrap_or(u64::MAX));
    }

    fn journal_after(&self, number: u64) -> Vec<JournalEntry> {
        self.inner.lock().state.journal.after(number)
    }

    fn faults(&self) -> Vec<Fault> {
        self.inner.lock().state.faults.clone()
    }

    fn page(&self) -> String {
        let mut inner = self.inner.lock();
        let now = inner.now();
        inner.state.process(now);
        page::render(&inner.state.alerts)
    }

    fn attachment(&self, alert: &str, id: &str) -> Option<Attachment> {
        attachments::content(&self.inner.lock().state.alerts, alert, id).cloned()
    }

    fn handle(&self, call: &Call) -> Reply {
        let mut inner = self.inner.lock();
        let now = inner.now();
        inner.state.handle(call, now)
    }
}

impl Inner {
    fn now(&self) -> u64 {
        self.clock.unix_ms().saturating_add(self.moved)
    }
}

impl Clock {
    fn unix_ms(self) -> u64 {
        match self {
            Self::Still(unix_ms) => unix_ms,
            Self::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
            }
        }
    }
}
