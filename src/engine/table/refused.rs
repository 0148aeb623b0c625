//! Why a call on a table was refused. The table is as it was.
//!
//! Rules: QAP-7, QAP-9, QAP-33, TBL-72, TBL-78, TBL-85, TBL-93, TBL-95, TBL-122.

use crate::engine::qaction::{INVALID_VALUE, NO_SUCH_ROW, NOT_FOUND, OUT_OF_BOUNDS};
use crate::model::param::Param;

/// Why a call on a table was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TableRefused {
    /// A row call: there is no such row.
    RowMissing,
    /// A cell call: there is no such row.
    CellRowMissing,
    /// There is no such column.
    OutOfBounds,
    /// The primary key of a row cannot change.
    KeyColumn,
    /// The column is a display key or buttons: it holds no data.
    NoData,
    /// There is no primary key, or an empty one.
    KeyMissing,
    /// More cells or columns than the table takes.
    TooWide,
    /// Columns, or keys and values, of different lengths.
    Lengths,
    /// The engine makes the keys: the table cannot be filled.
    AutoIncrement,
    /// The table has as many rows as it may have.
    Full,
    /// The table is a view: it shows the rows of another table and stores none (TBL-122).
    View,
}

impl TableRefused {
    /// The HRESULT.
    pub(crate) const fn hresult(self) -> u32 {
        match self {
            Self::RowMissing => NOT_FOUND,
            Self::CellRowMissing => NO_SUCH_ROW,
            Self::OutOfBounds => OUT_OF_BOUNDS,
            Self::KeyColumn
            | Self::NoData
            | Self::KeyMissing
            | Self::TooWide
            | Self::Lengths
            | Self::AutoIncrement
            | Self::Full
            | Self::View => INVALID_VALUE,
        }
    }

    /// The line for the element log.
    pub(crate) fn text(self, table: &Param) -> String {
        let name = format!("Table [{} [{}]]", table.description, table.id);
        let what = match self {
            Self::RowMissing | Self::CellRowMissing => "no such row",
            Self::OutOfBounds => "no such column",
            Self::KeyColumn => "the primary key of a row cannot be changed",
            Self::NoData => "the column holds no data",
            Self::KeyMissing => "the row has no primary key",
            Self::TooWide => "more columns than the table takes",
            Self::Lengths => "the columns differ in length",
            Self::AutoIncrement => "the primary key is autoincrement, the table cannot be filled",
            Self::View => "a view shows rows of another table and takes none",
            Self::Full => return format!("{name}: Reached maximum number of rows"),
        };
        format!("{name}: {what}. {:#x}", self.hresult())
    }
}
