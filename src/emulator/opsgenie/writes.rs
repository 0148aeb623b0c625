//! From the body of a write to the work that waits: everything that is refused at once, with 400 or 422.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::emulator::opsgenie::action::{Action, By};
use crate::emulator::opsgenie::alert::{Alert, Responder};
use crate::emulator::opsgenie::alerts::{Target, Work};
use crate::emulator::opsgenie::answer::Answer;
use crate::emulator::opsgenie::call::Call;
use crate::emulator::opsgenie::ids::Ids;
use crate::emulator::opsgenie::limits::{
    ACTIONS, ALIAS, DESCRIPTION, Fields, Limits, MESSAGE, NOTE, Recipient, SOURCE, TAGS,
};
use crate::emulator::opsgenie::route::{Face, Verb};
use crate::emulator::opsgenie::teams::Team;

/// What a write is read with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Intake<'a> {
    /// What stands before the alias of a new alert.
    pub(super) alias_prefix: &'a str,
    /// The teams there are.
    pub(super) teams: &'a [Team],
    /// The one team to which every alert of the key goes.
    pub(super) own_team: Option<&'a str>,
    pub(super) limits: Limits,
    pub(super) now: u64,
}

/// The alert that an identifier means: the REST API knows ids only.
pub(super) fn target(call: &Call, identifier: &str) -> Result<Target, Answer> {
    match call.face() {
        Face::Rest => Ok(Target::Id(identifier.to_owned())),
        Face::Opsgenie | Face::Events => target_by(call, "identifierType", identifier),
    }
}

/// The alert that an identifier means, whose type stands in this query parameter.
pub(super) fn target_by(call: &Call, parameter: &str, identifier: &str) -> Result<Target, Answer> {
    match call.parameter(parameter).as_deref() {
        None | Some("id") => Ok(Target::Id(identifier.to_owned())),
        Some("alias") => Ok(Target::Alias(identifier.to_owned())),
        Some("tiny") => Ok(Target::Tiny(identifier.to_owned())),
        Some(_) => Err(Answer::invalid(parameter, "should be one of [ id, alias, tiny ]")),
    }
}

/// `POST /v2/alerts`. The alerts of a team's key go to that team.
pub(super) fn create(call: &Call, intake: Intake<'_>) -> Result<Work, Answer> {
    let mut fields = Fields::read(call, intake.limits)?;
    let alias = fields.text("alias", ALIAS).filter(|alias| !alias.is_empty());
    let prefix = intake.alias_prefix;
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
        details: fields.details(details_name(call)),
        integration: intake
            .own_team
            .map_or_else(|| "API".to_owned(), |team| format!("{team}_API")),
        ..Alert::default()
    };
    let responders = fields.recipients("responders", &["team", "user", "escalation", "schedule"]);
    fields.recipients("visibleTo", &["team", "user"]);
    if call.face() == Face::Rest && responders.iter().any(|responder| responder.id.is_none()) {
        fields.fault("responders", "should have an id");
    }
    fields.finish()?;
    alert.responders = match intake.own_team {
        Some(name) => intake
            .teams
            .iter()
            .filter(|team| team.name == name)
            .map(as_responder)
            .collect(),
        None => responders
            .iter()
            .filter_map(|recipient| resolved(recipient, intake.teams))
            .collect(),
    };
    Ok(Work::Create(Box::new(alert), by))
}

/// A write on one alert.
pub(super) fn change(call: &Call, identifier: &str, verb: &Verb, intake: Intake<'_>) -> Result<Work, Answer> {
    let target = target(call, identifier)?;
    let mut fields = Fields::read(call, intake.limits)?;
    let action = action(verb, &mut fields, call, intake);
    let mut by = match call.method.as_str() {
        "DELETE" => by_query(call),
        _ => by(&mut fields, call),
    };
    if matches!(verb, Verb::Message | Verb::Description | Verb::Priority) {
        // These take the value only.
        by = By {
            source: by.source,
            ..By::default()
        };
    }
    fields.finish()?;
    Ok(Work::Change(target, action, by))
}

/// What a write does, as far as its body can be read.
fn action(verb: &Verb, fields: &mut Fields, call: &Call, intake: Intake<'_>) -> Action {
    match verb {
        Verb::Acknowledge => Action::Acknowledge,
        Verb::Unacknowledge => Action::Unacknowledge,
        Verb::Close => Action::Close,
        Verb::Snooze => Action::Snooze(end_time(fields, intake.now)),
        Verb::Escalate => {
            let escalation = fields.recipient("escalation", Some("escalation"), &["escalation"]);
            Action::Escalate(
                escalation
                    .and_then(|recipient| resolved(&recipient, &[]))
                    .unwrap_or_default(),
            )
        }
        Verb::Assign => {
            let owner = fields.recipient("owner", Some("user"), &["user"]);
            let name = owner.and_then(|owner| owner.name.or_else(|| owner.id.map(|id| username(&id, intake.teams))));
            Action::Assign(name.unwrap_or_default())
        }
        Verb::AddTeam => {
            let team = fields.recipient("team", Some("team"), &["team"]);
            Action::AddTeam(team.and_then(|team| resolved(&team, intake.teams)))
        }
        Verb::AddResponder => {
            let responder = fields.recipient("responder", None, &["team", "user", "escalation", "schedule"]);
            Action::AddResponder(responder.and_then(|responder| resolved(&responder, intake.teams)))
        }
        Verb::Custom(name) if name.is_empty() => Action::Custom(fields.required("action", ACTIONS.1)),
        Verb::Custom(name) => Action::Custom(name.clone()),
        Verb::AddNote => Action::AddNote(fields.required("note", NOTE)),
        Verb::AddTags => Action::AddTags(filled(
            "tags",
            fields,
            |fields| fields.texts("tags", TAGS),
            Vec::is_empty,
        )),
        Verb::AddDetails => {
            let name = details_name(call);
            Action::AddDetails(filled(
                name,
                fields,
                |fields| fields.details(name),
                serde_json::Map::is_empty,
            ))
        }
        Verb::Message => Action::Message(fields.required("message", MESSAGE)),
        Verb::Description => Action::Description(fields.required("description", DESCRIPTION)),
        Verb::Priority => Action::Priority(fields.required_priority()),
        Verb::Delete => Action::Delete,
        Verb::RemoveTags => Action::RemoveTags(listed("tags", fields, call)),
        Verb::RemoveDetails => Action::RemoveDetails(listed("keys", fields, call)),
    }
}

/// What the details are called.
fn details_name(call: &Call) -> &'static str {
    match call.face() {
        Face::Rest => "extraProperties",
        Face::Opsgenie | Face::Events => "details",
    }
}

/// A list that stands in the query, with commas, or in the body: what a removal removes.
fn listed(name: &str, fields: &mut Fields, call: &Call) -> Vec<String> {
    let text = call.parameter(name).unwrap_or_default();
    let items: Vec<String> = text
        .split(',')
        .filter(|item| !item.is_empty())
        .map(str::to_owned)
        .collect();
    let items = match items.is_empty() {
        true => fields.texts(name, (usize::MAX, usize::MAX)),
        false => items,
    };
    if items.is_empty() && !fields.is_faulty(name) {
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
            .unwrap_or_else(|| call.remote.to_string()),
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

fn as_responder(team: &Team) -> Responder {
    Responder {
        kind: "team".to_owned(),
        id: team.id.clone(),
        name: team.name.clone(),
    }
}

/// A responder. A team that does not exist is none, which a create leaves out without a word, as on the real platform;
/// of other kinds nothing is known here, so their names make their ids.
fn resolved(recipient: &Recipient, teams: &[Team]) -> Option<Responder> {
    if recipient.kind == "team" {
        let is_meant =
            |team: &&Team| Some(&team.id) == recipient.id.as_ref() || Some(&team.name) == recipient.name.as_ref();
        return teams.iter().find(is_meant).map(as_responder);
    }
    let id = recipient
        .id
        .clone()
        .or_else(|| recipient.name.as_deref().map(Ids::of_name))?;
    let name = recipient.name.clone().unwrap_or_else(|| id.clone());
    let kind = recipient.kind.clone();
    Some(Responder { kind, id, name })
}

/// The name of a user with an id, as far as a team has one.
fn username(id: &str, teams: &[Team]) -> String {
    let mut names = teams.iter().flat_map(|team| &team.members);
    names
        .find(|name| Ids::of_name(name) == id)
        .cloned()
        .unwrap_or_else(|| id.to_owned())
}
