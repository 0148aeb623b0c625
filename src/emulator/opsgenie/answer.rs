//! An answer of the platform, before `took` and `requestId` are added to it.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

/// The text of a 429.
const TOO_MANY: &str = "You are making too many requests!";

/// What the platform answers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    /// The HTTP status.
    pub(super) status: u16,
    /// Headers beside those that every answer has; the names in lower case.
    pub(super) headers: Vec<(&'static str, Cow<'static, str>)>,
    /// The body, without `took` and `requestId`.
    pub(super) body: Map<String, Value>,
}

impl Answer {
    /// An answer with a JSON object as its body.
    pub(super) fn new(status: u16, body: Value) -> Self {
        let body = match body {
            Value::Object(body) => body,
            other => Map::from_iter([("data".to_owned(), other)]),
        };
        Self {
            status,
            headers: Vec::new(),
            body,
        }
    }

    /// 200 with `data`.
    pub(super) fn data(data: Value) -> Self {
        Self::new(200, Value::Object(Map::from_iter([("data".to_owned(), data)])))
    }

    /// 202: queued, not done.
    pub(super) fn accepted() -> Self {
        Self::new(202, json!({ "result": "Request will be processed" }))
    }

    /// An error with its text.
    pub(super) fn error(status: u16, message: &str) -> Self {
        Self::new(status, json!({ "message": message }))
    }

    /// 403 with one of the platform's codes.
    pub(super) fn forbidden(code: u32, message: &str) -> Self {
        Self::new(403, json!({ "message": message, "code": code }))
    }

    /// 422 with a text for each field at fault.
    pub(super) fn unprocessable(errors: Map<String, Value>) -> Self {
        let mut answer = Self::error(422, "Request body is not processable. Please check the errors.");
        answer.body.insert("errors".to_owned(), errors.into());
        answer
    }

    /// 422 for one field.
    pub(super) fn invalid(field: &str, text: &str) -> Self {
        Self::unprocessable(Map::from_iter([(field.to_owned(), text.into())]))
    }

    /// 429: the bucket of so many seconds is empty.
    pub(super) fn throttled(seconds: u64) -> Self {
        Self::error(429, TOO_MANY)
            .with_header("x-ratelimit-reason", "ACCOUNT")
            .with_header("x-ratelimit-period-in-sec", seconds.to_string())
    }

    /// What an injected status looks like; the seconds are told where the status has a header for them.
    pub(super) fn injected(status: u16, seconds: Option<u64>) -> Self {
        let answer = match status {
            429 => Self::throttled(seconds.unwrap_or(1)),
            401 => Self::error(401, "Could not authenticate"),
            503 => Self::error(503, "The back-end servers are at capacity"),
            300..=399 => Self::error(status, "Moved").with_header("location", "/moved-by-a-fault-rule"),
            _ => Self::error(status, "Injected by a fault rule"),
        };
        match seconds {
            Some(seconds) if status != 429 => answer.with_header("retry-after", seconds.to_string()),
            Some(_) | None => answer,
        }
    }

    /// The same with one more header.
    pub(super) fn with_header(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
