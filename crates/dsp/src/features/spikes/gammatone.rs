//! The dictionary: one gammatone kernel a channel.

use std::f64::consts::PI;

use crate::error::Error;

/// The most samples of a kernel.
const MAX_SAMPLES: usize = 1 << 15;

/// The most channels of a dictionary.
const MAX_CHANNELS: usize = 256;

/// The share of a kernel's energy that may be cut off at its end.
const TAIL_RATIO: f64 = 1e-8;

/// Slaney's form of Glasberg and Moore's equivalent rectangular bandwidth: the quality factor that the
/// ear's filters approach at high frequencies, and their bandwidth in Hz at low ones.
const EAR_Q: f64 = 9.26449;
const MIN_BANDWIDTH_HZ: f64 = 24.7;

/// The gammatones of a [`Dictionary`].
///
/// A gammatone is what an auditory nerve fibre's impulse response looks like: a tone at the channel's
/// centre frequency f that rises as a power of time and dies away with the ear's bandwidth there,
///
/// g(t) = tⁿ⁻¹ · exp(−2π·b·ERB(f)·t) · cos(2π·f·t + φ).
///
/// Centre frequencies lie evenly on the scale of equivalent rectangular bandwidths, as M. Slaney's
/// *Auditory Toolbox* (Interval Research Technical Report 1998-010) has them in `ERBSpace`: the lowest is
/// `low_freq_hz`, and the highest one step below `high_freq_hz`.
#[derive(Debug, Clone, PartialEq)]
pub struct GammatoneConfig {
    /// Samples per second.
    pub sample_rate_hz: u32,
    /// The number of kernels, from 1 to 256.
    pub num_channels: usize,
    /// The lowest centre frequency, in Hz.
    pub low_freq_hz: f64,
    /// One step above the highest centre frequency, in Hz; at most half the sample rate.
    pub high_freq_hz: f64,
    /// The order n of the filter, from 1 to 8; auditory models have 4.
    pub order: u32,
    /// The bandwidth b in equivalent rectangular bandwidths; 1.019 makes both the same at order 4.
    pub bandwidth: f64,
    /// The longest that a kernel may be, in seconds; most end before, where 1e-8 of their energy is left.
    pub length_s: f64,
    /// The phase φ of the tone where the kernel begins, in radians.
    pub phase: f64,
}

impl GammatoneConfig {
    /// Returns the centre frequency of each channel, in Hz.
    pub fn centre_freqs_hz(&self) -> Vec<f64> {
        centre_freqs_hz(self).collect()
    }

    /// Describes 32 channels from 20 Hz to half the sample rate: at 16 kHz the dictionary of a
    /// phone recognition work of 2019 on TIMIT, whose spikegrams `timit-spikegram` reproduces.
    pub fn new(sample_rate_hz: u32) -> GammatoneConfig {
        GammatoneConfig {
            sample_rate_hz,
            num_channels: 32,
            low_freq_hz: 20.0,
            high_freq_hz: f64::from(sample_rate_hz) / 2.0,
            order: 4,
            bandwidth: 1.019,
            length_s: 0.128,
            phase: 0.0,
        }
    }

    fn check(&self) -> Result<usize, Error> {
        let rate = f64::from(self.sample_rate_hz);
        if self.sample_rate_hz == 0 {
            return Err(Error::SampleRate);
        }
        if self.num_channels == 0 || self.num_channels > MAX_CHANNELS {
            return Err(Error::Channels { num_channels: self.num_channels, most: MAX_CHANNELS });
        }
        let (low_hz, high_hz) = (self.low_freq_hz, self.high_freq_hz);
        if !(low_hz > 0.0 && low_hz < high_hz && high_hz <= rate / 2.0) {
            return Err(Error::GammatoneRange { low_hz, high_hz, nyquist_hz: rate / 2.0 });
        }
        if !(1..=8).contains(&self.order) {
            return Err(Error::GammatoneOrder { order: self.order });
        }
        if !(self.bandwidth > 0.0 && self.bandwidth.is_finite()) {
            return Err(Error::NotPositive {
                key: "the gammatones' bandwidth",
                value: self.bandwidth as f32,
            });
        }
        if !self.phase.is_finite() {
            return Err(Error::NotFinite {
                key: "the gammatones' phase",
                value: self.phase as f32,
            });
        }
        let samples = (self.length_s * rate).round();
        if !(samples >= 2.0 && samples <= MAX_SAMPLES as f64) {
            return Err(Error::KernelLength { length_s: self.length_s, most: MAX_SAMPLES });
        }
        Ok(samples as usize)
    }
}

/// Kernels of unit energy, lowest centre frequency first.
#[derive(Debug, Clone, PartialEq)]
pub struct Dictionary {
    sample_rate_hz: u32,
    centre_freqs_hz: Vec<f64>,
    kernels: Vec<Vec<f32>>,
    peaks: Vec<usize>,
}

impl Dictionary {
    /// Computes the kernels, in f64, and rounds them once.
    ///
    /// # Errors
    /// If something is out of range, or a kernel comes out without energy.
    pub fn new(config: &GammatoneConfig) -> Result<Dictionary, Error> {
        let length = config.check()?;
        let centre_freqs_hz: Vec<f64> = centre_freqs_hz(config).collect();
        let kernels = centre_freqs_hz.iter().map(|&f| kernel(config, f, length));
        let kernels = kernels.collect::<Result<Vec<_>, _>>()?;
        let peaks = kernels.iter().map(|kernel| peak(kernel)).collect();
        Ok(Dictionary { sample_rate_hz: config.sample_rate_hz, centre_freqs_hz, kernels, peaks })
    }

    /// Returns the sample rate that the kernels are for, in Hz.
    pub fn sample_rate_hz(&self) -> u32 {
        self.sample_rate_hz
    }

    /// Returns the number of kernels.
    pub fn num_channels(&self) -> usize {
        self.kernels.len()
    }

    /// Returns the centre frequency of each channel in Hz, rising.
    pub fn centre_freqs_hz(&self) -> &[f64] {
        &self.centre_freqs_hz
    }

    /// Returns the kernel of a channel: its samples have a sum of squares of 1.
    ///
    /// # Panics
    /// If there is no such channel.
    pub fn kernel(&self, channel: usize) -> &[f32] {
        &self.kernels[channel]
    }

    /// Iterates over the kernels of all channels, lowest centre frequency first.
    pub(super) fn kernels(&self) -> impl Iterator<Item = &[f32]> {
        self.kernels.iter().map(Vec::as_slice)
    }

    /// Returns the sample at which the kernel of a channel is largest, counted from its beginning:
    /// the time of its sound, as far as that can be said of a point.
    ///
    /// # Panics
    /// If there is no such channel.
    pub fn peak(&self, channel: usize) -> usize {
        self.peaks[channel]
    }

    /// Returns the length of the longest kernel in samples.
    pub fn longest(&self) -> usize {
        self.kernels.iter().map(Vec::len).max().unwrap_or(0)
    }
}

/// Slaney's `ERBSpace`, lowest first.
fn centre_freqs_hz(config: &GammatoneConfig) -> impl Iterator<Item = f64> {
    const C: f64 = EAR_Q * MIN_BANDWIDTH_HZ;
    let (low, high) = (config.low_freq_hz + C, config.high_freq_hz + C);
    let step = (libm::log(low) - libm::log(high)) / config.num_channels as f64;
    (1..=config.num_channels).rev().map(move |k| -C + high * libm::exp(k as f64 * step))
}

/// Returns the equivalent rectangular bandwidth at a frequency: M. Slaney, *An Efficient
/// Implementation of the Patterson-Holdsworth Auditory Filter Bank* (Apple Technical Report 35,
/// 1993), here with exponent 4.
fn erb_hz(freq_hz: f64) -> f64 {
    let sum = libm::pow(freq_hz / EAR_Q, 4.0) + libm::pow(MIN_BANDWIDTH_HZ, 4.0);
    libm::pow(sum, 0.25)
}

/// Computes the kernel of unit energy at a frequency, without the end that has less than
/// [`TAIL_RATIO`] of the energy.
fn kernel(config: &GammatoneConfig, freq_hz: f64, length: usize) -> Result<Vec<f32>, Error> {
    let decay = 2.0 * PI * config.bandwidth * erb_hz(freq_hz);
    let sample = |n: usize| {
        let t = n as f64 / f64::from(config.sample_rate_hz);
        libm::pow(t, f64::from(config.order - 1))
            * libm::exp(-decay * t)
            * libm::cos(2.0 * PI * freq_hz * t + config.phase)
    };
    let mut kernel: Vec<f64> = (0..length).map(sample).collect();
    let energy: f64 = kernel.iter().map(|x| x * x).sum();
    let mut rest = 0.0;
    while let Some(x) = kernel.last() {
        rest += x * x;
        if rest > TAIL_RATIO * energy {
            break;
        }
        kernel.pop();
    }
    let energy: f64 = kernel.iter().map(|x| x * x).sum();
    if !(energy > 0.0 && energy.is_finite()) {
        return Err(Error::EmptyKernel { freq_hz });
    }
    let scale = 1.0 / energy.sqrt();
    Ok(kernel.iter().map(|x| (x * scale) as f32).collect())
}

/// Returns the place of the largest number without regard to signs; the first of several.
fn peak(kernel: &[f32]) -> usize {
    let mut peak = 0;
    for (n, x) in kernel.iter().enumerate() {
        if x.abs() > kernel[peak].abs() {
            peak = n;
        }
    }
    peak
}
