//! The page at `/`: the alerts, newest first, and the newest requests, for people. No script; it reloads itself.

use std::fmt::Write;

use crate::emulator::opsgenie::alert::{Alert, iso};
use crate::emulator::opsgenie::journal::JournalEntry;
use crate::emulator::opsgenie::state::State;

/// How many alerts and how many requests are shown.
const ALERTS: usize = 200;
const REQUESTS: usize = 15;

/// What may be loaded by the page: its own style and nothing else.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

const HEAD: &str = r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="2">
<title>Emulated Opsgenie</title>
<style>
:root {
  color-scheme: light dark;
  --page: light-dark(#f4f5f7, #16181d); --card: light-dark(#fff, #20232a); --line: light-dark(#e3e5ea, #31353f);
  --text: light-dark(#1c2430, #e4e7ec); --soft: light-dark(#667085, #98a1b0); --blue: light-dark(#2456d6, #7aa2ff);
  font: 14px/1.45 system-ui, sans-serif;
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); }
main { max-width: 82rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; margin-bottom: 1.1rem; }
h1 { font-size: 1.35rem; margin: 0; }
h2 { font-size: 1rem; margin: 2rem 0 .6rem; }
header p, footer { color: var(--soft); margin: 0; }
.counts { display: flex; flex-wrap: wrap; gap: .7rem; margin-bottom: 1.1rem; }
.counts div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .55rem 1rem; min-width: 7.5rem; }
.counts b { display: block; font-size: 1.5rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.counts span { color: var(--soft); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th { color: var(--soft); font-weight: 600; font-size: .8rem; white-space: nowrap; }
th, td { text-align: left; vertical-align: top; padding: .5rem .8rem; }
tr + tr > td { border-top: 1px solid var(--line); }
td { overflow-wrap: break-word; }
td code { overflow-wrap: anywhere; }
td.fit { white-space: nowrap; font-variant-numeric: tabular-nums; }
td small { display: block; color: var(--soft); }
td code { font: .85em ui-monospace, monospace; }
tr.closed { opacity: .55; }
.pill { display: inline-block; border-radius: 99px; padding: .05rem .55rem; font-size: .8rem; font-weight: 600; white-space: nowrap; }
.tag { display: inline-block; border: 1px solid var(--line); border-radius: 5px; padding: 0 .4rem; margin: 0 .25rem .2rem 0; font-size: .8rem; }
.P1 { background: #d92d20; color: #fff; } .P2 { background: #e8590c; color: #fff; } .P3 { background: #f2b705; color: #2b2100; }
.P4 { background: #2f9e63; color: #fff; } .P5 { background: #6b7f99; color: #fff; }
td.open { color: light-dark(#b42318, #ff8a7a); } td.acknowledged { color: var(--blue); } td.snoozed { color: light-dark(#7a4fd0, #b79bff); }
.bad { color: light-dark(#b42318, #ff8a7a); font-weight: 600; }
.none { padding: 2.2rem; text-align: center; color: var(--soft); }
footer { margin-top: 2rem; }
</style>
</head>
<body>
<main>
"##;

/// The page.
pub(super) fn render(state: &State, now: u64) -> String {
    let (open, total) = state.alerts.counts();
    let waiting = state.requests.waiting();
    let acknowledged = state
        .alerts
        .all()
        .filter(|alert| !alert.closed && alert.acknowledged)
        .count();
    let mut page = HEAD.to_owned();
    let counts = [
        (open, "open"),
        (acknowledged, "acknowledged"),
        (total - open, "closed"),
        (waiting, "being processed"),
    ];
    page.push_str("<header><h1>Emulated Opsgenie</h1><p>An emulation on this machine; nobody is paged.</p></header>\n");
    page.push_str("<div class=\"counts\">");
    for (count, name) in counts {
        // Writing to a String cannot fail; neither can it below.
        let _ = write!(page, "<div><b>{count}</b><span>{name}</span></div>");
    }
    page.push_str("</div>\n<div class=\"card\">");
    if total == 0 {
        page.push_str("<div class=\"none\">No alerts yet. POST one to /v2/alerts.</div>");
    } else {
        page.push_str("<table>\n<tr><th>#<th>Priority<th>Status<th>Message<th>Alias<th>Count<th>Responders<th>Tags<th>Last occurred\n");
        for alert in state.alerts.all().rev().take(ALERTS) {
            row(&mut page, alert, now);
        }
        page.push_str("</table>");
    }
    page.push_str("</div>\n");
    if total > ALERTS {
        let _ = write!(page, "<p class=\"none\">The newest {ALERTS} of {total}.</p>");
    }
    page.push_str(
        "<h2>Newest requests</h2>\n<div class=\"card\"><table>\n<tr><th>#<th>Time<th>Request<th>Answer<th>Fault\n",
    );
    for entry in state.journal.newest(REQUESTS) {
        request(&mut page, entry);
    }
    page.push_str("</table></div>\n<footer>Steered under <code>/emulator</code>: <code>GET /emulator</code> shows every switch.</footer>\n");
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn row(page: &mut String, alert: &Alert, now: u64) {
    let status = match (alert.closed, alert.acknowledged) {
        (true, _) => "closed",
        (false, _) if alert.snoozed_until > now => "snoozed",
        (false, true) => "acknowledged",
        (false, false) => "open",
    };
    let tags: String = alert
        .tags
        .iter()
        .map(|tag| format!("<span class=\"tag\">{}</span>", escaped(tag)))
        .collect();
    let responders: Vec<String> = alert
        .responders
        .iter()
        .map(|responder| escaped(&responder.name))
        .collect();
    let (tiny, priority, count) = (alert.tiny, escaped(&alert.priority), alert.count);
    let (message, alias, owner) = (escaped(&alert.message), escaped(&alert.alias), escaped(&alert.owner));
    let from = escaped(if alert.entity.is_empty() {
        &alert.source
    } else {
        &alert.entity
    });
    let _ = writeln!(
        page,
        "<tr class=\"{status}\"><td class=\"fit\">{tiny}<td><span class=\"pill {priority}\">{priority}</span>\
         <td class=\"fit {status}\">{status}<small>{owner}</small><td>{message}<small>{from}</small><td><code>{alias}</code>\
         <td class=\"fit\">{count}<td>{}<td>{tags}<td class=\"fit\">{}",
        responders.join(", "),
        time(alert.last_occurred_at)
    );
}

fn request(page: &mut String, entry: &JournalEntry) {
    let (class, answer) = match entry.status {
        None => ("bad", "none".to_owned()),
        Some(status) if status >= 400 && status != 404 => ("bad", status.to_string()),
        Some(status) => ("", status.to_string()),
    };
    let _ = writeln!(
        page,
        "<tr><td class=\"fit\">{}<td class=\"fit\">{}<td><code>{} {}</code><td class=\"fit {class}\">{answer}<td>{}",
        entry.number,
        time(entry.at),
        escaped(&entry.method),
        escaped(&entry.path),
        escaped(&entry.faults.join(", "))
    );
}

/// `2026-11-22 16:00:00`, in UTC.
fn time(unix_ms: u64) -> String {
    let text = iso(unix_ms);
    text.split_once('.')
        .map_or(text.as_str(), |(seconds, _)| seconds)
        .replace('T', " ")
}

/// A text as HTML shows it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::{escaped, render};
    use crate::emulator::opsgenie::Options;
    use crate::emulator::opsgenie::asked::Asked;
    use crate::emulator::opsgenie::call::Call;
    use crate::emulator::opsgenie::state::State;

    #[test]
    fn what_others_wrote_is_escaped() {
        let alert = serde_json::json!({ "message": "<script>alert(1)</script>", "alias": "a\"b", "tags": ["<b>"],
            "entity": "<i>", "priority": "P1" });
        let mut options = Options::default();
        options.seed.alerts.push(alert);
        let mut state = State::new(&options, 0).unwrap();
        let call = Call {
            method: "GET".into(),
            path: "/<u>".into(),
            ..Call::default()
        };
        state.handle(Asked::of(&call), 0);
        let page = render(&state, 0);
        let message = "&lt;script&gt;alert(1)&lt;/script&gt;<small>&lt;i&gt;</small><td><code>a&quot;b</code>";
        assert!(page.contains(message), "{page}");
        for tag in ["<script>", "<b>", "<i>", "<u>"] {
            assert!(
                !page[super::HEAD.len()..]
                    .replace("<b>1</b>", "")
                    .replace("<b>0</b>", "")
                    .contains(tag),
                "{tag}"
            );
        }
    }

    #[test]
    fn an_ampersand_is_escaped_once() {
        assert_eq!(escaped("a & b &lt;"), "a &amp; b &amp;lt;");
    }
}
