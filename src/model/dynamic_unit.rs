//! A number in the unit in which it is easiest to read: 1320 MB is 1.32 GB.
//!
//! Only asked for separately: the ordinary display value is never scaled. Rules: DSP-16.

use crate::model::decimal::Decimal;
use crate::model::display_text::{display_text, has_meaning};
use crate::model::param::Param;
use crate::model::value::{Value, number_text};

/// What a prefix multiplies a unit with. `KiB` counts by 1024, `kB` by 1000.
const PREFIXES: &[(&str, f64)] = &[
    ("", 1.0),
    ("n", 1e-9),
    ("u", 1e-6),
    ("m", 1e-3),
    ("c", 1e-2),
    ("d", 1e-1),
    ("da", 1e1),
    ("h", 1e2),
    ("k", 1e3),
    ("K", 1e3),
    ("M", 1e6),
    ("G", 1e9),
    ("T", 1e12),
    ("P", 1e15),
    ("E", 1e18),
    ("Z", 1e21),
    ("Y", 1e24),
    ("Ki", 1024.0),
    ("Mi", 1_048_576.0),
    ("Gi", 1_073_741_824.0),
    ("Ti", 1_099_511_627_776.0),
    ("Pi", 1_125_899_906_842_624.0),
    ("Ei", 1_152_921_504_606_846_976.0),
    ("Zi", 1_180_591_620_717_411_303_424.0),
    ("Yi", 1_208_925_819_614_629_174_706_176.0),
];

/// The significant digits a scaled number has at least, when the definition asks for one decimal or none.
const SIGNIFICANT: i32 = 3;

/// A value as a person reads it, and its unit, scaled to the best of the parameter's units.
#[must_use]
pub fn dynamic_text(param: &Param, value: &Value) -> (String, String) {
    let plain = || (display_text(param, value), param.display.units.clone());
    let Value::Number(number) = value else { return plain() };
    if has_meaning(param, value) || param.is_secret() {
        return plain();
    }
    let Some((unit, scaled, decimals)) = best(param, *number) else {
        return plain();
    };
    let text = match decimals {
        Some(decimals) => Decimal::shortest(scaled).fixed(decimals),
        None => number_text(scaled),
    };
    (format!("{text} {unit}"), unit.to_owned())
}

/// The largest unit in which the number is at least 1, else the smallest; none when the parameter's own serves best.
fn best(param: &Param, number: f64) -> Option<(&str, f64, Option<u8>)> {
    let own = param.display.units.as_str();
    let mut units: Vec<(&str, f64, Option<u8>)> = vec![(own, 1.0, param.display.decimals)];
    for dynamic in &param.display.dynamic_units {
        let ratio = ratio(own, &dynamic.unit);
        units.extend(ratio.map(|ratio| {
            (
                dynamic.unit.as_str(),
                ratio,
                dynamic.decimals.or(param.display.decimals),
            )
        }));
    }
    units.sort_by(|(_, left, _), (_, right, _)| right.total_cmp(left));
    let fits = units.iter().find(|(_, ratio, _)| (number / ratio).abs() >= 1.0);
    let (unit, ratio, decimals) = *fits.or(units.last())?;
    if unit == own {
        return None;
    }
    let scaled = number / ratio;
    let decimals = decimals.map(|decimals| match decimals {
        0 | 1 if ratio > 1.0 => {
            let needed = SIGNIFICANT - 1 - Decimal::shortest(scaled).exponent();
            decimals.max(u8::try_from(needed.max(0)).unwrap_or(u8::MAX))
        }
        more => more,
    });
    Some((unit, scaled, decimals))
}

/// How many of the first unit one of the second is, when both are the same unit with prefixes.
fn ratio(from: &str, to: &str) -> Option<f64> {
    let stems = |unit| {
        let split = move |&(prefix, factor): &(&str, f64)| Some((str::strip_prefix(unit, prefix)?, factor));
        PREFIXES.iter().filter_map(split).filter(|(stem, _)| !stem.is_empty())
    };
    stems(from).find_map(|(stem, factor)| {
        let (_, other) = stems(to).find(|(other, _)| *other == stem)?;
        Some(other / factor)
    })
}

#[cfg(test)]
mod tests {
    use super::dynamic_text;
    use crate::model::display_text::tests::param;
    use crate::model::interprete::Exception;
    use crate::model::measurement::DynamicUnit;
    use crate::model::param::{Param, ParamKind};
    use crate::model::value::{Value, ValueKind};

    fn number(unit: &str, decimals: Option<u8>, units: &[(&str, Option<u8>)]) -> Param {
        let mut param = param(1, "Size", ParamKind::Read, ValueKind::Number);
        param.display.units = unit.to_owned();
        param.display.decimals = decimals;
        let unit = |&(unit, decimals): &(&str, _)| DynamicUnit {
            unit: String::from(unit),
            decimals,
        };
        param.display.dynamic_units = units.iter().map(unit).collect();
        param
    }

    fn shown(param: &Param, value: impl Into<Value>) -> String {
        let (text, unit) = dynamic_text(param, &value.into());
        assert!(
            text.ends_with(&unit) || text == "N/A" || text == "Not initialized",
            "{text} {unit}"
        );
        text
    }

    #[test]
    fn dsp_16_a_number_moves_to_the_largest_unit_in_which_it_is_at_least_one() {
        let size = number("MB", Some(0), &[("kB", None), ("GB", None), ("TB", None)]);
        let texts =
            [1320.0, 999.0, 13_250.0, 132_000.0, 5_000_000.0, 0.5, 0.0, -1320.0].map(|value| shown(&size, value));
        assert_eq!(
            texts,
            [
                "1.32 GB", "999 MB", "13.3 GB", "132 GB", "5.00 TB", "500 kB", "0 kB", "-1.32 GB"
            ]
        );
    }

    #[test]
    fn dsp_16_each_unit_may_have_its_decimals() {
        let length = number("m", Some(2), &[("mm", Some(3)), ("cm", None), ("km", None)]);
        let texts = [0.5, 0.0015, 12.0, 12_345.0].map(|value| shown(&length, value));
        assert_eq!(texts, ["50.00 cm", "1.500 mm", "12.00 m", "12.35 km"]);
        let rate = number("bps", None, &[("kbps", None), ("Mbps", None)]);
        assert_eq!(shown(&rate, 1_250_000.0), "1.25 Mbps");
        let binary = number("B", None, &[("KiB", None), ("MiB", None)]);
        assert_eq!(shown(&binary, 1536.0), "1.5 KiB");
    }

    #[test]
    fn dsp_16_what_is_no_number_of_that_unit_is_shown_as_ever() {
        let mut size = number("MB", Some(0), &[("GB", None), ("dB", None), ("packets", None)]);
        size.interprete.exceptions = vec![Exception {
            value: 5000.0.into(),
            display: "N/A".to_owned(),
            disabled: false,
            mapped: 5000.0.into(),
        }];
        assert_eq!(shown(&size, 5000.0), "N/A");
        assert_eq!(shown(&size, Value::Uninitialised), "Not initialized");
        assert_eq!(shown(&number("items", None, &[("k", None)]), 5000.0), "5000 items");
    }
}
