//! Which entry of a cassette answers a request.

use adit::engine::exchange::{CertificateCheck, ClientCertificate, Proxy, Request, TransportId};
use adit::model::id::ConnectionId;
use adit::model::moment::Span;
use adit::simulate::cassette::Cassette;
use adit::simulate::replay::Replay;

fn request(method: &str, url: &str, body: &str) -> Request {
    Request {
        session: None,
        exchange: None,
        connection: ConnectionId(0),
        method: method.to_owned(),
        url: url.to_owned(),
        headers: Vec::new(),
        body: body.as_bytes().into(),
        timeout: Span(1500),
        transport: TransportId(1),
        proxy: Proxy::Bypass,
        certificate: CertificateCheck::Verify,
        client_certificate: ClientCertificate::Withheld,
    }
}

fn cassette() -> Replay {
    Replay::new(Cassette::parse(include_str!("../../../fixtures/cassettes/matching.har")).unwrap())
}

/// What each request is answered with, in order.
fn answers(replay: &mut Replay, requests: &[(&str, &str, &str)]) -> String {
    let mut told = String::new();
    for (method, url, body) in requests {
        let (after, answer) = replay.answer(&request(method, url, body));
        let answer = match answer {
            Ok(response) => format!("{} {}", response.status, response.text()),
            Err(error) => format!("{}{}", error.report(), if error.sent { " sent" } else { "" }),
        };
        told.push_str(format!("{method} {url} {body}").trim_end());
        told.push_str(format!(" -> {after}, {}\n", answer.trim_end()).as_str());
    }
    told
}

#[test]
fn method_path_and_query_find_the_answers_in_order_and_the_last_repeats() {
    let told = answers(
        &mut cassette(),
        &[
            ("GET", "http://another/a?x=1", ""),
            ("GET", "http://another/a", ""),
            ("GET", "http://another/%61?x=1", ""),
            ("GET", "http://another/a?x=1", "a body that no entry has"),
            ("POST", "http://another/a?x=1", "another body"),
        ],
    );
    insta::assert_snapshot!(told, @r"
    GET http://another/a?x=1 -> 11 ms, 200 first
    GET http://another/a -> 0 ms, 404
    GET http://another/%61?x=1 -> 20 ms, 200 second
    GET http://another/a?x=1 a body that no entry has -> 20 ms, 200 second
    POST http://another/a?x=1 another body -> 0 ms, 201
    ");
}

#[test]
fn the_body_counts_where_entries_differ_only_there() {
    let told = answers(
        &mut cassette(),
        &[
            ("POST", "http://d/b", "two"),
            ("POST", "http://d/b", "one"),
            ("POST", "http://d/b", "two"),
            ("POST", "http://d/b", "one"),
            ("POST", "http://d/b", "one"),
            ("POST", "http://d/b", "key=k&n=3"),
            ("POST", "http://d/b", "key=k&n=4"),
        ],
    );
    insta::assert_snapshot!(told, @r"
    POST http://d/b two -> 0 ms, 200 2
    POST http://d/b one -> 0 ms, 200 1a
    POST http://d/b two -> 0 ms, 200 2
    POST http://d/b one -> 0 ms, 200 1b
    POST http://d/b one -> 0 ms, 200 1b
    POST http://d/b key=k&n=3 -> 0 ms, 200 3
    POST http://d/b key=k&n=4 -> 0 ms, Error : 12029. [ERROR_WINHTTP_CANNOT_CONNECT]
    ");
}

#[test]
fn a_secret_that_was_masked_stands_for_any_text() {
    let told = answers(
        &mut cassette(),
        &[
            ("GET", "http://d/c?token=abc%20d", ""),
            ("GET", "http://d/c?token=", ""),
            ("GET", "http://d/c?other=1", ""),
        ],
    );
    insta::assert_snapshot!(told, @r"
    GET http://d/c?token=abc%20d -> 0 ms, 200 with a secret
    GET http://d/c?token= -> 0 ms, 200 with a secret
    GET http://d/c?other=1 -> 0 ms, Error : 12029. [ERROR_WINHTTP_CANNOT_CONNECT]
    ");
}

#[test]
fn failures_come_as_they_are_named() {
    insta::assert_snapshot!(answers(&mut cassette(), &[("GET", "http://d/failing", ""); 7]), @r"
    GET http://d/failing -> 1500 ms, Error : 12002. [ERROR_WINHTTP_TIMEOUT] sent
    GET http://d/failing -> 7 ms, Error : 12002. [ERROR_WINHTTP_TIMEOUT] sent
    GET http://d/failing -> 5 ms, Error : 12029. [ERROR_WINHTTP_CANNOT_CONNECT]
    GET http://d/failing -> 5 ms, Error : 12030. [ERROR_WINHTTP_CONNECTION_ERROR] sent
    GET http://d/failing -> 5 ms, Error : 12175. [ERROR_WINHTTP_SECURE_FAILURE]
    GET http://d/failing -> 5 ms, Error : 12007. [ERROR_WINHTTP_NAME_NOT_RESOLVED]
    GET http://d/failing -> 5 ms, Error : 12007. [ERROR_WINHTTP_NAME_NOT_RESOLVED]
    ");
}

#[test]
fn err_requests_without_an_entry_are_refused_and_listed_once() {
    let mut replay = cassette();
    for number in [1, 2, 1] {
        let (after, answer) = replay.answer(&request("PUT", &format!("http://d/{number}"), ""));
        let error = answer.unwrap_err();
        assert_eq!(
            (after, error.sent, error.report().as_str()),
            (Span::ZERO, false, "Error : 12029. [ERROR_WINHTTP_CANNOT_CONNECT]")
        );
    }
    let (listed, more) = replay.unmatched();
    let listed: Vec<(&str, usize)> = listed.iter().map(|one| (one.url.as_str(), one.times)).collect();
    assert_eq!((listed, more), (vec![("http://d/1", 2), ("http://d/2", 1)], 0));
    for number in 0..1000 {
        let _ = replay.answer(&request("GET", &format!("http://d/x{number}"), ""));
    }
    assert_eq!((replay.unmatched().0.len(), replay.unmatched().1), (100, 902));
}
