//! What a thread works in.

use crate::features::spectral::scratch::SpectralScratch;
use crate::features::spikes::pursuit::PursuitScratch;

/// What a thread needs while it makes rows, which may be dirty. It serves any feature, one at a time, and
/// grows with the longest recording that came whole, not with those that came in chunks.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(crate) spectral: SpectralScratch,
    pub(crate) pursuit: PursuitScratch,
    /// Samples that wait until there is a block of them.
    pub(crate) block: Vec<f32>,
}
