//! Client certificates: shown where a session logs in with one, an empty list everywhere else (HTTP-64).

use std::io::Write;

use adit::engine::exchange::{CertificateCheck, ClientCertificate, Request, Response, TransportId};
use adit::http::{ClientCertificateFiles, HttpNetwork, HttpOptions, HttpSetupError};
use rcgen::{CertificateParams, KeyPair};
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt;

use super::secure::Site;
use super::{get, listen, options, read_head, transport_with};

/// A file with these texts.
fn file(texts: &[&str]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(texts.concat().as_bytes()).unwrap();
    file
}

/// A certificate and its key.
fn certificate() -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["agent".to_owned()]).unwrap();
    (certificate.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

fn with(certificate: &NamedTempFile, key: &NamedTempFile) -> HttpOptions {
    HttpOptions {
        client_certificate: Some(ClientCertificateFiles {
            certificate: certificate.path().to_owned(),
            key: key.path().to_owned(),
        }),
        ..options()
    }
}

/// Whether a server that asks for a certificate is shown one.
async fn is_shown(options: &HttpOptions, change: impl FnOnce(&mut Request)) -> (bool, Response) {
    let (listener, address) = listen().await;
    let site = Site::asking("127.0.0.1");
    let trusted = HttpOptions {
        extra_ca: site.trusted().extra_ca,
        ..options.clone()
    };
    let mut request = get(&format!("https://{address}/"));
    change(&mut request);
    let transport = transport_with(&trusted);
    let (outcome, shown) = tokio::join!(transport.send(request), async {
        let mut stream = site.accept(&listener).await.unwrap();
        read_head(&mut stream).await;
        let reply = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(reply).await.unwrap();
        stream.get_ref().1.peer_certificates().is_some()
    });
    (shown, outcome.unwrap())
}

fn show(request: &mut Request) {
    request.client_certificate = ClientCertificate::Shown;
}

#[tokio::test]
async fn http_64_a_login_with_a_certificate_shows_it_with_and_without_a_check_of_the_server() {
    let (certificate, key) = certificate();
    let (certificate, key) = (file(&[&certificate]), file(&[&key]));
    let options = with(&certificate, &key);
    assert!(is_shown(&options, show).await.0);
    let unchecked = |request: &mut Request| {
        show(request);
        request.certificate = CertificateCheck::Skip;
    };
    assert!(is_shown(&options, unchecked).await.0);
}

#[tokio::test]
async fn http_64_certificate_and_key_may_be_in_one_file() {
    let (certificate, key) = certificate();
    let both = file(&[&certificate, &key]);
    assert!(is_shown(&with(&both, &both), show).await.0);
}

#[tokio::test]
async fn http_64_nobody_else_shows_it_and_without_one_an_empty_list_is_shown() {
    let (certificate, key) = certificate();
    let both = file(&[&certificate, &key]);
    let (shown, response) = is_shown(&with(&both, &both), |_| {}).await;
    assert_eq!((shown, response.status), (false, 200));
    let (shown, response) = is_shown(&options(), show).await;
    assert_eq!((shown, response.status), (false, 200));
}

#[tokio::test]
async fn http_64_a_connection_without_it_is_not_used_for_a_request_with_it() {
    let (certificate, key) = certificate();
    let both = file(&[&certificate, &key]);
    let (listener, address) = listen().await;
    let site = Site::asking("127.0.0.1");
    let options = HttpOptions {
        extra_ca: site.trusted().extra_ca,
        ..with(&both, &both)
    };
    let transport = transport_with(&options);
    let request = |client_certificate| Request {
        client_certificate,
        transport: TransportId(1),
        ..get(&format!("https://{address}/"))
    };
    let mut shown = Vec::new();
    for client_certificate in [ClientCertificate::Withheld, ClientCertificate::Shown] {
        let (outcome, seen) = tokio::join!(transport.send(request(client_certificate)), async {
            let mut stream = site.accept(&listener).await.unwrap();
            read_head(&mut stream).await;
            let reply = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
            stream.write_all(reply).await.unwrap();
            let seen = stream.get_ref().1.peer_certificates().is_some();
            (stream, seen)
        });
        outcome.unwrap();
        shown.push(seen);
    }
    let shown: Vec<bool> = shown.iter().map(|(_, seen)| *seen).collect();
    assert_eq!(shown, [false, true]);
}

#[test]
fn err_http_64_files_that_cannot_be_used() {
    let (certificate, key) = certificate();
    let (certificate, key, empty) = (file(&[&certificate]), file(&[&key]), file(&[]));
    let error = |certificate, key| HttpNetwork::new(&with(certificate, key)).unwrap_err();
    assert!(matches!(error(&empty, &key), HttpSetupError::NoCa { .. }));
    let unreadable = error(&certificate, &empty);
    assert!(matches!(unreadable, HttpSetupError::UnreadableClientCertificate { .. }));
    assert!(unreadable.to_string().contains(empty.path().to_str().unwrap()));
    let other = KeyPair::generate().unwrap().serialize_pem();
    let unfit = error(&certificate, &file(&[&other]));
    assert!(
        matches!(unfit, HttpSetupError::UnusableClientCertificate { .. }),
        "{unfit}"
    );
}
