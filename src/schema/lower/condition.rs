//! `Condition`: from text to tree.

use crate::model::condition::Condition;
use crate::schema::lower::Lowering;
use crate::schema::tree::Node;

/// The `Condition` of an item, when it has one.
pub(super) fn condition(_cx: &mut Lowering<'_>, _item: Node<'_>) -> Option<Condition> {
    None
}
