//! Samples at the scale of 16 bits as whole numbers of 16 bits.

/// Returns the nearest whole number that 16 bits hold, of two the even one.
pub(crate) fn int16(x: f32) -> i16 {
    // Beyond either end, `as` gives the end.
    x.round_ties_even() as i16
}

/// Returns whether a sample is beyond what 16 bits hold.
pub(crate) fn is_beyond_int16(x: f32) -> bool {
    f32::from(int16(x)) != x.round_ties_even()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_of_16_bits_are_kept_and_others_are_the_nearest() {
        for x in i16::MIN..=i16::MAX {
            assert_eq!(int16(x.into()), x);
            assert!(!is_beyond_int16(x.into()));
        }
        let cases = [(0.5, 0), (1.5, 2), (-2.4, -2), (32767.4, 32767), (-32768.5, -32768)];
        for (x, expected) in cases {
            assert_eq!((int16(x), is_beyond_int16(x)), (expected, false), "{x}");
        }
        for (x, expected) in [(32768.0, i16::MAX), (-32769.0, i16::MIN), (1e9, i16::MAX)] {
            assert_eq!((int16(x), is_beyond_int16(x)), (expected, true), "{x}");
        }
    }
}
