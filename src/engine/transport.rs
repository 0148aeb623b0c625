//! Which transport the requests of a session share.
//!
//! Rules: HTTP-70 to HTTP-72.

use crate::engine::Engine;
use crate::engine::exchange::TransportId;
use crate::model::id::{ConnectionId, SessionId};

impl Engine {
    pub(super) fn new_transport(&mut self) -> TransportId {
        self.next_transport += 1;
        TransportId(self.next_transport)
    }

    /// The transport of a session: kept with `keepAlive`, else one a run (HTTP-70, HTTP-71).
    pub(super) fn transport_of_session(&mut self, session: SessionId, connection: ConnectionId) -> TransportId {
        if !self.protocol.session(session).is_some_and(|session| session.keep_alive) {
            return self.new_transport();
        }
        if let Some(&transport) = self.kept_transports.get(&(session, connection)) {
            return transport;
        }
        let transport = self.new_transport();
        self.kept_transports.insert((session, connection), transport);
        transport
    }
}
