//! What an utterance is made of: a recording, or events that stand for one.

use std::path::Path;

use ossicle_audio::Recording;
use ossicle_audio::events::{EventBounds, EventFile, EventFileError};
use ossicle_dsp::LOUDEST;

use crate::recipe::Recipe;
use crate::rows::failure::Failure;
use crate::rows::tables::Tables;

/// Where the samples or the events of an utterance are.
#[derive(Debug)]
pub(crate) enum Input {
    Recording(Recording),
    Events(EventFile),
}

/// Why an input cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error(transparent)]
    Recording(#[from] ossicle_audio::Error),
    #[error(transparent)]
    Events(#[from] EventFileError),
}

impl Input {
    /// Opens what the job takes for a recording.
    ///
    /// - `buffer`: an allocation to use
    pub(crate) fn open(tables: &Tables, path: &Path, buffer: Vec<u8>) -> Result<Input, OpenError> {
        if let Some(events) = tables.job.recipe.event_files() {
            let bounds = EventBounds {
                // A recipe has at most 2^24 samples in a block, and 256 channels.
                block: events.block as u32,
                num_channels: events.num_channels as u32,
                loudest: LOUDEST,
            };
            return Ok(Input::Events(EventFile::open(path, bounds)?));
        }
        let channel = tables.job.recipe.audio.channel.0;
        Ok(Input::Recording(Recording::open_with_buffer(path, tables.raw, channel, buffer)?))
    }

    /// Returns the sample rate in Hz, and how many samples there can be.
    pub(crate) fn extent(&self, recipe: &Recipe) -> (u32, u64) {
        match self {
            Input::Recording(recording) => {
                (recording.info().sample_rate_hz, recording.info().num_samples)
            }
            Input::Events(file) => (recipe.usual_rate_hz(), file.most_samples()),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Failure {
        match error {
            OpenError::Recording(error) => Failure::of_audio(&error),
            OpenError::Events(error) => error.into(),
        }
    }
}
