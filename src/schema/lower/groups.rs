//! `Groups`.

use crate::model::group::Group;
use crate::schema::lower::Lowering;
use crate::schema::tree::Node;

/// `Groups`.
pub(super) fn groups(_cx: &mut Lowering<'_>, _protocol: Node<'_>) -> Vec<Group> {
    Vec::new()
}
