//! How long connections live, and who shares them.

use adit::element::world::Network;
use adit::engine::exchange::TransportId;
use adit::http::HttpNetwork;
use adit::model::id::ElementId;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{SHORT, accept, failure, get, listen, options, read_head, transport};
use adit::engine::exchange::ExchangeErrorKind;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Answers one request and keeps the connection.
async fn serve(stream: &mut TcpStream) {
    read_head(stream).await;
    stream.write_all(OK).await.unwrap();
}

/// Whether the client has closed the connection.
async fn is_closed(mut stream: TcpStream) -> bool {
    matches!(stream.read(&mut [0; 1]).await, Ok(0) | Err(_))
}

#[tokio::test]
async fn http_70_a_transport_reuses_its_connection() {
    let (listener, address) = listen().await;
    let transport = transport();
    let client = async {
        for _ in 0..3 {
            let response = transport.send(get(&format!("http://{address}/"))).await.unwrap();
            assert_eq!(&*response.body, b"ok");
        }
    };
    let server = async {
        let mut stream = accept(&listener).await;
        for _ in 0..3 {
            serve(&mut stream).await;
        }
    };
    tokio::join!(client, server);
}

#[tokio::test]
async fn http_71_a_connection_the_server_closed_is_reopened_without_a_word() {
    let (listener, address) = listen().await;
    let transport = transport();
    for _ in 0..20 {
        let server = async {
            let mut stream = accept(&listener).await;
            serve(&mut stream).await;
        };
        let (outcome, ()) = tokio::join!(transport.send(get(&format!("http://{address}/"))), server);
        outcome.unwrap();
    }
}

#[tokio::test]
async fn a_connection_on_which_the_server_speaks_unasked_is_replaced() {
    let (listener, address) = listen().await;
    let transport = transport();
    let url = format!("http://{address}/");
    let first = async {
        let mut stream = accept(&listener).await;
        serve(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
            .await
            .unwrap();
        stream
    };
    let (outcome, _first) = tokio::join!(transport.send(get(&url)), first);
    outcome.unwrap();
    let second = async { serve(&mut accept(&listener).await).await };
    let (outcome, ()) = tokio::join!(transport.send(get(&url)), second);
    assert_eq!(outcome.unwrap().status, 200);
}

#[tokio::test]
async fn a_reset_after_the_request_is_never_sent_again() {
    let (listener, address) = listen().await;
    let transport = transport();
    let url = format!("http://{address}/");
    let server = async {
        let mut stream = accept(&listener).await;
        serve(&mut stream).await;
        read_head(&mut stream).await;
        drop(stream);
        accept(&listener).await
    };
    let client = async {
        transport.send(get(&url)).await.unwrap();
        failure(transport.send(get(&url)).await)
    };
    let (kind, sent, _) = tokio::select! {
        failure = client => failure,
        _ = server => panic!("the request came twice"),
    };
    assert_eq!((kind, sent), (ExchangeErrorKind::ConnectionError, true));
}

#[tokio::test]
async fn connection_close_is_obeyed() {
    let (listener, address) = listen().await;
    let transport = transport();
    for _ in 0..2 {
        let server = async {
            let mut stream = accept(&listener).await;
            read_head(&mut stream).await;
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
                .await
                .unwrap();
            stream
        };
        let (outcome, stream) = tokio::join!(transport.send(get(&format!("http://{address}/"))), server);
        outcome.unwrap();
        assert!(is_closed(stream).await);
    }
}

#[tokio::test]
async fn http_72_transports_do_not_share_connections_and_neither_do_elements() {
    let (listener, address) = listen().await;
    let network = HttpNetwork::new(&options()).unwrap();
    let one = network.transport(ElementId(1));
    let two = network.transport(ElementId(2));
    let mut other = get(&format!("http://{address}/"));
    other.transport = TransportId(2);
    let first = get(&format!("http://{address}/"));
    let mut open = Vec::new();
    for (transport, request) in [(&one, first.clone()), (&one, other), (&two, first)] {
        let server = async {
            let mut stream = accept(&listener).await;
            serve(&mut stream).await;
            stream
        };
        let (outcome, stream) = tokio::join!(transport.send(request), server);
        outcome.unwrap();
        open.push(stream);
    }
    assert_eq!(open.len(), 3);
}

#[tokio::test]
async fn closing_a_transport_closes_its_connections_and_no_others() {
    let (listener, address) = listen().await;
    let transport = transport();
    let mut streams = Vec::new();
    for id in [1, 2] {
        let mut request = get(&format!("http://{address}/"));
        request.transport = TransportId(id);
        let server = async {
            let mut stream = accept(&listener).await;
            serve(&mut stream).await;
            stream
        };
        let (outcome, stream) = tokio::join!(transport.send(request), server);
        outcome.unwrap();
        streams.push(stream);
    }
    let mut second = streams.pop().unwrap();
    transport.close(TransportId(1));
    assert!(is_closed(streams.pop().unwrap()).await);

    let mut request = get(&format!("http://{address}/"));
    request.transport = TransportId(2);
    let (outcome, ()) = tokio::join!(transport.send(request), serve(&mut second));
    outcome.unwrap();
}

#[tokio::test]
async fn a_transport_closed_during_a_request_finishes_it_and_keeps_nothing() {
    let (listener, address) = listen().await;
    let transport = transport();
    let server = async {
        let mut stream = accept(&listener).await;
        read_head(&mut stream).await;
        transport.close(TransportId(1));
        stream.write_all(OK).await.unwrap();
        stream
    };
    let (outcome, stream) = tokio::join!(transport.send(get(&format!("http://{address}/"))), server);
    outcome.unwrap();
    assert!(is_closed(stream).await);
}

#[tokio::test]
async fn dropping_the_transport_closes_its_connections() {
    let (listener, address) = listen().await;
    let transport = transport();
    let server = async {
        let mut stream = accept(&listener).await;
        serve(&mut stream).await;
        stream
    };
    let (outcome, stream) = tokio::join!(transport.send(get(&format!("http://{address}/"))), server);
    outcome.unwrap();
    drop(transport);
    assert!(is_closed(stream).await);
}

#[tokio::test]
async fn only_so_many_idle_connections_are_kept() {
    let (listener, address) = listen().await;
    let transport = transport();
    let url = format!("http://{address}/");
    let requests: Vec<_> = (0..9).map(|_| tokio::spawn(transport.send(get(&url)))).collect();
    let mut streams = Vec::new();
    for _ in 0..9 {
        let mut stream = accept(&listener).await;
        read_head(&mut stream).await;
        streams.push(stream);
    }
    for stream in &mut streams {
        stream.write_all(OK).await.unwrap();
    }
    for request in requests {
        request.await.unwrap().unwrap();
    }
    // Of the nine the one that came to rest first is closed, whichever that was.
    let closed: Vec<_> = streams.into_iter().map(|stream| Box::pin(is_closed(stream))).collect();
    let mut closed = tokio::task::JoinSet::from_iter(closed);
    assert!(closed.join_next().await.unwrap().unwrap());
    assert!(closed.try_join_next().is_none());
}

#[tokio::test]
async fn giving_a_request_up_closes_its_connection() {
    let (listener, address) = listen().await;
    let transport = transport();
    let request = transport.send(get(&format!("http://{address}/")));
    let mut stream = tokio::select! {
        _ = request => panic!("nobody answered"),
        stream = async {
            let mut stream = accept(&listener).await;
            read_head(&mut stream).await;
            stream
        } => stream,
    };
    assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_request_that_timed_out_does_not_leave_its_connection_to_the_next() {
    let (listener, address) = listen().await;
    let transport = transport();
    let url = format!("http://{address}/");
    let mut hasty = get(&url);
    hasty.timeout = SHORT;
    let (outcome, late) = tokio::join!(transport.send(hasty), async {
        let mut stream = accept(&listener).await;
        read_head(&mut stream).await;
        stream
    });
    assert_eq!(failure(outcome).0, ExchangeErrorKind::Timeout);
    assert!(is_closed(late).await);
    let (outcome, ()) = tokio::join!(transport.send(get(&url)), async {
        serve(&mut accept(&listener).await).await;
    });
    outcome.unwrap();
}
