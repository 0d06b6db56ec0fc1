//! Shorten, which most of the LDC's older corpora are compressed with.
//!
//! A stream is `ajkg`, a version, and then bits: a header, and commands. Each block of a channel is one
//! command: how its samples are predicted from those before, and the differences, in Rice's code. Blocks of
//! channels take turns.
//!
//! Source: T. Robinson, *SHORTEN: Simple lossless and near-lossless waveform compression*, technical
//! report CUED/F-INFENG/TR.156, Cambridge University (1994), for the method and the commands. The report
//! leaves out how means are kept where low bits were all zero: there the judges are `sph2pipe` and FFmpeg, which
//! agree.

mod bits;
mod blocks;

use crate::{
    Decode, Error, Info, Media, Truncated,
    codecs::shorten::{
        bits::{Bits, damaged},
        blocks::Blocks,
    },
};

/// Returns whether these bytes begin a stream.
pub(crate) fn begins(bytes: &[u8]) -> bool {
    bytes.starts_with(blocks::MAGIC)
}

/// Decodes a stream, from its beginning or on.
pub(crate) struct Shorten {
    media: Media,
    info: Info,
    blocks: Blocks,
    /// The sum of all samples as unsigned numbers of 16 bits, by the recording's header.
    checksum: Option<u16>,
    truncated: Truncated,
    is_cut_off: bool,
    sum: u16,
    /// The samples of a block of every channel, one channel after the other, as they are stored.
    block: Vec<i64>,
    /// Samples of a channel in `block`, and those of them that were handed out.
    length: usize,
    given: usize,
    /// The frame that comes next.
    position: u64,
}

impl Shorten {
    /// Begins at the first sample.
    ///
    /// - `media`: the stream
    /// - `info`: what the recording's header says; the stream must have as many channels
    /// - `checksum`: of all samples, where that header has one
    pub(crate) fn new(
        media: Media,
        info: Info,
        checksum: Option<u16>,
        truncated: Truncated,
    ) -> Result<Shorten, Error> {
        let blocks = Blocks::begin(Bits::new(media.clone())?, info.channels)?;
        let (block, length, given) = (Vec::new(), 0, 0);
        Ok(Shorten {
            media,
            info,
            blocks,
            checksum,
            truncated,
            is_cut_off: false,
            sum: 0,
            block,
            length,
            given,
            position: 0,
        })
    }

    /// Decodes the next block of every channel; false where there is none.
    fn next_block(&mut self) -> Result<bool, Error> {
        self.given = 0;
        self.length = match self.blocks.next(&mut self.block) {
            // What there is of the last block is no samples.
            Err(_) if self.truncated.is_kept() && self.blocks.are_cut_off() => {
                self.is_cut_off = true;
                self.block.clear();
                0
            }
            length => length?,
        };
        for &sample in &self.block {
            self.sum = self.sum.wrapping_add(self.blocks.stored(sample));
        }
        Ok(self.length > 0)
    }

    /// Checks what can be checked once all samples were decoded.
    fn check_end(&self) -> Result<(), Error> {
        match self.checksum {
            Some(expected) if expected != self.sum => {
                Err(Error::Checksum { expected: expected.into(), found: self.sum.into() })
            }
            _ => Ok(()),
        }
    }
}

impl Decode for Shorten {
    fn info(&self) -> &Info {
        &self.info
    }

    /// Every sample follows from those before: decoding goes on, or begins again.
    fn seek(&mut self, frame: u64) -> Result<u64, Error> {
        if frame < self.position {
            let fresh = Shorten::new(self.media.clone(), self.info, self.checksum, self.truncated)?;
            *self = Shorten { block: std::mem::take(&mut self.block), ..fresh };
        }
        Ok(self.position)
    }

    fn read(&mut self, interleaved: &mut [f32]) -> Result<usize, Error> {
        let channels = usize::from(self.info.channels);
        if self.given == self.length && !self.next_block()? {
            return Ok(0);
        }
        let count = (self.length - self.given).min(interleaved.len() / channels);
        for (channel, samples) in self.block.chunks_exact(self.length).enumerate() {
            let samples = &samples[self.given..][..count];
            let out = interleaved[channel..].iter_mut().step_by(channels);
            for (out, &sample) in out.zip(samples) {
                *out = self.blocks.to_f32(sample);
            }
        }
        self.given += count;
        self.position += count as u64;
        if self.given == self.length && Some(self.position) == self.info.length.exact() {
            // All that the header promises: there must be no more, and it must be what it was.
            if self.next_block()? {
                let why = "there are more samples than the header promises";
                return Err(damaged(why));
            }
            self.check_end()?;
        }
        Ok(count)
    }

    fn is_cut_off(&self) -> bool {
        self.is_cut_off
    }

    fn check_unchanged(&self) -> Result<(), Error> {
        self.media.check_unchanged()
    }
}
