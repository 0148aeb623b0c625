//! TLS: whom we trust, and how much a connector may switch off.
//!
//! Rules: HTTP-64, HTTP-72, PRT-19, PRT-20.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WantsClientCert, verify_server_cert_signed_by_trust_anchor};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, ConfigBuilder, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::engine::exchange::{CertificateCheck, ClientCertificate};

use super::HttpSetupError;
use super::identity::{ClientCertificateFiles, Identity};

/// How many TLS sessions an element remembers, to resume them.
const SESSIONS: usize = 32;

/// The ways to treat a server's certificate, without and with one of our own.
#[derive(Clone)]
pub(super) struct Tls {
    nameless: Checks,
    /// With the agent's certificate, when it has one.
    named: Option<Checks>,
}

/// The two ways to treat a server's certificate.
#[derive(Clone)]
struct Checks {
    verifying: Arc<ClientConfig>,
    skipping: Arc<ClientConfig>,
}

impl Tls {
    /// Trusts the system's certificate authorities and those in the files.
    pub(super) fn new(
        extra_ca: &[PathBuf],
        client_certificate: Option<&ClientCertificateFiles>,
    ) -> Result<Self, HttpSetupError> {
        let roots = Arc::new(roots(extra_ca)?);
        let named = client_certificate.map(|files| {
            let identity = Identity::read(files)?;
            Checks::new(&roots, Some((&identity, files)))
        });
        Ok(Self {
            nameless: Checks::new(&roots, None)?,
            named: named.transpose()?,
        })
    }

    /// The same for another element: nothing is shared that one connection could recognise another by.
    pub(super) fn fresh(&self) -> Self {
        Self {
            nameless: self.nameless.fresh(),
            named: self.named.as_ref().map(Checks::fresh),
        }
    }

    /// How a server is spoken to.
    pub(super) fn config(&self, check: CertificateCheck, client: ClientCertificate) -> Arc<ClientConfig> {
        let checks = match (client, &self.named) {
            (ClientCertificate::Shown, Some(named)) => named,
            (ClientCertificate::Shown, None) | (ClientCertificate::Withheld, _) => &self.nameless,
        };
        match check {
            CertificateCheck::Verify => Arc::clone(&checks.verifying),
            CertificateCheck::Skip => Arc::clone(&checks.skipping),
        }
    }

    /// How a proxy is spoken to: what a session says of its server does not count for it.
    pub(super) fn for_proxies(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.nameless.verifying)
    }
}

impl Checks {
    fn new(
        roots: &Arc<RootCertStore>,
        identity: Option<(&Identity, &ClientCertificateFiles)>,
    ) -> Result<Self, HttpSetupError> {
        let provider = Arc::new(ring::default_provider());
        let builder = || {
            ClientConfig::builder_with_provider(Arc::clone(&provider))
                .with_safe_default_protocol_versions()
                .map_err(HttpSetupError::Tls)
        };
        let finish = |builder: ConfigBuilder<ClientConfig, WantsClientCert>| match identity {
            None => Ok(http1_only(builder.with_no_client_auth())),
            Some((Identity { chain, key }, files)) => builder
                .with_client_auth_cert(chain.clone(), key.clone_key())
                .map(http1_only)
                .map_err(|source| HttpSetupError::UnusableClientCertificate {
                    path: files.certificate.clone(),
                    source,
                }),
        };
        let any = AnyServer {
            provider: Arc::clone(&provider),
        };
        Ok(Self {
            verifying: finish(builder()?.with_root_certificates(Arc::clone(roots)))?,
            skipping: finish(builder()?.dangerous().with_custom_certificate_verifier(Arc::new(any)))?,
        })
    }

    fn fresh(&self) -> Self {
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
}

fn http1_only(mut config: ClientConfig) -> Arc<ClientConfig> {
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
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
