//! Logging in at a server: Basic before it asks, Digest when it asks for that.
//!
//! A login is added to a request when it is sent, not before: each attempt of Digest has its own count, and a redirect
//! another address. It only ever goes to the host that the exchange was made for.
//!
//! Rules: HTTP-60 to HTTP-62, HTTP-65; RFC 7616, RFC 7617.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use md5::Md5;
use sha2::{Digest as _, Sha256};

use crate::engine::Engine;
use crate::engine::exchange::{Request, Response};
use crate::engine::render::authority;

/// The header of a login.
const AUTHORIZATION: &str = "Authorization";

/// A user and a password.
#[derive(Clone)]
pub(super) struct Credentials {
    pub(super) user: String,
    pub(super) password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(***)")
    }
}

/// The login of one run of a session.
pub(super) struct Login {
    credentials: Option<Credentials>,
    /// The host it is for.
    host: String,
    /// Whether the exchange brings a header of its own (HTTP-65).
    given: bool,
    /// What the server asked for.
    challenge: Option<Challenge>,
    /// How often the challenge was answered.
    count: u32,
    /// How often this exchange was sent again for another challenge.
    again: u32,
}

/// What a 401 means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It is the answer.
    Final,
    /// It is the answer, since only what does not run here would do (HTTP-61).
    Unsupported,
    /// The same request is worth sending again: the login is another one now.
    Again,
}

impl Login {
    pub(super) const fn new(credentials: Option<Credentials>) -> Self {
        Self {
            credentials,
            host: String::new(),
            given: false,
            challenge: None,
            count: 0,
            again: 0,
        }
    }

    /// The next exchange begins with this request.
    pub(super) fn begin(&mut self, request: &Request) {
        let host = authority(&request.url);
        if host != self.host {
            self.challenge = None;
            host.clone_into(&mut self.host);
        }
        self.given = has_login(request);
        self.again = 0;
    }

    /// Adds the login to a request that is about to be sent. `nonce` makes ours, another one for each request.
    pub(super) fn add_to(&mut self, request: &mut Request, nonce: impl FnOnce() -> String) {
        let Some(credentials) = self.credentials.as_ref().filter(|_| self.is_for(request)) else {
            return;
        };
        let value = match &self.challenge {
            None => basic(credentials),
            Some(challenge) => {
                self.count += 1;
                challenge.answer(credentials, &request.method, path(&request.url), self.count, &nonce())
            }
        };
        request.headers.push((AUTHORIZATION.to_owned(), value));
    }

    /// Looks at the answer to a request.
    pub(super) fn refused(&mut self, request: &Request, response: &Response) -> Refused {
        if response.status != 401 || self.credentials.is_none() || !self.is_for(request) {
            return Refused::Final;
        }
        let offers = challenges(response);
        let Some(challenge) = offers.iter().find_map(Challenge::of) else {
            let asks = |scheme: &str| offers.iter().any(|offer| offer.scheme.eq_ignore_ascii_case(scheme));
            return match asks("NTLM") || asks("Negotiate") || asks("Digest") {
                true => Refused::Unsupported,
                false => Refused::Final,
            };
        };
        // Whoever refuses the answer to a challenge does not want it, unless the challenge grew old meanwhile; and
        // whoever finds all of them old does not want it either.
        let is_same = self
            .challenge
            .as_ref()
            .is_some_and(|last| last.nonce == challenge.nonce);
        if is_same || self.again > u32::from(challenge.is_stale) {
            return Refused::Final;
        }
        self.again += 1;
        self.challenge = Some(challenge);
        self.count = 0;
        Refused::Again
    }

    fn is_for(&self, request: &Request) -> bool {
        !self.given && authority(&request.url) == self.host
    }
}

fn has_login(request: &Request) -> bool {
    let mut names = request.headers.iter().map(|(name, _)| name);
    names.any(|name| name.eq_ignore_ascii_case(AUTHORIZATION))
}

fn basic(credentials: &Credentials) -> String {
    let pair = format!("{}:{}", credentials.user, credentials.password);
    format!("Basic {}", BASE64_STANDARD.encode(pair))
}

/// The path and query of a URL, as they stand in the request line.
fn path(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("/", |at| &rest[at..])
}

impl Engine {
    /// A nonce for the next request: the engine has no randomness, but no two requests share these numbers.
    pub(super) fn client_nonce(&self) -> String {
        let element = u64::from(self.settings.id.0);
        nonce([self.seed, element, self.unix_ms().cast_unsigned(), self.next_request])
    }
}

fn nonce(numbers: [u64; 4]) -> String {
    let mut hash = Sha256::new();
    for number in numbers {
        hash.update(number.to_be_bytes());
    }
    hex(&hash.finalize()[..16])
}

/// The schemes that a response asks for, for people.
pub(super) fn offered(response: &Response) -> String {
    let schemes = challenges(response).into_iter().map(|offer| offer.scheme);
    schemes.collect::<Vec<_>>().join(", ")
}

/// A challenge of Digest that can be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Challenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    /// As the server wrote it; it may give none, and then it is MD5.
    algorithm: Option<String>,
    hash: Hash,
    /// Whether the hash of the password is hashed again with both nonces.
    session: bool,
    /// Whether it knows `qop=auth`, or none as in RFC 2069.
    auth: bool,
    is_stale: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hash {
    Md5,
    Sha256,
}

impl Hash {
    fn of(self, text: &str) -> String {
        match self {
            Self::Md5 => hex(&Md5::digest(text)),
            Self::Sha256 => hex(&Sha256::digest(text)),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Challenge {
    /// None for what cannot be answered: another scheme, another algorithm, a protection of the body only.
    fn of(offer: &Offer) -> Option<Self> {
        const ALGORITHMS: [(&str, Hash, bool); 4] = [
            ("MD5", Hash::Md5, false),
            ("MD5-sess", Hash::Md5, true),
            ("SHA-256", Hash::Sha256, false),
            ("SHA-256-sess", Hash::Sha256, true),
        ];
        if !offer.scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let algorithm = offer.get("algorithm");
        let name = algorithm.unwrap_or("MD5");
        let known = ALGORITHMS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name));
        let &(_, hash, session) = known?;
        let qop = offer.get("qop");
        let auth = qop.is_some_and(|qop| qop.split(',').any(|word| word.trim().eq_ignore_ascii_case("auth")));
        if qop.is_some() && !auth {
            return None;
        }
        Some(Self {
            realm: offer.get("realm")?.to_owned(),
            nonce: offer.get("nonce")?.to_owned(),
            opaque: offer.get("opaque").map(str::to_owned),
            algorithm: algorithm.map(str::to_owned),
            hash,
            session,
            auth,
            is_stale: offer
                .get("stale")
                .is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
        })
    }

    /// The header's value (RFC 7616, section 3.4).
    fn answer(&self, credentials: &Credentials, method: &str, uri: &str, count: u32, cnonce: &str) -> String {
        let Credentials { user, password } = credentials;
        let Self { realm, nonce, hash, .. } = self;
        let mut secret = hash.of(&format!("{user}:{realm}:{password}"));
        if self.session {
            secret = hash.of(&format!("{secret}:{nonce}:{cnonce}"));
        }
        let what = hash.of(&format!("{method}:{uri}"));
        let response = match self.auth {
            true => hash.of(&format!("{secret}:{nonce}:{count:08x}:{cnonce}:auth:{what}")),
            false => hash.of(&format!("{secret}:{nonce}:{what}")),
        };
        let mut fields = vec![
            user_field(user),
            format!("realm={}", quoted(realm)),
            format!("nonce={}", quoted(nonce)),
            format!("uri={}", quoted(uri)),
            format!("response=\"{response}\""),
        ];
        fields.extend(self.algorithm.as_ref().map(|name| format!("algorithm={name}")));
        if self.auth {
            fields.push(format!("qop=auth, nc={count:08x}"));
        }
        if self.auth || self.session {
            fields.push(format!("cnonce=\"{cnonce}\""));
        }
        fields.extend(self.opaque.as_ref().map(|opaque| format!("opaque={}", quoted(opaque))));
        format!("Digest {}", fields.join(", "))
    }
}

/// The user, in the extended notation where it cannot stand between quotes (RFC 7616, section 3.4.4).
fn user_field(user: &str) -> String {
    if user.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return format!("username={}", quoted(user));
    }
    let encoded = user.bytes().map(|byte| match byte.is_ascii_alphanumeric() {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    format!("username*=UTF-8''{}", encoded.collect::<String>())
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// One challenge of a server.
#[derive(Debug, PartialEq, Eq)]
struct Offer {
    scheme: String,
    parameters: Vec<(String, String)>,
}

impl Offer {
    fn get(&self, name: &str) -> Option<&str> {
        let mut parameters = self.parameters.iter();
        let found = parameters.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// The challenges of a response, in the server's order (RFC 9110, section 11.6.1).
fn challenges(response: &Response) -> Vec<Offer> {
    let mut offers: Vec<Offer> = Vec::new();
    let headers = response.headers.iter();
    for (_, value) in headers.filter(|(name, _)| name.eq_ignore_ascii_case("www-authenticate")) {
        for part in parts(value) {
            let (before, value) = part.split_once('=').unwrap_or((part, ""));
            let mut words = before.split_whitespace();
            let (first, second) = (words.next(), words.next());
            let name = match (first, second) {
                (None, _) => continue,
                (Some(name), None) if part.contains('=') => name,
                // A scheme, with the first of its parameters or alone.
                (Some(scheme), name) => {
                    offers.push(Offer {
                        scheme: scheme.to_owned(),
                        parameters: Vec::new(),
                    });
                    let Some(name) = name else { continue };
                    name
                }
            };
            if let Some(offer) = offers.last_mut() {
                offer.parameters.push((name.to_owned(), unquoted(value.trim())));
            }
        }
    }
    offers
}

/// What stands between the commas outside quotes.
fn parts(value: &str) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    let split = value.split(|character: char| {
        let is_escaped = std::mem::take(&mut escaped);
        match character {
            '"' if !is_escaped => quoted = !quoted,
            '\\' if quoted && !is_escaped => escaped = true,
            ',' if !quoted => return true,
            _ => {}
        }
        false
    });
    split.map(str::trim).collect()
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) else {
        return value.to_owned();
    };
    let mut text = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.extend(characters.next()),
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Challenge, Credentials, Login, Offer, Refused, challenges, nonce, path, user_field};
    use crate::engine::exchange::{CertificateCheck, ClientCertificate, Proxy, Request, Response, TransportId};
    use crate::model::id::ConnectionId;
    use crate::model::moment::Span;

    fn refusal(value: &str) -> Response {
        Response {
            version: "HTTP/1.1".to_owned(),
            status: 401,
            reason: "Unauthorized".to_owned(),
            headers: vec![("WWW-Authenticate".to_owned(), value.to_owned())],
            body: [].into(),
        }
    }

    fn offers(value: &str) -> Vec<Offer> {
        challenges(&refusal(value))
    }

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

    fn answer(challenge: &str, password: &str, cnonce: &str) -> String {
        let credentials = Credentials {
            user: "Mufasa".to_owned(),
            password: password.to_owned(),
        };
        let challenge = Challenge::of(&offers(challenge)[0]).expect("a challenge that can be answered");
        challenge.answer(&credentials, "GET", "/dir/index.html", 1, cnonce)
    }

    #[test]
    fn http_60_the_examples_of_the_standards_are_answered() {
        // RFC 7616, section 3.9.1, with both algorithms.
        let nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
        let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        let challenge = |algorithm| {
            format!(
                "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, \
                 nonce=\"{nonce}\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
            )
        };
        let md5 = answer(&challenge("MD5"), "Circle of Life", cnonce);
        assert!(md5.contains("response=\"8ca523f5e9506fed4657c9700eebdbec\""), "{md5}");
        assert!(
            md5.contains("opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""),
            "{md5}"
        );
        let sha = answer(&challenge("SHA-256"), "Circle of Life", cnonce);
        let expected = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1";
        assert!(sha.contains(&format!("response=\"{expected}\"")), "{sha}");
        // RFC 2617, section 3.5: no algorithm is named.
        let old = "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", \
                   nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"";
        let old = answer(old, "Circle Of Life", "0a4f113b");
        assert!(old.contains("response=\"6629fae49393a05397450978507c4ef1\""), "{old}");
        assert!(!old.contains("algorithm"), "{old}");
    }

    #[test]
    fn http_60_challenges_are_read_however_they_stand() {
        let read = offers("Negotiate, Basic realm=\"a, \\\"b\\\"\" , Digest nonce=n,realm = \"r\", NTLM");
        let schemes: Vec<&str> = read.iter().map(|offer| offer.scheme.as_str()).collect();
        assert_eq!(schemes, ["Negotiate", "Basic", "Digest", "NTLM"]);
        assert_eq!(read[1].get("realm"), Some("a, \"b\""));
        assert_eq!((read[2].get("nonce"), read[2].get("REALM")), (Some("n"), Some("r")));
        assert_eq!(offers(", ,"), []);
    }

    #[test]
    fn http_60_each_request_has_its_own_count() {
        let mut login = Login::new(Some(Credentials {
            user: "u".to_owned(),
            password: "p".to_owned(),
        }));
        let sent = |login: &mut Login, request: &Request| {
            let mut request = request.clone();
            login.add_to(&mut request, || "c".to_owned());
            request.headers.pop().map(|(_, value)| value).unwrap_or_default()
        };
        let first = request("http://h/a");
        login.begin(&first);
        assert_eq!(sent(&mut login, &first), "Basic dTpw");
        let asked = refusal("Digest realm=r, nonce=n, qop=auth");
        assert_eq!(login.refused(&first, &asked), Refused::Again);
        assert!(sent(&mut login, &first).contains("uri=\"/a\"") && sent(&mut login, &first).contains("nc=00000002"));
        assert_eq!(login.refused(&first, &asked), Refused::Final);
        // The next exchange of the run does not send the password again; one with another host starts anew.
        let second = request("http://h/b?c");
        login.begin(&second);
        assert!(sent(&mut login, &second).contains("uri=\"/b?c\", response="));
        let elsewhere = request("http://other/a");
        assert_eq!(sent(&mut login, &elsewhere), "");
        login.begin(&elsewhere);
        assert_eq!(sent(&mut login, &elsewhere), "Basic dTpw");
    }

    #[test]
    fn http_61_what_cannot_be_answered_is_no_challenge() {
        for challenge in [
            "Digest realm=r, nonce=n, algorithm=SHA-512-256",
            "Digest realm=r, nonce=n, qop=auth-int",
            "Digest realm=r",
            "NTLM",
        ] {
            assert_eq!(Challenge::of(&offers(challenge)[0]), None, "{challenge}");
        }
    }

    #[test]
    fn http_60_a_user_cannot_break_out_of_its_quotes() {
        assert_eq!(user_field("a\"b\\"), "username=\"a\\\"b\\\\\"");
        assert_eq!(user_field("é\r\n"), "username*=UTF-8''%C3%A9%0D%0A");
        assert_eq!((path("http://h/a?b"), path("http://h")), ("/a?b", "/"));
        assert_ne!(nonce([1, 2, 3, 4]), nonce([1, 2, 3, 5]));
    }
}
