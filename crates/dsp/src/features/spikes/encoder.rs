//! Spikes of a recording, block by block.

use super::block::Block;
use super::pursuit::{MatchingPursuit, PursuitScratch};
use super::spikegram::{Spike, Spikegram};
use super::sums::energy;
use crate::error::Error;
use crate::samples::is_sample;

impl MatchingPursuit {
    /// Codes a recording.
    ///
    /// - `samples`: of the dictionary's sample rate
    ///
    /// # Errors
    /// If a sample is not a number, or above 1e10.
    pub fn encode(
        &self,
        samples: &[f32],
        scratch: &mut PursuitScratch,
    ) -> Result<Spikegram, Error> {
        let mut encoder = self.begin(scratch);
        let mut spikes = Vec::new();
        for block in samples.chunks(self.config.block) {
            encoder.push(block, &mut spikes)?;
        }
        Ok(Spikegram {
            spikes,
            signal_energy: encoder.signal_energy,
            residual_energy: encoder.residual_energy,
            ended_early: encoder.ended_early,
        })
    }

    /// Begins to code a recording that comes block by block.
    pub fn begin<'a>(&'a self, scratch: &'a mut PursuitScratch) -> Encoder<'a> {
        scratch.exact.clear();
        self.correlator.prepare(self.level.lanes(), &mut scratch.correlator);
        Encoder {
            pursuit: self,
            scratch,
            start: 0,
            signal_energy: 0.0,
            residual_energy: 0.0,
            ended_early: false,
        }
    }
}

/// A pursuit on its way through a recording.
#[derive(Debug)]
pub struct Encoder<'a> {
    pursuit: &'a MatchingPursuit,
    scratch: &'a mut PursuitScratch,
    /// The first sample of the next block.
    start: u64,
    signal_energy: f64,
    residual_energy: f64,
    ended_early: bool,
}

impl Encoder<'_> {
    /// Returns whether the search in some block so far ended at no end that was asked for: see
    /// [`Spikegram::ended_early`].
    pub fn ended_early(&self) -> bool {
        self.ended_early
    }

    /// Returns the number of samples that were coded.
    pub(super) fn num_samples(&self) -> u64 {
        self.start
    }

    /// Codes a block and appends its spikes, in the order in which they were found.
    ///
    /// - `samples`: [`PursuitConfig::block`](super::pursuit::PursuitConfig::block) of them, or fewer where the recording ends
    ///
    /// # Errors
    /// If a sample is not a number, or above 1e10.
    pub fn push(&mut self, samples: &[f32], spikes: &mut Vec<Spike>) -> Result<(), Error> {
        if let Some(at) = samples.iter().position(|&x| !is_sample(x)) {
            return Err(Error::Sample { at: self.start + at as u64, value: samples[at] });
        }
        if samples.is_empty() {
            return Ok(());
        }
        let PursuitScratch { exact, .. } = self.scratch;
        // What is there was carried over.
        exact.resize(samples.len() + self.pursuit.dictionary.longest(), 0.0);
        for (exact, &sample) in exact.iter_mut().zip(samples) {
            self.signal_energy += f64::from(sample) * f64::from(sample);
            *exact += f64::from(sample);
        }
        let found = spikes.len();
        let kernel = Block {
            pursuit: self.pursuit,
            scratch: self.scratch,
            num_onsets: samples.len(),
            spikes,
        };
        self.ended_early |= self.pursuit.level.run_widest(kernel);
        for spike in &mut spikes[found..] {
            spike.sample += self.start;
        }
        self.start += samples.len() as u64;
        let coded = self.scratch.exact.drain(..samples.len());
        self.residual_energy += energy(coded.as_slice());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ossicle_testing::noise;

    use super::super::gammatone::{Dictionary, GammatoneConfig};
    use super::super::pursuit::PursuitConfig;
    use super::*;
    use crate::kernels::simd::Level;

    /// Levels of this machine need not have as many lanes as there are.
    #[test]
    fn sixteen_lanes_give_the_bits_of_eight() {
        let config = GammatoneConfig {
            num_channels: 19,
            low_freq_hz: 400.0,
            length_s: 0.02,
            ..GammatoneConfig::new(16_000)
        };
        let dictionary = Dictionary::new(&config).unwrap();
        // Stretches of less than one vector, of some, and of some and a few more.
        for num_samples in [900, 9000, 30_000] {
            let samples = noise(num_samples, 3);
            let [eight, sixteen] = [Level::BASELINE, Level::SIXTEEN].map(|level| {
                let config = PursuitConfig::snr_db(12.0);
                let pursuit = MatchingPursuit::new(dictionary.clone(), config, level).unwrap();
                pursuit.encode(&samples, &mut PursuitScratch::default()).unwrap()
            });
            assert!(!eight.spikes.is_empty());
            assert!(eight == sixteen, "{num_samples} samples");
        }
    }
}
