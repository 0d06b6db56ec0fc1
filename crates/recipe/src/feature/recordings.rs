//! What a feature is computed of.

use ossicle_dsp::{FrameLayout, SampleScale};

/// What a feature is made of: recordings of one sample rate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recordings {
    pub(crate) sample_rate_hz: u32,
    /// Of the samples, where a feature has none of its own.
    pub(crate) scale: SampleScale,
    pub(crate) frames: FrameLayout,
}

impl Recordings {
    /// Kaldi's way to say how far below half the sample rate.
    pub(crate) fn below_nyquist(&self, hz: f64) -> f64 {
        if hz > 0.0 { hz } else { f64::from(self.sample_rate_hz) / 2.0 + hz }
    }
}
