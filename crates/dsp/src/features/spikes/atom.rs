//! Spikes within a block, and the cells that they lie in.

use crate::kernels::lanes::LANES;

/// The number of onsets of a channel in a cell: as many as registers hold besides what is
/// subtracted.
pub(super) const CELL: usize = 64;

/// The number of vectors of a cell's onsets.
pub(super) const VECTORS: usize = CELL / LANES;

/// A spike within a block: an atom of its sound.
#[derive(Debug, Clone, Copy)]
pub(super) struct Atom {
    pub(super) channel: u32,
    pub(super) onset: u32,
    pub(super) amplitude: f32,
}
