//! A part: a run of consecutive utterances of one split, planned from their list and sizes alone.
//!
//! A part is the unit of scheduling, of commit, of resume, and of what is lost with a worker. What it
//! becomes is a file; see [`part`](crate::part).

use std::ops::Range;

use ossicle_corpus::Split;

/// A run of consecutive utterances of one split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its place among all parts; its file is named after it.
    pub number: usize,
    /// The split, by its place in the corpus.
    pub split: usize,
    /// Which of the split's utterances.
    pub utterances: Range<usize>,
    /// How large their recordings are, together.
    pub source_bytes: u64,
}

const MIB: u64 = 1 << 20;

/// Cuts a corpus into parts, by the list of utterances and their sizes alone: never by workers or timing.
pub(crate) fn cut(splits: &[Split]) -> Vec<Part> {
    let utterances = || splits.iter().flat_map(|split| &split.utterances);
    let total: u64 = utterances().map(|utterance| utterance.size_bytes).sum();
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
            bytes += utterance.size_bytes;
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

#[cfg(test)]
mod tests {
    use super::*;
    use ossicle_corpus::Utterance;
    use proptest::prelude::*;
    use std::path::{Path, PathBuf};

    fn split(sizes: &[u64]) -> Split {
        let utterance = |(i, &size_bytes): (usize, &u64)| Utterance {
            id: format!("{i:04}").into(),
            source: Path::new("x.wav").into(),
            alignment: None,
            speaker: None,
            size_bytes,
            modified_ns: 0,
            extra: None,
        };
        Split {
            name: "all".to_owned(),
            root: PathBuf::new(),
            utterances: sizes.iter().enumerate().map(utterance).collect(),
            left_out: 0,
        }
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
