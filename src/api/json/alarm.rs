//! The JSON of an alarm state. Alarms are not monitored yet, so every one is `undefined` (ALM-4).

use serde::Serialize;
use utoipa::ToSchema;

/// An alarm state.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = AlarmState)]
pub(in crate::api) enum AlarmStateJson {
    /// Not monitored.
    Undefined,
}
