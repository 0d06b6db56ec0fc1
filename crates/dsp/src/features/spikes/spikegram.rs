//! Spikes, and the sound that they are.

use super::gammatone::Dictionary;
use crate::sink::Event;

/// One kernel of a dictionary in a recording: its channel is its place in the dictionary, its sample is where
/// it begins, and its amplitude is what the kernel, which has unit energy, is multiplied by.
pub type Spike = Event;

/// A recording as a sum of kernels.
#[derive(Debug, Clone, PartialEq)]
pub struct Spikegram {
    /// The spikes, in the order in which they were found.
    pub spikes: Vec<Spike>,
    /// The sum of the squares of the recording's samples.
    pub signal_energy: f64,
    /// The sum of the squares of what is left of them without the spikes.
    pub residual_energy: f64,
    /// True where the search ended, in some block, at none of the ends that were asked for: since there were
    /// as many spikes as samples, or since nothing was left to be found but noise.
    pub ended_early: bool,
}

impl Spikegram {
    /// Returns the ratio of the recording's energy to that of what the spikes leave of it, in dB:
    /// infinite where they leave nothing.
    pub fn snr_db(&self) -> f64 {
        match self.residual_energy {
            0.0 => f64::INFINITY,
            left => 10.0 * libm::log10(self.signal_energy / left),
        }
    }
}

impl Dictionary {
    /// Adds the sound of spikes to `samples`, which begin at sample `first` of the recording. What lies
    /// outside of them is left out.
    ///
    /// # Panics
    /// If a spike's channel is not in the dictionary.
    pub fn decode_into(&self, spikes: &[Spike], first: u64, samples: &mut [f64]) {
        for spike in spikes {
            let kernel = self.kernel(spike.channel as usize);
            let (at, skipped) = match spike.sample.checked_sub(first) {
                Some(at) => (at, 0),
                None => (0, first - spike.sample),
            };
            if at >= samples.len() as u64 || skipped >= kernel.len() as u64 {
                continue;
            }
            let (at, kernel) = (at as usize, &kernel[skipped as usize..]);
            add_kernel(&mut samples[at..], kernel, f64::from(spike.amplitude));
        }
    }
}

/// Adds a kernel times an amplitude, as far as there are samples.
#[inline(always)]
pub(super) fn add_kernel(samples: &mut [f64], kernel: &[f32], amplitude: f64) {
    for (sample, &x) in samples.iter_mut().zip(kernel) {
        *sample += amplitude * f64::from(x);
    }
}
