//! The range of samples, and full scale.

use crate::kernels::lanes::Vector;
use crate::kernels::simd::{Kernel, Level};

/// The largest sample that is taken for one: far above what was scaled to integers of 32 bits by
/// mistake, and far below what cannot be squared and summed in f32.
pub const LOUDEST: f32 = 1e10;

/// Returns whether a number can be a sample: not NaN, and not beyond ±[`LOUDEST`].
#[inline(always)]
pub fn is_sample(x: f32) -> bool {
    x.abs() <= LOUDEST
}

/// Returns the place of the first number that can be no sample.
pub fn first_unusable(samples: &[f32], level: Level) -> Option<usize> {
    if level.run(CountUnusable(samples)) == 0 {
        return None;
    }
    samples.iter().position(|&x| !is_sample(x))
}

/// Counts what is no sample: counting needs no branch, so lanes do it.
struct CountUnusable<'a>(&'a [f32]);

impl Kernel for CountUnusable<'_> {
    type Output = usize;

    #[inline(always)]
    fn run<V: Vector>(self) -> usize {
        /// So many that their count fits the lanes' numbers.
        const AT_ONCE: usize = 1 << 16;
        let count = |of: &[f32]| of.iter().map(|&x| u32::from(!is_sample(x))).sum::<u32>() as usize;
        self.0.chunks(AT_ONCE).map(count).sum()
    }
}

/// The range that a program's features expect samples in.
///
/// Recordings are decoded to ±1.0, where a 16-bit sample s is s / 32768.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum SampleScale {
    /// ±1.0, as decoded: librosa, torchaudio, Whisper, lhotse.
    Unit,
    /// ±32768, the range of 16-bit integers: Kaldi, HTK.
    Int16,
    /// (s + ½) / 32767.5 for a 16-bit sample s, which makes the range symmetric: the 2019
    /// program that the `timit-*` presets reproduce.
    Midpoint,
}

impl SampleScale {
    /// Converts a sample of ±1.0 to this range.
    #[inline(always)]
    pub fn of(self, x: f32) -> f32 {
        match self {
            SampleScale::Unit => x,
            SampleScale::Int16 => x * 32768.0,
            // For 16-bit samples, product and sum are exact and only the division rounds.
            SampleScale::Midpoint => (x * 32768.0 + 0.5) / 32767.5,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn midpoint_maps_the_16_bit_range_onto_plus_and_minus_one() {
        let samples = [-1.0, 32767.0 / 32768.0, 0.0].map(|x| SampleScale::Midpoint.of(x));
        assert_eq!(samples, [-1.0, 1.0, 0.5 / 32767.5]);
    }
}
