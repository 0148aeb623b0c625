//! An exchange as an entry of a HAR file, and the same without secrets.

use std::borrow::Cow;
use std::time::Duration;

use base64::Engine;
use jiff::Timestamp;
use url::Url;

use crate::engine::charset;
use crate::engine::exchange::{ExchangeError, Request, Response};
use crate::simulate::cassette::{BASE64, word};
use crate::simulate::har::{self, Content, Entry, Pair, PostData, Timings};
use crate::simulate::secrets::{CREDENTIALS, SECRET, Secrets};

/// The entry of an exchange, with everything in it.
pub(super) fn entry(
    request: &Request,
    answer: &Result<Response, ExchangeError>,
    started_unix_ms: i64,
    took: Duration,
) -> Entry {
    let time = (took.as_secs_f64() * 1_000_000.0).round() / 1000.0;
    let started = Timestamp::from_millisecond(started_unix_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    Entry {
        started_date_time: format!("{started:.3}"),
        time: Some(time),
        request: sent(request),
        response: match answer {
            Ok(response) => received(response),
            Err(error) => har::Response {
                error: Some(word(error.kind).into()),
                sent: Some(error.sent),
                ..har::Response::default()
            },
        },
        timings: Timings {
            wait: time,
            ..Timings::default()
        },
        ..Entry::default()
    }
}

fn sent(request: &Request) -> har::Request {
    let (text, encoding) = written(&request.body, &request.headers);
    let post_data = PostData {
        mime_type: header(&request.headers, "content-type"),
        text: Some(text),
        params: Vec::new(),
        encoding,
    };
    har::Request {
        method: request.method.clone(),
        url: request.url.clone(),
        http_version: "HTTP/1.1".to_owned(),
        headers: pairs(request.headers.iter().map(|(name, value)| (name, value))),
        post_data: (!request.body.is_empty()).then_some(post_data),
        ..har::Request::default()
    }
}

fn received(response: &Response) -> har::Response {
    let (text, encoding) = written(&response.body, &response.headers);
    har::Response {
        status: f64::from(response.status),
        status_text: response.reason.clone(),
        http_version: response.version.clone(),
        headers: pairs(response.headers.iter().map(|(name, value)| (name, value))),
        content: Content {
            #[expect(
                clippy::cast_precision_loss,
                reason = "a body is far below the bound of whole numbers"
            )]
            size: response.body.len() as f64,
            mime_type: header(&response.headers, "content-type"),
            text,
            encoding,
        },
        redirect_url: header(&response.headers, "location"),
        ..har::Response::default()
    }
}

/// A body as text, and how that is to be read. One that its text does not give back is no text.
fn written(body: &[u8], headers: &[(String, String)]) -> (String, Option<String>) {
    let content_type = header(headers, "content-type");
    let text = charset::decode(body, Some(&content_type));
    if charset::encode(&text, Some(&content_type)) == body {
        (text.to_string(), None)
    } else {
        (BASE64.encode(body), Some("base64".to_owned()))
    }
}

fn pairs<N: Into<String> + Clone, V: Into<String> + Clone>(of: impl Iterator<Item = (N, V)>) -> Vec<Pair> {
    of.map(|(name, value)| Pair {
        name: name.into(),
        value: value.into(),
    })
    .collect()
}

fn header(headers: &[(String, String)], name: &str) -> String {
    let found = headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}

/// Takes credentials, cookies and secrets out of an entry. Done again, it takes out what has become known since.
pub(super) fn mask(entry: &mut Entry, secrets: &Secrets) {
    let request = &mut entry.request;
    mask_text(&mut request.url, secrets);
    mask_pairs(&mut request.headers, secrets);
    // Taken from what is masked already: reading it changes the spelling, `+` to a space.
    request.query_string = Url::parse(&request.url).map_or_else(|_| Vec::new(), |url| pairs(url.query_pairs()));
    if let Some(data) = &mut request.post_data {
        mask_text(&mut data.mime_type, secrets);
        if let Some(text) = &mut data.text {
            mask_body(text, data.encoding.as_deref(), secrets);
        }
    }
    let response = &mut entry.response;
    mask_text(&mut response.status_text, secrets);
    mask_text(&mut response.redirect_url, secrets);
    mask_pairs(&mut response.headers, secrets);
    mask_text(&mut response.content.mime_type, secrets);
    mask_body(
        &mut response.content.text,
        response.content.encoding.as_deref(),
        secrets,
    );
    entry.timings.wait = entry.time.unwrap_or_default();
}

fn mask_pairs(pairs: &mut [Pair], secrets: &Secrets) {
    for pair in pairs {
        if CREDENTIALS.iter().any(|name| pair.name.eq_ignore_ascii_case(name)) {
            SECRET.clone_into(&mut pair.value);
        } else {
            mask_text(&mut pair.name, secrets);
            mask_text(&mut pair.value, secrets);
        }
    }
}

fn mask_body(text: &mut String, encoding: Option<&str>, secrets: &Secrets) {
    if encoding.is_none() {
        return mask_text(text, secrets);
    }
    // It was encoded here: what cannot be decoded is none of ours.
    if let Ok(body) = BASE64.decode(&*text)
        && let Cow::Owned(masked) = secrets.masked_bytes(&body)
    {
        *text = BASE64.encode(masked);
    }
}

fn mask_text(text: &mut String, secrets: &Secrets) {
    if let Cow::Owned(masked) = secrets.masked(text) {
        *text = masked;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{entry, mask};
    use crate::engine::exchange::{
        CertificateCheck, ClientCertificate, ExchangeError, ExchangeErrorKind, Proxy, Request, Response, TransportId,
    };
    use crate::model::id::ConnectionId;
    use crate::model::moment::Span;
    use crate::simulate::cassette::{Cassette, Exchange};
    use crate::simulate::secrets::Secrets;

    fn request(body: &[u8]) -> Request {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Request {
            session: None,
            exchange: None,
            connection: ConnectionId(0),
            method: "POST".to_owned(),
            url: "http://device/a?b=c".to_owned(),
            headers: vec![
                header("AUTHORIZATION", "Basic x"),
                header("cookie", "a=b"),
                header("X-Key", "<s3cret>"),
            ],
            body: body.into(),
            timeout: Span(1500),
            transport: TransportId(1),
            proxy: Proxy::Bypass,
            certificate: CertificateCheck::Verify,
            client_certificate: ClientCertificate::Withheld,
        }
    }

    /// What is read back of an exchange, and its text in the file.
    fn read_back(body: &[u8], answer: &Result<Response, ExchangeError>) -> (Exchange, String) {
        let mut secrets = Secrets::default();
        secrets.add("s3cret".into());
        let mut entry = entry(
            &request(body),
            answer,
            1_767_225_600_123,
            Duration::from_micros(1_500_600),
        );
        mask(&mut entry, &secrets);
        let text = serde_json::to_string(&entry).unwrap();
        let har = format!("{{\"log\": {{\"entries\": [{text}]}}}}");
        (Cassette::parse(&har).unwrap().exchanges.remove(0), text)
    }

    #[test]
    fn what_is_written_is_read_back_without_secrets() {
        let answer = Response {
            version: "HTTP/1.0".to_owned(),
            status: 299,
            reason: "Odd".to_owned(),
            headers: vec![("A".to_owned(), "1".to_owned()), ("A".to_owned(), "2".to_owned())],
            body: b"\xffs3cret\xfe"[..].into(),
        };
        let (exchange, text) = read_back(b"\xfes3cret", &Ok(answer.clone()));
        assert_eq!(
            (exchange.method.as_str(), exchange.url.as_str()),
            ("POST", "http://device/a?b=c")
        );
        assert_eq!(
            (exchange.body.as_slice(), exchange.delay),
            (&b"\xfe***"[..], Some(Span(1501)))
        );
        let body = b"\xff***\xfe"[..].into();
        assert_eq!(exchange.answer, Ok(Response { body, ..answer }));
        assert!(
            text.starts_with(r#"{"startedDateTime":"2026-01-01T00:00:00.123Z","time":1500.6,"#),
            "{text}"
        );
        for header in [
            r#"{"name":"AUTHORIZATION","value":"***"}"#,
            r#"{"name":"cookie","value":"***"}"#,
            "<***>",
        ] {
            assert!(text.contains(header), "{header} in {text}");
        }
    }

    #[test]
    fn failures_are_read_back_with_their_kind() {
        for (kind, sent) in [
            (ExchangeErrorKind::Timeout, false),
            (ExchangeErrorKind::RedirectFailed, true),
        ] {
            let detail = "not written".to_owned();
            let (exchange, text) = read_back(b"", &Err(ExchangeError { kind, sent, detail }));
            let error = exchange.answer.unwrap_err();
            assert_eq!((error.kind, error.sent), (kind, sent));
            assert!(
                text.contains(r#""status":0,"#) && !text.contains("not written"),
                "{text}"
            );
        }
    }
}
