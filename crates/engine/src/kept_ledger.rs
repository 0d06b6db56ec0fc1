//! The ledger of a run that ended without a dataset.

use std::path::Path;

use ossicle_dataset::{FailureRow, JOB_FILE, Place, Put, WORK_DIR, remove_drafts};

use crate::causes::{CauseCount, Causes};
use crate::error::Error;
use crate::part::{PARTS_DIR, PartFile, part_name};
use crate::plan::Plan;
use crate::run::in_flight::InFlight;
use crate::share::{PLAN_FILE, Share};

/// The file that it is in, in the folder of the output.
pub(crate) const KEPT_LEDGER: &str = ".ossicle/failures.jsonl";

/// What ends over its failures.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ending {
    /// A whole run, which has all parts.
    OfRun,
    /// A share of a job: what is not its own stays as it is.
    OfShare(Share),
}

impl Ending {
    /// Returns the name of the ledger.
    fn ledger(self) -> String {
        match self {
            Ending::OfRun => KEPT_LEDGER.to_owned(),
            Ending::OfShare(share) => KEPT_LEDGER
                .replace(".jsonl", &format!("-{}-of-{}.jsonl", share.number(), share.of())),
        }
    }
}

/// Keeps the ledger of a run that ends over its failures, and names it in the error. Any other error stays
/// as it is.
///
/// - `out`: the folder, as people know it
pub(crate) fn named_in(
    error: Error,
    plan: &Plan,
    place: &Place<'_>,
    (in_flight, ending): (&InFlight, Ending),
    out: &Path,
) -> Error {
    let kept = out.join(ending.ledger());
    let error = match error {
        Error::Hopeless { failures, utterances, first, .. } => {
            Error::Hopeless { failures, utterances, first, ledger: kept }
        }
        Error::TooManyFailures { failures, allowed, .. } => {
            Error::TooManyFailures { failures, allowed, ledger: kept }
        }
        Error::NoFrames { from, utterances, .. } => {
            Error::NoFrames { from, utterances, ledger: Some(kept) }
        }
        error => return error,
    };
    keep(plan, place, in_flight, ending).err().unwrap_or(error)
}

/// Gathers the failures of all parts in one file, of those that are there and of those that were in hand,
/// and returns them counted. Where the parts hold nothing else, they are removed, and with them what says whose they were: any other job may begin
/// there.
pub(crate) fn keep(
    plan: &Plan,
    place: &Place<'_>,
    in_flight: &InFlight,
    ending: Ending,
) -> Result<Vec<CauseCount>, Error> {
    let store = place.store();
    let name = ending.ledger();
    let mut causes = Causes::default();
    let mut stored = 0;
    let mut ledger = store.spool(&name)?;
    for part in &plan.parts {
        let name = part_name(part.number);
        let opened = PartFile::open(store, &name, plan.arrays.in_parts(), &plan.job.key);
        let text = match opened {
            Ok(part) => {
                stored += part.footer.utterances();
                part.failure_text(store)?
            }
            // What is not there, or torn.
            Err(_) => lines(in_flight.of(part.number)),
        };
        rows(&text).for_each(|row| causes.add(row));
        ledger.append(&text)?;
    }
    store.put(ledger.finish(false)?, &name, Put::Always)?;
    if stored == 0 && matches!(ending, Ending::OfRun) {
        place.remove_folder(PARTS_DIR)?;
        store.remove(JOB_FILE)?;
        store.remove(PLAN_FILE)?;
        remove_drafts(store, &format!("{WORK_DIR}/"))?;
    }
    Ok(causes.counts())
}

/// A ledger's text of these rows.
fn lines(rows: Vec<FailureRow>) -> Vec<u8> {
    let line = |row| serde_json::to_vec(row).unwrap_or_default().into_iter().chain([b'\n']);
    rows.iter().flat_map(line).collect()
}

/// The rows of a ledger's text, up to the first that is none.
pub(crate) fn rows(text: &[u8]) -> impl Iterator<Item = FailureRow> {
    serde_json::Deserializer::from_slice(text).into_iter().map_while(Result::ok)
}
