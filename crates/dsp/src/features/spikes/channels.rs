//! A number for each channel.

use crate::kernels::lanes::MOST_LANES;

/// A number for each of some channels after one another: a line of a cache.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(super) struct Channels(pub(super) [f32; MOST_LANES]);

/// The number of channels whose numbers lie together.
pub(super) const TOGETHER: usize = MOST_LANES;

impl Channels {
    pub(super) const ZERO: Channels = Channels([0.0; TOGETHER]);

    #[inline(always)]
    pub(super) fn vectors<const N: usize>(&self) -> &[[f32; N]] {
        self.0.as_chunks().0
    }

    #[inline(always)]
    pub(super) fn vectors_mut<const N: usize>(&mut self) -> &mut [[f32; N]] {
        self.0.as_chunks_mut().0
    }
}

/// Returns the number of [`Channels`] that a row of all channels takes.
#[inline(always)]
pub(super) fn row_width(num_channels: usize) -> usize {
    num_channels.div_ceil(TOGETHER)
}
