//! The recordings that a feature is computed of.

use ossicle_dsp::{FrameLayout, SampleScale};

/// Recordings of one sample rate, which a feature is computed of.
#[derive(Debug, Clone, Copy)]
pub struct Recordings {
    /// Their sample rate, in Hz.
    pub sample_rate_hz: u32,
    /// The range of the samples, where a feature has none of its own.
    pub scale: SampleScale,
    /// The layout of their frames.
    pub frames: FrameLayout,
}

impl Recordings {
    /// Returns a frequency in Hz that is said as Kaldi does: 0 or less is counted from half the sample
    /// rate.
    pub(crate) fn below_nyquist(&self, hz: f64) -> f64 {
        if hz > 0.0 { hz } else { f64::from(self.sample_rate_hz) / 2.0 + hz }
    }
}
