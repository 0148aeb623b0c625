//! What the integration's rules put before every alias, as far as confirmed creates showed it.
//!
//! A create whose answer was lost is looked for by its alias, for nothing else is known of the alert. Where the platform
//! renames alerts, an alert is found under its new name only; otherwise the create would be sent again.

use std::collections::BTreeMap;

use crate::connectors::opsgenie::account::Account;
use crate::connectors::opsgenie::message::Message;
use crate::connectors::opsgenie::operation::Operation;
use crate::connectors::opsgenie::outcome::Next;
use crate::connectors::opsgenie::target::{Identifier, Target};

/// The prefix of each account that has one.
#[derive(Debug, Default)]
pub(super) struct Prefixes(BTreeMap<Account, String>);

impl Prefixes {
    /// What becomes of a message in an account says how aliases are called there, when it is a create that was done.
    pub(super) fn learn(&mut self, account: &Account, message: &Message, next: &Next) {
        let (Some(Operation::Create), Identifier::Alias) = (message.operation, message.target.kind) else {
            return;
        };
        let Next::Complete { alert, .. } = next else { return };
        let (asked, Some(given)) = (message.target.value.as_str(), &alert.alias) else {
            return;
        };
        // Another kind of renaming cannot be foreseen.
        match given.strip_suffix(asked) {
            Some(prefix) if !prefix.is_empty() && !asked.is_empty() => {
                self.0.insert(account.clone(), prefix.to_owned());
            }
            Some(_) | None => {
                self.0.remove(account);
            }
        }
    }

    /// Where the alert of an operation is looked for: that of a create as the platform of the account calls it.
    pub(super) fn renamed(&self, account: &Account, operation: Operation, target: &Target) -> Target {
        match self.0.get(account) {
            Some(prefix) if operation == Operation::Create && target.kind == Identifier::Alias => {
                Target::alias(format!("{prefix}{}", target.value))
            }
            Some(_) | None => target.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::opsgenie::intake::tests::receive;
    use crate::connectors::opsgenie::outcome::Named;
    use crate::connectors::opsgenie::service::Service;
    use crate::connectors::opsgenie::shared::SharedState;

    #[test]
    fn a_confirmed_create_tells_how_the_account_calls_its_alerts() {
        let message = receive(&mut SharedState::new(), r#"{"message":"x","alias":"a"}"#).remove(0);
        let (here, there) = (
            Account::at(Service::Opsgenie, "http://here.test"),
            Account::at(Service::Opsgenie, "http://there.test"),
        );
        let mut prefixes = Prefixes::default();
        let mut after = |given: &str| {
            let alert = Named {
                alert_id: None,
                alias: Some(given.to_owned()),
            };
            let result = String::new();
            prefixes.learn(&here, &message, &Next::Complete { result, alert });
            [
                (&here, Operation::Create),
                (&there, Operation::Create),
                (&here, Operation::Close),
            ]
            .map(|(account, operation)| prefixes.renamed(account, operation, &Target::alias("b")).value)
        };
        assert_eq!(after("site1-a"), ["site1-b", "b", "b"]);
        assert_eq!(after("a"), ["b", "b", "b"]);
        assert_eq!(after("site2-a"), ["site2-b", "b", "b"]);
        assert_eq!(after("a-site2"), ["b", "b", "b"]);
    }
}
