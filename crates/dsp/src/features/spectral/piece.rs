//! Samples of a recording, without the others.

/// A stretch of a recording's samples.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece<'a> {
    /// Mono, at [`FeatureConfig::sample_rate_hz`](crate::FeatureConfig::sample_rate_hz), full scale at
    /// ±1.0.
    pub(crate) samples: &'a [f32],
    /// The place of the first of them in the recording.
    pub(crate) first: usize,
}
