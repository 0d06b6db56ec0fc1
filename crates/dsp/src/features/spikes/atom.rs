//! Spikes within a block.

use super::gammatone::Dictionary;
use super::spikegram::add_kernel;

/// A spike within a block: an atom of its sound.
#[derive(Debug, Clone, Copy)]
pub(super) struct Atom {
    pub(super) channel: u32,
    pub(super) onset: u32,
    pub(super) amplitude: f32,
}

impl Atom {
    /// Returns the kernel that it is of.
    #[inline(always)]
    pub(super) fn kernel(self, dictionary: &Dictionary) -> &[f32] {
        dictionary.kernel(self.channel as usize)
    }

    /// Adds its sound to that of a block, with this amplitude instead of its own.
    #[inline(always)]
    pub(super) fn add(self, dictionary: &Dictionary, amplitude: f64, sound: &mut [f64]) {
        add_kernel(&mut sound[self.onset as usize..], self.kernel(dictionary), amplitude);
    }
}
