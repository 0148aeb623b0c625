//! What is read of alerts: one, a list in pages, a count, notes and log lines.

use std::cmp::Ordering;
use std::str::FromStr;

use serde_json::{Map, Value, json};
use url::form_urlencoded::Serializer;

use crate::emulator::opsgenie::alert::{Alert, Line, iso};
use crate::emulator::opsgenie::alerts::Alerts;
use crate::emulator::opsgenie::answer::Answer;
use crate::emulator::opsgenie::call::Call;
use crate::emulator::opsgenie::route::Face;
use crate::emulator::opsgenie::saved::{self, Saved};
use crate::emulator::opsgenie::search::Search;
use crate::emulator::opsgenie::teams::{self, Team};

/// How far a list can be paged.
const REACH: usize = 20_000;

/// `GET /v2/alerts/{identifier}`.
pub(super) fn get(alert: Option<&Alert>, now: u64) -> Answer {
    match alert {
        Some(alert) => Answer::data(alert.full(now)),
        None => Answer::error(404, "Alert does not exist"),
    }
}

/// `GET …/recipients`: the users among the responders, and the members of the teams among them.
pub(super) fn recipients(alert: Option<&Alert>, teams: &[Team]) -> Answer {
    match alert {
        Some(alert) => Answer::data(alert.recipients(|team| teams::users(teams, team))),
        None => Answer::error(404, "Alert does not exist"),
    }
}

/// `GET /v2/alerts/count`.
pub(super) fn count(alerts: &Alerts, saved: &[Saved], call: &Call, now: u64) -> Result<Answer, Answer> {
    let search = search(call, saved)?;
    let found = alerts.all().filter(|alert| search.finds(alert, now)).count();
    Ok(Answer::data(json!({ "count": found })))
}

/// `GET /v2/alerts`.
pub(super) fn list(alerts: &Alerts, saved: &[Saved], call: &Call, now: u64) -> Result<Answer, Answer> {
    let search = search(call, saved)?;
    let page = Page::of(call)?;
    let sort = call.parameter("sort").unwrap_or_else(|| "createdAt".into());
    let compare = comparison(&sort).ok_or_else(|| Answer::invalid("sort", "is no field to sort by"))?;
    let mut found: Vec<&Alert> = alerts.all().filter(|alert| search.finds(alert, now)).collect();
    found.sort_by(|a, b| compare(a, b).then(a.tiny.cmp(&b.tiny)));
    if page.descending {
        found.reverse();
    }
    let shown = found.iter().skip(page.offset).take(page.limit);
    let data: Vec<Value> = shown.map(|alert| Value::Object(alert.summary(now))).collect();
    let url = |offset: usize| {
        let mut query = Serializer::new(String::new());
        query
            .append_pair(limit_name(call), &page.limit.to_string())
            .append_pair("sort", &sort);
        query
            .append_pair("offset", &offset.to_string())
            .append_pair("order", page.order());
        for name in ["query", "searchIdentifier", "searchIdentifierType"] {
            if let Some(text) = call.parameter(name) {
                query.append_pair(name, &text);
            }
        }
        format!("{}?{}", call.url(), query.finish())
    };
    let last = found.len().saturating_sub(1) / page.limit * page.limit;
    let mut paging = vec![(FIRST, url(0))];
    if page.offset + page.limit < found.len() {
        paging.push((NEXT, url(page.offset + page.limit)));
    }
    if page.offset > 0 {
        paging.push((PREV, url(page.offset.saturating_sub(page.limit))));
    }
    paging.push((LAST, url(last)));
    Ok(paged(&data, paging))
}

/// `GET …/notes` and `GET …/logs`: the offset of a line names it. The page that follows begins after it, and with
/// `direction=prev` the page ends before it.
pub(super) fn lines(alert: Option<&Alert>, call: &Call, kind: LineKind) -> Result<Answer, Answer> {
    let Some(alert) = alert else {
        return Err(Answer::error(404, "Alert does not exist"));
    };
    let page = Page::of_lines(call)?;
    let backwards = match call.parameter("direction").as_deref() {
        None | Some("next") => false,
        Some("prev") => true,
        Some(_) => return Err(Answer::invalid("direction", "should be one of [ next, prev ]")),
    };
    let kept = match kind {
        LineKind::Note => &alert.notes,
        LineKind::Log => &alert.logs,
    };
    let mut lines: Vec<&Line> = kept.iter().collect();
    if page.descending {
        lines.reverse();
    }
    let offset_name = if call.face() == Face::Rest { "after" } else { "offset" };
    let named = call.parameter(offset_name).unwrap_or_default();
    let place = lines.iter().position(|line| offset(line) == named);
    let range = match (place, backwards) {
        (Some(place), true) => place.saturating_sub(page.limit)..place,
        (Some(place), false) => place + 1..lines.len().min(place + 1 + page.limit),
        (None, _) => 0..lines.len().min(page.limit),
    };
    let url = |offset: &str| {
        let mut query = Serializer::new(String::new());
        query
            .append_pair("direction", "next")
            .append_pair(limit_name(call), &page.limit.to_string())
            .append_pair(offset_name, offset)
            .append_pair("order", page.order());
        if let Some(by) = call.parameter("identifierType") {
            query.append_pair("identifierType", &by);
        }
        format!("{}?{}", call.url(), query.finish())
    };
    let mut paging = vec![(FIRST, url(""))];
    if let Some(last) = lines[range.clone()].last().filter(|_| range.end < lines.len()) {
        paging.push((NEXT, url(&offset(last))));
    }
    let object = |line: &&Line| {
        let (text, owner, at, offset) = (&line.text, &line.owner, iso(line.at), offset(line));
        match kind {
            LineKind::Note => json!({ "note": text, "owner": owner, "createdAt": at, "offset": offset }),
            LineKind::Log => {
                json!({ "log": text, "type": "system", "owner": owner, "createdAt": at, "offset": offset })
            }
        }
    };
    let data: Vec<Value> = lines[range].iter().map(object).collect();
    Ok(paged(&data, paging))
}

/// What names a line.
fn offset(line: &Line) -> String {
    format!("{}_{}", line.at, line.number)
}

/// What is listed of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    Note,
    Log,
}

/// What tells the URL of a page: the member of `paging`, and the header.
struct PageName(&'static str, &'static str);

const FIRST: PageName = PageName("first", "x-paging-first");
const NEXT: PageName = PageName("next", "x-paging-next");
const PREV: PageName = PageName("prev", "x-paging-prev");
const LAST: PageName = PageName("last", "x-paging-last");

/// Data and paging, the latter in the body and in headers.
fn paged(data: &[Value], paging: Vec<(PageName, String)>) -> Answer {
    let urls: Map<String, Value> = paging
        .iter()
        .map(|(PageName(member, _), url)| ((*member).to_owned(), json!(url)))
        .collect();
    let answer = Answer::new(200, json!({ "data": data, "paging": urls }));
    paging.into_iter().fold(answer, |answer, (PageName(_, header), url)| {
        answer.with_header(header, url)
    })
}

struct Page {
    offset: usize,
    limit: usize,
    descending: bool,
}

impl Page {
    fn of(call: &Call) -> Result<Self, Answer> {
        let offset = number(call, "offset", 0, 0)?;
        let page = Self {
            offset,
            ..Self::of_lines(call)?
        };
        if offset + page.limit >= REACH {
            let text = format!("offset and {} together should be less than 20000", limit_name(call));
            return Err(Answer::invalid("offset", &text));
        }
        Ok(page)
    }

    fn of_lines(call: &Call) -> Result<Self, Answer> {
        let name = limit_name(call);
        let limit = number(call, name, 20, 1)?;
        if limit > 100 {
            return Err(Answer::invalid(name, "should not be more than 100"));
        }
        let descending = match call.parameter("order").as_deref() {
            None | Some("desc") => true,
            Some("asc") => false,
            Some(_) => return Err(Answer::invalid("order", "should be one of [ asc, desc ]")),
        };
        Ok(Self {
            offset: 0,
            limit,
            descending,
        })
    }

    const fn order(&self) -> &'static str {
        if self.descending { "desc" } else { "asc" }
    }
}

fn number(call: &Call, name: &str, default: usize, least: usize) -> Result<usize, Answer> {
    let Some(text) = call.parameter(name) else {
        return Ok(default);
    };
    let number = u32::from_str(&text)
        .ok()
        .and_then(|number| usize::try_from(number).ok());
    number
        .filter(|number| *number >= least)
        .ok_or_else(|| Answer::invalid(name, &format!("should be a number from {least}")))
}

/// A saved search that is named, and else the query.
fn search(call: &Call, saved: &[Saved]) -> Result<Search, Answer> {
    let query = match saved::query_of(saved, call)? {
        Some(query) => query,
        None => call.parameter("query").unwrap_or_default().into_owned(),
    };
    Search::parse(&query).map_err(|error| Answer::invalid("query", &error))
}

/// What the length of a page is called.
fn limit_name(call: &Call) -> &'static str {
    match call.face() {
        Face::Rest => "size",
        Face::Opsgenie | Face::Events => "limit",
    }
}

type Comparison = fn(&Alert, &Alert) -> Ordering;

/// How alerts are compared by a field.
fn comparison(sort: &str) -> Option<Comparison> {
    Some(match sort {
        "createdAt" => |a, b| a.created_at.cmp(&b.created_at),
        "updatedAt" => |a, b| a.updated_at.cmp(&b.updated_at),
        // Misspelt, as the Go client sends it.
        "lastOccurredAt" | "lastOccuredAt" => |a, b| a.last_occurred_at.cmp(&b.last_occurred_at),
        "tinyId" => |a, b| a.tiny.cmp(&b.tiny),
        "alias" => |a, b| a.alias.cmp(&b.alias),
        "message" => |a, b| a.message.cmp(&b.message),
        "status" => |a, b| b.closed.cmp(&a.closed),
        "acknowledged" | "isSeen" => |a, b| a.acknowledged.cmp(&b.acknowledged),
        "snoozed" | "snoozedUntil" => |a, b| a.snoozed_until.cmp(&b.snoozed_until),
        "count" => |a, b| a.count.cmp(&b.count),
        "source" => |a, b| a.source.cmp(&b.source),
        "owner" => |a, b| a.owner.cmp(&b.owner),
        "integration.name" | "integration.type" => |_, _| Ordering::Equal,
        "report.ackTime" => |a, b| a.acknowledged_by.cmp(&b.acknowledged_by),
        "report.closeTime" => |a, b| a.closed_by.cmp(&b.closed_by),
        "report.acknowledgedBy" => |a, b| {
            a.acknowledged_by
                .as_ref()
                .map(|by| &by.1)
                .cmp(&b.acknowledged_by.as_ref().map(|by| &by.1))
        },
        "report.closedBy" => |a, b| {
            a.closed_by
                .as_ref()
                .map(|by| &by.1)
                .cmp(&b.closed_by.as_ref().map(|by| &by.1))
        },
        _ => return None,
    })
}
