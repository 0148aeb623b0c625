//! Those who follow the changes of an element.
//!
//! An element that nobody follows keeps no buffer for followers: ten thousand of them cost nothing.

use std::sync::Arc;

use parking_lot::RwLock;
use tokio::sync::broadcast;

use crate::element::view::ElementEvent;

/// Changes that a slow follower may lag behind before it misses some.
const FOLLOWED: usize = 4096;

/// The followers of an element.
#[derive(Clone, Default)]
pub(super) struct Followers {
    /// Only while somebody follows. Locked to send or subscribe; nothing is awaited meanwhile.
    sender: Arc<RwLock<Option<broadcast::Sender<ElementEvent>>>>,
}

impl Followers {
    /// Follows from now on.
    pub(super) fn follow(&self) -> broadcast::Receiver<ElementEvent> {
        self.sender
            .write()
            .get_or_insert_with(|| broadcast::Sender::new(FOLLOWED))
            .subscribe()
    }

    /// Tells all followers, in order.
    pub(super) fn tell(&self, changes: impl IntoIterator<Item = ElementEvent>) {
        let sender = self.sender.read();
        let Some(followed) = &*sender else {
            return;
        };
        if changes.into_iter().any(|change| followed.send(change).is_err()) {
            drop(sender);
            self.forget();
        }
    }

    /// Lets go of the buffer when the last follower has gone, unless another has come since.
    fn forget(&self) {
        let mut sender = self.sender.write();
        if sender.as_ref().is_some_and(|sender| sender.receiver_count() == 0) {
            *sender = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Followers;
    use crate::element::view::{ElementEvent, ElementState};

    const CHANGE: ElementEvent = ElementEvent::State(ElementState::Active, false);

    #[test]
    fn every_follower_gets_every_change_from_its_beginning_on() {
        let followers = Followers::default();
        followers.tell([CHANGE]);
        let mut first = followers.follow();
        followers.tell([CHANGE]);
        let mut second = followers.follow();
        followers.tell([CHANGE]);
        let count = |receiver: &mut tokio::sync::broadcast::Receiver<ElementEvent>| {
            std::iter::from_fn(|| receiver.try_recv().ok()).count()
        };
        assert_eq!((count(&mut first), count(&mut second)), (2, 1));
    }

    #[test]
    fn without_followers_no_buffer_is_kept() {
        let followers = Followers::default();
        drop(followers.follow());
        assert!(followers.sender.read().is_some());
        followers.tell([CHANGE]);
        assert!(followers.sender.read().is_none());
    }
}
