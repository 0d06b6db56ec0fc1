//! The buffers of a thread.

use crate::features::spectral::scratch::SpectralScratch;
use crate::features::spikes::pursuit::PursuitScratch;

/// The buffers that a thread needs while it makes rows; they may be dirty. They serve any feature,
/// one at a time, and grow with the longest recording that came whole, not with those that came in
/// chunks.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(crate) spectral: SpectralScratch,
    pub(crate) pursuit: PursuitScratch,
    /// Samples that wait until there is a block of them.
    pub(crate) block: Vec<f32>,
}
