//! The facts that a header tells about the samples behind it.

use std::fmt;

use crate::{
    Container, Error, RawEncoding,
    limits::{MAX_CHANNELS, MAX_SAMPLE_RATE_HZ},
};

/// The facts about a recording that are known before its samples are decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Info {
    /// The kind of file.
    pub container: Container,
    /// The way each sample is stored.
    pub encoding: Encoding,
    /// Samples per second and channel, from 1 to 10,000,000.
    pub sample_rate_hz: u32,
    /// The number of channels, from 1 to 1024.
    pub channels: u16,
    /// The number of samples of a channel, as far as it is known.
    pub length: Length,
}

/// The way each sample is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// One number after the other.
    Pcm(RawEncoding),
    /// A codec of this name, such as `FLAC`.
    Coded(&'static str),
}

impl Encoding {
    /// Returns whether a decoded sample can be louder than full scale, NaN, infinite, or too large
    /// for `f32`. A codec may give any sample.
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

/// The number of samples of a recording's channel, as far as it is known.
///
/// ```
/// use ossicle_audio::Length;
///
/// assert_eq!(Length::AtMost(7).at_most(), Some(7));
/// assert_eq!(Length::AtMost(7).exact(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Exactly this number. Of PCM, the file was long enough for all of them when it was opened.
    Exact(u64),
    /// At most this number; the exact one shows at the end.
    AtMost(u64),
    /// A number that shows only at the end.
    Unknown,
}

impl Length {
    /// Returns the length, where it is known.
    pub fn exact(self) -> Option<u64> {
        match self {
            Self::Exact(samples) => Some(samples),
            Self::AtMost(_) | Self::Unknown => None,
        }
    }

    /// Returns the length or an upper bound of it, where there is one.
    pub fn at_most(self) -> Option<u64> {
        match self {
            Self::Exact(samples) | Self::AtMost(samples) => Some(samples),
            Self::Unknown => None,
        }
    }
}

/// Returns the sample rate, if it can be one.
pub(crate) fn check_sample_rate(found: u64) -> Result<u32, Error> {
    match u32::try_from(found) {
        Ok(rate @ 1..=MAX_SAMPLE_RATE_HZ) => Ok(rate),
        _ => Err(Error::SampleRate { found }),
    }
}

/// Returns the number of channels, if it can be one.
pub(crate) fn check_channels(found: u64) -> Result<u16, Error> {
    match u16::try_from(found) {
        Ok(channels @ 1..=MAX_CHANNELS) => Ok(channels),
        _ => Err(Error::Channels { found }),
    }
}
