//! An alarm template as a file: which parameters alarm, with which thresholds, for which rows, and when not.
//!
//! ```toml
//! name = "Night"                         # the name of the file unless given
//!
//! [[entry]]                              # those of one parameter are tried from the top, the first that fits decides
//! parameter = "Port Level"               # its name or id; one that the definition monitors
//! filter = "North*"                      # rows by display key; all unless given
//! monitored = false                      # an entry that is not ticked keeps its rows from alarming
//!
//! [[entry]]
//! parameter = 1003
//! MaH = 80                               # CL MaL MiL WaL Normal WaH MiH MaH CH and Info as in a definition
//! CH = "90;$-1"
//! type = "relative:2214"                 # as in a definition; without an id thresholds are relative to the baseline
//! baseline = 50
//! disabled_if = "3,0"                    # the definition's unless given
//! condition = "Mode = night* or severity of Power > minor"   # while it is true, the next entry is tried
//! auto_clear = false                     # an alarm that is over waits until somebody clears it
//!
//! [[entry]]
//! parameter = "Temperature"
//! CH = 60
//! hysteresis = "30;10"                   # seconds before a severity is left; before it is entered
//! hysteresis_of = ["critical"]           # all severities unless given
//! ```
//!
//! Rules: ALM-2, ALM-10 to ALM-18, ALM-24, ALM-30 to ALM-32, ALM-45.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;

use crate::model::alarm::{
    AlarmDef, Baseline, Comparison, InfoDef, Limit, Severity, THRESHOLDS, Threshold, comparison,
};
use crate::model::alarm_template::{
    ComparedWith, ConditionTest, Hysteresis, Operator, OwnTemplate, TemplateCondition, TemplateEntry,
};
use crate::model::id::ParamId;
use crate::model::moment::Span;
use crate::model::param::Param;
use crate::model::protocol::Protocol;
use crate::model::value::{Value, ValueKind, parse_number};

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: Option<String>,
    #[serde(rename = "entry", default)]
    entries: Vec<Entry>,
}

/// An entry.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    parameter: Spanned<Text>,
    filter: Option<String>,
    monitored: Option<bool>,
    #[serde(rename = "type")]
    kind: Option<String>,
    baseline: Option<f64>,
    disabled_if: Option<String>,
    condition: Option<String>,
    hysteresis: Option<String>,
    #[serde(default)]
    hysteresis_of: Vec<String>,
    auto_clear: Option<bool>,
    #[serde(rename = "CL")]
    critical_low: Option<Text>,
    #[serde(rename = "MaL")]
    major_low: Option<Text>,
    #[serde(rename = "MiL")]
    minor_low: Option<Text>,
    #[serde(rename = "WaL")]
    warning_low: Option<Text>,
    #[serde(rename = "Normal")]
    normal: Option<Text>,
    #[serde(rename = "WaH")]
    warning_high: Option<Text>,
    #[serde(rename = "MiH")]
    minor_high: Option<Text>,
    #[serde(rename = "MaH")]
    major_high: Option<Text>,
    #[serde(rename = "CH")]
    critical_high: Option<Text>,
    #[serde(rename = "Info")]
    info: Option<Text>,
}

/// A text, which may be written as a number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Whole(i64),
    Number(f64),
    Word(String),
}

impl Text {
    fn text(&self) -> String {
        match self {
            Self::Whole(number) => number.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Word(word) => word.trim().to_owned(),
        }
    }
}

/// Reads the text of a template for a definition.
///
/// # Errors
/// What is wrong, with file and line; nothing of it is used.
pub fn parse(path: &Path, text: &str, protocol: &Protocol) -> Result<OwnTemplate, String> {
    let at = |offset: usize, message: &str| {
        let line = text.get(..offset).unwrap_or(text).matches('\n').count() + 1;
        format!("{}:{line}: {message}", path.display())
    };
    let file: File = toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        at(offset, error.message())
    })?;
    let mut entries: BTreeMap<ParamId, Vec<TemplateEntry>> = BTreeMap::new();
    for entry in &file.entries {
        let wrong = |message: String| at(entry.parameter.span().start, &message);
        let param = param(protocol, &entry.parameter.get_ref().text()).map_err(wrong)?;
        let read = read(entry, param, protocol).map_err(wrong)?;
        entries.entry(param.id).or_default().push(read);
    }
    let stem = || path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    Ok(OwnTemplate {
        name: file.name.or_else(stem).unwrap_or_default(),
        entries,
    })
}

fn read(entry: &Entry, param: &Param, protocol: &Protocol) -> Result<TemplateEntry, String> {
    let Some(defaults) = protocol.parts().alarms.get(&param.id) else {
        return Err(format!(
            "{} ({}) does not alarm: its definition does not monitor it",
            param.name, param.id
        ));
    };
    if entry.condition.is_some() && entry.hysteresis.is_some() {
        return Err("an entry cannot have both a condition and hysteresis".to_owned());
    }
    let compared = comparison(param);
    let baseline = baseline(entry, defaults, protocol)?;
    let mut alarm = AlarmDef {
        thresholds: thresholds(entry, param, compared)?,
        baseline,
        ..defaults.clone()
    };
    alarm.sort();
    if let Some(disabled_if) = &entry.disabled_if {
        let (of, value) = disabled_if
            .split_once(',')
            .ok_or("`disabled_if` is written PARAM,VALUE")?;
        let value = value.trim();
        let value = parse_number(value).map_or_else(|| Value::text(value), Value::Number);
        alarm.disabled_if = Some((self::param(protocol, of)?.id, value));
    }
    Ok(TemplateEntry {
        filter: entry.filter.clone(),
        monitored: entry.monitored.unwrap_or(true),
        info: info(entry, param, compared, &alarm)?,
        alarm,
        hysteresis: hysteresis(entry)?,
        condition: entry
            .condition
            .as_deref()
            .map(|text| condition(text, protocol))
            .transpose()?,
        auto_clear: entry.auto_clear.unwrap_or(true),
    })
}

/// The parameter with this id or name; of a read and a write that share the name, the read.
fn param<'p>(protocol: &'p Protocol, text: &str) -> Result<&'p Param, String> {
    let text = text.trim();
    let by_id = text.parse().ok().and_then(|id| protocol.param(ParamId(id)));
    by_id
        .or_else(|| protocol.param_to_get(text))
        .ok_or_else(|| format!("{} has no parameter `{text}`", protocol.name()))
}

fn thresholds(entry: &Entry, param: &Param, comparison: Comparison) -> Result<Vec<Threshold>, String> {
    let of = |name: &str| match name {
        "CL" => &entry.critical_low,
        "MaL" => &entry.major_low,
        "MiL" => &entry.minor_low,
        "WaL" => &entry.warning_low,
        "WaH" => &entry.warning_high,
        "MiH" => &entry.minor_high,
        "MaH" => &entry.major_high,
        "CH" => &entry.critical_high,
        _ => &entry.normal,
    };
    let mut thresholds = Vec::new();
    for &(name, severity, side) in THRESHOLDS {
        for limit in limits(of(name).as_ref(), param, comparison)? {
            thresholds.push(Threshold { severity, side, limit });
        }
    }
    Ok(thresholds)
}

/// The values of a tag, separated by `;`.
fn limits(text: Option<&Text>, param: &Param, comparison: Comparison) -> Result<Vec<Limit>, String> {
    let text = text.map(Text::text).unwrap_or_default();
    let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
    let limit = |part: &str| match (part.strip_prefix('$'), comparison) {
        (Some(exception), _) => {
            let number = match param.interprete.kind {
                ValueKind::Number => parse_number(exception).map(Value::Number),
                ValueKind::Text => None,
            };
            Ok(Limit::Exception(number.unwrap_or_else(|| Value::text(exception))))
        }
        (None, Comparison::Equality) => Ok(Limit::Text(part.to_owned())),
        (None, Comparison::Range) => parse_number(part)
            .map(Limit::Number)
            .ok_or_else(|| format!("`{part}` is not a number")),
    };
    parts.map(limit).collect()
}

fn info(entry: &Entry, param: &Param, comparison: Comparison, alarm: &AlarmDef) -> Result<Option<InfoDef>, String> {
    let Some(text) = &entry.info else { return Ok(None) };
    let is_pattern = text.text().contains(['*', '?']);
    let comparison = if is_pattern { Comparison::Equality } else { comparison };
    let mut info = InfoDef {
        limits: limits(Some(text), param, comparison)?,
        exceptions: alarm.exceptions.clone(),
    };
    info.sort();
    Ok(Some(info))
}

/// `type` and `baseline`; those of the definition where neither is given.
fn baseline(entry: &Entry, defaults: &AlarmDef, protocol: &Protocol) -> Result<Option<Baseline>, String> {
    let Some(kind) = &entry.kind else {
        let of_definition = defaults.baseline;
        return Ok(of_definition.map(|baseline| Baseline {
            value: entry.baseline.or(baseline.value),
            ..baseline
        }));
    };
    let (kind, ids) = kind.split_once(':').unwrap_or((kind, ""));
    let percent = match kind.trim().to_lowercase().as_str() {
        "normal" => return Ok(None),
        "absolute" => false,
        "relative" => true,
        other => {
            return Err(format!(
                "`{other}` is no type of an entry: normal, absolute or relative"
            ));
        }
    };
    let mut ids = ids.split(',').map(str::trim);
    let mut next = || match ids.next() {
        None | Some("") => Ok(None),
        Some(id) => param(protocol, id).map(|param| Some(param.id)),
    };
    Ok(Some(Baseline {
        percent,
        nominal: next()?,
        factor: next()?,
        value: entry.baseline,
    }))
}

/// `clear;raise` in seconds.
fn hysteresis(entry: &Entry) -> Result<Option<Hysteresis>, String> {
    let Some(text) = &entry.hysteresis else { return Ok(None) };
    let (clear, raise) = text.split_once(';').unwrap_or((text, ""));
    let seconds = |text: &str| match text.trim() {
        "" => Ok(Span::ZERO),
        text => text
            .parse()
            .map(Span::seconds)
            .map_err(|_| format!("`{text}` is no number of seconds: hysteresis is written CLEAR;RAISE")),
    };
    let of = entry.hysteresis_of.iter().map(|name| severity(name));
    Ok(Some(Hysteresis {
        clear: seconds(clear)?,
        raise: seconds(raise)?,
        of: of.collect::<Result<_, _>>()?,
    }))
}

fn severity(name: &str) -> Result<Severity, String> {
    use Severity::{Critical, Major, Minor, Normal, Warning};
    let wanted = name.trim().to_lowercase();
    let all = [Normal, Warning, Minor, Major, Critical];
    all.into_iter()
        .find(|severity| severity.name() == wanted)
        .ok_or_else(|| format!("`{name}` is no severity: normal, warning, minor, major or critical"))
}

/// `PARAM = VALUE and severity of PARAM > minor or …` (ALM-31).
fn condition(text: &str, protocol: &Protocol) -> Result<TemplateCondition, String> {
    let all = |text: &str| text.split(" and ").map(|test| self::test(test, protocol)).collect();
    let any: Result<Vec<Vec<ConditionTest>>, String> = text.split(" or ").map(all).collect();
    any.map(TemplateCondition)
}

fn test(text: &str, protocol: &Protocol) -> Result<ConditionTest, String> {
    let operators = [
        ("!=", Operator::Unequal),
        ("≠", Operator::Unequal),
        ("=", Operator::Equal),
        (">", Operator::Greater),
        ("<", Operator::Less),
    ];
    let found = operators
        .iter()
        .filter_map(|(sign, operator)| Some((text.find(sign)?, *sign, *operator)));
    let Some((at, sign, operator)) = found.min_by_key(|(at, ..)| *at) else {
        return Err(format!("`{}` is no condition: it has none of = != > <", text.trim()));
    };
    let (left, right) = (text[..at].trim(), text[at + sign.len()..].trim());
    let (left, with) = match left.strip_prefix("severity of ") {
        Some(left) if right == "undefined" => (left, ComparedWith::Severity(None)),
        Some(left) => (left, ComparedWith::Severity(Some(severity(right)?))),
        None if right.eq_ignore_ascii_case("not initialized") => (left, ComparedWith::NotInitialized),
        None => (left, ComparedWith::Value(right.to_owned())),
    };
    Ok(ConditionTest {
        param: param(protocol, left)?.id,
        operator,
        with,
    })
}

/// Reads a template from its file, for a definition.
///
/// # Errors
/// The file cannot be read, or what is wrong in it.
pub fn load(path: &Path, protocol: &Protocol) -> Result<Arc<OwnTemplate>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    parse(path, &text, protocol).map(Arc::new)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::parse;
    use crate::model::alarm::{AlarmDef, Baseline, Comparison, Limit, Severity};
    use crate::model::alarm_template::{Hysteresis, OwnTemplate};
    use crate::model::display_text::tests::param;
    use crate::model::id::ParamId;
    use crate::model::moment::Span;
    use crate::model::param::ParamKind;
    use crate::model::protocol::{Parts, Protocol};
    use crate::model::value::ValueKind;

    /// Level (1) alarms, Mode (2) does not.
    fn read(text: &str) -> Result<OwnTemplate, String> {
        let def = AlarmDef {
            thresholds: Vec::new(),
            comparison: Comparison::Range,
            baseline: None,
            disabled_if: None,
            gate: None,
            active_time: None,
            exceptions: Vec::new(),
            properties: Vec::new(),
        };
        let protocol = Protocol::build(Parts {
            name: "Meter".to_owned(),
            params: vec![
                param(1, "Level", ParamKind::Read, ValueKind::Number),
                param(2, "Mode", ParamKind::Read, ValueKind::Text),
            ],
            alarms: [(ParamId(1), def)].into(),
            ..Parts::default()
        });
        parse(Path::new("night.toml"), text, &protocol)
    }

    #[test]
    fn alm_10_alm_18_alm_30_alm_32_an_entry_is_read() {
        let template = read(
            "[[entry]]\nparameter = 1\nCH = \"90;$-1\"\nMaH = 80.5\ntype = \"relative\"\nbaseline = 50\n\
             hysteresis = \"5;10\"\nhysteresis_of = [\"Major\"]\n",
        )
        .expect("it can be read");
        assert_eq!(template.name, "night");
        let entry = &template.entries[&ParamId(1)][0];
        let limits: Vec<&Limit> = entry
            .alarm
            .thresholds
            .iter()
            .map(|threshold| &threshold.limit)
            .collect();
        assert_eq!(
            limits,
            [
                &Limit::Number(90.0),
                &Limit::Exception((-1.0).into()),
                &Limit::Number(80.5)
            ]
        );
        let baseline = Baseline {
            percent: true,
            nominal: None,
            factor: None,
            value: Some(50.0),
        };
        assert_eq!(entry.alarm.baseline, Some(baseline));
        let hysteresis = Hysteresis {
            clear: Span::seconds(5),
            raise: Span::seconds(10),
            of: vec![Severity::Major],
        };
        assert_eq!(entry.hysteresis, Some(hysteresis));
        assert!(entry.monitored && entry.auto_clear);
    }

    #[test]
    fn err_a_faulty_template_is_refused_with_its_line() {
        let entry = |lines: &str| format!("[[entry]]\nparameter = \"Level\"\n{lines}");
        let cases = [
            "[[entry]]\nCH = 90".to_owned(),
            "[[entry]]\nparameter = \"Nothing\"".to_owned(),
            "[[entry]]\nparameter = 2".to_owned(),
            entry("XH = 90"),
            entry("CH = \"high\""),
            entry("type = \"rate\""),
            entry("hysteresis = \"soon\""),
            entry("hysteresis_of = [\"bad\"]\nhysteresis = \"1;1\""),
            entry("condition = \"Mode\""),
            entry("condition = \"severity of Mode = bad\""),
            entry("condition = \"Mode = 1\"\nhysteresis = \"1;1\""),
            entry("disabled_if = \"2\""),
        ];
        let refusals = cases.map(|text| read(&text).expect_err("it is refused"));
        insta::assert_snapshot!(refusals.join("\n"), @r#"
        night.toml:1: missing field `parameter`
        night.toml:2: Meter has no parameter `Nothing`
        night.toml:2: Mode (2) does not alarm: its definition does not monitor it
        night.toml:3: unknown field `XH`, expected one of `parameter`, `filter`, `monitored`, `type`, `baseline`, `disabled_if`, `condition`, `hysteresis`, `hysteresis_of`, `auto_clear`, `CL`, `MaL`, `MiL`, `WaL`, `Normal`, `WaH`, `MiH`, `MaH`, `CH`, `Info`
        night.toml:2: `high` is not a number
        night.toml:2: `rate` is no type of an entry: normal, absolute or relative
        night.toml:2: `soon` is no number of seconds: hysteresis is written CLEAR;RAISE
        night.toml:2: `bad` is no severity: normal, warning, minor, major or critical
        night.toml:2: `Mode` is no condition: it has none of = != > <
        night.toml:2: `bad` is no severity: normal, warning, minor, major or critical
        night.toml:2: an entry cannot have both a condition and hysteresis
        night.toml:2: `disabled_if` is written PARAM,VALUE
        "#);
    }
}
