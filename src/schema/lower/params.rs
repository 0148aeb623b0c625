//! `Params`: every parameter, then what they mean together: pairs, columns, places on a page.
//!
//! Rules: PAR-1 to PAR-51, PAR-112, DSP-102, PRT-10, VAL-2, VAL-4, VAL-20.

use std::collections::BTreeMap;

use crate::model::id::{ConnectionId, ParamId};
use crate::model::measurement::MeasurementKind;
use crate::model::param::{ConfirmPopup, Information, Param, ParamKind};
use crate::model::relation::Relation;
use crate::schema::codes;
use crate::schema::declare::{PARAM_KINDS, is_matrix, param_kind};
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::{
    Lowering, array_options, columns, dependencies, display, duplicates, ids, interprete, links, measurement, names,
    relations, rtdisplay,
};
use crate::schema::reader::{Field, word_list};
use crate::schema::tree::Node;

/// The words of `@confirmPopup` (PAR-48).
const CONFIRM_POPUPS: [(&str, ConfirmPopup); 3] = [
    ("always", ConfirmPopup::Always),
    ("never", ConfirmPopup::Never),
    ("dm", ConfirmPopup::AsSettings),
];

/// All parameters in document order, then the duplicates for views; the original of each duplicate; the relations between
/// tables.
pub(super) fn params<'t>(
    cx: &mut Lowering<'t>,
    protocol: Node<'t>,
) -> (Vec<Param>, BTreeMap<ParamId, ParamId>, Vec<Relation>) {
    let declared = cx.declared;
    let family = ids::family(protocol);
    let mut params: Vec<Param> = Vec::new();
    for (id, node) in declared.params.iter() {
        ids::check(cx, id, node, family);
        params.push(param(cx, id, node));
    }
    names::pair(cx, &mut params);
    let duplicates = duplicates::add(cx, &mut params);
    columns::assign(cx, &mut params);
    let relations = relations::relations(cx, protocol, &params);
    links::link(cx, &mut params, &relations);
    names::share_secrets(&mut params);
    names::check(cx, &params);
    rtdisplay::check_tables(cx, &params);
    check_places(cx, &params);
    (params, duplicates, relations)
}

/// `Params@loadSequence`: the parameters whose saved values come first (PAR-112).
pub(super) fn load_sequence(cx: &mut Lowering<'_>, protocol: Node<'_>) -> Vec<ParamId> {
    let mut sequence = Vec::new();
    let fields = protocol
        .children("Params")
        .filter_map(|params| params.attribute("loadSequence"));
    for part in fields
        .flat_map(|field| field.parts(';'))
        .filter(|part| !part.is_empty())
    {
        if let Some(id) = cx.param(part, &codes::LOAD_SEQUENCE_UNKNOWN)
            && !sequence.contains(&id)
        {
            sequence.push(id);
        }
    }
    sequence
}

fn param<'t>(cx: &mut Lowering<'t>, id: ParamId, node: Node<'t>) -> Param {
    let name = names::name(cx, node);
    let kind = kind(cx, node);
    let interprete = interprete::interprete(cx, node, kind);
    let measurement = measurement::measurement(cx, node, kind, interprete.kind);
    let display = display::display(cx, node);
    let table = match kind {
        ParamKind::Array => array_options::table(cx, node, id).map(Box::new),
        _ => {
            check_no_table(cx, node);
            None
        }
    };
    let param = Param {
        id,
        description: node.filled("Description").map_or(name.as_str(), Field::text).to_owned(),
        name,
        kind,
        save: save(cx, node),
        setter: node.flag("setter", &mut cx.diagnostics),
        partner: None,
        interprete,
        measurement,
        display,
        table,
        column_of: None,
        dynamic_ip: type_options(cx, node, kind),
        level: node
            .attribute("level")
            .and_then(|level| level.number(0..=u32::MAX, &mut cx.diagnostics))
            .unwrap_or(u32::MAX),
        history_set: node.flag("historySet", &mut cx.diagnostics),
        trending: trending(cx, node, kind),
        information: information(node),
        dependencies: dependencies::dependencies(cx, node, kind),
        message: node.filled("Message").map(|message| message.text().to_owned()),
        confirm_popup: node
            .attribute("confirmPopup")
            .filter(|field| !field.is_empty())
            .and_then(|field| field.one_of(&CONFIRM_POPUPS, &mut cx.diagnostics)),
        line: cx.line(node),
    };
    check_description(cx, node, &param);
    check_time(cx, node, &param);
    check_bit(cx, node);
    param
}

/// `save`, or a `saveInterval`, which means no more than that (PAR-40, PAR-41).
fn save(cx: &mut Lowering<'_>, node: Node<'_>) -> bool {
    let interval = node.attribute("saveInterval").filter(|field| !field.is_empty());
    if let Some(field) = interval {
        let message = "`saveInterval` saves the value at each change, as `save` does";
        cx.report(Diagnostic::new(&codes::NOT_RUN, field.span(), message));
    }
    node.flag("save", &mut cx.diagnostics) || interval.is_some()
}

/// Whether the values may be trended: as long as nothing says otherwise, those of what is displayed and no write (PAR-43).
fn trending(cx: &mut Lowering<'_>, node: Node<'_>, kind: ParamKind) -> bool {
    let field = node.attribute("trending").filter(|field| !field.is_empty());
    let wanted = field.and_then(|field| field.boolean(&mut cx.diagnostics));
    let is_displayed = display::is_displayed(node);
    if let Some(field) = field.filter(|_| wanted == Some(true) && !is_displayed) {
        let message = "a parameter that is not displayed is not trended";
        let hint = "write `<RTDisplay>true</RTDisplay>`, or remove `trending`";
        cx.report(Diagnostic::new(&codes::TRENDING_RTDISPLAY, field.span(), message).hint(hint));
        cx.lacks_rtdisplay(node, field.span());
    }
    wanted.unwrap_or(true) && is_displayed && kind != ParamKind::Write
}

fn information(node: Node<'_>) -> Option<Box<Information>> {
    let information = node.child("Information")?;
    let text = |tag| information.filled(tag).map_or("", Field::text).to_owned();
    Some(Box::new(Information {
        title: text("Text"),
        tooltip: text("Subtext"),
        alarm_description: text("AlarmDescription"),
        category: text("Category"),
        corrective_action: text("CorrectiveAction"),
    }))
}

fn kind(cx: &mut Lowering<'_>, node: Node<'_>) -> ParamKind {
    let running = PARAM_KINDS.iter().filter(|(_, kind)| *kind != ParamKind::Unsupported);
    let hint = || format!("use {}", word_list(running.clone().map(|(text, _)| *text)));
    let Some(field) = node.field("Type") else {
        let missing = Diagnostic::new(
            &codes::PARAM_TYPE_MISSING,
            node.name_span(),
            "the parameter has no `Type`",
        );
        cx.report(missing.hint(hint()));
        return param_kind(node);
    };
    if field.is_empty() {
        cx.report(Diagnostic::new(&codes::PARAM_TYPE_EMPTY, field.span(), "the type is empty").hint(hint()));
        return param_kind(node);
    }
    let Some(kind) = field.lookup(PARAM_KINDS) else {
        let message = format!("`{}` is not a type of a parameter", field.text());
        cx.report(Diagnostic::new(&codes::PARAM_TYPE_INVALID, field.span(), message).hint(hint()));
        return param_kind(node);
    };
    if field.is_untrimmed() {
        let message = format!("there are blanks around `{}`", field.text());
        cx.report(Diagnostic::new(&codes::PARAM_TYPE_UNTRIMMED, field.span(), message).hint("remove them"));
    }
    if is_matrix(node) {
        let message = "a matrix holds no values here";
        let hint = "the table of its crosspoints is one: an `array` with `ArrayOptions`";
        cx.report(Diagnostic::new(&codes::PARAM_KIND_UNSUPPORTED, field.span(), message).hint(hint));
        return ParamKind::Unsupported;
    }
    if kind == ParamKind::Unsupported {
        let message = format!(
            "a parameter of type `{}` holds a value, but nothing fills it here",
            field.text()
        );
        cx.report(Diagnostic::new(&codes::PARAM_KIND_UNSUPPORTED, field.span(), message).hint("use `read`"));
    }
    kind
}

fn check_no_table(cx: &mut Lowering<'_>, node: Node<'_>) {
    if let Some(array) = node.child("ArrayOptions") {
        let message = "only an `array` has `ArrayOptions`; they are not used";
        let finding = Diagnostic::new(&codes::ARRAY_OPTIONS_ON_TYPE, array.name_span(), message);
        cx.report(finding.hint("make the parameter an `array`, or remove them"));
    }
}

/// `Type@id` of a single bit: the parameter that it is a bit of (VAL-5).
fn check_bit(cx: &mut Lowering<'_>, node: Node<'_>) {
    let Some(tag) = node.child("Type") else { return };
    let kind = tag.content();
    let group = tag
        .attribute("id")
        .filter(|_| kind.is("read bit") || kind.is("write bit"));
    if let Some(group) = group.filter(|group| !group.is_empty()) {
        cx.param(group, &codes::TYPE_ID_PARAM);
    }
}

/// `Type@options`: `dynamic ip` with the connection it is for (PRT-10); the others belong to other subsystems (PAR-28).
fn type_options(cx: &mut Lowering<'_>, node: Node<'_>, kind: ParamKind) -> Option<ConnectionId> {
    let options = node.child("Type")?.attribute("options")?;
    let mut dynamic_ip = None;
    for option in options.parts(';').filter(|option| !option.is_empty()) {
        let Some(number) = option.strip_prefix("dynamic ip") else {
            let message = format!("`{}` is not run here", option.text());
            cx.report(Diagnostic::new(&codes::TYPE_OPTION_NOT_RUN, option.span(), message));
            continue;
        };
        let id = if number.is_empty() { Some(0) } else { number.digits() };
        let connection = id.map(ConnectionId).filter(|id| cx.connections.contains(id));
        let fault = if kind != ParamKind::Read {
            Some("only a `read` can hold the address of a connection".to_owned())
        } else if connection.is_none() {
            Some(format!("there is no connection `{}`", number.text()))
        } else {
            None
        };
        match fault {
            None => dynamic_ip = connection,
            Some(message) => {
                let finding = Diagnostic::new(&codes::DYNAMIC_IP, option.span(), message);
                cx.report(finding.hint("write `dynamic ip`, or `dynamic ip n` with the number of the connection"));
            }
        }
    }
    dynamic_ip
}

/// What is shown to people has a description (PAR-10).
fn check_description(cx: &mut Lowering<'_>, node: Node<'_>, param: &Param) {
    let is_button_or_title = matches!(
        measurement::named_kind(node),
        Some(
            MeasurementKind::Button
                | MeasurementKind::PageButton
                | MeasurementKind::ToggleButton
                | MeasurementKind::Title(_)
        )
    );
    let is_placeholder = matches!(param.kind, ParamKind::Dummy | ParamKind::Fixed);
    let shown_by_name = param.display.rtdisplay && !is_button_or_title && !is_placeholder;
    if shown_by_name && node.filled("Description").is_none() {
        let message = format!("`{}` is displayed without a description; its name is shown", param.name);
        let finding = Diagnostic::new(&codes::DESCRIPTION_MISSING, node.name_span(), message);
        cx.report(finding.hint("add `<Description>…</Description>`"));
    }
}

/// A time with a range has both ends (DSP-59).
fn check_time(cx: &mut Lowering<'_>, node: Node<'_>, param: &Param) {
    let range = param.display.range;
    let is_time = param
        .measurement
        .as_ref()
        .is_some_and(|measurement| measurement.time.is_some());
    if is_time && range.low.is_some() != range.high.is_some() {
        let span = node
            .child("Display")
            .and_then(|display| display.child("Range"))
            .map_or(node.name_span(), Node::name_span);
        let finding = Diagnostic::new(&codes::TIME_RANGE, span, "the range of a time has only one end");
        cx.report(finding.hint("give both `Low` and `High`"));
    }
}

/// Two parameters at one place are both kept (DSP-102); a read and its write belong there together (DSP-101).
fn check_places(cx: &mut Lowering<'_>, params: &[Param]) {
    let mut taken: BTreeMap<(&str, u32, u32), &Param> = BTreeMap::new();
    for param in params {
        for position in &param.display.positions {
            let place = (position.page.as_str(), position.row, position.column);
            let Some(&first) = taken.get(&place) else {
                taken.insert(place, param);
                continue;
            };
            if first.id == param.id || first.partner == Some(param.id) {
                continue;
            }
            let span = |id| cx.declared.params.node(id).map(Node::name_span);
            let (Some(here), Some(there)) = (span(param.id), span(first.id)) else {
                continue;
            };
            let (page, row, column) = place;
            let message = format!(
                "row {row}, column {column} of the page `{page}` is taken by parameter {}",
                first.id
            );
            let finding = Diagnostic::new(&codes::POSITION_TAKEN, here, message);
            cx.report(finding.second(there, "the first one").hint("move one of them"));
        }
    }
}
