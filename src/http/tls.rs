//! TLS: whom we trust, and how much a connector may switch off.
//!
//! Rules: HTTP-72, PRT-19, PRT-20.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, verify_server_cert_signed_by_trust_anchor};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::engine::exchange::CertificateCheck;

use super::HttpSetupError;

/// How many TLS sessions an element remembers, to resume them.
const SESSIONS: usize = 32;

/// The two ways to treat a server's certificate.
#[derive(Clone)]
pub(super) struct Tls {
    verifying: Arc<ClientConfig>,
    skipping: Arc<ClientConfig>,
}

impl Tls {
    /// Trusts the system's certificate authorities and those in the files.
    pub(super) fn new(extra_ca: &[PathBuf]) -> Result<Self, HttpSetupError> {
        let provider = Arc::new(ring::default_provider());
        let roots = roots(extra_ca)?;
        let verifying = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(HttpSetupError::Tls)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let skipping = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(HttpSetupError::Tls)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyServer { provider }))
            .with_no_client_auth();
        Ok(Self {
            verifying: Arc::new(http1_only(verifying)),
            skipping: Arc::new(http1_only(skipping)),
        })
    }

    /// The same for another element: nothing is shared that one connection could recognise another by.
    pub(super) fn fresh(&self) -> Self {
        let forget = |config: &ClientConfig| {
            let mut config = config.clone();
            config.resumption = Resumption::in_memory_sessions(SESSIONS);
            Arc::new(config)
        };
        Self {
            verifying: forget(&self.verifying),
            skipping: forget(&self.skipping),
        }
    }

    pub(super) fn config(&self, check: CertificateCheck) -> Arc<ClientConfig> {
        match check {
            CertificateCheck::Verify => Arc::clone(&self.verifying),
            CertificateCheck::Skip => Arc::clone(&self.skipping),
        }
    }
}

fn http1_only(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

fn roots(extra_ca: &[PathBuf]) -> Result<RootCertStore, HttpSetupError> {
    let mut roots = RootCertStore::empty();
    let native = rustls_native_certs::load_native_certs();
    for error in &native.errors {
        tracing::warn!(%error, "some certificate authorities of the system cannot be read");
    }
    // Old systems carry authorities that no longer parse; the others still count.
    roots.add_parsable_certificates(native.certs);
    for path in extra_ca {
        for authority in authorities(path)? {
            roots.add(authority).map_err(|source| HttpSetupError::UnusableCa {
                path: path.clone(),
                source,
            })?;
        }
    }
    Ok(roots)
}

fn authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, HttpSetupError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    let found = found.map_err(|source| HttpSetupError::UnreadableCa {
        path: path.to_owned(),
        source,
    })?;
    if found.is_empty() {
        return Err(HttpSetupError::NoCa { path: path.to_owned() });
    }
    Ok(found)
}

/// Accepts every certificate that is meant for a server, whoever issued it, for whatever name and time (PRT-20).
/// That the server holds the certificate's key is still checked.
#[derive(Debug)]
struct AnyServer {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let certificate = ParsedCertificate::try_from(end_entity)?;
        match self.judge(&certificate, valid_moment(&self.judge(&certificate, now), now)) {
            Err(
                wrong @ Error::InvalidCertificate(
                    CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. },
                ),
            ) => Err(wrong),
            _ => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl AnyServer {
    /// Verifies against no authority at all. It always fails; but of the failures those of the certificate itself, its
    /// dates and its purpose, come before that of its issuer.
    fn judge(&self, certificate: &ParsedCertificate<'_>, now: UnixTime) -> Result<(), Error> {
        let algorithms = self.provider.signature_verification_algorithms.all;
        verify_server_cert_signed_by_trust_anchor(certificate, &RootCertStore::empty(), &[], now, algorithms)
    }
}

/// A moment at which the certificate was valid: a wrong date must not hide a wrong purpose.
fn valid_moment(verdict: &Result<(), Error>, now: UnixTime) -> UnixTime {
    match verdict {
        Err(Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. })) => *not_after,
        Err(Error::InvalidCertificate(CertificateError::NotValidYetContext { not_before, .. })) => *not_before,
        _ => now,
    }
}
