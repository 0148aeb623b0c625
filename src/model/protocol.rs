//! `Protocol`: a whole definition after loading. Every reference in it resolves (see the promises in `model`).
//!
//! Look-ups by id are arrays or small maps built once by [`Protocol::build`]; the rest is data.

use std::collections::BTreeMap;

use crate::model::action::Action;
use crate::model::alarm::{AlarmDef, InfoDef};
use crate::model::connection::{Connection, SlowPoll, Thread};
use crate::model::group::Group;
use crate::model::id::{ActionId, ConnectionId, GroupId, ParamId, QActionId, SessionId, TimerId, TriggerId};
use crate::model::names::Names;
use crate::model::page::Page;
use crate::model::param::{Param, ParamKind};
use crate::model::places::Places;
use crate::model::qaction::QActionDef;
use crate::model::reactions::{Fired, Reactions};
use crate::model::relation::Relation;
use crate::model::session::Session;
use crate::model::table::RowSource;
use crate::model::timer::{Timer, TimerBase};
use crate::model::trend_hint::TrendHint;
use crate::model::trigger::Trigger;

/// What the loader found, before it is put in order. Lists are in document order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parts {
    /// `Name`.
    pub name: String,
    /// `Version`.
    pub version: String,
    /// The connections, main one first.
    pub connections: Vec<Connection>,
    /// Slow poll and its pings, of the main connection (TMO-19).
    pub slow_poll: SlowPoll,
    /// `redundantPolling`: the connection that stands in for the main one, and the reverse (TMO-24).
    pub stand_in: Option<ConnectionId>,
    /// `Threads`.
    pub threads: Vec<Thread>,
    /// `Params`.
    pub params: Vec<Param>,
    /// The alarms of those that are monitored (ALM-1).
    pub alarms: BTreeMap<ParamId, AlarmDef>,
    /// `Info`: what is worth an information event (ALM-24).
    pub information: BTreeMap<ParamId, InfoDef>,
    /// `Display/Trending` (TRD-4).
    pub trend_hints: BTreeMap<ParamId, TrendHint>,
    /// `Type@alarmRegistration`: who is told of the alarm levels of a parameter (PAR-29).
    pub alarm_registrations: BTreeMap<ParamId, Vec<ParamId>>,
    /// `Param@duplicateAs`: the columns of views that have no parameter of their own, each with the one whose definition
    /// it copies (TBL-130).
    pub duplicates: BTreeMap<ParamId, ParamId>,
    /// `Relations` (TBL-60).
    pub relations: Vec<Relation>,
    /// `Params@loadSequence` (PAR-112).
    pub load_sequence: Vec<ParamId>,
    /// `HTTP`.
    pub sessions: Vec<Session>,
    /// `Groups`.
    pub groups: Vec<Group>,
    /// `Timers`.
    pub timers: Vec<Timer>,
    /// `Triggers`.
    pub triggers: Vec<Trigger>,
    /// `Actions`.
    pub actions: Vec<Action>,
    /// `QActions`.
    pub qactions: Vec<QActionDef>,
    /// The pages in display order.
    pub pages: Vec<Page>,
    /// `Display@defaultPage`, resolved.
    pub default_page: Option<String>,
    /// `NoTimeouts` (TMO-11).
    pub no_timeouts: Vec<String>,
    /// `communicationOptions="customRedirect"` (HTTP-53).
    pub custom_redirect: bool,
    /// `relativeTimers`: what a change of the timer base does (TIM-16).
    pub timer_base: TimerBase,
}

/// A loaded definition.
#[derive(Debug, Clone, PartialEq)]
pub struct Protocol {
    /// Everything, in document order.
    parts: Parts,
    params: Places,
    names: Names,
    groups: BTreeMap<GroupId, usize>,
    timers: BTreeMap<TimerId, usize>,
    triggers: Places,
    actions: Places,
    sessions: BTreeMap<SessionId, usize>,
    qactions: BTreeMap<QActionId, usize>,
    qactions_on: BTreeMap<ParamId, Vec<usize>>,
    qactions_on_group: BTreeMap<GroupId, Vec<usize>>,
    /// The views by the table that holds their rows.
    views: BTreeMap<ParamId, Vec<usize>>,
    reactions: Reactions,
    /// By the place of a parameter, whether a change event of it runs anything: every cell that changes is asked.
    reacting: Vec<bool>,
}

impl Protocol {
    /// Puts the parts in order. Ids are unique and references resolve: the loader saw to it.
    #[must_use]
    pub fn build(parts: Parts) -> Self {
        let mut qactions_on: BTreeMap<ParamId, Vec<usize>> = BTreeMap::new();
        let mut qactions_on_group: BTreeMap<GroupId, Vec<usize>> = BTreeMap::new();
        for (index, qaction) in parts.qactions.iter().enumerate() {
            for (param, _) in &qaction.triggers {
                let entries = qactions_on.entry(*param).or_default();
                if !entries.contains(&index) {
                    entries.push(index);
                }
            }
            for group in &qaction.groups {
                qactions_on_group.entry(*group).or_default().push(index);
            }
        }
        let mut protocol = Self {
            params: Places::new(parts.params.iter().map(|param| param.id.0)),
            names: Names::new(parts.params.iter().map(|param| param.name.as_str())),
            groups: positions(&parts.groups, |group| group.id),
            timers: positions(&parts.timers, |timer| timer.id),
            triggers: Places::new(parts.triggers.iter().map(|trigger| trigger.id.0)),
            actions: Places::new(parts.actions.iter().map(|action| action.id.0)),
            sessions: positions(&parts.sessions, |session| session.id),
            qactions: positions(&parts.qactions, |qaction| qaction.id),
            qactions_on,
            qactions_on_group,
            views: BTreeMap::new(),
            reactions: Reactions::new(&parts.triggers),
            reacting: Vec::new(),
            parts,
        };
        let runs_any = |param: &Param| {
            protocol.qactions_on.contains_key(&param.id) || protocol.reactions.any(Fired::ParameterChange(param.id))
        };
        protocol.reacting = protocol.parts.params.iter().map(runs_any).collect();
        for (index, param) in protocol.parts.params.iter().enumerate() {
            let base = protocol.table_with_rows(param.id);
            if base != param.id {
                protocol.views.entry(base).or_default().push(index);
            }
        }
        protocol
    }

    /// `Name`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.parts.name
    }

    /// `Version`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.parts.version
    }

    /// Everything, in document order.
    #[must_use]
    pub const fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The parameter with this id.
    #[must_use]
    pub fn param(&self, id: ParamId) -> Option<&Param> {
        self.params.of(id.0).map(|index| &self.parts.params[index])
    }

    /// The place of a parameter among those of the definition.
    pub(crate) fn place_of(&self, id: ParamId) -> Option<usize> {
        self.params.of(id.0)
    }

    /// The parameter that a name means when it is read: the read where read and write share it (contract, section 2).
    #[must_use]
    pub fn param_to_read(&self, name: &str) -> Option<&Param> {
        self.named(name, |param| !param.is_write())
    }

    /// The parameter that a name means when it is set: the write where read and write share it.
    #[must_use]
    pub fn param_to_set(&self, name: &str) -> Option<&Param> {
        self.named(name, Param::is_write)
    }

    /// The parameter with this name: the read where a write shares it.
    #[must_use]
    pub fn param_to_get(&self, name: &str) -> Option<&Param> {
        self.named(name, |param| !param.is_write())
    }

    fn named(&self, name: &str, preferred: impl Fn(&Param) -> bool) -> Option<&Param> {
        let params = &self.parts.params;
        let places = || self.names.of(name, |place| params[place].name.as_str());
        let params = || places().map(|place| &params[place]);
        params().find(|param| preferred(param)).or_else(|| params().next())
    }

    /// The group with this id.
    #[must_use]
    pub fn group(&self, id: GroupId) -> Option<&Group> {
        self.groups.get(&id).map(|&index| &self.parts.groups[index])
    }

    /// The timer with this id.
    #[must_use]
    pub fn timer(&self, id: TimerId) -> Option<&Timer> {
        self.timers.get(&id).map(|&index| &self.parts.timers[index])
    }

    /// The trigger with this id.
    #[must_use]
    pub fn trigger(&self, id: TriggerId) -> Option<&Trigger> {
        self.triggers.of(id.0).map(|index| &self.parts.triggers[index])
    }

    /// The parameter with this id, to be described otherwise. What look-ups are made of stays: id, name, kind, table.
    pub(crate) fn param_mut(&mut self, id: ParamId) -> Option<&mut Param> {
        self.params.of(id.0).map(|index| &mut self.parts.params[index])
    }

    /// The action with this id.
    #[must_use]
    pub fn action(&self, id: ActionId) -> Option<&Action> {
        self.actions.of(id.0).map(|index| &self.parts.actions[index])
    }

    /// The session with this id.
    #[must_use]
    pub fn session(&self, id: SessionId) -> Option<&Session> {
        self.sessions.get(&id).map(|&index| &self.parts.sessions[index])
    }

    /// The QAction with this id.
    #[must_use]
    pub fn qaction(&self, id: QActionId) -> Option<&QActionDef> {
        self.qactions.get(&id).map(|&index| &self.parts.qactions[index])
    }

    /// The QActions that trigger on a parameter, in document order.
    pub fn qactions_on(&self, param: ParamId) -> impl Iterator<Item = &QActionDef> {
        self.qactions_on
            .get(&param)
            .into_iter()
            .flatten()
            .map(|&index| &self.parts.qactions[index])
    }

    /// The QActions that receive the multithreaded results of a group, in document order.
    pub fn qactions_on_group(&self, group: GroupId) -> impl Iterator<Item = &QActionDef> {
        self.qactions_on_group
            .get(&group)
            .into_iter()
            .flatten()
            .map(|&index| &self.parts.qactions[index])
    }

    /// The connection with this id.
    #[must_use]
    pub fn connection(&self, id: ConnectionId) -> Option<&Connection> {
        self.parts.connections.iter().find(|connection| connection.id == id)
    }

    /// The triggers that an event fires, in document order (TRG-3, TRG-10).
    #[must_use]
    pub fn triggers_on(&self, fired: Fired) -> &[TriggerId] {
        self.reactions.to(fired)
    }

    /// The triggers on a text that a connection reports (TMO-16).
    #[must_use]
    pub fn triggers_on_communication(&self, text: &str) -> Vec<TriggerId> {
        self.reactions.to_communication(text)
    }

    /// Whether a change event of this parameter runs anything: a trigger or a QAction.
    #[must_use]
    pub fn reacts_to(&self, param: ParamId) -> bool {
        self.params.of(param.0).is_some_and(|place| self.reacting[place])
    }

    /// The parameter that this one copies, when it is a duplicate for a view; else itself (TBL-130).
    #[must_use]
    pub fn original(&self, id: ParamId) -> ParamId {
        self.parts.duplicates.get(&id).copied().unwrap_or(id)
    }

    /// The table that holds the rows of this one: itself, or the base of a view (TBL-120).
    #[must_use]
    pub fn table_with_rows(&self, table: ParamId) -> ParamId {
        let mut id = table;
        while let Some(RowSource::View(base)) = self.param(id).and_then(|param| Some(param.table.as_ref()?.rows)) {
            id = base;
        }
        id
    }

    /// The views of a table, in document order (TBL-120).
    pub fn views_of(&self, table: ParamId) -> impl Iterator<Item = &Param> {
        let views = self.views.get(&table).into_iter().flatten();
        views.map(|&index| &self.parts.params[index])
    }

    /// The tables, in document order.
    pub fn tables(&self) -> impl Iterator<Item = &Param> {
        self.parts.params.iter().filter(|param| param.kind == ParamKind::Array)
    }
}

fn positions<T, Id: Ord>(items: &[T], id: impl Fn(&T) -> Id) -> BTreeMap<Id, usize> {
    items
        .iter()
        .enumerate()
        .map(|(index, item)| (id(item), index))
        .collect()
}
