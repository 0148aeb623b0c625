//! What goes wrong, under which name, and whether the server may have seen the request (TMO-2, TMO-16).

use adit::engine::exchange::ExchangeErrorKind;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{SHORT, accept, answer, failure, get, listen, post, read_head, transport};

#[tokio::test]
async fn err_a_refused_connection() {
    let (listener, address) = listen().await;
    drop(listener);
    let (kind, sent, detail) = failure(transport().send(get(&format!("http://{address}/"))).await);
    assert_eq!((kind, sent), (ExchangeErrorKind::CannotConnect, false));
    assert!(detail.contains("refused"), "{detail}");
}

#[tokio::test]
async fn err_an_unknown_host_name() {
    // A label of more than 63 characters is refused before anybody is asked.
    let url = format!("http://{}.invalid/", "x".repeat(64));
    let (kind, sent, detail) = failure(transport().send(get(&url)).await);
    assert_eq!((kind, sent), (ExchangeErrorKind::NameNotResolved, false));
    assert!(detail.contains("the host name cannot be resolved"), "{detail}");
}

#[tokio::test]
async fn tmo_1_the_limit_holds_while_the_connection_is_made() {
    // TLS against a server that accepts and then says nothing: no byte of the request can be out.
    let (listener, address) = listen().await;
    let mut request = get(&format!("https://{address}/"));
    request.timeout = SHORT;
    let transport = transport();
    let (outcome, _stream) = tokio::join!(transport.send(request), accept(&listener));
    let (kind, sent, detail) = failure(outcome);
    assert_eq!((kind, sent), (ExchangeErrorKind::Timeout, false));
    assert_eq!(detail, "no connection within the time limit of 400 ms");
}

#[tokio::test]
async fn tmo_1_the_limit_holds_until_the_head_and_through_the_body() {
    for reply in [
        b"".as_slice(),
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
    ] {
        let (listener, address) = listen().await;
        let mut request = get(&format!("http://{address}/"));
        request.timeout = SHORT;
        let transport = transport();
        let (outcome, _stream) = tokio::join!(transport.send(request), async {
            let mut stream = accept(&listener).await;
            read_head(&mut stream).await;
            stream.write_all(reply).await.unwrap();
            stream
        });
        let (kind, sent, detail) = failure(outcome);
        assert_eq!((kind, sent), (ExchangeErrorKind::Timeout, true));
        assert_eq!(detail, "no complete response within the time limit of 400 ms");
    }
}

#[tokio::test]
async fn err_headers_without_end_are_given_up() {
    for piece in [b"X-More: and more\r\n".as_slice(), b"and more of one header line "] {
        let (listener, address) = listen().await;
        let transport = transport();
        let (outcome, ()) = tokio::join!(transport.send(get(&format!("http://{address}/"))), async {
            let mut stream = accept(&listener).await;
            read_head(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\nX-First: ").await.unwrap();
            // Until nobody listens any more.
            while stream.write_all(piece).await.is_ok() {}
        });
        let (kind, sent, _) = failure(outcome);
        assert_eq!((kind, sent), (ExchangeErrorKind::InvalidServerResponse, true));
    }
}

#[tokio::test]
async fn tmo_1_the_limit_holds_while_the_body_is_sent() {
    let (listener, address) = listen().await;
    let mut request = post(&format!("http://{address}/"), &vec![b'x'; 20_000_000]);
    request.timeout = SHORT;
    let transport = transport();
    let (outcome, _stream) = tokio::join!(transport.send(request), accept(&listener));
    assert_eq!(failure(outcome).0, ExchangeErrorKind::Timeout);
}

#[tokio::test]
async fn a_limit_without_end_is_no_problem() {
    let (listener, address) = listen().await;
    let mut request = get(&format!("http://{address}/"));
    request.timeout = adit::model::moment::Span(u64::MAX);
    let transport = transport();
    let reply = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    let (outcome, _) = tokio::join!(transport.send(request), super::serve_once(&listener, reply));
    assert_eq!(outcome.unwrap().status, 200);
}

#[tokio::test]
async fn err_a_reset_before_the_response() {
    let (listener, address) = listen().await;
    let transport = transport();
    let request = post(&format!("http://{address}/"), b"unread");
    let (outcome, ()) = tokio::join!(transport.send(request), reset_after_head(&listener));
    let (kind, sent, _) = failure(outcome);
    assert_eq!((kind, sent), (ExchangeErrorKind::ConnectionError, true));
}

async fn reset_after_head(listener: &TcpListener) {
    let mut stream = accept(listener).await;
    read_head(&mut stream).await;
    // A zero linger time makes the close a reset.
    stream.set_zero_linger().unwrap();
}

#[tokio::test]
async fn err_a_reset_in_the_body() {
    let (listener, address) = listen().await;
    let transport = transport();
    let server = async {
        let mut stream = accept(&listener).await;
        read_head(&mut stream).await;
        let half = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
        stream.write_all(half).await.unwrap();
        // In its next turn the client takes the half; a reset before that would take it away.
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        stream.set_zero_linger().unwrap();
    };
    let (outcome, ()) = tokio::join!(transport.send(get(&format!("http://{address}/"))), server);
    let (kind, sent, detail) = failure(outcome);
    assert_eq!((kind, sent), (ExchangeErrorKind::ConnectionError, true), "{detail}");
    assert!(detail.starts_with("the body is cut off or broken: "), "{detail}");
}

#[tokio::test]
async fn err_a_close_without_a_response() {
    let (kind, sent, detail) = failure(answer(b"").await);
    assert_eq!((kind, sent), (ExchangeErrorKind::ConnectionError, true));
    assert_eq!(detail, "the server closed the connection without a complete response");
}

#[tokio::test]
async fn err_what_is_not_http_and_what_is_cut_off() {
    for reply in [
        "SSH-2.0-OpenSSH_9.9\r\n",
        "<html>404</html>\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/3.7 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a size\r\n",
    ] {
        let (kind, sent, detail) = failure(answer(reply.as_bytes()).await);
        assert_eq!(
            (kind, sent),
            (ExchangeErrorKind::InvalidServerResponse, true),
            "{reply:?}: {detail}"
        );
    }
}

#[tokio::test]
async fn err_a_head_beyond_all_measure() {
    let long = format!("HTTP/1.1 200 OK\r\nX-Long: {}\r\n\r\n", "x".repeat(600_000));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-Many: x\r\n".repeat(1000));
    for reply in [long, many] {
        let (kind, sent, detail) = failure(answer_unread(reply.as_bytes()).await);
        assert_eq!(
            (kind, sent),
            (ExchangeErrorKind::InvalidServerResponse, true),
            "{detail}"
        );
    }
}

/// Like `answer`, for a client that stops reading.
async fn answer_unread(
    reply: &[u8],
) -> Result<adit::engine::exchange::Response, adit::engine::exchange::ExchangeError> {
    let (listener, address) = listen().await;
    let transport = transport();
    let request = get(&format!("http://{address}/"));
    let server = async {
        let mut stream = accept(&listener).await;
        read_head(&mut stream).await;
        let _ = stream.write_all(reply).await;
        let _ = stream.read(&mut [0; 1]).await;
    };
    tokio::join!(transport.send(request), server).0
}

#[tokio::test]
async fn the_first_response_counts_when_the_server_does_not_wait_for_the_body() {
    let (listener, address) = listen().await;
    let transport = transport();
    let request = post(&format!("http://{address}/"), &vec![b'x'; 20_000_000]);
    let (outcome, _stream) = tokio::join!(transport.send(request), async {
        let mut stream = accept(&listener).await;
        read_head(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n")
            .await
            .unwrap();
        stream
    });
    assert_eq!(outcome.unwrap().status, 413);
}
