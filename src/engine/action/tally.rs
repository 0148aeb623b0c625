//! What counts of one group of an aggregation, and the results it comes to.
//!
//! Rules: ACT-21, ACT-22.

use crate::model::aggregate::AggregateFunction;
use crate::model::value::Value;

/// What counts of one group.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    /// The weight of the rows that a percentage is of.
    rows: f64,
    /// The weight of the values that count.
    weight: f64,
    sum: f64,
    least: Option<f64>,
    most: Option<f64>,
}

impl Tally {
    /// A row that is passed over and still counts among the rows of a percentage.
    pub(super) fn pass_over(&mut self, weight: f64) {
        self.rows += weight;
    }

    /// A row that is allowed; its value counts when it meets the equations and is initialised.
    pub(super) fn add(&mut self, value: &Value, weight: f64, meets: bool) {
        self.rows += weight;
        if !meets || !value.is_initialised() {
            return;
        }
        self.weight += weight;
        if let Some(number) = value.as_number() {
            self.sum += number * weight;
            self.least = Some(self.least.map_or(number, |least| least.min(number)));
            self.most = Some(self.most.map_or(number, |most| most.max(number)));
        }
    }

    /// The weight of its rows.
    pub(super) const fn counted(&self) -> f64 {
        self.rows
    }

    /// The results in order; none when nothing counts (ACT-21, ACT-22).
    pub(super) fn results(&self, function: AggregateFunction, total: f64, avoid_zero: bool) -> Option<Vec<f64>> {
        let nothing = self.weight == 0.0 && avoid_zero;
        let percentage = |of: f64| if of == 0.0 { 0.0 } else { self.weight / of * 100.0 };
        let mean = || (self.weight != 0.0).then(|| self.sum / self.weight);
        match function {
            AggregateFunction::Percentage if self.rows == 0.0 && avoid_zero => None,
            AggregateFunction::Percentage => Some(vec![percentage(self.rows), self.rows]),
            AggregateFunction::PercentageOfTotal if self.rows == 0.0 && avoid_zero => None,
            AggregateFunction::PercentageOfTotal => Some(vec![percentage(total), total]),
            AggregateFunction::Count if nothing => None,
            AggregateFunction::Count => Some(vec![self.weight, self.weight]),
            AggregateFunction::Sum if nothing => None,
            AggregateFunction::Sum => Some(vec![self.sum, self.weight]),
            AggregateFunction::Average => Some(vec![mean()?, self.weight]),
            AggregateFunction::AverageExtended => Some(vec![mean()?, self.weight, self.least?, self.most?]),
            AggregateFunction::Maximum => Some(vec![self.most?, 1.0]),
            AggregateFunction::Minimum => Some(vec![self.least?, 1.0]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;
    use crate::model::aggregate::AggregateFunction as Function;
    use crate::model::value::Value;

    fn tally(rows: &[(f64, f64, bool)]) -> Tally {
        let mut tally = Tally::default();
        for &(value, weight, meets) in rows {
            tally.add(&Value::Number(value), weight, meets);
        }
        tally
    }

    #[test]
    fn act_21_each_function_gives_its_results_and_a_weight() {
        let of =
            |function| tally(&[(4.0, 1.0, true), (8.0, 1.0, true), (9.0, 1.0, false)]).results(function, 6.0, false);
        assert_eq!(of(Function::Count), Some(vec![2.0, 2.0]));
        assert_eq!(of(Function::Sum), Some(vec![12.0, 2.0]));
        assert_eq!(of(Function::Average), Some(vec![6.0, 2.0]));
        assert_eq!(of(Function::AverageExtended), Some(vec![6.0, 2.0, 4.0, 8.0]));
        assert_eq!(of(Function::Maximum), Some(vec![8.0, 1.0]));
        assert_eq!(of(Function::Minimum), Some(vec![4.0, 1.0]));
        assert_eq!(of(Function::PercentageOfTotal), Some(vec![2.0 / 6.0 * 100.0, 6.0]));
        let weighted = tally(&[(10.0, 50.0, true), (2.0, 5.0, true)]).results(Function::Average, 0.0, false);
        assert_eq!(weighted, Some(vec![510.0 / 55.0, 55.0]));
    }

    #[test]
    fn act_22_what_is_passed_over_for_its_value_counts_among_the_rows_of_a_percentage() {
        let mut tally = tally(&[(50.0, 1.0, false), (70.0, 1.0, true)]);
        assert_eq!(tally.results(Function::Percentage, 0.0, false), Some(vec![50.0, 2.0]));
        tally.pass_over(1.0);
        assert_eq!(
            tally.results(Function::Percentage, 0.0, false),
            Some(vec![1.0 / 3.0 * 100.0, 3.0])
        );
    }

    #[test]
    fn act_22_a_group_without_a_value_is_zero_or_has_no_result() {
        let none = Tally::default();
        assert_eq!(none.results(Function::Count, 0.0, false), Some(vec![0.0, 0.0]));
        assert_eq!(none.results(Function::Sum, 0.0, true), None);
        assert_eq!(none.results(Function::Average, 0.0, false), None);
        assert_eq!(none.results(Function::Maximum, 0.0, false), None);
    }
}
