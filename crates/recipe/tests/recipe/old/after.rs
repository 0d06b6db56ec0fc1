//! `[deltas]`, `[[labels]]`, `[normalize]` and `[output]`: what comes after the features.

use ossicle_corpus::LabelAt;
use ossicle_dsp::DeltaConvention;
use serde::{Deserialize, Serialize};

/// `[deltas]`: derivatives over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeltasTable {
    /// 1: deltas, 2: delta-deltas too; 0: none.
    pub order: usize,
    /// How many frames to each side.
    pub window: usize,
    /// Whose derivatives: `"htk"`, `"kaldi"` or `"savitzky-golay"`; `"htk"`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub convention: DeltaConventionKey,
}

fn is_default(key: &DeltaConventionKey) -> bool {
    *key == DeltaConventionKey::default()
}

/// Whose derivatives; see [`DeltaConvention`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DeltaConventionKey {
    /// The delta of the delta, edges repeated for every order anew: HTK, torchaudio.
    #[default]
    Htk,
    /// Kernels convolved first: Kaldi's `add-deltas`.
    Kaldi,
    /// A polynomial's: `librosa.feature.delta`, whose width of 9 is `window = 4`.
    SavitzkyGolay,
}

impl From<DeltaConventionKey> for DeltaConvention {
    fn from(key: DeltaConventionKey) -> DeltaConvention {
        match key {
            DeltaConventionKey::Htk => DeltaConvention::Htk,
            DeltaConventionKey::Kaldi => DeltaConvention::Kaldi,
            DeltaConventionKey::SavitzkyGolay => DeltaConvention::SavitzkyGolay,
        }
    }
}

/// `[splice]`: neighbouring frames side by side, last of all: Kaldi's `splice-feats`. Where an
/// utterance ends, its outermost frame is repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpliceTable {
    /// How many frames before each.
    pub left: usize,
    /// How many frames after each.
    pub right: usize,
}

/// `[vad]`: which frames are speech, as an array of 0 and 1, by the log energy (or C0) in the first
/// column: Kaldi's `compute-vad`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VadTable {
    /// The array's name.
    pub name: String,
    /// The constant part of the threshold.
    pub energy_threshold: f64,
    /// How much of the utterance's mean is added to it.
    pub energy_mean_scale: f64,
    /// How many frames on either side have a vote.
    pub frames_context: usize,
    /// Which share of them must lie above the threshold.
    pub proportion_threshold: f64,
}

impl Default for VadTable {
    fn default() -> VadTable {
        VadTable {
            name: "vad".to_owned(),
            energy_threshold: 5.0,
            energy_mean_scale: 0.5,
            frames_context: 0,
            proportion_threshold: 0.6,
        }
    }
}

/// `[[labels]]`: a label a frame, from the corpus' alignments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelsTable {
    /// The array's name.
    #[serde(default = "labels")]
    pub name: String,
    /// Which tier of the alignment: `"phones"`.
    #[serde(default)]
    pub tier: Tier,
    /// The name of a map, or a file of lines `phone class`.
    pub map: String,
    /// Which sample of a frame decides: `"center"`, `"start"` or `"walk-2019"`.
    #[serde(default)]
    pub at: LabelAtKey,
    /// Whether recordings are cropped to what is labelled.
    #[serde(default)]
    pub crop: bool,
}

fn labels() -> String {
    "labels".to_owned()
}

/// A tier of an alignment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Tier {
    /// `.PHN` files.
    #[default]
    Phones,
}

/// Which sample of a frame decides its label; see [`LabelAt`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LabelAtKey {
    /// The one in its middle.
    #[default]
    Center,
    /// Its first.
    Start,
    /// The walk of the 2019 program.
    #[serde(rename = "walk-2019")]
    Walk2019,
}

impl From<LabelAtKey> for LabelAt {
    fn from(key: LabelAtKey) -> LabelAt {
        match key {
            LabelAtKey::Center => LabelAt::Center,
            LabelAtKey::Start => LabelAt::Start,
            LabelAtKey::Walk2019 => LabelAt::Walk2019,
        }
    }
}

/// `[normalize]`: columns are shifted and scaled to mean 0 and standard deviation 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NormalizeTable {
    /// With `scope = "corpus"`: a split, `"all"`, or the folder of a dataset whose statistics are
    /// taken; `"train"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stats_from: Option<String>,
    /// What the statistics are over: `"corpus"`, `"speaker"`, `"utterance"` or `"sliding"`.
    #[serde(default)]
    pub scope: Scope,
    /// With `scope = "sliding"`: how many frames the window has; 600.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cmn_window: Option<usize>,
    /// With `scope = "sliding"` and `center = false`: how many frames the first windows have; 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_cmn_window: Option<usize>,
    /// With `scope = "sliding"`: whether the window lies around the frame, and not before it; false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub center: Option<bool>,
    /// Whether the mean is subtracted.
    #[serde(default = "yes")]
    pub mean: bool,
    /// Whether columns are divided by their standard deviation.
    #[serde(default = "yes")]
    pub variance: bool,
    /// What a standard deviation of exactly 0 becomes.
    #[serde(default = "zero_std")]
    pub zero_std: f64,
}

fn yes() -> bool {
    true
}

fn zero_std() -> f64 {
    1e-5
}

/// What statistics are over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// The whole split.
    #[default]
    Corpus,
    /// Everything that a speaker says in a split; utterances without a speaker are one speaker's.
    Speaker,
    /// Each utterance.
    Utterance,
    /// A window that moves along an utterance, before deltas: Kaldi's `apply-cmvn-sliding`.
    Sliding,
}

/// `[output]`: how the dataset is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutputTable {
    /// The file format of arrays: `"npy"`.
    pub format: Format,
    /// The most bytes a shard has, unless one utterance alone has more.
    pub shard_bytes: u64,
}

impl Default for OutputTable {
    fn default() -> OutputTable {
        OutputTable { format: Format::Npy, shard_bytes: 2 << 30 }
    }
}

/// A file format of arrays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Format {
    /// NumPy's.
    Npy,
}
