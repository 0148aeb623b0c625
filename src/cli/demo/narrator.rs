//! Changes of the Opsgenie element → lines for people. What tells nothing about teams or messages gives no line.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::cli::output::printable;
use crate::element::view::{ElementEvent, ElementState};
use crate::engine::effect::{ParameterChange, RowChange, RowChangeKind};
use crate::model::id::ParamId;
use crate::model::protocol::Protocol;

/// What was told so far.
pub(super) struct Narrator {
    protocol: Arc<Protocol>,
    /// What came of the last poll of the teams.
    teams: String,
    /// The messages in the table, by their key.
    messages: HashMap<Arc<str>, Message>,
    /// The keys of all messages that have come to their end.
    ended: HashSet<Arc<str>>,
}

/// A message as it was last told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Message {
    operation: String,
    alias: String,
    state: String,
    result: String,
}

impl Narrator {
    pub(super) fn new(protocol: Arc<Protocol>) -> Self {
        Self {
            protocol,
            teams: String::new(),
            messages: HashMap::new(),
            ended: HashSet::new(),
        }
    }

    /// Whether the teams were read.
    pub(super) fn has_teams(&self) -> bool {
        self.teams.starts_with("OK")
    }

    /// Whether a message has come to its end.
    pub(super) fn has_ended(&self, key: &str) -> bool {
        self.ended.contains(key)
    }

    /// Whether the table has no completed message.
    pub(super) fn has_cleared(&self) -> bool {
        self.messages.values().all(|message| message.state != "Completed")
    }

    /// The line for a change; none when it tells nothing.
    pub(super) fn tell(&mut self, event: &ElementEvent) -> Option<String> {
        let line = match event {
            ElementEvent::Parameter(change) => self.parameter(change),
            ElementEvent::Row(change) => match self.name(change.table) {
                "OpsgenieTeams" => self.team(change),
                "OpsgenieOperations" => self.message(change),
                _ => None,
            },
            ElementEvent::State(ElementState::Active, true) => Some("the platform does not answer".to_owned()),
            ElementEvent::State(..) | ElementEvent::Alarm(_) => None,
        };
        line.map(|line| printable(line.trim_end()))
    }

    fn parameter(&mut self, change: &ParameterChange) -> Option<String> {
        let text = change.value.to_text();
        match self.name(change.id) {
            "TeamsPollStatus" if change.differs => {
                self.teams = text.to_string();
                Some(format!("teams read: {text}"))
            }
            "QueueStatus" if change.differs => Some(format!("queue: {text}")),
            _ => None,
        }
    }

    fn team(&self, change: &RowChange) -> Option<String> {
        let name = self.cell(change, "OpsgenieTeamsTeamName");
        match change.change {
            RowChangeKind::Added => {
                let description = self.cell(change, "OpsgenieTeamsTeamDescription").unwrap_or_default();
                Some(format!("team {:<14} {description}", name?))
            }
            RowChangeKind::Updated => None,
            RowChangeKind::Removed => Some(format!("team {} is gone", change.key)),
        }
    }

    fn message(&mut self, change: &RowChange) -> Option<String> {
        let before = self.messages.remove(&change.key).unwrap_or_default();
        if change.change == RowChangeKind::Removed {
            self.ended.insert(Arc::clone(&change.key));
            return Some(before.line("cleared", "no longer in the table"));
        }
        let cell = |name, before: &str| self.cell(change, name).unwrap_or_else(|| before.to_owned());
        let message = Message {
            operation: cell("OpsgenieOperationsOperation", &before.operation),
            alias: cell("OpsgenieOperationsAlias", &before.alias),
            state: cell("OpsgenieOperationsState", &before.state),
            result: cell("OpsgenieOperationsResult", &before.result),
        };
        if matches!(message.state.as_str(), "Completed" | "Error") {
            self.ended.insert(Arc::clone(&change.key));
        }
        let what = match message.state.as_str() {
            "Queued" if message.result.is_empty() => "stored; whoever set it has its answer",
            "Sending" if message.result.is_empty() => "the request goes out",
            _ => &message.result,
        };
        let line = (message != before).then(|| message.line(&message.state, what));
        self.messages.insert(Arc::clone(&change.key), message);
        line
    }

    /// The name of a parameter.
    fn name(&self, id: ParamId) -> &str {
        self.protocol.param(id).map_or("", |param| param.name.as_str())
    }

    /// A cell of a row, when it is among those set or changed.
    fn cell(&self, change: &RowChange, name: &str) -> Option<String> {
        let cell = change.cells.iter().find(|(column, _)| self.name(*column) == name);
        cell.map(|(_, value)| value.to_text().to_string())
    }
}

impl Message {
    fn line(&self, state: &str, what: &str) -> String {
        let label = format!("{} {}", self.operation, self.alias);
        format!("{label:<22}  {state:<10}  {what}")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Narrator;
    use crate::element::view::ElementEvent;
    use crate::engine::effect::{Origin, RowChange, RowChangeKind};
    use crate::model::id::QActionId;
    use crate::model::value::Value;

    fn narrator() -> Narrator {
        Narrator::new(Arc::new(crate::cli::demo::definition().unwrap()))
    }

    fn row(narrator: &Narrator, table: &str, change: RowChangeKind, cells: &[(&str, &str)]) -> ElementEvent {
        let id = |name: &str| narrator.protocol.param_to_read(name).unwrap().id;
        ElementEvent::Row(RowChange {
            table: id(table),
            key: "1".into(),
            position: 1,
            change,
            cells: cells
                .iter()
                .map(|(name, value)| (id(&format!("{table}{name}")), Value::from(*value)))
                .collect(),
            times: Vec::new(),
            by: Origin::QAction(QActionId(1)),
        })
    }

    #[test]
    fn a_message_is_told_whenever_its_state_or_result_changes() {
        let mut narrator = narrator();
        let mut told = Vec::new();
        let added = [("Operation", "Close"), ("Alias", "a"), ("State", "Queued")];
        for (change, cells) in [
            (RowChangeKind::Added, &added[..]),
            (RowChangeKind::Updated, &[("Attempts", "1")]),
            (RowChangeKind::Updated, &[("State", "Sending")]),
            (
                RowChangeKind::Updated,
                &[("State", "Error"), ("Result", "no\n\u{1b}[31m")],
            ),
            (RowChangeKind::Removed, &[]),
        ] {
            let event = row(&narrator, "OpsgenieOperations", change, cells);
            let line = narrator.tell(&event);
            told.push((line, narrator.has_ended("1")));
        }
        let line = |text: &str| Some(text.to_owned());
        let expected = [
            (
                line("Close a                 Queued      stored; whoever set it has its answer"),
                false,
            ),
            (None, false),
            (line("Close a                 Sending     the request goes out"), false),
            (line("Close a                 Error       no\\n\\u{1b}[31m"), true),
            (line("Close a                 cleared     no longer in the table"), true),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_team_is_told_when_it_appears_and_when_it_goes() {
        let mut narrator = narrator();
        let added = [("TeamName", "NOC"), ("TeamDescription", "around the clock")];
        let added = row(&narrator, "OpsgenieTeams", RowChangeKind::Added, &added);
        let removed = row(&narrator, "OpsgenieTeams", RowChangeKind::Removed, &[]);
        let told = [added, removed].map(|event| narrator.tell(&event).unwrap());
        assert_eq!(told, ["team NOC            around the clock", "team 1 is gone"]);
    }
}
