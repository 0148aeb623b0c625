//! What stands before one account: whether messages may go there, how fast, and which of them wait for it.
//!
//! Most of the time there is one. When an operator has changed the platform, what is still to be done in an account of
//! before has a gate of its own: that the old key is refused holds up nothing else.

use std::collections::{BTreeMap, BTreeSet};

use super::{Key, Limits};
use crate::connectors::opsgenie::account::Account;
use crate::connectors::opsgenie::hold::Flow;
use crate::connectors::opsgenie::message::Stage;
use crate::connectors::opsgenie::rate::Rate;

/// The way to one account.
#[derive(Debug)]
pub(in crate::connectors::opsgenie) struct Gate {
    /// Whether messages may go at all.
    pub(in crate::connectors::opsgenie) flow: Flow,
    /// How many a second.
    pub(in crate::connectors::opsgenie) rate: Rate,
    /// First messages of their lanes whose time has not come.
    pub(super) waiting: BTreeSet<(i64, Key)>,
    /// First messages of their lanes that may be sent: urgent ones first, then by age.
    pub(super) sends: BTreeSet<(bool, u64, Key)>,
    /// First messages of their lanes about which the platform may be asked.
    pub(super) questions: BTreeSet<(u64, Key)>,
    sends_under_way: usize,
    questions_under_way: usize,
    /// Requests without an answer since the last answer.
    pub(super) silences: u32,
}

impl Gate {
    /// A gate before which nothing waits.
    pub(super) const fn new(flow: Flow) -> Self {
        Self {
            flow,
            rate: Rate::new(),
            waiting: BTreeSet::new(),
            sends: BTreeSet::new(),
            questions: BTreeSet::new(),
            sends_under_way: 0,
            questions_under_way: 0,
            silences: 0,
        }
    }

    /// The message that goes next: those to be sent before questions, unless it is a question's turn.
    pub(super) fn next(&mut self, limits: Limits) -> Option<Key> {
        let (may_send, may_ask) = (self.may_send(limits), self.may_ask(limits));
        if may_send && !(may_ask && self.rate.is_turn_of_question()) {
            return self.sends.pop_first().map(|(_, _, key)| key);
        }
        if may_ask {
            return self.questions.pop_first().map(|(_, key)| key);
        }
        None
    }

    /// When something can be done that cannot be done now; none when only an answer or a new message changes that.
    pub(super) fn next_wake(&self, now: i64, limits: Limits) -> Option<i64> {
        let open_at = self.flow.opens_at(now)?;
        let ready = (self.may_ask(limits) || self.may_send(limits)).then(|| self.rate.next_at().unwrap_or(now));
        let ripe = self.waiting.first().map(|(due, _)| *due);
        let first = ready.into_iter().chain(ripe).min()?;
        Some(first.max(open_at))
    }

    pub(super) const fn under_way(&self) -> usize {
        self.sends_under_way + self.questions_under_way
    }

    /// Whether nothing waits, and nothing is under way.
    pub(super) fn is_empty(&self) -> bool {
        self.under_way() == 0 && self.waiting.is_empty() && self.sends.is_empty() && self.questions.is_empty()
    }

    /// How many requests of the kind are under way.
    pub(super) const fn counter(&mut self, stage: Stage) -> &mut usize {
        match stage {
            Stage::Send => &mut self.sends_under_way,
            Stage::Confirm | Stage::Look | Stage::Find | Stage::Compare => &mut self.questions_under_way,
        }
    }

    /// The message no longer waits here.
    pub(super) fn unlist(&mut self, key: &Key, (urgent, sequence, due): (bool, u64, i64)) {
        self.sends.remove(&(!urgent, sequence, Key::clone(key)));
        self.waiting.remove(&(due, Key::clone(key)));
        self.questions.remove(&(sequence, Key::clone(key)));
    }

    /// Everything that waits here, which no longer does.
    fn take_all(&mut self) -> Vec<Key> {
        let waiting = std::mem::take(&mut self.waiting).into_iter().map(|(_, key)| key);
        let sends = std::mem::take(&mut self.sends).into_iter().map(|(.., key)| key);
        let questions = std::mem::take(&mut self.questions).into_iter().map(|(_, key)| key);
        waiting.chain(sends).chain(questions).collect()
    }

    fn may_send(&self, limits: Limits) -> bool {
        self.sends_under_way < limits.sends && !self.sends.is_empty()
    }

    fn may_ask(&self, limits: Limits) -> bool {
        self.questions_under_way < limits.questions && !self.questions.is_empty()
    }
}

/// The gates of an element.
#[derive(Debug)]
pub(in crate::connectors::opsgenie) struct Gates {
    /// The account of the present platform and address.
    pub(in crate::connectors::opsgenie) present: Account,
    /// The gate before it.
    pub(in crate::connectors::opsgenie) here: Gate,
    /// Those before accounts of before, as far as something is to be done there.
    former: BTreeMap<Account, Gate>,
}

impl Gates {
    pub(super) const fn new(present: Account, flow: Flow) -> Self {
        Self {
            present,
            here: Gate::new(flow),
            former: BTreeMap::new(),
        }
    }

    /// Which account of before is meant; none when it is the present one.
    pub(super) fn elsewhere<'a>(&self, account: Option<&'a Account>) -> Option<&'a Account> {
        account.filter(|account| account.is_known() && **account != self.present)
    }

    /// The gate before an account of before, or before the present one.
    pub(super) fn of(&mut self, elsewhere: Option<&Account>) -> &mut Gate {
        match elsewhere {
            Some(account) => self
                .former
                .entry(account.clone())
                .or_insert_with(|| Gate::new(Flow::Running)),
            None => &mut self.here,
        }
    }

    /// The gate to which a message with this account belongs now.
    pub(super) fn before(&mut self, account: Option<&Account>) -> &mut Gate {
        let elsewhere = self.elsewhere(account);
        self.of(elsewhere)
    }

    /// Whether messages may go to an account of before; none when nothing was to be done there.
    pub(in crate::connectors::opsgenie) fn flow_of(&self, account: &Account) -> Option<&Flow> {
        self.former.get(account).map(|gate| &gate.flow)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Gate> {
        self.former.values().chain([&self.here])
    }

    pub(super) fn accounts(&self) -> Vec<Option<Account>> {
        let former = self.former.iter().filter(|(_, gate)| !gate.is_empty());
        [None]
            .into_iter()
            .chain(former.map(|(account, _)| Some(account.clone())))
            .collect()
    }

    /// Everything that waits anywhere, which no longer does.
    pub(super) fn take_all(&mut self) -> Vec<Key> {
        let mut keys = self.here.take_all();
        for gate in self.former.values_mut() {
            keys.extend(gate.take_all());
        }
        keys
    }
}
