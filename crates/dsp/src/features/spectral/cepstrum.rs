//! Cepstral coefficients, and the cosine transform that makes them of log energies.

use std::ops::Range;

use crate::error::Error;
use crate::features::spectral::plp::LinearPrediction;
use crate::kernels::lanes::Vector;

/// The cepstral coefficients that replace the columns: the rows of an orthonormal DCT-II, or, with
/// linear prediction, the cepstra of an all-pole model (PLP).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cepstra {
    /// The number of coefficients, C0 counted even where it is dropped.
    pub num_ceps: usize,
    /// The weights that raise high orders.
    pub lifter: Lifter,
    /// The place of C0.
    pub c0: C0,
    /// The all-pole model; `None` is the cosine transform.
    pub linear_prediction: Option<LinearPrediction>,
}

/// The factor of each coefficient.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Lifter {
    /// 1.
    None,
    /// 1 + Q/2·sin(πi/Q) for i = 0, 1, …, so C0 stays: Kaldi, HTK, python_speech_features.
    FromZero(f32),
    /// 1 + Q/2·sin(π(i + 1)/Q): librosa.
    FromOne(f32),
}

/// The place of C0 among the coefficients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum C0 {
    /// The first coefficient.
    First,
    /// The last coefficient; that of the cosine transform is multiplied by √2: HTK, Kaldi's
    /// `--htk-compat`.
    Last,
    /// None: C0 is dropped, often for the log energy (Kaldi's `--use-energy`).
    Dropped,
}

impl Cepstra {
    /// Returns the number of coefficients that are kept.
    pub(crate) fn num_kept(&self) -> usize {
        match self.c0 {
            C0::Dropped => self.num_ceps.saturating_sub(1),
            C0::First | C0::Last => self.num_ceps,
        }
    }

    pub(crate) fn check(&self, num_columns: usize) -> Result<(), Error> {
        let num_ceps = self.num_ceps;
        let least = 1 + usize::from(self.c0 == C0::Dropped);
        if num_ceps < least || num_ceps > num_columns {
            return Err(Error::Cepstra { num_ceps, least, num_columns });
        }
        match self.lifter {
            Lifter::FromZero(value) | Lifter::FromOne(value)
                if !value.is_normal() || value < 0.0 =>
            {
                Err(Error::NotPositive { key: "cepstral_lifter", value })
            }
            _ => Ok(()),
        }
    }

    /// Returns the factor that each coefficient is multiplied with in the end.
    pub(crate) fn factors(&self) -> Vec<f32> {
        let lifter = |i: usize| {
            let (q, i) = match self.lifter {
                Lifter::None => return 1.0,
                Lifter::FromZero(q) => (f64::from(q), i as f64),
                Lifter::FromOne(q) => (f64::from(q), (i + 1) as f64),
            };
            1.0 + 0.5 * q * libm::sin(std::f64::consts::PI * i / q)
        };
        let (scale, c0) = match (&self.linear_prediction, self.c0) {
            (Some(prediction), _) => (f64::from(prediction.cepstral_scale), 1.0),
            (None, C0::Last) => (1.0, std::f64::consts::SQRT_2),
            (None, C0::First | C0::Dropped) => (1.0, 1.0),
        };
        let factor = |i: usize| lifter(i) * scale * if i == 0 { c0 } else { 1.0 };
        (0..self.num_ceps).map(|i| factor(i) as f32).collect()
    }
}

/// The first `num_ceps` rows of the orthonormal DCT-II of `size` points:
/// row 0 is √(1/N), row k is √(2/N)·cos(π/N·(n + ½)·k).
///
/// Row k is symmetric about its middle for even k and antisymmetric for odd k. So the points are
/// folded: the odd rows are sums over the differences of mirrored points, and the even rows are the
/// transform of their sums, which is folded again as long as its size is even.
#[derive(Debug, Clone)]
pub(crate) struct Dct {
    size: usize,
    num_ceps: usize,
    /// The rows of each fold, largest first, and last those that cannot be folded.
    parts: Vec<Part>,
}

/// Rows that are sums over the same points.
#[derive(Debug, Clone)]
struct Part {
    points: Range<usize>,
    first_row: usize,
    row_step: usize,
    /// Row by row, the weights of the points; rows of zeros fill the last [`BLOCK`]. (With a block's
    /// rows interleaved, the baseline's sums come out vectorised across rows, and shuffled.)
    weights: Vec<f32>,
}

/// The number of rows that share one pass over the points: their sums fit the registers.
const BLOCK: usize = 4;

impl Dct {
    pub(crate) fn new(size: usize, num_ceps: usize) -> Dct {
        let mut parts = Vec::new();
        let (mut left, mut step) = (size, 1);
        while left % 2 == 0 && step < num_ceps {
            // The difference of the points n and left − 1 − n takes the place of the latter.
            let point_at = |place| left - 1 - place;
            parts.push(Part::new(size, left / 2..left, point_at, step..num_ceps, 2 * step));
            (left, step) = (left / 2, step * 2);
        }
        parts.push(Part::new(size, 0..left, |i| i, 0..num_ceps, step));
        Dct { size, num_ceps, parts }
    }

    /// Writes the rows.
    ///
    /// - `points`: the `size` log energies; overwritten
    /// - `rows`: `num_ceps` of them
    #[inline(always)]
    pub(crate) fn apply<V: Vector<N>, const N: usize>(
        &self,
        points: &mut [[f32; N]],
        rows: &mut [[f32; N]],
    ) {
        let (points, rows) = (&mut points[..self.size], &mut rows[..self.num_ceps]);
        for part in &self.parts {
            if part.points.start > 0 {
                let (front, back) = points[..part.points.end].split_at_mut(part.points.start);
                for (front, back) in front.iter_mut().zip(back.iter_mut().rev()) {
                    let (a, b) = (V::load(front), V::load(back));
                    (a + b).store(front);
                    (a - b).store(back);
                }
            }
            part.apply::<V, N>(&points[part.points.clone()], rows);
        }
    }
}

impl Part {
    /// Tabulates the rows `rows`, in steps of `row_step`, of a transform of `size` points, from
    /// what the folds have left at `points`. A value at a place there has the weight of the point
    /// that `point_at` returns.
    fn new(
        size: usize,
        points: Range<usize>,
        point_at: impl Fn(usize) -> usize,
        rows: Range<usize>,
        row_step: usize,
    ) -> Part {
        let first_row = rows.start;
        let rows: Vec<usize> = rows.step_by(row_step).collect();
        let mut weights = Vec::new();
        for block in rows.chunks(BLOCK) {
            for i in 0..BLOCK {
                for n in points.clone().map(&point_at) {
                    weights.push(block.get(i).map_or(0.0, |&k| weight(size, k, n) as f32));
                }
            }
        }
        Part { points, first_row, row_step, weights }
    }

    /// Sums each row over the points from first to last.
    #[inline(always)]
    fn apply<V: Vector<N>, const N: usize>(&self, points: &[[f32; N]], rows: &mut [[f32; N]]) {
        let mut rows = rows[self.first_row..].iter_mut().step_by(self.row_step);
        for block in self.weights.chunks_exact(points.len() * BLOCK) {
            let mut sums = [V::splat(0.0); BLOCK];
            let (a, b) = block.split_at(2 * points.len());
            let ((a, b), (c, d)) = (a.split_at(points.len()), b.split_at(points.len()));
            for ((((point, &a), &b), &c), &d) in points.iter().zip(a).zip(b).zip(c).zip(d) {
                let point = V::load(point);
                sums[0] = sums[0] + point * a;
                sums[1] = sums[1] + point * b;
                sums[2] = sums[2] + point * c;
                sums[3] = sums[3] + point * d;
            }
            for (sum, row) in sums.into_iter().zip(&mut rows) {
                sum.store(row);
            }
        }
    }
}

fn weight(size: usize, k: usize, n: usize) -> f64 {
    let points = size as f64;
    if k == 0 {
        return libm::sqrt(1.0 / points);
    }
    // The angle is π·((2n + 1)·k mod 4N) / 2N, reduced in whole numbers.
    let quarter_turns = ((2 * n + 1) * k % (4 * size)) as f64;
    libm::sqrt(2.0 / points) * libm::cos(std::f64::consts::PI * quarter_turns / (2.0 * points))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::lanes::LANES;
    use crate::kernels::simd::Baseline;

    #[test]
    fn the_folded_transform_equals_the_plain_sum() {
        for size in [1, 2, 3, 5, 8, 23, 40, 128] {
            for num_ceps in [1, size / 2, size].into_iter().filter(|&k| k > 0) {
                let input: Vec<[f32; LANES]> = (0..size)
                    .map(|n| std::array::from_fn(|l| ((n * 7 + l * 3) % 11) as f32 - 5.0))
                    .collect();
                let mut rows = vec![[f32::NAN; LANES]; num_ceps];
                Dct::new(size, num_ceps).apply::<Baseline, LANES>(&mut input.clone(), &mut rows);
                for (k, row) in rows.iter().enumerate() {
                    for lane in 0..LANES {
                        let scale = if k == 0 { 1.0 } else { 2.0 } / size as f64;
                        let truth: f64 = (0..size)
                            .map(|n| {
                                let angle = std::f64::consts::PI / size as f64
                                    * (n as f64 + 0.5)
                                    * k as f64;
                                scale.sqrt() * libm::cos(angle) * f64::from(input[n][lane])
                            })
                            .sum();
                        let found = f64::from(row[lane]);
                        assert!((truth - found).abs() < 3e-5, "N {size} k {k}: {truth} {found}");
                    }
                }
            }
        }
    }
}
