//! Through proxies: who is asked, how, and what their refusals become (PRT-15 to PRT-17).

use adit::engine::exchange::{CertificateCheck, ExchangeErrorKind, Proxy, Request, TransportId};
use adit::http::{HttpOptions, SystemProxy};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use super::secure::{Site, serve_tls};
use super::{accept, failure, get, listen, options, read_head, serve_once, transport, transport_with};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn through(url: &str, proxy: &str, credentials: Option<(&str, &str)>) -> Request {
    let mut request = get(url);
    request.proxy = Proxy::Server {
        address: proxy.to_owned(),
        credentials: credentials.map(|(user, password)| (user.to_owned(), password.to_owned())),
    };
    request
}

/// A proxy that makes one tunnel to `server`.
async fn tunnel_once(listener: &TcpListener, server: &str) -> String {
    tunnel(accept(listener).await, server).await
}

async fn tunnel(mut client: impl AsyncRead + AsyncWrite + Unpin, server: &str) -> String {
    let head = read_head(&mut client).await;
    let mut server = TcpStream::connect(server).await.unwrap();
    client
        .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
        .await
        .unwrap();
    // The other side may end the tunnel in any way it likes.
    let _ = copy_bidirectional(&mut client, &mut server).await;
    head
}

#[tokio::test]
async fn http_is_handed_to_the_proxy_with_the_whole_url_and_the_password() {
    let (listener, proxy) = listen().await;
    let request = through("http://device.example:8080/a?b=c", &proxy, Some(("user", "secret")));
    let transport = transport();
    let (outcome, head) = tokio::join!(transport.send(request), serve_once(&listener, OK));
    assert_eq!(outcome.unwrap().status, 200);
    assert_eq!(
        head,
        "GET http://device.example:8080/a?b=c HTTP/1.1\r\nHost: device.example:8080\r\n\
         Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n\r\n"
    );
}

#[tokio::test]
async fn the_connectors_own_proxy_authorization_wins() {
    let (listener, proxy) = listen().await;
    let mut request = through(
        "http://device.example/",
        &format!("http://{proxy}"),
        Some(("user", "secret")),
    );
    request
        .headers
        .push(("proxy-authorization".to_owned(), "Own x".to_owned()));
    let transport = transport();
    let (outcome, head) = tokio::join!(transport.send(request), serve_once(&listener, OK));
    outcome.unwrap();
    assert!(head.ends_with("\r\nproxy-authorization: Own x\r\n\r\n"), "{head}");
    assert!(!head.contains("Basic"));
}

#[tokio::test]
async fn https_goes_through_a_tunnel_and_the_password_does_not_reach_the_server() {
    let (listener, proxy) = listen().await;
    let (server, address) = listen().await;
    let site = Site::named("127.0.0.1");
    let transport = transport_with(&site.trusted());
    let request = through(&format!("https://{address}/x"), &proxy, Some(("user", "secret")));
    let (outcome, connect, head) = tokio::join!(
        async {
            let outcome = transport.send(request).await;
            transport.close(TransportId(1));
            outcome
        },
        tunnel_once(&listener, &address),
        serve_tls(&server, &site, OK)
    );
    assert_eq!(outcome.unwrap().status, 200);
    assert_eq!(
        connect,
        format!("CONNECT {address} HTTP/1.1\r\nHost: {address}\r\nProxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n\r\n")
    );
    assert_eq!(head, Some(format!("GET /x HTTP/1.1\r\nHost: {address}\r\n\r\n")));
}

#[tokio::test]
async fn a_proxy_may_itself_be_spoken_to_by_tls() {
    let (listener, proxy) = listen().await;
    let (server, address) = listen().await;
    let site = Site::named("127.0.0.1");
    let transport = transport_with(&site.trusted());
    let request = through(&format!("https://{address}/x"), &format!("https://{proxy}"), None);
    let (outcome, connect, head) = tokio::join!(
        async {
            let outcome = transport.send(request).await;
            transport.close(TransportId(1));
            outcome
        },
        async { tunnel(site.accept(&listener).await.unwrap(), &address).await },
        serve_tls(&server, &site, OK)
    );
    assert_eq!(outcome.unwrap().status, 200);
    assert!(
        connect.starts_with(&format!("CONNECT {address} HTTP/1.1\r\n")),
        "{connect}"
    );
    assert!(head.unwrap().starts_with("GET /x HTTP/1.1\r\n"));
}

#[tokio::test]
async fn err_a_tunnel_that_the_proxy_refuses() {
    for (reply, why) in [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
            "407 Proxy Authentication Required",
        ),
        (
            "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
            "502 Bad Gateway",
        ),
        ("HTTP/1.1 200 OK\r\n\r\nand more", "it sent more than its answer"),
        ("garbage\r\n\r\n", "invalid HTTP version parsed"),
        ("", "connection closed before message completed"),
    ] {
        let (listener, proxy) = listen().await;
        let request = through("https://device.example/", &proxy, None);
        let transport = transport();
        let (outcome, connect) = tokio::join!(transport.send(request), serve_once(&listener, reply.as_bytes()));
        assert_eq!(
            connect,
            "CONNECT device.example:443 HTTP/1.1\r\nHost: device.example:443\r\n\r\n"
        );
        let (kind, sent, detail) = failure(outcome);
        assert_eq!((kind, sent), (ExchangeErrorKind::CannotConnect, false), "{detail}");
        assert_eq!(detail, format!("the proxy gave no tunnel: {why}"));
    }
}

#[tokio::test]
async fn what_a_proxy_answers_to_a_plain_request_is_the_response() {
    let (listener, proxy) = listen().await;
    let request = through("http://device.example/", &proxy, None);
    let transport = transport();
    let reply = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
    let (outcome, _) = tokio::join!(transport.send(request), serve_once(&listener, reply));
    assert_eq!(outcome.unwrap().status, 407);
}

#[tokio::test]
async fn prt_16_the_systems_proxy_is_used_unless_the_host_is_excepted() {
    let (listener, proxy) = listen().await;
    let (server, address) = listen().await;
    let transport = transport_with(&HttpOptions {
        system_proxy: SystemProxy::Given {
            address: format!("http://name:word@{proxy}"),
            except: "127.0.0.0/8".to_owned(),
        },
        ..options()
    });
    let mut request = get("http://device.example/");
    request.proxy = Proxy::System;
    let (outcome, head) = tokio::join!(transport.send(request), serve_once(&listener, OK));
    outcome.unwrap();
    assert_eq!(
        head,
        "GET http://device.example/ HTTP/1.1\r\nHost: device.example\r\nProxy-Authorization: Basic bmFtZTp3b3Jk\r\n\r\n"
    );

    let mut request = get(&format!("http://{address}/"));
    request.proxy = Proxy::System;
    let (outcome, head) = tokio::join!(transport.send(request), serve_once(&server, OK));
    outcome.unwrap();
    assert!(head.starts_with("GET / HTTP/1.1\r\n"));
}

#[tokio::test]
async fn prt_15_bypass_goes_straight_past_the_systems_proxy() {
    let (server, address) = listen().await;
    let transport = transport_with(&HttpOptions {
        system_proxy: SystemProxy::Given {
            address: "http://127.0.0.1:1".to_owned(),
            except: String::new(),
        },
        ..options()
    });
    let (outcome, head) = tokio::join!(
        transport.send(get(&format!("http://{address}/"))),
        serve_once(&server, OK)
    );
    outcome.unwrap();
    assert!(head.starts_with("GET / HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_connection_through_a_proxy_is_not_used_for_a_straight_request() {
    let (listener, proxy) = listen().await;
    let (server, address) = listen().await;
    let url = format!("http://{address}/");
    let transport = transport();
    let (outcome, _kept) = tokio::join!(transport.send(through(&url, &proxy, None)), async {
        let mut stream = accept(&listener).await;
        read_head(&mut stream).await;
        stream.write_all(OK).await.unwrap();
        stream
    });
    outcome.unwrap();
    let (outcome, head) = tokio::join!(transport.send(get(&url)), serve_once(&server, OK));
    outcome.unwrap();
    assert!(head.starts_with("GET / HTTP/1.1\r\n"));
}

#[tokio::test]
async fn err_a_proxy_that_is_not_there_or_not_usable() {
    let (listener, gone) = listen().await;
    drop(listener);
    for (proxy, why) in [
        (gone.as_str(), "refused"),
        (
            "socks5://127.0.0.1:1080",
            "proxies of the kind socks5 are not supported",
        ),
        ("not a host", "the address of the proxy server is not usable"),
    ] {
        let mut request = through("https://device.example/", proxy, None);
        request.certificate = CertificateCheck::Skip;
        let (kind, sent, detail) = failure(transport().send(request).await);
        assert_eq!((kind, sent), (ExchangeErrorKind::CannotConnect, false));
        assert!(detail.contains(why), "{detail}");
    }
}
