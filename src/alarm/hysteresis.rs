//! Hysteresis: a severity counts once the value has been beyond its threshold for long enough, and no longer counts once
//! the value has been back for long enough.
//!
//! Each severity is looked at on its own: a value that is beyond Major for 10 s, and beyond Critical for the last 5 of
//! them, is Major when 10 s are asked for.
//!
//! Rules: ALM-32.

use crate::model::alarm::Severity;
use crate::model::alarm_template::Hysteresis;
use crate::model::moment::Moment;

/// The severities that can count, mildest first.
const SEVERITIES: [Severity; 4] = [Severity::Warning, Severity::Minor, Severity::Major, Severity::Critical];

/// What counts of a cell, and since when that is about to change.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counting {
    counts: [bool; 4],
    /// Since when the value is on the other side than what counts.
    since: [Option<Moment>; 4],
}

impl Counting {
    /// As what counted until now.
    pub(super) fn of(severity: Severity) -> Self {
        Self {
            counts: SEVERITIES.map(|each| severity >= each),
            since: [None; 4],
        }
    }

    /// The severity that counts for a value of this severity now, and when that changes if the value stays.
    pub(super) fn look(&mut self, found: Severity, hysteresis: &Hysteresis, now: Moment) -> (Severity, Option<Moment>) {
        let mut next: Option<Moment> = None;
        for (at, severity) in SEVERITIES.into_iter().enumerate() {
            let is_beyond = found >= severity;
            if is_beyond == self.counts[at] {
                self.since[at] = None;
                continue;
            }
            let due = *self.since[at].get_or_insert(now) + hysteresis.delay(severity, is_beyond);
            if due <= now {
                self.counts[at] = is_beyond;
                self.since[at] = None;
            } else {
                next = Some(next.map_or(due, |next| next.min(due)));
            }
        }
        let mut counting = SEVERITIES.into_iter().zip(self.counts).filter(|(_, counts)| *counts);
        let worst = counting.next_back().map(|(severity, _)| severity);
        (worst.unwrap_or(Severity::Normal), next)
    }
}

#[cfg(test)]
mod tests {
    use super::Counting;
    use crate::model::alarm::Severity::{self, Critical, Major, Minor, Normal};
    use crate::model::alarm_template::Hysteresis;
    use crate::model::moment::{Moment, Span};

    fn hysteresis(clear: u64, raise: u64, of: &[Severity]) -> Hysteresis {
        Hysteresis {
            clear: Span::seconds(clear),
            raise: Span::seconds(raise),
            of: of.to_vec(),
        }
    }

    /// What counts at each of these seconds.
    fn counted(hysteresis: &Hysteresis, found: &[(u64, Severity)]) -> Vec<(Severity, Option<u64>)> {
        let mut counting = Counting::default();
        let found = found.iter();
        found
            .map(|&(second, severity)| {
                let (counts, next) = counting.look(severity, hysteresis, Moment(second * 1000));
                (counts, next.map(|next| next.0 / 1000))
            })
            .collect()
    }

    #[test]
    fn alm_32_a_severity_counts_when_it_has_lasted() {
        let both = hysteresis(5, 10, &[]);
        let found = [
            (0, Major),
            (9, Major),
            (10, Major),
            (12, Normal),
            (16, Normal),
            (17, Normal),
        ];
        assert_eq!(
            counted(&both, &found),
            [
                (Normal, Some(10)),
                (Normal, Some(10)),
                (Major, None),
                (Major, Some(17)),
                (Major, Some(17)),
                (Normal, None)
            ]
        );
    }

    #[test]
    fn alm_32_what_goes_back_in_time_begins_anew() {
        let raise = hysteresis(0, 10, &[]);
        let found = [(0, Major), (8, Normal), (9, Major), (18, Major), (19, Major)];
        assert_eq!(
            counted(&raise, &found).last(),
            Some(&(Major, None)),
            "10 s after it came back"
        );
        assert_eq!(counted(&raise, &found)[3], (Normal, Some(19)));
    }

    #[test]
    fn alm_32_each_threshold_has_its_own_time() {
        let raise = hysteresis(0, 10, &[]);
        let found = [(0, Major), (5, Critical), (10, Critical), (15, Critical)];
        let counts: Vec<Severity> = counted(&raise, &found).into_iter().map(|(counts, _)| counts).collect();
        assert_eq!(counts, [Normal, Normal, Major, Critical]);
    }

    #[test]
    fn alm_32_other_severities_than_the_given_ones_count_at_once() {
        let major = hysteresis(0, 10, &[Major]);
        assert_eq!(
            counted(&major, &[(0, Minor), (1, Major)]),
            [(Minor, None), (Minor, Some(11))]
        );
    }
}
