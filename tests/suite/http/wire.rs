//! What goes out, byte by byte.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{accept, failure, get, listen, post, read_head, serve_once, transport};
use adit::engine::exchange::ExchangeErrorKind;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

#[tokio::test]
async fn http_27_headers_go_out_in_order_with_the_connectors_casing() {
    let (listener, address) = listen().await;
    let mut request = get(&format!("http://{address}/v2/teams?limit=10&x=%20"));
    request.headers = [
        ("x-LOWER-first", "1"),
        ("Host", address.as_str()),
        ("aUTHORIZATION", "GenieKey secret"),
        ("User-Agent", "DataMiner/1.0"),
        ("Connection", "Keep-Alive"),
        ("WWW-thing", "a"),
        ("X-Empty", ""),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    let transport = transport();
    let (outcome, head) = tokio::join!(transport.send(request), serve_once(&listener, OK));
    outcome.unwrap();
    assert_eq!(
        head,
        format!(
            "GET /v2/teams?limit=10&x=%20 HTTP/1.1\r\nx-LOWER-first: 1\r\nHost: {address}\r\n\
             aUTHORIZATION: GenieKey secret\r\nUser-Agent: DataMiner/1.0\r\nConnection: Keep-Alive\r\n\
             WWW-thing: a\r\nX-Empty:\r\n\r\n"
        )
    );
}

#[tokio::test]
async fn http_27_headers_with_one_key_are_separate_lines_each_with_its_casing() {
    let (listener, address) = listen().await;
    let mut request = get(&format!("http://{address}/"));
    request.headers.push(("X-Key".to_owned(), "one".to_owned()));
    request.headers.push(("x-kEY".to_owned(), "two".to_owned()));
    request.headers.push(("Last".to_owned(), "3".to_owned()));
    let transport = transport();
    let (outcome, head) = tokio::join!(transport.send(request), serve_once(&listener, OK));
    outcome.unwrap();
    assert_eq!(
        head,
        format!("GET / HTTP/1.1\r\nHost: {address}\r\nX-Key: one\r\nx-kEY: two\r\nLast: 3\r\n\r\n")
    );
}

#[tokio::test]
async fn more_than_a_hundred_headers_keep_their_casing() {
    let (listener, address) = listen().await;
    let mut request = get(&format!("http://{address}/"));
    request
        .headers
        .extend((0..150).map(|number| (format!("x-Own-{number}"), "v".to_owned())));
    let transport = transport();
    let (outcome, head) = tokio::join!(transport.send(request), serve_once(&listener, OK));
    outcome.unwrap();
    assert!(head.contains("\r\nx-Own-0: v\r\n"));
    assert!(head.contains("\r\nx-Own-149: v\r\n"));
}

#[tokio::test]
async fn http_10_any_verb_is_sent_as_given() {
    let (listener, address) = listen().await;
    let mut request = get(&format!("http://{address}/"));
    request.method = "Reboot".to_owned();
    let transport = transport();
    let (outcome, head) = tokio::join!(transport.send(request), serve_once(&listener, OK));
    outcome.unwrap();
    assert!(head.starts_with("Reboot / HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_url_without_path_asks_for_the_root_and_user_and_password_stay_here() {
    let (listener, address) = listen().await;
    for (url, line) in [
        (format!("http://{address}"), "GET / HTTP/1.1\r\n"),
        (format!("http://{address}?a=b"), "GET /?a=b HTTP/1.1\r\n"),
        (format!("http://user:password@{address}/p"), "GET /p HTTP/1.1\r\n"),
    ] {
        let mut request = get(&url);
        request.headers = vec![("Host".to_owned(), address.clone())];
        let transport = transport();
        let (outcome, head) = tokio::join!(transport.send(request), serve_once(&listener, OK));
        outcome.unwrap();
        assert_eq!(head, format!("{line}Host: {address}\r\n\r\n"));
    }
}

#[tokio::test]
async fn http_24_a_bodyless_post_says_so_once() {
    let (listener, address) = listen().await;
    let request = post(&format!("http://{address}/"), b"");
    let transport = transport();
    let (outcome, head) = tokio::join!(transport.send(request), serve_once(&listener, OK));
    outcome.unwrap();
    assert_eq!(
        head,
        format!("POST / HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\n\r\n")
    );
}

#[tokio::test]
async fn a_large_body_arrives_whole() {
    let (listener, address) = listen().await;
    let body: Vec<u8> = (0..5_000_000_u32).map(|n| (n % 251) as u8).collect();
    let request = post(&format!("http://{address}/upload"), &body);
    let server = async {
        let mut stream = accept(&listener).await;
        let head = read_head(&mut stream).await;
        let mut received = vec![0; body.len()];
        stream.read_exact(&mut received).await.unwrap();
        stream.write_all(OK).await.unwrap();
        (head, received)
    };
    let transport = transport();
    let (outcome, (head, received)) = tokio::join!(transport.send(request), server);
    assert_eq!(outcome.unwrap().status, 200);
    assert!(head.contains("\r\nContent-Length: 5000000\r\n"));
    assert!(received == body);
}

#[tokio::test]
async fn err_a_request_that_cannot_be_written_is_refused_with_the_reason() {
    let good = || get("http://127.0.0.1:1/");
    let mut cases = Vec::new();
    for (url, reason) in [
        ("/relative", "the URL has no scheme"),
        ("ftp://host/", "the URL's scheme is neither http nor https"),
        ("http://", "the URL cannot be used: "),
        ("http://127.0.0.1:99999/", "the URL's port is none"),
        ("http://h ost/", "the URL cannot be used: "),
    ] {
        let mut request = good();
        request.url = url.to_owned();
        cases.push((request, reason));
    }
    for (name, value, reason) in [
        ("Na me", "x", "\"Na me\" is not a header name"),
        ("", "x", "\"\" is not a header name"),
        (
            "X-Key",
            "a\r\nInjected: b",
            "the value of the header X-Key has characters",
        ),
        ("Content-Length", "7", "the Content-Length is not that of the body"),
    ] {
        let mut request = good();
        request.headers.push((name.to_owned(), value.to_owned()));
        cases.push((request, reason));
    }
    for (method, reason) in [
        ("GE T", "\"GE T\" is not a verb"),
        ("CONNECT", "CONNECT is not supported"),
    ] {
        let mut request = good();
        request.method = method.to_owned();
        cases.push((request, reason));
    }
    let transport = transport();
    for (request, reason) in cases {
        let (kind, sent, detail) = failure(transport.send(request).await);
        assert_eq!((kind, sent), (ExchangeErrorKind::InvalidUrl, false), "{detail}");
        assert!(detail.contains(reason), "{detail}");
        assert!(!detail.contains("Injected"), "{detail}");
    }
}
