//! The samples of an utterance, read piece by piece.

use std::ops::Range;

use ossicle_audio::Recording;
use ossicle_dataset::Stage;
use ossicle_dsp::is_sample;

use crate::cause::Cause;
use crate::rows::failure::Failure;

/// The part of a recording that is an utterance.
#[derive(Debug)]
pub(crate) struct Samples<'a> {
    recording: &'a mut Recording,
    /// Where it lies in the recording.
    range: Range<u64>,
    buffer: Vec<f32>,
}

impl<'a> Samples<'a> {
    /// - `range`: within the recording
    /// - `buffer`: an allocation to use
    pub(crate) fn new(
        recording: &'a mut Recording,
        range: Range<u64>,
        buffer: Vec<f32>,
    ) -> Samples<'a> {
        Samples { recording, range, buffer }
    }

    pub(crate) fn len(&self) -> usize {
        (self.range.end - self.range.start) as usize
    }

    /// Reads some, counted from the utterance's first.
    pub(crate) fn read(&mut self, range: Range<usize>) -> Result<&[f32], Failure> {
        self.buffer.resize(range.len(), 0.0);
        let first = self.range.start + range.start as u64;
        let mut read = || {
            self.recording.seek(first)?;
            self.recording.read(&mut self.buffer)
        };
        let count = read().map_err(|error| Failure::of_audio(&error))?;
        debug_assert_eq!(count, range.len(), "the header was believed up to the file's size");
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
        Ok(&self.buffer)
    }

    /// Hands the allocation on.
    pub(crate) fn into_buffer(self) -> Vec<f32> {
        self.buffer
    }
}
