//! The stretch of a recording that an utterance is.

use std::ops::Range;

use ossicle_corpus::Span;
use ossicle_dataset::Stage;

use crate::cause::Cause;
use crate::rows::failure::Failure;

/// Finds the samples of a recording that an utterance is: those of its span, or all.
///
/// - `num_samples`: how many the recording has
/// - `frame_length`: a span may end so many samples behind the recording, as an alignment may: times in
///   descriptions are rounded. It is cut to the recording then
pub(crate) fn stretch(
    span: Option<Span>,
    sample_rate_hz: u32,
    num_samples: u64,
    frame_length: u64,
) -> Result<Range<u64>, Failure> {
    let Some(span) = span else { return Ok(0..num_samples) };
    let fail = |error| Err(Failure::new(Stage::Decode, Cause::OutsideRecording, error));
    let (start, end) = span.samples(sample_rate_hz);
    let end = end.unwrap_or(num_samples);
    if end > num_samples.saturating_add(frame_length) {
        return fail(format!(
            "its segment ends at sample {end}, more than a frame past the recording's {num_samples}"
        ));
    }
    if start >= end.min(num_samples) {
        return fail(format!(
            "its segment, from sample {start} to {end}, has nothing of the recording's {num_samples}"
        ));
    }
    Ok(start..end.min(num_samples))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE_HZ: u32 = 8000;

    fn of(start: u64, end: Option<u64>) -> Result<Range<u64>, Failure> {
        stretch(Some(Span::Samples { start, end }), RATE_HZ, 1000, 200)
    }

    #[test]
    fn without_a_span_it_is_all_of_the_recording() {
        assert_eq!(stretch(None, RATE_HZ, 1000, 200), Ok(0..1000));
        assert_eq!(stretch(None, RATE_HZ, 0, 200), Ok(0..0));
    }

    #[test]
    fn a_span_is_cut_to_the_recording_if_it_ends_a_frame_behind_at_the_most() {
        assert_eq!(of(10, Some(20)), Ok(10..20));
        assert_eq!(of(0, Some(1000)), Ok(0..1000));
        assert_eq!(of(999, None), Ok(999..1000));
        assert_eq!(of(900, Some(1200)), Ok(900..1000));
        let failure = of(900, Some(1201)).unwrap_err();
        assert_eq!(
            failure.error,
            "its segment ends at sample 1201, more than a frame past the recording's 1000"
        );
        assert_eq!((failure.stage, failure.cause), (Stage::Decode, Cause::OutsideRecording));
        assert!(of(0, Some(u64::MAX)).is_err());
    }

    #[test]
    fn a_span_without_a_sample_of_the_recording_is_an_error_with_all_numbers() {
        for (start, end) in [(1000, Some(1001)), (20, Some(20)), (30, Some(20)), (1000, None)] {
            let error = of(start, end).unwrap_err().error;
            let end = end.unwrap_or(1000);
            assert_eq!(
                error,
                format!(
                    "its segment, from sample {start} to {end}, has nothing of the recording's 1000"
                )
            );
        }
    }

    #[test]
    fn times_are_those_of_the_recordings_own_rate() {
        let span = Span::Nanoseconds { start: 10_000_000, end: Some(100_000_000) };
        assert_eq!(stretch(Some(span), 8000, 1000, 200), Ok(80..800));
        assert_eq!(stretch(Some(span), 16_000, 1600, 400), Ok(160..1600));
    }
}
