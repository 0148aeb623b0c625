//! The ids of the definition by name: `protocol/opsgenie/protocol.xml`. A test keeps the two equal.

use crate::connectors::opsgenie::shared::Pace;
use crate::model::id::{ConnectionId, ParamId, TimerId, TriggerId};

/// The normalized value of the `Authorization` header.
pub(super) const AUTHORIZATION: ParamId = ParamId(12);
/// The key that was set last.
pub(super) const API_KEY: ParamId = ParamId(10);
/// What an operator set as the key.
pub(super) const API_KEY_WRITE: ParamId = ParamId(11);

/// The service behind the address: 1 Opsgenie, 2 JSM integration events, 3 JSM Operations.
pub(super) const SERVICE: ParamId = ParamId(14);
/// What an operator should know about the future of the service.
pub(super) const PLATFORM_NOTICE: ParamId = ParamId(16);

/// Where the teams are asked for: the path of the next page.
pub(super) const TEAMS_URL: ParamId = ParamId(18);
/// The status line of the last teams answer.
pub(super) const TEAMS_STATUS_LINE: ParamId = ParamId(20);
/// The body of the last teams answer.
pub(super) const TEAMS_CONTENT: ParamId = ParamId(21);
/// What came of the last poll of the teams.
pub(super) const TEAMS_POLL_STATUS: ParamId = ParamId(22);
/// When the teams were last read.
pub(super) const LAST_TEAMS_POLL: ParamId = ParamId(23);

/// Seconds between two polls of the teams.
pub(super) const TEAMS_POLL_INTERVAL: ParamId = ParamId(24);
/// Seconds since the last poll of the teams.
pub(super) const TEAMS_POLL_ELAPSED: ParamId = ParamId(26);

/// Hidden: until when the platform wanted a pause, in milliseconds since 1970. A restart does not end it.
pub(super) const PAUSED_UNTIL: ParamId = ParamId(28);

/// Running, or why nothing is sent.
pub(super) const QUEUE_STATUS: ParamId = ParamId(30);
/// Messages neither completed nor in error.
pub(super) const QUEUED_MESSAGES: ParamId = ParamId(31);
/// Messages in error.
pub(super) const MESSAGES_IN_ERROR: ParamId = ParamId(32);
/// Messages completed since the start.
pub(super) const COMPLETED_MESSAGES: ParamId = ParamId(33);
/// Messages received again since the start.
pub(super) const DUPLICATES_IGNORED: ParamId = ParamId(34);
/// Messages under way at the same time.
pub(super) const PARALLEL_SENDS: ParamId = ParamId(35);
/// Seconds for which a completed message stays.
pub(super) const KEEP_COMPLETED: ParamId = ParamId(37);
/// Whether the platform tells what became of a request.
pub(super) const CONFIRMATION: ParamId = ParamId(40);
/// Whether an update makes the one before it needless.
pub(super) const COALESCE_UPDATES: ParamId = ParamId(42);
/// Whether a create of an open alert becomes updates as well.
pub(super) const EXPAND_CREATES: ParamId = ParamId(44);
/// Whether alarms that cleared before they were sent are left out.
pub(super) const DROP_CLEARED: ParamId = ParamId(46);
/// Seconds that such an alarm must have waited.
pub(super) const DROP_CLEARED_AFTER: ParamId = ParamId(48);
/// The most rows of the queue.
pub(super) const QUEUE_LIMIT: ParamId = ParamId(62);
/// How full the queue is, in percent.
pub(super) const QUEUE_FILL: ParamId = ParamId(64);
/// Messages that were refused since the start.
pub(super) const MESSAGES_REFUSED: ParamId = ParamId(65);
/// The priority of alarms in timeout.
pub(super) const TIMEOUT_PRIORITY: ParamId = ParamId(66);
/// The priority of alarms in error.
pub(super) const ERROR_PRIORITY: ParamId = ParamId(68);
/// Whether information events become alerts.
pub(super) const RAISE_INFORMATION: ParamId = ParamId(70);
/// What an alert stands for: 1 an alarm tree, 2 a parameter.
pub(super) const ALIAS_OF: ParamId = ParamId(72);
/// What becomes of changes of the value: 0 nothing, 1 the last one is sent once a minute, 2 all are.
pub(super) const VALUE_CHANGES: ParamId = ParamId(74);
/// The responder of alerts without one.
pub(super) const DEFAULT_TEAM: ParamId = ParamId(76);
/// The ids of responders by name.
pub(super) const RESPONDER_IDS: ParamId = ParamId(78);
/// Hidden: the account whose teams the table has.
pub(super) const TEAMS_ACCOUNT: ParamId = ParamId(84);
/// How many alerts are open in accounts of before, and whether messages go there.
pub(super) const FORMER_ALERTS: ParamId = ParamId(82);
/// Takes a serialized alert message.
pub(super) const MESSAGE: ParamId = ParamId(51);

/// The table of teams.
pub(super) const OPSGENIE_TEAMS: ParamId = ParamId(500);
/// The message queue; its columns are those of [`super::row::Column`].
pub(super) const OPSGENIE_OPERATIONS: ParamId = ParamId(1000);

/// Hidden: the ids of completed messages.
pub(super) const FINISHED_MESSAGES: ParamId = ParamId(1100);
/// Hidden: the alerts this element has created.
pub(super) const KNOWN_ALERTS: ParamId = ParamId(1200);

/// Hidden: the accounts, each with the key with which it was last heard.
pub(super) const ACCOUNTS: ParamId = ParamId(1300);

/// Polls the teams now.
pub(super) const POLL_TEAMS: TriggerId = TriggerId(12);
/// What starts and stops the timer of each pace.
pub(super) const PACE_TRIGGERS: [(Pace, TriggerId, TriggerId); 3] = [
    (Pace::Steady, TriggerId(20), TriggerId(21)),
    (Pace::Fast, TriggerId(22), TriggerId(23)),
    (Pace::Slow, TriggerId(24), TriggerId(25)),
];
/// The multithreaded timer that makes a request for a row.
pub(super) const SEND_TIMER: TimerId = TimerId(3);
/// The connection to the platform.
pub(super) const PLATFORM: ConnectionId = ConnectionId(0);

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::connectors::opsgenie::row::Column;

    /// The definition.
    pub(in crate::connectors::opsgenie) fn definition() -> String {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/protocol/opsgenie/protocol.xml");
        std::fs::read_to_string(path).unwrap()
    }

    /// Name and type of each parameter, by id.
    fn declared(xml: &str) -> BTreeMap<u32, (String, String)> {
        let document = roxmltree::Document::parse(xml).unwrap();
        let child = |param: roxmltree::Node<'_, '_>, name: &str| {
            let node = param
                .children()
                .find(|node| node.has_tag_name(("http://www.skyline.be/protocol", name)));
            node.and_then(|node| node.text()).unwrap_or_default().to_owned()
        };
        document
            .descendants()
            .filter(|node| node.tag_name().name() == "Param")
            .map(|param| {
                let id = param.attribute("id").unwrap().parse().unwrap();
                (id, (child(param, "Name"), child(param, "Type")))
            })
            .collect()
    }

    #[test]
    fn the_ids_are_those_of_the_definition() {
        let xml = definition();
        let declared = declared(&xml);
        let expected = [
            (AUTHORIZATION, "Authorization", "read"),
            (API_KEY, "ApiKey", "read"),
            (API_KEY_WRITE, "ApiKey", "write"),
            (SERVICE, "Platform", "read"),
            (PLATFORM_NOTICE, "PlatformNotice", "read"),
            (TEAMS_URL, "TeamsUrl", "read"),
            (CONFIRMATION, "Confirmation", "read"),
            (COALESCE_UPDATES, "CoalesceUpdates", "read"),
            (EXPAND_CREATES, "ExpandCreates", "read"),
            (DROP_CLEARED, "DropCleared", "read"),
            (DROP_CLEARED_AFTER, "DropClearedAfter", "read"),
            (QUEUE_LIMIT, "QueueLimit", "read"),
            (QUEUE_FILL, "QueueFill", "read"),
            (MESSAGES_REFUSED, "MessagesRefused", "read"),
            (TIMEOUT_PRIORITY, "TimeoutPriority", "read"),
            (ERROR_PRIORITY, "ErrorPriority", "read"),
            (RAISE_INFORMATION, "RaiseInformation", "read"),
            (ALIAS_OF, "AliasOf", "read"),
            (VALUE_CHANGES, "ValueChanges", "read"),
            (DEFAULT_TEAM, "DefaultTeam", "read"),
            (RESPONDER_IDS, "ResponderIDs", "read"),
            (TEAMS_ACCOUNT, "TeamsAccount", "read"),
            (FORMER_ALERTS, "FormerAlerts", "read"),
            (ACCOUNTS, "OpsgenieAccounts", "array"),
            (FINISHED_MESSAGES, "OpsgenieFinishedMessages", "array"),
            (KNOWN_ALERTS, "OpsgenieKnownAlerts", "array"),
            (TEAMS_STATUS_LINE, "TeamsStatusLine", "read"),
            (TEAMS_CONTENT, "TeamsContent", "read"),
            (TEAMS_POLL_STATUS, "TeamsPollStatus", "read"),
            (LAST_TEAMS_POLL, "LastTeamsPoll", "read"),
            (TEAMS_POLL_INTERVAL, "TeamsPollInterval", "read"),
            (TEAMS_POLL_ELAPSED, "TeamsPollElapsed", "read"),
            (PAUSED_UNTIL, "PausedUntil", "read"),
            (QUEUE_STATUS, "QueueStatus", "read"),
            (QUEUED_MESSAGES, "QueuedMessages", "read"),
            (MESSAGES_IN_ERROR, "MessagesInError", "read"),
            (COMPLETED_MESSAGES, "CompletedMessages", "read"),
            (DUPLICATES_IGNORED, "DuplicatesIgnored", "read"),
            (PARALLEL_SENDS, "ParallelSends", "read"),
            (KEEP_COMPLETED, "KeepCompleted", "read"),
            (MESSAGE, "Message", "write"),
            (OPSGENIE_TEAMS, "OpsgenieTeams", "array"),
            (OPSGENIE_OPERATIONS, "OpsgenieOperations", "array"),
        ];
        for (id, name, kind) in expected {
            assert_eq!(declared[&id.0], (name.to_owned(), kind.to_owned()), "parameter {id}");
        }
    }

    #[test]
    fn the_names_of_the_contract_are_declared() {
        let xml = definition();
        let names: Vec<String> = declared(&xml).into_values().map(|(name, _)| name).collect();
        for name in ["ApiKey", "Message", "OpsgenieTeams", "OpsgenieOperations", "ClearTable"] {
            assert!(names.iter().any(|declared| declared == name), "{name}");
        }
    }

    #[test]
    fn the_columns_of_the_queue_are_those_of_the_definition_and_all_are_saved() {
        let xml = definition();
        let declared = declared(&xml);
        let document = roxmltree::Document::parse(&xml).unwrap();
        let table = document
            .descendants()
            .find(|node| node.attribute("id") == Some("1000"))
            .unwrap();
        let columns: Vec<_> = table
            .descendants()
            .filter(|node| node.tag_name().name() == "ColumnOption")
            .collect();
        assert_eq!(columns.len(), Column::ALL.len());
        for (idx, (node, column)) in columns.iter().zip(Column::ALL).enumerate() {
            assert_eq!(node.attribute("idx"), Some(idx.to_string().as_str()));
            assert_eq!(column as usize, idx);
            let pid = node.attribute("pid").unwrap().parse().unwrap();
            assert_eq!(declared[&pid].0, format!("OpsgenieOperations{column:?}"));
            assert_eq!(node.attribute("options"), Some(";save"));
        }
    }

    #[test]
    fn triggers_and_timers_are_those_of_the_definition() {
        let xml = definition();
        let document = roxmltree::Document::parse(&xml).unwrap();
        let name = |tag: &str, id: u32| {
            let node = document
                .descendants()
                .find(|node| node.tag_name().name() == tag && node.attribute("id") == Some(id.to_string().as_str()));
            let name = node
                .unwrap()
                .children()
                .find(|node| node.tag_name().name() == "Name")
                .unwrap();
            name.text().unwrap().to_owned()
        };
        assert_eq!(name("Trigger", POLL_TEAMS.0), "Poll Teams Now");
        for (pace, start, stop) in PACE_TRIGGERS {
            assert_eq!(name("Trigger", start.0), format!("Start {pace:?} Queue Timer"));
            assert_eq!(name("Trigger", stop.0), format!("Stop {pace:?} Queue Timer"));
        }
        assert_eq!(name("Timer", SEND_TIMER.0), "Send Messages");
    }
}
