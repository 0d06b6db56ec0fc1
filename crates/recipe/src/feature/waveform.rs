//! `kind = "waveform"`: the samples themselves.

use ossicle_dsp::Waveform;

use super::array::ArrayKeys;
use super::recordings::Recordings;
use crate::keys::groups;
use crate::misfit::Misfit;

groups! {
    /// `kind = "waveform"`: the samples themselves, a row of one column each. It stands alone in its recipe,
    /// whose frames are of one sample.
    WaveformFeature {
        /// The array.
        array: ArrayKeys,
    }
}

impl WaveformFeature {
    /// Plans rows of such recordings.
    pub(super) fn plan(&self, of: &Recordings) -> Waveform {
        Waveform::new(self.array.scale.unwrap_or(of.scale))
    }

    /// Refuses keys that mean nothing beside the others.
    pub(super) fn check(&self) -> Result<(), Misfit> {
        Ok(())
    }
}
