//! Triangular filters on a mel scale.

use crate::error::Error;
use crate::lanes::{Lanes, Vector};

/// How frequency is warped to the mel scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MelScale {
    /// Linear below 1000 Hz (200/3 Hz a mel), logarithmic above (27 mels for a factor of 6.4):
    /// M. Slaney, *Auditory Toolbox*, Interval Research report 1998-010; librosa's default.
    Slaney,
    /// 2595·log10(1 + f/700): D. O'Shaughnessy, *Speech Communication*, 1987; HTK.
    Htk,
}

impl MelScale {
    fn mel(self, hz: f64) -> f64 {
        match self {
            MelScale::Slaney if hz < BREAK_HZ => hz / HZ_A_MEL,
            MelScale::Slaney => BREAK_HZ / HZ_A_MEL + libm::log(hz / BREAK_HZ) / LOG_STEP,
            MelScale::Htk => 2595.0 * libm::log10(1.0 + hz / 700.0),
        }
    }

    fn hz(self, mel: f64) -> f64 {
        match self {
            MelScale::Slaney if mel < BREAK_HZ / HZ_A_MEL => mel * HZ_A_MEL,
            MelScale::Slaney => BREAK_HZ * libm::exp(LOG_STEP * (mel - BREAK_HZ / HZ_A_MEL)),
            MelScale::Htk => 700.0 * (libm::pow(10.0, mel / 2595.0) - 1.0),
        }
    }
}

const HZ_A_MEL: f64 = 200.0 / 3.0;
const BREAK_HZ: f64 = 1000.0;
/// ln(6.4)/27.
const LOG_STEP: f64 = 0.068_751_777_420_949_12;

/// What the weights of one filter add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MelNorm {
    /// The peak is 1.
    Peak,
    /// The area over frequency in Hz is 1 (librosa's `norm="slaney"`): wide filters weigh less.
    Area,
}

/// A bank of triangular filters whose sides are straight over frequency in Hz.
#[derive(Debug, Clone, PartialEq)]
pub struct MelConfig {
    /// The number of filters.
    pub num_mel_bins: usize,
    /// Where the first filter starts to rise, in Hz.
    pub low_freq_hz: f64,
    /// Where the last filter has fallen to zero, in Hz; `None` is half the sample rate.
    pub high_freq_hz: Option<f64>,
    /// How the filters are spaced.
    pub scale: MelScale,
    /// What their weights add up to.
    pub norm: MelNorm,
}

/// The weights of a bank.
///
/// Filters overlap their neighbours' halves: between two corners one filter falls and the next one
/// rises. So the bins are passed once, and each counts towards two filters.
#[derive(Debug, Clone)]
pub(crate) struct MelFilters {
    first_bin: usize,
    /// How many bins lie between each corner and the next.
    segments: Vec<usize>,
    /// For each bin from `first_bin` on, its weights in the falling and in the rising filter.
    weights: Vec<[f32; 2]>,
}

impl MelFilters {
    pub(crate) fn new(
        config: &MelConfig,
        sample_rate_hz: u32,
        n_fft: usize,
    ) -> Result<MelFilters, Error> {
        let count = config.num_mel_bins;
        if count == 0 || count > 4096 {
            return Err(Error::MelBins { num_mel_bins: count });
        }
        let nyquist_hz = f64::from(sample_rate_hz) / 2.0;
        let (low_hz, high_hz) = (config.low_freq_hz, config.high_freq_hz.unwrap_or(nyquist_hz));
        if !(0.0 <= low_hz && low_hz < high_hz && high_hz <= nyquist_hz) {
            return Err(Error::MelRange { low_hz, high_hz, nyquist_hz });
        }
        let (low, high) = (config.scale.mel(low_hz), config.scale.mel(high_hz));
        let corner = |i: usize| config.scale.hz(low + (high - low) * i as f64 / (count + 1) as f64);
        // The weight of a frequency in filter m, which rises from corner m to m + 1 and falls to m + 2.
        let weight = |m: usize, hz: f64| {
            let (left, peak, right) = (corner(m), corner(m + 1), corner(m + 2));
            let norm = match config.norm {
                MelNorm::Peak => 1.0,
                MelNorm::Area => 2.0 / (right - left),
            };
            let (rise, fall) = ((hz - left) / (peak - left), (right - hz) / (right - peak));
            (rise.min(fall).max(0.0) * norm) as f32
        };
        let hz = |bin: usize| bin as f64 * f64::from(sample_rate_hz) / n_fft as f64;
        let mut bins = (0..=n_fft / 2).skip_while(|&bin| hz(bin) < corner(0)).peekable();
        let first_bin = bins.peek().copied().unwrap_or(0);
        let mut segments = Vec::with_capacity(count + 1);
        let mut weights = Vec::new();
        for segment in 0..=count {
            let begin = weights.len();
            while let Some(bin) = bins.next_if(|&bin| hz(bin) < corner(segment + 1)) {
                let fall = if segment > 0 { weight(segment - 1, hz(bin)) } else { 0.0 };
                let rise = if segment < count { weight(segment, hz(bin)) } else { 0.0 };
                weights.push([fall, rise]);
            }
            segments.push(weights.len() - begin);
        }
        Ok(MelFilters { first_bin, segments, weights })
    }

    /// Energies of the filters from the powers of the bins. Each is summed from its lowest bin up.
    #[inline(always)]
    pub(crate) fn apply<V: Vector>(&self, power: &[Lanes], energies: &mut [Lanes]) {
        let mut bins = power[self.first_bin..].iter().zip(&self.weights);
        let mut rising = V::splat(0.0);
        for (segment, &len) in self.segments.iter().enumerate() {
            let mut falling = rising;
            rising = V::splat(0.0);
            for (bin, &[fall, rise]) in bins.by_ref().take(len) {
                let bin = V::load(&bin.0);
                falling = falling + bin * fall;
                rising = rising + bin * rise;
            }
            if segment > 0 {
                falling.store(&mut energies[segment - 1].0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_invert_themselves_and_meet_their_definitions() {
        for scale in [MelScale::Slaney, MelScale::Htk] {
            for hz in [0.0, 20.0, 440.0, 999.0, 1000.0, 1001.0, 7999.0] {
                assert!((scale.hz(scale.mel(hz)) - hz).abs() < 1e-9, "{scale:?} {hz}");
            }
        }
        assert!((MelScale::Slaney.mel(1000.0) - 15.0).abs() < 1e-12);
        assert!((MelScale::Slaney.mel(6400.0) - 42.0).abs() < 1e-12);
        assert!((MelScale::Htk.mel(6300.0) - 2595.0).abs() < 1e-9);
        assert!((LOG_STEP - libm::log(6.4) / 27.0).abs() < 1e-17);
    }

    #[test]
    fn a_tone_rings_the_filter_it_lies_in() {
        let config = MelConfig {
            num_mel_bins: 40,
            low_freq_hz: 0.0,
            high_freq_hz: None,
            scale: MelScale::Slaney,
            norm: MelNorm::Peak,
        };
        let filters = MelFilters::new(&config, 16_000, 400).unwrap();
        let mut energies = vec![Lanes::splat(0.0); 40];
        for bin in 1..200 {
            let mut power = vec![Lanes::splat(0.0); 201];
            power[bin] = Lanes::splat(1.0);
            filters.apply::<Lanes>(&power, &mut energies);
            let loudest = (0..40).max_by(|&a, &b| energies[a].0[0].total_cmp(&energies[b].0[0]));
            // Two neighbouring triangles of peak 1 add up to 1 between their peaks.
            let sum: f32 = energies.iter().map(|e| e.0[0]).sum();
            let mel = MelScale::Slaney.mel(bin as f64 * 40.0);
            let nearest = mel * 41.0 / MelScale::Slaney.mel(8000.0) - 1.0;
            assert!((nearest - loudest.unwrap() as f64).abs() < 1.01, "bin {bin}");
            if (0.0..39.0).contains(&nearest) {
                assert!((sum - 1.0).abs() < 1e-5, "bin {bin}: {sum}");
            }
        }
    }

    #[test]
    fn impossible_banks_are_errors() {
        let good = MelConfig {
            num_mel_bins: 40,
            low_freq_hz: 0.0,
            high_freq_hz: None,
            scale: MelScale::Htk,
            norm: MelNorm::Area,
        };
        let bad = [
            MelConfig { num_mel_bins: 0, ..good.clone() },
            MelConfig { low_freq_hz: -1.0, ..good.clone() },
            MelConfig { low_freq_hz: f64::NAN, ..good.clone() },
            MelConfig { high_freq_hz: Some(8001.0), ..good.clone() },
            MelConfig { low_freq_hz: 4000.0, high_freq_hz: Some(4000.0), ..good.clone() },
        ];
        for config in bad {
            assert!(MelFilters::new(&config, 16_000, 400).is_err(), "{config:?}");
        }
    }
}
