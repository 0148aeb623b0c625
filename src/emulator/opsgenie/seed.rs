//! The seed file: what the platform holds when it starts.
//!
//! ```json
//! {
//!   "teams": [{ "name": "NOC", "id": "…", "description": "…", "members": ["a@example.org"] }],
//!   "keys": [{ "key": "…", "kind": "api" }, { "key": "…", "kind": "team", "team": "NOC" }],
//!   "alerts": [{ "message": "…", "alias": "…" }],
//!   "heartbeats": [{ "name": "dataminer", "interval": 10, "intervalUnit": "minutes", "enabled": true }],
//!   "logins": [{ "email": "a@example.org", "token": "…" }],
//!   "site": "…",
//!   "aliasPrefix": ""
//! }
//! ```
//! Everything is optional. `kind` is `api` (the default), `team`, `readonly`, `restricted`, `account` or `disabled`. An
//! alert is the body of a create. `aliasPrefix` stands before every alias, as an integration's rule may have it: then an
//! alias as sent no longer addresses the alert; a key may have one of its own. `logins` and `site` (a cloud id) are those
//! of the REST API of Jira Service Management.

use serde::Deserialize;
use serde_json::Value;

use crate::emulator::opsgenie::heartbeats::Heartbeat;
use crate::emulator::opsgenie::keys::{Key, Login, is_uuid};
use crate::emulator::opsgenie::teams::Team;

/// What the platform holds when it starts.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub struct Seed {
    /// The teams.
    pub teams: Vec<Team>,
    /// The keys.
    pub keys: Vec<Key>,
    /// Bodies of creates.
    pub alerts: Vec<Value>,
    /// The heartbeats.
    pub heartbeats: Vec<Heartbeat>,
    /// The logins of the REST API.
    pub logins: Vec<Login>,
    /// The site of the REST API; the demo's when it is empty.
    pub site: String,
    /// What stands before every alias.
    pub alias_prefix: String,
}

impl Seed {
    /// Reads a seed.
    ///
    /// # Errors
    /// Not JSON, an unknown field, a key that is not UUID-shaped, a team key without a team.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim_start();
        if text.starts_with('[') {
            // A list would be taken for the fields in order.
            return Err("a seed is a JSON object, not a list".to_owned());
        }
        let mut seed: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        for team in &mut seed.teams {
            if team.id.is_empty() {
                team.id = Team::named(&team.name, "").id;
            }
        }
        seed.keys.iter().try_for_each(|key| seed.check(key))?;
        Ok(seed)
    }

    fn check(&self, key: &Key) -> Result<(), String> {
        if !is_uuid(&key.key) {
            return Err(format!("the key \"{}\" is not UUID-shaped", key.key));
        }
        match &key.team {
            Some(name) if !self.teams.iter().any(|team| team.name == *name) => Err(format!(
                "the key \"{}\" belongs to the team \"{name}\", which is not among the teams",
                key.key
            )),
            Some(_) | None => Ok(()),
        }
    }

    /// The teams of a demonstration.
    #[must_use]
    pub fn demo() -> Self {
        let teams = [
            ("NOC", "Network operations centre, around the clock"),
            ("Transmission", "Contribution and distribution links"),
            ("Playout", "Studio and playout engineers"),
        ];
        Self {
            teams: teams.map(|(name, description)| Team::named(name, description)).to_vec(),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Seed;
    use crate::emulator::opsgenie::keys::KeyKind;

    #[test]
    fn a_seed_names_teams_keys_and_alerts() {
        let text = r#"{"teams":[{"name":"NOC"}],"keys":[{"key":"0ad17000-0000-4000-8000-00000000000A","kind":"team","team":"NOC"}],
            "alerts":[{"message":"m"}],"aliasPrefix":"x-"}"#;
        let seed = Seed::parse(text).unwrap();
        assert_eq!(
            (seed.keys[0].kind, seed.alerts.len(), seed.alias_prefix.as_str()),
            (KeyKind::Team, 1, "x-")
        );
        assert_eq!(seed.teams[0].id.len(), 36);
        assert_eq!(Seed::parse("{}"), Ok(Seed::default()));
    }

    #[test]
    fn err_a_seed_that_cannot_be_used_says_why() {
        let why = |text: &str| Seed::parse(text).unwrap_err();
        insta::assert_snapshot!(
            [
                "",
                "[]",
                r#"{"team":[]}"#,
                r#"{"keys":[{"key":"abc"}]}"#,
                r#"{"keys":[{"key":"0ad17000-0000-4000-8000-000000000000","kind":"root"}]}"#,
                r#"{"keys":[{"key":"0ad17000-0000-4000-8000-000000000000","kind":"team","team":"X"}]}"#,
            ]
            .map(why)
            .join("\n")
        );
    }
}
