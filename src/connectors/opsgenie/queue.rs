//! Which message may go next: strictly first in, first out per alias; different aliases side by side.
//!
//! An index in memory over the rows that are not yet finished, rebuilt from the table at each start. A message costs
//! the same however many there are: only the first row of each alias waits for its time, the others wait for it.

mod aside;
mod gate;
mod heard;
mod patience;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::connectors::opsgenie::account::Account;
use crate::connectors::opsgenie::hold::{Allowance, Flow};
use crate::connectors::opsgenie::message::Stage;
use crate::connectors::opsgenie::operation::Operation;

/// The key of a row.
pub(super) type Key = Arc<str>;

use gate::{Gate, Gates};
pub(super) use patience::Place;

/// A message that enters the queue.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// What it asks for.
    pub(super) operation: Operation,
    /// What its alert is known by: messages with the same lane go one after the other.
    pub(super) lane: Arc<str>,
    /// Its place in the order of arrival.
    pub(super) sequence: u64,
    /// Whether it goes before others that wait as well.
    pub(super) urgent: bool,
    /// What its next request is.
    pub(super) stage: Stage,
    /// When, in milliseconds since 1970.
    pub(super) due: i64,
    /// Whether it was ever sent.
    pub(super) was_sent: bool,
    /// Whether it goes before it is due when another one stands behind it.
    pub(super) patient: bool,
    /// Where it goes; none when wherever the present platform is.
    pub(super) account: Option<Account>,
}

/// How far back a message is looked for that a later one makes needless.
const LOOK_BACK: usize = 32;

/// An entry with what the queue knows of it.
#[derive(Debug)]
struct Open {
    entry: Entry,
    /// How often its present question was asked.
    asked: u32,
    /// Its request, while it is under way.
    begun: Option<Begun>,
}

/// A request that is under way.
#[derive(Debug, Clone)]
struct Begun {
    at: i64,
    /// The gate through which it went, where that is not the one before the present account.
    elsewhere: Option<Account>,
    /// Where it goes: the present account may be another one when the answer comes.
    account: Account,
}

/// A message whose request is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn {
    /// What the request is.
    pub(super) stage: Stage,
    /// How often the same question was asked before.
    pub(super) asked: u32,
    /// When the request began.
    pub(super) begun: i64,
}

/// How many requests may be under way at the same time, of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    /// Messages.
    pub(super) sends: usize,
    /// Questions about messages that were sent.
    pub(super) questions: usize,
}

/// The queue of one element.
#[derive(Debug)]
pub(super) struct Queue {
    /// The ways to the platform.
    pub(super) gates: Gates,
    open: BTreeMap<Key, Open>,
    /// The unfinished messages of each lane, in order.
    lanes: BTreeMap<Arc<str>, BTreeMap<u64, Key>>,
    next_sequence: u64,
}

impl Queue {
    /// An empty queue before an account.
    pub(super) const fn new(present: Account, flow: Flow) -> Self {
        Self {
            gates: Gates::new(present, flow),
            open: BTreeMap::new(),
            lanes: BTreeMap::new(),
            next_sequence: 1,
        }
    }

    /// The next place in the order of arrival.
    pub(super) const fn next_sequence(&mut self) -> u64 {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        sequence
    }

    /// Places up to this one were given away before the element started.
    pub(super) const fn skip_sequence(&mut self, taken: u64) {
        if taken >= self.next_sequence {
            self.next_sequence = taken + 1;
        }
    }

    /// How many messages are not finished.
    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether time alone changes nothing: no message that waits for a moment, an answer or a pause to end.
    pub(super) fn is_idle(&self) -> bool {
        let is_still = |gate: &Gate| gate.is_empty() || (gate.flow == Flow::NoKey && gate.under_way() == 0);
        self.open.is_empty() || self.gates.all().all(is_still)
    }

    /// A message enters, behind the earlier ones of its lane.
    pub(super) fn admit(&mut self, key: Key, entry: Entry) {
        let lane = self.lanes.entry(Arc::clone(&entry.lane)).or_default();
        let first_before = lane.values().next().cloned();
        lane.insert(entry.sequence, Arc::clone(&key));
        let is_first = lane.values().next() == Some(&key);
        let due = entry.due;
        let hurried = (!entry.patient).then(|| (Arc::clone(&entry.lane), entry.sequence));
        let open = Open {
            entry,
            asked: 0,
            begun: None,
        };
        self.open.insert(Arc::clone(&key), open);
        if is_first {
            if let Some(before) = first_before {
                self.unlist(&before);
            }
            self.list(key);
        }
        if let Some((lane, sequence)) = hurried {
            self.hurry(&lane, sequence, due);
        }
    }

    /// The messages whose requests begin now. Each is under way until it is settled or released.
    pub(super) fn take(&mut self, now: i64, limits: Limits) -> Vec<Key> {
        let mut taken = Vec::new();
        for elsewhere in self.gates.accounts() {
            self.take_through(elsewhere.as_ref(), now, limits, &mut taken);
        }
        taken
    }

    fn take_through(&mut self, elsewhere: Option<&Account>, now: i64, limits: Limits, taken: &mut Vec<Key>) {
        let gate = self.gates.of(elsewhere);
        gate.flow = gate.flow.at(now);
        self.ripen(elsewhere, now);
        let gate = self.gates.of(elsewhere);
        let mut room = match gate.flow.allowance(now) {
            Allowance::Nothing => return,
            Allowance::Probe => usize::from(gate.under_way() == 0),
            Allowance::All => usize::MAX,
        };
        gate.rate.creep(now);
        while room > 0 && self.gates.of(elsewhere).rate.allows(now) {
            let Some(key) = self.gates.of(elsewhere).next(limits) else {
                break;
            };
            self.begin(&key, elsewhere, now);
            taken.push(key);
            room -= 1;
        }
    }

    /// Whether a request that was chosen may still begin: not when a pause has begun since.
    pub(super) fn may_begin(&mut self, key: &str, now: i64) -> bool {
        let begun = self.open.get(key).and_then(|open| open.begun.clone());
        let elsewhere = begun.and_then(|begun| begun.elsewhere);
        match self.gates.of(elsewhere.as_ref()).flow.allowance(now) {
            Allowance::Nothing => false,
            Allowance::Probe | Allowance::All => true,
        }
    }

    /// When something can be done that cannot be done now; none when only an answer or a new message changes that.
    pub(super) fn next_wake(&self, now: i64, limits: Limits) -> Option<i64> {
        self.gates.all().filter_map(|gate| gate.next_wake(now, limits)).min()
    }

    /// The present account is another one now: what waits finds its way again.
    pub(super) fn change_account(&mut self, present: Account) {
        if self.gates.present == present {
            return;
        }
        let keys = self.gates.take_all();
        self.gates.present = present;
        for key in keys {
            self.list(key);
        }
    }

    /// What a message that is under way asks for.
    pub(super) fn under_way_as(&self, key: &str) -> Option<Turn> {
        let open = self.open.get(key)?;
        Some(Turn {
            stage: open.entry.stage,
            asked: open.asked,
            begun: open.begun.as_ref()?.at,
        })
    }

    /// Where the request of a message that is under way goes.
    pub(super) fn account_of_turn(&self, key: &str) -> Option<Account> {
        let begun = self.open.get(key)?.begun.as_ref()?;
        Some(begun.account.clone())
    }

    /// A message that was under way goes on: the same question again, or another request. The account is none when it
    /// goes wherever the present platform is.
    pub(super) fn proceed(&mut self, key: &str, stage: Stage, due: i64, account: Option<Account>) {
        self.end(key);
        let Some((key, _)) = self.open.get_key_value(key) else {
            return;
        };
        let key = Arc::clone(key);
        if let Some(open) = self.open.get_mut(&key) {
            open.asked = if open.entry.stage == stage { open.asked + 1 } else { 0 };
            open.entry.stage = stage;
            open.entry.due = due;
            open.entry.account = account;
        }
        self.list(key);
    }

    /// A message leaves the queue; the next of its lane may go.
    pub(super) fn finish(&mut self, key: &str) {
        self.end(key);
        self.unlist(key);
        let Some(open) = self.open.remove(key) else { return };
        let Some(lane) = self.lanes.get_mut(&open.entry.lane) else {
            return;
        };
        let was_first = lane.keys().next() == Some(&open.entry.sequence);
        lane.remove(&open.entry.sequence);
        match lane.values().next().cloned() {
            None => {
                self.lanes.remove(&open.entry.lane);
            }
            Some(next) if was_first => self.list(next),
            Some(_) => {}
        }
    }

    /// A message was not taken on after all: it may go again.
    pub(super) fn release(&mut self, key: &str, now: i64) {
        if let Some(turn) = self.under_way_as(key) {
            let account = self.open.get(key).and_then(|open| open.entry.account.clone());
            self.proceed(key, turn.stage, now, account);
        }
    }

    /// Its request is another one than was thought.
    pub(super) fn turn_into(&mut self, key: &str, stage: Stage) {
        let Some(begun) = self.open.get(key).and_then(|open| open.begun.clone()) else {
            return;
        };
        self.end(key);
        if let Some(open) = self.open.get_mut(key)
            && open.entry.stage != stage
        {
            open.entry.stage = stage;
            open.asked = 0;
        }
        self.count_begin(key, begun);
    }

    /// Whether any message about an alert is unfinished.
    pub(super) fn has_lane(&self, lane: &str) -> bool {
        self.lanes.contains_key(lane)
    }

    /// The message after which a new one of this lane would go.
    pub(super) fn last_of(&self, lane: &str) -> Option<Key> {
        self.lanes.get(lane)?.values().next_back().cloned()
    }

    /// The message that a later one of the same kind makes needless: not sent yet, and about the same alert, which no
    /// message in between raises or ends.
    pub(super) fn superseded(&self, lane: &str, operation: Operation) -> Option<Key> {
        let lane = self.lanes.get(lane)?;
        for key in lane.values().rev().take(LOOK_BACK) {
            let open = self.open.get(key)?;
            match open.entry.operation {
                Operation::Create | Operation::Close | Operation::Delete => return None,
                other if other == operation => {
                    let untouched = !open.entry.was_sent && open.begun.is_none() && open.entry.stage == Stage::Send;
                    return untouched.then(|| Arc::clone(key));
                }
                _ => {}
            }
        }
        None
    }

    /// The messages that wait behind this one, up to the next create of their alert.
    pub(super) fn behind(&self, key: &str) -> Vec<(Key, Operation)> {
        let Some(open) = self.open.get(key) else {
            return Vec::new();
        };
        let Some(lane) = self.lanes.get(&open.entry.lane) else {
            return Vec::new();
        };
        let later = lane.range(open.entry.sequence + 1..);
        later
            .filter_map(|(_, key)| self.open.get(key).map(|open| (Arc::clone(key), open.entry.operation)))
            .take_while(|(_, operation)| *operation != Operation::Create)
            .collect()
    }

    /// Messages whose time has come.
    fn ripen(&mut self, elsewhere: Option<&Account>, now: i64) {
        let gate = self.gates.of(elsewhere);
        while let Some((due, _)) = gate.waiting.first()
            && *due <= now
            && let Some((_, key)) = gate.waiting.pop_first()
        {
            let Some(open) = self.open.get(&key) else { continue };
            let sequence = open.entry.sequence;
            match open.entry.stage {
                // False sorts before true.
                Stage::Send => gate.sends.insert((!open.entry.urgent, sequence, key)),
                Stage::Confirm | Stage::Look | Stage::Find | Stage::Compare => gate.questions.insert((sequence, key)),
            };
        }
    }

    fn begin(&mut self, key: &str, elsewhere: Option<&Account>, now: i64) {
        let is_question = self.open.get(key).is_some_and(|open| open.entry.stage != Stage::Send);
        self.gates.of(elsewhere).rate.begin(now, is_question);
        let begun = Begun {
            at: now,
            elsewhere: elsewhere.cloned(),
            account: elsewhere.unwrap_or(&self.gates.present).clone(),
        };
        self.count_begin(key, begun);
    }

    fn count_begin(&mut self, key: &str, begun: Begun) {
        let Some(open) = self.open.get_mut(key) else { return };
        open.entry.was_sent |= open.entry.stage == Stage::Send;
        *self.gates.of(begun.elsewhere.as_ref()).counter(open.entry.stage) += 1;
        open.begun = Some(begun);
    }

    fn end(&mut self, key: &str) {
        let Some(open) = self.open.get_mut(key) else { return };
        if let Some(begun) = open.begun.take() {
            *self.gates.of(begun.elsewhere.as_ref()).counter(open.entry.stage) -= 1;
        }
    }

    /// The first message of its lane waits for its time, before the gate it goes through.
    fn list(&mut self, key: Key) {
        if let Some(open) = self.open.get(&key) {
            let gate = self.gates.before(open.entry.account.as_ref());
            gate.waiting.insert((open.entry.due, key));
        }
    }

    /// The message no longer waits for its time or its turn.
    fn unlist(&mut self, key: &str) {
        if let Some((key, open)) = self.open.get_key_value(key) {
            let entry = &open.entry;
            let gate = self.gates.before(entry.account.as_ref());
            gate.unlist(key, (entry.urgent, entry.sequence, entry.due));
        }
    }
}

#[cfg(test)]
mod tests;
