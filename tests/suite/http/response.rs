//! What comes in: status lines, headers, bodies and their codings.

use std::io::Write;

use adit::engine::exchange::ExchangeErrorKind;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use super::{answer, answer_to, failure, get, listen, options, serve_once, transport_with};

#[tokio::test]
async fn a_plain_exchange() {
    let response = answer(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello")
        .await
        .unwrap();
    assert_eq!(response.status_line(), "HTTP/1.1 200 OK");
    assert_eq!(response.header("content-TYPE"), Some("text/plain"));
    assert_eq!(&*response.body, b"hello");
}

#[tokio::test]
async fn http_30_the_status_line_is_the_one_received() {
    for (received, shown) in [
        ("HTTP/1.1 200 Fine by me", "HTTP/1.1 200 Fine by me"),
        ("HTTP/1.1 404", "HTTP/1.1 404 Not Found"),
        ("HTTP/1.1 404 ", "HTTP/1.1 404 Not Found"),
        ("HTTP/1.0 200 OK", "HTTP/1.0 200 OK"),
        ("HTTP/1.1 599 Out of paper", "HTTP/1.1 599 Out of paper"),
        ("HTTP/1.1 599", "HTTP/1.1 599 "),
        (
            "HTTP/1.1 500 Internal Server Error",
            "HTTP/1.1 500 Internal Server Error",
        ),
    ] {
        let response = answer(format!("{received}\r\nContent-Length: 0\r\n\r\n").as_bytes())
            .await
            .unwrap();
        assert_eq!(response.status_line(), shown);
    }
}

#[tokio::test]
async fn headers_come_in_arrival_order_repeated_and_beyond_ascii() {
    let response = answer(
        b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nX-Name: Ren\xe9\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n",
    )
    .await
    .unwrap();
    let pairs: Vec<_> = response
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        pairs,
        [
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
            ("x-name", "René"),
            ("content-length", "0"),
        ]
    );
}

#[tokio::test]
async fn devices_that_write_headers_badly_are_understood() {
    let response = answer(b"HTTP/1.1 200 OK\r\nX-Folded: one\r\n two\r\nX-Blank : three\r\nno header at all\r\nContent-Length: 2\r\n\r\nok")
        .await
        .unwrap();
    assert_eq!(response.header("X-Folded"), Some("one two"));
    assert_eq!(response.header("X-Blank"), Some("three"));
    assert_eq!(&*response.body, b"ok");
}

#[tokio::test]
async fn informational_responses_are_passed_over() {
    let response = answer(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\n!",
    )
    .await
    .unwrap();
    assert_eq!(response.status_line(), "HTTP/1.1 201 Created");
    assert_eq!(response.header("Link"), None);
    assert_eq!(&*response.body, b"!");
}

#[tokio::test]
async fn http_33_a_chunked_body_is_put_together() {
    let response = answer(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7;ext=1\r\n, world\r\n0\r\nTrailer: x\r\n\r\n",
    )
    .await
    .unwrap();
    assert_eq!(&*response.body, b"hello, world");
}

#[tokio::test]
async fn a_body_without_length_lasts_until_the_server_closes() {
    let response = answer(b"HTTP/1.0 200 OK\r\n\r\nall of it").await.unwrap();
    assert_eq!(&*response.body, b"all of it");
}

#[tokio::test]
async fn http_34_responses_without_body_have_an_empty_one_whatever_their_headers_say() {
    let gzip = "Content-Encoding: gzip\r\n";
    for (method, reply) in [
        ("HEAD", format!("HTTP/1.1 200 OK\r\n{gzip}Content-Length: 1000\r\n\r\n")),
        ("GET", format!("HTTP/1.1 204 No Content\r\n{gzip}\r\n")),
        (
            "GET",
            format!("HTTP/1.1 304 Not Modified\r\n{gzip}Content-Length: 1000\r\n\r\n"),
        ),
        ("GET", format!("HTTP/1.1 200 OK\r\n{gzip}Content-Length: 0\r\n\r\n")),
    ] {
        let response = answer_to(method, reply.as_bytes()).await.unwrap();
        assert!(response.body.is_empty(), "{method} {reply}");
        assert_eq!(response.header("Content-Encoding"), Some("gzip"));
    }
}

#[tokio::test]
async fn http_33_content_codings_are_undone() {
    let text = b"{\"data\":[]}".repeat(50);
    for (coding, body) in [
        ("gzip", gzip(&text)),
        ("deflate", zlib(&text)),
        ("deflate", raw_deflate(&text)),
        ("deflate, gzip", gzip(&zlib(&text))),
        ("br", text.clone()),
    ] {
        let response = answer(&coded(coding, &body)).await.unwrap();
        assert_eq!(&*response.body, text, "{coding}");
        assert_eq!(response.header("Content-Encoding"), Some(coding));
    }
}

#[tokio::test]
async fn err_a_body_beyond_the_limit_is_refused_as_received_and_as_decoded() {
    let small = adit::http::HttpOptions {
        body_limit: 1000,
        ..options()
    };
    let large = [b'x'; 1001];
    let announced = [b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n".as_slice(), &large].concat();
    let unannounced = [b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &large].concat();
    let bomb = coded("gzip", &gzip(&[0; 100_000]));
    for reply in [announced, unannounced, bomb] {
        let (kind, sent, detail) = failure(limited(&small, &reply).await);
        assert_eq!((kind, sent), (ExchangeErrorKind::InvalidServerResponse, true));
        assert_eq!(detail, "the body is larger than the limit of 1000 bytes");
    }
    let allowed = [b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &large[1..]].concat();
    assert_eq!(limited(&small, &allowed).await.unwrap().body.len(), 1000);
}

async fn limited(
    options: &adit::http::HttpOptions,
    reply: &[u8],
) -> Result<adit::engine::exchange::Response, adit::engine::exchange::ExchangeError> {
    let (listener, address) = listen().await;
    let transport = transport_with(options);
    let request = get(&format!("http://{address}/"));
    tokio::join!(transport.send(request), serve_once(&listener, reply)).0
}

fn coded(coding: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn raw_deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
