//! What a feature is computed of.

use ossicle_dsp::{FrameLayout, SampleScale};

/// What a feature is made of: recordings of one sample rate.
#[derive(Debug, Clone, Copy)]
pub struct Recordings {
    /// Their sample rate.
    pub sample_rate_hz: u32,
    /// The range of the samples, where a feature has none of its own.
    pub scale: SampleScale,
    /// Where their frames lie.
    pub frames: FrameLayout,
}

impl Recordings {
    /// Kaldi's way to say how far below half the sample rate.
    pub(crate) fn below_nyquist(&self, hz: f64) -> f64 {
        if hz > 0.0 { hz } else { f64::from(self.sample_rate_hz) / 2.0 + hz }
    }
}
