//! When a 3xx is followed, and as which request.
//!
//! Rules: HTTP-51 to HTTP-53, HTTP-55; RFC 9110, sections 15.4 and 10.2.2.

use std::sync::Arc;

use url::Url;

use crate::engine::exchange::{ExchangeError, ExchangeErrorKind, Request, Response};
use crate::engine::render::{authority, legal};

/// How often one exchange may be sent elsewhere.
const MOST_HOPS: u32 = 10;

/// What a response means for the exchange.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Redirect {
    /// It is the answer.
    None,
    /// The answer is to be had with this request.
    Follow(Box<Request>),
    /// It sends us where we do not go.
    Refused(ExchangeError),
}

/// Decides about one response. `follow` is false with `customRedirect`.
pub(super) fn redirect(request: &Request, response: &Response, hops: u32, follow: bool) -> Redirect {
    let Some(location) = response
        .header("location")
        .filter(|_| follow && is_redirect(response.status))
    else {
        return Redirect::None;
    };
    let refused = |detail: String| {
        Redirect::Refused(ExchangeError {
            kind: ExchangeErrorKind::RedirectFailed,
            sent: true,
            detail,
        })
    };
    if hops >= MOST_HOPS {
        return refused(format!("more than {MOST_HOPS} redirects"));
    }
    let Some(url) = resolve(&request.url, location) else {
        return refused("the redirect has no address that can be used".to_owned());
    };
    if is_https(&request.url) && !is_https(&url) {
        return refused("a redirect from https to http is not followed".to_owned());
    }
    let mut next = request.clone();
    let becomes_get = response.status == 303 && !request.method.eq_ignore_ascii_case("HEAD")
        || matches!(response.status, 301 | 302) && request.method.eq_ignore_ascii_case("POST");
    if becomes_get {
        "GET".clone_into(&mut next.method);
        next.body = Arc::from([]);
        drop_headers(&mut next, &["content-length", "content-type"]);
    }
    if !is_same_host(&url, &request.url) {
        drop_headers(&mut next, &["authorization", "cookie"]);
        let host = next
            .headers
            .iter_mut()
            .find(|(name, _)| name.eq_ignore_ascii_case("host"));
        if let Some((_, value)) = host {
            authority(&url).clone_into(value);
        }
    }
    next.url = url;
    Redirect::Follow(Box::new(next))
}

/// Whether two URLs lead to one host. The port that a scheme has anyway may be written or not.
fn is_same_host(one: &str, other: &str) -> bool {
    let place = |url: &str| {
        let url = Url::parse(url).ok()?;
        Some((url.host_str()?.to_owned(), url.port()))
    };
    place(one) == place(other)
}

fn is_https(url: &str) -> bool {
    url.get(..8)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"))
}

const fn is_redirect(status: u16) -> bool {
    matches!(status, 300..=399)
}

fn drop_headers(request: &mut Request, names: &[&str]) {
    request
        .headers
        .retain(|(key, _)| !names.iter().any(|name| key.eq_ignore_ascii_case(name)));
}

/// A `Location` against the URL it came from (RFC 3986, section 5). None when that is no address of HTTP.
fn resolve(base: &str, location: &str) -> Option<String> {
    let location = location.trim();
    let location = location.split_once('#').map_or(location, |(before, _)| before);
    let url = Url::parse(base).ok()?.join(&legal(location)).ok()?;
    let is_http = matches!(url.scheme(), "http" | "https") && url.has_host();
    is_http.then(|| url.into())
}

#[cfg(test)]
mod tests {
    use super::{is_redirect, resolve};

    #[test]
    fn http_51_every_3xx_may_lead_elsewhere() {
        for status in [300, 301, 302, 303, 304, 305, 306, 307, 308] {
            assert!(is_redirect(status), "{status}");
        }
        assert!(!is_redirect(200) && !is_redirect(400));
    }

    #[test]
    fn http_51_locations_resolve_against_the_request() {
        let base = "https://h:1/a/b/c?q=1";
        let is =
            |location, expected: &str| assert_eq!(resolve(base, location).as_deref(), Some(expected), "{location}");
        is("https://other/x", "https://other/x");
        is("//other/x", "https://other/x");
        is("/x#part", "https://h:1/x");
        is("d e", "https://h:1/a/b/d%20e");
        is("../d", "https://h:1/a/d");
        is("../../../d/./e/..", "https://h:1/d/");
        is("?q=2", "https://h:1/a/b/c?q=2");
        is("", "https://h:1/a/b/c?q=1");
        is("/login?to=https://h/x", "https://h:1/login?to=https://h/x");
        is("é{1}%20", "https://h:1/a/b/%C3%A9%7B1%7D%20");
        is("HTTPS://OTHER:443/x", "https://other/x");
    }

    #[test]
    fn http_55_only_an_address_of_http_is_followed() {
        for location in ["ftp://h/x", "mailto:a@h", "https://", "https://h:99999/"] {
            assert_eq!(resolve("https://h/a", location), None, "{location}");
        }
    }
}
