//! Which triggers an event fires: the static answer, worked out once a definition.
//!
//! Rules: TRG-2 to TRG-5 (`each` is a fallback for items without a trigger of their own at the same time), TRG-10
//! (document order).

use std::collections::{BTreeMap, BTreeSet};

use crate::model::id::{GroupId, ParamId, SessionId, TimerId, TriggerId};
use crate::model::trigger::{Scope, Trigger, TriggerOn};

/// Something that happened to one item, as triggers see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fired {
    /// A change event of a parameter or a column.
    ParameterChange(ParamId),
    /// A group is about to run its items.
    BeforeGroup(GroupId),
    /// A group ran its items.
    AfterGroup(GroupId),
    /// An exchange of a session failed.
    SessionTimeout(SessionId),
    /// A timer is about to add its groups.
    BeforeTimer(TimerId),
    /// The element started.
    AfterStartup,
}

/// The kind of a [`Fired`], without its item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    ParameterChange,
    BeforeGroup,
    AfterGroup,
    SessionTimeout,
    BeforeTimer,
    AfterStartup,
}

impl Fired {
    const fn kind(self) -> Kind {
        match self {
            Self::ParameterChange(_) => Kind::ParameterChange,
            Self::BeforeGroup(_) => Kind::BeforeGroup,
            Self::AfterGroup(_) => Kind::AfterGroup,
            Self::SessionTimeout(_) => Kind::SessionTimeout,
            Self::BeforeTimer(_) => Kind::BeforeTimer,
            Self::AfterStartup => Kind::AfterStartup,
        }
    }
}

/// The triggers of a definition by what fires them, each list in document order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Reactions {
    /// Of items with a trigger of their own: that, and those on all items.
    own: BTreeMap<Fired, Vec<TriggerId>>,
    /// Of other items.
    other: BTreeMap<Kind, Vec<TriggerId>>,
    communication: Vec<(String, TriggerId)>,
}

impl Reactions {
    /// Sorts the triggers, given in document order.
    pub(super) fn new(triggers: &[Trigger]) -> Self {
        let mut sorted = Sorted::default();
        for (place, trigger) in triggers.iter().enumerate() {
            let entry = (place, trigger.id);
            match &trigger.on {
                None | Some(TriggerOn::ParameterTimeout) => {}
                Some(TriggerOn::ParameterChange(scope)) => {
                    sorted.add(entry, *scope, Fired::ParameterChange, Kind::ParameterChange)
                }
                Some(TriggerOn::BeforeGroup(scope)) => sorted.add(entry, *scope, Fired::BeforeGroup, Kind::BeforeGroup),
                Some(TriggerOn::AfterGroup(scope)) => sorted.add(entry, *scope, Fired::AfterGroup, Kind::AfterGroup),
                Some(TriggerOn::SessionTimeout(scope)) => {
                    sorted.add(entry, *scope, Fired::SessionTimeout, Kind::SessionTimeout)
                }
                Some(TriggerOn::BeforeTimer(scope)) => sorted.add(entry, *scope, Fired::BeforeTimer, Kind::BeforeTimer),
                Some(TriggerOn::AfterStartup) => sorted.all.entry(Kind::AfterStartup).or_default().push(entry),
                Some(TriggerOn::Communication(text)) => sorted.communication.push((text.clone(), trigger.id)),
            }
        }
        sorted.joined()
    }

    /// The triggers that an event fires, in document order.
    pub(super) fn to(&self, fired: Fired) -> &[TriggerId] {
        let own = self.own.get(&fired);
        own.or_else(|| self.other.get(&fired.kind())).map_or(&[], Vec::as_slice)
    }

    /// Whether an event fires any trigger.
    pub(super) fn any(&self, fired: Fired) -> bool {
        !self.to(fired).is_empty()
    }

    /// The triggers on a text that a connection reports (TMO-16).
    pub(super) fn to_communication(&self, text: &str) -> Vec<TriggerId> {
        self.communication
            .iter()
            .filter(|(expected, _)| expected == text)
            .map(|&(_, id)| id)
            .collect()
    }
}

/// The triggers by their scopes. A trigger is kept with its place in the document.
#[derive(Default)]
struct Sorted {
    own: BTreeMap<Fired, Vec<(usize, TriggerId)>>,
    each: BTreeMap<Kind, Vec<(usize, TriggerId)>>,
    all: BTreeMap<Kind, Vec<(usize, TriggerId)>>,
    communication: Vec<(String, TriggerId)>,
}

impl Sorted {
    fn add<Id>(&mut self, entry: (usize, TriggerId), scope: Scope<Id>, fired: fn(Id) -> Fired, kind: Kind) {
        match scope {
            Scope::One(id) => self.own.entry(fired(id)).or_default().push(entry),
            Scope::Each => self.each.entry(kind).or_default().push(entry),
            Scope::All => self.all.entry(kind).or_default().push(entry),
        }
    }

    fn joined(self) -> Reactions {
        let with_all = |entries: &[(usize, TriggerId)], kind: Kind| {
            let all = self.all.get(&kind).map_or(&[][..], Vec::as_slice);
            let mut entries = [entries, all].concat();
            entries.sort_unstable();
            entries.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
        };
        let own = self.own.iter();
        let own = own.map(|(&fired, entries)| (fired, with_all(entries, fired.kind())));
        let kinds: BTreeSet<Kind> = self.each.keys().chain(self.all.keys()).copied().collect();
        let other = kinds.into_iter().map(|kind| {
            let each = self.each.get(&kind).map_or(&[][..], Vec::as_slice);
            (kind, with_all(each, kind))
        });
        let (own, other) = (own.collect(), other.collect());
        Reactions {
            own,
            other,
            communication: self.communication,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fired, Reactions};
    use crate::model::id::{ParamId, TriggerId};
    use crate::model::trigger::{Scope, Trigger, TriggerContent, TriggerOn};

    fn on_change(id: u32, scope: Scope<ParamId>) -> Trigger {
        Trigger {
            id: TriggerId(id),
            name: String::new(),
            on: Some(TriggerOn::ParameterChange(scope)),
            condition: None,
            comparison: None,
            content: TriggerContent::Actions(Vec::new()),
            line: 0,
        }
    }

    #[test]
    fn trg_3_each_fires_only_for_items_without_a_trigger_of_their_own() {
        let reactions = Reactions::new(&[
            on_change(1, Scope::Each),
            on_change(2, Scope::One(ParamId(10))),
            on_change(3, Scope::All),
        ]);
        assert_eq!(
            reactions.to(Fired::ParameterChange(ParamId(10))),
            [TriggerId(2), TriggerId(3)]
        );
        assert_eq!(
            reactions.to(Fired::ParameterChange(ParamId(11))),
            [TriggerId(1), TriggerId(3)]
        );
        assert!(!reactions.any(Fired::AfterStartup));
    }
}
