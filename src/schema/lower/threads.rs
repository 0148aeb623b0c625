//! `Threads`.

use crate::model::connection::Thread;
use crate::schema::lower::Lowering;
use crate::schema::tree::Node;

/// `Threads`.
pub(super) fn threads(_cx: &mut Lowering<'_>, _protocol: Node<'_>) -> Vec<Thread> {
    Vec::new()
}
