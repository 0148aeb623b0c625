//! Performs what the engine asks for, in order.
//!
//! ```text
//! effects of a batch   change  save  reply  change  save  reply  send
//!                        │             │
//!                      shown    first all saves of the batch, in one durable commit
//! ```
//!
//! Before a reply or a request leaves, everything that is to be saved is durable: nobody is told of a set, and no
//! device is asked anything, on account of a value that a crash could take back. All saves of a batch go into one
//! commit, before the first that leaves; without one, at the end.
//!
//! Rules: CHG-14, SAV-1, SAV-12, TBL-87.

use crate::element::publish::Publisher;
use crate::element::run::Run;
use crate::element::world::{Store, StoreError};
use crate::engine::effect::Effect;
use crate::engine::saved::Record;
use crate::model::id::ElementId;
use crate::model::moment::Moment;

impl Run {
    /// Performs what was asked for since the last time. After a failure of the store nothing more leaves.
    pub(super) async fn perform(&mut self, publisher: &Publisher, store: &dyn Store) -> Result<(), StoreError> {
        let effects = std::mem::take(&mut self.effects);
        let mut unsaved: Vec<Record> = effects.iter().filter_map(|(_, effect)| saved_by(effect)).collect();
        let mut effects = effects.into_iter();
        loop {
            let stretch = effects
                .as_slice()
                .iter()
                .take_while(|(_, effect)| is_shown_together(effect));
            let length = stretch.clone().count();
            if length > 0 {
                publisher.changes(stretch.map(|(_, effect)| effect));
            }
            for (at, effect) in effects.by_ref().take(length) {
                self.trace(at, &effect);
            }

            let Some((at, effect)) = effects.next() else {
                return keep(self.element, unsaved, store).await;
            };
            if leaves(&effect) {
                keep(self.element, std::mem::take(&mut unsaved), store).await?;
            }
            self.trace(at, &effect);
            self.perform_one(effect, publisher);
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
                if let Some(reply) = self.sets.remove(&id) {
                    // Whoever asked may have gone, which is no failure.
                    let _ = reply.send(result);
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

/// Stores what is not stored yet; durable when it is done.
async fn keep(element: ElementId, unsaved: Vec<Record>, store: &dyn Store) -> Result<(), StoreError> {
    if unsaved.is_empty() {
        return Ok(());
    }
    store.commit(element, unsaved).await
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
        | Effect::Tested(..)
        | Effect::Redefined(_)
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
        | Effect::Information(_)
        | Effect::Save(_)
        | Effect::Trace(_) => true,
        Effect::Send(..)
        | Effect::ReadFile(..)
        | Effect::Cancel(_)
        | Effect::Close(_)
        | Effect::Tested(..)
        | Effect::Redefined(_)
        | Effect::Reply(..)
        | Effect::Timeout(_)
        | Effect::Log(_) => false,
    }
}

/// Whether somebody outside acts on it.
const fn leaves(effect: &Effect) -> bool {
    match effect {
        Effect::Send(..) | Effect::Reply(..) => true,
        Effect::Parameter(_)
        | Effect::Row(_)
        | Effect::Alarm(_)
        | Effect::Information(_)
        | Effect::Save(_)
        | Effect::ReadFile(..)
        | Effect::Cancel(_)
        | Effect::Close(_)
        | Effect::Tested(..)
        | Effect::Redefined(_)
        | Effect::Timeout(_)
        | Effect::Log(_)
        | Effect::Trace(_) => false,
    }
}
