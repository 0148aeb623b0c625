//! The body of a response: content codings undone, within the limit (HTTP-33).
//!
//! Codings are undone last applied first. When one of them is unknown the body is delivered as it came, so that its
//! Content-Encoding header still describes it.

use std::io::{self, Read};

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use hyper::header::{CONTENT_ENCODING, HeaderMap};

use crate::engine::exchange::{ExchangeError, ExchangeErrorKind};

use super::error;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
}

/// The body as it was before the codings that the headers name.
pub(super) fn decode(headers: &HeaderMap, body: Vec<u8>, limit: usize) -> Result<Vec<u8>, ExchangeError> {
    if body.is_empty() {
        return Ok(body);
    }
    let Some(codings) = codings(headers) else {
        return Ok(body);
    };
    codings
        .iter()
        .rev()
        .try_fold(body, |body, coding| undo(*coding, &body, limit))
}

/// A body that is larger than the limit, coded or not.
pub(super) fn too_large(limit: usize) -> ExchangeError {
    error::sent(
        ExchangeErrorKind::InvalidServerResponse,
        format!("the body is larger than the limit of {limit} bytes"),
    )
}

/// The codings in the order in which they were applied; none when one of them is unknown.
fn codings(headers: &HeaderMap) -> Option<Vec<Coding>> {
    let mut codings = Vec::new();
    for value in headers.get_all(CONTENT_ENCODING) {
        for name in value.to_str().ok()?.split(',') {
            match name.trim().to_ascii_lowercase().as_str() {
                "gzip" | "x-gzip" => codings.push(Coding::Gzip),
                "deflate" => codings.push(Coding::Deflate),
                "identity" | "" => {}
                _ => return None,
            }
        }
    }
    Some(codings)
}

fn undo(coding: Coding, body: &[u8], limit: usize) -> Result<Vec<u8>, ExchangeError> {
    let decoded = match coding {
        Coding::Gzip => read(MultiGzDecoder::new(body), limit),
        // The standard says zlib, but there are servers that leave its frame off.
        Coding::Deflate => match read(ZlibDecoder::new(body), limit) {
            Err(zlib) => read(DeflateDecoder::new(body), limit).map_err(|_| zlib),
            decoded => decoded,
        },
    };
    match decoded {
        Ok(decoded) if decoded.len() > limit => Err(too_large(limit)),
        Ok(decoded) => Ok(decoded),
        Err(cause) => Err(error::sent(
            ExchangeErrorKind::InvalidServerResponse,
            format!("the body cannot be decoded: {}", error::chain(&cause)),
        )),
    }
}

/// Reads to the end, or to one byte past the limit: a small body can unfold to any size.
fn read(decoder: impl Read, limit: usize) -> io::Result<Vec<u8>> {
    let mut decoded = Vec::new();
    let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    decoder.take(bound).read_to_end(&mut decoded)?;
    Ok(decoded)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use hyper::header::HeaderValue;

    use super::*;

    const LIMIT: usize = 1024 * 1024;
    const TEXT: &[u8] = b"{\"data\":[1,2,3]} {\"data\":[1,2,3]}";

    fn named(codings: &[&'static str]) -> HeaderMap {
        codings
            .iter()
            .map(|coding| (CONTENT_ENCODING, HeaderValue::from_static(coding)))
            .collect()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn raw_deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn http_33_gzip_and_its_old_name_are_undone() {
        assert_eq!(decode(&named(&["gzip"]), gzip(TEXT), LIMIT).unwrap(), TEXT);
        assert_eq!(decode(&named(&["X-GZip"]), gzip(TEXT), LIMIT).unwrap(), TEXT);
    }

    #[test]
    fn http_33_gzip_in_several_members_is_read_to_its_end() {
        let members = [gzip(b"one "), gzip(b"two")].concat();
        assert_eq!(decode(&named(&["gzip"]), members, LIMIT).unwrap(), b"one two");
    }

    #[test]
    fn http_33_deflate_is_zlib_and_also_what_servers_make_of_it() {
        assert_eq!(decode(&named(&["deflate"]), zlib(TEXT), LIMIT).unwrap(), TEXT);
        assert_eq!(decode(&named(&["deflate"]), raw_deflate(TEXT), LIMIT).unwrap(), TEXT);
    }

    #[test]
    fn http_33_several_codings_are_undone_in_reverse_in_one_header_or_several() {
        let twice = gzip(&zlib(TEXT));
        assert_eq!(decode(&named(&["deflate, gzip"]), twice.clone(), LIMIT).unwrap(), TEXT);
        assert_eq!(decode(&named(&["deflate", "gzip"]), twice, LIMIT).unwrap(), TEXT);
    }

    #[test]
    fn http_33_an_unknown_coding_leaves_the_body_as_it_came() {
        let body = gzip(TEXT);
        assert_eq!(decode(&named(&["br, gzip"]), body.clone(), LIMIT).unwrap(), body);
    }

    #[test]
    fn http_33_identity_and_an_empty_body_need_no_decoding() {
        assert_eq!(decode(&named(&["identity"]), TEXT.to_vec(), LIMIT).unwrap(), TEXT);
        assert_eq!(decode(&named(&["gzip"]), Vec::new(), LIMIT).unwrap(), b"");
    }

    #[test]
    fn a_body_that_unfolds_beyond_the_limit_is_refused() {
        let bomb = gzip(&vec![0; LIMIT + 1]);
        assert!(bomb.len() < LIMIT / 100);
        let error = decode(&named(&["gzip"]), bomb, LIMIT).unwrap_err();
        assert_eq!(error.kind, ExchangeErrorKind::InvalidServerResponse);
        assert!(error.sent);
        assert_eq!(error.detail, "the body is larger than the limit of 1048576 bytes");
        assert_eq!(
            decode(&named(&["gzip"]), gzip(&vec![0; LIMIT]), LIMIT).unwrap().len(),
            LIMIT
        );
    }

    #[test]
    fn a_bomb_inside_a_coding_is_refused_too() {
        let bomb = gzip(&zlib(&vec![0; LIMIT + 1]));
        assert!(decode(&named(&["deflate, gzip"]), bomb, LIMIT).is_err());
    }

    #[test]
    fn a_cut_or_wrong_coding_is_an_invalid_response() {
        let mut cut = gzip(TEXT);
        cut.truncate(cut.len() - 9);
        for (coding, body) in [("gzip", cut), ("gzip", TEXT.to_vec()), ("deflate", TEXT.to_vec())] {
            let error = decode(&named(&[coding]), body, LIMIT).unwrap_err();
            assert_eq!(error.kind, ExchangeErrorKind::InvalidServerResponse);
            assert!(
                error.detail.starts_with("the body cannot be decoded: "),
                "{}",
                error.detail
            );
        }
    }
}
