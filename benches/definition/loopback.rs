//! An outside with real sockets, and no proxy of the machine in between.

use std::sync::Arc;

use adit::element::world::{Store, SystemClock, World};
use adit::http::{HttpNetwork, HttpOptions, SystemProxy};

/// The outside, with this store.
pub(crate) fn loopback(store: Arc<dyn Store>) -> World {
    let options = HttpOptions {
        system_proxy: SystemProxy::Off,
        ..HttpOptions::default()
    };
    World {
        network: Arc::new(HttpNetwork::new(&options).expect("a network without certificates of its own")),
        store,
        clock: Arc::new(SystemClock),
        trace: None,
    }
}
