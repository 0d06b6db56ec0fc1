//! FLAC, decoded by our own code: corpora of speech are FLAC, and what a job waits for is this.
//!
//! A file is `fLaC`, blocks of metadata, of which the first says what the samples are, and then frames,
//! each of which can be decoded alone.
//!
//! Source: M. van Beurden and A. Weaver, *Free Lossless Audio Codec (FLAC)*, RFC 9639 (2024).

mod bits;
mod checksums;
mod error;
mod frame;
mod metadata;
mod predict;
mod rice;
mod seek;
mod sum;
#[cfg(test)]
mod tests;

use crate::{
    Container, Decode, Error, Info, Length, Media, Truncated,
    codecs::flac::{
        error::flac,
        frame::{Frame, Header},
        metadata::StreamInfo,
        sum::Sum,
    },
    info::Encoding,
    window::Window,
};

/// Decodes frames, from the first or on.
pub(crate) struct Flac {
    info: Info,
    stream: StreamInfo,
    window: Window,
    /// Where the next frame begins.
    at: u64,
    frame: Frame,
    /// Samples of a channel of the frame that were handed out.
    given: usize,
    position: u64,
    /// The MD5 of all samples so far, that of the last frame in work; none once they are not all.
    sum: Option<Sum>,
    truncated: Truncated,
    /// Whether the file ended before its frames.
    is_cut_off: bool,
}

impl Flac {
    /// Reads the metadata, and begins at the first sample.
    pub(crate) fn open(media: Media, truncated: Truncated) -> Result<Flac, Error> {
        let mut window = Window::over(media, Vec::new())?;
        let stream = metadata::read(&mut window)?;
        let info = Info {
            container: Container::Other("FLAC"),
            encoding: Encoding::Coded("FLAC"),
            sample_rate_hz: stream.sample_rate_hz,
            channels: stream.channels,
            length: stream.total.map_or(Length::Unknown, Length::Exact),
        };
        let sum = stream.md5.map(|_| Sum::new());
        let (at, frame) = (stream.first_frame, Frame::default());
        let (given, position, is_cut_off) = (0, 0, false);
        Ok(Flac { info, stream, window, at, frame, given, position, sum, truncated, is_cut_off })
    }

    /// Decodes the next frame; false at the end.
    fn next_frame(&mut self) -> Result<bool, Error> {
        self.given = 0;
        self.frame.clear();
        let is_over = self.stream.total == Some(self.position);
        let Some(header) = self.next_header()? else {
            return self.end();
        };
        if is_over {
            return Err(flac("there are more samples than its header counts"));
        }
        if header.first_sample(&self.stream) != self.position {
            return Err(flac("its frames do not follow one another"));
        }
        let decoded = frame::decode(
            &mut self.window,
            self.at,
            &header,
            &self.stream,
            &mut self.frame,
            self.sum.as_mut(),
        )?;
        match decoded {
            Some(bytes) => self.at += bytes,
            None => return self.cut_off(),
        }
        if let Some(sum) = &mut self.sum {
            let each = self.stream.bits.div_ceil(8) as usize;
            let count = self.frame.len() * usize::from(self.stream.channels) * each;
            sum.take(count, |bytes| self.frame.store(each, bytes));
        }
        Ok(true)
    }

    /// Reads the header of the next frame; none where there is no frame any more.
    fn next_header(&mut self) -> Result<Option<Header>, Error> {
        let bytes = self.window.bytes(self.at, frame::MOST_HEADER_BYTES)?;
        match frame::header(bytes, &self.stream) {
            Some(header) => Ok(Some(header)),
            // Tags and padding may follow the last frame, and nothing may take the place of another.
            None if self.stream.total == Some(self.position) => Ok(None),
            None if bytes.is_empty() => {
                self.is_cut_off = self.stream.total.is_some();
                Ok(None)
            }
            None if self.stream.total.is_none() && !bytes.starts_with(&[0xFF]) => Ok(None),
            // What there is of a last header is none.
            None if self.truncated.is_kept() && bytes.len() < frame::MOST_HEADER_BYTES => {
                self.is_cut_off = true;
                Ok(None)
            }
            None => Err(flac("a frame's header is damaged, or the file was cut off before it")),
        }
    }

    /// Ends where the file ends within a frame, if that is wanted.
    fn cut_off(&mut self) -> Result<bool, Error> {
        self.frame.clear();
        match self.truncated.is_kept() {
            true => {
                (self.is_cut_off, self.sum) = (true, None);
                Ok(false)
            }
            false => Err(flac("it ends within a frame")),
        }
    }

    /// Checks what can be checked once everything was decoded.
    fn end(&mut self) -> Result<bool, Error> {
        if let (Some(sum), Some(expected)) = (self.sum.take(), self.stream.md5)
            && !self.is_cut_off
            && sum.finish() != expected
        {
            return Err(flac(
                "its samples are not those that its MD5 is of; copy or download it again",
            ));
        }
        Ok(false)
    }
}

impl Decode for Flac {
    fn info(&self) -> &Info {
        &self.info
    }

    fn seek(&mut self, frame: u64) -> Result<u64, Error> {
        /// Shorter ways are gone by decoding.
        const NEAR: u64 = 8192;
        if frame.checked_sub(self.position).is_some_and(|ahead| ahead < NEAR) {
            return Ok(self.position);
        }
        let (at, position) = seek::before(&mut self.window, &self.stream, frame)?;
        let sum = self.stream.md5.filter(|_| position == 0).map(|_| Sum::new());
        self.frame.clear();
        (self.at, self.position, self.given, self.sum) = (at, position, 0, sum);
        Ok(position)
    }

    fn read(&mut self, interleaved: &mut [f32]) -> Result<usize, Error> {
        if self.given == self.frame.len() && !self.next_frame()? {
            return Ok(0);
        }
        let channels = usize::from(self.info.channels);
        let count = (self.frame.len() - self.given).min(interleaved.len() / channels);
        let scale = 1.0 / (1_u64 << (self.stream.bits - 1)) as f32;
        for channel in 0..channels {
            let samples = &self.frame.channel(channel)[self.given..][..count];
            if channels == 1 {
                for (out, &sample) in interleaved.iter_mut().zip(samples) {
                    *out = sample as f32 * scale;
                }
                break;
            }
            let places = interleaved[channel..].iter_mut().step_by(channels);
            for (out, &sample) in places.zip(samples) {
                *out = sample as f32 * scale;
            }
        }
        self.given += count;
        self.position += count as u64;
        if self.given == self.frame.len() && self.stream.total == Some(self.position) {
            // All that the header counts: there must be no more, and it must be what it was.
            self.next_frame()?;
        }
        Ok(count)
    }

    fn is_cut_off(&self) -> bool {
        self.is_cut_off
    }

    fn check_unchanged(&self) -> Result<(), Error> {
        self.window.media().check_unchanged()
    }
}
