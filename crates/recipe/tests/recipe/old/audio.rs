//! `[audio]` and `[frames]`: how samples are taken from recordings, and where frames lie.

use std::str::FromStr;

use ossicle_audio::{Channel, RawEncoding};
use ossicle_dsp::SampleScale;
use serde::{Deserialize, Serialize};
use toml::Value;

/// `[audio]`: how samples are taken from recordings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AudioTable {
    /// The sample rate every recording must have, in Hz; absent, each has its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample_rate_hz: Option<u32>,
    /// Which channel is taken: `"first"`, `"mix"` or a number from 0.
    pub channel: ChannelKey,
    /// What full scale is: `"unit"`, `"int16"` or `"midpoint"`.
    pub scale: ScaleKey,
    /// The longest that a recording may last, in seconds; absent, there is no bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_duration_s: Option<f64>,
    /// What is done about another sample rate: `"error"`.
    pub resample: Resample,
    /// How headerless recordings are encoded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_encoding: Option<EncodingKey>,
    /// The sample rate of headerless recordings, in Hz.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_sample_rate_hz: Option<u32>,
    /// The number of channels of headerless recordings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_channels: Option<u16>,
}

impl Default for AudioTable {
    fn default() -> AudioTable {
        AudioTable {
            sample_rate_hz: None,
            channel: ChannelKey(Channel::First),
            scale: ScaleKey::Unit,
            max_duration_s: None,
            resample: Resample::Error,
            raw_encoding: None,
            raw_sample_rate_hz: None,
            raw_channels: None,
        }
    }
}

/// A channel, as a recipe writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "String")]
pub struct ChannelKey(pub Channel);

impl TryFrom<Value> for ChannelKey {
    type Error = String;

    fn try_from(value: Value) -> Result<ChannelKey, String> {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text.parse()
            .map(ChannelKey)
            .map_err(|_| format!("channel is {value}; it must be \"first\", \"mix\" or a number"))
    }
}

impl From<ChannelKey> for String {
    fn from(key: ChannelKey) -> String {
        key.0.to_string()
    }
}

/// An encoding of headerless samples, as a recipe writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EncodingKey(pub RawEncoding);

impl TryFrom<String> for EncodingKey {
    type Error = String;

    fn try_from(text: String) -> Result<EncodingKey, String> {
        text.parse::<RawEncoding>().map(EncodingKey).map_err(|error| error.to_string())
    }
}

impl From<EncodingKey> for String {
    fn from(key: EncodingKey) -> String {
        key.0.to_string()
    }
}

/// What full scale is; see [`SampleScale`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ScaleKey {
    /// ±1.0.
    Unit,
    /// ±32768.
    Int16,
    /// (int16 + ½) / 32767.5.
    Midpoint,
}

impl From<ScaleKey> for SampleScale {
    fn from(key: ScaleKey) -> SampleScale {
        match key {
            ScaleKey::Unit => SampleScale::Unit,
            ScaleKey::Int16 => SampleScale::Int16,
            ScaleKey::Midpoint => SampleScale::Midpoint,
        }
    }
}

/// What is done about a recording of another sample rate than the recipe's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Resample {
    /// It goes to the ledger.
    Error,
}

/// `[frames]`: where frames lie.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FramesTable {
    /// How long a frame is: `"25ms"` or `"400samples"`.
    pub length: Duration,
    /// From one frame's first sample to the next frame's first.
    pub shift: Duration,
    /// What happens at the ends: `"snip"`, `"symmetric"`, `"center"` or `"pad-end"`.
    #[serde(default)]
    pub edges: EdgesKey,
    /// What stands for samples past an end where frames are centred: `"zero"`, `"reflect"` or
    /// `"edge"`; `"zero"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pad: Option<PadKey>,
    /// Whether the last centred frame is left out, as Whisper does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drop_last: bool,
}

/// What stands for samples past an end; see [`Pad`](ossicle_dsp::Pad).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum PadKey {
    /// Zeros: librosa.
    Zero,
    /// The recording mirrored: torchaudio, Whisper.
    Reflect,
    /// The outermost sample, repeated.
    Edge,
}

/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "String")]
pub enum Duration {
    /// In samples, whatever the sample rate.
    Samples(u32),
    /// In milliseconds; a part of a sample is dropped, as Kaldi does.
    Milliseconds(f64),
}

impl Duration {
    /// In whole samples.
    pub fn samples(self, sample_rate_hz: u32) -> usize {
        match self {
            Duration::Samples(samples) => samples as usize,
            Duration::Milliseconds(ms) => (f64::from(sample_rate_hz) * 0.001 * ms) as usize,
        }
    }
}

impl FromStr for Duration {
    type Err = String;

    fn from_str(text: &str) -> Result<Duration, String> {
        let bad =
            || format!("{text:?} is no duration; write for example \"25ms\" or \"400samples\"");
        if let Some(samples) = text.strip_suffix("samples") {
            return samples.trim().parse().map(Duration::Samples).map_err(|_| bad());
        }
        let ms = text.strip_suffix("ms").and_then(|ms| ms.trim().parse().ok());
        let ms = ms.filter(|ms: &f64| (0.0..=1e6).contains(ms));
        ms.map(Duration::Milliseconds).ok_or_else(bad)
    }
}

impl TryFrom<Value> for Duration {
    type Error = String;

    fn try_from(value: Value) -> Result<Duration, String> {
        value.as_str().map_or_else(|| value.to_string().parse(), str::parse)
    }
}

impl From<Duration> for String {
    fn from(duration: Duration) -> String {
        match duration {
            Duration::Samples(samples) => format!("{samples}samples"),
            Duration::Milliseconds(ms) => format!("{ms}ms"),
        }
    }
}

/// What happens where a frame would reach past the recording.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum EdgesKey {
    /// Only whole frames are produced.
    #[default]
    Snip,
    /// The recording is mirrored at its ends: Kaldi's `--snip-edges=false`.
    Symmetric,
    /// Frames are centred on every shift: librosa, torchaudio, Whisper.
    Center,
    /// The last frame is completed with zeros: python_speech_features.
    PadEnd,
}
