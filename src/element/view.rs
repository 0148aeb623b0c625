//! What readers see of an element: the shown store (DataMiner's SLElement) and the stream of its changes.
//!
//! Only the element's task writes it; readers take a short look under a read lock, never across an await.
//!
//! Rules: PAR-26, PAR-107, PAR-108, DSP-1, DSP-5, TBL-37, TBL-59, TBL-87, TBL-120.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::alarm::AlarmChange;
pub use crate::element::alarms::LatchState;
use crate::element::alarms::{ShownAlarm, ShownAlarms};
use crate::engine::effect::{ParameterChange, RowChange, RowChangeKind, Seen};
use crate::model::alarm::Severity;
use crate::model::alarm_template::AlarmTemplate;
use crate::model::display_key::display_key;
use crate::model::id::ParamId;
use crate::model::param::Param;
use crate::model::protocol::Protocol;
use crate::model::relation::TableRows;
use crate::model::shown_cell::{shown_cell, shows};
use crate::model::table::DisplayKey;
use crate::model::value::Value;

/// The shown values of an element.
#[derive(Debug, Default)]
pub struct View {
    /// Whether it runs.
    pub state: ElementState,
    /// Whether it is in timeout; the reason when it is.
    pub timeout: Option<String>,
    /// Why it is in the state error, when it is.
    pub error: Option<String>,
    /// The definition as QActions changed it; none while it is as it was loaded (DSP-96).
    pub definition: Option<Arc<Protocol>>,
    /// The standalone parameters that have a value.
    pub params: BTreeMap<ParamId, ShownValue>,
    /// The tables that have rows.
    pub tables: BTreeMap<ParamId, ShownTable>,
    /// The alarms.
    pub alarms: ShownAlarms,
    /// The alarm template that was assigned; none as long as it is that of the settings.
    pub alarm_template: Option<AlarmTemplate>,
}

/// The state of an element (ELM-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ElementState {
    /// It runs.
    Active,
    /// It waits.
    Paused,
    /// It does nothing.
    #[default]
    Stopped,
    /// It could not go on: the definition or the store failed (ELM-16).
    Error,
}

impl View {
    /// The value of a standalone parameter; none when it is not initialised, or not shown.
    #[must_use]
    pub fn value(&self, param: ParamId) -> Option<&Value> {
        self.params.get(&param).map(|shown| &shown.value)
    }

    /// The row of a table with this primary key.
    #[must_use]
    pub fn row(&self, table: ParamId, key: &str) -> Option<&ShownRow> {
        let table = self.tables.get(&table)?;
        table.rows.get(table.positions.get(key)?)
    }

    /// The rows of a table in ascending position.
    pub fn rows(&self, table: ParamId) -> impl Iterator<Item = &ShownRow> {
        self.tables
            .get(&table)
            .into_iter()
            .flat_map(|table| table.rows.values())
    }

    /// What a shown table shows of a row: its cells by idx, for a view those of the row it shows (TBL-120); in a column
    /// with the option `severity`, how bad the row is (TBL-37).
    #[must_use]
    pub fn cell<'v>(
        &'v self,
        protocol: &'v Protocol,
        table: &'v Param,
        row: &'v ShownRow,
        idx: usize,
    ) -> Cow<'v, Value> {
        let column = table.table.as_ref().and_then(|table| table.columns.get(idx));
        if column.is_some_and(|column| column.flags.iter().any(|flag| flag.eq_ignore_ascii_case("severity"))) {
            let severity = row.worst().map(|severity| Value::from(severity.title()));
            return Cow::Owned(severity.unwrap_or_default());
        }
        shown_cell(protocol, table, idx, &row.cells, self)
    }

    /// What people call a row of a shown table (TBL-52, TBL-55).
    #[must_use]
    pub fn display_key(&self, protocol: &Protocol, table: &Param, row: &ShownRow) -> String {
        match &table.table {
            // The key of a view's row is that of the row it shows.
            Some(definition) if definition.display_key == DisplayKey::PrimaryKey => row.key.to_string(),
            Some(_) | None => display_key(protocol, table, &row.cells, self),
        }
    }

    /// What a view shows of a change of a row in the table whose rows it has; none when it shows nothing of it.
    pub(super) fn change_in_view(&self, protocol: &Protocol, view: &Param, change: &RowChange) -> Option<RowChange> {
        let definition = view.table.as_ref().filter(|_| view.display.rtdisplay)?;
        let row = self.row(change.table, &change.key);
        let mut cells = Vec::new();
        for (idx, column) in definition.columns.iter().enumerate() {
            let changed = || change.cells.iter().any(|(pid, _)| shows(protocol, view, idx, *pid));
            if let Some(row) = row.filter(|_| changed()) {
                cells.push((column.pid, self.cell(protocol, view, row, idx).into_owned()));
            }
        }
        let told = !cells.is_empty() || change.change != RowChangeKind::Updated;
        told.then(|| RowChange {
            table: view.id,
            cells,
            ..change.clone()
        })
    }

    /// Takes in a change of a parameter that is seen here.
    pub(super) fn take_parameter(&mut self, change: &ParameterChange, now: i64) {
        if !change.value.is_initialised() {
            self.params.remove(&change.id);
            return;
        }
        let now = change.of.unwrap_or(now);
        let fresh = ShownValue {
            value: Value::Uninitialised,
            changed: now,
        };
        let shown = self.params.entry(change.id).or_insert(fresh);
        shown.value = change.value.clone();
        if change.differs {
            shown.changed = now;
        }
    }

    /// Takes in a change of a row of a table that is shown.
    pub(super) fn take_row(&mut self, change: &RowChange, protocol: &Protocol, now: i64) {
        let table = self.tables.entry(change.table).or_default();
        let was_at = table.positions.get(&change.key).copied();
        let row = was_at.and_then(|position| table.rows.remove(&position));
        match change.change {
            RowChangeKind::Removed => {
                table.positions.remove(&change.key);
                if table.rows.is_empty() {
                    self.tables.remove(&change.table);
                }
            }
            RowChangeKind::Added | RowChangeKind::Updated => {
                let mut row = row.unwrap_or_else(|| empty_row(change, protocol));
                for (column, value) in &change.cells {
                    if let Some(cell) = shown_idx(*column, protocol).and_then(|idx| row.cells.get_mut(idx)) {
                        cell.clone_from(value);
                    }
                }
                row.changed = change.all_of().unwrap_or(now);
                if was_at != Some(change.position) {
                    table.positions.insert(Arc::clone(&row.key), change.position);
                }
                table.rows.insert(change.position, row);
            }
        }
    }
}

impl View {
    /// The worst of the cells of a table; none when nothing of it is monitored (ALM-60).
    #[must_use]
    pub fn worst_of_table(&self, table: ParamId) -> Option<Severity> {
        self.rows(table).filter_map(ShownRow::worst).max()
    }

    /// The worst of the parameters and cells that stand on a page (DSP-114).
    #[must_use]
    pub fn worst_of_page(&self, protocol: &Protocol, page: &str) -> Option<Severity> {
        let params = protocol.parts().params.iter();
        let on_page = params.filter(|param| param.display.positions.iter().any(|position| position.page == page));
        let severities = on_page.filter_map(|param| match &param.table {
            Some(_) => self.worst_of_table(param.id),
            None => self.alarms.severity(param.id),
        });
        severities.max()
    }
}

impl TableRows for View {
    fn cells(&self, table: ParamId, key: &str) -> Option<&[Value]> {
        self.row(table, key).map(|row| row.cells.as_slice())
    }
}

impl View {
    /// Takes in a change about alarms, behind the change of the value.
    pub(super) fn take_alarm(&mut self, change: &AlarmChange, protocol: &Protocol, now: i64) {
        self.alarms.take(change, now);
        let column = protocol.param(change.cell.param).and_then(|param| param.column_of);
        let (Some(column), Some(key)) = (column, &change.cell.key) else {
            return;
        };
        let table = self.tables.get_mut(&column.table);
        let row = table.and_then(|table| table.rows.get_mut(table.positions.get(key)?));
        if let Some(row) = row {
            row.severities.resize(row.cells.len(), None);
            if let Some(severity) = row.severities.get_mut(column.idx) {
                *severity = change.severity;
            }
        }
    }
}

/// Whether a change of a parameter reaches the view (DSP-1, PAR-106).
pub(super) fn shows_parameter(change: &ParameterChange, protocol: &Protocol) -> bool {
    match change.seen {
        // Element information is shown when it is sent to the display, not because memory has it (PAR-26).
        Seen::Everywhere => is_shown(change.id, protocol) && !is_element_information(change.id, protocol),
        Seen::ShownOnly => is_shown(change.id, protocol),
        Seen::MemoryOnly => false,
    }
}

/// Whether a change of a row reaches the view (DSP-1).
pub(super) fn shows_row(change: &RowChange, protocol: &Protocol) -> bool {
    is_shown(change.table, protocol)
}

fn is_shown(param: ParamId, protocol: &Protocol) -> bool {
    protocol.param(param).is_some_and(|param| param.display.rtdisplay)
}

fn is_element_information(param: ParamId, protocol: &Protocol) -> bool {
    protocol
        .param(param)
        .is_some_and(|param| param.kind.is_element_information())
}

/// The idx of a column, when it is shown (DSP-5).
fn shown_idx(column: ParamId, protocol: &Protocol) -> Option<usize> {
    let column = protocol.param(column).filter(|column| column.display.rtdisplay)?;
    Some(column.column_of?.idx)
}

fn empty_row(change: &RowChange, protocol: &Protocol) -> ShownRow {
    let table = protocol.param(change.table).and_then(|param| param.table.as_ref());
    ShownRow {
        key: Arc::clone(&change.key),
        cells: vec![Value::Uninitialised; table.map_or(0, |table| table.columns.len())],
        changed: 0,
        severities: Vec::new(),
    }
}

/// A shown value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ShownValue {
    /// The raw value.
    pub value: Value,
    /// When it last really changed, in milliseconds since 1970 (PAR-108).
    pub changed: i64,
}

/// The rows of a table in ascending position.
#[derive(Debug, Default)]
pub struct ShownTable {
    /// The rows by position.
    pub rows: BTreeMap<u64, ShownRow>,
    /// The position of each key.
    pub positions: HashMap<Arc<str>, u64>,
}

/// A row: one cell a column, by idx.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownRow {
    /// The primary key.
    pub key: Arc<str>,
    /// The cells by idx of the table.
    pub cells: Vec<Value>,
    /// When it last changed, in milliseconds since 1970.
    pub changed: i64,
    /// How bad each cell is, by idx; empty as long as none is monitored.
    pub severities: Vec<Option<Severity>>,
}

impl ShownRow {
    /// How bad a cell is; none when that is undefined.
    #[must_use]
    pub fn severity(&self, idx: usize) -> Option<Severity> {
        self.severities.get(idx).copied().flatten()
    }

    /// The worst of its cells; none when that is undefined for all of them (ALM-60).
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.severities.iter().copied().flatten().max()
    }
}

/// A change as followers receive it.
#[derive(Debug, Clone)]
pub enum ElementEvent {
    /// A shown parameter changed.
    Parameter(ParameterChange),
    /// A row changed.
    Row(RowChange),
    /// An alarm began, changed or ended.
    Alarm(ShownAlarm),
    /// The element's state or timeout changed.
    State(ElementState, bool),
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{ShownRow, View, shows_parameter, shows_row};
    use crate::alarm::{AlarmChange, Cell};
    use crate::engine::effect::{Origin, ParameterChange, RowChange, RowChangeKind, Seen};
    use crate::model::alarm::Severity;
    use crate::model::id::ParamId;
    use crate::model::param::{ColumnOf, Param, ParamKind};
    use crate::model::protocol::{Parts, Protocol};
    use crate::model::table::{Column, ColumnKind, TableDef};
    use crate::model::value::Value;

    const TABLE: ParamId = ParamId(100);
    const KEY: ParamId = ParamId(101);
    const NAME: ParamId = ParamId(102);
    const HIDDEN: ParamId = ParamId(103);

    fn param(id: ParamId, kind: ParamKind, idx: Option<usize>) -> Param {
        let mut param = Param::plain(id, "", kind);
        param.display.rtdisplay = id != HIDDEN;
        param.column_of = idx.map(|idx| ColumnOf { table: TABLE, idx });
        param
    }

    /// A table of three columns, the last one hidden, and a standalone parameter 1.
    fn protocol() -> Protocol {
        let column = |pid| Column::plain(pid, ColumnKind::Retrieved);
        let mut table = param(TABLE, ParamKind::Array, None);
        table.table = Some(Box::new(TableDef::plain(vec![
            column(KEY),
            column(NAME),
            column(HIDDEN),
        ])));
        Protocol::build(Parts {
            params: vec![
                table,
                param(KEY, ParamKind::Read, Some(0)),
                param(NAME, ParamKind::Read, Some(1)),
                param(HIDDEN, ParamKind::Read, Some(2)),
                param(ParamId(1), ParamKind::Read, None),
            ],
            ..Parts::default()
        })
    }

    fn row(key: &str, position: u64, change: RowChangeKind, cells: &[(ParamId, &str)]) -> RowChange {
        RowChange {
            table: TABLE,
            key: key.into(),
            position,
            change,
            cells: cells.iter().map(|&(column, value)| (column, value.into())).collect(),
            times: Vec::new(),
            by: Origin::User,
        }
    }

    fn set(value: impl Into<Value>, differs: bool) -> ParameterChange {
        ParameterChange {
            id: ParamId(1),
            value: value.into(),
            by: Origin::User,
            differs,
            seen: Seen::Everywhere,
            of: None,
        }
    }

    fn keys(view: &View) -> Vec<&str> {
        view.rows(TABLE).map(|row| &*row.key).collect()
    }

    #[test]
    fn par_108_gop_3_an_equal_value_does_not_move_the_time_of_the_last_change() {
        let mut view = View::default();
        let mut changed_after = |change, now| {
            view.take_parameter(&change, now);
            view.params[&ParamId(1)].changed
        };
        assert_eq!(changed_after(set("a", true), 10), 10);
        assert_eq!(changed_after(set("a", false), 20), 10);
        assert_eq!(changed_after(set("b", true), 30), 30);
    }

    #[test]
    fn an_uninitialised_value_is_not_there() {
        let mut view = View::default();
        view.take_parameter(&set("a", true), 1);
        view.take_parameter(&set(Value::Uninitialised, true), 2);
        assert_eq!(view.value(ParamId(1)), None);
    }

    #[test]
    fn dsp_1_par_106_par_107_only_what_is_shown_reaches_the_view() {
        let protocol = protocol();
        let in_memory = ParameterChange {
            seen: Seen::MemoryOnly,
            of: None,
            ..set("a", true)
        };
        let hidden = ParameterChange {
            id: HIDDEN,
            ..set("a", true)
        };
        let of_a_hidden_table = RowChange {
            table: HIDDEN,
            ..row("a", 1, RowChangeKind::Added, &[])
        };
        assert!(shows_parameter(&set("a", true), &protocol));
        assert!(!shows_parameter(&in_memory, &protocol));
        assert!(!shows_parameter(&hidden, &protocol));
        assert!(shows_row(&row("a", 1, RowChangeKind::Added, &[]), &protocol));
        assert!(!shows_row(&of_a_hidden_table, &protocol));
    }

    #[test]
    fn par_26_element_information_is_shown_when_it_is_sent_to_the_display() {
        let mut name = param(ParamId(1), ParamKind::ElementName, None);
        name.display.rtdisplay = true;
        let protocol = Protocol::build(Parts {
            params: vec![name],
            ..Parts::default()
        });
        let sent = ParameterChange {
            seen: Seen::ShownOnly,
            ..set("a", true)
        };
        assert!(!shows_parameter(&set("a", true), &protocol));
        assert!(shows_parameter(&sent, &protocol));
    }

    #[test]
    fn dsp_5_a_row_has_a_cell_a_column_and_hidden_ones_stay_empty() {
        let (mut view, protocol) = (View::default(), protocol());
        let added = row("a", 1, RowChangeKind::Added, &[(KEY, "a"), (HIDDEN, "secret")]);
        view.take_row(&added, &protocol, 1);
        view.take_row(&row("a", 1, RowChangeKind::Updated, &[(NAME, "Anna")]), &protocol, 2);
        let expected = ShownRow {
            key: Arc::from("a"),
            cells: vec!["a".into(), "Anna".into(), Value::Uninitialised],
            changed: 2,
            severities: Vec::new(),
        };
        assert_eq!(view.row(TABLE, "a"), Some(&expected));
    }

    #[test]
    fn rows_stand_by_position_and_leave_nothing_behind() {
        let (mut view, protocol) = (View::default(), protocol());
        for (key, position) in [("a", 5), ("b", 3), ("c", 9)] {
            view.take_row(&row(key, position, RowChangeKind::Added, &[]), &protocol, 1);
        }
        assert_eq!(keys(&view), ["b", "a", "c"]);
        view.take_row(&row("b", 10, RowChangeKind::Updated, &[]), &protocol, 2);
        assert_eq!(keys(&view), ["a", "c", "b"], "a row that moved is there once");
        for key in ["a", "b", "c", "never there"] {
            view.take_row(&row(key, 0, RowChangeKind::Removed, &[]), &protocol, 3);
        }
        assert!(view.tables.is_empty());
    }

    #[test]
    fn alm_60_a_row_and_a_table_are_as_bad_as_their_worst_cell() {
        let protocol = protocol();
        let mut view = View::default();
        view.take_row(&row("a", 1, RowChangeKind::Added, &[(NAME, "x")]), &protocol, 1);
        view.take_row(&row("b", 2, RowChangeKind::Added, &[(NAME, "y")]), &protocol, 1);
        let change = |param, key: &str, severity| AlarmChange {
            cell: Cell {
                param,
                key: Some(key.into()),
            },
            severity,
            record: None,
        };
        view.take_alarm(&change(KEY, "a", Some(Severity::Normal)), &protocol, 1);
        view.take_alarm(&change(NAME, "a", Some(Severity::Minor)), &protocol, 1);
        view.take_alarm(&change(NAME, "b", Some(Severity::Major)), &protocol, 1);
        let worst = |view: &View, key| view.row(TABLE, key).and_then(ShownRow::worst);
        assert_eq!(
            (worst(&view, "a"), worst(&view, "b")),
            (Some(Severity::Minor), Some(Severity::Major))
        );
        assert_eq!(view.worst_of_table(TABLE), Some(Severity::Major));
        view.take_alarm(&change(NAME, "b", None), &protocol, 1);
        assert_eq!(
            (worst(&view, "b"), view.worst_of_table(TABLE)),
            (None, Some(Severity::Minor))
        );
    }
}
