//! The teams poll: answers of `GET /v2/teams`, page by page → the Opsgenie Teams table.
//!
//! A poll that fails leaves the table as it was; the poll status says why. A team that is no longer listed leaves it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::connectors::opsgenie::answer::{self, error_text};
use crate::connectors::opsgenie::api_key::without_key;
use crate::connectors::opsgenie::datetime::ole_date;
use crate::connectors::opsgenie::parameters::{
    AUTHORIZATION, LAST_TEAMS_POLL, OPSGENIE_TEAMS, PLATFORM, POLL_TEAMS, RESPONDER_IDS, SERVICE, TEAMS_ACCOUNT,
    TEAMS_CONTENT, TEAMS_POLL_ELAPSED, TEAMS_POLL_INTERVAL, TEAMS_POLL_STATUS, TEAMS_STATUS_LINE, TEAMS_URL,
};
use crate::connectors::opsgenie::service::Service;
use crate::connectors::opsgenie::shared::Shared;
use crate::connectors::opsgenie::{account, notice, recipients};
use crate::engine::qaction::{CellAction, Fill, QActionResult};
use crate::engine::sl_protocol::SlProtocol;

/// Pages of one poll: a platform that never comes to an end is not followed for ever.
const MOST_PAGES: usize = 1_000;

/// One team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Team {
    id: String,
    name: String,
    description: String,
    /// None when the platform did not tell.
    members: Option<usize>,
    link: String,
}

/// The pages of the present poll.
#[derive(Debug, Default)]
pub(super) struct Pages {
    teams: Vec<Team>,
    count: usize,
}

/// One page of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    teams: Vec<Team>,
    /// Path and query of the next one.
    next: Option<String>,
}

/// Reads the teams from an answer; why not, otherwise. A team without an id has no place in the table.
pub(super) fn read(status: u16, status_text: &str, body: &str) -> Result<Page, String> {
    if !(200..300).contains(&status) {
        return Err(error_text(status_text, body));
    }
    let json: Json =
        serde_json::from_str(body).map_err(|error| format!("{status_text}: the answer is no JSON: {error}"))?;
    let listed = ["data", "values", "platformTeams"]
        .into_iter()
        .find_map(|name| json.get(name));
    let Some(data) = listed.and_then(Json::as_array) else {
        return Err(format!("{status_text}: the answer lists no teams"));
    };
    let next = ["paging", "links"]
        .into_iter()
        .find_map(|name| json.get(name)?.get("next")?.as_str());
    Ok(Page {
        teams: data.iter().map(team).filter(|team| !team.id.is_empty()).collect(),
        next: next.and_then(relative),
    })
}

fn team(json: &Json) -> Team {
    let text = |names: &[&str]| {
        let found = names.iter().find_map(|name| json.get(*name)?.as_str());
        found.unwrap_or_default().to_owned()
    };
    let link = json.get("links").and_then(|links| links.get("web")?.as_str());
    Team {
        id: text(&["id", "teamId"]).trim().to_owned(),
        name: text(&["name", "teamName", "displayName"]),
        description: text(&["description"]),
        members: json.get("members").and_then(Json::as_array).map(Vec::len),
        link: link.unwrap_or_default().to_owned(),
    }
}

/// The path of a next page, without what belongs to the address of the connection: the key goes to no other host.
fn relative(url: &str) -> Option<String> {
    let start = ["/v2/teams", "/v1/teams"].into_iter().find_map(|path| url.find(path))?;
    url.get(start..).map(str::to_owned)
}

/// Points the poll at the first page of the service.
pub(super) async fn aim(protocol: &SlProtocol) {
    let url = Service::of(protocol.get_number(SERVICE).await).teams();
    if *protocol.get_text(TEAMS_URL).await != *url.unwrap_or_default() {
        protocol.set(TEAMS_URL, url.unwrap_or_default()).await;
    }
    if url.is_none() {
        list_written(protocol).await;
    }
}

/// QAction 79: somebody wrote down ids.
pub(super) async fn ids_written(protocol: &SlProtocol) -> QActionResult {
    aim(protocol).await;
    Ok(())
}

/// Where no teams are listed, those are that an operator wrote down; the table stays as it was when there are none.
async fn list_written(protocol: &SlProtocol) {
    const NONE: &str = "Not available: JSM integration events list no teams";
    let text = protocol.get_text(RESPONDER_IDS).await;
    let teams = recipients::written_teams(&text);
    if teams.is_empty() {
        protocol.set(TEAMS_POLL_STATUS, NONE).await;
        return;
    }
    let count = teams.len();
    let teams = teams.into_iter().map(|(name, id)| Team {
        id: id.to_owned(),
        name: name.to_owned(),
        description: "Written down in Responder IDs".to_owned(),
        members: None,
        link: String::new(),
    });
    fill(protocol, teams.collect()).await;
    let status = format!("{NONE}; {count} of Responder IDs");
    protocol.set(TEAMS_POLL_STATUS, status).await;
}

/// The table has these teams, each once.
async fn fill(protocol: &SlProtocol, teams: Vec<Team>) {
    let teams: BTreeMap<String, Team> = teams.into_iter().map(|team| (team.id.clone(), team)).collect();
    protocol
        .fill_array(OPSGENIE_TEAMS, columns(teams.into_values()), Fill::Full)
        .await;
    let account = account::present(protocol).await;
    protocol.set(TEAMS_ACCOUNT, account.text()).await;
}

/// QAction 21: the platform answered.
pub(super) async fn answered(protocol: &SlProtocol, shared: &Shared) -> QActionResult {
    notice::show(protocol).await;
    let line = protocol.get_text(TEAMS_STATUS_LINE).await;
    let content = protocol.get_text(TEAMS_CONTENT).await;
    let url = protocol.get_text(TEAMS_URL).await;
    let (status, status_text) = answer::status_line(&line);
    let first = Service::of(protocol.get_number(SERVICE).await).teams();
    if shared.lock().pages.count == 0 && first.is_some_and(|first| *first != *url) {
        // The element stopped between two pages, or the platform is another one now: from the beginning.
        aim(protocol).await;
        protocol.check_trigger(POLL_TEAMS).await;
        return Ok(());
    }
    // A key that may not list the teams is no reason for a timeout; a platform that fails is.
    protocol.communication_state(PLATFORM, status < 500).await;
    match read(status, &status_text, &content) {
        Ok(page) => {
            let count = {
                let mut state = shared.lock();
                state.pages.teams.extend(page.teams);
                state.pages.count += 1;
                state.pages.count
            };
            if let Some(next) = page.next.filter(|next| **next != *url && count < MOST_PAGES) {
                protocol.set(TEAMS_URL, next).await;
                protocol.check_trigger(POLL_TEAMS).await;
                return Ok(());
            }
            let teams = std::mem::take(&mut shared.lock().pages).teams;
            show(protocol, teams).await;
        }
        Err(reason) => {
            shared.lock().pages = Pages::default();
            let authorization = protocol.get_text(AUTHORIZATION).await;
            let reason = without_key(&reason, &authorization);
            protocol.set(TEAMS_POLL_STATUS, format!("Failed: {reason}")).await;
        }
    }
    aim(protocol).await;
    if status == 429 || status >= 500 {
        poll_again_soon(protocol).await;
    }
    Ok(())
}

/// The teams of all pages, each once.
async fn show(protocol: &SlProtocol, teams: Vec<Team>) {
    let ids: BTreeSet<&str> = teams.iter().map(|team| team.id.as_str()).collect();
    let poll_status = match ids.len() {
        1 => "OK: 1 team".to_owned(),
        count => format!("OK: {count} teams"),
    };
    fill(protocol, teams).await;
    let now = protocol.unix_ms().await;
    protocol.set(LAST_TEAMS_POLL, ole_date(now)).await;
    protocol.set(TEAMS_POLL_STATUS, poll_status).await;
}

/// QAction 27: the platform could not be reached.
pub(super) async fn not_answered(protocol: &SlProtocol, shared: &Shared) -> QActionResult {
    shared.lock().pages = Pages::default();
    notice::show(protocol).await;
    let reason = protocol.last_failure(PLATFORM).await;
    let reason = reason.as_deref().unwrap_or("no answer from the platform");
    protocol.communication_state(PLATFORM, false).await;
    protocol.set(TEAMS_POLL_STATUS, format!("Failed: {reason}")).await;
    aim(protocol).await;
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

/// Members that the platform did not tell.
const UNKNOWN: f64 = -1.0;

#[expect(clippy::cast_precision_loss, reason = "members of a team are far below 2^53")]
fn columns(teams: impl Iterator<Item = Team>) -> Vec<Vec<CellAction>> {
    let mut columns = vec![Vec::new(); 5];
    for team in teams {
        columns[0].push(team.id.into());
        columns[1].push(team.name.into());
        columns[2].push(team.description.into());
        columns[3].push(team.members.map_or(UNKNOWN, |count| count as f64).into());
        columns[4].push(team.link.into());
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::{Team, read};

    #[test]
    fn the_teams_of_an_answer_are_read() {
        let body = r#"{"data":[{"id":"90098","name":"NOC","description":"day","members":[{},{}],
            "links":{"web":"https://a/t"}},{"id":"2","name":"Ops"},{"name":"no id"}],"took":0.1}"#;
        let page = read(200, "200 OK", body).unwrap();
        let team = |id: &str, name: &str, description: &str, members, link: &str| Team {
            id: id.to_owned(),
            name: name.to_owned(),
            description: description.to_owned(),
            members,
            link: link.to_owned(),
        };
        let expected = [
            team("90098", "NOC", "day", Some(2), "https://a/t"),
            team("2", "Ops", "", None, ""),
        ];
        assert_eq!((page.teams.as_slice(), page.next), (expected.as_slice(), None));
    }

    #[test]
    fn the_next_page_is_asked_of_the_same_address() {
        let next = |body: &str| read(200, "200 OK", body).unwrap().next;
        assert_eq!(
            next(r#"{"data":[],"paging":{"next":"https://other.host/x/v2/teams?offset=20"}}"#).as_deref(),
            Some("/v2/teams?offset=20")
        );
        assert_eq!(
            next(r#"{"values":[],"links":{"next":"/jsm/ops/api/c/v1/teams?offset=20"}}"#).as_deref(),
            Some("/v1/teams?offset=20")
        );
        assert_eq!(next(r#"{"data":[],"paging":{"next":"https://other.host/"}}"#), None);
    }

    #[test]
    fn teams_of_jira_service_management_have_other_names() {
        let body = r#"{"platformTeams":[{"teamId":"t-1","teamName":"NOC"}]}"#;
        let page = read(200, "200 OK", body).unwrap();
        assert_eq!((page.teams[0].id.as_str(), page.teams[0].name.as_str()), ("t-1", "NOC"));
    }

    #[test]
    fn no_teams_is_an_answer_too() {
        assert_eq!(read(200, "200 OK", r#"{"data":[]}"#).unwrap().teams, []);
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
