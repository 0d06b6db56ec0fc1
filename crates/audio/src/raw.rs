//! Samples without a header.

use crate::{
    Container, Error, Info, RawEncoding,
    info::{Layout, check_channels, check_sample_rate},
};

/// How headerless recordings are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawFormat {
    /// How each sample is stored.
    pub encoding: RawEncoding,
    /// From 1 to 10,000,000.
    pub sample_rate_hz: u32,
    /// From 1 to 1024; the channels' samples alternate.
    pub channels: u16,
}

impl RawFormat {
    /// Lays a file of `file_bytes` bytes out as samples from its first byte to its last.
    pub(crate) fn layout(self, file_bytes: u64) -> Result<Layout, Error> {
        let info = Info {
            container: Container::Raw,
            encoding: self.encoding,
            sample_rate_hz: check_sample_rate(self.sample_rate_hz.into())?,
            channels: check_channels(self.channels.into())?,
            num_samples: 0,
        };
        let block_bytes = info.block_bytes();
        if !file_bytes.is_multiple_of(block_bytes as u64) {
            // The tail is no sample, so the encoding or the number of channels must be wrong, and
            // then every other sample is wrong as well.
            return Err(Error::PartialBlock {
                bytes: file_bytes,
                channels: self.channels,
                encoding: self.encoding,
                block_bytes,
            });
        }
        let num_samples = file_bytes / block_bytes as u64;
        Ok(Layout { info: Info { num_samples, ..info }, data_start: 0 })
    }
}
