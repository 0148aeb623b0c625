//! The definition that is beside softIoc's records: once a second a group changes parameters, each with a trigger of its
//! own, whose action changes a parameter of its own.

use std::fmt::Write;
use std::hint::black_box;
use std::ops::Range;
use std::sync::Arc;

use adit::engine::Engine;
use adit::engine::effect::Effect;
use adit::engine::event::Event;
use adit::engine::qaction::QActionSet;
use adit::model::moment::{Moment, Span};
use adit::model::protocol::Protocol;

use super::{definition, loaded, param, started};

/// Parameters with a trigger and an action each.
pub(crate) const SCANNED: u32 = 500;

/// The ids: what counts, and what counts that.
const FIRST: u32 = 1;
const SECOND: u32 = FIRST + SCANNED;
/// The trigger that changes them all.
const ALL: u32 = 2 * SCANNED + 1;

/// The definition.
pub(crate) fn scanned() -> Arc<Protocol> {
    let (mut params, mut triggers, mut actions, mut all) = (String::new(), String::new(), String::new(), String::new());
    for number in 0..SCANNED {
        let (first, second) = (FIRST + number, SECOND + number);
        for id in [first, second] {
            params += &param(id, "read", "double", "number");
            let _ = write!(
                actions,
                "<Action id=\"{id}\"><On id=\"{id}\">parameter</On><Type>increment</Type></Action>"
            );
        }
        let _ = write!(
            triggers,
            "<Trigger id=\"{first}\"><On id=\"{first}\">parameter</On><Time>change</Time><Type>action</Type>\
             <Content><Id>{second}</Id></Content></Trigger>"
        );
        let _ = write!(all, "<Id>{first}</Id>");
    }
    loaded(&definition(&format!(
        "<Params>{params}</Params>\
         <Triggers>{triggers}<Trigger id=\"{ALL}\"><Type>action</Type><Content>{all}</Content></Trigger></Triggers>\
         <Actions>{actions}</Actions>\
         <Groups><Group id=\"1\"><Type>trigger</Type><Content><Trigger>{ALL}</Trigger></Content></Group></Groups>\
         <Timers><Timer id=\"1\"><Time initial=\"true\">1000</Time><Interval>0</Interval>\
         <Content><Group>1</Group></Content></Timer></Timers>"
    )))
}

/// An element of it.
pub(crate) fn element(protocol: &Arc<Protocol>) -> Engine {
    started(protocol, QActionSet::default())
}

/// Lets elements scan once a second, one half of them on a core each. How many parameters changed that have a trigger.
pub(crate) fn scan_side_by_side(halves: &mut [Vec<Engine>; 2], seconds: Range<u64>) -> usize {
    std::thread::scope(|scope| {
        let halves = halves.each_mut().map(|elements| {
            let seconds = seconds.clone();
            scope.spawn(move || scan(elements, seconds))
        });
        halves
            .map(|half| half.join().expect("an element scans"))
            .into_iter()
            .sum()
    })
}

fn scan(elements: &mut [Engine], seconds: Range<u64>) -> usize {
    let mut changed = 0;
    for second in seconds {
        for element in &mut *elements {
            let now = Moment::START + Span::seconds(second);
            let effects = black_box(element.handle(Event::Tick, now));
            let changes = effects.iter().filter(|effect| matches!(effect, Effect::Parameter(_)));
            changed += changes.count();
        }
    }
    // Both of a pair tell that they changed.
    changed / 2
}
