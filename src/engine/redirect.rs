//! When a 3xx is followed, and as which request.
//!
//! Rules: HTTP-51 to HTTP-53, HTTP-55; RFC 9110, sections 15.4 and 10.2.2.

use std::sync::Arc;

use crate::engine::exchange::{ExchangeError, ExchangeErrorKind, Request, Response};
use crate::engine::render::{authority, is_absolute, legal_url};

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
    let url = resolve(&request.url, location);
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
    if authority(&url) != authority(&request.url) {
        drop_headers(&mut next, &["authorization", "cookie"]);
    }
    for (name, value) in &mut next.headers {
        if name.eq_ignore_ascii_case("host") {
            authority(&url).clone_into(value);
        }
    }
    next.url = url;
    Redirect::Follow(Box::new(next))
}

fn is_https(url: &str) -> bool {
    url.get(..8)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"))
}

const fn is_redirect(status: u16) -> bool {
    matches!(status, 300 | 301 | 302 | 303 | 307 | 308)
}

fn drop_headers(request: &mut Request, names: &[&str]) {
    request
        .headers
        .retain(|(key, _)| !names.iter().any(|name| key.eq_ignore_ascii_case(name)));
}

/// A `Location` against the URL it came from: absolute, of the same scheme, host, folder, or document.
fn resolve(base: &str, location: &str) -> String {
    let location = location.trim();
    if is_absolute(location) {
        return legal_url(location);
    }
    let (scheme, _) = base.split_once("://").unwrap_or(("http", base));
    if let Some(rest) = location.strip_prefix("//") {
        return legal_url(&format!("{scheme}://{rest}"));
    }
    let origin = format!("{scheme}://{}", authority(base));
    if location.starts_with('/') {
        return legal_url(&format!("{origin}{location}"));
    }
    let path = base
        .get(origin.len()..)
        .unwrap_or("/")
        .split(['?', '#'])
        .next()
        .unwrap_or("/");
    if location.starts_with('?') {
        return legal_url(&format!("{origin}{path}{location}"));
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    legal_url(&format!("{origin}{folder}/{location}"))
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn http_51_locations_resolve_against_the_request() {
        let base = "https://h:1/a/b?q=1";
        assert_eq!(resolve(base, "https://other/x"), "https://other/x");
        assert_eq!(resolve(base, "//other/x"), "https://other/x");
        assert_eq!(resolve(base, "/x"), "https://h:1/x");
        assert_eq!(resolve(base, "c d"), "https://h:1/a/c%20d");
        assert_eq!(resolve(base, "?q=2"), "https://h:1/a/b?q=2");
        assert_eq!(
            resolve(base, "/login?to=https://h/x"),
            "https://h:1/login?to=https://h/x"
        );
    }
}
