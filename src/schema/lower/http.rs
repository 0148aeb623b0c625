//! `HTTP`.

use crate::model::session::Session;
use crate::schema::lower::Lowering;
use crate::schema::tree::Node;

/// `HTTP`.
pub(super) fn sessions(_cx: &mut Lowering<'_>, _protocol: Node<'_>) -> Vec<Session> {
    Vec::new()
}
