//! The gate (entry point): who may run now. One a lane; sets, responses and groups take turns, first come first served.
//!
//! The gate is open while a group waits for the network (MDL-5). It stays taken through a `sleep`.
//!
//! Rules: MDL-3 to MDL-9.

use std::collections::VecDeque;

use crate::engine::chain::{ChainKey, Context};

/// Identifies a gate: the index of its lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct GateId(pub(super) usize);

impl GateId {
    /// The gate of the main lane: that of external sets and timers too.
    pub(super) const MAIN: Self = Self(0);
}

/// The gates of an element.
#[derive(Debug)]
pub(super) struct Gates {
    gates: Vec<Gate>,
}

#[derive(Debug, Default, Clone)]
struct Gate {
    holder: Option<ChainKey>,
    waiting: VecDeque<ChainKey>,
}

impl Gates {
    /// One gate a lane, all open.
    pub(super) fn new(lanes: usize) -> Self {
        Self {
            gates: vec![Gate::default(); lanes],
        }
    }

    /// Takes the gate, or waits for it. True when the chain has it now.
    pub(super) fn take(&mut self, context: &mut Context) -> bool {
        let gate = &mut self.gates[context.gate.0];
        if gate.holder.is_none() {
            gate.holder = Some(context.key);
            context.holds = true;
        } else {
            gate.waiting.push_back(context.key);
        }
        context.holds
    }

    /// Opens the gate, when the chain has it, and gives it to the chain that waits longest.
    pub(super) fn release(&mut self, context: &mut Context) -> Option<ChainKey> {
        if !std::mem::take(&mut context.holds) {
            return None;
        }
        let gate = &mut self.gates[context.gate.0];
        gate.holder = gate.waiting.pop_front();
        gate.holder
    }

    /// Chains waiting at the gate.
    pub(super) fn waiting(&self, gate: GateId) -> usize {
        self.gates[gate.0].waiting.len()
    }

    /// Opens all gates and forgets who waits.
    pub(super) fn give_up(&mut self) {
        self.gates.fill(Gate::default());
    }
}
