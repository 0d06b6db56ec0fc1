//! The ledger of a run that ended without a dataset.

use ossicle_dataset::{FailureRow, LocalStore, Put, Store, WORK_DIR, remove_drafts};

use crate::causes::{CauseCount, Causes};
use crate::error::Error;
use crate::job_file::JOB_FILE;
use crate::part::{PARTS_DIR, PartFile, part_name};
use crate::plan::Plan;

/// The file that it is in, in the folder of the output.
pub(crate) const KEPT_LEDGER: &str = ".ossicle/failures.jsonl";

/// Gathers the failures of all parts that are there in one file, and returns them counted. Where the parts
/// hold nothing else, they are removed, and with them what says whose they were: any other job may begin
/// there.
pub(crate) fn keep(plan: &Plan, store: &LocalStore) -> Result<Vec<CauseCount>, Error> {
    let mut causes = Causes::default();
    let mut stored = 0;
    let mut ledger = store.spool(KEPT_LEDGER)?;
    for part in &plan.parts {
        // What is not there, or torn, has no failures to tell of.
        let name = part_name(part.number);
        let opened = PartFile::open(store, &name, plan.arrays.in_parts(), &plan.job.key);
        let Ok(part) = opened else { continue };
        stored += part.footer.utterances();
        let text = part.failure_text(store)?;
        rows(&text).for_each(|row| causes.add(row));
        ledger.append(&text)?;
    }
    store.put(ledger.finish(false)?, KEPT_LEDGER, Put::Always)?;
    if stored == 0 {
        let removed = store.remove_folder_all(PARTS_DIR);
        removed.map_err(Error::io("remove", &store.path(PARTS_DIR)))?;
        store.remove(JOB_FILE)?;
        remove_drafts(store, &format!("{WORK_DIR}/"))?;
    }
    Ok(causes.counts())
}

/// The rows of a ledger's text, up to the first that is none.
pub(crate) fn rows(text: &[u8]) -> impl Iterator<Item = FailureRow> {
    serde_json::Deserializer::from_slice(text).into_iter().map_while(Result::ok)
}
