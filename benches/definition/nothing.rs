//! A store that keeps nothing: what it costs to keep is not looked at there.

use adit::element::world::{Store, StoreError, WorldFuture};
use adit::engine::saved::{Record, Saved};
use adit::model::id::ElementId;

/// The store.
pub(crate) struct Nothing;

impl Store for Nothing {
    fn load(&self, _: ElementId) -> WorldFuture<Result<Saved, StoreError>> {
        Box::pin(async { Ok(Saved::default()) })
    }

    fn commit(&self, _: ElementId, _: Vec<Record>) -> WorldFuture<Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }
}
