//! `[audio]`: how samples are taken from recordings.

use ossicle_audio::{Channel, RawEncoding, RawFormat};
use ossicle_dsp::SampleScale;
use serde::{Deserialize, Serialize};

use crate::error::RecipeError;
use crate::keys::{keys, table};
use crate::misfit::Misfit;

keys! {
    /// `[audio]`: how samples are taken from recordings.
    AudioTable {
        /// The sample rate every recording must have, in Hz.
        sample_rate_hz: u32, none("each recording has its own");
        /// Whether recordings may have several sample rates, whose columns mean different things.
        mixed_rates: bool, unless(false);
        /// Which channel is taken; channels are counted from 0.
        channel: Channel, always(Channel::First);
        /// What full scale is: ±1.0, ±32768, or (int16 + ½) / 32767.5.
        scale: SampleScale, always(SampleScale::Unit);
        /// The longest that a recording may last, in seconds.
        max_duration_s: f64, none("there is no bound");
        /// What is done about another sample rate: the recording goes to the ledger.
        resample: Resample, always(Resample::Error);
        /// How headerless recordings are encoded.
        raw_encoding: RawEncoding, none("there are no headerless recordings");
        /// The sample rate of headerless recordings, in Hz.
        raw_sample_rate_hz: u32, none("there are no headerless recordings");
        /// The number of channels of headerless recordings.
        raw_channels: u16, none("1");
    }
}
table!(AudioTable);

/// What is done about a recording of another sample rate than the recipe's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Resample {
    /// It goes to the ledger.
    Error,
}

/// The highest sample rate there is, in Hz.
const MOST_HZ: u32 = 10_000_000;

impl AudioTable {
    /// How headerless recordings are read, if the recipe says.
    pub(crate) fn raw_format(&self) -> Option<RawFormat> {
        let encoding = self.raw_encoding?;
        let sample_rate_hz = self.raw_sample_rate_hz?;
        Some(RawFormat { encoding, sample_rate_hz, channels: self.raw_channels.unwrap_or(1) })
    }

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
            if let Some(rate) = rate.filter(|rate| !(1..=MOST_HZ).contains(rate)) {
                let reason = format!("audio.{key} is {rate}; it must be from 1 to {MOST_HZ}");
                return Err(Misfit::said("audio", key, reason));
            }
        }
        if self.raw_channels == Some(0) {
            let reason = "audio.raw_channels is 0; it must be positive".to_owned();
            return Err(Misfit::said("audio", "raw_channels", reason));
        }
        Ok(())
    }
}
