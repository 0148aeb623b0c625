//! The API key: what an operator sets, and the header value that the platform asks for.

use crate::engine::qaction::QActionResult;
use crate::engine::sl_protocol::SlProtocol;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::connectors::opsgenie::asking::Asking;
use crate::connectors::opsgenie::hold::Flow;
use crate::connectors::opsgenie::parameters::{
    API_KEY, API_KEY_WRITE, AUTHORIZATION, POLL_TEAMS, SERVICE, TEAMS_POLL_STATUS,
};
use crate::connectors::opsgenie::pump::pump;
use crate::connectors::opsgenie::restore::restore_once;
use crate::connectors::opsgenie::service::Service;
use crate::connectors::opsgenie::shared::Shared;
use crate::connectors::opsgenie::{account, notice, teams};

/// The scheme word of the platform's keys.
const SCHEME: &str = "GenieKey";

/// The value of the `Authorization` header for what an operator set; none when there is no key.
pub(super) fn authorization(given: &str, service: Service) -> Option<String> {
    match service {
        Service::Opsgenie | Service::Events => genie_key(given),
        Service::Operations => token(given),
    }
}

/// A key given with or without the scheme word, in any casing. Blanks and line breaks are dropped: a key has none, and a
/// header with one would be two.
fn genie_key(given: &str) -> Option<String> {
    let mut words = given.split_whitespace().peekable();
    words.next_if(|word| word.eq_ignore_ascii_case(SCHEME));
    let key: String = words
        .flat_map(str::chars)
        .filter(|character| !character.is_control())
        .collect();
    (!key.is_empty()).then(|| format!("{SCHEME} {key}"))
}

/// `email:token` of an Atlassian account; or a value with its scheme, `Basic …` or `Bearer …`, as it is.
fn token(given: &str) -> Option<String> {
    let given: String = given.chars().filter(|character| !character.is_control()).collect();
    let given = given.trim();
    if let Some((scheme, value)) = given.split_once(' ')
        && ["basic", "bearer"].contains(&scheme.to_ascii_lowercase().as_str())
    {
        return Some(format!("{scheme} {}", value.trim()));
    }
    match given {
        "" => None,
        pair if pair.contains(':') => Some(format!("Basic {}", STANDARD.encode(pair))),
        token => Some(format!("Bearer {token}")),
    }
}

/// A text with the key made unreadable, should the platform have repeated it.
pub(super) fn without_key(text: &str, authorization: &str) -> String {
    match authorization.split_once(' ').map(|(_, key)| key.trim()) {
        Some(key) if !key.is_empty() => text.replace(key, "***"),
        Some(_) | None => text.to_owned(),
    }
}

/// QAction 11: somebody set the key.
pub(super) async fn changed(protocol: &SlProtocol, shared: &Shared) -> QActionResult {
    let given = protocol.get_text(API_KEY_WRITE).await;
    take(protocol, shared, &given).await;
    Ok(())
}

/// QAction 15: somebody chose another platform. The rows stay, and go there.
pub(super) async fn platform_changed(protocol: &SlProtocol, shared: &Shared) -> QActionResult {
    let given = protocol.get_text(API_KEY).await;
    notice::show(protocol).await;
    take(protocol, shared, &given).await;
    Ok(())
}

/// The teams are polled with the key at once, and a queue that was held tries again.
async fn take(protocol: &SlProtocol, shared: &Shared, given: &str) {
    let service = Service::of(protocol.get_number(SERVICE).await);
    let authorization = authorization(given, service);
    let flow = Flow::at_start(authorization.is_some());
    protocol.set(AUTHORIZATION, authorization.unwrap_or_default()).await;
    teams::aim(protocol).await;
    if flow == Flow::NoKey {
        protocol.set(TEAMS_POLL_STATUS, "No API key").await;
    } else if service.teams().is_some() {
        // The request is rendered when the group is queued: only now, when the header has its value.
        protocol.check_trigger(POLL_TEAMS).await;
    }
    restore_once(protocol, shared).await;
    let present = account::present(protocol).await;
    let now = protocol.unix_ms().await;
    {
        let mut state = shared.lock();
        state.queue.change_account(present);
        state.queue.gates.here.flow = flow;
        state.key_changed_at = now;
        state.asking = Asking::default();
    }
    pump(protocol, shared).await;
}

#[cfg(test)]
mod tests {
    use super::{Service, token, without_key};

    fn authorization(given: &str) -> Option<String> {
        super::authorization(given, Service::Opsgenie)
    }

    #[test]
    fn jsm_operations_take_an_email_with_a_token() {
        let header = |given: &str| token(given).unwrap_or_default();
        assert_eq!(header(" a@b.c:tok\r\n"), "Basic YUBiLmM6dG9r");
        assert_eq!(header("Basic abc"), "Basic abc");
        assert_eq!(header("bearer  x.y"), "bearer x.y");
        assert_eq!(header("x.y"), "Bearer x.y");
        assert_eq!(token(" \n"), None);
    }

    #[test]
    fn a_key_is_accepted_with_or_without_its_scheme() {
        let expected = Some("GenieKey b1c2-d3".to_owned());
        for given in [
            "b1c2-d3",
            "GenieKey b1c2-d3",
            "geniekey b1c2-d3",
            "  GENIEKEY \t b1c2-d3 \r\n",
            "b1c2\r\n-d3\n",
        ] {
            assert_eq!(authorization(given), expected, "{given:?}");
        }
    }

    #[test]
    fn no_key_is_no_header() {
        assert_eq!(
            ["", " \n", "GenieKey", "geniekey  "].map(authorization),
            [None, None, None, None]
        );
    }

    #[test]
    fn a_header_cannot_be_injected() {
        let header = authorization("abc\r\nX-Other: 1\u{0}").unwrap();
        assert_eq!(header, "GenieKey abcX-Other:1");
    }

    #[test]
    fn a_key_in_an_answer_is_made_unreadable() {
        assert_eq!(without_key("key b1c2 is bad", "GenieKey b1c2"), "key *** is bad");
        assert_eq!(without_key("nothing", ""), "nothing");
        assert_eq!(without_key("nothing", "GenieKey "), "nothing");
    }
}
