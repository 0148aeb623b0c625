//! `Params`.

use crate::model::param::Param;
use crate::schema::lower::Lowering;
use crate::schema::tree::Node;

/// `Params`.
pub(super) fn params(_cx: &mut Lowering<'_>, _protocol: Node<'_>) -> Vec<Param> {
    Vec::new()
}
