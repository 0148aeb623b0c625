//! An element that runs: one task that owns it, and a handle for everybody else.
//!
//! ```text
//! handle ── commands ──▶ task ── events ──▶ engine
//!   ▲                     │ ▲                  │
//!   └── view, followers ──┘ └───── effects ────┘
//! ```

use std::sync::Arc;

use parking_lot::RwLock;
use tokio::sync::{broadcast, mpsc, oneshot};

use crate::element::config::ElementConfig;
use crate::element::followers::Followers;
use crate::element::information::InformationEvents;
use crate::element::lifecycle::StateRequest;
use crate::element::log::{ElementLog, LogLine};
use crate::element::view::{ElementEvent, ElementState, View};
use crate::element::world::StoreError;
use crate::engine::connection_test::TestOutcome;
use crate::engine::event::{AlarmRequest, Card, MenuEntries};
use crate::engine::pending_calls::Pending;
use crate::engine::saved::SavedInformation;
use crate::engine::set::{RefusedReason, SetRefused};
use crate::engine::to_element::ToElement;
use crate::model::id::ParamId;
use crate::model::moment::Span;
use crate::model::protocol::Protocol;
use crate::model::value::Value;
use crate::trend::{TrendQuery, Trended};

pub mod config;
pub mod world;

pub mod neighbours;
pub mod task;

pub mod lifecycle;
mod perform;
mod requests;
mod run;

pub mod alarms;
mod followers;
mod held;
mod history;
mod information;
pub mod log;
mod publish;
mod trending;
pub mod view;

/// Commands that may wait for an element before further ones are refused.
pub const INBOX: usize = 1024;

/// The handle of an element. Cheap to clone.
#[derive(Clone)]
pub struct Element {
    config: Arc<ElementConfig>,
    inbox: mpsc::Sender<Command>,
    view: Arc<RwLock<View>>,
    followers: Followers,
    log: Arc<ElementLog>,
    information: Arc<InformationEvents>,
}

/// What the element's task is asked to do.
#[derive(Debug)]
pub enum Command {
    /// Set a parameter or a cell.
    Set {
        /// What is set.
        target: SetTarget,
        /// The value as it came in.
        value: Value,
        /// What goes with it, when it is a choice from a context menu.
        menu: MenuEntries,
        /// Who sets it.
        user: Arc<str>,
        /// Where the answer goes.
        reply: oneshot::Sender<Result<(), SetRefused>>,
    },
    /// The first client opened the element card, or the last one closed it (TIM-13).
    Card {
        /// Which.
        card: Card,
        /// Where the answer goes: it is taken into account.
        reply: oneshot::Sender<()>,
    },
    /// Test the connection (GRP-16).
    TestConnection {
        /// Where the answer goes.
        reply: oneshot::Sender<TestOutcome>,
    },
    /// Do something about alarms.
    Alarms {
        /// What is asked.
        request: AlarmRequest,
        /// Where the answer goes: it is done.
        reply: oneshot::Sender<()>,
    },
    /// Look up a trend.
    Trend {
        /// What is asked.
        query: TrendQuery,
        /// Where the answer goes.
        reply: oneshot::Sender<Result<Vec<Trended>, StoreError>>,
    },
    /// Tell the pending calls.
    Pending {
        /// Where the answer goes.
        reply: oneshot::Sender<Vec<PendingFor>>,
    },
    /// Do what an element of the agent asks, which does not wait for an answer.
    Asked(ToElement),
    /// Change the state.
    State {
        /// What is asked.
        request: StateRequest,
        /// Where the resulting state goes.
        reply: oneshot::Sender<ElementState>,
    },
}

/// A pending call, and for how long it is at work (LOG-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingFor {
    /// What is at work.
    pub what: Pending,
    /// The thread; the main one is 0.
    pub thread: u32,
    /// Since it began.
    pub elapsed: Span,
}

/// What a set from outside names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetTarget {
    /// The parameter; of a cell, the column (its read or its write).
    pub param: ParamId,
    /// The primary key, when a cell is set.
    pub key: Option<Arc<str>>,
}

impl Element {
    /// A handle and the receiving end of its inbox; `task` runs the other side.
    #[must_use]
    pub fn new(config: ElementConfig) -> (Self, mpsc::Receiver<Command>) {
        let (inbox, commands) = mpsc::channel(INBOX);
        let element = Self {
            config: Arc::new(config),
            inbox,
            view: Arc::default(),
            followers: Followers::default(),
            log: Arc::default(),
            information: Arc::default(),
        };
        (element, commands)
    }

    /// What the element is made of.
    #[must_use]
    pub fn config(&self) -> &ElementConfig {
        &self.config
    }

    /// The definition as it is now: QActions may change descriptions, units and ranges (DSP-96). Not within [`Self::look`].
    #[must_use]
    pub fn protocol(&self) -> Arc<Protocol> {
        let changed = self.look(|view| view.definition.clone());
        changed.unwrap_or_else(|| Arc::clone(&self.config.protocol))
    }

    /// Sets a parameter or a cell, and waits until it is accepted with everything that it caused, and stored.
    ///
    /// # Errors
    /// The set was refused; nothing changed.
    pub async fn set(&self, target: SetTarget, value: Value, user: &str) -> Result<(), SetRefused> {
        self.ask(target, value, MenuEntries::default(), user).await
    }

    /// Chooses an item of a context menu, and waits until everything that it caused is done.
    ///
    /// # Errors
    /// The choice was refused; nothing changed.
    pub async fn choose(&self, menu: ParamId, item: Value, entries: MenuEntries, user: &str) -> Result<(), SetRefused> {
        let target = SetTarget { param: menu, key: None };
        self.ask(target, item, entries, user).await
    }

    async fn ask(&self, target: SetTarget, value: Value, menu: MenuEntries, user: &str) -> Result<(), SetRefused> {
        let (reply, answer) = oneshot::channel();
        let command = Command::Set {
            target,
            value,
            menu,
            user: user.into(),
            reply,
        };
        self.inbox.try_send(command).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SetRefused {
                reason: RefusedReason::QueueFull,
                detail: format!(
                    "{} is busy: {INBOX} sets are waiting; try again later",
                    self.config.settings.name
                ),
            },
            mpsc::error::TrySendError::Closed(_) => self.gone(),
        })?;
        answer.await.unwrap_or_else(|_| Err(self.gone()))
    }

    /// Asks for a state, and gives the state the element is in afterwards.
    pub async fn request_state(&self, request: StateRequest) -> ElementState {
        let (reply, answer) = oneshot::channel();
        if self.inbox.send(Command::State { request, reply }).await.is_err() {
            return ElementState::Stopped;
        }
        answer.await.unwrap_or(ElementState::Stopped)
    }

    /// Says whether a client has the element card open: timers with `dataDisplay` follow it (TIM-13).
    pub async fn turn_card(&self, card: Card) {
        let (reply, answer) = oneshot::channel();
        if self.inbox.send(Command::Card { card, reply }).await.is_ok() {
            // An element that is gone has no timers to follow it.
            let _ = answer.await;
        }
    }

    /// Assigns an alarm template, or clears an alarm, and waits until that is done.
    pub async fn ask_alarms(&self, request: AlarmRequest) {
        let (reply, answer) = oneshot::channel();
        if self.inbox.send(Command::Alarms { request, reply }).await.is_ok() {
            // An element that is gone has no alarms.
            let _ = answer.await;
        }
    }

    /// What is kept of a trend.
    ///
    /// # Errors
    /// The store failed.
    pub async fn trend(&self, query: TrendQuery) -> Result<Vec<Trended>, StoreError> {
        let (reply, answer) = oneshot::channel();
        let gone = || StoreError(self.gone().detail);
        let sent = self.inbox.send(Command::Trend { query, reply }).await;
        sent.map_err(|_| gone())?;
        answer.await.unwrap_or_else(|_| Err(gone()))
    }

    /// The pending calls: what is at work now (LOG-3). An element that does not run has none.
    pub async fn pending_calls(&self) -> Vec<PendingFor> {
        let (reply, answer) = oneshot::channel();
        if self.inbox.send(Command::Pending { reply }).await.is_err() {
            return Vec::new();
        }
        answer.await.unwrap_or_default()
    }

    /// Tests the connection: runs the group that the definition marks for it (GRP-16).
    pub async fn test_connection(&self) -> TestOutcome {
        let (reply, answer) = oneshot::channel();
        let ended = || TestOutcome::NotRun(format!("{} stopped before it was tested", self.config.settings.name));
        if self.inbox.send(Command::TestConnection { reply }).await.is_err() {
            return ended();
        }
        answer.await.unwrap_or_else(|_| ended())
    }

    /// Looks at what is shown. Keep it short: the element waits.
    pub fn look<R>(&self, at: impl FnOnce(&View) -> R) -> R {
        at(&self.view.read())
    }

    /// Changes what is shown, then tells the followers. Only for who runs the element.
    pub fn publish(&self, change: impl FnOnce(&mut View), events: impl IntoIterator<Item = ElementEvent>) {
        change(&mut self.view.write());
        self.followers.tell(events);
    }

    /// Follows the changes from now on. A follower that lags far behind misses some, and is told so.
    #[must_use]
    pub fn follow(&self) -> broadcast::Receiver<ElementEvent> {
        self.followers.follow()
    }

    /// The last lines of the element log, oldest first.
    #[must_use]
    pub fn log(&self) -> Vec<LogLine> {
        self.log.lines()
    }

    /// The last information events, oldest first (ALM-50).
    #[must_use]
    pub fn information(&self) -> Vec<SavedInformation> {
        self.information.all()
    }

    fn gone(&self) -> SetRefused {
        SetRefused {
            reason: RefusedReason::NotActive,
            detail: format!("{} no longer runs", self.config.settings.name),
        }
    }
}
