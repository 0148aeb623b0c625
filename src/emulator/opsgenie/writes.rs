//! From the body of a write to the work that waits: everything that is refused at once, with 400 or 422.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::emulator::opsgenie::alert::{Action, Alert, By};
use crate::emulator::opsgenie::alerts::{Target, Work};
use crate::emulator::opsgenie::answer::Answer;
use crate::emulator::opsgenie::call::{Call, Verb};
use crate::emulator::opsgenie::ids::Ids;
use crate::emulator::opsgenie::limits::{ACTIONS, ALIAS, DESCRIPTION, Fields, MESSAGE, NOTE, Recipient, SOURCE, TAGS};
use crate::emulator::opsgenie::teams::Team;

/// The alert that an identifier means.
pub(super) fn target(call: &Call, identifier: &str) -> Result<Target, Answer> {
    match call.parameter("identifierType").as_deref() {
        None | Some("id") => Ok(Target::Id(identifier.to_owned())),
        Some("alias") => Ok(Target::Alias(identifier.to_owned())),
        Some("tiny") => Ok(Target::Tiny(identifier.to_owned())),
        Some(_) => Err(Answer::invalid(
            "identifierType",
            "should be one of [ id, alias, tiny ]",
        )),
    }
}

/// `POST /v2/alerts`. The alerts of a team's key go to that team.
pub(super) fn create(call: &Call, prefix: &str, teams: &[Team], own_team: Option<&str>) -> Result<Work, Answer> {
    let mut fields = Fields::read(&call.body)?;
    let alias = fields.text("alias", ALIAS).filter(|alias| !alias.is_empty());
    let by = by(&mut fields, call);
    let mut alert = Alert {
        message: fields.required("message", MESSAGE),
        alias: alias.map(|alias| format!("{prefix}{alias}")).unwrap_or_default(),
        description: fields.text("description", DESCRIPTION).unwrap_or_default(),
        priority: fields.priority(),
        entity: fields.text("entity", ALIAS).unwrap_or_default(),
        source: by.source.clone(),
        tags: unique(fields.texts("tags", TAGS)),
        actions: fields.texts("actions", ACTIONS),
        details: fields.details(),
        ..Alert::default()
    };
    let responders = fields.recipients("responders", &["team", "user", "escalation", "schedule"]);
    fields.recipients("visibleTo", &["team", "user"]);
    fields.finish()?;
    alert.responders = match own_team {
        Some(name) => teams
            .iter()
            .filter(|team| team.name == name)
            .map(as_responder)
            .collect(),
        None => responders
            .iter()
            .filter_map(|recipient| resolved(recipient, teams))
            .collect(),
    };
    Ok(Work::Create(Box::new(alert), by))
}

/// A write on one alert.
pub(super) fn change(call: &Call, identifier: &str, verb: Verb, now: u64) -> Result<Work, Answer> {
    let target = target(call, identifier)?;
    let mut fields = Fields::read(&call.body)?;
    let action = match verb {
        Verb::Acknowledge => Action::Acknowledge,
        Verb::Unacknowledge => Action::Unacknowledge,
        Verb::Close => Action::Close,
        Verb::Snooze => Action::Snooze(end_time(&mut fields, now)),
        Verb::AddNote => Action::AddNote(fields.required("note", NOTE)),
        Verb::AddTags => Action::AddTags(filled(
            "tags",
            &mut fields,
            |fields| fields.texts("tags", TAGS),
            Vec::is_empty,
        )),
        Verb::AddDetails => Action::AddDetails(filled(
            "details",
            &mut fields,
            Fields::details,
            serde_json::Map::is_empty,
        )),
        Verb::Message => Action::Message(fields.required("message", MESSAGE)),
        Verb::Description => Action::Description(fields.required("description", DESCRIPTION)),
        Verb::Priority => Action::Priority(fields.required_priority()),
        Verb::Delete => Action::Delete,
        Verb::RemoveTags => Action::RemoveTags(listed("tags", &mut fields, call)),
        Verb::RemoveDetails => Action::RemoveDetails(listed("keys", &mut fields, call)),
    };
    let by = if call.method == "DELETE" {
        by_query(call)
    } else {
        by(&mut fields, call)
    };
    fields.finish()?;
    Ok(Work::Change(target, action, by))
}

/// A list that stands in the query, with commas: what a removal removes.
fn listed(name: &str, fields: &mut Fields, call: &Call) -> Vec<String> {
    let text = call.parameter(name).unwrap_or_default();
    let items: Vec<String> = text
        .split(',')
        .filter(|item| !item.is_empty())
        .map(str::to_owned)
        .collect();
    if items.is_empty() {
        fields.fault(name, "should not be empty");
    }
    items
}

/// A field that must hold something.
fn filled<T>(name: &str, fields: &mut Fields, read: impl Fn(&mut Fields) -> T, empty: impl Fn(&T) -> bool) -> T {
    let value = read(fields);
    if empty(&value) && !fields.is_faulty(name) {
        fields.fault(name, "should not be empty");
    }
    value
}

/// Who asks, as the body says.
fn by(fields: &mut Fields, call: &Call) -> By {
    By {
        user: fields.text("user", SOURCE).unwrap_or_default(),
        note: fields.text("note", NOTE).unwrap_or_default(),
        source: fields
            .text("source", SOURCE)
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| call.remote.clone()),
    }
}

/// The same from the query, for the writes without a body.
fn by_query(call: &Call) -> By {
    let text = |name| call.parameter(name).unwrap_or_default().into_owned();
    By {
        user: text("user"),
        note: text("note"),
        source: text("source"),
    }
}

fn end_time(fields: &mut Fields, now: u64) -> u64 {
    let text = fields.required("endTime", SOURCE);
    let until = text
        .parse()
        .ok()
        .and_then(|time: Timestamp| u64::try_from(time.as_millisecond()).ok());
    if !fields.is_faulty("endTime") && until.is_none_or(|until| until <= now) {
        fields.fault(
            "endTime",
            "should be a time in the future, such as 2030-04-03T20:05:50.894Z",
        );
    }
    until.unwrap_or_default()
}

fn unique(tags: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    tags.into_iter().filter(|tag| seen.insert(tag.clone())).collect()
}

fn as_responder(team: &Team) -> (String, String) {
    ("team".to_owned(), team.id.clone())
}

/// Kind and id of a responder. A team that does not exist is left out without a word, as on the real platform; of other
/// kinds nothing is known here, so their names make their ids.
fn resolved(recipient: &Recipient, teams: &[Team]) -> Option<(String, String)> {
    if recipient.kind == "team" {
        let is_meant =
            |team: &&Team| Some(&team.id) == recipient.id.as_ref() || Some(&team.name) == recipient.name.as_ref();
        return teams.iter().find(is_meant).map(as_responder);
    }
    let id = recipient
        .id
        .clone()
        .or_else(|| recipient.name.as_deref().map(Ids::of_name));
    Some((recipient.kind.clone(), id?))
}
