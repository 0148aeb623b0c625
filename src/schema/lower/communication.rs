//! `Type@communicationOptions`, and what `Connections` says in their place.
//!
//! Rules: HTTP-53, TMO-24.

use crate::model::connection::{Connection, ConnectionKind};
use crate::model::id::ConnectionId;
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::source::Span;
use crate::schema::tree::Node;

/// The options that run.
#[derive(Debug, Default)]
pub(super) struct CommunicationOptions {
    /// `customRedirect`: a 3xx is not followed (HTTP-53).
    pub(super) custom_redirect: bool,
    /// `redundantPolling`: the connection that stands in for the main one (TMO-24).
    pub(super) stand_in: Option<ConnectionId>,
}

/// Reads them all. `Type@options` has none that runs.
pub(super) fn communication_options(
    cx: &mut Lowering<'_>,
    protocol: Node<'_>,
    connections: &[Connection],
) -> CommunicationOptions {
    let mut found = CommunicationOptions::default();
    let mut redundant = listed_redundancy(cx, protocol);
    let kind = protocol.child("Type");
    for options in ["communicationOptions", "options"].map(|name| kind.and_then(|kind| kind.attribute(name))) {
        let options = options.into_iter().flat_map(|options| options.parts(';'));
        for option in options.filter(|option| !option.is_empty()) {
            let word = option.text().split([':', '=']).next().unwrap_or_default();
            match word.to_lowercase().as_str() {
                "customredirect" => found.custom_redirect = true,
                "redundantpolling" => redundant = Some(option.span()),
                // Texts are Unicode anyhow, and these two say what HTTP does by itself.
                "unicode" | "chunkedhtml" | "closeconnectiononresponse" => {}
                _ => {
                    let message = format!("`{}` has no effect here", option.text());
                    cx.report(Diagnostic::new(&codes::COMMUNICATION_OPTION, option.span(), message));
                }
            }
        }
    }
    found.stand_in = redundant.and_then(|place| stand_in(cx, place, connections));
    found
}

/// `Connections/Connection/Http/CommunicationOptions/RedundantPolling`: where it says so.
fn listed_redundancy(cx: &mut Lowering<'_>, protocol: Node<'_>) -> Option<Span> {
    let connections = protocol.child("Connections")?;
    let mut places = connections.children("Connection").filter_map(|connection| {
        let options = connection.child("Http")?.child("CommunicationOptions")?;
        options.child("RedundantPolling")
    });
    let place = places.find(|tag| {
        let field = tag.content();
        field.is_empty() || field.boolean(&mut cx.diagnostics).unwrap_or_default()
    })?;
    Some(place.name_span())
}

/// The other one of exactly two HTTP connections.
fn stand_in(cx: &mut Lowering<'_>, place: Span, connections: &[Connection]) -> Option<ConnectionId> {
    let mut http = connections
        .iter()
        .filter(|connection| connection.kind == ConnectionKind::Http);
    let main_is_http = connections
        .first()
        .is_some_and(|main| main.kind == ConnectionKind::Http);
    match (main_is_http, http.next(), http.next(), http.next()) {
        (true, Some(_), Some(other), None) => Some(other.id),
        _ => {
            let message = "`redundantPolling` needs exactly two HTTP connections; they do not change";
            let hint = "declare the second one in `Type@advanced`";
            cx.report(Diagnostic::new(&codes::REDUNDANT_POLLING, place, message).hint(hint));
            None
        }
    }
}
