//! What an utterance is made of: a recording, or spikes that stand for one.

use std::path::Path;

use ossicle_audio::Recording;

use crate::job::Job;
use crate::spike_files::{SpikeFileError, SpikeFiles};
use crate::utterance::{Failure, of_audio};

/// Where the samples or the spikes of an utterance are.
#[derive(Debug)]
pub(crate) enum Source {
    Recording(Recording),
    Spikes(SpikeFiles),
}

/// Why a source cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error(transparent)]
    Recording(#[from] ossicle_audio::Error),
    #[error(transparent)]
    Spikes(#[from] SpikeFileError),
}

impl Source {
    /// Opens what the job takes for a recording.
    ///
    /// - `buffer`: an allocation to use
    pub(crate) fn open(job: &Job, path: &Path, buffer: Vec<u8>) -> Result<Source, OpenError> {
        if let Some(spikes) = job.spikes.as_ref().filter(|_| job.recipe.reads_spikes()) {
            let files = SpikeFiles::open(path, spikes.block, spikes.num_channels)?;
            return Ok(Source::Spikes(files));
        }
        let channel = job.recipe.audio.channel.0;
        Ok(Source::Recording(Recording::open_with_buffer(path, job.raw, channel, buffer)?))
    }

    /// The sample rate, and how many samples there can be.
    pub(crate) fn extent(&self, job: &Job) -> (u32, u64) {
        match self {
            Source::Recording(recording) => {
                (recording.info().sample_rate_hz, recording.info().num_samples)
            }
            Source::Spikes(files) => (job.recipe.usual_rate_hz(), files.most_samples()),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Failure {
        match error {
            OpenError::Recording(error) => of_audio(&error),
            OpenError::Spikes(error) => error.into(),
        }
    }
}
