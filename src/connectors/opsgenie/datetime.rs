//! Points in time as DataMiner keeps them: days since 30 December 1899, as OLE Automation does (DSP-55).

/// Milliseconds of a day.
const DAY_MS: f64 = 86_400_000.0;
/// 1 January 1970 in days since 30 December 1899.
const UNIX_EPOCH: f64 = 25_569.0;

/// The `datetime` value of a point in time given in milliseconds since 1970. UTC.
#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds since 1970 are exact in an f64 for 285,000 years"
)]
pub(super) fn ole_date(unix_ms: i64) -> f64 {
    unix_ms as f64 / DAY_MS + UNIX_EPOCH
}

/// The point in time of a `datetime` value, in milliseconds since 1970.
#[expect(
    clippy::cast_possible_truncation,
    reason = "rounded; a date beyond 285,000 years saturates"
)]
pub(super) fn unix_ms(date: f64) -> i64 {
    ((date - UNIX_EPOCH) * DAY_MS).round() as i64
}

#[cfg(test)]
mod tests {
    use super::{ole_date, unix_ms};

    #[test]
    #[expect(clippy::float_cmp, reason = "these values are exact")]
    fn dsp_55_a_datetime_counts_days_since_1899() {
        assert_eq!(ole_date(0), 25_569.0);
        assert_eq!(ole_date(86_400_000 + 43_200_000), 25_570.5);
        assert_eq!(ole_date(-86_400_000), 25_568.0);
    }

    #[test]
    fn a_datetime_reads_back_as_the_same_millisecond() {
        for time in [0, 1_795_000_000_123, -1] {
            assert_eq!(unix_ms(ole_date(time)), time);
        }
    }
}
