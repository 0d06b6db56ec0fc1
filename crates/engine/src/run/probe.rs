//! Whether a run is hopeless: whether all utterances that it begins with fail for one and the same reason.

use std::collections::BTreeSet;
use std::sync::Mutex;

use ossicle_dataset::{FailureRow, Store};

use crate::error::Error;
use crate::kept_ledger::{KEPT_LEDGER, rows};
use crate::part::PartFile;
use crate::plan::parts::Part;
use crate::run::pool::lock;

/// After so many failures for one reason, and nothing else, there is no hope.
const ENOUGH: usize = 100;

/// The parts that a run begins with, and what becomes of them. Which they are the plan alone decides, so
/// that the same job is given up or not for any number of workers, and however often it was stopped; only
/// the moment depends on timing.
pub(crate) struct Probe {
    parts: BTreeSet<usize>,
    /// How many utterances the run has.
    utterances: u64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The parts that are still to end.
    left: BTreeSet<usize>,
    /// Whether an utterance was stored, or two have failed for different reasons.
    has_hope: bool,
    failures: u64,
    /// The first failure by split and id.
    first: Option<FailureRow>,
}

impl Probe {
    /// Makes the probe of a run; none if the run is so short that its end tells as much.
    ///
    /// - `parts`: all, in the order in which they are begun
    pub(crate) fn of(parts: &[&Part]) -> Option<Probe> {
        let mut utterances = 0;
        let is_needed = |part: &&&Part| {
            let is_needed = utterances < ENOUGH;
            utterances += part.utterances.len();
            is_needed
        };
        let first: BTreeSet<_> =
            parts.iter().take_while(is_needed).map(|part| part.number).collect();
        if first.len() == parts.len() {
            return None;
        }
        Some(Probe {
            utterances: parts.iter().map(|part| part.utterances.len() as u64).sum(),
            state: Mutex::new(State { left: first.clone(), ..State::default() }),
            parts: first,
        })
    }

    /// Notes what an earlier run has left.
    ///
    /// - `found`: each part, and what is there of it
    pub(crate) fn found<'p>(
        &self,
        found: impl Iterator<Item = (&'p Part, &'p Option<PartFile>)>,
        store: &dyn Store,
    ) -> Result<(), Error> {
        let own = found.filter(|(part, _)| self.parts.contains(&part.number));
        for (number, part) in own.filter_map(|(part, found)| Some((part.number, found.as_ref()?))) {
            if part.footer.utterances() > 0 {
                self.stored(number);
            }
            rows(&part.failure_text(store)?).for_each(|row| self.failed(number, row));
            self.ended(number);
        }
        Ok(())
    }

    /// Notes that an utterance of a part is stored.
    pub(crate) fn stored(&self, part: usize) {
        if self.parts.contains(&part) {
            lock(&self.state).has_hope = true;
        }
    }

    /// Notes that an utterance of a part has failed.
    pub(crate) fn failed(&self, part: usize, row: FailureRow) {
        if !self.parts.contains(&part) {
            return;
        }
        let mut state = lock(&self.state);
        state.failures += 1;
        match &state.first {
            Some(first) if first.cause != row.cause => state.has_hope = true,
            Some(first) if (&first.split, &first.id) <= (&row.split, &row.id) => {}
            _ => state.first = Some(row),
        }
    }

    /// Notes that a part is done.
    pub(crate) fn ended(&self, part: usize) {
        lock(&self.state).left.remove(&part);
    }

    /// Goes on unless there is no hope.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let state = lock(&self.state);
        match &state.first {
            Some(first) if state.left.is_empty() && !state.has_hope => Err(Error::Hopeless {
                failures: state.failures,
                utterances: self.utterances,
                first: Box::new(first.clone()),
                ledger: KEPT_LEDGER.into(),
            }),
            _ => Ok(()),
        }
    }
}
