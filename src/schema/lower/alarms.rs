//! `Alarm`: what is monitored, and with which thresholds.
//!
//! Rules: ALM-1, ALM-10 to ALM-15, ALM-18, ALM-21 to ALM-23, VAL-18. A threshold that cannot be read is left out, the
//! others stay.

use std::collections::BTreeMap;

use crate::model::alarm::{AlarmDef, Baseline, Comparison, Limit, Side, THRESHOLDS, Threshold, comparison};
use crate::model::id::ParamId;
use crate::model::moment::Span;
use crate::model::param::{Param, ParamKind};
use crate::model::places::Places;
use crate::model::table::{ColumnKind, RowSource};
use crate::model::value::{Value, ValueKind, parse_number};
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::lower::alarm_properties::properties;
use crate::schema::reader::Field;
use crate::schema::tree::Node;

/// The alarms of every parameter that is monitored.
pub(super) fn alarms(cx: &mut Lowering<'_>, params: &[Param]) -> BTreeMap<ParamId, AlarmDef> {
    let declared = cx.declared;
    let places = Places::new(params.iter().map(|param| param.id.0));
    let by_id = |id: ParamId| params.get(places.of(id.0)?);
    let mut alarms = BTreeMap::new();
    for (id, node) in declared.params.iter() {
        let (Some(tag), Some(param)) = (node.child("Alarm"), by_id(id)) else {
            continue;
        };
        let monitored = is_monitored(cx, tag, param, by_id);
        // What is wrong with it is told whether it alarms or not.
        let alarm = alarm(cx, tag, param);
        if monitored {
            alarms.insert(id, alarm);
        }
    }
    alarms
}

/// `Monitored`, of a parameter that can alarm (ALM-1).
fn is_monitored<'p>(
    cx: &mut Lowering<'_>,
    tag: Node<'_>,
    param: &Param,
    by_id: impl Fn(ParamId) -> Option<&'p Param>,
) -> bool {
    let Some(field) = tag.field("Monitored") else {
        let missing = Diagnostic::new(&codes::MONITORED_MISSING, tag.name_span(), "`Monitored` is missing");
        cx.report(missing.hint("add `<Monitored>true</Monitored>`; the parameter does not alarm"));
        return false;
    };
    if field.is_empty() {
        let empty = Diagnostic::new(&codes::MONITORED_EMPTY, field.span(), "`Monitored` is empty");
        cx.report(empty.hint("write `true` or `false`; the parameter does not alarm"));
        return false;
    }
    let Some(monitored) = field.lookup(&[("true", true), ("false", false)]) else {
        let message = format!("`{}` is neither true nor false", field.text());
        let invalid = Diagnostic::new(&codes::MONITORED_INVALID, field.span(), message);
        cx.report(invalid.hint("write `true` or `false`; the parameter does not alarm"));
        return false;
    };
    if !monitored {
        return false;
    }
    let column = param.column_of;
    let table = column.and_then(|column| by_id(column.table)?.table.as_ref());
    if table.is_some_and(|table| table.volatile) {
        let volatile = Diagnostic::new(
            &codes::MONITORED_VOLATILE,
            field.span(),
            "the rows of a volatile table are gone after a restart, and their alarms with them",
        );
        cx.report(volatile.hint("take the option `volatile` from the table"));
    }
    if !param.display.rtdisplay {
        let hidden = Diagnostic::new(
            &codes::MONITORED_NOT_SHOWN,
            field.span(),
            "a parameter that is not shown does not alarm",
        );
        cx.report(hidden.hint("add `<RTDisplay>true</RTDisplay>` to its `Display`"));
        if let Some(node) = cx.declared.params.node(param.id) {
            cx.lacks_rtdisplay(node, field.span());
        }
        return false;
    }
    let is_filled_elsewhere = column.zip(table).is_some_and(|(column, table)| {
        let column = table.columns.get(column.idx);
        table.rows != RowSource::Own || column.is_some_and(|column| column.kind == ColumnKind::DisplayKey)
    });
    if param.kind == ParamKind::Write || param.table.is_some() || is_filled_elsewhere {
        let other = Diagnostic::new(
            &codes::MONITORED_ON_TYPE,
            field.span(),
            "only a read alarms, and a column that is neither a display key nor one of a view",
        );
        cx.report(other.hint("monitor the read of the same name"));
        return false;
    }
    true
}

fn alarm(cx: &mut Lowering<'_>, tag: Node<'_>, param: &Param) -> AlarmDef {
    let comparison = comparison(param);
    let mut thresholds = Vec::new();
    for &(name, severity, side) in THRESHOLDS {
        let Some(field) = tag.filled(name) else { continue };
        if comparison == Comparison::Equality && side == Side::Low {
            let message = format!("`{name}` is not used: a text or a discreet is compared for equality");
            let hint = "write it as a high threshold, such as `<CH>…</CH>`";
            cx.report(Diagnostic::new(&codes::THRESHOLD_LOW, field.span(), message).hint(hint));
            continue;
        }
        for part in field.parts(';').filter(|part| !part.is_empty()) {
            if let Some(limit) = limit(cx, part, comparison, param) {
                thresholds.push(Threshold { severity, side, limit });
            }
        }
    }
    let wanted = tag.field("Monitored").is_some_and(|monitored| monitored.is("true"));
    if wanted && thresholds.is_empty() && tag.filled("Info").is_none() {
        let message = "it is monitored, and no value raises an alarm";
        let none = Diagnostic::new(&codes::NO_THRESHOLD, tag.name_span(), message);
        cx.report(none.hint("add thresholds, such as `<CH>90</CH>`"));
    }
    let baseline = baseline(cx, tag);
    let exceptions = param.interprete.exceptions.iter();
    let mut alarm = AlarmDef {
        thresholds,
        comparison,
        baseline,
        disabled_if: disabled_if(cx, tag, param),
        gate: gate(cx, tag),
        active_time: tag
            .attribute("activeTime")
            .and_then(|field| field.number(1..=u64::MAX, &mut cx.diagnostics))
            .map(Span),
        exceptions: exceptions
            .map(|exception| (exception.value.clone(), exception.mapped.clone()))
            .collect(),
        properties: properties(cx, tag, param),
    };
    alarm.sort();
    alarm
}

pub(super) fn limit(cx: &mut Lowering<'_>, part: Field<'_>, comparison: Comparison, param: &Param) -> Option<Limit> {
    if let Some(exception) = part.strip_prefix("$") {
        let text = exception.text();
        let number = match param.interprete.kind {
            ValueKind::Number => parse_number(text).map(Value::Number),
            ValueKind::Text => None,
        };
        return Some(Limit::Exception(number.unwrap_or_else(|| Value::text(text))));
    }
    match comparison {
        Comparison::Equality => Some(Limit::Text(part.text().to_owned())),
        Comparison::Range => {
            let number = parse_number(part.text());
            if number.is_none() {
                let message = format!("`{}` is not a number", part.text());
                let hint = "write it with a point, and separate several values by `;`";
                cx.report(Diagnostic::new(&codes::THRESHOLD_INVALID, part.span(), message).hint(hint));
            }
            number.map(Limit::Number)
        }
    }
}

/// `@type`: `absolute` or `relative`, with the parameters of the nominal value and of a factor (ALM-18).
fn baseline(cx: &mut Lowering<'_>, tag: Node<'_>) -> Option<Baseline> {
    let field = tag.attribute("type").filter(|field| !field.is_empty())?;
    let (kind, ids) = field
        .split_once(':')
        .map_or((field, None), |(kind, ids)| (kind, Some(ids)));
    let percent = match kind.lookup(&[("absolute", Some(false)), ("relative", Some(true)), ("rate", None)]) {
        Some(Some(percent)) => percent,
        Some(None) => {
            let message = "alarms on the rate of change are not raised";
            cx.report(Diagnostic::new(&codes::NOT_RUN, field.span(), message));
            return Some(Baseline {
                percent: false,
                nominal: None,
                factor: None,
                value: None,
            });
        }
        None => {
            let message = format!("`{}` is not a type of an alarm", kind.text());
            let hint = "write `absolute:` or `relative:` and the id of the parameter with the nominal value";
            cx.report(Diagnostic::new(&codes::NOT_IN_LIST, kind.span(), message).hint(hint));
            return None;
        }
    };
    let mut ids = ids.into_iter().flat_map(|ids| ids.parts(','));
    let mut next = || {
        let field = ids.next().filter(|field| !field.is_empty())?;
        cx.param(field, &codes::ALARM_PARAM_UNKNOWN)
    };
    let (nominal, factor) = (next(), next());
    if nominal.is_none() {
        let message = "without a parameter that has the nominal value there is nothing to compare with";
        cx.report(Diagnostic::new(&codes::NOT_RUN, field.span(), message));
    }
    Some(Baseline {
        percent,
        nominal,
        factor,
        value: None,
    })
}

/// `Monitored@disabledIf`: `pid,value` (ALM-23).
fn disabled_if(cx: &mut Lowering<'_>, tag: Node<'_>, param: &Param) -> Option<(ParamId, Value)> {
    let field = tag.child("Monitored")?.attribute("disabledIf")?;
    let hint = "write the id of a parameter and its value, such as `disabledIf=\"10,0\"`";
    if field.is_empty() {
        cx.report(Diagnostic::new(&codes::DISABLED_IF_EMPTY, field.span(), "`disabledIf` is empty").hint(hint));
        return None;
    }
    let Some((id, value)) = field.split_once(',') else {
        let message = format!("`{}` has no value after a comma", field.text());
        cx.report(Diagnostic::new(&codes::DISABLED_IF_INVALID, field.span(), message).hint(hint));
        return None;
    };
    let place = id.span();
    let id = cx.param(id, &codes::DISABLED_IF_UNKNOWN)?;
    cx.expect_displayed(id, place, &codes::DISABLED_IF_RTDISPLAY);
    let kind = cx.declared.params.node(id).and_then(|node| node.field("Type"));
    if kind.is_some_and(|kind| kind.is("write") || kind.is("write bit") || kind.is("array")) {
        let message = format!("the parameter {id} holds no value to compare with");
        let finding = Diagnostic::new(&codes::DISABLED_IF_TABLE, field.span(), message);
        cx.report(finding.hint("name the read of the same name"));
        return None;
    }
    let of = cx.columns.get(&id).copied();
    if of.is_some_and(|of| param.column_of.is_none_or(|own| own.table != of.table)) {
        let message = format!("the parameter {id} is a column of another table");
        let hint = "name a parameter of its own, or a column of the same table";
        cx.report(Diagnostic::new(&codes::DISABLED_IF_TABLE, field.span(), message).hint(hint));
        return None;
    }
    let text = value.text();
    Some((id, parse_number(text).map_or_else(|| Value::text(text), Value::Number)))
}

/// A parameter that an option names; it has to be displayed for alarms to see its value (VAL-22).
fn displayed(cx: &mut Lowering<'_>, field: Field<'_>) -> Option<ParamId> {
    let id = cx.param(field, &codes::ALARM_PARAM_UNKNOWN)?;
    cx.expect_displayed(id, field.span(), &codes::ALARM_OPTION_RTDISPLAY);
    Some(id)
}

/// `@options`: `threshold:pid1,pid2` (ALM-22). The others are properties.
fn gate(cx: &mut Lowering<'_>, tag: Node<'_>) -> Option<(ParamId, ParamId)> {
    let mut gate = None;
    let field = tag.attribute("options")?;
    for option in field.parts(';').filter(|part| !part.is_empty()) {
        if let Some(ids) = option.strip_prefix("threshold:") {
            let ids: Vec<_> = ids.parts(',').map(|id| displayed(cx, id)).collect();
            match ids.as_slice() {
                [Some(least), Some(value)] => gate = Some((*least, *value)),
                [_, _] => {}
                _ => {
                    let message = "`threshold` takes two parameters";
                    let hint = "write `threshold:PID1,PID2`: no alarm while the second is less than the first";
                    cx.report(Diagnostic::new(&codes::ALARM_PARAM_UNKNOWN, option.span(), message).hint(hint));
                }
            }
        } else if option.strip_prefix("propertyNames:").is_none() && option.strip_prefix("properties:").is_none() {
            let message = format!("`{}` is not an option of an alarm", option.text());
            cx.report(Diagnostic::new(&codes::ALARM_OPTION_UNKNOWN, option.span(), message).hint("remove it"));
        }
    }
    gate
}
