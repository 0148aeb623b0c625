//! Which triggers an event fires: the static answer, worked out once a definition.
//!
//! Rules: TRG-2 to TRG-5 (`each` is a fallback for items without a trigger of their own at the same time), TRG-10
//! (document order).

use std::collections::BTreeMap;

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

/// The triggers of a definition by what fires them. A trigger is kept with its place in the document.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Reactions {
    own: BTreeMap<Fired, Vec<(usize, TriggerId)>>,
    each: BTreeMap<Kind, Vec<(usize, TriggerId)>>,
    all: BTreeMap<Kind, Vec<(usize, TriggerId)>>,
    communication: Vec<(String, TriggerId)>,
}

impl Reactions {
    /// Sorts the triggers, given in document order.
    pub(super) fn new(triggers: &[Trigger]) -> Self {
        let mut reactions = Self::default();
        for (place, trigger) in triggers.iter().enumerate() {
            let entry = (place, trigger.id);
            match &trigger.on {
                None | Some(TriggerOn::ParameterTimeout) => {}
                Some(TriggerOn::ParameterChange(scope)) => {
                    reactions.add(entry, *scope, Fired::ParameterChange, Kind::ParameterChange)
                }
                Some(TriggerOn::BeforeGroup(scope)) => {
                    reactions.add(entry, *scope, Fired::BeforeGroup, Kind::BeforeGroup)
                }
                Some(TriggerOn::AfterGroup(scope)) => reactions.add(entry, *scope, Fired::AfterGroup, Kind::AfterGroup),
                Some(TriggerOn::SessionTimeout(scope)) => {
                    reactions.add(entry, *scope, Fired::SessionTimeout, Kind::SessionTimeout)
                }
                Some(TriggerOn::BeforeTimer(scope)) => {
                    reactions.add(entry, *scope, Fired::BeforeTimer, Kind::BeforeTimer)
                }
                Some(TriggerOn::AfterStartup) => reactions.all.entry(Kind::AfterStartup).or_default().push(entry),
                Some(TriggerOn::Communication(text)) => reactions.communication.push((text.clone(), trigger.id)),
            }
        }
        reactions
    }

    fn add<Id>(&mut self, entry: (usize, TriggerId), scope: Scope<Id>, fired: fn(Id) -> Fired, kind: Kind) {
        match scope {
            Scope::One(id) => self.own.entry(fired(id)).or_default().push(entry),
            Scope::Each => self.each.entry(kind).or_default().push(entry),
            Scope::All => self.all.entry(kind).or_default().push(entry),
        }
    }

    /// The triggers that an event fires, in document order.
    pub(super) fn to(&self, fired: Fired) -> Vec<TriggerId> {
        let own = self.own.get(&fired);
        let each = if own.is_some() {
            None
        } else {
            self.each.get(&fired.kind())
        };
        let all = self.all.get(&fired.kind());
        let mut entries: Vec<_> = [own, each, all].into_iter().flatten().flatten().copied().collect();
        entries.sort_unstable();
        entries.into_iter().map(|(_, id)| id).collect()
    }

    /// Whether an event fires any trigger.
    pub(super) fn any(&self, fired: Fired) -> bool {
        let kind = fired.kind();
        self.own.contains_key(&fired) || self.each.contains_key(&kind) || self.all.contains_key(&kind)
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
