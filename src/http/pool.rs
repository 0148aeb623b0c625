//! The connections of one transport that wait for their next request.
//!
//! A shelf belongs to one [`TransportId`](crate::engine::exchange::TransportId). Every request in flight holds it too;
//! when the transport is closed meanwhile, the shelf leaves the map, and what is put on it falls with its last holder.
//!
//! Rules: HTTP-70 to HTTP-72.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::engine::exchange::TransportId;

use super::connection::Connection;
use super::proxy::Route;

/// How many connections one transport keeps; when there are more, the oldest is closed.
const KEPT: usize = 8;

/// The open transports of one element.
#[derive(Default)]
pub(super) struct Pool {
    shelves: Mutex<HashMap<TransportId, Arc<Shelf>>>,
}

/// The idle connections of one transport, oldest first.
#[derive(Default)]
pub(super) struct Shelf {
    // Held only for a push or a removal, never over an await.
    idle: Mutex<Vec<(Route, Connection)>>,
}

impl Pool {
    /// The shelf of a transport, which is opened when it is not.
    pub(super) fn shelf(&self, transport: TransportId) -> Arc<Shelf> {
        Arc::clone(self.shelves.lock().entry(transport).or_default())
    }

    /// Closes the idle connections of the transport now, and those in use when their requests end.
    pub(super) fn close(&self, transport: TransportId) {
        self.shelves.lock().remove(&transport);
    }
}

impl Shelf {
    /// The connection on that route that was used last.
    pub(super) fn take(&self, route: &Route) -> Option<Connection> {
        let mut idle = self.idle.lock();
        let found = idle.iter().rposition(|(kept, _)| kept == route)?;
        Some(idle.remove(found).1)
    }

    /// Keeps the connection for the next request.
    pub(super) fn put(&self, route: Route, connection: Connection) {
        let mut idle = self.idle.lock();
        if idle.len() == KEPT {
            idle.remove(0);
        }
        idle.push((route, connection));
    }
}
