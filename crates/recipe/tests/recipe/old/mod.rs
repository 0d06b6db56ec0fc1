//! How recipes were read before: what the new reading is compared with. It goes with the next change.

#![allow(dead_code, unreachable_pub, unused_imports, reason = "it is kept as it was")]

mod advice;
mod after;
mod audio;
mod feature;
mod hint;
mod source;
mod spikegram;
mod spikes_from;
mod unknown;

use ossicle_audio::RawFormat;
use ossicle_dsp::{
    Deltas, Edges, EnergyVad, Extractor, FeatureConfig, FrameLayout, Level, Pad, SlidingConfig,
    SlidingNormalizer, Splice, VadConfig,
};
use serde::{Deserialize, Serialize};

pub use after::{
    DeltaConventionKey, DeltasTable, Format, LabelAtKey, LabelsTable, NormalizeTable, OutputTable,
    Scope, SpliceTable, Tier, VadTable,
};
pub use audio::{
    AudioTable, ChannelKey, Duration, EdgesKey, EncodingKey, FramesTable, PadKey, Resample,
    ScaleKey,
};
pub use feature::{
    C0Key, EnergyOfKey, EnergyPlaceKey, FeatureTable, FloorKey, Kind, LifterFromKey, LogKey,
    MelNormKey, MelScaleKey, MelTrianglesKey, NFft, PreemphasisKey, SpectrumKey, VtlnShapeKey,
    WindowKey,
};
use hint::hint;
pub use source::RecipeSource;
pub use spikegram::SpikegramConfig;
pub use spikes_from::SpikesFromKey;

pub use advice::Advice;

/// Everything that can change the bytes of a dataset.
///
/// It is written in TOML; [`Recipe::preset`] gives a named one, and [`RecipeSource`] changes single
/// keys before it is checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// How samples are taken from recordings.
    #[serde(default)]
    pub audio: AudioTable,
    /// Where frames lie.
    pub frames: FramesTable,
    /// What is computed of each frame.
    pub feature: Vec<FeatureTable>,
    /// Derivatives over time; none if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deltas: Option<DeltasTable>,
    /// Neighbouring frames side by side; none if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub splice: Option<SpliceTable>,
    /// Which frames are speech; not asked if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vad: Option<VadTable>,
    /// Labels of each frame; none if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<LabelsTable>,
    /// How columns are normalised; not at all if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub normalize: Option<NormalizeTable>,
    /// How the dataset is written.
    #[serde(default)]
    pub output: OutputTable,
}

/// A recipe that cannot be read or computed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RecipeError {
    #[error("there is no preset {name:?}{}; there are {}", hint(.name, PRESETS.map(|p| p.0)), PRESETS.map(|p| p.0).join(", "))]
    NoPreset { name: String },
    #[error("{message}")]
    Toml { message: String },
    #[error("{assignment}: {reason}")]
    Set { assignment: String, reason: String },
    #[error("{assignment}: {because}")]
    Change { assignment: String, because: Box<RecipeError> },
    #[error("headerless recordings need both audio.raw_encoding and audio.raw_sample_rate_hz")]
    HalfOfRaw,
    #[error("{reason}")]
    Unsupported { reason: String },
    #[error("in [[feature]]: {0}")]
    Feature(ossicle_dsp::Error),
    #[error("in [normalize]: {0}")]
    Sliding(ossicle_dsp::Error),
    #[error("in [splice]: {0}")]
    Splice(ossicle_dsp::Error),
    #[error("in [vad]: {0}")]
    Vad(ossicle_dsp::Error),
    #[error("in [deltas]: {0}")]
    Deltas(ossicle_dsp::Error),
}

impl RecipeError {
    /// What to do about it, where there is something that helps.
    pub fn advice(&self) -> Option<Advice> {
        match self {
            RecipeError::HalfOfRaw => Some(Advice::DescribeRaw),
            RecipeError::Change { because, .. } => because.advice(),
            _ => None,
        }
    }
}

const PRESETS: [(&str, &str); 19] = [
    ("htk-mfcc", include_str!("../../../presets/htk-mfcc.toml")),
    ("kaldi-fbank", include_str!("../../../presets/kaldi-fbank.toml")),
    ("kaldi-mfcc", include_str!("../../../presets/kaldi-mfcc.toml")),
    ("kaldi-mfcc-hires", include_str!("../../../presets/kaldi-mfcc-hires.toml")),
    ("kaldi-plp", include_str!("../../../presets/kaldi-plp.toml")),
    ("kaldi-spectrogram", include_str!("../../../presets/kaldi-spectrogram.toml")),
    ("lhotse-fbank", include_str!("../../../presets/lhotse-fbank.toml")),
    ("librosa-mel", include_str!("../../../presets/librosa-mel.toml")),
    ("librosa-mfcc", include_str!("../../../presets/librosa-mfcc.toml")),
    ("psf-logfbank", include_str!("../../../presets/psf-logfbank.toml")),
    ("psf-mfcc", include_str!("../../../presets/psf-mfcc.toml")),
    ("timit-mel", include_str!("../../../presets/timit-mel.toml")),
    ("timit-mfcc", include_str!("../../../presets/timit-mfcc.toml")),
    ("timit-spectrogram", include_str!("../../../presets/timit-spectrogram.toml")),
    ("timit-spikegram", include_str!("../../../presets/timit-spikegram.toml")),
    ("torchaudio-mel", include_str!("../../../presets/torchaudio-mel.toml")),
    ("torchaudio-mfcc", include_str!("../../../presets/torchaudio-mfcc.toml")),
    ("whisper-128", include_str!("../../../presets/whisper-128.toml")),
    ("whisper-80", include_str!("../../../presets/whisper-80.toml")),
];

impl Recipe {
    /// The names of the presets.
    pub fn preset_names() -> impl Iterator<Item = &'static str> {
        PRESETS.iter().map(|(name, _)| *name)
    }

    /// The preset's TOML, with comments.
    ///
    /// # Errors
    /// If there is none of this name; the error lists those there are.
    pub fn preset(name: &str) -> Result<&'static str, RecipeError> {
        let preset = PRESETS.iter().find(|(preset, _)| *preset == name);
        preset.map(|(_, text)| *text).ok_or_else(|| RecipeError::NoPreset { name: name.to_owned() })
    }

    /// The names of the feature arrays.
    pub fn feature_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for table in &self.feature {
            if !names.contains(&table.name.as_str()) {
                names.push(&table.name);
            }
        }
        names
    }

    /// The array and the name of each column before deltas.
    pub fn base_columns(&self) -> Vec<(String, String)> {
        if let Some(table) = self.spikegram_table() {
            let names = table.spikegram_column_names();
            return names.into_iter().map(|name| (table.name.clone(), name)).collect();
        }
        let configs = self.feature_configs(self.usual_rate_hz());
        let mut columns = Vec::new();
        for (table, config) in self.feature.iter().zip(&configs) {
            let names = table.column_names(config);
            // A name that the array has already gets a number.
            let taken = |columns: &[(String, String)], prefix: &str| {
                let taken = |name: &String| {
                    let column = (table.name.clone(), format!("{prefix}{name}"));
                    columns.contains(&column)
                };
                names.iter().any(taken)
            };
            let mut prefix = String::new();
            for number in 2.. {
                if !taken(&columns, &prefix) {
                    break;
                }
                prefix = format!("f{number}-");
            }
            let own = names.iter().map(|name| (table.name.clone(), format!("{prefix}{name}")));
            columns.extend(own.collect::<Vec<_>>());
        }
        columns
    }

    /// The recordings' rate, or a usual one that stands in for it where it is not known.
    pub fn usual_rate_hz(&self) -> u32 {
        self.audio.sample_rate_hz.unwrap_or(16_000)
    }

    /// How headerless recordings are read, if the recipe says.
    pub fn raw_format(&self) -> Option<RawFormat> {
        let encoding = self.audio.raw_encoding?.0;
        let sample_rate_hz = self.audio.raw_sample_rate_hz?;
        let channels = self.audio.raw_channels.unwrap_or(1);
        Some(RawFormat { encoding, sample_rate_hz, channels })
    }

    /// Where the frames of recordings of this sample rate lie.
    pub fn frames(&self, sample_rate_hz: u32) -> FrameLayout {
        let pad = match self.frames.pad {
            None | Some(PadKey::Zero) => Pad::Zero,
            Some(PadKey::Reflect) => Pad::Reflect,
            Some(PadKey::Edge) => Pad::Edge,
        };
        let edges = match self.frames.edges {
            EdgesKey::Snip => Edges::Snip,
            EdgesKey::Symmetric => Edges::Symmetric,
            EdgesKey::Center => Edges::Center { pad, drop_last: self.frames.drop_last },
            EdgesKey::PadEnd => Edges::PadEnd,
        };
        FrameLayout {
            length: self.frames.length.samples(sample_rate_hz),
            shift: self.frames.shift.samples(sample_rate_hz),
            edges,
        }
    }

    fn spikegram_table(&self) -> Option<&FeatureTable> {
        self.feature.iter().find(|table| table.kind == Kind::Spikegram)
    }

    /// How the spikegram of recordings of this sample rate is made; none where that is not what is
    /// computed.
    pub fn spikegram(&self, sample_rate_hz: u32) -> Option<SpikegramConfig> {
        self.spikegram_table()?.spikegram(sample_rate_hz, self.audio.scale)
    }

    /// Whether files of spikes stand for recordings.
    pub fn reads_spikes(&self) -> bool {
        let from = self.spikegram_table().and_then(|table| table.spikes_from);
        from == Some(SpikesFromKey::Files)
    }

    /// The name of the array of spikes; none where there is none.
    pub fn spikes_name(&self) -> Option<&'static str> {
        self.spikegram_table()?.keep_spikes?.then_some("spikes")
    }

    /// What is computed of recordings of this sample rate, side by side; nothing where it is a spikegram.
    pub fn feature_configs(&self, sample_rate_hz: u32) -> Vec<FeatureConfig> {
        let frames = self.frames(sample_rate_hz);
        let config = |table: &FeatureTable| table.config(sample_rate_hz, self.audio.scale, frames);
        self.feature.iter().filter(|table| table.kind != Kind::Spikegram).map(config).collect()
    }

    /// The extractor of recordings of this sample rate.
    pub fn extractor(
        &self,
        sample_rate_hz: u32,
        level: Level,
    ) -> Result<Extractor, ossicle_dsp::Error> {
        Extractor::side_by_side(&self.feature_configs(sample_rate_hz), level)
    }

    /// The derivatives over time.
    ///
    /// # Errors
    /// If order or window are out of range.
    pub fn deltas(&self) -> Result<Deltas, RecipeError> {
        let Some(table) = &self.deltas else { return Ok(Deltas::NONE) };
        let convention = table.convention.into();
        Deltas::with_convention(table.order, table.window, convention).map_err(RecipeError::Deltas)
    }

    /// The neighbouring frames.
    ///
    /// # Errors
    /// If there are too many.
    pub fn splice(&self) -> Result<Splice, RecipeError> {
        let Some(table) = &self.splice else { return Ok(Splice::NONE) };
        Splice::new(table.left, table.right).map_err(RecipeError::Splice)
    }

    /// What says which frames are speech, if that is asked.
    ///
    /// # Errors
    /// If a threshold is out of range.
    pub fn vad(&self) -> Result<Option<EnergyVad>, RecipeError> {
        let Some(table) = &self.vad else { return Ok(None) };
        let config = VadConfig {
            energy_threshold: table.energy_threshold as f32,
            energy_mean_scale: table.energy_mean_scale as f32,
            frames_context: table.frames_context,
            proportion_threshold: table.proportion_threshold as f32,
        };
        EnergyVad::new(config).map(Some).map_err(RecipeError::Vad)
    }

    /// The normalisation by a moving window, if that is wanted.
    ///
    /// # Errors
    /// If the window is out of range.
    pub fn sliding(&self) -> Result<Option<SlidingNormalizer>, RecipeError> {
        let table = self.normalize.as_ref().filter(|table| table.scope == Scope::Sliding);
        let Some(table) = table else { return Ok(None) };
        let default = SlidingConfig::default();
        let config = SlidingConfig {
            cmn_window: table.cmn_window.unwrap_or(default.cmn_window),
            min_cmn_window: table.min_cmn_window.unwrap_or(default.min_cmn_window),
            center: table.center.unwrap_or(default.center),
            normalize_variance: table.variance,
        };
        SlidingNormalizer::new(config).map(Some).map_err(RecipeError::Sliding)
    }

    /// The recipe as TOML that reads back as the same.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).unwrap_or_else(|error| format!("# {error}\n"))
    }

    /// What only the whole recipe can tell.
    pub fn check(&self) -> Result<(), RecipeError> {
        let unsupported = |reason: String| Err(RecipeError::Unsupported { reason });
        if self.feature.is_empty() {
            return unsupported("the recipe has no [[feature]] table".to_owned());
        }
        for table in &self.feature {
            table.check().or_else(|reason| unsupported(format!("in [[feature]]: {reason}")))?;
        }
        if self.frames.edges != EdgesKey::Center
            && (self.frames.pad.is_some() || self.frames.drop_last)
        {
            return unsupported(
                "frames.pad and frames.drop_last mean nothing without frames.edges = \"center\""
                    .to_owned(),
            );
        }
        let mut names = self.feature_names();
        names.extend(self.labels.iter().map(|labels| labels.name.as_str()));
        names.extend(self.vad.iter().map(|vad| vad.name.as_str()));
        names.extend(self.spikes_name());
        for (i, name) in names.iter().enumerate() {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if name.is_empty() || !name.chars().all(plain) {
                return unsupported(format!(
                    "the array name {name:?} must be made of letters, digits and _"
                ));
            }
            if names[..i].contains(name) {
                return unsupported(format!("two arrays are named {name:?}"));
            }
        }
        let audio = &self.audio;
        if audio.raw_encoding.is_some() != audio.raw_sample_rate_hz.is_some() {
            return Err(RecipeError::HalfOfRaw);
        }
        for (key, rate) in [
            ("sample_rate_hz", audio.sample_rate_hz),
            ("raw_sample_rate_hz", audio.raw_sample_rate_hz),
        ] {
            if rate.is_some_and(|rate| rate == 0 || rate > 10_000_000) {
                return unsupported(format!(
                    "audio.{key} is {}; it must be from 1 to 10000000",
                    rate.unwrap_or_default()
                ));
            }
        }
        if audio.raw_channels == Some(0) {
            return unsupported("audio.raw_channels is 0; it must be positive".to_owned());
        }
        if let Some(normalize) = &self.normalize
            && !(normalize.zero_std > 0.0 && normalize.zero_std.is_finite())
        {
            return unsupported(format!(
                "normalize.zero_std is {}; it must be positive",
                normalize.zero_std
            ));
        }
        if let Some(normalize) = &self.normalize {
            let corpus = normalize.scope == Scope::Corpus;
            let sliding = normalize.scope == Scope::Sliding;
            let idle = [
                ("stats_from", normalize.stats_from.is_some() && !corpus),
                ("cmn_window", normalize.cmn_window.is_some() && !sliding),
                ("min_cmn_window", normalize.min_cmn_window.is_some() && !sliding),
                ("center", normalize.center.is_some() && !sliding),
            ];
            if let Some((key, _)) = idle.into_iter().find(|(_, idle)| *idle) {
                return unsupported(format!(
                    "normalize.{key} means nothing here: it belongs to normalize.scope = {:?}",
                    if key == "stats_from" { "corpus" } else { "sliding" }
                ));
            }
            if sliding && !normalize.mean {
                return unsupported(
                    "normalize.scope = \"sliding\" always takes out the mean".to_owned(),
                );
            }
        }
        self.sliding()?;
        self.splice()?;
        self.vad()?;
        if self.output.shard_bytes < 1 << 16 {
            return unsupported(format!(
                "output.shard_bytes is {}; it must be at least 65536",
                self.output.shard_bytes
            ));
        }
        self.deltas()?;
        if self.spikegram_table().is_some() {
            if self.feature.len() > 1 {
                return unsupported(
                    "a spikegram stands alone in its recipe: make two datasets, whose rows are of the \
                     same frames"
                        .to_owned(),
                );
            }
            if self.frames.pad.is_some() {
                return unsupported("frames.pad means nothing for a spikegram".to_owned());
            }
            if self.vad.is_some() {
                return unsupported(
                    "[vad] goes by the log energy in the first column, which a spikegram does not have"
                        .to_owned(),
                );
            }
            let rate = self.usual_rate_hz();
            let config = self.spikegram(rate);
            let check = |config: &SpikegramConfig| config.check(self.frames(rate));
            return config.as_ref().map_or(Ok(()), check).map_err(RecipeError::Feature);
        }
        self.extractor(self.usual_rate_hz(), Level::BASELINE)
            .map(drop)
            .map_err(RecipeError::Feature)
    }
}
