//! Performs what the engine asks for, in order.
//!
//! ```text
//! effects of a batch   change  save  reply  change  save  reply  send
//!                        │             │
//!                      shown    held back until all saves of the batch, one commit, are durable
//! ```
//!
//! Before a reply or a request leaves, everything that is to be saved is durable: nobody is told of a set, and no
//! device is asked anything, on account of a value that a crash could take back. All saves of a batch go into one
//! commit. While the disk syncs, the element goes on; what it causes waits behind.
//!
//! Rules: CHG-14, SAV-1, SAV-12, TBL-87.

use crate::element::held::Effects;
use crate::element::publish::Publisher;
use crate::element::run::Run;
use crate::element::world::Store;
use crate::engine::effect::{Effect, LogLevel};
use crate::engine::saved::Record;
use crate::model::moment::Moment;

impl Run {
    /// Performs what was asked for since the last time, as far as nothing has to be durable first.
    pub(super) fn hand_over(&mut self, publisher: &Publisher, store: &dyn Store) {
        if self.effects.is_empty() {
            return;
        }
        let effects = std::mem::take(&mut self.effects);
        let mut unsaved: Vec<Record> = effects.iter().filter_map(|(_, effect)| saved_by(effect)).collect();
        if !unsaved.is_empty() {
            unsaved.extend(self.history.take());
        }
        let commit = (!unsaved.is_empty()).then(|| store.commit(self.element, unsaved));
        let mut effects = effects.into_iter();
        if self.held.is_empty() {
            self.show(&mut effects, publisher);
            if commit.is_none() {
                self.perform_all(effects, publisher);
                return;
            }
        }
        self.held.hold(commit, effects);
    }

    /// Writes the history when it is time: nobody waits for it, and nothing is held back for it (SAV-17).
    pub(super) fn write_history(&mut self, publisher: &Publisher, store: &dyn Store) {
        if let Some(trending) = &mut self.trending {
            self.history.add(trending.tick(publisher.clock.unix_ms()));
        }
        if self.history.is_due() {
            let records = self.history.take();
            self.history.write(store.commit(self.element, records));
        }
    }

    /// Performs what is durable.
    pub(super) fn perform_durable(&mut self, publisher: &Publisher) {
        while let Some(effects) = self.held.let_go() {
            self.perform_all(effects, publisher);
        }
    }

    fn perform_all(&mut self, mut effects: Effects, publisher: &Publisher) {
        loop {
            self.show(&mut effects, publisher);
            let Some((at, effect)) = effects.next() else { return };
            self.trace(at, &effect);
            self.perform_one(effect, publisher);
        }
    }

    /// Performs the first effects, as far as they only show.
    fn show(&mut self, effects: &mut Effects, publisher: &Publisher) {
        let stretch = effects
            .as_slice()
            .iter()
            .take_while(|(_, effect)| is_shown_together(effect));
        let length = stretch.clone().count();
        if length > 0 {
            let kept = publisher.changes(stretch.map(|(_, effect)| effect), &mut self.trending);
            self.history.add(kept);
        }
        for (at, effect) in effects.by_ref().take(length) {
            self.trace(at, &effect);
        }
    }

    fn perform_one(&mut self, effect: Effect, publisher: &Publisher) {
        match effect {
            Effect::Send(id, request) => self.requests.send(id, self.transport.send(*request)),
            Effect::ReadFile(id, read) => self.reads.send(id, self.files.read(read)),
            Effect::Cancel(id) => {
                self.requests.cancel(id);
                self.reads.cancel(id);
            }
            Effect::Close(transport) => self.transport.close(transport),
            Effect::Reply(id, result) => {
                match (self.sets.remove(&id), result) {
                    (Some(reply), result) => {
                        // Whoever asked may have gone, which is no failure.
                        let _ = reply.send(result);
                    }
                    (None, Err(refused)) => publisher.refused_of_nobody(&refused),
                    (None, Ok(())) => {}
                }
            }
            Effect::ToElement(element, asked) => {
                if let Err(why) = self.neighbours.ask(&element, asked) {
                    publisher.line(LogLevel::Error, why);
                }
            }
            Effect::Tested(id, outcome) => {
                if let Some(reply) = self.tests.remove(&id) {
                    let _ = reply.send(outcome);
                }
            }
            Effect::Timeout(change) => publisher.timeout(change),
            Effect::Redefined(protocol) => publisher.redefined(protocol),
            Effect::Log(entry) => publisher.line(entry.level, entry.text),
            // Done with their stretch.
            Effect::Parameter(_)
            | Effect::Row(_)
            | Effect::Alarm(_)
            | Effect::CloseTrend(..)
            | Effect::Information(_)
            | Effect::Save(_)
            | Effect::Trace(_) => {}
        }
    }

    fn trace(&mut self, at: Moment, effect: &Effect) {
        if let Some(sink) = &mut self.sink {
            sink.record(at, effect);
        }
    }
}

fn saved_by(effect: &Effect) -> Option<Record> {
    match effect {
        Effect::Save(record) => Some(record.clone()),
        Effect::Parameter(_)
        | Effect::Row(_)
        | Effect::Alarm(_)
        | Effect::Information(_)
        | Effect::Send(..)
        | Effect::ReadFile(..)
        | Effect::Cancel(_)
        | Effect::Close(_)
        | Effect::CloseTrend(..)
        | Effect::Tested(..)
        | Effect::Redefined(_)
        | Effect::ToElement(..)
        | Effect::Reply(..)
        | Effect::Timeout(_)
        | Effect::Log(_)
        | Effect::Trace(_) => None,
    }
}

/// Whether it only shows, or concerns nobody outside: neighbours of this kind become visible at once.
const fn is_shown_together(effect: &Effect) -> bool {
    match effect {
        Effect::Parameter(_)
        | Effect::Row(_)
        | Effect::Alarm(_)
        | Effect::CloseTrend(..)
        | Effect::Information(_)
        | Effect::Save(_)
        | Effect::Trace(_) => true,
        Effect::Send(..)
        | Effect::ReadFile(..)
        | Effect::Cancel(_)
        | Effect::Close(_)
        | Effect::Tested(..)
        | Effect::Redefined(_)
        | Effect::ToElement(..)
        | Effect::Reply(..)
        | Effect::Timeout(_)
        | Effect::Log(_) => false,
    }
}
