//! The progress of a part, as its worker tells it.

use std::time::Duration;

use ossicle_dataset::Stage;
use serde::{Deserialize, Serialize};

use crate::cause::Cause;
use crate::error::Error;
use crate::notice::Notice;
use crate::work::Spent;

/// Progress of a part, as its worker tells it. Places are those of utterances in the part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Progress {
    /// An utterance is begun.
    Begun {
        /// Its place.
        place: usize,
    },
    /// An utterance is done.
    Stored {
        /// Its place.
        place: usize,
        /// The number of its frames.
        num_frames: u64,
        /// Its duration.
        audio: Duration,
        /// The time that it took.
        spent: Spent,
    },
    /// An utterance is bad: a row of the ledger.
    Failed {
        /// Its place.
        place: usize,
        /// The stage at which it failed.
        stage: Stage,
        /// The cause, as a word to group by.
        cause: Cause,
        /// The error, in one sentence.
        error: String,
    },
    /// Something the user should know.
    Notice(Notice),
}

/// A listener that is told the progress of a part; an error of it ends the run.
pub(crate) type Listener<'a> = &'a mut dyn FnMut(Progress) -> Result<(), Error>;
