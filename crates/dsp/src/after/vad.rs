//! Which frames have speech in them, judged by their energy.

use std::collections::VecDeque;

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
        let energies = rows.iter().step_by(dim).copied();
        let energy_sum = match self.needs_mean() {
            true => energies.clone().fold(0.0, |sum, energy| sum + f64::from(energy)),
            false => 0.0,
        };
        self.begin(rows.len() / dim, energy_sum).push(energies, mask);
    }

    /// Whether the threshold depends on the mean of the whole utterance's log energies.
    pub fn needs_mean(&self) -> bool {
        self.config.energy_mean_scale > 0.0
    }

    /// Begins an utterance of `num_frames` frames whose log energies come one after the other: its
    /// mask is the one that [`apply`](EnergyVad::apply) gives.
    ///
    /// - `energy_sum`: where [`needs_mean`](EnergyVad::needs_mean), all log energies, added up in f64 in
    ///   the order of the rows, from 0.0 on; elsewhere any number
    ///
    /// ```
    /// use ossicle_dsp::{EnergyVad, VadConfig};
    ///
    /// let vad = EnergyVad::new(VadConfig { frames_context: 1, ..VadConfig::default() })?;
    /// let energies = [4.0_f32, 16.0, 16.0, 4.0, 4.0];
    /// assert!(vad.needs_mean());
    /// let energy_sum = energies.iter().fold(0.0, |sum, &energy| sum + f64::from(energy));
    ///
    /// let mut stream = vad.begin(energies.len(), energy_sum);
    /// let mut mask = Vec::new();
    /// stream.push(energies[..2].iter().copied(), &mut mask);
    /// assert_eq!(mask, [0]);
    /// stream.push(energies[2..].iter().copied(), &mut mask);
    /// assert_eq!(mask, [0, 1, 1, 0, 0]);
    /// # Ok::<(), ossicle_dsp::Error>(())
    /// ```
    pub fn begin(&self, num_frames: usize, energy_sum: f64) -> VadStream {
        let mut threshold = f64::from(self.config.energy_threshold);
        // Without a scale the mean has no say, even if it is infinite.
        if self.needs_mean() {
            let mean = energy_sum / num_frames as f64;
            threshold += f64::from(self.config.energy_mean_scale) * mean;
        }
        VadStream {
            config: self.config,
            threshold,
            num_frames,
            t: 0,
            around: VecDeque::new(),
            begin: 0,
            num_loud: 0,
        }
    }
}

/// Judges the frames of an utterance as they come, made by [`EnergyVad::begin`].
///
/// It holds on to a byte for each frame that is judged with the next.
#[derive(Debug)]
pub struct VadStream {
    config: VadConfig,
    threshold: f64,
    num_frames: usize,
    /// The frame that is judged next.
    t: usize,
    /// Whether the frames from `begin` on are loud, as far as they have come.
    around: VecDeque<bool>,
    begin: usize,
    num_loud: usize,
}

impl VadStream {
    /// Takes the next frames' log energies, and appends to `mask` what is known by them: 1 or 0 of
    /// every frame that has come `frames_context` frames ago, and with the utterance's last energy all
    /// that are left.
    ///
    /// # Panics
    /// If more energies come than `num_frames`.
    pub fn push(&mut self, energies: impl IntoIterator<Item = f32>, mask: &mut Vec<i16>) {
        let VadConfig { frames_context, proportion_threshold, .. } = self.config;
        for energy in energies {
            let end = self.begin + self.around.len() + 1;
            assert!(end <= self.num_frames, "frame {end} of an utterance of {}", self.num_frames);
            let is_loud = f64::from(energy) > self.threshold;
            self.around.push_back(is_loud);
            self.num_loud += usize::from(is_loud);
            while self.t < end && (end == self.num_frames || end - self.t > frames_context) {
                if self.t - self.begin > frames_context {
                    self.num_loud -= usize::from(self.around.pop_front() == Some(true));
                    self.begin += 1;
                }
                // In f32, as in Kaldi: 3 of 5 are a proportion of 0.6, which as an f32 is above 3/5.
                let least = self.around.len() as f32 * proportion_threshold;
                mask.push(i16::from(self.num_loud as f32 >= least));
                self.t += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_that_are_judged_with_no_other_any_more_are_let_go() {
        let config = VadConfig { frames_context: 5, ..VadConfig::default() };
        let mut stream = EnergyVad::new(config).unwrap().begin(10_000, 0.0);
        let mut mask = Vec::new();
        for _ in 0..100 {
            stream.push([1.0; 100], &mut mask);
            assert!(stream.around.len() <= 11, "{} frames", stream.around.len());
        }
        assert_eq!(mask.len(), 10_000);
    }
}
