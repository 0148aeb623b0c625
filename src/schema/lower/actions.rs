//! `Actions`.

use crate::model::action::Action;
use crate::schema::lower::Lowering;
use crate::schema::tree::Node;

/// `Actions`.
pub(super) fn actions(_cx: &mut Lowering<'_>, _protocol: Node<'_>) -> Vec<Action> {
    Vec::new()
}
