//! A table as an object, as the product's code generator makes one (`QActionTable`): the same calls, without its id.
//!
//! Rules: QAP-15, QAP-16.

use std::sync::Arc;

use crate::engine::qaction::{CellAction, Fill, KeyType, QActionError};
use crate::engine::sl_protocol::SlProtocol;
use crate::model::id::ParamId;
use crate::model::value::Value;

/// One table of the element.
#[derive(Clone, Copy)]
pub struct QActionTable<'a> {
    protocol: &'a SlProtocol,
    id: ParamId,
}

/// What a row set does when there is no such row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingRow {
    /// It fails.
    Fail,
    /// It adds the row.
    Create,
}

impl SlProtocol {
    /// A table as an object.
    #[must_use]
    pub const fn table(&self, id: ParamId) -> QActionTable<'_> {
        QActionTable { protocol: self, id }
    }
}

impl QActionTable<'_> {
    /// `SetRow`: cells by idx.
    ///
    /// # Errors
    ///
    /// When there is no such row and it is not to be added, or when it cannot be (QAP-15).
    pub async fn set_row(self, key: &str, cells: Vec<Value>, missing: MissingRow) -> Result<(), QActionError> {
        let refused = |what: &str| QActionError(format!("table {} {what} row \"{key}\"", self.id));
        if self.protocol.exists(self.id, key).await {
            let cells = cells.into_iter().map(CellAction::Set).collect();
            let changed = self.protocol.set_row(self.id, key, cells).await;
            return changed.map(|_| ()).ok_or_else(|| refused("cannot take"));
        }
        match missing {
            MissingRow::Fail => Err(refused("has no")),
            MissingRow::Create => match self.protocol.add_row(self.id, cells).await {
                0 => Err(refused("cannot take")),
                _ => Ok(()),
            },
        }
    }

    /// `SetColumn`, `SetColumns`: columns for these keys, as [`SlProtocol::fill_columns`].
    pub async fn set_columns(self, columns: Vec<(ParamId, Vec<CellAction>)>, keys: Vec<Arc<str>>) -> bool {
        self.protocol.fill_columns(self.id, columns, keys).await
    }

    /// `GetColumn`: by 0-based idx; none when there is no such column.
    pub async fn column(self, idx: usize) -> Option<Vec<Value>> {
        self.protocol.get_columns(self.id, &[idx]).await?.pop()
    }

    /// `Keys` and `DisplayKeys`.
    pub async fn keys(self, kind: KeyType) -> Vec<Arc<str>> {
        self.protocol.keys(self.id, kind).await
    }

    /// `FillArray` and `FillArrayNoDelete` with rows, every column of the table in each (TBL-81).
    pub async fn fill(self, rows: Vec<Vec<CellAction>>, fill: Fill) -> bool {
        self.protocol.fill_rows(self.id, rows, fill).await
    }
}
