//! A number as decimal digits: rounding is done on these, so that 0.29 with two decimals stays 0.29.
//!
//! The digits are the shortest that read back as the same float. Rules: PAR-67, DSP-13, DSP-14, DSP-17.

use std::cmp::Ordering;

use crate::model::interprete::Rounding;

/// Decimal digits with a sign and a point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    /// The digits 0 to 9, the most significant first. Never empty.
    digits: Vec<u8>,
    /// How many of the digits stand after the point; negative when zeros stand between the last digit and the point.
    scale: i32,
}

impl Decimal {
    /// The shortest digits of a finite number.
    pub(crate) fn shortest(number: f64) -> Self {
        let text = format!("{:e}", number.abs());
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let digits: Vec<u8> = mantissa
            .bytes()
            .filter(u8::is_ascii_digit)
            .map(|digit| digit - b'0')
            .collect();
        let exponent: i32 = exponent.parse().unwrap_or(0);
        let fraction = mantissa.len().saturating_sub(2);
        Self {
            negative: number < 0.0,
            scale: i32::try_from(fraction).unwrap_or(i32::MAX) - exponent,
            digits,
        }
    }

    /// The same with at most so many digits after the point.
    pub(crate) fn rounded(mut self, decimals: u8, rounding: Rounding) -> Self {
        let Ok(dropped @ 1..) = usize::try_from(self.scale - i32::from(decimals)) else {
            return self;
        };
        let kept = self.digits.len().saturating_sub(dropped);
        let rest = self.digits.split_off(kept);
        // When more digits are dropped than there are, zeros stand before them: less than a half.
        let half = if dropped > rest.len() {
            Ordering::Less
        } else {
            compare_with_half(&rest)
        };
        let exact = rest.iter().all(|&digit| digit == 0);
        let last = self.digits.last().copied().unwrap_or(0);
        if self.digits.is_empty() {
            self.digits.push(0);
        }
        self.scale = i32::from(decimals);
        if !exact && is_away_from_zero(rounding, self.negative, half, last) {
            increment(&mut self.digits);
        }
        self
    }

    /// The float nearest to the digits. Zero has no sign.
    pub(crate) fn to_number(&self) -> f64 {
        let digits: String = self.digits.iter().map(|&digit| char::from(b'0' + digit)).collect();
        let magnitude: f64 = format!("{digits}e{}", -self.scale).parse().unwrap_or(0.0);
        if self.negative && magnitude > 0.0 {
            -magnitude
        } else {
            magnitude
        }
    }

    /// The text with exactly so many digits after the point, padded with zeros, rounded half away from zero. Zero has no
    /// sign.
    pub(crate) fn fixed(self, decimals: u8) -> String {
        let rounded = self.rounded(decimals, Rounding::HalfToInfinity);
        let decimals = usize::from(decimals);
        let missing = i32::try_from(decimals).unwrap_or(0) - rounded.scale;
        let mut digits: String = rounded.digits.iter().map(|&digit| char::from(b'0' + digit)).collect();
        digits.extend(std::iter::repeat_n('0', usize::try_from(missing).unwrap_or(0)));
        let digits = format!("{digits:0>width$}", width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        let whole = match whole.trim_start_matches('0') {
            "" => "0",
            whole => whole,
        };
        let sign = if rounded.negative && rounded.digits.iter().any(|&digit| digit != 0) {
            "-"
        } else {
            ""
        };
        let point = if decimals == 0 { "" } else { "." };
        format!("{sign}{whole}{point}{fraction}")
    }

    /// The power of ten of the first digit: 4 for 12345, -1 for 0.5, 0 for zero.
    pub(crate) fn exponent(&self) -> i32 {
        if self.digits.iter().all(|&digit| digit == 0) {
            return 0;
        }
        let zeros = self.digits.iter().take_while(|&&digit| digit == 0).count();
        i32::try_from(self.digits.len() - zeros).unwrap_or(i32::MAX) - 1 - self.scale
    }

    /// The same digits with the point moved: divided by this power of ten.
    pub(crate) fn divided_by_ten_to(mut self, power: i32) -> Self {
        self.scale += power;
        self
    }
}

/// Whether dropped digits are less than, exactly or more than half of the last kept one.
fn compare_with_half(rest: &[u8]) -> Ordering {
    match rest.split_first() {
        None => Ordering::Less,
        Some((first, tail)) => first.cmp(&5).then(if tail.iter().any(|&digit| digit != 0) {
            Ordering::Greater
        } else {
            Ordering::Equal
        }),
    }
}

/// Whether the magnitude grows when digits that are not all zero are dropped.
fn is_away_from_zero(rounding: Rounding, negative: bool, half: Ordering, last: u8) -> bool {
    let tie = match rounding {
        Rounding::Down => return negative,
        Rounding::Up => return !negative,
        Rounding::ToZero => return false,
        Rounding::ToInfinity => return true,
        Rounding::HalfDown => negative,
        Rounding::HalfUp => !negative,
        Rounding::HalfToZero => false,
        Rounding::HalfToInfinity => true,
        Rounding::HalfEven => !last.is_multiple_of(2),
        Rounding::HalfOdd => last.is_multiple_of(2),
    };
    match half {
        Ordering::Less => false,
        Ordering::Equal => tie,
        Ordering::Greater => true,
    }
}

/// Adds one to the last digit.
fn increment(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut().rev() {
        if *digit < 9 {
            *digit += 1;
            return;
        }
        *digit = 0;
    }
    digits.insert(0, 1);
}

#[cfg(test)]
mod tests {
    use super::Decimal;
    use crate::model::interprete::Rounding;

    fn round(number: f64, decimals: u8, rounding: Rounding) -> f64 {
        Decimal::shortest(number).rounded(decimals, rounding).to_number()
    }

    #[test]
    fn par_67_each_rounding_mode_goes_its_way() {
        let numbers = [2.5, -2.5, 3.5, 2.4, -2.4, 2.6, -2.6];
        let table = [
            (Rounding::Down, [2.0, -3.0, 3.0, 2.0, -3.0, 2.0, -3.0]),
            (Rounding::Up, [3.0, -2.0, 4.0, 3.0, -2.0, 3.0, -2.0]),
            (Rounding::ToZero, [2.0, -2.0, 3.0, 2.0, -2.0, 2.0, -2.0]),
            (Rounding::ToInfinity, [3.0, -3.0, 4.0, 3.0, -3.0, 3.0, -3.0]),
            (Rounding::HalfDown, [2.0, -3.0, 3.0, 2.0, -2.0, 3.0, -3.0]),
            (Rounding::HalfUp, [3.0, -2.0, 4.0, 2.0, -2.0, 3.0, -3.0]),
            (Rounding::HalfToZero, [2.0, -2.0, 3.0, 2.0, -2.0, 3.0, -3.0]),
            (Rounding::HalfToInfinity, [3.0, -3.0, 4.0, 2.0, -2.0, 3.0, -3.0]),
            (Rounding::HalfEven, [2.0, -2.0, 4.0, 2.0, -2.0, 3.0, -3.0]),
            (Rounding::HalfOdd, [3.0, -3.0, 3.0, 2.0, -2.0, 3.0, -3.0]),
        ];
        for (rounding, expected) in table {
            assert_eq!(
                numbers.map(|number| round(number, 0, rounding)),
                expected,
                "{rounding:?}"
            );
        }
    }

    #[test]
    fn par_67_the_decimal_text_is_rounded_not_the_binary_number() {
        assert_eq!(round(0.29, 2, Rounding::Down), 0.29);
        assert_eq!(round(-0.291, 2, Rounding::Down), -0.30);
        assert_eq!(round(1.005, 2, Rounding::HalfUp), 1.01);
        assert_eq!(round(9.996, 2, Rounding::Up), 10.0);
        assert_eq!(round(1e-9, 6, Rounding::Down), 0.0);
        assert_eq!(round(-1e-9, 6, Rounding::Down), -0.000_001);
        assert_eq!(round(1e-9, 6, Rounding::HalfUp), 0.0);
        assert_eq!(round(5e-7, 6, Rounding::HalfUp), 0.000_001);
        assert_eq!(round(f64::MAX, 0, Rounding::Up), f64::MAX);
        assert_eq!(round(5e-324, 255, Rounding::ToInfinity), 1e-255);
    }

    #[test]
    fn digits_read_back_as_the_number_they_came_from() {
        let numbers = [
            0.1,
            -0.1,
            123_456_789.125,
            1.5e-7,
            5e-324,
            f64::MAX,
            f64::MIN_POSITIVE,
            1e23,
            0.0,
        ];
        assert_eq!(numbers.map(|number| Decimal::shortest(number).to_number()), numbers);
    }

    #[test]
    fn dsp_13_dsp_14_fixed_text_is_padded_and_rounded_half_away_from_zero() {
        let shown = [
            (12.3, 2),
            (1.005, 2),
            (-1.005, 2),
            (0.0, 1),
            (-0.004, 2),
            (99.95, 1),
            (1e21, 0),
            (1500.0, 3),
        ]
        .map(|(number, decimals)| Decimal::shortest(number).fixed(decimals));
        let expected = [
            "12.30",
            "1.01",
            "-1.01",
            "0.0",
            "0.00",
            "100.0",
            "1000000000000000000000",
            "1500.000",
        ];
        assert_eq!(shown, expected);
    }
}
