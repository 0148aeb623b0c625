//! The platform as data: a request and the time in, an answer out. No clock, no socket; ids come from a seed.

use std::time::Duration;

use serde_json::{Value, json};

use crate::emulator::opsgenie::alerts::{Alerts, Target, Verdict};
use crate::emulator::opsgenie::answer::Answer;
use crate::emulator::opsgenie::asked::Asked;
use crate::emulator::opsgenie::call::Call;
use crate::emulator::opsgenie::faults::{Damage, Fault, Strike, What, strike};
use crate::emulator::opsgenie::heartbeats::{self, Heartbeat};
use crate::emulator::opsgenie::ids::Ids;
use crate::emulator::opsgenie::journal::Journal;
use crate::emulator::opsgenie::keys::{DEMO_SITE, KeyKind, Keys};
use crate::emulator::opsgenie::limits::Limits;
use crate::emulator::opsgenie::pending::{Pending, PendingStyle};
use crate::emulator::opsgenie::rates::Rates;
use crate::emulator::opsgenie::reads::{self, LineKind};
use crate::emulator::opsgenie::requests::Requests;
use crate::emulator::opsgenie::route::{Face, NoOperation, Operation, site};
use crate::emulator::opsgenie::saved::{self, Saved};
use crate::emulator::opsgenie::store::{Change, Configuration, Counters, Kind, Record};
use crate::emulator::opsgenie::teams::{self, Team};
use crate::emulator::opsgenie::writes::{self, Intake};
use crate::emulator::opsgenie::{Options, attachments, rest};

/// How long every answer says it took, in seconds.
const TOOK: f64 = 0.004;

/// Everything the platform knows.
#[derive(Debug)]
pub(super) struct State {
    pub(super) alerts: Alerts,
    pub(super) requests: Requests,
    pub(super) teams: Vec<Team>,
    pub(super) heartbeats: Vec<Heartbeat>,
    pub(super) searches: Vec<Saved>,
    pub(super) limits: Limits,
    pub(super) faults: Vec<Fault>,
    pub(super) pending: Pending,
    pub(super) pending_style: PendingStyle,
    pub(super) rates: Rates,
    pub(super) latency: Pending,
    pub(super) journal: Journal,
    keys: Keys,
    alias_prefix: String,
    site: String,
    /// How many attachments there were.
    attached: u64,
    ids: Ids,
    /// Whether teams, heartbeats or saved searches changed since this was last asked for.
    configured: bool,
}

/// What goes back to the caller.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reply {
    /// After how many milliseconds.
    pub(super) delay: u64,
    /// The id of the request.
    pub(super) request: String,
    /// The answer, before `took` and `requestId` are added to it; without one the connection is closed.
    pub(super) answer: Option<Answer>,
    /// What is wrong with it.
    pub(super) damage: Option<Damage>,
}

impl State {
    /// A platform with its first alerts, which were all made at `now`.
    pub(super) fn new(options: &Options, now: u64) -> Result<Self, String> {
        let mut state = Self {
            alerts: Alerts::default(),
            requests: Requests::default(),
            teams: options.seed.teams.clone(),
            heartbeats: options.seed.heartbeats.clone(),
            searches: Vec::new(),
            limits: options.limits,
            faults: options.faults.clone(),
            pending: options.pending,
            pending_style: options.pending_style,
            rates: Rates::new(&options.rates, options.over_limit, now),
            latency: options.latency,
            journal: Journal::default(),
            keys: Keys::new(&options.keys(), &options.seed.logins, options.old_key_forms),
            alias_prefix: options.seed.alias_prefix.clone(),
            site: match options.seed.site.as_str() {
                "" => DEMO_SITE.to_owned(),
                site => site.to_owned(),
            },
            attached: 0,
            ids: Ids::new(options.random),
            configured: true,
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
            body: alert.to_string().into(),
            ..Call::default()
        };
        let intake = Intake {
            alias_prefix: &self.alias_prefix,
            teams: &self.teams,
            own_team: None,
            limits: Limits::Strict,
            now,
        };
        let work = writes::create(&call, intake);
        let work = work.map_err(|answer| Value::Object(answer.body).to_string())?;
        self.alerts.process(work, now, &mut self.ids);
        Ok(())
    }

    /// What a store kept, in place of what the seed said.
    pub(super) fn restore(&mut self, records: Vec<Record>) -> Result<u64, String> {
        let (mut alerts, mut accepted, mut jobs) = (Vec::new(), Vec::new(), Vec::new());
        let mut counters = Counters::default();
        for (kind, key, body) in records {
            let wrong = |error: serde_json::Error| format!("a record of the store, {kind:?} {key}: {error}");
            match kind {
                Kind::Alert => alerts.push(serde_json::from_value(body).map_err(wrong)?),
                Kind::Request => accepted.push((key, serde_json::from_value(body).map_err(wrong)?)),
                Kind::Job => jobs.push((key, serde_json::from_value(body).map_err(wrong)?)),
                Kind::Counters => counters = serde_json::from_value(body).map_err(wrong)?,
                Kind::Configuration => {
                    let kept: Configuration = serde_json::from_value(body).map_err(wrong)?;
                    (self.teams, self.heartbeats, self.searches) = (kept.teams, kept.heartbeats, kept.searches);
                }
            }
        }
        self.alerts = Alerts::stored(alerts, counters.last_tiny);
        self.requests = Requests::stored(accepted, jobs, counters.last_request);
        self.ids = Ids::new(counters.random);
        self.attached = counters.attached;
        Ok(counters.moved)
    }

    /// What changed since this was last asked for, as a store keeps it.
    pub(super) fn changes(&mut self, moved: u64) -> Vec<Change> {
        let counters = Counters {
            random: self.ids.place(),
            last_tiny: self.alerts.last_tiny(),
            last_request: self.requests.last(),
            attached: self.attached,
            moved,
        };
        let mut changes = vec![Change::new(Kind::Counters, 0, Some(&counters))];
        for (tiny, alert) in self.alerts.changed() {
            changes.push(Change::new(Kind::Alert, tiny, alert));
        }
        for (number, accepted, job) in self.requests.changed() {
            changes.push(Change::new(Kind::Request, number, accepted));
            changes.push(Change::new(Kind::Job, number, job));
        }
        if std::mem::take(&mut self.configured) {
            let configuration = Configuration {
                teams: self.teams.clone(),
                heartbeats: self.heartbeats.clone(),
                searches: self.searches.clone(),
            };
            changes.push(Change::new(Kind::Configuration, 0, Some(&configuration)));
        }
        changes
    }

    /// Forgets what changed, where nothing is stored.
    pub(super) fn forget_changes(&mut self) {
        self.alerts.forget_changes();
        self.requests.forget_changes();
    }

    /// Processes every request that is due.
    pub(super) fn process(&mut self, now: u64) {
        while let Some((number, job)) = self.requests.due(now) {
            let action = job.work.action();
            let verdict = match job.fails {
                Some(status) => Verdict::failed(&status),
                None => self.alerts.process(job.work, job.due, &mut self.ids),
            };
            self.requests.processed(number, action, job.due, verdict);
        }
    }

    /// Answers a request.
    pub(super) fn handle(&mut self, asked: Asked<'_>, now: u64) -> Reply {
        let Asked {
            call,
            operation,
            mut entry,
        } = asked;
        self.process(now);
        let request = self.ids.uuid();
        let mut strike = match &operation {
            Ok(operation) => strike(&mut self.faults, operation, &mut self.ids),
            Err(_) => Strike::default(),
        };
        let latency = self.latency.length(&mut self.ids).unwrap_or(u64::MAX);
        let mut delay = strike.delay.saturating_add(latency);
        let what = strike.what.take();
        let answer = match (&operation, &what) {
            (_, Some(What::Reset)) => None,
            (_, Some(What::Status(status, seconds))) => Some(Answer::injected(*status, *seconds)),
            _ if site(&call.path).is_some_and(|site| site != self.site) => Some(Answer::error(404, "No such site")),
            (Err(NoOperation::NotFound), _) => Some(Answer::error(404, &format!("No handler for {}", call.path))),
            (Err(NoOperation::WrongMethod), _) => Some(Answer::error(405, "Method is not allowed.")),
            (Ok(operation), what) => {
                let answer = self.perform(call, operation, &request, what.as_ref(), now);
                let (answer, wait) = answer.unwrap_or_else(|refusal| (refusal, 0));
                delay = delay.saturating_add(wait);
                let answer = match call.face() {
                    Face::Rest => rest::reshaped(answer, operation),
                    Face::Opsgenie | Face::Events => answer,
                };
                (*what != Some(What::Lost)).then_some(answer)
            }
        };
        entry.at = now;
        entry.status = answer.as_ref().map(|answer| answer.status);
        entry.faults = strike.rules;
        self.journal.push(entry);
        let damage = match what {
            Some(What::Damage(damage)) => Some(damage),
            Some(_) | None => None,
        };
        Reply {
            delay,
            request,
            answer,
            damage,
        }
    }

    /// The answer, and how many milliseconds it waits for room in the request limits.
    fn perform(
        &mut self,
        call: &Call,
        operation: &Operation,
        request: &str,
        what: Option<&What>,
        now: u64,
    ) -> Result<(Answer, u64), Answer> {
        if call.oversized {
            return Err(Answer::error(413, "Request body is too large."));
        }
        if *operation == Operation::Tenant {
            return Ok((Answer::new(200, json!({ "cloudId": self.site })), 0));
        }
        let caller = self.keys.admit(call, operation)?;
        let wait = self.rates.take(operation, now)?;
        let own_team = caller
            .key
            .filter(|key| key.kind == KeyKind::Team)
            .and_then(|key| key.team.as_deref());
        let own_prefix = caller.key.and_then(|key| key.alias_prefix.as_deref());
        let intake = Intake {
            alias_prefix: own_prefix.unwrap_or(&self.alias_prefix),
            teams: &self.teams,
            own_team,
            limits: self.limits,
            now,
        };
        let work = match operation {
            Operation::Create => writes::create(call, intake)?,
            Operation::Write(id, verb) => writes::change(call, id, verb, intake)?,
            _ => return Ok((self.at_once(call, operation, request, now)?, wait)),
        };
        if self.requests.is_full() {
            return Err(Answer::injected(503, None));
        }
        let length = self.pending.length(&mut self.ids);
        let (due, fails) = match what {
            Some(What::Vanish) => return Ok((Answer::accepted(), wait)),
            Some(What::Swallow) => (None, None),
            Some(What::Fail(status)) => (length, Some(status.clone())),
            Some(_) | None => (length, None),
        };
        let due = due.map(|length| now.saturating_add(length));
        self.requests.accept(request, work, fails, caller.name, due);
        self.process(now);
        Ok((Answer::accepted(), wait))
    }

    /// Everything but a create and a write on an alert.
    fn at_once(&mut self, call: &Call, operation: &Operation, request: &str, now: u64) -> Result<Answer, Answer> {
        self.configured |= operation.configures() || matches!(operation, Operation::Heartbeat(_));
        let find = |id: &str| Ok(self.alerts.find(&writes::target(call, id)?));
        match operation {
            Operation::Account => Ok(teams::account(&self.teams)),
            Operation::RequestLimits => Ok(self.rates.answer()),
            Operation::Tenant | Operation::Create | Operation::Write(..) => Err(Answer::error(500, "Not done here")),
            Operation::Team(operation) => teams::answer(&mut self.teams, call, operation, (request, now)),
            Operation::Heartbeat(operation) => heartbeats::answer(&mut self.heartbeats, call, operation, now),
            Operation::Saved(operation) => saved::answer(&mut self.searches, call, operation, (request, now)),
            Operation::List => reads::list(&self.alerts, &self.searches, call, now),
            Operation::Count => reads::count(&self.alerts, &self.searches, call, now),
            Operation::Status(id) => Ok(self.requests.status(id, self.pending_style)),
            Operation::Get(id) => Ok(reads::get(find(id)?, now)),
            Operation::GetByAlias => {
                let alias = call.parameter("alias").unwrap_or_default().into_owned();
                Ok(reads::get(self.alerts.find(&Target::Alias(alias)), now))
            }
            Operation::Notes(id) => reads::lines(find(id)?, call, LineKind::Note),
            Operation::Logs(id) => reads::lines(find(id)?, call, LineKind::Log),
            Operation::Recipients(id) => Ok(reads::recipients(find(id)?, &self.teams)),
            Operation::Attachment(id, operation) => {
                self.attached += 1;
                attachments::answer(&mut self.alerts, call, id, operation, (self.attached, now))
            }
        }
    }
}

impl Reply {
    /// The same with what every answer through this face has; a damaged one may tell no id.
    pub(super) fn completed(mut self, face: Face) -> Self {
        let id = Some(self.request.as_str()).filter(|_| self.damage != Some(Damage::NoId));
        self.answer = self.answer.map(|answer| complete(answer, id, self.delay, face));
        self
    }
}

/// Adds what every answer has; without an id only what tells none.
fn complete(mut answer: Answer, id: Option<&str>, delay: u64, face: Face) -> Answer {
    // What has taken minutes is told so; what never ends is never told.
    let took = TOOK + Duration::from_millis(delay).as_secs_f64();
    // What is read through the REST API is bare.
    if face != Face::Rest || answer.status != 200 {
        answer.body.insert("took".to_owned(), json!(took));
        if let Some(id) = id {
            answer.body.insert("requestId".to_owned(), json!(id));
        }
    }
    let throttled = if answer.status == 429 { "THROTTLED" } else { "OK" };
    let answer = match id {
        Some(id) => answer.with_header("x-request-id", id.to_owned()),
        None => answer,
    };
    answer
        .with_header("x-response-time", took.to_string())
        .with_header("x-ratelimit-state", throttled)
}
