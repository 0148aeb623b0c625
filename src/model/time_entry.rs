//! Durations, times of day and dates as a person enters them: the way back from `time_text`.
//!
//! Rules: DSP-54, DSP-55, DSP-57, DSP-58.

use crate::model::measurement::TimeFormat;
use crate::model::time_text::OLE_EPOCH;

const SECONDS_A_DAY: f64 = 86_400.0;

/// The number that the entered text stands for; none when it is no time of that form.
pub(crate) fn entered_time(format: TimeFormat, text: &str) -> Option<f64> {
    let text = text.trim();
    match format {
        TimeFormat::Seconds => duration(text),
        TimeFormat::Minutes => duration(text).map(|seconds| seconds / 60.0),
        TimeFormat::Hours => duration(text).map(|seconds| seconds / 3600.0),
        TimeFormat::TimeOfDay => clock(text),
        TimeFormat::MinuteOfDay => clock(text).map(|seconds| seconds / 60.0),
        TimeFormat::Date => day(text),
        TimeFormat::DateTime | TimeFormat::DateTimeMinute => {
            let (date, time) = text.split_once([' ', 'T'])?;
            let (day, fraction) = (day(date)?, clock(time)? / SECONDS_A_DAY);
            // The fraction of a day before the epoch goes forward all the same (DSP-57).
            Some(if day < 0.0 { day - fraction } else { day + fraction })
        }
    }
}

/// What may be entered, for a message.
pub(crate) const fn example(format: TimeFormat) -> &'static str {
    match format {
        TimeFormat::Seconds | TimeFormat::Minutes | TimeFormat::Hours => "a duration such as 1 day 02h 03m 04s",
        TimeFormat::TimeOfDay | TimeFormat::MinuteOfDay => "a time of day such as 23:59",
        TimeFormat::Date => "a date such as 2023-03-15",
        TimeFormat::DateTime | TimeFormat::DateTimeMinute => "a date and time such as 2023-03-15 10:30",
    }
}

/// `1 day 02h 03m 04s` with any of its parts, or `26:03:04`, in seconds.
fn duration(text: &str) -> Option<f64> {
    match text.strip_prefix('-') {
        Some(text) => positive_duration(text).map(|seconds| -seconds),
        None => positive_duration(text),
    }
}

fn positive_duration(text: &str) -> Option<f64> {
    if text.contains(':') {
        return hours_minutes_seconds(text, u32::MAX);
    }
    const UNITS: [(&[&str], f64); 4] = [
        (&["days", "day", "d"], SECONDS_A_DAY),
        (&["h"], 3600.0),
        (&["m"], 60.0),
        (&["s"], 1.0),
    ];
    let mut units = UNITS.iter();
    let mut rest = text;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let amount = number(&rest[..digits])?;
        rest = rest[digits..].trim_start();
        let letters = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        // Each unit once, the larger ones first.
        let (_, factor) = units.find(|(names, _)| names.contains(&&rest[..letters]))?;
        seconds += f64::from(amount) * factor;
        rest = rest[letters..].trim_start();
    }
    (!text.is_empty()).then_some(seconds)
}

/// `HH:MM` or `HH:MM:SS` of a day, in seconds since midnight.
fn clock(text: &str) -> Option<f64> {
    hours_minutes_seconds(text, 23)
}

fn hours_minutes_seconds(text: &str, last_hour: u32) -> Option<f64> {
    let mut parts = text.split(':').map(number);
    let hour = parts.next()?.filter(|&hour| hour <= last_hour)?;
    let minute = parts.next()?.filter(|&minute| minute < 60)?;
    let second = match parts.next() {
        Some(second) => second.filter(|&second| second < 60)?,
        None => 0,
    };
    let seconds = f64::from(hour) * 3600.0 + f64::from(minute) * 60.0 + f64::from(second);
    parts.next().is_none().then_some(seconds)
}

/// `YYYY-MM-DD` as a day since 1899-12-30. Years begin in March here, so that the leap day is a year's last.
fn day(text: &str) -> Option<f64> {
    let mut parts = text.split('-');
    let year = parts.next().filter(|year| year.len() == 4).and_then(number)?;
    let month = parts.next().filter(|month| month.len() == 2).and_then(number)?;
    let day = parts.next().filter(|day| day.len() == 2).and_then(number)?;
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if parts.next().is_some() || year < 100 || !(1..=days).contains(&day) {
        return None;
    }
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let since_march = i64::from((153 * month + 2) / 5 + day - 1);
    let year = i64::from(year);
    // At most four digits of years: the day is exact as a float.
    Some((365 * year + year / 4 - year / 100 + year / 400 + since_march - OLE_EPOCH) as f64)
}

/// Digits without a sign.
fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::entered_time;
    use crate::model::measurement::TimeFormat;
    use crate::model::time_text::time_text;

    fn entered<const N: usize>(format: TimeFormat, texts: [&str; N]) -> [Option<f64>; N] {
        texts.map(|text| entered_time(format, text))
    }

    #[test]
    fn dsp_58_a_duration_is_entered_as_it_is_shown() {
        let texts = [
            "02m 03s",
            "1 day 01h 01m 01s",
            "2 days",
            "90s",
            "1d2h",
            "26:03:04",
            "-01m 01s",
            "00s",
        ];
        let seconds = [123.0, 90_061.0, 172_800.0, 90.0, 93_600.0, 93_784.0, -61.0, 0.0].map(Some);
        assert_eq!(entered(TimeFormat::Seconds, texts), seconds);
        assert_eq!(
            entered(TimeFormat::Minutes, ["02h 03m 30s", "01h"]),
            [Some(123.5), Some(60.0)]
        );
        assert_eq!(
            entered(TimeFormat::Hours, ["5 days 03h 30m", "30m"]),
            [Some(123.5), Some(0.5)]
        );
        let wrong = [
            "", "s", "1s 2m", "1m 2m", "1.5h", "1 week", "1:60", "1:2:3:4", "--1s", "12",
        ];
        assert_eq!(entered(TimeFormat::Seconds, wrong), [None; 10]);
    }

    #[test]
    fn dsp_54_dsp_58_a_time_of_day_is_entered_as_hours_and_minutes() {
        assert_eq!(
            entered(TimeFormat::TimeOfDay, ["12:34:56", "0:01"]),
            [Some(45_296.0), Some(60.0)]
        );
        assert_eq!(
            entered(TimeFormat::MinuteOfDay, ["12:34", "24:00"]),
            [Some(754.0), None]
        );
    }

    #[test]
    fn dsp_55_dsp_58_dates_are_entered_as_iso_dates() {
        let texts = [
            "2023-03-15",
            "2000-02-29",
            "1899-12-30",
            "1899-12-29",
            "0100-01-01",
            "9999-12-31",
        ];
        let days = [45_000.0, 36_585.0, 0.0, -1.0, -657_434.0, 2_958_465.0].map(Some);
        assert_eq!(entered(TimeFormat::Date, texts), days);
        let wrong = [
            "2023-02-29",
            "1900-02-29",
            "2023-13-01",
            "2023-00-10",
            "2023-3-15",
            "15-03-2023",
            "2023-03-15 10:00",
        ];
        assert_eq!(entered(TimeFormat::Date, wrong), [None; 7]);
        let texts = [
            "2023-03-15 10:30:00",
            "2023-03-15T10:30",
            "1899-12-29 06:00",
            "2023-03-15",
            "2023-03-15 25:00",
        ];
        let numbers = [Some(45_000.437_5), Some(45_000.437_5), Some(-1.25), None, None];
        assert_eq!(entered(TimeFormat::DateTime, texts), numbers);
    }

    #[test]
    fn what_is_entered_is_what_is_shown() {
        for day in (-657_433..2_958_465).step_by(9973) {
            for fraction in [0.0, 0.25, 0.999] {
                let number = if day < 0 {
                    f64::from(day) - fraction
                } else {
                    f64::from(day) + fraction
                };
                let shown = time_text(TimeFormat::DateTime, number).unwrap();
                let again = entered_time(TimeFormat::DateTime, &shown).unwrap();
                assert!((again - number).abs() < 1e-5, "{number}: {shown}");
            }
        }
    }
}
