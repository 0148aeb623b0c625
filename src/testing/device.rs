//! A device with a script: which request gets which answer, after how long.

use std::collections::BTreeMap;

use crate::engine::exchange::{ExchangeError, ExchangeErrorKind, Response};
use crate::model::moment::Span;
use crate::simulate::scenario::{Answer, Device};

/// The answers by request, such as `GET /a`.
#[derive(Debug, Default)]
pub(super) struct ScriptedDevice {
    answers: BTreeMap<String, Vec<Answer>>,
}

impl ScriptedDevice {
    /// `GET /a -> after 2s 200 [Name: value] body`.
    pub(super) fn add(&mut self, line: &str) {
        let (request, answer) = line
            .split_once(" -> ")
            .unwrap_or_else(|| panic!("an answer is `GET /path -> …`, not {line:?}"));
        self.answers
            .entry(request.trim().to_owned())
            .or_default()
            .push(parse(answer.trim()));
    }

    /// Who answers requests: answers of one request come in order, the last one repeats.
    pub(super) fn into_device(self) -> Device {
        let mut asked: BTreeMap<String, usize> = BTreeMap::new();
        Box::new(move |request| {
            let path = request
                .url
                .split_once("://")
                .and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
            let key = format!("{} {}", request.method, path.unwrap_or("/"));
            let Some(answers) = self.answers.get(&key) else {
                let detail = format!("the device has no answer to {key}");
                return (
                    Span::ZERO,
                    Err(failure(ExchangeErrorKind::CannotConnect, false, &detail)),
                );
            };
            let nth = asked.entry(key).or_default();
            let answer = answers[(*nth).min(answers.len() - 1)].clone();
            *nth += 1;
            answer
        })
    }
}

fn parse(text: &str) -> Answer {
    let (delay, text) = match text.strip_prefix("after ") {
        Some(rest) => {
            let (delay, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            let delay = delay
                .parse()
                .unwrap_or_else(|wrong| panic!("cannot answer after {wrong}"));
            (delay, rest)
        }
        None => (Span::ZERO, text),
    };
    let failed = match text {
        "refused" => Some((ExchangeErrorKind::CannotConnect, false)),
        "timeout" => Some((ExchangeErrorKind::Timeout, true)),
        "reset" => Some((ExchangeErrorKind::ConnectionError, true)),
        "dns" => Some((ExchangeErrorKind::NameNotResolved, false)),
        "tls" => Some((ExchangeErrorKind::SecureFailure, false)),
        _ => None,
    };
    match failed {
        Some((kind, sent)) => (delay, Err(failure(kind, sent, text))),
        None => (delay, Ok(response(text))),
    }
}

fn failure(kind: ExchangeErrorKind, sent: bool, detail: &str) -> ExchangeError {
    let detail = detail.to_owned();
    ExchangeError { kind, sent, detail }
}

/// `404 [Name: value] body`, or only a body.
fn response(text: &str) -> Response {
    let (word, after) = text.split_once(' ').unwrap_or((text, ""));
    let (status, mut rest) = match word.parse::<u16>() {
        Ok(status) => (status, after),
        Err(_) => (200, text),
    };
    let mut headers = Vec::new();
    while let Some((header, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let Some((name, value)) = header.split_once(": ") else {
            break;
        };
        headers.push((name.to_owned(), value.to_owned()));
        rest = after.trim_start();
    }
    let reason = http::StatusCode::from_u16(status)
        .ok()
        .and_then(|code| code.canonical_reason());
    Response {
        version: "HTTP/1.1".to_owned(),
        status,
        reason: reason.unwrap_or_default().to_owned(),
        headers,
        body: rest.as_bytes().into(),
    }
}
