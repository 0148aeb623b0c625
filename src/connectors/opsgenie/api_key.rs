//! The API key: what an operator sets, and the header value that the platform asks for.

use crate::engine::qaction::QActionResult;
use crate::engine::sl_protocol::SlProtocol;

use super::hold::Flow;
use super::parameters::{API_KEY_WRITE, AUTHORIZATION, POLL_TEAMS, TEAMS_POLL_STATUS};
use super::pump::pump;
use super::restore::restore_once;
use super::shared::Shared;

/// The scheme word of the platform's keys.
const SCHEME: &str = "GenieKey";

/// The value of the `Authorization` header for a key given with or without the scheme word, in any casing; none when
/// there is no key. Blanks and line breaks are dropped: a key has none, and a header with one would be two.
pub(super) fn authorization(given: &str) -> Option<String> {
    let mut words = given.split_whitespace().peekable();
    words.next_if(|word| word.eq_ignore_ascii_case(SCHEME));
    let key: String = words
        .flat_map(str::chars)
        .filter(|character| !character.is_control())
        .collect();
    (!key.is_empty()).then(|| format!("{SCHEME} {key}"))
}

/// A text with the key made unreadable, should the platform have repeated it.
pub(super) fn without_key(text: &str, authorization: &str) -> String {
    match authorization.strip_prefix(SCHEME).map(str::trim) {
        Some(key) if !key.is_empty() => text.replace(key, "***"),
        Some(_) | None => text.to_owned(),
    }
}

/// QAction 11: somebody set the key. The teams are polled with it at once, and a queue that was held tries again.
pub(super) async fn changed(protocol: &SlProtocol, shared: &Shared) -> QActionResult {
    let given = protocol.get_text(API_KEY_WRITE).await;
    let authorization = authorization(&given);
    let flow = Flow::at_start(authorization.is_some());
    protocol.set(AUTHORIZATION, authorization.unwrap_or_default()).await;
    if flow == Flow::Running {
        // The request is rendered when the group is queued: only now, when the header has its value.
        protocol.check_trigger(POLL_TEAMS).await;
    } else {
        protocol.set(TEAMS_POLL_STATUS, "No API key").await;
    }
    restore_once(protocol, shared).await;
    let now = protocol.unix_ms().await;
    {
        let mut state = shared.lock();
        state.queue.flow = flow;
        state.key_changed_at = now;
    }
    pump(protocol, shared).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{authorization, without_key};

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
