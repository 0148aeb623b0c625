//! Trending: what a series of values was, from its changes.
//!
//! ```text
//!   change ─▶ real-time point                      one a change
//!          └▶ window of 5 and of 60 minutes ─▶ record with average, minimum, maximum when it closes
//! ```
//!
//! Averages are weighted by time: each value counts for as long as it was there. Windows are aligned with the clock. Times
//! are milliseconds since 1970; what they are of is the caller's matter.
//!
//! Rules: TRD-2, TRD-3, TRD-6, TRD-8.

use std::sync::Arc;

use crate::model::id::ParamId;

/// A value of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TrendValue {
    /// A number.
    Number(f64),
    /// An exception, by what stands for it: no part of an average, a point of its own (TRD-3).
    State(f64),
    /// Uninitialised: a gap (TRD-8).
    Gap,
}

/// A length of the windows of averages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Window {
    /// 5 minutes.
    Five,
    /// 60 minutes.
    Sixty,
}

impl Window {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Five, Self::Sixty];

    /// Its length in milliseconds.
    #[must_use]
    pub const fn length(self) -> i64 {
        match self {
            Self::Five => 5 * 60_000,
            Self::Sixty => 60 * 60_000,
        }
    }

    /// When the window of this moment ends.
    const fn end(self, at: i64) -> i64 {
        at - at.rem_euclid(self.length()) + self.length()
    }
}

/// What a series has to say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Trended {
    /// A real-time point: from then on it had this value.
    Point {
        /// When.
        at: i64,
        /// What.
        value: TrendValue,
    },
    /// A window closed.
    Average {
        /// Which kind.
        window: Window,
        /// When it closed.
        at: i64,
        /// The average, weighted by time.
        average: f64,
        /// The least.
        minimum: f64,
        /// The most.
        maximum: f64,
    },
}

/// How the time of a series passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passing {
    /// With the clock: windows close when they end.
    Clock,
    /// With its points: a window closes when a later one comes (TRD-6).
    Points,
}

/// One series: its last value, and the windows that are open.
#[derive(Debug)]
pub struct Series {
    passing: Passing,
    /// The last value, and since when; none before the first.
    last: Option<(i64, TrendValue)>,
    /// Up to when the windows have counted the last value.
    counted: i64,
    five: Open,
    sixty: Open,
}

/// What an open window has gathered.
#[derive(Debug, Clone, Copy, Default)]
struct Open {
    /// Value times milliseconds.
    sum: f64,
    milliseconds: f64,
    least: Option<f64>,
    most: Option<f64>,
}

impl Series {
    /// A series that has no value yet.
    #[must_use]
    pub fn new(passing: Passing) -> Self {
        Self {
            passing,
            last: None,
            counted: 0,
            five: Open::default(),
            sixty: Open::default(),
        }
    }

    /// It has this value from this moment on. An equal value, and one that comes before the last, say nothing (TRD-2,
    /// TRD-6).
    pub fn take(&mut self, at: i64, value: TrendValue) -> Vec<Trended> {
        let Some((since, last)) = self.last else {
            return self.begin(at, value);
        };
        if at < since {
            return Vec::new();
        }
        let mut said = self.pass(at);
        self.last = Some((if value == last { since } else { at }, value));
        self.touch(value);
        if value != last {
            said.push(Trended::Point { at, value });
        }
        said
    }

    /// The first value: a point, and averages that equal it (TRD-3).
    fn begin(&mut self, at: i64, value: TrendValue) -> Vec<Trended> {
        if value == TrendValue::Gap {
            return Vec::new();
        }
        self.last = Some((at, value));
        self.counted = at;
        self.touch(value);
        let mut said = vec![Trended::Point { at, value }];
        if let TrendValue::Number(number) = value {
            said.extend(Window::ALL.map(|window| Trended::Average {
                window,
                at,
                average: number,
                minimum: number,
                maximum: number,
            }));
        }
        said
    }

    /// When a window closes next by itself.
    #[must_use]
    pub fn next_wakeup(&self) -> Option<i64> {
        let running = self.passing == Passing::Clock && self.last.is_some();
        running.then(|| Window::Five.end(self.counted))
    }

    /// Time has passed up to a moment: what closed meanwhile.
    pub fn tick(&mut self, now: i64) -> Vec<Trended> {
        match self.passing {
            Passing::Clock => self.pass(now),
            Passing::Points => Vec::new(),
        }
    }

    /// The windows that ended until a moment are closed, whatever passes the time (NT 374). One that is still open stays
    /// so.
    pub fn close(&mut self, at: i64) -> Vec<Trended> {
        self.pass(at - at.rem_euclid(Window::Five.length()))
    }

    /// Counts the last value up to a moment, and closes the windows that end until then.
    fn pass(&mut self, now: i64) -> Vec<Trended> {
        let mut said = Vec::new();
        let Some((_, value)) = self.last else { return said };
        while self.counted < now {
            let end = Window::Five.end(self.counted);
            let until = end.min(now);
            self.count(value, until);
            if until < end {
                break;
            }
            said.extend(self.five.close(Window::Five, end));
            if end == Window::Sixty.end(end - 1) {
                said.extend(self.sixty.close(Window::Sixty, end));
            }
            self.touch(value);
            // Hours in which nothing is there have nothing to close.
            if value == TrendValue::Gap {
                self.counted = self.counted.max(now - now.rem_euclid(Window::Five.length()));
            }
        }
        said
    }

    fn count(&mut self, value: TrendValue, until: i64) {
        let milliseconds = (until - self.counted) as f64;
        self.counted = until;
        if let TrendValue::Number(number) = value {
            for open in [&mut self.five, &mut self.sixty] {
                open.sum += number * milliseconds;
                open.milliseconds += milliseconds;
            }
        }
    }

    /// A value is there, for however short a time.
    fn touch(&mut self, value: TrendValue) {
        if let TrendValue::Number(number) = value {
            for open in [&mut self.five, &mut self.sixty] {
                open.least = Some(open.least.map_or(number, |least| least.min(number)));
                open.most = Some(open.most.map_or(number, |most| most.max(number)));
            }
        }
    }
}

impl Open {
    /// What it comes to; nothing where no number was there. It begins anew.
    fn close(&mut self, window: Window, at: i64) -> Option<Trended> {
        let Self {
            sum,
            milliseconds,
            least,
            most,
        } = std::mem::take(self);
        (milliseconds > 0.0).then(|| Trended::Average {
            window,
            at,
            average: sum / milliseconds,
            minimum: least.unwrap_or_default(),
            maximum: most.unwrap_or_default(),
        })
    }
}

/// What is kept of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendRecord {
    /// The parameter or column.
    pub param: ParamId,
    /// The row, by its key, or its display key where the table has a `displayColumn` (TRD-5).
    pub key: Option<Arc<str>>,
    /// What it has to say.
    pub said: Trended,
}

/// What is asked of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrendQuery {
    /// The parameter or column.
    pub param: ParamId,
    /// The row.
    pub key: Option<Arc<str>>,
    /// Averages of this length; real-time points otherwise.
    pub window: Option<Window>,
    /// From this moment on, in milliseconds since 1970; of points also the last one before it.
    pub from: i64,
    /// Up to this moment.
    pub to: i64,
}

impl Trended {
    /// When.
    #[must_use]
    pub const fn at(&self) -> i64 {
        match self {
            Self::Point { at, .. } | Self::Average { at, .. } => *at,
        }
    }

    /// The value, the least and the most: a gap has none, a state has a value only.
    #[must_use]
    pub const fn figures(&self) -> (Option<f64>, Option<f64>, Option<f64>) {
        match *self {
            Self::Point { value, .. } => match value {
                TrendValue::Number(number) => (Some(number), Some(number), Some(number)),
                TrendValue::State(state) => (Some(state), None, None),
                TrendValue::Gap => (None, None, None),
            },
            Self::Average {
                average,
                minimum,
                maximum,
                ..
            } => (Some(average), Some(minimum), Some(maximum)),
        }
    }

    /// The kind of average that it is; none for a point.
    #[must_use]
    pub const fn window(&self) -> Option<Window> {
        match self {
            Self::Point { .. } => None,
            Self::Average { window, .. } => Some(*window),
        }
    }
}

/// How long what a series has to say is kept, in milliseconds: points a day (TRD-2), averages of 5 minutes a month, those
/// of an hour a year.
#[must_use]
pub const fn kept_for(window: Option<Window>) -> i64 {
    const DAY: i64 = 24 * 3_600_000;
    match window {
        None => DAY,
        Some(Window::Five) => 31 * DAY,
        Some(Window::Sixty) => 366 * DAY,
    }
}

/// The most that is kept of a kind of a series: a value that changes all the time fills no disk.
pub const MOST_KEPT: usize = 20_000;

#[cfg(test)]
mod closed {
    use super::{Passing, Series, TrendValue, Trended, Window};

    #[test]
    fn nt_374_trd_6_windows_that_have_passed_are_closed_without_a_new_point() {
        let minute = 60_000;
        let mut series = Series::new(Passing::Points);
        series.take(0, TrendValue::Number(4.0));
        assert_eq!(series.tick(20 * minute), [], "the clock closes nothing");
        let closed = |said: Vec<Trended>| {
            let ends = said.into_iter().filter_map(|said| match said {
                Trended::Average {
                    window, at, average, ..
                } => Some((window, at / minute, average)),
                Trended::Point { .. } => None,
            });
            ends.collect::<Vec<_>>()
        };
        assert_eq!(closed(series.close(4 * minute)), []);
        let two = [(Window::Five, 5, 4.0), (Window::Five, 10, 4.0)];
        assert_eq!(closed(series.close(12 * minute)), two);
        assert_eq!(closed(series.close(12 * minute)), []);
        // The window that was still open counts from where it began.
        let next = closed(series.take(15 * minute, TrendValue::Number(8.0)));
        assert_eq!(next, [(Window::Five, 15, 4.0)]);
    }
}

#[cfg(test)]
mod tests {
    use super::{Passing, Series, TrendValue, Trended, Window};
    use TrendValue::{Gap, Number, State};

    /// 09:00:00 on some day, and a time after it.
    const fn at(minutes: i64, seconds: i64) -> i64 {
        9 * 3_600_000 + minutes * 60_000 + seconds * 1000
    }

    /// The averages of 5 minutes: when, average, minimum, maximum.
    fn fives(said: &[Trended]) -> Vec<(i64, f64, f64, f64)> {
        let five = |said: &Trended| match *said {
            Trended::Average {
                window: Window::Five,
                at,
                average,
                minimum,
                maximum,
            } => Some((at, average, minimum, maximum)),
            Trended::Average { .. } | Trended::Point { .. } => None,
        };
        said.iter().filter_map(five).collect()
    }

    fn points(said: &[Trended]) -> Vec<(i64, TrendValue)> {
        let point = |said: &Trended| match *said {
            Trended::Point { at, value } => Some((at, value)),
            Trended::Average { .. } => None,
        };
        said.iter().filter_map(point).collect()
    }

    #[test]
    fn trd_3_the_documented_average() {
        let mut series = Series::new(Passing::Clock);
        let first = series.take(at(6, 14), Number(10.0));
        assert_eq!(
            fives(&first),
            [(at(6, 14), 10.0, 10.0, 10.0)],
            "the first record equals the value"
        );
        assert_eq!(fives(&series.take(at(7, 56), Number(20.0))), []);
        assert_eq!(series.next_wakeup(), Some(at(10, 0)));
        let closed = series.tick(at(10, 0));
        let rounded = fives(&closed)
            .into_iter()
            .map(|(at, average, least, most)| (at, format!("{average:.13}"), least, most));
        assert_eq!(
            rounded.collect::<Vec<_>>(),
            [(at(10, 0), "15.4867256637168".to_owned(), 10.0, 20.0)]
        );
        // The next window begins with the value that is there.
        assert_eq!(fives(&series.tick(at(15, 0))), [(at(15, 0), 20.0, 20.0, 20.0)]);
    }

    #[test]
    fn trd_3_an_hour_closes_with_its_own_average() {
        let mut series = Series::new(Passing::Clock);
        series.take(at(0, 0), Number(0.0));
        series.take(at(30, 0), Number(10.0));
        let said = series.tick(at(60, 0));
        let hour = said.iter().find_map(|said| match said {
            Trended::Average {
                window: Window::Sixty,
                at,
                average,
                minimum,
                maximum,
            } => Some((*at, *average, *minimum, *maximum)),
            Trended::Average { .. } | Trended::Point { .. } => None,
        });
        assert_eq!(hour, Some((at(60, 0), 5.0, 0.0, 10.0)));
        assert_eq!(fives(&said).len(), 6, "those of the second half");
    }

    #[test]
    fn trd_2_a_point_for_each_change_and_none_for_an_equal_value() {
        let mut series = Series::new(Passing::Clock);
        let mut said = Vec::new();
        for (second, value) in [(1, 5.0), (2, 5.0), (3, 6.0), (4, 5.0)] {
            said.extend(series.take(at(0, second), Number(value)));
        }
        assert_eq!(
            points(&said),
            [
                (at(0, 1), Number(5.0)),
                (at(0, 3), Number(6.0)),
                (at(0, 4), Number(5.0))
            ]
        );
    }

    #[test]
    fn trd_3_an_exception_is_a_point_and_no_part_of_an_average() {
        let mut series = Series::new(Passing::Clock);
        series.take(at(0, 0), Number(10.0));
        let said = series.take(at(1, 0), State(-1.0));
        assert_eq!(points(&said), [(at(1, 0), State(-1.0))]);
        series.take(at(4, 0), Number(20.0));
        assert_eq!(fives(&series.tick(at(5, 0))), [(at(5, 0), 15.0, 10.0, 20.0)]);
    }

    #[test]
    fn trd_8_what_is_not_initialised_is_a_gap() {
        let mut series = Series::new(Passing::Clock);
        assert_eq!(series.take(at(0, 0), Gap), []);
        series.take(at(1, 0), Number(10.0));
        assert_eq!(points(&series.take(at(2, 0), Gap)), [(at(2, 0), Gap)]);
        assert_eq!(fives(&series.tick(at(5, 0))), [(at(5, 0), 10.0, 10.0, 10.0)]);
        assert_eq!(series.tick(at(59, 0)), [], "nothing was there");
        let said = series.take(at(61, 0), Number(1.0));
        assert_eq!(points(&said), [(at(61, 0), Number(1.0))]);
        assert_eq!(fives(&series.tick(at(65, 0))), [(at(65, 0), 1.0, 1.0, 1.0)]);
    }

    #[test]
    fn trd_6_a_history_set_closes_a_window_when_a_later_point_comes() {
        let mut series = Series::new(Passing::Points);
        series.take(at(1, 0), Number(10.0));
        assert_eq!((series.next_wakeup(), series.tick(at(30, 0))), (None, Vec::new()));
        let said = series.take(at(6, 0), Number(20.0));
        assert_eq!(fives(&said), [(at(5, 0), 10.0, 10.0, 10.0)]);
        assert_eq!(series.take(at(3, 0), Number(1.0)), [], "it is not in order");
    }
}
