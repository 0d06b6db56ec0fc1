//! Buffers for extraction.

use crate::features::spectral::front::FrontScratch;
use crate::features::spectral::head::HeadScratch;

/// The buffers that a thread brings to extraction; they may be dirty.
#[derive(Debug, Default)]
pub(crate) struct SpectralScratch {
    pub(crate) fronts: Vec<FrontScratch>,
    pub(crate) heads: Vec<HeadScratch>,
    /// Samples of a stream that frames to come are made of.
    pub(crate) held: Vec<f32>,
}

#[cfg(test)]
impl SpectralScratch {
    /// Counts the bytes that it holds on to.
    pub(crate) fn num_bytes(&self) -> usize {
        self.fronts.iter().map(FrontScratch::num_bytes).sum::<usize>()
            + self.heads.iter().map(HeadScratch::num_bytes).sum::<usize>()
            + self.held.capacity() * size_of::<f32>()
    }
}
