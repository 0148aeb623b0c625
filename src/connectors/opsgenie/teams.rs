//! The teams poll: an answer of `GET /v2/teams` → the Opsgenie Teams table.
//!
//! A poll that fails leaves the table as it was; the poll status says why.

use serde_json::Value as Json;

use crate::engine::qaction::{CellAction, Fill, QActionResult};
use crate::engine::sl_protocol::SlProtocol;

use super::answer::{self, error_text};
use super::api_key::without_key;
use super::datetime::ole_date;
use super::parameters::{
    AUTHORIZATION, LAST_TEAMS_POLL, OPSGENIE_TEAMS, PLATFORM, TEAMS_CONTENT, TEAMS_POLL_ELAPSED, TEAMS_POLL_INTERVAL,
    TEAMS_POLL_STATUS, TEAMS_STATUS_LINE,
};

/// One team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Team {
    id: String,
    name: String,
    description: String,
}

/// Reads the teams from an answer; why not, otherwise. A team without an id has no place in the table.
pub(super) fn read(status: u16, status_text: &str, body: &str) -> Result<Vec<Team>, String> {
    if !(200..300).contains(&status) {
        return Err(error_text(status_text, body));
    }
    let json: Json =
        serde_json::from_str(body).map_err(|error| format!("{status_text}: the answer is no JSON: {error}"))?;
    let Some(data) = json.get("data").and_then(Json::as_array) else {
        return Err(format!("{status_text}: the answer lists no teams"));
    };
    let text = |team: &Json, field: &str| team.get(field).and_then(Json::as_str).unwrap_or_default().to_owned();
    let teams = data.iter().map(|team| Team {
        id: text(team, "id").trim().to_owned(),
        name: text(team, "name"),
        description: text(team, "description"),
    });
    Ok(teams.filter(|team| !team.id.is_empty()).collect())
}

/// QAction 21: the platform answered.
pub(super) async fn answered(protocol: &SlProtocol) -> QActionResult {
    let line = protocol.get_text(TEAMS_STATUS_LINE).await;
    let content = protocol.get_text(TEAMS_CONTENT).await;
    let (status, status_text) = answer::status_line(&line);
    // A key that may not list the teams is no reason for a timeout; a platform that fails is.
    protocol.communication_state(PLATFORM, status < 500).await;
    match read(status, &status_text, &content) {
        Ok(teams) => {
            let poll_status = match teams.len() {
                1 => "OK: 1 team".to_owned(),
                count => format!("OK: {count} teams"),
            };
            protocol.fill_array(OPSGENIE_TEAMS, columns(teams), Fill::Full).await;
            let now = protocol.unix_ms().await;
            protocol.set(LAST_TEAMS_POLL, ole_date(now)).await;
            protocol.set(TEAMS_POLL_STATUS, poll_status).await;
        }
        Err(reason) => {
            let authorization = protocol.get_text(AUTHORIZATION).await;
            let reason = without_key(&reason, &authorization);
            protocol.set(TEAMS_POLL_STATUS, format!("Failed: {reason}")).await;
        }
    }
    if status == 429 || status >= 500 {
        poll_again_soon(protocol).await;
    }
    Ok(())
}

/// QAction 27: the platform could not be reached.
pub(super) async fn not_answered(protocol: &SlProtocol) -> QActionResult {
    let reason = protocol.last_failure(PLATFORM).await;
    let reason = reason.as_deref().unwrap_or("no answer from the platform");
    protocol.communication_state(PLATFORM, false).await;
    protocol.set(TEAMS_POLL_STATUS, format!("Failed: {reason}")).await;
    poll_again_soon(protocol).await;
    Ok(())
}

/// A platform that is down, or has too much to do, is asked again after a minute, or after the interval when that is
/// shorter: an hour would leave the element in timeout, or without teams, long after the platform is back.
async fn poll_again_soon(protocol: &SlProtocol) {
    const SOON: f64 = 60.0;
    let interval = protocol.get_number(TEAMS_POLL_INTERVAL).await;
    protocol.set(TEAMS_POLL_ELAPSED, (interval - SOON).max(0.0)).await;
}

fn columns(teams: Vec<Team>) -> Vec<Vec<CellAction>> {
    let mut columns = vec![Vec::new(), Vec::new(), Vec::new()];
    for team in teams {
        columns[0].push(team.id.into());
        columns[1].push(team.name.into());
        columns[2].push(team.description.into());
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn the_teams_of_an_answer_are_read() {
        let body = r#"{"data":[{"id":"90098","name":"NOC","description":"day"},{"id":"2","name":"Ops"},{"name":"no id"}],"took":0.1}"#;
        let teams = read(200, "200 OK", body).unwrap();
        let rows: Vec<_> = teams.iter().map(|t| [t.id.as_str(), &t.name, &t.description]).collect();
        assert_eq!(rows, [["90098", "NOC", "day"], ["2", "Ops", ""]]);
    }

    #[test]
    fn no_teams_is_an_answer_too() {
        assert_eq!(read(200, "200 OK", r#"{"data":[]}"#), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_list_of_teams_says_why() {
        let forbidden = r#"{"message":"You are not authorized to access this operation","took":0.1}"#;
        assert_eq!(
            read(403, "403 Forbidden", forbidden).unwrap_err(),
            "403 Forbidden: You are not authorized to access this operation"
        );
        assert!(
            read(200, "200 OK", "<html>")
                .unwrap_err()
                .starts_with("200 OK: the answer is no JSON")
        );
        assert_eq!(
            read(200, "200 OK", "{}").unwrap_err(),
            "200 OK: the answer lists no teams"
        );
        assert_eq!(
            read(200, "200 OK", r#"{"data":{}}"#).unwrap_err(),
            "200 OK: the answer lists no teams"
        );
        assert_eq!(read(502, "502 Bad Gateway", "<html>").unwrap_err(), "502 Bad Gateway");
    }
}
