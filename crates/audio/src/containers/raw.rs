//! Samples without a header.

use crate::{
    Container, Error, RawEncoding,
    info::{check_channels, check_sample_rate},
    pcm::layout::{Format, Layout},
};

/// The format of headerless recordings, which only the caller can know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawFormat {
    /// The way each sample is stored.
    pub encoding: RawEncoding,
    /// Samples per second and channel, from 1 to 10,000,000.
    pub sample_rate_hz: u32,
    /// The number of channels, from 1 to 1024; their samples alternate.
    pub channels: u16,
}

impl RawFormat {
    /// Lays a file of `file_bytes` bytes out as samples from its first byte to its last.
    pub(crate) fn layout(self, file_bytes: u64) -> Result<Layout, Error> {
        let Self { encoding, .. } = self;
        let sample_rate_hz = check_sample_rate(self.sample_rate_hz.into())?;
        let channels = check_channels(self.channels.into())?;
        let format = Format { container: Container::Raw, encoding, sample_rate_hz, channels };
        let block_bytes = format.block_bytes();
        if !file_bytes.is_multiple_of(block_bytes as u64) {
            // The tail is no sample, so the encoding or the number of channels must be wrong, and
            // then every other sample is wrong as well.
            return Err(Error::PartialBlock { bytes: file_bytes, channels, encoding, block_bytes });
        }
        let num_samples = file_bytes / block_bytes as u64;
        Ok(Layout { num_samples, ..Layout::new(format, 0) })
    }
}
