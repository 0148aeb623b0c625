//! A device that answers from a cassette: pure, so that the same requests have the same answers.
//!
//! A request is matched by method, path and query; by its body too where entries differ only there. The answers of one
//! request come in recorded order, and the last one repeats. Where `***` stands in the cassette there was a secret: it
//! stands for any text.

use std::collections::BTreeMap;

use crate::engine::exchange::{ExchangeError, ExchangeErrorKind, Request};
use crate::model::moment::Span;
use crate::simulate::cassette::{Cassette, Exchange};
use crate::simulate::scenario::Answer;
use crate::simulate::secrets::SECRET;

/// Requests without an entry that are listed: a definition can make up new ones for ever.
const MOST_UNMATCHED: usize = 100;

/// A cassette that is played.
#[derive(Debug, Default)]
pub struct Replay {
    /// By method and target: what can be asked, by body.
    tracks: BTreeMap<(String, String), Vec<Track>>,
    unmatched: Vec<Unmatched>,
    /// The requests that are not listed.
    unlisted: usize,
}

/// The answers to one request.
#[derive(Debug)]
struct Track {
    body: Vec<u8>,
    exchanges: Vec<Exchange>,
    next: usize,
}

/// A request that no entry matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmatched {
    /// The verb.
    pub method: String,
    /// The URL. It may have secrets in it.
    pub url: String,
    /// How often it was made.
    pub times: usize,
}

impl Replay {
    /// From the beginning of a cassette.
    #[must_use]
    pub fn new(cassette: Cassette) -> Self {
        let mut tracks: BTreeMap<(String, String), Vec<Track>> = BTreeMap::new();
        for exchange in cassette.exchanges {
            let bodies = tracks
                .entry((exchange.method.clone(), target(&exchange.url)))
                .or_default();
            match bodies.iter_mut().find(|track| track.body == exchange.body) {
                Some(track) => track.exchanges.push(exchange),
                None => bodies.push(Track {
                    body: exchange.body.clone(),
                    exchanges: vec![exchange],
                    next: 0,
                }),
            }
        }
        Self {
            tracks,
            unmatched: Vec::new(),
            unlisted: 0,
        }
    }

    /// The answer to a request, and after how long it comes.
    pub fn answer(&mut self, request: &Request) -> Answer {
        let Some(track) = self.track(request) else {
            self.remember(request);
            return (Span::ZERO, Err(refused()));
        };
        let exchange = &track.exchanges[track.next];
        track.next = (track.next + 1).min(track.exchanges.len() - 1);
        let timed_out = matches!(&exchange.answer, Err(error) if error.kind == ExchangeErrorKind::Timeout);
        let unknown = if timed_out { request.timeout } else { Span::ZERO };
        (exchange.delay.unwrap_or(unknown), exchange.answer.clone())
    }

    /// The requests that no entry matched, in the order of their first time, and how many are not listed.
    #[must_use]
    pub fn unmatched(&self) -> (&[Unmatched], usize) {
        (&self.unmatched, self.unlisted)
    }

    fn track(&mut self, request: &Request) -> Option<&mut Track> {
        let key = (request.method.clone(), target(&request.url));
        if self.tracks.contains_key(&key) {
            return of_body(self.tracks.get_mut(&key)?, &request.body);
        }
        let mut tracks = self.tracks.iter_mut();
        let fits = |(method, recorded): &(String, String)| {
            *method == key.0 && stands_for(recorded.as_bytes(), key.1.as_bytes())
        };
        let (_, tracks) = tracks.find(|(recorded, _)| fits(recorded))?;
        of_body(tracks, &request.body)
    }

    fn remember(&mut self, request: &Request) {
        let same = |one: &&mut Unmatched| one.method == request.method && one.url == request.url;
        if let Some(known) = self.unmatched.iter_mut().find(same) {
            known.times += 1;
        } else if self.unmatched.len() < MOST_UNMATCHED {
            self.unmatched.push(Unmatched {
                method: request.method.clone(),
                url: request.url.clone(),
                times: 1,
            });
        } else {
            self.unlisted += 1;
        }
    }
}

/// The track of a body: only where several differ there does it matter.
fn of_body<'a>(tracks: &'a mut [Track], body: &[u8]) -> Option<&'a mut Track> {
    if let [only] = tracks {
        return Some(only);
    }
    let same = tracks.iter().position(|track| track.body == body);
    let found = same.or_else(|| tracks.iter().position(|track| stands_for(&track.body, body)));
    tracks.get_mut(found?)
}

/// Path and query of a URL, in one of the ways in which the same can be written: escapes in upper case, and none where
/// none is needed.
fn target(url: &str) -> String {
    let rest = match url.split_once("://") {
        Some((_, rest)) if !url.starts_with('/') => rest.find(['/', '?', '#']).map_or("", |start| &rest[start..]),
        Some(_) | None => url,
    };
    let rest = rest.split('#').next().unwrap_or(rest);
    let mut target = String::from(if rest.starts_with('/') { "" } else { "/" });
    let mut parts = rest.split('%');
    target.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let digits = part
            .get(..2)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => target.push(char::from(byte)),
            Some(byte) => target.push_str(&format!("%{byte:02X}")),
            None => target.push('%'),
        }
        target.push_str(if digits.is_some() { &part[2..] } else { part });
    }
    target
}

/// Whether what was recorded, with `***` for any text, is this.
fn stands_for(recorded: &[u8], text: &[u8]) -> bool {
    let secret = SECRET.as_bytes();
    let mut parts = Vec::new();
    let mut rest = recorded;
    while let Some(at) = find(rest, secret) {
        parts.push(&rest[..at]);
        rest = &rest[at + secret.len()..];
    }
    let Some((first, between)) = parts.split_first() else {
        return recorded == text;
    };
    let Some(mut text) = text.strip_prefix(*first).and_then(|text| text.strip_suffix(rest)) else {
        return false;
    };
    for part in between {
        let Some(at) = find(text, part) else { return false };
        text = &text[at + part.len()..];
    }
    true
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    if part.is_empty() {
        return Some(0);
    }
    text.windows(part.len()).position(|window| window == part)
}

fn refused() -> ExchangeError {
    ExchangeError {
        kind: ExchangeErrorKind::CannotConnect,
        sent: false,
        detail: "no entry of the cassette matches the request".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{stands_for, target};

    #[test]
    fn targets_are_the_same_however_they_are_escaped() {
        for url in [
            "http://a:80/b%7ec?d=%2f%C3%A9#e",
            "/b~c?d=%2F%c3%a9",
            "HTTPS://u@x/%62~c?d=%2F%C3%a9",
        ] {
            assert_eq!(target(url), "/b~c?d=%2F%C3%A9", "{url}");
        }
        let others = [
            "http://a",
            "http://a?b=http://c/d",
            "/b?c=http://d/e",
            "http://a/100%é%zz%4",
        ];
        assert_eq!(
            others.map(target),
            ["/", "/?b=http://c/d", "/b?c=http://d/e", "/100%é%zz%4"]
        );
    }

    #[test]
    fn where_a_secret_was_any_text_fits() {
        let fits = |recorded: &str, text: &str| stands_for(recorded.as_bytes(), text.as_bytes());
        assert!(fits("/a?k=***", "/a?k=x") && fits("/a?k=***&l=***", "/a?k=x&l=") && fits("***", ""));
        assert!(fits("a***b***c", "a1b2b3c") && fits("/a", "/a"));
        assert!(!fits("/a?k=***&l=1", "/a?k=x&l=2") && !fits("/a", "/b") && !fits("ab***bc", "abc"));
        assert!(!fits("a***b***c", "ac"));
    }
}
