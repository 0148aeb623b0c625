//! Teams and the account.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::emulator::opsgenie::answer::Answer;
use crate::emulator::opsgenie::ids::Ids;

/// A team.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
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

/// `GET /v2/teams`: all of them, there is no paging. `expand=member` adds the members.
pub(super) fn list(teams: &[Team], base: &str, expand: bool) -> Answer {
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

/// `GET /v2/teams/{identifier}`.
pub(super) fn get(teams: &[Team], identifier: &str, by: Option<&str>, base: &str) -> Answer {
    let found = match by.unwrap_or("id") {
        "id" => teams.iter().find(|team| team.id == identifier),
        "name" => teams.iter().find(|team| team.name == identifier),
        _ => return Answer::invalid("identifierType", "should be one of [ id, name ]"),
    };
    let Some(team) = found else {
        return Answer::error(
            404,
            &format!("Team with {} [{identifier}] does not exist", by.unwrap_or("id")),
        );
    };
    let mut object = team.summary(base);
    object.insert("members".to_owned(), team.members());
    Answer::data(Value::Object(object))
}

/// `GET /v2/account`.
pub(super) fn account(teams: &[Team]) -> Answer {
    let users: usize = teams.iter().map(|team| team.members.len()).sum();
    Answer::data(json!({
        "name": "adit",
        "userCount": users,
        "plan": { "maxUserCount": 1500, "name": "Enterprise", "isYearly": true },
    }))
}
