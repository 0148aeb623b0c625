//! `Relations`: which tables belong together, and how a row leads to rows of other tables through its foreign keys.
//!
//! Rules: TBL-31, TBL-32 (a foreign key may lead nowhere), TBL-55, TBL-60, TBL-61, TBL-121.

use crate::model::id::ParamId;
use crate::model::value::Value;

/// `Relations/Relation@path`: tables, each joined to the next by a foreign key of one of the two (TBL-60).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// The tables, parent first.
    pub path: Vec<ParamId>,
}

/// The way from a row to a column: of the row itself, or of a row that its foreign keys lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The steps, none for a column of the row itself.
    pub hops: Vec<Hop>,
    /// The table of the column.
    pub table: ParamId,
    /// The idx of the column there.
    pub idx: usize,
}

/// One step: the foreign key in this column names a row of that table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hop {
    /// The idx of the column with the foreign key, in the table one stands in.
    pub foreign_key: usize,
    /// The table it leads to.
    pub table: ParamId,
}

/// Where rows are looked up: in memory, or among what is shown.
pub trait TableRows {
    /// The cells by idx of the row with this primary key. A view holds none.
    fn cells(&self, table: ParamId, key: &str) -> Option<&[Value]>;
}

impl Link {
    /// The cells of the row that the way ends at; none where a foreign key is empty or leads nowhere.
    pub fn follow<'r>(&self, cells: &'r [Value], rows: &'r impl TableRows) -> Option<&'r [Value]> {
        let mut cells = cells;
        for hop in &self.hops {
            let key = cells.get(hop.foreign_key).filter(|key| key.is_initialised())?;
            cells = rows.cells(hop.table, &key.to_text())?;
        }
        Some(cells)
    }
}
