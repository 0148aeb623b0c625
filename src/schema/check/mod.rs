//! Rules about the whole protocol, one file each.

use crate::model::protocol::Protocol;
use crate::schema::lower::Lowering;

/// Runs every rule over a protocol that could be loaded.
pub(crate) fn check(_cx: &mut Lowering<'_>, _protocol: &Protocol) {}
