//! What is left in an output folder of a run that did not finish.

use std::fs;
use std::path::{Path, PathBuf};

use ossicle_dataset::{LocalStore, Lock, WORK_DIR, is_publishing};
use serde::Serialize;

use crate::job_file::{JOB_FILE, JobFile};
use crate::kept_ledger::KEPT_LEDGER;
use crate::part::PARTS_DIR;

/// What is left in an output folder of a run that did not finish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unfinished {
    /// Whether the run is at work just now.
    pub is_running: bool,
    /// Whether all is computed, and the dataset has only to be put in place.
    pub is_publishing: bool,
    /// How many parts are done.
    pub parts_done: usize,
    /// How many there are; absent where an earlier version began, or nothing is kept to go on with.
    pub parts: Option<usize>,
    /// The failures of a run that has ended without a dataset.
    pub ledger: Option<PathBuf>,
}

/// Looks for what a run has left in an output folder, and changes nothing there. None if there is nothing,
/// as in a dataset that is complete.
pub fn unfinished(root: &Path) -> Option<Unfinished> {
    if !root.join(WORK_DIR).is_dir() {
        return None;
    }
    let job = fs::read(root.join(JOB_FILE)).ok();
    let job: Option<JobFile> = job.and_then(|text| serde_json::from_slice(&text).ok());
    let parts = fs::read_dir(root.join(PARTS_DIR)).into_iter().flatten().flatten();
    let is_part = |name: &std::ffi::OsStr| Path::new(name).extension().is_some_and(|e| e == "part");
    let ledger = root.join(KEPT_LEDGER);
    let store = LocalStore::new(root);
    let found = Unfinished {
        is_running: matches!(Lock::look(&store), Err(ossicle_dataset::Error::Locked { .. })),
        is_publishing: is_publishing(&store).unwrap_or(false),
        parts_done: parts.filter(|entry| is_part(&entry.file_name())).count(),
        parts: job.as_ref().and_then(|job| job.parts),
        ledger: ledger.is_file().then_some(ledger),
    };
    let is_something =
        found.is_running || found.is_publishing || job.is_some() || found.ledger.is_some();
    is_something.then_some(found)
}
