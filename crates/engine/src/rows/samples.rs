//! The samples of an utterance, read piece by piece.

use std::ops::Range;

use ossicle_audio::Recording;
use ossicle_dataset::Stage;
use ossicle_dsp::{Level, is_sample};

use crate::cause::Cause;
use crate::rows::failure::Failure;
use crate::rows::levels::LevelMeter;

/// The part of a recording that is an utterance, on its way out of it.
#[derive(Debug)]
pub(crate) struct Samples<'a> {
    recording: &'a mut Recording,
    /// Its place in the recording.
    range: Range<u64>,
    /// The sample of the recording that comes next.
    next: u64,
    buffer: Vec<f32>,
    /// The levels of what was read, and the sample up to which it was: nothing counts twice.
    meter: LevelMeter,
    metered: u64,
}

/// Some samples that follow each other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chunk<'a> {
    /// The sample of the recording that the first of them is.
    pub(crate) first: u64,
    pub(crate) samples: &'a [f32],
}

impl<'a> Samples<'a> {
    /// - `range`: within the recording
    /// - `buffer`: an allocation to use
    pub(crate) fn new(
        recording: &'a mut Recording,
        range: Range<u64>,
        buffer: Vec<f32>,
        level: Level,
    ) -> Samples<'a> {
        let (next, meter) = (range.start, LevelMeter::new(recording.info().encoding, level));
        Samples { recording, range, next, buffer, meter, metered: next }
    }

    /// Begins again.
    pub(crate) fn rewind(&mut self) {
        self.next = self.range.start;
    }

    /// Reads the next samples, so many at the most.
    pub(crate) fn read(&mut self, at_most: usize) -> Result<Chunk<'_>, Failure> {
        let first = self.next;
        let left = usize::try_from(self.range.end - first).unwrap_or(usize::MAX);
        self.buffer.resize(left.min(at_most), 0.0);
        let mut read = || {
            self.recording.seek(first)?;
            self.recording.read(&mut self.buffer)
        };
        let count = read().map_err(|error| Failure::of_audio(&error))?;
        debug_assert_eq!(count, self.buffer.len(), "headers are believed up to the file's size");
        self.next += count as u64;
        if first == self.metered {
            self.meter.add(&self.buffer[..count]);
            self.metered = self.next;
        }
        // Only floating-point recordings can be louder than full scale.
        let too_loud = |&x: &f32| !is_sample(x);
        if self.recording.info().encoding.is_float()
            && let Some(at) = self.buffer.iter().position(too_loud)
        {
            let (sample, found) = (first + at as u64, self.buffer[at]);
            return Err(Failure::new(
                Stage::Features,
                Cause::TooLoud,
                format!("sample {sample} is {found:e}, which is too large: full scale is 1"),
            ));
        }
        Ok(Chunk { first, samples: &self.buffer })
    }

    /// Returns the levels of all that was read.
    pub(crate) fn meter(&self) -> &LevelMeter {
        &self.meter
    }

    /// Hands the allocation on.
    pub(crate) fn into_buffer(self) -> Vec<f32> {
        self.buffer
    }
}
