//! The client certificate of this agent: what sessions with `loginMethod="certificate"` show to servers.
//!
//! Rules: HTTP-64.

use std::fmt;
use std::path::{Path, PathBuf};

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::HttpSetupError;

/// Where the certificate and its key are, both PEM; they may be in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificateFiles {
    /// The certificate, and those between it and its authority.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// The certificate with its key.
pub(super) struct Identity {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Reads both.
    pub(super) fn read(files: &ClientCertificateFiles) -> Result<Self, HttpSetupError> {
        let unreadable = |path: &Path, source| HttpSetupError::UnreadableClientCertificate {
            path: path.to_owned(),
            source,
        };
        let path = files.certificate.as_path();
        let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
        let chain = chain.map_err(|source| unreadable(path, source))?;
        if chain.is_empty() {
            return Err(HttpSetupError::NoCa { path: path.to_owned() });
        }
        let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|source| unreadable(&files.key, source))?;
        Ok(Self { chain, key })
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(***)")
    }
}
