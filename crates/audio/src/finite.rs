//! Samples that are no numbers.

/// Finds the first sample that is NaN or infinite, and returns its position.
pub(crate) fn first_not_finite(samples: &[f32]) -> Option<usize> {
    // Looking at all of them first, without leaving early, is vector code; `position` is not.
    let all_finite = samples.iter().fold(true, |all, sample| all & sample.is_finite());
    if all_finite { None } else { samples.iter().position(|sample| !sample.is_finite()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sample_that_is_not_finite_is_found_wherever_it_is() {
        assert_eq!(first_not_finite(&[]), None);
        for position in 0..40 {
            for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                let mut samples = [f32::MAX; 40];
                assert_eq!(first_not_finite(&samples), None);
                samples[39] = f32::NAN;
                samples[position] = value;
                assert_eq!(first_not_finite(&samples), Some(position));
            }
        }
    }
}
