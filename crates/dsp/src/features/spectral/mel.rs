//! Triangular filters on a mel scale.

use crate::error::Error;
use crate::kernels::lanes::Vector;

/// The warp of frequency to the mel scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
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
            MelScale::Slaney if hz < BREAK_HZ => hz / HZ_PER_MEL,
            MelScale::Slaney => BREAK_HZ / HZ_PER_MEL + libm::log(hz / BREAK_HZ) / LOG_STEP,
            MelScale::Htk => 2595.0 * libm::log10(1.0 + hz / 700.0),
        }
    }

    fn hz(self, mel: f64) -> f64 {
        match self {
            MelScale::Slaney if mel < BREAK_HZ / HZ_PER_MEL => mel * HZ_PER_MEL,
            MelScale::Slaney => BREAK_HZ * libm::exp(LOG_STEP * (mel - BREAK_HZ / HZ_PER_MEL)),
            MelScale::Htk => 700.0 * (libm::pow(10.0, mel / 2595.0) - 1.0),
        }
    }
}

const HZ_PER_MEL: f64 = 200.0 / 3.0;
const BREAK_HZ: f64 = 1000.0;
/// ln(6.4)/27.
const LOG_STEP: f64 = 0.068_751_777_420_949_12;

/// Over what the sides of the triangles are straight, and where their corners lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum MelTriangles {
    /// Over frequency in Hz: librosa, torchaudio's transforms, Whisper.
    Hz,
    /// Over mels: Kaldi, torchaudio's `compliance.kaldi`.
    Mel,
    /// Over mels, without the bins (DC always among them) that lie less than half a bin's distance
    /// above the lower or below the upper end of the bank: HTK.
    Htk,
    /// Over frequency in Hz, and the side that falls is as wide as the one that rises, which begins where
    /// the filter before it peaks: SpeechBrain.
    Symmetric,
    /// Over bins, with every corner moved down to ⌊(n_fft + 1)·f / sample rate⌋:
    /// python_speech_features.
    Bins,
}

/// The weight of a whole filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum MelNorm {
    /// The peak is 1.
    Peak,
    /// The area over frequency in Hz is 1 (librosa's `norm="slaney"`): wide filters weigh less.
    Area,
}

/// Vocal tract length normalisation: the corners of the filters are moved by a piecewise linear warp
/// of frequency, f/`factor` in the middle, that leaves the ends of the bank where they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Vtln {
    /// Above 1, filters move down.
    pub factor: f64,
    /// The end of the warp's lower part, in Hz.
    pub low_hz: f64,
    /// The beginning of the warp's upper part, in Hz.
    pub high_hz: f64,
    /// The points at which the parts meet.
    pub shape: VtlnShape,
}

/// The points at which the parts of a warp meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum VtlnShape {
    /// Points at max(1, factor)·low and min(1, factor)·high: Kaldi.
    Kaldi,
    /// Points at 2·low/(1 + 1/factor) and 2·high/(1 + 1/factor): HTK.
    Htk,
}

impl Vtln {
    /// Maps a frequency in Hz to the warped one.
    fn warp(&self, hz: f64, bank_low: f64, bank_high: f64) -> f64 {
        let scale = 1.0 / self.factor;
        let (low, high) = self.knees();
        if hz < low {
            bank_low + (hz - bank_low) * (low * scale - bank_low) / (low - bank_low)
        } else if hz < high {
            hz * scale
        } else {
            bank_high - (bank_high - hz) * (bank_high - high * scale) / (bank_high - high)
        }
    }

    fn knees(&self) -> (f64, f64) {
        let (low, high) = match self.shape {
            VtlnShape::Kaldi => (self.factor.max(1.0), self.factor.min(1.0)),
            VtlnShape::Htk => {
                let both = 2.0 / (1.0 + 1.0 / self.factor);
                (both, both)
            }
        };
        (self.low_hz * low, self.high_hz * high)
    }

    fn check(&self, bank_low: f64, bank_high: f64) -> Result<(), Error> {
        let (low, high) = self.knees();
        let scale = 1.0 / self.factor;
        let rises = self.factor > 0.0
            && bank_low < low
            && bank_low < low * scale
            && low < high
            && high < bank_high
            && high * scale < bank_high;
        match rises {
            true => Ok(()),
            false => Err(Error::Vtln {
                factor: self.factor,
                low_hz: self.low_hz,
                high_hz: self.high_hz,
                bank_low,
                bank_high,
            }),
        }
    }
}

/// A bank of triangular filters.
#[derive(Debug, Clone, PartialEq)]
pub struct MelConfig {
    /// The number of filters.
    pub num_mel_bins: usize,
    /// The frequency at which the first filter starts to rise, in Hz.
    pub low_freq_hz: f64,
    /// The frequency at which the last filter has fallen to zero, in Hz; `None` is half the sample
    /// rate.
    pub high_freq_hz: Option<f64>,
    /// The scale on which the filters are evenly spaced.
    pub scale: MelScale,
    /// Over what their sides are straight.
    pub triangles: MelTriangles,
    /// The weight of a whole filter.
    pub norm: MelNorm,
    /// The warp that moves the filters for a speaker.
    pub vtln: Option<Vtln>,
}

impl MelConfig {
    /// Returns the ends of the bank in Hz.
    fn ends_hz(&self, sample_rate_hz: u32) -> (f64, f64) {
        let nyquist_hz = f64::from(sample_rate_hz) / 2.0;
        (self.low_freq_hz, self.high_freq_hz.unwrap_or(nyquist_hz))
    }

    /// Checks whether there can be such filters.
    pub(crate) fn check(&self, sample_rate_hz: u32) -> Result<(), Error> {
        let num_mel_bins = self.num_mel_bins;
        if num_mel_bins == 0 || num_mel_bins > 4096 {
            return Err(Error::MelBins { num_mel_bins });
        }
        let nyquist_hz = f64::from(sample_rate_hz) / 2.0;
        let (low_hz, high_hz) = self.ends_hz(sample_rate_hz);
        if !(0.0 <= low_hz && low_hz < high_hz && high_hz <= nyquist_hz) {
            return Err(Error::MelRange { low_hz, high_hz, nyquist_hz });
        }
        match &self.vtln {
            Some(_) if self.triangles == MelTriangles::Symmetric => Err(Error::VtlnOfSymmetric),
            Some(vtln) => vtln.check(low_hz, high_hz),
            None => Ok(()),
        }
    }

    /// Returns the numbers of the filters, from 0, that no bin of the spectrum falls into: their energy is
    /// always 0.
    ///
    /// - `n_fft`: how many samples the spectrum is of
    ///
    /// # Errors
    /// If there can be no such filters.
    ///
    /// ```
    /// use ossicle_dsp::{MelConfig, MelNorm, MelScale, MelTriangles};
    ///
    /// let mut bank = MelConfig {
    ///     num_mel_bins: 23,
    ///     low_freq_hz: 20.0,
    ///     high_freq_hz: None,
    ///     scale: MelScale::Htk,
    ///     triangles: MelTriangles::Mel,
    ///     norm: MelNorm::Peak,
    ///     vtln: None,
    /// };
    /// assert!(bank.filters_without_bins(8000, 256)?.is_empty());
    /// bank.num_mel_bins = 120;
    /// assert_eq!(bank.filters_without_bins(8000, 256)?.len(), 3);
    /// # Ok::<(), ossicle_dsp::Error>(())
    /// ```
    pub fn filters_without_bins(
        &self,
        sample_rate_hz: u32,
        n_fft: usize,
    ) -> Result<Vec<usize>, Error> {
        self.check(sample_rate_hz)?;
        Ok(MelFilters::new(self, sample_rate_hz, n_fft, 1.0).without_bins())
    }

    /// Returns the frequency at which each filter peaks, in Hz.
    pub fn centres_hz(&self, sample_rate_hz: u32) -> Vec<f64> {
        let corners = self.corners_hz(sample_rate_hz);
        corners[1..=self.num_mel_bins].to_vec()
    }

    /// Returns the ends of the bank and, between them, the points at which one filter peaks, the
    /// one before it ends and the one after it begins.
    fn corners_hz(&self, sample_rate_hz: u32) -> Vec<f64> {
        let (low_hz, high_hz) = self.ends_hz(sample_rate_hz);
        let (low, high) = (self.scale.mel(low_hz), self.scale.mel(high_hz));
        let steps = (self.num_mel_bins + 1) as f64;
        let corner = |i: usize| self.scale.hz(low + (high - low) * i as f64 / steps);
        let mut corners: Vec<f64> = (0..=self.num_mel_bins + 1).map(corner).collect();
        // The ends as they are given: there and back again, they would be a rounding away.
        (corners[0], corners[self.num_mel_bins + 1]) = (low_hz, high_hz);
        if let Some(vtln) = &self.vtln {
            let inner = &mut corners[1..=self.num_mel_bins];
            inner.iter_mut().for_each(|hz| *hz = vtln.warp(*hz, low_hz, high_hz));
        }
        corners
    }
}

/// The weights of a bank.
///
/// Filters overlap their neighbours' halves: between two corners one filter falls and the next one
/// rises. So the bins are passed once, and each counts towards two filters.
#[derive(Debug, Clone)]
pub(crate) struct MelFilters {
    first_bin: usize,
    /// The number of bins between each corner and the next.
    segments: Vec<usize>,
    /// The weights of each bin from `first_bin` on, in the falling and in the rising filter.
    weights: Vec<[f32; 2]>,
}

impl MelFilters {
    /// Checks the bank and computes the weights, times `factor`.
    pub(crate) fn new(
        config: &MelConfig,
        sample_rate_hz: u32,
        n_fft: usize,
        factor: f64,
    ) -> MelFilters {
        let count = config.num_mel_bins;
        let rate = f64::from(sample_rate_hz);
        let (low_hz, high_hz) = config.ends_hz(sample_rate_hz);
        let corners_hz = config.corners_hz(sample_rate_hz);
        // Where bins and corners lie on the axis over which the sides are straight.
        let axis = |hz: f64| match config.triangles {
            MelTriangles::Hz | MelTriangles::Symmetric => hz,
            MelTriangles::Mel | MelTriangles::Htk => config.scale.mel(hz),
            MelTriangles::Bins => libm::floor((n_fft + 1) as f64 * hz / rate),
        };
        let corners: Vec<f64> = corners_hz.iter().map(|&hz| axis(hz)).collect();
        let place = |bin: usize| match config.triangles {
            MelTriangles::Bins => bin as f64,
            _ => axis(bin as f64 * rate / n_fft as f64),
        };
        let bins = match config.triangles {
            MelTriangles::Htk => {
                let nearest = |hz: f64| (hz * n_fft as f64 / rate + 0.5) as usize;
                nearest(low_hz) + 1..nearest(high_hz).min(n_fft / 2 + 1)
            }
            _ => 0..n_fft / 2 + 1,
        };
        let is_symmetric = config.triangles == MelTriangles::Symmetric;
        let width_hz = |filter: usize| match is_symmetric {
            true => 2.0 * (corners_hz[filter + 1] - corners_hz[filter]),
            false => corners_hz[filter + 2] - corners_hz[filter],
        };
        let norm = |filter: usize| match config.norm {
            MelNorm::Peak => factor,
            MelNorm::Area => factor * 2.0 / width_hz(filter),
        };
        let mut bins = bins.skip_while(|&bin| place(bin) < corners[0]).peekable();
        let first_bin = bins.peek().copied().unwrap_or(0);
        let mut segments = Vec::with_capacity(count + 1);
        let mut weights = Vec::new();
        for (segment, ends) in corners.windows(2).enumerate() {
            let begin = weights.len();
            let width = ends[1] - ends[0];
            // Scales bend one way, so that a side as wide as the one before it ends within the next.
            let fallen = match is_symmetric && segment > 0 {
                true => corners[segment] - corners[segment - 1],
                false => width,
            };
            while let Some(bin) = bins.next_if(|&bin| place(bin) < ends[1]) {
                let after = place(bin) - ends[0];
                let fall = match is_symmetric {
                    true => (1.0 - after / fallen).max(0.0),
                    false => (ends[1] - place(bin)) / width,
                };
                let rise = after / width;
                let fall = if segment > 0 { fall * norm(segment - 1) } else { 0.0 };
                let rise = if segment < count { rise * norm(segment) } else { 0.0 };
                weights.push([fall as f32, rise as f32]);
            }
            segments.push(weights.len() - begin);
        }
        MelFilters { first_bin, segments, weights }
    }

    /// Returns the numbers of the filters that have no weight.
    fn without_bins(&self) -> Vec<usize> {
        let count = self.segments.len() - 1;
        let mut has_weight = vec![false; count];
        let mut weights = self.weights.iter();
        for (segment, &len) in self.segments.iter().enumerate() {
            for &[fall, rise] in weights.by_ref().take(len) {
                // Before the first corner but one there is nothing that falls, and at the end nothing rises.
                if fall != 0.0 {
                    has_weight[segment - 1] = true;
                }
                if rise != 0.0 {
                    has_weight[segment] = true;
                }
            }
        }
        (0..count).filter(|&filter| !has_weight[filter]).collect()
    }

    /// Energies of the filters from the bins of the spectrum. Each is summed from its lowest bin up.
    #[inline(always)]
    pub(crate) fn apply<V: Vector<N>, const N: usize>(
        &self,
        spectrum: &[[f32; N]],
        energies: &mut [[f32; N]],
    ) {
        let weights = &self.weights[..];
        // As long as the weights, so that one question answers for both.
        let bins = &spectrum[self.first_bin..][..weights.len()];
        let Some((&rising_alone, others)) = self.segments.split_first() else { return };
        let mut rising = V::splat(0.0);
        for n in 0..rising_alone {
            rising = rising + V::load(&bins[n]) * weights[n][1];
        }
        let mut next = rising_alone;
        for (energy, &len) in energies.iter_mut().zip(others) {
            let mut falling = rising;
            rising = V::splat(0.0);
            // No more than there are, which spares the question at each.
            let end = (next + len).min(bins.len());
            for n in next..end {
                let (bin, [fall, rise]) = (V::load(&bins[n]), weights[n]);
                falling = falling + bin * fall;
                rising = rising + bin * rise;
            }
            next = end;
            falling.store(energy);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::lanes::LANES;
    use crate::kernels::simd::Baseline;

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
            triangles: MelTriangles::Hz,
            norm: MelNorm::Peak,
            vtln: None,
        };
        let filters = MelFilters::new(&config, 16_000, 400, 1.0);
        let mut energies = vec![[0.0; LANES]; 40];
        for bin in 1..200 {
            let mut power = vec![[0.0; LANES]; 201];
            power[bin] = [1.0; LANES];
            filters.apply::<Baseline, LANES>(&power, &mut energies);
            let loudest = (0..40).max_by(|&a, &b| energies[a][0].total_cmp(&energies[b][0]));
            // Two neighbouring triangles of peak 1 add up to 1 between their peaks.
            let sum: f32 = energies.iter().map(|e| e[0]).sum();
            let mel = MelScale::Slaney.mel(bin as f64 * 40.0);
            let nearest = mel * 41.0 / MelScale::Slaney.mel(8000.0) - 1.0;
            assert!((nearest - loudest.unwrap() as f64).abs() < 1.01, "bin {bin}");
            if (0.0..39.0).contains(&nearest) {
                assert!((sum - 1.0).abs() < 1e-5, "bin {bin}: {sum}");
            }
        }
    }

    #[test]
    fn filters_without_bins_are_those_that_no_spectrum_rings() {
        for (triangles, scale, num_mel_bins, n_fft) in [
            (MelTriangles::Mel, MelScale::Htk, 200, 512),
            (MelTriangles::Hz, MelScale::Slaney, 200, 400),
            (MelTriangles::Htk, MelScale::Htk, 150, 256),
            (MelTriangles::Bins, MelScale::Htk, 90, 256),
        ] {
            let norm = MelNorm::Peak;
            let (low_freq_hz, high_freq_hz, vtln) = (20.0, None, None);
            let config =
                MelConfig { num_mel_bins, low_freq_hz, high_freq_hz, scale, triangles, norm, vtln };
            let filters = MelFilters::new(&config, 16_000, n_fft, 1.0);
            let mut energies = vec![[0.0; LANES]; num_mel_bins];
            let white = vec![[1.0; LANES]; n_fft / 2 + 1];
            filters.apply::<Baseline, LANES>(&white, &mut energies);
            let silent: Vec<_> = (0..num_mel_bins).filter(|&i| energies[i][0] == 0.0).collect();
            assert!(!silent.is_empty() && silent.len() < num_mel_bins / 2, "{config:?}");
            assert_eq!(config.filters_without_bins(16_000, n_fft).unwrap(), silent, "{config:?}");
        }
    }

    #[test]
    fn impossible_banks_are_errors() {
        let good = MelConfig {
            num_mel_bins: 40,
            low_freq_hz: 0.0,
            high_freq_hz: None,
            scale: MelScale::Htk,
            triangles: MelTriangles::Mel,
            norm: MelNorm::Area,
            vtln: None,
        };
        let bad = [
            MelConfig { num_mel_bins: 0, ..good.clone() },
            MelConfig { low_freq_hz: -1.0, ..good.clone() },
            MelConfig { low_freq_hz: f64::NAN, ..good.clone() },
            MelConfig { high_freq_hz: Some(8001.0), ..good.clone() },
            MelConfig { low_freq_hz: 4000.0, high_freq_hz: Some(4000.0), ..good.clone() },
        ];
        for config in bad {
            assert!(config.check(16_000).is_err(), "{config:?}");
        }
    }
}
