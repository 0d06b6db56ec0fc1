//! `kind = "waveform"`: the samples themselves.

use ossicle_dsp::{SampleScale, Waveform};
use serde::{Deserialize, Serialize};

use super::array::ArrayKeys;
use super::own_frames::OwnFrames;
use super::recordings::Recordings;
use crate::keys::{groups, keys};
use crate::misfit::Misfit;

groups! {
    /// `kind = "waveform"`: the samples themselves, a row of one column each. Alone in its recipe, `[frames]`
    /// are of one sample; beside other features, its own are.
    WaveformFeature {
        /// The array.
        array: ArrayKeys,
        /// Its own frames.
        own: OwnFrames,
        /// The numbers that samples are kept as.
        numbers: SampleKeys,
    }
}

keys! {
    /// The numbers that samples are kept as.
    SampleKeys {
        /// The type of the numbers: `"int16"` is half as large, and keeps samples of 16 bits as they were;
        /// others are rounded, and what is beyond full scale becomes full scale.
        dtype: SampleType, or(SampleType::Float32);
    }
}

/// The type of the numbers that samples are kept as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SampleType {
    /// At the feature's scale.
    Float32,
    /// Full scale is 32768.
    Int16,
}

impl WaveformFeature {
    /// Plans rows of such recordings.
    pub(super) fn plan(&self, of: &Recordings) -> Waveform {
        let scale = match self.numbers.dtype() {
            SampleType::Float32 => self.array.scale.unwrap_or(of.scale),
            SampleType::Int16 => SampleScale::Int16,
        };
        Waveform::new(scale)
    }

    /// Refuses keys that mean nothing beside the others.
    pub(super) fn check(&self) -> Result<(), Misfit> {
        if self.own.frames.is_some() {
            let why = "of a waveform: it has a row for each sample".to_owned();
            return Err(Misfit::idle("feature", "frames", why));
        }
        if self.numbers.dtype() == SampleType::Int16 && self.array.scale.is_some() {
            let why = "with dtype = \"int16\", whose full scale is 32768".to_owned();
            return Err(Misfit::idle("feature", "scale", why));
        }
        Ok(())
    }
}
