//! The outcome of an extraction.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use ossicle_dataset::{
    Array, Card, CorpusCard, FAILURES_FILE, FailureRows, Place, SplitCard, read_whole,
};

use crate::bounds::waiting::Waiting;
use crate::causes::{CauseCount, Causes};
use crate::error::Error;
use crate::kept_ledger::rows;
use crate::update::UpdateCounts;
use crate::work::Work;

/// The outcome of an extraction.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The splits.
    pub splits: Vec<SplitCard>,
    /// The corpus, and what of it is left out.
    pub corpus: CorpusCard,
    /// The reasons why utterances failed, the most frequent first.
    pub causes: Vec<CauseCount>,
    /// The arrays.
    pub arrays: BTreeMap<String, Array>,
    /// True where the dataset was complete before.
    pub already_complete: bool,
    /// The number of parts.
    pub parts: usize,
    /// The number of parts that an earlier run had left.
    pub resumed_parts: usize,
    /// The changes since the dataset was made that was updated, and where rows came from; none where none was.
    pub update: Option<UpdateCounts>,
    /// The number of workers.
    pub workers: usize,
    /// The folder that the files are in, beside the card, where that is not the card's own.
    pub folder: Option<String>,
    /// The size of all arrays and lists, in bytes.
    pub bytes: u64,
    /// The time that the run took.
    pub took: Duration,
    /// The time that workers took to start and to be joined.
    pub overhead: Duration,
    /// The work of the run, without that of earlier ones.
    pub work: Work,
}

impl Outcome {
    /// Returns how many utterances are in the dataset.
    pub fn utterances(&self) -> u64 {
        self.splits.iter().map(|split| split.utterances).sum()
    }

    /// Returns how many utterances are in the ledger.
    pub fn failures(&self) -> u64 {
        self.splits.iter().map(|split| split.failures).sum()
    }

    /// Returns how many frames there are.
    pub fn frames(&self) -> u64 {
        self.splits.iter().map(|split| split.frames).sum()
    }

    /// Returns how long the utterances last, in seconds.
    pub fn duration_s(&self) -> f64 {
        self.splits.iter().fold(0.0, |sum, split| sum + split.duration_s)
    }

    /// Returns the outcome that a card and the ledger beside it tell of.
    ///
    /// - `waiting`: for a file to be open, while others have all there may be
    pub(crate) fn of_card(
        root: &Path,
        card: Card,
        took: Duration,
        waiting: &Waiting<'_>,
    ) -> Outcome {
        let failures: u64 = card.splits.iter().map(|split| split.failures).sum();
        Outcome {
            causes: match failures {
                0 => Vec::new(),
                _ if card.folder.is_some() => causes_in_store(root, &card).unwrap_or_default(),
                _ => {
                    let ledger = root.join(FAILURES_FILE);
                    Causes::of_ledger(waiting.patiently(|| FailureRows::open(&ledger)).ok())
                }
            },
            folder: card.folder,
            bytes: card.files.iter().map(|file| file.bytes).sum(),
            splits: card.splits,
            corpus: card.corpus,
            arrays: card.arrays,
            already_complete: false,
            parts: 0,
            resumed_parts: 0,
            update: None,
            workers: 0,
            took,
            overhead: Duration::ZERO,
            work: Work::default(),
        }
    }
}

/// Counts the ledger of a dataset in an object store: it is only told of.
fn causes_in_store(root: &Path, card: &Card) -> Result<Vec<CauseCount>, Error> {
    let folder = card.folder.as_deref().unwrap_or_default();
    let place = Place::at(root)?;
    let text = read_whole(place.store(), &format!("{folder}/{FAILURES_FILE}"))?;
    let mut causes = Causes::default();
    rows(&text).for_each(|row| causes.add(row));
    Ok(causes.counts())
}
