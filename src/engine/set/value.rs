//! Is a value allowed, and which one does it mean? The rules that bind people; QActions are free (DSP-94).
//!
//! Rules: DSP-18, DSP-19, DSP-32 to DSP-36, DSP-58, DSP-61, DSP-74, DSP-76, DSP-78, DSP-90, DSP-92, DSP-93, TBL-100,
//! GOT-44.

use crate::engine::convert::to_kind;
use crate::engine::set::choices::{Choice, chosen, listed, offered};
use crate::engine::set::{RefusedReason, SetFacts, SetRefused, refused};
use crate::model::decimal::Decimal;
use crate::model::interprete::{Range, Rounding};
use crate::model::measurement::{Case, Measurement, MeasurementKind};
use crate::model::param::Param;
use crate::model::protocol::Protocol;
use crate::model::time_entry::{entered_time, example};
use crate::model::value::{Value, number_text, parse_number};

/// A set under examination.
pub(super) struct Set<'a> {
    pub(super) param: &'a Param,
    /// The write's own, or that of its read.
    pub(super) measurement: &'a Measurement,
    pub(super) input: &'a Value,
    pub(super) is_secret: bool,
}

impl Set<'_> {
    /// One of the choices on offer, by value or by text.
    pub(super) fn choice(&self, protocol: &Protocol, facts: &impl SetFacts) -> Result<Value, SetRefused> {
        let choices = offered(protocol, self.param, self.measurement, facts);
        if !self.input.is_initialised() {
            let pressed = self.pressed(&choices, facts);
            return self.allowed(
                protocol,
                pressed.ok_or_else(|| self.none_of(&choices, RefusedReason::Format))?,
            );
        }
        let chosen = chosen(self.param, &choices, self.input);
        self.allowed(
            protocol,
            chosen.ok_or_else(|| self.none_of(&choices, RefusedReason::NotInList))?,
        )
    }

    /// What a press without a value means: the only button there is, or the other side of a toggle button: other than
    /// what its read holds, the first when that is neither (DSP-35).
    fn pressed<'c>(&self, choices: &'c [Choice], facts: &impl SetFacts) -> Option<&'c Choice> {
        match (self.measurement.kind, choices) {
            (MeasurementKind::Button, [only]) => Some(only),
            (MeasurementKind::ToggleButton, [first, second]) => {
                let is_first = self.param.partner.is_some_and(|read| facts.value(read) == first.value);
                Some(if is_first { second } else { first })
            }
            _ => None,
        }
    }

    /// The value of a choice, unless another parameter forbids it now (DSP-78).
    fn allowed(&self, protocol: &Protocol, choice: &Choice) -> Result<Value, SetRefused> {
        let Some(other) = choice.forbidden_by else {
            return Ok(choice.value.clone());
        };
        let name = protocol.param(other).map_or("", |other| other.name.as_str());
        let what = format!("does not take {} now: {name} ({other}) forbids it", choice.display);
        Err(refused(self.param, RefusedReason::NotWritable, &what))
    }

    fn none_of(&self, choices: &[Choice], reason: RefusedReason) -> SetRefused {
        match (choices, self.measurement.dependency) {
            ([], Some(id)) => {
                let what = format!("has no choices now: they depend on parameter {id}");
                refused(self.param, reason, &what)
            }
            ([], None) => refused(self.param, reason, "has no choices"),
            (choices, _) => self.refused(reason, &format!("takes one of {}", listed(choices))),
        }
    }

    /// A number in range and on a step.
    pub(super) fn number(&self) -> Result<Value, SetRefused> {
        if let Some(value) = self.exceptional() {
            return Ok(value);
        }
        let time = self.measurement.time;
        let entered = time.and_then(|format| entered_time(format, self.input.as_text()?));
        let entered = entered.map(Value::Number);
        let input = entered.as_ref().unwrap_or(self.input);
        // What is entered is judged, not what memory keeps of its decimals.
        let number = match input {
            Value::Uninitialised => None,
            Value::Number(number) => Some(*number),
            Value::Text(text) => parse_number(text),
        };
        let Some((stored, number)) = to_kind(&self.param.interprete, input).zip(number) else {
            let example = time.map_or("such as 10 or 1.5", example);
            let what = format!("takes a number {}{example}", if time.is_some() { "or " } else { "" });
            return Err(self.refused(RefusedReason::Format, &what));
        };
        let range = self.param.display.range;
        if !range.contains(number) {
            return Err(self.refused(RefusedReason::Range, &format!("takes {}", bounds(range))));
        }
        match self.param.display.step {
            Some(step) if step > 0.0 && !is_on_step(number, range, step) => {
                let what = format!(
                    "takes steps of {}, such as {}",
                    number_text(step),
                    neighbours(number, range, step)
                );
                Err(self.refused(RefusedReason::Step, &what))
            }
            Some(_) | None => Ok(stored),
        }
    }

    /// A text of the right characters and length.
    pub(super) fn text(&self) -> Result<Value, SetRefused> {
        if let Some(value) = self.exceptional() {
            return Ok(value);
        }
        let text = match to_kind(&self.param.interprete, self.input) {
            Some(stored) if stored.is_initialised() => stored.to_text(),
            Some(_) | None => return Err(self.refused(RefusedReason::Format, "takes a text")),
        };
        if self.measurement.digits_only && !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(self.refused(RefusedReason::Format, "takes digits only"));
        }
        if self.measurement.hex && !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(self.refused(RefusedReason::Format, "takes hexadecimal digits only"));
        }
        let text = match self.measurement.case {
            Some(Case::Upper) => text.to_uppercase().into(),
            Some(Case::Lower) => text.to_lowercase().into(),
            None => text,
        };
        let length = text.chars().count();
        let range = self.param.display.range;
        if !range.contains(length as f64) {
            let given = if self.is_secret {
                String::new()
            } else {
                format!(", not {length}")
            };
            let what = format!("takes {} characters{given}", bounds(range));
            return Err(refused(self.param, RefusedReason::Length, &what));
        }
        Ok(Value::Text(text))
    }

    /// The value of a discreet that stands beside a number or text as an exception: range, step and length do not bind it
    /// (DSP-76).
    fn exceptional(&self) -> Option<Value> {
        let choices: Vec<_> = self.measurement.discreets.iter().map(Into::into).collect();
        chosen(self.param, &choices, self.input).map(|choice| choice.value.clone())
    }

    /// A refusal that says what was given, unless that is a secret.
    fn refused(&self, reason: RefusedReason, what: &str) -> SetRefused {
        let given = match self.input {
            _ if self.is_secret => String::new(),
            Value::Uninitialised => ", not null".to_owned(),
            Value::Number(number) => format!(", not {}", number_text(*number)),
            Value::Text(text) => format!(", not {}", quoted(text)),
        };
        refused(self.param, reason, &format!("{what}{given}"))
    }
}

/// The text in quotes, cut when it is long; a number as it stands.
fn quoted(text: &str) -> String {
    const SHOWN: usize = 40;
    if parse_number(text).is_some() && text.len() <= SHOWN {
        return text.trim().to_owned();
    }
    let start: String = text.chars().take(SHOWN).collect();
    let more = if start.len() < text.len() { "…" } else { "" };
    format!("{start:?}{more}")
}

/// `10 to 86400`, `at least 10`, `at most 86400`.
fn bounds(range: Range) -> String {
    match (range.low, range.high) {
        (Some(low), Some(high)) => format!("{} to {}", number_text(low), number_text(high)),
        (Some(low), None) => format!("at least {}", number_text(low)),
        (None, Some(high)) => format!("at most {}", number_text(high)),
        (None, None) => "any number of".to_owned(),
    }
}

/// Whether the number is a whole number of steps from the low end, or from zero (DSP-93).
fn is_on_step(number: f64, range: Range, step: f64) -> bool {
    let steps = (number - range.low.unwrap_or(0.0)) / step;
    (steps - steps.round()).abs() <= 1e-9 * steps.abs().max(1.0)
}

/// The allowed numbers below and above: `15 or 20`.
fn neighbours(number: f64, range: Range, step: f64) -> String {
    let base = range.low.unwrap_or(0.0);
    let below = ((number - base) / step).floor();
    // Nine decimals hide what binary fractions add to a sum such as 0.1 + 0.2.
    let candidates = [below, below + 1.0].map(|steps| {
        Decimal::shortest(base + steps * step)
            .rounded(9, Rounding::HalfEven)
            .to_number()
    });
    let allowed = candidates.into_iter().filter(|&candidate| range.contains(candidate));
    allowed.map(number_text).collect::<Vec<_>>().join(" or ")
}

#[cfg(test)]
mod tests {
    use crate::engine::set::{RefusedReason, SetFacts, SetRefused, check};
    use crate::model::display_text::tests::{discreet, param};
    use crate::model::id::ParamId;
    use crate::model::interprete::Range;
    use crate::model::measurement::{
        Availability, Case, ChoiceEffect, Listed, Measurement, MeasurementKind, TimeFormat,
    };
    use crate::model::param::{Dependency, Param, ParamKind};
    use crate::model::protocol::{Parts, Protocol};
    use crate::model::value::{Value, ValueKind};

    /// Parameter 60 holds this.
    struct Facts(Value);

    impl SetFacts for Facts {
        fn value(&self, _: ParamId) -> Value {
            self.0.clone()
        }
    }

    fn write(id: u32, name: &str, value: ValueKind, kind: MeasurementKind) -> Param {
        let mut param = param(id, name, ParamKind::Write, value);
        param.measurement = Some(Measurement::plain(kind));
        param
    }

    fn change(mut param: Param, change: impl FnOnce(&mut Measurement)) -> Param {
        change(param.measurement.as_mut().unwrap());
        param
    }

    fn in_range(mut param: Param, low: impl Into<Option<f64>>, high: impl Into<Option<f64>>) -> Param {
        param.display.range = Range {
            low: low.into(),
            high: high.into(),
        };
        param
    }

    fn set_with(param: &Param, value: impl Into<Value>, source: impl Into<Value>) -> Result<Value, SetRefused> {
        let source_param = self::param(60, "Source", ParamKind::Read, ValueKind::Text);
        let protocol = Protocol::build(Parts {
            params: vec![param.clone(), source_param],
            ..Parts::default()
        });
        check(&protocol, param, &value.into(), &Facts(source.into()))
    }

    fn set(param: &Param, value: impl Into<Value>) -> Result<Value, SetRefused> {
        set_with(param, value, Value::Uninitialised)
    }

    fn refused(result: Result<Value, SetRefused>) -> (RefusedReason, String) {
        let refused = result.unwrap_err();
        (refused.reason, refused.detail)
    }

    fn assert_refused(result: Result<Value, SetRefused>, reason: RefusedReason, detail: &str) {
        assert_eq!(refused(result), (reason, detail.to_owned()));
    }

    fn poll_interval() -> Param {
        let interval = write(52, "Poll Interval", ValueKind::Number, MeasurementKind::Number);
        in_range(interval, 10.0, 86_400.0)
    }

    fn mode() -> Param {
        let mode = write(54, "Mode", ValueKind::Number, MeasurementKind::Discreet);
        change(mode, |measurement| {
            measurement.discreets = vec![discreet(0.0, "Off"), discreet(1.0, "On"), discreet(2.0, "1")];
        })
    }

    #[test]
    fn dsp_92_par_102_a_number_in_range_is_taken_as_number_or_text() {
        assert_eq!(set(&poll_interval(), 10.0), Ok(10.0.into()));
        assert_eq!(set(&poll_interval(), " 86400 "), Ok(86_400.0.into()));
        assert_eq!(set(&poll_interval(), 12.123_456_789), Ok(12.123_456.into()), "PAR-66");
    }

    #[test]
    fn dsp_90_dsp_92_a_number_out_of_range_or_none_at_all_is_refused() {
        let interval = poll_interval();
        assert_refused(
            set(&interval, 5.0),
            RefusedReason::Range,
            "Poll Interval (52) takes 10 to 86400, not 5",
        );
        assert_refused(
            set(&interval, "abc"),
            RefusedReason::Format,
            "Poll Interval (52) takes a number such as 10 or 1.5, not \"abc\"",
        );
        for none in [Value::Uninitialised, "1,5".into(), "".into(), f64::NAN.into()] {
            assert_eq!(refused(set(&interval, none)).0, RefusedReason::Format);
        }
        let low = in_range(poll_interval(), 10.0, None);
        assert_refused(
            set(&low, "5"),
            RefusedReason::Range,
            "Poll Interval (52) takes at least 10, not 5",
        );
        let high = in_range(poll_interval(), None, 10.0);
        assert_refused(
            set(&high, 11.0),
            RefusedReason::Range,
            "Poll Interval (52) takes at most 10, not 11",
        );
    }

    #[test]
    fn dsp_93_steps_count_from_the_low_end_or_from_zero() {
        let mut param = in_range(poll_interval(), 10.0, 21.0);
        param.display.step = Some(5.0);
        assert_eq!(set(&param, 15.0), Ok(15.0.into()));
        let what = "Poll Interval (52) takes steps of 5, such as 15 or 20, not 17";
        assert_refused(set(&param, 17.0), RefusedReason::Step, what);
        let what = "Poll Interval (52) takes steps of 5, such as 20, not 21";
        assert_refused(set(&param, 21.0), RefusedReason::Step, what);
        let mut param = in_range(poll_interval(), None, None);
        param.display.step = Some(0.1);
        assert_eq!(set(&param, 0.3), Ok(0.3.into()), "within the tolerance");
        let what = "Poll Interval (52) takes steps of 0.1, such as 0.3 or 0.4, not 0.35";
        assert_refused(set(&param, 0.35), RefusedReason::Step, what);
    }

    #[test]
    fn dsp_33_dsp_74_dsp_75_a_choice_is_named_by_its_value_or_its_text() {
        let mode = mode();
        for (input, value) in [
            (1.0.into(), 1.0),
            (Value::from("1.0"), 1.0),
            ("On".into(), 1.0),
            ("1".into(), 1.0),
        ] {
            assert_eq!(set(&mode, input), Ok(value.into()), "the value counts before the text");
        }
        let what = "Mode (54) takes one of Off (0), On (1), 1 (2), not 7";
        assert_refused(set(&mode, 7.0), RefusedReason::NotInList, what);
        assert_eq!(
            refused(set(&mode, "on")).0,
            RefusedReason::NotInList,
            "texts have a case"
        );
        assert_eq!(refused(set(&mode, Value::Uninitialised)).0, RefusedReason::Format);
    }

    #[test]
    fn dsp_35_dsp_36_buttons_and_toggle_buttons() {
        let button = write(55, "Clear", ValueKind::Text, MeasurementKind::Button);
        let one = change(button, |measurement| {
            measurement.discreets = vec![discreet("clear", "Clear Table")]
        });
        for press in [Value::Uninitialised, "clear".into(), "Clear Table".into()] {
            assert_eq!(set(&one, press), Ok("clear".into()));
        }
        assert_refused(
            set(&one, "other"),
            RefusedReason::NotInList,
            "Clear (55) takes one of Clear Table (clear), not \"other\"",
        );
        let two = change(one, |measurement| measurement.discreets.push(discreet("all", "all")));
        assert_refused(
            set(&two, Value::Uninitialised),
            RefusedReason::Format,
            "Clear (55) takes one of Clear Table (clear), all, not null",
        );
        let toggle = change(mode(), |measurement| measurement.kind = MeasurementKind::ToggleButton);
        assert_eq!(set(&toggle, "Off"), Ok(0.0.into()));
        assert_eq!(
            refused(set(&toggle, Value::Uninitialised)).0,
            RefusedReason::Format,
            "it has three sides"
        );
    }

    #[test]
    fn dsp_70_dsp_71_choices_come_from_another_parameter() {
        let list = write(56, "Input", ValueKind::Text, MeasurementKind::Discreet);
        let list = change(list, |measurement| {
            measurement.dependency = Some(ParamId(60));
            measurement.discreets = vec![discreet("0", "None")];
        });
        assert_eq!(set_with(&list, "b", "a;b"), Ok("b".into()));
        assert_eq!(set_with(&list, "None", "a;b"), Ok("0".into()));
        let what = "Input (56) takes one of None (0), a, b, not \"c\"";
        assert_refused(set_with(&list, "c", "a;b"), RefusedReason::NotInList, what);
        let empty = change(list, |measurement| measurement.discreets.clear());
        let what = "Input (56) has no choices now: they depend on parameter 60";
        assert_refused(set(&empty, "a"), RefusedReason::NotInList, what);
        let combo = change(empty, |measurement| measurement.kind = MeasurementKind::Text);
        assert_eq!(set(&combo, "anything"), Ok("anything".into()));
    }

    #[test]
    fn dsp_72_gop_23_choices_are_offered_for_what_the_other_parameter_shows() {
        let list = write(56, "Input", ValueKind::Text, MeasurementKind::Discreet);
        let list = change(list, |measurement| {
            measurement.dependency = Some(ParamId(60));
            let mut sdi = discreet("1", "SDI 1");
            sdi.dependency_values = Some(vec!["SDI".to_owned(), "Both".to_owned()]);
            measurement.discreets = vec![sdi, discreet("9", "never shown")];
        });
        assert_eq!(set_with(&list, "1", "Both"), Ok("1".into()));
        assert_eq!(refused(set_with(&list, "1", "IP")).0, RefusedReason::NotInList);
        assert_eq!(refused(set_with(&list, "9", "SDI")).0, RefusedReason::NotInList);
    }

    /// A write of these choices; parameter 60 decides about the second one.
    fn clear_or_all(rule: Option<Availability>) -> Param {
        let button = write(55, "Clear", ValueKind::Text, MeasurementKind::Button);
        change(button, |measurement| {
            let mut all = discreet("all", "All");
            all.availability = rule;
            measurement.discreets = vec![discreet("one", "One"), all];
        })
    }

    #[test]
    fn dsp_78_a_choice_may_be_forbidden_by_the_value_of_another_parameter() {
        let rule = |listed| {
            let values = vec!["busy".into(), Value::Uninitialised];
            Some(Availability {
                param: ParamId(60),
                values,
                listed,
            })
        };
        let disabled = clear_or_all(rule(Listed::Disables));
        let what = "Clear (55) does not take All now: Source (60) forbids it";
        for forbidding in [Value::from("busy"), Value::Uninitialised] {
            assert_refused(set_with(&disabled, "all", forbidding), RefusedReason::NotWritable, what);
        }
        assert_eq!(set_with(&disabled, "all", "idle"), Ok("all".into()));
        assert_eq!(set_with(&disabled, "one", "busy"), Ok("one".into()));
        let enabled = clear_or_all(rule(Listed::Enables));
        assert_eq!(set_with(&enabled, "All", "busy"), Ok("all".into()));
        assert_eq!(set_with(&enabled, "all", Value::Uninitialised), Ok("all".into()));
        assert_refused(set_with(&enabled, "all", "idle"), RefusedReason::NotWritable, what);
    }

    #[test]
    fn dsp_79_what_opens_a_link_is_not_set() {
        let param = change(clear_or_all(None), |measurement| {
            measurement.discreets[1].effect = ChoiceEffect::Opens;
        });
        let what = "Clear (55) takes one of One (one), not \"all\"";
        assert_refused(set(&param, "all"), RefusedReason::NotInList, what);
    }

    #[test]
    fn dsp_35_gop_28_a_press_of_a_toggle_button_sets_the_other_side_of_its_read() {
        let toggle = change(
            write(55, "Power", ValueKind::Text, MeasurementKind::ToggleButton),
            |measurement| {
                measurement.discreets = vec![discreet("0", "Off"), discreet("1", "On")];
            },
        );
        let toggle = Param {
            partner: Some(ParamId(60)),
            ..toggle
        };
        let pressed = |read: Value| set_with(&toggle, Value::Uninitialised, read);
        assert_eq!(pressed("0".into()), Ok("1".into()));
        assert_eq!(pressed("1".into()), Ok("0".into()));
        assert_eq!(
            pressed(Value::Uninitialised),
            Ok("0".into()),
            "the first one is offered"
        );
    }

    #[test]
    fn dsp_62_a_cell_is_not_set_while_another_one_forbids_it() {
        let name = write(53, "Name", ValueKind::Text, MeasurementKind::Text);
        let name = change(name, |measurement| {
            measurement.disable_write = Some((ParamId(60), "locked".into()))
        });
        assert_eq!(set_with(&name, "a", "free"), Ok("a".into()));
        let what = "Name (53) cannot be set in this row: the value of Source (60) forbids it";
        assert_refused(set_with(&name, "a", "locked"), RefusedReason::NotWritable, what);
    }

    #[test]
    fn par_50_dsp_90_a_set_needs_what_it_depends_on() {
        let depends = |post_set| {
            let dependency = Dependency {
                param: ParamId(60),
                post_set,
            };
            Param {
                dependencies: vec![dependency],
                ..poll_interval()
            }
        };
        assert_eq!(set_with(&depends(false), 15.0, "filled"), Ok(15.0.into()));
        assert_eq!(
            set_with(&depends(false), 15.0, ""),
            Ok(15.0.into()),
            "an empty text is a value"
        );
        let what = "Poll Interval (52) needs Source (60), which is not initialized: fill that first";
        assert_refused(set(&depends(false), "no number"), RefusedReason::Dependency, what);
        assert_eq!(set(&depends(true), 15.0), Ok(15.0.into()), "looked at afterwards");
    }

    #[test]
    fn dsp_58_times_and_dates_are_entered_as_texts_or_set_as_numbers() {
        let mut at = change(
            write(52, "At", ValueKind::Number, MeasurementKind::Number),
            |measurement| {
                measurement.time = Some(TimeFormat::DateTime);
            },
        );
        at.interprete.decimals = 8;
        assert_eq!(set(&at, "2023-03-15 10:30:00"), Ok(45_000.437_5.into()));
        assert_eq!(set(&at, 45_000.437_5), Ok(45_000.437_5.into()));
        assert_eq!(set(&at, "45000.4375"), Ok(45_000.437_5.into()));
        let what = "At (52) takes a number or a date and time such as 2023-03-15 10:30, not \"tomorrow\"";
        assert_refused(set(&at, "tomorrow"), RefusedReason::Format, what);
        let period = change(poll_interval(), |measurement| {
            measurement.time = Some(TimeFormat::Seconds)
        });
        assert_eq!(set(&period, "1h 01m"), Ok(3660.0.into()));
        assert_eq!(
            refused(set(&period, "5s")).0,
            RefusedReason::Range,
            "the range holds for it too"
        );
    }

    #[test]
    fn dsp_1_a_parameter_that_is_not_displayed_gives_no_choices() {
        let list = write(56, "Input", ValueKind::Text, MeasurementKind::Discreet);
        let list = change(list, |measurement| measurement.dependency = Some(ParamId(60)));
        let mut hidden = param(60, "Source", ParamKind::Read, ValueKind::Text);
        hidden.display.rtdisplay = false;
        let protocol = Protocol::build(Parts {
            params: vec![list.clone(), hidden],
            ..Parts::default()
        });
        let result = check(&protocol, &list, &"a".into(), &Facts("a;b".into()));
        assert_eq!(refused(result).0, RefusedReason::NotInList);
    }

    #[test]
    fn dsp_76_an_exception_beside_a_number_is_not_bound_by_the_range() {
        let param = change(poll_interval(), |measurement| {
            measurement.discreets = vec![discreet(-1.0, "Never")]
        });
        assert_eq!(set(&param, -1.0), Ok((-1.0).into()));
        assert_eq!(set(&param, "Never"), Ok((-1.0).into()));
        assert_eq!(refused(set(&param, -2.0)).0, RefusedReason::Range);
    }

    #[test]
    fn dsp_32_gop_26_the_range_of_a_text_is_its_length() {
        let name = write(53, "Name", ValueKind::Text, MeasurementKind::Text);
        let name = in_range(name, 1.0, 3.0);
        assert_eq!(set(&name, "äöü"), Ok("äöü".into()), "characters, not bytes");
        assert_eq!(set(&name, 1.5), Ok("1.5".into()));
        assert_refused(
            set(&name, ""),
            RefusedReason::Length,
            "Name (53) takes 1 to 3 characters, not 0",
        );
        assert_refused(
            set(&name, "four"),
            RefusedReason::Length,
            "Name (53) takes 1 to 3 characters, not 4",
        );
        assert_refused(
            set(&name, Value::Uninitialised),
            RefusedReason::Format,
            "Name (53) takes a text, not null",
        );
    }

    #[test]
    fn dsp_18_dsp_19_dsp_61_which_characters_a_text_takes() {
        let plain = || write(53, "Name", ValueKind::Text, MeasurementKind::Text);
        let upper = change(plain(), |measurement| measurement.case = Some(Case::Upper));
        assert_eq!(set(&upper, "aB1"), Ok("AB1".into()));
        let lower = change(plain(), |measurement| measurement.case = Some(Case::Lower));
        assert_eq!(set(&lower, "aB1"), Ok("ab1".into()));
        let digits = change(plain(), |measurement| measurement.digits_only = true);
        assert_eq!(set(&digits, "007"), Ok("007".into()));
        assert_refused(
            set(&digits, "7a"),
            RefusedReason::Format,
            "Name (53) takes digits only, not \"7a\"",
        );
        let hex = change(plain(), |measurement| measurement.hex = true);
        assert_eq!(set(&hex, "fF0"), Ok("fF0".into()));
        assert_eq!(refused(set(&hex, "g")).0, RefusedReason::Format);
        let hex = change(hex, |measurement| measurement.kind = MeasurementKind::Number);
        assert_eq!(set(&hex, "FF"), Ok("FF".into()));
    }

    #[test]
    fn gop_44_a_secret_is_in_no_message() {
        let secret = write(57, "Pin", ValueKind::Text, MeasurementKind::Text);
        let secret = change(secret, |measurement| {
            measurement.password = true;
            measurement.digits_only = true;
        });
        let what = "Pin (57) takes digits only";
        assert_refused(set(&secret, "hush"), RefusedReason::Format, what);
        let long = in_range(secret.clone(), 8.0, None);
        let what = "Pin (57) takes at least 8 characters";
        assert_refused(set(&long, "1234"), RefusedReason::Length, what);
        // The write of a read that is a password is one too.
        let write = Param {
            partner: Some(ParamId(58)),
            ..poll_interval()
        };
        let mut read = param(58, "Poll Interval", ParamKind::Read, ValueKind::Number);
        read.measurement = secret.measurement;
        let protocol = Protocol::build(Parts {
            params: vec![write.clone(), read],
            ..Parts::default()
        });
        let result = check(&protocol, &write, &5.0.into(), &Facts(Value::Uninitialised));
        assert_refused(result, RefusedReason::Range, "Poll Interval (52) takes 10 to 86400");
    }

    #[test]
    fn dsp_90_what_is_not_shown_is_refused_before_its_value_is_looked_at() {
        let mut hidden = poll_interval();
        hidden.display.rtdisplay = false;
        assert_eq!(refused(set(&hidden, 5.0)).0, RefusedReason::NotDisplayed);
        let read = Param {
            kind: ParamKind::Read,
            ..poll_interval()
        };
        assert_eq!(refused(set(&read, 5.0)).0, RefusedReason::NotWritable);
    }

    #[test]
    fn tbl_100_a_write_without_measurement_has_that_of_its_read() {
        let mut write = param(52, "Mode", ParamKind::Write, ValueKind::Number);
        write.partner = Some(ParamId(54));
        let read = Param {
            kind: ParamKind::Read,
            ..mode()
        };
        let protocol = Protocol::build(Parts {
            params: vec![write.clone(), read],
            ..Parts::default()
        });
        let set = |value: Value| check(&protocol, &write, &value, &Facts(Value::Uninitialised));
        assert_eq!(set("On".into()), Ok(1.0.into()));
        assert_eq!(refused(set(7.0.into())).0, RefusedReason::NotInList);
        let alone = Param {
            partner: None,
            ..write.clone()
        };
        assert_eq!(self::set(&alone, "7"), Ok(7.0.into()), "DSP-11");
    }

    #[test]
    fn a_long_text_is_cut_in_a_message() {
        let (_, detail) = refused(set(&poll_interval(), "x".repeat(5000)));
        assert!(detail.len() < 150 && detail.ends_with("x\"…"), "{detail}");
    }
}
