//! The number that all times of alignments are multiplied by.

/// A factor of times, as an exact decimal: 0.1 is a tenth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeScale {
    digits: u64,
    /// The power of ten that the digits are multiplied by; not above 0.
    exponent: i32,
}

impl TimeScale {
    /// The factor that changes nothing.
    pub const ONE: TimeScale = TimeScale { digits: 1, exponent: 0 };

    /// The shortest decimal that is read as this number; none where it is not positive and finite, or not
    /// between a billionth and a billion.
    ///
    /// ```
    /// use ossicle_corpus::TimeScale;
    ///
    /// let milliseconds = TimeScale::new(0.001).expect("a factor");
    /// assert_eq!(milliseconds.of(1_499), 1);
    /// assert_eq!(milliseconds.of(1_500), 2);
    /// assert!(TimeScale::new(0.0).is_none());
    /// ```
    pub fn new(factor: f64) -> Option<TimeScale> {
        if !(1e-9..=1e9).contains(&factor) {
            return None;
        }
        let text = factor.to_string();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        // At most seventeen digits that count, and zeros before them.
        let digits = format!("{whole}{fraction}").parse().ok()?;
        Some(TimeScale { digits, exponent: -i32::try_from(fraction.len()).ok()? })
    }

    /// Multiplies a time: the nearest whole number, the larger of two; the largest where it is too large.
    pub fn of(self, time: u64) -> u64 {
        let divisor = 10_u128.pow(self.exponent.unsigned_abs());
        let scaled = u128::from(time) * u128::from(self.digits);
        u64::try_from((scaled + divisor / 2) / divisor).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whole_factors_and_their_inverses_are_exact(time in 0_u64..1 << 40, factor in 1_u32..1000) {
            let by = TimeScale::new(f64::from(factor)).unwrap();
            prop_assert_eq!(by.of(time), time * u64::from(factor));
            let tenths = TimeScale::new(f64::from(factor) / 10.0).unwrap();
            prop_assert_eq!(tenths.of(time), (time * u64::from(factor) + 5) / 10);
        }

        #[test]
        fn no_factor_makes_it_panic(time in any::<u64>(), factor in any::<f64>()) {
            if let Some(scale) = TimeScale::new(factor) {
                scale.of(time);
            }
        }
    }

    #[test]
    fn factors_at_the_ends_are_what_they_say() {
        assert_eq!(TimeScale::new(1e-9).unwrap().of(u64::MAX), 18_446_744_074);
        assert_eq!(TimeScale::new(1e9).unwrap().of(u64::MAX), u64::MAX);
        assert_eq!(TimeScale::new(0.45351473922902494).unwrap().of(44_100), 20_000);
        for factor in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-10, 1e10] {
            assert_eq!(TimeScale::new(factor), None, "{factor}");
        }
        assert_eq!(TimeScale::new(1.0), Some(TimeScale::ONE));
    }
}
