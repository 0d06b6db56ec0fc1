//! The keys of a spectrum: what happens to a frame before its bins are gathered.

use ossicle_dsp::{
    Columns, Compression, Dither, FeatureConfig, Preemphasis, SampleScale, Spectrum, Window,
};
use serde::{Deserialize, Serialize};

use super::n_fft::NFft;
use super::recordings::Recordings;
use crate::keys::keys;
use crate::misfit::Misfit;

keys! {
    /// The keys of a spectrum: what happens to a frame before its bins are gathered.
    FrontKeys {
        /// The standard deviation of the Gaussian noise added to each frame, in the units of `scale`.
        dither: f64, or(0.0);
        /// The seed of the noise: another one gives other noise.
        dither_seed: u64, or(0);
        /// Subtracts each frame's mean from it.
        remove_dc_offset: bool, or(false);
        /// The coefficient of the high-pass filter; 0 is none.
        preemphasis: f64, or(0.0);
        /// The signal that is filtered: each frame for itself, or the whole recording.
        preemphasis_of: PreemphasisKey, or(PreemphasisKey::Frame);
        /// The weight of each sample within a frame.
        window: WindowKey, or(WindowKey::Rectangular);
        /// The constant term of `window = "blackman"`.
        blackman_coeff: f64, or(0.42);
        /// The number of samples in the middle of a frame that the window covers.
        window_length: usize, none("all");
        /// The size of the Fourier transform in samples; `"power-of-two"` is the least that holds a
        /// frame.
        n_fft: NFft, or(NFft::PowerOfTwo);
        /// The measure of each bin: its power, its magnitude, or its power divided by `n_fft`.
        spectrum: Spectrum, or(Spectrum::Power);
        /// With `spectrum = "magnitude"`: the number added to the power before its root is taken; HiFi-GAN
        /// has 1e-9.
        magnitude_epsilon: f64, or(0.0);
    }
}

/// The signal that is filtered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PreemphasisKey {
    /// Each frame for itself: Kaldi, HTK.
    Frame,
    /// The recording, before it is cut into frames: python_speech_features.
    Signal,
}

/// A window's shape; see [`Window`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum WindowKey {
    /// Kaldi's default.
    Povey,
    /// Symmetric.
    Hamming,
    /// Periodic.
    HammingPeriodic,
    /// Symmetric: Kaldi's `hanning`.
    Hann,
    /// Periodic: librosa, torchaudio, Whisper.
    HannPeriodic,
    /// Symmetric, with `blackman_coeff`.
    Blackman,
    /// Periodic.
    BlackmanPeriodic,
    /// Symmetric.
    Sine,
    /// Every sample counts alike.
    Rectangular,
}

impl FrontKeys {
    /// Returns the configuration of the spectrum alone: every bin is a column.
    ///
    /// - `scale`: the feature's own, if it has one
    pub(super) fn config(&self, of: &Recordings, scale: Option<SampleScale>) -> FeatureConfig {
        FeatureConfig {
            sample_rate_hz: of.sample_rate_hz,
            sample_scale: scale.unwrap_or(of.scale),
            frames: of.frames,
            dither: self.noise(),
            remove_dc_offset: self.remove_dc_offset(),
            preemphasis: self.filter(),
            window: self.shape(),
            window_length: self.window_length,
            n_fft: self.n_fft().samples(of.frames.length),
            spectrum: self.spectrum(),
            magnitude_epsilon: self.magnitude_epsilon() as f32,
            columns: Columns::Bins { skip_dc: false },
            compression: Compression::Linear,
            cepstra: None,
            energy: None,
        }
    }

    /// Refuses keys that mean nothing beside the others.
    pub(super) fn check(&self) -> Result<(), Misfit> {
        if self.spectrum() != Spectrum::Magnitude && self.magnitude_epsilon.is_some() {
            let why = "without spectrum = \"magnitude\"".to_owned();
            return Err(Misfit::idle("feature", "magnitude_epsilon", why));
        }
        Ok(())
    }

    fn noise(&self) -> Option<Dither> {
        let (standard_deviation, seed) = (self.dither() as f32, self.dither_seed());
        (self.dither() != 0.0).then_some(Dither { standard_deviation, seed })
    }

    fn filter(&self) -> Preemphasis {
        let coefficient = self.preemphasis() as f32;
        match self.preemphasis_of() {
            _ if coefficient == 0.0 => Preemphasis::None,
            PreemphasisKey::Frame => Preemphasis::PerFrame(coefficient),
            PreemphasisKey::Signal => Preemphasis::PerSignal(coefficient),
        }
    }

    fn shape(&self) -> Window {
        match self.window() {
            WindowKey::Povey => Window::Povey,
            WindowKey::Hamming => Window::Hamming,
            WindowKey::HammingPeriodic => Window::HammingPeriodic,
            WindowKey::Hann => Window::Hann,
            WindowKey::HannPeriodic => Window::HannPeriodic,
            WindowKey::Blackman => Window::Blackman { coefficient: self.blackman_coeff() },
            WindowKey::BlackmanPeriodic => Window::BlackmanPeriodic,
            WindowKey::Sine => Window::Sine,
            WindowKey::Rectangular => Window::Rectangular,
        }
    }
}
