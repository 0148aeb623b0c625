//! What operators do about alarms: assign a template, clear an alarm that waits for it, reset the latch state.
//!
//! Rules: ALM-2, ALM-33, ALM-45, ALM-49.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::alarm::RecordKind;
use crate::api::Api;
use crate::api::error::{OfAName, OfAState, Problem, Reason};
use crate::api::extract::{Body, Path};
use crate::api::find;
use crate::api::json::alarm::{AlarmRecordJson, AlarmStateJson};
use crate::api::set::check_active;
use crate::element::view::LatchState;
use crate::engine::event::AlarmRequest;
use crate::model::alarm_template::AlarmTemplate;

/// An alarm template by its name.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = AlarmTemplate)]
pub(in crate::api) struct TemplateJson {
    /// `protocol-defaults`, `none`, or the name of the element's own template.
    template: String,
}

/// The latch state of an element.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LatchState)]
pub(in crate::api) struct LatchJson {
    /// The worst alarm state since the last reset.
    latch_state: AlarmStateJson,
}

/// The alarm template that is assigned to an element.
#[utoipa::path(
    get,
    path = "/api/elements/{element}/alarm-template", operation_id = "getAlarmTemplate",
    tag = "alarms",
    params(("element" = String, Path, description = "Its name or id.")),
    responses((status = OK, description = "The template.", body = TemplateJson), OfAName)
)]
pub(in crate::api) async fn template(
    State(api): State<Arc<Api>>,
    Path(element): Path<String>,
) -> Result<Json<TemplateJson>, Problem> {
    let element = find::element(&api.agent, &element)?;
    let template = element.look(|view| view.alarm_template.clone());
    let template = template.unwrap_or_else(|| element.config().settings.alarm_template.clone());
    Ok(Json(TemplateJson {
        template: template.name().to_owned(),
    }))
}

/// Assigns an alarm template: every current value is looked at again at once.
#[utoipa::path(
    put,
    path = "/api/elements/{element}/alarm-template", operation_id = "assignAlarmTemplate",
    tag = "alarms",
    params(("element" = String, Path, description = "Its name or id.")),
    request_body = TemplateJson,
    responses((status = OK, description = "The template.", body = TemplateJson), OfAState)
)]
pub(in crate::api) async fn assign(
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    Body(body): Body<TemplateJson>,
) -> Result<Json<TemplateJson>, Problem> {
    let element = find::element(&api.agent, &name)?;
    let own = &element.config().settings.alarm_template;
    let known = [own, &AlarmTemplate::ProtocolDefaults, &AlarmTemplate::None];
    let found = known.into_iter().find(|template| template.name() == body.template);
    let Some(template) = found else {
        let detail = format!("{name} has no alarm template {}", body.template);
        return Err(Problem::new(Reason::UnknownTemplate, detail));
    };
    check_active(element)?;
    element.ask_alarms(AlarmRequest::Assign(template.clone())).await;
    Ok(Json(body))
}

/// Clears an alarm that is over and waits for it.
#[utoipa::path(
    delete,
    path = "/api/elements/{element}/alarms/{alarm}", operation_id = "clearAlarm",
    tag = "alarms",
    params(
        ("element" = String, Path, description = "Its name or id."),
        ("alarm" = u64, Path, description = "The id of its first or of its last record.")
    ),
    responses((status = OK, description = "The alarm as it was.", body = AlarmRecordJson), OfAState)
)]
pub(in crate::api) async fn clear(
    State(api): State<Arc<Api>>,
    Path((name, id)): Path<(String, u64)>,
) -> Result<Json<AlarmRecordJson>, Problem> {
    let element = find::element(&api.agent, &name)?;
    let (record, json) = element.look(|view| {
        let alarm = find::alarm(view, &name, id);
        alarm.map(|alarm| (alarm.record.clone(), AlarmRecordJson::of(element, alarm, view)))
    })?;
    if record.kind != RecordKind::Clearable {
        let detail = format!("the alarm {id} is not over: it is cleared when its value is normal again");
        return Err(Problem::new(Reason::AlarmNotOver, detail));
    }
    element.ask_alarms(AlarmRequest::Clear(record.root)).await;
    Ok(Json(json))
}

/// The worst alarm state of an element since the last reset.
#[utoipa::path(
    get,
    path = "/api/elements/{element}/latch-state", operation_id = "getLatchState",
    tag = "alarms",
    params(("element" = String, Path, description = "Its name or id.")),
    responses((status = OK, description = "The latch state.", body = LatchJson), OfAName)
)]
pub(in crate::api) async fn latch(
    State(api): State<Arc<Api>>,
    Path(element): Path<String>,
) -> Result<Json<LatchJson>, Problem> {
    let element = find::element(&api.agent, &element)?;
    Ok(Json(element.look(|view| LatchJson::of(view.alarms.latch()))))
}

/// Resets the latch state: it is the alarm state of now.
#[utoipa::path(
    delete,
    path = "/api/elements/{element}/latch-state", operation_id = "resetLatchState",
    tag = "alarms",
    params(("element" = String, Path, description = "Its name or id.")),
    responses((status = OK, description = "The latch state.", body = LatchJson), OfAName)
)]
pub(in crate::api) async fn reset_latch(
    State(api): State<Arc<Api>>,
    Path(element): Path<String>,
) -> Result<Json<LatchJson>, Problem> {
    let element = find::element(&api.agent, &element)?;
    element.publish(|view| view.alarms.reset_latch(view.timeout.is_some()), []);
    Ok(Json(element.look(|view| LatchJson::of(view.alarms.latch()))))
}

impl LatchJson {
    fn of(latch: LatchState) -> Self {
        let latch_state = match latch {
            LatchState::Timeout => AlarmStateJson::Timeout,
            LatchState::Of(severity) => severity.into(),
        };
        Self { latch_state }
    }
}
