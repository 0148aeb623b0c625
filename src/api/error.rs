//! Every refusal of the API as RFC 9457 problem details: one table of reasons, with status, code and title.
//!
//! Rules: API-12, DSP-3.

use std::collections::BTreeMap;

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::openapi::response::{Response as OpenApiResponse, ResponseBuilder};
use utoipa::openapi::{Content, Ref, RefOr};
use utoipa::{IntoResponses, ToSchema};

use crate::engine::set::{RefusedReason, SetRefused};

/// The longest body of a request in bytes: a message for people has a few thousand.
pub(super) const LONGEST_BODY: usize = 2 << 20;

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// The element refused a set.
    Refused(RefusedReason),
    /// There is no such route.
    UnknownRoute,
    /// The route does not know the method.
    Method,
    /// There is no such element.
    UnknownElement,
    /// There is no such active alarm.
    UnknownAlarm,
    /// The alarm is not over, so nobody clears it.
    AlarmNotOver,
    /// The element has no such alarm template.
    UnknownTemplate,
    /// There is no such page.
    UnknownPage,
    /// The parameter is no table.
    NotATable,
    /// The table has no such column.
    UnknownColumn,
    /// The parameter is a column: it has a value only with a row.
    IsColumn,
    /// The element is not in a state from which it can go where it is asked to.
    StateRefused,
    /// The connection test could not run.
    NotTested,
    /// The query cannot be understood.
    BadQuery,
    /// The body cannot be understood; the status says how.
    BadBody(StatusCode),
    /// The token is missing or wrong.
    Unauthorized,
    /// The request was made out to another host.
    ForeignHost,
    /// The request comes from another site's page.
    ForeignOrigin,
}

impl Reason {
    /// The table: status, code, title.
    const fn row(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Refused(reason) => refused(reason),
            Self::UnknownRoute => (StatusCode::NOT_FOUND, "unknown_route", "No such route"),
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "Method not allowed",
            ),
            Self::UnknownElement => (StatusCode::NOT_FOUND, "unknown_element", "No such element"),
            Self::UnknownAlarm => (StatusCode::NOT_FOUND, "unknown_alarm", "No such alarm"),
            Self::AlarmNotOver => (StatusCode::CONFLICT, "alarm_not_over", "The alarm is not over"),
            Self::UnknownTemplate => (StatusCode::NOT_FOUND, "unknown_template", "No such alarm template"),
            Self::UnknownPage => (StatusCode::NOT_FOUND, "unknown_page", "No such page"),
            Self::NotATable => (StatusCode::NOT_FOUND, "not_a_table", "Not a table"),
            Self::UnknownColumn => (StatusCode::NOT_FOUND, "unknown_column", "No such column"),
            Self::IsColumn => (StatusCode::NOT_FOUND, "is_column", "The value of a column needs a row"),
            Self::StateRefused => (StatusCode::CONFLICT, "state_refused", "The state cannot be reached"),
            Self::NotTested => (StatusCode::CONFLICT, "not_tested", "The connection was not tested"),
            Self::BadQuery => (StatusCode::BAD_REQUEST, "bad_query", "The query cannot be understood"),
            Self::BadBody(status) => (status, "bad_body", "The body cannot be understood"),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized", "A token is needed"),
            Self::ForeignHost => (StatusCode::FORBIDDEN, "foreign_host", "Not a name of this machine"),
            Self::ForeignOrigin => (StatusCode::FORBIDDEN, "foreign_origin", "A write from another site"),
        }
    }
}

/// The table of refused sets (API-12).
const fn refused(reason: RefusedReason) -> (StatusCode, &'static str, &'static str) {
    match reason {
        RefusedReason::UnknownPid => (StatusCode::NOT_FOUND, "unknown_pid", "No such parameter"),
        RefusedReason::NotDisplayed => (StatusCode::NOT_FOUND, "not_displayed", "Not available on the API"),
        RefusedReason::RowMissing => (StatusCode::NOT_FOUND, "row_missing", "No such row"),
        RefusedReason::NotWritable => (StatusCode::UNPROCESSABLE_ENTITY, "not_writable", "Cannot be set"),
        RefusedReason::Level => (StatusCode::UNPROCESSABLE_ENTITY, "level", "Not allowed at this level"),
        RefusedReason::Dependency => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "dependency",
            "A dependency is not filled",
        ),
        RefusedReason::Format => (StatusCode::UNPROCESSABLE_ENTITY, "format", "Not a value of this type"),
        RefusedReason::Length => (StatusCode::UNPROCESSABLE_ENTITY, "length", "Too short or too long"),
        RefusedReason::Range => (StatusCode::UNPROCESSABLE_ENTITY, "range", "Out of range"),
        RefusedReason::Step => (StatusCode::UNPROCESSABLE_ENTITY, "step", "Between two steps"),
        RefusedReason::NotInList => (StatusCode::UNPROCESSABLE_ENTITY, "not_in_list", "None of the choices"),
        RefusedReason::NotActive => (StatusCode::CONFLICT, "not_active", "The element is not active"),
        RefusedReason::QueueFull => (StatusCode::TOO_MANY_REQUESTS, "queue_full", "Too much is waiting"),
        RefusedReason::NotStored => (StatusCode::SERVICE_UNAVAILABLE, "not_stored", "It could not be stored"),
    }
}

/// A refusal as it is answered.
#[derive(Debug)]
pub(super) struct Problem {
    reason: Reason,
    detail: String,
}

/// An error: RFC 9457 problem details. `code` names the reason for programs.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct ProblemJson {
    /// Identifies the kind of problem.
    #[serde(rename = "type")]
    kind: String,
    /// The kind of problem, for people.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What exactly is wrong, and the way out.
    detail: String,
    /// The reason, such as `unknown_pid` or `range`.
    code: &'static str,
}

/// What a set may be refused with.
pub(super) struct OfASet;

/// What a request with a query may be refused with.
pub(super) struct OfAQuery;

/// What a request for something named may be refused with.
pub(super) struct OfAName;

/// What a request for a state may be refused with.
pub(super) struct OfAState;

impl IntoResponses for OfASet {
    fn responses() -> BTreeMap<String, RefOr<OpenApiResponse>> {
        documented(&[
            ("400", "The body cannot be understood."),
            ("404", "It does not exist, or has no RTDisplay (`not_displayed`)."),
            ("409", "The element is not active."),
            ("422", "The definition does not allow the value; `code` says why."),
            ("429", "Too much is waiting; try again later."),
            ("503", "It could not be stored."),
        ])
    }
}

impl IntoResponses for OfAQuery {
    fn responses() -> BTreeMap<String, RefOr<OpenApiResponse>> {
        documented(&[
            ("400", "The query cannot be understood."),
            ("404", "It does not exist, or has no RTDisplay (`not_displayed`)."),
        ])
    }
}

impl IntoResponses for OfAName {
    fn responses() -> BTreeMap<String, RefOr<OpenApiResponse>> {
        documented(&[("404", "It does not exist, or has no RTDisplay (`not_displayed`).")])
    }
}

impl IntoResponses for OfAState {
    fn responses() -> BTreeMap<String, RefOr<OpenApiResponse>> {
        documented(&[
            ("400", "The body cannot be understood."),
            ("404", "There is no such element."),
            ("409", "The state cannot be reached from the present one."),
        ])
    }
}

fn documented(statuses: &[(&str, &str)]) -> BTreeMap<String, RefOr<OpenApiResponse>> {
    let response = |description: &str| {
        let content = Content::new(Some(Ref::from_schema_name("Problem")));
        let builder = ResponseBuilder::new().description(description);
        builder.content("application/problem+json", content).build().into()
    };
    let row = |(status, description): &(&str, &str)| ((*status).to_owned(), response(description));
    statuses.iter().map(row).collect()
}

impl Problem {
    pub(super) fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self {
            reason,
            detail: detail.into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code, title) = self.reason.row();
        let body = ProblemJson {
            kind: format!("urn:problem-type:adit:{code}"),
            title,
            status: status.as_u16(),
            detail: self.detail,
            code,
        };
        let mut response = (status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

impl From<SetRefused> for Problem {
    fn from(refused: SetRefused) -> Self {
        Self::new(Reason::Refused(refused.reason), refused.detail)
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        // A body that is JSON but not the one asked for is a bad request: 422 is kept for what the definition forbids.
        let status = match rejection.status() {
            StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
            status => status,
        };
        let detail = match status {
            StatusCode::PAYLOAD_TOO_LARGE => format!("the body is longer than the {LONGEST_BODY} bytes that are read"),
            _ => plain(&rejection.body_text()),
        };
        Self::new(Reason::BadBody(status), detail)
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(Reason::BadQuery, plain(&rejection.body_text()))
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Self::new(Reason::UnknownRoute, rejection.body_text())
    }
}

/// What an extractor says, without its words about itself.
fn plain(text: &str) -> String {
    let said = [
        ("Failed to deserialize the JSON body into the target type: ", ""),
        ("Failed to parse the request body as JSON: ", "the body is no JSON: "),
        ("Failed to deserialize query string: ", ""),
    ];
    let said = said
        .into_iter()
        .find_map(|(words, instead)| Some(format!("{instead}{}", text.strip_prefix(words)?)));
    said.unwrap_or_else(|| text.to_owned())
}
