//! `ArrayOptions`: the columns of a table, its keys and what is kept of it.
//!
//! Rules: TBL-1 to TBL-59, TBL-120 to TBL-136, SAV-10, SAV-11.

use std::collections::BTreeMap;

use crate::model::id::ParamId;
use crate::model::relation::Link;

/// The definition of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct TableDef {
    /// The columns by idx.
    pub columns: Vec<Column>,
    /// `@index`: the idx of the primary key (TBL-1).
    pub index: usize,
    /// Where the display key comes from (TBL-52).
    pub display_key: DisplayKey,
    /// How a row leads to the columns of other tables that its display key names (TBL-55).
    pub named_elsewhere: BTreeMap<ParamId, Link>,
    /// Option `volatile`: nothing is saved (TBL-135).
    pub volatile: bool,
    /// Option `autoAdd`: setting a missing row creates it (TBL-74).
    pub auto_add: bool,
    /// Option `preserve state`: a row QAction sees the old row (QA-24).
    pub preserve_state: bool,
    /// Whose rows it has.
    pub rows: RowSource,
    /// Option `database`: a logger table, which keeps this many rows, the newest (TBL-133).
    pub keeps: Option<usize>,
    /// `@partial`: rows a client fetches at once.
    pub page_size: Option<u32>,
    /// `Measurement/Type@options` `tab=`.
    pub presentation: Presentation,
}

/// Whose rows a table has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowSource {
    /// Its own.
    Own,
    /// Option `view=`: those of the base table; it stores nothing (TBL-120).
    View(ParamId),
    /// None: a direct view, which reads other elements, or a view of nothing (TBL-122, TBL-132).
    Nothing,
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
    /// Option `view=` of a view table: the column that is shown here, of the base table or of one that its foreign keys
    /// lead to (TBL-121).
    pub view: Option<Link>,
    /// Option `delta=`: where its change is written (TBL-36).
    pub delta: Option<Delta>,
    /// Option `delete` of a `state` column: rows that a full fill does not name are removed (TBL-23).
    pub removes_deleted: bool,
    /// Options that are published to clients as they are: `disableHeaderSum`, `rowTextColoring` …
    pub flags: Vec<String>,
}

/// Option `delta=`: a column into which the change of another one is written (TBL-36).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    /// The idx of the column that is written.
    pub into: usize,
    /// What the new value is compared with: the value of this column in another table; none for the value before.
    pub from: Option<Link>,
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

impl TableDef {
    /// A table of these columns without any option, the first one being the primary key.
    #[must_use]
    pub fn plain(columns: Vec<Column>) -> Self {
        Self {
            columns,
            index: 0,
            display_key: DisplayKey::PrimaryKey,
            named_elsewhere: BTreeMap::new(),
            volatile: false,
            auto_add: false,
            preserve_state: false,
            rows: RowSource::Own,
            keeps: None,
            page_size: None,
            presentation: Presentation::default(),
        }
    }
}

impl Column {
    /// A column without any option.
    #[must_use]
    pub const fn plain(pid: ParamId, kind: ColumnKind) -> Self {
        Self {
            pid,
            kind,
            saved: false,
            foreign_key: None,
            indexed: false,
            view: None,
            delta: None,
            removes_deleted: false,
            flags: Vec::new(),
        }
    }
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
