//! Trends on disk: the points and averages of each series, as long as they are kept.
//!
//! A gap has no value; a state, which is no part of an average, has no least and most.
//!
//! Rules: SAV-17, TRD-2, TRD-3. A series grows no further than its time, and than the most that is kept of it.

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::id::ElementId;
use crate::store::record::{RecordError, run};
use crate::trend::{MOST_KEPT, TrendQuery, TrendRecord, TrendValue, Trended, Window, kept_for};

/// Points of one series that are written between two looks at what may go.
const SWEEP: i64 = 256;

/// Keeps what a series has to say.
pub(super) fn add(db: &Connection, element: ElementId, record: &TrendRecord) -> Result<(), RecordError> {
    let window = window_number(record.said.window());
    let key = record.key.as_deref().unwrap_or_default();
    let at = record.said.at();
    let (value, least, most) = record.said.figures();
    run(
        db,
        "insert or replace into trend (element, param, row_key, window, at, value, least, most)
         values (?, ?, ?, ?, ?, ?, ?, ?)",
        params![element.0, record.param.0, key, window, at, value, least, most],
    )?;
    // Averages come seldom; of points not each one is worth a look.
    if record.said.window().is_some() || at % SWEEP == 0 {
        sweep(db, element, record)?;
    }
    Ok(())
}

/// Removes what is too old, and the oldest of what is too much.
fn sweep(db: &Connection, element: ElementId, record: &TrendRecord) -> Result<(), RecordError> {
    let key = record.key.as_deref().unwrap_or_default();
    for window in [None, Some(Window::Five), Some(Window::Sixty)] {
        let number = window_number(window);
        let oldest: Option<i64> = db
            .prepare_cached(
                "select at from trend where element = ? and param = ? and row_key = ? and window = ?
                 order by at desc limit 1 offset ?",
            )?
            .query_row(
                params![element.0, record.param.0, key, number, MOST_KEPT as i64],
                |line| line.get(0),
            )
            .optional()?;
        let until = record
            .said
            .at()
            .saturating_sub(kept_for(window))
            .max(oldest.unwrap_or(i64::MIN));
        run(
            db,
            "delete from trend where element = ? and param = ? and row_key = ? and window = ? and at <= ?",
            params![element.0, record.param.0, key, number, until],
        )?;
    }
    Ok(())
}

/// What is kept of a series in a span of time; of points also the last one before it.
pub(super) fn load(db: &Connection, element: ElementId, query: &TrendQuery) -> Result<Vec<Trended>, RecordError> {
    let number = window_number(query.window);
    let key = query.key.as_deref().unwrap_or_default();
    let before: Option<i64> = match query.window {
        None => db
            .prepare_cached(
                "select max(at) from trend where element = ? and param = ? and row_key = ? and window = ? and at <= ?",
            )?
            .query_row(params![element.0, query.param.0, key, number, query.from], |line| {
                line.get(0)
            })?,
        Some(_) => None,
    };
    let mut lines = db.prepare_cached(
        "select at, value, least, most from trend
         where element = ? and param = ? and row_key = ? and window = ? and at >= ? and at <= ? order by at",
    )?;
    let from = before.unwrap_or(query.from);
    let mut found = lines.query(params![element.0, query.param.0, key, number, from, query.to])?;
    let mut said = Vec::new();
    while let Some(line) = found.next()? {
        let at = line.get(0)?;
        let (value, least): (Option<f64>, Option<f64>) = (line.get(1)?, line.get(2)?);
        said.push(match (query.window, value) {
            (None, value) => Trended::Point {
                at,
                value: match (value, least) {
                    (Some(number), Some(_)) => TrendValue::Number(number),
                    (Some(state), None) => TrendValue::State(state),
                    (None, _) => TrendValue::Gap,
                },
            },
            (Some(window), value) => Trended::Average {
                window,
                at,
                average: value.unwrap_or_default(),
                minimum: least.unwrap_or_default(),
                maximum: line.get::<_, Option<f64>>(3)?.unwrap_or_default(),
            },
        });
    }
    Ok(said)
}

const fn window_number(window: Option<Window>) -> i64 {
    match window {
        None => 0,
        Some(Window::Five) => 5,
        Some(Window::Sixty) => 60,
    }
}
