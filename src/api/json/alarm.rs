//! The JSON of an alarm, and of an alarm state.
//!
//! Rules: ALM-3, ALM-22, ALM-40, ALM-42, ALM-46, ALM-47.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::alarm::Cell;
use crate::api::json::parameter::{shown_text, time_text};
use crate::api::json::value::ValueJson;
use crate::element::Element;
use crate::element::alarms::ShownAlarm;
use crate::element::config::ElementConfig;
use crate::element::view::View;
use crate::model::alarm::Severity;
use crate::model::param::Param;

/// An alarm state.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = AlarmState)]
pub(in crate::api) enum AlarmStateJson {
    /// Not monitored, or nothing can be said.
    Undefined,
    /// As it should be.
    Normal,
    /// The mildest.
    Warning,
    Minor,
    Major,
    /// The worst of those that a value can have.
    Critical,
    /// The element is in timeout.
    Timeout,
}

impl From<Option<Severity>> for AlarmStateJson {
    fn from(severity: Option<Severity>) -> Self {
        match severity {
            None => Self::Undefined,
            Some(Severity::Normal) => Self::Normal,
            Some(Severity::Warning) => Self::Warning,
            Some(Severity::Minor) => Self::Minor,
            Some(Severity::Major) => Self::Major,
            Some(Severity::Critical) => Self::Critical,
        }
    }
}

impl AlarmStateJson {
    /// That of an element: being in timeout is worse than any alarm (ALM-40).
    pub(in crate::api) fn of(view: &View) -> Self {
        if view.timeout.is_some() {
            return Self::Timeout;
        }
        view.alarms.worst().into()
    }
}

/// An alarm.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Alarm)]
pub(in crate::api) struct AlarmJson {
    /// The id of its last record.
    id: u64,
    /// The id of its first record.
    root_id: u64,
    /// The name of its element.
    element: String,
    /// The parameter or column.
    parameter: u32,
    /// The row; null for a parameter of its own.
    key: Option<String>,
    /// How bad it is.
    severity: AlarmStateJson,
    /// The value; what an exception is recorded as.
    value: ValueJson,
    /// What happened last: `New Alarm`, `Escalated from Minor`, `Value changed`, `Cleared` …
    status: &'static str,
    /// When (RFC 3339).
    time: Option<String>,
}

impl AlarmJson {
    /// The last record of an alarm.
    pub(in crate::api) fn of(element: &Element, alarm: &ShownAlarm) -> Self {
        let record = &alarm.record;
        let config = element.config();
        let param = config.protocol.param(record.cell.param);
        let secret = param.is_some_and(Param::is_secret);
        Self {
            id: record.id,
            root_id: record.root,
            element: config.settings.name.clone(),
            parameter: record.cell.param.0,
            key: record.cell.key.as_ref().map(ToString::to_string),
            severity: Some(record.severity).into(),
            value: if secret {
                ValueJson::Null
            } else {
                (&record.value).into()
            },
            status: record.kind.name(),
            time: time_text(alarm.time),
        }
    }
}

/// An alarm with all that is recorded of it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AlarmRecord)]
pub(in crate::api) struct AlarmRecordJson {
    #[serde(flatten)]
    alarm: AlarmJson,
    /// The id of the record before; 0 for the first.
    previous_id: u64,
    /// The description of its parameter, for people.
    description: String,
    /// What people call the row; null for a parameter of its own.
    display_key: Option<String>,
    /// The value as a person reads it, with its unit; null for a secret.
    display: Option<String>,
    /// When the alarm began (RFC 3339).
    root_time: Option<String>,
    /// What the definition says of such an alarm.
    alarm_description: String,
    /// The category of such an alarm.
    category: String,
    /// What to do about it.
    corrective_action: String,
    /// The severity by its number in records: 1 critical to 5 normal.
    severity_id: u8,
    /// The range of the severity by its number in records: 6 high, 7 low, 5 where there are no sides.
    severity_range_id: u8,
    /// What happened last, by its number in records.
    type_id: u8,
    /// The status by its number in records: 12 open, 54 clearable.
    status_id: u8,
    /// Who has it.
    owner: &'static str,
    /// Whether somebody took it on.
    user_status: &'static str,
    /// Where it comes from.
    source: &'static str,
    /// What the definition adds to such an alarm, by name.
    properties: BTreeMap<String, String>,
}

impl AlarmRecordJson {
    /// The last record of an alarm.
    pub(in crate::api) fn of(element: &Element, alarm: &ShownAlarm, view: &View) -> Self {
        let record = &alarm.record;
        let config = element.config();
        let param = config.protocol.param(record.cell.param);
        let said = param
            .and_then(|param| param.information.as_deref().cloned())
            .unwrap_or_default();
        let since_root = record.at.saturating_sub(record.root_at);
        Self {
            alarm: AlarmJson::of(element, alarm),
            previous_id: record.previous,
            description: param.map_or_else(String::new, |param| param.description.clone()),
            display_key: record
                .display_key
                .as_ref()
                .map(ToString::to_string)
                .or_else(|| display_key(config, &record.cell, view)),
            display: param.and_then(|param| shown_text(param, &record.raw)),
            root_time: time_text(alarm.time.saturating_sub(since_root)),
            alarm_description: said.alarm_description,
            category: said.category,
            corrective_action: said.corrective_action,
            severity_id: record.severity_id(),
            severity_range_id: record.range_id(),
            type_id: record.kind.type_id(),
            status_id: record.status_id(),
            owner: "System",
            user_status: "Not Assigned",
            source: "DataMiner System",
            properties: record.properties.iter().cloned().collect(),
        }
    }
}

/// What people call the row of a cell.
fn display_key(config: &ElementConfig, cell: &Cell, view: &View) -> Option<String> {
    let key = cell.key.as_ref()?;
    let column = config.protocol.param(cell.param)?.column_of?;
    let table = config.protocol.param(column.table)?;
    let row = view.row(table.id, key)?;
    Some(view.display_key(&config.protocol, table, row))
}
