//! A memory of bounded size: the last so many texts.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// The last texts that were remembered; the oldest is forgotten first.
#[derive(Debug)]
pub(super) struct Recent {
    limit: usize,
    order: VecDeque<Arc<str>>,
    texts: BTreeSet<Arc<str>>,
}

impl Recent {
    /// A memory for `limit` texts.
    pub(super) const fn new(limit: usize) -> Self {
        Self {
            limit,
            order: VecDeque::new(),
            texts: BTreeSet::new(),
        }
    }

    /// Remembers a text.
    pub(super) fn insert(&mut self, text: &Arc<str>) {
        if !self.texts.insert(Arc::clone(text)) {
            return;
        }
        self.order.push_back(Arc::clone(text));
        if self.order.len() > self.limit
            && let Some(oldest) = self.order.pop_front()
        {
            self.texts.remove(&oldest);
        }
    }

    /// Whether a text is remembered.
    pub(super) fn contains(&self, text: &str) -> bool {
        self.texts.contains(text)
    }
}

#[cfg(test)]
mod tests {
    use super::Recent;

    #[test]
    fn the_oldest_is_forgotten_first() {
        let mut recent = Recent::new(2);
        for text in ["a", "b", "a", "c"] {
            recent.insert(&text.into());
        }
        assert_eq!(["a", "b", "c"].map(|text| recent.contains(text)), [false, true, true]);
    }
}
