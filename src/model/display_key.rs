//! The display key of a row: what a person calls it.
//!
//! Rules: TBL-52 to TBL-57. What a foreign key cannot find contributes nothing (TBL-55).

use std::borrow::Cow;

use crate::model::display_text::{MASK, decimal_text, discreet_text, exception_text};
use crate::model::id::ParamId;
use crate::model::measurement::MeasurementKind;
use crate::model::param::Param;
use crate::model::protocol::Protocol;
use crate::model::relation::TableRows;
use crate::model::shown_cell::shown_cell;
use crate::model::table::{ColumnKind, DisplayKey, NamePart, TableDef};
use crate::model::value::Value;

/// The display key of a row of the table, by its cells in idx order; of a view, by those of its base row. `rows` finds the
/// rows that foreign keys lead to. Empty for a parameter that is no table.
#[must_use]
pub fn display_key(protocol: &Protocol, table: &Param, cells: &[Value], rows: &impl TableRows) -> String {
    let Some(definition) = &table.table else {
        return String::new();
    };
    let row = Row {
        protocol,
        table,
        definition,
        cells,
    };
    match &definition.display_key {
        DisplayKey::PrimaryKey => row.own(definition.index, rows).to_string(),
        // The raw text of that column (TBL-57), unless it is a secret.
        DisplayKey::Column(idx) => {
            let column = definition
                .columns
                .get(*idx)
                .and_then(|column| protocol.param(column.pid));
            if column.is_some_and(Param::is_secret) {
                return MASK.to_owned();
            }
            row.own(*idx, rows).to_string()
        }
        DisplayKey::Format(parts) => {
            let parts = parts.iter().map(|name| match name {
                NamePart::Column(pid) => row.part(*pid, rows),
                NamePart::Literal(text) => text.clone(),
            });
            parts.collect()
        }
        DisplayKey::Naming { separator, columns } => {
            let parts: Vec<String> = columns.iter().map(|&pid| row.part(pid, rows)).collect();
            parts.join(&separator.to_string())
        }
    }
}

/// The row that is named.
struct Row<'a> {
    protocol: &'a Protocol,
    table: &'a Param,
    definition: &'a TableDef,
    cells: &'a [Value],
}

impl Row<'_> {
    /// The value of a column of the table itself. A display key is not part of one.
    fn own<'r>(&'r self, idx: usize, rows: &'r impl TableRows) -> Cow<'r, Value> {
        match self.definition.columns.get(idx) {
            Some(column) if column.kind != ColumnKind::DisplayKey => {
                shown_cell(self.protocol, self.table, idx, self.cells, rows)
            }
            Some(_) | None => Cow::Owned(Value::Uninitialised),
        }
    }

    /// What a column contributes: one of the table, or of a row that it leads to (TBL-55).
    fn part(&self, pid: ParamId, rows: &impl TableRows) -> String {
        let Some(column) = self.protocol.param(pid) else {
            return String::new();
        };
        if let Some(idx) = self.definition.columns.iter().position(|column| column.pid == pid) {
            return part_text(column, &self.own(idx, rows));
        }
        let link = self.definition.named_elsewhere.get(&pid);
        let value = link.and_then(|link| link.follow(self.cells, rows)?.get(link.idx));
        value.map(|value| part_text(column, value)).unwrap_or_default()
    }
}

/// What a value of a column contributes (TBL-56).
fn part_text(column: &Param, value: &Value) -> String {
    if column.is_secret() {
        return MASK.to_owned();
    }
    let is_discreet = column
        .measurement
        .as_ref()
        .is_some_and(|measurement| measurement.kind == MeasurementKind::Discreet);
    let is_exception = exception_text(column, value).is_some();
    if is_discreet {
        return match discreet_text(column, value) {
            _ if is_exception => String::new(),
            Some(display) if !display.is_empty() => display.to_owned(),
            Some(_) | None => value.to_string(),
        };
    }
    match value {
        Value::Number(number) if !is_exception => decimal_text(column, *number),
        Value::Uninitialised | Value::Number(_) | Value::Text(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::display_key;
    use crate::model::display_text::tests::{discreet, param};
    use crate::model::id::ParamId;
    use crate::model::interprete::Exception;
    use crate::model::measurement::{Measurement, MeasurementKind};
    use crate::model::param::{Param, ParamKind};
    use crate::model::protocol::{Parts, Protocol};
    use crate::model::relation::{Hop, Link, TableRows};
    use crate::model::table::{Column, ColumnKind, DisplayKey, NamePart, TableDef};
    use crate::model::value::{Value, ValueKind};

    /// Table 1000: 1001 the key, 1002 a number with one decimal, 1003 a discreet, 1004 a password.
    fn key(display_key_from: DisplayKey, cells: &[Value]) -> String {
        let exceptions = || {
            vec![Exception {
                value: (-1.0).into(),
                display: "N/A".to_owned(),
                disabled: false,
                mapped: (-1.0).into(),
            }]
        };
        let mut number = param(1002, "Number", ParamKind::Read, ValueKind::Number);
        number.display.decimals = Some(1);
        number.display.units = "dB".to_owned();
        number.interprete.exceptions = exceptions();
        let mut state = param(1003, "State", ParamKind::Read, ValueKind::Number);
        state.interprete.exceptions = exceptions();
        let mut measurement = Measurement::plain(MeasurementKind::Discreet);
        measurement.discreets = vec![discreet(1.0, "On"), discreet(2.0, "")];
        state.measurement = Some(measurement);
        let mut secret = param(1004, "Secret", ParamKind::Read, ValueKind::Text);
        let mut measurement = Measurement::plain(MeasurementKind::Text);
        measurement.password = true;
        secret.measurement = Some(measurement);
        let column = |pid| Column::plain(ParamId(pid), ColumnKind::Retrieved);
        let link = Link {
            hops: vec![Hop {
                foreign_key: 0,
                table: ParamId(2000),
            }],
            table: ParamId(2000),
            idx: 1,
        };
        let table = Param {
            table: Some(Box::new(TableDef {
                display_key: display_key_from,
                named_elsewhere: BTreeMap::from([(ParamId(2002), link)]),
                ..TableDef::plain((1001..=1004).map(column).collect())
            })),
            ..param(1000, "Table", ParamKind::Array, ValueKind::Text)
        };
        let name = param(1001, "Key", ParamKind::Read, ValueKind::Text);
        let other = param(2002, "Other", ParamKind::Read, ValueKind::Text);
        let protocol = Protocol::build(Parts {
            params: vec![table.clone(), name, number, state, secret, other],
            ..Parts::default()
        });
        display_key(&protocol, &table, cells, &Linked)
    }

    /// A row of table 2000, which the text of column 1001 leads to.
    struct Linked;

    impl TableRows for Linked {
        fn cells(&self, table: ParamId, key: &str) -> Option<&[Value]> {
            static CELLS: std::sync::OnceLock<[Value; 2]> = std::sync::OnceLock::new();
            let found = table == ParamId(2000) && key == "a";
            found.then(|| CELLS.get_or_init(|| ["a".into(), "Paris".into()]).as_slice())
        }
    }

    fn part(pid: u32) -> NamePart {
        NamePart::Column(ParamId(pid))
    }

    fn literal(text: &str) -> NamePart {
        NamePart::Literal(text.to_owned())
    }

    fn cells(number: impl Into<Value>, state: impl Into<Value>) -> [Value; 4] {
        ["a".into(), number.into(), state.into(), "hush".into()]
    }

    #[test]
    fn tbl_52_tbl_57_the_key_itself_or_one_column() {
        assert_eq!(key(DisplayKey::PrimaryKey, &cells(1.0, 1.0)), "a");
        assert_eq!(key(DisplayKey::Column(1), &cells(1.25, 1.0)), "1.25");
        assert_eq!(key(DisplayKey::Column(2), &["a".into()]), "");
    }

    #[test]
    fn tbl_53_gop_17_a_naming_format_joins_with_nothing() {
        let format = vec![literal("Input"), part(1002), literal(" 1005 TS"), part(1001)];
        assert_eq!(key(DisplayKey::Format(format), &cells(2.0, 1.0)), "Input2.0 1005 TSa");
    }

    #[test]
    fn tbl_54_tbl_55_tbl_32_naming_joins_with_the_separator_and_follows_foreign_keys() {
        let naming = |columns: &[u32]| DisplayKey::Naming {
            separator: '/',
            columns: columns.iter().map(|&pid| ParamId(pid)).collect(),
        };
        assert_eq!(key(naming(&[1001, 1003]), &cells(1.0, 1.0)), "a/On");
        assert_eq!(key(naming(&[1001, 1002]), &cells(Value::Uninitialised, 1.0)), "a/");
        assert_eq!(key(naming(&[1001, 2002]), &cells(1.0, 1.0)), "a/Paris");
        let elsewhere = ["b".into(), 1.0.into(), 1.0.into(), "hush".into()];
        assert_eq!(
            key(naming(&[1001, 2002]), &elsewhere),
            "b/",
            "a foreign key that leads nowhere gives an empty text"
        );
    }

    #[test]
    fn tbl_56_gop_18_exceptions_stand_raw_and_vanish_from_discreets() {
        let format = || DisplayKey::Format(vec![part(1002), literal("|"), part(1003)]);
        assert_eq!(
            key(format(), &cells(1.25, 2.0)),
            "1.3|2",
            "an empty display text gives way to the value"
        );
        assert_eq!(key(format(), &cells(-1.0, -1.0)), "-1|");
        assert_eq!(key(format(), &cells(0.0, 7.0)), "0.0|7");
    }

    #[test]
    fn gop_44_a_password_is_masked_in_a_key_too() {
        assert_eq!(key(DisplayKey::Format(vec![part(1004)]), &cells(1.0, 1.0)), "********");
        assert_eq!(key(DisplayKey::Column(3), &cells(1.0, 1.0)), "********");
    }
}
