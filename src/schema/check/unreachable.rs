//! Groups, actions and sessions that nothing names, so that nothing starts them. A trigger can always be fired by a
//! QAction (CheckTrigger), so none is unreachable.
//!
//! Rules: GRP-16, MTT-11, QA-28.

use std::collections::BTreeSet;

use crate::model::action::{ActionKind, Targets};
use crate::model::group::Item;
use crate::model::id::{ActionId, GroupId, SessionId};
use crate::model::protocol::Protocol;
use crate::model::trigger::TriggerContent;
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::tree::Node;

/// The group of slow poll, which the engine starts.
const PING_GROUP: GroupId = GroupId(-1);

/// Looks at every group, action and session.
pub(super) fn check(cx: &mut Lowering<'_>, protocol: &Protocol) {
    let declared = cx.declared;
    let named = Named::by(protocol);
    for (id, node) in declared.sessions.iter().filter(|(id, _)| !named.sessions.contains(id)) {
        report(cx, node, format!("no group runs session {id}"));
    }
    for (id, node) in declared
        .actions
        .iter()
        .filter(|(id, _)| protocol.action(*id).is_some() && !named.actions.contains(id))
    {
        report(cx, node, format!("no trigger or group runs action {id}"));
    }
    // A column of a multithreaded timer may name any group.
    let any_group = protocol
        .parts()
        .timers
        .iter()
        .filter_map(|timer| timer.multithreaded.as_ref());
    if any_group.into_iter().any(|options| options.group_column.is_some()) {
        return;
    }
    for (id, node) in declared
        .groups
        .iter()
        .filter(|(id, _)| *id != PING_GROUP && !named.groups.contains(id))
    {
        if !node.attribute("ping").is_some_and(|ping| ping.is("true")) {
            report(cx, node, format!("no timer or action starts group {id}"));
        }
    }
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
}

impl Named {
    fn by(protocol: &Protocol) -> Self {
        let parts = protocol.parts();
        let mut named = Self::default();
        for trigger in &parts.triggers {
            match &trigger.content {
                TriggerContent::Actions(entries) => named.actions.extend(entries.iter().map(|(id, _)| *id)),
                TriggerContent::Triggers(_) => {}
            }
        }
        for item in parts.groups.iter().flat_map(|group| &group.items) {
            match item.what {
                Item::Session(id, _) => {
                    named.sessions.insert(id);
                }
                Item::Action(id) => {
                    named.actions.insert(id);
                }
                Item::Trigger(_) => {}
            }
        }
        named.groups.extend(parts.timers.iter().flat_map(|timer| &timer.groups));
        for action in &parts.actions {
            if let ActionKind::ExecuteGroup(_, Targets::Listed(groups)) = &action.kind {
                named.groups.extend(groups);
            }
        }
        named
    }
}
