//! The page at `/`: the alerts as a table, newest first, for people. No script; it reloads itself.

use std::fmt::Write;

use crate::emulator::opsgenie::alert::{Alert, iso};
use crate::emulator::opsgenie::alerts::Alerts;

/// How many alerts are shown.
const SHOWN: usize = 200;

/// What may be loaded by the page: its own style and nothing else.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="2">
<title>Emulated Opsgenie</title>
<style>
:root { color-scheme: light dark; font: 15px/1.4 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8884; padding: .35rem .6rem; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; }
tr.closed { opacity: .55; }
.P1 { color: #d33; font-weight: bold; }
.P2 { color: #c70; font-weight: bold; }
</style>
</head>
<body>
<h1>Emulated Opsgenie</h1>
"#;

/// The page.
pub(super) fn render(alerts: &Alerts) -> String {
    let (open, total) = alerts.all().fold((0, 0), |(open, total), alert| {
        (open + u64::from(!alert.closed), total + 1)
    });
    let mut page =
        format!("{HEAD}<p>{open} open of {total} alerts. An emulation on this machine; nobody is paged.</p>\n");
    page.push_str("<table>\n<tr><th>#<th>Priority<th>Status<th>Message<th>Alias<th>Count<th>Tags<th>Last occurred\n");
    for alert in alerts.all().rev().take(SHOWN) {
        row(&mut page, alert);
    }
    page.push_str("</table>\n</body>\n</html>\n");
    page
}

fn row(page: &mut String, alert: &Alert) {
    let status = match (alert.closed, alert.acknowledged) {
        (true, _) => "closed",
        (false, true) => "acknowledged",
        (false, false) => "open",
    };
    let (message, alias, tags) = (
        escaped(&alert.message),
        escaped(&alert.alias),
        escaped(&alert.tags.join(", ")),
    );
    let (tiny, priority, count) = (alert.tiny, &alert.priority, alert.count);
    let at = iso(alert.last_occurred_at);
    let cells = format!("<td>{message}<td>{alias}<td>{count}<td>{tags}<td>{at}");
    // Writing to a String cannot fail.
    let _ = writeln!(
        page,
        "<tr class=\"{status}\"><td>{tiny}<td class=\"{priority}\">{priority}<td>{status}{cells}"
    );
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
    use crate::emulator::opsgenie::action::By;
    use crate::emulator::opsgenie::alert::Alert;
    use crate::emulator::opsgenie::alerts::{Alerts, Work};
    use crate::emulator::opsgenie::ids::Ids;

    #[test]
    fn what_others_wrote_is_escaped() {
        let alert = Alert {
            message: "<script>alert(1)</script>".into(),
            alias: "a\"b".into(),
            tags: vec!["<b>".into()],
            priority: "P1".into(),
            ..Alert::default()
        };
        let mut alerts = Alerts::default();
        alerts.process(Work::Create(Box::new(alert), By::default()), 0, &mut Ids::new(1));
        let page = render(&alerts);
        assert!(
            page.contains("&lt;script&gt;alert(1)&lt;/script&gt;<td>a&quot;b<td>1<td>&lt;b&gt;"),
            "{page}"
        );
        assert!(!page.contains("<script>"));
    }

    #[test]
    fn an_ampersand_is_escaped_once() {
        assert_eq!(escaped("a & b &lt;"), "a &amp; b &amp;lt;");
    }
}
