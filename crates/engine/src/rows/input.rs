//! What an utterance is made of: a recording, or spikes that stand for one.

use std::path::Path;

use ossicle_audio::{Channel, Recording};
use ossicle_corpus::Utterance;

use crate::recipe::Recipe;
use crate::rows::failure::Failure;
use crate::rows::tables::Tables;
use crate::spike_files::{SpikeFileError, SpikeFiles};

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
    /// - `root`: what the utterance's paths are relative to
    /// - `buffer`: an allocation to use
    pub(crate) fn open(
        tables: &Tables,
        root: &Path,
        utterance: &Utterance,
        buffer: Vec<u8>,
    ) -> Result<Input, OpenError> {
        let path = &root.join(&utterance.source);
        if let Some(spikes) = tables.spikes.as_ref().filter(|spikes| spikes.are_read) {
            let files = SpikeFiles::open(path, spikes.block, spikes.num_channels)?;
            return Ok(Input::Spikes(files));
        }
        let channel = channel(&tables.job.recipe, utterance);
        Ok(Input::Recording(Recording::open_with_buffer(path, tables.raw, channel, buffer)?))
    }

    /// Finds out how long a recording is whose header does not say it.
    pub(crate) fn count(&mut self) -> Result<(), Failure> {
        match self {
            Input::Recording(recording) => {
                recording.count().map_err(|error| Failure::of_audio(&error))?;
            }
            Input::Spikes(_) => {}
        }
        Ok(())
    }

    /// Returns the sample rate in Hz, and how many samples there can be: of a recording that is counted just
    /// so many, of one that is not those that its header justifies, and 0 where that says nothing.
    pub(crate) fn extent(&self, recipe: &Recipe) -> (u32, u64) {
        match self {
            Input::Recording(recording) => {
                (recording.info().sample_rate_hz, recording.info().length.at_most().unwrap_or(0))
            }
            Input::Spikes(files) => (recipe.usual_rate_hz(), files.most_samples()),
        }
    }
}

/// Which channel of its recording an utterance is: what the corpus says, or else what the recipe says.
pub(crate) fn channel(recipe: &Recipe, utterance: &Utterance) -> Channel {
    utterance.channel().map_or(recipe.audio.channel.0, Channel::Index)
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Failure {
        match error {
            OpenError::Recording(error) => Failure::of_audio(&error),
            OpenError::Spikes(error) => error.into(),
        }
    }
}
