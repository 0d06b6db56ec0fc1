//! The statistics of an array's wide columns, made while base rows come.

use ossicle_dsp::{Deltas, Level, Moments};

/// How many rows are widened at a time: with deltas, 240 KiB, which a second-level cache holds. The
/// moments of so many rows are merged at a time, so that the sums of a long recording lose no more than
/// those of a short one, and its rows need not be there all at once.
pub(crate) const ROWS_AT_ONCE: usize = 512;

/// What widening takes, which may be dirty.
#[derive(Debug, Default)]
pub(crate) struct Widening {
    /// Wide rows.
    pub(crate) wide: Vec<f32>,
    /// What deltas need besides.
    pub(crate) scratch: Vec<f32>,
}

/// The moments of an utterance's wide columns in an array, while base rows come.
#[derive(Debug)]
pub(crate) struct WideMoments {
    deltas: Deltas,
    level: Level,
    dim: usize,
    num_frames: usize,
    /// The first row that is not in the moments.
    next: usize,
    moments: Moments,
    /// Base rows that later ones still need, from `first_held` on.
    held: Vec<f32>,
    first_held: usize,
}

impl WideMoments {
    /// - `dim`: how many columns base rows have
    /// - `num_frames`: how many there will be
    pub(crate) fn new(deltas: Deltas, level: Level, dim: usize, num_frames: usize) -> WideMoments {
        WideMoments {
            deltas,
            level,
            dim,
            num_frames,
            next: 0,
            moments: Moments::empty(deltas.wide_dim(dim)),
            held: Vec::new(),
            first_held: 0,
        }
    }

    /// Takes in the next base rows, however many.
    pub(crate) fn push(&mut self, rows: &[f32], widening: &mut Widening) {
        let mut held = std::mem::take(&mut self.held);
        let first = self.first_held;
        if held.is_empty() {
            // Most recordings come whole, and nothing of them has to be held.
            self.advance(rows, widening);
            self.first_held = self.first_needed();
            held.extend_from_slice(&rows[(self.first_held - first) * self.dim..]);
        } else {
            held.extend_from_slice(rows);
            self.advance(&held, widening);
            self.first_held = self.first_needed();
            held.drain(..(self.first_held - first) * self.dim);
        }
        self.held = held;
    }

    /// Takes in whatever can be widened of rows without a gap, from `first_held` on.
    fn advance(&mut self, rows: &[f32], widening: &mut Widening) {
        let (dim, first) = (self.dim, self.first_held);
        let end = first + rows.len() / dim;
        while self.next < self.num_frames {
            let block = self.next..(self.next + ROWS_AT_ONCE).min(self.num_frames);
            let context = self.deltas.context(&block, self.num_frames);
            if context.end > end {
                return;
            }
            self.next = block.end;
            let wide_dim = self.moments.mean.len();
            widening.wide.resize(block.len() * wide_dim, 0.0);
            self.deltas.widen_into(
                self.level,
                &rows[(context.start - first) * dim..(context.end - first) * dim],
                dim,
                block,
                self.num_frames,
                &mut widening.scratch,
                &mut widening.wide,
            );
            self.moments.add(&Moments::of_rows(&widening.wide, wide_dim, self.level));
        }
    }

    /// The first row that is still needed.
    fn first_needed(&self) -> usize {
        match self.next < self.num_frames {
            true => self.deltas.context(&(self.next..self.num_frames), self.num_frames).start,
            false => self.num_frames,
        }
    }

    /// The moments, once all rows were there.
    pub(crate) fn finish(self) -> Moments {
        debug_assert_eq!(self.next, self.num_frames, "not all rows were there");
        self.moments
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rows_have_the_same_moments_however_many_come_at_a_time(
            num_frames in 9_usize..1200, dim in 1_usize..4, order in 0_usize..3,
            cuts in prop::collection::vec(1_usize..700, 1..8),
        ) {
            let deltas = Deltas::new(order, 2).unwrap();
            let rows: Vec<f32> =
                (0..num_frames * dim).map(|i| ((i * 7919) % 1009) as f32 / 64.0).collect();
            let mut widening = Widening::default();
            let mut whole = WideMoments::new(deltas, Level::BASELINE, dim, num_frames);
            whole.push(&rows, &mut widening);
            let whole = whole.finish();
            let mut pieces = WideMoments::new(deltas, Level::BASELINE, dim, num_frames);
            let mut left = &rows[..];
            for cut in cuts.iter().cycle() {
                let (piece, rest) = left.split_at((cut * dim).min(left.len()));
                pieces.push(piece, &mut widening);
                left = rest;
                if left.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(pieces.finish(), whole.clone());
            let least = rows.chunks(dim).map(|row| row[0]).fold(f32::INFINITY, f32::min);
            prop_assert_eq!(whole.min[0], least);
            prop_assert_eq!(whole.count, num_frames as u64);
        }
    }
}
