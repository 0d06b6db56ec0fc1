//! Spikes within a block.

/// A spike within a block: an atom of its sound.
#[derive(Debug, Clone, Copy)]
pub(super) struct Atom {
    pub(super) channel: u32,
    pub(super) onset: u32,
    pub(super) amplitude: f32,
}
