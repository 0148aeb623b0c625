//! What is held back: effects in order, until what was to be saved before them is durable.
//!
//! ```text
//! batches of effects   a b │ c d e │ f g        each with its commit under way; the store does them in order
//!                      ▲
//!                  let go when the commit of this batch is durable, and so on
//! ```
//!
//! Rules: CHG-14, SAV-12.

use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};
use std::vec;

use crate::element::world::{StoreError, WorldFuture};
use crate::engine::effect::Effect;
use crate::model::moment::Moment;

/// Batches that may wait before the element waits for the first of them.
const MOST: usize = 64;

/// The effects of a batch, in order.
pub(super) type Effects = vec::IntoIter<(Moment, Effect)>;

/// The batches that are held back, oldest first.
#[derive(Default)]
pub(super) struct Held {
    batches: VecDeque<Batch>,
}

struct Batch {
    /// The commit that is under way; none when it is durable, or there is nothing to be stored.
    commit: Option<WorldFuture<Result<(), StoreError>>>,
    effects: Effects,
}

impl Held {
    /// Whether nothing is held back.
    pub(super) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// Whether no further batch shall be held back.
    pub(super) fn is_full(&self) -> bool {
        self.batches.len() >= MOST
    }

    /// Holds effects back until the commit is durable, and everything before it.
    pub(super) fn hold(&mut self, commit: Option<WorldFuture<Result<(), StoreError>>>, effects: Effects) {
        self.batches.push_back(Batch { commit, effects });
    }

    /// Waits until the oldest batch is durable, for ever when there is none. Cancel-safe.
    pub(super) async fn durable(&mut self) -> Result<(), StoreError> {
        let Some(batch) = self.batches.front_mut() else {
            return std::future::pending().await;
        };
        let Some(commit) = &mut batch.commit else { return Ok(()) };
        let done = commit.await;
        batch.commit = None;
        done
    }

    /// Takes note of what is durable by now; whether the disk has nothing to do for the element. Whoever waits for a
    /// commit has to ask again to be woken.
    pub(super) fn note_durable(&mut self) -> Result<bool, StoreError> {
        let mut context = Context::from_waker(Waker::noop());
        for batch in &mut self.batches {
            if let Some(commit) = &mut batch.commit {
                let Poll::Ready(done) = commit.as_mut().poll(&mut context) else {
                    return Ok(false);
                };
                done?;
                batch.commit = None;
            }
        }
        Ok(true)
    }

    /// Takes the effects of the oldest batch, when it is durable.
    pub(super) fn let_go(&mut self) -> Option<Effects> {
        let batch = self.batches.pop_front_if(|batch| batch.commit.is_none())?;
        Some(batch.effects)
    }
}
