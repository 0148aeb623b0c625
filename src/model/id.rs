//! The ids of the things a definition declares, each a type of its own so that a group's id cannot be used as a timer's.
//!
//! Rules: PAR-5 (parameters are one namespace; groups, triggers, actions … each have their own), GRP-14.

use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident($inner:ty);)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// A parameter: `Param@id`. Tables and columns are parameters too.
    ParamId(u32);
    /// A group: `Group@id`. Signed, since -1 is the ping group of slow poll (GRP-14).
    GroupId(i32);
    /// A trigger: `Trigger@id`.
    TriggerId(u32);
    /// An action: `Action@id`.
    ActionId(u32);
    /// A timer: `Timer@id`.
    TimerId(u32);
    /// An HTTP session: `HTTP/Session@id`.
    SessionId(u32);
    /// One request and response of a session: `HTTP/Session/Connection@id`. Not the element's connection (HTTP-2).
    ExchangeId(u32);
    /// A connection of the element: 0 is the main one. Negative numbers are logical connections (TMO-17).
    ConnectionId(i32);
    /// An extra thread: `Threads/Thread@id`.
    ThreadId(u32);
    /// A QAction: `QAction@id`.
    QActionId(u32);
    /// An element: one running instance of a connector.
    ElementId(u32);
}

impl GroupId {
    /// The group that asks whether a device in slow poll answers again (GRP-14, TMO-20).
    pub const PING: Self = Self(-1);
}
