//! The index of one column: which rows hold a value, in any casing.
//!
//! Rules: TBL-31, TBL-33, QAP-11.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::value::Value;

/// The positions of the rows by the lower-case text of their cell. Uninitialised cells are not in it.
#[derive(Debug, Default)]
pub(super) struct ColumnIndex {
    by_text: BTreeMap<String, BTreeSet<u64>>,
}

impl ColumnIndex {
    pub(super) fn insert(&mut self, value: &Value, position: u64) {
        if value.is_initialised() {
            self.by_text.entry(folded(value)).or_default().insert(position);
        }
    }

    pub(super) fn remove(&mut self, value: &Value, position: u64) {
        if !value.is_initialised() {
            return;
        }
        let text = folded(value);
        if let Some(positions) = self.by_text.get_mut(&text) {
            positions.remove(&position);
            if positions.is_empty() {
                self.by_text.remove(&text);
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.by_text.clear();
    }

    /// The positions of the rows that hold the value, ascending.
    pub(super) fn positions(&self, value: &Value) -> impl Iterator<Item = u64> {
        let positions = value.is_initialised().then(|| self.by_text.get(&folded(value)));
        positions.flatten().into_iter().flatten().copied()
    }
}

fn folded(value: &Value) -> String {
    value.to_text().to_lowercase()
}
