//! HAR 1.2 as it stands in a file: the parts that a cassette needs, and those without which others reject a file.
//!
//! Reading is tolerant, since browsers and proxies leave things out, write null, and add members of their own. What
//! starts with `_` is not in the standard: `_error` and `_sent` say how an exchange failed, `_encoding` how the body of
//! a request is written.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A file.
#[derive(Debug, Deserialize)]
pub(super) struct Har {
    pub(super) log: Log,
}

/// What was exchanged.
#[derive(Debug, Deserialize)]
pub(super) struct Log {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) entries: Vec<Entry>,
}

/// One exchange.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Entry {
    #[serde(deserialize_with = "or_default")]
    pub(super) started_date_time: String,
    /// Milliseconds; below zero or absent when it is not known.
    pub(super) time: Option<f64>,
    #[serde(deserialize_with = "or_default")]
    pub(super) request: Request,
    #[serde(deserialize_with = "or_default")]
    pub(super) response: Response,
    #[serde(skip_deserializing)]
    pub(super) cache: Empty,
    #[serde(skip_deserializing)]
    pub(super) timings: Timings,
    /// Where some write it instead of in the response.
    #[serde(rename = "_error", skip_serializing)]
    pub(super) error: Option<serde_json::Value>,
}

/// What was sent.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Request {
    #[serde(deserialize_with = "or_default")]
    pub(super) method: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) url: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) http_version: String,
    #[serde(skip_deserializing)]
    pub(super) cookies: [Empty; 0],
    #[serde(deserialize_with = "or_default")]
    pub(super) headers: Vec<Pair>,
    #[serde(deserialize_with = "or_default")]
    pub(super) query_string: Vec<Pair>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) post_data: Option<PostData>,
    #[serde(skip_deserializing)]
    pub(super) headers_size: Unknown,
    #[serde(skip_deserializing)]
    pub(super) body_size: Unknown,
}

/// The body of a request: as text, or as the fields of a form.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct PostData {
    #[serde(deserialize_with = "or_default")]
    pub(super) mime_type: String,
    pub(super) text: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub(super) params: Vec<Pair>,
    #[serde(rename = "_encoding", skip_serializing_if = "Option::is_none")]
    pub(super) encoding: Option<String>,
}

/// What came back.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Response {
    #[serde(deserialize_with = "or_default", serialize_with = "whole")]
    pub(super) status: f64,
    #[serde(deserialize_with = "or_default")]
    pub(super) status_text: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) http_version: String,
    #[serde(skip_deserializing)]
    pub(super) cookies: [Empty; 0],
    #[serde(deserialize_with = "or_default")]
    pub(super) headers: Vec<Pair>,
    #[serde(deserialize_with = "or_default")]
    pub(super) content: Content,
    #[serde(rename = "redirectURL", deserialize_with = "or_default")]
    pub(super) redirect_url: String,
    #[serde(skip_deserializing)]
    pub(super) headers_size: Unknown,
    #[serde(skip_deserializing)]
    pub(super) body_size: Unknown,
    #[serde(rename = "_error", skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<serde_json::Value>,
    #[serde(rename = "_sent", skip_serializing_if = "Option::is_none")]
    pub(super) sent: Option<bool>,
}

/// The body of a response.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Content {
    #[serde(deserialize_with = "or_default", serialize_with = "whole")]
    pub(super) size: f64,
    #[serde(deserialize_with = "or_default")]
    pub(super) mime_type: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) encoding: Option<String>,
}

/// A header, a part of a query, a field of a form.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Pair {
    #[serde(deserialize_with = "or_default")]
    pub(super) name: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) value: String,
}

/// Where the time went, as far as it is known: all of it in waiting.
#[derive(Debug, Default, Serialize)]
pub(super) struct Timings {
    pub(super) send: f64,
    pub(super) wait: f64,
    pub(super) receive: f64,
}

/// An object without members.
#[derive(Debug, Default, Serialize)]
pub(super) struct Empty {}

/// A size that is not known.
#[derive(Debug, Default)]
pub(super) struct Unknown;

impl Serialize for Unknown {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i8(-1)
    }
}

/// A number that has no fraction, whichever way it was read.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
fn whole<S: Serializer>(number: &f64, to: S) -> Result<S::Ok, S::Error> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "statuses and sizes are far within the range"
    )]
    to.serialize_i64(*number as i64)
}

/// What is null stands for nothing.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}
