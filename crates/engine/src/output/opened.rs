//! What a place that a run writes to turned out to be.

use ossicle_dataset::{Card, Lock, Stat};

use crate::notice::Notice;
use crate::plan::Plan;
use crate::update::Looked;

/// A place that is this run's to write to.
#[derive(Debug)]
pub(crate) struct Output {
    pub(super) is_fresh: bool,
    /// Held as long as the run lasts; none in an object store, or where nothing is locked.
    pub(super) _lock: Option<Lock>,
    /// The number of failures of the complete dataset that are tried again.
    pub(super) retries: u64,
    /// The dataset that is updated.
    pub(crate) updates: Option<Box<Looked>>,
    /// The card that is there, in an object store: the new one replaces it and no other.
    pub(super) replaces: Option<Stat>,
}

/// The state that a place turned out to be in.
#[derive(Debug)]
pub(crate) enum Opened {
    /// Ours to write to.
    Ready(Output),
    /// A dataset of this very job.
    Complete {
        card: Box<Card>,
        /// How many parts a run has left here that was stopped while it made the dataset again.
        parts_left: usize,
    },
}

impl Output {
    /// Returns what trying the failures of a complete dataset again takes, where that is done.
    pub(crate) fn notice(&self, plan: &Plan) -> Option<Notice> {
        let (failures, parts) = (self.retries, plan.parts.len());
        (failures > 0).then_some(Notice::Retrying { failures, parts })
    }

    /// Returns whether nothing of an earlier run can be there.
    pub(crate) fn is_fresh(&self) -> bool {
        self.is_fresh
    }

    /// Returns the card that the new one replaces, where that is a condition.
    pub(crate) fn replaces(&self) -> Option<&Stat> {
        self.replaces.as_ref()
    }
}
