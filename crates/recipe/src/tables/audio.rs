//! `[audio]`: how samples are taken from recordings.

use ossicle_audio::{Channel, RawEncoding, RawFormat, Truncated};
use ossicle_dsp::{ResampleMode, SampleScale};
use serde::{Deserialize, Serialize};

use crate::error::RecipeError;
use crate::keys::{keys, table};
use crate::misfit::Misfit;
use crate::tables::channel::ChannelChoice;

keys! {
    /// `[audio]`: how samples are taken from recordings.
    AudioTable {
        /// The sample rate every recording must have, or is resampled to, in Hz.
        sample_rate_hz: u32, none("each recording has its own");
        /// Lets recordings have several sample rates, whose columns mean different things.
        mixed_rates: bool, unless(false);
        /// The channel that is taken; channels are counted from 0. `"each"` makes an utterance of each, called
        /// `ID-0`, `ID-1` and so on; `"loudest"` is the one with the most energy, in each utterance.
        channel: ChannelChoice, always(ChannelChoice::Of(Channel::First));
        /// The value of full scale: ±1.0, ±32768, or (int16 + ½) / 32767.5.
        scale: SampleScale, always(SampleScale::Unit);
        /// The treatment of a recording that ends before what its header promises: the ledger, or what is
        /// there is kept; to count that, a codec's samples are decoded once more.
        truncated: Truncated, unless(Truncated::Error);
        /// Writes into `utterances.jsonl` how loud samples are: peak, clipped samples, digital silence, mean.
        levels: bool, or(true);
        /// The shortest that an utterance may last, in seconds: those that last less are rows of the ledger.
        min_duration_s: f64, or(0.0);
        /// The longest that an utterance may last, in seconds, and a recording whose header does not say how
        /// long it is. The default is a day.
        max_duration_s: f64, or(86_400.0);
        /// The treatment of another sample rate: the recording goes to the ledger, or is resampled to `sample_rate_hz`, by our own filter, torchaudio's or Kaldi's.
        resample: Resample, always(Resample::Error);
        /// The encoding of headerless recordings.
        raw_encoding: RawEncoding, none("there are no headerless recordings");
        /// The sample rate of headerless recordings, in Hz.
        raw_sample_rate_hz: u32, none("there are no headerless recordings");
        /// The number of channels of headerless recordings.
        raw_channels: u16, none("1");
    }
}
table!(AudioTable);

/// A treatment of recordings of another sample rate than the recipe's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Resample {
    /// The recording goes to the ledger.
    Error,
    /// It is resampled by [`ResampleMode::Hq`].
    Hq,
    /// It is resampled by [`ResampleMode::Torchaudio`].
    Torchaudio,
    /// It is resampled by [`ResampleMode::TorchaudioKaiser`].
    TorchaudioKaiser,
    /// It is resampled by [`ResampleMode::Kaldi`].
    Kaldi,
}

/// The highest sample rate there is, in Hz.
const MOST_HZ: u32 = 10_000_000;

impl AudioTable {
    /// Returns the format of headerless recordings, if the recipe says it.
    pub(crate) fn raw_format(&self) -> Option<RawFormat> {
        let encoding = self.raw_encoding?;
        let sample_rate_hz = self.raw_sample_rate_hz?;
        Some(RawFormat { encoding, sample_rate_hz, channels: self.raw_channels.unwrap_or(1) })
    }

    /// Returns how recordings of another sample rate are resampled; none where they are not.
    pub fn resample_mode(&self) -> Option<ResampleMode> {
        match self.resample {
            Resample::Error => None,
            Resample::Hq => Some(ResampleMode::Hq),
            Resample::Torchaudio => Some(ResampleMode::Torchaudio),
            Resample::TorchaudioKaiser => Some(ResampleMode::TorchaudioKaiser),
            Resample::Kaldi => Some(ResampleMode::Kaldi),
        }
    }

    /// Returns how recordings of another sample rate are resampled, and to which rate in Hz, where features
    /// have none of their own; none where they are not.
    pub fn resampling(&self) -> Option<(ResampleMode, u32)> {
        Some((self.resample_mode()?, self.sample_rate_hz?))
    }

    /// Returns the sample rate in Hz that features are computed at which have none of their own, of a
    /// recording of this one.
    pub fn rate_after_hz(&self, sample_rate_hz: u32) -> u32 {
        self.resampling().map_or(sample_rate_hz, |(_, target_hz)| target_hz)
    }

    /// Refuses rates and channels that there are not, and half a description of headerless recordings.
    pub(crate) fn check(&self) -> Result<(), Misfit> {
        match (&self.raw_encoding, self.raw_sample_rate_hz) {
            (Some(_), None) => {
                return Err(Misfit::key("audio", "raw_encoding", RecipeError::HalfOfRaw));
            }
            (None, Some(_)) => {
                return Err(Misfit::key("audio", "raw_sample_rate_hz", RecipeError::HalfOfRaw));
            }
            _ => {}
        }
        for (key, rate) in [
            ("sample_rate_hz", self.sample_rate_hz),
            ("raw_sample_rate_hz", self.raw_sample_rate_hz),
        ] {
            rate.map_or(Ok(()), |rate| check_rate("audio", key, rate))?;
        }
        let (shortest, longest) = (self.min_duration_s(), self.max_duration_s());
        if !(0.0..=longest).contains(&shortest) {
            let reason = format!(
                "audio.min_duration_s is {shortest}; it must be from 0 to audio.max_duration_s, {longest}"
            );
            return Err(Misfit::in_words("audio", "min_duration_s", reason));
        }
        if self.raw_channels == Some(0) {
            let reason = "audio.raw_channels is 0; it must be positive".to_owned();
            return Err(Misfit::in_words("audio", "raw_channels", reason));
        }
        Ok(())
    }
}

/// Refuses a sample rate that there is not.
pub(crate) fn check_rate(table: &'static str, key: &'static str, rate: u32) -> Result<(), Misfit> {
    if (1..=MOST_HZ).contains(&rate) {
        return Ok(());
    }
    let reason = format!("{table}.{key} is {rate}; it must be from 1 to {MOST_HZ}");
    Err(Misfit::in_words(table, key, reason))
}
