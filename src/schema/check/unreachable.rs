//! Groups, actions and sessions that nothing names, so that nothing starts them. A trigger can always be fired by a
//! QAction (CheckTrigger), so none is unreachable.
//!
//! Rules: GRP-16, MTT-11, TMO-20. What counts is what the text names: an item whose only user was left out for a fault
//! of its own is not reported on top of it.

use std::collections::BTreeSet;

use crate::model::id::{ActionId, GroupId, SessionId};
use crate::model::protocol::Protocol;
use crate::schema::codes;
use crate::schema::declare::Declared;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::reader::Field;
use crate::schema::tree::Node;

/// Looks at every group, action and session.
pub(super) fn check(cx: &mut Lowering<'_>, protocol: &Protocol) {
    let declared = cx.declared;
    let named = Named::by(declared);
    for (id, node) in declared.sessions.iter().filter(|(id, _)| !named.sessions.contains(id)) {
        report(cx, node, format!("no group runs session {id}"));
    }
    let loaded = declared.actions.iter().filter(|(id, _)| protocol.action(*id).is_some());
    for (id, node) in loaded.filter(|(id, _)| !named.actions.contains(id)) {
        report(cx, node, format!("no trigger or group runs action {id}"));
    }
    if named.any_group {
        return;
    }
    let groups = declared
        .groups
        .iter()
        .filter(|(id, node)| *id != GroupId::PING && !is_ping(*node));
    for (id, node) in groups.filter(|(id, _)| !named.groups.contains(id)) {
        report(cx, node, format!("no timer or action starts group {id}"));
    }
}

/// Whether the connection test runs the group.
fn is_ping(group: Node<'_>) -> bool {
    group.attribute("ping").is_some_and(|ping| ping.is("true"))
}

fn report(cx: &mut Lowering<'_>, node: Node<'_>, message: String) {
    cx.report(Diagnostic::new(&codes::UNREACHABLE, node.name_span(), message).hint("start it, or remove it"));
}

/// What something names.
#[derive(Default)]
struct Named {
    groups: BTreeSet<GroupId>,
    actions: BTreeSet<ActionId>,
    sessions: BTreeSet<SessionId>,
    /// A column of a multithreaded timer may name any group.
    any_group: bool,
}

impl Named {
    fn by(declared: &Declared<'_>) -> Self {
        let mut named = Self::default();
        for (_, group) in declared.groups.iter() {
            named
                .sessions
                .extend(content(group, "Session").filter_map(Field::digits).map(SessionId));
            named
                .actions
                .extend(content(group, "Action").filter_map(Field::digits).map(ActionId));
        }
        for (_, trigger) in declared.triggers.iter() {
            if !trigger.field("Type").is_some_and(|field| field.is("trigger")) {
                named
                    .actions
                    .extend(content(trigger, "Id").filter_map(Field::digits).map(ActionId));
            }
        }
        for (_, timer) in declared.timers.iter() {
            named.groups.extend(content(timer, "Group").filter_map(group_id));
            named.any_group |= content(timer, "Group").any(|group| group.strip_prefix("col:").is_some());
        }
        let on = declared.actions.iter().filter_map(|(_, action)| action.child("On"));
        for ids in on
            .filter(|on| on.content().is("group"))
            .filter_map(|on| on.attribute("id"))
        {
            named.groups.extend(ids.parts(';').filter_map(group_id));
        }
        named
    }
}

/// The texts of the tags of one name in `Content`.
fn content<'t>(item: Node<'t>, tag: &'static str) -> impl Iterator<Item = Field<'t>> {
    item.children("Content")
        .flat_map(move |content| content.children(tag))
        .map(Node::content)
}

fn group_id(field: Field<'_>) -> Option<GroupId> {
    field.text().parse().ok().map(GroupId)
}
