//! Samples that a codec makes: whatever their decoder is, they become one mono signal here.

use std::fmt;

use crate::{
    Channel, Error, Info, Length, Truncated, Truncation,
    channel::Selection,
    finite::first_not_finite,
    info::{check_channels, check_sample_rate},
};

/// Decodes a recording, from its first sample to its last or from somewhere between.
///
/// A *frame* here is one sample of every channel. The same frames are the same bits however they are
/// come by: in reads of any size, and after a seek.
pub trait Decode: Send {
    /// Returns the recording's header, which never changes: [`Recording`](crate::Recording) copies
    /// it once.
    fn info(&self) -> &Info;

    /// Goes to `frame`, or to one before it, and returns where the next read begins. Decoding on from
    /// there must give the bits that decoding from the beginning gives: a codec that remembers goes back
    /// as far as it takes, at most to 0. It may stay where it is if that is not behind `frame`, and it
    /// never goes behind the recording's end.
    ///
    /// # Errors
    /// If that cannot be read or decoded.
    fn seek(&mut self, frame: u64) -> Result<u64, Error>;

    /// Decodes the next frames into the beginning of `interleaved` and returns how many: at least one
    /// where there is room for one, and 0 only at the end.
    ///
    /// - `interleaved`: room for whole frames, the channels alternating; full scale is ±1.0
    ///
    /// # Errors
    /// If that cannot be read, or is damaged ([`Error::Decode`]).
    fn read(&mut self, interleaved: &mut [f32]) -> Result<usize, Error>;

    /// Counts the frames without decoding them, and returns how many there are: any number above `most` where
    /// there are more than that, and none where only decoding tells. The next call is
    /// [`seek`](Decode::seek).
    ///
    /// # Errors
    /// If that cannot be read.
    fn count(&mut self, most: u64) -> Result<Option<u64>, Error> {
        let _ = most;
        Ok(None)
    }

    /// Returns whether the bytes ended before what is coded did, once the end was read. One that drops what is
    /// not whole at the end tells it.
    fn is_cut_off(&self) -> bool {
        false
    }

    /// Returns an error if what is read from is not what was opened any more. One that reads from a
    /// [`Media`](crate::Media) asks that.
    ///
    /// # Errors
    /// [`Error::Changed`] if it is not.
    fn check_unchanged(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// The most samples, of all channels together, that are decoded at a time where channels have to be
/// chosen.
const BLOCK_SAMPLES: usize = 8192;

/// A decoder, and a position among its samples.
pub(crate) struct Coded {
    decoder: Box<dyn Decode>,
    /// The decoder's, with the length that turned out where it did not know it.
    info: Info,
    /// The length that the decoder promises and may not keep.
    promised: Option<u64>,
    truncation: Option<Truncation>,
    selection: Selection,
    /// The next sample to read, per channel.
    position: u64,
    /// The next frame that the decoder gives.
    decoder_at: u64,
    /// Room for frames of several channels.
    interleaved: Vec<f32>,
}

impl Coded {
    /// Begins at the decoder's first frame, where it must be.
    pub(crate) fn new(
        decoder: Box<dyn Decode>,
        channel: Channel,
        truncated: Truncated,
    ) -> Result<Self, Error> {
        let mut info = *decoder.info();
        let promised = info.length.exact().filter(|_| truncated.is_kept());
        if let Some(promised) = promised {
            info.length = Length::AtMost(promised);
        }
        let channels = check_channels(info.channels.into())?;
        check_sample_rate(info.sample_rate_hz.into())?;
        let selection = channel.select_from(channels)?;
        Ok(Self {
            decoder,
            info,
            promised,
            truncation: None,
            selection,
            position: 0,
            decoder_at: 0,
            interleaved: Vec::new(),
        })
    }

    pub(crate) fn info(&self) -> &Info {
        &self.info
    }

    pub(crate) fn truncation(&self) -> Option<Truncation> {
        self.truncation
    }

    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    pub(crate) fn seek(&mut self, sample: u64) -> Result<(), Error> {
        match self.info.length {
            Length::Exact(available) if sample > available => {
                Err(Error::Seek { asked: sample, available })
            }
            _ => {
                self.position = sample;
                Ok(())
            }
        }
    }

    /// Learns the length where the decoder tells it without decoding; see [`Decode::count`].
    ///
    /// Returns false where there are more than `most` frames.
    pub(crate) fn count(&mut self, most: u64) -> Result<bool, Error> {
        if self.info.length.exact().is_some() {
            return Ok(true);
        }
        self.decoder_at = u64::MAX;
        let counted = self.decoder.count(most)?;
        if let Some(length) = counted.filter(|&length| length <= most) {
            self.info.length = Length::Exact(length);
        }
        Ok(counted.is_none_or(|length| length <= most))
    }

    pub(crate) fn read(&mut self, samples: &mut [f32]) -> Result<usize, Error> {
        if self.decoder_at != self.position {
            self.seek_decoder()?;
        }
        let mut done = 0;
        while done < samples.len() {
            let count = self.read_some(&mut samples[done..])?;
            if count == 0 {
                break;
            }
            done += count;
        }
        Ok(done)
    }

    /// Moves the decoder to the position.
    fn seek_decoder(&mut self) -> Result<(), Error> {
        let asked = self.position;
        // After an error nobody knows where the decoder is; no position is this one.
        self.decoder_at = u64::MAX;
        let begin = self.decoder.seek(asked)?;
        assert!(begin <= asked, "the decoder went to {begin}, behind {asked}");
        (self.decoder_at, self.position) = (begin, begin);
        let mut discarded = [0.0; 1024];
        while self.position < asked {
            let left = usize::try_from(asked - self.position).unwrap_or(usize::MAX);
            let wanted = left.min(discarded.len());
            if self.read_some(&mut discarded[..wanted])? == 0 {
                return Err(Error::Seek { asked, available: self.position });
            }
        }
        Ok(())
    }

    /// Reads some of the next samples, and 0 only at the end, where the length becomes known.
    fn read_some(&mut self, samples: &mut [f32]) -> Result<usize, Error> {
        let first = self.position;
        let count = self.advance(samples.len(), |coded, wanted| match coded.info.channels {
            1 => coded.decoder.read(&mut samples[..wanted]),
            channels => coded.read_mono(&mut samples[..wanted], channels.into()),
        })?;
        match first_not_finite(&samples[..count]) {
            Some(index) => Err(Error::NotFinite { sample: first + index as u64 }),
            None => Ok(count),
        }
    }

    /// Reads the next samples of all channels, which alternate, and returns how many of each; 0 at the end.
    ///
    /// - `interleaved`: room for whole frames
    pub(crate) fn read_frames(&mut self, interleaved: &mut [f32]) -> Result<usize, Error> {
        if self.decoder_at != self.position {
            self.seek_decoder()?;
        }
        let (first, channels) = (self.position, usize::from(self.info.channels));
        let count = self.advance(interleaved.len() / channels, |coded, wanted| {
            coded.decoder.read(&mut interleaved[..wanted * channels])
        })?;
        match first_not_finite(&interleaved[..count * channels]) {
            Some(index) => Err(Error::NotFinite { sample: first + (index / channels) as u64 }),
            None => Ok(count),
        }
    }

    pub(crate) fn select(&mut self, channel: Channel) -> Result<(), Error> {
        self.selection = channel.select_from(self.info.channels)?;
        Ok(())
    }

    /// Decodes at most so many frames, and counts them. At the end the length becomes known.
    fn advance(
        &mut self,
        at_most: usize,
        decode: impl FnOnce(&mut Self, usize) -> Result<usize, Error>,
    ) -> Result<usize, Error> {
        let length = self.info.length;
        let most = match length.exact().or(self.promised) {
            Some(end) => end.saturating_sub(self.position),
            None => u64::MAX,
        };
        if most == 0 && self.promised == Some(self.position) {
            // All that was promised came.
            self.info.length = Length::Exact(self.position);
        }
        let wanted = usize::try_from(most).unwrap_or(usize::MAX).min(at_most);
        if wanted == 0 {
            return Ok(0);
        }
        let first = self.position;
        // Known again once the decoder has read without an error.
        self.decoder_at = u64::MAX;
        let count = decode(self, wanted)?;
        assert!(
            count <= wanted,
            "the decoder gave {count} frames where there was room for {wanted}"
        );
        self.position = first + count as u64;
        self.decoder_at = self.position;
        if count == 0 {
            if let Some(promised) = length.exact() {
                return Err(Error::Truncated { promised, found: first });
            }
            self.info.length = Length::Exact(first);
            if self.promised.is_some() || self.decoder.is_cut_off() {
                self.truncation = Some(Truncation { promised: self.promised, found: first });
            }
        }
        Ok(count)
    }

    /// Decodes some frames of several channels, and makes mono of them.
    fn read_mono(&mut self, samples: &mut [f32], channels: usize) -> Result<usize, Error> {
        let frames = samples.len().min((BLOCK_SAMPLES / channels).max(1));
        self.interleaved.resize(frames * channels, 0.0);
        let count = self.decoder.read(&mut self.interleaved)?;
        assert!(
            count <= frames,
            "the decoder gave {count} frames where there was room for {frames}"
        );
        let decoded = &self.interleaved[..count * channels];
        self.selection.to_mono(decoded, channels, &mut samples[..count], |sample| sample);
        Ok(count)
    }

    pub(crate) fn check_unchanged(&self) -> Result<(), Error> {
        self.decoder.check_unchanged()
    }
}

impl fmt::Debug for Coded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Coded").field("info", &self.info).finish_non_exhaustive()
    }
}
