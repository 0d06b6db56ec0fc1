//! What is left in an output folder of a run that did not finish.

use std::path::{Path, PathBuf};

use ossicle_dataset::{JOB_FILE, LocalStore, Lock, Place, WORK_DIR, is_publishing, read_whole};
use serde::Serialize;

use crate::job_file::JobFile;
use crate::kept_ledger::KEPT_LEDGER;
use crate::part::PARTS_DIR;

/// The leavings of a run that did not finish, in its output folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unfinished {
    /// True where the run is at work just now.
    pub is_running: bool,
    /// True where all is computed, and the dataset has only to be put in place.
    pub is_publishing: bool,
    /// The number of parts that are done.
    pub parts_done: usize,
    /// The number of all of them; absent where an earlier version began, or nothing is kept to go on with.
    pub parts: Option<usize>,
    /// The failures of a run that has ended without a dataset.
    pub ledger: Option<PathBuf>,
}

/// Looks for what a run has left in an output folder, and changes nothing there. None if there is nothing,
/// as in a dataset that is complete.
pub fn unfinished(root: &Path) -> Option<Unfinished> {
    let place = Place::at(root).ok()?;
    let (is_running, is_publishing) = match &place {
        Place::Folder(store) => at_work(store)?,
        // Nobody locks an object store, and what is committed there is in place.
        Place::Objects(_) => (false, false),
    };
    let store = place.store();
    let job = read_whole(store, JOB_FILE).ok();
    let job: Option<JobFile> = job.and_then(|text| serde_json::from_slice(&text).ok());
    let parts = store.list(PARTS_DIR).unwrap_or_default();
    let ledger = matches!(store.stat(KEPT_LEDGER), Ok(Some(_))).then(|| root.join(KEPT_LEDGER));
    let found = Unfinished {
        is_running,
        is_publishing,
        parts_done: parts.iter().filter(|name| name.ends_with(".part")).count(),
        parts: job.as_ref().and_then(|job| job.parts),
        ledger,
    };
    let is_something =
        found.is_running || found.is_publishing || job.is_some() || found.ledger.is_some();
    is_something.then_some(found)
}

/// Returns whether a run is at work in a folder, and whether a dataset has only to be put in place there; none
/// where no run has left anything.
fn at_work(store: &LocalStore<'_>) -> Option<(bool, bool)> {
    store.names_in(WORK_DIR).ok()?;
    let is_running = matches!(Lock::look(store), Err(ossicle_dataset::Error::Locked { .. }));
    Some((is_running, is_publishing(store).unwrap_or(false)))
}
