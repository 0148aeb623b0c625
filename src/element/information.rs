//! The information events of an element that are kept: the last ones, oldest first.
//!
//! Rules: ALM-50. They outlive a stop of the element, which is itself one.

use std::collections::VecDeque;

use parking_lot::Mutex;

use crate::alarm::InformationEvent;

/// Events that are kept.
pub(super) const EVENTS: usize = 500;

/// The last information events of an element.
#[derive(Debug, Default)]
pub(super) struct InformationEvents {
    /// Locked to add or copy events; nothing is awaited meanwhile.
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    last: u64,
    events: VecDeque<KeptInformation>,
}

/// An information event that is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptInformation {
    /// Its id; ids count up from 1.
    pub id: u64,
    /// What it says.
    pub event: InformationEvent,
    /// When, in milliseconds since 1970.
    pub time: i64,
}

impl InformationEvents {
    /// Adds an event; the oldest one goes when there are too many.
    pub(super) fn add(&self, event: InformationEvent, time: i64) {
        let mut kept = self.kept.lock();
        if kept.events.len() == EVENTS {
            kept.events.pop_front();
        }
        kept.last += 1;
        let id = kept.last;
        kept.events.push_back(KeptInformation { id, event, time });
    }

    /// Those that are kept, oldest first.
    pub(super) fn all(&self) -> Vec<KeptInformation> {
        self.kept.lock().events.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{EVENTS, InformationEvents};
    use crate::alarm::{Cell, ELEMENT_STATE, InformationEvent};
    use crate::model::moment::Moment;
    use crate::model::value::Value;

    #[test]
    fn alm_50_the_last_events_are_kept_and_count_on() {
        let events = InformationEvents::default();
        for at in 0..=EVENTS as u64 {
            let cell = Cell {
                param: ELEMENT_STATE,
                key: None,
            };
            let event = InformationEvent {
                cell,
                display_key: None,
                value: Value::Uninitialised,
                text: String::new(),
                at: Moment(at),
            };
            events.add(event, 0);
        }
        let kept = events.all();
        assert_eq!((kept.len(), kept[0].id, kept[0].event.at), (EVENTS, 2, Moment(1)));
    }
}
