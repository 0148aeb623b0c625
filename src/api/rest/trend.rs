//! The trend of a parameter or a cell.
//!
//! Rules: TRD-1 to TRD-8. The words are those of the DataMiner Web Services' `DMATrendData`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::Api;
use crate::api::error::{OfAQuery, Problem, Reason};
use crate::api::extract::{Path, Query};
use crate::api::find;
use crate::model::display_text::display_text;
use crate::model::param::Param;
use crate::model::trend_hint::TrendHint;
use crate::model::value::Value;
use crate::trend::{TrendQuery, Trended, Window, kept_for};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct Wanted {
    /// The row: its primary key, or its display key where the table has a `displayColumn`.
    key: Option<String>,
    /// `realTime` (unless given), `5` or `60`: points, or averages of so many minutes.
    window: Option<WindowWord>,
    /// From this moment on, in milliseconds since 1970; as far back as it is kept unless given.
    start: Option<i64>,
    /// Up to this moment, in milliseconds since 1970; now unless given.
    end: Option<i64>,
}

#[derive(Deserialize, ToSchema, Clone, Copy)]
enum WindowWord {
    #[serde(rename = "realTime")]
    RealTime,
    #[serde(rename = "5")]
    Five,
    #[serde(rename = "60")]
    Sixty,
}

/// What a value means.
#[derive(Serialize, ToSchema)]
#[schema(as = TrendMeaning)]
struct MeaningJson {
    /// The value among the data.
    value: f64,
    /// What a person reads.
    display: String,
}

/// The trend of a parameter or a cell. The four lists are of one length.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TrendData)]
pub(in crate::api) struct TrendJson {
    /// The averages; of real-time data the values. Null for a gap.
    avg: Vec<Option<f64>>,
    /// The least of each window; null for a gap, and for an exception.
    min: Vec<Option<f64>>,
    /// The most of each window; null for a gap, and for an exception.
    max: Vec<Option<f64>>,
    /// When: of a point from when on, of an average when its window closed; in milliseconds since 1970.
    timestamps: Vec<i64>,
    /// The span that was asked for.
    start_time: i64,
    /// Its end.
    end_time: i64,
    /// The unit.
    units: String,
    /// What best stands for a span of it: `average`, `last`, `sum`, `max` or `min`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Whether it is best drawn on a logarithmic scale.
    logarithmic: bool,
    /// The exceptions, by the values that stand for them.
    exceptions: Vec<MeaningJson>,
    /// The discreets.
    discreets: Vec<MeaningJson>,
    /// Whether nothing is kept of that span.
    no_data: bool,
}

/// The trend of a parameter, or of a cell by its column and row. Only what the element's trend template trends has one.
#[utoipa::path(
    get,
    path = "/api/elements/{element}/trend/{parameter}", operation_id = "getTrend",
    tag = "parameters",
    params(
        ("element" = String, Path, description = "Its name or id."),
        ("parameter" = String, Path, description = "The name or id of a parameter or a column."),
        Wanted
    ),
    responses(
        (status = OK, description = "The trend.", body = TrendJson),
        OfAQuery
    )
)]
pub(in crate::api) async fn get(
    State(api): State<Arc<Api>>,
    Path((element, parameter)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<TrendJson>, Problem> {
    let element = find::element(&api.agent, &element)?;
    let config = element.config();
    let param = find::param_or_column(&config.protocol, &parameter)?;
    if !config.settings.trend_template.trends(param) {
        let detail = format!("{} ({}) is not trended: see trend_template", param.name, param.id);
        return Err(Problem::new(Reason::NotTrended, detail));
    }
    let window = match wanted.window {
        Some(WindowWord::RealTime) | None => None,
        Some(WindowWord::Five) => Some(Window::Five),
        Some(WindowWord::Sixty) => Some(Window::Sixty),
    };
    let end = wanted.end.unwrap_or_else(|| jiff::Timestamp::now().as_millisecond());
    let query = TrendQuery {
        param: param.id,
        key: wanted.key.map(Arc::from),
        window,
        from: wanted.start.unwrap_or_else(|| end.saturating_sub(kept_for(window))),
        to: end,
    };
    let said = element.trend(query.clone()).await;
    let said = said.map_err(|error| Problem::new(Reason::TrendNotRead, error.to_string()))?;
    let hint = config.protocol.parts().trend_hints.get(&param.id).copied();
    Ok(Json(TrendJson::of(param, hint.unwrap_or_default(), &query, &said)))
}

impl TrendJson {
    fn of(param: &Param, hint: TrendHint, query: &TrendQuery, said: &[Trended]) -> Self {
        let mut trend = Self {
            avg: Vec::with_capacity(said.len()),
            min: Vec::with_capacity(said.len()),
            max: Vec::with_capacity(said.len()),
            timestamps: said.iter().map(Trended::at).collect(),
            start_time: query.from,
            end_time: query.to,
            units: param.display.units.clone(),
            kind: hint.condensed.name(),
            logarithmic: hint.logarithmic,
            exceptions: Vec::new(),
            discreets: Vec::new(),
            no_data: said.is_empty(),
        };
        for said in said {
            let (avg, min, max) = said.figures();
            trend.avg.push(avg);
            trend.min.push(min);
            trend.max.push(max);
        }
        for exception in &param.interprete.exceptions {
            let value = exception.mapped.as_number();
            trend.exceptions.extend(value.map(|value| MeaningJson {
                value,
                display: exception.display.clone(),
            }));
        }
        let discreets = param.measurement.iter().flat_map(|measurement| &measurement.discreets);
        for discreet in discreets {
            let value = discreet.value.as_number();
            trend.discreets.extend(value.map(|value| MeaningJson {
                value,
                display: display_text(param, &Value::Number(value)),
            }));
        }
        trend
    }
}
