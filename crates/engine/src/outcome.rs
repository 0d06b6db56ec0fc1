//! The outcome of an extraction.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use ossicle_dataset::{Array, Card, FAILURES_FILE, SplitCard};

use crate::causes::{CauseCount, Causes};

/// The outcome of an extraction.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The splits.
    pub splits: Vec<SplitCard>,
    /// Why utterances failed, the most frequent reason first.
    pub causes: Vec<CauseCount>,
    /// The arrays.
    pub arrays: BTreeMap<String, Array>,
    /// Whether the dataset was complete before.
    pub already_complete: bool,
    /// How many parts there are.
    pub parts: usize,
    /// How many parts an earlier run had left.
    pub resumed_parts: usize,
    /// How many workers there were.
    pub workers: usize,
    /// How large the arrays and lists are, in bytes.
    pub bytes: u64,
    /// How long it took.
    pub took: Duration,
    /// How long workers took to start and to be joined.
    pub overhead: Duration,
    /// The processor time of workers outside of this process.
    pub worker_cpu: Duration,
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

    /// The outcome that a card and the ledger beside it tell of.
    pub(crate) fn of_card(root: &Path, card: Card, took: Duration) -> Outcome {
        let failures: u64 = card.splits.iter().map(|split| split.failures).sum();
        Outcome {
            causes: match failures {
                0 => Vec::new(),
                _ => Causes::of_ledger(&root.join(FAILURES_FILE)),
            },
            bytes: card.files.iter().map(|file| file.bytes).sum(),
            splits: card.splits,
            arrays: card.arrays,
            already_complete: false,
            parts: 0,
            resumed_parts: 0,
            workers: 0,
            took,
            overhead: Duration::ZERO,
            worker_cpu: Duration::ZERO,
        }
    }
}
