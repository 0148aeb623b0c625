//! A value as a person reads it.
//!
//! Rules: DSP-10 to DSP-18, DSP-51 to DSP-60. Nothing here changes what memory holds.

use crate::model::decimal::Decimal;
use crate::model::interprete::Rounding;
use crate::model::measurement::Scientific;
use crate::model::param::Param;
use crate::model::time_text::time_text;
use crate::model::value::{Value, number_text};

/// The text for a value that was never filled.
pub const NOT_INITIALIZED: &str = "Not initialized";

/// What stands for the value of a secret (DSP-60).
pub const MASK: &str = "********";

/// The value as a person reads it, with the unit.
#[must_use]
pub fn display_text(param: &Param, value: &Value) -> String {
    if !value.is_initialised() {
        return NOT_INITIALIZED.to_owned();
    }
    if param.is_secret() {
        return MASK.to_owned();
    }
    if let Some(meaning) = exception_text(param, value).or_else(|| discreet_text(param, value)) {
        return meaning.to_owned();
    }
    let text = match value {
        Value::Uninitialised => return NOT_INITIALIZED.to_owned(),
        Value::Text(text) => plain_text(param, text),
        Value::Number(number) => match param.measurement.as_ref().and_then(|measurement| measurement.time) {
            // A number beyond what a time can be stands as it is; a time has no unit.
            Some(format) => return time_text(format, *number).unwrap_or_else(|| number_text(*number)),
            None => measured_text(param, *number),
        },
    };
    if text.is_empty() {
        return text;
    }
    if param.display.units.is_empty() {
        return text;
    }
    format!("{text} {}", param.display.units)
}

/// Whether an exception or a discreet says what the value means.
pub(crate) fn has_meaning(param: &Param, value: &Value) -> bool {
    exception_text(param, value).is_some() || discreet_text(param, value).is_some()
}

/// What the parameter's exception, or its `Other`, says about the value (PAR-73, PAR-74, PAR-76).
pub(crate) fn exception_text<'a>(param: &'a Param, value: &Value) -> Option<&'a str> {
    let mut exceptions = param.interprete.exceptions.iter();
    let mut others = param.interprete.others.iter();
    let exception = exceptions.find(|exception| exception.value == *value);
    let mut other = || others.find(|other| other.value == *value);
    exception
        .map(|exception| exception.display.as_str())
        .or_else(|| other().map(|other| other.display.as_str()))
}

/// A text, without what cannot be printed where the definition asks for that (PAR-70).
fn plain_text(param: &Param, text: &str) -> String {
    if param.interprete.printable_only {
        text.chars().filter(|character| !character.is_control()).collect()
    } else {
        text.to_owned()
    }
}

/// What the parameter's first discreet with this value says about it (DSP-34, DSP-75).
pub(crate) fn discreet_text<'a>(param: &'a Param, value: &Value) -> Option<&'a str> {
    let mut discreets = param.measurement.as_ref()?.discreets.iter();
    let discreet = discreets.find(|discreet| discreet.value == *value)?;
    Some(&discreet.display)
}

/// A number with the decimals a person sees (DSP-13, DSP-14), without the unit.
pub(crate) fn decimal_text(param: &Param, number: f64) -> String {
    match param.display.decimals {
        Some(decimals) => Decimal::shortest(number).fixed(decimals),
        None => number_text(number),
    }
}

/// A number as the measurement has it.
fn measured_text(param: &Param, number: f64) -> String {
    let Some(measurement) = &param.measurement else {
        return decimal_text(param, number);
    };
    if let Some(scientific) = measurement.scientific {
        return scientific_text(scientific, number, param.display.decimals.unwrap_or(0));
    }
    if measurement.hex
        && let Some(text) = hex_text(number)
    {
        return text;
    }
    decimal_text(param, number)
}

/// `1.235E+004`, or `12.345E+003` with an exponent that is a multiple of three (DSP-17).
fn scientific_text(scientific: Scientific, number: f64, decimals: u8) -> String {
    let power = |exponent: i32| match scientific {
        Scientific::Universal => exponent,
        Scientific::Engineering => exponent.div_euclid(3) * 3,
    };
    let digits = Decimal::shortest(number);
    let first = power(digits.exponent());
    // Rounding may add a digit in front: 9.9996 becomes 10.000, which is 1.000 of the next power.
    let rounded = digits
        .clone()
        .divided_by_ten_to(first)
        .rounded(decimals, Rounding::HalfToInfinity);
    let power = power(first + rounded.exponent());
    let mantissa = digits.divided_by_ten_to(power).fixed(decimals);
    let sign = if power < 0 { '-' } else { '+' };
    format!("{mantissa}E{sign}{:03}", power.abs())
}

/// The whole part in hexadecimal digits (DSP-18); none beyond 2^53, where floats have gaps.
fn hex_text(number: f64) -> Option<String> {
    let magnitude = number.abs().trunc();
    if magnitude > 9_007_199_254_740_992.0 {
        return None;
    }
    // Checked to be a whole number in range.
    let digits = format!("{:X}", magnitude as u64);
    let sign = if number <= -1.0 { "-" } else { "" };
    Some(format!("{sign}{digits}"))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{MASK, NOT_INITIALIZED, display_text};
    use crate::model::id::ParamId;
    use crate::model::interprete::{Exception, Other};
    use crate::model::measurement::{Discreet, Measurement, MeasurementKind, Scientific, TimeFormat};
    use crate::model::param::{Param, ParamKind};
    use crate::model::value::{Value, ValueKind};

    /// A parameter of a test: shown, and otherwise plain.
    pub(crate) fn param(id: u32, name: &str, kind: ParamKind, value: ValueKind) -> Param {
        let mut param = Param::plain(ParamId(id), name, kind);
        param.interprete.kind = value;
        param.display.rtdisplay = true;
        param
    }

    /// A choice of a test.
    pub(crate) fn discreet(value: impl Into<Value>, display: &str) -> Discreet {
        Discreet::plain(value.into(), display)
    }

    fn number() -> Param {
        let mut param = param(1, "Number", ParamKind::Read, ValueKind::Number);
        param.measurement = Some(Measurement::plain(MeasurementKind::Number));
        param
    }

    fn measured(kind: MeasurementKind, change: impl FnOnce(&mut Measurement)) -> Param {
        let mut measurement = Measurement::plain(kind);
        change(&mut measurement);
        Param {
            measurement: Some(measurement),
            ..number()
        }
    }

    fn text(param: &Param, value: impl Into<Value>) -> String {
        display_text(param, &value.into())
    }

    #[test]
    fn dsp_10_an_exception_comes_before_a_discreet_and_before_the_number() {
        let mut param = measured(MeasurementKind::Discreet, |measurement| {
            measurement.discreets = vec![discreet(1.0, "OK"), discreet(-1.0, "hidden"), discreet(1.0, "repeated")];
        });
        param.interprete.exceptions = vec![Exception {
            value: (-1.0).into(),
            display: "N/A".to_owned(),
            disabled: true,
            mapped: (-1.0).into(),
        }];
        param.display.units = "dB".to_owned();
        let shown = [Value::Uninitialised, (-1.0).into(), 1.0.into(), 7.0.into()].map(|value| text(&param, value));
        assert_eq!(shown, [NOT_INITIALIZED, "N/A", "OK", "7 dB"]);
    }

    #[test]
    fn par_74_dsp_75_texts_are_matched_exactly_and_empty_is_not_uninitialised() {
        let mut param = measured(MeasurementKind::Text, |measurement| {
            measurement.discreets = vec![discreet("On", "Running")];
        });
        param.interprete.kind = ValueKind::Text;
        param.interprete.exceptions = vec![Exception {
            value: "".into(),
            display: "None".to_owned(),
            disabled: false,
            mapped: "".into(),
        }];
        assert_eq!(
            ["", "On", "on"].map(|value| text(&param, value)),
            ["None", "Running", "on"]
        );
        assert_eq!(text(&param, Value::Uninitialised), NOT_INITIALIZED);
    }

    #[test]
    fn par_73_par_75_par_76_dsp_12_exceptions_and_others_say_what_a_value_means() {
        let mut param = number();
        let exception = |value: f64, display: &str| Exception {
            value: value.into(),
            display: display.to_owned(),
            disabled: true,
            mapped: (-100.0).into(),
        };
        param.interprete.exceptions = vec![exception(-1.0, "N/A"), exception(0.125, "Eighth")];
        param.interprete.others = vec![Other {
            symbol: ParamId(9),
            value: (-2.0).into(),
            display: "Off".to_owned(),
            disabled: false,
        }];
        assert_eq!(text(&param, -1.0), "N/A");
        assert_eq!(text(&param, -2.0), "Off");
        assert_eq!(text(&param, -100.0), "-100", "the mapped value is for records only");
        // With two decimals memory never holds the value that the exception asks for.
        param.interprete.decimals = 2;
        let kept = Value::from(0.12);
        assert_eq!([text(&param, 0.125), text(&param, kept)], ["Eighth", "0.12"]);
    }

    #[test]
    fn dsp_13_dsp_14_dsp_15_decimals_and_units() {
        let mut param = number();
        param.display.units = "dB".to_owned();
        assert_eq!(text(&param, 12.345_678), "12.345678 dB");
        param.display.decimals = Some(2);
        assert_eq!(
            [12.3, 1.005, -1.005].map(|value| text(&param, value)),
            ["12.30 dB", "1.01 dB", "-1.01 dB"]
        );
        assert_eq!(text(&param, "text"), "text dB");
        assert_eq!(text(&param, ""), "");
    }

    #[test]
    fn dsp_11_without_measurement_the_value_stands_as_it_is() {
        let param = param(1, "Plain", ParamKind::Read, ValueKind::Number);
        assert_eq!(text(&param, 1.5), "1.5");
        assert_eq!(text(&param, "text"), "text");
    }

    #[test]
    fn dsp_15_dsp_51_a_time_has_no_unit() {
        let mut param = measured(MeasurementKind::Number, |measurement| {
            measurement.time = Some(TimeFormat::Seconds);
        });
        param.display.units = "s".to_owned();
        assert_eq!(text(&param, 123.456), "02m 03s");
        assert_eq!(text(&param, 1e300), "1E+300", "no time can be that long");
    }

    #[test]
    fn par_70_a_filter_leaves_out_what_cannot_be_printed() {
        let mut param = param(1, "Plain", ParamKind::Read, ValueKind::Text);
        assert_eq!(text(&param, "a\u{1}b\r\nä"), "a\u{1}b\r\nä");
        param.interprete.printable_only = true;
        assert_eq!(text(&param, "a\u{1}b\r\nä"), "abä");
        assert_eq!(text(&param, "\u{7}"), "");
    }

    #[test]
    fn dsp_17_scientific_notation() {
        let with = |scientific, decimals, value: f64| {
            let mut param = measured(MeasurementKind::Number, |measurement| {
                measurement.scientific = Some(scientific)
            });
            param.display.decimals = decimals;
            text(&param, value)
        };
        let universal =
            [12345.0, 9999.96, 0.0, -0.000_123_4, 5e-324].map(|value| with(Scientific::Universal, Some(3), value));
        assert_eq!(
            universal,
            ["1.235E+004", "1.000E+004", "0.000E+000", "-1.234E-004", "5.000E-324"]
        );
        let engineering = [12345.0, 999.999_9, 0.012, 1e6].map(|value| with(Scientific::Engineering, Some(3), value));
        assert_eq!(engineering, ["12.345E+003", "1.000E+003", "12.000E-003", "1.000E+006"]);
        assert_eq!(with(Scientific::Universal, None, 12345.0), "1E+004");
    }

    #[test]
    fn dsp_18_hexadecimal() {
        let param = measured(MeasurementKind::Number, |measurement| measurement.hex = true);
        let shown = [255.0, 0.0, -16.9, -0.5, 1e17].map(|value| text(&param, value));
        assert_eq!(shown, ["FF", "0", "-10", "0", "1E+17"]);
    }

    #[test]
    fn dsp_60_gop_44_a_password_is_never_shown() {
        let param = measured(MeasurementKind::Text, |measurement| {
            measurement.password = true;
            measurement.discreets = vec![discreet("secret", "the word secret")];
        });
        assert_eq!(text(&param, "secret"), MASK);
        assert_eq!(text(&param, ""), MASK, "not even how long it is");
        assert_eq!(text(&param, Value::Uninitialised), NOT_INITIALIZED);
    }
}
