//! A recording being read.

use std::path::Path;

use crate::{
    Channel, Container, Error, Info, RawFormat,
    channel::Take,
    decode::{decode, first_not_finite},
    info::Layout,
    magic::{MAGIC_BYTES, Magic, not_audio},
    riff,
    source::Source,
    sphere,
};

/// An open recording, at a position among its samples.
///
/// It holds one open file and a buffer of at most 256 KiB (up to 1 MiB where a SPHERE header is as
/// long), whatever the recording's length.
#[derive(Debug)]
pub struct Recording {
    source: Source,
    info: Info,
    /// The offset of the first sample in the file.
    data_start: u64,
    take: Take,
    /// The next sample to read, per channel; at most `info.num_samples`.
    position: u64,
}

impl Recording {
    /// Opens a recording and reads its header.
    ///
    /// - `raw`: what a file is that begins with no known header; one that does is read by its header
    ///   all the same. What tells MP3 and AAC frames is only eleven set bits, which are those of a
    ///   small negative number as well: with `raw`, such a file is samples
    /// - `channel`: which channel is read, or all of them mixed
    ///
    /// # Errors
    /// - [`Error::Open`], [`Error::Read`]: the operating system refuses
    /// - [`Error::NotRegular`], [`Error::Empty`]: there is nothing that could be a recording; a
    ///   FIFO is refused without waiting for it
    /// - [`Error::NotAudio`]: no known header, and no `raw`
    /// - [`Error::UnsupportedContainer`], [`Error::UnsupportedEncoding`]: known, but not read
    /// - [`Error::Header`], [`Error::SampleRate`], [`Error::Channels`]: a malformed header, or a
    ///   `raw` that cannot be
    /// - [`Error::Truncated`], [`Error::PartialBlock`]: the file ends too early
    /// - [`Error::Changed`]: the file became shorter while its header was read
    /// - [`Error::Channel`]: the recording has no such channel
    pub fn open(path: &Path, raw: Option<RawFormat>, channel: Channel) -> Result<Self, Error> {
        Self::open_with_buffer(path, raw, channel, Vec::new())
    }

    /// Does what [`Recording::open`] does, in memory that an earlier recording is done with.
    ///
    /// - `buffer`: from [`Recording::into_buffer`]; its content does not matter. After an error it
    ///   is gone, and the next recording begins with `Vec::new()`
    ///
    /// # Errors
    /// Those of [`Recording::open`].
    pub fn open_with_buffer(
        path: &Path,
        raw: Option<RawFormat>,
        channel: Channel,
        buffer: Vec<u8>,
    ) -> Result<Self, Error> {
        let mut source = Source::open(path, buffer)?;
        let Layout { info, data_start } = layout(&mut source, raw)?;
        let take = channel.among(info.channels)?;
        Ok(Self { source, info, data_start, take, position: 0 })
    }

    /// What the header says, or the caller for a recording without one.
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// Moves to a position, from which later reads go on.
    ///
    /// - `sample`: counted per channel from 0; [`Info::num_samples`] is the end
    ///
    /// # Errors
    /// [`Error::Seek`] if `sample` is behind the end. The position stays as it was.
    pub fn seek(&mut self, sample: u64) -> Result<(), Error> {
        if sample > self.info.num_samples {
            return Err(Error::Seek { asked: sample, available: self.info.num_samples });
        }
        self.position = sample;
        Ok(())
    }

    /// Fills `samples` with the next mono samples and returns how many there were: fewer than asked
    /// for only at the end, and 0 there.
    ///
    /// - `samples`: mono, full scale at ±1.0, at [`Info::sample_rate_hz`]; what lies behind the
    ///   returned number is left as it was
    ///
    /// # Errors
    /// - [`Error::Read`]: the operating system refuses
    /// - [`Error::Changed`]: the file became shorter after it was opened
    /// - [`Error::NotFinite`]: a sample is NaN, infinite, or too large for `f32`
    ///
    /// What `samples` holds then, and where the next read goes on, is not specified; a seek makes
    /// the position known again.
    pub fn read(&mut self, samples: &mut [f32]) -> Result<usize, Error> {
        let block_bytes = self.info.block_bytes();
        let mut done = 0;
        while done < samples.len() && self.position < self.info.num_samples {
            let offset = self.data_start + self.position * block_bytes as u64;
            let bytes = self.source.bytes(offset, block_bytes)?;
            let left = usize::try_from(self.info.num_samples - self.position).unwrap_or(usize::MAX);
            let count = (bytes.len() / block_bytes).min(left).min(samples.len() - done);
            debug_assert_ne!(count, 0, "every sample of the layout is within the file");
            let out = &mut samples[done..done + count];
            let channels = usize::from(self.info.channels);
            decode(self.info.encoding, &bytes[..count * block_bytes], channels, self.take, out);
            if self.info.encoding.is_float()
                && let Some(index) = first_not_finite(out)
            {
                return Err(Error::NotFinite { sample: self.position + index as u64 });
            }
            done += count;
            self.position += count as u64;
        }
        Ok(done)
    }

    /// Replaces what is in `samples` by everything from the position to the end.
    ///
    /// - `samples`: mono, full scale at ±1.0, at [`Info::sample_rate_hz`]; four bytes are allocated
    ///   for each sample that the file was long enough for, and none if there is room already
    ///
    /// # Errors
    /// Those of [`Recording::read`], and [`Error::Memory`] where that is not to be had. `samples` is
    /// empty then.
    pub fn read_to_end(&mut self, samples: &mut Vec<f32>) -> Result<(), Error> {
        let num_samples = self.info.num_samples - self.position;
        let length = reserve(samples, num_samples)?;
        // Old samples stay until new ones overwrite them: a vector used again and again is not
        // filled with zeros each time.
        samples.resize(length, 0.0);
        let result = self.read(samples);
        if result.is_err() {
            samples.clear();
        }
        result.map(|count| debug_assert_eq!(count, length))
    }

    /// Whether the file is still what was opened, by its size and the time of its last change. What was
    /// read from one that is not may be of two recordings.
    ///
    /// # Errors
    /// [`Error::Changed`] if it is not.
    pub fn check_unchanged(&self) -> Result<(), Error> {
        self.source.check_unchanged()
    }

    /// Closes the file and hands out the buffer, for [`Recording::open_with_buffer`].
    pub fn into_buffer(self) -> Vec<u8> {
        self.source.into_buffer()
    }
}

/// Finds out where the samples are, and what.
fn layout(source: &mut Source, raw: Option<RawFormat>) -> Result<Layout, Error> {
    let file_bytes = source.file_bytes();
    let head = source.bytes(0, MAGIC_BYTES)?;
    match (Magic::of(&head[..head.len().min(MAGIC_BYTES)]), raw) {
        (Magic::Read(Container::Riff), _) => riff::layout(source),
        (Magic::Read(Container::Sphere), _) => sphere::layout(source),
        (Magic::Named { name, advice }, _) | (Magic::Weak { name, advice }, None) => {
            Err(Error::UnsupportedContainer { container: name.to_owned(), advice })
        }
        (Magic::Weak { .. } | Magic::Unknown, Some(raw)) => raw.layout(file_bytes),
        (Magic::Unknown, None) => Err(not_audio(head)),
        (Magic::Read(Container::Raw), _) => unreachable!("raw samples begin with no magic"),
    }
}

/// Makes room for `num_samples` samples in all, and returns that as a length. What `samples` held
/// is lost if there was not room enough.
fn reserve(samples: &mut Vec<f32>, num_samples: u64) -> Result<usize, Error> {
    let length = usize::try_from(num_samples).unwrap_or(usize::MAX);
    if samples.capacity() < length {
        // Cleared first, so that growing does not copy what nobody wants.
        samples.clear();
        samples
            .try_reserve_exact(length)
            .map_err(|source| Error::Memory { num_samples, source })?;
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_memory_can_hold_is_an_error_with_its_length() {
        let mut samples = vec![1.0];
        let error = reserve(&mut samples, u64::MAX).unwrap_err();
        assert!(matches!(error, Error::Memory { num_samples: u64::MAX, .. }), "{error:?}");
        assert!(samples.is_empty());
    }
}
