//! Derivatives, and neighbours beside them.

use std::ops::Range;

use crate::after::deltas::Deltas;
use crate::after::splice::Splice;
use crate::after::widen::{Around, Widen};
use crate::kernels::simd::Level;

/// Appends derivatives, and puts neighbours beside what that makes.
///
/// ```
/// use ossicle_dsp::{Deltas, Splice, Wide, Widen};
///
/// let wide = Wide { deltas: Deltas::new(2, 2)?, splice: Splice::new(1, 1)? };
/// assert_eq!(wide.wide_dim(13), 3 * 39);
/// # Ok::<(), ossicle_dsp::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wide {
    /// The derivatives.
    pub deltas: Deltas,
    /// The neighbours, of rows with derivatives.
    pub splice: Splice,
}

impl Widen for Wide {
    fn num_rows(&self, num_base: usize) -> usize {
        self.splice.num_rows(self.deltas.num_rows(num_base))
    }

    fn wide_dim(&self, dim: usize) -> usize {
        self.splice.wide_dim(self.deltas.wide_dim(dim))
    }

    fn context(&self, rows: &Range<usize>, num_base: usize) -> Range<usize> {
        self.deltas.context(&self.splice.context(rows, num_base), num_base)
    }

    fn widen_into(
        &self,
        level: Level,
        around: Around<'_>,
        scratch: &mut Vec<f32>,
        wide: &mut [f32],
    ) {
        if self.splice == Splice::NONE {
            return self.deltas.widen_into(level, around, scratch, wide);
        }
        if self.deltas == Deltas::NONE {
            return self.splice.widen_into(level, around, scratch, wide);
        }
        around.check(self, wide);
        let Around { base, dim, rows, num_base } = around;
        let middle = self.splice.context(&rows, num_base);
        let middle_dim = self.deltas.wide_dim(dim);
        let mut with_deltas = vec![0.0; middle.len() * middle_dim];
        let around = Around { base, dim, rows: middle, num_base };
        self.deltas.widen_into(level, around, scratch, &mut with_deltas);
        let around = Around { base: &with_deltas, dim: middle_dim, rows, num_base };
        self.splice.widen_into(level, around, scratch, wide);
    }
}
