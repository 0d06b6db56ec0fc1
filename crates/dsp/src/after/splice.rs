//! Frames with their neighbours beside them.

use std::ops::Range;

use crate::after::widen::{Around, Widen};
use crate::error::Error;
use crate::kernels::simd::Level;

/// Puts the rows around each row beside it: row t becomes the rows t − left to t + right, the
/// earliest first, with the utterance's first and last rows repeated past its ends. Kaldi's
/// `splice-feats`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Splice {
    left: usize,
    right: usize,
}

impl Splice {
    /// A splice without neighbours: wide rows are the rows.
    pub const NONE: Splice = Splice { left: 0, right: 0 };

    /// Plans rows with `left` rows before and `right` after each. Kaldi's default is 4 and 4.
    ///
    /// # Errors
    /// If `left` or `right` is above 100.
    pub fn new(left: usize, right: usize) -> Result<Splice, Error> {
        if left > 100 || right > 100 {
            return Err(Error::SpliceContext { left, right });
        }
        Ok(Splice { left, right })
    }
}

impl Widen for Splice {
    fn wide_dim(&self, dim: usize) -> usize {
        dim * (self.left + 1 + self.right)
    }

    fn context(&self, rows: &Range<usize>, num_frames: usize) -> Range<usize> {
        if rows.is_empty() {
            return rows.clone();
        }
        rows.start.saturating_sub(self.left)..rows.end.saturating_add(self.right).min(num_frames)
    }

    fn widen_into(
        &self,
        _level: Level,
        around: Around<'_>,
        _scratch: &mut Vec<f32>,
        wide: &mut [f32],
    ) {
        around.check(self, wide);
        let Around { base, dim, rows, num_base } = around;
        if dim == 0 {
            return;
        }
        let context = self.context(&rows, num_base);
        for (t, wide) in rows.zip(wide.chunks_exact_mut(self.wide_dim(dim))) {
            for (n, wide) in wide.chunks_exact_mut(dim).enumerate() {
                let from = (t + n).saturating_sub(self.left).min(num_base - 1) - context.start;
                wide.copy_from_slice(&base[from * dim..(from + 1) * dim]);
            }
        }
    }
}
