//! The JSON of an information event.
//!
//! Rules: ALM-50, GOT-44.

use serde::Serialize;
use utoipa::ToSchema;

use crate::alarm::general_description;
use crate::api::json::parameter::time_text;
use crate::api::json::value::ValueJson;
use crate::element::Element;
use crate::engine::saved::SavedInformation;
use crate::model::param::Param;

/// An information event: something worth telling that is no alarm.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = InformationEvent)]
pub(in crate::api) struct InformationJson {
    /// Its id; ids count up.
    id: u64,
    /// The name of its element.
    element: String,
    /// The parameter or column; above 64500 a general parameter of elements.
    parameter: u32,
    /// The description of its parameter, for people.
    description: String,
    /// The row; null for a parameter of its own.
    key: Option<String>,
    /// What people call the row; null for a parameter of its own.
    display_key: Option<String>,
    /// `information`.
    severity: &'static str,
    /// The severity by its number in records: 13.
    severity_id: u8,
    /// The range of the severity by its number in records: 5, normal.
    severity_range_id: u8,
    /// The type by its number in records: 10.
    type_id: u8,
    /// The status by its number in records: 11.
    status_id: u8,
    /// The value that it is about; null where the text says all, and for a secret.
    value: ValueJson,
    /// What it says, such as `Set by Administrator to 5 dB`.
    display: String,
    /// When (RFC 3339).
    time: Option<String>,
}

impl InformationJson {
    /// An event of this element.
    pub(in crate::api) fn of(element: &Element, kept: &SavedInformation) -> Self {
        let config = element.config();
        let event = &kept.event;
        let param = config.protocol.param(event.cell.param);
        let description = || param.map_or_else(String::new, |param| param.description.clone());
        Self {
            id: kept.id,
            element: config.settings.name.clone(),
            parameter: event.cell.param.0,
            description: general_description(event.cell.param).map_or_else(description, str::to_owned),
            key: event.cell.key.as_ref().map(ToString::to_string),
            display_key: event.display_key.as_ref().map(ToString::to_string),
            severity: "information",
            severity_id: 13,
            severity_range_id: 5,
            type_id: 10,
            status_id: 11,
            value: if param.is_some_and(Param::is_secret) {
                ValueJson::Null
            } else {
                (&event.value).into()
            },
            display: event.text.to_string(),
            time: time_text(kept.time),
        }
    }
}
