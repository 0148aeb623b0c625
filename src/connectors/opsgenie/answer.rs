//! What an answer of the platform says: its status, its error in words, what it says about the platform itself.

use jiff::fmt::rfc2822::DateTimeParser;
use serde_json::Value as Json;

use crate::engine::exchange::Response;

use crate::connectors::opsgenie::hold::Platform;

/// How long to pause after 429 when the answer does not say.
const THROTTLE_S: i64 = 60;
/// How much of an error text is kept.
const ERROR_TEXT: usize = 1_000;

/// The code of a status line, and code with reason: `HTTP/1.1 200 OK` → 200, `200 OK`. Code 0 when there is none.
pub(super) fn status_line(line: &str) -> (u16, String) {
    let text = line.split_once(' ').map_or("", |(_, rest)| rest).trim();
    let code = text.split(' ').next().unwrap_or_default().parse().unwrap_or(0);
    (code, text.to_owned())
}

/// An error in words: `422 Unprocessable Entity: message; field: text`. A body of another shape is told as it is, so that
/// no reason is lost; a page for browsers and an empty one say nothing.
pub(super) fn error_text(status: &str, body: &str) -> String {
    let json: Json = serde_json::from_str(body).unwrap_or_default();
    let mut parts = Vec::new();
    if let Some(message) = json.get("message").and_then(Json::as_str) {
        parts.push(message.to_owned());
    }
    if let Some(errors) = json.get("errors").and_then(Json::as_object) {
        for (field, text) in errors {
            let text = text.as_str().map_or_else(|| text.to_string(), str::to_owned);
            parts.push(format!("{field}: {text}"));
        }
    }
    let told = body.trim();
    if parts.is_empty() && !matches!(told, "" | "{}" | "null") && !told.starts_with('<') {
        parts.push(told.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    if parts.is_empty() {
        return status.to_owned();
    }
    let text = format!("{status}: {}", parts.join("; "));
    text.chars().take(ERROR_TEXT).collect()
}

/// [`error_text`] of a response.
pub(super) fn error_of(response: &Response) -> String {
    error_text(&status_of(response), &response.text())
}

/// Code and reason of a response.
pub(super) fn status_of(response: &Response) -> String {
    format!("{} {}", response.status, response.reason).trim().to_owned()
}

/// The body as JSON, when it is.
pub(super) fn json_of(response: &Response) -> Option<Json> {
    serde_json::from_slice(&response.body).ok()
}

/// What a response says about the platform, whatever it says about the message.
pub(super) fn platform(response: &Response) -> Platform {
    let reason = match response.status {
        401 => "authentication",
        402 => "plan",
        403 => "access",
        // The same status as for a bad message, but about the key.
        422 if response.text().contains("Key format") => "authentication",
        429 => return Platform::Busy { ms: pause(response) },
        _ => return Platform::Answers,
    };
    Platform::Refuses(format!("{reason} ({})", error_of(response)))
}

/// The rate limit that broke is counted over 1 or 60 seconds; the answer says which. What stands between may say
/// `Retry-After` instead: seconds, or a moment, which is compared with that of the answer.
fn pause(response: &Response) -> i64 {
    let sane = |seconds: &i64| (0..=3_600).contains(seconds);
    let seconds = |name| response.header(name)?.trim().parse::<i64>().ok().filter(sane);
    let moment = |name| {
        DateTimeParser::new()
            .parse_timestamp(response.header(name)?.trim())
            .ok()
    };
    let until = || {
        let span = moment("Retry-After")?.as_second() - moment("Date")?.as_second();
        Some(span).filter(sane)
    };
    let wanted = seconds("X-RateLimit-Period-In-Sec").or_else(|| seconds("Retry-After"));
    wanted.or_else(until).map_or(THROTTLE_S, |seconds| seconds.max(1)) * 1_000
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A response as the platform gives it.
    pub(in crate::connectors::opsgenie) fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
        let reason = http::StatusCode::from_u16(status).unwrap().canonical_reason();
        Response {
            version: "HTTP/1.1".to_owned(),
            status,
            reason: reason.unwrap_or_default().to_owned(),
            headers: headers
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
            body: body.as_bytes().into(),
        }
    }

    #[test]
    fn a_status_line_has_a_code_and_a_reason() {
        assert_eq!(status_line("HTTP/1.1 403 Forbidden"), (403, "403 Forbidden".to_owned()));
        assert_eq!(status_line("HTTP/1.1 200"), (200, "200".to_owned()));
        assert_eq!(status_line(""), (0, String::new()));
    }

    #[test]
    fn an_error_is_told_with_every_field() {
        let body = r#"{"message":"Request body is not processable. Please check the errors.",
            "errors":{"priority":"should be one of [ P1, P2, P3, P4, P5 ]","teams[0]":"id or name should be provided"}}"#;
        assert_eq!(
            error_of(&response(422, &[], body)),
            "422 Unprocessable Entity: Request body is not processable. Please check the errors.; \
             priority: should be one of [ P1, P2, P3, P4, P5 ]; teams[0]: id or name should be provided"
        );
        assert_eq!(error_of(&response(500, &[], "<html>")), "500 Internal Server Error");
        assert_eq!(
            error_of(&response(422, &[], r#"{"errors":{"a":[1]}}"#)),
            "422 Unprocessable Entity: a: [1]"
        );
    }

    #[test]
    fn an_error_of_another_shape_is_told_as_it_is() {
        let told = |body: &str| error_of(&response(422, &[], body));
        assert_eq!(
            told("{\n  \"title\": \"Invalid request\"\n}"),
            "422 Unprocessable Entity: { \"title\": \"Invalid request\" }"
        );
        assert_eq!(told("quota  exceeded\n"), "422 Unprocessable Entity: quota exceeded");
        for silent in ["", " ", "{}", "null", "<html>no</html>"] {
            assert_eq!(told(silent), "422 Unprocessable Entity", "{silent}");
        }
        assert_eq!(told(&"x".repeat(5_000)).chars().count(), ERROR_TEXT);
    }

    #[test]
    fn what_an_answer_says_about_the_platform() {
        let refuses = |text: &str| Platform::Refuses(text.to_owned());
        let answers: Vec<Platform> = [
            response(202, &[], "{}"),
            response(401, &[], r#"{"message":"Could not authenticate"}"#),
            response(402, &[], ""),
            response(403, &[], r#"{"message":"use another key","code":40301}"#),
            response(422, &[], r#"{"message":"Key format is not valid!"}"#),
            response(422, &[], r#"{"message":"Request body is not processable."}"#),
            response(429, &[("x-ratelimit-period-in-sec", "1")], ""),
            response(429, &[], ""),
            response(429, &[("X-RateLimit-Period-In-Sec", "soon")], ""),
            response(429, &[("Retry-After", "4")], ""),
            response(429, &[("Retry-After", "9"), ("X-RateLimit-Period-In-Sec", "1")], ""),
            response(429, &[("Retry-After", "Sun, 22 Nov 2026 20:00:00 GMT")], ""),
            response(
                429,
                &[
                    ("retry-after", "Sun, 22 Nov 2026 20:00:00 GMT"),
                    ("date", "Sun, 22 Nov 2026 19:59:53 GMT"),
                ],
                "",
            ),
            response(429, &[("Retry-After", "0")], ""),
            response(429, &[("Retry-After", "86400")], ""),
            response(503, &[], ""),
        ]
        .iter()
        .map(platform)
        .collect();
        assert_eq!(
            answers,
            [
                Platform::Answers,
                refuses("authentication (401 Unauthorized: Could not authenticate)"),
                refuses("plan (402 Payment Required)"),
                refuses("access (403 Forbidden: use another key)"),
                refuses("authentication (422 Unprocessable Entity: Key format is not valid!)"),
                Platform::Answers,
                Platform::Busy { ms: 1_000 },
                Platform::Busy { ms: 60_000 },
                Platform::Busy { ms: 60_000 },
                Platform::Busy { ms: 4_000 },
                Platform::Busy { ms: 1_000 },
                Platform::Busy { ms: 60_000 },
                Platform::Busy { ms: 7_000 },
                Platform::Busy { ms: 1_000 },
                Platform::Busy { ms: 60_000 },
                Platform::Answers,
            ]
        );
    }
}
