//! Normalisation by the mean and variance of the frames around each frame.

use std::ops::Range;

use crate::error::Error;
use crate::lanes::Vector;
use crate::simd::{Kernel, Level};

/// Kaldi's floor of a window's variance.
const VARIANCE_FLOOR: f64 = 1e-10;

/// Which frames a frame is normalised by, and by what of them. The default is Kaldi's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlidingConfig {
    /// The length of the window in frames, 600 by default. An utterance that is no longer than it
    /// is normalised as a whole if `center`.
    pub cmn_window: usize,
    /// How many frames the first windows of an utterance have at the least, future ones included,
    /// where it has as many. 100 by default; without effect if `center`.
    pub min_cmn_window: usize,
    /// Whether the window lies around the frame, `cmn_window / 2` frames of it before, and is
    /// shifted to lie within the utterance. Otherwise, and by default, it is the frame and the
    /// `cmn_window` frames before it.
    pub center: bool,
    /// Whether columns are divided by their standard deviation (population) in the window; no by
    /// default. The variance is floored at 1e-10, and the only frame of a window becomes 0.
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
    /// A normaliser by these windows.
    ///
    /// # Errors
    /// If `cmn_window` is 0.
    pub fn new(config: SlidingConfig) -> Result<SlidingNormalizer, Error> {
        if config.cmn_window == 0 {
            return Err(Error::CmnWindow);
        }
        Ok(SlidingNormalizer { config })
    }

    /// Which frames of an utterance of `num_frames` frame `t` is normalised by.
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

    /// Writes normalised rows, `(x − mean)` or `(x − mean) / √variance`, computed in f64.
    ///
    /// - `rows`: row-major, `dim` columns, all of an utterance
    /// - `out`: as many numbers
    ///
    /// The time that this takes does not depend on the length of the window. Still no sum is made by
    /// taking what leaves the window from a running one, as Kaldi does, so rounding does not add up
    /// over a long recording, and a number that is huge or not finite spoils the rows in whose
    /// window it is and no others.
    ///
    /// # Panics
    /// If `rows.len()` is not a multiple of `dim` or `out.len() != rows.len()`.
    pub fn apply(&self, rows: &[f32], dim: usize, level: Level, out: &mut [f32]) {
        assert!(dim > 0 && rows.len().is_multiple_of(dim), "rows must be whole");
        assert_eq!(out.len(), rows.len(), "out must hold the rows");
        level.run(Slide { normalizer: self, rows, dim, out });
    }
}

/// A window is a queue: rows enter at its end and leave at its beginning. It is cut in two: of the
/// rows before the cut there are the sums of the last one, the last two and so on, made when the cut
/// was, and of the rows after it there is a running sum. When the window has left the cut behind, it
/// is cut anew at its end. So each row is added twice, and none is subtracted.
struct Slide<'a> {
    normalizer: &'a SlidingNormalizer,
    rows: &'a [f32],
    dim: usize,
    out: &'a mut [f32],
}

impl Kernel for Slide<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Slide { normalizer, rows, dim, out } = self;
        let num_frames = rows.len() / dim;
        let with_squares = normalizer.config.normalize_variance;
        // Of each column, and then of each column's squares if they are wanted.
        let num_sums = if with_squares { 2 * dim } else { dim };
        let row = |t: usize| &rows[t * dim..(t + 1) * dim];
        // Sums of the rows from `first`, `first + 1`, … to the cut, and from the cut to `next`.
        let (mut first, mut cut, mut next) = (0, 0, 0);
        let mut before_cut: Vec<f64> = Vec::new();
        let mut after_cut = vec![0.0; num_sums];
        let mut total = vec![0.0; num_sums];
        for (t, out) in out.chunks_exact_mut(dim).enumerate() {
            let window = normalizer.frames_around(t, num_frames);
            if window.start > cut {
                (first, cut, next) = (window.start, window.end, window.end);
                before_cut.resize(window.len() * num_sums, 0.0);
                after_cut.fill(0.0);
                total.fill(0.0);
                for (t, sums) in window.clone().zip(before_cut.chunks_exact_mut(num_sums)).rev() {
                    add(row(t), &mut total);
                    sums.copy_from_slice(&total);
                }
            }
            while next < window.end {
                add(row(next), &mut after_cut);
                next += 1;
            }
            total.copy_from_slice(&after_cut);
            if window.start < cut {
                let before_cut = &before_cut[(window.start - first) * num_sums..];
                total.iter_mut().zip(before_cut).for_each(|(total, sum)| *total += sum);
            }
            normalize(row(t), &total, window.len(), with_squares, out);
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
