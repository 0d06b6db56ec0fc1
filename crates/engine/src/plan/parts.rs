//! A part: a run of consecutive utterances of one split, planned from their list and sizes alone.
//!
//! A part is the unit of scheduling, of commit, of resume, and of what is lost with a worker. What it
//! becomes is a file; see [`part`](crate::part).

use std::ops::Range;

use ossicle_corpus::{Span, Split, Utterance};

/// A run of consecutive utterances of one split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its place among all parts; its file is named after it.
    pub number: usize,
    /// The split, by its place in the corpus.
    pub split: usize,
    /// The utterances, by their places in the split.
    pub utterances: Range<usize>,
    /// The size of their recordings together, in bytes; a segment counts for what it is of its
    /// recording.
    pub source_bytes: u64,
}

const MIB: u64 = 1 << 20;

/// Cuts a corpus into parts, by the list of utterances and their sizes alone: never by workers or timing.
pub(crate) fn cut(splits: &[Split]) -> Vec<Part> {
    let utterances = || splits.iter().flat_map(|split| &split.utterances);
    let total: u64 = utterances().map(source_bytes).sum();
    let target = (total / 4096).clamp(16 * MIB, 512 * MIB);
    // Short recordings cost by the file, so a small target is not all of it. A small corpus gets
    // small parts: with 256 of them, the last ones to end leave few workers idle for long.
    let most_utterances = match target / (16 * MIB) {
        1 => (utterances().count() / 256).clamp(4, 64),
        scale => usize::try_from(64 * scale).unwrap_or(usize::MAX),
    };
    let mut parts = Vec::new();
    for (split, utterances) in splits.iter().map(|split| &split.utterances).enumerate() {
        let mut begin = 0;
        let mut bytes = 0;
        for (at, utterance) in utterances.iter().enumerate() {
            bytes += source_bytes(utterance);
            let end = at + 1;
            if bytes >= target || end - begin >= most_utterances || end == utterances.len() {
                let (number, utterances) = (parts.len(), begin..end);
                parts.push(Part { number, split, utterances, source_bytes: bytes });
                (begin, bytes) = (end, 0);
            }
        }
    }
    parts
}

/// Returns the bytes of its recording that an utterance counts for: all, or for a segment those that
/// 16-bit speech at 16 kHz has. The recording's own rate and encoding show only when it is opened.
pub(crate) fn source_bytes(utterance: &Utterance) -> u64 {
    const SAMPLE_BYTES: u64 = 2;
    const SECOND_BYTES: u128 = 32_000;
    let bytes = match utterance.span() {
        Some(Span::Samples { start, end: Some(end) }) => {
            end.saturating_sub(start).saturating_mul(SAMPLE_BYTES)
        }
        Some(Span::Nanoseconds { start, end: Some(end) }) => {
            // Below 2^64, as 32,000 bytes a second are fewer than one a nanosecond.
            (u128::from(end.saturating_sub(start)) * SECOND_BYTES / 1_000_000_000) as u64
        }
        // To the recording's end, which nobody knows yet.
        Some(_) | None => u64::MAX,
    };
    bytes.min(utterance.recording_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::mock::utterance;
    use ossicle_corpus::Extra;
    use proptest::prelude::*;
    use std::path::PathBuf;

    fn split(sizes: &[u64]) -> Split {
        let of_size = |(i, &size): (u32, &u64)| utterance(&format!("{i:04}"), "x.wav", size);
        Split {
            name: "all".to_owned(),
            root: PathBuf::new(),
            utterances: (0..).zip(sizes).map(of_size).collect(),
            left_out: 0,
        }
    }

    #[test]
    fn a_segment_counts_for_its_length_and_at_most_for_its_file() {
        let bytes = |span| {
            let extra = Extra::of(Some(span), None, None);
            source_bytes(&Utterance { extra, ..split(&[64_000]).utterances.remove(0) })
        };
        let time = |start, end| Span::Nanoseconds { start, end };
        let samples = |start, end| Span::Samples { start, end };
        assert_eq!(bytes(time(500_000_000, Some(1_000_000_000))), 16_000);
        assert_eq!(bytes(samples(500, Some(1000))), 1000);
        for (start, end) in [(0, None), (7, None), (0, Some(u64::MAX))] {
            assert_eq!((bytes(time(start, end)), bytes(samples(start, end))), (64_000, 64_000));
        }
        assert_eq!((bytes(time(9, Some(3))), bytes(samples(9, Some(3)))), (0, 0));
    }

    #[test]
    fn many_segments_of_a_long_recording_make_parts_by_their_own_lengths() {
        // Segments of a second, of a recording as large as 64 parts.
        let second = |n: u64| Span::Samples { start: 16_000 * n, end: Some(16_000 * (n + 1)) };
        let mut segments = split(&[1 << 30; 1000]);
        for (n, utterance) in segments.utterances.iter_mut().enumerate() {
            utterance.extra = Extra::of(Some(second(n as u64)), None, None);
        }
        let parts = cut(&[segments]);
        assert!(
            parts.iter().all(|part| part.source_bytes == 32_000 * part.utterances.len() as u64)
        );
        // As many utterances a part as a corpus of small recordings would have.
        assert_eq!(parts.len(), cut(&[split(&[32_000; 1000])]).len());
    }

    proptest! {
        #[test]
        fn parts_hold_every_utterance_once_in_order(
            sizes in prop::collection::vec(prop::collection::vec(0..40 * MIB, 0..200), 1..4),
        ) {
            let splits: Vec<_> = sizes.iter().map(|sizes| split(sizes)).collect();
            let mut seen = vec![0; splits.len()];
            for (number, part) in cut(&splits).iter().enumerate() {
                prop_assert_eq!(part.number, number);
                prop_assert_eq!(part.utterances.start, seen[part.split]);
                seen[part.split] = part.utterances.end;
                prop_assert!((1..=64).contains(&part.utterances.len()));
                // All but the last utterance are below the target together.
                let bytes = &sizes[part.split][part.utterances.clone()];
                prop_assert_eq!(part.source_bytes, bytes.iter().sum::<u64>());
                prop_assert!(bytes[..bytes.len() - 1].iter().sum::<u64>() < 16 * MIB);
            }
            let lengths: Vec<_> = sizes.iter().map(Vec::len).collect();
            prop_assert_eq!(seen, lengths);
        }
    }
}
