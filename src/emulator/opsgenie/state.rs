//! The platform as data: a request and the time in, an answer out. No clock, no socket; ids come from a seed.

use serde_json::{Value, json};

use crate::emulator::opsgenie::alerts::{Alerts, Verdict};
use crate::emulator::opsgenie::answer::Answer;
use crate::emulator::opsgenie::call::{Call, NoOperation, Operation};
use crate::emulator::opsgenie::faults::{Fault, Strike, What, operation_name, strike};
use crate::emulator::opsgenie::ids::Ids;
use crate::emulator::opsgenie::journal::{BODY, Journal, JournalEntry};
use crate::emulator::opsgenie::keys::{KeyKind, Keys, redacted};
use crate::emulator::opsgenie::pending::Pending;
use crate::emulator::opsgenie::reads::{self, LineKind};
use crate::emulator::opsgenie::requests::Requests;
use crate::emulator::opsgenie::teams::{self, Team};
use crate::emulator::opsgenie::{Options, writes};

/// How long every answer says it took, in seconds.
const TOOK: f64 = 0.004;

/// Everything the platform knows.
#[derive(Debug)]
pub(super) struct State {
    pub(super) alerts: Alerts,
    pub(super) requests: Requests,
    pub(super) teams: Vec<Team>,
    pub(super) faults: Vec<Fault>,
    pub(super) pending: Pending,
    pub(super) journal: Journal,
    keys: Keys,
    alias_prefix: String,
    ids: Ids,
}

/// What goes back to the caller.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reply {
    /// After how many milliseconds.
    pub(super) delay: u64,
    /// The answer; without one the connection is closed.
    pub(super) answer: Option<Answer>,
}

impl State {
    /// A platform with its first alerts, which were all made at `now`.
    pub(super) fn new(options: &Options, now: u64) -> Result<Self, String> {
        let mut state = Self {
            alerts: Alerts::default(),
            requests: Requests::default(),
            teams: options.seed.teams.clone(),
            faults: options.faults.clone(),
            pending: options.pending,
            journal: Journal::default(),
            keys: Keys::new(&options.keys()),
            alias_prefix: options.seed.alias_prefix.clone(),
            ids: Ids::new(options.random),
        };
        for (index, alert) in options.seed.alerts.iter().enumerate() {
            state
                .seed(alert, now)
                .map_err(|error| format!("alert {} of the seed: {error}", index + 1))?;
        }
        Ok(state)
    }

    fn seed(&mut self, alert: &Value, now: u64) -> Result<(), String> {
        let call = Call {
            body: alert.to_string().into_bytes(),
            ..Call::default()
        };
        let work = writes::create(&call, &self.alias_prefix, &self.teams, None);
        let work = work.map_err(|answer| Value::Object(answer.body).to_string())?;
        self.alerts.process(work, now, &mut self.ids);
        Ok(())
    }

    /// Processes every request that is due.
    pub(super) fn process(&mut self, now: u64) {
        while let Some(job) = self.requests.due(now) {
            let action = job.work.action();
            let verdict = match job.fails {
                true => Verdict::failed("Alert could not be processed"),
                false => self.alerts.process(job.work, job.due, &mut self.ids),
            };
            self.requests.processed(&job.request, action, job.due, verdict);
        }
    }

    /// Answers a request.
    pub(super) fn handle(&mut self, call: &Call, now: u64) -> Reply {
        self.process(now);
        let request = self.ids.uuid();
        let operation = Operation::of(&call.method, &call.path);
        let strike = match &operation {
            Ok(operation) => strike(&mut self.faults, operation, &mut self.ids),
            Err(_) => Strike::default(),
        };
        let answer = match (&operation, strike.what) {
            (_, Some(What::Reset)) => None,
            (_, Some(What::Status(status))) => Some(Answer::injected(status)),
            (Err(NoOperation::NotFound), _) => Some(Answer::error(404, &format!("No handler for {}", call.path))),
            (Err(NoOperation::WrongMethod), _) => Some(Answer::error(405, "Method is not allowed.")),
            (Ok(operation), what) => {
                let answer = self.perform(call, operation, &request, what, now);
                let answer = answer.unwrap_or_else(|refusal| refusal);
                (what != Some(What::Lost)).then_some(answer)
            }
        };
        self.journal.push(JournalEntry {
            number: 0,
            at: now,
            method: call.method.clone(),
            path: call.target(),
            operation: operation.as_ref().ok().map(operation_name),
            status: answer.as_ref().map(|answer| answer.status),
            faults: strike.rules,
            key: call.authorization.as_deref().map(redacted),
            body: String::from_utf8_lossy(&call.body[..call.body.len().min(BODY)]).into_owned(),
        });
        Reply {
            delay: strike.delay,
            answer: answer.map(|answer| complete(answer, &request)),
        }
    }

    fn perform(
        &mut self,
        call: &Call,
        operation: &Operation,
        request: &str,
        what: Option<What>,
        now: u64,
    ) -> Result<Answer, Answer> {
        if call.oversized {
            return Err(Answer::error(413, "Request body is too large."));
        }
        let key = self.keys.admit(call.authorization.as_deref(), operation)?;
        let own_team = key.team.as_deref().filter(|_| key.kind == KeyKind::Team);
        let work = match operation {
            Operation::Account => return Ok(teams::account(&self.teams)),
            Operation::Teams => {
                let expand = call
                    .parameter("expand")
                    .is_some_and(|names| names.split(',').any(|name| name == "member"));
                return Ok(teams::list(&self.teams, &call.base(), expand));
            }
            Operation::Team(identifier) => {
                let by = call.parameter("identifierType");
                return Ok(teams::get(&self.teams, identifier, by.as_deref(), &call.base()));
            }
            Operation::List => return reads::list(&self.alerts, call, now),
            Operation::Count => return reads::count(&self.alerts, call, now),
            Operation::Status(id) => return Ok(self.requests.status(id)),
            Operation::Get(id) => return Ok(reads::get(&self.alerts, &writes::target(call, id)?, now)),
            Operation::Notes(id) => {
                return reads::lines(self.alerts.find(&writes::target(call, id)?), call, LineKind::Note);
            }
            Operation::Logs(id) => {
                return reads::lines(self.alerts.find(&writes::target(call, id)?), call, LineKind::Log);
            }
            Operation::Create => writes::create(call, &self.alias_prefix, &self.teams, own_team)?,
            Operation::Write(id, verb) => writes::change(call, id, *verb, now)?,
        };
        if self.requests.is_full() {
            return Err(Answer::injected(503));
        }
        let pending = if what == Some(What::Swallow) {
            Pending::Never
        } else {
            self.pending
        };
        self.requests
            .accept(request, work, what == Some(What::Fail), now, pending);
        self.process(now);
        Ok(Answer::accepted())
    }
}

/// Adds what every answer has.
fn complete(mut answer: Answer, request: &str) -> Answer {
    answer.body.insert("took".to_owned(), json!(TOOK));
    answer.body.insert("requestId".to_owned(), json!(request));
    let throttled = if answer.status == 429 { "THROTTLED" } else { "OK" };
    answer
        .with_header("X-Request-Id", request)
        .with_header("X-Response-Time", TOOK.to_string())
        .with_header("X-RateLimit-State", throttled)
}
