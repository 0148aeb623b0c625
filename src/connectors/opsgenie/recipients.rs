//! Responders and other recipients by id: JSM Operations knows them by nothing else.
//!
//! A message may name them, as Opsgenie allows. The ids come from what an operator wrote down (`NOC=7c9e…; ann@example.com=…`)
//! and, for teams, from the table of teams, as far as it is of the account that the message goes to: an account that moves
//! to another service gets other ids. Integration events list no teams: there what is written down is the list.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::connectors::opsgenie::account::Account;
use crate::connectors::opsgenie::operation::Fields;
use crate::connectors::opsgenie::parameters::{OPSGENIE_TEAMS, RESPONDER_IDS, TEAMS_ACCOUNT};
use crate::connectors::opsgenie::restore::rows;
use crate::engine::sl_protocol::SlProtocol;

/// The fields with recipients: one, or several.
const FIELDS: [&str; 6] = ["responders", "visibleTo", "responder", "team", "owner", "escalation"];

/// The ids of recipients by name, in lower case.
pub(super) type Ids = BTreeMap<String, String>;

/// What an operator wrote down: names and ids, separated by semicolons or line ends.
fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let pairs = text.split([';', '\n']).filter_map(|pair| pair.split_once('='));
    let pairs = pairs.map(|(name, id)| (name.trim(), id.trim()));
    pairs.filter(|(name, id)| !name.is_empty() && !id.is_empty())
}

/// The ids that an operator wrote down.
pub(super) fn written(text: &str) -> Ids {
    pairs(text)
        .map(|(name, id)| (name.to_lowercase(), id.to_owned()))
        .collect()
}

/// Names and ids of the teams among them: users are named by their address.
pub(super) fn written_teams(text: &str) -> Vec<(&str, &str)> {
    pairs(text).filter(|(name, _)| !name.contains('@')).collect()
}

/// The ids of the teams of an account and of those an operator wrote down, by name.
pub(super) async fn ids(protocol: &SlProtocol, account: &Account) -> Ids {
    let teams = match *protocol.get_text(TEAMS_ACCOUNT).await == *account.text() {
        true => protocol.get_columns(OPSGENIE_TEAMS, &[0, 1]).await.unwrap_or_default(),
        false => Vec::new(),
    };
    let named = rows(teams).into_iter().filter_map(|cells| match cells.as_slice() {
        [id, name] => Some((name.to_text().to_lowercase(), id.to_text().to_string())),
        _ => None,
    });
    let mut ids: Ids = named.collect();
    ids.extend(written(&protocol.get_text(RESPONDER_IDS).await));
    ids
}

/// Whether a recipient has a name only.
pub(super) fn lacks_ids(fields: &Fields) -> bool {
    let mut recipients = FIELDS.iter().filter_map(|field| fields.get(*field)).flat_map(each);
    recipients.any(|recipient| recipient.get("id").is_none() && name(recipient).is_some())
}

/// Gives recipients their ids, where these are known.
pub(super) fn identify(fields: &mut Fields, ids: &Ids) {
    for field in FIELDS {
        match fields.get_mut(field) {
            Some(Json::Array(recipients)) => recipients.iter_mut().for_each(|recipient| identify_one(recipient, ids)),
            Some(recipient @ Json::Object(_)) => identify_one(recipient, ids),
            Some(Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_)) | None => {}
        }
    }
}

/// The name of a recipient, or the name of a user.
pub(super) fn name(recipient: &Json) -> Option<&str> {
    let named = ["name", "username"].into_iter().find_map(|key| recipient.get(key));
    named.and_then(Json::as_str)
}

/// The id of a recipient that is known by its name.
pub(super) fn id_by_name(recipient: &Json, ids: &Ids) -> Option<String> {
    ids.get(&name(recipient)?.to_lowercase()).cloned()
}

fn identify_one(recipient: &mut Json, ids: &Ids) {
    let id = id_by_name(recipient, ids);
    if let (Json::Object(recipient), Some(id)) = (recipient, id) {
        recipient.entry("id").or_insert(Json::String(id));
    }
}

fn each(recipients: &Json) -> impl Iterator<Item = &Json> {
    let (one, several) = match recipients {
        Json::Array(several) => (None, several.as_slice()),
        Json::Object(_) => (Some(recipients), [].as_slice()),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => (None, [].as_slice()),
    };
    one.into_iter().chain(several)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn recipients_that_are_written_down_get_their_ids() {
        let ids = written("NOC = 7c9e ;ann@example.com=11\nnobody;=3;x=");
        assert_eq!(ids.len(), 2);
        assert_eq!(
            written_teams("NOC = 7c9e ;ann@example.com=11\nOps=5"),
            [("NOC", "7c9e"), ("Ops", "5")]
        );
        let given = json!({"responders": [{"type": "team", "name": "noc"}, {"type": "team", "id": "5", "name": "NOC"},
            {"type": "user", "username": "b@c.d"}], "owner": {"username": "Ann@example.com"}, "note": "n"});
        let mut fields = given.as_object().unwrap().clone();
        assert!(lacks_ids(&fields));
        identify(&mut fields, &ids);
        let expected = json!({"responders": [{"type": "team", "name": "noc", "id": "7c9e"},
            {"type": "team", "id": "5", "name": "NOC"}, {"type": "user", "username": "b@c.d"}],
            "owner": {"username": "Ann@example.com", "id": "11"}, "note": "n"});
        assert_eq!(Json::Object(fields), expected);
        assert!(!lacks_ids(
            json!({"team": {"id": "5", "name": "NOC"}, "owner": "x"})
                .as_object()
                .unwrap()
        ));
    }
}
