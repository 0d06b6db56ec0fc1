//! Which frames have speech in them, judged by their energy.

use crate::error::Error;

/// When a frame counts as speech. The default is Kaldi's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VadConfig {
    /// The constant part of the threshold, in the unit of the log energies, 5.0 by default. Kaldi's
    /// are natural logarithms of 16-bit samples' energies: of samples in ±1.0 they are 20.79 lower.
    pub energy_threshold: f32,
    /// What the utterance's mean log energy is multiplied by and added to the threshold; 0.5 by
    /// default, and 0 for a threshold that does not depend on the utterance.
    pub energy_mean_scale: f32,
    /// How many frames before and as many after a frame are judged with it, 0 by default.
    pub frames_context: usize,
    /// The share of those frames, itself included, that must be above the threshold; 0.6 by default.
    pub proportion_threshold: f32,
}

impl Default for VadConfig {
    fn default() -> VadConfig {
        VadConfig {
            energy_threshold: 5.0,
            energy_mean_scale: 0.5,
            frames_context: 0,
            proportion_threshold: 0.6,
        }
    }
}

/// Tells speech from silence by log energy: Kaldi's `compute-vad`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EnergyVad {
    config: VadConfig,
}

impl EnergyVad {
    /// A judge by these thresholds.
    ///
    /// # Errors
    /// If `energy_threshold` is not finite, `energy_mean_scale` is negative or not finite, or
    /// `proportion_threshold` is not between 0 and 1, both excluded.
    pub fn new(config: VadConfig) -> Result<EnergyVad, Error> {
        let VadConfig { energy_threshold, energy_mean_scale, proportion_threshold, .. } = config;
        if !energy_threshold.is_finite() {
            return Err(Error::VadThreshold { threshold: energy_threshold });
        }
        if !(energy_mean_scale >= 0.0 && energy_mean_scale.is_finite()) {
            return Err(Error::VadMeanScale { scale: energy_mean_scale });
        }
        if !(proportion_threshold > 0.0 && proportion_threshold < 1.0) {
            return Err(Error::VadProportion { proportion: proportion_threshold });
        }
        Ok(EnergyVad { config })
    }

    /// Sets `mask` to one number per row: 1 where there is speech, 0 where there is none.
    ///
    /// - `rows`: row-major, `dim` columns, all of an utterance; column 0 is the frame's log energy
    ///
    /// A row is speech if, of the rows at most `frames_context` from it, at least
    /// `proportion_threshold` have an energy above `energy_threshold + energy_mean_scale · mean`.
    ///
    /// # Panics
    /// If `rows.len()` is not a multiple of `dim`.
    pub fn apply(&self, rows: &[f32], dim: usize, mask: &mut Vec<i16>) {
        assert!(dim > 0 && rows.len().is_multiple_of(dim), "rows must be whole");
        mask.clear();
        let num_frames = rows.len() / dim;
        if num_frames == 0 {
            return;
        }
        let VadConfig { energy_threshold, energy_mean_scale, proportion_threshold, .. } =
            self.config;
        let mut threshold = f64::from(energy_threshold);
        // Without a scale the mean has no say, even if it is infinite.
        if energy_mean_scale > 0.0 {
            let sum: f64 = rows.iter().step_by(dim).map(|&energy| f64::from(energy)).sum();
            threshold += f64::from(energy_mean_scale) * (sum / num_frames as f64);
        }
        let is_loud = |t: usize| f64::from(rows[t * dim]) > threshold;
        // Which rows have been counted in and not yet out.
        let (mut begin, mut end, mut num_loud) = (0, 0, 0_usize);
        mask.extend((0..num_frames).map(|t| {
            let last = t.saturating_add(self.config.frames_context).min(num_frames - 1);
            while end <= last {
                num_loud += usize::from(is_loud(end));
                end += 1;
            }
            while begin < t.saturating_sub(self.config.frames_context) {
                num_loud -= usize::from(is_loud(begin));
                begin += 1;
            }
            // In f32, as in Kaldi: 3 of 5 are a proportion of 0.6, which as an f32 is above 3/5.
            i16::from(num_loud as f32 >= (end - begin) as f32 * proportion_threshold)
        }));
    }
}
