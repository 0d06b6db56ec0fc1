//! What a header says about the samples behind it.

use crate::{
    Container, Error, RawEncoding,
    limits::{MAX_CHANNELS, MAX_SAMPLE_RATE_HZ},
};

/// What a recording is, before any of its samples is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Info {
    /// What the samples are wrapped in.
    pub container: Container,
    /// How each sample is stored.
    pub encoding: RawEncoding,
    /// From 1 to 10,000,000.
    pub sample_rate_hz: u32,
    /// From 1 to 1024.
    pub channels: u16,
    /// Per channel. The file was long enough for all of them when it was opened.
    pub num_samples: u64,
}

impl Info {
    /// The size of one sample of every channel, at most 8 KiB.
    pub(crate) fn block_bytes(&self) -> usize {
        usize::from(self.channels) * self.encoding.bytes_per_sample()
    }
}

/// Where the samples are, and what.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) info: Info,
    /// The offset of the first sample in the file.
    pub(crate) data_start: u64,
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
