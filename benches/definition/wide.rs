//! A table with 18 columns, of which 14 change at each fill.

use adit::engine::qaction::{CellAction, Fill, QActionSet};
use adit::engine::sl_protocol::SlProtocol;
use adit::model::id::{ParamId, QActionId};
use adit::model::value::Value;

use super::{definition, param};

/// How many columns it has.
pub(crate) const COLUMNS: u32 = 18;

/// The parameter that, when set, lets it be filled: its cells depend on the value.
pub(crate) const FILL: u32 = 1;

/// The columns that get another value at each fill.
const CHANGING: u32 = 14;

/// The definition: the table is parameter 1000.
pub(crate) fn wide() -> String {
    let options: String = (0..COLUMNS)
        .map(|idx| {
            format!(
                "<ColumnOption idx=\"{idx}\" pid=\"{}\" type=\"retrieved\" options=\"\"/>",
                1001 + idx
            )
        })
        .collect();
    let columns: String = (0..COLUMNS)
        .map(|idx| match idx {
            0 => param(1001, "read", "string", "string"),
            idx => param(1001 + idx, "read", "double", "number"),
        })
        .collect();
    let table = format!(
        "<Param id=\"1000\"><Name>Table</Name><Description>Table</Description><Type>array</Type>\
         <ArrayOptions index=\"0\" options=\";volatile\">{options}</ArrayOptions>\
         <Display><RTDisplay>true</RTDisplay></Display><Measurement><Type>table</Type></Measurement></Param>"
    );
    definition(&format!(
        "<Params>{}{table}{columns}</Params><QActions><QAction id=\"1\" encoding=\"csharp\" triggers=\"{FILL}\"/></QActions>",
        param(FILL, "write", "double", "number")
    ))
}

/// The code that fills it with so many rows.
pub(crate) fn filling(rows: u32) -> QActionSet {
    let mut qactions = QActionSet::default();
    qactions.add(QActionId(1), move |protocol: &SlProtocol| {
        Box::pin(async move {
            let round = protocol.get_number(ParamId(FILL)).await;
            let column = |column| (0..rows).map(|row| CellAction::Set(cell(round, column, row))).collect();
            let data = (0..COLUMNS).map(column).collect();
            protocol.fill_array(ParamId(1000), data, Fill::Full).await;
            Ok(())
        })
    });
    qactions
}

/// What a cell is after a fill.
pub(crate) fn cell(round: f64, column: u32, row: u32) -> Value {
    match column {
        0 => Value::from(row.to_string()),
        column if column <= CHANGING => Value::Number(round + f64::from(row)),
        _ => Value::Number(f64::from(row)),
    }
}
