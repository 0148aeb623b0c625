//! Trending: which values of an element are trended, and what is kept of them.
//!
//! Rules: PAR-43, TRD-1 to TRD-3, TRD-5 to TRD-8. An element without a trend template has none of this.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::element::view::View;
use crate::engine::effect::{ParameterChange, RowChange, RowChangeKind};
use crate::engine::saved::Record;
use crate::engine::settings::TrendTemplate;
use crate::model::id::ParamId;
use crate::model::param::Param;
use crate::model::protocol::Protocol;
use crate::model::table::DisplayKey;
use crate::model::value::Value;
use crate::trend::{Passing, Series, TrendRecord, TrendValue, Trended};

/// The series of one run of an element.
#[derive(Debug)]
pub(super) struct Trending {
    protocol: Arc<Protocol>,
    template: TrendTemplate,
    series: BTreeMap<(ParamId, Option<Arc<str>>), Series>,
}

impl Trending {
    /// None without a template.
    pub(super) fn new(protocol: &Arc<Protocol>, template: &TrendTemplate) -> Option<Self> {
        match template {
            TrendTemplate::None => None,
            TrendTemplate::ProtocolDefaults | TrendTemplate::Params(_) => Some(Self {
                protocol: Arc::clone(protocol),
                template: template.clone(),
                series: BTreeMap::new(),
            }),
        }
    }

    /// A parameter has a value: what is to be kept of that. A historical value is of its own time (TRD-6).
    pub(super) fn parameter(&mut self, change: &ParameterChange, now: i64) -> Vec<Record> {
        let at = change.of.unwrap_or(now);
        self.value(change.id, None, &change.value, at).into_iter().collect()
    }

    /// Cells of a row have values, or the row is gone.
    pub(super) fn row(&mut self, change: &RowChange, view: &View, now: i64) -> Vec<Record> {
        let protocol = Arc::clone(&self.protocol);
        let Some(table) = protocol.param(change.table) else {
            return Vec::new();
        };
        let definition = table.table.as_ref();
        let key = self.called(table, &change.key, view);
        if change.change == RowChangeKind::Removed {
            let columns = definition.into_iter().flat_map(|table| &table.columns);
            let ended = columns.flat_map(|column| {
                let gone = self.value(column.pid, Some(&key), &Value::Uninitialised, now);
                self.series.remove(&(column.pid, Some(Arc::clone(&key))));
                gone
            });
            return ended.collect();
        }
        let cells = change.cells.iter();
        let kept = cells.flat_map(|(column, value)| {
            let at = change.of(*column).unwrap_or(now);
            self.value(*column, Some(&key), value, at)
        });
        kept.collect()
    }

    /// The windows of a series that ended until then are closed, although no later point has come (NT 374).
    pub(super) fn close(&mut self, id: ParamId, key: Option<&Arc<str>>, at: i64, view: &View) -> Vec<Record> {
        let place = self.protocol.param(id).and_then(|param| param.column_of);
        let table = place.and_then(|place| self.protocol.param(place.table));
        let key = key.map(|key| table.map_or_else(|| Arc::clone(key), |table| self.called(table, key, view)));
        let Some(series) = self.series.get_mut(&(id, key.clone())) else {
            return Vec::new();
        };
        let closed = series.close(at).into_iter();
        closed.map(|said| record(id, key.as_ref(), said)).collect()
    }

    /// What a row is called: the rows of a table with `displayColumn` are known by their display key (TRD-5).
    fn called(&self, table: &Param, key: &Arc<str>, view: &View) -> Arc<str> {
        let definition = table.table.as_ref();
        let by_display_key = definition.is_some_and(|table| matches!(table.display_key, DisplayKey::Column(_)));
        let row = view.row(table.id, key).filter(|_| by_display_key);
        let called = row.map(|row| Arc::from(view.display_key(&self.protocol, table, row)));
        called.unwrap_or_else(|| Arc::clone(key))
    }

    /// When a window closes next, in milliseconds since 1970.
    pub(super) fn next_wakeup(&self) -> Option<i64> {
        self.series.values().filter_map(Series::next_wakeup).min()
    }

    /// Time has passed: what closed.
    pub(super) fn tick(&mut self, now: i64) -> Vec<Record> {
        let closed = self.series.iter_mut().flat_map(|((param, key), series)| {
            let closed = series.tick(now).into_iter();
            closed.map(|said| record(*param, key.as_ref(), said))
        });
        closed.collect()
    }

    fn value(&mut self, id: ParamId, key: Option<&Arc<str>>, value: &Value, at: i64) -> Vec<Record> {
        let Some(param) = self.protocol.param(id).filter(|param| self.template.trends(param)) else {
            return Vec::new();
        };
        let Some(value) = trended(param, value) else {
            return Vec::new();
        };
        let passing = match param.history_set {
            true => Passing::Points,
            false => Passing::Clock,
        };
        let place = (id, key.cloned());
        // A series begins with its first value.
        if value == TrendValue::Gap && !self.series.contains_key(&place) {
            return Vec::new();
        }
        let series = self.series.entry(place).or_insert_with(|| Series::new(passing));
        let said = series.take(at, value).into_iter();
        said.map(|said| record(id, key, said)).collect()
    }
}

fn record(param: ParamId, key: Option<&Arc<str>>, said: Trended) -> Record {
    Record::Trend(TrendRecord {
        param,
        key: key.cloned(),
        said,
    })
}

/// A value as a series takes it; none for what is no number (TRD-7).
fn trended(param: &Param, value: &Value) -> Option<TrendValue> {
    if !value.is_initialised() {
        return Some(TrendValue::Gap);
    }
    let mut exceptions = param.interprete.exceptions.iter();
    match exceptions.find(|exception| exception.value == *value) {
        Some(exception) => exception.mapped.as_number().map(TrendValue::State),
        None => value.as_number().map(TrendValue::Number),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Trending;
    use crate::element::view::View;
    use crate::engine::effect::{Origin, ParameterChange, RowChange, RowChangeKind, Seen};
    use crate::engine::saved::Record;
    use crate::engine::settings::TrendTemplate;
    use crate::model::display_text::tests::param;
    use crate::model::id::ParamId;
    use crate::model::interprete::Exception;
    use crate::model::param::{ColumnOf, Param, ParamKind};
    use crate::model::protocol::{Parts, Protocol};
    use crate::model::table::{Column, ColumnKind, DisplayKey, TableDef};
    use crate::model::value::{Value, ValueKind};
    use crate::trend::{TrendValue, Trended};

    const LEVEL: ParamId = ParamId(1);
    const NAME: ParamId = ParamId(2);
    const UNTRENDED: ParamId = ParamId(3);
    const GAIN: ParamId = ParamId(1003);

    /// Level, with an exception; Name, a text; one that is not trended; a table of rows known by their second column.
    fn trending(template: &TrendTemplate, name_idx: Option<usize>) -> Option<Trending> {
        let trended = |id: ParamId, kind, column: Option<usize>| {
            let mut of = param(id.0, "", ParamKind::Read, kind);
            of.display.rtdisplay = true;
            of.trending = true;
            of.column_of = column.map(|idx| ColumnOf {
                table: ParamId(1000),
                idx,
            });
            of
        };
        let mut level = trended(LEVEL, ValueKind::Number, None);
        level.interprete.exceptions = vec![Exception {
            value: 999.0.into(),
            display: "N/A".to_owned(),
            disabled: false,
            mapped: (-1.0).into(),
        }];
        let mut untrended = trended(UNTRENDED, ValueKind::Number, None);
        untrended.trending = false;
        let column = |id| Column::plain(ParamId(id), ColumnKind::Retrieved);
        let mut definition = TableDef::plain(vec![column(1001), column(1002), column(1003)]);
        definition.display_key = name_idx.map_or(DisplayKey::PrimaryKey, DisplayKey::Column);
        let mut table = Param::plain(ParamId(1000), "", ParamKind::Array);
        table.display.rtdisplay = true;
        table.table = Some(Box::new(definition));
        let protocol = Protocol::build(Parts {
            params: vec![
                level,
                trended(NAME, ValueKind::Text, None),
                untrended,
                table,
                trended(ParamId(1001), ValueKind::Text, Some(0)),
                trended(ParamId(1002), ValueKind::Text, Some(1)),
                trended(GAIN, ValueKind::Number, Some(2)),
            ],
            ..Parts::default()
        });
        Trending::new(&Arc::new(protocol), template)
    }

    fn all() -> TrendTemplate {
        TrendTemplate::ProtocolDefaults
    }

    /// The points that a value of a parameter gives.
    fn points(trending: &mut Trending, id: ParamId, value: impl Into<Value>, now: i64) -> Vec<TrendValue> {
        let change = ParameterChange {
            id,
            value: value.into(),
            by: Origin::User,
            differs: true,
            seen: Seen::Everywhere,
            of: None,
        };
        let kept = trending.parameter(&change, now);
        kept.into_iter().filter_map(point).map(|(_, value)| value).collect()
    }

    fn point(record: Record) -> Option<(Option<Arc<str>>, TrendValue)> {
        match record {
            Record::Trend(record) => match record.said {
                Trended::Point { value, .. } => Some((record.key, value)),
                Trended::Average { .. } => None,
            },
            _ => None,
        }
    }

    #[test]
    fn par_43_trd_1_trd_7_gop_29_numbers_are_trended_unless_the_definition_says_otherwise() {
        let mut trending = trending(&all(), None).expect("there is a template");
        assert_eq!(points(&mut trending, LEVEL, 5.0, 0), [TrendValue::Number(5.0)]);
        assert_eq!(points(&mut trending, NAME, "5", 0), []);
        assert_eq!(points(&mut trending, UNTRENDED, 5.0, 0), []);
    }

    #[test]
    fn trd_1_without_a_template_nothing_is_trended_and_a_list_trends_its_own() {
        assert!(trending(&TrendTemplate::None, None).is_none());
        let mut trending = trending(&TrendTemplate::Params([GAIN].into()), None).expect("there is a template");
        assert_eq!(points(&mut trending, LEVEL, 5.0, 0), []);
    }

    #[test]
    fn trd_3_trd_8_exceptions_are_states_and_what_is_not_initialised_is_a_gap() {
        let mut trending = trending(&all(), None).expect("there is a template");
        assert_eq!(points(&mut trending, LEVEL, Value::Uninitialised, 0), []);
        assert_eq!(points(&mut trending, LEVEL, 999.0, 1), [TrendValue::State(-1.0)]);
        assert_eq!(points(&mut trending, LEVEL, Value::Uninitialised, 2), [TrendValue::Gap]);
    }

    #[test]
    fn trd_5_a_series_is_known_by_its_key_or_by_its_display_column() {
        let row = RowChange {
            table: ParamId(1000),
            key: "7".into(),
            position: 0,
            change: RowChangeKind::Added,
            cells: vec![
                (ParamId(1001), "7".into()),
                (ParamId(1002), "North".into()),
                (GAIN, 5.0.into()),
            ],
            times: Vec::new(),
            by: Origin::User,
        };
        for (name_idx, expected) in [(None, "7"), (Some(1), "North")] {
            let mut trending = trending(&all(), name_idx).expect("there is a template");
            let mut view = View::default();
            view.take_row(&row, &trending.protocol, 0);
            let kept = trending.row(&row, &view, 0).into_iter().filter_map(point);
            let kept: Vec<_> = kept.collect();
            assert_eq!(kept, [(Some(Arc::from(expected)), TrendValue::Number(5.0))]);
            let gone = RowChange {
                change: RowChangeKind::Removed,
                cells: Vec::new(),
                ..row.clone()
            };
            let ended = trending.row(&gone, &view, 1).into_iter().filter_map(point);
            assert_eq!(
                ended.collect::<Vec<_>>(),
                [(Some(Arc::from(expected)), TrendValue::Gap)]
            );
            assert_eq!(trending.next_wakeup(), None, "the series is gone");
        }
    }
}
