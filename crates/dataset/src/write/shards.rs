//! The utterances that share a file.

use std::ops::Range;

/// A run of utterances that share a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shard {
    /// The utterances of the split that are in it.
    pub utterances: Range<usize>,
    /// The number of frames they have together.
    pub num_frames: u64,
}

/// Cuts a split into shards of at most `shard_bytes`; a longer utterance has its own.
///
/// - `sizes`: of each utterance, its frames, and the bytes that count
///
/// There is always at least one shard, so that an empty split is read like any other.
pub(crate) fn cut_shards(
    sizes: impl IntoIterator<Item = (u64, u64)>,
    shard_bytes: u64,
) -> Vec<Shard> {
    let most = shard_bytes.saturating_sub(crate::format::npy::NPY_HEADER_BYTES as u64);
    let mut shards = vec![Shard { utterances: 0..0, num_frames: 0 }];
    let mut filled = 0_u64;
    for (utterance, (frames, bytes)) in sizes.into_iter().enumerate() {
        let last = shards.len() - 1;
        let shard = &mut shards[last];
        if shard.utterances.is_empty() || filled.saturating_add(bytes) <= most {
            shard.utterances.end = utterance + 1;
            shard.num_frames += frames;
            filled = filled.saturating_add(bytes);
        } else {
            shards.push(Shard { utterances: utterance..utterance + 1, num_frames: frames });
            filled = bytes;
        }
    }
    shards
}

/// Cuts a split behind these utterances.
///
/// - `frames`: of each utterance
/// - `ends`: rising, the last of them behind all utterances
pub(crate) fn shards_to(frames: impl Fn(usize) -> u64, ends: &[usize]) -> Vec<Shard> {
    let mut shards = Vec::with_capacity(ends.len());
    let mut begin = 0;
    for &end in ends {
        let utterances = begin..end.max(begin);
        begin = utterances.end;
        // None is empty, but that of an empty split.
        if !utterances.is_empty() {
            let num_frames = utterances.clone().map(&frames).sum();
            shards.push(Shard { utterances, num_frames });
        }
    }
    if shards.is_empty() {
        shards.push(Shard { utterances: 0..0, num_frames: 0 });
    }
    shards
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_empty_split_has_one_empty_shard() {
        assert_eq!(cut_shards([], 1000), [Shard { utterances: 0..0, num_frames: 0 }]);
    }

    proptest! {
        #[test]
        fn shards_hold_every_utterance_once_in_order_and_within_bounds(
            frames in prop::collection::vec(0_u64..50, 0..40), row in 1_u64..9, most in 128_u64..400,
        ) {
            let shards = cut_shards(frames.iter().map(|&n| (n, n * row)), most);
            let mut next = 0;
            for shard in &shards {
                prop_assert_eq!(shard.utterances.start, next);
                next = shard.utterances.end;
                let sum: u64 = frames[shard.utterances.clone()].iter().sum();
                prop_assert_eq!(shard.num_frames, sum);
                prop_assert!(128 + sum * row <= most || shard.utterances.len() == 1);
                prop_assert!(!shard.utterances.is_empty() || frames.is_empty());
            }
            prop_assert_eq!(next, frames.len());
        }
    }
}
