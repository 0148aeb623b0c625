//! A cassette: exchanges from a HAR 1.2 file, with what an element sees of each.
//!
//! Whatever browsers and proxies export is taken: duplicate headers, bodies in base64, missing members, times with a
//! fraction. What does not go over HTTP is left out. An entry whose status is 0 is a failure, named by `_error`.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::StatusCode;

use crate::engine::charset;
use crate::engine::exchange::{ExchangeError, ExchangeErrorKind, Response};
use crate::model::moment::Span;
use crate::simulate::har;

/// Base64 as it is found: with padding or without.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The words for failures, ours first, then the beginnings of what Chrome writes.
const FAILURES: [(&str, ExchangeErrorKind); 17] = [
    ("timeout", ExchangeErrorKind::Timeout),
    ("refused", ExchangeErrorKind::CannotConnect),
    ("reset", ExchangeErrorKind::ConnectionError),
    ("tls", ExchangeErrorKind::SecureFailure),
    ("dns", ExchangeErrorKind::NameNotResolved),
    ("response", ExchangeErrorKind::InvalidServerResponse),
    ("redirect", ExchangeErrorKind::RedirectFailed),
    ("url", ExchangeErrorKind::InvalidUrl),
    ("net::ERR_TIMED_OUT", ExchangeErrorKind::Timeout),
    ("net::ERR_CONNECTION_TIMED_OUT", ExchangeErrorKind::Timeout),
    ("net::ERR_CONNECTION_REFUSED", ExchangeErrorKind::CannotConnect),
    ("net::ERR_CONNECTION_", ExchangeErrorKind::ConnectionError),
    ("net::ERR_EMPTY_RESPONSE", ExchangeErrorKind::ConnectionError),
    ("net::ERR_SSL_", ExchangeErrorKind::SecureFailure),
    ("net::ERR_CERT_", ExchangeErrorKind::SecureFailure),
    ("net::ERR_NAME_", ExchangeErrorKind::NameNotResolved),
    ("net::ERR_INVALID_URL", ExchangeErrorKind::InvalidUrl),
];

/// The exchanges of a file, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cassette {
    /// In recorded order.
    pub exchanges: Vec<Exchange>,
}

/// One exchange.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    /// The verb.
    pub method: String,
    /// The URL.
    pub url: String,
    /// The body that was sent; empty when there was none.
    pub body: Vec<u8>,
    /// How long the answer took, when that is known.
    pub delay: Option<Span>,
    /// What came of it.
    pub answer: Result<Response, ExchangeError>,
}

/// A file that cannot be used as a cassette.
#[derive(Debug, thiserror::Error)]
pub enum CassetteError {
    /// It is not HAR.
    #[error("it is not a HAR file")]
    NotHar(#[from] serde_json::Error),
    /// A body is not what its entry says.
    #[error("entry {number}: the {what} is not base64")]
    NotBase64 {
        /// Which entry, from 1.
        number: usize,
        /// Which of its bodies.
        what: &'static str,
    },
}

impl Cassette {
    /// Reads a HAR file.
    ///
    /// # Errors
    /// It is not HAR, or a body in it cannot be read.
    pub fn parse(text: &str) -> Result<Self, CassetteError> {
        // Some proxies begin their files with a byte order mark.
        let har: har::Har = serde_json::from_str(text.trim_start_matches('\u{feff}'))?;
        let over_http = |url: &str| {
            let scheme = url.split_once(':').map_or("http", |(scheme, _)| scheme);
            url.starts_with('/') || scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
        };
        let entries = har.log.entries.into_iter().zip(1..);
        let exchanges = entries
            .filter(|(entry, _)| over_http(&entry.request.url))
            .map(|(entry, number)| exchange(entry, number));
        Ok(Self {
            exchanges: exchanges.collect::<Result<_, _>>()?,
        })
    }
}

fn exchange(entry: har::Entry, number: usize) -> Result<Exchange, CassetteError> {
    let not_base64 = |what| CassetteError::NotBase64 { number, what };
    let har::Entry {
        time,
        request,
        response,
        error,
        ..
    } = entry;
    let body = request.post_data.map_or(Ok(Vec::new()), |data| {
        body_sent(data).ok_or_else(|| not_base64("body of the request"))
    })?;
    let answer = if response.status < 1.0 {
        let word = response.error.as_ref().or(error.as_ref());
        Err(failure(word.and_then(serde_json::Value::as_str), response.sent))
    } else {
        Ok(answer(response).ok_or_else(|| not_base64("body of the response"))?)
    };
    Ok(Exchange {
        method: if request.method.is_empty() {
            "GET".to_owned()
        } else {
            request.method
        },
        url: request.url,
        body,
        delay: time.filter(|time| *time >= 0.0).map(milliseconds),
        answer,
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, and a cast to whole numbers saturates"
)]
fn milliseconds(time: f64) -> Span {
    Span(time.round() as u64)
}

/// The body of a request; a form is written as a browser sends it.
fn body_sent(data: har::PostData) -> Option<Vec<u8>> {
    match data.text {
        Some(text) if !text.is_empty() => decoded(&text, data.encoding.as_deref(), Some(&data.mime_type)),
        Some(_) | None => {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(data.params.iter().map(|field| (&field.name, &field.value)));
            Some(form.finish().into_bytes())
        }
    }
}

fn answer(response: har::Response) -> Option<Response> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative, and a cast to whole numbers saturates"
    )]
    let status = response.status as u16;
    let standard = || StatusCode::from_u16(status).ok()?.canonical_reason();
    let reason = if response.status_text.is_empty() {
        standard().unwrap_or_default().to_owned()
    } else {
        response.status_text
    };
    // An element speaks HTTP/1: what a browser got over HTTP/2 it would have got over HTTP/1.1.
    let version = response.http_version.to_ascii_uppercase();
    let version = if version.starts_with("HTTP/1.") {
        version
    } else {
        "HTTP/1.1".to_owned()
    };
    let mut headers = Vec::new();
    for header in response.headers {
        // Some browsers put equal headers into one, a line each; names with a colon are those of HTTP/2.
        let values = header
            .value
            .split('\n')
            .map(|value| value.trim_end_matches('\r').to_owned());
        if !header.name.starts_with(':') {
            headers.extend(values.map(|value| (header.name.clone(), value)));
        }
    }
    // A text stands for the bytes that it was read from.
    let content_type = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let content_type = content_type.map(|(_, value)| value.as_str());
    let body = decoded(
        &response.content.text,
        response.content.encoding.as_deref(),
        content_type,
    )?;
    Some(Response {
        version,
        status,
        reason,
        headers,
        body: body.into(),
    })
}

fn decoded(text: &str, encoding: Option<&str>, content_type: Option<&str>) -> Option<Vec<u8>> {
    if !encoding.is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64")) {
        return Some(charset::encode(text, content_type));
    }
    let text: String = text.split_ascii_whitespace().collect();
    BASE64.decode(text).ok()
}

/// The failure of a word; what is not known is like a refused connection.
fn failure(word: Option<&str>, sent: Option<bool>) -> ExchangeError {
    let word = word.unwrap_or("refused");
    let known = FAILURES.iter().find(|(beginning, _)| word.starts_with(beginning));
    let kind = known.map_or(ExchangeErrorKind::CannotConnect, |(_, kind)| *kind);
    ExchangeError {
        kind,
        sent: sent.unwrap_or_else(|| reaches_the_server(kind)),
        detail: format!("the cassette has the failure `{word}`"),
    }
}

/// Whether such a failure usually comes after the request went out.
const fn reaches_the_server(kind: ExchangeErrorKind) -> bool {
    match kind {
        ExchangeErrorKind::Timeout | ExchangeErrorKind::ConnectionError | ExchangeErrorKind::InvalidServerResponse => {
            true
        }
        ExchangeErrorKind::NameNotResolved
        | ExchangeErrorKind::CannotConnect
        | ExchangeErrorKind::RedirectFailed
        | ExchangeErrorKind::SecureFailure
        | ExchangeErrorKind::InvalidUrl => false,
    }
}

/// The word for a failure.
pub(super) fn word(kind: ExchangeErrorKind) -> &'static str {
    let found = FAILURES.iter().find(|(_, other)| *other == kind);
    found.map_or("refused", |(word, _)| word)
}

#[cfg(test)]
mod tests {
    use super::{Cassette, failure, word};
    use crate::engine::exchange::ExchangeErrorKind::{self, *};
    use crate::model::moment::Span;

    fn only(entry: &str) -> super::Exchange {
        let text = format!("\u{feff}{{\"log\": {{\"entries\": [{entry}], \"comment\": \"x\"}}}}");
        Cassette::parse(&text).unwrap().exchanges.remove(0)
    }

    #[test]
    fn an_entry_with_next_to_nothing_is_taken() {
        let exchange = only(r#"{"request": {"url": "http://a/b", "headers": null}, "response": {"status": 204}}"#);
        let answer = exchange.answer.unwrap();
        assert_eq!((exchange.method.as_str(), exchange.url.as_str()), ("GET", "http://a/b"));
        assert_eq!((exchange.delay, exchange.body.len()), (None, 0));
        assert_eq!(answer.status_line(), "HTTP/1.1 204 No Content");
        assert_eq!((answer.headers.len(), answer.body.len()), (0, 0));
    }

    #[test]
    fn headers_bodies_and_times_come_as_others_write_them() {
        let exchange = only(
            r#"{"time": 12.6, "_priority": "High", "request": {"method": "POST", "url": "https://a/b",
                "postData": {"mimeType": "x", "params": [{"name": "a b", "value": "&"}, {"name": "c"}], "comment": ""}},
              "response": {"status": 200.0, "statusText": "Fine", "httpVersion": "h2",
                "headers": [{"name": ":status", "value": "200"}, {"name": "Set-Cookie", "value": "a=1\nb=2"},
                  {"name": "Set-Cookie", "value": "c=3"}],
                "content": {"size": 3, "text": "AP\n8 B", "encoding": "base64"}}}"#,
        );
        assert_eq!(
            (exchange.delay, exchange.body.as_slice()),
            (Some(Span(13)), &b"a+b=%26&c="[..])
        );
        let answer = exchange.answer.unwrap();
        assert_eq!(answer.status_line(), "HTTP/1.1 200 Fine");
        let values: Vec<&str> = answer.headers.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!((values, &*answer.body), (vec!["a=1", "b=2", "c=3"], &[0, 255, 1][..]));
    }

    #[test]
    fn what_does_not_go_over_http_is_left_out() {
        let entry = |url: &str| format!("{{\"request\": {{\"url\": \"{url}\"}}, \"time\": -1}}");
        let urls = ["ws://a", "data:text/plain,x", "HTTP://a", "/b?c=d:e", "https://a"].map(entry);
        let cassette = Cassette::parse(&format!("{{\"log\": {{\"entries\": [{}]}}}}", urls.join(","))).unwrap();
        let urls: Vec<&str> = cassette
            .exchanges
            .iter()
            .map(|exchange| exchange.url.as_str())
            .collect();
        assert_eq!(urls, ["HTTP://a", "/b?c=d:e", "https://a"]);
        assert!(cassette.exchanges.iter().all(|exchange| exchange.delay.is_none()));
    }

    #[test]
    fn a_status_of_0_is_a_failure_wherever_it_is_named() {
        let kind = |entry: &str| {
            only(&format!("{{\"request\": {{\"url\": \"/\"}}, {entry}}}"))
                .answer
                .unwrap_err()
                .kind
        };
        assert_eq!(kind(r#""response": {"status": 0, "_error": "timeout"}"#), Timeout);
        assert_eq!(kind(r#""_error": "dns", "response": {"status": 0}"#), NameNotResolved);
        assert_eq!(kind(r#""response": {"_error": {"code": 1}}"#), CannotConnect);
        assert_eq!(kind(r#""response": null"#), CannotConnect);
        let known = [
            "refused",
            "reset",
            "tls",
            "net::ERR_CERT_DATE_INVALID",
            "net::ERR_CONNECTION_CLOSED",
            "other",
        ];
        let kinds = known.map(|word| failure(Some(word), None).kind);
        let expected = [
            CannotConnect,
            ConnectionError,
            SecureFailure,
            SecureFailure,
            ConnectionError,
            CannotConnect,
        ];
        assert_eq!(kinds, expected);
    }

    #[test]
    fn each_kind_of_failure_has_a_word_that_is_read_back() {
        let kinds: [ExchangeErrorKind; 8] = [
            Timeout,
            NameNotResolved,
            CannotConnect,
            ConnectionError,
            InvalidServerResponse,
            RedirectFailed,
            SecureFailure,
            InvalidUrl,
        ];
        assert_eq!(kinds.map(|kind| failure(Some(word(kind)), None).kind), kinds);
        assert!(failure(Some("timeout"), None).sent && !failure(Some("timeout"), Some(false)).sent);
    }

    #[test]
    fn err_what_is_no_cassette_says_why() {
        let told = |text: &str| format!("{:#}", anyhow::Error::from(Cassette::parse(text).unwrap_err()));
        assert_eq!(
            told("{}"),
            "it is not a HAR file: missing field `log` at line 1 column 2"
        );
        assert_eq!(
            told("<html>"),
            "it is not a HAR file: expected value at line 1 column 1"
        );
        let entry =
            r#"{"request": {"url": "/"}, "response": {"status": 200, "content": {"text": "!", "encoding": "base64"}}}"#;
        let told = told(&format!("{{\"log\": {{\"entries\": [{entry}]}}}}"));
        assert_eq!(told, "entry 1: the body of the response is not base64");
    }
}
