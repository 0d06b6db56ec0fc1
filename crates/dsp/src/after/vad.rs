//! Detection of speech in frames by their energy.

use std::collections::VecDeque;

use crate::error::Error;

/// The thresholds above which a frame counts as speech. The default is Kaldi's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VadConfig {
    /// The constant part of the threshold, in the unit of the log energies, 5.0 by default. Kaldi's
    /// are natural logarithms of 16-bit samples' energies: of samples in ±1.0 they are 20.79 lower.
    pub energy_threshold: f32,
    /// The share of the utterance's mean log energy that is added to the threshold; 0.5 by default,
    /// and 0 for a threshold that does not depend on the utterance.
    pub energy_mean_scale: f32,
    /// The number of frames before and as many after a frame that are judged with it, 0 by default.
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
    /// Checks the thresholds, and makes a detector by them.
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

    /// Returns whether the threshold depends on the mean of the whole utterance's log energies, so
    /// that [`begin`](EnergyVad::begin) needs it.
    pub fn needs_mean(&self) -> bool {
        self.config.energy_mean_scale > 0.0
    }

    /// Begins an utterance whose log energies come one after the other.
    ///
    /// A frame is speech if, of the frames at most `frames_context` from it, at least
    /// `proportion_threshold` have an energy above `energy_threshold + energy_mean_scale · mean`.
    ///
    /// - `mean_energy`: where [`needs_mean`](EnergyVad::needs_mean), the mean of all log energies, which as
    ///   in Kaldi are added up in f64 in the order of the frames; elsewhere any number
    ///
    /// ```
    /// use ossicle_dsp::{EnergyVad, VadConfig};
    ///
    /// let vad = EnergyVad::new(VadConfig { frames_context: 1, ..VadConfig::default() })?;
    /// let energies = [4.0_f32, 16.0, 16.0, 4.0, 4.0];
    /// assert!(vad.needs_mean());
    /// let sum = energies.iter().fold(0.0, |sum, &energy| sum + f64::from(energy));
    ///
    /// let mut stream = vad.begin(sum / energies.len() as f64);
    /// let mut mask = Vec::new();
    /// stream.push(energies[..2].iter().copied(), &mut mask);
    /// assert_eq!(mask, [0]);
    /// stream.finish(energies[2..].iter().copied(), &mut mask);
    /// assert_eq!(mask, [0, 1, 1, 0, 0]);
    /// # Ok::<(), ossicle_dsp::Error>(())
    /// ```
    pub fn begin(&self, mean_energy: f64) -> VadStream {
        let mut threshold = f64::from(self.config.energy_threshold);
        // Without a scale the mean has no say, even if it is infinite.
        if self.needs_mean() {
            threshold += f64::from(self.config.energy_mean_scale) * mean_energy;
        }
        let config = self.config;
        VadStream { config, threshold, t: 0, loud: VecDeque::new(), first_held: 0, num_loud: 0 }
    }
}

/// Judges the frames of an utterance as they come, made by [`EnergyVad::begin`].
///
/// It holds on to a byte for each frame that is judged with the next.
#[derive(Debug)]
pub struct VadStream {
    config: VadConfig,
    threshold: f64,
    /// The frame that is judged next.
    t: usize,
    /// Marks of loud frames, of those from `first_held` on, as far as they have come.
    loud: VecDeque<bool>,
    first_held: usize,
    num_loud: usize,
}

impl VadStream {
    /// Takes the next frames' log energies, and appends to `mask` what is known by them: 1 (speech) or 0
    /// (none) of every frame after which `frames_context` others have come.
    pub fn push(&mut self, energies: impl IntoIterator<Item = f32>, mask: &mut Vec<i16>) {
        for energy in energies {
            let is_loud = f64::from(energy) > self.threshold;
            self.loud.push_back(is_loud);
            self.num_loud += usize::from(is_loud);
            if self.end() - self.t > self.config.frames_context {
                self.decide(mask);
            }
        }
    }

    /// Takes the last frames' log energies, and appends to `mask` all that is left.
    pub fn finish(mut self, last: impl IntoIterator<Item = f32>, mask: &mut Vec<i16>) {
        self.push(last, mask);
        while self.t < self.end() {
            self.decide(mask);
        }
    }

    /// Returns the number of frames that have come.
    fn end(&self) -> usize {
        self.first_held + self.loud.len()
    }

    /// Judges the next frame by those around it that have come.
    fn decide(&mut self, mask: &mut Vec<i16>) {
        let VadConfig { frames_context, proportion_threshold, .. } = self.config;
        if self.t - self.first_held > frames_context {
            self.num_loud -= usize::from(self.loud.pop_front() == Some(true));
            self.first_held += 1;
        }
        // In f32, as in Kaldi: 3 of 5 are a proportion of 0.6, which as an f32 is above 3/5.
        let least = self.loud.len() as f32 * proportion_threshold;
        mask.push(i16::from(self.num_loud as f32 >= least));
        self.t += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_that_are_judged_with_no_other_any_more_are_let_go() {
        let config = VadConfig { frames_context: 5, ..VadConfig::default() };
        let mut stream = EnergyVad::new(config).unwrap().begin(0.0);
        let mut mask = Vec::new();
        for _ in 0..100 {
            stream.push([1.0; 100], &mut mask);
            assert!(stream.loud.len() <= 11, "{} frames", stream.loud.len());
        }
        assert_eq!(mask.len(), 10_000 - 5);
        stream.finish([], &mut mask);
        assert_eq!(mask.len(), 10_000);
    }
}
