//! `Triggers`.

use crate::model::trigger::Trigger;
use crate::schema::lower::Lowering;
use crate::schema::tree::Node;

/// `Triggers`.
pub(super) fn triggers(_cx: &mut Lowering<'_>, _protocol: Node<'_>) -> Vec<Trigger> {
    Vec::new()
}
