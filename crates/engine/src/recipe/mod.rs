//! What to compute: the recipe, in TOML, and the presets.

mod after;
mod audio;
mod feature;
mod source;

use ossicle_audio::RawFormat;
use ossicle_dsp::{
    Columns, Decibels, Deltas, Edges, FeatureConfig, FrameLayout, MelConfig, MelNorm, MelScale,
    Window,
};
use serde::{Deserialize, Serialize};

pub use after::{
    DeltasTable, Format, LabelAtKey, LabelsTable, NormalizeTable, OutputTable, Scope, Tier,
};
pub use audio::{
    AudioTable, ChannelKey, Duration, EdgesKey, EncodingKey, FramesTable, Resample, ScaleKey,
};
pub use feature::{
    FeatureTable, LogKey, MelNormKey, MelScaleKey, MelTable, MfccTable, SpectrogramTable, WindowKey,
};
pub use source::RecipeSource;
use source::hint;

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
#[expect(missing_docs, reason = "each variant's message says what its fields are")]
pub enum RecipeError {
    #[error("there is no preset {name:?}{}; there are {}", hint(.name, PRESETS.map(|p| p.0)), PRESETS.map(|p| p.0).join(", "))]
    NoPreset { name: String },
    #[error("{message}")]
    Toml { message: String },
    #[error("--set {assignment}: {reason}")]
    Set { assignment: String, reason: String },
    #[error("{reason}")]
    Unsupported { reason: String },
    #[error("in [[feature]]: {0}")]
    Feature(ossicle_dsp::Error),
    #[error("in [deltas]: {0}")]
    Deltas(ossicle_dsp::Error),
}

const PRESETS: [(&str, &str); 3] = [
    ("timit-mel", include_str!("../../presets/timit-mel.toml")),
    ("timit-mfcc", include_str!("../../presets/timit-mfcc.toml")),
    ("timit-spectrogram", include_str!("../../presets/timit-spectrogram.toml")),
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

    /// The feature.
    pub fn feature(&self) -> &FeatureTable {
        &self.feature[0]
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
        let edges = match self.frames.edges {
            EdgesKey::Snip => Edges::Snip,
        };
        FrameLayout {
            length: self.frames.length.samples(sample_rate_hz),
            shift: self.frames.shift.samples(sample_rate_hz),
            edges,
        }
    }

    /// What is computed of recordings of this sample rate.
    pub fn feature_config(&self, sample_rate_hz: u32) -> FeatureConfig {
        let window = |key| match key {
            WindowKey::Hann => Window::HannPeriodic,
            WindowKey::Rectangular => Window::Rectangular,
        };
        let mels = |num_mel_bins, low_freq_hz, high: f64, scale, norm| {
            let nyquist_hz = f64::from(sample_rate_hz) / 2.0;
            Columns::Mel(MelConfig {
                num_mel_bins,
                low_freq_hz,
                high_freq_hz: Some(if high > 0.0 { high } else { nyquist_hz + high }),
                scale: match scale {
                    MelScaleKey::Slaney => MelScale::Slaney,
                    MelScaleKey::Htk => MelScale::Htk,
                },
                norm: match norm {
                    MelNormKey::Peak => MelNorm::Peak,
                    MelNormKey::Area => MelNorm::Area,
                },
            })
        };
        let decibels = |log, floor: f64, top_db: Option<f64>, relative_to_maximum| match log {
            LogKey::None => None,
            LogKey::Db => Some(Decibels {
                floor: floor as f32,
                relative_to_maximum,
                top_db: top_db.map(|db| db as f32),
            }),
        };
        let frames = self.frames(sample_rate_hz);
        match self.feature() {
            FeatureTable::Mfcc(t) => FeatureConfig {
                sample_rate_hz,
                frames,
                window: window(t.window),
                n_fft: t.n_fft,
                columns: mels(
                    t.num_mel_bins,
                    t.low_freq_hz,
                    t.high_freq_hz,
                    t.mel_scale,
                    t.mel_norm,
                ),
                decibels: decibels(LogKey::Db, t.floor, t.top_db, false),
                num_ceps: Some(t.num_ceps),
            },
            FeatureTable::Mel(t) => FeatureConfig {
                sample_rate_hz,
                frames,
                window: window(t.window),
                n_fft: t.n_fft,
                columns: mels(
                    t.num_mel_bins,
                    t.low_freq_hz,
                    t.high_freq_hz,
                    t.mel_scale,
                    t.mel_norm,
                ),
                decibels: decibels(t.log, t.floor, t.top_db, t.relative_to_maximum),
                num_ceps: None,
            },
            FeatureTable::Spectrogram(t) => FeatureConfig {
                sample_rate_hz,
                frames,
                window: window(t.window),
                n_fft: t.n_fft,
                columns: Columns::MagnitudeGroups {
                    num_columns: t.num_columns,
                    bins_per_column: t.bins_per_column,
                },
                decibels: decibels(t.log, t.floor, t.top_db, t.relative_to_maximum),
                num_ceps: None,
            },
        }
    }

    /// The derivatives over time.
    ///
    /// # Errors
    /// If order or window are out of range.
    pub fn deltas(&self) -> Result<Deltas, RecipeError> {
        let Some(table) = &self.deltas else { return Ok(Deltas::NONE) };
        Deltas::new(table.order, table.window).map_err(RecipeError::Deltas)
    }

    /// The recipe as TOML that reads back as the same.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).unwrap_or_else(|error| format!("# {error}\n"))
    }

    /// What only the whole recipe can tell.
    fn check(&self) -> Result<(), RecipeError> {
        let unsupported = |reason: String| Err(RecipeError::Unsupported { reason });
        if self.feature.len() != 1 {
            return unsupported(format!(
                "the recipe has {} [[feature]] tables; this version computes exactly one",
                self.feature.len()
            ));
        }
        let mut names: Vec<&str> = vec![self.feature().name()];
        names.extend(self.labels.iter().map(|labels| labels.name.as_str()));
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
            return unsupported(
                "headerless recordings need both audio.raw_encoding and audio.raw_sample_rate_hz \
                 (--raw-encoding s16le --sample-rate 16000)"
                    .to_owned(),
            );
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
        if self.output.shard_bytes < 1 << 16 {
            return unsupported(format!(
                "output.shard_bytes is {}; it must be at least 65536",
                self.output.shard_bytes
            ));
        }
        self.deltas()?;
        // A usual rate stands in for the recordings', where those are not known yet.
        let rate = audio.sample_rate_hz.unwrap_or(16_000);
        let config = self.feature_config(rate);
        ossicle_dsp::Extractor::new(config, ossicle_dsp::Level::BASELINE)
            .map(drop)
            .map_err(RecipeError::Feature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preset(name: &str) -> RecipeSource {
        Recipe::preset(name).unwrap().parse().unwrap()
    }

    #[test]
    fn presets_are_the_features_of_the_same_name() {
        type Preset = (&'static str, fn(u32) -> FeatureConfig);
        let presets: [Preset; 3] = [
            ("timit-mfcc", FeatureConfig::timit_mfcc),
            ("timit-mel", FeatureConfig::timit_mel),
            ("timit-spectrogram", FeatureConfig::timit_spectrogram),
        ];
        assert_eq!(Recipe::preset_names().count(), presets.len());
        for (name, config) in presets {
            for rate in [8000, 16_000, 48_000] {
                let mut expected = config(rate);
                if let Columns::Mel(mel) = &mut expected.columns {
                    mel.high_freq_hz = Some(f64::from(rate) / 2.0);
                }
                let recipe = preset(name).finish().unwrap();
                assert_eq!(recipe.feature_config(rate), expected, "{name}");
            }
        }
    }

    #[test]
    fn a_recipe_reads_back_from_its_own_toml() {
        for name in Recipe::preset_names() {
            let recipe = preset(name).finish().unwrap();
            let again = recipe.to_toml().parse::<RecipeSource>().unwrap().finish().unwrap();
            assert_eq!(again, recipe);
        }
    }

    #[test]
    fn keys_can_be_set_by_table_and_by_name() {
        let mut source = preset("timit-mfcc");
        for assignment in [
            "feature.num_mel_bins=80",
            "features.num_ceps = 13",
            "labels.at=walk-2019",
            "audio.channel=1",
            "frames.shift=5ms",
            "feature.top_db=",
            "normalize.stats_from=all",
        ] {
            source.set(assignment).unwrap();
        }
        let recipe = source.finish().unwrap();
        let FeatureTable::Mfcc(mfcc) = recipe.feature() else { panic!("an MFCC") };
        assert_eq!((mfcc.num_mel_bins, mfcc.num_ceps, mfcc.top_db), (80, 13, None));
        assert_eq!(recipe.labels[0].at, LabelAtKey::Walk2019);
        assert_eq!(recipe.audio.channel.0, ossicle_audio::Channel::Index(1));
        assert_eq!(recipe.frames(8000).shift, 40);
    }

    #[test]
    fn mistakes_are_answered_with_what_was_probably_meant() {
        let set = |assignment: &str| {
            let mut source = preset("timit-mfcc");
            let set = source.set(assignment);
            set.and_then(|()| source.finish()).unwrap_err().to_string()
        };
        assert!(set("feature.num_mel_bin=80").contains("did you mean \"num_mel_bins\"?"));
        assert!(set("feature.kind=mfc").contains("did you mean \"mfcc\"?"));
        assert!(set("featur.n_fft=80").contains("did you mean \"feature\"?"));
        assert!(set("feature.n_fft=402").contains("n_fft is 402"));
        assert!(set("deltas.window=0").contains("the delta window is 0"));
        assert!(set("labels.at=centre").contains("did you mean \"center\"?"));
        assert!(set("audio.channel=left").contains("\"first\", \"mix\" or a number"));
        assert!(set("frames.length=25").contains("duration"));
        assert!(set("n_fft=512").contains("feature.num_mel_bins=80"));
        assert!(set("audio.raw_encoding=s16le").contains("--sample-rate"));
        let typo = Recipe::preset("timit-mffc").unwrap_err().to_string();
        assert!(typo.contains("did you mean \"timit-mfcc\"?"), "{typo}");
    }

    #[test]
    fn durations_are_dropped_to_whole_samples_as_kaldi_does() {
        // 25 ms at 11025 Hz are 275.625 samples.
        assert_eq!("25ms".parse::<Duration>().unwrap().samples(11_025), 275);
        assert_eq!("400samples".parse::<Duration>().unwrap().samples(11_025), 400);
        for bad in ["25", "ms", "-1ms", "nanms", "1.5samples", "infms"] {
            assert!(bad.parse::<Duration>().is_err(), "{bad}");
        }
    }
}
