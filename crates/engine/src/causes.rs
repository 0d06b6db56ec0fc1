//! Failures, grouped by why they are.

use std::collections::BTreeMap;

use ossicle_dataset::{FailureRow, FailureRows};
use serde::Serialize;

/// A reason, and the number of utterances that failed for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CauseCount {
    /// The reason, as the ledger has it: the word of a [`Cause`](crate::Cause).
    pub cause: String,
    /// The number of utterances that failed for it.
    pub count: u64,
    /// The first of them in the ledger.
    pub first: FailureRow,
}

/// Counts failures by their reason, one row in memory at a time. The most frequent comes first, and of
/// equally many the one whose word does.
#[derive(Debug, Default)]
pub(crate) struct Causes(BTreeMap<String, CauseCount>);

impl Causes {
    /// Counts a row of the ledger.
    pub(crate) fn add(&mut self, row: FailureRow) {
        match self.0.get_mut(&row.cause) {
            Some(of) => of.count += 1,
            None => {
                let cause = row.cause.clone();
                self.0.insert(cause.clone(), CauseCount { cause, count: 1, first: row });
            }
        }
    }

    /// Returns how many there are of each.
    pub(crate) fn counts(self) -> Vec<CauseCount> {
        let mut counts: Vec<_> = self.0.into_values().collect();
        // The sort is stable.
        counts.sort_by_key(|of| std::cmp::Reverse(of.count));
        counts
    }

    /// Counts a ledger, as far as it can be read: it is only told of.
    pub(crate) fn of_ledger(rows: Option<FailureRows>) -> Vec<CauseCount> {
        let mut causes = Causes::default();
        for row in rows.into_iter().flatten().map_while(Result::ok) {
            causes.add(row);
        }
        causes.counts()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ossicle_dataset::Stage;

    #[test]
    fn the_most_frequent_reason_comes_first_with_its_first_utterance() {
        let mut causes = Causes::default();
        for (id, cause) in
            [("a", "empty"), ("b", "truncated"), ("c", "truncated"), ("d", "changed")]
        {
            causes.add(FailureRow {
                id: id.into(),
                split: "all".into(),
                source: String::new(),
                held: None,
                stage: Stage::Decode,
                cause: cause.into(),
                error: String::new(),
            });
        }
        let counts = causes.counts();
        let counts: Vec<_> = counts.iter().map(|c| (&*c.cause, c.count, &*c.first.id)).collect();
        assert_eq!(counts, [("truncated", 2, "b"), ("changed", 1, "d"), ("empty", 1, "a")]);
    }
}
