//! The shapes of the REST API of Jira Service Management Operations, made from those of Opsgenie: nothing is wrapped in
//! `data`, a list has `values` and `links.next`, details are `extraProperties`.
//!
//! The shape of its list of teams is not known for certain: it has the teams under both names that clients look for.

use serde_json::{Map, Value, json};

use crate::emulator::opsgenie::answer::Answer;
use crate::emulator::opsgenie::route::{Operation, TeamOperation};

/// The answer as the REST API gives it.
pub(super) fn reshaped(mut answer: Answer, operation: &Operation) -> Answer {
    if answer.status != 200 {
        return answer;
    }
    answer.headers.retain(|(name, _)| !name.starts_with("x-paging-"));
    let paging = answer.body.shift_remove("paging");
    let Some(data) = answer.body.shift_remove("data") else {
        return answer;
    };
    answer.body = match data {
        Value::Array(items) => listed(items, paging.as_ref(), operation),
        Value::Object(mut fields) => {
            renamed(&mut fields);
            if matches!(operation, Operation::Status(_)) {
                fields.shift_remove("success");
            }
            fields
        }
        other => Map::from_iter([("value".to_owned(), other)]),
    };
    answer
}

fn listed(mut items: Vec<Value>, paging: Option<&Value>, operation: &Operation) -> Map<String, Value> {
    for item in &mut items {
        if let Value::Object(fields) = item {
            renamed(fields);
        }
    }
    let mut body = Map::new();
    if matches!(operation, Operation::Team(TeamOperation::List)) {
        for team in &mut items {
            // They lead to the other face.
            team.as_object_mut().and_then(|team| team.shift_remove("links"));
        }
        let short = |team: &Value| json!({ "teamId": team["id"], "teamName": team["name"] });
        body.insert("platformTeams".to_owned(), items.iter().map(short).collect());
    }
    body.insert("values".to_owned(), items.into());
    let next = paging.and_then(|paging| paging.get("next"));
    let links = next.map(|next| ("next".to_owned(), next.clone()));
    body.insert("links".to_owned(), Value::Object(links.into_iter().collect()));
    body
}

fn renamed(fields: &mut Map<String, Value>) {
    if let Some(details) = fields.shift_remove("details") {
        fields.insert("extraProperties".to_owned(), details);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::reshaped;
    use crate::emulator::opsgenie::answer::Answer;
    use crate::emulator::opsgenie::route::Operation;

    #[test]
    fn a_list_has_values_and_a_link_to_the_next_page() {
        let paging = json!({ "first": "f", "next": "n" });
        let answer = Answer::new(200, json!({ "data": [{ "id": "1" }], "paging": paging }));
        let answer = reshaped(answer.with_header("x-paging-next", "n"), &Operation::List);
        assert_eq!(
            (Value::Object(answer.body), answer.headers.len()),
            (json!({ "values": [{ "id": "1" }], "links": { "next": "n" } }), 0)
        );
    }

    #[test]
    fn the_status_of_a_request_is_bare() {
        let answer = Answer::data(json!({ "success": true, "isSuccess": true }));
        let answer = reshaped(answer, &Operation::Status(String::new()));
        assert_eq!(Value::Object(answer.body), json!({ "isSuccess": true }));
    }

    #[test]
    fn err_an_error_stays_as_it_is() {
        let answer = Answer::error(404, "Alert does not exist");
        assert_eq!(reshaped(answer.clone(), &Operation::List), answer);
    }
}
