//! How bad a value is: the thresholds of a parameter, applied.
//!
//! Rules: ALM-4, ALM-11 to ALM-20, ALM-22, ALM-23, ALM-25.

use crate::model::alarm::{AlarmDef, Baseline, Comparison, Limit, Severity, Side};
use crate::model::id::ParamId;
use crate::model::value::{Value, parse_number};

/// What a value comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) severity: Severity,
    /// On which side.
    pub(super) side: Side,
    /// Which threshold; none when the value is normal because nothing hits.
    pub(super) threshold: Option<usize>,
}

impl Hit {
    const NORMAL: Self = Self {
        severity: Severity::Normal,
        side: Side::Exact,
        threshold: None,
    };
}

/// How bad a value is; none when that is undefined. `input` gives the values that decide with it.
pub(super) fn evaluate(def: &AlarmDef, value: &Value, input: impl Fn(ParamId) -> Value) -> Option<Hit> {
    if !value.is_initialised() || def.thresholds.is_empty() {
        return None;
    }
    if let Some((param, disabling)) = &def.disabled_if
        && equals(&input(*param), disabling)
    {
        return None;
    }
    if let Some((least, gated)) = def.gate
        && let (Some(least), Some(gated)) = (number(&input(least)), number(&input(gated)))
        && gated < least
    {
        return Some(Hit::NORMAL);
    }
    if let Some((_, mapped)) = def.exceptions.iter().find(|(exception, _)| equals(value, exception)) {
        return Some(hit(def, |limit, _| match limit {
            Limit::Exception(exception) => equals(mapped, exception),
            Limit::Number(_) | Limit::Text(_) => false,
        }));
    }
    match def.comparison {
        Comparison::Equality => Some(equal(def, value)),
        Comparison::Range => in_range(def, number(value)?, input),
    }
}

/// Texts: a lone `*` stands for what nothing else matches (ALM-14).
fn equal(def: &AlarmDef, value: &Value) -> Hit {
    let is = |limit: &Limit, any: bool| match limit {
        Limit::Text(pattern) if pattern == "*" => any,
        Limit::Text(pattern) => !any && is_text(pattern, value),
        Limit::Number(_) | Limit::Exception(_) => false,
    };
    let exact = hit(def, |limit, _| is(limit, false));
    match exact.threshold {
        Some(_) => exact,
        None => hit(def, |limit, _| is(limit, true)),
    }
}

/// Numbers: not less than a high threshold, not greater than a low one (ALM-11), which may be relative (ALM-18).
fn in_range(def: &AlarmDef, value: f64, input: impl Fn(ParamId) -> Value) -> Option<Hit> {
    let nominal = match def.baseline {
        Some(baseline) => Some((nominal(baseline, input)?, baseline.percent)),
        None => None,
    };
    let limit_of = |threshold: f64, side: Side| match nominal {
        None => threshold,
        Some((nominal, percent)) => {
            let distance = if percent {
                nominal.abs() * threshold / 100.0
            } else {
                threshold
            };
            match side {
                Side::Low => nominal - distance,
                Side::High => nominal + distance,
                Side::Exact => nominal,
            }
        }
    };
    Some(hit(def, |limit, side| match (limit, side) {
        (Limit::Number(threshold), Side::Low) => value <= limit_of(*threshold, side),
        (Limit::Number(threshold), Side::High) => value >= limit_of(*threshold, side),
        (Limit::Number(_), Side::Exact) | (Limit::Text(_) | Limit::Exception(_), _) => false,
    }))
}

/// Nominal value times factor; none while either is missing (ALM-19).
fn nominal(baseline: Baseline, input: impl Fn(ParamId) -> Value) -> Option<f64> {
    let nominal = match baseline.nominal {
        Some(param) => number(&input(param))?,
        None => baseline.value?,
    };
    match baseline.factor {
        Some(factor) => Some(nominal * number(&input(factor))?),
        None => Some(nominal),
    }
}

/// The most severe threshold that is hit: they are in that order.
fn hit(def: &AlarmDef, is_hit: impl Fn(&Limit, Side) -> bool) -> Hit {
    let mut thresholds = def.thresholds.iter().enumerate();
    let found = thresholds.find(|(_, threshold)| is_hit(&threshold.limit, threshold.side));
    found.map_or(Hit::NORMAL, |(index, threshold)| Hit {
        severity: threshold.severity,
        side: threshold.side,
        threshold: Some(index),
    })
}

/// A value as a number.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Text(text) => parse_number(text),
        Value::Uninitialised => None,
    }
}

/// Numbers as numbers, texts as texts (ALM-25).
pub(super) fn equals(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Uninitialised, _) | (_, Value::Uninitialised) => false,
        (Value::Text(left), Value::Text(right)) => left == right,
        (left, right) => number(left).is_some() && number(left) == number(right),
    }
}

/// Whether a text with wildcards stands for a value (ALM-14), or is the number that the value is (ALM-15).
pub(super) fn is_text(pattern: &str, value: &Value) -> bool {
    matches(pattern, &value.to_text()) || is_number(pattern, value)
}

/// Whether a threshold of a discreet is this number, however it is written.
fn is_number(threshold: &str, value: &Value) -> bool {
    value.as_number().is_some() && value.as_number() == parse_number(threshold)
}

/// `*` stands for any characters, `?` for one (ALM-14). In time linear in the text for each `*`.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    // Where the last star is, and how much of the text it has taken.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&sign) if sign == '?' || sign == text[t] => {
                p += 1;
                t += 1;
            }
            Some(_) | None => {
                let Some((at, taken)) = star else { return false };
                star = Some((at, taken + 1));
                p = at + 1;
                t = taken + 1;
            }
        }
    }
    pattern[p..].iter().all(|&sign| sign == '*')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{evaluate, matches};
    use crate::model::alarm::{AlarmDef, Baseline, Comparison, Limit, Severity, Side, Threshold};
    use crate::model::id::ParamId;
    use crate::model::value::Value;

    const NOMINAL: ParamId = ParamId(2);
    const FACTOR: ParamId = ParamId(3);

    fn def(comparison: Comparison, thresholds: &[(Severity, Side, Limit)]) -> AlarmDef {
        let mut thresholds: Vec<_> = thresholds
            .iter()
            .map(|(severity, side, limit)| Threshold {
                severity: *severity,
                side: *side,
                limit: limit.clone(),
            })
            .collect();
        thresholds.sort_by_key(|threshold| std::cmp::Reverse(threshold.severity));
        AlarmDef {
            thresholds,
            comparison,
            baseline: None,
            disabled_if: None,
            gate: None,
            active_time: None,
            exceptions: Vec::new(),
            properties: Vec::new(),
        }
    }

    fn numbers() -> AlarmDef {
        use Severity::{Critical, Major, Minor, Warning};
        let number = Limit::Number;
        def(
            Comparison::Range,
            &[
                (Critical, Side::Low, number(0.0)),
                (Major, Side::Low, number(5.0)),
                (Warning, Side::High, number(80.0)),
                (Minor, Side::High, number(90.0)),
                (Critical, Side::High, number(99.5)),
            ],
        )
    }

    /// The severity of a value by name, `undefined` for none.
    fn severity(def: &AlarmDef, value: impl Into<Value>, inputs: &[(ParamId, Value)]) -> &'static str {
        let inputs: BTreeMap<ParamId, Value> = inputs.iter().cloned().collect();
        let input = |param| inputs.get(&param).cloned().unwrap_or_default();
        evaluate(def, &value.into(), input).map_or("undefined", |hit| hit.severity.name())
    }

    #[test]
    fn alm_11_a_high_threshold_is_hit_from_its_value_on_a_low_one_down_from_it() {
        let def = numbers();
        let of = |value: f64| severity(&def, value, &[]);
        let found = [-1.0, 0.0, 0.1, 5.0, 5.1, 79.9, 80.0, 90.0, 99.4, 99.5, 1e9].map(of);
        assert_eq!(
            found,
            [
                "critical", "critical", "major", "major", "normal", "normal", "warning", "minor", "minor", "critical",
                "critical"
            ]
        );
    }

    #[test]
    fn alm_4_alm_17_without_thresholds_or_value_it_is_undefined() {
        assert_eq!(severity(&def(Comparison::Range, &[]), 1.0, &[]), "undefined");
        assert_eq!(severity(&numbers(), Value::Uninitialised, &[]), "undefined");
    }

    #[test]
    fn alm_12_alm_13_an_exception_meets_only_thresholds_of_exceptions() {
        let mut def = numbers();
        def.exceptions = vec![
            (Value::Number(1000.0), Value::Number(-1.0)),
            (Value::Number(1001.0), Value::Number(-2.0)),
        ];
        def.thresholds.push(Threshold {
            severity: Severity::Minor,
            side: Side::High,
            limit: Limit::Exception(Value::Number(-1.0)),
        });
        assert_eq!(severity(&def, 1000.0, &[]), "minor");
        assert_eq!(severity(&def, 1001.0, &[]), "normal");
        assert_eq!(severity(&def, 1002.0, &[]), "critical");
    }

    #[test]
    fn alm_14_alm_15_alm_16_texts_match_with_wildcards_and_a_lone_star_matches_the_rest() {
        let text = |text: &str| Limit::Text(text.to_owned());
        let def = def(
            Comparison::Equality,
            &[
                (Severity::Critical, Side::High, text("Lost*")),
                (Severity::Major, Side::High, text("*")),
                (Severity::Normal, Side::Exact, text("OK")),
            ],
        );
        let found = ["Lost", "Lost signal", "lost", "OK"].map(|value| severity(&def, value, &[]));
        assert_eq!(found, ["critical", "critical", "major", "normal"]);
    }

    #[test]
    fn alm_15_alm_25_a_discreet_number_equals_however_it_is_written() {
        let def = def(
            Comparison::Equality,
            &[(Severity::Major, Side::High, Limit::Text("2.0".to_owned()))],
        );
        assert_eq!(
            [1.0, 2.0, 3.0].map(|value| severity(&def, value, &[])),
            ["normal", "major", "normal"]
        );
    }

    #[test]
    fn alm_18_alm_19_alm_20_gop_42_thresholds_can_be_relative_to_nominal_value_times_factor() {
        let relative = |percent| AlarmDef {
            baseline: Some(Baseline {
                percent,
                nominal: Some(NOMINAL),
                factor: Some(FACTOR),
                value: None,
            }),
            ..def(
                Comparison::Range,
                &[
                    (Severity::Critical, Side::Low, Limit::Number(5.0)),
                    (Severity::Minor, Side::High, Limit::Number(50.0)),
                ],
            )
        };
        let with = |nominal: f64| [(NOMINAL, Value::Number(nominal)), (FACTOR, Value::Number(2.0))];
        let absolute = relative(false);
        let found = [15.0, 15.1, 69.9, 70.0].map(|value| severity(&absolute, value, &with(10.0)));
        assert_eq!(found, ["critical", "normal", "normal", "minor"]);
        let percent = relative(true);
        let found = [19.0, 19.1, 29.9, 30.0].map(|value| severity(&percent, value, &with(10.0)));
        assert_eq!(found, ["critical", "normal", "normal", "minor"]);
        let found = [-21.0, -20.9, -10.1, -10.0].map(|value| severity(&percent, value, &with(-10.0)));
        assert_eq!(found, ["critical", "normal", "normal", "minor"]);
        assert_eq!(severity(&percent, 1.0, &[]), "undefined");
    }

    #[test]
    fn alm_22_alm_23_other_parameters_keep_an_alarm_away() {
        let gated = AlarmDef {
            gate: Some((NOMINAL, FACTOR)),
            ..numbers()
        };
        let with = |least: f64, value: f64| [(NOMINAL, least.into()), (FACTOR, value.into())];
        assert_eq!(severity(&gated, 100.0, &with(2.0, 1.0)), "normal");
        assert_eq!(severity(&gated, 100.0, &with(2.0, 2.0)), "critical");
        let disabled = AlarmDef {
            disabled_if: Some((NOMINAL, Value::Number(0.0))),
            ..numbers()
        };
        assert_eq!(
            severity(&disabled, 100.0, &[(NOMINAL, Value::Number(0.0))]),
            "undefined"
        );
        assert_eq!(severity(&disabled, 100.0, &[(NOMINAL, Value::Number(1.0))]), "critical");
    }

    #[test]
    fn wildcards() {
        let cases = [
            ("a*c", "abbc", true),
            ("a*c", "abcd", false),
            ("?", "", false),
            ("?", "é", true),
            ("**", "", true),
            ("*a*b", "xaxxb", true),
        ];
        for (pattern, text, matching) in cases {
            assert_eq!(matches(pattern, text), matching, "{pattern} {text}");
        }
        assert!(!matches(&"a*".repeat(50), &"a".repeat(49)), "and it ends soon");
    }
}
