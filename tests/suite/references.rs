//! The promise of `model`: every id that one part of a loaded definition holds of another exists. Checked over every
//! fixture, sound and faulty, and over fixtures broken at random places.

use std::path::Path;

use adit::model::action::{ActionKind, Amount, Targets};
use adit::model::condition::{Condition, Expression};
use adit::model::group::Item;
use adit::model::id::{ActionId, GroupId, ParamId, QActionId, SessionId, TimerId, TriggerId};
use adit::model::protocol::Protocol;
use adit::model::session::{BodyDef, Login, TextSource};
use adit::model::timer::MultiThreaded;
use adit::model::trigger::{ComparedWith, Scope, TriggerContent, TriggerOn};
use adit::schema::load;

/// Everything a definition holds of another part of it.
#[derive(Default)]
struct References {
    params: Vec<ParamId>,
    sessions: Vec<SessionId>,
    groups: Vec<GroupId>,
    timers: Vec<TimerId>,
    triggers: Vec<TriggerId>,
    actions: Vec<ActionId>,
    qactions: Vec<QActionId>,
}

impl References {
    fn of(protocol: &Protocol) -> Self {
        let mut all = Self::default();
        let parts = protocol.parts();
        for session in &parts.sessions {
            let Login::Credentials { user, password } = &session.login else {
                continue;
            };
            all.texts([user, password]);
        }
        for session in &parts.sessions {
            for exchange in &session.exchanges {
                let request = &exchange.request;
                all.texts([&request.url]);
                all.texts(request.headers.iter().map(|header| &header.value));
                match &request.body {
                    BodyDef::None => {}
                    BodyDef::Data(data) => all.texts([data]),
                    BodyDef::Parameters(parameters) => all.texts(parameters.iter().map(|parameter| &parameter.value)),
                }
                all.params.extend(exchange.response.status);
                all.params.extend(exchange.response.content);
                all.params
                    .extend(exchange.response.headers.iter().map(|(_, param)| *param));
            }
        }
        for group in &parts.groups {
            all.condition(group.condition.as_ref());
            all.params.extend(group.connection_pid);
            for item in &group.items {
                match item.what {
                    Item::Session(id, exchange) => {
                        all.sessions.push(id);
                        let session = protocol.session(id).unwrap();
                        assert!(exchange.is_none_or(|id| session.exchanges.iter().any(|exchange| exchange.id == id)));
                    }
                    Item::Action(id) => all.actions.push(id),
                    Item::Trigger(id) => all.triggers.push(id),
                }
            }
        }
        for timer in &parts.timers {
            all.condition(timer.condition.as_ref());
            all.groups.extend(&timer.groups);
            if let Some(options) = &timer.multithreaded {
                all.options(protocol, options);
            }
        }
        for trigger in &parts.triggers {
            all.condition(trigger.condition.as_ref());
            match &trigger.on {
                Some(TriggerOn::ParameterChange(Scope::One(id))) => all.params.push(*id),
                Some(TriggerOn::BeforeGroup(Scope::One(id)) | TriggerOn::AfterGroup(Scope::One(id))) => {
                    all.groups.push(*id);
                }
                Some(TriggerOn::SessionTimeout(Scope::One(id))) => all.sessions.push(*id),
                Some(TriggerOn::BeforeTimer(Scope::One(id))) => all.timers.push(*id),
                Some(_) | None => {}
            }
            if let Some(comparison) = &trigger.comparison {
                all.params.push(comparison.param);
                if let ComparedWith::Param(id) = comparison.with {
                    all.params.push(id);
                }
            }
            match &trigger.content {
                TriggerContent::Actions(entries) => all.actions.extend(entries.iter().map(|(id, _)| *id)),
                TriggerContent::Triggers(entries) => all.triggers.extend(entries.iter().map(|(id, _)| *id)),
            }
        }
        for action in &parts.actions {
            all.condition(action.condition.as_ref());
            all.action(&action.kind);
        }
        for qaction in &parts.qactions {
            all.condition(qaction.condition.as_ref());
            all.params.extend(qaction.triggers.iter().map(|(param, _)| *param));
            all.params.extend(&qaction.input);
            all.groups.extend(&qaction.groups);
        }
        all
    }

    fn texts<'a>(&mut self, sources: impl IntoIterator<Item = &'a TextSource>) {
        for source in sources {
            if let TextSource::Param(id) = source {
                self.params.push(*id);
            }
        }
    }

    fn condition(&mut self, condition: Option<&Condition>) {
        match condition {
            None | Some(Condition::Invalid) => {}
            Some(Condition::And(left, right) | Condition::Or(left, right)) => {
                self.condition(Some(left));
                self.condition(Some(right));
            }
            Some(Condition::Compare(left, _, right)) => {
                self.expression(left);
                self.expression(right);
            }
        }
    }

    fn expression(&mut self, expression: &Expression) {
        match expression {
            Expression::Param(id, _) | Expression::Table(id) => self.params.push(*id),
            Expression::Arithmetic(left, _, right) => {
                self.expression(left);
                self.expression(right);
            }
            Expression::Number(_)
            | Expression::Text(_)
            | Expression::Missing(_)
            | Expression::Empty
            | Expression::EmptyString => {}
        }
    }

    fn options(&mut self, protocol: &Protocol, options: &MultiThreaded) {
        let table = protocol
            .param(options.table)
            .and_then(|param| param.table.as_ref())
            .unwrap();
        assert!(options.address_column < table.columns.len());
        assert!(options.ignore_if.is_none_or(|(column, _)| column < table.columns.len()));
        self.params.extend(options.dynamic_pool);
        self.qactions
            .extend([options.before, options.after, options.each_row].into_iter().flatten());
        if let Some(statistics) = &options.statistics {
            let params = [
                statistics.usage,
                statistics.waiting,
                statistics.max_duration,
                statistics.avg_duration,
            ];
            self.params
                .extend(params.into_iter().chain([statistics.counter]).flatten());
        }
    }

    fn action(&mut self, kind: &ActionKind) {
        match kind {
            ActionKind::ExecuteGroup(_, targets) => self.groups.extend(listed(targets)),
            ActionKind::Copy { from, to } | ActionKind::CopyReverse { from, to } => {
                self.params.extend(from);
                self.params.extend(listed(to));
            }
            ActionKind::Append { from, to, .. } | ActionKind::AppendData { from, to } => {
                self.params.push(*from);
                self.params.extend(listed(to));
            }
            ActionKind::Increment(amount, to) | ActionKind::Multiply(amount, to) | ActionKind::Pow(amount, to) => {
                if let Amount::Param(id) = amount {
                    self.params.push(*id);
                }
                self.params.extend(listed(to));
            }
            ActionKind::RunActions(to)
            | ActionKind::Clear(to)
            | ActionKind::ClearOnDisplay(to)
            | ActionKind::Save(to)
            | ActionKind::Go(to)
            | ActionKind::ReplaceData { to, .. } => self.params.extend(listed(to)),
            ActionKind::Aggregate(aggregate, to) => {
                self.params.extend(&aggregate.returns);
                self.params.extend(aggregate.weight.iter().chain(&aggregate.status));
                self.params.extend(listed(to));
            }
            ActionKind::ChangeLength { length, to } => {
                self.params.push(*length);
                self.params.extend(listed(to));
            }
            ActionKind::ReadFile {
                path,
                count,
                offset,
                to,
            } => {
                self.params.extend([*path, *to]);
                self.params.extend(count.iter().chain(offset));
            }
            ActionKind::SwapColumn { table, .. } => self.params.push(*table),
            ActionKind::Sleep(_) => {}
            ActionKind::StartTimer(timers)
            | ActionKind::StopTimer(timers)
            | ActionKind::RestartTimer { timers, .. }
            | ActionKind::RescheduleTimer(timers) => self.timers.extend(listed(timers)),
        }
    }
}

fn listed<Id: Copy>(targets: &Targets<Id>) -> Vec<Id> {
    match targets {
        Targets::Listed(ids) => ids.clone(),
        Targets::Triggering => Vec::new(),
    }
}

/// Fails when a loaded definition names something it does not have.
fn check(name: &str, text: &str) {
    let Some(protocol) = load(name, text).protocol else {
        return;
    };
    let all = References::of(&protocol);
    let unknown: Vec<String> = [
        unknown("param", &all.params, |id| protocol.param(id).is_some()),
        unknown("session", &all.sessions, |id| protocol.session(id).is_some()),
        unknown("group", &all.groups, |id| protocol.group(id).is_some()),
        unknown("timer", &all.timers, |id| protocol.timer(id).is_some()),
        unknown("trigger", &all.triggers, |id| protocol.trigger(id).is_some()),
        unknown("action", &all.actions, |id| protocol.action(id).is_some()),
        unknown("qaction", &all.qactions, |id| protocol.qaction(id).is_some()),
    ]
    .concat();
    assert!(unknown.is_empty(), "{name} names {unknown:?}");
}

fn unknown<Id: Copy + std::fmt::Display>(kind: &str, ids: &[Id], exists: impl Fn(Id) -> bool) -> Vec<String> {
    ids.iter()
        .filter(|id| !exists(**id))
        .map(|id| format!("{kind} {id}"))
        .collect()
}

/// The fixtures by name.
fn fixtures() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut fixtures = Vec::new();
    for directory in ["schema", "diagnostics"] {
        for entry in std::fs::read_dir(root.join(directory)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            // A fixture without a text has no references.
            if let Some(text) = std::fs::read_to_string(&path).ok().filter(|text| !text.is_empty()) {
                fixtures.push((name, text));
            }
        }
    }
    fixtures.sort();
    fixtures
}

#[test]
fn every_reference_in_a_loaded_fixture_resolves() {
    let fixtures = fixtures();
    assert!(fixtures.len() > 100);
    for (name, text) in fixtures {
        check(&name, &text);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 256, ..Default::default() })]

    /// A digit changed in an id, a tag or an attribute removed: what still loads keeps the promise.
    #[test]
    fn every_reference_in_a_broken_definition_that_still_loads_resolves(
        fixture in proptest::prelude::any::<proptest::sample::Index>(),
        line in proptest::prelude::any::<proptest::sample::Index>(),
        how in 0..3_u8,
    ) {
        let fixtures = fixtures();
        let (name, text) = &fixtures[fixture.index(fixtures.len())];
        let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
        let line = line.index(lines.len());
        lines[line] = match how {
            0 => String::new(),
            1 => lines[line].replace('1', "77"),
            _ => lines[line].replace("id=", "no="),
        };
        check(name, &lines.join("\n"));
    }
}
