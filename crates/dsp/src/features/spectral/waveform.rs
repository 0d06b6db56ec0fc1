//! The treatment of samples before they are windowed.

use crate::error::Error;

/// Pre-emphasis: a high-pass filter y\[n\] = x\[n\] − k·x\[n − 1\], with k from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Preemphasis {
    /// Samples stay as they are.
    None,
    /// Each frame is filtered for itself; its first sample becomes (1 − k)·x\[0\]: Kaldi, HTK.
    PerFrame(f32),
    /// The recording is filtered before it is cut into frames (and padded); its first sample stays:
    /// python_speech_features, NeMo.
    PerSignal(f32),
}

/// Gaussian noise that is added to every frame, so that no energy is exactly zero.
///
/// Each frame has its own noise, which the seed, the utterance's key (see
/// [`Extractor::extract_keyed_into`](crate::Extractor::extract_keyed_into)) and the frame's number
/// decide.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dither {
    /// The standard deviation, in the units of
    /// [`FeatureConfig::sample_scale`](crate::FeatureConfig::sample_scale).
    pub standard_deviation: f32,
    /// Another seed gives other noise.
    pub seed: u64,
}

impl Preemphasis {
    pub(crate) fn check(self) -> Result<(), Error> {
        match self {
            Preemphasis::PerFrame(value) | Preemphasis::PerSignal(value)
                if !(0.0..=1.0).contains(&value) =>
            {
                Err(Error::Preemphasis { value })
            }
            _ => Ok(()),
        }
    }
}
