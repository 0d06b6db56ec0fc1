//! What a worker tells while it computes a part.

use std::time::Duration;

use ossicle_dataset::Stage;
use serde::{Deserialize, Serialize};

use crate::cause::Cause;
use crate::notice::Notice;

/// What a worker tells while it computes a part. Places are those of utterances in the part.
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
        /// How many frames it has.
        num_frames: u64,
        /// How long it lasts.
        audio: Duration,
        /// How long it took.
        took: Duration,
    },
    /// An utterance is bad: a row of the ledger.
    Failed {
        /// Its place.
        place: usize,
        /// Where it failed.
        stage: Stage,
        /// Why, as a word to group by.
        cause: Cause,
        /// What went wrong, in one sentence.
        error: String,
    },
    /// Something the user should know.
    Notice(Notice),
}
