//! The hot path: samples that are stored one after the other.

pub(crate) mod companded;
mod decode;
pub(crate) mod layout;

use crate::{
    Channel, Error, Info, RawEncoding, Truncation,
    channel::Selection,
    finite::first_not_finite,
    pcm::{decode::decode, layout::Layout},
    window::Window,
};

/// Stored samples at a position among them. Channels are chosen while they are decoded.
#[derive(Debug)]
pub(crate) struct Pcm {
    window: Window,
    layout: Layout,
    info: Info,
    selection: Selection,
    /// The next sample to read, per channel; at most `layout.num_samples`.
    position: u64,
    sum: Sum,
}

/// The checksum of the samples up to some position, as long as all of them were read in order.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    sum: u16,
    position: u64,
}

impl Pcm {
    /// Begins at the first sample of what lies so in the bytes behind the window.
    pub(crate) fn new(window: Window, layout: Layout, channel: Channel) -> Result<Self, Error> {
        let selection = channel.select_from(layout.format.channels)?;
        Ok(Self {
            window,
            layout,
            info: layout.info(),
            selection,
            position: 0,
            sum: Sum::default(),
        })
    }

    pub(crate) fn info(&self) -> &Info {
        &self.info
    }

    pub(crate) fn truncation(&self) -> Option<Truncation> {
        self.layout.truncation()
    }

    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    pub(crate) fn seek(&mut self, sample: u64) -> Result<(), Error> {
        if sample > self.layout.num_samples {
            return Err(Error::Seek { asked: sample, available: self.layout.num_samples });
        }
        self.position = sample;
        Ok(())
    }

    pub(crate) fn read(&mut self, samples: &mut [f32]) -> Result<usize, Error> {
        let Layout { format, data_start, num_samples, checksum, .. } = self.layout;
        let block_bytes = format.block_bytes();
        let mut done = 0;
        while done < samples.len() && self.position < num_samples {
            let offset = data_start + self.position * block_bytes as u64;
            let bytes = self.window.bytes(offset, block_bytes)?;
            let left = usize::try_from(num_samples - self.position).unwrap_or(usize::MAX);
            let count = (bytes.len() / block_bytes).min(left).min(samples.len() - done);
            debug_assert_ne!(count, 0, "every sample of the layout is within the file");
            let out = &mut samples[done..done + count];
            let channels = usize::from(format.channels);
            let bytes = &bytes[..count * block_bytes];
            decode(format.encoding, bytes, channels, self.selection, out);
            if checksum.is_some() && self.sum.position == self.position {
                let sum = sum_of(bytes, format.encoding == RawEncoding::S16Be);
                self.sum.sum = self.sum.sum.wrapping_add(sum);
                self.sum.position += count as u64;
            }
            if format.encoding.is_float()
                && let Some(index) = first_not_finite(out)
            {
                return Err(Error::NotFinite { sample: self.position + index as u64 });
            }
            done += count;
            self.position += count as u64;
        }
        match checksum {
            Some(expected) if self.sum.position == num_samples && self.sum.sum != expected => {
                let found = self.sum.sum.into();
                Err(Error::Checksum { expected: expected.into(), found })
            }
            _ => Ok(done),
        }
    }

    pub(crate) fn select(&mut self, channel: Channel) -> Result<(), Error> {
        self.selection = channel.select_from(self.layout.format.channels)?;
        Ok(())
    }

    /// Reads the next samples of all channels, which alternate, and returns how many of each; 0 at the end.
    ///
    /// - `interleaved`: room for whole frames
    pub(crate) fn read_frames(&mut self, interleaved: &mut [f32]) -> Result<usize, Error> {
        let Layout { format, data_start, num_samples, .. } = self.layout;
        let (block_bytes, channels) = (format.block_bytes(), usize::from(format.channels));
        let left = usize::try_from(num_samples - self.position).unwrap_or(usize::MAX);
        let most = left.min(interleaved.len() / channels);
        if most == 0 {
            return Ok(0);
        }
        let offset = data_start + self.position * block_bytes as u64;
        let bytes = self.window.bytes(offset, block_bytes)?;
        let count = (bytes.len() / block_bytes).min(most);
        let out = &mut interleaved[..count * channels];
        // To whom channels do not matter, all samples are those of one.
        decode(format.encoding, &bytes[..count * block_bytes], 1, Selection::One(0), out);
        if let Some(index) = first_not_finite(out) {
            return Err(Error::NotFinite { sample: self.position + (index / channels) as u64 });
        }
        self.position += count as u64;
        Ok(count)
    }

    pub(crate) fn check_unchanged(&self) -> Result<(), Error> {
        self.window.media().check_unchanged()
    }

    pub(crate) fn into_buffer(self) -> Vec<u8> {
        self.window.into_buffer()
    }
}

/// Sums 16-bit samples as unsigned numbers.
fn sum_of(bytes: &[u8], is_big: bool) -> u16 {
    let (samples, _) = bytes.as_chunks();
    samples.iter().fold(0, |sum: u16, &sample| {
        sum.wrapping_add(if is_big {
            u16::from_be_bytes(sample)
        } else {
            u16::from_le_bytes(sample)
        })
    })
}
