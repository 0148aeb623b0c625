//! First pass: which ids a definition declares, so that a reference can be checked where it stands.
//!
//! Rules: PAR-2, PAR-5 (parameters are one namespace, everything else has its own), GRP-14, VAL-2, VAL-24. An item without a
//! usable id, and the second of two with the same, is reported here and not listed: lowering walks the lists.

use crate::model::id::{ActionId, GroupId, ParamId, QActionId, SessionId, ThreadId, TimerId, TriggerId};
use crate::model::param::ParamKind;
use crate::model::value::ValueKind;
use crate::schema::codes::{self, Code};
use crate::schema::diagnostic::{Diagnostic, Diagnostics};
use crate::schema::lower::duplicates::duplicates;
use crate::schema::reader::Field;
use crate::schema::tree::Node;

/// Everything a definition declares.
#[derive(Debug)]
pub(crate) struct Declared<'t> {
    /// `Params/Param`.
    pub(crate) params: Items<'t, ParamId>,
    /// `HTTP/Session`.
    pub(crate) sessions: Items<'t, SessionId>,
    /// `Groups/Group`.
    pub(crate) groups: Items<'t, GroupId>,
    /// `Timers/Timer`.
    pub(crate) timers: Items<'t, TimerId>,
    /// `Triggers/Trigger`.
    pub(crate) triggers: Items<'t, TriggerId>,
    /// `Actions/Action`.
    pub(crate) actions: Items<'t, ActionId>,
    /// `QActions/QAction`.
    pub(crate) qactions: Items<'t, QActionId>,
    /// `Threads/Thread` that have an id.
    pub(crate) threads: Items<'t, ThreadId>,
}

/// The declared items of one kind.
#[derive(Debug)]
pub(crate) struct Items<'t, Id> {
    ordered: Vec<(Id, Node<'t>)>,
    /// By id, in ascending order.
    by_id: Vec<(Id, Node<'t>)>,
}

impl<'t, Id: Copy + Ord> Items<'t, Id> {
    /// The items in document order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Id, Node<'t>)> {
        self.ordered.iter().copied()
    }

    /// Whether an item has this id.
    pub(crate) fn contains(&self, id: Id) -> bool {
        self.node(id).is_some()
    }

    /// Adds ids that other items stand for; they are found by their id only. Ids that are taken stay with their item.
    fn add(&mut self, others: impl IntoIterator<Item = (Id, Node<'t>)>) {
        self.by_id.extend(others);
        self.by_id.sort_by_key(|&(id, _)| id);
        self.by_id.dedup_by_key(|&mut (id, _)| id);
    }

    /// The element that declares an id.
    pub(crate) fn node(&self, id: Id) -> Option<Node<'t>> {
        let place = self.by_id.binary_search_by_key(&id, |&(other, _)| other).ok()?;
        Some(self.by_id[place].1)
    }
}

impl Declared<'_> {
    /// The kind of a parameter: what its `Type` says.
    pub(crate) fn kind(&self, id: ParamId) -> Option<ParamKind> {
        self.params.node(id).map(param_kind)
    }

    /// Whether a parameter is a number or a text: what its `Interprete/Type` says.
    pub(crate) fn value_kind(&self, id: ParamId) -> Option<ValueKind> {
        self.params.node(id).map(value_kind)
    }
}

/// `Param/Type` in words (PAR-20 to PAR-27).
pub(crate) const PARAM_KINDS: &[(&str, ParamKind)] = &[
    ("read", ParamKind::Read),
    ("write", ParamKind::Write),
    ("array", ParamKind::Array),
    ("fixed", ParamKind::Fixed),
    ("dummy", ParamKind::Dummy),
    ("elementname", ParamKind::ElementName),
    ("elementid", ParamKind::ElementId),
    ("elementdmaid", ParamKind::ElementDmaId),
    ("ip", ParamKind::Ip),
    ("pollingip", ParamKind::PollingIp),
    ("bus", ParamKind::Bus),
    ("dataminer info", ParamKind::DataMinerInfo),
    ("header", ParamKind::Unsupported),
    ("trailer", ParamKind::Unsupported),
    ("crc", ParamKind::Unsupported),
    ("length", ParamKind::Unsupported),
    ("group", ParamKind::Unsupported),
    ("read bit", ParamKind::Unsupported),
    ("write bit", ParamKind::Unsupported),
    ("response", ParamKind::Unsupported),
    ("matrix", ParamKind::Unsupported),
    ("discreet info", ParamKind::Unsupported),
];

/// The kind of a parameter's element; what it cannot tell is reported by `lower::params`.
pub(crate) fn param_kind(param: Node<'_>) -> ParamKind {
    if is_matrix(param) {
        return ParamKind::Unsupported;
    }
    param
        .field("Type")
        .and_then(|kind| kind.lookup(PARAM_KINDS))
        .unwrap_or_else(|| meant_kind(param))
}

/// Whether a parameter is a matrix: an `array` with dimensions in place of columns (PAR-27, PAR-28).
pub(crate) fn is_matrix(param: Node<'_>) -> bool {
    let Some(kind) = param.child("Type") else { return false };
    let has_dimensions = |options: Field<'_>| options.text().to_ascii_lowercase().contains("dimensions=");
    kind.content().is("array")
        && kind.attribute("options").is_some_and(has_dimensions)
        && param.child("ArrayOptions").is_none()
}

/// What a parameter without a type that can be read is meant to be. It rejects the definition; with this the other
/// findings are told too.
fn meant_kind(param: Node<'_>) -> ParamKind {
    let measurement = param
        .child("Measurement")
        .and_then(|measurement| measurement.field("Type"));
    let is_button = |kind: Field<'_>| kind.is("button") || kind.is("togglebutton") || kind.is("pagebutton");
    if param.child("ArrayOptions").is_some() {
        ParamKind::Array
    } else if measurement.is_some_and(is_button) {
        ParamKind::Write
    } else {
        ParamKind::Read
    }
}

/// `Interprete/Type`; a text when it is not given (PAR-60).
pub(crate) fn value_kind(param: Node<'_>) -> ValueKind {
    let number = param
        .child("Interprete")
        .and_then(|interprete| interprete.field("Type"))
        .is_some_and(|kind| kind.is("double") || kind.is("high nibble"));
    if number { ValueKind::Number } else { ValueKind::Text }
}

/// Reads all declarations of a protocol.
pub(crate) fn declare<'t>(protocol: Node<'t>, diagnostics: &mut Diagnostics) -> Declared<'t> {
    let mut params = items(protocol, "Params", "Param", &PARAM, param_id, diagnostics);
    let copied = |(_, node)| duplicates(node).into_iter().map(move |id| (id, node));
    let copies: Vec<(ParamId, Node<'t>)> = params.iter().flat_map(copied).collect();
    params.add(copies);
    Declared {
        params,
        sessions: items(protocol, "HTTP", "Session", &ITEM, unsigned(SessionId), diagnostics),
        groups: items(protocol, "Groups", "Group", &ITEM, group_id, diagnostics),
        timers: items(protocol, "Timers", "Timer", &ITEM, unsigned(TimerId), diagnostics),
        triggers: items(protocol, "Triggers", "Trigger", &ITEM, unsigned(TriggerId), diagnostics),
        actions: items(protocol, "Actions", "Action", &ITEM, unsigned(ActionId), diagnostics),
        qactions: items(
            protocol,
            "QActions",
            "QAction",
            &QACTION,
            unsigned(QActionId),
            diagnostics,
        ),
        threads: threads(protocol, diagnostics),
    }
}

/// The codes for what may be wrong with an id.
struct IdCodes {
    missing: &'static Code,
    empty: &'static Code,
    invalid: &'static Code,
    duplicate: &'static Code,
}

static PARAM: IdCodes = IdCodes {
    missing: &codes::PARAM_ID_MISSING,
    empty: &codes::PARAM_ID_EMPTY,
    invalid: &codes::PARAM_ID_INVALID,
    duplicate: &codes::PARAM_ID_DUPLICATE,
};

static QACTION: IdCodes = IdCodes {
    missing: &codes::QACTION_ID_MISSING,
    empty: &codes::QACTION_ID_EMPTY,
    invalid: &codes::QACTION_ID_INVALID,
    duplicate: &codes::QACTION_ID_DUPLICATE,
};

static ITEM: IdCodes = IdCodes {
    missing: &codes::ID_MISSING,
    empty: &codes::ID_MISSING,
    invalid: &codes::ID_MISSING,
    duplicate: &codes::ID_DUPLICATE,
};

fn unsigned<Id>(id: fn(u32) -> Id) -> impl Fn(&str) -> Option<Id> {
    move |text| {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten().map(id)
    }
}

/// Digits without a leading zero (PAR-2).
fn param_id(text: &str) -> Option<ParamId> {
    let is_padded = text.len() > 1 && text.starts_with('0');
    unsigned(ParamId)(text).filter(|_| !is_padded)
}

/// Digits, or the -1 of the ping group (GRP-14).
fn group_id(text: &str) -> Option<GroupId> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let id = text.parse().ok().map(GroupId)?;
    (digits || id == GroupId::PING).then_some(id)
}

fn items<'t, Id: Copy + Ord>(
    protocol: Node<'t>,
    section: &str,
    item: &str,
    codes: &IdCodes,
    parse: impl Fn(&str) -> Option<Id>,
    diagnostics: &mut Diagnostics,
) -> Items<'t, Id> {
    let nodes = protocol.children(section).flat_map(|section| section.children(item));
    collect(nodes, codes, parse, diagnostics)
}

fn threads<'t>(protocol: Node<'t>, diagnostics: &mut Diagnostics) -> Items<'t, ThreadId> {
    let threads = protocol
        .children("Threads")
        .flat_map(|threads| threads.children("Thread"));
    let named = threads.filter(|thread| thread.attribute("id").is_some());
    collect(named, &ITEM, unsigned(ThreadId), diagnostics)
}

fn collect<'t, Id: Copy + Ord>(
    nodes: impl Iterator<Item = Node<'t>>,
    codes: &IdCodes,
    parse: impl Fn(&str) -> Option<Id>,
    diagnostics: &mut Diagnostics,
) -> Items<'t, Id> {
    let mut found: Vec<(Id, Node<'t>)> = Vec::new();
    for node in nodes {
        let tag = node.name();
        let Some(field) = node.attribute("id") else {
            let message = format!("a `{tag}` without an id");
            let hint = format!("write `<{tag} id=\"…\">` with an id that is free");
            diagnostics.report(Diagnostic::new(codes.missing, node.name_span(), message).hint(hint));
            continue;
        };
        let Some(id) = parse(field.text()).filter(|_| !field.is_empty()) else {
            let (code, message) = if field.is_empty() {
                (codes.empty, format!("the id of the `{tag}` is empty"))
            } else {
                (codes.invalid, format!("`{}` is not an id of a `{tag}`", field.text()))
            };
            diagnostics.report(Diagnostic::new(code, field.span(), message).hint("write it in digits"));
            continue;
        };
        found.push((id, node));
    }
    let mut by_id = found.clone();
    by_id.sort_by_key(|&(id, _)| id);
    let mut ordered = found;
    if by_id.windows(2).any(|two| two[0].0 == two[1].0) {
        by_id.dedup_by_key(|&mut (id, _)| id);
        ordered.retain(|&(id, node)| is_first(&by_id, id, node, codes, diagnostics));
    }
    Items { ordered, by_id }
}

/// Whether an item is the first with its id; reported otherwise.
fn is_first<'t, Id: Copy + Ord>(
    by_id: &[(Id, Node<'t>)],
    id: Id,
    node: Node<'t>,
    codes: &IdCodes,
    diagnostics: &mut Diagnostics,
) -> bool {
    let first = by_id.binary_search_by_key(&id, |&(other, _)| other);
    let first = first.map_or(node, |place| by_id[place].1);
    if first == node {
        return true;
    }
    if let (Some(field), Some(first)) = (node.attribute("id"), first.attribute("id")) {
        let message = format!("the id {} is taken by another `{}`", field.text(), node.name());
        let duplicate = Diagnostic::new(codes.duplicate, field.span(), message)
            .second(first.span(), "the first one")
            .hint("give one of them an id that is free");
        diagnostics.report(duplicate);
    }
    false
}
