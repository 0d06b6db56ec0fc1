//! Frames with their neighbours beside them.

use std::ops::Range;

use crate::after::widen::{Around, Widen};
use crate::error::Error;
use crate::kernels::simd::Level;

/// Puts the rows around each row beside it, or around every n-th: row r becomes the rows n·r − left to
/// n·r + right, the earliest first. Before an utterance's first row, that is repeated. With n = 1 it is
/// Kaldi's `splice-feats`; FunASR's low frame rate has n = 6 and three rows on either side, and
/// SeamlessM4T's stride n = 2 and one row after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Splice {
    left: usize,
    right: usize,
    every: usize,
    last: LastRows,
}

/// The treatment of rows that would reach past the utterance's last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum LastRows {
    /// The last row is repeated: Kaldi, FunASR.
    #[default]
    Repeat,
    /// They are left out: SeamlessM4T.
    Drop,
}

impl Splice {
    /// A splice without neighbours: wide rows are the rows.
    pub const NONE: Splice = Splice { left: 0, right: 0, every: 1, last: LastRows::Repeat };

    /// Plans rows with `left` rows before and `right` after each. Kaldi's default is 4 and 4.
    ///
    /// # Errors
    /// If `left` or `right` is above 100.
    pub fn new(left: usize, right: usize) -> Result<Splice, Error> {
        if left > 100 || right > 100 {
            return Err(Error::SpliceContext { left, right });
        }
        Ok(Splice { left, right, ..Splice::NONE })
    }

    /// Makes a row of every so many rows alone, and says what becomes of those that reach past the end.
    ///
    /// ```
    /// use ossicle_dsp::{LastRows, Splice, Widen};
    ///
    /// // FunASR's low frame rate, and pairs of rows.
    /// let lfr = Splice::new(3, 3)?.every(6, LastRows::Repeat)?;
    /// let pairs = Splice::new(0, 1)?.every(2, LastRows::Drop)?;
    /// assert_eq!((lfr.num_rows(13), lfr.wide_dim(80)), (3, 560));
    /// assert_eq!((pairs.num_rows(13), pairs.wide_dim(80)), (6, 160));
    /// # Ok::<(), ossicle_dsp::Error>(())
    /// ```
    ///
    /// # Errors
    /// If `every` is 0 or above 100.
    pub fn every(self, every: usize, last: LastRows) -> Result<Splice, Error> {
        if !(1..=100).contains(&every) {
            return Err(Error::SpliceStep { every });
        }
        Ok(Splice { every, last, ..self })
    }

    /// Returns how many rows it is from one wide row to the next.
    pub fn step(&self) -> usize {
        self.every
    }
}

impl Widen for Splice {
    fn num_rows(&self, num_base: usize) -> usize {
        match self.last {
            LastRows::Repeat => num_base.div_ceil(self.every),
            LastRows::Drop => {
                num_base.checked_sub(self.right + 1).map_or(0, |last| last / self.every + 1)
            }
        }
    }

    fn wide_dim(&self, dim: usize) -> usize {
        dim * (self.left + 1 + self.right)
    }

    fn context(&self, rows: &Range<usize>, num_base: usize) -> Range<usize> {
        if rows.is_empty() {
            let at = rows.start.saturating_mul(self.every).min(num_base);
            return at..at;
        }
        let [first, last] = [rows.start, rows.end - 1].map(|row| row.saturating_mul(self.every));
        // A wide row that there is none of asks for the last of the rows at least.
        let end = last.saturating_add(self.right + 1).min(num_base);
        first.saturating_sub(self.left).min(end)..end
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
        for (row, wide) in rows.zip(wide.chunks_exact_mut(self.wide_dim(dim))) {
            let at = row * self.every;
            for (n, wide) in wide.chunks_exact_mut(dim).enumerate() {
                let from = (at + n).saturating_sub(self.left).min(num_base - 1) - context.start;
                wide.copy_from_slice(&base[from * dim..(from + 1) * dim]);
            }
        }
    }
}
