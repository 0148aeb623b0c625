//! Calls of the product that have no meaning here: they say so, once each, and name what to use instead.
//!
//! Rules: QAP-29, and "any other NT number" of section 16 of the execution rules.

use std::fmt;

use crate::engine::port::Call;
use crate::engine::sl_protocol::SlProtocol;
use crate::model::id::GroupId;

/// Numbers of `NotifyProtocol` and `NotifyDataMiner`, and the typed call that does it here.
const TYPED: [(u32, &str); 26] = [
    (50, "set_element"),
    (60, "get_data"),
    (69, "get_element"),
    (73, "get"),
    (84, "set"),
    (85, "get_by_name"),
    (115, "set_element_state"),
    (123, "send_to_display"),
    (127, "update_description"),
    (134, "check_trigger"),
    (167, "set_element"),
    (177, "set_binary"),
    (193, "fill_array"),
    (194, "fill_array"),
    (196, "keys_for_index"),
    (220, "fill_column"),
    (221, "run_action"),
    (229, "schedule_row"),
    (249, "communication_state"),
    (256, "set_at"),
    (321, "get_columns"),
    (327, "reset_thread_pool"),
    (328, "set_thread_pool_state"),
    (336, "fill_columns"),
    (374, "close_trend_windows"),
    (474, "clear"),
];

/// A call that is not supported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    call: String,
    instead: Option<&'static str>,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not supported", self.call)?;
        match self.instead {
            Some(instead) => write!(f, " by its number: call {instead} of SlProtocol"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Unsupported {}

impl SlProtocol {
    /// `NotifyProtocol` by its number: typed calls of this face stand for the numbers that run here.
    pub async fn notify_protocol(&self, number: u32) -> Unsupported {
        self.refuse("NotifyProtocol", number).await
    }

    /// `NotifyDataMiner` and `NotifyDataMinerQueued` by their number.
    pub async fn notify_dataminer(&self, number: u32) -> Unsupported {
        self.refuse("NotifyDataMiner", number).await
    }

    /// `ExecuteScript`: there is no Automation module for connectors.
    pub async fn execute_script(&self, name: &str) -> Unsupported {
        self.refuse_text("ExecuteScript", 0, format!("ExecuteScript of {name:?}"))
            .await
    }

    /// `SLNet` and `GetUserConnection`: there is no message bus.
    pub async fn user_connection(&self) -> Unsupported {
        self.refuse("SLNet", 0).await
    }

    /// `GetConnectivityInterface` and its kin (DCF).
    pub async fn connectivity(&self) -> Unsupported {
        self.refuse("the connectivity framework", 0).await
    }

    /// `NT_GET_BITRATE_DELTA` and `NT_GET_BITRATE_DATA` (269, 270): timings of SNMP groups, null here.
    pub async fn bitrate_delta(&self, _: GroupId) -> Option<f64> {
        self.refuse("NT_GET_BITRATE_DELTA", 269).await;
        None
    }

    pub(super) async fn refuse(&self, call: &'static str, number: u32) -> Unsupported {
        let text = match call.starts_with("Notify") {
            true => format!("{call} {number}"),
            false => call.to_owned(),
        };
        self.refuse_text(call, number, text).await
    }

    async fn refuse_text(&self, call: &'static str, number: u32, text: String) -> Unsupported {
        let typed = TYPED.iter().find(|(known, _)| *known == number);
        let unsupported = Unsupported {
            call: text,
            instead: typed.map(|(_, name)| *name).filter(|_| call.starts_with("Notify")),
        };
        self.call(Call::Unsupported(call, number, unsupported.to_string()))
            .await;
        unsupported
    }
}

#[cfg(test)]
mod tests {
    use super::TYPED;

    #[test]
    fn numbers_stand_in_order_and_once() {
        assert!(TYPED.is_sorted_by(|(number, _), (next, _)| number < next));
    }
}
