//! From the libraries' errors to [`ExchangeError`]: the kind by which the engine decides, the detail that people read.
//!
//! The detail is the whole chain of causes. None of the libraries puts a URL, a header or a body into its errors, so
//! the chain has no secrets.
//!
//! Rules: TMO-2, TMO-16.

use std::error::Error;
use std::io;

use rustls::CertificateError;
use rustls_pki_types::InvalidDnsNameError;

use crate::engine::exchange::{ExchangeError, ExchangeErrorKind};
use crate::model::moment::Span;

/// An error before anything of the request was written.
pub(super) fn unsent(kind: ExchangeErrorKind, detail: impl Into<String>) -> ExchangeError {
    ExchangeError {
        kind,
        sent: false,
        detail: detail.into(),
    }
}

/// An error after the request, or a part of it, may have reached the server.
pub(super) fn sent(kind: ExchangeErrorKind, detail: impl Into<String>) -> ExchangeError {
    ExchangeError {
        kind,
        sent: true,
        detail: detail.into(),
    }
}

/// The time limit passed while the connection was made.
pub(super) fn expired_connecting(limit: Span) -> ExchangeError {
    unsent(
        ExchangeErrorKind::Timeout,
        format!("no connection within the time limit of {limit}"),
    )
}

/// The time limit passed after the request went out.
pub(super) fn expired_waiting(limit: Span) -> ExchangeError {
    sent(
        ExchangeErrorKind::Timeout,
        format!("no complete response within the time limit of {limit}"),
    )
}

/// What failed while the connection was made. What is not ours comes from the TLS handshake.
pub(super) fn connecting(error: Box<dyn Error + Send + Sync>) -> ExchangeError {
    let error = match error.downcast::<ExchangeError>() {
        Ok(ours) => return *ours,
        Err(other) => other,
    };
    if find::<InvalidDnsNameError>(&*error).is_some() {
        return unsent(ExchangeErrorKind::InvalidUrl, chain(&*error));
    }
    unsent(ExchangeErrorKind::SecureFailure, secure_detail(&*error))
}

/// What failed between the request and the head of the response.
pub(super) fn exchanging(error: &hyper::Error) -> ExchangeError {
    sent(exchange_kind(error), exchange_detail(error))
}

/// What failed before the first byte of the request, on a connection that was just made.
pub(super) fn not_started(error: &hyper::Error) -> ExchangeError {
    unsent(exchange_kind(error), exchange_detail(error))
}

/// What failed while the body was received.
pub(super) fn receiving(error: &hyper::Error) -> ExchangeError {
    let cut_off = find::<io::Error>(error).is_none_or(|cause| {
        matches!(
            cause.kind(),
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData
        )
    });
    let kind = if cut_off {
        ExchangeErrorKind::InvalidServerResponse
    } else {
        ExchangeErrorKind::ConnectionError
    };
    sent(kind, format!("the body is cut off or broken: {}", chain(error)))
}

fn exchange_kind(error: &hyper::Error) -> ExchangeErrorKind {
    if error.is_parse() {
        return ExchangeErrorKind::InvalidServerResponse;
    }
    if find::<rustls::Error>(error).is_some() {
        return ExchangeErrorKind::SecureFailure;
    }
    ExchangeErrorKind::ConnectionError
}

fn exchange_detail(error: &hyper::Error) -> String {
    if error.is_incomplete_message() {
        return "the server closed the connection without a complete response".to_owned();
    }
    secure_detail(error)
}

/// The chain of causes, with what to do about it where that is known.
fn secure_detail(error: &(dyn Error + 'static)) -> String {
    let text = chain(error);
    match find::<rustls::Error>(error).and_then(advice) {
        Some(advice) => format!("{text} ({advice})"),
        None => text,
    }
}

fn advice(error: &rustls::Error) -> Option<&'static str> {
    match error {
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => Some(
            "the server's certificate is not trusted: add its CA with --ca, or switch certificate verification off \
             for this connection",
        ),
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => Some("the server's certificate is for another name than the host polled"),
        rustls::Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            Some("the server's certificate has expired")
        }
        rustls::Error::PeerIncompatible(_) | rustls::Error::AlertReceived(_) => {
            Some("TLS 1.2 and 1.3 are spoken here, nothing older")
        }
        rustls::Error::InvalidMessage(_) => Some("the server does not speak TLS on this port"),
        _ => None,
    }
}

/// The texts of an error and all its causes, `outer: inner: innermost`.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = cause(error);
    while let Some(error) = next {
        let inner = error.to_string();
        // Wrappers such as io::Error print what they wrap; saying it twice helps nobody.
        if !text.ends_with(&inner) {
            text.push_str(": ");
            text.push_str(&inner);
        }
        next = cause(error);
    }
    text
}

/// The first cause of that type.
pub(super) fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = cause(error);
    }
    None
}

/// The next cause. `io::Error::source` skips the error that it wraps, so that one is asked for by name.
fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_names_every_cause_once() {
        let inner = io::Error::new(
            io::ErrorKind::InvalidData,
            rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer),
        );
        let error = io::Error::other(inner);
        assert_eq!(chain(&error), "invalid peer certificate: UnknownIssuer");
    }

    #[test]
    fn an_error_inside_an_io_error_is_found() {
        let error = io::Error::other(io::Error::other(rustls::Error::HandshakeNotComplete));
        assert_eq!(
            find::<rustls::Error>(&error),
            Some(&rustls::Error::HandshakeNotComplete)
        );
        assert!(find::<InvalidDnsNameError>(&error).is_none());
    }

    #[test]
    fn an_untrusted_certificate_says_what_to_do() {
        let tls = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let error = connecting(Box::new(io::Error::other(tls)));
        assert_eq!(error.kind, ExchangeErrorKind::SecureFailure);
        assert!(!error.sent);
        assert!(
            error
                .detail
                .starts_with("invalid peer certificate: UnknownIssuer (the server's certificate")
        );
        assert!(error.detail.contains("--ca"));
    }

    #[test]
    fn an_error_that_is_ours_stays_as_it_is() {
        let ours = unsent(ExchangeErrorKind::NameNotResolved, "no such host");
        assert_eq!(connecting(Box::new(ours.clone())), ours);
    }
}
