//! Saved searches: queries with a name, which a list and a count can use.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::emulator::opsgenie::alert::iso;
use crate::emulator::opsgenie::answer::Answer;
use crate::emulator::opsgenie::call::Call;
use crate::emulator::opsgenie::ids::Ids;
use crate::emulator::opsgenie::limits::{DESCRIPTION, Fields, Limits};
use crate::emulator::opsgenie::route::SavedOperation;
use crate::emulator::opsgenie::search::Search;

/// How many searches are kept at most.
const MOST: usize = 1000;

/// The characters of a name and of a query.
const NAME: usize = 100;
const QUERY: usize = 1000;

/// A search with a name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Saved {
    id: String,
    name: String,
    query: String,
    description: String,
    /// The id of a user.
    owner: String,
    /// The ids of teams.
    teams: Vec<String>,
    created_at: u64,
    updated_at: u64,
}

impl Saved {
    fn short(&self) -> Value {
        json!({ "id": self.id, "name": self.name })
    }

    fn full(&self) -> Value {
        let teams: Vec<Value> = self.teams.iter().map(|id| json!({ "id": id })).collect();
        json!({
            "id": self.id,
            "name": self.name,
            "createdAt": iso(self.created_at),
            "updatedAt": iso(self.updated_at),
            "owner": { "id": self.owner },
            "teams": teams,
            "description": self.description,
            "query": self.query,
        })
    }

    /// What a body says of it; the rest is taken from `before`.
    fn read(call: &Call, before: Self, now: u64) -> Result<Self, Answer> {
        let mut fields = Fields::read(call, Limits::Strict)?;
        let id_of = |id: Option<String>, name: Option<String>| id.or_else(|| name.as_deref().map(Ids::of_name));
        let owner = fields.recipient("owner", Some("user"), &["user"]);
        let saved = Self {
            name: fields.required("name", NAME),
            query: fields.required("query", QUERY),
            description: fields.text("description", DESCRIPTION).unwrap_or_default(),
            owner: owner.and_then(|owner| id_of(owner.id, owner.name)).unwrap_or_default(),
            teams: fields
                .recipients("teams", &["team"])
                .into_iter()
                .filter_map(|team| id_of(team.id, team.name))
                .collect(),
            updated_at: now,
            ..before
        };
        if let Err(error) = Search::parse(&saved.query) {
            fields.fault("query", error);
        }
        fields.finish()?;
        Ok(saved)
    }
}

/// What is asked of the saved searches; `id` is that of a new one.
pub(super) fn answer(
    searches: &mut Vec<Saved>,
    call: &Call,
    operation: &SavedOperation,
    (id, now): (&str, u64),
) -> Result<Answer, Answer> {
    match operation {
        SavedOperation::List => Ok(Answer::data(searches.iter().map(Saved::short).collect())),
        SavedOperation::Create => {
            let before = Saved {
                id: id.to_owned(),
                created_at: now,
                ..Saved::default()
            };
            let saved = Saved::read(call, before, now)?;
            if searches.iter().any(|other| other.name == saved.name) {
                return Err(Answer::invalid("name", "is already used by another saved search"));
            }
            if searches.len() >= MOST {
                return Err(Answer::error(422, &format!("There are {MOST} saved searches already.")));
            }
            let shown = saved.short();
            searches.push(saved);
            Ok(Answer::new(201, json!({ "data": shown })))
        }
        SavedOperation::Get(id) => Ok(Answer::data(searches[place(searches, call, id)?].full())),
        SavedOperation::Update(id) => {
            let place = place(searches, call, id)?;
            searches[place] = Saved::read(call, searches[place].clone(), now)?;
            Ok(Answer::data(searches[place].full()))
        }
        SavedOperation::Delete(id) => {
            let saved = searches.remove(place(searches, call, id)?);
            Ok(Answer::new(200, json!({ "result": "Deleted", "data": saved.short() })))
        }
    }
}

/// The query of the saved search that a list or a count names, if it names one.
pub(super) fn query_of(searches: &[Saved], call: &Call) -> Result<Option<String>, Answer> {
    let Some(identifier) = call.parameter("searchIdentifier") else {
        return Ok(None);
    };
    let place = place_by(searches, call, "searchIdentifierType", &identifier)?;
    Ok(Some(searches[place].query.clone()))
}

fn place(searches: &[Saved], call: &Call, identifier: &str) -> Result<usize, Answer> {
    place_by(searches, call, "identifierType", identifier)
}

fn place_by(searches: &[Saved], call: &Call, parameter: &str, identifier: &str) -> Result<usize, Answer> {
    let by_name = match call.parameter(parameter).as_deref() {
        None | Some("id") => false,
        Some("name") => true,
        Some(_) => return Err(Answer::invalid(parameter, "should be one of [ id, name ]")),
    };
    let is_meant = |saved: &Saved| identifier == if by_name { &saved.name } else { &saved.id };
    let place = searches.iter().position(is_meant);
    place.ok_or_else(|| Answer::error(404, "Saved search does not exist"))
}
