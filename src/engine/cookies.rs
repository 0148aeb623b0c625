//! The cookies of a session: what a server gave it, and gets back.
//!
//! Rules: HTTP-75; RFC 6265, sections 5.1 to 5.4. Of public suffixes only those of one label are known.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::engine::Engine;
use crate::engine::exchange::{Request, Response, TransportId};
use crate::engine::render::authority;

/// The cookies that a jar holds at most; the oldest goes first.
const MOST_COOKIES: usize = 180;

/// The longest cookie that is kept, name and value together.
const LONGEST: usize = 4096;

/// The header that carries cookies to the server.
const COOKIE: &str = "Cookie";

/// The cookies of one transport.
#[derive(Debug, Default)]
pub(super) struct CookieJar {
    /// In the order in which they were made.
    cookies: Vec<Cookie>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Cookie {
    name: String,
    value: String,
    domain: String,
    /// Whether it is for the domain itself, not for what is below it.
    host_only: bool,
    path: String,
    secure: bool,
    /// In milliseconds of Unix time; none for as long as the jar.
    expires: Option<i64>,
}

impl Engine {
    /// Adds the cookies of its transport to a request that is about to be sent.
    pub(super) fn add_cookies(&self, request: &mut Request) {
        if let Some(jar) = self.cookies.get(&request.transport) {
            jar.add_to(request, self.unix_ms());
        }
    }

    /// Takes the cookies of a response to a request.
    pub(super) fn take_cookies(&mut self, request: &Request, response: &Response) {
        let now = self.unix_ms();
        let jar = self.cookies.entry(request.transport).or_default();
        jar.take(request, response, now);
    }

    /// The jar of a transport that is no longer needed goes with it.
    pub(super) fn drop_cookies(&mut self, transport: TransportId) {
        self.cookies.remove(&transport);
    }
}

impl CookieJar {
    /// Takes the cookies of a response to a request.
    fn take(&mut self, request: &Request, response: &Response, now: i64) {
        let given = response.headers.iter();
        for (_, text) in given.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")) {
            let Some(cookie) = Cookie::parse(text, &request.url, now) else {
                continue;
            };
            let same = |old: &Cookie| old.name == cookie.name && old.domain == cookie.domain && old.path == cookie.path;
            let is_over = cookie.is_over(now);
            match self.cookies.iter().position(same) {
                Some(at) if is_over => drop(self.cookies.remove(at)),
                Some(at) => self.cookies[at] = cookie,
                None if is_over => {}
                None => self.cookies.push(cookie),
            }
        }
        self.cookies.retain(|cookie| !cookie.is_over(now));
        let surplus = self.cookies.len().saturating_sub(MOST_COOKIES);
        self.cookies.drain(..surplus);
    }

    /// Adds the cookies to a request that is about to be sent; those of the connector stand alone.
    fn add_to(&self, request: &mut Request, now: i64) {
        let mut names = request.headers.iter().map(|(name, _)| name);
        if names.any(|name| name.eq_ignore_ascii_case(COOKIE)) {
            return;
        }
        let target = Target::of(&request.url);
        let cookies = self.cookies.iter();
        let mut fitting: Vec<&Cookie> = cookies.filter(|cookie| cookie.fits(&target, now)).collect();
        // The most specific path first, then in the order of their making.
        fitting.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<String> = fitting.iter().map(|cookie| cookie.pair()).collect();
        if !pairs.is_empty() {
            request.headers.push((COOKIE.to_owned(), pairs.join("; ")));
        }
    }
}

impl Cookie {
    /// None for one that is not kept.
    fn parse(text: &str, url: &str, now: i64) -> Option<Self> {
        let target = Target::of(url);
        let mut parts = text.split(';');
        let (name, value) = parts.next()?.split_once('=')?;
        let (name, value) = (name.trim(), value.trim());
        let is_unfit = |text: &str| text.chars().any(|character| character.is_control());
        if name.is_empty() || name.len() + value.len() > LONGEST || is_unfit(name) || is_unfit(value) {
            return None;
        }
        let mut cookie = Self {
            name: name.to_owned(),
            value: value.to_owned(),
            path: target.folder().to_owned(),
            domain: target.host.clone(),
            host_only: true,
            secure: false,
            expires: None,
        };
        let mut max_age = None;
        for part in parts {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.trim();
            match key.trim().to_ascii_lowercase().as_str() {
                "secure" => cookie.secure = true,
                "path" if value.starts_with('/') => value.clone_into(&mut cookie.path),
                "path" => target.folder().clone_into(&mut cookie.path),
                "max-age" => max_age = seconds(value).or(max_age),
                "expires" => cookie.expires = date(value).or(cookie.expires),
                "domain" => {
                    let domain = value.strip_prefix('.').unwrap_or(value).to_ascii_lowercase();
                    if domain.is_empty() {
                        continue;
                    }
                    // A top-level domain is nobody's, and an address has no part that holds for others.
                    let is_own = domain == target.host;
                    let may_share = domain.contains('.') && !target.is_address();
                    let is_ours = is_own || may_share && is_within(&target.host, &domain);
                    if !is_ours {
                        return None;
                    }
                    cookie.host_only = !may_share;
                    cookie.domain = domain;
                }
                _ => {}
            }
        }
        if let Some(seconds) = max_age {
            cookie.expires = Some(now.saturating_add(seconds.saturating_mul(1000)));
        }
        // Who cannot see a secure cookie must not set one either.
        (!cookie.secure || target.is_https).then_some(cookie)
    }

    fn is_over(&self, now: i64) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    fn fits(&self, target: &Target, now: i64) -> bool {
        let domain = match self.host_only {
            true => target.host == self.domain,
            false => is_within(&target.host, &self.domain),
        };
        let path = target.path.strip_prefix(self.path.as_str());
        let path = path.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/'));
        domain && path && (!self.secure || target.is_https) && !self.is_over(now)
    }

    fn pair(&self) -> String {
        format!("{}={}", self.name, self.value)
    }
}

/// Where a request goes.
struct Target {
    /// In lower case, without a port.
    host: String,
    /// Without a query.
    path: String,
    is_https: bool,
}

impl Target {
    fn of(url: &str) -> Self {
        let authority = authority(url);
        let port = authority.rfind(':').filter(|&at| !authority[at..].contains(']'));
        let host = port.map_or(authority, |at| &authority[..at]);
        let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
        let path = rest.find('/').map_or("/", |at| &rest[at..]);
        let path = path.split('?').next().unwrap_or("/");
        Self {
            host: host.to_ascii_lowercase(),
            path: path.to_owned(),
            is_https: scheme.eq_ignore_ascii_case("https"),
        }
    }

    /// The path up to its last slash, which does not belong to it (RFC 6265, section 5.1.4).
    fn folder(&self) -> &str {
        match self.path.rfind('/') {
            Some(0) | None => "/",
            Some(at) => &self.path[..at],
        }
    }

    fn is_address(&self) -> bool {
        let last = self.host.rsplit('.').next().unwrap_or_default();
        self.host.starts_with('[') || last.bytes().all(|byte| byte.is_ascii_digit())
    }
}

/// Whether a host is a domain, or below it.
fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// A `Max-Age`: more than a number can hold means forever, and less than one second at once.
fn seconds(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(match text.starts_with('-') {
        true => 0,
        false => digits.parse().unwrap_or(i64::MAX),
    })
}

/// An `Expires` in milliseconds of Unix time: time, day, month and year in any order (RFC 6265, section 5.1.1).
fn date(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    let words = text.split(|character: char| !character.is_ascii_alphanumeric() && character != ':');
    for word in words.filter(|word| !word.is_empty()) {
        let begins = word.get(..3).unwrap_or_default().to_ascii_lowercase();
        if time.is_none() && word.contains(':') {
            let mut numbers = word.split(':').map(|number| number.parse::<i8>().ok());
            time = Some((numbers.next()??, numbers.next()??, numbers.next()??));
        } else if day.is_none() && word.len() <= 2 && word.parse::<i8>().is_ok() {
            day = word.parse::<i8>().ok();
        } else if let Some(at) = MONTHS.iter().position(|known| *known == begins) {
            month = month.or(i8::try_from(at + 1).ok());
        } else if year.is_none() && word.len() <= 4 {
            year = word.parse::<i16>().ok().map(whole_year);
        }
    }
    let (hour, minute, second) = time?;
    let date = DateTime::new(year?, month?, day?, hour, minute, second, 0).ok()?;
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

/// Years of two digits are those from 1970 to 2069.
const fn whole_year(year: i16) -> i16 {
    match year {
        0..=69 => year + 2000,
        70..=99 => year + 1900,
        _ => year,
    }
}

#[cfg(test)]
mod tests {
    use super::{CookieJar, Target, date};
    use crate::engine::exchange::{CertificateCheck, ClientCertificate, Proxy, Request, Response, TransportId};
    use crate::model::id::ConnectionId;
    use crate::model::moment::Span;

    fn request(url: &str) -> Request {
        Request {
            session: None,
            exchange: None,
            connection: ConnectionId(0),
            method: "GET".to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            body: [].into(),
            timeout: Span(1500),
            transport: TransportId(1),
            proxy: Proxy::Bypass,
            certificate: CertificateCheck::Verify,
            client_certificate: ClientCertificate::Withheld,
        }
    }

    /// A jar that was given these cookies at moment 0.
    fn jar(url: &str, cookies: &[&str]) -> CookieJar {
        let mut jar = CookieJar::default();
        let headers = cookies.iter().map(|text| ("Set-Cookie".to_owned(), (*text).to_owned()));
        let response = Response {
            version: "HTTP/1.1".to_owned(),
            status: 200,
            reason: "OK".to_owned(),
            headers: headers.collect(),
            body: [].into(),
        };
        jar.take(&request(url), &response, 0);
        jar
    }

    fn sent(jar: &CookieJar, url: &str, now: i64) -> String {
        let mut request = request(url);
        jar.add_to(&mut request, now);
        request.headers.pop().map(|(_, value)| value).unwrap_or_default()
    }

    #[test]
    fn http_75_a_cookie_goes_where_it_is_for() {
        let jar = jar(
            "https://api.h.test/v1/login?x=/y",
            &[
                "own=1",
                "all=2; Domain=.H.test; Path=/",
                "deep=3; path=/v1/a",
                "safe=4; Path=/; Secure",
            ],
        );
        assert_eq!(
            sent(&jar, "https://api.h.test:8443/v1/a", 0),
            "deep=3; own=1; all=2; safe=4"
        );
        assert_eq!(sent(&jar, "http://api.h.test/v1", 0), "own=1; all=2");
        assert_eq!(sent(&jar, "http://api.h.test/v10", 0), "all=2");
        assert_eq!(sent(&jar, "http://www.h.test/v1", 0), "all=2");
        assert_eq!(sent(&jar, "http://badh.test/v1", 0), "");
    }

    #[test]
    fn http_75_a_server_gives_cookies_for_itself_only() {
        let sent_back = |url, cookie| sent(&jar(url, &[cookie]), url, 0);
        assert_eq!(sent_back("http://a.h.test/", "a=1; Domain=b.h.test"), "");
        assert_eq!(sent_back("http://h.test/", "a=1; Domain=test"), "");
        assert_eq!(sent_back("http://10.0.0.1/", "a=1; Domain=0.0.1"), "");
        assert_eq!(sent_back("http://10.0.0.1:8080/", "a=1; Domain=10.0.0.1"), "a=1");
        assert_eq!(sent_back("http://h.test/", "a=1; Secure"), "");
        assert_eq!(sent_back("http://h.test/", "a=\u{1}b"), "");
        assert_eq!(sent_back("http://h.test/", "=1"), "");
        assert_eq!(Target::of("http://[::1]:80/a").host, "[::1]");
    }

    #[test]
    fn http_75_cookies_end() {
        let url = "http://h.test/";
        let held = jar(
            url,
            &["a=1; Max-Age=10", "b=2; Expires=Thu, 01 Jan 1970 00:00:20 GMT", "c=3"],
        );
        assert_eq!(sent(&held, url, 9_999), "a=1; b=2; c=3");
        assert_eq!(sent(&held, url, 10_000), "b=2; c=3");
        assert_eq!(sent(&held, url, 20_000), "c=3");
        let replaced = jar(url, &["a=1", "b=2", "a=3", "b=; Max-Age=-1", "c=4; Expires=tomorrow"]);
        assert_eq!(sent(&replaced, url, 0), "a=3; c=4");
    }

    #[test]
    fn http_75_dates_are_read_in_all_their_forms() {
        let expected = Some(784_111_777_000);
        assert_eq!(date("Sun, 06 Nov 1994 08:49:37 GMT"), expected);
        assert_eq!(date("Sunday, 06-Nov-94 08:49:37 GMT"), expected);
        assert_eq!(date("Sun Nov  6 08:49:37 1994"), expected);
        for wrong in [
            "",
            "Nov 1994",
            "31 Feb 2020 00:00:00",
            "6 Nov 1994 8:49",
            "6 Nov 1994 99:00:00",
        ] {
            assert_eq!(date(wrong), None, "{wrong}");
        }
    }
}
