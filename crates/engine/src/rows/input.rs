//! What an utterance is made of: a recording, or spikes that stand for one.

use std::path::Path;

use ossicle_audio::Recording;

use crate::rows::failure::Failure;
use crate::rows::tables::Tables;
use crate::spike_files::{SpikeFileError, SpikeFiles};
use ossicle_recipe::Recipe;

/// Where the samples or the spikes of an utterance are.
#[derive(Debug)]
pub(crate) enum Input {
    Recording(Recording),
    Spikes(SpikeFiles),
}

/// Why an input cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error(transparent)]
    Recording(#[from] ossicle_audio::Error),
    #[error(transparent)]
    Spikes(#[from] SpikeFileError),
}

impl Input {
    /// Opens what the job takes for a recording.
    ///
    /// - `buffer`: an allocation to use
    pub(crate) fn open(tables: &Tables, path: &Path, buffer: Vec<u8>) -> Result<Input, OpenError> {
        if let Some(spikes) = tables.spikes.as_ref().filter(|spikes| spikes.are_read) {
            let files = SpikeFiles::open(path, spikes.block, spikes.num_channels)?;
            return Ok(Input::Spikes(files));
        }
        let channel = tables.job.recipe.audio().channel;
        Ok(Input::Recording(Recording::open_with_buffer(path, tables.raw, channel, buffer)?))
    }

    /// Returns the sample rate in Hz, and how many samples there can be.
    pub(crate) fn extent(&self, recipe: &Recipe) -> (u32, u64) {
        match self {
            Input::Recording(recording) => {
                (recording.info().sample_rate_hz, recording.info().num_samples)
            }
            Input::Spikes(files) => (recipe.usual_rate_hz(), files.most_samples()),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Failure {
        match error {
            OpenError::Recording(error) => Failure::of_audio(&error),
            OpenError::Spikes(error) => error.into(),
        }
    }
}
