//! `Groups`: type, content, connection and thread.
//!
//! Rules: GRP-1 to GRP-4, GRP-9, GRP-13 to GRP-17, THR-3 to THR-5, TMO-23.

use std::collections::BTreeSet;

use crate::model::group::{Group, GroupItem, GroupKind, Item};
use crate::model::id::{ConnectionId, ExchangeId, GroupId, SessionId};
use crate::model::moment::Span;
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::condition::{self, condition};
use crate::schema::lower::{Lowering, threads};
use crate::schema::reader::Field;
use crate::schema::tree::Node;

const CONDITION: condition::Codes = condition::Codes {
    invalid: &codes::GROUP_CONDITION,
    missing: &codes::GROUP_CONDITION_PARAM,
};

const KINDS: &[(&str, GroupKind)] = &[
    ("poll", GroupKind::Poll),
    ("action", GroupKind::Action),
    ("trigger", GroupKind::Trigger),
    ("poll action", GroupKind::PollAction),
    ("poll trigger", GroupKind::PollTrigger),
];

/// `Groups`.
pub(super) fn groups(cx: &mut Lowering<'_>, protocol: Node<'_>) -> Vec<Group> {
    let mut connections = threads::named_connections(protocol);
    connections.extend(&cx.connections);
    let declared = cx.declared;
    let groups: Vec<Group> = declared
        .groups
        .iter()
        .map(|(id, node)| group(cx, id, node, &connections))
        .collect();
    let mut tested = declared.groups.iter().zip(&groups).filter(|(_, group)| group.ping);
    if let Some((_, first)) = tested.next() {
        for ((id, node), _) in tested {
            let span = node.attribute("ping").map_or(node.name_span(), Field::span);
            let message = format!("the connection test runs group {}, not group {id}", first.id);
            cx.report(Diagnostic::new(&codes::NOT_RUN, span, message).hint("mark one group with `ping`"));
        }
    }
    groups
}

fn group(cx: &mut Lowering<'_>, id: GroupId, node: Node<'_>, connections: &BTreeSet<ConnectionId>) -> Group {
    let kind = node
        .filled("Type")
        .and_then(|field| field.one_of(KINDS, &mut cx.diagnostics))
        .unwrap_or(GroupKind::Poll);
    if id == GroupId::PING && kind != GroupKind::Poll {
        let span = node.field("Type").map_or(node.name_span(), Field::span);
        let message = "the ping group has to be a poll group";
        cx.report(Diagnostic::new(&codes::GROUP_PING_KIND, span, message).hint("make it `<Type>poll</Type>`"));
    }
    check_id(cx, id, node);
    let content = match node.child("Content") {
        Some(content) => items(cx, content, kind),
        None => Ok(Vec::new()),
    };
    Group {
        id,
        name: node
            .filled("Name")
            .map(|field| field.text().to_owned())
            .unwrap_or_default(),
        kind,
        condition: condition(cx, node, &CONDITION),
        connection: connection(cx, node, connections),
        connection_given: node.attribute("connection").is_some(),
        connection_pid: node
            .attribute("connectionPID")
            .and_then(|field| cx.param(field, &codes::GROUP_CONNECTION_PID)),
        thread: node
            .attribute("threadId")
            .and_then(|field| cx.thread(field, &codes::REFERENCE_UNKNOWN)),
        executable: content.is_ok(),
        ping: node.flag("ping", &mut cx.diagnostics),
        items: content.unwrap_or_default(),
        line: cx.line(node),
    }
}

/// The ids that a definition may give (GRP-14).
fn check_id(cx: &mut Lowering<'_>, id: GroupId, node: Node<'_>) {
    if matches!(id.0, -1 | 1..=64_299 | 70_000..=99_999 | 1_000_000..=9_999_999) {
        return;
    }
    let span = node.attribute("id").map_or(node.name_span(), Field::span);
    let message = format!("the id {id} is not one that a definition may give to a group");
    let hint = "use 1 to 64299, 70000 to 99999, or 1000000 to 9999999";
    cx.report(Diagnostic::new(&codes::GROUP_ID, span, message).hint(hint));
}

/// `@connection`: one of the element's connections, or one that only a thread names (THR-2, THR-3).
fn connection(cx: &mut Lowering<'_>, group: Node<'_>, connections: &BTreeSet<ConnectionId>) -> ConnectionId {
    let main = ConnectionId(0);
    let Some(field) = group.attribute("connection") else {
        return main;
    };
    let id = field.digits().map(ConnectionId);
    id.filter(|id| connections.contains(id)).unwrap_or_else(|| {
        let message = format!(
            "there is no connection `{}`; the group uses the main connection",
            field.text()
        );
        cx.report(
            Diagnostic::new(&codes::GROUP_CONNECTION, field.span(), message)
                .hint("name a connection of `Type` or one of a thread"),
        );
        main
    })
}

/// What stands in `Content`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ContentKind {
    Session,
    Action,
    Trigger,
    /// `Param` and `Pair`: reported by `support`, never run (GRP-17).
    NotRun,
}

impl ContentKind {
    fn of(item: Node<'_>) -> Option<Self> {
        const TAGS: &[(&str, ContentKind)] = &[
            ("Session", ContentKind::Session),
            ("Action", ContentKind::Action),
            ("Trigger", ContentKind::Trigger),
            ("Param", ContentKind::NotRun),
            ("Pair", ContentKind::NotRun),
        ];
        TAGS.iter()
            .find(|(tag, _)| item.name().eq_ignore_ascii_case(tag))
            .map(|(_, kind)| *kind)
    }

    /// Whether a group of this type runs it (GRP-3).
    const fn fits(self, group: GroupKind) -> bool {
        match group {
            GroupKind::Poll => matches!(self, Self::Session | Self::NotRun),
            GroupKind::Action | GroupKind::PollAction => matches!(self, Self::Action),
            GroupKind::Trigger | GroupKind::PollTrigger => matches!(self, Self::Trigger),
        }
    }
}

/// The content is of several kinds, which was reported.
#[derive(Debug)]
struct Mixed;

fn items(cx: &mut Lowering<'_>, content: Node<'_>, kind: GroupKind) -> Result<Vec<GroupItem>, Mixed> {
    let found: Vec<(Node<'_>, ContentKind)> = content
        .elements()
        .filter_map(|item| Some((item, ContentKind::of(item)?)))
        .collect();
    let Some(&(first, first_kind)) = found.first() else {
        return Ok(Vec::new());
    };
    // What an item names is looked at even where the group cannot run it.
    let items: Vec<GroupItem> = found
        .iter()
        .filter_map(|(item, kind)| group_item(cx, *item, *kind))
        .collect();
    if let Some((other, _)) = found
        .iter()
        .find(|(item, _)| !item.name().eq_ignore_ascii_case(first.name()))
    {
        let message = format!(
            "a group holds items of one kind, not `{}` and `{}`; it does nothing",
            first.name(),
            other.name()
        );
        let mixed = Diagnostic::new(&codes::GROUP_MIXED, other.name_span(), message)
            .second(first.name_span(), "the first item")
            .hint("make it two groups");
        cx.report(mixed);
        return Err(Mixed);
    }
    if !first_kind.fits(kind) {
        let word = KINDS.iter().find(|(_, row)| *row == kind).map_or("", |(word, _)| word);
        let message = format!(
            "a group of type `{word}` does not run `{}` items; it does nothing",
            first.name()
        );
        let hint = "correct the `Type` of the group: it is `poll` when it is not given";
        cx.report(Diagnostic::new(&codes::GROUP_CONTENT, first.name_span(), message).hint(hint));
        return Ok(Vec::new());
    }
    Ok(items)
}

fn group_item(cx: &mut Lowering<'_>, item: Node<'_>, kind: ContentKind) -> Option<GroupItem> {
    let field = item.content();
    let what = match kind {
        ContentKind::NotRun => return None,
        ContentKind::Action => Item::Action(cx.action(field, &codes::GROUP_ACTION)?),
        ContentKind::Trigger => Item::Trigger(cx.trigger(field, &codes::GROUP_TRIGGER)?),
        ContentKind::Session => {
            let session = cx.session(field, &codes::GROUP_SESSION)?;
            match item.attribute("connection") {
                None => Item::Session(session, None),
                Some(field) => Item::Session(session, Some(exchange(cx, session, field)?)),
            }
        }
    };
    let next = item
        .attribute("next")
        .and_then(|field| field.number(0.., &mut cx.diagnostics))
        .map(Span);
    Some(GroupItem { what, next })
}

/// `Session@connection`: the one `HTTP/Session/Connection` to run (GRP-15).
fn exchange(cx: &mut Lowering<'_>, session: SessionId, field: Field<'_>) -> Option<ExchangeId> {
    let wanted = field.digits().map(ExchangeId);
    let node = cx.declared.sessions.node(session);
    let ids = node
        .into_iter()
        .flat_map(|node| node.children("Connection"))
        .filter_map(|node| node.attribute("id"));
    let found = wanted.filter(|wanted| ids.filter_map(|id| id.digits().map(ExchangeId)).any(|id| id == *wanted));
    if found.is_none() {
        let message = format!(
            "session {session} has no connection `{}`; the item is left out",
            field.text()
        );
        cx.report(
            Diagnostic::new(&codes::REFERENCE_UNKNOWN, field.span(), message)
                .hint("name a `Connection` of that session"),
        );
    }
    found
}
