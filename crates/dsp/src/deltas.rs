//! Time derivatives of features.

use std::ops::Range;

use crate::error::Error;
use crate::lanes::Vector;
use crate::simd::{Kernel, Level};

/// Appends regression deltas to features:
/// `d[t] = Σₙ n·(x[t+n] − x[t−n]) / 2·Σₙ n²`, n = 1..=window.
///
/// Rows before the first and after the last are taken to equal them, for every order anew: the
/// delta-delta is the delta of the delta, whose own edges are repeated. HTK, python_speech_features
/// and torchaudio do the same; Kaldi convolves the kernels first, which differs near the edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deltas {
    order: usize,
    window: usize,
}

impl Deltas {
    /// No deltas at all: wide rows are the rows.
    pub const NONE: Deltas = Deltas { order: 0, window: 1 };

    /// Deltas up to `order` (2: deltas and delta-deltas) over ±`window` frames.
    ///
    /// # Errors
    /// If `order` is above 4, or `window` is 0 or above 100.
    pub fn new(order: usize, window: usize) -> Result<Deltas, Error> {
        match (order, window) {
            (5.., _) => Err(Error::DeltaOrder { order }),
            (_, 0 | 101..) => Err(Error::DeltaWindow { window }),
            _ => Ok(Deltas { order, window }),
        }
    }

    /// How many columns rows of `dim` columns become.
    pub fn wide_dim(&self, dim: usize) -> usize {
        dim * (self.order + 1)
    }

    /// Which rows of an utterance of `num_frames` the wide rows `rows` depend on.
    pub fn context(&self, rows: &Range<usize>, num_frames: usize) -> Range<usize> {
        self.reach(rows, self.order, num_frames)
    }

    /// Writes wide rows: the features, their deltas, the deltas' deltas and so on.
    ///
    /// - `base`: row-major, `dim` columns, the rows `context(rows, num_frames)` of an utterance
    /// - `rows`: which wide rows to write
    /// - `scratch`: overwritten, may be dirty
    /// - `wide`: row-major, `[rows.len(), wide_dim(dim)]`
    ///
    /// What is written for a row does not depend on which other rows are asked for.
    ///
    /// # Panics
    /// If `base.len() != context.len() * dim`, `wide.len() != rows.len() * wide_dim(dim)` or
    /// `rows.end > num_frames`.
    #[expect(clippy::too_many_arguments, reason = "a window into an utterance is two ranges")]
    pub fn widen_into(
        &self,
        level: Level,
        base: &[f32],
        dim: usize,
        rows: Range<usize>,
        num_frames: usize,
        scratch: &mut Vec<f32>,
        wide: &mut [f32],
    ) {
        assert!(rows.end <= num_frames, "rows {rows:?} of an utterance of {num_frames}");
        let context = self.context(&rows, num_frames);
        assert_eq!(base.len(), context.len() * dim, "base must hold the context");
        assert_eq!(wide.len(), rows.len() * self.wide_dim(dim), "wide must hold the rows");
        level.run(Widen { deltas: *self, base, dim, rows, num_frames, scratch, wide });
    }

    /// The rows that `order` more derivatives of `rows` depend on.
    #[inline(always)]
    fn reach(&self, rows: &Range<usize>, order: usize, num_frames: usize) -> Range<usize> {
        let reach = order * self.window;
        if rows.is_empty() {
            return rows.clone();
        }
        rows.start.saturating_sub(reach)..(rows.end + reach).min(num_frames)
    }
}

struct Widen<'a> {
    deltas: Deltas,
    base: &'a [f32],
    dim: usize,
    rows: Range<usize>,
    num_frames: usize,
    scratch: &'a mut Vec<f32>,
    wide: &'a mut [f32],
}

impl Kernel for Widen<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Widen { deltas, base, dim, rows, num_frames, scratch, wide } = self;
        if dim == 0 || rows.is_empty() {
            return;
        }
        let wide_dim = deltas.wide_dim(dim);
        let mut from_rows = deltas.reach(&rows, deltas.order, num_frames);
        let skip = rows.start - from_rows.start;
        for (wide, row) in wide.chunks_exact_mut(wide_dim).zip(base[skip * dim..].chunks_exact(dim))
        {
            wide[..dim].copy_from_slice(row);
        }
        // Two buffers, swapped from order to order: the one before and the one being made.
        let longest = from_rows.len() * dim;
        if scratch.len() < 2 * longest {
            scratch.resize(2 * longest, 0.0);
        }
        let (mut made, mut spare) = scratch.split_at_mut(longest);
        for order in 1..=deltas.order {
            let from = if order == 1 { base } else { &*spare };
            let to_rows = deltas.reach(&rows, deltas.order - order, num_frames);
            for (t, out) in to_rows.clone().zip(made.chunks_exact_mut(dim)) {
                let row = |t: usize| {
                    let at = t.clamp(0, num_frames - 1) - from_rows.start;
                    &from[at * dim..(at + 1) * dim]
                };
                regression(deltas.window, t, num_frames, row, out);
                if rows.contains(&t) {
                    let at = (t - rows.start) * wide_dim + order * dim;
                    wide[at..at + dim].copy_from_slice(out);
                }
            }
            std::mem::swap(&mut made, &mut spare);
            from_rows = to_rows;
        }
    }
}

#[inline(always)]
fn regression<'a>(
    window: usize,
    t: usize,
    num_frames: usize,
    row: impl Fn(usize) -> &'a [f32],
    out: &mut [f32],
) {
    let norm = 2.0 * (1..=window).map(|n| (n * n) as f32).sum::<f32>();
    if window == 2 {
        // The window that everybody uses, without a trip through memory between its two terms.
        let (a, b) = (row((t + 1).min(num_frames - 1)), row(t.saturating_sub(1)));
        let (c, d) = (row((t + 2).min(num_frames - 1)), row(t.saturating_sub(2)));
        for ((((out, a), b), c), d) in out.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            *out = ((a - b) + 2.0 * (c - d)) / norm;
        }
        return;
    }
    out.fill(0.0);
    for n in 1..=window {
        let (after, before) = (row((t + n).min(num_frames - 1)), row(t.saturating_sub(n)));
        for ((out, a), b) in out.iter_mut().zip(after).zip(before) {
            *out += n as f32 * (a - b);
        }
    }
    out.iter_mut().for_each(|x| *x /= norm);
}
