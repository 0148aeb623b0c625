//! The information events of an element that are kept: the last ones, oldest first.
//!
//! Rules: ALM-50. They outlive a stop of the element, which is itself one.

use std::collections::VecDeque;

use parking_lot::Mutex;

use crate::alarm::InformationEvent;
use crate::engine::saved::{INFORMATION_KEPT, SavedInformation};

/// The last information events of an element.
#[derive(Debug, Default)]
pub(super) struct InformationEvents {
    /// Locked to add or copy events; nothing is awaited meanwhile.
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    last: u64,
    events: VecDeque<SavedInformation>,
}

impl InformationEvents {
    /// Adds an event; the oldest one goes when there are too many.
    pub(super) fn add(&self, event: InformationEvent, time: i64, secret: bool) -> SavedInformation {
        let mut kept = self.kept.lock();
        if kept.events.len() == INFORMATION_KEPT {
            kept.events.pop_front();
        }
        kept.last += 1;
        let saved = SavedInformation {
            id: kept.last,
            time,
            event,
            secret,
        };
        kept.events.push_back(saved.clone());
        saved
    }

    /// Takes in those that earlier runs of the process left, when there are none yet.
    pub(super) fn restore(&self, events: Vec<SavedInformation>) {
        let mut kept = self.kept.lock();
        if kept.events.is_empty() {
            kept.last = events.last().map_or(0, |event| event.id);
            kept.events = events.into();
        }
    }

    /// Those that are kept, oldest first.
    pub(super) fn all(&self) -> Vec<SavedInformation> {
        self.kept.lock().events.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::InformationEvents;
    use crate::alarm::{Cell, ELEMENT_STATE, InformationEvent};
    use crate::engine::saved::INFORMATION_KEPT;
    use crate::model::moment::Moment;
    use crate::model::value::Value;

    #[test]
    fn alm_50_the_last_events_are_kept_and_count_on() {
        let events = InformationEvents::default();
        for at in 0..=INFORMATION_KEPT as u64 {
            let cell = Cell {
                param: ELEMENT_STATE,
                key: None,
            };
            let event = InformationEvent {
                cell,
                display_key: None,
                value: Value::Uninitialised,
                text: "".into(),
                at: Moment(at),
            };
            events.add(event, 0, false);
        }
        let kept = events.all();
        assert_eq!(
            (kept.len(), kept[0].id, kept[0].event.at),
            (INFORMATION_KEPT, 2, Moment(1))
        );
    }
}
