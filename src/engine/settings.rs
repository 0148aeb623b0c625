//! What an operator chose for an element: its name and where its connections go.
//!
//! Rules: PRT-5 to PRT-9, PRT-14, TMO-19, ALM-2, ELM-17.

use crate::model::alarm_template::AlarmTemplate;
use crate::model::connection::{Connection, ConnectionKind, SlowPoll};
use crate::model::id::{ConnectionId, ElementId};
use crate::model::moment::Span;
use crate::model::protocol::Protocol;

/// The settings of one element.
#[derive(Debug, Clone, PartialEq)]
pub struct ElementSettings {
    /// The element's id.
    pub id: ElementId,
    /// The element's name.
    pub name: String,
    /// One entry a connection of the definition, main one first.
    pub connections: Vec<ConnectionSettings>,
    /// Slow poll and its pings.
    pub slow_poll: SlowPoll,
    /// Whether the agent has a client certificate to show (HTTP-64).
    pub client_certificate: bool,
    /// Whether it refuses all sets from outside (ELM-17).
    pub read_only: bool,
    /// Which alarm template it has.
    pub alarm_template: AlarmTemplate,
}

/// The settings of one connection.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectionSettings {
    /// Which connection.
    pub id: ConnectionId,
    /// Its type, from the definition.
    pub kind: ConnectionKind,
    /// Host, optionally with `http://` or `https://`.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Bus address.
    pub bus_address: String,
    /// The time limit of one attempt.
    pub timeout: Span,
    /// Attempts after the first.
    pub retries: u8,
    /// How long without success until the element is in timeout; none when the connection does not count.
    pub element_timeout: Option<Span>,
    /// Whether certificates are accepted unseen.
    pub skip_certificate_verification: bool,
}

impl ElementSettings {
    /// The settings a definition prefills.
    #[must_use]
    pub fn prefilled(id: ElementId, name: &str, protocol: &Protocol) -> Self {
        let connections = protocol
            .parts()
            .connections
            .iter()
            .map(ConnectionSettings::from)
            .collect();
        Self {
            id,
            name: name.to_owned(),
            connections,
            slow_poll: protocol.parts().slow_poll,
            client_certificate: false,
            read_only: false,
            alarm_template: AlarmTemplate::default(),
        }
    }
}

impl From<&Connection> for ConnectionSettings {
    fn from(connection: &Connection) -> Self {
        Self {
            id: connection.id,
            kind: connection.kind,
            host: connection.host.clone(),
            port: connection.port,
            bus_address: connection.bus_address.clone(),
            timeout: connection.timeout,
            retries: connection.retries,
            element_timeout: connection.element_timeout,
            skip_certificate_verification: connection.skip_certificate_verification,
        }
    }
}
