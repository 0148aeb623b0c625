//! `Measurement`: the kind of control, and the `options` of its type.
//!
//! Rules: PAR-14, DSP-30 to DSP-40, DSP-50 to DSP-63, VAL-13.

use crate::model::measurement::{Case, Measurement, MeasurementKind, Scientific, TimeFormat, Title};
use crate::model::param::ParamKind;
use crate::model::value::ValueKind;
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::{Lowering, discreet_options, discreets};
use crate::schema::reader::{Field, word_list};
use crate::schema::tree::Node;

/// `Measurement/Type` in words (DSP-30).
pub(super) const KINDS: &[(&str, MeasurementKind)] = &[
    ("number", MeasurementKind::Number),
    ("string", MeasurementKind::Text),
    ("discreet", MeasurementKind::Discreet),
    ("button", MeasurementKind::Button),
    ("togglebutton", MeasurementKind::ToggleButton),
    ("pagebutton", MeasurementKind::PageButton),
    ("table", MeasurementKind::Table),
    ("title", MeasurementKind::Title(Title::Heading)),
    ("progress", MeasurementKind::Progress),
    ("analog", MeasurementKind::Analog),
    ("chart", MeasurementKind::Chart),
    ("matrix", MeasurementKind::Unsupported),
    ("digital threshold", MeasurementKind::Unsupported),
];

/// The options that say how a number that is a time is shown (DSP-51 to DSP-55).
const TIMES: &[(&str, TimeFormat)] = &[
    ("time", TimeFormat::Seconds),
    ("time:minute", TimeFormat::Minutes),
    ("time:hour", TimeFormat::Hours),
    ("date", TimeFormat::Date),
    ("datetime", TimeFormat::DateTime),
    ("datetime:minute", TimeFormat::DateTimeMinute),
];

/// Options that are known and not run, by the word they begin with (DSP-63).
const NOT_RUN: &[&str] = &[
    "matrix",
    "verificationdeviation",
    "verticationdeviation",
    "disableviewrefresh",
];

/// The kind of control that a parameter names, whether it can be used or not.
pub(super) fn named_kind(param: Node<'_>) -> Option<MeasurementKind> {
    param.child("Measurement")?.field("Type")?.lookup(KINDS)
}

/// Whether a parameter closes a group box (DSP-39).
pub(super) fn is_title_end(param: Node<'_>) -> bool {
    let tag = param
        .child("Measurement")
        .and_then(|measurement| measurement.child("Type"));
    let options = tag.and_then(|tag| tag.attribute("options"));
    let mut options = options.into_iter().flat_map(|options| options.parts(';'));
    matches!(named_kind(param), Some(MeasurementKind::Title(_))) && options.any(|option| option.is("end"))
}

/// The `Measurement` of a parameter; none when it has none that can be used (DSP-11).
pub(super) fn measurement(
    cx: &mut Lowering<'_>,
    param: Node<'_>,
    param_kind: ParamKind,
    value_kind: ValueKind,
) -> Option<Measurement> {
    let node = param.child("Measurement")?;
    let (tag, kind) = kind(cx, param, node, param_kind)?;
    let mut measurement = Measurement {
        hex: tag.flag("hex", &mut cx.diagnostics),
        case: attribute(cx, tag, "case", &[("upper", Case::Upper), ("lower", Case::Lower)]),
        lines: pixels(cx, tag, "lines"),
        width: pixels(cx, tag, "width"),
        scientific: attribute(
            cx,
            tag,
            "scientificNotation",
            &[
                ("universal", Scientific::Universal),
                ("scientific", Scientific::Engineering),
            ],
        ),
        discreets: discreets::discreets(cx, param, node, kind, value_kind),
        dependency: discreets::dependency(cx, node),
        ..Measurement::plain(kind)
    };
    options(cx, tag, &mut measurement);
    if !discreets::has_choices(cx, node, &measurement) {
        measurement.kind = match value_kind {
            ValueKind::Number => MeasurementKind::Number,
            ValueKind::Text => MeasurementKind::Text,
        };
    }
    Some(measurement)
}

/// The `Type` tag and what it says, when it fits the parameter (DSP-31).
fn kind<'t>(
    cx: &mut Lowering<'_>,
    param: Node<'t>,
    node: Node<'t>,
    param_kind: ParamKind,
) -> Option<(Node<'t>, MeasurementKind)> {
    let hint = || format!("use {}", word_list(KINDS.iter().map(|(text, _)| *text)));
    let Some(tag) = node.child("Type").filter(|tag| !tag.content().is_empty()) else {
        let span = node.child("Type").unwrap_or(node).name_span();
        cx.report(Diagnostic::new(&codes::MEASUREMENT_EMPTY, span, "the measurement has no type").hint(hint()));
        // With choices it can only be meant as a list of them.
        let tag = node.child("Type").unwrap_or(node);
        return node.child("Discreets").map(|_| (tag, MeasurementKind::Discreet));
    };
    let field = tag.content();
    let Some(kind) = field.lookup(KINDS) else {
        let message = format!("`{}` is not a measurement", field.text());
        cx.report(Diagnostic::new(&codes::MEASUREMENT_INVALID, field.span(), message).hint(hint()));
        return None;
    };
    let (fits, belongs) = match kind {
        MeasurementKind::Button | MeasurementKind::ToggleButton | MeasurementKind::PageButton => {
            (is_write(param), "a `write`")
        }
        MeasurementKind::Title(_) => (
            matches!(param_kind, ParamKind::Fixed | ParamKind::Read | ParamKind::Dummy),
            "a `fixed` or a `read`",
        ),
        MeasurementKind::Table => (param_kind == ParamKind::Array, "an `array`"),
        MeasurementKind::Number
        | MeasurementKind::Text
        | MeasurementKind::Discreet
        | MeasurementKind::Progress
        | MeasurementKind::Analog
        | MeasurementKind::Chart => (param_kind != ParamKind::Array, "a parameter that is no table"),
        MeasurementKind::Unsupported => (true, "any parameter"),
    };
    if !fits {
        let message = format!("`{}` does not fit the type of the parameter", field.text());
        let hint = format!("it belongs to {belongs}; the measurement is not used");
        cx.report(Diagnostic::new(&codes::MEASUREMENT_WRONG_PARAM, field.span(), message).hint(hint));
        return None;
    }
    if kind == MeasurementKind::Unsupported {
        let message = format!("`{}` is shown as text", field.text());
        cx.report(Diagnostic::new(&codes::MEASUREMENT_NOT_RUN, field.span(), message).hint("use another measurement"));
    }
    Some((tag, kind))
}

/// Whether the type of a parameter is a write; one of single bits is one too.
fn is_write(param: Node<'_>) -> bool {
    param
        .field("Type")
        .is_some_and(|kind| kind.is("write") || kind.is("write bit"))
}

fn attribute<T: Copy>(cx: &mut Lowering<'_>, tag: Node<'_>, name: &str, table: &[(&str, T)]) -> Option<T> {
    let field = tag.attribute(name).filter(|field| !field.is_empty())?;
    field.one_of(table, &mut cx.diagnostics)
}

fn pixels(cx: &mut Lowering<'_>, tag: Node<'_>, name: &str) -> Option<u32> {
    let field = tag.attribute(name).filter(|field| !field.is_empty())?;
    field.number(1..=10_000, &mut cx.diagnostics)
}

/// `Type@options`: separated by `;`, in any order and casing (DSP-50). `tab=columns:…` of a table is read with the table.
fn options(cx: &mut Lowering<'_>, tag: Node<'_>, measurement: &mut Measurement) {
    let Some(options) = tag.attribute("options") else {
        return;
    };
    let mut of_day = None;
    for option in options.parts(';').filter(|option| !option.is_empty()) {
        if let Some(time) = option.lookup(TIMES) {
            measurement.time = Some(time);
            continue;
        }
        let word = option.text().to_lowercase();
        match word.as_str() {
            "timeofday" => of_day = Some(option),
            "password" => measurement.password = true,
            "number" => measurement.digits_only = true,
            "hscroll" | "fixedfont" => measurement.hints.push(word),
            "begin" if is_title(measurement) => measurement.kind = MeasurementKind::Title(Title::Begin),
            "end" if is_title(measurement) => measurement.kind = MeasurementKind::Title(Title::End),
            "connect" if is_title(measurement) => {
                let message = "`connect` is obsolete and has no effect";
                cx.report(Diagnostic::new(&codes::TITLE_CONNECT, option.span(), message).hint("remove it"));
            }
            _ if word.starts_with("custom=") => {
                measurement.disable_write = discreet_options::disable_write(cx, option);
            }
            _ if word.starts_with("tab") => {
                if measurement.kind != MeasurementKind::Table {
                    measurement.hints.push(word);
                }
            }
            _ => not_run(cx, option, &word),
        }
    }
    if let Some(option) = of_day {
        measurement.time = match measurement.time {
            Some(TimeFormat::Seconds) => Some(TimeFormat::TimeOfDay),
            Some(TimeFormat::Minutes) => Some(TimeFormat::MinuteOfDay),
            other => {
                let message = "`timeofday` needs `time` or `time:minute`";
                let hint = "write `time;timeofday`";
                cx.report(Diagnostic::new(&codes::MEASUREMENT_OPTION_UNKNOWN, option.span(), message).hint(hint));
                other
            }
        };
    }
}

const fn is_title(measurement: &Measurement) -> bool {
    matches!(measurement.kind, MeasurementKind::Title(_))
}

fn not_run(cx: &mut Lowering<'_>, option: Field<'_>, word: &str) {
    let name = word.split(['=', ':']).next().unwrap_or_default();
    let diagnostic = if NOT_RUN.contains(&name) {
        let message = format!("`{}` is not run here", option.text());
        Diagnostic::new(&codes::MEASUREMENT_OPTION_NOT_RUN, option.span(), message)
    } else {
        let message = format!("`{}` is not an option of a measurement", option.text());
        let hint = "remove it, or correct its name; it is ignored";
        Diagnostic::new(&codes::MEASUREMENT_OPTION_UNKNOWN, option.span(), message).hint(hint)
    };
    cx.report(diagnostic);
}
