//! `QActions`.

use crate::model::qaction::QActionDef;
use crate::schema::lower::Lowering;
use crate::schema::tree::Node;

/// `QActions`.
pub(super) fn qactions(_cx: &mut Lowering<'_>, _protocol: Node<'_>) -> Vec<QActionDef> {
    Vec::new()
}
