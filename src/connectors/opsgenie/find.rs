//! Finds the id of an alert whose alias is known, for a service that takes ids only.

use crate::connectors::opsgenie::answer::{error_of, json_of, platform};
use crate::connectors::opsgenie::confirm::{Waiting, already};
use crate::connectors::opsgenie::hold::Platform;
use crate::connectors::opsgenie::look::LOOKS;
use crate::connectors::opsgenie::outcome::{Named, Next, Verdict, is_passing};
use crate::connectors::opsgenie::service::found;
use crate::engine::exchange::{ExchangeError, Response};

/// The verdict when the question was answered. `asked` counts those before.
pub(super) fn of_answer(waiting: Waiting, asked: u32, response: &Response) -> Verdict {
    let platform = platform(response);
    let result = error_of(response);
    let next = match (&platform, response.status) {
        (Platform::Refuses(_) | Platform::Busy { .. }, _) => Next::Back { result },
        (_, 200..=299) => match json_of(response) {
            Some(json) => match found(&json).and_then(|alert| Named::of(alert, "id").alert_id) {
                Some(alert_id) => Next::Found { alert_id },
                None => missing(waiting, asked),
            },
            None => Next::AskAgain { result },
        },
        (_, 404) => missing(waiting, asked),
        (_, status) if is_passing(status) => Next::AskAgain { result },
        (_, _) => Next::Fail {
            result: format!("the alert cannot be found: {result}"),
        },
    };
    Verdict { next, platform }
}

/// The verdict when there was no answer.
pub(super) fn of_failure(error: &ExchangeError) -> Verdict {
    Verdict {
        next: Next::AskAgain {
            result: format!("cannot look for the alert yet: {}", error.detail),
        },
        platform: Platform::Gone {
            detail: error.detail.clone(),
            sent: false,
        },
    }
}

/// A new alert may be known by its id before a search shows it.
fn missing(waiting: Waiting, asked: u32) -> Next {
    if asked + 1 < LOOKS {
        return Next::AskAgain {
            result: "not found on the platform yet".to_owned(),
        };
    }
    match already(waiting.operation).filter(|_| waiting.was_open) {
        Some(result) => Next::Complete {
            result: result.to_owned(),
            alert: Named::default(),
        },
        None => Next::Fail {
            result: "no open alert with this alias".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::opsgenie::answer::tests::response;
    use crate::connectors::opsgenie::asking::Refusal;
    use crate::connectors::opsgenie::operation::Operation;

    fn next(operation: Operation, was_open: bool, status: u16, body: &str) -> Next {
        asked(operation, was_open, LOOKS - 1, &response(status, &[], body))
    }

    fn asked(operation: Operation, was_open: bool, asked: u32, response: &Response) -> Next {
        let waiting = Waiting {
            operation,
            waited_ms: 0,
            was_open,
            can_look: true,
            refusal: Refusal::Passing,
        };
        of_answer(waiting, asked, response).next
    }

    #[test]
    fn the_first_of_the_list_is_the_alert() {
        let alert_id = "7-8".to_owned();
        let listed = next(Operation::Close, false, 200, r#"{"values":[{"id":"7-8"}]}"#);
        assert_eq!(listed, Next::Found { alert_id });
    }

    #[test]
    fn an_alert_that_was_open_is_closed_when_it_is_not_found() {
        let nobody = r#"{"values":[]}"#;
        assert!(matches!(
            next(Operation::Close, true, 200, nobody),
            Next::Complete { .. }
        ));
        assert!(matches!(next(Operation::Close, false, 404, ""), Next::Fail { .. }));
        assert!(matches!(next(Operation::AddNote, true, 200, nobody), Next::Fail { .. }));
    }

    #[test]
    fn what_a_search_does_not_show_yet_is_searched_for_again() {
        let nobody = response(200, &[], r#"{"values":[]}"#);
        let next = |times| asked(Operation::Close, true, times, &nobody);
        assert!(matches!(next(0), Next::AskAgain { .. }));
        assert!(matches!(next(LOOKS - 2), Next::AskAgain { .. }));
        assert!(matches!(next(LOOKS - 1), Next::Complete { .. }));
    }

    #[test]
    fn a_question_that_failed_is_asked_again() {
        assert!(matches!(next(Operation::Close, true, 503, ""), Next::AskAgain { .. }));
        assert!(matches!(next(Operation::Close, true, 401, ""), Next::Back { .. }));
        assert!(matches!(next(Operation::Close, true, 400, ""), Next::Fail { .. }));
    }
}
