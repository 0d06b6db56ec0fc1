//! The samples of an utterance, read piece by piece.

use std::ops::Range;

use ossicle_audio::Recording;
use ossicle_dataset::Stage;
use ossicle_dsp::{Level, Resampler, is_sample};

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
    /// What resamples them, and the allocation that it writes to; none where they stay as they are.
    resampled: Option<(Resampler<'a>, Vec<f32>)>,
}

/// Some samples that follow each other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chunk<'a> {
    pub(crate) samples: &'a [f32],
    /// True where there are no more.
    pub(crate) is_last: bool,
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
        Samples { recording, range, next, buffer, meter, metered: next, resampled: None }
    }

    /// Resamples them.
    ///
    /// - `buffer`: an allocation to use
    pub(crate) fn resampled(mut self, by: Resampler<'a>, buffer: Vec<f32>) -> Samples<'a> {
        self.resampled = Some((by, buffer));
        self
    }

    /// Begins again.
    pub(crate) fn rewind(&mut self) {
        self.next = self.range.start;
        if let Some((resampler, _)) = &mut self.resampled {
            resampler.rewind();
        }
    }

    /// Reads the next samples, so many at the most; where they are resampled, so many and a filter's more.
    pub(crate) fn read(&mut self, at_most: usize) -> Result<Chunk<'_>, Failure> {
        let first = self.next;
        let at_most = match &self.resampled {
            Some((resampler, _)) => resampler.samples_for(at_most),
            None => at_most,
        };
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
        let is_last = self.next == self.range.end;
        let Some((resampler, made)) = &mut self.resampled else {
            return Ok(Chunk { samples: &self.buffer, is_last });
        };
        made.clear();
        resampler.push(&self.buffer, made);
        if is_last {
            resampler.finish(made);
        }
        Ok(Chunk { samples: made, is_last })
    }

    /// Returns the levels of all that was read.
    pub(crate) fn meter(&self) -> &LevelMeter {
        &self.meter
    }

    /// Hands the allocations on: that of the recording's samples, and of resampled ones.
    pub(crate) fn into_buffers(self) -> (Vec<f32>, Option<Vec<f32>>) {
        (self.buffer, self.resampled.map(|(_, buffer)| buffer))
    }
}
