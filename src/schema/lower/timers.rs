//! `Timers`.

use crate::model::timer::Timer;
use crate::schema::lower::Lowering;
use crate::schema::tree::Node;

/// `Timers`.
pub(super) fn timers(_cx: &mut Lowering<'_>, _protocol: Node<'_>) -> Vec<Timer> {
    Vec::new()
}
