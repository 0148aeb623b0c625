//! Teams and the account.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::emulator::opsgenie::alert::iso;
use crate::emulator::opsgenie::answer::Answer;
use crate::emulator::opsgenie::call::Call;
use crate::emulator::opsgenie::ids::Ids;
use crate::emulator::opsgenie::limits::{Fields, Limits};
use crate::emulator::opsgenie::route::TeamOperation;

/// How many teams there are at most, and how many members each has.
const MOST: usize = 1000;

/// The characters of a name and of a description.
const NAME: usize = 100;
const TEAM_DESCRIPTION: usize = 10_000;

/// A team.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Team {
    /// Its id; made from the name when there is none.
    #[serde(default)]
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// The user names of its members; the first one is its admin.
    #[serde(default)]
    pub members: Vec<String>,
}

impl Team {
    /// A team without members.
    #[must_use]
    pub fn named(name: &str, description: &str) -> Self {
        Self {
            id: Ids::of_name(name),
            name: name.to_owned(),
            description: description.to_owned(),
            members: Vec::new(),
        }
    }

    fn summary(&self, base: &str) -> Map<String, Value> {
        let api = format!("{base}/v2/teams/{}", self.id);
        let web = format!("{base}/teams/dashboard/{}/main", self.id);
        Map::from_iter([
            ("id".to_owned(), json!(self.id)),
            ("name".to_owned(), json!(self.name)),
            ("description".to_owned(), json!(self.description)),
            ("links".to_owned(), json!({ "web": web, "api": api })),
        ])
    }

    fn members(&self) -> Value {
        let member = |(index, name): (usize, &String)| {
            let role = if index == 0 { "admin" } else { "user" };
            json!({ "user": { "id": Ids::of_name(name), "username": name }, "role": role })
        };
        self.members.iter().enumerate().map(member).collect()
    }
}

/// What is asked of the teams; `id` is that of a new one.
pub(super) fn answer(
    teams: &mut Vec<Team>,
    call: &Call,
    operation: &TeamOperation,
    (id, now): (&str, u64),
) -> Result<Answer, Answer> {
    let base = call.base();
    match operation {
        TeamOperation::List => {
            let expand = call
                .parameter("expand")
                .is_some_and(|names| names.split(',').any(|name| name == "member"));
            Ok(list(teams, &base, expand))
        }
        TeamOperation::Get(identifier) => {
            let team = &teams[place(teams, call, "identifierType", identifier)?];
            let mut object = team.summary(&base);
            object.insert("members".to_owned(), team.members());
            Ok(Answer::data(Value::Object(object)))
        }
        TeamOperation::Create => {
            let team = read(
                call,
                Team {
                    id: id.to_owned(),
                    ..Team::default()
                },
            )?;
            free(teams, &team)?;
            if teams.len() >= MOST {
                return Err(Answer::error(422, &format!("There are {MOST} teams already.")));
            }
            let answer = changed(201, "Created", &team);
            teams.push(team);
            Ok(answer)
        }
        TeamOperation::Update(identifier) => {
            let place = place(teams, call, "identifierType", identifier)?;
            let team = read(call, teams[place].clone())?;
            free(teams, &team)?;
            let answer = changed(200, "Updated", &team);
            teams[place] = team;
            Ok(answer)
        }
        TeamOperation::Delete(identifier) => {
            let team = teams.remove(place(teams, call, "identifierType", identifier)?);
            Ok(changed(200, "Deleted", &team))
        }
        TeamOperation::Logs(identifier) => {
            let team = &teams[place(teams, call, "identifierType", identifier)?];
            let log =
                json!({ "owner": "System", "createdDate": iso(now), "log": format!("[{}] team is there", team.name) });
            Ok(Answer::data(json!({ "offset": "", "logs": [log] })))
        }
        TeamOperation::AddMember(identifier) => {
            let place = place(teams, call, "teamIdentifierType", identifier)?;
            let mut fields = Fields::read(call, Limits::Strict)?;
            let user = fields.recipient("user", Some("user"), &["user"]);
            fields.finish()?;
            let name = user.and_then(|user| user.name.or(user.id)).unwrap_or_default();
            let team = &mut teams[place];
            if !team.members.contains(&name) && team.members.len() < MOST {
                team.members.push(name);
            }
            Ok(changed(200, "Added", team))
        }
        TeamOperation::RemoveMember(identifier, member) => {
            let place = place(teams, call, "teamIdentifierType", identifier)?;
            let team = &mut teams[place];
            let before = team.members.len();
            team.members
                .retain(|name| name != member && Ids::of_name(name) != *member);
            match team.members.len() < before {
                true => Ok(changed(200, "Removed", team)),
                false => Err(Answer::error(404, &format!("Member [{member}] does not exist"))),
            }
        }
        TeamOperation::RoutingRules(identifier) => {
            let team = &teams[place(teams, call, "teamIdentifierType", identifier)?];
            Ok(Answer::data(json!([{
                "id": Ids::of_name(&format!("{} default rule", team.id)),
                "name": "Default Routing Rule",
                "isDefault": true,
                "order": 0,
                "criteria": { "type": "match-all" },
                "timezone": "UTC",
                "notify": { "type": "none" },
            }])))
        }
    }
}

fn list(teams: &[Team], base: &str, expand: bool) -> Answer {
    let shown = |team: &Team| {
        let mut object = team.summary(base);
        if expand {
            object.insert("members".to_owned(), team.members());
        }
        Value::Object(object)
    };
    let data: Vec<Value> = teams.iter().map(shown).collect();
    Answer::new(
        200,
        json!({ "data": data, "expandable": if expand { vec![] } else { vec!["member"] } }),
    )
}

/// The members of the team with that id, as users.
pub(super) fn users(teams: &[Team], id: &str) -> Vec<Value> {
    let team = teams.iter().find(|team| team.id == id);
    let user = |name: &String| json!({ "id": Ids::of_name(name), "username": name });
    team.map_or_else(Vec::new, |team| team.members.iter().map(user).collect())
}

/// The team that is named; the type of the identifier stands in this query parameter.
fn place(teams: &[Team], call: &Call, parameter: &str, identifier: &str) -> Result<usize, Answer> {
    let by = call.parameter(parameter);
    let by = by.as_deref().unwrap_or("id");
    let found = match by {
        "id" => teams.iter().position(|team| team.id == identifier),
        "name" => teams.iter().position(|team| team.name == identifier),
        _ => return Err(Answer::invalid(parameter, "should be one of [ id, name ]")),
    };
    found.ok_or_else(|| Answer::error(404, &format!("Team with {by} [{identifier}] does not exist")))
}

/// What a body says of a team; the rest is taken from `before`.
fn read(call: &Call, before: Team) -> Result<Team, Answer> {
    let mut fields = Fields::read(call, Limits::Strict)?;
    let mut team = before;
    match team.name.is_empty() {
        true => team.name = fields.required("name", NAME),
        false => team.name = fields.text("name", NAME).unwrap_or(team.name),
    }
    if let Some(description) = fields.text("description", TEAM_DESCRIPTION) {
        team.description = description;
    }
    if let Some(Value::Array(members)) = fields.take("members") {
        let name = |member: &Value| {
            let user = &member["user"];
            user["username"]
                .as_str()
                .or_else(|| user["id"].as_str())
                .map(str::to_owned)
        };
        team.members = members.iter().take(MOST).filter_map(name).collect();
    }
    fields.finish()?;
    Ok(team)
}

/// Refuses a name that another team has.
fn free(teams: &[Team], team: &Team) -> Result<(), Answer> {
    match teams.iter().any(|other| other.id != team.id && other.name == team.name) {
        true => Err(Answer::invalid("name", "is already used by another team")),
        false => Ok(()),
    }
}

fn changed(status: u16, result: &str, team: &Team) -> Answer {
    Answer::new(
        status,
        json!({ "result": result, "data": { "id": team.id, "name": team.name } }),
    )
}

/// `GET /v2/account`.
pub(super) fn account(teams: &[Team]) -> Answer {
    let users: BTreeSet<&String> = teams.iter().flat_map(|team| &team.members).collect();
    Answer::data(json!({
        "name": "adit",
        "userCount": users.len(),
        "plan": { "maxUserCount": 1500, "name": "Enterprise", "isYearly": true },
    }))
}
