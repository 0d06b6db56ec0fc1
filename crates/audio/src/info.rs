//! What a header says about the samples behind it.

use std::fmt;

use crate::{
    Container, Error, RawEncoding,
    limits::{MAX_CHANNELS, MAX_SAMPLE_RATE_HZ},
};

/// What a recording is, as far as it is known before its samples are decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Info {
    /// What the samples are wrapped in.
    pub container: Container,
    /// How each sample is stored.
    pub encoding: Encoding,
    /// From 1 to 10,000,000.
    pub sample_rate_hz: u32,
    /// From 1 to 1024.
    pub channels: u16,
    /// How many samples a channel has.
    pub length: Length,
}

/// How each sample is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// One number after the other.
    Pcm(RawEncoding),
    /// By a codec of this name, such as `FLAC`.
    Coded(&'static str),
}

impl Encoding {
    /// Whether a decoded sample can be louder than full scale, NaN, infinite, or too large for `f32`. A
    /// codec may give any sample.
    pub fn is_float(self) -> bool {
        match self {
            Self::Pcm(encoding) => encoding.is_float(),
            Self::Coded(_) => true,
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pcm(encoding) => encoding.fmt(f),
            Self::Coded(name) => f.pad(name),
        }
    }
}

/// How many samples a channel of a recording has.
///
/// ```
/// use ossicle_audio::Length;
///
/// assert_eq!(Length::AtMost(7).at_most(), Some(7));
/// assert_eq!(Length::AtMost(7).exact(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Just so many. Of PCM, the file was long enough for all of them when it was opened.
    Exact(u64),
    /// No more than these; how many shows at the end.
    AtMost(u64),
    /// Shows at the end.
    Unknown,
}

impl Length {
    /// The length, where it is known.
    pub fn exact(self) -> Option<u64> {
        match self {
            Self::Exact(samples) => Some(samples),
            Self::AtMost(_) | Self::Unknown => None,
        }
    }

    /// The length or a bound of it, where there is one.
    pub fn at_most(self) -> Option<u64> {
        match self {
            Self::Exact(samples) | Self::AtMost(samples) => Some(samples),
            Self::Unknown => None,
        }
    }
}

/// The sample rate, if it can be one.
pub(crate) fn check_sample_rate(found: u64) -> Result<u32, Error> {
    match u32::try_from(found) {
        Ok(rate @ 1..=MAX_SAMPLE_RATE_HZ) => Ok(rate),
        _ => Err(Error::SampleRate { found }),
    }
}

/// The number of channels, if it can be one.
pub(crate) fn check_channels(found: u64) -> Result<u16, Error> {
    match u16::try_from(found) {
        Ok(channels @ 1..=MAX_CHANNELS) => Ok(channels),
        _ => Err(Error::Channels { found }),
    }
}
