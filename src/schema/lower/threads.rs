//! `Threads`: the extra lanes and the connections whose groups they run.
//!
//! Rules: THR-1, THR-2, THR-6, THR-7.

use std::collections::BTreeSet;

use crate::model::connection::Thread;
use crate::model::id::{ConnectionId, ThreadId};
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::tree::Node;

/// `Threads`.
pub(super) fn threads(cx: &mut Lowering<'_>, protocol: Node<'_>) -> Vec<Thread> {
    let nodes: Vec<Node<'_>> = protocol
        .children("Threads")
        .flat_map(|threads| threads.children("Thread"))
        .collect();
    let with_ids = nodes.iter().any(|node| node.attribute("id").is_some());
    let mut claimed = BTreeSet::new();
    let mut threads = Vec::new();
    for node in nodes {
        let mut connections = connections(cx, node);
        if with_ids {
            let Some(id) = id(cx, node) else { continue };
            threads.push(Thread {
                id: Some(id),
                connections,
            });
            continue;
        }
        connections.retain(|&id| is_first_claim(cx, node, &mut claimed, id));
        threads.push(Thread { id: None, connections });
    }
    threads
}

/// The id of a thread, when one of them has an id: those without are ignored (THR-6).
fn id(cx: &mut Lowering<'_>, node: Node<'_>) -> Option<ThreadId> {
    let Some(field) = node.attribute("id") else {
        let message = "this thread is ignored: other threads have an id, and it has none";
        cx.report(Diagnostic::new(&codes::THREAD_WITHOUT_ID, node.name_span(), message).hint("give it an id"));
        return None;
    };
    let id = field.digits().map(ThreadId)?;
    // Without this, the second of two equal ids would be a thread of its own; `declare` reported it.
    (cx.declared.threads.node(id) == Some(node)).then_some(id)
}

/// Without ids, the first thread in the document has a connection (THR-7).
fn is_first_claim(
    cx: &mut Lowering<'_>,
    node: Node<'_>,
    claimed: &mut BTreeSet<ConnectionId>,
    id: ConnectionId,
) -> bool {
    let first = claimed.insert(id);
    if !first {
        let span = node
            .attribute("connection")
            .map_or(node.name_span(), |field| field.span());
        let message = format!("an earlier thread has connection {id} already");
        let hint = "give every thread an id and name it in the groups, or remove the connection here";
        cx.report(Diagnostic::new(&codes::THREAD_CONNECTION_TAKEN, span, message).hint(hint));
    }
    first
}

/// `@connection`. Ids beyond the element's connections are lanes without network (THR-2).
fn connections(cx: &mut Lowering<'_>, node: Node<'_>) -> Vec<ConnectionId> {
    let Some(field) = node.attribute("connection") else {
        return Vec::new();
    };
    field
        .parts(',')
        .filter_map(|part| part.number(0.., &mut cx.diagnostics))
        .map(ConnectionId)
        .collect()
}

/// Every connection that a thread names, so that a group may name it too.
pub(super) fn named_connections(protocol: Node<'_>) -> BTreeSet<ConnectionId> {
    let threads = protocol
        .children("Threads")
        .flat_map(|threads| threads.children("Thread"));
    let fields = threads.filter_map(|thread| thread.attribute("connection"));
    fields
        .flat_map(|field| field.parts(','))
        .filter_map(|part| part.digits().map(ConnectionId))
        .collect()
}
