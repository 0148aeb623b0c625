//! Durations, times of day and dates as a person reads them.
//!
//! Dates are OLE Automation dates: days since 1899-12-30, the fraction being the time of day. The wall clock stored is
//! the wall clock shown. Rules: DSP-51 to DSP-57.

use crate::model::measurement::TimeFormat;

const SECONDS_A_DAY: i64 = 86_400;

/// Days from 0000-03-01, where the calendar's years begin for the calculation, to 1899-12-30.
pub(crate) const OLE_EPOCH: i64 = 693_899;

/// The OLE dates of the years 100 to 9999.
const OLE_DATES: std::ops::RangeInclusive<f64> = -657_434.0..=2_958_465.999_99;

/// The number as a time; none when it is beyond what a time or date can be.
pub(crate) fn time_text(format: TimeFormat, number: f64) -> Option<String> {
    match format {
        TimeFormat::Seconds => duration(number, Unit::Second),
        TimeFormat::Minutes => duration(number * 60.0, Unit::Minute),
        TimeFormat::Hours => duration(number * 3600.0, Unit::Hour),
        TimeFormat::TimeOfDay => {
            let (hour, minute, second) = clock(whole_seconds(number)?);
            Some(format!("{hour:02}:{minute:02}:{second:02}"))
        }
        TimeFormat::MinuteOfDay => {
            let (hour, minute, _) = clock(whole_seconds(number * 60.0)?);
            Some(format!("{hour:02}:{minute:02}"))
        }
        TimeFormat::Date => {
            let (day, _) = ole_date(number)?;
            Some(date(day))
        }
        TimeFormat::DateTime => {
            let (day, second) = ole_date(number)?;
            let (hour, minute, second) = clock(second);
            Some(format!("{} {hour:02}:{minute:02}:{second:02}", date(day)))
        }
        TimeFormat::DateTimeMinute => {
            let (day, second) = ole_date(number)?;
            let (hour, minute, _) = clock(second);
            Some(format!("{} {hour:02}:{minute:02}", date(day)))
        }
    }
}

/// The unit a duration is stored in: smaller ones are shown only when they are not zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Unit {
    Second,
    Minute,
    Hour,
}

/// `5 days 03h 27m 21s`, without the units above the first that is not zero (DSP-53).
fn duration(seconds: f64, stored_in: Unit) -> Option<String> {
    let total = whole_seconds(seconds.abs())?;
    let days = total / SECONDS_A_DAY;
    let (hour, minute, second) = clock(total);
    let smallest = match stored_in {
        Unit::Second => Unit::Second,
        Unit::Minute | Unit::Hour if second != 0 => Unit::Second,
        Unit::Hour if minute == 0 => Unit::Hour,
        Unit::Minute | Unit::Hour => Unit::Minute,
    };
    let mut parts = Vec::new();
    if days > 0 {
        parts.push(format!("{days} {}", if days == 1 { "day" } else { "days" }));
    }
    for (unit, amount, letter) in [
        (Unit::Hour, hour, 'h'),
        (Unit::Minute, minute, 'm'),
        (Unit::Second, second, 's'),
    ] {
        let begins = amount > 0 || !parts.is_empty() || unit == smallest;
        if unit >= smallest && begins {
            parts.push(format!("{amount:02}{letter}"));
        }
    }
    let sign = if seconds < 0.0 && total > 0 { "-" } else { "" };
    Some(format!("{sign}{}", parts.join(" ")))
}

/// Whole seconds, the fraction dropped: rounded to a millisecond first, so that no binary error shows.
fn whole_seconds(seconds: f64) -> Option<i64> {
    let milliseconds = (seconds * 1000.0).round();
    // The range is checked, and there is no fraction.
    (milliseconds.abs() < 1e15).then(|| (milliseconds as i64).div_euclid(1000))
}

/// Hour, minute and second of the day.
const fn clock(seconds: i64) -> (i64, i64, i64) {
    let second = seconds.rem_euclid(SECONDS_A_DAY);
    (second / 3600, second / 60 % 60, second % 60)
}

/// The day and the second in it, to the nearest second (DSP-56). The integer part counts days and the fraction always
/// goes forward: -1.25 is 06:00 on the day before the epoch (DSP-57).
fn ole_date(number: f64) -> Option<(i64, i64)> {
    if !OLE_DATES.contains(&number) {
        return None;
    }
    let seconds = (number.fract().abs() * 86_400.0).round();
    // The range is checked, and there are no fractions.
    let (day, seconds) = (number.trunc() as i64, seconds as i64);
    Some((day + seconds / SECONDS_A_DAY, seconds % SECONDS_A_DAY))
}

/// The date as milliseconds since 1970, its wall clock taken as UTC (DSP-58).
pub(crate) fn ole_unix_ms(number: f64) -> Option<i64> {
    const DAYS_TO_1970: i64 = 25_569;
    let (day, second) = ole_date(number)?;
    Some(((day - DAYS_TO_1970) * SECONDS_A_DAY + second) * 1000)
}

/// `2023-03-15` for a day counted from 1899-12-30. Years begin in March here, so that the leap day is a year's last.
fn date(day: i64) -> String {
    let day = day + OLE_EPOCH;
    let (era, day) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day_of_month = day - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 {
        (era * 400 + year, month + 3)
    } else {
        (era * 400 + year + 1, month - 9)
    };
    format!("{year:04}-{month:02}-{day_of_month:02}")
}

#[cfg(test)]
mod tests {
    use super::time_text;
    use crate::model::measurement::TimeFormat;

    fn shown<const N: usize>(format: TimeFormat, numbers: [f64; N]) -> [String; N] {
        numbers.map(|number| time_text(format, number).unwrap_or_default())
    }

    #[test]
    fn dsp_51_dsp_53_gop_38_a_duration_in_seconds() {
        let shown = shown(
            TimeFormat::Seconds,
            [
                123.456, 0.0, 59.9, 60.0, 3600.0, 90_061.0, 172_800.0, -61.0, -0.000_1, 1e300,
            ],
        );
        let expected = [
            "02m 03s",
            "00s",
            "59s",
            "01m 00s",
            "01h 00m 00s",
            "1 day 01h 01m 01s",
            "2 days 00h 00m 00s",
            "-01m 01s",
            "00s",
            "",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn dsp_52_dsp_53_gop_38_a_duration_in_minutes_or_hours() {
        let minutes = shown(TimeFormat::Minutes, [123.456, 60.0, 0.0, 0.5, 1440.0, 61.5]);
        assert_eq!(
            minutes,
            ["02h 03m 27s", "01h 00m", "00m", "30s", "1 day 00h 00m", "01h 01m 30s"]
        );
        let hours = shown(TimeFormat::Hours, [123.456, 1.0, 0.0, 1.5, 24.0, 0.5]);
        assert_eq!(
            hours,
            ["5 days 03h 27m 21s", "01h", "00h", "01h 30m", "1 day 00h", "30m"]
        );
    }

    #[test]
    fn dsp_54_a_time_of_day_wraps() {
        assert_eq!(
            shown(TimeFormat::TimeOfDay, [0.0, 45_296.0, 90_000.0]),
            ["00:00:00", "12:34:56", "01:00:00"]
        );
        assert_eq!(
            shown(TimeFormat::MinuteOfDay, [754.0, 1441.0, -1.0]),
            ["12:34", "00:01", "23:59"]
        );
    }

    #[test]
    fn dsp_55_dsp_56_a_date_is_rounded_to_the_second() {
        assert_eq!(shown(TimeFormat::DateTime, [45_000.437_5]), ["2023-03-15 10:30:00"]);
        assert_eq!(shown(TimeFormat::DateTimeMinute, [45_000.437_5]), ["2023-03-15 10:30"]);
        assert_eq!(shown(TimeFormat::Date, [45_000.437_5]), ["2023-03-15"]);
        // Six decimals are all that memory keeps unless told otherwise: up to 0.09 s are missing.
        assert_eq!(shown(TimeFormat::DateTime, [45_000.437_499]), ["2023-03-15 10:30:00"]);
        assert_eq!(shown(TimeFormat::DateTime, [45_000.999_999]), ["2023-03-16 00:00:00"]);
    }

    #[test]
    fn dsp_55_leap_days_and_ends_of_the_calendar() {
        let numbers = [
            36_585.0,
            36_586.0,
            60.0,
            61.0,
            45_351.0,
            45_657.0,
            -657_434.0,
            2_958_465.0,
            2_958_466.0,
        ];
        let expected = [
            "2000-02-29",
            "2000-03-01",
            "1900-02-28",
            "1900-03-01",
            "2024-02-29",
            "2024-12-31",
            "0100-01-01",
            "9999-12-31",
            "",
        ];
        assert_eq!(shown(TimeFormat::Date, numbers), expected);
    }

    #[test]
    fn dsp_57_gop_39_the_fraction_of_a_negative_date_goes_forward() {
        let shown = shown(TimeFormat::DateTimeMinute, [0.0, 1.5, -0.5, -1.25]);
        let expected = [
            "1899-12-30 00:00",
            "1899-12-31 12:00",
            "1899-12-30 12:00",
            "1899-12-29 06:00",
        ];
        assert_eq!(shown, expected);
    }
}
