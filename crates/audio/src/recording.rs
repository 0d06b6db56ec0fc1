//! A recording being read.

use std::path::Path;

use crate::{
    Channel, Decode, Error, Info, Media, OpenOptions, Truncated, Truncation, coded::Coded,
    containers, contents::Contents, pcm::Pcm, window::Window,
};

/// An open recording, at a position among its samples.
///
/// It holds one open file and a buffer of at most 256 KiB (up to 1 MiB where a SPHERE header is as
/// long), whatever the recording's length.
#[derive(Debug)]
pub struct Recording(Samples);

/// The source of a recording's samples.
#[derive(Debug)]
enum Samples {
    Pcm(Pcm),
    Coded(Coded),
}

impl Recording {
    /// Opens a recording and reads its header.
    ///
    /// # Errors
    /// - [`Error::Open`], [`Error::Read`]: the operating system refuses
    /// - [`Error::NotRegular`], [`Error::Empty`]: there is nothing that could be a recording; a
    ///   FIFO is refused without waiting for it
    /// - [`Error::NotAudio`]: no known header, and no [`OpenOptions::raw`]
    /// - [`Error::UnsupportedContainer`], [`Error::UnsupportedEncoding`]: known, but not read
    /// - [`Error::Header`], [`Error::SampleRate`], [`Error::Channels`]: a malformed header, or a
    ///   raw format that cannot be
    /// - [`Error::Truncated`], [`Error::PartialBlock`]: the file ends too early, and is not to be kept
    /// - [`Error::Changed`]: the file became shorter while its header was read
    /// - [`Error::Channel`]: the recording has no such channel
    pub fn open(path: &Path, options: OpenOptions) -> Result<Self, Error> {
        Self::open_with_buffer(path, options, Vec::new())
    }

    /// Opens a recording as [`Recording::open`] does, in memory that an earlier recording is done
    /// with.
    ///
    /// - `buffer`: from [`Recording::into_buffer`]; its content does not matter. After an error it
    ///   is gone, and the next recording begins with `Vec::new()`
    ///
    /// # Errors
    /// Those of [`Recording::open`].
    pub fn open_with_buffer(
        path: &Path,
        options: OpenOptions,
        buffer: Vec<u8>,
    ) -> Result<Self, Error> {
        Self::from_media(Media::open(path)?, options, buffer)
    }

    /// Opens a recording as [`Recording::open_with_buffer`] does, of bytes from anywhere.
    ///
    /// # Errors
    /// Those of [`Recording::open`], but for those of opening a file.
    pub fn from_media(media: Media, options: OpenOptions, buffer: Vec<u8>) -> Result<Self, Error> {
        /// More tags are not in front of one another.
        const MOST_TAGS: usize = 8;
        let OpenOptions { raw, channel, truncated } = options;
        let mut window = Window::over(media, buffer)?;
        for _ in 0..MOST_TAGS {
            match containers::contents(&mut window, raw, truncated)? {
                Contents::Pcm(layout) => {
                    return Ok(Self(Samples::Pcm(Pcm::new(window, layout, channel)?)));
                }
                Contents::Inside(media) => window = Window::over(media, window.into_buffer())?,
                Contents::Coded(decoder) => {
                    return Ok(Self(Samples::Coded(Coded::new(decoder, channel, truncated)?)));
                }
                Contents::Behind(tag) => {
                    let rest = window.media().stretch(tag..window.len())?;
                    window = Window::over(rest, window.into_buffer())?;
                }
            }
        }
        Err(Error::NotAudio { beginning: "ID3".to_owned() })
    }

    /// Reads what a decoder gives, which stands at its first frame: for codecs that this crate does not
    /// bring.
    ///
    /// # Errors
    /// - [`Error::SampleRate`], [`Error::Channels`]: its [`Info`] cannot be
    /// - [`Error::Channel`]: it has no such channel
    pub fn from_decoder(decoder: Box<dyn Decode>, channel: Channel) -> Result<Self, Error> {
        Ok(Self(Samples::Coded(Coded::new(decoder, channel, Truncated::Error)?)))
    }

    /// Returns the facts that the header tells, or the caller for a recording without one. A length
    /// that no header tells becomes known when the end is read.
    pub fn info(&self) -> &Info {
        match &self.0 {
            Samples::Pcm(pcm) => pcm.info(),
            Samples::Coded(coded) => coded.info(),
        }
    }

    /// Returns how much is there of a file that ends before what its header promises, where such are read
    /// ([`Truncated::Keep`]). Of what is coded it is known once the end was read.
    pub fn truncation(&self) -> Option<Truncation> {
        match &self.0 {
            Samples::Pcm(pcm) => pcm.truncation(),
            Samples::Coded(coded) => coded.truncation(),
        }
    }

    /// Moves to a position, from which later reads go on.
    ///
    /// - `sample`: counted per channel from 0; [`Info::length`] is the end
    ///
    /// # Errors
    /// [`Error::Seek`] if `sample` is behind the end. The position stays as it was. Where the length is
    /// not known yet, the next read says so instead.
    pub fn seek(&mut self, sample: u64) -> Result<(), Error> {
        match &mut self.0 {
            Samples::Pcm(pcm) => pcm.seek(sample),
            Samples::Coded(coded) => coded.seek(sample),
        }
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
    /// - [`Error::Decode`], [`Error::Truncated`]: what is coded is damaged, or ends too early
    /// - [`Error::Seek`]: the position is behind the end, which was not known before
    ///
    /// What `samples` holds then, and where the next read goes on, is not specified; a seek makes
    /// the position known again.
    ///
    /// # Panics
    /// If a decoder breaks the rules of [`Decode`]: it goes behind where it was sent, or gives more frames
    /// than there is room for.
    pub fn read(&mut self, samples: &mut [f32]) -> Result<usize, Error> {
        match &mut self.0 {
            Samples::Pcm(pcm) => pcm.read(samples),
            Samples::Coded(coded) => coded.read(samples),
        }
    }

    /// Reads another channel from now on; the position stays.
    ///
    /// # Errors
    /// [`Error::Channel`] if there is no such channel. The one that was read stays chosen.
    pub fn select(&mut self, channel: Channel) -> Result<(), Error> {
        match &mut self.0 {
            Samples::Pcm(pcm) => pcm.select(channel),
            Samples::Coded(coded) => coded.select(channel),
        }
    }

    /// Reads the next samples of all channels.
    pub(crate) fn read_frames(&mut self, interleaved: &mut [f32]) -> Result<usize, Error> {
        match &mut self.0 {
            Samples::Pcm(pcm) => pcm.read_frames(interleaved),
            Samples::Coded(coded) => coded.read_frames(interleaved),
        }
    }

    /// Replaces what is in `samples` by everything from the position to the end.
    ///
    /// - `samples`: mono, full scale at ±1.0, at [`Info::sample_rate_hz`]; four bytes are allocated
    ///   for each sample that the file was long enough for, and none if there is room already. Where the
    ///   length is not known, room is made as samples come
    ///
    /// # Errors
    /// Those of [`Recording::read`], and [`Error::Memory`] where that is not to be had. `samples` is
    /// empty then.
    pub fn read_to_end(&mut self, samples: &mut Vec<f32>) -> Result<(), Error> {
        let result = match (&self.0, self.info().length.exact()) {
            (Samples::Pcm(pcm), Some(end)) => {
                let num_samples = end - pcm.position();
                self.read_known(num_samples, samples)
            }
            _ => self.read_until_end(samples),
        };
        if result.is_err() {
            samples.clear();
        }
        result
    }

    /// Reads the number of samples that is known to be left.
    fn read_known(&mut self, num_samples: u64, samples: &mut Vec<f32>) -> Result<(), Error> {
        let length = reserve(samples, num_samples)?;
        // Old samples stay until new ones overwrite them: a vector used again and again is not
        // filled with zeros each time.
        samples.resize(length, 0.0);
        self.read(samples).map(|count| debug_assert_eq!(count, length))
    }

    /// Reads until nothing comes: what a header says of coded samples justifies no allocation.
    fn read_until_end(&mut self, samples: &mut Vec<f32>) -> Result<(), Error> {
        samples.clear();
        loop {
            let done = samples.len();
            let wanted = done.max(INITIAL_SAMPLES);
            let out_of_memory =
                |source| Error::Memory { num_samples: (done + wanted) as u64, source };
            samples.try_reserve(wanted).map_err(out_of_memory)?;
            samples.resize(done + wanted, 0.0);
            let count = self.read(&mut samples[done..])?;
            samples.truncate(done + count);
            if count < wanted {
                return Ok(());
            }
        }
    }

    fn position(&self) -> u64 {
        match &self.0 {
            Samples::Pcm(pcm) => pcm.position(),
            Samples::Coded(coded) => coded.position(),
        }
    }

    /// Counts the samples of a channel. Where no header says it, everything from the position on is
    /// decoded; the position stays.
    ///
    /// # Errors
    /// Those of [`Recording::read`].
    pub fn count(&mut self) -> Result<u64, Error> {
        Ok(self.count_up_to(u64::MAX)?.unwrap_or(u64::MAX))
    }

    /// Counts the samples of a channel as [`Recording::count`] does, and gives up where there are more than
    /// so many: a few bytes can be coded silence of any length.
    ///
    /// # Errors
    /// Those of [`Recording::read`].
    pub fn count_up_to(&mut self, most: u64) -> Result<Option<u64>, Error> {
        let position = self.position();
        if let Samples::Coded(coded) = &mut self.0
            && !coded.count(most)?
        {
            return Ok(None);
        }
        let mut discarded = [0.0; 1024];
        loop {
            let length = self.info().length.exact();
            if length.is_some() || self.position() > most {
                self.seek(position)?;
                return Ok(length.filter(|&length| length <= most));
            }
            self.read(&mut discarded)?;
        }
    }

    /// Returns an error if the file's size or the time of its last change is not what it was at
    /// opening: samples read from such a file may be of two recordings.
    ///
    /// # Errors
    /// [`Error::Changed`] if it is not.
    pub fn check_unchanged(&self) -> Result<(), Error> {
        match &self.0 {
            Samples::Pcm(pcm) => pcm.check_unchanged(),
            Samples::Coded(coded) => coded.check_unchanged(),
        }
    }

    /// Closes the file and hands out the buffer, for [`Recording::open_with_buffer`].
    pub fn into_buffer(self) -> Vec<u8> {
        match self.0 {
            Samples::Pcm(pcm) => pcm.into_buffer(),
            Samples::Coded(_) => Vec::new(),
        }
    }
}

/// The number of samples that room is made for at first where the length is not known.
const INITIAL_SAMPLES: usize = 1 << 16;

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
