//! One HTTP request as the platform sees it.

use std::borrow::Cow;
use std::sync::Arc;

use hyper::body::Bytes;
use parking_lot::Mutex;

use crate::emulator::opsgenie::object::{NoObject, Object};
use crate::emulator::opsgenie::route::Face;

/// One HTTP request.
#[derive(Debug, Default)]
pub(super) struct Call {
    /// The verb.
    pub(super) method: String,
    /// The path as sent.
    pub(super) path: String,
    /// What follows the `?`, as sent.
    pub(super) query: String,
    /// The `Authorization` header.
    pub(super) authorization: Option<String>,
    /// The `Host` header: paging URLs point there.
    pub(super) host: String,
    /// The caller's IP address: the default `source` of an alert.
    pub(super) remote: Arc<str>,
    /// The `Content-Type` header.
    pub(super) content_type: Option<String>,
    /// The body.
    pub(super) body: Bytes,
    /// Whether the body was too large to be read.
    pub(super) oversized: bool,
    /// The JSON object of the body, when it was read ahead.
    pub(super) read: Mutex<Option<Result<Object, NoObject>>>,
}

impl Call {
    /// Reads the body ahead, when it is JSON.
    pub(super) fn read_ahead(&self) {
        let is_form = |text: &String| text.starts_with("multipart/");
        if !self.body.is_empty() && !self.content_type.as_ref().is_some_and(is_form) {
            *self.read.lock() = Some(Object::read(&self.body));
        }
    }

    /// The JSON object of the body.
    pub(super) fn object(&self) -> Result<Object, NoObject> {
        self.read.lock().take().unwrap_or_else(|| Object::read(&self.body))
    }

    /// The first query parameter of that name, decoded.
    pub(super) fn parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut pairs = url::form_urlencoded::parse(self.query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The path and the query as sent, with a key in the query made unreadable.
    pub(super) fn target(&self) -> String {
        if self.query.is_empty() {
            return self.path.clone();
        }
        let shown = |pair: &str| match pair.split_once('=') {
            Some((name, _)) if name.eq_ignore_ascii_case("apiKey") => format!("{name}=***"),
            Some(_) | None => pair.to_owned(),
        };
        let query: Vec<String> = self.query.split('&').map(shown).collect();
        format!("{}?{}", self.path, query.join("&"))
    }

    /// The URL without its query, as the caller addressed it: paging URLs begin so.
    pub(super) fn url(&self) -> String {
        format!("http://{}{}", self.host, self.path.trim_end_matches('/'))
    }

    /// Where the platform is reached, as the caller addressed it: links to teams begin so.
    pub(super) fn base(&self) -> String {
        format!("http://{}{}", self.host, self.prefix())
    }

    /// The face of the platform that was addressed.
    pub(super) fn face(&self) -> Face {
        Face::of(&self.path).0
    }

    /// What stands before `/v2` or `/v1` in the path.
    fn prefix(&self) -> &str {
        let (_, rest) = Face::of(&self.path);
        &self.path[..self.path.len() - rest.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::Call;

    #[test]
    fn a_key_in_the_query_is_not_kept() {
        let call = Call {
            path: "/v1/json/team/".into(),
            query: "apiKey=secret&a=1".into(),
            ..Call::default()
        };
        assert_eq!(call.target(), "/v1/json/team/?apiKey=***&a=1");
    }
}
