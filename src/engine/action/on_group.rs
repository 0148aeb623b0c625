//! Actions on groups: the seven ways to put a group in the queue.
//!
//! Rules: GQ-4 to GQ-13, GQ-15, GQ-16.

use crate::engine::Engine;
use crate::model::action::Execute;
use crate::model::id::GroupId;

impl Engine {
    /// Queues each listed group the same way. The ways that insert at a place keep the listed order, as one batch
    /// (GQ-12).
    pub(super) fn execute_groups(&mut self, how: Execute, groups: &[GroupId]) {
        let mut before = 0;
        for &group in groups {
            before += usize::from(self.enqueue_by_action(group, how, before));
        }
    }
}
