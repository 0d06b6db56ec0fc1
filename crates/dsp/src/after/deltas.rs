//! Time derivatives of features.

use std::ops::Range;

use crate::after::widen::{Around, Widen};
use crate::error::Error;
use crate::kernels::lanes::Vector;
use crate::kernels::simd::{Kernel, Level};

/// The way derivatives of higher order are taken, and the values at the edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum DeltaConvention {
    /// Each order is the regression of the one before, `d[t] = Σₙ n·(x[t+n] − x[t−n]) / 2·Σₙ n²`,
    /// n = 1..=window, whose own first and last rows are repeated. HTK, python_speech_features and
    /// torchaudio do the same.
    #[default]
    Htk,
    /// The regression of [`Htk`](DeltaConvention::Htk), but each order is one kernel, the
    /// regression's convolved with itself, over the features with their first and last rows
    /// repeated: Kaldi's `add-deltas`. It differs from [`Htk`](DeltaConvention::Htk) from the
    /// second order on, within `order`·`window` rows of an edge.
    Kaldi,
    /// Order n is the n-th derivative of the polynomial of degree n that is fitted by least squares
    /// to the features of 2·`window` + 1 rows, with a row as the unit of time; the first and the
    /// last `window` rows take theirs from the first and the last 2·`window` + 1 rows. This is
    /// `librosa.feature.delta` with its default `mode="interp"`, whose default width of 9 is a
    /// `window` of 4: A. Savitzky and M. Golay, "Smoothing and differentiation of data by
    /// simplified least squares procedures", *Analytical Chemistry* 36 (1964).
    SavitzkyGolay,
}

/// Appends derivatives over time to features, up to some order and each over ±`window` rows, as a
/// [`DeltaConvention`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deltas {
    order: usize,
    window: usize,
    convention: DeltaConvention,
}

/// The highest order of derivatives.
const MAX_ORDER: usize = 4;

/// The widest window, to either side.
const MAX_WINDOW: usize = 100;

/// The length of the longest kernel: Kaldi's of the highest order.
const MAX_TAPS: usize = 2 * MAX_ORDER * MAX_WINDOW + 1;

impl Deltas {
    /// Deltas of order 0: wide rows are the rows.
    pub const NONE: Deltas = Deltas { order: 0, window: 1, convention: DeltaConvention::Htk };

    /// Plans deltas up to `order` (2: deltas and delta-deltas) over ±`window` frames, the way of
    /// HTK.
    ///
    /// # Errors
    /// If `order` is above 4, or `window` is 0 or above 100.
    pub fn new(order: usize, window: usize) -> Result<Deltas, Error> {
        Deltas::with_convention(order, window, DeltaConvention::Htk)
    }

    /// Plans deltas up to `order` over ±`window` frames.
    ///
    /// ```
    /// use ossicle_dsp::{DeltaConvention, Deltas, Widen};
    ///
    /// // librosa.feature.delta(…, width=9), with order=1 and order=2.
    /// let deltas = Deltas::with_convention(2, 4, DeltaConvention::SavitzkyGolay)?;
    /// assert_eq!((deltas.wide_dim(40), deltas.min_frames()), (120, 9));
    /// # Ok::<(), ossicle_dsp::Error>(())
    /// ```
    ///
    /// # Errors
    /// If `order` is above 4, or `window` is 0 or above 100, or a polynomial of degree `order` is
    /// not determined by 2·`window` + 1 rows ([`DeltaConvention::SavitzkyGolay`]).
    pub fn with_convention(
        order: usize,
        window: usize,
        convention: DeltaConvention,
    ) -> Result<Deltas, Error> {
        if order > MAX_ORDER {
            return Err(Error::DeltaOrder { order });
        }
        if !(1..=MAX_WINDOW).contains(&window) {
            return Err(Error::DeltaWindow { window });
        }
        if convention == DeltaConvention::SavitzkyGolay && order > 2 * window {
            return Err(Error::DeltaDegree { order, window });
        }
        Ok(Deltas { order, window, convention })
    }

    /// Returns the number of rows that an utterance must have for its deltas to be defined:
    /// 2·window + 1 with [`DeltaConvention::SavitzkyGolay`], and 1 otherwise.
    pub fn min_frames(&self) -> usize {
        match self.convention {
            DeltaConvention::SavitzkyGolay if self.order > 0 => 2 * self.window + 1,
            _ => 1,
        }
    }

    /// Returns the row in the middle of those that the derivatives of row `t` are computed from.
    #[inline(always)]
    fn fitted_at(&self, t: usize, num_frames: usize) -> usize {
        match self.convention {
            // The n-th derivative of a polynomial of degree n is the same everywhere, so that the
            // rows near an edge have the value of the nearest row that is `window` rows from it.
            DeltaConvention::SavitzkyGolay => t.clamp(self.window, num_frames - 1 - self.window),
            _ => t,
        }
    }

    /// Writes the weights of the rows around one, whose sum is its derivative.
    fn kernel_into(&self, order: usize, taps: &mut Vec<f32>) {
        let mut kernel = [0.0; MAX_TAPS];
        let (reach, scale) = match self.convention {
            DeltaConvention::SavitzkyGolay => savitzky_golay(order, self.window, &mut kernel),
            _ => repeated_regression(order, self.window, &mut kernel),
        };
        taps.clear();
        taps.extend(kernel[..2 * reach + 1].iter().map(|tap| (tap * scale) as f32));
    }

    /// Returns the rows that `order` more derivatives of `rows` depend on.
    #[inline(always)]
    fn reach(&self, rows: &Range<usize>, order: usize, num_frames: usize) -> Range<usize> {
        let reach = order * self.window;
        if rows.is_empty() {
            return rows.clone();
        }
        rows.start.saturating_sub(reach)..rows.end.saturating_add(reach).min(num_frames)
    }
}

impl Widen for Deltas {
    fn wide_dim(&self, dim: usize) -> usize {
        dim * (self.order + 1)
    }

    fn context(&self, rows: &Range<usize>, num_frames: usize) -> Range<usize> {
        if self.convention != DeltaConvention::SavitzkyGolay {
            return self.reach(rows, self.order, num_frames);
        }
        if self.order == 0 || rows.is_empty() || num_frames < self.min_frames() {
            return rows.clone();
        }
        let first = self.fitted_at(rows.start, num_frames) - self.window;
        let last = self.fitted_at(rows.end - 1, num_frames) + self.window;
        first..last + 1
    }

    /// Writes the features, their first derivatives, their second and so on.
    ///
    /// In an utterance of fewer than [`min_frames`](Deltas::min_frames) every derivative is written as 0,
    /// which is not what it would be: ask `min_frames` first, and refuse such an utterance.
    fn widen_into(
        &self,
        level: Level,
        around: Around<'_>,
        scratch: &mut Vec<f32>,
        wide: &mut [f32],
    ) {
        around.check(self, wide);
        let Around { base, dim, rows, num_base: num_frames } = around;
        if self.convention == DeltaConvention::Htk {
            level.run(Regress { deltas: *self, base, dim, rows, num_frames, scratch, wide });
            return;
        }
        if dim == 0 || rows.is_empty() {
            return;
        }
        let context = self.context(&rows, num_frames);
        let own = &base[(rows.start - context.start) * dim..];
        for (wide, own) in wide.chunks_exact_mut(self.wide_dim(dim)).zip(own.chunks_exact(dim)) {
            wide[..dim].copy_from_slice(own);
            wide[dim..].fill(0.0);
        }
        if num_frames < self.min_frames() {
            return;
        }
        for order in 1..=self.order {
            self.kernel_into(order, scratch);
            let (rows, first_row) = (rows.clone(), context.start);
            let (deltas, taps) = (*self, scratch.as_slice());
            level.run(Convolve {
                deltas,
                order,
                taps,
                base,
                first_row,
                dim,
                rows,
                num_frames,
                wide,
            });
        }
    }
}

/// Derivatives in the way of HTK: each order of the one before.
struct Regress<'a> {
    deltas: Deltas,
    base: &'a [f32],
    dim: usize,
    rows: Range<usize>,
    num_frames: usize,
    scratch: &'a mut Vec<f32>,
    wide: &'a mut [f32],
}

impl Kernel for Regress<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Regress { deltas, base, dim, rows, num_frames, scratch, wide } = self;
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

/// Writes `order` regressions one after the other, as one kernel of ±`order`·`window` rows. Returns
/// the rows that it reaches to either side, and the factor that it is to be multiplied by.
fn repeated_regression(order: usize, window: usize, kernel: &mut [f64; MAX_TAPS]) -> (usize, f64) {
    let norm = 2.0 * (1..=window).map(|n| (n * n) as f64).sum::<f64>();
    let mut norms = 1.0;
    kernel[0] = 1.0;
    // Integers up to 7e13 until the end, so that the zeros in the middle of the odd orders are.
    for so_far in 0..order {
        let mut next = [0.0; MAX_TAPS];
        for (k, tap) in kernel[..=2 * so_far * window].iter().enumerate() {
            for (j, next) in next[k..=k + 2 * window].iter_mut().enumerate() {
                *next += (j as f64 - window as f64) * tap;
            }
        }
        *kernel = next;
        norms *= norm;
    }
    (order * window, 1.0 / norms)
}

/// Writes the kernel of the `order`-th derivative of the polynomial of degree `order` that fits
/// ±`window` rows best. Returns the rows that it reaches to either side, and the factor that it is
/// to be multiplied by.
///
/// The leading coefficient of the fit is Σ pₙ·x / Σ pₙ², where pₙ is the Gram polynomial of degree n:
/// orthogonal to those below it on −window..=window and with a leading coefficient of 1. So
/// `p[k] = t·p[k−1] − b[k−1]·p[k−2]` with `b[k] = Σ p[k]² / Σ p[k−1]² = k²·(N² − k²) / (16k² − 4)`
/// for N points. P. Gorry, "General least-squares smoothing and differentiation by the convolution
/// (Savitzky–Golay) method", *Analytical Chemistry* 62 (1990), has them with another scale.
fn savitzky_golay(order: usize, window: usize, kernel: &mut [f64; MAX_TAPS]) -> (usize, f64) {
    let num_points = 2 * window + 1;
    let mut before = [0.0; MAX_TAPS];
    kernel[..num_points].fill(1.0);
    let (mut ratio, mut squares, mut factorial) = (0.0, num_points as f64, 1.0);
    for k in 1..=order {
        for (n, (p, before)) in kernel[..num_points].iter_mut().zip(&mut before).enumerate() {
            let t = n as f64 - window as f64;
            (*p, *before) = (t * *p - ratio * *before, *p);
        }
        let (k_squared, points_squared) = ((k * k) as f64, (num_points * num_points) as f64);
        ratio = k_squared * (points_squared - k_squared) / (16.0 * k_squared - 4.0);
        squares *= ratio;
        factorial *= k as f64;
    }
    (window, factorial / squares)
}

/// Writes the derivative of one order into wide rows where there are zeros.
struct Convolve<'a> {
    deltas: Deltas,
    order: usize,
    taps: &'a [f32],
    base: &'a [f32],
    first_row: usize,
    dim: usize,
    rows: Range<usize>,
    num_frames: usize,
    wide: &'a mut [f32],
}

impl Kernel for Convolve<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Convolve { deltas, order, taps, base, first_row, dim, rows, num_frames, wide } = self;
        let reach = taps.len() / 2;
        for (t, wide) in rows.zip(wide.chunks_exact_mut(deltas.wide_dim(dim))) {
            let out = &mut wide[order * dim..(order + 1) * dim];
            let middle = deltas.fitted_at(t, num_frames);
            let row = |t: usize| &base[(t - first_row) * dim..(t - first_row + 1) * dim];
            let here = row(middle);
            for (n, &tap) in taps.iter().enumerate() {
                if n == reach || tap == 0.0 {
                    continue;
                }
                // Taps add up to 0, so a row may be taken from all; a constant then has derivatives
                // of exactly 0, and a column far from 0 loses nothing to it.
                let there = row((middle + n).saturating_sub(reach).min(num_frames - 1));
                for ((out, there), here) in out.iter_mut().zip(there).zip(here) {
                    *out += tap * (there - here);
                }
            }
        }
    }
}
