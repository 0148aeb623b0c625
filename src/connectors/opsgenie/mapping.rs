//! A DataMiner alarm as the fields of an alert: what the script did not say, the alarm's context says.
//!
//! A script hands over an operation; `alarm` beside it is the alarm it is about. A field that the script gave always wins.

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::connectors::opsgenie::backoff::hash;
use crate::connectors::opsgenie::operation::{Fields, Operation};
use crate::connectors::opsgenie::severity::{Raises, Severity};
use crate::connectors::opsgenie::target::plain_alias;

/// What an operator chose for the severities that do not say it themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choices {
    /// The priority of an alarm in timeout.
    pub(super) timeout: String,
    /// The priority of an alarm in error.
    pub(super) error: String,
    /// Whether information and suggestion events become alerts.
    pub(super) information: bool,
    /// What an alert stands for.
    pub(super) alias: AliasOf,
    /// What becomes of changes of the value.
    pub(super) value_changes: ValueChanges,
    /// The responder of alerts without one.
    pub(super) default_team: Option<String>,
}

/// What an alert stands for, and its alias with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum AliasOf {
    /// One alarm, from its beginning to its end.
    #[default]
    AlarmTree,
    /// All alarms of a parameter or cell: one that comes and goes keeps one alert.
    Parameter,
}

/// What becomes of updates that come because the value of an alarm changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum ValueChanges {
    /// They are not sent.
    Ignored,
    /// The last one is, once a minute.
    #[default]
    OnceAMinute,
    /// All are.
    All,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            timeout: "P2".to_owned(),
            error: "P2".to_owned(),
            information: false,
            alias: AliasOf::default(),
            value_changes: ValueChanges::default(),
            default_team: None,
        }
    }
}

/// Where the property that names the team of an alert is found.
const TEAM_PROPERTY: &str = "Opsgenie Team";

/// Fills the fields of an operation. Gives the reason when there is nothing to raise.
pub(super) fn fill(operation: Operation, fields: &mut Fields, alarm: &Json, choices: &Choices) -> Option<String> {
    if choices.value_changes == ValueChanges::Ignored && is_value_change(operation, alarm) {
        return Some("changes of the value are not sent".to_owned());
    }
    match operation {
        Operation::Create => return fill_create(fields, alarm, choices),
        Operation::Acknowledge | Operation::Unacknowledge => {
            fill_text(fields, "user", text(alarm, "owner"));
            fill_text(fields, "note", text(alarm, "comment"));
        }
        Operation::AddNote => fill_text(fields, "note", text(alarm, "comment")),
        Operation::Close => fill_text(fields, "note", cleared(alarm)),
        Operation::UpdatePriority => fill_text(fields, "priority", priority(alarm, choices)),
        Operation::UpdateMessage => fill_text(fields, "message", message(alarm)),
        Operation::AddDetails => fill_details(fields, alarm),
        Operation::AddTags => fill_tags(fields, alarm),
        Operation::Snooze
        | Operation::Escalate
        | Operation::Assign
        | Operation::AddTeam
        | Operation::AddResponder
        | Operation::RemoveTags
        | Operation::RemoveDetails
        | Operation::UpdateDescription
        | Operation::Action
        | Operation::Delete
        | Operation::Attach => {}
    }
    None
}

/// What a note says of an alarm that became more severe, or less: `Major → Critical at …`. None of any other.
pub(super) fn severity_change(alarm: &Json) -> Option<String> {
    let kind = text(alarm, "type")?;
    let before = match kind.as_str() {
        "31" => "Critical",
        "32" | "37" => "Major",
        "33" | "36" => "Minor",
        "34" | "35" => "Warning",
        "8" | "9" => "",
        word => word
            .strip_prefix("Escalated")
            .or_else(|| word.strip_prefix("Dropped"))
            .map(|rest| rest.trim().strip_prefix("from").unwrap_or(rest).trim())?,
    };
    let severity = Severity::of(alarm)?.name;
    let time = text(alarm, "time")
        .map(|time| format!(" at {time}"))
        .unwrap_or_default();
    Some(format!("{before} → {severity}{time}").trim_start().to_owned())
}

/// Whether an update comes because the value of the alarm changed.
pub(super) fn is_value_change(operation: Operation, alarm: &Json) -> bool {
    let kind = text(alarm, "type").unwrap_or_default();
    matches!(operation, Operation::UpdateMessage | Operation::UpdateDescription)
        && (kind == "41" || kind.eq_ignore_ascii_case("value changed"))
}

/// The alias of an alarm tree, or of its parameter: root alarm ids are unique within an element only, and an account may
/// serve several systems. What is not known makes no alias: alarms that have nothing to do with each other would share it.
pub(super) fn alias(alarm: &Json, of: AliasOf) -> Option<String> {
    let last = match of {
        AliasOf::AlarmTree => text(alarm, "root")?,
        AliasOf::Parameter => {
            let parameter = text(alarm, "parameterId")?;
            // An index may be as long as it likes, and contain anything.
            let index = text(alarm, "index").map(|index| format!("-{:016x}", hash(&index)));
            format!("p{parameter}{}", index.unwrap_or_default())
        }
    };
    let parts = ["dms", "dma", "element"].map(|name| text(alarm, name));
    let [Some(dms), Some(dma), Some(element)] = parts else {
        return None;
    };
    Some(plain_alias(&format!("dm-{dms}-{dma}-{element}-{last}")))
}

fn fill_create(fields: &mut Fields, alarm: &Json, choices: &Choices) -> Option<String> {
    let severity = Severity::of(alarm);
    if !has(fields, "priority")
        && let Some(severity) = &severity
    {
        match severity.raises {
            Raises::Nothing => return Some(format!("an alarm of severity {} raises no alert", severity.name)),
            Raises::Information if !choices.information => {
                return Some(format!("{} events are not sent", severity.name));
            }
            Raises::Alert(_) | Raises::Timeout | Raises::Error | Raises::Information | Raises::Unknown => {}
        }
    }
    fill_text(fields, "priority", priority(alarm, choices));
    fill_text(fields, "message", message(alarm));
    fill_text(fields, "entity", text(alarm, "elementName"));
    fill_text(
        fields,
        "source",
        text(alarm, "dms").or_else(|| text(alarm, "elementName")),
    );
    fill_text(fields, "user", Some("DataMiner".to_owned()));
    fill_details(fields, alarm);
    fill_tags(fields, alarm);
    let of_alarm = alarm
        .get("properties")
        .and_then(|properties| text(properties, TEAM_PROPERTY));
    if !has(fields, "responders")
        && let Some(team) = of_alarm.or_else(|| choices.default_team.clone())
    {
        fields.insert("responders".to_owned(), json!([{"type": "team", "name": team}]));
    }
    None
}

/// `[Critical] Encoder 12 – Input Signal (1.2): Lost`.
fn message(alarm: &Json) -> Option<String> {
    let severity = Severity::of(alarm).map(|severity| format!("[{}]", severity.name));
    let parameter = text(alarm, "parameterName").map(|name| match text(alarm, "index") {
        Some(index) => format!("{name} ({index})"),
        None => name,
    });
    let place = match (text(alarm, "elementName"), parameter) {
        (Some(element), Some(parameter)) => Some(format!("{element} – {parameter}")),
        (element, parameter) => element.or(parameter),
    };
    let what = match (place, text(alarm, "value")) {
        (Some(place), Some(value)) => format!("{place}: {value}"),
        (place, value) => place.or(value)?,
    };
    Some(severity.into_iter().chain([what]).collect::<Vec<_>>().join(" "))
}

/// The priority of an alarm; none when it tells no severity, or one at which nothing is wrong.
fn priority(alarm: &Json, choices: &Choices) -> Option<String> {
    match Severity::of(alarm)?.raises {
        Raises::Alert(priority) => Some(priority.to_owned()),
        Raises::Timeout => Some(choices.timeout.clone()),
        Raises::Error => Some(choices.error.clone()),
        Raises::Information => Some("P5".to_owned()),
        Raises::Unknown => Some("P3".to_owned()),
        Raises::Nothing => None,
    }
}

/// `cleared at …, value …, duration …`, as far as the alarm tells.
fn cleared(alarm: &Json) -> Option<String> {
    let (time, root_time) = (text(alarm, "time"), text(alarm, "rootTime"));
    let mut parts: Vec<String> = Vec::new();
    parts.extend(time.as_ref().map(|time| format!("cleared at {time}")));
    parts.extend(text(alarm, "value").map(|value| format!("value {value}")));
    let moment = |text: Option<String>| text?.parse::<Timestamp>().ok();
    if let (Some(end), Some(start)) = (moment(time), moment(root_time))
        && end >= start
    {
        parts.push(format!("duration {}", duration(end.as_second() - start.as_second())));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// `1h 2m 3s`.
fn duration(seconds: i64) -> String {
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, minutes) => format!("{minutes}m {seconds}s"),
        (hours, minutes) => format!("{hours}h {minutes}m {seconds}s"),
    }
}

fn fill_details(fields: &mut Fields, alarm: &Json) {
    if has(fields, "details") {
        return;
    }
    let joined = |names: &[&str]| -> Option<String> {
        let parts: Option<Vec<String>> = names.iter().map(|name| text(alarm, name)).collect();
        parts.map(|parts| parts.join("/"))
    };
    let mut details = Fields::new();
    let told = [
        ("dm.element.id", joined(&["dma", "element"])),
        ("dm.element", text(alarm, "elementName")),
        ("dm.parameter", text(alarm, "parameterName")),
        ("dm.index", text(alarm, "index")),
        ("dm.value", text(alarm, "value")),
        ("dm.severity", Severity::of(alarm).map(|severity| severity.name)),
        ("dm.alarm.tree", joined(&["dma", "element", "root"])),
        ("dm.root.time", text(alarm, "rootTime")),
        ("dm.view", text(alarm, "view")),
        (
            "dm.services",
            listed(alarm, "services").map(|services| services.join(", ")),
        ),
        ("dm.protocol", text(alarm, "protocol")),
    ];
    for (name, value) in told {
        if let Some(value) = value {
            details.insert(name.to_owned(), json!(value));
        }
    }
    if let Some(properties) = alarm.get("properties").and_then(Json::as_object) {
        for (name, value) in properties {
            details.insert(format!("prop.{name}"), value.clone());
        }
    }
    if !details.is_empty() {
        fields.insert("details".to_owned(), Json::Object(details));
    }
}

fn fill_tags(fields: &mut Fields, alarm: &Json) {
    if has(fields, "tags") {
        return;
    }
    let severity = Severity::of(alarm);
    let mut tags: Vec<String> = Vec::new();
    if let Some(severity) = &severity {
        tags.push(severity.name.clone());
        if severity.raises == Raises::Unknown {
            tags.push("dm-severity-unknown".to_owned());
        }
    }
    tags.extend(text(alarm, "elementType"));
    tags.extend(text(alarm, "dms").map(|dms| format!("dms:{dms}")));
    tags.extend(text(alarm, "dma").map(|dma| format!("dma:{dma}")));
    let services = listed(alarm, "services").unwrap_or_default();
    tags.extend(services.into_iter().map(|service| format!("service:{service}")));
    // Tags are removed by a list with commas.
    let tags: Vec<String> = tags.into_iter().map(|tag| tag.replace(',', " ")).collect();
    if !tags.is_empty() {
        fields.insert("tags".to_owned(), json!(tags));
    }
}

/// Whether the script gave a field.
fn has(fields: &Fields, name: &str) -> bool {
    match fields.get(name) {
        None | Some(Json::Null) => false,
        Some(Json::String(text)) => !text.trim().is_empty(),
        Some(Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_)) => true,
    }
}

fn fill_text(fields: &mut Fields, name: &str, value: Option<String>) {
    if let Some(value) = value.filter(|_| !has(fields, name)) {
        fields.insert(name.to_owned(), Json::String(value));
    }
}

/// A member as text; none when it says nothing.
fn text(alarm: &Json, name: &str) -> Option<String> {
    let text = match alarm.get(name)? {
        Json::String(text) => text.trim().to_owned(),
        Json::Number(number) => number.to_string(),
        Json::Bool(_) | Json::Null | Json::Array(_) | Json::Object(_) => return None,
    };
    (!text.is_empty()).then_some(text)
}

fn listed(alarm: &Json, name: &str) -> Option<Vec<String>> {
    let items = alarm.get(name)?.as_array()?;
    let texts: Vec<String> = items.iter().filter_map(Json::as_str).map(str::to_owned).collect();
    (!texts.is_empty()).then_some(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarm() -> Json {
        json!({"dms": "dms1", "dma": 1, "element": 2, "root": 555, "alarm": 7781, "severity": 1, "type": 10,
            "elementName": "Encoder 12", "parameterName": "Input Signal", "parameterId": 6023, "index": "1.2",
            "value": "Lost", "rootTime": "2026-11-22T16:00:00Z", "time": "2026-11-22T17:01:05Z", "owner": "Ann",
            "comment": "on it", "services": ["Sport 1", "News, late"], "properties": {"Location": "Izegem", "n": 1}})
    }

    fn filled(operation: Operation, given: &Json, alarm: &Json) -> Json {
        let mut fields = given.as_object().unwrap().clone();
        assert_eq!(fill(operation, &mut fields, alarm, &Choices::default()), None);
        Json::Object(fields)
    }

    #[test]
    fn an_alarm_fills_the_alert_of_a_create() {
        let expected = json!({
            "priority": "P1",
            "message": "[Critical] Encoder 12 – Input Signal (1.2): Lost",
            "entity": "Encoder 12",
            "source": "dms1",
            "user": "DataMiner",
            "details": {"dm.element.id": "1/2", "dm.element": "Encoder 12", "dm.parameter": "Input Signal", "dm.index": "1.2",
                "dm.value": "Lost", "dm.severity": "Critical", "dm.alarm.tree": "1/2/555",
                "dm.root.time": "2026-11-22T16:00:00Z", "dm.services": "Sport 1, News, late", "prop.Location": "Izegem",
                "prop.n": 1},
            "tags": ["Critical", "dms:dms1", "dma:1", "service:Sport 1", "service:News  late"],
        });
        assert_eq!(filled(Operation::Create, &json!({}), &alarm()), expected);
    }

    #[test]
    fn what_the_script_said_wins() {
        let given = json!({"message": "m", "priority": "P5", "entity": "e", "source": "s", "user": "u", "details": {},
            "tags": [], "responders": []});
        let mut with_team = alarm();
        with_team["properties"][TEAM_PROPERTY] = json!("NOC");
        assert_eq!(filled(Operation::Create, &given, &with_team), given);
        let responders = filled(Operation::Create, &json!({}), &with_team)["responders"].clone();
        assert_eq!(responders, json!([{"type": "team", "name": "NOC"}]));
    }

    #[test]
    fn an_alarm_fills_what_is_done_to_an_alert() {
        let cases = [
            (Operation::Acknowledge, json!({"user": "Ann", "note": "on it"})),
            (Operation::AddNote, json!({"note": "on it"})),
            (
                Operation::Close,
                json!({"note": "cleared at 2026-11-22T17:01:05Z, value Lost, duration 1h 1m 5s"}),
            ),
            (Operation::UpdatePriority, json!({"priority": "P1"})),
            (
                Operation::UpdateMessage,
                json!({"message": "[Critical] Encoder 12 – Input Signal (1.2): Lost"}),
            ),
            (Operation::Delete, json!({})),
        ];
        for (operation, expected) in cases {
            assert_eq!(filled(operation, &json!({}), &alarm()), expected, "{operation:?}");
        }
    }

    #[test]
    fn a_change_of_severity_says_from_where_to_where() {
        let told = |kind: Json, severity: u32| {
            severity_change(&json!({"type": kind, "severity": severity, "time": "16:00"})).unwrap_or_default()
        };
        assert_eq!(told(json!(37), 1), "Major → Critical at 16:00");
        assert_eq!(told(json!("Dropped from Critical"), 3), "Critical → Minor at 16:00");
        assert_eq!(told(json!(34), 5), "Warning → Normal at 16:00");
        assert_eq!(told(json!("Escalated"), 2), "→ Major at 16:00");
        assert_eq!(told(json!(9), 4), "→ Warning at 16:00");
        assert_eq!(told(json!(10), 1), "");
        assert_eq!(
            severity_change(&json!({"type": 36, "severity": 1})).unwrap(),
            "Minor → Critical"
        );
    }

    #[test]
    fn every_severity_has_its_priority_or_raises_nothing() {
        let choices = Choices {
            timeout: "P1".to_owned(),
            ..Choices::default()
        };
        let outcome = |severity: u32, choices: &Choices| {
            let mut fields = Fields::new();
            let nothing = fill(
                Operation::Create,
                &mut fields,
                &json!({"severity": severity, "value": "v"}),
                choices,
            );
            nothing.unwrap_or_else(|| fields["priority"].as_str().unwrap().to_owned())
        };
        let expected = [
            (1, "P1"),
            (4, "P4"),
            (5, "an alarm of severity Normal raises no alert"),
            (11, "an alarm of severity Cleared raises no alert"),
            (13, "Information events are not sent"),
            (17, "P1"),
            (24, "P2"),
            (28, "P5"),
            (99, "P3"),
        ];
        for (severity, priority) in expected {
            assert_eq!(outcome(severity, &choices), priority, "{severity}");
        }
        let informed = Choices {
            information: true,
            ..Choices::default()
        };
        assert_eq!(outcome(13, &informed), "P5");
        let unknown = filled(Operation::Create, &json!({}), &json!({"severity": 99, "value": "v"}));
        assert_eq!(unknown["tags"], json!(["99", "dm-severity-unknown"]));
    }

    #[test]
    fn an_alias_needs_the_whole_tree_and_no_escaping() {
        let alias = |alarm: &Json| super::alias(alarm, AliasOf::AlarmTree);
        assert_eq!(alias(&alarm()).as_deref(), Some("dm-dms1-1-2-555"));
        for missing in ["dms", "dma", "element", "root"] {
            let mut alarm = alarm();
            alarm[missing] = json!("");
            assert_eq!(alias(&alarm), None, "{missing}");
        }
        let other = json!({"dms": "dms1", "dma": 1, "element": 3, "root": 555});
        assert_ne!(alias(&other), alias(&alarm()));
    }

    #[test]
    fn an_alias_of_a_parameter_is_the_same_for_all_its_alarms() {
        let alias = |alarm: &Json| super::alias(alarm, AliasOf::Parameter);
        let first = alias(&alarm()).unwrap();
        assert!(
            first.starts_with("dm-dms1-1-2-p6023-") && first.len() == "dm-dms1-1-2-p6023-".len() + 16,
            "{first}"
        );
        let mut later = alarm();
        later["root"] = json!(777);
        assert_eq!(alias(&later).as_ref(), Some(&first));
        later["index"] = json!("1.3");
        assert_ne!(alias(&later), Some(first));
        later["index"] = json!("");
        assert_eq!(alias(&later).as_deref(), Some("dm-dms1-1-2-p6023"));
        later["parameterId"] = json!(null);
        assert_eq!(alias(&later), None);
    }

    #[test]
    fn changes_of_the_value_are_left_out_where_that_is_wanted() {
        let mut changed = alarm();
        changed["type"] = json!("Value changed");
        let choices = Choices {
            value_changes: ValueChanges::Ignored,
            ..Choices::default()
        };
        let told = |operation, alarm: &Json| fill(operation, &mut Fields::new(), alarm, &choices);
        assert!(told(Operation::UpdateMessage, &changed).is_some());
        assert_eq!(told(Operation::UpdateMessage, &alarm()), None);
        assert_eq!(told(Operation::UpdatePriority, &changed), None);
    }

    #[test]
    fn an_alert_without_a_team_goes_to_the_default_team() {
        let choices = Choices {
            default_team: Some("Ops".to_owned()),
            ..Choices::default()
        };
        let responders = |alarm: &Json| {
            let mut fields = Fields::new();
            fill(Operation::Create, &mut fields, alarm, &choices);
            fields["responders"].clone()
        };
        assert_eq!(responders(&alarm()), json!([{"type": "team", "name": "Ops"}]));
        let mut with_team = alarm();
        with_team["properties"][TEAM_PROPERTY] = json!("NOC");
        assert_eq!(responders(&with_team), json!([{"type": "team", "name": "NOC"}]));
    }
}
