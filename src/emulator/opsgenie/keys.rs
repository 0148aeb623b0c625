//! API keys: which kinds there are, and what each may do.
//!
//! No kind may do everything: an account key cannot touch alerts, a team key sees no account, a restricted key no
//! configuration. The texts of 401, 422 and 40301 are the real ones; that of 40302 is ours.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::emulator::opsgenie::answer::Answer;
use crate::emulator::opsgenie::call::Operation;

/// The key that is accepted when none is given.
pub const DEMO_KEY: &str = "0ad17000-0000-4000-8000-000000000000";

/// A kind of API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    /// Of a global API integration: alerts and configuration.
    #[default]
    Api,
    /// Of a team's API integration: alerts go to that team; no account.
    Team,
    /// Of an API integration that may only read.
    ReadOnly,
    /// Of an API integration with "Restrict configuration access": no teams, no account.
    Restricted,
    /// Of API key management: configuration, but no writes on alerts.
    Account,
    /// Of an integration that is turned off.
    Disabled,
}

/// A key, its kind and, for a team key, its team.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The key, UUID-shaped.
    pub key: String,
    /// Its kind.
    #[serde(default)]
    pub kind: KeyKind,
    /// The name of the team of a team key.
    #[serde(default)]
    pub team: Option<String>,
}

/// The keys of the platform.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys(BTreeMap<String, Key>);

impl Keys {
    /// The keys, or the demo key when there are none.
    pub(super) fn new(keys: &[Key]) -> Self {
        let demo = Key {
            key: DEMO_KEY.to_owned(),
            kind: KeyKind::Api,
            team: None,
        };
        let keys = if keys.is_empty() { &[demo][..] } else { keys };
        Self(
            keys.iter()
                .map(|key| (key.key.to_ascii_lowercase(), key.clone()))
                .collect(),
        )
    }

    /// The key of an `Authorization` header, when it may do this.
    pub(super) fn admit(&self, authorization: Option<&str>, operation: &Operation) -> Result<&Key, Answer> {
        let unknown = || Answer::error(401, "Could not authenticate");
        let key = authorization.and_then(given).ok_or_else(unknown)?;
        if !is_uuid(key) {
            return Err(Answer::error(422, "Key format is not valid!"));
        }
        let key = self.0.get(&key.to_ascii_lowercase()).ok_or_else(unknown)?;
        match refusal(key.kind, operation) {
            None => Ok(key),
            Some(Refusal::Unknown) => Err(unknown()),
            Some(Refusal::NotAnIntegration) => {
                let text = "To perform this action, use an API key from an API integration.";
                Err(Answer::forbidden(40301, text))
            }
            Some(Refusal::NotSupported) => Err(Answer::forbidden(
                40302,
                "This request is not supported for this API key.",
            )),
        }
    }
}

/// Why a key may not do something.
enum Refusal {
    Unknown,
    NotAnIntegration,
    NotSupported,
}

fn refusal(kind: KeyKind, operation: &Operation) -> Option<Refusal> {
    let account = matches!(operation, Operation::Account);
    let configuration = matches!(operation, Operation::Account | Operation::Teams | Operation::Team(_));
    match kind {
        KeyKind::Api => None,
        KeyKind::Team => account.then_some(Refusal::NotSupported),
        KeyKind::ReadOnly => operation.writes().then_some(Refusal::NotSupported),
        KeyKind::Restricted => configuration.then_some(Refusal::NotSupported),
        KeyKind::Account => operation.writes().then_some(Refusal::NotAnIntegration),
        KeyKind::Disabled => Some(Refusal::Unknown),
    }
}

/// The key in `GenieKey KEY`.
fn given(authorization: &str) -> Option<&str> {
    let (scheme, key) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("GenieKey").then_some(key)
}

/// Whether a key is UUID-shaped, in any casing.
pub(crate) fn is_uuid(key: &str) -> bool {
    let groups: Vec<&str> = key.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12] && key.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// A key as a journal may show it: its first four characters.
pub(super) fn redacted(authorization: &str) -> String {
    match given(authorization) {
        Some(key) => format!("GenieKey {}***", key.chars().take(4).collect::<String>()),
        None => "***".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{DEMO_KEY, Key, KeyKind, Keys, redacted};
    use crate::emulator::opsgenie::call::{Operation, Verb};

    /// The status with which each kind is refused a create, a close, the teams, the account and the list of alerts.
    #[test]
    fn each_kind_of_key_has_its_limits() {
        let operations = [
            Operation::Create,
            Operation::Write("1".into(), Verb::Close),
            Operation::Teams,
            Operation::Account,
            Operation::List,
        ];
        let statuses = |kind| {
            let keys = Keys::new(&[Key {
                key: DEMO_KEY.into(),
                kind,
                team: None,
            }]);
            let authorization = format!("GenieKey {DEMO_KEY}");
            operations.each_ref().map(|operation| {
                keys.admit(Some(&authorization), operation)
                    .err()
                    .map_or(0, |no| no.status)
            })
        };
        assert_eq!(statuses(KeyKind::Api), [0, 0, 0, 0, 0]);
        assert_eq!(statuses(KeyKind::Team), [0, 0, 0, 403, 0]);
        assert_eq!(statuses(KeyKind::ReadOnly), [403, 403, 0, 0, 0]);
        assert_eq!(statuses(KeyKind::Restricted), [0, 0, 403, 403, 0]);
        assert_eq!(statuses(KeyKind::Account), [403, 403, 0, 0, 0]);
        assert_eq!(statuses(KeyKind::Disabled), [401; 5]);
    }

    #[test]
    fn a_key_is_checked_in_its_shape_before_it_is_looked_up() {
        let keys = Keys::new(&[]);
        let status = |header: &str| {
            keys.admit(Some(header), &Operation::List)
                .err()
                .map_or(0, |no| no.status)
        };
        assert_eq!(status(&format!("GenieKey {DEMO_KEY}")), 0);
        assert_eq!(status(&format!("geniekey {}", DEMO_KEY.to_uppercase())), 0);
        assert_eq!(status("GenieKey ffffffff-ffff-4fff-8fff-ffffffffffff"), 401);
        assert_eq!(status(&format!("Bearer {DEMO_KEY}")), 401);
        assert_eq!(status(DEMO_KEY), 401);
        assert_eq!(status(&format!("GenieKey {}", DEMO_KEY.replace('-', ""))), 422);
        assert_eq!(keys.admit(None, &Operation::List).err().map_or(0, |no| no.status), 401);
    }

    #[test]
    fn a_key_is_shown_by_its_beginning_only() {
        assert_eq!(redacted(&format!("GenieKey {DEMO_KEY}")), "GenieKey 0ad1***");
        assert_eq!(redacted(DEMO_KEY), "***");
    }
}
