//! Rules about the whole protocol, one file each. They look at what was loaded; what is wrong with a single tag was
//! reported where it was read.

use crate::model::protocol::Protocol;
use crate::schema::lower::Lowering;

mod after_startup;
mod csharp_calls;
mod dynamic_ip;
mod endless_loop;
mod qaction_code;
mod timer_load;
mod unreachable;
mod untargeted;

pub use qaction_code::qaction_code;

/// Every rule that needs nothing but the protocol.
const RULES: &[fn(&mut Lowering<'_>, &Protocol)] = &[
    after_startup::check,
    csharp_calls::check,
    dynamic_ip::check,
    endless_loop::check,
    timer_load::check,
    unreachable::check,
    untargeted::check,
];

/// Runs every rule over a protocol that could be loaded.
pub(crate) fn check(cx: &mut Lowering<'_>, protocol: &Protocol) {
    for rule in RULES {
        rule(cx, protocol);
    }
}
