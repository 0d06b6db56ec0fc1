//! What to compute of each frame.

use crate::features::spectral::cepstrum::Cepstra;
use crate::features::spectral::energy::Energy;
use crate::features::spectral::log::Log;
use crate::features::spectral::mel::MelConfig;
use crate::features::spectral::pcen::Pcen;
use crate::features::spectral::waveform::{Dither, Preemphasis};
use crate::features::spectral::window::Window;
use crate::frames::FrameLayout;
use crate::samples::SampleScale;

/// The steps of a frame's computation, in their order.
///
/// The constructors ([`kaldi_fbank`](FeatureConfig::kaldi_fbank), …) are the front ends of other
/// programs; every field can be changed after that.
///
/// ```
/// use ossicle_dsp::{Columns, FeatureConfig};
///
/// let mut config = FeatureConfig::kaldi_fbank(16_000);
/// if let Columns::Mel(mel) = &mut config.columns {
///     mel.num_mel_bins = 80;
/// }
/// assert_eq!(config.dim(), 80);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureConfig {
    /// The sample rate of the recordings, in Hz.
    pub sample_rate_hz: u32,
    /// The range that samples of ±1.0 are brought into.
    pub sample_scale: SampleScale,
    /// The layout of the frames.
    pub frames: FrameLayout,
    /// Noise that is added to each frame.
    pub dither: Option<Dither>,
    /// True where each frame's mean is subtracted from it.
    pub remove_dc_offset: bool,
    /// A high-pass filter, of each frame or of the recording.
    pub preemphasis: Preemphasis,
    /// The weight of each sample within a frame.
    pub window: Window,
    /// The number of samples that the window covers, in the middle of the frame, where it is shorter than the
    /// frame; the others weigh nothing. `None` is the whole frame.
    pub window_length: Option<usize>,
    /// The size of the Fourier transform in samples; a shorter frame is followed by zeros.
    pub n_fft: usize,
    /// The number that is taken of each bin of the transform.
    pub spectrum: Spectrum,
    /// A number that is added to the power before its root is taken, of a magnitude: HiFi-GAN's 1e-9.
    pub magnitude_epsilon: f32,
    /// The columns that bins are gathered into.
    pub columns: Columns,
    /// The compression of the columns' range.
    pub compression: Compression,
    /// The cepstral coefficients that replace the columns; `None` keeps the columns.
    pub cepstra: Option<Cepstra>,
    /// The frame's log energy as a further column.
    pub energy: Option<Energy>,
}

/// The number that is taken of each bin X of the transform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Spectrum {
    /// |X|².
    Power,
    /// |X|.
    Magnitude,
    /// |X|² / n_fft: python_speech_features.
    #[cfg_attr(feature = "serde", serde(rename = "power/n_fft"))]
    PowerOverSize,
}

/// The columns that the bins of the spectrum are gathered into.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Columns {
    /// The bins, from DC or the one after it up to half the sample rate.
    Bins {
        /// Whether DC is left out.
        skip_dc: bool,
    },
    /// Sums of neighbouring bins, from DC up.
    Groups {
        /// How many sums there are.
        num_columns: usize,
        /// How many bins are summed in each.
        bins_per_column: usize,
    },
    /// Sums weighted by mel filters.
    Mel(MelConfig),
}

/// The compression of the columns' range.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Compression {
    /// Not at all.
    Linear,
    /// By a logarithm.
    Log(Log),
    /// By per-channel energy normalisation.
    Pcen(Pcen),
}

impl FeatureConfig {
    /// The number of numbers a frame is described by.
    pub fn dim(&self) -> usize {
        let core = self.cepstra.as_ref().map_or(self.num_columns(), Cepstra::num_kept);
        core + usize::from(self.energy.is_some())
    }

    /// How many columns the bins are gathered into.
    pub(crate) fn num_columns(&self) -> usize {
        match &self.columns {
            Columns::Bins { skip_dc } => self.n_fft / 2 + usize::from(!skip_dc),
            Columns::Groups { num_columns, .. } => *num_columns,
            Columns::Mel(mel) => mel.num_mel_bins,
        }
    }
}
