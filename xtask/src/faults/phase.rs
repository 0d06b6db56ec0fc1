//! The phase that a run had come to, told by what it has left.

use std::fs;
use std::path::Path;

use super::tree::{CARD_FILE, WORK_DIR};

/// The phases of a run, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing is there that another run would go on with.
    Beginning,
    Computing,
    /// Files are gathered in the stage.
    Finishing,
    /// The staged card is there: from here on it only rolls forward.
    Publishing,
    /// The dataset is there, and so is the folder of the run.
    Cleaning,
    Done,
}

impl Phase {
    /// - `old_card`: of the dataset that is being replaced, if one is
    pub(crate) fn of(out: &Path, old_card: Option<&[u8]>) -> Self {
        let work = out.join(WORK_DIR);
        let stage = work.join("stage");
        let card = fs::read(out.join(CARD_FILE)).ok();
        if stage.join(CARD_FILE).exists() {
            Self::Publishing
        } else if card.is_some() && card.as_deref() != old_card {
            if work.exists() { Self::Cleaning } else { Self::Done }
        } else if work.join("old.json").exists() && !work.join("parts").exists() {
            // A dataset has replaced one with the same card.
            Self::Cleaning
        } else if stage.exists() {
            Self::Finishing
        } else if work.join("job.json").exists() {
            Self::Computing
        } else {
            Self::Beginning
        }
    }

    /// Returns whether parts are what the next run goes on with.
    pub(crate) fn has_parts(self) -> bool {
        matches!(self, Self::Computing | Self::Finishing)
    }

    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Self::Beginning => "killed while beginning",
            Self::Computing => "killed while computing",
            Self::Finishing => "killed while finishing",
            Self::Publishing => "killed while publishing",
            Self::Cleaning => "killed while cleaning up",
            Self::Done => "killed when all was done",
        }
    }
}
