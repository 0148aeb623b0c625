//! Second pass: from tags to the model, one file per top-level tag; references are checked where they stand.
//!
//! Every function takes the [`Lowering`] and the `Protocol` node and walks the ids that `declare` listed. What cannot be
//! read is reported and left out. An item that was declared stays in the model, if need be emptied, so that the
//! references to it hold; only parts of items are dropped. The exceptions are actions and timers, of which nothing would
//! be left: `prune` removes the references to them.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::id::{ActionId, ConnectionId, GroupId, ParamId, QActionId, SessionId, ThreadId, TimerId, TriggerId};
use crate::model::param::{ColumnOf, Param};
use crate::model::protocol::Parts;
use crate::schema::codes::{self, Code};
use crate::schema::declare::{Declared, Items};
use crate::schema::diagnostic::{Diagnostic, Diagnostics};
use crate::schema::lower::general::GENERAL_PARAMS;
use crate::schema::lower::links::Linked;
use crate::schema::reader::Field;
use crate::schema::source::{Source, Span};
use crate::schema::tree::Node;

mod communication;
mod connections;
mod definition;
mod general;
mod slow_poll;

mod alarm_properties;
mod alarm_registration;
mod alarms;
mod array_options;
mod column_options;
mod columns;
mod dependencies;
mod discreet_options;
mod discreets;
mod display;
mod display_key;
pub(crate) mod duplicates;
mod exceptions;
mod ids;
mod information;
mod interprete;
pub(crate) mod links;
mod measurement;
mod names;
mod options;
mod others;
mod page_visibility;
mod pages;
mod params;
mod popups;
mod presentation;
mod relations;
mod reserved;
mod rtdisplay;
mod view_options;
mod volatile;

mod actions;
mod condition;
mod groups;
mod http;
mod qactions;
mod threads;
mod timer_options;
mod timers;
mod trending;
mod triggers;

mod prune;

/// What every lowering function needs.
pub(crate) struct Lowering<'t> {
    /// The text.
    pub(crate) source: &'t Source,
    /// The ids that exist.
    pub(crate) declared: &'t Declared<'t>,
    /// The connections of the element. They are lowered first.
    pub(crate) connections: BTreeSet<ConnectionId>,
    /// The columns and where they stand. Parameters are lowered before what names them.
    pub(crate) columns: BTreeMap<ParamId, ColumnOf>,
    /// The tables with their columns by idx.
    pub(crate) tables: BTreeMap<ParamId, Vec<ParamId>>,
    /// What names columns of other tables. It can be resolved when all tables are known.
    pub(crate) linked: Vec<Linked<'t>>,
    /// The parameters that lack `RTDisplay`, by where they stand: where it belongs, and what needs it.
    pub(crate) hidden: BTreeMap<usize, (Span, Span)>,
    /// How tables lead to each other, once all of them are known.
    pub(crate) ways: Option<links::Tables>,
    /// Where findings go.
    pub(crate) diagnostics: Diagnostics,
}

/// Lowers everything below `Protocol`.
pub(crate) fn protocol<'t>(cx: &mut Lowering<'t>, protocol: Node<'t>) -> Parts {
    let connections = connections::connections(cx, protocol);
    cx.connections = connections.iter().map(|connection| connection.id).collect();
    let (params, duplicates, relations) = params::params(cx, protocol);
    cx.see(&params);
    let alarms = alarms::alarms(cx, &params);
    let information = information::information(cx, &params);
    let trend_hints = trending::trend_hints(cx, &params);
    volatile::check(cx, protocol, &params);
    popups::check(cx, &params);
    let pages = pages::pages(cx, protocol, &params);
    let communication = communication::communication_options(cx, protocol, &connections);
    let mut parts = Parts {
        name: definition::name(cx, protocol),
        version: definition::version(cx, protocol),
        connections,
        slow_poll: slow_poll::slow_poll(cx, protocol),
        stand_in: communication.stand_in,
        threads: threads::threads(cx, protocol),
        params,
        alarms,
        information,
        trend_hints,
        alarm_registrations: alarm_registration::alarm_registrations(cx),
        duplicates,
        relations,
        load_sequence: params::load_sequence(cx, protocol),
        sessions: http::sessions(cx),
        groups: groups::groups(cx, protocol),
        timers: timers::timers(cx, protocol),
        triggers: triggers::triggers(cx),
        actions: actions::actions(cx),
        qactions: qactions::qactions(cx),
        default_page: pages::default_page(cx, protocol, &pages),
        pages,
        no_timeouts: definition::no_timeouts(protocol),
        custom_redirect: communication.custom_redirect,
        timer_base: timers::timer_base(protocol),
    };
    rtdisplay::report(cx);
    general::add_timer_base(&mut parts);
    prune::prune(&mut parts);
    parts
}

impl<'t> Lowering<'t> {
    /// Adds a finding.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.report(diagnostic);
    }

    /// Notes where the columns are, for what is lowered after the parameters.
    fn see(&mut self, params: &[Param]) {
        for param in params {
            if let Some(column_of) = param.column_of {
                self.columns.insert(param.id, column_of);
            }
            if let Some(table) = &param.table {
                self.tables
                    .insert(param.id, table.columns.iter().map(|column| column.pid).collect());
            }
        }
    }

    /// The `ColumnOption` of a column.
    pub(crate) fn column_option(&self, table: ParamId, idx: usize) -> Option<Node<'t>> {
        let array = self.declared.params.node(table)?.child("ArrayOptions")?;
        let is_wanted = |node: &Node<'t>| node.attribute("idx").and_then(Field::digits) == Some(idx);
        array.children("ColumnOption").find(is_wanted)
    }

    /// Where a parameter is declared.
    pub(crate) fn param_span(&self, id: ParamId) -> Span {
        let node = self.declared.params.node(id);
        node.map_or(Span::new(0, 0), Node::name_span)
    }

    /// The line an element stands on.
    pub(crate) fn line(&self, node: Node<'_>) -> u32 {
        self.source.line_at(node.span().start)
    }

    /// The parameter a text names; reported under `code` when it is no id or nothing declares it.
    pub(crate) fn param(&mut self, field: Field<'_>, code: &'static Code) -> Option<ParamId> {
        let declared = self.declared;
        let id = field.digits().map(ParamId);
        if id.is_some_and(general::is_kept) {
            return id;
        }
        if let Some(id) = id.filter(|id| GENERAL_PARAMS.contains(&id.0) && !declared.params.contains(*id)) {
            let message = format!("the general parameter {id} is not kept here: what names it does without");
            self.report(Diagnostic::new(&codes::NOT_RUN, field.span(), message));
            return None;
        }
        self.reference(field, code, "parameter", id, &declared.params)
    }

    /// The session a text names.
    pub(crate) fn session(&mut self, field: Field<'_>, code: &'static Code) -> Option<SessionId> {
        let declared = self.declared;
        self.reference(
            field,
            code,
            "session",
            field.digits().map(SessionId),
            &declared.sessions,
        )
    }

    /// The group a text names.
    pub(crate) fn group(&mut self, field: Field<'_>, code: &'static Code) -> Option<GroupId> {
        let declared = self.declared;
        let id = field.text().parse().ok().map(GroupId);
        self.reference(field, code, "group", id, &declared.groups)
    }

    /// The timer a text names.
    pub(crate) fn timer(&mut self, field: Field<'_>, code: &'static Code) -> Option<TimerId> {
        let declared = self.declared;
        self.reference(field, code, "timer", field.digits().map(TimerId), &declared.timers)
    }

    /// The trigger a text names.
    pub(crate) fn trigger(&mut self, field: Field<'_>, code: &'static Code) -> Option<TriggerId> {
        let declared = self.declared;
        self.reference(
            field,
            code,
            "trigger",
            field.digits().map(TriggerId),
            &declared.triggers,
        )
    }

    /// The action a text names.
    pub(crate) fn action(&mut self, field: Field<'_>, code: &'static Code) -> Option<ActionId> {
        let declared = self.declared;
        self.reference(field, code, "action", field.digits().map(ActionId), &declared.actions)
    }

    /// The QAction a text names.
    pub(crate) fn qaction(&mut self, field: Field<'_>, code: &'static Code) -> Option<QActionId> {
        let declared = self.declared;
        self.reference(
            field,
            code,
            "QAction",
            field.digits().map(QActionId),
            &declared.qactions,
        )
    }

    /// The thread a text names.
    pub(crate) fn thread(&mut self, field: Field<'_>, code: &'static Code) -> Option<ThreadId> {
        let declared = self.declared;
        self.reference(field, code, "thread", field.digits().map(ThreadId), &declared.threads)
    }

    fn reference<Id: Copy + Ord>(
        &mut self,
        field: Field<'_>,
        code: &'static Code,
        kind: &str,
        id: Option<Id>,
        items: &Items<'_, Id>,
    ) -> Option<Id> {
        let found = id.filter(|&id| items.contains(id));
        if found.is_none() {
            let message = match id {
                Some(_) => format!("there is no {kind} {}", field.text()),
                None if field.is_empty() => format!("the id of the {kind} is missing"),
                None => format!("`{}` is not the id of any {kind}", field.text()),
            };
            let hint = "name one that the definition declares";
            self.report(Diagnostic::new(code, field.span(), message).hint(hint));
        }
        found
    }
}
