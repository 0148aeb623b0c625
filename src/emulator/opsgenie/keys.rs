//! API keys: which kinds there are, and what each may do.
//!
//! Opsgenie and the integration events take `GenieKey KEY`; the older forms, `basic` with the key in base64 and
//! `?apiKey=KEY`, only where a switch allows it. The REST API takes `Basic` with an e-mail address and a token.
//!
//! No kind may do everything: an account key cannot touch alerts, a team key sees no account, a restricted key no
//! configuration. The texts of 401, 422 and 40301 are the real ones; that of 40302 is ours.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use serde::Deserialize;

use crate::emulator::opsgenie::answer::Answer;
use crate::emulator::opsgenie::call::Call;
use crate::emulator::opsgenie::route::{Face, HeartbeatOperation, Operation, TeamOperation};

/// The key that is accepted when none is given.
pub const DEMO_KEY: &str = "0ad17000-0000-4000-8000-000000000000";

/// The login of the REST API that is accepted when none is given: an e-mail address and a token.
pub const DEMO_LOGIN: (&str, &str) = ("demo@example.org", "demo-token");

/// The site of the REST API when the seed names none.
pub const DEMO_SITE: &str = "0ad17000-0000-4000-8000-00000000c10d";

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
    /// What stands before every alias of this key's integration; without it, what the seed says for all.
    #[serde(default, rename = "aliasPrefix")]
    pub alias_prefix: Option<String>,
}

/// A login of the REST API.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The e-mail address.
    pub email: String,
    /// The token.
    pub token: String,
}

/// The keys of the platform.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys {
    keys: BTreeMap<String, Key>,
    logins: Vec<Login>,
    old_forms: bool,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Caller<'a> {
    /// The key, or the e-mail address.
    pub(super) name: &'a str,
    /// The key; none for a login of the REST API.
    pub(super) key: Option<&'a Key>,
}

impl Keys {
    /// The keys, or the demo key when there are none; the same with the logins.
    pub(super) fn new(keys: &[Key], logins: &[Login], old_forms: bool) -> Self {
        let demo = Key {
            key: DEMO_KEY.to_owned(),
            kind: KeyKind::Api,
            team: None,
            alias_prefix: None,
        };
        let keys = if keys.is_empty() { &[demo][..] } else { keys };
        let (email, token) = (DEMO_LOGIN.0.to_owned(), DEMO_LOGIN.1.to_owned());
        let demo = Login { email, token };
        Self {
            keys: keys
                .iter()
                .map(|key| (key.key.to_ascii_lowercase(), key.clone()))
                .collect(),
            logins: if logins.is_empty() { vec![demo] } else { logins.to_vec() },
            old_forms,
        }
    }

    /// Who asks, when they may do this.
    pub(super) fn admit(&self, call: &Call, operation: &Operation) -> Result<Caller<'_>, Answer> {
        let unknown = || Answer::error(401, "Could not authenticate");
        if call.face() == Face::Rest {
            let login = call
                .authorization
                .as_deref()
                .and_then(|text| self.login(text))
                .ok_or_else(unknown)?;
            let name = login.email.as_str();
            return Ok(Caller { name, key: None });
        }
        let key = self.given(call).ok_or_else(unknown)?;
        if !is_uuid(&key) {
            return Err(Answer::error(422, "Key format is not valid!"));
        }
        let key = self.keys.get(&key.to_ascii_lowercase()).ok_or_else(unknown)?;
        match refusal(key.kind, operation) {
            None => Ok(Caller {
                name: &key.key,
                key: Some(key),
            }),
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

    /// The key that was sent.
    fn given<'a>(&self, call: &'a Call) -> Option<Cow<'a, str>> {
        let authorization = call.authorization.as_deref();
        if let Some(key) = authorization.and_then(|text| after_scheme(text, "GenieKey")) {
            return Some(key.into());
        }
        if !self.old_forms {
            return None;
        }
        match authorization {
            Some(text) => unpacked(text).map(Cow::from),
            None => call.parameter("apiKey"),
        }
    }

    /// The login in `Basic …`.
    fn login(&self, authorization: &str) -> Option<&Login> {
        let text = unpacked(authorization)?;
        let (email, token) = text.split_once(':')?;
        let is_meant = |login: &&Login| login.email.eq_ignore_ascii_case(email) && login.token == token;
        self.logins.iter().find(is_meant)
    }
}

/// Why a key may not do something.
enum Refusal {
    Unknown,
    NotAnIntegration,
    NotSupported,
}

fn refusal(kind: KeyKind, operation: &Operation) -> Option<Refusal> {
    let account = matches!(operation, Operation::Account | Operation::RequestLimits);
    let heartbeat =
        matches!(operation, Operation::Heartbeat(operation) if !matches!(operation, HeartbeatOperation::Ping(_)));
    let configuration = account || heartbeat || matches!(operation, Operation::Team(_));
    match kind {
        KeyKind::Api => None,
        KeyKind::Team => {
            let foreign = account || matches!(operation, Operation::Team(TeamOperation::Create));
            foreign.then_some(Refusal::NotSupported)
        }
        KeyKind::ReadOnly => (operation.writes() || operation.configures()).then_some(Refusal::NotSupported),
        KeyKind::Restricted => configuration.then_some(Refusal::NotSupported),
        KeyKind::Account => operation.writes().then_some(Refusal::NotAnIntegration),
        KeyKind::Disabled => Some(Refusal::Unknown),
    }
}

/// What follows a scheme word, in any casing.
fn after_scheme<'a>(authorization: &'a str, word: &str) -> Option<&'a str> {
    let (scheme, key) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case(word).then_some(key)
}

/// The text in `Basic BASE64`.
fn unpacked(authorization: &str) -> Option<String> {
    let packed = after_scheme(authorization, "Basic")?;
    String::from_utf8(STANDARD.decode(packed.trim()).ok()?).ok()
}

/// Whether a key is UUID-shaped, in any casing.
pub(crate) fn is_uuid(key: &str) -> bool {
    let lengths = key.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && key.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// A key as a journal may show it: its first four characters.
pub(super) fn redacted(authorization: &str) -> String {
    match after_scheme(authorization, "GenieKey") {
        Some(key) => {
            let end = key.char_indices().nth(4).map_or(key.len(), |(end, _)| end);
            ["GenieKey ", &key[..end], "***"].concat()
        }
        None => "***".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{DEMO_KEY, DEMO_LOGIN, DEMO_SITE, Key, KeyKind, Keys, STANDARD, redacted};
    use crate::emulator::opsgenie::call::Call;
    use crate::emulator::opsgenie::route::{Operation, TeamOperation, Verb};
    use base64::Engine;

    fn call(authorization: &str) -> Call {
        Call {
            path: "/v2/alerts".into(),
            authorization: Some(authorization.to_owned()),
            ..Call::default()
        }
    }

    /// 0 when the keys let it pass.
    fn status(keys: &Keys, call: &Call, operation: &Operation) -> u16 {
        keys.admit(call, operation).err().map_or(0, |no| no.status)
    }

    /// The status with which each kind is refused a create, a close, the teams, the account and the list of alerts.
    #[test]
    fn each_kind_of_key_has_its_limits() {
        let operations = [
            Operation::Create,
            Operation::Write("1".into(), Verb::Close),
            Operation::Team(TeamOperation::List),
            Operation::Account,
            Operation::List,
        ];
        let statuses = |kind| {
            let key = Key {
                key: DEMO_KEY.into(),
                kind,
                team: None,
                alias_prefix: None,
            };
            let keys = Keys::new(&[key], &[], false);
            let call = call(&format!("GenieKey {DEMO_KEY}"));
            operations.each_ref().map(|operation| status(&keys, &call, operation))
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
        let keys = Keys::new(&[], &[], false);
        let status = |header: &str| status(&keys, &call(header), &Operation::List);
        assert_eq!(status(&format!("GenieKey {DEMO_KEY}")), 0);
        assert_eq!(status(&format!("geniekey {}", DEMO_KEY.to_uppercase())), 0);
        assert_eq!(status("GenieKey ffffffff-ffff-4fff-8fff-ffffffffffff"), 401);
        assert_eq!(status(&format!("Bearer {DEMO_KEY}")), 401);
        assert_eq!(status(DEMO_KEY), 401);
        assert_eq!(status(&format!("GenieKey {}", DEMO_KEY.replace('-', ""))), 422);
        assert_eq!(self::status(&keys, &Call::default(), &Operation::List), 401);
    }

    #[test]
    fn older_forms_of_a_key_need_a_switch() {
        let basic = call(&format!("basic {}", STANDARD.encode(DEMO_KEY)));
        let in_query = Call {
            query: format!("apiKey={DEMO_KEY}"),
            ..Call::default()
        };
        let statuses = |switch| {
            let keys = Keys::new(&[], &[], switch);
            [&basic, &in_query].map(|call| status(&keys, call, &Operation::List))
        };
        assert_eq!((statuses(false), statuses(true)), ([401, 401], [0, 0]));
    }

    #[test]
    fn the_rest_api_takes_a_login_and_no_key() {
        let keys = Keys::new(&[], &[], true);
        let status = |authorization: String| {
            let call = Call {
                path: format!("/jsm/ops/api/{DEMO_SITE}/v1/alerts"),
                ..call(&authorization)
            };
            status(&keys, &call, &Operation::List)
        };
        let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
        assert_eq!(status(basic(&format!("{}:{}", DEMO_LOGIN.0, DEMO_LOGIN.1))), 0);
        assert_eq!(status(basic(&format!("{}:other", DEMO_LOGIN.0))), 401);
        assert_eq!(status(basic(DEMO_KEY)), 401);
        assert_eq!(status(format!("GenieKey {DEMO_KEY}")), 401);
    }

    #[test]
    fn a_key_is_shown_by_its_beginning_only() {
        assert_eq!(redacted(&format!("GenieKey {DEMO_KEY}")), "GenieKey 0ad1***");
        assert_eq!(redacted(DEMO_KEY), "***");
    }
}
