//! The connections of the element.

use crate::model::connection::Connection;
use crate::schema::lower::Lowering;
use crate::schema::tree::Node;

/// The connections of the element.
pub(super) fn connections(_cx: &mut Lowering<'_>, _protocol: Node<'_>) -> Vec<Connection> {
    Vec::new()
}
