//! Table fills with change detection: cells a second, for few rows and for a million.
//!
//! Compare the rows of one run: the cells a second should not fall with the number of rows.

use adit::engine::Engine;
use adit::engine::qaction::{CellAction, Fill, QActionSet};
use adit::engine::sl_protocol::SlProtocol;
use adit::model::id::{ParamId, QActionId};
use adit::model::value::Value;
use divan::Bencher;
use divan::counter::ItemsCount;

use crate::definition::{definition, loaded, param, set, started};

mod definition;

const COLUMNS: u32 = 18;

/// The columns that get another value at each fill.
const CHANGING: u32 = 14;

fn main() {
    divan::main();
}

/// Fills of a table with 18 columns, of which 14 change every time.
#[divan::bench(args = [1_000, 10_000], sample_count = 5)]
fn fill(bencher: Bencher<'_, '_>, rows: u32) {
    let mut engine = with_table(rows);
    let (mut round, user) = (0.0, "bench".into());
    bencher.counter(ItemsCount::new(COLUMNS * rows)).bench_local(|| {
        round += 1.0;
        set(&mut engine, 1, round, &user);
    });
}

/// The first fill of a table with more than a million rows, then one that changes 14 columns of them all.
#[divan::bench(args = [1_005_000], sample_count = 1, sample_size = 1)]
fn fill_of_an_empty_table_and_again(bencher: Bencher<'_, '_>, rows: u32) {
    let user = "bench".into();
    bencher
        .counter(ItemsCount::new(2 * COLUMNS * rows))
        .with_inputs(|| with_table(rows))
        .bench_local_values(|mut engine| {
            set(&mut engine, 1, 1.0, &user);
            set(&mut engine, 1, 2.0, &user);
            engine
        });
}

/// An element with a table that a set of parameter 1 fills.
fn with_table(rows: u32) -> Engine {
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
    let sections = format!(
        "<Params>{}{table}{columns}</Params><QActions><QAction id=\"1\" encoding=\"csharp\" triggers=\"1\"/></QActions>",
        param(1, "write", "double", "number")
    );
    let mut qactions = QActionSet::default();
    qactions.add(QActionId(1), move |protocol: &SlProtocol| {
        Box::pin(async move {
            let round = protocol.get_number(ParamId(1)).await;
            let cell = |column: u32, row: u32| match column {
                0 => CellAction::Set(Value::from(row.to_string())),
                column if column <= CHANGING => CellAction::Set(Value::Number(round + f64::from(row))),
                _ => CellAction::Set(Value::Number(f64::from(row))),
            };
            let data = (0..COLUMNS).map(|column| (0..rows).map(|row| cell(column, row)).collect());
            protocol.fill_array(ParamId(1000), data.collect(), Fill::Full).await;
            Ok(())
        })
    });
    started(&loaded(&definition(&sections)), qactions)
}
