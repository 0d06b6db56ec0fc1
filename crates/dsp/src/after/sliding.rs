//! Normalisation by the mean and variance of the frames around each frame.

use std::ops::Range;

use crate::error::Error;
use crate::kernels::lanes::Vector;
use crate::kernels::simd::{Kernel, Level};

/// Kaldi's floor of a window's variance.
const VARIANCE_FLOOR: f64 = 1e-10;

/// The window of frames that a frame is normalised by, and the statistics taken of it. The default
/// is Kaldi's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlidingConfig {
    /// The length of the window in frames, 600 by default. An utterance that is no longer than it
    /// is normalised as a whole if `center`.
    pub cmn_window: usize,
    /// The least number of frames of an utterance's first windows, future ones included, where it
    /// has as many. 100 by default; without effect if `center`.
    pub min_cmn_window: usize,
    /// Puts the window around the frame, `cmn_window / 2` frames of it before, shifted to lie
    /// within the utterance. Otherwise, and by default, it is the frame and the `cmn_window` frames
    /// before it.
    pub center: bool,
    /// Divides columns by their standard deviation (population) in the window, too; no by default.
    /// The variance is floored at 1e-10, and the only frame of a window becomes 0.
    pub normalize_variance: bool,
}

impl Default for SlidingConfig {
    fn default() -> SlidingConfig {
        SlidingConfig {
            cmn_window: 600,
            min_cmn_window: 100,
            center: false,
            normalize_variance: false,
        }
    }
}

/// Subtracts from each column its mean over a window that slides along the utterance, and may divide
/// by its standard deviation there: Kaldi's `apply-cmvn-sliding`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlidingNormalizer {
    config: SlidingConfig,
}

impl SlidingNormalizer {
    /// Checks the windows, and makes a normaliser by them.
    ///
    /// # Errors
    /// If `cmn_window` is 0.
    pub fn new(config: SlidingConfig) -> Result<SlidingNormalizer, Error> {
        if config.cmn_window == 0 {
            return Err(Error::CmnWindow);
        }
        Ok(SlidingNormalizer { config })
    }

    /// Returns the frames of an utterance of `num_frames` that frame `t` is normalised by.
    ///
    /// ```
    /// use ossicle_dsp::{SlidingConfig, SlidingNormalizer};
    ///
    /// let causal = SlidingNormalizer::new(SlidingConfig::default())?;
    /// assert_eq!(causal.window(0, 1000), 0..100);
    /// assert_eq!(causal.window(700, 1000), 100..701);
    ///
    /// let centred = SlidingConfig { center: true, ..SlidingConfig::default() };
    /// let centred = SlidingNormalizer::new(centred)?;
    /// assert_eq!(centred.window(0, 1000), 0..600);
    /// assert_eq!(centred.window(500, 1000), 200..800);
    /// assert_eq!(centred.window(999, 1000), 400..1000);
    /// # Ok::<(), ossicle_dsp::Error>(())
    /// ```
    ///
    /// # Panics
    /// If `t >= num_frames`.
    pub fn window(&self, t: usize, num_frames: usize) -> Range<usize> {
        assert!(t < num_frames, "frame {t} of an utterance of {num_frames}");
        self.frames_around(t, num_frames)
    }

    #[inline(always)]
    fn frames_around(&self, t: usize, num_frames: usize) -> Range<usize> {
        let SlidingConfig { cmn_window, min_cmn_window, center, .. } = self.config;
        let (begin, end) = if center {
            let begin = t.saturating_sub(cmn_window / 2);
            (begin, begin.saturating_add(cmn_window))
        } else {
            (t.saturating_sub(cmn_window), min_cmn_window.max(t + 1))
        };
        let beyond = end.saturating_sub(num_frames);
        begin.saturating_sub(beyond)..end - beyond
    }

    /// Begins an utterance of rows of `dim` columns, whose number need not be known: they become
    /// `(x − mean)` or `(x − mean) / √variance`, computed in f64.
    ///
    /// The time that this takes does not depend on the length of the window. Still no sum is made by
    /// taking what leaves the window from a running one, as Kaldi does, so rounding does not add up
    /// over a long recording, and a number that is huge or not finite spoils the rows in whose
    /// window it is and no others.
    ///
    /// ```
    /// use ossicle_dsp::{Level, SlidingConfig, SlidingNormalizer};
    ///
    /// let config = SlidingConfig { cmn_window: 3, center: true, ..SlidingConfig::default() };
    /// let mut sliding = SlidingNormalizer::new(config)?.begin(1, Level::detect());
    /// let mut normalized = Vec::new();
    /// sliding.push(&[1.0, 2.0], &mut normalized);
    /// assert!(normalized.is_empty());
    /// sliding.push(&[6.0, 4.0], &mut normalized);
    /// assert_eq!(normalized, [-2.0, -1.0, 2.0]);
    /// sliding.finish(&[2.0], &mut normalized);
    /// assert_eq!(normalized, [-2.0, -1.0, 2.0, 0.0, -2.0]);
    /// # Ok::<(), ossicle_dsp::Error>(())
    /// ```
    ///
    /// # Panics
    /// If `dim` is 0.
    pub fn begin(self, dim: usize, level: Level) -> Sliding {
        assert!(dim > 0, "rows must have columns");
        Sliding { sums: Sums::new(self, dim), level, rows: Vec::new(), first: 0 }
    }
}

/// Normalises the rows of an utterance as they come, made by [`SlidingNormalizer::begin`]: whatever they
/// are cut into, they have the same bits.
///
/// It holds on to less than twice the rows of a window, to its sums, and to what is pushed at once.
#[derive(Debug)]
pub struct Sliding {
    sums: Sums,
    level: Level,
    /// The rows that came, from `first` on.
    rows: Vec<f32>,
    first: usize,
}

impl Sliding {
    /// Takes the next rows, and appends to `out` those whose window they complete.
    ///
    /// - `rows`: row-major, any number of rows of `dim` columns
    /// - `out`: row-major
    ///
    /// # Panics
    /// If `rows.len()` is not a multiple of `dim`.
    pub fn push(&mut self, rows: &[f32], out: &mut Vec<f32>) {
        self.check(rows);
        self.rows.extend_from_slice(rows);
        let Sums { normalizer, dim, num_frames, t, .. } = self.sums;
        let num_there = self.first + self.rows.len() / dim;
        let is_there = |&t: &usize| normalizer.frames_around(t, num_frames).end <= num_there;
        let num_finished = (t..num_there).take_while(is_there).count();
        let (sums, rows, first) = (&mut self.sums, &self.rows[..], self.first);
        slide(self.level, sums, rows, first, num_finished, out);
        // Rows that no window will have any more go once they are the larger part, so that no row is
        // moved often.
        let begin = normalizer.frames_around(t + num_finished, num_frames).start;
        let num_left_behind = (begin - self.first) * dim;
        if 2 * num_left_behind >= self.rows.len() {
            self.rows.drain(..num_left_behind);
            self.first = begin;
        }
    }

    /// Takes the last rows, and appends to `out` all that are left. A whole utterance is this one call.
    ///
    /// - `last`: row-major, any number of rows of `dim` columns
    /// - `out`: row-major
    ///
    /// # Panics
    /// If `last.len()` is not a multiple of `dim`.
    pub fn finish(mut self, last: &[f32], out: &mut Vec<f32>) {
        self.check(last);
        // An utterance that comes whole is not copied.
        let rows = match self.rows.is_empty() {
            true => last,
            false => {
                self.rows.extend_from_slice(last);
                &self.rows
            }
        };
        self.sums.num_frames = self.first + rows.len() / self.sums.dim;
        let num_left = self.sums.num_frames - self.sums.t;
        slide(self.level, &mut self.sums, rows, self.first, num_left, out);
    }

    fn check(&self, rows: &[f32]) {
        assert!(rows.len().is_multiple_of(self.sums.dim), "rows must be whole");
    }
}

/// Normalises the next `count` rows.
fn slide(
    level: Level,
    sums: &mut Sums,
    rows: &[f32],
    first: usize,
    count: usize,
    out: &mut Vec<f32>,
) {
    let done = out.len();
    out.resize(done + count * sums.dim, 0.0);
    level.run(Slide { sums, rows, first, out: &mut out[done..] });
}

/// The sums of the window of the row that comes next.
///
/// A window is a queue: rows enter at its end and leave at its beginning. It is cut in two: of the
/// rows before the cut there are the sums of the last one, the last two and so on, made when the cut
/// was, and of the rows after it there is a running sum. When the window has left the cut behind, it
/// is cut anew at its end. So each row is added twice, and none is subtracted.
#[derive(Debug)]
struct Sums {
    normalizer: SlidingNormalizer,
    dim: usize,
    /// The number of rows in all; `usize::MAX` until that is known.
    num_frames: usize,
    /// The row that comes next.
    t: usize,
    cut: usize,
    /// Sums of the rows from `summed_from`, `summed_from + 1`, … to the cut.
    before_cut: Vec<f64>,
    summed_from: usize,
    /// The sum of the rows from the cut to `summed_to`.
    after_cut: Vec<f64>,
    summed_to: usize,
    total: Vec<f64>,
}

impl Sums {
    fn new(normalizer: SlidingNormalizer, dim: usize) -> Sums {
        // Of each column, and then of each column's squares if they are wanted.
        let num_sums = if normalizer.config.normalize_variance { 2 * dim } else { dim };
        Sums {
            normalizer,
            dim,
            num_frames: usize::MAX,
            t: 0,
            cut: 0,
            before_cut: Vec::new(),
            summed_from: 0,
            after_cut: vec![0.0; num_sums],
            summed_to: 0,
            total: vec![0.0; num_sums],
        }
    }
}

/// Normalises the next rows, as many as `out` holds, whose windows must lie in `rows`: those from
/// `first` on.
struct Slide<'a> {
    sums: &'a mut Sums,
    rows: &'a [f32],
    first: usize,
    out: &'a mut [f32],
}

impl Kernel for Slide<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Slide { sums, rows, first, out } = self;
        let Sums { normalizer, dim, num_frames, t, cut, .. } = sums;
        let Sums { before_cut, summed_from, after_cut, summed_to, total, .. } = sums;
        let (dim, num_sums) = (*dim, total.len());
        let with_squares = normalizer.config.normalize_variance;
        let row = |t: usize| &rows[(t - first) * dim..(t - first + 1) * dim];
        for out in out.chunks_exact_mut(dim) {
            let window = normalizer.frames_around(*t, *num_frames);
            if window.start > *cut {
                (*summed_from, *cut, *summed_to) = (window.start, window.end, window.end);
                before_cut.resize(window.len() * num_sums, 0.0);
                after_cut.fill(0.0);
                total.fill(0.0);
                for (t, sums) in window.clone().zip(before_cut.chunks_exact_mut(num_sums)).rev() {
                    add(row(t), total);
                    sums.copy_from_slice(total);
                }
            }
            while *summed_to < window.end {
                add(row(*summed_to), after_cut);
                *summed_to += 1;
            }
            total.copy_from_slice(after_cut);
            if window.start < *cut {
                let before_cut = &before_cut[(window.start - *summed_from) * num_sums..];
                total.iter_mut().zip(before_cut).for_each(|(total, sum)| *total += sum);
            }
            normalize(row(*t), total, window.len(), with_squares, out);
            *t += 1;
        }
    }
}

/// Adds a row to sums of columns, and its squares to the sums of squares that may follow.
#[inline(always)]
fn add(row: &[f32], sums: &mut [f64]) {
    let (sums, squares) = sums.split_at_mut(row.len());
    for (sum, &x) in sums.iter_mut().zip(row) {
        *sum += f64::from(x);
    }
    for (square, &x) in squares.iter_mut().zip(row) {
        *square += f64::from(x) * f64::from(x);
    }
}

#[inline(always)]
fn normalize(row: &[f32], sums: &[f64], count: usize, with_variance: bool, out: &mut [f32]) {
    let (sums, squares) = sums.split_at(row.len());
    let num = count as f64;
    if !with_variance {
        for ((out, &x), sum) in out.iter_mut().zip(row).zip(sums) {
            *out = (f64::from(x) - sum / num) as f32;
        }
    } else if count == 1 {
        out.fill(0.0);
    } else {
        for (((out, &x), sum), square) in out.iter_mut().zip(row).zip(sums).zip(squares) {
            let mean = sum / num;
            let variance = (square / num - mean * mean).max(VARIANCE_FLOOR);
            *out = ((f64::from(x) - mean) / variance.sqrt()) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_no_window_has_any_more_are_let_go() {
        let (dim, num_frames, at_once) = (3, 20_000, 8);
        for center in [false, true] {
            let config = SlidingConfig {
                cmn_window: 50,
                min_cmn_window: 20,
                center,
                ..SlidingConfig::default()
            };
            let normalizer = SlidingNormalizer::new(config).unwrap();
            let mut sliding = normalizer.begin(dim, Level::detect());
            let mut out = Vec::new();
            for _ in 0..num_frames / at_once {
                sliding.push(&[1.0; 8 * 3], &mut out);
                let num_rows = sliding.rows.len() / dim;
                assert!(num_rows < 2 * 51, "{num_rows} rows");
                assert!(sliding.sums.before_cut.len() <= 51 * dim);
            }
            sliding.finish(&[], &mut out);
            assert_eq!(out.len(), num_frames * dim);
        }
    }
}
