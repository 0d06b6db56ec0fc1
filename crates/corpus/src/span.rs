//! A stretch of a recording.

use serde::{Deserialize, Serialize};

/// The stretch of a recording that an utterance is, in the unit of the corpus' description.
///
/// Descriptions are read before recordings are opened, so that a time cannot be a sample yet. It is kept
/// in whole nanoseconds, which hold a decimal of nine digits exactly.
///
/// ```
/// use ossicle_corpus::Span;
///
/// let span = Span::Nanoseconds { start: 1_500_000_000, end: None };
/// assert_eq!(span.samples(16_000), (24_000, None));
/// let span = Span::Samples { start: 10, end: Some(20) };
/// assert_eq!(span.samples(16_000), (10, Some(20)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Span {
    /// In samples of the recording, at its own rate.
    Samples {
        /// The first sample.
        start: u64,
        /// The sample after the last; `None` for the recording's end.
        end: Option<u64>,
    },
    /// In nanoseconds from the recording's beginning.
    Nanoseconds {
        /// Where it starts.
        start: u64,
        /// Where it ends; `None` for the recording's end.
        end: Option<u64>,
    },
}

impl Span {
    /// The first sample and the one after the last, in a recording with this rate.
    ///
    /// A time becomes the nearest sample, the later of two. Where one span ends at the time at which
    /// another starts, they meet: no sample is lost, and none is in both.
    pub fn samples(self, sample_rate_hz: u32) -> (u64, Option<u64>) {
        match self {
            Span::Samples { start, end } => (start, end),
            Span::Nanoseconds { start, end } => {
                let sample = |time_ns| nearest_sample(time_ns, sample_rate_hz);
                (sample(start), end.map(sample))
            }
        }
    }

    /// Returns whether no sample is in both; not where that depends on the sample rate.
    pub(crate) fn is_apart_from(self, other: Span) -> bool {
        let (a, b) = match (self, other) {
            (Span::Samples { start, end }, Span::Samples { start: other, end: others })
            | (Span::Nanoseconds { start, end }, Span::Nanoseconds { start: other, end: others }) => {
                ((start, end), (other, others))
            }
            _ => return false,
        };
        let is_before = |a: (u64, Option<u64>), b: (u64, _)| a.1.is_some_and(|end| end <= b.0);
        is_before(a, b) || is_before(b, a)
    }
}

fn nearest_sample(time_ns: u64, sample_rate_hz: u32) -> u64 {
    const SECOND_NS: u128 = 1_000_000_000;
    let samples_e9 = u128::from(time_ns) * u128::from(sample_rate_hz);
    u64::try_from((samples_e9 + SECOND_NS / 2) / SECOND_NS).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn first(time_ns: u64, sample_rate_hz: u32) -> u64 {
        Span::Nanoseconds { start: time_ns, end: None }.samples(sample_rate_hz).0
    }

    proptest! {
        /// Times with nine decimals tell apart the samples of every rate below 1 GHz / 2.
        #[test]
        fn the_time_of_a_sample_is_that_sample(
            sample in 0_u64..10_000_000_000, sample_rate_hz in 1_u32..400_000
        ) {
            // As a description would write it: cut after nine decimals, so up to 1 ns too early.
            let seconds = sample / u64::from(sample_rate_hz);
            let rest = sample % u64::from(sample_rate_hz);
            prop_assume!(seconds < 1_000_000_000);
            let nanoseconds = rest * 1_000_000_000 / u64::from(sample_rate_hz);
            prop_assert_eq!(first(seconds * 1_000_000_000 + nanoseconds, sample_rate_hz), sample);
        }

        #[test]
        fn spans_that_meet_in_time_meet_in_samples(
            times in prop::collection::vec(0_u64..100_000_000_000, 3),
            sample_rate_hz in 1_u32..400_000,
        ) {
            let mut times = times;
            times.sort_unstable();
            let span = |start, end| Span::Nanoseconds { start, end: Some(end) };
            let (start, end) = span(times[0], times[1]).samples(sample_rate_hz);
            let (next_start, next_end) = span(times[1], times[2]).samples(sample_rate_hz);
            prop_assert_eq!(end, Some(next_start));
            prop_assert!(start <= next_start && Some(next_start) <= next_end);
        }
    }

    #[test]
    fn a_time_becomes_the_nearest_sample_and_the_later_of_two() {
        // At 10 Hz a sample is 100 ms.
        for (time_ms, sample) in [(0, 0), (49, 0), (50, 1), (100, 1), (149, 1), (150, 2)] {
            assert_eq!(first(time_ms * 1_000_000, 10), sample, "{time_ms} ms");
        }
    }

    #[test]
    fn the_longest_time_at_the_highest_rate_does_not_overflow() {
        // 2⁶⁴ - 1 ns are 18,446,744,073.709551615 s.
        assert_eq!(first(u64::MAX, 1), 18_446_744_074);
        assert_eq!(first(u64::MAX, u32::MAX), u64::MAX);
        let span = Span::Samples { start: 0, end: Some(u64::MAX) };
        assert_eq!(span.samples(u32::MAX), (0, Some(u64::MAX)));
    }
}
