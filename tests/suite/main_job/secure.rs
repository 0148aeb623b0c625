//! TLS to the platform: an authority of our own is trusted when it is given, and nothing else is.

use std::fs;
use std::process::Command;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls_pki_types::PrivateKeyDer;
use serde_json::json;
use tokio_rustls::TlsAcceptor;

use super::running::{DEFINITION, KEY, Place};
use super::scripted::{Asked, Scripted};

/// A platform behind TLS whose certificate, for this name, comes from an authority of its own; that one is written to
/// `ca.pem`.
async fn platform(place: &Place, name: &str) -> Scripted {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    fs::write(place.file("ca.pem"), authority.pem()).unwrap();

    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    let tls = TlsAcceptor::from(Arc::new(config));
    Scripted::with(Some(tls), |asked: Asked| Box::pin(async move { asked.usual() })).await
}

/// An element of that definition, whose platform is at `https://localhost`.
fn element(place: &Place, definition: impl AsRef<std::ffi::OsStr>, server: &Scripted) -> Command {
    let mut command = place.run(definition);
    command.args(["--host", "https://localhost", "--port", &server.port.to_string()]);
    command.arg("--set").arg(format!("ApiKey=GenieKey {KEY}"));
    command
}

#[tokio::test]
async fn an_authority_that_is_given_is_trusted() {
    let place = Place::new();
    let server = platform(&place, "localhost").await;
    let mut command = element(&place, DEFINITION, &server);
    command.args(["--ca", "ca.pem"]);
    let running = place.start(command).await;
    let api = &running.api;
    api.until_shown("TeamsPollStatus", |status| status == "OK: 1 team")
        .await;
    api.send(&json!({"op": "create", "alias": "a", "alert": {"message": "m"}}))
        .await;
    api.until_shown("CompletedMessages", |count| count == "1").await;
    assert_eq!(server.creates(), 1);
}

/// A certificate is refused: the element says why and is in timeout, the message waits, the key has not left.
async fn assert_refused(name: &str, arguments: &[&str], reason: &str) {
    let place = Place::new();
    let server = platform(&place, name).await;
    let mut command = element(&place, place.impatient_definition(), &server);
    command.args(arguments);
    let running = place.start(command).await;
    let api = &running.api;
    api.send(&json!({"op": "create", "alias": "a", "alert": {"message": "m"}}))
        .await;
    let status = api
        .until_shown("QueueStatus", |status| status.starts_with("Offline: "))
        .await;
    assert!(status.contains(reason), "{status}");
    api.until_shown("TeamsPollStatus", |status| {
        status.starts_with("Failed: ") && status.contains(reason)
    })
    .await;
    let element = api.until_element(|element| element["timeout"] == true).await;
    assert_eq!(element["state"], "active");
    let rows = api.operations().await;
    assert!(
        ["Queued", "Sending", "Retrying"].contains(&rows[0]["State"].as_str()),
        "{rows:?}"
    );
    assert_eq!(server.asked().len(), 0, "a request left all the same");
    let log = place.log();
    assert!(log.contains(reason), "{log}");
}

#[tokio::test]
async fn err_an_authority_that_nobody_gave() {
    assert_refused("localhost", &[], "UnknownIssuer").await;
}

#[tokio::test]
async fn err_a_certificate_for_another_name() {
    assert_refused("other.test", &["--ca", "ca.pem"], "not valid for name").await;
}

#[tokio::test]
async fn a_platform_that_comes_back_ends_the_timeout() {
    let place = Place::new();
    let mut site = super::platform::Site::down(&[]);
    let mut command = place.run(place.impatient_definition());
    command.args(["--host", "http://127.0.0.1", "--port", &site.port.to_string()]);
    command.arg("--set").arg(format!("ApiKey={KEY}"));
    let running = place.start(command).await;
    let api = &running.api;
    api.until_element(|element| element["timeout"] == true).await;
    api.send(&json!({"op": "create", "alias": "a", "alert": {"message": "m"}}))
        .await;
    site.come_up().await;
    api.until_shown("CompletedMessages", |count| count == "1").await;
    api.until_element(|element| element["timeout"] == false).await;
    site.go_down().await;
}
