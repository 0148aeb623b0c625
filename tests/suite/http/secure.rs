//! TLS: whom we trust, whom we do not, and what switching the check off still refuses (PRT-19, PRT-20).

use std::io::Write;
use std::sync::Arc;

use adit::engine::exchange::{CertificateCheck, ExchangeErrorKind, Request};
use adit::http::{HttpNetwork, HttpOptions, HttpSetupError};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair, date_time_ymd,
};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::server::NoClientAuth;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::{accept, failure, get, listen, options, read_head, serve_once, transport, transport_with};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A server's certificate, from an authority of its own, and that authority as a file.
pub(super) struct Site {
    acceptor: TlsAcceptor,
    authority: NamedTempFile,
}

impl Site {
    pub(super) fn named(name: &str) -> Self {
        Self::with(name, |_| {})
    }

    /// One that asks its clients for a certificate, and takes any or none.
    pub(super) fn asking(name: &str) -> Self {
        Self::made(name, |_| {}, Arc::new(AnyClient))
    }

    fn with(name: &str, change: impl FnOnce(&mut CertificateParams)) -> Self {
        Self::made(name, change, Arc::new(NoClientAuth))
    }

    fn made(name: &str, change: impl FnOnce(&mut CertificateParams), clients: Arc<dyn ClientCertVerifier>) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(authority.pem().as_bytes()).unwrap();

        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        change(&mut params);
        let certificate = params.signed_by(&key, &authority).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(clients)
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            authority: file,
        }
    }

    /// Accepts one TLS connection; none when the client refuses.
    pub(super) async fn accept(&self, listener: &TcpListener) -> Option<TlsStream<TcpStream>> {
        self.acceptor.accept(accept(listener).await).await.ok()
    }

    /// Options that trust this site's authority.
    pub(super) fn trusted(&self) -> HttpOptions {
        HttpOptions {
            extra_ca: vec![self.authority.path().to_owned()],
            ..options()
        }
    }
}

/// Takes any certificate of a client, or none.
#[derive(Debug)]
struct AnyClient;

impl ClientCertVerifier for AnyClient {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let provider = rustls::crypto::ring::default_provider();
        provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Accepts one TLS connection and answers one request; the request's head, or none when TLS was refused.
pub(super) async fn serve_tls(listener: &TcpListener, site: &Site, reply: &[u8]) -> Option<String> {
    let mut stream = site.accept(listener).await?;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"http/1.1".as_slice()));
    let head = read_head(&mut stream).await;
    stream.write_all(reply).await.unwrap();
    stream.shutdown().await.unwrap();
    Some(head)
}

fn unchecked(url: &str) -> Request {
    let mut request = get(url);
    request.certificate = CertificateCheck::Skip;
    request
}

#[tokio::test]
async fn prt_19_a_certificate_from_an_authority_we_were_given_is_trusted() {
    let (listener, address) = listen().await;
    let site = Site::named("127.0.0.1");
    let transport = transport_with(&site.trusted());
    let request = get(&format!("https://{address}/"));
    let (outcome, head) = tokio::join!(transport.send(request), serve_tls(&listener, &site, OK));
    assert_eq!(&*outcome.unwrap().body, b"ok");
    assert!(head.unwrap().starts_with("GET / HTTP/1.1\r\n"));
}

#[tokio::test]
async fn the_server_is_told_which_name_is_wanted() {
    let (listener, address) = listen().await;
    let port = address.rsplit(':').next().unwrap();
    let site = Site::named("localhost");
    let transport = transport_with(&site.trusted());
    let (outcome, name) = tokio::join!(transport.send(get(&format!("https://localhost:{port}/"))), async {
        let mut stream = site.accept(&listener).await.unwrap();
        read_head(&mut stream).await;
        stream.write_all(OK).await.unwrap();
        stream.get_ref().1.server_name().map(str::to_owned)
    });
    outcome.unwrap();
    assert_eq!(name.as_deref(), Some("localhost"));
}

#[tokio::test]
async fn err_prt_19_a_certificate_from_an_unknown_authority() {
    let (listener, address) = listen().await;
    let site = Site::named("127.0.0.1");
    let transport = transport();
    let request = get(&format!("https://{address}/"));
    let (outcome, head) = tokio::join!(transport.send(request), serve_tls(&listener, &site, OK));
    let (kind, sent, detail) = failure(outcome);
    assert_eq!((kind, sent), (ExchangeErrorKind::SecureFailure, false));
    assert_eq!(
        detail,
        "invalid peer certificate: UnknownIssuer (the server's certificate is not trusted: add its CA with --ca, or \
         switch certificate verification off for this connection)"
    );
    assert_eq!(head, None);
}

#[tokio::test]
async fn err_prt_19_a_certificate_for_another_name_or_another_time() {
    let wrong_name = Site::named("other.example");
    let expired = Site::with("127.0.0.1", |params| {
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(2002, 1, 1);
    });
    for (site, why) in [(wrong_name, "for another name"), (expired, "has expired")] {
        let (listener, address) = listen().await;
        let transport = transport_with(&site.trusted());
        let request = get(&format!("https://{address}/"));
        let (outcome, head) = tokio::join!(transport.send(request), serve_tls(&listener, &site, OK));
        let (kind, sent, detail) = failure(outcome);
        assert_eq!((kind, sent, head), (ExchangeErrorKind::SecureFailure, false, None));
        assert!(detail.starts_with("invalid peer certificate: "), "{detail}");
        assert!(detail.contains(why), "{detail}");
    }
}

#[tokio::test]
async fn prt_20_without_the_check_any_server_certificate_will_do() {
    let serving = |params: &mut CertificateParams| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    };
    for site in [
        Site::named("127.0.0.1"),
        Site::with("other.example", serving),
        Site::with("127.0.0.1", |params| {
            params.not_before = date_time_ymd(2001, 1, 1);
            params.not_after = date_time_ymd(2002, 1, 1);
        }),
        Site::with("127.0.0.1", |params| params.not_before = date_time_ymd(2900, 1, 1)),
    ] {
        let (listener, address) = listen().await;
        let transport = transport();
        let request = unchecked(&format!("https://{address}/"));
        let (outcome, _) = tokio::join!(transport.send(request), serve_tls(&listener, &site, OK));
        assert_eq!(outcome.unwrap().status, 200);
    }
}

#[tokio::test]
async fn err_prt_20_without_the_check_a_certificate_that_is_not_for_servers_is_refused_expired_or_not() {
    for end in [2002, 2900] {
        let site = Site::with("127.0.0.1", |params| {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            params.not_before = date_time_ymd(2001, 1, 1);
            params.not_after = date_time_ymd(end, 1, 1);
        });
        let (listener, address) = listen().await;
        let transport = transport();
        let request = unchecked(&format!("https://{address}/"));
        let (outcome, head) = tokio::join!(transport.send(request), serve_tls(&listener, &site, OK));
        let (kind, sent, detail) = failure(outcome);
        assert_eq!((kind, sent, head), (ExchangeErrorKind::SecureFailure, false, None));
        assert!(
            detail.contains("does not allow extended key usage for server authentication"),
            "{detail}"
        );
    }
}

#[tokio::test]
async fn a_connection_made_without_the_check_is_not_used_with_it() {
    let (listener, address) = listen().await;
    let site = Site::named("127.0.0.1");
    let transport = transport();
    let url = format!("https://{address}/");
    let (outcome, _kept) = tokio::join!(transport.send(unchecked(&url)), async {
        let mut stream = site.accept(&listener).await.unwrap();
        read_head(&mut stream).await;
        stream.write_all(OK).await.unwrap();
        stream.flush().await.unwrap();
        stream
    });
    outcome.unwrap();
    let (outcome, _) = tokio::join!(transport.send(get(&url)), serve_tls(&listener, &site, OK));
    assert_eq!(failure(outcome).0, ExchangeErrorKind::SecureFailure);
}

#[tokio::test]
async fn a_secure_connection_that_the_server_closed_is_reopened() {
    let (listener, address) = listen().await;
    let site = Site::named("127.0.0.1");
    let transport = transport_with(&site.trusted());
    for _ in 0..5 {
        let request = get(&format!("https://{address}/"));
        let (outcome, _) = tokio::join!(transport.send(request), serve_tls(&listener, &site, OK));
        outcome.unwrap();
    }
}

#[tokio::test]
async fn err_a_server_that_does_not_speak_tls() {
    let (listener, address) = listen().await;
    let transport = transport();
    let server = async {
        let mut stream = accept(&listener).await;
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        stream
    };
    let (outcome, _stream) = tokio::join!(transport.send(get(&format!("https://{address}/"))), server);
    let (kind, sent, detail) = failure(outcome);
    assert_eq!((kind, sent), (ExchangeErrorKind::SecureFailure, false));
    assert!(
        detail.ends_with("(the server does not speak TLS on this port)"),
        "{detail}"
    );
}

#[tokio::test]
async fn err_a_server_that_hangs_up_during_the_handshake() {
    let (listener, address) = listen().await;
    let transport = transport();
    let server = async { drop(accept(&listener).await) };
    let (outcome, ()) = tokio::join!(transport.send(get(&format!("https://{address}/"))), server);
    let (kind, sent, _) = failure(outcome);
    assert_eq!((kind, sent), (ExchangeErrorKind::SecureFailure, false));
}

#[tokio::test]
async fn plain_http_needs_no_certificate() {
    let (listener, address) = listen().await;
    let transport = transport();
    let request = get(&format!("http://{address}/"));
    let (outcome, _) = tokio::join!(transport.send(request), serve_once(&listener, OK));
    outcome.unwrap();
}

#[test]
fn err_files_of_authorities_that_cannot_be_used() {
    let missing = HttpOptions {
        extra_ca: vec!["no/such/file.pem".into()],
        ..options()
    };
    let error = HttpNetwork::new(&missing).unwrap_err();
    assert!(matches!(error, HttpSetupError::UnreadableCa { .. }));
    assert_eq!(
        error.to_string(),
        "the certificate authorities in no/such/file.pem cannot be read"
    );

    let empty = NamedTempFile::new().unwrap();
    let empty = HttpOptions {
        extra_ca: vec![empty.path().to_owned()],
        ..options()
    };
    assert!(matches!(
        HttpNetwork::new(&empty).unwrap_err(),
        HttpSetupError::NoCa { .. }
    ));

    let mut broken = NamedTempFile::new().unwrap();
    broken
        .write_all(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        .unwrap();
    let broken = HttpOptions {
        extra_ca: vec![broken.path().to_owned()],
        ..options()
    };
    assert!(matches!(
        HttpNetwork::new(&broken).unwrap_err(),
        HttpSetupError::UnusableCa { .. }
    ));
}
