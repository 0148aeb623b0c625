//! The connections of an element: `Type`, or the newer `Connections`, with the defaults of `PortSettings` and `Ports`.
//!
//! Rules: PRT-1 to PRT-8, PRT-19, TMO-6, TMO-7, VAL-1.

use std::ops::RangeInclusive;
use std::str::FromStr;

use crate::model::connection::{Connection, ConnectionKind};
use crate::model::id::ConnectionId;
use crate::model::moment;
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::reader::Field;
use crate::schema::source::Span;
use crate::schema::tree::Node;

/// The types of connections. Those that do not run are loaded and reported (PRT-3).
const KINDS: &[(&str, ConnectionKind)] = &[
    ("http", ConnectionKind::Http),
    ("virtual", ConnectionKind::Virtual),
    ("gpib", ConnectionKind::Unsupported),
    ("opc", ConnectionKind::Unsupported),
    ("serial", ConnectionKind::Unsupported),
    ("serial single", ConnectionKind::Unsupported),
    ("service", ConnectionKind::Unsupported),
    ("sla", ConnectionKind::Unsupported),
    ("smart-serial", ConnectionKind::Unsupported),
    ("smart-serial single", ConnectionKind::Unsupported),
    ("snmp", ConnectionKind::Unsupported),
    ("snmpv2", ConnectionKind::Unsupported),
    ("snmpv3", ConnectionKind::Unsupported),
    ("websocket", ConnectionKind::Unsupported),
];

/// All connections, main one first.
pub(super) fn connections(cx: &mut Lowering<'_>, protocol: Node<'_>) -> Vec<Connection> {
    let listed: Vec<Node<'_>> = protocol
        .child("Connections")
        .map(|connections| connections.children("Connection").collect())
        .unwrap_or_default();
    let kind = protocol.child("Type").filter(|kind| !kind.content().is_empty());
    if let (Some(kind), Some(_)) = (kind, protocol.child("Connections")) {
        let counts = if listed.is_empty() { "Type" } else { "Connections" };
        let message = format!("connections are declared by `Type` and by `Connections`; `{counts}` counts");
        let mixed = Diagnostic::new(&codes::CONNECTION_SYNTAX_MIXED, kind.content().span(), message);
        cx.report(mixed.hint("keep one of the two"));
    }
    let mut connections = match protocol.child("Connections") {
        Some(declared) if listed.is_empty() && kind.is_none() => {
            let message = "`Connections` declares none, so nothing is sent";
            let hint = "write `<Connection id=\"0\"><Http /></Connection>`, or `<Virtual />` for an element that sends nothing";
            cx.report(Diagnostic::new(&codes::CONNECTIONS_NONE, declared.name_span(), message).hint(hint));
            Vec::new()
        }
        Some(_) | None if listed.is_empty() => from_type(cx, protocol, protocol.child("Type")),
        Some(_) | None => from_list(cx, &listed),
    };
    prefill(cx, protocol, &mut connections);
    connections
}

/// `Type` and `Type@advanced` (PRT-1).
fn from_type(cx: &mut Lowering<'_>, protocol: Node<'_>, kind: Option<Node<'_>>) -> Vec<Connection> {
    let hint = "write `<Type>http</Type>` or `<Type>virtual</Type>`";
    let Some(tag) = kind else {
        let missing = Diagnostic::new(&codes::PROTOCOL_TYPE_MISSING, protocol.name_span(), "`Type` is missing");
        cx.report(missing.hint(hint));
        return Vec::new();
    };
    let main = tag.content();
    if main.is_empty() {
        cx.report(Diagnostic::new(&codes::PROTOCOL_TYPE_EMPTY, main.span(), "`Type` is empty").hint(hint));
        return Vec::new();
    }
    let mut connections = vec![connection(cx, 0, main, "")];
    if let Some(advanced) = tag.attribute("advanced") {
        for part in advanced.parts(';').filter(|part| !part.is_empty()) {
            let (kind, name) = part
                .split_once(':')
                .map_or((part, ""), |(kind, name)| (kind, name.text()));
            let id = i32::try_from(connections.len()).unwrap_or(i32::MAX);
            connections.push(connection(cx, id, kind, name));
        }
    }
    connections
}

fn connection(cx: &mut Lowering<'_>, id: i32, kind: Field<'_>, name: &str) -> Connection {
    let known = kind.lookup(KINDS);
    match known {
        None => {
            let message = format!("`{}` is not a type of a connection", kind.text());
            let invalid = Diagnostic::new(&codes::PROTOCOL_TYPE_INVALID, kind.span(), message);
            cx.report(invalid.hint("use `http` or `virtual`"));
        }
        Some(ConnectionKind::Unsupported) => unsupported(cx, kind.text(), kind.span()),
        Some(ConnectionKind::Http | ConnectionKind::Virtual) => {}
    }
    Connection {
        name: name.to_owned(),
        ..Connection::new(ConnectionId(id), known.unwrap_or(ConnectionKind::Unsupported))
    }
}

fn unsupported(cx: &mut Lowering<'_>, kind: &str, span: Span) {
    let message = format!("a connection of type `{kind}` does not run; its groups do nothing");
    cx.report(Diagnostic::new(&codes::CONNECTION_UNSUPPORTED, span, message).hint("`http` and `virtual` run"));
}

/// `Connections/Connection` (PRT-2).
fn from_list(cx: &mut Lowering<'_>, listed: &[Node<'_>]) -> Vec<Connection> {
    let typed = |node: &&Node<'_>| node.elements().any(|tag| !tag.name().eq_ignore_ascii_case("Type"));
    if let Some((typed, _)) = listed
        .iter()
        .find(typed)
        .zip(listed.iter().find(|node| node.child("Type").is_some()))
    {
        let message = "connections are declared by `<Type>` and by typed tags such as `<Http>`; both count";
        let mixed = Diagnostic::new(&codes::CONNECTION_SYNTAX_MIXED, typed.name_span(), message);
        cx.report(mixed.hint("write all of them in one of the two ways"));
    }
    let mut connections: Vec<Connection> = Vec::new();
    for node in listed {
        let position = i32::try_from(connections.len()).unwrap_or(i32::MAX);
        let id = node.attribute("id").and_then(|id| id.digits()).unwrap_or(position);
        if connections.iter().any(|other| other.id == ConnectionId(id)) {
            let message = format!("there is a connection {id} already");
            cx.report(Diagnostic::new(&codes::ID_DUPLICATE, node.name_span(), message).hint("give it a free id"));
            continue;
        }
        let name = node.attribute("name").map_or("", Field::text);
        let made = match (node.field("Type"), node.child("Http"), node.child("Virtual")) {
            (Some(kind), _, _) => connection(cx, id, kind, name),
            (None, Some(http), _) => {
                let mut made = Connection::new(ConnectionId(id), ConnectionKind::Http);
                if let Some(settings) = http.child("UserSettings") {
                    apply(cx, settings, &mut made);
                }
                made
            }
            (None, None, Some(_)) => Connection::new(ConnectionId(id), ConnectionKind::Virtual),
            (None, None, None) => {
                let kind = node.elements().next().map_or("(none)", Node::name);
                unsupported(cx, kind, node.name_span());
                Connection::new(ConnectionId(id), ConnectionKind::Unsupported)
            }
        };
        connections.push(Connection {
            name: name.to_owned(),
            ..made
        });
    }
    connections.sort_by_key(|connection| connection.id);
    connections
}

/// `PortSettings` is for the main connection, the n-th `Ports/PortSettings` for connection n (PRT-4).
fn prefill(cx: &mut Lowering<'_>, protocol: Node<'_>, connections: &mut [Connection]) {
    if let (Some(settings), Some(main)) = (protocol.child("PortSettings"), connections.first_mut()) {
        apply(cx, settings, main);
    }
    let further = protocol
        .children("Ports")
        .flat_map(|ports| ports.children("PortSettings"));
    for (index, settings) in further.enumerate() {
        let Some(connection) = connections.get_mut(index + 1) else {
            let message = format!("there is no connection {} for these port settings", index + 1);
            let hint = "declare it in `Type@advanced`, or remove the settings";
            cx.report(Diagnostic::new(&codes::CONNECTION_COUNT, settings.name_span(), message).hint(hint));
            continue;
        };
        apply(cx, settings, connection);
    }
    // The element's timeout is that of the main connection; the others can only decline to count (TMO-7).
    let Some((main, others)) = connections.split_first_mut() else {
        return;
    };
    for other in others.iter_mut().filter(|other| other.element_timeout.is_some()) {
        other.element_timeout = main.element_timeout.or(other.element_timeout);
    }
}

fn apply(cx: &mut Lowering<'_>, settings: Node<'_>, connection: &mut Connection) {
    // The schema has no default for the host; DataMiner passes an instruction over.
    if let Some(host) = settings.instruction("host") {
        host.text().clone_into(&mut connection.host);
    }
    if let Some(bus_address) = default_of(settings, "BusAddress") {
        bus_address.text().clone_into(&mut connection.bus_address);
    }
    if let Some(port) = number(cx, settings, "IPport", 1..=u16::MAX) {
        connection.port = port;
    }
    if let Some(timeout) = number(cx, settings, "TimeoutTime", 10..=120_000) {
        connection.timeout = moment::Span(timeout);
    }
    if let Some(retries) = number(cx, settings, "Retries", 0..=10) {
        connection.retries = retries;
    }
    // In milliseconds, as the schema has it, although an operator gives seconds.
    if let Some(millis) = number(cx, settings, "TimeoutTimeElement", -1..=86_400_000_i64) {
        if let Some(field) = default_of(settings, "TimeoutTimeElement").filter(|_| (1..1000).contains(&millis)) {
            let message = format!("the element is in timeout {millis} ms after a failure");
            let hint = format!("it is a time in milliseconds: write {millis}000 for {millis} seconds");
            cx.report(Diagnostic::new(&codes::ELEMENT_TIMEOUT_SHORT, field.span(), message).hint(hint));
        }
        connection.element_timeout = u64::try_from(millis).ok().map(moment::Span);
    }
    if let Some(skip) = default_of(settings, "SkipCertificateVerification") {
        connection.skip_certificate_verification = skip.boolean(&mut cx.diagnostics).unwrap_or_default();
    }
}

fn number<T>(cx: &mut Lowering<'_>, settings: Node<'_>, tag: &str, range: RangeInclusive<T>) -> Option<T>
where
    T: FromStr + PartialOrd + std::fmt::Display,
{
    default_of(settings, tag)?.number(range, &mut cx.diagnostics)
}

fn default_of<'t>(settings: Node<'t>, tag: &str) -> Option<Field<'t>> {
    settings.child(tag)?.filled("DefaultValue")
}
