//! What of a request is known before the platform is looked at: so that it is locked for as short as can be.

use crate::emulator::opsgenie::call::Call;
use crate::emulator::opsgenie::faults::operation_name;
use crate::emulator::opsgenie::journal::{JournalEntry, beginning};
use crate::emulator::opsgenie::keys::redacted;
use crate::emulator::opsgenie::route::{NoOperation, Operation};

/// A request that was read.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    /// The request.
    pub(super) call: &'a Call,
    /// Which operation is meant.
    pub(super) operation: Result<Operation, NoOperation>,
    /// Its line in the journal, as far as it is known.
    pub(super) entry: JournalEntry,
}

impl<'a> Asked<'a> {
    /// Reads a request.
    pub(super) fn of(call: &'a Call) -> Self {
        let operation = Operation::of(&call.method, &call.path);
        let entry = JournalEntry {
            number: 0,
            at: 0,
            method: call.method.clone(),
            path: beginning(call.target().as_bytes()),
            operation: operation.as_ref().ok().map(operation_name),
            status: None,
            faults: Vec::new(),
            key: call.authorization.as_deref().map(redacted),
            body: beginning(&call.body),
        };
        call.read_ahead();
        Self { call, operation, entry }
    }
}
