//! Events that a run tells whoever watches it.

use std::path::Path;
use std::time::Duration;

use ossicle_dataset::FailureRow;

use crate::notice::Notice;
use crate::work::Spent;

/// Something that happened. Events come from several threads; those of one utterance's kind come as
/// utterances complete, in no stated order.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Something the user should know.
    Notice(&'a Notice),
    /// Work begins.
    Start {
        /// The number of utterances.
        utterances: u64,
        /// The number of them that an earlier run has already stored.
        resumed: u64,
        /// The number of workers.
        workers: usize,
        /// The size of all utterances' recordings, by which parts are cut: a segment counts for what it is of its
        /// recording.
        source_bytes: u64,
        /// The size of those that an earlier run has already stored.
        resumed_bytes: u64,
    },
    /// A worker begins an utterance.
    Begun {
        /// The number of its part: a worker has one in hand, and a part one worker.
        part: usize,
        /// Its split.
        split: &'a str,
        /// Its id.
        id: &'a str,
    },
    /// A part is done, or given up.
    PartEnded {
        /// Its number.
        part: usize,
    },
    /// An utterance is done.
    Utterance {
        /// The number of utterances of its split that were done before it.
        number: u64,
        /// Its split.
        split: &'a str,
        /// Its id.
        id: &'a str,
        /// The number of its frames.
        num_frames: u64,
        /// Its duration.
        audio: Duration,
        /// The time that it took.
        spent: Spent,
        /// The size of its recording, as [`Event::Start`] counts it.
        source_bytes: u64,
    },
    /// An utterance could not be done.
    Failure {
        /// Its row in the ledger.
        row: &'a FailureRow,
        /// The file that it is about, as it can be opened: its recording, or an alignment that is missing.
        path: &'a Path,
        /// The size of its recording, as [`Event::Start`] counts it.
        source_bytes: u64,
    },
    /// The last utterance of a split is done.
    SplitDone {
        /// The split.
        name: &'a str,
        /// The number of its utterances.
        utterances: u64,
        /// The time from its first utterance's start to its last one's end.
        took: Duration,
    },
    /// All parts are there; the dataset is being written.
    Finishing {
        /// Its size, in bytes.
        bytes: u64,
    },
}

/// Watches a run.
pub trait Observer: Sync {
    /// Hears an event, on the thread it happens on: it should be quick.
    fn on(&self, event: Event<'_>);
}

/// Observes nothing: nobody watches.
impl Observer for () {
    fn on(&self, _: Event<'_>) {}
}
