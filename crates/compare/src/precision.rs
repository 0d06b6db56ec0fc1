//! Precisions that numbers are rounded to.

use std::fmt;

use ossicle_engine::counted;

/// The most decimals whose rounding is seen: what has more agrees.
const MOST_DECIMALS: u32 = 4;

/// A precision that numbers are rounded to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// IEEE 754's binary16: 11 bits of each number.
    Half,
    /// bfloat16: 8 bits of each number.
    Bfloat16,
    /// So many decimals, as a program has written them.
    Decimals(u32),
}

impl Precision {
    /// Lists the precisions that numbers may have been rounded to: formats, and the fewest decimals that they all have.
    pub(crate) fn of(values: &[f32]) -> Vec<Precision> {
        let is_rounded = |precision: &Precision| values.iter().all(|&x| precision.round(x) == x);
        let decimals = (0..=MOST_DECIMALS).map(Precision::Decimals).find(is_rounded);
        // Formats are tried whatever there is: other changes may have come after.
        [Precision::Half, Precision::Bfloat16].into_iter().chain(decimals).collect()
    }

    /// Rounds a number.
    pub(crate) fn round(self, x: f32) -> f32 {
        match self {
            Precision::Half => half(x),
            Precision::Bfloat16 => to_even(x, 16),
            Precision::Decimals(count) => {
                let unit = libm::pow(10.0, f64::from(count));
                ((f64::from(x) * unit).round_ties_even() / unit) as f32
            }
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Precision::Half => f.write_str("half precision"),
            Precision::Bfloat16 => f.write_str("bfloat16"),
            Precision::Decimals(0) => f.write_str("whole numbers"),
            Precision::Decimals(count) => f.write_str(&counted(u64::from(*count), "decimal")),
        }
    }
}

/// Rounds a number to half precision; what is too large stays as it is.
fn half(x: f32) -> f32 {
    match x.abs() {
        65_504.0.. => x,
        6.104e-5.. => to_even(x, 13),
        _ => {
            let step = 5.960_464_5e-8;
            (x / step).round_ties_even() * step
        }
    }
}

/// Rounds the last bits of a number away, to even.
fn to_even(x: f32, bits: u32) -> f32 {
    if !x.is_finite() {
        return x;
    }
    let of = x.to_bits();
    let odd = (of >> bits) & 1;
    let mask = (1u32 << bits) - 1;
    f32::from_bits((of + (mask >> 1) + odd) & !mask)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_to_the_nearest_and_to_even() {
        for (precision, x, due) in [
            // 1 + 2^-11 is half way to the next, 1 + 2^-10.
            (Precision::Half, 1.000_488_3, 1.0),
            (Precision::Half, 1.001, 1.000_976_6),
            (Precision::Half, 3e-8, 5.960_464_5e-8),
            (Precision::Half, -1e6, -1e6),
            // 1 + 2^-8 is half way to the next, 1 + 2^-7.
            (Precision::Bfloat16, 1.003_906_3, 1.0),
            (Precision::Bfloat16, 3.15, 3.156_25),
            (Precision::Bfloat16, f32::INFINITY, f32::INFINITY),
            (Precision::Decimals(2), -15.942_38, -15.94),
            (Precision::Decimals(0), 2.5, 2.0),
        ] {
            assert_eq!(precision.round(x), due, "{precision} of {x}");
        }
    }

    #[test]
    fn the_precisions_of_numbers_are_seen() {
        let formats = [Precision::Half, Precision::Bfloat16];
        let with = |count| [&formats[..], &[Precision::Decimals(count)]].concat();
        assert_eq!(Precision::of(&[1.25, -3.1, 7.0]), with(2));
        assert_eq!(Precision::of(&[1.0, 2.0]), with(0));
        assert_eq!(Precision::of(&[0.333_333_34, 1.1]), formats);
    }
}
