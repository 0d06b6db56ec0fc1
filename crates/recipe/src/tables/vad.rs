//! `[vad]`: which frames are speech.

use ossicle_dsp::{EnergyVad, VadConfig};

use crate::error::RecipeError;
use crate::keys::{decimal, keys, table};
use crate::misfit::Misfit;

keys! {
    /// `[vad]`: which frames are speech, as an array of 0 and 1, by the log energy (or C0) in the first
    /// column: Kaldi's `compute-vad`.
    VadTable {
        /// The array's name.
        name: String, always("vad".to_owned());
        /// The constant part of the threshold.
        energy_threshold: f64, always(decimal(VadConfig::default().energy_threshold));
        /// The factor of the utterance's mean, which is added to it.
        energy_mean_scale: f64, always(decimal(VadConfig::default().energy_mean_scale));
        /// The number of frames on either side that have a vote.
        frames_context: usize, always(VadConfig::default().frames_context);
        /// The share of them that must lie above the threshold.
        proportion_threshold: f64, always(decimal(VadConfig::default().proportion_threshold));
    }
}
table!(VadTable);

impl VadTable {
    pub(crate) fn vad(&self) -> Result<EnergyVad, Misfit> {
        let config = VadConfig {
            energy_threshold: self.energy_threshold as f32,
            energy_mean_scale: self.energy_mean_scale as f32,
            frames_context: self.frames_context,
            proportion_threshold: self.proportion_threshold as f32,
        };
        EnergyVad::new(config).map_err(|error| Misfit::table("vad", RecipeError::Vad(error)))
    }
}
