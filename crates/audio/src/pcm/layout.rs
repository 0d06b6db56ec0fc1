//! The place and the format of a recording's samples.

use crate::{
    Container, Error, RawEncoding, Truncated, Truncation,
    info::{Encoding, Info, Length},
};

/// The arrangement of samples in a file: block after block, each with one sample of every channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) format: Format,
    /// The offset of the first sample in the file.
    pub(crate) data_start: u64,
    /// The number of samples of a channel; the file is long enough for all of them.
    pub(crate) num_samples: u64,
    /// The number of samples that a file was to hold that ends before.
    pub(crate) promised: Option<u64>,
    /// The sum of all samples of all channels as unsigned numbers of 16 bits, modulo 65,536, where the
    /// header has it.
    pub(crate) checksum: Option<u16>,
}

/// The facts a header tells about samples, apart from where they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Format {
    pub(crate) container: Container,
    pub(crate) encoding: RawEncoding,
    pub(crate) sample_rate_hz: u32,
    pub(crate) channels: u16,
}

impl Format {
    /// Returns the size of one sample of every channel in bytes, at most 8 KiB.
    pub(crate) fn block_bytes(self) -> usize {
        usize::from(self.channels) * self.encoding.bytes_per_sample()
    }
}

impl Layout {
    /// A layout of no samples, to be filled in.
    pub(crate) fn new(format: Format, data_start: u64) -> Layout {
        Layout { format, data_start, num_samples: 0, promised: None, checksum: None }
    }

    /// Puts in the number of samples, where so many are promised and so many are there.
    pub(crate) fn samples(
        self,
        promised: u64,
        found: u64,
        truncated: Truncated,
    ) -> Result<Layout, Error> {
        let num_samples = truncated.least(promised, found)?;
        let promised = (num_samples < promised).then_some(promised);
        Ok(Layout { num_samples, promised, ..self })
    }

    /// Returns how much is missing of a file that ends too early.
    pub(crate) fn truncation(&self) -> Option<Truncation> {
        let (promised, found) = (Some(self.promised?), self.num_samples);
        Some(Truncation { promised, found })
    }

    pub(crate) fn info(&self) -> Info {
        let Format { container, encoding, sample_rate_hz, channels } = self.format;
        let (encoding, length) = (Encoding::Pcm(encoding), Length::Exact(self.num_samples));
        Info { container, encoding, sample_rate_hz, channels, length }
    }
}
