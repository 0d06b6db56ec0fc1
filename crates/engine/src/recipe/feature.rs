//! `[[feature]]`: what is computed of each frame.

use serde::{Deserialize, Serialize};

/// `[[feature]]`: what is computed of each frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[non_exhaustive]
pub enum FeatureTable {
    /// Cepstra of mel energies in decibels.
    Mfcc(MfccTable),
    /// Mel energies.
    Mel(MelTable),
    /// Sums of neighbouring magnitudes.
    Spectrogram(SpectrogramTable),
}

/// `kind = "mfcc"`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MfccTable {
    /// The array's name.
    #[serde(default = "features")]
    pub name: String,
    /// The weight of each sample within a frame.
    pub window: WindowKey,
    /// The size of the Fourier transform, in samples.
    pub n_fft: usize,
    /// How many mel filters there are.
    pub num_mel_bins: usize,
    /// Where the first filter starts to rise.
    #[serde(default)]
    pub low_freq_hz: f64,
    /// Where the last filter ends; 0 or less is counted from half the sample rate.
    #[serde(default)]
    pub high_freq_hz: f64,
    /// How the filters are spaced.
    pub mel_scale: MelScaleKey,
    /// What their weights add up to.
    pub mel_norm: MelNormKey,
    /// Energies below this are raised to it.
    pub floor: f64,
    /// How many dB a band may lie below the recording's loudest; no bound if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_db: Option<f64>,
    /// How many cepstra are kept.
    pub num_ceps: usize,
}

/// `kind = "mel"`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MelTable {
    /// The array's name.
    #[serde(default = "features")]
    pub name: String,
    /// The weight of each sample within a frame.
    pub window: WindowKey,
    /// The size of the Fourier transform, in samples.
    pub n_fft: usize,
    /// How many mel filters there are.
    pub num_mel_bins: usize,
    /// Where the first filter starts to rise.
    #[serde(default)]
    pub low_freq_hz: f64,
    /// Where the last filter ends; 0 or less is counted from half the sample rate.
    #[serde(default)]
    pub high_freq_hz: f64,
    /// How the filters are spaced.
    pub mel_scale: MelScaleKey,
    /// What their weights add up to.
    pub mel_norm: MelNormKey,
    /// `"none"` or `"db"`.
    pub log: LogKey,
    /// Energies below this are raised to it, where there is a logarithm.
    #[serde(default = "floor")]
    pub floor: f64,
    /// How many dB a band may lie below the recording's loudest; no bound if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_db: Option<f64>,
    /// Whether the recording's loudest band is 0 dB.
    #[serde(default)]
    pub relative_to_maximum: bool,
}

/// `kind = "spectrogram"`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpectrogramTable {
    /// The array's name.
    #[serde(default = "features")]
    pub name: String,
    /// The weight of each sample within a frame.
    pub window: WindowKey,
    /// The size of the Fourier transform, in samples.
    pub n_fft: usize,
    /// How many columns there are.
    pub num_columns: usize,
    /// How many bins are summed for each column.
    pub bins_per_column: usize,
    /// `"none"` or `"db"`.
    pub log: LogKey,
    /// Squared sums below this are raised to it, where there is a logarithm.
    #[serde(default = "floor")]
    pub floor: f64,
    /// How many dB a column may lie below the recording's loudest; no bound if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_db: Option<f64>,
    /// Whether the recording's loudest column is 0 dB.
    #[serde(default)]
    pub relative_to_maximum: bool,
}

fn features() -> String {
    "features".to_owned()
}

fn floor() -> f64 {
    1e-10
}

/// A window's shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum WindowKey {
    /// The periodic Hann window.
    Hann,
    /// Every sample counts alike.
    Rectangular,
}

/// A mel scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum MelScaleKey {
    /// Slaney's.
    Slaney,
    /// HTK's.
    Htk,
}

/// What the weights of a filter add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum MelNormKey {
    /// The peak is 1.
    Peak,
    /// The area is 1.
    Area,
}

/// A logarithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LogKey {
    /// Energies stay linear.
    None,
    /// Ten times the decimal logarithm.
    Db,
}

impl FeatureTable {
    /// The array's name.
    pub fn name(&self) -> &str {
        match self {
            FeatureTable::Mfcc(table) => &table.name,
            FeatureTable::Mel(table) => &table.name,
            FeatureTable::Spectrogram(table) => &table.name,
        }
    }

    /// What each column is called before deltas.
    pub fn column_names(&self) -> Vec<String> {
        let (prefix, count) = match self {
            FeatureTable::Mfcc(table) => ("c", table.num_ceps),
            FeatureTable::Mel(table) => ("mel", table.num_mel_bins),
            FeatureTable::Spectrogram(table) => ("band", table.num_columns),
        };
        (0..count).map(|i| format!("{prefix}{i}")).collect()
    }
}
