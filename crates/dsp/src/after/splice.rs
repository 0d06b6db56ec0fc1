//! Frames with their neighbours beside them.

use std::ops::Range;

use crate::error::Error;

/// Puts the rows around each row beside it: row t becomes the rows t − left to t + right, the
/// earliest first, with the utterance's first and last rows repeated past its ends. Kaldi's
/// `splice-feats`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Splice {
    left: usize,
    right: usize,
}

impl Splice {
    /// No neighbours at all: wide rows are the rows.
    pub const NONE: Splice = Splice { left: 0, right: 0 };

    /// `left` rows before each row and `right` after it. Kaldi's default is 4 and 4.
    ///
    /// # Errors
    /// If `left` or `right` is above 100.
    pub fn new(left: usize, right: usize) -> Result<Splice, Error> {
        if left > 100 || right > 100 {
            return Err(Error::SpliceContext { left, right });
        }
        Ok(Splice { left, right })
    }

    /// How many columns rows of `dim` columns become.
    pub fn wide_dim(&self, dim: usize) -> usize {
        dim * (self.left + 1 + self.right)
    }

    /// Which rows of an utterance of `num_frames` the wide rows `rows` consist of.
    pub fn context(&self, rows: &Range<usize>, num_frames: usize) -> Range<usize> {
        if rows.is_empty() {
            return rows.clone();
        }
        rows.start.saturating_sub(self.left)..(rows.end + self.right).min(num_frames)
    }

    /// Writes wide rows.
    ///
    /// - `base`: row-major, `dim` columns, the rows `context(rows, num_frames)` of an utterance
    /// - `rows`: which wide rows to write
    /// - `wide`: row-major, `[rows.len(), wide_dim(dim)]`
    ///
    /// # Panics
    /// If `base.len() != context.len() * dim`, `wide.len() != rows.len() * wide_dim(dim)` or
    /// `rows.end > num_frames`.
    pub fn widen_into(
        &self,
        base: &[f32],
        dim: usize,
        rows: Range<usize>,
        num_frames: usize,
        wide: &mut [f32],
    ) {
        assert!(rows.end <= num_frames, "rows {rows:?} of an utterance of {num_frames}");
        let context = self.context(&rows, num_frames);
        assert_eq!(base.len(), context.len() * dim, "base must hold the context");
        assert_eq!(wide.len(), rows.len() * self.wide_dim(dim), "wide must hold the rows");
        if dim == 0 {
            return;
        }
        for (t, wide) in rows.zip(wide.chunks_exact_mut(self.wide_dim(dim))) {
            for (n, wide) in wide.chunks_exact_mut(dim).enumerate() {
                let from = (t + n).saturating_sub(self.left).min(num_frames - 1) - context.start;
                wide.copy_from_slice(&base[from * dim..(from + 1) * dim]);
            }
        }
    }
}
