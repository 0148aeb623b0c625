//! `ArrayOptions`: the columns of a table, its keys and what is kept of it.
//!
//! Rules: TBL-1 to TBL-59, SAV-10, SAV-11.

use crate::model::id::ParamId;

/// The definition of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct TableDef {
    /// The columns by idx.
    pub columns: Vec<Column>,
    /// `@index`: the idx of the primary key (TBL-1).
    pub index: usize,
    /// Where the display key comes from (TBL-52).
    pub display_key: DisplayKey,
    /// Option `volatile`: nothing is saved (TBL-135).
    pub volatile: bool,
    /// Option `autoAdd`: setting a missing row creates it (TBL-74).
    pub auto_add: bool,
    /// Option `preserve state`: a row QAction sees the old row (QA-24).
    pub preserve_state: bool,
    /// Option `view=`: the base table whose rows this one shows (TBL-120).
    pub view_of: Option<ParamId>,
    /// `@partial`: rows a client fetches at once.
    pub page_size: Option<u32>,
    /// `Measurement/Type@options` `tab=`.
    pub presentation: Presentation,
}

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The column's parameter.
    pub pid: ParamId,
    /// `@type`.
    pub kind: ColumnKind,
    /// Whether the cells survive a restart, worked out by SAV-10 and SAV-11.
    pub saved: bool,
    /// Option `foreignKey=`.
    pub foreign_key: Option<ParamId>,
    /// Option `indexColumn` or `foreignKey`: keys can be looked up by this column (QAP-11).
    pub indexed: bool,
    /// Option `view=`: the column of the base table.
    pub view: Option<String>,
    /// Options that are published to clients as they are: `disableHeaderSum`, `rowTextColoring` …
    pub flags: Vec<String>,
}

/// `ColumnOption@type` (TBL-20 to TBL-25).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// `retrieved`: what a bulk call fills.
    Retrieved,
    /// `custom`: filled by cell and row sets.
    Custom,
    /// `autoincrement`: the engine gives the key.
    AutoIncrement,
    /// `displaykey`: holds the display key, not in memory.
    DisplayKey,
    /// `state`: what happened to the row in the last full fill.
    State,
    /// A write with buttons: holds no data (TBL-103).
    Button,
    /// `snmp`, `concatenation`, `index`, `viewTableKey`: reported, never filled.
    Unsupported,
}

/// Where the display key of a row comes from (TBL-52 to TBL-57).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisplayKey {
    /// The primary key itself.
    PrimaryKey,
    /// `NamingFormat`: parts joined with nothing (TBL-53).
    Format(Vec<NamePart>),
    /// Option `naming=`: values joined with the separator (TBL-54).
    Naming {
        /// What stands between two values.
        separator: char,
        /// The columns, in order.
        columns: Vec<ParamId>,
    },
    /// `@displayColumn`: the idx of the column (TBL-57).
    Column(usize),
}

/// A part of a `NamingFormat`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamePart {
    /// The value of a column.
    Column(ParamId),
    /// Text as it stands.
    Literal(String),
}

/// How a client presents the table (TBL-117 to TBL-119).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Presentation {
    /// Shown columns in order; empty when all are shown by idx.
    pub columns: Vec<ParamId>,
    /// Widths in pixels, by shown column; 0 is collapsed.
    pub widths: Vec<u32>,
    /// Visible lines.
    pub lines: Option<u32>,
    /// How the rows are ordered, most important first.
    pub sort: Vec<SortBy>,
    /// Whether a filter box is offered.
    pub filter: bool,
}

/// One column by which rows are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortBy {
    /// The column.
    pub column: ParamId,
    /// Compare as numbers (`INT`) or as text (`STRING`).
    pub numeric: bool,
    /// `DESC`.
    pub descending: bool,
}
