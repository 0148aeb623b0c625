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
//! Not there, and answered 404: users, schedules and who is on call, escalations, roles of teams, incidents, and the
//! heartbeats of Jira Service Management. No client of an alert needs them: a responder is taken as it is named.
//!
//! Beside the API, `GET /` is a page for people, and `control` steers and looks from outside, without a key.
//!
//! Memory is bounded, however many requests come: 50,000 alerts or 256 MB of them (the oldest closed ones leave first),
//! 100,000 requests, 10,000 lines of the journal.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use parking_lot::{Mutex, MutexGuard};
use serde_json::{Value, json};

use crate::emulator::opsgenie::alert::{Attachment, iso};
use crate::emulator::opsgenie::answer::Answer;
use crate::emulator::opsgenie::asked::Asked;
use crate::emulator::opsgenie::call::Call;
use crate::emulator::opsgenie::faults::Fault;
use crate::emulator::opsgenie::journal::JournalEntry;
use crate::emulator::opsgenie::keys::{Key, KeyKind};
use crate::emulator::opsgenie::limits::Limits;
use crate::emulator::opsgenie::pending::{Pending, PendingStyle};
use crate::emulator::opsgenie::rates::{OverLimit, Rate, Rates};
use crate::emulator::opsgenie::seed::Seed;
use crate::emulator::opsgenie::state::{Reply, State};
use crate::emulator::opsgenie::store::Store;

pub use crate::emulator::opsgenie::server::serve;

pub mod faults;
pub mod heartbeats;
pub mod journal;
pub mod keys;
pub mod limits;
pub mod pending;
pub mod rates;
pub mod seed;
pub mod teams;

mod server;

mod control;
mod page;

mod state;
mod store;

mod call;
mod object;
mod rest;
mod route;

mod attachments;
mod query;
mod reads;
mod saved;
mod search;
mod writes;

mod action;
mod alert;
mod alerts;
mod requests;

mod answer;
mod asked;
mod ids;

/// How often a request lets others go on before it waits for its turn like any other.
const PATIENCE: usize = 64;

/// How an emulated platform is set up.
#[derive(Debug, Clone, PartialEq)]
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
    /// What the status of a request is until it is processed.
    pub pending_style: PendingStyle,
    /// How long every answer takes; `never` lets every caller wait.
    pub latency: Pending,
    /// The request limits; none when there are none.
    pub rates: Vec<Rate>,
    /// What happens to a request over a limit.
    pub over_limit: OverLimit,
    /// Where everything is kept, so that it survives a restart.
    pub store: Option<PathBuf>,
    /// Where every request and its answer is written down, a JSON object a line; the file grows without bound.
    pub journal: Option<PathBuf>,
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
    store: Option<Store>,
    /// Where the journal is written down.
    journal: Option<File>,
    clock: Clock,
    /// How far the clock was moved, in milliseconds.
    moved: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            seed: Seed::default(),
            faults: Vec::new(),
            pending: Pending::default(),
            pending_style: PendingStyle::default(),
            latency: Pending::Millis(0),
            limits: Limits::default(),
            rates: Vec::new(),
            over_limit: OverLimit::default(),
            old_key_forms: false,
            store: None,
            journal: None,
            random: 0,
            clock: Clock::default(),
        }
    }
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
    /// A platform with its seed, or with what its store kept.
    ///
    /// # Errors
    /// An alert of the seed is not what the platform would accept; the store or the journal cannot be opened.
    pub fn new(options: &Options) -> Result<Self, String> {
        let clock = options.clock;
        let mut state = State::new(options, clock.unix_ms())?;
        let mut moved = 0;
        let mut store = None;
        if let Some(path) = &options.store {
            let (opened, records) = Store::open(path)?;
            if !records.is_empty() {
                moved = state.restore(records)?;
            }
            store = Some(opened);
        }
        let journal = match &options.journal {
            None => None,
            Some(path) => {
                let file = File::options().append(true).create(true).open(path);
                Some(file.map_err(|error| format!("{}: {error}", path.display()))?)
            }
        };
        let mut inner = Inner {
            state,
            store,
            journal,
            clock,
            moved,
        };
        inner.keep()?;
        Ok(Self {
            inner: Arc::new(Mutex::new(inner)),
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

    /// Changes what the status of a request is until it is processed.
    pub fn set_pending_style(&self, style: PendingStyle) {
        self.inner.lock().state.pending_style = style;
    }

    /// Changes how long every answer takes.
    pub fn set_latency(&self, latency: Pending) {
        self.inner.lock().state.latency = latency;
    }

    /// Changes what happens to what is over a limit.
    pub fn set_limits(&self, limits: Limits) {
        self.inner.lock().state.limits = limits;
    }

    /// Replaces the request limits; the new buckets are full.
    pub fn set_rates(&self, rates: &[Rate], over: OverLimit) {
        let mut inner = self.inner.lock();
        let now = inner.now();
        inner.state.rates = Rates::new(rates, over, now);
    }

    /// Moves the clock forward.
    pub fn advance(&self, span: Duration) {
        let mut inner = self.inner.lock();
        inner.moved = inner
            .moved
            .saturating_add(u64::try_from(span.as_millis()).unwrap_or(u64::MAX));
        if let Err(error) = inner.keep() {
            tracing::error!("the platform's store: {error}");
        }
    }

    /// Forgets the journal; its numbers go on.
    pub fn forget_journal(&self) {
        self.inner.lock().state.journal.clear();
    }

    fn journal_after(&self, number: u64) -> Vec<JournalEntry> {
        self.inner.lock().state.journal.after(number)
    }

    fn faults(&self) -> Vec<Fault> {
        self.inner.lock().state.faults.clone()
    }

    fn settings(&self) -> Value {
        let inner = self.inner.lock();
        let state = &inner.state;
        let (rates, over) = state.rates.rules();
        let (open, alerts) = state.alerts.counts();
        json!({
            "now": iso(inner.now()),
            "pending": state.pending.to_string(),
            "pendingStyle": state.pending_style.to_string(),
            "latency": state.latency.to_string(),
            "limits": state.limits.to_string(),
            "rates": rates.iter().map(Rate::to_string).collect::<Vec<_>>(),
            "overLimit": over.to_string(),
            "faults": state.faults.iter().map(Fault::to_string).collect::<Vec<_>>(),
            "alerts": alerts,
            "open": open,
            "waiting": state.requests.waiting(),
        })
    }

    fn page(&self) -> String {
        let mut inner = self.inner.lock();
        let now = inner.now();
        inner.state.process(now);
        page::render(&inner.state, now)
    }

    fn attachment(&self, alert: &str, id: &str) -> Option<Attachment> {
        attachments::content(&self.inner.lock().state.alerts, alert, id).cloned()
    }

    async fn handle(&self, call: &Call) -> Reply {
        let asked = Asked::of(call);
        let reply = {
            let mut inner = self.turn().await;
            let now = inner.now();
            let mut reply = inner.state.handle(asked, now);
            inner.write_journal();
            if let Err(error) = inner.keep() {
                tracing::error!("the platform's store: {error}");
                reply.answer = Some(Answer::injected(503, None));
            }
            reply
        };
        reply.completed(call.face())
    }

    /// The platform, once nobody else looks at it. Meanwhile other requests are read and answered: a thread of the runtime
    /// that slept instead would let them wait too.
    async fn turn(&self) -> MutexGuard<'_, Inner> {
        for _ in 0..PATIENCE {
            if let Some(inner) = self.inner.try_lock() {
                return inner;
            }
            tokio::task::yield_now().await;
        }
        self.inner.lock()
    }
}

impl Inner {
    fn now(&self) -> u64 {
        self.clock.unix_ms().saturating_add(self.moved)
    }

    /// Stores what changed.
    fn keep(&mut self) -> Result<(), String> {
        match &mut self.store {
            None => {
                self.state.forget_changes();
                Ok(())
            }
            Some(store) => {
                let changes = self.state.changes(self.moved);
                store.write(&changes).map_err(|error| error.to_string())
            }
        }
    }

    /// Writes down the newest request.
    fn write_journal(&mut self) {
        let (Some(file), Some(entry)) = (&mut self.journal, self.state.journal.last()) else {
            return;
        };
        let line = serde_json::to_string(entry).unwrap_or_default() + "\n";
        if let Err(error) = file.write_all(line.as_bytes()) {
            tracing::error!("the platform's journal is written no further: {error}");
            self.journal = None;
        }
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
