//! The correlation that becomes the next spike.

use super::atom::Atom;
use super::residual::{Kernels, Residual};
use crate::kernels::lanes::Vector;

/// The largest correlation of all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Best {
    pub(super) channel: usize,
    pub(super) onset: usize,
    pub(super) correlation: f32,
}

impl Best {
    pub(super) fn size(self) -> f32 {
        self.correlation.abs()
    }

    /// Returns the spike that takes it away.
    pub(super) fn atom(self) -> Atom {
        let Best { channel, onset, correlation } = self;
        Atom { channel: channel as u32, onset: onset as u32, amplitude: correlation }
    }

    /// Takes another onset of the channel if the correlation there, computed from the residual, is larger, or
    /// as large and before.
    #[inline(always)]
    pub(super) fn challenge<V: Vector<N>, const N: usize>(
        &mut self,
        kernels: &Kernels,
        residual: &Residual,
        onset: usize,
        num_onsets: usize,
    ) {
        if onset < num_onsets {
            let correlation = residual.correlation::<V, N>(kernels, self.channel, onset);
            let other = Best { onset, correlation, ..*self };
            if other.is_before(*self) {
                *self = other;
            }
        }
    }

    /// Returns whether it is taken rather than one of a lower channel.
    pub(super) fn is_before(self, other: Best) -> bool {
        self.size() > other.size() || self.size() == other.size() && self.onset < other.onset
    }
}
