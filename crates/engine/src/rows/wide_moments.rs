//! The statistics of an array's wide columns, made while base rows come.

use ossicle_dsp::{Level, Moments, Wide, WideScratch, WideStream, Widen};

/// The number of rows that are widened at a time: with deltas, 240 KiB, which a second-level cache
/// holds. The moments of so many rows are merged at a time, so that the sums of a long recording lose
/// no more than those of a short one, and its rows need not be there all at once.
pub(crate) const ROWS_AT_ONCE: usize = 512;

/// The moments of an utterance's wide columns in an array, while base rows come.
#[derive(Debug)]
pub(crate) struct WideMoments {
    level: Level,
    wide: WideStream<Wide>,
    moments: Moments,
}

impl WideMoments {
    /// Begins with no rows.
    ///
    /// - `dim`: how many columns base rows have
    pub(crate) fn new(widen: Wide, level: Level, dim: usize) -> WideMoments {
        WideMoments {
            level,
            wide: WideStream::new(widen, dim, ROWS_AT_ONCE, level),
            moments: Moments::empty(widen.wide_dim(dim)),
        }
    }

    /// Takes in the next base rows, however many.
    pub(crate) fn push(&mut self, rows: &[f32], scratch: &mut WideScratch) {
        let WideMoments { level, wide, moments } = self;
        wide.push(rows, scratch, |wide| add(moments, wide, *level));
    }

    /// Takes in the last base rows, and returns the moments of all.
    pub(crate) fn finish(self, last: &[f32], scratch: &mut WideScratch) -> Moments {
        let WideMoments { level, wide, mut moments } = self;
        wide.finish(last, scratch, |wide| add(&mut moments, wide, level));
        moments
    }
}

fn add(moments: &mut Moments, wide: &[f32], level: Level) {
    moments.add(&Moments::of_rows(wide, moments.mean.len(), level));
}

#[cfg(test)]
mod tests {
    use super::*;
    use ossicle_dsp::{Deltas, Splice};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rows_have_the_same_moments_however_many_come_at_a_time(
            num_frames in 9_usize..1200, dim in 1_usize..4, order in 0_usize..3,
            cuts in prop::collection::vec(1_usize..700, 1..8),
        ) {
            let wide = Wide { deltas: Deltas::new(order, 2).unwrap(), splice: Splice::NONE };
            let rows: Vec<f32> =
                (0..num_frames * dim).map(|i| ((i * 7919) % 1009) as f32 / 64.0).collect();
            let mut scratch = WideScratch::default();
            let begin = || WideMoments::new(wide, Level::BASELINE, dim);
            let whole = begin().finish(&rows, &mut scratch);
            let mut chunks = begin();
            let mut left = &rows[..];
            for cut in cuts.iter().cycle() {
                let (chunk, rest) = left.split_at((cut * dim).min(left.len()));
                chunks.push(chunk, &mut scratch);
                left = rest;
                if left.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(chunks.finish(&[], &mut scratch), whole.clone());
            let least = rows.chunks(dim).map(|row| row[0]).fold(f32::INFINITY, f32::min);
            prop_assert_eq!(whole.min[0], least);
            prop_assert_eq!(whole.count, num_frames as u64);
        }
    }
}
