//! Where alerts are: a service and the address it has, with the key it takes.
//!
//! An alert stays where it was opened when an operator changes platform or address. So the element remembers of each alert
//! and of each message that was sent in which account it is, and the hidden table Opsgenie Accounts keeps the key with
//! which each account was last heard: what is still to be done there can be done after the change, and after a restart.

use std::fmt;
use std::sync::Arc;

use crate::connectors::opsgenie::backoff::hash;
use crate::connectors::opsgenie::history;
use crate::connectors::opsgenie::parameters::{ACCOUNTS, AUTHORIZATION, PLATFORM, SERVICE};
use crate::connectors::opsgenie::service::Service;
use crate::connectors::opsgenie::shared::Shared;
use crate::engine::sl_protocol::SlProtocol;
use crate::model::value::Value;

/// What separates the number of the service from the address.
const SEPARATOR: char = '@';

/// An account, as `1@https://api.opsgenie.com`: the value of Platform, and the address. Empty when nobody knows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Account(Arc<str>);

impl Account {
    /// The service at an address.
    pub(super) fn at(service: Service, address: &str) -> Self {
        Self(format!("{}{SEPARATOR}{address}", service.number()).into())
    }

    /// The account of a cell.
    pub(super) fn of_text(text: &str) -> Self {
        Self(text.into())
    }

    /// The account as a cell has it.
    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// Whether it is known which it is.
    pub(super) fn is_known(&self) -> bool {
        !self.0.is_empty()
    }

    /// Which service it is.
    pub(super) fn service(&self) -> Service {
        let number = self.0.split_once(SEPARATOR).and_then(|(number, _)| number.parse().ok());
        number.map_or(Service::default(), Service::of)
    }

    /// Its address, without a slash at the end.
    pub(super) fn address(&self) -> &str {
        self.0.split_once(SEPARATOR).map_or("", |(_, address)| address)
    }
}

/// As an operator reads it.
impl fmt::Display for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at {}", self.service().name(), self.address())
    }
}

/// The account of the present platform and address.
pub(super) async fn present(protocol: &SlProtocol) -> Account {
    let service = Service::of(protocol.get_number(SERVICE).await);
    let address = protocol.connection_address(PLATFORM).await.unwrap_or_default();
    Account::at(service, &address)
}

/// The header value with which an account is asked; none when it was never heard with one.
pub(super) async fn authorization(protocol: &SlProtocol, shared: &Shared, account: &Account) -> Option<String> {
    if *account == shared.lock().queue.gates.present {
        return Some(protocol.get_text(AUTHORIZATION).await.to_string());
    }
    let cells = protocol.get_row(ACCOUNTS, account.text()).await?;
    let kept = cells.get(1)?.to_text();
    (!kept.is_empty()).then(|| kept.to_string())
}

/// The present account is asked with this key for the first time: kept until it is known which key it takes.
pub(super) async fn keep_first(protocol: &SlProtocol, shared: &Shared, account: &Account, authorization: &str) {
    if shared.lock().kept_key.as_ref().is_some_and(|(kept, _)| kept == account) {
        return;
    }
    if !protocol.exists(ACCOUNTS, account.text()).await {
        protocol
            .add_row_return_key(ACCOUNTS, cells(account, authorization))
            .await;
    }
    // Which key is kept is not looked at: the first answer writes it again.
    shared.lock().kept_key = Some((account.clone(), 0));
}

/// The present account did what it was asked with this key: kept, for when it is no longer the present one.
pub(super) async fn keep(protocol: &SlProtocol, shared: &Shared, account: &Account, authorization: &str) {
    let kept = (account.clone(), hash(authorization));
    if shared.lock().kept_key.as_ref() == Some(&kept) {
        return;
    }
    history::write(protocol, ACCOUNTS, account.text(), cells(account, authorization)).await;
    shared.lock().kept_key = Some(kept);
}

fn cells(account: &Account, authorization: &str) -> Vec<Value> {
    vec![account.text().into(), authorization.into()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_a_service_at_an_address() {
        let account = Account::at(Service::Operations, "https://u@h.test/jsm/ops/api/c");
        assert_eq!(account.text(), "3@https://u@h.test/jsm/ops/api/c");
        assert_eq!(
            (account.service(), account.address()),
            (Service::Operations, "https://u@h.test/jsm/ops/api/c")
        );
        assert_eq!(account.to_string(), "JSM Operations at https://u@h.test/jsm/ops/api/c");
        assert_eq!(Account::of_text(account.text()), account);
        assert!(account.is_known() && !Account::default().is_known());
    }
}
