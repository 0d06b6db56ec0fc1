//! What a run tells whoever watches it.

use std::path::Path;
use std::time::Duration;

use ossicle_dataset::FailureRow;

use crate::notice::Notice;

/// Something that happened. Events come from several threads; those of one utterance's kind come as
/// utterances complete, in no stated order.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Something the user should know.
    Notice(&'a Notice),
    /// Work begins.
    Start {
        /// How many utterances there are.
        utterances: u64,
        /// How many of them an earlier run has already stored.
        resumed: u64,
        /// How many workers there are.
        workers: usize,
    },
    /// An utterance is done.
    Utterance {
        /// How many of its split were done before it.
        number: u64,
        /// Its split.
        split: &'a str,
        /// Its id.
        id: &'a str,
        /// How many frames it has.
        num_frames: u64,
        /// How long it lasts.
        audio: Duration,
        /// How long it took.
        took: Duration,
    },
    /// An utterance could not be done.
    Failure {
        /// Its row in the ledger.
        row: &'a FailureRow,
        /// Its recording, as it can be opened.
        path: &'a Path,
    },
    /// The last utterance of a split is done.
    SplitDone {
        /// The split.
        name: &'a str,
        /// How many utterances it has.
        utterances: u64,
        /// From its first utterance's start to its last one's end.
        took: Duration,
    },
    /// All parts are there; the dataset is being written.
    Finishing {
        /// How large it will be.
        bytes: u64,
    },
}

/// Watches a run.
pub trait Observer: Sync {
    /// Called for every event, from the thread it happens on: it should be quick.
    fn on(&self, event: Event<'_>);
}

/// Nobody watches.
impl Observer for () {
    fn on(&self, _: Event<'_>) {}
}
