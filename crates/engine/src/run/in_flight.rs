//! The failures of parts that are not done, which no part's file has yet.

use std::collections::BTreeMap;
use std::sync::Mutex;

use ossicle_dataset::FailureRow;

use crate::run::pool::lock;

/// The failures of parts that are not done, for the ledger of a run that ends before they are: as many rows
/// as workers have parts in hand.
#[derive(Debug, Default)]
pub(crate) struct InFlight(Mutex<BTreeMap<usize, Vec<FailureRow>>>);

impl InFlight {
    /// Notes that an utterance of a part has failed.
    pub(crate) fn failed(&self, part: usize, row: &FailureRow) {
        lock(&self.0).entry(part).or_default().push(row.clone());
    }

    /// Notes that a part is done: its file has its failures.
    pub(crate) fn ended(&self, part: usize) {
        lock(&self.0).remove(&part);
    }

    /// Returns the failures of a part that was not done.
    pub(crate) fn of(&self, part: usize) -> Vec<FailureRow> {
        lock(&self.0).get(&part).cloned().unwrap_or_default()
    }
}
